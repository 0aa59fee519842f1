"""One bounded pass: check what was asked for, run the graph, sum up what was committed."""

import argparse
import logging
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from pipeline import engines, logs
from pipeline.catalogue import CatalogueError, load_catalogue
from pipeline.live_catalogue import LiveCatalogue, require_contact
from pipeline.options import UsageError
from pipeline.version import VERSION
from transforms import contract, counts
from transforms.addresses import Exemptions
from transforms.archiving import ArchiveOptions
from transforms.clock import Clock, iso
from transforms.datasets import read_rows
from transforms.history import DamagedStateError, open_history
from transforms.lease import SHORTEST, FencedError, LeaseHeldError, LeaseKeeper, Tenure
from transforms.pending import drop_pending
from transforms.pointer import DamagedPointerError, read_pointer
from transforms.pool import WorkerPool
from transforms.records import Feed
from transforms.store import Store, StoreUnavailableError, open_store

if TYPE_CHECKING:
    from pipeline.graph import GraphOptions
    from transforms.window_plan import Versions

_log = logging.getLogger(__name__)
BOUNDED_LANE_SECONDS = 600.0
"""What a pass could not reach in ten minutes waits for the next one."""


def run(options: argparse.Namespace, beam_flags: Sequence[str]) -> dict[str, Any]:
    """Run one pass and give its summary; UsageError for anything that is wrong before the first request."""
    feeds, store = prepare(options)
    if options.extract_workers:
        WorkerPool.prepare()
    engines.import_beam()
    runner = engines.runner_of(beam_flags, options.command)
    logs.configure(options.log_format)
    from transforms.web import WebClient  # noqa: PLC0415

    try:
        with (
            served_metrics(options, store, feeds, Clock(options.now)),
            writing(options, store) as lease,
            shown_progress(),
        ):
            return run_pass(options, engines.bounded_flags(beam_flags, runner), store, lease)
    finally:
        WebClient.close_shared()


def prepare(options: argparse.Namespace) -> tuple[tuple[Feed, ...], Store]:
    """The catalogue and the output, both found usable; UsageError otherwise."""
    try:
        exemptions = Exemptions.parse(options.allow_host, options.resolve)
        feeds = load_catalogue(options.feeds)
        require_contact(feeds, options.contact, exemptions)
        store = open_store(options.output)
        store.check()
        read_pointer(store)
        place = archive_options(options).place
        if place != options.output:
            _require_archive(open_store(place))
        open_history(options.output)
    except (CatalogueError, StoreUnavailableError, DamagedStateError, ValueError) as error:
        raise UsageError(f"sahelwatch {options.command}: {error}") from error
    return feeds, store


@contextmanager
def writing(options: argparse.Namespace, store: Store, seconds: float = SHORTEST) -> Iterator[LeaseKeeper]:
    """The lease of the output; UsageError names the writer that has it, or that has taken it over meanwhile."""
    from transforms.commit_windows import settle_claim  # noqa: PLC0415 - imports Beam

    def settle(tenure: Tenure) -> None:
        settle_claim(open_history(options.output), tenure, versions())

    keeper = LeaseKeeper(store, command=options.command, seconds=seconds, takeover=options.takeover, settle=settle)
    with ExitStack() as stack:
        try:
            stack.enter_context(keeper)
            contract.write_contract(store)
        except LeaseHeldError as error:
            hint = "end that one first, or end its right to write with --takeover"
            raise UsageError(f"sahelwatch {options.command}: {error}: {hint}") from error
        except (StoreUnavailableError, FencedError) as error:
            raise UsageError(f"sahelwatch {options.command}: {error}") from error
        try:
            yield keeper
        except Exception as error:
            if fenced := keeper.taken_over():  # whatever an engine made of it
                raise UsageError(f"sahelwatch {options.command}: {fenced}") from error
            if damage := _damage_of(options.output):
                raise UsageError(f"sahelwatch {options.command}: {damage}") from error
            raise


def _damage_of(output: str) -> str:
    """What is wrong with the committed state, "" when it can be read: an engine passes on only a traceback."""
    try:
        open_history(output)
    except (DamagedStateError, DamagedPointerError) as error:
        return str(error)
    except Exception:  # noqa: BLE001 - another error is on its way up already
        return ""
    return ""


def run_pass(
    options: argparse.Namespace, beam_flags: Sequence[str], store: Store, lease: LeaseKeeper
) -> dict[str, Any]:
    """One pass through the graph, and what it committed."""
    started = time.monotonic()
    import apache_beam as beam  # noqa: PLC0415 - bad usage should not wait seconds for Beam
    from apache_beam.options.pipeline_options import PipelineOptions  # noqa: PLC0415

    from pipeline.graph import read_news  # noqa: PLC0415
    from pipeline.ticks import at_its_time  # noqa: PLC0415
    from transforms import exports  # noqa: PLC0415

    clock = Clock(options.now)
    tick = clock()
    graph = graph_options(
        options, lane_seconds=BOUNDED_LANE_SECONDS, bounds=(iso(tick), iso(tick)), tenure=lease.tenure
    )
    drop_pending(options.output)
    with beam.Pipeline(options=PipelineOptions(list(beam_flags))) as pipeline:
        ticks = pipeline | "Tick" >> beam.Create([tick]) | "AtTick" >> beam.Map(at_its_time)
        read_news(ticks, graph)
    try:
        exports.renew_exports(store, clock(), apart=options.extract_workers > 0)
    except Exception as error:  # noqa: BLE001 - the windows stand; the exports are late, and an alarm says so
        _log.warning("exports were not renewed: %s: %s", type(error).__name__, error)
    return summarise(store, seconds=time.monotonic() - started)


