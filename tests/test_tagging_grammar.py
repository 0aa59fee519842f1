"""Numbers, dates and places: what a sentence says, by language, and what it only seems to say."""

import datetime as dt
import gzip
import importlib.resources
import time

import pytest
import yaml

from tests.quality.events import OPEN, load_gold
from transforms.records import LANGUAGES
from transforms.tagging import date_rules, places
from transforms.tagging.dates import find_dates
from transforms.tagging.gazetteer import read_gazetteer
from transforms.tagging.normalise import fold, tokenise
from transforms.tagging.numbers import find_numbers
from transforms.tagging.patterns import Matcher
from transforms.tagging.place_scan import FREE, WEAK_CUE
from transforms.tagging.tagger import Taggable, Tagger

PUBLISHED = dt.date(2026, 11, 19)  # a Thursday


def counts(text, language):
    """(written, low, high, approximate) of each number."""
    found = find_numbers(fold(text, language), language)
    return [(text[n.start : n.end], n.low, n.high, n.approximate) for n in found]


def days(text, language):
    """(written, first, last, precision) of each date, days as ISO strings."""
    found = find_dates(fold(text, language), language, PUBLISHED)
    return [(text[d.start : d.end], str(d.first), str(d.last), d.precision) for d in found]


SAID = [
    ("(?:(?:some|about) )?(?P<n>{N}) (?P<unit>{U}) (?:ago|earlier)", [["ago", "earlier"]]),
    ("(?:dans la |la )?nuit (?:de |du )(?P<w>{W})(?: dernier)?", [["nuit"], ["de ", "du "]]),
    ("(?P<w>{W}) la semaine (?P<rel>dernière|passée)", [["la"], ["semaine"], ["dernière", "passée"]]),
    ("nuits? (?P<w>{W})", []),
    ("(?:the )?(?P<d>{D})(?:st|nd)? (?:of )?(?P<m>{M})(?! has)", []),
    ("may|march (?:on|to)", []),
]


