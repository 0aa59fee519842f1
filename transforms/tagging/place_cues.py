"""What stands around a name: cues that locate it, capitalised neighbours that make it a person, Arabic "Mali"."""

import bisect
import dataclasses
import functools
import re
from typing import Any, NamedTuple

from transforms.tagging.gazetteer import key_of, spaced
from transforms.tagging.normalise import Tokens

NONE, WEAK, STRONG = 0, 1, 2
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ ]$")
_WORD_AFTER = re.compile(r"[ ]([^\W\d_]+)")
_SENTENCE_END = '.!?…:؟\n«»“”"(•–—'
_ARTICLES = frozenset(("the", "la", "le", "les", "l"))
_LONGEST_CUE = 4
_CUE_LENGTH = 48
"""A cue has so many words, and begins or ends so many characters from its name, at most."""


class Cue(NamedTuple):
    """How strongly a name is located, and whether the cue asks for an administrative unit or a settlement."""

    strength: int = NONE
    wants: str = ""


NO_CUE = Cue()


@dataclasses.dataclass(frozen=True)
class CueTable:
    """The cues of one language: keys of one to four words."""

    strong: frozenset[str]
    weak: frozenset[str]
    place: frozenset[str]
    admin: frozenset[str]
    admin2: frozenset[str]
    admin_after: frozenset[str]
    place_after: frozenset[str]

    @functools.cached_property
    def before(self) -> frozenset[str]:
        """What stands before a name."""
        return self.strong | self.weak | self.place | self.admin

    @functools.cached_property
    def tails(self) -> frozenset[str]:
        """The last words of what stands before a name, articles included."""
        return _ARTICLES.union(phrase.rpartition(" ")[2] for phrase in self.before)

    @functools.cached_property
    def heads(self) -> frozenset[str]:
        """The first words of what stands behind a name."""
        return frozenset(phrase.partition(" ")[0] for phrase in self.admin_after | self.place_after)


_ARABIC_BEFORE = ("", "و", "ف", "ب", "وب", "ل", "ول")
"""Particles glued to an Arabic cue: "وفي", "بولاية", "لبلدة"."""


def _table(raw: dict[str, list[str]], language: str) -> CueTable:
    glued = _ARABIC_BEFORE if language == "ar" else ("",)
    return CueTable(
        **{
            name: frozenset(particle + key_of(cue) for cue in raw[name] for particle in glued)
            for name in CueTable.__dataclass_fields__
        }
    )


