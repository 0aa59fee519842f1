"""Sketches of texts: what is kept of an article so that a copy of it can be told a week later.

A sketch is a FracMinHash (Irber et al. 2022, doi:10.1101/2022.01.11.475838) of the text's 5-word shingles: a shingle
stays when its hash is divisible by a power of two, so that the share of one text found in another, its containment,
is estimated from two sketches alone, whatever the lengths. Measured against MinHash and SimHash on real wire copies,
containment finds the copies that were cut, which are half of all. Beside the shingles it keeps the figures and names
of the text as 16-bit hashes: the text of a weekly communique repeats, its figures and places do not.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import re
import struct
import unicodedata
from collections.abc import Collection, Iterable
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import xxhash

from transforms.records import LANGUAGES, Article
from transforms.tagging.normalise import IGNORED, fold
from transforms.tagging.number_words import load_table

SHINGLE_WORDS = 5
SAMPLING_SHIFT = 3
"""Texts of ordinary length keep the shingles whose hash is divisible by 2**3."""
SPARE_HASHES = 96
"""Shorter texts keep more than every eighth shingle, as long as no more than this many are expected."""
MAX_HASHES = 256
"""Longer texts keep fewer than every eighth shingle once they would exceed this many."""
LEAD_TOKENS = 80
STEM_CHARACTERS = 12
MAX_FIGURES, MAX_LEAD_FIGURES, MAX_NAMES = 24, 8, 24
PLACES = 16
LEAD_PLACES = 2
"""The first two sixteenths of a text."""
TRUSTED_DAYS = 31
"""A feed that is read for the first time lists weeks of entries; an older time is not trusted to order stories."""

_TOKEN = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d(?:\d{0,2}(?:[ .,]\d{3})+(?!\w)|\d*)")
"""Begins with the digit in both cases, so that a text is searched for one without trying either."""
_NAME = re.compile(r" [^\W\d_a-z][\w-]{2,}")
_DATELINE = re.compile(r"[^\n]{2,60}?(?:\s[–—-]{1,2}|\)\s?:?)\s")
_ENDING = re.compile(r"\.[a-z]{2,5}$")
_HEAD = struct.Struct("<BQQIBBBBHBBB")
_VERSION = 1
_DIGITS = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sketch:
    """A text in a few hundred bytes.

    ``hashes`` are the low 32 bits of the kept shingles' xxh3, ascending, those divisible by ``2 ** shift``; ``places``
    holds for each the sixteenth of the text it stands in. ``figures``, ``lead_figures`` and ``names`` are ascending
    16-bit hashes. ``stem`` and ``text_hash`` are 64-bit; a stem of 0 is unknown. Times are RFC 3339 in UTC.
    """

    article_id: str
    published: str | None
    seen: str
    outlet: str
    language: str | None
    stem: int
    tokens: int
    text_hash: int
    shift: int
    hashes: tuple[int, ...]
    places: bytes
    figures: tuple[int, ...]
    lead_figures: tuple[int, ...]
    names: tuple[int, ...]

    @property
    def order(self) -> tuple[str, str]:
        """Sorts sketches in the order their stories are told in: published if trusted, else seen; then the id."""
        return self.published or self.seen, self.article_id

    def sampled(self, shift: int) -> int:
        """How many of the hashes a sketch of coarser sampling would keep."""
        if shift <= self.shift:
            return len(self.hashes)
        mask = (1 << shift) - 1
        return sum(not h & mask for h in self.hashes)

    def pack(self) -> bytes:
        """All but the id as bytes; ``unpack`` gives back an equal sketch."""
        strings = [part.encode("utf-8") for part in (self.published or "", self.seen, self.outlet, self.language or "")]
        if max(len(part) for part in strings) > 255:
            raise ValueError(f"sketch of {self.article_id}: a time, outlet or language of more than 255 bytes")
        head = _HEAD.pack(
            _VERSION, self.stem, self.text_hash, self.tokens, *(len(part) for part in strings),
            len(self.hashes), self.shift, len(self.figures), len(self.lead_figures),
        )  # fmt: skip
        particulars = (*self.figures, *self.lead_figures, *self.names)
        places = self.places + b"\0" * (len(self.places) % 2)
        nibbles = bytes(a << 4 | b for a, b in zip(places[::2], places[1::2], strict=True))
        body = struct.pack(f"<{len(self.hashes)}I{len(particulars)}H", *self.hashes, *particulars)
        return b"".join((head, *strings, nibbles, body))

    @staticmethod
    def unpack(article_id: str, packed: bytes) -> "Sketch":
        """The sketch again; ValueError for bytes of another version."""
        version, stem, text_hash, tokens, *sizes, count, shift, figures, leading = _HEAD.unpack_from(packed)
        if version != _VERSION:
            raise ValueError(f"sketch of {article_id}: version {version}, not {_VERSION}")
        at = _HEAD.size
        strings = []
        for size in sizes:
            strings.append(packed[at : at + size].decode("utf-8"))
            at += size
        half = (count + 1) // 2
        # two places a byte are its two hexadecimal digits
        places = packed[at : at + half].hex().encode("ascii").translate(_DIGITS)[:count]
        at += half
        hashes = struct.unpack_from(f"<{count}I", packed, at)
        at += 4 * count
        particulars = struct.unpack_from(f"<{(len(packed) - at) // 2}H", packed, at)
        return Sketch(
            article_id=article_id, published=strings[0] or None, seen=strings[1], outlet=strings[2],
            language=strings[3] or None, stem=stem, tokens=tokens, text_hash=text_hash, shift=shift, hashes=hashes,
            places=places, figures=particulars[:figures], lead_figures=particulars[figures : figures + leading],
            names=particulars[figures + leading :],
        )  # fmt: skip

    @staticmethod
    def hashes_of(packed: bytes) -> npt.NDArray[np.uint32]:
        """The hashes alone, where they lie."""
        _, _, _, _, *sizes, count, _, _, _ = _HEAD.unpack_from(packed)
        return np.frombuffer(packed, "<u4", count, _HEAD.size + sum(sizes) + (count + 1) // 2)


def sketch_text(
    text: str,
    *,
    article_id: str,
    seen: str,
    published: str | None = None,
    outlet: str = "",
    language: str | None = None,
    url: str = "",
) -> Sketch:
    """The sketch of a body of text (its headline left out: carriers write their own)."""
    folded = fold(text, language).replace(IGNORED, "")
    tokens = _TOKEN.findall(folded)
    kept, shift = _sample(tokens)
    dateline = _DATELINE.match(folded)
    figures, lead_figures = _figures(folded, tokens, language, dateline.end() if dateline else 0)
    return Sketch(
        article_id=article_id,
        published=published or None,
        seen=seen,
        outlet=outlet,
        language=language or None,
        stem=url_stem(url, outlet),
        tokens=len(tokens),
        text_hash=xxhash.xxh3_64_intdigest(" ".join(unicodedata.normalize("NFC", text).split()).encode()),
        shift=shift,
        hashes=tuple(kept),
        places=bytes(kept.values()),
        figures=figures,
        lead_figures=lead_figures,
        names=_lowest(_names(text), MAX_NAMES),
    )


def sketch_article(article: Article) -> Sketch:
    """The sketch of an article, seen when its first entry was."""
    seen = (article.entries[0].first_seen if article.entries else "") or article.fetched
    return sketch_text(
        article.text,
        article_id=article.article_id,
        seen=seen,
        published=article.published if _is_trusted(article, seen) else None,
        outlet=article.outlet,
        language=article.language,
        url=article.canonical_url,
    )


def _is_trusted(article: Article, seen: str) -> bool:
    """Whether the time of publication may order stories: told to the second, not to come, not older than a month."""
    if article.published is None or article.published_precision != "second":
        return False
    age = dt.datetime.fromisoformat(seen) - dt.datetime.fromisoformat(article.published)
    return dt.timedelta(0) <= age <= dt.timedelta(days=TRUSTED_DAYS)


def pack_article(article: Article) -> bytes:
    """The sketch of an article as it is kept."""
    return sketch_article(article).pack()


def _sample(tokens: list[str]) -> tuple[dict[int, int], int]:
    """Hash -> place of the kept shingles, in ascending order of hash, and the shift they were kept by."""
    if not tokens:
        return {}, 0
    count = max(1, len(tokens) - SHINGLE_WORDS + 1)
    shift = next((s for s in range(SAMPLING_SHIFT) if count >> s <= SPARE_HASHES), SAMPLING_SHIFT)
    while count >> shift > MAX_HASHES:
        shift += 1
    mask = (1 << shift) - 1
    digest = xxhash.xxh3_64_intdigest
    whole = " ".join(tokens).encode()
    ends = list(itertools.accumulate([len(token) + 1 for token in whole.split(b" ")]))
    spans = zip(itertools.chain((0,), ends), ends[min(SHINGLE_WORDS, len(ends)) - 1 :], strict=False)
    kept = [
        (h & 0xFFFFFFFF, position * PLACES // count)
        for position, (start, end) in enumerate(spans)
        if not (h := digest(whole[start : end - 1])) & mask
    ]
    first = dict(reversed(kept))
    return {h: first[h] for h in sorted(first)}, shift


def shared_passages(text: str, language: str | None, hashes: Collection[int]) -> list[str]:
    """The stretches of a text that shingles of these hashes cover, in order, folded as the sketch folds them.

    A sketch keeps a sample, so what lies between two stretches may be shared as well.
    """
    tokens = _TOKEN.findall(fold(text, language).replace(IGNORED, ""))
    covered: list[list[int]] = []
    for position in range(max(1, len(tokens) - SHINGLE_WORDS + 1) if tokens else 0):
        shingle = " ".join(tokens[position : position + SHINGLE_WORDS])
        if xxhash.xxh3_64_intdigest(shingle.encode()) & 0xFFFFFFFF in hashes:
            end = min(position + SHINGLE_WORDS, len(tokens))
            if covered and position <= covered[-1][1]:
                covered[-1][1] = end
            else:
                covered.append([position, end])
    return [" ".join(tokens[start:end]) for start, end in covered]


def _figures(
    folded: str, tokens: list[str], language: str | None, dateline_end: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Figures of the whole text and of its lead: digits with their groups joined, number words by value.

    Years are left out: two communiques of one year share them whatever they say. So is the day of a dateline, which
    every carrier sets as it likes.
    """
    words = _number_words(language)
    lead_end = sum(len(t) + 1 for t in tokens[:LEAD_TOKENS])
    lead: list[str] = []
    rest: list[str] = []
    for match in _FIGURE.finditer(folded):
        figure = re.sub(r"\D", "", match.group()).lstrip("0") or "0"
        if match.start() >= dateline_end and not (len(match.group()) == 4 and figure[:2] in {"19", "20"}):
            (lead if match.start() < lead_end else rest).append(figure)
    for position, value in [(position, words[token]) for position, token in enumerate(tokens) if token in words]:
        (lead if position < LEAD_TOKENS else rest).append(value)
    return _lowest([*lead, *rest], MAX_FIGURES), _lowest(lead, MAX_LEAD_FIGURES)