@pytest.mark.parametrize(("rule", "said"), SAID)
def test_a_rule_needs_the_words_that_it_says(rule, said):
    """What stands in every match: no option, no ending that may be left out, nothing where there is another way."""
    assert list(date_rules.words_said(rule)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rule_matches_without_what_it_needs(language):
    """On the texts that may be looked at, no rule of dates is left out that would have matched."""
    texts = [article["text"] for half in OPEN for article in load_gold(half)[language]]
    sentences = {fold(line, language) for text in texts for line in text.replace(". ", ".\n").split("\n") if line}
    grammar, matched = date_rules.load_grammar(language), 0
    for sentence in sentences:
        words = date_rules.words_in(sentence)
        absent = {number for number, need in enumerate(grammar.needs) if need.isdisjoint(words)}
        for kind, needs, pattern in grammar.rules:
            if pattern.search(sentence):
                matched += 1
                assert needs.isdisjoint(absent), (kind, sentence)
    assert matched > 50


def mentions(text, language):
    """The place mentions of a text."""
    return places.PlaceIndex.load().find(text, fold(text, language), language)


def resolved(text, language, countries=(), admin1=()):
    """(written, name, country, kind) of each mention that resolves; each country given counts once."""
    index = places.PlaceIndex.load()
    context = dict.fromkeys(countries, 1)
    pairs = [(mention, index.resolve(mention, context, set(admin1))) for mention in mentions(text, language)]
    return [(mention.name, place.name, place.country, place.kind) for mention, place in pairs if place]


NUMBERS = [
    ("fr", "au moins 20 soldats tués", [("au moins 20", 20, None, False)]),
    ("fr", "plus de 20 morts", [("plus de 20", 20, None, False)]),
    ("fr", "20 morts au moins", [("20", 20, None, False)]),
    ("fr", "une vingtaine de civils", [("une vingtaine", 18, 23, True)]),
    ("ar", "بلغ عدد اللاجئين مليونا و340 ألفا", [("مليونا و340 ألفا", 1340000, 1340000, False)]),
    ("ha", "mutum miliyan 4.9", [("miliyan 4.9", 4900000, 4900000, False)]),
    ("ha", "'yan gudun hijira dubu dari biyu da hamsin", [("dubu dari biyu da hamsin", 250000, 250000, False)]),
    ("ha", "an kashe mayaka sha biyar", [("sha biyar", 15, 15, False)]),
    ("fr", "plus d’une centaine de morts", [("plus d’une centaine", 100, None, True)]),
    ("fr", "entre 10 et 15 personnes", [("entre 10 et 15", 10, 15, True)]),
    ("fr", "10 à 15 morts", [("10 à 15", 10, 15, True)]),
    ("fr", "des dizaines de morts", [("des dizaines", 20, 99, True)]),
    ("fr", "plusieurs centaines de personnes", [("plusieurs centaines", 200, 999, True)]),
    ("fr", "moins de 10 blessés", [("moins de 10", 0, 9, False)]),
    ("fr", "jusqu’à 30 hommes", [("jusqu’à 30", 0, 30, True)]),
    ("fr", "quatre-vingt-dix-sept soldats", [("quatre-vingt-dix-sept", 97, 97, False)]),
    ("fr", "quatre-vingts motos", [("quatre-vingts", 80, 80, False)]),
    ("fr", "soixante et onze otages", [("soixante et onze", 71, 71, False)]),
    ("fr", "vingt et un civils", [("vingt et un", 21, 21, False)]),
    ("fr", "mille deux cents hommes", [("mille deux cents", 1200, 1200, False)]),
    ("fr", "cinq soldats et deux civils", [("cinq", 5, 5, False), ("deux", 2, 2, False)]),
    ("fr", "2,1 millions de déplacés", [("2,1 millions", 2_100_000, 2_100_000, True)]),
    ("fr", "12\u202f000 réfugiés", [("12\u202f000", 12000, 12000, False)]),
    ("fr", "1.500 soldats", [("1.500", 1500, 1500, False)]),
    ("fr", "2000 soldats", [("2000", 2000, 2000, False)]),
    ("fr", "un soldat a été tué", [("un", 1, 1, False)]),
    ("fr", "aucune victime n’est à déplorer", [("aucune victime", 0, 0, False)]),
    ("fr", "trois douzaines d’hommes", [("trois douzaines", 36, 36, True)]),
    ("en", "at least 12 people", [("at least 12", 12, None, False)]),
    ("en", "dozens killed", [("dozens", 24, 99, True)]),
    ("en", "two dozen soldiers", [("two dozen", 24, 24, True)]),
    ("en", "tens of thousands fled", [("tens of thousands", 20_000, 99_999, True)]),
    ("en", "two hundred and fifty people", [("two hundred and fifty", 250, 250, False)]),
    ("en", "between 10 and 15 fighters", [("between 10 and 15", 10, 15, True)]),
    ("en", "10-15 soldiers", [("10-15", 10, 15, True)]),
    ("en", "nearly 100 villagers", [("nearly 100", 90, 100, True)]),
    ("en", "2.1 million people", [("2.1 million", 2_100_000, 2_100_000, True)]),
    ("en", "3k people and 1,200 more", [("3k", 3000, 3000, False), ("1,200", 1200, 1200, False)]),
    ("en", "a soldier was killed", [("a", 1, 1, False)]),
    ("en", "no casualties were reported", [("no casualties", 0, 0, False)]),
    ("ar", "مقتل جنديين وجرح ثلاثة", [("جنديين", 2, 2, False), ("ثلاثة", 3, 3, False)]),
    ("ar", "قتل جنديان", [("جنديان", 2, 2, False)]),
    ("ar", "سقوط قتيلين وخطف شخصين", [("قتيلين", 2, 2, False), ("شخصين", 2, 2, False)]),
    ("ar", "خمسة عشر جنديا", [("خمسة عشر", 15, 15, False)]),
    ("ar", "خمسة وعشرين مدنيا", [("خمسة وعشرين", 25, 25, False)]),
    ("ar", "ثلاثة آلاف جندي", [("ثلاثة آلاف", 3000, 3000, False)]),
    ("ar", "ألفين وخمسمئة نازح", [("ألفين وخمسمئة", 2500, 2500, False)]),
    ("ar", "ما لا يقل عن ٢٠ قتيلا", [("ما لا يقل عن ٢٠", 20, None, False)]),
    ("ar", "عشرات القتلى", [("عشرات", 20, 99, True)]),
    ("ar", "بين 10 و15 شخصا", [("بين 10 و15", 10, 15, True)]),
    ("ar", "عشرة جنـــود", [("عشرة", 10, 10, False)]),
    ("ha", "mutane goma sha biyar", [("goma sha biyar", 15, 15, False)]),
    ("ha", "akalla mutane 12", [("akalla mutane 12", 12, None, False)]),
    ("ha", "mutane fiye da 30", [("fiye da 30", 30, None, False)]),
    ("ha", "sojoji ashirin da biyar", [("ashirin da biyar", 25, 25, False)]),
    ("ha", "dari biyu da hamsin", [("dari biyu da hamsin", 250, 250, False)]),
    ("ha", "miliyan 2 da dubu dari", [("miliyan 2 da dubu dari", 2_100_000, 2_100_000, False)]),
    ("ha", "tsakanin mutane 10 da 15", [("tsakanin mutane 10 da 15", 10, 15, True)]),
    ("ha", "mutum ɗaya ya mutu", [("ɗaya", 1, 1, False)]),
]

NO_NUMBERS = [
    ("fr", "âgé de 12 ans"), ("fr", "en 2012"), ("fr", "depuis le coup d’État de 2023"), ("fr", "à 16h30"),
    ("fr", "à 16 h 30"), ("fr", "à 12 km de Gao"), ("fr", "le 12 avril"), ("fr", "des drones TB2 et L-39"),
    ("fr", "le G5 Sahel"), ("fr", "10 millions d’euros"), ("fr", "5 000 FCFA"), ("fr", "12 % des voix"),
    ("fr", "le 1er bataillon"), ("fr", "le +227 90 12 34 56"), ("fr", "l’un des soldats"),
    ("fr", "une attaque a eu lieu"),
    ("fr", "un soldat a déclaré"), ("fr", "victoire 2-1"), ("fr", "dix-huit heures"), ("fr", "les 12 et 13 avril"),
    ("en", "a 12-year-old boy"), ("en", "aged 45"), ("en", "one of the soldiers"), ("en", "$2 million"),
    ("en", "5 percent"), ("en", "at 4:30 pm"), ("en", "a 2-1 win"), ("en", "on April 12"), ("en", "COVID-19"),
    ("en", "the 3rd battalion"), ("en", "since 2012 people fled"), ("en", "France 24"),
    ("ar", "عمره 12 عاما"), ("ar", "الساعة 10"), ("ar", "في 12 أبريل"), ("ar", "واحد من الجنود"),
    ("ar", "مدنيين أبرياء"), ("ar", "وعد السائقين"), ("ar", "فجر الأحد، شخصا"), ("ar", "كمية من الأسلحة"),
    ("ha", "mai shekaru 12"), ("ha", "12 ga watan Afrilu"), ("ha", "karfe 4"), ("ha", "naira miliyan biyar"),
    ("ha", "kashi 12 cikin dari"), ("ha", "daya daga cikin su"), ("ha", "karo na biyu"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), NUMBERS)
def test_counts_with_their_bounds(language, text, expected):
    """A count is found where it stands, with its qualifiers in its span and in its bounds."""
    assert counts(text, language) == expected


@pytest.mark.parametrize(("language", "text"), NO_NUMBERS)
def test_figures_that_count_nobody(language, text):
    """Ages, years, times, distances, money, shares, ordinals, scores, models and articles are no counts."""
    assert counts(text, language) == []


def test_numbers_of_an_unknown_language_are_not_guessed():
    """A language without a table gives no numbers and no dates."""
    assert find_numbers("20 soldados", "pt") == []
    assert find_dates("12 de abril de 2024", "pt", PUBLISHED) == []


DATES = [
    ("fr", "mardi", [("mardi", "2026-11-17", "2026-11-17", "day")]),
    ("fr", "jeudi", [("jeudi", "2026-11-19", "2026-11-19", "day")]),
    ("fr", "jeudi dernier", [("jeudi dernier", "2026-11-12", "2026-11-12", "day")]),
    ("fr", "lundi prochain", [("lundi prochain", "2026-11-23", "2026-11-23", "day")]),
    (
        "fr",
        "dans la nuit de lundi à mardi",
        [("dans la nuit de lundi à mardi", "2026-11-16", "2026-11-17", "day")],
    ),
    ("fr", "avant-hier", [("avant-hier", "2026-11-17", "2026-11-17", "day")]),
    ("fr", "demain", [("demain", "2026-11-20", "2026-11-20", "day")]),
    ("fr", "le 12 avril 2024", [("le 12 avril 2024", "2024-04-12", "2024-04-12", "day")]),
    ("fr", "le 1er novembre", [("le 1er novembre", "2026-11-01", "2026-11-01", "day")]),
    ("fr", "le 20 décembre", [("le 20 décembre", "2026-12-20", "2026-12-20", "day")]),
    ("fr", "nuit du 12 au 13 avril 2024", [("nuit du 12 au 13 avril 2024", "2024-04-12", "2024-04-13", "day")]),
    ("fr", "lundi 16", [("lundi 16", "2026-11-16", "2026-11-16", "day")]),
    ("fr", "la semaine dernière", [("la semaine dernière", "2026-11-09", "2026-11-15", "week")]),
    ("fr", "fin mars", [("fin mars", "2026-03-21", "2026-03-31", "week")]),
    ("fr", "en septembre 2022", [("en septembre 2022", "2022-09-01", "2022-09-30", "month")]),
    ("fr", "en septembre et octobre 2025", [("en septembre et octobre 2025", "2025-09-01", "2025-10-31", "month")]),
    ("fr", "juillet dernier", [("juillet dernier", "2026-07-01", "2026-07-31", "month")]),
    ("fr", "le coup d’État de 2023", [("2023", "2023-01-01", "2023-12-31", "year")]),
    ("fr", "il y a deux semaines", [("il y a deux semaines", "2026-11-02", "2026-11-08", "week")]),
    ("en", "late Thursday", [("late Thursday", "2026-11-19", "2026-11-19", "day")]),
    ("en", "last July", [("last July", "2026-07-01", "2026-07-31", "month")]),
    ("en", "April 12, 2024", [("April 12, 2024", "2024-04-12", "2024-04-12", "day")]),
    ("en", "the night of Monday to Tuesday", [("the night of Monday to Tuesday", "2026-11-16", "2026-11-17", "day")]),
    ("en", "over the weekend", [("over the weekend", "2026-11-14", "2026-11-15", "day")]),
    ("en", "next week", [("next week", "2026-11-23", "2026-11-29", "week")]),
    ("en", "In May 2021", [("In May 2021", "2021-05-01", "2021-05-31", "month")]),
    ("en", "two years ago", [("two years ago", "2024-01-01", "2024-12-31", "year")]),
    ("ar", "يوم الثلاثاء", [("يوم الثلاثاء", "2026-11-17", "2026-11-17", "day")]),
    ("ar", "أمس الأول", [("أمس الأول", "2026-11-17", "2026-11-17", "day")]),
    ("ar", "بالأمس", [("بالأمس", "2026-11-18", "2026-11-18", "day")]),
    ("ar", "12 نيسان 2024", [("12 نيسان 2024", "2024-04-12", "2024-04-12", "day")]),
    ("ar", "١٢ أبريل/نيسان ٢٠٢٤", [("١٢ أبريل/نيسان ٢٠٢٤", "2024-04-12", "2024-04-12", "day")]),
    ("ar", "3 جانفي 2025", [("3 جانفي 2025", "2025-01-03", "2025-01-03", "day")]),
    ("ar", "في الثاني والعشرين من أكتوبر", [("الثاني والعشرين من أكتوبر", "2026-10-22", "2026-10-22", "day")]),
    ("ar", "في كانون الثاني", [("في كانون الثاني", "2026-01-01", "2026-01-31", "month")]),
    ("ar", "الخميس المقبل", [("الخميس المقبل", "2026-11-26", "2026-11-26", "day")]),
    ("ar", "الأسبوع الماضي", [("الأسبوع الماضي", "2026-11-09", "2026-11-15", "week")]),
    ("ha", "ranar Talata", [("ranar Talata", "2026-11-17", "2026-11-17", "day")]),
    ("ha", "ranar Jumma’a", [("ranar Jumma’a", "2026-11-13", "2026-11-13", "day")]),
    ("ha", "jiya", [("jiya", "2026-11-18", "2026-11-18", "day")]),
    ("ha", "12 ga watan Afrilu", [("12 ga watan Afrilu", "2026-04-12", "2026-04-12", "day")]),
    ("ha", "makon da ya gabata", [("makon da ya gabata", "2026-11-09", "2026-11-15", "week")]),
    ("ha", "ranar Litinin mai zuwa", [("ranar Litinin mai zuwa", "2026-11-23", "2026-11-23", "day")]),
    ("ha", "watan Yuli na 2023", [("watan Yuli na 2023", "2023-07-01", "2023-07-31", "month")]),
]


@pytest.mark.parametrize(("language", "text", "expected"), DATES)
def test_dates_against_the_day_of_publication(language, text, expected):
    """A date expression becomes the days it may mean, with its precision."""
    assert days(text, language) == expected


def test_announced_dates_lie_ahead():
    """For what is announced, a weekday, day or month is the next one, unless the text says "last" or a year."""
    ahead = [
        str(date.first)
        for text in ("lundi", "le 12 octobre", "en décembre", "lundi dernier", "en mai 2024")
        for date in find_dates(fold(text, "fr"), "fr", PUBLISHED, ahead=True)
    ]
    assert ahead == ["2026-11-23", "2027-10-12", "2026-12-01", "2026-11-16", "2024-05-01"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "le 31 février 2024"), ("fr", "2000 soldats"), ("fr", "un joueur de Mars"), ("en", "12 may have died"),
        ("en", "a march against the junta"), ("en", "2,000 soldiers"), ("ar", "اليوم العالمي"),
        ("ha", "ya kashe mutane 12"),
    ],
)  # fmt: skip
def test_words_that_only_look_like_dates(language, text):
    """Impossible days, counts, marches and world days are no dates."""
    assert days(text, language) == []


