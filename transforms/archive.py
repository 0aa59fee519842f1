"""WARC: answers of the web as archive records, and archive records as answers again.

Each record is a gzip member of its own, as ISO 28500 recommends, so a record can be read, or left out, by its offset.
Record ids are derived from what was asked, when, and what came (no randomness): equal inputs at an equal clock give
equal bytes, and a row's ``raw_ref`` is the same in every run. Bodies are kept decoded, as Common Crawl keeps them: the
header fields that spoke of the encoding on the wire go under ``X-Crawler-`` names. What no field of the standard has a
place for (what was asked before redirects, for which feeds, why an answer is a failure) is in ``Sahelwatch-Answer``, one
line of JSON; other readers skip it.
"""

import base64
import dataclasses
import datetime as dt
import hashlib
import io
import json
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import orjson
import yarl
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from transforms.exchanges import Exchange, Request, Response, WebFailure

LEVEL = 4
"""zlib level of a record: on 120 news pages 5 % larger than level 6 and 1.2 ms a page cheaper, of about 40 for the page."""
WHOLE_COPY_EVERY = dt.timedelta(hours=24)
"""An unchanged feed body is kept whole once in this time, so that no revisit leans on a record older than that."""
SHORT = 4096
"""Bytes up to which a record is packed with a window of that size: half of the records are requests of some 600."""
ANSWER = "Sahelwatch-Answer"
_WIRE = "X-Crawler-"
_OF_THE_WIRE = (b"content-encoding", b"transfer-encoding", b"content-length")
_UNCHANGED = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_INDEXED = ("response", "revisit", "metadata")
_RESERVED = re.compile(rb"<meta\b[^>]{0,2000}?\bno(?:archive|snippet)\b")
_UNPRINTED = re.compile(r"[\x00-\x20\x7f]")
_RESERVED_HEADER = re.compile(r"(?i)\bno(?:archive|snippet)\b")


Cut = Callable[[bytes], bytes | None]
"""A body without what is not to be kept of it: itself when that is nothing, None when it is not to be kept at all."""


class NoRecordError(ValueError):
    """Bytes that should be a record and are none: their object was cut short or altered."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """A record as its gzip member; ``line`` are its fields in the index, None when it is not indexed."""

    content: bytes
    line: dict[str, Any] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placed:
    """A record of an archive object: where its member lies (bytes), and its header fields."""

    offset: int
    length: int
    type: str
    id: str
    url: str
    at: str
    concurrent_to: str = ""
    answer: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    line: dict[str, Any] | None = None


def members_of(
    request: Request, answer: Response | WebFailure, at: str, cut: Cut | None = None
) -> tuple[str | None, list[Member]]:
    """The records of an answer that came at ``at`` (RFC 3339), and the id of the record that holds its bytes.

    An unchanged body becomes a revisit of ``request.copy``; a page that forbids archiving leaves only word that it was
    there, as does one of which ``cut`` leaves nothing; an answer without any bytes leaves why.
    """
    told = _told(request, answer)
    if not answer.exchanges or forbids_archiving(answer.exchanges[-1]):
        if answer.exchanges:
            told["withheld"] = True
        return None, [_metadata(request.url, at, told)]
    last = len(answer.exchanges) - 1
    found: list[Member] = []
    raw_ref: str | None = None
    for number, exchange in enumerate(answer.exchanges):
        said = told if number == last else {"kind": request.kind, "hop_to": request.url}
        digest = payload_digest(exchange.body)
        named = (request.kind, request.url, exchange.url, at, digest)
        response_id = record_id("response", *named)
        copy = request.copy.split(" ") if number == last and isinstance(answer, Response) and request.copy else []
        headers = {"WARC-Payload-Digest": digest, ANSWER: _compact(said)}
        if exchange.address:
            headers["WARC-IP-Address"] = exchange.address
        if exchange.truncated:
            headers["WARC-Truncated"] = "length"
        if number == last and isinstance(answer, Response) and answer.status == 304:
            del headers["WARC-Payload-Digest"]
            found.append(_revisit(_NOT_MODIFIED, exchange, response_id, at, headers, copy))
            raw_ref = copy[0] if copy else None
        elif copy and copy[2] == digest and _age(copy[1], at) < WHOLE_COPY_EVERY:
            found.append(_revisit(_UNCHANGED, exchange, response_id, at, headers, copy))
            raw_ref = copy[0]
        else:
            body = cut(exchange.body) if cut is not None and number == last else exchange.body
            if body is None:
                return None, [_metadata(request.url, at, {**told, "withheld": True})]
            if body is not exchange.body:
                headers |= {"WARC-Payload-Digest": payload_digest(body), "WARC-Truncated": "unspecified"}
            found.append(_response(dataclasses.replace(exchange, body=body), response_id, at, headers))
            raw_ref = response_id
        found.append(_request(exchange, record_id("request", *named), response_id, at))
    return raw_ref, found


def copy_of(raw_ref: str, at: str, body: bytes) -> str:
    """What ``Request.copy`` says of a body that is kept whole: record id, time and payload digest."""
    return f"{raw_ref} {at} {payload_digest(body)}"


def forbids_archiving(exchange: Exchange) -> bool:
    """Whether an answer asks not to be kept: ``noarchive`` (or ``nosnippet``) in X-Robots-Tag or in any meta element.

    On the side of caution: whichever robot the word is meant for, we are meant.
    """
    for name, value in exchange.received:
        if name.lower() == b"x-robots-tag" and _RESERVED_HEADER.search(value.decode("latin-1")):
            return True
    body = exchange.body.replace(b"\0", b"") if b"\0" in exchange.body[:200] else exchange.body  # UTF-16
    lowered = body.lower()
    return (b"noarchive" in lowered or b"nosnippet" in lowered) and _RESERVED.search(lowered) is not None


def record_id(*parts: str) -> str:
    """A record's id as a URN: a name-based UUID (RFC 9562, version 5), so that the same parts give the same id."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, chr(10).join(parts))}"


