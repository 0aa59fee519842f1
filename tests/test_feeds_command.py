"""``sahelwatch feeds``: what a probe tells of each feed, and catalogues as OPML and back (rows O01 and O02)."""

import json
import pathlib

import pytest

import pipeline.catalogue
from pipeline.catalogue import load_catalogue
from tests.conformance.scripts import answer, by_header, feed, head_of, item, raw, redirect, rss
from tests.conformance.server import SUFFIX, FaultServer
from tests.conftest import run_main

BUNDLED = str(pathlib.Path(pipeline.catalogue.__file__).with_name("feeds.yaml"))
FRENCH = "Le marché couvert de la commune a rouvert mardi après la crue du fleuve, selon la mairie et les commerçants"
DATED = {"description": FRENCH, "pubDate": "Fri, 20 Nov 2026 05:00:00 GMT"}
OLD = {**DATED, "pubDate": "Mon, 03 Aug 2026 05:00:00 GMT"}
NAMES = "<html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'></head><body>x</body></html>"
HOSTS = {
    "good": {
        "/feed": by_header("if-none-match", {'"a"': answer(b"", 304)}, feed(item(1, **DATED), item(2, **DATED), ETag='"a"')),
        "/robots.txt": answer(b"User-agent: *\nCrawl-delay: 5\n", kind="text/plain"),
    },
    "moved": {"/feed": redirect("/new", 301), "/new": feed(item(1, **DATED), Last_Modified="Fri, 20 Nov 2026 05:00:00 GMT")},
    "closed": {"/feed": feed(item(1, **DATED)), "/robots.txt": answer(b"User-agent: *\nDisallow: /\n", kind="text/plain")},
    "silent": {"/feed": feed(item(1, **OLD))},
    "wrong": {"/feed": feed(item(1, **DATED))},
    "page": {"/feed": answer(NAMES.encode())},
    "gone": {"/feed": answer(b"", 410)},
    "forbidden": {"/feed": answer(b"", 403)},
    "broken": {"/feed": raw(head_of(200, length=99) + b"<rss>")},
    "empty": {"/feed": feed()},
    "naive": {"/feed": feed(item(1, description=FRENCH, pubDate="2026-11-20 05:00:00"))},
    "hostile": {"/feed": answer(rss(item(1, title="[red]\x1b[31m x")), 200)},
}  # fmt: skip


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """(exit status, the checks by feed, the table as text) of a probe of all the hosts."""
    folder = tmp_path_factory.mktemp("check")
    feeds = [
        {"id": name, "url": f"http://{name}{SUFFIX}/feed", "outlet": name, "publisher_family": "e", "ownership": "private",
         "language": "ha" if name == "wrong" else "fr"}
        for name in HOSTS
    ]  # fmt: skip
    (folder / "feeds.json").write_text(json.dumps({"feeds": feeds}))
    plays = {(f"{name}{SUFFIX}", path): play for name, paths in HOSTS.items() for path, play in paths.items()}
    with FaultServer(plays) as server:
        options = ["--feeds", str(folder / "feeds.json"), "--host-interval", "0", "--now", "2026-11-20T06:00:00Z"]
        for name in HOSTS:
            options += ["--resolve", f"{name}{SUFFIX}=127.0.0.1:{server.ports['http']}"]
        ran = run_main("feeds", "check", *options, "--json")
        shown = run_main("feeds", "check", *options)
    return ran, {check["feed_id"]: check for check in ran.json}, shown.out


def test_a_good_feed_is_described(checked):
    """Format, entries, newest entry, language, validators that work, and robots.txt's word on its first page."""
    ran, checks, _ = checked
    assert ran.status == 1  # some cannot be read
    good = checks["good"]
    assert (good["status"], good["format"], good["entries"], good["newest"]) == (
        "ok",
        "rss20",
        2,
        "2026-11-20T05:00:00Z",
    )
    assert (good["language_found"], good["validators"]) == ("fr", ["etag", "304"])
    assert (good["robots"], good["suggestions"]) == ("allowed, 5 s apart", [])


@pytest.mark.parametrize(
    ("name", "status", "advice"),
    [
        ("moved", "ok", f"url: http://moved{SUFFIX}/new"),
        ("closed", "ok", "robots.txt closes its pages: only the feed's own text can be used"),
        ("silent", "ok", "silent since 2026-08-03: is there another feed?"),
        ("wrong", "ok", "language: fr"),
        ("empty", "ok", "it lists nothing"),
        ("naive", "ok", "its dates bear no zone: check timezone"),
        ("page", "NOT_A_FEED", f"url: http://page{SUFFIX}/rss.xml (the page there names it)"),
        ("gone", "HTTP_410", "look for the feed's new address, or drop it"),
        ("forbidden", "HTTP_403", "closed to programs: write to the publisher, or drop it"),
        ("broken", "TRUNCATED", "ask again later; drop it when it stays so"),
    ],
)
def test_each_fault_has_its_advice(checked, name, status, advice):
    """What is wrong is said with what to do about it, and nothing else is suggested."""
    check = checked[1][name]
    assert (check["status"], check["suggestions"]) == (status, [advice])


