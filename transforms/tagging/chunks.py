"""Where the chunks of patterns stand in a text: which of them a word may be part of, and what must stand beside it.

What may begin at a word is looked up in a dictionary once and remembered by the word, for news has few words and says
them often; a text is read by its distinct words. Overlapping Aho-Corasick search, with the boundaries decided on every
hit, took three times as long: most of that time went into hits inside words.

An Arabic word is looked up under every reading that its proclitics and enclitics allow.
"""

from collections import defaultdict
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


class _Reading(NamedTuple):
    """A chunk that a word may be part of: the words that must stand around it, and how far into the word it begins."""

    numbers: tuple[int, ...]
    """The chunk's and those of its classes."""
    before: tuple[tuple[str, bool], ...]
    rest: tuple[tuple[str, bool], ...]
    offset: int
    written: str | None
    accents: bool


class _Word(NamedTuple):
    """What is remembered of a word: the chunks, and the classes of theirs, that it may be part of."""

    alone: tuple[tuple[int, tuple[int, ...]], ...]
    """(how far into the word they begin, numbers) of the chunks that are this word and nothing else."""
    before: dict[str, tuple[_Reading, ...]]
    """Those with more words, by the word that must stand after this one."""
    after: dict[str, tuple[_Reading, ...]]
    """Those by the word that must stand before this one."""
    others: tuple[_Reading, ...]
    """Those whose neighbour may end in any way, and those that must be written in one way."""
    year: int
    """The year that the word is, or 0."""


