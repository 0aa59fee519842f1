"""CommitWindows: one window's results become records, and the manifest makes them and the new state visible at once.

Objects are written first, then the manifest, then latest.json. A window that is committed a second time (a retried
bundle, a restart) finds its entries accounted for and writes nothing; a kill leaves objects that no manifest names.
"""

import dataclasses
import datetime as dt
import gzip
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
import orjson
from apache_beam.transforms.window import FixedWindows, IntervalWindow

from transforms import counts
from transforms import history as committed
from transforms.archiving import ArchiveOptions, close_window
from transforms.clock import Clock, iso
from transforms.datasets import read_rows
from transforms.history import Delta, History, KnownArticle
from transforms.records import SCHEMA_VERSION, Archived, RejectRow, Row, StoryRow, Tick, to_json
from transforms.store import StoreConflictError, crc32c
from transforms.window_plan import FindRow, Outcome, Versions, WindowPlan, plan_window
from transforms.windows import Windows

SNAPSHOT_EVERY = 32
_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Retirement:
    """What a window takes away, as manifests say it: objects that expire, those that stand in for them, whom it forgets.

    ``articles`` rewrites what the state knows of each article (None: no longer anything); where it is given, the state is
    written anew, and the state objects before are no longer needed.
    """

    expired: tuple[dict[str, Any], ...] = ()
    objects: tuple[dict[str, Any], ...] = ()
    archive: tuple[dict[str, Any], ...] = ()
    forgotten: tuple[str, ...] = ()
    articles: Callable[[KnownArticle], KnownArticle | None] | None = None


def commit_window(
    outcomes: Iterable[Outcome | Archived],
    history: History,
    *,
    window: tuple[str, str],
    now: dt.datetime,
    versions: Versions,
    archive: ArchiveOptions | None = None,
) -> dict[str, Any]:
    """Write a window: objects, state, manifest, latest.json, in that order; gives the manifest.

    What lanes have archived is named by the manifest, where there is an ``archive``. A window in which everything was
    already committed gives the newest manifest and writes nothing.
    """
    with history.lock:
        history.refresh()
        if history.manifest:  # a clock that was set back must not bring a window before its predecessor
            now = max(now, dt.datetime.fromisoformat(history.manifest["written"]))
        archived: list[Archived] = []
        given: list[Outcome] = []
        for outcome in outcomes:
            if isinstance(outcome, Archived):
                archived.append(outcome)
            else:
                given.append(outcome)
        plan = plan_window(given, history, now=now, versions=versions, find_row=history_row(history))
        empty = not any(plan.rows.values()) and plan.delta.queue == tuple(
            history.queue[key] for key in sorted(history.queue)
        )
        if empty and history.manifest and history.manifest["window"] == {"start": window[0], "end": window[1]}:
            point_at(history, str(history.manifest_name), history.sequence, str(history.manifest["written"]))
            return history.manifest
        kept: Sequence[dict[str, Any]] = ()
        if archive is not None and archive.uri is not None:
            kept = close_window(
                archive,
                sequence=history.sequence + 1,
                window=window,
                written=iso(now),
                found=archived,
                ticks=[outcome for outcome in given if isinstance(outcome, Tick)],
                before=history.manifest,
            )
        more = {"archive_uri": archive.uri} if archive is not None and archive.uri else {}
        return write_window(plan, history, window=window, now=now, versions=versions, archive=kept, more=more)


