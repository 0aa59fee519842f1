"""Rows U01 to U08 and D01 to D11 of the catalogue: addresses and dates of entries.

U07 and U08 are refusals of a catalogue file: tests/test_catalogue.py.
"""

from tests.conformance.case import UNCHANGED, Case, Outcome, Played, accepted, host_beside, refused
from tests.conformance.scripts import answer, article, by_round, feed, item
from tests.conformance.server import SUFFIX

SOUND = answer(article())


def links(*addresses: str):
    """A feed whose entries lead to these addresses."""
    return feed(*(item(number, link=address) for number, address in enumerate(addresses, 1)))


def dated(*dates: str):
    """A feed whose entries bear these dates; their pages bear none."""
    return feed(*(item(number, pubDate=date) for number, date in enumerate(dates, 1)))


def pages(number: int) -> dict[str, object]:
    """Pages with titles of their own."""
    return {f"/page{n if n > 1 else ''}": answer(article(f"Nouvelle {n}")) for n in range(1, number + 1)}


def one_identity(passes: list[Played]) -> None:
    """All addresses are one article, which was asked for once."""
    [row] = passes[0].articles
    assert row["canonical_url"] == f"https://u05{SUFFIX}/page?id=1"
    assert sum("page" in visit.path for visit in passes[0].visits) == 1


def homograph(passes: list[Played]) -> None:
    """The host is stored in ASCII and never as what it looks like."""
    assert {row["url"] for row in passes[0].articles} == {"http://xn--80ak6aa92e.example/page"}


def short_addresses(passes: list[Played]) -> None:
    """What is too long is kept as its beginning and a hash, not whole."""
    assert all(len(row["url"] or "") <= 2048 for row in passes[0].rejects)


def first_seen_kept(passes: list[Played]) -> None:
    """A date that is bumped at every poll gives no second row."""
    assert [len(played.articles) for played in passes] == [1, 0, 0]


FAR = "Fri, 31 Dec 9999 00:00:00 GMT"

