"""What the page calls itself: headline, authors and site, cleaned of outlet suffixes and agency prefixes."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from transforms import texts
from transforms.extraction import furniture, wire_credit
from transforms.extraction.folding import fold

MAX_TITLE = 500
_SEPARATORS = re.compile(r"\s+(?:[|–—·•»:/~]+|-+|::|\|\|)\s+")
_PREFIX = re.compile(
    r"^\s*(?:[\[(]\s*(?P<bracket>[^\])]{2,40})\s*[\])]|(?P<name>[^\s:,]{2,12}))\s*(?:[:–—-]+\s+|"
    r"\s+(?=\w))",
    re.UNICODE,
)


def metas_of(tree: Any) -> dict[str, str]:
    """The page's meta elements by property, name or itemprop in lower case; the first of a name wins."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop"):
            name = (meta.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def site_of(metas: dict[str, str], documents: Sequence[dict[str, Any]]) -> str:
    """The site's own name, "" when the page does not tell."""
    for name in ("og:site_name", "application-name", "twitter:site", "dc.publisher"):
        if metas.get(name):
            return texts.clean_text(furniture.plain(metas[name]).lstrip("@"), one_line=True)
    for document in documents:
        publisher = document.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            return texts.clean_text(publisher["name"], one_line=True)
    return ""


def title_of(
    tree: Any, metas: dict[str, str], documents: Sequence[dict[str, Any]], *, sites: Iterable[str], entry: str = ""
) -> str:
    """The headline. ``sites`` are names of the outlet that may hang on it; ``entry`` is the feed's title."""
    names = {key for site in sites if (key := _key(site))}
    page_title = _line(tree.findtext(".//title") or "")
    written = [_line(d["headline"]) for d in documents if isinstance(d.get("headline"), str)]
    shared = [
        _line(metas[name]) for name in ("og:title", "twitter:title", "dc.title", "citation_title") if metas.get(name)
    ]
    heads = [_line(h1.text_content()) for h1 in tree.iter("h1")][:8]
    known = [t for t in (*shared, *written, page_title, entry) if t]
    for head in heads:
        if _key(head) in names or len(head) < 4:
            continue
        if not known or any(_agree(head, other) for other in known):
            return clean_title(head, names)
    for candidate in (*shared, *written, page_title, *heads, entry):
        cleaned = clean_title(_segment(candidate, entry), names)
        if candidate is page_title:
            cleaned = _without_tail(cleaned)
        if cleaned and _key(cleaned) not in names:
            return cleaned
    return texts.clean_text(entry, one_line=True)


def home_names(tree: Any) -> Iterator[str]:
    """What the site calls itself where it links home or to its feed."""
    for link in tree.xpath(
        "//a[@href='/' or @rel='home' or @href='index.php' or @href='index.html'] | //link[@rel='alternate'][@title]"
    )[:10]:
        name = _line(link.get("title") or "") if link.tag == "link" else _line(link.text_content()[:200])
        if 2 <= len(name) <= 60:
            yield name


def _segment(title: str, entry: str) -> str:
    """The part of a title that is exactly the feed's title, else all of it."""
    return entry if entry and _key(entry) in {_key(part) for part in _SEPARATORS.split(title)} else title


def _without_tail(title: str) -> str:
    """A page title without a short last part: an outlet's name that nothing else on the page confirmed."""
    parts = list(_SEPARATORS.finditer(title))
    if not parts:
        return title
    tail, rest = title[parts[-1].end() :], title[: parts[-1].start()]
    return (
        rest if len(tail.split()) <= 4 < len(rest.split()) and ":" not in tail and not re.search(r"\d", tail) else title
    )


def clean_title(title: str, names: Iterable[str] = ()) -> str:
    """A title without its outlet's name at either end and without an agency's name in front of it."""
    title = _line(title)
    keys = {_key(name) for name in names} - {""}
    while True:
        parts = list(_SEPARATORS.finditer(title))
        if parts and _key(title[parts[-1].end() :]) in keys:
            title = title[: parts[-1].start()]
        elif parts and _key(title[: parts[0].start()]) in keys:
            title = title[parts[0].end() :]
        elif ": " in title and _key(title.rpartition(": ")[2]) in keys:
            title = title.rpartition(": ")[0].rstrip()  # Blogger's own way
        else:
            break
    found = re.match(r"^\s*[\[(]\s*([^\])]{2,40})\s*[\])]\s*[:–—-]*\s*(?=\S)", title)
    if found and wire_credit.agency_named(found[1]):
        title = title[found.end() :]
    return title[:MAX_TITLE].strip(" |-–—•")


def authors_of(metas: dict[str, str], documents: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The names of the page's byline, in order; JSON-LD first, then meta elements, then the byline itself."""
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


_BYLINE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:author|authors|auteur|auteurs|byline|by-?line|by|created-?by|signature|username|"
    r"user-?name|writer|posted-?by|redacteur|journaliste|"
    r"source|agency|agence|marubuci|from-author)(?=[\s_-]|$)"
)


@functools.lru_cache(maxsize=16_384)
def _is_byline(named: str) -> bool:
    return _BYLINE_CLASS.search(named) is not None


def bylines_of(tree: Any) -> tuple[str, ...]:
    """What the page shows as its byline, outside comments and lists of articles; at most three, unclean."""
    found: list[str] = []
    for element in tree.iter():
        attributes = element.attrib
        if not attributes or not (
            _is_byline(furniture.named_of(element))
            or attributes.get("rel") == "author"
            or attributes.get("itemprop") == "author"
        ):
            continue
        text = _line(" ".join(element.itertext())[:300])
        if 2 <= len(text) <= 120 and text not in found and not furniture.is_aside(element):
            found.append(text)
        if len(found) == 3:
            break
    return tuple(found)


_CUT = re.compile(
    r"(?:\s+|\s*[|•·–—/,;-]\s*)(?:(?:publié|posté|mis à jour|published|updated|posted|le|on|an wallafa|نشر)\s.*|"
    r"(?:jan|fév|feb|mar|avr|apr|mai|may|jui|jun|jul|aoû|aug|sep|oct|nov|déc|dec)\w*\.?\s+\d.*|\d.*)$",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"^(?:source|sources|photos?|images?|crédits?|credits?|image credit|sobre|about|à propos|voir|see|more|plus|tags?|المصدر|صورة)\b",
    re.IGNORECASE,
)
MAX_NAME_WORDS = 8


def people_of(bylines: Iterable[str]) -> tuple[str, ...]:
    """The names in shown bylines: dates, counts and labels cut off, a line that holds a shorter one left out."""
    names: dict[str, None] = {}
    for line in bylines:
        name = _CUT.sub("", line).strip(" ,;|-–—:")
        if (
            not re.search(r"\d", name)
            and len(name) >= 2
            and len(name.split()) <= MAX_NAME_WORDS
            and not _NO_PERSON.match(name)
        ):
            names[name] = None
    return tuple(n for n in names if not any(o != n and fold(o) in fold(n) for o in names))


def rights_of(metas: dict[str, str], documents: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Who the page's metadata says the text belongs to or comes from."""
    found = [
        metas[n]
        for n in ("copyright", "dc.rights", "dcterms.rightsholder", "source", "dc.source", "original-source")
        if metas.get(n)
    ]
    for document in documents:
        for key in ("copyrightHolder", "sourceOrganization", "provider"):
            one = document.get(key)
            name = one.get("name") if isinstance(one, dict) else one
            if isinstance(name, str):
                found.append(name)
    return tuple(_line(text)[:120] for text in found)


_TWO_NAMES = re.compile(r"\s*(?:,|;|/|&|\bet\b|\band\b|\bda\b)\s+")


def clean_authors(names: Iterable[str], sites: Iterable[str] = ()) -> tuple[str, ...]:
    """Names without "Par", addresses, links and repeats; "A B et C D" is two names, the outlet's own name is none."""
    kept: dict[str, str] = {}
    own = {_key(site) for site in sites}
    for line in _split_names(names):
        if _key(line) in own:
            continue
        if (
            line
            and "://" not in line
            and "@" not in line
            and len(line) <= 120
            and fold(line) not in {"admin", "administrator", "administrateur", "webmaster"}
        ):
            kept.setdefault(fold(line), line)
    return tuple(kept.values())[:20]


def _split_names(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        line = re.sub(r"(?i)^(?:par|by|daga|publié par|posted by|written by|بقلم|كتب)\s*:?\s+", "", _line(name)).strip(
            " ,;|-–—:"
        )
        line = re.sub(r"^(.{4,}?) \(\1.*\)$", r"\1", line)  # "Agence X (Agence X (AX))"
        parts = [part.strip() for part in _TWO_NAMES.split(line)]
        if len(parts) > 1 and all(2 <= len(part.split()) <= 4 and part[:1].isupper() for part in parts):
            yield from parts
        else:
            yield line


def _line(text: str) -> str:
    return texts.clean_text(furniture.plain(text), one_line=True)


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _agree(one: str, other: str) -> bool:
    """Whether two titles say the same: most words of the shorter one are in the other."""
    if min(len(one), len(other)) >= 6 and (_key(one) in _key(other) or _key(other) in _key(one)):
        return True
    left, right = set(fold(one).split()), set(fold(other).split())
    shorter = left if len(left) <= len(right) else right
    return len(left & right) >= 0.6 * max(1, len(shorter)) and len(shorter) >= min(3, len(right))