def write_window(
    plan: WindowPlan,
    history: History,
    *,
    window: tuple[str, str],
    now: dt.datetime,
    versions: Versions,
    retirement: Retirement | None = None,
    archive: Sequence[dict[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write what was planned, and what the window takes away; gives the manifest. The history's lock is held.

    What expires is only said to: who calls this removes it afterwards. ``archive`` are archive objects to be named, ``more``
    further fields of the manifest.
    """
    retirement = retirement or Retirement()
    sequence = history.sequence + 1
    hour = f"dt={now:%Y-%m-%d}/hour={now:%H}"
    objects, names = [], {}
    for table, rows in plan.rows.items():
        if rows:
            content = encode_rows(rows, sequence)
            names[table] = object_name(table, hour, content)
            history.store.create(names[table], content, "application/gzip")
            objects.append({"table": table, **described(names[table], content), "records": len(rows)})
    plan = plan.with_objects(names)
    state = _write_state(history, plan.delta, retirement.articles)
    kept = {part["name"] for part in state}
    manifest = {
        "sequence": sequence,
        "previous": history.manifest_name,
        "window": {"start": window[0], "end": window[1]},
        "objects": [*objects, *retirement.objects],
        "state": state,
        "archive": [*archive, *retirement.archive],
        **(more or {}),
        # what is no longer there is named by its content, so the state may have come to be the same again
        "expired": [expired for expired in retirement.expired if expired["object"] not in kept],
        "forgotten": [*retirement.forgotten],
        "counts": plan.counts,
        "epoch": 0,
        "written": iso(now),
        "schema_version": SCHEMA_VERSION,
        "pipeline_version": versions.pipeline,
    }
    name = f"{committed.MANIFESTS}{hour}/{sequence:010d}.json"
    history.store.create(name, orjson.dumps(manifest, option=orjson.OPT_INDENT_2), "application/json")
    point_at(history, name, sequence, iso(now))
    if retirement.articles is None:
        history.advance(manifest, name, plan.delta)
    else:
        history.refresh()
    _note(plan, sequence)
    return manifest


def object_name(table: str, hour: str, content: bytes) -> str:
    """The name of an object of a table in an hour (``dt=.../hour=...``): it carries the content's hash."""
    return f"{table}/v1/{hour}/0-{hashlib.sha256(content).hexdigest()[:24]}.jsonl.gz"


def encode_rows(rows: Sequence[Row], sequence: int) -> bytes:
    """Rows as gzipped JSON Lines with no time stamp in the gzip header, so that equal rows are equal bytes."""
    lines = []
    for number, row in enumerate(rows):
        text = orjson.dumps({**to_json(row), "seq": (sequence << 24) + number}).decode("utf-8")
        lines.append(text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085"))
    return gzip.compress(("\n".join(lines) + "\n").encode("utf-8"), compresslevel=6, mtime=0)


def history_row(history: History) -> FindRow:
    """Reads the published row of a known article from the object it lies in; None when that has expired."""

    def find(known: KnownArticle) -> dict[str, Any] | None:
        if not known.object:
            return None
        for row in read_rows(history.store.read(known.object)):
            if row["article_id"] == known.article_id and row["revision"] == known.revision:
                return row
        raise KeyError(f"{known.article_id} revision {known.revision} is not in {known.object}")

    return find


def _write_state(
    history: History, delta: Delta, rewrite: Callable[[KnownArticle], KnownArticle | None] | None = None
) -> list[dict[str, Any]]:
    """The state objects the manifest names: those before and this window's, or one snapshot when they are many.

    With ``rewrite`` it is a snapshot in which each known article is what that gives, and left out where it gives None.
    """
    before = [part for part in (history.manifest or {}).get("state", []) if part["kind"] != "queue"]
    if rewrite or len(before) >= SNAPSHOT_EVERY:
        whole = History(history.store)
        whole.apply(history.whole())
        whole.apply(delta)
        before, delta = [], whole.whole()
    if rewrite:
        delta = dataclasses.replace(delta, articles=tuple(filter(None, map(rewrite, delta.articles))))
    parts = []
    for kind, content in committed.encode_state(delta).items():
        name = f"state/v1/{kind}-{hashlib.sha256(content).hexdigest()[:24]}.parquet"
        history.store.create(name, content, "application/vnd.apache.parquet")
        parts.append({"kind": kind, **described(name, content)})
    return [*before, *parts]


def described(name: str, content: bytes) -> dict[str, Any]:
    """An object as manifests describe it: its name, its bytes and their CRC32C."""
    return {"name": name, "bytes": len(content), "crc32c": crc32c(content)}


def point_at(history: History, name: str, sequence: int, written: str) -> None:
    """Move latest.json by compare-and-swap, never backwards; the window is committed already, so a lost race is fine."""
    pointer = orjson.dumps({"sequence": sequence, "manifest": name, "written": written}, option=orjson.OPT_INDENT_2)
    while True:
        current = history.store.read_versioned(committed.LATEST)
        if current and orjson.loads(current.content)["sequence"] >= sequence:
            return
        try:
            history.store.replace(committed.LATEST, pointer, "application/json", current.version if current else None)
        except StoreConflictError:  # another writer has moved it since: look again
            continue
        return


def _note(plan: WindowPlan, sequence: int) -> None:
    """Count what became visible."""
    counts.count("commit", "windows")
    counts.count("commit", "articles", len(plan.rows["articles"]))
    counts.count("commit", "events", len(plan.rows["events"]))
    for row in (*plan.rows["stories"], *plan.rows["rejects"]):
        if isinstance(row, StoryRow) and row.relation != "original":
            counts.count("commit", "copies", reason=row.relation)
        elif isinstance(row, RejectRow):
            counts.count("commit", "rejects", reason=row.reason)
    written = {table: len(rows) for table, rows in plan.rows.items() if rows}
    _log.info("window %d committed: %s", sequence, written, extra={"sequence": sequence, "rows": written})


class _CommitFn(beam.DoFn):
    """One dataset's window: hand it to ``commit_window``."""

    def __init__(self, archive: ArchiveOptions, versions: Versions, clock: Clock, bounds: tuple[str, str]) -> None:
        self._versions = versions
        self._clock = clock
        self._bounds = bounds
        self._archive = archive

    def process(
        self, element: tuple[str, Iterable[Outcome]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[dict[str, Any]]:
        """(dataset, outcomes) -> the manifest."""
        with counts.timed("commit"):
            manifest = commit_window(
                element[1],
                committed.open_history(self._archive.output),
                window=_bounds(window) if isinstance(window, IntervalWindow) else self._bounds,
                now=self._clock(),
                versions=self._versions,
                archive=self._archive,
            )
        yield manifest


def _bounds(window: IntervalWindow) -> tuple[str, str]:
    start, end = (moment.to_utc_datetime(has_tz=True) for moment in (window.start, window.end))
    return iso(start), iso(end)


class CommitWindows(beam.PTransform[beam.PCollection[Outcome], beam.PCollection[dict[str, Any]]]):
    """Outcomes, one Tick at least, -> one manifest a window; without ``windows`` all is one, with the ``bounds``."""

    def __init__(
        self,
        archive: ArchiveOptions,
        versions: Versions,
        clock: Clock,
        bounds: tuple[str, str],
        windows: Windows | None = None,
    ) -> None:
        super().__init__()
        self._fn = _CommitFn(archive, versions, clock, bounds)
        self._windows = windows

    def expand(self, pcoll: beam.PCollection[Outcome]) -> Any:
        """Wire the step: all of a window meets under one key."""
        if self._windows is not None:
            pcoll = pcoll | "CommitEvery" >> beam.WindowInto(FixedWindows(self._windows.size))
        return (
            pcoll
            | "KeyByDataset" >> beam.WithKeys("dataset")
            | "GatherWindow" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(self._fn)
        )
