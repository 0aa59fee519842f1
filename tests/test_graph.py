"""The whole graph over the fixture world, through real sockets: what comes out is what the goldens say, once."""

import collections
import itertools

import jsonschema
import orjson

from pipeline.demo import NOW, world_arguments
from pipeline.tables import current_rows
from pipeline.world.server import Reply, WorldServer
from tests.conftest import run_main
from tests.fixtures.strays import STRAYS
from tests.quality import goldens
from transforms import archive
from transforms.archiving import LANES
from transforms.datasets import read_rows
from transforms.history import MANIFESTS
from transforms.schema import TABLES, json_schema
from transforms.store import crc32c, open_store


def manifests(output):
    """The dataset's manifests in order."""
    store = open_store(str(output))
    return [orjson.loads(store.read(name)) for name in store.names(MANIFESTS)]


def test_records_equal_the_goldens_but_for_the_known_gaps(demo_records):
    """Every field of every record is the golden's, except the differences written down; none of those is gone."""
    output, _ = demo_records
    found = set(goldens.gap_lines(str(output)))
    known = goldens.known_gaps()
    assert sorted(found - known) == []
    assert sorted(known - found) == []


def test_every_row_meets_its_schema(demo_records):
    """All six tables are there and each row validates."""
    rows = current_rows(open_store(str(demo_records[0])))
    assert set(rows) == set(TABLES)
    for table, found in rows.items():
        validator = jsonschema.Draft202012Validator(json_schema(table))
        for row in found:
            validator.validate(row)


def test_manifest_objects_are_what_it_says(demo_records):
    """Names, sizes, checksums and record counts of a manifest hold, and latest.json points at it."""
    output, _ = demo_records
    store = open_store(str(output))
    [manifest] = manifests(output)
    for described in manifest["objects"]:
        content = store.read(described["name"])
        assert (len(content), crc32c(content)) == (described["bytes"], described["crc32c"])
        assert len(list(read_rows(content))) == described["records"]
    assert orjson.loads(store.read("latest.json"))["sequence"] == manifest["sequence"] == 1


def test_what_is_alike_lies_side_by_side(demo_records):
    """In a window's objects copies of a story and events of an article are neighbours, so that gzip sees both."""
    output, _ = demo_records
    store = open_store(str(output))
    [manifest] = manifests(output)
    rows = {o["table"]: list(read_rows(store.read(o["name"]))) for o in manifest["objects"]}
    story = {row["article_id"]: row["story_id"] for row in rows["stories"]}
    for table, key in (
        ("texts", lambda row: story[row["article_id"]]),
        ("articles", lambda row: story[row["article_id"]]),
        ("articles", lambda row: row["language"]),
        ("events", lambda row: row["article_id"]),
    ):
        runs = [found for found, _ in itertools.groupby(rows[table], key)]
        assert len(runs) == len(set(runs)) < len(rows[table])


def test_the_conservation_law_holds_feed_by_feed(demo_records):
    """New entries and those that waited are articles, known, dropped, quarantined or waiting."""
    [manifest] = manifests(demo_records[0])
    assert len(manifest["counts"]) == 20
    for counts in manifest["counts"].values():
        ended = sum(counts[name] for name in ("articles", "known", "dropped", "quarantined", "waiting"))
        assert counts["new"] + counts["waiting_before"] == ended


def test_strays_end_in_rejects(demo_records):
    """Entries that lead to no article are rows of rejects, each with the reason it was made for, and counted."""
    rows = current_rows(open_store(str(demo_records[0])))["rejects"]
    assert sorted(row["reason"] for row in rows) == sorted(stray.reason for stray in STRAYS.values())


def test_evidence_slices_back_out(demo_records):
    """The offsets of every event's evidence give its sentence, in the title or in the text."""
    rows = current_rows(open_store(str(demo_records[0])))
    texts = {row["article_id"]: row["text"] for row in rows["texts"]}
    titles = {row["article_id"]: row["title"] for row in rows["articles"]}
    assert rows["events"]
    for event in rows["events"]:
        for evidence in event["evidence"]:
            part = titles if evidence["part"] == "title" else texts
            assert part[event["article_id"]][evidence["start"] : evidence["end"]] == evidence["sentence"]


