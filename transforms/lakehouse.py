"""The lakehouse tables under ``compact/v1/``: Delta Lake by delta-rs, one per table of the dataset.

Data files are Parquet, written by pyarrow through the dataset's own store, one at a time, so that a change needs the memory
of a day however many older days it touches (measured: 90 MB against 1 GB for the library's own MERGE and for its streamed
overwrite, 200 rows changed in 100 days of 20,000). The library reads and writes the log, and a change is one commit: files
added, files taken away, and the number of the last window it covers, as the log's own application transaction. A commit
is conditional on the version it was made from; whoever comes second looks again.
"""

import dataclasses
import datetime as dt
import hashlib
import io
import json
import math
import os
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction, Transaction

from transforms.arrow_rows import arrow_schema, widened
from transforms.store import COMPACT, LocalStore, Store, StoreUnavailableError

DAY = "dt"
"""The partition column: the day a row was ingested, in UTC."""
SORTED_BY: dict[str, tuple[str, ...]] = {
    "articles": ("article_id",),
    "texts": ("article_id",),
    "stories": ("article_id",),
    "events": ("article_id", "event_id"),
    "feeds": ("feed_id", "seq"),
    "rejects": ("stage", "reason", "seq"),
}
"""By article, so that a look-up, a join and a removal read a few row groups of a day."""
FILE_BYTES = 512 << 20
"""About what a file's rows take in memory; on disk it is a fifth of that or less."""
ROW_GROUP = 50_000
_STATISTICS = (
    "article_id",
    "event_id",
    "story_id",
    "feed_id",
    "seq",
    "revision",
    "ingested",
    "published",
    "first_seen",
)
"""Columns whose least and greatest value go into the log, for readers that skip files."""
_APPLICATION = "sahelwatch-compact"
_CHECKPOINT_EVERY = 10
_HASHED = re.compile(r"/part-[0-9a-f-]{36}-([0-9a-f]{24})\.zstd\.parquet\Z")
_UNREADABLE_PATH = re.compile(r"[%\[\]\\]")
_ANSWER = re.compile(r"Server returned non-2xx status code: (\d+ [\w -]+)(?:: )?(.*)", re.DOTALL)
_UNANSWERED = "HTTP error"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class LakeConflictError(RuntimeError):
    """Another writer changed the table since it was read, or the answer to a commit was lost: look again."""


