"""Patterns of the lexicon compiled into one automaton per language, and the scan of a text with it.

A pattern is a chain of chunks: literal words, each maybe with a free ending, with at most so many words between one and
the next. All literals of a language go into one Aho-Corasick automaton (ahocorasick_rs, ``MatchKind.Standard``), which
is searched overlapping; boundaries are decided on every hit, and only then does the longest win. The other order loses
1.7 % of the matches, because a longer hit across a word's middle shadows a valid shorter one.

For scripts with spaces the boundary is a space inside the literal, in a copy of the text in which all that is not a
letter or digit has become a space. Arabic literals are searched bare, and the rest of the word they stand in must be a
known proclitic or enclitic.
"""

import bisect
import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from transforms.tagging import normalise

_NOT_WORD = re.compile(r"[\W_]")
_GAP = re.compile(r"\s*_(\d+)_\s*")
_PROCLITICS = frozenset(
    f"{conjunction}{preposition}{article}"
    for conjunction in ("", "و", "ف")
    for preposition, article in (
        ("", ""), ("", "ال"), ("ب", ""), ("ب", "ال"), ("ل", ""), ("ك", ""), ("ك", "ال"), ("س", ""), ("ل", "ل"),
    )
)  # fmt: skip
_CONJUNCTIONS = frozenset(("", "و", "ف"))
_ENCLITICS = frozenset(("", "ا", "ه", "ها", "هم", "هن", "هما", "نا"))
_SHORT_ARABIC = 2
"""Literals up to this many letters (لم, لو, قد) take a conjunction only: a preposition before them is another word."""
_ACRONYM_LETTERS = 6
_PAST_YEAR = "<past_year>"


class Hit(NamedTuple):
    """One pattern found: what it stands for and where, in code points of the scanned text."""

    kind: str
    key: str
    start: int
    end: int
    rule: str


@dataclasses.dataclass(frozen=True)
class _Chunk:
    literal: str
    free_end: bool
    written: str | None
    """What the text must read exactly: an acronym's capitals, or an accented word in lower case."""
    accents: bool


@dataclasses.dataclass(frozen=True)
class _Pattern:
    kind: str
    key: str
    rule: str
    chunks: tuple[_Chunk, ...]
    gaps: tuple[int, ...]
    strict: bool


def flatten(folded: str) -> str:
    """The folded text with a space for all that is neither letter nor digit; as long as the text itself."""
    return _NOT_WORD.sub(" ", folded)


def year_before(match: str, year: int) -> bool:
    """Whether four digits are a year before ``year``, in the living memory that news speak of."""
    return match.isdigit() and 1900 <= int(match) < year


