"""Whether two sketched texts tell the same wire story: the comparison, then the guards that judge it."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
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

    Both are taken at the coarser of the two samplings and without the ``stopped`` shingles. Each figure is worked out when
    it is first asked for: of most candidates the first guards need a few.
    """

    new: Sketch
    old: Sketch
    stopped: frozenset[int] = frozenset()

    @functools.cached_property
    def common(self) -> frozenset[int]:
        """The hashes in both."""
        return frozenset(self.new.hashes).intersection(self.old.hashes) - self.stopped

    @functools.cached_property
    def places_new(self) -> dict[int, int]:
        """Hash -> place of the new text's."""
        return self._places(self.new)

    @functools.cached_property
    def places_old(self) -> dict[int, int]:
        """Hash -> place of the old text's."""
        return self._places(self.old)

    def _places(self, sketch: Sketch) -> dict[int, int]:
        places = dict(zip(sketch.hashes, sketch.places, strict=True))
        shift = max(self.new.shift, self.old.shift)
        if shift == sketch.shift and not self.stopped:
            return places
        mask = (1 << shift) - 1
        return {h: place for h, place in places.items() if not h & mask and h not in self.stopped}

    @property
    def of_new(self) -> int:
        """Number of the new text's hashes."""
        return len(self.places_new)

    @property
    def of_old(self) -> int:
        """Number of the old text's hashes."""
        return len(self.places_old)

    @functools.cached_property
    def begins_new(self) -> int:
        """The sixteenth of the new text where what is shared begins."""
        return min((self.places_new[h] for h in self.common), default=PLACES)

    @functools.cached_property
    def begins_old(self) -> int:
        """The sixteenth of the old text where what is shared begins."""
        return min((self.places_old[h] for h in self.common), default=PLACES)

    @property
    def upper_new(self) -> float:
        """Share of what is shared that stands in the upper half of the new text."""
        return self._upper(self.places_new)

    @property
    def upper_old(self) -> float:
        """Share of what is shared that stands in the upper half of the old text."""
        return self._upper(self.places_old)

    def _upper(self, places: Mapping[int, int]) -> float:
        return sum(places[h] < PLACES // 2 for h in self.common) / max(self.shared, 1)

    @functools.cached_property
    def scatter(self) -> float:
        """0 when what differs stands apart from what is shared, 1 when both alternate all through."""
        return min(
            _scatter(self.places_new, self.common, self.new.tokens),
            _scatter(self.places_old, self.common, self.old.tokens),
        )

    @functools.cached_property
    def figures(self) -> float | None:
        """Share of the figures that both have, of the text that has fewer of them; None when that has too few."""
        return _kept(self.new.figures, self.old.figures, MAX_FIGURES)

    @functools.cached_property
    def names(self) -> float | None:
        """As ``figures``, of names."""
        return _kept(self.new.names, self.old.names, MAX_NAMES)

    @functools.cached_property
    def lead_kept(self) -> float:
        """Share of the old lead's shingles that the new text has."""
        lead = [h for h, place in self.places_old.items() if place < LEAD_PLACES]
        return sum(h in self.places_new for h in lead) / len(lead) if lead else 1.0

    @property
    def fresh_figures(self) -> int:
        """Figures in the new lead that the old text lacks."""
        return _lacking(self.new.lead_figures, self.old.figures, MAX_FIGURES)

    @property
    def gone_figures(self) -> int:
        """Figures in the old lead that the new text lacks."""
        return _lacking(self.old.lead_figures, self.new.figures, MAX_FIGURES)

    @property
    def changed_figures(self) -> int:
        """Figures that the one text has and the other lacks, of the side with fewer."""
        new, old = self.new.figures, self.old.figures
        return min(_lacking(new, old, MAX_FIGURES), _lacking(old, new, MAX_FIGURES))

    @property
    def inner_lost(self) -> int:
        """Hashes of the shorter text, neither in its first nor its last sixteenth, that the longer one lacks."""
        shorter = self.places_new if self.new.tokens <= self.old.tokens else self.places_old
        return sum(0 < place < PLACES - 1 and h not in self.common for h, place in shorter.items())

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
    return Comparison(new=new, old=old, stopped=stopped)


def _scatter(places: Mapping[int, int], shared: AbstractSet[int], tokens: int) -> float:
    """How evenly shared and other shingles mix: 1 when every stretch of some forty words has both, 0 when none has."""
    least = min(len(shared), len(places) - len(shared))
    if least < MIN_SHARED:
        return 0.0
    width = max(1, round(STRETCH_TOKENS * PLACES / tokens))
    here, other = [0] * PLACES, [0] * PLACES
    for h, place in places.items():
        (here if h in shared else other)[place // width] += 1
    return sum(map(min, here, other)) / least


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
