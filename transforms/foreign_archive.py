"""Archives of others: WARC files (CC-NEWS and the like) and folders of HTML files, as pages that can be asked for."""

import dataclasses
import datetime as dt
import pathlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from transforms import archive, urls
from transforms.archive_reader import identity
from transforms.clock import Clock, iso, parse_time
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.records import HostState
from transforms.transport import MAX_PAGE_BYTES

WARC_ENDINGS = (".warc", ".warc.gz")
HTML_ENDINGS = (".html", ".htm", ".xhtml")
_HTML = ("text/html", "application/xhtml")
_HEAD = 200_000
_CANONICAL = (
    re.compile(rb"<link\b[^>]*\brel\s*=\s*[\"']?canonical\b[^>]*>", re.IGNORECASE),
    re.compile(rb"<meta\b[^>]*\bproperty\s*=\s*[\"']?og:url\b[^>]*>", re.IGNORECASE),
)
_ADDRESS = re.compile(rb"(?:href|content)\s*=\s*[\"']?(https?://[^\s\"'<>]+)", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)


class UnreadableArchiveError(ValueError):
    """A file that is no archive one can read records from; the message names it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ForeignPage:
    """A page in a file: where it lies (bytes; all of the file when ``length`` is 0), its address and when it came."""

    file: str
    offset: int
    length: int
    url: str
    at: str
    digest: str


def pages_of(path: pathlib.Path, root: pathlib.Path) -> list[ForeignPage]:
    """The pages of a file in the order of their times: HTML answers of status 200, or the file itself.

    UnreadableArchiveError for a WARC file that cannot be read by records.
    """
    found = _of_warc(path) if path.name.lower().endswith(WARC_ENDINGS) else _of_html(path, root)
    return sorted(found, key=lambda page: (page.at, page.url, page.offset))


def _of_warc(path: pathlib.Path) -> Iterator[ForeignPage]:
    with path.open("rb") as file:
        iterator = ArchiveIterator(file)
        try:
            for record in iterator:
                headers, http = record.rec_headers, record.http_headers
                if record.rec_type != "response" or http is None or http.get_statuscode() != "200":
                    continue
                if not (http.get_header("content-type") or "text/html").strip().lower().startswith(_HTML):
                    continue
                try:
                    url = urls.canonical_url(headers.get_header("WARC-Target-URI") or "").url
                    at = iso(parse_time(headers.get_header("WARC-Date") or ""))
                except ValueError:
                    continue
                digest = headers.get_header("WARC-Payload-Digest") or headers.get_header("WARC-Block-Digest") or at
                offset, length = iterator.get_record_offset(), iterator.get_record_length()
                yield ForeignPage(file=str(path), offset=offset, length=length, url=url, at=at, digest=digest)
        except (ArchiveLoadFailed, EOFError, OSError) as error:
            told = " ".join(str(error).split())[:200]
            raise UnreadableArchiveError(f"{path} cannot be read by records: {told}") from error


def _of_html(path: pathlib.Path, root: pathlib.Path) -> Iterator[ForeignPage]:
    body = path.read_bytes()
    url = address_of(body, path.relative_to(root))
    if url:
        at = iso(dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC))
        yield ForeignPage(file=str(path), offset=0, length=0, url=url, at=at, digest=archive.payload_digest(body))


def address_of(body: bytes, path: pathlib.PurePath) -> str:
    """The address of an HTML file: what it states itself, else its path where that begins with a host; "" for none."""
    for pattern in _CANONICAL:
        stated = pattern.search(body[:_HEAD])
        written = _ADDRESS.search(stated[0]) if stated else None
        if written:
            try:
                return urls.canonical_url(written[1].decode("utf-8", "replace").replace("&amp;", "&")).url
            except urls.BadUrlError:
                continue
    if len(path.parts) > 1 and _HOST.fullmatch(path.parts[0]):
        try:
            return urls.canonical_url("http://" + path.as_posix().removesuffix("index.html")).url
        except urls.BadUrlError:
            return ""
    return ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ForeignWeb:
    """Some pages of a file as the web; a plain value, as workers need it."""

    pages: tuple[ForeignPage, ...]

    def client(self, clock: Clock) -> Client:  # noqa: ARG002 - the seam's shape
        """A client that has these pages and nothing else."""
        return ForeignClient(self.pages)


class ForeignClient:
    """Answers with the pages of a file."""

    def __init__(self, pages: Iterable[ForeignPage]) -> None:
        self._pages = {identity(page.url): page for page in pages}

    def recall(self, states: Mapping[str, HostState]) -> None:
        """No host is asked."""

    def host_states(self, names: Iterable[str]) -> list[HostState]:  # noqa: ARG002 - the seam's shape
        """Nothing: no host was met."""
        return []

    def fetch_all(
        self,
        requests: Iterable[Request],
        *,
        seconds: float = 1e9,  # noqa: ARG002 - the seam's shape
        blocked: Collection[str] = frozenset(),  # noqa: ARG002
        met: set[str] | None = None,  # noqa: ARG002
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """See ``exchanges.Client``."""
        for request in requests:
            page = self._pages.get(identity(request.url))
            if page is None:
                yield request, WebFailure(reason="NOT_ARCHIVED", message="the archive has no such page")
            else:
                yield request, _answer(page)


def _answer(page: ForeignPage) -> Response | WebFailure:
    with pathlib.Path(page.file).open("rb") as file:
        if page.length == 0:
            headers, raw_ref, body = {"content-type": "text/html"}, None, file.read(MAX_PAGE_BYTES + 1)
        else:
            file.seek(page.offset)
            try:
                record = next(iter(ArchiveIterator(file)))
                headers = {name.lower(): value for name, value in record.http_headers.headers}
                raw_ref = (record.rec_headers.get_header("WARC-Record-ID") or "").strip("<> ") or None
                body = record.content_stream().read(MAX_PAGE_BYTES + 1)
            except Exception as error:  # noqa: BLE001 - a broken record costs its page only
                message = f"{type(error).__name__}: {error}"[:300]
                return WebFailure(reason="BAD_HTTP", message=message, fetched=page.at)
    if len(body) > MAX_PAGE_BYTES:
        message = f"more than {MAX_PAGE_BYTES} bytes"
        return WebFailure(reason="TOO_LARGE", message=message, fetched=page.at, raw_ref=raw_ref)
    return Response(url=page.url, status=200, headers=headers, body=body, fetched=page.at, raw_ref=raw_ref)
