"""Finds the written forms of the gazetteer in a text and keeps those that are places there."""

import dataclasses
import functools
import re

import ahocorasick_rs

from transforms.tagging.gazetteer import MASK, Gazetteer, Place, is_arabic, key_of, parse_place, spaced
from transforms.tagging.normalise import IGNORED, shorten
from transforms.tagging.place_cues import (
    STRONG,
    WEAK,
    ArabicMali,
    Cue,
    Cues,
    has_capital_neighbour,
    is_sentence_start,
)

ACRONYM = 5
"""A name in capitals only, of so many letters at most, is an acronym after the French article."""
FREE, WEAK_CUE, LOOSE, STRICT, ADMIN_ONLY = 0, 1, 2, 3, 4
ARABIC_PREFIX = re.compile(r"[وف]?[بلك]?(?:ال)?|[وف]?لل")
_JOINING = frozenset(" -'")
_LISTED = re.compile(
    r"\s*(?:[,،;/(–-]\s*(?:(?:et|and|da|ou|or|ko|puis)\s+)?|\s(?:et|and|da|ou|or|ko|puis)\s+|\s(?=و))"
    r"(?:(?:à|a|de|in|of|في)\s+|d')?(?:l'|(?:la|le|the)\s+)?و?(?:ب|ال)?"
)
_NIGER_STATES = re.compile(r"niger(?:(?:,| and| &) ?[a-z]+){0,4},? states\b")


@dataclasses.dataclass(frozen=True)
class Hit:
    """A written form at ``[start, end)`` of the text, with the Arabic particles glued before it."""

    start: int
    end: int
    form: int
    proclitic: str = ""


@dataclasses.dataclass(frozen=True)
class Text:
    """A text in the three shapes that are read together, all of one length, and the way back to the original."""

    original: str
    folded: str
    plain: str
    offsets: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the text as it was given."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def prepared(original: str, folded: str) -> Text:
    """The text without tatweel and harakat."""
    offsets = None
    if IGNORED in folded:
        folded, offsets = shorten(folded)
        if offsets is not None:
            original = "".join([original[offset] for offset in offsets[:-1]])
    return Text(original, folded, spaced(folded), offsets)


class FormScanner:
    """One Aho-Corasick pass over a list of keys, with word boundaries and Arabic particles."""

    def __init__(self, keys: list[str]) -> None:
        self._arabic = [is_arabic(key) for key in keys]
        patterns = [f"{key} " if arabic else f" {key} " for key, arabic in zip(keys, self._arabic, strict=True)]
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, store_patterns=False)

    def hits(self, text: Text) -> list[Hit]:
        """All forms in the text, overlapping ones too, by start, longest first."""
        padded = f" {text.plain} "
        found = []
        for form, start, end in self._automaton.find_matches_as_indexes(padded, overlapping=True):
            if not self._arabic[form]:
                if _is_joined(text.folded, start, end - 2):
                    found.append(Hit(start, end - 2, form))
                continue
            word = padded.rfind(" ", 0, start) + 1
            prefix = padded[word:start]
            if len(prefix) <= 4 and ARABIC_PREFIX.fullmatch(prefix) and _is_joined(text.folded, start - 1, end - 2):
                found.append(Hit(start - 1, end - 2, form, prefix))
        found.sort(key=lambda hit: (hit.start, -hit.end, hit.form))
        return found


def _is_joined(folded: str, start: int, end: int) -> bool:
    """Whether only blanks, hyphens and apostrophes part the words of a form."""
    return all(char in _JOINING or char.isalnum() or char == "\n" for char in folded[start:end])