class Cues:
    """The cues of all languages; a language without its own gets those of all."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._tables = {language: _table(raw, language) for language, raw in sorted(rules.items())}
        self._all = CueTable(
            *(
                frozenset().union(*(getattr(table, name) for table in self._tables.values()))
                for name in CueTable.__dataclass_fields__
            )
        )

    def read(self, original: str, tokens: Tokens, first: int, last: int, language: str) -> Cue:
        """The cue at a name that is the words ``first`` to ``last`` of a text; ``original`` is that text as written."""
        table = self._tables.get(language, self._all)
        start = tokens.starts[first]
        after = self._after(tokens, last, table)
        if start and original[start - 1] in ".,;:!?()\n":
            return after
        if start >= 2 and original[start - 1] == " " and original[start - 2] in ".,;:!?":
            return after
        if not first or tokens.words[first - 1] not in table.tails:
            return after
        low = bisect.bisect_left(tokens.starts, start - _CUE_LENGTH, max(0, first - _LONGEST_CUE - 1), first)
        words = tokens.words[low:first]
        best, wants = NONE, ""
        tails = [words, words[:-1]] if words and words[-1] in _ARTICLES else [words]
        for tail in tails:
            for length in range(min(_LONGEST_CUE, len(tail)), 0, -1):
                phrase = " ".join(tail[-length:])
                if phrase not in table.before:
                    continue
                if phrase in table.admin:
                    return Cue(STRONG, "admin2" if phrase in table.admin2 else "admin")
                if phrase in table.place:
                    return Cue(STRONG, "place")
                if phrase in table.strong and not (
                    phrase == "a" and language == "fr" and not _is_accented(original, start)
                ):
                    best = STRONG
                    if phrase in ("dans le", "dans la", "dans les"):
                        wants = "zone"
                elif phrase in table.weak:
                    best = max(best, WEAK)
        return after if after.strength > best else Cue(best, after.wants or wants)

    @staticmethod
    def _after(tokens: Tokens, last: int, table: CueTable) -> Cue:
        words = tokens.words[last + 1 : last + 3]
        if not words or words[0] not in table.heads or tokens.starts[last + 1] >= tokens.ends[last] + _CUE_LENGTH:
            return NO_CUE
        for length in (2, 1):
            phrase = " ".join(words[:length])
            if phrase in table.admin_after:
                return Cue(STRONG, "admin2" if phrase in table.admin2 else "admin")
            if phrase in table.place_after:
                return Cue(STRONG, "place")
        return NO_CUE


def _is_accented(original: str, start: int) -> bool:
    """Whether the "a" before a French name is the preposition: with its accent, or in capitals without."""
    before = original[max(0, start - 3) : start]
    return "à" in before or "À" in before or "A" in before


def is_sentence_start(original: str, start: int) -> bool:
    """Whether a name opens its sentence, line or quotation, where a capital says nothing."""
    before = original[max(0, start - 4) : start].rstrip(" \u00a0\u202f")
    return not before or before[-1] in _SENTENCE_END or (start > 0 and original[start - 1] == "\n")


def has_capital_neighbour(original: str, start: int, end: int, sides: str = "lr") -> bool:
    """Whether a capitalised word stands directly before or after the name: a person's other name."""
    if "l" in sides and original[start - 1 : start] == "-" and original[start - 2 : start - 1].isalpha():
        return True
    if "r" in sides and original[end : end + 1] == "-" and original[end + 1 : end + 2].isupper():
        return True
    if "l" in sides and (before := _WORD_BEFORE.search(original, max(0, start - 24), start)):
        word = before.group(1)
        if word[0].isupper() and not is_sentence_start(original, before.start(1)):
            return True
    after = _WORD_AFTER.match(original, end) if "r" in sides else None
    return after is not None and after.group(1)[0].isupper()


@functools.cache
def _arabic_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(key_of, words))


@dataclasses.dataclass(frozen=True)
class ArabicMali:
    """Tells مالي the country from مالي "financial"."""

    before: frozenset[str]
    heads: frozenset[str]
    financial: frozenset[str]

    @classmethod
    def of(cls, rules: dict[str, list[str]]) -> "ArabicMali":
        """From the lists of the gazetteer's header."""
        return cls(*(_arabic_words(tuple(rules[name])) for name in ("before", "heads", "financial")))

    def is_country(self, folded: str, span: tuple[int, int], proclitic: str, neighbours: frozenset[str]) -> bool:
        """Whether the word at ``span`` is the country; ``neighbours`` are keys of countries it may be listed with."""
        start, end = span
        before = spaced(folded[max(0, start - len(proclitic) - 40) : start - len(proclitic)]).split()
        after = spaced(folded[end : end + 40]).split()
        previous = before[-1] if before else ""
        if previous in self.financial or (previous[:2] == "ال" and previous in self.heads):
            return False
        if proclitic.lstrip("وف")[:1] in ("ب", "ل", "ك") and proclitic:
            return True
        stem = previous[1:] if previous[:1] in "وفبلك" else previous
        if previous in self.before or stem in self.before:
            return True
        following = after[0] if after else ""
        if following[:1] == "و" and following[1:] in neighbours:
            return True
        if proclitic == "و" and (
            previous in neighbours or previous[1:] in neighbours or " ".join(before[-2:]) in neighbours
        ):
            return True
        opens_headline = spaced(folded[end : end + 2]) == "  "
        return not before or (spaced(folded[max(0, start - 2) : start]).strip() == "" and opens_headline)
