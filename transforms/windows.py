"""Ticks and windows: when feeds are looked at, and which results are committed together.

A bounded pass is one window of its own. An unbounded run looks every ``tick`` seconds and commits every ``size``
seconds; both count from the epoch, so that a restart falls into the same windows.
"""

import dataclasses
import datetime as dt

from transforms.clock import iso

DEFAULT_TICK = 60.0
DEFAULT_SIZE = 600.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Windows:
    """Seconds between two ticks, and from a window's start to its end."""

    tick: float = DEFAULT_TICK
    size: float = DEFAULT_SIZE


def window_end(at: dt.datetime, windows: Windows | None) -> str:
    """The end of the window that a moment belongs to; without windows the moment is its own."""
    if windows is None:
        return iso(at)
    seconds = at.timestamp()
    return iso(dt.datetime.fromtimestamp(seconds - seconds % windows.size + windows.size, dt.UTC))
