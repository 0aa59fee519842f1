"""When an article was published: page, feed and address, in a stated order of trust.

1. page metadata that gives a moment with its offset (JSON-LD, article:published_time, itemprop, ``<time datetime>``);
2. the feed's date with a clock time, unless its zone had to be assumed and the page tells better;
3. a page moment without an offset, read on the outlet's clock (DATE_TZ_ASSUMED);
4. the feed's or the page's day;
5. a day in the address;
6. htmldate's guess, for pages that give nothing of the above (``max_date`` is passed with every call: an Extractor that
   is kept over midnight returns wrong dates).

A page moment within two minutes of the fetch is the server's clock, not a date, when the feed knows an older one.
Dates before 1990 (DATE_IMPLAUSIBLE), after tomorrow (DATE_FUTURE) or that no calendar has (DATE_INVALID) are never
believed, and the next in line is asked.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import htmldate

from transforms.clock import iso
from transforms.extraction.folding import fold
from transforms.extraction.furniture import holds_marked_body, is_page_footer, named_of
from transforms.extraction.outline import Outline, outline_of
from transforms.extraction.written_dates import MAX_LINE, Moment, date_of_url, read_moment, read_written
from transforms.records import Entry

EARLIEST_YEAR = 1990
SERVER_CLOCK = dt.timedelta(minutes=2)
_SAME_DAY = dt.timedelta(hours=36)
_PUBLISHED_METAS = (
    "article:published_time", "og:published_time", "datepublished", "dc.date.issued", "dcterms.created", "dcterms.issued",
    "dc.date", "dc.date.created", "dcterms.date", "parsely-pub-date", "sailthru.date", "publishdate", "pubdate",
    "publication_date", "date", "cxenseparse:recs:publishtime", "rnews:datepublished", "originalpublicationdate",
    "article.published", "published-date", "citation_publication_date", "article_date_original", "ptime",
)  # fmt: skip
_UPDATED_METAS = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "lastmod",
    "last-modified", "revised",
)  # fmt: skip
_DATE_NAMED = re.compile(
    r"(?i)(?:^|[\s_-]|(?<=[a-z]))(?:date|dates|time|published|posted|posted-?on|publish\w*|submitted|pubdate|tarih|"
    r"created|timestamp|when|heure|horodatage|publi(?:cation)?|sstitre|sous-?titre|"
    r"entry-?meta|post-?meta|article-?meta|infos?|itemdatecreated|fecha|meta|byline|dateline|sig|auteurs?|author|"
    r"signature)(?=[\s_-]|$)"
)
_NOT_OURS = re.compile(
    r"(?i)\b(?:comment|related|sidebar|widget|recent|popular|today|aujourd|current-?(?:date|time)|date-?du-?jour|top-?bar|"
    r"ticker|breaking|header-date|forum|reactions?|kmt|com-tete|most-?(?:read|viewed))"
)
_UPDATED_WORD = re.compile(
    r"mis a jour|mise a jour|maj\b|modifie|actualise|updated|modified|last update|تحديث|عدل|sabunta|gyara"
)
_PUBLISHED_WORD = re.compile(r"publie|publication|poste|mis en ligne|published|posted|نشر|wallafa|buga|an saka")
_LINK_HEIGHT = 3
_NEAR, _RIGHT_BEFORE = 300, 30
"""Characters behind a headline (half of it before) in which a date without any mark-up of its own is looked for."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PublicationDate:
    """The fields of an article that tell when; times are RFC 3339 in UTC."""

    published: str | None = None
    published_from: str = "none"
    published_precision: str = "none"
    updated: str | None = None
    flags: tuple[str, ...] = ()


