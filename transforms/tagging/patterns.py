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
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from transforms.tagging import normalise

_NOT_WORD = re.compile(r"[\W_]")
_LONG_WORD = re.compile(r"\S\S+")
_FOUR_DIGITS = re.compile(r"(?<!\S)(?:19|20)\d\d(?!\S)")
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


class _Chunk(NamedTuple):
    """A stretch of a pattern without gaps; ``literal`` is flat and folded."""

    literal: str
    free_end: bool
    written: str | None
    """What the text must read exactly: an acronym's capitals, or an accented word in lower case."""
    accents: bool
    strict: bool


class _Pattern(NamedTuple):
    kind: str
    key: str
    rule: str
    chunks: tuple[int, ...]
    gaps: tuple[int, ...]


_YEAR = _Chunk(_PAST_YEAR, False, None, False, False)


def flatten(folded: str) -> str:
    """The folded text with a space for all that is neither letter nor digit; as long as the text itself."""
    return _NOT_WORD.sub(" ", folded)


def year_before(match: str, year: int) -> bool:
    """Whether four digits are a year before ``year``, in the living memory that news speak of."""
    return match.isdigit() and 1900 <= int(match) < year


class Matcher:
    """The compiled patterns of one language. Holds an automaton, so it does not pickle: build it where it runs."""

    def __init__(self, language: str) -> None:
        self._arabic = language == "ar"
        self._chunks: dict[_Chunk, int] = {}
        self._opened_by: list[list[_Pattern]] = []
        """For each chunk the patterns that begin with it."""
        self._literals: dict[str, int] = {}
        self._chunks_of: list[list[tuple[_Chunk, int]]] = []
        """For each literal the chunks that are searched by it."""
        self._automaton: AhoCorasick | None = None

    def add(self, kind: str, key: str, patterns: Iterable[str], *, rule: str = "", strict: bool = False) -> None:
        """Adds patterns that stand for (kind, key); ``strict`` ones are names: no Arabic endings, words together."""
        for text in patterns:
            for variant in _variants(text):
                chunks, gaps = _parse(variant, split_words=self._arabic and not strict, strict=strict)
                if not chunks:
                    raise ValueError(f"pattern {text!r} of {kind}/{key} has no words")
                ids = tuple(self._chunk_id(chunk) for chunk in chunks)
                pattern = _Pattern(kind, key, f"{rule}{text}" if rule else "", ids, gaps)
                self._opened_by[ids[0]].append(pattern)

    def _chunk_id(self, chunk: _Chunk) -> int:
        if chunk not in self._chunks:
            literal = self._searched(chunk)
            index = self._literals.setdefault(literal, len(self._literals))
            if index == len(self._chunks_of):
                self._chunks_of.append([])
            self._chunks_of[index].append((chunk, len(self._chunks)))
            self._chunks[chunk] = len(self._chunks)
            self._opened_by.append([])
        return self._chunks[chunk]

    def _searched(self, chunk: _Chunk) -> str:
        if chunk.literal == _PAST_YEAR or (self._arabic and not chunk.literal.isascii()):
            return chunk.literal
        return f" {chunk.literal}" if chunk.free_end else f" {chunk.literal} "

    def compile(self) -> None:
        """Builds the automaton; call once, after the last ``add``."""
        self._automaton = AhoCorasick(
            list(self._literals), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def scan(self, written: str, folded: str, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``written`` and ``folded`` are of one length.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        if self._automaton is None:
            raise RuntimeError("compile() comes before scan()")
        flat = flatten(folded)
        found: dict[int, list[tuple[int, int]]] = {}
        lower: str | None = None
        # The automaton sees one space more in front, so its offsets are one ahead of ``flat``.
        for index, start, end in self._automaton.find_matches_as_indexes(f" {flat} ", overlapping=True):
            spaced = None
            for chunk, number in self._chunks_of[index]:
                if not self._arabic or chunk.literal.isascii():
                    place = spaced = spaced or _spaced(flat, start, end, chunk.free_end)
                else:
                    bare = _bare(flat, start - 1, end - 1, chunk)
                    if bare is None:
                        continue
                    place = bare
                if chunk.written is not None:
                    if chunk.accents and lower is None:
                        lower = normalise.lower_keeping_accents(written)
                    read = lower if chunk.accents and lower is not None else written
                    if not read.startswith(chunk.written, place[0]):
                        continue
                found.setdefault(number, []).append(place)
        self._years(flat, year, found)
        return self._joined(found, flat, breaks)

    def _years(self, flat: str, year: int, found: dict[int, list[tuple[int, int]]]) -> None:
        number = self._chunks.get(_YEAR)
        if number is None:
            return
        spans = [m.span() for m in _FOUR_DIGITS.finditer(flat) if year_before(m.group(), year)]
        if spans:
            found[number] = spans

    def _joined(self, found: dict[int, list[tuple[int, int]]], flat: str, breaks: list[int]) -> dict[str, list[Hit]]:
        hits: dict[str, set[Hit]] = defaultdict(set)
        starts: list[int] = []
        for number, places in found.items():
            for pattern in self._opened_by[number]:
                if len(pattern.chunks) == 1:
                    hits[pattern.kind].update(Hit(pattern.kind, pattern.key, s, e, pattern.rule) for s, e in places)
                    continue
                later = [found[other] for other in pattern.chunks[1:] if other in found]
                if len(later) + 1 < len(pattern.chunks):
                    continue
                starts = starts or [m.start() for m in _LONG_WORD.finditer(flat)]
                for start, end in _chain(places, later, pattern.gaps, starts):
                    if bisect.bisect(breaks, start) == bisect.bisect(breaks, end - 1):
                        hits[pattern.kind].add(Hit(pattern.kind, pattern.key, start, end, pattern.rule))
        return {
            kind: sorted(of_kind, key=lambda hit: (hit.start, -hit.end, hit.key, hit.rule))
            for kind, of_kind in sorted(hits.items())
        }


def _spaced(flat: str, start: int, end: int, free: bool) -> tuple[int, int]:
    """The place in ``flat`` of a literal found with its leading space, taken to the end of the word when it is free."""
    if not free:
        return start, end - 2
    stop = flat.find(" ", end - 1)
    return start, len(flat) if stop < 0 else stop


def _bare(flat: str, start: int, end: int, chunk: _Chunk) -> tuple[int, int] | None:
    """The place of a bare (Arabic) literal, or None when the rest of its word is no clitic."""
    if flat[start - 1 : start] not in ("", " "):
        prefix = flat[flat.rfind(" ", 0, start) + 1 : start]
        if prefix not in (_CONJUNCTIONS if len(chunk.literal) <= _SHORT_ARABIC else _PROCLITICS):
            return None
    stop = flat.find(" ", end)
    stop = len(flat) if stop < 0 else stop
    if not chunk.free_end and stop > end and (chunk.strict or flat[end:stop] not in _ENCLITICS):
        return None
    return start, stop


def _chain(
    first: list[tuple[int, int]], later: list[list[tuple[int, int]]], gaps: tuple[int, ...], starts: list[int]
) -> list[tuple[int, int]]:
    """Spans over first and later chunks in this order; between two of them at most ``gap`` words of two letters."""
    spans = []
    for start, end in first:
        stop = end
        for places, gap in zip(later, gaps, strict=True):
            after = next((place for place in places if place[0] >= stop), None)
            if after is None or bisect.bisect_left(starts, after[0]) - bisect.bisect_left(starts, stop) > gap:
                break
            stop = after[1]
        else:
            spans.append((start, stop))
    return spans


def _variants(text: str) -> list[str]:
    if "?" not in text:
        return [text]
    head, tail = text.split("?", 1)
    return [variant for letter in "abcdefghijklmnopqrstuvwxyz" for variant in _variants(f"{head}{letter}{tail}")]


def _parse(text: str, *, split_words: bool, strict: bool) -> tuple[tuple[_Chunk, ...], tuple[int, ...]]:
    """Chunks of a pattern and the gaps between them; a free ending inside a phrase, or an Arabic word, ends a chunk."""
    accents = text.startswith("!")
    pieces = _GAP.split(text.removeprefix("!"))
    chunks: list[_Chunk] = []
    gaps: list[int] = []
    for at in range(0, len(pieces), 2):
        gap = int(pieces[at - 1]) if at else 0
        run: list[str] = []
        for word in pieces[at].split():
            if word == _PAST_YEAR and run:
                _close(chunks, gaps, run, gap, False, accents, strict)
                run, gap = [], 0
            free = word.endswith("*")
            run.append(word.removesuffix("*"))
            if free or split_words or word == _PAST_YEAR:
                _close(chunks, gaps, run, gap, free, accents, strict)
                run, gap = [], 0
        if run:
            _close(chunks, gaps, run, gap, False, accents, strict)
    return tuple(chunks), tuple(gaps[1:])


def _close(
    chunks: list[_Chunk], gaps: list[int], run: list[str], gap: int, free: bool, accents: bool, strict: bool
) -> None:  # fmt: skip
    words = " ".join(run)
    if words == _PAST_YEAR:
        chunks.append(_YEAR)
        gaps.append(gap)
        return
    folded, _ = normalise.shorten(normalise.fold(words))
    literal = " ".join(flatten(folded).split())
    if literal:
        exact = normalise.lower_keeping_accents(words) if accents else _capitals(words)
        chunks.append(_Chunk(literal, free, exact, accents, strict))
        gaps.append(gap)


def _capitals(words: str) -> str | None:
    """An acronym as written, when the words are one: up to six letters, the first and one more of them capitals."""
    short = len(words) <= _ACRONYM_LETTERS and words.isalnum() and words.isascii()
    return words if short and words[0].isupper() and sum(c.isupper() for c in words) > 1 else None
