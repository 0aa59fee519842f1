"""``sahelwatch status`` says how a dataset is doing, and the alarms say the same wherever they are written down."""

import argparse
import dataclasses
import datetime as dt
import json
import pathlib
import re
import subprocess
import sys

import orjson
import promql_parser
import pytest
import yaml

from deploy.alerts.canary import write_canary
from pipeline import options as command_line
from pipeline import status
from pipeline.alarms import ALARMS, raised
from pipeline.gauges import GAUGES, Sample, samples
from pipeline.health import LOOK_BACK_DAYS, decayed, describe
from pipeline.window_digests import DigestReader, Quality
from tests.conftest import run_main
from tests.test_commit_windows import BODY, FEEDS, START, Dataset, at, coded, entry, event_of, polled, text_of
from transforms import cadence, feed_entries
from transforms.exports import rolling_exports
from transforms.extraction.articles import extract_article
from transforms.records import Failure, FeedPolled, FeedState, Page
from transforms.tag_events import tag_article
from transforms.tagging.tagger import Tagger

ROOT = pathlib.Path(__file__).parent.parent
RULES = ROOT / "deploy" / "alerts" / "prometheus.yaml"
POLICIES = sorted((ROOT / "deploy" / "alerts" / "cloud_monitoring").glob("*.json"))
RUNBOOK = (ROOT / "deploy" / "RUNBOOK.md").read_text("utf-8")


@pytest.fixture
def dataset(tmp_path):
    """A dataset to commit windows to."""
    return Dataset(tmp_path / "records")


def article(name, feed="un", seen=START, *, text=None, events=(), **more):
    """An article of a feed, its own text unless given."""
    made = coded(entry(name, feed, seen=seen), text=text or BODY.replace("ville", name), events=events)
    return dataclasses.replace(made, article=dataclasses.replace(made.article, **more))


def poll_of(feed, moment, *, health="ok", status_="ok", **state):
    """A poll with the state it leaves."""
    made = polled(feed, moment)
    row = dataclasses.replace(made.row, status=status_, health=health, message="as it answered")
    kept = FeedState(feed_id=feed, polled=text_of(moment), health=health, **state)
    return FeedPolled(row=row, state=kept)


def described(dataset, now, **more):
    """The status of a dataset at a time."""
    return describe(DigestReader(dataset.store, LOOK_BACK_DAYS).read(now), now, **more)


def run_status(*arguments):
    """The command with its own parser; gives its exit status."""
    parser = command_line._Parser()
    status.add_parser(parser.add_subparsers(parser_class=command_line._Parser))
    return status.main(parser.parse_args(["status", *arguments]))


def alarms_of(found):
    """The names of the alarms that hold, with their labels."""
    return {(one.alarm.name, *dict(one.sample.labels).values()) for one in raised(samples(found))}


@pytest.mark.spoils
def test_days_count_articles_copies_events_and_rejects(dataset):
    """A day's line counts new articles, copies, their events and rejects; a revision is none of these."""
    long = " ".join(f"phrase{i} le village de la région numéro {i * 7} a reçu la visite du conseil" for i in range(60))
    dataset.commit(at(0), article("a", text=long, events=(event_of("a"), event_of("a", "REM.IED"))))
    dataset.commit(at(1), article("b", "deux", seen=at(1), text=long))
    dataset.commit(at(2), coded(entry("a", title="Corrigé", seen=at(2)), text=long, events=(event_of("a"),)))
    dataset.commit(at(24), Failure(stage="fetch", reason="HTTP_404", entries=(entry("c", seen=at(24)),)))
    found = described(dataset, at(25))
    lines = {day["day"]: day for day in found["days"]}
    assert len(lines) == 7
    assert lines["2026-11-20"] == {
        "day": "2026-11-20", "articles": 2, "revised": 1, "copies": 1, "events": 2, "rejects": 0,
    }  # fmt: skip
    assert (lines["2026-11-21"]["articles"], lines["2026-11-21"]["rejects"]) == (0, 1)
    assert found["rejects"] == {"day": {"HTTP_404": 1}, "week": {"HTTP_404": 1}}
    assert (found["last_article"], found["last_article_seconds"]) == (text_of(at(1)), 24 * 3600)


