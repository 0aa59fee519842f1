"""What was polled and not committed is written down, and no entry is lost with its process when its feed drops it."""

import dataclasses
import datetime as dt

import pytest

from tests.conftest import run_main
from tests.test_commit_windows import Dataset, at, coded, entry, law_holds, text_of
from transforms.audit import audit
from transforms.inflight import INFLIGHT, done, last_end, lost_entries, note_entries
from transforms.records import Failure
from transforms.sweep import sweep


@pytest.fixture
def dataset(tmp_path):
    """A dataset with one window at its first hour."""
    made = Dataset(tmp_path / "out")
    made.commit(at(0), coded(entry("old")))
    return made


def waiting(dataset):
    """Names of the entries in the queue."""
    return sorted(e.url.rpartition("/")[2] for e in dataset.history.queue.values())


def test_an_entry_that_came_to_no_outcome_goes_to_the_queue(dataset):
    """The process was killed, the feed has dropped it: the next commit finds it, once, and the law holds."""
    kept, lost = entry("kept", seen=at(1)), entry("lost", feed="deux", seen=at(1))
    note_entries(dataset.store, [kept, lost], text_of(at(1)))
    dataset.restart()
    manifest = dataset.commit(at(2), coded(kept))
    law_holds(manifest)
    assert manifest["counts"]["deux"]["new"] == manifest["counts"]["deux"]["waiting"] == 1
    assert waiting(dataset) == ["lost"]
    [queued] = dataset.history.queue.values()
    assert queued.first_seen == lost.first_seen
    assert queued.next_try <= text_of(at(2)), "it is due at once"
    dataset.restart()
    law_holds(dataset.commit(at(3), coded(queued)))
    assert waiting(dataset) == []
    dataset.commit(at(4))
    assert waiting(dataset) == []
    assert audit(dataset.store).good


def test_the_very_first_window_may_be_the_one_that_was_lost(tmp_path):
    """A process killed before anything was committed."""
    empty = Dataset(tmp_path / "out")
    note_entries(empty.store, [entry("lost")], text_of(at(0)))
    empty.commit(at(1))
    assert waiting(empty) == ["lost"]


def test_whatever_ended_is_not_lost(dataset):
    """Published or refused in this window, published before, or waiting already."""
    published, refused, retried = (entry(name, seen=at(1)) for name in ("published", "refused", "retried"))
    note_entries(dataset.store, [published, refused, retried, entry("old")], text_of(at(1)))
    assert not lost_entries(
        dataset.history, text_of(at(1)),
        [coded(published), *(Failure(stage="fetch", reason="X", entries=(e,)) for e in (refused, retried))],
    )  # fmt: skip
    outcomes = (
        coded(published),
        Failure(stage="fetch", reason="NOT_HTML", entries=(refused,)),
        Failure(stage="fetch", reason="HTTP_5XX", entries=(retried,)),
    )
    dataset.commit(at(1), *outcomes)
    assert waiting(dataset) == ["retried"]
    note_entries(dataset.store, [retried, published], text_of(at(2)))
    assert not lost_entries(dataset.history, text_of(at(2)), ())


def test_of_a_lost_edit_the_last_edition_comes_again(dataset):
    """An entry known by another text is as good as new."""
    editions = [entry("old", title=title, seen=at(n)) for n, title in ((1, "Titre deux"), (2, "Titre trois"))]
    note_entries(dataset.store, editions[1:], text_of(at(2)))
    note_entries(dataset.store, editions[:1], text_of(at(2)))
    dataset.commit(at(3))
    assert [e.title for e in dataset.history.queue.values()] == ["Titre trois"]


def test_what_later_windows_have_on_their_way_is_left_alone(dataset):
    """A window that is committed late does not take the entries of the next one for lost."""
    note_entries(dataset.store, [entry("later", seen=at(2))], text_of(at(2)))
    dataset.commit(at(1))
    assert waiting(dataset) == []
    assert last_end(dataset.store) == text_of(at(2))
    dataset.commit(at(2))
    assert waiting(dataset) == ["later"]


def test_a_window_without_anything_else_is_committed_for_a_lost_entry(dataset):
    """Although it has nothing to say itself, and is not newer than the one before."""
    note_entries(dataset.store, [entry("lost", seen=at(1))], text_of(at(1)))
    sequence = dataset.history.sequence
    dataset.commit(at(1))
    assert (dataset.history.sequence, waiting(dataset)) == (sequence + 1, ["lost"])


def test_a_folder_holds_no_more_than_the_open_windows(dataset):
    """They hold texts of feeds: they go with the commit."""
    for hour in (1, 2):
        note_entries(dataset.store, [entry("x", seen=at(hour))], text_of(at(hour)))
    dataset.commit(at(1), coded(entry("x", seen=at(1))))
    [left] = dataset.store.names(INFLIGHT)
    assert left.startswith(f"{INFLIGHT}{text_of(at(2)).replace(':', '')}-")
    dataset.commit(at(2))
    assert dataset.store.names(INFLIGHT) == []
    note_entries(dataset.store, [], text_of(at(3)))
    assert dataset.store.names(INFLIGHT) == []
    assert last_end(dataset.store) == ""


def test_sweep_takes_what_a_bucket_has_kept(dataset):
    """The pipeline has no right to delete there; what is still on its way stays."""
    note_entries(dataset.store, [entry("x")], text_of(at(0)))
    note_entries(dataset.store, [entry("y", seen=at(1))], text_of(at(1)))
    gone = done(dataset.store, dataset.history.committed_until)
    assert len(gone) == 1
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    assert sweep(dataset.store, before, dry_run=True).removed == tuple(gone)
    assert sweep(dataset.store, before).removed == tuple(gone)
    assert len(dataset.store.names(INFLIGHT)) == 1
    assert audit(dataset.store).good


def test_forget_finds_what_was_on_its_way(dataset):
    """A killed writer's entry is forgotten like a queued one, and nothing of it is left in any object."""
    lost = dataclasses.replace(entry("lost", title="Kwatarkwashi", seen=at(1)), content="Kwatarkwashi")
    note_entries(dataset.store, [lost, entry("other", seen=at(1))], text_of(at(1)))
    ran = run_main("forget", "--output", dataset.store.uri, "--url", lost.url, "--now", text_of(at(2)), "--json")
    assert (ran.status, ran.json["queued_entries"]) == (0, 1)
    dataset.restart()
    assert waiting(dataset) == ["other"]
    assert dataset.store.names(INFLIGHT) == []
    assert audit(dataset.store).good