NAMED = [
    ("fr", "Attaque au Niger", ("Niger", "Niger", "NE", "country")),
    ("fr", "l’État de Niger, au Nigeria", ("État de Niger", "Niger State", "NG", "admin1")),
    ("en", "in Niger State", ("Niger State", "Niger State", "NG", "admin1")),
    ("en", "Niger, Kebbi and Zamfara states", ("Niger", "Niger State", "NG", "admin1")),
    ("ha", "a jihar Neja", ("jihar Neja", "Niger State", "NG", "admin1")),
    ("en", "around Lake Chad", ("Lake Chad", "Lake Chad basin", None, "area")),
    ("en", "Chad closed its border", ("Chad", "Chad", "TD", "country")),
    ("en", "in Benin City", ("Benin City", "Benin City", "NG", "place")),
    ("en", "South Sudan", ("South Sudan", "South Sudan", "SS", "country")),
    ("en", "Sudan", ("Sudan", "Sudan", "SD", "country")),
    ("fr", "Guinée", ("Guinée", "Guinea", "GN", "country")),
    ("fr", "Guinée-Bissau", ("Guinée-Bissau", "Guinea-Bissau", "GW", "country")),
    ("fr", "Guinée équatoriale", ("Guinée équatoriale", "Equatorial Guinea", "GQ", "country")),
    ("en", "Papua New Guinea", ("Papua New Guinea", "Papua New Guinea", "PG", "country")),
    ("fr", "Le Burkina a dit non", ("Burkina", "Burkina Faso", "BF", "country")),
    ("fr", "au Sahel", ("au Sahel", "Sahel", None, "area")),
    ("fr", "à Say", ("Say", "Say", "NE", "place")),
    ("fr", "près de Ber", ("Ber", "Ber", "ML", "place")),
    ("fr", "dans la localité de Boni", ("Boni", "Boni", "ML", "place")),
    ("fr", "à N’Djamena", ("N’Djamena", "N'Djamena", "TD", "place")),
    ("fr", "à Gorom Gorom", ("Gorom Gorom", "Gorom-Gorom", "BF", "place")),
    ("fr", "dans la province du Soum", ("Soum", "Soum", "BF", "admin2")),
    ("fr", "la région de l’Est, au Burkina Faso", ("Burkina Faso", "Burkina Faso", "BF", "country")),
    ("fr", "dans la région de Tillabéri", ("Tillabéri", "Tillabéri", "NE", "admin1")),
    ("fr", "à Tillabéri", ("Tillabéri", "Tillabéri", "NE", "place")),
    ("en", "the village of Mao", ("Mao", "Mao", "TD", "place")),
    ("ha", "a garin Isa", ("Isa", "Isa", "NG", "place")),
    ("ha", "a Agadas", ("Agadas", "Agadez", "NE", "place")),
    ("ha", "sojojin Nijar", ("Nijar", "Niger", "NE", "country")),
    ("ar", "هجوم في مالي", ("مالي", "Mali", "ML", "country")),
    ("ar", "مالي وبوركينا فاسو", ("مالي", "Mali", "ML", "country")),
    ("ar", "بكيدال", ("كيدال", "Kidal", "ML", "place")),
    ("ar", "قرب بلدة تيسيت", ("تيسيت", "Tessit", "ML", "place")),
    ("ar", "وللنيجر حدود", ("للنيجر", "Niger", "NE", "country")),
    ("ar", "جنوب السودان", ("جنوب السودان", "South Sudan", "SS", "country")),
    ("ar", "بحيرة تشاد", ("بحيرة تشاد", "Lake Chad basin", None, "area")),
]


