"""What the steps count reaches Beam, the progress line and Prometheus under one scheme of names."""

import dataclasses
import json
import re
import socket
import time
import urllib.error
import urllib.request

import apache_beam as beam
import pytest
from apache_beam.metrics import MetricsFilter
from prometheus_client.parser import text_string_to_metric_families

from pipeline import metrics
from pipeline.gauges import GAUGES
from pipeline.metrics import DatasetFigures, serve
from tests.test_commit_windows import Dataset, at, coded, entry, text_of
from transforms import counts, fetch_pages, poll_feeds, tag_events
from transforms.clock import Clock
from transforms.records import Failure, FeedPolled, FeedRow, FeedState, Page


@pytest.fixture(autouse=True)
def _fresh():
    """Each test counts from 0."""
    counts.reset()
    yield
    counts.reset()


@pytest.fixture
def dataset(tmp_path):
    """A dataset to commit windows to."""
    return Dataset(tmp_path / "records")


def get(server, path):
    """(status, body, content type) of an answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers["content-type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers["content-type"]


def figures(text):
    """(name, labels) -> value of a page of Prometheus text."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counting(element):
    """A step's worth of counting."""
    counts.count("fetch", "pages", element)
    counts.count("fetch", "failures", reason="HTTP_404")
    counts.observe("fetch", 0.25)
    return element


def test_one_call_counts_in_beam_and_in_this_process():
    """A counter is in the runner's metrics under its scheme, a reason has one of its own, times are milliseconds."""
    pipeline = beam.Pipeline("FnApiRunner")
    _ = pipeline | beam.Create([2, 3]) | beam.Map(counting)
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(MetricsFilter().with_namespace(counts.NAMESPACE))
    assert {one.key.metric.name: one.committed for one in found["counters"]} == {
        "fetch_pages_total": 5, "fetch_failures_total": 2, "fetch_failures_total_HTTP_404": 2,
    }  # fmt: skip
    [timing] = found["distributions"]
    assert (timing.key.metric.name, timing.committed.count, timing.committed.sum) == ("fetch_milliseconds", 2, 500)
    assert counts.counts() == {("fetch", "pages", ""): 5, ("fetch", "failures", "HTTP_404"): 2}
    assert counts.timings() == {"fetch": counts.Timing(count=2, seconds=0.5)}
    assert counts.shown() == {"pages": 5, "failures": 2}


def test_counting_what_is_not_on_the_list_is_an_error():
    """The list is closed, so that an alarm or a dashboard never names what nobody counts."""
    with pytest.raises(KeyError):
        counts.count("fetch", "pagse")
    with pytest.raises(KeyError):
        counts.observe("fetsh", 1.0)
    assert counts.counts() == {}


def test_names_follow_the_scheme():
    """Steps and what they count are lower case words, so a name means the same in Beam and in Prometheus."""
    for step, what in counts.COUNTED:
        assert re.fullmatch(r"[a-z]+_[a-z_]+_total", counts.counter_name(step, what))
        assert step in counts.TIMED
    assert all(re.fullmatch(r"sahelwatch_[a-z_]+", name) for name in GAUGES)
    assert not {f"sahelwatch_{step}_{what}" for step, what in counts.COUNTED} & set(GAUGES)


def test_a_block_is_timed_also_when_it_fails():
    """``timed`` observes once, whatever happens inside."""
    with pytest.raises(ZeroDivisionError), counts.timed("commit"):
        _ = 1 / 0
    assert counts.timings()["commit"].count == 1


def test_a_poll_counts_and_logs_only_changes_of_health(caplog):
    """A poll counts the feed, its new entries and each failure by reason; only a change of health is a line."""
    caplog.set_level("INFO", "transforms.poll_feeds")
    row = FeedRow(feed_id="un", url="u", polled=text_of(at(0)), status="HTTP_403", health="failing")
    failing = FeedPolled(row=row, state=FeedState(feed_id="un", health="failing"))
    poll_feeds._note(FeedState(feed_id="un"), failing, [], [])
    poll_feeds._note(failing.state, failing, [], [])
    well = FeedPolled(row=dataclasses.replace(row, status="ok", health="ok"), state=FeedState(feed_id="un"))
    poll_feeds._note(failing.state, well, [entry("a"), entry("b")], [Failure(stage="poll", reason="BAD_URL")])
    assert counts.counts() == {
        ("poll", "feeds", ""): 3, ("poll", "entries", ""): 2, ("poll", "failures", "HTTP_403"): 2,
        ("poll", "failures", "BAD_URL"): 1,
    }  # fmt: skip
    assert [(r.message, r.feed_id, r.reason) for r in caplog.records] == [
        ("feed un: ok -> failing (HTTP_403)", "un", "HTTP_403"),
        ("feed un: failing -> ok (ok)", "un", "ok"),
    ]


def test_pages_and_tagged_articles_are_counted(caplog):
    """A page that is missing is counted by reason and named in the debug log; a tagged article counts its events."""
    caplog.set_level("DEBUG", "transforms.fetch_pages")
    fetch_pages._note(Failure(stage="fetch", reason="PAYWALL", message="wall", entries=(entry("a"),)))
    fetch_pages._note(Page(entries=(entry("b"),), url="u", fetched=text_of(at(0)), body=b"x"))
    [record] = caplog.records
    assert (record.article_id, record.feed_id, record.reason) == (entry("a").article_id, "un", "PAYWALL")
    article = dataclasses.replace(coded(entry("c")).article, language="sw")
    [tagged] = tag_events._TagEventsFn(0).process(article, beam.window.GlobalWindow(), 0)
    assert counts.counts() == {
        ("fetch", "failures", "PAYWALL"): 1, ("fetch", "pages", ""): 1, ("tag", "articles", ""): 1,
        ("tag", "unread", "sw"): 1,
    }  # fmt: skip
    assert (tagged.value.events, counts.timings()["tag"].count) == ((), 1)


