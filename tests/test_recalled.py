"""Old acts beside the news of a day: who is meant by them, and what is new after all. Written by reading the sentences."""

import pytest

from tests.test_where import events
from transforms.tagging.tagger import Taggable, Tagger


def told(language, text, code):
    """(mode, first day) of the events of a type."""
    return {(e.mode, e.date_start) for e in events(language, text) if e.event_type == code}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The officers who ousted the president of Niger met a Turkish delegation on Tuesday."),
        ("en", "In Bissau, the colonels who seized power named a new head of customs on Monday."),
        ("en", "On Monday the general who overthrew Mali's president opened a hospital."),
        ("en", "Niger's rulers, who toppled the president, on Tuesday raised the price of fuel."),
        ("en", "The soldiers who toppled Niger's president received lawyers of the toppled president on Tuesday."),
        ("fr", "Les colonels qui ont renversé le président malien ont inauguré lundi une usine."),
        ("fr", "À Bissau, les officiers qui ont pris le pouvoir ont nommé mardi un gouverneur."),
        ("fr", "Le général qui a renversé le président nigérien a reçu mardi des chefs coutumiers."),
        ("fr", "Les militaires qui se sont emparés du pouvoir au Niger ont publié lundi un budget."),
        ("ar", "الضباط الذين أطاحوا برئيس مالي افتتحوا الثلاثاء مصنعا."),
        ("ar", "العسكريون الذين استولوا على السلطة في النيجر عينوا الاثنين وزيرا للمالية."),
        ("ar", "استقبل الضباط الذين أطاحوا برئيس النيجر الثلاثاء وفدا تركيا."),
        ("ha", "Sojojin da suka hambarar da shugaban kasar Mali sun bude masana'anta ranar Talata."),
        ("ha", "A Guinea-Bissau, hafsoshin da suka kwace mulki sun nada gwamna ranar Litinin."),
        ("ha", "Janar din da ya hambarar da shugaban Nijar ya gana da sarakuna ranar Talata."),
        ("en", "ECOWAS envoys on Tuesday met the officers who toppled Niger's president."),
        ("fr", "La Cédéao a reçu mardi les officiers qui ont renversé le président nigérien."),
        ("fr", "Des envoyés algériens se sont entretenus lundi avec les colonels qui ont pris le pouvoir au Mali."),
        ("ar", "التقى وفد من الاتحاد الأفريقي الثلاثاء الضباط الذين أطاحوا برئيس النيجر."),
        ("ha", "Wakilan ECOWAS sun gana ranar Talata da hafsoshin da suka hambarar da shugaban kasar Nijar."),
    ],
)
def test_a_coup_that_says_who_is_meant_is_history(language, text):
    """The day is that of the main verb."""
    assert told(language, text, "POL.COUP") == {("historical", None)}


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "Soldiers who surrounded the palace on Tuesday have toppled the president of Niger.", "2026-11-17"),
        ("en", "Officers toppled the president of Mali on Tuesday.", "2026-11-17"),
        ("en", "The soldiers who seized power in Niger on Tuesday named a colonel as head of state.", "2026-11-17"),
        ("en", "The guards who mutinied in Niamey overthrew the president on Monday.", "2026-11-16"),
        ("en", "The general who seized power in Niger in January was overthrown on Tuesday.", "2026-11-17"),
        (
            "en",
            "The soldiers who detained Niger's president said late on Tuesday they had removed him from power.",
            None,
        ),
        ("fr", "Au Mali, des militaires qui se font appeler CSM ont annoncé mardi avoir renversé le président.", None),
        ("fr", "Les soldats qui ont pris le pouvoir mardi à Bissau ont suspendu la Constitution.", "2026-11-17"),
        (
            "fr",
            "Les officiers qui ont pris le pouvoir à Gao, dans l'est du Mali, mardi ont fermé le pont.",
            "2026-11-17",
        ),
        ("fr", "Les officiers qui ont pris le pouvoir à Bissau mardi ont dissous le Parlement.", "2026-11-17"),
        ("fr", "Les gardes qui protégeaient le palais ont renversé lundi le président nigérien.", "2026-11-16"),
        ("fr", "Le général qui a pris le pouvoir au Niger a été renversé mardi par ses soldats.", "2026-11-17"),
        ("ar", "الضباط الذين أطاحوا برئيس مالي الثلاثاء أغلقوا المطار.", "2026-11-17"),
        ("ar", "الجنود الذين اقتحموا القصر في نيامي أطاحوا بالرئيس الثلاثاء.", "2026-11-17"),
        ("ar", "الجنرال الذي استولى على السلطة في النيجر أطاح به جنود الثلاثاء.", "2026-11-17"),
        ("ha", "Sojojin da suka hambarar da shugaban Mali ranar Talata sun rufe filin jirgi.", "2026-11-17"),
        ("ha", "Hafsoshin da suka shiga fadar shugaban kasa sun kwace mulki a Nijar ranar Talata.", "2026-11-17"),
        ("ha", "Sojojin da ke gadin fadar shugaban Nijar sun hambarar da shi ranar Talata.", "2026-11-17"),
    ],
)
def test_a_new_coup_stays_new(language, text, day):
    """A day in the relative clause itself, or a coup that is the main verb's."""
    assert told(language, text, "POL.COUP") == {("reported", day)}


