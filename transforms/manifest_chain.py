"""The manifests of a dataset as a chain, and all they name read some windows ahead."""

import concurrent.futures
import dataclasses
import re
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from transforms import row_checks
from transforms.datasets import MANIFESTS
from transforms.findings import Report
from transforms.schema import TABLES
from transforms.store import Store, crc32c

LATEST = "latest.json"
WINDOWS_AHEAD = 16
_OBJECTS_KEPT = 16
"""Objects of earlier windows whose texts stay in memory while events are held against them."""
MANIFEST_NAME = re.compile(r"manifests/v1/dt=\d{4}-\d{2}-\d{2}/hour=\d{2}/(\d{10})\.json")
SWEEPABLE = re.compile(rf"(?:{'|'.join(TABLES)}|state)/v1/")
"""Where every object is named by a manifest; the lease, the archive, exports and tables of other makers lie elsewhere."""
Placed = tuple[str, dict[str, Any]]
"""A row with where it stands: the object's name and the line."""


class NoDatasetError(LookupError):
    """There is neither a manifest nor latest.json at this place."""


def require_dataset(store: Store, names: Iterable[str]) -> list[str]:
    """The manifests among the names of a store's objects; NoDatasetError when there is no dataset."""
    manifests, pointer = [], False
    for name in names:
        pointer = pointer or name == LATEST
        if name.startswith(MANIFESTS):
            manifests.append(name)
    if not manifests and not pointer:
        raise NoDatasetError(f"no dataset at {store.uri}: neither manifests nor {LATEST}")
    return manifests


def orphans(store: Store) -> list[str]:
    """Objects of tables and state that no manifest names, sorted; NoDatasetError when there is no dataset.

    ValueError when a manifest cannot be read or is missing: what it names would look like orphans.
    """
    listed = store.names("")  # before the manifests are read: what is committed meanwhile must not look left over
    require_dataset(store, listed)
    chain = Chain(Report())
    named: set[str] = set()
    pointer = store.read_versioned(LATEST)
    manifests = store.names(MANIFESTS)
    if pointer is not None and not any(f'"{name}"'.encode() in pointer.content for name in manifests):
        raise ValueError(f"{LATEST} names no manifest there is")
    for name in manifests:
        manifest = read_manifest(store.read(name), chain.report, name)
        if manifest is None or not chain.follows(name, manifest):
            finding = chain.report.findings[0]
            raise ValueError(f"{finding.where}: {finding.message}")
        named.update(described["name"] for kind in ("objects", "state", "archive") for described in manifest[kind])
    return [name for name in listed if SWEEPABLE.match(name) and name not in named]


def read_manifest(content: bytes, report: Report, name: str) -> dict[str, Any] | None:
    """A manifest that can be relied on, or None with a finding."""
    try:
        manifest = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        report.add("manifests", name, f"not JSON: {error}")
        return None
    if fault := row_checks.manifest_fault(manifest):
        report.add("manifests", name, fault)
        return None
    whole: dict[str, Any] = manifest
    return whole


class Chain:
    """Follows sequence and previous from manifest to manifest."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sequence = 0
        self.name: str | None = None
        self.written = ""

    def skip(self, name: str) -> None:
        """Go past a manifest that cannot be read."""
        if found := MANIFEST_NAME.fullmatch(name):
            self.sequence, self.name = int(found[1]), name

    def follows(self, name: str, manifest: Mapping[str, Any]) -> bool:
        """Whether a manifest is the next one; otherwise there is a finding."""
        sequence, faults = manifest["sequence"], self.report.faults["chain"]
        if sequence <= self.sequence:
            self.report.add("chain", name, f"fork: sequence {sequence} comes after {self.sequence} ({self.name})")
            return False
        if sequence > self.sequence + 1:
            missing = f"sequence {self.sequence + 1}" + (f" to {sequence - 1}" if sequence > self.sequence + 2 else "")
            self.report.add("chain", name, f"gap: {missing} is missing; previous is {manifest['previous']}")
        elif manifest["previous"] != self.name:
            self.report.add("chain", name, f"previous is {manifest['previous']}, not {self.name}")
        self.sequence, self.name = sequence, name
        return self.report.faults["chain"] == faults


@dataclasses.dataclass(kw_only=True)
class Window:
    """A manifest and the bytes of its objects, None where there is none."""

    name: str
    content: bytes
    objects: dict[str, bytes | None]


class WindowReader:
    """Reads windows some ahead of the audit: a bucket answers many requests as fast as one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._checksums: dict[str, concurrent.futures.Future[tuple[int, str] | None]] = {}
        self._lock = threading.Lock()

    def windows(self, names: Iterable[str]) -> Iterator[Window]:
        """The windows in the order of their names."""
        with concurrent.futures.ThreadPoolExecutor(WINDOWS_AHEAD) as pool:
            ahead: deque[concurrent.futures.Future[Window]] = deque()
            for name in names:
                ahead.append(pool.submit(self._window, name))
                if len(ahead) > WINDOWS_AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def checksum(self, name: str) -> tuple[int, str] | None:
        """(bytes, CRC32C) of a state or archive object that a window given so far names; None when it is not there."""
        return self._checksums[name].result()

    def _measure(self, name: str) -> None:
        with self._lock:  # most state objects are named by many manifests, and are read once
            if name in self._checksums:
                return
            measured = self._checksums[name] = concurrent.futures.Future()
        try:
            found = self._read(name)
            measured.set_result(None if found is None else (len(found), crc32c(found)))
        except BaseException as error:
            measured.set_exception(error)
            raise

    def _window(self, name: str) -> Window:
        content = self._read(name) or b""
        window = Window(name=name, content=content, objects={})
        manifest = read_manifest(content, Report(), name)
        for described in manifest["objects"] if manifest else ():
            window.objects[described["name"]] = self._read(described["name"])
        for described in [*manifest["state"], *manifest["archive"]] if manifest else ():
            self._measure(described["name"])
        return window

    def _read(self, name: str) -> bytes | None:
        try:
            return self._store.read(name)
        except (KeyError, ValueError):
            return None


class PastRows:
    """Titles and texts as of the present window; those of earlier windows are read again from where they lie."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._where: dict[str, dict[str, str]] = {"articles": {}, "texts": {}}
        self._now: dict[str, dict[str, str]] = {"articles": {}, "texts": {}}
        self._read: OrderedDict[str, dict[str, str]] = OrderedDict()

    def begin(self, rows: Mapping[str, list[Placed]]) -> None:
        """Take over a window's rows."""
        for table, column in (("articles", "title"), ("texts", "text")):
            self._now[table] = {row["article_id"]: row[column] for _, row in rows[table]}
            for where, row in rows[table]:
                self._where[table][row["article_id"]] = where.rpartition(":")[0]

    def forget(self, table: str, article_id: str) -> None:
        """A newer row could not be used: what holds now is unknown."""
        if table in self._where:
            self._where[table][article_id] = ""

    def part(self, table: str, article_id: str) -> str | None:
        """The title (``articles``) or text of the latest revision so far, None where it could not be read."""
        if article_id in self._now[table]:
            return self._now[table][article_id]
        name = self._where[table].get(article_id)
        if not name:
            return None
        if name not in self._read:
            column = "title" if table == "articles" else "text"
            lines = row_checks.lines_of(self._store.read(name))
            rows = [row for row, _ in map(row_checks.read_line, lines) if row is not None]
            self._read[name] = {row["article_id"]: row[column] for row in rows}
            if len(self._read) > _OBJECTS_KEPT:
                self._read.popitem(last=False)
        return self._read[name].get(article_id)
