"""A day of the always-on job in minutes: ``python -m tests.soak [--hours H] [--png FILE]``.

A hundred feeds on loopback publish five thousand articles a day, in the fixture world's templates and vocabulary, while
pages and feeds fail in the ways of the fault catalogue. The clock is simulated: bounded passes run one after the
other in this process, ten minutes of the day each, as ``watch --every 600`` would. Printed as a table and drawn as a
picture: resident memory, open files, threads, bytes of state, wall seconds a pass. It ends with the audit of
``sahelwatch verify``; the exit status is 1 when that finds anything, or when memory grows in the second half.
"""

import argparse
import asyncio
import bisect
import dataclasses
import datetime as dt
import gc
import gzip
import pathlib
import random
import statistics
import sys
import tempfile
import threading
import time
import typing
from collections import Counter
from collections.abc import Sequence

import psutil
import yaml
from aiohttp import web
from rich.console import Console
from rich.table import Table

from pipeline import run
from pipeline.options import build_parser
from tests.benchmarks.world import generated_articles
from tests.fixtures import build, feeds, pages, stories
from tests.fixtures.edits import Article
from tests.fixtures.habits import HABITS, path_of
from transforms import datasets
from transforms.audit import audit
from transforms.clock import iso
from transforms.store import Store, open_store
from transforms.web import WebClient

