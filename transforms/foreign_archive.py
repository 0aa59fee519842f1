"""Archives of others: WARC files (CC-NEWS and the like) and folders of HTML files, as pages that can be asked for."""

import codecs
import dataclasses
import datetime as dt
import pathlib
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from transforms import archive, urls
from transforms.archive_reader import identity
from transforms.clock import Clock, iso, parse_time
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.foreign_bodies import CutRecordError, UnpackError, body_of
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
_SAVED = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://[^\s<>]+)")
"""What browsers write at the head of a page that is saved."""
_NO_PAGES = frozenset({"warcinfo", "request", "metadata"})
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


@dataclasses.dataclass(kw_only=True)
class Passed:
    """What of the files is no page to be read: how often and why, and the files that end before their time."""

    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    damaged: list[str] = dataclasses.field(default_factory=list)


def pages_of(path: pathlib.Path, root: pathlib.Path, passed: Passed) -> list[ForeignPage]:
    """The pages of a file in the order of their times: HTML answers of status 200, or the file itself.

    What else is there is noted in ``passed``. UnreadableArchiveError for a WARC file that has no readable record at all;
    of one that is damaged further on, what comes before is taken.
    """
    found = _of_warc(path, passed) if path.name.lower().endswith(WARC_ENDINGS) else _of_html(path, root, passed)
    return sorted(found, key=lambda page: (page.at, page.url, page.offset))


def _of_warc(path: pathlib.Path, passed: Passed) -> Iterator[ForeignPage]:
    read = 0
    with path.open("rb") as file:
        iterator = ArchiveIterator(file)
        try:
            for record in iterator:
                read += 1
                told = _why_not(record)
                if told is None:
                    url, at = _url_of(record), _time_of(record)
                    headers = record.rec_headers
                    digest = headers.get_header("WARC-Payload-Digest") or headers.get_header("WARC-Block-Digest") or at
                    offset, length = iterator.get_record_offset(), iterator.get_record_length()
                    yield ForeignPage(file=str(path), offset=offset, length=length, url=url, at=at, digest=digest)
                elif told:
                    passed.counts[told] += 1
        except (ArchiveLoadFailed, EOFError, OSError, zlib.error, ValueError) as error:
            told = " ".join(str(error).encode("ascii", "replace").decode().split())
            message = f"{path} cannot be read by records: {''.join(filter(str.isprintable, told))[:400]}"
            if not read:
                raise UnreadableArchiveError(message) from error
            passed.counts["damaged"] += 1
            passed.damaged.append(f"{message} (after {read} records, which are read)")


def _why_not(record: ArcWarcRecord) -> str | None:
    """None for a page, "" for what accompanies one, else why the record is passed over."""
    http = record.http_headers
    if record.rec_type in _NO_PAGES:
        return ""
    if record.rec_type != "response" or http is None:
        return "revisit" if record.rec_type == "revisit" else "other_record"
    status = http.get_statuscode() or ""
    if status != "200":
        return f"http_{status[:1]}xx" if re.fullmatch(r"[1-5]\d\d", status) else "bad_http"
    if not (http.get_header("content-type") or "text/html").strip().lower().startswith(_HTML):
        return "not_html"
    try:
        _url_of(record)
    except urls.BadUrlError:
        return "bad_url"
    try:
        _time_of(record)
    except ValueError:
        return "bad_date"
    return None


def _url_of(record: ArcWarcRecord) -> str:
    return urls.canonical_url((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")).url


def _time_of(record: ArcWarcRecord) -> str:
    return iso(parse_time(record.rec_headers.get_header("WARC-Date") or ""))


def _of_html(path: pathlib.Path, root: pathlib.Path, passed: Passed) -> Iterator[ForeignPage]:
    try:
        body, changed = path.read_bytes(), path.stat().st_mtime
        at = iso(parse_time(dt.datetime.fromtimestamp(changed, dt.UTC).isoformat()))
    except OSError:
        passed.counts["unreadable"] += 1
        return
    except (ValueError, OverflowError):
        passed.counts["bad_date"] += 1
        return
    url = address_of(body, path.relative_to(root))
    if not url:
        passed.counts["no_address"] += 1
        return
    yield ForeignPage(file=str(path), offset=0, length=0, url=url, at=at, digest=archive.payload_digest(body))


def address_of(body: bytes, path: pathlib.PurePath) -> str:
    """The address of an HTML file: what it states itself, else where a browser saved it from.

    Else its path where that begins with a host; "" for none.
    """
    head = body[:_HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    for pattern in (*_CANONICAL, _SAVED):
        stated = pattern.search(head)
        written = (stated if pattern is _SAVED else _ADDRESS.search(stated[0])) if stated else None
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
                body = body_of(record, MAX_PAGE_BYTES)
            except (CutRecordError, UnpackError) as error:
                reason = "BAD_HTTP" if isinstance(error, CutRecordError) else "BAD_ENCODING"
                return WebFailure(reason=reason, message=str(error), fetched=page.at, raw_ref=raw_ref)
            except Exception as error:  # noqa: BLE001 - a broken record costs its page only
                message = f"{type(error).__name__}: {error}"[:300]
                return WebFailure(reason="BAD_HTTP", message=message, fetched=page.at)
    if len(body) > MAX_PAGE_BYTES:
        message = f"more than {MAX_PAGE_BYTES} bytes"
        return WebFailure(reason="TOO_LARGE", message=message, fetched=page.at, raw_ref=raw_ref)
    return Response(url=page.url, status=200, headers=headers, body=body, fetched=page.at, raw_ref=raw_ref)
