"""The part of an audit that holds the lakehouse tables against the rows of the windows they cover."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from transforms.datasets import KEYS
from transforms.findings import Report
from transforms.lakehouse import DAY, LakeTable, content_hash, hash_in, open_lake
from transforms.schema import TABLES
from transforms.store import COMPACT, Store, StoreUnavailableError

_WITHDRAWN = 0
Fault = tuple[str, str]
_NEEDED = ("manifests", "chain", "objects", "lines", "schema", "closed lists", "unique", "order")
"""Checks that say what the rows are; where one fails, nothing can be said about tables made of them."""


class LakeAudit:
    """The tables as they are when it is made; ``note`` takes the rows of the windows, ``compare`` ends it.

    A row is known by its ``seq``, which no other row of its table has.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unreadable: dict[str, str] = {}
        self._lakes: dict[str, LakeTable] = {}
        self._sequences: dict[str, int] = {}
        folders = {name.removeprefix(COMPACT).partition("/")[0] for name in store.names(COMPACT)}
        self._open(sorted(folders.intersection(TABLES)))
        self._latest: dict[str, dict[str, int]] = {table: {} for table in self._lakes}
        self._windows: dict[str, Counter[int]] = {table: Counter() for table in self._lakes}
        self._thin: dict[str, set[int]] = {table: set() for table in self._lakes}

    def _open(self, folders: Iterable[str]) -> None:
        """Open the tables of which there is anything; the log's first entry is the first file of a table."""
        for table in folders:
            try:
                if lake := open_lake(self._store, table):
                    self._lakes[table], self._sequences[table] = lake, lake.sequence
                else:
                    self._unreadable[table] = "has files, but no log (_delta_log): readers find no table there"
            except StoreUnavailableError as error:  # the store itself has just answered
                self._unreadable[table] = str(error)

    def note(self, table: str, row: Mapping[str, Any]) -> None:
        """Take a row, in the order of the windows."""
        if table not in self._lakes or row["seq"] >> 24 > self._sequences[table]:
            return
        if table in KEYS:
            self._latest[table][row[KEYS[table]]] = row["seq"] if row["op"] == "upsert" else _WITHDRAWN
        else:  # rows of feeds are many and never revised: their sum by window will do
            self._windows[table][row["seq"] >> 24] += row["seq"]

    def thin(self, tables: Iterable[str], window: int) -> None:
        """Take note that retention ended rows of a window: the tables may still hold them."""
        for table in tables:
            if table in self._thin:
                self._thin[table].add(window)

    def compare(self, report: Report, newest: int) -> None:
        """Add what is wrong with the tables; nothing when the windows themselves could not all be read."""
        for table, message in self._unreadable.items():
            hint = "delete the folder and run `sahelwatch compact`"
            report.add("compact", f"{COMPACT}{table}", f"{message}; {hint}")
        if self._lakes and any(report.faults[check] for check in _NEEDED):
            report.warnings.append("compact tables were not looked at: the windows they are made of have faults")
            return
        for table, lake in self._lakes.items():
            where = f"{COMPACT}{table}"
            if lost := list(self._lost(where, lake)):
                for name, message in lost:
                    report.add("compact", name, message)
            elif self._sequences[table] > newest:
                report.add("compact", where, f"covers window {self._sequences[table]}, but the newest is {newest}")
            elif table in KEYS:
                self._compare_ids(report, where, table, lake)
            else:
                self._compare_windows(report, where, table, lake)

    def _lost(self, where: str, lake: LakeTable) -> Iterator[Fault]:
        """Files that the table's version names and that are not there, or not what was written: (where, message)."""
        for path, size in sorted((unquote(path), size) for path, size in lake.files().items()):
            name = f"{where}/{path}"
            try:
                content = self._store.read(name)
            except KeyError:
                yield name, "does not exist, but the table's log names it"
                continue
            if len(content) != size:
                yield name, f"was altered: {len(content)} bytes, not {size} as the table's log says"
            elif (told := hash_in(path)) and told != content_hash(content):
                yield name, "was altered: it does not carry its content's hash in its name"

    def _compare_ids(self, report: Report, where: str, table: str, lake: LakeTable) -> None:
        expected, met = self._latest[table], set()
        for batch in lake.batches([KEYS[table], "seq", "ingested", DAY]):
            columns = (batch.column(name).to_pylist() for name in batch.schema.names)
            for row_id, seq, ingested, day in zip(*columns, strict=True):
                report.examined["compact"] += 1
                wanted = expected.get(row_id)
                if row_id in met:
                    report.add("compact", where, f"{row_id} stands twice")
                elif wanted == _WITHDRAWN:
                    report.add("compact", where, f"{row_id} was withdrawn")
                elif wanted is None and seq >> 24 not in self._thin[table]:
                    report.add("compact", where, f"{row_id} is of no window, or was taken down")
                elif wanted is not None and wanted != seq:
                    report.add("compact", where, f"{row_id} is the row with seq {seq}, not the latest, {wanted}")
                elif str(day) != ingested[:10]:
                    report.add("compact", where, f"{row_id}, ingested {ingested}, lies in {day}")
                met.add(row_id)
        for row_id in sorted(row_id for row_id, seq in expected.items() if seq != _WITHDRAWN and row_id not in met):
            report.add("compact", where, f"{row_id} is missing")

    def _compare_windows(self, report: Report, where: str, table: str, lake: LakeTable) -> None:
        found: Counter[int] = Counter()
        for batch in lake.batches(["seq"]):
            report.examined["compact"] += batch.num_rows
            for seq in batch.column(0).to_pylist():
                found[seq >> 24] += seq
        for window in sorted({*found, *self._windows[table]} - self._thin[table]):
            if found[window] != self._windows[table][window]:
                report.add("compact", where, f"the rows of window {window} are not those the window has")
