"""WARC records of what was fetched: whole, standard, the same every time, and read back as the answers they were."""

import dataclasses
import datetime as dt
import gzip
import io
import random
from collections import OrderedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from tests.test_web import client_of, get, serving
from transforms import archive
from transforms.archive_reader import Archive, ArchivedClient, ArchivedWeb, NoArchiveError
from transforms.archiving import ArchiveOptions, Recorder, close_window
from transforms.clock import Clock
from transforms.exchanges import Exchange, Request, Response, WebFailure, lower_headers
from transforms.records import Entry, Feed, Tick
from transforms.store import open_store

AT = "2026-11-20T06:00:00Z"
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
HTML = {"Content-Type": "text/html; charset=utf-8"}
FEED = Feed(id="un", url="http://one.example/feed", outlet="un", publisher_family="un", ownership="private")
NEXT_DAY = "2026-11-21T06:00:00Z"


def exchange(body=b"<p>x</p>", url="http://one.example/a", status="HTTP/1.1 200 OK", **headers):
    """A plain answer on the wire."""
    received = ((b"Content-Type", b"text/html"), *((k.encode(), v.encode()) for k, v in headers.items()))
    sent = ((b"Host", b"one.example"), (b"User-Agent", b"essai"))
    return Exchange(url=url, sent=sent, status_line=status, received=received, body=body, address="127.0.0.1")


def response(body=b"<p>x</p>", status=200, url="http://one.example/a", **headers):
    """A response with the one exchange that gave it."""
    sole = exchange(body, url, status=f"HTTP/1.1 {status} OK", **headers)
    lowered = {k.decode().lower(): v.decode() for k, v in sole.received}
    return Response(url=sole.url, status=status, headers=lowered, body=body, exchanges=(sole,))


def page(url="http://one.example/a", feed="un"):
    """A request for a page that one entry names."""
    entry = Entry(entry_id="e", feed_id=feed, article_id="a", url=url, canonical_url=url)
    return Request(url=url, kind="page", key=(entry,))


def written(request, answer, at=AT):
    """The object that an answer's records make."""
    return b"".join(member.content for member in archive.members_of(request, answer, at)[1])


def answered(number, body):
    """A request for a numbered page and its answer."""
    url = f"http://one.example/{number}"
    return page(url), response(body, url=url)


def read_back(request, answer, at=AT):
    """The answer after a stay in the archive."""
    raw_ref, members = archive.members_of(request, answer, at)
    told = [m for m in members if m.line and "kind" in m.line and m.line["kind"] == request.kind and "feeds" in m.line]
    kept = archive.read_member(told[-1].content)
    assert kept.answer.raw_ref == raw_ref
    return kept


def test_other_readers_find_request_and_response_with_all_headers():
    """Warcio reads two records, their digests hold, and the headers are those that went over the wire."""
    pages = {"/a": (200, {**HTML, "X-Odd": "caf\xe9", "Set-Cookie": "a=1"}, b"<p>caf\xc3\xa9</p>")}
    with serving(pages) as server, client_of(server, contact="essai@one.example") as client:
        answer = get(client, "http://one.example/a")
    content = written(page(), answer)
    records = [
        (record.rec_type, record.http_headers, record.raw_stream.read())
        for record in ArchiveIterator(io.BytesIO(content), check_digests="raise")
    ]
    (first, got, body), (second, asked, nothing) = records
    assert (first, second, nothing) == ("response", "request", b"")
    assert (got.get_statuscode(), body) == ("200", "<p>café</p>".encode())
    assert got.get_header("Set-Cookie") == "a=1"
    assert got.get_header("X-Odd") == "café"
    assert b"X-Odd: caf\xe9\r\n" in gzip.decompress(content)
    assert "essai@one.example" in asked.get_header("User-Agent")
    assert asked.statusline == "/a HTTP/1.1"


