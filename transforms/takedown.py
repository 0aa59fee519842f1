"""What taking an article down means for the rows of a dataset: which go, which lose what they say, what stands for them.

Plain functions over rows and objects; ``transforms.forget`` reads and writes.
"""

import dataclasses
import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from transforms import texts
from transforms.contract import read_row
from transforms.feed_cuts import ids_of
from transforms.records import ArticleRow, Event, EventRow, Row, TextRow
from transforms.row_checks import taken_down

Json = dict[str, Any]

_ARTICLE_ID = re.compile(rb'"article_id":"([0-9a-f]{32})"')
_LONG = frozenset({"title", "authors", "excerpt", "text", "evidence"})
_LINE_ENDS = (("\u2028", "\\u2028"), ("\u2029", "\\u2029"), ("\x85", "\\u0085"))


@dataclasses.dataclass(kw_only=True)
class Wanted:
    """What is to be forgotten: ids of articles; with what is found of them, all by which they might come back.

    ``aliases`` are ids of their addresses and entries, ``feed_ids`` the feeds that listed them.
    """

    article_ids: frozenset[str]
    aliases: set[str] = dataclasses.field(default_factory=set)
    urls: set[str] = dataclasses.field(default_factory=set)
    feed_ids: set[str] = dataclasses.field(default_factory=set)

    def learn(self, row: Mapping[str, Any]) -> None:
        """Take over the addresses and entries of a row of one of the articles."""
        for url in (row["url"], row["canonical_url"]):
            if url:
                self.urls.add(url)
                self.aliases.update(ids_of(url))
        self.aliases.update(row["entry_ids"])
        self.feed_ids.update(row["feed_ids"])

    def ids(self) -> frozenset[str]:
        """Ids of the articles, of their addresses and of their entries."""
        return self.article_ids | self.aliases


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rewritten:
    """An object without some of its rows: its other lines as they were, how many these are, and how many went.

    ``rows`` are those that went, without what is long in them.
    """

    content: bytes
    records: int
    removed: int
    rows: tuple[Json, ...]


def without_rows(content: bytes, article_ids: frozenset[str]) -> Rewritten | None:
    """A table's object without the rows of some articles; None when it holds none of theirs."""
    raw = gzip.decompress(content)
    if article_ids.isdisjoint(found.decode() for found in _ARTICLE_ID.findall(raw)):
        return None
    kept, gone = [], []
    for line in raw.split(b"\n"):
        if line:
            row = orjson.loads(line)
            if row["article_id"] in article_ids and not taken_down(row):
                gone.append({column: value for column, value in row.items() if column not in _LONG})
            else:
                kept.append(line)
    return Rewritten(content=packed(kept), records=len(kept), removed=len(gone), rows=tuple(gone)) if gone else None


def without_addresses(content: bytes, wanted: Wanted) -> Rewritten | None:
    """An object of rejects in which the rows of some articles say no more than that they were; None without such rows.

    The rows stay, since the counts of their windows stand for them.
    """
    ids, lines, changed = wanted.ids(), [], False
    for line in gzip.decompress(content).split(b"\n"):
        if line:
            row = orjson.loads(line)
            about = row["article_id"] in ids or row["url"] in wanted.urls
            if about and row["feed_id"]:
                wanted.feed_ids.add(row["feed_id"])
            if about and (row["url"] or row["message"] or row["raw_ref"]):
                line, changed = encoded({**row, "url": None, "message": "", "raw_ref": None}), True  # noqa: PLW2901
            lines.append(line)
    return Rewritten(content=packed(lines), records=len(lines), removed=0, rows=()) if changed else None


def packed(lines: Sequence[bytes]) -> bytes:
    """Lines as gzipped JSON Lines, equal lines as equal bytes."""
    return gzip.compress(b"\n".join(lines) + b"\n", compresslevel=6, mtime=0)


def encoded(plain: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON, its line separators escaped for careless readers."""
    text = orjson.dumps(plain).decode("utf-8")
    for end, escaped in _LINE_ENDS:
        text = text.replace(end, escaped)
    return text.encode("utf-8")


def tombstones(rows: Mapping[str, Iterable[Json]], envelope: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The rows that stand for articles whose ``rows`` (table -> those removed) are no longer there, by table.

    They keep ids, the outlet and our own times: no address, no title, no text, nothing that was read in the text.
    """
    found: dict[str, list[Row]] = {table: [] for table in ("articles", "texts", "stories", "events")}
    articles = _latest(rows["articles"], "article_id")
    for article_id, row in sorted(articles.items()):
        more = {**envelope, "op": "retract", "revision_reason": "takedown", "revision": row["revision"] + 1}
        kept = ("outlet", "publisher_family", "ownership", "country", "first_seen", "fetched")
        found["articles"].append(
            ArticleRow(
                **more, **{name: row[name] for name in kept}, article_id=article_id, feed_ids=tuple(row["feed_ids"]),
                url="", canonical_url="", entry_ids=(), title="", text_hash=texts.text_hash(""),
            )
        )  # fmt: skip
    known = [*articles.values(), *_latest(rows["texts"], "article_id").values()]
    for article_id, row in sorted(_latest(known, "article_id").items()):
        gone = {**envelope, "op": "retract", "revision_reason": "takedown", "revision": row["revision"] + 1}
        found["texts"].append(TextRow(**gone, article_id=article_id, text="", text_hash=texts.text_hash("")))
    for _, row in sorted(_latest(rows["stories"], "article_id").items()):
        gone = {**row, **envelope, "op": "retract", "revision_reason": "takedown", "revision": row["revision"] + 1}
        found["stories"].append(read_row("stories", gone))
    for event_id, row in sorted(_latest(rows["events"], "event_id").items()):
        event = Event(event_id=event_id, article_id=row["article_id"], event_type="", rules=("taken_down",))
        fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(Event)}
        more = {**envelope, "op": "retract", "revision_reason": "takedown", "revision": row["revision"] + 1}
        found["events"].append(EventRow(**fields, **more, story_id=row["story_id"], url="", outlet=row["outlet"]))
    return found


def _latest(rows: Iterable[Json], key: str) -> dict[str, Json]:
    latest: dict[str, Json] = {}
    for row in rows:
        before = latest.get(row[key])
        if before is None or (before["revision"], before["seq"]) < (row["revision"], row["seq"]):
            latest[row[key]] = row
    return latest
