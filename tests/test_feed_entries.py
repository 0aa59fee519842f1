"""From the bytes of a feed to entries: dialects, repairs, dates, identities."""

import dataclasses
import datetime as dt
import json
import time
import zoneinfo

import pytest

from transforms import feed_entries
from transforms.feed_dates import entry_date
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import read_feed
from transforms.pool import WorkerPool
from transforms.records import Feed

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
FEED = Feed(
    id="essai",
    url="https://essai.example/feed",
    outlet="essai",
    publisher_family="essai",
    ownership="private",
    timezone="Africa/Niamey",
)


def read(body, **headers):
    """The feed parsed as if it came from its own address."""
    return read_feed(body, FEED, url="https://essai.example/feed", headers=headers, now=NOW)


def rss(items, head='<?xml version="1.0"?>'):
    """A small RSS 2.0 document around the items."""
    return f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def item(n=1, **more):
    """One RSS item with a link of its own."""
    fields = {"title": f"Titre {n}", "link": f"https://essai.example/a{n}", **more}
    return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items() if v is not None) + "</item>"


def test_plain_rss():
    """Title, link, summary and date of an ordinary item, the date in UTC."""
    [entry] = read(
        rss(item(description="Un &lt;b&gt;résumé&lt;/b&gt;", pubDate="Tue, 10 Nov 2026 15:30:00 +0100"))
    ).entries
    assert (entry.title, entry.summary) == ("Titre 1", "Un résumé")
    assert (entry.published, entry.published_precision) == ("2026-11-10T14:30:00Z", "second")
    assert entry.canonical_url == "https://essai.example/a1"


def test_one_bad_character_reference_does_not_lose_the_feed():
    """A reference to a surrogate or a control is repaired; all items survive and the repair is said."""
    parsed = read(rss(item(1, title="A &#xD800; B") + item(2, title="C &#0; D") + item(3)))
    assert [entry.article_id for entry in parsed.entries] == [
        entry.article_id for entry in read(rss(item(1) + item(2) + item(3))).entries
    ]
    assert "FEED_REPAIRED" in parsed.flags


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "EMPTY_BODY"),
        (b"  \n ", "EMPTY_BODY"),
        (b"<!DOCTYPE html><html><head><title>x</title></head><body>hello</body></html>", "NOT_A_FEED"),
        (b"http://169.254.169.254/latest/", "NOT_A_FEED"),
        (b"/etc/passwd", "NOT_A_FEED"),
        (b'{"version": "2.0", "items": []}', "UNSUPPORTED_FEED"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": 1}', "FEED_PARSE_ERROR"),
        (b'{"version": ', "FEED_PARSE_ERROR"),
        (
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>',
            "XML_HAZARD",
        ),
        (b"<rss>" + b"<a>" * 5000, "XML_HAZARD"),
    ],
)
def test_what_is_no_feed_is_said_so(body, reason):
    """A document that is no feed is an error with its reason, never "no new entries"."""
    with pytest.raises(FeedUnreadableError) as caught:
        read(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "subset",
    [
        f'<!--{"x" * 210_000}--><!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">',
        '<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&#38;a;&#38;a;&#38;a;">',
        '<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&#x0026;a;&#x26;a;">',
        '<!ENTITY _a "xxxxxxxxxx"><!ENTITY b "&_a;&_a;&_a;">',
        "<!ENTITY % p \"&#60;!ENTITY b 'xxxxxxxxxx'>\"> %p;",
    ],
    ids=["late", "decimal", "hexadecimal", "underscore", "parameter"],
)
def test_entities_that_nest_are_found_however_they_are_written(subset):
    """A long comment in front, an ampersand as a number, a name that begins with no letter: none hides an entity."""
    body = rss(item(1, title="T &b;"), head=f'<?xml version="1.0"?><!DOCTYPE rss [{subset}]>')
    with pytest.raises(FeedUnreadableError) as caught:
        read(body)
    assert caught.value.reason == "XML_HAZARD"


