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
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import htmldate

from transforms.clock import iso
from transforms.extraction.folding import fold
from transforms.extraction.furniture import named_of
from transforms.records import Entry

EARLIEST_YEAR = 1990
SERVER_CLOCK = dt.timedelta(minutes=2)
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
_ISO = re.compile(
    r"(?P<y>\d{4})[-/.]?(?P<m>\d{2})[-/.]?(?P<d>\d{2})"
    r"(?:[T\s]+(?P<h>\d{1,2}):?(?P<n>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<z>Z|UTC|GMT|"
    r"[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?"
)
_MONTHS: dict[str, int] = {}
for _names in (
    # French, English, Hausa (with the spellings of the BBC, DW, RFI and of Niger's press)
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan fev mar avr mai jun jul aou sep oct nov dec",
    "janairu fabrairu maris afrilu mayu yuni yuli agusta satumba oktoba nuwamba disamba",
    "janairu fabarairu maris afrilu mayu juni yuli augusta satumba oktoba nuwamba disamba",
    "janairu faburairu maris aprilu mayu yuni juli agusta satumba oktoba nuwanba disemba",
    # Arabic: Egypt and Sudan, Levant, Maghreb (Algeria and Tunisia), Mauritania and Morocco
    "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين_الاول تشرين_الثاني كانون_الاول",
    "جانفي فيفري مارس افريل ماي جوان جويليه اوت سبتمبر اكتوبر نوفمبر ديسمبر",
    "يناير فبراير مارس ابريل ماي يونيه يوليوز غشت شتنبر اكتوبر نونبر دجنبر",
    "يناير فبراير مارس ابريل مايو يونيه يوليه اغشت شتمبر اكتوبر نوفمبر دجمبر",
):
    for _number, _name in enumerate(_names.split(), 1):
        _MONTHS.setdefault(_name.replace("_", " "), _number)
_MONTH = "(?:" + "|".join(sorted((re.escape(n) for n in _MONTHS), key=len, reverse=True)) + ")"
_CLOCK = (
    r"(?:[\s,،·|/-]*(?:a|at|at:|vers|الساعه|da misalin|da karfe|karfe|-|,)?\s*(?P<h>\d{1,2})\s*[:h.](?P<n>\d{2})"
    r"(?::\d{2})?\s*(?P<half>am|pm|a\.m|p\.m|ص|م)?)?"
)
_ZONE = r"\s*\(?(?P<z>gmt|utc|tu|ut|wat|cat)?\b"
_WRITTEN = re.compile(
    rf"(?<![\w])(?P<d>\d{{1,2}})(?:er|st|nd|rd|th)?(?:\s+ga)?(?:\s+watan)?[\s./-]+(?P<month>{_MONTH})\.?"
    rf"(?:\s*/\s*{_MONTH})?,?،?[\s./-]+(?:ta\s+)?(?P<y>\d{{4}}){_CLOCK}{_ZONE}"
)
_AMERICAN = re.compile(
    rf"(?<![\w])(?P<month>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_CLOCK}{_ZONE}"
)
_DIGITS = re.compile(
    rf"(?<![\d/.-])(?P<d>\d{{1,2}})(?P<x>[/.-])(?P<m>\d{{1,2}})(?P=x)(?P<y>\d{{4}}){_CLOCK}{_ZONE}(?![\d/])"
)
_DATE_NAMED = re.compile(
    r"(?i)(?:^|[\s_-]|(?<=[a-z]))(?:date|dates|time|published|posted|posted-?on|publish\w*|submitted|pubdate|"
    r"created|timestamp|when|heure|"
    r"entry-?meta|post-?meta|article-?meta|infos?|itemdatecreated|fecha|meta|byline|dateline|sig|"
    r"signature)(?=[\s_-]|$)"
)
_UPDATED_WORD = re.compile(r"mis a jour|modifie|actualise|updated|modified|last update|تحديث|عدل|sabunta|gyara")
_PUBLISHED_WORD = re.compile(r"publie|poste|mis en ligne|published|posted|نشر|wallafa|buga|an saka")
_LINE_LENGTH = 140


