"""PollFeeds: ask every due feed what is new.

``read_poll`` is the decision: given what is remembered of a feed and what it answered, the row to publish, the state
to keep and the entries that are new. An entry is new when its identity is new or its text changed, never by its date.
"""

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam

from transforms import archive, cadence, counts
from transforms.archiving import ArchiveOptions, Recorder
from transforms.clock import Clock, iso
from transforms.exchanges import Request, Response, Web, WebFailure, parse_retry_after
from transforms.feed_entries import FeedUnreadableError, ParsedFeed, read_feed, read_feed_apart
from transforms.history import History, open_history
from transforms.pending import open_pending
from transforms.pool import WorkerPool
from transforms.records import FEED_OK, Entry, Failure, Feed, FeedPolled, FeedRow, FeedState
from transforms.web import BlockList
from transforms.windows import Windows, window_end

MAX_INTERVAL = 24 * 3600.0
DEFAULT_MIN_INTERVAL = 300.0
FULL_GET_EVERY = 24 * 3600.0
MOVED_AFTER = dt.timedelta(days=7)
DEAD_AFTER_FAILURES = 30
_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PollOptions:
    """When feeds are due; ``min_interval`` in seconds, 0 polls every feed on every pass.

    ``parse_workers`` processes read the feeds' bytes (they are those that extract pages); 0 does it in this one.
    A lane polls for ``lane_seconds`` at most; what it did not reach stays due.
    """

    min_interval: float = DEFAULT_MIN_INTERVAL
    parse_workers: int = 2
    lane_seconds: float = 600.0


def is_due(state: FeedState | None, now: str, options: PollOptions) -> bool:
    """Whether a feed may be polled at ``now`` (RFC 3339 UTC, so strings compare)."""
    if state is None:
        return True
    if state.held_until > now:
        return False
    return options.min_interval == 0 or state.next_poll <= now


def poll_request(feed: Feed, state: FeedState | None, now: dt.datetime) -> Request:
    """A conditional GET with the validators that are remembered; once a day a full one, since some validators lie."""
    url = (state.moved_to if state and _adopted(feed, state, now) else "") or feed.url
    headers: list[tuple[str, str]] = []
    if state and state.url == url and state.health != "dead":
        fresh = state.last_full and now - moment(state.last_full) < dt.timedelta(seconds=FULL_GET_EVERY)
        if state.etag and fresh:
            headers.append(("If-None-Match", state.etag))
        if state.last_modified and fresh:
            headers.append(("If-Modified-Since", state.last_modified))
    return Request(url=url, kind="feed", key=feed, headers=tuple(headers), copy=state.archived if state else "")


def read_poll(
    feed: Feed,
    state: FeedState | None,
    answer: Response | WebFailure,
    *,
    known: Mapping[str, str],
    now: dt.datetime,
    options: PollOptions,
    parse: Callable[[], ParsedFeed] | None = None,
) -> tuple[FeedPolled, list[Entry], list[Failure]]:
    """What one answer means: the poll's row and next state, the new entries, and the entries that cannot be used.

    ``known`` maps the entry ids already accounted for in this feed to their fingerprints; ``parse`` gives the
    answer's document where it is being read elsewhere.
    """
    polled = iso(now)
    before = state or FeedState(feed_id=feed.id, first_polled=polled)
    if isinstance(answer, WebFailure):
        pause = answer.retry_after
        return _failed(feed, before, answer.reason, answer.message, now, options, retry_after=pause), [], []
    interval = max(options.min_interval, cache_interval(answer.headers, now))
    kept = _validators(answer)
    content_hash = _hash_of(answer) if answer.status != 304 else before.content_hash
    state = dataclasses.replace(before, url=answer.redirects[0][1] if answer.redirects else answer.url, **kept)
    state = _note_redirect(state, answer, now)
    if answer.status != 304:
        state = dataclasses.replace(state, last_full=polled)
    if not is_changed(before, answer):
        row_status = "not_modified"
        state = _succeeded(state, now, 0, interval, content_hash)
        return _polled(feed, state, row_status, polled), [], []
    try:
        parsed = parse() if parse else read_feed(answer.body, feed, url=answer.url, headers=answer.headers, now=now)
    except FeedUnreadableError as error:
        return _failed(feed, before, error.reason, str(error), now, options), [], []
    new = [
        dataclasses.replace(entry, first_seen=polled)
        for entry in parsed.entries
        if known.get(entry.entry_id) != entry.fingerprint
    ]
    failures = [
        Failure(
            stage="poll",
            reason=reason,
            message=message,
            feed_id=feed.id,
            entries=(dataclasses.replace(entry, first_seen=polled),),
        )
        for entry, reason, message in parsed.rejected
        if entry.entry_id not in known
    ]
    state = _succeeded(state, now, len(new), max(interval, parsed.minimum_interval), content_hash)
    message = ",".join(parsed.flags) if parsed.entries else ",".join((*parsed.flags, "FEED_EMPTY"))
    listed = (
        *((entry.entry_id, entry.fingerprint) for entry in parsed.entries),
        *((entry.entry_id, known.get(entry.entry_id, entry.fingerprint)) for entry, _, _ in parsed.rejected),
    )
    poll = _polled(feed, state, "ok", polled, entries=len(parsed.entries), new=len(new), message=message)
    return dataclasses.replace(poll, listed=listed), new, failures