@pytest.mark.parametrize(("language", "text", "expected"), NAMED)
def test_places_that_are_named(language, text, expected):
    """A name with its cue, article or Arabic particle resolves to the place of that name."""
    assert expected in resolved(text, language)


UNNAMED = [
    ("fr", "le delta du Niger et le fleuve Niger", "NE"), ("en", "the Niger Delta and the River Niger", "NE"),
    ("en", "in the Gulf of Guinea", "GN"), ("en", "France 24 reported", "FR"), ("fr", "l’équipe de France", "FR"),
    ("fr", "le G5 Sahel et l’Alliance des États du Sahel", None), ("en", "Chad Smith scored", "TD"),
    ("en", "Say what you like", "NE"), ("en", "Man of the match", "CI"), ("fr", "Boni Yayi a parlé", "ML"),
    ("fr", "M. Moussa Traoré a parlé", "ML"), ("ha", "Kaya sun kone", "BF"), ("en", "March on Monday", None),
    ("ar", "دعم مالي كبير", "ML"), ("ar", "وزير المالية", "ML"), ("fr", "dans l’Est du pays", "BF"),
    ("en", "he left the bol", "TD"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "country"), UNNAMED)
def test_words_and_names_that_are_no_places(language, text, country):
    """Rivers, media, sides, organisations, persons and ordinary words name no place."""
    assert [name for name, _, found, _ in resolved(text, language) if found == country] == []


