"""Whether two sketched texts tell the same wire story: the comparison, then the guards that judge it."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Set as AbstractSet

from transforms.sketches import LEAD_PLACES, MAX_FIGURES, MAX_NAMES, PLACES, Sketch

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
INNER_LOST = 1
MIN_PARTICULARS = 4
"""Fewer figures or names than this say nothing about a template."""
STRETCH_TOKENS = 40
TEMPLATE_SCATTER = 0.5
TEMPLATE_FIGURES = 0.5
TEMPLATE_NAMES = 0.6
BOARD_FIGURES = 0.75
BOARD_CHANGED = 4
BOARD_TOKENS = 50
"""A board of one day shares many values with that of the next, since they lie in one range. It is told by a smaller share
kept than this, and by figures that each of the two has for itself: this many, and one in this many tokens."""


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
    changed_figures: int
    """Figures that the one text has and the other lacks, of the side with fewer."""
    inner_lost: int
    """Hashes of the shorter text, neither in its first nor its last sixteenth, that the longer one lacks."""

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
    shorter = mine if new.tokens <= old.tokens else theirs
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
        changed_figures=min(
            _lacking(new.figures, old.figures, MAX_FIGURES), _lacking(old.figures, new.figures, MAX_FIGURES)
        ),
        inner_lost=sum(0 < place < PLACES - 1 and h not in shared for h, place in shorter.items()),
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
    if _is_template(new, old, found):
        return Verdict(relation=None, guard="template")
    if _is_boilerplate(new, old, found):
        return Verdict(relation=None, guard="boilerplate")
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
    # A script without capitals shows no names, and another place is one word: a word changed within keeps them apart.
    if not new.names and not old.names and found.inner_lost > INNER_LOST:
        return Verdict(relation=None, guard="short_words")
    if _is_boilerplate(new, old, found):
        return Verdict(relation=None, guard="boilerplate")
    if _is_passage(new, old, found):
        return Verdict(relation=None, guard="passage")
    return _told(new, old, found, "short_text")


def _is_template(new: Sketch, old: Sketch, found: Comparison) -> bool:
    """The same frame filled anew: differences all through the text, and they are its figures or its names."""
    other_figures = found.figures is not None and found.figures < TEMPLATE_FIGURES
    dense = found.changed_figures >= max(BOARD_CHANGED, min(new.tokens, old.tokens) / BOARD_TOKENS)
    other_board = found.figures is not None and found.figures < BOARD_FIGURES and dense
    other_names = found.names is not None and found.names < TEMPLATE_NAMES and found.containment < SHORT_CONTAINMENT
    return found.scatter >= TEMPLATE_SCATTER and (other_figures or other_board or other_names)


def _is_boilerplate(new: Sketch, old: Sketch, found: Comparison) -> bool:
    """One outlet's two texts that open differently and whose names do not show one story: what it puts under all.

    Stop-shingles tell boilerplate from the fourth story on; this tells it in the first ones.
    """
    opens_alike = found.begins_new < LEAD_PLACES or found.begins_old < LEAD_PLACES
    return new.outlet == old.outlet and not opens_alike and (found.names is None or found.names < TEMPLATE_NAMES)


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
