"""Dates as pages write them: machine dates, and dates for readers in French, English, Arabic and Hausa.

Days come before months ("02/11/2026" is 2 November) unless the weekday beside them, the calendar or the clock's
American form says otherwise; what stays open is marked ambiguous. Arabic has three sets of Gregorian month names
(Egypt and Sudan; the Levant; the Maghreb) and the months of the hijri year, which are converted by the Umm al-Qura
calendar and always marked: moons are sighted by country, so the day may be off by one.
"""

import dataclasses
import datetime as dt
import re

import hijridate

from transforms.extraction.folding import fold

MAX_LINE = 140
_ISO = re.compile(
    r"(?P<y>\d{4})[-/.]?(?P<m>\d{2})[-/.]?(?P<d>\d{2})"
    r"(?:[T\s]+(?P<h>\d{1,2}):?(?P<n>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<z>Z|UTC|GMT|"
    r"[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?"
)
MONTHS: dict[str, int] = {}
"""Folded names of the Gregorian months."""
for _names in (
    # French, English, Hausa (with the spellings of the BBC, DW, RFI and of Niger's press)
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan fev mar avr mai jun jul aou sep oct nov dec",
    "janairu fabrairu maris afrilu mayu yuni yuli agusta satumba oktoba nuwamba disamba",
    "janairu fabarairu maris afrilu mayu juni yuli augusta satumba oktoba nuwamba disamba",
    "janairu faburairu maris aprilu mayu yuni juli agusta satumba oktoba nuwanba disemba",
    # Arabic: Egypt and Sudan, Levant, Maghreb (Algeria and Tunisia), Mauritania and Morocco
    "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين_الاول تشرين_الثاني كانون_الاول",
    "جانفي فيفري مارس افريل ماي جوان جويليه اوت سبتمبر اكتوبر نوفمبر ديسمبر",
    "يناير فبراير مارس ابريل ماي يونيه يوليوز غشت شتنبر اكتوبر نونبر دجنبر",
    "يناير فبراير مارس ابريل مايو يونيه يوليه اغشت شتمبر اكتوبر نوفمبر دجمبر",
):
    for _number, _name in enumerate(_names.split(), 1):
        MONTHS.setdefault(_name.replace("_", " "), _number)
HIJRI_MONTHS: dict[str, int] = {}
for _names in (
    "محرم صفر ربيع_الاول ربيع_الثاني جمادي_الاولي جمادي_الثانيه رجب شعبان رمضان شوال ذو_القعده ذو_الحجه",
    "المحرم صفر ربيع_الاول ربيع_الاخر جمادي_الاول جمادي_الاخره رجب شعبان رمضان شوال ذي_القعده ذي_الحجه",
    "محرم صفر ربيع_الانور ربيع_الاخير جماد_الاول جمادي_الثاني رجب شعبان رمضان شوال ذوالقعده ذوالحجه",
):
    for _number, _name in enumerate(_names.split(), 1):
        HIJRI_MONTHS.setdefault(_name.replace("_", " "), _number)
_WEEKDAYS: dict[str, int] = {}
for _names in (
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lun mar mer jeu ven sam dim",
    "monday tuesday wednesday thursday friday saturday sunday",
    "mon tue wed thu fri sat sun",
    "mon tues wed thur fri sat sun",
    "الاثنين الثلاثاء الاربعاء الخميس الجمعه السبت الاحد",
    "اثنين ثلاثاء اربعاء خميس جمعه سبت احد",
    "litinin talata laraba alhamis juma'a asabar lahadi",
    "litinin talata laraba alhamis jumma'a assabar lahadi",
):
    for _number, _name in enumerate(_names.split()):
        _WEEKDAYS.setdefault(_name, _number)


