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


@pytest.mark.parametrize(
    ("language", "text", "code", "doer", "target"),
    [
        ("en", "Washington suspended military aid to Niamey.", "DIP.SANCTION", "gov_us", "cnsp_ne"),
        ("en", "Brussels suspended budget support to Niamey on Tuesday.", "DIP.SANCTION", "eu", "cnsp_ne"),
        ("en", "Paris suspended military cooperation with Bamako on Monday.", "MIL.END_AGREE", "gov_fr", "gov_ml"),
        ("fr", "Washington a suspendu son aide militaire à Niamey.", "DIP.SANCTION", "gov_us", "cnsp_ne"),
        ("fr", "Ankara a livré des drones à Ouagadougou mardi.", "MIL.ARMS", "tur", "gov_bf"),
        ("fr", "Bruxelles a suspendu sa coopération sécuritaire avec le Niger.", "MIL.END_AGREE", "eu", "cnsp_ne"),
        ("fr", "Paris rappelle son ambassadeur à Niamey.", "DIP.RUPTURE", "gov_fr", "cnsp_ne"),
        ("fr", "Paris a rappelé lundi son ambassadeur à Niamey.", "DIP.RUPTURE", "gov_fr", "cnsp_ne"),
        ("fr", "La France a rappelé son ambassadeur au Niger.", "DIP.RUPTURE", "gov_fr", "cnsp_ne"),
        ("ar", "علقت واشنطن مساعداتها العسكرية لنيامي يوم الاثنين.", "DIP.SANCTION", "gov_us", "cnsp_ne"),
        ("ha", "Washington ta dakatar da tallafin soji ga Yamai.", "DIP.SANCTION", "gov_us", "cnsp_ne"),
    ],
)
def test_a_capital_of_an_outside_power_acts_for_it(language, text, code, doer, target):
    """On the government of the other capital, not its soldiers: "military" aid is no army."""
    assert actors(language, text, code) == [{(doer, "initiator"), (target, "target")}]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mali and Burkina Faso signed a defence agreement in Moscow on Monday."),
        ("fr", "Le Mali et le Burkina Faso ont signé lundi un accord de défense à Moscou."),
        ("ar", "وقعت مالي وبوركينا فاسو اتفاقية دفاعية في موسكو يوم الاثنين."),
    ],
)
def test_a_capital_in_which_something_is_signed_takes_no_part(language, text):
    """It is a place there."""
    found = [event for event in events(language, text) if event.event_type.startswith("MIL.")]
    assert found
    assert "gov_ru" not in {actor.actor_id for event in found for actor in event.actors}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The military attacked a camp of bandits near Gusau in Nigeria and killed six of them."),
        ("fr", "Des militaires ont attaqué lundi un camp du GSIM près de Djibo, au Burkina Faso."),
        ("ar", "هاجم عسكريون معسكرا لبوكو حرام قرب مايدوغوري في نيجيريا."),
    ],
)
def test_the_military_are_still_soldiers(language, text):
    """Where the word is no adjective of aid."""
    assert {"nga_mil", "fabf"} & {actor.actor_id for event in events(language, text) for actor in event.actors}


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Rebels attacked an army post near Bardai in Chad on Monday, killing six soldiers.", ("rebels_generic", "TD")),
        ("fr", "Des rebelles ont attaqué lundi un poste de l'armée à Ndélé, en République centrafricaine.", ("rebels_generic", "CF")),
        ("ar", "هاجم متمردون موقعا للجيش في تيبستي شمال تشاد.", ("rebels_generic", "TD")),
        ("ha", "'Yan tawaye sun kai hari kan sojoji a arewacin kasar Chadi.", ("rebels_generic", "TD")),
        ("en", "Separatist fighters killed four soldiers in Bamenda, Cameroon.", ("rebels_generic", "CM")),
        ("fr", "Des rebelles touaregs ont attaqué un convoi militaire à Tessalit, au Mali.", ("tuareg_rebels", "ML")),
        ("en", "Separatist fighters from the Azawad attacked soldiers near Tessalit in Mali.", ("tuareg_rebels", "ML")),
        ("ar", "هاجم المتمردون الطوارق قافلة للجيش في كيدال بمالي.", ("tuareg_rebels", "ML")),
    ],
)  # fmt: skip
def test_rebels_are_of_the_country_they_fight_in(language, text, wanted):
    """Tuareg only in news of Mali and Niger that speak of them."""
    found = {(a.actor_id, a.country) for event in events(language, text) for a in event.actors if a.role == "initiator"}
    assert found == {wanted}


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("ar", "هاجمت قوات الدعم السريع مخيم زمزم للنازحين قرب الفاشر وقتلت 30 مدنيا.", "Zamzam"),
        ("en", "The RSF attacked Zamzam camp in North Darfur, killing 30 displaced people.", "Zamzam"),
        ("fr", "Les FSR ont attaqué le camp de Zamzam près d'El Fasher, au Soudan.", "Zamzam"),
        ("ha", "Dakarun RSF sun kai hari a sansanin Zamzam a Sudan, sun kashe mutane 30.", "Zamzam"),
    ],
)
def test_an_attack_on_a_camp_of_the_displaced(language, text, place):
    """It hits civilians, and nobody is told to have fled."""
    (event,) = events(language, text)
    assert event.event_type == "CIV.ATTACK"
    assert ("rsf_sd", "initiator") in {(a.actor_id, a.role) for a in event.actors}
    assert (event.location.name, event.location.admin1) == (place, "North Darfur")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Gunmen abducted two MSF staff near Diffa in Niger."),
        ("en", "Two aid workers were killed in an ambush near Diffa in Niger on Monday."),
        ("fr", "Des hommes armés ont tué lundi deux humanitaires près de Djibo, au Burkina Faso."),
        ("ar", "قتل ثلاثة من عمال الإغاثة في هجوم قرب مايدوغوري في نيجيريا."),
        ("ha", "'Yan bindiga sun sace ma'aikatan agaji biyu a Maiduguri."),
    ],
)
def test_aid_workers_who_are_hit(language, text):
    """They are the target, and aid is not told to be kept out."""
    (event,) = events(language, text)
    assert event.event_type in ("CIV.ATTACK", "CIV.ABDUCTION")
    assert event.target_class == "aid_worker"
    assert {a.actor_class for a in event.actors if a.role == "target"} <= {"civilians", "humanitarian"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le gouverneur de Diffa a été enlevé mardi par des hommes armés à Bosso, au Niger."),
        ("en", "The mayor of Tera in Niger was abducted on Monday."),
        ("fr", "Le préfet de Téra, au Niger, a été enlevé mardi."),
    ],
)
def test_officials_who_are_taken_took_nobody(language, text):
    """Whoever stands before the passive verb is the one it happened to."""
    for found in actors(language, text, "CIV.ABDUCTION"):
        assert not {name for name, role in found if role == "initiator"} - {"gunmen_generic"}


