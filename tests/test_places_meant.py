"""Which place a text means by a word, a side or a capital, and which countries it only names on the way."""

import pytest

from tests.test_where import events, places
from transforms.tagging.tagger import Taggable, Tagger


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("en", "Police fired tear gas at protesters in the Malian capital on Monday.", "UNR.FORCE", ("ML", "Bamako", "Bamako")),
        ("fr", "Des milliers de personnes ont manifesté lundi dans la capitale tchadienne.", "UNR.PROTEST",
         ("TD", "N'Djamena", "N'Djamena")),
        ("ar", "تظاهر المئات يوم الاثنين في العاصمة النيجرية ضد غلاء الأسعار.", "UNR.PROTEST", ("NE", "Niamey", "Niamey")),
        ("ha", "Daruruwan mutane sun yi zanga-zanga a babban birnin Najeriya ranar Litinin.", "UNR.PROTEST", ("NG", "FCT", "Abuja")),
        ("en", "Burkina Faso is tense.\n\nHundreds of people protested in the capital on Monday.", "UNR.PROTEST",
         ("BF", "Centre", "Ouagadougou")),
        ("en", "Niger is tense.\n\nHundreds of people protested in the regional capital on Monday.", "UNR.PROTEST", ("NE", None, None)),
    ],
)  # fmt: skip
def test_the_capital_is_that_of_the_country_beside_or_of_the_act(language, text, code, where):
    """A capital of a region is another town."""
    assert places(language, text)[code] == where


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ministers of Niger and Algeria met in Agadez on Monday. At the end of the talks they signed a protocol on joint patrols."),
        ("fr", "Les ministres du Niger et de l'Algérie se sont vus lundi à Agadez. Au terme des entretiens, ils ont signé un accord militaire."),
        ("ar", "التقى وزيرا دفاع النيجر والجزائر يوم الاثنين في أغاديز. ووقعا في ختام اللقاء اتفاقا للتعاون العسكري."),
    ],
)  # fmt: skip
def test_what_is_signed_at_the_end_of_a_meeting_is_signed_there(language, text):
    """The town is told in the sentence before."""
    assert places(language, text)["MIL.AGREE"] == ("NE", "Agadez", "Agadez")


@pytest.mark.parametrize(
    ("language", "text", "code", "country"),
    [
        ("en", "Raiders drove 90 cows of herders near Mora, Cameroon, back to Nigeria on Monday. Vigilantes killed two of the raiders.",
         "CIV.CATTLE_RAID", "CM"),
        ("en", "Benin is on alert.\n\nGunmen from Niger killed six villagers on Monday.", "CIV.ATTACK", "BJ"),
        ("fr", "Le Togo est en alerte.\n\nDes hommes armés venus du Burkina Faso ont tué six villageois lundi.", "CIV.ATTACK", "TG"),
        ("ar", "النيجر في حالة تأهب.\n\nقتل مسلحون قادمون من مالي ستة قرويين يوم الاثنين.", "CIV.ATTACK", "NE"),
        ("ha", "Nijar na cikin shiri.\n\n'Yan bindiga da suka fito daga Mali sun kashe mutum shida ranar Litinin.", "CIV.ATTACK", "NE"),
    ],
)  # fmt: skip
def test_where_the_attackers_are_from_or_go_is_not_where_they_attack(language, text, code, country):
    """The article tells the country."""
    assert places(language, text)[code][0] == country


@pytest.mark.parametrize(
    ("language", "text", "where"),
    [
        ("ar", "قتل قصف بالمدفعية ستة مدنيين يوم الاثنين في الطينة السودانية.", ("SD", "North Darfur")),
        ("ar", "قتل قصف بالمدفعية ستة مدنيين يوم الاثنين في الطينة التشادية.", ("TD", "Wadi Fira")),
        ("en", "Shelling killed six civilians on Monday in the Malian town of Léré.", ("ML", "Tombouctou")),
        ("en", "Shelling killed six civilians on Monday in the Chadian town of Léré.", ("TD", "Mayo-Kebbi Ouest")),
    ],
)
def test_a_demonym_tells_towns_of_one_name_apart(language, text, where):
    """Beside the name."""
    assert places(language, text)["REM.SHELLING"][:2] == where


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("ar", "استدعت وزارة الخارجية في تشاد يوم الاثنين السفير السوداني وسلمته مذكرة تتهم الخرطوم بالعدوان.", "DIP.RUPTURE", "TD"),
        ("en", "Benin changed. The attack that shook Cotonou's government killed thirty soldiers in the Alibori on Monday.", "BAT.ATTACK_MIL", "Alibori"),
        ("ar", "أعلن مسؤول أن نواكشوط ستستضيف يوم الجمعة اجتماعا لوزراء خارجية مالي والجزائر لبحث أمن الحدود.", "DIP.TALKS", "MR"),
    ],
)  # fmt: skip
def test_a_capital_may_be_its_government(language, text, code, where):
    """Unless a preposition or a verb of hosting makes it a town."""
    assert where in places(language, text)[code]


