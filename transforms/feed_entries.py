"""From the bytes of a feed to its entries.

feedparser does the parsing, always on ``io.BytesIO``: given bytes or text it opens a URL or a file that the body names.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import html
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import feedparser

from transforms import texts, urls
from transforms.exchanges import is_challenge
from transforms.extraction.zones import zone_of_outlet
from transforms.feed_dates import entry_date
from transforms.feed_documents import MAX_ENTRIES, FeedUnreadableError, entry_spans, open_document
from transforms.json_feeds import parse_json_feed
from transforms.pool import WorkerPool, WorkTimeoutError
from transforms.records import Entry, Feed, article_id_of, stable_id

PARSE_SECONDS = 10.0
"""A feed of 50 entries takes 0.05 to 0.2 s; one tag with 100,000 attributes takes minutes, and cannot be interrupted."""
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")  # not [^>]: that is quadratic on a run of "<"
_ROOT = re.compile(r"<((?:\w+:)?(?:rss|feed|RDF))\b[^<>]*>")
_CODE = re.compile(r"(?i)<(script|style)\b[^<>]*>")
_CODE_END = {name: re.compile(rf"(?i)</{name}\s*>") for name in ("script", "style")}
_BLOCK_END = re.compile(r"(?i)</(?:p|div|li|h[1-6]|blockquote|tr)\s*>|<br\s*/?>")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """The entries of one feed document; ``rejected`` are (entry, reason, message) of those without a usable address.

    ``minimum_interval`` in seconds is what it asks for between polls; ``left_out`` older entries were not read;
    ``whole`` is False when it broke off. ``format`` is rss20, atom10 and so on, ``language`` what it declares.
    """

    entries: tuple[Entry, ...]
    rejected: tuple[tuple[Entry, str, str], ...] = ()
    minimum_interval: float = 0.0
    flags: tuple[str, ...] = ()
    left_out: int = 0
    whole: bool = True
    format: str = ""
    title: str = ""
    language: str = ""


def read_feed_apart(
    pool: WorkerPool, body: bytes, feed: Feed, *, url: str, headers: Mapping[str, str], now: dt.datetime
) -> Callable[[], ParsedFeed]:
    """``read_feed`` in a process that is killed after PARSE_SECONDS; gives a function that waits for the result.

    That raises FeedUnreadableError: PARSE_TIMEOUT or FEED_PARSE_ERROR where the process was killed or died.
    """
    wanted = {"content-type": headers.get("content-type", "")}
    wait = pool.submit(_read_feed, body, feed, url, wanted, now, timeout=PARSE_SECONDS)

    def result() -> ParsedFeed:
        try:
            return wait()
        except WorkTimeoutError as error:
            raise FeedUnreadableError("PARSE_TIMEOUT", str(error)) from error
        except FeedUnreadableError:
            raise
        except Exception as error:
            raise FeedUnreadableError("FEED_PARSE_ERROR", f"{type(error).__name__}: {error}"[:300]) from error

    return result


def _read_feed(body: bytes, feed: Feed, url: str, headers: Mapping[str, str], now: dt.datetime) -> ParsedFeed:
    return read_feed(body, feed, url=url, headers=headers, now=now)


def read_feed(body: bytes, feed: Feed, *, url: str, headers: Mapping[str, str], now: dt.datetime) -> ParsedFeed:
    """Parse a feed document that was fetched from ``url``; raises FeedUnreadableError."""
    document = open_document(body, headers)
    parsed = parse_document(document.text, url)
    found = parsed.get("entries", [])
    if not parsed.get("version") and not found:
        if is_challenge(body):
            raise FeedUnreadableError("BOT_CHALLENGE", "a challenge page in place of the feed")
        raise FeedUnreadableError("NOT_A_FEED", "no feed in the document (an HTML page?)")
    flags = [*document.flags, *(["FEED_MALFORMED"] if parsed.get("bozo") else [])]
    left_out = document.left_out + len(found[MAX_ENTRIES:])
    about = parsed.get("feed", {})
    base = about.get("link") or url
    entries: list[Entry] = []
    rejected: list[tuple[Entry, str, str]] = []
    for raw in found[:MAX_ENTRIES]:
        try:
            entries.append(read_entry(raw, feed, base=base, document_url=url, now=now))
        except urls.BadUrlError as error:
            rejected.append((nameless_entry(raw, feed), error.reason, str(error)[:300]))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            message = f"{type(error).__name__}: {error}"[:300]
            rejected.append((nameless_entry(raw, feed), "READ_CRASH", message))
    return ParsedFeed(
        entries=_told_apart(entries),
        rejected=tuple({found[0].entry_id: found for found in rejected}.values()),
        minimum_interval=_declared_interval(about),
        flags=tuple(dict.fromkeys(flags)),
        left_out=left_out,
        whole=document.whole,
        format=str(parsed.get("version") or ""),
        title=_plain(str(about.get("title") or ""), one_line=True)[:300],
        language=str(about.get("language") or "")[:35],
    )


def parse_document(text: str, url: str) -> Any:
    """The document as feedparser gives it (``version``, ``feed``, ``entries``), a JSON Feed likewise."""
    if text.lstrip()[:1] == "{":
        return parse_json_feed(text)
    parsed = _parse_xml(text, url)
    for raw in parsed.get("entries", []):
        _restore_id(raw, text)
    return parsed


def _parse_xml(text: str, url: str) -> Any:
    """What feedparser makes of the text: by its strict parser, else by its loose one, else entry by entry.

    It changes to the loose one by itself at ill-formed XML only; an exception in its own code (a namespace with a space
    in it, a link that ends outside its entry) would lose the feed. A stray character in front of the root makes any
    document ill-formed; and where that does not help, only the entry that brings the fault out is lost.
    """
    failure: FeedUnreadableError | None = None
    for attempt in (text, "& " + text):
        try:
            return _feedparser(attempt, url)
        except FeedUnreadableError as error:
            failure = error
    root = _ROOT.search(text)
    opening, closing = (root[0], f"</{root[1]}>") if root else ("<rss version='2.0'>", "</rss>")
    entries: list[Any] = []
    for start, end in entry_spans(text):
        with contextlib.suppress(FeedUnreadableError):
            piece = text[start:end] if end >= 0 else ""
            entries += _feedparser(f"{opening}{piece}{closing}", url).get("entries", [])
    if not entries:
        assert failure is not None
        raise failure
    return {"version": "", "feed": {}, "entries": entries, "bozo": True}


def _feedparser(text: str, url: str) -> Any:
    wanted = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=wanted,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # it lets a dozen kinds through, and each means the same
        raise FeedUnreadableError("FEED_PARSE_ERROR", f"{type(error).__name__}: {error}"[:300]) from error


def _restore_id(raw: Any, text: str) -> None:
    """An id as the document has it: the parser resolves every id like a link, and takes a bare guid for an address.

    Where it made an address of a word ("abc123"), that is no address that anybody gave, and is not asked for.
    """
    resolved = str(raw.get("id") or "")
    if not resolved.startswith(("http://", "https://")) or resolved in text or html.escape(resolved) in text:
        return
    word = resolved.rpartition("/")[2]
    query = word.partition("?")[2]
    relative = (query and f"?{query}" in text) or any(f"{mark}{word}" in text for mark in "/=&?")
    if not word or relative:  # an address that is resolved against the feed's, and may lead somewhere
        return
    if raw.get("link") == resolved:
        raw["link"] = ""
        raw["links"] = [link for link in raw.get("links", []) if link.get("href") != resolved]
    raw["id"] = html.unescape(word)


def _told_apart(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, each under an id of its own.

    A feed may list several entries at one address (a live page, a wrong template): those are told apart by guid and
    title, so that each is counted, while the article at the address stays one. What repeats itself is one entry.
    """
    at_address = Counter(entry.entry_id for entry in entries)
    apart: dict[str, Entry] = {}
    for entry in entries:
        if at_address[entry.entry_id] > 1:
            mark = entry.guid if entry.guid and entry.guid != entry.url else entry.title
            entry_id = stable_id("entry", entry.feed_id, entry.canonical_url, mark)
            entry = dataclasses.replace(entry, entry_id=entry_id)  # noqa: PLW2901
        apart.setdefault(entry.entry_id, entry)
    return tuple(apart.values())


