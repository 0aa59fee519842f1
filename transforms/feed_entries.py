"""From the bytes of a feed to its entries.

feedparser does the parsing, always on ``io.BytesIO``: given bytes or text it opens a URL or a file that the body names.
One forbidden character reference would lose a whole feed, so those are repaired first.
"""

import calendar
import dataclasses
import datetime as dt
import hashlib
import html
import io
import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

import feedparser

from transforms import texts, urls
from transforms.clock import iso
from transforms.pool import WorkerPool, WorkTimeoutError
from transforms.records import Entry, Feed, article_id_of, stable_id

MAX_ENTRIES = 2000
MAX_DEPTH = 1000
MAX_ENTITIES = 20
PARSE_SECONDS = 10.0
"""A feed of 50 entries takes 0.05 to 0.2 s; one tag with 100,000 attributes takes minutes, and cannot be interrupted."""
_CHARACTER_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,9}));")
_TAG = re.compile(r"<[^<>]*>")  # not [^>]: that is quadratic on a run of "<"
_BLOCK_END = re.compile(r"(?i)</(?:p|div|li|h[1-6]|blockquote|tr)\s*>|<br\s*/?>")
_ZONE_NAMES = {"WAT": 1, "CAT": 2, "EAT": 3, "WAST": 2, "GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "CET": 1, "CEST": 2}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """The entries of one feed document; ``rejected`` are (entry, reason, message) of those without a usable address."""

    entries: tuple[Entry, ...]
    rejected: tuple[tuple[Entry, str, str], ...] = ()
    minimum_interval: float = 0.0
    flags: tuple[str, ...] = ()


class FeedUnreadableError(ValueError):
    """A document that is no feed.

    ``reason`` is NOT_A_FEED, XML_HAZARD, UNSUPPORTED_FEED, EMPTY_BODY, PARSE_TIMEOUT or FEED_PARSE_ERROR.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)  # both, so that it survives the way out of a worker process
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


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
    if not body.strip():
        raise FeedUnreadableError("EMPTY_BODY", "empty document")
    _refuse_hazards(body)
    repaired = _repair_references(body)
    wanted = {"content-type": headers.get("content-type", ""), "content-location": url}
    try:
        parsed = feedparser.parse(
            io.BytesIO(repaired), response_headers=wanted, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser lets a dozen kinds through; whichever it is, the feed cannot be read
        raise FeedUnreadableError("FEED_PARSE_ERROR", f"{type(error).__name__}: {error}"[:300]) from error
    found = parsed.get("entries", [])
    if not parsed.get("version") and not found:
        head = body[:500].lstrip().lower()
        if head.startswith((b"{", b"[")):
            raise FeedUnreadableError("UNSUPPORTED_FEED", "JSON feeds are not read")
        raise FeedUnreadableError("NOT_A_FEED", "no feed in the document (an HTML page?)")
    flags = []
    if repaired != body:
        flags.append("FEED_REPAIRED")
    if parsed.get("bozo"):
        flags.append("FEED_MALFORMED")
    entries: list[Entry] = []
    rejected: list[tuple[Entry, str, str]] = []
    seen: set[str] = set()
    base = parsed.get("feed", {}).get("link") or url
    for raw in found[:MAX_ENTRIES]:
        try:
            entry = read_entry(raw, feed, base=base, document_url=url, now=now)
        except urls.BadUrlError as error:
            rejected.append((nameless_entry(raw, feed), error.reason, str(error)[:300]))
            continue
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            message = f"{type(error).__name__}: {error}"[:300]
            rejected.append((nameless_entry(raw, feed), "READ_CRASH", message))
            continue
        if entry.entry_id not in seen:
            seen.add(entry.entry_id)
            entries.append(entry)
    message = f"beyond the first {MAX_ENTRIES} entries"
    rejected += [(nameless_entry(raw, feed), "FEED_TRUNCATED", message) for raw in found[MAX_ENTRIES:]]
    return ParsedFeed(
        entries=tuple(entries),
        rejected=tuple(rejected),
        minimum_interval=_declared_interval(parsed.get("feed", {})),
        flags=tuple(flags),
    )


def read_entry(raw: Any, feed: Feed, *, base: str, document_url: str, now: dt.datetime) -> Entry:
    """One feedparser entry as an Entry; BadUrlError (also NO_IDENTITY) when nothing names an article."""
    link = _entry_link(raw)
    guid = texts.clean_text(str(raw.get("id") or ""), one_line=True)[:2048]
    if not link and guid.lower().startswith(("http://", "https://")):
        link = guid
    if not link:
        raise urls.BadUrlError("NO_IDENTITY", f"entry without a link (guid {guid[:100]!r})")
    absolute = urls.resolve(link, base if urls.is_http(base) else document_url)
    address = urls.canonical_url(absolute)
    title = _plain(raw.get("title", ""), one_line=True)
    content = max((c.get("value", "") for c in raw.get("content", [])), key=len, default="")
    summary = raw.get("summary", "")
    if not content and len(summary) > 2000:
        content = summary
    zone = zone_of(feed.timezone)
    published, published_precision, flags = entry_date(
        raw.get("published_parsed"), raw.get("published", ""), zone=zone, now=now
    )
    updated, _, _ = entry_date(raw.get("updated_parsed"), raw.get("updated", ""), zone=zone, now=now)
    if published is None and updated is not None and "published" not in raw:
        published, published_precision = updated, "second"
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
    link, guid = (texts.clean_text(str(raw.get(name) or ""), one_line=True)[:300] for name in ("link", "id"))
    title = _plain(raw.get("title", ""), one_line=True)[:300]
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


def entry_date(
    parsed: Any, written: str, *, zone: dt.tzinfo, now: dt.datetime
) -> tuple[str | None, str, tuple[str, ...]]:
    """(RFC 3339 UTC or None, precision, flags) of a feed date.

    feedparser takes zone names it does not know, and dates without any zone, for UTC: those are read in the outlet's
    zone instead (WAT is UTC+1). Dates after tomorrow or before 1990 are not believed.
    """
    if not parsed:
        return None, "none", (("DATE_INVALID",) if written.strip() else ())
    flags: list[str] = []
    try:
        moment = dt.datetime.fromtimestamp(calendar.timegm(parsed), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None, "none", ("DATE_INVALID",)
    named = re.search(r"(?:\d|\s)([A-Z]{1,4})\s*$", written.strip())
    numeric = re.search(r"(?:[+-]\d{2}:?\d{2})\s*$", written.strip())
    has_time = re.search(r"\d{1,2}:\d{2}", written) is not None
    offset = re.search(r"[+-](\d{2}):?(\d{2})\s*$", written.strip())
    if offset and (int(offset[1]) > 14 or int(offset[2]) > 59):
        return None, "none", ("DATE_INVALID",)
    if moment > now + dt.timedelta(hours=48):  # told before any shift by a zone, which could leave the calendar
        return None, "none", (*flags, "DATE_FUTURE")
    if moment.year < 1990:
        return None, "none", (*flags, "DATE_IMPLAUSIBLE")
    if named and named[1] in _ZONE_NAMES:
        if named[1] not in {"GMT", "UT", "UTC", "Z", "CET", "CEST"}:
            moment -= dt.timedelta(hours=_ZONE_NAMES[named[1]])
    elif not numeric and has_time:
        moment = moment.replace(tzinfo=zone).astimezone(dt.UTC)
        flags.append("DATE_TZ_ASSUMED")
    if moment > now + dt.timedelta(hours=24):
        return None, "none", (*flags, "DATE_FUTURE")
    return iso(moment), "second" if has_time else "day", tuple(flags)


def zone_of(name: str | None) -> dt.tzinfo:
    """The catalogue's time zone, or UTC."""
    return zoneinfo.ZoneInfo(name) if name else dt.UTC


def _entry_link(raw: Any) -> str:
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
    text = _TAG.sub("", _BLOCK_END.sub("\n", markup)) if "<" in markup else markup
    text = html.unescape(text)
    if "&" in text and re.search(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", text, re.IGNORECASE):
        text = html.unescape(text)
    if "<" in text and re.search(r"</?[a-zA-Z][^>]*>", text):
        text = _TAG.sub("", _BLOCK_END.sub("\n", text))
    return texts.clean_text(text, one_line=one_line)


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


def _repair_references(body: bytes) -> bytes:
    """The document with references to code points that XML forbids (surrogates, controls) replaced by U+FFFD."""

    def repaired(match: re.Match[bytes]) -> bytes:
        point = int(match[1], 16) if match[1] else int(match[2])
        allowed = point in {9, 10, 13} or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD
        return match[0] if allowed or 0x10000 <= point <= 0x10FFFF else b"&#xFFFD;"

    return _CHARACTER_REFERENCE.sub(repaired, body)


def _refuse_hazards(body: bytes) -> None:
    """Entity floods and bottomless nesting cost the parser seconds to minutes (measured): refuse them first."""
    head = body[:100_000]
    if head.count(b"<!ENTITY") > MAX_ENTITIES or re.search(rb"<!ENTITY[^>]*&[a-zA-Z]+;[^>]*&[a-zA-Z]+;", head):
        raise FeedUnreadableError("XML_HAZARD", "nested or too many entity declarations")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    depth = 0
    for tag in re.finditer(rb"<(/?)([A-Za-z][A-Za-z0-9:]*)[^<>]{0,2000}?(/?)>", body):
        if tag[2] in {b"item", b"entry"}:
            depth = 0  # markup inside CDATA need not be closed: each entry is counted by itself
        depth += 0 if tag[3] else (-1 if tag[1] else 1)
        if depth > MAX_DEPTH:
            raise FeedUnreadableError("XML_HAZARD", f"nested more than {MAX_DEPTH} deep")
