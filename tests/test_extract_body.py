"""The body: bytes to text, furniture out, paragraphs kept."""

import html
import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import texts
from transforms.extraction import body, parsing, wording

FRENCH = [
    "Le marché de Téra a rouvert samedi après deux semaines de fermeture, a constaté un correspondant sur place.",
    "« Nous avons perdu beaucoup de bétail », a raconté Hama Diallo, éleveur, devant les enclos encore vides.",
    "La mairie promet de réparer les forages avant la fin du mois et de rembourser une partie des taxes perçues.",
    "Les transporteurs, eux, demandent que la route de Dori soit dégagée, car les camions restent bloqués au bac.",
]
ARABIC = [
    "أعيد فتح سوق المدينة صباح السبت بعد أسبوعين من الإغلاق، بحسب ما أفاد به مراسلون في المكان.",
    "وقال أحد المربين إن القطيع فقد نصف رؤوسه خلال هذه المدة، مضيفا أن الأعلاف نفدت من المخازن.",
    "ووعدت البلدية بإصلاح الآبار قبل نهاية الشهر وبإرجاع جزء من الرسوم إلى التجار المتضررين.",
]
HAUSA = [
    "An sake bude kasuwar garin ranar Asabar bayan makonni biyu da aka rufe ta, kamar yadda wakilinmu ya gani.",
    "Wani makiyayi ya ce ya rasa rabin shanunsa a wannan lokaci, ya kuma ce babu abinci a rumbunan garin.",
    "Karamar hukumar ta yi alkawarin gyara rijiyoyi kafin karshen wata, tare da mayar wa 'yan kasuwa wani kudi.",
]


def paragraphs(texts_: list[str]) -> str:
    """The texts as HTML paragraphs."""
    return "".join(f"<p>{text}</p>" for text in texts_)


def read(markup: str, title: str = "Un titre assez long pour la page") -> list[str]:
    """The paragraphs extracted from a page with this body."""
    tree, _ = parsing.parse(f"<html><head><title>{title}</title></head><body>{markup}</body></html>")
    return body.extract_body(tree, title=title).text.split("\n")


SITES = {
    "wordpress": "<article><h1>Un titre assez long pour la page</h1><div class='entry-content'>{}"
    "<div class='sharedaddy'>Partager sur Facebook X WhatsApp</div><div class='jp-relatedposts'><h3>Sur le même sujet</h3>"
    "<ul><li><a href='/b'>Un autre article de la rubrique</a></li></ul></div></div></article>"
    "<div id='comments'><ol class='comment-list'><li>Merci pour cet article, continuez ainsi, on vous lit.</li></ol></div>",
    "spip": "<div id='conteneur'><div id='contenu'><div class='cartouche'><h1 class='crayon titre'>Un titre assez long pour la "
    "page</h1></div><div class='crayon texte'>{}</div><div class='forum'><p>Votre message sera lu par la rédaction du "
    "site avant publication, soyez courtois.</p></div></div></div>",
    "joomla": "<div class='item-page'><h2 itemprop='headline'>Un titre assez long pour la page</h2><dl class='article-info'>"
    "<dd class='createdby'>Écrit par Rédaction</dd><dd class='hits'>Affichages : 123</dd></dl><div itemprop='articleBody'>{}"
    "</div><ul class='pager pagenav'><li>Précédent</li><li>Suivant</li></ul></div>",
    "drupal": "<div class='node'><h1>Un titre assez long pour la page</h1><div class='field field-name-body'>{}</div>"
    "<div class='field-name-field-tags'>Mots-clés: <a>Niger</a></div></div>",
    "aspnet": "<form id='aspnetForm' action='/a.aspx'><input type='hidden' name='__VIEWSTATE' value='x'><table width='900'><tr>"
    "<td class='menu'><a href='/'>Accueil</a> | <a href='/b'>Sport</a></td></tr><tr><td valign='top'><h1>Un titre assez long "
    "pour la page</h1><div>{}</div></td><td class='droite'><b>Les plus lus</b><br><a href='/c'>Un autre titre</a></td></tr>"
    "</table></form>",
    "facebook embed": "<main><h1>Un titre assez long pour la page</h1>{}<div class='fb-post'><blockquote>Publication Facebook"
    "</blockquote></div><iframe src='https://www.example/embed'></iframe></main>",
}  # fmt: skip


@pytest.mark.parametrize("site", sorted(SITES))
@pytest.mark.parametrize("text", [FRENCH, ARABIC, HAUSA], ids=["fr", "ar", "ha"])
def test_site_chrome_stays_out(site: str, text: list[str]) -> None:
    """Each content system of the region gives the article's paragraphs and nothing of its own."""
    assert read(SITES[site].format(paragraphs(text))) == text


