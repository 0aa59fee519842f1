"""``sahelwatch replay``: the same graph from archived bytes into a new dataset.

Each window of the archive becomes a window of the new dataset, in their order, with the times it had: so the result is
what the first dataset would be had today's rules made it. Each is committed as it is done, which is what a killed replay
goes on from; latest.json is written when all are there, so whoever follows it sees nothing before.
"""

import argparse
import dataclasses
import datetime as dt
import itertools
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson

from pipeline.arguments import moment
from pipeline.options import UsageError, add_extract_workers
from pipeline.version import VERSION
from transforms.pool import WorkerPool

MARKER = "state/replay.json"
"""What the dataset is a replay of, written before anything else."""
WINDOW_PAGES = 12
"""What a window costs by itself, in pages: about half a second of CPU beside 40 ms a page."""
WIDE = 130
"""Columns of a terminal that has room for a bar and all that is to be said."""
PLAIN_SECONDS = 10.0
"""Between two lines of progress where there is no terminal."""
_DAMAGED = re.compile(r"DamagedArchiveError: (.{1,500}?)(?: \[while running|\\n|\n|$)")


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "replay",
        help="the same graph from archived bytes into a new dataset",
        description="Reads an archive that `run` or `watch` has made, WARC files of others, or a folder of HTML files, "
        "and makes a new dataset of it by the rules of today; the time of the archive is the clock. A replay that was "
        "killed goes on where it was when it is started again. Nothing is published (latest.json) before it is whole. "
        "Flags of Apache Beam and its runners pass through. Exit status: 0 done, 1 done without objects that the archive "
        "names and that are not there, 2 bad usage or a damaged archive.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--archive", required=True, metavar="URI", help="a folder or gs://bucket/prefix with archive/ in it, or that"
    )
    parser.add_argument(
        "--output", required=True, metavar="URI", help="the new dataset: a folder or gs://bucket/prefix"
    )
    parser.add_argument(
        "--feeds", metavar="CATALOGUE", help="a catalogue in the place of the archived ones (YAML or JSON)"
    )
    parser.add_argument("--since", type=moment, metavar="TIME", help="only what was asked from then on (ISO 8601)")
    parser.add_argument("--until", type=moment, metavar="TIME", help="only what was asked before then (ISO 8601)")
    parser.add_argument(
        "--feed", action="append", default=[], metavar="ID", help="only this feed and its pages; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    add_extract_workers(parser)
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="log lines as text or JSON (text)"
    )


@dataclasses.dataclass(kw_only=True)
class Progress:
    """How far a replay is; ``total`` windows, those of earlier lives included.

    ``counted`` tells how many pages this process is through with, ``clock`` seconds.
    """

    total: int
    done: int = 0
    at: str = ""
    pages: int = 0
    rows: dict[str, int] = dataclasses.field(default_factory=dict)
    begun_at: int = 0
    counted: Callable[[], int] = lambda: 0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.started = self.clock()
        self._expected, self._counted_before = 0, 0
        self._weights: list[float] = []

    def weigh(self, pages: Sequence[int]) -> None:
        """So many pages each window has, the first ones included: the time they take goes by that."""
        self._weights = list(itertools.accumulate((WINDOW_PAGES + number for number in pages), initial=0.0))

    def begin(self, pages: int) -> None:
        """A window of so many pages is begun."""
        self._expected, self._counted_before = pages, self.counted()

    def take(self, manifest: dict[str, Any], pages: int) -> None:
        """A window is done."""
        self.done += 1
        self._expected = 0
        self.pages += pages
        self.at = manifest["window"]["end"]
        for described in manifest["objects"]:
            self.rows[described["table"]] = self.rows.get(described["table"], 0) + described["records"]

    def line(self, *, short: bool = False) -> str:
        """In words: windows, the time they have reached unless ``short``, pages and their rate, the time that is left.

        That goes by how long windows took so far, the part of the present one included that its pages tell.
        """
        lasted = max(self.clock() - self.started, 1e-9)
        pages = self.pages + self._under_way()
        begun, ended, total = map(self._weight, (self.begun_at, self.ended(), self.total))
        left = f", {_told((total - ended) * lasted / (ended - begun))} left" if ended > begun else ""
        reached = f" ({self.at})" if self.at and not short else ""
        return f"{self.done} of {self.total} windows{reached}, {pages} pages, {pages / lasted:.1f} a second{left}"

    def ended(self) -> float:
        """Windows that are done, and the part of the present one."""
        return self.done + (self._under_way() / self._expected if self._expected else 0.0)

    def _weight(self, windows: float) -> float:
        """What so many windows weigh: themselves, as long as nothing else is known."""
        if not self._weights:
            return windows
        whole = min(int(windows), len(self._weights) - 1)
        further = self._weights[min(whole + 1, len(self._weights) - 1)]
        return self._weights[whole] + (windows - whole) * (further - self._weights[whole])

    def _under_way(self) -> int:
        return min(self.counted() - self._counted_before, self._expected) if self._expected else 0


