"""The records of the bucket: six tables, their closed lists of values and the ids that join them.

Every table row is a frozen, keyword-only dataclass whose fields are JSON types or tuples of further dataclasses;
``transforms.schema`` derives the JSON Schemas and the data dictionary from the annotations and from the ``Field``
notes below, so a column is described in one place only.

Times are strings in RFC 3339, UTC, ending in ``Z`` (second precision); days are ``YYYY-MM-DD``. Countries are
ISO 3166-1 alpha-2. ``None`` means unknown or none and is never used where an empty tuple will do.
"""

import dataclasses
import functools
import hashlib
import operator
import typing
from collections.abc import Callable, Iterable
from typing import Any

SCHEMA_VERSION = "1.0"

LANGUAGES = ("fr", "en", "ar", "ha")
"""Languages that are tagged; an article may carry any other ISO 639 code, or None."""

OPS = ("upsert", "retract")
REVISION_REASONS = ("new", "source_changed", "reprocessed", "correction", "takedown")
OWNERSHIPS = ("state", "aligned", "private", "international", "armed_group", "un_ngo")
KINDS = ("agency", "outlet", "broadcaster", "institution")
TEXT_RIGHTS = ("private", "excerpt", "open")
PUBLISHED_FROM = ("feed", "page", "url", "none")
PUBLISHED_PRECISIONS = ("second", "day", "none")
BODY_FROM = ("page", "feed", "summary")
RELATIONS = ("original", "exact", "copy", "update", "excerpt")
MODES = ("reported", "planned", "denied", "negated", "hypothetical", "historical", "ongoing_stock")
ROLES = ("initiator", "target", "participant")
ACTOR_CLASSES = (
    "state_gov", "state_military", "state_police", "junta", "foreign_military", "pmc", "igo_force", "igo",
    "rebel_jihadist", "rebel_political", "militia_political", "militia_progov", "militia_identity", "criminal",
    "rioters", "protesters", "civilians", "humanitarian", "political_party", "media", "unknown",
)  # fmt: skip
TARGET_CLASSES = (
    "civilian", "aid_worker", "health", "education", "worship", "market", "mine_site", "media", "telecom",
    "water_fuel", "state_forces", "vigilante", "armed_group", "foreign_forces", "unknown",
)  # fmt: skip
LOCATION_PRECISIONS = ("place", "area", "admin2", "admin1", "country")
DATE_PRECISIONS = ("day", "week", "month", "year", "none")
QUANTITY_KINDS = (
    "killed", "wounded", "abducted", "released", "missing", "arrested", "surrendered", "displaced", "returned",
    "troops", "other",
)  # fmt: skip
QUANTITY_SUBJECTS = tuple(dict.fromkeys((*TARGET_CLASSES, *ACTOR_CLASSES)))
"""Values of ``Quantity.who``: a target class or an actor class."""
SALIENCES = ("headline", "lead", "body")
EVIDENCE_PARTS = ("title", "text")
EVENT_STATUSES = ("machine_unreviewed",)
FEED_HEALTH = ("ok", "quiet", "failing", "dead", "moved")
FEED_OK = ("ok", "not_modified")
STAGES = ("poll", "fetch", "extract", "tag", "deduplicate", "commit")


