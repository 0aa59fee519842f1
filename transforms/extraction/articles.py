"""One page, one article: the parts of the package put together, and the feed's own text where the page gives none."""

import datetime as dt
import re
from typing import Any

from transforms import reasons, texts, urls
from transforms.clock import iso, parse_time
from transforms.extraction import (
    blocked,
    body,
    bylines,
    furniture,
    languages,
    page_dates,
    parsing,
    titles,
    wire_credit,
    written_dates,
)
from transforms.extraction.outline import outline_of
from transforms.extraction.zones import zone_of_outlet
from transforms.records import Article, Entry, Failure, Page, article_id_of

MIN_FEED_TEXT = 200
MIN_FLASH = 80
"""Characters below which a page has no content; between this and ``body.MIN_TEXT`` it is flagged TEXT_SHORT."""
_UNSAFE = frozenset(
    {"SSRF_BLOCKED", "BAD_SCHEME", "BAD_PORT", "BAD_URL", "URL_TOO_LONG", "URL_CREDENTIALS", "LEGAL_451"}
)
"""Refusals of the address itself or by law: the feed's text does not stand in for such a page."""
_ELLIPSIS = re.compile(
    r"(?:\.\.\.|…|\[\s*(?:…|\.\.\.|&hellip;)\s*\]|lire la suite|read more|continue reading|"
    r"المزيد)\W*$",
    re.IGNORECASE,
)
_INJECTION = re.compile(
    r"(?i)(?:ignore|disregard|forget) (?:all |any )?(?:the )?(?:previous|prior|above|earlier) (?:instructions|"
    r"prompts?)|"
    r"ignore[rz]? (?:toutes )?(?:les )?instructions (?:precedentes|précédentes)|تجاهل (?:جميع |"
    r"كل )?التعليمات السابقة"
)
_INJECTED = ("instruction", "prompt", "تعليمات")


def extract_article(page: Page, now: dt.datetime) -> Article | Failure:
    """The article of a page; a Failure of stage ``extract`` when there is none in it.

    ``now`` is the step's clock: dates after tomorrow are not believed.
    """
    try:
        return _extract(page, now)
    except parsing.PageRefusedError as refusal:
        return failure_of(page, refusal.reason, str(refusal))


