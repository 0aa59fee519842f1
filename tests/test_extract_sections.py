"""Sections told by their headings, bylines nobody marked, and the order of the page."""

import lxml.html
import pytest

from transforms.extraction import body, bylines, furniture, parsing, sections

STORY = [
    "Le marché de Téra a rouvert samedi après deux semaines de fermeture, a constaté un correspondant sur place.",
    "« Nous avons perdu beaucoup de bétail », a raconté Hama Diallo, éleveur, devant les enclos encore vides.",
    "La mairie promet de réparer les forages avant la fin du mois et de rembourser une partie des taxes perçues.",
]
TEXT = "".join(f"<p>{p}</p>" for p in STORY)
COMMENT = (
    "<p>Moi je dis que le maire doit venir voir lui-même, il n'y a pas une seule latrine dans tout ce marché.</p>" * 6
)


def read(markup: str) -> list[str]:
    """The paragraphs extracted from a page with this body."""
    tree, _ = parsing.parse(f"<html><head><title>Téra : le marché rouvre</title></head><body>{markup}</body></html>")
    return body.extract_body(tree, title="Téra : le marché rouvre").text.split("\n")


HEADINGS = [
    "Vos commentaires", "3 commentaires", "Commentaires (12)", "Laisser un commentaire", "2 Messages de forum", "Réagir à l'article",
    "Comments", "Leave a Reply", "5 comments", "Join the discussion", "التعليقات", "أضف تعليقك", "Ra'ayoyi", "Sharhi",
]  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS)
def test_comments_go_with_their_heading(heading: str) -> None:
    """What readers wrote goes, however long and whatever its classes, when a heading says what it is."""
    assert read(f"<h1>Téra : le marché rouvre</h1><div>{TEXT}<h3>{heading}</h3><div>{COMMENT}</div></div>") == STORY


def test_count_of_comments_by_the_headline_takes_nothing() -> None:
    """The line under a headline may count comments without costing the article."""
    meta = "<div><h4>3 commentaires</h4><span>Partager</span></div>"
    assert read(f"<h1>Téra : le marché rouvre</h1>{meta}<div>{TEXT}</div>") == STORY


RELATED = [
    "Lire aussi", "À lire également", "Articles similaires", "Sur le même sujet", "Dans la même rubrique", "Les plus lus",
    "Read more", "Related", "You may also like", "Most read", "Latest news", "اقرأ أيضا", "مقالات ذات صلة", "الأكثر قراءة",
    "Karin labarai masu alaka", "Ku karanta wannan ma", "Wadanda aka fi karantawa",
]  # fmt: skip


@pytest.mark.parametrize("heading", RELATED)
def test_lists_of_other_articles_go_with_their_heading(heading: str) -> None:
    """A list of headlines goes with what announces it, between the paragraphs and below them."""
    links = "<ul><li><a href='/a'>Le bac de Farié en panne depuis une semaine</a></li><li><a href='/b'>Un forage à Bankilaré</a></li></ul>"
    inside = f"<p>{STORY[0]}</p><div><h4>{heading}</h4>{links}</div><p>{STORY[1]}</p><p>{STORY[2]}</p>"
    assert read(f"<h1>Téra : le marché rouvre</h1><article>{inside}</article>") == STORY
    assert read(f"<h1>Téra : le marché rouvre</h1><article>{TEXT}<h4>{heading}</h4>{links}</article>") == STORY


def test_heading_of_the_article_stays() -> None:
    """A subheading that merely begins like one of those stays, with the text under it."""
    for heading in ("Les plus pauvres paient", "Comments from the mayor", "Related costs rise", "Read my lips"):
        page = f"<h1>Téra : le marché rouvre</h1><article><p>{STORY[0]}</p><h3>{heading}</h3><p>{STORY[1]}</p><p>{STORY[2]}</p></article>"
        assert read(page) == [STORY[0], heading, STORY[1], STORY[2]]


def test_page_order() -> None:
    """What was found outside the first container goes back to where the page has it."""
    order = "Chapeau de la page. Première phrase du texte. Seconde phrase du texte. Intertitre Troisième phrase."
    found = ["Première phrase du texte.", "Seconde phrase du texte.", "Troisième phrase.", "Chapeau de la page."]
    assert body.in_page_order(found, order, ["Intertitre", "Absent"]) == [
        "Chapeau de la page.", "Première phrase du texte.", "Seconde phrase du texte.", "Intertitre", "Troisième phrase.",
    ]  # fmt: skip


def test_comments_longer_than_the_article() -> None:
    """A thread that outweighs the article is still not the article."""
    tree = lxml.html.document_fromstring(
        f"<html><body><h1>x</h1><div>{TEXT}</div><ol class='comment-list'>{COMMENT * 5}</ol></body></html>"
    )
    furniture.prune(tree)
    assert "latrine" not in tree.text_content()
    sections.cut_sections(tree)
    assert STORY[2] in tree.text_content()


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h1>Téra : le marché rouvre</h1><div>Par Awa Diop</div>", ("Awa Diop",)),
        (
            "<h1>Téra : le marché rouvre</h1><span>Rédigé par Moussa Ag Ali le 12 novembre 2026</span>",
            ("Moussa Ag Ali",),
        ),
        ("<h1>Téra : le marché rouvre</h1><i>Daga Balkisu Adamu</i>", ("Balkisu Adamu",)),
        ("<h1>Téra : le marché rouvre</h1><p>Par ailleurs, le bac est en panne.</p>", ()),
        ("<div>Par Awa Diop</div><h1>Téra : le marché rouvre</h1>", ()),
    ],
)
def test_unmarked_byline(markup: str, expected: tuple[str, ...]) -> None:
    """A byline that only its first word tells is read behind the headline, and a sentence is none."""
    tree = lxml.html.document_fromstring(f"<html><body>{markup}</body></html>")
    assert bylines.unmarked_byline(tree, "Téra : le marché rouvre") == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("<p align='right'><b>Awa Diop</b></p>", ("Awa Diop",)),
        ("<p><strong>Awa Diop, correspondante à Kayes</strong></p>", ("Awa Diop",)),
        ("<p style='text-align: right;'>Awa Diop</p>", ("Awa Diop",)),
        ("<p><strong>Le Soir</strong></p>", ()),
        ("<p><b>Ce que dit la mairie.</b></p>", ()),
        ("<p>Awa Diop</p>", ()),
        ("<p align='right'>A. D.</p>", ()),
    ],
)
def test_signature(last: str, expected: tuple[str, ...]) -> None:
    """A name in bold or to the right under the text signs it; the outlet's name, a sentence or initials do not."""
    tree = lxml.html.document_fromstring(f"<html><body><div>{TEXT}{last}</div></body></html>")
    assert bylines.signature_of(tree, ("Le Soir",)) == expected
