"""A day of the always-on job in minutes: ``python -m tests.soak [--hours H] [--png FILE]``.

A hundred feeds on loopback publish five thousand articles a day, in the fixture world's templates and vocabulary, while
pages and feeds fail in the ways of the fault catalogue. The world is a process of its own (``soak_world``), so what is
measured is the job alone. The clock is simulated: bounded passes run one after the other in this process, ten minutes of
the day each, as ``watch --every 600`` would. Printed as a table and drawn as a picture: resident memory of this process
and of its workers, open files, threads, bytes of state, wall seconds a pass. It ends with the audit of
``sahelwatch verify``; the exit status is 1 when that finds anything, or when memory grows in the second half.

The first pass meets full lists, as a job does that starts anew, so three thousand articles come before the day's own.
These are spread evenly: each half of the day brings as many. What is remembered of an article for 90 days is meant to
grow, so the slope of a straight line over the second half is told as well, in bytes an article.
"""

import argparse
import dataclasses
import datetime as dt
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing
from collections.abc import Sequence

import orjson
import psutil
import yaml
from rich.console import Console
from rich.table import Table

from pipeline import engines, run
from pipeline.options import build_parser
from transforms.audit import audit
from transforms.clock import iso
from transforms.history import open_history
from transforms.pool import WorkerPool
from transforms.store import open_store
from transforms.web import WebClient

START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
"""When the day of ``soak_world`` begins."""
GROWTH = 1.10
"""What the second half of the time may add to the resident size after the first one."""


class World:
    """The feeds in a process of their own; ``about`` says where they are."""

    def __init__(self, a_day: int, hours: float) -> None:
        command = [sys.executable, "-m", "tests.soak_world", "--hours", str(hours), "--articles-a-day", str(a_day)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def __enter__(self) -> typing.Self:
        self.about = self._heard()
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            pass  # its input ends, and so does it

    def advance(self, now: dt.datetime) -> dict[str, typing.Any]:
        """Set its clock; gives how many articles are ``published`` by then and the ``faults`` met before, by name."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, typing.Any]:
        assert self._process.stdout is not None
        heard: dict[str, typing.Any] = orjson.loads(self._process.stdout.readline())
        return heard


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """What was seen after a pass; ``resident`` and ``state`` in bytes, ``wall`` in seconds."""

    hour: float
    published: int
    articles: int
    rejects: int
    waiting: int
    resident: int
    workers: int
    files: int
    threads: int
    state: int
    wall: float


def soak(world: World, hours: float, step: float, output: str) -> tuple[list[Sample], dict[str, typing.Any]]:
    """Run the day through: a sample a pass, and what the world told at last."""
    engines.import_beam()
    WorkerPool.prepare()
    flags = engines.bounded_flags([], None)
    samples: list[Sample] = []
    told: dict[str, typing.Any] = {}
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        catalogue = pathlib.Path(folder) / "feeds.yaml"
        catalogue.write_text(yaml.safe_dump(world.about["catalogue"], allow_unicode=True), encoding="utf-8")
        fixed = ["run", "--feeds", str(catalogue), "--output", output, "--host-interval", "0", "--json"]
        for host in world.about["hosts"]:
            fixed += ["--resolve", f"{host}=127.0.0.1:{world.about['port']}"]
        articles = rejects = 0
        for number in range(int(hours * 3600 / step)):
            now = START + dt.timedelta(seconds=(number + 1) * step)
            told = world.advance(now)
            options = build_parser().parse_args([*fixed, "--now", iso(now)])
            _, store = run.prepare(options)
            started = time.monotonic()
            try:
                with run.writing(options, store) as lease:
                    summary = run.run_pass(options, flags, store, lease)
            finally:
                WebClient.close_shared()
            wall = time.monotonic() - started
            articles += summary["articles"]["new"]
            rejects += sum(summary["rejects"].values())
            samples.append(
                Sample(
                    hour=(number + 1) * step / 3600, published=told["published"], articles=articles, rejects=rejects,
                    waiting=summary["waiting"], wall=wall, resident=process.memory_info().rss,
                    workers=resident_of_workers(process, world.pid), files=process.num_fds(),
                    threads=process.num_threads(), state=state_bytes(output),
                )
            )  # fmt: skip
            if not sys.stderr.isatty() and number % 12 == 0:
                print(
                    f"hour {samples[-1].hour:.1f}: {articles} articles, resident {samples[-1].resident / 1e6:.0f} MB",
                    file=sys.stderr,
                )
        told = world.advance(now)
    return samples, told


def resident_of_workers(process: psutil.Process, world: int) -> int:
    """Bytes that the other processes of the job take, those they share counted in each."""
    return sum(one.memory_info().rss for one in process.children(recursive=True) if one.pid != world)


def levels_off(samples: Sequence[Sample]) -> tuple[float, bool]:
    """(resident size at the end over that at half time, whether that is within GROWTH); medians of six passes.

    Of the process that commits and of its workers each has to level off; what is given is the worse of the two.
    """
    half = len(samples) // 2
    grown = max(_growth([s.resident for s in samples], half), _growth([s.workers for s in samples], half))
    return grown, grown <= GROWTH


def _growth(sizes: Sequence[int], half: int) -> float:
    middle, end = (statistics.median(some) for some in (sizes[: half + 1][-6:], sizes[-6:]))
    return end / middle if middle else 1.0


def bytes_an_article(samples: Sequence[Sample]) -> float:
    """The slope of the resident size over the articles of the second half, by least squares; nan when none came."""
    late = samples[len(samples) // 2 :]
    if late[0].articles == late[-1].articles:
        return math.nan
    return statistics.linear_regression([s.articles for s in late], [s.resident for s in late]).slope


def state_bytes(output: str) -> int:
    """Bytes of the state that the newest manifest names."""
    manifest = open_history(output).manifest
    return sum(part["bytes"] for part in manifest["state"]) if manifest else 0


def draw(samples: list[Sample], path: pathlib.Path) -> None:
    """The samples as curves."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    rows = (
        ("resident, MB", lambda s: s.resident / 1e6), ("workers, MB", lambda s: s.workers / 1e6),
        ("open files", lambda s: s.files), ("threads", lambda s: s.threads), ("state, MB", lambda s: s.state / 1e6),
        ("wall a pass, s", lambda s: s.wall),
    )  # fmt: skip
    figure, axes = plt.subplots(len(rows), 1, sharex=True, figsize=(8, 12))
    for axis, (label, value) in zip(axes, rows, strict=True):
        axis.plot([s.hour for s in samples], [value(s) for s in samples])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel("hour")
    figure.tight_layout()
    figure.savefig(path)