def test_validators_that_are_ignored_are_told(checked):
    """A feed that answers in full to its own Last-Modified says so; one without validators has none."""
    assert checked[1]["moved"]["validators"] == ["last-modified", "ignored"]
    assert checked[1]["silent"]["validators"] == []


def test_the_table_says_the_same_and_carries_no_control_codes(checked):
    """Each feed has a row; a hostile title cannot speak to the terminal."""
    _, checks, shown = checked
    assert all(name in shown for name in checks)
    assert "\x1b" not in shown
    assert f"{sum(check['status'] == 'ok' for check in checks.values())} of {len(HOSTS)} feeds can be read" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--feeds", BUNDLED], "--contact is required"),
        (["check", "--feeds", BUNDLED, "--contact", "x", "--only", "nobody"], "no feed of this id: nobody"),
        (["check", "--feeds", "none.yaml"], "No such file"),
        (["import", "none.opml"], "No such file"),
        (["export", "--feeds", "none.yaml"], "No such file"),
        ([], "required"),
    ],
)
def test_bad_usage_is_one_line(arguments, message):
    """Exit status 2 and one line that says what is wrong."""
    ran = run_main("feeds", *arguments)
    assert (ran.status, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert message in ran.err


def test_the_bundled_catalogue_survives_opml(tmp_path):
    """Exported and imported again it is the same catalogue, field by field and in its order; and once more."""
    exported = run_main("feeds", "export", "OPML", "--feeds", BUNDLED).out
    (tmp_path / "a.opml").write_text(exported, encoding="utf-8")
    imported = run_main("feeds", "import", str(tmp_path / "a.opml"))
    assert (imported.status, imported.err) == (0, "")
    (tmp_path / "b.yaml").write_text(imported.out, encoding="utf-8")
    assert load_catalogue(str(tmp_path / "b.yaml")) == load_catalogue(BUNDLED)
    assert run_main("feeds", "export", "OPML", "--feeds", str(tmp_path / "b.yaml")).out == exported


def opml(body, head=""):
    """An OPML file."""
    return f'<?xml version="1.0"?>{head}<opml version="2.0"><head><title>T</title></head><body>{body}</body></opml>'


def imported(tmp_path, content):
    """What the import of a file gives."""
    (tmp_path / "list.opml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return run_main("feeds", "import", str(tmp_path / "list.opml"))


def test_the_list_of_another_program_is_read_for_what_it_has(tmp_path):
    """Folders are no feeds; ids are made of titles and kept apart; what cannot be a feed is named with its reason."""
    ran = imported(
        tmp_path,
        opml(
            '<outline text="Mali"><outline text="Aïr Info" type="rss" language="fr-NE" xmlUrl="https://a.example/feed"/>'
            '<outline text="Aïr Info" xmlUrl="https://b.example/feed"/></outline><outline text="صحراء" xmlUrl="https://c.example/"/>'
            '<outline text="No address"/><outline text="Again" xmlUrl="https://a.example/feed"/>'
            '<outline text="Bad" xmlUrl="javascript:alert(1)"/><outline text="Secret" xmlUrl="https://u:pw@d.example/"/>'
        ),
    )
    assert ran.status == 0
    (tmp_path / "out.yaml").write_text(ran.out, encoding="utf-8")
    feeds = load_catalogue(str(tmp_path / "out.yaml"))
    assert [(feed.id, feed.outlet, feed.language) for feed in feeds] == [
        ("air-info", "Aïr Info", "fr"), ("air-info-2", "Aïr Info", None), ("c-example", "صحراء", None),
    ]  # fmt: skip
    assert {feed.ownership for feed in feeds} == {"private"}
    assert all("not judged" in feed.notes for feed in feeds)
    skipped = ran.err.splitlines()
    assert len(skipped) == 4
    for line, words in zip(
        skipped, ("no xmlUrl", "listed twice", "not an http URL", "credentials in URL"), strict=True
    ):
        assert words in line
    assert "pw" not in ran.err


def test_a_thousand_nested_outlines_are_read(tmp_path):
    """Deep nesting costs nothing; the one feed at the bottom is found."""
    deep = '<outline text="x">' * 1000 + '<outline text="Deep" xmlUrl="https://a.example/f"/>' + "</outline>" * 1000
    ran = imported(tmp_path, opml(deep))
    assert ran.status == 0
    assert "https://a.example/f" in ran.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (opml("<outline text='&x;' xmlUrl='https://a.example/'/>", '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
         "declares what a list of feeds does not need"),
        (opml("<outline text='&b;'/>", '<!DOCTYPE o [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]>'), "declares what a list"),
        (opml("<outline text='" + "x" * 10_000_000 + "'/>"), "larger than 5000000 bytes"),
        (opml('<outline text="x">' * 3000 + "</outline>" * 3000), "nested more than 2000 deep"),
        (opml('<outline text="only folders"/>'), "no feeds in it"),
        ("<html><body>no</body></html>", "no OPML, but 'html'"),
        ("no XML at all", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        ("", "no XML"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_feeds_is_refused(tmp_path, content, message):
    """Entities, external files, floods and other documents end in one line that names the file; nothing is read."""
    ran = imported(tmp_path, content)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[-1].startswith(f"sahelwatch feeds import: {tmp_path / 'list.opml'}: ")
    assert message in ran.err
    assert "root:" not in ran.err
