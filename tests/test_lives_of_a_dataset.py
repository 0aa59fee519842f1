"""Months of a dataset at random: windows, takedowns, retention, sweeps, compaction and restarts, and the audit after each.

What one of them leaves must suit all others, in any order: this is where they meet.
"""

import dataclasses
import random

import pytest

from tests.conftest import run_main
from tests.test_commit_windows import at, polled, text_of
from tests.test_forget import dataset_in, lead, told, where
from transforms.audit import audit
from transforms.expire import LEAST_DAYS
from transforms.records import Failure
from transforms.schema import TABLES
from transforms.store import LocalStore

FEEDS = ("un", "deux")


class Life:
    """A dataset, its clock in hours, the articles it knows by number, and those that were taken down."""

    def __init__(self, folder, seed):
        self.store = LocalStore(folder)
        self.made = dataset_in(self.store)
        self.chance = random.Random(seed)
        self.hour = 0.0
        self.known, self.gone, self.numbers = {}, set(), 0

    def word(self, number):
        """A word that one article says and no other."""
        return f"mot{number}q" + "abcdefghij"[number % 10] * 3

    def article(self, number, **more):
        """An article as it stands."""
        feed, revision = self.known[number]
        more = {"feed": feed, "revision": f" v{revision}" if revision else "", **more}
        return told(f"a{number}", self.word(number), seen=at(self.hour), **more)

    def new(self):
        """The number of a new article."""
        self.numbers += 1
        self.known[self.numbers] = (self.chance.choice(FEEDS), 0)
        return self.numbers

    def command(self, *arguments):
        """A command on the dataset, now; it succeeds."""
        ran = run_main(arguments[0], "--output", self.store.uri, "--now", text_of(at(self.hour)), *arguments[1:])
        assert ran.status == 0, ran.err

    def commit(self):
        """A window: new articles, revisions, copies, one listed by the other feed, entries that wait, fail and end."""
        outcomes = [polled(feed, at(self.hour)) for feed in FEEDS]
        for _ in range(self.chance.randrange(1, 4)):
            number = self.chance.choice(sorted(self.known)) if self.known and self.chance.random() < 0.6 else self.new()
            feed, revision = self.known[number]
            what = self.chance.choice(["revised", "copied", "listed"]) if number != self.numbers else "new"
            if what == "revised":
                self.known[number] = feed, revision + 1
            more = {"feed": FEEDS[feed == FEEDS[0]]} if what == "listed" else {}
            outcomes.append(self.article(number, **more))
            if what == "copied":
                sketch = outcomes[-1].sketch
                outcomes.append(dataclasses.replace(self.article(self.new()), sketch=sketch))
        waiting = lead(told(f"w{self.hour}", "attente", seen=at(self.hour)))
        reason = self.chance.choice(["TIMEOUT_TOTAL", "HTTP_404"])
        outcomes.append(Failure(stage="fetch", reason=reason, entries=(waiting,), message=waiting.title))
        queue = sorted(self.made.history.queue.values(), key=lambda entry: entry.url)
        if queue and self.chance.random() < 0.6:
            outcomes.append(Failure(stage="fetch", reason="HTTP_410", entries=(self.chance.choice(queue),)))
        self.made.commit(at(self.hour), *outcomes)

    def forget(self):
        """Take an article down, by its address."""
        if self.known:
            number = self.chance.choice(sorted(self.known))
            del self.known[number]
            self.gone.add(number)
            self.command("forget", "--url", f"https://essai.example/a{number}-{self.word(number)}")

    def expire(self):
        """Retention as short as it may be, of some kinds."""
        kinds = self.chance.sample([*TABLES, "state"], self.chance.randrange(1, 5))
        self.command("expire", *(a for kind in kinds for a in (f"--{kind}", f"{LEAST_DAYS[kind] * 24:.0f}h")))

    def sweep(self):
        """What no manifest names goes, however young."""
        assert run_main("sweep", "--output", self.store.uri, "--older-than", "0").status == 0

    def compact(self):
        """All tables."""
        self.command("compact", *(argument for table in TABLES for argument in ("--table", table)))

    def restart(self):
        """Another process."""
        self.made = dataset_in(self.store)
        self.made.restart()


def live(folder, seed, steps):
    """A life of so many steps."""
    life = Life(folder, seed)
    life.commit()
    for step in range(steps):
        life.hour += life.chance.choice([0.2, 1, 5, 30, 480])
        [act] = life.chance.choices(["commit", "forget", "expire", "sweep", "compact", "restart"], [10, 3, 3, 1, 2, 1])
        getattr(life, act)()
        report = audit(life.store)
        assert (report.findings, report.expired) == ([], []), (step, act)
    for number in life.gone:
        assert where(life.store, life.word(number)) == []
    return life


def test_a_life(tmp_path):
    """Thirty steps: every promise is kept after each of them, and nothing is left of what was taken down."""
    life = live(tmp_path / "out", seed=1, steps=30)
    assert len(life.gone) >= 2
    assert life.store.names("compact/")


@pytest.mark.kills
@pytest.mark.parametrize("seed", range(2, 5))
def test_longer_lives(tmp_path, seed):
    """Three others of seventy steps each."""
    live(tmp_path / "out", seed=seed, steps=70)
