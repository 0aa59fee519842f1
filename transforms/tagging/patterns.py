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
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from transforms.tagging import normalise

_GAP = re.compile(r"\s*_(\d+!?)_\s*")
_CLASS = re.compile(r"\{([a-z_]+)\}")
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
_ACRONYM_LETTERS = 6
_COMMA = re.compile("[,،]")
_LONGEST_INSERTION = 25
_PAST_YEAR = "<past_year>"
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


class _Chunk(NamedTuple):
    """A stretch of a pattern without gaps: words, folded, or the name of a class of words."""

    words: tuple[str, ...]
    free: tuple[bool, ...]
    """For each word whether it may end in any way."""
    written: str | None
    """What the text must read exactly: an acronym's capitals, or an accented word in lower case."""
    accents: bool
    strict: bool
    of_class: bool = False

    def anchor(self) -> int:
        """Which word the chunk is looked up by: the longest, for it is the rarest; an open one counts as shorter."""
        lengths = [len(word) - free for word, free in zip(self.words, self.free, strict=True)]
        return lengths.index(max(lengths))


class _Reading(NamedTuple):
    """A chunk that a word may be part of: the words that must stand around it, and how far into the word it begins."""

    number: int
    before: tuple[tuple[str, bool], ...]
    rest: tuple[tuple[str, bool], ...]
    offset: int
    written: str | None
    accents: bool


class _Pattern(NamedTuple):
    kind: str
    key: str
    rule: str
    chunks: tuple[int, ...]
    gaps: tuple[tuple[int, bool], ...]
    """For each gap how many words it may hold, and whether it is closed."""


_YEAR = _Chunk((_PAST_YEAR,), (False,), None, False, False)
Places = list[tuple[int, int]]


def year_before(match: str, year: int) -> bool:
    """Whether four digits are a year before ``year``, in the living memory that news speak of."""
    return match.isdigit() and 1900 <= int(match) < year


