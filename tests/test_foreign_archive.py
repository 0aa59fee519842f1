"""Archives of others: WARC files without feeds and folders of HTML files become datasets as well."""

import io
import os
import shutil

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import run_main
from tests.test_replay import ACCRA, DJOLIBA, manifests, replay, served
from transforms.datasets import current_rows
from transforms.foreign_archive import UnreadableArchiveError, address_of, pages_of
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
    for path in folder.rglob("*.html"):
        os.utime(path, (1795154400, 1795154400))
    replay(folder, tmp_path / "out", "--extract-workers", "0")
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


def test_a_file_that_is_no_warc_is_refused(tmp_path):
    """One line, status 2."""
    (tmp_path / "a.warc.gz").write_bytes(b"no gzip at all")
    with pytest.raises(UnreadableArchiveError):
        pages_of(tmp_path / "a.warc.gz", tmp_path)
    ran = run_main("replay", "--archive", str(tmp_path), "--output", str(tmp_path / "out"))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