def test_entities_that_stand_for_characters_are_read():
    """The entities that feeds declare for want of HTML's, and the standard's own way to declare the ampersand."""
    subset = (
        '<!ENTITY eacute "&#233;"><!ENTITY amp "&#38;#38;"><!ENTITY % l PUBLIC "-//W3C//ENTITIES Latin 1//EN" "x.ent">'
    )
    body = rss(item(1, title="&eacute;t&eacute; &amp; paix"), head=f'<?xml version="1.0"?><!DOCTYPE rss [{subset}]>')
    assert [entry.title for entry in read(body).entries] == ["\xe9t\xe9 & paix"]


def test_one_bad_byte_does_not_spoil_a_feed_that_declares_nothing():
    """XML is UTF-8 where nothing is said: a stray byte is one lost character, not accents gone wrong in every title."""
    title = "Été à Gao, ƙasa, هجوم"
    parsed = read(rss(item(1, title=title) + item(2, title="fin?")).replace(b"fin?", b"fin\xe9"))
    assert [entry.title for entry in parsed.entries] == [title, "fin"]
    assert "CHARSET_REPAIRED" in parsed.flags


def test_a_feed_in_another_encoding_that_declares_nothing_is_detected():
    """Accents of one byte are no UTF-8, and are not lost as if they were bad bytes of it."""
    title = "L'armée a annoncé la libération du village"
    [entry] = read(rss(item(1, title=title)).decode().encode("cp1252")).entries
    assert entry.title == title


@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("head", ['<?xml version="1.0" encoding="utf-16"?>', ""])
def test_utf16_without_a_byte_order_mark(codec, head):
    """The first characters tell (XML 1.0, appendix F)."""
    title = "L\u2019attaque de Gao"  # the apostrophe is two bytes below 0x80, like the rest
    [entry] = read(rss(item(1, title=title), head).decode().encode(codec)).entries
    assert entry.title == title


def test_a_document_that_breaks_the_strict_parser_goes_to_the_loose_one():
    """A namespace with a space in it raises in the parser's own code; the entries are read all the same, and it shows."""
    body = rss(item(1) + "<dc:x xmlns:dc='http://a b'/>" + item(2))
    parsed = read(body)
    assert [entry.title for entry in parsed.entries] == ["Titre 1", "Titre 2"]
    assert "FEED_MALFORMED" in parsed.flags


def test_an_entry_that_breaks_both_parsers_is_the_only_one_lost():
    """A link that ends outside its entry raises in the loose parser (found by fuzzing): the others are read."""
    broken = "<item><title>x</title><link rel='alternate'></item></link>"
    parsed = read(rss(item(1) + broken + "<a b=c>" + item(2)))
    assert {"Titre 1", "Titre 2"} <= {entry.title for entry in parsed.entries}
    assert "FEED_MALFORMED" in parsed.flags


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "windows-1252"])
def test_encodings(encoding):
    """The declared encoding is honoured."""
    text = rss(item(title="Été à Téra"), head=f'<?xml version="1.0" encoding="{encoding}"?>').decode()
    assert read(text.encode(encoding)).entries[0].title == "Été à Téra"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/nouvelles/a", "https://essai.example/nouvelles/a"),
        ("//www.essai.example/b", "https://essai.example/b"),
        ("https://essai.example/c?utm_source=rss#top", "https://essai.example/c"),
        ("c", "https://essai.example/c"),
    ],
)
def test_links_are_resolved_against_the_feed(link, expected):
    """Relative and scheme-relative links become absolute, tracking goes."""
    assert read(rss(item(link=link))).entries[0].canonical_url == expected


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"link": "javascript:alert(1)"}, "BAD_SCHEME"),
        ({"link": "file:///etc/passwd"}, "BAD_SCHEME"),
        ({"link": None}, "NO_IDENTITY"),
        ({"link": "https://essai.example/" + "x" * 3000}, "URL_TOO_LONG"),
        ({"link": "https://a:b@essai.example/"}, "URL_CREDENTIALS"),
    ],
)
def test_entries_without_a_usable_link_are_rejected_one_by_one(more, reason):
    """The bad entry is named with its reason, the good one beside it stays."""
    parsed = read(rss(item(1, **more) + item(2)))
    assert [entry.title for entry in parsed.entries] == ["Titre 2"]
    assert [found for _, found, _ in parsed.rejected] == [reason]