class Matcher:
    """The compiled patterns of one language: a dictionary by first words, and what it remembers of words."""

    def __init__(self, language: str) -> None:
        self._arabic = language == "ar"
        self._barriers = _BARRIERS[language]
        self._chunks: dict[_Chunk, int] = {}
        self._opened_by: list[list[_Pattern]] = []
        """For each chunk the patterns that begin with it."""
        self._classes_of: list[list[int]] = []
        """For each chunk the classes it is a member of, as chunks themselves."""
        self._exact: dict[str, list[tuple[int, _Chunk]]] = defaultdict(list)
        self._prefix: dict[str, list[tuple[int, _Chunk]]] = defaultdict(list)
        self._lengths: list[int] = []
        self._memory: dict[str, tuple[_Reading, ...]] = {}
        self._known: set[_Pattern] = set()

    def define(self, name: str, members: Iterable[str]) -> None:
        """Makes the words of ``members`` the class ``{name}``; call before the patterns that use it."""
        own = self._chunk_id(_Chunk((name,), (False,), None, False, False, of_class=True))
        for text in members:
            for variant in _variants(text):
                chunks, _ = _parse(variant, split_words=False, strict=False)
                if len(chunks) != 1 or chunks[0].of_class:
                    raise ValueError(f"member {text!r} of class {name!r} is not one chunk of words")
                self._classes_of[self._chunk_id(chunks[0])].append(own)

    def add(self, kind: str, key: str, patterns: Iterable[str], *, rule: str = "", strict: bool = False) -> None:
        """Adds patterns that stand for (kind, key); ``strict`` ones are names: no Arabic endings, words together."""
        for text in patterns:
            for variant in _variants(text):
                chunks, gaps = _parse(variant, split_words=self._arabic and not strict, strict=strict)
                if not chunks:
                    raise ValueError(f"pattern {text!r} of {kind}/{key} has no words")
                unknown = [chunk.words[0] for chunk in chunks if chunk.of_class and chunk not in self._chunks]
                if unknown:
                    raise ValueError(f"pattern {text!r} of {kind}/{key}: no class {unknown[0]!r}")
                ids = tuple(self._chunk_id(chunk) for chunk in chunks)
                pattern = _Pattern(kind, key, f"{rule}{text}" if rule else "", ids, gaps)
                if pattern not in self._known:
                    self._known.add(pattern)
                    self._opened_by[ids[0]].append(pattern)

    def _chunk_id(self, chunk: _Chunk) -> int:
        number = self._chunks.get(chunk)
        if number is None:
            number = self._chunks[chunk] = len(self._chunks)
            self._opened_by.append([])
            self._classes_of.append([])
            if not chunk.of_class:
                anchor = 0 if self._arabic else chunk.anchor()
                (self._prefix if chunk.free[anchor] else self._exact)[chunk.words[anchor]].append((number, chunk))
        return number

    def compile(self) -> None:
        """Closes the index; call once, after the last ``add``."""
        self._lengths = sorted({len(word) for word in self._prefix})
        self._exact, self._prefix = dict(self._exact), dict(self._prefix)
        self._known = set()

    def _readings(self, word: str) -> tuple[_Reading, ...]:
        """The chunks that may begin at a word."""
        if len(self._memory) >= _MEMORY:
            self._memory.clear()
        if self._arabic and not word.isascii():
            found = self._arabic_readings(word)
        else:
            chunks = list(self._exact.get(word, ()))
            for length in self._lengths:
                if length > len(word):
                    break
                chunks += self._prefix.get(word[:length], ())
            found = [_reading(number, chunk, 0, 0 if self._arabic else chunk.anchor()) for number, chunk in chunks]
        self._memory[word] = opened = tuple(found)
        return opened

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
                for number, chunk in self._stems(stem):
                    if len(chunk.words[0]) > _SHORT_ARABIC or prefix in _CONJUNCTIONS:
                        found.setdefault((number, offset), _reading(number, chunk, offset))
        return list(found.values())

    def _stems(self, stem: str) -> Iterable[tuple[int, _Chunk]]:
        """Chunks that a stem with its enclitic may begin."""
        for length in self._lengths:
            if length > len(stem):
                break
            yield from self._prefix.get(stem[:length], ())
        for enclitic in _ENCLITICS:
            if stem.endswith(enclitic):
                for number, chunk in self._exact.get(stem[: len(stem) - len(enclitic)], ()):
                    if not enclitic or not (chunk.strict or len(chunk.words) > 1):
                        yield number, chunk

    def scan(self, written: str, tokens: normalise.Tokens, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``tokens`` are those of the folded text.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        found = self._chunk_places(written, tokens, year)
        barriers = [match.start() for match in self._barriers.finditer(tokens.text)]
        commas = [match.start() for match in _COMMA.finditer(tokens.text)]
        hits: dict[str, list[Hit]] = {}
        for number, places in found.items():
            for pattern in self._opened_by[number]:
                kind, key, rule, chunks, gaps = pattern
                if len(chunks) == 1:
                    spans = places
                else:
                    if not all(other in found for other in chunks[1:]):
                        continue
                    spans = [
                        (start, end)
                        for start, end in _chain(
                            places, [found[other] for other in chunks[1:]], gaps, tokens.long, barriers, commas
                        )
                        if bisect.bisect(breaks, start) == bisect.bisect(breaks, end - 1)
                    ]
                if spans:
                    hits.setdefault(kind, []).extend([Hit(kind, key, start, end, rule) for start, end in spans])
        for of_kind in hits.values():
            of_kind.sort(key=_place_of)
        return hits

    def _chunk_places(self, written: str, tokens: normalise.Tokens, year: int) -> dict[int, Places]:
        """Where each chunk stands, in order; of a class one place a start, the longest."""
        found: dict[int, Places] = {}
        memory, classes_of = self._memory, self._classes_of
        starts, ends = tokens.starts, tokens.ends
        year_number = self._chunks.get(_YEAR)
        lower: str | None = None
        for index, word in enumerate(tokens.words):
            readings = memory.get(word)
            if readings is None:
                readings = self._readings(word)
            if year_number is not None and len(word) == 4 and year_before(word, year):
                found.setdefault(year_number, []).append((starts[index], ends[index]))
            for number, before, rest, offset, exact, accents in readings:
                start, end = starts[index] + offset, ends[index]
                if before and (start := _start_of(tokens, index, before)) < 0:
                    continue
                if rest and not (end := _end_of(tokens, index, rest)):
                    continue
                if exact is not None:
                    if accents and lower is None:
                        lower = normalise.lower_keeping_accents(written)
                    if not (lower if accents and lower is not None else written).startswith(exact, start):
                        continue
                if number in found:
                    found[number].append((start, end))
                else:
                    found[number] = [(start, end)]
                for own in classes_of[number]:
                    _add_longest(found.setdefault(own, []), start, end)
        return found


def _place_of(hit: Hit) -> tuple[int, int, str, str]:
    return hit.start, -hit.end, hit.key, hit.rule


def _reading(number: int, chunk: _Chunk, offset: int, anchor: int = 0) -> _Reading:
    words = tuple(zip(chunk.words, chunk.free, strict=True))
    return _Reading(number, words[:anchor], words[anchor + 1 :], offset, chunk.written, chunk.accents)


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


def _add_longest(places: Places, start: int, end: int) -> None:
    """Adds a place in order; of those that begin together the longest stays."""
    at = bisect.bisect_left(places, (start, 0))
    if at < len(places) and places[at][0] == start:
        places[at] = (start, max(end, places[at][1]))
    else:
        places.insert(at, (start, end))


def _chain(
    first: Places, later: list[Places], gaps: tuple[tuple[int, bool], ...], long: list[int],
    barriers: list[int], commas: list[int],
) -> Places:  # fmt: skip
    """Spans over first and later chunks in this order; between two of them at most ``gap`` words of two letters."""
    spans = []
    for start, end in first:
        stop = end
        for places, (gap, closed) in zip(later, gaps, strict=True):
            at = bisect.bisect_left(places, (stop, 0))
            if at == len(places):
                break
            after = places[at]
            if bisect.bisect_left(long, after[0]) - bisect.bisect_left(long, stop) > gap and not _inserted(
                stop, after[0], gap, long, commas
            ):
                break
            if closed and bisect.bisect_left(barriers, after[0]) > bisect.bisect_left(barriers, stop):
                break
            stop = after[1]
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


def _variants(text: str) -> list[str]:
    if "?" not in text:
        return [text]
    head, tail = text.split("?", 1)
    return [variant for letter in "abcdefghijklmnopqrstuvwxyz" for variant in _variants(f"{head}{letter}{tail}")]


def _parse(text: str, *, split_words: bool, strict: bool) -> tuple[tuple[_Chunk, ...], tuple[tuple[int, bool], ...]]:
    """Chunks of a pattern and the gaps between them; classes, years and Arabic words are chunks by themselves."""
    accents = text.startswith("!")
    pieces = _GAP.split(text.removeprefix("!"))
    chunks: list[_Chunk] = []
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


def _chunk(run: str, accents: bool, strict: bool) -> _Chunk | None:
    if run == _PAST_YEAR:
        return _YEAR
    if named := _CLASS.fullmatch(run):
        return _Chunk((named.group(1),), (False,), None, False, False, of_class=True)
    words: list[str] = []
    free: list[bool] = []
    for word in run.split():
        folded, _ = normalise.shorten(normalise.fold(word.removesuffix("*")))
        parts = normalise.tokenise(folded).words
        words += parts
        free += [False] * (len(parts) - 1) + [word.endswith("*")] if parts else []
    if not words:
        return None
    bare = run.replace("*", "")
    exact = normalise.lower_keeping_accents(bare) if accents else _capitals(bare)
    return _Chunk(tuple(words), tuple(free), exact, accents, strict)


def _capitals(words: str) -> str | None:
    """An acronym as written, when the words are one: up to six letters, the first and one more of them capitals."""
    short = len(words) <= _ACRONYM_LETTERS and words.isalnum() and words.isascii()
    return words if short and words[0].isupper() and sum(c.isupper() for c in words) > 1 else None
