"""``sahelwatch compact`` killed, raced, and on a bucket that answers badly: a reader never sees a wrong table."""

import itertools
import multiprocessing
import os
import random
import signal
import threading
import time

import orjson
import pytest

from tests.conftest import run_main
from tests.handmade import text_of
from tests.lake_days import LakeDays, expected, found
from tests.test_compact import WEEK, after, check
from transforms.compact import compact
from transforms.lakehouse import open_lake
from transforms.store import open_store

TABLES = ("articles", "events")
CLEAN = multiprocessing.get_context("forkserver")  # a fork of this process would inherit the library's dead threads
CLEAN.set_forkserver_preload(["tests.compact_runs"])


def look(store, tables=TABLES):
    """What a reader sees at this moment holds together; gives table -> the window it covers."""
    covered = {}
    for table in tables:
        if lake := open_lake(store, table):
            assert found(lake._delta) == expected(store, table, lake.sequence), table
            covered[table] = lake.sequence
    return covered


class Run:
    """A compaction in a process of its own."""

    def __init__(self, uri, day):
        from tests import compact_runs

        self.here, there = CLEAN.Pipe()
        arguments = (uri, os.environ.get("STORAGE_EMULATOR_HOST"), after(day).isoformat(), TABLES, there)
        self.process = CLEAN.Process(target=compact_runs.run, args=arguments, daemon=True)
        self.process.start()
        there.close()
        assert self.here.recv() == "begun"

    def kill(self, seconds):
        """SIGKILL after some time; gives whether it was still at work."""
        self.process.join(seconds)
        self.process.kill()
        self.process.join()
        assert self.process.exitcode in {0, -signal.SIGKILL}
        return self.process.exitcode != 0

    def end(self):
        """Let it finish; gives the seconds it took since it began."""
        started = time.monotonic()
        self.process.join(100)
        assert self.process.exitcode == 0
        return time.monotonic() - started


def kill_and_look(store, uri, *, kills, seed):
    """Runs over one more day each, killed at random points; after each kill a reader looks, and the next run goes on."""
    chance, days = random.Random(seed), itertools.count()
    made = LakeDays(store=store, seed=seed)
    torn, points, lasted = 0, set(), 0.0
    made.day(next(days), windows=1)
    Run(uri, 0).end()
    for number in range(kills):
        if number % 5 == 0:  # how long a run over a day takes on this machine at this moment
            made.day(day := next(days), windows=1)
            lasted = Run(uri, day).end()
        sequence = made.day(day := next(days), windows=1, revised=4)
        torn += Run(uri, day).kill(chance.random() * lasted)
        points.add(tuple(covered == sequence for covered in look(store).values()))
    assert torn > kills // 4, "most runs had ended before they were killed"
    assert len(points) > 1, "the kills hit the same point over and over"
    Run(uri, day).end()
    assert look(store) == dict.fromkeys(TABLES, sequence)


@pytest.mark.kills
@pytest.mark.timeout(110)
def test_kills_in_a_folder(tmp_path):
    """SIGKILL at 20 random points: each table is at some window, whole; what was left behind is vacuumed in time."""
    store = open_store(str(tmp_path))
    kill_and_look(store, str(tmp_path), kills=20, seed=20)
    lakes = [open_lake(store, table) for table in TABLES]
    live = {f"compact/v1/{lake.name}/{path}" for lake in lakes for path in lake.files()}
    old = {name for name in store.names("compact/") if "/dt=" in name} - live
    for name in old:
        moment = time.time() - 30 * 86400
        os.utime(tmp_path / name, (moment, moment))
    for lake in lakes:
        lake.vacuum(WEEK)
    left = {name for name in store.names("compact/") if "/dt=" in name}
    named = {name for lake in lakes for name in removed_lately(tmp_path, lake)}
    assert left == live | (old & named), "what no log names is not gone, or something it names is"


def removed_lately(folder, lake):
    """The files that a log says went, which readers of an earlier version may still need."""
    for commit in (folder / f"compact/v1/{lake.name}/_delta_log").glob("*.json"):
        for line in commit.read_text("utf-8").splitlines():
            if "remove" in (action := orjson.loads(line)):
                yield f"compact/v1/{lake.name}/{action['remove']['path']}"


