"""The body of a page: bytes to text to one pruned tree to paragraphs.

trafilatura does the extraction, composed as it measured best (measurements of 181 news pages: ``fast`` without comments
has the best F1 at half the time of the default). Around it: a decoder that believes the bytes before the labels, gates
in front of everything that is super-linear, and pruning of what the sites of the region put between paragraphs.
``deduplicate`` stays off: it is a process-global cache, and the text would depend on what the worker saw before.
"""

import codecs
import dataclasses
import functools
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import charset_normalizer
import lxml.html
import trafilatura
from lxml import etree
from trafilatura.settings import Document

from transforms import texts
from transforms.extraction import furniture, sections, wording
from transforms.extraction.outline import Outline, outline_of

MAX_BYTES = 10_000_000
"""Bytes of a page; the client stops at 8 MB, archives made by others hold larger ones."""
MAX_ELEMENTS = 20_000
MAX_MARKS = 150_000
"""Opening angle brackets in the source; beyond, parsing itself is not attempted."""
MAX_ATTRIBUTES = 500
MAX_ALL_ATTRIBUTES = 100_000
MAX_ATTRIBUTE_LENGTH = 20_000
MAX_DEPTH = 2000
"""Levels of nesting; libxml2 leaves out what lies below 2,048."""
sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * MAX_DEPTH))
"""trafilatura walks the text by one Python call a level; those take no room on the C stack (CPython 3.11 on)."""
_LARGE = 500_000
_NEAR = 1500
MIN_SPLIT, _MOST_OF = 80, 0.6
_SHORT, _FEW = 4000, 4
"""Characters and lines of text up to which it may be what trafilatura takes when its own search found too little."""
_VOID = ("link", "meta", "img")
_PARAGRAPHS = frozenset({"p", "h2", "h3", "h4", "li", "blockquote"})
MIN_TEXT = 200
"""Characters below which a page is said to have yielded too little (fault A09)."""
_BINARY = re.compile(
    rb"%PDF|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|ID3|\x1f\x8b|OggS|RIFF|\x7fELF|\x00\x00\x00.ftyp", re.DOTALL
)
_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,30})""")
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._:-]{2,30})""")
_IMPLIED = 10
"""Elements that the parser adds by itself, at most: html, head, body and a paragraph for what stands in none."""
_ATTRIBUTES_MATTER = 50_000
"""Characters of source below which attributes cannot cost a second (10,000 in a tag take 0.2 s, 100,000 take 90 s)."""
_ATTRIBUTE = r"""[\s/]++[^\s=>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?+"""
_MANY_ATTRIBUTES = re.compile(rf"<[a-zA-Z][^\s>/]*+(?:{_ATTRIBUTE}){{{MAX_ATTRIBUTES}}}")
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_ASCII = bytes(range(128))
# No XML text may hold these: a single one, written out or as a reference, would cost the whole page
_NO_CHARACTER = re.compile("[\x80-\x9f\ufffe\uffff\ud800-\udfff]")
_NO_CHARACTER_ENCODED = re.compile(rb"\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")
_NO_REFERENCE = re.compile(
    rb"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF]|[dD][89a-fA-F][0-9a-fA-F]{2})(?![0-9a-fA-F])|"
    rb"0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45]|5(?:529[6-9]|5[3-9][0-9]{2}|6[0-9]{3}|7[0-2][0-9]{2}|73[0-3][0-9]|734[0-3]))(?![0-9]));?"
)
# HTML, section 13.2.5.80: numbers of C1 controls mean the characters of windows-1252 ("&#146;" is an apostrophe)
_WINDOWS = {n: bytes([n]).decode("cp1252") for n in range(0x80, 0xA0) if n not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}}
_WINDOWS_REFERENCE = re.compile(rb"&#(?:0*(1(?:2[89]|[345][0-9]))(?![0-9])|[xX]0*([89][0-9a-fA-F])(?![0-9a-fA-F]));?")
# WHATWG Encoding: the Latin-1 labels mean windows-1252, and so on
_ALIASES = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932",
}  # fmt: skip
_TEXT_CODECS = re.compile(
    r"^(?:utf-8|utf-8-sig|utf-16(?:-[lb]e)?|cp\d+|iso8859-\d+|koi8-[ru]|mac-\w+|gb18030|big5|euc_\w+)$"
)
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


