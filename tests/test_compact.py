"""``sahelwatch compact``: the lakehouse tables hold what a reader of the windows finds, whatever happens meanwhile."""

import datetime as dt
import gzip
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties, DeltaTable, Field, Transaction, write_deltalake

from tests import kill_writer
from tests.conftest import run_main
from tests.handmade import Handmade, article, id_of, text_of
from tests.lake_days import START, LakeDays, expected, found
from transforms.arrow_rows import arrow_schema
from transforms.commit_windows import commit_window
from transforms.compact import OPEN_TABLES, closed_days, compact, forget_rows
from transforms.contract import write_contract
from transforms.history import History
from transforms.lakehouse import LakeConflictError, LaterTableError, open_lake
from transforms.records import to_json
from transforms.schema import TABLES
from transforms.store import LocalStore, open_store
from transforms.window_plan import Versions

WEEK = dt.timedelta(days=7)


def after(day, hours=2):
    """A clock some hours after the end of a day of the test's month."""
    return START + dt.timedelta(days=day + 1, hours=hours)


def delta(store, table, version=None):
    """The table as a reader opens it."""
    return DeltaTable(f"{store.uri}/compact/v1/{table}", version=version)


def check(store, tables=tuple(TABLES)):
    """Each table holds what the windows it covers say; gives the sequences covered."""
    covered = set()
    for table in tables:
        lake = open_lake(store, table)
        assert found(lake._delta) == expected(store, table, lake.sequence), table
        covered.add(lake.sequence)
    return covered


def test_tables_hold_the_latest_rows_day_after_day(tmp_path):
    """New rows, revisions and withdrawals of older days, of the same day, and rows that were brought back."""
    days = LakeDays(tmp_path, seed=1)
    for number in range(6):
        sequence = days.day(number)
        compact(days.store, now=after(number), keep=WEEK, tables=tuple(TABLES))
        assert check(days.store) == {sequence}
    assert expected(days.store, "articles", sequence), "nothing is left to compare"
    back = [r for r in expected(days.store, "articles", sequence) if r["revision"] > 1]
    assert back, "no article was revised often"


def test_many_days_at_once_are_the_same_as_day_by_day(tmp_path):
    """A backlog ends in the same rows, and what is covered is known."""
    one, other = LakeDays(tmp_path / "a", seed=3), LakeDays(tmp_path / "b", seed=3)
    for number in range(4):
        one.day(number)
        other.day(number)
        compact(other.store, now=after(number), keep=WEEK)
    compact(one.store, now=after(3), keep=WEEK)
    for table in OPEN_TABLES:
        assert found(delta(one.store, table)) == found(delta(other.store, table))
    assert open_lake(one.store, "events").sequence == one.made.sequence


def test_a_second_run_changes_nothing(tmp_path):
    """Not a byte, not a file, not a version."""
    days = LakeDays(tmp_path, seed=2)
    days.day(0)
    days.day(1)
    compact(days.store, now=after(1), keep=WEEK)
    before = {name: days.store.read(name) for name in days.store.names("")}
    done = compact(days.store, now=after(1), keep=WEEK)
    assert {name: days.store.read(name) for name in days.store.names("")} == before
    assert [(one.days, one.added, one.removed, one.vacuumed) for one in done] == [(0, 0, 0, 0)] * len(OPEN_TABLES)


def test_full_texts_are_compacted_only_when_asked(tmp_path):
    """They lie under rights of their own."""
    days = LakeDays(tmp_path)
    days.day(0)
    assert {one.table for one in compact(days.store, now=after(0), keep=WEEK)} == set(TABLES) - {"texts"}
    assert open_lake(days.store, "texts") is None
    compact(days.store, now=after(0), keep=WEEK, tables=("texts",))
    assert check(days.store, ("texts",)) == {days.made.sequence}


def test_a_day_is_closed_once_the_next_has_begun_or_the_clock_says_so(tmp_path):
    """Today is never compacted; yesterday is an hour after midnight, or when a window of today is there."""
    days = LakeDays(tmp_path)
    days.day(0)
    names = days.store.names("manifests/v1/")
    assert closed_days(names, START + dt.timedelta(hours=20)) == []
    assert closed_days(names, START + dt.timedelta(days=1, minutes=59)) == []
    assert [day.day for day in closed_days(names, START + dt.timedelta(days=1, minutes=61))] == ["2026-11-01"]
    days.day(1)
    names = days.store.names("manifests/v1/")
    assert [day.day for day in closed_days(names, START)] == ["2026-11-01"], "the clock was set back"