def test_an_answer_comes_back_as_it_was():
    """Compressed, redirected, failed: what the client gave is what the archive gives, body and headers and reason."""
    zipped = {**HTML, "Content-Encoding": "gzip", "ETag": '"1"', "Cache-Control": "max-age=60"}
    pages = {
        "/zipped": (200, zipped, gzip.compress(b"<p>x</p>" * 100)),
        "/moved": (301, {"Location": "/twice"}, b"gone there"),
        "/twice": (302, {"Location": "/zipped"}, b""),
        "/none": (404, HTML, b"<h1>nothing here</h1>"),
        "/later": (503, {"Retry-After": "120"}, b"later"),
    }
    with serving(pages) as server, client_of(server) as client:
        answers = {path: get(client, f"http://one.example{path}") for path in pages}
        answers["refused"] = get(client, "http://10.0.0.1/")
    for path, answer in answers.items():
        request = page(f"http://one.example{path}")
        kept = read_back(request, answer)
        same = dataclasses.replace(answer, exchanges=(), fetched=AT, raw_ref=kept.answer.raw_ref)
        assert kept.answer == same, path
        assert (kept.kind, kept.asked) == ("page", request.url)
    assert answers["/moved"].redirects == ((301, "http://one.example/moved"), (302, "http://one.example/twice"))
    hops = [p.url for p in archive.members(io.BytesIO(written(page(), answers["/moved"]))) if p.type == "response"]
    assert hops == [f"http://one.example/{path}" for path in ("moved", "twice", "zipped")]


@pytest.mark.parametrize("path", ["/none", "/huge"])
def test_what_is_refused_keeps_its_bytes(path):
    """An error page is kept whole, a body beyond the limit as far as it was looked at, and says so."""
    pages = {"/none": (404, HTML, b"<h1>nothing here</h1>"), "/huge": (200, HTML, b"x" * 9_000_000)}
    with serving(pages) as server, client_of(server) as client:
        answer = get(client, f"http://one.example{path}")
    raw_ref, members = archive.members_of(page(), answer, AT)
    assert isinstance(answer, WebFailure)
    assert raw_ref == members[0].line["id"]
    body = archive.read_body(members[0].content)
    assert body == (pages[path][2][: 1 << 20])
    [record] = ArchiveIterator(io.BytesIO(members[0].content))
    assert record.rec_headers.get_header("WARC-Truncated") == ("length" if path == "/huge" else None)


FIELD = st.tuples(
    st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True),
    st.binary(min_size=1, max_size=30).map(lambda value: b"|" + bytes(b for b in value if b >= 32 and b != 127) + b"|"),
)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.lists(FIELD, max_size=6))
def test_any_bytes_come_back(body, fields):
    """Whatever a server puts into its headers and body, what is read back equals what the client makes of it."""
    sole = dataclasses.replace(exchange(body), received=tuple(fields))
    headers = {k: v for k, v in lower_headers(sole.received).items() if not k.startswith("x-crawler-")}
    answer = Response(url=sole.url, status=200, headers=headers, body=body, exchanges=(sole,))
    kept = read_back(page(), answer).answer
    if isinstance(kept, Response):  # else the bytes said noarchive
        assert kept.body == body
        assert {name: kept.headers.get(name) for name in headers} == headers


FORBIDDING = [
    exchange(b'<html><head><META Name="robots" content="index, NOARCHIVE"></head></html>'),
    exchange(b"<meta name=googlebot content=noarchive>"),
    exchange('<meta name="robots" content="noarchive">'.encode("utf-16")),
    exchange(b'<meta content="nosnippet,max-image-preview:large" name="robots">'),
    exchange(b"<p>x</p>", **{"X-Robots-Tag": "noindex, noarchive"}),
    exchange(b"<p>x</p>", **{"x-robots-tag": "googlebot: noarchive"}),
]


@pytest.mark.parametrize("sole", FORBIDDING)
def test_a_page_that_forbids_archiving_is_not_kept(sole):
    """Of such a page only the address and the time are kept; a replay hears why it has nothing."""
    answer = Response(url=sole.url, status=200, headers={}, body=sole.body, exchanges=(sole,))
    raw_ref, [member] = archive.members_of(page(), answer, AT)
    assert raw_ref is None
    assert sole.body not in gzip.decompress(member.content)
    kept = archive.read_member(member.content)
    assert (kept.withheld, kept.answer.reason, kept.asked) == (True, "NOARCHIVE", "http://one.example/a")


