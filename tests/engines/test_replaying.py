"""What ``watch`` archived while it was killed and taken over from, replayed: the same bytes of every table."""

import random
import time

import pytest

from tests.conftest import run_main
from tests.engines.living import LivingWorld
from tests.engines.test_watching import ENGINES, EVERY, PRISM_ENGINE, start, wait_for, window_count
from tests.test_replay import manifests, tables
from transforms import datasets
from transforms.audit import audit
from transforms.store import open_store

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]
__all__ = ["start"]
SEQUENCES = {
    "every": (EVERY, EVERY),
    "prism": (PRISM_ENGINE, PRISM_ENGINE),
    "both": (PRISM_ENGINE, EVERY),
}


def edited(store):
    """How many published rows are of an article that was told otherwise before."""
    return sum(row["revision"] > 0 for row in datasets.rows(store, "articles"))


@pytest.mark.parametrize("engines", SEQUENCES.values(), ids=SEQUENCES)
def test_a_replay_of_lives_that_were_killed_and_taken_over_from(engines, start, tmp_path):
    """A kill, then a takeover of a living one, while articles are edited every second: the replay is what was published."""
    chance, store = random.Random(str(engines)), open_store(str(tmp_path / "out"))
    assert set(engines) <= set(ENGINES)
    with LivingWorld(tmp_path, seed=6) as world:
        arguments = world.arguments(store.uri)
        for engine, more in ((engines[0], ()), (engines[1], ()), (engines[0], ("--takeover",))):
            before = window_count(store)
            watcher = start(engine, *arguments, *more)
            assert wait_for(lambda b=before: window_count(store) > b + 3, 120), watcher.said()
            time.sleep(chance.uniform(0.0, 4.0))
            if engine is engines[0] and not more:
                watcher.kill()
        assert wait_for(lambda: edited(store) > 3, 120), watcher.said()
        watcher.drain()
    ran = run_main("replay", "--archive", store.uri, "--output", str(tmp_path / "again"), "--json")
    assert ran.status == 0, ran.err
    again = open_store(str(tmp_path / "again"))
    ours = [manifest["counts"] for manifest in manifests(store.uri)]
    assert ours == [manifest["counts"] for manifest in manifests(again.uri)]
    orphans = set(audit(store).orphans)
    assert {name: content for name, content in tables(store.uri).items() if name not in orphans} == tables(again.uri)
    assert run_main("verify", "--output", again.uri).status == 0
    print(f"{len(ours)} windows, {edited(store)} edits of articles, {ran.json['seconds']:.0f} s")