@dataclasses.dataclass(frozen=True, kw_only=True)
class Moment:
    """A date that was found: ``zoned`` tells whether the text gave an offset, ``precision`` is second or day.

    ``ambiguous``: written in digits that a reader of another country takes for month and day.
    """

    at: dt.datetime
    precision: str
    zoned: bool = True
    ambiguous: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class PublicationDate:
    """The fields of an article that tell when; times are RFC 3339 in UTC."""

    published: str | None = None
    published_from: str = "none"
    published_precision: str = "none"
    updated: str | None = None
    flags: tuple[str, ...] = ()


def read_moment(text: str, zone: dt.tzinfo) -> Moment | None:
    """A machine-written date (ISO 8601 in its many spellings); None when it is none or impossible."""
    found = _ISO.match(text.strip()[:60])
    if not found:
        return read_written(text[:_LINE_LENGTH], zone)
    hour, minute = int(found["h"] or 0), int(found["n"] or 0)
    try:
        day = dt.datetime(int(found["y"]), int(found["m"]), int(found["d"]), tzinfo=dt.UTC)
        moment = day.replace(hour=hour, minute=minute, second=min(59, int(found["s"] or 0)))
    except ValueError:
        return None
    if not found["h"]:
        return Moment(at=day, precision="day")
    if not found["z"]:
        return Moment(at=moment.replace(tzinfo=zone).astimezone(dt.UTC), precision="second", zoned=False)
    offset = _offset(found["z"])
    return Moment(at=moment - offset, precision="second") if offset is not None else None


def _offset(zone: str) -> dt.timedelta | None:
    if zone[0] not in "+-":
        return dt.timedelta(hours={"wat": 1, "cat": 2}.get(zone.lower(), 0))
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        return None
    return (1 if zone[0] == "+" else -1) * dt.timedelta(hours=hours, minutes=minutes)


def read_written(text: str, zone: dt.tzinfo) -> Moment | None:
    """The first date that a text writes for readers, in French, English, Arabic or Hausa; days come before months.

    A clock time beside it counts; without a zone it is on the outlet's clock.
    """
    folded = " ".join(fold(text).split())
    matches = [found for pattern in (_WRITTEN, _AMERICAN, _DIGITS) if (found := pattern.search(folded))]
    for found in sorted(matches, key=lambda f: f.start()):
        groups = found.groupdict()
        month = _MONTHS[groups["month"]] if groups.get("month") else int(groups["m"])
        try:
            day = dt.datetime(int(groups["y"]), month, int(groups["d"]), tzinfo=dt.UTC)
        except ValueError:
            continue
        ambiguous = "m" in groups and day.day <= 12 and day.day != day.month
        if not groups["h"]:
            return Moment(at=day, precision="day", ambiguous=ambiguous)
        hour, minute = int(groups["h"]), int(groups["n"])
        if groups["half"] and hour <= 12:
            hour = hour % 12 + (12 if groups["half"][0] in {"p", "م"} else 0)
        if hour > 23 or minute > 59:
            return Moment(at=day, precision="day", ambiguous=ambiguous)
        clock = day.replace(hour=hour, minute=minute)
        if groups["z"]:
            return Moment(at=clock - (_offset(groups["z"]) or dt.timedelta()), precision="second", ambiguous=ambiguous)
        local = clock.replace(tzinfo=zone).astimezone(dt.UTC)
        return Moment(at=local, precision="second", zoned=False, ambiguous=ambiguous)
    return None


def date_of_url(url: str) -> dt.datetime | None:
    """The day in an address (/2026/11/09/, /20261109-), or None."""
    found = re.search(r"/(?P<y>(?:19|20)\d{2})[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?=[/_.-]|$)", url) or re.search(
        r"[/_-](?P<y>20\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?=[/_.-]|$)", url
    )
    if not found:
        return None
    try:
        return dt.datetime(int(found["y"]), int(found["m"]), int(found["d"]), tzinfo=dt.UTC)
    except ValueError:
        return None