@pytest.mark.parametrize(
    ("language", "text", "where"),
    [
        ("en", "Nothing is safe in the Kayes region of Mali. Gunmen killed four traders in Diéma on Monday.", "Kayes"),
        ("fr", "Dans la région de Mopti, au Mali, quatre commerçants ont été tués lundi à Bankass.", "Mopti"),
        ("en", "Gunmen killed four traders in Diéma, Mali, on Monday. They had come from Nioro du Sahel.", "Nioro"),
    ],
)
def test_a_place_of_mali_lies_in_the_region_that_the_article_speaks_of(language, text, where):
    """The new one, unless the old one is named as a region."""
    assert places(language, text)["CIV.ATTACK"][1] == where


@pytest.mark.parametrize(
    ("language", "text", "where"),
    [
        ("en", "The Zamfara State authorities said on Monday they had imposed a curfew.", "Zamfara"),
        ("en", "The Ménaka authorities have told motorcyclists in Mali to stay off the roads at night since Monday; a curfew is in force.", "Ménaka"),
        ("ha", "Gwamnatin Katsina ta ce za ta haramta hawa babura da daddare daga ranar Litinin.", "Katsina"),
    ],
)  # fmt: skip
def test_a_restriction_holds_where_its_authority_rules(language, text, where):
    """Though they are who speaks."""
    assert places(language, text)["POL.RESTRICT"][1] == where


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Ghana is calm.\n\nThe self-defence group killed two raiders near the village on Monday.", "GH"),
        ("Togo est calme.\n\nLe comité de vigilance a tué deux assaillants lundi.", "TG"),
        ("Cameroon is calm.\n\nA local militia killed two herders on Monday.", "CM"),
    ],
)
def test_a_self_defence_group_is_of_any_country(text, country):
    """It has no country of its own."""
    language = "fr" if "comité" in text else "en"
    found = [e for e in events(language, text) if e.location is not None]
    assert {e.location.country for e in found} == {country}


def test_the_river_is_not_the_country():
    """Nor is the state of Nigeria."""
    text = "قال مسؤول في مالي إن الوضع صعب.\n\nهذا المحور بمحاذاة نهر النيجر خطير. وقتل مسلحون سبعة مدنيين يوم الاثنين في هجوم على حافلة."
    assert {e.location.country for e in events("ar", text)} == {"ML"}


@pytest.mark.parametrize(
    ("language", "text", "named"),
    [
        ("en", "South Sudan took in the wounded.", ["SS"]),
        ("fr", "La Guinée-Bissau a un nouveau président.", ["GW"]),
        ("en", "A ship was seized in the Gulf of Guinea.", []),
    ],
)
def test_a_country_may_bear_the_name_of_another_in_its_own(language, text, named):
    """South Sudan is none of Sudan's news."""
    article = Taggable(article_id="a", text=text, title="", language=language, published="2026-11-18", country="FR")
    assert [mention.iso for mention in Tagger.load().read(article).countries] == named


@pytest.mark.parametrize(
    ("language", "text", "where"),
    [
        ("en", "A drone struck fighters at Arra in the Sambisa axis, Borno State, on Monday, killing nine.", "NG"),
        ("fr", "Un drone a frappé lundi la foire d'Essakane, dans la région de Tombouctou, tuant neuf civils.", "ML"),
        ("en", "A drone struck the market of Keta, in Zamfara State, on Monday, killing nine civilians.", "NG"),
    ],
)
def test_a_place_said_to_lie_in_a_division_is_none_of_another_country(language, text, where):
    """Its own is not in the gazetteer: the division is given."""
    assert places(language, text)["REM.AIR_DRONE"][0] == where