def payload_digest(body: bytes) -> str:
    """SHA-1 in base32, the form that web archives compare."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def warcinfo(at: str, fields: Mapping[str, str]) -> Member:
    """The record an archive object begins with."""
    content = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    headers = {"WARC-Record-ID": f"<{record_id('warcinfo', at, content.decode())}>", "WARC-Date": at}
    return _member("warcinfo", "", headers, content)


def note(kind: str, at: str, value: Any, tick: str = "") -> Member:
    """A metadata record that is no answer: a JSON value of a kind of its own, of a tick where that is one of several."""
    content = orjson.dumps(value)
    told = {"kind": kind, **({"tick": tick} if tick else {})}
    named = ("metadata", kind, at, payload_digest(content))
    headers = {"WARC-Record-ID": f"<{record_id(*named)}>", "WARC-Date": at, ANSWER: _compact(told)}
    return _member("metadata", f"urn:sahelwatch:{kind}", headers, content, content_type="application/json")


def _told(request: Request, answer: Response | WebFailure) -> dict[str, Any]:
    """What the record's own fields do not say of an answer."""
    keys = request.key if isinstance(request.key, tuple) else (request.key,)
    feeds = sorted({getattr(key, "feed_id", getattr(key, "id", "")) for key in keys} - {""})
    told: dict[str, Any] = {"kind": request.kind, "asked": request.url, "feeds": feeds}
    if request.kind == "page" and request.at:
        told["tick"] = request.at
    if answer.redirects:
        told["redirects"] = [list(hop) for hop in answer.redirects]
    if isinstance(answer, WebFailure):
        told["failure"] = {
            name: getattr(answer, name)
            for name in ("reason", "message", "status", "retry_after")
            if getattr(answer, name) is not None
        }
    return told


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)  # ASCII: header fields of one line


def _age(since: str, at: str) -> dt.timedelta:
    return abs(dt.datetime.fromisoformat(at) - dt.datetime.fromisoformat(since))


class _HttpHeaders(StatusAndHeaders):  # type: ignore[misc]
    """A status or request line with header fields that are written as they came, whatever bytes they hold."""

    def __init__(self, line: str, fields: Iterable[tuple[bytes, bytes]], *, request: bool = False) -> None:
        first, _, rest = line.partition(" ")
        super().__init__(rest, [], protocol=first) if not request else super().__init__(line, [], is_http_request=True)
        self._written = line.encode() + b"\r\n" + b"".join(b"%b: %b\r\n" % field for field in fields) + b"\r\n"

    def compute_headers_buffer(self, header_filter: Any = None) -> None:  # noqa: ARG002 - warcio's signature
        self.headers_buff = self._written


