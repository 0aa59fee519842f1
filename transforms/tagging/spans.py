"""How long something lasts: "since January" ends with the report, a siege "since Saturday" has no end yet."""

import datetime as dt
import functools
import re

from transforms.tagging import mode_words
from transforms.tagging.date_rules import load_grammar
from transforms.tagging.dates import RECENT, DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

OPEN = dt.date.max
"""The last day of what still goes on; a record has none then."""
_SINCE = ("since", "depuis", "tun", "منذ")
_YEAR = ("year", "annee", "shekara", "bana", "العام", "السنه")
_DECIDED = ("POL.", "DIP.", "MIL.", "CIV.DISPLACE_ORDER")
_UNTIL = ("until", "till", "jusqu'")
_LASTING = ("CIV.BLOCKADE",)
_TOTALS = ("HUM.", "CIV.", "BAT.", "REM.", "UNR.")
_ENDED = re.compile(
    r"\b(?:ended|wound up|concluded|s'(?:est|etai\w+) (?:achev|termin)\w+|se sont (?:achev|termin)\w+|(?:a|ont) pris fin|kammal\w+|kare)\b"
    r"|(?<!\w)و?(?:انته\w+|اختتم\w*)"
)
"""What tells the last day of what went on for some days."""
_FROM = re.compile(
    r"(?:\b(?:from|starting|beginning|as of|a partir d[eu]|a compter d[eu]|des|depuis|daga|tun)|(?<!\w)(?:ابتداء من|اعتبارا من|بدءا من|منذ))"
    r"\s+(?:le |ce |ranar |safiyar |يوم |early |next |midnight on |صباح |فجر )*$"
)
"""Words before the first day of what goes on for some."""
_STRETCH = {
    "en": r"(?P<n>{N})[ -](?P<unit>days?|hours?|weeks?)\b",
    "fr": r"\b(?P<n>{N}) (?P<unit>jours?|heures|semaines?)\b",
    "ar": r"(?<!\w)(?:ل|لمده )?(?P<n>{N}) (?P<unit>ايام|يوما|ساعه)(?!\w)",
    "ha": r"\b(?P<unit>kwana|kwanaki|awa|awanni|sa'o'i) (?P<n>{N})\b",
}
_PAIR = re.compile(r"(?<!\w)ل?يومين(?!\w)")
_GOES_ON = ("UNR.STRIKE", "UNR.PROTEST", "MIL.EXERCISE", "POL.RESTRICT", "BAT.OPERATION", "BAT.CLASH", "DIP.TALKS")
"""What may last for days."""
LONGEST = 31
"""Days of what is taken to go on without a break."""
_LOOK_BACK = 28
_END_OF_MONTH = 21
"""First day of the last third of a month, which "end of October" means; a stock is counted at the end of it."""
_OF_DIARY = ("DIP.", "POL.TRANSITION", "MIL.EXERCISE", "MIL.AGREE", "UNR.")
"""What stands under the heading of a diary."""


def lasting(reading: Reading, sentence: int, trigger: Hit, mode: str, when: DateMention | None) -> DateMention | None:
    """The days of an event that goes on since a day, and of a total counted from or up to one."""
    today = reading.published
    if today is None or not trigger.key.startswith(_TOTALS):
        return when
    if when is None:
        return _this_year(reading, sentence, today) if mode == "ongoing_stock" else None
    if when.first <= today and _since(reading, when):
        if trigger.key in _LASTING:
            return when._replace(last=OPEN)
        if mode == "ongoing_stock" or trigger.key.startswith("HUM."):
            return when._replace(last=today)
    if mode == "ongoing_stock" and when.precision == "week" and when.first.day == _END_OF_MONTH:
        return when._replace(first=when.last)
    return when


def _since(reading: Reading, when: DateMention) -> bool:
    words = reading.folded[max(0, when.start - _LOOK_BACK) : when.end].split()
    own = len(reading.folded[when.start : when.end].split())
    return any(word.startswith(_SINCE) for word in words[-own - 2 :])


def _this_year(reading: Reading, sentence: int, today: dt.date) -> DateMention | None:
    for cue in reading.hits("mode", sentence, "ongoing_stock"):
        words = reading.folded[cue.start : cue.end + 16]
        if words.startswith(_SINCE) and any(year in words for year in _YEAR):
            return DateMention(cue.start, cue.end, today.replace(month=1, day=1), today, "year")
    return None


def is_day_of_accord(reading: Reading, sentence: int, trigger: Hit, when: DateMention) -> bool:
    """Whether a day is that on which a step was agreed on: "agreed on Monday to reopen the border"."""
    if when.end > trigger.start or mode_words.TO_DO.match(reading.folded, when.end, trigger.start + 1) is None:
        return False
    before = re.sub(r"\b(?:on|ce|le|ranar|يوم) $", "", reading.folded[reading.sentences[sentence].start : when.start])
    return mode_words.AGREED.search(before) is not None


