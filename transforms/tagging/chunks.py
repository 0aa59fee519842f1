"""Where the chunks of patterns stand in a text: which of them a word may be part of, and what must stand beside it.

What may begin at a word is looked up in a dictionary once and remembered by the word, for news has few words and says
them often; a text is read by its distinct words. Overlapping Aho-Corasick search, with the boundaries decided on every
hit, took three times as long: most of that time went into hits inside words.

An Arabic word is looked up under every reading that its proclitics and enclitics allow.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from transforms.tagging import normalise
from transforms.tagging.memory import WordMemory
from transforms.tagging.notation import YEAR, Chunk

_PROCLITICS = tuple(
    f"{conjunction}{preposition}{article}"
    for conjunction in ("", "و", "ف")
    for preposition, article in (
        ("", ""), ("", "ال"), ("ب", ""), ("ب", "ال"), ("ل", ""), ("ك", ""), ("ك", "ال"), ("س", ""), ("ل", "ل"),
    )
)  # fmt: skip
_CONJUNCTIONS = frozenset(("", "و", "ف"))
_ENCLITICS = ("", "ا", "ه", "ها", "هم", "هن", "هما", "نا")
_SHORT_ARABIC = 2
"""Literals up to this many letters (لم, لو, قد) take a conjunction only: a preposition before them is another word."""
_FIRST_YEAR = 1900
"""The living memory that news speak of begins here."""
Places = list[tuple[int, int]]


class Part:
    """A chunk, or a class of chunks, as the scan meets it: with the patterns that are looked for where it is found."""

    __slots__ = ("alone", "classes", "longer", "of_class", "used")

    def __init__(self, *, of_class: bool) -> None:
        self.of_class = of_class
        self.used = False
        """Whether a pattern has it, rather than a class of which it is a member."""
        self.classes: list[Part] = []
        """The classes that it is a member of."""
        self.alone: tuple[tuple[str, str, str], ...] = ()
        """(kind, key, rule) of the patterns that are this part and nothing else."""
        self.longer: tuple[tuple[Part, tuple[Part, ...], Pattern], ...] = ()
        """Longer patterns of which it is the rarest part, each behind the next rarest part and the others."""


class Pattern(NamedTuple):
    """What a pattern stands for, its parts, and for each gap how many words it may hold and whether it is closed."""

    kind: str
    key: str
    rule: str
    parts: tuple[Part, ...]
    gaps: tuple[tuple[int, bool], ...]


class _Reading(NamedTuple):
    """A chunk that a word may be part of: the words that must stand around it, and how far into the word it begins."""

    parts: tuple[Part, ...]
    """The chunk's and those of its classes."""
    before: tuple[tuple[str, bool], ...]
    rest: tuple[tuple[str, bool], ...]
    offset: int
    written: str | None
    accents: bool


class _Beside(NamedTuple):
    """The chunks of a word that its neighbours decide about."""

    before: dict[str, tuple[_Reading, ...]]
    """Those by the word that must stand after this one."""
    after: dict[str, tuple[_Reading, ...]]
    """Those by the word that must stand before this one."""
    others: tuple[_Reading, ...]
    """Those whose neighbour may end in any way, and those without one that must be written in one way."""


class _Word(NamedTuple):
    """What is remembered of a word: the parts of patterns that it may be, or may belong to."""

    alone: tuple[Part, ...]
    """Those that are this word and nothing else."""
    glued: tuple[tuple[int, tuple[Part, ...]], ...]
    """Those that are the word behind its Arabic particles, and how far into the word they begin."""
    beside: _Beside | None
    year: int
    """The year that the word is, or 0."""


