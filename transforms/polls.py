"""What one poll means: when a feed is due, what it is asked, and what its answer changes.

An entry is new when its identity is new or its text changed, never by its date.
"""

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from transforms import archive, cadence, texts, urls
from transforms.clock import iso, parse_time
from transforms.exchanges import Request, Response, WebFailure, parse_retry_after
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import ParsedFeed, read_feed
from transforms.records import Entry, Failure, Feed, FeedPolled, FeedRow, FeedState

DEFAULT_MIN_INTERVAL = 300.0
FULL_GET_EVERY = dt.timedelta(days=1)
MOVED_AFTER = dt.timedelta(days=7)
MOVE_FAILURES = 3
"""Failures in a row at an adopted address after which the catalogue's is asked again."""
SUSPECT = 2
"""Proofs after which a feed's validators are no longer believed; one that is plain counts for both."""
SUSPECT_FOR = dt.timedelta(days=7)
CLOCK_SKEW = dt.timedelta(minutes=10)
SAMPLE = 10
"""Entries whose guids are remembered, to tell whether they last."""
MAX_VALIDATOR = 1024


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
    if state and state.url == url and state.health != "dead" and not _is_suspect(state, now):
        fresh = state.last_full and now - parse_time(state.last_full) < FULL_GET_EVERY
        if state.etag and fresh:
            headers.append(("If-None-Match", state.etag))
        if state.last_modified and fresh:
            headers.append(("If-Modified-Since", state.last_modified))
    copy = state.archived if state else ""
    return Request(url=url, kind="feed", key=feed, headers=tuple(headers), copy=copy, at=iso(now))


def was_asked(answer: Response | WebFailure) -> bool:
    """Whether there was a poll at all: a feed whose host asked to wait, or whose turn did not come, stays due."""
    if isinstance(answer, Response) or answer.status is not None:
        return True
    return answer.reason not in {"WAITING", "RATE_LIMITED"}


def is_changed(state: FeedState | None, answer: Response | WebFailure) -> bool:
    """Whether an answer is a document that was not read before."""
    if isinstance(answer, WebFailure) or answer.status == 304:
        return False
    return state is None or state.failures > 0 or _hash_of(answer) != state.content_hash


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
    before = state or FeedState(feed_id=feed.id, first_polled=iso(now))
    if isinstance(answer, WebFailure):
        return _failed(feed, before, answer.reason, answer.message, now, options, answer.retry_after), [], []
    changed = is_changed(state, answer)
    try:
        parsed = _parse(feed, answer, now, parse) if changed else None
    except FeedUnreadableError as error:
        return _failed(feed, before, error.reason, str(error), now, options), [], []
    after, flags = _heard(feed, before, answer, changed, now)
    interval = max(options.min_interval, cache_interval(answer.headers, now))
    if parsed is None:
        after = _succeeded(before, after, now, (), 0, interval)
        return _polled(feed, after, "not_modified", now, message=",".join(flags)), [], []
    new, failures = _sorted_out(feed, parsed, known, iso(now))
    after, suspicions = _watch_over(feed, before, after, parsed)
    after = _succeeded(before, after, now, parsed.entries, len(new), max(interval, parsed.minimum_interval))
    if not parsed.whole:  # what broke off is to be read again in full
        after = dataclasses.replace(after, etag=None, last_modified=None, content_hash=None)
    flags = [*flags, *parsed.flags, *suspicions]
    if not parsed.entries and not parsed.rejected:
        flags.append("FEED_EMPTY")
    if parsed.left_out:
        flags.append(f"FEED_TRUNCATED ({parsed.left_out} older entries left out)")
    poll = _polled(feed, after, "ok", now, entries=len(parsed.entries), new=len(new), message=",".join(flags))
    listed = (
        *((entry.entry_id, entry.fingerprint) for entry in parsed.entries),
        *((entry.entry_id, known.get(entry.entry_id, entry.fingerprint)) for entry, _, _ in parsed.rejected),
    )
    return dataclasses.replace(poll, listed=listed), new, failures


def _parse(feed: Feed, answer: Response, now: dt.datetime, parse: Callable[[], ParsedFeed] | None) -> ParsedFeed:
    return parse() if parse else read_feed(answer.body, feed, url=answer.url, headers=answer.headers, now=now)


