"""What a probe of a feed tells, and what to do about it."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import lxml.html

from transforms import urls
from transforms.clock import Clock, parse_time
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.extraction.languages import detect_language
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import ParsedFeed, read_feed_apart
from transforms.polls import CLOCK_SKEW, clock_skew
from transforms.pool import WorkerPool
from transforms.records import Feed

SILENT_AFTER = dt.timedelta(days=30)
SAMPLE = 20
"""Entries whose titles and summaries the language is told from."""
_UNANSWERED = frozenset(
    {"DNS_ERROR", "CONNECT_ERROR", "READ_ERROR", "TIMEOUT_TOTAL", "TIMEOUT_READ", "TRUNCATED", "HTTP_5XX"}
)
_CLOSED = frozenset({"HTTP_401", "HTTP_402", "HTTP_403", "LEGAL_451", "BOT_CHALLENGE"})
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedCheck:
    """What one feed answered. ``status`` is ok or a reason code; ``newest`` a time; ``moved_to`` where it was found.

    ``validators`` is what it sends and whether it honours them (etag, last_modified; 304 or ignored), ``robots`` the
    verdict on its first page, ``suggestions`` what to change in the catalogue.
    """

    feed_id: str
    url: str
    status: str
    message: str = ""
    format: str = ""
    entries: int = 0
    rejected: int = 0
    newest: str | None = None
    language: str | None = None
    language_found: str | None = None
    validators: tuple[str, ...] = ()
    moved_to: str = ""
    permanent: bool = False
    robots: str = ""
    first_page: str = ""
    flags: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the feed can be read."""
        return self.status == "ok"


def check_feeds(feeds: Iterable[Feed], client: Client, pool: WorkerPool, clock: Clock) -> list[FeedCheck]:
    """Probe each feed: once in full, once with its own validators, and robots.txt for its first page."""
    listed = list(feeds)
    answers = {r.key: a for r, a in client.fetch_all([Request(url=f.url, kind="feed", key=f.id) for f in listed])}
    waits = {
        feed.id: read_feed_apart(pool, answer.body, feed, url=answer.url, headers=answer.headers, now=clock())
        for feed in listed
        if isinstance(answer := answers[feed.id], Response)
    }
    documents: dict[str, ParsedFeed | FeedUnreadableError] = {}
    for feed_id, wait in waits.items():
        try:
            documents[feed_id] = wait()
        except FeedUnreadableError as error:
            documents[feed_id] = error
    parsed = {feed_id: found for feed_id, found in documents.items() if isinstance(found, ParsedFeed)}
    again = {r.key: a for r, a in client.fetch_all(_conditional(answers, parsed))}
    first = {feed_id: found.entries[0].url for feed_id, found in parsed.items() if found.entries}
    rules = {r.key: a for r, a in client.fetch_all(Request(url=u, kind="rules", key=k) for k, u in first.items())}
    return [
        _describe(feed, answers[feed.id], documents.get(feed.id), again.get(feed.id), rules.get(feed.id), clock())
        for feed in listed
    ]


def _conditional(answers: Mapping[str, Response | WebFailure], parsed: Iterable[str]) -> list[Request]:
    requests = []
    for feed_id in parsed:
        answer = answers[feed_id]
        assert isinstance(answer, Response)
        sent = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        headers = tuple((header, answer.headers[name]) for name, header in sent if answer.headers.get(name))
        if headers:
            requests.append(Request(url=answer.url, kind="feed", key=feed_id, headers=headers))
    return requests


