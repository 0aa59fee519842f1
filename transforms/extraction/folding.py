"""One spelling for matching: case, accents, apostrophes and the variants of Arabic letters folded away."""

import functools
import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTERS = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
    "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ƴ": "Y",
    "’": "'", "‘": "'", "ʼ": "'", "œ": "oe", "æ": "ae", "–": "-", "—": "-", "\u202f": " ", "\u00a0": " ",
} | {chr(0x660 + n): str(n) for n in range(10)} | {chr(0x6F0 + n): str(n) for n in range(10)})  # fmt: skip


_FOREIGN = re.compile("[^\x00-\x7f]+")
_CACHED = 24
"""Characters of a run whose folding is kept: French runs are single letters, Arabic ones are words."""


def unaccent(text: str) -> str:
    """No accents, no Arabic vowel signs, one alef, plain apostrophes and dashes, Western digits; case is kept.

    Runs of characters beyond ASCII are folded one by one: none of the marks that compose with ASCII is kept, so a run
    never depends on what stands around it, and a text has few different ones (a third of the time of all at once).
    """
    return text if text.isascii() else _FOREIGN.sub(_unaccented, text)


def _unaccented(run: re.Match[str]) -> str:
    found = run[0]
    return _fold_run(found) if len(found) > _CACHED else _fold_known_run(found)


def _fold_run(run: str) -> str:
    replaced = run.translate(_LETTERS)
    if replaced.isascii():
        return replaced
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", replaced))).translate(_LETTERS)


_fold_known_run = functools.lru_cache(maxsize=16_384)(_fold_run)


def fold(text: str) -> str:
    """``unaccent`` in lower case."""
    return unaccent(text).lower()
