"""Totals: acts counted over months or up to a day, people who are displaced, what goes on; none of them is an event of a day."""

import datetime as dt

from transforms.tagging import mode_words
from transforms.tagging.dates import RECENT, RECENT_IN_LEAD, DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_STOCK = ("HUM.", "BAT.", "REM.", "CIV.", "UNR.")
_A_MONTH = dt.timedelta(days=31)
_LASTING = ("CIV.BLOCKADE",)
"""What goes on from day to day: since long ago, it is a state of things rather than an event of that day."""
_STATES = ("HUM.DISPLACE", "HUM.FOOD")
_EXACTED = "CIV.EXTORTION"
"""What is counted there is money: "since the start of October farmers have been handing over ten thousand naira"."""


def is_stock(reading: Reading, sentence: int, cues: list[Hit], trigger: Hit, recent: bool) -> bool:
    """A total rather than an event: counted up to a day, or people who are displaced and do not just flee."""
    if trigger.key in _LASTING:
        return not recent and any(
            reading.folded.startswith(mode_words.SINCE, cue.start) for cue in cues + _since(reading, sentence)
        )
    if not cues and trigger.key not in _STATES:
        return False
    if trigger.key == _EXACTED or not trigger.key.startswith(_STOCK) or not _counts_many(reading, sentence):
        return False
    if trigger.key in _STATES and (not reading.hits("mode", sentence, "flow") or _hosts(reading, sentence)):
        return True
    since = any(reading.folded.startswith(mode_words.SINCE, cue.start) for cue in cues)
    if trigger.key in _STATES and not since and reading.hits("mode", sentence, "lately"):
        return False
    return bool(cues) and (since or not recent or trigger.key in _STATES)


def goes_on(reading: Reading, trigger: Hit, when: DateMention | None) -> bool:
    """Whether what is exacted since a day is exacted still."""
    return trigger.key == _EXACTED and when is not None and reading.is_since(when)


def _counts_many(reading: Reading, sentence: int) -> bool:
    """Whether a sentence counts more than one: "a missionary held since January" is no total."""
    return any(number.high != 1 for number in reading.numbers(sentence))


def _hosts(reading: Reading, sentence: int) -> bool:
    """Whether a sentence says who is sheltered somewhere, rather than that they came."""
    pattern, span = mode_words.HOSTS.get(reading.language), reading.sentences[sentence]
    return pattern is not None and pattern.search(reading.folded, span.start, span.end) is not None


def is_total(reading: Reading, sentence: int, trigger: Hit, when: DateMention | None) -> bool:
    """Whether acts are counted over months or since a day long before the report, as clinics and observers do."""
    if (
        when is None
        or reading.published is None
        or trigger.key == _EXACTED
        or not trigger.key.startswith(_STOCK)
        or not _counts_many(reading, sentence)
    ):
        return False
    months = when.last - when.first > _A_MONTH and when.precision == "month"
    since = (
        reading.is_since(when) and when.first < reading.published - RECENT
        and trigger.key not in mode_words.PRESUPPOSED and trigger.key != "CIV.RELEASE"  # "held since July"
        and mode_words.WHEN.match(reading.folded, when.end) is None
    )  # fmt: skip
    year = when.precision == "year" and when.first <= reading.published <= when.last and (
        trigger.key not in mode_words.PRESUPPOSED
    )  # fmt: skip
    return (months and when.last >= reading.published - RECENT_IN_LEAD) or since or year


def _since(reading: Reading, sentence: int) -> list[Hit]:
    """Words of history and of background that name the day from which something goes on."""
    return [hit for key in ("historical", "background") for hit in reading.hits("mode", sentence, key)]