def read_entry(raw: Any, feed: Feed, *, base: str, document_url: str, now: dt.datetime) -> Entry:
    """One feedparser entry as an Entry; BadUrlError (also NO_IDENTITY) when nothing names an article."""
    link = _entry_link(raw)
    guid = urls.without_credentials(texts.clean_text(str(raw.get("id") or ""), one_line=True))[:2048]
    if not link and guid.lower().startswith(("http://", "https://")):
        link = guid
    if not link:
        raise urls.BadUrlError("NO_IDENTITY", f"entry without a link (guid {guid[:100]!r})")
    absolute = urls.resolve(link, base if urls.is_http(base) else document_url)
    address = urls.canonical_url(absolute)
    title = _plain(raw.get("title") or "", one_line=True)
    content = max((c.get("value") or "" for c in raw.get("content") or []), key=len, default="")
    summary = raw.get("summary") or ""
    if not content and len(summary) > 2000:
        content = summary
    zone = zone_of_outlet(feed.timezone, feed.country, feed.url)
    published, published_precision, flags = entry_date(raw.get("published", ""), zone=zone, now=now)
    updated, updated_precision, updated_flags = entry_date(raw.get("updated", ""), zone=zone, now=now)
    if not raw.get("published"):
        published, published_precision, flags = updated, updated_precision, updated_flags
    if urls.is_homograph(address.url):
        flags = (*flags, "HOMOGRAPH_SUSPECT")
    summary_text = _plain(summary)
    return Entry(
        entry_id=stable_id("entry", feed.id, address.canonical),
        feed_id=feed.id,
        outlet=feed.outlet,
        country=feed.country,
        language=feed.language,
        timezone=feed.timezone,
        text_rights=feed.text,
        article_id=article_id_of(address.canonical),
        url=address.url,
        canonical_url=address.canonical,
        guid=guid,
        title=title,
        summary=texts.limit_bytes(summary_text, 20_000),
        content=texts.limit_bytes(content, 400_000),
        authors=_authors(raw),
        published=published,
        published_precision=published_precision,
        updated=updated,
        fingerprint=hashlib.sha256(f"{title}\0{summary_text}\0{_plain(content)}".encode()).hexdigest()[:16],
        flags=flags,
    )