def _names(text: str) -> set[str]:
    """Folded words in capitals that open neither a sentence nor a paragraph; none in scripts without capitals."""
    found = set()
    for match in _NAME.finditer(text):
        start = match.start()
        before = text[start - 1 : start]
        if text[start + 1].isupper() and (before.isalnum() or before in {",", ";"}):
            found.add(match.group())
    return {fold(name[1:]).replace(IGNORED, "") for name in found}


def _lowest(found: Iterable[str], limit: int) -> tuple[int, ...]:
    """The ``limit`` lowest 16-bit hashes: the same choice of the same particulars in every text."""
    return tuple(sorted({xxhash.xxh32_intdigest(one.encode()) & 0xFFFF for one in found})[:limit])


@functools.cache
def _number_words(language: str | None) -> dict[str, str]:
    """Folded number word -> its value, of one language or of all; words for one are articles as often, so left out."""
    tables = [load_table(name) for name in LANGUAGES if language in {None, name}]
    return {
        word.replace(IGNORED, ""): str(value)
        for table in tables
        if table is not None
        for word, value in table.cardinals.items()
        if value > 1
    }


def url_stem(url: str, outlet: str) -> int:
    """64-bit hash of an outlet's name for an article: the last part of the path without its ending; 0 when too short.

    A part such as ``article.php`` or a bare number names nothing. Trailing numbers stay: they tell editions apart.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0
    stem = _ENDING.sub("", unquote(parts.path).rstrip("/").rpartition("/")[2].lower())
    if len(stem) < STEM_CHARACTERS:
        return 0
    return xxhash.xxh3_64_intdigest(f"{outlet or parts.hostname}\0{stem}".encode())