def test_lag_is_from_first_seen_to_ingested(dataset):
    """Median and 95th percentile of the last day's new articles, by nearest rank, to two digits."""
    lags = [*([60] * 18), 300, 4321]
    made = [article(f"a{i}", seen=at(5) - dt.timedelta(seconds=lag)) for i, lag in enumerate(lags)]
    dataset.commit(at(5), *made)
    assert described(dataset, at(6))["lag"] == {"articles": 20, "p50": 60, "p95": 300}
    assert described(dataset, at(5 + 25))["lag"] == {"articles": 0, "p50": None, "p95": None}


def test_the_queue_shows_its_size_its_oldest_and_its_reasons(dataset):
    """Entries that wait are counted by reason; what waits longer than retries last is an alarm."""
    waiting = [
        Failure(stage="fetch", reason=r, entries=(entry(n),))
        for n, r in zip("abc", ("WAITING", "HTTP_5XX", "WAITING"), strict=True)
    ]
    dataset.commit(at(0), *waiting)
    found = described(dataset, at(27))
    assert found["queue"] == {
        "entries": 3, "oldest": text_of(at(0)), "oldest_seconds": 27 * 3600, "by_reason": {"WAITING": 2, "HTTP_5XX": 1},
    }  # fmt: skip
    assert ("QueueStuck",) in alarms_of(found)
    assert ("QueueStuck",) not in alarms_of(described(dataset, at(25)))


def test_feeds_show_health_last_success_silence_and_proposed_moves(dataset):
    """A feed's line says what it answered last, since when it is silent and what address it proposes."""
    dataset.commit(
        at(0),
        poll_of(
            "un", at(0), last_success=text_of(at(0)), newest_entry=text_of(at(-72)), rate=3.0,
            moved_to="https://neu.example/f", moved_since=text_of(at(-24)),
        ),
        poll_of("deux", at(0), health="dead", status_="FEED_GONE", failures=31, last_success=text_of(at(-500))),
    )  # fmt: skip
    found = described(dataset, at(1))
    two, one = found["feeds"]["each"]
    assert (two["feed_id"], two["health"], two["status"], two["failures"]) == ("deux", "dead", "FEED_GONE", 31)
    assert (two["last_success"], two["message"], two["silent"]) == (text_of(at(-500)), "as it answered", False)
    assert (one["moved_to"], one["silent_seconds"], one["silence_limit_seconds"]) == (
        "https://neu.example/f",
        73 * 3600,
        48 * 3600,
    )
    assert found["feeds"]["by_health"]["dead"] == 1
    assert found["feeds"]["failing_share"] == 0.5
    assert {("FeedDead", "deux"), ("FeedSilent", "un"), ("FeedsFailing",)} <= alarms_of(found)
    assert ("FeedSilent", "deux") not in alarms_of(found)


