"""Where a dataset lives: a local folder or a bucket behind one small seam.

Objects are immutable: ``create`` never overwrites, and creating the same bytes again is success, so a retried write
is harmless. Only ``replace`` (latest.json, the lease) changes an object, and only if it still is the version read.
"""

import base64
import dataclasses
import os
import pathlib
import re
import uuid
from typing import Any, Protocol

import google_crc32c

_NAME = re.compile(r"^(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._=/-]{1,900}$")


class StoreUnavailableError(RuntimeError):
    """The place cannot be used (missing, no rights, full); the message says which and why in one line."""


class StoreConflictError(RuntimeError):
    """An object of that name exists with other content, or changed since it was read."""


@dataclasses.dataclass(frozen=True)
class Versioned:
    """An object's bytes and an opaque version for ``replace``."""

    content: bytes
    version: str


class Store(Protocol):
    """The seam: everything that is written to or read from a dataset goes through these."""

    uri: str

    def check(self) -> None:
        """Prove that objects can be written and read; StoreUnavailableError with one clear line otherwise."""

    def create(self, name: str, content: bytes, content_type: str) -> None:
        """Write an object that must not exist; equal content is success, other content StoreConflictError."""

    def read(self, name: str) -> bytes:
        """An object's bytes; KeyError when there is none."""

    def read_versioned(self, name: str) -> Versioned | None:
        """An object's bytes with its version, or None."""

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """Write an object if it is still ``version`` (None: if it does not exist), else StoreConflictError."""

    def names(self, prefix: str, after: str = "") -> list[str]:
        """Names of all objects under a prefix, sorted, from ``after`` on."""


def crc32c(content: bytes) -> str:
    """CRC32C in base64 of the big-endian bytes, as Cloud Storage reports it (RFC 4960 polynomial)."""
    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode("ascii")


def open_store(uri: str) -> Store:
    """The store at a URI: ``gs://bucket/prefix`` or a local folder; ValueError for any other scheme."""
    if uri.startswith("gs://"):
        bucket, _, prefix = uri[5:].partition("/")
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", bucket):
            raise ValueError(f"not a bucket name: {bucket!r}")
        prefix = prefix.strip("/")
        if prefix and not _NAME.match(prefix):
            raise ValueError(f"not a usable prefix: {prefix!r}")
        return GcsStore(bucket, prefix)
    if re.match(r"^[a-z][a-z0-9+.-]+://", uri):
        raise ValueError(f"output is a local folder or gs://bucket/prefix, not {uri!r}")
    return LocalStore(pathlib.Path(uri))


