"""Nothing is lost over a day of retries: feed by feed, what went in is somewhere at every moment, and ends somewhere."""

import collections
import datetime as dt
import json

import orjson
import pytest

from tests.conformance.scripts import answer, article, by_round, cut, feed, item
from tests.conformance.server import SUFFIX, FaultServer
from tests.conftest import run_main
from transforms.datasets import read_rows
from transforms.history import MANIFESTS
from transforms.store import open_store

START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
HOURS = (0, 0.1, 1.5, 6, 12, 23.9, 24.2, 26.5)
ENDS = ("articles", "known", "dropped", "quarantined", "waiting")
SOUND = answer(article())
DOWN = answer(b"later", 503)
EMPTY = feed()
# by the passes of HOURS; every feed but "kept" has dropped its entries from the second pass on
HOSTS = {
    "kept": {"/feed": feed(item()), "/page": DOWN},
    "dropped": {"/feed": by_round(feed(item()), EMPTY), "/page": DOWN},
    "reset": {"/feed": by_round(feed(item(), item(2)), EMPTY), "/page": cut(b""), "/page2": SOUND},
    "late": {"/feed": by_round(feed(item()), EMPTY), "/page": by_round(*[DOWN] * 4, SOUND)},
    "limited": {"/feed": by_round(feed(item()), EMPTY), "/page": answer(b"", 429, Retry_After="7200")},
    "rules": {"/feed": by_round(feed(item()), EMPTY), "/robots.txt": answer(b"x", 500), "/page": SOUND},
    "gone": {"/feed": by_round(feed(item(), item(2)), EMPTY), "/page": answer(b"no", 404), "/page2": SOUND},
    "forbidden": {"/feed": by_round(feed(item()), EMPTY), "/page": answer(b"no", 403)},
}
LAST_WORD = {"kept": "HTTP_5XX", "dropped": "HTTP_5XX", "limited": "RATE_LIMITED", "rules": "ROBOTS_UNREACHABLE"}


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """(output, manifests in order, rows of rejects, the server) after a day of passes."""
    folder = tmp_path_factory.mktemp("day")
    plays = {(f"{name}{SUFFIX}", path): play for name, paths in HOSTS.items() for path, play in paths.items()}
    feeds = [
        {"id": name, "url": f"http://{name}{SUFFIX}/feed", "outlet": name, "publisher_family": "e", "ownership": "private"}
        for name in HOSTS
    ]  # fmt: skip
    (folder / "feeds.json").write_text(json.dumps({"feeds": feeds}))
    output = str(folder / "out")
    with FaultServer(plays) as server:
        fixed = ["--feeds", str(folder / "feeds.json"), "--output", output, "--host-interval", "0", "--json"]
        for name in HOSTS:
            fixed += ["--resolve", f"{name}{SUFFIX}=127.0.0.1:{server.ports['http']}"]
        for number, hours in enumerate(HOURS, 1):
            server.round = number
            now = (START + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
            ran = run_main("run", *fixed, "--now", now, "--min-poll-interval", "0")
            assert ran.status == 0, ran.err
    store = open_store(output)
    manifests = [orjson.loads(store.read(name)) for name in store.names(MANIFESTS)]
    rejects = [
        row
        for manifest in manifests
        for described in manifest["objects"]
        if described["table"] == "rejects"
        for row in read_rows(store.read(described["name"]))
    ]
    return output, manifests, rejects, server


@pytest.mark.parametrize("name", HOSTS)
def test_every_window_balances(day, name):
    """In each window what was new and what waited has one outcome, and what waits is what the next one begins with."""
    _, manifests, _, _ = day
    assert len(manifests) == len(HOURS)
    waited, went_in, ended = 0, 0, collections.Counter()
    for manifest in manifests:
        counts = manifest["counts"].get(name, dict.fromkeys(("new", "waiting_before", *ENDS), 0))
        assert counts["waiting_before"] == waited
        assert counts["new"] + counts["waiting_before"] == sum(counts[end] for end in ENDS)
        waited = counts["waiting"]
        went_in += counts["new"]
        ended.update({end: counts[end] for end in ENDS if end != "waiting"})
        assert went_in == sum(ended.values()) + waited
    assert waited == 0
    assert went_in == {"reset": 2, "gone": 2}.get(name, 1)


def test_what_fails_for_a_day_is_quarantined_with_its_reason(day):
    """Not before 24 hours have passed, once, with the reason of the last try; the feed need not list it any more."""
    _, _, rejects, _ = day
    exhausted = {row["feed_id"]: row for row in rejects if row["reason"] == "RETRIES_EXHAUSTED"}
    assert sorted(exhausted) == ["dropped", "kept", "limited", "reset", "rules"]
    for name, row in exhausted.items():
        assert row["ingested"] >= "2026-11-21T06:00:00Z"
        assert row["message"].startswith(LAST_WORD.get(name, ("READ_ERROR", "TRUNCATED", "CONNECT_ERROR")))
        assert row["attempts"] > 2
        assert row["url"] == f"http://{name}{SUFFIX}/page"


def test_what_is_refused_is_quarantined_at_once(day):
    """404 and 403 are not asked twice."""
    _, _, rejects, server = day
    at_once = {row["feed_id"]: row["reason"] for row in rejects if row["reason"] != "RETRIES_EXHAUSTED"}
    assert at_once == {"gone": "HTTP_404", "forbidden": "HTTP_403"}
    for name in at_once:
        assert len(server.seen(f"{name}{SUFFIX}", "/page")) == 1


def test_a_page_that_comes_back_is_published_though_its_feed_has_dropped_it(day):
    """The queue, not the feed, brings the entry again."""
    output, manifests, _, _ = day
    assert [manifest["counts"].get("late", {}).get("articles", 0) for manifest in manifests] == [0, 0, 0, 0, 1, 0, 0, 0]
    assert run_main("verify", "--output", output).status == 0


def test_a_host_that_asked_for_two_hours_was_given_them(day):
    """Retry-After holds across passes, each with a clock and a client of its own."""
    _, _, _, server = day
    rounds = [visit.round for visit in server.seen(f"limited{SUFFIX}", "/page")]
    assert rounds == [1, 4, 5, 6, 8]
    assert [visit.round for visit in server.seen(f"limited{SUFFIX}", "/feed")] == [1, 4, 5, 6, 8]


def test_robots_txt_was_asked_once_a_day_where_it_could_be_had(day):
    """What was read in the first pass holds for the others; what could not be read is asked for again."""
    _, _, _, server = day
    assert len(server.seen(f"kept{SUFFIX}", "/robots.txt")) <= 2
    assert len(server.seen(f"rules{SUFFIX}", "/robots.txt")) > 2
