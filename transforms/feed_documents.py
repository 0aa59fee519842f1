"""The bytes of a feed made fit to be parsed: decoded, defused, repaired, and cut to what is read of it.

One forbidden character reference would lose a whole feed, an entity flood costs minutes, a document that breaks off
would give half an entry: all of that is dealt with here, before an XML parser sees it.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping

from transforms.extraction import parsing
from transforms.feed_dates import read_date

MAX_ENTRIES = 2000
MAX_DEPTH = 1000
MAX_ENTITIES = 20
MAX_ENTITY_LENGTH = 1000
MAX_EXPANSION = 1_000_000
"""Characters that all references to a document's own entities may come to."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_PROLOG = re.compile(r"""^\s*<\?xml\b[^>]{0,200}\?>""")
_ENCODING = re.compile(r"""\sencoding\s*=\s*(?:"[^"]*"|'[^']*')""")
_DECLARED = re.compile(rb"""^\s*<\?xml\b[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._:-]{2,40})""")
_UTF16_STARTS = (b"\x00<\x00", b"<\x00?\x00", b"<\x00r\x00", b"<\x00f\x00", b"<\x00!\x00")
_UTF7 = re.compile(r"(?i)^(?:x-)?(?:unicode-1-1-)?utf-?7")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,9}));")
_ENTITY = re.compile(r"""<!ENTITY\s+(?!%)(\S{1,100})\s+(?:"([^"]*)"|'([^']*)')""")
_PARAMETER_ENTITY = re.compile(r"""<!ENTITY\s{1,100}%\s{1,100}\S{1,100}\s{1,100}["']""")
_NESTED = re.compile(r"&(?!#)|&#(?:0{0,9}38|x0{0,9}26);(?!#)")
"""A reference to an entity within an entity, its ampersand perhaps written as a number."""
_START = re.compile(r"<((?:[A-Za-z][\w.-]{0,40}:)?(?:item|entry))(?=[\s/>])")
_DATE = re.compile(
    r"(?s)<(?:pubDate|published|updated|issued|modified|(?:dc|dcterms):(?:date|created|modified))\b[^>]*>([^<]{4,80})<"
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*)[^<>]{0,2000}?(/?)>")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Document:
    """A document to be parsed, as text; ``left_out`` entries beyond the newest MAX_ENTRIES were cut off.

    ``whole`` is False when it broke off. ``flags`` say what was mended.
    """

    text: str
    flags: tuple[str, ...] = ()
    left_out: int = 0
    whole: bool = True


class FeedUnreadableError(ValueError):
    """A document that is no feed.

    ``reason`` is NOT_A_FEED, XML_HAZARD, UNSUPPORTED_FEED, EMPTY_BODY, BAD_ENCODING, BOT_CHALLENGE, PARSE_TIMEOUT or
    FEED_PARSE_ERROR.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)  # both, so that it survives the way out of a worker process
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


def open_document(raw: bytes, headers: Mapping[str, str]) -> Document:
    """A feed's bytes as a document that can be parsed; FeedUnreadableError when it must not be."""
    if not raw.strip():
        raise FeedUnreadableError("EMPTY_BODY", "empty document")
    text, recoded = _decode(raw, headers.get("content-type", ""))
    flags = ["CHARSET_REPAIRED"] if recoded else []
    _refuse_hazards(text)
    repaired = _REFERENCE.sub(_repaired_reference, _CONTROL.sub("", text))
    if repaired != text:
        flags.append("FEED_REPAIRED")
    kept, whole = _without_half_entry(repaired)
    if not whole:
        flags.append("FEED_MALFORMED")
    kept, left_out = _newest_entries(kept)
    return Document(text=kept, flags=tuple(flags), left_out=left_out, whole=whole)


def _decode(raw: bytes, content_type: str) -> tuple[str, bool]:
    """(text, repaired): byte order mark, header, declaration, detection, in that order; without its declaration."""
    charset = _CHARSET.search(content_type)
    declared = _DECLARED.match(raw[:400])
    labels = [charset[1] if charset else "", declared[1].decode("ascii") if declared else ""]
    if not any(labels) and _is_mostly_utf8(raw):
        labels[0] = "utf-8"
    if any(_UTF7.match(label) for label in labels):
        raise FeedUnreadableError("BAD_ENCODING", "UTF-7 is not read")
    try:
        if raw.startswith(_UTF16_STARTS):  # without a byte order mark (XML 1.0, appendix F)
            codec = "utf-16-be" if raw.startswith(b"\x00") else "utf-16-le"
            text, repaired = raw.decode(codec, "replace"), False
        else:
            encoded, repaired = parsing.to_utf8(raw, labels[0] or None)
            text = encoded.decode()
    except parsing.PageRefusedError as error:
        raise FeedUnreadableError("NOT_A_FEED", str(error)) from error
    prolog = _PROLOG.match(text)
    if prolog:  # it is UTF-8 from here on, and a declaration of something else would be believed
        text = _ENCODING.sub("", prolog[0]).lstrip() + text[prolog.end() :]
    return text, repaired


