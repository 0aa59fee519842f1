"""The one client for feeds, robots.txt and pages: polite, bounded and guarded.

aiohttp was chosen by measurement: of the clients tried it alone has a true total deadline, refuses oversized headers,
stays under 50 MB on gzip, brotli and zstd bombs when read in chunks, and calls ``socket_factory`` with the exact
address it is about to dial, so that a name that resolves differently a second time (DNS rebinding) cannot slip past.

The client owns an event loop on a thread of its own and is shared by everything in a process (``WebClient.shared``), so
that the per-host rules hold whichever bundle a request comes from.
"""

import asyncio
import dataclasses
import queue
import random
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

import aiohttp
import aiohttp.abc
import protego
import yarl

from transforms import addresses, reasons, urls

TOTAL_SECONDS = 20.0
MAX_REDIRECTS = 5
MAX_FEED_BYTES = 5_000_000
MAX_PAGE_BYTES = 8_000_000
MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, section 2.5
ROBOTS_SECONDS = 24 * 3600.0
MAX_CRAWL_DELAY = 60.0
MAX_HOLD = 24 * 3600.0
SILENT_AFTER = 2
SILENT_SECONDS = 300.0
PRODUCT = "sahelwatch"
_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    "robots": "text/plain, */*;q=0.1",
}
_LIMIT = {"feed": MAX_FEED_BYTES, "page": MAX_PAGE_BYTES, "robots": MAX_ROBOTS_BYTES}


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebOptions:
    """How the client behaves; ``host_interval`` is the pause in seconds between requests to one host."""

    contact: str = ""
    host_interval: float = 2.0
    exemptions: addresses.Exemptions = dataclasses.field(default_factory=addresses.Exemptions)
    version: str = "0"

    @property
    def user_agent(self) -> str:
        """Product, version and, where given, who to write to."""
        return f"{PRODUCT}/{self.version}" + (f" (+{self.contact})" if self.contact else "")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """A wish to GET a URL; ``key`` is handed back with the answer."""

    url: str
    kind: str
    key: Any = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Response:
    """An answer with its body decoded; ``redirects`` are the (status, URL) hops before ``url``; header names lower."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[tuple[int, str], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebFailure:
    """Why there is no usable answer; ``retry_after`` in seconds when the server named a time."""

    reason: str
    message: str
    status: int | None = None
    retry_after: float | None = None
    redirects: tuple[tuple[int, str], ...] = ()


class _BlockedError(OSError):
    """The address that was about to be dialled is not allowed."""


class _RefusedError(Exception):
    """A failure on the way, as an exception inside this module only."""

    def __init__(self, reason: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.failure = WebFailure(reason=reason, message=message, **more)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait from a Retry-After header (delta-seconds or HTTP date, RFC 9110 10.2.3), at most a day."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_HOLD)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_HOLD)


class _Resolver(aiohttp.abc.AbstractResolver):
    """DNS through the event loop, with --resolve first and addresses that may not be dialled left out."""

    def __init__(self, exemptions: addresses.Exemptions) -> None:
        self._exemptions = exemptions

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
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
            raise _BlockedError(f"{host} resolves to addresses that may not be dialled")
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


class _Host:
    """What the client remembers of a host while it runs."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.next_start = 0.0
        self.held_until = 0.0
        self.robots: Any = None
        self.robots_until = 0.0
        self.delay = 0.0
        self.refused: WebFailure | None = None
        self.refused_until = 0.0
        self.silent = 0


