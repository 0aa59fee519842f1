"""Rows H01 to H27 of the catalogue: what a server may answer."""

import gzip
import zlib
from collections.abc import AsyncIterator

import brotli
from backports import zstd

from tests.conformance.case import (
    UNCHANGED,
    Case,
    Outcome,
    Played,
    accepted,
    failing,
    host_beside,
    refused,
    waits_then_comes,
)
from tests.conformance.scripts import (
    HTML,
    RSS,
    answer,
    article,
    by_header,
    by_round,
    chunks,
    feed,
    head_of,
    item,
    raw,
    redirect,
    rss,
)
from tests.conformance.server import SUFFIX, Exchange

MEGABYTE = bytes(2**20)
GIGABYTES = 1000
PAGE = article()
SOUND = answer(PAGE)
FEED = rss(item())
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><div id='cf-wrapper'>"
    b"<p>Checking your browser before you go on.</p><script src='/cdn-cgi/challenge-platform/x.js'></script></div></body></html>"
)
ANUBIS = (
    b"<!DOCTYPE html><html><head><title>Making sure you're not a bot!</title></head><body>"
    b"<script id='anubis_challenge' type='application/json'>{}</script><p>Loading...</p></body></html>"
)
CAPTCHA = (
    b"<!DOCTYPE html><html><head><title>Attention Required!</title></head><body><form action='/verify'>"
    b"<p>Please verify you are a human.</p><div class='g-recaptcha' data-sitekey='x'></div></form></body></html>"
)
LOGIN = (
    b"<!DOCTYPE html><html><head><title>Connexion au portail</title></head><body><form><input name='user'>"
    b"<input type='password' name='word'></form></body></html>"
)


def gzip_bomb() -> bytes:
    """A megabyte that is a gigabyte when it is unpacked: the same flushed block a thousand times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block * GIGABYTES


def brotli_bomb() -> bytes:
    """A gigabyte in brotli."""
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(MEGABYTE) for _ in range(GIGABYTES)) + packer.finish()


def zstd_bomb() -> bytes:
    """A gigabyte in zstd."""
    packer = zstd.ZstdCompressor()
    return b"".join(packer.compress(MEGABYTE) for _ in range(GIGABYTES)) + packer.flush()


async def endless() -> AsyncIterator[bytes]:
    """A body that does not end (H02)."""
    yield head_of(200)
    while True:
        yield b"<p>" + b"x" * 65536


def packed(content: bytes, coding: str, status: int = 200) -> object:
    """An answer under a Content-Encoding."""
    return answer(content, status, Content_Encoding=coding)


def conditional(tag: str) -> object:
    """A feed that answers its own tag with 304."""
    return by_header("if-none-match", {tag: answer(b"", 304, ETag=tag)}, feed(item(), ETag=tag))


def no_validators_sent(passes: list[Played]) -> None:
    """The tag of the first answer was not given back in the second pass."""
    [visit] = [visit for visit in passes[1].visits if visit.path == "/feed1"]
    assert "if-none-match" not in visit.headers


def validators_sent(passes: list[Played]) -> None:
    """The weak tag was given back as it came."""
    [visit] = [visit for visit in passes[1].visits if visit.path == "/feed1"]
    assert visit.headers["if-none-match"] == 'W/"faible"'
    assert passes[1].polls[0]["status"] == "not_modified"


def no_cookies(passes: list[Played]) -> None:
    """No visit in any pass brought a cookie."""
    visits = [visit for played in passes for visit in played.visits]
    assert len(visits) > 4
    assert all("cookie" not in visit.headers for visit in visits)


def held(least: float, most: float):
    """The queued entry is to be tried again after so many seconds."""

    def check(passes: list[Played]) -> None:
        import datetime as dt

        first = passes[0]
        [entry] = first.queue
        pause = (dt.datetime.fromisoformat(entry.next_try) - dt.datetime.fromisoformat(first.now)).total_seconds()
        assert least <= pause <= most

    return check


def next_poll(least: float, most: float):
    """The feed is to be asked again after so many seconds."""

    def check(passes: list[Played]) -> None:
        import datetime as dt

        first = passes[0]
        [row] = first.polls
        pause = (dt.datetime.fromisoformat(row["next_poll"]) - dt.datetime.fromisoformat(first.now)).total_seconds()
        assert least <= pause <= most

    return check


def moved(passes: list[Played]) -> None:
    """The move is followed, reported, and adopted after a week of the same answer."""
    assert [played.polls[0]["health"] for played in passes[:2]] == ["moved", "moved"]
    paths = [[visit.path for visit in played.visits if "feed" in visit.path] for played in passes]
    assert paths[0] == paths[1] == ["/feed1", "/feed-new"]
    assert paths[2] == ["/feed-new"]


def limited(header: str | None, status: int = 429) -> object:
    """Refused for now in the first pass, with a Retry-After."""
    first = answer(b"", status, Retry_After=header) if header is not None else answer(b"", status)
    return by_round(first, SOUND)


def title_is(title: str):
    """The article's title is read right."""

    def check(passes: list[Played]) -> None:
        assert [row["title"] for row in passes[0].articles] == [title]

    return check


