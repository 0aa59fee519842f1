"""``forget`` and retention over what the whole graph made, its archive in a place of its own, and what is polled later."""

import json
import shutil

import pytest
import yaml

from pipeline.demo import world_arguments
from pipeline.world.server import CATALOGUE, HERE, Reply, WorldServer
from tests.conftest import run_main
from tests.test_commit_windows import at, text_of
from tests.test_forget import forget, said, where
from transforms.audit import audit
from transforms.datasets import current_rows
from transforms.history import History
from transforms.records import article_id_of
from transforms.store import LocalStore

HOST = "accra-standard.example"
PATH = "/news/713961/ghanaian-film-night-of-the-generals-fespaco.html"
HEADLINE, SENTENCE, SLUG = "barracks drama", "a major with a toothache", "ghanaian-film-night-of-the-generals"


@pytest.fixture(scope="module")
def ran_once(tmp_path_factory):
    """The dataset of one pass over one outlet of the world, its archive in a place of its own; not to be touched."""
    root = tmp_path_factory.mktemp("ran")
    with WorldServer() as server:
        assert pass_over(server, root, "2026-11-20T06:00:00Z").status == 0
    return root


def pass_over(server, root, now, *more):
    """``sahelwatch run`` over one outlet, and those ``more`` feeds."""
    feeds = yaml.safe_load(CATALOGUE.read_text("utf-8"))["feeds"]
    catalogue = root / "feeds.yaml"
    catalogue.write_text(json.dumps({"feeds": [*(feed for feed in feeds if HOST in feed["url"]), *more]}), "utf-8")
    arguments = world_arguments(server, str(root / "out"))
    arguments[arguments.index("--feeds") + 1] = str(catalogue)
    return run_main(*arguments, "--now", now, "--json", "--archive", str(root / "kept"))


@pytest.fixture
def ran(tmp_path, ran_once):
    """That dataset and its archive, each in a store."""
    shutil.copytree(ran_once, tmp_path / "ran")
    for path in (tmp_path / "ran" / "out" / "manifests").rglob("*.json"):  # the archive's place is part of a manifest
        path.write_bytes(path.read_bytes().replace(str(ran_once).encode(), str(tmp_path / "ran").encode()))
    return tmp_path / "ran", LocalStore(tmp_path / "ran" / "out"), LocalStore(tmp_path / "ran" / "kept")


def edited_feed(**changes):
    """The outlet's feed with other words."""
    feed = (HERE / "sites" / HOST / "feed.xml").read_text("utf-8")
    for old, new in changes.items():
        assert old.replace("_", " ") in feed
        feed = feed.replace(old.replace("_", " "), new)
    return Reply(body=feed.encode(), headers={"Content-Type": "text/xml"})


def test_through_the_whole_graph(ran):
    """Rows and archive of a real run: forgotten, edited in its feed, polled again: its page is not asked for, nothing is kept."""
    root, store, kept = ran
    others = len(current_rows(store, "articles")) - 1
    assert {name.split("/")[0] for name in where(store, SENTENCE)} == {"articles", "texts"}
    [warc] = where(kept, SENTENCE)
    assert warc.endswith(".warc.gz")
    assert forget(store.uri, "--url", f"http://{HOST}{PATH}", now=at(2)).status == 0
    for word in (SENTENCE, "the coup lasts ninety-one minutes", HEADLINE, SLUG):
        assert where(store, word) == []
    assert where(kept, SENTENCE) + where(kept, "the coup lasts ninety-one minutes") == []
    assert {name[-8:] for name in where(kept, HEADLINE)} == {".warc.gz"}, "other pages link to it"
    assert forget(store.uri, "--url", f"http://{HOST}{PATH}", "--linking", now=at(2)).status == 0
    assert where(kept, HEADLINE) + where(kept, SLUG) == []
    assert audit(store).findings == []
    with WorldServer() as server:
        server.overrides[HOST, "/rss/news.xml"] = edited_feed(barracks_drama_picked="barracks drama, twice picked")
        summary = pass_over(server, root, "2026-11-20T09:00:00Z").json
        assert (summary["rejects"], server.requests[HOST, PATH]) == ({"FORGOTTEN": 1}, 0)
    assert len(current_rows(store, "articles")) == others
    for word in (SENTENCE, "the coup lasts ninety-one minutes", HEADLINE, SLUG):
        assert where(store, word) + where(kept, word) == []
    assert any("volta stars" in text.lower() for name, text in said(kept).items() if "hour=09/" in name)
    report = audit(store)
    assert (report.findings, report.warnings, report.orphans, report.expired) == ([], [], [], [])


def test_linking_takes_pages_that_link_there_without_what_the_feed_adds(ran):
    """The address as its feed gives it, with a tag that counts readers; other pages of the site link without that."""
    _, store, kept = ran
    ran_once = forget(store.uri, "--url", f"http://{HOST}{PATH}", now=at(2))
    assert "--linking takes them out" in ran_once.out
    assert where(kept, HEADLINE) != []
    ran_again = forget(store.uri, "--url", f"http://{HOST}{PATH}?utm_source=rss", "--linking", now=at(2))
    assert (ran_again.status, "--linking takes" in ran_again.out) == (0, False)
    assert where(kept, HEADLINE) + where(kept, SLUG) == []
    assert audit(store).findings == []


