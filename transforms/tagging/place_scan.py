"""Finds the written forms of the gazetteer in a text and keeps those that are places there."""

import bisect
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from transforms.tagging.gazetteer import MASK, Gazetteer, Place, is_arabic, key_of, parse_place, spaced
from transforms.tagging.memory import WordMemory
from transforms.tagging.normalise import IGNORED, Tokens, shorten, tokenise
from transforms.tagging.place_cues import (
    NO_CUE,
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
_ARABIC_PREFIXES = frozenset(
    f"{conjunction}{preposition}" for conjunction in ("", "و", "ف")
    for preposition in ("ال", "ب", "ل", "ك", "بال", "لال", "كال", "لل", "")
) - {""}  # fmt: skip
_ARABIC_PREFIX_LETTERS = frozenset(prefix[0] for prefix in _ARABIC_PREFIXES)
_JOINING = frozenset(" -'\n")
"""What may part two words of a form."""
_MEMORY = 4096
"""Forms whose places are kept: those of some hundreds of articles."""
_LISTED = re.compile(
    r"\s*(?:[,،;/(–-]\s*(?:(?:et|and|da|ou|or|ko|puis)\s+)?|\s(?:et|and|da|ou|or|ko|puis)\s+|\s(?=و))"
    r"(?:(?:à|a|de|in|of|في)\s+|d')?(?:l'|(?:la|le|the)\s+)?و?(?:ب|ال)?"
)
_TWINS = 0.3
"""Degrees between two towns of one name that a border parts, at most."""
_LIST_GAP = 16
"""Characters between two names of a list."""
_HAMLET = 3
"""Prominence of a settlement that only its neighbours know, at most."""
_SIDES = frozenset(
    ("nord", "sud", "est", "ouest", "centre", "centrale", "sahel", "maritime", "northern", "eastern", "western", "central")
)  # fmt: skip
"""Names of divisions that are sides of any country as well."""
_NIGER_STATES = re.compile(r"niger(?:(?:,| and| &) ?[a-z]+){0,4},? states\b")


class Hit(NamedTuple):
    """A written form at ``[start, end)`` of the text, with the Arabic particles glued before it.

    ``first`` and ``last`` are its first and its last word among those of the text.
    """

    start: int
    end: int
    form: int
    proclitic: str
    first: int
    last: int


class Text(NamedTuple):
    """A text as written and folded, both of one length, its words, and the way back."""

    original: str
    folded: str
    tokens: Tokens
    offsets: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the text as it was given."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def prepared(original: str, folded: str, tokens: Tokens | None = None) -> Text:
    """The text without tatweel and harakat; ``tokens``, where the caller has them, are the words of ``folded``."""
    offsets = None
    if IGNORED in folded:
        folded, offsets = shorten(folded)
        tokens = None
        if offsets is not None:
            original = "".join([original[offset] for offset in offsets[:-1]])
    return Text(original, folded, tokens or tokenise(folded), offsets)


class _Opening(NamedTuple):
    """A word as the first of forms: the Arabic particles before it, the form that it is alone (or -1), longer ones."""

    proclitic: str
    form: int
    longer: dict[str, list[int]]
    """By the second word."""
    small: bool
    """Whether one of the forms may be written in small letters."""


class FormScanner:
    """An index of forms by their first word or two: few words of a text open one, and in small letters hardly any.

    An Aho-Corasick pass over all the forms took three times as long, most of it for hits in small letters.
    """

    def __init__(self, keys: list[str], lower: list[bool]) -> None:
        self._keys, self._lower = keys, lower
        self._openings = WordMemory(self._read_word)
        self._alone = {key: number for number, key in enumerate(keys) if " " not in key}
        self._longer: dict[str, dict[str, list[int]]] = {}
        """Forms of several words by the first and the second."""
        self._small: set[str] = set()
        """First words of the forms that may be written in small letters."""
        for number, (key, small) in enumerate(zip(keys, lower, strict=True)):
            first, _, rest = key.partition(" ")
            if rest:
                self._longer.setdefault(first, {}).setdefault(rest.partition(" ")[0], []).append(number)
            if small:
                self._small.add(first)

    def hits(self, text: Text) -> list[Hit]:
        """All forms in the text, overlapping ones too, by start, longest first; capitals where they are asked for."""
        original, words, starts, ends = text.original, text.tokens.words, text.tokens.starts, text.tokens.ends
        last = len(words) - 1
        found: list[Hit] = []
        for openings, indices in self._openings.of(text.tokens.where):
            for opening in openings:
                proclitic, form, longer, may_be_small = opening
                for index in indices:
                    start = starts[index] + len(proclitic)
                    small = original[start].islower()
                    if small and not may_be_small:
                        continue
                    if form >= 0 and (not small or self._lower[form]):
                        found.append(Hit(start, ends[index], form, proclitic, index, index))
                    if longer and index < last and words[index + 1] in longer:
                        found += self._longer_at(text, index, opening, start, small=small)
        found.sort(key=lambda hit: (hit.start, -hit.end, hit.form))
        return found

    def _read_word(self, word: str) -> tuple[_Opening, ...]:
        """The ways to read a word as the first of a form."""
        lengths = range(min(5, len(word))) if word[0] in _ARABIC_PREFIX_LETTERS else (0,)
        openings = []
        for length in lengths:
            proclitic, first = word[:length], word[length:]
            if proclitic and (proclitic not in _ARABIC_PREFIXES or not is_arabic(first)):
                continue
            form, longer = self._alone.get(first, -1), self._longer.get(first, {})
            if form >= 0 or longer:
                openings.append(_Opening(proclitic, form, longer, first in self._small))
        return tuple(openings)

    def _longer_at(self, text: Text, index: int, opening: _Opening, start: int, *, small: bool) -> Iterator[Hit]:
        """The forms of several words that begin with a word, after its particles, and with the one behind it."""
        words, starts, ends = text.tokens.words, text.tokens.starts, text.tokens.ends
        for number in opening.longer[words[index + 1]]:
            if small and not self._lower[number]:
                continue
            rest = self._keys[number].split()[1:]
            last = index + len(rest)
            if rest == words[index + 1 : last + 1] and all(
                starts[i + 1] == ends[i] + 1 and text.folded[ends[i]] in _JOINING for i in range(index, last)
            ):
                yield Hit(start, ends[last], number, opening.proclitic, index, last)


class PlaceFinder:
    """Decides which hits are places."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._scanner = FormScanner(gazetteer.keys, gazetteer.lower)
        self.places = functools.lru_cache(maxsize=_MEMORY)(self._places)
        self._meanings = functools.lru_cache(maxsize=_MEMORY)(self._read_meanings)
        self._cues = Cues(gazetteer.rules["cues"])
        self._mali = ArabicMali.of(gazetteer.rules["arabic_mali"])
        self._people = frozenset(gazetteer.rules["people"])
        self._forms = {key: form for form, key in enumerate(gazetteer.keys)}
        self._arabic_countries = frozenset(
            key for form, key in enumerate(gazetteer.keys)
            if is_arabic(key) and gazetteer.levels[form] >= 0 and any(p.kind == "country" for p in self.places(form))
        )  # fmt: skip
        self._arabic_countries |= {key[2:] for key in self._arabic_countries if key.startswith("ال")}

    def knows(self, key: str) -> bool:
        """Whether a key is a form of the gazetteer."""
        return key in self._forms

    def named(self, key: str) -> tuple[Place, ...]:
        """What a key may mean, the most prominent first; nothing for a key that is no form."""
        return self.places(self._forms[key]) if key in self._forms else ()

    def _places(self, form: int) -> tuple[Place, ...]:
        """What a form may mean, the most prominent first."""
        places = [parse_place(self.gazetteer.lines[int(row)]) for row in self.gazetteer.rows[form].split()]
        order = sorted(range(len(places)), key=lambda i: (-places[i].prominence, -places[i].population, i))
        return tuple(places[i] for i in order)

    def find(self, text: Text, language: str) -> list[tuple[Hit, tuple[Place, ...]]]:
        """The hits that are places with what each may mean: leftmost, longest, none overlapping."""
        hits = [hit for hit in self._scanner.hits(text) if not self._is_acronym(text, hit)]
        levels = [self.gazetteer.levels[hit.form] for hit in hits]
        cues = [
            NO_CUE if level == MASK else self._cue(text, hit, language) for hit, level in zip(hits, levels, strict=True)
        ]
        evidence = self._evidence(hits)
        accepted = [self._is_accepted(text, hit, cue, evidence) for hit, cue in zip(hits, cues, strict=True)]
        for _ in range(2):
            for number in self._listed(text, hits, levels, accepted):
                accepted[number] = True
        found = []
        reached = 0
        for hit, level, cue, taken in zip(hits, levels, cues, accepted, strict=True):
            if not taken or hit.start < reached:
                continue
            reached = hit.end
            if level != MASK:
                candidates = self._candidates(text, hit, cue)
                if candidates:
                    found.append((hit, candidates))
        return found

    def _cue(self, text: Text, hit: Hit, language: str) -> Cue:
        cue = self._cues.read(text.original, text.tokens, hit.first, hit.last, language)
        if hit.proclitic and hit.proclitic.lstrip("وف")[:1] == "ب":
            return Cue(STRONG, cue.wants)
        return cue

    @staticmethod
    def _is_acronym(text: Text, hit: Hit) -> bool:
        """Whether a name in capitals follows the French article: "l'OTAN" is no hamlet."""
        return (
            hit.end - hit.start <= ACRONYM
            and text.original[hit.start : hit.end].isupper()
            and spaced(text.folded[max(0, hit.start - 2) : hit.start]) == "l "
        )

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
            return self._mali.is_country(text.folded, (hit.start, hit.end), hit.proclitic, self._arabic_countries)
        if level == FREE:
            return key not in self._people or not self._beside_a_name(text, hit)
        if cue.strength == STRONG and (level != ADMIN_ONLY or cue.wants in ("admin", "admin2")):
            return (
                level == LOOSE or cue.wants != "" or not has_capital_neighbour(text.original, hit.start, hit.end, "r")
            )
        if level == ADMIN_ONLY:
            return self._is_named_unit(text, hit, cue, evidence)
        if level == WEAK_CUE:
            return cue.strength == WEAK and not has_capital_neighbour(text.original, hit.start, hit.end)
        if level == LOOSE:
            return self._is_loosely_placed(text, hit, evidence)
        return False

    def _beside_a_name(self, text: Text, hit: Hit) -> bool:
        """Whether one of a person's usual names stands before or behind: "Djibo Traoré" is no town."""
        words, starts, ends = text.tokens.words, text.tokens.starts, text.tokens.ends
        before, after = hit.first - 1, hit.last + 1
        return (before >= 0 and words[before] in self._people and text.original[ends[before] : hit.start] == " ") or (
            after < len(words) and words[after] in self._people and text.original[hit.end : starts[after]] == " "
        )

    def _is_named_unit(self, text: Text, hit: Hit, cue: Cue, evidence: frozenset[str]) -> bool:
        """Whether a division whose name is a word is named with its article: "dans les Savanes", in news of Togo."""
        return (
            cue.strength == STRONG
            and text.original[hit.start].isupper()
            and self.gazetteer.keys[hit.form] not in _SIDES
            and not has_capital_neighbour(text.original, hit.start, hit.end)
            and any(place.country in evidence for place in self.places(hit.form))
        )

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

    def _listed(self, text: Text, hits: list[Hit], levels: list[int], accepted: list[bool]) -> list[int]:
        """Which hits stand in a list or a bracket with an accepted place of the same country: "Gao, Ber et Kidal"."""
        placed = [
            hit for hit, level, taken in zip(hits, levels, accepted, strict=True) if taken and level != MASK
        ]  # fmt: skip
        begins = [hit.start for hit in placed]
        longest = max([hit.end - hit.start for hit in placed], default=0)
        listed = []
        for number, (hit, level, taken) in enumerate(zip(hits, levels, accepted, strict=True)):
            if taken or level in (MASK, ADMIN_ONLY):
                continue
            first = bisect.bisect_left(begins, hit.start - _LIST_GAP - longest)
            near = placed[first : bisect.bisect(begins, hit.end + _LIST_GAP)]
            beside = [
                other for other in near
                if (0 < other.start - hit.end <= _LIST_GAP and _is_list(text.folded[hit.end : other.start]))
                or (0 < hit.start - other.end <= _LIST_GAP and _is_list(text.folded[other.end : hit.start]))
            ]  # fmt: skip
            if not beside or (level == STRICT and has_capital_neighbour(text.original, hit.start, hit.end)):
                continue
            countries = {place.country for place in self.places(hit.form)}
            if any(place.country in countries for other in beside for place in self.places(other.form)):
                listed.append(number)
        return listed

    def _candidates(self, text: Text, hit: Hit, cue: Cue) -> tuple[Place, ...]:
        """What the hit may mean after its cue: a region after "région de", a settlement after "village de"."""
        key = self.gazetteer.keys[hit.form]
        if key == "niger" and _NIGER_STATES.match(text.folded, hit.start):
            return self.places(self._forms["niger state"])
        units, others, wide = self._meanings(hit.form)
        if cue.wants in ("admin", "admin2") and units:
            level = "admin2" if cue.wants == "admin2" else "admin1"
            return (tuple(unit for unit in units if unit.kind == level) or units) + wide
        if self.gazetteer.levels[hit.form] == ADMIN_ONLY or (cue.wants == "zone" and units and not wide):
            return units
        if cue.wants != "place" and units and not wide and _are_hamlets_abroad(others, units):
            return others + units
        return (() if cue.wants == "place" else wide) or others or units

    def _read_meanings(self, form: int) -> tuple[tuple[Place, ...], ...]:
        """What a form may mean: divisions, all else, and of that the areas and countries."""
        places = _own_names(self.places(form), self.gazetteer.keys[form])
        units = tuple(place for place in places if place.kind in ("admin1", "admin2"))
        others = tuple(place for place in places if place.kind not in ("admin1", "admin2"))
        return units, others, tuple(place for place in others if place.kind in ("area", "country"))


def _are_hamlets_abroad(others: tuple[Place, ...], units: tuple[Place, ...]) -> bool:
    """Whether the settlements of a name are hamlets, none in a country that has a division of it: "Sila" in Chad."""
    countries = {unit.country for unit in units}
    return all(place.prominence <= _HAMLET and place.country not in countries for place in others)


def _is_list(gap: str) -> bool:
    """Whether what stands between two names makes them a list."""
    return bool(gap.strip()) and _LISTED.fullmatch(gap) is not None


def _own_names(places: tuple[Place, ...], key: str) -> tuple[Place, ...]:
    """Without the places that bear the name only as another spelling, where one bears it as its own."""
    own = tuple(place for place in places if key_of(place.name) == key)
    if not own:
        return places
    return own + tuple(
        p for p in places
        if p not in own and p.kind == "place" and (p.prominence >= own[0].prominence + 2 or _is_twin(p, own[0]))
    )  # fmt: skip


def _is_twin(one: Place, other: Place) -> bool:
    """Whether two places face each other over a border."""
    if one.country == other.country or one.latitude is None or one.longitude is None:
        return False
    if other.latitude is None or other.longitude is None:
        return False
    return abs(one.latitude - other.latitude) < _TWINS and abs(one.longitude - other.longitude) < _TWINS