def _extract(page: Page, now: dt.datetime) -> Article | Failure:
    lead = page.entries[0]
    source, recoded = parsing.to_utf8(page.body, page.charset)
    tree, repaired = parsing.parse(source)
    outline = outline_of(tree.iter())
    metas, documents = titles.metas_of(tree), body.json_ld(tree)
    site = titles.site_of(metas, documents)
    host = urls.host_of(page.url)
    own = titles.Names((site, lead.outlet, host, *titles.home_names(tree, host)))
    title = titles.title_of(tree, metas, documents, sites=own, entry=lead.title)
    stated, shown = bylines.authors_of(metas, documents), bylines.bylines_of(outline)
    date = page_dates.publication_date(
        tree, metas, documents or body.json_ld(tree, pages=True), entry=lead, url=page.url, zone=zone_of_outlet(lead.timezone, lead.country, page.url), now=now,
        fetched=parse_time(page.fetched) if page.fetched else None, title=title, outline=outline,
    )  # fmt: skip
    canonical = canonical_of(tree, page)
    furniture.strip_code(tree)
    authors = (
        bylines.clean_authors(stated, own)
        or bylines.clean_authors(bylines.people_of(shown, own), own)
        or bylines.clean_authors(lead.authors, own)
        or bylines.clean_authors(bylines.unmarked_byline(tree, title), own)
        or bylines.clean_authors(bylines.signature_of(tree, own), own)
    )
    written_text = tree.text_content()
    visible = blocked.Visible(written_text)
    if refused := blocked.refusal_before(source, title, visible):
        return failure_of(page, *refused)
    found = body.extract_body(tree, title=title, outline=outline)
    del outline
    text, flags = found.text, {*page.flags, *date.flags, *lead.flags, *reservations(metas)}
    if len(text) < body.MIN_TEXT:
        written = body.body_of_json_ld(documents)
        text = texts.limit_bytes(written) if len(written) > len(text) else text
    refused = blocked.refusal_after(source, title or lead.title, text, visible)
    if refused:
        return failure_of(page, *refused)
    if blocked.is_paywalled(documents, text, visible):
        text = blocked.before_wall(text)
        if len(text) < body.MIN_TEXT or _feed_text(lead)[0]:
            return failure_of(page, "PAYWALL", f"only the first {len(text)} characters are shown")
        flags.add("PAYWALL")
    if len(text) < body.MIN_TEXT:
        if blocked.is_listing(tree, metas, documents, page.url, text):
            return failure_of(page, "NOT_LANDING", "a front page or a list")
        if len(text) < MIN_FLASH and parsing.is_cut_off(tree):
            return failure_of(page, "HTML_TOO_COMPLEX", f"nested deeper than {parsing.MAX_DEPTH} levels")
        if len(text) < MIN_FLASH or _feed_text(lead)[0]:
            return failure_of(page, "NO_CONTENT", f"{len(text)} characters of text")
    elif blocked.is_listing(tree, metas, documents, page.url, text):
        return failure_of(page, "NOT_LANDING", "a front page or a list")
    if recoded:
        flags.add("CHARSET_REPAIRED")
    if repaired or texts.was_repaired(written_text):
        flags.add("TEXT_REPAIRED")
    if len(text) < body.MIN_TEXT:
        flags.add("TEXT_SHORT")
    if _is_injection(text):
        flags.add("PROMPT_INJECTION_SUSPECT")
    if not title:
        title = texts.excerpt_of(text, 120)
    language, confidence = languages.detect_language(f"{title}\n{text}", hint=lead.language)
    own_name = (site,) if wire_credit.agency_named(site) else ()  # on its own site an agency signs nothing else
    agency = wire_credit.wire_agency(
        bylines=(*stated, *shown, *lead.authors),
        paragraphs=text.split("\n"),
        credits_=(*found.credits, *titles.rights_of(metas, documents), *own_name),
    )
    return Article(
        article_id=article_id_of(canonical),
        entries=page.entries,
        url=lead.url,
        canonical_url=canonical,
        title=title,
        text=text,
        authors=authors,
        published=date.published,
        published_from=date.published_from,
        published_precision=date.published_precision,
        updated=date.updated,
        fetched=page.fetched,
        language=language,
        language_confidence=confidence,
        body_from="page",
        wire_agency=agency,
        flags=tuple(sorted(flags)),
        rights=lead.text_rights,
        country=lead.country,
        outlet=lead.outlet,
        extraction=body.version(),
        raw_ref=page.raw_ref,
    )


def _is_injection(text: str) -> bool:
    """Whether a text speaks to a language model; without one of the things that it would name it does not."""
    folded = text.casefold()
    return any(word in folded for word in _INJECTED) and _INJECTION.search(text) is not None


def failure_of(page: Page, reason: str, message: str) -> Failure:
    """The failure of a page in this step."""
    return Failure(
        stage="extract", reason=reason, message=message, entries=page.entries, url=page.url, fetched=page.fetched,
        raw_ref=page.raw_ref,
    )  # fmt: skip


def canonical_of(tree: Any, page: Page) -> str:
    """The canonical URL of a page: its own ``rel=canonical`` when that names this site, else its lead entry's.

    A canonical link to another host, to the front page, or an unreadable one is not followed: sites of the region copy
    templates, and a wrong one would merge a whole site into one article.
    """
    known = _address_of(page)
    for link in tree.iter("link"):
        if "canonical" not in (link.get("rel") or "").lower().split() or not link.get("href"):
            continue
        try:
            stated = urls.canonical_url(urls.resolve(link.get("href"), page.url)).canonical
            here = urls.canonical_url(page.url).canonical
        except urls.BadUrlError:
            return known
        same_site = urls.host_of(stated) in {urls.host_of(here), urls.host_of(known)}
        front = re.fullmatch(r"https?://[^/]+/?", stated) is not None
        return stated if same_site and not front else known
    return known


