"""Counts of what a process has done so far, for the progress line; the published figures are the manifest's."""

import threading
from collections import Counter

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def advance(name: str, by: int = 1) -> None:
    """Count ``by`` more of ``name`` (feeds, entries, pages, articles)."""
    with _lock:
        _counts[name] += by


def counts() -> dict[str, int]:
    """What has been counted since the last reset."""
    with _lock:
        return dict(_counts)


def reset() -> None:
    """Start over."""
    with _lock:
        _counts.clear()
