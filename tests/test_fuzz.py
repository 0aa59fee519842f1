"""Feed reader, page extraction and URL canonicaliser under mutated input for a minute: no crash, no hang, no flood.

Every input comes from a seed that a failure names. ``FUZZ_SECONDS`` (20 for each of the three) and ``FUZZ_SEED`` change
the run; .ci/run has a step for it.
"""

import datetime as dt
import os
import pathlib
import random
import threading
import time

import psutil
import pytest

import pipeline.world.server
from tests.conformance import cases_feeds, scripts
from transforms import feed_entries, texts, urls
from transforms.extraction.pool import extract_guarded
from transforms.feed_documents import FeedUnreadableError
from transforms.pool import WorkerPool, WorkTimeoutError
from transforms.records import Article, Entry, Failure, Feed, Page, article_id_of

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(600)]

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
INPUTS = int(os.environ.get("FUZZ_INPUTS", "0")) or 10**9
"""At most so many inputs of each kind, however fast the machine is: a gate must not find today what it let pass yesterday."""
SEED = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
PAGE_SECONDS = 20.0
GRACE = 5.0
"""Seconds beyond a deadline that killing a process and starting the next may take on a busy machine."""
MEMORY = 1500 * 2**20
"""Bytes that no worker may hold."""
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
FEED = Feed(id="f", url="https://f.example/feed", outlet="f", publisher_family="f", ownership="private", country="NE")
WORLD = pathlib.Path(pipeline.world.server.__file__).parent / "sites"
TOKENS = [
    b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&nbsp;", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='1.0' encoding='utf-16'?>", b"<?xml encoding='utf-7'?>", b"\x00",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"<item>", b"</item>", b"<entry/>", b"</channel>", b"<link>", b"</link>",
    b"<link rel='alternate' href='", b"'/>", b"xml:base='//x'", b"<guid isPermaLink='true'>", b"<pubDate>", b"</pubDate>",
    b"Fri, 31 Dec 9999 23:59:60 +9999", b"0000-00-00", b"javascript:alert(1)", b"http://[::1]:80/", b"http://a@b\\c/",
    b"<p>", b"</p>", b"<div>" * 300, b"<table>" * 50, b"<script>", b"</script>", b"<style>", b"<meta charset=x-mac>",
    b"<meta http-equiv=refresh content='0;url=x'>", b'<script type="application/ld+json">', b'{"@type":', b"[" * 2000,
    b"a=b " * 500, b"x" * 20_000, b"\r\n", b"\t", "\u202e\u200b".encode(), "é".encode(), "مالي".encode(),
]  # fmt: skip


def mutated(seeds, chance):
    """One of the seeds, changed in a few places."""
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 2, 4, 8, 16))):
        at = chance.randrange(len(content) + 1)
        kind = chance.randrange(7)
        if kind == 0:
            content[at:at] = chance.choice(TOKENS)
        elif kind == 1:
            del content[at : at + chance.choice((1, 10, 200))]
        elif kind == 2 and content:
            content[at % len(content)] = chance.randrange(256)
        elif kind == 3:
            content[at:at] = content[at : at + chance.choice((5, 100, 3000))] * chance.choice((1, 3, 40))
        elif kind == 4:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            content[at : at + 50] = other[start : start + chance.choice((20, 500))]
        elif kind == 5:
            content[at:at] = chance.choice(TOKENS) * chance.choice((2, 30, 200))
        elif chance.random() < 0.2:
            del content[at:]
    return bytes(content[:3_000_000])


class Watched:
    """A pool of workers whose memory is watched."""

    def __init__(self):
        self.pool = WorkerPool(2)
        self.most = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        self.pool.close()

    def _watch(self):
        me = psutil.Process()
        while not self._done.wait(0.2):
            for child in me.children(recursive=True):
                try:
                    self.most = max(self.most, child.memory_info().rss)
                except psutil.Error:
                    continue


def drive(seeds, start, check, deadline):
    """Mutated inputs through ``start`` for a while, four under way; gives how many and how many were killed."""
    ended = time.monotonic() + SECONDS
    number = killed = 0
    under_way = []
    while (time.monotonic() < ended and number < INPUTS) or under_way:
        while len(under_way) < 4 and time.monotonic() < ended and number < INPUTS:
            name = f"seed {SEED}:{number}"
            content = mutated(seeds, random.Random(name))
            under_way.append((name, content, start(content)))
            number += 1
        name, content, wait = under_way.pop(0)
        began = time.monotonic()
        killed += check(name, content, wait)
        assert time.monotonic() - began < deadline * 3 + GRACE, name  # two workers, so at most one waits before it
    return number, killed


