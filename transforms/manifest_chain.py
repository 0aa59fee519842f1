"""The manifests of a dataset as a chain, and all they name read some windows ahead."""

import concurrent.futures
import dataclasses
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from transforms import row_checks
from transforms.datasets import MANIFESTS
from transforms.findings import Report
from transforms.schema import TABLES
from transforms.store import Store, crc32c

WINDOWS_AHEAD = 16
MANIFEST_NAME = re.compile(r"manifests/v1/dt=\d{4}-\d{2}-\d{2}/hour=\d{2}/(\d{10})\.json")
SWEEPABLE = re.compile(rf"(?:{'|'.join(TABLES)}|state)/v1/")
"""Where every object is named by a manifest; the lease, the archive, exports and tables of other makers lie elsewhere."""


def orphans(store: Store) -> list[str]:
    """Objects of tables and state that no manifest names, sorted.

    ValueError when a manifest cannot be read or is missing: what it names would look like orphans.
    """
    listed = store.names("")  # before the manifests are read: what is committed meanwhile must not look left over
    chain = Chain(Report())
    named: set[str] = set()
    for name in store.names(MANIFESTS):
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
    """A manifest with what its names lead to: the objects' bytes, and (bytes, checksum) of state read for it."""

    name: str
    content: bytes
    objects: dict[str, bytes | None]
    state: dict[str, tuple[int, str] | None]


class WindowReader:
    """Reads windows some ahead of the audit: a bucket answers many requests as fast as one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claimed: set[str] = set()
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

    def _window(self, name: str) -> Window:
        content = self._read(name) or b""
        window = Window(name=name, content=content, objects={}, state={})
        manifest = read_manifest(content, Report(), name)
        for described in manifest["objects"] if manifest else ():
            window.objects[described["name"]] = self._read(described["name"])
        for described in [*manifest["state"], *manifest["archive"]] if manifest else ():
            with self._lock:  # most state objects are named by many manifests
                if described["name"] in self._claimed:
                    continue
                self._claimed.add(described["name"])
            found = self._read(described["name"])
            window.state[described["name"]] = None if found is None else (len(found), crc32c(found))
        return window

    def _read(self, name: str) -> bytes | None:
        try:
            return self._store.read(name)
        except (KeyError, ValueError):
            return None
