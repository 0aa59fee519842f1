"""Phrases of acts that tell of everyday things: a bridge within a country, lorries parked for a match, jets of water."""

import re

from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_BRIDGE = re.compile(
    r"\b(?:pont|bridge|gada\w*|route|road|reopened to traffic|rendu\w* a la circulation)\b|(?<!\w)(?:ال)?(?:جسر|طريق)"
)
_BORDER = ("front", "border", "iyaka", "حدود", "حدودي", "معبر", "crossing", "international", "douan", "customs")
"""One of these is in an article whose bridge leads into another country."""
_PARKED = re.compile(r"\bparked their (?:lorries|trucks)\b")
_PROTEST = (
    "strike", "protest", "demand", "refus", "anger", "angry", "union", "until", "against", "over ", "block", "tax", "fuel", "unpaid", "checkpoint",
    "extort", "walkout", "boycott", "called", "dispute", "insecur", "attack", "kill",
)  # fmt: skip
"""One of these is in a sentence whose parked lorries are a strike."""
_STREAM = re.compile(
    r"\bjets? (?:of|d'|de) ?(?:\w+ )?(?:air|water|steam|hot|cold|dust|sand|gas|flame|eau|vapeur|foam|mousse|pierres?)\b"
    r"|\bwater jets?\b|\bjet[- ](?:ski|lag|set|stream)"
)
_TOLD_BY = re.compile(
    r"\b(?:selon|d'apres|a en croire|according to)(?: (?:la|le|les|l'|une?|des?|the|local|state))*[ ']\S+$"
    r"|(?<!\w)و?(?:حسب|بحسب|وفق|وفقا)(?: ل)?\s?\S+$"
)
"""Words of a trigger that end with those who tell of the act: "attaqués à Kédougou : deux morts, selon la gendarmerie"."""
_TELLERS = ("selon", "d'apres", "croire", "according", "حسب", "وفق")


def refusal(reading: Reading, sentence: int, hit: Hit) -> str | None:
    """Why a trigger is no act here, or None."""
    if hit.key == "DIP.BORDER_OPEN":
        if (
            _BRIDGE.search(reading.folded, hit.start, hit.end) is not None
            and not reading.says(_BORDER)
            and len({country.iso for country in reading.countries_of(sentence)}) < 2
        ):
            return "a bridge or road within a country"
    elif hit.key == "BAT.ATTACK_MIL":
        if reading.says(_TELLERS) and _TOLD_BY.search(reading.folded, hit.start, hit.end) is not None:
            return "who is named tells of it"
    elif hit.key == "UNR.STRIKE":
        if _PARKED.match(reading.folded, hit.start) and not reading.says_in(_PROTEST, reading.sentences[sentence]):
            return "parked, and nobody protests"
    elif (
        hit.key == "REM.AIR_DRONE"
        and reading.says_in(("jet",), reading.sentences[sentence])
        and _STREAM.search(reading.folded, *reading.sentences[sentence]) is not None
    ):
        return "jets of something"
    return None
