"""What the words of a sentence speak for: the weights, their sums, and the texts they are learnt from."""

import concurrent.futures
import itertools

import numpy as np
import pytest

from tests.quality import build_wording, sentences
from transforms.records import LANGUAGES
from transforms.tagging import lexicon, wording
from transforms.tagging.tagger import Taggable, Tagger

CODES = ["BAT.CLASH", "HUM.AID", wording.NO_EVENT]
TEXTS = [
    ("BAT.CLASH", "soldiers and rebels fought near the river"), ("BAT.CLASH", "rebels fought the soldiers all night"),
    ("HUM.AID", "trucks brought sorghum to the families"), ("HUM.AID", "families received sorghum and oil"),
    (wording.NO_EVENT, "the team won the match"), (wording.NO_EVENT, "the match ended in a draw for the team"),
]  # fmt: skip


def small() -> wording.Wording:
    return wording.Wording(CODES, *build_wording.fit(TEXTS, CODES))


def test_a_word_is_itself_and_its_runs_of_letters():
    assert list(wording.features("tue")) == ["tue", "#<tu", "#tue", "#ue>", "#<tue", "#tue>", "#<tue>"]


def test_of_a_number_only_its_length_counts():
    assert [wording.shown(word) for word in ("12", "48", "1234567", "mp3")] == ["02", "02", "05", "mp3"]
    assert list(wording.features("02")) == ["02"]


def test_words_learnt_from_a_few_texts_tell_others_apart():
    told = [
        "fighting",
        "between",
        "rebel",
        "fighters",
        "and",
        "a",
        "soldier",
        "sorghum",
        "for",
        "a",
        "family",
        "a",
        "draw",
        "in",
        "the",
        "match",
    ]
    spoken = small().read(told, [0, 6, 10])
    likeliest = [max(CODES, key=lambda code, row=row: spoken.chance(row, code)) for row in range(3)]
    assert likeliest == CODES
    assert told[spoken.word(1, "HUM.AID")] == "sorghum"


def test_pairs_of_neighbours_weigh_within_a_sentence_only():
    """What two words say together is heard when they stand side by side, in their order and in one sentence."""
    texts = [("BAT.CLASH", "opened fire"), ("HUM.AID", "fire opened"), ("BAT.CLASH", "they opened fire"),
             ("HUM.AID", "the fire opened"), (wording.NO_EVENT, "they met"), (wording.NO_EVENT, "the met")]  # fmt: skip
    learnt = wording.Wording(CODES, *build_wording.fit(texts, CODES))
    whole, apart = learnt.read(["opened", "fire"], [0]), learnt.read(["opened", "fire"], [0, 1])
    turned = learnt.read(["fire", "opened"], [0])
    assert whole.chance(0, "BAT.CLASH") > 0.6
    assert turned.chance(0, "BAT.CLASH") < 0.4
    for sentence, word in enumerate(["opened", "fire"]):
        alone = learnt.read([word], [0])
        assert [apart.chance(sentence, code) for code in CODES] == [alone.chance(0, code) for code in CODES]


def test_chances_sum_to_one_and_do_not_depend_on_what_was_read_before(monkeypatch):
    words, starts = ["the", "rebels", "fought", "and", "then", "the", "families", "received", "oil"], [0, 3, 3]
    whole = small().read(words, starts)
    monkeypatch.setattr(wording, "_READY", 12)
    crowded = small()
    for _ in range(3):
        crowded.read(["other", "words", "that", "fill", "what", "is", "kept", "ready", "up"], [0])
    for sentence in range(3):
        chances = [whole.chance(sentence, code) for code in CODES]
        assert sum(chances) == pytest.approx(1)
        assert [crowded.read(words, starts).chance(sentence, code) for code in CODES] == chances


def test_a_text_of_more_words_than_are_kept_ready_is_read(monkeypatch):
    monkeypatch.setattr(wording, "_READY", 4)
    words = [f"word{number}" for number in range(50)]
    assert [small().read(words, [0]).chance(0, code) for code in CODES]


def test_threads_that_share_the_words_read_alike(monkeypatch):
    monkeypatch.setattr(wording, "_READY", 8)
    shared, texts = small(), [told.split() for _, told in TEXTS] * 20
    alone = [small().read(words, [0]).chance(0, "HUM.AID") for words in texts]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda words: shared.read(words, [0]).chance(0, "HUM.AID"), texts)) == alone


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-200], lambda data: b"PK" + data[40:]])
def test_a_damaged_file_is_named(damage, tmp_path):
    path = tmp_path / "wording.npz"
    path.write_bytes(damage((lexicon.DATA / wording.FILE).read_bytes()))
    with pytest.raises(lexicon.LexiconError, match=r"wording\.npz: fr: cannot be read"):
        wording.load("fr", path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_has_a_weight_for_every_type(language):
    known = wording.load(language)
    assert list(known.codes) == [*sorted(lexicon.load().types), wording.NO_EVENT]
    said = known.read(["x"], [0])
    assert np.isclose(sum(said.chance(0, code) for code in known.codes), 1)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "Men on motorbikes sprayed a wedding party in Gorom-Gorom with bullets on Sunday, leaving 14 guests dead.", "CIV.ATTACK"),
        ("fr", "Trois enseignants ont été emmenés de force par des hommes à moto à la sortie de Douentza, au Mali.", "CIV.ABDUCTION"),
    ],
)  # fmt: skip
def test_an_act_without_a_phrase_of_its_own_is_told_by_its_words(language, text, code):
    article = Taggable(article_id="a" * 32, text=text, language=language, published="2026-10-14")
    assert code in {event.event_type for event in Tagger.load().tag(article).events if event.confidence >= 0.5}


def test_every_line_has_known_types_and_no_text_stands_in_both_halves():
    known = {*lexicon.load().types, wording.NO_EVENT}
    texts: dict[str, set[str]] = {}
    for half, language in itertools.product(sentences.HALVES, LANGUAGES):
        rows = [
            row
            for path in sorted((sentences.SENTENCES / half).glob(f"{language}-*.tsv"))
            for row in build_wording.read_rows(path)
        ]
        assert rows
        assert {code for row in rows for code in row.codes} <= known
        texts.setdefault(half, set()).update(row.text for row in rows)
    assert not texts["tuning"] & texts["held"]


@pytest.mark.parametrize("line", ["BAT.CLASH", "\ttext", "BAT.CLASH\t ", "1\tA.B\tC.D\ttext"])
def test_a_line_that_is_none_is_named(line, tmp_path):
    path = tmp_path / "en-texts.tsv"
    path.write_text(f"BAT.CLASH\tFighting near Gao.\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"en-texts\.tsv:2"):
        list(build_wording.read_rows(path))