def is_changed(state: FeedState | None, answer: Response | WebFailure) -> bool:
    """Whether an answer is a document that was not read before."""
    if isinstance(answer, WebFailure) or answer.status == 304:
        return False
    return state is None or state.failures > 0 or _hash_of(answer) != state.content_hash


def _hash_of(answer: Response) -> str:
    return hashlib.sha256(answer.body).hexdigest()[:32]


def referring(
    read: tuple[FeedPolled, list[Entry], list[Failure]], answer: Response | WebFailure, *, ours: bool
) -> tuple[FeedPolled, list[Entry], list[Failure]]:
    """What a poll read, with the archive record it was read from; the state remembers a copy that is whole and ours."""
    poll, new, failures = read
    raw_ref = answer.raw_ref
    if raw_ref is None:
        return read
    if ours and isinstance(answer, Response) and answer.status != 304 and not poll.state.archived.startswith(raw_ref):
        copy = archive.copy_of(raw_ref, answer.fetched, answer.body)
        poll = dataclasses.replace(poll, state=dataclasses.replace(poll.state, archived=copy))
    entries = [dataclasses.replace(entry, raw_ref=raw_ref) for entry in new]
    return poll, entries, [dataclasses.replace(failure, raw_ref=raw_ref) for failure in failures]


def cache_interval(headers: Mapping[str, str], now: dt.datetime) -> float:
    """Seconds the answer's Cache-Control max-age or Expires asks us to leave (RFC 9111), at most a day."""
    for directive in headers.get("cache-control", "").split(","):
        name, _, value = directive.strip().partition("=")
        if name.lower() == "max-age" and value.isascii() and value.isdigit():
            return min(float(value[:9]), MAX_INTERVAL)
    return parse_retry_after(headers.get("expires"), now.timestamp()) or 0.0


def moment(text: str) -> dt.datetime:
    """The aware UTC time of an RFC 3339 text as the records carry it."""
    return dt.datetime.fromisoformat(text)


def _succeeded(state: FeedState, now: dt.datetime, new: int, interval: float, content_hash: str | None) -> FeedState:
    """The state after a good answer: learned rate, next poll, health."""
    elapsed = (now - moment(state.polled)).total_seconds() / 86400 if state.polled else 0.0
    rate = cadence.learned_rate(state.rate, new, elapsed) if elapsed > 0 else state.rate
    # a feed that brings n entries a day is asked about twice an entry, between the minimum and a day
    learned = 86400 / (2 * rate) if rate > 0 else 3600.0
    pause = min(max(interval, min(learned, 3600.0)), MAX_INTERVAL)
    polled = iso(now)
    newest = polled if new else state.newest_entry
    silent = now - moment(newest) if newest else dt.timedelta()
    quiet = silent > cadence.silence_limit(rate, silent)
    return dataclasses.replace(
        state,
        content_hash=content_hash,
        polled=polled,
        last_success=polled,
        next_poll=iso(now + dt.timedelta(seconds=pause * _spread(state.feed_id, polled))),
        held_until="",
        failures=0,
        rate=round(rate, 6),
        newest_entry=newest,
        health="moved" if state.moved_to else "quiet" if quiet else "ok",
    )


def _failed(
    feed: Feed,
    state: FeedState,
    reason: str,
    message: str,
    now: dt.datetime,
    options: PollOptions,
    *,
    retry_after: float | None = None,
) -> FeedPolled:
    """The state after a bad answer: transient failures back off linearly, hard ones firmly, none for good."""
    failures = state.failures + 1
    hard = reason in {"HTTP_410", "HTTP_401", "HTTP_403", "NOT_A_FEED", "BOT_CHALLENGE", "SSRF_BLOCKED", "TLS_ERROR"}
    pause = min(max(options.min_interval, 300.0) * failures * (4 if hard else 1), MAX_INTERVAL)
    if reason == "HTTP_410":
        pause = MAX_INTERVAL
    polled = iso(now)
    held = iso(now + dt.timedelta(seconds=retry_after)) if retry_after else ""
    after = dataclasses.replace(
        state,
        url=state.url or feed.url,
        polled=polled,
        next_poll=max(held, iso(now + dt.timedelta(seconds=pause * _spread(feed.id, polled)))),
        held_until=held,
        failures=failures,
        health="dead" if reason == "HTTP_410" or failures >= DEAD_AFTER_FAILURES else "failing",
    )
    status = "FEED_GONE" if reason == "HTTP_410" else reason
    return _polled(feed, after, status, polled, message=message)


