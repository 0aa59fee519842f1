"""The fixture world: it equals its build, it is as large and as varied as promised, and its server behaves."""

import collections
import gzip
import http.client
import importlib
import io
import json
import re
import shutil
import urllib.parse

import feedparser
import lxml.etree
import lxml.html
import pytest
import yaml

from pipeline.world import server
from tests.fixtures import build, edits, habits, stories, vocabulary
from tests.fixtures.habits import HABITS
from tests.fixtures.strays import STRAYS

WORLD = json.loads((server.HERE / "world.json").read_text(encoding="utf-8"))
OUTLETS = stories.load_outlets()
FEEDS = [pytest.param(feed, id=feed["id"]) for feed in WORLD["feeds"]]
RESPONSES = {(entry["host"], entry["path"]): entry for entry in WORLD["responses"]}
LANGUAGE_SHARES = {"fr": (0.4, 0.6), "en": (0.1, 0.35), "ar": (0.1, 0.35), "ha": (0.1, 0.35)}


def goldens() -> list[dict]:
    paths = sorted(server.HERE.glob("sites/**/*.golden.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def page_of(golden: dict) -> bytes:
    address = urllib.parse.urlsplit(golden["url"])
    path = address.path + (f"?{address.query}" if address.query else "")
    return (server.HERE / RESPONSES[address.hostname, path]["file"]).read_bytes()


def feed_of(feed: dict) -> bytes:
    return (server.HERE / RESPONSES[feed["host"], feed["path"]]["file"]).read_bytes()


def plain(text: str) -> str:
    return " ".join(text.split())


def ask(
    world: server.WorldServer, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": host, **names})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def world():
    with server.WorldServer() as running:
        yield running


def test_committed_world_equals_the_build(capsys):
    """Every file of the world, and no other, follows from the stories, byte for byte."""
    assert build.main(["--check"]) == 0, capsys.readouterr().err


def test_check_sees_a_changed_page(tmp_path):
    """A page that differs from its story by one byte, or a stray file, makes the check exit 1."""
    assert build.main(["--output", str(tmp_path)]) == 0
    assert build.main(["--output", str(tmp_path), "--check"]) == 0
    page = next(tmp_path.glob("sites/**/*.html"))
    kept = page.read_bytes()
    page.write_bytes(kept + b" ")
    assert build.main(["--output", str(tmp_path), "--check"]) == 1
    page.write_bytes(kept)
    (tmp_path / "sites" / "stray.html").write_bytes(b"")
    assert build.main(["--output", str(tmp_path), "--check"]) == 1


def test_world_stays_small():
    """The world ships in the wheel, so it stays under four megabytes."""
    assert sum(path.stat().st_size for path in server.HERE.rglob("*") if path.is_file()) < 4_000_000


def test_every_dialect_and_template_is_used():
    """At least 14 feeds; every feed dialect and every page template of the list is in use."""
    used = {OUTLETS[feed["outlet"]] for feed in WORLD["feeds"]}
    assert len(used) >= 14
    assert {outlet.feed for outlet in used} == vocabulary.DIALECTS
    assert {outlet.template for outlet in used} == vocabulary.TEMPLATES


def test_pages_are_many_and_about_half_french():
    """At least 75 article pages, about half of them French, the other three languages well represented."""
    found = collections.Counter(golden["language"] for golden in goldens())
    assert found.total() >= 75
    for language, (low, high) in LANGUAGE_SHARES.items():
        assert low <= found[language] / found.total() <= high, found


def test_originals_have_the_length_of_news_articles():
    """The body of an original has 400 to 900 words, leaving out its credit."""
    told, _ = stories.load_stories(OUTLETS)
    assert len(told) >= 30
    for story in told:
        assert 400 <= stories.words(story.paragraphs) <= 900, story.id


def test_about_a_third_is_not_security_news():
    """Between a quarter and a half of the texts are not about security."""
    told, _ = stories.load_stories(OUTLETS)
    assert 0.25 <= sum(not story.is_security for story in told) / len(told) <= 0.5


def test_wire_stories_are_carried_by_three_to_seven_outlets():
    """At least 12 wire stories, each on the pages of three to seven outlets, and all the edits occur."""
    told, _ = stories.load_stories(OUTLETS)
    carriers = collections.defaultdict(set)
    for golden in goldens():
        if golden["kind"] == "wire":
            carriers[golden["story"]].add(golden["outlet"])
    assert len(carriers) >= 12
    assert all(3 <= len(outlets) <= 7 for outlets in carriers.values())
    assert {copy["edit"] for story in told for copy in story.copies} == set(vocabulary.EDITS)


def test_all_relations_occur():
    """The goldens hold originals, exact and changed copies, excerpts, updates, round-ups and near misses."""
    found = goldens()
    assert {golden["relation"] for golden in found} == {"original", "exact", "copy", "excerpt", "update"}
    assert any(golden["related"] for golden in found)
    assert any(golden["near_miss_of"] for golden in found)


def test_both_date_precisions_occur():
    """Some pages can only be dated to the day, and they are dated to midnight."""
    found = goldens()
    assert {golden["published_precision"] for golden in found} == {"second", "day"}
    assert all(golden["published"].endswith("T00:00:00Z") for golden in found if golden["published_precision"] == "day")


def test_golden_texts_stand_on_their_pages():
    """Title, every paragraph and every evidence sentence of a golden can be read on its page."""
    for golden in goldens():
        charset = HABITS[golden["outlet"]].charset
        text = plain(lxml.html.document_fromstring(page_of(golden).decode(charset)).text_content())
        for part in (golden["title"], *golden["body"].split("\n")):
            assert plain(part) in text, golden["url"]
        for event in golden["events"]:
            home = golden["title"] if event["paragraph"] < 0 else golden["body"].split("\n")[event["paragraph"]]
            assert event["evidence"] in home, golden["url"]


def test_canonical_links_agree_with_goldens():
    """Where a page names its canonical address, it is the golden's."""
    named = 0
    for golden in goldens():
        links = re.findall(rb'<link rel="canonical" href="([^"]+)">', page_of(golden))
        assert links in ([], [golden["url"].replace("&", "&amp;").encode()])
        named += len(links)
    assert named > len(goldens()) / 2


def test_charsets_are_what_they_say():
    """One site is ISO-8859-1 with references for what it lacks, one windows-1256, the others UTF-8."""
    found = collections.defaultdict(set)
    for golden in goldens():
        charset = HABITS[golden["outlet"]].charset
        page = page_of(golden)
        page.decode(charset)
        if charset != "utf-8":
            with pytest.raises(UnicodeDecodeError):
                page.decode("utf-8")
        found[charset].add(golden["outlet"])
    assert found["iso-8859-1"] == {"tchad-horizon"}
    assert found["windows-1256"] == {"ndjamena-alyaum"}
    latin = b"".join(page_of(golden) for golden in goldens() if golden["outlet"] == "tchad-horizon")
    assert re.search(rb"&#\d{3,4};", latin)


@pytest.mark.parametrize("feed", FEEDS)
def test_feed_lists_the_articles_newest_first(feed):
    """A feed, read by a common reader, links to every article of its outlet, newest first."""
    expected = sorted((g for g in goldens() if g["outlet"] == feed["outlet"]), key=lambda golden: golden["url"])
    base = f"http://{feed['host']}{feed['path']}"
    if OUTLETS[feed["outlet"]].feed == "html-page":
        found = lxml.html.document_fromstring(feed_of(feed)).xpath("//h3[@class='catItemTitle']/a")
        links = [urllib.parse.urljoin(base, link.get("href")) for link in found]
        titles = [plain(link.text_content()) for link in found]
    else:
        entries = feedparser.parse(io.BytesIO(feed_of(feed))).entries
        links = [urllib.parse.urljoin(base, entry.get("link", "")) for entry in entries]
        titles = [plain(entry.title) for entry in entries]
    if feed["outlet"] in STRAYS:
        links, titles = links[:-1], titles[:-1]
    bare = [re.sub(r"[?&](utm_|maca=).*|#.*", "", link) for link in links]
    assert sorted(bare) == [golden["url"] for golden in expected]
    times = {golden["url"]: golden["published"] for golden in expected}
    days = [times[link][:10] for link in bare]
    assert days == sorted(days, reverse=True)
    assert sorted(titles) == sorted(plain(golden["title"]) for golden in expected)


@pytest.mark.parametrize("feed", FEEDS)
def test_feed_is_in_its_encoding(feed):
    """Only the feed with bare HTML entities is not well-formed; UTF-16 has its mark, ISO-8859-1 its bytes."""
    dialect, content = OUTLETS[feed["outlet"]].feed, feed_of(feed)
    if dialect == "html-page":
        pytest.skip("the feed is an HTML page")
    if dialect == "rss2-latin1":
        assert b'encoding="ISO-8859-1"' in content
        assert b"&eacute;" in content
        with pytest.raises(lxml.etree.XMLSyntaxError):
            lxml.etree.fromstring(content)
        return
    assert content.startswith(b"\xff\xfe") == (dialect == "rss2-utf16")
    lxml.etree.fromstring(content)


def test_dialects_have_their_marks():
    """Each dialect shows the peculiarity it is there for."""
    texts = {OUTLETS[feed["outlet"]].feed: feed_of(feed) for feed in WORLD["feeds"]}
    assert b"<content:encoded><![CDATA[" in texts["wordpress"]
    assert b"[&#8230;]" in texts["wordpress"]
    assert b"<pubDate>" not in texts["rss2-undated"]
    assert b"<dc:date>" in texts["spip"]
    assert b"<rdf:Seq>" in texts["rdf"]
    assert b'<content type="xhtml">' in texts["atom-full"]
    assert b'<content type="html">' in texts["atom-full"]
    assert b"<!ENTITY nbsp" in texts["rss2-dtd"]
    assert b"&eacute;" in texts["rss2-dtd"]
    assert b"<link>/2026/" in texts["rss2-relative"]
    assert b"<link>//" in texts["rss2-relative"]
    assert len(set(re.findall(rb"<pubDate>.*?</pubDate>", texts["rss2-same-second"]))) == 1
    assert b"<title><![CDATA[" in texts["rss2-cdata"]
    assert b"<author>redaction@" in texts["joomla"]
    assert b"<!DOCTYPE html>" in texts["html-page"]


def test_catalogue_names_every_feed():
    """The catalogue has one complete entry a feed, on the hosts of the world."""
    catalogue = yaml.safe_load(server.CATALOGUE.read_text(encoding="utf-8"))["feeds"]
    assert [entry["id"] for entry in catalogue] == [feed["id"] for feed in WORLD["feeds"]]
    for entry, feed in zip(catalogue, WORLD["feeds"], strict=True):
        assert entry["url"] == f"http://{feed['host']}{feed['path']}"
        assert entry.keys() == {
            "id", "url", "outlet", "publisher_family", "ownership", "country", "language", "kind", "timezone",
        }  # fmt: skip


def test_typography_keeps_evidence_aligned():
    """Restyling a part of a text gives that part of the restyled text."""
    text = 'Il a dit : « C\'est fini ! » puis "non"... 12 000 francs – l’an dernier ; et après…'
    styled = edits.typography(text, "fr")
    assert len(styled) == len(text)
    assert "".join(styled) == (
        'Il a dit\u00a0: "C’est fini\u202f!" puis «\u00a0non\u00a0»… '
        "12\u202f000 francs — l'an dernier\u202f; et après..."
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "rumour"}, "unknown kind"),
        ({"outlet": "nobody"}, "unknown outlet"),
        ({"slug": "Été"}, "slug"),
        ({"wire_agency": "Nobody"}, "wire_agency"),
        ({"surprise": 1}, "unknown key surprise"),
        ({"paragraphs": ["court"]}, "paragraphs"),
        ({"near_miss_of": "no-such-story"}, "near_miss_of"),
        ({"published": "yesterday"}, "published"),
        ({"copies": []}, "copies"),
    ],
)
def test_invalid_story_is_refused(tmp_path, change, fault):
    """A story that breaks the format stops the build with its file and what is wrong."""
    example = next(story.id for story in stories.load_stories(OUTLETS)[0] if story.kind == "wire")
    found = yaml.safe_load((stories.HERE / "stories" / f"{example}.yaml").read_text(encoding="utf-8"))
    (tmp_path / f"{example}.yaml").write_text(yaml.safe_dump({**found, **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(stories.InvalidStoriesError, match=fault) as error:
        stories.load_stories(OUTLETS, tmp_path)
    assert f"{example}.yaml" in str(error.value)
    assert build.main(["--stories", str(tmp_path), "--output", str(tmp_path / "out")]) == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"type": "BAT.PICNIC"}, "unknown type"),
        ({"evidence": "words that nobody wrote"}, "evidence is not in"),
        ({"actors": [{"id": "nobody", "role": "initiator"}]}, "actor"),
        ({"mode": "dreamt"}, "unknown mode"),
        ({"quantities": [{"kind": "killed", "low": 5, "high": 3, "who": "civilian"}]}, "quantity"),
    ],
)
def test_invalid_event_is_refused(tmp_path, change, fault):
    """An event with an unknown code or with evidence that is not in its paragraph is refused."""
    example = next(story for story in stories.load_stories(OUTLETS)[0] if story.kind == "wire" and story.events)
    found = yaml.safe_load((stories.HERE / "stories" / f"{example.id}.yaml").read_text(encoding="utf-8"))
    found["events"][0].update(change)
    (tmp_path / f"{example.id}.yaml").write_text(yaml.safe_dump(found, allow_unicode=True), encoding="utf-8")
    with pytest.raises(stories.InvalidStoriesError, match=fault):
        stories.load_stories(OUTLETS, tmp_path)


