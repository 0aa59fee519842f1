"""How a dataset is doing, as one JSON object: what ``sahelwatch status`` shows and ``/metrics`` exports."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.upkeep import CLOSED_AFTER
from pipeline.window_digests import POLL_DAYS, SUSPICIONS, Committed, Quality, WindowDigest
from transforms import cadence
from transforms.clock import iso, parse_time
from transforms.records import FEED_HEALTH, Feed, FeedState

SHOWN_DAYS = 7
RECENT_DAYS = 3
EARLIER_DAYS = 14
LOOK_BACK_DAYS = RECENT_DAYS + EARLIER_DAYS
LEFT_AFTER = dt.timedelta(days=3)
"""Every feed is asked once a day at least, so one that was not asked for three days has left the catalogue."""
FEWEST_RECENT = 10
FEWEST_EARLIER = 30
FEWEST_ENDED = 20
"""Below so many articles, or entries, a share says nothing and is null."""
WORSE_BY = 0.2
SURE = 3.0
"""A share is worse when it rose by 0.2 and by three standard errors (two-proportion z test, pooled)."""
FIGURES = ("not_from_page", "undated", "unknown_language")
_DAY = dt.timedelta(days=1)


def describe(
    committed: Committed, now: dt.datetime, *, catalogue: Sequence[Feed] = (), canary: str = "canary"
) -> dict[str, Any]:
    """The state of the dataset at ``now`` as a JSON object; ages and lags in seconds, shares from 0 to 1.

    With a ``catalogue`` the feeds are its feeds, those never asked included, and their languages its word; without,
    they are those the state knows and that were asked lately, and a language is what most of a feed's articles are in.
    """
    digests = committed.digests
    last_day = [d for d in digests if d.written > iso(now - _DAY)]
    feeds = _feeds(committed, now, catalogue)
    living = [feed for feed in feeds if not feed["left"]]
    last_article = max((d.written for d in digests if d.articles), default=None)
    outcomes: Counter[str] = Counter()
    for digest in last_day:
        outcomes.update(digest.outcomes)
    return {
        "at": iso(now),
        "latest": _latest(committed, now),
        "last_article": last_article,
        "last_article_seconds": _age(last_article, now, digests),
        "feeds": {
            "by_health": {h: sum(f["health"] == h for f in living) for h in (*FEED_HEALTH, "unasked")},
            "silent": sum(f["silent"] for f in living),
            "failing_share": _share(sum(f["health"] in {"failing", "dead"} for f in living), len(living), fewest=1),
            "each": feeds,
        },
        "languages": _languages(living),
        "days": [_day(now - i * _DAY, digests) for i in reversed(range(SHOWN_DAYS))],
        "lag": _lag(last_day),
        "entries": {
            **{name: outcomes[name] for name in ("articles", "known", "dropped", "quarantined")},
            "rejected_share": _rejected_share(outcomes),
        },
        "rejects": {"day": _reasons(last_day), "week": _reasons(_since(digests, now, SHOWN_DAYS))},
        "queue": _queue(committed, now),
        "outlets": _outlets(digests, now),
        "canary": _canary(canary, digests, feeds, now),
        "objects_missing": sum(d.missing for d in digests),
        "upkeep": _upkeep(committed, now),
    }


def _upkeep(committed: Committed, now: dt.datetime) -> dict[str, Any]:
    """How long each job beside the pipeline has had something to do; None where nobody runs it (or not in these days)."""
    upkeep, digests = committed.upkeep, committed.digests
    behind = None
    if upkeep.compacted is not None:
        uncovered = next((d for d in digests if d.sequence > upkeep.compacted), None)
        closed = _closing(uncovered) if uncovered else now
        behind = max(0, round((now - closed).total_seconds()))
    last_expiry = max((d.written for d in digests if d.retained), default=None)
    newest = max((d.written for d in digests), default=None)
    exports = None
    if upkeep.exported and newest:
        exports = max(0, round((parse_time(newest) - parse_time(upkeep.exported)).total_seconds()))
    return {
        "compact_behind_seconds": behind,
        "last_expiry": last_expiry,
        "last_expiry_seconds": _seconds(last_expiry, now) if last_expiry else None,
        "exports_of": upkeep.exported,
        "exports_behind_seconds": exports,
    }


def _closing(digest: WindowDigest) -> dt.datetime:
    """When the day of a window could be compacted."""
    return parse_time(f"{digest.written[:10]}T00:00:00Z") + _DAY + CLOSED_AFTER


def _latest(committed: Committed, now: dt.datetime) -> dict[str, Any] | None:
    pointer = committed.pointer
    if pointer is None:
        if committed.newest is None:
            return None
        since = _age(None, now, committed.digests)
        return {"sequence": 0, "written": None, "seconds": since or 0, "manifests_ahead": len(committed.digests)}
    ahead = sum(d.name > pointer["manifest"] for d in committed.digests)
    written = pointer["written"]
    return {
        "sequence": pointer["sequence"], "written": written, "seconds": _seconds(written, now),
        "manifests_ahead": ahead,
    }  # fmt: skip


def _seconds(since: str, now: dt.datetime) -> int:
    return max(0, round((now - parse_time(since)).total_seconds()))


def _age(moment: str | None, now: dt.datetime, digests: Sequence[WindowDigest]) -> int | None:
    """Seconds since a moment; when it lies before what was read, since the first window that was read."""
    if moment is None and not digests:
        return None
    return _seconds(moment or digests[0].written, now)


def _since(digests: Iterable[WindowDigest], now: dt.datetime, days: int) -> list[WindowDigest]:
    return [d for d in digests if d.written > iso(now - days * _DAY)]


def _share(part: int, whole: int, *, fewest: int) -> float | None:
    return round(part / whole, 3) if whole >= fewest else None


def _rejected_share(outcomes: Mapping[str, int]) -> float | None:
    rejected = outcomes.get("dropped", 0) + outcomes.get("quarantined", 0)
    ended = rejected + outcomes.get("articles", 0) + outcomes.get("known", 0)
    return _share(rejected, ended, fewest=FEWEST_ENDED)


def _feeds(committed: Committed, now: dt.datetime, catalogue: Sequence[Feed]) -> list[dict[str, Any]]:
    last_polls: dict[str, tuple[str, str, str]] = {}
    suspected: dict[str, Counter[str]] = {}
    languages: dict[str, Counter[str]] = {}
    for digest in committed.digests:
        last_polls.update(digest.polls)
        for (feed_id, flag), number in digest.suspicions.items():
            if digest.written > iso(now - POLL_DAYS * _DAY):
                suspected.setdefault(feed_id, Counter())[flag] += number
        for feed_id, found in digest.languages.items():
            languages.setdefault(feed_id, Counter()).update(found)
    newest_poll = max((state.polled for state in committed.states.values()), default="")
    listed = {feed.id: feed for feed in catalogue}
    described = []
    for feed_id in sorted({*committed.states, *listed}):
        state = committed.states.get(feed_id)
        left = feed_id not in listed
        if not catalogue:
            left = state is not None and parse_time(newest_poll) - parse_time(state.polled) > LEFT_AFTER
        counted = languages.get(feed_id, Counter())
        usual = min(counted, key=lambda code: (-counted[code], code)) if counted else None
        language = (listed[feed_id].language if feed_id in listed else None) or usual
        line = _feed(feed_id, state, last_polls.get(feed_id), now, left=left, language=language)
        counted = suspected.get(feed_id, Counter())
        described.append({**line, "suspicions": {flag: counted[flag] for flag in SUSPICIONS if counted[flag]}})
    return described


def _feed(
    feed_id: str,
    state: FeedState | None,
    poll: tuple[str, str, str] | None,
    now: dt.datetime,
    *,
    left: bool,
    language: str | None,
) -> dict[str, Any]:
    if state is None:
        return {
            "feed_id": feed_id, "health": "unasked", "left": left, "status": None, "message": "", "polled": None,
            "next_poll": None, "last_success": None, "failures": 0, "entries_a_day": None, "newest_entry": None,
            "silent_seconds": None, "silence_limit_seconds": None, "silent": False, "language": language,
            "moved_to": None, "moved_since": None,
        }  # fmt: skip
    silence = now - parse_time(state.newest_entry) if state.newest_entry else None
    # the learned rate falls with each poll, so the limit is that of the last poll
    at_poll = parse_time(state.polled) - parse_time(state.newest_entry) if state.newest_entry else dt.timedelta()
    limit = cadence.silence_limit(state.rate, max(at_poll, dt.timedelta()))
    return {
        "feed_id": feed_id,
        "health": state.health,
        "left": left,
        "status": poll[1] if poll else None,
        "message": poll[2] if poll else "",
        "polled": state.polled or None,
        "next_poll": state.next_poll or None,
        "last_success": state.last_success or None,
        "failures": state.failures,
        "entries_a_day": round(state.rate, 2),
        "newest_entry": state.newest_entry or None,
        "silent_seconds": max(0, round(silence.total_seconds())) if silence is not None else None,
        "silence_limit_seconds": round(limit.total_seconds()),
        "silent": silence is not None and silence > limit,
        "language": language,
        "moved_to": state.moved_to or None,
        "moved_since": state.moved_since or None,
    }


def _languages(feeds: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Language -> its feeds, and those of them that answer and are not silent."""
    found: dict[str, dict[str, int]] = {}
    for feed in feeds:
        if feed["language"] is None:
            continue
        line = found.setdefault(feed["language"], {"feeds": 0, "healthy": 0})
        line["feeds"] += 1
        line["healthy"] += feed["health"] in {"ok", "quiet", "moved"} and not feed["silent"]
    return dict(sorted(found.items()))


