"""A dataset in Cloud Storage, by google-cloud-storage directly.

Every write is conditional on the generation, so repeating it is safe: the library's own retries are off, and one loop
here repeats whole attempts until a deadline. An answer that was lost on the way shows as 412 on the repeat; the stored
checksum then tells our own write from another's. (Beam's file sinks rename instead, which needs the right to delete
and reports a failed rename as success.)
"""

import concurrent.futures
import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from google.api_core import exceptions as api
from google.auth import credentials
from google.auth import exceptions as auth
from google.cloud.storage import Client
from google.cloud.storage.exceptions import DataCorruption
from google.cloud.storage.retry import DEFAULT_RETRY

from transforms.store import LAYOUT, NAME, StoreConflictError, StoreUnavailableError, Versioned, crc32c

RESUMABLE_ABOVE = 8 << 20
"""Bytes above which an upload goes in chunks of this size (a resumable session), as the library splits it, too."""

DEADLINE = 120.0
"""Seconds after which no further attempt is made; with a runner that retries its bundles, longer helps nobody."""

TIMEOUT = (5.0, 60.0)
"""Seconds to connect, and between two packets of an answer."""

PAUSE = 0.3
"""Seconds of the first pause between attempts; each further one is twice as long, at most ten seconds."""

CHECK_SECONDS = 9.0
READERS = 8
"""Objects read side by side; the session keeps ten connections."""

_PROBE = "state/writable"
_T = TypeVar("_T")


class _PassingError(ConnectionError):
    """Damage on the way that another attempt mends; a ConnectionError, which DEFAULT_RETRY repeats."""


