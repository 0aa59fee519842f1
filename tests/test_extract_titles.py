"""Headline, authors, site; and the pages that are no article."""

import datetime as dt

import lxml.html
import pytest

from transforms.extraction import bylines, titles
from transforms.extraction.articles import extract_article
from transforms.extraction.body import json_ld
from transforms.extraction.outline import outline_of
from transforms.records import Article, Entry, Failure, Page

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
CLEANED = [
    ("Le pont de Farié rouvre - Sahel Matin", "Le pont de Farié rouvre"),
    ("Le pont de Farié rouvre | Sahel Matin", "Le pont de Farié rouvre"),
    ("Sahel Matin :: Le pont de Farié rouvre", "Le pont de Farié rouvre"),
    ("Le pont de Farié rouvre: Sahel Matin", "Le pont de Farié rouvre"),
    ("Le pont de Farié rouvre - Société - Sahel Matin", "Le pont de Farié rouvre - Société"),
    ("Mali - Le pont de Farié rouvre", "Mali - Le pont de Farié rouvre"),
    ("[AFP] Le pont de Farié rouvre", "Le pont de Farié rouvre"),
    ("(Reuters) Farie bridge opens", "Farie bridge opens"),
    ("[Vidéo] Le pont de Farié rouvre", "[Vidéo] Le pont de Farié rouvre"),
    ("Le pont &amp; le bac", "Le pont & le bac"),
    ("«Le pont» ne rouvrira «pas»", "«Le pont» ne rouvrira «pas»"),
]
HEADS = [
    ("<title>Le pont rouvre - Info7</title>", "<h1>Le pont rouvre</h1>", "", "Le pont rouvre"),
    ("<title>Le pont de Farié rouvre | Info7</title>", "<h1>Info7</h1><h2>Le pont de Farié rouvre</h2>", "", "Le pont de Farié rouvre"),
    ('<meta property="og:title" content="Le pont de Farié rouvre – Info7"><meta property="og:site_name" content="Info7">',
     "<h1>Actualités</h1>", "", "Le pont de Farié rouvre"),
    ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Le pont de Farié rouvre"}</script><title>Info7</title>',
     "<div>x</div>", "", "Le pont de Farié rouvre"),
    ("<title>Info7</title>", "<p>x</p>", "Le pont de Farié rouvre", "Le pont de Farié rouvre"),
    ("<title>Le journal de la ville - Le pont de Farié rouvre</title>", "<p>x</p>", "Le pont de Farié rouvre", "Le pont de Farié rouvre"),
    ("<title>إعادة فتح الجسر بعد الأمطار - صوت المدينة</title>", "<h1>إعادة فتح الجسر بعد الأمطار</h1>", "", "إعادة فتح الجسر بعد الأمطار"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "expected"), CLEANED)
def test_clean_title(title: str, expected: str) -> None:
    """The outlet's name goes from either end, an agency's from the front, and nothing else does."""
    assert titles.clean_title(title, ("Sahel Matin",)) == expected


@pytest.mark.parametrize(("head", "markup", "entry", "expected"), HEADS)
def test_title_of_page(head: str, markup: str, entry: str, expected: str) -> None:
    """The headline is found whether a page says it in h1, metadata, JSON-LD or only in the feed."""
    tree = lxml.html.document_fromstring(f"<html><head>{head}</head><body>{markup}</body></html>")
    metas, documents = titles.metas_of(tree), json_ld(tree)
    sites = (titles.site_of(metas, documents), "info7")
    assert titles.title_of(tree, metas, documents, sites=sites, entry=entry) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["Par Moussa Ali"], ("Moussa Ali",)),
        (["Moussa Ali et Awa Diop"], ("Moussa Ali", "Awa Diop")),
        (["By Moussa Ali, Awa Diop"], ("Moussa Ali", "Awa Diop")),
        (["Moussa Ali", "MOUSSA ALI"], ("Moussa Ali",)),
        (["https://facebook.example/moussa", "admin", "a@b.example"], ()),
        (["Sahel Matin"], ()),
        (["Awa Diop, envoyée spéciale à Kayes"], ("Awa Diop, envoyée spéciale à Kayes",)),
        (["بقلم: فاطمة حسن"], ("فاطمة حسن",)),
    ],
)
def test_authors(written: list[str], expected: tuple[str, ...]) -> None:
    """Bylines become names, without prefixes, addresses, accounts and the outlet itself."""
    assert bylines.clean_authors(written, ("Sahel Matin",)) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (["Awa Diop 27/09/2026 Commenter", "Awa Diop"], ("Awa Diop",)),
        (["Awa Diop, le 9 novembre 2026", "Sobre Awa Diop"], ("Awa Diop",)),
        (["Rédaction de la station"], ("Rédaction de la station",)),
        (["Léon Dembélé, envoyé spécial à Kayes"], ("Léon Dembélé, envoyé spécial à Kayes",)),
        (["19 Nov 2026", "Source: préfecture"], ()),
        (["Awa DiopPartager", "Awa Diop"], ("Awa Diop",)),
    ],
)
def test_shown_bylines(shown: list[str], expected: tuple[str, ...]) -> None:
    """What a page shows around a name (dates, labels, buttons) is no part of it."""
    assert bylines.people_of(shown) == expected


