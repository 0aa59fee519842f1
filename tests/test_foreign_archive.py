"""Archives of others: WARC files without feeds and folders of HTML files become datasets as well."""

import gzip
import io
import os
import shutil
import zlib

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import run_main
from tests.test_replay import ACCRA, DJOLIBA, manifests, replay, served
from transforms.clock import Clock
from transforms.datasets import current_rows
from transforms.exchanges import Request, WebFailure
from transforms.foreign_archive import ForeignWeb, Passed, UnreadableArchiveError, address_of, pages_of
from transforms.store import open_store

URLS = [f"http://{ACCRA}{served(ACCRA, page=True, number=n)[0]}" for n in (1, 2)]


def write_warc(path, *, gzipped=True):
    """A file as a crawler of news makes it: warcinfo, requests, answers of several kinds, times of two hours."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped, warc_version="1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "essai"}))

        def add(url, at, body, content_type="text/html", status="200 OK"):
            http = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
            more = {"WARC-Date": at}
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict=more
            )
            writer.write_record(record)

        add(URLS[0], "2026-11-20T06:10:00Z", served(ACCRA, page=True, number=1)[1])
        add(f"http://{ACCRA}/a.png", "2026-11-20T06:10:01Z", b"\x89PNG", "image/png")
        add(f"http://{ACCRA}/gone", "2026-11-20T06:10:02Z", b"<p>gone</p>", status="404 Not Found")
        add(URLS[1], "2026-11-20T07:20:00Z", served(ACCRA, page=True, number=2)[1])
        add(f"http://{DJOLIBA}/court", "2026-11-20T07:20:01Z", b"<html><p>court</p></html>")


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_warc_file_of_others_is_replayed(tmp_path, gzipped):
    """Its pages become articles with its times; what gives no article is a reject; the audit passes."""
    write_warc(tmp_path / ("news.warc.gz" if gzipped else "news.warc"), gzipped=gzipped)
    summary = replay(tmp_path, tmp_path / "out", "--extract-workers", "0")
    assert (summary["windows"], summary["pages"]) == (2, 3)
    assert summary["skipped"] == {"http_4xx": 1, "not_html": 1}
    store = open_store(str(tmp_path / "out"))
    rows = sorted(current_rows(store, "articles").values(), key=lambda row: row["fetched"])
    assert [(row["url"], row["fetched"], row["ingested"]) for row in rows] == [
        (URLS[0], "2026-11-20T06:10:00Z", "2026-11-20T06:10:00Z"),
        (URLS[1], "2026-11-20T07:20:00Z", "2026-11-20T07:20:01Z"),
    ]
    assert all(row["raw_ref"].startswith("urn:uuid:") and row["outlet"] == ACCRA for row in rows)
    [reject] = current_rows(store, "rejects").values()
    assert (reject["reason"], reject["feed_id"]) == ("NO_CONTENT", "www-studio-djoliba-example")
    assert run_main("verify", "--output", str(tmp_path / "out")).status == 0
    assert len(manifests(tmp_path / "out")) == 2


def test_a_folder_of_html_files_is_replayed(tmp_path):
    """The address is what the page states, else its place below a host; the time is the file's."""
    folder = tmp_path / "pages"
    (folder / ACCRA / "news").mkdir(parents=True)
    (folder / ACCRA / "news/index.html").write_bytes(served(ACCRA, page=True, number=1)[1])
    (folder / "notes.txt").write_text("no page")
    (folder / "nowhere.html").write_text("<p>a page without an address</p>")
    (folder / ACCRA / "far.html").write_text("<p>a page of the year 2446</p>")
    for path in folder.rglob("*.html"):
        os.utime(path, (1795154400, 15_000_000_000 if path.stem == "far" else 1795154400))
    summary = replay(folder, tmp_path / "out", "--extract-workers", "0")
    assert summary["skipped"] == {"bad_date": 1, "no_address": 1}
    [row] = current_rows(open_store(str(tmp_path / "out")), "articles").values()
    assert row["canonical_url"].startswith(f"https://{ACCRA}/")
    assert row["fetched"] == "2026-11-20T06:00:00Z"
    assert run_main("verify", "--output", str(tmp_path / "out")).status == 0


def test_addresses_of_files():
    """Stated, by path, or none."""
    stated = b'<link rel="canonical" href="https://un.example/a?x=1&amp;y=2">'
    from pathlib import PurePath

    assert address_of(stated, PurePath("x.html")) == "https://un.example/a?x=1&y=2"
    assert address_of(b"", PurePath("deux.example/b/index.html")) == "http://deux.example/b/"
    assert address_of(b'<link rel=canonical href="file:///etc/passwd">', PurePath("x.html")) == ""
    assert address_of(b"", PurePath("x.html")) == ""
    saved = b"<!DOCTYPE html>\n<!-- saved from url=(0020)https://trois.example/s -->\n<p>"
    assert address_of(saved, PurePath("x.html")) == "https://trois.example/s"
    assert address_of(saved + stated, PurePath("x.html")) == "https://un.example/a?x=1&y=2"
    wide = stated.decode()
    assert address_of(wide.encode("utf-16"), PurePath("x.html")) == "https://un.example/a?x=1&y=2"


