"""Every actor, area, trap and family of cues has a sentence that shows it and one that has like words and does not."""

import itertools
import json

import pytest

from tests.quality import entries
from transforms import records
from transforms.tagging import lexicon
from transforms.tagging.tagger import Tagger

ACTORS = entries.read("actors")
PLACES = entries.read("places")
CUES = entries.read("cues")
LOCATED = [example for section in ("areas", "places", "admin1") for example in PLACES[section]]


def both(examples):
    """Each example with each of its sides, as parameters with readable names."""
    return [
        pytest.param(
            example, side, id=f"{example.get('id') or example.get('name') or example.get('cue')}-{example['l']}-{side}"
        )
        for example, side in itertools.product(examples, entries.SIDES)
    ]


def holds(shown, example, side):
    """``shows`` must show and ``not`` must not; a side marked as a gap must fail, so that the mark goes with the fault."""
    assert (shown is (side == "shows")) is not (side in example.get("gap", ())), example[side]


@pytest.mark.parametrize(("example", "side"), both(ACTORS))
def test_actor(example, side):
    """An actor is a party where it acts, and none where only its name, or a like one, stands."""
    holds(entries.actor_shown(example, side), example, side)


@pytest.mark.parametrize(("example", "side"), both(LOCATED))
def test_place(example, side):
    """A place is where the event is, and none where its name is a word, a person's or another place's."""
    holds(entries.place_shown(example, side), example, side)


@pytest.mark.parametrize(("example", "side"), both(PLACES["countries"]))
def test_country(example, side):
    """A country is spoken of, and is not where its name is part of another or an ordinary word."""
    holds(entries.country_shown(example, side), example, side)


@pytest.mark.parametrize(("example", "side"), both(CUES))
def test_cue(example, side):
    """A family of cues does what it is for, and does not where such words mean something else."""
    if side == "shows" and "shows" not in example.get("gap", ()):
        assert entries.cue_fired(example), "the sentence has no word of the family"
    holds(entries.cue_shown(example, side), example, side)


def test_every_actor_has_examples():
    """An actor without a positive and a negative sentence fails, and so does an example of an actor that is gone."""
    assert sorted(example["id"] for example in ACTORS) == sorted(lexicon.load().actors)


@pytest.mark.parametrize("section", ["areas", "places", "admin1", "countries"])
def test_every_trap_has_examples(section):
    """An area, a place with a cue, a division that is a word: each has its two sentences."""
    told = {(example["name"], example.get("cc", "")) for example in PLACES[section]}
    missing = entries.traps()[section] - told
    assert not missing
    assert section == "countries" or told == entries.traps()[section]


def test_every_family_of_cues_has_examples():
    """Each family in one language at least, those of mode in all four."""
    told = {(example["cue"], example["l"]) for example in CUES}
    assert set(entries.families()) == {family for family, _ in told}
    modes = {family for family in entries.families() if family.startswith("modes.")}
    assert {(family, language) for family in modes for language in records.LANGUAGES} <= told


def test_two_sentences_each():
    """The two sentences differ, and no example is written twice."""
    sentences = [
        example[side] for example in (*ACTORS, *LOCATED, *PLACES["countries"], *CUES) for side in entries.SIDES
    ]
    templates = [sentence for sentence in sentences if "{name}" not in sentence]
    assert len(templates) == len(set(templates))


def test_persons_come_out_as_whom_they_act_for():
    """No example's record holds the name of a person of the lexicon."""
    for example in ACTORS:
        if lexicon.load().actors[example["id"]].actor_class == "person":
            name = entries.person_name(example)
            told = Tagger.load().tag(entries.article(example, "shows", name))
            actors = [records.to_json(actor) for event in told.events for actor in event.actors]
            assert name not in json.dumps(actors, ensure_ascii=False)