def versions() -> "Versions":
    """What the rows say about who made them."""
    from transforms.tagging.tagger import RULES_VERSION  # noqa: PLC0415 - takes .15 s
    from transforms.window_plan import Versions  # noqa: PLC0415 - imports Beam

    return Versions(pipeline=VERSION, rules=RULES_VERSION)


def graph_options(options: argparse.Namespace, *, lane_seconds: float, **more: Any) -> "GraphOptions":
    """What the command line says, as the graph takes it."""
    from pipeline.graph import GraphOptions  # noqa: PLC0415 - imports Beam
    from transforms.fetch_pages import FetchOptions  # noqa: PLC0415
    from transforms.poll_feeds import PollOptions  # noqa: PLC0415
    from transforms.web import WebOptions  # noqa: PLC0415

    exemptions = Exemptions.parse(options.allow_host, options.resolve)
    return GraphOptions(
        catalogue=LiveCatalogue(options.feeds, options.contact, exemptions),
        output=options.output,
        archive=archive_options(options),
        web=WebOptions(
            contact=options.contact,
            host_interval=options.host_interval,
            total_seconds=options.timeout,
            exemptions=exemptions,
            version=VERSION,
        ),
        poll=PollOptions(
            min_interval=options.min_poll_interval, parse_workers=options.extract_workers, lane_seconds=lane_seconds
        ),
        fetch=FetchOptions(lane_seconds=lane_seconds, lanes=options.lanes),
        versions=versions(),
        clock=Clock(options.now),
        extract_workers=options.extract_workers,
        **more,
    )


def _require_archive(store: Store) -> None:
    """A place for an archive can be written to and is no dataset, whose own archive the two would get mixed with."""
    store.check()
    if store.read_versioned("latest.json"):
        raise ValueError(f"--archive {store.uri} is a dataset of its own: give another place")


def archive_options(options: argparse.Namespace) -> ArchiveOptions:
    """Where what is fetched is kept: the place of ``archive/``, which is the output unless another was named."""
    uri: str | None = "" if not options.archive else open_store(options.archive).uri.removesuffix("/archive")
    if uri == open_store(options.output).uri:
        uri = ""
    settings = {"min_poll_interval": options.min_poll_interval}
    if options.command == "watch" and options.every is None:
        settings |= {"tick": options.tick, "window": options.window}
    software = f"sahelwatch/{VERSION}"
    return ArchiveOptions(
        output=options.output, uri=None if options.no_archive else uri, software=software, settings=settings
    )


def summarise(store: Store, *, seconds: float) -> dict[str, Any]:
    """What the newest window holds, as a JSON object."""
    from transforms.history import newest_manifest  # noqa: PLC0415

    manifest = orjson.loads(store.read(newest_manifest(store, None) or ""))
    rows: dict[str, list[dict[str, Any]]] = {}
    for described in manifest["objects"]:
        rows.setdefault(described["table"], []).extend(read_rows(store.read(described["name"])))
    polls = rows.get("feeds", [])
    failed = sum(row["status"] not in {"ok", "not_modified"} for row in polls)
    stories = rows.get("stories", [])
    reasons: dict[str, int] = {}
    for row in rows.get("rejects", []):
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    return {
        "output": store.uri,
        "sequence": manifest["sequence"],
        "window": manifest["window"],
        "feeds": {"polled": len(polls), "failed": failed},
        "articles": {
            "new": sum(row["revision"] == 0 for row in rows.get("articles", [])),
            "revised": sum(row["revision"] > 0 for row in rows.get("articles", [])),
        },
        "stories": sum(row["relation"] == "original" for row in stories),
        "copies": sum(row["relation"] != "original" for row in stories),
        "events": sum(row["op"] == "upsert" for row in rows.get("events", [])),
        "rejects": dict(sorted(reasons.items())),
        "waiting": sum(counts["waiting"] for counts in manifest["counts"].values()),
        "seconds": round(seconds, 1),
    }


def exit_status(summary: dict[str, Any]) -> int:
    """0 when the pass completed, although feeds failed; 3 when every feed failed."""
    polled, failed = summary["feeds"]["polled"], summary["feeds"]["failed"]
    return 3 if polled and polled == failed else 0


@contextmanager
def served_metrics(options: argparse.Namespace, store: Store, feeds: Sequence[Feed], clock: Clock) -> Iterator[None]:
    """/metrics and /healthz while the pass runs, where a port was given."""
    if options.metrics_port is None:
        yield
        return
    from pipeline import metrics  # noqa: PLC0415

    where = f"{options.metrics_address}:{options.metrics_port}"
    try:
        server = metrics.serve(options.metrics_port, store, feeds=feeds, address=options.metrics_address, clock=clock)
    except OSError as error:
        raise UsageError(
            f"sahelwatch {options.command}: cannot listen on {where}: {error.strerror or error}"
        ) from error
    with server:
        yield


@contextmanager
def shown_progress() -> Iterator[None]:
    """Progress on stderr: a line that redraws itself on a terminal, one line a minute otherwise."""
    counts.reset()
    done = threading.Event()
    terminal = sys.stderr.isatty()
    started = time.monotonic()

    def show() -> None:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        if not terminal:
            while not done.wait(60):
                print(f"{time.monotonic() - started:.0f} s: {_progress_line()}", file=sys.stderr)
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("starting", total=None)
            while not done.wait(0.2):
                counted = counts.shown()
                entries = counted.get("entries", 0)
                ended = counted.get("articles", 0) + counted.get("failures", 0)
                bar.update(task, description=_progress_line(), total=entries or None, completed=ended)

    thread = threading.Thread(target=show, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(5)


def _progress_line() -> str:
    counted = counts.shown()
    names = ("feeds", "entries", "pages", "articles", "failures")
    return ", ".join(f"{counted[name]} {name}" for name in names if name in counted) or "starting"
