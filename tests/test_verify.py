"""``verify`` passes whole datasets and names each planted fault, and only it; ``sweep`` removes only what is left over."""

import argparse
import contextlib
import dataclasses
import datetime as dt
import gzip
import hashlib
import io
import os
import shutil
import time

import orjson
import pytest
from rich.console import Console

from pipeline import sweep as sweep_command
from pipeline import verify as verify_command
from pipeline.options import UsageError
from tests.conftest import run_main
from tests.test_commit_windows import BODY, Dataset, at, coded, entry, event_of, polled
from transforms import row_checks
from transforms.audit import audit
from transforms.contract import write_contract
from transforms.exports import rolling_exports
from transforms.findings import CHECKS, Report
from transforms.records import Evidence, Failure, TextRow, article_id_of, event_id_of, to_json
from transforms.store import crc32c
from transforms.sweep import sweep
from transforms.texts import text_hash

pytestmark = pytest.mark.spoils

LONG = " ".join(f"phrase{i} le village de la région numéro {i * 7} a reçu la visite du conseil" for i in range(60))


def event_in(name, kind, part, sentence, whole):
    """An event whose evidence really is in the title or the text."""
    start = whole.index(sentence)
    article_id = entry(name).article_id
    evidence = Evidence(part=part, sentence=sentence, start=start, end=start + len(sentence))
    event_id = event_id_of(article_id, kind, part, start)
    return dataclasses.replace(event_of(name, kind), event_id=event_id, evidence=(evidence,))


def build(folder):
    """Five windows: new and waiting, a copy, a revision with a retracted event, the queue drained, one more."""
    made = Dataset(folder)
    events = (event_of("a"), event_in("a", "REM.IED", "text", "deux jours", BODY))
    made.commit(
        at(0),
        polled("un", at(0), entry("a"), entry("long")),
        coded(entry("a"), events=events),
        coded(entry("long"), text=LONG),
        Failure(stage="fetch", reason="TIMEOUT_TOTAL", entries=(entry("slow", "deux"),)),
        Failure(stage="poll", reason="NOT_A_FEED", feed_id="deux", url="https://deux.example/feed"),
    )
    copy = entry("copy", "deux", seen=at(1))
    made.commit(
        at(1),
        polled("un", at(1)),
        coded(copy, text=LONG, events=(event_in("copy", "BAT.CLASH", "title", "Titre", "Titre"),)),
        Failure(stage="fetch", reason="ROBOTS_DENIED", entries=(entry("no"),)),
    )
    revised = entry("a", title="Corrigé à Téra", seen=at(2))
    correction = event_in("a", "BAT.CLASH", "title", "Téra", "Corrigé à Téra")
    made.commit(at(2), coded(revised, events=(event_of("a"), correction)))
    [slow] = made.history.queue.values()
    made.commit(at(26), Failure(stage="fetch", reason="HTTP_404", entries=(slow,)), coded(entry("b"), text="b " + BODY))
    made.commit(at(26.2), coded(entry("c"), text="c " + BODY))
    write_contract(made.store)
    rolling_exports(made.store, at(26.2))
    return made


ELSEWHERE = ["expiry", "takedowns", "contract", "exports", "compact"]
"""Checks of which tests/test_verify_expiry.py, test_verify_kit.py and test_compact.py have the faults."""


