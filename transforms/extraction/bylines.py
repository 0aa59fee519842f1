"""Who wrote it: names from metadata, from what the page shows as its byline, and from a signature under the text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lxml import etree

from transforms.extraction import furniture, wire_credit
from transforms.extraction.folding import fold
from transforms.extraction.outline import Outline
from transforms.extraction.titles import Names, line_of

MAX_NAME_WORDS = 8
_BYLINE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:author|authors|auteur|auteurs|byline|by-?line|by|created-?by|signature|username|"
    r"user-?name|writer|posted-?by|redacteur|journaliste|reporter|correspondent|correspondant|muhabir|lesauteurs|contributors?|"
    r"source|agency|agence|marubuci|from-author|fn)(?=[\s_-]|$)"
)
_BYLINE_WORDS = frozenset({
    "author", "authors", "auteur", "auteurs", "byline", "by", "created", "createdby", "signature", "username", "user",
    "writer", "posted", "postedby", "redacteur", "journaliste", "reporter", "correspondent", "correspondant", "muhabir",
    "lesauteurs", "contributor", "contributors", "source", "agency", "agence", "marubuci", "from", "fn",
})  # fmt: skip
"""Words of which each such name has one."""
_ACCOUNTS = frozenset({
    "admin", "administrator", "administrateur", "webmaster", "web master", "webadmin", "web admin",
    "super user", "superuser", "root", "wpadmin", "editor",
    "author", "auteur", "user",
})  # fmt: skip
"""Names of accounts that content systems give to their first user."""
_SAID_BY = (
    r"(?:(?:ecrit|publie|poste|redige|soumis|propose|realise|propos recueillis|traduit) par|par|by|posted by|written by|words by|story by|"
    r"(?:مرسله |نشر )?بواسطه|"
    r"auteure?s?(?= ?:)|authors?(?= ?:)|submitted by|published by|reported by|daga|marubuci|wallafawa|rahoto daga|بقلم|كتب(?:ه|ته|ت)?|اعداد|تحرير|الكاتب|"
    r"المؤلف|متابعه)"
)
_PREFIX = re.compile(rf"^{_SAID_BY}\s*[:,،]?\s+(?=\S)")
_DATED_BYLINE = re.compile(
    r"^(?:publie|poste|mis en ligne|posted|published|an wallafa)\b[^.]{4,40}\b(?:par|by|daga)\s+(?=\S)"
)
_LONGEST_BYLINE = 120
_BARE_BY = re.compile(rf"{_SAID_BY}\s*:?")
_CUT = re.compile(
    r"(?:\s+|\s*[|•·–—/,;-]\s*)(?:(?:publié|posté|mis à jour|published|updated|posted|le|on|an wallafa|نشر)\s.*|"
    r"(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)\w*\.?,?\s+\d.*|"
    r"(?:jan|fév|feb|mar|avr|apr|mai|may|jui|jun|jul|aoû|aug|sep|oct|nov|déc|dec)\w*\.?\s+\d.*|\d.*)$",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"^(?:(?:by|par|author|auteur|daga|بقلم|كتب)\s*[:,]?$|source|sources|photos?|images?|crédits?|credits?|image credit|"
    r"sobre|about|à propos|voir|see|more|plus|tags?|المصدر|صورة)(?:\b|$)",
    re.IGNORECASE,
)
_TWO_NAMES = re.compile(r"\s*(?:,|;|/|&|\bet\b|\band\b|\bda\b)\s+")
_WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w’'.-]*|(?:de|du|des|el|al|ag|ben|bint|mint|ould|ibn|dan|van|der)\b)"
_NAME = re.compile(rf"[A-ZÀ-ÖØ-Þ][\w’'.-]*(?:\s+{_WORD}){{1,4}}")
_SIGNED = re.compile(rf"(?P<name>{_NAME.pattern})(?:\s*[,(/–-].{{0,60}})?")
_PLACED = re.compile(rf"(?P<name>{_NAME.pattern}), (?P<place>[A-ZÀ-ÖØ-Þ][\w’'-]+)")
_ADDRESS = re.compile(r"\s*[(<\[]?[\w.+-]+@[\w.-]+[)>\]]?")
_UNSEEN = re.compile(r"(?i)(?:^|[\s_-])(?:visually-?hidden|screen-?reader|sr-only|assistive|offscreen)")
_TOO_LONG_A_NAME = 150
"""Characters of a paragraph that is not signed, whatever may be cleaned out of it."""
_BLOCKS = frozenset({"li", "p", "div", "dd", "h3", "h4"})


def authors_of(metas: dict[str, str], documents: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The names of the page's metadata, in order; JSON-LD first, then meta elements."""
    found: list[str] = []
    for document in documents:
        written = document.get("author")
        for one in written if isinstance(written, list) else [written]:
            name = one.get("name") if isinstance(one, dict) else one
            found += [n for n in (name if isinstance(name, list) else [name]) if isinstance(n, str)]
    if not found:
        found = [
            metas[n]
            for n in ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
            if metas.get(n)
        ]
    return clean_authors(found)


def bylines_of(outline: Outline) -> tuple[str, ...]:
    """What the page shows as its byline, outside comments and lists of articles; at most three, unclean."""
    found: list[str] = []
    telling = outline.named(_BYLINE_WORDS, _BYLINE_CLASS)
    for element, attributes in outline.attributes.items():
        if not (
            attributes.get("class") in telling
            or attributes.get("id") in telling
            or attributes.get("rel") == "author"
            or attributes.get("itemprop") == "author"
            or ("aria-labelledby" in attributes and _BYLINE_CLASS.search(attributes["aria-labelledby"]))
        ):
            continue
        text = line_of(" ".join(_seen_texts(_first_block(element)))[:300])
        if 2 <= len(text) <= 120 and text not in found and not furniture.is_aside(element):
            found.append(text)
        if len(found) == 3:
            break
    return tuple(found)