@pytest.mark.kills
@pytest.mark.timeout(110)
def test_kills_in_a_bucket(bucket):
    """The same over HTTP, at six points."""
    kill_and_look(open_store(f"gs://{bucket}/out"), f"gs://{bucket}/out", kills=6, seed=5)


def raced(uri, day, runs):
    """Several runs at once; gives their errors."""
    errors, gate = [], threading.Barrier(runs)

    def one():
        gate.wait()
        try:
            compact(open_store(uri), now=after(day), keep=WEEK, tables=TABLES)
        except Exception as error:  # noqa: BLE001 - for the assertion
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_runs_at_once_do_the_work_once(tmp_path):
    """Three runs from nothing, then over days that move older rows: no row twice, none missing, no run fails."""
    made = LakeDays(tmp_path, seed=21)
    for number in range(4):
        sequence = made.day(number, windows=1, revised=4)
        assert raced(str(tmp_path), number, 3) == []
        assert check(made.store, TABLES) == {sequence}


def test_readers_in_the_middle_see_one_window_or_the_next(tmp_path):
    """Somebody opens the tables all the time while a run moves rows between days."""
    made = LakeDays(tmp_path, seed=22)
    made.day(0)
    compact(made.store, now=after(0), keep=WEEK, tables=TABLES)
    for number in range(1, 5):
        made.day(number, windows=1, revised=4)
    running = threading.Thread(
        target=compact, args=(made.store,), kwargs={"now": after(4), "keep": WEEK, "tables": TABLES}
    )
    running.start()
    seen = set()
    while running.is_alive():
        seen.add(look(made.store)["articles"])
    running.join()
    assert look(made.store)["articles"] == made.made.sequence
    assert seen


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (503, {"method": "PUT", "pattern": "delta(_|%5F)log", "times": 2}),
        (429, {"method": "PUT", "pattern": "delta(_|%5F)log", "times": 2}),
        (500, {"method": "PUT", "pattern": "delta(_|%5F)log", "times": 1}),
        ("reset", {"method": "PUT", "pattern": "delta(_|%5F)log", "times": 2}),
        ("lost", {"method": "PUT", "pattern": "delta%5Flog.*json"}),
        ("503", {"method": "PUT", "pattern": "delta%5Flog.*json"}),
        ("slow", {"method": "PUT", "pattern": "delta(_|%5F)log", "seconds": 1.5}),
        ("half", {"method": "PUT", "pattern": "delta(_|%5F)log"}),
        (503, {"method": "GET", "pattern": "delta(_|%5F)log", "times": 2}),
        ("reset", {"method": "GET", "pattern": "delta(_|%5F)log", "times": 2}),
        ("cut", {"method": "GET", "pattern": r"%2Eparquet"}),
        (503, {"method": "POST", "pattern": "upload", "times": 2}),
        ("lost", {"method": "POST", "pattern": "upload"}),
    ],
    ids=lambda value: str(value) if not isinstance(value, dict) else "-".join((value["method"], value["pattern"])),
)
def test_a_bucket_that_answers_badly(emulator, bucket, kind, more):
    """Errors, broken connections, lost answers and slow ones: the run ends well, and each row is there once."""
    made = LakeDays(store=open_store(f"gs://{bucket}/out"), seed=31)
    made.day(0, windows=1)
    compact(made.store, now=after(0), keep=WEEK, tables=("articles",))
    sequence = made.day(1, windows=1, revised=3)
    emulator.plant(kind, **more)
    compact(made.store, now=after(1), keep=WEEK, tables=("articles",))
    assert emulator.spent()
    assert check(made.store, ("articles",)) == {sequence}


def test_a_bucket_that_refuses_is_one_line(emulator, bucket):
    """No right to write below compact/: the place and the reason, exit status 2, the tables as they were."""
    made = LakeDays(store=open_store(f"gs://{bucket}/out"), seed=32)
    made.day(0, windows=1)
    emulator.plant(403, method="PUT", pattern="compact", times=99, message="no storage.objects.create")
    ran = run_main("compact", "--output", f"gs://{bucket}/out", "--now", text_of(after(0)), "--table", "feeds")
    assert ran.status == 2
    assert "403" in ran.err.splitlines()[-1] and f"gs://{bucket}/out" in ran.err  # noqa: PT018
    emulator.heal()
    assert open_lake(made.store, "feeds") is None