SENTENCES = [
    "Le gouverneur a visité les travaux du pont et a promis la fin du chantier avant Noël.",
    "Les piroguiers, qui font passer voitures et bétail depuis août, craignent de perdre leur gagne-pain.",
    "Le chef de chantier a montré les deux piles neuves, coulées pendant les basses eaux du mois dernier.",
    "Au marché voisin, le prix du sac de mil a baissé d'un dixième à la seule annonce de la visite.",
    "Une cérémonie est prévue le jour de la réouverture, avec les lutteurs et les écoles de la commune.",
]
STORY = "<p>" + "</p><p>".join(SENTENCES) + "</p>"
LONG_STORY = "".join(f"<p>Jour {n}. {sentence}</p>" for n in range(1, 6) for sentence in SENTENCES)
STUB = (
    "<p>Le gouverneur a visité les travaux du pont et a promis la fin du chantier avant Noël, sans donner de date.</p>"
)
LOGIN = (
    "<h1>Connexion</h1><form><input name=u><input type=password></form><p>Mot de passe oublié ? Cliquez ici pour recevoir "
    "un lien de connexion par courriel et choisir un nouveau mot de passe.</p>"
)
CONSENT = (
    "<div><p>Nous et nos 800 partenaires utilisons des cookies et des traceurs pour mesurer l'audience, avec votre "
    "consentement. Vous pouvez accepter les cookies, les refuser ou modifier vos choix à tout moment.</p>"
    "<a>Tout accepter</a> <a>Continuer sans accepter</a></div>"
)
REFUSED = [
    ("Just a moment...", "<p>Checking your browser before accessing the site. Ray ID: 1a2b</p><div class='cf-chl'></div>", "BOT_CHALLENGE"),
    ("Un instant…", "<h1>a.example</h1><p>Vérifiez que vous êtes humain en cochant la case ci-dessous.</p>", "BOT_CHALLENGE"),
    ("404", "<h1>Page introuvable</h1><p>La page que vous demandez n'existe plus ou a été déplacée. Utilisez la recherche.</p>", "SOFT_404"),
    ("Article not found", "<h1>Article not found</h1><p>The article you are looking for has been removed or never was.</p>", "SOFT_404"),
    ("خطأ", "<h1>الصفحة غير موجودة</h1><p>الصفحة المطلوبة غير موجودة، يرجى العودة إلى الصفحة الرئيسية للموقع والبحث من جديد.</p>", "SOFT_404"),
    ("Connexion", LOGIN, "BLOCK_PAGE"),
    ("Vos choix", CONSENT, "BLOCK_PAGE"),
    ("Le pont rouvre", f"<h1>Le pont rouvre</h1>{STUB}<div class='mur'>Cet article est réservé aux abonnés. Déjà abonné ?</div>", "PAYWALL"),
    ("The bridge opens", f"<h1>The bridge opens</h1>{STUB}<div>Subscribe to continue reading. Already a subscriber?</div>", "PAYWALL"),
    ("Redirection", "<script>location='/x'</script><p>Redirection…</p>", "NO_CONTENT"),
]  # fmt: skip