def _is_mostly_utf8(raw: bytes) -> bool:
    """Whether more characters beyond ASCII are sound UTF-8, which XML is where nothing is declared, than are not."""
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) > 2 * bad


def _repaired_reference(match: re.Match[str]) -> str:
    """A reference to a code point that XML forbids (surrogates, controls) is one to U+FFFD."""
    point = int(match[1], 16) if match[1] else int(match[2])
    allowed = point in {9, 10, 13} or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD
    return match[0] if allowed or 0x10000 <= point <= 0x10FFFF else "&#xFFFD;"


def _refuse_hazards(text: str) -> None:
    """Entity floods and bottomless nesting cost the parser seconds to minutes (measured): refuse them first."""
    if "<!DOCTYPE" in text and "<!ENTITY" in text:  # wherever: a long comment can stand in front of a declaration
        if text.count("<!ENTITY") > MAX_ENTITIES:
            raise FeedUnreadableError("XML_HAZARD", f"more than {MAX_ENTITIES} entity declarations")
        if _PARAMETER_ENTITY.search(text):
            raise FeedUnreadableError("XML_HAZARD", "a parameter entity that is text: it can declare others")
        expansion = 0
        for name, double, single in _ENTITY.findall(text):
            value = double or single
            expansion += len(value) * text.count(f"&{name};")
            if _NESTED.search(value) or len(value) > MAX_ENTITY_LENGTH or expansion > MAX_EXPANSION:
                raise FeedUnreadableError("XML_HAZARD", "entities that nest or grow")
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2] in {"item", "entry"}:
            depth = 0  # markup inside CDATA need not be closed: each entry is counted by itself
        depth += 0 if tag[3] else (-1 if tag[1] else 1)
        if depth > MAX_DEPTH:
            raise FeedUnreadableError("XML_HAZARD", f"nested more than {MAX_DEPTH} deep")


def entry_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each entry's markup, the end -1 for one that is not closed before the next one or the end."""
    starts = list(_START.finditer(text))
    for position, start in enumerate(starts):
        limit = starts[position + 1].start() if position + 1 < len(starts) else len(text)
        closing = f"</{start[1]}"
        end = text.find(closing, start.end(), limit)
        if end >= 0:
            yield start.start(), text.find(">", end) + 1 or len(text)
        else:
            tag_end = text.find(">", start.end(), limit)
            empty = tag_end > 0 and text[tag_end - 1] == "/"
            yield start.start(), tag_end + 1 if empty else -1


def _without_half_entry(text: str) -> tuple[str, bool]:
    """The document without a last entry that breaks off with it, and whether it was whole."""
    last = None
    for last in _START.finditer(text):  # noqa: B007 - only the last one matters
        pass
    if last is None:
        return text, True
    [(start, end)] = entry_spans(text[last.start() :])
    if end >= 0 or re.search(r"(?i)</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>\s*\S{0,3}\s*$", text[-2000:]):
        return text, True
    return text[: last.start() + start], False


def _newest_entries(text: str) -> tuple[str, int]:
    """The document with its newest MAX_ENTRIES entries, and how many were cut off.

    Newest by the dates they bear; where most bear none, the first ones. The parser takes a millisecond an entry: 50,000
    would cost it a minute.
    """
    spans = [(start, end) for start, end in entry_spans(text) if end >= 0]
    surplus = len(spans) - MAX_ENTRIES
    if surplus <= 0:
        return text, 0
    dates = [found and read_date(found[1]) for start, end in spans for found in [_DATE.search(text, start, end)]]
    known = [date.at for date in dates if date]
    order = list(range(len(spans)))
    if len(known) > len(spans) / 2:
        oldest = min(known)
        order.sort(key=lambda n: date.at if (date := dates[n]) else oldest, reverse=True)
    kept = set(order[:MAX_ENTRIES])
    pieces, position = [], 0
    for number, (start, end) in enumerate(spans):
        if number not in kept:
            pieces.append(text[position:start])
            position = end
    return "".join([*pieces, text[position:]]), surplus
