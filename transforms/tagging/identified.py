"""Acts told only to say who is meant: "the officers who toppled the president published a calendar on Tuesday".

Such an act is taken as known. The day of the sentence is that of its main verb, unless it stands in the relative
clause itself: "the soldiers who seized power on Tuesday closed the borders" is news.
"""

import re

from transforms.tagging import undoing
from transforms.tagging.dates import DateMention
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_RELATIVE = {
    "en": re.compile(
        r"\b(?:(?:the |those |[\w-]+['’]s? )(?:(?!(?:who|that|which|coup|putsch|takeover|mutiny)\b)[\w'’-]+,? ){0,6}?|(?P<any>an? )(?:[\w'’-]+ ){1,4}?)"
        r"(?<!the )(?:who|that|which) (?:had |in (?:\w+ )?(?:19|20)\d\d |last \w+ |once |on \w+ )*"
    ),
    "fr": re.compile(
        r"\b(?:(?:les? |la |l['’]|ceux |celui |celle )(?:(?!(?:qui|coup|putsch|soulevement|mutinerie|a|ont|est|sont|avai(?:en)?t)\b)"
        r"[\w'’-]+,? ){0,6}?|(?P<any>une? )(?:[\w'’-]+ ){1,4}?)"
        r"qui (?:(?:ont|a|avaient|avait|se sont|s['’]est|s['’]etai(?:en)?t) )?(?:(?:en (?:\w+ )?(?:19|20)\d\d|\w+ment|(?:lun|mar|mercre|jeu|vendre|same)di"
        r"|dimanche) )*"
    ),
    "ar": re.compile(
        r"(?<!\w)و?ال(?!انقلاب|تمرد)\w+ (?:(?!الذي|التي)\w+ ){0,4}?(?:الذين?|التي) (?:كانت?(?:وا)? )?(?:قد )?"
    ),
    "ha": re.compile(
        r"\b(?:(?!(?:lokacin|bayan|yayin|ranar|kafin|domin|dalilin|sakamakon|harin|juyin|daren|watan|shekarar|cikin)\b)"
        r"\w+[nr] (?:[\w'’-]+ ){0,4}?da|wa(?:danda|nda|dda)) (?:suka|ya|ta) "
    ),
}  # fmt: skip
"""What opens a relative clause, up to its verb; ``any``: of somebody who is not taken as known."""
_MAIN_VERB = {
    "en": re.compile(
        r"(?<!\band )\b(?:(?!(?:elected|armed|united|retired|disputed|need|speed|ahmed|mohamed|mohammed)\b)\w{2,}ed"
        r"|said|met|held|told|took|made|gave|sent|put|set|left"
        r"|won|began|chose|swore|sat|went|came|drew|cut|shut|spoke|wrote|sought|kept|lost|built|brought|led|ha[sd]|have|is|are|was|were|will|would|could|may|can|must|did"
        r"|do(?:es)?)\b"
    ),
    "fr": re.compile(
        r"(?<!\bet )\b(?:ont|a|(?<!l['’])est|sont|avai(?:en)?t|etai(?:en)?t|va|vont|doi(?:ven)?t|peu(?:ven)?t|ser(?:a|ont)|dit|disent"
        r"|\w{3,}(?:erent|irent|urent|aient)"
        r"|\w{2,}(?:li|t|s|r|n|v|mm|c)ent(?<!recent)(?<!innocent)(?<!accent)(?<!nent)(?<!souvent)(?<!sent)(?<!parent)(?<!laurent))\b"
    ),
    "ar": re.compile(
        r"(?<!\w)(?:(?!(?:قادوا|كانوا|نفذوا))\w{3,}وا|[يت]\w{2,}ون|س[يت]\w{3,}|(?:اعلن|استقبل|افتتح|عين|قال|وصل|زار|التق[يى]|وقع|اصدر|شكل|حدد|امر|علق|اقال|دعا|اد[يى]|غادر"
        r"|تسلم|تراس|عقد|كشف|اكد|طرد|رفض|وعد|اجل|منح|شارك|ترشح|فاز|اقر|بدا)ت?)(?!\w)"
    ),
    "ha": re.compile(r"\b(?:sun|ya|ta|an|za (?:su|a|ta)|zai|suna|yana|tana|ana|hukunci\w*|daurin)\b"),
}  # fmt: skip
"""A verb with which the clause of identification is over."""
_OPENING = frozenset(
    ("on", "in", "at", "but", "and", "yet", "meanwhile", "a", "au", "en", "dans", "le", "mais", "et", "ranar", "amma", "في", "يوم", "وفي")
)  # fmt: skip
"""Words that a sentence may begin with before its subject."""
_OPENING_WORDS = 4
_LED_WORDS = 2
"""Between the pronoun and the words for the act stand so many others at most: "who led the coup"."""
_REACH = 120
_OVER = re.compile(r"[,،:;]|\b(?:ha[sd]|have|just|vien\w+|ont|a|sun|ya)\b")
"""Words before those for an act with which it is none that is only recalled, or not that of the clause."""
_FELL = re.compile(
    r"(?:\b(?:was|were|been) (?:\w+ly )?|\bete (?:\w+ment |a (?:son|leur) tour )?|\ban )\w+|(?<!\w)(?:اطيح|اطاح\w*) (?:\w+ )?ب(?:ه|هم|ها)(?!\w)"
    r"|\b(?:hambarar|tumbuke|tunbuke|kifar) da (?:shi|su|ita)\b"
)
"""Those of whom the clause speaks fell themselves."""
_HELD = re.compile(r"\bdetain|\bret(?:ien|enu)|\bsequestr|احتجز|\btsare")
"""Who holds a president is known before it is known whether he has fallen: "the soldiers who detained him said they had"."""
_MET = {
    "en": re.compile(r"\b(?:met|meets?|meeting|received|receives?|hosted|hosts?|visited|visits?|talks|talked|spoke|speak\w*|negotiat\w+|dealing|deal)\b"),
    "fr": re.compile(r"\b(?:recu|recoit|recevra|rencontr\w+|accueill\w+|entreten\w+|entretien\w*|visite\w*|negoci\w+|discut\w+|dialogu\w+|pourparlers)\b"),
    "ar": re.compile(r"(?<!\w)و?(?:التق[يى]\w*|استقبل\w*|اجتمع\w*|زار\w*|يلتق\w*|تلتق\w*|محادثات|مباحثات|تفاوض\w*)"),
    "ha": re.compile(r"\b(?:gana\w*|ganaw\w*|karbi|tattauna\w*|ziyarc\w+|ziyara)\b"),
}  # fmt: skip
"""Whoever is met, received or talked with is known by what he did before."""
_REFLEXIVE = re.compile(r"\bs(?:e |e sont |['’](?:est |etai(?:en)?t |etre )?)$")
"""Before a form of "renverser": a vehicle that turned over."""