@pytest.mark.parametrize(
    ("language", "text", "code", "where"),
    [
        ("fr", "Les 900 nouveaux réfugiés, originaires de Kutum et de Tawila, ont été enregistrés lundi à Tiné, au Tchad.", "HUM.DISPLACE",
         ("TD", "Tiné")),
        ("en", "Some 900 arrivals from Kutum and Tawila were registered at Adré, Chad, on Monday, all of them displaced by the fighting.",
         "HUM.DISPLACE", ("TD", "Adré")),
        ("en", "Some 311 refugees left the Mbera camp in Mauritania on Monday and returned home to Léré, Mali.", "HUM.RETURN", ("ML", "Léré")),
    ],
)  # fmt: skip
def test_a_list_of_origins_holds_only_origins(language, text, code, where):
    """Nor is the camp that was left where people came home."""
    country, _, name = places(language, text)[code]
    assert (country, name) == where


@pytest.mark.parametrize(
    ("language", "text", "where"),
    [
        ("ar", "لا يزال الحصار مفروضا على بلدة ليري في مالي منذ يوم الاثنين.", ("ML", "Léré")),
        ("ar", "بورنو: قتل مسلحون ستة مزارعين يوم الاثنين في هجوم قرب باما.", ("NG", "Bama")),
        ("ar", "قتل قصف ستة مدنيين يوم الاثنين في أردمتا بالسودان.", ("SD", "'Ārdamatā")),
        ("ar", "قتل مسلحون ستة رعاة يوم الأحد في هجوم قرب غاو، وقال أستاذ في جامعة محلية إن الحد الأدنى من الأمن غائب.", ("ML", "Gao")),
    ],
)  # fmt: skip
def test_arabic_towns_of_one_spelling_and_words_that_are_none(language, text, where):
    """Léré lies in Mali and in Chad, Bama is spelt as Pama; a university, mountains and Sunday are no towns."""
    found = {(e.location.country, e.location.name) for e in events(language, text) if e.location is not None}
    assert found == {where}


@pytest.mark.parametrize(
    ("language", "text", "code", "country"),
    [
        ("fr", "Le Tchad observe.\n\nEn mars 2024 déjà, Niamey avait rompu ses accords militaires avec Washington.", "MIL.END_AGREE", "NE"),
        ("en", "Benin had a bad night: mutinous troops seized the television on 7 December 2025.\n\nNigerian jets bombed their camp within hours.",
         "REM.AIR_DRONE", "BJ"),
    ],
)  # fmt: skip
def test_who_acts_does_not_say_where_and_a_government_does(language, text, code, country):
    """Jets fly abroad; what Niamey breaks off is Niger's."""
    found = [
        e.location.country
        for e in events(language, text)
        if e.event_type.startswith(code[:3]) and e.location is not None
    ]
    assert country in found


@pytest.mark.parametrize(
    ("text", "country"),
    [
        (
            (
                "Nigeria's army is thin on the ground in Zamfara State. The Zamfara governor said Nigeria needs help.\n\n"
                "Gunmen killed six farmers in Keta village on Monday."
            ),
            "NG",
        ),
        (
            (
                "Nigeria's army is thin on the ground in Zamfara State. The Zamfara governor said Nigeria needs help.\n\n"
                "Gunmen killed six farmers in Keta, a town of Ghana's Volta coast, on Monday."
            ),
            "GH",
        ),
        (
            (
                "Mali's army is thin on the ground in Mopti. The governor of Mopti said Mali needs help.\n\n"
                "Gunmen killed six farmers in Keta village on Monday."
            ),
            "ML",
        ),
    ],
)
def test_a_town_far_from_the_country_of_an_article_needs_its_country_named(text, country):
    """Villages bear the names of towns elsewhere; a neighbour's town needs nothing."""
    assert places("en", text)["CIV.ATTACK"][0] == country


@pytest.mark.parametrize(
    "text",
    [
        "The loss is felt. The departure of the three Sahelian states from ECOWAS in January 2025 closed the doors of Niger.",
        "Ghana waits. The pact has slept since Burkina Faso, Mali and Niger withdrew from ECOWAS in January 2025.",
        "Togo waits. The bloc shrank after Bamako, Ouagadougou and Niamey had quit ECOWAS in January 2025.",
    ],
)
def test_who_leaves_a_bloc_together_leaves_it_nowhere(text):
    """Unsaid is unsaid."""
    assert {e.location for e in events("en", text) if e.event_type == "DIP.EXIT_BLOC"} == {None}
