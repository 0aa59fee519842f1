"""Events given against events wanted: one-to-one matching inside an article, and the fields of what was matched.

Both sides are plain dictionaries: ``wanted`` as the gold set writes an event (``tests/gold/README.md``), ``given`` as the
``tag`` filter prints it. An assignment of most total likeness (the Hungarian method) pairs them, at three strictnesses.
"""

import datetime as dt
import functools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

Event = dict[str, Any]
LEVELS = ("group", "type", "type+country+date")
NEAR_KM = 25.0
CLOSE = 0.2
"""Share by which a count may be off to be close."""


def pair_events(wanted: list[Event], given: list[Event], level: str) -> list[tuple[Event, Event]]:
    """The pairs of most total likeness among those that are alike at the level."""
    if not wanted or not given:
        return []
    likeness = np.array([[_likeness(one, other, level) for other in given] for one in wanted])
    rows, columns = linear_sum_assignment(-likeness)
    return [(wanted[i], given[j]) for i, j in zip(rows, columns, strict=True) if likeness[i, j] > 0]


def _likeness(wanted: Event, given: Event, level: str) -> float:
    """0 when the level forbids the pair; else 1 and a little for each further thing that agrees."""
    same_type = wanted["type"] == given["event_type"]
    if wanted["type"].split(".")[0] != given["event_type"].split(".")[0] or (level != "group" and not same_type):
        return 0.0
    if level == "type+country+date" and not (same_country(wanted, given) and days_agree(wanted, given, 1)):
        return 0.0
    value = 1.0 + 0.3 * same_type + 0.2 * evidence_agrees(wanted, given)
    value += 0.1 * (wanted["mode"] == given["mode"]) + 0.05 * same_country(wanted, given)
    return value + 0.05 * days_agree(wanted, given, 1) + 0.02 * (simple(wanted.get("place")) == simple(_place(given)))


def evidence_agrees(wanted: Event, given: Event) -> bool:
    """Whether a sentence of the one holds, or lies in, the sentence of the other."""
    sentence = " ".join(str(wanted["evidence"]).split())
    found = [" ".join(evidence["sentence"].split()) for evidence in given["evidence"]]
    return any(other in sentence or sentence in other for other in found)


def same_country(wanted: Event, given: Event) -> bool:
    """Whether both name one country, or neither does."""
    return bool(wanted.get("country") == (given["location"] or {}).get("country"))


def days_agree(wanted: Event, given: Event, slack: int) -> bool:
    """Whether the first days lie within ``slack`` days, or neither side has one."""
    one, other = _day(wanted.get("date_start")), _day(given["date_start"])
    if one is None or other is None:
        return one is other
    return abs((one - other).days) <= slack


def _day(value: Any) -> dt.date | None:
    return value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _place(given: Event) -> str | None:
    return (given["location"] or {}).get("name")


def simple(name: str | None) -> str | None:
    """A name without accents, hyphens, articles and case."""
    if name is None:
        return None
    bare = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9\u0600-\u06ff]+", " ", bare).strip()


def compare_fields(wanted: Event, given: Event) -> Iterator[tuple[str, float]]:
    """(field, 1.0 right or 0.0 wrong) for the fields that the pair says something about."""
    location = given["location"] or {}
    yield "mode", wanted["mode"] == given["mode"]
    yield "country", same_country(wanted, given)
    for field, name in (("admin1", location.get("admin1")), ("place", location.get("name"))):
        if wanted.get(field):
            exact = simple(wanted[field]) == simple(name)
            yield "place, exact" if field == "place" else field, exact
            yield f"{field}, however spelt", exact or _is_spelling(wanted[field], name, wanted.get("country"))
    spots = [wanted["at"]] if wanted.get("at") else _known_spots(wanted)
    if spots:
        yield "place, 25 km", min(_kilometres(spot, location) for spot in spots) <= NEAR_KM
    yield "date, exact", days_agree(wanted, given, 0) and _day(wanted.get("date_end")) == _day(given["date_end"])
    yield "date, first day within 1", days_agree(wanted, given, 1)
    yield "target_class", wanted["target_class"] == given["target_class"]
    yield "alleged", bool(wanted.get("alleged")) == given["alleged"]
    yield (
        "claimed_by",
        wanted.get("claimed_by") in (given["claimed_by"], None)
        and (wanted.get("claimed_by") is not None or given["claimed_by"] is None),
    )


def _is_spelling(written: str, name: str | None, country: str | None) -> bool:
    """Whether a name is one of the written forms that the gazetteer has for a place of a country: "Far North"."""
    from transforms.tagging.gazetteer import key_of

    return name is not None and (simple(name) or "", country) in _meanings().get(key_of(written), frozenset())


