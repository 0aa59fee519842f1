"""What stands on a page and is not the article: cut from the tree by role, then from the paragraphs by wording.

Two passes, because neither suffices: the tree knows that a box is a share bar whatever its language, and the words know
that a bare ``<p>`` is a channel's invitation whatever its class. Both are conservative: a container that holds most of
the page's paragraphs is never cut, and wording only removes short lines.
"""

import functools
import html
import re
from typing import Any

from lxml import etree

from transforms import texts
from transforms.extraction.outline import Outline, outline_of

# Matched at the beginning of a class or id token, or of its part after "__" (BEM); "content-with-sidebar" is no sidebar
_START = r"(?:^|(?<=\s)|(?<=__)|(?<=\s[a-z]-)|(?<=^[a-z]-)|(?<=\s[a-z]{2}-)|(?<=^[a-z]{2}-))"
_STRONG = re.compile(
    _START
    + r"""(?ix:
      share|shares|sharing|sharebar|sharethis|sharedaddy|share-?(?:links|buttons|tools|box)|social-?(?:share|links|icons|bar)|
      addtoany|a2a|addthis|heateor|ssba|partag(?:e|er|es)|
      related|relatedposts|jp-relatedposts|related-?(?:posts|articles|stories|news|links|content)|yarpp|crp|rp4wp|outbrain|
      taboola\w*|(?:em-)?(?:read|lire|see|voir)-?(?:also|aussi)|also-?read|wp-embedded-content|a-?lire|inline-?related|recommended|
      newsletter|mailchimp|mc4wp|whatsapp\w*|telegram\w*|
      comments?|comment-?(?:list|form|respond|area|section|wrapper|thread|box)|comments?-area|respond|disqus\w*|
      fb-(?:post|video|page|comments|like|root|xfbml\S*)|(?:wp-block-embed-|is-provider-)facebook|
      fb-comments|jcomments|forum|forum-?(?:fil|list|thread)|
      cookies?|cookie-?\w*|consent|gdpr|rgpd|eu-cookie\w*|didomi\w*|cmplz\w*|
      most-?(?:read|viewed|popular)|plus-?lus
    )(?=[\s_-]|$)"""
)
_WEAK = re.compile(
    _START
    + r"""(?ix:
      social|socials|socialmedia|similar|(?:read|lire|see|voir)-?(?:more|next)|
      subscribe-?(?:box|form|widget)?|subscription|signup|abonn\w*|channels?-?(?:box|cta)?|follow-?us|suivez\w*|
      reactions?|kmt|breadcrumbs?|ariane|fil-?ariane|pagination|pager|post-?nav\w*|nav-?links|prev-?next|
      tags?|tags?-?(?:links|list|cloud|box)|post-?tags|entry-?tags|field-name-field-tags|taxonomy|mots-?cles|keywords|
      etiquettes|author-?(?:box|bio|info|desc\w*)|about-?(?:the-)?author|biographie|
      ad|ads|adv|advert\w*|ad-?(?:inserter|container|wrapper|slot|box|unit)|adsbygoogle|publicite\w*|pub|bannieres?|
      banner\w*|sponsor\w*|promo|promoted|promotion|sidebar|widget|widgets|widget-?area|popular|trending|ticker|
      caption|captions|wp-caption-text|(?:image|img|pic|photo)-?(?:title|caption|legend\w*|credits?)|legende?s?|
      spip_doc_(?:legende|titre|descriptif|credits)|credits?|rating|votes?|itemtoolbar|toolbar|print-?(?:link|button)|
      views-?count\w*|hits|paywall-?(?:promo|message|banner)|login-?(?:box|form)|modal|popup|popin|skip-?link|
      screen-reader-text|site-footer|post-footer|entry-footer|cta|copyright|bio|biography|notes|footnotes|reflist|mentions-?legales|player|audio-?player
    )(?=[\s_-]|$)"""
)
_COMMENTS = re.compile(
    _START
    + r"""(?ix:
      comments?|comment-?(?:list|form|respond|area|section|wrapper|thread|box|content|block|body)s?|comments?-area|
      commentaires?|vos-?commentaires|livre-?dor|disqus\w*|fb-comments|jcomments|forum|forum-?(?:fil|list|thread|texte?)|
      reactions|commentlist|comments?-list\w*
    )(?=[\s_-]|$)"""
)
_CAPTION = re.compile(r"(?i)(?:captions?|legendes?|legend|credits?)(?=[\s_]|$)")
_SIGNATURE = re.compile(r"(?i)signature(?=[\s_]|$)")
_BODY = re.compile(
    r"(?i)(?:^|[\s_-])(?:(?:entry|post|article|story|node|news|single|td-post|item)[_-]?(?:content|body|text|"
    r"full\w*)|articlebody|"
    r"field-name-body|itemFullText|texte|chapo|storytext)(?=[\s_-]|$)"
)
_DROPPED_TAGS = frozenset({
    "figcaption", "nav", "aside", "footer", "marquee", "button", "select", "textarea", "dialog", "form",
    "iframe", "svg", "dl", "input",
})  # fmt: skip
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"(?i)</(?:p|div|li|h[1-6]|blockquote|tr)\s*>|<br\s*/?>")
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "br", "table"}
)
_SECTIONS = frozenset(
    {"td", "th", "section", "article", "main", "header", "footer", "body", "head", "title", "figure", "pre"}
)
_FRAME = frozenset({"html", "body", "main", "article"})
_HIDDEN = re.compile(r"(?i)(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px)?\s*(?:;|$))")
_STANDFIRST = re.compile(
    r"(?i)(?:^|[\s_-])(?:chapo|chapeau|standfirst|sapo|dek|deck|intro|introtext|introduction|accroche|strapline|"
    r"teaser-?text|sous-?titre|article-?(?:lead|intro|summary|deck)|"
    r"(?:field-name-)?field-(?:chapo|chapeau|accroche|intro)|itemIntroText|surtitre-chapo|lead|excerpt|"
    r"entry-summary)"
    r"(?=[\s_-]|$)"
)
_STANDFIRST_WORDS = frozenset({
    "chapo", "chapeau", "standfirst", "sapo", "dek", "deck", "intro", "introtext", "introduction", "accroche", "strapline",
    "teaser", "teasertext", "sous", "soustitre", "lead", "articlelead", "articleintro", "summary", "articlesummary",
    "articledeck", "itemintrotext", "excerpt",
})  # fmt: skip
"""Words of which each such class has one."""
_STANDFIRST_TAGS = frozenset({"div", "p", "h2", "section"})
_MOSTLY = 0.5
_SUBSTANTIAL, _FLASH = 500, 120
_LAYOUT_SHARE, _CELL = 0.3, 300


