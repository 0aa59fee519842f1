"""The arithmetic of the benchmarks: what is counted, what it is compared with, and that quality cannot be traded unseen."""

import datetime as dt
import gzip
import random
import statistics

import lxml.html
import orjson
import pytest

from tests import soak, soak_world
from tests.benchmarks import figures, furniture, reports
from tests.benchmarks.figures import Figure
from tests.benchmarks.world import generated_articles, page_files, write_world
from tests.fixtures import stories
from transforms.datasets import current_rows
from transforms.store import open_store


def figure(*values, bar=1.2, at_least=False, name="cost"):
    """A figure of these rounds."""
    return Figure(name=name, values=values, unit="", bar=bar, at_least=at_least)


@pytest.mark.parametrize(
    ("values", "bar", "at_least", "median", "met"),
    [
        ((1.0, 9.0, 1.1), 1.2, False, 1.1, True),
        ((1.0, 9.0, 1.3), 1.2, False, 1.3, False),
        ((1.2,), 1.2, False, 1.2, True),
        ((90.0, 120.0), 100.0, True, 105.0, True),
        ((90.0, 99.0, 500.0), 100.0, True, 99.0, False),
    ],
)
def test_the_median_is_held_against_the_bar(values, bar, at_least, median, met):
    """One slow round misses no bar, and one quick round meets none."""
    found = figure(*values, bar=bar, at_least=at_least)
    assert (found.median, found.met) == (median, met)


def test_start_up_is_taken_off_before_articles_share_the_rest():
    """A pass of 30 s over 120 articles beside one of 5 s over 20 says that an article costs a quarter of a second."""
    assert figures.per_article((30.0, 120), (5.0, 20)) == 0.25


def test_parts_and_the_rest_make_up_the_whole():
    """What the steps do not account for is shown as the rest; a part of a part is not taken off twice."""
    found = figures.shared_out(30.0, {"extract": 12.0, "of which the language": 2.0, "tag": 8.0})
    assert found[figures.REST] == 10.0
    assert found[figures.WHOLE] == 30.0 == found["extract"] + found["tag"] + found[figures.REST]


def test_bytes_of_records_are_those_of_four_tables_against_texts_compressed_one_by_one(demo_records):
    """The manifest's bytes are the files' own, and the yardstick has no window over several texts."""
    output, _ = demo_records
    stored, alone = figures.record_bytes(str(output))
    tables = ("articles", "texts", "stories", "events")
    assert stored == sum(p.stat().st_size for table in tables for p in (output / table).rglob("*.jsonl.gz"))
    texts = [row["text"].encode() for row in current_rows(open_store(str(output)), "texts").values()]
    assert alone == sum(len(gzip.compress(text)) for text in texts)
    assert stored < 1.5 * alone


def test_reports_of_two_commits_are_compared():
    """A change within the noise is none; the direction that is good depends on the figure; what is missing is shown."""
    before = reports.as_json(
        [figure(1.0), figure(100.0, name="rate", at_least=True), figure(3.0, name="gone")], {"F1": 0.9, "ARI": 0.8}
    )
    after = reports.as_json(
        [figure(1.05), figure(150.0, name="rate", at_least=True), figure(2.0, name="new")], {"F1": 0.899, "ARI": 0.81}
    )
    found = {one.name: (one.before, one.after, one.verdict) for one in reports.compare(before, after)}
    assert found == {
        "cost": (1.0, 1.05, ""),
        "rate": (100.0, 150.0, "better"),
        "new": (None, 2.0, ""),
        "gone": (3.0, None, ""),
        "F1": (0.9, 0.899, "worse"),
        "ARI": (0.8, 0.81, "better"),
    }
    assert reports.traded(before, after) == ["F1"]