def test_a_commit_counts_what_became_visible(dataset):
    """A window that is committed counts its rows; the same window again counts nothing."""
    outcomes = (coded(entry("a")), Failure(stage="fetch", reason="PAYWALL", entries=(entry("b"),)))
    dataset.commit(at(0), *outcomes)
    dataset.commit(at(0), *outcomes)
    assert counts.counts() == {
        ("commit", "windows", ""): 1, ("commit", "articles", ""): 1, ("commit", "rejects", "PAYWALL"): 1,
    }  # fmt: skip


def test_metrics_are_what_was_counted_and_what_the_dataset_says(dataset, monkeypatch):
    """One page: counters with their reasons, summaries in seconds, and the dataset's gauges with the ages of now."""
    dataset.commit(at(0), coded(entry("a")))
    counts.count("fetch", "failures", 3, reason="HTTP_404")
    counts.observe("tag", 0.5)
    with serve(0, dataset.store, clock=Clock(at(2))) as server:
        for _ in range(100):
            status, text, kind = get(server, "/metrics")
            if "sahelwatch_dataset_readable" in text:
                break
            time.sleep(0.05)
    found = figures(text)
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    assert found["sahelwatch_fetch_failures_total", (("reason", "HTTP_404"),)] == 3
    assert found["sahelwatch_commit_windows_total", (("reason", ""),)] == 1
    assert (found["sahelwatch_tag_seconds_sum", ()], found["sahelwatch_tag_seconds_count", ()]) == (0.5, 1)
    assert found["sahelwatch_latest_age_seconds", ()] == 7200
    assert found["sahelwatch_dataset_readable", ()] == 1
    assert {name for name, _ in found if name in GAUGES} >= {"sahelwatch_feeds", "sahelwatch_last_article_age_seconds"}


def test_a_store_that_fails_is_a_figure(dataset, caplog):
    """An unreadable dataset gives 0 and the last known figures, whose ages go on; the next reading mends it."""
    dataset.commit(at(0), coded(entry("a")))
    moments = iter([at(1), at(1), at(2), at(2), at(3), at(3), at(3), at(3)])
    known = DatasetFigures(dataset.store, lambda: next(moments))
    assert known.samples() == []
    known.refresh()
    real, dataset.store.read_versioned = dataset.store.read_versioned, None
    known.refresh()
    known.refresh()
    found = {sample.name: sample.value for sample in known.samples()}
    assert found["sahelwatch_dataset_readable"] == 0
    assert found["sahelwatch_latest_age_seconds"] == 3 * 3600
    warned = [record for record in caplog.records if record.levelname == "WARNING"]  # others say more where tests asked
    assert [record.message.split(":")[0] for record in warned] == ["the dataset cannot be read"]
    dataset.store.read_versioned = real
    known.refresh()
    assert {sample.name: sample.value for sample in known.samples()}["sahelwatch_dataset_readable"] == 1


def test_nothing_ever_committed_is_late_from_the_start_on(dataset):
    """Over an empty place the age of latest.json is the time since the figures were asked for."""
    moments = iter([at(0), at(0), at(5), at(5)])
    known = DatasetFigures(dataset.store, lambda: next(moments))
    known.refresh()
    assert {sample.name: sample.value for sample in known.samples()}["sahelwatch_latest_age_seconds"] == 5 * 3600


@pytest.mark.parametrize(("hours", "expected"), [(0.5, 200), (1.5, 503)])
def test_healthz_is_the_age_of_the_last_commit(dataset, hours, expected):
    """200 while the last commit is at most an hour old, then 503; the body says how old it is."""
    dataset.commit(at(0), coded(entry("a")))
    moment = [at(-9)]  # the server has run for long

    with serve(0, dataset.store, clock=lambda: moment[0]) as server:
        moment[0] = at(hours)
        for _ in range(100):
            status, text, kind = get(server, "/healthz")
            if json.loads(text)["last_commit"]:
                break
            time.sleep(0.05)
    assert (status, kind) == (expected, "application/json")
    assert json.loads(text) == {
        "ok": expected == 200, "last_commit": text_of(at(0)), "age_seconds": hours * 3600, "allowed_seconds": 3600.0,
    }  # fmt: skip


def test_a_process_that_has_just_started_is_healthy():
    """Before the first commit there is an hour's grace, without a dataset too; other paths are 404."""
    with serve(0) as server:
        status, text, _ = get(server, "/healthz")
        assert (status, json.loads(text)["last_commit"]) == (200, None)
        assert get(server, "/admin")[0] == 404
        assert "sahelwatch_fetch_pages" in get(server, "/metrics")[1]


def test_it_listens_on_loopback_and_lets_go_of_the_port():
    """Without an address only this machine is answered; a closed server's port is free; a taken one is an OSError."""
    with serve(0) as server:
        assert server._server.server_address[0] == "127.0.0.1"
        with pytest.raises(OSError, match="in use"):
            serve(server.port)
        silent = socket.create_connection(("127.0.0.1", server.port))  # says nothing, holds nobody up
        assert get(server, "/healthz")[0] == 200
        silent.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)


def test_text_for_a_textfile_collector_is_the_same_figures():
    """``prometheus_text`` gives each gauge with its labels and its help."""
    text = metrics.prometheus_text([metrics.Sample(name="sahelwatch_feeds", value=3, labels=(("health", "ok"),))])
    assert figures(text.decode()) == {("sahelwatch_feeds", (("health", "ok"),)): 3}
    assert b"# HELP sahelwatch_feeds Feeds by health." in text
