"""The figures, one function each; ``Figure`` says what was measured, against what bar, and what it came to."""

import asyncio
import dataclasses
import gzip
import itertools
import pathlib
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from aiohttp import web

from pipeline.world.server import WorldServer
from tests.benchmarks.processes import Cost, Meter, measured
from tests.benchmarks.world import NOW, SITES, write_world
from tests.quality import duplicates, events, extraction
from transforms import datasets
from transforms.addresses import Exemptions
from transforms.store import open_store
from transforms.tag_events import tag_record
from transforms.web import Request, Response, WebClient, WebOptions

WITHIN, BARE = "of which", "bare trafilatura"
REST, WHOLE = "Beam, and starting what a pass over a page of each site does not", "the whole pass"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured figure: ``values`` are the rounds, ``bar`` is what it may come to at most (or at least)."""

    name: str
    values: tuple[float, ...]
    unit: str
    bar: float
    at_least: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        """What is quoted."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        """Whether the median keeps to the bar."""
        return self.median >= self.bar if self.at_least else self.median <= self.bar


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a pass: milliseconds of CPU an article, and their share of what the bare loop takes."""

    name: str
    milliseconds: float
    share: float


@contextmanager
def served_world(number: int, *, light: bool = False) -> Iterator[tuple[pathlib.Path, pathlib.Path, WorldServer]]:
    """A generated world on loopback: its folder, its catalogue and its server."""
    with tempfile.TemporaryDirectory(prefix="sahelwatch-bench-") as name:
        folder = pathlib.Path(name)
        catalogue = write_world(folder, number, light=light)
        with WorldServer(folder=folder, now=NOW) as server:
            yield folder, catalogue, server


def run_arguments(catalogue: pathlib.Path, output: pathlib.Path, server: WorldServer, *more: str) -> list[str]:
    """The command line of one bounded pass over a world."""
    resolve = [argument for option in server.resolve_options() for argument in ("--resolve", option)]
    fixed = ["--now", "2026-11-20T06:00:00Z", "--host-interval", "0", "--min-poll-interval", "0", "--json"]
    return ["pipeline", "run", "--feeds", str(catalogue), "--output", str(output), *fixed, *resolve, *more]


def whole_run(catalogue: pathlib.Path, server: WorldServer, *more: str) -> tuple[Cost, dict[str, Any], float]:
    """A pass into an empty folder: its cost, its summary, and the CPU used when the first page was asked for."""
    first: list[float] = []
    feeds = {(feed["host"], feed["path"]) for feed in server.feeds}
    asked_before = len(server.visits)

    def watch(meter: Meter) -> None:
        visits = server.visits[asked_before:]
        if not first and any((v.host, v.path) not in feeds and v.path != "/robots.txt" for v in visits):
            meter.look()
            first.append(meter.cpu)

    with tempfile.TemporaryDirectory(prefix="sahelwatch-bench-") as output:
        cost = measured(run_arguments(catalogue, pathlib.Path(output), server, *more), watch=watch)
        summary = orjson.loads(cost.output)
        summary["bytes"] = record_bytes(output)
    return cost, summary, first[0] if first else float("nan")


def record_bytes(output: str) -> tuple[int, int]:
    """Bytes of the tables' objects, and bytes of each article's text compressed by itself."""
    store = open_store(output)
    stored = sum(
        described["bytes"]
        for _, manifest in datasets.manifests(store)
        for described in manifest["objects"]
        if described["table"] in {"articles", "texts", "stories", "events"}
    )
    alone = sum(
        len(gzip.compress(row["text"].encode(), mtime=0)) for row in datasets.current_rows(store, "texts").values()
    )
    return stored, alone


def per_article(whole: tuple[float, int], start: tuple[float, int]) -> float:
    """Seconds that an article more takes: of two passes, each (seconds, articles), what the longer one takes beyond the other.

    The shorter one is over a page of each site: its start-up is the same, and the bare loop warms up on the same pages.
    """
    return (whole[0] - start[0]) / (whole[1] - start[1])


def cpu_and_articles(cost: Cost, summary: Mapping[str, Any]) -> tuple[float, int]:
    """What ``per_article`` takes of a pass."""
    return cost.cpu, summary["articles"]["new"]


