"""``watch`` on every engine, killed at random moments while the world changes: each article is visible exactly once."""

import dataclasses
import datetime as dt
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import orjson
import psutil
import pytest
import yaml

from pipeline.demo import CATALOGUE
from pipeline.world.server import ANY_PATH, WorldServer
from tests.benchmarks.latency import SLOW, Publishing
from tests.engines.living import LivingWorld, Outlet, Story
from tests.quality import goldens
from transforms import datasets
from transforms.audit import audit
from transforms.clock import iso
from transforms.history import History
from transforms.inflight import INFLIGHT
from transforms.lease import LEASE, read_lease
from transforms.records import article_id_of
from transforms.store import open_store

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]
ROOT = pathlib.Path(__file__).parent.parent.parent
PRISM = os.environ.get("SAHELWATCH_PRISM") or shutil.which("prism")
FAST = ("--tick", "1", "--window", "4")
COMPLETE_WITHIN = 240.0
"""Seconds: a page that failed once is tried again after two minutes."""


@dataclasses.dataclass(frozen=True)
class Engine:
    """An engine of ``watch``: the program, what it needs beside the options, and what to skip it for."""

    name: str
    flags: tuple[str, ...] = ()
    program: tuple[str, ...] = (sys.executable, "-m", "pipeline")
    missing: str = ""

    def command(self, *arguments):
        """The whole command line."""
        if self.missing:
            pytest.skip(self.missing)
        pace = () if "--every" in self.flags else FAST
        return [*self.program, "watch", *arguments, *pace, *self.flags]


EVERY = Engine("every", flags=("--every", "1"))
PRISM_ENGINE = Engine(
    "prism",
    flags=("--prism_location", str(PRISM)),
    missing="" if PRISM else "Prism is neither on the PATH nor named by SAHELWATCH_PRISM",
)
ENGINES = [EVERY, PRISM_ENGINE]


class Watcher:
    """A running ``watch``; its log goes to a file."""

    def __init__(self, engine, arguments, log):
        self.log = pathlib.Path(log)
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                engine.command(*arguments), stdout=file, stderr=file, cwd=ROOT, start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def children(self):
        """The processes that it has started, and they in turn."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def kill(self):
        """SIGKILL for the process alone: what it started must end by itself."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE]

    def drain(self):
        """SIGTERM for its whole group, as a terminal or ``timeout`` does it; gives the seconds it took to end well."""
        started = time.monotonic()
        os.killpg(self.process.pid, signal.SIGTERM)
        status = self.process.wait(90)
        assert status == 0, self.said()
        return time.monotonic() - started

    @staticmethod
    def host():
        """The name of the machine, as a lease has it."""
        return socket.gethostname()

    def said(self):
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-3000:]


@pytest.fixture
def start(tmp_path):
    """Starts watchers, and sees to it that none is left."""
    started = []

    def begin(engine, *arguments):
        started.append(Watcher(engine, arguments, tmp_path / f"watch-{len(started)}.log"))
        return started[-1]

    yield begin
    for watcher in started:
        for child in watcher.children():
            child.kill()
        watcher.process.kill()
        watcher.process.wait()