class LocalStore:
    """A dataset in a local folder: temporary file, fsync, hard link (fails if the name exists)."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root.absolute()
        self.uri = str(self.root)

    def _path(self, name: str) -> pathlib.Path:
        if not _NAME.match(name):
            raise ValueError(f"not an object name: {name!r}")
        return self.root / name

    def check(self) -> None:
        """A folder that can be made and written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self._write_temporary(self.root / "probe", b"")
            probe.unlink()
        except OSError as error:
            raise StoreUnavailableError(f"cannot write to {self.root}: {error.strerror or error}") from error

    def create(self, name: str, content: bytes, content_type: str) -> None:  # noqa: ARG002 - the seam's shape
        """See Store."""
        path = self._path(name)
        temporary = self._write_temporary(path, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            if path.read_bytes() != content:
                raise StoreConflictError(f"{name} exists with other content") from None
        finally:
            temporary.unlink()
        self._sync_folder(path.parent)

    def read(self, name: str) -> bytes:
        """See Store."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise KeyError(name) from None

    def read_versioned(self, name: str) -> Versioned | None:
        """See Store; the version is the content's checksum."""
        try:
            content = self.read(name)
        except KeyError:
            return None
        return Versioned(content, crc32c(content))

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """See Store; on one machine the lease keeps other writers out, so compare-then-rename is enough."""
        current = self.read_versioned(name)
        if (current.version if current else None) != version:
            raise StoreConflictError(f"{name} changed since it was read")
        if current is None:
            self.create(name, content, content_type)
            return
        path = self._path(name)
        self._write_temporary(path, content).rename(path)
        self._sync_folder(path.parent)

    def names(self, prefix: str, after: str = "") -> list[str]:
        """See Store; temporary files are not objects."""
        base = self.root / prefix.rpartition("/")[0]
        found = []
        for folder, folders, files in os.walk(base):
            relative = pathlib.Path(folder).relative_to(self.root).as_posix()
            if relative != ".":  # do not walk into days that lie before ``after``
                folders[:] = [f for f in folders if f"{relative}/{f}" >= after[: len(relative) + len(f) + 1]]
            found += [f if relative == "." else f"{relative}/{f}" for f in files if not f.endswith(".tmp")]
        return sorted(name for name in found if name.startswith(prefix) and name >= after)

    def _write_temporary(self, path: pathlib.Path, content: bytes) -> pathlib.Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return temporary

    @staticmethod
    def _sync_folder(folder: pathlib.Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class GcsStore:
    """A dataset in a Cloud Storage bucket; conditional requests make every retry safe."""

    def __init__(self, bucket: str, prefix: str, client: Any = None) -> None:
        self.uri = f"gs://{bucket}/{prefix}".rstrip("/")
        self._bucket_name = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client = client

    @property
    def _bucket(self) -> Any:
        if self._client is None:
            from google.auth import credentials  # noqa: PLC0415 - slow, and a local dataset never needs it
            from google.cloud import storage  # type: ignore[attr-defined]  # noqa: PLC0415

            if os.environ.get("STORAGE_EMULATOR_HOST"):
                self._client = storage.Client(project="emulator", credentials=credentials.AnonymousCredentials())
            else:
                self._client = storage.Client()
        return self._client.bucket(self._bucket_name)

    def _blob(self, name: str) -> Any:
        if not _NAME.match(name):
            raise ValueError(f"not an object name: {name!r}")
        return self._bucket.blob(self._prefix + name)

    def check(self) -> None:
        """Credentials, bucket and the right to create objects under the prefix."""
        try:
            self.create("state/writable", b"", "text/plain")
        except Exception as error:
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise StoreUnavailableError(f"cannot write to {self.uri}: {line}") from error

    def create(self, name: str, content: bytes, content_type: str) -> None:
        """See Store; generation 0 means the object must not exist (Cloud Storage preconditions)."""
        from google.api_core import exceptions  # noqa: PLC0415

        blob = self._blob(name)
        try:
            blob.upload_from_string(content, content_type=content_type, if_generation_match=0, checksum="crc32c")
        except exceptions.PreconditionFailed:
            blob.reload()
            if blob.crc32c != crc32c(content):
                raise StoreConflictError(f"{name} exists with other content") from None

    def read(self, name: str) -> bytes:
        """See Store."""
        versioned = self.read_versioned(name)
        if versioned is None:
            raise KeyError(name)
        return versioned.content

    def read_versioned(self, name: str) -> Versioned | None:
        """See Store; the version is the generation."""
        from google.api_core import exceptions  # noqa: PLC0415

        blob = self._blob(name)
        try:
            content = blob.download_as_bytes(checksum="crc32c")
        except exceptions.NotFound:
            return None
        return Versioned(content, str(blob.generation))

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """See Store."""
        from google.api_core import exceptions  # noqa: PLC0415

        try:
            self._blob(name).upload_from_string(
                content, content_type=content_type, if_generation_match=int(version or 0), checksum="crc32c"
            )
        except exceptions.PreconditionFailed as error:
            raise StoreConflictError(f"{name} changed since it was read") from error

    def names(self, prefix: str, after: str = "") -> list[str]:
        """See Store."""
        start = self._prefix + after if after else None
        listed = self._bucket.client.list_blobs(self._bucket_name, prefix=self._prefix + prefix, start_offset=start)
        return sorted(blob.name.removeprefix(self._prefix) for blob in listed)
