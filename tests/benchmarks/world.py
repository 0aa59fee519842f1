"""A generated world of any number of pages, in the fixture world's templates and vocabulary.

Texts are sentences of the fixture stories with a third of their words exchanged for others of the same language, so
that parsing, tagging and sketching meet ordinary prose, while two texts share no more than chance. A quarter of the
pages are copies of earlier ones, as agencies' texts are carried. Around each page stands the rest of its site, in the
weight of real pages (``furniture``); a ``light`` world has the templates alone. The same seed writes the same bytes.
"""

import dataclasses
import datetime as dt
import json
import pathlib
import random
import re
from collections import defaultdict
from typing import Any

import yaml

from tests.benchmarks.furniture import Furniture
from tests.fixtures import build, dates, feeds, pages, stories
from tests.fixtures.edits import Article
from tests.fixtures.habits import HABITS, path_of
from tests.fixtures.stories import Outlet, Story

SITES = sum(outlet.feed != "html-page" for outlet in stories.load_outlets().values())
"""Outlets with a feed: a world of so many pages has one of each."""
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
COPIES = 0.25
EXCHANGED = 0.35
"""Share of the words that are exchanged: a 5-word shingle of a sentence stays whole in one of nine uses."""
SENTENCES = (14, 40)
NEIGHBOURS = 8
"""Articles of the same outlet that a page links to."""
SHOWN = 60
"""Articles of the same outlet of which its pages show teasers."""
_SENTENCE = re.compile(r"(?<=[.!?؟])\s+")
_WORD = re.compile(r"[^\W\d_]{4,}")


def write_world(folder: pathlib.Path, number: int, *, seed: int = 1, light: bool = False) -> pathlib.Path:
    """Write a world of so many pages that ``WorldServer(folder=...)`` serves; gives the catalogue's path."""
    outlets = {name: outlet for name, outlet in stories.load_outlets().items() if outlet.feed != "html-page"}
    told, _ = stories.load_stories(stories.load_outlets())
    articles = generated_articles(outlets, told, number, random.Random(seed))
    responses: list[dict[str, Any]] = []
    listed, catalogue = [], []
    for name, outlet in outlets.items():
        newest_first = sorted(articles[name], key=lambda article: article.number, reverse=True)
        if not newest_first:
            continue
        habit = HABITS[name]
        modified = dates.rfc822(newest_first[0].published, "GMT")
        _add(
            folder, responses, outlet, habit.feed, "feed.xml", habit.feed_type, modified, feeds.feed_bytes(newest_first)
        )
        _add(folder, responses, outlet, "/robots.txt", "robots.txt", "text/plain", "", b"User-agent: *\nDisallow:\n")
        furniture = Furniture(newest_first[:SHOWN], random.Random(f"{seed}/{name}"))
        for place, article in enumerate(newest_first):
            near = newest_first[max(0, place - NEIGHBOURS // 2) :][: NEIGHBOURS + 1]
            changed = dates.rfc822(article.published, "GMT")
            file = f"{article.number}.html"
            body = pages.page_bytes(article, near)
            body = body if light else furniture.around(body, article.published)
            _add(folder, responses, outlet, path_of(article), file, habit.page_type, changed, body)
        feed_id = f"{name}-feed"
        listed.append({"id": feed_id, "outlet": name, "host": outlet.host, "path": habit.feed})
        catalogue.append(build._catalogue_entry(outlet, feed_id))
    written = [article.paragraphs[0] for found in articles.values() for article in found]
    copies = len(written) - len(set(written))
    world = {"now": NOW.isoformat(), "feeds": listed, "responses": responses, "copies": copies}
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
    path = folder / "feeds.yaml"
    path.write_text(yaml.safe_dump({"feeds": catalogue}, allow_unicode=True), encoding="utf-8")
    return path


def page_files(folder: pathlib.Path) -> list[pathlib.Path]:
    """The pages of a written world, feeds and robots left out."""
    return sorted(path for path in (folder / "sites").rglob("*.html"))


def _add(
    folder: pathlib.Path, responses: list[dict[str, Any]], outlet: Outlet, path: str, file: str, kind: str,
    modified: str, body: bytes,
) -> None:  # fmt: skip
    name = f"sites/{outlet.host}/{file}"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(body)
    responses.append(build._response(outlet, path, name, kind, modified))


def generated_articles(
    outlets: dict[str, Outlet], told: list[Story], number: int, rng: random.Random
) -> dict[str, list[Article]]:
    """Outlet -> its articles; publication times fall within the week before ``NOW``."""
    by_language: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, list[Story]] = defaultdict(list)
    for story in told:
        by_language[story.language] += [s for text in story.paragraphs for s in _SENTENCE.split(text) if s]
        titles[story.language].append(story)
    words = {
        language: sorted({word for sentence in found for word in _WORD.findall(sentence)})
        for language, found in by_language.items()
    }
    names = sorted(outlets)
    found: dict[str, list[Article]] = {name: [] for name in outlets}
    originals: dict[str, list[Article]] = defaultdict(list)
    for n in range(number):
        outlet = outlets[names[n % len(names)]]
        language = outlet.language
        published = NOW - dt.timedelta(seconds=(number - n) * 7 * 86400 / number)
        if originals[language] and rng.random() < COPIES:
            base = rng.choice(originals[language])
            kept = base.paragraphs[: rng.choice((len(base.paragraphs), max(2, len(base.paragraphs) // 2)))]
        else:
            base = _fresh(outlet, by_language[language], words[language], titles[language], rng)
            kept = base.paragraphs
            originals[language].append(base)
        copy = dataclasses.replace(
            base, outlet=outlet, number=100_000 + n, slug=f"{base.slug}-{n}", published=published, paragraphs=kept
        )
        found[outlet.id].append(copy)
    return found


def _fresh(outlet: Outlet, sentences: list[str], words: list[str], told: list[Story], rng: random.Random) -> Article:
    story = rng.choice(told)
    chosen = [_varied(rng.choice(sentences), words, rng) for _ in range(rng.randint(*SENTENCES))]
    paragraphs, at = [], 0
    while at < len(chosen):
        size = rng.randint(1, 4)
        paragraphs.append(" ".join(chosen[at : at + size]))
        at += size
    return Article(
        outlet=outlet, story=story, relation="original", number=0, slug=story.slug, title=_varied(story.title, words, rng),
        paragraphs=tuple(paragraphs), dateline="", authors=(), byline="", published=NOW, wire_agency=None,
        tags=story.tags, events=(),
    )  # fmt: skip


def _varied(text: str, words: list[str], rng: random.Random) -> str:
    """The text with some of its words and all its figures exchanged."""
    other = _WORD.sub(lambda m: rng.choice(words) if rng.random() < EXCHANGED else m.group(), text)
    return re.sub(r"(?<!\d)\d{2,3}(?!\d)", lambda _: str(rng.randint(10, 999)), other)
