"""What the page calls itself: headline, authors and site, cleaned of outlet suffixes and agency prefixes."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from transforms import texts
from transforms.extraction import furniture, wire_credit
from transforms.extraction.folding import fold

MAX_TITLE = 500
_MOST = 0.8
_MOST_PARTS = 8
_SEPARATORS = re.compile(r"\s+(?:[|–—·•»:/~]+|-+|::|\|\|)\s+")


def metas_of(tree: Any) -> dict[str, str]:
    """The page's meta elements by property, name or itemprop in lower case; the first of a name wins."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        given = dict(meta.items())
        content = given.get("content", "").strip()
        for attribute in ("property", "name", "itemprop") if content else ():
            if name := given.get(attribute, "").strip().lower():
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
    tree: Any,
    metas: dict[str, str],
    documents: Sequence[dict[str, Any]],
    *,
    sites: "Iterable[str] | Names",
    entry: str = "",
) -> str:
    """The headline. ``sites`` are names of the outlet that may hang on it; ``entry`` is the feed's title."""
    names = Names.of(sites)
    page_title = line_of(tree.findtext(".//title") or "")
    written = [line_of(d["headline"]) for d in documents if isinstance(d.get("headline"), str)]
    shared = [
        line_of(metas[name]) for name in ("og:title", "twitter:title", "dc.title", "citation_title") if metas.get(name)
    ]
    heads = [line_of(h1.text_content()) for h1 in tree.iter("h1")][:8]
    known = [t for t in (*shared, *written, page_title, entry) if t]
    agreeing = [
        head
        for head in heads
        if len(head) >= 4 and head not in names and (not known or any(_agree(head, other) for other in known))
    ]
    if agreeing:
        # a site's name in an h1 of its own agrees with "headline - site" as well: the longest is the headline
        return clean_title(max(agreeing, key=len) if known else agreeing[0], names)
    for candidate in (*shared, *written):
        cleaned = clean_title(_segment(candidate, entry), names)
        if cleaned and cleaned not in names:
            return cleaned
    cleaned = clean_title(_segment(page_title, entry), names)
    if cleaned and cleaned not in names and cleaned != entry:
        cleaned = _shown_segment(tree, cleaned) or _without_tail(cleaned)
    marked = (
        list(_marked_headlines(tree))
        or [
            text
            for h2 in tree.iter("h2")
            if len((text := line_of(h2.text_content()[:300])).split()) >= 4 and not furniture.is_aside(h2)
        ][:1]
    )
    if cleaned and not any(_agree(cleaned, headline) for headline in marked) and not _is_shown(tree, cleaned):
        marked, cleaned = [*marked, cleaned], ""  # the title of a template: what the page names a headline tells more
    else:
        cleaned = next((headline for headline in marked if cleaned and key_of(cleaned) == key_of(headline)), cleaned)
    for candidate in (cleaned, *marked, *heads, entry):
        cleaned = clean_title(candidate, names)
        if cleaned and cleaned not in names:
            return cleaned
    return texts.clean_text(entry, one_line=True)


class Names:
    """What the site calls itself: the names it gives, and what its host is made of."""

    def __init__(self, names: Iterable[str]) -> None:
        given = list(names)
        self._keys = {key for name in given if "." not in name and (key := key_of(name))}
        hosts = [name for name in given if "." in name and " " not in name.strip()]
        self._labels = [key_of(label) for host in hosts for label in host.split(".")[:-1] if len(label) >= 6]
        self._keys |= {key_of(host) for host in hosts}

    @classmethod
    def of(cls, names: "Iterable[str] | Names") -> "Names":
        """The names, read once for all who compare with them."""
        return names if isinstance(names, cls) else cls(names)  # type: ignore[arg-type]

    def __contains__(self, name: object) -> bool:
        """Whether a text is a name of the site: one that it gives itself, or the words of its host."""
        key = key_of(str(name))
        # "Tchad Gazette" of tchad-gazette.example; a town's name alone is no name of the paper that bears it
        return bool(key) and (
            key in self._keys or any(label.startswith(key) and len(key) >= _MOST * len(label) for label in self._labels)
        )


_HEADLINE_CLASS = re.compile(r"(?i)(?:title|titre|headline|lbl_?tit\w*)(?=[\s_-]|$)")


def _marked_headlines(tree: Any) -> Iterator[str]:
    """Texts of elements that are named as headlines, on pages without a heading that is one."""
    for element in tree.xpath(
        "//*[@class or @id][self::h2 or self::h3 or self::span or self::div or self::p or self::td]"
    ):
        if _HEADLINE_CLASS.search(furniture.named_of(element)) and len(element) <= 3:
            text = line_of(element.text_content()[:400])
            if 15 <= len(text) <= 250 and len(text.split()) >= 3 and not furniture.is_aside(element):
                yield text
    for element in tree.iter("font", "b", "strong"):
        large = element.tag != "font" or (element.get("size") or "").strip("+") in {"4", "5", "6", "7"}
        if (
            not large
            or element.find(".//a") is not None
            or any(a.tag in {"a", "p", "li"} for a in element.iterancestors())
        ):
            continue
        text = line_of(element.text_content()[:400])
        if 15 <= len(text) <= 200 and len(text.split()) >= 4 and not text.endswith((".", ":")):
            yield text


