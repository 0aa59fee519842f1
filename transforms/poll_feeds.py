"""PollFeeds: ask every due feed what is new.

What an answer means is decided in ``transforms.polls``; this step asks, side by side across hosts, and has the
documents read in processes that can be killed.
"""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import apache_beam as beam

from transforms import counts
from transforms.archiving import ArchiveOptions, Recorder
from transforms.clock import Clock
from transforms.exchanges import Request, Response, Web, WebFailure
from transforms.feed_cuts import cut_of
from transforms.feed_entries import ParsedFeed, read_feed_apart
from transforms.history import History, open_history
from transforms.inflight import note_entries
from transforms.pending import open_pending
from transforms.polls import PollOptions, is_changed, poll_request, read_poll, referring, was_asked
from transforms.pool import WorkerPool
from transforms.records import FEED_OK, Entry, Failure, Feed, FeedPolled, FeedState
from transforms.web import BlockList
from transforms.windows import Windows, window_end

__all__ = ["PollFeeds", "PollOptions"]

_log = logging.getLogger(__name__)


class _PollFeedsFn(beam.DoFn):
    """One lane of due feeds: fetch them side by side, decide each, emit."""

    def __init__(
        self,
        archive: ArchiveOptions,
        web: Web,
        options: PollOptions,
        clock: Clock,
        blocked: BlockList,
        windows: Windows | None = None,
    ) -> None:
        self._archive = archive
        self._web = web
        self._options = options
        self._clock = clock
        self._blocked = blocked
        self._windows = windows

    def process(self, element: tuple[int, Sequence[Feed]], now: Any = beam.DoFn.TimestampParam) -> Iterator[Any]:
        """(lane, feeds) -> Entry on the main output; FeedPolled, Failure, HostState and Archived on theirs."""
        with open_pending(self._archive.output).at_work(element[0]):
            yield from self._poll(element[1], now.to_utc_datetime(has_tz=True).replace(microsecond=0))

    def _poll(self, feeds: Sequence[Feed], at: dt.datetime) -> Iterator[Any]:
        history: History = open_history(self._archive.output)
        # a replay makes one window at a time, and windows may have been committed in another order than they began in
        until = history.committed_until if self._archive.replayed_from is None else ""
        pending = open_pending(self._archive.output, until)
        cut = functools.partial(self._cut, history, at)
        client = Recorder(self._web.client(self._clock), self._archive, "feeds", lambda: at, cut)
        client.recall(dict(history.hosts))
        met: set[str] = set()
        found: list[Entry] = []
        end = window_end(at, self._windows)
        due = {feed.id: feed for feed in feeds}
        states = {feed_id: pending.state_of(feed_id, history.feed_states.get(feed_id)) for feed_id in due}
        requests = [poll_request(feed, states[feed.id], at) for feed in due.values()]
        with counts.timed("poll"):
            answers = {
                request.key.id: (answer, self._start_reading(request.key, states[request.key.id], answer, at))
                for request, answer in client.fetch_all(
                    requests, seconds=self._options.lane_seconds, blocked=self._blocked(), met=met
                )
            }
        for feed_id, feed in due.items():
            answer, parse = answers[feed_id]
            if not was_asked(answer):
                pending.give_back(feed_id)  # it stays due
                continue
            about: dict[str, Any] = {
                # what is on its way is newer: an entry that was edited since the last commit is not new a second time
                "known": {**history.known_entries(feed_id), **pending.known(feed_id)},
                "now": at,
                "options": self._options,
            }
            try:
                read = read_poll(feed, states[feed_id], answer, parse=parse, **about)
            except Exception as error:  # noqa: BLE001 - a bug that one feed brings out must not stop the others
                _log.exception("feed %s: its answer could not be read", feed_id)
                crash = WebFailure(reason="READ_CRASH", message=f"{type(error).__name__}: {error}"[:300])
                read = read_poll(feed, states[feed_id], crash, **about)
            poll, new, failures = referring(read, answer, ours=self._archive.uri is not None)
            taken_down = [entry for entry in new if history.takes_down(entry)]
            if taken_down:
                new = [entry for entry in new if not history.takes_down(entry)]
                failures.append(Failure(stage="poll", reason="FORGOTTEN", entries=tuple(taken_down)))
            poll = pending.polled(poll, new, failures, end)
            _note(states[feed_id], poll, new, failures)
            yield beam.pvalue.TaggedOutput("polls", poll)
            for failure in failures:
                yield beam.pvalue.TaggedOutput("failures", failure)
            found += new
            yield from new
        if self._archive.replayed_from is None:  # a replay can ask its archive again
            note_entries(history.store, found, end)
        for state in client.host_states(met):
            yield beam.pvalue.TaggedOutput("hosts", state)
        if archived := client.archived():
            yield beam.pvalue.TaggedOutput("archived", archived)

    def _cut(
        self, history: History, now: dt.datetime, request: Request, answer: Response | WebFailure
    ) -> Callable[[bytes], bytes | None] | None:
        """What the archive does not keep of a feed's body: entries that lead to what was taken down."""
        feed: Feed = request.key
        if feed.id not in history.cut_feeds or not isinstance(answer, Response):
            return None
        pool = WorkerPool.shared(self._options.parse_workers) if self._options.parse_workers else None
        return cut_of(pool, feed, history.forgotten, url=answer.url, headers=answer.headers, now=now)

    def _start_reading(
        self, feed: Feed, state: FeedState | None, answer: Response | WebFailure, now: dt.datetime
    ) -> Callable[[], ParsedFeed] | None:
        """The document of an answer that must be read, begun in another process while further answers arrive."""
        if self._options.parse_workers == 0 or not is_changed(state, answer):
            return None
        assert isinstance(answer, Response)
        pool = WorkerPool.shared(self._options.parse_workers)
        return read_feed_apart(pool, answer.body, feed, url=answer.url, headers=answer.headers, now=now)


def _note(before: FeedState | None, poll: FeedPolled, new: Sequence[Entry], failures: Sequence[Failure]) -> None:
    """Count a poll; a line in the log only where a feed's health changes."""
    row = poll.row
    counts.count("poll", "feeds")
    counts.count("poll", "entries", len(new))
    for reason in (*(() if row.status in FEED_OK else (row.status,)), *(failure.reason for failure in failures)):
        counts.count("poll", "failures", reason=reason)
    health = before.health if before else "ok"
    if row.health != health:
        about = {"feed_id": row.feed_id, "reason": row.status, "health": row.health}
        _log.info("feed %s: %s -> %s (%s)", row.feed_id, health, row.health, row.status, extra=about)


class PollFeeds(beam.PTransform[beam.PCollection[tuple[int, Sequence[Feed]]], Any]):
    """(lane, due feeds) -> ``entries``, ``polls`` (FeedPolled), ``failures``, ``hosts`` (HostState), ``archived``."""

    def __init__(
        self,
        archive: ArchiveOptions,
        web: Web,
        options: PollOptions,
        clock: Clock,
        blocked: BlockList,
        windows: Windows | None = None,
    ) -> None:
        super().__init__()
        self._fn = _PollFeedsFn(archive, web, options, clock, blocked, windows)

    def expand(self, pcoll: beam.PCollection[tuple[int, Sequence[Feed]]]) -> Any:
        """Wire the step."""
        poll = beam.ParDo(self._fn).with_outputs("polls", "failures", "hosts", "archived", main="entries")
        return pcoll | "PollLane" >> poll
