"""FindDuplicates: sketches, the horizon, the guards, and that the answer does not depend on order."""

import dataclasses
import itertools
import os
import random
import re
import signal
from collections.abc import Sequence

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import find_duplicates
from transforms.compare_sketches import compare
from transforms.find_duplicates import (
    SketchArticles,
    StoryAssignment,
    assign_stories,
    assign_story,
    dedupe_records,
    find_candidates,
)
from transforms.pool import WorkerPool
from transforms.records import Article, CodedArticle, Entry
from transforms.sketches import Sketch, sketch_article, sketch_text, url_stem
from transforms.story_horizon import StoryHorizon
from transforms.tagging.normalise import fold

SYLLABLES = ("ba", "ko", "ri", "ten", "mou", "sa", "le", "gar", "ni", "fo", "dul", "pe", "chi", "vor", "ame", "lin")


def prose(seed: int, words: int = 360) -> str:
    """A text of its own: invented words, a name or a number now and then, six paragraphs."""
    rng = random.Random(seed)
    lines = []
    for _ in range(6):
        line = []
        for n in range(words // 6):
            word = "".join(rng.choices(SYLLABLES, k=rng.randint(2, 3)))
            line.append(str(rng.randint(2, 900)) if n % 17 == 9 else word.capitalize() if n % 13 == 5 else word)
        lines.append(" ".join(line) + ".")
    return "\n".join(lines)


def sketched(article_id: str, text: str, hour: int = 0, **fields: str) -> Sketch:
    """A sketch seen at an hour of one day."""
    return sketch_text(text, article_id=article_id, seen=f"2026-11-10T{hour:02d}:00:00Z", **fields)


def told(*sketches: Sketch) -> StoryHorizon:
    """A horizon in which each sketch is a story of its own."""
    horizon = StoryHorizon()
    for sketch in sketches:
        horizon.add(sketch, sketch.article_id)
    return horizon


def first_words(text: str, count: int) -> str:
    """The beginning of a text."""
    return " ".join(text.split()[:count])


def misspelt(text: str, share: float) -> str:
    """A share of the words with two letters swapped."""
    rng = random.Random(5)
    return " ".join(
        word[0] + word[2] + word[1] + word[3:] if len(word) > 3 and rng.random() < share else word
        for word in text.split()
    )


BASE = prose(1)
PARAGRAPHS = BASE.split("\n")

EDITS = {
    "verbatim": (BASE, "exact"),
    "other spacing": (BASE.replace("\n", "\n\n").replace(" ", "  "), "exact"),
    "a dateline and a credit": (f"NIAMEY, 10 nov. (Agence) - {BASE}\nAvec agences", "copy"),
    "a local paragraph after": (BASE + "\n" + first_words(prose(2), 80), "copy"),
    "a local paragraph before": (first_words(prose(2), 80) + "\n" + BASE, "copy"),
    "reordered paragraphs": ("\n".join(PARAGRAPHS[::-1]), "copy"),
    "typos in 5 % of the words": (misspelt(BASE, 0.05), "copy"),
    "cut to 70 %": (first_words(BASE, 252), "copy"),
    "cut to a half": (first_words(BASE, 180), "excerpt"),
    "cut to a quarter": (first_words(BASE, 90), "excerpt"),
    "cut to 15 %": (first_words(BASE, 54), "excerpt"),
    "cut to a half with a local paragraph": (first_words(BASE, 180) + "\n" + first_words(prose(2), 80), "copy"),
}


@pytest.mark.parametrize("kind", EDITS)
def test_copies_join_their_story(kind: str) -> None:
    """Every kind of copy joins the story of its original, with its relation."""
    text, relation = EDITS[kind]
    found = assign_story(sketched("copy", text, 3), told(sketched("original", BASE), sketched("other", prose(9))))
    assert (found.story_id, found.duplicate_of, found.relation) == ("original", "original", relation), found.why
    assert 0.5 <= found.similarity <= 1.0


def test_a_fuller_version_of_an_excerpt_joins_it() -> None:
    """When the cut copy was seen first, the whole text joins its story, and so does a copy of the other half."""
    horizon = told(sketched("cut", first_words(BASE, 180)))
    whole = assign_story(sketched("whole", BASE, 1), horizon)
    assert (whole.story_id, whole.relation) == ("cut", "copy")
    horizon.add(sketched("whole", BASE, 1), "cut")
    rest = assign_story(sketched("rest", "\n".join(PARAGRAPHS[3:]), 2), horizon)
    assert (rest.story_id, rest.duplicate_of) == ("cut", "whole"), rest.why


def test_a_new_toll_is_an_update_and_the_earlier_version_seen_later_is_not() -> None:
    """New figures in the lead of a later version make an update; the version published before is a copy."""
    first = f"Le bilan est de 31 morts et 17 blessés. {BASE}"
    second = f"Le bilan est de 47 morts et 26 blessés. {BASE}"
    early = {"published": "2026-11-10T08:00:00Z", "language": "fr"}
    late = {"published": "2026-11-10T18:00:00Z", "language": "fr"}
    update = assign_story(sketched("b", second, 19, **late), told(sketched("a", first, 9, **early)))
    assert (update.story_id, update.relation) == ("a", "update"), update.why
    reverse = assign_story(sketched("a", first, 20, **early), told(sketched("b", second, 19, **late)))
    assert (reverse.story_id, reverse.relation) == ("b", "copy"), reverse.why


def test_number_words_are_figures_too() -> None:
    """A toll spelled out in words counts as a figure."""
    words, digits = (sketched("a", text, language="fr") for text in ("trente soldats tués", "30 soldats tués"))
    assert words.lead_figures == digits.lead_figures != ()


@pytest.mark.parametrize("share", [0.1, 0.2])
@pytest.mark.parametrize("part", ["beginning", "end"])
def test_follow_ups_are_stories_of_their_own(share: float, part: str) -> None:
    """A follow-up that repeats up to a fifth of its text from an earlier story is no copy, in at most 2 % of cases."""
    merged = 0
    for seed in range(60):
        old, own = prose(100 + seed), prose(300 + seed)
        size = round(share * 360 / (1 - share))
        repeated = " ".join(old.split()[:size] if part == "beginning" else old.split()[-size:])
        found = assign_story(sketched("new", own + "\n" + repeated, 5), told(sketched("old", old)))
        merged += found.duplicate_of is not None
    assert merged <= 1


def edition(seed: int) -> str:
    """A weekly board: one frame with other figures and places."""
    rng = random.Random(seed)
    frame = prose(50, 300).split()
    return " ".join(
        f"{word} Ville{rng.randint(1, 99)} {rng.randint(100, 999)}" if n % 12 == 7 else word
        for n, word in enumerate(frame)
        if not word.isdecimal()
    )


def test_editions_of_a_template_are_stories_of_their_own() -> None:
    """Communiques and boards that fill one frame with other figures and places are kept apart, though half is equal."""
    horizon = told(sketched("week 1", edition(1)))
    found = compare(sketched("week 2", edition(2)), sketched("week 1", edition(1)))
    assert found.containment > 0.4
    for week in range(2, 12):
        assert assign_story(sketched(f"week {week}", edition(week), 1), horizon).duplicate_of is None


SHORT = "Sept personnes ont trouvé la mort mardi sur la route qui mène au marché de Kornaka, selon le préfet du lieu."


@pytest.mark.parametrize(
    ("text", "joins"),
    [
        (SHORT, True),
        (SHORT.replace("é", "e"), True),
        (SHORT.replace("Sept", "Neuf"), False),
        (SHORT.replace("Kornaka", "Dakoro"), False),
        ("Sept personnes ont trouvé la mort mardi dans l'effondrement d'un puits de mine, selon le préfet.", False),
    ],
)
def test_short_texts_must_be_equal_or_contained(text: str, joins: bool) -> None:
    """A short text joins when it is nearly all there; another number or place keeps it apart."""
    found = assign_story(sketched("b", text, 1, language="fr"), told(sketched("a", SHORT, language="fr")))
    assert (found.duplicate_of is not None) == joins, found.why


def test_a_round_up_is_linked_and_not_merged() -> None:
    """A text that holds the openings of several stories is an original with these stories in ``related``."""
    stories = [sketched(f"s{n}", prose(n)) for n in range(10, 14)]
    text = "\n".join(paragraph for n in range(10, 14) for paragraph in prose(n).split("\n")[:2])
    found = assign_story(sketched("round-up", text, 9), told(*stories))
    assert (found.relation, found.duplicate_of) == ("original", None), found.why
    assert found.related == ("s10", "s11", "s12", "s13")


def test_a_text_that_holds_two_short_stories_whole_is_linked_to_both() -> None:
    """Two existing stories never merge: what contains both whole is a story of its own."""
    parts = [prose(20, 180), prose(21, 180)]
    horizon = told(sketched("a", parts[0]), sketched("b", parts[1]))
    found = assign_story(sketched("both", "\n".join(parts), 2), horizon)
    assert (found.duplicate_of, found.related) == (None, ("a", "b")), found.why


def test_a_short_text_inside_a_long_one_is_a_passage() -> None:
    """A brief that stands in the middle of a text many times as long does not draw it into its story."""
    brief = first_words(prose(30), 60)
    long = prose(31, 300) + "\n" + brief + "\n" + prose(32, 300)
    assert assign_story(sketched("long", long, 1), told(sketched("brief", brief))).duplicate_of is None
    assert assign_story(sketched("brief", brief, 1), told(sketched("long", long))).duplicate_of is None


BOILERPLATE = first_words(prose(77), 130)


def test_boilerplate_of_an_outlet_does_not_make_copies() -> None:
    """What three stories of an outlet carry counts for nothing in the fourth, whose own words decide."""
    horizon = StoryHorizon()
    for n in range(3):
        horizon.add(sketched(f"s{n}", first_words(prose(200 + n), 90) + "\n" + BOILERPLATE, outlet="o"), f"s{n}")
    own = first_words(prose(210), 60)
    assert assign_story(sketched("new", own + "\n" + BOILERPLATE, 1, outlet="o"), horizon).duplicate_of is None
    copy = assign_story(sketched("copy", first_words(prose(201), 90), 1, outlet="p"), horizon)
    assert copy.story_id == "s1", copy.why


def test_boilerplate_is_told_before_the_outlet_has_repeated_it() -> None:
    """The second short text over one outlet's long notice is a story of its own; a copy over it stays a copy."""
    notice = first_words(prose(77), 110).lower()  # names no one, as such notices mostly do
    texts = [first_words(prose(seed), 60) for seed in (220, 221)]
    horizon = told(sketched("a", f"{texts[0]}\n{notice}", outlet="o"))
    second = assign_story(sketched("b", f"{texts[1]}\n{notice}", 1, outlet="o"), horizon)
    assert (second.duplicate_of, "boilerplate" in second.why) == (None, True), second.why
    assert assign_story(sketched("c", f"{texts[0]}\n{notice}\nFin", 1, outlet="o"), horizon).story_id == "a"


def board(day: str, degrees: Sequence[int]) -> str:
    """A weather board: the places stay, the values change within one range."""
    frame = prose(78, 180).split()
    words = [word for word in frame if not word.isdecimal()]
    towns = ("Karbou", "Tessala", "Dimou", "Gorfa", "Namaro", "Beltou", "Sirfa", "Woulam")
    for n, (town, value) in enumerate(zip(towns, degrees, strict=True)):
        words.insert(8 + n * 20, f"{town} {value} degrés")
    return f"Bulletin de {day}. " + " ".join(words)


def test_a_board_whose_values_lie_in_one_range_is_of_its_own_day() -> None:
    """Half of the values of two days are equal by chance; the boards are two stories all the same."""
    monday, tuesday = (
        sketched(name, board(name, degrees), hour)
        for name, degrees, hour in (
            ("lundi", (38, 34, 35, 36, 37, 39, 17, 21), 1), ("mardi", (37, 33, 36, 35, 38, 40, 16, 20), 2),
        )
    )  # fmt: skip
    found = compare(tuesday, monday)
    assert (found.containment > 0.5, found.figures) == (True, 0.5)
    assert assign_story(tuesday, told(monday)).duplicate_of is None


def arabic_brief(place: str) -> str:
    """A communiqué of some ninety words that names one place."""
    words = ("اعلن", "الجيش", "وحدة", "هجوم", "قوات", "منطقة", "سلاح", "تمشيط", "سكان", "بيان", "قتال", "حدود")
    rng = random.Random(8)
    found = [rng.choice(words) for _ in range(90)]
    found[30] = place
    return " ".join(found)


def test_a_short_arabic_text_about_another_place_is_kept_apart() -> None:
    """Without capitals no name shows: one word changed within a short text decides, a credit at its end does not."""
    horizon = told(sketched("a", arabic_brief("كيدال"), language="ar"))
    other = assign_story(sketched("b", arabic_brief("ميناكا"), 1, language="ar"), horizon)
    assert (other.duplicate_of, "short_words" in other.why) == (None, True), other.why
    copy = assign_story(sketched("c", arabic_brief("كيدال") + " المصدر وكالة", 1, language="ar"), horizon)
    assert copy.story_id == "a", copy.why


def test_a_hot_story_does_not_become_boilerplate() -> None:
    """The five-hundredth copy of one story still joins it, and the horizon keeps two versions, not five hundred."""
    window = [sketched("a", BASE)] + [
        sketched(f"c{n:03d}", f"{BASE}\n{first_words(prose(400 + n), 30)}", 1, outlet=f"o{n}") for n in range(500)
    ]
    assert {a.story_id for a in assign_stories(window, StoryHorizon())} == {"a"}
    horizon = StoryHorizon()
    for sketch in window:
        horizon.add(sketch, "a")
    assert len(horizon) == 501
    assert len(find_candidates(window[-1], horizon)[0]) == 2


def test_chains_do_not_glue_stories_together() -> None:
    """A member must resemble the original or the largest version that resembles it, not just any member."""
    text = prose(500).split()
    horizon = told(sketched("t0", " ".join(text)))
    stories = []
    for n in range(1, 4):
        text = text[-(230 + 70 * n) :] + prose(500 + n, 240 + 60 * n).split()
        sketch = sketched(f"t{n}", " ".join(text), n)
        found = assign_story(sketch, horizon)
        horizon.add(sketch, found.story_id)
        stories.append(found.story_id)
    assert stories == ["t0", "t0", "t3"]


def test_same_address_in_one_outlet_is_one_story() -> None:
    """A text that was rewritten under the same name in the same outlet stays in its story, template or not."""
    address = {"outlet": "o", "url": "https://o.example/politique/2026/11/prix-des-cereales-semaine-45.html"}
    moved = {"outlet": "o", "url": "https://o.example/economie/prix-des-cereales-semaine-45/"}
    old = sketched("a", edition(1), **address)
    new_text = edition(1).replace("Ville", "Bourg", 6)
    assert assign_story(sketched("b", new_text, 1, **moved), told(old)).story_id == "a"
    assert url_stem(address["url"], "o") == url_stem(moved["url"], "o") != url_stem(moved["url"], "p")
    assert url_stem("https://o.example/article.php?id=3", "o") == 0


ARABIC = "قُتِلَ أربعة جنود في هجومٍ على مدينة ميناكا، وأعلنت الحكومة الحِداد ثلاثة أيام في إقليم أغاديز."
BARE = "قتل اربعه جنود في هجوم على مدينه ميناكا، واعلنت الحكومه الحداد ثلاثه ايام في اقليم اغاديز."
HAUSA = "'Yan bindiga sun kashe manoma huɗu a ƙauyen Ɗan Ali, in ji jami'an 'yan sanda na ƙaramar hukumar."
PLAIN = "’Yan bindiga sun kashe manoma hudu a kauyen Dan Ali, in ji jami’an ’yan sanda na karamar hukumar."


@pytest.mark.parametrize(("one", "other"), [(ARABIC, BARE), (HAUSA, PLAIN), ("Été À Niamey", "ete a NIAMEY")])
def test_spellings_of_one_text_have_one_sketch(one: str, other: str) -> None:
    """Marks, letter variants, hooked letters, case and accents do not change the shingles."""
    assert sketched("a", one).hashes == sketched("a", other).hashes != ()


FIELDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(
    text=st.text(st.characters(exclude_categories=("Cs",)), max_size=400) | st.integers(0, 99).map(prose),
    published=st.none() | st.just("2026-11-10T08:00:00Z") | FIELDS.filter(bool),
    seen=FIELDS,
    outlet=FIELDS,
    language=st.none() | st.sampled_from(["fr", "en", "ar", "ha", "sw"]),
)
def test_packing_loses_nothing(text: str, published: str | None, seen: str, outlet: str, language: str | None) -> None:
    """A sketch unpacked equals the sketch packed, whatever the text."""
    sketch = sketch_text(
        text,
        article_id="x",
        seen=seen,
        published=published,
        outlet=outlet,
        language=language,
        url="https://a.example/b",
    )
    assert Sketch.unpack("x", sketch.pack()) == sketch
    assert tuple(Sketch.hashes_of(sketch.pack()).tolist()) == sketch.hashes


def test_packed_size_and_version() -> None:
    """An ordinary article packs into 600 bytes, the longest into a few more than 1,200; other versions are refused."""
    packed = sketched("a", prose(3, 600), outlet="ouest-depeches", language="fr").pack()
    assert len(packed) <= 600
    assert len(sketched("a", prose(3, 60_000)).pack()) <= 1_600
    with pytest.raises(ValueError, match="version 9"):
        Sketch.unpack("a", b"\x09" + packed[1:])


def partition(assignments: Sequence[StoryAssignment]) -> set[frozenset[str]]:
    """The stories as sets of article ids."""
    stories: dict[str, set[str]] = {}
    for assignment in assignments:
        stories.setdefault(assignment.story_id, set()).add(assignment.article_id)
    return {frozenset(members) for members in stories.values()}


def small_world() -> list[Sketch]:
    """Four stories, each carried five times by copies that all resemble its original, in an order of publication."""
    found = []
    for n in range(4):
        text = prose(600 + n)
        copies = (
            text,
            text + "\n" + first_words(prose(700 + n), 60),
            first_words(text, 250),
            "\n".join(text.split("\n")[::-1]),
            misspelt(text, 0.02),
        )
        found += [
            sketched(f"{n}-{place}", copy, place, published=f"2026-11-10T{place:02d}:{n:02d}:00Z", outlet=f"o{place}")
            for place, copy in enumerate(copies)
        ]
    return found


WORLD = small_world()


@given(order=st.permutations(range(len(WORLD))))
@settings(max_examples=40, deadline=None)
def test_the_order_inside_a_window_does_not_matter(order: list[int]) -> None:
    """A window gives the same assignments, field by field, however its articles arrive."""
    assert assign_stories([WORLD[n] for n in order], StoryHorizon()) == assign_stories(WORLD, StoryHorizon())


@given(order=st.permutations(range(len(WORLD))), cuts=st.sets(st.integers(1, len(WORLD) - 1), max_size=6))
@settings(max_examples=40, deadline=None)
def test_splits_and_orders_give_the_same_stories(order: list[int], cuts: set[int]) -> None:
    """In whatever order and windows the articles arrive, and after a restart, the partition is the same."""
    horizon = StoryHorizon()
    known: list[tuple[Sketch, str]] = []
    assignments: list[StoryAssignment] = []
    bounds = [0, *sorted(cuts), len(order)]
    for start, end in itertools.pairwise(bounds):
        window = [WORLD[n] for n in order[start:end]]
        found = assign_stories(window, horizon)
        stories = {a.article_id: a.story_id for a in found}
        assignments += found
        known += [(sketch, stories[sketch.article_id]) for sketch in window]
        horizon = StoryHorizon()  # a restart reads the committed state back in the order of ids
        for sketch, story_id in sorted(known, key=lambda pair: pair[0].article_id):
            horizon.add(Sketch.unpack(sketch.article_id, sketch.pack()), story_id)
    assert partition(assignments) == partition(assign_stories(WORLD, StoryHorizon()))
    assert {len(members) for members in partition(assignments)} == {5}


def test_two_copies_of_one_moment_have_one_original() -> None:
    """Of copies seen in one window at one time exactly one is the original, the lowest id."""
    window = [sketched(name, BASE) for name in ("c", "a", "b")]
    found = assign_stories(window, StoryHorizon())
    assert [(a.article_id, a.relation, a.story_id) for a in found] == [
        ("a", "original", "a"), ("b", "exact", "a"), ("c", "exact", "a"),
    ]  # fmt: skip


def test_assigning_changes_nothing_in_the_horizon() -> None:
    """``assign_stories`` is pure: asked twice, it answers the same, and the horizon is as long as before."""
    horizon = told(sketched("a", BASE))
    window = [sketched("b", BASE + " " + prose(8), 1), sketched("c", prose(8), 2)]
    first = assign_stories(window, horizon)
    assert (assign_stories(window, horizon), len(horizon)) == (first, 1)


def test_a_later_publication_seen_first_keeps_its_story() -> None:
    """Across windows the first seen member stays the story's id, though another was published before it."""
    horizon = told(sketched("seen-first", BASE, 9, published="2026-11-10T09:00:00Z"))
    found = assign_stories([sketched("published-first", BASE, 12, published="2026-11-10T07:00:00Z")], horizon)
    assert found[0].story_id == "seen-first"


def test_expired_stories_are_forgotten_and_living_ones_kept() -> None:
    """A story is forgotten when its last member is older than the horizon, and its versions stay until then."""
    horizon = told(sketched("old", prose(40), 1), sketched("running", BASE, 1))
    horizon.add(sketched("copy", BASE + "\nAvec agences", 9), "running")
    horizon.expire("2026-11-10T05:00:00Z")
    assert len(horizon) == 1
    assert assign_story(sketched("x", prose(40), 10), horizon).story_id == "x"
    assert assign_story(sketched("y", BASE, 10), horizon).story_id == "running"


def test_a_revision_replaces_the_text_of_its_article() -> None:
    """After a revision copies are compared with the new text, and the article counts once."""
    horizon = told(sketched("a", BASE))
    horizon.add(sketched("a", prose(60), 3), "a")
    assert len(horizon) == 1
    assert assign_story(sketched("x", prose(60), 4), horizon).story_id == "a"
    assert assign_story(sketched("y", BASE, 4), horizon).story_id == "y"


def test_the_index_finds_stories_in_old_and_new_segments() -> None:
    """Among thousands of stories, in packed segments and in the newest part, the right one is found."""
    rng = random.Random(3)
    horizon = told(sketched("first", prose(41)))
    model = sketched("m", prose(42))
    for n in range(5000):
        hashes = tuple(sorted(rng.sample(range(0, 1 << 32, 8), 40)))
        other = dataclasses.replace(model, article_id=f"{n}", text_hash=n, shift=3, hashes=hashes, places=bytes(40))
        horizon.add(other, f"{n}")
    horizon.add(sketched("last", BASE), "last")
    assert assign_story(sketched("x", prose(41) + "\nAvec agences", 1), horizon).story_id == "first"
    assert assign_story(sketched("y", BASE + "\nAvec agences", 1), horizon).story_id == "last"


def test_texts_without_words_are_stories_of_their_own() -> None:
    """Empty texts are never copies of each other."""
    found = assign_stories([sketched("a", ""), sketched("b", "…!"), sketched("c", "")], StoryHorizon())
    assert [a.relation for a in found] == ["original"] * 3


ENTRY = Entry(entry_id="e", feed_id="f", article_id="x", url="u", canonical_url="u", first_seen="2026-11-10T09:00:00Z")


@pytest.mark.parametrize(
    ("published", "precision", "kept"),
    [
        ("2026-11-10T08:00:00Z", "second", True),
        ("2026-11-10T00:00:00Z", "day", False),
        ("2026-11-12T08:00:00Z", "second", False),
        ("1970-01-01T00:00:00Z", "second", False),
        (None, "none", False),
    ],
)
def test_only_plausible_times_of_publication_order_stories(published: str, precision: str, kept: bool) -> None:
    """A day, a time to come or one older than a month is not trusted; the article is then ordered as seen."""
    article = Article(
        article_id="x", entries=(ENTRY,), url="u", canonical_url="u", title="t", text=BASE, outlet="o",
        published=published, published_precision=precision, fetched="2026-11-10T10:00:00Z",
    )  # fmt: skip
    sketch = sketch_article(article)
    assert (sketch.published, sketch.seen) == (published if kept else None, "2026-11-10T09:00:00Z")


@pytest.mark.parametrize("workers", [0, 2])
def test_the_step_packs_a_sketch_into_every_article(workers: int) -> None:
    """SketchArticles adds the packed sketch of the text and changes nothing else, in processes or here."""
    article = Article(article_id="x", entries=(ENTRY,), url="u", canonical_url="u", title="t", text=BASE, outlet="o")

    def is_sketched(found: list[CodedArticle]) -> None:
        assert [c.article for c in found] == [article]
        assert Sketch.unpack("x", found[0].sketch) == sketch_article(article)

    with beam.Pipeline("FnApiRunner") as pipeline:
        assert_that(pipeline | beam.Create([CodedArticle(article=article)]) | SketchArticles(workers), is_sketched)


def test_a_sketch_whose_process_died_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed, or too slow, costs no article its sketch: what killed it was not the sketching."""
    article = Article(article_id="x", entries=(ENTRY,), url="u", canonical_url="u", title="t", text=BASE, outlet="o")
    pool = WorkerPool(1)
    monkeypatch.setattr(WorkerPool, "shared", lambda _: pool)
    monkeypatch.setattr(find_duplicates, "pack_article", die)
    try:
        waiting = find_duplicates._SketchFn(1).begin(CodedArticle(article=article))
        monkeypatch.undo()
        assert Sketch.unpack("x", waiting().sketch) == sketch_article(article)
    finally:
        pool.close()


def die(_: Article) -> bytes:
    """The process is gone."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def test_filter_answers_every_line() -> None:
    """Every line has one answer in order: a story, or a reject with its reason; no line stops the rest."""
    lines = [
        {"article_id": "a", "text": BASE, "published": "2026-11-10T08:00:00+01:00"},
        {"article_id": "b", "text": BASE + "\nAvec agences", "url": None, "outlet": 7, "published": "gestern"},
        {"article_id": "c"},
        {"text": "x"},
        "not an object",
        {"article_id": "a", "text": "again"},
        {"article_id": "d", "text": " ... "},
        {"article_id": "e", "text": prose(70)},
    ]
    answers = list(dedupe_records(lines))
    assert answers[0] == {
        "article_id": "a", "duplicate_of": None, "story_id": "a", "similarity": 1.0, "relation": "original",
    }  # fmt: skip
    assert (answers[1]["duplicate_of"], answers[1]["relation"]) == ("a", "copy")
    assert [a.get("reject", {}).get("reason") for a in answers] == [
        None, None, "BAD_INPUT", "BAD_INPUT", "BAD_INPUT", "BAD_INPUT", "EMPTY_TEXT", None,
    ]  # fmt: skip
    assert [a["article_id"] for a in answers] == ["a", "b", "c", None, None, "a", "d", "e"]


def test_filter_explains() -> None:
    """With ``explain`` an answer says what was shared with whom and which guard decided."""
    lines = [{"article_id": "a", "text": edition(1)}, {"article_id": "b", "text": edition(2)}]
    explained = list(dedupe_records(lines, explain=True))[1]["explain"]
    assert (explained["compared_with"], explained["guard"]) == ("a", "template")
    assert explained["shared_shingles"] > 10
    assert 0.4 < explained["containment_of_this"] < 0.8


def test_filter_shows_the_shared_words() -> None:
    """The passages an explanation names stand in both texts, and what only one of them says is in none."""
    own = "les riverains de la gare ont vu passer neuf camions bleus avant la nuit de lundi a mardi"
    lines = [{"article_id": "a", "text": BASE}, {"article_id": "b", "text": f"{own}\n{first_words(BASE, 200)}"}]
    passages = list(dedupe_records(lines, explain=True))[1]["explain"]["shared_passages"]
    tokens = " ".join(re.findall(r"[^\W_]+", fold(BASE)))
    assert len(passages) > 3
    assert all(passage in tokens for passage in passages)
    assert not any("camions bleus" in passage for passage in passages)


def test_many_sketches_at_once_are_found_like_one_by_one():
    """What a restart reads back answers as what was added as it came, revisions and copies included."""
    texts = [prose(seed) for seed in range(40)]
    read = [(sketched(f"a{n}", text), f"a{n}") for n, text in enumerate(texts)]
    read += [(sketched(f"b{n}", text + " Fin."), f"a{n}") for n, text in enumerate(texts[:10])]
    read += [(sketched("a3", prose(99)), "a3")]
    one_by_one, at_once = StoryHorizon(), StoryHorizon()
    for sketch, story_id in read:
        one_by_one.add(sketch, story_id)
    at_once.add_all((sketch, story_id, sketch.pack()) for sketch, story_id in read)
    assert len(at_once) == len(one_by_one) == 50
    for sketch, _ in read:
        found = [
            {
                h: sorted(v.article_id for v in versions)
                for h, versions in horizon.carriers(sketch.hashes).items()
                if versions
            }
            for horizon in (one_by_one, at_once)
        ]
        assert found[0] == found[1]
    later = sketched("c", texts[0] + " Encore.")
    for horizon in (one_by_one, at_once):
        horizon.add(later, "a0")
        assert any(v.article_id == "a0" for versions in horizon.carriers(later.hashes).values() for v in versions)
