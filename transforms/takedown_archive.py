"""What taking an article down means for the archive: its pages go, feeds that list it are kept without it.

A record that goes takes with it the request that led to it and the revisits that lean on it. A feed's answer keeps its
record id, since the rows of other articles refer to it, and says that it is not whole (``WARC-Truncated``).
"""

import dataclasses
import datetime as dt
import io
import re
import zlib
from collections.abc import Collection, Sequence
from typing import Any

import orjson

from transforms import archive
from transforms.archive import Placed
from transforms.archiving import ENTRIES, INDEX, WARC, create, described
from transforms.datasets import Existing
from transforms.exchanges import Response
from transforms.feed_cuts import UncutError, ids_of, without_entries
from transforms.feed_documents import FeedUnreadableError
from transforms.records import Feed
from transforms.store import Store, open_store

_REFERS_TO = re.compile(rb"(?im)^WARC-Refers-To:[ \t]*<?([^>\r\n]+)>?[ \t]*\r$")
_END = b"\r\n\r\n"


@dataclasses.dataclass(kw_only=True)
class Takedown:
    """What is taken down, by all its ids and addresses; and, as objects are gone through in their order, what became of it.

    ``refs`` are pages known by their record; ``mentions`` are bytes that other pages are not to hold either, and go with it
    if they do. ``gone`` and ``cut`` (id -> payload digest now) are for the revisits to come.
    """

    ids: Collection[str]
    urls: Collection[str] = ()
    refs: Collection[str] = ()
    mentions: Collection[bytes] = ()
    gone: set[str] = dataclasses.field(default_factory=set)
    cut: dict[str, str] = dataclasses.field(default_factory=dict)

    def is_about(self, url: str) -> bool:
        """Whether an address is one of those taken down."""
        return url in self.urls or not ids_of(url).isdisjoint(self.ids)


def may_hold(index: bytes, takedown: Takedown, feed_ids: Collection[str]) -> bool:
    """Whether an archive object needs to be looked into, by its index."""
    for _, line in archive.read_cdxj(index):
        kind, url = line.get("kind"), str(line["url"])
        if (
            kind in {"waiting", ENTRIES}
            or (kind == "page" and takedown.mentions)
            or (kind == "feed" and not set(feed_ids).isdisjoint(line.get("feeds", ())))
        ):
            return True
        if kind != "feed" and (
            line["id"] in takedown.refs or any(map(takedown.is_about, (url, line.get("asked", url))))
        ):
            return True
    return False


def without_article(content: bytes, takedown: Takedown) -> bytes | None:
    """An archive object without what is taken down; None when it holds nothing of it."""
    kept, changed = [], False
    for placed in archive.members(io.BytesIO(content)):
        member = content[placed.offset : placed.offset + placed.length]
        left = _left_of(placed, member, takedown)
        changed = changed or left is not member
        if left is not None:
            kept.append(left)
    return b"".join(kept) if changed else None


@dataclasses.dataclass(kw_only=True)
class ArchiveRemoval:
    """What goes from one archive, as manifests say it; ``place`` is "" where it lies with the records."""

    store: Store
    place: str = ""
    expired: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    stand_ins: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def take_from_archives(
    store: Store,
    named: Sequence[Existing],
    first_day: str,
    takedown: Takedown,
    feed_ids: Collection[str],
    *,
    dry_run: bool,
) -> list[ArchiveRemoval]:
    """Write the objects that stand in for those of archives (``named`` from ``first_day`` on) that hold what is taken down.

    One for each archive there is, also where nothing goes.
    """
    places = dict.fromkeys(one.place for one in named)
    found = {place: ArchiveRemoval(store=open_store(place) if place else store, place=place) for place in places}
    for one in named:  # in the order of the windows: what is unchanged refers to what came before
        removal = found[one.place]
        if not one.name.endswith(INDEX) or one.name.split("/")[2] < first_day:
            continue
        if may_hold(removal.store.read(one.name), takedown, feed_ids):
            _stand_in(removal, one.name.removesuffix(INDEX), takedown, dry_run=dry_run)
    return list(found.values())


def _stand_in(removal: ArchiveRemoval, stem: str, takedown: Takedown, *, dry_run: bool) -> None:
    left = without_article(removal.store.read(stem + WARC), takedown)
    if left is None:
        return
    standing = ""
    if not is_bare(left):
        standing = archive.rewritten_name(stem + WARC, left).removesuffix(WARC)
        contents = (
            ("warc", standing + WARC, left),
            ("index", standing + INDEX, archive.index_of(left, standing + WARC)),
        )
        for kind, name, content in contents:
            removal.stand_ins.append(
                described(kind, name, content) if dry_run else create(removal.store, kind, name, content)
            )
    for ending in (WARC, INDEX):
        reason, instead = ("replaced", [standing + ending]) if standing else ("forgotten", [])
        removal.expired.append({"object": stem + ending, "reason": reason, "replaced_by": instead, "removed": 0})