class Planted:
    """A whole dataset in which faults can be planted: what is edited keeps its manifest's word unless told otherwise."""

    def __init__(self, folder):
        self.dataset = Dataset(folder)
        self.store, self.root = self.dataset.store, folder

    def manifest_path(self, number):
        """The file of a window's manifest."""
        [path] = self.root.glob(f"manifests/v1/*/*/{number:010d}.json")
        return path

    def manifest(self, number):
        """A window's manifest."""
        return orjson.loads(self.manifest_path(number).read_bytes())

    def edit_manifest(self, number, edit):
        """Rewrite a manifest by a function that changes it in place."""
        manifest = self.manifest(number)
        edit(manifest)
        self.manifest_path(number).write_bytes(orjson.dumps(manifest))

    def described(self, number, table):
        """What a manifest says of its object of a table."""
        return next(d for d in self.manifest(number)["objects"] if d["table"] == table)

    def object_path(self, number, table):
        """The file of a window's object of a table."""
        return self.root / self.described(number, table)["name"]

    def edit_content(self, number, table, edit, hour=None):
        """Put other bytes in an object's place, under their own name, and correct the manifest."""
        old = self.object_path(number, table)
        content = edit(old.read_bytes())
        folder = old.parent if hour is None else self.root / f"{table}/v1/{hour}"
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"0-{hashlib.sha256(content).hexdigest()[:24]}.jsonl.gz"
        old.unlink()
        new.write_bytes(content)

        def correct(manifest):
            described = next(d for d in manifest["objects"] if d["table"] == table)
            described.update(name=new.relative_to(self.root).as_posix(), bytes=len(content), crc32c=crc32c(content))
            with contextlib.suppress(OSError, EOFError):
                described["records"] = gzip.decompress(content).count(b"\n")

        self.edit_manifest(number, correct)

    def edit_raw(self, number, table, edit):
        """Rewrite the uncompressed bytes of an object."""
        self.edit_content(number, table, lambda content: gzip.compress(edit(gzip.decompress(content))))

    def edit_rows(self, number, table, edit):
        """Rewrite an object's rows by a function that changes the list in place."""

        def rewrite(raw):
            rows = [orjson.loads(line) for line in raw.splitlines()]
            edit(rows)
            return b"".join(orjson.dumps(row) + b"\n" for row in rows)

        self.edit_raw(number, table, rewrite)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a whole dataset, never to be touched."""
    return build(tmp_path_factory.mktemp("whole") / "out").store.root


@pytest.fixture
def planted(tmp_path, whole):
    """A whole dataset to spoil."""
    shutil.copytree(whole, tmp_path / "out")
    return Planted(tmp_path / "out")


def change(number, table, position=0, **columns):
    """A fault: other values in one row."""
    return lambda planted: planted.edit_rows(number, table, lambda rows: rows[position].update(columns))


def raw(number, table, edit):
    """A fault: other bytes in an object."""
    return lambda planted: planted.edit_raw(number, table, edit)


def manifest_change(number, edit):
    """A fault: another manifest."""
    return lambda planted: planted.edit_manifest(number, edit)


def counts_change(number, feed, **changed):
    """A fault: other counts of a feed."""
    return manifest_change(number, lambda manifest: manifest["counts"][feed].update(changed))


def twice(column, value):
    """A line whose first key is repeated."""
    return lambda content: content.replace(b"{", b'{"' + column.encode() + b'":' + orjson.dumps(value) + b",", 1)


def drop(rows):
    """Remove the first row."""
    rows.pop(0)


def nested(column, **fields):
    """Change fields of the first record nested in a column of the first row that has one."""

    def edit(rows):
        row = next(row for row in rows if row["op"] == "upsert")
        (row[column][0] if isinstance(row[column], list) else row[column]).update(fields)

    return edit


def fork(planted):
    """A second manifest that claims sequence 2, in a later hour."""
    other = planted.root / "manifests/v1/dt=2026-11-20/hour=09/0000000002.json"
    other.parent.mkdir(parents=True)
    other.write_bytes(orjson.dumps({**planted.manifest(2), "written": "2026-11-20T09:00:00Z"}))


def other_hour(planted):
    """A row's object in the folder of another hour."""
    planted.edit_content(2, "articles", lambda content: content, hour="dt=2026-11-20/hour=23")


def unlink(find):
    """A fault: a file is gone."""
    return lambda planted: find(planted).unlink()


def write(find, edit):
    """A fault: a file's bytes are others while its manifest is not."""
    return lambda planted: find(planted).write_bytes(edit(find(planted).read_bytes()))


def state_path(planted, kind="articles", number=5):
    """A state object the newest manifest names."""
    return planted.root / next(s["name"] for s in planted.manifest(number)["state"] if s["kind"] == kind)


def swap_state(planted):
    """A state object that is no Parquet, with a manifest that agrees with its bytes."""
    name = planted.manifest(5)["state"][-1]["name"]
    (planted.root / name).write_bytes(b"not parquet")

    def correct(manifest):
        for state in manifest["state"]:
            if state["name"] == name:
                state.update(bytes=11, crc32c=crc32c(b"not parquet"))

    planted.edit_manifest(5, correct)


def lose_state(planted):
    """The newest manifest no longer names the state in which the last window's article is known."""
    last = [s["name"] for s in planted.manifest(5)["state"] if s["kind"] == "articles"][-1]
    planted.edit_manifest(5, lambda m: m.update(state=[s for s in m["state"] if s["name"] != last]))


def queue_again(planted):
    """The newest manifest names a queue that should be empty by now."""
    queue = [s for s in planted.manifest(3)["state"] if s["kind"] == "queue"]
    planted.edit_manifest(5, lambda m: m["state"].extend(queue))