def _alternatives(names: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + ")"


_MONTH = _alternatives(MONTHS)
_WEEKDAY_BEFORE = re.compile(rf"(?<!\w)(?P<w>{_alternatives(_WEEKDAYS)})[\s.,،:|-]*(?:le |on )?$")
_AT = r"(?:a|at|at:|vers|الساعه|علي الساعه|da misalin|da karfe|karfe|-|,)"
_HALF = r"(?P<half>am|pm|a\.m|p\.m|ص|م)"
_TIME = rf"(?P<h>\d{{1,2}})\s?(?:[:.]\s?(?P<n>\d{{2}})(?::(?P<s>\d{{2}}))?|h\s?(?P<n2>\d{{2}})?)(?:min|mn)?\s*{_HALF}?(?!\w)"
_ZONE = (
    r"\s*\(?(?P<z>(?:gmt|utc|tu|ut)(?:\s?[+-]\s?\d{1,2}(?::?\d{2})?)?|wat|cat|eat|cet|cest|bst)?"
    r"(?:\s*\+\s*\d+\s*gmt)?(?!\w)"
)
_CLOCK = rf"(?:[\s,،·|/-]*{_AT}?\s*{_TIME})?{_ZONE}"
_ERA = r"(?:\s?(?:م|ميلادي(?:ه)?|ad)(?!\w))?"
_WRITTEN = re.compile(
    rf"(?<!\w)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th)?(?:\s+ga)?(?:\s+watan)?[\s./-]+(?:de\s+|of\s+|من\s+)?(?P<month>{_MONTH})\.?"
    rf"(?:\s*[/(]\s*{_MONTH}\)?)?,?،?[\s./-]+(?:ta\s+|shekarar?\s+)?(?P<y>\d{{4}}){_ERA}{_CLOCK}"
)
_AMERICAN = re.compile(
    rf"(?<!\w)(?P<month>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d){_CLOCK}"
)
_DIGITS = re.compile(
    rf"(?<![\d/.:-])(?P<d>\d{{1,2}})\s?(?P<x>[/.-])\s?(?P<m>\d{{1,2}})\s?(?P=x)\s?(?P<y>\d{{4}})(?![\d/]){_ERA}{_CLOCK}"
)
_YEAR_FIRST = re.compile(
    rf"(?<![\d/.:-])(?P<y>(?:19|20)\d{{2}})(?P<x>[/.-])(?P<m>\d{{1,2}})(?P=x)(?P<d>\d{{1,2}})(?!\d)(?:t(?=\d))?{_CLOCK}"
)
_HIJRI = re.compile(
    rf"(?<!\w)(?P<d>\d{{1,2}})[\s/-]+(?:من\s+)?(?:شهر\s+)?(?P<month>{_alternatives(HIJRI_MONTHS)})[\s،,/-]+(?:سنه\s+|عام\s+)?(?P<y>1[34]\d{{2}})(?!\d)"
)
_HIJRI_DIGITS = re.compile(r"(?<!\d)(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<y>14\d{2})\s*(?:ه|هجري|h)(?!\w)")
_TIME_BEFORE = re.compile(rf"(?<![\d/.:-]){_TIME}{_ZONE}[\s,،|–·-]*(?:le |on |{_alternatives(_WEEKDAYS)}[\s,،]*)*$")
_HIJRI_YEARS = range(1343, 1500)  # what the Umm al-Qura calendar covers
_OFFSETS = {"wat": 1, "cat": 2, "eat": 3, "cet": 1, "cest": 2, "bst": 1}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Moment:
    """A date that was found: ``zoned`` tells whether the text gave an offset, ``precision`` is second or day.

    ``ambiguous``: another reader could take it for another day (digits, or a hijri date).
    """

    at: dt.datetime
    precision: str
    zoned: bool = True
    ambiguous: bool = False


def read_moment(text: str, zone: dt.tzinfo) -> Moment | None:
    """A machine-written date (ISO 8601 in its many spellings); None when it is none or impossible."""
    found = _ISO.match(text.strip()[:60])
    if not found:
        return read_written(text[:MAX_LINE], zone)
    hour, minute = int(found["h"] or 0), int(found["n"] or 0)
    try:
        day = dt.datetime(int(found["y"]), int(found["m"]), int(found["d"]), tzinfo=dt.UTC)
        moment = day.replace(hour=hour, minute=minute, second=min(59, int(found["s"] or 0)))
    except ValueError:
        return None
    if not found["h"]:
        return Moment(at=day, precision="day")
    if not found["z"]:
        return _localised(moment, zone)
    if found["s"] == "00" and hour == minute == 0:
        return Moment(at=day, precision="day")  # midnight to the second is how content systems write a day
    offset = _offset(found["z"])
    return Moment(at=moment - offset, precision="second") if offset is not None else None


def _localised(naive: dt.datetime, zone: dt.tzinfo, *, ambiguous: bool = False) -> Moment | None:
    """A clock time without an offset, read in the outlet's zone; None at the ends of the calendar."""
    try:
        at = naive.replace(tzinfo=zone).astimezone(dt.UTC)
    except OverflowError:
        return None
    return Moment(at=at, precision="second", zoned=False, ambiguous=ambiguous)


def _offset(zone: str) -> dt.timedelta | None:
    """The offset that a zone's name or digits stand for; None when no place on earth has it."""
    found = re.search(r"([+-])\s?(\d{1,2}):?(\d{2})?$", zone)
    if not found:
        return dt.timedelta(hours=_OFFSETS.get(zone.lower(), 0))
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    return (1 if found[1] == "+" else -1) * dt.timedelta(hours=hours, minutes=minutes)


def read_written(text: str, zone: dt.tzinfo) -> Moment | None:
    """The first date that a text writes for readers, in French, English, Arabic or Hausa; days come before months.

    A clock time beside it counts; without a zone it is on the outlet's clock. A hijri date is read only where the text
    gives no other.
    """
    folded = " ".join(fold(text).split())
    if not any(character.isdigit() for character in folded):
        return None
    patterns = (_WRITTEN, _AMERICAN, _DIGITS, _YEAR_FIRST)
    matches = [found for pattern in patterns if (found := pattern.search(folded))]
    for found in sorted(matches, key=lambda f: f.start()):
        if moment := _moment_of(found, folded, zone):
            return moment
    return _read_hijri(folded)


def _moment_of(found: re.Match[str], folded: str, zone: dt.tzinfo) -> Moment | None:
    """The moment of a matched Gregorian date, with the clock time behind or before it."""
    day, ambiguous = _day_of(found, folded)
    if day is None:
        return None
    if not found["h"] and found["z"] is None:
        before = _TIME_BEFORE.search(folded[max(0, found.start() - 50) : found.start()])
        clock = before if before is not None else found
    else:
        clock = found
    hour, minute = int(clock["h"] or -1), int(clock["n"] or clock["n2"] or 0)
    if clock["half"] and hour <= 12:
        hour = hour % 12 + (12 if clock["half"][0] in {"p", "م"} else 0)
    if not clock["h"] or hour > 23 or minute > 59:
        return Moment(at=day, precision="day", ambiguous=ambiguous)
    at = day.replace(hour=hour, minute=minute, second=min(59, int(clock["s"] or 0)))
    if clock["z"]:
        offset = _offset(clock["z"])
        return Moment(at=at - (offset or dt.timedelta()), precision="second", ambiguous=ambiguous)
    return _localised(at, zone, ambiguous=ambiguous)


def _day_of(found: re.Match[str], folded: str) -> tuple[dt.datetime | None, bool]:
    """(day, ambiguous) of a matched date; None when no calendar has it."""
    groups = found.groupdict()
    year = int(groups["y"])
    if year in _HIJRI_YEARS:
        return None, False
    if groups.get("month"):
        return _day(year, MONTHS[groups["month"]], int(groups["d"])), False
    first, second = int(groups["d"]), int(groups["m"])
    if found.re is _YEAR_FIRST:
        return _day(year, second, first), False
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if day_first is None or month_first is None or first == second:
        return day_first or month_first, False
    named = _WEEKDAY_BEFORE.search(folded[max(0, found.start() - 20) : found.start()])
    if named:
        weekday = _WEEKDAYS[named["w"]]
        if (day_first.weekday() == weekday) != (month_first.weekday() == weekday):
            return (day_first if day_first.weekday() == weekday else month_first), False
    # "9/11/2026 9:22:00 AM" is how .NET writes a date in its default culture
    american = groups["x"] == "/" and groups["s"] and groups["half"] in {"am", "pm"}
    return (month_first if american else day_first), True


def _day(year: int, month: int, day: int) -> dt.datetime | None:
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None


def _read_hijri(folded: str) -> Moment | None:
    found = _HIJRI.search(folded) or _HIJRI_DIGITS.search(folded)
    if not found:
        return None
    groups = found.groupdict()
    month = HIJRI_MONTHS[groups["month"]] if groups.get("month") else int(groups["m"])
    try:
        day = hijridate.Hijri(int(groups["y"]), month, int(groups["d"])).to_gregorian()
    except (ValueError, OverflowError):
        return None
    at = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    return Moment(at=at, precision="day", ambiguous=True)


def date_of_url(url: str) -> dt.datetime | None:
    """The day in an address (/2026/11/09/, /20261109-, /2026/nov/09/), or None."""
    found = (
        re.search(r"/(?P<y>(?:19|20)\d{2})[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?=[/_.-]|$)", url)
        or re.search(r"[/_-](?P<y>20\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?=[/_.-]|$)", url)
        or re.search(r"[/_-](?P<y>20\d{2})-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?=[/_.?-]|$)", url)
        or re.search(r"/(?P<y>20\d{2})/(?P<name>[a-z]{3})/(?P<d>\d{1,2})(?=/|$)", url)
    )
    if not found:
        return None
    groups = found.groupdict()
    month = MONTHS.get(groups["name"], 0) if "name" in groups else int(groups["m"])
    return _day(int(groups["y"]), month, int(groups["d"]))