def test_what_polls_suspect_of_a_feed_is_an_alarm(dataset):
    """A feed that leads elsewhere at once, other guids or a wrong clock at the third poll; two days later it is over."""

    def said(hours, feed, message):
        made = poll_of(feed, at(hours))
        return dataclasses.replace(made, row=dataclasses.replace(made.row, message=message))

    dataset.commit(
        at(0), said(0, "un", "CLOCK_SKEW,GUID_UNSTABLE"), said(0, "deux", "FEED_REPAIRED,FEED_HIJACK_SUSPECT")
    )
    dataset.commit(at(1), said(1, "un", "GUID_UNSTABLE,CLOCK_SKEW"), said(1, "deux", "NOT_A_FEED_HIJACK_SUSPECT"))
    assert {name for name, *_ in alarms_of(described(dataset, at(2)))} >= {"FeedHijacked"}
    assert not {"GuidsUnstable", "ClockSkew"} & {name for name, *_ in alarms_of(described(dataset, at(2)))}
    dataset.commit(at(2), said(2, "un", "GUID_UNSTABLE"), said(2, "deux", ""))
    found = described(dataset, at(3))
    deux, un = found["feeds"]["each"]
    assert un["suspicions"] == {"GUID_UNSTABLE": 3, "CLOCK_SKEW": 2}
    assert deux["suspicions"] == {"FEED_HIJACK_SUSPECT": 1}
    assert ("GuidsUnstable", "un", "GUID_UNSTABLE") in alarms_of(found)
    assert ("FeedHijacked", "deux", "FEED_HIJACK_SUSPECT") in alarms_of(found)
    shown = run_main("status", "--output", dataset.store.uri, "--now", text_of(at(3))).out
    assert "GUID_UNSTABLE 3" in " ".join(shown.replace("│", " ").split())
    assert not {"FeedHijacked", "GuidsUnstable"} & {name for name, *_ in alarms_of(described(dataset, at(50)))}


def test_silence_is_measured_against_the_cadence_before_it():
    """A feed of one entry a day is quiet after eight days and stays so, although its learned rate falls meanwhile."""
    rate, quiet_from = 1.0, None
    for hours in range(1, 60 * 24):
        rate = cadence.learned_rate(rate, 0, 1 / 24)
        silent = dt.timedelta(hours=hours)
        quiet = silent > cadence.silence_limit(rate, silent)
        assert not (quiet_from and not quiet), f"no longer quiet after {silent}"
        quiet_from = quiet_from or (silent if quiet else None)
    assert dt.timedelta(days=7.5) < quiet_from < dt.timedelta(days=8.5)
    assert cadence.silence_limit(50.0, dt.timedelta(0)) == dt.timedelta(days=2)
    assert cadence.silence_limit(0.0, dt.timedelta(0)) == dt.timedelta(days=30)


def test_feeds_that_left_the_catalogue_raise_nothing(dataset):
    """A feed that is no longer asked is named apart; with a catalogue, its feeds are the feeds."""
    gone = poll_of("alt", at(0), health="dead", newest_entry=text_of(at(-900)), rate=5.0)
    dataset.commit(at(0), gone)
    dataset.commit(at(80), poll_of("un", at(80)))
    found = described(dataset, at(81))
    assert {feed["feed_id"]: feed["left"] for feed in found["feeds"]["each"]} == {"alt": True, "un": False}
    assert found["feeds"]["by_health"]["dead"] == 0
    assert not {alarm for alarm in alarms_of(found) if "alt" in alarm}
    found = described(dataset, at(81), catalogue=FEEDS)
    assert {f["feed_id"]: (f["left"], f["health"]) for f in found["feeds"]["each"]} == {
        "alt": (True, "dead"), "un": (False, "ok"), "deux": (False, "unasked"),
    }  # fmt: skip


def test_a_language_without_a_healthy_feed_is_an_alarm(dataset):
    """A feed's language is what it writes in, or the catalogue's word; a language is gone when all its feeds are."""
    dataset.commit(
        at(0),
        article("a", "un", language="ha"),
        article("b", "deux", language="fr"),
        poll_of("un", at(0)),
        poll_of("deux", at(0)),
    )
    assert described(dataset, at(1))["languages"] == {
        "fr": {"feeds": 1, "healthy": 1},
        "ha": {"feeds": 1, "healthy": 1},
    }
    dataset.commit(at(2), poll_of("un", at(2), health="failing", status_="HTTP_5XX"))
    found = described(dataset, at(3))
    assert found["languages"]["ha"] == {"feeds": 1, "healthy": 0}
    assert ("LanguageGone", "ha") in alarms_of(found)
    assert ("LanguageGone", "fr") not in alarms_of(found)
    arabic = tuple(dataclasses.replace(feed, language="ar") for feed in FEEDS if feed.id == "un")
    assert described(dataset, at(3), catalogue=arabic)["languages"] == {"ar": {"feeds": 1, "healthy": 0}}


