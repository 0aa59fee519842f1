"""Patterns that are tried only on texts with a run of letters that they cannot do without."""

import pathlib

import pytest

from transforms.tagging import actor_words, mode_words, negation, place_words
from transforms.tagging.normalise import fold

SENTENCES = sorted((pathlib.Path(__file__).parent / "gold" / "sentences" / "tuning").glob("*.tsv"))
PATTERNS = {
    "court": (mode_words.COURT, mode_words.COURT_STEMS),
    "past": (mode_words.TOLD_AS_PAST, mode_words.PAST_STEMS),
    "ruled out": (mode_words.RULED_OUT, mode_words.RULED_OUT_STEMS),
    "untrue": (mode_words.UNTRUE, mode_words.UNTRUE_STEMS),
    "not done": (negation.NOT_DONE, negation.NOT_DONE_STEMS),
    "nobody": (negation.NOBODY, negation.NOBODY_STEMS),
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
    "spoken of": (place_words.SPOKEN_OF, place_words.SPOKEN_OF_STEMS),
}
SAID = {
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
