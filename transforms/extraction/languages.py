"""The language of a text, offline, from about twenty words on.

py3langid restricted to the languages that occur (measured: unrestricted it takes English headlines for pidgin or Latin;
most other detectors do not know Hausa). A statistical guess always names some language, and the region writes more than
the model knows (Songhay, Zarma, Tamasheq), so a guess among the four tagged languages must be confirmed: Arabic by its
script and letters, French, English and Hausa by the share of their commonest words.
"""

import functools
import importlib.resources
import re
from collections import Counter
from typing import Any

import yaml

from transforms.extraction.folding import fold

_CANDIDATES = ("en", "fr", "ar", "ha", "sw", "am", "pt", "so", "fuv", "yo", "ig", "kab", "es", "tr", "ru", "zh", "pcm")
_MAX_CHARACTERS, _MODEL_CHARACTERS = 1500, 400
"""What is read of a text: its words, and what the model sees (2 ms for 1,500 characters, and no better for it)."""
MIN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_OTHER_ARABIC = re.compile("[پچژگڤڭٹڈڑںےہھۀۇۆۋېەڕڵۊ]")
_CODES = {"fuv": "ff"}
_HEADLINE = 13
_CLEAR, _SURE, _FULFULDE = 0.4, 0.8, 0.1
_FLOOR = {"fr": 0.22, "en": 0.20, "ha": 0.20}
_DISTINCT, _LONGER, _ARABIC_SHARE = 3, 0.05, 0.2
_ARTICLES = ("ال", "وال", "بال", "لل", "كال", "فال")


@functools.cache
def _words() -> tuple[dict[str, frozenset[str]], dict[str, tuple[str, ...]]]:
    """(language to its words, word to the local languages that have it), from ``data/common_words.yaml``."""
    path = importlib.resources.files("transforms.extraction").joinpath("data/common_words.yaml")
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    confirmed = {code: frozenset(words.split()) for code, words in read["confirmed"].items()}
    local: dict[str, tuple[str, ...]] = {}
    for code, words in read["local"].items():
        for word in words.split():
            local[word] = (*local.get(word, ()), code)
    return confirmed, local


@functools.cache
def _identifier() -> Any:
    """The model, loaded once per process (0.5 s, 60 MB)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - costs half a second

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(_CANDIDATES)
    # restricted, it would keep the weights of its 142 languages beside those of the candidates: 28 MB
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output, norm_probs=True,
        tk_row=whole.tk_row,
    )  # fmt: skip


def detect_language(text: str, *, hint: str | None = None) -> tuple[str | None, float | None]:
    """(ISO 639 code, confidence 0 to 1), or (None, None) where the text is too short or in none of the known languages.

    ``hint`` is what the feed declares; it decides only between guesses that the text itself leaves open.
    """
    sample = text[:_MAX_CHARACTERS]
    folded = fold(sample)
    confirmed, local_words = _words()
    words = _WORD.findall(folded)
    if len(words) < MIN_WORDS:
        return None, None
    letters = sum(map(len, words))
    arabic = len(_ARABIC_LETTER.findall(sample))
    guess, confidence = _identifier().classify(sample[:_MODEL_CHARACTERS])
    confidence = round(float(confidence), 3)
    if arabic > 0.5 * letters:
        return ("ar", confidence if guess == "ar" else 0.5) if _is_arabic(words, sample, arabic) else (None, None)
    if guess == "ar":
        return None, None
    counts = Counter(language for word in words for language in local_words.get(word, ()))
    pidgin, fulfulde = counts.pop("pcm", 0), counts["ff"] / len(words)
    local = max(counts.values(), default=0) / len(words)
    hits = {code: [word for word in words if word in confirmed[code]] for code in _FLOOR}
    shares = {code: len(found) / len(words) for code, found in hits.items()}
    best = max(shares, key=lambda code: (shares[code], code == guess, code == hint, code))
    if guess in shares and shares[guess] >= local:
        # A headline may hold no common word at all: there the model has to be sure, or agree with the feed
        long = len(words) >= _HEADLINE
        floor = _FLOOR[guess] if long else 0.0
        if guess == hint:
            floor /= 2
        if (
            shares[guess] >= floor
            and (guess == best or not long)
            and (floor or confidence >= _SURE or guess == hint)
            and (not long or guess == hint or _is_varied(guess, hits[guess], len(words)))
        ):
            return guess, confidence
    if guess == "pcm" and not pidgin and local <= shares["en"] and (shares["en"] > 0 or len(words) < _HEADLINE):
        return "en", round(1.0 - confidence / 2, 3)  # English headlines without articles look like pidgin to the model
    if guess != best and shares[best] >= _CLEAR and shares[best] > 2 * local:
        return best, round(shares[best], 3)
    if (
        guess in shares
        or guess == "kab"
        or (guess == "pcm" and not pidgin)
        or confidence < _SURE
        or (guess == "fuv" and fulfulde < _FULFULDE)
    ):
        return None, None
    return _CODES.get(guess, guess), confidence


def _is_arabic(words: list[str], sample: str, arabic: int) -> bool:
    """Whether a text in Arabic letters is Arabic: few letters of other languages, enough articles and common words.

    Persian, Urdu, Kurdish and Hausa or Fulfulde in Ajami share the letters, not the words.
    """
    if len(_OTHER_ARABIC.findall(sample)) > 0.01 * arabic:
        return False
    common = _words()[0]["ar"]
    known = sum(word in common or (word.startswith(_ARTICLES) and len(word) > 4) for word in words)
    return len(words) < _HEADLINE or known >= _ARABIC_SHARE * len(words)


def _is_varied(guess: str, hits: list[str], total: int) -> bool:
    """Whether the common words that were found are several; for Hausa also whether some have more than two letters.

    Soninke, Kongo and others share Hausa's shortest words (a, da, na, ya).
    """
    if len(set(hits)) < _DISTINCT:
        return False
    return guess != "ha" or len(hits) >= _CLEAR * total or sum(len(word) > 2 for word in hits) >= _LONGER * total