def rename(number, table):
    """An object whose name is not its content's hash."""

    def plant(planted):
        path = planted.object_path(number, table)
        new = path.with_name("0-" + "0" * 24 + ".jsonl.gz")
        path.rename(new)
        name = new.relative_to(planted.root).as_posix()
        planted.edit_manifest(number, lambda m: next(d for d in m["objects"] if d["table"] == table).update(name=name))

    return plant


def records(number, table, count):
    """A manifest that counts an object's records wrongly."""
    return manifest_change(number, lambda m: next(d for d in m["objects"] if d["table"] == table).update(records=count))


def latest(**changed):
    """Another latest.json."""

    def plant(planted):
        path = planted.root / "latest.json"
        path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), **changed}))

    return plant


def move_manifest(planted):
    """A manifest in the folder of another hour."""
    path = planted.manifest_path(2)
    other = path.parents[1] / "hour=06" / path.name
    path.rename(other)
    planted.edit_manifest(3, lambda m: m.update(previous=other.relative_to(planted.root).as_posix()))


def lose_waiting(planted):
    """Entries that waited after window 1 are not there before window 2, whose own law still balances."""
    planted.edit_manifest(2, lambda m: m["counts"]["deux"].update(waiting_before=0, waiting=0))
    planted.edit_manifest(3, lambda m: m["counts"].pop("deux"))
    planted.edit_manifest(4, lambda m: m["counts"]["deux"].update(new=1, waiting_before=0))


def long_text(rows):
    """A text above a megabyte, its hash right."""
    text = rows[1]["text"] + " mot" * 250_001
    rows[1].update(text=text, text_hash=text_hash(text))


def both_hashes(planted):
    """A text other than its hash says, which the article repeats."""
    planted.edit_rows(4, "texts", lambda rows: rows[0].update(text="autre texte"))