@pytest.mark.parametrize(
    "sole",
    [
        exchange(b"<p>Le mot noarchive dans un texte, et <b>nosnippet</b></p>"),
        exchange(b'<meta name="robots" content="noindex, nofollow, max-snippet:-1">'),
        exchange(b"<p>x</p>", **{"X-Robots-Tag": "noindex"}),
    ],
)
def test_a_page_that_only_speaks_of_it_is_kept(sole):
    """The word in the text, or another reservation, forbids nothing."""
    assert not archive.forbids_archiving(sole)


def feed_request(copy=""):
    """A poll of a feed of which the archive has this copy."""
    return Request(url=FEED.url, kind="feed", key=FEED, copy=copy)


def test_an_unchanged_feed_body_is_a_revisit():
    """The same bytes again within a day refer to the record that has them; other bytes, or a day later, are kept."""
    raw_ref, _ = archive.members_of(feed_request(), response(b"<rss/>" * 500), AT)
    copy = archive.copy_of(raw_ref, AT, b"<rss/>" * 500)
    again, second = archive.members_of(feed_request(copy), response(b"<rss/>" * 500), "2026-11-20T06:05:00Z")
    assert (again, second[0].line["mime"]) == (raw_ref, "warc/revisit")
    assert b"<rss/>" not in gzip.decompress(second[0].content)
    kept = archive.read_member(second[0].content)
    assert kept.refers_to == (raw_ref, AT)
    assert (kept.answer.status, kept.answer.raw_ref) == (200, raw_ref)
    [record] = ArchiveIterator(io.BytesIO(second[0].content))
    assert record.rec_headers.get_header("WARC-Refers-To") == f"<{raw_ref}>"
    assert record.rec_headers.get_header("WARC-Refers-To-Date") == AT
    assert record.rec_headers.get_header("WARC-Profile").endswith("/revisit/identical-payload-digest")
    changed, members = archive.members_of(feed_request(copy), response(b"<rss>2</rss>"), "2026-11-20T06:05:00Z")
    assert (changed == members[0].line["id"], members[0].line["mime"]) == (True, "text/html")
    later, members = archive.members_of(feed_request(copy), response(b"<rss/>" * 500), NEXT_DAY)
    assert (later == members[0].line["id"], later != raw_ref) == (True, True)


def test_a_304_is_a_revisit_without_a_body():
    """Not modified: a revisit of the server-not-modified profile, and a 304 again when it is read."""
    copy = f"urn:uuid:1 {AT} sha1:A"
    raw_ref, members = archive.members_of(feed_request(copy), response(b"", 304, ETag='"1"'), NEXT_DAY)
    kept = archive.read_member(members[0].content)
    assert raw_ref == "urn:uuid:1"
    assert (kept.answer.status, kept.answer.headers["etag"], kept.refers_to) == (304, '"1"', None)
    [record] = ArchiveIterator(io.BytesIO(members[0].content))
    assert record.rec_headers.get_header("WARC-Profile").endswith("/revisit/server-not-modified")


class Canned:
    """A client with its answers ready, in the order it is told."""

    def __init__(self, *answers):
        self.answers = answers

    def fetch_all(self, requests, **_):
        """Them all."""
        yield from self.answers


def lane(folder, *answers, label="pages", **more):
    """What a lane of pages archives of these answers; gives (Archived, answers)."""
    options = ArchiveOptions(output=str(folder), **more)
    recorder = Recorder(Canned(*answers), options, label, Clock(NOW))
    given = list(recorder.fetch_all([]))
    return recorder.archived(), given


def joined(folder, *lanes, **more):
    """The archive objects of a window of these lanes, as its manifest names them."""
    return close_window(
        ArchiveOptions(output=str(folder)), sequence=7, window=(AT, AT), written=AT, found=lanes,
        ticks=[Tick(at=AT, feeds=(FEED,))], before=None, **more,
    )  # fmt: skip


