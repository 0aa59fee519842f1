"""Pages for entries: one fetch an article, every entry answered, what is no page refused with its reason."""

import datetime as dt

import pytest

from tests.test_web import client_of, serving
from transforms.clock import Clock
from transforms.fetch_pages import fetch_pages, lane_of, read_page
from transforms.records import Entry, Failure, Page, article_id_of
from transforms.web import Response, WebFailure

CLOCK = Clock(dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC))
HTML = {"Content-Type": "text/html; charset=ISO-8859-1"}


def entry(path="/a", feed="un", host="one.example"):
    """An entry that names a page."""
    url = f"http://{host}{path}"
    return Entry(
        entry_id=f"{feed}{path}", feed_id=feed, article_id=article_id_of(url), url=url, canonical_url=url, title="T"
    )


def answer(body, content_type="text/html", url="http://one.example/a"):
    """An answer of status 200."""
    return Response(url=url, status=200, headers={"content-type": content_type}, body=body)


def test_one_fetch_for_all_entries_of_an_article():
    """The same article in three feeds is fetched once and its page names all three entries."""
    with serving({"/a": (200, HTML, b"<p>x</p>")}) as server, client_of(server) as client:
        entries = [entry(feed=feed) for feed in ("trois", "un", "deux")]
        [page] = fetch_pages(client, entries, seconds=10, clock=CLOCK)
        assert [path for _, _, path, _ in server.seen] == ["/robots.txt", "/a"]
    assert isinstance(page, Page)
    assert [e.feed_id for e in page.entries] == ["deux", "trois", "un"]
    assert (page.charset, page.content_type, page.fetched) == ("iso-8859-1", "text/html", "2026-11-20T06:00:00Z")


def test_every_entry_is_answered():
    """Pages, missing pages and refused ones: what goes in comes out, as many as went in."""
    pages = {"/a": (200, HTML, b"<p>x</p>"), "/b": (500, {}, b""), "/pdf": (200, HTML, b"%PDF-1.4")}
    with serving(pages) as server, client_of(server) as client:
        entries = [entry(path) for path in ("/a", "/b", "/none", "/pdf")]
        results = list(fetch_pages(client, entries, seconds=10, clock=CLOCK))
    assert sum(len(result.entries) for result in results) == 4
    reasons = sorted(result.reason for result in results if isinstance(result, Failure))
    assert reasons == ["HTTP_404", "HTTP_5XX", "NOT_HTML"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer(b""), "EMPTY_BODY"),
        (answer(b"%PDF-1.7 ..."), "NOT_HTML"),
        (answer(b"\x89PNG\r\n"), "NOT_HTML"),
        (answer(b"<html>x</html>", "image/png"), "NOT_HTML"),
        (answer(b"\x1f\x8b\x08\x00"), "NOT_HTML"),
        (answer(b"<html>+ADw-p+AD4-</html>", "text/html; charset=UTF-7"), "BAD_ENCODING"),
        (answer(b"<html><meta charset=unicode-1-1-utf-7></html>"), "BAD_ENCODING"),
        (answer(b"<html><title>Just a moment...</title></html>"), "BOT_CHALLENGE"),
        (WebFailure(reason="TIMEOUT_TOTAL", message="slow"), "TIMEOUT_TOTAL"),
    ],
)
def test_what_is_no_page(given, reason):
    """Empty, binary, twice compressed and challenge answers are refused with their reason."""
    result = read_page([entry()], given, fetched="2026-11-20T06:00:00Z")
    assert isinstance(result, Failure)
    assert (result.reason, result.entries) == (reason, (entry(),))


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xhtml+xml", "TEXT/HTML; charset=x"])
def test_pages_with_odd_content_types_are_pages(content_type):
    """HTML under no or a vague content type is accepted."""
    assert isinstance(read_page([entry()], answer(b"<html>x</html>", content_type), fetched=""), Page)


def test_a_downgrade_is_flagged():
    """A page that was asked for by https and came by http says so."""
    import dataclasses

    secure = dataclasses.replace(entry(), url="https://one.example/a")
    page = read_page([secure], answer(b"<p>x</p>"), fetched="")
    assert page.flags == ("DOWNGRADED",)


def test_a_host_lives_in_one_lane():
    """All pages of a host share a lane, whatever the path, scheme or case."""
    lanes = {lane_of(url, 8) for url in ("http://one.example/a", "https://ONE.example/b?x=1", "http://one.example")}
    assert len(lanes) == 1
    assert len({lane_of(f"http://host{i}.example/", 8) for i in range(100)}) == 8
