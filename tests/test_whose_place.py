"""Which of several places is the event's, and which day: those who rule, fled, come from, are talked about."""

import datetime as dt

import pytest

from tests.test_where import events, places
from transforms.tagging.dates import find_dates
from transforms.tagging.normalise import fold


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("fr", "Cotonou a instauré mardi un couvre-feu dans le département de l'Alibori.", "POL.RESTRICT", ("BJ", "Alibori")),
        ("fr", "Bamako a envoyé lundi trois cents soldats à Nioro.", "MIL.DEPLOY", ("ML", "Nioro")),
        ("en", "Accra has imposed a curfew on Bawku since Monday.", "POL.RESTRICT", ("GH", "Upper East")),
        ("ar", "فرضت نيامي يوم الاثنين حظر تجول في تيلابيري.", "POL.RESTRICT", ("NE", "Tillabéri")),
        ("ha", "Yamai ta kafa dokar hana fita a Tillabéri ranar Litinin.", "POL.RESTRICT", ("NE", "Tillabéri")),
    ],
)  # fmt: skip
def test_a_capital_that_does_something_is_its_government(language, text, code, where):
    """The place is another one, if any."""
    assert places(language, text)[code][:2] == where


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        ("fr", "Au 31 octobre, le Niger hébergeait 210 000 réfugiés ayant fui le Nigeria.", "NE"),
        ("en", "Chad was sheltering 900,000 refugees who had fled Sudan as of 31 October.", "TD"),
        ("ar", "تستضيف موريتانيا حتى 31 أكتوبر 150 ألف لاجئ فروا من مالي.", "MR"),
        ("ha", "Sama da mutum 900 ne suka tsere daga Najeriya suka nemi mafaka a Nijar ranar Litinin.", "NE"),
    ],
)
def test_the_displaced_are_where_they_fled_to(language, text, country):
    """Neither in the country that they fled."""
    found = [e for e in events(language, text) if e.event_type == "HUM.DISPLACE"]
    assert [e.location.country for e in found if e.location] == [country]


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("ar", "عبر يوم الاثنين 900 نيجيري كانوا لاجئين في ديفا الحدود عائدين إلى دماساك.", "HUM.RETURN", ("NG", "Damasak")),
        ("fr", "Rentrés lundi à Djibo, 900 habitants qui étaient réfugiés à Ouahigouya ont retrouvé leurs maisons.", "HUM.RETURN",
         ("BF", "Djibo")),
        ("en", "Some 900 people who were refugees in Diffa returned home to Damasak on Monday.", "HUM.RETURN", ("NG", "Damasak")),
        ("en", "Armed men drove off 200 cows of herders from Bassikounou on Monday near Nampala, Mali.", "CIV.CATTLE_RAID",
         ("ML", "Nampala")),
        ("fr", "Quatre commerçants originaires de Gao ont été tués lundi près de Téra, au Niger.", "CIV.ATTACK", ("NE", "Téra")),
    ],
)  # fmt: skip
def test_where_somebody_is_from_is_not_where_it_happened(language, text, code, where):
    """Nor where those who come home were till then."""
    country, _, name = places(language, text)[code]
    assert (country, name) == where


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Réunis mardi à Abuja, les chefs d'État de la Cédéao ont discuté de la dégradation de la situation au Mali.",
        ),
        ("en", "Meeting in Abuja on Tuesday, ECOWAS heads of state held talks on the security crisis in Mali."),
        ("ar", "عقد قادة إيكواس محادثات يوم الثلاثاء في أبوجا حول الأزمة في مالي."),
    ],
)
def test_what_is_talked_about_is_not_where(language, text):
    """Talks are where people met."""
    assert places(language, text)["DIP.TALKS"][0] == "NG"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Mali again refused the offer.\n\nThe country walked out of ECOWAS in January 2025, together with Niger.",
        ),
        ("fr", "Le Mali a rejeté l'offre.\n\nLe pays a quitté la Cédéao en janvier 2025, aux côtés du Niger."),
    ],
)
def test_who_does_it_with_others_does_it_at_home(language, text):
    """That is, "the country" is the one told of before, not the one it acts with."""
    assert places(language, text)["DIP.EXIT_BLOC"][0] == "ML"


