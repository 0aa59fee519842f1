"""Patterns of the lexicon compiled into one index of words per language, and the scan of a text with it.

A pattern is a chain of chunks: literal words, each maybe with a free ending, or a class of words (``{attack}``), with at
most so many words between one and the next; in a closed gap (``_4!_``) stands no doer ("by", "par"),
no passive and no end of a clause. Where the chunks stand is found in ``chunks.py``; a pattern is looked at where
its rarest chunk is found, and followed when the others are there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from transforms.tagging import gaps, normalise
from transforms.tagging.chunks import ChunkIndex, Part, Pattern
from transforms.tagging.notation import Chunk, parse, variants


class Hit(NamedTuple):
    """One pattern found: what it stands for and where, in code points of the scanned text."""

    kind: str
    key: str
    start: int
    end: int
    rule: str


class Matcher:
    """The compiled patterns of one language."""

    def __init__(self, language: str) -> None:
        self._arabic = language == "ar"
        self._barriers = gaps.BARRIERS[language]
        self._chunks = ChunkIndex(arabic=self._arabic)
        self._patterns: dict[Pattern, None] = {}

    def define(self, name: str, members: Iterable[str]) -> None:
        """Makes the words of ``members`` the class ``{name}``; call before the patterns that use it."""
        own = self._chunks.part(Chunk((name,), (False,), None, False, False, of_class=True))
        for text in members:
            for variant in variants(text):
                chunks, _ = parse(variant, split_words=False, strict=False)
                if len(chunks) != 1 or chunks[0].of_class:
                    raise ValueError(f"member {text!r} of class {name!r} is not one chunk of words")
                self._chunks.part(chunks[0]).classes.append(own)

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
                parts = tuple(self._chunks.part(chunk) for chunk in chunks)
                self._patterns[Pattern(kind, key, f"{rule}{text}" if rule else "", parts, between)] = None

    def compile(self) -> None:
        """Closes the index; call once, after the last ``add``."""
        shared = Counter(part for pattern in self._patterns for part in set(pattern.parts))
        opened: dict[Part, list[Pattern]] = defaultdict(list)
        for pattern in self._patterns:
            for part in pattern.parts:
                part.used = True
            # What few patterns have is rare in texts as well, so few are looked at in vain.
            opened[min(pattern.parts, key=shared.__getitem__)].append(pattern)
        for part, patterns in opened.items():
            # What lies side by side in memory is read at once, and most of a scan's time is waiting for memory.
            part.alone = tuple(pattern[:3] for pattern in patterns if len(pattern.parts) == 1)
            longer = ((sorted(pattern.parts, key=shared.__getitem__), pattern) for pattern in patterns)
            part.longer = tuple(
                (parts[1], tuple(parts[2:]), pattern) for parts, pattern in longer if len(pattern.parts) > 1
            )
        self._chunks.close()
        self._patterns = {}

    def scan(self, written: str, tokens: normalise.Tokens, year: int, breaks: list[int]) -> dict[str, list[Hit]]:
        """All hits by kind, each list sorted by place; ``tokens`` are those of the folded text.

        ``year`` is the year of publication, which past years are measured against; ``breaks`` are the starts of the
        sentences, which no pattern crosses.
        """
        found = self._chunks.places(written, tokens, year)
        marks = gaps.Marks(tokens, self._barriers, breaks)
        hits: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        new = tuple.__new__
        for part, places in found.items():
            for kind, key, rule in part.alone:
                rows = hits[kind]
                for start, end in places:
                    rows.append((start, -end, key, rule))
            for other, others, pattern in part.longer:
                if other in found and (not others or all(one in found for one in others)):
                    kind, key, rule, parts, between = pattern
                    for start, end in gaps.chain(list(map(found.__getitem__, parts)), between, marks):
                        hits[kind].append((start, -end, key, rule))
        return {
            # ``Hit._make`` without its check: half of the time, for hundreds of hits an article
            kind: [new(Hit, (kind, key, start, -stop, rule)) for start, stop, key, rule in sorted(rows)]
            for kind, rows in hits.items()
        }  # fmt: skip
