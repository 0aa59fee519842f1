"""``kill -9`` of the writer at a hundred random points: what is published is whole, and every article is there once."""

import contextlib
import datetime as dt
import gzip
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import orjson
import pyarrow.parquet as pq
import pytest

from tests import kill_writer
from transforms import archive
from transforms.archiving import LANES
from transforms.commit_windows import commit_window
from transforms.history import History
from transforms.records import article_id_of
from transforms.store import crc32c, open_store
from transforms.sweep import sweep
from transforms.window_plan import Versions


class Nursery:
    """Where writers are born, one after the other."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_writer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    def bear(self, *arguments, what="write_windows"):
        """A writer with these arguments, once it has begun."""
        self.process.stdin.write(orjson.dumps([what, *arguments]).decode() + "\n")
        self.process.stdin.flush()
        line = self.listen()
        while not line.startswith("born"):  # the last words of the one before
            line = self.listen()
        return Life(self, *map(int, line.split()[1:]))

    def listen(self):
        """The next line a writer says."""
        return self.process.stdout.readline().strip()


class Life:
    """A writer in a process of its own, which begins where the bucket says."""

    def __init__(self, nursery, pid, found):
        self.nursery, self.pid, self.found = nursery, pid, found

    def kill(self, windows, part, lasted):
        """SIGKILL after so many windows and a part of what a window lasts; gives how long the last one took.

        Waiting for windows, not for a time alone, spreads the points evenly on a machine that is busy, too.
        """
        for _ in range(windows):
            started = time.monotonic()
            assert self.nursery.listen().startswith("committed")
            lasted = time.monotonic() - started
        time.sleep(part * lasted)
        os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(self.pid, 0)
                time.sleep(0.001)
        return lasted

    def end(self):
        """Let it finish."""
        while (line := self.nursery.listen()) != "done":
            assert line.startswith("committed"), line


class Reader:
    """What a reader of the dataset sees; manifests never change, so each is read once."""

    def __init__(self, store):
        self.store, self._known = store, {}

    def manifests(self):
        """(name, manifest) of all manifests, in the order of their names."""
        names = self.store.names("manifests/v1/")
        new = [name for name in names if name not in self._known]
        self._known |= zip(new, map(orjson.loads, self.store.read_all(new)), strict=True)
        return [(name, self._known[name]) for name in names]

    def check_pointer(self, manifests):
        """latest.json is readable and names a manifest that is there."""
        latest = self.store.read_versioned("latest.json")
        if latest is not None:
            pointer = orjson.loads(latest.content)
            assert pointer["sequence"] <= len(manifests), "latest.json is ahead of its manifest"
            assert manifests[pointer["sequence"] - 1][0] == pointer["manifest"]


def named(manifests):
    """Everything that manifests name, with its description."""
    return {part["name"]: part for _, m in manifests for part in (*m["objects"], *m["state"], *m["archive"])}


def check_whole(name, content):
    """An object of whatever kind is readable to its end."""
    if name.endswith(".jsonl.gz"):
        return [orjson.loads(line) for line in gzip.decompress(content).split(b"\n") if line]
    if name.endswith(".parquet"):
        return pq.read_table(io.BytesIO(content)).to_pylist()
    if name.endswith(".warc.gz"):
        return list(archive.members(io.BytesIO(content)))
    if name.endswith(".cdxj"):
        return list(archive.read_cdxj(content))
    return orjson.loads(content) if name.endswith(".json") else []


def check_published(store, manifests):
    """What a reader may rely on at any moment: the chain, and each object that is named; gives all (table, row)."""
    previous = None
    for sequence, (name, manifest) in enumerate(manifests, 1):
        assert (manifest["sequence"], manifest["previous"]) == (sequence, previous)
        previous = name
    described = named(manifests)
    rows = []
    for (name, part), content in zip(described.items(), store.read_all(list(described)), strict=True):
        assert (len(content), crc32c(content)) == (part["bytes"], part["crc32c"]), name
        found = check_whole(name, content)
        assert "records" not in part or len(found) == part["records"], name
        rows += [(part["table"], row) for row in found] if "table" in part else []
    return rows


def kill_and_check(uri, *, kills, seed):
    """Writers one after another, each killed at a random moment; then one that ends, and everything is checked."""
    with Nursery() as nursery:
        _kill_and_check(uri, nursery, kills, seed)


def _kill_and_check(uri, nursery, kills, seed):
    endpoint = os.environ.get("STORAGE_EMULATOR_HOST")
    store, chance = open_store(uri), random.Random(seed)
    reader = Reader(store)
    torn, left, found, lasted = 0, set(), set(), 0.02
    for number in range(kills):
        life = nursery.bear(uri, endpoint, number, 10**6)
        found.add(life.found)
        lasted = life.kill(chance.randrange(3), chance.random(), lasted)
        manifests = reader.manifests()
        reader.check_pointer(manifests)
        others = ("manifests/", "latest.json", "state/lease.json")
        unnamed = {name for name in store.names("") if not name.startswith(others)}
        unnamed -= set(named(manifests))
        torn += bool(unnamed - left)
        left |= unnamed
        if number % 10 == 0:
            check_published(store, manifests)
    assert torn > kills // 8, "the kills fell between the windows, not into them"
    assert len(found) > kills // 3, "hardly any window was committed between two kills"

    windows = len(reader.manifests()) + 3
    nursery.bear(uri, endpoint, kills, windows).end()
    manifests = reader.manifests()
    assert len(manifests) == windows
    rows = check_published(store, manifests)
    assert orjson.loads(store.read("latest.json"))["sequence"] == windows

    expected = {
        article_id_of(kill_writer.url_of(window, entry))
        for window in range(1, windows + 1)
        for entry in range(kill_writer.NEW_ENTRIES)
        if entry or window <= windows - 2
    }
    for table in ("articles", "texts", "stories"):
        times = Counter(row["article_id"] for of, row in rows if of == table)
        assert set(times) == expected, table
        assert set(times.values()) == {1}, table
    for _, manifest in manifests:
        for counts in manifest["counts"].values():
            went = sum(counts[key] for key in ("articles", "known", "dropped", "quarantined", "waiting"))
            assert counts["new"] + counts["waiting_before"] == went
    orphans = set(store.names("")) - set(named(manifests)) - {name for name, _ in manifests} - {"latest.json"}
    for name, content in zip(sorted(orphans), store.read_all(sorted(orphans)), strict=True):
        check_whole(name, content)
        assert name.split("/")[0] in {"articles", "texts", "stories", "feeds", "rejects", "events", "state", "archive"}
    _check_archive(store, manifests)
    history = History(store)
    history.refresh()
    assert set(history.articles) == expected
    assert [e.article_id for e in history.queue.values()] and len(history.queue) == 2  # noqa: PT018
    print(f"{kills} kills: {torn} inside a window, {windows} windows, {len(orphans)} orphans")


def _check_archive(store, manifests):
    """Each window has one WARC object with what its lanes kept; the lanes' pieces that kills left are swept."""
    for sequence, (_, manifest) in enumerate(manifests, 1):
        kinds = Counter(part["kind"] for part in manifest["archive"])
        assert (kinds["warc"], kinds["index"], kinds["window"]) == (1, 1, 1)
        [warc] = [part["name"] for part in manifest["archive"] if part["kind"] == "warc"]
        urls = [p.url for p in archive.members(io.BytesIO(store.read(warc))) if p.type == "response"]
        pages = [kill_writer.url_of(sequence, number) for number in range(kill_writer.NEW_ENTRIES)]
        assert urls == [kill_writer.FEED.url, *pages]
    sweep(store, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
    assert store.names(LANES) == []
    assert check_published(store, manifests)


class Killed(BaseException):
    """Stands for the kill in a test that needs it at one certain point."""


def test_a_window_retried_after_a_kill_before_latest_moves_it(tmp_path):
    """The manifest was written, latest.json was not moved: the same window again writes no row and moves it."""
    store = open_store(str(tmp_path / "out"))

    class Dying(History):
        def advance(self, *_):
            raise Killed

    outcomes, moment = kill_writer.outcomes_of(1), kill_writer.moment_of(1)
    bounds = (kill_writer.text_of(moment), kill_writer.text_of(moment))
    more = {"window": bounds, "now": moment, "versions": Versions(pipeline="1", rules="r")}
    with pytest.raises(Killed):
        commit_window(outcomes, Dying(store), **more)
    store.remove("latest.json")
    before = store.names("")
    commit_window(outcomes, History(store), **more)
    assert store.names("") == sorted([*before, "latest.json"])
    assert orjson.loads(store.read("latest.json"))["sequence"] == 1


@pytest.mark.kills
@pytest.mark.timeout(110)
def test_eighty_kills_in_a_folder(tmp_path):
    """A folder: nothing lost, nothing twice, nothing half; orphans are whole objects that no manifest names."""
    kill_and_check(str(tmp_path / "out"), kills=80, seed=80)


@pytest.mark.kills
@pytest.mark.timeout(110)
def test_twenty_kills_in_a_bucket(bucket):
    """The same in a bucket, over HTTP."""
    kill_and_check(f"gs://{bucket}/out", kills=20, seed=20)
