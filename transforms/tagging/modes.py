"""Mode of an event: whether the text says that it happened, will, might, did not, or did long ago.

The first that fires wins: denied, historical frame, negated, hypothetical, planned, ongoing stock, historical,
background, reported (method: cues with scopes by clause, as PLOVER's auxiliary modes; a clause that "after" or "depuis"
opens is background). A date in the last thirty days beats a cue of history; a date before them makes history.
"""

import datetime as dt
import re
from collections import defaultdict
from typing import NamedTuple

from transforms.tagging import accords, coups, courts, mode_words, negation, spans, totals, undoing
from transforms.tagging.dates import RECENT, RECENT_IN_LEAD, DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.sentences import Clause

FRESH = dt.timedelta(days=7)
"""Within these days a pluperfect still tells the news ("avaient attaqué lundi")."""
NEAR_WORDS = 6
"""A negation reaches this many words to the right."""
WITHOUT_WORDS = 2
"""A preposition or particle of negation belongs to what follows it at once."""
AUXILIARY_WORDS = 4
"""Pluperfects and verbs of allegation reach this many words to the right."""
NOMINAL_WORDS = 8
"""A future cue may stand this many words after a nominal trigger ("the withdrawal will begin")."""
_VIOLENT = ("BAT.", "REM.", "CIV.")
_DURATION_LENGTH = 40
_LATER_SENTENCES = 3
"""Sentences back to which "two months later" may refer."""
_FORESEEN = ("CIV.RELEASE", "BAT.OPERATION", "CIV.BLOCKADE_LIFTED")
"""Acts of the violent groups that are announced beforehand; other violence after "will" is a fear."""
_WARNINGS = ("DIP.THREAT", "HUM.FOOD")
"""What such an event tells is itself what may come."""
_ENDINGS = ("MIL.END_AGREE", "DIP.PEACE_COLLAPSE", "DIP.EXIT_BLOC", "DIP.SANCTION_LIFT")
"""A year or a pluperfect behind these belongs to what is ended: "ended the 2015 accord", "the truce they had signed"."""
MODAL_WORDS = 12
"""A modal verb may stand this many words after the noun that is its subject ("a mediation led by ... could")."""


class Mode(NamedTuple):
    """The mode of one trigger, whether it stands in a background clause, and whether it is only alleged."""

    name: str
    is_background: bool
    alleged: bool


def find_mode(reading: Reading, sentence: int, trigger: Hit, when: DateMention | None) -> Mode:
    """The mode of a trigger in its sentence, given the date that belongs to it."""
    clause = reading.clause_at(sentence, trigger.start)
    background = clause.background and trigger.start > clause.start
    cues: defaultdict[str, list[Hit]] = defaultdict(list)
    found = reading.hits("mode", sentence)
    names = reading.hits("actor", sentence) if found else []
    for cue in found:
        if not names or not _in_name(cue, names):
            cues[cue.key].append(cue)
    lately = _news_of(reading, sentence) if when is not None else RECENT
    age = _age(when, reading.published, lately)
    recent = when is not None and age is not None and when.precision != "year" and age <= lately
    name = "reported"
    if ("denied" in cues and _denied(cues["denied"], trigger, clause)) or (
        reading.says(mode_words.UNTRUE_STEMS) and _after(reading, sentence, trigger, mode_words.UNTRUE)
    ):
        name = "denied"
    elif "historical_frame" in cues and _framed(cues["historical_frame"], trigger):
        name = "historical"
    elif (
        ("negated" in cues and any(_negates(reading, sentence, cue, trigger, clause) for cue in cues["negated"]))
        or (reading.says(mode_words.RULED_OUT_STEMS) and _after(reading, sentence, trigger, mode_words.RULED_OUT))
        or negation.negates(reading, sentence, trigger)
    ):
        name = "negated"
    elif when is not None and _called(reading, cues["hypothetical"], trigger, when):
        name = "planned"
    elif (found and trigger.key not in _WARNINGS and (
        any(
            _before(reading, cue, trigger, clause, None)
            and not _of_another(reading, sentence, cue, trigger)
            and not (trigger.key.startswith("UNR.") and reading.folded.startswith(mode_words.DEMANDS, cue.start))
            for cue in cues["hypothetical"]
        )
        or _modal(reading, sentence, trigger, clause)
    )) or _is_condition(reading, sentence, trigger):  # fmt: skip
        name = "hypothetical"
    elif _planned(reading, sentence, cues["planned"], trigger, clause, when):
        name = "planned"
    elif totals.is_stock(reading, sentence, cues["ongoing_stock"], trigger, recent) or totals.is_total(
        reading, sentence, trigger, when
    ):
        name = "ongoing_stock"
    elif (
        (
            "historical" in cues
            and any(
                _historical(reading, sentence, cue, trigger, clause, when, recent=recent) for cue in cues["historical"]
            )
        )
        or (age is not None and age > lately and not totals.goes_on(reading, trigger, when))
        or (
            when is None
            and (
                _in_past(reading, sentence, trigger)
                or (background and (_lasted(reading, clause) or _is_cause(reading, sentence, trigger, clause)))
            )
        )
    ):
        name = "historical"
    cues_alleged = reading.hits("mode", sentence, "alleged") if found else []
    alleged = bool(cues_alleged) and any(_alleged(reading, cue, trigger, clause) for cue in cues_alleged)
    return Mode(name, background or name == "historical", alleged)


