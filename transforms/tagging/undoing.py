"""Acts that undo another told in the same sentence: which day is whose, and when both are news."""

import re

from transforms.tagging.dates import RECENT, DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

RECALLED = {
    "CIV.RELEASE": "CIV.ABDUCTION",
    "CIV.BLOCKADE_LIFTED": "CIV.BLOCKADE",
    "DIP.BORDER_OPEN": "DIP.BORDER_CLOSE",
}
"""Acts that undo another: told in one sentence, the other lies before."""
UNDONE_BEFORE = {**RECALLED, "BAT.TERRITORY_REGAINED": "BAT.TERRITORY_LOST", "DIP.SANCTION_LIFT": "DIP.SANCTION"}
"""Acts that undo another: told first, an undated one of the other kind in a later sentence lies before."""
_UNDOING = (*UNDONE_BEFORE, "DIP.PEACE_COLLAPSE")
_UNDONE = re.compile(
    r"\b(?:kidnapp|abduct|snatch|seiz|captur|h(?:eld|ostage)|enlev|sace|garkuwa|kama)\w*|(?<!\w)\w{0,3}(?:ختط|خطف|حتجز|اسر)\w*"
)
"""What was done to those who are free again."""
UNDONE_WORDS = 3
"""The day of what is undone stands so many words behind it at most."""


def is_fresh(reading: Reading, when: DateMention | None) -> bool:
    """Whether a date is a day of the last two weeks."""
    today = reading.published
    return when is not None and today is not None and when.precision == "day" and today - RECENT <= when.last <= today


def is_of_undone(reading: Reading, cue: Hit, trigger: Hit, when: DateMention | None) -> bool:
    """Whether a cue of history belongs to what an act with a fresh day undoes: "kidnapped last month were freed on Monday"."""
    if trigger.key not in _UNDOING or when is None or not is_fresh(reading, when):
        return False
    return cue.end <= when.start or when.end <= cue.start


def is_day_of_undone(reading: Reading, sentence: int, trigger: Hit, mention: DateMention) -> bool:
    """Whether a date right behind the words for an abduction is not that of the release, which has a fresh day of its own."""
    if trigger.key != "CIV.RELEASE" or is_fresh(reading, mention):
        return False
    if not any(is_fresh(reading, other) for other in reading.dates(sentence)):
        return False
    words = list(_UNDONE.finditer(reading.folded, reading.sentences[sentence].start, mention.start))
    if not words or reading.words_between(words[-1].end(), mention.start) > UNDONE_WORDS:
        return False
    return not words[-1].end() <= trigger.start < mention.start


def is_old(reading: Reading, when: DateMention | None) -> bool:
    """Whether a date lies before the last two weeks."""
    return when is not None and reading.published is not None and when.last < reading.published - RECENT


def told_apart(
    reading: Reading, sentence: int, undone: Hit, then: DateMention | None, undoing: Hit, when: DateMention | None
) -> bool:
    """Whether an act and the one that undid it are news of two days: "kidnapped ten on Saturday; two were freed on"."""
    if then is None or when is None or not (is_fresh(reading, then) and is_fresh(reading, when)):
        return False
    return reading.clause_at(sentence, undone.end - 1).end < undoing.end and then.last < when.last