def test_server_answers_every_address(world):
    """Every page, feed and robots.txt is served on its host with the bytes of its file and its headers."""
    for (host, path), entry in RESPONSES.items():
        status, headers, body = ask(world, host, path)
        assert (status, body) == (200, (server.HERE / entry["file"]).read_bytes())
        assert headers["Content-Type"] == entry["headers"]["Content-Type"]
        assert headers["Date"] == "Fri, 20 Nov 2026 06:00:00 GMT"


def test_hosts_are_separate(world):
    """An address of one host is unknown on another, and an unknown host knows nothing."""
    feed = WORLD["feeds"][0]
    other = next(found for found in WORLD["feeds"] if (found["host"], feed["path"]) not in RESPONSES)
    assert ask(world, feed["host"], feed["path"])[0] == 200
    assert ask(world, other["host"], feed["path"])[0] == 404
    assert ask(world, "nowhere.example", "/robots.txt")[0] == 404


def test_every_golden_is_served_under_its_feed_link(world):
    """Tracking parameters in a feed's links do not lead astray."""
    outlet = next(name for name, habit in HABITS.items() if habit.feed_link_extra.startswith("?utm_"))
    golden = next(golden for golden in goldens() if golden["outlet"] == outlet)
    path = urllib.parse.urlsplit(golden["url"]).path
    host = OUTLETS[outlet].host
    assert ask(world, host, f"{path}?utm_source=rss&utm_medium=feed")[2] == ask(world, host, path)[2]


