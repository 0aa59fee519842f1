"""Dates in a sentence, resolved against the day of publication.

The rules are data (``data/dates.yaml``); what they mean is here. Past readings win unless a word says otherwise:
a weekday is the nearest one on or before publication, "dernier" on the same weekday is a week earlier, a day and month
without a year is the latest one up to two days after publication, unless that is more than ten months ago and the
coming one is near (newsrooms add the year to a date that old). Bare months are the latest month not in the future.
"""

import calendar
import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from transforms.tagging.date_rules import Grammar, find_matches, load_grammar
from transforms.tagging.normalise import IGNORED, shorten

RECENT = dt.timedelta(days=14)
"""What the body of a report tells of an older day, or of a month that is over, it recalls."""
RECENT_IN_LEAD = dt.timedelta(days=75)
"""What a report opens with is its news, also when it brings it late ("in a report published on Thursday ...")."""
_BLANKS = re.compile(r"\s+")
_NEAR_FUTURE = dt.timedelta(days=2)
_TOO_OLD = dt.timedelta(days=300)
_DAYS_OF = {"day": 1, "week": 7, "month": 30, "year": 365}
MASKING = frozenset(
    (
        "span_days",
        "day_month",
        "iso",
        "numeric",
        "third",
        "month",
        "months",
        "weekday_day",
        "ago",
        "ahead",
        "within",
        "same_year",
    )
)
"""Rules whose digits are days and years for certain, whatever follows them."""


class DateMention(NamedTuple):
    """A date expression at ``[start, end)`` and the days it may mean, both included; precision day|week|month|year."""

    start: int
    end: int
    first: dt.date
    last: dt.date
    precision: str
    inferred: bool = False
    """Whether the year was not said but taken for the nearest."""


_Span = tuple[dt.date, dt.date, str]


def find_dates(
    sentence_folded: str, language: str, published: dt.date, *, ahead: bool = False,
    before: Callable[[], dt.date | None] = lambda: None, year_told: Callable[[], int | None] = lambda: None,
) -> list[DateMention]:  # fmt: skip
    """Date expressions of the folded sentence in order, without overlaps; an unknown language gives none.

    Offsets are code points into ``sentence_folded``. Impossible dates (31 February) are left out. With ``ahead``, for
    what is announced, a weekday, day or month that says neither "last" nor a year is the next one. ``before`` gives the
    day that was told last, which "the next day" counts from, and ``year_told`` the year that "in May of the same year"
    means; without one such words stay unread.
    """
    grammar = load_grammar(language)
    if grammar is None:
        return []
    if ahead:
        grammar = dataclasses.replace(grammar, ahead=True)
    sentence, places = shorten(sentence_folded) if IGNORED in sentence_folded else (sentence_folded, None)
    found: list[DateMention] = []
    for kind, match in find_matches(sentence, language):
        day: dt.date | None = published
        if kind == "then":
            day = _day_told(found) or before()
        elif kind == "same_year":
            year = year_told()
            day = dt.date(year, 1, 1) if year is not None else None
        resolver = _RESOLVERS[kind]
        if kind == "relative_day" and _group(match, "phrase") in grammar.then and _day_told(found):
            resolver, day = _RESOLVERS["then"], _day_told(found)
        span = resolver(match, grammar, day) if day is not None else None
        if span is None:
            continue
        start, end = match.span()
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        inferred = kind in ("day_month", "span_days") and not (_group(match, "y") or _group(match, "ly"))
        found.append(DateMention(start, end, *span, inferred=inferred))
    return found


def _day_told(found: list[DateMention]) -> dt.date | None:
    """The last day that the sentence has told so far."""
    return next((mention.last for mention in reversed(found) if mention.precision == "day"), None)


@functools.lru_cache(maxsize=64)
def date_spans(sentence: str, language: str) -> tuple[tuple[int, int], ...]:
    """Spans of the folded sentence whose digits are surely dates; the number grammar leaves them alone."""
    return tuple([match.span() for kind, match in find_matches(sentence, language) if kind in MASKING])


def _group(match: re.Match[str], name: str) -> str | None:
    value = match[name] if name in match.re.groupindex else None
    return value if value is None or value.isalnum() else _BLANKS.sub(" ", value)


def _direction(match: re.Match[str], grammar: Grammar) -> int:
    """-1 for "last", 1 for "next", 0 where neither is said."""
    word = _group(match, "rel")
    if word is None:
        return int(grammar.ahead)
    words = word.split()
    if any(part in grammar.past for part in words):
        return -1
    return 1 if any(part in grammar.future for part in words) else 0