FURNITURE = [
    "Lire aussi : Téra, un marché qui renaît",
    "À lire également : le bac de Farié en panne",
    "Rejoignez notre chaîne WhatsApp pour recevoir les dernières nouvelles",
    "Suivez-nous sur Telegram et Facebook",
    "Photo : Archives / Rédaction",
    "© DR",
    "Partager cet article",
    "Publicité",
    "Abonnez-vous à notre newsletter pour ne rien manquer",
    "Mots-clés : Niger, marché, Téra",
    "Read also: The ferry is out of order",
    "Join our WhatsApp channel for breaking news",
    "Follow us on Facebook and X",
    "Share this story",
    "Your email address will not be published. Required fields are marked *",
    "All rights reserved. This material may not be published or rewritten.",
    "اقرأ أيضا: سوق يعود إلى الحياة",
    "تابعونا على واتساب وتلغرام",
    "الكلمات المفتاحية: النيجر، السوق",
    "جميع الحقوق محفوظة",
    "شارك المقال",
    "Karanta kuma: Kasuwar da ta farfado",
    "Ku biyo mu a WhatsApp da Telegram",
    "Hoto: Ajiya",
    "An kiyaye hakkin mallaka",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_between_paragraphs(line: str) -> None:
    """A paragraph that is an invitation, a label, a picture's credit or a notice goes, wherever it stands."""
    kept, dropped = wording.sift([FRENCH[0], line, *FRENCH[1:]])
    assert kept == FRENCH
    assert dropped == [line]


SENTENCES = [
    "Le groupe a diffusé un message sur WhatsApp et sur Telegram pour annoncer la fin des combats dans la région.",
    "« Rejoignez-nous », a lancé le maire aux jeunes réunis devant la mosquée, selon une vidéo publiée sur Facebook.",
    "Les photographies prises par le drone montrent douze véhicules brûlés au bord de la piste de Tin-Akoff.",
    "Lire et écrire : c'est ce que trois mille femmes ont appris cette année dans les centres de la province.",
    "The newsletter of the mission said that the road had been cleared of mines by the end of the month.",
    "ونشر التنظيم صورا على تلغرام قال إنها للهجوم على القاعدة العسكرية في شمال البلاد.",
    "Sun wallafa bidiyon a WhatsApp, inda suka ce sun kwace garin daga hannun sojojin gwamnati.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_about_furniture_stay(sentence: str) -> None:
    """A sentence that speaks of channels, photographs or reading is part of the story."""
    assert wording.sift([FRENCH[0], sentence, FRENCH[1]])[0] == [FRENCH[0], sentence, FRENCH[1]]


def test_related_list_goes_with_its_heading() -> None:
    """A heading near the end takes the headlines under it along."""
    kept, _ = wording.sift(
        [*FRENCH, "Sur le même sujet", "Niger : le bac de Farié en panne", "Téra retrouve son marché"]
    )
    assert kept == FRENCH


def test_credit_line_stays() -> None:
    """The credit of the text at its end is part of the article."""
    for credit in ("Avec AFP", "Source : ANP", "المصدر: رويترز", "NAN"):
        assert wording.sift([*FRENCH, credit])[0] == [*FRENCH, credit]


def test_list_article_is_left_alone() -> None:
    """An article that consists of short lines (results, a programme) loses none of them."""
    lines = [f"Etape {n} : Dosso - Gaya, {n * 10} km" for n in range(1, 15)]
    assert wording.sift(lines)[0] == lines


def test_standfirst_is_kept_once() -> None:
    """The introduction outside the body is the first paragraph, and is not doubled when the body repeats it."""
    chapo = "Deux semaines après sa fermeture, le marché de Téra a repris, mais les éleveurs comptent leurs pertes."
    page = "<article><h1>Un titre assez long pour la page</h1><div class='chapo'><p>{}</p></div><div class='texte'>{}</div></article>"
    assert read(page.format(chapo, paragraphs(FRENCH))) == [chapo, *FRENCH]
    assert read(page.format(FRENCH[0], paragraphs(FRENCH))) == FRENCH


def test_paragraph_breaks_of_br() -> None:
    """Sites that break lines instead of writing paragraphs still give one paragraph a line."""
    assert read("<div class='post-body'>" + "<br><br>".join(FRENCH) + "</div>") == FRENCH


def test_portal_of_tables_and_breaks() -> None:
    """A portal laid out in tables that writes without a single paragraph element gives its article's lines."""
    page = (
        "<table width='760'><tr><td><a href='/'>Accueil</a> <a href='/s'>Sport</a></td></tr></table><table><tr><td width='160'>"
        "<b>Rubriques</b><br><a href='/a'>Politique</a><br><a href='/b'>Culture</a></td><td><font size='4'><b>Un titre assez "
        "long pour la page</b></font><br><br>" + "<br><br>".join(FRENCH) + "</td></tr></table>"
    )
    assert read(page) == FRENCH


def test_text_is_normalised_and_stable() -> None:
    """The text is a fixed point of cleaning, so that offsets into it hold."""
    page = "<h1>Un titre assez long pour la page</h1>" + paragraphs(
        [f"{t}&nbsp;!\u202e\u00ad  fin\r\n" for t in FRENCH]
    )
    text = "\n".join(read(page))
    assert texts.clean_text(text) == text
    assert "\u202e" not in text


NOISE = st.text(
    alphabet=st.sampled_from(
        "abc é e\u0301 œß ﬁ ١٢ مرحبا كتابة ɓɗƙ \u00a0\u202f\u2009\u200b\u200e\u200f\u202e\u2066\u00ad\ufeff\ufffe\x00\x07\x85\u2028\u2029\r\n\t<>&\"'-|. "
    ),
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(NOISE, min_size=3, max_size=3))
def test_final_text_is_stable_under_any_characters(noise: list[str]) -> None:
    """Whatever a page's paragraphs hold, the text is a fixed point of cleaning, and offsets into it survive every trip."""
    written = [f"{sentence} {odd} fin de phrase." for sentence, odd in zip(FRENCH, noise, strict=False)]
    text = "\n".join(read("<h1>Un titre assez long pour la page</h1>" + paragraphs([html.escape(w) for w in written])))
    assert texts.clean_text(text) == text
    assert unicodedata.normalize("NFC", text) == text
    assert all(line and line == line.strip() for line in text.split("\n"))
    assert json.loads(json.dumps(text)) == text.encode("utf-8").decode("utf-8") == text
    start = 0
    for line in text.split("\n"):
        evidence = slice(start, start + len(line))
        assert text[evidence] == texts.clean_text(text)[evidence] == line
        start += len(line) + 1
    again = read(
        "<h1>Un titre assez long pour la page</h1>" + paragraphs([html.escape(line) for line in text.split("\n")])
    )
    assert "\n".join(again) == text


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#x1;", "&#31", "&#xFFFE;", "&#65535;", "&#xD800;", "&#57343;", "\ufffe", "\uffff", "\ud800"]
)
def test_no_character_costs_the_page(reference: str) -> None:
    """A code point that no text may hold is left out, however it is written, and the page is read and marked."""
    tree, repaired = parsing.parse(f"<html><body>{paragraphs([FRENCH[0] + reference, *FRENCH[1:]])}</body></html>")
    assert repaired
    assert body.extract_body(tree).text.split("\n") == FRENCH


@pytest.mark.parametrize(
    "reference", ["&#9;", "&#32;", "&#x20;", "&#1575;", "&#x627;", "&#55295;", "&#57344;", "&#310;"]
)
def test_other_references_stay(reference: str) -> None:
    """References to characters are resolved."""
    tree, repaired = parsing.parse(f"<html><body><p>a{reference}b</p></body></html>")
    assert not repaired
    assert tree.findtext(".//p") == html.unescape(f"a{reference}b")


@pytest.mark.parametrize("written", ["l&#146;eau", "l&#x92;eau", "l\x92eau", "l&#8217;eau", "l&rsquo;eau"])
def test_windows_apostrophes(written: str) -> None:
    """The apostrophe of windows-1252 is one, however an old site writes it."""
    tree, _ = parsing.parse(f"<html><body><p>{written}</p></body></html>")
    assert tree.findtext(".//p") == "l’eau"


FRENCH_PAGE = "<p>" + "</p><p>".join(FRENCH) + "</p>"
ARABIC_PAGE = "<p>" + "</p><p>".join(ARABIC) + "</p>"


@pytest.mark.parametrize(
    ("raw", "charset", "expected", "repaired"),
    [
        (FRENCH_PAGE.encode(), "utf-8", FRENCH_PAGE, False),
        (FRENCH_PAGE.encode(), None, FRENCH_PAGE, False),
        (b"\xef\xbb\xbf" + FRENCH_PAGE.encode(), "iso-8859-1", FRENCH_PAGE, False),
        (FRENCH_PAGE.encode(), "iso-8859-1", FRENCH_PAGE, True),
        (FRENCH_PAGE.encode("cp1252"), "iso-8859-1", FRENCH_PAGE, False),
        (FRENCH_PAGE.encode("cp1252"), "utf-8", FRENCH_PAGE, True),
        (FRENCH_PAGE.encode("utf-16"), None, FRENCH_PAGE, False),
        (ARABIC_PAGE.encode("cp1256"), "windows-1256", ARABIC_PAGE, False),
        (
            b"<meta charset=windows-1256>" + ARABIC_PAGE.encode("cp1256"),
            None,
            "<meta charset=windows-1256>" + ARABIC_PAGE,
            False,
        ),
        (ARABIC_PAGE.encode("cp1256"), None, ARABIC_PAGE, True),
        (b"<p>+ADw-script+AD4-</p>", "utf-7", "<p>+ADw-script+AD4-</p>", False),
        (FRENCH_PAGE.encode()[:-60] + b"\xc3", "utf-8", None, True),
    ],
)
def test_decoding(raw: bytes, charset: str | None, expected: str | None, repaired: bool) -> None:
    """Marks, labels and bytes are believed in the order that gives the text, and a label that lies is a repair."""
    encoded, was = parsing.to_utf8(raw, charset)
    text = encoded.decode()
    if expected is not None:
        assert text == expected
    else:
        assert FRENCH[0] in text
    assert was is repaired


FLASH = "Six people were killed when gunmen opened fire on a bus near the bridge of Pama on Friday, officials said."


@pytest.mark.parametrize(
    ("blocks", "line", "expected"),
    [
        (
            [("h1", "Six killed on a bus"), ("div", "1 min By: Desk"), ("p", FLASH), ("p", "No group has claimed it.")],
            f"Six killed on a bus 1 min By: Desk {FLASH} No group has claimed it.",
            [FLASH, "No group has claimed it."],
        ),
        ([("td", "News"), ("td", "Six killed on a bus"), ("td", FLASH)], f"News Six killed on a bus {FLASH}", [FLASH]),
        ([("p", FLASH)], FLASH, [FLASH]),
        ([("p", "Other words."), ("p", "Of this page.")], FLASH, [FLASH]),
        ([("div", "Six people"), ("div", "were killed")], FLASH, [FLASH]),
    ],
    ids=["paragraphs", "cells behind the headline", "one paragraph", "found nowhere", "no headline"],
)
def test_line_of_several_blocks_is_taken_apart(blocks: list[tuple[str, str]], line: str, expected: list[str]) -> None:
    """A short text that comes without its paragraph breaks gets them back, and loses what stands around it."""
    assert body.taken_apart(line, blocks, title="Six killed on a bus") == expected


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (["Menu", "Six killed on a bus", FLASH, "Share"], [FLASH]),
        (["DAKAR, Senegal", FLASH], ["DAKAR, Senegal", FLASH]),
        (["SITUATION", FLASH, "RESPONSE", FLASH], ["SITUATION", FLASH, "RESPONSE", FLASH]),
        ([FLASH, "AC/te/APA"], [FLASH, "AC/te/APA"]),
        ([FLASH, "UPDATE: Invest now and double your money. Click here to learn more.", FLASH], [FLASH, FLASH]),
        ([FLASH, "A message told them to “click here”, which nobody did."], [FLASH, "A message told them to “click here”, which nobody did."]),
    ],
)  # fmt: skip
def test_labels_around_a_flash(paragraphs: list[str], expected: list[str]) -> None:
    """What opens and ends a short text stays when it belongs to it."""
    assert wording.sift(paragraphs, title="Six killed on a bus")[0] == expected