class LaterTableError(RuntimeError):
    """The table has columns this program does not know: a later version wrote it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """What a commit did: rows of new data, older rows that went, and files written for both."""

    version: int
    added: int
    removed: int
    files: int


class LakeTable:
    """One table at one version; a change makes the next version or fails as a whole.

    Each method raises StoreUnavailableError with one line when the place does not do what was asked.
    """

    def __init__(self, store: Store, name: str, delta: DeltaTable) -> None:
        self.name = name
        self._store = store
        self._delta = delta

    @property
    def version(self) -> int:
        """The version of the table that is read and that a change starts from."""
        return self._delta.version()

    @property
    def sequence(self) -> int:
        """Number of the last window whose rows are in the table, 0 when there is none."""
        with _explained(self._store, "read"):
            return self._delta.transaction_version(_APPLICATION) or 0

    def files(self) -> dict[str, int]:
        """Path (below the table) -> bytes of the files of this version."""
        found = pa.table(self._delta.get_add_actions(flatten=True))
        return dict(zip(found["path"].to_pylist(), found["size_bytes"].to_pylist(), strict=True))

    def days(self) -> list[str]:
        """The days that have files, sorted."""
        return sorted({_day_of(path) for path in self.files()})

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of all rows."""
        with _explained(self._store, "read"):
            yield from self._dataset().scanner(columns=list(columns)).to_batches()

    def where(self, column: str, values: pa.Array) -> Counter[str]:
        """Path -> how many of its rows have one of the values; reads that column alone."""
        found: Counter[str] = Counter()
        if not len(values):
            return found
        with _explained(self._store, "read"):
            scanner = self._dataset().scanner(columns=["__filename"], filter=pc.field(column).isin(values))
            for batch in scanner.to_batches():
                counted = pc.value_counts(batch.column(0))
                found.update({str(one["values"]): one["counts"].as_py() for one in counted})
        return found

    def change(
        self,
        added: Mapping[str, pa.Table],
        *,
        gone: pa.Array | None = None,
        column: str = "article_id",
        sequence: int | None = None,
        note: Mapping[str, str] | None = None,
    ) -> Change:
        """Add rows by day, take away the older rows whose ``column`` is among ``gone``, and cover a window: one commit.

        LakeConflictError when the table was changed since it was read; nothing is visible then, files that were written
        are left to ``vacuum``, since a commit whose answer was lost may name them.
        """
        now = int(time.time() * 1000)
        actions: list[AddAction | RemoveAction] = []
        sizes = self.files()
        matched = Counter[str]() if gone is None else self.where(column, gone)
        for path in sorted(matched):
            kept = self._read(path)
            kept = kept.filter(pc.invert(pc.is_in(kept[column], value_set=gone)))
            actions += self._write(_day_of(path), kept)
            actions.append(RemoveAction(path, True, now, sizes[path], {DAY: _day_of(path)}))
        for day, rows in sorted(added.items()):
            keys = [(key, "ascending") for key in SORTED_BY[self.name]]
            actions += self._write(day, rows.take(pc.sort_indices(rows.select(SORTED_BY[self.name]), keys)))
        self._commit(actions, sequence, now, note or {})
        return Change(
            version=self.version + 1,
            added=sum(rows.num_rows for rows in added.values()),
            removed=matched.total(),
            files=sum(isinstance(action, AddAction) for action in actions),
        )

    def forget(self, column: str, gone: pa.Array, instead: Mapping[str, pa.Table] | None = None) -> Change:
        """Remove rows for good, or put others in their place: also from files of earlier versions and of killed writers.

        A commit is made even when no row is left to remove, so that a change under way, which may have read the rows
        before, fails and looks again. Readers of an earlier version whose file went have to read the newest.
        """
        while True:
            try:
                change = self.change(instead or {}, gone=gone, column=column, note={"forget": str(len(gone))})
                break
            except LakeConflictError:
                self.reload()
        self.reload()
        live = self.files()
        folder = f"{COMPACT}{self.name}/"
        for name in self._store.names(f"{folder}{DAY}="):
            if name.removeprefix(folder) not in live and self._holds(name, column, gone):
                self._store.remove(name)
        return change

    def drop_days(self, before: str) -> list[str]:
        """Take the days before one out of the table and delete their files, those of earlier versions too; gives the days."""
        gone: set[str] = set()
        while paths := [path for path, _ in sorted(self.files().items()) if _day_of(path) < before]:
            now, sizes = int(time.time() * 1000), self.files()
            gone.update(map(_day_of, paths))
            removals = [RemoveAction(path, True, now, sizes[path], {DAY: _day_of(path)}) for path in paths]
            with suppress(LakeConflictError):  # another writer was quicker: look again
                self._commit([*removals], None, now, {"retention": before})
            self.reload()
        folder = f"{COMPACT}{self.name}/"
        for name in self._store.names(f"{folder}{DAY}="):
            if _day_of(name.removeprefix(folder)) < before:
                self._store.remove(name)
        return sorted(gone)

    def vacuum(self, keep: dt.timedelta) -> list[str]:
        """Delete the files no version of the last while needs (also a killed writer's), and give their paths.

        The log keeps its own past for as long, at least for the library's default of 30 days.
        """
        hours = _hours(keep)
        try:
            with _explained(self._store, "write to"):
                wanted = _configuration(hours)
                kept = self._delta.metadata().configuration
                if any(kept.get(key) != value for key, value in wanted.items()):
                    self._delta.alter.set_table_properties(wanted)
                    self.reload()
                removed = self._vacuum(hours, dry_run=True)
                if removed:
                    removed = sorted(self._vacuum(hours, dry_run=False))
        except LakeConflictError:  # the next run will do it
            removed = []
        self.reload()
        return removed

    def reload(self) -> None:
        """Go to the newest version."""
        with _explained(self._store, "read"):
            self._delta = _load(self._store, self.name)

    def evolve(self) -> None:
        """Add the columns that came with a later minor version of the contract; LaterTableError when it has others."""
        with _explained(self._store, "write to"):
            missing = _missing(_schema_of(self._delta), _lake_schema(self.name), self.name)
            if missing:
                self._delta.alter.add_columns(
                    [field for field in _delta_schema(self.name).fields if field.name in missing]
                )
                self.reload()

    def _dataset(self) -> Any:
        """The table for Arrow; a folder is read without the library's own file system.

        Threads that still hold one when the interpreter ends abort it: one of 12 processes that read a table whole.
        """
        folder = None
        if isinstance(self._store, LocalStore):
            folder = pafs.SubTreeFileSystem(f"{self._store.uri}/{COMPACT}{self.name}", pafs.LocalFileSystem())
        return self._delta.to_pyarrow_dataset(filesystem=folder)

    def _vacuum(self, hours: int, *, dry_run: bool) -> list[str]:
        return self._delta.vacuum(hours, dry_run=dry_run, enforce_retention_duration=False, full=True)

    def _read(self, path: str) -> pa.Table:
        content = self._store.read(f"{COMPACT}{self.name}/{path}")
        return conform(pq.read_table(io.BytesIO(content)), widened(arrow_schema(self.name)))

    def _write(self, day: str, rows: pa.Table) -> Iterator[AddAction]:
        rows_a_file = max(1, min(rows.num_rows, FILE_BYTES * rows.num_rows // max(rows.nbytes, 1)))
        for start in range(0, rows.num_rows, rows_a_file):
            sink = pa.BufferOutputStream()
            part = rows.slice(start, rows_a_file).cast(arrow_schema(self.name))
            pq.write_table(
                part, sink, compression="zstd", compression_level=3, row_group_size=ROW_GROUP, write_page_index=True
            )
            content = sink.getvalue().to_pybytes()
            path = f"{DAY}={day}/part-{uuid.uuid4()}-{content_hash(content)}.zstd.parquet"
            self._store.create(f"{COMPACT}{self.name}/{path}", content, "application/vnd.apache.parquet")
            statistics = json.dumps(_statistics(pq.read_metadata(io.BytesIO(content))))
            yield AddAction(path, len(content), {DAY: day}, int(time.time() * 1000), True, statistics)

    def _commit(
        self, actions: list[AddAction | RemoveAction], sequence: int | None, now: int, note: Mapping[str, str]
    ) -> None:
        covered = [] if sequence is None else [Transaction(_APPLICATION, sequence, now)]
        with _explained(self._store, "write to"):
            self._delta.create_write_transaction(
                actions,
                "append",
                self._delta.schema(),
                [DAY],
                commit_properties=CommitProperties(
                    custom_metadata={**note, **({} if sequence is None else {"sequence": str(sequence)})},
                    max_commit_retries=0,
                    app_transactions=covered,
                ),
                post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=True),
            )

    def _holds(self, name: str, column: str, values: pa.Array) -> bool:
        """Whether a file that is not of the table has any of the values; one that cannot be read counts as if it had."""
        try:
            found = pq.read_table(io.BytesIO(self._store.read(name)), columns=[column])[column]
        except KeyError:  # gone since it was listed
            return False
        except (pa.ArrowInvalid, OSError):
            return True
        return bool(pc.any(pc.is_in(found, value_set=values)).as_py())


def content_hash(content: bytes) -> str:
    """What a data file's name carries of its bytes: the log knows their number only."""
    return hashlib.sha256(content).hexdigest()[:24]


def hash_in(path: str) -> str | None:
    """The hash a data file's name carries, None where another maker (or an earlier version) named it."""
    found = _HASHED.search(path)
    return found[1] if found else None


def open_lake(store: Store, name: str) -> LakeTable | None:
    """A table at its newest version, or None when there is none."""
    with _explained(store, "read"):
        try:
            return LakeTable(store, name, _load(store, name))
        except TableNotFoundError:
            return None


def make_lake(store: Store, name: str, description: str, keep: dt.timedelta) -> LakeTable:
    """A table at its newest version, with all columns of the contract; created when there is none."""
    found = open_lake(store, name)
    if found is None:
        with suppress(LakeConflictError), _explained(store, "write to", there=False):
            DeltaTable.create(
                _place(store, name),
                _delta_schema(name),
                mode="ignore",
                partition_by=[DAY],
                name=name,
                description=description,
                configuration={"delta.checkpointInterval": str(_CHECKPOINT_EVERY), **_configuration(_hours(keep))},
                storage_options=storage_options(store),
            )
        found = LakeTable(store, name, _load(store, name))
    found.evolve()
    return found


def storage_options(store: Store) -> dict[str, str]:
    """What delta-rs needs to reach a store: the usual credentials of Google, or the emulator that is to be used instead."""
    if isinstance(store, LocalStore):
        return {}
    patience = {"max_retries": "30", "retry_timeout": "120s"}
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    if not emulator:
        return patience
    address = emulator if "://" in emulator else f"http://{emulator}"
    account = {
        "gcs_base_url": address,
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    return {"google_service_account_key": json.dumps(account), "allow_http": "true", **patience}


def conform(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows as they would be under a schema with more columns, at any depth: what they lack is null."""
    arrays = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _load(store: Store, name: str) -> DeltaTable:
    return DeltaTable(_place(store, name), storage_options=storage_options(store))


def _place(store: Store, name: str) -> str:
    place = f"{store.uri}/{COMPACT}{name}"
    if isinstance(store, LocalStore) and _UNREADABLE_PATH.search(place):
        raise StoreUnavailableError(f"Delta tables cannot be kept below {store.uri}: the path holds one of % [ ] \\")
    return place


def _hours(keep: dt.timedelta) -> int:
    """Whole hours, one at least: below that, files of a change under way would look like leftovers."""
    return max(1, math.ceil(keep.total_seconds() / 3600))


def _configuration(hours: int) -> dict[str, str]:
    return {
        "delta.deletedFileRetentionDuration": f"interval {hours} hours",
        "delta.logRetentionDuration": f"interval {max(hours, 30 * 24)} hours",
    }


def _lake_schema(name: str) -> pa.Schema:
    return arrow_schema(name).append(pa.field(DAY, pa.date32()))


def _schema_of(delta: DeltaTable) -> pa.Schema:
    return pa.schema(delta.schema().to_arrow())


def _delta_schema(name: str) -> Schema:
    """The table's schema, each column with what the data dictionary says of it."""
    from transforms.contract import column_notes  # noqa: PLC0415 - only who makes or widens a table needs the words

    about = {**column_notes(name), DAY: "Day the row was ingested, UTC; the partition."}
    fields = [field.with_metadata({"comment": about[field.name]}) for field in _lake_schema(name)]
    return Schema.from_arrow(pa.schema(fields))


def _missing(have: pa.Schema, want: pa.Schema, table: str) -> list[str]:
    """Top-level columns to add, or to widen by what is nested in them."""
    missing = [
        field.name
        for field in want
        if field.name not in have.names or _lacks(have.field(field.name).type, field.type, f"{table}.{field.name}")
    ]
    if later := sorted(set(have.names) - set(want.names)):
        raise LaterTableError(f"the compact table {table} has {', '.join(later)}, which a later version wrote")
    return missing


def _lacks(have: pa.DataType, want: pa.DataType, where: str) -> bool:
    """Whether a type has fewer nested columns than wanted."""
    if pa.types.is_list(have) and pa.types.is_list(want):
        return _lacks(have.value_type, want.value_type, where)
    if pa.types.is_struct(have) and pa.types.is_struct(want):
        mine = {field.name: field.type for field in have}
        yours = {field.name: field.type for field in want}
        if later := sorted(mine.keys() - yours.keys()):
            raise LaterTableError(f"{where} has {', '.join(later)}, which a later version wrote")
        return any(key not in mine or _lacks(mine[key], yours[key], f"{where}.{key}") for key in yours)
    if have != want:
        raise LaterTableError(f"{where} is {have}, not {want}: another version wrote it")
    return False


def _day_of(path: str) -> str:
    """The day in a file's path."""
    return path.split("/", 1)[0].removeprefix(f"{DAY}=")


def _statistics(metadata: Any) -> dict[str, Any]:
    """Rows and bounds of a file as the log wants them (Delta protocol, per-file statistics)."""
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    empty: Counter[str] = Counter()
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            name, found = column.path_in_schema, column.statistics
            if name not in _STATISTICS or found is None:
                continue
            empty[name] += found.null_count or 0
            if found.has_min_max:
                least[name] = min(least.get(name, found.min), found.min)
                greatest[name] = max(greatest.get(name, found.max), found.max)
    return {"numRecords": metadata.num_rows, "minValues": least, "maxValues": greatest, "nullCount": dict(empty)}


@contextmanager
def _explained(store: Store, doing: str, *, there: bool = True) -> Iterator[None]:
    """The library's errors as ours, in one line; that a table is not there passes, unless it is being made."""
    try:
        yield
    except TableNotFoundError as error:  # what the library says, too, of a folder that it cannot make
        if there:
            raise
        raise StoreUnavailableError(f"cannot {doing} the compact tables of {store.uri}: {_line(error)}") from error
    except CommitFailedError as error:
        raise LakeConflictError(_line(error)) from error
    except (DeltaError, OSError, pa.ArrowException) as error:
        if _UNANSWERED in str(error) and doing == "write to":  # the library does not repeat a conditional write
            raise LakeConflictError(_line(error)) from error
        raise StoreUnavailableError(f"cannot {doing} the compact tables of {store.uri}: {_line(error)}") from error


def _line(error: BaseException) -> str:
    """The library's message, which it lays out as a tree, in one line; of an answer of the server what it says."""
    parts = [part.strip(" ↳\t") for part in _COLOURS.sub("", str(error)).splitlines()]
    whole = ": ".join(part for part in parts if part) or type(error).__name__
    if not (answer := _ANSWER.search(whole)):
        return whole[:300]
    try:
        said = str(json.loads(answer[2])["error"]["message"])
    except (ValueError, KeyError, TypeError):
        said = answer[2]
    return f"the server answers {answer[1]}: {' '.join(said.split())[:200]}"
