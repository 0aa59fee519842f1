"""Accidents that a title keeps silent about, mines that hit and mines that fall in, and the diary. Written by reading the sentences."""

import pytest

from tests.test_what import told
from tests.test_where import events


def told_under(language, title, text):
    """(type, mode, first day) of the events told with some confidence in a report with a title."""
    return {(e.event_type, e.mode, e.date_start) for e in events(language, text, title=title) if e.confidence >= 0.5}


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Seven soldiers killed near Diffa", "Seven soldiers died on Monday when their lorry overturned near Diffa in Niger."),
        ("en", "", "Eleven soldiers were killed on Sunday near Gao in Mali. Their bus had collided with a tanker."),
        ("fr", "Six militaires tués près de Tahoua", "Six militaires ont péri lundi dans un accident de la route près de Tahoua, au Niger."),
        ("fr", "Cinq soldats tués au Mali", "Cinq soldats sont morts dimanche. Leur pirogue a chaviré près de Mopti."),
        ("ar", "مقتل خمسة جنود قرب ديفا", "قتل خمسة جنود يوم الاثنين في حادث سير قرب ديفا في النيجر."),
        ("ha", "An kashe sojoji shida a Diffa", "Sojoji shida sun mutu ranar Lahadi a hatsarin mota a kusa da Diffa a Nijar."),
    ],
)  # fmt: skip
def test_dead_of_whom_nobody_is_said_to_have_killed_are_those_of_the_accident(language, title, text):
    """That the first sentences tell."""
    assert told_under(language, title, text) == set()


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Seven soldiers killed near Diffa", "Jihadists killed seven soldiers near Diffa in Niger on Monday. A truck overturned as it fled."),
        ("en", "", "Gunmen killed seven soldiers near Gao in Mali on Sunday. Two more died when their truck overturned."),
        ("fr", "Six militaires tués près de Gao", "Une embuscade a coûté la vie à six militaires lundi près de Gao, au Mali. Leur camion s'est renversé."),
        ("en", "", "An army helicopter crashed near Gao in Mali on Sunday, killing five soldiers. JNIM said it shot the helicopter down."),
        ("ar", "", "قتل سبعة جنود في كمين قرب غاو في مالي يوم الاثنين. وانقلاب شاحنتهم أعاق الإسعاف."),
    ],
)  # fmt: skip
def test_an_accident_beside_an_attack_takes_nothing_away(language, title, text):
    """Nor one that somebody says to have caused."""
    assert any(code.startswith(("BAT.", "REM.")) for code, _, _ in told_under(language, title, text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A landmine killed four traders near Bankass in Mali on Tuesday."),
        ("en", "A roadside bomb killed five villagers near Djibo in Burkina Faso on Monday."),
        (
            "en",
            "Three traders died when their van overturned on hitting a planted charge near Konduga, Nigeria, on Monday.",
        ),
        ("fr", "Une mine a fauché cinq commerçants lundi près de Djibo, au Burkina Faso."),
        ("fr", "Deux soldats ont été tués mardi près de Gao, au Mali : leur camion a heurté un tronc piégé."),
        ("fr", "Un engin explosif a tué trois femmes mardi près de Torodi, au Niger."),
        ("ar", "لغم أرضي يقتل أربعة مدنيين قرب بانكاس في مالي يوم الثلاثاء."),
        ("ha", "Nakiya ta halaka mutum hudu a kusa da Damboa a Najeriya ranar Litinin."),
    ],
)
def test_a_mine_that_kills_is_a_mine(language, text):
    """Whoever died of it."""
    assert {code for code, _, _ in told(language, text)} == {"REM.IED"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Five diggers were killed when a gold pit collapsed near Kangaba in Mali on Tuesday."),
        ("en", "A landslide at a mine killed nine people near Tillabéri in Niger on Monday."),
        ("fr", "L'effondrement d'une mine d'or a tué neuf personnes lundi près de Kangaba, au Mali."),
        ("fr", "Sept orpailleurs tués dans l'éboulement d'un puits à Kédougou, au Sénégal, mardi."),
        ("ar", "مقتل سبعة عمال في انهيار منجم ذهب قرب كايس في مالي يوم الاثنين."),
        ("ha", "Mutum bakwai sun mutu bayan ramin hakar zinari ya rufta a Zamfara, Najeriya, ranar Litinin."),
    ],
)
def test_a_mine_that_falls_in_is_none(language, text):
    """It is an accident of those who dig."""
    assert told(language, text) == set()


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "", "To watch this week: the foreign ministers of Mali and Niger meet in Bamako on Friday."),
        ("en", "The week ahead", "The foreign ministers of Mali and Niger meet in Bamako on Friday."),
        ("fr", "", "À suivre cette semaine : les chefs d'état-major du Niger et du Mali se retrouvent à Gao vendredi."),
        ("fr", "La semaine à venir", "Les ministres des Affaires étrangères du Mali et du Niger se rencontrent vendredi à Bamako."),
    ],
)  # fmt: skip
def test_what_stands_in_a_diary_is_planned_for_the_coming_day(language, title, text):
    """In the present tense as well."""
    assert ("DIP.TALKS", "planned", "2026-11-20") in told_under(language, title, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le pont de Tohoun, au Togo, a été rendu à la circulation mardi après des travaux."),
        ("fr", "Le pont de Sanguéré, au Cameroun, a été rendu aux camions lundi."),
        ("en", "The bridge at Kainji in Nigeria was reopened to traffic on Monday after repairs."),
        ("en", "Drivers parked their trucks in Sokoto, Nigeria, on Sunday to watch the match."),
        ("en", "Jets of water from a burst main hit houses in Zinder, Niger, on Monday."),
        ("fr", "Des jets d'eau ont frappé les maisons de Zinder, au Niger, lundi."),
    ],
)
def test_phrases_of_acts_in_ordinary_news(language, text):
    """A bridge within a country, lorries parked for a match, water."""
    assert told(language, text) == set()


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", "Le pont entre Gaya et Malanville, fermé depuis deux ans, a été rendu à la circulation lundi au Bénin et au Niger.", "DIP.BORDER_OPEN"),
        ("en", "Drivers parked their lorries across Niger on Monday over the killing of two colleagues.", "UNR.STRIKE"),
        ("en", "Jets hit the town of Kidal in Mali on Monday.", "REM.AIR_DRONE"),
        ("en", "Gunmen attacked a base near Ménaka in Mali on Sunday, and four of the attackers were killed.", "BAT.ATTACK_MIL"),
        ("fr", "Deux éleveurs ont été tués à Bakel, au Sénégal, lundi, selon la gendarmerie.", "CIV.ATTACK"),
        ("fr", "Des éleveurs ont été attaqués à Bakel, au Sénégal, lundi : trois morts, selon la gendarmerie.", "CIV.ATTACK"),
        ("fr", "La gendarmerie de Djibo, au Burkina Faso, a été attaquée lundi : trois morts, selon le maire.", "BAT.ATTACK_MIL"),
        ("en", "Herders were attacked near Bakel in Senegal on Monday: three dead, according to the gendarmerie.", "CIV.ATTACK"),
    ],
)  # fmt: skip
def test_the_same_phrases_of_acts(language, text, code):
    """Told where they are meant."""
    assert {found for found, how, _ in told(language, text) if how == "reported"} == {code}


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        ("en", "Conakry recalled its ambassador to Bissau on Monday.", "GN"),
        ("fr", "Bamako a rappelé mardi son ambassadeur à Nouakchott.", "ML"),
        ("en", "Niamey on Sunday recalled its ambassador in Cotonou for consultations.", "NE"),
        ("ar", "استدعت باماكو سفيرها في نواكشوط يوم الاثنين.", "ML"),
    ],
)
def test_a_state_recalls_its_envoy_from_its_own_capital(language, text, country):
    """Not from where the envoy was."""
    assert {e.location.country for e in events(language, text) if e.event_type == "DIP.RUPTURE"} == {country}
