"""The cache between two commits: nothing is begun twice, and nothing is kept from being begun anew once it was lost."""

import dataclasses
import datetime as dt

import pytest

from pipeline.ticks import due_feeds
from transforms import pending as module
from transforms.history import History
from transforms.pending import Pending, drop_pending, open_pending, pending_size
from transforms.poll_feeds import PollOptions
from transforms.records import Entry, Failure, Feed, FeedPolled, FeedRow, FeedState
from transforms.store import open_store

FEED = Feed(id="un", url="https://un.example/feed", outlet="un", publisher_family="un", ownership="private")
FIRST, SECOND, THIRD = "2026-11-20T06:10:00Z", "2026-11-20T06:20:00Z", "2026-11-20T06:30:00Z"


def entry(name, *, feed="un", fingerprint="f", content=""):
    """An entry of a feed."""
    url = f"https://{feed}.example/{name}"
    return Entry(
        entry_id=f"{feed}-{name}", feed_id=feed, article_id=name, url=url, canonical_url=url,
        fingerprint=fingerprint, content=content,
    )  # fmt: skip


def poll(at, *listed, feed="un", **state):
    """A poll at a time, and what it listed."""
    row = FeedRow(feed_id=feed, url=FEED.url, polled=at, status="ok" if listed else "not_modified")
    pairs = tuple((e.entry_id, e.fingerprint) for e in listed)
    return FeedPolled(row=row, state=FeedState(feed_id=feed, polled=at, **state), listed=pairs)


@pytest.fixture
def cache():
    """An empty cache."""
    return Pending()


def test_the_state_of_a_poll_counts_before_it_is_committed(cache):
    """So a feed is not polled again before its time; a newer committed state wins."""
    committed = FeedState(feed_id="un", polled="2026-11-20T06:00:00Z")
    assert cache.state_of("un", committed) is committed
    cache.polled(poll("2026-11-20T06:01:00Z", entry("a"), etag='"1"'), [entry("a")], [], FIRST)
    assert cache.state_of("un", committed).etag == '"1"'
    later = FeedState(feed_id="un", polled="2026-11-20T06:05:00Z")
    assert cache.state_of("un", later) is later


def test_entries_of_a_poll_are_known_until_their_window_is_committed(cache):
    """New ones and those that ended in the poll already."""
    cache.polled(
        poll("2026-11-20T06:01:00Z", entry("a"), entry("b")),
        [entry("a")],
        [Failure(stage="poll", reason="BAD_SCHEME", entries=(entry("b"),))],
        FIRST,
    )
    cache.polled(poll("2026-11-20T06:11:00Z", entry("c")), [entry("c")], [], SECOND)
    assert cache.known("un") == {"un-a": "f", "un-b": "f", "un-c": "f"}
    cache.forget_until(FIRST)
    assert cache.known("un") == {"un-c": "f"}
    assert cache.state_of("un", None).polled == "2026-11-20T06:11:00Z"
    cache.forget_until(SECOND)
    assert (cache.known("un"), cache.state_of("un", None)) == ({}, None)
    assert cache.size() == dataclasses.replace(cache.size(), feeds=0, entries=0, waiting=0)


def test_a_poll_that_lists_nothing_takes_over_what_the_uncommitted_one_listed(cache):
    """It rests on validators that were not committed: the commit is to see whether all they stand for is there."""
    first = cache.polled(poll("2026-11-20T06:01:00Z", entry("a")), [entry("a")], [], FIRST)
    again = cache.polled(poll("2026-11-20T06:06:00Z"), [], [], FIRST)
    third = cache.polled(poll("2026-11-20T06:11:00Z"), [], [], SECOND)
    assert first.listed == again.listed == third.listed == (("un-a", "f"),)
    changed = cache.polled(poll("2026-11-20T06:16:00Z", entry("b")), [entry("b")], [], SECOND)
    assert changed.listed == (("un-b", "f"),)
    cache.forget_until(SECOND)
    assert cache.polled(poll("2026-11-20T06:21:00Z"), [], [], THIRD).listed == ()


def test_an_entry_sets_out_once_a_window(cache):
    """Unless its text changed; and anew when its window was committed without it."""
    assert cache.send(entry("a"), FIRST)
    assert not cache.send(entry("a"), FIRST)
    assert not cache.send(entry("a"), SECOND)
    assert cache.send(entry("a", fingerprint="g"), SECOND)
    cache.forget_until(SECOND)
    assert cache.send(entry("a", fingerprint="g"), THIRD)


