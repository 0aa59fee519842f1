"""What other feed readers expect of their test feeds, met by our entry record: ``python -m tests.quality.feeds``.

Four public suites, each with expectations of its own: feedparser writes them as Python into a comment, gofeed and feed-rs
as JSON beside the feed, miniflux keeps them elsewhere (so those only have to be read without an exception). Of each
expectation about an entry's title, link, id or date the command says whether our record meets it and, where not, whether
that is on purpose. An entry without an address is given one, so that its other fields can be looked at.
"""

import argparse
import ast
import collections
import dataclasses
import datetime as dt
import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

from transforms import feed_entries, texts, urls
from transforms.feed_dates import read_date
from transforms.feed_documents import FeedUnreadableError, open_document
from transforms.records import Feed

DATA = pathlib.Path(__file__).parents[3] / "shared" / "data" / "feeds"
SUITES = ("feedparser", "gofeed_testdata", "feed_rs", "miniflux_feeds")
FIELDS = ("title", "link", "id", "published", "updated")
NOW = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
"""So far ahead that no date of a suite lies in the future."""
URL = "http://example.com/feed"
FEED = Feed(id="suite", url=URL, outlet="suite", publisher_family="suite", ownership="private")
PLACEHOLDER = "http://example.com/placeholder"
PURPOSES = {
    "address": "no http address (relative to nothing, mailto:, urn:), or credentials in it: the entry is quarantined",
    "resolved": "the suite keeps a relative link or one as written; ours is absolute, without fragment, and encoded",
    "markup": "the suite keeps markup, escapes or white space in titles; ours are plain text in one line",
    "year": "a year or a month alone, or before 1990: our record knows seconds and days, and believes no such date",
    "exotic": "a date in a notation of no feed we know (ordinal and century days, two-digit ISO years, Hungarian, Greek, Korean)",
    "made up": "the reader made the id or date up (a hash, the feed's own date, the file's time)",
    "counted": "the link of a click counter; ours is the article that feedburner:origLink names",
    "several": "of several links of an RSS item the suite takes the last, we the first",
    "served": "the suite serves the feed itself and expects its own address in relative links",
    "unsupported": "no feed by our word (CDF, JSON without the version's address, broken on purpose)",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Expectation:
    """Something a suite says of one field of one entry."""

    file: pathlib.Path
    entry: int
    field: str
    value: Any


@dataclasses.dataclass(kw_only=True)
class Tally:
    """Of one suite: files read, exceptions, and per field (met, on purpose, otherwise)."""

    files: int = 0
    exceptions: list[str] = dataclasses.field(default_factory=list)
    met: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    purposes: collections.Counter[tuple[str, str]] = dataclasses.field(default_factory=collections.Counter)
    missed: list[tuple[Expectation, Any]] = dataclasses.field(default_factory=list)

    def of(self, field: str) -> tuple[int, int, int]:
        """(met, otherwise on purpose, missed) of a field."""
        purposely = sum(n for (name, _), n in self.purposes.items() if name == field)
        return self.met[field], purposely, sum(e.field == field for e, _ in self.missed)


def feed_files(folder: pathlib.Path) -> list[pathlib.Path]:
    """The files of a suite that are to be read as feeds."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix in {".xml", ".json", ".html"})
    return [p for p in files if not _is_expectation(p)]


def _is_expectation(path: pathlib.Path) -> bool:
    if path.suffix != ".json":
        return False
    if path.name.endswith((".serde.json", "_expected.json")):
        return True
    return path.with_suffix(".xml").exists()


def expectations(suite: str, path: pathlib.Path) -> Iterator[Expectation]:
    """What a suite says of a file's entries, read from the suite's own format."""
    if suite == "feedparser":
        yield from _of_comment(path)
        return
    beside = {
        "gofeed_testdata": (
            path.with_suffix(".json") if path.suffix == ".xml" else path.with_name(f"{path.stem}_expected.json")
        ),
        "feed_rs": path.with_name(f"{path.stem}.serde.json"),
    }.get(suite)
    if beside is None or not beside.exists() or beside == path:
        return
    document = json.loads(beside.read_text(encoding="utf-8"))
    for number, entry in enumerate(document.get("items") or document.get("entries") or []):
        for field, value in (_of_feed_rs if suite == "feed_rs" else _of_gofeed)(entry):
            if value not in (None, "", {}):
                yield Expectation(file=path, entry=number, field=field, value=value)


def _of_comment(path: pathlib.Path) -> Iterator[Expectation]:
    """``Expect: not bozo and entries[0]['title'] == 'x'``: the comparisons of entries' fields with literals."""
    head = path.read_bytes()[:8000].decode("utf-8", "replace")
    found = re.search(r"(?s)Expect:\s*(.*?)(?=\n\s*\w+:\s|-->)", head)
    try:
        tree = ast.parse(" ".join(found[1].split()) if found else "", mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
            continue
        where = re.fullmatch(r"entries\[(\d+)\](?:\.|\[')(\w+)(?:'\])?", ast.unparse(node.left))
        try:
            value = ast.literal_eval(node.comparators[0])
        except ValueError:
            continue
        name = where[2].removesuffix("_parsed") if where else ""
        field = {"guid": "id", "issued": "published", "modified": "updated", "date": "updated", "created": ""}.get(
            name, name
        )
        if where and field in FIELDS and value not in (None, ""):
            yield Expectation(file=path, entry=int(where[1]), field=field, value=value)


def _of_gofeed(entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    guid = entry.get("guid")
    links = [
        link.get("href")
        for link in entry.get("links") or []
        if isinstance(link, dict) and link.get("rel") == "alternate"
    ]
    yield "title", entry.get("title")
    yield "link", entry.get("link") or entry.get("url") or (links[0] if links else None)
    yield "id", guid.get("value") if isinstance(guid, dict) else guid or entry.get("id")
    yield "published", entry.get("publishedParsed") or entry.get("pubDateParsed") or entry.get("date_published")
    yield "updated", entry.get("updatedParsed") or entry.get("date_modified")


def _of_feed_rs(entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    links = [link["href"] for link in entry.get("links") or [] if link.get("rel") in {None, "alternate"}]
    yield "title", (entry.get("title") or {}).get("content")
    yield "link", links[0] if links else None
    yield "id", entry.get("id")
    yield "published", entry.get("published")
    yield "updated", entry.get("updated")


def headers_of(path: pathlib.Path) -> dict[str, str]:
    """The Content-Type that a feedparser test is to be served with."""
    found = re.search(r"(?im)^Header:\s*content-type:\s*(.+)$", path.read_bytes()[:2000].decode("latin-1"))
    return {"content-type": found[1].strip()} if found else {}


def run_suite(suite: str, folder: pathlib.Path) -> Tally:
    """Read every file of a suite and hold our records against its expectations."""
    tally = Tally()
    for path in feed_files(folder):
        tally.files += 1
        raw = path.read_bytes()
        try:
            feed_entries.read_feed(raw, FEED, url=URL, headers=headers_of(path), now=NOW)
        except FeedUnreadableError as error:
            if error.reason == "FEED_PARSE_ERROR" and not str(error).startswith("JSON"):
                tally.exceptions.append(f"{path}: {error}")
        except Exception as error:  # noqa: BLE001 - to be counted is what the command is for
            tally.exceptions.append(f"{path}: {type(error).__name__}: {error}")
        wanted = list(expectations(suite, path))
        records = _records(raw, path) if wanted else []
        for expectation in wanted:
            record = records[expectation.entry] if expectation.entry < len(records) else None
            _judge(tally, expectation, record, raw)
    return tally


def _records(raw: bytes, path: pathlib.Path) -> list[dict[str, Any]]:
    """Our record of each entry, as the fields that suites speak of."""
    try:
        document = open_document(raw, headers_of(path))
        parsed = feed_entries.parse_document(document.text, URL)
    except FeedUnreadableError:
        return []
    found = []
    base = parsed.get("feed", {}).get("link") or URL
    for entry in parsed.get("entries", []):
        without = False
        try:
            record = feed_entries.read_entry(entry, FEED, base=base, document_url=URL, now=NOW)
        except urls.BadUrlError:
            without = True
            entry["links"] = []
            entry["link"] = PLACEHOLDER
            record = feed_entries.read_entry(entry, FEED, base=base, document_url=URL, now=NOW)
        found.append(
            {"title": record.title, "link": None if without else record.url, "id": record.guid or None,
             "published": record.published, "updated": record.updated or record.published}
        )  # fmt: skip
    return found


def _judge(tally: Tally, expectation: Expectation, record: dict[str, Any] | None, raw: bytes) -> None:
    field, value = expectation.field, expectation.value
    ours = record and record[field]
    if record is not None and _same(field, value, ours):
        tally.met[field] += 1
        return
    purpose = _purpose(field, value, record, ours, raw)
    if purpose:
        tally.purposes[field, purpose] += 1
    else:
        tally.missed.append((expectation, ours))


def _same(field: str, value: Any, ours: Any) -> bool:
    if field in {"published", "updated"}:
        return ours is not None and _moment(value) == dt.datetime.fromisoformat(ours)
    if field == "link" and ours:
        return ours == value or _address(value) == ours
    return isinstance(value, str) and ours == value


def _address(value: str) -> str | None:
    try:
        return urls.canonical_url(urls.resolve(value, URL)).url
    except urls.BadUrlError:
        return None


def _moment(value: Any) -> dt.datetime | None:
    """A suite's date: nine numbers, RFC 3339, or as the feed wrote it."""
    try:
        if isinstance(value, tuple | list):
            return dt.datetime(*value[:6], tzinfo=dt.UTC)
        text = str(value)
        if re.match(r"\d{4}-\d\d-\d\dT", text):
            moment = dt.datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).replace(microsecond=0)
    except ValueError:
        return None
    found = read_date(str(value))
    return (
        None if found is None else (found.at - (found.offset or dt.timedelta())).replace(tzinfo=dt.UTC, microsecond=0)
    )


def _purpose(field: str, value: Any, record: dict[str, Any] | None, ours: Any, raw: bytes) -> str:
    """Why ours differs on purpose, "" when it does not."""
    if record is None:
        return "unsupported"
    if field in {"link", "id"} and "://127.0.0.1" in str(value):
        return "served"
    if field == "link":
        return _purpose_of_link(str(value), ours, raw)
    if field == "title":
        plain = feed_entries._plain(str(value), one_line=True)
        return "markup" if plain == ours or texts.clean_text(str(value), one_line=True) == ours else ""
    if field == "id":
        return "made up" if str(value).encode() not in raw else "resolved" if ours == _address(str(value)) else ""
    moment = _moment(value)
    if moment is not None and (
        moment.year < 1990 or (moment.month, moment.day) == (1, 1) or (moment.day == 1 and ours is None)
    ):
        return "year"
    return "exotic" if ours is None else ""


def _purpose_of_link(value: str, ours: Any, raw: bytes) -> str:
    if ours is None:
        return "address"
    if "feedproxy.google.com" in value:
        return "counted"
    if value.encode() in raw and str(ours).encode() in raw and raw.count(b"<link>") > 1:
        return "several"
    relative = not value.startswith(("http://", "https://")) or "#" in value
    return "resolved" if relative or value == f"{ours}/" else ""


def main() -> None:
    """Print the table, and on request what is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=DATA, help="the folder of the suites")
    parser.add_argument("--missed", action="store_true", help="list each expectation that is missed and not on purpose")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"skipped: no suites in {options.data}")
        return
    print("| suite | files | exceptions | " + " | ".join(FIELDS) + " | on purpose | missed |")
    print("| --- | ---: " + "| ---: " * (len(FIELDS) + 3) + "|")
    reasons: collections.Counter[str] = collections.Counter()
    for suite in SUITES:
        tally = run_suite(suite, options.data / suite)
        cells = []
        for field in FIELDS:
            met, purposely, missed = tally.of(field)
            cells.append(f"{met}/{met + purposely + missed}" if met + purposely + missed else "-")
        reasons.update(
            {purpose: sum(n for (_, p), n in tally.purposes.items() if p == purpose) for _, purpose in tally.purposes}
        )
        print(
            f"| {suite} | {tally.files:,} | {len(tally.exceptions)} | {' | '.join(cells)} | {tally.purposes.total()} | {len(tally.missed)} |"
        )
        for line in tally.exceptions:
            print(f"  exception: {line}")
        for expectation, ours in tally.missed if options.missed else ():
            print(f"  {expectation.file.name}: {expectation.field} {expectation.value!r:.90} is {ours!r:.90}")
    for purpose, number in reasons.most_common():
        print(f"{number:4d} {purpose}: {PURPOSES[purpose]}")


if __name__ == "__main__":
    main()
