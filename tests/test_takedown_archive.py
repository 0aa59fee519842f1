"""The archive after a takedown: its pages are gone, feeds are kept without it, and all else byte for byte as it was."""

import dataclasses
import datetime as dt
import io
import json

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.world.server import HERE
from tests.test_archive import AT, FEED, NEXT_DAY, exchange, page, response
from transforms import archive
from transforms.exchanges import Request, Response, WebFailure
from transforms.feed_cuts import UncutError, cut_of, ids_of, without_entries
from transforms.feed_entries import read_feed
from transforms.records import Feed
from transforms.takedown_archive import Takedown, is_bare, may_hold, without_article

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
GONE, OTHER = "http://one.example/actu/affaire-a-oublier", "http://one.example/actu/autre"
FEED_BODY = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Un</title><link>http://one.example/</link>
<!-- <item>not an entry</item> -->
<item><title>À oublier</title><link>{GONE}</link><description><![CDATA[Texte secret <item>x</item>]]></description></item>
<item><title>Autre</title><link>{OTHER}?utm_source=rss</link><description>Texte public</description></item>
</channel></rss>""".encode()
TAKEDOWN = {"ids": ids_of(GONE), "urls": {GONE}}


def feed_request(copy=""):
    """A poll of the feed."""
    return Request(url=FEED.url, kind="feed", key=FEED, copy=copy)


def feed_answer(body=FEED_BODY, status=200):
    """What the feed answers."""
    return response(body, status, FEED.url)


def members(*answers):
    """An archive object of (request, answer, time)."""
    info = archive.warcinfo(AT, {"software": "essai"}).content
    return info + b"".join(m.content for a in answers for m in archive.members_of(*a)[1])


def records(content):
    """(type, URL, id, payload) of each record, as any reader of WARC gives them."""
    return [
        (r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.rec_headers.get_header("WARC-Record-ID"), r.content_stream().read())
        for r in ArchiveIterator(io.BytesIO(content))
    ]  # fmt: skip


def test_a_page_goes_with_its_request_and_others_stay_as_they_were():
    """The page by its address, and nothing else; what stays is the same bytes."""
    gone, other = (
        (page(GONE), response(b"<p>secret</p>", url=GONE), AT),
        (page(OTHER), response(b"<p>x</p>", url=OTHER), AT),
    )
    takedown = Takedown(**TAKEDOWN)
    assert without_article(members(gone, other), takedown) == members(other)
    assert len(takedown.gone) == 1
    assert without_article(members(other), takedown) is None
    assert is_bare(without_article(members(gone), Takedown(**TAKEDOWN)))


def test_all_hops_of_a_redirect_go():
    """A page that was reached over a redirect goes whole, from whichever side its address is known."""
    hops = (
        exchange(b"", GONE, "HTTP/1.1 301 Moved", Location="http://one.example/neu"),
        exchange(b"<p>secret</p>", "http://one.example/neu"),
    )
    answer = dataclasses.replace(
        response(b"<p>secret</p>", url="http://one.example/neu"), exchanges=hops, redirects=((301, GONE),)
    )
    content = members((page(GONE), answer, AT))
    assert is_bare(without_article(content, Takedown(**TAKEDOWN)))
    known = {"ids": ids_of("http://one.example/neu"), "urls": ()}
    left = records(without_article(content, Takedown(**known)))
    assert [kind for kind, *_ in left] == ["warcinfo", "response", "request"], (
        "the hop that leads there says only where"
    )
    assert b"secret" not in b"".join(body for *_, body in left)


def test_a_page_known_by_its_record_goes():
    """A page of another address that turned out to be the article is named by its record id."""
    request, answer = page("http://two.example/x"), response(b"<p>secret</p>", url="http://two.example/x")
    ref, _ = archive.members_of(request, answer, AT)
    assert is_bare(without_article(members((request, answer, AT)), Takedown(ids=(), refs={ref})))


def test_word_of_a_failure_and_of_waiting_goes():
    """Addresses stand also where no page came: why it failed, and which pages were not reached."""
    failure = (page(GONE), WebFailure(reason="HTTP_404", message="not found"), AT)
    assert is_bare(without_article(members(failure), Takedown(**TAKEDOWN)))
    info = archive.warcinfo(AT, {"software": "essai"}).content
    for waiting, left in (([GONE, OTHER], [OTHER]), ([GONE], [])):
        content = without_article(info + archive.note("waiting", AT, waiting).content, Takedown(**TAKEDOWN))
        assert [json.loads(body) for kind, _, _, body in records(content) if kind == "metadata"] == (
            [left] if left else []
        )


def test_a_feed_is_kept_without_the_entry():
    """Same record, same header fields, other body: the answer read back gives the other entries, and says it was cut."""
    poll = (feed_request(), feed_answer(), AT)
    ref, _ = archive.members_of(*poll)
    takedown = Takedown(**TAKEDOWN)
    content = without_article(members(poll), takedown)
    [_, (kind, url, identifier, body), _] = records(content)
    assert (kind, url, identifier) == ("response", FEED.url, f"<{ref}>")
    assert b"secret" not in body
    assert b"Texte public" in body
    assert takedown.cut == {ref: archive.payload_digest(body)}
    placed = next(p for p in archive.members(io.BytesIO(content)) if p.type == "response")
    kept = archive.read_member(content[placed.offset : placed.offset + placed.length])
    assert isinstance(kept.answer, Response)
    assert (kept.answer.body, kept.answer.raw_ref, kept.answer.fetched) == (body, ref, AT)
    raw = next(r for r in ArchiveIterator(io.BytesIO(content)) if r.rec_type == "response")
    assert raw.rec_headers.get_header("WARC-Truncated") == "unspecified"
    assert raw.http_headers.get_header("Content-Length") == str(len(body))
    assert without_article(content, Takedown(**TAKEDOWN)) is None


def test_what_leans_on_a_cut_feed_goes_on_leaning_on_it():
    """An unchanged answer of later refers to the record that was cut, by its id and its new digest."""
    ref, _ = archive.members_of(feed_request(), feed_answer(), AT)
    copy = archive.copy_of(ref, AT, FEED_BODY)
    later = "2026-11-20T07:00:00Z"
    first, second = members((feed_request(), feed_answer(), AT)), members((feed_request(copy), feed_answer(), later))
    assert [kind for kind, *_ in records(second)] == ["warcinfo", "revisit", "request"]
    takedown = Takedown(**TAKEDOWN)
    without_article(first, takedown)
    changed = without_article(second, takedown)
    revisit = next(r for r in ArchiveIterator(io.BytesIO(changed)) if r.rec_type == "revisit")
    assert revisit.rec_headers.get_header("WARC-Payload-Digest") == takedown.cut[ref]
    assert revisit.rec_headers.get_header("WARC-Refers-To") == f"<{ref}>"


def test_a_feed_that_cannot_be_cut_goes_with_what_leans_on_it():
    """Where the entry cannot be told from the others in the bytes, the whole answer goes, and its revisits."""
    body = FEED_BODY.partition(b"</item>\n<item><title>Autre")[0]  # a document that broke off within the entry
    assert [e.url for e in read_feed(body, FEED, url=FEED.url, headers={}, now=NOW).entries] == [GONE]
    ref, _ = archive.members_of(feed_request(), feed_answer(body), AT)
    copy = archive.copy_of(ref, AT, body)
    takedown = Takedown(**TAKEDOWN)
    assert is_bare(without_article(members((feed_request(), feed_answer(body), AT)), takedown))
    later = (feed_request(copy), feed_answer(body), "2026-11-20T07:00:00Z")
    assert is_bare(without_article(members(later), takedown))


def test_an_answer_that_is_no_feed_goes_only_if_it_names_the_address():
    """A feed's address that answers with a page is kept, unless the page links to what is taken down."""
    plain, naming = b"<html><p>maintenance</p></html>", f'<html><a href="{GONE}">secret</a></html>'.encode()
    assert without_article(members((feed_request(), feed_answer(plain), AT)), Takedown(**TAKEDOWN)) is None
    assert is_bare(without_article(members((feed_request(), feed_answer(naming), AT)), Takedown(**TAKEDOWN)))