def print_samples(samples: list[Sample], console: Console) -> None:
    """A dozen rows of the samples."""
    table = Table(title=f"{samples[-1].articles} articles in {samples[-1].hour:g} simulated hours")
    names = (
        "hour", "published", "articles", "rejects", "waiting", "resident MB", "workers MB", "files", "threads",
        "state MB", "wall s",
    )  # fmt: skip
    for name in names:
        table.add_column(name, justify="right")
    for place in sorted({*range(0, len(samples), max(1, len(samples) // 12)), len(samples) - 1}):
        s = samples[place]
        table.add_row(
            f"{s.hour:.1f}", str(s.published), str(s.articles), str(s.rejects), str(s.waiting),
            f"{s.resident / 1e6:.0f}", f"{s.workers / 1e6:.0f}", str(s.files), str(s.threads), f"{s.state / 1e6:.2f}",
            f"{s.wall:.1f}",
        )  # fmt: skip
    console.print(table)


def main() -> int:
    """Soak, print, draw, audit."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="simulated hours (24)")
    parser.add_argument("--articles-a-day", type=int, default=5000)
    parser.add_argument("--step", type=float, default=600.0, help="simulated seconds a pass (600)")
    parser.add_argument("--png", type=pathlib.Path, metavar="FILE", help="draw the curves there")
    options = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="sahelwatch-soak-") as folder:
        output = str(pathlib.Path(folder) / "records")
        with World(options.articles_a_day, options.hours) as world:
            samples, told = soak(world, options.hours, options.step, output)
        print_samples(samples, console)
        console.print("faults met: " + ", ".join(f"{name} {n}" for name, n in sorted(told["faults"].items())))
        if options.png:
            draw(samples, options.png)
        report = audit(open_store(output))
    grown, level = levels_off(samples)
    console.print(
        f"resident at the end / at half time: {grown:.3f} (bar {GROWTH}, {'met' if level else 'MISSED'}), "
        f"{bytes_an_article(samples):,.0f} bytes an article in the second half"
    )
    console.print(
        f"verify: {report.windows} windows, {sum(report.faults.values())} failures, {len(report.orphans)} orphans"
    )
    for finding in report.findings[:10]:
        console.print(f"{finding.check}: {finding.where}: {finding.message}", markup=False)
    return 0 if report.good and level else 1


if __name__ == "__main__":
    sys.exit(main())