def test_rejects_above_a_share_are_an_alarm(dataset):
    """Dropped and quarantined over all entries that ended in a day; of a few entries there is no share."""
    bad = [Failure(stage="fetch", reason="PAYWALL", entries=(entry(f"x{i}"),)) for i in range(6)]
    dataset.commit(at(0), *bad[:1], article("a"))
    assert described(dataset, at(1))["entries"]["rejected_share"] is None
    dataset.commit(at(1), *bad[1:], *(article(f"a{i}", seen=at(1)) for i in range(17)))
    found = described(dataset, at(2))
    assert (found["entries"]["quarantined"], found["entries"]["rejected_share"]) == (6, 0.25)
    assert ("RejectsHigh",) in alarms_of(found)


def test_decay_needs_both_a_large_and_a_sure_change():
    """An outlet is flagged when a figure got much worse than before and chance is no explanation."""
    before = Quality(articles=60, not_from_page=3, undated=0, unknown_language=1, with_event=24, events=48)
    same = Quality(articles=15, not_from_page=1, with_event=6, events=12)
    assert decayed(same, before) == []
    assert decayed(dataclasses.replace(same, not_from_page=9), before) == ["not_from_page"]
    assert decayed(dataclasses.replace(same, undated=15, unknown_language=8), before) == ["undated", "unknown_language"]
    assert decayed(dataclasses.replace(same, articles=20, with_event=0, events=0), before) == ["events_per_article"]
    assert decayed(dataclasses.replace(same, with_event=5, events=5), before) == []
    assert decayed(Quality(articles=9, undated=9), before) == []
    assert decayed(Quality(articles=15, undated=15), Quality(articles=29)) == []
    assert decayed(before, dataclasses.replace(before, undated=40)) == []


def test_an_outlet_is_compared_with_its_own_earlier_days(dataset):
    """Two weeks of dated pages, then three days without dates: that outlet is flagged, the other is not."""
    for day in range(16):
        late = day >= 13
        made = []
        for i in range(5):
            seen = at(24 * day)
            made.append(article(f"u{day}-{i}", "un", seen=seen, published=None if late else text_of(seen)))
            made.append(article(f"d{day}-{i}", "deux", seen=seen, published=None))
        dataset.commit(at(24 * day), *made)
    found = described(dataset, at(24 * 15 + 1))
    outlets = {outlet["outlet"]: outlet for outlet in found["outlets"]}
    assert outlets["un"]["recent"] == {
        "articles": 15, "not_from_page": 0.0, "undated": 1.0, "unknown_language": 0.0, "events_per_article": 0.0,
    }  # fmt: skip
    assert (outlets["un"]["earlier"]["articles"], outlets["un"]["earlier"]["undated"]) == (65, 0.0)
    assert (outlets["un"]["decayed"], outlets["deux"]["decayed"]) == (["undated"], [])
    assert ("QualityDecay", "un", "undated") in alarms_of(found)


def test_latest_that_stands_still_or_behind_is_seen(dataset):
    """The age of latest.json is the time since it was written; newer manifests beside it are counted."""
    dataset.commit(at(0), article("a"))
    old = dataset.store.read("latest.json")
    dataset.commit(at(1), article("b"))
    assert described(dataset, at(1.5))["latest"]["seconds"] == 1800
    assert alarms_of(described(dataset, at(1.5))) == set()
    (dataset.store.root / "latest.json").write_bytes(old)
    found = described(dataset, at(1.5))
    assert found["latest"] == {"sequence": 1, "written": text_of(at(0)), "seconds": 5400, "manifests_ahead": 1}
    assert alarms_of(found) == {("LatestStale",)}
    assert {("LatestStale",), ("NoArticle",)} == alarms_of(described(dataset, at(8)))
    (dataset.store.root / "latest.json").unlink()
    assert described(dataset, at(3))["latest"]["manifests_ahead"] == 2