def test_validators_give_304(world):
    """If-None-Match and If-Modified-Since are honoured with an empty 304; a wrong tag gets the body."""
    tagged = next(feed for feed in WORLD["feeds"] if HABITS[feed["outlet"]].etag != "none")
    _, headers, _ = ask(world, tagged["host"], tagged["path"])
    status, repeated, body = ask(world, tagged["host"], tagged["path"], If_None_Match=headers["ETag"])
    assert (status, body, repeated["ETag"]) == (304, b"", headers["ETag"])
    assert ask(world, tagged["host"], tagged["path"], If_None_Match='"other"')[0] == 200
    dated = next(feed for feed in WORLD["feeds"] if HABITS[feed["outlet"]].last_modified)
    modified = ask(world, dated["host"], dated["path"])[1]["Last-Modified"]
    assert ask(world, dated["host"], dated["path"], If_Modified_Since=modified)[0] == 304
    assert ask(world, dated["host"], dated["path"], If_Modified_Since="Sat, 01 Nov 2025 00:00:00 GMT")[0] == 200


def test_some_hosts_have_no_validators(world):
    """At least one feed offers neither ETag nor Last-Modified."""
    bare = [
        feed
        for feed in WORLD["feeds"]
        if not {"ETag", "Last-Modified"} & ask(world, feed["host"], feed["path"])[1].keys()
    ]
    assert bare


