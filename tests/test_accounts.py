"""What a force tells of itself in its own bulletin, and the parties of talks and joint steps that were named before."""

import pytest

from tests.test_where import events


def found(language, text, code, title=""):
    """(who claims it, its (id, role) pairs) of the only event of a type."""
    (event,) = [event for event in events(language, text, title=title) if event.event_type == code]
    return event.claimed_by, {(actor.actor_id, actor.role) for actor in event.actors}


@pytest.mark.parametrize(
    ("language", "title", "text", "code", "claimed", "pair"),
    [
        ("fr", "Mali : bulletin hebdomadaire de l'état-major",
         ("L'état-major des FAMa a rendu public son bulletin hebdomadaire.\n\nDans le secteur de Niono, une fouille menée lundi a permis de saisir "
         "neuf fusils et deux mitrailleuses."), "GRP.WEAPONS_SEIZED", "fama", ("fama", "initiator")),
        ("en", "", ("The Nigerian army wishes to inform the general public of its activities.\n\nNear Damasak, an IED hit a patrol vehicle on Monday "
         "and two soldiers were wounded."), "REM.IED", None, ("nga_mil", "target")),
        ("en", "", ("The Nigerian army wishes to inform the general public of its activities.\n\nNear Damasak, nine fighters of Boko Haram surrendered "
         "on Monday with their rifles."), "GRP.SURRENDER", "nga_mil", ("jas", "initiator")),
        ("ar", "", ("تحيط هيئة الأركان العامة للجيش التشادي الرأي العام علما بما يلي.\n\nنفذت وحدة من الجيش التشادي عملية قرب بول يوم الاثنين وقضت على تسعة "
         "إرهابيين."), "BAT.OPERATION", "ant_td", ("ant_td", "initiator")),
        ("ha", "", "Rundunar sojin Nijar na sanar da al'umma ayyukanta na mako.\n\nA Diffa, mayakan Boko Haram tara sun mika wuya ranar Litinin.",
         "GRP.SURRENDER", "fan", ("jas", "initiator")),
    ],
)  # fmt: skip
def test_a_force_claims_what_its_own_account_tells(language, title, text, code, claimed, pair):
    """Its deeds are its own also where the sentence does not name it; what is done to it, it only tells."""
    who, pairs = found(language, text, code, title)
    assert who == claimed
    assert pair in pairs


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", ("Une ONG porte à la connaissance du public que l'armée malienne mène des opérations.\n\nPrès de Niono, neuf fusils ont été saisis lundi "
         "dans une cache d'armes."), "GRP.WEAPONS_SEIZED"),
        ("en", ("The Nigerian army wishes to inform the general public of its activities.\n\nVillagers said nine Boko Haram fighters surrendered near "
         "Damasak on Monday."), "GRP.SURRENDER"),
        ("en", "The Nigerian army held a parade on Monday.\n\nNear Damasak, nine Boko Haram fighters surrendered on Tuesday.", "GRP.SURRENDER"),
    ],
)  # fmt: skip
def test_what_others_tell_is_not_claimed_by_a_force(language, text, code):
    """Nor what stands in an article that is no account of its own."""
    assert found(language, text, code)[0] is None


@pytest.mark.parametrize(
    ("language", "text", "code", "claimed"),
    [
        ("fr", "L'armée malienne a annoncé lundi avoir repris le contrôle de la ville de Léré.", "BAT.TERRITORY_REGAINED", "fama"),
        ("en", "Niger's army said it had retaken the town of Bosso on Monday.", "BAT.TERRITORY_REGAINED", "fan"),
        ("ha", "Rundunar sojin Nijar ta ce ta kwato garin Bosso ranar Litinin.", "BAT.TERRITORY_REGAINED", "fan"),
    ],
)  # fmt: skip
def test_a_success_is_claimed_by_who_tells_of_having_it(language, text, code, claimed):
    """Also where nobody is counted."""
    assert found(language, text, code)[0] == claimed


@pytest.mark.parametrize(
    ("language", "text", "code", "wanted"),
    [
        ("fr", "Le ministre ghanéen de la Défense a été reçu lundi à Lomé par son homologue togolais pour des entretiens sur la frontière.", "DIP.TALKS",
         {"gov_gh", "gov_tg"}),
        ("fr", ("Le chef de la diplomatie tchadienne a rencontré lundi à Niamey son homologue nigérien. À l'issue de la rencontre, les deux ministres ont "
         "signé un accord de coopération militaire."), "MIL.AGREE", {"gov_td", "cnsp_ne"}),
        ("en", "The foreign ministers of Chad and Niger held talks in Niamey on Monday. The two sides signed a military cooperation agreement.",
         "MIL.AGREE", {"gov_td", "cnsp_ne"}),
        ("ar", "عقد وزيرا الدفاع في موريتانيا ومالي مباحثات في نواكشوط يوم الاثنين. ووقع الجانبان اتفاقا للتعاون العسكري.", "MIL.AGREE",
         {"gov_mr", "gov_ml"}),
    ],
)  # fmt: skip
def test_parties_of_talks_are_states_by_their_ministers(language, text, code, wanted):
    """And those of "both sides" are the parties that just met."""
    assert {name for name, role in found(language, text, code)[1] if role == "participant"} == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Defence ministers of the AES met in Bamako on Monday. They launched a joint force of 5,000 soldiers."),
        (
            "fr",
            "Les ministres de l'AES se sont réunis lundi à Bamako. Ils ont lancé une force conjointe de 5 000 soldats.",
        ),
        (
            "ha",
            "Ministocin AES sun gana a Bamako ranar Litinin. An kaddamar da runduna ta hadin gwiwa mai sojoji dubu biyar.",
        ),
    ],
)
def test_a_joint_force_is_raised_by_the_bloc_told_before(language, text):
    """Where its sentence names none."""
    assert found(language, text, "MIL.JOINT_FORCE")[1] == {("aes", "initiator")}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le gouverneur de Diffa, au Niger, a interdit lundi la circulation des motos de 18 heures à 6 heures."),
        ("en", "The governor of Diffa in Niger banned motorcycles from the roads at night from Monday."),
        ("ha", "Gwamnan Diffa a Nijar ya haramta hawan babura da dare daga ranar Litinin."),
    ],
)
def test_a_ban_on_moving_is_aimed_at_civilians(language, text):
    """At everybody who moves so."""
    assert ("civilians", "target") in found(language, text, "POL.RESTRICT")[1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("وقعت مالي والنيجر يوم الاثنين اتفاقا للتعاون العسكري.", {"gov_ml", "cnsp_ne"}),
        ("وقعت موريتانيا ومالي يوم الاثنين اتفاقا للتعاون العسكري.", {"gov_mr", "gov_ml"}),
        ("وقعت بوركينا فاسو ومالي يوم الاثنين اتفاقا للتعاون العسكري.", {"gov_bf", "gov_ml"}),
    ],
)
def test_both_countries_of_an_arabic_pair_are_read(text, wanted):
    """Mali is known by the country beside it, which is a country as well: alone its name means "financial"."""
    (event,) = [event for event in events("ar", text) if event.event_type == "MIL.AGREE"]
    assert {actor.actor_id for actor in event.actors} >= wanted
