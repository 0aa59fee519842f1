"""One GET: guarded, bounded in time and size, decoded; whatever goes wrong is a reason.

aiohttp was chosen by measurement: of the clients tried it alone has a true total deadline, refuses oversized headers,
stays under 50 MB on gzip, brotli and zstd bombs when read in chunks, and calls ``socket_factory`` with the exact
address it is about to dial, so that a name that resolves differently a second time (DNS rebinding) cannot slip past.
"""

import asyncio
import concurrent.futures
import contextlib
import socket
import ssl
from typing import Any

import aiohttp
import aiohttp.abc
import aiohttp.http_exceptions

from transforms import addresses
from transforms.exchanges import Exchange, RefusedError, Request, Response, WebOptions, lower_headers

MAX_FEED_BYTES = 5_000_000
MAX_PAGE_BYTES = 8_000_000
KEPT_OF_LARGE = 1 << 20
"""Bytes that are kept of a body beyond its limit, as evidence."""
MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, section 2.5
NAME_LOOKUPS = 32
"""Names that are looked up at once; a resolver that hangs holds its thread, and must not hold up other hosts."""
_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    "robots": "text/plain, */*;q=0.1",
}
_LIMIT = {"feed": MAX_FEED_BYTES, "page": MAX_PAGE_BYTES, "robots": MAX_ROBOTS_BYTES}
_CODINGS = {"gzip", "x-gzip", "deflate", "br", "zstd"}
_COMPRESSED = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")
"""How gzip and zstd data begin."""


class BlockedError(OSError):
    """The address that was about to be dialled is not allowed."""


class Resolver(aiohttp.abc.AbstractResolver):
    """DNS through the event loop, with --resolve first and addresses that may not be dialled left out."""

    def __init__(self, exemptions: addresses.Exemptions) -> None:
        self._exemptions = exemptions

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """The addresses of a host that may be dialled; OSError when it has none."""
        mapped = self._exemptions.target(host)
        if mapped:
            return [_resolved(host, *mapped)]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        if not found:
            raise OSError(f"no address for {host}")
        usable = [
            _resolved(host, str(info[4][0]), port)
            for info in found
            if self._exemptions.covers(host) or _dialable(self._exemptions, str(info[4][0]))
        ]
        if not usable:
            raise BlockedError(f"{host} resolves to addresses that may not be dialled")
        return usable

    async def close(self) -> None:
        """Nothing is held."""


def _resolved(host: str, address: str, port: int) -> aiohttp.abc.ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return aiohttp.abc.ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST
    )


def _dialable(exemptions: addresses.Exemptions, address: str) -> bool:
    return addresses.is_public(address) or exemptions.covers_address(address)


class _Answer(aiohttp.ClientResponse):
    """Remembers whom it came from: a connection is let go of before its answer has been read."""

    address = ""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        self.address = str(peer[0]) if peer else ""
        return await super().start(connection)


def _exchange(url: str, answer: aiohttp.ClientResponse, body: bytes, *, truncated: bool = False) -> Exchange:
    version = f"HTTP/{answer.version.major}.{answer.version.minor}" if answer.version else "HTTP/1.1"
    return Exchange(
        url=url,
        sent=tuple((k.encode(), v.encode("utf-8", "surrogateescape")) for k, v in answer.request_info.headers.items()),
        status_line=f"{version} {answer.status} {answer.reason or ''}".rstrip(),
        received=tuple(answer.raw_headers),
        body=body,
        address=answer.address if isinstance(answer, _Answer) else "",
        truncated=truncated,
    )


