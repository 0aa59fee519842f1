"""The tagger's data files, read once per process and checked: types, cues, gates, quantities, actors, countries.

Every file lies in ``data/`` and opens with a comment on its notation. A file that breaks its shape stops the start with
a ``LexiconError`` that names the file and the place; nothing is repaired silently.
"""

import dataclasses
import datetime as dt
import functools
import hashlib
import itertools
import pathlib
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from transforms import records
from transforms.tagging import data_files
from transforms.tagging.data_files import DATA, Cues, LexiconError

__all__ = ["DATA", "LexiconError", "load", "read_lexicon"]
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
REGION_CLASS = "country"
"""The class of words that is no entry of words.yaml: the names of the region's countries (reading.build_matcher)."""
VICTIMS = records.QUANTITY_SUBJECTS
THINGS = ("cattle", "vehicles", "weapons", "ammunition", "buildings")
"""What is counted besides people."""
MOST_INTER = 8
"""ACLED's highest code of an actor; 0 is used here for persons, who come out as whom they act for."""
TYPE_KEYS = (
    "code", "label", "definition", "acled_type", "acled_sub_type", "plover", "cameo", "ucdp", "roles", "triggers",
)  # fmt: skip
ACTOR_KEYS = (
    "id", "name", "class", "iso", "parent", "valid", "needs_ctx", "needs_ctx_acronym", "generic", "affiliation",
    "branches", "settles", "aliases",
)  # fmt: skip
COUNTRY_KEYS = ("tier", "names", "demonyms", "unsure", "capitals", "not", "coups", "neighbours")


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
    coups: tuple[dt.date, ...]
    """Days of coups and attempts."""
    neighbours: tuple[str, ...]
    """Countries of the region across a border."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
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
    things: Mapping[str, Cues]
    units: Cues
    version: str


@functools.cache
def load() -> Lexicon:
    """The lexicon of ``data/``, read once per process."""
    return read_lexicon(DATA)


def read_lexicon(folder: pathlib.Path) -> Lexicon:
    """The lexicon in a folder; raises ``LexiconError`` with file, entry and field."""
    raw = {name: data_files.read(folder, name) for name in FILES}
    types = [_event_type(entry, i) for i, entry in enumerate(data_files.listing(raw["taxonomy"], "taxonomy.yaml"))]
    in_actors = data_files.mapping(raw["actors"], "actors.yaml")
    data_files.keys(in_actors, ("classes", "actors"), "actors.yaml")
    classes = {
        name: _actor_class(value, name)
        for name, value in data_files.mapping(in_actors.get("classes"), "actors.yaml: classes").items()
    }
    actors = [
        _actor(entry, i, classes)
        for i, entry in enumerate(data_files.listing(in_actors.get("actors"), "actors.yaml: actors"))
    ]
    gates, quantities = (data_files.mapping(raw[name], f"{name}.yaml") for name in ("gates", "quantities"))
    data_files.keys(gates, ("gates", "companions", *CUES), "gates.yaml")
    data_files.keys(quantities, ("kinds", "groups", "sites", "zero", "things", "units"), "quantities.yaml")
    words = data_files.mapping(raw["words"], "words.yaml")
    countries = data_files.mapping(
        data_files.mapping(raw["countries"], "countries.yaml").get("countries"), "countries.yaml"
    )
    lexicon = Lexicon(
        types=data_files.unique(types, "code", "taxonomy.yaml"),
        words={name: data_files.cues(by_language, f"words.yaml: {name}") for name, by_language in words.items()},
        classes=classes,
        actors=data_files.unique(actors, "id", "actors.yaml"),
        countries={iso: _country(iso, value) for iso, value in countries.items()},
        modes=data_files.sections(raw["modes"], "modes.yaml: ", MODE_CUES),
        gates=data_files.sections(gates.get("gates"), "gates.yaml: gates.", GATES),
        companions=data_files.sections(gates.get("companions"), "gates.yaml: companions.", COMPANIONS),
        cues=data_files.sections({name: gates.get(name) for name in CUES}, "gates.yaml: ", CUES),
        kinds=data_files.sections(quantities.get("kinds"), "quantities.yaml: kinds.", records.QUANTITY_KINDS),
        victims=data_files.sections(quantities.get("groups"), "quantities.yaml: groups.", VICTIMS),
        sites=data_files.sections(quantities.get("sites"), "quantities.yaml: sites.", records.TARGET_CLASSES),
        zero=data_files.sections(quantities.get("zero"), "quantities.yaml: zero.", records.QUANTITY_KINDS),
        things=data_files.sections(quantities.get("things"), "quantities.yaml: things.", THINGS),
        units=data_files.cues(quantities.get("units"), "quantities.yaml: units"),
        version=version_of(folder),
    )
    _check(lexicon)
    return lexicon


def _check(lexicon: Lexicon) -> None:
    """What the entries say of each other: classes of words, actors, countries; and no pattern twice in a list."""
    for name, cues in lexicon.words.items():
        data_files.check_class(cues, f"words.yaml: {name}")
    check = functools.partial(data_files.check_patterns, classes={*lexicon.words, REGION_CLASS})
    for code, event_type in lexicon.types.items():
        for key, cues in (("s", event_type.strong), ("w", event_type.weak), ("not", event_type.anti)):
            check(cues, where=f"taxonomy.yaml: {code}: triggers.{key}")
    for where, by_key in (
        ("modes.yaml: ", lexicon.modes), ("gates.yaml: gates.", lexicon.gates), ("gates.yaml: ", lexicon.cues),
        ("gates.yaml: companions.", lexicon.companions), ("quantities.yaml: kinds.", lexicon.kinds),
        ("quantities.yaml: groups.", lexicon.victims), ("quantities.yaml: sites.", lexicon.sites),
        ("quantities.yaml: zero.", lexicon.zero), ("quantities.yaml: things.", lexicon.things),
        ("quantities.yaml: ", {"units": lexicon.units}),
    ):  # fmt: skip
        for name, cues in by_key.items():
            check(cues, where=f"{where}{name}")
    for iso, country in lexicon.countries.items():
        for field in ("names", "demonyms", "unsure", "capitals"):
            check(getattr(country, field), where=f"countries.yaml: {iso}: {field}", strict=True)
    for actor in lexicon.actors.values():
        _check_actor(actor, lexicon)
    _check_aliases(lexicon.actors)


def _check_actor(actor: ActorEntry, lexicon: Lexicon) -> None:
    where = f"actors.yaml: {actor.id}"
    data_files.check_patterns(actor.aliases, (), f"{where}: aliases", strict=True)
    named: dict[str, list[str | None]] = {
        "parent": [actor.parent],
        "affiliation": [actor.affiliation],
        "branches": list(actor.branches.values()),
    }
    for field, others in named.items():
        for other in others:
            if other is not None and other not in lexicon.actors:
                raise LexiconError(f"{where}: {field}: no actor {other!r}")
    for iso in actor.countries:
        data_files.country(iso, lexicon.countries, f"{where}: iso")
    for iso in actor.branches:
        data_files.country(iso, lexicon.countries, f"{where}: branches")


def _check_aliases(actors: Mapping[str, ActorEntry]) -> None:
    """One name of two actors needs words of context, or days on which it is the one's and days on which the other's."""
    bearers: dict[tuple[str, str], list[ActorEntry]] = defaultdict(list)
    for actor in actors.values():
        for language, names in actor.aliases.items():
            for name in names:
                bearers[language, name].append(actor)
    for (language, name), named in bearers.items():
        for one, other in itertools.combinations(named, 2):
            told_apart = any((a.needs_ctx or a.needs_ctx_acronym) for a in (one, other))
            if not told_apart and one.valid == other.valid:
                raise LexiconError(
                    f"actors.yaml: {other.id}: aliases.{language}: {name!r} is {one.id}'s too, with nothing to tell them apart"
                )


def version_of(folder: pathlib.Path = DATA) -> str:
    """Hash over the data files' bytes, which asks for none of them to be read into a lexicon."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _event_type(entry: Any, number: int) -> EventType:
    entry = data_files.mapping(entry, f"taxonomy.yaml: entry {number + 1}")
    code = entry.get("code")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}\.[A-Z_]+", code):
        raise LexiconError(f"taxonomy.yaml: entry {number + 1}: code {code!r} is not GROUP.SUBTYPE")
    where = f"taxonomy.yaml: {code}"
    data_files.keys(entry, TYPE_KEYS, where)
    roles = data_files.mapping(entry.get("roles"), f"{where}: roles")
    triggers = data_files.mapping(entry.get("triggers"), f"{where}: triggers")
    if set(triggers) != set(records.LANGUAGES):
        raise LexiconError(f"{where}: triggers: languages {sorted(triggers)}, need {sorted(records.LANGUAGES)}")
    for language, by_strength in triggers.items():
        place = f"{where}: triggers.{language}"
        data_files.keys(data_files.mapping(by_strength, place), ("s", "w", "not"), place)
    return EventType(
        code=code,
        label=data_files.text(entry, "label", where),
        definition=data_files.text(entry, "definition", where),
        acled_type=data_files.optional(entry, "acled_type", where),
        acled_sub_type=data_files.optional(entry, "acled_sub_type", where),
        plover=data_files.text(entry, "plover", where),
        cameo=data_files.text(entry, "cameo", where),
        ucdp=data_files.text(entry, "ucdp", where),
        sides=data_files.one_of(roles.get("sides"), SIDES, f"{where}: roles.sides"),
        initiator=data_files.one_of(roles.get("initiator"), ROLE_GROUPS, f"{where}: roles.initiator"),
        target=data_files.one_of(roles.get("target"), ROLE_GROUPS, f"{where}: roles.target"),
        strong=data_files.cues({lang: t.get("s", []) for lang, t in triggers.items()}, f"{where}: triggers.s"),
        weak=data_files.cues({lang: t.get("w", []) for lang, t in triggers.items()}, f"{where}: triggers.w"),
        anti=data_files.cues({lang: t.get("not", []) for lang, t in triggers.items()}, f"{where}: triggers.not"),
    )


