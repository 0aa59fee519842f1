"""Ministers, delegations and the like, by whom states meet: "le chef de la diplomatie nigérienne", "the Turkish minister"."""

import re

from transforms.tagging.countries import CountryMention
from transforms.tagging.reading import Reading

OFFICE_REACH = 44
_OFFICE_BEFORE = re.compile(
    r"(?:\b(?:ministres?|chefs? de (?:la diplomatie|l'etat|l'etat-major)|homologues?|delegations?|presidents?|emissaires?|diplomatie|gouvernement"
    r"|chefs? d'etat(?:-major)?)(?: (?:de|des|du) (?:la |l')?[^\W\d_]+(?: [^\W\d_]+)?)? "
    r"|(?<!\w)[وبل]?(?:وزير|وزيرا|وزيري|وزراء|نظيره|نظيرها|وفد|الوفد|الرئيس|المبعوث)(?: [^\W\d_]+){0,2} (?:ال|في )?)$"
)
"""What stands before a demonym, folded, that says whose minister or delegation it is; in Arabic also before a country."""
_OFFICE_AFTER = re.compile(
    r"(?: [^\W\d_]+){0,2} (?:ministers?|counterparts?|delegations?|presidents?|leaders?|officials|prime minister|foreign secretary|chiefs? of staff)\b"
)


_RECEIVED = re.compile(r"\b(?:recue?s?|accueillie?s?|received|welcomed|hosted)\b[^.;]{0,60}\b(?:par|by)\b")
"""Verbs, folded, by which the first party is the guest of the second."""


def is_received(reading: Reading, start: int, end: int) -> bool:
    """Whether the party named before a stretch is the guest of the one behind it."""
    return _RECEIVED.search(reading.folded, start, end) is not None


def officials(reading: Reading, sentence: int) -> list[CountryMention]:
    """Demonyms beside ministers, delegations and the like, who speak for their state: "son homologue béninois"."""
    found: list[CountryMention] = []
    for mention in reading.countries_of(sentence):
        if not mention.demonym and reading.language != "ar":
            continue
        before = reading.folded[max(0, mention.start - OFFICE_REACH) : mention.start]
        listed = bool(found) and reading.folded[found[-1].end : mention.start] in (" و", " و ")
        if (
            listed
            or _OFFICE_BEFORE.search(before) is not None
            or (reading.language == "en" and _OFFICE_AFTER.match(reading.folded, mention.end) is not None)
        ):
            found.append(mention)
    return found
