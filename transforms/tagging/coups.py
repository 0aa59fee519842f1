"""A coup of years ago beside what those whom it brought to power do now: whose year is told, and what is only summed up."""

from transforms.tagging import mode_words, undoing
from transforms.tagging.dates import RECENT, DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_STEPS = ("POL.RESTRICT", "POL.TRANSITION", "POL.ARREST", "MIL.", "DIP.")
"""Steps of rulers, beside which the coup that brought them to power is often told with its year."""
COUP_WORDS = 2
"""The time of a coup stands so many words from its name at most."""


def is_of_coup(reading: Reading, sentence: int, cue: Hit, trigger: Hit) -> bool:
    """Whether a cue of history is that of the coup which brought those to power who take a step of rulers now."""
    words = reading.folded[cue.start : cue.end]
    if not trigger.key.startswith(_STEPS) or words in mode_words.PLUPERFECT or words.startswith(mode_words.BEFORE):
        return False
    beside = any(is_beside(reading, coup, cue.start, cue.end) for coup in named(reading, sentence))
    return beside and tells_news(reading, sentence)


def named(reading: Reading, sentence: int) -> list[Hit]:
    """The coups that a sentence names, those included that its words speak too little of to be told."""
    kinds = ("trigger/s", "faint")
    return [hit for kind in kinds for hit in reading.hits(kind, sentence) if hit.key == "POL.COUP"]


def tells_news(reading: Reading, sentence: int) -> bool:
    """Whether what a sentence tells beside an old coup is news: it opens the report or has a fresh day, and sums nothing up."""
    if mode_words.SINCE_THEN.search(reading.folded, *reading.sentences[sentence]) is not None:
        return False
    if sentence <= reading.first_of_text or reading.published is None:
        return True
    return any(date.precision == "day" and date.last >= reading.published - RECENT for date in reading.dates(sentence))


def is_beside(reading: Reading, coup: Hit, start: int, end: int) -> bool:
    """Whether a time is that of a coup: within its words or close to them ("in the coup of July 2023 expelled")."""
    if start < coup.end and coup.start < end:
        return True
    between = (coup.end, start) if coup.end <= start else (end, coup.start)
    return reading.words_between(*between) <= COUP_WORDS


def is_day_of_coup(reading: Reading, sentence: int, trigger: Hit, mention: DateMention) -> bool:
    """Whether an old date is that of a coup told in passing: "the junta that took power in July 2023 expelled ..."."""
    if trigger.key.startswith("POL.COUP") or not undoing.is_old(reading, mention):
        return False
    of_coup = any(
        is_beside(reading, coup, mention.start, mention.end) or apart(mention, coup) < apart(mention, trigger)
        for coup in named(reading, sentence)
    )
    return of_coup and tells_news(reading, sentence)


def apart(mention: DateMention, trigger: Hit) -> int:
    """How far a date is from the words of a trigger; inside them, from their end, where the act itself is told."""
    return trigger.start - mention.end if mention.end <= trigger.start else abs(mention.start - trigger.end)