def metadata_dates(
    outline: Outline, metas: dict[str, str], documents: Sequence[dict[str, Any]], names: tuple[str, ...], key: str
) -> Iterator[str]:
    """The machine-written dates of a page, the most explicit first."""
    for document in documents:
        if isinstance(document.get(key), str):
            yield document[key]
    for name in names:
        if metas.get(name):
            yield metas[name]
    for element in outline.marked("itemprop", key):
        yield element.get("datetime") or element.get("content") or element.text_content()[:MAX_LINE]
    if key == "datePublished":
        # microformats (SPIP 3, Blogger) and RDFa (Drupal 7)
        for element, given in outline.attributes.items():
            if "property" in given and "content" in given:
                if element.tag == "meta":
                    continue
            elif "title" not in given or "published" not in given.get("class", "") or element.tag != "abbr":
                continue
            named = (given.get("property") or "dc:date").split()
            if {"dc:date", "dc:created", "dcterms:created", "schema:datePublished"}.intersection(named):
                written = given.get("content") or given.get("title") or ""
                if written[:1].isdigit():
                    yield written


def time_elements(tree: Any) -> tuple[list[str], list[str]]:
    """(published, updated): the ``<time>`` elements outside lists and comments, those marked as published first."""
    elements = [t for t in tree.iter("time") if not _aside(t)][:10]
    marked: list[str] = []
    others: list[str] = []
    updated: list[str] = []
    for element in elements:
        named = element.get("class") or ""
        above = element.getparent()
        said = fold(f"{named} {element.text_content()[:100]} {(above.text or '')[-60:] if above is not None else ''}")
        written = element.get("datetime") or element.text_content()[:MAX_LINE]
        publishes = element.get("pubdate") is not None or re.search(r"publish|posted|entry-date", named) is not None
        if _UPDATED_WORD.search(said) and len(elements) > 1 and not (publishes and "updated" in said.split()):
            updated.append(written)
        elif publishes:
            marked.append(written)
        else:
            others.append(written)
    return marked + others, updated


def _aside(element: Any) -> bool:
    """Whether an element stands in a list, a comment or the card of another article."""
    ours = False
    for height, above in enumerate(element.iterancestors()):
        tag = above.tag
        if tag == "a" and height < _LINK_HEIGHT and len(above.text_content()) <= len(element.text_content()) + 5:
            continue  # a permanent link around nothing but the date
        if tag in {"aside", "nav", "a"} or is_page_footer(above) or (tag == "li" and _is_card(above)):
            return True
        if tag in {"html", "body", "main"}:
            continue
        if tag == "article":
            if _is_card(above):
                return True
        elif not ours and above.attrib and _is_aside_named(named_of(above)):
            ours = holds_marked_body(above)  # and so does all that is above it
            if not ours:
                return True
    return bool(element.attrib) and element.tag != "time" and _NOT_OURS.search(named_of(element)) is not None


def _is_card(element: Any) -> bool:
    """Whether an element shows another article: a linked headline and next to no text."""
    if element.find(".//h1") is not None:
        return False
    linked = element.find(".//a") is not None and (
        element.tag == "li" or element.xpath("boolean(.//h2[.//a] | .//h3[.//a] | .//h4[.//a] | .//a//h2 | .//a//h3)")
    )
    limit = 400 if element.tag == "article" else 120
    return linked and len(element.text_content()) < limit


@functools.lru_cache(maxsize=16_384)
def _is_date_named(named: str) -> bool:
    return _DATE_NAMED.search(named) is not None


@functools.lru_cache(maxsize=16_384)
def _is_aside_named(named: str) -> bool:
    return _NOT_OURS.search(named) is not None