class WebClient:
    """Fetches feeds, robots.txt and pages; one connection and one polite interval per host."""

    _shared: ClassVar[dict[WebOptions, "WebClient"]] = {}
    _shared_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, options: WebOptions) -> None:
        self.options = options
        self._hosts: dict[str, _Host] = {}
        self._loop = asyncio.new_event_loop()
        self._session: aiohttp.ClientSession | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="web", daemon=True)
        self._thread.start()

    @classmethod
    def shared(cls, options: WebOptions) -> Self:
        """The process-wide client for these options (sessions are never kept on a DoFn: runners pickle those)."""
        with cls._shared_lock:
            if options not in cls._shared:
                cls._shared[options] = cls(options)
            return cls._shared[options]  # type: ignore[return-value]

    def close(self) -> None:
        """Close the connections and end the thread."""

        async def end() -> None:
            if self._session:
                await self._session.close()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def fetch_all(
        self, requests: Iterable[Request], *, seconds: float = 1e9, ahead: int = 16
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """The answers as they come, hosts side by side, one after the other within a host.

        What has not been started after ``seconds`` comes back as WAITING. At most ``ahead`` answers are held for a
        consumer that is slower than the network.
        """
        by_host: dict[str, list[Request]] = {}
        total = 0
        for request in requests:
            by_host.setdefault(_host_key(request.url), []).append(request)
            total += 1
        answers: queue.SimpleQueue[tuple[Request, Response | WebFailure] | BaseException] = queue.SimpleQueue()
        room = asyncio.Semaphore(ahead)
        deadline = time.monotonic() + seconds

        async def work(chain: list[Request]) -> None:
            for request in chain:
                await room.acquire()
                try:
                    answer = await self._answer(request, deadline)
                except BaseException as error:
                    answers.put(error)
                    raise
                answers.put((request, answer))

        tasks = [asyncio.run_coroutine_threadsafe(work(chain), self._loop) for chain in by_host.values()]
        try:
            for _ in range(total):
                answer = answers.get()
                self._loop.call_soon_threadsafe(room.release)
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            for task in tasks:
                task.cancel()

    async def _answer(self, request: Request, deadline: float) -> Response | WebFailure:
        try:
            return await self._follow(request, deadline)
        except _RefusedError as error:
            return error.failure
        except urls.BadUrlError as error:
            return WebFailure(reason=error.reason, message=str(error))

    async def _follow(self, request: Request, deadline: float) -> Response | WebFailure:
        url = request.url
        redirects: list[tuple[int, str]] = []
        while True:
            host_name = self._check(url)
            host = self._hosts.setdefault(host_name, _Host())
            async with host.lock:
                wait = max(0.0, host.held_until - time.monotonic())
                if wait > 0:
                    return WebFailure(reason="RATE_LIMITED", message=f"{host_name} asked to wait", retry_after=wait)
                if host.refused is not None and time.monotonic() < host.refused_until:
                    return host.refused
                if request.kind == "page":
                    await self._obey_robots(url, host)
                if not await self._take_turn(host, deadline):
                    return WebFailure(reason="WAITING", message="not reached in this pass")
                try:
                    response = await self._get(url, request)
                except _RefusedError as error:
                    self._note_silence(host, error.failure)
                    raise
                host.silent = 0
                if response.status in {429, 503}:
                    hold = parse_retry_after(response.headers.get("retry-after"), time.time())
                    host.held_until = time.monotonic() + (hold if hold is not None else 30.0)
            if response.status not in {301, 302, 303, 307, 308} or "location" not in response.headers:
                return _judge(dataclasses.replace(response, redirects=tuple(redirects)))
            redirects.append((response.status, url))
            if len(redirects) > MAX_REDIRECTS:
                return WebFailure(reason="TOO_MANY_REDIRECTS", message=f"more than {MAX_REDIRECTS} hops")
            url = _join(url, response.headers["location"])

    @staticmethod
    def _note_silence(host: _Host, failure: WebFailure) -> None:
        """After some requests in a row without an answer a host is left alone for a while: others wait behind it."""
        if failure.reason in {"TIMEOUT_TOTAL", "TIMEOUT_READ", "CONNECT_ERROR", "DNS_ERROR"}:
            host.silent += 1
            if host.silent >= SILENT_AFTER:
                host.refused, host.refused_until = failure, time.monotonic() + SILENT_SECONDS
                host.silent = 0

    async def _take_turn(self, host: _Host, deadline: float) -> bool:
        """Wait for the host's next polite moment; False when that lies beyond the deadline."""
        now = time.monotonic()
        if max(now, host.next_start) > deadline:
            return False
        if host.next_start > now:
            await asyncio.sleep(host.next_start - now)
        interval = max(self.options.host_interval, host.delay)
        host.next_start = time.monotonic() + interval * random.uniform(1.0, 1.1)  # noqa: S311 - only spreads requests
        return True

    async def _obey_robots(self, url: str, host: _Host) -> None:
        """Raise unless robots.txt lets us have the URL (RFC 9309: 4xx is free, 5xx and unreachable mean wait)."""
        if time.monotonic() >= host.robots_until:
            address = _join(url, "/robots.txt")
            try:
                answer = await self._get(address, Request(url=address, kind="robots"))
                for _ in range(MAX_REDIRECTS):
                    if answer.status not in {301, 302, 303, 307, 308} or "location" not in answer.headers:
                        break
                    address = _join(address, answer.headers["location"])
                    self._check(address)
                    answer = await self._get(address, Request(url=address, kind="robots"))
            except _RefusedError as error:
                if error.failure.reason in {"SSRF_BLOCKED", "TLS_ERROR", "DNS_ERROR", "CONNECT_ERROR", "BAD_URL"}:
                    raise  # the page would meet the same
                if error.failure.reason != "TOO_LARGE":
                    refused = _RefusedError("ROBOTS_UNREACHABLE", f"robots.txt: {error.failure.message}")
                    host.refused, host.refused_until = refused.failure, time.monotonic() + SILENT_SECONDS
                    raise refused from error
                answer = None
            if answer is not None and answer.status >= 500:
                raise _RefusedError("ROBOTS_UNREACHABLE", f"robots.txt answered {answer.status}")
            rules = _robots_text(answer)
            host.robots = protego.Protego.parse(rules)
            host.robots_until = time.monotonic() + ROBOTS_SECONDS
            delay = host.robots.crawl_delay(PRODUCT)
            host.delay = min(max(float(delay or 0.0), 0.0), MAX_CRAWL_DELAY)
        if not host.robots.can_fetch(url, PRODUCT):
            raise _RefusedError("ROBOTS_DENIED", "robots.txt disallows the page")

    def _check(self, url: str) -> str:
        """The host of a URL that may be asked for; _RefusedError or BadUrlError otherwise."""
        parsed = urls.parse_url(url)
        host = (parsed.raw_host or "").lower().rstrip(".")
        if self.options.exemptions.covers(host):
            return host
        address = addresses.literal(host)
        if address is not None and not addresses.is_public(str(address)):
            raise _RefusedError("SSRF_BLOCKED", f"{host} is not a public address")
        if address is None and ("." not in host or host.replace(".", "").replace("x", "").isdigit()):
            raise _RefusedError("SSRF_BLOCKED", f"{host} is not a public name")
        if parsed.port not in addresses.PORTS:
            raise _RefusedError("BAD_PORT", f"port {parsed.port}")
        return host

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The last gate: exactly the address about to be dialled."""
        family, kind, proto, _, target = info
        address, port = str(target[0]), int(target[1])
        exempt = any((address, port) == (a, p) for _, a, p in self.options.exemptions.resolve)
        names_allowed = bool(self.options.exemptions.hosts) and address in self._allowed_by_name()
        if not (exempt or names_allowed or _dialable(self.options.exemptions, address)):
            raise _BlockedError(f"{address} may not be dialled")
        return socket.socket(family, kind, proto)

    def _allowed_by_name(self) -> set[str]:
        """Addresses of the names that --allow-host exempts (looked up when dialled: they are the operator's own)."""
        found = set()
        for host in self.options.exemptions.hosts:
            try:
                found |= {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
            except OSError:
                continue
        return found

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=128,
                limit_per_host=2,
                ttl_dns_cache=60,
                resolver=_Resolver(self.options.exemptions),
                socket_factory=self._socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=5, sock_read=10),
                headers={"User-Agent": self.options.user_agent, "Accept-Encoding": "gzip, br, zstd"},
            )
        return self._session

    async def _get(self, url: str, request: Request) -> Response:
        """One GET without redirects, the body decoded and bounded while it streams."""
        limit = _LIMIT[request.kind]
        headers = {"Accept": _ACCEPT[request.kind], **dict(request.headers)}
        try:
            async with self._open().get(url, headers=headers, allow_redirects=False) as answer:
                body = bytearray()
                async for chunk in answer.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > limit:
                        if request.kind == "robots":
                            del body[limit:]
                            break
                        raise _RefusedError("TOO_LARGE", f"more than {limit} bytes")
                lowered = {name.lower(): value for name, value in answer.headers.items()}
                return Response(url=url, status=answer.status, headers=lowered, body=bytes(body))
        except TimeoutError as error:
            total = "total" in str(error).lower() or not isinstance(error, aiohttp.ServerTimeoutError)
            raise _RefusedError("TIMEOUT_TOTAL" if total else "TIMEOUT_READ", f"no whole answer: {error}") from error
        except aiohttp.ClientError as error:
            raise _RefusedError(*_explain(error)) from error
        except (ValueError, UnicodeError) as error:
            raise _RefusedError("BAD_URL", f"unusable URL: {error}") from error
        except OSError as error:
            raise _RefusedError(*_explain(error)) from error


def _explain(error: BaseException) -> tuple[str, str]:
    """Reason code and one line for an exception of the HTTP library."""
    text = f"{type(error).__name__}: {error}"[:300]
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, _BlockedError):
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
        undecodable = "encoding" in text.lower() or "decode" in text.lower() or "decompress" in text.lower()
        return ("BAD_ENCODING" if undecodable else "TRUNCATED"), text
    if isinstance(error, aiohttp.ClientResponseError):
        return "BAD_HTTP", text
    return "READ_ERROR", text


