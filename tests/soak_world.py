"""The world of the soak: a hundred feeds on loopback, their articles by time, and the faults of the catalogue.

It runs in a process of its own (``python -m tests.soak_world``), so that what it remembers is not taken for the job's:
it says on its output where it listens and what the catalogue of its feeds is, then reads a moment a line and answers
with what has been published and gone wrong until then, all as JSON.
"""

import argparse
import asyncio
import bisect
import dataclasses
import datetime as dt
import gzip
import random
import sys
import threading
import typing
from collections import Counter

import orjson
from aiohttp import web

from tests.benchmarks.world import generated_articles
from tests.fixtures import build, feeds, pages, stories
from tests.fixtures.edits import Article
from tests.fixtures.habits import HABITS, path_of

START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
FEEDS = 100
LISTED = 30
"""Entries a feed shows, newest first; as many as it showed before the day, at the same rate."""
PAGE_FAULTS = 0.04
FEED_FAULTS = 0.03
CLEARS_AFTER = dt.timedelta(hours=2)
"""Passing faults of a page end so long after it was published; an entry that waits meets a good page then."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """An answer that is not the page: ``passing`` ones clear up."""

    name: str
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    drop: bool = False
    passing: bool = False


HTML = (("Content-Type", "text/html; charset=utf-8"),)
PAGE = (
    Fault(name="404", status=404, body=b"gone", headers=HTML),
    Fault(name="410", status=410, body=b"gone", headers=HTML),
    Fault(name="403", status=403, body=b"no", headers=HTML),
    Fault(name="451", status=451, body=b"no", headers=HTML),
    Fault(name="500", status=500, passing=True),
    Fault(name="503 with Retry-After", status=503, headers=(("Retry-After", "1"),), passing=True),
    Fault(name="empty", headers=HTML),
    Fault(name="connection dropped", drop=True, passing=True),
    Fault(name="not HTML", body=b"%PDF-1.7 essai", headers=(("Content-Type", "application/pdf"),)),
    Fault(name="challenge", body=b"<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>", headers=HTML),
    Fault(name="redirect loop", status=302, headers=(("Location", "?again"),)),
    Fault(name="redirect to a private address", status=302, headers=(("Location", "http://169.254.169.254/latest"),)),
    Fault(name="bad gzip", body=b"\x1f\x8b\x08garbage", headers=(*HTML, ("Content-Encoding", "gzip"))),
    Fault(name="deep nesting", body=b"<div>" * 60_000, headers=HTML),
    Fault(name="many elements", body=b"<p>a" * 60_000, headers=HTML),
    Fault(name="compression bomb", body=gzip.compress(b"\0" * 60_000_000), headers=(*HTML, ("Content-Encoding", "gzip"))),
    Fault(name="slow", delay=1.5, passing=True),
)  # fmt: skip
FEED = (
    Fault(name="500", status=500),
    Fault(name="404", status=404),
    Fault(name="429", status=429, headers=(("Retry-After", "1"),)),
    Fault(name="HTML page", body=b"<html><body>Connectez-vous</body></html>", headers=HTML),
    Fault(name="empty"),
    Fault(name="cut", body=b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title><item><title>un"),
    Fault(name="entity bomb", body=b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
          b"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]><rss><channel><title>&d;</title></channel></rss>"),
    Fault(name="connection dropped", drop=True),
    Fault(name="no entries", body=b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>"),
)  # fmt: skip


class Day:
    """The feeds, their articles by time, and what each address answers at a moment.

    Feeds have a past when the day begins. Without it their first documents told of one or two entries in a week, and
    the job asked again after most of a day, when the list no longer showed all that had come.
    """

    def __init__(self, a_day: int, hours: float, seed: int = 1) -> None:
        rng = random.Random(seed)
        kinds = [outlet for outlet in stories.load_outlets().values() if outlet.feed != "html-page"]
        self.outlets = [
            dataclasses.replace(kinds[n % len(kinds)], host=f"s{n}.{kinds[n % len(kinds)].host.removeprefix('www.')}")
            for n in range(FEEDS)
        ]
        past = LISTED * FEEDS
        number = past + int(a_day * hours / 24)
        by_id = {outlet.id: outlet for outlet in kinds}
        told, _ = stories.load_stories(stories.load_outlets())
        made = generated_articles(by_id, told, number, rng)
        self.articles: dict[str, list[Article]] = {outlet.host: [] for outlet in self.outlets}
        hosts: dict[str, list[str]] = {}
        for outlet in self.outlets:
            hosts.setdefault(outlet.id, []).append(outlet.host)
        everything = sorted((article for found in made.values() for article in found), key=lambda one: one.number)
        for place, article in enumerate(everything):
            host = rng.choice(hosts[article.outlet.id])
            outlet = next(one for one in self.outlets if one.host == host)
            published = START + dt.timedelta(days=(place + 1 - past) / a_day)
            self.articles[host].append(dataclasses.replace(article, outlet=outlet, published=published))
        self._times = {host: [one.published for one in found] for host, found in self.articles.items()}
        self._at = {(host, path_of(one)): n for host, found in self.articles.items() for n, one in enumerate(found)}
        self._faulty = {key: rng.choice(PAGE) for key in self._at if rng.random() < PAGE_FAULTS}
        self._rng = rng
        self.faults: Counter[str] = Counter()

    def published(self, now: dt.datetime) -> int:
        """How many articles feeds have shown by then, those that their lists held when the day began among them."""
        return sum(
            bisect.bisect_right(times, now) - max(0, bisect.bisect_right(times, START) - LISTED)
            for times in self._times.values()
        )

    def catalogue(self) -> dict[str, typing.Any]:
        """The catalogue of all feeds."""
        return {
            "feeds": [
                {**build._catalogue_entry(outlet, f"feed-{n}"), "url": f"http://{outlet.host}{HABITS[outlet.id].feed}"}
                for n, outlet in enumerate(self.outlets)
            ]
        }

    def answer(self, host: str, path: str, now: dt.datetime) -> Fault:
        """What an address answers at a moment."""
        found = self.articles.get(host, [])
        if path == "/robots.txt" or not found:
            return Fault(name="robots", body=b"User-agent: *\nDisallow:\n", headers=(("Content-Type", "text/plain"),))
        habit = HABITS[found[0].outlet.id]
        if path == habit.feed:
            return self._feed(host, now, habit.feed_type)
        place = self._at.get((host, path), self._at.get((host, path.partition("?")[0])))
        if place is None:
            return Fault(name="unknown", status=404, body=b"gone", headers=HTML)
        article = found[place]
        fault = self._faulty.get((host, path_of(article)))
        if fault and not (fault.passing and now > article.published + CLEARS_AFTER):
            self.faults[f"page: {fault.name}"] += 1
            return fault
        body = pages.page_bytes(article, found[max(0, place - 4) : place + 5])
        return Fault(name="page", body=body, headers=(("Content-Type", habit.page_type),))

    def _feed(self, host: str, now: dt.datetime, kind: str) -> Fault:
        if self._rng.random() < FEED_FAULTS:
            fault = self._rng.choice(FEED)
            self.faults[f"feed: {fault.name}"] += 1
            return fault
        end = bisect.bisect_right(self._times[host], now)
        shown = self.articles[host][max(0, end - LISTED) : end][::-1]
        return (
            Fault(name="feed", body=feeds.feed_bytes(shown), headers=(("Content-Type", kind),)) if shown else FEED[-1]
        )


class DayServer:
    """The day on one port of loopback; ``now`` is its clock."""

    def __init__(self, day: Day) -> None:
        self.day, self.now, self.port = day, START, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> typing.Self:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.rsplit(":", 1)[0].lower()
        answer = await asyncio.to_thread(self.day.answer, host, request.raw_path, self.now)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.drop and request.transport is not None:
            request.transport.abort()
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))


def main() -> None:
    """Serve the day until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak_world", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--articles-a-day", type=int, default=5000)
    options = parser.parse_args()
    day = Day(options.articles_a_day, options.hours)
    with DayServer(day) as server:
        _say({"port": server.port, "hosts": [one.host for one in day.outlets], "catalogue": day.catalogue()})
        for line in sys.stdin:
            server.now = dt.datetime.fromisoformat(line.strip())
            _say({"published": day.published(server.now), "faults": dict(day.faults)})


def _say(what: dict[str, typing.Any]) -> None:
    print(orjson.dumps(what).decode(), flush=True)


if __name__ == "__main__":
    main()
