"""A page's bytes: their encoding, what no document may hold, and the tree, with gates before all that is super-linear.

The bytes stay bytes: nearly all pages are UTF-8, which is also what the parser works in.
"""

import codecs
import re
import unicodedata
from typing import Any

import charset_normalizer
import lxml.html
from lxml import etree

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
_LARGE = 500_000
_BINARY = re.compile(
    rb"%PDF|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|ID3|\x1f\x8b|OggS|RIFF|\x7fELF|\x00\x00\x00.ftyp", re.DOTALL
)
_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,30})""")
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._:-]{2,30})""")
_IMPLIED = 10
"""Elements that the parser adds by itself, at most: html, head, body and a paragraph for what stands in none."""
_ATTRIBUTES_MATTER = 50_000
"""Bytes of a page below which attributes cannot cost a second (10,000 in a tag take 0.2 s, 100,000 take 90 s)."""
_ATTRIBUTE = rb"""[\s/]++[^\s=>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?+"""
_MANY_ATTRIBUTES = re.compile(rb"<[a-zA-Z][^\s>/]*+(?:%b){%d}" % (_ATTRIBUTE, MAX_ATTRIBUTES))
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_USUAL = bytes(byte for byte in range(128) if byte not in _CONTROLS)
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
_PARSER = lxml.html.HTMLParser(
    huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8"
)
# lxml.html looks the class of every element up in Python; one class for all of them is enough here and in C
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))


class PageRefusedError(ValueError):
    """A page that cannot become an article; ``reason`` is a code of ``transforms.reasons``."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def to_utf8(raw: bytes, charset: str | None = None) -> tuple[bytes, bool]:
    """(the page in UTF-8, repaired): BOM, then the header's charset, then the document's own, then detection.

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
            return _recoded(raw[len(bom) :] if name == "utf-8" else raw, name), False
    labels = [charset or ""]
    found = _META_CHARSET.search(raw[:4096]) or _XML_ENCODING.search(raw[:200])
    if found:
        labels.append(found[1].decode("ascii"))
    names = [name for label in labels if (name := _codec(label))]
    if raw.isascii() and not any(name.startswith("utf-16") for name in names):
        return raw, False
    if _is_utf8(raw):
        return raw, bool(names) and names[0] != "utf-8"
    for position, name in enumerate(names):
        # A page cut in the middle of a character, or with one bad byte, is still in its encoding
        text = codecs.decode(raw, name, "replace")
        bad = text.count("\ufffd") + len(re.findall("[\x80-\x9f]", text))
        if bad == 0 or (bad <= 3 + len(text) // 5000 and name == "utf-8"):
            return text.encode("utf-8", "replace"), position > 0 or bad > 0
    guess = charset_normalizer.from_bytes(raw[:60_000]).best()
    name = _codec(guess.encoding if guess else "") or "cp1252"
    return _recoded(raw, "cp1252" if _is_western(raw, name) else name), True


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


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _recoded(raw: bytes, name: str) -> bytes:
    return codecs.decode(raw, name, "replace").encode("utf-8", "replace")


def _codec(label: str) -> str:
    """The Python codec of a charset label, "" for one that is unknown or no text encoding of the web (UTF-7)."""
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return ""
    name = _ALIASES.get(name, name)
    return name if _TEXT_CODECS.match(name) else ""


def parse(source: str | bytes) -> tuple[Any, bool]:
    """(tree, repaired): a page or UTF-8 without comments and processing instructions; repaired: it held control codes.

    PageRefusedError with HTML_TOO_COMPLEX when it has more elements, or an element more attributes, than extraction
    can take in bounded time (30,000 elements cost seconds, 100,000 attributes 90 s), NO_CONTENT when nothing can be
    parsed.
    """
    cleaned, repaired = _clean_markup(source)
    marks = cleaned.count(b"<")
    if marks > MAX_MARKS:
        raise PageRefusedError("HTML_TOO_COMPLEX", f"more than {MAX_MARKS} tags")
    if (
        len(cleaned) > _ATTRIBUTES_MATTER
        and _MANY_ATTRIBUTES.search(cleaned)
        and _MANY_ATTRIBUTES.search(_without_scripts(cleaned))  # the text of a script may look like a tag
    ):
        raise PageRefusedError("HTML_TOO_COMPLEX", f"more than {MAX_ATTRIBUTES} attributes in one tag")
    if not cleaned.strip():
        raise PageRefusedError("NO_CONTENT", "nothing but white space")
    try:
        tree = lxml.html.document_fromstring(cleaned, parser=_PARSER)
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


def _clean_markup(source: str | bytes) -> tuple[bytes, bool]:
    """(the source in UTF-8 without what no document may hold, whether any of it was left out).

    The few bytes that are neither printable ASCII nor white space tell whether anything has to be replaced, which nearly
    no page needs and which costs as much as a third of the parser to do.
    """
    try:
        encoded = source.encode() if isinstance(source, str) else source
    except UnicodeEncodeError:  # surrogates
        encoded, repaired = _with_characters(str(source))
        unusual = _CONTROLS
    else:
        unusual = encoded.translate(None, _USUAL)
        foreign = unusual.translate(None, _CONTROLS)
        repaired = False
        if _NO_CHARACTER_ENCODED.search(foreign):
            encoded, repaired = _with_characters(encoded.decode())
        if len(foreign) == len(unusual):
            unusual = b""
    cleaned = encoded.translate(None, _CONTROLS) if unusual else encoded
    repaired = repaired or len(cleaned) != len(encoded)
    if b"&#" in cleaned:  # after the controls have gone: one may stand inside a reference
        cleaned, removed = _NO_REFERENCE.subn(b"", cleaned)
        cleaned, replaced = _WINDOWS_REFERENCE.subn(
            lambda m: _WINDOWS.get(int(m[1] or b"0x" + m[2], 0), "").encode(), cleaned
        )
        repaired = repaired or removed + replaced > 0
    return cleaned, repaired


def _with_characters(source: str) -> tuple[bytes, bool]:
    """(UTF-8 with what windows-1252 means in place of C1 controls, without surrogates, whether any was left out)."""
    written = _NO_CHARACTER.sub(lambda m: _WINDOWS.get(ord(m[0]), ""), source)
    return written.encode(), len(written) != len(source)


def is_cut_off(tree: Any) -> bool:
    """Whether a page is nested so deeply that the parser left the rest of it out."""
    return bool(tree.xpath(f"boolean(//*[count(ancestor::*) >= {MAX_DEPTH}])"))


def _without_scripts(source: bytes) -> bytes:
    """The source without the content of scripts, where "<" and quotes are no markup."""
    kept, position = [], 0
    lowered = source.lower()
    while (start := lowered.find(b"<script", position)) >= 0:
        opened = lowered.find(b">", start)
        ended = lowered.find(b"</script", opened)
        if opened < 0 or ended < 0:
            break
        kept.append(source[position : opened + 1])
        position = ended
    kept.append(source[position:])
    return b"".join(kept)