def test_a_dangerous_name_in_a_list_is_a_place():
    """A name that needs a cue gets one from the places it is listed with."""
    found = [name for name, *_ in resolved("Gao, Kidal et Ber au Mali", "fr")]
    assert found == ["Gao", "Kidal", "Ber", "Mali"]


def test_the_sahel_is_the_region_of_burkina_only_in_its_company():
    """The "région du Sahel" is Burkina Faso's division where Burkina is spoken of, and the zone elsewhere."""
    assert resolved("la région du Sahel", "fr", ["BF"]) == [("Sahel", "Sahel", "BF", "admin1")]
    assert resolved("la région du Sahel", "fr", ["NE"]) == [("Sahel", "Sahel", None, "area")]


def test_homonyms_follow_the_country_of_the_text():
    """A town of two countries is the one of the country the text speaks of, and none where it speaks of neither."""
    assert resolved("a garin Illela", "ha", ["NG"])[0][2] == "NG"
    assert resolved("a garin Illela", "ha", ["NE"])[0][2] == "NE"
    assert resolved("a garin Illela", "ha") == []


def test_homonyms_follow_a_division_that_is_named():
    """A division in the context, or right after the name, decides between homonyms."""
    assert resolved("à Farako", "fr", ["ML"]) == []
    assert resolved("a Illela ta jihar Sakkwato", "ha", ["NE"])[0][2] == "NG"