def test_a_window_that_comes_late_for_a_day_that_was_done_is_caught_up_with(tmp_path):
    """The clock closed the day, then one more window of it was committed."""
    days = LakeDays(tmp_path, seed=4)
    days.day(0, windows=1)
    compact(days.store, now=after(0), keep=WEEK, tables=tuple(TABLES))
    days.made.commit(
        article("tard", ingested=text_of(START + dt.timedelta(hours=23))), at=START + dt.timedelta(hours=23)
    )
    compact(days.store, now=after(0), keep=WEEK, tables=tuple(TABLES))
    assert check(days.store) == {2}
    assert id_of("tard") in {row["article_id"] for row in found(delta(days.store, "articles"))}
    assert len(delta(days.store, "articles").partitions()) == 1


def test_files_are_zstd_sorted_nested_and_described(tmp_path):
    """One file a day; the log has bounds to skip it by; columns carry the dictionary's words."""
    days = LakeDays(tmp_path, seed=5)
    days.day(0, fresh=20, revised=0)
    compact(days.store, now=after(0), keep=WEEK, description="machine coded")
    table = delta(days.store, "events")
    [name] = table.file_uris()
    file = pq.ParquetFile(name)
    kept = file.read()
    assert {file.metadata.row_group(0).column(i).compression for i in range(file.metadata.num_columns)} == {"ZSTD"}
    keys = list(zip(kept["article_id"].to_pylist(), kept["event_id"].to_pylist(), strict=True))
    assert keys == sorted(keys) and len(keys) > 20  # noqa: PT018
    assert kept.schema.field("quantities").type.value_type.field("low").type == pa.int64()
    assert kept.schema.field("location").type.field("latitude").type == pa.float64()
    [added] = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    assert (added["min.article_id"], added["max.article_id"]) == (keys[0][0], keys[-1][0])
    assert added["num_records"] == len(keys)
    assert table.metadata().description == "machine coded"
    comments = {field.name: field.metadata["comment"] for field in table.schema().fields}
    assert comments["story_id"] and comments["dt"]  # noqa: PT018


def test_a_reader_of_an_older_version_goes_on(tmp_path):
    """What was opened before stays readable and the same while days are added and older rows move."""
    days = LakeDays(tmp_path, seed=6)
    sequence = days.day(0)
    compact(days.store, now=after(0), keep=WEEK)
    opened = delta(days.store, "articles")
    before = expected(days.store, "articles", sequence)
    for number in range(1, 3):
        days.day(number, revised=6)
        compact(days.store, now=after(number), keep=WEEK)
    assert found(opened) == before
    assert found(delta(days.store, "articles", version=opened.version())) == before
    assert found(delta(days.store, "articles")) != before


def test_old_versions_are_vacuumed_after_the_time_they_are_kept(tmp_path):
    """Files that only older versions need go, and a killed writer's; the newest version keeps its own."""
    days = LakeDays(tmp_path, seed=7)
    for number in range(3):
        days.day(number, revised=6)
        compact(days.store, now=after(number), keep=WEEK)
    folder = tmp_path / "compact/v1/articles"
    leftover = folder / "dt=2026-11-01/part-0.zstd.parquet"
    leftover.write_bytes(b"half")
    files = set(folder.rglob("dt=*/*.parquet"))
    live = {(folder / path).resolve() for path in open_lake(days.store, "articles").files()}
    assert files - live - {leftover}, "no older file is there to go"
    compact(days.store, now=after(2), keep=WEEK)
    assert set(folder.rglob("dt=*/*.parquet")) == files, "too young to go"
    for file in files | set((folder / "_delta_log").iterdir()):
        age(file, days=8)
    lake = open_lake(days.store, "articles")
    rewrite_removals(folder / "_delta_log", days=8)
    compact(days.store, now=after(2), keep=WEEK)
    assert set(folder.rglob("dt=*/*.parquet")) == live
    assert check(days.store, ("articles",)) == {lake.sequence}