def _judge(response: Response) -> Response | WebFailure:
    """A success or 304 as it is, any other status as its failure."""
    if response.status == 304 or 200 <= response.status < 300:
        return response
    retry_after = parse_retry_after(response.headers.get("retry-after"), time.time())
    challenged = response.headers.get("cf-mitigated", "").lower() == "challenge"
    return WebFailure(
        reason="BOT_CHALLENGE" if challenged else reasons.http_reason(response.status),
        message=f"HTTP {response.status}",
        status=response.status,
        retry_after=retry_after,
        redirects=response.redirects,
    )


def _robots_text(answer: Response | None) -> str:
    """The rules that hold: none for a 4xx, an HTML page or no answer of use; a BOM hides no rule."""
    if answer is None or answer.status >= 300:
        return ""
    text = answer.body.decode("utf-8", "replace").lstrip("\ufeff")
    return "" if text.lstrip()[:1] == "<" else text


def _host_key(url: str) -> str:
    try:
        return urls.host_of(url)
    except urls.BadUrlError:
        return ""


def _join(base: str, location: str) -> str:
    """A redirect's target; BadUrlError for one that is no http URL."""
    try:
        joined = str(urls.parse_url(base).join(yarl.URL(location)))
    except ValueError as error:
        raise urls.BadUrlError("BAD_URL", f"unreadable redirect {location[:200]!r}") from error
    return joined