def _address_of(page: Page) -> str:
    """The lead entry's canonical URL, or where it led: a link that ends on another host was a shortener's or a counter's.

    A front page is where links end that lead nowhere any more; it is nobody's identity.
    """
    known = page.entries[0].canonical_url
    try:
        ended = urls.canonical_url(page.url).canonical
    except urls.BadUrlError:  # a redirect link that holds an address which is refused
        return known
    if urls.host_of(ended) == urls.host_of(known) or re.fullmatch(r"https?://[^/]+/?", ended):
        return known
    return ended


def reservations(metas: dict[str, str]) -> set[str]:
    """Flags for what a page reserves: NOARCHIVE and TDM_RESERVATION."""
    robots = {word.strip().lower() for name in ("robots", "googlebot") for word in metas.get(name, "").split(",")}
    flags = set()
    if robots & {"noarchive", "nosnippet"}:
        flags.add("NOARCHIVE")
    if metas.get("tdm-reservation", "").strip() == "1" or robots & {"noai"}:
        flags.add("TDM_RESERVATION")
    return flags


def _feed_text(entry: Entry) -> tuple[str, str]:
    """(text, body_from) of what the feed carries, ("", "") when it is too little for an article."""
    content = body.text_of_markup(entry.content) if entry.content else ""
    if len(content) >= MIN_FEED_TEXT:
        return content, "feed"
    summary = texts.clean_text(entry.summary)
    return (summary, "summary") if len(summary) >= MIN_FEED_TEXT else ("", "")


def article_from_feed(failure: Failure, now: dt.datetime) -> Article | None:
    """An article from the feed's own text when its page failed for good, else None.

    Only for failures of disposition ``quarantine`` whose entries carry at least MIN_FEED_TEXT characters; the reason
    travels in the flags, with TEASER where the text is a summary or breaks off.
    """
    if not failure.entries or failure.reason in _UNSAFE or reasons.disposition(failure.reason) != "quarantine":
        return None
    candidates = [(entry, *_feed_text(entry)) for entry in failure.entries]
    full = [c for c in candidates if c[1]]
    if not full:
        return None
    carrier, text, origin = max(full, key=lambda c: (c[2] == "feed", len(c[1])))
    lead = failure.entries[0]
    flags = {failure.reason, *lead.flags}
    if origin == "summary" or _ELLIPSIS.search(text):
        flags.add("TEASER")
    if failure.reason == "NO_CONTENT":
        flags.add("TEXT_SHORT")  # fault A09: the page's own text is what was short
    title = titles.clean_title(lead.title, (lead.outlet,)) or texts.excerpt_of(text, 120)
    language, confidence = languages.detect_language(f"{title}\n{text}", hint=lead.language)
    published, precision, came_from = lead.published, lead.published_precision, "feed" if lead.published else "none"
    if published is None and (day := written_dates.date_of_url(lead.url)) and day <= now + dt.timedelta(hours=24):
        published, precision, came_from = iso(day), "day", "url"
    return Article(
        article_id=lead.article_id,
        entries=failure.entries,
        url=lead.url,
        canonical_url=lead.canonical_url,
        title=title,
        text=text,
        authors=bylines.clean_authors(lead.authors),
        published=published,
        published_from=came_from,
        published_precision=precision,
        updated=lead.updated if lead.updated != published else None,
        fetched=iso(now),
        language=language,
        language_confidence=confidence,
        body_from=origin,
        wire_agency=wire_credit.wire_agency(bylines=lead.authors, paragraphs=text.split("\n")),
        flags=tuple(sorted(flags)),
        rights=lead.text_rights,
        country=lead.country,
        outlet=lead.outlet,
        extraction=body.version(),
        raw_ref=carrier.raw_ref,
    )
