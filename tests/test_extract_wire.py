"""The wire credit: by its place in the article, never by a mention."""

import pytest

from transforms.extraction import wire_credit

DATELINES = [
    ("OUAGADOUGOU (AFP) - Une colonne de motos a été aperçue lundi.", "AFP"),
    ("Ouagadougou, 10 nov 2026 (AFP) – Une colonne de motos a été aperçue.", "AFP"),
    ("Niamey, le 3 mars 2026 (ANP) - Le marché de Katako a rouvert.", "ANP"),
    ("(AIB) – La gendarmerie de Kaya a saisi des munitions.", "AIB"),
    ("Bamako, 12 nov. (AMAP) Le convoi est arrivé au matin.", "AMAP"),
    ("APA-Niamey (Niger) - Trois camions ont brûlé sur la route.", "APA"),
    ("APA – Nouakchott (Mauritanie) Le port a repris ses activités.", "APA"),
    ("Dakar, 9 nov (APS) - Les pluies ont cessé.", "APS"),
    ("N'Djamena, 5 nov. 2026 (ATPE) - Le fleuve a baissé de vingt centimètres.", "ATPE"),
    ("Nouakchott, 14/11/2026 (AMI) - Le conseil s'est réuni jeudi.", "AMI"),
    ("Cotonou, Bénin (PANA) - Les enseignants ont repris la craie.", "PANA"),
    ("(Reuters) - Gunmen blocked the northern highway on Monday.", "Reuters"),
    ("BAMAKO, Nov 10 (Reuters) - Gunmen blocked the northern highway.", "Reuters"),
    ("DAKAR, Senegal (AP) — Fishermen found an empty boat on Tuesday.", "AP"),
    ("NIAMEY, Nov. 15 (Xinhua) -- A new bridge opened over the river.", "Xinhua"),
    ("Abuja, Nov. 11, 2026 (NAN) The Senate has confirmed the nominee.", "NAN"),
    ("MOSCOW, November 10. /TASS/. The ministry published a statement.", "TASS"),
    ("ANKARA (AA) - A delegation will travel to the Chadian capital.", "Anadolu"),
    ("BERLIN (dpa) - The last soldiers came home on Friday.", "DPA"),
    ("Madrid, 4 nov (EFE).- El buque llegó al puerto.", "EFE"),
    ("AFP - Des combats ont éclaté dans la nuit.", "AFP"),
    ("باماكو (أ ف ب) - قتل تسعة أشخاص في هجوم على قرية.", "AFP"),
    ("نيامي - رويترز - قال مسؤولون إن الطريق أغلق.", "Reuters"),
    ("نواكشوط (الأناضول) - وصلت أولى الشاحنات صباح اليوم.", "Anadolu"),
    ("بكين 10 نوفمبر (شينخوا) - أعلنت الوزارة برنامجا جديدا.", "Xinhua"),
    ("L'Agence France-Presse (AFP) a ouvert un bureau dans la ville.", None),
    ("Un correspondant de l'AFP - présent sur place - a vu trois camions.", None),
    ("Selon Reuters, trois camions ont brûlé.", None),
    ("Le photographe (Reuters) a été libéré mardi après une semaine.", None),
    ("The army told Reuters that the camp had not fallen.", None),
    ("قال شاهد لوكالة فرانس برس إن الطائرة حلقت مرتين.", None),
    ("Wani ganau ya shaida wa AFP cewa an kona kasuwar.", None),
    ("L'APA (Association des parents d'élèves) appelle à la grève.", None),
    ("Son ami - un berger de Tera - a pris la fuite.", None),
    ("Yana nan - in ji mahaifinsa - amma ba ya magana.", None),
]
CREDITS = [
    ("Avec AFP", "AFP"),
    ("(avec AFP)", "AFP"),
    ("AFP", "AFP"),
    ("RFI avec AFP", "AFP"),
    ("La rédaction avec Reuters", "Reuters"),
    ("Le Monde avec AFP et Reuters", "AFP"),
    ("Source : AFP", "AFP"),
    ("Sources : APA, ANP", "APA"),
    ("Source: Xinhua", "Xinhua"),
    ("© AFP", "AFP"),
    ("© 2026 AFP", "AFP"),
    ("Copyright 2026 The Associated Press. All rights reserved.", "AP"),
    ("Agence nigérienne de presse", "ANP"),
    ("Source : Agence d'information du Burkina", "AIB"),
    ("Par Panapress", "PANA"),
    ("With Agence France-Presse", "AFP"),
    ("Source: News Agency of Nigeria", "NAN"),
    ("Source: Anadolu Agency", "Anadolu"),
    ("Source : Sputnik Afrique", "Sputnik"),
    ("Source : RIA Novosti", "RIA Novosti"),
    ("From Bloomberg News", "Bloomberg"),
    ("Reporting by A. Writer in Bamako; Editing by B. Editor", "Reuters"),
    ("المصدر: رويترز", "Reuters"),
    ("المصدر : الجزيرة + رويترز", "Reuters"),
    ("وكالات - أ ف ب", "AFP"),
    ("المصدر: وكالة الأناضول", "Anadolu"),
    ("المصدر: شينخوا", "Xinhua"),
    ("المصدر: وكالات", None),  # agencies, but which?
    ("Tare da AFP", "AFP"),
    ("Majiya: Reuters", "Reuters"),
    ("Rahoton AFP", "AFP"),
    ("Photo : AFP", None),
    ("Crédit photo : AFP", None),
    ("© AFP / Photo d'archives", None),
    ("Hoto: AFP", None),
    ("الصورة: رويترز", None),
    ("L'AFP a interrogé trois témoins.", None),
    ("Selon un journaliste de l'AFP.", None),
    ("Son ami", None),
    ("Ya ce yana nan", None),
    ("Source : préfecture de Diffa", None),
]
BYLINES = [
    ("AFP", "AFP"),
    ("Par AFP", "AFP"),
    ("RFI avec AFP", "AFP"),
    ("Agence mauritanienne d'information (AMI)", "AMI"),
    ("Awa Traoré (Reuters)", "Reuters"),
    ("وكالات - رويترز", "Reuters"),
    ("NAN", "NAN"),
    ("Ami Koita", None),
    ("Rédaction", None),
    ("Photo AFP", None),
    ("Une rue de Gao au matin. Reuters", None),
    ("REUTERS/Jean Dupont", None),
    ("AFP/Reuters", "AFP"),
]
ENDINGS = [
    ("Les recherches se poursuivaient mardi soir. (AFP)", "AFP"),
    ("The road is to reopen next week. (Xinhua)", "Xinhua"),
    ("« Nous resterons », a-t-il dit. AFP", "AFP"),
    ("ومن المقرر أن تستأنف الرحلات غدا. (رويترز)", "Reuters"),
    ("Il a ensuite rappelé la journaliste (AFP).", None),
    ("Il travaille pour l'AFP", None),
]


