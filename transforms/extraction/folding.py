"""One spelling for matching: case, accents, apostrophes and the variants of Arabic letters folded away."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTERS = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
    "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ƴ": "Y",
    "’": "'", "‘": "'", "ʼ": "'", "œ": "oe", "æ": "ae", "–": "-", "—": "-", "\u202f": " ", "\u00a0": " ",
} | {chr(0x660 + n): str(n) for n in range(10)} | {chr(0x6F0 + n): str(n) for n in range(10)})  # fmt: skip


def unaccent(text: str) -> str:
    """No accents, no Arabic vowel signs, one alef, plain apostrophes and dashes, Western digits; case is kept."""
    if text.isascii():
        return text
    replaced = text.translate(_LETTERS)
    if replaced.isascii():
        return replaced
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", replaced))).translate(_LETTERS)


def fold(text: str) -> str:
    """``unaccent`` in lower case."""
    return unaccent(text).lower()