class PlaceFinder:
    """Decides which hits are places."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._scanner = FormScanner(gazetteer.keys)
        self._cues = Cues(gazetteer.rules["cues"])
        self._mali = ArabicMali.of(gazetteer.rules["arabic_mali"])
        self._forms = {key: form for form, key in enumerate(gazetteer.keys)}
        self._arabic_countries = frozenset(
            key for form, key in enumerate(gazetteer.keys)
            if is_arabic(key) and gazetteer.levels[form] >= 0 and any(p.kind == "country" for p in self.places(form))
        )  # fmt: skip
        self._arabic_countries |= {key[2:] for key in self._arabic_countries if key.startswith("ال")}

    def knows(self, key: str) -> bool:
        """Whether a key is a form of the gazetteer."""
        return key in self._forms

    def places(self, form: int) -> tuple[Place, ...]:
        """What a form may mean, the most prominent first."""
        return _places(
            self.gazetteer.rows[form], tuple(self.gazetteer.lines[int(r)] for r in self.gazetteer.rows[form].split())
        )

    def find(self, text: Text, language: str) -> list[tuple[Hit, tuple[Place, ...]]]:
        """The hits that are places with what each may mean: leftmost, longest, none overlapping."""
        hits = [hit for hit in self._scanner.hits(text) if self._is_capital(text, hit)]
        cues = {hit: self._cue(text, hit, language) for hit in hits if self.gazetteer.levels[hit.form] != MASK}
        evidence = self._evidence(hits)
        accepted = {hit for hit in hits if self._is_accepted(text, hit, cues.get(hit, Cue()), evidence)}
        for _ in range(2):
            accepted |= self._listed(text, hits, accepted, cues)
        found = []
        reached = 0
        for hit in hits:
            if hit not in accepted or hit.start < reached:
                continue
            reached = hit.end
            if self.gazetteer.levels[hit.form] != MASK:
                candidates = self._candidates(text, hit, cues[hit])
                if candidates:
                    found.append((hit, candidates))
        return found

    def _cue(self, text: Text, hit: Hit, language: str) -> Cue:
        cue = self._cues.read(text.original, text.plain, (hit.start - len(hit.proclitic), hit.end), language)
        if hit.proclitic.lstrip("وف")[:1] == "ب":
            return Cue(STRONG, cue.wants)
        return cue

    def _is_capital(self, text: Text, hit: Hit) -> bool:
        word = text.original[hit.start : hit.end]
        if word.isupper() and text.plain[max(0, hit.start - 2) : hit.start] == "l " and len(word) <= ACRONYM:
            return False  # "l'OTAN" is no hamlet
        return self.gazetteer.lower[hit.form] or not word[:1].islower()

    def _evidence(self, hits: list[Hit]) -> frozenset[str]:
        """Countries that the free forms of the text speak of."""
        return frozenset(
            place.country
            for hit in hits
            if self.gazetteer.levels[hit.form] == FREE
            for place in self.places(hit.form)[:1]
            if place.country is not None
        )

    def _is_accepted(self, text: Text, hit: Hit, cue: Cue, evidence: frozenset[str]) -> bool:
        level = self.gazetteer.levels[hit.form]
        key = self.gazetteer.keys[hit.form]
        if level == MASK:
            return True
        if key == "مالي":
            return self._mali.is_country(text.plain, (hit.start, hit.end), hit.proclitic, self._arabic_countries)
        if level == FREE:
            return True
        if cue.strength == STRONG and (level != ADMIN_ONLY or cue.wants in ("admin", "admin2")):
            return (
                level == LOOSE or cue.wants != "" or not has_capital_neighbour(text.original, hit.start, hit.end, "r")
            )
        if level == WEAK_CUE:
            return cue.strength == WEAK and not has_capital_neighbour(text.original, hit.start, hit.end)
        if level == LOOSE:
            return self._is_loosely_placed(text, hit, evidence)
        return False

    def _is_loosely_placed(self, text: Text, hit: Hit, evidence: frozenset[str]) -> bool:
        places = self.places(hit.form)
        if places[0].kind == "country":
            return not has_capital_neighbour(text.original, hit.start, hit.end) or places[0].country in evidence
        if not any(place.country in evidence for place in places):
            return False
        if is_arabic(self.gazetteer.keys[hit.form]):
            return len(self.gazetteer.keys[hit.form]) > 3
        if is_sentence_start(text.original, hit.start) and text.original[hit.end : hit.end + 1] not in (",", ":", "."):
            return False
        return not has_capital_neighbour(text.original, hit.start, hit.end)

    def _listed(self, text: Text, hits: list[Hit], accepted: set[Hit], cues: dict[Hit, Cue]) -> set[Hit]:
        """Hits that stand in a list or a bracket with an accepted place of the same country: "Gao, Ber et Kidal"."""
        placed = [hit for hit in hits if hit in accepted and self.gazetteer.levels[hit.form] != MASK]
        listed = set()
        for hit in hits:
            level = self.gazetteer.levels[hit.form]
            if hit in accepted or hit not in cues or level == ADMIN_ONLY:
                continue
            if level == STRICT and has_capital_neighbour(text.original, hit.start, hit.end):
                continue
            countries = {place.country for place in self.places(hit.form)}
            for other in placed:
                first, second = (hit, other) if hit.end <= other.start else (other, hit)
                gap = text.folded[first.end : second.start]
                if not gap.strip() or len(gap) > 16 or not _LISTED.fullmatch(gap):
                    continue
                if countries & {place.country for place in self.places(other.form)}:
                    listed.add(hit)
                    break
        return listed

    def _candidates(self, text: Text, hit: Hit, cue: Cue) -> tuple[Place, ...]:
        """What the hit may mean after its cue: a region after "région de", a settlement after "village de"."""
        key = self.gazetteer.keys[hit.form]
        if key == "niger" and _NIGER_STATES.match(text.folded, hit.start):
            return self.places(self._forms["niger state"])
        places = _own_names(self.places(hit.form), key)
        units = tuple(place for place in places if place.kind in ("admin1", "admin2"))
        others = tuple(place for place in places if place.kind not in ("admin1", "admin2"))
        wide = tuple(place for place in others if place.kind in ("area", "country"))
        if cue.wants in ("admin", "admin2") and units:
            level = "admin2" if cue.wants == "admin2" else "admin1"
            return (tuple(unit for unit in units if unit.kind == level) or units) + wide
        if self.gazetteer.levels[hit.form] == ADMIN_ONLY or (cue.wants == "zone" and units and not wide):
            return units
        return (() if cue.wants == "place" else wide) or others or units


def _own_names(places: tuple[Place, ...], key: str) -> tuple[Place, ...]:
    """Without the places that bear the name only as another spelling, where one bears it as its own."""
    own = tuple(place for place in places if key_of(place.name) == key)
    if not own:
        return places
    return own + tuple(
        p for p in places if p not in own and p.prominence >= own[0].prominence + 2 and p.kind == "place"
    )


@functools.lru_cache(maxsize=4096)
def _places(rows: str, lines: tuple[str, ...]) -> tuple[Place, ...]:
    places = [parse_place(line) for line in lines]
    order = sorted(range(len(places)), key=lambda i: (-places[i].prominence, -places[i].population, i))
    del rows
    return tuple(places[i] for i in order)
