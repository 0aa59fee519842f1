"""A pool of processes that can be killed: one per machine process, gone when its parent is.

lxml, expat and regular expressions cannot be interrupted from inside, so work that takes too long loses its process.
The processes come from a fork server that has the parsers loaded already, and the tagger where it is needed: a
replacement costs milliseconds, and nothing is forked from a process that runs threads (gRPC, an event loop).
"""

import atexit
import contextlib
import ctypes
import functools
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import forkserver, resource_tracker
from typing import Any, ClassVar, TypeVar

import pebble

MEMORY = 4 * 1024**3
"""Bytes of address space a worker may take; what asks for more crashes alone."""
PARSERS = ("transforms.warm",)
ALL = (*PARSERS, "transforms.warm_tagger")
"""What the fork server loads for pools that only parse, and for those that tag as well."""
_PR_SET_PDEATHSIG = 1
_ENDING = (signal.SIGTERM, signal.SIGINT)
Result = TypeVar("Result")


class WorkTimeoutError(Exception):
    """The work was not done in time; its process was killed."""


class WorkCrashError(Exception):
    """The process died over the work, or what the work gave cannot travel."""


class WorkerPool:
    """``submit`` gives a function that waits for the result of a call in another process."""

    _shared: ClassVar[dict[int, "WorkerPool"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, workers: int, loaded: Sequence[str] = ALL, *, memory: int | None = MEMORY) -> None:
        self.prepare(loaded)
        context = multiprocessing.get_context("forkserver")
        self._pool = pebble.ProcessPool(
            max_workers=workers, context=context, initializer=_begin, initargs=(os.getpid(), memory)
        )

    @staticmethod
    def prepare(loaded: Sequence[str] = ALL) -> None:
        """Start the fork server, which loads what workers need while the caller goes on; nothing where there is one."""
        multiprocessing.get_context("forkserver").set_forkserver_preload([*loaded])
        resource_tracker.ensure_running()  # before, because it ends by unblocking the signals
        with _deaf():
            forkserver.ensure_running()

    @classmethod
    def shared(cls, workers: int) -> "WorkerPool":
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
        """Whether the pool still takes work."""
        return bool(self._pool.active)

    def submit(self, function: Callable[..., Result], *args: Any, timeout: float) -> Callable[[], Result]:
        """Start ``function(*args)`` in a process; the function given back waits for it, ``timeout`` seconds at most.

        It raises WorkTimeoutError, WorkCrashError, or what the function itself raised.
        """
        future = self._pool.schedule(function, args=args, timeout=timeout)

        def result() -> Result:
            try:
                outcome: Result = future.result()
            except TimeoutError as error:
                raise WorkTimeoutError(f"not done after {timeout:g} s") from error
            except pebble.ProcessExpired as error:
                raise WorkCrashError(f"worker died with exit code {error.exitcode}") from error
            return outcome

        return result

    def close(self) -> None:
        """Kill the workers; work under way is lost with the caller."""
        with contextlib.suppress(Exception):
            self._pool.stop()
            self._pool.join(timeout=5)


def run_apart(function: Callable[..., Result], *args: Any, timeout: float) -> Result:
    """The result of a call in a process that ends with it, so that all the memory it took goes back.

    Raises as what ``WorkerPool.submit`` gives; other than a worker's its memory is not bounded. The call sees the
    environment of its caller, where the fork server has that of its own start: credentials may be newer.
    """
    pool = WorkerPool(1, memory=None)
    call = functools.partial(_in_environment, dict(os.environ), function)
    try:
        return pool.submit(call, *args, timeout=timeout)()
    finally:
        pool.close()


def _in_environment(environment: dict[str, str], function: Callable[..., Result], *args: Any) -> Result:
    os.environ.clear()
    os.environ.update(environment)
    return function(*args)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """What is started in this block never hears the signals that ask a process to end: its owner ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(owner: int, memory: int | None) -> None:
    """Set a worker up: bounded in memory if so asked, dying with those it works for, and out of reach of their group's signals.

    The terminal and ``timeout`` send those to all of a group, but the owner drains first and needs its workers for it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.setsid()
    while signal.sigtimedwait(_ENDING, 0):  # what came before that
        continue
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)  # a worker that takes too long is ended by one
    if memory is not None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
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
