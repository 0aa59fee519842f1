"""Closed days of a dataset become lakehouse tables: the latest revision of each row, retractions applied.

A table covers the windows up to one sequence, which the table itself keeps, and holds exactly the rows a reader finds who
takes the latest revision of each id in those windows. Each row lies in the partition of the day it was ingested, so a
correction moves its row to the day it came: the older partition is written anew without it, in the same commit that
brings the new day. Nothing is asked but the windows that came since, so a run resumes where the last one ended, a second
one changes nothing, and what came late for a day that was done is caught up with.
"""

import bisect
import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from transforms.arrow_rows import arrow_schema, read_object, widened
from transforms.datasets import KEYS, MANIFESTS, READ_AHEAD, Expiries, manifests
from transforms.lakehouse import Change, LakeConflictError, LakeTable, make_lake, open_lake
from transforms.manifest_chain import MANIFEST_NAME, NoDatasetError
from transforms.store import Store

Json = dict[str, Any]

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
    days: int
    added: int
    removed: int
    vacuumed: int
    version: int
    sequence: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Day:
    """A closed day and the last window of it."""

    day: str
    sequence: int


class Windows:
    """What the windows after a sequence say, read once; ``refresh`` reads those that came since."""

    def __init__(self, store: Store, after: int) -> None:
        self._store = store
        self._after = after
        self._expiries = Expiries()
        self._named: dict[str, list[tuple[int, Json]]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the windows that came since the last look."""
        names = sorted(filter(MANIFEST_NAME.fullmatch, self._store.names(MANIFESTS)), key=_sequence_of)
        new = [name for name in names if _sequence_of(name) > self._after]
        for start in range(0, len(new), READ_AHEAD):
            for content in self._store.read_all(new[start : start + READ_AHEAD]):
                manifest = orjson.loads(content)
                self._expiries.learn(manifest)
                self._after = manifest["sequence"]
                for described in manifest["objects"]:
                    kept = {"name": described["name"]}
                    self._named.setdefault(described["table"], []).append((self._after, kept))

    def objects(self, table: str, after: int, until: int) -> list[str]:
        """Names of the objects there are with a table's rows of the windows after one and up to another."""
        named = self._named.get(table, [])
        start, end = (bisect.bisect_right(named, window, key=lambda one: one[0]) for window in (after, until))
        return [one["name"] for one in self._expiries.settled(described for _, described in named[start:end])]


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
    covered = min((lake.sequence for lake in lakes.values()), default=0)
    to_do = [day for day in days if day.sequence > covered]
    windows = Windows(store, covered) if to_do else None
    for day in to_do:
        progress(day.day)
        for table, lake in lakes.items():
            if windows and (change := _catch_up(store, lake, day, windows, last=day is days[-1])):
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


def forget_rows(store: Store) -> dict[str, int]:
    """Bring the tables in line with all that windows say was taken down; table -> rows that went, of the tables there are.

    The rows are gone for good: from the tables and from every file that is left of earlier versions or of killed writers.
    Rejects keep their rows, which then say no more than the windows do. It may be called again at any time, and has to be
    when a call was killed.
    """
    expiries, named = Expiries(), []
    for _, manifest in manifests(store):
        expiries.learn(manifest)
        named += [described for described in manifest["objects"] if described["table"] == "rejects"]
    removed = {}
    for table in KEYS:
        if lake := open_lake(store, table):
            removed[table] = lake.forget("article_id", pa.array(sorted(expiries.forgotten), pa.string())).removed
    if lake := open_lake(store, "rejects"):
        changed = [one["name"] for one in expiries.settled(named) if expiries.stands_in(one["name"])]
        rows = _read(store, "rejects", changed)
        rows = rows.filter(pc.less_equal(pc.shift_right(rows["seq"], 24), lake.sequence))
        lake.forget("seq", rows["seq"].combine_chunks(), instead=_by_day(rows))
    return removed


def closed_days(names: Sequence[str], now: dt.datetime) -> list[Day]:
    """The days of manifests to which no window will be added, oldest first.

    The time in a manifest's name never falls, so a day is closed once a later one has begun; the newest closes by the clock.
    """
    numbered = sorted((name for name in names if MANIFEST_NAME.fullmatch(name)), key=_sequence_of)
    open_from = max([*(_day_of(name) for name in numbered[-1:]), f"{now - GRACE:%Y-%m-%d}"])
    grouped = groupby((name for name in numbered if _day_of(name) < open_from), key=_day_of)
    return [Day(day=day, sequence=max(map(_sequence_of, of_day))) for day, of_day in grouped]


def latest_rows(rows: pa.Table, key: str) -> tuple[pa.Table, pa.Array]:
    """(latest upserts, ids that were published before these rows) of rows in any order.

    The latest row of an id has its highest (revision, seq). Revisions count from 0, so an id whose lowest revision here is
    higher has an older row elsewhere.
    """
    order = pc.sort_indices(
        rows.select([key, "revision", "seq"]),
        [(key, "ascending"), ("revision", "descending"), ("seq", "descending")],
    )
    in_order = rows.select([key, "revision", "op"]).take(order).combine_chunks()
    ids, revisions, ops = (in_order[name].combine_chunks() for name in (key, "revision", "op"))
    changes = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)) if len(ids) > 1 else pa.array([], pa.bool_())
    edge = pa.array([True] if len(ids) else [], pa.bool_())
    newest, oldest = pa.concat_arrays([edge, changes]), pa.concat_arrays([changes, edge])
    stands = pc.and_(newest, pc.equal(ops, "upsert"))
    return rows.take(order.filter(stands)), ids.filter(pc.and_(oldest, pc.greater(revisions, 0)))


def _catch_up(store: Store, lake: LakeTable, day: Day, windows: Windows, *, last: bool) -> Change | None:
    """Bring one table over one day; None when there was nothing to do or another run did it meanwhile."""
    for attempt in range(_ATTEMPTS):
        wanted = windows.objects(lake.name, lake.sequence, day.sequence)
        if lake.sequence >= day.sequence or (not wanted and not last):
            return None
        try:
            rows, gone, key = _read(store, lake.name, wanted), None, KEYS.get(lake.name, "seq")
            if lake.name in KEYS:
                rows, gone = latest_rows(rows, key)
            change = lake.change(_by_day(rows), gone=gone, column=key, sequence=day.sequence, note={"through": day.day})
        except (LakeConflictError, KeyError) as error:  # the latter when an object expired since it was looked up
            if isinstance(error, KeyError) and wanted == _again(windows, lake, day):
                raise DamagedError(f"{error.args[0]} does not exist, but a manifest names it") from error
            if attempt == _ATTEMPTS - 1:
                raise
            lake.reload()
            windows.refresh()
            continue
        lake.reload()
        return change
    return None


def _again(windows: Windows, lake: LakeTable, day: Day) -> list[str]:
    windows.refresh()
    return windows.objects(lake.name, lake.sequence, day.sequence)


def _read(store: Store, table: str, names: Sequence[str]) -> pa.Table:
    """The rows of objects; KeyError when one does not exist, DamagedError when it cannot be read."""
    wide = widened(arrow_schema(table))
    parts = [wide.empty_table()]
    for start in range(0, len(names), _READ_AT_ONCE):
        some = names[start : start + _READ_AT_ONCE]
        for name, content in zip(some, store.read_all(some), strict=True):
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
