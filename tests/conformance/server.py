"""A server on loopback whose every host behaves as a script says, down to the bytes.

One port speaks plain HTTP, one port for each kind of certificate speaks TLS. Hosts are told apart by the Host header,
so that a hundred faults can be met side by side. What was asked for is written down as visits.
"""

import asyncio
import collections
import contextlib
import dataclasses
import datetime as dt
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Self

import trustme

SUFFIX = ".conformance.example"
TLS_KINDS = ("good", "expired", "unknown", "other")


@dataclasses.dataclass(kw_only=True)
class Visit:
    """One request: header names in lower case, times on the monotonic clock, ``ended`` None while it lasts."""

    host: str
    path: str
    headers: dict[str, str]
    round: int
    began: float
    ended: float | None = None


class Exchange:
    """One request and the way to answer it; the connection is closed afterwards unless ``keep`` is set."""

    def __init__(self, visit: Visit, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visit = visit
        self.number = number
        self.keep = False
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(content)
        await self._writer.drain()

    async def until_left(self) -> None:
        """Do nothing until the client goes away."""
        while await self._reader.read(65536):
            pass

    def reset(self) -> None:
        """Cut the connection with RST."""
        self._writer.transport.abort()


Script = Callable[[Exchange], Awaitable[None]]


class FaultServer:
    """Plays ``scripts``, a mapping of (host, path) to a script; a context manager that runs it in a thread.

    ``round`` counts the passes of a test and is written into the visits; a path without a script is answered by 404.
    """

    def __init__(self, scripts: dict[tuple[str, str], Script], authority: trustme.CA | None = None) -> None:
        self.scripts = scripts
        self.visits: list[Visit] = []
        self.most_at_once: collections.Counter[str] = collections.Counter()
        self.round = 1
        self.ports: dict[str, int] = {}
        self._authority = authority
        self._active: collections.Counter[str] = collections.Counter()
        self._numbers: collections.Counter[tuple[str, str]] = collections.Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def seen(self, host: str, path: str | None = None, round_: int | None = None) -> list[Visit]:
        """The visits of a host, in order."""
        return [
            visit
            for visit in self.visits
            if visit.host == host and path in {None, visit.path} and round_ in {None, visit.round}
        ]

    async def _start(self) -> None:
        self.ports["http"] = await self._listen(None)
        for kind in TLS_KINDS if self._authority else ():
            self.ports[kind] = await self._listen(self._certificate(kind))

    async def _listen(self, context: ssl.SSLContext | None) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=2**20)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _certificate(self, kind: str) -> ssl.SSLContext:
        """A certificate for every host of the catalogue, or one with what the kind says is wrong."""
        assert self._authority is not None
        authority = trustme.CA() if kind == "unknown" else self._authority
        name = "elsewhere.example" if kind == "other" else f"*{SUFFIX}"
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=-1 if kind == "expired" else 30)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name, not_after=expires).configure_cert(context)
        return context

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while await self._exchange(reader, writer):
                pass
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        host = headers.get("host", "").partition(":")[0]
        visit = Visit(host=host, path=path, headers=headers, round=self.round, began=time.monotonic())
        self.visits.append(visit)
        self._numbers[host, path] += 1
        self._active[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._active[host])
        exchange = Exchange(visit, self._numbers[host, path], reader, writer)
        try:
            await self.scripts.get((host, path), missing)(exchange)
        finally:
            self._active[host] -= 1
            visit.ended = time.monotonic()
        return exchange.keep


async def missing(exchange: Exchange) -> None:
    """404, as a server answers for what it does not have."""
    exchange.keep = True
    await exchange.send(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nnot found")
