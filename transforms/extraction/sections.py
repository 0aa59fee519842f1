"""Whole sections that are not the article, told by their headings: readers' comments, and lists of other articles.

Class names differ from site to site, the words above a section hardly do. A heading only condemns what follows it once
enough of the article stands before it, so that "3 comments" in the line under a headline takes nothing along.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from transforms.extraction.folding import fold

_COMMENTS = re.compile(
    r"^(?P<number>\d+ )?(?:(?:vos|les|poster|poste[rz]|laisse[rz]|ajoute[rz]|reagir|ecrire|soumettre|leave|post|add|join|write)"
    r"(?: (?:a|an|un|une|votre|your|the|nouveau))? )?"
    r"(?:(?:commentaires?|reactions?|avis|reponses?|messages?) ?(?:de forum|des (?:lecteurs|internautes)|sur (?:l'|cet )article|"
    r"recents?)?|reagir(?: a (?:l'|cet )article)?|exprimez-vous|(?:donne[rz]|votre) (?:votre )?avis|what do you think|"
    r"comments?|replies|repl(?:y|ies)|conversation|discussion|member discussion|reader comments|"
    r"(?:ال)?تعليق(?:ات)?(?: القراء| الزوار)?|(?:اضف|اترك|اكتب) (?:تعليق|رد)ا?ك?|الردود|"
    r"ra'ayoyi(?:n masu karatu)?|ra'ayoyinku|sharhi|sharhin masu karatu|bar sharhi|rubuta ra'ayinka)"
    r" ?(?:\(?\d+\)?|\(s\)|:|»|↓)* ?(?:on .{3,80}|a propos de .{3,80})?$"
)
_RELATED = re.compile(
    r"^(?:(?:nos |les |our |ces |plus d')?(?:articles?|posts?|contenus?|sujets?|stories|news|content|topics?|coverage|dossiers?|infos?|actualites?|"
    r"publications?|depeches?|nouvelles) "
    r"(?:similaires?|connexes?|lies?|lie(?:e)?s|associes?|apparentes?|recents?|recentes|populaires?|precedents?|relatifs?)|"
    r"(?:related|similar|recent|latest|other|recommended|popular|trending|top|suggested) ?"
    r"(?:articles?|posts?|stories|news|content|topics?|coverage|headlines|reading|reports?|videos?)?|"
    r"(?:read|see|watch) (?:also|more|next|too)|also read|up next|more (?:from|on|in|stories|news|articles|coverage|top|like)\b.{0,40}|"
    r"you (?:may|might) (?:also )?(?:like|be interested|have missed).{0,20}|don'?t miss|most (?:read|popular|viewed|shared|commented)|"
    r"(?:a )?(?:lire|voir|ecouter|decouvrir|relire) (?:aussi|egalement|ensuite|encore|plus)(?: sur .{0,40})?|sur le meme (?:sujet|theme)|"
    r"dans la meme (?:rubrique|categorie)|(?:dans )?(?:cette|la) rubrique|les plus (?:lus|lues|consultes|commentes|populaires|vus|partages)|"
    r"plus (?:de|d')(?: articles| galeries| l'auteur|infos?| actualites?).{0,20}|vous (?:aimerez|pourriez|devriez).{0,40}|"
    r"(?:a )?ne (?:pas|rien) (?:manquer|rater|louper)|(?:nos |les )?(?:derniers?|dernieres|autres) "
    r"(?:articles?|infos?|nouvelles|actualites|titres|publications|de .{3,40})|fil (?:info|d'actualite|d'infos?)|populaires?|"
    r"suggestions?|recommandes?(?: pour vous)?|elements similaires.{0,20}|plus dans cette categorie|"
    r"(?:ا?قرا|اقراوا|طالع|شاهد|انظر) (?:ايضا|المزيد|كذلك)|(?:مواضيع|مقالات|اخبار|موضوعات|مواد) (?:ذات (?:صله|علاقه)|"
    r"مشابهه|متعلقه|اخري|مرتبطه)|(?:ال)?اكثر (?:قراءه|مشاهده|تداولا|تعليقا)|(?:اهم|اخر|احدث) (?:ال)?اخبار|قد يعجبك.{0,20}|قد يهمك.{0,20}|"
    r"المزيد (?:من|في) .{2,30}|(?:karin|wasu) labarai?(?: masu alaka.{0,20})?|labarai masu (?:alaka|nasaba|kama|muhimmanci).{0,20}|"
    r"labarai mafi .{3,30}|(?:ku )?karanta (?:kuma|wannan(?: ma)?|karin .{3,20})|(?:wadanda|labaran da) aka fi karantawa|zuwa labari na gaba)"
    r" ?[:>»↓…]*$"
)
_MORE = re.compile(
    r"^(?:lire (?:la suite|plus|l'article)|la suite|en savoir plus|voir plus|read (?:more|the story|full story)|continue reading|"
    r"learn more|more info|المزيد|اقرا المزيد|قراءه المزيد|التفاصيل|ci gaba(?: da karantawa)?|karanta (?:duka|sauran)) ?[.…»>→]*$"
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_MAYBE = ("b", "strong", "div", "td", "p", "span", "font", "legend", "dt", "a")
_LONGEST = 90
_FIRST_WORDS = frozenset(
    word
    for line in (
        "vos les poster postez laissez laisser ajoutez ajouter reagir ecrire soumettre leave post add join write",
        "commentaires commentaire reactions reaction avis reponses reponse messages message comment comments replies reply",
        "conversation discussion member reader تعليق تعليقات التعليق التعليقات اضف اترك اكتب الردود ra'ayoyi ra'ayoyin",
        "ra'ayoyinku sharhi sharhin bar rubuta exprimez-vous donnez donner votre what",
        "nos our ces plus articles article posts contenus contenu sujets sujet stories news content topics topic coverage",
        "dossiers dossier infos info actualites related similar recent latest other recommended popular trending top",
        "suggested read see watch also up more you don't dont most a lire voir ecouter decouvrir relire sur dans cette la",
        "vous ne derniers dernier dernieres autres fil populaires populaire suggestions suggestion recommandes recommande",
        "elements قرا اقرا اقراوا طالع شاهد انظر مواضيع مقالات اخبار موضوعات مواد الاكثر اكثر اهم اخر احدث قد المزيد",
        "publications publication depeches depeche nouvelles",
        "karin wasu labarai labari ku karanta wadanda labaran zuwa continue learn voir المزيد قراءه التفاصيل ci",
    )
    for word in line.split()
)
"""What the headings below begin with: a look-up that spares most short texts of a page the patterns."""
_ENOUGH = 100
"""Characters of paragraphs before a heading that make it one below the article."""
_SHARE = 0.15
_EXCERPTS = 500


def cut_sections(tree: Any) -> None:
    """Remove readers' comments and lists of other articles with their headings, in place."""
    comments: list[tuple[Any, bool]] = []
    related: list[Any] = []
    teasers: list[Any] = []
    for element in tree.iter(*_HEADINGS, *_MAYBE):
        opening = element.text
        if not opening or opening.isspace() or len(opening) > _LONGEST or not (text := _heading_text(element, opening)):
            continue
        tag = element.tag
        if tag == "a" and _MORE.match(text):
            teasers.append(element)
        elif found := _COMMENTS.match(text):
            sure = tag in _HEADINGS or any(above.tag in _HEADINGS for above in _nearest(element))
            if sure or (not found["number"] and tag != "a"):
                comments.append((element, sure))
        elif _RELATED.match(text):
            related.append(element)
    if comments or teasers:
        before, total = _prose_before({id(element) for element, _ in comments}, tree)
        for link in teasers:
            _cut_teaser(link, total)
        for element, sure in comments:
            if before[id(element)] >= (_ENOUGH if sure else max(_ENOUGH, _SHARE * total)):
                _cut_from(_alone(element), lambda sibling: sibling.find(".//h1") is None and sibling.tag != "h1")
    for element in related:
        top = _alone(element)
        parent = top.getparent()
        if parent is not None and top.tag not in {"body", "html"}:
            if _is_list_of_others(parent, top):
                _cut_whole(parent)
            else:
                _cut_from(top, _is_linked)