def test_a_table_of_an_earlier_version_gets_the_columns_that_came_since(tmp_path):
    """Also those nested in others; its older rows have null there, and the rest is as it was."""
    days = LakeDays(tmp_path, seed=8)
    days.day(0, fresh=6, revised=0)
    before = without(arrow_schema("events"), "target_class", "claimed_by")
    rows = [shorn(row, before) for row in expected(days.store, "events", days.made.sequence)]
    written = pa.Table.from_pylist(rows, before).append_column("dt", pa.repeat(pa.scalar(START.date()), len(rows)))
    covered = CommitProperties(app_transactions=[Transaction("sahelwatch-compact", days.made.sequence)])
    write_deltalake(tmp_path / "compact/v1/events", written, partition_by=["dt"], commit_properties=covered)
    sequence = days.day(1)
    compact(days.store, now=after(1), keep=WEEK, tables=("events",))
    schema = pa.schema(delta(days.store, "events").schema().to_arrow())
    assert {field.name: typed(field.type) for field in schema if field.name != "dt"} == {
        field.name: typed(field.type) for field in arrow_schema("events")
    }
    now = found(delta(days.store, "events"))
    old = [row for row in now if row["ingested"] < text_of(START + dt.timedelta(days=1))]
    assert old and all(row["target_class"] is None and row["quantities"][0]["claimed_by"] is None for row in old)  # noqa: PT018
    assert [shorn(row, before) for row in now] == [
        shorn(row, before) for row in expected(days.store, "events", sequence)
    ]


def without(schema, *names):
    """The schema without columns of these names, at any depth."""

    def narrow(kind):
        if pa.types.is_list(kind):
            return pa.list_(narrow(kind.value_type))
        if pa.types.is_struct(kind):
            return pa.struct([pa.field(f.name, narrow(f.type)) for f in kind if f.name not in names])
        return kind

    return pa.schema([pa.field(f.name, narrow(f.type)) for f in schema if f.name not in names])


def typed(kind):
    """A type as plain values; the order of nested columns is of no account."""
    if pa.types.is_list(kind):
        return [typed(kind.value_type)]
    return {f.name: typed(f.type) for f in kind} if pa.types.is_struct(kind) else str(kind)


def shorn(row, schema):
    """The row with the columns of a schema only."""
    return pa.Table.from_pylist([row], schema).to_pylist()[0]


def test_a_table_of_a_later_version_is_left_alone(tmp_path):
    """One clear line, nothing written: its columns would be lost."""
    days = LakeDays(tmp_path, seed=9)
    days.day(0)
    compact(days.store, now=after(0), keep=WEEK)
    delta(days.store, "stories").alter.add_columns([Field("mood", "string")])
    days.day(1)
    with pytest.raises(LaterTableError, match="stories has mood"):
        compact(days.store, now=after(1), keep=WEEK, tables=("stories",))
    ran = run_main("compact", "--output", str(tmp_path), "--now", text_of(after(1)))
    assert ran.status == 2
    assert ran.err.count("\n") == 1 and "mood" in ran.err  # noqa: PT018


def test_a_damaged_object_stops_the_run_before_anything_of_its_day_is_visible(tmp_path):
    """Which object, why, and exit status 1; mended, the next run goes on."""
    days = LakeDays(tmp_path, seed=10)
    days.day(0)
    sequence = days.day(1)
    [name] = [n for n in days.store.names("events/v1/dt=2026-11-02") if n.endswith(f"{sequence:024x}.jsonl.gz")]
    whole = days.store.read(name)
    for damage, said in ((whole[:-9], "not whole gzip"), (None, "does not exist"), (b"", "the last line")):
        (tmp_path / name).unlink(missing_ok=True)
        if damage is not None:
            (tmp_path / name).write_bytes(damage or gzip.compress(b'{"event_id": "x"}'))
        ran = run_main("compact", "--output", str(tmp_path), "--now", text_of(after(1)), "--table", "events")
        assert (ran.status, ran.out) == (1, "")
        assert name in ran.err and said in ran.err  # noqa: PT018
        assert open_lake(days.store, "events").sequence == 2
    (tmp_path / name).write_bytes(whole)
    compact(days.store, now=after(1), keep=WEEK, tables=("events",))
    assert check(days.store, ("events",)) == {sequence}


def altered(path):
    """A byte in the middle of a file is another."""
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(bytes(content))


DAMAGES = {
    "a file of the table is gone": ("articles/dt=*/*.parquet", pathlib.Path.unlink, "does not exist, but"),
    "a file is cut short": (
        "articles/dt=*/*.parquet", lambda path: path.write_bytes(path.read_bytes()[:-9]), "was altered: "
    ),
    "a byte of a file is another": ("stories/dt=*/*.parquet", altered, "was altered: "),
    "the log is gone": ("articles/_delta_log", shutil.rmtree, "no log (_delta_log)"),
    "the log's first entry is gone": ("articles/_delta_log/00000000000000000000.json", pathlib.Path.unlink, "compact tables"),
    "an entry of the log is torn": (
        "feeds/_delta_log/*1.json", lambda path: path.write_bytes(path.read_bytes()[:90]), "cannot read"
    ),
}  # fmt: skip