def _number(text: str, grammar: Grammar) -> int:
    return int(text) if text.isdigit() else grammar.counts.get(text, 1)


def _date(year: int, month: int, day: int) -> dt.date | None:
    if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return dt.date(year, month, day)
    return None


def _dated(day: int, month: int, year: str | None, direction: int, published: dt.date) -> dt.date | None:
    """A day and month with its year, or with the year that publication suggests."""
    if year is not None:
        return _date(int(year), month, day)
    years = (published.year - 1, published.year, published.year + 1)
    near = [date for date in (_date(y, month, day) for y in years) if date is not None]
    if direction > 0:
        return next((date for date in near if date >= published), None)
    past = [date for date in near if date <= published + _NEAR_FUTURE]
    coming = next((date for date in near if date > published + _NEAR_FUTURE), None)
    if direction < 0 or coming is None or (past and published - past[-1] <= _TOO_OLD):
        return past[-1] if past else None
    return coming


def _day_month(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    text = match["d"]
    day = int(text) if text.isdigit() else grammar.ordinals[_group(match, "d") or ""]
    month = grammar.months[_group(match, "m") or ""]
    date = _dated(day, month, _year_said(match, published), _direction(match, grammar), published)
    return (date, date, "day") if date else None


def _year_said(match: re.Match[str], published: dt.date) -> str | None:
    """The year of a match in digits, also where the text says "last year"."""
    return str(published.year - 1) if _group(match, "ly") else _group(match, "y")


def _span_days(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    one, two = _group(match, "m"), _group(match, "m2")
    month_one, month_two = grammar.months[one or two or ""], grammar.months[two or one or ""]
    last = _dated(int(match["d2"]), month_two, _group(match, "y"), 0, published)
    if last is None:
        return None
    first = _date(last.year if month_one <= month_two else last.year - 1, month_one, int(match["d"]))
    return (first, last, "day") if first and first <= last else None


def _numeric(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """Day first, as all four languages write it in the region; month first only where day first is impossible."""
    del grammar, published
    year, a, b = int(match["y"]), int(match["d"]), int(match["m"])
    date = _date(year, b, a) or _date(year, a, b)
    return (date, date, "day") if date else None


def _iso(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    del grammar, published
    date = _date(int(match["y"]), int(match["m"]), int(match["d"]))
    return (date, date, "day") if date else None


def _whole_month(year: int, month: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def _month_year(match: re.Match[str], grammar: Grammar, published: dt.date) -> tuple[int, int]:
    month = grammar.months[_group(match, "m") or ""]
    year = _year_said(match, published)
    if year is not None:
        return int(year), month
    direction = _direction(match, grammar)
    if direction > 0:
        return published.year + (month <= published.month), month
    if direction < 0:
        return published.year - (month >= published.month), month
    return published.year - (month > published.month), month


def _month(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    first, last = _whole_month(*_month_year(match, grammar, published))
    return first, last, "month"


def _same_year(match: re.Match[str], grammar: Grammar, told: dt.date) -> _Span | None:
    """A month of the year that was told before: "in May of the same year"."""
    return *_whole_month(told.year, grammar.months[_group(match, "m") or ""]), "month"


def _months(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """Two months of one year, or of the latest that they were over or going on in: from the first day to the last."""
    one, two = grammar.months[_group(match, "m") or ""], grammar.months[_group(match, "m2") or ""]
    said = _group(match, "y")
    year = int(said) if said else published.year - (two > published.month)
    return (_whole_month(year, one)[0], _whole_month(year, two)[1], "month") if one <= two else None


def _third(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """A third of a month (precision week) or of a year (precision month)."""
    part = grammar.parts[_group(match, "part") or ""]
    if _group(match, "m") is None:
        year = int(match["y"])
        return _whole_month(year, 1 + 4 * part)[0], _whole_month(year, 4 + 4 * part)[1], "month"
    first, last = _whole_month(*_month_year(match, grammar, published))
    bounds = (
        (first, first.replace(day=10)),
        (first.replace(day=11), first.replace(day=20)),
        (first.replace(day=21), last),
    )
    return *bounds[part], "week"


def _near_weekday(weekday: int, direction: int, published: dt.date) -> dt.date:
    back = (published.weekday() - weekday) % 7
    if direction > 0:
        return published + dt.timedelta(days=7 - back)
    if direction < 0 and back == 0:
        back = 7
    return published - dt.timedelta(days=back)


def _weekday(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    date = _near_weekday(grammar.weekdays[_group(match, "w") or ""], _direction(match, grammar), published)
    return date, date, "day"


def _nights(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    last = _near_weekday(grammar.weekdays[_group(match, "w2") or ""], 0, published)
    nights = (last.weekday() - grammar.weekdays[_group(match, "w") or ""]) % 7
    return last - dt.timedelta(days=nights), last, "day"


def _till_today(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """A weekday up to the day of the report: "daga Talata zuwa yau"."""
    return _near_weekday(grammar.weekdays[_group(match, "w") or ""], 0, published), published, "day"


def _last_week_day(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    monday = published - dt.timedelta(days=published.weekday() - 7 * _direction(match, grammar))
    date = monday + dt.timedelta(days=grammar.weekdays[_group(match, "w") or ""])
    return date, date, "day"


def _weekday_day(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """A weekday with a day of the month and no month: the nearest date that has both."""
    weekday, day = grammar.weekdays[_group(match, "w") or ""], int(match["d"])
    for distance in range(190):
        for date in (published - dt.timedelta(days=distance), published + dt.timedelta(days=distance)):
            if date.weekday() == weekday and date.day == day:
                return date, date, "day"
    return None


def _months_from(published: dt.date, months: int) -> tuple[int, int]:
    index = published.year * 12 + published.month - 1 + months
    return index // 12, index % 12 + 1


def _shifted(amount: int, unit: str, precision: str, published: dt.date) -> _Span | None:
    if unit == "day":
        date = published + dt.timedelta(days=amount)
        return date, date, precision
    if unit in ("days7", "days30"):
        return published - dt.timedelta(days=int(unit[4:])), published, precision
    if unit == "week":
        monday = published + dt.timedelta(days=7 * amount - published.weekday())
        return monday, monday + dt.timedelta(days=6), precision
    if unit == "weekend":
        saturday = published - dt.timedelta(days=(published.weekday() - 5) % 7 - 7 * amount)
        return saturday, saturday + dt.timedelta(days=1), precision
    if unit == "month_start":
        return published.replace(day=1), published.replace(day=10), precision
    if unit == "month":
        return *_whole_month(*_months_from(published, amount)), precision
    year = published.year + amount
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return None
    return dt.date(year, 1, 1), dt.date(year, 12, 31), precision


def _relative(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    amount, unit, precision = grammar.relative[_group(match, "phrase") or ""]
    return _shifted(amount, unit, precision, published)


def _ago(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    unit = grammar.units[_group(match, "unit") or ""]
    return _shifted(-_number(_group(match, "n") or "", grammar), unit, unit, published)


_HAS_BEEN = re.compile(r"\b(?:had|have|has|was|were|killed|died|arrested|seized|recorded|registered|lost|fled)\b")
"""English words, folded, for what is over: the other languages say "in a week" of what took one otherwise."""
_IS_TO_BE = re.compile(
    r"\b(?:will|shall|would|may|might|due|to|expected|planned|scheduled|is|are)\b(?! (?:been|said)\b)"
)


def _ahead(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """A day to come; behind what has been done "in a week" is how long it took."""
    before = match.string[: match.start()]
    if _HAS_BEEN.search(before) and not _IS_TO_BE.search(before):
        return None
    unit = grammar.units[_group(match, "unit") or ""]
    return _shifted(_number(_group(match, "n") or "", grammar), unit, unit, published)


def _within(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    """A stretch of time up to the day of publication: "over the past three days"."""
    unit = grammar.units[_group(match, "unit") or ""]
    days = _number(_group(match, "n") or "", grammar) * _DAYS_OF[unit]
    if published.toordinal() <= days:
        return None
    return published - dt.timedelta(days=days), published, "day" if unit == "day" else unit


def _then(match: re.Match[str], grammar: Grammar, before: dt.date) -> _Span | None:
    """A day counted from the one told before: "the next day"."""
    return _shifted(grammar.then[_group(match, "phrase") or ""], "day", "day", before)


def _year(match: re.Match[str], grammar: Grammar, published: dt.date) -> _Span | None:
    del grammar, published
    year = int(match["y"])
    return dt.date(year, 1, 1), dt.date(year, 12, 31), "year"


_RESOLVERS: dict[str, Callable[[re.Match[str], Grammar, dt.date], _Span | None]] = {
    "ago": _ago, "ahead": _ahead, "day_month": _day_month, "iso": _iso, "last_week_day": _last_week_day,
    "month": _month, "months": _months, "nights": _nights, "numeric": _numeric,
    "relative_day": _relative, "same_year": _same_year, "span_days": _span_days,
    "then": _then, "till_today": _till_today, "within": _within, "third": _third, "weekday": _weekday, "weekday_day": _weekday_day, "year": _year,
}  # fmt: skip