def visible_lines(tree: Any, outline: Outline, title: str = "") -> tuple[list[str], list[str]]:
    """(published, updated): short texts that may tell the date, from elements named for it or near the headline.

    Nearest to the headline first: the bar on top of many sites tells today's date, and lists tell other articles'.
    """
    published: list[str] = []
    updated: list[str] = []
    found: list[tuple[int, Any]] = []
    wanted, anchor = " ".join(title.split())[:80], None
    for number, element in enumerate(tree.iter()):
        tag = element.tag
        if tag == "h1" or (
            anchor is None and wanted and (element.text or "").strip().startswith(wanted) and tag != "title"
        ):
            anchor = number
        given = outline.attributes.get(element)
        if given is None or tag in {"html", "body", "script", "style", "form", "meta", "link", "a"}:
            continue
        if len(found) < 40 and _is_date_named(f"{given.get('class', '')} {given.get('id', '')}"):
            found.append((number, element))
    lines = []
    for number, element in found:
        text = " ".join(element.text_content().split())
        if 6 <= len(text) <= MAX_LINE and re.search(r"\d", text) and not _aside(element):
            distance = abs(number - anchor) if anchor is not None else number
            lines.append((distance // 3 if _PUBLISHED_WORD.search(fold(text)) else distance, text))
    for _, text in sorted(lines, key=lambda line: line[0])[:12]:
        _split_updated(text, published, updated)
    heads = tree.xpath("//h1")
    if heads:
        for number, element in enumerate(heads[-1].itersiblings()):
            text = " ".join(element.text_content().split())[:MAX_LINE]
            if number > 4:
                break
            _split_updated(text, published, updated)
    return published, updated


def around_title(tree: Any, title: str, fetched: dt.datetime | None) -> list[str]:
    """What stands right behind and right before the headline, for pages that mark nothing up.

    A date before the headline that is the day of the fetch is the calendar in the page's head, and left out.
    """
    body = tree.find(".//body")
    wanted = "".join(title.split())
    if body is None or len(wanted) < 12:
        return []
    pieces = [
        piece
        for element in body.iter()
        if element.tag not in {"script", "style", "noscript", "option"}
        for piece in (element.text, element.tail if element is not body else None)
        if piece and not piece.isspace()
    ]
    lines: list[str] = []
    for number, piece in enumerate(pieces):
        if not "".join(piece.split()).startswith(wanted[:60]):
            continue
        behind = " ".join(" ".join(pieces[number : number + 12]).split())[len(title) :][:_NEAR]
        before = " ".join(" ".join(pieces[max(0, number - 6) : number]).split())[-_NEAR // 2 :]
        lines.append(behind)
        moment = read_written(before, dt.UTC)
        close = read_written(before[-_RIGHT_BEFORE:], dt.UTC)
        clocked = close is not None and close.precision == "second"  # a calendar tells no time and has a menu behind it
        if moment is not None and (clocked or fetched is None or abs(moment.at - fetched) > dt.timedelta(hours=36)):
            lines.append(before)
    return lines[:6]


def _split_updated(text: str, published: list[str], updated: list[str]) -> None:
    """Sort a date line into published and updated: "Publié le 3 mai 2026, mis à jour le 4 mai 2026" is both."""
    folded = fold(text)
    found = _UPDATED_WORD.search(folded)
    if not found:
        published.append(folded)
        return
    before, behind = folded[: found.start()], folded[found.start() :]
    said = _PUBLISHED_WORD.search(behind)
    updated.append(behind[: said.start()] if said else behind)
    parts = (before, behind[said.start() :] if said else "")
    published.extend(part for part in parts if re.search(r"\d", part))


def publication_date(
    tree: Any,
    metas: dict[str, str],
    documents: Sequence[dict[str, Any]],
    *,
    entry: Entry | None,
    url: str,
    zone: dt.tzinfo,
    now: dt.datetime,
    fetched: dt.datetime | None = None,
    title: str = "",
    outline: Outline | None = None,
) -> PublicationDate:
    """When the article was published, by the order of trust in the module's head."""
    flags: set[str] = set()
    outline = outline or outline_of(tree.iter())

    def credible(moments: Iterable[Moment | None]) -> Iterator[Moment]:
        for moment in moments:
            if moment is None:
                continue
            if moment.at > now + dt.timedelta(hours=24):
                flags.add("DATE_FUTURE")
            elif moment.at.year < EARLIEST_YEAR:
                flags.add("DATE_IMPLAUSIBLE")
            else:
                yield moment

    stated: list[Moment] = []
    exact = False
    for text in metadata_dates(outline, metas, documents, _PUBLISHED_METAS, "datePublished"):
        read = read_moment(text, zone)
        if read is None:
            flags.add("DATE_INVALID")
        stated += credible([read])
        if exact := any(m.precision == "second" and m.zoned for m in stated):
            break  # nothing outranks it
    timed, retimed = time_elements(tree)
    if not exact:
        stated += credible(read_moment(text, zone) for text in timed)
        exact = any(m.precision == "second" and m.zoned for m in stated)
    lines, changed_lines = ([], []) if exact else visible_lines(tree, outline, title)
    page = stated + list(credible(read_written(line, zone) for line in lines))
    if not page:
        page = list(credible(read_written(line, zone) for line in around_title(tree, title, fetched)))
    feed = _feed_moment(entry, now)
    if feed is not None and fetched is not None and feed.precision == "second":
        page = [
            m for m in page if not (abs(m.at - fetched) < SERVER_CLOCK and feed.at < fetched - dt.timedelta(hours=1))
        ]
    chosen, origin = _choose(page, feed, assumed=entry is not None and "DATE_TZ_ASSUMED" in entry.flags)
    if chosen is None:
        day = date_of_url(url)
        if day is not None and (moment := next(credible([Moment(at=day, precision="day")]), None)):
            chosen, origin = moment, "url"
    if chosen is None and "DATE_FUTURE" not in flags:  # given a limit below the page's own date, htmldate makes one up
        guess = _guess(tree, url, now)
        if guess is not None and (moment := next(credible([guess]), None)):
            chosen, origin = moment, "page"
    changes = metadata_dates(outline, metas, documents, _UPDATED_METAS, "dateModified")
    readings = itertools.chain(
        (read_moment(text, zone) for text in itertools.chain(changes, retimed)),
        (read_written(line, zone) for line in changed_lines),
    )
    updated = next(credible(readings), None)
    updated_at = updated.at if updated else None
    if updated_at is None and entry is not None and entry.updated and entry.updated != entry.published:
        updated_at = dt.datetime.fromisoformat(entry.updated)
    if chosen is None:
        return PublicationDate(updated=iso(updated_at) if updated_at else None, flags=tuple(sorted(flags)))
    if not chosen.zoned:
        flags.add("DATE_TZ_ASSUMED")
    if chosen.ambiguous:
        flags.add("DATE_AMBIGUOUS")
    return PublicationDate(
        published=iso(chosen.at),
        published_from=origin,
        published_precision=chosen.precision,
        updated=iso(updated_at) if updated_at and updated_at > chosen.at else None,
        flags=tuple(sorted(flags)),
    )


def _feed_moment(entry: Entry | None, now: dt.datetime) -> Moment | None:
    if entry is None or not entry.published:
        return None
    at = dt.datetime.fromisoformat(entry.published)
    if at > now + dt.timedelta(hours=24) or at.year < EARLIEST_YEAR:
        return None
    return Moment(
        at=at,
        precision="day" if entry.published_precision == "day" else "second",
        zoned="DATE_TZ_ASSUMED" not in entry.flags,
    )


def _choose(page: list[Moment], feed: Moment | None, *, assumed: bool) -> tuple[Moment | None, str]:
    """The most trusted of what page and feed give, and which of the two gave it."""
    exact = next((m for m in page if m.precision == "second" and m.zoned), None)
    day = next(iter(page), None)
    clocked = next((m for m in page if m.precision == "second" and day and abs(m.at - day.at) < _SAME_DAY), None)
    if exact is not None:
        return exact, "page"
    if feed is not None and feed.precision == "second" and not (assumed and clocked is not None):
        return feed, "feed"
    if clocked is not None:
        return clocked, "page"
    if feed is not None:
        return feed, "feed"
    return (day, "page") if day is not None else (None, "none")


def _guess(tree: Any, url: str, now: dt.datetime) -> Moment | None:
    limit = (now + dt.timedelta(days=1)).strftime("%Y-%m-%d")
    found = htmldate.find_date(
        tree,
        url=url,
        original_date=True,
        extensive_search=False,
        outputformat="%Y-%m-%d",
        min_date="1990-01-01",
        max_date=limit,
    )
    # the first of a month is also what it makes of a month without a day
    return read_moment(found, dt.UTC) if found and not found.endswith("-01") else None