def extract(title: str, markup: str, url: str = "https://a.example/news/1") -> Article | Failure:
    """What a page with this title and markup becomes."""
    entry = Entry(entry_id="e", feed_id="f", article_id="a", url=url, canonical_url=url)
    raw = f"<html><head><title>{title}</title></head><body>{markup}</body></html>".encode()
    return extract_article(Page(entries=(entry,), url=url, fetched="2026-11-20T05:00:00Z", body=raw), NOW)


@pytest.mark.parametrize(("title", "markup", "reason"), REFUSED)
def test_pages_that_are_no_article(title: str, markup: str, reason: str) -> None:
    """Challenges, consent walls, missing pages, logins, paywall stubs and empty pages are refused with their reason."""
    result = extract(title, markup)
    assert isinstance(result, Failure)
    assert result.reason == reason


@pytest.mark.parametrize(
    ("title", "markup"),
    [
        ("404 soldats décorés à Niamey", f"<h1>404 soldats décorés à Niamey</h1>{LONG_STORY}"),
        ("404 migrants secourus au large de Nouadhibou", f"<h1>404 migrants secourus</h1>{STORY}"),
        ("Bodies not found after boat sinks", f"<h1>Bodies not found after boat sinks</h1>{STORY}"),
        ("Les cookies du ramadan se vendent bien", f"<h1>Les cookies du ramadan se vendent bien</h1>{STORY}"),
        ("Le pont rouvre", f"<h1>Le pont rouvre</h1>{LONG_STORY}<div>Cet article est réservé aux abonnés</div>"),
        (
            "Le pont rouvre",
            f"<h1>Le pont rouvre</h1>{STORY}<form><input type=password></form><p>Mot de passe oublié</p>",
        ),
        (
            "Le pont rouvre",
            f"<h1>Le pont rouvre</h1>{STORY}<div>Nous utilisons des cookies. <a>Tout accepter</a></div>",
        ),
    ],
)
def test_articles_that_look_like_walls(title: str, markup: str) -> None:
    """An article with a login box, a cookie bar, a subscription offer or a telling headline is still an article."""
    assert isinstance(extract(title, markup), Article)


def test_front_page() -> None:
    """A feed that links its front page gives no article."""
    links = "".join(
        f"<article><h2><a href='/{n}'>Titre numéro {n} de la page</a></h2><p>Début du texte {n}.</p></article>"
        for n in range(12)
    )
    result = extract("Sahel Matin", f"<h1>Sahel Matin</h1>{links}", url="https://a.example/")
    assert isinstance(result, Failure)
    assert result.reason == "NOT_LANDING"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            (
                '<section aria-labelledby="article-byline"><b class="visually-hidden">Information</b><ul><li><i class="visually-hidden">'
                "Author, </i><span>Issaka Balley</span></li><li>Role</li></ul></section>"
            ),
            ("Issaka Balley",),
        ),
        ('<div class="from-author"><span class="from-author__label">By:</span> <a>Desk 24</a></div>', ()),
        ('<div class="byline">By Abubakar Rafi, Minna</div>', ("Abubakar Rafi",)),
        ('<div class="source">Auteur : APS</div>', ("APS",)),
    ],
    ids=["labels of screen readers", "the site's own name", "a place behind the name", "a label"],
)
def test_bylines_of_markup(markup: str, expected: tuple[str, ...]) -> None:
    """Names come out of bylines without what is said around them."""
    tree = lxml.html.document_fromstring(f"<html><body><h1>Title</h1>{markup}</body></html>")
    own = ("www.desk24.example",)
    assert bylines.clean_authors(bylines.people_of(bylines.bylines_of(outline_of(tree.iter())), own), own) == expected


def test_name_behind_a_bare_by() -> None:
    """A link to the author behind a lone "By" names them though nothing marks it."""
    tree = lxml.html.document_fromstring(
        "<div><h1>Nine killed in airstrike</h1><div>By <a>Lena Abbas</a> · 3 May</div></div>"
    )
    assert bylines.unmarked_byline(tree, "Nine killed in airstrike") == ("Lena Abbas",)