def strip_code(tree: Any) -> None:
    """Drop scripts and styles; everything that weighs or shows text assumes it."""
    etree.strip_elements(tree, "script", "style", "noscript", "template", with_tail=False)


def prune(tree: Any, outline: Outline | None = None) -> None:
    """Cut what is furniture by its role out of the tree, in place; a form that holds the article becomes a block."""
    attributes = (outline or outline_of(tree.iter())).attributes
    total = max(1, _prose_length(tree))
    for cell in list(tree.iter("td")):
        if _prose_length(cell) > _LAYOUT_SHARE * total and _is_layout(cell):
            _unwrap_table(cell)
    # nothing is cut below an element before the element itself is looked at, so what stands above what is known here
    headed = {above for heading in tree.iter("h1") for above in heading.iterancestors()}
    bodies = (element for element, given in attributes.items() if _marks_body(given))
    bodied = {above for body in bodies if _NORMAL_LENGTH(body) > _MARKED for above in body.iterancestors()}
    pending = [tree]
    while pending:
        element = pending.pop()
        tag = element.tag
        weight = _furniture_weight(tag, attributes.get(element))
        if (
            weight
            and element not in headed
            and (weight == _CERTAIN or element not in bodied)
            and not _is_most_of_it(element, weight, total)
        ):
            _cut(element)
            continue
        if tag == "form":
            # ASP.NET puts the whole page inside one form
            element.tag = "div"
            element.attrib.clear()
        pending.extend(element)


def _is_layout(cell: Any) -> bool:
    """Whether a cell is a place on the page (ASP.NET, old portals) rather than a figure in a table."""
    return cell.find(".//h1") is not None or len(cell.findall(".//p")) > 1 or len(cell.text_content()) > _CELL