def metadata_dates(
    tree: Any, metas: dict[str, str], documents: Sequence[dict[str, Any]], names: tuple[str, ...], key: str
) -> Iterator[str]:
    """The machine-written dates of a page, the most explicit first."""
    for document in documents:
        if isinstance(document.get(key), str):
            yield document[key]
    for name in names:
        if metas.get(name):
            yield metas[name]
    for element in tree.xpath(f"//*[@itemprop='{key}']"):
        yield element.get("datetime") or element.get("content") or element.text_content()[:_LINE_LENGTH]


def time_elements(tree: Any) -> Iterator[tuple[Any, str]]:
    """(element, datetime) of the ``<time>`` elements outside lists and comments, those marked as published first."""
    elements = [t for t in tree.iter("time") if not _aside(t)][:10]
    marked = [
        t
        for t in elements
        if t.get("pubdate") is not None or re.search(r"publish|posted|entry-date", t.get("class") or "")
    ]
    for element in (*marked, *(e for e in elements if e not in marked)):
        if (
            not _UPDATED_WORD.search(fold(f"{element.get('class') or ''} {element.text_content()[:100]}"))
            or len(elements) == 1
        ):
            yield element, element.get("datetime") or element.text_content()[:_LINE_LENGTH]


def _aside(element: Any) -> bool:
    for above in element.iterancestors():
        if above.tag in {"aside", "nav", "footer", "li"}:
            return True
        if re.search(
            r"(?i)\b(?:comment|related|sidebar|widget|recent|popular)",
            f"{above.get('class') or ''} {above.get('id') or ''}",
        ) and (above.tag not in {"html", "body", "main", "article"}):
            return True
    return False


@functools.lru_cache(maxsize=16_384)
def _is_date_named(named: str) -> bool:
    return _DATE_NAMED.search(named) is not None


def visible_lines(tree: Any) -> tuple[list[str], list[str]]:
    """(published, updated): short texts that may tell the date, from elements named for it or near the headline."""
    published: list[str] = []
    updated: list[str] = []
    for element in tree.iter():
        if not element.attrib or element.tag in {"html", "body", "script", "style", "form"}:
            continue
        if not _is_date_named(named_of(element)):
            continue
        text = " ".join(element.text_content().split())
        if 6 <= len(text) <= _LINE_LENGTH and re.search(r"\d", text) and not _aside(element):
            _split_updated(text, published, updated)
        if len(published) > 12:
            break
    heads = tree.xpath("//h1")
    if heads:
        for number, element in enumerate(heads[-1].itersiblings()):
            text = " ".join(element.text_content().split())[:_LINE_LENGTH]
            if number > 4:
                break
            _split_updated(text, published, updated)
    return published, updated


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
) -> PublicationDate:
    """When the article was published, by the order of trust in the module's head."""
    flags: set[str] = set()

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

    stated = [
        read_moment(text, zone) for text in metadata_dates(tree, metas, documents, _PUBLISHED_METAS, "datePublished")
    ]
    if any(moment is None for moment in stated):
        flags.add("DATE_INVALID")
    stated += [read_moment(text, zone) for _, text in time_elements(tree)]
    exact = any(m is not None and m.precision == "second" and m.zoned for m in stated)
    lines, changed_lines = ([], []) if exact else visible_lines(tree)
    shown = [read_written(line, zone) for line in lines]
    page = list(credible(stated)) + list(credible(shown))
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
    if chosen is None:
        guess = _guess(tree, url, now)
        if guess is not None and (moment := next(credible([guess]), None)):
            chosen, origin = moment, "page"
    changes = metadata_dates(tree, metas, documents, _UPDATED_METAS, "dateModified")
    updated = next(
        credible(
            [*(read_moment(text, zone) for text in changes), *(read_written(line, zone) for line in changed_lines)]
        ),
        None,
    )
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
    clocked = next((m for m in page if m.precision == "second"), None)
    day = next(iter(page), None)
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
    return read_moment(found, dt.UTC) if found else None
