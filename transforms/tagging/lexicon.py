"""The tagger's data files, read once per process and checked: types, cues, gates, quantities, actors, countries.

Every file lies in ``data/`` and opens with a comment on its notation. A file that breaks its shape stops the start with
a ``LexiconError`` that names the file and the place; nothing is repaired silently.
"""

import dataclasses
import functools
import hashlib
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from transforms import records

DATA = pathlib.Path(__file__).with_name("data")
FILES = ("taxonomy", "words", "modes", "gates", "quantities", "actors", "countries")
MODE_CUES = (
    "denied", "historical_frame", "negated", "hypothetical", "planned", "ongoing_stock", "historical", "alleged",
    "background", "attribution", "flow", "modal", "later", "passing", "general", "happened", "at_once", "lately", "anniversary",
)  # fmt: skip
GATES = ("sport", "arts", "economy", "cyber", "health", "accident", "crime")
CUES = ("connectors", "by_agent", "on_target", "same_subject", "place_cues", "rulers", "deposed")
COMPANIONS = ("armed", "humanitarian", "political", "arrestee")
SIDES = ("one", "both")
GROUPS = ("state", "armed", "civil", "protest")
ROLE_GROUPS = (*GROUPS, "nonstate", "any", "none", *records.ACTOR_CLASSES)
TIERS = ("core", "ring", "partner", "outside")
VICTIMS = records.QUANTITY_SUBJECTS

Cues = Mapping[str, tuple[str, ...]]
"""Patterns by language."""


class LexiconError(ValueError):
    """A data file of the tagger does not have the shape it must have."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventType:
    """One type of event: its codes in other schemes, its sides, and its triggers by language and strength."""

    code: str
    label: str
    definition: str
    acled_type: str | None
    acled_sub_type: str | None
    plover: str
    cameo: str
    ucdp: str
    sides: str
    initiator: str
    target: str
    strong: Cues
    weak: Cues
    anti: Cues


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActorClass:
    """What a class of actors means for roles; ``force``: it carries arms; ``acled_inter``: ACLED's code of 2024."""

    group: str
    acled_inter: int
    force: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActorEntry:
    """One actor of the lexicon. ``valid`` are ISO days, open where None; ``person`` stands for its affiliation."""

    id: str
    name: str
    actor_class: str
    countries: tuple[str, ...]
    parent: str | None
    valid: tuple[str | None, str | None]
    needs_ctx: tuple[str, ...]
    needs_ctx_acronym: tuple[str, ...]
    generic: bool
    affiliation: str | None
    branches: Mapping[str, str]
    """By country the actor that the name means in news of that country."""
    settles: bool
    """Whether a generic actor becomes the national force of its country."""
    aliases: Cues


@dataclasses.dataclass(frozen=True, kw_only=True)
class Country:
    """A country's names, demonyms and the phrases in which its name is something else.

    ``unsure`` words count only in an article that speaks of the country anyway (the Arabic for Malian also means
    financial).
    """

    iso: str
    tier: str
    names: Cues
    demonyms: Cues
    unsure: Cues
    capitals: Cues
    anti: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All data of the tagger; ``version`` is a hash over the data files' bytes."""

    types: Mapping[str, EventType]
    words: Mapping[str, Cues]
    classes: Mapping[str, ActorClass]
    actors: Mapping[str, ActorEntry]
    countries: Mapping[str, Country]
    modes: Mapping[str, Cues]
    gates: Mapping[str, Cues]
    companions: Mapping[str, Cues]
    cues: Mapping[str, Cues]
    kinds: Mapping[str, Cues]
    victims: Mapping[str, Cues]
    sites: Mapping[str, Cues]
    zero: Mapping[str, Cues]
    units: Cues
    version: str


@functools.cache
def load() -> Lexicon:
    """The lexicon of ``data/``, read once per process."""
    return read_lexicon(DATA)