FAULTS = {
    # the bucket against its manifests
    "manifest is not JSON": (write(lambda p: p.manifest_path(3), lambda c: c[:-9]), "manifests", "not JSON"),
    "manifest lacks a field": (manifest_change(3, lambda m: m.pop("counts")), "manifests", "'counts' is a required"),
    "manifest in another hour": (move_manifest, "manifests", "belong at"),
    "window missing": (unlink(lambda p: p.manifest_path(2)), "chain", "gap: sequence 2 is missing"),
    "first window missing": (unlink(lambda p: p.manifest_path(1)), "chain", "gap: sequence 1 is missing"),
    "two windows of one number": (fork, "chain", "fork: sequence 2"),
    "previous is another": (manifest_change(3, lambda m: m.update(previous=None)), "chain", "previous is None"),
    "newest window missing": (unlink(lambda p: p.manifest_path(5)), "latest", "does not exist"),
    "latest.json is torn": (write(lambda p: p.root / "latest.json", lambda c: c[:20]), "latest", "not a pointer"),
    "latest.json says another number": (latest(sequence=9), "latest", "says sequence 9"),
    "object missing": (unlink(lambda p: p.object_path(2, "articles")), "objects", "does not exist"),
    "object truncated": (write(lambda p: p.object_path(1, "events"), lambda c: c[:-40]), "objects", "bytes with CRC32C"),
    "object changed": (
        write(lambda p: p.object_path(1, "articles"), lambda c: c[:4] + b"\1" + c[5:]), "objects", "CRC32C"
    ),
    "object of another name": (rename(2, "stories"), "objects", "content's hash"),
    "records miscounted": (records(2, "events", 7), "objects", "holds 1 records, not 7"),
    "state object missing": (unlink(state_path), "state", "does not exist"),
    "state object changed": (write(state_path, lambda c: c[::-1]), "state", "CRC32C"),
    "state does not load": (swap_state, "state", "does not load"),
    "state forgot an article": (lose_state, "state", "does not know it"),
    "state queues what ended": (queue_again, "state", "the queue holds deux 1"),
    # lines
    "not gzip": (lambda p: p.edit_content(2, "texts", lambda c: b"plain\n"), "lines", "not whole gzip"),
    "last line does not end": (raw(1, "feeds", lambda c: c[:-1]), "lines", "does not end"),
    "torn line": (raw(1, "events", lambda c: c[:-30] + b"\n"), "lines", "not JSON"),
    "empty line": (raw(1, "events", lambda c: c + b"\n"), "lines", "empty line"),
    "not an object": (raw(1, "rejects", lambda c: c + b"[]\n"), "lines", "not a JSON object"),
    "byte order mark": (raw(1, "texts", lambda c: b"\xef\xbb\xbf" + c), "lines", "byte order mark"),
    "not UTF-8": (raw(1, "articles", lambda c: c.replace(b"Titre", b"Titr\xe9", 1)), "lines", "not UTF-8"),
    "NaN": (raw(2, "stories", lambda c: c.replace(b'"similarity":1.0', b'"similarity":NaN')), "lines", "NaN"),
    "NUL": (raw(4, "articles", lambda c: c.replace(b"Titre", b"Tit\\u0000re")), "lines", "NUL"),
    "lone surrogate": (raw(4, "articles", lambda c: c.replace(b"Titre", b"\\ud800")), "lines", "lone surrogate"),
    "raw line separator": (
        raw(4, "articles", lambda c: c.replace(b"Titre", "Ti\u2028tre".encode())), "lines", "raw line separator"
    ),
    "key twice": (raw(2, "events", twice("mode", "planned")), "lines", "'mode' stands twice"),
    "text above 1 MB": (
        lambda p: (
            p.edit_rows(1, "texts", long_text),
            p.edit_rows(1, "articles", lambda rows: rows[1].update(text_hash=newest_hash(p))),
        ),
        "lines", "longer than 1000000",
    ),
    # rows
    "column missing": (raw(1, "stories", lambda c: c.replace(b'"related":[]', b'"x":[]', 1)), "schema", "'related' is a required"),
    "wrong type": (change(1, "articles", word_count="12"), "schema", "word_count: '12' is not of type 'integer'"),
    "malformed id": (change(2, "stories", related=["x"]), "schema", "related.0"),
    "id with a line end": (change(2, "articles", text_hash="0" * 32 + "\n"), "schema", "text_hash"),
    "unknown schema version": (change(2, "articles", schema_version="2.0"), "schema", "'2.0'"),
    "unknown op": (change(1, "texts", op="delete"), "closed lists", "op: 'delete'"),
    "unknown language of ownership": (change(1, "articles", ownership="royal"), "closed lists", "royal"),
    "unknown precision in a nested record": (
        lambda p: p.edit_rows(1, "events", nested("location", precision="exact")), "closed lists", "location.precision"
    ),
    "unknown actor role": (
        lambda p: p.edit_rows(1, "events", nested("actors", role="victim")), "closed lists", "actors.0.role"
    ),
    "reject for no known reason": (change(2, "rejects", reason="BORED"), "closed lists", "BORED"),
    "counts for no known reason": (
        counts_change(2, "un", reasons={"dropped": {"BORED": 1}}), "reasons", "'BORED'"
    ),
    "article id of another address": (
        change(2, "articles", canonical_url="https://autre.example/"), "ids", "is not that of"
    ),
    "event id of another type": (change(2, "events", event_type="REM.IED"), "ids", "event_id"),
    "row published twice": (
        lambda p: p.edit_rows(2, "stories", lambda rows: rows.append({**rows[0], "seq": rows[0]["seq"] + 1})),
        "unique", "revision 0 was published before",
    ),
    "revision falls": (
        lambda p: p.edit_rows(1, "articles", lambda rows: [row.update(revision=5) for row in rows]),
        "unique", "revision 1 after revision 5",
    ),
    "poll told twice": (change(2, "feeds", polled="2026-11-20T06:00:00Z"), "unique", "told before"),
    "seq falls": (change(2, "articles", seq=5), "order", "seq 5 after"),
    "seq repeats within an object": (
        lambda p: p.edit_rows(1, "stories", lambda rows: rows[1].update(seq=rows[0]["seq"])), "order", "after"
    ),
    "window written before the one ahead": (
        manifest_change(4, lambda m: m.update(written="2026-11-21T08:30:00Z")), "order", "before the window ahead"
    ),
    "ingested in another hour": (change(5, "articles", ingested="2026-11-21T09:00:00Z"), "partitions", "lies in"),
    "object in another hour": (other_hour, "partitions", "lies in dt=2026-11-20/hour=23"),
    "published in the future": (change(2, "articles", published="2026-11-21T07:00:01Z"), "dates", "24 hours"),
    "updated in the future": (change(2, "articles", updated="2026-11-21T07:00:01Z"), "dates", "updated 2026-11-21T07"),
    "fetched after it was written": (change(2, "articles", fetched="2026-11-20T08:00:01Z"), "dates", "fetched"),
    "first seen after it was written": (change(2, "articles", first_seen="2026-11-20T08:00:01Z"), "dates", "first_seen"),
    "polled after it was written": (
        change(2, "feeds", polled="2026-11-20T08:00:01Z", next_poll="2026-11-20T09:00:00Z"), "dates", "polled"
    ),
    "refused after it was written": (change(2, "rejects", seen="2026-11-20T08:00:01Z"), "dates", "seen"),
    "next poll before this one": (change(2, "feeds", next_poll="2026-11-20T06:59:59Z"), "dates", "before polled"),
    "happened after its report": (
        change(2, "events", mode="reported", date_start="2026-11-22", date_end=None), "dates", "after its report"
    ),
    "an old one that is still to come": (
        change(2, "events", mode="historical", date_start="2027-01-01", date_end=None), "dates", "after its report"
    ),
    "no such day": (change(2, "events", date_start="2026-02-30", date_end=None), "dates", "2026-02-30"),
    "dates the wrong way round": (change(2, "events", date_end="2026-11-01"), "values", "before date_start"),
    "bounds the wrong way round": (
        lambda p: p.edit_rows(2, "events", nested("quantities", low=4, high=3)), "values", "high 3 below low 4"
    ),
    "one coordinate": (
        lambda p: p.edit_rows(2, "events", nested("location", longitude=None)), "values", "one coordinate"
    ),
    "copy of nothing": (change(2, "stories", duplicate_of=None), "values", "duplicate_of None"),
    "event of no article": (
        lambda p: p.edit_rows(1, "events", lambda rows: rows.append(stray_event(rows))), "references", "does not exist"
    ),
    "event of another story": (change(2, "events", story_id="1" * 32), "references", "story_id"),
    "story of no first member": (
        lambda p: p.edit_rows(2, "stories", lambda rows: rows[0].update(story_id="1" * 32))
        or p.edit_rows(2, "events", lambda rows: rows[0].update(story_id="1" * 32)),
        "references", "has no story row",
    ),
    "copy of no article": (change(2, "stories", duplicate_of="1" * 32), "references", "duplicate_of"),
    "related to no story": (change(2, "stories", related=["1" * 32]), "references", "related"),
    "article without a story": (lambda p: p.edit_rows(5, "stories", drop), "references", "has no row in stories"),
    "evidence beside the sentence": (
        lambda p: p.edit_rows(1, "events", nested("evidence", sentence="Le budget")), "evidence", "not 'Le budget'"
    ),
    "evidence of another revision's title": (
        lambda p: p.edit_rows(3, "articles", lambda rows: rows[0].update(title="Titre")), "evidence", "title[10:14]"
    ),
    "event without evidence": (change(2, "events", evidence=[]), "evidence", "without evidence"),
    "text other than its hash": (both_hashes, "text hashes", "is not that of the text"),
    "article of another text": (change(4, "articles", text_hash="1" * 32), "text hashes", "but its text has"),
    # the conservation law
    "entry vanished": (counts_change(2, "deux", new=2), "conservation", "deux: new 2"),
    "entry appeared": (counts_change(4, "un", articles=2), "conservation", "articles 2"),
    "waiting entries lost between windows": (lose_waiting, "conservation", "deux: 1 waited after"),
    "dropped without a reason": (counts_change(2, "un", reasons={}), "conservation", "reasons for 0"),
    "reject row lost": (lambda p: p.edit_rows(2, "rejects", drop), "conservation", "rejects has 0 such rows"),
    "article rows lost": (counts_change(4, "un", new=2, articles=2), "conservation", "2 entries became articles"),
}  # fmt: skip


