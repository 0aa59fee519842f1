"""``tag --explain`` and ``tag --unknown-names``: why an event is told or not, and what the data files do not know yet."""

import io
import json

import pytest

from pipeline import filters, options
from transforms.tag_events import tag_record, unknown_names
from transforms.tagging.confidence import MOST

STRIKE = {
    "article_id": "a", "language": "fr", "published": "2026-10-14T00:00:00Z", "title": "Mali : frappe près de Gao",
    "text": "Une frappe aérienne a tué douze jihadistes lundi près de Gao, selon l'état-major.",
}  # fmt: skip


def explained(text, language="fr", **more):
    """The explanation of a text."""
    line = {"article_id": "a", "text": text, "language": language, "published": "2026-10-14T00:00:00Z", **more}
    return tag_record(line, explain=True)


def reasons(record):
    """Why triggers of a record do not count."""
    return [t["why"] for s in record["explain"]["sentences"] for t in s["triggers"] if not t["counts"]]


def test_every_rule_of_an_event_is_told_with_its_words():
    record = tag_record(STRIKE, explain=True)
    (event,) = record["events"]
    fired = {t["rule"]: t["words"] for s in record["explain"]["sentences"] for t in s["triggers"] if t["counts"]}
    assert set(event["rules"]) <= set(fired)
    assert all(words in f"{STRIKE['title']}\n{STRIKE['text']}" for words in fired.values())


def test_sentences_slice_back():
    for sentence in tag_record(STRIKE, explain=True)["explain"]["sentences"]:
        assert STRIKE[sentence["part"]][sentence["start"] : sentence["end"]] == sentence["sentence"]


def test_confidence_is_the_sum_of_its_signs():
    record = tag_record(STRIKE, explain=True)
    (why,) = record["explain"]["events"]
    odds = sum(why["signs"].values())
    assert record["events"][0]["event_id"] == why["event_id"]
    assert why["at_most"] == MOST
    assert abs(min(MOST, 1 / (1 + 2.718281828**-odds)) - why["confidence"]) < 0.02


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Au Mali, le pont de Gao a été frappé par la chaleur.", "speak for something else"),
        ("Des hommes armés ont tué huit civils à Bagdad, en Irak.", "outside"),
        ("Une frappe aérienne a tué douze jihadistes près de Gao.", "speak for something else"),
        ("Quinze terroristes ont été abattus par l'armée près de Tessit.", "told as BAT.OPERATION"),
    ],
)
def test_what_does_not_count_says_why(text, told):
    record = explained(text)
    assert any(told in why for why in reasons(record)), reasons(record)


def test_an_article_about_something_else_names_its_topic():
    text = (
        "Le match de football entre le Mali et le Niger a été une bataille. Le championnat reprend, a dit l'entraîneur."
    )
    record = explained(
        text + " L'attaque a marqué trois buts au stade de Bamako. Une frappe du gardien a tué le match."
    )
    assert record["explain"]["gate"] == "sport"
    assert not record["events"]


def test_explaining_changes_nothing():
    record = tag_record(STRIKE, explain=True)
    del record["explain"]
    assert record == tag_record(STRIKE)


def test_unreadable_text_has_no_explanation():
    record = explained("ζζζ", language="el")
    assert record["reason"] == "LANGUAGE_UNKNOWN"
    assert record["explain"] is None


def test_unknown_names_beside_triggers_are_the_queue():
    lines = [
        {"article_id": "a", "language": "fr", "text": "Le Front Zorgo a attaqué le camp de Ménaka avec le FDRX et le JNIM."},
        {"article_id": "b", "language": "fr", "text": "Le FDRX a attaqué le camp de Kidal mardi. Le Club Lumo chante."},
    ]  # fmt: skip
    queue = {row["name"]: row for row in unknown_names(lines)}
    assert next(iter(queue)) == "FDRX"
    assert queue["FDRX"]["articles"] == 2
    assert queue["FDRX"]["example"] in lines[0]["text"]
    assert "Front Zorgo" in queue
    assert not {"JNIM", "Ménaka", "Kidal", "Club Lumo"} & set(queue)


def test_command_line_of_both():
    lines = io.BytesIO(json.dumps(STRIKE).encode() + b"\n")
    out, parser = io.BytesIO(), options.build_parser()
    assert filters.run_filter(parser.parse_args(["tag", "--explain"]), lines, out, io.StringIO()) == 0
    assert json.loads(out.getvalue())["explain"]["events"]
    with pytest.raises(options.UsageError, match="not allowed with"):
        parser.parse_args(["tag", "--explain", "--unknown-names"])


def test_capitals_of_a_trigger_are_no_unknown_names():
    """The State of a coup is no name to look up; the unknown group beside it is."""
    text = "Le groupe Zarbakan a applaudi le coup d'État au Niger."
    line = {"article_id": "a", "text": text, "language": "fr", "published": "2026-11-10"}
    assert [row["name"] for row in unknown_names([line])] == ["Zarbakan"]


def test_sentences_whose_words_nearly_tell_an_event_are_shown():
    """Where no rule fires, what the words speak for is told, so that a reader sees why there is no event."""
    texts = (
        "Les habitants ont entendu des détonations toute la nuit à Djibo.",
        "À Gao, on a compté les corps jusqu'au soir.",
        "À Ménaka, personne ne dort plus depuis que les motos tournent autour de la ville.",
        "Les élèves de Tillabéri ont chanté devant le préfet.",
    )
    rows = [explained(text)["explain"]["sentences"] for text in texts]
    assert any(row and not row[0]["triggers"] and next(iter(row[0]["wording"])) != "NONE" for row in rows)
    assert rows[-1] == []
