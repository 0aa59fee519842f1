"""Where the words of a sentence speak for what nothing in it says: a border that is a place, a coup of years ago."""

import re

from transforms.tagging import coups
from transforms.tagging.count_lists import Count
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.weighing import strength

_VIOLENCE = ("BAT.ATTACK_MIL", "CIV.ATTACK", "BAT.OPERATION")
_OF_RULERS = (
    "POL.RESTRICT",
    "POL.TRANSITION",
    "MIL.EXPEL",
    "MIL.END_AGREE",
    "DIP.RUPTURE",
    "DIP.EXIT_BLOC",
    "DIP.SANCTION",
)
"""Decisive acts of those who rule."""
SHUTS = (
    "clos", "shut", "seal", "suspend", "ban", "barr", "block", "halt", "ferm", "boucl", "interdi", "bloqu", "cadenass", "condamn",
    "اغلق", "اغلاق", "غلق", "مغلق", "منع", "حظر", "علق", "تعليق", "سد", "ايقاف", "اوقف",
    "rufe", "kulle", "garkame", "hana", "toshe", "datse", "dakatar",
)  # fmt: skip
"""One of these is in a sentence whose words alone tell that a border or an airspace is closed."""
KEEPS_OUT = (
    "suspen", "block", "den", "ban", "expel", "loot", "halt", "withdr", "prevent", "bloqu", "interdi", "expuls", "pill", "empech", "refus",
    "retir", "quitt", "علق", "تعليق", "منع", "حظر", "طرد", "نهب", "dakatar", "hana", "kor", "kwace", "wawas", "tsayar", "janye",
)  # fmt: skip
"""One of these is in a sentence whose words alone tell that aid is kept out while somebody dies."""
BLOWS_UP = (
    "suicid", "kamikaze", "ceinture", "explo", "bomb", "deton", "blew", "blow", "blast", "vest", "fashe",
    "انتحار", "تفجير", "انفجار", "فجر", "kunar", "bam", "tarwats", "tashi",
)  # fmt: skip
"""One of these is in an article of which the words of a sentence alone tell a suicide attack."""
NO_LOSS = re.compile(
    r"\bn(?:'a|'ont|'avait) (?:pas|jamais) perdu\b|\b(?:(?:has|have|had) (?:not|never) lost|did not lose|never lost)\b"
    r"|\bba (?:su|ta|a) (?:taba )?rasa\b|(?<!\w)لم [يت](?:فقد|خسر)"
)
LOSS_STEMS = ("perdu", "lost", "lose", "rasa", "فقد", "خسر")
"""One of these is in whatever ``NO_LOSS`` matches."""


def refusal(reading: Reading, sentence: int, code: str, *, deaths: bool) -> str | None:
    """Why a type that only the words of a sentence speak for is not told: a border is a place where nobody shuts it."""
    if code == "DIP.BORDER_CLOSE" and not reading.says_in(SHUTS, reading.sentences[sentence]):
        return "no word of shutting beside the border"
    if code == "REM.SUICIDE" and not reading.says(BLOWS_UP):
        return "nobody blows himself up"
    if code == "HUM.ACCESS_DENIED" and deaths and not reading.says_in(KEEPS_OUT, reading.sentences[sentence]):
        return "aid workers were hit, and nothing says that aid is kept out"
    if code == "BAT.TERRITORY_REGAINED" and _denies_loss(reading, sentence):
        return "what was not lost was not taken back"
    return None


def _denies_loss(reading: Reading, sentence: int) -> bool:
    return reading.says(LOSS_STEMS) and NO_LOSS.search(reading.folded, *reading.sentences[sentence]) is not None


def with_faint(reading: Reading, sentence: int, certain: list[Hit], counts: list[Count]) -> list[Hit]:
    """The strong triggers of a sentence, with those that its words do not bear out where they speak for what is no news.

    Where they speak for a border that nobody shuts, the violence beside it counts; where they speak for a coup of years
    ago, what those whom it brought to power do now.
    """
    codes = {hit.key for hit in certain}
    wanted: tuple[str, ...] = ()
    if "BAT.TERRITORY_REGAINED" in codes and _denies_loss(reading, sentence):
        wanted = ("BAT.TERRITORY_LOST",)
    elif "DIP.BORDER_CLOSE" in codes and not reading.says_in(SHUTS, reading.sentences[sentence]):
        wanted = _VIOLENCE if any(count.kind == "killed" for count in counts) else ()
    elif (
        "POL.COUP" in codes
        and coups.tells_news(reading, sentence)
        and any(reading.is_long_past(date) for date in reading.dates(sentence))
    ):
        wanted = _OF_RULERS
    if not wanted:
        return certain
    faint = [h for h in reading.hits("faint", sentence) if h.key.startswith(wanted) and strength(h.rule) == "s"]
    return sorted([*certain, *faint], key=lambda h: (h.start, -h.end, h.key, h.rule)) if faint else certain
