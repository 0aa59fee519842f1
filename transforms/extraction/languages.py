"""The language of a text, offline, from about twenty words on.

py3langid restricted to the languages that occur (measured: unrestricted it takes English headlines for pidgin or Latin;
most other detectors do not know Hausa). A statistical guess always names some language, and the region writes more than
the model knows (Songhay, Zarma, Tamasheq), so a guess among the four tagged languages must be confirmed: Arabic by its
script and letters, French, English and Hausa by the share of their commonest words.
"""

import functools
import re
from typing import Any

from transforms.extraction.folding import fold

_CANDIDATES = ("en", "fr", "ar", "ha", "sw", "am", "pt", "so", "fuv", "yo", "ig", "kab", "es", "tr", "ru", "zh", "pcm")
_MAX_CHARACTERS = 2000
MIN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_OTHER_ARABIC = re.compile("[پچژگڤڭٹڈڑںےہھۀۇۆۋېەڕڵۊ]")
# The commonest words of news texts, folded; enough that a sentence of ten words holds two or three
_COMMON: dict[str, frozenset[str]] = {
    "fr": frozenset(
        "le la les l un une des du de d au aux et en est sont a ont ete dans pour par sur avec qui que qu ne pas plus ce cette ces "
        "son sa ses leur leurs il elle ils elles on nous vous s se selon apres avant entre comme mais ou fait deux contre lors "
        "depuis sans sous vers chez etait avait etre avoir dont aussi tout tous toute".split()
    ),
    "en": frozenset(
        "the of and to in a an is are was were has have had for on with at by from that this it its as be been not but they their "
        "he his she her who which will would after before said says over more than or about up out into we you i can could when "
        "what all one two new against during between there how why".split()
    ),
    "ha": frozenset(
        "da na ta ya a ga su sun ya'yan yan wani wata wasu wanda wadda wadanda ne ce ba za don domin kuma amma cewa daga cikin kan "
        "bayan ko shi ita yi yin ke suka suke inda mai masu ake aka an har kasar jihar yana tana suna zai zata ba'a dan mutane "
        "gwamnatin shugaban hukumar wannan wadannan saboda tun kamar hakan haka game tsakanin wajen lokacin ranar mu kai".split()
    ),
}  # fmt: skip
_MARKERS: dict[str, frozenset[str]] = {
    # function words that none of the tagged languages shares
    "dje": frozenset("no go nda kan mo ga hala boro borey izey waney kulu cine ay ir araŋ ngey nangu zama tilas wala din woodin yaŋ kaŋ".split()),
    "ff": frozenset("e nder ko ɗum ɓe mo kadi gonɗi leydi ndi ndu nde nden ngal yimɓe kala fuu haa to gooto ɗi ɗo wonde wondi joni".split()),
    "bm": frozenset("ye ka ni la ma tun bɛ tɛ na min mun u ka nin kɛ kɔnɔ kan jamana mɔgɔ fɔ cɛ ani bɔ den kelen sira dugu sɔrɔ".split()),
    "taq": frozenset("d n s dagh daɣ dăɣ fel wər as awa win ti wi wa ta i ə əd ăd akal midden imidawan iket kul hakd".split()),
}  # fmt: skip
_CODES = {"fuv": "ff"}
_FLOOR = {"fr": 0.22, "en": 0.20, "ha": 0.20}


@functools.cache
def _identifier() -> Any:
    """The model, loaded once per process (0.5 s, 90 MB)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - costs half a second

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CANDIDATES)
    return identifier


def detect_language(text: str, *, hint: str | None = None) -> tuple[str | None, float | None]:
    """(ISO 639 code, confidence 0 to 1), or (None, None) where the text is too short or in none of the known languages.

    ``hint`` is what the feed declares; it decides only between guesses that the text itself leaves open.
    """
    sample = text[:_MAX_CHARACTERS]
    folded = fold(sample)
    words = _WORD.findall(folded)
    if len(words) < MIN_WORDS:
        return None, None
    letters = sum(map(len, words))
    arabic = len(_ARABIC_LETTER.findall(sample))
    guess, confidence = _identifier().classify(sample)
    confidence = round(float(confidence), 3)
    if arabic > 0.5 * letters:
        foreign = len(_OTHER_ARABIC.findall(sample))
        return ("ar", confidence if guess == "ar" else 0.5) if foreign <= 0.01 * arabic else (None, None)
    if guess == "ar":
        return None, None
    shares = {code: sum(word in common for word in words) / len(words) for code, common in _COMMON.items()}
    local = max(sum(word in markers for word in words) / len(words) for markers in _MARKERS.values())
    best = max(shares, key=lambda code: (shares[code], code == hint, code))
    if shares[best] >= _FLOOR[best] and shares[best] > local and (guess == best or shares[best] >= 2 * shares.get(guess, 0)):
        return best, confidence if guess == best else round(shares[best], 3)
    if guess in _COMMON or guess == "kab":
        return None, None
    return _CODES.get(guess, guess), confidence
