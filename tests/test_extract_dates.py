"""Publication dates: what is read, in which order it is trusted, and what is never believed."""

import datetime as dt
import zoneinfo

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.extraction import page_dates, titles, written_dates
from transforms.extraction.body import json_ld
from transforms.extraction.zones import zone_of_outlet
from transforms.records import Entry

NIAMEY = zoneinfo.ZoneInfo("Africa/Niamey")
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
WRITTEN = [
    ("Publié le 9 novembre 2026 à 13h05", "2026-11-09T12:05"),
    ("lundi 1er juin 2026", "2026-06-01"),
    ("Mardi, 03 Février 2026 08:30", "2026-02-03T07:30"),
    ("le 12 août 2026", "2026-08-12"),
    ("Mis en ligne le 05/11/2026 à 09:15", "2026-11-05T08:15"),
    ("16.11.2026", "2026-11-16"),
    ("3 déc. 2025", "2025-12-03"),
    ("November 9, 2026", "2026-11-09"),
    ("Mon, 9 Nov 2026 14:00 GMT", "2026-11-09T14:00"),
    ("9 Nov 2026 2:30 pm", "2026-11-09T13:30"),
    ("Sept. 4, 2026", "2026-09-04"),
    ("الاثنين 9 نوفمبر 2026 - 14:45", "2026-11-09T13:45"),
    ("٩ نوفمبر ٢٠٢٦", "2026-11-09"),
    ("٩ نوفمبر ٢٠٢٦، الساعة ٢٣:١٠", "2026-11-09T22:10"),
    ("9 تشرين الثاني 2026", "2026-11-09"),
    ("9 تشرين الثاني/نوفمبر 2026", "2026-11-09"),
    ("3 كانون الأول 2025", "2025-12-03"),
    ("5 جانفي 2026", "2026-01-05"),
    ("14 جويلية 2026", "2026-07-14"),
    ("1 أوت 2026", "2026-08-01"),
    ("12 غشت 2026", "2026-08-12"),
    ("2 دجمبر 2025", "2025-12-02"),
    ("Litinin, 9 ga watan Nuwamba, 2026", "2026-11-09"),
    ("9 ga Nuwamba 2026", "2026-11-09"),
    ("Talata 3 Fabrairu 2026", "2026-02-03"),
    ("lun, 11/09/2026 - 10:22", "2026-11-09T09:22"),
    ("mer, 11/09/2026 - 10:22", "2026-09-11T09:22"),  # no Wednesday either way: the day first
    ("11/16/2026 9:22:00 AM", "2026-11-16T08:22"),
    ("9/11/2026 9:22:00 AM", "2026-09-11T08:22"),
    ("9/11/2026 9:22 AM", "2026-11-09T08:22"),
    ("خميس, 12/11/2026 - 14:25", "2026-11-12T13:25"),
    ("14:25 - 12/11/2026", "2026-11-12T13:25"),
    ("4:41 PM UTC, November 12, 2026", "2026-11-12T16:41"),
    ("Sat 14 Nov 2026 16.47 CET", "2026-11-14T15:47"),
    ("17 Novembre 2026 - 10:00 GMT+1", "2026-11-17T09:00"),
    ("9 novembre 2026 à 19h05min", "2026-11-09T18:05"),
    ("12 novembre 2026 à 14 h", "2026-11-12T13:00"),
    ("2026/11/12", "2026-11-12"),
    ("الأربعاء 18 نوفمبر 2026م", "2026-11-18"),
    ("الثلاثاء 17 تشرين الثاني (نوفمبر) 2026", "2026-11-17"),
    ("14 أوت 2026 - 10:05", "2026-08-14T09:05"),
    ("2 جمادى الآخرة 1448 هـ", "2026-11-12"),
    ("02/06/1448 هـ", "2026-11-12"),
    ("1 رمضان 1447", "2026-02-18"),
    ("الأحد 5 جمادى الآخرة 1448 هـ الموافق 15 نوفمبر 2026 م", "2026-11-15"),
    ("35 رمضان 1447", None),
    ("31/02/2026", None),
    ("13/13/2026", None),
    ("vendredi matin", None),
    ("article 12345 du code 2026", None),
]
MACHINE = [
    ("2026-11-09T13:05:00+01:00", "2026-11-09T12:05"),
    ("2026-11-09T13:05:00Z", "2026-11-09T13:05"),
    ("2026-11-09T13:05:00.123Z", "2026-11-09T13:05"),
    ("2026-11-09 13:05:00", "2026-11-09T12:05"),
    ("20261109T130500Z", "2026-11-09T13:05"),
    ("2026-11-09T23:59:60Z", "2026-11-09T23:59"),
    ("2026-11-09", "2026-11-09"),
    ("2026-11-09T00:00:00+00:00", "2026-11-09"),
    ("2026-02-30T25:61", None),
    ("0000-00-00", None),
    ("2026-11-09T13:05:00+9999", None),
    ("9" * 10_000, None),
]
ADDRESSES = [
    ("https://a.example/2026/11/09/titre/", "2026-11-09"),
    ("https://a.example/info/20261109-titre", "2026-11-09"),
    ("https://a.example/live/2026/nov/09/titre", "2026-11-09"),
    ("https://a.example/titre-2026-11-09/", "2026-11-09"),
    ("https://a.example/2026/11/titre.html", None),
    ("https://a.example/2026/13/09/titre", None),
    ("https://a.example/article-20269999", None),
    ("https://a.example/a-558845", None),
]