def _shown_segment(tree: Any, title: str) -> str:
    """The longest part of a page title that the page shows as a text of its own, "" when there is no such part."""
    bounds = [(0, 0), *(found.span() for found in _SEPARATORS.finditer(title)), (len(title), len(title))][:_MOST_PARTS]
    parts = {
        key_of(part): part
        for first, (_, start) in enumerate(bounds)
        for end, _ in bounds[first + 1 :]
        if (part := title[start:end]) and part != title
    }
    if not parts:
        return ""
    shown = [
        parts[key]
        for element in tree.iter("h1", "h2", "h3", "b", "strong", "font", "span", "div", "td", "p")
        if (element.text or len(element)) and (key := _short_key(element)) in parts
    ]
    return max(shown, key=len, default="")


def _is_shown(tree: Any, title: str) -> bool:
    """Whether some element of the page says the title, and nothing else."""
    key = key_of(title)
    return any(
        _short_key(element) == key
        for element in tree.iter("h2", "h3", "h4", "b", "strong", "font", "span", "div", "td", "p")
    )


def _short_key(element: Any) -> str:
    text = element.text_content() if len(element) <= 2 else element.text or ""
    return key_of(text) if 0 < len(text) <= 400 else ""


_HOMES = frozenset({"/", "index.php", "index.html"})
_MOST_LINKS = 12


def _home_links(tree: Any) -> Iterator[Any]:
    """Links to a front page, this site's or another's, and those to feeds."""
    for link in tree.iter("a", "link"):
        if link.tag == "link":
            if link.get("rel") == "alternate" and link.get("title") is not None:
                yield link
            continue
        href = link.get("href") or ""
        if (
            href in _HOMES
            or (href.startswith("http") and not href.partition("//")[2].partition("/")[2])
            or "home" in (link.get("rel") or "")
        ):
            yield link


def home_names(tree: Any, host: str = "") -> Iterator[str]:
    """What the site calls itself where it links home or to its feed."""
    for link in itertools.islice(_home_links(tree), _MOST_LINKS):
        href = link.get("href") or ""
        if (
            link.tag == "a"
            and href.startswith("http")
            and host
            and host not in href.partition("//")[2].partition("/")[0]
        ):
            continue
        name = line_of(link.get("title") or "") if link.tag == "link" else line_of(link.text_content()[:200])
        if 2 <= len(name) <= 60:
            yield name


def _segment(title: str, entry: str) -> str:
    """The part of a title that is exactly the feed's title, else all of it."""
    return entry if entry and key_of(entry) in {key_of(part) for part in _SEPARATORS.split(title)} else title


def _without_tail(title: str) -> str:
    """A page title without a short last part: an outlet's name that nothing else on the page confirmed."""
    parts = list(_SEPARATORS.finditer(title))
    if not parts:
        return title
    tail, rest = title[parts[-1].end() :], title[: parts[-1].start()]
    return (
        rest if len(tail.split()) <= 4 < len(rest.split()) and ":" not in tail and not re.search(r"\d", tail) else title
    )


def clean_title(title: str, names: Iterable[str] | Names = ()) -> str:
    """A title without its outlet's name at either end and without an agency's name in front of it."""
    title = line_of(title)
    own = Names.of(names)
    while True:
        parts = list(_SEPARATORS.finditer(title))
        if parts and title[parts[-1].end() :] in own:
            title = title[: parts[-1].start()]
        elif parts and title[: parts[0].start()] in own:
            title = title[parts[0].end() :]
        elif ": " in title and title.rpartition(": ")[2] in own:
            title = title.rpartition(": ")[0].rstrip()  # Blogger's own way
        elif ": " in title and title.partition(": ")[0] in own:
            title = title.partition(": ")[2].lstrip()
        else:
            break
    found = re.match(r"^\s*[\[(]\s*([^\])]{2,40})\s*[\])]\s*[:–—-]*\s*(?=\S)", title)
    if found and wire_credit.agency_named(found[1]):
        title = title[found.end() :]
    return title[:MAX_TITLE].strip(" |-–—•")


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
    return tuple(line_of(text)[:120] for text in found)


def line_of(text: str) -> str:
    """Markup or escaped text as one clean line."""
    return texts.clean_text(furniture.plain(text), one_line=True)


def key_of(text: str) -> str:
    """A text's letters and digits, folded: what two spellings of a name share."""
    return re.sub(r"[\W_]+", "", fold(text))


def _agree(one: str, other: str) -> bool:
    """Whether two titles say the same: most words of the shorter one are in the other."""
    if min(len(one), len(other)) >= 6 and (key_of(one) in key_of(other) or key_of(other) in key_of(one)):
        return True
    left, right = set(fold(one).split()), set(fold(other).split())
    shorter = left if len(left) <= len(right) else right
    return len(left & right) >= 0.6 * max(1, len(shorter)) and len(shorter) >= min(3, len(right))