def test_a_coup_told_as_news_before_is_the_same_one():
    """Who toppled the president is known from the sentence before."""
    text = "Officers toppled the president of Niger on Tuesday. The officers who toppled him closed the borders on Wednesday."
    assert told("en", text, "POL.COUP") == {("reported", "2026-11-17")}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Guinea-Bissau votes on Sunday, nearly a year after officers overthrew the president."),
        ("fr", "Le Niger vote dimanche, près d'un an après que des officiers ont renversé le président."),
        ("ar", "تصوت غينيا بيساو الأحد بعد عام من استيلاء ضباط على السلطة."),
        ("ha", "Nijar ta bude iyaka ranar Litinin, shekara guda bayan da sojoji suka hambarar da shugaban kasa."),
    ],
)
def test_a_historical_coup_has_no_day_of_this_week(language, text):
    """It is that of the vote, or of the opening."""
    assert told(language, text, "POL.COUP") == {("historical", None)}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        (
            "en",
            "A man who killed 12 worshippers in a mosque at Diffa in Niger was sentenced to death on Monday.",
            "CIV.ATTACK",
        ),
        ("fr", "Un homme qui a tué quatre enseignants à Diffa, au Niger, a été condamné à mort lundi.", "CIV.ATTACK"),
        ("fr", "Le combattant qui a enlevé deux infirmières à Diffa, au Niger, a été jugé lundi.", "CIV.ABDUCTION"),
        (
            "ha",
            "An yanke wa mutumin da ya kashe malamai hudu a Diffa, Nijar, hukuncin kisa ranar Litinin.",
            "CIV.ATTACK",
        ),
    ],
)
def test_what_a_man_is_sentenced_for_is_history(language, text, code):
    """The day is that of the sentence."""
    assert told(language, text, code) == {("historical", None)}


@pytest.mark.parametrize(
    ("language", "text", "code", "day"),
    [
        ("en", "A man who killed four teachers in Diffa, Niger, on Monday was sentenced on Tuesday.", "CIV.ATTACK", "2026-11-16"),
        ("en", "Gunmen who stormed the village of Tera in Niger on Monday killed 12 people.", "CIV.ATTACK", "2026-11-16"),
        ("en", "The gunmen who abducted the priest in Mali released him on Monday.", "CIV.RELEASE", "2026-11-16"),
        ("fr", "Les hommes qui ont attaqué le village de Téra, au Niger, ont tué lundi douze paysans.", "CIV.ATTACK", "2026-11-16"),
    ],
)  # fmt: skip
def test_what_those_who_are_meant_did_now_is_news(language, text, code, day):
    """Nobody judges it, or it has a day of its own."""
    assert ("reported", day) in told(language, text, code)


@pytest.mark.parametrize(
    ("text", "is_coup"),
    [
        ("Embuscade à Gayéri, au Burkina Faso : deux pick-up se sont renversés mardi, trois soldats tués.", False),
        ("À Niamey, un bus s'est renversé mardi sur la route de l'aéroport après des tirs de l'armée.", False),
        ("Des militaires ont pris le pouvoir mardi à Niamey.", True),
    ],
)
def test_a_headline_of_one_word_is_no_coup_of_itself(text, is_coup):
    """Unless the text tells one."""
    article = Taggable(article_id="a", title="Renversé", text=text, language="fr", published="2026-11-19", country="NE")
    assert is_coup == any(e.event_type == "POL.COUP" for e in Tagger.load().tag(article).events)


@pytest.mark.parametrize(
    ("language", "text", "code", "day"),
    [
        ("en", "The families of Bama, Nigeria, wept on Monday for the attack of March 2015 that killed 40 traders.", "CIV.ATTACK", "2015-03-01"),
        ("en", "Elders in Umuahia, Nigeria, spoke on Monday of the air raids of 1968 that killed hundreds.", "REM.AIR_DRONE", "1968-01-01"),
        ("fr", "Des rescapés ont parlé lundi à Gao, au Mali, de l'attaque de mars 2012 qui a tué quarante civils.", "CIV.ATTACK", "2012-03-01"),
        ("ar", "تحدث سكان غاو في مالي الاثنين عن هجوم عام 2012 الذي قتل فيه أربعون مدنيا.", "CIV.ATTACK", "2012-01-01"),
    ],
)  # fmt: skip
def test_an_act_named_by_its_year_is_history(language, text, code, day):
    """Its year stands right behind it; the other day is that of those who speak of it."""
    assert told(language, text, code) == {("historical", day)}
