"""Tagging in processes that can be killed: every article ends coded or as a failure."""

from collections.abc import Callable

from transforms.pool import WorkCrashError, WorkerPool, WorkTimeoutError
from transforms.records import Article, CodedArticle, Failure
from transforms.tagging.tagger import Taggable, Tagger, Tagging

TIMEOUT = 20.0
"""Seconds an article may take; the slowest of the fixture world's, made 20,000 characters long, took 0.3 s."""


def taggable_of(article: Article, country: str | None) -> Taggable:
    """What the tagger reads of an article; ``country`` is the outlet's, a weak hint for places and generic actors."""
    return Taggable(
        article_id=article.article_id,
        text=article.text,
        title=article.title,
        language=article.language,
        published=article.published or article.fetched,
        country=country,
    )


def coded(article: Article, tagging: Tagging) -> CodedArticle:
    """The article with what was found in it."""
    return CodedArticle(
        article=article, is_security=tagging.is_security, countries=tagging.countries, events=tagging.events
    )


def tag_text(taggable: Taggable) -> Tagging:
    """By the tagger of this process: it is compiled once in each, since automata do not pickle."""
    return Tagger.load().tag(taggable)


def tag_guarded(article: Article, tag: Callable[[], Tagging]) -> CodedArticle | Failure:
    """The article with what ``tag`` finds, or what it raises as a failure: one article must not stop a stream."""
    try:
        return coded(article, tag())
    except WorkTimeoutError as error:
        return _failure_of(article, "TAG_TIMEOUT", str(error))
    except WorkCrashError as error:
        return _failure_of(article, "TAG_CRASH", str(error))
    except Exception as error:  # noqa: BLE001 - it is quarantined with its bytes and the error's name
        return _failure_of(article, "TAG_CRASH", f"{type(error).__name__}: {error}"[:300])


class TaggingPool:
    """Articles into a pool of processes, ``transforms.pool``, that they share with the parsers."""

    def __init__(
        self, pool: WorkerPool, *, timeout: float = TIMEOUT, tag: Callable[[Taggable], Tagging] = tag_text
    ) -> None:
        self._pool = pool
        self._tag = tag
        self._timeout = timeout

    @classmethod
    def shared(cls, workers: int) -> "TaggingPool":
        """Over the pool of this process."""
        return cls(WorkerPool.shared(workers))

    def submit(self, article: Article) -> Callable[[], CodedArticle | Failure]:
        """Start on an article; the function given back waits for it, never longer than the time limit."""
        wait = self._pool.submit(self._tag, taggable_of(article, article.country), timeout=self._timeout)
        return lambda: tag_guarded(article, wait)


def _failure_of(article: Article, reason: str, message: str) -> Failure:
    return Failure(stage="tag", reason=reason, message=message, entries=article.entries, raw_ref=article.raw_ref)
