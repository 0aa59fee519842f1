"""Catalogues as OPML, the format in which feed readers exchange their lists, and back.

What OPML has no word for (outlet, ownership, country) travels as attributes of a namespace of our own, so that an
export comes back as it was; readers ignore them. A list of another program is read for what it has, and the rest is
filled in so that a person sees what to judge.
"""

import dataclasses
import io
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from typing import Any

import listparser
import yaml
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from transforms import texts, urls
from transforms.records import KINDS, OWNERSHIPS, TEXT_RIGHTS, Feed

MAX_BYTES = 5_000_000
MAX_DEPTH = 2000
NAMESPACE = "https://sahelwatch.invalid/opml"
_OWN = f"{{{NAMESPACE}}}"
_FIELDS = tuple(field.name for field in dataclasses.fields(Feed))
_CLOSED = {"ownership": OWNERSHIPS, "kind": KINDS, "text": TEXT_RIGHTS}


class OpmlError(ValueError):
    """A file that is no list of feeds; the message is one line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Imported:
    """The feeds of a list, in its order, and (what, why) of the rows that were left out."""

    feeds: tuple[Feed, ...]
    skipped: tuple[tuple[str, str], ...]


def write_opml(feeds: Iterable[Feed], title: str = "sahelwatch") -> str:
    """The feeds as OPML 2.0, one outline each, all fields in it."""
    ET.register_namespace("sahelwatch", NAMESPACE)
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for feed in feeds:
        known = {"text": feed.outlet, "title": feed.outlet, "type": "rss", "xmlUrl": feed.url}
        if feed.language:
            known["language"] = feed.language
        own = {f"{_OWN}{name}": value for name in _FIELDS if (value := getattr(feed, name)) and name != "url"}
        ET.SubElement(body, "outline", {**known, **own})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def read_opml(content: bytes, *, ownership: str) -> Imported:
    """The feeds of an OPML file; OpmlError for one that is none, is too large or would be more than data.

    ``ownership`` is written for feeds whose list does not say it, since nobody has judged them.
    """
    if len(content) > MAX_BYTES:
        raise OpmlError(f"larger than {MAX_BYTES} bytes")
    outlines = list(_outlines(content))
    try:
        listed = {feed.url: feed for feed in listparser.parse(content).feeds}
    except Exception as error:  # a library's own fault must not look like ours
        raise OpmlError(f"cannot be read: {type(error).__name__}: {error}"[:200]) from error
    feeds: dict[str, Feed] = {}
    skipped: list[tuple[str, str]] = []
    seen: set[str] = set()
    for attributes in outlines:
        shown = texts.clean_text(attributes.get("text") or attributes.get("title") or "", one_line=True)[:100]
        url = (attributes.get("xmlUrl") or attributes.get("xmlurl") or "").strip()
        if not url:
            if not attributes["children"]:
                skipped.append((shown or "(no title)", "no xmlUrl"))
            continue
        title = texts.clean_text(listed[url].title if url in listed else shown, one_line=True)
        try:
            feed = _feed(attributes, url, title, ownership, feeds)
        except ValueError as error:
            skipped.append((shown or urls.without_credentials(url)[:100], str(error)))
            continue
        if feed.url in seen:
            skipped.append((shown, f"listed twice: {feed.url}"))
            continue
        seen.add(feed.url)
        feeds[feed.id] = feed
    return Imported(feeds=tuple(feeds.values()), skipped=tuple(skipped))


def catalogue_text(feeds: Iterable[Feed], head: str = "") -> str:
    """The feeds as a catalogue file; fields at their defaults are left out."""
    defaults = {field.name: field.default for field in dataclasses.fields(Feed)}
    rows = [
        {name: getattr(feed, name) for name in _FIELDS if getattr(feed, name) not in {defaults[name], None, ""}}
        for feed in feeds
    ]
    written: str = yaml.safe_dump({"feeds": rows}, allow_unicode=True, sort_keys=False, width=120)
    return "".join(f"# {line}\n" for line in head.splitlines()) + written


def _outlines(content: bytes) -> Iterator[dict[str, Any]]:
    """The attributes of each outline in the order of the file, with ``children`` telling whether it has any."""
    depth = 0
    open_outlines: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    root = ""
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise OpmlError(f"nested more than {MAX_DEPTH} deep")
            root = root or element.tag
            if element.tag.rpartition("}")[2] != "outline":
                continue
            if event == "end":
                open_outlines.pop()
                element.clear()
                continue
            if open_outlines:
                open_outlines[-1]["children"] = True
            attributes = {**element.attrib, "children": False}
            open_outlines.append(attributes)
            found.append(attributes)
    except DefusedXmlException as error:
        raise OpmlError(f"declares what a list of feeds does not need ({type(error).__name__})") from error
    except ET.ParseError as error:
        raise OpmlError(f"no XML: {error}") from error
    if root.rpartition("}")[2].lower() != "opml":
        raise OpmlError(f"no OPML, but {root[:40]!r}")
    yield from found


def _feed(attributes: dict[str, Any], url: str, title: str, ownership: str, taken: dict[str, Feed]) -> Feed:
    """One outline as a feed; ValueError says why it cannot be one."""
    urls.parse_url(url)
    own = {name: attributes[f"{_OWN}{name}"] for name in _FIELDS if attributes.get(f"{_OWN}{name}")}
    for name, allowed in _CLOSED.items():
        if name in own and own[name] not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {own[name]!r}")
    site = urls.site_of(url)
    language = re.match(r"[a-z]{2,3}(?=$|-)", attributes.get("language", "").lower())
    fields: dict[str, Any] = {
        "outlet": title or site,
        "publisher_family": _slug(site),
        "ownership": ownership,
        "language": language[0] if language else None,
        "notes": "" if own else "Imported from OPML; ownership not judged.",
        **own,
        "url": url,
    }
    wanted = own.get("id") or _slug(title) or _slug(site)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", wanted):
        raise ValueError(f"id {wanted!r}")
    number, fields["id"] = 1, wanted
    while fields["id"] in taken:
        number += 1
        fields["id"] = f"{wanted[:60]}-{number}"
    return Feed(**fields)


def _slug(text: str) -> str:
    """Lower-case letters, digits and dashes of a text; "" when it has none that are ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
