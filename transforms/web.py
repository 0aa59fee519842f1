"""The one client for feeds, robots.txt and pages: polite, bounded and guarded.

``transforms.transport`` makes single requests, ``transforms.hosts`` remembers what hosts asked for; here is the order
in which things are asked: one request at a time and one polite interval per host, hosts side by side, robots.txt
before pages, redirects followed by hand with each hop checked like a first request.

The client owns an event loop on a thread of its own and is shared by everything in a process (``WebClient.shared``), so
that the per-host rules hold whichever bundle a request comes from.
"""

import asyncio
import dataclasses
import datetime as dt
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import ClassVar, Self

import aiohttp.abc
import yarl

from transforms import addresses, draining, robots, urls
from transforms.clock import Clock
from transforms.exchanges import (
    Exchange,
    RefusedError,
    Request,
    Response,
    WebFailure,
    WebOptions,
    hold_of,
    judge,
)
from transforms.hosts import WORTH_KEEPING, Host
from transforms.records import HostState
from transforms.transport import Transport

__all__ = ["BlockList", "Request", "Response", "WebClient", "WebFailure", "WebOptions"]

BlockList = Callable[[], Collection[str]]
"""Gives the hosts that are not to be asked at the moment; called for every bundle, so that a change takes effect."""
_log = logging.getLogger(__name__)
MAX_REDIRECTS = 5
AT_ONCE = 64
"""Requests under way at the same time."""
HELD_BYTES = 64_000_000
"""Bytes of answers that may wait for a consumer that is slower than the network before no further request starts."""
SILENT_AFTER = 2
SILENT_SECONDS = 300.0
_SILENCE = frozenset({"TIMEOUT_TOTAL", "TIMEOUT_READ", "CONNECT_ERROR", "DNS_ERROR"})
_SAME_FOR_PAGES = frozenset({"SSRF_BLOCKED", "TLS_ERROR", "DNS_ERROR", "CONNECT_ERROR", "BAD_URL", "HOST_BLOCKED"})
"""What robots.txt meets and the page would meet as well."""
_MOVED = frozenset({301, 302, 303, 307, 308})