class ChunkIndex:
    """The chunks of the patterns of one language by number, and what each word may be part of."""

    def __init__(self, *, arabic: bool) -> None:
        self._arabic = arabic
        self._parts: dict[Chunk, Part] = {}
        self._exact: dict[str, list[tuple[Part, Chunk, int]]] = {}
        self._prefix: dict[str, list[tuple[Part, Chunk, int]]] = {}
        self._lengths: list[int] = []
        self._memory = WordMemory(self._read_word)

    def part(self, chunk: Chunk) -> Part:
        """The part that a chunk is; a new chunk is added."""
        part = self._parts.get(chunk)
        if part is None:
            part = self._parts[chunk] = Part(of_class=chunk.of_class)
        return part

    def __contains__(self, chunk: Chunk) -> bool:
        """Whether a chunk is in the index."""
        return chunk in self._parts

    def close(self) -> None:
        """Ends the building."""
        often = Counter(word for chunk in self._parts for word in chunk.words)
        for chunk, part in self._parts.items():
            if not chunk.of_class:
                anchor = 0 if self._arabic else chunk.anchor(often)
                anchored = self._prefix if chunk.free[anchor] else self._exact
                anchored.setdefault(chunk.words[anchor], []).append((part, chunk, anchor))
        self._lengths = sorted({len(word) for word in self._prefix})

    def _read_word(self, word: str) -> _Word | None:
        """What a word may be part of, or None."""
        alone: dict[int, list[Part]] = {}
        before: dict[str, list[_Reading]] = defaultdict(list)
        after: dict[str, list[_Reading]] = defaultdict(list)
        others = []
        for reading in self._readings(word):
            if not reading.parts:
                continue
            if not reading.before and not reading.rest and reading.written is None:
                alone.setdefault(reading.offset, []).extend(reading.parts)
            elif reading.rest and not reading.rest[0][1]:
                before[reading.rest[0][0]].append(reading)
            elif reading.before and not reading.before[-1][1]:
                after[reading.before[-1][0]].append(reading)
            else:
                others.append(reading)
        year = int(word) if len(word) == 4 and word.isdecimal() and int(word) >= _FIRST_YEAR else 0
        if not (alone or before or after or others or year):
            return None
        beside = _Beside(
            {neighbour: tuple(readings) for neighbour, readings in before.items()},
            {neighbour: tuple(readings) for neighbour, readings in after.items()},
            tuple(others),
        )
        return _Word(
            tuple(alone.pop(0, ())),
            tuple((offset, tuple(parts)) for offset, parts in alone.items()),
            beside if any(beside) else None,
            year,
        )

    def _readings(self, word: str) -> list[_Reading]:
        """The chunks that a word may be part of."""
        if self._arabic and not word.isascii():
            return self._arabic_readings(word)
        chunks = list(self._exact.get(word, ()))
        for length in self._lengths:
            if length > len(word):
                break
            chunks += self._prefix.get(word[:length], ())
        return [self._reading(part, chunk, 0, anchor) for part, chunk, anchor in chunks]

    def _reading(self, part: Part, chunk: Chunk, offset: int, anchor: int = 0) -> _Reading:
        words = tuple(zip(chunk.words, chunk.free, strict=True))
        parts = tuple(one for one in (part, *part.classes) if one.used)
        return _Reading(parts, words[:anchor], words[anchor + 1 :], offset, chunk.written, chunk.accents)

    def _arabic_readings(self, word: str) -> list[_Reading]:
        """As ``_readings``, under every division of the word into proclitic, stem and enclitic."""
        found: dict[tuple[Part, int], _Reading] = {}
        for prefix in _PROCLITICS:
            if not word.startswith(prefix):
                continue
            stems = [(word[len(prefix) :], len(prefix))]
            if prefix.endswith("لل"):
                stems.append((f"ال{stems[0][0]}", len(prefix) - 1))
            for stem, offset in stems:
                for part, chunk, _ in self._stems(stem):
                    if len(chunk.words[0]) > _SHORT_ARABIC or prefix in _CONJUNCTIONS:
                        found.setdefault((part, offset), self._reading(part, chunk, offset))
        return list(found.values())

    def _stems(self, stem: str) -> Iterable[tuple[Part, Chunk, int]]:
        """Chunks that a stem with its enclitic may begin."""
        for length in self._lengths:
            if length > len(stem):
                break
            yield from self._prefix.get(stem[:length], ())
        for enclitic in _ENCLITICS:
            if stem.endswith(enclitic):
                for found in self._exact.get(stem[: len(stem) - len(enclitic)], ()):
                    if not enclitic or not (found[1].strict or len(found[1].words) > 1):
                        yield found

    def places(self, written: str, tokens: normalise.Tokens, year: int) -> dict[Part, Places]:
        """Where each part stands, in order; of a class one place a start, the longest."""
        found: dict[Part, Places] = {}
        mixed: set[Part] = set()
        """Those that more than one word is: their places are in no order yet."""
        starts, ends = tokens.starts, tokens.ends

        def add(part: Part, places: Places) -> None:
            if part not in found:
                found[part] = places
            elif part in mixed:
                found[part] += places
            else:
                found[part] = found[part] + places  # not in place: the parts that are one word share its list
                mixed.add(part)

        for known, indices in self._memory.of(tokens.where):
            if known is None:
                continue
            alone, glued, beside, own_year = known
            if alone:
                index = indices[0]
                places = [(starts[index], ends[index])]
                if len(indices) > 1:  # a comprehension is a call, and most words are said once
                    places = [(starts[index], ends[index]) for index in indices]
                for part in alone:
                    if part in found:
                        add(part, places)
                    else:
                        found[part] = places
            for offset, parts in glued:
                places = [(starts[index] + offset, ends[index]) for index in indices]
                for part in parts:
                    add(part, places)
            if beside is not None:
                for parts, place in _decided(beside, tokens, indices, written):
                    if place is not None:
                        for part in parts:
                            add(part, [place])
            if 0 < own_year < year and YEAR in self:
                add(self._parts[YEAR], [(starts[index], ends[index]) for index in indices])
        for part in mixed:
            ordered = sorted(found[part])
            found[part] = list(dict(ordered).items()) if part.of_class else ordered
        return found