def test_the_generated_world_is_the_same_each_time_and_a_quarter_of_it_are_copies():
    """One seed tells the same articles, another tells others; a copy has its original's first paragraphs."""
    outlets = {name: one for name, one in stories.load_outlets().items() if one.feed != "html-page"}
    told, _ = stories.load_stories(stories.load_outlets())
    first, again, other = (generated_articles(outlets, told, 200, random.Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
    openings = [article.paragraphs[0] for found in first.values() for article in found]
    assert len(openings) == 200
    assert 0.15 <= 1 - len(set(openings)) / 200 <= 0.35


@pytest.mark.parametrize(
    ("resident", "grown", "level"), [([9, 5, 5, 5], 1.0, True), ([4, 5, 5, 5, 5, 5, 5], 1.0, True)]
)
def test_a_soak_compares_its_two_halves(resident, grown, level):
    """What the process takes at the end is held against what it took at half time, not at the start."""
    assert soak.levels_off([sample(value) for value in resident]) == (grown, level)


def test_a_soak_that_grows_to_its_end_is_found_out():
    """A leak of a steady rate has the second half as large as the first."""
    grown, level = soak.levels_off([sample(100 + n) for n in range(144)])
    assert 1.3 < grown < 1.5
    assert not level


def test_a_soak_looks_at_the_workers_too():
    """Workers that grow are found out beside a process that does not."""
    grown, level = soak.levels_off([sample(100, workers=100 + n) for n in range(144)])
    assert 1.3 < grown < 1.5
    assert not level


def test_a_soak_tells_bytes_an_article_of_its_second_half():
    """What the first half took does not count."""
    samples = [sample(9_000 if n < 5 else 10_000 + 70 * n, articles=2 * n) for n in range(10)]
    assert soak.bytes_an_article(samples) == pytest.approx(35)


def sample(resident, *, workers=0, articles=0):
    """What a soak saw after a pass, of which only the sizes matter."""
    return soak.Sample(
        hour=0, published=0, articles=articles, rejects=0, waiting=0, resident=resident, workers=workers, files=0,
        threads=0, state=0, wall=0,
    )  # fmt: skip


def test_the_day_of_a_soak_is_whole_and_has_a_past():
    """All its articles come out within it, evenly, and each feed tells of a past when it begins."""
    day = soak_world.Day(2400, hours=12)
    start, end = soak_world.START, soak_world.START + dt.timedelta(hours=12)
    before = day.published(start)
    assert 0.8 <= before / (soak_world.FEEDS * soak_world.LISTED) <= 1
    assert day.published(end) - before == 1200
    assert day.published(start + dt.timedelta(hours=6)) - before == 600
    assert all(times[0] <= start for times in day._times.values())
    host = day.outlets[0].host
    path = soak_world.HABITS[day.outlets[0].id].feed
    shown = next(answer for _ in range(9) if (answer := day.answer(host, path, start)).name == "feed")
    listed = min(soak_world.LISTED, sum(one.published <= start for one in day.articles[host]))
    assert shown.body.count(b"<item>") + shown.body.count(b"<entry>") == listed


def test_generated_pages_weigh_what_real_ones_do(tmp_path):
    """Elements and bytes of the generated pages lie around the measured middles, and their articles are whole and alone."""
    write_world(tmp_path / "real", 120)
    write_world(tmp_path / "light", 120, light=True)
    real, light = (page_files(tmp_path / name) for name in ("real", "light"))
    elements = [sum(1 for _ in lxml.html.fromstring(path.read_bytes()).iter()) for path in real]
    sizes = [path.stat().st_size for path in real]
    assert statistics.median(elements) == pytest.approx(furniture.ELEMENTS[0], rel=0.2)
    assert statistics.median(sizes) == pytest.approx(furniture.BYTES[0], rel=0.2)
    assert min(elements) < 0.6 * statistics.median(elements)
    assert max(elements) > 1.5 * statistics.median(elements)
    for dressed, bare in zip(real, light, strict=True):
        assert [p.text_content() for p in lxml.html.fromstring(bare.read_bytes()).iter("p", "h1")] == [
            p.text_content() for p in lxml.html.fromstring(dressed.read_bytes()).iter("p", "h1")
        ]


def test_extraction_is_timed_beside_the_bare_loop_or_says_why_not(tmp_path, capsys):
    """A ratio a round over the pages that are there; without pages none, and the reason."""
    assert figures.extraction_cost(tmp_path, 2) == []
    assert str(tmp_path) in capsys.readouterr().out
    folder = tmp_path / "extraction"
    (folder / "html").mkdir(parents=True)
    (folder / "ground-truth.json").write_text(
        orjson.dumps({"one": {"url": "https://le-soir.example/pont", "articleBody": ""}}).decode()
    )
    paragraph = "Le pont de Téra a été rouvert mardi matin, après deux semaines de travaux sur la rive. " * 5
    (folder / "html/one.html.gz").write_bytes(
        gzip.compress(f"<html><body><article><p>{paragraph}</p></article></body></html>".encode())
    )
    (found,) = figures.extraction_cost(tmp_path, 2)
    assert len(found.values) == 2
    assert all(value > 0 for value in found.values)