def newest_hash(planted):
    """The hash the long text of window 1 now has."""
    path = planted.object_path(1, "texts")
    return orjson.loads(gzip.decompress(path.read_bytes()).splitlines()[1])["text_hash"]


def stray_event(rows):
    """A whole event of an article that was never published."""
    article_id = "2" * 32
    row = {**rows[0], "article_id": article_id, "story_id": article_id, "seq": rows[-1]["seq"] + 1}
    found = row["evidence"][0]
    return {**row, "event_id": event_id_of(article_id, row["event_type"], found["part"], found["start"])}


def test_a_whole_dataset_passes_and_everything_was_examined(planted):
    """Five windows with copies, revisions, retractions, rejects and a queue pass, and no check was idle."""
    report = audit(planted.store)
    assert report.findings == []
    assert (report.good, report.windows, report.warnings, report.orphans) == (True, 5, [], [])
    assert [check for check in CHECKS if not report.examined[check]] == ELSEWHERE
    assert report.rows["articles"] == 6


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_nothing_else(planted, name):
    """A planted fault gives exactly one finding, of its check, that says what is wrong."""
    plant, check, fragment = FAULTS[name]
    plant(planted)
    report = audit(planted.store)
    assert [(f.check, fragment in f.message) for f in report.findings] == [(check, True)], report.findings


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("events", {"mode": "planned", "date_start": "2027-03-01", "date_end": None}),
        ("events", {"mode": "hypothetical", "date_start": "2027-03-01", "date_end": None}),
        ("events", {"mode": "negated", "date_start": "2027-03-01", "date_end": None}),
        ("events", {"mode": "reported", "date_start": "2026-11-21", "date_end": None}),
        ("articles", {"updated": "2026-11-21T07:00:00Z"}),
        ("articles", {"fetched": "2026-11-20T08:00:00Z"}),
    ],
)
def test_what_may_lie_ahead_is_no_fault(planted, table, changes):
    """What is planned, supposed or denied; a day, of which zones make another; an hour, by which clocks differ."""
    change(2, table, **changes)(planted)
    assert audit(planted.store).findings == []