def run_against_bare(number: int, rounds: int, *, light: bool = False) -> list[Figure]:
    """CPU per article of a whole pass over that of the bare loop, the two in turn; start-up; bytes of records."""
    ratios, starts, parts, sizes = [], [], [], []
    with (
        served_world(number, light=light) as (folder, catalogue, server),
        served_world(SITES, light=light) as (_, few, small),
    ):
        for _ in range(rounds):
            start, begun, first = whole_run(few, small)
            cost, summary, _ = whole_run(catalogue, server)
            bare = orjson.loads(measured(["tests.benchmarks.bare", str(folder)]).output)
            articles = summary["articles"]["new"]
            ours = per_article(cpu_and_articles(cost, summary), cpu_and_articles(start, begun))
            yardstick = bare["cpu"] / bare["pages"]
            ratios.append(ours / yardstick)
            starts.append(first)
            parts.append(f"{ours * 1e3:.1f}/{yardstick * 1e3:.1f}")
            sizes.append(summary["bytes"][0] / summary["bytes"][1])
    weight = "light" if light else "heavy"
    note = f"ms an article, ours/bare: {', '.join(parts)}; {articles} articles of {number} pages"
    return [
        Figure(
            name=f"CPU an article, whole run / bare trafilatura, {weight} pages",
            values=tuple(ratios),
            unit="",
            bar=1.2,
            note=note,
        ),
        Figure(name="start-up to first page asked for", values=tuple(starts), unit="s CPU", bar=6.0),
        Figure(name="bytes of records / of texts compressed alone", values=tuple(sizes), unit="", bar=1.5),
    ]


def parts(number: int, rounds: int, *, light: bool = False) -> list[Part]:
    """Where the CPU of a whole pass goes, step by step, beside the bare loop; medians of rounds, each side in turn."""
    found: dict[str, list[float]] = {}
    with (
        served_world(number, light=light) as (folder, catalogue, server),
        served_world(SITES, light=light) as (_, few, small),
    ):
        for _ in range(rounds):
            start, begun, _ = whole_run(few, small)
            cost, summary, _ = whole_run(catalogue, server)
            bare = orjson.loads(measured(["tests.benchmarks.bare", str(folder)]).output)
            steps = orjson.loads(measured(["tests.benchmarks.parts", str(catalogue), str(server.port)]).output)
            whole = per_article(cpu_and_articles(cost, summary), cpu_and_articles(start, begun))
            yardstick = bare["cpu"] / bare["pages"]
            for name, seconds in shared_out(
                whole, {k: v / steps["articles"] for k, v in steps["parts"].items()}
            ).items():
                found.setdefault(name, []).append(seconds / yardstick)
            found.setdefault(BARE, []).append(yardstick * 1e3)
    yardstick = statistics.median(found.pop(BARE))
    return [
        Part(name=name, share=statistics.median(shares), milliseconds=statistics.median(shares) * yardstick)
        for name, shares in found.items()
    ]


def shared_out(whole: float, steps: Mapping[str, float]) -> dict[str, float]:
    """The steps with what the whole takes beyond them; a step that is a part of another ("of which") is not added."""
    rest = whole - sum(seconds for name, seconds in steps.items() if not name.startswith(WITHIN))
    return {**steps, REST: rest, WHOLE: whole}


def growth(small: int, large: int, rounds: int) -> Figure:
    """CPU per article at many pages over that at few, start-up taken off both."""
    ratios, notes = [], []
    with (
        served_world(SITES) as (_, one_each, first),
        served_world(small) as (_, few, few_server),
        served_world(large) as (_, many, many_server),
    ):
        for _ in range(rounds):
            cost, summary, _ = whole_run(one_each, first)
            start = cpu_and_articles(cost, summary)
            cost, summary, _ = whole_run(few, few_server)
            at_few = per_article(cpu_and_articles(cost, summary), start)
            cost, summary, _ = whole_run(many, many_server)
            at_many = per_article(cpu_and_articles(cost, summary), start)
            ratios.append(at_many / at_few)
            notes.append(f"{at_many * 1e3:.1f}/{at_few * 1e3:.1f} ms")
    name = f"growth: CPU an article at {large:,} pages / at {small:,}"
    return Figure(name=name, values=tuple(ratios), unit="", bar=1.1, note=", ".join(notes))


def replay_pools(number: int, rounds: int) -> Figure:
    """Wall of ``replay`` with two extraction processes over one, from the archive of one pass."""
    ratios = []
    with served_world(number) as (_, catalogue, server), tempfile.TemporaryDirectory() as kept:
        archive = pathlib.Path(kept) / "records"
        measured(run_arguments(catalogue, archive, server))
        for _ in range(rounds):
            walls = {}
            for workers in (2, 1):
                with tempfile.TemporaryDirectory() as output:
                    arguments = ["pipeline", "replay", "--archive", str(archive), "--output", f"{output}/again"]
                    walls[workers] = measured([*arguments, "--extract-workers", str(workers)]).wall
            ratios.append(walls[2] / walls[1])
    return Figure(
        name=f"wall of replay, two extraction processes / one, {number:,} pages",
        values=tuple(ratios),
        unit="",
        bar=0.65,
    )


def extraction_cost(data: pathlib.Path, rounds: int) -> list[Figure]:
    """Our extraction against the bare loop on pages of real weight; none, with the reason, where they are not there."""
    if not (data / "extraction/ground-truth.json").exists():
        print(f"skipped extraction: no {data / 'extraction'}")
        return []
    found = list(extraction.cost_rounds(data, rounds))
    ours, bare = (statistics.median(statistics.mean(side) for side in sides) for sides in zip(*found, strict=True))
    return [
        Figure(
            name=f"extraction / bare trafilatura, {len(found[0][0])} news pages", unit="", bar=0.8,
            values=tuple(sum(ours) / sum(bare) for ours, bare in found), note=f"{ours:.1f} ms / {bare:.1f} ms a page",
        )
    ]  # fmt: skip