def _seen_texts(element: Any) -> Iterator[str]:
    """The texts of an element without the labels that only screen readers say ("Author,")."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, below in walk:
        if event == "end":
            if below is not element and below.tail:
                yield below.tail
        elif _UNSEEN.search(below.get("class") or ""):
            walk.skip_subtree()
        elif below.text:
            yield below.text


def _first_block(element: Any) -> Any:
    """The first entry of a byline that is a list (name, then role, then date), else the element itself."""
    for below in element.iter():
        if below is not element and below.tag in _BLOCKS and len(below.text_content().strip()) > 2:
            return below if not (element.text or "").strip() else element
    return element


def unmarked_byline(tree: Any, title: str) -> tuple[str, ...]:
    """The names of a line "Par …" shortly behind the headline that nothing marks as a byline."""
    near = 0
    wanted = title[:40]
    opening = wanted.partition(" ")[0]
    said = ""
    for element in tree.iter():
        for piece in (element.text, element.tail):
            if not piece or (near <= 0 and opening not in piece) or piece.isspace():
                continue
            line = " ".join(piece.split())
            if wanted and line.startswith(wanted):
                near = 30
            elif near > 0:
                near -= 1
                before, said = said, ""
                if len(line) <= _LONGEST_BYLINE and _BARE_BY.fullmatch(fold(line)):
                    said = f"{line} "
                line = f"{before}{line}"
                folded = fold(line) if len(line) <= _LONGEST_BYLINE else ""
                found = _PREFIX.match(folded) or _DATED_BYLINE.match(folded)
                if found and element.tag not in {"script", "style"}:
                    rest = line[found.end() :]
                    if _NAME.match(rest) or (len(rest) >= 3 and re.fullmatch(_WORD, rest) and rest[0].isupper()):
                        return people_of([rest])
    return ()


def _is_set_right(element: Any) -> bool:
    return element.get("align") == "right" or "right" in (element.get("style") or "")


def signature_of(tree: Any, sites: Iterable[str] | Names = ()) -> tuple[str, ...]:
    """A name set by itself, in bold or to the right, below the text: how papers without bylines sign."""
    own = Names.of(sites)
    elements = [e for e in tree.iter("p", "div") if e.tag == "p" or _is_set_right(e)]
    for element in reversed(elements):
        opening = element.text or ""
        written = opening[:200] if len(opening) >= 200 else " ".join(element.itertext())[:200]
        if "@" not in written and "&" not in written and len(" ".join(written.split())) > _TOO_LONG_A_NAME:
            continue
        text = line_of(_ADDRESS.sub(" ", written))
        found = _SIGNED.fullmatch(text) if 5 <= len(text) <= 100 else None
        if not found or not re.search(r"\w{3}", found["name"]) or found["name"] in own or furniture.is_aside(element):
            continue
        style = f"{element.get('align') or ''} {element.get('style') or ''} {element.get('class') or ''}".lower()
        inner = element[0] if len(element) == 1 and not (element.text or "").strip() else None
        bold = inner is not None and inner.tag in {"strong", "b", "em", "i"} and not (inner.tail or "").strip()
        if "right" in style or (bold and element.getprevious() is not None and element.getprevious().tag == "p"):
            return (found["name"],)
    return ()


def people_of(bylines: Iterable[str], sites: Iterable[str] | Names = ()) -> tuple[str, ...]:
    """The names in shown bylines: dates, counts and labels cut off, a line that holds a shorter one left out."""
    names: dict[str, None] = {}
    own = Names.of(sites)
    for line in bylines:
        if any(said in own for said in _split_names([line])):
            continue
        name = _CUT.sub("", line).strip(" ,;|-–—:•")
        if (
            not re.search(r"\d", name)
            and len(name) >= 2
            and len(name.split()) <= MAX_NAME_WORDS
            and not _NO_PERSON.match(name)
        ):
            names[name] = None
    return tuple(n for n in names if not any(o != n and fold(o) in fold(n) for o in names))


def clean_authors(names: Iterable[str], sites: Iterable[str] | Names = ()) -> tuple[str, ...]:
    """Names without "Par", addresses, links and repeats; "A B et C D" is two names, the outlet's own name is none."""
    kept: dict[str, str] = {}
    own = Names.of(sites)
    for line in _split_names(names):
        if line in own:
            continue
        if line and "://" not in line and "@" not in line and len(line) <= 120 and fold(line) not in _ACCOUNTS:
            kept.setdefault(fold(line), line)
    return tuple(kept.values())[:20]


def _split_names(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        line = re.sub(r"\s+([,;])", r"\1", line_of(name))
        while found := _PREFIX.match(fold(line)):
            line = line[found.end() :]
        line = line.strip(" ,;|-–—:")
        line = re.sub(r"^(.{4,}?) \(\1.*\)$", r"\1", line)  # "Agence X (Agence X (AX))"
        placed = _PLACED.fullmatch(line)
        if placed and not wire_credit.agency_named(placed["place"]):
            line = placed["name"]  # "A B, Minna": from where, in the way of the Nigerian dailies
        parts = [part.strip() for part in _TWO_NAMES.split(line)]
        if len(parts) > 1 and all(2 <= len(part.split()) <= 4 and part[:1].isupper() for part in parts):
            yield from parts
        else:
            yield line
