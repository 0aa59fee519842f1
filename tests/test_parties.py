"""Who did it: capitals for governments, envoys, groups spoken of again, people who return."""

import pytest

from tests.test_where import events


def actors(language, text, code):
    """The (id, role) pairs of the events of one type."""
    return [
        {(actor.actor_id, actor.role) for actor in event.actors} for event in events(language, text) if event.event_type == code
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "code", "wanted"),
    [
        ("fr", "Cotonou a instauré mardi un couvre-feu dans le département de l'Alibori.", "POL.RESTRICT", "gov_bj"),
        ("en", "Accra has imposed a curfew on Bawku since Monday to help the troops.", "POL.RESTRICT", "gov_gh"),
        ("ar", "علّقت نيامي يوم الاثنين بث إذاعة أجنبية بتهمة المس بمعنويات القوات.", "POL.RESTRICT", "cnsp_ne"),
        ("ha", "Yamai ta kafa dokar hana fita a Tillabéri ranar Litinin.", "POL.RESTRICT", "cnsp_ne"),
    ],
)
def test_a_capital_that_restricts_is_its_government(language, text, code, wanted):
    """Not the troops that the sentence names as well."""
    assert actors(language, text, code) == [{(wanted, "initiator")}]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "fr",
            "Le texte reproche au Nigeria d'abriter des rebelles et annonce le rappel de l'ambassadeur du Mali.",
            "gov_ml",
        ),
        ("en", "Niger announced on Monday the recall of its ambassador to Benin.", "cnsp_ne"),
        ("ar", "استدعت نواكشوط مساء الثلاثاء سفيرها لدى باماكو للتشاور.", "gov_mr"),
        ("ha", "Bamako ta janye jakadanta daga Aljeriya ranar Litinin.", "gov_ml"),
    ],
)
def test_who_recalls_an_envoy_is_whom_he_is_of(language, text, wanted):
    """And it happens in that country."""
    (event,) = events(language, text)
    assert [actor.actor_id for actor in event.actors if actor.role == "initiator"] == [wanted]
    assert event.location.country == {"gov_ml": "ML", "cnsp_ne": "NE", "gov_mr": "MR"}[wanted]


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", "Le JNIM bloque la route de Diboli, au Mali.\n\nEn juillet 2025, les mêmes assaillants avaient attaqué sept casernes.",
         "BAT.ATTACK_MIL"),
        ("en", "JNIM blocks the road to Diboli in Mali.\n\nOn Monday the same men abducted six drivers near Kayes.", "CIV.ABDUCTION"),
        ("ha", "Kungiyar JNIM ta toshe hanyar Diboli a Mali.\n\nRanar Litinin mayakan sun sace direbobi shida a Kayes.", "CIV.ABDUCTION"),
    ],
)  # fmt: skip
def test_the_same_men_are_the_group_named_before(language, text, code):
    """By a definite word for fighters."""
    (found,) = actors(language, text, code)
    assert ("jnim", "initiator") in found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Deux cents réfugiés sont rentrés lundi à Léré, au Mali."),
        ("en", "Two hundred refugees returned home to Léré, Mali, on Monday."),
        ("ar", "عاد 120 لاجئا ماليا إلى قراهم في مالي يوم الأحد."),
        ("ha", "'Yan gudun hijira 200 sun koma gida a Damasak a Najeriya ranar Litinin."),
    ],
)
def test_people_who_return_are_the_target(language, text):
    """As those who fled are."""
    assert actors(language, text, "HUM.RETURN") == [{("civilians", "target")}]


def test_an_army_that_tells_of_what_it_retook_did_it():
    """By its capital: "Khartoum's army"."""
    text = (
        "Chad closed its border on Monday.\n\nKhartoum's army announced that, with its allies, it had retaken Kornoi."
    )
    (found,) = actors("en", text, "BAT.TERRITORY_REGAINED")
    assert ("saf_sd", "initiator") in found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Trois humanitaires ont été enlevés lundi à Djibo, au Burkina Faso."),
        ("en", "Three aid workers were kidnapped on Monday in Gao, Mali."),
        ("en", "A Red Cross worker was abducted on Monday in Ménaka, Mali."),
        ("ar", "اختُطف ثلاثة من عمال الإغاثة يوم الاثنين في غاو بمالي."),
    ],
)
def test_who_brings_relief_does_no_violence(language, text):
    """Aid workers who stand before the verb are those whom it happened to."""
    [parties] = actors(language, text, "CIV.ABDUCTION")
    assert not {role for _, role in parties} & {"initiator"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "L'armée malienne dément avoir tué des civils à Moura, au Mali."),
        ("fr", "L'armée burkinabè a démenti avoir massacré des civils à Nondin, au Burkina Faso."),
        ("en", "The Malian army denied having killed civilians in Moura, Mali."),
    ],
)
def test_a_denial_within_the_words_of_a_rule_denies(language, text):
    """The rule has the army and the killing, the denial stands between them."""
    assert {event.mode for event in events(language, text)} == {"denied"}
