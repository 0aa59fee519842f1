"""How often a feed brings something new, when it is asked again, and from when on its silence is worth a look."""

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence

RATE_DAYS = 7.0
"""The learned rate forgets with this time constant (days)."""
CHECKS_PER_ENTRY = 8.0
"""Polls per entry that a feed brings: what is new is known after a sixteenth of the feed's mean gap, on average."""
UNKNOWN_INTERVAL = 3600.0
MAX_INTERVAL = 24 * 3600.0
DEAD_AFTER = dt.timedelta(days=7)
DEAD_FAILURES = 10
QUIET_FACTOR = 8.0
QUIET_FLOOR = dt.timedelta(days=2)
QUIET_UNKNOWN = dt.timedelta(days=30)
"""A feed that has brought only what its first poll listed has no known cadence."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Backoff:
    """The pause in seconds after failures in a row: ``first`` times their number, or doubled by each; at most ``cap``."""

    first: float
    doubles: bool = False
    cap: float = MAX_INTERVAL

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        factor = 2.0 ** min(failures - 1, 20) if self.doubles else float(failures)
        return min(self.first * factor, self.cap)


PASSING = Backoff(first=300.0, cap=6 * 3600.0)
"""The network or the server may answer in a moment."""
MISSING = Backoff(first=3600.0)
"""What answered is no feed now; feeds that answer 404 come back to life (so the logs of a large collector say)."""
REFUSED = Backoff(first=3600.0, doubles=True)
"""Somebody or something does not want us."""
GONE = Backoff(first=MAX_INTERVAL)
_REFUSALS = frozenset({
    "HTTP_401", "HTTP_402", "HTTP_403", "LEGAL_451", "BOT_CHALLENGE", "TLS_ERROR", "SSRF_BLOCKED", "BAD_SCHEME",
    "BAD_PORT", "BAD_URL", "URL_TOO_LONG", "URL_CREDENTIALS", "TOO_MANY_REDIRECTS", "XML_HAZARD", "PARSE_TIMEOUT",
    "HOST_BLOCKED",
})  # fmt: skip
_PASSING = frozenset({
    "DNS_ERROR", "CONNECT_ERROR", "READ_ERROR", "TIMEOUT_TOTAL", "TIMEOUT_READ", "TRUNCATED", "RATE_LIMITED", "HTTP_408",
    "HTTP_5XX", "EMPTY_BODY",
})  # fmt: skip


def backoff_of(reason: str) -> Backoff:
    """How a feed's failure of this reason is answered."""
    if reason == "HTTP_410":
        return GONE
    return PASSING if reason in _PASSING else REFUSED if reason in _REFUSALS else MISSING


def is_dead(reason: str, failures: int, silent: dt.timedelta) -> bool:
    """Whether a failing feed counts as dead: gone, or without a good answer for a week however often it was asked."""
    return reason == "HTTP_410" or (failures >= DEAD_FAILURES and silent >= DEAD_AFTER)


def first_rate(published: Sequence[dt.datetime], now: dt.datetime) -> float:
    """Entries a day as a first document's dates tell: those of the last week."""
    recent = [moment for moment in published if dt.timedelta() <= now - moment <= dt.timedelta(days=RATE_DAYS)]
    return len(recent) / RATE_DAYS


def learned_rate(rate: float, new: int, days: float) -> float:
    """Entries a day after ``new`` entries came in ``days`` days: a mean that weighs the last week.

    A feed whose rate nothing has told yet, one without dates say, is taken to bring in a day what it just brought: a mean
    with the nothing before it would have a busy feed wait for most of a day, while its list rolls over.
    """
    if rate <= 0:
        return new / max(days, 1.0)
    weight = min(1.0, days / RATE_DAYS)
    return rate * (1 - weight) + (new / days) * weight


def learned_interval(rate: float) -> float:
    """Seconds between two polls of a feed that brings so many entries a day; an hour while that is not known."""
    return min(86400.0 / (CHECKS_PER_ENTRY * rate), MAX_INTERVAL) if rate > 0 else UNKNOWN_INTERVAL


def silence_limit(rate: float, silent: dt.timedelta) -> dt.timedelta:
    """The silence from which on a feed counts as quiet: eight times its mean gap, two days at least.

    ``rate`` is the learned one, which falls while the feed is silent. What is meant is the rate at its last entry, so
    the fall is undone: otherwise the limit would run ahead of the silence, and a feed of one entry a day would never
    count as quiet.
    """
    if rate <= 0:
        return QUIET_UNKNOWN
    before = rate * math.exp(min(silent / dt.timedelta(days=RATE_DAYS), 50.0))
    return max(QUIET_FLOOR, dt.timedelta(days=QUIET_FACTOR / max(before, 0.01)))