def test_a_name_of_many_villages_abstains():
    """Homonyms far apart in several divisions give no place rather than a guess."""
    (mention,) = mentions("le village de Farako", "fr")
    assert len({place.admin1 for place in mention.candidates}) > 2
    assert places.PlaceIndex.load().resolve(mention, {"ML": 5}, ()) is None


def test_an_area_takes_the_country_the_text_speaks_of_most():
    """A zone of three countries is located in the leading one, or in none when two are level."""
    (mention,) = mentions("dans le Liptako-Gourma", "fr")
    index = places.PlaceIndex.load()
    assert index.resolve(mention, {"ML": 3, "NE": 1}, ()).country == "ML"
    assert index.resolve(mention, {"ML": 2, "NE": 2}, ()).country is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "un soldat nigérien et un pasteur nigérian", [("nigérien", "NE"), ("nigérian", "NG")]),
        ("en", "Nigerien and Nigerian troops", [("Nigerien", "NE"), ("Nigerian", "NG")]),
        ("fr", "l’armée burkinabè et des Maliens", [("burkinabè", "BF"), ("Maliens", "ML")]),
        ("en", "polish the Malian guns", [("Malian", "ML")]),
        ("ar", "الجيش المالي والسلطات المالية", [("مالي", "ML"), ("مالية", "ML")]),
        ("ar", "وزارة المالية ودعم مالي", []),
        ("ha", "’yan Najeriya", [("yan Najeriya", "NG")]),
    ],
)
def test_demonyms(language, text, expected):
    """Demonyms give their country; Niger's and Nigeria's are kept apart, and so is Malian from financial."""
    read = Tagger.load().read(Taggable(article_id="a", text=text, language=language))
    assert [(read.written[m.start : m.end], m.iso) for m in read.countries] == expected


