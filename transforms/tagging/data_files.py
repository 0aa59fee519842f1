"""Reading of the tagger's data files: YAML whose shape is checked, with one line that names file, entry and field.

Nothing is repaired silently: a key that stands twice, a class of words that is not there, a pattern that says the same
as another of its list are errors, for whoever wrote them meant something else.
"""

import datetime as dt
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from transforms import records
from transforms.tagging import notation

DATA = pathlib.Path(__file__).with_name("data")
Cues = Mapping[str, tuple[str, ...]]
"""Patterns by language."""
_ISO = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CUE_LEVELS = (0, 1, 2, 3)


class LexiconError(ValueError):
    """A data file of the tagger does not have the shape it must have."""


class _Loader(yaml.CSafeLoader):
    """YAML in which a key that stands twice is an error; the safe loader takes the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As of the safe loader."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise LexiconError(f"line {key.start_mark.line + 1}: {key.value!r} stands there twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read(folder: pathlib.Path, name: str) -> dict[Any, Any] | list[Any]:
    """A data file; raises ``LexiconError`` for what is no YAML, for a key that stands twice and for an empty file."""
    path = folder / f"{name}.yaml"
    try:
        value = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader that refuses more
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path.name}: {error}") from error
    except LexiconError as error:
        raise LexiconError(f"{path.name}: {error}") from error
    if not isinstance(value, dict | list):
        raise LexiconError(f"{path.name}: expected a mapping or a list, found {type(value).__name__}")
    return value


def mapping(value: Any, where: str) -> dict[Any, Any]:
    """A mapping, or an error."""
    if not isinstance(value, dict):
        raise LexiconError(f"{where}: expected a mapping, found {type(value).__name__}")
    return value


def listing(value: Any, where: str) -> list[Any]:
    """A list, or an error."""
    if not isinstance(value, list):
        raise LexiconError(f"{where}: expected a list, found {type(value).__name__}")
    return value


def keys(value: Mapping[Any, Any], allowed: Iterable[str], where: str) -> None:
    """Refuses keys that mean nothing: a misspelt one would be without effect."""
    unknown = sorted(map(str, set(value) - set(allowed)))
    if unknown:
        raise LexiconError(f"{where}: unknown keys {', '.join(unknown)}")


def text(entry: Mapping[str, Any], key: str, where: str) -> str:
    """A text that must be there."""
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise LexiconError(f"{where}: {key} must be a text, found {value!r}")
    return value


def optional(entry: Mapping[str, Any], key: str, where: str) -> str | None:
    """A text, or None."""
    return None if entry.get(key) is None else text(entry, key, where)


def one_of(value: Any, allowed: Iterable[str], where: str) -> str:
    """A value of a closed list."""
    names = tuple(allowed)
    if value not in names:
        raise LexiconError(f"{where}: {value!r} is not one of {', '.join(names)}")
    return str(value)


def flag(entry: Mapping[str, Any], key: str, where: str, *, default: bool = False) -> bool:
    """True or false."""
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise LexiconError(f"{where}: {key} must be true or false, found {value!r}")
    return value


def texts(value: Any, where: str) -> tuple[str, ...]:
    """A list of patterns or words, none empty."""
    for member in listing(value, where):
        if not isinstance(member, str) or not member.strip("!*_ "):
            raise LexiconError(f"{where}: {member!r} is not a pattern (quote words that YAML reads otherwise)")
    return tuple(value)


def cues(value: Any, where: str) -> Cues:
    """Patterns by language."""
    for language in mapping(value, where):
        one_of(language, records.LANGUAGES, where)
    return {language: texts(members, f"{where}.{language}") for language, members in value.items()}


def sections(value: Any, where: str, names: Iterable[str]) -> dict[str, Cues]:
    """Patterns by name, of a closed list, and language; ``where`` ends in what stands before a name."""
    allowed = tuple(names)
    for name in mapping(value, where.rstrip(".: ")):
        one_of(name, allowed, where.rstrip(".: "))
    return {name: cues(by_language, f"{where}{name}") for name, by_language in value.items()}


def unique(entries: Iterable[Any], key: str, where: str) -> dict[str, Any]:
    """Entries by a key that none shares."""
    by_key: dict[str, Any] = {}
    for entry in entries:
        name = getattr(entry, key)
        if name in by_key:
            raise LexiconError(f"{where}: {name!r} stands there twice")
        by_key[name] = entry
    return by_key


def interval(value: Any, where: str) -> tuple[str | None, str | None]:
    """First and last ISO day, either open."""
    days = [str(day) if day is not None else None for day in listing(value, where)]
    if len(days) != 2 or any(day is not None and not _is_day(day) for day in days):
        raise LexiconError(f"{where}: {value!r} is not a pair of ISO days or nulls")
    since, until = days
    if since is not None and until is not None and since > until:
        raise LexiconError(f"{where}: {since} is after {until}")
    return since, until


def _is_day(day: str) -> bool:
    try:
        return _DAY.fullmatch(day) is not None and dt.date.fromisoformat(day) is not None
    except ValueError:
        return False


def country(value: Any, known: Iterable[str], where: str) -> str:
    """The code of a country that the data know."""
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise LexiconError(f"{where}: {value!r} is not ISO 3166-1 alpha-2 (YAML reads NO as false: quote it)")
    if value not in known:
        raise LexiconError(f"{where}: no country {value!r}")
    return value


def check_patterns(by_language: Cues, classes: Iterable[str], where: str, *, strict: bool = False) -> None:
    """Refuses patterns of unknown classes, with marks that mean nothing, and that say what another of the list says."""
    known = frozenset(classes)
    for language, members in by_language.items():
        seen: dict[object, str] = {}
        for member in members:
            place = f"{where}.{language}: {member!r}"
            try:
                meaning = notation.meaning(member, known, split_words=language == "ar" and not strict, strict=strict)
            except ValueError as error:
                raise LexiconError(f"{place}: {error}") from error
            if meaning in seen:
                raise LexiconError(f"{place} says the same as {seen[meaning]!r}")
            seen[meaning] = member


def check_class(by_language: Cues, where: str) -> None:
    """Refuses members of a class of words that are more than one chunk."""
    for language, members in by_language.items():
        for member in members:
            if "{" in member or "_" in member:
                raise LexiconError(
                    f"{where}.{language}: {member!r} has a gap or a class: a member is one chunk of words"
                )
    check_patterns(by_language, (), where)
