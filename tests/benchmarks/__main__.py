"""``python -m tests.benchmarks``: how fast the pipeline is, as ratios measured side by side in one run.

The two sides of a ratio run in turn, ``--rounds`` times; medians are quoted, the spread is shown. ``--json FILE`` writes
the figures for comparison between commits. At the end the goldens are checked, so that no speed is bought with them.
"""

import argparse
import pathlib
import statistics
import tempfile
from collections.abc import Callable

import orjson
from rich.console import Console
from rich.table import Table

from pipeline.main import main as sahelwatch
from tests.benchmarks import figures
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import measured
from tests.quality import goldens


def memory(articles: int) -> Figure:
    """Resident size after all articles over that after a tenth of them, in one process."""
    found = orjson.loads(measured(["tests.benchmarks.memory", "--articles", str(articles)], timeout=7200).output)
    few, many = (found["resident"][str(n)] for n in (articles // 10, articles))
    return Figure(
        name=f"resident after {articles:,} articles / after {articles // 10:,}", values=(many / few,), unit="", bar=1.15,
        note=f"{many / 1e6:.0f} MB / {few / 1e6:.0f} MB",
    )  # fmt: skip


def goldens_hold() -> bool:
    """Whether the demo's records still differ from the goldens by the known gaps only."""
    with tempfile.TemporaryDirectory() as folder:
        output = str(pathlib.Path(folder) / "records")
        status = sahelwatch(["demo", "--json", "--output", output])
        return status == 0 and set(goldens.gap_lines(output)) == goldens.known_gaps()


def main() -> int:
    """Measure what was asked for and print one table; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--pages", type=int, default=2000, help="pages of the generated world (2000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each figure (5)")
    parser.add_argument("--articles", type=int, default=20_000, help="articles of the memory figure (20000)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="run, replay, tag, duplicates, fetch, growth, memory"
    )
    options = parser.parse_args()
    measures: dict[str, Callable[[], Figure | list[Figure]]] = {
        "tag": lambda: figures.tag_cost(options.rounds),
        "duplicates": figures.duplicates_cost,
        "fetch": lambda: figures.fetch_rate(options.rounds),
        "run": lambda: figures.run_against_bare(options.pages, options.rounds),
        "replay": lambda: figures.replay_pools(options.pages, options.rounds),
        "growth": lambda: figures.growth(options.pages // 2, options.pages * 4, max(1, options.rounds // 5)),
        "memory": lambda: memory(options.articles),
    }
    if unknown := set(options.only or ()) - set(measures):
        parser.error(f"unknown figures: {', '.join(sorted(unknown))}; there are {', '.join(measures)}")
    found: list[Figure] = []
    for name, measure in measures.items():
        if not options.only or name in options.only:
            result = measure()
            found += result if isinstance(result, list) else [result]
    print_table(found)
    if options.json:
        options.json.write_bytes(orjson.dumps(figures.as_json(found), option=orjson.OPT_INDENT_2))
    print(f"goldens: {'as before' if (same := goldens_hold()) else 'CHANGED'}")
    return 0 if same and all(figure.met for figure in found) else 1


def print_table(found: list[Figure]) -> None:
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
    console = Console(width=130)
    console.print(table)
    for figure in found:
        if figure.note:
            console.print(f"{figure.name}: {figure.note}")


if __name__ == "__main__":
    raise SystemExit(main())
