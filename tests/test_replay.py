"""Replay: from archived bytes the same records, whatever the web did, also after a kill."""

import dataclasses
import datetime as dt
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import orjson
import pytest
import yaml

import pipeline.world.server
from pipeline.world.server import ANY_PATH, CATALOGUE, Reply, WorldServer
from tests.conftest import run_main
from tests.engines.living import Outlet, Story, words
from tests.test_forget import where
from transforms import archive, datasets
from transforms.archive_reader import Archive
from transforms.clock import Clock
from transforms.datasets import current_rows
from transforms.inflight import note_entries
from transforms.records import Entry, article_id_of
from transforms.schema import TABLES
from transforms.store import open_store
from transforms.urls import canonical_url
from transforms.web import WebClient

HERE = pathlib.Path(pipeline.world.server.__file__).parent
FEEDS = ("accra-standard-rss", "studio-djoliba-rss")
HTML = {"Content-Type": "text/html; charset=utf-8"}
TRACKED = "?utm_source=feed&utm_medium=rss"
"""What the feed of Djoliba adds to its links."""
KILLS = 2
DJOLIBA = "www.studio-djoliba.example"
ACCRA = "accra-standard.example"


def catalogue(folder, ids=FEEDS):
    """A catalogue of some feeds of the fixture world."""
    feeds = yaml.safe_load(CATALOGUE.read_text("utf-8"))["feeds"]
    path = folder / "feeds.yaml"
    path.write_text(yaml.safe_dump({"feeds": [feed for feed in feeds if feed["id"] in ids]}), "utf-8")
    return path


def served(host, *, page, number=0):
    """(path, bytes) of the host's feed or of one of its article pages, as the world has them."""
    world = json.loads((HERE / "world.json").read_text("utf-8"))
    feeds = {(feed["host"], feed["path"]) for feed in world["feeds"]}
    found = sorted(
        (r["path"], r["file"])
        for r in world["responses"]
        if r["host"] == host and ((r["host"], r["path"]) not in feeds) == page and r["path"] != "/robots.txt"
    )
    path, file = found[number]
    return path, (HERE / file).read_bytes()


def run_pass(server, feeds, output, at, *more):
    """One pass over some feeds at a time."""
    resolve = [argument for option in server.resolve_options() for argument in ("--resolve", option)]
    fixed = ["--now", at, "--host-interval", "0", "--min-poll-interval", "0"]
    ran = run_main("run", "--feeds", str(feeds), "--output", str(output), *fixed, *resolve, "--json", *more)
    assert ran.status == 0, ran.err
    return ran.json


