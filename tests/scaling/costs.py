"""What each step costs an article: CPU, bytes that are shuffled, bytes that are kept.

Pages are those of ``tests.benchmarks.world`` (ordinary prose in the fixture world's templates, a quarter of it copies),
fetched from loopback by the real client. Each step is run by itself on one thread, and the clock is that thread's CPU
time, so that neither the server nor a neighbour on the machine is counted.
"""

import dataclasses
import pathlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apache_beam import coders

from pipeline.catalogue import load_catalogue
from pipeline.world.server import WorldServer
from tests.benchmarks.world import NOW, write_world
from transforms.addresses import Exemptions
from transforms.clock import Clock
from transforms.exchanges import Request, Response, WebOptions
from transforms.extraction.pool import extract_guarded
from transforms.fetch_pages import fetch_pages
from transforms.find_duplicates import with_sketch
from transforms.polls import PollOptions, read_poll
from transforms.records import Article, CodedArticle, Entry, Page
from transforms.tag_events import tag_article
from transforms.tagging.tagger import Tagger
from transforms.web import WebClient

CODER = coders.FastPrimitivesCoder()
"""What Beam takes for our records: pickle. (tests/fixtures/dataflow_graph.json has the coder of every collection.)"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one step: CPU milliseconds and bytes, each a thing of the kind ``per``."""

    step: str
    per: str
    milliseconds: float = 0.0
    bytes: float = 0.0
    note: str = ""


def measure(number: int) -> list[Cost]:
    """The costs of all steps up to the commit, over so many pages."""
    with tempfile.TemporaryDirectory(prefix="sahelwatch-costs-") as folder:
        catalogue = write_world(pathlib.Path(folder), number)
        feeds = load_catalogue(str(catalogue))
        with WorldServer(folder=pathlib.Path(folder)) as server:
            resolve = server.resolve_options()
            options = WebOptions(host_interval=0.0, exemptions=Exemptions.parse([], resolve), version="0")
            client = WebClient(options)
            costs, entries = _poll(client, feeds)
            found, pages = _fetch(client, entries)
            client.close()
    costs += found
    found, articles = _extract(pages)
    costs += found
    return costs + _tag_and_sketch(articles)


def _poll(client: WebClient, feeds) -> tuple[list[Cost], list[Entry]]:
    requests = [Request(url=feed.url, kind="feed", key=feed) for feed in feeds]
    with _web_time(client) as fetched:
        answers = list(client.fetch_all(requests))
    entries: list[Entry] = []
    states = {}
    options = PollOptions(min_interval=300.0)
    with _thread_time() as read:
        for request, answer in answers:
            polled, new, _ = read_poll(request.key, None, answer, known={}, now=NOW, options=options)
            states[request.key.id] = polled.state
            entries += new
    listed = sum(isinstance(answer, Response) for _, answer in answers)
    with _thread_time() as unchanged:
        for _ in range(50):
            for request, answer in answers:
                same = dataclasses.replace(answer, status=304, body=b"")
                read_poll(request.key, states[request.key.id], same, known={}, now=NOW, options=options)
    shuffled = sum(len(CODER.encode(entry)) for entry in entries)
    return [
        Cost(step="poll: ask", per="poll", milliseconds=fetched.milliseconds / listed),
        Cost(step="poll: 304 or same bytes", per="poll", milliseconds=unchanged.milliseconds / 50 / listed),
        Cost(
            step="poll: read a changed feed", per="entry listed", milliseconds=read.milliseconds / len(entries),
            note=f"{listed} feeds of {len(entries) / listed:.0f} entries; a feed of 30 entries is 30 times this",
        ),
        Cost(step="shuffle: entries to lanes", per="article", bytes=shuffled / len(entries)),
    ], entries  # fmt: skip


def _fetch(client: WebClient, entries: list[Entry]) -> tuple[list[Cost], list[Page]]:
    with _web_time(client) as spent:
        results = list(fetch_pages(client, entries, seconds=1e6, clock=Clock(NOW)))
    pages = [result for result in results if isinstance(result, Page)]
    size = sum(len(page.body) for page in pages) / len(pages)
    return [
        Cost(step="fetch a page", per="article", milliseconds=spent.milliseconds / len(pages), note=f"{size / 1e3:.1f} kB of HTML a page, never shuffled"),
    ], pages  # fmt: skip


def _extract(pages: list[Page]) -> tuple[list[Cost], list[Article]]:
    extract_guarded(pages[0], NOW)  # the language model is loaded once
    with _thread_time() as spent:
        results = [extract_guarded(page, NOW) for page in pages]
    articles = [result for result in results if isinstance(result, Article)]
    return [Cost(step="extract", per="article", milliseconds=spent.milliseconds / len(pages))], articles


def _tag_and_sketch(articles: list[Article]) -> list[Cost]:
    tagger = Tagger.load()
    tag_article(tagger, articles[0], None)
    with _thread_time() as tagging:
        coded: list[CodedArticle] = [tag_article(tagger, article, article.country) for article in articles]
    with _thread_time() as sketching:
        sketched = [with_sketch(one) for one in coded]
    with _thread_time() as encoding:
        encoded = [CODER.encode(one) for one in sketched]
    with _thread_time() as decoding:
        for one in encoded:
            CODER.decode(one)
    words = sum(len(article.text.split()) for article in articles) / len(articles)
    return [
        Cost(step="tag", per="article", milliseconds=tagging.milliseconds / len(articles), note=f"{words:.0f} words an article"),
        Cost(step="sketch", per="article", milliseconds=sketching.milliseconds / len(articles)),
        Cost(
            step="shuffle: coded articles to the commit", per="article",
            milliseconds=(encoding.milliseconds + decoding.milliseconds) / len(articles),
            bytes=sum(map(len, encoded)) / len(encoded),
        ),
    ]  # fmt: skip


@dataclasses.dataclass
class Spent:
    """CPU time of a block."""

    milliseconds: float = 0.0


@contextmanager
def _thread_time() -> Iterator[Spent]:
    spent, started = Spent(), time.thread_time()
    yield spent
    spent.milliseconds = 1e3 * (time.thread_time() - started)


@contextmanager
def _web_time(client: WebClient) -> Iterator[Spent]:
    """CPU of this thread and of the client's own."""
    ident = client._thread.ident
    assert ident is not None
    clock = time.pthread_getcpuclockid(ident)
    before = time.clock_gettime(clock)
    with _thread_time() as spent:
        yield spent
    spent.milliseconds += 1e3 * (time.clock_gettime(clock) - before)