def read_lexicon(folder: pathlib.Path) -> Lexicon:
    """The lexicon in a folder; raises ``LexiconError`` with file and place."""
    raw = {name: _read(folder / f"{name}.yaml") for name in FILES}
    types = [_event_type(entry, f"taxonomy[{i}]") for i, entry in enumerate(_list(raw["taxonomy"], "taxonomy"))]
    classes = {name: _actor_class(value, name) for name, value in _dict(raw["actors"], "actors")["classes"].items()}
    actors = [
        _actor(entry, f"actors[{i}]", classes) for i, entry in enumerate(_list(raw["actors"]["actors"], "actors"))
    ]
    gates, quantities = _dict(raw["gates"], "gates"), _dict(raw["quantities"], "quantities")
    lexicon = Lexicon(
        types=_unique(types, "code", "taxonomy"),
        words={name: _cues(by_language, f"words.{name}") for name, by_language in _dict(raw["words"], "words").items()},
        classes=classes,
        actors=_unique(actors, "id", "actors"),
        countries={iso: _country(iso, value) for iso, value in _dict(raw["countries"], "c")["countries"].items()},
        modes=_sections(raw["modes"], "modes", MODE_CUES),
        gates=_sections(gates["gates"], "gates", GATES),
        companions=_sections(gates["companions"], "gates.companions", COMPANIONS),
        cues=_sections({name: gates[name] for name in CUES}, "gates", CUES),
        kinds=_sections(quantities["kinds"], "quantities.kinds", records.QUANTITY_KINDS),
        victims=_sections(quantities["groups"], "quantities.groups", VICTIMS),
        sites=_sections(quantities["sites"], "quantities.sites", records.TARGET_CLASSES),
        zero=_sections(quantities["zero"], "quantities.zero", records.QUANTITY_KINDS),
        units=_cues(quantities["units"], "quantities.units"),
        version=_version(folder),
    )
    for actor in lexicon.actors.values():
        for other in (actor.parent, actor.affiliation, *actor.branches.values()):
            if other is not None and other not in lexicon.actors:
                raise LexiconError(f"actors.yaml: {actor.id} names {other!r}, which is not there")
    return lexicon