def replay(archive, output, *more):
    """A replay that must succeed."""
    ran = run_main("replay", "--archive", str(archive), "--output", str(output), "--json", *more)
    assert ran.status == 0, ran.err
    return ran.json


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A dataset of five passes during which pages fail and come back, and an article and its feed are edited."""
    folder = tmp_path_factory.mktemp("lived")
    feeds, output = catalogue(folder), folder / "out"
    with WorldServer() as server:
        feed_path, feed = served(DJOLIBA, page=False)
        page_path, page = served(DJOLIBA, page=True)
        accra_feed, _ = served(ACCRA, page=False)
        accra_page, _ = served(ACCRA, page=True)
        other_path, other = served(DJOLIBA, page=True, number=1)
        server.overrides[ACCRA, accra_page] = Reply(status=500, body=b"later")
        server.overrides[DJOLIBA, page_path + TRACKED] = Reply(status=404, body=b"<h1>gone</h1>")
        run_pass(server, feeds, output, "2026-11-20T06:00:00Z")
        del server.overrides[ACCRA, accra_page]
        server.overrides[ACCRA, accra_feed] = Reply(status=503, headers={"Retry-After": "600"})
        run_pass(server, feeds, output, "2026-11-20T06:10:00Z")
        edited = feed.replace(b"</title>", b" (mis a jour)</title>")
        server.overrides = {
            (DJOLIBA, feed_path): Reply(body=edited, headers={"Content-Type": "application/rss+xml"}),
            (DJOLIBA, page_path + TRACKED): Reply(body=page, headers=HTML),
            (DJOLIBA, other_path + TRACKED): Reply(
                body=other.replace(b"</p>", b" Le bilan reste provisoire.</p>"), headers=HTML
            ),
        }
        run_pass(server, feeds, output, "2026-11-20T06:20:00Z")
        run_pass(server, feeds, output, "2026-11-20T06:30:00Z")
        run_pass(server, feeds, output, "2026-11-21T06:40:00Z")
    return output


def tables(output):
    """Name -> bytes of all objects of tables."""
    store = open_store(str(output))
    return {name: store.read(name) for table in TABLES for name in store.names(f"{table}/")}


def manifests(output):
    """The manifests in order, without what belongs to one place: archive, state and how it came about."""
    store = open_store(str(output))
    left_out = ("archive", "archive_uri", "state", "replayed_from", "epoch")
    return [
        {key: value for key, value in orjson.loads(store.read(name)).items() if key not in left_out}
        for name in store.names("manifests/")
    ]


def test_a_replay_of_the_world_gives_its_records(demo_records, tmp_path):
    """The whole fixture world: every object of every table is the same, byte for byte, and the audit passes."""
    output, summary = demo_records
    replayed = replay(output, tmp_path / "again")
    assert tables(output) == tables(tmp_path / "again")
    assert manifests(output) == manifests(tmp_path / "again")
    assert (replayed["windows"], replayed["rows"]["articles"]) == (1, summary["articles"]["new"])
    assert run_main("verify", "--output", str(tmp_path / "again")).status == 0


class Restless:
    """An outlet whose feed has another title for an article at every second poll, and whose pages never stay the same."""

    def __init__(self):
        self.outlet, self.polls, self.chance = Outlet("remuant"), 0, random.Random(9)
        for number in range(3):
            self.outlet.stories.append(Story(f"http://{self.outlet.host}/{number}", *self.words()))

    def words(self):
        """A title and a text that resemble no others."""
        return " ".join(words(self.chance, 6)), "\n".join(" ".join(words(self.chance, 40)) + "." for _ in range(4))

    def answer(self, request):
        """The feed or a page."""
        if request.path == "/feed.xml":
            self.polls += 1
            if self.polls % 2 == 0:
                self.outlet.stories[self.polls // 2 % 3].title, _ = self.words()
        for story in self.outlet.stories:
            story.text = self.words()[1] if story.url.endswith(request.path) else story.text
        return self.outlet.answer(request)


def watched(tmp_path, output, minutes):
    """What ``watch`` would write that looked at these minutes of an hour, its windows 10 minutes long.

    The hour is to come: a lane that works now misses the ticks of the past.
    """
    import apache_beam as beam

    from pipeline.graph import read_news
    from pipeline.options import build_parser
    from pipeline.run import graph_options
    from pipeline.ticks import at_its_time, in_tick_windows, one_after_another
    from transforms.windows import Windows

    windows, restless = Windows(tick=60, size=600), Restless()
    moments = [dt.datetime(2090, 11, 20, 6, minute, tzinfo=dt.UTC) for minute in minutes]
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(yaml.safe_dump({"feeds": [restless.outlet.catalogue_entry()]}), "utf-8")
    with WorldServer() as server:
        server.overrides[restless.outlet.host, ANY_PATH] = restless.answer
        given = ["--feeds", str(feeds), "--output", str(output), "--host-interval", "0", "--min-poll-interval", "0"]
        given += ["--resolve", f"{restless.outlet.host}=127.0.0.1:{server.port}"]
        graph = graph_options(build_parser().parse_args(["watch", *given]), lane_seconds=30.0, windows=windows)
        with beam.Pipeline(runner="FnApiRunner") as pipeline:
            ticks = pipeline | one_after_another(moments) | beam.Map(at_its_time) | in_tick_windows(windows)
            read_news(ticks, dataclasses.replace(graph, clock=Clock(moments[-1] + dt.timedelta(minutes=7))))
        WebClient.close_shared()


def test_windows_of_several_ticks_are_the_same_again(tmp_path):
    """What ``watch`` archives: polls at each tick, several in one window, and articles that are edited between them.

    So a page has several answers in one window, and what one tick has listed the next one must know.
    """
    output = tmp_path / "out"
    watched(tmp_path, output, (1, 2, 3, 4, 5, 11, 12, 13))
    fetched = [
        fields["url"]
        for name in Archive(str(output)).names("archive/v1/dt=")
        if name.endswith(".cdxj")
        for _, fields in archive.read_cdxj((output / name).read_bytes())
        if "remuant" in fields["url"] and fields["kind"] == "page"
    ]
    assert len(fetched) > len(set(fetched)) == 3
    rows = datasets.rows(open_store(str(output)), "articles")
    assert {row["revision"] for row in rows if row["outlet"] == "remuant"} > {0}
    replay(output, tmp_path / "again")
    assert manifests(tmp_path / "again") == manifests(output)
    assert tables(tmp_path / "again") == tables(output)


def test_passes_with_changes_between_are_the_same_again(lived, tmp_path):
    """Failures, retries, revisions, 304 and revisits: five passes are five windows of the same bytes."""
    replay(lived / "archive", tmp_path / "again")
    assert manifests(lived) == manifests(tmp_path / "again")
    assert tables(lived) == tables(tmp_path / "again")
    rows = current_rows(open_store(str(lived)), "articles").values()
    assert {row["revision"] for row in rows} == {0, 1}
    statuses = {row["status"] for row in current_rows(open_store(str(lived)), "feeds").values()}
    assert statuses == {"ok", "not_modified", "RATE_LIMITED"}
    mimes = {
        fields["mime"]
        for name in Archive(str(lived)).names("archive/v1/")
        if name.endswith(".warc.gz")
        for _, fields in Archive(str(lived)).index(name)
    }
    assert "warc/revisit" in mimes
    assert run_main("verify", "--output", str(lived)).status == 0
    assert run_main("verify", "--output", str(tmp_path / "again")).status == 0


@pytest.mark.kills
def test_a_replay_that_is_killed_goes_on_where_it_was(lived, tmp_path):
    """SIGKILL at random moments: latest.json is not there before the end, and the end is that of a replay in peace."""
    replay(lived, tmp_path / "peace")
    output, chance, lives = tmp_path / "out", random.Random(6), 0
    arguments = ["replay", "--archive", str(lived), "--output", str(output), "--extract-workers", "0"]
    store = open_store(str(output))
    command = [sys.executable, "-m", "tests.replayer", str(tmp_path / "errors")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        while not (output / "latest.json").exists():
            lives += 1
            before, started = len(store.names("manifests/")), time.monotonic()
            nursery.stdin.write(orjson.dumps(arguments).decode() + "\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            if lives <= KILLS:
                while len(store.names("manifests/")) == before and time.monotonic() - started < 30:
                    time.sleep(0.01)
                time.sleep(chance.random() * 0.3)
                assert not (output / "latest.json").exists()
                os.kill(child, signal.SIGKILL)
            status = int(nursery.stdout.readline())
            assert status == (-signal.SIGKILL if lives <= KILLS else 0), (tmp_path / "errors").read_text()
        nursery.stdin.close()
    assert lives == KILLS + 1
    assert tables(output) == tables(tmp_path / "peace")
    assert manifests(output) == manifests(tmp_path / "peace")
    assert run_main("verify", "--output", str(output)).status == 0


@pytest.mark.parametrize(
    ("selection", "passes", "feeds", "expected"),
    [
        (["--since", "2026-11-20T06:20:00Z"], 3, 2, "djoliba and the late one"),
        (["--since", "2026-11-20T06:10:00Z", "--until", "2026-11-20T06:30:00Z"], 2, 2, "djoliba and the late one"),
        (["--feed", "studio-djoliba-rss"], 5, 1, "djoliba"),
    ],
)
def test_a_part_can_be_replayed(lived, tmp_path, selection, passes, feeds, expected):
    """Times and feeds select; the law holds for the part, and what the part has no page for is said to be so.

    A page that was fetched in the part is an article of it, also where its feed was last read before.
    """
    replay(lived, tmp_path / "part", *selection)
    assert len(manifests(tmp_path / "part")) == passes
    store = open_store(str(tmp_path / "part"))
    assert len({row["feed_id"] for row in current_rows(store, "feeds").values()}) == feeds
    assert run_main("verify", "--output", str(tmp_path / "part")).status == 0
    articles = {key: row["url"] for key, row in current_rows(open_store(str(lived)), "articles").items()}
    wanted = {"djoliba": {url for url in articles.values() if DJOLIBA in url}}
    wanted["djoliba and the late one"] = {*wanted["djoliba"], late_url()}
    assert {row["url"] for row in current_rows(store, "articles").values()} == set(wanted[expected])
    reasons = {row["reason"] for row in current_rows(store, "rejects").values()}
    assert ("NOT_ARCHIVED" in reasons) == (selection[0] == "--since" and passes == 3)


def test_entries_that_were_lost_and_found_are_found_again(tmp_path):
    """A killed process had polled one that its feed then dropped: no archived feed tells of it, but the archive does.

    Taken down, it is in no record any more, and a replay does without it.
    """
    feeds, output = catalogue(tmp_path, FEEDS[:1]), tmp_path / "out"
    url = f"http://{DJOLIBA}{served(DJOLIBA, page=True)[0]}"
    lost = Entry(
        entry_id="e" * 32, feed_id=FEEDS[0], article_id=article_id_of(canonical_url(url).canonical), url=url,
        canonical_url=canonical_url(url).canonical, title="Perdu et retrouve", content="<p>Kwatarkwashi</p>",
        fingerprint="f" * 16, first_seen="2026-11-20T06:05:00Z",
    )  # fmt: skip
    with WorldServer() as server:
        run_pass(server, feeds, output, "2026-11-20T06:00:00Z")
        note_entries(open_store(str(output)), [lost], "2026-11-20T06:05:00Z")
        run_pass(server, feeds, output, "2026-11-20T06:10:00Z")
        assert run_pass(server, feeds, output, "2026-11-20T06:20:00Z")["articles"]["new"] == 1
    replay(output, tmp_path / "again")
    assert manifests(output) == manifests(tmp_path / "again")
    assert tables(output) == tables(tmp_path / "again")
    assert url in {row["url"] for row in current_rows(open_store(str(tmp_path / "again")), "articles").values()}
    ran = run_main("forget", "--output", str(output), "--url", url, "--now", "2026-11-21T06:00:00Z")
    assert ran.status == 0, ran.err
    assert where(open_store(str(output)), "kwatarkwashi") == []
    assert run_main("verify", "--output", str(output)).status == 0
    replay(output, tmp_path / "without")
    assert url not in {row["url"] for row in current_rows(open_store(str(tmp_path / "without")), "articles").values()}


def test_from_a_bucket_into_a_bucket(bucket, tmp_path):
    """Archive, dataset and replay on Cloud Storage: two passes, a revisit among them; the same objects, and the audit holds."""
    feeds = catalogue(tmp_path, FEEDS[:1])
    output, kept, again = (f"gs://{bucket}/{name}" for name in ("sahel", "pages", "again"))
    feed_path, feed = served(ACCRA, page=False)
    with WorldServer() as server:
        server.overrides[ACCRA, feed_path] = Reply(body=feed, headers={"Content-Type": "application/rss+xml"})
        run_pass(server, feeds, output, "2026-11-20T06:00:00Z", "--archive", kept)
        run_pass(server, feeds, output, "2026-11-20T07:10:00Z", "--archive", kept)
    windows = [Archive(kept).window(name) for name in Archive(kept).windows()]
    mimes = [{fields["mime"] for _, fields in Archive(kept).index(window.objects[0])} for window in windows]
    assert ["warc/revisit" in found for found in mimes] == [False, True]
    assert replay(kept, again)["windows"] == 2
    assert tables(output) == tables(again)
    assert manifests(output) == manifests(again)
    assert {name.partition("/")[0] for name in tables(again)} >= {"articles", "events", "feeds", "rejects"}
    assert run_main("verify", "--output", again).status == 0
    listed = run_main("quarantine", "ls", "--output", output, "--json").out.splitlines()
    assert all(
        orjson.loads(line)["bytes"].startswith("archive/v1/dt=2026-11-20/hour=06/0000000001-") for line in listed
    )
    ran = run_main("replay", "--archive", f"gs://{bucket}/nowhere", "--output", f"gs://{bucket}/none")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "copy them to one first" in ran.err
    assert open_store(f"gs://{bucket}/none").names("") == []


def late_url():
    """The page that failed in the first pass and came in the third."""
    return f"http://{ACCRA}{served(ACCRA, page=True)[0]}"


def test_what_is_no_place_for_a_replay(lived, demo_records, tmp_path, capsys):
    """A dataset that is there, another replay's, the archive's own, no archive: one line, status 2, nothing written."""

    def refused(*arguments):
        ran = run_main("replay", *arguments)
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran.err
        return ran.err

    archive, output = str(lived), tmp_path / "part"
    before = {path: path.stat().st_mtime_ns for path in lived.rglob("*")}
    assert "another place" in refused("--archive", archive, "--output", archive)
    assert "another place" in refused("--archive", f"{archive}/archive", "--output", archive)
    assert "dataset already" in refused("--archive", archive, "--output", str(demo_records[0]))
    (tmp_path / "empty").mkdir()
    assert "nothing" in refused("--archive", str(tmp_path / "empty"), "--output", str(output))
    assert "nothing" in refused("--archive", str(tmp_path / "absent"), "--output", str(output))
    assert not output.exists()
    replay(archive, output, "--until", "2026-11-20T06:05:00Z")
    assert "until" in refused("--archive", archive, "--output", str(output))
    assert before == {path: path.stat().st_mtime_ns for path in lived.rglob("*")}


def test_windows_that_were_never_committed_are_left_out(lived, tmp_path):
    """A killed writer's window, of whatever time, is not replayed: its successor got its number."""
    copy = tmp_path / "copy"
    shutil.copytree(lived / "archive", copy / "archive")
    [second] = [name for name in Archive(str(copy)).windows() if "/0000000002-" in name]
    said = orjson.loads((copy / second).read_bytes())
    for written in ("2026-11-20T06:09:00Z", "2026-11-20T06:15:00Z"):
        stray = copy / second.replace(second[-29:-5], f"{int(written[15:16]):024x}")
        stray.write_bytes(orjson.dumps({**said, "written": written, "objects": []}))
    assert len(list((copy / "archive/v1/windows").rglob("0000000002-*"))) == 3
    replay(copy, tmp_path / "again", "--until", "2026-11-20T06:25:00Z")
    assert manifests(lived)[:3] == manifests(tmp_path / "again")


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (["--since", "2026-11-20T06:20:00Z", "--until", "2026-11-20T06:20:00Z"], "--since is not before --until"),
        (["--since", "2027-01-01"], "from 2026-11-20T06:00:00Z to 2026-11-21T06:40:00Z"),
        (["--until", "2026-11-20T06:00:00Z"], "no window of the time asked for"),
        (["--feed", "studio-djoliba-rss", "--feed", "nobody"], "has a feed nobody"),
    ],
)
def test_a_selection_of_nothing_is_refused(lived, tmp_path, selection, said):
    """A slip in a time or an id is no empty dataset: one line, status 2, nothing written."""
    ran = run_main("replay", "--archive", str(lived), "--output", str(tmp_path / "out"), *selection)
    assert (ran.status, len(ran.err.strip().splitlines())) == (2, 1)
    assert said in ran.err
    assert not (tmp_path / "out/state").exists()


