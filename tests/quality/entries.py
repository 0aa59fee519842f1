"""The examples of the entries: actors, places and cues, each with a sentence that shows it and one that does not.

``tests/test_challenge_entries.py`` runs them. A failing sentence is told as the tagger's own account of it.
"""

import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from transforms import records
from transforms.tagging import lexicon
from transforms.tagging.geography import REGION, Geography
from transforms.tagging.tagger import Taggable, Tagger

FOLDER = pathlib.Path(__file__).with_name("challenges") / "entries"
PLACES = lexicon.DATA / "places.yaml"
PUBLISHED = "2026-10-14"
"""A Wednesday: the day of publication where an example gives none."""
SIDES = ("shows", "not")
Events = tuple[records.Event, ...]
Example = Mapping[str, Any]


def read(name: str) -> Any:
    """A file of examples as it stands."""
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def article(example: Example, side: str, name: str = "") -> Taggable:
    """One of the two sentences of an example, ``{name}`` filled in."""
    return Taggable(
        article_id="a" * 32, text=example[side].replace("{name}", name), language=example["l"],
        published=str(example.get("p", PUBLISHED)), country=example.get("c"),
    )  # fmt: skip


def person_name(example: Example) -> str:
    """How the lexicon writes a person in the language of the example: the longest form it has."""
    aliases = lexicon.load().actors[example["id"]].aliases
    return max(aliases.get(example["l"], aliases["en"]), key=len)


def actor_shown(example: Example, side: str) -> bool:
    """Whether the actor, or whom a person acts for, is a party of an event or claims one.

    A news medium is shown when it is recognised and is no party of the event, which must be there.
    """
    entry = lexicon.load().actors[example["id"]]
    told = article(example, side, person_name(example) if entry.actor_class == "person" else "")
    events = Tagger.load().tag(told).events
    parties = {actor.actor_id for event in events for actor in event.actors} | {event.claimed_by for event in events}
    if entry.actor_class == "media":
        hits = Tagger.load().read(told).kinds_found.get("actor", [])
        return bool(events) and example["id"] in {hit.key for hit in hits} and example["id"] not in parties
    meant = entry.affiliation or entry.id
    return (example.get("as", meant) if side == "shows" else meant) in parties


def place_shown(example: Example, side: str) -> bool:
    """Whether the place is where an event is (``shows``), or is read in the text at all (``not``)."""
    told = article(example, side)
    wanted = example["name"], example.get("cc")
    if side == "shows":
        found = {
            (name, event.location.country)
            for event in Tagger.load().tag(told).events
            if event.location is not None
            for name in (event.location.name, event.location.admin1)
        }
    else:
        reading = Tagger.load().read(told)
        geography = Geography(reading)
        found = {
            (name, place.country)
            for sentence in range(len(reading.sentences))
            for _, place in geography.places_in(sentence)
            for name in (place.name, place.admin1 if place.kind == "admin1" else None)
        }
    return wanted in found if wanted[1] else wanted[0] in {name for name, _ in found}


def country_shown(example: Example, side: str) -> bool:
    """Whether the article is taken to speak of the country."""
    return example["cc"] in Geography(Tagger.load().read(article(example, side))).countries()


def cue_shown(example: Example, side: str) -> bool:
    """Whether the cue does what its family is for in an event of the sentence."""
    family = example["cue"]
    events = tuple(
        event for event in Tagger.load().tag(article(example, side)).events
        if event.event_type == example.get("type", event.event_type)
    )  # fmt: skip
    return bool(CHECKS[family](events, example))


def cue_fired(example: Example) -> bool:
    """Whether the family has a word in the sentence that shows it."""
    section, key = example["cue"].split(".")
    kind = {"modes": "mode", "gates": "gate", "companions": "companion", "cues": "cue", "kinds": "count",
            "groups": "victim", "sites": "site", "zero": "zero", "units": "unit",
            "things": "thing"}[section]  # fmt: skip
    found = Tagger.load().read(article(example, "shows")).kinds_found.get(kind, [])
    return key in {hit.key for hit in found}


def families() -> Iterator[str]:
    """The families of cues that the data files have."""
    data = lexicon.load()
    for section, by_key in (
        ("modes", data.modes), ("gates", data.gates), ("companions", data.companions), ("cues", data.cues),
        ("kinds", data.kinds), ("groups", data.victims), ("sites", data.sites), ("zero", data.zero),
        ("things", data.things),
    ):  # fmt: skip
        yield from (f"{section}.{key}" for key in by_key)
    yield "units.unit"


