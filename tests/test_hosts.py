"""What is remembered of hosts and of entries: within bounds, across processes, and no longer than it is of use."""

import datetime as dt

import pytest

from tests.conformance.scripts import answer
from tests.conformance.server import SUFFIX, FaultServer
from transforms.addresses import Exemptions
from transforms.clock import Clock, iso
from transforms.exchanges import Request, Response, WebOptions
from transforms.hosts import MAX_HOSTS, forget_hosts, merge_hosts, news_of_hosts
from transforms.records import HostState
from transforms.seen import KEPT_DAYS, MAX_SEEN, RENEWED_DAYS, SeenEntries
from transforms.web import WebClient

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
HOST = f"memory{SUFFIX}"
RULES = b"User-agent: *\nDisallow: /private\nCrawl-delay: 120\n"


def at(hours):
    """A time after the start."""
    return iso(NOW + dt.timedelta(hours=hours))


def session(server, states, *paths, hours=0.0, blocked=()):
    """(answers, what is to be committed) of a new process that begins with what is committed."""
    exemptions = Exemptions.parse([], [f"{HOST}=127.0.0.1:{server.ports['http']}"])
    clock = Clock(NOW + dt.timedelta(hours=hours))
    client = WebClient(WebOptions(host_interval=0, exemptions=exemptions), clock)
    try:
        client.recall(states)
        met = set()
        requests = [Request(url=f"http://{HOST}{path}", kind="page", key=path) for path in paths]
        answers = {r.key: a for r, a in client.fetch_all(requests, seconds=5, blocked=blocked, met=met)}
        return answers, news_of_hosts([*states.values(), *client.host_states(met)], {})
    finally:
        client.close()


def by_host(states):
    """As the history holds them."""
    return {state.host: state for state in states}


def test_a_wait_outlives_the_process_that_was_told_of_it():
    """Retry-After holds in a new process; when it is over the host is asked again."""
    with FaultServer({(HOST, "/a"): answer(b"", 429, Retry_After="3600"), (HOST, "/b"): answer(b"<p>x</p>")}) as server:
        _, states = session(server, {}, "/a")
        assert states[0].held_until == at(1)
        answers, _ = session(server, by_host(states), "/b", hours=0.5)
        assert (answers["/b"].reason, answers["/b"].retry_after) == ("RATE_LIMITED", 1800.0)
        assert server.seen(HOST, "/b") == []
        answers, _ = session(server, by_host(states), "/b", hours=1.1)
        assert isinstance(answers["/b"], Response)


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_asked_for_at_robots_txt_holds_for_the_pages(status):
    """Retry-After on robots.txt: the page is not asked for, and robots.txt is asked again when the wait is over."""
    busy = answer(b"", status, Retry_After="7200")
    pages = {(HOST, "/robots.txt"): busy, (HOST, "/a"): answer(b"<p>x</p>")}
    with FaultServer(pages) as server:
        answers, states = session(server, {}, "/a", "/b")
        assert (answers["/a"].reason, answers["/b"].reason) == ("ROBOTS_UNREACHABLE", "RATE_LIMITED")
        assert states[0].held_until == at(2)
        answers, _ = session(server, by_host(states), "/a", hours=1)
        assert answers["/a"].reason == "RATE_LIMITED"
        assert [visit.path for visit in server.seen(HOST)] == ["/robots.txt"]
        server.scripts[HOST, "/robots.txt"] = answer(RULES, kind="text/plain")
        answers, _ = session(server, by_host(states), "/a", "/private", hours=2.1)
        assert isinstance(answers["/a"], Response)
        assert answers["/private"].reason == "ROBOTS_DENIED"


def test_a_wait_asked_for_at_robots_txt_holds_although_older_rules_do():
    """A day later robots.txt answers 503: the rules that are known hold, and the host is left alone all the same."""
    with FaultServer({(HOST, "/robots.txt"): answer(b"", 404), (HOST, "/a"): answer(b"<p>x</p>")}) as server:
        _, states = session(server, {}, "/a")
        server.scripts[HOST, "/robots.txt"] = answer(b"", 503, Retry_After="600")
        answers, _ = session(server, by_host(states), "/a", hours=25)
        assert (answers["/a"].reason, answers["/a"].retry_after) == ("RATE_LIMITED", 600.0)
        assert len(server.seen(HOST, "/a")) == 1


