"""A ``compact``, an ``expire`` or a renewal of ``exports/`` that stopped is an alarm; what nobody runs is none."""

import datetime as dt

import pytest

from pipeline.alarms import raised
from pipeline.gauges import samples
from pipeline.health import LOOK_BACK_DAYS, describe
from pipeline.upkeep import ASIDE, CLOSED_AFTER
from pipeline.window_digests import DigestReader
from tests.conftest import run_main
from tests.test_commit_windows import Dataset, at, coded, entry, polled, text_of
from transforms import compact as compacting
from transforms import exports
from transforms.schema import TABLES

HOURS = 3600


@pytest.fixture
def days(tmp_path):
    """Four days with a window at six in the morning each."""
    made = Dataset(tmp_path / "out")
    for day in range(4):
        moment = at(24 * day)
        name = f"a{day}"
        made.commit(
            moment, polled("un", moment, entry(name, seen=moment)), coded(entry(name, seen=moment), text=name * 90)
        )
    return made


def upkeep(reader, now):
    """The figures of upkeep and the names of its alarms at a time."""
    status = describe(reader.read(now), now)
    names = {one.alarm.name for one in raised(samples(status))}
    return status["upkeep"], names & {"CompactLate", "ExpiryLate", "ExportsLate"}


def test_the_constants_are_those_of_compact():
    """They are repeated where its libraries would be slow to load."""
    assert CLOSED_AFTER == compacting.GRACE
    assert set(TABLES) - set(compacting.OPEN_TABLES) == ASIDE


def test_a_compact_that_stopped_is_an_alarm_until_it_ran(days):
    """Nobody compacts: none. Up to date: 0. From 36 hours after the first day it left out: raised, and ended by a run."""
    reader, root = DigestReader(days.store, LOOK_BACK_DAYS), days.store.uri
    assert upkeep(reader, at(96))[0]["compact_behind_seconds"] is None
    assert run_main("compact", "--output", root, "--now", text_of(at(30))).status == 0
    found, alarms = upkeep(reader, at(42))
    assert (found["compact_behind_seconds"], alarms) == (0, set())
    # three days are over since a later one has begun; the fourth ends 90 hours after the start and closes an hour later
    assert upkeep(reader, at(92))[0]["compact_behind_seconds"] == HOURS
    assert upkeep(reader, at(91 + 36))[1] == set()
    found, alarms = upkeep(reader, at(91 + 36.01))
    assert (found["compact_behind_seconds"], alarms) == (36 * HOURS + 36, {"CompactLate"})
    assert run_main("compact", "--output", root, "--now", text_of(at(91 + 37))).status == 0
    assert upkeep(reader, at(91 + 37)) == (found | {"compact_behind_seconds": 0}, set())


def test_one_table_that_was_left_behind_counts(days):
    """The tables are read together: what the slowest lacks, a reader lacks."""
    root = days.store.uri
    assert run_main("compact", "--output", root, "--now", text_of(at(30))).status == 0
    assert run_main("compact", "--output", root, "--now", text_of(at(128)), "--table", "events").status == 0
    assert "CompactLate" in upkeep(DigestReader(days.store, LOOK_BACK_DAYS), at(128))[1]


@pytest.mark.spoils
def test_a_table_that_cannot_be_read_covers_nothing(days):
    """A torn log is no reason for silence."""
    assert run_main("compact", "--output", days.store.uri, "--now", text_of(at(96))).status == 0
    reader = DigestReader(days.store, LOOK_BACK_DAYS)
    assert upkeep(reader, at(96))[1] == set()
    for log in (days.store.root / "compact/v1/stories/_delta_log").iterdir():
        if log.is_file():
            log.unlink()
    (days.store.root / "compact/v1/stories/_delta_log/00000000000000000000.json").write_bytes(b"{")
    assert upkeep(reader, at(128))[1] == {"CompactLate"}


def test_an_expiry_that_stopped_is_an_alarm(days):
    """Where retention never ended anything there is no figure; three days after it last did it is late."""
    reader, root = DigestReader(days.store, LOOK_BACK_DAYS), days.store.uri
    assert upkeep(reader, at(96))[0]["last_expiry"] is None
    assert run_main("expire", "--output", root, "--feeds", "45d", "--now", text_of(at(24 * 46))).status == 0
    assert upkeep(reader, at(24 * 46))[0]["last_expiry"] == text_of(at(24 * 46))
    assert upkeep(reader, at(24 * 49))[1] == set()
    assert upkeep(reader, at(24 * 49.1))[1] == {"ExpiryLate"}


def test_exports_that_are_not_renewed_are_an_alarm(days):
    """Against the newest window, not the clock: a pipeline that stands still has others."""
    reader = DigestReader(days.store, LOOK_BACK_DAYS)
    assert upkeep(reader, at(72))[0]["exports_behind_seconds"] is None
    exports.rolling_exports(days.store, at(72))
    assert upkeep(reader, at(72) + dt.timedelta(days=1))[0]["exports_behind_seconds"] == 0
    days.commit(at(76), polled("un", at(76)))
    assert upkeep(reader, at(76)) == (
        {
            "compact_behind_seconds": None, "last_expiry": None, "last_expiry_seconds": None,
            "exports_of": text_of(at(72)), "exports_behind_seconds": 4 * HOURS,
        },
        {"ExportsLate"},
    )  # fmt: skip
    exports.rolling_exports(days.store, at(76))
    assert upkeep(reader, at(76))[1] == set()


def test_status_shows_it(days):
    """A line each in the table, and the same in JSON and in Prometheus' text."""
    root, now = days.store.uri, text_of(at(200))
    assert run_main("compact", "--output", root, "--now", text_of(at(30))).status == 0
    shown = run_main("status", "--output", root, "--now", now).out
    assert "CompactLate" in shown
    assert "a day has waited for 4 d 13 h" in shown
    assert "compact_behind_seconds" in run_main("status", "--output", root, "--now", now, "--prometheus").out
    assert run_main("status", "--output", root, "--now", now, "--json").json["upkeep"]["compact_behind_seconds"] > 0
