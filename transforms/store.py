"""Where a dataset lives: a local folder or a bucket behind one small seam.

Objects are immutable: ``create`` never overwrites, and creating the same bytes again is success, so a retried write
is harmless. Only ``replace`` (latest.json, the lease, rolling exports) changes an object, and only if it still is the
version that was read. The Cloud Storage half is ``transforms.gcs_store``.
"""

import base64
import dataclasses
import datetime as dt
import fcntl
import os
import pathlib
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import google_crc32c

LAYOUT = frozenset({
    "articles", "texts", "stories", "events", "feeds", "rejects", "manifests", "latest.json", "state", "archive",
    "contract", "exports", "compact",
})  # fmt: skip
"""First components of the names of a dataset's objects."""

COMPACT = "compact/v1/"
"""Where lakehouse tables lie, each in a folder of its name."""

EXPORTS = "exports/"
"""Where the rolling files lie."""

NAME = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._=/-]{1,900}")
"""An object's name: plain ASCII, never a way out of the root. To be matched in full."""


class StoreUnavailableError(RuntimeError):
    """The place cannot be used (missing, no rights, full, not answering); the message says which in one line."""


class StoreConflictError(RuntimeError):
    """An object of that name exists with other content, or changed since it was read."""


@dataclasses.dataclass(frozen=True)
class Versioned:
    """An object's bytes and an opaque version for ``replace``."""

    content: bytes
    version: str


class Store(Protocol):
    """The seam: everything that is written to or read from a dataset goes through these.

    Each raises StoreUnavailableError when the place does not do what was asked, after its own retries.
    """

    uri: str

    def check(self) -> None:
        """Prove within about 10 s that a dataset can be kept here; StoreUnavailableError with one line otherwise."""

    def create(self, name: str, content: bytes, content_type: str) -> None:
        """Write an object that must not exist; equal content is success, other content StoreConflictError."""

    def read(self, name: str) -> bytes:
        """An object's bytes; KeyError when there is none."""

    def read_span(self, name: str, offset: int, length: int) -> bytes:
        """Some of an object's bytes, unchecked; KeyError when there is none."""

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """The bytes of many objects in the order of their names; KeyError when one is missing."""

    def read_versioned(self, name: str) -> Versioned | None:
        """An object's bytes with its version, or None."""

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """Write an object if it is still ``version`` (None: if it does not exist), else StoreConflictError."""

    def names(self, prefix: str, after: str = "") -> list[str]:
        """Names of all objects under a prefix, sorted, from ``after`` on."""

    def measured(self, name: str) -> tuple[int, str] | None:
        """(bytes, CRC32C) of an object, None when there is none; where the place knows them, nothing is read."""

    def modified(self, name: str) -> dt.datetime:
        """When an object was written (UTC); KeyError when there is none."""

    def remove(self, name: str) -> None:
        """Remove an object; one that is gone already is no error."""


def crc32c(content: bytes) -> str:
    """CRC32C in base64 of the big-endian bytes, as Cloud Storage reports it (RFC 4960 polynomial)."""
    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode("ascii")


def open_store(uri: str) -> Store:
    """The store at a URI: ``gs://bucket/prefix`` or a local folder; ValueError for any other scheme."""
    if uri.startswith("gs://"):
        from transforms.gcs_store import GcsStore  # noqa: PLC0415 - a local dataset never needs it

        bucket, _, prefix = uri[5:].partition("/")
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", bucket):
            raise ValueError(f"not a bucket name: {bucket!r}")
        prefix = prefix.strip("/")
        if prefix and ("//" in prefix or not NAME.fullmatch(prefix)):
            raise ValueError(f"not a usable prefix: {prefix!r}")
        return GcsStore(bucket, prefix)
    if not uri.strip() or re.match(r"(?i)^[a-z][a-z0-9+.-]+://", uri):
        raise ValueError(f"output is a local folder or gs://bucket/prefix, not {uri!r}")
    return LocalStore(pathlib.Path(uri))


