"""``python -m tests.scaling costs | week | hot | bill``: the figures of deploy/SCALING.md, measured or worked out.

``costs`` measures what each step costs an article, ``week`` drives the poll, duplicate and commit steps with a synthetic
week on a simulated clock, ``hot`` measures hot keys, and ``bill`` works out what it costs by the month from the figures
in tests/scaling/bill.py.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

import psutil
from rich.console import Console
from rich.table import Table

from tests.scaling import bill, costs, hot
from tests.scaling.week import Day, News, Simulation, copies_cost
from transforms.history import History


def print_costs(console: Console, pages: int) -> None:
    """A row a step."""
    table = Table(title=f"What a step costs, over {pages} pages")
    for column in ("step", "per", "CPU ms", "bytes", "note"):
        table.add_column(column, justify="right" if column in {"CPU ms", "bytes"} else "left")
    for cost in costs.measure(pages):
        size = f"{cost.bytes:,.0f}" if cost.bytes else ""
        table.add_row(cost.step, cost.per, f"{cost.milliseconds:.2f}" if cost.milliseconds else "", size, cost.note)
    console.print(table)


def print_days(console: Console, days: list[Day], a_day: int) -> None:
    """A row a day, and what was written in all."""
    table = Table(title=f"{a_day} articles a day; CPU ms an article, operations a day")
    columns = (
        "day", "articles", "polls", "304", "poll", "sketch", "commit", "window p95 s", "horizon", "state MB", "resident MB",
        "ops A", "ops B", "copies found", "wrongly joined",
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="right")
    for number, day in enumerate(days, 1):
        articles = max(1, day.articles)
        p95 = sorted(day.commits)[int(len(day.commits) * 0.95)] if day.commits else 0.0
        table.add_row(
            str(number), str(day.articles), str(day.polls), f"{100 * day.unchanged / max(1, day.polls):.0f} %",
            *(f"{1e3 * s / articles:.2f}" for s in (day.poll_seconds, day.sketch_seconds, day.commit_seconds)),
            f"{p95:.2f}", str(day.horizon), f"{day.state_bytes / 1e6:.1f}", f"{day.resident / 1e6:.0f}",
            str(day.operations["A"]), str(day.operations["B"]), f"{day.found} of {day.copies}", str(day.merged),
        )  # fmt: skip
    console.print(table)
    articles = sum(day.articles for day in days)
    written = {p: sum(day.written[p] for day in days) for p in sorted({p for day in days for p in day.written})}
    console.print("bytes written an article: " + ", ".join(f"{p} {size / articles:.0f}" for p, size in written.items()))


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.scaling", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    wanted = commands.add_parser("costs", help="CPU and bytes of each step an article")
    wanted.add_argument("--pages", type=int, default=600)
    wanted = commands.add_parser("week", help="a synthetic week on a simulated clock")
    wanted.add_argument("--articles-a-day", type=int, default=5000)
    wanted.add_argument("--hours", type=float, default=168.0)
    wanted.add_argument("--min-poll-interval", type=float, default=300.0)
    wanted = commands.add_parser("hot", help="one host with 2,000 feeds, one story carried 500 times")
    commands.add_parser("bill", help="cost by the month at 5,000 and 500,000 articles a day")
    options = parser.parse_args()
    console = Console(width=200)
    if options.command == "costs":
        print_costs(console, options.pages)
    elif options.command == "week":
        with tempfile.TemporaryDirectory(prefix="sahelwatch-week-") as folder:
            news = News(options.articles_a_day, options.hours)
            simulation = Simulation(news, pathlib.Path(folder), options.min_poll_interval)
            days = simulation.run(options.hours, lambda done: print(f"day {len(done.days)}", file=sys.stderr))
            print_days(console, days, options.articles_a_day)
            started, before = time.process_time(), psutil.Process().memory_info().rss
            again = History(simulation.store)
            again.refresh()
            grown = psutil.Process().memory_info().rss - before
            console.print(
                f"a new process reads the state of {len(again.articles)} articles in {time.process_time() - started:.1f} s of CPU; "
                f"{grown / max(1, len(again.articles)):.0f} bytes of memory an article"
            )
    elif options.command == "hot":
        lane = hot.hot_host()
        console.print(
            f"one bundle of a lane, {lane.seconds:.0f} s: of {lane.big} feeds at one host {lane.big_asked} were asked, "
            f"of {lane.others} at other hosts {lane.others_asked}"
        )
        spent = copies_cost()
        early, late = spent[1:21], spent[-20:]
        console.print(
            f"one story carried {len(spent)} times: {statistics.median(early):.2f} ms for each of the first twenty copies, "
            f"{statistics.median(late):.2f} ms for each of the last twenty, {sum(spent) / 1e3:.2f} s in all"
        )
    else:
        console.print(bill.as_markdown(), markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