def test_feeds(record_property):
    """A mutated feed gives entries that keep to their bounds, or one of the reasons; no entry crashes the reader."""
    documents = [
        scripts.rss(*(scripts.item(n, description="<p>Un &amp;amp; deux</p>", guid=str(n)) for n in range(1, 6)))
    ]
    documents += [cases_feeds.ATOM, cases_feeds.BASED, cases_feeds.JSON_FEED]
    documents += [path.read_bytes() for path in sorted(WORLD.rglob("*.xml"))[:25]]

    def start(content):
        return feed_entries.read_feed_apart(watched.pool, content, FEED, url=FEED.url, headers={}, now=NOW)

    def check(name, content, wait):
        try:
            parsed = wait()
        except FeedUnreadableError as error:
            if error.reason == "FEED_PARSE_ERROR" and "JSON" not in str(error):
                pytest.fail(f"{name}: {error}")
            return error.reason == "PARSE_TIMEOUT"
        assert len(parsed.entries) <= 2000, name
        assert not [why for why in parsed.rejected if why[1] == "READ_CRASH"], (name, parsed.rejected)
        for entry in parsed.entries:
            assert urls.canonical_url(entry.url).canonical == entry.canonical_url, name
            assert texts.clean_text(entry.title, one_line=True) == entry.title, name
            assert entry.published is None or entry.published <= "2026-11-21T06:00:00Z", name
        return False

    with Watched() as watched:
        number, killed = drive(documents, start, check, feed_entries.PARSE_SECONDS)
        assert watched.most < MEMORY
    report(record_property, number, killed, watched.most)


def test_pages(record_property):
    """A mutated page gives an article or a failure with a reason that is no crash."""
    documents = [scripts.article()] + [path.read_bytes() for path in sorted(WORLD.rglob("*.html"))[::4][:40]]
    url = "https://f.example/a"
    entry = Entry(entry_id="e", feed_id="f", article_id=article_id_of(url), url=url, canonical_url=url, title="T")

    def start(content):
        page = Page(entries=(entry,), url=url, fetched="2026-11-20T06:00:00Z", body=content)
        return watched.pool.submit(extract_guarded, page, NOW, timeout=PAGE_SECONDS)

    def check(name, content, wait):
        try:
            found = wait()
        except WorkTimeoutError:
            return True
        if isinstance(found, Failure):
            assert found.reason != "EXTRACT_CRASH", (name, found.message)
            return False
        assert isinstance(found, Article), name
        assert texts.clean_text(found.text) == found.text, name
        assert len(found.text.encode()) <= texts.MAX_TEXT_BYTES, name
        return False

    with Watched() as watched:
        number, killed = drive(documents, start, check, PAGE_SECONDS)
        assert watched.most < MEMORY
    report(record_property, number, killed, watched.most)


def test_urls(record_property):
    """A mutated address is refused with a reason, or becomes an identity that is its own."""
    seeds = [
        b"https://www.a.example/fr/2026/11/10/un-titre?utm_source=rss&id=1#c", b"http://m.a.example:80/amp/x.amp.html?amp=1",
        b"https://www.google.com/url?q=https://a.example/x", b"https://a-example.cdn.ampproject.org/c/s/a.example/x",
        b"https://news.google.com/rss/articles/CBMiIGh0dHBzOi8vYS5leGFtcGxlL3g_aWQ9MQ", "https://مثال.example/خبر".encode(),
        b"https://r.search.yahoo.com/_ylt=x/RU=https%3a%2f%2fa.example%2fx/RK=2/", b"http://[2606:4700::1111]/x",
    ]  # fmt: skip
    ended = time.monotonic() + SECONDS
    number = 0
    slowest = 0.0
    while time.monotonic() < ended and number < 300 * INPUTS:
        name = f"seed {SEED}:{number}"
        url = mutated(seeds, random.Random(name)).decode("utf-8", "surrogateescape")
        number += 1
        began = time.thread_time()
        try:
            found = urls.canonical_url(url)
        except urls.BadUrlError:
            continue
        finally:
            slowest = max(slowest, time.thread_time() - began)
        assert urls.canonical_url(found.canonical).canonical == found.canonical, name
        assert found.canonical.isascii(), name
        assert not set(found.url) & set("\r\n\t\0 "), name
        urls.parse_url(found.url)
        urls.is_homograph(found.url)
    assert slowest < 1.0
    report(record_property, number, 0, 0)


def report(record_property, number, killed, most):
    """The figures of a run, for whoever asks for them (``-rA`` or a report file)."""
    assert number > 5
    figures = f"seed {SEED}: {number} inputs, {killed} killed at the deadline, largest worker {most // 2**20} MB"
    record_property("fuzzed", figures)
    print(figures)