class LocalStore:
    """A dataset in a local folder: temporary file, fsync, hard link (fails if the name exists)."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root.absolute()
        self.uri = str(self.root)

    def _path(self, name: str) -> pathlib.Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"not an object name: {name!r}")
        return self.root / name

    def check(self) -> None:
        """See Store: a folder that can be made and written to, and that is no part of another dataset."""
        for outer, part in zip(self.root.parents, (self.root, *self.root.parents), strict=False):
            if part.name in LAYOUT and (outer / "latest.json").is_file():
                raise StoreUnavailableError(f"{self.root} lies inside the dataset {outer}: give that, or another place")
        with self._explained("write to"):
            self.root.mkdir(parents=True, exist_ok=True)
            self._write_temporary(self.root / "probe", b"").unlink()

    def create(self, name: str, content: bytes, content_type: str) -> None:  # noqa: ARG002 - the seam's shape
        """See Store."""
        path = self._path(name)
        with self._explained("write to"):
            if not self._link_new(path, content) and path.read_bytes() != content:
                raise StoreConflictError(f"{name} exists with other content")

    def read(self, name: str) -> bytes:
        """See Store."""
        versioned = self.read_versioned(name)
        if versioned is None:
            raise KeyError(name)
        return versioned.content

    def read_span(self, name: str, offset: int, length: int) -> bytes:
        """See Store."""
        path = self._path(name)
        with self._explained("read"):
            try:
                with path.open("rb") as file:
                    file.seek(offset)
                    return file.read(length)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise KeyError(name) from None

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """See Store."""
        return [self.read(name) for name in names]

    def read_versioned(self, name: str) -> Versioned | None:
        """See Store; the version is the file's identity and the content's checksum."""
        path = self._path(name)
        with self._explained("read"):
            try:
                with path.open("rb") as file:
                    content, status = file.read(), os.fstat(file.fileno())
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        return Versioned(content, f"{crc32c(content)} {status.st_ino} {status.st_mtime_ns}")

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:  # noqa: ARG002
        """See Store; a lock on the folder makes comparing and renaming one step for all processes of the machine."""
        path = self._path(name)
        with self._explained("write to"):
            if version is None:
                if not self._link_new(path, content):
                    raise StoreConflictError(f"{name} changed since it was read")
                return
            _make_folder(path.parent)
            with _locked_folder(path.parent):
                current = self.read_versioned(name)
                if current is None or current.version != version:
                    raise StoreConflictError(f"{name} changed since it was read")
                self._write_temporary(path, content).rename(path)
                _sync_folder(path.parent)

    def names(self, prefix: str, after: str = "") -> list[str]:
        """See Store; temporary files are not objects."""
        base = self.root / prefix.rpartition("/")[0]
        found = []
        for folder, folders, files in os.walk(base):
            relative = pathlib.Path(folder).relative_to(self.root).as_posix()
            if relative != ".":  # do not walk into days that lie before ``after``
                folders[:] = [f for f in folders if f"{relative}/{f}" >= after[: len(relative) + len(f) + 1]]
            found += [f if relative == "." else f"{relative}/{f}" for f in files if not _temporary(f)]
        return sorted(name for name in found if name.startswith(prefix) and name >= after)

    def measured(self, name: str) -> tuple[int, str] | None:
        """See Store; a folder knows no checksums."""
        path, size, checksum = self._path(name), 0, google_crc32c.Checksum()
        with self._explained("read"):
            try:
                with path.open("rb") as file:  # an archive's may be large, and many are measured at a time
                    while chunk := file.read(1 << 20):
                        checksum.update(chunk)
                        size += len(chunk)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        return size, base64.b64encode(checksum.digest()).decode("ascii")

    def modified(self, name: str) -> dt.datetime:
        """See Store."""
        try:
            return dt.datetime.fromtimestamp(self._path(name).stat().st_mtime, tz=dt.UTC)
        except (FileNotFoundError, NotADirectoryError):
            raise KeyError(name) from None

    def remove(self, name: str) -> None:
        """See Store."""
        with self._explained("remove from"):
            self._path(name).unlink(missing_ok=True)

    def sweep_temporary(self, before: dt.datetime) -> int:
        """Remove what killed writers left half-written before a time; gives how many files went."""
        swept = 0
        for path in self.root.rglob(".*.tmp"):
            try:
                if _temporary(path.name) and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    swept += 1
            except FileNotFoundError:  # its writer lives after all and has just removed it
                continue
        return swept

    def _link_new(self, path: pathlib.Path, content: bytes) -> bool:
        """Make a file whole or not at all; False when the name is taken."""
        temporary = self._write_temporary(path, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        _sync_folder(path.parent)
        return True

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            where = f": {error.filename}" if error.filename not in {None, str(self.root)} else ""
            raise StoreUnavailableError(f"cannot {doing} {self.root}: {reason}{where}") from error

    @staticmethod
    def _write_temporary(path: pathlib.Path, content: bytes) -> pathlib.Path:
        _make_folder(path.parent)
        temporary = path.with_name(f".{path.name[:80]}.{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        return temporary


def _temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")


def _make_folder(folder: pathlib.Path) -> None:
    """A folder with its parents, each synced into the one above it, so that a power cut does not take it away."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: pathlib.Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked_folder(folder: pathlib.Path) -> Iterator[None]:
    """The folder's lock (flock), which the kernel lets go of when its holder is killed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
