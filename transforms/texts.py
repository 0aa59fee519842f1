"""How text is normalised before anything is measured on it.

Offsets of evidence are code points into the normalised text, so every text passes through ``clean_text`` once, and
``clean_text(clean_text(x)) == clean_text(x)`` (a property test holds it to that).
"""

import hashlib
import re
import unicodedata

MAX_TEXT_BYTES = 1_000_000
EXCERPT_CHARACTERS = 300

_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANK = "\t\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPACES = re.compile(f" [ {_BLANK}]+|[{_BLANK}][ {_BLANK}]*")
"""White space within a line that is not one plain space already: most is, and replacing it cost most of the time."""


def clean_text(text: str, *, one_line: bool = False) -> str:
    """NFC, one space between words, one newline between paragraphs, no control, bidi or surrogate code points."""
    # what is not printable has to go, mostly; nearly all texts have none of it, which is known ten times as fast
    printable = text.replace("\n", " ").isprintable()
    if not printable or "\ufffc" in text or "\ufffd" in text:
        text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    if not printable or "  " in text:  # no blank but the plain one is printable
        text = _SPACES.sub(" ", text)
    lines = [stripped for line in text.split("\n") if (stripped := line.strip(" "))]
    return (" " if one_line else "\n").join(lines)


def was_repaired(raw: str) -> bool:
    """Whether cleaning would remove code points that no writer of news types (not mere spacing)."""
    return _DROPPED.search(raw.replace("\u200e", "").replace("\u200f", "").replace("\u00ad", "")) is not None


def limit_bytes(text: str, limit: int = MAX_TEXT_BYTES) -> str:
    """The longest prefix of the text that is at most ``limit`` bytes of UTF-8, cut at a paragraph or word if near."""
    encoded = text.encode("utf-8")
    if len(encoded) <= limit:
        return text
    cut = encoded[:limit].decode("utf-8", "ignore")
    end = max(cut.rfind("\n"), cut.rfind(" "))
    return cut[:end] if end > max(0, len(cut) - 1000) else cut


def excerpt_of(text: str, limit: int = EXCERPT_CHARACTERS) -> str:
    """The beginning of the text as one line of at most ``limit`` code points, cut between words."""
    line = text[: limit * 2].replace("\n", " ")
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[limit // 2 :] else cut).rstrip(" ,;:-–—") + "…"


def word_count(text: str) -> int:
    """Number of white-space separated words."""
    return len(text.split())


def text_hash(text: str) -> str:
    """128-bit hexadecimal hash of the normalised text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