def test_every_check_has_a_planted_fault():
    """No check can rot unseen: each is the one that finds some planted fault."""
    assert {check for _, check, _ in FAULTS.values()} == set(CHECKS) - set(ELSEWHERE)


def verify(*arguments):
    """``sahelwatch verify`` by its own parser: (exit status, what it printed)."""
    parser = argparse.ArgumentParser()
    verify_command.add_parser(parser.add_subparsers())
    return verify_command.main(parser.parse_args(["verify", *arguments]))


def test_the_demo_dataset_passes(demo_records):
    """What the whole graph made of the fixture world holds to every promise."""
    report = audit(Dataset(demo_records[0]).store)
    assert (report.findings, report.warnings, report.orphans) == ([], [], [])
    assert report.rows["events"] > 100


def test_exit_status_and_table(planted, capsys):
    """Exit 0 with a table of checks; 1 with the failures when there are some."""
    assert verify("--output", str(planted.root)) == 0
    assert "all checks hold" in capsys.readouterr().out
    change(2, "articles", language_confidence=7)(planted)
    assert verify("--output", str(planted.root)) == 1
    out = capsys.readouterr().out
    assert "FAILED schema: articles/v1/dt=2026-11-20/hour=07/" in out
    assert "1 failures" in out


def test_json_report(planted, capsys):
    """``--json`` gives one object with the checks, the findings and the verdict."""
    unlink(lambda p: p.object_path(3, "texts"))(planted)
    assert verify("--output", str(planted.root), "--json") == 1
    report = orjson.loads(capsys.readouterr().out)
    assert (report["ok"], report["failures"], report["windows"]) == (False, 1, 5)
    assert [check["check"] for check in report["checks"] if check["failures"]] == ["objects"]
    assert report["findings"][0]["message"] == "does not exist"


def test_no_dataset_is_bad_usage(tmp_path):
    """An empty or missing place, or a strange address, is one line and exit 2, and nothing is made there."""
    for output in (str(tmp_path), str(tmp_path / "none"), "ftp://x/y"):
        with pytest.raises(UsageError, match="sahelwatch verify: "):
            verify("--output", output)
    assert list(tmp_path.iterdir()) == []


def test_many_failures_are_listed_to_fifty_and_counted():
    """The first fifty failures are printed, then the number of the others; control characters are shown, not sent."""
    report = Report()
    for number in range(120):
        report.add("schema", f"x:{number}", "[bold]\x1b[2J")
    console = Console(file=io.StringIO(), width=100, color_system="truecolor", force_terminal=True)
    verify_command.print_report("there", report, 1.0, console)
    printed = console.file.getvalue()
    assert printed.count("FAILED schema") == 50
    assert "and 70 more failures" in printed
    assert "[bold]\\x1b[2J" in printed
    assert "\x1b[2J" not in printed


def test_findings_are_kept_to_a_limit_and_counted_beyond():
    """A dataset that is wrong throughout does not fill the memory."""
    report = Report()
    for _ in range(1500):
        report.add("lines", "x", "y")
    assert (len(report.findings), report.faults["lines"], report.good) == (1000, 1500, False)


def test_latest_that_lags_or_is_missing_is_a_warning(planted):
    """A writer killed before it moved latest.json left a whole dataset."""
    name = planted.manifest_path(3).relative_to(planted.root).as_posix()
    latest(manifest=name, sequence=3)(planted)
    report = audit(planted.store)
    assert (report.good, report.warnings) == (True, ["latest.json is at sequence 3, the newest is 5"])
    (planted.root / "latest.json").unlink()
    report = audit(planted.store)
    assert report.good
    assert "no latest.json" in report.warnings[0]