@pytest.mark.spoils
def test_verify_names_what_of_a_table_was_altered(tmp_path):
    """Each damage is one finding under its folder and exit status 1, not an audit that cannot be made."""
    write_windows(tmp_path / "whole", 9)
    assert run_main("compact", "--output", str(tmp_path / "whole"), "--now", "2026-11-30T00:00:00Z").status == 0
    for number, (name, (pattern, damage, said)) in enumerate(DAMAGES.items()):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        spoilt = min((folder / "compact/v1").glob(pattern))
        damage(spoilt)
        ran = run_main("verify", "--output", str(folder), "--json")
        assert ran.status == 1, name
        [finding] = ran.json["findings"]
        assert finding["check"] == "compact", name
        assert said in finding["message"], (name, finding)
        assert finding["where"].startswith(f"compact/v1/{pattern.split('/')[0]}"), name


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    """A file where the tables' folder should be, as a folder without rights: exit status 2."""
    write_windows(tmp_path, 9)
    (tmp_path / "compact").write_bytes(b"")
    ran = run_main("compact", "--output", str(tmp_path), "--now", "2026-11-30T00:00:00Z")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran.err
    assert "cannot write to the compact tables" in ran.err or "cannot read the compact tables" in ran.err


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="needs Linux' account of peak memory")
def test_memory_is_that_of_a_day_not_of_the_history(tmp_path):
    """The last day moves a row out of every older one; 17 more days of 1.5 MB take hardly more memory."""
    peaks = []
    for length in (3, 20):
        folder = tmp_path / str(length)
        made = Handmade(folder)
        for number in range(length):
            at = START + dt.timedelta(days=number, hours=5)
            older = range(number if number == length - 1 else 0)
            moved = [article(f"a{old}-0", revision=1, ingested=text_of(at)) for old in older]
            rows = [article(f"a{number}-{n}", title=long_title(number, n), ingested=text_of(at)) for n in range(50)]
            made.commit(*rows, *moved, at=at)
        compact(made.store, now=after(length - 2), keep=WEEK, tables=("articles",))
        ran = subprocess.run(
            [sys.executable, "-c", PEAK, str(folder), text_of(after(length - 1))],
            capture_output=True, check=True, text=True, env={**os.environ, **PROMPT},
        )  # fmt: skip
        peaks.append(int(ran.stdout))
    assert delta(LocalStore(folder), "articles").history(1)[0]["sequence"] == "20"
    assert peaks[1] - peaks[0] < 12_000, f"{peaks} kB"


PROMPT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536",
    "MALLOC_MMAP_THRESHOLD_": "65536",
}  # fmt: skip
"""An allocator that gives back at once what is freed; the usual ones keep 50 MB more or less, as chance will have it."""

