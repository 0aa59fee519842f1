"""Where the time of a pass goes: ``python -m tests.benchmarks.parts CATALOGUE PORT``, with its world served elsewhere.

The steps are called one after the other in this process, each over all pages of the world, so that their CPU seconds
add up. Printed as a JSON object: milliseconds a page by step, and how many pages there were. What a whole pass takes
beyond their sum is Beam, the messages between processes, and the start of the extraction processes.
"""

import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from pipeline.catalogue import load_catalogue
from tests.benchmarks.world import NOW
from transforms import exports
from transforms.addresses import Exemptions
from transforms.archiving import ArchiveOptions, Recorder
from transforms.clock import Clock, iso
from transforms.commit_windows import commit_window
from transforms.exchanges import Request, Response, WebFailure, WebOptions
from transforms.extraction.languages import detect_language
from transforms.extraction.pool import ExtractionPool, extract_guarded
from transforms.fetch_pages import read_page
from transforms.find_duplicates import with_sketch
from transforms.history import History
from transforms.polls import PollOptions, poll_request, read_poll
from transforms.pool import WorkerPool
from transforms.records import Archived, Article, Failure, FeedPolled, Page, Tick
from transforms.store import open_store
from transforms.tag_events import tag_article
from transforms.tagging.tagger import Tagger
from transforms.web import WebClient
from transforms.window_plan import Outcome, Versions

Answer = tuple[Request, Response | WebFailure]


class Answered:
    """A client that has all its answers already: what is left of its time is its caller's."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = list(answers)

    def fetch_all(self, *_: Any, **__: Any) -> Iterator[Answer]:
        """See ``exchanges.Client``."""
        yield from self._answers


class Parts:
    """CPU seconds by the name of a part, of all threads of this process."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """What runs within counts for the part."""
        started = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - started


def measure(catalogue: str, port: int) -> tuple[dict[str, float], int]:
    """(CPU seconds by part, articles) of one pass over the feeds and pages of a catalogue."""
    feeds = load_catalogue(catalogue)
    hosts = sorted({feed.url.split("/")[2] for feed in feeds})
    exemptions = Exemptions.parse([], [f"{host}=127.0.0.1:{port}" for host in hosts])
    options = WebOptions(host_interval=0.0, exemptions=exemptions, version="bench")
    clock, parts = Clock(NOW), Parts()
    tagger = Tagger.load()
    detect_language("Le pont a été rouvert mardi matin, après deux semaines de travaux sur la rive.")  # loads the model
    client = WebClient(options, clock)
    with tempfile.TemporaryDirectory() as output:
        archive = ArchiveOptions(output=output)
        with parts.timed("fetch feeds and pages"):
            answers = list(client.fetch_all([poll_request(feed, None, NOW) for feed in feeds]))
        polled: list[FeedPolled] = []
        wanted: list[Request] = []
        with parts.timed("read feeds"):
            for request, answer in answers:
                poll, entries, _ = read_poll(
                    request.key, None, answer, known={}, now=NOW, options=PollOptions(min_interval=0.0)
                )
                polled.append(poll)
                wanted += [Request(url=entry.url, kind="page", key=(entry,)) for entry in entries]
        with parts.timed("fetch feeds and pages"):
            pages_found = list(client.fetch_all(wanted))
        client.close()
        found: list[Page] = []
        archived: list[Archived | None] = []
        with parts.timed("archive"):
            for label, some in (("feeds", answers), ("pages", pages_found)):
                recorder = Recorder(Answered(some), archive, label, clock)
                kept = list(recorder.fetch_all([]))
                archived.append(recorder.archived())
                if label == "pages":
                    found = [
                        p for request, a in kept if isinstance(p := read_page(request.key, a, fetched=iso(NOW)), Page)
                    ]
        with parts.timed("extract"):
            results = [extract_guarded(page, NOW) for page in found]
        with parts.timed("hand pages to the extraction processes and back"):
            _through_the_pool(found)
        articles = [one for one in results if isinstance(one, Article)]
        with parts.timed("of which the language"):
            for article in articles:
                detect_language(f"{article.title}\n{article.text}")
        with parts.timed("tag"):
            coded = [tag_article(tagger, article, article.country) for article in articles]
        with parts.timed("sketch"):
            coded = [with_sketch(one) for one in coded]
        outcomes: list[Outcome | Archived] = [
            Tick(at=iso(NOW), feeds=tuple(feeds)),
            *polled,
            *coded,
            *filter(None, archived),
        ]
        history = History(open_store(output))
        versions = Versions(pipeline="bench", rules="bench")
        with parts.timed("commit, the archive's joining included"):
            commit_window(outcomes, history, window=(iso(NOW), iso(NOW)), now=NOW, versions=versions, archive=archive)
        with parts.timed("exports"):
            exports.renew_exports(history.store, NOW)
    return parts.seconds, len(articles)


def _through_the_pool(pages: Sequence[Page]) -> None:
    """Pages to two processes and back, of which this process has the sending and the receiving."""
    processes = WorkerPool(2)
    pool = ExtractionPool(processes)
    under_way: deque[Callable[[], Article | Failure]] = deque()
    for page in pages:
        under_way.append(pool.submit(page, NOW))
        while len(under_way) > 4:
            under_way.popleft()()
    while under_way:
        under_way.popleft()()
    processes.close()


def main() -> None:
    """Measure and print."""
    seconds, articles = measure(sys.argv[1], int(sys.argv[2]))
    print(orjson.dumps({"parts": seconds, "articles": articles}).decode())


if __name__ == "__main__":
    main()
