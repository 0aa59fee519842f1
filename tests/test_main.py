"""The command line: good usage, bad usage, and the three filters."""

import base64
import subprocess
import sys

import orjson
import pytest

from pipeline.version import VERSION
from tests.conftest import run_main

CATALOGUE = """feeds:
- {id: essai, url: "https://essai.example/feed", outlet: essai, publisher_family: essai, ownership: private}
"""


@pytest.fixture
def catalogue(tmp_path):
    """A catalogue of one feed on a host that does not exist."""
    path = tmp_path / "feeds.yaml"
    path.write_text(CATALOGUE)
    return str(path)


def lines(*objects):
    """JSON Lines."""
    return b"".join(orjson.dumps(o) + b"\n" for o in objects)


def read(ran):
    """The JSON objects a command printed."""
    return [orjson.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "--feeds, --output"),
        (["run", "--feeds", "none.yaml", "--output", "out"], "none.yaml: No such file"),
        (["run", "--feeds", "{catalogue}", "--output", "out", "--no-such-flag"], "--no-such-flag"),
        (["run", "--feeds", "{catalogue}", "--output", "out", "--min-poll-interval", "soon"], "--min-poll-interval"),
        (["run", "--feeds", "{catalogue}", "--output", "out", "--now", "yesterday"], "--now"),
        (["run", "--feeds", "{catalogue}", "--output", "s3://x/y", "--contact", "x"], "s3://x/y"),
        (["run", "--feeds", "{catalogue}", "--output", "{catalogue}/x", "--contact", "x"], "cannot write to"),
        (["run", "--feeds", "{catalogue}", "--output", "out"], "--contact is required"),
        (["run", "--feeds", "{catalogue}", "--output", "out", "--resolve", "essai.example"], "HOST=ADDRESS:PORT"),
        (["demo", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["schema", "nonsense"], "nonsense"),
        (["tag", "--nonsense"], "--nonsense"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, words, catalogue, tmp_path, monkeypatch):
    """Bad usage says what is wrong in one line on stderr, exits 2 and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    ran = run_main(*(a.format(catalogue=catalogue) for a in arguments))
    assert ran.status == 2
    assert ran.out == ""
    assert words in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_catalogue_errors_name_the_line(tmp_path):
    """A fault in the catalogue is reported with file and line before anything is polled."""
    path = tmp_path / "feeds.yaml"
    path.write_text(CATALOGUE.replace("private", "somebody"))
    ran = run_main("run", "--feeds", str(path), "--output", str(tmp_path / "out"), "--contact", "x")
    assert ran.status == 2
    assert f"{path}:2:" in ran.err
    assert not (tmp_path / "out").exists()


def test_every_feed_failing_is_status_3(catalogue, tmp_path):
    """When no feed could be read the pass is complete, its row is written, and the status is 3."""
    ran = run_main(
        "run", "--feeds", catalogue, "--output", str(tmp_path / "out"), "--json",
        "--resolve", "essai.example=127.0.0.1:9",
    )  # fmt: skip
    assert ran.status == 3
    assert ran.json["feeds"] == {"polled": 1, "failed": 1}


def test_schema_of_each_table_is_a_valid_schema():
    """``schema`` prints JSON Schemas that are themselves valid, one table or all."""
    import jsonschema

    every = run_main("schema").json
    assert list(every) == ["articles", "texts", "stories", "events", "feeds", "rejects"]
    for table, schema in every.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert run_main("schema", table).json == schema


def test_version_and_module_entry():
    """``python -m pipeline`` is the same command."""
    done = subprocess.run([sys.executable, "-m", "pipeline", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == VERSION


def test_filters_name_bad_lines_and_go_on():
    """A line that is no JSON object goes to stderr with its number; the others are answered in order; status 1."""
    text = "Des hommes armés ont attaqué un poste militaire près de Téra, dans l'ouest du Niger, lundi 9 novembre. " * 3
    good = {"article_id": "b", "text": text, "language": "fr", "published": "2026-11-10T10:00:00Z"}
    stdin = lines({"article_id": "a", "text": ""}) + b"{broken\n[1]\n\n" + lines(good)
    for command in ("tag", "dedupe"):
        ran = run_main(command, stdin=stdin)
        assert ran.status == 1
        assert [line.split(":")[0] for line in ran.err.splitlines()] == ["line 2", "line 3"]
        assert [row["article_id"] for row in read(ran)] == ["a", "b"]


def test_tag_gives_the_events_of_an_article():
    """``tag`` gives language, relevance, countries and events whose evidence slices back out of the text."""
    text = "Au moins douze soldats nigériens ont été tués lundi dans une embuscade près de Banibangou, au Niger."
    [row] = read(run_main("tag", stdin=lines({"article_id": "a", "text": text, "published": "2026-11-10T10:00:00Z"})))
    assert row["language"] == "fr"
    assert row["is_security"]
    assert "NE" in row["countries"]
    [event] = [event for event in row["events"] if event["event_type"] == "BAT.ATTACK_MIL"]
    [evidence] = event["evidence"]
    assert text[evidence["start"] : evidence["end"]] == evidence["sentence"]
    assert event["location"]["country"] == "NE"
    killed = next(q for q in event["quantities"] if q["kind"] == "killed")
    assert (killed["low"], killed["high"]) == (12, None)


def test_tag_without_a_language_it_knows_has_a_reason():
    """Unknown languages and empty texts give no events and a reason."""
    swahili = "Wanajeshi wa serikali wamefika katika mji huo jana jioni na kuzungumza na wakazi kuhusu hali ya usalama."
    rows = read(run_main("tag", stdin=lines({"article_id": "a", "text": swahili}, {"article_id": "b", "text": " "})))
    assert [row["events"] for row in rows] == [[], []]
    assert [row["reason"] for row in rows] == ["LANGUAGE_UNKNOWN", "EMPTY_TEXT"]


def test_dedupe_links_a_copy_to_the_first_seen():
    """``dedupe`` answers each article in arrival order; the copy names the first."""
    text = " ".join(
        f"Le marché numéro {i} du quartier {i * 3} a rouvert ses portes devant {i + 20} clients." for i in range(40)
    )
    rows = read(
        run_main(
            "dedupe",
            stdin=lines(
                {"article_id": "a", "text": text}, {"article_id": "b", "text": text}, {"article_id": "c", "text": "x"}
            ),
        )
    )
    assert [row["relation"] for row in rows] == ["original", "exact", "original"]
    assert (rows[1]["story_id"], rows[1]["duplicate_of"]) == ("a", "a")
    assert set(rows[0]) == {"article_id", "duplicate_of", "story_id", "similarity", "relation"}


def test_extract_reads_html_and_base64():
    """``extract`` gives the same article from text and from bytes, and a reject with its reason for what is none."""
    body = "".join(
        f"<p>Le conseil de la commune numéro {i} s'est réuni hier pour parler de la récolte.</p>" for i in range(12)
    )
    page = f"<html lang='fr'><head><title>Le conseil s'est réuni</title></head><body><article><h1>Le conseil s'est réuni</h1>{body}</article></body></html>"
    url = "https://essai.example/2026/11/10/conseil"
    rows = read(
        run_main(
            "extract",
            stdin=lines(
                {"url": url, "html": page},
                {"url": url, "html_base64": base64.b64encode(page.encode()).decode()},
                {"url": url, "html_base64": base64.b64encode(b"%PDF-1.7").decode()},
                {"url": "javascript:alert(1)", "html": page},
                {"url": url},
            ),
        )
    )
    assert rows[0]["title"] == "Le conseil s'est réuni"
    assert rows[0]["text"] == rows[1]["text"]
    assert rows[0]["text"].startswith("Le conseil de la commune numéro 0")
    assert [row["reject"]["reason"] for row in rows[2:]] == ["NOT_HTML", "BAD_SCHEME", "BAD_INPUT"]


def test_tag_refuses_fields_of_the_wrong_kind():
    """A date that is none and a text that is a number are refused by name, not by a crash."""
    wrong = [{"article_id": "a", "text": "x", "published": "hier"}, {"article_id": "b", "text": 3}]
    rows = read(run_main("tag", stdin=lines(*wrong)))
    assert [row["reject"]["reason"] for row in rows] == ["BAD_INPUT", "BAD_INPUT"]


@pytest.mark.parametrize("number", ["9" * 20, "9" * 400, "9" * 10])
def test_numbers_beyond_all_people_are_no_counts(number):
    """A figure that no integer column holds is no count, and the event stays."""
    text = f"Les terroristes ont tué {number} civils dans l'attaque du village de Solhan, au Burkina Faso, lundi."
    [row] = read(run_main("tag", stdin=lines({"article_id": "a", "text": text, "published": "2026-11-10T10:00:00Z"})))
    assert row["events"]
    assert all(quantity["low"] <= 10**9 for event in row["events"] for quantity in event["quantities"])


@pytest.mark.parametrize("command", ["tag", "dedupe", "extract"])
def test_times_at_the_ends_of_the_calendar_do_not_stop_a_filter(command):
    """A published time that no zone shift can hold is answered like any line, and the next one too."""
    wild = {"article_id": "a", "url": "https://essai.example/a", "text": "x", "html": "<p>x</p>"}
    ran = run_main(
        command, stdin=lines({**wild, "published": "0001-01-01T00:00:00+14:00"}, {**wild, "article_id": "b"})
    )
    assert len(read(ran)) == 2