def test_a_window_is_one_object_with_one_index_whatever_order_answers_arrive_in(tmp_path):
    """Two lanes, the network's order and theirs leave no trace; the index finds each record by its offset."""
    answers = [answered(n, b"<p>%d</p>" % n) for n in range(5)]
    answers.append((page("http://one.example/dead"), WebFailure(reason="DNS_ERROR", message="no such\nname")))
    answers.append((page("http://one.example/w"), WebFailure(reason="WAITING", message="not reached")))
    poll = feed_request(), response(b"<rss/>", url=FEED.url)
    one, given = lane(tmp_path / "a", *answers)
    other, _ = lane(tmp_path / "b", *reversed(answers))
    assert one == other
    assert (one.pages, one.feeds) == (6, 0)
    polled = [lane(tmp_path / folder, poll, label="feeds")[0] for folder in "ab"]
    named = joined(tmp_path / "a", polled[0], one)
    assert named == joined(tmp_path / "b", other, polled[1], other)
    store = open_store(str(tmp_path / "a"))
    [warc] = [o["name"] for o in named if o["kind"] == "warc"]
    [index] = [o["name"] for o in named if o["kind"] == "index"]
    assert warc.startswith("archive/v1/dt=2026-11-20/hour=06/0000000007-")
    content = store.read(warc)
    lines = list(archive.read_cdxj(store.read(index)))
    assert len(lines) == 8
    assert [record.rec_type for record in ArchiveIterator(io.BytesIO(content))].count("warcinfo") == 1
    for stamp, fields in lines:
        member = content[fields["offset"] : fields["offset"] + fields["length"]]
        [record] = ArchiveIterator(io.BytesIO(member))
        assert record.rec_headers.get_header("WARC-Record-ID") == f"<{fields['id']}>"
        assert (stamp, fields["filename"]) == ("20261120060000", warc)
    assert store.read(index) == archive.index_of(content, warc)
    refs = [answer.raw_ref for _, answer in given]
    assert len(set(refs[:5])) == 5
    assert refs[5:] == [None, None]
    assert {answer.fetched for _, answer in given} == {AT}
    waiting = [f for _, f in lines if f["kind"] == "waiting"]
    member = content[waiting[0]["offset"] :][: waiting[0]["length"]]
    assert archive.read_body(member) == b'["http://one.example/w"]'


def test_a_large_window_makes_several_objects(tmp_path, monkeypatch):
    """A lane's records go on in a further piece, a window's in a further object, each whole by itself and none too large."""
    monkeypatch.setattr("transforms.archiving.PIECE_BYTES", 1000)
    monkeypatch.setattr("transforms.archiving.PART_BYTES", 8500)
    noise = [random.Random(n).randbytes(3000) for n in range(6)]
    answers = [answered(n, body) for n, body in enumerate(noise)]
    found, _ = lane(tmp_path, *answers)
    assert len(found.pieces) == 6
    store = open_store(str(tmp_path))
    named = joined(tmp_path, found)
    warcs = [store.read(o["name"]) for o in named if o["kind"] == "warc"]
    assert len(warcs) == len([o for o in named if o["kind"] == "index"]) == 3
    assert all(len(content) < 9000 for content in warcs)
    urls = []
    for content in warcs:
        records = list(archive.members(io.BytesIO(content)))
        assert records[0].type == "warcinfo"
        urls += [record.url for record in records if record.type == "response"]
    assert sorted(urls) == [f"http://one.example/{n}" for n in range(6)]


def test_a_piece_that_was_swept_is_told_and_missed_only(tmp_path, caplog):
    """A window that took more than a day is committed with what is left of what its lanes kept."""
    first, _ = lane(tmp_path, answered(1, b"<p>un</p>"))
    second, _ = lane(tmp_path, answered(2, b"<p>deux</p>"))
    store = open_store(str(tmp_path))
    store.remove(first.pieces[0].name)
    [warc] = [o["name"] for o in joined(tmp_path, first, second) if o["kind"] == "warc"]
    urls = [record.url for record in archive.members(io.BytesIO(store.read(warc))) if record.type == "response"]
    assert urls == ["http://one.example/2"]
    assert f"{first.pieces[0].name} is gone" in caplog.text