def test_rules_and_pace_outlive_the_process_that_read_them():
    """robots.txt is asked once a day whatever restarts, and a Crawl-delay of two minutes is kept across them."""
    pages = {(HOST, "/robots.txt"): answer(RULES, kind="text/plain"), (HOST, "/a"): answer(b"<p>x</p>")}
    with FaultServer(pages) as server:
        answers, states = session(server, {}, "/a", "/private")
        assert isinstance(answers["/a"], Response)
        assert answers["/private"].reason == "ROBOTS_DENIED"
        answers, _ = session(server, by_host(states), "/a", "/private", hours=0.01)
        assert (answers["/a"].reason, answers["/private"].reason) == ("WAITING", "ROBOTS_DENIED")
        assert len(server.seen(HOST, "/robots.txt")) == 1
        answers, _ = session(server, by_host(states), "/a", hours=25)
        assert isinstance(answers["/a"], Response)
        assert len(server.seen(HOST, "/robots.txt")) == 2


@pytest.mark.parametrize("name", [HOST, SUFFIX[1:]])
def test_a_blocked_host_is_not_asked(name):
    """The block list holds for a host and for all below a name on it."""
    with FaultServer({}) as server:
        answers, _ = session(server, {}, "/a", blocked=frozenset({name}))
        assert (answers["/a"].reason, server.visits) == ("HOST_BLOCKED", [])
        answers, _ = session(server, {}, "/a", blocked=frozenset({"x" + name, "other.example"}))
        assert answers["/a"].reason == "HTTP_404"


def test_of_several_words_on_a_host_the_longest_wait_and_the_latest_rules_hold():
    """Two lanes may tell of one host; neither makes the other forget."""
    old = HostState(host="a", held_until=at(5), robots="old", robots_read=at(0))
    new = HostState(host="a", robots="new", robots_read=at(1), next_request=at(2))
    for pair in ((old, new), (new, old)):
        [merged] = merge_hosts(pair).values()
        assert (merged.held_until, merged.next_request, merged.robots) == (at(5), at(2), "new")
    assert news_of_hosts([old], {"a": old}) == ()
    assert news_of_hosts([HostState(host="b")], {}) == ()


def test_hosts_are_forgotten():
    """After a month without a word, and the oldest beyond the bound."""
    hosts = {
        "old": HostState(host="old", robots="", robots_read=at(-31 * 24)),
        "new": HostState(host="new", held_until=at(1)),
    }
    forget_hosts(hosts, NOW)
    assert set(hosts) == {"new"}
    many = {f"h{n}": HostState(host=f"h{n}", robots="", robots_read=at(-n / 1000)) for n in range(MAX_HOSTS + 10)}
    forget_hosts(many, NOW)
    assert len(many) == MAX_HOSTS
    assert f"h{MAX_HOSTS + 9}" not in many


def test_an_entry_that_is_listed_is_never_forgotten():
    """However old it is, and however long its feed was silent in between."""
    seen = SeenEntries()
    seen.note("f", "old", "1", 0)
    seen.note("f", "listed", "1", 0)
    assert not seen.is_stale("f", "listed", RENEWED_DAYS)
    assert seen.is_stale("f", "listed", RENEWED_DAYS + 1)
    seen.forget()
    assert len(seen.of("f")) == 2
    seen.note("f", "listed", "1", KEPT_DAYS + 1)
    seen.note("other", "x", "1", 5000)
    seen.forget()
    assert set(seen.of("f")) == {"listed"}
    assert set(seen.of("other")) == {"x"}


def test_the_seen_set_of_a_feed_is_bounded():
    """Beyond 20,000 entries those last listed longest ago go."""
    seen = SeenEntries()
    for number in range(MAX_SEEN + 100):
        seen.note("f", f"{number:06d}", "1", number // 1000)
    seen.forget()
    assert len(seen.of("f")) == MAX_SEEN
    assert "020099" in seen.of("f")
    assert "000099" not in seen.of("f") or "000999" not in seen.of("f")
    assert [row[1] for row in seen.rows()] == sorted(seen.of("f"))