def test_a_second_reading_reads_only_what_is_new(dataset):
    """Objects never change, so a reader that stays looks at the windows since, and forgets days that are over."""
    dataset.commit(at(0), article("a"), poll_of("un", at(0)))
    reader = DigestReader(dataset.store, LOOK_BACK_DAYS)
    assert len(reader.read(at(1)).digests) == 1
    dataset.commit(at(1), article("b"), poll_of("un", at(1), failures=2))
    asked, real = [], dataset.store.read
    dataset.store.read = lambda name: asked.append(name) or real(name)
    committed = reader.read(at(2))
    assert [digest.articles for digest in committed.digests] == [1, 1]
    assert committed.states["un"].failures == 2
    first = orjson.loads(real(dataset.store.names("manifests/v1/")[0]))
    assert not {described["name"] for described in (*first["objects"], *first["state"])} & set(asked)
    assert reader.read(at(24 * 40)).digests == ()
    assert reader.read(at(24 * 40)).newest is not None


@pytest.mark.spoils
def test_objects_that_are_gone_are_counted_not_fatal(dataset):
    """A missing object costs its figures only, and is an alarm."""
    manifest = dataset.commit(at(0), article("a"))
    [events] = [d["name"] for d in manifest["objects"] if d["table"] == "articles"]
    (dataset.store.root / events).unlink()
    found = described(dataset, at(0.5))
    assert (found["objects_missing"], found["days"][-1]["articles"]) == (1, 0)
    assert ("ObjectsMissing",) in alarms_of(found)


def test_the_canary_is_followed_by_its_feed(dataset):
    """The age of the canary's last article; without such a feed there is neither figure nor alarm."""
    dataset.commit(at(0), article("a", "un"), poll_of("un", at(0)), poll_of("deux", at(0)))
    found = described(dataset, at(2.5), canary="un")
    assert found["canary"] == {"feed_id": "un", "last_article": text_of(at(0)), "seconds": 9000}
    assert ("CanaryLate",) in alarms_of(found)
    assert described(dataset, at(2.5), canary="deux")["canary"]["last_article"] is None
    assert described(dataset, at(2.5))["canary"] is None
    assert ("CanaryLate",) not in alarms_of(described(dataset, at(2.5)))


def test_the_canary_feed_is_read_and_tells_of_no_event(tmp_path):
    """What canary.py writes is a feed of dated entries whose page becomes an article without any event."""
    for hour in (0, 1, 60):
        write_canary(tmp_path, "https://canari.example/c", at(hour))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["canari-20261122-18.html", "feed.xml"]
    feed = dataclasses.replace(FEEDS[0], id="canary", url="https://canari.example/c/feed.xml", language="fr")
    [read] = feed_entries.read_feed(
        (tmp_path / "feed.xml").read_bytes(), feed, url=feed.url, headers={}, now=at(60)
    ).entries
    read = dataclasses.replace(read, first_seen=text_of(at(60)))
    page = Page(
        entries=(read,), url=read.url, fetched=text_of(at(60)), body=(tmp_path / "canari-20261122-18.html").read_bytes(),
        content_type="text/html", charset="utf-8",
    )  # fmt: skip
    found = extract_article(page, at(60))
    assert (found.published, found.language, found.body_from) == ("2026-11-22T18:00:00Z", "fr", "page")
    assert "Le canari va bien." in found.text
    assert tag_article(Tagger.load(), found, "NE").events == ()