def test_a_country_that_heads_its_paragraph_rules_out_hamlets_elsewhere():
    """A name that the heading's country has not is taken for no hamlet of another."""
    text = "The week.\n\nGHANA. At Bole, soldiers killed three bandits on Monday.\n\nTOGO. Nothing new in Dapaong."
    assert places("en", text)["BAT.OPERATION"][0] == "GH"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "NOUAKCHOTT - Hundreds of people marched to the embassy of Mali on Tuesday."),
        ("fr", "NOUAKCHOTT - Des centaines de personnes ont manifesté mardi devant l'ambassade du Mali."),
        ("ar", "نواكشوط - تظاهر المئات يوم الثلاثاء أمام سفارة مالي."),
    ],
)
def test_an_embassy_is_not_in_the_country_it_is_of(language, text):
    """Crowds gather where the reporter is."""
    assert places(language, text) == {"UNR.PROTEST": ("MR", "Nouakchott", "Nouakchott")}


@pytest.mark.parametrize(
    ("language", "text", "first"),
    [
        ("fr", "Des hommes armés ont enlevé mardi six chauffeurs entre Bankilaré et Téra, au Niger.", "Bankilaré"),
        ("en", "Gunmen abducted six drivers between Bankilaré and Téra in Niger on Tuesday.", "Bankilaré"),
        ("ar", "خطف مسلحون ستة سائقين يوم الثلاثاء بين أنسونغو ولابزانغا في مالي.", "Ansongo"),
        ("ha", "'Yan bindiga sun sace direbobi shida tsakanin Bankilaré da Téra a Nijar ranar Talata.", "Bankilaré"),
    ],
)
def test_of_two_ends_of_a_road_the_first_stands_for_it(language, text, first):
    """One convention for "between"."""
    assert places(language, text)["CIV.ABDUCTION"][2] == first