@pytest.mark.parametrize(
    ("language", "text", "code", "wanted"),
    [
        ("fr", "Le JNIM impose depuis lundi un blocus à Diafarabé, au Mali.", "CIV.BLOCKADE", ("civilians", "target")),
        ("en", "WFP distributed food in Diffa in Niger on Monday.", "HUM.AID", ("civilians", "target")),
        ("fr", "Les transporteurs ont entamé lundi une grève de 48 heures à Agadez, au Niger.", "UNR.STRIKE", ("civilians", "initiator")),
        ("ha", "Direbobi sun fara yajin aiki ranar Litinin a Agadez na Nijar.", "UNR.STRIKE", ("civilians", "initiator")),
        ("ar", "فرضت جماعة نصرة الإسلام والمسلمين حصارا على مدينة ليري في مالي يوم الاثنين.", "CIV.BLOCKADE", ("civilians", "target")),
    ],
)  # fmt: skip
def test_whom_a_type_says(language, text, code, wanted):
    """Those who are besieged, helped or on strike need no word of their own."""
    (found,) = actors(language, text, code)
    assert wanted in found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Niamey a rappelé lundi son ambassadeur à Alger."),
        ("ar", "استدعت نيامي السفير الجزائري يوم الاثنين."),
        ("en", "Niamey summoned the Algerian ambassador on Monday."),
        ("fr", "Niamey a convoqué lundi l'ambassadeur algérien."),
    ],
)
def test_whose_envoy_it_is(language, text):
    """By the capital he is sent to or by a demonym beside him."""
    (found,) = actors(language, text, "DIP.RUPTURE")
    assert found == {("cnsp_ne", "initiator"), ("dza", "target")}