_Decided = list[tuple[tuple[Part, ...], tuple[int, int] | None]]


def _decided(beside: _Beside, tokens: normalise.Tokens, indices: list[int], written: str) -> _Decided:
    """Where the chunks stand that a word may be part of beside its neighbours; None for one that does not."""
    before, after, others = beside
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    found: _Decided = []
    for reading in others:
        for index in indices:
            found.append((reading.parts, _place_of(reading, tokens, index, written)))
    if before:
        for index in indices if indices[-1] + 1 < len(words) else indices[:-1]:
            for reading in before.get(words[index + 1], ()):
                if len(reading.rest) > 1 or reading.before or reading.written is not None:
                    found.append((reading.parts, _place_of(reading, tokens, index, written)))
                elif _joined(tokens, index, written):  # the two words are all of it, as they mostly are
                    found.append((reading.parts, (starts[index] + reading.offset, ends[index + 1])))
    if after:
        for index in indices if indices[0] else indices[1:]:
            for reading in after.get(words[index - 1], ()):
                if len(reading.before) > 1 or reading.rest or reading.written is not None:
                    found.append((reading.parts, _place_of(reading, tokens, index, written)))
                elif _joined(tokens, index - 1, written):
                    found.append((reading.parts, (starts[index - 1], ends[index])))
    return found


def _place_of(reading: _Reading, tokens: normalise.Tokens, index: int, written: str) -> tuple[int, int] | None:
    """Where a chunk stands that the word at ``index`` may be part of, or None where it does not."""
    start, end = tokens.starts[index] + reading.offset, tokens.ends[index]
    if reading.before and (start := _start_of(tokens, index, reading.before, written)) < 0:
        return None
    if reading.rest and not (end := _end_of(tokens, index, reading.rest, written)):
        return None
    if reading.written is not None:
        told = written[start : start + len(reading.written)]
        if (normalise.lower_keeping_accents(told) if reading.accents else told) != reading.written:
            return None
    return start, end


def _joined(tokens: normalise.Tokens, index: int, written: str) -> bool:
    """Whether one mark stands between a word and the next, or the blank and the apostrophe of Hausa "ofishin 'yan sanda"."""
    end = tokens.ends[index]
    gap = tokens.starts[index + 1] - end
    return gap == 1 or (gap == 2 and written[end] == " " and written[end + 1] in normalise.APOSTROPHES)


def _start_of(tokens: normalise.Tokens, index: int, before: tuple[tuple[str, bool], ...], written: str) -> int:
    """Where the words begin that stand before a word with one mark between each two, or -1 where others stand."""
    words = tokens.words
    if index < len(before):
        return -1
    for expected, free in reversed(before):
        index -= 1
        if not _joined(tokens, index, written):
            return -1
        if words[index] != expected and not (free and words[index].startswith(expected)):
            return -1
    return tokens.starts[index]


def _end_of(tokens: normalise.Tokens, index: int, rest: tuple[tuple[str, bool], ...], written: str) -> int:
    """Where the words end that follow a word with one mark between each two, or 0 where others follow."""
    words = tokens.words
    if index + len(rest) >= len(words):
        return 0
    for expected, free in rest:
        if not _joined(tokens, index, written):
            return 0
        index += 1
        if words[index] != expected and not (free and words[index].startswith(expected)):
            return 0
    return tokens.ends[index]