def _day(moment: dt.datetime, digests: Iterable[WindowDigest]) -> dict[str, Any]:
    day = f"{moment:%Y-%m-%d}"
    found = [d for d in digests if d.written.startswith(day)]
    return {
        "day": day,
        **{name: sum(getattr(d, name) for d in found) for name in ("articles", "revised", "copies", "events")},
        "rejects": sum(sum(d.reasons.values()) for d in found),
    }


def _lag(digests: Iterable[WindowDigest]) -> dict[str, Any]:
    """Median and 95th percentile (nearest rank) of first seen to ingested, to two digits."""
    lags: Counter[int] = Counter()
    for digest in digests:
        lags.update(digest.lags)
    return {"articles": lags.total(), "p50": _percentile(lags, 0.5), "p95": _percentile(lags, 0.95)}


def _percentile(counted: Counter[int], share: float) -> int | None:
    rank = math.ceil(share * counted.total())
    for value in sorted(counted):
        rank -= counted[value]
        if rank <= 0:
            return value
    return None


def _reasons(digests: Iterable[WindowDigest]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for digest in digests:
        counted.update(digest.reasons)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _queue(committed: Committed, now: dt.datetime) -> dict[str, Any]:
    oldest = min((entry.first_seen for entry in committed.queue if entry.first_seen), default=None)
    reasons = Counter(entry.reason or "WAITING" for entry in committed.queue)
    return {
        "entries": len(committed.queue),
        "oldest": oldest,
        "oldest_seconds": _seconds(oldest, now) if oldest else None,
        "by_reason": dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def _outlets(digests: Sequence[WindowDigest], now: dt.datetime) -> list[dict[str, Any]]:
    """Each outlet's last days beside its own earlier ones, and which figures got worse."""
    cut = iso(now - RECENT_DAYS * _DAY)
    recent: dict[str, Quality] = {}
    earlier: dict[str, Quality] = {}
    for digest in _since(digests, now, LOOK_BACK_DAYS):
        side = recent if digest.written > cut else earlier
        for outlet, quality in digest.outlets.items():
            side.setdefault(outlet, Quality()).add(quality)
    described = []
    for outlet in sorted({*recent, *earlier}):
        new, old = recent.get(outlet, Quality()), earlier.get(outlet, Quality())
        described.append(
            {"outlet": outlet, "recent": _quality(new), "earlier": _quality(old), "decayed": decayed(new, old)}
        )
    return described


def _quality(quality: Quality) -> dict[str, Any]:
    n = quality.articles
    return {
        "articles": n,
        **{name: _share(getattr(quality, name), n, fewest=1) for name in FIGURES},
        "events_per_article": round(quality.events / n, 3) if n else None,
    }


def decayed(recent: Quality, earlier: Quality) -> list[str]:
    """Which of an outlet's figures got worse against its own earlier days: in kind and beyond chance."""
    if recent.articles < FEWEST_RECENT or earlier.articles < FEWEST_EARLIER:
        return []
    found = []
    for name in FIGURES:
        new, old = getattr(recent, name) / recent.articles, getattr(earlier, name) / earlier.articles
        if new - old >= WORSE_BY and _z(new, recent.articles, old, earlier.articles) >= SURE:
            found.append(name)
    new, old = recent.with_event / recent.articles, earlier.with_event / earlier.articles
    halved = 2 * recent.events * earlier.articles <= earlier.events * recent.articles
    # events of one article come together, so chance is judged by the articles that carry any
    if earlier.events and halved and _z(old, earlier.articles, new, recent.articles) >= SURE:
        found.append("events_per_article")
    return found


def _z(p: float, n: int, q: float, m: int) -> float:
    pooled = (p * n + q * m) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return (p - q) / error if error else 0.0


def _canary(
    feed_id: str, digests: Sequence[WindowDigest], feeds: Sequence[Mapping[str, Any]], now: dt.datetime
) -> dict[str, Any] | None:
    """When an article of the canary feed came through last; None when there is no such feed."""
    if all(feed["feed_id"] != feed_id for feed in feeds):
        return None
    last = max((d.written for d in digests if feed_id in d.languages), default=None)
    return {"feed_id": feed_id, "last_article": last, "seconds": _age(last, now, digests)}