def test_an_agency_that_stops_its_own_work_is_kept_out_by_nobody_named():
    """It is no target of itself."""
    text = "Le Programme alimentaire mondial a suspendu mercredi ses convois vers Diffa, au Niger."
    for found in actors("fr", text, "HUM.ACCESS_DENIED"):
        assert "target" not in {role for _, role in found}


@pytest.mark.parametrize(
    ("language", "lead", "text"),
    [
        ("en", "Gunmen killed six soldiers near Tera in Niger on Monday.",
         "Niger's junta, which seized power in a coup in July 2023, expelled French troops and turned to Moscow."),
        ("fr", "Des hommes armés ont tué lundi six soldats près de Téra, au Niger.",
         "La junte nigérienne, issue du coup d'État de juillet 2023, a expulsé les soldats français."),
        ("ha", "'Yan bindiga sun kashe sojoji shida a Téra na Nijar ranar Litinin.",
         "Gwamnatin sojin Nijar da ta karbi mulki a juyin mulkin Yulin 2023 ta kori sojojin Faransa."),
    ],
)  # fmt: skip
def test_undated_steps_beside_an_old_coup_behind_the_opening_are_recalled(language, lead, text):
    """What opens the report, or has a fresh day, is news."""
    late = [e for e in events(language, f"{lead}\n\n{text}") if e.event_type in ("MIL.EXPEL", "POL.COUP")]
    assert late
    assert {event.mode for event in late} == {"historical"}
    fresh = [e.mode for e in events(language, text) if e.event_type == "MIL.EXPEL"]
    assert fresh in (["reported"], [])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Selon des habitants, les soldats ont tué onze enfants à Moura, au Mali, lundi ; l'armée parle de terroristes.",
        ),
        ("fr", "Onze enfants ont été tués lundi à Moura, au Mali ; l'armée évoque des terroristes."),
        ("en", "Eleven children were killed in Moura in Mali on Monday; the army spoke of terrorists."),
        ("en", "Eleven villagers were killed in Nondin in Burkina Faso on Monday; the army says they were terrorists."),
    ],
)
def test_what_an_army_calls_the_dead_is_not_who_killed_them(language, text):
    """No jihadist did what an account only calls its dead jihadists for."""
    found = [actor for event in events(language, text) for actor in event.actors if actor.role == "initiator"]
    assert not [actor for actor in found if actor.actor_id == "jihadists_generic"]


@pytest.mark.parametrize(
    ("language", "text", "target"),
    [
        ("fr", "Des hommes armés ont tué 12 personnes à Téra, au Niger, selon l'ONG.", "civilian"),
        ("fr", "Des hommes armés ont tué 12 personnes à Téra, au Niger, selon un hôpital.", "civilian"),
        ("fr", "Un drone a frappé un hôpital à Téra, au Niger, tuant 12 personnes, selon un médecin de l'hôpital.", "health"),
        ("fr", "Les autorités ont annoncé l'attaque de l'hôpital de Téra, au Niger, qui a fait 12 morts.", "health"),
        ("en", "Gunmen killed 12 people in Tera, Niger, a local NGO said.", "civilian"),
        ("en", "A drone strike killed 12 people in Tera, Niger, hospital officials said.", "civilian"),
        ("en", "Gunmen killed 12 people in Tera, Niger, officials at the hospital said.", "civilian"),
        ("en", "Police said five men raided the hospital in Tera, Niger, killing 12.", "health"),
        ("en", "Gunmen killed three people at a mosque in Tera, Niger, residents said.", "worship"),
        ("ar", "قتل 12 شخصا في هجوم على تيرا في النيجر، بحسب منظمة إنسانية.", "civilian"),
        ("ar", "قتل 12 شخصا في هجوم على تيرا في النيجر، وفق مصدر في مستشفى.", "civilian"),
        ("ar", "أعلن الجيش هجوما على مستشفى في تيرا في النيجر ومقتل 12 شخصا.", "health"),
        ("ha", "'Yan bindiga sun kashe mutum 12 a Tera a Nijar, in ji wata kungiyar agaji.", "civilian"),
        ("ha", "'Yan bindiga sun kashe mutum 12 a wani masallaci a Jos a Najeriya, in ji 'yan sanda.", "worship"),
    ],
)  # fmt: skip
def test_a_source_is_no_target(language, text, target):
    """Who tells of an act was not hit by it, unless the text says so."""
    assert {event.target_class for event in events(language, text)} == {target}