def test_a_permalink_guid_stands_in_for_a_link():
    """An item whose only address is its guid is an entry."""
    [entry] = read(rss("<item><title>x</title><guid>https://essai.example/g</guid></item>")).entries
    assert entry.url == "https://essai.example/g"


@pytest.mark.parametrize(
    ("guid", "reason"), [("abc123", "NO_IDENTITY"), ("t3_1a2b", "NO_IDENTITY"), ("/articles/1", None), ("?p=12", None)]
)
def test_a_bare_guid_is_no_address(guid, reason):
    """A word for a guid is not asked for as a page, though RSS calls a guid a permalink; a relative address may be one."""
    parsed = read(rss(f"<item><title>x</title><guid>{guid}</guid></item>" + item(2)))
    assert [why for _, why, _ in parsed.rejected] == ([reason] if reason else [])
    assert len(parsed.entries) == (1 if reason else 2)


def test_scripts_are_not_text():
    """What stands in a script or a style sheet is in no title and no summary; an unclosed one loses only its tag."""
    code = "<![CDATA[a <script>location.href='x'</script><style>p{}</style>b]]>"
    [entry] = read(rss(item(1, title=code, description=code))).entries
    assert (entry.title, entry.summary) == ("a b", "a b")
    [entry] = read(rss(item(1, title="<![CDATA[a <script>b]]>"))).entries
    assert entry.title == "a b"


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1", "1.0"])
def test_json_feed(version):
    """JSON Feed 1 and 1.1: address, text or markup, authors of either version, dates; a bare object is skipped."""
    items = [
        {"id": 7, "url": "/a", "title": "A & B", "content_text": "1 < 2", "authors": [{"name": "Ali Essai"}],
         "date_published": "2026-11-10T15:30:00+01:00"},
        {"id": "8", "external_url": "https://essai.example/b", "content_html": "<p>Corps</p>", "author": {"name": "Binta"}},
        "no item", {"id": "9"},
    ]  # fmt: skip
    parsed = read(json.dumps({"version": version, "title": "T", "language": "fr", "items": items}).encode())
    first, second = parsed.entries
    assert (first.url, first.title, first.guid, first.authors) == (
        "https://essai.example/a",
        "A & B",
        "7",
        ("Ali Essai",),
    )
    assert (first.published, first.content) == ("2026-11-10T14:30:00Z", "1 &lt; 2")
    assert (second.url, second.content, second.authors) == ("https://essai.example/b", "<p>Corps</p>", ("Binta",))
    assert [why for _, why, _ in parsed.rejected] == ["NO_IDENTITY"]
    assert (parsed.format, parsed.language) == ("json11" if version.endswith("1.1") else "json1", "fr")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026/11/10 15:30:00", "2026-11-10T14:30:00Z"),
        ("10-11-2026 15:30:00", "2026-11-10T14:30:00Z"),
        ("Tue, 10 Nov 2026 3:30 PM", "2026-11-10T14:30:00Z"),
        ("Tue, 10 Nov 26 15:30 +0000", "2026-11-10T15:30:00Z"),
        ("Tue Nov 10 15:30:00 2026", "2026-11-10T14:30:00Z"),
        ("Nov 10, 2026", "2026-11-10T00:00:00Z"),
        ("mardi 10 novembre 2026", "2026-11-10T00:00:00Z"),
        ("20261110T153000Z", "2026-11-10T15:30:00Z"),
        ("Tue, 10 Nov 2026 15:30:00 +0100 (CET)", "2026-11-10T14:30:00Z"),
        ("Tue, 10 Nov 2026 15:30:00 XYZ", "2026-11-10T14:30:00Z"),
        ("2026", None),
        ("2026-11", None),
        ("1605022200", None),
    ],
)
def test_dates_are_understood_whole_or_not_at_all(written, expected):
    """What a lenient reader takes for another day or hour is read right, and a part of a date is none."""
    assert entry_date(written, zone=zoneinfo.ZoneInfo("Africa/Niamey"), now=NOW)[0] == expected