def is_bare(content: bytes) -> bool:
    """Whether an archive object holds nothing but word of itself."""
    return all(placed.type == "warcinfo" for placed in archive.members(io.BytesIO(content)))


def _left_of(placed: Placed, member: bytes, takedown: Takedown) -> bytes | None:
    """What is left of a record: ``member`` itself, another one, or None."""
    kind = placed.answer.get("kind")
    refers_to = _refers_to(member) if placed.type == "revisit" else ""
    if placed.type == "warcinfo":
        return member
    if placed.concurrent_to in takedown.gone or (refers_to in takedown.gone and kind != "feed"):
        return None
    if kind == "waiting":
        return _without_waiting(placed, member, takedown)
    if kind == ENTRIES:
        return _without_lost(placed, member, takedown)
    if kind == "feed":
        return _feed_left(placed, member, refers_to, takedown)
    addresses = (placed.url, *(str(placed.answer[name]) for name in ("asked", "hop_to") if name in placed.answer))
    if placed.id in takedown.refs or any(map(takedown.is_about, addresses)) or _mentions(placed, member, takedown):
        takedown.gone.add(placed.id)
        return None
    return member


def _mentions(placed: Placed, member: bytes, takedown: Takedown) -> bool:
    if placed.type != "response" or not takedown.mentions:
        return False
    body = archive.read_body(member)
    return any(mention in body for mention in takedown.mentions)


def _feed_left(placed: Placed, member: bytes, refers_to: str, takedown: Takedown) -> bytes | None:
    if placed.type == "revisit":
        if refers_to in takedown.gone:
            takedown.gone.add(placed.id)
            return None
        return _with(member, None, takedown.cut[refers_to]) if refers_to in takedown.cut else member
    if placed.type != "response" or "hop_to" in placed.answer:
        return member
    answer = archive.read_member(member).answer
    if not isinstance(answer, Response):
        return member
    try:
        body = _cut(answer, placed, takedown)
    except (UncutError, FeedUnreadableError):
        takedown.gone.add(placed.id)
        return None
    if body is answer.body:
        return member
    takedown.cut[placed.id] = archive.payload_digest(body)
    return _with(member, body, takedown.cut[placed.id])


def _cut(answer: Response, placed: Placed, takedown: Takedown) -> bytes:
    """The body without the entries; one that cannot be read is no matter unless it names an address."""
    body = answer.body
    now = dt.datetime.fromisoformat(placed.at)
    for feed_id in placed.answer.get("feeds", ()):
        feed = Feed(id=feed_id, url=answer.url, outlet="", publisher_family="", ownership="private")
        try:
            body = without_entries(body, feed, takedown.ids, url=answer.url, headers=answer.headers, now=now)
        except FeedUnreadableError:
            if any(url.partition("://")[2].encode() in body for url in takedown.urls):
                raise
    return body


def _without_waiting(placed: Placed, member: bytes, takedown: Takedown) -> bytes | None:
    """Word of the pages that could not be reached, without those that are taken down."""
    waiting = orjson.loads(archive.read_body(member))
    left = [url for url in waiting if not takedown.is_about(url)]
    if left == waiting:
        return member
    return archive.note("waiting", placed.at, left, placed.answer.get("tick", "")).content if left else None


def _without_lost(placed: Placed, member: bytes, takedown: Takedown) -> bytes | None:
    """Entries that were lost and found, without those that are taken down."""
    entries = orjson.loads(archive.read_body(member))
    left = [
        entry
        for entry in entries
        if not {entry["article_id"], entry["entry_id"]}.intersection(takedown.ids)
        and not takedown.is_about(entry["url"])
    ]
    if left == entries:
        return member
    return archive.note(ENTRIES, placed.at, left).content if left else None


def _refers_to(member: bytes) -> str:
    found = _REFERS_TO.search(_unpacked(member).partition(_END)[0] + b"\r\n")
    return found[1].decode() if found else ""


def _unpacked(member: bytes) -> bytes:
    return zlib.decompress(member, 31)


def _with(member: bytes, body: bytes | None, digest: str) -> bytes:
    """A record with another payload (None: it has none) and that payload's digest; all else is as it was."""
    head, _, block = _unpacked(member).partition(_END)
    if body is not None:
        http = block.partition(_END)[0]
        http = re.sub(rb"(?im)^(Content-Length:)[^\r\n]*", rb"\g<1> %d" % len(body), http)
        block = http + _END + body + _END
        head = re.sub(rb"(?im)^(Content-Length:)[^\r\n]*", rb"\g<1> %d" % (len(block) - len(_END)), head)
        head = re.sub(rb"(?im)^WARC-Truncated:[^\r\n]*\r\n", b"", head) + b"\r\nWARC-Truncated: unspecified"
    head = re.sub(rb"(?im)^(WARC-Payload-Digest:)[^\r\n]*", rb"\g<1> " + digest.encode(), head)
    head = re.sub(rb"(?im)^WARC-Block-Digest:[^\r\n]*\r\n", b"", head)
    return archive.compressed(head + _END + block)
