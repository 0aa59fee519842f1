"""Extraction in processes that can be killed: every page ends as an article or a failure."""

import datetime as dt
from collections.abc import Callable

from transforms.extraction.articles import extract_article, failure_of
from transforms.pool import WorkCrashError, WorkerPool, WorkTimeoutError
from transforms.records import Article, Failure, Page

TIMEOUT = 20.0
"""Seconds a page may take; the slowest of 181 news pages took 0.3 s."""


def extract_guarded(page: Page, now: dt.datetime) -> Article | Failure:
    """``extract_article``, with whatever it raises as a failure: one page must not stop a stream."""
    try:
        return extract_article(page, now)
    except RecursionError:  # the extraction library walks a page by recursion
        return failure_of(page, "HTML_TOO_COMPLEX", "nested too deeply for the extraction")
    except Exception as error:  # noqa: BLE001 - the page is quarantined with its bytes and the error's name
        return failure_of(page, "EXTRACT_CRASH", f"{type(error).__name__}: {error}"[:300])


class ExtractionPool:
    """Pages into a pool of processes, ``transforms.pool``, that they share with other parsers."""

    def __init__(
        self,
        pool: WorkerPool,
        *,
        timeout: float = TIMEOUT,
        extract: Callable[[Page, dt.datetime], Article | Failure] = extract_guarded,
    ) -> None:
        self._pool = pool
        self._extract = extract
        self._timeout = timeout

    @classmethod
    def shared(cls, workers: int) -> "ExtractionPool":
        """Over the pool of this process."""
        return cls(WorkerPool.shared(workers))

    def submit(self, page: Page, now: dt.datetime) -> Callable[[], Article | Failure]:
        """Start on a page; the function given back waits for it, never longer than the time limit."""
        wait = self._pool.submit(self._extract, page, now, timeout=self._timeout)

        def result() -> Article | Failure:
            try:
                return wait()
            except WorkTimeoutError as error:
                return failure_of(page, "EXTRACT_TIMEOUT", str(error))
            except WorkCrashError as error:
                return failure_of(page, "EXTRACT_CRASH", str(error))
            except Exception as error:  # noqa: BLE001 - a result that cannot travel back is a crash as well
                return failure_of(page, "EXTRACT_CRASH", f"{type(error).__name__}: {error}"[:300])

        return result
