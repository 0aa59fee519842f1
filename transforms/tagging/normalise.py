"""Folding of text for matching: one character in, one character out, so every offset stays valid in the original.

What is folded: case, accents, apostrophes, kinds of space, Hausa hooked letters, Arabic letter variants and digits.
Tatweel and harakat keep their place as ``IGNORED``; a scanner drops them with ``shorten`` and maps its hits back.
"""

import functools
import re
import unicodedata
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

IGNORED = "\u0640"
"""What tatweel, harakat, joiners and other marks without a sound of their own fold to."""

APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\uff07"
_HYPHENS = "\u2010\u2011\u2043\ufe63\uff0d"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\v\f"
_LETTERS = {
    "\u0253": "b", "\u0257": "d", "\u0199": "k", "\u01b4": "y", "\u0256": "d", "\u0263": "g",
    "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u0131": "i", "\u0254": "o", "\u025b": "e", "\u014b": "n",
    "\u0153": "\u0153", "\u00e6": "\u00e6",
    "\u0622": "\u0627", "\u0623": "\u0627", "\u0625": "\u0627", "\u0671": "\u0627",
    "\u0649": "\u064a", "\u06cc": "\u064a", "\u0626": "\u064a", "\u0629": "\u0647", "\u0624": "\u0648",
    "\u06a9": "\u0643", "\u06c1": "\u0647",
}  # fmt: skip


@functools.cache
def _fold_char(char: str) -> str:
    if char in APOSTROPHES:
        return "'"
    if char in _HYPHENS:
        return "-"
    if char in _SPACES:
        return " "
    lower = char.lower()
    if len(lower) != 1:
        lower = unicodedata.normalize("NFD", char)[:1].lower()[:1] or char
    if lower in _LETTERS:
        return _LETTERS[lower]
    category = unicodedata.category(lower)
    if category in ("Mn", "Me", "Cf") or lower == IGNORED:
        return IGNORED
    if category == "Nd":
        return str(unicodedata.digit(lower))
    base = unicodedata.normalize("NFD", lower)[0]
    return _LETTERS.get(base, base)


class _Folding(dict[int, str]):
    """A translation table that learns each character the first time it meets it."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_char(chr(code))
        return folded


class _LowerCase(dict[int, str]):
    """As ``_Folding``, but accents stay: for patterns that tell `marche` from `marché`."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        lower = char.lower()
        plain = _fold_char(char)
        kept = plain if not char.isalpha() or len(lower) != 1 or char in APOSTROPHES else lower
        self[code] = kept
        return kept


_FOLDING = _Folding()
_COMMON = 0x2100
"""Code points below are the letters and marks of European and Semitic scripts."""
_FOLDED = np.array([ord(_fold_char(chr(code))) for code in range(_COMMON)], np.uint32)
_IN_WORDS = np.array([chr(code).isalnum() for code in range(_COMMON)])
_LONG = 100
"""Texts from this length on are folded as arrays: in a tenth of the time where all is common."""
_LOWER_CASE = _LowerCase()


def _code_points(text: str) -> "np.ndarray[Any, np.dtype[np.uint32]]":
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _text_of(codes: "np.ndarray[Any, np.dtype[np.uint32]]") -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def fold(text: str, language: str | None = None) -> str:
    """The text folded for matching, as long as the text itself.

    The map is the same for all languages (a French article quotes Arabic names and an Arabic one Latin acronyms);
    ``language`` is part of the signature because callers hold it and a map of its own may one day be needed.
    """
    del language
    if len(text) >= _LONG:
        codes = _code_points(text)
        if codes.max() < _COMMON:
            return _text_of(_FOLDED.take(codes))
    return text.translate(_FOLDING)


def lower_keeping_accents(text: str) -> str:
    """The text in lower case with its accents, as long as the text itself."""
    return text.translate(_LOWER_CASE)


def shorten(folded: str) -> tuple[str, list[int] | None]:
    """The folded text without ``IGNORED``, and for each character left its place in ``folded`` (None: unchanged).

    The table has one entry more than the short text has characters, so that an end offset maps as well.
    """
    if IGNORED not in folded:
        return folded, None
    codes = _code_points(folded)
    kept = np.flatnonzero(codes != ord(IGNORED))
    return _text_of(codes[kept]), [*kept.tolist(), len(folded)]


_WORD = re.compile(r"[^\W_]+")


class Tokens(NamedTuple):
    """The words of a folded text, runs of letters and digits, with their places.

    ``long`` are the starts of the words that distances are counted in: those of two letters or more that do not name
    a day or a time of day, which stand anywhere in a sentence. ``where`` tells for each distinct word which words it is.
    """

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    long: list[int]
    where: dict[str, list[int]]


_TIMES = frozenset((
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "matin", "matinee", "soir",
    "soiree", "nuit", "aube", "hier", "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout",
    "septembre", "octobre", "novembre", "decembre", "dernier", "derniere", "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday", "morning", "evening", "night", "overnight", "dawn",
    "afternoon", "yesterday", "january", "february", "march", "april", "june", "july", "august", "september",
    "october", "november", "december", "الاثنين", "الثلاثاء", "الاربعاء", "الخميس", "الجمعه", "السبت", "الاحد",
    "يوم", "صباح", "مساء", "فجر", "ليل", "ليله", "امس", "يناير", "فبراير", "مارس", "ابريل", "مايو", "يونيو",
    "يوليو", "اغسطس", "سبتمبر", "اكتوبر", "نوفمبر", "ديسمبر", "litinin", "talata", "laraba", "alhamis", "juma",
    "asabar", "lahadi", "ranar", "daren", "safiyar", "yammacin", "jiya", "janairu", "fabrairu", "maris",
    "afrilu", "mayu", "yuni", "yuli", "agusta", "satumba", "oktoba", "nuwamba", "disamba",
))  # fmt: skip
"""Names of days, months and times of day, folded."""


def words_of(folded: str) -> list[str]:
    """The words of a folded text without their places."""
    return _WORD.findall(folded)


def tokenise(folded: str) -> Tokens:
    """The words of a folded text."""
    codes = _code_points(folded)
    inside = np.zeros(len(codes) + 2, bool)  # with a mark before and one behind the text
    inside[1:-1] = _IN_WORDS.take(codes, mode="clip")
    for place in np.flatnonzero(codes >= _COMMON):
        inside[place + 1] = folded[place].isalnum()
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    words = _text_of(np.where(inside[1:-1], codes, ord(" "))).split()
    where: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        where[word].append(index)
    long = ends - starts > 1
    for word in _TIMES & where.keys():
        long[where[word]] = False
    return Tokens(folded, words, starts.tolist(), ends.tolist(), starts[long].tolist(), where)