def _describe(
    feed: Feed,
    answer: Response | WebFailure,
    document: ParsedFeed | FeedUnreadableError | None,
    again: Response | WebFailure | None,
    rules: Response | WebFailure | None,
    now: dt.datetime,
) -> FeedCheck:
    hops = answer.redirects
    moved = answer.url if isinstance(answer, Response) and hops else ""
    permanent = bool(hops) and all(status in {301, 308} for status, _ in hops)
    base = FeedCheck(
        feed_id=feed.id, url=feed.url, status="ok", language=feed.language, moved_to=moved, permanent=permanent
    )
    if isinstance(answer, WebFailure):
        check = dataclasses.replace(base, status=answer.reason, message=answer.message)
        return _advised(check, feed, "", now)
    if not isinstance(document, ParsedFeed):
        reason, message = (document.reason, str(document)) if document else ("NOT_A_FEED", "")
        check = dataclasses.replace(base, status=reason, message=message)
        return _advised(check, feed, _feed_link(answer), now)
    dated = [entry.published for entry in document.entries if entry.published]
    words = "\n".join(f"{entry.title}\n{entry.summary}" for entry in document.entries[:SAMPLE])
    found, _ = detect_language(words, hint=document.language[:2].lower() or None)
    kept = [name for name in ("etag", "last-modified") if answer.headers.get(name)]
    if again is not None:
        kept.append("304" if isinstance(again, Response) and again.status == 304 else "ignored")
    skewed = {"CLOCK_SKEW"} if clock_skew(answer.headers, now) > CLOCK_SKEW else set()
    flags = {*skewed, *document.flags, *(flag for entry in document.entries for flag in entry.flags)}
    check = dataclasses.replace(
        base,
        format=document.format,
        entries=len(document.entries),
        rejected=len(document.rejected),
        newest=max(dated, default=None),
        language_found=found,
        validators=tuple(kept),
        robots=_verdict(rules),
        first_page=document.entries[0].url if document.entries else "",
        flags=tuple(sorted(flags)),
    )
    return _advised(check, feed, "", now)


def _verdict(rules: Response | WebFailure | None) -> str:
    if rules is None:
        return ""
    if isinstance(rules, WebFailure):
        return {"ROBOTS_DENIED": "denied", "ROBOTS_UNREACHABLE": "unreachable"}.get(rules.reason, rules.reason)
    delay = rules.headers.get("crawl-delay", "0")
    return "allowed" + (f", {delay} s apart" if float(delay) else "")


def _advised(check: FeedCheck, feed: Feed, link: str, now: dt.datetime) -> FeedCheck:
    """The check with what to do about it."""
    advice = []
    if check.moved_to and check.good and (check.permanent or check.moved_to == "https" + feed.url.removeprefix("http")):
        advice.append(f"url: {check.moved_to}")
    if link:
        advice.append(f"url: {link} (the page there names it)")
    elif check.status in _UNANSWERED:
        advice.append("ask again later; drop it when it stays so")
    elif check.status in _CLOSED:
        advice.append("closed to programs: write to the publisher, or drop it")
    elif check.status in {"HTTP_404", "HTTP_410", "NOT_A_FEED", "UNSUPPORTED_FEED"}:
        advice.append("look for the feed's new address, or drop it")
    elif check.status == "TLS_ERROR":
        advice.append("the certificate does not hold: tell the publisher")
    elif not check.good:
        advice.append(f"cannot be read: {check.status}")
    if check.good:
        advice += _advice_of_content(check, now)
    return dataclasses.replace(check, suggestions=tuple(advice))


def _advice_of_content(check: FeedCheck, now: dt.datetime) -> list[str]:
    advice = []
    if not check.entries:
        advice.append("it lists nothing")
    elif check.newest is None:
        advice.append("its entries bear no date that can be read")
    elif now - parse_time(check.newest) > SILENT_AFTER:
        advice.append(f"silent since {check.newest[:10]}: is there another feed?")
    if check.language_found and check.language and check.language_found != check.language:
        advice.append(f"language: {check.language_found}")
    if "DATE_TZ_ASSUMED" in check.flags:
        advice.append("its dates bear no zone: check timezone")
    if "CLOCK_SKEW" in check.flags:
        advice.append("its server's clock is more than ten minutes off: tell the publisher")
    if check.robots == "denied":
        advice.append("robots.txt closes its pages: only the feed's own text can be used")
    site = urls.site_of(check.url)
    if check.first_page and urls.site_of(check.first_page) != site:
        advice.append(f"its entries lead to {urls.site_of(check.first_page)}")
    return advice


def _feed_link(answer: Response) -> str:
    """The feed that a page names in its head, "" when it names none."""
    try:
        tree = lxml.html.fromstring(answer.body[:500_000])
    except (ValueError, lxml.etree.LxmlError):
        return ""
    for link in tree.iter("link"):
        kind = (link.get("type") or "").lower()
        if "alternate" in (link.get("rel") or "").lower() and kind in _FEED_TYPES and link.get("href"):
            try:
                found = urls.resolve(link.get("href"), answer.url)
                urls.parse_url(found)
            except urls.BadUrlError:
                continue
            return found
    return ""


def as_json(checks: Iterable[FeedCheck]) -> list[dict[str, Any]]:
    """The checks as JSON objects."""
    return [{k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(c).items()} for c in checks]