def just_now(reading: Reading, sentence: int, end: int) -> bool:
    """Whether a sentence tells after an old day what has just been done."""
    return mode_words.JUST.search(reading.folded, end, reading.sentences[sentence].end) is not None


def _in_name(cue: Hit, names: list[Hit]) -> bool:
    """Whether a cue is part of a name: "Doctors Without Borders"."""
    return any(name.start <= cue.start and cue.end <= name.end for name in names)


def _before(reading: Reading, cue: Hit, trigger: Hit, clause: Clause, reach: int | None) -> bool:
    if cue.start < clause.start or cue.end > trigger.start:
        return False
    return reach is None or reading.words_between(cue.end, trigger.start) <= reach


def _of_another(reading: Reading, sentence: int, cue: Hit, trigger: Hit) -> bool:
    """Whether what is demanded is another act: "demand the release of six men held since May"."""
    if trigger.key not in mode_words.PRESUPPOSED:
        return False
    return any(
        other.key != trigger.key and cue.end <= other.start and other.end <= trigger.start
        for kind in ("trigger/s", "trigger/w") for other in reading.hits(kind, sentence)
    )  # fmt: skip


def _called(reading: Reading, cues: list[Hit], trigger: Hit, when: DateMention) -> bool:
    """Whether an act is called for on a day: "appelle à une marche vendredi"."""
    if not cues or when.precision != "day" or not trigger.key.startswith(("UNR.PROTEST", "UNR.STRIKE", "DIP.")):
        return False
    if when.start < trigger.start or reading.words_between(trigger.end, when.start) > NEAR_WORDS:
        return False  # the day on which somebody called
    before = [cue for cue in cues if cue.end <= trigger.start]
    return bool(before) and all(reading.folded.startswith(mode_words.CALLS, cue.start) for cue in before)


def _modal(reading: Reading, sentence: int, trigger: Hit, clause: Clause) -> bool:
    """Whether the noun of the trigger is the subject of a modal verb ("talks ... could lead to")."""
    return trigger.key.startswith("DIP.") and any(
        trigger.end <= cue.start < clause.end and reading.words_between(trigger.end, cue.start) <= MODAL_WORDS
        for cue in reading.hits("mode", sentence, "modal")
    )


def _age(when: DateMention | None, today: dt.date | None, lately: dt.timedelta) -> dt.timedelta | None:
    """How long ago a date was; after the opening of an article a month that is over counts from its first day."""
    if when is None or today is None:
        return None
    over = when.precision == "month" and when.last < today and lately != RECENT_IN_LEAD
    return today - (when.first if over else when.last)


def _news_of(reading: Reading, sentence: int) -> dt.timedelta:
    """How far back from its publication the news of an article reach where a sentence stands.

    A week, or to the day of a late report's first sentence; the first itself, and the second where the first
    has no fresh day, tell news of up to ``RECENT_IN_LEAD``.
    """
    today, first = reading.published, reading.first_of_text
    if today is None:
        return RECENT
    if sentence == first:
        return RECENT_IN_LEAD
    ages = reading.opening_ages
    if sentence == first + 1 and not any(age <= RECENT for age in ages):
        return RECENT_IN_LEAD
    return max([RECENT, *(age for age in ages if age <= RECENT_IN_LEAD)])


