"""ExtractArticles: a page becomes what a reader would call the article, or a reason why not.

The logic is the package ``transforms.extraction``; this step keeps it from hurting the worker. Pages go through a pool
of processes that can be killed (ExtractionPool), several at a time, so that a page that takes too long or crashes costs
that page only; what failed for good becomes an article from the feed's own text where the feed carries enough of it.
"""

import base64
import binascii
import datetime as dt
import functools
import queue
import threading
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam

from transforms import counts, texts, urls
from transforms.clock import Clock, iso, parse_time
from transforms.extraction.articles import article_from_feed, extract_article
from transforms.extraction.pool import ExtractionPool, extract_guarded
from transforms.pool import PARSERS, WorkerPool
from transforms.pooled import PooledFn
from transforms.records import Article, Entry, Failure, Page, article_id_of, stable_id

__all__ = ["ExtractArticles", "article_from_feed", "extract_article", "extract_record", "extract_records"]

FAILURES = "failures"
ARTICLES = "articles"


def outcome_of(result: Article | Failure, now: dt.datetime) -> Article | Failure:
    """A result with the feed's text in place of a page that failed for good."""
    if isinstance(result, Failure):
        return article_from_feed(result, now) or result
    return result


class _ExtractFn(PooledFn):
    """Pages through the process-wide pool; what failed before passes by."""

    def __init__(self, clock: Clock, workers: int) -> None:
        super().__init__(workers)
        self._clock = clock

    def begin(self, element: Page | Failure) -> Callable[[], Any]:
        """A page is handed to the pool."""
        if isinstance(element, Failure):
            return lambda: self._output(element)
        now = _met(element) or self._clock()
        if not self._workers:
            return lambda: self._output(_timed(functools.partial(extract_guarded, element, now)))
        wait = ExtractionPool.shared(self._workers).submit(element, now)
        return lambda: self._output(_timed(wait))

    def _output(self, result: Article | Failure) -> Any:
        outcome = outcome_of(result, (isinstance(result, Failure) and _met(result)) or self._clock())
        if isinstance(outcome, Article):
            counts.count("extract", "articles")
            return outcome
        if outcome.stage == "extract":
            counts.count("extract", "failures", reason=outcome.reason)
        return beam.pvalue.TaggedOutput(FAILURES, outcome)


def _timed(wait: Callable[[], Article | Failure]) -> Article | Failure:
    with counts.timed("extract"):
        return wait()


def _met(element: Page | Failure) -> dt.datetime | None:
    """When it came from the web: the step's clock, so that a page gives the same article whenever it is read."""
    return parse_time(element.fetched) if element.fetched else None


class ExtractArticles(beam.PTransform[Any, Any]):
    """Page | Failure -> ``articles`` and ``failures``; ``workers`` processes extract, 0 does it in this one."""

    def __init__(self, clock: Clock, workers: int = 2) -> None:
        super().__init__()
        self._fn = _ExtractFn(clock, workers)

    def expand(self, pcoll: beam.PCollection[Any]) -> Any:
        """Wire the step."""
        return pcoll | "ExtractArticle" >> beam.ParDo(self._fn).with_outputs(FAILURES, main=ARTICLES)


OPTIONAL = ("published", "fetched", "title", "summary", "content", "language", "country", "timezone", "outlet")
"""What an input line of the filter may say besides the page: what a feed and the catalogue would have said."""