def traps() -> dict[str, set[tuple[str, str]]]:
    """What places.yaml marks as dangerous, by section of the file of examples: (name, country), events elsewhere aside."""
    hand = yaml.load(PLACES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    region = {iso for iso, country in lexicon.load().countries.items() if country.tier in REGION}
    return {
        "areas": {(row["name"], "") for row in hand["areas"]},
        "places": {(row["name"], row["cc"]) for row in hand["places"] if "cue" in row and row["cc"] in region},
        "admin1": {(row["name"], row["code"][:2]) for row in hand["admin1"] if row.get("word")},
        "countries": {(row["loose"][0], row["cc"]) for row in hand["countries"] if "loose" in row} | {("مالي", "ML")},
    }


def _told(events: Events) -> list[records.Event]:
    """Events told as news."""
    return [e for e in events if e.mode in ("reported", "planned") and not e.is_background and e.confidence >= 0.5]


def _party(role: str | None) -> Callable[[Events, Example], bool]:
    return lambda events, example: any(
        actor.actor_id == example["actor"] and role in (None, actor.role) for e in events for actor in e.actors
    )


def _mode(name: str) -> Callable[[Events, Example], bool]:
    return lambda events, example: any(event.mode == name for event in events)


def _counts(kind: str | None = None, who: str | None = None) -> Callable[[Events, Example], bool]:
    return lambda events, example: any(
        kind in (None, q.kind) and who in (None, q.who) and q.low > 0 for event in events for q in event.quantities
    )


def _zero(kind: str) -> Callable[[Events, Example], bool]:
    return lambda events, example: any(
        (q.kind, q.low, q.high) == (kind, 0, 0) for event in events for q in event.quantities
    )


def _things(events: Events, _: Example) -> bool:
    return any((q.kind, q.low, q.high) == ("other", 9, 9) for event in events for q in event.quantities)


def _site(name: str) -> Callable[[Events, Example], bool]:
    return lambda events, example: any(event.target_class == name for event in events)


def _silent(events: Events, _: Example) -> bool:
    return not _told(events)


def _news(events: Events, _: Example) -> bool:
    return bool(_told(events))


def _past(events: Events, _: Example) -> bool:
    return bool(events) and not any(event.mode == "reported" for event in events)


def _now(events: Events, _: Example) -> bool:
    return any(event.mode == "reported" for event in events)


CHECKS: dict[str, Callable[[Events, Example], bool]] = {
    **{f"modes.{name}": _mode(name) for name in ("denied", "negated", "hypothetical", "planned", "ongoing_stock")},
    "modes.historical": _mode("historical"),
    "modes.historical_frame": _mode("historical"),
    "modes.modal": _mode("hypothetical"),
    **{f"modes.{name}": _past for name in ("later", "anniversary")},
    "modes.alleged": lambda events, _: any(event.alleged for event in events),
    "modes.background": lambda events, _: not events or any(event.is_background for event in events),
    "modes.attribution": lambda events, example: bool(events) and not _party(None)(events, example),
    "modes.passing": _silent,
    "modes.general": _silent,
    **{f"modes.{name}": _now for name in ("flow", "happened", "at_once", "lately")},
    **{f"gates.{name}": _silent for name in lexicon.GATES},
    **{f"companions.{name}": _news for name in lexicon.COMPANIONS},
    "cues.connectors": _now,
    "cues.by_agent": _party("initiator"),
    "cues.on_target": _party("target"),
    "cues.same_subject": _party("initiator"),
    "cues.place_cues": lambda events, example: any(e.location and e.location.name == example["place"] for e in events),
    "cues.rulers": _party("initiator"),
    "cues.deposed": _party("target"),
    **{f"kinds.{kind}": _counts(kind=kind) for kind in records.QUANTITY_KINDS},
    **{f"groups.{who}": _counts(who=who) for who in records.QUANTITY_SUBJECTS},
    **{f"sites.{name}": _site(name) for name in records.TARGET_CLASSES},
    "zero.killed": _zero("killed"),
    "zero.wounded": _zero("wounded"),
    **{f"things.{name}": _things for name in lexicon.THINGS},
    "units.unit": lambda events, _: bool(events) and all(q.low != 9 for e in events for q in e.quantities),
}
"""What a family of cues is for, as seen in the events of a sentence."""
