"""Places in a text: where they stand, what they may mean, and which one is meant.

The index is read once per process (``PlaceIndex.load``); it does not pickle, so a DoFn loads it in ``setup``.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import math
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from transforms.tagging.gazetteer import Place, key_of, parse_place, read_gazetteer
from transforms.tagging.normalise import Tokens
from transforms.tagging.place_scan import PlaceFinder, prepared

__all__ = ["Place", "PlaceIndex", "PlaceMention"]

NEAR_KM = 30.0
"""Homonyms closer than this are one place to a reader of news."""
_VILLAGE = 3
_PARENT_GAP = 30
_MARGIN = 1.0
_INSIDE = frozenset((" في ", " in ", ", in ", " au ", ", au ", " en ", ", en ", " a kasar ", " ta kasar "))
"""What stands between a place and the country that it is said to lie in."""
_IN_UNIT = re.compile(
    r",? (?:in|au|en|dans|a|ta|da ke|of|en|في|ب)(?: (?:the|le|la|l'|les|region|departement|province|cercle|local government area|area|jihar|yankin"
    r"|ولايه|منطقه|اقليم|محافظه|d'|de|du))* ?|, "
)
"""What stands between a settlement and the division that it is said to lie in."""
_APART = (*".;:!?؟\n", "border", "frontier", "iyaka", "حدود")
"""Marks and words between two names that make the second no parent of the first: "Illela, on the border with Niger"."""


class PlaceMention(NamedTuple):
    """A place name at ``[start, end)`` of the text, as written, and what it may mean, the most prominent first."""

    start: int
    end: int
    name: str
    candidates: tuple[Place, ...]


class PlaceIndex:
    """The gazetteer with its index of words."""

    def __init__(self) -> None:
        gazetteer = read_gazetteer()
        self._finder = PlaceFinder(gazetteer)
        self._admin1 = {
            (place.country, place.admin1): place
            for place in (parse_place(line) for line in gazetteer.lines if "\tadmin1\t" in line)
        }
        self._renamed = sorted(
            (entry["country"], entry["old"], dt.date.fromisoformat(entry["valid_from"]), entry["new"])
            for entry in gazetteer.rules["renamed"]
        )
        self.carved: Mapping[str, str] = gazetteer.rules["carved"]
        """Mali's new regions and the old ones that news still put their places in."""
        self._area_units: Mapping[str, Mapping[str, str]] = gazetteer.rules["area_units"]

    @classmethod
    def load(cls) -> "PlaceIndex":
        """The index of this process."""
        return _load()

    def knows(self, name: str) -> bool:
        """Whether a name is a written form of the gazetteer, wherever it may stand."""
        return self._finder.knows(key_of(name))

    def named(self, names: Mapping[str, Collection[str]], country: str) -> Place | None:
        """The most prominent settlement of a country that bears one of some names, given by language."""
        found = (
            place
            for name in itertools.chain.from_iterable(names.values())
            for place in self._finder.named(key_of(name))
        )
        inside = [place for place in found if place.kind == "place" and place.country == country]
        return max(inside, key=lambda place: place.prominence, default=None)

    def find(
        self, text_original: str, text_folded: str, language: str, tokens: Tokens | None = None
    ) -> list[PlaceMention]:
        """Place names of a whole text, in order, none overlapping; country names are mentions of kind ``country``.

        ``text_folded`` is ``fold(text_original, language)``, ``tokens`` its words where the caller has them; offsets
        are code points into either. Names that are also words or persons' names are taken only where a cue, a list or
        the country of the text supports them.
        """
        text = prepared(text_original, text_folded, tokens)
        mentions = []
        for hit, candidates in self._finder.find(text, language):
            start, end = text.span(hit.start, hit.end)
            mentions.append(PlaceMention(start, end, text_original[start:end], candidates))
        return _with_parents(mentions, text_folded)

    def resolve(
        self, mention: PlaceMention, context_countries: Mapping[str, int], context_admin1: Collection[str]
    ) -> Place | None:
        """The place that is meant, or None where the text does not tell.

        ``context_countries`` counts the countries the text speaks of (ISO alpha-2), ``context_admin1`` holds the
        first-level divisions it names. Homonyms of one division far from each other give the division.
        """
        candidates = [place for place in mention.candidates if _is_possible(place, mention, context_countries)]
        if len(candidates) < 2:
            return self._in_country(candidates[0], context_countries) if candidates else None
        scored = sorted(
            ((_score(place, context_countries, context_admin1), place) for place in candidates),
            key=lambda pair: (-pair[0], -pair[1].population, pair[1].name, pair[1].geoname_id or 0),
        )
        best_score, best = scored[0]
        rivals = [place for score, place in scored if score > best_score - _MARGIN]
        if len(rivals) == 1 or all(_distance_km(best, rival) <= NEAR_KM for rival in rivals):
            return self._in_country(best, context_countries)
        if best.admin1 and all((rival.country, rival.admin1) == (best.country, best.admin1) for rival in rivals):
            return self._admin1.get((best.country, best.admin1))
        return None

    def _in_country(self, place: Place, countries: Mapping[str, int]) -> Place:
        """An area in several countries gets the one of them the text speaks of most, if one leads, and its division there."""
        if place.kind != "area":
            return place
        country = place.country
        if country is None:
            ranked = sorted(((countries.get(code, 0), code) for code in place.countries), reverse=True)
            if not ranked or not ranked[0][0] or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
                return place
            country = ranked[0][1]
        return dataclasses.replace(place, country=country, admin1=self._area_units.get(place.name, {}).get(country))

    def admin1_on(self, country: str, admin1: str, day: dt.date) -> str:
        """The name a first-level division bore on a day; the stored name where it was never renamed."""
        name = admin1
        for renamed_country, old, valid_from, new in self._renamed:
            if (renamed_country, old) == (country, admin1) and day >= valid_from:
                name = new
        return name


