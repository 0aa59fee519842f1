"""The body of a page: from its tree, pruned, to paragraphs.

trafilatura does the extraction, composed as it measured best (measurements of 181 news pages: ``fast`` without comments
has the best F1 at half the time of the default). Around it: pruning of what the sites of the region put between
paragraphs.
``deduplicate`` stays off: it is a process-global cache, and the text would depend on what the worker saw before.
"""

import dataclasses
import functools
import json
import logging
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import trafilatura
from lxml import etree
from trafilatura.settings import Document, Extractor

from transforms import texts
from transforms.extraction import furniture, parsing, sections, wording
from transforms.extraction.outline import Outline, outline_of

sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * parsing.MAX_DEPTH))
"""trafilatura walks the text by one Python call a level; those take no room on the C stack (CPython 3.11 on)."""
_NEAR = 1500
MIN_SPLIT, _MOST_OF = 80, 0.6
_SHORT, _FEW = 4000, 4
"""Characters and lines of text up to which it may be what trafilatura takes when its own search found too little."""
_VOID = ("link", "meta", "img")
_OPTIONS = Extractor(output_format="python", fast=True, comments=False, tables=True, dedup=False, with_metadata=False)
"""Made once: nothing of it changes from page to page as long as no dates are asked for."""
_PARAGRAPHS = frozenset({"p", "h2", "h3", "h4", "li", "blockquote"})
MIN_TEXT = 200
"""Characters below which a page is said to have yielded too little (fault A09)."""
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Body:
    """The normalised text, one paragraph a line, and the last short lines that were taken out, where credits stand."""

    text: str
    credits: tuple[str, ...] = ()


def extract_body(tree: Any, *, title: str = "", outline: Outline | None = None) -> Body:
    """The article's paragraphs. The tree is changed: furniture is cut out of it before trafilatura reads it.

    ``outline`` is the tree's, where the caller has it.
    """
    outline = outline or outline_of(tree.iter())
    furniture.strip_code(tree)
    standfirst = furniture.standfirst_of(tree, outline)
    flow = texts.clean_text(tree.text_content(), one_line=True) if standfirst else ""
    furniture.paragraphs_from_breaks(tree)
    sections.cut_sections(tree)
    furniture.prune(tree, outline)
    order = " ".join(tree.text_content().split())
    headings = _headings(tree)
    lines = _extracted(tree).split("\n")
    cleaned = [line for raw in lines if (line := texts.clean_text(_unmarked(raw), one_line=True))]
    blocks = furniture.blocks_of(tree) if len(cleaned) <= _FEW and sum(map(len, cleaned)) < _SHORT else []
    paragraphs = [part for line in cleaned for part in taken_apart(line, blocks, title=title)]
    paragraphs = in_page_order(paragraphs, order, headings)
    kept, dropped = wording.sift(paragraphs, title=title)
    if standfirst and _opens(standfirst, kept, flow):
        kept.insert(0, standfirst)
    return Body(
        text=texts.limit_bytes(texts.clean_text("\n".join(kept))),
        credits=tuple(line for line in dropped[-6:] if line in paragraphs[-8:]),
    )


def _extracted(tree: Any) -> str:
    """What trafilatura takes for the article's text, "" where it finds none.

    It copies the tree four times and asks a dozen queries of every element, so it is spared what it drops unread: the
    page's head, which is back when it is done, and elements without any content (a fifth of all).
    """
    etree.strip_elements(tree, *_VOID, with_tail=False)
    head, before = tree.find("head"), tree.text
    if head is not None and head.getprevious() is None:
        tree.text = (before or "") + (head.tail or "") or None
        tree.remove(head)
    else:
        head = None
    document = trafilatura.bare_extraction(tree, options=_OPTIONS)
    if head is not None:
        tree.text = before
        tree.insert(0, head)
    return (document.text or "") if isinstance(document, Document) else ""


def _headings(tree: Any) -> list[str]:
    """The headings inside the text, without those that are links."""
    found = (element for element in tree.iter("h2", "h3", "h4") if element.find(".//a") is None)
    return [line for element in found if 3 <= len(line := " ".join(element.text_content().split())) <= 150]


def taken_apart(line: str, blocks: Sequence[tuple[str, str]], *, title: str = "") -> list[str]:
    """A line as the blocks of the page that it consists of, when it is several run together; else as it is.

    ``blocks`` are (tag, text) in page order. trafilatura falls back on the text of a container as one line when it finds
    less than 250 characters, which is what a news flash has. Where paragraphs make up most of the line, only they are
    taken, with the headings between them: what stands around them is labels, shares and the headline. Elsewhere, on pages
    without paragraphs, it is all that follows the headline.
    """
    if len(line) < MIN_SPLIT:
        return [line]
    parts: list[tuple[str, str]] = []
    position = 0
    for tag, text in blocks:
        at = line.find(text, position)
        if at >= 0:
            parts.append((tag, text))
            position = at + len(text)
    if len(parts) < 2:
        return [line]
    proper = [text for tag, text in parts if tag in _PARAGRAPHS]
    behind = next(
        (n + 1 for n, (_, text) in enumerate(parts) if title and title in text and len(text) < 2 * len(title)), 0
    )
    if sum(map(len, proper)) >= _MOST_OF * (len(line) - (len(title) if behind else 0)):
        return proper if len(proper) > 1 or behind else [line]
    return [text for _, text in parts[behind:]] if behind and len(parts) > behind else [line]


