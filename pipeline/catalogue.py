"""The feed catalogue: YAML (hence also JSON) with the key ``feeds``, checked when it is loaded.

A second key, ``blocked``, may list hosts that are not to be asked whatever a feed or a redirect says.

Errors carry the file and line. Anchors, aliases and tags are refused: a catalogue needs none, and they are how a YAML
file becomes a bomb or a program.
"""

import dataclasses
import functools
import importlib.resources
import pathlib
import re
import zoneinfo
from typing import Any

import yaml

from transforms import texts, urls
from transforms.records import KINDS, OWNERSHIPS, TEXT_RIGHTS, Feed
from transforms.store import StoreUnavailableError, open_store

MAX_BYTES = 5_000_000
MAX_DEPTH = 10
_FIELDS = {field.name: field for field in dataclasses.fields(Feed)}
_REQUIRED = ("id", "url", "outlet", "publisher_family", "ownership")
_CLOSED = {"ownership": OWNERSHIPS, "kind": KINDS, "text": TEXT_RIGHTS}
_PATTERNS = {
    "id": (re.compile(r"[a-z0-9][a-z0-9-]{0,63}"), "lower-case letters, digits and dashes, at most 64"),
    "country": (re.compile(r"[A-Z]{2}"), "an ISO 3166 alpha-2 code"),
    "language": (re.compile(r"[a-z]{2,3}"), "an ISO 639 code"),
}


class CatalogueError(ValueError):
    """A catalogue that cannot be used; the message names the file and, where it has one, the line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The feeds of a catalogue in its order, and the hosts that are not to be asked, with all below them."""

    feeds: tuple[Feed, ...]
    blocked: frozenset[str] = frozenset()


def load_catalogue(path: str) -> tuple[Feed, ...]:
    """The feeds of a catalogue file, in its order; CatalogueError lists every fault found."""
    return read_catalogue(path).feeds


def read_catalogue(path: str) -> Catalogue:
    """A catalogue (a file, or an object ``gs://...``), read again only when it has changed.

    CatalogueError lists every fault found.
    """
    return _parse_catalogue(path, _content(path))


def _content(path: str) -> bytes:
    try:
        if path.startswith("gs://"):
            folder, _, name = path.rpartition("/")
            return open_store(folder).read(name)
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror or error}") from error
    except KeyError as error:
        raise CatalogueError(f"{path}: there is no such object") from error
    except (ValueError, StoreUnavailableError) as error:
        raise CatalogueError(f"{path}: {error}") from error


@functools.lru_cache(maxsize=4)
def _parse_catalogue(path: str, content: bytes) -> Catalogue:
    if len(content) > MAX_BYTES:
        raise CatalogueError(f"{path}: larger than {MAX_BYTES} bytes")
    root = _compose(content, path)
    feeds = []
    seen_ids: dict[str, int] = {}
    seen_urls: dict[str, int] = {}
    listed, hosts = _parts(root, path)
    blocked, faults = _blocked(hosts, path)
    for node in listed:
        line = node.start_mark.line + 1
        fields, problems = _read_feed(node)
        faults += [f"{path}:{at}: {problem}" for at, problem in problems]
        if problems:
            continue
        feed = Feed(**fields)
        same = _same_feed(feed.url)
        if feed.id in seen_ids:
            faults.append(f"{path}:{line}: id {feed.id!r} is already used in line {seen_ids[feed.id]}")
        if same in seen_urls:
            faults.append(f"{path}:{line}: the feed of {feed.id!r} is already listed in line {seen_urls[same]}")
        seen_ids.setdefault(feed.id, line)
        seen_urls.setdefault(same, line)
        feeds.append(feed)
    if faults:
        raise CatalogueError("\n".join(faults))
    if not feeds:
        raise CatalogueError(f"{path}:1: no feeds in it")
    return Catalogue(feeds=tuple(feeds), blocked=frozenset(blocked))


def _compose(content: bytes, path: str) -> yaml.Node | None:
    """The node tree of UTF-8 YAML without references; CatalogueError with the line otherwise."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogueError(f"{path}:{line}: not UTF-8") from error
    # For a character that YAML forbids, the parser itself gives no line.
    forbidden = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if forbidden:
        line = text.count("\n", 0, forbidden.start()) + 1
        raise CatalogueError(f"{path}:{line}: character U+{ord(forbidden[0]):04X} is not allowed")
    try:
        refused = _refused_event(text)
        root: yaml.Node | None = None if refused else yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{path}:{line}: {error.problem or error.context}") from error
    if refused:
        raise CatalogueError(f"{path}:{refused[0]}: {refused[1]}")
    return root


def _refused_event(text: str) -> tuple[int, str] | None:
    """The line and the name of the first thing a catalogue needs none of, or None."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        problem = None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem = "anchors and aliases are not allowed"
        elif getattr(event, "tag", None):
            problem = "tags are not allowed"
        elif depth > MAX_DEPTH:  # composing recurses: deep nesting would exhaust the stack
            problem = "nested too deeply"
        if problem and event.start_mark:
            return event.start_mark.line + 1, problem
    return None