def _actor_class(value: Any, name: str) -> ActorClass:
    where = f"actors.yaml: classes: {name}"
    value = data_files.mapping(value, where)
    if name != "person":
        data_files.one_of(name, records.ACTOR_CLASSES, "actors.yaml: classes")
    data_files.keys(value, ("group", "acled_inter", "force"), where)
    inter = value.get("acled_inter")
    if inter not in range(MOST_INTER + 1):
        raise LexiconError(f"{where}: acled_inter {inter!r} is not 0 to {MOST_INTER}")
    return ActorClass(
        group=data_files.one_of(value.get("group"), GROUPS, f"{where}: group"),
        acled_inter=inter,
        force=data_files.flag(value, "force", where),
    )


def _actor(entry: Any, number: int, classes: Mapping[str, ActorClass]) -> ActorEntry:
    entry = data_files.mapping(entry, f"actors.yaml: entry {number + 1}")
    where = f"actors.yaml: {data_files.text(entry, 'id', f'actors.yaml: entry {number + 1}')}"
    data_files.keys(entry, ACTOR_KEYS, where)
    return ActorEntry(
        id=entry["id"],
        name=data_files.text(entry, "name", where),
        actor_class=data_files.one_of(entry.get("class"), classes, f"{where}: class"),
        countries=data_files.texts(entry.get("iso", []), f"{where}: iso"),
        parent=data_files.optional(entry, "parent", where),
        valid=data_files.interval(entry.get("valid", [None, None]), f"{where}: valid"),
        needs_ctx=data_files.texts(entry.get("needs_ctx", []), f"{where}: needs_ctx"),
        needs_ctx_acronym=data_files.texts(entry.get("needs_ctx_acronym", []), f"{where}: needs_ctx_acronym"),
        generic=data_files.flag(entry, "generic", where),
        affiliation=data_files.optional(entry, "affiliation", where),
        branches=data_files.mapping(entry.get("branches", {}), f"{where}: branches"),
        settles=data_files.flag(entry, "settles", where, default=True),
        aliases=data_files.cues(entry.get("aliases"), f"{where}: aliases"),
    )


def _country(iso: str, value: Any) -> Country:
    where = f"countries.yaml: {iso}"
    value = data_files.mapping(value, where)
    data_files.country(iso, (iso,), "countries.yaml")
    data_files.keys(value, COUNTRY_KEYS, where)
    return Country(
        iso=iso,
        tier=data_files.one_of(value.get("tier"), TIERS, f"{where}: tier"),
        names=data_files.cues(value.get("names", {}), f"{where}: names"),
        demonyms=data_files.cues(value.get("demonyms", {}), f"{where}: demonyms"),
        unsure=data_files.cues(value.get("unsure", {}), f"{where}: unsure"),
        capitals=data_files.cues(value.get("capitals", {}), f"{where}: capitals"),
        anti=data_files.texts(value.get("not", []), f"{where}: not"),
        coups=_days(value.get("coups", []), f"{where}: coups"),
        neighbours=data_files.texts(value.get("neighbours", []), f"{where}: neighbours"),
    )


def _days(value: Any, where: str) -> tuple[dt.date, ...]:
    days = data_files.texts(value, where)
    try:
        return tuple(dt.date.fromisoformat(day) for day in days)
    except ValueError as error:
        raise LexiconError(f"{where}: {error}") from error