def test_pages_that_link_there_go_only_when_asked_for():
    """Sites repeat headlines on all their pages: with ``mentions`` such pages go."""
    linking = (page(OTHER), response(f'<a href="{GONE}?x=1">À oublier</a>'.encode(), url=OTHER), AT)
    assert without_article(members(linking), Takedown(**TAKEDOWN)) is None
    mentions = (b"actu/affaire-a-oublier",)
    assert is_bare(without_article(members(linking), Takedown(**TAKEDOWN, mentions=mentions)))


def test_the_index_says_which_objects_need_to_be_read():
    """Only objects that hold the page, a feed that listed it, or word of waiting are opened; the index has it all."""

    def index(*answers):
        return archive.index_of(members(*answers), "x.warc.gz")

    takedown = Takedown(**TAKEDOWN)
    assert may_hold(index((page(GONE), response(b"x", url=GONE), AT)), takedown, ())
    assert not may_hold(index((page(OTHER), response(b"x", url=OTHER), AT)), takedown, ("un",))
    assert may_hold(index((feed_request(), feed_answer(), AT)), takedown, ("un",))
    assert not may_hold(index((feed_request(), feed_answer(), AT)), takedown, ("deux",))
    info = archive.warcinfo(AT, {"software": "essai"}).content
    assert may_hold(archive.index_of(info + archive.note("waiting", AT, [GONE]).content, "x"), takedown, ())