class WebClient:
    """Fetches feeds, robots.txt and pages; one connection and one polite interval per host.

    ``clock`` is the time by which hosts are held and rules grow old; ``resolver`` stands in for the DNS in tests.
    """

    _shared: ClassVar[dict[tuple[WebOptions, Clock], "WebClient"]] = {}
    _shared_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self, options: WebOptions, clock: Clock | None = None, resolver: aiohttp.abc.AbstractResolver | None = None
    ) -> None:
        self.options = options
        self._clock = clock or Clock()
        self._hosts: dict[str, Host] = {}
        self._transport = Transport(options, resolver)
        self._loop = asyncio.new_event_loop()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._thread = threading.Thread(target=self._loop.run_forever, name="web", daemon=True)
        self._thread.start()

    @classmethod
    def shared(cls, options: WebOptions, clock: Clock) -> Self:
        """The process-wide client for these options (sessions are never kept on a DoFn: runners pickle those)."""
        with cls._shared_lock:
            key = (options, clock)
            if key not in cls._shared:
                cls._shared[key] = cls(options, clock)
            return cls._shared[key]  # type: ignore[return-value]

    @classmethod
    def close_shared(cls) -> None:
        """Close the clients of this process; to be called when a bounded run is over."""
        with cls._shared_lock:
            while cls._shared:
                cls._shared.popitem()[1].close()

    def close(self) -> None:
        """Close the connections and end the thread."""
        asyncio.run_coroutine_threadsafe(self._transport.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def recall(self, states: Mapping[str, HostState]) -> None:
        """Take over what is committed about hosts."""
        now = self._clock()
        for name, state in states.items():
            self._hosts.setdefault(name, Host()).recall(state, now)

    def host_states(self, names: Iterable[str]) -> list[HostState]:
        """What is to be committed about these hosts, in the order of their names."""
        now = self._clock()
        return [self._hosts[name].state(name, now) for name in sorted(set(names)) if name in self._hosts]

    def fetch_all(
        self,
        requests: Iterable[Request],
        *,
        seconds: float = 1e9,
        blocked: Collection[str] = frozenset(),
        met: set[str] | None = None,
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """The answers as they come, hosts side by side, one after the other within a host.

        What has not been started after ``seconds`` comes back as WAITING. Hosts in ``blocked``, and those below them,
        are refused at every hop. The hosts that were met on the way are added to ``met``.
        """
        by_host: dict[str, list[Request]] = {}
        total = 0
        for request in requests:
            by_host.setdefault(_host_key(request.url), []).append(request)
            total += 1
        answers: queue.SimpleQueue[tuple[Request, Response | WebFailure] | BaseException] = queue.SimpleQueue()
        errand = _Errand(deadline=time.monotonic() + seconds, blocked=frozenset(blocked))

        async def work(chain: list[Request]) -> None:
            for request in chain:
                try:
                    await errand.room()
                    answer = await self._answer(request, errand)
                except BaseException as error:
                    answers.put(error)
                    raise
                errand.held += _size(answer)
                answers.put((request, answer))

        tasks = [asyncio.run_coroutine_threadsafe(work(chain), self._loop) for chain in by_host.values()]
        try:
            for _ in range(total):
                answer = answers.get()
                if isinstance(answer, BaseException):
                    raise answer
                self._loop.call_soon_threadsafe(errand.release, _size(answer[1]))
                yield answer
        finally:
            for task in tasks:
                task.cancel()
            if met is not None:
                met |= errand.met

    async def _answer(self, request: Request, errand: "_Errand") -> Response | WebFailure:
        hops: list[Exchange] = []
        try:
            answer = await self._follow(request, errand, hops)
        except RefusedError as error:
            answer = error.failure
        except urls.BadUrlError as error:
            answer = WebFailure(reason=error.reason, message=str(error))
        except Exception as error:  # noqa: BLE001 - one answer that breaks the library must not cost a lane all of its others
            _log.exception("an answer that could not be dealt with")
            answer = WebFailure(reason="READ_ERROR", message=f"{type(error).__name__}: {error}"[:300])
        return dataclasses.replace(answer, exchanges=(*hops, *answer.exchanges)) if hops else answer

    async def _follow(self, request: Request, errand: "_Errand", hops: list[Exchange]) -> Response | WebFailure:
        url = request.url
        redirects: list[tuple[int, str]] = []
        while True:
            name = self._check(url, errand.blocked)
            errand.met.add(name)
            host = self._hosts.setdefault(name, Host())
            async with host.lock:
                response = await self._visit(url, request, host, errand)
            if isinstance(response, WebFailure):
                return response
            if response.status not in _MOVED or "location" not in response.headers:
                return judge(dataclasses.replace(response, redirects=tuple(redirects)), self._clock())
            redirects.append((response.status, url))
            hops += response.exchanges
            if len(redirects) > MAX_REDIRECTS:
                return WebFailure(reason="TOO_MANY_REDIRECTS", message=f"more than {MAX_REDIRECTS} hops")
            url = _join(url, response.headers["location"])

    async def _visit(self, url: str, request: Request, host: Host, errand: "_Errand") -> Response | WebFailure:
        """One hop at a host that nobody else is asking at the moment."""
        if (held := self._held(host)) is not None:
            return held
        if host.refused is not None and time.monotonic() < host.refused_until:
            return host.refused
        if request.kind in {"page", "rules"}:
            waiting = await self._obey_robots(url, host, errand)
            if waiting is not None:
                return waiting
            if request.kind == "rules":  # the verdict was all that is wanted
                delay = host.rules.delay if host.rules else 0.0
                return Response(url=url, status=204, headers={"crawl-delay": f"{delay:g}"}, body=b"")
            if (held := self._held(host)) is not None:  # it said so when it was asked for robots.txt
                return held
        if not await self._take_turn(host, errand.deadline, request.kind):
            return WebFailure(reason="WAITING", message="not reached in this pass")
        return await self._ask(url, request, host)

    def _held(self, host: Host) -> WebFailure | None:
        """The refusal while a host's Retry-After runs."""
        now = self._clock()
        if host.held_until is None or host.held_until <= now:
            return None
        wait = (host.held_until - now).total_seconds()
        return WebFailure(reason="RATE_LIMITED", message="the host asked to wait", retry_after=wait)

    async def _ask(self, url: str, request: Request, host: Host) -> Response:
        try:
            async with self._at_once:
                response = await self._transport.get(url, request)
        except RefusedError as error:
            self._note_silence(host, error.failure)
            raise
        finally:
            self._set_pace(host, request.kind)
        host.silent = 0
        hold = hold_of(response, self._clock())
        if hold is not None:
            host.held_until = self._clock() + dt.timedelta(seconds=hold)
        return response

    def _set_pace(self, host: Host, kind: str) -> None:
        """When the host may be asked next, from the moment its last answer ended."""
        spread = random.uniform(1.0, 1.1)  # noqa: S311 - only spreads requests
        host.next_start = time.monotonic() + self.options.host_interval * spread
        if kind == "page":
            delay = host.rules.delay if host.rules else 0.0
            host.next_page = time.monotonic() + delay * spread
            host.next_request = self._clock() + dt.timedelta(seconds=delay) if delay > WORTH_KEEPING else None

    @staticmethod
    def _note_silence(host: Host, failure: WebFailure) -> None:
        """After some requests in a row without an answer a host is left alone for a while: others wait behind it."""
        if failure.reason in _SILENCE:
            host.silent += 1
            if host.silent >= SILENT_AFTER:
                host.refused, host.refused_until = failure, time.monotonic() + SILENT_SECONDS
                host.silent = 0

    async def _take_turn(self, host: Host, deadline: float, kind: str) -> bool:
        """Wait for the host's next polite moment; False when it lies beyond the deadline or the process is to end."""
        now = time.monotonic()
        start = max(host.next_start, host.next_page) if kind == "page" else host.next_start
        if max(now, start) > deadline or draining.requested.is_set():
            return False
        if start > now:
            await asyncio.sleep(start - now)
        return True

    async def _obey_robots(self, url: str, host: Host, errand: "_Errand") -> WebFailure | None:
        """Raise unless robots.txt lets us have the URL (RFC 9309: 4xx is free, 5xx and unreachable mean wait).

        429 means wait as well. Gives WAITING when there is no time left to ask for it.
        """
        age = (self._clock() - host.rules_read).total_seconds() if host.rules_read else float("inf")
        if host.rules is None or age >= robots.FRESH_SECONDS:
            if not await self._take_turn(host, errand.deadline, "robots"):
                return WebFailure(reason="WAITING", message="not reached in this pass")
            answer = await self._robots_of(url, host, errand, stale=age < robots.STALE_SECONDS)
            if answer is not None:
                text = robots.rules_text(answer)
                host.rules = await asyncio.to_thread(robots.Rules, text) if len(text) > 20_000 else robots.Rules(text)
                host.rules_read = self._clock()
        assert host.rules is not None
        if host.rules.delay > robots.LONGEST_DELAY:
            raise RefusedError("CRAWL_DELAY_EXCESSIVE", f"robots.txt asks for {host.rules.delay:g} s between pages")
        if not host.rules.allows(url):
            raise RefusedError("ROBOTS_DENIED", "robots.txt disallows the page")
        return None

    async def _robots_of(self, url: str, host: Host, errand: "_Errand", *, stale: bool) -> Response | None:
        """robots.txt of the URL's host; None when it cannot be had and the rules that are known still hold."""
        address = _join(url, "/robots.txt")
        try:
            for _ in range(MAX_REDIRECTS + 1):
                self._check(address, errand.blocked)
                answer = await self._ask(address, Request(url=address, kind="robots"), host)
                if answer.status not in _MOVED or "location" not in answer.headers:
                    break
                address = _join(address, answer.headers["location"])
            if answer.status < 500 and answer.status != 429:  # 429 says nothing of the rules: it is no leave to go on
                return answer
            failed = RefusedError("ROBOTS_UNREACHABLE", f"robots.txt answered {answer.status}")
        except urls.BadUrlError as error:
            failed = RefusedError("ROBOTS_UNREACHABLE", f"robots.txt is redirected: {error}")
        except RefusedError as error:
            if error.failure.reason in _SAME_FOR_PAGES:
                raise
            failed = RefusedError("ROBOTS_UNREACHABLE", f"robots.txt: {error.failure.message}")
        if stale:
            return None
        host.refused, host.refused_until = failed.failure, time.monotonic() + SILENT_SECONDS
        raise failed

    def _check(self, url: str, blocked: frozenset[str]) -> str:
        """The host of a URL that may be asked for; RefusedError or BadUrlError otherwise."""
        parsed = urls.parse_url(url)
        host = (parsed.raw_host or "").lower().rstrip(".")
        if blocked and any(host == name or host.endswith("." + name) for name in blocked):
            raise RefusedError("HOST_BLOCKED", f"{host} is on the catalogue's block list")
        if self.options.exemptions.covers(host):
            return host
        address = addresses.literal(host)
        if address is not None and not addresses.is_public(str(address)):
            raise RefusedError("SSRF_BLOCKED", f"{host} is not a public address")
        if address is None and ("." not in host or host.replace(".", "").replace("x", "").isdigit()):
            raise RefusedError("SSRF_BLOCKED", f"{host} is not a public name")
        if parsed.port not in addresses.PORTS:
            raise RefusedError("BAD_PORT", f"port {parsed.port}")
        return host


class _Errand:
    """What the requests of one call share; used on the client's event loop only."""

    def __init__(self, *, deadline: float, blocked: frozenset[str]) -> None:
        self.deadline = deadline
        self.blocked = blocked
        self.met: set[str] = set()
        self.held = 0
        self._freed = asyncio.Event()

    async def room(self) -> None:
        """Wait until the consumer has taken enough of the answers."""
        while self.held > HELD_BYTES and time.monotonic() < self.deadline:
            self._freed.clear()
            await self._freed.wait()

    def release(self, size: int) -> None:
        """An answer was taken."""
        self.held -= size
        self._freed.set()


def _size(answer: Response | WebFailure) -> int:
    return sum(len(exchange.body) for exchange in answer.exchanges)


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