def _relative(reading: Reading, sentence: int, trigger: Hit) -> re.Match[str] | None:
    """What opens the relative clause of which the words of an act are the verb, None where they are in no such clause."""
    span, folded = reading.sentences[sentence], reading.folded
    for match in _RELATIVE[reading.language].finditer(folded, max(span.start, trigger.end - _REACH), span.end):
        if match.end() >= trigger.end:
            break
        led = folded[match.end() : trigger.start] if match.end() < trigger.start else ""
        if led and (reading.words_between(match.end(), trigger.start) > _LED_WORDS or _OVER.search(led)):
            continue
        return match
    return None


def _own_day(reading: Reading, sentence: int, relative: re.Match[str], trigger: Hit) -> DateMention | None:
    """The day that stands in the relative clause itself: before the main verb."""
    pattern = _MAIN_VERB[reading.language]
    for mention in reading.dates(sentence):
        if mention.start < relative.start():
            continue
        if "," in relative.group() and "," in reading.folded[trigger.end : mention.start]:
            continue  # "the rulers, who toppled the president, on Tuesday banned"
        verbs = pattern.finditer(reading.folded, max(trigger.end, relative.end()), max(mention.start, trigger.end))
        if not any(reading.written[verb.start()] not in "àÀ" for verb in verbs):
            return mention
    return None


def _is_subject(reading: Reading, sentence: int, relative: re.Match[str]) -> bool:
    """Whether the clause belongs to the subject that its sentence, or a part of it behind a mark, begins with."""
    clause = reading.clause_at(sentence, relative.start())
    before = reading.folded[clause.start : relative.start()].split()
    if clause.background or len(before) > _OPENING_WORDS:
        return False
    return not before or before[0].strip("\"'«“") in _OPENING or reading.language == "ar"


def known_coup(reading: Reading, sentence: int, trigger: Hit) -> tuple[bool, DateMention | None] | None:
    """Whether a coup that only says who the subject is, or who was met, lies before the news, and its own day; None for any other.

    A coup with a fresh day of its own is news. In Arabic a day behind the subject is that of the verb before it.
    """
    if trigger.key != "POL.COUP":
        return None
    relative = _relative(reading, sentence, trigger)
    if relative is None or relative.groupdict().get("any"):
        return None
    if not _is_subject(reading, sentence, relative):
        met = _MET[reading.language].search(reading.folded, reading.sentences[sentence].start, relative.start())
        return (True, None) if met is not None else None
    day = _own_day(reading, sentence, relative, trigger)
    if _HELD.search(reading.folded, relative.start(), trigger.end):
        return None
    if day is not None and undoing.is_old(reading, day):
        return True, day
    first = reading.folded[reading.clause_at(sentence, relative.start()).start : relative.start()].split()
    if reading.language == "ar" and first and first[0] not in _OPENING:
        return True, None
    return day is None, day


def coup_told(reading: Reading, sentence: int, trigger: Hit) -> Hit:
    """The coup that a sentence tells behind one that only says who fell: "who seized power in 2020 was toppled on Tuesday"."""
    if trigger.key != "POL.COUP" or _relative(reading, sentence, trigger) is None:
        return trigger
    fallen = [
        (match.start(), match.end())
        for match in _FELL.finditer(reading.folded, trigger.end, reading.sentences[sentence].end)
    ]
    for kind in ("trigger/s", "trigger/w", "faint") if fallen else ():
        for hit in reading.hits(kind, sentence):
            if hit.key == "POL.COUP" and any(start <= hit.start < end for start, end in fallen):
                return hit
    return trigger


def identifies(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether an act without a fresh day of its own is the verb of a relative clause: "a man who killed two was sentenced"."""
    relative = _relative(reading, sentence, trigger)
    if relative is None:
        return False
    day = _own_day(reading, sentence, relative, trigger)
    return day is None or undoing.is_old(reading, day)


def is_bare_headline(reading: Reading, sentence: int) -> bool:
    """Whether a headline of one word is all that speaks of a coup: "Renversé" over a report of a car that turned over."""
    span = reading.sentences[sentence]
    if not reading.in_title(sentence) or reading.words_between(*span) > 1:
        return False
    return not any(
        hit.key == "POL.COUP" and _REFLEXIVE.search(reading.folded, max(0, hit.start - 12), hit.start) is None
        for other in range(reading.first_of_text, len(reading.sentences))
        for hit in reading.hits("trigger/s", other)
    )