class GcsStore:
    """A dataset in a Cloud Storage bucket; see ``transforms.store.Store`` for what each method promises."""

    def __init__(
        self,
        bucket: str,
        prefix: str,
        *,
        deadline: float = DEADLINE,
        timeout: tuple[float, float] = TIMEOUT,
        pause: float = PAUSE,
    ) -> None:
        self.uri = f"gs://{bucket}/{prefix}".rstrip("/")
        self._bucket_name = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._deadline = deadline
        self._timeout = timeout
        self._pause = pause
        self._client: Any = None
        self._opening = threading.Lock()

    def check(self) -> None:
        """See Store: credentials, bucket, the rights to list, read, create and overwrite, and no nested datasets."""
        probing = GcsStore(
            self._bucket_name,
            self._prefix.rstrip("/"),
            deadline=min(self._deadline, CHECK_SECONDS / 3),
            timeout=(min(self._timeout[0], CHECK_SECONDS / 3), min(self._timeout[1], CHECK_SECONDS / 3)),
            pause=self._pause,
        )
        outcome: list[StoreUnavailableError | None] = []
        failed: list[BaseException] = []

        def probe() -> None:
            try:
                probing._probe()
                outcome.append(None)
            except StoreUnavailableError as error:
                outcome.append(error)
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                failed.append(error)

        # looking for credentials may ask a metadata server that never answers, for longer than anybody waits
        thread = threading.Thread(target=probe, name="check", daemon=True)
        thread.start()
        thread.join(CHECK_SECONDS)
        if failed:
            raise failed[0]
        if not outcome:
            doing = "look into" if probing._client else "find credentials for"
            raise StoreUnavailableError(f"cannot {doing} {self.uri}: no answer within {CHECK_SECONDS:.0f} s")
        if outcome[0]:
            raise outcome[0]

    def create(self, name: str, content: bytes, content_type: str) -> None:
        """See Store; generation 0 means that the object must not exist."""
        try:
            self._repeat("write to", lambda: self._upload(name, content, content_type, 0))
        except api.PreconditionFailed:
            stored = self._stored_checksum(name)
        except StoreUnavailableError as error:
            # who may create but not overwrite may be told 403 where the object exists, as well as where it does not
            if not isinstance(error.__cause__, api.Forbidden) or (stored := self._stored_checksum(name)) is None:
                raise
        else:
            return
        if stored != crc32c(content):
            raise StoreConflictError(f"{name} exists with other content")

    def read(self, name: str) -> bytes:
        """See Store."""
        versioned = self.read_versioned(name)
        if versioned is None:
            raise KeyError(name)
        return versioned.content

    def read_span(self, name: str, offset: int, length: int) -> bytes:
        """See Store; the service knows no checksum of a part."""

        def attempt() -> bytes:
            blob = self._blob(name)
            try:
                content: bytes = blob.download_as_bytes(
                    start=offset, end=offset + length - 1, checksum=None, retry=None, timeout=self._timeout
                )
            except api.NotFound:
                raise KeyError(name) from None
            return content

        return self._repeat("read", attempt)

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """See Store; several at a time."""
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(self.read, names))

    def read_versioned(self, name: str) -> Versioned | None:
        """See Store; the version is the generation."""

        def attempt() -> Versioned | None:
            blob = self._blob(name)
            try:
                content = blob.download_as_bytes(checksum="crc32c", retry=None, timeout=self._timeout)
            except api.NotFound:
                return None
            except DataCorruption as error:
                raise _PassingError(f"{name} was damaged on the way") from error
            return Versioned(content, str(blob.generation))

        return self._repeat("read", attempt)

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """See Store; a 412 after a failed attempt may be our own write, whose answer was lost."""
        attempts = 0

        def attempt() -> None:
            nonlocal attempts
            attempts += 1
            self._upload(name, content, content_type, int(version or 0))

        try:
            self._repeat("overwrite", attempt)
        except api.PreconditionFailed:
            if attempts == 1 or self._stored_checksum(name) != crc32c(content):
                raise StoreConflictError(f"{name} changed since it was read") from None

    def names(self, prefix: str, after: str = "") -> list[str]:
        """See Store."""
        start = self._prefix + after if after else None

        def attempt() -> list[str]:
            listed = self._open().list_blobs(
                self._bucket_name,
                prefix=self._prefix + prefix,
                start_offset=start,
                fields="items(name),nextPageToken",
                retry=None,
                timeout=self._timeout,
            )
            return sorted(blob.name.removeprefix(self._prefix) for blob in listed)

        return self._repeat("list", attempt)

    def measured(self, name: str) -> tuple[int, str] | None:
        """See Store."""
        blob = self._described(name)
        return None if blob is None else (int(blob.size), str(blob.crc32c))

    def modified(self, name: str) -> dt.datetime:
        """See Store."""
        blob = self._described(name)
        if blob is None:
            raise KeyError(name)
        updated: dt.datetime = blob.updated
        return updated

    def remove(self, name: str) -> None:
        """See Store; of the generation that is there now, so that a repeat never removes a later one."""
        blob = self._described(name)
        if blob is None:
            return

        def attempt() -> None:
            try:
                blob.delete(if_generation_match=blob.generation, retry=None, timeout=self._timeout)
            except (api.NotFound, api.PreconditionFailed):
                return

        self._repeat("remove from", attempt)

    def _probe(self) -> None:
        """What ``check`` does: the cheapest request first that tells one cause from another."""
        self._refuse_nesting()
        self.read_versioned("latest.json")
        self.create(_PROBE, b"", "text/plain")
        current = self.read_versioned(_PROBE)
        try:
            self.replace(_PROBE, b"", "text/plain", current.version if current else None)
        except StoreConflictError:  # another check at the same moment, which proves as much
            return

    def _refuse_nesting(self) -> None:
        """A prefix inside a dataset, or one level above one, is a slip of the hand that would scatter objects."""

        def attempt() -> tuple[bool, list[str]]:
            listed = self._open().list_blobs(
                self._bucket_name,
                prefix=self._prefix,
                delimiter="/",
                max_results=200,
                retry=None,
                timeout=self._timeout,
            )
            here = any(blob.name == f"{self._prefix}latest.json" for blob in listed)
            return here, sorted(listed.prefixes)

        here, below = self._repeat("list", attempt)
        parts = self._prefix.split("/")[:-1]
        for depth, part in enumerate(parts):
            outer = "".join(f"{p}/" for p in parts[:depth])
            if part in LAYOUT and self._exists(f"{outer}latest.json"):
                place = f"gs://{self._bucket_name}/{outer}".rstrip("/")
                raise StoreUnavailableError(f"{self.uri} lies inside the dataset {place}: give that, or another prefix")
        strangers = [p for p in below if p.removeprefix(self._prefix).rstrip("/") not in LAYOUT]
        for inner in strangers[:10] if not here else []:
            if self._exists(f"{inner}latest.json"):
                place = f"gs://{self._bucket_name}/{inner}".rstrip("/")
                raise StoreUnavailableError(f"{self.uri} is no dataset but holds {place}: give that, or another prefix")

    def _exists(self, key: str) -> bool:
        def attempt() -> bool:
            try:
                found: bool = self._open().bucket(self._bucket_name).blob(key).exists(retry=None, timeout=self._timeout)
            except api.Forbidden:  # rights may end at our prefix, and what lies beyond is then not ours to judge
                return False
            return found

        return self._repeat("read", attempt)

    def _open(self) -> Any:
        with self._opening:
            if self._client is None:
                if os.environ.get("STORAGE_EMULATOR_HOST"):
                    self._client = Client(project=None, credentials=credentials.AnonymousCredentials())
                else:  # no project: objects are addressed by their bucket alone
                    self._client = Client(project=None)
            return self._client

    def _blob(self, name: str) -> Any:
        if not NAME.fullmatch(name):
            raise ValueError(f"not an object name: {name!r}")
        return self._open().bucket(self._bucket_name).blob(self._prefix + name)

    def _upload(self, name: str, content: bytes, content_type: str, generation: int) -> None:
        """One attempt; the checksum travels ahead of the bytes, so that a damaged write is refused, never seen."""
        blob = self._blob(name)
        expected = crc32c(content)
        whole: dict[str, Any] = {"checksum": "crc32c"}
        if len(content) > RESUMABLE_ABOVE:
            blob.chunk_size = RESUMABLE_ABOVE
            # the library's own check would delete on a mismatch, whatever lies there by then
            whole = {"checksum": None, "crc32c_checksum_value": expected}
        try:
            blob.upload_from_string(
                content,
                content_type=content_type,
                if_generation_match=generation,
                retry=None,
                timeout=self._timeout,
                **whole,
            )
        except api.GoogleAPICallError as error:
            if error.code == 410:
                raise _PassingError(f"the upload session of {name} was lost") from error
            if error.code == 400 and "crc32c" in str(error).lower():
                raise _PassingError(f"{name} was damaged on the way") from error
            raise
        if blob.crc32c != expected:
            raise StoreUnavailableError(f"{self.uri} stored {name} with checksum {blob.crc32c}, not {expected}")

    def _described(self, name: str) -> Any:
        def attempt() -> Any:
            blob = self._blob(name)
            try:
                blob.reload(retry=None, timeout=self._timeout)
            except api.NotFound:
                return None
            return blob

        return self._repeat("read", attempt)

    def _stored_checksum(self, name: str) -> str | None:
        blob = self._described(name)
        return None if blob is None else str(blob.crc32c)

    def _repeat(self, doing: str, attempt: Callable[[], _T]) -> _T:
        """Attempts until one succeeds, fails for good or the deadline is over (exponential backoff with jitter)."""
        retry = DEFAULT_RETRY.with_delay(initial=self._pause, maximum=10.0, multiplier=2.0).with_timeout(self._deadline)
        with self._explained(doing):
            result: _T = retry(attempt)()
            return result

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except api.PreconditionFailed:
            raise
        except (api.GoogleAPIError, auth.GoogleAuthError, requests.RequestException, ConnectionError) as error:
            raise StoreUnavailableError(f"cannot {doing} {self.uri}: {self._reason(error)}") from error

    def _reason(self, error: BaseException) -> str:
        """One line that says what is wrong, in the words of whoever can mend it."""
        if isinstance(error, api.RetryError) and error.cause is not None:
            return f"{self._reason(error.cause)}, tried for {self._deadline:.0f} s"
        if isinstance(error, auth.InvalidOperation | api.Unauthorized):  # the former is of credentials without refresh
            return "the credentials were refused (401)"
        if isinstance(error, auth.DefaultCredentialsError):
            return "no credentials (set GOOGLE_APPLICATION_CREDENTIALS, or gcloud auth application-default login)"
        if isinstance(error, auth.GoogleAuthError):
            return f"the credentials could not be used: {_first_line(error)}"
        if isinstance(error, api.NotFound):
            return f"the bucket {self._bucket_name} does not exist"
        if isinstance(error, api.Forbidden):
            return f"no right to do that (403): {_said(error)}"
        if isinstance(error, api.GoogleAPICallError):
            return f"the server answers {error.code}: {_said(error)}"
        endpoint = os.environ.get("STORAGE_EMULATOR_HOST") or "storage.googleapis.com"
        if isinstance(error, requests.Timeout):
            return f"{endpoint} does not answer"
        if isinstance(error, requests.ConnectionError):
            return f"{endpoint} cannot be reached"
        return f"the connection to {endpoint} broke: {_first_line(error)}"


def _said(error: api.GoogleAPICallError) -> str:
    """The server's own words, without the library's wrapping; empty when it said nothing."""
    try:
        message = str(error.response.json()["error"]["message"])
    except (AttributeError, KeyError, TypeError, ValueError):
        message = str(error.message or "").partition(": ")[2] or str(error.message or "")
    return " ".join(message.split())[:200]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
