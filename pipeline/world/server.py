"""Serves the fixture world on loopback: every outlet is a virtual host, answered as its own server would answer.

Used by ``sahelwatch demo`` and by tests. Nothing but 127.0.0.1 is ever bound.
"""

import asyncio
import collections
import dataclasses
import datetime as dt
import email.utils
import gzip
import hashlib
import json
import pathlib
import threading
import typing
import urllib.parse
from collections.abc import Callable, Mapping
from types import TracebackType

from aiohttp import web

HERE = pathlib.Path(__file__).parent
CATALOGUE = HERE / "feeds.yaml"
ANY_PATH = "*"
"""As the path of an override: every path of the host."""

_COMPRESS_FROM = 500  # bytes; servers leave smaller bodies alone
_START_SECONDS = 10.0
_TRACKERS = ("utm_", "at_", "maca=", "fbclid=", "xtor=")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer. ``drop`` closes the connection without one; ``delay`` is in seconds and comes first."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Visit:
    """One request as it came: ``path`` includes the query, ``headers`` have lower-case names."""

    host: str
    path: str
    method: str
    headers: Mapping[str, str]
    status: int


Override = Reply | Callable[[web.Request], Reply]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Served:
    body: bytes
    status: int
    headers: Mapping[str, str]
    etag: str
    gzip: bool


class WorldServer:
    """The world behind one port of 127.0.0.1, in a thread with its own event loop; a context manager.

    ``overrides`` maps (host, path with query) or (host, ``ANY_PATH``) to a ``Reply`` or to a callable that makes one
    from the request (it runs in a worker thread, so it may block); it may be changed while the server runs.
    ``requests`` counts requests by (host, path with query) as they were asked for; ``visits`` lists them in order.
    The Date header is the world's own clock, ``now``, so that answers do not depend on the day of the run.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        overrides: Mapping[tuple[str, str], Override] | None = None,
        now: dt.datetime | None = None,
        folder: pathlib.Path = HERE,
    ) -> None:
        world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
        self.now = now or dt.datetime.fromisoformat(world["now"])
        self.feeds: list[dict[str, str]] = world["feeds"]
        self.overrides: dict[tuple[str, str], Override] = dict(overrides or {})
        self.requests: collections.Counter[tuple[str, str]] = collections.Counter()
        self.visits: list[Visit] = []
        self.port = port
        self._served = {(entry["host"], entry["path"]): _served(entry, folder) for entry in world["responses"]}
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="fixture-world", daemon=True)

    def __enter__(self) -> typing.Self:
        self._thread.start()
        if not self._started.wait(_START_SECONDS) or self._failure is not None:
            raise RuntimeError("the fixture world did not start") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_START_SECONDS)

    @property
    def hosts(self) -> list[str]:
        """The hosts of the world, sorted."""
        return sorted({host for host, _ in self._served})

    def resolve_options(self) -> list[str]:
        """``HOST=127.0.0.1:PORT`` for every host, as the ``--resolve`` option takes them."""
        return [f"{host}=127.0.0.1:{self.port}" for host in self.hosts]

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  handed to the thread that waits in __enter__
            self._failure = failure
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            self._started.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.rsplit(":", 1)[0].lower()
        path = request.raw_path
        with self._lock:
            self.requests[host, path] += 1
        reply = await self._overridden(request, host, path)
        if reply is None:
            reply = self._reply(request, host, path)
        visit = Visit(
            host=host,
            path=path,
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            status=0 if reply.drop else reply.status,
        )
        with self._lock:
            self.visits.append(visit)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.drop and request.transport is not None:
            request.transport.abort()
        date = email.utils.format_datetime(self.now, usegmt=True)
        headers = {"Date": date, "Server": "nginx", **reply.headers}
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    async def _overridden(self, request: web.Request, host: str, path: str) -> Reply | None:
        found = self.overrides.get((host, path)) or self.overrides.get((host, ANY_PATH))
        if found is None or isinstance(found, Reply):
            return found
        return await asyncio.to_thread(found, request)

    def _reply(self, request: web.Request, host: str, path: str) -> Reply:
        served = self._served.get((host, path)) or self._served.get((host, _without_trackers(path)))
        if served is None:
            return _missing(path)
        if request.method not in ("GET", "HEAD"):
            return Reply(status=405, headers={"Allow": "GET, HEAD"})
        headers = dict(served.headers)
        compress = served.gzip and "gzip" in request.headers.get("Accept-Encoding", "")
        if served.gzip:
            headers["Vary"] = "Accept-Encoding"
        if served.etag:
            headers["ETag"] = served.etag
        if _unchanged(request, served):
            headers.pop("Content-Type", None)
            return Reply(status=304, headers=headers)
        if compress and len(served.body) >= _COMPRESS_FROM:
            headers["Content-Encoding"] = "gzip"
            return Reply(status=served.status, body=gzip.compress(served.body, mtime=0), headers=headers)
        return Reply(status=served.status, body=served.body, headers=headers)


def _served(entry: dict[str, typing.Any], folder: pathlib.Path) -> _Served:
    body = (folder / entry["file"]).read_bytes()
    tag = hashlib.sha256(body).hexdigest()[:16]
    etag = {"strong": f'"{tag}"', "weak": f'W/"{tag}"', "none": ""}[entry["etag"]]
    return _Served(body=body, status=entry["status"], headers=entry["headers"], etag=etag, gzip=entry["gzip"])


def _without_trackers(path: str) -> str:
    """Path and query without the parameters that no server of the world looks at."""
    bare, mark, query = path.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(_TRACKERS)]
    return bare + (mark + "&".join(kept) if kept else "")


def _unchanged(request: web.Request, served: _Served) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides alone where it is given, else If-Modified-Since."""
    asked = request.headers.get("If-None-Match")
    if asked is not None:
        tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        return asked.strip() == "*" or (bool(served.etag) and served.etag.removeprefix("W/") in tags)
    since = request.headers.get("If-Modified-Since")
    changed = served.headers.get("Last-Modified")
    if since is None or changed is None:
        return False
    try:
        return email.utils.parsedate_to_datetime(changed) <= email.utils.parsedate_to_datetime(since)
    except ValueError:
        return False


def _missing(path: str) -> Reply:
    shown = urllib.parse.quote(path, safe="/?=&%")
    body = f"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>{shown}</p></body></html>"
    return Reply(status=404, body=body.encode("ascii"), headers={"Content-Type": "text/html; charset=iso-8859-1"})
