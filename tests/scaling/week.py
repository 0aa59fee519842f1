"""A synthetic week through the poll, duplicate and commit steps, on a simulated clock.

What is assumed, and can be changed on the command line:

- feeds: 200 for 5,000 articles a day (one for each 25), their rates by Zipf's law (exponent 0.8), each listing its last 30 entries;
- arrivals: Poisson, with a day's swing of 60 % around the mean (high at 15 h UTC, low at 3 h);
- sizes: words log-normal around 420 (sigma 0.5), between 60 and 3,000, from a vocabulary of 20,000 by Zipf's law;
- copies: a quarter of all articles repeat an earlier one of the last 36 hours, whole, cut to a half, or with a lead of their own;
- on the fourth day one agency story is carried 500 times within twelve hours.

Feeds are polled when ``is_due`` says so, every 60 simulated seconds, with the validators that ``poll_request`` sends; the
simulated server answers 304 where they hold. ``read_poll``, ``sketch_text`` and ``commit_window`` are the real ones, the
documents alone are not parsed and the pages not extracted (tests/scaling/costs.py has what that costs).
"""

import dataclasses
import datetime as dt
import math
import pathlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import psutil

from tests.scaling.counting import CountingStore
from transforms.clock import iso
from transforms.commit_windows import commit_window
from transforms.exchanges import Response
from transforms.feed_entries import ParsedFeed
from transforms.find_duplicates import assign_story, sketch_text
from transforms.history import History
from transforms.polls import PollOptions, is_due, poll_request, read_poll
from transforms.records import (
    Article,
    CodedArticle,
    Entry,
    Event,
    Evidence,
    Feed,
    Tick,
    article_id_of,
    event_id_of,
    stable_id,
)
from transforms.sketches import Sketch
from transforms.store import LocalStore
from transforms.story_horizon import StoryHorizon
from transforms.window_plan import Outcome, Versions

START = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)
TICK = 60
WINDOW = 600
LISTED = 30
ARTICLES_A_FEED = 25
"""Articles a day of a feed, in the mean."""
COPIES = 0.25
AGENCY_COPIES = 500
EVENTS = 3
"""Events an article carries here; the fixture world has 6, real news fewer."""
VOCABULARY = 20_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Written:
    """An article as its feed lists it: ``original`` is the number of the one that it repeats, its own otherwise."""

    number: int
    feed: int
    at: float
    words: tuple[int, ...]
    original: int