def test_rows_refer_to_the_bytes_they_were_read_from(demo_records):
    """Every article's raw_ref is a record of the archive with its page, a reject's one with what was refused."""
    store = open_store(str(demo_records[0]))
    [manifest] = manifests(demo_records[0])
    kinds = collections.Counter(described["kind"] for described in manifest["archive"])
    assert (kinds["warc"], kinds["index"], store.names(LANES)) == (1, 1, [])
    indexed = {}
    for described in manifest["archive"]:
        if described["kind"] == "index":
            indexed |= {fields["id"]: fields for _, fields in archive.read_cdxj(store.read(described["name"]))}
    rows = current_rows(store)
    for row in rows["articles"]:
        found = indexed[row["raw_ref"]]
        assert found["kind"] == ("page" if row["body_from"] == "page" else "feed")
        assert set(row["feed_ids"]) <= set(found["feeds"])
    refused = {row["reason"]: indexed[row["raw_ref"]] for row in rows["rejects"]}
    challenge = refused["BOT_CHALLENGE"]
    member = store.read(challenge["filename"])[challenge["offset"] :][: challenge["length"]]
    assert b"<title>" in archive.read_body(member).lower()
    assert refused["HTTP_404"]["status"] == "404"
    assert refused["BAD_SCHEME"]["kind"] == refused["ROBOTS_DENIED"]["kind"] == "feed"


def test_a_second_run_adds_nothing(world, tmp_path):
    """Run twice over the same server: the same articles once, each feed answered by 304 or by its hash."""
    arguments = [*world_arguments(world, str(tmp_path / "out")), "--json"]
    first, second = run_main(*arguments), run_main(*arguments[:-1], "--now", "2026-11-20T07:00:00Z", "--json")
    assert (first.status, second.status) == (0, 0)
    assert first.json["articles"]["new"] == len(goldens.load_goldens())
    assert second.json["articles"] == {"new": 0, "revised": 0}
    assert (second.json["events"], second.json["rejects"]) == (0, {})
    rows = current_rows(open_store(str(tmp_path / "out")))
    ids = collections.Counter(row["article_id"] for row in rows["articles"])
    assert set(ids.values()) == {1}
    statuses = collections.Counter(row["status"] for row in rows["feeds"] if row["polled"] == "2026-11-20T07:00:00Z")
    assert statuses == {"not_modified": 20, "NOT_A_FEED": 1}


def test_two_runs_give_the_same_bytes(world, demo_records, tmp_path):
    """The same inputs at the same clock give byte-identical objects and manifests."""
    run_main(*world_arguments(world, str(tmp_path / "again")))
    first, again = open_store(str(demo_records[0])), open_store(str(tmp_path / "again"))
    assert first.names("") == again.names("")
    for name in first.names(""):
        assert first.read(name) == again.read(name), name


def test_what_changes_under_a_run(tmp_path):
    """A dead host, a broken page, an edited article: each ends in its outcome and the rest goes on."""
    output = tmp_path / "out"
    golden = goldens.load_goldens()
    with WorldServer() as server:
        paths = sorted((host, path) for host, path in server_pages(server) if host == "accra-standard.example")
        gone, slow = paths[0], paths[1]
        server.overrides[gone] = Reply(status=404, body=b"gone")
        server.overrides[slow] = Reply(status=500, body=b"later")
        arguments = [*world_arguments(server, str(output)), "--json"]
        first = run_main(*arguments).json
        assert first["rejects"]["HTTP_404"] == 2
        assert first["waiting"] == 1
        assert first["articles"]["new"] == len(golden) - 2
        del server.overrides[slow]
        second = run_main(*arguments[:-1], "--now", "2026-11-20T08:00:00Z", "--json").json
        assert second["articles"] == {"new": 1, "revised": 0}
        assert second["waiting"] == 0
    for manifest in manifests(output):
        for counts in manifest["counts"].values():
            ended = sum(counts[name] for name in ("articles", "known", "dropped", "quarantined", "waiting"))
            assert counts["new"] + counts["waiting_before"] == ended


def server_pages(server):
    """(host, path) of every article page the server has."""
    import json
    import pathlib

    import pipeline.world.server

    world = json.loads((pathlib.Path(pipeline.world.server.__file__).parent / "world.json").read_text("utf-8"))
    feeds = {(feed["host"], feed["path"]) for feed in world["feeds"]}
    return [
        (r["host"], r["path"])
        for r in world["responses"]
        if (r["host"], r["path"]) not in feeds and r["file"].endswith(".html")
    ]


def test_demo_says_what_it_found(demo_records):
    """``demo`` sums up its pass; its clock is the world's."""
    _, summary = demo_records
    assert summary["window"] == {"start": NOW, "end": NOW}
    assert summary["articles"] == {"new": len(goldens.load_goldens()), "revised": 0}
    assert summary["stories"] + summary["copies"] == summary["articles"]["new"]
    assert summary["feeds"] == {"polled": 21, "failed": 1}