def extract_record(line: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """One line of the ``extract`` filter: an article record with its ``text``, or the URL and why it was refused.

    Input: ``url``, ``html`` or ``html_base64``, and perhaps any of OPTIONAL. A page that was ``fetched`` earlier is judged
    by that clock: what lies after it was not published yet.
    """
    return _begin(line, now, lambda page, at: functools.partial(extract_guarded, page, at))()


def extract_records(lines: Iterable[dict[str, Any]], clock: Clock, *, workers: int = 2) -> Iterator[dict[str, Any]]:
    """``extract_record`` of each line, in order, in ``workers`` processes that a hostile page cannot hold up.

    Lines are read ahead by a thread, so that a caller who waits for an answer before the next line gets it.
    """
    processes = WorkerPool(workers, PARSERS)
    pool = ExtractionPool(processes)
    begun: queue.Queue[Callable[[], dict[str, Any]] | None] = queue.Queue(maxsize=2 * workers)
    failed: list[BaseException] = []

    def read() -> None:
        try:
            for line in lines:
                begun.put(_begin(line, clock(), pool.submit))
        except BaseException as error:  # noqa: BLE001 - raised again where the results are read
            failed.append(error)
        begun.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (result := begun.get()) is not None:
            yield result()
    finally:
        processes.close()
    if failed:
        raise failed[0]


def _begin(
    line: dict[str, Any],
    now: dt.datetime,
    submit: Callable[[Page, dt.datetime], Callable[[], Article | Failure]],
) -> Callable[[], dict[str, Any]]:
    """Start on a line; the function given back waits for its record."""
    url = line.get("url")
    try:
        page = _page_of(line, now)
    except urls.BadUrlError as error:
        refused = {"url": url, "reject": {"reason": error.reason, "message": str(error)[:300]}}
        return lambda: refused
    except ValueError as error:
        refused = {"url": url, "reject": {"reason": "BAD_INPUT", "message": str(error)[:300]}}
        return lambda: refused
    result = submit(page, min(now, parse_time(page.fetched)))
    return lambda: record_of(outcome_of(result(), now), url)


def record_of(result: Article | Failure, url: Any) -> dict[str, Any]:
    """A result as the filter writes it."""
    if isinstance(result, Failure):
        return {"url": url, "reject": {"reason": result.reason, "message": result.message}}
    return {
        "article_id": result.article_id,
        "url": result.url,
        "canonical_url": result.canonical_url,
        "title": result.title,
        "authors": list(result.authors),
        "published": result.published,
        "published_from": result.published_from,
        "published_precision": result.published_precision,
        "updated": result.updated,
        "fetched": result.fetched,
        "language": result.language,
        "language_confidence": result.language_confidence,
        "excerpt": texts.excerpt_of(result.text),
        "word_count": texts.word_count(result.text),
        "text_hash": texts.text_hash(result.text),
        "body_from": result.body_from,
        "wire_agency": result.wire_agency,
        "flags": list(result.flags),
        "rights": result.rights,
        "extraction": result.extraction,
        "text": result.text,
    }


def _precision(written: str) -> str:
    return "second" if ":" in written else "day"


def _page_of(line: dict[str, Any], now: dt.datetime) -> Page:
    """The page that an input line describes; ValueError says what is wrong with it."""
    wrong = [n for n in ("url", "html", "html_base64", *OPTIONAL) if not isinstance(line.get(n), str | None)]
    if wrong or not line.get("url") or (line.get("html") is None) == (line.get("html_base64") is None):
        raise ValueError(
            f"not a text: {', '.join(wrong)}" if wrong else "url and one of html, html_base64 are required"
        )
    address = urls.canonical_url(line["url"])
    if line.get("html") is not None:
        raw, charset = line["html"].encode("utf-8", "replace"), "utf-8"
    else:
        try:
            raw, charset = base64.b64decode(line["html_base64"], validate=True), None
        except binascii.Error as error:
            raise ValueError(f"html_base64 is not base64: {error}") from error
    published = iso(parse_time(line["published"])) if line.get("published") else None
    fetched = iso(parse_time(line["fetched"])) if line.get("fetched") else iso(now)
    try:
        zone = zoneinfo.ZoneInfo(line["timezone"]).key if line.get("timezone") else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {line['timezone'][:80]}") from error
    entry = Entry(
        entry_id=stable_id("entry", "", address.canonical),
        feed_id="",
        article_id=article_id_of(address.canonical),
        url=address.url,
        canonical_url=address.canonical,
        published=published,
        published_precision=_precision(line["published"]) if published else "none",
        title=texts.clean_text(line.get("title") or "", one_line=True),
        summary=line.get("summary") or "",
        content=line.get("content") or "",
        language=line.get("language"),
        country=line.get("country"),
        timezone=zone,
        outlet=line.get("outlet") or "",
    )
    return Page(entries=(entry,), url=address.url, fetched=fetched, body=raw, charset=charset)
