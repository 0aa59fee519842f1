"""CommitWindows: one window's results become records, and the manifest makes them and the new state visible at once.

Objects are written first, then the manifest, then latest.json. A window that is committed a second time (a retried
bundle, a restart) finds its entries accounted for and writes nothing; a kill leaves objects that no manifest names.
The manifest's name is claimed in the lease, which a writer that was taken over from cannot do (transforms/lease.py).
"""

import contextlib
import dataclasses
import datetime as dt
import functools
import gzip
import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
import orjson
from apache_beam.transforms.window import FixedWindows, IntervalWindow

from transforms import counts
from transforms import history as committed
from transforms.archiving import ArchiveOptions, close_window, discard_pieces, keep_entries
from transforms.clock import Clock, iso
from transforms.datasets import read_rows
from transforms.freed_memory import give_back
from transforms.history import Delta, History
from transforms.inflight import clear_folder, lost_entries
from transforms.known_articles import KnownArticle
from transforms.lease import Claim, LeaseKeeper, Tenure, claim_manifest, read_lease, renew
from transforms.pointer import LATEST, read_pointer
from transforms.records import SCHEMA_VERSION, Archived, RejectRow, Requeued, Row, StoryRow, Tick, Unparked
from transforms.store import StoreConflictError, crc32c
from transforms.takedown_archive import Takedown, without_article
from transforms.window_plan import FindRow, Outcome, Versions, WindowPlan, plan_window
from transforms.windows import Windows

SNAPSHOT_EVERY = 32
MERGED_UNLESS = 4
MANIFESTS_BACK = 32
POINTER_PAUSE = 60.0
"""Unbounded runs move latest.json at most once a minute."""
_LINE_ENDS = {"\u2028".encode(): rb"\u2028", "\u2029".encode(): rb"\u2029", "\x85".encode(): rb"\u0085"}
"""What some readers of lines take for the end of one."""
_CLAIMED_HOUR = re.compile(r"/dt=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/")
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


class NameTakenError(StoreConflictError):
    """The next sequence number is another window's by now: what was planned is to be planned anew."""


def commit_window(
    outcomes: Iterable[Outcome | Archived],
    history: History,
    *,
    window: tuple[str, str],
    now: dt.datetime,
    versions: Versions,
    archive: ArchiveOptions | None = None,
    tenure: Tenure | None = None,
    pointer_pause: float = 0.0,
) -> dict[str, Any]:
    """Write a window: objects, state, manifest, latest.json, in that order; gives the newest manifest.

    What lanes have kept is joined and named by the manifest, where there is an ``archive``. A window that says nothing new and
    is not newer than the newest manifest was committed before: nothing is written. Without a ``tenure`` the lease is
    taken for this window alone. FencedError when the dataset is another writer's; latest.json is left alone for
    ``pointer_pause`` seconds after it was moved.
    """
    if tenure is None:
        with LeaseKeeper(history.store, command="commit", settle=settler(history, versions)) as keeper:
            return commit_window(
                outcomes, history, window=window, now=now, versions=versions, archive=archive, tenure=keeper.tenure,
                pointer_pause=pointer_pause,
            )  # fmt: skip
    archived: list[Archived] = []
    given: list[Outcome] = []
    for outcome in outcomes:
        if isinstance(outcome, Archived):
            archived.append(outcome)
        else:
            given.append(outcome)
    with history.lock:
        replayed = archive.replayed_from if archive is not None else None
        while True:
            renew(history.store, tenure, Clock()())
            history.refresh()
            moment = _not_before(history, now)
            lost = () if replayed else lost_entries(history, window[1], given)
            plan = plan_window(
                [*given, Requeued(entries=lost)], history, now=moment, versions=versions, find_row=history_row(history)
            )
            if history.manifest and _says_nothing(plan, history) and history.manifest["window"]["end"] >= window[1]:
                break
            kept: Sequence[dict[str, Any]] = ()
            found: list[Archived] = []
            if archive is not None and archive.uri is not None:
                left_out: dict[str, Any] = {}
                found = [keep_entries(archive.output, iso(moment), lost)] if lost else found
                if plan.withheld:
                    ids = {*history.forgotten, *(one for one, _ in plan.delta.forgotten)}
                    takedown = Takedown(ids=ids, refs=plan.withheld)
                    left_out["cut"] = functools.partial(without_article, takedown=takedown)
                kept = close_window(
                    archive,
                    sequence=history.sequence + 1,
                    window=window,
                    written=iso(moment),
                    found=[*archived, *found],
                    ticks=[outcome for outcome in given if isinstance(outcome, Tick)],
                    before=newest_archived(history),
                    acts=[outcome for outcome in given if isinstance(outcome, Requeued | Unparked)],
                    **left_out,
                )
            more: dict[str, Any] = {"archive_uri": archive.uri} if archive is not None and archive.uri else {}
            if replayed:
                more["replayed_from"] = dict(replayed)
            try:
                write_window(
                    plan, history, window=window, now=moment, versions=versions, tenure=tenure, archive=kept, more=more
                )
            except NameTakenError:
                settle_claim(history, tenure, versions)
                continue
            discard_pieces(history.store, [*archived, *found])
            break
        if not replayed:
            point_at_newest(history, pointer_pause)
            clear_folder(history.store, history.committed_until)
        give_back()
        assert history.manifest is not None
        return history.manifest