def test_offsets_hold_in_a_text_with_tatweel():
    """Mentions point into the text as given, though tatweel is read over."""
    text = "هجوم في مـــالي"
    (mention,) = mentions(text, "ar")
    assert text[mention.start : mention.end] == mention.name == "مـــالي"


def test_renamed_regions_have_the_name_of_the_day():
    """Burkina Faso's regions bear their new names from July 2025 on."""
    index = places.PlaceIndex.load()
    assert index.admin1_on("BF", "Est", dt.date(2024, 1, 1)) == "Est"
    assert index.admin1_on("BF", "Est", dt.date(2026, 1, 1)) == "Goulmou"
    assert index.admin1_on("ML", "Gao", dt.date(2026, 1, 1)) == "Gao"


def test_villages_of_mali_carry_the_regions_of_2023():
    """A Malian place of the dumps is put into the new region of its nearest cercle seat."""
    found = {
        mention.name: mention.candidates[0].admin1 for mention in mentions("à Yélimané, à Koro et à Ansongo", "fr")
    }
    assert found == {"Yélimané": "Kayes", "Koro": "Bandiagara", "Ansongo": "Gao"}


def test_the_gazetteer_file_is_reproducible_and_small():
    """The committed file has no time stamp, sorted forms, and stays under 6 MB."""
    packed = importlib.resources.files("transforms.tagging").joinpath("data").joinpath("gazetteer.tsv.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"
    assert len(packed) < 6_000_000
    forms = [line.split("\t")[0] for line in gzip.decompress(packed).decode().partition("\n\n")[2].split("\n")]
    assert forms == sorted(forms)


def test_a_common_word_is_never_a_place_by_itself():
    """Each word of the list is, with its variants, a form of the gazetteer, and one that asks for a cue."""
    data = importlib.resources.files("transforms.tagging").joinpath("data")
    words = yaml.safe_load(data.joinpath("places.yaml").read_text(encoding="utf-8"))["common_words"]
    assert words == sorted(set(words))
    gazetteer = read_gazetteer()
    levels = dict(zip(gazetteer.keys, gazetteer.levels, strict=True))
    free = [word for word in words if levels.get(word, FREE) in (FREE, WEAK_CUE)]
    assert free == []


def test_reading_an_article_is_fast():
    """Four thousand characters take milliseconds; the bound is loose, for a busy machine."""
    text = (
        "Une vingtaine de soldats nigériens ont été tués mardi près de Banibangou, dans la région de Tillabéri. " * 40
    )
    folded = fold(text, "fr")
    index = places.PlaceIndex.load()
    index.find(text, folded, "fr")
    begin = time.process_time()
    index.find(text, folded, "fr")
    assert time.process_time() - begin < 0.25


@pytest.mark.parametrize("mark", ["'", "\u2019"])
def test_hausa_words_behind_an_apostrophe_belong_to_phrases(mark):
    """The blank and the apostrophe before "'yan" part no phrase: "ofishin 'yan sanda" is the police station."""
    told = f"'Yan bindiga sun kai hari kan ofishin {mark}yan sanda a Gao."
    matcher = Matcher("ha")
    matcher.add("site", "police", ["ofishin 'yan sanda"])
    matcher.compile()
    (hit,) = matcher.scan(told, tokenise(fold(told, "ha")), 0, [0])["site"]
    assert told[hit.start : hit.end] == f"ofishin {mark}yan sanda"