def stable_id(*parts: str) -> str:
    """128-bit hexadecimal id of the parts: the first half of SHA-256 over their UTF-8, separated by NUL."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def article_id_of(canonical_url: str) -> str:
    """Id of the article at a canonical URL."""
    return stable_id("article", canonical_url)


def event_id_of(article_id: str, event_type: str, part: str, start: int) -> str:
    """Id of an event: its article, its type and where its evidence starts (code points into ``part``)."""
    return stable_id("event", article_id, event_type, part, str(start))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """What every row of every table carries."""

    schema_version: str = SCHEMA_VERSION
    revision: int = 0
    op: str = "upsert"
    revision_reason: str = "new"
    pipeline_version: str = ""
    rules_version: str = ""
    ingested: str = ""
    seq: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArticleRow(Row):
    """One revision of one article, without its full text."""

    article_id: str
    url: str
    canonical_url: str
    feed_ids: tuple[str, ...]
    entry_ids: tuple[str, ...]
    outlet: str
    publisher_family: str
    ownership: str
    country: str | None
    title: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_from: str = "none"
    published_precision: str = "none"
    updated: str | None = None
    first_seen: str
    fetched: str
    language: str | None = None
    language_confidence: float | None = None
    excerpt: str = ""
    word_count: int = 0
    text_hash: str = ""
    body_from: str = "page"
    wire_agency: str | None = None
    is_security: bool = False
    countries: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    rights: str = "private"
    raw_ref: str | None = None
    extraction: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextRow(Row):
    """The full text of one revision of one article, kept apart under rights of its own."""

    article_id: str
    text: str
    text_hash: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoryRow(Row):
    """Which story an article belongs to, and how."""

    article_id: str
    story_id: str
    duplicate_of: str | None = None
    relation: str = "original"
    similarity: float = 1.0
    related: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Actor:
    """A party to an event. ``name`` comes from the lexicon only; persons appear as their class."""

    name: str
    actor_id: str
    role: str
    actor_class: str
    country: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Location:
    """Where an event happened, as precisely as the text says and no more."""

    name: str | None
    country: str | None
    admin1: str | None = None
    admin2: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: str = "country"
    geoname_id: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quantity:
    """A count with its bounds: ``high`` None is open ("at least 20"); zero is a stated zero, not an absence."""

    kind: str
    low: int
    high: int | None
    approximate: bool = False
    who: str = "unknown"
    claimed_by: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evidence:
    """The sentence an event was read from; ``start`` and ``end`` are code points into the title or the text."""

    part: str
    sentence: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """One event of one article, as the tagger gives it."""

    event_id: str
    article_id: str
    event_type: str
    acled_type: str | None = None
    acled_sub_type: str | None = None
    mode: str = "reported"
    is_background: bool = False
    alleged: bool = False
    claimed_by: str | None = None
    actors: tuple[Actor, ...] = ()
    target_class: str = "unknown"
    location: Location | None = None
    date_start: str | None = None
    date_end: str | None = None
    date_precision: str = "none"
    quantities: tuple[Quantity, ...] = ()
    salience: str = "body"
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[str, ...] = ()
    confidence: float = 0.0
    language: str | None = None
    status: str = "machine_unreviewed"


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventRow(Event, Row):
    """One event of one article with what a reader needs to use it without a join."""

    story_id: str
    url: str
    outlet: str
    published: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedRow(Row):
    """One poll of one feed."""

    feed_id: str
    url: str
    polled: str
    status: str
    entries: int = 0
    new_entries: int = 0
    next_poll: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    health: str = "ok"
    content_hash: str | None = None
    message: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RejectRow(Row):
    """Something that did not become an article, with its reason."""

    stage: str
    reason: str
    feed_id: str | None = None
    url: str | None = None
    article_id: str | None = None
    message: str = ""
    seen: str = ""
    attempts: int = 1
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Feed:
    """One feed of the catalogue (design: the catalogue's shape); ``text`` says how far its full text may travel."""

    id: str
    url: str
    outlet: str
    publisher_family: str
    ownership: str
    country: str | None = None
    language: str | None = None
    kind: str = "outlet"
    timezone: str | None = None
    text: str = "private"
    notes: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tick:
    """A moment at which the catalogue was read: the feeds it held.

    ``forgotten`` are ids of what was taken down, with feeds, where that is not known from the dataset itself (a replay).
    """

    at: str
    feeds: tuple[Feed, ...]
    forgotten: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a feed as it was read: what the feed itself says about an article.

    ``outlet``, ``country``, ``language`` and ``timezone`` are the catalogue's word on the feed when it was polled.
    """

    entry_id: str
    feed_id: str
    outlet: str = ""
    country: str | None = None
    language: str | None = None
    timezone: str | None = None
    text_rights: str = "private"
    article_id: str
    url: str
    canonical_url: str
    guid: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_precision: str = "none"
    updated: str | None = None
    fingerprint: str = ""
    first_seen: str = ""
    attempts: int = 0
    next_try: str = ""
    reason: str = ""
    flags: tuple[str, ...] = ()
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Requeued:
    """Entries that people want to be tried again: they come in anew and wait for the next tick. ``feeds`` are theirs."""

    entries: tuple[Entry, ...]
    feeds: tuple[Feed, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unparked:
    """Feeds that people want to be polled again at once, whatever they answered before."""

    feed_ids: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArchivePiece:
    """An object with records of a lane: its name in the output, and their index (CDXJ) with offsets into it."""

    name: str
    index: bytes


@dataclasses.dataclass(frozen=True, kw_only=True)
class Archived:
    """What a lane has kept for its window to join, and how many answers that are."""

    pieces: tuple[ArchivePiece, ...]
    feeds: int = 0
    pages: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """The bytes an article's address answered with, and the entries that asked for it (the first one leads)."""

    entries: tuple[Entry, ...]
    url: str
    fetched: str
    body: bytes
    content_type: str = ""
    charset: str | None = None
    flags: tuple[str, ...] = ()
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Failure:
    """An expected failure on the way of entries: ``reason`` is of ``transforms.reasons``, entries are what it hit.

    ``fetched`` is when it was met, where that was on the web; ``raw_ref`` the bytes that were met.
    """

    stage: str
    reason: str
    message: str = ""
    entries: tuple[Entry, ...] = ()
    feed_id: str | None = None
    url: str | None = None
    retry_after: float | None = None
    fetched: str = ""
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Article:
    """An article as extracted from its page or, failing that, from its feed."""

    article_id: str
    entries: tuple[Entry, ...]
    url: str
    canonical_url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_from: str = "none"
    published_precision: str = "none"
    updated: str | None = None
    fetched: str = ""
    language: str | None = None
    language_confidence: float | None = None
    body_from: str = "page"
    wire_agency: str | None = None
    flags: tuple[str, ...] = ()
    rights: str = "private"
    country: str | None = None
    outlet: str = ""
    extraction: str = ""
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CodedArticle:
    """An article with its events and its packed sketch: all that a window needs of it."""

    article: Article
    is_security: bool = False
    countries: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    sketch: bytes = b""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedState:
    """What must be remembered about a feed between two polls.

    ``archived`` is the last copy of its body that the archive has whole: record id, time and payload digest.
    ``rate`` is entries a day as learned, ``unchanged`` the 304s since the last body, ``suspect`` the proofs that its
    validators lie, ``guids`` a sample of entry:guid hashes, ``site`` where its entries lead.
    """

    feed_id: str
    url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    first_polled: str = ""
    polled: str = ""
    next_poll: str = ""
    held_until: str = ""
    failures: int = 0
    health: str = "ok"
    last_success: str = ""
    last_full: str = ""
    newest_entry: str = ""
    rate: float = 0.0
    moved_to: str = ""
    moved_since: str = ""
    archived: str = ""
    unchanged: int = 0
    suspect: int = 0
    suspect_since: str = ""
    guids: str = ""
    site: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HostState:
    """What must be remembered about a host: until when it asked to be left alone, and its robots.txt.

    ``robots`` are the rules as read at ``robots_read``, None when they are not known or too long to be kept.
    """

    host: str
    held_until: str = ""
    next_request: str = ""
    robots: str | None = None
    robots_read: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedPolled:
    """The result of one poll: the row, the state to keep, and the (entry_id, fingerprint) pairs it listed."""

    row: FeedRow
    state: FeedState
    listed: tuple[tuple[str, str], ...] = ()


def to_json(record: Any) -> dict[str, Any]:
    """The record as nested dicts and lists, keys in the order of the fields; ``actor_class`` is written ``class``."""
    read, keys, nested = _layout(record.__class__)
    row = dict(zip(keys, read(record), strict=False))  # read gives the first again, so that it is always a tuple
    for key in nested:
        row[key] = _plain(row[key])
    return row


@functools.cache
def _layout(kind: type) -> tuple[Callable[[Any], Iterable[Any]], tuple[str, ...], tuple[str, ...]]:
    """How the fields of a record are read, what they are written as, and which of them may hold more than a value."""
    names, hints = [field.name for field in dataclasses.fields(kind)], typing.get_type_hints(kind)
    keys = tuple("class" if name == "actor_class" else name for name in names)
    nested = tuple(
        key for name, key in zip(names, keys, strict=True)
        if not {str, int, float, bool, type(None)}.issuperset(typing.get_args(hints[name]) or (hints[name],))
    )  # fmt: skip
    return operator.attrgetter(*names, names[0]), keys, nested


def _plain(value: Any) -> Any:
    # ``dataclasses.asdict`` copies each leaf as well, which made it a twentieth of the tagging of an article.
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):  # a union of the two would be made anew each time
        return [_plain(member) for member in value]
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return to_json(value)