def _polled(
    feed: Feed, state: FeedState, status: str, polled: str, *, entries: int = 0, new: int = 0, message: str = ""
) -> FeedPolled:
    row = FeedRow(
        feed_id=feed.id,
        url=feed.url,
        polled=polled,
        status=status,
        entries=entries,
        new_entries=new,
        next_poll=state.next_poll,
        etag=state.etag,
        last_modified=state.last_modified,
        failures=state.failures,
        health=state.health,
        content_hash=state.content_hash,
        message=message[:300],
    )
    return FeedPolled(row=row, state=state)


def _validators(answer: Response) -> dict[str, Any]:
    """ETag and Last-Modified to send next time: printable and at most 1 kB, else none."""
    kept = {}
    for field, header in (("etag", "etag"), ("last_modified", "last-modified")):
        value = answer.headers.get(header, "").strip()
        usable = 0 < len(value) <= 1024 and value.isprintable() and value.isascii()
        if usable or answer.status != 304:
            kept[field] = value if usable else None
    return kept


def _note_redirect(state: FeedState, answer: Response, now: dt.datetime) -> FeedState:
    """Remember since when the leading hops have been permanent redirects to the same address."""
    target = ""
    for position, (status, _) in enumerate(answer.redirects):
        if status not in {301, 308}:
            break
        target = answer.redirects[position + 1][1] if position + 1 < len(answer.redirects) else answer.url
    if not target:
        keeps = state.moved_to and answer.url.startswith(state.moved_to)
        return state if keeps else dataclasses.replace(state, moved_to="", moved_since="")
    if target == state.moved_to:
        return state
    return dataclasses.replace(state, moved_to=target, moved_since=iso(now))


def _adopted(feed: Feed, state: FeedState, now: dt.datetime) -> bool:
    """Whether a move is believed: at once from http to https of the same place, else after seven days."""
    if not state.moved_to:
        return False
    if feed.url.startswith("http:") and state.moved_to == "https" + feed.url.removeprefix("http"):
        return True
    return now - moment(state.moved_since) >= MOVED_AFTER


def _spread(feed_id: str, polled: str) -> float:
    """Jitter of 0 to 10 % that depends only on the feed and the time, so that a replay gives the same row."""
    return 1.0 + int(hashlib.sha256(f"{feed_id}{polled}".encode()).hexdigest()[:4], 16) / 65535 / 10


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
        history: History = open_history(self._archive.output)
        pending = open_pending(self._archive.output, history.committed_until)
        at = now.to_utc_datetime(has_tz=True).replace(microsecond=0)
        client = Recorder(self._web.client(self._clock), self._archive, "feeds", lambda: at)
        client.recall(dict(history.hosts))
        met: set[str] = set()
        due = {feed.id: feed for feed in element[1]}
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
            if isinstance(answer, WebFailure) and answer.reason == "WAITING":
                pending.give_back(feed_id)  # it stays due
                continue
            read = read_poll(
                feed,
                states[feed_id],
                answer,
                known={**pending.known(feed_id), **history.known_entries(feed_id)},
                now=at,
                options=self._options,
                parse=parse,
            )
            poll, new, failures = referring(read, answer, ours=self._archive.uri is not None)
            taken_down = [entry for entry in new if history.takes_down(entry)]
            if taken_down:
                new = [entry for entry in new if not history.takes_down(entry)]
                failures.append(Failure(stage="poll", reason="FORGOTTEN", entries=tuple(taken_down)))
            poll = pending.polled(poll, new, failures, window_end(at, self._windows))
            _note(states[feed_id], poll, new, failures)
            yield beam.pvalue.TaggedOutput("polls", poll)
            for failure in failures:
                yield beam.pvalue.TaggedOutput("failures", failure)
            yield from new
        for state in client.host_states(met):
            yield beam.pvalue.TaggedOutput("hosts", state)
        if archived := client.archived():
            yield beam.pvalue.TaggedOutput("archived", archived)

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
