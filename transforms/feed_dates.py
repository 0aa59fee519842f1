"""Dates as feeds write them: RFC 822, ISO 8601, asctime, and dates for readers in four languages.

feedparser's own reading is not used: it takes 10-11-2026 for 2010, 2026/11/10 for the 1st, 3:30 PM for the morning and
every zone it does not know for UTC (measured). Here a text is a date that is understood whole, or none.
"""

import dataclasses
import datetime as dt
import re

from transforms.clock import iso
from transforms.extraction.written_dates import read_written

LONGEST = 100
"""Characters of a date; the longest that are written take 60."""
EARLIEST_YEAR = 1990
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "wat": 1, "cet": 1, "bst": 1, "west": 1, "cat": 2, "sast": 2, "eet": 2,
    "cest": 2, "wast": 2, "eat": 3, "msk": 3, "eest": 3, "ast": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
"""Hours east of Greenwich; of names that mean several zones the one that RFC 822 or the region's feeds mean."""
_CLOCK = r"(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_RFC_822 = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{{1,2}})[\s-]+(?P<month>[A-Za-z]{{3}})[a-z]*\.?,?[\s-]+(?P<y>\d{{4}}|\d{{2}})(?:[,\s]+{_CLOCK})?"
)
_ISO = re.compile(
    r"(?P<y>\d{4})(?P<x>[-/]?)(?P<m>\d{2})(?P=x)(?P<d>\d{2})"
    r"(?:(?:T|t|\s+)(?P<h>\d{2}):?(?P<n>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?)?"
)
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<month>[A-Za-z]{3})[a-z]*\.?\s+(?P<d>\d{1,2})(?:\s+(?P<h>\d{1,2}):(?P<n>\d{2}):(?P<s>\d{2}))\s+(?P<y>\d{4})"
)
_ZONE = re.compile(
    r"(?:(?<=\d)|(?<=\s)|(?<=[ap]m))\s*(?:(?:GMT|UTC?|Z)?\s*(?P<sign>[+-])(?P<hours>\d{1,2}?)(?::?(?P<minutes>\d{2}))?|(?P<name>[A-Za-z]{1,5}))\s*"
    r"(?:\([^()]{1,40}\))?$",
    re.IGNORECASE,
)
_HAS_CLOCK = re.compile(r"\d\s*[:hH]\s*\d{2}|T\d{4}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedDate:
    """A date as it was written: naive where ``offset`` is None; ``precision`` is second or day.

    ``ambiguous``: in digits that a reader of another country takes for month and day.
    """

    at: dt.datetime
    precision: str
    offset: dt.timedelta | None = None
    ambiguous: bool = False


def entry_date(written: str, *, zone: dt.tzinfo, now: dt.datetime) -> tuple[str | None, str, tuple[str, ...]]:
    """(RFC 3339 UTC or None, precision, flags) of a feed's date.

    A date without a zone, or with one that is not known, is on the outlet's clock (DATE_TZ_ASSUMED). Dates after
    tomorrow or before 1990 are not believed.
    """
    if not written.strip():
        return None, "none", ()
    found = read_date(written)
    if found is None:
        return None, "none", ("DATE_INVALID",)
    flags = ["DATE_AMBIGUOUS"] if found.ambiguous else []
    if found.at.year > now.year + 1:  # told before any shift by a zone, which could leave the calendar
        return None, "none", (*flags, "DATE_FUTURE")
    if found.at.year < EARLIEST_YEAR:
        return None, "none", (*flags, "DATE_IMPLAUSIBLE")
    if found.precision == "day":
        moment = found.at.replace(tzinfo=dt.UTC)
    elif found.offset is not None:
        moment = (found.at - found.offset).replace(tzinfo=dt.UTC)
    else:
        moment = found.at.replace(tzinfo=zone).astimezone(dt.UTC)
        flags.append("DATE_TZ_ASSUMED")
    if moment > now + dt.timedelta(hours=24):
        return None, "none", (*flags, "DATE_FUTURE")
    return iso(moment), found.precision, tuple(flags)


def read_date(written: str) -> FeedDate | None:
    """A date that is written in one of the known ways, None for any other text."""
    text = " ".join(written.split())
    if not text or len(text) > LONGEST:
        return None
    bare, offset = _split_zone(text)
    if bare is None:
        return None
    for pattern in (_RFC_822, _ISO, _ASCTIME):
        found = pattern.fullmatch(bare)
        if found:
            return _of_match(found, offset)
    moment = read_written(bare, dt.UTC)
    if moment is None:
        return None
    at = moment.at.replace(tzinfo=None)
    return FeedDate(at=at, precision=moment.precision, offset=offset, ambiguous=moment.ambiguous)


def _split_zone(text: str) -> tuple[str | None, dt.timedelta | None]:
    """The text without its zone, and the zone's offset (None for none or an unknown one); no text: impossible zone."""
    if not _HAS_CLOCK.search(text):
        return text, None
    found = _ZONE.search(text)
    if not found:
        return text, None
    bare = text[: found.start()].rstrip()
    if found["sign"]:
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours > 14 or minutes > 59:
            return None, None
        offset = dt.timedelta(hours=hours, minutes=minutes)
        return bare, offset if found["sign"] == "+" else -offset
    name = found["name"].lower()
    if name in {"am", "pm"} or (name in {"a", "p", "m"} and name not in _HOURS):
        return text, None
    hours_east = _HOURS.get(name)
    return bare, None if hours_east is None else dt.timedelta(hours=hours_east)


def _of_match(found: re.Match[str], offset: dt.timedelta | None) -> FeedDate | None:
    parts = found.groupdict()
    year = int(parts["y"])
    if year < 100 and len(parts["y"]) == 2:
        year += 2000 if year < 50 else 1900  # RFC 2822, 4.3
    month = _MONTHS.get(parts["month"].lower()) if parts.get("month") else int(parts["m"])
    if month is None:
        moment = read_written(found[0], dt.UTC)
        if moment is None:
            return None
        return FeedDate(at=moment.at.replace(tzinfo=None), precision=moment.precision, offset=offset)
    try:
        day = dt.datetime(year, month, int(parts["d"]))  # noqa: DTZ001 - the zone comes with the offset
        if not parts["h"]:
            return FeedDate(at=day, precision="day")
        hour = int(parts["h"])
        if parts.get("half"):
            hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
        second = min(59, int(parts["s"] or 0)) if int(parts["s"] or 0) <= 60 else 60
        at = day.replace(hour=hour, minute=int(parts["n"]), second=second)
    except ValueError:
        return None
    return FeedDate(at=at, precision="second", offset=offset)