def _in_past(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act without a day of its own belongs to an old story: of an anniversary, or told before it."""
    if trigger.key.startswith((*_VIOLENT, "POL.COUP", "POL.MUTINY")):
        if reading.commemorates or courts.judges(reading):
            return True
        if _frame(reading, sentence):
            return True
        if sentence > reading.first_of_text and reading.says(mode_words.PAST_STEMS):
            span = reading.sentences[sentence]
            if mode_words.TOLD_AS_PAST.search(reading.folded, span.start, span.end):
                return True
    return _goes_on(reading, sentence) or _of_that(reading, sentence)


def _of_that(reading: Reading, sentence: int) -> bool:
    """Whether a sentence tells what "that incident" led to, and the one before told only of days long past."""
    span = reading.sentences[sentence]
    opens = mode_words.ANAPHOR.match(reading.folded, span.start, span.end) is not None
    return opens and _frame(reading, sentence)


def _frame(reading: Reading, sentence: int) -> bool:
    """Whether the sentences before one in its paragraph told only of days long past ("In 2014 they took the town.")."""
    if sentence <= reading.first_of_text + 1 or reading.published is None:
        return False
    for other in range(sentence - 1, reading.first_of_text - 1, -1):
        if "\n" in reading.written[reading.sentences[other].end : reading.sentences[other + 1].start]:
            return False
        told = [date for date in reading.dates(other) if not reading.is_since(date)]
        if told:
            return all(date.last < reading.published - RECENT_IN_LEAD for date in told)
    return False


def _is_cause(reading: Reading, sentence: int, trigger: Hit, clause: Clause) -> bool:
    """Whether a sentence only recalls an act of violence as what led to its news of another kind: "closed after"."""
    return trigger.key.startswith((*_VIOLENT, "POL.COUP")) and any(
        not other.key.startswith(_VIOLENT) and other.end <= clause.start
        for other in reading.hits("trigger/s", sentence)
    )


def _lasted(reading: Reading, clause: Clause) -> bool:
    """Whether what stands before a clause of background has lasted: "closed for seven weeks after"."""
    return mode_words.DURATION.search(reading.folded, max(0, clause.start - _DURATION_LENGTH), clause.start) is not None


def _goes_on(reading: Reading, sentence: int) -> bool:
    """Whether a sentence goes on with an old story: "weeks later" after a sentence about a day long past.

    "Months later" is enough where the sentences before it tell no day at all.
    """
    later = reading.hits("mode", sentence, "later") if sentence else []
    if not later or reading.published is None:
        return False
    for other in range(sentence - 1, max(-1, sentence - 1 - _LATER_SENTENCES), -1):
        before = [date for date in reading.dates(other) if date.precision != "year"]
        if before or reading.hits("mode", other, "historical"):
            return any(date.last < reading.published - RECENT for date in before) or not before
    long = any(mode_words.LONG.search(reading.folded, cue.start, cue.end) for cue in later)
    return long and sentence > reading.first_of_text + 1


def _after(reading: Reading, sentence: int, trigger: Hit, pattern: re.Pattern[str]) -> bool:
    """Whether a sentence ends by taking back what it told."""
    return pattern.search(reading.folded, trigger.end, reading.sentences[sentence].end) is not None


def _denied(cues: list[Hit], trigger: Hit, clause: Clause) -> bool:
    """A denial before the trigger, or between its words, reaches over commas; one after it must share its clause.

    "The army denies having killed", where the rule has army and killed; "the attack was denied".
    """
    return any(cue.start < trigger.end or cue.start < clause.end for cue in cues)


def _negates(reading: Reading, sentence: int, cue: Hit, trigger: Hit, clause: Clause) -> bool:
    if trigger.key == "POL.COUP_ATTEMPT" and reading.folded.startswith(mode_words.FOILED, cue.start):
        return False  # to foil a coup is what the type is about
    if any(zero.start <= cue.start < zero.end <= trigger.start for zero in reading.hits("zero", sentence)):
        return False  # "nobody died in the attack": the attack is told
    if negation.only_hit_nobody(reading, sentence, cue, trigger):
        return False
    if reading.folded.startswith((" only", " just", " seulement"), cue.end):
        return False  # "did not only arrest the minister"
    reach = WITHOUT_WORDS if reading.folded[cue.start : cue.end] in mode_words.WITHOUT else NEAR_WORDS
    around = reading.language == "fr" and cue.start < trigger.start < cue.end  # "aucune attaque", "n'a pas attaqué"
    return around or _before(reading, cue, trigger, clause, reach)


def _framed(cues: list[Hit], trigger: Hit) -> bool:
    """Protests and arrests at an anniversary or a trial are news themselves when they come before it."""
    news_itself = trigger.key.startswith(("UNR.", "POL.ARREST"))
    return any(cue.start < trigger.start or not news_itself for cue in cues)


def _is_condition(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act stands in the condition that a sentence opens with."""
    condition = mode_words.CONDITION.match(reading.folded, reading.sentences[sentence].start)
    return condition is not None and trigger.end <= condition.end()


def _planned(
    reading: Reading, sentence: int, cues: list[Hit], trigger: Hit, clause: Clause, when: DateMention | None
) -> bool:
    if (trigger.key.startswith(_VIOLENT) and trigger.key not in _FORESEEN) or trigger.key in _WARNINGS:
        return False
    if when is not None and reading.published is not None:
        if when.first > reading.published and not when.inferred:
            return True
        if when.last < reading.published - RECENT_IN_LEAD and mode_words.TOLD_YEAR.search(
            reading.folded, when.start, when.end
        ):
            return False  # "قادمة" may be aircraft that come from Mali
    if reading.hits("mode", sentence, "at_once"):
        return False
    if spans.in_diary(reading, sentence, trigger):
        return True
    for cue in [*cues, *_future_forms(reading, clause)]:
        if accords.is_news(reading, sentence, cue, trigger):
            continue
        overlaps = trigger.start < cue.end <= trigger.end
        if overlaps or _before(reading, cue, trigger, clause, None):
            return True
        near = trigger.end <= cue.start < clause.end and reading.words_between(trigger.end, cue.start) <= NOMINAL_WORDS
        if near:
            return True
    return False


def _future_forms(reading: Reading, clause: Clause) -> list[Hit]:
    pattern = mode_words.FUTURE.get(reading.language)
    if pattern is None:
        return []
    return [
        Hit("mode", "planned", match.start(), match.end(), "")
        for match in pattern.finditer(reading.folded, clause.start, clause.end)
        if match.group() not in mode_words.NO_FUTURE
        and not reading.written[match.start()].isupper()
        and not mode_words.AFTER_NOUN.search(reading.folded, max(clause.start, match.start() - 12), match.start())
    ]


def _historical(
    reading: Reading, sentence: int, cue: Hit, trigger: Hit, clause: Clause, when: DateMention | None, *, recent: bool
) -> bool:
    words = reading.folded[cue.start : cue.end]
    if coups.is_of_coup(reading, sentence, cue, trigger) or spans.is_town(reading, sentence, cue):
        return False
    if recent and trigger.key == "POL.ARREST" and cue.start >= trigger.end and courts.in_court(reading, sentence):
        return False  # "sentenced three men on Monday for the attack of 2015"
    if words not in mode_words.PLUPERFECT and undoing.is_of_undone(reading, cue, trigger, when):
        return False
    if (
        trigger.key in _ENDINGS
        and cue.start > trigger.start
        and (words in mode_words.PLUPERFECT or mode_words.OF_OBJECT.match(words))
    ):
        return False
    if words in mode_words.PLUPERFECT:
        if reading.folded.startswith(" jusqu'", cue.end):
            return False  # "avaient jusqu'à vendredi pour partir"
        if not recent and _opens_pluperfect(reading, sentence, cue):
            return cue.start < trigger.start
        if when is None and _reported_speech(reading, sentence, cue, clause):
            return False
        if cue.start < trigger.start and mode_words.THAT_DAY.search(
            reading.folded, reading.sentences[sentence].start, cue.start
        ):
            return True
        fresh = when is not None and reading.published is not None and when.last >= reading.published - FRESH
        inside = trigger.start <= cue.start < trigger.end
        return not (recent and fresh) and (inside or _before(reading, cue, trigger, clause, AUXILIARY_WORDS))
    if words.endswith((" after", " apres", " bayan")) or words.startswith("بعد "):
        # "came two months after gunmen killed": the clause begins with the cue or within it
        if cue.start >= trigger.start:
            return False
        long = mode_words.LONG.search(words) or mode_words.WEEKS.search(words)
        if long is None:
            return clause.start <= cue.start and trigger.start < clause.end
        opens = reading.words_between(reading.sentences[sentence].start, cue.start) < 2
        return (not opens and not recent) or (trigger.start < clause.end and cue.end > clause.start)
    return (not recent and cue.start < trigger.start) or clause.start <= cue.start < clause.end


def _opens_pluperfect(reading: Reading, sentence: int, cue: Hit) -> bool:
    """Whether an Arabic sentence opens with "كان ... قد", which all its verbs stand under."""
    start = reading.sentences[sentence].start
    return (
        reading.language == "ar"
        and reading.words_between(start, cue.start) < 2
        and mode_words.QAD.match(reading.folded, cue.start) is not None
    )


def _reported_speech(reading: Reading, sentence: int, cue: Hit, clause: Clause) -> bool:
    """Whether a verb of saying moved the tense back: "police said 17 suspects had been arrested"."""
    said = reading.hits("mode", sentence, "attribution")
    return reading.language in ("en", "fr") and any(clause.start <= verb.start < cue.start for verb in said)


def _alleged(reading: Reading, cue: Hit, trigger: Hit, clause: Clause) -> bool:
    if reading.folded.startswith("accus", cue.start):
        # "two men accused of theft were lynched": what they are accused of is not what is told.
        return _before(reading, cue, trigger, clause, 2) and not trigger.key.startswith(("POL.ARREST", "UNR."))
    into = cue.start < trigger.start < cue.end  # "ana zargin sojoji sun kashe"
    return (
        into
        or _before(reading, cue, trigger, clause, None)
        or (
            trigger.start <= cue.start < clause.end and reading.words_between(trigger.end, cue.start) <= AUXILIARY_WORDS
        )
    )
