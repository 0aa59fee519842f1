"""Every name of places.yaml that is a word, a person's name or part of another name: read where it is a place, and only there.

Each of these lists' entries is put into a sentence that locates it and into one in which it is what the list says it is.
"""

import functools
import re

import pytest

from transforms.tagging import data_tables
from transforms.tagging.gazetteer import MASK, is_arabic, key_of, read_gazetteer
from transforms.tagging.normalise import fold
from transforms.tagging.places import PlaceIndex

LOCATED = {
    "latin": (
        "Gunmen killed four farmers in the village of {} on Monday.",
        "Des hommes armés ont tué quatre paysans dans le village de {} lundi.",
    ),
    "arabic": ("قتل مسلحون أربعة مزارعين في قرية {} يوم الاثنين.",),
}
AS_WORD = {
    "latin": (
        "The reporters wrote {} on the board, and nobody asked why.",
        "Les invités ont répété {} trois fois avant de partir.",
    ),
    "arabic": ("كتب التلاميذ كلمة {} على اللوح ثم انصرفوا.",),
}
AS_PERSON = (
    "{} Traoré said that gunmen killed four farmers on Monday.",
    "Selon Moussa {}, quatre paysans ont été tués lundi.",
    "Adama {} told reporters that four farmers were killed.",
)
LANGUAGES = {"latin": ("en", "fr"), "arabic": ("ar",)}


@functools.cache
def forms():
    """The written forms of the gazetteer and how freely each is taken."""
    gazetteer = read_gazetteer()
    return dict(zip(gazetteer.keys, gazetteer.levels, strict=True))


def read(sentence, language):
    """The keys of the places read in a sentence."""
    found = PlaceIndex.load().find(sentence, fold(sentence, language), language)
    return {key_of(sentence[mention.start : mention.end]) for mention in found}


def script(word):
    """Which of the sentences a word goes into."""
    return "arabic" if is_arabic(word) else "latin"


def located(word):
    """What a sentence that locates a word reads as places, by language."""
    name = word if is_arabic(word) else word.title()
    return {
        language: read(template.format(name), language)
        for template, language in zip(LOCATED[script(word)], LANGUAGES[script(word)], strict=True)
    }


@pytest.mark.parametrize("section", ["common_words", "people_names"])
def test_a_dangerous_name_is_a_place_behind_its_cue(section):
    """In "the village of ..." each is read as the place; persons' names that no place bears are no forms at all."""
    words = [word for word in data_tables.places()[section] if forms().get(key_of(word), MASK) != MASK]
    assert len(words) > (0.95 if section == "common_words" else 0.3) * len(data_tables.places()[section])
    missed = [
        (word, language)
        for word in words
        for language, found in located(word).items()
        if not any(key_of(word).removeprefix("ال") in key for key in found)
    ]
    assert missed == []


def test_a_common_word_by_itself_is_no_place():
    """In small letters or capitals, where nothing locates it."""
    taken = [
        (word, sentence)
        for word in data_tables.places()["common_words"]
        for template, language in zip(AS_WORD[script(word)], LANGUAGES[script(word)], strict=True)
        for name in {word, word.title()}
        if key_of(word) in read(sentence := template.format(name), language)
    ]
    assert taken == []


def test_a_persons_name_is_no_place():
    """Before and behind another name."""
    taken = [
        (name, sentence)
        for name in data_tables.places()["people_names"]
        for template in AS_PERSON
        if key_of(name) in read(sentence := template.format(name), "fr" if template.startswith("Selon") else "en")
    ]
    assert taken == []


def test_an_arabic_word_is_no_place():
    """What transliteration would make of towns, and is an everyday word; names of countries are what they are."""
    hand = data_tables.places()
    countries = {name for country in hand["countries"] for name in country["names"].get("ar", ())}
    taken = [
        (word, sentence)
        for word in hand["arabic_words"]
        if word not in countries
        for sentence in [AS_WORD["arabic"][0].format(word)]
        if key_of(word) in read(sentence, "ar")
    ]
    assert taken == []


def test_a_mask_hides_the_places_in_it():
    """Nothing of "Air France" or "Niger Delta" is a place; without the mask's other words the place in it is one."""
    hand = data_tables.places()
    shown, hidden = [], []
    for mask in hand["masks"]:
        arabic = is_arabic(mask)
        template = "تحدث التقرير عن {} يوم الاثنين." if arabic else "Reporters spoke of {} on Monday."
        sentence = template.format(mask)
        language = "ar" if arabic else "en"
        inside = read(sentence, language)
        hidden += [(mask, place) for place in inside if place in key_of(mask)]
        words = [word for word in re.findall(r"[\w'-]+", mask) if key_of(word) in forms()]
        if any(read(LOCATED[script(mask)][0].format(word), language) for word in words):
            shown.append(mask)
    assert hidden == []
    assert len(shown) > 0.5 * len(hand["masks"])


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("en", "Jihadists attacked Gao on Monday, killing six soldiers.", "gao"),
        ("en", "The army recaptured Kaya on Monday.", "kaya"),
        ("fr", "Des hommes armés ont attaqué Say lundi.", "say"),
        ("ar", "مسلحون هاجموا غاو يوم الاثنين.", "غاو"),
        ("ha", "'Yan bindiga sun kai hari Gao ranar Litinin.", "gao"),
    ],
)
def test_what_is_attacked_by_its_bare_name_is_a_place(language, sentence, name):
    """A verb of attack or capture locates the town behind it; before a second name it is a person's."""
    assert name in read(sentence, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Gunmen attacked Say Issoufou, a trader, on Monday."),
        ("fr", "Des hommes armés ont attaqué Say Issoufou, un commerçant."),
    ],
)
def test_a_person_who_is_attacked_is_no_place(language, sentence):
    """The name goes on."""
    assert "say" not in read(sentence, language)