class Transport:
    """A session that fetches one URL at a time, without redirects; to be used on one event loop.

    ``resolver`` stands in for the DNS in tests; the address it gives is checked all the same before it is dialled.
    """

    def __init__(self, options: WebOptions, resolver: aiohttp.abc.AbstractResolver | None = None) -> None:
        self._options = options
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._lookups = concurrent.futures.ThreadPoolExecutor(NAME_LOOKUPS, thread_name_prefix="dns")

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def get(self, url: str, request: Request) -> Response:
        """The answer with its body decoded and bounded while it streams; RefusedError with the reason otherwise."""
        try:
            return await self._read(url, request)
        except TimeoutError as error:
            reason = "TIMEOUT_TOTAL"
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                reason = "CONNECT_ERROR"
            elif isinstance(error, aiohttp.ServerTimeoutError) and "total" not in str(error).lower():
                reason = "TIMEOUT_READ"
            raise RefusedError(reason, f"no whole answer: {error}") from error
        except aiohttp.ClientError as error:
            raise RefusedError(*_explain(error)) from error
        except (ValueError, UnicodeError) as error:
            raise RefusedError("BAD_URL", f"unusable URL: {error}") from error
        except OSError as error:
            raise RefusedError(*_explain(error)) from error

    async def _read(self, url: str, request: Request) -> Response:
        limit = _LIMIT[request.kind]
        headers = {"Accept": _ACCEPT[request.kind], **dict(request.headers)}
        async with self._open().get(url, headers=headers, allow_redirects=False) as answer:
            codings = [c.strip().lower() for c in answer.headers.get("Content-Encoding", "").split(",")]
            codings = [coding for coding in codings if coding not in {"", "identity", "none", "utf-8"}]
            if len(codings) > 1 or not set(codings) <= _CODINGS:
                raise RefusedError("BAD_ENCODING", f"content encoding {', '.join(codings)[:80]!r}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(65536):
                body += chunk
                if len(body) > limit:
                    if request.kind == "robots":
                        del body[limit:]
                        break
                    cut = _exchange(url, answer, bytes(body[:KEPT_OF_LARGE]), truncated=True)
                    raise RefusedError("TOO_LARGE", f"more than {limit} bytes", exchanges=(cut,))
            whole = _exchange(url, answer, bytes(body))
            if body.startswith(_COMPRESSED):
                raise RefusedError("BAD_ENCODING", "compressed once more than was said", exchanges=(whole,))
            lowered = lower_headers(whole.received)
            return Response(url=url, status=answer.status, headers=lowered, body=whole.body, exchanges=(whole,))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            asyncio.get_running_loop().set_default_executor(self._lookups)
            total = self._options.total_seconds
            connector = aiohttp.TCPConnector(
                limit=128,
                limit_per_host=2,
                ttl_dns_cache=60,
                resolver=self._resolver or Resolver(self._options.exemptions),
                socket_factory=self._socket,
                ssl=ssl.create_default_context(),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                response_class=_Answer,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=total / 4, sock_read=total / 2),
                headers={"User-Agent": self._options.user_agent, "Accept-Encoding": "gzip, br, zstd"},
            )
        return self._session

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The last gate: exactly the address about to be dialled."""
        family, kind, proto, _, target = info
        address, port = str(target[0]), int(target[1])
        exempt = any((address, port) == (a, p) for _, a, p in self._options.exemptions.resolve)
        names_allowed = bool(self._options.exemptions.hosts) and address in self._allowed_by_name()
        if not (exempt or names_allowed or _dialable(self._options.exemptions, address)):
            raise BlockedError(f"{address} may not be dialled")
        return socket.socket(family, kind, proto)

    def _allowed_by_name(self) -> set[str]:
        """Addresses of the names that --allow-host exempts (looked up when dialled: they are the operator's own)."""
        found = set()
        for host in self._options.exemptions.hosts:
            with contextlib.suppress(OSError):
                found |= {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
        return found


def _is_undecodable(error: BaseException) -> bool:
    """Whether a body could not be unpacked; a chunk that is cut off is an encoding error to the library, too."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.http_exceptions.ContentEncodingError):
            return True
        cause = cause.__cause__
    return "content-encoding" in str(error).lower()


def _explain(error: BaseException) -> tuple[str, str]:
    """Reason code and one line for an exception of the HTTP library."""
    text = f"{type(error).__name__}: {error}"[:300]
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, BlockedError):
            return "SSRF_BLOCKED", str(chain)
        if isinstance(chain, ssl.SSLError | ssl.CertificateError):
            return "TLS_ERROR", text
        chain = getattr(chain, "os_error", None) or chain.__cause__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "DNS_ERROR", text
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS_ERROR", text
    if isinstance(error, aiohttp.ClientConnectorError):
        return "CONNECT_ERROR", text
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return "BAD_URL", text
    if isinstance(error, aiohttp.ClientPayloadError):
        return ("BAD_ENCODING" if _is_undecodable(error) else "TRUNCATED"), text
    if isinstance(error, aiohttp.ClientResponseError):
        return "BAD_HTTP", text
    return "READ_ERROR", text
