"""What this process has begun and no manifest tells of yet: a bounded cache between two commits.

The committed history does not know the feeds just polled nor the entries on their way. Without this cache every tick
would poll and fetch them again. It is a cache and nothing more: each thing is kept until the window it belongs to is
committed, whether the commit told of it or not, and then the history alone counts. So what a failed bundle lost is
begun anew a window later, and what a lost cache forgets is fetched a second time, never published twice.

It also knows which lanes are at work in this process. A tick that came while its lane worked is a missed one: it begins
nothing there, since what is begun faster than it is done piles up, and holds up its windows ever longer.

One trap is closed here: a feed polled again before its last poll is committed may answer 304 to validators that were
never committed. Such a poll takes over what the last one listed, and the commit lets the validators go unless all of
it is accounted for.
"""

import contextlib
import dataclasses
import datetime as dt
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from transforms.records import Entry, Failure, FeedPolled, FeedState

MAX_ENTRIES = 200_000
"""Ids of entries on their way; beyond them the oldest are forgotten (and perhaps fetched twice)."""
MAX_WAITING_BYTES = 64 * 1024**2
"""Entries that a lane could not reach are kept for the next tick up to this size; others wait for the commit."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Size:
    """How much the cache holds; ``bytes`` counts its strings and containers."""

    feeds: int = 0
    entries: int = 0
    waiting: int = 0
    bytes: int = 0


@dataclasses.dataclass(frozen=True)
class _Poll:
    state: FeedState
    listed: tuple[tuple[str, str], ...]
    end: str


class Pending:
    """The cache of one dataset in one process. Every ``end`` is the end of a window, RFC 3339."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._polls: dict[str, _Poll] = {}
        self._handed: dict[str, str] = {}
        self._entries: dict[str, tuple[str, str, str]] = {}
        self._by_feed: dict[str, set[str]] = {}
        self._waiting: dict[str, tuple[Entry, str]] = {}
        self._waiting_bytes = 0
        self._at_work: Counter[int] = Counter()
        self._worked_until: dict[int, dt.datetime] = {}

    @contextlib.contextmanager
    def at_work(self, lane: int, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> Iterator[None]:
        """A lane polls or fetches in this process while the block runs."""
        with self._lock:
            self._at_work[lane] += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[lane] -= 1
                self._worked_until[lane] = now()

    def has_missed(self, lane: int, tick: dt.datetime) -> bool:
        """Whether a tick came while the lane worked in this process, or the lane still does."""
        with self._lock:
            until = self._worked_until.get(lane)
            return self._at_work[lane] > 0 or (until is not None and tick < until)

    def forget_until(self, end: str) -> None:
        """Drop what belongs to windows that end at ``end`` or before: the history knows them, or they were lost."""
        with self._lock:
            self._polls = {feed: poll for feed, poll in self._polls.items() if poll.end > end}
            self._handed = {feed: until for feed, until in self._handed.items() if until > end}
            for entry_id in [e for e, (_, _, until) in self._entries.items() if until <= end]:
                self._drop(entry_id)
            for entry_id in [e for e, (_, until) in self._waiting.items() if until <= end]:
                self._take(entry_id)

    def state_of(self, feed_id: str, committed: FeedState | None) -> FeedState | None:
        """The newer of a feed's committed state and that of its last poll."""
        with self._lock:
            poll = self._polls.get(feed_id)
        if poll is None or (committed is not None and committed.polled >= poll.state.polled):
            return committed
        return poll.state

    def known(self, feed_id: str) -> dict[str, str]:
        """Entry id -> fingerprint of a feed's entries that are on their way."""
        with self._lock:
            return {entry_id: self._entries[entry_id][1] for entry_id in self._by_feed.get(feed_id, ())}

    def hand_out(self, feed_ids: Iterable[str], end: str) -> None:
        """Feeds are on their way to be polled: until that is told of they are not due."""
        with self._lock:
            self._handed |= dict.fromkeys(feed_ids, end)

    def give_back(self, feed_id: str) -> None:
        """A feed was not polled after all."""
        with self._lock:
            self._handed.pop(feed_id, None)

    def is_handed_out(self, feed_id: str) -> bool:
        """Whether a feed is on its way and no poll has told of it yet."""
        with self._lock:
            return feed_id in self._handed

    def polled(self, poll: FeedPolled, new: Iterable[Entry], failures: Iterable[Failure], end: str) -> FeedPolled:
        """Note a poll and its entries; gives the poll to commit, with what the one before listed if it lists nothing."""
        feed_id = poll.row.feed_id
        with self._lock:
            before = self._polls.get(feed_id)
            if before is not None and not poll.listed:
                poll = dataclasses.replace(poll, listed=before.listed)
            self._polls[feed_id] = _Poll(poll.state, poll.listed, end)
            self._handed.pop(feed_id, None)
            for entry in (*new, *(entry for failure in failures for entry in failure.entries)):
                self._note(entry, end)
        return poll

    def send(self, entry: Entry, end: str) -> bool:
        """Note that an entry sets out; False when it is on its way already."""
        with self._lock:
            known = self._entries.get(entry.entry_id)
            if known is not None and known[1] == entry.fingerprint:
                return False
            self._note(entry, end)
            return True

    def wait(self, entries: Iterable[Entry], end: str) -> None:
        """Keep entries that a lane did not reach, for the next tick."""
        with self._lock:
            # where another process reads the catalogue nobody resumes them: what is left of older windows goes
            for entry_id in [e for e, (_, until) in self._waiting.items() if until < end]:
                self._take(entry_id)
            for entry in entries:
                size = _size_of(entry)
                if self._waiting_bytes + size <= MAX_WAITING_BYTES and entry.entry_id not in self._waiting:
                    self._waiting[entry.entry_id] = entry, end
                    self._waiting_bytes += size

    def resume(self, end: str, wanted: Callable[[Entry], bool] = lambda _: True) -> list[Entry]:
        """The wanted ones of the entries that were kept, to set out again in the window that ends at ``end``."""
        with self._lock:
            ids = [entry_id for entry_id, (entry, _) in sorted(self._waiting.items()) if wanted(entry)]
            entries = [self._take(entry_id) for entry_id in ids]
            for entry in entries:
                self._note(entry, end)
            return entries

    def size(self) -> Size:
        """What is held now."""
        with self._lock:
            strings = sum(
                sys.getsizeof(entry_id) + sum(map(sys.getsizeof, noted)) + sys.getsizeof(noted)
                for entry_id, noted in self._entries.items()
            )
            listed = sum(
                sum(sys.getsizeof(pair) + sum(map(sys.getsizeof, pair)) for pair in poll.listed)
                for poll in self._polls.values()
            )
            containers = sum(map(sys.getsizeof, (self._polls, self._handed, self._entries, *self._by_feed.values())))
            return Size(
                feeds=len(self._polls),
                entries=len(self._entries),
                waiting=len(self._waiting),
                bytes=strings + listed + containers + self._waiting_bytes,
            )

    def _note(self, entry: Entry, end: str) -> None:
        self._drop(entry.entry_id)  # the newest stand last
        self._entries[entry.entry_id] = entry.feed_id, entry.fingerprint, end
        self._by_feed.setdefault(entry.feed_id, set()).add(entry.entry_id)
        while len(self._entries) > MAX_ENTRIES:
            self._drop(next(iter(self._entries)))

    def _drop(self, entry_id: str) -> None:
        noted = self._entries.pop(entry_id, None)
        if noted is not None:
            of_feed = self._by_feed[noted[0]]
            of_feed.discard(entry_id)
            if not of_feed:
                del self._by_feed[noted[0]]

    def _take(self, entry_id: str) -> Entry:
        entry, _ = self._waiting.pop(entry_id)
        self._waiting_bytes -= _size_of(entry)
        return entry


def _size_of(entry: Entry) -> int:
    """Bytes of an entry's longer strings, and a round figure for the rest."""
    return 2000 + sum(map(sys.getsizeof, (entry.content, entry.summary, entry.title, entry.url)))


_open: dict[str, Pending] = {}
_open_lock = threading.Lock()


def open_pending(uri: str, committed_until: str = "") -> Pending:
    """The process-wide cache of the dataset at a URI, without the windows that are committed: up to that end."""
    with _open_lock:
        pending = _open.setdefault(uri, Pending())
    pending.forget_until(committed_until)
    return pending


def drop_pending(uri: str) -> None:
    """Forget it all: what was begun in this process is not going on any more."""
    with _open_lock:
        _open.pop(uri, None)


def pending_size() -> Size:
    """What the caches of this process hold together."""
    with _open_lock:
        sizes = [pending.size() for pending in _open.values()]
    return Size(**{field.name: sum(getattr(size, field.name) for size in sizes) for field in dataclasses.fields(Size)})
