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
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from urllib.parse import unquote, urlsplit

import xxhash

from transforms.records import LANGUAGES
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

_TOKEN = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d{1,3}(?:[ .,]\d{3})+(?!\w)|\d+")
_NAME = re.compile(r" [^\W\d_a-z][\w-]{2,}")
_DATELINE = re.compile(r"[^\n]{2,60}?(?:\s[–—-]{1,2}|\)\s?:?)\s")
_ENDING = re.compile(r"\.[a-z]{2,5}$")
_HEAD = struct.Struct("<BQQIBBBBHBBB")
_VERSION = 1


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
        places = bytes(place for pair in packed[at : at + half] for place in (pair >> 4, pair & 15))[:count]
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
    found: dict[int, int] = {}
    encoded = [token.encode() for token in tokens]
    ends = list(itertools.accumulate(len(token) + 1 for token in encoded))
    whole = b" ".join(encoded)
    starts = itertools.chain((0,), ends)
    for position, (start, end) in enumerate(zip(starts, ends[min(SHINGLE_WORDS, len(ends)) - 1 :], strict=False)):
        h = digest(whole[start : end - 1])
        if not h & mask:
            found.setdefault(h & 0xFFFFFFFF, position * PLACES // count)
    return {h: found[h] for h in sorted(found)}, shift


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
    for position, token in enumerate(tokens):
        if token in words:
            (lead if position < LEAD_TOKENS else rest).append(words[token])
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


SHORT_TOKENS = 150
"""Below this a text is short (captions, briefs, quoted posts): every false merge measured at containment .5 was one."""
SHORT_CONTAINMENT = 0.9
COPY_CONTAINMENT = 0.5
"""Measured on hand-labelled pairs of one event: plain copies have precision and recall 1.0 at .5 to .7."""
UPDATE_CONTAINMENT = 0.3
"""On the same pairs copies and updates together: .94 / .74; hence the further conditions below .5."""
UPDATE_HOURS = 48
EXCERPT_SHARE = 0.6
"""A member of at most this share of the other's length is an excerpt if nearly all of it is in the other."""
EXCERPT_COVERAGE = 0.8
LEAD_KEPT = 0.75
REWRITTEN_COVERAGE = 0.97
"""A later text whose lead has new figures is an update if less than these shares of the old lead and text remain."""
MIN_SHARED = 3
PASSAGE_SHARED = 4
"""Shared hashes from which a passage of another story is named: some thirty words."""
PASSAGE_SHARE = 0.25
"""A text of less than this share of another's length, standing inside it, is one passage of several."""
MIN_PARTICULARS = 4
"""Fewer figures or names than this say nothing about a template."""
STRETCH_TOKENS = 40
TEMPLATE_SCATTER = 0.5
TEMPLATE_FIGURES = 0.5
TEMPLATE_NAMES = 0.6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a new text and one already known have in common, estimated from their sketches.

    ``common`` are the hashes in both; ``of_new`` and ``of_old`` count those of each, at the coarser of the two
    samplings and without stop-shingles.
    ``begins_new`` and ``begins_old`` are the sixteenths where the shared text begins; ``upper_new`` and ``upper_old``
    are the shares of it in the upper halves. ``scatter`` is 0 when what differs stands apart from what is shared and
    1 when both alternate all through. ``figures`` and ``names`` are the shares of the text that has fewer of them, or
    None when that has too few. ``lead_kept`` is the share of the old lead's shingles that the new text has.
    """

    common: frozenset[int]
    of_new: int
    of_old: int
    begins_new: int
    begins_old: int
    upper_new: float
    upper_old: float
    scatter: float
    figures: float | None
    names: float | None
    lead_kept: float
    fresh_figures: int
    """Figures in the new lead that the old text lacks."""
    gone_figures: int
    """Figures in the old lead that the new text lacks."""

    @property
    def shared(self) -> int:
        """Number of the hashes in common."""
        return len(self.common)

    @property
    def coverage_new(self) -> float:
        """Share of the new text found in the old one."""
        return self.shared / self.of_new if self.of_new else 0.0

    @property
    def coverage_old(self) -> float:
        """Share of the old text found in the new one."""
        return self.shared / self.of_old if self.of_old else 0.0

    @property
    def containment(self) -> float:
        """Share of the smaller one found in the larger one."""
        return max(self.coverage_new, self.coverage_old)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """``relation`` None: not the same story; ``guard`` is the rule that decided."""

    relation: str | None
    guard: str


def compare(new: Sketch, old: Sketch, stopped: frozenset[int] = frozenset()) -> Comparison:
    """Compare two sketches; ``stopped`` are hashes of boilerplate, which count for neither."""
    mask = (1 << max(new.shift, old.shift)) - 1
    mine = {h: place for h, place in zip(new.hashes, new.places, strict=True) if not h & mask and h not in stopped}
    theirs = {h: place for h, place in zip(old.hashes, old.places, strict=True) if not h & mask and h not in stopped}
    shared = frozenset(mine.keys() & theirs.keys())
    places_new, places_old = [mine[h] for h in shared], [theirs[h] for h in shared]
    lead = [h for h, place in theirs.items() if place < LEAD_PLACES]
    half = PLACES // 2
    return Comparison(
        common=shared,
        of_new=len(mine),
        of_old=len(theirs),
        begins_new=min(places_new, default=PLACES),
        begins_old=min(places_old, default=PLACES),
        upper_new=sum(place < half for place in places_new) / max(len(shared), 1),
        upper_old=sum(place < half for place in places_old) / max(len(shared), 1),
        scatter=min(_scatter(mine, shared, new.tokens), _scatter(theirs, shared, old.tokens)),
        figures=_kept(new.figures, old.figures, MAX_FIGURES),
        names=_kept(new.names, old.names, MAX_NAMES),
        lead_kept=sum(h in mine for h in lead) / len(lead) if lead else 1.0,
        fresh_figures=_lacking(new.lead_figures, old.figures, MAX_FIGURES),
        gone_figures=_lacking(old.lead_figures, new.figures, MAX_FIGURES),
    )


def _scatter(places: dict[int, int], shared: AbstractSet[int], tokens: int) -> float:
    """How evenly shared and other shingles mix: 1 when every stretch of some forty words has both, 0 when none has."""
    width = max(1, round(STRETCH_TOKENS * PLACES / tokens))
    here, other = Counter[int](), Counter[int]()
    for h, place in places.items():
        (here if h in shared else other)[place // width] += 1
    least = min(here.total(), other.total())
    return sum((here & other).values()) / least if least >= MIN_SHARED else 0.0


def _kept(one: tuple[int, ...], other: tuple[int, ...], limit: int) -> float | None:
    """Share of the particulars of the text with fewer that the other has; a full list is known up to its last hash."""
    known = min((found[-1] for found in (one, other) if len(found) == limit), default=0xFFFF)
    first, second = {p for p in one if p <= known}, {p for p in other if p <= known}
    fewer = min(len(first), len(second))
    return len(first & second) / fewer if fewer >= MIN_PARTICULARS else None


def _lacking(some: tuple[int, ...], known: tuple[int, ...], limit: int) -> int:
    highest = known[-1] if len(known) == limit else 0xFFFF
    return sum(p <= highest and p not in known for p in some)


def judge(new: Sketch, old: Sketch, found: Comparison) -> Verdict:
    """Whether the new text tells the old one's story, and as what; the guards in the order in which they decide."""
    if found.shared < MIN_SHARED:
        return Verdict(relation=None, guard="few_shingles")
    if new.stem and new.stem == old.stem and found.containment >= COPY_CONTAINMENT:
        return _told(new, old, found, "same_address")
    if min(new.tokens, old.tokens) < SHORT_TOKENS:
        return _judge_short(new, old, found)
    if found.containment < UPDATE_CONTAINMENT:
        return Verdict(relation=None, guard="containment")
    if _is_template(found):
        return Verdict(relation=None, guard="template")
    if _is_passage(new, old, found):
        return Verdict(relation=None, guard="passage")
    if found.containment < COPY_CONTAINMENT:
        return _judge_loose(new, old, found)
    return _told(new, old, found, "copy")


def _judge_short(new: Sketch, old: Sketch, found: Comparison) -> Verdict:
    """A short text must be contained almost wholly, with all its figures.

    One lost hash more than the bound is allowed: a short text has a dozen, and a dateline or credit touches one.
    """
    shorter, longer = (new, old) if new.tokens <= old.tokens else (old, new)
    of = min(found.of_new, found.of_old)
    if of - found.shared > 1 + (1 - SHORT_CONTAINMENT) * of:
        return Verdict(relation=None, guard="short_text")
    if _lacking(shorter.figures, longer.figures, MAX_FIGURES):
        return Verdict(relation=None, guard="short_figures")
    if _lacking(shorter.names, longer.names, MAX_NAMES) > max(1, len(shorter.names) // 4):
        return Verdict(relation=None, guard="short_names")
    if _is_passage(new, old, found):
        return Verdict(relation=None, guard="passage")
    return _told(new, old, found, "short_text")


def _is_template(found: Comparison) -> bool:
    """The same frame filled anew: differences all through the text, and they are its figures or its names."""
    other_figures = found.figures is not None and found.figures < TEMPLATE_FIGURES
    other_names = found.names is not None and found.names < TEMPLATE_NAMES and found.containment < SHORT_CONTAINMENT
    return found.scatter >= TEMPLATE_SCATTER and (other_figures or other_names)


def _is_passage(new: Sketch, old: Sketch, found: Comparison) -> bool:
    """One part of a round-up: the shorter text stands whole inside a much longer one, and not at its beginning."""
    if new.tokens <= old.tokens:
        return new.tokens < PASSAGE_SHARE * old.tokens and found.begins_old >= LEAD_PLACES
    return old.tokens < PASSAGE_SHARE * new.tokens and found.begins_new >= LEAD_PLACES


def _judge_loose(new: Sketch, old: Sketch, found: Comparison) -> Verdict:
    """Between the two thresholds: a rewritten version keeps the names and the news; a sequel keeps the background."""
    if found.names is not None and found.names < TEMPLATE_NAMES:
        return Verdict(relation=None, guard="other_names")
    if found.names is None and (found.figures is None or found.figures < TEMPLATE_FIGURES):
        return Verdict(relation=None, guard="other_figures")
    if found.begins_new >= PLACES // 3 or found.upper_old < 1 / 3 or found.upper_new < 1 / 3:
        return Verdict(relation=None, guard="background_only")
    if _hours_between(new, old) > UPDATE_HOURS:
        return Verdict(relation=None, guard="too_late")
    return _told(new, old, found, "update")


def _told(new: Sketch, old: Sketch, found: Comparison, guard: str) -> Verdict:
    """The relation of a member: an update has new figures in its lead in place of old ones, or in a new lead."""
    later = new.published > old.published if new.published and old.published else new.seen > old.seen
    rewritten = found.gone_figures > 0 or (found.lead_kept < LEAD_KEPT and found.coverage_old < REWRITTEN_COVERAGE)
    if later and found.fresh_figures and rewritten:
        return Verdict(relation="update", guard=guard)
    if new.tokens <= EXCERPT_SHARE * old.tokens and found.coverage_new >= EXCERPT_COVERAGE:
        return Verdict(relation="excerpt", guard=guard)
    return Verdict(relation="copy", guard=guard)


def _hours_between(new: Sketch, old: Sketch) -> float:
    """Hours between publication, 0 when a time is unknown or unreadable."""
    try:
        first, second = (dt.datetime.fromisoformat(sketch.published or sketch.seen) for sketch in (new, old))
        return abs((first - second).total_seconds()) / 3600
    except (ValueError, TypeError):
        return 0.0
