"""TagEvents: every article comes out coded or as a failure, in its order, whatever it does to the rules."""

import itertools
import os
import signal
import time

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that
from apache_beam.testing.util import equal_to as equals

from pipeline.world.server import WorldServer
from tests.conftest import run_main
from tests.test_replay import ACCRA, FEEDS, catalogue, run_pass
from transforms import archive, tag_events
from transforms.pool import WorkerPool
from transforms.records import Article, CodedArticle, Failure
from transforms.tag_events import TagEvents
from transforms.tagging.pool import TaggingPool, tag_text
from transforms.tagging.tagger import Taggable, Tagging

ATTACK = "Des hommes armés ont tué douze civils mardi à Téra, a annoncé le gouverneur de Tillabéri."


def article(title="Une attaque", *, language="fr", number=0) -> Article:
    """An article about an attack; its title says what tagging it comes to."""
    return Article(
        article_id=f"{number:032d}", entries=(), url=f"https://a.example/{number}", canonical_url="", title=title,
        text=ATTACK, published="2026-11-20T06:00:00Z", fetched="2026-11-20T06:00:00Z", language=language, country="NE",
        raw_ref=f"ref{number}",
    )  # fmt: skip


def misbehave(taggable: Taggable) -> Tagging:
    """Tagging that hangs, dies or fails as the title says."""
    if "hang" in taggable.title:
        time.sleep(60)
    if "die" in taggable.title:
        os.kill(os.getpid(), signal.SIGKILL)
    if "raise" in taggable.title:
        raise ValueError("a bug")
    return tag_text(taggable)


def hang(taggable: Taggable) -> Tagging:
    """Tagging that never ends for what is published in Ghana."""
    return misbehave(Taggable(article_id="", text="", title="hang")) if taggable.country == "GH" else tag_text(taggable)


@pytest.fixture
def workers():
    """Two processes of the test's own."""
    pool = WorkerPool(2)
    yield pool
    pool.close()


def test_pool_loses_no_article(workers: WorkerPool) -> None:
    """Tagging that hangs, dies or raises is a failure of its article with its bytes; those beside it are tagged."""
    pool = TaggingPool(workers, timeout=5.0, tag=misbehave)
    titles = ["ok", "hang", "die", "ok", "raise", "ok"]
    waiting = [pool.submit(article(title, number=n)) for n, title in enumerate(titles)]
    results = [wait() for wait in waiting]
    expected = {"hang": "TAG_TIMEOUT", "die": "TAG_CRASH", "raise": "TAG_CRASH"}
    assert [r.reason if isinstance(r, Failure) else None for r in results] == [expected.get(title) for title in titles]
    for number, result in enumerate(results):
        if isinstance(result, Failure):
            assert (result.stage, result.raw_ref) == ("tag", f"ref{number}")
        else:
            assert result.article == article(titles[number], number=number)
            assert any(event.event_type == "CIV.ATTACK" for event in result.events)


@pytest.mark.parametrize("processes", [0, 2])
def test_step(processes: int) -> None:
    """Articles come out at their own times and in their own windows, tagged in processes or here."""
    articles = [article(language=language, number=n) for n, language in zip(range(12), itertools.cycle(("fr", "sw")))]
    with TestPipeline() as pipeline:
        tagged = (
            pipeline
            | beam.Create([articles])
            | beam.FlatMap(lambda some: [beam.window.TimestampedValue(one, 60 * n) for n, one in enumerate(some)])
            | beam.WindowInto(beam.window.FixedWindows(60))
            | TagEvents(processes)
        )
        told = tagged.coded | "Shown" >> beam.Map(show)
        expected = [(n, n % 2 == 0, 60.0 * n, 60.0 * n + 60) for n in range(len(articles))]
        assert_that(told, equals(expected), label="coded")
        assert_that(tagged.failures, equals([]), label="failures")


def show(found: CodedArticle, timestamp=beam.DoFn.TimestampParam, window=beam.DoFn.WindowParam):
    """The article's number, whether it tells of an attack, and its time and the end of its window in seconds."""
    attacked = any(event.event_type == "CIV.ATTACK" for event in found.events)
    return int(found.article.article_id), attacked, float(timestamp), float(window.end)


def test_order_of_elements_is_kept(workers: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An article that takes long is given out before those that came after it, and no more are under way than is said."""
    monkeypatch.setattr(TaggingPool, "shared", lambda _: TaggingPool(workers, tag=slow_first))
    step = tag_events._TagEventsFn(1)
    given = [list(step.process(article(number=n), "w", n)) for n in range(5)]
    rest = list(step.finish_bundle())
    assert [len(some) for some in given] == [0, 0, 1, 1, 1]
    values = [*itertools.chain(*given), *rest]
    assert [int(value.value.article.article_id) for value in values] == list(range(5))
    assert list(step.finish_bundle()) == []


def slow_first(taggable: Taggable) -> Tagging:
    """The first article takes longer than the others together."""
    time.sleep(1.0 if int(taggable.article_id) == 0 else 0.0)
    return tag_text(taggable)


def test_a_tagger_that_hangs_quarantines_the_page(
    workers: WorkerPool, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    """The window is committed with the other articles; the page is listed as TAG_TIMEOUT with its bytes."""
    monkeypatch.setattr(tag_events.TaggingPool, "shared", lambda _: TaggingPool(workers, timeout=2.0, tag=hang))
    feeds, output = catalogue(tmp_path, FEEDS), tmp_path / "out"
    with WorldServer() as server:
        summary = run_pass(server, feeds, output, "2026-11-20T06:00:00Z")
    refused = summary["rejects"]["TAG_TIMEOUT"]
    assert refused > 0
    assert summary["articles"]["new"] > 0
    ran = run_main("quarantine", "ls", "--output", str(output), "--json", "--reason", "TAG_TIMEOUT")
    lines = [orjson.loads(line) for line in ran.out.splitlines()]
    assert len(lines) == refused
    for line in lines:
        name, _, span = line["bytes"].partition("@")
        offset, length = map(int, span.split("+"))
        body = archive.read_body((output / name).read_bytes()[offset : offset + length])
        assert (ACCRA in line["url"], b"</html>" in body) == (True, True)
    assert run_main("verify", "--output", str(output)).status == 0