def test_the_camp_is_the_one_told_of_by_that_word():
    """Not the place told last."""
    text = (
        "Fighters attacked an army camp in Damasak, Nigeria, on Monday, killing six soldiers.\n\n"
        "Jets bombed them near Toumour, in Niger, hours later.\n\n"
        "The army denied that the camp had fallen to the insurgents."
    )
    assert places("en", text)["BAT.TERRITORY_LOST"] == ("NG", "Borno", "Damasak")


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("from Saturday to Monday", "en", ("2026-11-14", "2026-11-16")),
        ("de samedi à lundi", "fr", ("2026-11-14", "2026-11-16")),
        ("من السبت إلى الاثنين", "ar", ("2026-11-14", "2026-11-16")),
        ("daga Asabar zuwa Litinin", "ha", ("2026-11-14", "2026-11-16")),
        ("a daren Lahadi wayewar Litinin", "ha", ("2026-11-15", "2026-11-16")),
        ("daga safiyar Litinin zuwa yau", "ha", ("2026-11-16", "2026-11-18")),
        ("jiya Talata", "ha", ("2026-11-17", "2026-11-17")),
        ("between January and the end of October", "en", ("2026-01-01", "2026-10-31")),
        ("de janvier à fin octobre", "fr", ("2026-01-01", "2026-10-31")),
        ("من يناير إلى نهاية أكتوبر", "ar", ("2026-01-01", "2026-10-31")),
        ("daga Janairu zuwa karshen Oktoba", "ha", ("2026-01-01", "2026-10-31")),
        ("in the first days of the month", "en", ("2026-11-01", "2026-11-10")),
        ("au début du mois de septembre 2025", "fr", ("2025-09-01", "2025-09-10")),
    ],
)
def test_spans_of_days_and_months(text, language, days):
    """One date with both ends."""
    found = find_dates(fold(text, language), language, dt.date(2026, 11, 18))
    assert [(str(day.first), str(day.last)) for day in found] == [days]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", ("Le gouvernement malien a protesté lundi.\n\nLa sortie est effective depuis le 29 janvier 2025. "
               "Le même jour, six soldats ont été tués à Tessit.")),
        ("en", ("The Malian government protested on Monday.\n\nThe exit has been in force since 29 January 2025. "
               "The same day, six soldiers were killed in Tessit.")),
        ("ar", "احتجت الحكومة المالية يوم الاثنين.\n\nوالانسحاب سار منذ 29 يناير 2025. وقتل ستة جنود بعد ظهر اليوم نفسه في تيسيت."),
    ],
)  # fmt: skip
def test_the_same_day_is_no_day_since_which_something_lasts(language, text):
    """It is the last day told on which something happened."""
    found = [e for e in events(language, text) if e.event_type == "BAT.ATTACK_MIL"]
    assert [e.date_start for e in found] == ["2026-11-16"]


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("en", ("Gunmen killed three men in Anka, Nigeria, on Wednesday.\n\nIn Tsafe nobody signed the truce. "
         "Riders led away 41 wedding guests on Thursday night."), "CIV.ABDUCTION", ("NG", "Tsafe")),
        ("fr", ("Six soldats ont été tués lundi à Tessit, au Mali.\n\nÀ Labbezanga, la quittance n'a pas de tampon. "
         "Des hommes armés ont enlevé un instituteur dans la nuit de dimanche à lundi."), "CIV.ABDUCTION", ("ML", "Labbezanga")),
        ("ar", "قتل ستة جنود يوم الاثنين في تيسيت بمالي.\n\nولا يخرج أحد من لابزانغا بعد الغروب. وخطف مسلحون معلما ليل الأحد.",
         "CIV.ABDUCTION", ("ML", "Labbezanga")),
        ("ha", ("An kashe sojoji shida ranar Litinin a Ayorou a Nijar.\n\nA garin Téra babu mai fita da dare. "
         "'Yan bindiga sun sace malami daya daren Lahadi."), "CIV.ABDUCTION", ("NE", "Téra")),
    ],
)  # fmt: skip
def test_the_sentence_before_tells_where(language, text, code, where):
    """In one paragraph the place told last, also where nothing happened in its sentence."""
    country, _, name = places(language, text)[code]
    assert (country, name) == where


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Les habitants de Diffa, au Niger, ont été réveillés mardi par un grondement. L'aviation y a bombardé un hameau.",
        ),
        (
            "en",
            "People in Diffa, Niger, were woken on Tuesday by a rumble. The air force had bombed a hamlet near the town.",
        ),
    ],
)
def test_the_sentence_before_tells_when(language, text):
    """In one paragraph, of an act of one day."""
    found = [e for e in events(language, text) if e.event_type == "REM.AIR_DRONE"]
    assert [e.date_start for e in found] == ["2026-11-17"]


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", "Teachers in Lomé, Togo, will go on a 48-hour strike from next Monday.", ("2026-11-23", "2026-11-24")),
        ("en", "A three-day sweep by the army near Bankilaré, Niger, ended on Monday with 29 terrorists killed.",
         ("2026-11-14", "2026-11-16")),
        ("fr", "Au Sénégal, les routiers sont en grève depuis ce mardi matin, pour trois jours, au port de Dakar.",
         ("2026-11-17", "2026-11-19")),
        ("fr", "Un exercice militaire de dix jours s'est achevé lundi à Bobo-Dioulasso, au Burkina Faso.",
         ("2026-11-07", "2026-11-16")),
        ("ar", "اختتمت يوم الاثنين مناورات عسكرية استمرت عشرة أيام في نواذيبو بموريتانيا.", ("2026-11-07", "2026-11-16")),
        ("ar", "دعت النقابة إلى إضراب لمدة ثلاثة أيام ابتداء من يوم الاثنين المقبل في نيامي.", ("2026-11-23", "2026-11-25")),
        ("ha", "Malamai za su shiga yajin aiki na kwana uku daga ranar Litinin mai zuwa a Yamai.", ("2026-11-23", "2026-11-25")),
    ],
)  # fmt: skip
def test_what_goes_on_for_days_has_both_ends(language, text, days):
    """From the day it ended on, or from the one it begins on."""
    assert [(e.date_start, e.date_end) for e in events(language, text)] == [days]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le Bénin et le Niger ont décidé de rouvrir leur frontière à partir du lundi 23 novembre."),
        ("en", "Benin and Niger have agreed on reopening their border from Monday 23 November."),
    ],
)
def test_a_day_shortly_ahead_is_no_day_of_last_year(language, text):
    """What has a date within a month to come is planned."""
    (event,) = events(language, text)
    assert (event.event_type, event.mode, event.date_start) == ("DIP.BORDER_OPEN", "planned", "2026-11-23")


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("en", "Rangers killed three bandits in the W park, in northern Benin, on Monday.", "BAT.OPERATION", ("BJ", "Alibori")),
        ("fr", "Six pêcheurs ont été enlevés lundi sur une île du lac Tchad, au Niger.", "CIV.ABDUCTION", ("NE", "Diffa")),
        ("ar", "قتل ستة جنود يوم الاثنين في كمين قرب بحيرة تشاد في الكاميرون.", "BAT.ATTACK_MIL", ("CM", "Extrême-Nord")),
        ("ha", "An kashe sojoji shida ranar Litinin a dajin Sambisa a Najeriya.", "BAT.ATTACK_MIL", ("NG", "Borno")),
    ],
)  # fmt: skip
def test_an_area_lies_in_a_division_of_each_country(language, text, code, where):
    """Where its part of a country is one division's."""
    assert places(language, text)[code][:2] == where


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        ("fr", ("Des hommes armés ont tué neuf civils lundi à Foutouri, dans l'est du Burkina Faso.\n\n"
               "Le pays comptait 2,1 millions de déplacés internes au 31 mars 2023."), "BF"),
        ("en", ("Gunmen killed nine civilians in Ayorou, Niger, on Monday.\n\n"
               "The country had 510,000 internally displaced people as of 31 October."), "NE"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_country_is_not_of_the_scene(language, text, country):
    """That is, "le pays comptait" is no figure of the village."""
    assert places(language, text)["HUM.DISPLACE"] == (country, None, None)


@pytest.mark.parametrize(
    ("language", "text", "code", "country"),
    [
        ("fr", ("Le Bénin et le Niger ont signé lundi un accord à Cotonou.\n\n"
               "Niamey avait connu un coup d'État le 26 juillet 2023."), "POL.COUP", "NE"),
        ("fr", ("Le Niger et le Bénin discutent.\n\nLe ministre béninois a démenti la présence de soldats français dans son pays, "
               "contrairement à ce qu'affirme Niamey."), "MIL.DEPLOY", "BJ"),
        ("en", ("Mali and Niger held talks in Niamey on Monday.\n\nChad diversifies its partners. Sixty Turkish instructors "
               "arrived with six drones that Turkey delivered on Tuesday."), "MIL.ARMS", "TD"),
    ],
)  # fmt: skip
def test_a_country_told_nearby_comes_before_the_article_s(language, text, code, country):
    """By the capital that opens the sentence, by "his country", by the sentence before."""
    assert places(language, text)[code][0] == country


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "قالت السلطات في باسكنو إن 600 لاجئ وصلوا يوم السبت هربا من القتال في مالي."),
        ("fr", "Selon le préfet de Bassikounou, 600 réfugiés sont arrivés samedi, fuyant les combats au Mali."),
        ("en", "Officials in Bassikounou said 600 refugees had arrived on Saturday, fleeing fighting in Mali."),
    ],
)
def test_who_counts_arrivals_counts_them_at_home(language, text):
    """Where no other place is told."""
    assert places(language, text)["HUM.DISPLACE"] == ("MR", "Hodh Ech Chargui", "Bassikounou")


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("ar", "قتل مسلحون ستة تجار في كوكاوا في مالي يوم الاثنين.", "CIV.ATTACK"),
        ("en", "Gunmen killed six traders in Kukawa in Mali on Monday.", "CIV.ATTACK"),
        ("fr", "Des hommes armés ont tué six commerçants à Kukawa au Mali lundi.", "CIV.ATTACK"),
    ],
)
def test_a_place_said_to_lie_in_a_country_is_none_of_another(language, text, code):
    """The gazetteer does not know every village; the country is what the text says."""
    assert places(language, text)[code] == ("ML", None, None)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Le Togo et le Bénin discutent à Lomé.\n\nLes relations se sont dégradées depuis le coup d'État du 26 juillet 2023.",
        ),
        ("en", "Togo and Benin held talks in Lomé.\n\nTies have been sour since the coup of 26 July 2023."),
        ("ar", "عقدت توغو وبنين محادثات في لومي.\n\nوتدهورت العلاقات بعد أن أطاح الجيش بالرئيس في 26 يوليو 2023."),
        ("ha", "Benin da Togo sun gana a Lomé.\n\nJuyin mulkin 26 ga Yulin 2023 ne ya jefa kasashen biyu cikin gaba."),
    ],
)
def test_a_coup_is_told_by_its_day(language, text):
    """Where the sentence names no country, the day says whose it was."""
    assert places(language, text)["POL.COUP"] == ("NE", None, None)