def _same_feed(url: str) -> str:
    """What two addresses of one feed share: scheme, www., letter case and slashes aside.

    Not the identity of an article (``urls.canonical_url``): that drops parameters which may tell two feeds apart.
    """
    parsed = urls.parse_url(url)
    port = "" if parsed.port in {80, 443, None} else f":{parsed.port}"
    path = "/".join(filter(None, parsed.raw_path.split("/")))
    query = "&".join(sorted(parsed.raw_query_string.split("&")))
    return f"{urls.host_of(url).removeprefix('www.')}{port}/{path}?{query}".lower()


def _parts(root: yaml.Node | None, path: str) -> tuple[list[yaml.Node], list[yaml.Node]]:
    """The nodes under ``feeds`` and under ``blocked``; the latter may be missing."""
    if not isinstance(root, yaml.MappingNode):
        raise CatalogueError(f"{path}:1: expected a mapping with the key 'feeds'")
    keys = [str(key.value) for key, _ in root.value]
    if sorted(keys) not in (["feeds"], ["blocked", "feeds"]):
        surplus = [key for number, (key, _) in enumerate(root.value) if key.value not in keys[:number] and number]
        surplus = [key for key in surplus if key.value not in {"feeds", "blocked"}]
        repeated = [key for number, (key, _) in enumerate(root.value) if key.value in keys[:number]]
        line = (*surplus, *repeated, root)[0].start_mark.line + 1
        found = ", ".join(keys) or "nothing"
        raise CatalogueError(f"{path}:{line}: expected the key 'feeds', and perhaps 'blocked', found {found}")
    parts = {}
    for key, listed in root.value:
        if not isinstance(listed, yaml.SequenceNode):
            raise CatalogueError(f"{path}:{listed.start_mark.line + 1}: {key.value!r} must be a list")
        parts[key.value] = listed.value
    return parts["feeds"], parts.get("blocked", [])


def _blocked(nodes: list[yaml.Node], path: str) -> tuple[set[str], list[str]]:
    """The hosts of the block list in ASCII, and its faults."""
    hosts: set[str] = set()
    faults: list[str] = []
    for node in nodes:
        written = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            host = urls.host_of(f"https://{written}/")
        except urls.BadUrlError:
            host = ""
        if not host or re.search(r"[/?#:@]", written):
            faults.append(f"{path}:{node.start_mark.line + 1}: blocked takes names of hosts, not {written!r}")
        hosts.add(host)
    return hosts, faults


def _read_feed(node: yaml.Node) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """The fields of one feed, and its problems as (line, what)."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return {}, [(line, "a feed must be a mapping")]
    fields: dict[str, Any] = {}
    problems: list[tuple[int, str]] = []
    for key, value in node.value:
        at, name = key.start_mark.line + 1, str(key.value)
        if name not in _FIELDS:
            problems.append((at, f"unknown key {name!r} (known: {', '.join(_FIELDS)})"))
        elif name in fields:
            problems.append((at, f"key {name!r} twice"))
        elif not isinstance(value, yaml.ScalarNode):
            problems.append((at, f"{name} must be a text"))
        else:
            empty = value.tag == "tag:yaml.org,2002:null"
            fields[name] = None if empty else value.value
            problem = None if empty else _problem(name, value.value)
            if problem:
                problems.append((value.start_mark.line + 1, problem))
    problems += [(line, f"{name} is missing") for name in _REQUIRED if not fields.get(name)]
    kept = {name: value for name, value in fields.items() if value is not None}
    return kept, problems


def _problem(name: str, value: str) -> str | None:
    if texts.was_repaired(value):
        return f"{name} has control characters: {value!r}"
    if name in _CLOSED and value not in _CLOSED[name]:
        return f"{name} must be one of {', '.join(_CLOSED[name])}, not {value!r}"
    if name in _PATTERNS and not _PATTERNS[name][0].fullmatch(value):
        return f"{name} must be {_PATTERNS[name][1]}, not {value!r}"
    if name == "url":
        if value != value.strip():
            return f"white space around the URL {value!r}"
        try:
            urls.parse_url(value)
        except urls.BadUrlError as error:
            return str(error)
    if name == "country" and value not in _countries():
        return f"no such country: {value!r} (ISO 3166 alpha-2)"
    if name == "timezone" and value not in _time_zones():
        return f"no such time zone: {value!r}"
    return None


@functools.cache
def _countries() -> frozenset[str]:
    """The codes of ISO 3166-1, from the table that comes with the time zones."""
    table = importlib.resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


@functools.cache
def _time_zones() -> frozenset[str]:
    # Listing the zones walks the zone files: 1 s for a catalogue of 160 feeds when it is done for each.
    return frozenset(zoneinfo.available_timezones())