def skip_windows(history: History, number: int, *, tenure: Tenure, versions: Versions) -> None:
    """Commit windows in which nothing happens, until the next one has this number; for replays.

    A number may have gone to a window that archived nothing: a claim that was settled, retention, a takedown.
    """
    with history.lock:
        history.refresh()
        while history.manifest is not None and history.sequence + 1 < number:
            end, now = history.manifest["window"]["end"], dt.datetime.fromisoformat(history.manifest["written"])
            plan = plan_window((), history, now=now, versions=versions, find_row=history_row(history))
            more = {"replayed_from": history.manifest["replayed_from"]}
            write_window(plan, history, window=(end, end), now=now, versions=versions, tenure=tenure, more=more)


def newest_archived(history: History) -> dict[str, Any] | None:
    """The newest manifest that names an archived window, among the last ones; some windows have nothing to archive."""
    manifest = history.manifest
    for _ in range(MANIFESTS_BACK):
        if manifest is None or any(described["kind"] == "window" for described in manifest["archive"]):
            break
        manifest = orjson.loads(history.store.read(manifest["previous"])) if manifest["previous"] else None
    return manifest


def archive_in_use(history: History, output: str) -> ArchiveOptions:
    """Where a window that people make outside of a run is to be archived: where the newest one was, if it was."""
    manifest = newest_archived(history) or {"archive": ()}
    kept = any(described["kind"] == "window" for described in manifest["archive"])
    return ArchiveOptions(output=output, uri=str(manifest.get("archive_uri") or "") if kept else None)


def _not_before(history: History, now: dt.datetime) -> dt.datetime:
    """A clock that was set back must not bring a window before its predecessor."""
    return max(now, dt.datetime.fromisoformat(history.manifest["written"])) if history.manifest else now


def _says_nothing(plan: WindowPlan, history: History) -> bool:
    unchanged = plan.delta.queue == tuple(history.queue[key] for key in sorted(history.queue))
    return unchanged and not any(plan.rows.values()) and not plan.delta.feeds


