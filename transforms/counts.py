"""What the steps count: one call goes to Beam's metrics (the runner shows them) and to this process's own figures.

The closed list below is the naming scheme: in Beam, namespace ``sahelwatch``, counter ``<step>_<what>_total`` and where
there is a reason, another counter ``<step>_<what>_total_<REASON>``; distribution ``<step>_milliseconds`` (Beam's
distributions are integers). The process's own figures are the progress line's, and ``--metrics-port`` exports them as
``sahelwatch_<step>_<what>_total{reason="..."}`` and ``sahelwatch_<step>_seconds``. None of them is the account of what
was published: a retried bundle counts twice, the manifest's ``counts`` do not.
"""

import dataclasses
import functools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMESPACE = "sahelwatch"

COUNTED: dict[tuple[str, str], str] = {
    ("tick", "ticks"): "Looks at what is due.",
    ("tick", "missed"): "Lanes that were still at work when a tick came, and began nothing at it.",
    ("tick", "broken_catalogues"): "Looks at a catalogue whose edit could not be used: its last good state stayed.",
    ("poll", "feeds"): "Feeds that were asked.",
    ("poll", "entries"): "New entries that feeds listed.",
    ("poll", "failures"): "Feeds that could not be read, and entries that could not be used, by reason.",
    ("fetch", "pages"): "Pages that were fetched.",
    ("fetch", "failures"): "Entries without a page so far, by reason; WAITING is not an error.",
    ("extract", "articles"): "Articles that were taken out of pages or feeds.",
    ("extract", "failures"): "Pages that gave no article, by reason.",
    ("tag", "articles"): "Articles that were tagged.",
    ("tag", "security_articles"): "Articles about regional security.",
    ("tag", "events"): "Events that were found.",
    ("tag", "failures"): "Articles that could not be tagged, by reason.",
    ("tag", "unread"): "Articles without a language the tagger reads, by language code.",
    ("sketch", "articles"): "Articles that were sketched.",
    ("commit", "windows"): "Windows whose manifest was written.",
    ("commit", "articles"): "Rows of articles, revisions included.",
    ("commit", "copies"): "Articles that joined the story of another one, by relation.",
    ("commit", "events"): "Rows of events, retractions included.",
    ("commit", "rejects"): "Rows of rejects, by reason.",
}
"""(step, what) -> meaning of each counter; counting anything else is an error."""

TIMED: dict[str, str] = {
    "tick": "Time it took to read the catalogue and the committed state.",
    "poll": "Time a lane of feeds took.",
    "fetch": "Time a lane of pages took, with what is done to each page before the next arrives.",
    "extract": "Time from handing a page over to its article.",
    "tag": "Time an article took to tag.",
    "sketch": "Time an article took to sketch.",
    "commit": "Time a window took to commit.",
}
"""Step -> meaning of its ``<step>_seconds``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timing:
    """How often a step was timed and how long it took in all (seconds)."""

    count: int = 0
    seconds: float = 0.0


_counts: Counter[tuple[str, str, str]] = Counter()
_timings: dict[str, Timing] = {}
_lock = threading.Lock()


def count(step: str, what: str, by: int = 1, *, reason: str = "") -> None:
    """Count ``by`` more; KeyError when (step, what) is not on the list."""
    COUNTED[step, what]
    if not by:
        return
    with _lock:
        _counts[step, what, reason] += by
    _beam_counter(counter_name(step, what)).inc(by)
    if reason:
        _beam_counter(counter_name(step, what, reason)).inc(by)


def observe(step: str, seconds: float) -> None:
    """Note how long a step took; KeyError for a step that is not on the list."""
    TIMED[step]
    with _lock:
        before = _timings.get(step, Timing())
        _timings[step] = Timing(count=before.count + 1, seconds=before.seconds + seconds)
    _beam_distribution(f"{step}_milliseconds").update(round(seconds * 1000))


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Observe how long the block takes, also when it raises."""
    started = time.monotonic()
    try:
        yield
    finally:
        observe(step, time.monotonic() - started)


def counter_name(step: str, what: str, reason: str = "") -> str:
    """The name of a Beam counter."""
    return f"{step}_{what}_total" + (f"_{reason}" if reason else "")


def counts() -> dict[tuple[str, str, str], int]:
    """(step, what, reason or "") -> what this process has counted since the last reset."""
    with _lock:
        return dict(_counts)


def timings() -> dict[str, Timing]:
    """Step -> its timing in this process since the last reset."""
    with _lock:
        return dict(_timings)


def shown() -> dict[str, int]:
    """The figures of the progress line: feeds, entries, pages, articles, failures; those that are not 0."""
    with _lock:
        total: Counter[tuple[str, str]] = Counter()
        for (step, what, _), number in _counts.items():
            total[step, what] += number
    line = {
        "feeds": total["poll", "feeds"],
        "entries": total["poll", "entries"],
        "pages": total["fetch", "pages"],
        "articles": total["extract", "articles"],
        "failures": total["fetch", "failures"] + total["extract", "failures"],
    }
    return {name: number for name, number in line.items() if number}


def reset() -> None:
    """Start over (this process's figures; the runner's are the runner's)."""
    with _lock:
        _counts.clear()
        _timings.clear()


@functools.cache
def _beam_counter(name: str) -> Any:
    from apache_beam.metrics import Metrics  # noqa: PLC0415 - who only reads figures should not wait for Beam

    return Metrics.counter(NAMESPACE, name)


@functools.cache
def _beam_distribution(name: str) -> Any:
    from apache_beam.metrics import Metrics  # noqa: PLC0415 - as above

    return Metrics.distribution(NAMESPACE, name)