@pytest.mark.parametrize(
    ("written", "expected", "flag"),
    [
        ("Tue, 10 Nov 2026 15:30:00 +0100", "2026-11-10T14:30:00Z", None),
        ("Tue, 10 Nov 2026 15:30:00 GMT", "2026-11-10T15:30:00Z", None),
        ("Tue, 10 Nov 2026 15:30:00 WAT", "2026-11-10T14:30:00Z", None),
        ("2026-11-10T15:30:00", "2026-11-10T14:30:00Z", "DATE_TZ_ASSUMED"),
        ("2026-11-10T15:30:00Z", "2026-11-10T15:30:00Z", None),
        ("Tue, 10 Nov 2026 15:30:00 +9999", None, "DATE_INVALID"),
        ("0000-00-00 00:00:00", None, "DATE_INVALID"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, "DATE_IMPLAUSIBLE"),
        ("Fri, 31 Dec 9999 00:00:00 GMT", None, "DATE_FUTURE"),
        ("hier soir", None, "DATE_INVALID"),
    ],
)
def test_dates(written, expected, flag):
    """Zones the parser does not know and missing zones are the outlet's; impossible dates are not believed."""
    [entry] = read(rss(item(pubDate=written))).entries
    assert entry.published == expected
    assert (flag in entry.flags) if flag else not entry.flags


def test_undated_entries_have_no_date():
    """No date is none, with precision none and no flag."""
    assert entry_date("", zone=dt.UTC, now=NOW) == (None, "none", ())


