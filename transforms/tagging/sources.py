"""Who only tells of an act: "according to a local NGO", "hospital officials said", "selon un hôpital"."""

import re

from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_FRENCH_NAMES = r"(?:un|une|l'|la|le|les|des|de l'|de la|de|du|deux|plusieurs|d'une|d'un|d'|a l'|au)"
_FRENCH_HEADS = r"(?:sources?|responsables?|medecins?|employes?|agents?|directeur|directrice|personnel|porte-parole|membres?|communique|rapport|infirmiere?s?)"
_BY = {
    "fr": re.compile(
        rf"\b(?:(?:selon|d'apres|a en croire)(?: [^\W\d_]+){{0,1}}|(?:a|ont) (?:indique|annonce|declare|rapporte|affirme|confirme|precise|fait savoir"
        rf"|dit|explique|deplore)(?: (?:a l'afp|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))?) (?:{_FRENCH_NAMES} ?)*"
        rf"(?:{_FRENCH_HEADS} )?(?:{_FRENCH_NAMES} ?)*$"
    ),
    "en": re.compile(
        r"\b(?:according to(?: [^\W\d_]+){0,5}|(?:said|told by)(?: (?:an?|the|one|two|several))?"
        r"(?: (?:sources?|officials?|doctors?|medics?|staff|spokes\w+|director|head)(?: (?:at|of|from|in|with)(?: (?:the|an?))?)?)?) $"
    ),
    "ar": re.compile(
        r"(?<!\w)و?(?:(?:وفق|وفقا|بحسب|حسب)(?: [^\W\d_]+){0,3}?|(?:قال|قالت|افاد|افادت|ذكر|ذكرت|اكد|اكدت|اوضح|اوضحت)(?: (?:مصدر|مصادر|مسوول|مدير|طبيب))?"
        r"(?: (?:في|من))?) (?:ل|ب|ال)*$"
    ),
    "ha": re.compile(r"\b(?:(?:in ji|a cewar|cewar)(?: [^\W\d_']+){0,3}|majiyoyin|majiyar|majiya daga) $"),
}  # fmt: skip
"""What stands before a source."""
_COUNT_BY = re.compile(r"\b(?:selon|d'apres|a en croire|de source|d'une source) (?:les? |la |l'|des? |une? )?$")
_SAYS = {
    "fr": re.compile(
        r"(?: (?:\w+|[\w']+ [\w']+)){0,3}?,? (?:a|ont) (?:\w+ment )?(?:indique|annonce|declare|rapporte|affirme|confirme|precise|fait savoir|dit|explique"
        r"|compte"
        r"|recense|denombre)\b"
    ),
    "en": re.compile(
        r"(?:'s)?(?: (?:officials?|sources?|staff|workers?|doctors?|director|spokes\w+|authorities|records|administrators?|employees?|head|medics"
        r"|[^\W\d_]+ed))*"
        r"(?: [^\W\d_]+){0,2}? (?:said|says|told|confirmed|reported|announced|added|stated|reports|counted)\b"
    ),
    "ha": re.compile(r"(?: [^\W\d_']+){0,3}? (?:ta|ya|sun) (?:ce|bayyana|tabbatar|shaida|sanar|fada)\b"),
}  # fmt: skip
"""What a source does."""
_NO_PLACE = re.compile(
    r"\b(?:attacked|attack on|raid on|hit|struck|shelled|bombed|stormed|in|inside|near|outside|at|on|into|from|of|against|killed|targeted|burned|torched"
    r"|dans|pres d\w+|devant|contre|visant|attaque|touche|vise|cible|sur|au|aux|a|vers)(?: (?:a|an|the|un|une|l'|la|le|les|des|this|that|wani|wata))? ?$"
)
"""What makes it the place or the target of an act."""
_HEADS = re.compile(
    r"\b(?:sources?|officials?|doctors?|medics?|spokes\w+|director|head) (?:at|of|from|in|with) (?:(?:the|an?) )?$"
)
"""Those who speak for a body."""
_PLACED = re.compile(
    r"\b(?:that|que|qu'|cewa|gunmen|\w+ed|attaque|raid|raids|frappe|tue|hommes)\b|(?<!\w)(?:ان|مسلحين)(?!\w)| (?:near|pres|dans|kusa) "
)
"""Words that put an act between the verb of saying and what is named."""
REACH = 90
"""Characters before a name in which what makes it a source is looked for."""


def is_source(reading: Reading, sentence: int, hit: Hit) -> bool:
    """Whether a site or body is named only as a source, by the words before or behind it in its own clause."""
    span = reading.sentences[sentence]
    before, says = _BY.get(reading.language), _SAYS.get(reading.language)
    start = max(span.start, hit.start - REACH)
    if before is not None:
        found = before.search(reading.folded, start, hit.start)
        if found is not None and re.search(r"[,;:.]", found.group()) is None:
            return not _PLACED.search(found.group())
    if says is None:
        return False
    match = says.match(reading.folded, hit.end, span.end)
    return match is not None and (
        _HEADS.search(reading.folded, start, hit.start) is not None
        or _NO_PLACE.search(reading.folded, start, hit.start) is None
    )


def tells_count(reading: Reading, people: Hit) -> bool:
    """Whether the police or soldiers are named as those who tell a count: "deux morts, selon la gendarmerie"."""
    return (
        people.key == "state_forces"
        and reading.language == "fr"
        and _COUNT_BY.search(reading.folded, max(0, people.start - 24), people.start) is not None
    )
