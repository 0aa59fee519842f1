"""The part of an audit that holds the lakehouse tables against the rows of the windows they cover."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from transforms.datasets import KEYS
from transforms.findings import Report
from transforms.lakehouse import DAY, LakeTable, open_lake
from transforms.schema import TABLES
from transforms.store import COMPACT, Store

_WITHDRAWN = 0
_NEEDED = ("manifests", "chain", "objects", "lines", "schema", "closed lists", "unique", "order")
"""Checks that say what the rows are; where one fails, nothing can be said about tables made of them."""


class LakeAudit:
    """The tables as they are when it is made; ``note`` takes the rows of the windows, ``compare`` ends it.

    A row is known by its ``seq``, which no other row of its table has.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        found = {table: open_lake(store, table) for table in TABLES}
        self._lakes: dict[str, LakeTable] = {table: lake for table, lake in found.items() if lake is not None}
        self._sequences = {table: lake.sequence for table, lake in self._lakes.items()}
        self._latest: dict[str, dict[str, int]] = {table: {} for table in self._lakes}
        self._windows: dict[str, Counter[int]] = {table: Counter() for table in self._lakes}
        self._thin: dict[str, set[int]] = {table: set() for table in self._lakes}

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
        if self._lakes and any(report.faults[check] for check in _NEEDED):
            report.warnings.append("compact tables were not looked at: the windows they are made of have faults")
            return
        for table, lake in self._lakes.items():
            where = f"{COMPACT}{table}"
            lost = self._lost(where, lake)
            for path in lost:
                report.add("compact", f"{where}/{path}", "does not exist, but the table's log names it")
            if lost:
                continue
            if self._sequences[table] > newest:
                report.add("compact", where, f"covers window {self._sequences[table]}, but the newest is {newest}")
            elif table in KEYS:
                self._compare_ids(report, where, table, lake)
            else:
                self._compare_windows(report, where, table, lake)

    def _lost(self, where: str, lake: LakeTable) -> list[str]:
        """Files that the table's version names and that are not there, below ``where``."""
        there = set(self._store.names(f"{where}/"))
        return sorted(path for path in map(unquote, lake.files()) if f"{where}/{path}" not in there)

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
