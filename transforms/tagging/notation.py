"""The notation of patterns: how a line of the data files becomes chunks of words and the gaps between them.

Words are folded; ``*`` after one lets it end in any way; ``_3_`` is a gap of at most three words, ``_3!_`` a closed one;
``{attack}`` a class of words; ``<past_year>`` a year before publication; ``?`` any letter; ``!`` before all that accents
count. Acronyms are matched in capitals.
"""

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from transforms.tagging import normalise

_GAP = re.compile(r"\s*_(\d+!?)_\s*")
_CLASS = re.compile(r"\{([a-z_]+)\}")
_ACRONYM_LETTERS = 6
_PAST_YEAR = "<past_year>"


class Chunk(NamedTuple):
    """A stretch of a pattern without gaps: words, folded, or the name of a class of words."""

    words: tuple[str, ...]
    free: tuple[bool, ...]
    """For each word whether it may end in any way."""
    written: str | None
    """What the text must read exactly: an acronym's capitals, or an accented word in lower case."""
    accents: bool
    strict: bool
    of_class: bool = False

    def anchor(self, often: Mapping[str, int]) -> int:
        """Which word the chunk is looked up by: the one that the fewest chunks have, for it is rare in texts as well.

        Of two such the longer; an open one counts as shorter.
        """
        ranks = [(often[word], free - len(word)) for word, free in zip(self.words, self.free, strict=True)]
        return ranks.index(min(ranks))


YEAR = Chunk((_PAST_YEAR,), (False,), None, False, False)


def variants(text: str) -> list[str]:
    """The patterns that one with ``?`` in it stands for."""
    if "?" not in text:
        return [text]
    head, tail = text.split("?", 1)
    return [variant for letter in "abcdefghijklmnopqrstuvwxyz" for variant in variants(f"{head}{letter}{tail}")]


def meaning(text: str, classes: frozenset[str], *, split_words: bool, strict: bool) -> object:
    """What a pattern matches, equal for two that match the same; raises ``ValueError`` for one that means nothing."""
    chunks, gaps = parse(text, split_words=split_words, strict=strict)
    if not chunks:
        raise ValueError("has no words")
    for chunk in chunks:
        if chunk.of_class and chunk.words[0] not in classes:
            raise ValueError(f"no class {chunk.words[0]!r} in words.yaml")
    if set(_GAP.sub(" ", _CLASS.sub(" ", text.replace(_PAST_YEAR, " ")))) & set("{}_<>"):
        raise ValueError("has a brace, an underscore or a bracket that is no class, gap or year")
    return chunks, gaps


@functools.cache
def parse(text: str, *, split_words: bool, strict: bool) -> tuple[tuple[Chunk, ...], tuple[tuple[int, bool], ...]]:
    """Chunks of a pattern and the gaps between them; classes, years and Arabic words are chunks by themselves."""
    accents = text.startswith("!")
    pieces = _GAP.split(text.removeprefix("!"))
    chunks: list[Chunk] = []
    gaps: list[tuple[int, bool]] = []
    for at in range(0, len(pieces), 2):
        gap = (int(pieces[at - 1].removesuffix("!")), pieces[at - 1].endswith("!")) if at else (0, False)
        for words in _runs(pieces[at], split_words=split_words):
            chunk = _chunk(words, accents, strict)
            if chunk is not None:
                chunks.append(chunk)
                gaps.append(gap)
                gap = (0, False)
    return tuple(chunks), tuple(gaps[1:])


def _runs(piece: str, *, split_words: bool) -> list[str]:
    """The words of a stretch without gaps, in runs that make one chunk each."""
    runs: list[str] = []
    apart = True
    for word in piece.split():
        alone = split_words or word == _PAST_YEAR or _CLASS.fullmatch(word) is not None
        if alone or apart:
            runs.append(word)
        else:
            runs[-1] += f" {word}"
        apart = alone
    return runs


def _chunk(run: str, accents: bool, strict: bool) -> Chunk | None:
    if run == _PAST_YEAR:
        return YEAR
    if named := _CLASS.fullmatch(run):
        return Chunk((named.group(1),), (False,), None, False, False, of_class=True)
    words: list[str] = []
    free: list[bool] = []
    for word in run.split():
        folded, _ = normalise.shorten(normalise.fold(word.removesuffix("*")))
        parts = normalise.words_of(folded)
        words += parts
        free += [False] * (len(parts) - 1) + [word.endswith("*")] if parts else []
    if not words:
        return None
    bare = run.replace("*", "")
    exact = normalise.lower_keeping_accents(bare) if accents else _capitals(bare)
    return Chunk(tuple(words), tuple(free), exact, accents, strict)


def _capitals(words: str) -> str | None:
    """An acronym as written, when the words are one: up to six letters, the first and one more of them capitals."""
    short = len(words) <= _ACRONYM_LETTERS and words.isalnum() and words.isascii()
    return words if short and words[0].isupper() and sum(c.isupper() for c in words) > 1 else None
