"""A feed document without some of its entries, otherwise byte for byte as it was: for what is kept of a feed's answers.

Nobody's parser gives the place of an entry in the bytes, so each element that looks like one is read by itself, between
the document's own beginning and end, and the result is read once more: it must give exactly the other entries.
"""

import datetime as dt
import html
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from transforms import urls
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import PARSE_SECONDS, ParsedFeed, read_feed
from transforms.pool import WorkerPool
from transforms.records import Entry, Feed, article_id_of

_log = logging.getLogger(__name__)
_SHELTERED = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_ENTRY = re.compile(r"<(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s>])[^>]*>.*?</(?P=name)\s*>", re.DOTALL)
_LISTED = re.compile(
    r"<(?:[\w.-]+:)?li\b[^>]*?\bresource\s*=\s*(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)')[^>]*?/?>(?:\s*</(?:[\w.-]+:)?li\s*>)?"
)
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def cut_of(
    pool: WorkerPool | None, feed: Feed, ids: Collection[str], *, url: str, headers: Mapping[str, str], now: dt.datetime
) -> Callable[[bytes], bytes | None]:
    """``without_entries`` for what is kept of a feed's answer: None for a document that cannot be cut or read.

    In a process of the pool, where there is one, which is killed after PARSE_SECONDS.
    """
    wanted = {"content-type": headers.get("content-type", "")}

    def cut(body: bytes) -> bytes | None:
        try:
            if pool is None:
                found = without_entries(body, feed, ids, url=url, headers=wanted, now=now)
            else:
                found = pool.submit(_apart, body, feed, frozenset(ids), url, wanted, now, timeout=PARSE_SECONDS)()
        except Exception as error:  # noqa: BLE001 - whatever it is, this document had better not be kept
            _log.info("an answer of %s is not kept: %s", feed.id, error, extra={"feed_id": feed.id})
            return None
        return body if found == body else found

    return cut


def _apart(
    body: bytes, feed: Feed, ids: Collection[str], url: str, headers: Mapping[str, str], now: dt.datetime
) -> bytes:
    return without_entries(body, feed, ids, url=url, headers=headers, now=now)


class UncutError(ValueError):
    """A document holds entries that are to go, and they cannot be cut out of it."""


def without_entries(
    body: bytes, feed: Feed, ids: Collection[str], *, url: str, headers: Mapping[str, str], now: dt.datetime
) -> bytes:
    """The document without the entries whose own or whose article's id is among ``ids``; ``body`` itself when it has none.

    UncutError when it has some and they cannot be cut out; FeedUnreadableError when it is no feed that can be read.
    """

    def read(document: str) -> ParsedFeed:
        return read_feed(document.encode(codec, "surrogatepass"), feed, url=url, headers=headers, now=now)

    def gone(entry: Entry) -> bool:
        return entry.article_id in ids or entry.entry_id in ids

    whole = read_feed(body, feed, url=url, headers=headers, now=now)
    if not any(map(gone, whole.entries)):
        return body
    codec = _MARKS.get(body[:2], "latin-1")  # Latin-1 maps bytes one to one, whatever they stand for
    text = body.decode(codec, "surrogatepass")
    masked = _SHELTERED.sub(lambda found: " " * len(found[0]), text)
    spans = [found.span() for found in _ENTRY.finditer(masked)]
    if not spans:
        raise UncutError("no entry is found in the document")
    head, tail = text[: spans[0][0]], text[spans[-1][1] :]
    dropped = []
    for start, end in spans:
        try:
            found = read(head + text[start:end] + tail).entries
        except FeedUnreadableError as error:
            raise UncutError(f"an entry cannot be read by itself: {error}") from error
        if any(map(gone, found)):
            dropped.append((start, end))
    dropped += [span for span, listed in _listed(masked, text) if not ids_of(listed).isdisjoint(ids)]
    cut = _cut(text, sorted(dropped))
    try:
        left = {entry.entry_id for entry in read(cut).entries}
    except FeedUnreadableError as error:
        raise UncutError(f"what is left cannot be read: {error}") from error
    if left != {entry.entry_id for entry in whole.entries if not gone(entry)}:
        raise UncutError("what is left are not the other entries")
    return cut.encode(codec, "surrogatepass")


def ids_of(url: str) -> set[str]:
    """The article ids an address may stand for: as it is and in its canonical form."""
    found = {article_id_of(url)}
    try:
        found.add(article_id_of(urls.canonical_url(url).canonical))
    except urls.BadUrlError:
        return found
    return found


def _listed(masked: str, text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """RSS 1.0 lists the addresses of its entries in the channel, too: (span, address)."""
    for found in _LISTED.finditer(masked):
        group = "a" if found["a"] is not None else "b"
        yield found.span(), html.unescape(text[slice(*found.span(group))])


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = max(at, end)
    return "".join([*kept, text[at:]])
