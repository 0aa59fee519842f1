"""Closed days of a dataset become lakehouse tables: the latest revision of each row, retractions applied.

A table covers the windows up to one sequence, which the table itself keeps, and holds exactly the rows a reader finds who
takes the latest revision of each id in those windows. Each row lies in the partition of the day it was ingested, so a
correction moves its row to the day it came: the older partition is written anew without it, in the same commit that
brings the new day. Nothing is asked but the windows that came since, so a run resumes where the last one ended, a second
one changes nothing, and what came late for a day that was done is caught up with.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Sequence
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
    progress: Callable[[str, str], None] = lambda _day, _table: None,
) -> list[Compacted]:
    """Bring the tables up to the last closed day and vacuum what is older than ``keep``; gives what was done to each.

    NoDatasetError when there is no dataset, DamagedError when an object that a manifest names cannot be read,
    LakeConflictError when others keep changing a table, StoreUnavailableError when the store does not do its part.
    """
    names = store.names(MANIFESTS)
    if not names:
        raise NoDatasetError(f"no dataset at {store.uri}: it has no manifest")
    days = closed_days(names, now)
    found = {table: make_lake(store, table, description) if days else open_lake(store, table) for table in tables}
    lakes = {table: lake for table, lake in found.items() if lake is not None}
    changes: dict[str, list[Change]] = {table: [] for table in lakes}
    for day in days:
        behind = [table for table, lake in lakes.items() if lake.sequence < day.sequence]
        objects = _objects(store, day) if behind else {}
        for table in behind:
            progress(day.day, table)
            if change := _catch_up(store, lakes[table], day, objects.get(table, []), last=day is days[-1]):
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


def _catch_up(
    store: Store, lake: LakeTable, day: Day, objects: Sequence[tuple[int, str]], *, last: bool
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
                _by_day(rows), gone=gone, column=key or "", sequence=day.sequence, note={"through": day.day}
            )
        except LakeConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
            lake.reload()
            continue
        lake.reload()
        return change
    return None


def _objects(store: Store, day: Day) -> dict[str, list[tuple[int, str]]]:
    """Table -> (sequence, name) of the objects that a day's manifests name."""
    found: dict[str, list[tuple[int, str]]] = {}
    for content in store.read_all(day.manifests):
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