PEAK = """
import datetime as dt, pathlib, re, sys
from transforms.compact import compact
from transforms.store import open_store
[done] = compact(open_store(sys.argv[1]), now=dt.datetime.fromisoformat(sys.argv[2]), keep=dt.timedelta(days=7), tables=("articles",))
assert done.removed == done.sequence - 1
# not getrusage: its peak begins with that of the process which started this one
print(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


def long_title(number, n):
    """A title of 30 kB that compresses badly."""
    return random.Random(number * 1000 + n).randbytes(15_000).hex()


def test_a_run_under_way_does_not_bring_back_what_is_forgotten(tmp_path):
    """It read the rows before they were forgotten; its commit fails, even where nothing was to be removed."""
    days = LakeDays(tmp_path, seed=12)
    days.day(0)
    compact(days.store, now=after(0), keep=WEEK)
    under_way = open_lake(days.store, "articles")
    rows = {"2026-11-02": pa.Table.from_pylist([to_json(article("vite"))], arrow_schema("articles"))}
    forget_rows(days.store)
    with pytest.raises(LakeConflictError):
        under_way.change(rows, sequence=99)
    assert open_lake(days.store, "articles").sequence == days.made.sequence


@pytest.mark.spoils
def test_verify_holds_the_tables_against_the_windows(tmp_path):
    """A row too few, one too many, an older revision, a wrong day and a table ahead of its windows are each found."""
    write_windows(tmp_path / "whole", 9)
    assert run_main("compact", "--output", str(tmp_path / "whole"), "--now", "2026-11-30T00:00:00Z").status == 0
    verified = run_main("verify", "--output", str(tmp_path / "whole"), "--json").json
    examined = {line["check"]: line["examined"] for line in verified["checks"]}
    assert verified["ok"] and examined["compact"] > 30, verified  # noqa: PT018

    def row_of(table):
        return table.to_pyarrow_table().slice(0, 1)

    def moved(table):
        row = row_of(table)
        return row.set_column(row.schema.names.index("dt"), "dt", pa.array([dt.date(2026, 11, 1)]))

    def ahead(table):
        covers = CommitProperties(app_transactions=[Transaction("sahelwatch-compact", 99)])
        write_deltalake(table, row_of(table).slice(0, 0), mode="append", commit_properties=covers)

    def older(table):
        table.update({"seq": "seq - 1"}, predicate=f"article_id = '{row_of(table)['article_id'][0]}'")

    def misplaced(table):
        row = moved(table)
        table.delete(f"article_id = '{row['article_id'][0]}'")
        write_deltalake(table, row, mode="append")

    for name, spoil, said in (
        ("few", lambda table: table.delete(f"article_id = '{row_of(table)['article_id'][0]}'"), "is missing"),
        ("many", lambda table: write_deltalake(table, row_of(table), mode="append"), "stands twice"),
        ("older", older, "not the latest"),
        ("misplaced", misplaced, "lies in 2026-11-01"),
        ("ahead", ahead, "covers window 99, but the newest is 9"),
    ):
        folder = tmp_path / name
        shutil.copytree(tmp_path / "whole", folder)
        spoil(DeltaTable(folder / "compact/v1/articles"))
        ran = run_main("verify", "--output", str(folder), "--json")
        assert ran.status == 1, name
        assert [finding["check"] for finding in ran.json["findings"]] == ["compact"], name
        assert said in ran.json["findings"][0]["message"], name
    DeltaTable(tmp_path / "whole/compact/v1/feeds").delete("dt = '2026-11-21'")
    finding, *_ = run_main("verify", "--output", str(tmp_path / "whole"), "--json").json["findings"]
    assert finding["message"] == "the rows of window 3 are not those the window has"


def write_windows(folder, number):
    """A dataset that verify has nothing to say against: three windows a day."""
    history = History(open_store(str(folder)))
    for window in range(1, number + 1):
        moment = text_of(kill_writer.moment_of(window))
        commit_window(
            kill_writer.outcomes_of(window), history, window=(moment, moment),
            now=kill_writer.START + dt.timedelta(hours=8 * window), versions=Versions(pipeline="1", rules="r"),
        )  # fmt: skip
    write_contract(open_store(str(folder)))


def test_bad_usage_is_one_line(tmp_path):
    """No dataset, an age that would take files from readers, an unknown table, a path the library cannot take."""
    assert_usage("no dataset", "--output", str(tmp_path))
    assert_usage("less than 1h", "--output", str(tmp_path), "--keep", "10m")
    assert_usage("invalid choice", "--output", str(tmp_path), "--table", "moods")
    assert_usage("not an age", "--output", str(tmp_path), "--keep", "a week")
    LakeDays(tmp_path / "a%b").day(0)
    assert_usage("path holds", "--output", str(tmp_path / "a%b"), "--now", text_of(after(0)))


def assert_usage(said, *arguments):
    ran = run_main("compact", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1 and said in ran.err, ran.err  # noqa: PT018


def test_the_command_says_what_it_did(tmp_path):
    """As a table, and as one JSON object; before any day is closed that there is nothing to do."""
    days = LakeDays(tmp_path / "a b é", seed=13)
    days.day(0)
    place = str(tmp_path / "a b é")
    early = run_main("compact", "--output", place, "--now", text_of(START))
    assert early.status == 0 and "no day is closed" in early.out  # noqa: PT018
    done = run_main("compact", "--output", place, "--now", text_of(after(0)), "--json").json["tables"]["articles"]
    assert (done["days"], done["sequence"]) == (1, days.made.sequence)
    again = run_main("compact", "--output", place, "--now", text_of(after(0)))
    assert again.status == 0 and "articles" in again.out  # noqa: PT018
    assert check(days.store, OPEN_TABLES) == {days.made.sequence}


def age(file, days):
    """Make a file look as old as that."""
    moment = file.stat().st_mtime - days * 86400
    os.utime(file, (moment, moment))


def rewrite_removals(log, days):
    """Make the removals of a log as old as that."""
    for commit in log.glob("*.json"):
        actions = [json.loads(line) for line in commit.read_text("utf-8").splitlines()]
        for action in actions:
            if "remove" in action:
                action["remove"]["deletionTimestamp"] -= days * 86400 * 1000
        commit.write_text("\n".join(json.dumps(action) for action in actions), "utf-8")
