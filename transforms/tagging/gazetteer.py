"""Reading of ``data/gazetteer.tsv.gz``: places, the forms they are written in, and the rules about them.

Places stay as text lines until somebody asks for one: of 45,000 rows an article needs a dozen.
"""

import dataclasses
import functools
import gzip
import importlib.resources
import json
from typing import Any

from transforms.tagging.normalise import IGNORED, fold

MASK = -1


@dataclasses.dataclass(frozen=True)
class Place:
    """A place as the gazetteer knows it; ``kind`` is place|area|admin2|admin1|country.

    ``country`` is ISO alpha-2, None for an area in several countries (they are in ``countries``). Countries, and
    divisions nobody gave coordinates, have no latitude and longitude (degrees, WGS 84). ``prominence`` runs from 1, a
    hamlet, to 10, a country.
    """

    name: str
    country: str | None
    admin1: str | None
    admin2: str | None
    latitude: float | None
    longitude: float | None
    kind: str
    geoname_id: int | None
    population: int
    prominence: int = 1
    countries: tuple[str, ...] = ()


class _Separators(dict[int, str]):
    """Everything but letters and digits becomes a blank, one for one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = char if char.isalnum() else " "
        return kept


_SEPARATORS = _Separators()


def spaced(folded: str) -> str:
    """Folded text with a blank for every mark, as long as the text: what forms are looked for in."""
    return folded.translate(_SEPARATORS)


def key_of(name: str) -> str:
    """The key of a written form: folded, without marks, single blanks."""
    return " ".join(spaced(fold(name, None).replace(IGNORED, "")).split())


def is_arabic(text: str) -> bool:
    """Whether a name is written in Arabic letters."""
    return any("\u0600" <= char <= "\u06ff" for char in text)


@dataclasses.dataclass(frozen=True)
class Gazetteer:
    """The file in memory: rules, place lines, and for each form its key, level, case rule and rows."""

    rules: dict[str, Any]
    lines: list[str]
    keys: list[str]
    levels: list[int]
    lower: list[bool]
    rows: list[str]

    def place(self, row: int) -> Place:
        """The place of a row."""
        return parse_place(self.lines[row])


def _or_none(cell: str) -> str | None:
    return cell or None


@functools.lru_cache(maxsize=4096)
def parse_place(line: str) -> Place:
    """A place from its tab-separated line."""
    number, name, country, admin1, admin2, latitude, longitude, kind, population, prominence, countries = line.split(
        "\t"
    )
    return Place(
        name=name,
        country=_or_none(country),
        admin1=_or_none(admin1),
        admin2=_or_none(admin2),
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        kind=kind,
        geoname_id=int(number) if number else None,
        population=int(population or 0),
        prominence=int(prominence),
        countries=tuple(countries.split()),
    )


def read_gazetteer() -> Gazetteer:
    """The committed gazetteer; about 0.2 s."""
    packed = importlib.resources.files("transforms.tagging").joinpath("data").joinpath("gazetteer.tsv.gz").read_bytes()
    header, _, rest = gzip.decompress(packed).decode("utf-8").partition("\n")
    places, _, written = rest.partition("\n\n")
    keys, levels, lower, rows = [], [], [], []
    for line in written.split("\n"):
        key, flags, row = line.split("\t")
        keys.append(key)
        levels.append(MASK if flags[0] == "m" else int(flags[0]))
        lower.append(flags.endswith("x"))
        rows.append(row)
    return Gazetteer(json.loads(header), places.split("\n"), keys, levels, lower, rows)
