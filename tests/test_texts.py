"""How text is normalised: what is repaired, and the properties that evidence offsets rely on."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms import texts

# Any text, rich in what the cleaning treats specially.
AWKWARD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aé \t\n\r\x0b\x0c\x1c\x1f\x00\x85\xa0\xad\u0301\u061c\u200b\u200d\u200f\u2028\u202e\u3000\ufeff\ufffd"
        ),
        st.characters(categories=["Cs", "Mn", "Zs", "Cf"]),
    ),
    max_size=60,
)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("", ""),
        (" \r\n\t ", ""),
        ("Niamey", "Niamey"),
        ("  un\t deux \xa0trois  ", "un deux trois"),
        ("un\r\ndeux\rtrois\u2028quatre\x85cinq", "un\ndeux\ntrois\nquatre\ncinq"),
        ("un\n\n \n deux", "un\ndeux"),
        ("page un\x0cpage deux\x0bsuite", "page un\npage deux\nsuite"),
        ("un\x1fdeux", "un deux"),
        ("Ae\u0301roport", "Aéroport"),
        ("atta\u00adque", "attaque"),
        ("a\x00b\x07c", "abc"),
        ("\ufeffTitre", "Titre"),
        ("\u202eenversé\u202c", "enversé"),
        ("\u061cنيامي\u200f", "نيامي"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("a\ud800b", "ab"),
        ("ƙauyen Ɗan Issa", "ƙauyen Ɗan Issa"),
        ("4\u202f000 déplacés", "4 000 déplacés"),
    ],
)
def test_clean_text(raw, clean):
    """Spacing is evened out, control and direction marks go, letters of all four languages stay."""
    assert texts.clean_text(raw) == clean


def test_one_line_joins_paragraphs_with_spaces():
    """A title written over several lines becomes one line."""
    assert texts.clean_text(" Tillabéri:\r\n  une attaque \n", one_line=True) == "Tillabéri: une attaque"


@given(AWKWARD, st.booleans())
@example("e \u0301", False)
@example("\r\u200b\n", False)
def test_cleaning_twice_is_cleaning_once(raw, one_line):
    """Offsets stay valid however often a text passes through, in either form."""
    once = texts.clean_text(raw, one_line=one_line)
    assert texts.clean_text(once, one_line=one_line) == once
    assert texts.clean_text(once) == once


@given(AWKWARD)
def test_the_alphabet_of_clean_text(raw):
    """Clean text is NFC, encodable, and free of control, surrogate and direction code points and of odd spacing."""
    clean = texts.clean_text(raw)
    clean.encode("utf-8")
    assert unicodedata.is_normalized("NFC", clean)
    assert not [c for c in clean if c != "\n" and unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(clean) & set(BIDI)
    assert {c for c in clean if c.isspace()} <= {" ", "\n"}
    assert not re.search(r"^[ \n]|[ \n]$|[ \n]{2}", clean)


@given(AWKWARD)
def test_no_word_is_lost_or_joined(raw):
    """Words that white space separates stay apart, and none disappears unless all of it is dropped."""
    words = [clean for word in raw.split() if (clean := texts.clean_text(word))]
    assert texts.clean_text(raw).split() == [part for word in words for part in word.split()]


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("Un titre ordinaire\n", False),
        ("deux\xa0points", False),
        ("coupure\u00adinvisible et marque\u200f", False),
        ("page\x0csuivante", False),
        ("a\x00b", True),
        ("a\u202eb", True),
        ("a\ufffdb", True),
        (f"a{chr(0xD83D)}b", True),
    ],
)
def test_was_repaired(raw, repaired):
    """Damage is reported, ordinary typesetting is not."""
    assert texts.was_repaired(raw) is repaired


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("", 0, ""),
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("un deux trois", 9, "un deux"),
        ("un\ndeux", 5, "un"),
        ("éé", 3, "é"),
        ("é", 1, ""),
        ("a " + "b" * 2000, 1500, "a " + "b" * 1498),
    ],
)
def test_limit_bytes(text, limit, cut):
    """The cut falls between words when one ends near, between characters otherwise."""
    assert texts.limit_bytes(text, limit) == cut


@given(AWKWARD.map(texts.clean_text), st.integers(0, 80))
def test_limited_text_is_a_clean_prefix_that_fits(text, limit):
    """A limited text keeps the offsets of what it keeps."""
    cut = texts.limit_bytes(text, limit)
    assert text.startswith(cut)
    assert len(cut.encode("utf-8")) <= limit
    assert texts.clean_text(cut) == cut
    assert cut == text or len(text.encode("utf-8")) > limit


@pytest.mark.parametrize(
    ("text", "limit", "excerpt"),
    [
        ("court", 10, "court"),
        ("une\nligne", 10, "une ligne"),
        ("un deux trois, quatre", 16, "un deux trois…"),
        ("abcdefghijkl", 10, "abcdefghi…"),
        ("a bcdefghijklmnop", 10, "a bcdefgh…"),
    ],
)
def test_excerpt_of(text, limit, excerpt):
    """An excerpt is one line, ends between words where it can, and says that it was cut."""
    assert texts.excerpt_of(text, limit) == excerpt


@given(AWKWARD.map(texts.clean_text), st.integers(1, 50))
def test_an_excerpt_fits_and_begins_the_text(text, limit):
    """An excerpt never exceeds its limit and, the mark aside, is how the text begins."""
    excerpt = texts.excerpt_of(text, limit)
    assert len(excerpt) <= limit
    assert "\n" not in excerpt
    whole = text.replace("\n", " ")
    assert excerpt == whole or whole.startswith(excerpt.removesuffix("…"))


def test_word_count_and_hash():
    """Words are counted over lines, and the hash tells texts apart in 128 bits."""
    assert texts.word_count("Trois mots\nici") == 3
    assert texts.word_count("") == 0
    assert re.fullmatch("[0-9a-f]{32}", texts.text_hash("Niamey"))
    assert texts.text_hash("Niamey") != texts.text_hash("niamey")