class Matcher:
    """The compiled patterns of one language. Holds an automaton, so it does not pickle: build it where it runs."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._arabic = language == "ar"
        self._patterns: list[_Pattern] = []
        self._literals: dict[str, int] = {}
        self._uses: list[list[tuple[int, int]]] = []
        self._spaced: list[bool] = []
        self._free: list[bool] = []
        self._automaton: AhoCorasick | None = None

    def add(self, kind: str, key: str, patterns: Iterable[str], *, rule: str = "", strict: bool = False) -> None:
        """Adds patterns that stand for (kind, key); ``strict`` patterns are names: no Arabic endings, words together."""
        for text in patterns:
            for variant in _variants(text):
                chunks, gaps = _parse(variant, split_words=self._arabic and not strict)
                if not chunks:
                    raise ValueError(f"pattern {text!r} of {kind}/{key} has no words")
                pattern = _Pattern(kind, key, f"{rule}{text}" if rule else "", chunks, gaps, strict)
                for position, chunk in enumerate(chunks):
                    literal = self._searched(chunk)
                    index = self._literals.setdefault(literal, len(self._literals))
                    if index == len(self._uses):
                        self._uses.append([])
                        self._spaced.append(literal.startswith(" "))
                        self._free.append(not literal.endswith(" "))
                    self._uses[index].append((len(self._patterns), position))
                self._patterns.append(pattern)

    def compile(self) -> None:
        """Builds the automaton; call once, after the last ``add``."""
        self._automaton = AhoCorasick(
            list(self._literals), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def _searched(self, chunk: _Chunk) -> str:
        if chunk.literal == _PAST_YEAR or (self._arabic and not chunk.literal.isascii()):
            return chunk.literal
        return f" {chunk.literal}" if chunk.free_end else f" {chunk.literal} "

    def scan(self, written: str, folded: str, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``written`` and ``folded`` are of one length.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        if self._automaton is None:
            raise RuntimeError("compile() comes before scan()")
        flat = flatten(folded)
        found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        lower: str | None = None
        for index, start, end in self._automaton.find_matches_as_indexes(f" {flat} ", overlapping=True):
            # The automaton saw one space more in front, so its offsets are one ahead of ``flat``.
            spaced = self._spaced[index]
            places = _spaced(flat, start, end, self._free[index]) if spaced else _bare(flat, start - 1, end - 1)
            if places is None:
                continue
            for number, position in self._uses[index]:
                pattern = self._patterns[number]
                chunk = pattern.chunks[position]
                place = places if spaced else _clitics(flat, places, start - 1, end - 1, chunk, pattern.strict)
                if place is None:
                    continue
                if chunk.written is not None:
                    if chunk.accents and lower is None:
                        lower = normalise.lower_keeping_accents(written)
                    read = lower if chunk.accents and lower is not None else written
                    if read[place[0] : place[0] + len(chunk.written)] != chunk.written:
                        continue
                found[number, position].append(place)
        self._years(flat, year, found)
        return self._joined(found, flat, breaks)

    def _years(self, flat: str, year: int, found: dict[tuple[int, int], list[tuple[int, int]]]) -> None:
        index = self._literals.get(_PAST_YEAR)
        if index is None:
            return
        spans = [m.span() for m in re.finditer(r"(?<!\S)(?:19|20)\d\d(?!\S)", flat) if year_before(m.group(), year)]
        if spans:
            for use in self._uses[index]:
                found[use].extend(spans)

    def _joined(
        self, found: dict[tuple[int, int], list[tuple[int, int]]], flat: str, breaks: list[int]
    ) -> dict[str, list[Hit]]:
        hits: dict[str, set[Hit]] = defaultdict(set)
        starts: list[int] | None = None
        for (number, position), places in found.items():
            if position:
                continue
            pattern = self._patterns[number]
            if len(pattern.chunks) == 1:
                spans = places
            else:
                later = [found.get((number, n)) for n in range(1, len(pattern.chunks))]
                if not all(later):
                    continue
                if starts is None:
                    starts = [m.start() for m in re.finditer(r"\S\S+", flat)]
                chained = _chain(places, [sorted(places) for places in later if places], pattern.gaps, starts)
                spans = [(s, e) for s, e in chained if bisect.bisect(breaks, s) == bisect.bisect(breaks, e - 1)]
            hits[pattern.kind].update(Hit(pattern.kind, pattern.key, s, e, pattern.rule) for s, e in spans)
        return {kind: sorted(found_hits, key=lambda h: (h.start, -h.end, h.key, h.rule)) for kind, found_hits in
                sorted(hits.items())}  # fmt: skip


def _spaced(flat: str, start: int, end: int, free: bool) -> tuple[int, int]:
    """The place in ``flat`` of a literal found with its leading space, taken to the end of the word when it is free."""
    if not free:
        return start, end - 2
    stop = flat.find(" ", end - 1)
    return start, len(flat) if stop < 0 else stop


def _bare(flat: str, start: int, end: int) -> tuple[int, int] | None:
    """The whole words around a bare (Arabic) literal, or None when letters before it are no proclitic."""
    before = flat.rfind(" ", 0, start) + 1
    if flat[before:start] not in _PROCLITICS:
        return None
    stop = flat.find(" ", end)
    return before, len(flat) if stop < 0 else stop


def _clitics(
    flat: str, word: tuple[int, int], start: int, end: int, chunk: _Chunk, strict: bool
) -> tuple[int, int] | None:
    if start > word[0] and len(chunk.literal) <= _SHORT_ARABIC and flat[word[0] : start] not in _CONJUNCTIONS:
        return None
    if chunk.free_end:
        return start, word[1]
    rest = flat[end : word[1]]
    if rest and (strict or rest not in _ENCLITICS):
        return None
    return start, word[1]


def _chain(
    first: list[tuple[int, int]], later: list[list[tuple[int, int]]], gaps: tuple[int, ...], starts: list[int]
) -> list[tuple[int, int]]:
    """Spans over first and later chunks in this order; between two of them at most ``gap`` words of two letters."""
    spans = []
    for start, end in first:
        for places, gap in zip(later, gaps, strict=True):
            here = bisect.bisect_left(starts, end)
            for after, stop in places:
                if after >= end:
                    if bisect.bisect_left(starts, after) - here <= gap:
                        end = stop
                    else:
                        end = -1
                    break
            else:
                end = -1
            if end < 0:
                break
        if end > 0:
            spans.append((start, end))
    return spans


def _variants(text: str) -> list[str]:
    if "?" not in text:
        return [text]
    head, tail = text.split("?", 1)
    return [variant for letter in "abcdefghijklmnopqrstuvwxyz" for variant in _variants(f"{head}{letter}{tail}")]


def _parse(text: str, *, split_words: bool) -> tuple[tuple[_Chunk, ...], tuple[int, ...]]:
    """Chunks of a pattern and the gaps between them; a free ending inside a phrase, or an Arabic word, ends a chunk."""
    accents = text.startswith("!")
    pieces = _GAP.split(text.removeprefix("!"))
    chunks: list[_Chunk] = []
    gaps: list[int] = []
    for at in range(0, len(pieces), 2):
        gap = int(pieces[at - 1]) if at else 0
        run: list[str] = []
        for word in pieces[at].split():
            free = word.endswith("*")
            run.append(word.removesuffix("*"))
            if free or split_words or word == _PAST_YEAR:
                _close(chunks, gaps, run, gap, free, accents)
                run, gap = [], 0
        if run:
            _close(chunks, gaps, run, gap, False, accents)
    return tuple(chunks), tuple(gaps[1:])


def _close(chunks: list[_Chunk], gaps: list[int], run: list[str], gap: int, free: bool, accents: bool) -> None:
    words = " ".join(run)
    if words == _PAST_YEAR:
        chunks.append(_Chunk(_PAST_YEAR, False, None, False))
        gaps.append(gap)
        return
    folded, _ = normalise.shorten(normalise.fold(words))
    literal = " ".join(flatten(folded).split())
    if not literal:
        return
    exact = normalise.lower_keeping_accents(words) if accents else _capitals(words)
    chunks.append(_Chunk(literal, free, exact, accents))
    gaps.append(gap)


def _capitals(words: str) -> str | None:
    """An acronym as written, when the words are one: up to six letters, at least two of them capitals, the first too."""
    short = len(words) <= _ACRONYM_LETTERS and words.isalnum() and words.isascii()
    return words if short and words[0].isupper() and sum(c.isupper() for c in words) > 1 else None