def _renamed(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    return [
        (_WIRE.encode() + name if name.lower() in _OF_THE_WIRE else name, value) for name, value in exchange.received
    ]


def _response(exchange: Exchange, identifier: str, at: str, headers: dict[str, str]) -> Member:
    fields = [*_renamed(exchange), (b"Content-Length", str(len(exchange.body)).encode())]
    more = {"WARC-Record-ID": f"<{identifier}>", "WARC-Date": at, **headers}
    return _member("response", exchange.url, more, exchange.body, http=_HttpHeaders(exchange.status_line, fields))


def _revisit(
    profile: str, exchange: Exchange, identifier: str, at: str, headers: dict[str, str], copy: list[str]
) -> Member:
    more = {"WARC-Record-ID": f"<{identifier}>", "WARC-Date": at, "WARC-Profile": profile, **headers}
    if copy:
        more["WARC-Refers-To"], more["WARC-Refers-To-Date"] = f"<{copy[0]}>", copy[1]
        more["WARC-Refers-To-Target-URI"] = exchange.url
    return _member("revisit", exchange.url, more, b"", http=_HttpHeaders(exchange.status_line, _renamed(exchange)))


def _request(exchange: Exchange, identifier: str, response_id: str, at: str) -> Member:
    headers = {
        "WARC-Record-ID": f"<{identifier}>",
        "WARC-Date": at,
        "WARC-Concurrent-To": f"<{response_id}>",
    }
    line = f"GET {yarl.URL(exchange.url).raw_path_qs} HTTP/1.1"
    return _member("request", exchange.url, headers, b"", http=_HttpHeaders(line, exchange.sent, request=True))


def _metadata(url: str, at: str, told: dict[str, Any]) -> Member:
    named = ("metadata", str(told["kind"]), url, at, payload_digest(_compact(told).encode()))
    headers = {"WARC-Record-ID": f"<{record_id(*named)}>", "WARC-Date": at, ANSWER: _compact(told)}
    why = told.get("failure", {"reason": "withheld" if told.get("withheld") else "none"})
    block = "".join(f"{name}: {' '.join(str(value).split())}\r\n" for name, value in sorted(why.items())).encode()
    return _member("metadata", url, headers, block)


def _member(
    kind: str,
    url: str,
    headers: Mapping[str, str],
    payload: bytes,
    *,
    http: _HttpHeaders | None = None,
    content_type: str = "",
) -> Member:
    record = _WRITER.create_warc_record(
        _UNPRINTED.sub(lambda found: f"%{ord(found[0]):02X}", url),
        kind,
        payload=io.BytesIO(payload),
        length=len(payload),
        warc_headers_dict=headers,
        warc_content_type=content_type,
        http_headers=http,
    )
    content = _WRITER.written(record)
    if http is not None and kind in _INDEXED:
        record.http_headers = _parsed(http.headers_buff)
    return Member(content=compressed(content), line=_line(record))


class _Writer(WARCWriter):  # type: ignore[misc]
    """Serializes records, one after another and side by side; where the payload has a digest, the block needs none.

    Of a response that halves what is hashed; CRC-32 of the gzip member guards the rest of the block.
    """

    def __init__(self) -> None:
        super().__init__(None, gzip=False, warc_version="1.1")

    def ensure_digest(self, record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """See warcio's RecordBuilder."""
        given = record.rec_headers.get_header("WARC-Payload-Digest") is not None
        super().ensure_digest(record, block=block and not given, payload=payload)

    def written(self, record: ArcWarcRecord) -> bytes:
        """A record's bytes, before they are packed."""
        out = io.BytesIO()
        self._write_warc_record(out, record)
        return out.getvalue()


_WRITER = _Writer()


def compressed(record: bytes) -> bytes:
    """A record as a gzip member, without a time stamp; for a short one a small window, which is quicker to set up."""
    window, memory = (15, 8) if len(record) > SHORT else (12, 5)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + window, memory)
    return packer.compress(record) + packer.flush()


def _parsed(block: bytes) -> StatusAndHeaders:
    lines = block.split(b"\r\n")
    _, _, rest = lines[0].decode("latin-1").partition(" ")
    return StatusAndHeaders(rest, [line.partition(b": ")[::2] for line in lines[1:] if line])


def _line(record: ArcWarcRecord) -> dict[str, Any] | None:
    """A record's fields in the index, but for where it lies; None for a record that is not indexed."""
    if record.rec_type not in _INDEXED:
        return None
    told = _answer_of(record)
    http = record.http_headers
    mime = ((http.get_header("content-type") if http else None) or "").split(";")[0].strip().lower()
    if record.rec_type != "response":
        mime = "warc/revisit" if record.rec_type == "revisit" else str(record.rec_headers.get_header("Content-Type"))
    line: dict[str, Any] = {"url": record.rec_headers.get_header("WARC-Target-URI"), "mime": mime or "unk"}
    if http:
        line["status"] = http.get_statuscode()
    if digest := record.rec_headers.get_header("WARC-Payload-Digest"):
        line["digest"] = digest
    line["id"] = _bare(record.rec_headers.get_header("WARC-Record-ID"))
    more: dict[str, Any] = {name: told[name] for name in ("kind", "asked", "feeds", "tick") if name in told}
    if more.get("asked") == line["url"]:
        del more["asked"]
    return {**line, **more}


def cdxj(lines: Iterable[tuple[str, dict[str, Any], int, int]], filename: str) -> bytes:
    """The index of an archive object from (time, fields, offset, length) of its records, in the order of CDXJ."""
    written = [
        b"%b %b %b"
        % (
            surt(line["url"]).encode(),
            re.sub(r"\D", "", at)[:14].encode(),
            orjson.dumps({**line, "length": str(length), "offset": str(offset), "filename": filename}),
        )
        for at, line, offset, length in lines
    ]
    return b"".join(line + b"\n" for line in sorted(written))


def read_cdxj(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """(time stamp of 14 digits, fields) of each line of an index; offset and length as numbers."""
    for line in content.splitlines():
        if line and not line.startswith(b"!"):
            _, stamp, fields = line.split(b" ", 2)
            read = orjson.loads(fields)
            yield stamp.decode(), {**read, "offset": int(read["offset"]), "length": int(read["length"])}


def surt(url: str) -> str:
    """The sort key of a URL in an index: host turned round without www, port unless usual, the rest in lower case."""
    try:
        parsed = yarl.URL(url)
        port_given = parsed.port
    except ValueError:
        return _UNPRINTED.sub("", url.lower())
    if not parsed.raw_host:
        return _UNPRINTED.sub("", url.lower())
    host = re.sub(r"^www\d*\.", "", parsed.raw_host.lower())
    turned = host if ":" in host or host.replace(".", "").isdigit() else ",".join(reversed(host.split(".")))
    port = "" if parsed.is_default_port() or port_given is None else f":{port_given}"
    path = (parsed.raw_path.rstrip("/") or "/").lower()
    query = "&".join(sorted(parsed.raw_query_string.lower().split("&")))
    return f"{turned}{port}){path}" + (f"?{query}" if query else "")


def members(file: BinaryIO) -> Iterator[Placed]:
    """The records of a WARC object, ours or another's, each with its offset and length; warcio's errors pass."""
    iterator = ArchiveIterator(file)
    for record in iterator:
        line = _line(record)
        offset, length = iterator.get_record_offset(), iterator.get_record_length()
        headers = record.rec_headers
        yield Placed(
            offset=offset,
            length=length,
            type=record.rec_type,
            id=_bare(headers.get_header("WARC-Record-ID")),
            url=headers.get_header("WARC-Target-URI") or "",
            at=headers.get_header("WARC-Date") or "",
            concurrent_to=_bare(headers.get_header("WARC-Concurrent-To")),
            answer=_answer_of(record),
            line=line,
        )


def without(content: bytes, unwanted: Callable[[Placed], bool]) -> tuple[bytes, list[Placed]]:
    """A WARC object's bytes without some records and the requests that led to them, and what went.

    The remaining members are not touched; index the result anew (``index_of``), for their offsets are others.
    """
    found = list(members(io.BytesIO(content)))
    gone = {placed.id for placed in found if unwanted(placed)}
    removed = [placed for placed in found if placed.id in gone or placed.concurrent_to in gone]
    left = set(map(id, removed))
    kept = (content[p.offset : p.offset + p.length] for p in found if id(p) not in left)
    return b"".join(kept), removed


def rewritten_name(name: str, content: bytes) -> str:
    """The name of what stands in for a WARC object: the same stem, how often it was rewritten, and the new hash."""
    stem, times = generation(name)
    return f"{stem}.{times + 1:04d}-{hashlib.sha256(content).hexdigest()[:24]}.warc.gz"


def generation(name: str) -> tuple[str, int]:
    """(stem, how often records were taken out) of a WARC object's name."""
    found = re.fullmatch(r"(.*?)(?:\.(\d{4})-[0-9a-f]{24})?\.warc\.gz", name)
    if found is None:
        raise ValueError(f"not the name of a WARC object: {name!r}")
    return found[1], int(found[2] or 0)


def index_of(content: bytes, filename: str) -> bytes:
    """The index (CDXJ) of an archive object, read from its records."""
    placed = members(io.BytesIO(content))
    return cdxj(((p.at, p.line, p.offset, p.length) for p in placed if p.line is not None), filename)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer read back. ``refers_to`` is (record id, time) of the record that holds an unchanged body, else None."""

    kind: str
    asked: str
    answer: Response | WebFailure
    refers_to: tuple[str, str] | None = None
    withheld: bool = False


def read_member(member: bytes) -> Kept:
    """The answer in a member that ``members_of`` made; the body of a revisit is still to be filled in.

    NoRecordError when it is none.
    """
    record = _record(member)
    told, headers = _answer_of(record), record.rec_headers
    at = str(headers.get_header("WARC-Date"))
    body = record.raw_stream.read() if record.rec_type == "response" else b""
    identifier = _bare(headers.get_header("WARC-Record-ID"))
    refers_to = _bare(headers.get_header("WARC-Refers-To"))
    raw_ref = {"response": identifier, "revisit": refers_to or None}.get(record.rec_type)
    common: dict[str, Any] = {
        "redirects": tuple((int(status), str(url)) for status, url in told.get("redirects", ())),
        "fetched": at,
        "raw_ref": raw_ref,
    }
    answer: Response | WebFailure
    if failure := told.get("failure"):
        answer = WebFailure(**failure, **common)
    elif told.get("withheld") or record.http_headers is None:
        answer = WebFailure(reason="NOARCHIVE", message="the page asks not to be archived, and was not", **common)
    else:
        answer = Response(
            url=str(headers.get_header("WARC-Target-URI")),
            status=int(record.http_headers.get_statuscode()),
            headers=_as_received(record.http_headers.headers),
            body=body,
            **common,
        )
    unchanged = headers.get_header("WARC-Profile") == _UNCHANGED
    return Kept(
        kind=str(told.get("kind", "")),
        asked=str(told.get("asked", "")),
        answer=answer,
        refers_to=(refers_to, str(headers.get_header("WARC-Refers-To-Date"))) if unchanged else None,
        withheld=bool(told.get("withheld")),
    )


def _as_received(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields as the client gave them: lower names, those of the wire under their own."""
    lowered = {name.lower(): value for name, value in fields}
    lowered.pop("content-length", None)
    return {name.removeprefix(_WIRE.lower()): value for name, value in lowered.items()}


def read_body(member: bytes) -> bytes:
    """The payload of a response record, decoded where it is kept as it came over the wire; NoRecordError when it is none."""
    content: bytes = _record(member).content_stream().read()
    return content


def _record(member: bytes) -> ArcWarcRecord:
    record = next(iter(ArchiveIterator(io.BytesIO(member))), None)
    if record is None:
        raise NoRecordError("there is no record where its index says that one lies")
    return record


def _answer_of(record: ArcWarcRecord) -> dict[str, Any]:
    try:
        told = orjson.loads(record.rec_headers.get_header(ANSWER) or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _bare(identifier: str | None) -> str:
    return (identifier or "").strip("<> ")
