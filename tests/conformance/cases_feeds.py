"""Rows F01 to F20 of the catalogue: what a feed may hold."""

from tests.conformance.case import UNCHANGED, Case, Outcome, Played, accepted, failing
from tests.conformance.scripts import RSS, answer, article, by_round, feed, item, rss
from tests.conformance.server import SUFFIX

SOUND = answer(article())
XML = '<?xml version="1.0"?>'
UTF16 = '<?xml version="1.0" encoding="utf-16"?>'
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE q [<!ENTITY a "{"x" * 50_000}">]>'
EXTERNAL = (
    '<!DOCTYPE r [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY web SYSTEM "http://f03{suffix}/entity">'
    '<!ENTITY % dtd SYSTEM "http://f03{suffix}/dtd"> %dtd;]>'
).replace("{suffix}", SUFFIX)
ATOM = f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Essai</title>
<entry><id>tag:f19{SUFFIX},2026:1</id><title>Nouvelle 1</title><updated>2026-11-20T05:00:00Z</updated>
<link rel="enclosure" type="audio/mpeg" href="/a.mp3"/><link rel="self" href="/a.atom"/>
<link rel="replies" href="/a.atom#c"/><link rel="alternate" type="text/html" href="/page"/></entry></feed>""".encode()
BASED = f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Essai</title>
<entry xml:base="javascript:alert(1)//"><id>1</id><title>Nouvelle 1</title><link href="/page"/></entry>
<entry xml:base="http://f20{SUFFIX}/deep/"><id>2</id><title>Nouvelle 2</title><link href="page"/></entry>
<entry><id>3</id><title>Nouvelle 3</title><link href="//f20{SUFFIX}/slashes"/></entry>
<entry><id>4</id><title>Nouvelle 4</title><link href="relative"/></entry></feed>""".encode()
JSON_FEED = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "Essai", "items": [{"id": "1", "url": "/page", '
    b'"title": "Nouvelle 1", "content_text": "Un texte.", "date_published": "2026-11-20T05:00:00Z"}]}'
)


def document(content: bytes | str, kind: str = RSS):
    """A feed that is these bytes."""
    return answer(content.encode() if isinstance(content, str) else content, kind=kind)


def hazard(content: bytes | str):
    """A hostile document in the first pass, a sound one afterwards."""
    return by_round(document(content), feed(item()))


def titles(*expected: str):
    """The titles of the articles of the first pass."""

    def check(passes: list[Played]) -> None:
        assert sorted(row["title"] for row in passes[0].articles) == sorted(expected)

    return check


def nothing_external(passes: list[Played]) -> None:
    """No row holds the content of a file, and nothing but feed, robots.txt and page was asked for."""
    first = passes[0]
    assert "root:" not in repr((first.articles, first.texts, first.polls, first.rejects))
    assert {visit.path for visit in first.visits} <= {"/feed1", "/robots.txt", "/page"}


def only_the_feed(passes: list[Played]) -> None:
    """Nothing that the body names was opened."""
    assert {visit.path for visit in passes[0].visits} == {"/feed1"}


def many_entries(passes: list[Played]) -> None:
    """The newest 2,000 of 5,000 entries are read, and the row says how many were left out."""
    assert {int(row["url"].rpartition("/page")[2]) for row in passes[0].rejects} == set(range(3001, 5001))
    assert "3000" in passes[0].polls[0]["message"]


def revised(passes: list[Played]) -> None:
    """The second pass gave a second revision of the same article."""
    [first], [second] = passes[0].articles, passes[1].articles
    assert (second["article_id"], second["revision"]) == (first["article_id"], 1)
    assert "corrige" in passes[1].texts[0]["text"]


def resolved(passes: list[Played]) -> None:
    """Links are resolved against the base that is one, and else against the feed."""
    asked = {visit.path for visit in passes[0].visits} - {"/feed1", "/robots.txt"}
    assert asked <= {"/page", "/deep/page", "/slashes", "/relative"}
    assert {"/deep/page", "/slashes", "/relative"} <= asked


DATED = "".join(
    f"<item><title>Nouvelle {n}</title><link>/page{n}</link>"
    f"<pubDate>{1 + n // 1440:02d} Nov 2026 {n // 60 % 24:02d}:{n % 60:02d}:00 GMT</pubDate></item>"
    for n in range(1, 5001)
)
CORRECTED = (
    article()
    .replace("À".encode(), b"A")
    .replace(b"</article>", "<p>La mairie corrige : le toit a coûté trois fois plus que prévu.</p></article>".encode())
)

CASES = [
    Case(id="F01", given="billion laughs", feed=hazard(rss(item(title="&i;"), prolog=XML + LAUGHS)), passes=failing("XML_HAZARD")),
    Case(id="F01b", given="billion laughs in UTF-16",
         feed=hazard(rss(item(title="&i;"), prolog=UTF16 + LAUGHS).decode().encode("utf-16")), passes=failing("XML_HAZARD")),
    Case(id="F02", given="quadratic blow-up", feed=hazard(rss(item(title="&a;" * 50_000), prolog=XML + QUADRATIC)), passes=failing("XML_HAZARD")),
    Case(id="F03", given="external entities of a file, of a URL and of a DTD",
         feed=document(rss(item(title="Nouvelle 1 &file; &web;"), prolog=XML + EXTERNAL)), passes=accepted(), check=nothing_external),
    Case(id="F03b", given="XInclude of a file",
         feed=document(rss(item(description='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'))),
         passes=accepted(), check=nothing_external),
    Case(id="F04a", given="the body is a URL", feed=hazard(f"http://f04a{SUFFIX}/meta"), passes=failing("NOT_A_FEED"), never=("/meta",), check=only_the_feed),
    Case(id="F04b", given="the body is the path of a file", feed=hazard("/etc/passwd"), passes=failing("NOT_A_FEED"), check=nothing_external),
    Case(id="F05", given="XML nested 100,000 deep", feed=hazard(b"<rss><channel>" + b"<a>" * 100_000), passes=failing("XML_HAZARD")),
    Case(id="F07", given="5,000 entries, the newest last", entries=2000,
         feed=by_round(document(f"<rss version='2.0'><channel><title>Essai</title>{DATED}</channel></rss>"), feed(item())),
         passes=(Outcome(rejected={"ROBOTS_DENIED": 2000}, message="FEED_TRUNCATED"), Outcome(rejected={"ROBOTS_DENIED": 1}), UNCHANGED),
         pages={"/robots.txt": answer(b"User-agent: *\nDisallow: /\n", kind="text/plain")}, check=many_entries),
    Case(id="F08", given="a title of 20 MB", feed=hazard(rss(item(title="x" * 20_000_000))), passes=failing("TOO_LARGE")),
    Case(id="F09", given="a feed that breaks off in its second entry", feed=by_round(document(rss(item(), item(2))[:-50]), feed(item(), item(2))),
         pages={"/page2": SOUND},
         passes=(Outcome(articles=1, message="FEED_MALFORMED"), Outcome(articles=1), UNCHANGED), check=titles("Le marché couvert rouvre")),
    Case(id="F10", given="references to a surrogate and to NUL in one entry", entries=2,
         feed=feed(item(1, title="Nouvelle &#xD800;&#0;1"), item(2)), pages={"/page2": SOUND}, passes=accepted(2, message="FEED_REPAIRED")),
    Case(id="F11", given="NUL and control bytes in a title", entries=2,
         feed=document(rss(item(1, title="Nou\x00vel\x0ble \x1b[31m1"), item(2))), pages={"/page2": SOUND}, passes=accepted(2, message="FEED_REPAIRED")),
    Case(id="F12a", given="bytes that are no UTF-8", feed=document(rss(item(title="March\u00e9")).replace("é".encode(), b"\xe9")),
         passes=accepted(message="CHARSET_REPAIRED")),
    Case(id="F12b", given="UTF-8 that is declared Latin-1",
         feed=document(rss(item(title="Marché"), prolog='<?xml version="1.0" encoding="iso-8859-1"?>'), "text/xml"),
         passes=accepted(message="CHARSET_REPAIRED")),
    Case(id="F12c", given="UTF-16", feed=document(rss(item(), prolog=UTF16).decode().encode("utf-16"), "application/xml"),
         passes=accepted()),
    Case(id="F12d", given="UTF-7, declared", feed=hazard(rss(item(), prolog='<?xml version="1.0" encoding="utf-7"?>')), passes=failing("BAD_ENCODING")),
    Case(id="F13", given="JSON Feed", feed=document(JSON_FEED, "application/feed+json"), passes=accepted()),
    Case(id="F14", given="an entry without guid and link beside a sound one", entries=2, feed=feed(item(1), item(2, link=None)),
         passes=(Outcome(articles=1, rejected={"NO_IDENTITY": 1}), UNCHANGED, UNCHANGED)),
    Case(id="F15a", given="one guid on two addresses", entries=2, feed=feed(item(1, guid="g"), item(2, guid="g")), pages={"/page2": SOUND}, passes=accepted(2)),
    Case(id="F15b", given="other guids at every poll", entries=3,
         feed=by_round(*(feed(*(item(n, guid=f"{turn}-{n}") for n in (1, 2, 3))) for turn in range(3))), pages={"/page2": SOUND, "/page3": SOUND},
         passes=(Outcome(articles=3), Outcome(message="GUID_UNSTABLE"), Outcome(message="GUID_UNSTABLE"))),
    Case(id="F16", given="the same guid and address with other text",
         feed=by_round(feed(item(guid="g", description="avant")), feed(item(guid="g", description="corrige"))),
         pages={"/page": by_round(SOUND, answer(CORRECTED))}, passes=(Outcome(articles=1), Outcome(revised=1), UNCHANGED), check=revised),
    Case(id="F17", given="a feed that is empty for a while", feed=by_round(feed(item()), feed(), feed(item())),
         passes=(Outcome(articles=1), Outcome(message="FEED_EMPTY"), Outcome())),
    Case(id="F18", given="a feed that leads to another site from one poll to the next", entries=3,
         feed=by_round(feed(*(item(n) for n in (1, 2, 3))), feed(*(item(n, link=f"http://casino-f18.example/{n}") for n in (1, 2, 3)))),
         pages={"/page2": SOUND, "/page3": SOUND}, others={("casino-f18.example", f"/{n}"): SOUND for n in (1, 2, 3)},
         passes=(Outcome(articles=3), Outcome(articles=3, message="FEED_HIJACK_SUSPECT"), UNCHANGED)),
    Case(id="F19", given="Atom with enclosure, self, replies and alternate", feed=document(ATOM), passes=accepted(), never=("/a.mp3", "/a.atom")),
    Case(id="F20", given="xml:base of a script, a deep one, // and relative links", entries=4, feed=document(BASED),
         pages=dict.fromkeys(("/page", "/deep/page", "/slashes", "/relative"), SOUND),
         passes=(Outcome(articles=4), UNCHANGED, UNCHANGED), check=resolved),
]  # fmt: skip