@pytest.mark.parametrize(("paragraph", "agency"), DATELINES)
def test_dateline(paragraph: str, agency: str | None) -> None:
    """A first paragraph credits the agency of its dateline and no agency that it merely speaks of."""
    assert wire_credit.agency_of_dateline(paragraph) == agency


@pytest.mark.parametrize(("line", "agency"), CREDITS)
def test_credit_line(line: str, agency: str | None) -> None:
    """A line of its own credits an agency in four languages; picture credits and mentions do not."""
    assert wire_credit.agency_of_credit(line) == agency


@pytest.mark.parametrize(("byline", "agency"), BYLINES)
def test_byline(byline: str, agency: str | None) -> None:
    """A byline names an agency by a whole name, so that a person called Ami is none."""
    assert wire_credit.agency_of_byline(byline) == agency


@pytest.mark.parametrize(("paragraph", "agency"), ENDINGS)
def test_ending(paragraph: str, agency: str | None) -> None:
    """The end of the text is signed by an agency behind its last full stop only."""
    assert wire_credit.agency_of_ending(paragraph) == agency


def test_byline_outranks_credit_line() -> None:
    """Of several credits the byline counts first, then the dateline, then the last lines."""
    paragraphs = ["NIAMEY (AFP) - Le marché a rouvert.", "Il est plein.", "Source : Reuters"]
    assert wire_credit.wire_agency(bylines=["Xinhua"], paragraphs=paragraphs) == "Xinhua"
    assert wire_credit.wire_agency(paragraphs=paragraphs) == "AFP"
    assert wire_credit.wire_agency(paragraphs=paragraphs[1:]) == "Reuters"


def test_mention_in_the_story_is_no_credit() -> None:
    """A text that quotes an agency in every paragraph is still not credited to it."""
    paragraphs = ["Le maire a répondu à l'AFP.", "L'AFP a vu les camions.", "Joint par Reuters, le préfet s'est tu."]
    assert wire_credit.wire_agency(bylines=["Moussa Ali"], paragraphs=paragraphs) is None