@pytest.mark.parametrize(("outlet", "country"), [("NE", "NE"), ("BJ", "BJ"), ("FR", "BJ")])
def test_the_outlet_breaks_ties(outlet, country):
    """Of two countries told of alike, the one where the outlet sits."""
    text = "Benin and Niger quarrel over their border.\n\nThat night gunmen killed four traders in a village market."
    assert places("en", text, country=outlet)["CIV.ATTACK"][0] == country


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Le Mali parle.\n\nL'accord d'Alger de 2015, que Bamako a dénoncé en janvier 2024, reste la base des rebelles du Mali.",
        ),
        ("en", "Mali speaks.\n\nMali's junta tore up the 2015 Algiers accord with the rebels in January 2024."),
    ],
)
def test_an_accord_is_not_where_its_name_is_from(language, text):
    """That is, "the Algiers accord" was torn up in Mali."""
    assert {where[0] for where in places(language, text).values()} == {"ML"}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        (
            "fr",
            "Au Niger, on se souvient.\n\nLes trois pays avaient rappelé lundi leurs ambassadeurs en Algérie.",
            "DIP.RUPTURE",
        ),
        (
            "en",
            "Niger remembers.\n\nThe three countries recalled their ambassadors from Algeria on Monday.",
            "DIP.RUPTURE",
        ),
    ],
)
def test_what_several_states_do_as_one_is_in_none(language, text, code):
    """Unsaid is unsaid."""
    assert [e.location for e in events(language, text) if e.event_type == code] == [None]


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        (
            "en",
            "Gunmen killed four men in Ayorou, Niger, on Monday.\n\nSoldiers were deployed on Tuesday.",
            "MIL.DEPLOY",
        ),
        (
            "fr",
            "Des hommes armés ont tué quatre civils lundi à Ayorou, au Niger.\n\nUn chef jihadiste a été tué mardi.",
            "GRP.LEADER",
        ),
        (
            "ha",
            "'Yan bindiga sun kashe mutum hudu a Ayorou a Nijar ranar Litinin.\n\nAn tura karin sojoji ranar Talata.",
            "MIL.DEPLOY",
        ),
    ],
)
def test_what_follows_an_act_happens_there(language, text, code):
    """Reinforcements, leaders killed, truces: where the report names one settlement."""
    assert places(language, text)[code] == ("NE", "Tillabéri", "Ayorou")
