"""The clock seam: real time, or a fixed moment (``--now``) that makes runs repeatable."""

import dataclasses
import datetime as dt


@dataclasses.dataclass(frozen=True)
class Clock:
    """Gives the present, or always ``fixed``. It travels to workers, so it is a plain value."""

    fixed: dt.datetime | None = None

    def __call__(self) -> dt.datetime:
        """Aware UTC time, whole seconds."""
        return (self.fixed or dt.datetime.now(dt.UTC)).replace(microsecond=0)


def iso(moment: dt.datetime) -> str:
    """RFC 3339 in UTC with second precision."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> dt.datetime:
    """A moment from ISO 8601; without a zone it is UTC. ValueError otherwise, and outside 1970 to 2200."""
    moment = dt.datetime.fromisoformat(text)
    if not 1970 <= moment.year <= 2200:
        raise ValueError(f"not a year of news: {moment.year}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