def write_window(
    plan: WindowPlan,
    history: History,
    *,
    window: tuple[str, str],
    now: dt.datetime,
    versions: Versions,
    tenure: Tenure,
    retirement: Retirement | None = None,
    archive: Sequence[dict[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write what was planned, and what the window takes away; gives the manifest. The history's lock is held.

    What expires is only said to: who calls this removes it afterwards, and moves latest.json. ``archive`` are archive
    objects to be named, ``more`` further fields of the manifest. NameTakenError when another window has the sequence
    number, FencedError when another writer has the dataset.
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
        "epoch": tenure.epoch,
        "written": iso(now),
        "schema_version": SCHEMA_VERSION,
        "pipeline_version": versions.pipeline,
    }
    name = f"{committed.MANIFESTS}{hour}/{sequence:010d}.json"
    _create_manifest(history, Claim(sequence=sequence, manifest=name), manifest, tenure)
    if retirement.articles is None:
        history.advance(manifest, name, plan.delta)
    else:
        history.refresh()
    _note(plan, sequence)
    return manifest


def _create_manifest(history: History, wanted: Claim, manifest: dict[str, Any], tenure: Tenure) -> None:
    """Claim the name, then create the manifest under it: for one sequence number that succeeds once."""
    held = claim_manifest(history.store, tenure, wanted, Clock()())
    if held != wanted:
        raise NameTakenError(f"sequence {wanted.sequence} is claimed for {held.manifest}")
    content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    try:
        history.store.create(wanted.manifest, content, "application/json")
    except StoreConflictError as error:
        raise NameTakenError(f"{wanted.manifest} is another window's") from error


def settler(history: History, versions: Versions) -> Callable[[Tenure], None]:
    """For the keeper of the lease: ``settle_claim`` without what only a step knows."""
    return lambda tenure: settle_claim(history, tenure, versions)


def settle_claim(history: History, tenure: Tenure, versions: Versions) -> None:
    """Commit nothing under a name that was claimed and not used: whoever claimed it cannot use it any more.

    StoreConflictError when manifests are missing that were there when it was claimed.
    """
    with history.lock:
        history.refresh()
        claim = read_lease(history.store)[0].claim
        if claim is None or history.sequence >= claim.sequence:
            return
        found = _CLAIMED_HOUR.search(claim.manifest)
        if found is None or claim.sequence != history.sequence + 1:
            raise StoreConflictError(f"{claim.manifest} is claimed, but the newest manifest is {history.manifest_name}")
        now = _not_before(history, dt.datetime.fromisoformat(f"{found[1]}T{found[2]}:00:00Z"))
        end = history.manifest["window"]["end"] if history.manifest else iso(now)
        plan = plan_window((), history, now=now, versions=versions, find_row=history_row(history))
        with contextlib.suppress(NameTakenError):  # by the one that claimed it, just now
            write_window(plan, history, window=(end, end), now=now, versions=versions, tenure=tenure)
        history.refresh()


def object_name(table: str, hour: str, content: bytes) -> str:
    """The name of an object of a table in an hour (``dt=.../hour=...``): it carries the content's hash."""
    return f"{table}/v1/{hour}/0-{hashlib.sha256(content).hexdigest()[:24]}.jsonl.gz"


def encode_rows(rows: Sequence[Row], sequence: int) -> bytes:
    """Rows as gzipped JSON Lines with no time stamp in the gzip header, so that equal rows are equal bytes."""
    numbered = (dataclasses.replace(row, seq=(sequence << 24) + number) for number, row in enumerate(rows))
    text = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in numbered)
    # as records.to_json; inside a string quotation marks are escaped, so these bytes are a key wherever they stand
    text = text.replace(b'"actor_class":', b'"class":')
    for end, escaped in _LINE_ENDS.items():
        text = text.replace(end, escaped)
    return gzip.compress(text, compresslevel=6, mtime=0)


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
        before, together = _settled(before, history) if not rewrite else ([], history.copy())
        together.apply(delta)
        if rewrite:
            together.articles.rewrite(rewrite)
        delta = together.whole()
    parts = []
    for kind, content in committed.encode_state(delta).items():
        name = f"state/v1/{kind}-{hashlib.sha256(content).hexdigest()[:24]}.parquet"
        history.store.create(name, content, "application/vnd.apache.parquet")
        parts.append({"kind": kind, **described(name, content)})
    return [*before, *parts]


def _settled(parts: Sequence[dict[str, Any]], history: History) -> tuple[list[dict[str, Any]], History]:
    """The state objects that stay as they are, and what the others, the newest, hold together.

    What is written anew must not grow with all that was ever known. So objects are merged from the newest backwards up
    to one that is larger than MERGED_UNLESS times all of them together; only where there is none it is a snapshot.
    """
    tail = 0
    for place in range(len(parts) - 1, -1, -1):
        newer = parts[place + 1 :]
        if len(newer) >= SNAPSHOT_EVERY // 2 and parts[place]["bytes"] > MERGED_UNLESS * tail:
            merged = History(history.store, matching=False)
            merged.load([(part["kind"], part["name"]) for part in newer])
            return list(parts[: place + 1]), merged
        tail += parts[place]["bytes"]
    return [], history.copy()


def described(name: str, content: bytes) -> dict[str, Any]:
    """An object as manifests describe it: its name, its bytes and their CRC32C."""
    return {"name": name, "bytes": len(content), "crc32c": crc32c(content)}


def point_at_newest(history: History, pause: float = 0.0) -> None:
    """Move latest.json to the newest manifest by compare-and-swap, never backwards; not within ``pause`` seconds.

    The window is committed already, so a lost race is fine.
    """
    manifest = history.manifest
    if manifest is None:
        return
    pointer = {"sequence": manifest["sequence"], "manifest": history.manifest_name, "written": manifest["written"]}
    while True:
        before = read_pointer(history.store)
        if before and before.sequence >= manifest["sequence"]:
            return
        if before and _seconds_between(before.written, manifest["written"]) < pause:
            return
        content = orjson.dumps(pointer, option=orjson.OPT_INDENT_2)
        try:
            history.store.replace(LATEST, content, "application/json", before.version if before else None)
        except StoreConflictError:  # another writer has moved it since: look again
            continue
        return


def _seconds_between(earlier: str, later: str) -> float:
    return (dt.datetime.fromisoformat(later) - dt.datetime.fromisoformat(earlier)).total_seconds()


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

    def __init__(
        self,
        archive: ArchiveOptions,
        versions: Versions,
        clock: Clock,
        bounds: tuple[str, str],
        tenure: Tenure | None,
        pointer_pause: float,
    ) -> None:
        self._archive = archive
        self._versions = versions
        self._clock = clock
        self._bounds = bounds
        self._tenure = tenure
        self._pointer_pause = pointer_pause

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
                tenure=self._tenure,
                pointer_pause=self._pointer_pause,
            )
        yield manifest


def _bounds(window: IntervalWindow) -> tuple[str, str]:
    start, end = (moment.to_utc_datetime(has_tz=True) for moment in (window.start, window.end))
    return iso(start), iso(end)


class CommitWindows(beam.PTransform[beam.PCollection[Outcome], beam.PCollection[dict[str, Any]]]):
    """Outcomes, one Tick at least, -> one manifest a window; without ``windows`` all is one, with the ``bounds``.

    Without a ``tenure`` each window takes the lease for itself.
    """

    def __init__(
        self,
        archive: ArchiveOptions,
        versions: Versions,
        clock: Clock,
        bounds: tuple[str, str],
        windows: Windows | None = None,
        tenure: Tenure | None = None,
    ) -> None:
        super().__init__()
        self._fn = _CommitFn(archive, versions, clock, bounds, tenure, POINTER_PAUSE if windows else 0.0)
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
