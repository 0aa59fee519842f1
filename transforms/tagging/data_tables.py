"""The data files of the grammars and of the gazetteer: dates, numbers and the places by hand, read and checked."""

import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from transforms import records
from transforms.tagging.data_files import (
    DATA,
    LexiconError,
    country,
    interval,
    keys,
    listing,
    mapping,
    one_of,
    read,
    text,
)  # fmt: skip

DATE_TABLES = {"weekdays": (0, 6), "months": (1, 12), "parts": (0, 2), "counts": (0, 1000), "ordinals": (1, 31)}
"""Tables of words to whole numbers, and between what these lie."""
UNITS = ("day", "week", "month", "year")
_DATE_KEYS = (*DATE_TABLES, "units", "relative", "then", "past", "future", "not_after", "never", "rules")
_NUMBER_LISTS = (
    "joiners", "at_least", "at_most", "below", "nearly", "about", "at_least_after", "range", "units_after",
    "units_before", "names_before", "one", "not_after_one", "people", "saying", "none", "only_with_people", "money",
    "money_links", "dual_broken", "dual_sound", "dual_feminine",
)  # fmt: skip
_NUMBER_TABLES = ("cardinals", "scales", "groups", "fixed")
_PLACE_KEYS = ("name", "cc", "admin1", "id", "lat", "lon", "cue", "alone", "aliases")
_CUE_KEYS = ("strong", "weak", "place", "admin", "admin2", "admin_after", "place_after")
_HAND_KEYS = (
    "cues", "masks", "areas", "admin1", "mali_regions", "renamed", "arabic_mali", "people_names", "places", "countries",
    "common_words", "cue_levels", "arabic_words",
)  # fmt: skip
_CODE = re.compile(r"[A-Z]{2}\.[A-Z0-9]+")
STRICTEST = 3


def dates(folder: pathlib.Path = DATA) -> dict[str, Any]:
    """The date grammar by language."""
    tables = _by_language(folder, "dates")
    for language, raw in tables.items():
        where = f"dates.yaml: {language}"
        keys(raw, _DATE_KEYS, where)
        for name, (low, high) in DATE_TABLES.items():
            _whole_numbers(raw.get(name, {}), low, high, f"{where}.{name}")
        for unit in mapping(raw.get("units"), f"{where}.units").values():
            one_of(unit, UNITS, f"{where}.units")
        _whole_numbers(raw.get("then"), -31, 31, f"{where}.then")
        for phrase, value in mapping(raw.get("relative"), f"{where}.relative").items():
            if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], int):
                raise LexiconError(f"{where}.relative: {phrase!r}: {value!r} is not [offset, unit, precision]")
        for rule in listing(raw.get("rules"), f"{where}.rules"):
            if not isinstance(rule, list) or len(rule) != 2:
                raise LexiconError(f"{where}.rules: {rule!r} is not [resolver, pattern]")
            try:
                re.compile(re.sub(r"\{[WMDYNPUOR]\}", "x", rule[1]))
            except re.error as error:
                raise LexiconError(f"{where}.rules: {rule[1]!r}: {error}") from error
    return tables


def numbers(folder: pathlib.Path = DATA) -> dict[str, Any]:
    """The words of the number grammar by language."""
    tables = _by_language(folder, "numbers")
    for language, raw in tables.items():
        where = f"numbers.yaml: {language}"
        keys(raw, (*_NUMBER_TABLES, *_NUMBER_LISTS, "collectives", "between"), where)
        for name in _NUMBER_TABLES:
            _whole_numbers(raw.get(name, {}), 0, 10**12, f"{where}.{name}")
        for name in _NUMBER_LISTS:
            if name in raw:
                _words(raw[name], f"{where}.{name}")
        for phrase, value in mapping(raw.get("collectives"), f"{where}.collectives").items():
            central, low, high = value if isinstance(value, list) and len(value) == 3 else (None, 1, 0)
            if low > high or (central is not None and not low <= central <= high):
                raise LexiconError(f"{where}.collectives: {phrase!r}: {value!r} is not [central or null, low, high]")
    return tables