def _sorted_out(
    feed: Feed, parsed: ParsedFeed, known: Mapping[str, str], polled: str
) -> tuple[list[Entry], list[Failure]]:
    """The entries that are new or edited, and failures for those that cannot be used and were not counted before."""
    new = [
        dataclasses.replace(entry, first_seen=polled)
        for entry in parsed.entries
        if known.get(entry.entry_id) != entry.fingerprint
    ]
    failures = [
        Failure(
            stage="poll", reason=reason, message=message, feed_id=feed.id,
            entries=(dataclasses.replace(entry, first_seen=polled),),
        )
        for entry, reason, message in parsed.rejected
        if entry.entry_id not in known
    ]  # fmt: skip
    return new, failures


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
            return min(float(value[:9]), cadence.MAX_INTERVAL)
    return parse_retry_after(headers.get("expires"), now.timestamp()) or 0.0


def _heard(
    feed: Feed, before: FeedState, answer: Response, changed: bool, now: dt.datetime
) -> tuple[FeedState, list[str]]:
    """The state with the answer's validators, address and hash, and what is to be said about them."""
    asked = dict(poll_request(feed, before, now).headers)
    url = answer.redirects[0][1] if answer.redirects else answer.url
    after = _note_redirect(dataclasses.replace(before, url=url, **_validators(answer)), answer, now)
    flags = []
    if answer.status == 304:
        after = dataclasses.replace(after, unchanged=before.unchanged + 1)
        if not asked:
            flags.append("NOT_MODIFIED_SUSPECT")
    else:
        base = before.suspect
        if base >= SUSPECT and not _is_suspect(before, now):
            base = SUSPECT - 1  # a week is over: one more proof is needed
        suspect = _suspicion(before, after, base, asked=bool(asked), changed=changed)
        since = iso(now) if suspect > base else before.suspect_since
        after = dataclasses.replace(
            after, last_full=iso(now), unchanged=0, suspect=suspect, suspect_since=since, content_hash=_hash_of(answer)
        )
        if _is_suspect(after, now):
            flags.append("NOT_MODIFIED_SUSPECT")
    if clock_skew(answer.headers, now) > CLOCK_SKEW:
        flags.append("CLOCK_SKEW")
    return after, flags


def _suspicion(before: FeedState, after: FeedState, base: int, *, asked: bool, changed: bool) -> int:
    """How far a feed's validators are suspected of lying after an answer with a body, ``base`` being how far before.

    The same ETag over another body is a plain lie. A body that was found changed only because we asked without
    validators, after nothing but 304s, may be chance once.
    """
    if not changed or before.content_hash is None:
        return base
    if (
        after.etag == before.etag
        and after.last_modified == before.last_modified
        and (after.etag or after.last_modified)
    ):
        return SUSPECT
    if asked:
        return 0  # it owned up to a change
    return min(base + 1, SUSPECT) if before.unchanged else base


def _is_suspect(state: FeedState, now: dt.datetime) -> bool:
    return state.suspect >= SUSPECT and now - parse_time(state.suspect_since) < SUSPECT_FOR