def _unwrap_table(cell: Any) -> None:
    table = next(cell.iterancestors("table"), None)
    if table is None:
        return
    pending = [table]
    while pending:
        element = pending.pop()
        if element is table or element.tag in {"tbody", "thead", "tr", "td", "th"}:
            element.tag = "div"
            pending.extend(element)


_CERTAIN, _SURE, _LIKELY = 3, 2, 1
_NUMBER = re.compile(r"\d{3,}")


@functools.lru_cache(maxsize=2048)
def _weight_of(named: str) -> int:
    """The weight of a class and id, cached: the pages of a site repeat the same few hundred.

    Some have the article's number in it, which tells nothing, and would fill the memory with names that never come again.
    """
    return _weight_of_words(_NUMBER.sub("000", named))


@functools.lru_cache(maxsize=16_384)
def _weight_of_words(named: str) -> int:
    if _BODY.search(named):
        return 0
    if _COMMENTS.search(named):
        return _CERTAIN
    if _STRONG.search(named):
        return _SURE
    return _LIKELY if _WEAK.search(named) or _CAPTION.search(named) or _SIGNATURE.search(named) else 0


def _furniture_weight(tag: str, attributes: dict[str, str] | None) -> int:
    """_CERTAIN for comments, _SURE when only the article itself may overrule, _LIKELY when any prose may, 0 for none."""
    if tag in _FRAME:
        return 0
    if tag in _DROPPED_TAGS:
        return _SURE
    if not attributes:
        return 0
    named = attributes.get("class", "") + " " + attributes.get("id", "")
    if named != " " and (weight := _weight_of(named)):
        return weight
    style = attributes.get("style")
    return _SURE if "hidden" in attributes or (style and _HIDDEN.search(style)) else 0


_MARKED = 150
_MARKED_BODY = etree.XPath(
    "boolean(.//*[@itemprop='articleBody' or contains(@itemprop, 'articleBody') or contains(@class, 'entry-content') or "
    "contains(@class, 'post-body')][string-length(normalize-space()) > 150])"
)
"""Whether an element holds what microdata or the templates of WordPress and Blogger mark as the article's text."""


def _is_most_of_it(element: Any, weight: int, total: int) -> bool:
    """Whether what is named like furniture is the article nevertheless; comments may well be longer than it."""
    prose = _prose_length(element)
    if weight == _CERTAIN:
        return total - prose < _SUBSTANTIAL // 2
    # a short article is short of any limit: what holds most of the page's prose is kept whatever it is called
    mostly = max(_MOSTLY * total, _MARKED)
    return prose > (mostly if weight == _SURE else min(mostly, _SUBSTANTIAL))


def _marks_body(attributes: dict[str, str]) -> bool:
    """Whether microdata or the templates of WordPress and Blogger mark an element as the article's text."""
    named = attributes.get("class", "")
    return "entry-content" in named or "post-body" in named or "articleBody" in attributes.get("itemprop", "")


_NORMAL_LENGTH = etree.XPath("string-length(normalize-space())")


def holds_marked_body(element: Any) -> bool:
    """Whether the article's text, marked as such, is inside an element (Blogger calls its main column a widget)."""
    return len(element.text_content()) > _MARKED and bool(_MARKED_BODY(element))


def _prose_length(element: Any) -> int:
    """Characters in the paragraphs below an element; other text, where some sites write, counts for an eighth."""
    return sum(len(p.text_content()) for p in element.iter("p")) + len(element.text_content()) // 8