def test_events_tagged_again_are_held_against_the_text_of_their_time(planted):
    """Events of a window without their article's text are checked against the latest revision before it."""

    def again(sentence):
        event = event_in("a", "HUM.AID", "text", "budget", BODY)
        wrong = dataclasses.replace(event, evidence=(dataclasses.replace(event.evidence[0], sentence=sentence),))

        def edit(rows):
            rows[1:] = [{**rows[0], **to_json(wrong), "seq": rows[0]["seq"] + 1}]
            rows[1].update(story_id=event.article_id)

        planted.edit_rows(2, "events", edit)
        return audit(planted.store).findings

    assert again("budget") == []
    [finding] = again("nouvel")
    assert (finding.check, finding.message) == (
        "evidence",
        f"text[{BODY.index('budget')}:{BODY.index('budget') + 6}] is 'budget', not 'nouvel'",
    )


def test_rows_of_an_earlier_minor_version_may_lack_later_columns(monkeypatch):
    """A row of 1.0 is whole for a program of 1.1 that added a column with a default; a row of 1.2 is not."""
    row = to_json(TextRow(article_id="0" * 32, text="x", text_hash="0" * 32, ingested="2026-11-20T06:00:00Z"))
    del row["rules_version"]
    assert row_checks.schema_fault("texts", row_checks.complete("texts", row))[0] == "schema"
    monkeypatch.setattr(row_checks, "SCHEMA_VERSION", "1.1")
    assert row_checks.schema_fault("texts", row_checks.complete("texts", row)) is None
    assert "1.2" in row_checks.schema_fault("texts", {**row, "schema_version": "1.2"})[1]


def test_ten_thousand_rows_take_seconds(planted):
    """A window of 10,000 rows is audited in seconds; only that no entries were counted for them is wrong."""
    for table in ("articles", "texts", "stories"):

        def more(rows, table=table):
            first = rows[0]
            for number in range(3400):
                url = f"https://essai.example/more/{number}"
                row = {**first, "article_id": article_id_of(url), "seq": rows[-1]["seq"] + 1}
                row |= {"canonical_url": url} if table == "articles" else {}
                if table == "stories":
                    row |= {"story_id": row["article_id"], "duplicate_of": None, "relation": "original"}
                rows.append(row)

        planted.edit_rows(5, table, more)
    started = time.perf_counter()
    report = audit(planted.store)
    assert time.perf_counter() - started < 10
    assert report.rows.total() > 10_000
    assert report.faults == {"conservation": 1, "state": 3400}


class KilledError(RuntimeError):
    """The writer dies here."""


def killed_before_manifest(planted, monkeypatch):
    """Commit a window whose writer is killed after its objects; gives what it left."""
    create = planted.store.create

    def until_manifest(name, content, content_type):
        if name.startswith("manifests/"):
            raise KilledError
        create(name, content, content_type)

    before = set(planted.store.names(""))
    monkeypatch.setattr(planted.store, "create", until_manifest)
    with pytest.raises(KilledError):
        planted.dataset.commit(at(27), polled("un", at(27)), coded(entry("d"), text="d " + BODY))
    monkeypatch.undo()
    return sorted(set(planted.store.names("")) - before)


def make_old(planted, names, hours=25):
    """Set the times of objects back."""
    then = time.time() - hours * 3600
    for name in names:
        os.utime(planted.root / name, (then, then))


def run_sweep(*arguments):
    """``sahelwatch sweep`` by its own parser."""
    parser = argparse.ArgumentParser()
    sweep_command.add_parser(parser.add_subparsers())
    return sweep_command.main(parser.parse_args(["sweep", *arguments]))


def test_orphans_are_a_warning_and_swept_when_old(planted, monkeypatch, capsys):
    """What a killed writer left is only warned of, stays a day, then goes; nothing else does, and the audit passes."""
    left = killed_before_manifest(planted, monkeypatch)
    assert {name.split("/")[0] for name in left} == {"articles", "texts", "stories", "feeds", "state"}
    report = audit(planted.store)
    assert (report.good, report.orphans) == (True, left)
    assert verify("--output", str(planted.root)) == 0
    assert f"no manifest names it: {left[0]}" in capsys.readouterr().out
    whole = set(planted.store.names("")) - set(left)
    assert run_sweep("--output", str(planted.root)) == 0
    assert f"0 orphan objects removed, {len(left)} younger ones left" in capsys.readouterr().out
    make_old(planted, planted.store.names(""))
    assert run_sweep("--output", str(planted.root), "--dry-run") == 0
    assert f"would remove {left[0]}" in capsys.readouterr().out
    assert set(planted.store.names("")) == whole | set(left)
    assert run_sweep("--output", str(planted.root), "--json") == 0
    assert orjson.loads(capsys.readouterr().out)["removed"] == left
    assert set(planted.store.names("")) == whole
    planted.dataset.restart()
    planted.dataset.commit(at(27), coded(entry("d"), text="d " + BODY))
    report = audit(planted.store)
    assert (report.good, report.orphans) == (True, [])