class PageRefusedError(ValueError):
    """A page that cannot become an article; ``reason`` is a code of ``transforms.reasons``."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclasses.dataclass(frozen=True, kw_only=True)
class Body:
    """The normalised text, one paragraph a line, and the last short lines that were taken out, where credits stand."""

    text: str
    credits: tuple[str, ...] = ()


def decode(raw: bytes, charset: str | None = None) -> tuple[str, bool]:
    """(text, repaired): BOM, then the header's charset, then the document's own, then detection.

    A label that the bytes contradict is not believed: text that is valid UTF-8 beyond ASCII is UTF-8 (by chance that
    is next to impossible), text that a label cannot decode goes to detection. Either counts as a repair.
    """
    if len(raw) > MAX_BYTES:
        raise PageRefusedError("TOO_LARGE", f"{len(raw)} bytes")
    if _BINARY.match(raw):
        raise PageRefusedError("NOT_HTML", "a binary file")
    for bom, name in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if raw.startswith(bom):
            return _decoded(raw[len(bom) :] if name == "utf-8" else raw, name, "replace"), False
    labels = [charset or ""]
    found = _META_CHARSET.search(raw[:4096]) or _XML_ENCODING.search(raw[:200])
    if found:
        labels.append(found[1].decode("ascii"))
    names = [name for label in labels if (name := _codec(label))]
    if raw.isascii() and not any(name.startswith("utf-16") for name in names):
        return raw.decode("ascii"), False
    try:
        utf8 = raw.decode("utf-8")
    except UnicodeDecodeError:
        utf8 = None
    if utf8 is not None:
        return utf8, bool(names) and names[0] != "utf-8"
    for position, name in enumerate(names):
        # A page cut in the middle of a character, or with one bad byte, is still in its encoding
        text = _decoded(raw, name, "replace")
        bad = text.count("\ufffd") + len(re.findall("[\x80-\x9f]", text))
        if bad == 0 or (bad <= 3 + len(text) // 5000 and name == "utf-8"):
            return text, position > 0 or bad > 0
    guess = charset_normalizer.from_bytes(raw[:60_000]).best()
    name = _codec(guess.encoding if guess else "") or "cp1252"
    return _decoded(raw, "cp1252" if _is_western(raw, name) else name, "replace"), True


def _is_western(raw: bytes, guessed: str) -> bool:
    """Whether bytes that were taken for another Latin encoding can be windows-1252 as well: then they are.

    A short text in French has too few accents to tell it from Czech or Estonian in theirs (cp1250, cp1257, ...), which no
    outlet that is read here writes.
    """
    try:
        raw.decode("cp1252")
        text = raw.decode(guessed)
    except UnicodeDecodeError:
        return False
    letters = {char for char in text if char.isalpha() and not char.isascii()}
    return len(text) == len(raw) and all(unicodedata.name(char, "").startswith("LATIN") for char in letters)


def _decoded(raw: bytes, name: str, errors: str) -> str:
    return codecs.decode(raw, name, errors)


def _codec(label: str) -> str:
    """The Python codec of a charset label, "" for one that is unknown or no text encoding of the web (UTF-7)."""
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return ""
    name = _ALIASES.get(name, name)
    return name if _TEXT_CODECS.match(name) else ""


def parse(source: str) -> tuple[Any, bool]:
    """(tree, repaired): the page without comments and processing instructions; repaired when it held control codes.

    PageRefusedError with HTML_TOO_COMPLEX when it has more elements, or an element more attributes, than extraction
    can take in bounded time (30,000 elements cost seconds, 100,000 attributes 90 s), NO_CONTENT when nothing can be
    parsed.
    """
    cleaned, repaired = _clean_markup(source)
    marks = cleaned.count(b"<")
    if marks > MAX_MARKS:
        raise PageRefusedError("HTML_TOO_COMPLEX", f"more than {MAX_MARKS} tags")
    if (
        len(source) > _ATTRIBUTES_MATTER
        and _MANY_ATTRIBUTES.search(source)
        and _MANY_ATTRIBUTES.search(_without_scripts(source))  # the text of a script may look like a tag
    ):
        raise PageRefusedError("HTML_TOO_COMPLEX", f"more than {MAX_ATTRIBUTES} attributes in one tag")
    if not cleaned.strip():
        raise PageRefusedError("NO_CONTENT", "nothing but white space")
    parser = lxml.html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    # lxml.html looks the class of every element up in Python; one class for all of them is enough here and in C
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    try:
        tree = lxml.html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise PageRefusedError("NO_CONTENT", f"cannot be parsed: {error}"[:200]) from error
    # a tag makes one element, the text behind it at most one more
    count = int(tree.xpath("count(//*)")) if 2 * marks > MAX_ELEMENTS - _IMPLIED else 0
    if count > MAX_ELEMENTS:
        raise PageRefusedError("HTML_TOO_COMPLEX", f"{count} elements")
    if len(cleaned) > _LARGE and (attributes := int(tree.xpath("count(//@*)"))) > MAX_ALL_ATTRIBUTES:
        raise PageRefusedError("HTML_TOO_COMPLEX", f"{attributes} attributes")
    if len(cleaned) > _LARGE:
        for element in tree.xpath(f"//*[@*[string-length() > {MAX_ATTRIBUTE_LENGTH}]]"):
            for name, value in list(element.attrib.items()):
                if len(value) > MAX_ATTRIBUTE_LENGTH:
                    del element.attrib[name]
    return tree, repaired


def _clean_markup(source: str) -> tuple[bytes, bool]:
    """(the source in UTF-8 without what no document may hold, whether any of it was left out).

    The bytes beyond ASCII tell whether any character has to be replaced, which nearly no page needs and which costs as
    much as a third of the parser to do.
    """
    repaired = False
    try:
        encoded = source.encode()
        broken = _NO_CHARACTER_ENCODED.search(encoded.translate(None, _ASCII)) is not None
    except UnicodeEncodeError:  # surrogates
        broken = True
    if broken:
        written = _NO_CHARACTER.sub(lambda m: _WINDOWS.get(ord(m[0]), ""), source)
        repaired = len(written) != len(source)
        encoded = written.encode()
    cleaned = encoded.translate(None, _CONTROLS)
    repaired = repaired or len(cleaned) != len(encoded)
    if b"&#" in cleaned:  # after the controls have gone: one may stand inside a reference
        cleaned, removed = _NO_REFERENCE.subn(b"", cleaned)
        cleaned, replaced = _WINDOWS_REFERENCE.subn(
            lambda m: _WINDOWS.get(int(m[1] or b"0x" + m[2], 0), "").encode(), cleaned
        )
        repaired = repaired or removed + replaced > 0
    return cleaned, repaired


def is_cut_off(tree: Any) -> bool:
    """Whether a page is nested so deeply that the parser left the rest of it out."""
    return bool(tree.xpath(f"boolean(//*[count(ancestor::*) >= {MAX_DEPTH}])"))


def _without_scripts(source: str) -> str:
    """The source without the content of scripts, where "<" and quotes are no markup."""
    kept, position = [], 0
    lowered = source.lower()
    while (start := lowered.find("<script", position)) >= 0:
        opened = lowered.find(">", start)
        ended = lowered.find("</script", opened)
        if opened < 0 or ended < 0:
            break
        kept.append(source[position : opened + 1])
        position = ended
    kept.append(source[position:])
    return "".join(kept)


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
    document = trafilatura.bare_extraction(
        tree, fast=True, include_comments=False, include_tables=True, deduplicate=False, with_metadata=False
    )
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
        tree, _ = parse(f"<html><body><article>{markup}</article></body></html>")
    except PageRefusedError:
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
