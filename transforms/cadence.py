"""How often a feed brings something new, and from when on its silence is worth a look."""

import datetime as dt
import math

RATE_DAYS = 7.0
"""The learned rate forgets with this time constant (days)."""
QUIET_FACTOR = 8.0
QUIET_FLOOR = dt.timedelta(days=2)
QUIET_UNKNOWN = dt.timedelta(days=30)
"""A feed that has brought only what its first poll listed has no known cadence."""


def learned_rate(rate: float, new: int, days: float) -> float:
    """Entries a day after ``new`` entries came in ``days`` days: a mean that weighs the last week."""
    weight = min(1.0, days / RATE_DAYS)
    return rate * (1 - weight) + (new / days) * weight


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