ACCENTED = (
    "Les forces armées ont repoussé l'attaque près de Ménaka.",
    "L’armée déplore la mort de 12 soldats à Djibo, d’après un communiqué.",
    "Où sont passés les élèves enlevés à l'école de Tillabéri ?",
    "Ça s'est passé dès l'aube, a précisé le préfet, « très ému ».",
    "À Gao, cœur de la région, la grève est reconduite jusqu’à samedi.",
)
CURLED = (
    "“We fled at dawn” — the village’s chief says 30 houses were burnt…",
    "The café’s owner was abducted near the border, his family’s lawyer said.",
)


@pytest.mark.parametrize("text", [*ACCENTED, *CURLED, "".join(ACCENTED), "".join(CURLED)])
@pytest.mark.parametrize("form", ["{}", "<p>{}</p>", "<rss><channel><item><title>{}</title></item></channel></rss>"])
def test_undeclared_windows_1252_is_not_taken_for_another_latin_encoding(text: str, form: str) -> None:
    """A short text has too few accents to tell; what it was taken for showed as Ă and ŕ."""
    whole = form.format(text)
    assert parsing.to_utf8(whole.encode("cp1252")) == (whole.encode(), True)


def test_undeclared_encodings_of_other_scripts_are_still_found() -> None:
    """Arabic of the days before UTF-8."""
    text = "قتل عشرة جنود في هجوم شنه مسلحون على قاعدة عسكرية قرب الحدود مع النيجر صباح يوم الأحد، حسب مصدر أمني. " * 4
    assert parsing.to_utf8(text.encode("cp1256")) == (text.encode(), True)
