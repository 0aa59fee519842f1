"""Every word of every class of words.yaml has a sentence in which it does its work and one of ordinary news that stays quiet."""

import pytest

from tests.quality import words
from transforms.records import LANGUAGES

UNSHOWN: dict[str, set[words.Word]] = {
    "fr": {
        ("arrestee", "syndicat*"),
        ("attackv", "prise pour cible"),
        ("civ", "ressortissant*"),
        ("destroy", "pilonné*"),
        ("killed", "retrouvés morts"),
        ("militant", "GAT"),
    },
    "en": {
        ("aidorg", "NGOs"),
        ("arrestee", "captain"),
        ("civ", "polio workers"),
        ("civsite", "mine site*"),
        ("kill", "executed"),
        ("killed", "was found shot"),
        ("killed", "were also killed"),
        ("soldier", "members of the defence and security forces"),
        ("wreck", "gutted"),
    },
    "ar": {
        ("army", "هيئة الأركان"),
        ("arrestee", "جنرالات"),
        ("kill", "أعدم*"),
        ("kill", "أعدموا"),
        ("militant", "انتحاري*"),
        ("soldier", "أفراد الجيش"),
        ("soldier", "رجال الأمن"),
    },
    "ha": {
        ("arrestee", "lauya*"),
        ("arrestee", "shugaban kasa"),
        ("civ", "'yan kasuwa"),
        ("civ", "bakin haure"),
        ("civsite", "garuruwa"),
        ("kill", "kisan"),
    },
}
"""Words without a sentence in which a pattern with their class told the event; they go from here when they have one."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_read_as_meant(language):
    """A sentence is read as it is labelled; one marked as misread must be, so that the mark goes with the fault."""
    wrong = [one.line for one in words.accounts(language) if one.right is one.line.misread]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_its_two_sentences(language):
    """A word added without them fails, and so does one listed as unshown that is shown."""
    unshown, taken = words.missing(language)
    assert set(unshown) == UNSHOWN[language]
    assert taken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_twice(language):
    """Each is written once."""
    texts = [line.text for line in words.read_lines(language)]
    assert len(texts) == len(set(texts))
