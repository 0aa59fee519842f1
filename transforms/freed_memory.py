"""Giving memory back: allocators keep what was freed, in pieces, and an always-on process would grow by it."""

import ctypes
import functools
import os
from collections.abc import Callable

import pyarrow as pa

_M_ARENA_MAX = -8
"""As in glibc's malloc.h."""


def give_back() -> None:
    """Return to the system what this process has freed, as far as its allocators (glibc's, Arrow's) can; some milliseconds.

    Python's own allocator works on top of glibc's and returns what is empty as a whole.
    """
    pa.default_memory_pool().release_unused()
    _trim()(0)


def one_arena() -> None:
    """Have glibc's allocator serve all threads from one arena; to be called before there are any.

    With one for each of Beam's threads what is freed lies scattered over all of them, and less of it can go back. What
    the operator set for glibc (``MALLOC_ARENA_MAX``) holds.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, 1)


@functools.cache
def _trim() -> Callable[[int], int]:
    """``malloc_trim`` of glibc, or nothing where the C library is another."""
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim or (lambda _: 0)
