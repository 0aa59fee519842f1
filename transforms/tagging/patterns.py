"""Patterns of the lexicon compiled into one index of words per language, and the scan of a text with it.

A pattern is a chain of chunks: literal words, each maybe with a free ending, or a class of words (``{attack}``), with at
most so many words between one and the next; in a closed gap (``_4!_``) stands no doer ("by", "par"),
no passive and no end of a clause. Where the chunks stand is found in ``chunks.py``; a chain is looked for in a text
only when its first two chunks are there, and followed only when all are.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from transforms.tagging import gaps, normalise
from transforms.tagging.chunks import ChunkIndex
from transforms.tagging.notation import Chunk, parse, variants


class Hit(NamedTuple):
    """One pattern found: what it stands for and where, in code points of the scanned text."""

    kind: str
    key: str
    start: int
    end: int
    rule: str


_make_hit: Callable[[tuple[str, str, int, int, str]], Hit] = functools.partial(tuple.__new__, Hit)
"""``Hit._make`` without its check: a third of the time, for hundreds of hits an article."""


class _Pattern(NamedTuple):
    kind: str
    key: str
    rule: str
    chunks: tuple[int, ...]
    gaps: tuple[tuple[int, bool], ...]
    """For each gap how many words it may hold, and whether it is closed."""


class Matcher:
    """The compiled patterns of one language, by their first chunks."""

    def __init__(self, language: str) -> None:
        self._arabic = language == "ar"
        self._barriers = gaps.BARRIERS[language]
        self._chunks = ChunkIndex(arabic=self._arabic)
        self._patterns: dict[_Pattern, None] = {}
        self._alone: dict[int, list[_Pattern]] = {}
        """The patterns of one chunk."""
        self._longer: dict[int, dict[int, list[_Pattern]]] = {}
        """Those of more, by their first chunk and their second."""

    def define(self, name: str, members: Iterable[str]) -> None:
        """Makes the words of ``members`` the class ``{name}``; call before the patterns that use it."""
        own = Chunk((name,), (False,), None, False, False, of_class=True)
        self._chunks.number(own)
        for text in members:
            for variant in variants(text):
                chunks, _ = parse(variant, split_words=False, strict=False)
                if len(chunks) != 1 or chunks[0].of_class:
                    raise ValueError(f"member {text!r} of class {name!r} is not one chunk of words")
                self._chunks.join(chunks[0], own)

    def add(self, kind: str, key: str, patterns: Iterable[str], *, rule: str = "", strict: bool = False) -> None:
        """Adds patterns that stand for (kind, key); ``strict`` ones are names: no Arabic endings, words together."""
        for text in patterns:
            for variant in variants(text):
                chunks, between = parse(variant, split_words=self._arabic and not strict, strict=strict)
                if not chunks:
                    raise ValueError(f"pattern {text!r} of {kind}/{key} has no words")
                unknown = [chunk.words[0] for chunk in chunks if chunk.of_class and chunk not in self._chunks]
                if unknown:
                    raise ValueError(f"pattern {text!r} of {kind}/{key}: no class {unknown[0]!r}")
                numbers = tuple(self._chunks.number(chunk) for chunk in chunks)
                self._patterns[_Pattern(kind, key, f"{rule}{text}" if rule else "", numbers, between)] = None

    def compile(self) -> None:
        """Closes the index; call once, after the last ``add``."""
        used: set[int] = set()
        for pattern in self._patterns:
            first, *rest = pattern.chunks
            used.update(pattern.chunks)
            if rest:
                self._longer.setdefault(first, {}).setdefault(rest[0], []).append(pattern)
            else:
                self._alone.setdefault(first, []).append(pattern)
        self._chunks.close(used)
        self._patterns = {}

    def scan(self, written: str, tokens: normalise.Tokens, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``tokens`` are those of the folded text.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        found = self._chunks.places(written, tokens, year)
        marks = gaps.Marks(tokens, self._barriers, breaks)
        hits: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        for first in self._alone.keys() & found.keys():
            places = found[first]
            for kind, key, rule, _, _ in self._alone[first]:
                hits[kind] += [(start, -end, key, rule) for start, end in places]
        for first in self._longer.keys() & found.keys():
            longer = self._longer[first]
            for second in longer.keys() & found.keys():
                for kind, key, rule, chunks, between in longer[second]:
                    later = [found[other] for other in chunks[1:] if other in found]
                    if len(later) == len(between) and (spans := gaps.chain(found[first], later, between, marks)):
                        hits[kind] += [(start, -end, key, rule) for start, end in spans]
        return {
            kind: [_make_hit((kind, key, start, -stop, rule)) for start, stop, key, rule in sorted(rows)]
            for kind, rows in hits.items()
        }  # fmt: skip
