"""Closed days of a dataset become lakehouse tables: the latest revision of each row, retractions applied.

A table covers the windows up to one sequence, which the table itself keeps, and holds exactly the rows a reader finds who
takes the latest revision of each id in those windows. Each row lies in the partition of the day it was ingested, so a
correction moves its row to the day it came: the older partition is written anew without it, in the same commit that
brings the new day. Nothing is asked but the windows that came since, so a run resumes where the last one ended, a second
one changes nothing, and what came late for a day that was done is caught up with.

One thing is taken from windows of days that are not closed: an article that was taken down is not brought into a table
by the days before, for files stay a while after their rows went.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence
from itertools import groupby

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from transforms.arrow_rows import arrow_schema, read_object, widened
from transforms.datasets import KEYS, MANIFESTS
from transforms.lakehouse import Change, LakeConflictError, LakeTable, make_lake, open_lake
from transforms.manifest_chain import MANIFEST_NAME, NoDatasetError
from transforms.store import Store

OPEN_TABLES = ("articles", "stories", "events", "feeds", "rejects")
"""What is compacted unless asked otherwise: full texts have access rights of their own."""
GRACE = dt.timedelta(hours=1)
"""How long after midnight a window of the day before may still be under way."""
_ATTEMPTS = 5
_READ_AT_ONCE = 16
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class DamagedError(RuntimeError):
    """The dataset is not what its manifests say; the message says where."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Compacted:
    """What a run did to one table: days and rows added, older rows that went, files vacuumed, and where it stands."""

    table: str
    days: int = 0
    added: int = 0
    removed: int = 0
    vacuumed: int = 0
    version: int
    sequence: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Day:
    """A closed day's manifests in the order of their sequence."""

    day: str
    manifests: tuple[str, ...]

    @property
    def sequence(self) -> int:
        """The last window's number."""
        return _sequence_of(self.manifests[-1])


def compact(
    store: Store,
    *,
    now: dt.datetime,
    keep: dt.timedelta,
    tables: Sequence[str] = OPEN_TABLES,
    description: str = "",
    progress: Callable[[str], None] = lambda _day: None,
) -> list[Compacted]:
    """Bring the tables up to the last closed day and vacuum what is older than ``keep``; gives what was done to each.

    NoDatasetError when there is no dataset, DamagedError when an object that a manifest names cannot be read,
    LakeConflictError when others keep changing a table, StoreUnavailableError when the store does not do its part.
    """
    names = store.names(MANIFESTS)
    if not names:
        raise NoDatasetError(f"no dataset at {store.uri}: it has no manifest")
    days = closed_days(names, now)
    found = {table: make_lake(store, table, description, keep) if days else open_lake(store, table) for table in tables}
    lakes = {table: lake for table, lake in found.items() if lake is not None}
    changes: dict[str, list[Change]] = {table: [] for table in lakes}
    done_until = min((lake.sequence for lake in lakes.values()), default=0)
    takedowns = Takedowns(store, done_until) if days and days[-1].sequence > done_until else None
    for day in days:
        behind = [table for table, lake in lakes.items() if lake.sequence < day.sequence]
        if not behind:
            continue
        progress(day.day)
        objects = _objects(store, day.manifests)
        for table in behind:
            lake, named = lakes[table], objects.get(table, [])
            if takedowns and (change := _catch_up(store, lake, day, named, takedowns, last=day is days[-1])):
                changes[table].append(change)
    done = []
    for table, lake in lakes.items():
        vacuumed = lake.vacuum(keep)
        done.append(
            Compacted(
                table=table,
                days=sum(change.added > 0 for change in changes[table]),
                added=sum(change.added for change in changes[table]),
                removed=sum(change.removed for change in changes[table]),
                vacuumed=len(vacuumed),
                version=lake.version,
                sequence=lake.sequence,
            )
        )
    return done


def forget_rows(store: Store, article_ids: Collection[str]) -> dict[str, int]:
    """Remove the rows of articles from the compact tables for good; table -> how many went, for the tables there are.

    To be called when the windows say so already (a committed ``takedown`` row, so that a later run does not bring them
    back). What was killed on the way is finished by calling it again. Rejects are observations, which no row withdraws:
    theirs stay as long as the windows have them.
    """
    removed = {}
    for table in KEYS:
        if lake := open_lake(store, table):
            removed[table] = lake.forget("article_id", sorted(article_ids)).removed
    return removed


def closed_days(manifests: Sequence[str], now: dt.datetime) -> list[Day]:
    """The days of manifests to which no window will be added, oldest first.

    The time in a manifest's name never falls, so a day is closed once a later one has begun; the newest closes by the clock.
    """
    numbered = sorted((name for name in manifests if MANIFEST_NAME.fullmatch(name)), key=_sequence_of)
    open_from = max([*(_day_of(name) for name in numbered[-1:]), f"{now - GRACE:%Y-%m-%d}"])
    grouped = groupby((name for name in numbered if _day_of(name) < open_from), key=_day_of)
    return [Day(day=day, manifests=tuple(names)) for day, names in grouped]