def _prose_before(wanted: set[int], tree: Any) -> tuple[dict[int, int], int]:
    """(characters of prose before each wanted element, by its id; characters in all)."""
    length = 0
    before: dict[int, int] = {}
    for element in tree.iter():
        if id(element) in wanted:
            before[id(element)] = length
        if element.tag in {"p", "br", "div", "td"}:
            length += _own_length(element)
    return before, max(1, length)


def _cut_teaser(link: Any, total: int) -> None:
    """Remove the block that ends in a link "read more": the beginning of another page, unless it is most of this one."""
    block = next(
        (above for above in link.iterancestors() if above.tag in {"div", "li", "section", "article", "td"}), None
    )
    if block is None or block.find(".//h1") is not None or block.getparent() is None:
        return
    prose = sum(len(p.text_content()) for p in block.iter("p")) or len(block.text_content())
    if prose < min(_EXCERPTS, 0.5 * total):
        _cut_whole(block)


def _nearest(element: Any) -> Iterator[Any]:
    return itertools.islice(element.iterancestors(), 2)


def _own_length(element: Any) -> int:
    """Characters of prose that an element itself writes: all of a paragraph, else the text directly in it."""
    if element.tag == "p":
        return len(element.text_content())
    if element.tag == "br":
        return len((element.tail or "").strip())
    return len((element.text or "").strip())