def test_gzip_only_where_asked_for(world):
    """A compressing host compresses for those who accept it, others never do."""
    for feed in WORLD["feeds"]:
        plain_body = ask(world, feed["host"], feed["path"])[2]
        _, headers, body = ask(world, feed["host"], feed["path"], Accept_Encoding="gzip")
        compressed = headers.get("Content-Encoding") == "gzip"
        assert compressed == HABITS[feed["outlet"]].gzip
        assert (gzip.decompress(body) if compressed else body) == plain_body


def test_robots_files(world):
    """Every host has a robots.txt; one asks for a second between requests, one keeps /wp-admin/ closed."""
    texts = [ask(world, host, "/robots.txt")[2].decode() for host in world.hosts]
    assert sum("Crawl-delay: 1" in text for text in texts) == 1
    assert any("Disallow: /wp-admin/" in text for text in texts)
    assert all(text.startswith("User-agent: *\n") for text in texts)


def test_overrides_change_the_world():
    """A test can change an answer, compute it from the request, or kill a host, also while the server runs."""
    feed, other = WORLD["feeds"][:2]
    with server.WorldServer() as world:
        world.overrides[feed["host"], feed["path"]] = server.Reply(status=503, headers={"Retry-After": "120"})
        status, headers, _ = ask(world, feed["host"], feed["path"])
        assert (status, headers["Retry-After"]) == (503, "120")
        world.overrides[feed["host"], feed["path"]] = lambda request: server.Reply(body=request.method.encode())
        assert ask(world, feed["host"], feed["path"], "POST")[2] == b"POST"
        world.overrides[other["host"], server.ANY_PATH] = server.Reply(drop=True)
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(world, other["host"], other["path"])
        world.overrides.clear()
        assert ask(world, other["host"], other["path"])[0] == 200