def is_end(reading: Reading, sentence: int, trigger: Hit, when: DateMention) -> bool:
    """Whether a day is the last of what is decided: "prolonged the curfew until April"."""
    if not trigger.key.startswith(_DECIDED) or not reading.says(mode_words.UNTIL_STEMS):
        return False
    if when.first != when.last and when.precision == "day":
        return False  # from one day until another
    own = reading.folded[when.start : when.end].split(" ", 1)[0]
    start = max(reading.sentences[sentence].start, when.start - _LOOK_BACK)
    return own.startswith(_UNTIL) or mode_words.UNTIL.search(reading.folded, start, when.start) is not None


def is_town(reading: Reading, sentence: int, word: Hit | DateMention) -> bool:
    """Whether what may mean last year is a town by its capital: "birnin Bara"."""
    return (
        reading.folded[word.start : word.end] in mode_words.LAST_YEAR
        and word.end - len("bara") > reading.sentences[sentence].start
        and reading.written[word.end - len("bara")].isupper()
        and not reading.written[reading.sentences[sentence].start : word.end].isupper()
    )


def stretched(reading: Reading, sentence: int, trigger: Hit, when: DateMention | None) -> DateMention | None:
    """The days of what went on for some, of which the text tells the last or the first: "a three-day sweep ended on"."""
    if when is None or when.precision != "day" or when.first != when.last or not trigger.key.startswith(_GOES_ON):
        return when
    span = reading.sentences[sentence]
    clause = reading.clause_at(sentence, trigger.start)
    ended = _ENDED.search(reading.folded, span.start, when.start)
    begun = _FROM.search(reading.folded, max(span.start, when.start - _LOOK_BACK), when.start)
    if (ended is None) == (begun is None) or (ended and not clause.start <= when.start <= clause.end):
        return when
    days = _days_said(reading, span.start, span.end)
    if not 1 < days <= LONGEST:
        return when
    more = dt.timedelta(days=days - 1)
    return when._replace(first=when.first - more) if ended else when._replace(last=when.last + more)


def _days_said(reading: Reading, start: int, end: int) -> int:
    """How many days a sentence says that something goes on; 0 when it says none."""
    pattern, grammar = _stretch(reading.language), load_grammar(reading.language)
    found = pattern.search(reading.folded, start, end) if pattern is not None else None
    if found is None or grammar is None:
        return 2 if reading.language == "ar" and _PAIR.search(reading.folded, start, end) else 0
    number = int(found["n"]) if found["n"].isdigit() else grammar.counts[found["n"]]
    unit = found["unit"]
    if reading.language == "ar":
        return round(number / 24) if unit == "ساعه" else number
    hours = unit.startswith(("hour", "heure", "awa", "sa'"))
    return round(number / 24) if hours else number * (7 if unit.startswith(("week", "semaine")) else 1)


@functools.cache
def _stretch(language: str) -> re.Pattern[str] | None:
    grammar = load_grammar(language)
    if grammar is None or language not in _STRETCH:
        return None
    words = "|".join(sorted(map(re.escape, grammar.counts), key=len, reverse=True))
    return re.compile(_STRETCH[language].replace("{N}", rf"(?:\d{{1,3}}|{words})"))


def in_diary(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act stands in a diary: a sentence that opens "Coming up:", a meeting under the title "The week ahead"."""
    if mode_words.TO_COME.match(reading.folded, reading.sentences[sentence].start):
        return True
    if reading.first_of_text == 0 or not trigger.key.startswith(_OF_DIARY):
        return False
    start, end = reading.sentences[0]
    match = mode_words.TO_COME.match(reading.folded, start)
    return match is not None and not reading.folded[match.end() : end].strip(" :,-–\n")


_OF_YEAR = re.compile(r"\b(?:de|na|ta|the) $")
_YEARS = re.compile(r"'s? ")
"""What makes a year part of a name: "la biennale de cette année", "this year's festival", "the 2026 examinations"."""


def day_of_year(reading: Reading, sentence: int, when: DateMention | None) -> DateMention | None:
    """The one day of the last ones that a sentence tells beside this year: "at this year's festival on Saturday"."""
    today = reading.published
    if when is None or today is None or when.precision != "year" or not when.first <= today <= when.last:
        return when
    if not (
        _OF_YEAR.search(reading.folded, max(0, when.start - 8), when.start) or _YEARS.match(reading.folded, when.end)
    ):
        return when  # an adverb: "120 were killed this year, a report of Monday says"
    days = [day for day in reading.dates(sentence) if day.precision == "day" and today - RECENT <= day.first <= today]
    return days[0] if len(days) == 1 else when
