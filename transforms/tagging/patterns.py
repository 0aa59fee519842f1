"""Patterns of the lexicon compiled into one index of words per language, and the scan of a text with it.

A pattern is a chain of chunks: literal words, each maybe with a free ending, or a class of words (``{attack}``), with at
most so many words between one and the next; in a closed gap (``_4!_``) stands no doer ("by", "par"),
no passive and no end of a clause. The scan walks over the words of the text once; what may begin at a word is
looked up in a dictionary and remembered by the word, for news has few words and says them often. On 4,000 characters
this takes a third of the time of an overlapping Aho-Corasick search with the boundaries decided on every hit, which
it replaced: most of that time went into hits inside words.

An Arabic word is looked up under every reading that its proclitics and enclitics allow.
"""

import bisect
import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from transforms.tagging import normalise
from transforms.tagging.notation import YEAR, Chunk, parse, variants

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
_COMMA = re.compile("[,،]")
_LONGEST_INSERTION = 25
_BARRIERS = {
    "en": re.compile(r"[;:()«»“”\"!?]|\b(?:by|were|was|been|being|when|while|after|before)\b"),
    "fr": re.compile(r"[;:()«»“”\"!?]|\b(?:par|ete|lorsque|quand|apres|avant)\b"),
    "ar": re.compile(r"[;:؛()«»“”\"!؟]|من قبل|علي يد|علي ايدي|برصاص|بنيران"),
    "ha": re.compile(r"[;:()«»“”\"!?]|\bhannun\b"),
}
"""What a closed gap does not hold, in folded text: who did it, a passive, the end of a clause."""
_MEMORY = 200_000
"""Distinct words remembered before the memory is emptied: some tens of megabytes."""


class Hit(NamedTuple):
    """One pattern found: what it stands for and where, in code points of the scanned text."""

    kind: str
    key: str
    start: int
    end: int
    rule: str


_make_hit: Callable[[tuple[str, str, int, int, str]], Hit] = functools.partial(tuple.__new__, Hit)
"""``Hit._make`` without its check: a third of the time, for hundreds of hits an article."""


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


class _Pattern(NamedTuple):
    kind: str
    key: str
    rule: str
    chunks: tuple[int, ...]
    gaps: tuple[tuple[int, bool], ...]
    """For each gap how many words it may hold, and whether it is closed."""


class _Opened(NamedTuple):
    """The patterns that a chunk opens: those that are the chunk, and the longer ones by their second chunk."""

    alone: list[_Pattern]
    longer: dict[int, list[_Pattern]]


_FIRST_YEAR = 1900
"""The living memory that news speak of begins here."""
Places = list[tuple[int, int]]


class _Memory(dict[str, _Word | None]):
    """What is known of each word; None for most."""

    def __init__(self, read: Callable[[str], _Word | None]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, word: str) -> _Word | None:
        if len(self) >= _MEMORY:
            self.clear()
        self[word] = known = self._read(word)
        return known