def test_requests_are_counted():
    """Requests are counted by host and path, and listed with their headers and answers."""
    feed = WORLD["feeds"][0]
    with server.WorldServer() as world:
        ask(world, feed["host"], feed["path"], User_Agent="counting/1")
        ask(world, feed["host"], "/nothing?here=1")
        assert world.requests == {(feed["host"], feed["path"]): 1, (feed["host"], "/nothing?here=1"): 1}
        assert [(visit.status, visit.headers.get("user-agent")) for visit in world.visits] == [
            (200, "counting/1"),
            (404, None),
        ]


def test_resolve_options_and_binding(world):
    """Every host of the catalogue has a resolve option, and all lead to the one loopback port."""
    catalogue = yaml.safe_load(server.CATALOGUE.read_text(encoding="utf-8"))["feeds"]
    options = world.resolve_options()
    assert {option.partition("=")[0] for option in options} == {
        urllib.parse.urlsplit(entry["url"]).hostname for entry in catalogue
    }
    assert all(option.endswith(f"=127.0.0.1:{world.port}") for option in options)
    assert world.port != 0


def test_world_loads_from_wherever_it_is_installed(tmp_path, monkeypatch):
    """A copy of the package elsewhere, as a wheel would install it, serves its own files."""
    installed = tmp_path / "installed_world"
    shutil.copytree(server.HERE, installed, ignore=shutil.ignore_patterns("__pycache__"))
    marked = installed / RESPONSES[WORLD["feeds"][0]["host"], "/robots.txt"]["file"]
    marked.write_bytes(b"User-agent: elsewhere\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    copied = importlib.import_module("installed_world.server")
    with copied.WorldServer() as running:
        assert ask(running, WORLD["feeds"][0]["host"], "/robots.txt")[2] == b"User-agent: elsewhere\n"


def test_day_precision_follows_what_the_page_shows():
    """An undated page of an undated feed is dated by its address, one that shows its date to the second."""
    told, _ = stories.load_stories(OUTLETS)
    seen = set()
    for story in told:
        for article in edits.articles_of(story, OUTLETS):
            if article.outlet.id == "radio-tenere":
                precision = habits.published_of(article)[1]
                assert precision == ("second" if habits.shows_date(article) else "day")
                seen.add(precision)
    assert seen == {"second", "day"}
