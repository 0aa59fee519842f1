"""JSON Feed (jsonfeed.org, versions 1 and 1.1) in the shape that the XML parser gives its entries."""

import html
import re
from typing import Any

import orjson

from transforms.feed_documents import FeedUnreadableError

_VERSION = re.compile(r"(?:https?://(?:www\.)?jsonfeed\.org/version/)?1(?:\.[01])?/?")
"""The version is an address; some writers give its end alone."""


def parse_json_feed(text: str) -> dict[str, Any]:
    """``version``, ``feed`` and ``entries`` as feedparser names them; FeedUnreadableError for any other JSON."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FeedUnreadableError("FEED_PARSE_ERROR", f"JSON: {error}"[:300]) from error
    if not isinstance(document, dict) or not _VERSION.fullmatch(str(document.get("version", ""))):
        raise FeedUnreadableError("UNSUPPORTED_FEED", "JSON, but no JSON Feed")
    items = document.get("items")
    if not isinstance(items, list):
        raise FeedUnreadableError("FEED_PARSE_ERROR", "a JSON Feed without a list of items")
    feed = {"title": _text(document, "title"), "link": _text(document, "home_page_url")}
    if document.get("language"):
        feed["language"] = _text(document, "language")
    version = "json1" + ("1" if "1.1" in str(document["version"]) else "")
    return {"version": version, "feed": feed, "entries": [_entry(item) for item in items if isinstance(item, dict)]}


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    content = _text(item, "content_html") or html.escape(_text(item, "content_text"), quote=False)
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    entry: dict[str, Any] = {
        "id": _text(item, "id"),
        "link": _text(item, "url") or _text(item, "external_url"),
        "title": html.escape(_text(item, "title"), quote=False),
        "summary": html.escape(_text(item, "summary"), quote=False),
        "authors": [{"name": _text(a, "name")} for a in authors or [] if isinstance(a, dict)],
    }
    if content:
        entry["content"] = [{"value": content}]
    for name, key in (("published", "date_published"), ("updated", "date_modified")):
        if item.get(key):
            entry[name] = _text(item, key)
    return entry


def _text(item: dict[str, Any], key: str) -> str:
    """A field as text; numbers are allowed where texts are asked for, as ids often are."""
    value = item.get(key)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
