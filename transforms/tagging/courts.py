"""Sentences that tell of a judgement, and the acts that it is passed on."""

from transforms.tagging import identified, mode_words
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading


def in_court(reading: Reading, sentence: int) -> bool:
    """Whether a sentence tells of a judgement."""
    span = reading.sentences[sentence]
    return _tells_judgement(reading, span.start, span.end)


def _tells_judgement(reading: Reading, start: int, end: int) -> bool:
    return reading.says(mode_words.COURT_STEMS) and mode_words.COURT.search(reading.folded, start, end) is not None


def judges(reading: Reading) -> bool:
    """Whether the title or the first sentence of an article tell of a judgement."""
    return any(in_court(reading, n) for n in range(min(len(reading.sentences), reading.first_of_text + 1)))


def is_judged(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act is what a sentence tells a judgement on: "jailed for the raid on", "the trial of the attackers"."""
    if trigger.key.startswith(("POL.COUP", "POL.MUTINY")):
        return in_court(reading, sentence)
    span = reading.sentences[sentence]
    if _tells_judgement(reading, span.start, trigger.start):
        return True
    return _tells_judgement(reading, *span) and identified.identifies(reading, sentence, trigger)