def _with_parents(mentions: list[PlaceMention], folded: str) -> list[PlaceMention]:
    """Homonyms narrowed by a parent named right after one of them: "Illela ta jihar Sakkwato", "Gaya (Dosso)".

    What one mention settles holds for the same name in the whole text (one sense a discourse; Gale, Church and
    Yarowsky 1992).
    """
    settled: dict[str, tuple[Place, ...]] = {}
    elsewhere: set[int] = set()
    for mention, following in itertools.pairwise(mentions):
        parent = following.candidates[0]
        side = parent.kind == "area" and parent.country is not None  # "الطينة شرقي تشاد"
        if (
            parent.kind == "country" and mention.candidates[0].kind == "place"
            and folded[mention.end : following.start] in _INSIDE
            and not any(parent.country in (place.country, *place.countries) for place in mention.candidates)
        ):  # fmt: skip
            elsewhere.add(mention.start)  # "ليري في مالي", where only Chad's is known
        if (
            parent.kind in ("admin1", "area") and parent.country is not None and all(place.country for place in mention.candidates)
            and _IN_UNIT.fullmatch(folded, mention.end, following.start)
            and not any(parent.country in (place.country, *place.countries) for place in mention.candidates)
            and all(place.country == parent.country for place in following.candidates if place.kind == parent.kind)
        ):  # fmt: skip
            elsewhere.add(mention.start)  # "Arra in the Sambisa axis", "Essakane, dans la région de Tombouctou"
        if len(mention.candidates) < 2 or not (side or parent.kind in ("admin1", "country")):
            continue
        gap = folded[mention.end : following.start]
        if len(gap) > _PARENT_GAP or any(mark in gap for mark in _APART):
            continue
        inside = tuple(place for place in mention.candidates if _is_inside(place, parent))
        if inside and len(inside) < len(mention.candidates):
            settled.setdefault(key_of(mention.name), inside)
    mentions = [mention for mention in mentions if mention.start not in elsewhere]
    if not settled:
        return mentions
    return [
        mention._replace(candidates=settled.get(key_of(mention.name), mention.candidates))
        if len(mention.candidates) > 1
        else mention
        for mention in mentions
    ]


def _is_inside(place: Place, parent: Place) -> bool:
    if place.country != parent.country:
        return False
    return parent.kind in ("country", "area") or (place.kind != "admin1" and place.admin1 == parent.admin1)


@functools.cache
def _load() -> PlaceIndex:
    return PlaceIndex()


_SIDES = frozenset(
    ("nord", "sud", "est", "ouest", "centre", "north", "south", "east", "west", "northern", "southern", "eastern", "western",
     "central", "centrale", "sahel", "upper")
)  # fmt: skip


def is_side(place: Place) -> bool:
    """Whether a division bears the name of a side, which any country has: "the far north", "أقصى شمال النيجر"."""
    return place.kind == "admin1" and not _SIDES.isdisjoint(key_of(place.name).split())


def _is_possible(place: Place, mention: PlaceMention, countries: Mapping[str, int]) -> bool:
    """A hamlet of a country the text does not speak of is another place; so is one of several divisions."""
    if place.kind in ("country", "area") or not countries or place.country in countries:
        return True
    if place.kind in ("admin1", "admin2") and (len(mention.candidates) > 1 or is_side(place)):
        return False
    return place.prominence > _VILLAGE


def _score(place: Place, countries: Mapping[str, int], admin1: Collection[str]) -> float:
    """Country of the text up to 4, named division 3, half the prominence; names of countries are countries."""
    most = max(countries.values(), default=0)
    score = 4.0 * countries.get(place.country or "", 0) / most if most else 0.0
    if place.kind in ("place", "admin2") and place.admin1 in admin1:
        score += 3.0
    return score + place.prominence / 2 + (5.0 if place.kind == "country" else 0.0)


def _distance_km(one: Place, other: Place) -> float:
    """Haversine distance; infinite without coordinates."""
    if one == other:
        return 0.0
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))