def shown(moment: written_dates.Moment | None) -> str | None:
    """A moment as the tables write it: to the minute, or the day alone."""
    if moment is None:
        return None
    return moment.at.strftime("%Y-%m-%d" if moment.precision == "day" else "%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_written_date(text: str, expected: str | None) -> None:
    """Dates for readers are read in four languages, three Arabic month systems and two digit sets, on local clocks."""
    assert shown(written_dates.read_written(text, NIAMEY)) == expected


@pytest.mark.parametrize(("text", "expected"), MACHINE)
def test_machine_date(text: str, expected: str | None) -> None:
    """Machine dates keep their offset, are local without one, and are refused when no calendar has them."""
    assert shown(written_dates.read_moment(text, NIAMEY)) == expected


@pytest.mark.parametrize(("url", "expected"), ADDRESSES)
def test_date_of_address(url: str, expected: str | None) -> None:
    """An address dates an article to a day only when it holds year, month and day."""
    day = written_dates.date_of_url(url)
    assert (day.date().isoformat() if day else None) == expected


def entry(published: str | None, *, precision: str = "second", flags: tuple[str, ...] = ()) -> Entry:
    """An entry whose feed gave this date."""
    return Entry(
        entry_id="e", feed_id="f", article_id="a", url="https://a.example/x", canonical_url="https://a.example/x",
        published=published, published_precision=precision if published else "none", flags=flags,
    )  # fmt: skip


def dated(
    head: str = "", body: str = "", *, feed: Entry | None = None, url: str = "https://a.example/x"
) -> page_dates.PublicationDate:
    """What a page with this markup and this feed entry is dated."""
    tree = lxml.html.document_fromstring(
        f"<html><head><title>t</title>{head}</head><body><h1>Titre</h1>{body}<p>Texte.</p></body></html>"
    )
    return page_dates.publication_date(
        tree, titles.metas_of(tree), json_ld(tree), entry=feed, url=url, zone=NIAMEY, now=NOW, fetched=NOW
    )


META = '<meta property="article:published_time" content="{}">'
LD = '<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{}", "dateModified": "{}"}}</script>'


def test_page_metadata_outranks_the_feed() -> None:
    """A page moment with its offset is trusted above the feed, which some sites bump at every poll."""
    found = dated(META.format("2026-11-09T13:05:00+01:00"), feed=entry("2026-11-18T10:00:00Z"))
    assert (found.published, found.published_from) == ("2026-11-09T12:05:00Z", "page")


def test_feed_outranks_a_day() -> None:
    """A feed with a clock time is trusted above a page that shows a day."""
    found = dated("", '<p class="date">9 novembre 2026</p>', feed=entry("2026-11-09T10:00:00Z"))
    assert (found.published, found.published_from, found.published_precision) == (
        "2026-11-09T10:00:00Z",
        "feed",
        "second",
    )


def test_page_clock_outranks_an_assumed_feed_zone() -> None:
    """Where the feed's zone was assumed anyway, the page's own clock time is taken, and says that it is local."""
    feed = entry("2026-11-09T05:00:00Z", flags=("DATE_TZ_ASSUMED",))
    found = dated("", '<p class="date">Publié le 9 novembre 2026 à 13h05</p>', feed=feed)
    assert (found.published, found.published_from) == ("2026-11-09T12:05:00Z", "page")
    assert "DATE_TZ_ASSUMED" in found.flags


def test_address_comes_last() -> None:
    """With nothing on page or feed the address gives the day."""
    found = dated(url="https://a.example/2026/11/09/x/")
    assert (found.published, found.published_from, found.published_precision) == ("2026-11-09T00:00:00Z", "url", "day")


def test_nothing_is_none() -> None:
    """A page that tells no date has none; today is not guessed."""
    assert dated().published is None


@pytest.mark.parametrize(
    ("stated", "flag"),
    [
        ("9999-01-01T00:00:00Z", "DATE_FUTURE"),
        ("2026-11-21T06:00:01Z", "DATE_FUTURE"),
        ("1970-01-01T00:00:00Z", "DATE_IMPLAUSIBLE"),
        ("2026-02-30T10:00:00Z", "DATE_INVALID"),
    ],
)
def test_incredible_dates(stated: str, flag: str) -> None:
    """A date after tomorrow, before 1990 or in no calendar is flagged and the feed's is taken instead."""
    found = dated(META.format(stated), feed=entry("2026-11-09T10:00:00Z"))
    assert (found.published, found.published_from) == ("2026-11-09T10:00:00Z", "feed")
    assert flag in found.flags


def test_tomorrow_is_believed() -> None:
    """Up to 24 hours ahead a date is a clock that runs early."""
    assert dated(META.format("2026-11-21T05:59:00Z")).published == "2026-11-21T05:59:00Z"


def test_updated_is_kept_apart() -> None:
    """The time of a change never becomes the time of publication."""
    found = dated(LD.format("2026-11-09T10:00:00Z", "2026-11-10T11:00:00Z"))
    assert (found.published, found.updated) == ("2026-11-09T10:00:00Z", "2026-11-10T11:00:00Z")
    line = '<p class="date">Mis à jour le 11 novembre 2026 à 10h00, publié le 9 novembre 2026 à 13h05</p>'
    found = dated("", line)
    assert (found.published, found.updated) == ("2026-11-09T12:05:00Z", "2026-11-11T09:00:00Z")


def test_ambiguous_digits_are_flagged() -> None:
    """02/11/2026 is read with the day first and flagged; 20/11/2026 leaves no doubt."""
    found = dated("", '<span class="date">02/11/2026</span>')
    assert found.published == "2026-11-02T00:00:00Z"
    assert "DATE_AMBIGUOUS" in found.flags
    assert "DATE_AMBIGUOUS" not in dated("", '<span class="date">19/11/2026</span>').flags


@pytest.mark.parametrize("line", ["lun, 11/09/2026 - 10:22", "19/11/2026", "9 novembre 2026"])
def test_what_is_not_ambiguous(line: str) -> None:
    """A weekday, a number above twelve or a named month leave no doubt."""
    moment = written_dates.read_written(line, NIAMEY)
    assert moment is not None
    assert not moment.ambiguous


@pytest.mark.parametrize("line", ["02/11/2026", "9/11/2026 9:22:00 AM", "2 جمادى الآخرة 1448 هـ"])
def test_what_is_ambiguous(line: str) -> None:
    """Digits that another country reads the other way round, and hijri days, are marked."""
    moment = written_dates.read_written(line, NIAMEY)
    assert moment is not None
    assert moment.ambiguous


def test_nearest_date_counts() -> None:
    """Of several visible dates the one by the headline is the article's: not today's above, not another's below."""
    top = '<div class="date">vendredi 20 novembre 2026</div><ul>' + "<li><a href='/x'>Rubrique</a></li>" * 12 + "</ul>"
    near = '<p class="date">jeudi 12 novembre 2026</p>'
    below = "<p>Texte.</p>" * 12 + '<div class="date">mardi 17 novembre 2026</div>'
    tree = lxml.html.document_fromstring(
        f"<html><body>{top}<h1>Le pont de Farié rouvre</h1>{near}{below}</body></html>"
    )
    found = page_dates.publication_date(
        tree,
        {},
        [],
        entry=None,
        url="https://a.example/x",
        zone=NIAMEY,
        now=NOW,
        fetched=NOW,
        title="Le pont de Farié rouvre",
    )
    assert found.published == "2026-11-12T00:00:00Z"


def test_date_without_any_mark() -> None:
    """A date that stands beside the headline in bare text is found; today's date in the page's head is not taken."""
    markup = "<table><tr><td>{} <br><font size=5><b>Le pont de Farié rouvre</b></font><br>Texte.</td></tr></table>"
    for line, expected in (("Mercredi 18 novembre 2026", "2026-11-18T00:00:00Z"), ("20 novembre 2026", None)):
        tree = lxml.html.document_fromstring(f"<html><body>{markup.format(line)}</body></html>")
        found = page_dates.publication_date(
            tree,
            {},
            [],
            entry=None,
            url="https://a.example/x",
            zone=NIAMEY,
            now=NOW,
            fetched=NOW,
            title="Le pont de Farié rouvre",
        )
        assert found.published == expected


@pytest.mark.parametrize(
    ("timezone", "country", "url", "offset"),
    [
        ("Africa/Niamey", "ML", "https://a.ml/x", 1),
        (None, "NE", "https://a.example/x", 1),
        (None, None, "https://www.a.td/x", 1),
        (None, None, "https://a.ml/x", 0),
        (None, None, "https://a.sd/x", 2),
        (None, None, "https://a.tv/x", 0),
        (None, None, "https://a.example/x", 0),
    ],
)
def test_zone_of_outlet(timezone: str | None, country: str | None, url: str, offset: int) -> None:
    """Local times are read in the catalogue's zone, else the country's, else the address's, else in UTC."""
    zone = zone_of_outlet(timezone, country, url)
    assert NOW.astimezone(zone).utcoffset() == dt.timedelta(hours=offset)


@given(st.text(alphabet=st.sampled_from("0123456789/-.: ,hTZGMTamp+novembreنوفمبر رمضانlundi1448هـ"), max_size=140))
def test_any_line_is_read_or_not(line: str) -> None:
    """No line of digits and month names raises, and whatever is read is a moment in UTC."""
    for read in (written_dates.read_written, written_dates.read_moment):
        moment = read(line, NIAMEY)
        assert moment is None or moment.at.tzinfo is dt.UTC


def test_server_clock_is_no_date() -> None:
    """A page that prints its server's time as the article's loses to a feed that knows an older date."""
    found = dated(META.format("2026-11-20T05:59:30Z"), feed=entry("2026-11-09T10:00:00Z"))
    assert (found.published, found.published_from) == ("2026-11-09T10:00:00Z", "feed")


def test_dates_of_other_articles_are_not_taken() -> None:
    """Dates in comments and in lists of other articles are not the article's."""
    body = '<div class="comments"><time datetime="2026-11-10T10:00:00Z">x</time></div>'
    body += '<aside><time datetime="2026-11-11T10:00:00Z">x</time></aside>'
    assert dated("", body, feed=entry("2026-11-09T10:00:00Z")).published == "2026-11-09T10:00:00Z"


def test_guess_moves_with_the_clock() -> None:
    """The limit of the last-resort guess is this call's now: yesterday's call does not spoil today's page."""
    markup = '<html><body><div id="x"><abbr data-utime="1">x</abbr></div><p itemprop="dateCreated">2026-11-19</p></body></html>'
    for day in (18, 19, 20):
        tree = lxml.html.document_fromstring(markup)
        now = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
        guess = page_dates._guess(tree, "https://a.example/x", now)
        assert guess is None or guess.at <= now + dt.timedelta(days=1)