def test_under_another_address_it_is_dropped_and_its_page_not_kept(ran):
    """Another outlet's link that leads there: known only once fetched; no row, no record, and the next edit is not fetched."""
    root, store, kept = ran
    forget(store.uri, "--url", f"http://{HOST}{PATH}", "--linking", now=at(2))
    feed = dict.fromkeys(("id", "outlet", "publisher_family"), "agrega")
    feed |= {"url": "http://relief-monitor.example/agrega.xml", "ownership": "private", "language": "en"}
    with WorldServer() as server:
        for hour, title in ((9, "A film they want forgotten"), (10, "A film they want forgotten, again")):
            items = f"<item><title>{title}</title><link>http://relief-monitor.example/go/1</link></item>"
            items += "<item><title>Another</title><link>http://relief-monitor.example/go/2</link></item>"
            body = f"<rss version='2.0'><channel><title>A</title>{items}</channel></rss>".encode()
            server.overrides["relief-monitor.example", "/agrega.xml"] = Reply(
                body=body, headers={"Content-Type": "text/xml"}
            )
            to = {"Location": f"http://{HOST}{PATH}"}
            server.overrides["relief-monitor.example", "/go/1"] = Reply(status=301, headers=to)
            summary = pass_over(server, root, f"2026-11-20T{hour:02d}:00:00Z", feed).json
            assert summary["rejects"].get("FORGOTTEN") == 1
        assert server.requests[HOST, PATH] == server.requests["relief-monitor.example", "/go/1"] == 1
    for word in (SENTENCE, "a film they want forgotten", SLUG):
        assert where(store, word) + where(kept, word) == []
    assert any("<title>another</title>" in text.lower() for text in said(kept).values())
    assert audit(store).findings == []


def test_an_archive_elsewhere_expires_and_is_warned_of(ran):
    """Retention and the audit reach an archive that does not lie with the records."""
    _, store, kept = ran
    names = kept.names("archive/")
    run_main("expire", "--output", store.uri, "--archive", "2d", "--now", text_of(at(60)))
    left = kept.names("archive/")
    assert len(left) < len(names)
    assert not [name for name in left if name.endswith((".warc.gz", ".cdxj"))]
    report = audit(store)
    assert (report.findings, report.expired) == ([], [])
    gone = next(name for name in names if name.endswith(".cdxj"))
    kept.create(gone, b"", "text/plain")
    assert audit(store).expired == [f"{kept.uri}/{gone}"]
    assert run_main("sweep", "--output", store.uri).status == 0
    assert gone not in kept.names("archive/")


@pytest.mark.spoils
def test_a_page_of_what_was_taken_down_in_the_archive_is_found(ran, ran_once):
    """An archive object that came back from a backup is named by a manifest again, say: the audit looks into indexes."""
    root, store, kept = ran
    before = LocalStore(ran_once / "kept")
    assert forget(store.uri, "--url", f"http://{HOST}{PATH}", now=at(2)).status == 0
    assert audit(store).findings == []
    [warc] = [name for name in before.names("archive/") if name.endswith(".warc.gz")]
    for name in (warc, warc.replace(".warc.gz", ".cdxj")):
        kept.create(name, before.read(name), "application/warc")
    path = root / "out" / store.names("manifests/")[-1]
    manifest = json.loads(path.read_bytes())
    first = json.loads(store.read(store.names("manifests/")[0]))
    manifest["expired"] = [expired for expired in manifest["expired"] if warc[:-8] not in expired["object"]]
    manifest["archive"] += [found for found in first["archive"] if warc[:-8] in found["name"]]
    path.write_bytes(json.dumps(manifest).encode())
    [finding] = audit(store).findings
    assert finding.check == "takedowns"
    assert finding.message.endswith("which was taken down")


def test_a_replay_of_the_archive_does_not_bring_it_back(ran):
    """The archive says itself what was taken down: a dataset made from it has the other articles, and remembers, too."""
    root, store, kept = ran
    assert forget(store.uri, "--url", f"http://{HOST}{PATH}", now=at(2)).status == 0
    replayed = LocalStore(root / "replayed")
    assert run_main("replay", "--archive", kept.uri, "--output", replayed.uri).status == 0
    theirs, ours = (current_rows(one, "articles") for one in (replayed, store))
    assert theirs.keys() == ours.keys()
    assert {row["title"] for row in theirs.values()} == {row["title"] for row in ours.values()}
    assert where(replayed, SENTENCE) == []
    history = History(replayed)
    history.refresh()
    assert history.forgotten.keys() >= {article_id_of(f"https://{HOST}{PATH}")}
    (root / "out").rename(root / "before")
    (root / "replayed").rename(root / "out")
    with WorldServer() as server:
        server.overrides[HOST, "/rss/news.xml"] = edited_feed(barracks_drama_picked="barracks drama, twice picked")
        summary = pass_over(server, root, "2026-11-20T09:00:00Z").json
        assert (summary["rejects"], server.requests[HOST, PATH]) == ({"FORGOTTEN": 1}, 0)
    assert audit(store).findings == []