START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
FEEDS = 100
LISTED = 30
"""Entries a feed shows, newest first."""
PAGE_FAULTS = 0.04
FEED_FAULTS = 0.03
GROWTH = 1.10
"""What the second half of the time may add to the resident size after the first one."""
CLEARS_AFTER = dt.timedelta(hours=2)
"""Passing faults of a page end so long after it was published; an entry that waits meets a good page then."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """An answer that is not the page: ``passing`` ones clear up."""

    name: str
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    drop: bool = False
    passing: bool = False


HTML = (("Content-Type", "text/html; charset=utf-8"),)
PAGE = (
    Fault(name="404", status=404, body=b"gone", headers=HTML),
    Fault(name="410", status=410, body=b"gone", headers=HTML),
    Fault(name="403", status=403, body=b"no", headers=HTML),
    Fault(name="451", status=451, body=b"no", headers=HTML),
    Fault(name="500", status=500, passing=True),
    Fault(name="503 with Retry-After", status=503, headers=(("Retry-After", "1"),), passing=True),
    Fault(name="empty", headers=HTML),
    Fault(name="connection dropped", drop=True, passing=True),
    Fault(name="not HTML", body=b"%PDF-1.7 essai", headers=(("Content-Type", "application/pdf"),)),
    Fault(name="challenge", body=b"<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>", headers=HTML),
    Fault(name="redirect loop", status=302, headers=(("Location", "?again"),)),
    Fault(name="redirect to a private address", status=302, headers=(("Location", "http://169.254.169.254/latest"),)),
    Fault(name="bad gzip", body=b"\x1f\x8b\x08garbage", headers=(*HTML, ("Content-Encoding", "gzip"))),
    Fault(name="deep nesting", body=b"<div>" * 60_000, headers=HTML),
    Fault(name="many elements", body=b"<p>a" * 60_000, headers=HTML),
    Fault(name="compression bomb", body=gzip.compress(b"\0" * 60_000_000), headers=(*HTML, ("Content-Encoding", "gzip"))),
    Fault(name="slow", delay=1.5, passing=True),
)  # fmt: skip
FEED = (
    Fault(name="500", status=500),
    Fault(name="404", status=404),
    Fault(name="429", status=429, headers=(("Retry-After", "1"),)),
    Fault(name="HTML page", body=b"<html><body>Connectez-vous</body></html>", headers=HTML),
    Fault(name="empty"),
    Fault(name="cut", body=b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title><item><title>un"),
    Fault(name="entity bomb", body=b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
          b"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]><rss><channel><title>&d;</title></channel></rss>"),
    Fault(name="connection dropped", drop=True),
    Fault(name="no entries", body=b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>"),
)  # fmt: skip


class Day:
    """The feeds, their articles by time, and what each address answers at a moment."""

    def __init__(self, a_day: int, hours: float, seed: int = 1) -> None:
        rng = random.Random(seed)
        kinds = [outlet for outlet in stories.load_outlets().values() if outlet.feed != "html-page"]
        self.outlets = [
            dataclasses.replace(kinds[n % len(kinds)], host=f"s{n}.{kinds[n % len(kinds)].host.removeprefix('www.')}")
            for n in range(FEEDS)
        ]
        number = int(a_day * hours / 24)
        by_id = {outlet.id: outlet for outlet in kinds}
        told, _ = stories.load_stories(stories.load_outlets())
        made = generated_articles(by_id, told, number, rng)
        self.articles: dict[str, list[Article]] = {outlet.host: [] for outlet in self.outlets}
        hosts: dict[str, list[str]] = {}
        for outlet in self.outlets:
            hosts.setdefault(outlet.id, []).append(outlet.host)
        everything = sorted((article for found in made.values() for article in found), key=lambda one: one.number)
        for place, article in enumerate(everything):
            host = rng.choice(hosts[article.outlet.id])
            outlet = next(one for one in self.outlets if one.host == host)
            published = START + dt.timedelta(seconds=(place + 1) * hours * 3600 / number)
            self.articles[host].append(dataclasses.replace(article, outlet=outlet, published=published))
        self._times = {host: [one.published for one in found] for host, found in self.articles.items()}
        self._at = {(host, path_of(one)): n for host, found in self.articles.items() for n, one in enumerate(found)}
        self._faulty = {key: rng.choice(PAGE) for key in self._at if rng.random() < PAGE_FAULTS}
        self._rng = rng
        self.faults: Counter[str] = Counter()

    def catalogue(self) -> dict[str, typing.Any]:
        """The catalogue of all feeds."""
        return {
            "feeds": [
                {**build._catalogue_entry(outlet, f"feed-{n}"), "url": f"http://{outlet.host}{HABITS[outlet.id].feed}"}
                for n, outlet in enumerate(self.outlets)
            ]
        }

    def answer(self, host: str, path: str, now: dt.datetime) -> Fault:
        """What an address answers at a moment."""
        found = self.articles.get(host, [])
        if path == "/robots.txt" or not found:
            return Fault(name="robots", body=b"User-agent: *\nDisallow:\n", headers=(("Content-Type", "text/plain"),))
        habit = HABITS[found[0].outlet.id]
        if path == habit.feed:
            return self._feed(host, now, habit.feed_type)
        place = self._at.get((host, path), self._at.get((host, path.partition("?")[0])))
        if place is None:
            return Fault(name="unknown", status=404, body=b"gone", headers=HTML)
        article = found[place]
        fault = self._faulty.get((host, path_of(article)))
        if fault and not (fault.passing and now > article.published + CLEARS_AFTER):
            self.faults[f"page: {fault.name}"] += 1
            return fault
        body = pages.page_bytes(article, found[max(0, place - 4) : place + 5])
        return Fault(name="page", body=body, headers=(("Content-Type", habit.page_type),))

    def _feed(self, host: str, now: dt.datetime, kind: str) -> Fault:
        if self._rng.random() < FEED_FAULTS:
            fault = self._rng.choice(FEED)
            self.faults[f"feed: {fault.name}"] += 1
            return fault
        end = bisect.bisect_right(self._times[host], now)
        shown = self.articles[host][max(0, end - LISTED) : end][::-1]
        return (
            Fault(name="feed", body=feeds.feed_bytes(shown), headers=(("Content-Type", kind),)) if shown else FEED[-1]
        )


class DayServer:
    """The day on one port of loopback; ``now`` is its clock."""

    def __init__(self, day: Day) -> None:
        self.day, self.now, self.port = day, START, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> typing.Self:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.rsplit(":", 1)[0].lower()
        answer = await asyncio.to_thread(self.day.answer, host, request.raw_path, self.now)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.drop and request.transport is not None:
            request.transport.abort()
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """What was seen after a pass; ``resident`` and ``state`` in bytes, ``wall`` in seconds."""

    hour: float
    articles: int
    waiting: int
    resident: int
    workers: int
    files: int
    threads: int
    state: int
    wall: float


def soak(day: Day, hours: float, step: float, output: str) -> list[Sample]:
    """Run the day through; a sample a pass."""
    samples: list[Sample] = []
    process = psutil.Process()
    with DayServer(day) as server, tempfile.TemporaryDirectory() as folder:
        catalogue = pathlib.Path(folder) / "feeds.yaml"
        catalogue.write_text(yaml.safe_dump(day.catalogue(), allow_unicode=True), encoding="utf-8")
        fixed = ["run", "--feeds", str(catalogue), "--output", output, "--host-interval", "0", "--json"]
        for outlet in day.outlets:
            fixed += ["--resolve", f"{outlet.host}=127.0.0.1:{server.port}"]
        articles = 0
        for number in range(int(hours * 3600 / step)):
            server.now = START + dt.timedelta(seconds=(number + 1) * step)
            options = build_parser().parse_args([*fixed, "--now", iso(server.now)])
            _, store = run.prepare(options)
            started = time.monotonic()
            try:
                with run.writing(options, store) as lease:
                    summary = run.run_pass(options, [], store, lease)
            finally:
                WebClient.close_shared()
            wall = time.monotonic() - started
            gc.collect()
            articles += summary["articles"]["new"]
            workers = sum(one.memory_info().rss for one in process.children(recursive=True))
            samples.append(
                Sample(
                    hour=(number + 1) * step / 3600, articles=articles, waiting=summary["waiting"], wall=wall,
                    resident=process.memory_info().rss, workers=workers, files=process.num_fds(),
                    threads=process.num_threads(), state=state_bytes(store),
                )
            )  # fmt: skip
            if not sys.stderr.isatty() and number % 12 == 0:
                print(f"hour {samples[-1].hour:.1f}: {articles} articles", file=sys.stderr)
    return samples


def levels_off(samples: Sequence[Sample]) -> tuple[float, bool]:
    """(resident size at the end over that at half time, whether that is within GROWTH); medians of six passes."""
    half = len(samples) // 2
    middle, end = (statistics.median(s.resident for s in some) for some in (samples[: half + 1][-6:], samples[-6:]))
    return end / middle, end / middle <= GROWTH


def state_bytes(store: Store) -> int:
    """Bytes of the state that the newest manifest names."""
    newest: dict[str, typing.Any] = {"state": []}
    for _, manifest in datasets.manifests(store):
        newest = manifest
    return sum(part["bytes"] for part in newest["state"])


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
    for name in ("hour", "articles", "waiting", "resident MB", "workers MB", "files", "threads", "state MB", "wall s"):
        table.add_column(name, justify="right")
    for place in sorted({*range(0, len(samples), max(1, len(samples) // 12)), len(samples) - 1}):
        s = samples[place]
        table.add_row(
            f"{s.hour:.1f}", str(s.articles), str(s.waiting), f"{s.resident / 1e6:.0f}", f"{s.workers / 1e6:.0f}",
            str(s.files), str(s.threads), f"{s.state / 1e6:.2f}", f"{s.wall:.1f}",
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
        day = Day(options.articles_a_day, options.hours)
        samples = soak(day, options.hours, options.step, output)
        print_samples(samples, console)
        console.print("faults met: " + ", ".join(f"{name} {n}" for name, n in sorted(day.faults.items())))
        if options.png:
            draw(samples, options.png)
        report = audit(open_store(output))
    grown, level = levels_off(samples)
    console.print(f"resident at the end / at half time: {grown:.3f} (bar {GROWTH}, {'met' if level else 'MISSED'})")
    console.print(
        f"verify: {report.windows} windows, {sum(report.faults.values())} failures, {len(report.orphans)} orphans"
    )
    for finding in report.findings[:10]:
        console.print(f"{finding.check}: {finding.where}: {finding.message}", markup=False)
    return 0 if report.good and level else 1


if __name__ == "__main__":
    sys.exit(main())
