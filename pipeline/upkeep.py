"""What the jobs beside the pipeline have done last: ``compact``, ``expire``, and the renewal of ``exports/``.

Nobody notices when one of them stops: windows go on being committed. ``status`` and ``/metrics`` read it from the dataset.
"""

import dataclasses
import datetime as dt

from transforms.clock import parse_time
from transforms.file_index import IndexBrokenError, read_index
from transforms.schema import TABLES
from transforms.store import COMPACT, EXPORTS, Store, StoreUnavailableError

CLOSED_AFTER = dt.timedelta(hours=1)
"""A day can be compacted an hour after midnight (``transforms.compact.GRACE``, whose libraries are slow to load)."""
ASIDE = frozenset({"texts"})
"""Tables that are compacted only on demand."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Upkeep:
    """The last window the compact tables cover (0: none that can be read), None where nobody compacts; and exports/'s time."""

    compacted: int | None = None
    exported: str | None = None


class UpkeepReader:
    """Reads what upkeep left; the library of the compact tables is asked only when a log has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._logs: dict[str, tuple[str, ...]] = {}
        self._compacted: int | None = None

    def read(self) -> Upkeep:
        """As it is now."""
        try:
            index = read_index(self._store, EXPORTS)
            exported = str(index.about["as_of"]) if index else None
            parse_time(exported or "2026-01-01T00:00:00Z")
        except (IndexBrokenError, KeyError, ValueError):
            exported = None
        return Upkeep(compacted=self._covered(), exported=exported)

    def _covered(self) -> int | None:
        logs = {
            table: tuple(self._store.names(f"{COMPACT}{table}/_delta_log/")) for table in TABLES if table not in ASIDE
        }
        if not any(logs.values()):
            return None
        if logs != self._logs:
            from transforms.lakehouse import open_lake  # noqa: PLC0415 - only a dataset that is compacted needs it

            try:
                lakes = [open_lake(self._store, table) for table, names in logs.items() if names]
            except StoreUnavailableError:  # a table that cannot be read covers nothing
                return 0
            self._compacted = min((lake.sequence if lake else 0) for lake in lakes)
            self._logs = logs
        return self._compacted