def test_command_prints_tables_json_and_prometheus_text(dataset, capsys):
    """The three forms of one status; a hostile feed message is neither markup nor a control character."""
    bad = poll_of("un", at(0), health="failing", status_="NOT_A_FEED")
    bad = dataclasses.replace(bad, row=dataclasses.replace(bad.row, message="[red]no\x1b[2J feed[/blue]"))
    dataset.commit(at(0), article("a"), bad)
    where = ("--output", str(dataset.store.root), "--now", text_of(at(2)))
    assert run_status(*where) == 0
    shown = capsys.readouterr().out
    assert "LatestStale" in shown
    assert "[red]no\\u001b[2J feed[/blue]" in re.sub(r"\s*│\n│[ │]*", " ", shown)
    assert "\x1b" not in shown
    assert run_status(*where, "--json") == 0
    given = json.loads(capsys.readouterr().out)
    assert [alarm["name"] for alarm in given["alarms"]] == ["LatestStale", "LanguageGone", "FeedsFailing"]
    assert given["days"][-1]["articles"] == 1
    assert run_status(*where, "--prometheus") == 0
    assert "sahelwatch_latest_age_seconds 7200.0\n" in capsys.readouterr().out
    assert run_status(*where, "--all") == 0
    assert "Outlets" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--output", "{empty}"], "no dataset at"),
        (["--output", "s3://bucket/x"], "not 's3://bucket/x'"),
        (["--output", "{empty}", "--feeds", "{empty}/none.yaml"], "none.yaml"),
        (["--output", "{empty}", "--json", "--prometheus"], "not allowed with"),
        (["--output", "{empty}", "--metrics-port", "99999"], "not a port"),
        (["--output", "{empty}", "--now", "yesterday"], "not an ISO 8601 time"),
    ],
)
def test_bad_usage_is_one_clear_line(tmp_path, arguments, said):
    """Nothing to read, or a wrong option, is a UsageError that names it; nothing is written."""
    with pytest.raises(command_line.UsageError) as error:
        run_status(*(argument.format(empty=tmp_path) for argument in arguments))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_status_does_not_load_beam():
    """An operator does not wait for Beam."""
    code = "import sys, pipeline.status, pipeline.status_tables, pipeline.metrics; print('apache_beam' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "False"


def rules():
    """Prometheus' alarm rules by name."""
    return {
        rule["alert"]: rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]
    }


def policies():
    """Cloud Monitoring's policies by name."""
    return {
        found["displayName"].removeprefix("sahelwatch "): found
        for found in (json.loads(p.read_text("utf-8")) for p in POLICIES)
    }


def test_every_alarm_is_the_same_in_each_system():
    """Condition, duration and severity of the rules and of the policies are those of the list."""
    minutes = {"m": 1, "h": 60}
    assert set(rules()) == {alarm.name for alarm in ALARMS} | {"ExporterGone"}
    for name, rule in rules().items():
        [condition] = policies()[name]["conditions"]
        query = condition["conditionPrometheusQueryLanguage"]
        duration = int(rule["for"][:-1]) * minutes[rule["for"][-1]]
        assert (query["query"], query["duration"]) == (rule["expr"], f"{duration * 60}s"), name
        assert policies()[name]["severity"] == rule["labels"]["severity"].upper(), name
    for alarm in ALARMS:
        rule = rules()[alarm.name]
        assert (rule["expr"], rule["labels"]["severity"]) == (alarm.expression, alarm.severity)
        assert int(rule["for"][:-1]) * minutes[rule["for"][-1]] == alarm.minutes
        assert rule["annotations"]["summary"] == alarm.summary


def test_every_rule_is_promql_over_figures_that_exist():
    """Each expression parses, has a threshold (or asks for absence), and names only figures of the list."""
    for name, rule in rules().items():
        promql_parser.parse(rule["expr"])
        assert re.search(r"[<>] [0-9.]+$", rule["expr"]) or rule["expr"].startswith("absent("), name
        named = set(re.findall(r"sahelwatch_[a-z_]+", rule["expr"]))
        assert named, name
        assert named <= set(GAUGES), name
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["value"]):
            assert label in {"feed", "language", "outlet", "figure"}, name