def clock_skew(headers: Mapping[str, str], now: dt.datetime) -> dt.timedelta:
    """How far our clock and the server's are apart, as far as its Date header tells."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return dt.timedelta()
    return abs((told if told.tzinfo else told.replace(tzinfo=dt.UTC)) - now)


def _watch_over(feed: Feed, before: FeedState, after: FeedState, parsed: ParsedFeed) -> tuple[FeedState, list[str]]:
    """Alarms that need a memory: guids that do not last, and a feed that leads to another site from one day on."""
    flags = []
    remembered = dict(pair.split(":") for pair in before.guids.split())
    again = [e for e in parsed.entries if e.entry_id[:8] in remembered and e.guid]
    if len(again) >= 2 and all(remembered[e.entry_id[:8]] != _short(e.guid) for e in again):
        flags.append("GUID_UNSTABLE")
    guids = " ".join(f"{e.entry_id[:8]}:{_short(e.guid)}" for e in parsed.entries[:SAMPLE] if e.guid)
    sites = Counter(urls.site_of(e.canonical_url) for e in parsed.entries)
    site = before.site
    if sites:
        (most, number), total = sites.most_common(1)[0], len(parsed.entries)
        if not site and number * 2 > total:
            site = most
        own = {site, urls.site_of(feed.url), urls.site_of(after.moved_to)}
        if site and total >= 3 and not own & set(sites):
            flags.append("FEED_HIJACK_SUSPECT")
    return dataclasses.replace(after, guids=guids, site=site), flags


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _hash_of(answer: Response) -> str:
    return hashlib.sha256(answer.body).hexdigest()[:32]


def _succeeded(
    before: FeedState, after: FeedState, now: dt.datetime, entries: Sequence[Entry], new: int, interval: float
) -> FeedState:
    """The state after a good answer: learned rate, next poll, health."""
    elapsed = (now - parse_time(before.polled)).total_seconds() / 86400 if before.polled else 0.0
    if before.last_success:
        rate = cadence.learned_rate(before.rate, new, elapsed) if elapsed > 0 else before.rate
        newest = iso(now) if new else before.newest_entry
    else:
        dated = [parse_time(entry.published) for entry in entries if entry.published]
        rate = cadence.first_rate(dated, now)
        newest = iso(min(max(dated), now)) if dated else iso(now) if new else ""
    pause = min(max(interval, cadence.learned_interval(rate)), cadence.MAX_INTERVAL)
    silent = now - parse_time(newest) if newest else dt.timedelta()
    quiet = silent > cadence.silence_limit(rate, silent)
    return dataclasses.replace(
        after,
        polled=iso(now),
        last_success=iso(now),
        next_poll=_later(after.feed_id, now, pause),
        held_until="",
        failures=0,
        rate=round(rate, 6),
        newest_entry=newest,
        health="moved" if after.moved_to else "quiet" if quiet else "ok",
    )


def _failed(
    feed: Feed,
    state: FeedState,
    reason: str,
    message: str,
    now: dt.datetime,
    options: PollOptions,
    retry_after: float | None = None,
) -> FeedPolled:
    """The state after a bad answer: passing failures back off gently, refusals firmly, none for good."""
    failures = state.failures + 1
    silent = now - parse_time(state.last_success or state.first_polled or iso(now))
    dead = cadence.is_dead(reason, failures, silent)
    pause = cadence.MAX_INTERVAL if dead else max(options.min_interval, cadence.backoff_of(reason).pause(failures))
    held = iso(now + dt.timedelta(seconds=retry_after)) if retry_after else ""
    given_up = failures >= MOVE_FAILURES and _adopted(feed, state, now)
    after = dataclasses.replace(
        state,
        url=state.url or feed.url,
        polled=iso(now),
        next_poll=_later(feed.id, now, max(pause, retry_after or 0.0)),
        held_until=held,
        failures=failures,
        health="dead" if dead else "failing",
        moved_to="" if given_up else state.moved_to,
        moved_since="" if given_up else state.moved_since,
    )
    status = "FEED_GONE" if reason == "HTTP_410" else reason
    return _polled(feed, after, status, now, message=message)


def _polled(
    feed: Feed, state: FeedState, status: str, now: dt.datetime, *, entries: int = 0, new: int = 0, message: str = ""
) -> FeedPolled:
    row = FeedRow(
        feed_id=feed.id,
        url=feed.url,
        polled=iso(now),
        status=status,
        entries=entries,
        new_entries=new,
        next_poll=state.next_poll,
        etag=state.etag,
        last_modified=state.last_modified,
        failures=state.failures,
        health=state.health,
        content_hash=state.content_hash,
        message=texts.clean_text(urls.without_credentials(message), one_line=True)[:300],
    )
    return FeedPolled(row=row, state=state)


def _validators(answer: Response) -> dict[str, Any]:
    """ETag and Last-Modified to send next time: printable and at most 1 kB, else none; a 304 need not repeat them."""
    kept = {}
    for field, header in (("etag", "etag"), ("last_modified", "last-modified")):
        value = answer.headers.get(header, "").strip()
        usable = 0 < len(value) <= MAX_VALIDATOR and value.isprintable() and value.isascii()
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
    return now - parse_time(state.moved_since) >= MOVED_AFTER


def _later(feed_id: str, now: dt.datetime, seconds: float) -> str:
    """``now`` and so many seconds, and up to a tenth more that depends only on the feed and the time: a replay gives
    the same row, and feeds that fail together do not come back together. The tenth ends where the longest interval does.
    """  # noqa: D205
    spread = int(hashlib.sha256(f"{feed_id}{iso(now)}".encode()).hexdigest()[:4], 16) / 65535 / 10
    return iso(now + dt.timedelta(seconds=max(seconds, min(seconds * (1.0 + spread), cadence.MAX_INTERVAL))))