def test_what_a_lane_did_not_reach_comes_again_at_the_next_tick(cache):
    """Once, in the window of that tick; what is committed by then comes from the queue instead."""
    cache.send(entry("a"), FIRST)
    cache.wait([entry("a"), entry("b")], FIRST)
    assert cache.resume(SECOND) == [entry("a"), entry("b")]
    assert cache.resume(SECOND) == []
    assert not cache.send(entry("b"), SECOND)
    cache.wait([entry("c")], SECOND)
    cache.forget_until(SECOND)
    assert cache.resume(THIRD) == []
    assert cache.send(entry("c"), THIRD)


def test_a_tick_that_came_while_its_lane_worked_is_missed(cache):
    """The lane at work, and the ticks until its end; other lanes, and the first tick after it, begin what is due."""
    early, end, late = (dt.datetime(2026, 11, 20, 6, 0, second, tzinfo=dt.UTC) for second in (1, 3, 4))
    assert not cache.has_missed(0, early)
    with cache.at_work(0, lambda: end), cache.at_work(0, lambda: end):
        assert cache.has_missed(0, late)
        assert not cache.has_missed(1, early)
    assert cache.has_missed(0, early)
    assert not cache.has_missed(0, end)
    assert not cache.has_missed(0, late)


def test_a_lane_that_failed_is_no_longer_at_work(cache):
    """Its bundle is given again, and ticks go on."""
    end = dt.datetime(2026, 11, 20, 6, 0, 3, tzinfo=dt.UTC)
    with pytest.raises(RuntimeError), cache.at_work(0, lambda: end):
        raise RuntimeError
    assert not cache.has_missed(0, end)


def test_only_what_is_wanted_is_resumed(cache):
    """The rest stays for its lane."""
    cache.wait([entry("a"), entry("b")], FIRST)
    assert cache.resume(FIRST, lambda e: e.article_id == "b") == [entry("b")]
    assert cache.resume(FIRST) == [entry("a")]


def test_what_nobody_resumes_goes_with_its_window(cache):
    """On a worker that does not read the catalogue the kept entries do not pile up."""
    cache.wait([entry("a")], FIRST)
    cache.wait([entry("b")], SECOND)
    assert cache.size().waiting == 1


def test_it_is_bounded(cache, monkeypatch):
    """The oldest ids go first; entries too large to keep wait for the commit."""
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 10_000)
    for name in "abcd":
        cache.send(entry(name), FIRST)
    assert set(cache.known("un")) == {"un-b", "un-c", "un-d"}
    cache.wait([entry("big", content="x" * 10_000), entry("small")], FIRST)
    assert [e.article_id for e in cache.resume(FIRST)] == ["small"]


def test_its_size_grows_with_what_it_holds_and_falls_again(cache):
    """Bytes are those of the strings and containers; a thousand entries are some hundred kilobytes."""
    entries = [entry(str(number)) for number in range(1000)]
    empty = cache.size().bytes
    cache.polled(poll("2026-11-20T06:01:00Z", *entries), entries, [], FIRST)
    assert (cache.size().feeds, cache.size().entries) == (1, 1000)
    assert 100_000 < cache.size().bytes < 1_000_000
    cache.forget_until(FIRST)
    assert cache.size().bytes < empty + 60_000  # dictionaries keep their room


def test_a_process_has_one_a_dataset_and_can_drop_it(tmp_path):
    """Steps meet in it; a job that ended in failure leaves nothing in it."""
    uri = str(tmp_path)
    open_pending(uri).send(entry("a"), FIRST)
    assert pending_size().entries >= 1
    assert not open_pending(uri, "2026-11-20T06:00:00Z").send(entry("a"), FIRST)
    drop_pending(uri)
    assert open_pending(uri).send(entry("a"), FIRST)
    assert open_pending(uri, FIRST).send(entry("a"), SECOND)
    drop_pending(uri)


def test_a_feed_that_was_handed_out_is_not_due(cache, tmp_path):
    """Until a poll tells of it, it is given back, or its window is committed without a word of it."""
    history = History(open_store(str(tmp_path)))
    other = dataclasses.replace(FEED, id="deux", url="https://deux.example/feed")

    def due():
        lanes = due_feeds((FEED, other), history, cache, "2026-11-20T06:05:00Z", PollOptions(), 1)
        return [feed.id for lane in lanes.values() for feed in lane]

    assert due() == ["un", "deux"]
    cache.hand_out(due(), FIRST)
    assert due() == []
    cache.give_back("deux")
    assert due() == ["deux"]
    cache.polled(poll("2026-11-20T06:01:00Z", next_poll="2026-11-20T06:05:00Z"), [], [], FIRST)
    assert due() == ["un", "deux"]
    cache.hand_out(["un"], FIRST)
    cache.forget_until(FIRST)
    assert due() == ["un", "deux"]
