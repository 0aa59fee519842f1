"""``python -m tests.benchmarks``: how fast the pipeline is, as ratios measured side by side in one run.

The two sides of a ratio run in turn, ``--rounds`` times; medians are quoted, the spread is shown. ``--json FILE`` writes
the figures for comparison between commits, ``--compare FILE`` compares with those of another commit. At the end the
goldens are checked and quality is scored, so that no speed is bought with them. ``--only parts`` says where the time of
a whole pass goes.
"""

import argparse
import pathlib
import statistics
from collections.abc import Callable
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks import figures, reports
from tests.benchmarks.figures import Figure, Part
from tests.benchmarks.processes import measured


def memory(articles: int) -> Figure:
    """Resident size after all articles over that after a tenth of them, in one process."""
    found = orjson.loads(measured(["tests.benchmarks.memory", "--articles", str(articles)], timeout=7200).output)
    few, many = (found["resident"][str(n)] for n in (articles // 10, articles))
    return Figure(
        name=f"resident after {articles:,} articles / after {articles // 10:,}", values=(many / few,), unit="", bar=1.15,
        note=f"{many / 1e6:.0f} MB / {few / 1e6:.0f} MB",
    )  # fmt: skip


def main() -> int:
    """Measure what was asked for and print one table; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--pages", type=int, default=2000, help="pages of the generated world (2000)")
    parser.add_argument(
        "--light",
        action="store_true",
        help="the fixture templates alone for run and parts, not in the weight of real pages",
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each figure (5)")
    parser.add_argument("--articles", type=int, default=20_000, help="articles of the memory figure (20000)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="run, extraction, replay, tag, duplicates, fetch, growth, memory, parts",
    )
    parser.add_argument(
        "--compare",
        type=pathlib.Path,
        metavar="FILE",
        help="compare with the figures that --json wrote for another commit",
    )
    parser.add_argument(
        "--data",
        type=pathlib.Path,
        default=pathlib.Path("../shared/data"),
        help="where the pages of the extraction are",
    )
    options = parser.parse_args()
    measures: dict[str, Callable[[], Figure | list[Figure]]] = {
        "tag": lambda: figures.tag_cost(options.rounds),
        "duplicates": figures.duplicates_cost,
        "fetch": lambda: figures.fetch_rate(options.rounds),
        "run": lambda: figures.run_against_bare(options.pages, options.rounds, light=options.light),
        "extraction": lambda: figures.extraction_cost(options.data, options.rounds),
        "replay": lambda: figures.replay_pools(options.pages, options.rounds),
        "growth": lambda: figures.growth(options.pages // 2, options.pages * 4, max(1, options.rounds // 5)),
        "memory": lambda: memory(options.articles),
    }
    if unknown := set(options.only or ()) - {*measures, "parts"}:
        parser.error(f"unknown figures: {', '.join(sorted(unknown))}; there are {', '.join(measures)}, parts")
    before = orjson.loads(options.compare.read_bytes()) if options.compare else None
    found: list[Figure] = []
    for name, measure in measures.items():
        if not options.only or name in options.only:
            result = measure()
            found += result if isinstance(result, list) else [result]
    console = Console(width=130)
    print_table(found, console)
    if not options.only or "parts" in options.only:
        print_parts(figures.parts(options.pages, max(1, options.rounds // 2), light=options.light), console)
    quality, same = reports.quality()
    report = reports.as_json(found, quality, pages=options.pages, rounds=options.rounds)
    if options.json:
        options.json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    console.print("quality: " + ", ".join(f"{name} {value:.3f}" for name, value in quality.items()), markup=False)
    console.print(f"goldens: {'as before' if same else 'CHANGED'}")
    fallen = []
    if before:
        print_changes(before, report, console)
        fallen = reports.traded(before, report)
    return 0 if same and not fallen and all(figure.met for figure in found) else 1


def print_parts(parts: list[Part], console: Console) -> None:
    """Where the time of a pass goes."""
    table = Table(title="CPU an article by part, and its share of what bare trafilatura takes")
    for column in ("part", "ms", "share"):
        table.add_column(column, justify="left" if column == "part" else "right")
    for part in parts:
        table.add_row(part.name, f"{part.milliseconds:.2f}", f"{part.share:.2f}")
    console.print(table)


def print_changes(before: dict[str, Any], after: dict[str, Any], console: Console) -> None:
    """Two reports side by side."""
    table = Table(title=f"{before['commit']} and {after['commit']}")
    for column in ("figure or score", "before", "now", ""):
        table.add_column(column, justify="right" if column in {"before", "now"} else "left")
    for change in reports.compare(before, after):
        old, new = ("" if value is None else f"{value:.4g}" for value in (change.before, change.after))
        table.add_row(change.name, old, new, change.verdict)
    console.print(table)


def print_table(found: list[Figure], console: Console) -> None:
    """The figures with median, spread and bar."""
    table = Table(title="Benchmarks")
    for column in ("figure", "median", "least", "most", "unit", "bar", "met"):
        table.add_column(column, justify="left" if column in {"figure", "unit"} else "right")
    for figure in found:
        sign = ">=" if figure.at_least else "<="
        table.add_row(
            figure.name, f"{statistics.median(figure.values):.3g}", f"{min(figure.values):.3g}",
            f"{max(figure.values):.3g}", figure.unit, f"{sign} {figure.bar:g}", "met" if figure.met else "MISSED",
        )  # fmt: skip
    console.print(table)
    for figure in found:
        if figure.note:
            console.print(f"{figure.name}: {figure.note}")


if __name__ == "__main__":
    raise SystemExit(main())