def test_every_alarm_has_its_runbook_entry():
    """Each alarm of any system has a heading of its name with something under it, and no heading is left over."""
    headings = dict(re.findall(r"^## ([A-Z][A-Za-z]+)\n+([^#]+)", RUNBOOK, re.MULTILINE))
    wanted = {*rules(), *policies()}
    assert {name for name in headings if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name)} == wanted
    for name in wanted:
        assert len(headings[name]) > 80, name
    for name, rule in rules().items():
        assert rule["annotations"]["runbook"].endswith(f"#{name.lower()}")
    for name, policy in policies().items():
        assert f"heading {name}" in policy["documentation"]["content"]


def test_every_dataflow_policy_has_a_numeric_threshold():
    """The conditions over Dataflow's own metrics name the metric and a number."""
    native = [
        c["conditionThreshold"] for p in policies().values() for c in p["conditions"] if "conditionThreshold" in c
    ]
    assert len(native) == 3
    for condition in native:
        assert "dataflow.googleapis.com/job/" in condition["filter"]
        assert isinstance(condition["thresholdValue"], (int, float))


def test_every_alarm_can_be_raised_and_ends():
    """Just beyond its limit an alarm holds, at the limit it does not."""
    for alarm in ALARMS:
        step = 0.001 if alarm.above else -0.001
        beyond, at_limit = (
            Sample(name=alarm.metric, value=alarm.limit + more, labels=alarm.labels) for more in (step, 0)
        )
        assert [one.alarm.name for one in raised([beyond])] == [alarm.name]
        assert raised([at_limit]) == []


def test_every_gauge_is_exported_somewhere(dataset):
    """The list of figures has none that the code never gives, and the code gives none that is not on the list."""
    failures = [Failure(stage="fetch", reason=r, entries=(entry(r),)) for r in ("HTTP_404", "WAITING")]
    made = [article(f"a{i}") for i in range(20)]
    poll = poll_of("un", at(0), newest_entry=text_of(at(0)), rate=1.0)
    suspected = dataclasses.replace(poll, row=dataclasses.replace(poll.row, message="CLOCK_SKEW"))
    dataset.commit(at(0), *made, *failures, suspected)
    given = {sample.name for sample in samples(described(dataset, at(1), canary="un"))}
    rolling_exports(dataset.store, at(0))
    assert run_main("compact", "--output", dataset.store.uri, "--now", text_of(at(48))).status == 0
    assert run_main("expire", "--output", dataset.store.uri, "--feeds", "2d", "--now", text_of(at(72))).status == 0
    given |= {sample.name for sample in samples(described(dataset, at(73), canary="un"))}
    assert given == set(GAUGES)


def test_namespace_has_the_options_the_command_needs():
    """The parser gives what ``main`` reads, so the lead can join it as it is."""
    parser = argparse.ArgumentParser()
    status.add_parser(parser.add_subparsers())
    assert set(vars(parser.parse_args(["status", "--output", "x"]))) == {
        "output", "json", "prometheus", "metrics_port", "metrics_address", "feeds", "canary", "all", "now",
    }  # fmt: skip


def test_a_busy_feed_without_dates_is_asked_again_before_its_list_rolls_over():
    """Two entries an hour, ten listed, nothing dated: no pause lets ten come, and within a day its rate is nearly known."""
    rate, moment = 0.0, 0.0
    pause = cadence.learned_interval(rate)
    while moment < 86400.0:
        assert 2 * pause / 3600 < 10
        moment += pause
        rate = cadence.learned_rate(rate, round(2 * pause / 3600), pause / 86400)
        pause = cadence.learned_interval(rate)
    assert pause < 7200