class ChunkIndex:
    """The chunks of the patterns of one language by number, and what each word may be part of."""

    def __init__(self, *, arabic: bool) -> None:
        self._arabic = arabic
        self._numbers: dict[Chunk, int] = {}
        self._used: set[int] = set()
        """The chunks that patterns have, without those that are only members of classes."""
        self._classes_of: list[list[int]] = []
        """For each chunk the classes it is a member of, as chunks themselves."""
        self._exact: dict[str, list[tuple[int, Chunk, int]]] = {}
        self._prefix: dict[str, list[tuple[int, Chunk, int]]] = {}
        self._lengths: list[int] = []
        self._classes: set[int] = set()
        self._year: int | None = None
        self._memory = WordMemory(self._read_word)

    def number(self, chunk: Chunk) -> int:
        """The number of a chunk, which is added where it is new."""
        number = self._numbers.get(chunk)
        if number is None:
            number = self._numbers[chunk] = len(self._numbers)
            self._classes_of.append([])
            if not chunk.of_class:
                anchor = 0 if self._arabic else chunk.anchor()
                anchored = self._prefix if chunk.free[anchor] else self._exact
                anchored.setdefault(chunk.words[anchor], []).append((number, chunk, anchor))
        return number

    def join(self, member: Chunk, owner: Chunk) -> None:
        """Makes a chunk a member of a class."""
        self._classes_of[self.number(member)].append(self.number(owner))

    def __contains__(self, chunk: Chunk) -> bool:
        """Whether a chunk has a number."""
        return chunk in self._numbers

    def close(self, used: set[int]) -> None:
        """Ends the building; ``used`` are the numbers that patterns have."""
        self._used = used
        self._lengths = sorted({len(word) for word in self._prefix})
        self._classes = {number for chunk, number in self._numbers.items() if chunk.of_class}
        self._year = self._numbers.get(YEAR)

    def _read_word(self, word: str) -> _Word | None:
        """What a word may be part of, or None."""
        alone: dict[int, list[int]] = {}
        before: dict[str, list[_Reading]] = defaultdict(list)
        after: dict[str, list[_Reading]] = defaultdict(list)
        others = []
        for reading in self._readings(word):
            if reading.written is not None:
                others.append(reading)
            elif not reading.before and not reading.rest:
                alone.setdefault(reading.offset, []).extend(reading.numbers)
            elif reading.rest and not reading.rest[0][1]:
                before[reading.rest[0][0]].append(reading)
            elif reading.before and not reading.before[-1][1]:
                after[reading.before[-1][0]].append(reading)
            else:
                others.append(reading)
        year = int(word) if len(word) == 4 and word.isdecimal() and int(word) >= _FIRST_YEAR else 0
        if not (alone or before or after or others or year):
            return None
        return _Word(
            tuple((offset, tuple(numbers)) for offset, numbers in alone.items()),
            {neighbour: tuple(readings) for neighbour, readings in before.items()},
            {neighbour: tuple(readings) for neighbour, readings in after.items()},
            tuple(others),
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
        return [self._reading(number, chunk, 0, anchor) for number, chunk, anchor in chunks]

    def _reading(self, number: int, chunk: Chunk, offset: int, anchor: int = 0) -> _Reading:
        words = tuple(zip(chunk.words, chunk.free, strict=True))
        numbers = (*((number,) if number in self._used else ()), *self._classes_of[number])
        return _Reading(numbers, words[:anchor], words[anchor + 1 :], offset, chunk.written, chunk.accents)

    def _arabic_readings(self, word: str) -> list[_Reading]:
        """As ``_readings``, under every division of the word into proclitic, stem and enclitic."""
        found: dict[tuple[int, int], _Reading] = {}
        for prefix in _PROCLITICS:
            if not word.startswith(prefix):
                continue
            stems = [(word[len(prefix) :], len(prefix))]
            if prefix.endswith("لل"):
                stems.append((f"ال{stems[0][0]}", len(prefix) - 1))
            for stem, offset in stems:
                for number, chunk, _ in self._stems(stem):
                    if len(chunk.words[0]) > _SHORT_ARABIC or prefix in _CONJUNCTIONS:
                        found.setdefault((number, offset), self._reading(number, chunk, offset))
        return list(found.values())

    def _stems(self, stem: str) -> Iterable[tuple[int, Chunk, int]]:
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

    def places(self, written: str, tokens: normalise.Tokens, year: int) -> dict[int, Places]:
        """Where each chunk stands, in order; of a class one place a start, the longest."""
        found: dict[int, Places] = {}
        mixed: set[int] = set()
        """Chunks that more than one word is: their places are in no order yet."""
        starts, ends, memory = tokens.starts, tokens.ends, self._memory
        words = ["", *tokens.words, ""]

        def add(number: int, places: Places) -> None:
            if number not in found:
                found[number] = places
            elif number in mixed:
                found[number] += places
            else:
                found[number] = found[number] + places  # not in place: chunks that are one word share its list
                mixed.add(number)

        for word, indices in tokens.where.items():
            known = memory[word]
            if known is None:
                continue
            alone, before, after, others, own_year = known
            for offset, numbers in alone:
                places = [(starts[index] + offset, ends[index]) for index in indices]
                for number in numbers:
                    if number in found:
                        add(number, places)
                    else:
                        found[number] = places
            if before or after or others:
                for index in indices:
                    readings = others
                    if beside := before.get(words[index + 2]):
                        readings += beside
                    if beside := after.get(words[index]):
                        readings += beside
                    for reading in readings:
                        if (place := _place_of(reading, tokens, index, written)) is not None:
                            for number in reading.numbers:
                                add(number, [place])
            if 0 < own_year < year and self._year is not None:
                add(self._year, [(starts[index], ends[index]) for index in indices])
        for number in mixed:
            ordered = sorted(found[number])
            found[number] = list(dict(ordered).items()) if number in self._classes else ordered
        return found


def _place_of(reading: _Reading, tokens: normalise.Tokens, index: int, written: str) -> tuple[int, int] | None:
    """Where a chunk stands that the word at ``index`` may be part of, or None where it does not."""
    start, end = tokens.starts[index] + reading.offset, tokens.ends[index]
    if reading.before and (start := _start_of(tokens, index, reading.before)) < 0:
        return None
    if reading.rest and not (end := _end_of(tokens, index, reading.rest)):
        return None
    if reading.written is not None:
        told = written[start : start + len(reading.written)]
        if (normalise.lower_keeping_accents(told) if reading.accents else told) != reading.written:
            return None
    return start, end


def _start_of(tokens: normalise.Tokens, index: int, before: tuple[tuple[str, bool], ...]) -> int:
    """Where the words begin that stand before a word with one mark between each two, or -1 where others stand."""
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    if index < len(before):
        return -1
    for expected, free in reversed(before):
        index -= 1
        if starts[index + 1] != ends[index] + 1:
            return -1
        if words[index] != expected and not (free and words[index].startswith(expected)):
            return -1
    return starts[index]


def _end_of(tokens: normalise.Tokens, index: int, rest: tuple[tuple[str, bool], ...]) -> int:
    """Where the words end that follow a word with one mark between each two, or 0 where others follow."""
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    if index + len(rest) >= len(words):
        return 0
    for expected, free in rest:
        index += 1
        if starts[index] != ends[index - 1] + 1:
            return 0
        if words[index] != expected and not (free and words[index].startswith(expected)):
            return 0
    return ends[index]