def latest_rows(rows: pa.Table, key: str) -> tuple[pa.Table, pa.Array]:
    """(latest upserts, ids that were published before these rows) of rows in any order.

    The latest row of an id has its highest (revision, seq). Revisions count from 0, so an id whose lowest revision here is
    higher has an older row elsewhere.
    """
    order = pc.sort_indices(
        rows.select([key, "revision", "seq"]), [(key, "ascending"), ("revision", "descending"), ("seq", "descending")]
    )
    sorted_keys = rows.select([key, "revision", "op"]).take(order).combine_chunks()
    ids = sorted_keys[key].combine_chunks()
    changes = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)) if len(ids) > 1 else pa.array([], pa.bool_())
    edge = pa.array([True] if len(ids) else [], pa.bool_())
    newest, oldest = pa.concat_arrays([edge, changes]), pa.concat_arrays([changes, edge])
    stands = pc.and_(newest, pc.equal(sorted_keys["op"].combine_chunks(), "upsert"))
    before = pc.and_(oldest, pc.greater(sorted_keys["revision"].combine_chunks(), 0))
    return rows.take(order.filter(stands)), ids.filter(before)


class Takedowns:
    """Articles that windows after a sequence take down; ``refresh`` looks for windows that came since."""

    def __init__(self, store: Store, after: int) -> None:
        self._store = store
        self._after = after
        self._last: dict[str, int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the windows that came since."""
        names = [name for name in self._store.names(MANIFESTS) if MANIFEST_NAME.fullmatch(name)]
        new = [name for name in sorted(names, key=_sequence_of) if _sequence_of(name) > self._after]
        for start in range(0, len(new), _READ_AT_ONCE):
            objects = _objects(self._store, new[start : start + _READ_AT_ONCE]).get("articles", [])
            rows = _read(self._store, "articles", [name for _, name in objects])
            down = rows.filter(pc.and_(pc.equal(rows["op"], "retract"), pc.equal(rows["revision_reason"], "takedown")))
            self._last.update(zip(down["article_id"].to_pylist(), down["seq"].to_pylist(), strict=True))
        self._after = _sequence_of(new[-1]) if new else self._after

    def without(self, rows: pa.Table) -> pa.Table:
        """The rows but those of articles that a later row of a window takes down."""
        if not self._last or "article_id" not in rows.column_names:
            return rows
        down = pa.array(self._last, pa.large_string())
        last = pa.array([seq >> 24 for seq in self._last.values()], pa.int64())
        window = pc.take(last, pc.index_in(rows["article_id"], value_set=down))
        return rows.filter(pc.fill_null(pc.greater_equal(pc.shift_right(rows["seq"], 24), window), True))


def _catch_up(
    store: Store, lake: LakeTable, day: Day, objects: Sequence[tuple[int, str]], takedowns: Takedowns, *, last: bool
) -> Change | None:
    """Bring one table over one day; None when there was nothing to do or another run did it meanwhile."""
    for attempt in range(_ATTEMPTS):
        wanted = [name for sequence, name in objects if sequence > lake.sequence]
        if lake.sequence >= day.sequence or (not wanted and not last):
            return None
        rows = _read(store, lake.name, wanted)
        key, gone = KEYS.get(lake.name), None
        if key:
            rows, gone = latest_rows(rows, key)
        try:
            change = lake.change(
                _by_day(takedowns.without(rows)),
                gone=gone,
                column=key or "",
                sequence=day.sequence,
                note={"through": day.day},
            )
        except LakeConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
            lake.reload()
            takedowns.refresh()
            continue
        lake.reload()
        return change
    return None


def _objects(store: Store, manifests: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Table -> (sequence, name) of the objects that manifests name."""
    found: dict[str, list[tuple[int, str]]] = {}
    for content in store.read_all(manifests):
        manifest = orjson.loads(content)
        for described in manifest["objects"]:
            found.setdefault(described["table"], []).append((manifest["sequence"], described["name"]))
    return found


def _read(store: Store, table: str, names: Sequence[str]) -> pa.Table:
    wide = widened(arrow_schema(table))
    parts = [wide.empty_table()]
    for start in range(0, len(names), _READ_AT_ONCE):
        some = names[start : start + _READ_AT_ONCE]
        try:
            contents = store.read_all(some)
        except KeyError as error:
            raise DamagedError(f"{error.args[0]} does not exist, but a manifest names it") from error
        for name, content in zip(some, contents, strict=True):
            try:
                rows = read_object(table, content)
            except ValueError as error:
                raise DamagedError(f"{name}: {error}") from error
            for column in (KEYS.get(table, "seq"), "revision", "seq", "op", "ingested"):
                if rows[column].null_count:
                    raise DamagedError(f"{name}: a row has no {column}")
            parts.append(rows.cast(wide))
    return pa.concat_tables(parts).combine_chunks()


def _by_day(rows: pa.Table) -> dict[str, pa.Table]:
    """Day of ingestion -> its rows."""
    days = pc.utf8_slice_codeunits(rows["ingested"], 0, 10)
    found: dict[str, pa.Table] = {}
    for day in sorted(days.unique().to_pylist()):
        if not _DAY.fullmatch(day):
            raise DamagedError(f"a row was ingested {day!r}, which is no day")
        found[day] = rows.filter(pc.equal(days, day))
    return found


def _sequence_of(name: str) -> int:
    return int(name.rpartition("/")[2].removesuffix(".json"))


def _day_of(name: str) -> str:
    return name.split("/")[2].removeprefix("dt=")