class News:
    """Everything that is published in the simulated time; ``at`` in seconds from its start."""

    def __init__(self, a_day: int, hours: float, seed: int = 1) -> None:
        self.random, self.numpy = random.Random(seed), np.random.default_rng(seed)
        self.n_feeds = max(1, a_day // ARTICLES_A_FEED)
        shares = 1 / np.arange(1, self.n_feeds + 1) ** 0.8
        self._shares = shares / shares.sum()
        zipf = 1 / np.arange(1, VOCABULARY + 1)
        self._word_weights = np.cumsum(zipf / zipf.sum())
        self.articles: list[Written] = []
        self._by_feed: dict[int, list[Written]] = defaultdict(list)
        times = self._arrivals(a_day, hours)
        wire = set()
        if hours > 3.5 * 24:
            first = next(n for n, at in enumerate(times) if at > 3.25 * 86400)
            within = [n for n, at in enumerate(times) if first < n and at < 3.75 * 86400]
            wire = set(self.random.sample(within, min(AGENCY_COPIES, len(within))))
            self.agency = first
        for number, at in enumerate(times):
            self._write(number, at, wire)
        self._times = {feed: [one.at for one in found] for feed, found in self._by_feed.items()}

    def _arrivals(self, a_day: int, hours: float) -> list[float]:
        times, second = [], 0.0
        peak = a_day / 86400 * 1.6
        while True:
            second += self.random.expovariate(peak)
            if second >= hours * 3600:
                return times
            swing = 1 + 0.6 * math.sin((second / 86400 - 0.375) * 2 * math.pi)
            if self.random.random() < swing / 1.6:
                times.append(second)

    def _write(self, number: int, at: float, wire: set[int]) -> None:
        feed = int(self.numpy.choice(self.n_feeds, p=self._shares))
        words: tuple[int, ...] | None = None
        original = number
        if number in wire:
            original = self.agency
            words = self.copied(self.articles[self.agency].words)
        elif number and self.random.random() < COPIES:
            source = self.articles[self.random.randrange(max(0, number - 10_000), number)]
            if at - source.at < 36 * 3600 and source.feed != feed:
                original, words = source.original, self.copied(self.articles[source.original].words)
        if words is None:
            size = int(min(3000, max(60, self.numpy.lognormal(math.log(420), 0.5))))
            words = tuple(np.searchsorted(self._word_weights, self.numpy.random(size)).tolist())
        one = Written(number=number, feed=feed, at=at, words=words, original=original)
        self.articles.append(one)
        self._by_feed[feed].append(one)

    def copied(self, words: tuple[int, ...]) -> tuple[int, ...]:
        """What another outlet makes of a text: the whole, a half, or the whole behind a lead of its own."""
        how = self.random.random()
        if how < 0.5:
            return words
        if how < 0.75:
            return words[: max(60, len(words) // 2)]
        lead = np.searchsorted(self._word_weights, self.numpy.random(40)).tolist()
        return (*lead, *words)

    def listed(self, feed: int, at: float) -> Sequence[Written]:
        """What a feed shows at a time, newest first."""
        end = int(np.searchsorted(self._times.get(feed, []), at, side="right"))
        return self._by_feed[feed][max(0, end - LISTED) : end][::-1]


@dataclasses.dataclass
class Day:
    """What one simulated day took; seconds are CPU, ``commits`` those of each window."""

    articles: int = 0
    polls: int = 0
    unchanged: int = 0
    poll_seconds: float = 0.0
    sketch_seconds: float = 0.0
    commit_seconds: float = 0.0
    commits: list[float] = dataclasses.field(default_factory=list)
    sizes: list[int] = dataclasses.field(default_factory=list)
    operations: Counter[str] = dataclasses.field(default_factory=Counter)
    written: Counter[str] = dataclasses.field(default_factory=Counter)
    state_bytes: int = 0
    resident: int = 0
    horizon: int = 0
    copies: int = 0
    found: int = 0
    merged: int = 0


class Simulation:
    """The week's clock, the feeds' server and the dataset."""

    def __init__(self, news: News, folder: pathlib.Path, min_interval: float = 300.0) -> None:
        self.news = news
        self.store = CountingStore(LocalStore(folder))
        self.history = History(self.store)
        self.options = PollOptions(min_interval=min_interval)
        self.feeds = [
            Feed(
                id=f"f{n}",
                url=f"https://h{n}.example/feed",
                outlet=f"o{n}",
                publisher_family=f"o{n}",
                ownership="private",
            )
            for n in range(news.n_feeds)
        ]
        self.days: list[Day] = []
        self._story_of: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        self._spelled = [_spelling(n) for n in range(VOCABULARY)]

    def run(self, hours: float, told=None) -> list[Day]:
        """The whole of it, window by window."""
        for window in range(int(hours * 3600 / WINDOW)):
            number = int(window * WINDOW / 86400)
            while len(self.days) <= number:
                self.days.append(Day())
            self._window(window, self.days[number])
            if told and window % 144 == 143:
                told(self)
        return self.days

    def _window(self, window: int, day: Day) -> None:
        outcomes: list[Outcome] = []
        seen: set[str] = set()
        for tick in range(window * WINDOW, (window + 1) * WINDOW, TICK):
            now = START + dt.timedelta(seconds=tick + TICK)
            if tick == window * WINDOW:
                outcomes.append(Tick(at=iso(now), feeds=tuple(self.feeds)))
            outcomes += self._tick(now, day, seen)
        before, written = self.store.operations.copy(), self.store.written.copy()
        end = START + dt.timedelta(seconds=(window + 1) * WINDOW)
        started = time.process_time()
        manifest = commit_window(
            outcomes, self.history, window=(iso(end - dt.timedelta(seconds=WINDOW)), iso(end)), now=end,
            versions=Versions(pipeline="0", rules="r"),
        )  # fmt: skip
        spent = time.process_time() - started
        day.commit_seconds += spent
        day.commits.append(spent)
        day.sizes.append(sum(isinstance(one, CodedArticle) for one in outcomes))
        day.operations += self.store.operations - before
        day.written += self.store.written - written
        day.state_bytes = sum(part["bytes"] for part in manifest["state"])
        day.resident = psutil.Process().memory_info().rss
        day.horizon = len(self.history.horizon)
        self._judge(outcomes, day)

    def _tick(self, now: dt.datetime, day: Day, seen: set[str]) -> list[Outcome]:
        """Poll what is due, at most once a window, as the cache of what is under way sees to."""
        at, outcomes = iso(now), []
        started = time.process_time()
        due = [
            f for f in self.feeds if f.id not in seen and is_due(self.history.feed_states.get(f.id), at, self.options)
        ]
        new: list[Entry] = []
        for feed in due:
            seen.add(feed.id)
            state = self.history.feed_states.get(feed.id)
            number = int(feed.id[1:])
            shown = self.news.listed(number, (now - START).total_seconds())
            tag = f'"{shown[0].number if shown else 0}"'
            asked = dict(poll_request(feed, state, now).headers).get("If-None-Match")
            status = 304 if asked == tag else 200
            answer = Response(
                url=feed.url, status=status, headers={"etag": tag}, body=b"" if status == 304 else tag.encode()
            )
            parsed = ParsedFeed(entries=tuple(self._entry(feed, one) for one in shown))
            polled, entries, failures = read_poll(
                feed, state, answer, known=self.history.known_entries(feed.id), now=now, options=self.options,
                parse=lambda parsed=parsed: parsed,
            )  # fmt: skip
            outcomes += [polled, *failures]
            new += entries
            day.polls += 1
            day.unchanged += polled.row.status == "not_modified"
        day.poll_seconds += time.process_time() - started
        return outcomes + [self._coded(entry, at, day) for entry in new]

    def _entry(self, feed: Feed, one: Written) -> Entry:
        url = f"https://h{one.feed}.example/a/{one.number}"
        published = iso(START + dt.timedelta(seconds=int(one.at)))
        article_id = article_id_of(url)
        self._ids[article_id] = one.number
        return Entry(
            entry_id=stable_id("entry", feed.id, url), feed_id=feed.id, outlet=feed.outlet, article_id=article_id, url=url,
            canonical_url=url, title=f"Titre {one.number}", published=published, published_precision="second",
            fingerprint=f"{one.number:016x}",
        )  # fmt: skip

    def _coded(self, entry: Entry, at: str, day: Day) -> CodedArticle:
        one = self.news.articles[self._ids[entry.article_id]]
        text = self._text(one.words)
        article = Article(
            article_id=entry.article_id, entries=(entry,), url=entry.url, canonical_url=entry.canonical_url,
            title=entry.title, text=text, published=entry.published, published_from="feed", published_precision="second",
            fetched=at, language="fr", outlet=entry.outlet,
        )  # fmt: skip
        started = time.process_time()
        sketch = sketch_text(
            text, article_id=article.article_id, seen=at, published=article.published, outlet=article.outlet,
            language="fr", url=article.url,
        )  # fmt: skip
        packed = sketch.pack()
        day.sketch_seconds += time.process_time() - started
        day.articles += 1
        events = tuple(_event(article, n) for n in range(EVENTS))
        return CodedArticle(article=article, is_security=True, countries=("NE",), events=events, sketch=packed)

    def _text(self, words: tuple[int, ...]) -> str:
        spelled = [self._spelled[n] for n in words]
        return ". ".join(" ".join(spelled[at : at + 18]) for at in range(0, len(spelled), 18)) + "."

    def _judge(self, outcomes: list[Outcome], day: Day) -> None:
        """How many copies are in the story of what they copy, and how many articles are in a story they do not belong to."""
        for outcome in outcomes:
            if not isinstance(outcome, CodedArticle):
                continue
            one = self.news.articles[self._ids[outcome.article.article_id]]
            story = self.history.articles[outcome.article.article_id].story_id
            original = self._story_of.setdefault(one.original, story)
            if one.original != one.number:
                day.copies += 1
                day.found += story == original
            elif story != outcome.article.article_id:
                day.merged += 1


def _event(article: Article, number: int) -> Event:
    sentence = article.text[number : number + 120]
    evidence = Evidence(part="text", sentence=sentence, start=number, end=number + len(sentence))
    return Event(
        event_id=event_id_of(article.article_id, "CIV.ATTACK", "text", number), article_id=article.article_id,
        event_type="CIV.ATTACK", evidence=(evidence,), confidence=0.5, language="fr",
    )  # fmt: skip


def _spelling(number: int) -> str:
    """A word of its own for each number."""
    consonants, vowels = "bdfgklmnprst", "aeiou"
    word = ""
    number += 60
    while number:
        number, at = divmod(number, 60)
        word += consonants[at // 5] + vowels[at % 5]
    return word


def copies_cost(number: int = AGENCY_COPIES) -> list[float]:
    """CPU milliseconds of each of so many copies of one agency story in a horizon of 5,000 other articles."""
    news = News(5000, 24, seed=2)
    spelled = [_spelling(n) for n in range(VOCABULARY)]
    horizon = StoryHorizon()

    def sketch(words: tuple[int, ...], url: str, outlet: str, minute: int) -> Sketch:
        seen = iso(START + dt.timedelta(minutes=minute))
        text = " ".join(spelled[n] for n in words)
        return sketch_text(
            text, article_id=article_id_of(url), seen=seen, published=seen, outlet=outlet, language="fr", url=url
        )

    for one in news.articles:
        told = sketch(one.words, f"https://a.example/{one.number}", f"o{one.feed}", 0)
        horizon.add(told, told.article_id)
    spent = []
    for n in range(number):
        copy = sketch(news.copied(news.articles[0].words), f"https://c{n}.example/x", f"c{n}", n)
        started = time.thread_time()
        assignment = assign_story(copy, horizon)
        horizon.add(copy, assignment.story_id)
        spent.append(1e3 * (time.thread_time() - started))
    return spent
