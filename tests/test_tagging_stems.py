"""Patterns that are tried only on texts with a run of letters that they cannot do without."""

import pathlib

import pytest

from transforms.tagging import (
    accidents,
    accounts,
    actor_words,
    joint,
    merging,
    mode_words,
    negation,
    place_words,
    words_alone,
)
from transforms.tagging.normalise import fold

SENTENCES = sorted((pathlib.Path(__file__).parent / "gold" / "sentences" / "tuning").glob("*.tsv"))
PATTERNS = {
    "court": (mode_words.COURT, mode_words.COURT_STEMS),
    "past": (mode_words.TOLD_AS_PAST, mode_words.PAST_STEMS),
    "ruled out": (mode_words.RULED_OUT, mode_words.RULED_OUT_STEMS),
    "untrue": (mode_words.UNTRUE, mode_words.UNTRUE_STEMS),
    "not done": (negation.NOT_DONE, negation.NOT_DONE_STEMS),
    "nobody": (negation.NOBODY, negation.NOBODY_STEMS),
    "no doer": (negation.NO_DOER, negation.NO_DOER_STEMS),
    "mishap": (accidents.MISHAP, accidents.MISHAP_STEMS),
    "at its end": (merging.AT_ITS_END, merging.ENDS_STEMS),
    "no loss": (words_alone.NO_LOSS, words_alone.LOSS_STEMS),
    "until": (mode_words.UNTIL, mode_words.UNTIL_STEMS),
    "nationwide": (place_words.NATIONWIDE, place_words.NATIONWIDE_STEMS),
    "unit": (place_words.UNIT, place_words.UNIT_STEMS),
    "medical": (place_words.MEDICAL, place_words.MEDICAL_STEMS),
    **{
        f"anaphors {language}": (p, actor_words.ANAPHOR_STEMS[language]) for language, p in actor_words.ANAPHORS.items()
    },
    "origin": (place_words.ORIGIN, place_words.ORIGIN_STEMS),
    "between": (place_words.BETWEEN, place_words.BETWEEN_STEMS),
    "accord": (place_words.ACCORD_BEFORE, place_words.ACCORD_STEMS),
    "border": (place_words.BORDER_BEFORE, place_words.BORDER_STEMS),
    "envoy": (place_words.ENVOY, place_words.ENVOY_STEMS),
    "away": (place_words.AWAY, place_words.AWAY_STEMS),
    "met": (place_words.MET, place_words.MET_STEMS),
    "capital": (place_words.CAPITAL, place_words.CAPITAL_STEMS),
    "spoken of": (place_words.SPOKEN_OF, place_words.SPOKEN_OF_STEMS),
    **{f"account {language}": (p, accounts.STEMS[language]) for language, p in accounts.ACCOUNT.items()},
    "both": (joint.BOTH, joint.BOTH_STEMS),
}
SAID = {
    "account fr": (
        "bulletin hebdomadaire|communiqué n° 118 de l'état-major|communiqué de l'armée|informe l'opinion|porte à la connaissance"
        "|rend compte à l'opinion|dresse le bilan de la semaine|bilan des activités"
    ),
    "account en": (
        "informs the general public|wishes to update the nation|issues the following bulletin|released its weekly summary"
        "|brings the following to the attention of the public|armed forces bulletin|results of the week's operations"
    ),
    "account ar": "تحيط هيئة الأركان العامة الرأي العام|تنشر حصيلة|وزارة الدفاع تنشر حصيلة|بيان من هيئة|بيان صادر عن قيادة",
    "account ha": "na sanar da al'umma|sanarwa: dakarun|fitar da takardarsa|nasarorin da ta samu",
    "both": (
        "les deux ministres|de part et d'autre|à l'issue de la rencontre|the two sides|both countries|both men|the visit ended"
        "|bangarorin biyu|ووقعا|واتفقا|الجانبان|الوزيران|البلدين|وتوجت الزيارة"
    ),
    "spoken of": (
        "parle de|évoquait des|qualifiées de|présentés comme|décrits comme|spoke of|speaks of suspected|called them|calling the dead"
        "|described the victims as|says they were|kira su da|وصفهم ب|تحدث عن"
    ),
    "court": (
        "condamnés|jugée|jugement|verdict|procès|acquitté|réclusion|perpétuité|cour d'assises|à la barre|jailed|sentenced|convicts"
        "|tribunal|court martial|on trial|tried for|years in prison|life in prison|stood trial|hears the case|daurin rai|yanke musu hukunci"
        "|gurfanar da su a gaban kotu|حكمت|وقضت|ادانت|الحكم علي|بالسجن|بالاعدام|محاكمة|تحاكم"
    ),
    "past": (
        "once before|it was here that|at the height of the rebellion|survived the massacre of|until then|by then|was the local mayor when"
        "|lors du massacre de|c'est ici qu'|c'est là qu'|jusque-là|kafin haka|kafin nan|قبل ذلك بعام|حتى ذلك الحين|في مجزرة"
    ),
    "ruled out": "are not in question|is out of the question|est exclue|غير وارد|ليس واردا|ليس مطروحا",
    "not done": "they have not seized|they were never there|they didn't attack|n'ont pas pris|ne levera jamais les|لن ترفع|ba za su kai|ba a sace|ba zai kai",
    "nobody": "nobody was hurt|no one has seen|personne n'a été enlevé",
    "no doer": "aucun avion n'a pilonné|no jet bombed|no foreign troops are",
    "mishap": (
        "a tyre burst|burst tyres|a tire blew|overturned|rolled over in a ditch|somersaulted|skidded|capsized|drowned|a road accident|a train crash"
        "|collided with|in a collision with|head-on|plunged into a ravine|ran into a lorry|slammed into a wall|helicopter crashed|accident de la route"
        "|sortie de route|accident de bus|un pneu a éclaté|pneus crevés|éclatement d'un pneu|renversement de leur camion|s'est renversé|tonneaux"
        "|a dérapé|quitté la chaussée|noyés|chaviré|naufrage|percuté un|hatsarin mota|hadarin jirgin|hatsarin babban mota|tayar motarsu ta fashe|ta kife"
        "|kifewar|nutsewa|taho-mu-gama|ya wuntsila|ta jirkice|حادث سير|حوادث المرور|انقلاب شاحنة|انفجار إطار|انفجر عجل|غرقا|تصادم|اصطدام|تحطم طائرة"
    ),
    "at its end": (
        "à l'issue de la rencontre|au terme des entretiens|en marge du sommet|au sortir de la réunion|dans la foulée|at the end of the talks"
        "|at the close of their|on the sidelines of the|on the margins of this|after the meeting|bayan ganawar|a karshen taron|bayan zaman|a tattaunawar"
        "|في ختامها|في نهاية|في أعقاب|عقب الاجتماع|على هامش"
    ),
    "no loss": "n'a pas perdu|n'ont jamais perdu|has not lost|did not lose|never lost|ba su rasa|ba ta taba rasa|لم يفقد|لم تخسر",
    "until": "until |till the |jusqu'en |jusqu'à |har zuwa watan |har |har sai |حتى يوم |الى غاية |لغاية ",
    "untrue": "il n'en est rien|c'est faux|that is untrue|it is not true|ba gaskiya ba ne|لا اساس له|لا صحة ل",
    "nationwide": (
        "the country|le pays|across the whole country|dans tout le pays|sur l'ensemble du territoire|de l'ensemble du pays|a duk fadin kasar"
        "|a kasar baki daya|في عموم البلاد|في البلاد"
    ),
    "unit": "in the same state|of this region|même état|cet état|la même région|cette province|wannan jiha|الولاية نفسها|المنطقة ذاتها",
    "medical": "hospital in|hôpital de|asibitin|مصدر|مصادر|مستشفى",
    "origin": (
        "originaires de |natif du |native of the |herders from |'yan gudun hijira daga |نازحون من |من أبناء |من سكان |من أهالي |ينحدرون من "
    ),
    "between": "between |entre la |tsakanin garin |بين ",
    "away": (
        "gunmen from |towards |bound for northern |fled to |venus du |en provenance du |entrés du |infiltrés depuis |vers le |en direction du |partis pour le "
        "|le chemin du |regagné le |arrivés du |daga |suka nufi |suka gudu zuwa |قادمون من |تسللوا من |هربوا الى |باتجاه |نحو |صوب "
    ),
    "met": "à l'issue de la rencontre|au terme des entretiens|à la fin de |en clôture du |at the end of|after the talks|a karshen|في ختام|عقب|توجت",
    "capital": "in the Malian capital|across the capital|dans la capitale nigérienne|في العاصمة|بالعاصمة المالية|a babban birnin kasar",
    "accord": "accords d'|processus de paix d'|traité du |charte de |yarjejeniyar |اتفاقية السلام ",
    "envoy": "ambassadeur du |embassy of |envoy to |consulat de |chargé d'affaires |jakadan |jakadar |سفير |سفارة |السفيرة ",
    "border": "border with |frontière avec le |frontières du |حدود مع |iyakar |iyaka da ",
}  # fmt: skip
"""A phrase for each thing that a pattern looks for."""


@pytest.mark.parametrize("name", PATTERNS)
def test_whatever_a_pattern_matches_holds_one_of_its_stems(name: str) -> None:
    """The stems decide whether a pattern is tried, so none of its matches may be without one."""
    pattern, stems = PATTERNS[name]
    lines = [line for path in SENTENCES for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [fold(text) for text in (*lines, *SAID.get(name, "").split("|"))]
    matched = [match.group() for text in texts for match in pattern.finditer(text)]
    assert matched
    assert [match for match in matched if not any(stem in match for stem in stems)] == []


@pytest.mark.parametrize("name", SAID)
def test_each_thing_that_a_pattern_looks_for_passes_its_stems(name: str) -> None:
    """Also what few texts say is still found."""
    _, stems = PATTERNS[name]
    phrases = [fold(phrase) for phrase in SAID[name].split("|")]
    assert [phrase for phrase in phrases if not any(stem in f" {phrase}" for stem in stems)] == []