def test_what_is_cut_at_the_commit_is_in_no_object(tmp_path):
    """An article that turns out to be taken down: its records go, the index is that of what is left."""
    found, _ = lane(tmp_path, answered(1, b"<p>un</p>"), answered(2, b"<p>deux</p>"))
    store = open_store(str(tmp_path))

    def cut(records):
        return archive.without(records, lambda placed: placed.url.endswith("/1") and placed.type == "response")[0]

    named = joined(tmp_path, found, cut=cut)
    [warc] = [store.read(o["name"]) for o in named if o["kind"] == "warc"]
    assert [record.url[-2:] for record in archive.members(io.BytesIO(warc)) if record.type == "response"] == ["/2"]
    [index] = [o["name"] for o in named if o["kind"] == "index"]
    assert store.read(index) == archive.index_of(warc, index.replace(".cdxj", ".warc.gz"))
    assert [o["kind"] for o in joined(tmp_path, found, cut=lambda _: b"")] == ["catalogue", "window"]


def test_without_an_archive_nothing_is_written(tmp_path):
    """Switched off: answers bear their time, refer to nothing, and no object is made."""
    found, [(_, answer)] = lane(tmp_path, (page(), response()), uri=None)
    assert (found, answer.fetched, answer.raw_ref) == (None, AT, None)
    assert list(tmp_path.iterdir()) == []


def test_records_can_be_left_out_of_an_object():
    """What is forgotten goes with its request; all other members are untouched, and a new index is right."""
    info = archive.warcinfo(AT, {"software": "essai"})
    parts = [written(*answered(n, b"<p>%d</p>" % n)) for n in range(4)]
    content = info.content + b"".join(parts)
    left, gone = archive.without(content, lambda placed: placed.url.endswith(("/1", "/3")) and placed.type != "request")
    assert left == info.content + parts[0] + parts[2]
    assert [(p.type, p.url[-2:]) for p in gone] == [
        ("response", "/1"), ("request", "/1"), ("response", "/3"), ("request", "/3"),
    ]  # fmt: skip
    lines = list(archive.read_cdxj(archive.index_of(left, "x.warc.gz")))
    assert [fields["url"][-2:] for _, fields in lines] == ["/0", "/2"]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.one.example/", "example,one)/"),
        ("https://One.example:443/A/b/?y=2&x=1#f", "example,one)/a/b?x=1&y=2"),
        ("http://one.example:8080/a", "example,one:8080)/a"),
        ("http://192.0.2.1/a", "192.0.2.1)/a"),
        ("urn:sahelwatch:waiting", "urn:sahelwatch:waiting"),
        ("http://one.example:99999999/a b", "http://one.example:99999999/ab"),
    ],
)
def test_index_keys(url, key):
    """URLs are sorted by host from the right, without www, usual port, fragment and letter case."""
    assert archive.surt(url) == key


def closed(folder, sequence, *answers, at=NOW, previous=None, label="pages"):
    """A window of these answers in an archive of its own; gives its name."""
    options = ArchiveOptions(output=str(folder), settings={"min_poll_interval": 0})
    recorder = Recorder(Canned(*answers), options, label, Clock(at))
    list(recorder.fetch_all([]))
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    before = {"archive": [{"kind": "window", "name": previous}]} if previous else None
    named = close_window(
        options,
        sequence=sequence,
        window=(moment, moment),
        written=moment,
        found=[found for found in [recorder.archived()] if found],
        ticks=[Tick(at=moment, feeds=(FEED,))],
        before=before,
    )
    return next(described["name"] for described in named if described["kind"] == "window")


def test_a_window_answers_as_the_web_did(tmp_path):
    """By any address of a page; what had to wait waits again, what was never asked is said not to be there."""
    waiting = WebFailure(reason="WAITING", message="not reached in this pass")
    failed = WebFailure(reason="RATE_LIMITED", message="asked to wait", retry_after=12.5)
    answers = [
        answered(1, b"<p>un</p>"),
        (page("http://one.example/2"), failed),
        (page("http://one.example/3"), waiting),
    ]
    name = closed(tmp_path, 1, *answers)
    web = ArchivedWeb(uri=str(tmp_path / "archive"), window=name, later=frozenset({"https://one.example/later"}))
    urls = [
        "https://www.one.example/1?utm_source=x",
        *(f"http://one.example/{n}" for n in ("2", "3", "later", "never")),
    ]
    found = [answer for _, answer in web.client(Clock()).fetch_all([page(url) for url in urls])]
    assert (found[0].body, found[0].fetched) == (b"<p>un</p>", AT)
    assert (found[1].reason, found[1].retry_after, found[1].fetched) == ("RATE_LIMITED", 12.5, AT)
    assert [answer.reason for answer in found[2:]] == ["WAITING", "WAITING", "NOT_ARCHIVED"]