def _version(folder: pathlib.Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _read(path: pathlib.Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise LexiconError(f"{path.name}: {error}") from error


def _event_type(entry: Any, where: str) -> EventType:
    entry = _dict(entry, where)
    code = entry.get("code")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}\.[A-Z_]+", code):
        raise LexiconError(f"{where}: code {code!r} is not GROUP.SUBTYPE")
    roles, triggers = _dict(entry.get("roles"), f"{code}.roles"), _dict(entry.get("triggers"), f"{code}.triggers")
    if set(triggers) != set(records.LANGUAGES):
        raise LexiconError(f"{code}.triggers: languages {sorted(triggers)}, need {sorted(records.LANGUAGES)}")
    for language, by_strength in triggers.items():
        unknown = set(_dict(by_strength, f"{code}.{language}")) - {"s", "w", "not"}
        if unknown:
            raise LexiconError(f"{code}.{language}: unknown keys {sorted(unknown)}")
    return EventType(
        code=code,
        label=_text(entry, "label", code),
        definition=_text(entry, "definition", code),
        acled_type=_optional(entry, "acled_type", code),
        acled_sub_type=_optional(entry, "acled_sub_type", code),
        plover=_text(entry, "plover", code),
        cameo=_text(entry, "cameo", code),
        ucdp=_text(entry, "ucdp", code),
        sides=_one_of(roles.get("sides"), SIDES, f"{code}.roles.sides"),
        initiator=_one_of(roles.get("initiator"), ROLE_GROUPS, f"{code}.roles.initiator"),
        target=_one_of(roles.get("target"), ROLE_GROUPS, f"{code}.roles.target"),
        strong=_cues({lang: t.get("s", []) for lang, t in triggers.items()}, f"{code}.s"),
        weak=_cues({lang: t.get("w", []) for lang, t in triggers.items()}, f"{code}.w"),
        anti=_cues({lang: t.get("not", []) for lang, t in triggers.items()}, f"{code}.not"),
    )


def _actor_class(value: Any, name: str) -> ActorClass:
    value = _dict(value, f"actors.classes.{name}")
    if name != "person":
        _one_of(name, records.ACTOR_CLASSES, "actors.classes")
    return ActorClass(
        group=_one_of(value.get("group"), GROUPS, f"actors.classes.{name}.group"),
        acled_inter=int(value["acled_inter"]),
        force=bool(value["force"]),
    )


def _actor(entry: Any, where: str, classes: Mapping[str, ActorClass]) -> ActorEntry:
    entry = _dict(entry, where)
    actor_id = _text(entry, "id", where)
    unknown = set(entry) - {
        "id", "name", "class", "iso", "parent", "valid", "needs_ctx", "needs_ctx_acronym", "generic", "affiliation",
        "branches", "settles", "aliases",
    }  # fmt: skip
    if unknown:
        raise LexiconError(f"actors.yaml: {actor_id}: unknown keys {sorted(unknown)}")
    since, until = [str(day) if day is not None else None for day in entry.get("valid", (None, None))]
    return ActorEntry(
        id=actor_id,
        name=_text(entry, "name", actor_id),
        actor_class=_one_of(entry.get("class"), tuple(classes), f"actors.yaml: {actor_id}.class"),
        countries=_texts(entry.get("iso", []), actor_id),
        parent=entry.get("parent"),
        valid=(since, until),
        needs_ctx=_texts(entry.get("needs_ctx", []), actor_id),
        needs_ctx_acronym=_texts(entry.get("needs_ctx_acronym", []), actor_id),
        generic=bool(entry.get("generic", False)),
        affiliation=entry.get("affiliation"),
        branches=_dict(entry.get("branches", {}), f"{actor_id}.branches"),
        settles=bool(entry.get("settles", True)),
        aliases=_cues(entry.get("aliases"), f"actors.yaml: {actor_id}.aliases"),
    )


def _country(iso: str, value: Any) -> Country:
    value = _dict(value, f"countries.{iso}")
    if not re.fullmatch(r"[A-Z]{2}", iso):
        raise LexiconError(f"countries.yaml: {iso!r} is not ISO 3166-1 alpha-2 (YAML reads NO as false: quote it)")
    return Country(
        iso=iso,
        tier=_one_of(value.get("tier"), TIERS, f"countries.{iso}.tier"),
        names=_cues(value.get("names", {}), f"countries.{iso}.names"),
        demonyms=_cues(value.get("demonyms", {}), f"countries.{iso}.demonyms"),
        unsure=_cues(value.get("unsure", {}), f"countries.{iso}.unsure"),
        capitals=_cues(value.get("capitals", {}), f"countries.{iso}.capitals"),
        anti=_texts(value.get("not", []), f"countries.{iso}.not"),
    )


def _sections(value: Any, where: str, names: Iterable[str]) -> dict[str, Cues]:
    value, allowed = _dict(value, where), tuple(names)
    for name in value:
        _one_of(name, allowed, where)
    return {name: _cues(by_language, f"{where}.{name}") for name, by_language in value.items()}


def _cues(value: Any, where: str) -> Cues:
    value = _dict(value, where)
    for language in value:
        _one_of(language, records.LANGUAGES, where)
    return {language: _texts(patterns, f"{where}.{language}") for language, patterns in value.items()}


def _texts(value: Any, where: str) -> tuple[str, ...]:
    for text in _list(value, where):
        if not isinstance(text, str) or not text.strip("!*_ "):
            raise LexiconError(f"{where}: {text!r} is not a pattern (quote words that YAML reads otherwise)")
    return tuple(dict.fromkeys(value))


def _dict(value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise LexiconError(f"{where}: expected a mapping, found {type(value).__name__}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise LexiconError(f"{where}: expected a list, found {type(value).__name__}")
    return value


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise LexiconError(f"{where}: {key} must be a text, found {value!r}")
    return value


def _optional(entry: Mapping[str, Any], key: str, where: str) -> str | None:
    return None if entry.get(key) is None else _text(entry, key, where)


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise LexiconError(f"{where}: {value!r} is not one of {', '.join(allowed)}")
    return str(value)


def _unique(entries: list[Any], key: str, where: str) -> dict[str, Any]:
    by_key: dict[str, Any] = {}
    for entry in entries:
        name = getattr(entry, key)
        if name in by_key:
            raise LexiconError(f"{where}.yaml: {name!r} stands there twice")
        by_key[name] = entry
    return by_key
