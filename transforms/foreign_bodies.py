"""The bodies of records that others have archived: as they came over the wire, or already unpacked under the old headers."""

from collections.abc import Callable
from typing import Any, Protocol

import brotli
from warcio.bufferedreaders import BufferedReader, ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    from backports import zstd

_PIECE = 16_384


class CutRecordError(ValueError):
    """A record that promises more bytes than its file has."""


class UnpackError(ValueError):
    """A body that is not what its headers say; the message is one line."""


class _Unpacker(Protocol):
    """A decompressor that gives so many bytes at a time."""

    def more(self, data: bytes) -> bytes:
        """What comes of these bytes; of none, what is left of the ones before."""

    def hungry(self) -> bool:
        """Whether nothing more comes without more bytes."""


class _Brotli:
    # warcio 1.8 sets an attribute on brotli's decompressor, which brotli 1.2 does not allow
    def __init__(self) -> None:
        self._one: Any = brotli.Decompressor()
        self._gave = False

    def more(self, data: bytes) -> bytes:
        given = bytes(self._one.process(data, output_buffer_limit=_PIECE))
        self._gave = bool(given)
        return given

    def hungry(self) -> bool:
        # it takes more data before it has given all of the last
        return bool(self._one.is_finished() or (self._one.can_accept_more_data() and not self._gave))


class _Zstd:
    def __init__(self) -> None:
        self._one: Any = zstd.ZstdDecompressor()

    def more(self, data: bytes) -> bytes:
        return b"" if self._one.eof else bytes(self._one.decompress(data, max_length=_PIECE))

    def hungry(self) -> bool:
        return bool(self._one.eof or self._one.needs_input)


_UNPACKERS: dict[str, Callable[[], _Unpacker]] = {"br": _Brotli, "zstd": _Zstd}


def body_of(record: ArcWarcRecord, limit: int) -> bytes:
    """The body of an HTTP record, unpacked, up to ``limit`` + 1 bytes.

    Crawlers differ: many keep chunks and compression as they came, CC-NEWS unpacks and leaves the headers. What turns
    out not to be packed from its first byte is taken as it is. CutRecordError and UnpackError for the rest.
    """
    headers = record.http_headers
    stream = record.raw_stream
    if (headers.get_header("transfer-encoding") or "").strip().lower() == "chunked":
        stream = ChunkedDataReader(stream)
    stated = (headers.get_header("content-encoding") or "").lower().split(",")
    codings = [coding.strip() for coding in stated if coding.strip() not in {"", "identity", "none", "utf-8"}]
    if len(codings) > 1:
        raise UnpackError(f"content encoding {', '.join(codings)[:80]!r}")
    coding = (codings or [""])[0].removeprefix("x-")
    if coding in {"gzip", "deflate"}:
        body = _library(BufferedReader(stream, decomp_type=coding), limit)
    elif coding in _UNPACKERS:
        body = _unpacked(stream, _UNPACKERS[coding](), limit)
    else:
        body = _library(stream, limit)
    if len(body) <= limit and getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1):
        raise CutRecordError("the file ends before the record does")
    return body


def _library(stream: Any, limit: int) -> bytes:
    found = bytearray()
    while len(found) <= limit and (piece := stream.read(min(_PIECE, limit + 1 - len(found)))):
        found += piece
    return bytes(found)


def _unpacked(stream: Any, unpacker: _Unpacker, limit: int) -> bytes:
    found = bytearray()
    first = piece = stream.read(_PIECE)
    while piece and len(found) <= limit:
        try:
            found += unpacker.more(piece)
            while not unpacker.hungry() and len(found) <= limit:
                found += unpacker.more(b"")
        except (brotli.error, zstd.ZstdError, EOFError) as error:
            if not found and piece is first:  # unpacked by whoever archived it
                return bytes(first) + _library(stream, limit - len(first))
            raise UnpackError(f"{type(error).__name__}: {error}"[:300]) from error
        piece = stream.read(_PIECE)
    return bytes(found[: limit + 1])