@functools.cache
def _meanings() -> dict[str, frozenset[tuple[str, str | None]]]:
    """Written form -> the names and countries of what it may mean."""
    from transforms.tagging.gazetteer import parse_place, read_gazetteer

    gazetteer = read_gazetteer()
    named = [(simple(place.name) or "", place.country) for place in map(parse_place, gazetteer.lines)]
    return {
        key: frozenset(named[int(row)] for row in rows.split())
        for key, rows in zip(gazetteer.keys, gazetteer.rows, strict=True)
    }


def _known_spots(wanted: Event) -> list[list[float]]:
    """Coordinates of the place that the annotator names, where the gazetteer has one of the name in its division."""
    if not wanted.get("place"):
        return []
    rows = _spots().get((simple(wanted["place"]) or "", wanted.get("country")), [])
    inside = [spot for admin1, spot in rows if wanted.get("admin1") and simple(wanted["admin1"]) == admin1]
    return inside or [spot for _, spot in rows if len(rows) == 1]


@functools.cache
def _spots() -> dict[tuple[str, str | None], list[tuple[str | None, list[float]]]]:
    """(name, country) -> (division, coordinates) of the gazetteer's places."""
    from transforms.tagging.gazetteer import parse_place, read_gazetteer

    found: dict[tuple[str, str | None], list[tuple[str | None, list[float]]]] = defaultdict(list)
    for place in map(parse_place, read_gazetteer().lines):
        if place.latitude is not None and place.longitude is not None and place.kind in ("place", "area"):
            spot = [place.latitude, place.longitude]
            found[simple(place.name) or "", place.country].append((simple(place.admin1), spot))
    return found


def _kilometres(at: list[float], location: Event) -> float:
    """Great-circle distance; infinite where the record has no coordinates."""
    if location.get("latitude") is None:
        return math.inf
    a, b = math.radians(at[0]), math.radians(location["latitude"])
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(at[1] - location["longitude"]) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def actor_counts(wanted: Event, given: Event) -> dict[str, Counter[str]]:
    """Matched, missing and spurious actors with their roles: by class, and by id among the bodies that are named.

    A wanted actor with the id of a given one agrees with it by class as well.
    """
    wants, gives = wanted.get("actors") or [], given["actors"]
    left = list(gives)
    by_class: Counter[str] = Counter()
    for want in wants:
        same = [
            actor for actor in left if actor["role"] == want["role"] and want.get("id") in (actor["actor_id"], None)
        ] or [actor for actor in left if actor["role"] == want["role"] and actor["class"] == want["class"]]
        same = [a for a in same if a["class"] == want["class"] or a["actor_id"] == want.get("id")]
        if same:
            left.remove(same[0])
        by_class["matched" if same else "missing"] += 1
    by_class["spurious"] += len(left)
    named = {(want["id"], want["role"]) for want in wants if is_named(want.get("id"))}
    told = {(actor["actor_id"], actor["role"]) for actor in gives if is_named(actor["actor_id"])}
    by_id = Counter(matched=len(named & told), missing=len(named - told), spurious=len(told - named))
    return {"class": by_class, "id": by_id}


def is_named(actor_id: str | None) -> bool:
    """Whether an id stands for a body that has a name, not for "gunmen" or "civilians"."""
    from transforms.tagging import lexicon

    entry = lexicon.load().actors.get(actor_id or "")
    return entry is not None and not entry.generic


def quantity_counts(wanted: Event, given: Event) -> Counter[str]:
    """How many wanted counts were found, exactly, closely, within the bounds given; by kind; with their group and source."""
    left = list(given["quantities"])
    found: Counter[str] = Counter(wanted=len(wanted.get("quantities") or []))
    for want in wanted.get("quantities") or []:
        found[f"wanted {want['kind']}"] += 1
        same = sorted(
            (q for q in left if q["kind"] == want["kind"]),
            key=lambda q: (q["low"] != want["low"], q["who"] != want.get("who")),
        )
        if not same:
            continue
        left.remove(same[0])
        found["found"] += 1
        found[f"found {want['kind']}"] += 1
        found["of the same group"] += same[0]["who"] == want.get("who")
        found["of the same source"] += same[0].get("claimed_by") == want.get("claimed_by")
        found["exact"] += (same[0]["low"], same[0]["high"]) == (want["low"], want["high"])
        found["close"] += abs(same[0]["low"] - want["low"]) <= CLOSE * max(1, want["low"])
        found["within"] += same[0]["low"] <= want["low"] <= (same[0]["high"] if same[0]["high"] is not None else 10**9)
    found["spurious"] = len(left)
    return found