class Matcher:
    """The compiled patterns of one language: a dictionary by first words, and what it remembers of words."""

    def __init__(self, language: str) -> None:
        self._arabic = language == "ar"
        self._barriers = _BARRIERS[language]
        self._chunks: dict[Chunk, int] = {}
        self._patterns: dict[_Pattern, None] = {}
        self._opened: dict[int, _Opened] = {}
        self._used: set[int] = set()
        """The chunks that patterns have, without those that are only members of classes."""
        self._classes_of: list[list[int]] = []
        """For each chunk the classes it is a member of, as chunks themselves."""
        self._exact: dict[str, list[tuple[int, Chunk, int]]] = defaultdict(list)
        self._prefix: dict[str, list[tuple[int, Chunk, int]]] = defaultdict(list)
        self._lengths: list[int] = []
        self._classes: set[int] = set()
        self._year: int | None = None
        self._memory = _Memory(self._read_word)

    def define(self, name: str, members: Iterable[str]) -> None:
        """Makes the words of ``members`` the class ``{name}``; call before the patterns that use it."""
        own = self._chunk_id(Chunk((name,), (False,), None, False, False, of_class=True))
        for text in members:
            for variant in variants(text):
                chunks, _ = parse(variant, split_words=False, strict=False)
                if len(chunks) != 1 or chunks[0].of_class:
                    raise ValueError(f"member {text!r} of class {name!r} is not one chunk of words")
                self._classes_of[self._chunk_id(chunks[0])].append(own)

    def add(self, kind: str, key: str, patterns: Iterable[str], *, rule: str = "", strict: bool = False) -> None:
        """Adds patterns that stand for (kind, key); ``strict`` ones are names: no Arabic endings, words together."""
        for text in patterns:
            for variant in variants(text):
                chunks, gaps = parse(variant, split_words=self._arabic and not strict, strict=strict)
                if not chunks:
                    raise ValueError(f"pattern {text!r} of {kind}/{key} has no words")
                unknown = [chunk.words[0] for chunk in chunks if chunk.of_class and chunk not in self._chunks]
                if unknown:
                    raise ValueError(f"pattern {text!r} of {kind}/{key}: no class {unknown[0]!r}")
                ids = tuple(self._chunk_id(chunk) for chunk in chunks)
                self._patterns[_Pattern(kind, key, f"{rule}{text}" if rule else "", ids, gaps)] = None

    def _chunk_id(self, chunk: Chunk) -> int:
        number = self._chunks.get(chunk)
        if number is None:
            number = self._chunks[chunk] = len(self._chunks)
            self._classes_of.append([])
            if not chunk.of_class:
                anchor = 0 if self._arabic else chunk.anchor()
                anchored = self._prefix if chunk.free[anchor] else self._exact
                anchored[chunk.words[anchor]].append((number, chunk, anchor))
        return number

    def compile(self) -> None:
        """Closes the index; call once, after the last ``add``."""
        self._lengths = sorted({len(word) for word in self._prefix})
        self._classes = {number for chunk, number in self._chunks.items() if chunk.of_class}
        self._year = self._chunks.get(YEAR)
        self._exact, self._prefix = dict(self._exact), dict(self._prefix)
        for pattern in self._patterns:
            opened = self._opened.setdefault(pattern.chunks[0], _Opened([], {}))
            self._used.update(pattern.chunks)
            if len(pattern.chunks) == 1:
                opened.alone.append(pattern)
            else:
                opened.longer.setdefault(pattern.chunks[1], []).append(pattern)
        self._patterns = {}

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

    def scan(self, written: str, tokens: normalise.Tokens, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``tokens`` are those of the folded text.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        found = self._chunk_places(written, tokens, year)
        text = _Marks(tokens, self._barriers, breaks)
        hits: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        for number, places in found.items():
            opened = self._opened.get(number)
            if opened is None:
                continue
            for kind, key, rule, _, _ in opened.alone:
                hits[kind] += [(start, -end, key, rule) for start, end in places]
            for second in opened.longer.keys() & found.keys():
                for kind, key, rule, chunks, gaps in opened.longer[second]:
                    later = [found[other] for other in chunks[1:] if other in found]
                    if len(later) == len(gaps):
                        hits[kind] += [(start, -end, key, rule) for start, end in _chain(places, later, gaps, text)]
        return {
            kind: [_make_hit((kind, key, start, -stop, rule)) for start, stop, key, rule in sorted(rows)]
            for kind, rows in hits.items() if rows
        }  # fmt: skip

    def _chunk_places(self, written: str, tokens: normalise.Tokens, year: int) -> dict[int, Places]:
        """Where each chunk stands, in order; of a class one place a start, the longest."""
        found: dict[int, Places] = defaultdict(list)
        starts, ends = tokens.starts, tokens.ends
        words = ["", *tokens.words, ""]
        for index, known in enumerate(map(self._memory.__getitem__, tokens.words)):
            if known is None:
                continue
            alone, before, after, others, own_year = known
            for offset, numbers in alone:
                place = (starts[index] + offset, ends[index])
                for number in numbers:
                    found[number].append(place)
            if before and (readings := before.get(words[index + 2])):
                others += readings
            if after and (readings := after.get(words[index])):
                others += readings
            for reading in others:
                if (place_of := _place_of(reading, tokens, index, written)) is not None:
                    for number in reading.numbers:
                        found[number].append(place_of)
            if 0 < own_year < year and self._year is not None:
                found[self._year].append((starts[index], ends[index]))
        for number in self._classes & found.keys():
            if len(found[number]) > 1:
                found[number] = list(dict(sorted(found[number])).items())
        return found


class _Marks:
    """What a gap is measured by: the words that count, the ends of sentences, and what a closed gap does not hold."""

    def __init__(self, tokens: normalise.Tokens, barriers: re.Pattern[str], breaks: list[int]) -> None:
        self._text, self._pattern = tokens.text, barriers
        self.long, self.breaks, self.end = tokens.long, breaks, len(tokens.text)

    @functools.cached_property
    def barriers(self) -> list[int]:
        """Where what bars a closed gap stands."""
        return [match.start() for match in self._pattern.finditer(self._text)]

    @functools.cached_property
    def commas(self) -> list[int]:
        """Where commas stand."""
        return [match.start() for match in _COMMA.finditer(self._text)]


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


def _chain(first: Places, later: list[Places], gaps: tuple[tuple[int, bool], ...], marks: _Marks) -> Places:
    """Spans of one sentence over first and later chunks in this order, so many words of two letters at most between."""
    spans = []
    long, breaks = marks.long, marks.breaks
    steps = list(zip(later, gaps, strict=True))
    for start, end in first:
        stop = end
        following = bisect.bisect(breaks, start)
        limit = breaks[following] if following < len(breaks) else marks.end
        for places, (gap, closed) in steps:
            at = bisect.bisect_left(places, (stop,))
            if at == len(places):
                break
            after, after_end = places[at]
            if after_end > limit:
                break
            if bisect.bisect_left(long, after) - bisect.bisect_left(long, stop) > gap and not _inserted(
                stop, after, gap, long, marks.commas
            ):
                break
            if closed and bisect.bisect_left(marks.barriers, after) > bisect.bisect_left(marks.barriers, stop):
                break
            stop = after_end
        else:
            spans.append((start, stop))
    return spans


def _inserted(start: int, end: int, gap: int, long: list[int], commas: list[int]) -> bool:
    """Whether a gap holds few enough words without what two commas set apart ("denounced, in a note, the accord")."""
    first, last = bisect.bisect_left(commas, start), bisect.bisect_left(commas, end) - 1
    if last <= first or bisect.bisect_left(long, end) - bisect.bisect_left(long, start) > _LONGEST_INSERTION:
        return False
    outside = bisect.bisect_left(long, commas[first]) - bisect.bisect_left(long, start)
    return outside + bisect.bisect_left(long, end) - bisect.bisect_left(long, commas[last]) <= gap
