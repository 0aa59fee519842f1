"""Where and when of small reports: whose place is whose, and what is only recalled."""

import datetime as dt

import pytest

from transforms.tagging.dates import find_dates
from transforms.tagging.normalise import fold
from transforms.tagging.respell import arabic_of
from transforms.tagging.tagger import Taggable, Tagger


def events(language, text, title="", country="FR"):
    """The events of a report of Wednesday 18 November 2026."""
    article = Taggable(
        article_id="a", text=text, title=title, language=language, published="2026-11-18", country=country
    )
    return Tagger.load().tag(article).events


def places(language, text, **article):
    """Maps each type to (country, division, place) of its event in a report."""
    return {
        event.event_type: (event.location.country, event.location.admin1, event.location.name)
        for event in events(language, text, **article)
        if event.location
    }


@pytest.mark.parametrize(
    ("name", "country", "spelling"),
    [
        ("Kontagora", "NG", "كونتاغورا"), ("Chibok", "NG", "شيبوك"), ("Djibo", "BF", "جيبو"), ("Djibo", "BF", "دجيبو"),
        ("Bauchi", "NG", "باوتشي"), ("Zamfara", "NG", "زمفارا"), ("N'Guigmi", "NE", "نغيغمي"), ("Ouallam", "NE", "والام"),
        ("Fada N'Gourma", "BF", "فادا نغورما"), ("Tahoua", "NE", "تاهوا"),
    ],
)  # fmt: skip
def test_names_are_spelt_as_the_arabic_press_does(name, country, spelling):
    """A Latin name gives the spellings in use, as keys."""
    assert spelling in arabic_of(name, country)


def test_short_names_and_names_with_other_marks_have_no_arabic_spelling():
    """What would be a word of three letters, or is no name of letters, is left alone."""
    assert arabic_of("Say", "NE") == []
    assert arabic_of("Base 201", "NE") == []


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("ar", "قتل مسلحون ستة مزارعين يوم الثلاثاء في بلدة بيرنين كيبي بولاية كيبي في نيجيريا، بحسب الشرطة في أبوجا.",
         "CIV.ATTACK", ("NG", "Kebbi", "Birnin Kebbi")),
        ("ar", "وفي غاو شمال مالي خطف مجهولون سائقا يوم الثلاثاء.", "CIV.ABDUCTION", ("ML", "Gao", "Gao")),
        ("en", "The army spokesman told reporters in Niamey that gunmen killed four soldiers near Ayorou, Niger, on Monday.",
         "BAT.ATTACK_MIL", ("NE", "Tillabéri", "Ayorou")),
        ("fr", "Selon un syndicat de Mopti, quatre chauffeurs ont été enlevés lundi près de Hombori, au Mali.",
         "CIV.ABDUCTION", ("ML", "Douentza", "Hombori")),
        ("fr", "Un commerçant a été enlevé lundi à Ayorou, au Niger, à son retour de Gao.",
         "CIV.ABDUCTION", ("NE", "Tillabéri", "Ayorou")),
        ("fr", "Huit civils ont été tués lundi à Koro, dans la région de Mopti, au Mali.",
         "CIV.ATTACK", ("ML", "Mopti", "Koro")),
        ("fr", "Huit civils ont été tués lundi à Koro, au Mali.", "CIV.ATTACK", ("ML", "Bandiagara", "Koro")),
        ("fr", "Le Togo a décrété mardi l'état d'urgence dans les Savanes.", "POL.RESTRICT", ("TG", "Savanes", "Savanes")),
        ("ha", "Sai dai a Agadas na Nijar, an kashe mutum biyar ranar Talata a wani hari.", "CIV.ATTACK",
         ("NE", "Agadez", "Agadez")),
    ],
)  # fmt: skip
def test_the_place_is_that_of_the_act(language, text, code, where):
    """Neither where somebody spoke, nor where somebody came from; Mali's old region where the text names it."""
    assert places(language, text)[code] == where


def test_a_report_of_one_settlement_is_all_about_it():
    """A sentence without a place, in a report that names one settlement, happened there."""
    one = "Gunmen killed four soldiers in Ayorou, western Niger, on Monday.\n\nTroops recovered two rifles and a machine gun."
    assert places("en", one)["GRP.WEAPONS_SEIZED"] == ("NE", "Tillabéri", "Ayorou")


