"""A pool of processes that can be killed: one per machine process, gone when its parent is.

lxml and regular expressions cannot be interrupted from inside, so a page that takes too long loses its process. The
processes come from a fork server that has the extraction loaded already: a replacement costs milliseconds, and nothing
is forked from a process that runs threads (gRPC, an event loop).
"""

import atexit
import contextlib
import ctypes
import datetime as dt
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from typing import ClassVar

import pebble

from transforms.extraction.articles import extract_article
from transforms.records import Article, Failure, Page

TIMEOUT = 20.0
"""Seconds a page may take; the slowest of 181 news pages took 0.3 s."""
MEMORY = 4 * 1024**3
"""Bytes of address space a worker may take; what asks for more crashes alone."""
_PR_SET_PDEATHSIG = 1


def extract_guarded(page: Page, now: dt.datetime) -> Article | Failure:
    """``extract_article``, with whatever it raises as a failure: one page must not stop a stream."""
    try:
        return extract_article(page, now)
    except Exception as error:  # noqa: BLE001 - the page is quarantined with its bytes and the error's name
        return failure_of(page, "EXTRACT_CRASH", f"{type(error).__name__}: {error}"[:300])


def failure_of(page: Page, reason: str, message: str) -> Failure:
    """The failure of a page in this step."""
    return Failure(stage="extract", reason=reason, message=message, entries=page.entries, url=page.url)


class ExtractionPool:
    """``submit`` gives a function that waits for the result; every page ends as an article or a failure."""

    _shared: ClassVar[dict[int, "ExtractionPool"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        workers: int,
        *,
        timeout: float = TIMEOUT,
        extract: Callable[[Page, dt.datetime], Article | Failure] = extract_guarded,
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["transforms.extraction.articles", "transforms.extraction.pool"])
        self._extract = extract
        self._timeout = timeout
        self._pool = pebble.ProcessPool(
            max_workers=workers, context=context, initializer=_begin, initargs=(os.getpid(),)
        )

    @classmethod
    def shared(cls, workers: int) -> "ExtractionPool":
        """The pool of this process (and not of the one it was forked from), started when first asked for."""
        with cls._lock:
            pool = cls._shared.get(os.getpid())
            if pool is None or not pool.active:
                pool = cls(workers)
                cls._shared[os.getpid()] = pool
                atexit.register(pool.close)
            return pool

    @property
    def active(self) -> bool:
        """Whether the pool still takes pages."""
        return bool(self._pool.active)

    def submit(self, page: Page, now: dt.datetime) -> Callable[[], Article | Failure]:
        """Start on a page; the function given back waits for it, never longer than the time limit."""
        future = self._pool.schedule(self._extract, args=(page, now), timeout=self._timeout)

        def result() -> Article | Failure:
            try:
                outcome: Article | Failure = future.result()
            except TimeoutError:
                return failure_of(page, "EXTRACT_TIMEOUT", f"not done after {self._timeout:g} s")
            except pebble.ProcessExpired as error:
                return failure_of(page, "EXTRACT_CRASH", f"worker died with exit code {error.exitcode}")
            except Exception as error:  # noqa: BLE001 - a result that cannot travel back is a crash as well
                return failure_of(page, "EXTRACT_CRASH", f"{type(error).__name__}: {error}"[:300])
            return outcome

        return result

    def close(self) -> None:
        """Kill the workers; pages under way are lost with the caller."""
        with contextlib.suppress(Exception):
            self._pool.stop()
            self._pool.join(timeout=5)


def _begin(owner: int) -> None:
    """Set a worker up: it ignores the terminal's interrupt, is bounded in memory and dies with those it works for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(OSError, AttributeError):
        # The fork server ends when its owner does (its pipe closes), and then the kernel ends the worker
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(owner, os.getppid()), daemon=True).start()


def _watch(owner: int, parent: int) -> None:
    """Leave when the owner or the fork server is gone (systems without PR_SET_PDEATHSIG)."""
    pause = threading.Event()
    while not pause.wait(2.0):
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            os._exit(1)
        except PermissionError:
            continue
        if os.getppid() != parent:
            os._exit(1)
