"""Folding of text for matching: one character in, one character out, so every offset stays valid in the original.

What is folded: case, accents, apostrophes, kinds of space, Hausa hooked letters, Arabic letter variants and digits.
Tatweel and harakat keep their place as ``IGNORED``; a scanner drops them with ``shorten`` and maps its hits back.
"""

import functools
import itertools
import re
import unicodedata
from collections import defaultdict
from typing import NamedTuple

IGNORED = "\u0640"
"""What tatweel, harakat, joiners and other marks without a sound of their own fold to."""

_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\uff07"
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
    if char in _APOSTROPHES:
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
        kept = plain if not char.isalpha() or len(lower) != 1 or char in _APOSTROPHES else lower
        self[code] = kept
        return kept


_FOLDING = _Folding()
_COMMON = {code: _fold_char(chr(code)) for code in range(0x2100)}
"""The letters and marks of European and Semitic scripts: looked up in a third of the time of ``_FOLDING``."""
_RARE = re.compile("[\u2100-\U0010ffff]")
_LOWER_CASE = _LowerCase()


def fold(text: str, language: str | None = None) -> str:
    """The text folded for matching, as long as the text itself.

    The map is the same for all languages (a French article quotes Arabic names and an Arabic one Latin acronyms);
    ``language`` is part of the signature because callers hold it and a map of its own may one day be needed.
    """
    del language
    return text.translate(_FOLDING if _RARE.search(text) else _COMMON)


def lower_keeping_accents(text: str) -> str:
    """The text in lower case with its accents, as long as the text itself."""
    return text.translate(_LOWER_CASE)


def shorten(folded: str) -> tuple[str, list[int] | None]:
    """The folded text without ``IGNORED``, and for each character left its place in ``folded`` (None: unchanged).

    The table has one entry more than the short text has characters, so that an end offset maps as well.
    """
    if IGNORED not in folded:
        return folded, None
    places = [i for i, char in enumerate(folded) if char != IGNORED]
    short = "".join([folded[i] for i in places])
    places.append(len(folded))
    return short, places


_WORD = re.compile(r"([^\W_]+)")


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
    parts = _WORD.split(folded)  # what is between words and words in turn: their lengths add up to their places
    edges = list(itertools.accumulate(map(len, parts)))
    words, starts = parts[1::2], edges[:-1:2]
    where: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        where[word].append(index)
    passed = {word for word in where if len(word) < 2 or word in _TIMES}
    long = [start for start, word in zip(starts, words, strict=True) if word not in passed]
    return Tokens(folded, words, starts, edges[1::2], long, where)