def test_the_catalogue_of_today_can_be_used(lived, tmp_path):
    """--feeds takes the place of the archived catalogues: outlets are what it says."""
    feeds = yaml.safe_load((lived.parent / "feeds.yaml").read_text("utf-8"))
    for feed in feeds["feeds"]:
        feed["publisher_family"] = "une-famille"
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(feeds), "utf-8")
    until = "2026-11-20T06:20:00Z"
    replay(lived, tmp_path / "again", "--feeds", str(tmp_path / "feeds.yaml"), "--until", until)
    rows = current_rows(open_store(str(tmp_path / "again")), "articles")
    articles = current_rows(open_store(str(lived)), "articles").items()
    assert rows.keys() == {key for key, row in articles if row["url"] != late_url()}
    assert {row["publisher_family"] for row in rows.values()} == {"une-famille"}


@pytest.mark.spoils
def test_the_archive_may_lie_elsewhere(tmp_path):
    """--archive: nothing of it under the output, the manifest says where, the audit looks there, and it replays."""
    feeds, elsewhere = catalogue(tmp_path, FEEDS[:1]), tmp_path / "elsewhere"
    with WorldServer() as server:
        run_pass(server, feeds, tmp_path / "out", "2026-11-20T06:00:00Z", "--archive", str(elsewhere))
        run_pass(server, feeds, tmp_path / "none", "2026-11-20T06:00:00Z", "--no-archive")
    assert not (tmp_path / "out/archive").exists()
    [manifest] = (orjson.loads(path.read_bytes()) for path in (tmp_path / "out/manifests").rglob("*.json"))
    assert manifest["archive_uri"] == str(elsewhere)
    assert all((elsewhere / described["name"]).is_file() for described in manifest["archive"])
    assert run_main("verify", "--output", str(tmp_path / "out")).status == 0
    replay(elsewhere, tmp_path / "again")
    assert tables(tmp_path / "out") == tables(tmp_path / "again")
    assert not (tmp_path / "none/archive").exists()
    assert {row["raw_ref"] for row in current_rows(open_store(str(tmp_path / "none")), "articles").values()} == {None}
    next((elsewhere / "archive").rglob("*.warc.gz")).write_bytes(b"other bytes")
    assert run_main("verify", "--output", str(tmp_path / "out")).status == 1