def test_the_same_region_is_the_one_told_before_by_that_word():
    """That is, "la même province" is the last division told of as a province."""
    text = (
        "Quatre civils ont été tués lundi à Foutouri, dans la province de la Komondjari, au Burkina Faso.\n\n"
        "En 2021, 132 habitants avaient été massacrés à Solhan, dans la région du Sahel.\n\n"
        "Mardi, deux infirmiers ont été enlevés dans la même province."
    )
    assert places("fr", text)["CIV.ABDUCTION"][:2] == ("BF", "Est")


def test_the_far_north_of_a_country_is_no_region_of_another():
    """That is, "أقصى الشمال" is Cameroon's region only in news of Cameroon."""
    assert places("ar", "خطف مسلحون مهندسين يوم الثلاثاء في أقصى الشمال من النيجر.")["CIV.ABDUCTION"][0] == "NE"


@pytest.mark.parametrize(
    ("language", "lead", "recalled", "code"),
    [
        ("en", "A court in Bamako on Tuesday jailed two Malians for the killing of nine villagers in Tessit.", "", "CIV.ATTACK"),
        ("fr", "Le tribunal de Niamey, au Niger, a condamné mardi trois hommes pour l'enlèvement d'un médecin à Ayorou.", "",
         "CIV.ABDUCTION"),
        ("ha", "Wata kotu a Kano a Najeriya ta yanke wa mutum biyu hukuncin daurin rai da rai ranar Talata saboda sace dalibai.",
         "", "CIV.ABDUCTION"),
        ("en", "Gunmen killed four soldiers near Ayorou, Niger, on Monday.",
         "The president was toppled by soldiers in a coup that the region condemned.", "POL.COUP"),
        ("en", "Niger reopened its border with Benin at Gaya on Tuesday.", "Niamey had closed the border over fears of an attack.",
         "DIP.BORDER_CLOSE"),
        ("ar", "قتل مسلحون أربعة جنود يوم الاثنين قرب أيورو في النيجر.", "ويأتي ذلك بعد ثلاثة أشهر من مقتل تسعة مدنيين في تيرا.",
         "CIV.ATTACK"),
    ],
)  # fmt: skip
def test_what_is_recalled_is_not_news(language, lead, recalled, code):
    """What a court judges, an old coup, what was undone before, and what happened months before."""
    found = [
        event.mode
        for event in events(language, f"{lead}\n\nNo more is known.\n\n{recalled}")
        if event.event_type == code
    ]
    assert "reported" not in found


def test_an_old_day_before_what_has_just_been_done():
    """That is, "instauré en juin 2022, vient d'être prorogé" is news."""
    found = events(
        "fr", "Au Togo, l'état d'urgence, instauré en juin 2022 dans les Savanes, vient d'être prorogé de six mois."
    )
    assert [event.mode for event in found if event.event_type == "POL.RESTRICT"] == ["reported"]


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("dimanche et lundi à Labé", "fr", [("2026-11-15", "2026-11-16")]),
        ("on Saturday and Sunday", "en", [("2026-11-14", "2026-11-15")]),
        ("يومي السبت والأحد", "ar", [("2026-11-14", "2026-11-15")]),
        ("ranar Lahadi da Litinin", "ha", [("2026-11-15", "2026-11-16")]),
        ("mardi et vendredi", "fr", [("2026-11-17", "2026-11-17"), ("2026-11-13", "2026-11-13")]),
    ],
)
def test_two_days_that_follow_each_other_are_a_span(text, language, days):
    """Days apart stay two dates."""
    found = find_dates(fold(text, language), language, dt.date(2026, 11, 18))
    assert [(str(day.first), str(day.last)) for day in found] == days


@pytest.mark.parametrize(
    ("language", "text", "named"),
    [
        ("ar", "قال النيجريون إنهم باقون", ["NE"]), ("ar", "قال النيجيريون إنهم باقون", ["NG"]),
        ("fr", "Dans un texte en français", []), ("fr", "des Ghanéennes et des Burkinabè", ["GH", "BF"]),
        ("en", "Cameroonians and Guineans", ["CM", "GN"]), ("ha", "wani dan Chadi", ["TD"]),
    ],
)  # fmt: skip
def test_peoples_name_their_countries_and_languages_do_not(language, text, named):
    """Plurals of Arabic with their article, feminine forms; French the language is no sign of France."""
    article = Taggable(article_id="a", text=text, title="", language=language, published="2026-11-18")
    assert [mention.iso for mention in Tagger.load().read(article).countries] == named