def test_a_file_that_is_no_warc_is_refused(tmp_path):
    """One line, status 2."""
    (tmp_path / "a.warc.gz").write_bytes(b"no gzip at all")
    with pytest.raises(UnreadableArchiveError):
        pages_of(tmp_path / "a.warc.gz", tmp_path, Passed())
    ran = run_main("replay", "--archive", str(tmp_path), "--output", str(tmp_path / "out"))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)


PAGE = b"<html><p>" + " ".join(f"Une phrase, la {n}e." for n in range(3000)).encode() + b"</p></html>"


def write_bodies(path, bodies, *, gzipped=True):
    """One answer of status 200 for each (name, body, further headers), with the bytes as they are given."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped)
        for name, body, more in bodies:
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *more], protocol="HTTP/1.1")
            at = {"WARC-Date": "2026-11-20T06:10:00Z"}
            url = f"https://un.example/{name}"
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict=at
                )
            )


def answers(path):
    """Last part of the address -> body, or the reason why there is none."""
    pages = tuple(pages_of(path, path.parent, Passed()))
    requests = [Request(url=page.url, kind="page", key=page) for page in pages]
    found = ForeignWeb(pages=pages).client(Clock()).fetch_all(requests)
    return {
        request.url.rpartition("/")[2]: answer.reason if isinstance(answer, WebFailure) else answer.body
        for request, answer in found
    }


def zstd_of(body):
    """Compressed by whichever library there is."""
    from transforms.foreign_bodies import zstd

    return zstd.compress(body)


def chunked(body):
    """In two chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:999], body[999:])) + b"0\r\n\r\n"


def test_bodies_are_unpacked_however_they_were_kept(tmp_path):
    """Packed and in chunks as they came, or unpacked under the headers they had."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd_of}
    bodies = [("plain", PAGE, []), ("chunks", chunked(PAGE), [("Transfer-Encoding", "Chunked")])]
    for coding, packed in pack.items():
        said = [("Content-Encoding", coding)]
        bodies += [
            (coding, packed(PAGE), said),
            (f"{coding}-chunks", chunked(packed(PAGE)), [*said, ("Transfer-Encoding", "chunked")]),
            (f"{coding}-unpacked", PAGE, [*said, ("Transfer-Encoding", "chunked")]),
        ]
    write_bodies(tmp_path / "a.warc.gz", bodies)
    found = answers(tmp_path / "a.warc.gz")
    assert len(found) == 14
    assert [name for name, body in found.items() if body != PAGE] == []


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_bombs_in_archives_are_too_large(tmp_path, coding):
    """A hundred megabytes of nothing are not unpacked; two codings, and what breaks in its middle, are said to be wrong."""
    pack = {"gzip": gzip.compress, "br": lambda b: brotli.compress(b, quality=1), "zstd": zstd_of}[coding]
    said = [("Content-Encoding", coding)]
    bodies = [("bomb", pack(bytes(100_000_000)), said), ("twice", b"", [("Content-Encoding", "gzip, br")])]
    write_bodies(tmp_path / "a.warc.gz", bodies)
    assert answers(tmp_path / "a.warc.gz") == {"bomb": "TOO_LARGE", "twice": "BAD_ENCODING"}


@pytest.mark.parametrize("ending", [".warc", ".warc.gz"])
def test_a_page_that_is_cut_off_is_no_article(tmp_path, ending):
    """The file ends in the middle of a record: that page is refused, those before it are read."""
    path = tmp_path / f"a{ending}"
    write_bodies(path, [("whole", PAGE, []), ("cut", os.urandom(9000), [])], gzipped=ending == ".warc.gz")
    path.write_bytes(path.read_bytes()[:-4000])
    assert answers(path) == {"whole": PAGE, "cut": "BAD_HTTP"}


def test_what_comes_before_the_damage_is_read(tmp_path, capfd):
    """Half a file is replayed, and its damage is told on stderr and in the summary; a file of nothing else is refused."""
    write_warc(tmp_path / "a.warc.gz")
    content = (tmp_path / "a.warc.gz").read_bytes()
    (tmp_path / "a.warc.gz").write_bytes(content + b"and then something else")
    ran = run_main(
        "replay",
        "--archive",
        str(tmp_path),
        "--output",
        str(tmp_path / "out"),
        "--until",
        "2026-11-20T07:00:00Z",
        "--json",
    )
    assert ran.status == 0
    assert "a.warc.gz cannot be read by records" in ran.err
    assert '"damaged":1' in ran.out.replace(" ", "")
    ran = run_main("replay", "--archive", str(tmp_path), "--output", str(tmp_path / "no"), "--since", "2027-01-01")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert not (tmp_path / "no/state").exists()