CASES = [
    Case(id="U01", given="javascript:, data:, file:, mailto:, about:, blob:", entries=6,
         feed=links("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example", "about:blank", "blob:http://x/1"),
         passes=refused(BAD_SCHEME=6)),
    Case(id="U02a", given="a line end inside an address: removed before anything else, as the URL standard says",
         feed=links(f"http://u02a{SUFFIX}/pa\nge"), passes=accepted()),
    Case(id="U02b", given="spaces in an address: percent-encoded behind the host, as the URL standard says; none in a host", entries=2,
         feed=links(f"http://u02b{SUFFIX}/pa ge?a=b c", f"http://u02b {SUFFIX}/page"), pages={"/pa%20ge?a=b%20c": SOUND, "/pa%20ge?a=b+c": SOUND},
         passes=(Outcome(articles=1, rejected={"BAD_URL": 1}), UNCHANGED, UNCHANGED)),
    Case(id="U02", given="a header inside an address, which is a path and never a header; control characters", entries=3,
         feed=links(f"http://u02{SUFFIX}/a&#13;&#10;X-Injected: 1", f"http://u02{SUFFIX}/a&#x7f;b", f"http://u02{SUFFIX}/\u202eb"),
         passes=refused(BAD_URL=2, HTTP_404=1)),
    Case(id="U03", given="an address of 100 kB", feed=links(f"http://u03{SUFFIX}/" + "x" * 100_000), passes=refused(URL_TOO_LONG=1), check=short_addresses),
    Case(id="U04", given="a backslash in front of @", feed=links(f"http://u04{SUFFIX}\\@evil.example/"), passes=refused(BAD_URL=1)),
    Case(id="U05", given="six addresses of one article", entries=6,
         feed=links(f"http://u05{SUFFIX}/page?id=1", f"http://u05{SUFFIX}/page?utm_source=rss&amp;id=1", f"http://u05{SUFFIX}/page?id=1&amp;fbclid=x#c",
                    f"http://u05{SUFFIX}/page/?id=1", f"http://www.u05{SUFFIX}/amp/page?id=1", f"http://m.u05{SUFFIX}:80/page?id=1"),
         pages=dict.fromkeys(("/page?id=1", "/page?utm_source=rss&id=1", "/page?id=1&fbclid=x", "/page/?id=1"), SOUND),
         others={(f"www.u05{SUFFIX}", "/amp/page?id=1"): SOUND, (f"m.u05{SUFFIX}", "/page?id=1"): SOUND},
         passes=accepted(1, known=5), check=one_identity),
    Case(id="U06a", given="a host of Cyrillic letters that looks Latin", feed=links("http://аррӏе.example/page"),
         others={("xn--80ak6aa92e.example", "/page"): SOUND}, passes=accepted(flags=frozenset({"HOMOGRAPH_SUSPECT"})), check=homograph),
    Case(id="U06b", given="a host with a zero-width space", feed=links(f"http://u06\u200bb{SUFFIX}/page"), passes=refused(BAD_URL=1)),
    Case(id="U06c", given="a full-width dot in a host", feed=links(f"http://u06c．{SUFFIX[1:]}/page"), passes=accepted()),
    Case(id="U09", given="a redirect link of a search engine and one of a social network", entries=2,
         feed=links(f"https://www.google.com/url?q=http://u09{SUFFIX}/page&amp;sa=t", f"https://l.facebook.com/l.php?u=http%3A%2F%2Fu09{SUFFIX}%2Fpage2"),
         pages={"/page2": SOUND}, passes=accepted(2)),
    Case(id="U10", given="a link that a shortener redirects, beside the article's own", entries=2, feeds=1,
         feed=links(f"http://u10{SUFFIX}/page", f"http://{host_beside('U10', 'short')}/x1"),
         others={(host_beside("U10", "short"), "/x1"): answer(b"", 301, Location=f"http://u10{SUFFIX}/page")},
         passes=accepted(1, known=1)),
    Case(id="D01", given="the year 9999, and two days ahead", entries=2, feed=dated(FAR, "Sun, 22 Nov 2026 07:00:00 GMT"), pages=pages(2),
         passes=(Outcome(articles=2, flags=frozenset({"DATE_FUTURE"}), published={"Nouvelle 1": None, "Nouvelle 2": None}), UNCHANGED, UNCHANGED)),
    Case(id="D02", given="1970", feed=dated("Thu, 01 Jan 1970 00:00:00 GMT"), pages=pages(1),
         passes=(Outcome(articles=1, flags=frozenset({"DATE_IMPLAUSIBLE"}), published={"Nouvelle 1": None}), UNCHANGED, UNCHANGED)),
    Case(id="D03", given="0000-00-00, 30 February, 25:61, ten thousand digits", entries=4,
         feed=dated("0000-00-00 00:00:00", "Mon, 30 Feb 2026 10:00:00 GMT", "Mon, 09 Nov 2026 25:61:00 GMT", "9" * 10_000), pages=pages(4),
         passes=(Outcome(articles=4, flags=frozenset({"DATE_INVALID"}), published={f"Nouvelle {n}": None for n in (1, 2, 3, 4)}), UNCHANGED, UNCHANGED)),
    Case(id="D04a", given="a date without a zone, on the outlet's clock (UTC+1)", feed=dated("2026-11-10T15:30:00"), pages=pages(1),
         passes=(Outcome(articles=1, flags=frozenset({"DATE_TZ_ASSUMED"}), published={"Nouvelle 1": "2026-11-10T14:30:00Z"}), UNCHANGED, UNCHANGED)),
    Case(id="D04b", given="zones WAT, CAT and GMT+1", entries=3,
         feed=dated("Tue, 10 Nov 2026 15:30:00 WAT", "Tue, 10 Nov 2026 15:30:00 CAT", "Tue, 10 Nov 2026 15:30:00 GMT+1"), pages=pages(3),
         passes=(Outcome(articles=3, published={"Nouvelle 1": "2026-11-10T14:30:00Z", "Nouvelle 2": "2026-11-10T13:30:00Z",
                                                "Nouvelle 3": "2026-11-10T14:30:00Z"}), UNCHANGED, UNCHANGED)),
    Case(id="D05", given="the offset +9999", feed=dated("Tue, 10 Nov 2026 15:30:00 +9999"), pages=pages(1),
         passes=(Outcome(articles=1, flags=frozenset({"DATE_INVALID"}), published={"Nouvelle 1": None}), UNCHANGED, UNCHANGED)),
    Case(id="D06", given="French, Arabic and Hausa month names", entries=3,
         feed=dated("mar., 10 nov. 2026 15:30:00 +0100", "10 نوفمبر 2026 15:30", "10 ga Nuwamba, 2026 15:30"), pages=pages(3),
         passes=(Outcome(articles=3, published={f"Nouvelle {n}": "2026-11-10T14:30:00Z" for n in (1, 2, 3)}), UNCHANGED, UNCHANGED)),
    Case(id="D07", given="02/11/2026, the day first", feed=dated("02/11/2026 15:30"), pages=pages(1),
         passes=(Outcome(articles=1, flags=frozenset({"DATE_AMBIGUOUS"}), published={"Nouvelle 1": "2026-11-02T14:30:00Z"}), UNCHANGED, UNCHANGED)),
    Case(id="D08", given="a leap second", feed=dated("Tue, 10 Nov 2026 23:59:60 GMT"), pages=pages(1),
         passes=(Outcome(articles=1, published={"Nouvelle 1": "2026-11-10T23:59:59Z"}), UNCHANGED, UNCHANGED)),
    Case(id="D09", given="a date that is bumped at every poll",
         feed=by_round(*(feed(item(pubDate=f"Fri, 20 Nov 2026 0{hour}:00:00 GMT")) for hour in (4, 5, 6))),
         passes=(Outcome(articles=1), Outcome(), Outcome()), check=first_seen_kept),
    Case(id="D10", given="an entry of three weeks ago", feed=dated("Fri, 30 Oct 2026 08:00:00 GMT"), pages=pages(1),
         passes=(Outcome(articles=1, published={"Nouvelle 1": "2026-10-30T08:00:00Z"}), UNCHANGED, UNCHANGED)),
    Case(id="D11", given="a server whose clock is a day ahead", feed=feed(item(), Date="Sat, 21 Nov 2026 06:00:00 GMT"),
         passes=accepted(message="CLOCK_SKEW")),
]  # fmt: skip