def test_a_revisit_finds_the_body_it_repeats(tmp_path):
    """In the hour it refers to, in whatever window; where that is gone, the poll brought nothing new."""
    body = b"<rss/>" * 400
    raw_ref, _ = archive.members_of(feed_request(), response(body, url=FEED.url), AT)
    copy = archive.copy_of(raw_ref, AT, body)
    closed(tmp_path, 1, (feed_request(), response(body, url=FEED.url)), label="feeds")
    later = NOW + dt.timedelta(hours=5)
    name = closed(tmp_path, 2, (feed_request(copy), response(body, url=FEED.url)), label="feeds", at=later)
    asked = dataclasses.replace(feed_request(copy), at="2026-11-20T11:00:00Z")

    def answer():
        ArchivedClient._shared, ArchivedClient._bodies = None, OrderedDict()
        client = ArchivedWeb(uri=str(tmp_path), window=name).client(Clock())
        [(_, found)] = client.fetch_all([asked])
        return found

    assert (answer().status, answer().body, answer().raw_ref) == (200, body, raw_ref)
    for path in (tmp_path / "archive/v1/dt=2026-11-20/hour=06").iterdir():
        path.unlink()
    assert (answer().status, answer().body) == (304, b"")


def test_what_stands_in_for_an_object_is_read_in_its_place(tmp_path):
    """Records that were taken out are gone, whether or not the object before is still there; others answer."""
    name = closed(tmp_path, 1, answered(1, b"<p>un</p>"), answered(2, b"<p>deux</p>"))
    store = open_store(str(tmp_path))
    [before] = Archive(str(tmp_path)).window(name).objects
    left, gone = archive.without(store.read(before), lambda placed: placed.url.endswith("/1"))
    after = archive.rewritten_name(before, left)
    assert len(gone) == 2
    store.create(after, left, "application/warc")
    for _ in range(2):
        ArchivedClient._shared = None
        client = ArchivedWeb(uri=str(tmp_path), window=name).client(Clock())
        found = dict(client.fetch_all([page("http://one.example/1"), page("http://one.example/2")]))
        assert [getattr(a, "reason", a.__class__.__name__) for a in found.values()] == ["NOT_ARCHIVED", "Response"]
        store.remove(before)
    again = archive.rewritten_name(after, b"")
    assert (archive.generation(before)[1], archive.generation(after)[1], archive.generation(again)[1]) == (0, 1, 2)
    assert archive.generation(again)[0] == before.removesuffix(".warc.gz")
    store.remove(after)
    ArchivedClient._shared = None
    [(_, answer)] = (
        ArchivedWeb(uri=str(tmp_path), window=name).client(Clock()).fetch_all([page("http://one.example/2")])
    )
    assert answer.reason == "NOT_ARCHIVED"


def test_windows_follow_each_other(tmp_path):
    """One of each number, the one that its successor names; one that is passed over is left out."""
    first = closed(tmp_path, 1, answered(1, b"1"))
    stray = closed(tmp_path, 2, answered(2, b"2"), at=NOW + dt.timedelta(minutes=9), previous=first)
    second = closed(tmp_path, 2, answered(3, b"3"), at=NOW + dt.timedelta(minutes=5), previous=first)
    passed = closed(tmp_path, 3, answered(4, b"4"), at=NOW + dt.timedelta(minutes=20), previous=second)
    fourth = closed(tmp_path, 4, answered(4, b"4"), at=NOW + dt.timedelta(minutes=20), previous=second)
    found = Archive(str(tmp_path))
    assert stray not in found.windows()
    assert found.windows() == [first, second, passed, fourth]
    assert [w and w.name for w in found.chain(found.windows())] == [first, second, None, fourth]
    with pytest.raises(NoArchiveError):
        Archive(str(tmp_path / "nowhere"))