def tag_cost(rounds: int, characters: int = 4000) -> list[Figure]:
    """Milliseconds of CPU to tag an article of 4,000 characters, over all languages: of the world, and of the gold set."""
    told = []
    for text, golden in duplicates.world_texts():
        body = (text.body + "\n") * (characters // max(len(text.body), 1) + 1)
        told.append({
            "article_id": text.id, "text": body[:characters], "title": golden["title"],
            "language": golden["language"], "published": "2026-11-19T06:00:00Z",
        })  # fmt: skip
    mixed = list(_mixture(characters))
    quiet = sum(line["quiet"] for line in mixed)
    return [
        *_tagged("tag a 4,000-character article", told, rounds),
        *_tagged(f"the same, gold tuning half, {quiet} of {len(mixed)} quiet", mixed, rounds),
    ]


def _mixture(characters: int) -> Iterator[dict[str, Any]]:
    """Each article of the gold tuning half, continued with the next of its kind: with events, or quiet as a third are.

    Those of one language and kind follow each other in a ring, so a sentence comes again only where they are too few.
    """
    for language, articles in events.load_gold("tuning").items():
        for quiet in (False, True):
            kind = [article for article in articles if quiet == (not article["events"])]
            for at, first in enumerate(kind):
                ring = itertools.islice(itertools.cycle(kind), at, at + characters)
                taken, length = [], 0
                while length < characters:
                    taken.append(next(ring)["text"])
                    length += len(taken[-1]) + 1
                yield {
                    "article_id": first["id"], "text": "\n".join(taken)[:characters], "title": first["title"], "language": language,
                    "published": f"{first['published']:%Y-%m-%dT%H:%M:%SZ}", "quiet": quiet,
                }  # fmt: skip


def _tagged(name: str, lines: list[dict[str, Any]], rounds: int) -> list[Figure]:
    """p50 and p95 of the CPU time of tagging each line, by round."""
    for line in lines[:10]:
        tag_record(line)
    middles, tails = [], []
    for _ in range(rounds):
        times = []
        for line in lines:
            started = time.process_time()
            tag_record(line)
            times.append((time.process_time() - started) * 1e3)
        middles.append(statistics.median(times))
        tails.append(sorted(times)[int(len(times) * 0.95)])
    return [
        Figure(name=f"{name}, p50", values=tuple(middles), unit="ms CPU", bar=5.0),
        Figure(name=f"{name}, p95", values=tuple(tails), unit="ms CPU", bar=15.0),
    ]


def duplicates_cost(documents: int = 100_000) -> list[Figure]:
    """Documents a second a core against a filled horizon, and packed bytes a document."""
    found = duplicates.measure_cost(documents)
    return [
        Figure(
            name=f"duplicates a second a core, {documents:,} documents known", values=(1e3 / found["ms an article"],),
            unit="documents", bar=1000.0, at_least=True,
        ),
        Figure(name="packed sketch", values=(found["bytes an article"],), unit="bytes", bar=600.0),
    ]  # fmt: skip


def fetch_rate(rounds: int, hosts: int = 40, pages: int = 400, delay: float = 0.3) -> Figure:
    """Pages a second from so many hosts that each take ``delay`` seconds, politeness off."""
    rates = []
    with slow_server(delay) as port:
        names = [f"h{n}.example" for n in range(hosts)]
        exemptions = Exemptions.parse([], [f"{name}=127.0.0.1:{port}" for name in names])
        for _ in range(rounds):
            client = WebClient(WebOptions(contact="", host_interval=0.0, exemptions=exemptions, version="bench"))
            requests = [Request(url=f"http://{names[n % hosts]}/{n}", kind="page") for n in range(pages)]
            started = time.monotonic()
            good = sum(isinstance(answer, Response) for _, answer in client.fetch_all(requests))
            rates.append(good / (time.monotonic() - started))
            client.close()
    return Figure(
        name=f"fetch from {hosts} hosts that take {delay * 1e3:.0f} ms", values=tuple(rates), unit="pages/s", bar=100.0,
        at_least=True, note="one request at a time to a host and robots.txt first, so the ceiling is "
        f"{hosts / delay * pages / (pages + hosts):.0f}",
    )  # fmt: skip


@contextmanager
def slow_server(delay: float) -> Iterator[int]:
    """A server on loopback that answers every path after a pause; gives its port."""
    loop = asyncio.new_event_loop()
    body = b"<html><body><p>" + b"mot " * 500 + b"</p></body></html>"

    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(delay)
        return web.Response(body=body, content_type="text/html")

    async def start() -> tuple[web.AppRunner, int]:
        application = web.Application()
        application.router.add_get("/{rest:.*}", answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
