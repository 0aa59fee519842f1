"""What it costs by the month: measured figures times assumed prices.

The figures are what ``python -m tests.scaling costs`` and ``week`` printed (deploy/SCALING.md says when and where); a real
page's extraction and size are those of the public article extraction benchmark, since the generated pages are lighter. The
prices are assumptions: list prices of one region as remembered in 2026, in US dollars, without discounts and without free tiers.
"""

import dataclasses

MONTH = 30.4
"""Days."""
HOURS = 730.0
GB = 1e9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figures:
    """Measured. Milliseconds of CPU and bytes, an article unless the name says otherwise."""

    fetch: float = 0.7
    extract: float = 17.4
    tag: float = 5.3
    sketch: float = 0.6
    commit: float = 3.1
    shuffle: float = 0.1
    engine: float = 1.0
    ask: float = 2.2
    read_entry: float = 0.94
    listed: int = 30
    polls_a_feed: float = 28.0
    changed: float = 0.5
    page_bytes: float = 25_000.0
    feed_bytes: float = 12_000.0
    shuffled: float = 10_700.0
    kept: float = 1_900.0
    """Bytes written to the tables and manifests."""
    state_bytes: float = 510.0
    state_written: float = 4_400.0
    writes_a_window: float = 14.0
    reads_a_window: float = 9.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prices:
    """Assumed, in US dollars."""

    vm_small: float = 13.0
    """2 shared cores, 2 GB, a month."""
    vm_large: float = 190.0
    """4 cores, 32 GB, a month."""
    disk: float = 0.10
    """A GB and month."""
    address: float = 3.65
    dataflow_core: float = 0.069
    dataflow_gb: float = 0.0036
    dataflow_disk: float = 0.000054
    streaming_gb: float = 0.018
    """A GB through Streaming Engine."""
    standard: float = 0.020
    nearline: float = 0.010
    class_a: float = 5.0
    """A million writes and lists."""
    class_b: float = 0.4
    nat_hour: float = 0.0014
    """A worker and hour."""
    nat_gb: float = 0.045
    log_gb: float = 0.50
    exporter: float = 53.0
    """One core and 1 GB that are always there."""
    upkeep_minute: float = 0.0025
    """Two cores and 4 GB."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Load:
    """A number of articles a day, and what it takes: ``workers`` of 2 cores and 8 GB on Dataflow."""

    articles: int
    feeds: int
    workers: int
    lanes: int
    upkeep_minutes: float
    """A day."""


LOADS = (
    Load(articles=5_000, feeds=200, workers=1, lanes=1, upkeep_minutes=5),
    Load(articles=500_000, feeds=20_000, workers=4, lanes=8, upkeep_minutes=120),
)
RETAINED = {"archive": 90, "tables": 730}
"""Days, as in deploy/terraform/variables.tf; full texts are a part of the tables here."""
TICKS = 1440
WINDOWS = 144


def cpu_seconds(load: Load, found: Figures) -> dict[str, float]:
    """CPU seconds a day by step."""
    polls = load.feeds * found.polls_a_feed
    article = load.articles / 1e3
    return {
        "ask feeds": polls * found.ask / 1e3,
        "read changed feeds": polls * found.changed * found.listed * found.read_entry / 1e3,
        "fetch": article * found.fetch,
        "extract": article * found.extract,
        "tag": article * found.tag,
        "sketch": article * found.sketch,
        "shuffle and engine": article * (found.shuffle + found.engine),
        "commit": article * found.commit,
    }


def gigabytes(load: Load, found: Figures) -> dict[str, float]:
    """GB a day that come in, are shuffled, and are written."""
    polls = load.feeds * found.polls_a_feed
    return {
        "in": (load.articles * found.page_bytes + polls * found.changed * found.feed_bytes) / GB,
        "shuffled": load.articles * found.shuffled / GB,
        "archive": (load.articles * found.page_bytes + polls * found.changed * found.feed_bytes) / GB,
        "tables": load.articles * found.kept / GB,
        "state written": load.articles * found.state_written / GB,
    }


def operations(load: Load, found: Figures) -> dict[str, float]:
    """Storage operations a day: class A (writes, lists) and B (reads)."""
    lists = TICKS * 3  # the tick, the poll and the commit each look for a newer manifest
    lease = 86400 / 45
    # new entries on their way: a note a tick and lane, read and listed at the commit; hardly a tick is without them
    notes = TICKS * load.lanes
    return {
        "A": WINDOWS * (found.writes_a_window + 1) + lists + lease + TICKS / 10 + notes,
        "B": WINDOWS * found.reads_a_window + lists + lease + load.workers * TICKS + notes,
    }


def monthly(load: Load, found: Figures, prices: Prices) -> dict[str, tuple[float, float]]:
    """Row -> (on one machine, on Dataflow), in dollars a month."""
    moved, asked = gigabytes(load, found), operations(load, found)
    large = load.articles > 50_000
    machine = (prices.vm_large if large else prices.vm_small) + prices.disk * (200 if large else 30)
    worker = 2 * prices.dataflow_core + 8 * prices.dataflow_gb + 30 * prices.dataflow_disk
    dataflow = load.workers * worker * HOURS + 2 * moved["shuffled"] * MONTH * prices.streaming_gb
    requests = MONTH * (asked["A"] * prices.class_a + asked["B"] * prices.class_b) / 1e6
    kept = moved["tables"] * RETAINED["tables"] * prices.standard
    pages = moved["archive"] * (30 * prices.standard + (RETAINED["archive"] - 30) * prices.nearline)
    nat = load.workers * HOURS * prices.nat_hour + moved["in"] * MONTH * prices.nat_gb
    logs = (0.05 + load.articles * 20 / GB) * MONTH * prices.log_gb
    upkeep = load.upkeep_minutes * MONTH * prices.upkeep_minute
    return {
        "compute": (machine, dataflow),
        "storage: tables, after two years": (kept, kept),
        "storage: archived pages, after three months": (pages, pages),
        "storage operations": (requests, requests),
        "address translation and addresses": (prices.address, nat + prices.address),
        "logs": (0.0, logs),
        "exporter of figures": (0.0, prices.exporter),
        "upkeep jobs": (0.0, upkeep),
    }


def as_markdown() -> str:
    """The tables of deploy/SCALING.md."""
    found, prices = Figures(), Prices()
    lines = ["| CPU seconds a day | " + " | ".join(f"{load.articles:,} articles" for load in LOADS) + " |"]
    lines.append("| --- |" + " ---: |" * len(LOADS))
    spent = [cpu_seconds(load, found) for load in LOADS]
    lines += [f"| {step} | " + " | ".join(f"{each[step]:,.0f}" for each in spent) + " |" for step in spent[0]]
    totals = [sum(each.values()) for each in spent]
    lines.append("| all | " + " | ".join(f"{total:,.0f}" for total in totals) + " |")
    lines.append("| in cores, the day's mean | " + " | ".join(f"{total / 86400:.3f}" for total in totals) + " |")
    lines += ["", "| a day | " + " | ".join(f"{load.articles:,} articles" for load in LOADS) + " |"]
    lines.append("| --- |" + " ---: |" * len(LOADS))
    moved = [gigabytes(load, found) for load in LOADS]
    lines += [f"| GB {what} | " + " | ".join(f"{each[what]:.2f}" for each in moved) + " |" for what in moved[0]]
    asked = [operations(load, found) for load in LOADS]
    for kind in ("A", "B"):
        lines.append(
            f"| storage operations, class {kind} | " + " | ".join(f"{each[kind]:,.0f}" for each in asked) + " |"
        )
    heads = [f"{load.articles:,}: {where}" for load in LOADS for where in ("one machine", "Dataflow")]
    lines += ["", "| $ a month (assumed prices) | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * len(heads)]
    bills = [monthly(load, found, prices) for load in LOADS]
    lines += [
        f"| {row} | " + " | ".join(f"{amount:,.0f}" for each in bills for amount in each[row]) + " |"
        for row in bills[0]
    ]
    sums = [sum(each[row][n] for row in each) for each in bills for n in (0, 1)]
    lines.append("| **all** | " + " | ".join(f"**{total:,.0f}**" for total in sums) + " |")
    return "\n".join(lines)
