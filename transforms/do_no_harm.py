"""What the public exports withhold, so that a map of events cannot be used to find victims or aid on the road.

Four kinds of events are shown no finer than a second-level division: sexual violence, hostages, sites of displaced people,
and planned movements of aid or convoys. So is everything else that their story tells of the same place, or the place
could be read off the neighbouring row. In doubt an event counts as one of them: a coarse point harms nobody.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from transforms.tagging.gazetteer import parse_place, read_gazetteer

Json = dict[str, Any]

_KINDS_OF_HOSTAGES = frozenset({"abducted", "released", "missing"})
_KINDS_OF_DISPLACED = frozenset({"displaced", "returned"})
_BY_TYPE = {
    "CIV.SEXUAL": "sexual_violence",
    "CIV.ABDUCTION": "hostages",
    "CIV.DISAPPEARANCE": "hostages",
    "CIV.RELEASE": "hostages",
    "HUM.DISPLACE": "displaced_people",
    "HUM.RETURN": "displaced_people",
    "HUM.MIGRANTS": "displaced_people",
}
_AID_TYPES = frozenset({"HUM.AID", "HUM.ACCESS_DENIED", "HUM.FOOD", "CIV.BLOCKADE_LIFTED"})
_AHEAD = frozenset({"planned", "hypothetical"})
_DISPLACED = re.compile(
    r"\b(?:deplacee?s|refugiee?s?|sinistrees?|displaced|refugees?|idps?|pdi|gudun hijira)\b"
    r"|نازح|لاجئ|لاجي|مشردين"
)
_CONVOYS = re.compile(
    r"\bconvois?\b|\bconvoys?\b|\bescort|\bcaravane?s?\b|\bayari|\bkwambar|\bhumanitar|\brelief\b|\btallafi|\bagaji"
    r"|\bpont aerien\b|\bairlift|قافل|قوافل|رتل|مساعدات|إغاث|اغاث"
)
_SEXUAL = re.compile(r"\b(?:viols?\b|violees?\b|sexuel|rap(?:e|ed|es|ing)\b|sexual|fyade)|اغتصاب|جنسي")

REASONS = ("sexual_violence", "hostages", "displaced_people", "planned_movement", "same_place_as_a_sensitive_event")
"""Values of ``coarsened``."""


def sensitivity(event: Json) -> str | None:
    """Why an event's exact place is withheld from the public, or None."""
    if event["event_type"] in _BY_TYPE:
        return _BY_TYPE[event["event_type"]]
    words = _folded(
        " ".join(e["sentence"] for e in event["evidence"]) + " " + ((event["location"] or {}).get("name") or "")
    )
    kinds = {quantity["kind"] for quantity in event["quantities"]}
    if _SEXUAL.search(words):
        return "sexual_violence"
    if kinds & _KINDS_OF_HOSTAGES:
        return "hostages"
    if kinds & _KINDS_OF_DISPLACED or _DISPLACED.search(words):
        return "displaced_people"
    if event["mode"] in _AHEAD and (
        event["event_type"] in _AID_TYPES or event["target_class"] == "aid_worker" or _CONVOYS.search(words)
    ):
        return "planned_movement"
    return None


def withheld(groups: Sequence[Sequence[Json]]) -> list[str | None]:
    """For each event of one story, given as the rows of its statements, why its place is withheld, or None."""
    reasons = [next((r for r in map(sensitivity, rows) if r), None) for rows in groups]
    secret = {key for rows, reason in zip(groups, reasons, strict=True) if reason for key in _places(rows)}
    return [
        reason or ("same_place_as_a_sensitive_event" if secret & _places(rows) else None)
        for rows, reason in zip(groups, reasons, strict=True)
    ]


def _places(rows: Iterable[Json]) -> set[tuple[Any, ...]]:
    """The fine places of an event: by id, by coordinates and by name."""
    keys: set[tuple[Any, ...]] = set()
    for row in rows:
        place = row["location"] or {}
        if place.get("precision") not in {"place", "area"}:
            continue
        keys |= {
            ("id", place["geoname_id"]),
            ("point", place["latitude"], place["longitude"]),
            ("name", place["country"], place["name"]),
        }
    return keys - {("id", None), ("point", None, None)}


def coarse(location: Json | None) -> Json | None:
    """The location at its second-level division, else the first, else the country; no name or id of anything finer."""
    if location is None or location["precision"] not in {"place", "area"}:
        return location
    country, admin1, admin2 = location["country"], location["admin1"], location["admin2"]
    result: Json = {**location, "latitude": None, "longitude": None, "geoname_id": None}
    for precision, name, key in (
        ("admin2", admin2, (country, admin1, admin2)),
        ("admin1", admin1, (country, admin1, None)),
    ):
        point = _division_points().get(key)
        if name and point:
            return {**result, "name": name, "latitude": point[0], "longitude": point[1], "precision": precision}
    finest = "admin2" if admin2 else "admin1" if admin1 else "country"
    return {**result, "name": admin2 or admin1, "precision": finest}


@functools.cache
def _division_points() -> dict[tuple[str | None, str | None, str | None], tuple[float, float]]:
    """(country, admin1, admin2 or None) -> the gazetteer's point of that division, for those that have one."""
    points = {}
    for line in read_gazetteer().lines:
        if "\tadmin" not in line:
            continue
        place = parse_place(line)
        if place.latitude is not None and place.longitude is not None:
            second = place.name if place.kind == "admin2" else None
            first = place.name if place.kind == "admin1" else place.admin1
            points[place.country, first, second] = (place.latitude, place.longitude)
    return points


@functools.lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """Lower case without accents, so that patterns need neither; Arabic letters keep their shapes but lose vowels."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if c < "\u0300" or unicodedata.category(c) != "Mn")
    )