async def own_length_is_shorter(exchange: Exchange) -> None:
    """Content-Length cuts the body short; what follows looks like a second answer (H09)."""
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nSMUGGLED"
    await exchange.send(head_of(200, length=len(PAGE)) + PAGE + smuggled)


def nothing_smuggled(passes: list[Played]) -> None:
    """What came after the declared end is in no row."""
    assert "SMUGGLED" not in repr((passes[0].articles, passes[0].texts))


ACCENTS = "Le marché rouvre à Téra"

CASES = [
    Case(id="H01a", given="a page of 9 MB", pages={"/page": answer(b"<p>" + b"x" * 9_000_000)},
         passes=refused(TOO_LARGE=1)),
    Case(id="H01b", given="a feed of 6 MB", feed=by_round(answer(rss(item(), head="<x>" + "y" * 6_000_000 + "</x>"), kind=RSS),
                                                          feed(item())),
         passes=failing("TOO_LARGE")),
    Case(id="H02", given="a body without end", pages={"/page": chunks(endless)}, passes=refused(TOO_LARGE=1)),
    Case(id="H03", given="a gzip bomb of a gigabyte", pages={"/page": packed(gzip_bomb(), "gzip")},
         passes=refused(TOO_LARGE=1)),
    Case(id="H04", given="a brotli bomb of a gigabyte", pages={"/page": packed(brotli_bomb(), "br")},
         passes=refused(TOO_LARGE=1)),
    Case(id="H05", given="a zstd bomb of a gigabyte", pages={"/page": packed(zstd_bomb(), "zstd")},
         passes=refused(TOO_LARGE=1)),
    Case(id="H05b", given="a feed that is a zstd bomb",
         feed=by_round(answer(zstd_bomb(), kind=RSS, Content_Encoding="zstd"), feed(item())), passes=failing("TOO_LARGE")),
    Case(id="H06a", given="a page compressed twice and said to be",
         pages={"/page": packed(gzip.compress(gzip.compress(PAGE)), "gzip, gzip")}, passes=refused(BAD_ENCODING=1)),
    Case(id="H06b", given="a page compressed twice and said to be once",
         pages={"/page": packed(gzip.compress(gzip.compress(PAGE)), "gzip")}, passes=refused(BAD_ENCODING=1)),
    Case(id="H06c", given="a feed compressed and not said to be",
         feed=by_round(answer(gzip.compress(FEED), kind=RSS), feed(item())), passes=failing("BAD_ENCODING")),
    Case(id="H07a", given="gzip data that is none", pages={"/page": packed(b"\x1f\x8b\x08\x00 no gzip at all", "gzip")},
         passes=refused(BAD_ENCODING=1)),
    Case(id="H07b", given="an encoding nobody knows", pages={"/page": packed(PAGE, "x-own")}, passes=refused(BAD_ENCODING=1)),
    Case(id="H07d", given="brotli and zstd data that are none", entries=2,
         pages={"/page": packed(b"\xffno brotli at all" * 9, "br"), "/page2": packed(b"no zstd at all" * 9, "zstd")},
         passes=refused(BAD_ENCODING=2)),
    Case(id="H07c", given="sound gzip, brotli, zstd and deflate", entries=4,
         pages={"/page": packed(gzip.compress(PAGE), "gzip"), "/page2": packed(brotli.compress(PAGE), "br"),
                "/page3": packed(zstd.compress(PAGE), "zstd"), "/page4": packed(zlib.compress(PAGE), "deflate")},
         passes=accepted(4)),
    Case(id="H08a", given="a body shorter than its Content-Length",
         pages={"/page": by_round(raw(head_of(200, length=len(PAGE) + 999) + PAGE), SOUND)},
         passes=waits_then_comes(TRUNCATED__READ_ERROR=1)),
    Case(id="H08b", given="a chunk that is cut off",
         pages={"/page": by_round(raw(head_of(200, Transfer_Encoding="chunked") + b"fff\r\n" + PAGE), SOUND)},
         passes=waits_then_comes(TRUNCATED__READ_ERROR=1)),
    Case(id="H08c", given="a feed shorter than its Content-Length",
         feed=by_round(raw(head_of(200, length=len(FEED) + 9, kind=RSS) + FEED), feed(item())),
         passes=failing("TRUNCATED/READ_ERROR")),
    Case(id="H09", given="a Content-Length shorter than the body", pages={"/page": own_length_is_shorter},
         passes=accepted(), check=nothing_smuggled),
    Case(id="H10a", given="a header of 1 MB", pages={"/page": answer(PAGE, X_Long="y" * 2**20)}, passes=refused(BAD_HTTP=1)),
    Case(id="H10b", given="a hundred thousand headers",
         pages={"/page": raw(b"HTTP/1.1 200 OK\r\n" + b"X-Many: y\r\n" * 100_000 + b"\r\n" + PAGE)}, passes=refused(BAD_HTTP=1)),
    Case(id="H11a", given="garbage in place of HTTP", pages={"/page": raw(b"\x00\x01garbage\r\n\r\n")}, passes=refused(BAD_HTTP=1)),
    Case(id="H11b", given="HTTP/0.9: a body and nothing else", pages={"/page": raw(PAGE)}, passes=refused(BAD_HTTP=1)),
    Case(id="H12a", given="an empty page", pages={"/page": answer(b"")}, passes=refused(EMPTY_BODY=1)),
    Case(id="H12b", given="an empty feed document", feed=by_round(answer(b"", kind=RSS), feed(item())), passes=failing("EMPTY_BODY")),
    Case(id="H13a", given="304 to a request without validators", entries=0, feed=by_round(answer(b"", 304), feed(item())),
         passes=(Outcome(status="not_modified", message="NOT_MODIFIED_SUSPECT"), Outcome(articles=1), UNCHANGED)),
    Case(id="H13b", given="304 for ever while the feed changes",
         feed=by_header("if-none-match", {'"a"': answer(b"", 304)}, by_round(feed(item(), ETag='"a"'), feed(item(), item(2), ETag='"a"'))),
         pages={"/page2": SOUND},
         passes=(Outcome(articles=1), UNCHANGED, Outcome(articles=1, message="NOT_MODIFIED_SUSPECT"))),
    Case(id="H14a", given="an ETag of 8 kB", feed=feed(item(), ETag='"' + "x" * 7000 + '"'), passes=accepted(), check=no_validators_sent),
    Case(id="H14b", given="a weak ETag", feed=conditional('W/"faible"'), passes=accepted(), check=validators_sent),
    Case(id="H14c", given="an ETag with control characters", feed=feed(item(), ETag='"a\x07b"'),
         passes=accepted(), check=no_validators_sent),
    Case(id="H15", given="a feed that has moved for good", feed=redirect("/feed-new", 301), pages={"/feed-new": feed(item())},
         passes=(Outcome(articles=1, health="moved"), Outcome(status="not_modified", health="moved"),
                 Outcome(status="not_modified", health="moved")), check=moved),
    Case(id="H16", given="a feed that is not found", feed=by_round(answer(b"x", 404), feed(item())), passes=failing("HTTP_404"),
         check=next_poll(300, 3600 * 1.11)),
    Case(id="H17", given="a feed that is gone", feed=answer(b"", 410), entries=0,
         passes=(Outcome(status="FEED_GONE", health="dead"),) * 3, check=next_poll(86400, 86400 * 1.11)),
    Case(id="H18a", given="429 with 1,800 seconds", pages={"/page": limited("1800")}, passes=waits_then_comes(RATE_LIMITED=1),
         check=held(1800, 2000)),
    Case(id="H18b", given="429 with a date in half an hour", pages={"/page": limited("Fri, 20 Nov 2026 06:30:00 GMT")},
         passes=waits_then_comes(RATE_LIMITED=1), check=held(1800, 2000)),
    Case(id="H18c", given="429 with a negative time", pages={"/page": limited("-5")}, passes=waits_then_comes(RATE_LIMITED=1),
         check=held(30, 3600)),
    Case(id="H18d", given="429 with 88 hours, which are a day", pages={"/page": limited("316800")},
         passes=(Outcome(waiting={"RATE_LIMITED": 1}), Outcome(status="", waiting={"RATE_LIMITED": 1}),
                 Outcome(status="not_modified", articles=1)), check=held(86400, 86400 * 1.11)),
    Case(id="H18e", given="429 with garbage", pages={"/page": limited("soon")}, passes=waits_then_comes(RATE_LIMITED=1), check=held(30, 3600)),
    Case(id="H18f", given="503 with 1,800 seconds", pages={"/page": limited("1800", 503)},
         passes=waits_then_comes(RATE_LIMITED__HTTP_5XX=1), check=held(1800, 2000)),
    Case(id="H18g", given="a feed's 429 with 1,800 seconds", feed=by_round(answer(b"", 429, Retry_After="1800"), feed(item())),
         passes=failing("RATE_LIMITED"), check=next_poll(1800, 2000)),
    Case(id="H18h", given="500, 502, 504 and 408", entries=4,
         pages={path: by_round(answer(b"x", status), SOUND)
                for path, status in {"/page": 500, "/page2": 502, "/page3": 504, "/page4": 408}.items()},
         passes=waits_then_comes(HTTP_5XX=3, HTTP_408=1)),
    Case(id="H19a", given="401, 402, 403", entries=3,
         pages={"/page": answer(b"no", 401), "/page2": answer(b"pay", 402), "/page3": answer(b"no", 403)},
         passes=refused(HTTP_401=1, HTTP_402__PAYWALL=1, HTTP_403=1)),
    Case(id="H19b", given="451", pages={"/page": answer(b"court order", 451)}, passes=refused(LEGAL_451=1)),
    Case(id="H19c", given="404 and 410", entries=2, pages={"/page": answer(b"no", 404), "/page2": answer(b"gone", 410)},
         passes=refused(HTTP_404=1, HTTP_410=1)),
    Case(id="H20a", given="a challenge page with 200", pages={"/page": answer(CHALLENGE)}, passes=refused(BOT_CHALLENGE=1)),
    Case(id="H20b", given="a challenge page with 403", pages={"/page": answer(CHALLENGE, 403)}, passes=refused(BOT_CHALLENGE=1)),
    Case(id="H20c", given="403 that its header calls a challenge", pages={"/page": answer(b"x", 403, Cf_Mitigated="challenge")},
         passes=refused(BOT_CHALLENGE=1)),
    Case(id="H20d", given="a proof-of-work page", pages={"/page": answer(ANUBIS)}, passes=refused(BOT_CHALLENGE=1)),
    Case(id="H20e", given="a captcha", pages={"/page": answer(CAPTCHA)}, passes=refused(BOT_CHALLENGE=1)),
    Case(id="H20f", given="a challenge in place of the feed", feed=by_round(answer(CHALLENGE), feed(item())), passes=failing("BOT_CHALLENGE")),
    Case(id="H21", given="a login page in place of the feed", feed=by_round(answer(LOGIN), feed(item())), passes=failing("NOT_A_FEED")),
    Case(id="H22", given="PDF, PNG, MP3 and zip", entries=4,
         pages={"/page": answer(b"%PDF-1.7 x", kind="application/pdf"), "/page2": answer(b"\x89PNG\r\n\x1a\nxx", kind="text/html"),
                "/page3": answer(b"\xff\xfb\x90\x44" + b"x" * 99, kind="audio/mpeg"), "/page4": answer(b"PK\x03\x04xx", kind=None)},
         passes=refused(NOT_HTML=4)),
    Case(id="H23", given="cookies on every hop", feed=feed(item(), Set_Cookie="a=1"),
         pages={"/page": answer(b"", 302, Location="/other", Set_Cookie="b=2"), "/other": answer(PAGE, Set_Cookie="c=3")},
         passes=accepted(), check=no_cookies),
    Case(id="H24a", given="a page under text/plain", pages={"/page": answer(PAGE, kind="text/plain")}, passes=accepted()),
    Case(id="H24b", given="a page without a content type", pages={"/page": answer(PAGE, kind=None)}, passes=accepted()),
    Case(id="H24c", given="a feed under text/html", feed=answer(FEED, kind=HTML), passes=accepted()),
    Case(id="H25", given="a page that only sends on by meta refresh",
         pages={"/page": answer(b"<html><head><meta http-equiv='refresh' content='0; url=/other'></head><body></body></html>"),
                "/other": SOUND}, passes=refused(NO_CONTENT=1), never=("/other",)),
    Case(id="H26a", given="200 for what is not there",
         pages={"/page": answer(b"<html><head><title>Page introuvable</title></head><body><h1>Page introuvable</h1>"
                                b"<p>La page que vous cherchez n'existe plus.</p></body></html>")},
         passes=refused(SOFT_404=1)),
    Case(id="H26b", given="an entry that leads to the front page", feed=feed(item(link=f"http://h26b{SUFFIX}/")),
         pages={"/": answer(b"<html><head><title>Essai</title></head><body>" + b"<h2><a href='/x'>Une nouvelle</a></h2>" * 12 + b"</body></html>")},
         passes=refused(NOT_LANDING__NO_CONTENT=1)),
    Case(id="H27a", given="UTF-8 under a header that says Latin-1",
         pages={"/page": answer(article(ACCENTS), kind="text/html; charset=iso-8859-1")},
         passes=accepted(flags=frozenset({"CHARSET_REPAIRED"})), check=title_is(ACCENTS)),
    Case(id="H27b", given="Latin-1 under a header that says UTF-8", pages={"/page": answer(article(ACCENTS, encoding="latin-1"))},
         passes=accepted(flags=frozenset({"CHARSET_REPAIRED"})), check=title_is(ACCENTS)),
    Case(id="H27c", given="UTF-16 with a byte order mark", pages={"/page": answer(article(ACCENTS, encoding="utf-16"))},
         passes=accepted(), check=title_is(ACCENTS)),
    Case(id="H27d", given="the document's own charset where the header has none",
         pages={"/page": answer(article(ACCENTS, head="<meta charset='windows-1252'>", encoding="cp1252"), kind="text/html")},
         passes=accepted(), check=title_is(ACCENTS)),
    Case(id="H27e", given="UTF-7, in the header and in the document", entries=2,
         pages={"/page": answer(PAGE, kind="text/html; charset=utf-7"),
                "/page2": answer(b"<html><head><meta charset='utf-7'></head>" + PAGE, kind="text/html")},
         passes=refused(BAD_ENCODING=2)),
    Case(id="H28", given="a page on another host behind a temporary redirect",
         pages={"/page": redirect(f"http://{host_beside('H28', 'cdn')}/real")},
         others={(host_beside("H28", "cdn"), "/real"): SOUND}, passes=accepted()),
]  # fmt: skip
