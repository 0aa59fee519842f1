"""The manifests of a dataset as a chain, and all they name read some windows ahead."""

import concurrent.futures
import dataclasses
import re
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import orjson

from transforms import row_checks
from transforms.datasets import MANIFESTS, Expiries
from transforms.findings import Report
from transforms.schema import TABLES
from transforms.store import Store, open_store

LATEST = "latest.json"
ARCHIVE = "archive/v1/"
WINDOWS_AHEAD = 16
_OBJECTS_KEPT = 16
"""Objects of earlier windows whose texts stay in memory while events are held against them."""
MANIFEST_NAME = re.compile(r"manifests/v1/dt=\d{4}-\d{2}-\d{2}/hour=\d{2}/(\d{10})\.json")
SWEEPABLE = re.compile(rf"(?:{'|'.join(TABLES)}|state|archive)/v1/")
"""Where every object is named by a manifest; the lease, exports and tables of other makers lie elsewhere."""
_T = TypeVar("_T")
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


class LeftOver:
    """Which objects of those listed should not be there, once every manifest was gone through in its order."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._listed = frozenset(listed)
        self._unnamed = set(self._listed)
        self._expired: set[str] = set()
        self._places: dict[str, str] = {}
        self._expired_elsewhere: dict[str, set[str]] = {}

    def go_through(self, manifest: Mapping[str, Any]) -> None:
        """Take what a manifest names off the list, and put on it what it says expired."""
        for expired in manifest.get("expired", ()):
            name = expired["object"]
            if name in self._places:
                self._expired_elsewhere.setdefault(self._places[name], set()).add(name)
            elif name in self._listed:
                self._expired.add(name)
        for name in names_in(manifest):
            self._unnamed.discard(name)
            self._expired.discard(name)
        if place := archive_place(manifest):
            for described in manifest["archive"]:
                self._places[described["name"]] = place
                self._expired_elsewhere.get(place, set()).discard(described["name"])

    def orphans(self) -> list[str]:
        """Objects of tables, state and archive that no manifest names, sorted."""
        return sorted(name for name in self._unnamed if SWEEPABLE.match(name))

    def expired(self) -> list[str]:
        """Objects that a manifest says expired and no later one names again, sorted."""
        return sorted(self._expired)

    def expired_elsewhere(self) -> dict[str, list[str]]:
        """The same in archives that do not lie with the records: place -> names. Lists these archives."""
        found = {}
        for place, names in sorted(self._expired_elsewhere.items()):
            there = names.intersection(open_store(place).names(ARCHIVE))
            if there:
                found[place] = sorted(there)
        return found


def left_over(store: Store) -> LeftOver:
    """What is left over in a dataset; NoDatasetError when there is none.

    ValueError when a manifest cannot be read or is missing: what it names would look like orphans.
    """
    listed = store.names("")  # before the manifests are read: what is committed meanwhile must not look left over
    require_dataset(store, listed)
    chain, found = Chain(Report()), LeftOver(listed)
    pointer = store.read_versioned(LATEST)
    manifests = store.names(MANIFESTS)
    if pointer is not None and not any(f'"{name}"'.encode() in pointer.content for name in manifests):
        raise ValueError(f"{LATEST} names no manifest there is")
    for name in manifests:
        manifest = read_manifest(store.read(name), chain.report, name)
        if manifest is None or not chain.follows(name, manifest):
            finding = chain.report.findings[0]
            raise ValueError(f"{finding.where}: {finding.message}")
        found.go_through(manifest)
    return found


def archive_place(manifest: Mapping[str, Any] | None) -> str:
    """Where the archive objects that a manifest names lie: "" with the records."""
    return str((manifest or {}).get("archive_uri") or "")


def names_in(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The objects a manifest names."""
    for kind in ("objects", "state", "archive"):
        for described in manifest[kind]:
            yield described["name"]


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
        self.epoch = 0
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
        if manifest["epoch"] < self.epoch:
            told = f"epoch {manifest['epoch']} after {self.epoch}: its writer had been taken over from"
            self.report.add("chain", name, told)
        self.sequence, self.name, self.epoch = sequence, name, max(self.epoch, manifest["epoch"])
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
        self.expiries = Expiries()
        self._checksums: dict[tuple[str, str], concurrent.futures.Future[tuple[int, str] | None]] = {}
        self._lock = threading.Lock()

    def learn_expiries(self, names: Iterable[str]) -> None:
        """Read manifests for what they say expired, which windows before them need to know."""
        with concurrent.futures.ThreadPoolExecutor(WINDOWS_AHEAD) as pool:
            for name, content in _ahead(pool, self.read, names):
                if content and (b'"expired"' in content or b'"forgotten"' in content):
                    manifest = read_manifest(content, Report(), name)
                    if manifest is not None:
                        self.expiries.learn(manifest)

    def windows(self, names: Iterable[str]) -> Iterator[Window]:
        """The windows in the order of their names."""
        with concurrent.futures.ThreadPoolExecutor(WINDOWS_AHEAD) as pool:
            for _, window in _ahead(pool, self._window, names):
                yield window

    def checksum(self, name: str, uri: str = "") -> tuple[int, str] | None:
        """(bytes, CRC32C) of a state or archive object that a window given so far names; None when it is not there.

        ``uri`` is where an archive that does not lie with the records has it.
        """
        return self._checksums[uri, name].result()

    def _measure(self, name: str, uri: str = "") -> None:
        with self._lock:  # most state objects are named by many manifests, and are read once
            if (uri, name) in self._checksums:
                return
            measured = self._checksums[uri, name] = concurrent.futures.Future()
        try:
            measured.set_result((open_store(uri) if uri else self._store).measured(name))
        except ValueError:  # no name or place that could be
            measured.set_result(None)
        except BaseException as error:
            measured.set_exception(error)
            raise

    def _window(self, name: str) -> Window:
        content = self.read(name) or b""
        window = Window(name=name, content=content, objects={})
        manifest = read_manifest(content, Report(), name)
        if manifest is None:
            return window
        for described in self.expiries.settled(manifest["objects"]):
            window.objects[described["name"]] = self.read(described["name"])
        for described in manifest["state"]:
            if not self.expiries.expired(described["name"], manifest["sequence"]):
                self._measure(described["name"])
        for described in manifest["archive"]:
            if not self.expiries.expired(described["name"], manifest["sequence"]):
                self._measure(described["name"], archive_place(manifest))
        return window

    def read(self, name: str, uri: str = "") -> bytes | None:
        """An object's bytes, None when there is none; ``uri`` as for ``checksum``."""
        try:
            return (open_store(uri) if uri else self._store).read(name)
        except (KeyError, ValueError):
            return None


def _ahead(
    pool: concurrent.futures.Executor, ask: Callable[[str], _T], names: Iterable[str]
) -> Iterator[tuple[str, _T]]:
    """(name, answer) in the order of the names, a few asked ahead."""
    ahead: deque[tuple[str, concurrent.futures.Future[_T]]] = deque()
    for name in names:
        ahead.append((name, pool.submit(ask, name)))
        if len(ahead) > WINDOWS_AHEAD:
            first, answer = ahead.popleft()
            yield first, answer.result()
    while ahead:
        first, answer = ahead.popleft()
        yield first, answer.result()


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
                self._where[table][row["article_id"]] = sys.intern(where.rpartition(":")[0])

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