def places(folder: pathlib.Path = DATA) -> dict[str, Any]:
    """The places by hand, which the gazetteer is built with; nothing reads them at run time."""
    hand = mapping(read(folder, "places"), "places.yaml")
    keys(hand, _HAND_KEYS, "places.yaml")
    missing = sorted(set(_HAND_KEYS) - set(hand))
    if missing:
        raise LexiconError(f"places.yaml: no {', '.join(missing)}")
    known = {str(row.get("cc")) for row in listing(hand["countries"], "places.yaml: countries")}
    for language, tables in mapping(hand["cues"], "places.yaml: cues").items():
        one_of(language, records.LANGUAGES, "places.yaml: cues")
        keys(mapping(tables, f"places.yaml: cues.{language}"), _CUE_KEYS, f"places.yaml: cues.{language}")
    for row in hand["areas"]:
        where = f"places.yaml: areas: {row.get('name')}"
        for iso in listing(row.get("cc"), f"{where}: cc"):
            country(iso, known, f"{where}: cc")
        _coordinates(row, where, needed=True)
    divisions = set()
    for row in hand["admin1"]:
        where = f"places.yaml: admin1: {row.get('name')}"
        if not _CODE.fullmatch(text(row, "code", where)):
            raise LexiconError(f"{where}: code {row['code']!r} is not CC.code")
        divisions.add((country(row["code"][:2], known, f"{where}: code"), row["name"]))
    _check_renamed(hand["renamed"], known, divisions)
    _check_places(hand["places"], known)
    return hand


def _check_renamed(rows: list[Mapping[str, Any]], known: Iterable[str], divisions: set[tuple[str, str]]) -> None:
    for row in rows:
        where = f"places.yaml: renamed: {row.get('old')}"
        iso = country(row.get("country"), known, f"{where}: country")
        if (iso, row.get("old")) not in divisions:
            raise LexiconError(f"{where}: no such division of {iso} in admin1")
        interval([row.get("valid_from"), None], f"{where}: valid_from")


def _check_places(rows: list[Mapping[str, Any]], known: Iterable[str]) -> None:
    seen = set()
    for row in rows:
        name = text(row, "name", f"places.yaml: places: {row!r}")
        where = f"places.yaml: places: {name}"
        keys(row, _PLACE_KEYS, where)
        identity = (name, country(row.get("cc"), known, f"{where}: cc"), row.get("admin1"))
        if identity in seen:
            raise LexiconError(f"{where}: stands there twice")
        seen.add(identity)
        if row.get("cue", 0) not in range(STRICTEST + 1):
            raise LexiconError(f"{where}: cue {row['cue']!r} is not 0 to {STRICTEST}")
        _words(row.get("aliases", []), f"{where}: aliases")
        _coordinates(row, where, needed=False)


def _coordinates(row: Mapping[str, Any], where: str, *, needed: bool) -> None:
    found = [row.get("lat"), row.get("lon")]
    if found == [None, None] and not needed:
        return
    for value, name, most in zip(found, ("lat", "lon"), (90, 180), strict=True):
        if not isinstance(value, int | float) or abs(value) > most:
            raise LexiconError(f"{where}: {name} {value!r} is not a number of degrees")


def _by_language(folder: pathlib.Path, name: str) -> dict[str, Any]:
    tables = mapping(read(folder, name), f"{name}.yaml")
    if set(tables) != set(records.LANGUAGES):
        raise LexiconError(f"{name}.yaml: languages {sorted(map(str, tables))}, need {sorted(records.LANGUAGES)}")
    for language, raw in tables.items():
        mapping(raw, f"{name}.yaml: {language}")
    return tables


def _whole_numbers(value: Any, low: int, high: int, where: str) -> None:
    for word, number in mapping(value, where).items():
        if not isinstance(word, str) or not isinstance(number, int) or not low <= number <= high:
            raise LexiconError(f"{where}: {word!r}: {number!r} is not a whole number from {low} to {high}")


def _words(value: Any, where: str) -> None:
    for word in listing(value, where):
        if not isinstance(word, str | list):
            raise LexiconError(f"{where}: {word!r} is not a text (quote words that YAML reads otherwise)")
