"""How long something lasts: "since January" ends with the report, a siege "since Saturday" has no end yet."""

import datetime as dt

from transforms.tagging.dates import DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

OPEN = dt.date.max
"""The last day of what still goes on; a record has none then."""
_SINCE = ("since", "depuis", "tun", "منذ")
_YEAR = ("year", "annee", "shekara", "bana", "العام", "السنه")
_LASTING = ("CIV.BLOCKADE",)
_TOTALS = ("HUM.", "CIV.", "BAT.", "REM.", "UNR.")
_LOOK_BACK = 28
_END_OF_MONTH = 21
"""First day of the last third of a month, which "end of October" means; a stock is counted at the end of it."""


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