def test_atom_with_content_and_several_links():
    """Atom: the alternate link is the article, full content is kept, authors are named."""
    body = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
    <entry><id>tag:essai.example,2026:1</id><title type="html">A &amp;amp; B</title>
    <link rel="enclosure" href="https://essai.example/a.mp3"/><link rel="self" href="https://essai.example/a.atom"/>
    <link rel="alternate" type="text/html" href="https://essai.example/a"/>
    <author><name>Mariama Essai</name></author><updated>2026-11-10T10:00:00Z</updated>
    <content type="html">&lt;p&gt;Corps&lt;/p&gt;</content></entry></feed>"""
    [entry] = read(body).entries
    assert (entry.url, entry.title) == ("https://essai.example/a", "A & B")
    assert (entry.content, entry.authors) == ("<p>Corps</p>", ("Mariama Essai",))


def test_identity_and_fingerprint():
    """The identity is the address: an edited text keeps the id and changes the fingerprint, a new guid changes neither."""
    one = read(rss(item(guid="g1", description="a"))).entries[0]
    same = read(rss(item(guid="g2", description="a"))).entries[0]
    edited = read(rss(item(guid="g1", description="b"))).entries[0]
    assert (one.entry_id, one.fingerprint) == (same.entry_id, same.fingerprint)
    assert one.entry_id == edited.entry_id
    assert one.fingerprint != edited.fingerprint


@pytest.mark.parametrize("undated", [0, 2010])
def test_too_many_entries_are_counted(undated):
    """Beyond the limit the newest by date are kept, or the first where there are no dates, and the rest is counted."""
    dates = [None if n < undated else f"2026-{1 + n // 200:02d}-{1 + n % 28:02d}T00:00:00Z" for n in range(2010)]
    parsed = read(rss("".join(item(n, pubDate=date) for n, date in enumerate(dates))))
    assert (len(parsed.entries), parsed.left_out, parsed.rejected) == (2000, 10, ())
    kept = {entry.title for entry in parsed.entries}
    order = sorted(range(2010), key=lambda n: dates[n] or "", reverse=True)
    assert kept == {f"Titre {n}" for n in order[:2000]}


def test_private_addresses_of_authors_are_not_kept():
    """Joomla writes "address (name)": only the name is kept."""
    [entry] = read(rss(item(author="redaction@essai.example (Idrissa Essai)"))).entries
    assert entry.authors == ("Idrissa Essai",)


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:01:00", "9999-12-31T23:59:59", "Mon, 01 Jan 0001 00:00:00 WAT", "9999-12-31T23:59:59-11:00"],
)
def test_dates_at_the_ends_of_the_calendar(written):
    """A date that no zone shift can hold costs its own entry the date, never the feed."""
    for zone in ("Africa/Niamey", "America/New_York"):
        feed = dataclasses.replace(FEED, timezone=zone)
        body = rss(item(1, pubDate=written) + item(2))
        parsed = read_feed(body, feed, url="https://essai.example/feed", headers={}, now=NOW)
        assert [entry.published for entry in parsed.entries] == [None, None]


def test_a_title_of_angle_brackets_is_read_at_once():
    """A run of opening brackets costs linear time."""
    started = time.process_time()
    read(rss(item(title="<![CDATA[" + "<" * 200_000 + "]]>")))
    assert time.process_time() - started < 5


def attribute_flood():
    """A document that costs the parser minutes."""
    flood = b"".join(b'a%d="x" ' % number for number in range(100_000))
    return b"<rss><channel><item " + flood + b"/></channel></rss>"


@pytest.fixture(scope="module")
def pool():
    """Worker processes."""
    workers = WorkerPool(1)
    yield workers
    workers.close()


def test_a_document_that_takes_too_long_loses_its_process_and_nothing_else(pool, monkeypatch):
    """100,000 attributes in one tag end as PARSE_TIMEOUT at the limit; the feed behind it is read."""
    monkeypatch.setattr(feed_entries, "PARSE_SECONDS", 2.0)
    where = {"url": FEED.url, "headers": {}, "now": NOW}
    started = time.monotonic()
    slow = feed_entries.read_feed_apart(pool, attribute_flood(), FEED, **where)
    good = feed_entries.read_feed_apart(pool, rss(item(1)), FEED, **where)
    with pytest.raises(FeedUnreadableError) as caught:
        slow()
    assert caught.value.reason == "PARSE_TIMEOUT"
    assert [entry.title for entry in good().entries] == ["Titre 1"]
    assert time.monotonic() - started < 10


def test_what_a_process_says_of_a_document_arrives(pool):
    """The reason of a refusal is the same from another process, and so are the entries."""
    where = {"url": FEED.url, "headers": {}, "now": NOW}
    with pytest.raises(FeedUnreadableError) as caught:
        feed_entries.read_feed_apart(pool, b"<html>x</html>", FEED, **where)()
    assert (caught.value.reason, str(caught.value)) == ("NOT_A_FEED", "no feed in the document (an HTML page?)")
    assert feed_entries.read_feed_apart(pool, rss(item(1)), FEED, **where)() == read(rss(item(1)))


def test_a_large_image_inside_an_entry_is_no_hazard():
    """A picture written into the markup as data makes a tag of more than 64 kB; the feed is read all the same."""
    picture = '<![CDATA[<p>Texte</p><img src="data:image/png;base64,' + "A" * 100_000 + '"/>]]>'
    [entry] = read(rss(item(1, description=picture))).entries
    assert entry.summary == "Texte"