def in_page_order(paragraphs: list[str], order: str, headings: Iterable[str]) -> list[str]:
    """The paragraphs in the order of the page, with the headings between them that were left out.

    trafilatura takes what it finds outside its first choice of a container at the end, and drops the headings of posts
    in a live blog. ``order`` is the page's whole text; what is not found in it keeps its place.
    """
    placed: list[tuple[int, int, str]] = []
    last = -1
    for number, line in enumerate(paragraphs):
        at = order.find(line[:50], last + 1)
        if at < 0:
            at = order.find(line[:50])
        last = at if at >= 0 else last
        placed.append((last, number, line))
    said = set(paragraphs)
    starts = sorted(at for at, _, _ in placed if at >= 0)
    for heading in headings:
        if heading in said or not starts:
            continue
        at = order.find(heading, starts[0])
        behind = at + len(heading)
        if at >= 0 and any(behind <= start <= behind + 2 for start in starts):
            placed.append((at, -1, heading))
    return [line for _, _, line in sorted(placed, key=lambda one: one[:2])]


def _opens(standfirst: str, paragraphs: list[str], flow: str) -> bool:
    """Whether a standfirst stands shortly before the first paragraph and is not (nearly) said again in the text."""
    if not paragraphs:
        return True
    if wording.is_furniture_line(standfirst):
        return False
    words = set(standfirst.lower().split())
    for paragraph in paragraphs[:4]:
        if standfirst[:80] in paragraph or len(words.intersection(paragraph.lower().split())) >= 0.8 * len(words):
            return False
    start, first = flow.find(standfirst[:60]), flow.find(paragraphs[0][:60])
    return 0 <= start < first <= start + len(standfirst) + _NEAR


def _unmarked(line: str) -> str:
    """A line of trafilatura's plain text without its list and table marks."""
    if line.startswith("- "):
        return line[2:]
    if line.startswith("|") or line.endswith("|"):
        return re.sub(r"\s*\|\s*", " ", re.sub(r"^[|\s:-]+$", "", line))
    return line


def body_of_json_ld(documents: list[dict[str, Any]]) -> str:
    """The ``articleBody`` of the page's JSON-LD, "" where there is none."""
    for document in documents:
        written = document.get("articleBody")
        if isinstance(written, str):
            return texts.clean_text(furniture.plain(written))
    return ""


def text_of_markup(markup: str) -> str:
    """The paragraphs of a fragment of markup, such as the content of a feed entry; plain text passes through."""
    if "<" not in markup:
        return texts.limit_bytes(texts.clean_text(furniture.plain(markup)))
    try:
        tree, _ = parsing.parse(f"<html><body><article>{markup}</article></body></html>")
    except parsing.PageRefusedError:
        return ""
    furniture.strip_code(tree)
    furniture.prune(tree)
    kept, _ = wording.sift(furniture.paragraphs_of(tree))
    return texts.limit_bytes(texts.clean_text("\n".join(kept)))


@functools.cache
def version() -> str:
    """What made the text: library and version."""
    return f"trafilatura {trafilatura.__version__}"


def json_ld(tree: Any, *, pages: bool = False) -> list[dict[str, Any]]:
    """The JSON-LD objects of a page that describe an article, broken scripts left out; at most 2 MB is read.

    ``pages``: those that describe the web page instead, which is all that some search plug-ins of WordPress write.
    """
    found: list[dict[str, Any]] = []
    for script in [script for script in tree.iter("script") if "ld+json" in (script.get("type") or "")][:20]:
        written = (script.text or "").strip().removeprefix("<!--").removesuffix("-->")
        if not written or len(written) > 2_000_000:
            continue
        try:
            parsed = json.loads(written, strict=False)
        except (ValueError, RecursionError):
            continue
        pending = [parsed]
        nodes: dict[str, Any] = {}
        while pending and len(found) < 50:
            one = pending.pop(0)
            if isinstance(one, list):
                pending.extend(one[:50])
            elif isinstance(one, dict):
                if isinstance(one.get("@graph"), list):
                    pending.extend(one["@graph"][:50])
                    nodes |= {str(n["@id"]): n for n in one["@graph"][:50] if isinstance(n, dict) and "@id" in n}
                kinds = one.get("@type", "")
                kinds = kinds if isinstance(kinds, list) else [kinds]
                if pages:
                    found += [one] if any(str(k) in {"WebPage", "ItemPage"} for k in kinds) else []
                elif any(str(k).endswith(("Article", "Posting", "Report")) for k in kinds):
                    found.append(one | {"author": _resolved(one["author"], nodes)} if "author" in one else one)
                elif any(str(k) in {"WebPage", "ItemPage"} for k in kinds) and isinstance(one.get("mainEntity"), dict):
                    pending.append(one["mainEntity"])
    return found


def _resolved(author: Any, nodes: dict[str, Any]) -> Any:
    """An author that is named by reference only (WordPress SEO plug-ins do so), as the node that it refers to."""
    if isinstance(author, list):
        return [_resolved(one, nodes) for one in author[:20]]
    if isinstance(author, dict) and "name" not in author:
        return nodes.get(str(author.get("@id")), author)
    return author
