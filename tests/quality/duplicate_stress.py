"""Duplicates under stress: ``python -m tests.quality.duplicate_stress [--documents N] [--copies N]``.

Three measurements, printed as one table: a hot story (one agency text carried by many outlets within an hour, against a
filled horizon), a large horizon (memory and time of a look-up), and what the whole step adds to an article on
DirectRunner (the same articles through a pipeline with and without it, in turn).
"""

import argparse
import dataclasses
import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence

import apache_beam as beam
import psutil
from apache_beam.options.pipeline_options import PipelineOptions

from tests.quality.duplicates import cut, drop, misspell, reorder, sketch, world_texts
from transforms.find_duplicates import SketchArticles, assign_stories, assign_story
from transforms.records import Article, CodedArticle, Entry
from transforms.sketches import Sketch
from transforms.story_horizon import StoryHorizon

EDITS = (cut(0.5), cut(0.25), misspell(0.05), drop(0.2), reorder)
HASHES = 62
"""Kept shingles of a 500-word article."""


def unlike(model: Sketch, number: int, rng: random.Random) -> Sketch:
    """A document that shares nothing but chance with any other, of ordinary size."""
    hashes = tuple(sorted(rng.randrange(1 << 29) << 3 for _ in range(HASHES)))
    return dataclasses.replace(
        model, article_id=f"{number:032x}", text_hash=number, shift=3, hashes=hashes, places=bytes(HASHES)
    )


def filled(documents: int) -> tuple[StoryHorizon, float, float]:
    """A horizon of so many distinct documents, the microseconds and the bytes of resident memory each took."""
    rng = random.Random(1)
    model = sketch(world_texts()[0][0])
    gc.collect()
    before, started = psutil.Process().memory_info().rss, time.process_time()
    horizon = StoryHorizon()
    for number in range(documents):
        horizon.add(unlike(model, number, rng), f"{number:032x}")
    seconds = time.process_time() - started
    gc.collect()
    return horizon, seconds / documents * 1e6, (psutil.Process().memory_info().rss - before) / documents


def copies_of_one_story(number: int) -> list[Sketch]:
    """One text and its edited copies in as many outlets, seen within an hour."""
    rng = random.Random(2)
    texts = [text for text, golden in world_texts() if golden["language"] == "en"]
    base, other = max(texts, key=lambda text: len(text.body)), min(texts, key=lambda text: len(text.body))
    story, local = base.body.split("\n"), other.body.split("\n")
    found = []
    for n in range(number):
        body = story if n == 0 else EDITS[n % len(EDITS)](rng, story, local)
        copy = dataclasses.replace(
            base, id=f"hot-{n:04d}", body="\n".join(body), outlet=f"o{n}", url="", published=None
        )
        second = n * 3600 // number
        found.append(sketch(copy, seen=f"2026-11-20T08:{second // 60:02d}:{second % 60:02d}Z"))
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def milliseconds(work: Callable[[], object]) -> float:
    """CPU of one call."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e3


def measure_step(rounds: int = 5) -> tuple[float, float]:
    """Milliseconds of CPU that sketching and assigning add to an article on DirectRunner: median, spread."""
    coded = [
        CodedArticle(
            article=Article(
                article_id=f"{n:032x}", entries=(Entry(entry_id="", feed_id="", article_id="", url="", canonical_url=""),),
                url="", canonical_url="", title="", text=text.body, language=text.language,
                fetched="2026-11-20T08:00:00Z",
            )
        )
        for n, (text, _) in enumerate(world_texts() * 4)
    ]  # fmt: skip

    def run(*, whole: bool) -> float:
        started = time.process_time()
        with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as pipeline:
            articles = pipeline | beam.Create(coded)
            if whole:
                articles = articles | SketchArticles(0)
            articles | beam.WithKeys("dataset") | beam.GroupByKey() | beam.Map(_assign if whole else len)
        return time.process_time() - started

    run(whole=True)
    added = [(run(whole=True) - run(whole=False)) / len(coded) * 1e3 for _ in range(rounds)]
    return statistics.median(added), max(added) - min(added)


def _assign(keyed: "tuple[str, Sequence[CodedArticle]]") -> int:
    found = [Sketch.unpack(one.article.article_id, one.sketch) for one in keyed[1]]
    return len(assign_stories(found, StoryHorizon()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500_000, help="distinct documents in the large horizon")
    parser.add_argument("--copies", type=int, default=500, help="copies of the hot story")
    options = parser.parse_args()

    horizon, microseconds, memory = filled(options.documents)
    print(f"horizon of {options.documents:,} distinct documents: {microseconds:.0f} us CPU to add one, ", end="")
    print(f"{memory:,.0f} bytes resident each, {memory * options.documents / 1e9:.2f} GB in all")
    probes = [sketch(text) for text, _ in world_texts()]
    times = [milliseconds(lambda one=one: assign_story(one, horizon)) for one in probes]
    print(
        f"look-up of a new article: median {statistics.median(times):.2f} ms, p95 {percentile(times, 0.95):.2f} ms CPU"
    )

    hot = copies_of_one_story(options.copies)
    together = milliseconds(lambda: assign_stories(hot, horizon))
    assigned = assign_stories(hot, horizon)
    stories = {assignment.story_id for assignment in assigned}
    print(f"{len(hot)} copies of one story in one window: {together / len(hot):.2f} ms each, {len(stories)} story")
    apart = []
    for one in hot:  # a window each, as when they come over the hour
        apart.append(milliseconds(lambda one=one: assign_stories([one], horizon)))
        horizon.add(one, assign_stories([one], horizon)[0].story_id)
    first, last = statistics.median(apart[:50]), statistics.median(apart[-50:])
    print(f"in windows of their own: first fifty {first:.2f} ms, last fifty {last:.2f} ms each")

    added, spread = measure_step()
    print(f"the whole step on DirectRunner adds {added:.2f} ms CPU an article (spread {spread:.2f}; bar 3)")


if __name__ == "__main__":
    main()