def test_entries_of_every_feed_of_the_world_can_be_cut_out():
    """All dialects (RSS 2.0 and 1.0, Atom, Latin-1, UTF-16, a DTD): the other entries stay, the entry leaves no word."""
    cut = 0
    for path in sorted((HERE / "sites").glob("*/feed*.xml")):
        body, url = path.read_bytes(), f"http://{path.parent.name}/feed"
        feed = Feed(id="un", url=url, outlet="un", publisher_family="un", ownership="private")
        try:
            whole = read_feed(body, feed, url=url, headers={}, now=NOW)
        except ValueError:
            continue
        for entry in whole.entries[:2]:
            left = without_entries(body, feed, {entry.article_id}, url=url, headers={}, now=NOW)
            again = read_feed(left, feed, url=url, headers={}, now=NOW)
            assert again.entries == tuple(e for e in whole.entries if e.entry_id != entry.entry_id)
            encoding = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
            assert entry.url.rpartition("/")[2][:40] not in left.decode(encoding, "replace") or entry.url.endswith("/")
            cut += 1
    assert cut > 30


def test_what_is_kept_of_a_poll_is_cut_as_it_comes():
    """The recorder's answer: the entry is cut out of a whole copy; a document that cannot be cut leaves only word."""
    cut = cut_of(None, FEED, ids_of(GONE), url=FEED.url, headers={}, now=NOW)
    ref, found = archive.members_of(feed_request(), feed_answer(), AT, cut)
    content = b"".join(member.content for member in found)
    assert b"secret" not in b"".join(body for *_, body in records(content))
    assert ref == archive.members_of(feed_request(), feed_answer(), AT)[0], "the record that other rows will refer to"
    copy = archive.copy_of(ref, AT, FEED_BODY)
    _, found = archive.members_of(feed_request(copy), feed_answer(), "2026-11-20T07:00:00Z", cut)
    assert [kind for kind, *_ in records(b"".join(m.content for m in found))] == ["revisit", "request"]
    ref, found = archive.members_of(feed_request(), feed_answer(b"<html>no feed</html>"), NEXT_DAY, cut)
    assert (ref, [kind for kind, *_ in records(b"".join(m.content for m in found))]) == (None, ["metadata"])
    other = FEED_BODY.replace(GONE.encode(), b"http://one.example/actu/dritte")
    assert cut(other) is other


@pytest.mark.parametrize("body", [b"", b"{}", FEED_BODY[:300], FEED_BODY.replace(b"</item>", b"")])
def test_broken_documents_are_refused_not_cut_wrongly(body):
    """What cannot be read or cut raises; nothing is given back that holds the entry."""
    try:
        left = without_entries(body, FEED, ids_of(GONE), url=FEED.url, headers={}, now=NOW)
    except (UncutError, ValueError):
        return
    assert GONE.encode() not in left
