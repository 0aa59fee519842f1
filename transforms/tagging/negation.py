"""Acts that a sentence says were not done, or will not be: a negation right before the act's own words or within them."""

import re

from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

NOT_DONE = re.compile(
    r"\b(?:(?:will|would|did|has|have|had|was|were) (?:not|never)|(?:won|wouldn|didn|hasn|haven|hadn|wasn|weren)'t)(?: (?:yet|ever|been|be))*"
    r"(?: (?:carry out|launch|conduct|stage|mount)(?: (?:an?|any|the))?)? "
    r"|\bn(?:e |')(?:\w+er(?:a|ont)|va|vont|a|ont|avait|avaient) (?:pas|jamais)(?: encore| ete)*(?: (?:lancer|mener|commettre)(?: (?:des?|les?|la|une?))?)? "
    r"|\bne (?:prend|lanc|men|lev|ferm|rouvr|ouvr|sign|commett)\w*r(?:a|ont) (?:pas|jamais)(?: (?:les?|la|des?|d'))? ?"
    r"|(?<!\w)[وف]?لن (?:\w*(?:شن|نفذ|قع|حدث|جر[ىي]|ستول\w*|رفع)(?: \w+){0,3} )?"
    r"|\bba (?:za (?:a|ta|su|mu) |a |zai )(?:taba |sake |kara )?(?:kai |yi )?"
)
"""What stands before an act that was not or will not be done."""
NOT_DONE_STEMS = (" not ", " never ", "n't ", " pas ", " jamais ", "لن ", "ba za", "ba a ", "ba zai")
"""One of these is in whatever ``NOT_DONE`` matches; the next the same of ``NOBODY``."""
NOBODY = re.compile(
    r"\b(?:nobody|no one)(?: (?:was|were|has|have|had|been|else|yet))* "
    r"|\bpersonne n(?:e |')(?:a|est|fut|avait)(?: pas)?(?: ete)? "
)
"""Those to whom something was not done, as far as the words for it."""
NOBODY_STEMS = ("nobody", "no one", "personne n")
NO_DOER = re.compile(
    r"\baucune? (?:[\w'-]+ ){1,4}?n(?:e |')(?:est|sont|a|ont|avait|avaient|etait|etaient)(?: (?:jamais|ete))* ?"
    r"|\bno (?!(?:fewer|less|more|longer|sooner|doubt|matter|later|one|sign)\b)(?:[\w'-]+ ){1,3}?"
    r"(?:(?:is|are|was|were|has|have|had|ever|been) )*"
)
"""Those who did not do what follows, as far as the words for it: "aucun avion n'a pilonné", "no foreign troops are"."""
NO_DOER_STEMS = ("aucun", "no ")
_OPENS = (": ", "; ", ", ", "that ", "said ", "“", '"')
"""What stands before "no" where it is of what its clause is about."""
_RELATIVE = re.compile(r"\b(?:who|which|that|qui|que)(?: \w+)? $")
_IN_ATTACK = re.compile(
    r"\b(?:in|during|by|dans|lors de|a) (?:the |an? |this |that |l'|une |cette |d'une )?(?:\w+ )?(?:attack|raid|strike|assault|blast|explosion|attaque|hari)"
)
"""An attack in which nobody was hurt took place all the same."""
_HAUSA_NOBODY = re.compile(r" kowa\b")
_OWN_WORDS = ("BAT.", "CIV.", "GRP.", "POL.COUP")
"""Types whose patterns say nothing of what was not done, so that a negation among their words is another's."""
_ABSENCES = ("CIV.DISAPPEARANCE", "HUM.ACCESS_DENIED")
"""Types that are told by what is not done: "has not been seen since", "ba a san inda"."""


def negates(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether a sentence says that an act was not done: "have not seized power", "nobody was abducted"."""
    if trigger.key.startswith(_ABSENCES):
        return False
    start, end = span = reading.sentences[sentence]
    if reading.says_in(NOT_DONE_STEMS, span):
        for match in NOT_DONE.finditer(reading.folded, start, trigger.end):
            if _RELATIVE.search(reading.folded, start, match.start()) and match.start() > trigger.start:
                continue  # "soldiers who have not been paid seized power"
            if match.start() < trigger.start <= match.end():
                return not _spared(reading, trigger, end)
            inside = trigger.start <= match.start() and match.end() < trigger.end
            if inside and trigger.key.startswith(_OWN_WORDS) and "," not in reading.folded[match.end() : trigger.end]:
                return True
    if reading.says_in(NO_DOER_STEMS, span) and any(
        match.start() < trigger.start <= match.end()
        and (match[0][0] == "a" or match.start() == start or reading.folded.endswith(_OPENS, start, match.start()))
        and _IN_ATTACK.search(reading.folded, trigger.end, end) is None
        for match in NO_DOER.finditer(reading.folded, start, trigger.end)
    ):
        return True
    return reading.says_in(NOBODY_STEMS, span) and any(
        match.start() < trigger.start <= match.end() and _IN_ATTACK.search(reading.folded, trigger.end, end) is None
        for match in NOBODY.finditer(reading.folded, start, trigger.end)
    )


def _spared(reading: Reading, trigger: Hit, end: int) -> bool:
    """Whether nobody was hurt in an attack that took place: "ba a kashe kowa a harin"."""
    nobody = _HAUSA_NOBODY.search(reading.folded, trigger.start, end)
    return nobody is not None and _IN_ATTACK.search(reading.folded, trigger.start, end) is not None


def only_hit_nobody(reading: Reading, sentence: int, cue: Hit, trigger: Hit) -> bool:
    """Whether a cue says that no one was hit in an attack that took place: "aucun soldat n'a été tué dans l'attaque"."""
    nobody = reading.folded.startswith("aucun", cue.start) and cue.start < trigger.start < cue.end
    return nobody and _IN_ATTACK.search(reading.folded, trigger.end, reading.sentences[sentence].end) is not None
