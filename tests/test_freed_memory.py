"""What a process has freed goes back to the system, and a commit sees to it."""

import ctypes
import os
import subprocess
import sys

import psutil
import pytest

from tests.test_commit_windows import Dataset, at, coded, entry
from transforms import commit_windows
from transforms.freed_memory import give_back
from transforms.pool import run_apart

MEGABYTE = 1 << 20


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc")
def test_freed_memory_goes_back():
    """Holes between objects that live on are returned; the objects stay what they are."""
    resident = psutil.Process().memory_info
    some = [bytes([number % 251]) * 1500 for number in range(100_000)]
    kept = some[::100]
    full = resident().rss
    del some
    give_back()
    assert resident().rss < full - 50 * MEGABYTE
    assert all(one == bytes([number * 100 % 251]) * 1500 for number, one in enumerate(kept))


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
def test_threads_share_an_arena():
    """Glibc counts one heap in a process whose threads all hold memory, and more without the call."""
    script = (
        "import ctypes, sys, threading; from transforms.freed_memory import one_arena\n"
        "sys.argv[1:] and one_arena()\n"
        "held = [threading.Barrier(5)]\n"
        "threads = [threading.Thread(target=lambda: (held.append(bytes(9000)), held[0].wait())) for _ in range(4)]\n"
        "[one.start() for one in threads]; held[0].wait(); ctypes.CDLL(None).malloc_stats()"
    )
    arenas = [
        subprocess.run([sys.executable, "-c", script, *asked], capture_output=True, text=True, check=True).stderr.count(
            "Arena "
        )
        for asked in ([], ["one"])
    ]
    assert arenas[0] > arenas[1]
    several = {**os.environ, "MALLOC_ARENA_MAX": "8"}
    told = subprocess.run(
        [sys.executable, "-c", script, "one"], capture_output=True, text=True, check=True, env=several
    )
    assert told.stderr.count("Arena ") > arenas[1]


def test_a_commit_gives_back(tmp_path, monkeypatch):
    """Each window does, also one that says nothing new."""
    dataset, given = Dataset(tmp_path / "out"), []
    monkeypatch.setattr(commit_windows, "give_back", lambda: given.append(1))
    dataset.commit(at(0), coded(entry("a")))
    dataset.commit(at(0), coded(entry("a")))
    assert len(given) == 2


def test_work_that_is_done_apart_sees_the_environment_of_its_caller(monkeypatch):
    """The fork server runs already when credentials or an emulator are set."""
    run_apart(os.getpid, timeout=60)
    monkeypatch.setenv("SAHELWATCH_ASKED_FOR", "later")
    assert run_apart(os.getenv, "SAHELWATCH_ASKED_FOR", timeout=60) == "later"