def _cut(element: Any) -> None:
    """Remove an element, not the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is not None:
            before.tail = f"{before.tail or ''} {element.tail}"
        else:
            parent.text = f"{parent.text or ''} {element.tail}"
    parent.remove(element)


def paragraphs_from_breaks(tree: Any) -> None:
    """Give a block that writes its paragraphs with ``<br>`` real ones, in place; extraction would run them together."""
    parents = {br.getparent(): None for br in tree.iter("br")}
    for parent in parents:
        if parent is None or parent.tag in {"p", "pre", "html"} or parent.find("p") is not None:
            continue
        children = list(parent)
        breaks = [child for child in children if child.tag == "br"]
        written = len((parent.text or "").strip()) + sum(len((child.tail or "").strip()) for child in children)
        if len(breaks) < 2 or written < _FLASH:
            continue
        doubled = any(
            not (br.tail or "").strip() and br.getnext() is not None and br.getnext().tag == "br" for br in breaks
        )
        if written < _SUBSTANTIAL // 2 and not doubled:
            continue
        _rebuild(parent, children, doubled=doubled)


def _rebuild(parent: Any, children: list[Any], *, doubled: bool) -> None:
    """Move the runs of text and inline elements between breaks into paragraphs; ``doubled``: a single break is none."""
    paragraph = parent.makeelement("p", {})
    paragraph.text, parent.text = parent.text, None
    for child in children:
        parent.remove(child)
    for position, child in enumerate(children):
        tail, child.tail = child.tail, None
        if child.tag == "br":
            following = children[position + 1] if position + 1 < len(children) else None
            ends = not doubled or (not (tail or "").strip() and following is not None and following.tag == "br")
            before = children[position - 1] if position else None
            if not ends and not (before is not None and before.tag == "br" and not (paragraph.text or len(paragraph))):
                child.tail = tail
                paragraph.append(child)
                continue
        elif child.tag not in _BLOCKS:
            child.tail = tail
            paragraph.append(child)
            continue
        parent.append(paragraph)
        if child.tag != "br":
            parent.append(child)
        paragraph = parent.makeelement("p", {})
        paragraph.text = tail
    parent.append(paragraph)


def standfirst_of(tree: Any, outline: Outline | None = None) -> str:
    """The introduction that stands between headline and body in an element of its own; "" when there is none."""
    outline = outline or outline_of(tree.iter())
    telling = outline.named(_STANDFIRST_WORDS, _STANDFIRST)
    for element, given in outline.attributes.items() if telling else ():
        if (
            given.get("class") in telling
            and element.tag in _STANDFIRST_TAGS
            and _is_part(element, tree)
            and not is_aside(element)
        ):
            if element.find(".//figure") is not None or element.find(".//figcaption") is not None:
                continue
            text = texts.clean_text(element.text_content(), one_line=True)
            if 80 <= len(text) <= 1500 and len(element.findall(".//a")) <= 2:
                return text
    return ""


def _is_part(element: Any, tree: Any) -> bool:
    """Whether an element of the outline is still in the tree."""
    return any(above is tree for above in element.iterancestors())


def named_of(element: Any) -> str:
    """The class and the id of an element."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_aside(element: Any) -> bool:
    """Whether an element is a part of a list of articles or of furniture, or holds the headline itself."""
    for above in element.iterancestors():
        if above.tag in {"li", "aside", "nav"} or is_page_footer(above):
            return True
        if above.tag not in _FRAME and _weight_of(named_of(above)) >= _SURE:
            return True
    return element.find(".//article") is not None or element.find(".//h1") is not None


def is_page_footer(element: Any) -> bool:
    """Whether an element is the footer of the page; Drupal's articles have one of their own, with the byline."""
    return element.tag == "footer" and next(element.iterancestors("article"), None) is None


def plain(markup: str) -> str:
    """Markup or escaped text as plain text, blocks ending in a line break."""
    if "<" in markup:
        markup = _TAG.sub("", _BLOCK_END.sub("\n", markup))
    return html.unescape(markup)


def blocks_of(tree: Any) -> list[tuple[str, str]]:
    """(tag, text) of the innermost blocks of a page in order, each up to its next block or line break."""
    found: list[tuple[str, str]] = []
    pieces: list[str] = []
    tags = ["body"]

    def flush() -> None:
        text = texts.clean_text("".join(pieces), one_line=True)
        if text:
            found.append((tags[-1], text))
        pieces.clear()

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        block = element.tag in _BLOCKS or element.tag in _SECTIONS
        if event == "start":
            if block:
                flush()
                tags.append(element.tag)
            pieces.append(element.text or "")
        else:
            if block:
                flush()
                tags.pop()
            pieces.append(element.tail or "")
    flush()
    return found


def paragraphs_of(tree: Any) -> list[str]:
    """The text of a tree by blocks, without any guess at what is the article; the tree is changed."""
    for element in tree.iter():
        block = element.tag in _BLOCKS
        element.text = ("\n" if block else "") + (element.text or "").replace("\n", " ")
        element.tail = ("\n" if block else "") + (element.tail or "").replace("\n", " ")
    return [line for raw in tree.text_content().split("\n") if (line := texts.clean_text(raw, one_line=True))]
