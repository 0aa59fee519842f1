"""What people would use instead, on the same pages and server: ``python -m tests.benchmarks.peers --install DIR``.

The peers run in an environment of their own that ``--install`` makes (once; it needs a package registry). Printed for each:
wall, pages a second, CPU a page, and what it delivers; what there was to be found stands in the first row. Two peers:
news-please by its library call, and the plain script anyone would write (one process, and a pool of two). Ours is
``sahelwatch run`` with politeness off, as theirs is; it archives what it fetched, and theirs keep nothing.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import venv

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import served_world, whole_run
from tests.benchmarks.processes import Cost, measured

OURS = (
    "title", "text", "authors", "date with its precision and origin", "language", "wire agency", "rights", "story",
    "events with who, whom, where, when, how many, who says so", "a reason for what is missing",
)  # fmt: skip
"""What an article comes to in our tables, in short; ``sahelwatch schema`` has the whole of it."""
HERE = pathlib.Path(__file__).parent
PACKAGES = ("news-please==1.6.16", "lxml_html_clean", "feedparser", "requests", "trafilatura", "datasketch", "pyyaml")


def environment(folder: pathlib.Path) -> str:
    """The interpreter of the peers' environment, made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, "--upgrade", "pip"], check=True)  # older ones fail on the extras of lxml
        subprocess.run([*install, *PACKAGES], check=True)
    return str(python)


def main() -> int:
    """Measure all in turn and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=__doc__)
    parser.add_argument("--install", type=pathlib.Path, required=True, metavar="DIR", help="the peers' environment")
    parser.add_argument("--pages", type=int, default=200, help="pages of the generated world (200)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, all peers in turn in each (3)")
    options = parser.parse_args()
    python = environment(options.install)
    costs: dict[str, list[Cost]] = {}
    found: dict[str, dict[str, object]] = {}
    with served_world(options.pages) as (folder, catalogue, server):
        copies = orjson.loads((folder / "world.json").read_bytes())["copies"]
        plain = [str(HERE / "plain_script.py"), str(catalogue), str(server.port)]
        commands = {
            "plain script, one process": [*plain, "1"],
            "plain script, pool of two": [*plain, "2"],
            "news-please": [str(HERE / "news_please_script.py"), str(catalogue), str(server.port)],
        }
        for _ in range(options.rounds):
            cost, summary, _ = whole_run(catalogue, server)
            costs.setdefault("sahelwatch run", []).append(cost)
            delivered = {
                "articles": summary["articles"]["new"],
                "copies": summary["copies"],
                "events": summary["events"],
                "fields": OURS,
            }
            found["sahelwatch run"] = delivered
            for name, command in commands.items():
                cost = measured(command, interpreter=python)
                costs.setdefault(name, []).append(cost)
                found[name] = orjson.loads(cost.output.splitlines()[-1])
    table = Table(title=f"{options.pages} pages, {options.rounds} rounds in turn, start-up included; medians")
    for column in ("what", "wall s", "pages/s", "CPU ms a page", "articles", "copies found", "event rows", "fields"):
        table.add_column(column, justify="left" if column in {"what", "fields"} else "right")
    table.add_row("in the world", "", "", "", str(options.pages), str(copies), "", "")
    for name, rounds in costs.items():
        wall = statistics.median(cost.wall for cost in rounds)
        cpu = statistics.median(cost.cpu for cost in rounds)
        row = found[name]
        table.add_row(
            name, f"{wall:.1f}", f"{options.pages / wall:.1f}", f"{cpu / options.pages * 1e3:.0f}", str(row["articles"]),
            str(row["copies"]), str(row.get("events", 0)), ", ".join(str(field) for field in row["fields"]),
        )  # fmt: skip
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