def _told(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def replay(options: argparse.Namespace, beam_flags: Sequence[str]) -> dict[str, Any]:
    """Run a replay to its end and give its summary; UsageError for anything that is wrong before its first window."""
    if options.extract_workers:
        WorkerPool.prepare()  # it takes as long as Beam to load
    from pipeline import engines, logs  # noqa: PLC0415

    engines.import_beam()
    from pipeline.sources import SourceError, open_source  # noqa: PLC0415
    from transforms.history import DamagedStateError  # noqa: PLC0415
    from transforms.lease import FencedError, LeaseHeldError, LeaseKeeper  # noqa: PLC0415
    from transforms.store import StoreUnavailableError, open_store  # noqa: PLC0415

    try:
        source = open_source(options)
        store = open_store(options.output)
        place = source.place or source.uri
        if store.uri == place or (source.place and (_within(store.uri, place) or _within(place, store.uri))):
            told = "--output must be another place than the archive's"
            raise UsageError(f"sahelwatch replay: {told}, neither in {place} nor around it")
        store.check()
    except (SourceError, StoreUnavailableError, ValueError) as error:
        raise UsageError(f"sahelwatch replay: {error}") from error
    for warning in source.warnings:
        print(f"sahelwatch replay: {warning}", file=sys.stderr)
    _claim(store, _plan(options, source.uri))
    flags = engines.bounded_flags(beam_flags, engines.runner_of(beam_flags, "replay"))
    logs.configure(options.log_format)
    try:
        # nothing to settle: whoever was here before would write the same bytes
        with LeaseKeeper(store, command="replay", settle=lambda _: None) as lease:
            return _replay(options, flags, source, store, lease)
    except (LeaseHeldError, FencedError, DamagedStateError) as error:
        raise UsageError(f"sahelwatch replay: {error}") from error
    except Exception as error:
        # an engine passes on only the traceback of a worker, or adds where it was to the message
        if damage := _DAMAGED.search(f"{type(error).__name__}: {error}"):
            raise UsageError(f"sahelwatch replay: {damage[1]}") from error
        raise


def _within(uri: str, place: str) -> bool:
    """Whether a place is another one or lies in it."""
    inner, outer = (one if "://" in one else os.path.realpath(one) for one in (uri, place))
    return f"{inner.rstrip('/')}/".startswith(f"{outer.rstrip('/')}/")


def _replay(options: argparse.Namespace, flags: Sequence[str], source: Any, store: Any, lease: Any) -> dict[str, Any]:
    from transforms.history import open_history  # noqa: PLC0415

    started = time.monotonic()
    history = open_history(options.output)
    names = source.names()
    done = _done(history.manifest, names)
    progress = Progress(total=len(names), done=done, begun_at=done, counted=_pages_ended)
    with shown(progress, lambda: source.pages(names)):
        for past in source.windows(names[done:]):
            if past is not None and past.acts is not None:
                _do_again(options, source.uri, past, past.acts, lease.tenure)
                progress.done += 1
            elif past is not None and past.ticks:  # a window without a tick only took something away
                progress.begin(past.pages)
                progress.take(_one(options, flags, source.uri, past, lease.tenure), past.pages)
            else:  # outside of what was asked for, or nothing
                progress.done += 1
    _publish(store, options.output)
    return {
        "output": store.uri,
        "archive": source.uri,
        "windows": progress.total,
        "resumed_at": done,
        "pages": progress.pages,
        "objects_missing": len(source.missing),
        "skipped": dict(source.skipped),
        "rows": progress.rows,
        "seconds": round(time.monotonic() - started, 1),
    }


def _pages_ended() -> int:
    """Pages of this process that became an article or failed."""
    from transforms import counts  # noqa: PLC0415

    counted = counts.shown()
    return counted.get("articles", 0) + counted.get("failures", 0)


def _plan(options: argparse.Namespace, uri: str) -> dict[str, Any]:
    """What must be the same for a replay to go on."""
    from transforms.clock import iso  # noqa: PLC0415
    from transforms.tagging.tagger import RULES_VERSION  # noqa: PLC0415

    return {
        "archive": uri,
        "feeds": options.feeds,
        "since": iso(options.since) if options.since else None,
        "until": iso(options.until) if options.until else None,
        "feed": sorted(options.feed),
        "pipeline_version": VERSION,
        "rules_version": RULES_VERSION,
    }


def _claim(store: Any, plan: dict[str, Any]) -> None:
    """Make the dataset the replay's, or find that it is already; UsageError when it is something else."""
    current = store.read_versioned(MARKER)
    if current is None:
        if store.read_versioned("latest.json") or store.names("manifests/v1/"):
            raise UsageError(f"sahelwatch replay: {store.uri} is a dataset already; --output must be a new one")
        store.replace(MARKER, orjson.dumps(plan, option=orjson.OPT_INDENT_2), "application/json", None)
        return
    found = orjson.loads(current.content)
    differing = [name for name in plan if found.get(name) != plan[name]]
    if differing:
        said = ", ".join(f"{name} {found.get(name)!r}" for name in differing)
        raise UsageError(f"sahelwatch replay: {store.uri} holds a replay with {said}; --output must be a new dataset")


def _done(manifest: dict[str, Any] | None, names: Sequence[str]) -> int:
    """How many of the windows are committed."""
    if manifest is None:
        return 0
    last = manifest.get("replayed_from", {}).get("window")
    if last not in names:
        raise UsageError(f"sahelwatch replay: the archive no longer has {last}, which the dataset has come to")
    return list(names).index(last) + 1


def _one(options: argparse.Namespace, flags: Sequence[str], uri: str, past: Any, tenure: Any) -> dict[str, Any]:
    """Make one window again and commit it; gives the newest manifest."""
    import apache_beam as beam  # noqa: PLC0415
    from apache_beam.options.pipeline_options import PipelineOptions  # noqa: PLC0415

    from pipeline.graph import GraphOptions, read_news  # noqa: PLC0415
    from pipeline.run import versions  # noqa: PLC0415
    from pipeline.ticks import at_its_time, in_tick_windows, one_after_another  # noqa: PLC0415
    from transforms.archiving import ArchiveOptions  # noqa: PLC0415
    from transforms.clock import Clock, parse_time  # noqa: PLC0415
    from transforms.commit_windows import skip_windows  # noqa: PLC0415
    from transforms.fetch_pages import FetchOptions  # noqa: PLC0415
    from transforms.history import open_history  # noqa: PLC0415
    from transforms.pending import drop_pending  # noqa: PLC0415
    from transforms.poll_feeds import PollOptions  # noqa: PLC0415

    origin = {"archive": uri, "window": past.name}
    graph = GraphOptions(
        catalogue=past,
        output=options.output,
        archive=ArchiveOptions(output=options.output, uri=None, replayed_from=origin),
        web=past.web,
        poll=PollOptions(min_interval=past.min_poll_interval, parse_workers=options.extract_workers),
        fetch=FetchOptions(lane_seconds=1e9, lanes=1),
        versions=versions(),
        clock=Clock(parse_time(past.written)),
        extract_workers=options.extract_workers,
        bounds=past.bounds,
        windows=past.windows,
        tenure=tenure,
    )
    moments = [dt.datetime.fromisoformat(tick.at) for tick in past.ticks]
    drop_pending(options.output)
    skip_windows(open_history(options.output), past.number, tenure=tenure, versions=versions())
    with beam.Pipeline(options=PipelineOptions(list(flags))) as pipeline:
        ticks = pipeline | "Tick" >> one_after_another(moments) | "AtTick" >> beam.Map(at_its_time)
        if past.windows is not None:
            ticks = ticks | "TickWindows" >> in_tick_windows(past.windows)
        read_news(ticks, graph)
    manifest = open_history(options.output).manifest
    assert manifest is not None
    return manifest


def _do_again(options: argparse.Namespace, uri: str, past: Any, acts: Any, tenure: Any) -> None:
    """What people did in a window, on what the new dataset has come to."""
    from pipeline.quarantine import refused, requeued  # noqa: PLC0415
    from pipeline.run import versions  # noqa: PLC0415
    from transforms.archiving import ArchiveOptions  # noqa: PLC0415
    from transforms.clock import parse_time  # noqa: PLC0415
    from transforms.commit_windows import commit_window, skip_windows  # noqa: PLC0415
    from transforms.history import open_history  # noqa: PLC0415
    from transforms.records import Requeued, Unparked  # noqa: PLC0415
    from transforms.store import open_store  # noqa: PLC0415

    history, store = open_history(options.output), open_store(options.output)
    skip_windows(history, past.number, tenure=tenure, versions=versions())
    if history.manifest is None:  # the part that is replayed begins with it
        return
    again, feeds = set(acts.requeued), {feed.id: feed for feed in acts.feeds}
    rows = [row for row in refused(store, feeds=feeds) if (row["feed_id"], row["article_id"]) in again]
    act, _ = requeued(store, history, rows, feeds, past.bounds[0])
    unparked = Unparked(feed_ids=tuple(feed for feed in acts.unparked if feed in history.feed_states))
    origin = {"archive": uri, "window": past.name}
    commit_window(
        [act, unparked, Requeued(entries=past.lost)], history, window=past.bounds, now=parse_time(past.written), versions=versions(),
        archive=ArchiveOptions(output=options.output, uri=None, replayed_from=origin), tenure=tenure,
    )  # fmt: skip


def _publish(store: Any, output: str) -> None:
    """Everything is there: the contract, the exports, and then latest.json, which makes it visible."""
    from transforms import contract  # noqa: PLC0415
    from transforms.commit_windows import point_at_newest  # noqa: PLC0415
    from transforms.exports import rolling_exports  # noqa: PLC0415
    from transforms.history import open_history  # noqa: PLC0415

    contract.write_contract(store)
    history = open_history(output)
    if history.manifest is None:
        return
    rolling_exports(store, dt.datetime.fromisoformat(history.manifest["written"]))
    point_at_newest(history)


@contextmanager
def shown(progress: Progress, sizes: Callable[[], Sequence[int]]) -> Iterator[None]:
    """Progress on stderr: a bar on a terminal, a line every ten seconds otherwise. ``sizes`` are pages of each window."""
    import threading  # noqa: PLC0415

    from transforms.store import StoreUnavailableError  # noqa: PLC0415

    over = threading.Event()

    def weigh() -> None:  # of a long archive in a bucket that takes a while, in which windows count alike
        with suppress(StoreUnavailableError, KeyError):
            progress.weigh(sizes())

    def plain() -> None:
        while not over.wait(PLAIN_SECONDS):
            print(progress.line(), file=sys.stderr, flush=True)

    def drawn() -> None:
        from rich import progress as bars  # noqa: PLC0415
        from rich.console import Console  # noqa: PLC0415

        console = Console(stderr=True)
        short = console.width < WIDE
        columns = (bars.BarColumn(bar_width=12 if short else 40), bars.TextColumn("{task.description}"))
        with bars.Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(progress.line(short=short), total=progress.total)
            while not over.wait(0.2):
                bar.update(task, completed=progress.ended(), description=progress.line(short=short))

    threading.Thread(target=weigh, name="weigh", daemon=True).start()
    thread = threading.Thread(target=drawn if sys.stderr.isatty() else plain, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        print(progress.line(), file=sys.stderr, flush=True)