def _heading_text(element: Any, opening: str) -> str:
    """The folded text of what may be a heading, "" for anything longer or with more structure than one.

    ``opening`` is what the element itself says first, more than white space.
    """
    if not _may_begin(opening.split(None, 1)[0]) or len(element) > 3:
        return ""
    text = " ".join(" ".join(element.itertext()).split())
    return fold(text).strip(" .•-–—|▼▶") if 3 <= len(text) <= _LONGEST else ""


def _may_begin(word: str) -> bool:
    first = fold(word).strip("»›:•-|▼▶.([")
    return first in _FIRST_WORDS or first.isdigit()


def _alone(element: Any) -> Any:
    """The outermost element that holds nothing but this heading."""
    text = len("".join(element.text_content().split()))
    while True:
        parent = element.getparent()
        if parent is None or parent.tag in {"body", "html", "article", "main"}:
            return element
        if len("".join(parent.text_content().split())) > text:
            return element
        element = parent


def _is_list_of_others(parent: Any, top: Any) -> bool:
    """Whether a heading opens its parent, and the rest of it is short excerpts and links."""
    if parent.tag in {"body", "html", "article", "main", "td", "form"} or (parent.text or "").strip():
        return False
    if any(sibling.text_content().strip() for sibling in top.itersiblings(preceding=True)):
        return False
    if parent.find(".//h1") is not None or parent.find(".//a") is None:
        return False
    prose = sum(len(p.text_content()) for p in parent.iter("p") if p.find("a") is None)
    return prose < _EXCERPTS


def _is_linked(sibling: Any) -> bool:
    """Whether a block consists of links, with little else."""
    if sibling.tag == "br":
        return len((sibling.tail or "").strip()) < _LONGEST
    text = len("".join(sibling.text_content().split()))
    if text > 4000 or sibling.find(".//h1") is not None:
        return False
    linked = len("".join("".join(a.text_content() for a in sibling.iter("a")).split()))
    return text == 0 or linked >= 0.5 * text


def _cut_from(top: Any, condition: Any) -> None:
    """Remove an element and what follows it in its parent as long as the condition holds."""
    doomed = [top]
    for sibling in top.itersiblings():
        if not condition(sibling):
            break
        doomed.append(sibling)
    for element in doomed:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _cut_whole(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    tail, before = element.tail, element.getprevious()
    if tail and tail.strip():
        if before is not None:
            before.tail = f"{before.tail or ''} {tail}"
        else:
            parent.text = f"{parent.text or ''} {tail}"
    parent.remove(element)