def test_sweep_leaves_what_is_not_a_windows(planted):
    """The archive, exports, tables of other makers, the contract and the lease are never orphans."""
    others = ["archive/x.warc.gz", "exports/e.csv", "compact/v1/t/p.parquet", "contract/v1/x.md", "state/lease"]
    for name in others:
        planted.store.create(name, b"x", "text/plain")
    make_old(planted, others)
    assert audit(planted.store).orphans == []
    assert sweep(planted.store, dt.datetime.now(dt.UTC)).removed == ()


@pytest.mark.parametrize(
    "fault",
    ["window missing", "newest window missing", "manifest is not JSON", "two windows of one number", "no manifests"],
)
def test_sweep_removes_nothing_when_manifests_are_not_whole(planted, fault, capsys):
    """Objects of a window whose manifest is lost look like orphans; a sweep would make the loss final."""
    if fault == "no manifests":
        for number in range(1, 6):
            planted.manifest_path(number).unlink()
    else:
        FAULTS[fault][0](planted)
    names = planted.store.names("")
    make_old(planted, names)
    assert run_sweep("--output", str(planted.root)) == 1
    assert "nothing removed" in capsys.readouterr().err
    assert planted.store.names("") == names


def test_sweep_puts_back_what_a_window_came_to_name(planted, monkeypatch):
    """A state object that a window committed during the sweep names is there again afterwards."""
    left = killed_before_manifest(planted, monkeypatch)
    seen = next(name for name in left if name.startswith("state/v1/seen-"))
    make_old(planted, left)
    described = {"kind": "seen", "name": seen, "bytes": 1, "crc32c": ""}
    remove = planted.store.remove

    def commit_first(name):
        if name == seen:
            manifest = {**planted.manifest(5), "sequence": 6, "state": [described]}
            path = "manifests/v1/dt=2026-11-21/hour=09/0000000006.json"
            planted.store.create(path, orjson.dumps(manifest), "application/json")
        remove(name)

    monkeypatch.setattr(planted.store, "remove", commit_first)
    content = planted.store.read(seen)
    swept = sweep(planted.store, dt.datetime.now(dt.UTC))
    assert (swept.restored, set(swept.removed)) == ((seen,), set(left) - {seen})
    assert planted.store.read(seen) == content


def test_sweep_usage(tmp_path, planted, capsys):
    """No dataset is exit 2; ages are numbers with a unit; half-written files of a folder go too."""
    with pytest.raises(UsageError, match="no dataset"):
        run_sweep("--output", str(tmp_path / "none"))
    for age, seconds in (("24h", 86400), ("90m", 5400), ("7d", 604800), ("5", 5), ("1.5h", 5400)):
        assert sweep_command.age(age).total_seconds() == seconds
    for age in ("h", "-1h", "1w", "1e9", ""):
        with pytest.raises(argparse.ArgumentTypeError):
            sweep_command.age(age)
    (planted.root / "articles/.x.0.tmp").write_bytes(b"half")
    make_old(planted, ["articles/.x.0.tmp"])
    assert run_sweep("--output", str(planted.root), "--older-than", "90m") == 0
    assert "1 half-written files removed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "damaged", "says"),
    [
        ("events/", None, "does not exist"),
        ("articles/", gzip.compress(b"{}" * 99, mtime=0)[:-9], "cannot be read"),
        ("articles/", b"plain", "cannot be read"),
        ("manifests/", b"{", "cannot be read"),
        ("state/v1/articles", None, "does not exist"),
    ],
    ids=["lost rows", "cut short", "not gzip", "half a manifest", "lost state"],
)
def test_commands_tell_of_a_damaged_dataset_in_one_line(tmp_path, kind, damaged, says):
    """An object lost, cut short or of another kind: exit status 1 or 2, never a traceback; `verify` finds it."""
    store = build(tmp_path).store
    [name, *_] = store.names(kind)
    path = tmp_path / name
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)
    told = []
    for command in (
        ("status",),
        ("export", "--format", "csv"),
        ("forget", "--feed", "un"),
        ("expire", "--state", "1h"),
    ):
        ran = run_main(command[0], "--output", store.uri, *command[1:])
        assert ran.status in (0, 1, 2), command
        assert ran.status == 0 or ran.err.count("\n") == 1, (command, ran.err)
        told.append(f"the dataset is damaged: {name} {says}" in ran.err or f"an object {says}" in ran.err)
    assert any(told)
    assert run_main("verify", "--output", store.uri).status == 1
