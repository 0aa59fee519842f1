"""What a restart costs: ``python -m tests.benchmarks.restart [--articles N] [--old N]``.

A state as a watch leaves it is written to a folder: the articles of the last seven days in windows of ten minutes, each
with a sketch of a text of its own, events and seen entries, over a year-old base of ``--old`` articles. Printed as
JSON: seconds (wall, and of processor) and resident bytes to read it back in a fresh process, the sizes of the state, and what a commit adds.
"""

import argparse
import dataclasses
import datetime as dt
import functools
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import orjson

from transforms.clock import iso
from transforms.history import Delta, History
from transforms.known_articles import KnownArticle
from transforms.records import FeedState, stable_id
from transforms.seen import day_of
from transforms.sketches import Sketch, sketch_text
from transforms.store import open_store

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
DAYS = 7
FEEDS = 160
WORDS = [f"mot{number:04d}" for number in range(4000)]


@functools.cache
def _sketch() -> Sketch:
    """One of a text of 350 words: the others differ in what they keep."""
    text = " ".join(random.Random(1).choices(WORDS, k=350))
    return sketch_text(text, article_id="", seen=iso(NOW), language="fr")


def known(number: int, seen: dt.datetime, chance: random.Random) -> KnownArticle:
    """An article as the state has it, with a sketch as large as that of 350 words, and three events."""
    article_id = stable_id("bench", str(number))
    hashes = tuple(sorted(8 * h for h in chance.sample(range(2**29), 86)))
    sketch = dataclasses.replace(
        _sketch(), article_id=article_id, seen=iso(seen), published=iso(seen), text_hash=number % 2**64, hashes=hashes,
        places=bytes(chance.choices(range(16), k=len(hashes))), outlet=f"outlet-{number % FEEDS}",
    )  # fmt: skip
    return KnownArticle(
        article_id=article_id, revision=0, content_hash=stable_id("content", article_id), story_id=article_id,
        feed_ids=(f"feed-{number % FEEDS}",), event_ids=tuple(sorted(stable_id("event", str(number), str(n)) for n in range(3))),
        event_revision=0, object=f"articles/v1/dt={seen:%Y-%m-%d}/hour={seen:%H}/0-{stable_id(iso(seen))[:24]}.jsonl.gz",
        seen=iso(seen), sketch=sketch.pack(),
    )  # fmt: skip


def write_state(uri: str, articles: int, old: int) -> None:
    """Windows of ten minutes over seven days, one after the other, as a watch commits them."""
    from transforms.commit_windows import settler, write_window
    from transforms.lease import LeaseKeeper
    from transforms.window_plan import TABLES, Versions, WindowPlan

    chance = random.Random(7)
    versions = Versions(pipeline="bench", rules="bench")
    history = History(open_store(uri))
    windows = DAYS * 144
    with LeaseKeeper(history.store, command="bench", settle=settler(history, versions)) as keeper:
        done = 0
        for window in range(-1, windows):
            moment = NOW - dt.timedelta(days=DAYS) + dt.timedelta(minutes=10 * (window + 1))
            if window < 0:
                numbers = range(-old, 0)
                moments = [moment - dt.timedelta(days=-number * 358 / max(1, old) + 7) for number in numbers]
            else:
                numbers = range(done, articles * (window + 1) // windows)
                moments = [moment] * len(numbers)
                done = numbers.stop
            found = tuple(known(number, at, chance) for number, at in zip(numbers, moments, strict=True))
            seen = tuple(
                (a.feed_ids[0], stable_id("entry", a.article_id), a.content_hash[:16], day_of(moment)) for a in found
            )
            feeds = tuple(FeedState(feed_id=f"feed-{n}", polled=iso(moment)) for n in range(FEEDS))
            delta = Delta(feeds=feeds, articles=found, seen=seen)
            plan = WindowPlan(rows={table: [] for table in TABLES}, counts={}, delta=delta)
            with history.lock:
                write_window(
                    plan,
                    history,
                    window=(iso(moment), iso(moment)),
                    now=moment,
                    versions=versions,
                    tenure=keeper.tenure,
                )


READ = """
import sys, time
import psutil
from transforms.store import open_store
from transforms.history import History
before = psutil.Process().memory_info().rss
started, cpu = time.perf_counter(), time.process_time()
history = History(open_store(sys.argv[1]))
history.refresh()
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
more = psutil.Process().memory_info().rss - before
print(seconds, cpu, more, len(history.articles), len(history.horizon), sum(map(len, history.seen.fingerprints.values())))
"""


def main() -> None:
    """Write, read back in a process of its own, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=35_000)
    parser.add_argument("--old", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        write_state(folder, options.articles, options.old)
        written = time.perf_counter() - started
        ran = subprocess.run([sys.executable, "-c", READ, folder], capture_output=True, text=True, check=True)
        seconds, cpu, resident, articles, horizon, seen = ran.stdout.split()
        history = History(open_store(folder))
        history.refresh()
        parts = (history.manifest or {})["state"]
        print(
            orjson.dumps(
                {
                    "seconds": round(float(seconds), 2),
                    "cpu_seconds": round(float(cpu), 2),
                    "resident_bytes": int(resident),
                    "articles": int(articles),
                    "sketches": int(horizon),
                    "seen": int(seen),
                    "state_objects": len(parts),
                    "state_bytes": sum(part["bytes"] for part in parts),
                    "written_bytes": sum(p.stat().st_size for p in (pathlib.Path(folder) / "state").rglob("*.parquet")),
                    "seconds_to_write": round(written, 1),
                }
            ).decode()
        )


if __name__ == "__main__":
    main()