@pytest.mark.parametrize(
    ("language", "text", "alleged", "claimed"),
    [
        ("en", "The army shelled a market in El Fasher, killing 20, witnesses said; the army denied it.", True, None),
        ("fr", "L'armée a bombardé un marché à El Fasher, tuant 20 personnes, selon des témoins. L'armée a démenti.", True, None),
        ("ha", "Sojoji sun yi luguden wuta a kasuwa a El Fasher inda suka kashe mutum 20, in ji shaidu; sojojin sun musanta.", True, None),
        ("en", "The army said it killed 20 militants near Gao, Mali, but denied killing civilians.", False, "fama"),
        ("en", "JNIM said it killed 20 soldiers near Gao, Mali; the army denied it.", False, "jnim"),
    ],
)  # fmt: skip
def test_who_denies_claims_nothing(language, text, alleged, claimed):
    """What others tell of a body that denies it is alleged; what it says besides is its own claim."""
    (event,) = events(language, text)
    assert (event.mode, event.alleged, event.claimed_by) == ("reported", alleged, claimed)
    assert {row.claimed_by for row in event.quantities} == {claimed}


@pytest.mark.parametrize(
    ("language", "text", "mode"),
    [
        ("en", "Soldiers have not seized power in Conakry, the government said.", "negated"),
        ("en", "Soldiers will not seize power in Conakry, the government said.", "negated"),
        ("en", "The ECOWAS will not lift sanctions on Niger.", "negated"),
        ("en", "Nobody was abducted in Kuriga.", "negated"),
        ("en", "The army dismissed as fake a video that claims twenty soldiers were killed in Djibo.", "denied"),
        ("fr", "Des soldats n'ont pas pris le pouvoir à Conakry, a dit le gouvernement.", "negated"),
        ("fr", "Les militaires ne prendront pas le pouvoir à Conakry, a dit le gouvernement.", "negated"),
        ("fr", "La Cédéao ne va pas lever les sanctions contre le Niger.", "negated"),
        ("fr", "Le chef du JNIM n'a pas été tué, contrairement aux rumeurs.", "negated"),
        ("ar", "لن يشن الجيش أي هجوم على مايدوغوري.", "negated"),
        ("ar", "لن ترفع إيكواس العقوبات عن النيجر.", "negated"),
        ("ha", "Ba a sace kowa a Kuriga ba.", "negated"),
        ("ha", "Sojoji ba za su kwace mulki a Conakry ba, in ji gwamnati.", "negated"),
        ("en", "No one was killed in the attack on Kuriga.", "reported"),
        (
            "en",
            "The junta did not only arrest the minister but also suspended three parties in Bamako on Monday.",
            "reported",
        ),
        (
            "fr",
            "Les terroristes n'ont pas épargné les civils : vingt personnes ont été tuées lundi à Djibo.",
            "reported",
        ),
        ("ar", "لن يفلت منفذو الهجوم على الثكنة في جيبو من العقاب.", "reported"),
        ("en", "Soldiers who have not been paid seized power in Conakry on Tuesday.", "reported"),
        ("en", "The army has not commented on the attack that killed ten soldiers in Djibo on Tuesday.", "reported"),
    ],
)
def test_what_was_not_done_and_what_will_not_be_is_no_news(language, text, mode):
    """By a negation right before the words of the act."""
    assert {event.mode for event in events(language, text, country="GN")} == {mode}


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "The 30 students kidnapped in Kaduna last month were freed on Monday.",
         {"CIV.ABDUCTION": ("historical", "2026-10-01"), "CIV.RELEASE": ("reported", "2026-11-16")}),
        ("fr", "Les élèves enlevés le mois dernier à Téra ont été libérés lundi.",
         {"CIV.ABDUCTION": ("historical", "2026-10-01"), "CIV.RELEASE": ("reported", "2026-11-16")}),
        ("ha", "An sako mutum goma da aka sace watan jiya a Katsina ranar Lahadi.", {"CIV.RELEASE": ("reported", "2026-11-15")}),
        ("ar", "أطلق سراح التلاميذ الذين اختطفوا الشهر الماضي في كادونا يوم الاثنين.", {"CIV.RELEASE": ("reported", "2026-11-16")}),
        ("fr", "La junte burkinabè a rompu mardi la trêve conclue en 2024 avec le JNIM.",
         {"DIP.PEACE_COLLAPSE": ("reported", "2026-11-17")}),
        ("en", "Mali's government on Monday broke the ceasefire it signed in 2020 with the rebels.",
         {"DIP.PEACE_COLLAPSE": ("reported", "2026-11-16")}),
        ("en", "Gunmen kidnapped ten civilians on Saturday near Djibo; two of them were released the next day.",
         {"CIV.ABDUCTION": ("reported", "2026-11-14"), "CIV.RELEASE": ("reported", "2026-11-15")}),
        ("en", "The ten men who were kidnapped near Djibo in March were freed in April.", {"CIV.RELEASE": ("historical", "2026-04-01")}),
    ],
)  # fmt: skip
def test_what_undoes_an_old_act_on_a_fresh_day_is_news(language, text, wanted):
    """The old day is that of what is undone; two fresh days in two clauses are two pieces of news."""
    found = {event.event_type: (event.mode, event.date_start) for event in events(language, text)}
    assert {code: found.get(code) for code in wanted} == wanted


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("ar", "بعد ثلاث سنوات على الانقلاب الذي أطاح بالرئيس محمد بازوم، لا تزال النيجر تعاني.", ("POL.COUP", "historical", None)),
        ("ar", "بعد خمس سنوات على مقتل عشرين جنديا في إيناتس، تحيي النيجر ذكراهم.", ("BAT.ATTACK_MIL", "historical", None)),
        ("en", "Three years after the coup in Niamey, the junta rules by decree.", ("POL.COUP", "historical", None)),
        ("fr", "Trois ans après le coup d'État à Niamey, la junte règne par décret.", ("POL.COUP", "historical", None)),
        ("ha", "Shekaru uku bayan juyin mulki a Yamai, sojoji na mulki.", ("POL.COUP", "historical", None)),
        ("ar", "نجحت القوات المالية في تفكيك معسكر للإرهابيين قرب سيكاسو.", ("BAT.OPERATION", "reported", None)),
        ("ar", "داهمت وحدة من الجيش معسكرا قرب تمبكتو وقضت على أربعة عشر مسلحا.", ("BAT.OPERATION", "reported", None)),
        ("ha", "Sojoji sun kwace garin Bara a Kordofan ranar Litinin.", ("BAT.TERRITORY_REGAINED", "reported", "2026-11-16")),
        ("ha", "Sojoji sun kwace garin Gao a bara.", ("BAT.TERRITORY_LOST", "historical", "2025-01-01")),
        ("en", "Niger and Benin agreed on Monday to reopen the border.", ("DIP.BORDER_OPEN", "planned", None)),
        ("fr", "Le Niger et le Bénin ont convenu lundi de rouvrir la frontière.", ("DIP.BORDER_OPEN", "reported", "2026-11-16")),
    ],
)  # fmt: skip
def test_years_after_and_towns_that_look_like_times(language, text, wanted):
    """What lies years before is history and has no day to come; a name is no time, and the day of an accord not its step's."""
    assert wanted in {(event.event_type, event.mode, event.date_start) for event in events(language, text)}
