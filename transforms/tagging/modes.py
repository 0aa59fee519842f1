"""Mode of an event: whether the text says that it happened, will, might, did not, or did long ago.

The first that fires wins: denied, historical frame, negated, hypothetical, planned, ongoing stock, historical,
background, reported (method: cues with scopes by clause, as PLOVER's auxiliary modes; a clause that "after" or "depuis"
opens is background). A date in the last thirty days beats a cue of history; a date before them makes history.
"""

import datetime as dt
import re
from collections import defaultdict
from typing import NamedTuple

from transforms.tagging.dates import DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.sentences import Clause

RECENT = dt.timedelta(days=14)
"""What the body of a report tells of an older day, or of a month that is over, it recalls."""
RECENT_IN_LEAD = dt.timedelta(days=75)
"""What a report opens with is its news, also when it brings it late ("in a report published on Thursday ...")."""
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
_PLUPERFECT = frozenset(
    ("avait", "avaient", "s'etait", "s'etaient", "had been", "had already", "had seized", "كان قد", "كانت قد", "كانت",
     "وكان", "وكانت")
)  # fmt: skip
_OF_OBJECT = re.compile(r"(?:the|of|de|d'|ta|na) ?\d{4}|.*\bعام \d{4}")
_WITHOUT = frozenset(("sans", "without", "دون", "بدون", "ba tare da", "ba su", "bai", "ba ta"))
_FUTURE = {
    "fr": re.compile(r"\b(?:va|vont)(?: \w+){0,2} \w+(?:er|ir|re)\b|\b\w{2,}(?:er|ir|dr|ttr|ir)(?:a|ont)\b"),
    "ar": re.compile(r"(?<!\w)و?س(?:ي|ت)(?!ار|اس|طر|د|ول|ن|ر|ت|ه|اد|ا\b|ف|ك\b)\w{3,}"),
}
"""Future forms: "va signer", "signeront", "سيزور"; words that merely look like them are barred."""
_NO_FUTURE = frozenset(("opera", "camera", "sierra", "libera", "ira", "agora"))
_VIOLENT = ("BAT.", "REM.", "CIV.")
_SINCE = ("since", "depuis", "tun ", "منذ", "as of", "so far this year")
_DURATION = re.compile(
    r"\b(?:for|depuis|pendant|durant|tsawon)\b(?: \w+){0,3} (?:weeks|months|years|semaines|mois|ans|makonni|watanni|shekaru)\b"
    r"|(?<!\w)(?:لمده|طوال|منذ)(?: \w+){0,2} (?:اسابيع|اشهر|سنوات|اعوام)"
)
_DURATION_LENGTH = 40
_PRESUPPOSED = ("CIV.ABDUCTION", "POL.ARREST", "CIV.BLOCKADE", "DIP.BORDER_CLOSE", "CIV.DISAPPEARANCE")
"""What must have happened for somebody to demand its end."""
_LATER_SENTENCES = 3
"""Sentences back to which "two months later" may refer."""
_FOILED = ("dejou", "foil", "thwart", "احبا", "احبط", "dakile")
_FORESEEN = ("CIV.RELEASE", "BAT.OPERATION", "CIV.BLOCKADE_LIFTED")
"""Acts of the violent groups that are announced beforehand; other violence after "will" is a fear."""
_WARNINGS = ("DIP.THREAT", "HUM.FOOD")
"""What such an event tells is itself what may come."""
_ENDINGS = ("MIL.END_AGREE", "DIP.PEACE_COLLAPSE", "DIP.EXIT_BLOC", "DIP.SANCTION_LIFT")
"""A year or a pluperfect behind these belongs to what is ended: "ended the 2015 accord", "the truce they had signed"."""
_STATES = ("HUM.DISPLACE", "HUM.FOOD")
_STOCK = ("HUM.", "BAT.", "REM.", "CIV.", "UNR.")
_HOSTS = {
    "fr": re.compile(r"\b(?:hebergea?i?(?:en)?t?|accueill(?:e|ent|ait|aient)|abrit(?:e|ent|ait|aient))\b"),
    "en": re.compile(r"\b(?:hosts|is hosting|was hosting|shelters|(?:is|was) sheltering|is home to|was home to)\b"),
    "ar": re.compile(r"(?<!\w)[وف]?(?:[يت]ستضيف|[يت]ووي)(?!\w)"),
    "ha": re.compile(r"\b(?:na karbar bakuncin|ta karbi bakuncin|na dauke da|na tsugunar da)\b"),
}
"""Verbs of sheltering people."""
_WHEN = re.compile(r",? (?:when|quand|lorsqu|date a laquelle|lokacin)|،? (?:حين|عندما)")
"""What ties an act to the day since which something else goes on: "shut since 21 October, when gunmen killed"."""
_RULED_OUT = re.compile(
    r"\b(?:is|was|are) (?:out of|not in) (?:the )?question\b|\b(?:est|sont) exclue?s?\b|(?<!\w)(?:غير وارد|ليس واردا|ليس مطروحا)"
)
"""What somebody says of an act that will not be done."""
RULED_OUT_STEMS = ("question", "exclu", "وارد", "مطروحا")
"""One of these is in whatever ``_RULED_OUT`` matches; the next the same of ``_UNTRUE``."""
UNTRUE_STEMS = ("n'en est rien", "c'est faux", "is untrue", "is not true", "ba gaskiya", "اساس له", "صحه ل")
_UNTRUE = re.compile(
    r"\b(?:il n'en est rien|c'est faux|that is untrue|this is untrue|it is not true|ba gaskiya ba ne)\b|(?<!\w)(?:لا اساس له|لا صحه ل)"
)
"""What somebody says of an act that was not done."""
_A_MONTH = dt.timedelta(days=31)
_LASTING = ("CIV.BLOCKADE",)
"""What goes on from day to day: since long ago, it is a state of things rather than an event of that day."""
_COURT = re.compile(
    r"\b(?:condamn(?:e|es|ee|ees|ation)|jugee?s?|jugement|verdict|proces|acquitt\w+|reclusion|prison a vie|ans de prison|ans d'emprisonnement"
    r"|perpetuite|cour d'assises|a la barre|jailed|sentenced|sentences|convicted|convicts|tribunal|court.martial|on trial|tried for"
    r"|years in prison|life in prison|acquitted|(?:stand|stood|face|faces|facing|standing|went on) trial|hear(?:ing|s|d) the case"
    r"|yanke [\w ]{1,40}hukunci\w*|hukuncin|daurin rai|gurfan\w+ [\w ]{0,30}kotu)\b"
    r"|(?<!\w)و?(?:حكمت|قضت|ادان\w*|الحكم علي|بالسجن|بالاعدام|محاكمه|تحاكم)"
)
"""Words of a sentence passed on something that lies before."""
COURT_STEMS = (
    "condamn", "juge", "verdict", "proces", "acquitt", "reclusion", "prison", "perpetuite", "cour d'assises", "a la barre", "jailed",
    "sentence", "convict", "tribunal", "martial", "trial", "tried for", "the case", "hukunci", "daurin rai", "gurfan",
    "حكم", "قضت", "ادان", "بالسجن", "بالاعدام", "محاكمه", "تحاكم",
)  # fmt: skip
"""One of these is in whatever ``_COURT`` matches."""
_WEEKS = re.compile(r"week|semaine|mako|اسبوع|اسابيع")
_LONG = re.compile(r"month|year|mois|an(?:s|nee)?\b|watanni|shekar|اشهر|عام|سنه|اعوام|سنوات")
_JUST = re.compile(r"\b(?:vien(?:t|nent) d(?:e |')|(?:has|have) just)")
"""Words that make an act of a sentence with an old day news: "introduced in June 2022, has just been extended"."""
_ANAPHOR = re.compile(
    r"\W*(?:(?:that|those) (?:\w+ )?(?:incidents?|attacks?|killings?|coup|clash|raids?|assault|massacre|strikes?|moves?|decision)"
    r"|(?:cette|cet|ce) (?:\w+ )?(?:incident|attaque|drame|coup d'etat|assaut|tuerie|massacre)\b.{0,40}\b(?:avait|avaient)"
    r"|و?(?:ذلك|تلك) ال\w+|wancan \w+)"
)
"""How a sentence opens that goes on with what the one before recalled."""
_TOLD_AS_PAST = re.compile(
    r"\b(?:once before|it was (?:here|there) that|at the (?:start|beginning|height|outset) of the (?:crisis|war|conflict|rebellion|insurgency)"
    r"|(?:in|at|of|from|survived|after) the massacre (?:at|of|in)|until then|by then|was (?:the )?(?:\w+ )?(?:governor|minister|mayor|commander|chief) when"
    r"|(?:dans|lors|apres|depuis) (?:le|du) massacre d|c'est (?:la|ici) qu'|jusque-la|kafin haka|kafin nan)"
    r"|(?<!\w)و?(?:قبل ذلك ب\w+|حتي ذلك الحين|في مجزره)"
)
"""Words by which an undated act behind the opening of a report is one that readers know of."""
PAST_STEMS = (
    "once before", "it was", "of the crisis", "of the war", "of the conflict", "of the rebellion", "of the insurgency", "massacre",
    "until then", "by then", "governor when", "minister when", "mayor when", "commander when", "chief when", "c'est la qu'",
    "c'est ici qu'", "jusque-la", "kafin haka", "kafin nan", "قبل ذلك", "حتي ذلك", "مجزره",
)  # fmt: skip
"""One of these is in whatever ``_TOLD_AS_PAST`` matches."""
_THAT_DAY = re.compile(
    r"\b(?:ce (?:jour|soir|matin)-la|cette (?:nuit|annee|semaine)-la|that (?:day|night|morning|week|year))\b"
)
"""A day told before; with a pluperfect one that is recalled."""
_QAD = re.compile(r"و?كان(?:ت|وا)?(?: \w+){0,6} قد (?!افاد|اعلن|قال|ذكر|اكد|صرح|حذر)")
_CALLS = ("appel", "call", "دع", "تدعو", "يدعو", "kira")
"""What somebody calls for on a day is planned for it."""
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
        reading.says(UNTRUE_STEMS) and _after(reading, sentence, trigger, _UNTRUE)
    ):
        name = "denied"
    elif "historical_frame" in cues and _framed(cues["historical_frame"], trigger):
        name = "historical"
    elif ("negated" in cues and any(_negates(reading, cue, trigger, clause) for cue in cues["negated"])) or (
        reading.says(RULED_OUT_STEMS) and _after(reading, sentence, trigger, _RULED_OUT)
    ):
        name = "negated"
    elif when is not None and _called(reading, cues["hypothetical"], trigger, when):
        name = "planned"
    elif found and trigger.key not in _WARNINGS and (
        any(
            _before(reading, cue, trigger, clause, None) and not _of_another(reading, sentence, cue, trigger)
            for cue in cues["hypothetical"]
        )
        or _modal(reading, sentence, trigger, clause)
    ):  # fmt: skip
        name = "hypothetical"
    elif _planned(reading, sentence, cues["planned"], trigger, clause, when):
        name = "planned"
    elif _stock(reading, sentence, cues["ongoing_stock"], trigger, recent) or _total(reading, sentence, trigger, when):
        name = "ongoing_stock"
    elif (
        (
            "historical" in cues
            and any(
                _historical(reading, sentence, cue, trigger, clause, when, recent=recent) for cue in cues["historical"]
            )
        )
        or (age is not None and age > lately)
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


def in_court(reading: Reading, sentence: int) -> bool:
    """Whether a sentence tells of a judgement."""
    span = reading.sentences[sentence]
    return _tells_judgement(reading, span.start, span.end)


def _tells_judgement(reading: Reading, start: int, end: int) -> bool:
    return reading.says(COURT_STEMS) and _COURT.search(reading.folded, start, end) is not None


def _judges(reading: Reading) -> bool:
    """Whether the title or the first sentence of an article tell of a judgement."""
    return any(in_court(reading, n) for n in range(min(len(reading.sentences), reading.first_of_text + 1)))


def is_judged(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act is what a sentence tells a judgement on: "jailed for the raid on", "the trial of the attackers"."""
    if trigger.key.startswith(("POL.COUP", "POL.MUTINY")):
        return in_court(reading, sentence)
    return _tells_judgement(reading, reading.sentences[sentence].start, trigger.start)


def just_now(reading: Reading, sentence: int, end: int) -> bool:
    """Whether a sentence tells after an old day what has just been done."""
    return _JUST.search(reading.folded, end, reading.sentences[sentence].end) is not None


def _in_name(cue: Hit, names: list[Hit]) -> bool:
    """Whether a cue is part of a name: "Doctors Without Borders"."""
    return any(name.start <= cue.start and cue.end <= name.end for name in names)


def _before(reading: Reading, cue: Hit, trigger: Hit, clause: Clause, reach: int | None) -> bool:
    if cue.start < clause.start or cue.end > trigger.start:
        return False
    return reach is None or reading.words_between(cue.end, trigger.start) <= reach


def _of_another(reading: Reading, sentence: int, cue: Hit, trigger: Hit) -> bool:
    """Whether what is demanded is another act: "demand the release of six men held since May"."""
    if trigger.key not in _PRESUPPOSED:
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
    return bool(before) and all(reading.folded.startswith(_CALLS, cue.start) for cue in before)


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
        if reading.commemorates or _judges(reading):
            return True
        if _frame(reading, sentence):
            return True
        if sentence > reading.first_of_text and reading.says(PAST_STEMS):
            span = reading.sentences[sentence]
            if _TOLD_AS_PAST.search(reading.folded, span.start, span.end):
                return True
    return _goes_on(reading, sentence) or _of_that(reading, sentence)


def _of_that(reading: Reading, sentence: int) -> bool:
    """Whether a sentence tells what "that incident" led to, and the one before told only of days long past."""
    span = reading.sentences[sentence]
    opens = _ANAPHOR.match(reading.folded, span.start, span.end) is not None
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
    return _DURATION.search(reading.folded, max(0, clause.start - _DURATION_LENGTH), clause.start) is not None


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
    long = any(_LONG.search(reading.folded, cue.start, cue.end) for cue in later)
    return long and sentence > reading.first_of_text + 1


def _after(reading: Reading, sentence: int, trigger: Hit, pattern: re.Pattern[str]) -> bool:
    """Whether a sentence ends by taking back what it told."""
    return pattern.search(reading.folded, trigger.end, reading.sentences[sentence].end) is not None


def _denied(cues: list[Hit], trigger: Hit, clause: Clause) -> bool:
    """A denial before the trigger, or between its words, reaches over commas; one after it must share its clause.

    "The army denies having killed", where the rule has army and killed; "the attack was denied".
    """
    return any(cue.start < trigger.end or cue.start < clause.end for cue in cues)


def _negates(reading: Reading, cue: Hit, trigger: Hit, clause: Clause) -> bool:
    if trigger.key == "POL.COUP_ATTEMPT" and reading.folded.startswith(_FOILED, cue.start):
        return False  # to foil a coup is what the type is about
    reach = WITHOUT_WORDS if reading.folded[cue.start : cue.end] in _WITHOUT else NEAR_WORDS
    around = reading.language == "fr" and cue.start < trigger.start < cue.end  # "aucune attaque", "n'a pas attaqué"
    return around or _before(reading, cue, trigger, clause, reach)


def _framed(cues: list[Hit], trigger: Hit) -> bool:
    """Protests and arrests at an anniversary or a trial are news themselves when they come before it."""
    news_itself = trigger.key.startswith(("UNR.", "POL.ARREST"))
    return any(cue.start < trigger.start or not news_itself for cue in cues)


def _planned(
    reading: Reading, sentence: int, cues: list[Hit], trigger: Hit, clause: Clause, when: DateMention | None
) -> bool:
    if (trigger.key.startswith(_VIOLENT) and trigger.key not in _FORESEEN) or trigger.key in _WARNINGS:
        return False
    if when is not None and reading.published is not None and when.first > reading.published and not when.inferred:
        return True
    if reading.hits("mode", sentence, "at_once"):
        return False
    for cue in [*cues, *_future_forms(reading, clause)]:
        overlaps = trigger.start < cue.end <= trigger.end
        if overlaps or _before(reading, cue, trigger, clause, None):
            return True
        if trigger.end <= cue.start < clause.end and reading.words_between(trigger.end, cue.start) <= NOMINAL_WORDS:
            return True
    return False


def _future_forms(reading: Reading, clause: Clause) -> list[Hit]:
    pattern = _FUTURE.get(reading.language)
    if pattern is None:
        return []
    return [
        Hit("mode", "planned", match.start(), match.end(), "")
        for match in pattern.finditer(reading.folded, clause.start, clause.end)
        if match.group() not in _NO_FUTURE and not reading.written[match.start()].isupper()
    ]


def _stock(reading: Reading, sentence: int, cues: list[Hit], trigger: Hit, recent: bool) -> bool:
    """A total rather than an event: counted up to a day, or people who are displaced and do not just flee."""
    if trigger.key in _LASTING:
        return not recent and any(
            reading.folded.startswith(_SINCE, cue.start) for cue in cues + _since(reading, sentence)
        )
    if not cues and trigger.key not in _STATES:
        return False
    if not trigger.key.startswith(_STOCK) or not reading.numbers(sentence):
        return False
    if trigger.key in _STATES and (not reading.hits("mode", sentence, "flow") or _hosts(reading, sentence)):
        return True
    since = any(reading.folded.startswith(_SINCE, cue.start) for cue in cues)
    if trigger.key in _STATES and not since and reading.hits("mode", sentence, "lately"):
        return False
    return bool(cues) and (since or not recent or trigger.key in _STATES)


def _hosts(reading: Reading, sentence: int) -> bool:
    """Whether a sentence says who is sheltered somewhere, rather than that they came."""
    pattern, span = _HOSTS.get(reading.language), reading.sentences[sentence]
    return pattern is not None and pattern.search(reading.folded, span.start, span.end) is not None


def _total(reading: Reading, sentence: int, trigger: Hit, when: DateMention | None) -> bool:
    """Whether acts are counted over months or since a day long before the report, as clinics and observers do."""
    if when is None or reading.published is None or not trigger.key.startswith(_STOCK) or not reading.numbers(sentence):
        return False
    months = when.last - when.first > _A_MONTH and when.precision == "month"
    since = (
        reading.is_since(when) and when.first < reading.published - RECENT
        and trigger.key not in _PRESUPPOSED and trigger.key != "CIV.RELEASE"  # "held since July"
        and _WHEN.match(reading.folded, when.end) is None
    )  # fmt: skip
    return (months and when.last >= reading.published - RECENT_IN_LEAD) or since


def _since(reading: Reading, sentence: int) -> list[Hit]:
    """Words of history and of background that name the day from which something goes on."""
    return [hit for key in ("historical", "background") for hit in reading.hits("mode", sentence, key)]


def _historical(
    reading: Reading, sentence: int, cue: Hit, trigger: Hit, clause: Clause, when: DateMention | None, *, recent: bool
) -> bool:
    words = reading.folded[cue.start : cue.end]
    if trigger.key in _ENDINGS and cue.start > trigger.start and (words in _PLUPERFECT or _OF_OBJECT.match(words)):
        return False
    if words in _PLUPERFECT:
        if not recent and _opens_pluperfect(reading, sentence, cue):
            return cue.start < trigger.start
        if when is None and _reported_speech(reading, sentence, cue, clause):
            return False
        if cue.start < trigger.start and _THAT_DAY.search(reading.folded, reading.sentences[sentence].start, cue.start):
            return True
        fresh = when is not None and reading.published is not None and when.last >= reading.published - FRESH
        inside = trigger.start <= cue.start < trigger.end
        return not (recent and fresh) and (inside or _before(reading, cue, trigger, clause, AUXILIARY_WORDS))
    if words.endswith((" after", " apres", " bayan")) or words.startswith("بعد "):
        # "came two months after gunmen killed": the clause begins with the cue or within it
        if cue.start >= trigger.start:
            return False
        long = _LONG.search(words) or _WEEKS.search(words)
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
        and _QAD.match(reading.folded, cue.start) is not None
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
