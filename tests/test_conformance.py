"""The fault catalogue through the whole graph: each row's host misbehaves, and each row ends as the table says.

All rows run side by side in one catalogue over real sockets: a pass, another one an hour later and one a week later, by
the command line. Every row is a test of its own, and after each the feed's books must balance.
"""

import collections
import json

import orjson
import pytest
import trustme

from tests.conformance import cases_feeds, cases_http, cases_network, cases_robots, cases_urls_dates
from tests.conformance.case import Case, Outcome, Played
from tests.conformance.server import FaultServer
from tests.conftest import run_main
from transforms.datasets import read_rows
from transforms.history import History, newest_manifest
from transforms.store import open_store

CASES = [
    case for module in (cases_network, cases_http, cases_robots, cases_feeds, cases_urls_dates) for case in module.CASES
]
TIMES = ("2026-11-20T06:00:00Z", "2026-11-20T07:00:00Z", "2026-11-28T06:00:00Z")
DEADLINE = "5"
ENDS = ("articles", "known", "dropped", "quarantined", "waiting")


def catalogue(server):
    """All feeds of all cases, as JSON, which is YAML."""
    feeds = []
    for case in CASES:
        for number, feed_id in enumerate(case.feed_ids, 1):
            scheme = "https" if case.tls else "http"
            feeds.append({
                "id": feed_id, "url": f"{scheme}://{case.host}/feed{number}", "outlet": case.id,
                "publisher_family": "conformance", "ownership": "private", "timezone": "Africa/Niamey", "language": "fr",
            })  # fmt: skip
    return json.dumps({"feeds": feeds})


def resolve_options(server):
    """Every host of every case, on its port; a second host is on the port that its name says."""
    options = []
    for case in CASES:
        for host in sorted(case.hosts()):
            kind = case.tls or "http"
            if host != case.host:
                kind = next((kind for kind in server.ports if f"-{kind}." in host), "http")
            options += ["--resolve", f"{host}=127.0.0.1:{server.ports[kind]}"]
    return options


class Passes:
    """The three passes, and what each left of a case."""

    def __init__(self, folder):
        self.summaries = []
        self._found = []
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        scripts = {key: script for case in CASES for key, script in case.scripts().items()}
        output = str(folder / "out")
        with pytest.MonkeyPatch.context() as environment, FaultServer(scripts, authority) as server:
            environment.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
            (folder / "feeds.json").write_text(catalogue(server))
            options = ["--feeds", str(folder / "feeds.json"), "--output", output, *resolve_options(server), "--json"]
            options += ["--host-interval", "0", "--min-poll-interval", "0", "--timeout", DEADLINE]
            for number, now in enumerate(TIMES, 1):
                server.round = number
                ran = run_main("run", *options, "--now", now)
                assert ran.status == 0, ran.err
                self.summaries.append(ran.json)
                self._keep(output, now)
            self.visits = server.visits
            self.most_at_once = server.most_at_once

    def _keep(self, output, now):
        store = open_store(output)
        history = History(store)
        history.refresh()
        manifest = orjson.loads(store.read(newest_manifest(store, None)))
        rows = collections.defaultdict(list)
        for described in manifest["objects"]:
            rows[described["table"]] += read_rows(store.read(described["name"]))
        self._found.append((now, manifest, rows, list(history.queue.values())))

    def of(self, case: Case) -> list[Played]:
        """What each pass left of a case."""
        ids = set(case.feed_ids)
        played = []
        for number, (now, manifest, rows, queue) in enumerate(self._found, 1):
            articles = [row for row in rows["articles"] if ids & set(row["feed_ids"])]
            keys = {row["article_id"] for row in articles}
            played.append(
                Played(
                    polls=sorted((row for row in rows["feeds"] if row["feed_id"] in ids), key=lambda r: r["feed_id"]),
                    counts={feed_id: counts for feed_id, counts in manifest["counts"].items() if feed_id in ids},
                    articles=articles,
                    texts=[row for row in rows["texts"] if row["article_id"] in keys],
                    rejects=[row for row in rows["rejects"] if row["feed_id"] in ids],
                    queue=[entry for entry in queue if entry.feed_id in ids],
                    visits=[v for v in self.visits if v.host in case.hosts() and v.round == number],
                    now=now,
                )
            )
        return played


@pytest.fixture(scope="module")
def passes(tmp_path_factory):
    """The catalogue played once."""
    return Passes(tmp_path_factory.mktemp("conformance"))


def same(expected: dict[str, int], found: dict[str, int]) -> bool:
    """Whether reasons were counted as expected; an expected one may name several that are equally right."""
    left = dict(found)
    for reasons, number in expected.items():
        total = sum(left.pop(reason, 0) for reason in reasons.split("/"))
        if total != number:
            return False
    return not any(left.values())


def check_pass(case: Case, expected: Outcome, played: Played) -> None:
    """The rows, the counts and the queue of one pass."""
    if not expected.status:
        assert played.polls == []
    else:
        assert [row["status"] in expected.status.split("/") for row in played.polls] == [True] * case.feeds, (
            played.polls
        )
    for row in played.polls:
        assert expected.message in row["message"]
        assert row["health"] == expected.health
    total = collections.Counter()
    for counts in played.counts.values():
        total.update({name: counts[name] for name in ("new", "waiting_before", *ENDS)})
        assert counts["new"] + counts["waiting_before"] == sum(counts[name] for name in ENDS), counts
    revised = sum(row["revision"] > 0 for row in played.articles) if case.feeds == 1 else 0
    rejected = collections.Counter(row["reason"] for row in played.rejects)
    waiting = collections.Counter(entry.reason for entry in played.queue)
    found = {
        "articles": total["articles"] - revised,
        "revised": revised,
        "known": total["known"],
        "rejected": dict(rejected),
        "waiting": dict(waiting),
    }
    assert (found["articles"], found["revised"], found["known"]) == (
        expected.articles, expected.revised, expected.known,
    ), found  # fmt: skip
    assert same(expected.rejected, rejected), found
    assert same(expected.waiting, waiting), found
    assert total["dropped"] + total["quarantined"] == sum(rejected.values())
    for row in played.articles if expected.articles else ():
        assert expected.flags <= set(row["flags"]), row
    if expected.published:
        assert {row["title"]: row["published"] for row in played.articles} == expected.published


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_row(passes, case):
    """A row of the catalogue ends as it says in each pass, nothing is lost and nothing is counted twice."""
    played = passes.of(case)
    for expected, found in zip(case.passes, played, strict=True):
        check_pass(case, expected, found)
    counted = collections.Counter()
    for counts in played[0].counts.values():
        counted["new"] += counts["new"]
    failed = case.passes[0].status not in {"ok", "not_modified"}
    assert counted["new"] == (0 if failed else case.entries * case.feeds), "entries that went in"
    asked = {visit.path for found in played for visit in found.visits}
    assert not asked & set(case.never)
    if case.within is not None:
        assert max(visit.ended - visit.began for found in played for visit in found.visits) <= case.within
    if case.check is not None:
        case.check(played)


def test_no_host_was_asked_twice_at_once(passes):
    """Whatever a host did, it had one request of ours at a time."""
    assert set(passes.most_at_once.values()) == {1}


def test_the_table_is_the_catalogue():
    """At least 80 cases, with ids that are told apart."""
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 80