def wait_for(what, seconds):
    """Until something holds; gives whether it did in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def titles(store):
    """Article id -> the title that is published now."""
    return {article_id: row["title"] for article_id, row in datasets.current_rows(store, "articles").items()}


def is_complete(store, expected):
    """Whether every expected article is visible as it is now, and none waits."""
    if store.read_versioned("latest.json") is None:
        return False
    found = titles(store)
    if any(found.get(article_id) != story.title for article_id, story in expected.items()):
        return False
    history = History(store)
    history.refresh()
    return not history.queue


def check_dataset(store, expected):
    """The audit holds; every article of the world is there once, those that were edited with their revisions."""
    report = audit(store)
    assert report.good, report.findings
    fixed = set(map(article_id_of, goldens.load_goldens()))
    times = Counter(row["article_id"] for row in datasets.rows(store, "articles") if row["revision"] == 0)
    assert set(times) == fixed | set(expected)
    assert set(times.values()) == {1}
    edits = Counter(row["article_id"] for row in datasets.rows(store, "articles") if row["revision"] > 0)
    assert all(edits[article_id] <= story.edition for article_id, story in expected.items())
    return report


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_killed_at_random_moments_while_the_world_changes(engine, start, tmp_path):
    """Eight kills; then another engine ends it, where there is one: everything is there, once, and all checks hold."""
    chance = random.Random(engine.name)
    store = open_store(str(tmp_path / "out"))
    moments, spoilt = [], False
    with LivingWorld(tmp_path, seed=8) as world:
        arguments = world.arguments(store.uri)
        for _ in range(8):
            before = len(store.names("manifests/")) if (tmp_path / "out").exists() else 0
            watcher = start(engine, *arguments)
            # some die young, the others at any moment of a window or two
            if chance.random() < 0.75:
                assert wait_for(lambda b=before: len(store.names("manifests/")) > b, 60), watcher.said()
                if not spoilt:
                    spoilt = True
                    world.spoil()
                    assert wait_for(lambda w=watcher: "its last state stays" in w.said(), 30), watcher.said()
                    world.mend()
            time.sleep(chance.uniform(0.0, 4.0))
            moments.append(len(store.names("manifests/")) - before)
            watcher.kill()
        world.stop()
        expected = world.expected()
        other = next((e for e in ENGINES if e is not engine and not e.missing), engine)
        before = len(store.names("manifests/"))
        watcher = start(other, *arguments)
        complete = wait_for(
            lambda: len(store.names("manifests/")) > before and is_complete(store, expected), COMPLETE_WITHIN
        )
        seconds = watcher.drain()
        late = {i: s.title for i, s in expected.items() if titles(store).get(i) != s.title}
        assert complete, (late, watcher.said())
    report = check_dataset(store, expected)
    assert sum(moments) >= 4, "hardly a window was committed between two kills"
    assert 4 <= read_lease(store)[0].epoch <= 9, "each life that came to write has an epoch of its own"
    assert seconds < 30
    print(
        f"{engine.name}: 8 kills, then {other.name}: {len(expected)} articles of living outlets, "
        f"{sum(s.edition for s in expected.values())} edits, {report.windows} windows, {len(report.orphans)} orphans; "
        f"drained in {seconds:.1f} s"
    )


def fixed_world(world, output):
    """What ``watch`` needs to read the fixture world, which does not change."""
    resolve = [argument for option in world.resolve_options() for argument in ("--resolve", option)]
    return ["--feeds", str(CATALOGUE), "--output", output, "--host-interval", "0.02", *resolve]


def window_count(store):
    """How many windows are committed."""
    return len(store.names("manifests/")) if pathlib.Path(store.uri).exists() else 0


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_second_writer_is_refused_and_a_takeover_ends_the_first(engine, start, world, tmp_path):
    """Status 2 and a line that names the holder; with ``--takeover`` it is the first that ends so."""
    store = open_store(str(tmp_path / "out"))
    arguments = fixed_world(world, store.uri)
    first = start(engine, *arguments)
    assert wait_for(lambda: window_count(store) > 0, 90), first.said()
    second = start(engine, *arguments)
    assert second.process.wait(60) == 2
    assert f"process {first.process.pid}" in second.said()
    third = start(engine, *arguments, "--takeover")
    assert first.process.wait(60) == 2
    assert f"was taken over by watch on {first.host()}, process {third.process.pid}" in first.said()
    before = window_count(store)
    assert wait_for(lambda: window_count(store) > before, 90), third.said()
    third.drain()
    assert audit(store).good


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_watcher_that_was_stopped_for_long_commits_nothing_more(engine, start, tmp_path):
    """SIGSTOP at a random moment, another takes over when the lease is overdue, SIGCONT: the first ends with status 2."""
    store = open_store(str(tmp_path / "out"))
    with LivingWorld(tmp_path, seed=3) as living:
        arguments = living.arguments(store.uri)
        sleeper = start(engine, *arguments)
        assert wait_for(lambda: window_count(store) > 0, 90), sleeper.said()
        time.sleep(random.Random(engine.name).uniform(0.0, 3.0))
        sleeper.process.send_signal(signal.SIGSTOP)
        second = start(engine, *arguments)
        assert second.process.wait(60) == 2, "it may wake up any moment"
        shift(store, -70)
        third = start(engine, *arguments)
        before = window_count(store)
        assert wait_for(lambda: window_count(store) > before + 1, 90), third.said()
        sleeper.process.send_signal(signal.SIGCONT)
        assert sleeper.process.wait(60) == 2, sleeper.said()
        assert f"was taken over by watch on {sleeper.host()}, process {third.process.pid}" in sleeper.said()
        living.stop()
        assert wait_for(lambda: is_complete(store, living.expected()), COMPLETE_WITHIN), third.said()
        third.drain()
        check_dataset(store, living.expected())
    assert {m["epoch"] for _, m in datasets.manifests(store)} == {1, 2}


def test_articles_are_visible_within_tick_window_and_half_a_minute(start, tmp_path):
    """From the poll that first carries an entry to the manifest that names its article, at the 95th percentile."""
    store = open_store(str(tmp_path / "out"))
    tick, window = 2, 10
    with LivingWorld(tmp_path, seed=5) as living:
        timed = dataclasses.replace(
            PRISM_ENGINE, flags=(*PRISM_ENGINE.flags, "--tick", str(tick), "--window", str(window))
        )
        watcher = start(timed, *living.arguments(store.uri))
        assert wait_for(lambda: window_count(store) >= 5, 150), watcher.said()
        watcher.drain()
    seconds = []
    for name, manifest in datasets.manifests(store):
        visible = store.modified(name)
        for described in manifest["objects"]:
            if described["table"] == "articles":
                rows = datasets.read_rows(store.read(described["name"]))
                seconds += [
                    (visible - dt.datetime.fromisoformat(r["first_seen"])).total_seconds()
                    for r in rows
                    if not r["revision"]
                ]
    seconds.sort()
    p50, p95 = seconds[len(seconds) // 2], seconds[math.ceil(0.95 * len(seconds)) - 1]
    print(
        f"{len(seconds)} articles, tick {tick} s, window {window} s: visible after {p50:.1f} s (median), {p95:.1f} s (p95)"
    )
    assert len(seconds) > 140
    assert p95 <= tick + window + 30


def test_windows_are_committed_although_a_host_answers_slower_than_ticks_come(start, tmp_path):
    """Polls and pages of three seconds at ticks of one: what the others publish is visible while the watch goes on.

    It also goes on beyond the deadline that Beam has for a request to the engine, and would have for the whole job.
    """
    store = open_store(str(tmp_path / "out"))
    with Publishing(tmp_path, 4, 8.0, 3.0) as world:
        arguments = ["--feeds", str(world.catalogue), "--output", store.uri, *world.resolve()]
        watcher = start(
            PRISM_ENGINE, *arguments, "--host-interval", "0.02", "--min-poll-interval", "0", "--job_server_timeout=10"
        )
        assert wait_for(lambda: window_count(store) >= 3, 150), watcher.said()
        seen = len(titles(store))
        assert wait_for(lambda: len(titles(store)) > seen, 60), "it goes on"
        assert watcher.drain() < 20
    assert audit(store).good
    assert {row["outlet"] for row in datasets.rows(store, "articles")} == {*map("outlet-{}".format, range(4)), SLOW}


class Fleeting(Outlet):
    """An outlet whose feed shows its newest article alone, and whose pages can be made slow."""

    delay = 0.0

    def answer(self, request):
        """The page of any article, whether the feed still lists it or not."""
        reply = super().answer(request)
        return reply if request.path == "/feed.xml" else dataclasses.replace(reply, delay=self.delay)

    def _feed(self):
        shown = Outlet(self.name)
        shown.stories = self.stories[-1:]
        return shown._feed()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_entry_that_its_feed_drops_before_a_killed_watcher_is_back_is_not_lost(engine, start, tmp_path):
    """Killed between the poll and the commit; its page is read by the next life, and the article published once."""
    store = open_store(str(tmp_path / "out"))
    outlet, catalogue = Fleeting("fugace"), tmp_path / "feeds.yaml"
    catalogue.write_text(yaml.safe_dump({"feeds": [outlet.catalogue_entry()]}), "utf-8")
    text = "\n".join(f"Les habitants du quartier {n} se sont réunis pour choisir leurs délégués." * 3 for n in range(4))
    outlet.stories = [Story(f"http://{outlet.host}/a", "Titre a", text)]
    outlet.delay = 15.0
    with WorldServer(overrides={(outlet.host, ANY_PATH): outlet.answer}) as server:
        arguments = [
            "--feeds", str(catalogue), "--output", store.uri, "--host-interval", "0.02", "--min-poll-interval", "0",
            "--resolve", f"{outlet.host}=127.0.0.1:{server.port}",
        ]  # fmt: skip
        first = start(engine, *arguments)
        assert wait_for(lambda: (tmp_path / "out").exists() and store.names(INFLIGHT), 60), first.said()
        first.kill()
        assert "Titre a" not in titles(store).values()
        outlet.stories.append(Story(f"http://{outlet.host}/b", "Titre b", text[::-1]))
        outlet.delay = 0.0
        second = start(engine, *arguments)
        assert wait_for(lambda: sorted(titles(store).values()) == ["Titre a", "Titre b"], 60), second.said()
        second.drain()
    assert audit(store).good
    assert sorted(r["title"] for r in datasets.rows(store, "articles")) == ["Titre a", "Titre b"]
    assert store.names(INFLIGHT) == []


def shift(store, seconds):
    """Let so much time pass for the lease: its holder sleeps, and the test does not wait."""
    lease, version = read_lease(store)
    moments = {
        name: iso(dt.datetime.fromisoformat(getattr(lease, name)) + dt.timedelta(seconds=seconds))
        for name in ("heartbeat", "expires")
    }
    content = orjson.dumps(dataclasses.asdict(dataclasses.replace(lease, **moments)))
    store.replace(LEASE, content, "application/json", version)


def test_without_prism_there_is_one_line(world, tmp_path):
    """A place where there is none, a file that is no program: status 2, and what to do."""
    broken = tmp_path / "prism"
    broken.write_text("#!/bin/false\n")
    for number, location in enumerate(("/nowhere/prism", str(broken))):
        engine = Engine("none", flags=("--prism_location", location))
        watcher = Watcher(engine, fixed_world(world, str(tmp_path / "out")), tmp_path / f"{number}.log")
        assert watcher.process.wait(60) == 2, watcher.said()
        assert "Prism cannot be had" in watcher.said()
        assert "--every" in watcher.said()
        assert len(watcher.said().strip().splitlines()) == 1