def nameless_entry(raw: Any, feed: Feed) -> Entry:
    """What can be said of an entry that has no usable address, so that it is counted once and not at every poll."""
    link, guid = (
        urls.without_credentials(texts.clean_text(str(raw.get(name) or ""), one_line=True))[:300]
        for name in ("link", "id")
    )
    title = _plain(raw.get("title") or "", one_line=True)[:300]
    return Entry(
        entry_id=stable_id("entry", feed.id, "unusable", link, guid, title),
        feed_id=feed.id,
        outlet=feed.outlet,
        article_id="",
        url=link,
        canonical_url="",
        guid=guid,
        title=title,
        fingerprint="0" * 16,
    )


def _entry_link(raw: Any) -> str:
    for name in ("feedburner_origlink", "pheedo_origlink"):  # the feed's host counts clicks; this is the article
        if raw.get(name):
            return str(raw[name]).strip()
    links = [link for link in raw.get("links", []) if link.get("href")]
    for link in links:
        if link.get("rel") == "alternate" and "html" in link.get("type", "text/html"):
            return str(link["href"]).strip()
    return str(raw.get("link") or (links[0]["href"] if links and links[0].get("rel") != "enclosure" else "")).strip()


def _authors(raw: Any) -> tuple[str, ...]:
    """Names of the authors; addresses are private and left out."""
    written = str(raw.get("author") or "")
    # Joomla and RSS 2.0 write "address (Name)"; feedparser's own split cuts such a name short
    bracketed = re.search(r"@[^()]*\(([^()]+)\)", written)
    named = [bracketed[1]] if bracketed else [a.get("name") or "" for a in raw.get("authors", []) if a] or [written]
    cleaned = [texts.clean_text(html.unescape(name), one_line=True)[:200] for name in named if "@" not in name]
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _plain(markup: str, *, one_line: bool = False) -> str:
    """Markup as text; entities that were escaped twice are resolved twice."""
    markup = _without_code(markup)
    text = _TAG.sub("", _BLOCK_END.sub("\n", markup)) if "<" in markup else markup
    text = html.unescape(text)
    if "&" in text and re.search(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", text, re.IGNORECASE):
        text = html.unescape(text)
    if "<" in text and re.search(r"</?[a-zA-Z][^<>]*>", text):
        text = _TAG.sub("", _BLOCK_END.sub("\n", text))
    return texts.clean_text(text, one_line=one_line)


def _without_code(markup: str) -> str:
    """Markup without scripts and style sheets: they are not text that anybody wrote for readers."""
    pieces, position = [], 0
    for opening in _CODE.finditer(markup):
        if opening.start() < position:
            continue
        end = _CODE_END[opening[1].lower()].search(markup, opening.end())
        if end is None:
            break
        pieces.append(markup[position : opening.start()])
        position = end.end()
    return "".join([*pieces, markup[position:]]) if pieces or position else markup


def _declared_interval(feed: Any) -> float:
    """Seconds that the feed asks to leave between polls: RSS ttl (minutes) or the syndication module."""
    declared = 0.0
    ttl = str(feed.get("ttl", "")).strip()
    if ttl.isascii() and ttl.isdigit():
        declared = float(ttl[:6]) * 60
    period = str(feed.get("sy_updateperiod", "")).strip().lower()
    seconds = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}.get(period)
    if seconds:
        frequency = str(feed.get("sy_updatefrequency", "1")).strip()
        declared = max(declared, seconds / max(1, int(frequency) if frequency.isascii() and frequency.isdigit() else 1))
    return declared
