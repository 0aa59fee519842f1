"""The readers' kit for the compact tables: recipes and SQL find in them what they find in the windows."""

import datetime as dt
import re

import duckdb
import pandas as pd
import pytest
import sqlglot

from tests.handmade import Handmade, article, clock, event, killed, retraction, story
from tests.lake_days import LakeDays
from tests.test_compact import WEEK, after
from tests.test_contract import found, text
from transforms.compact import compact
from transforms.contract import PUBLIC_TABLES, contract_files, write_contract
from transforms.datasets import current_rows
from transforms.records import FeedRow

RECIPES = re.findall(r"```python\n(.*?)```", text("README.md"), re.DOTALL)
VIEWS = ("current_articles", "current_stories", "current_events", "story_members", "stories_with_copies")


def at(day, hour="18:00"):
    """A time of the test's month."""
    return dt.datetime.fromisoformat(clock(hour, day))


def poll(day):
    """A feed was asked on a day."""
    when = clock("18:00", day)
    return FeedRow(feed_id="un", url="https://un.example/f", polled=when, status="ok", ingested=when)


@pytest.fixture
def dataset(tmp_path):
    """Two closed days and an open one that corrects, withdraws and carries on what they hold."""
    made = Handmade(tmp_path / "out")
    wrong = event("x", "BAT.CLASH", ingested=clock("18:00", 18))
    made.commit(
        article("a", ingested=clock("18:00", 18)), article("b", ingested=clock("18:00", 18)), article("x"),
        story("a"), story("b", "a", "copy"), story("x"), event("a", "CIV.ATTACK", killed(12), root="a"), wrong,
        poll(18), at=at(18),
    )  # fmt: skip
    later = {"revision": 1, "revision_reason": "source_changed", "ingested": clock("18:00", 19)}
    made.commit(article("a", title="Autre titre", **later), retraction(wrong, 1), at=at(19))
    made.commit(
        article("d", "12:00", outlet="quatre"), story("d", "a", "update"),
        event("d", "CIV.ATTACK", killed(15), root="a", start=7),
        article("b", op="retract", revision=1, revision_reason="source_changed"),
        poll(20), at=at(20),
    )  # fmt: skip
    write_contract(made.store)
    compact(made.store, now=at(20), keep=WEEK)
    return made


def viewed(connection, root, sql):
    """A connection's views after an SQL file ran: name -> rows."""
    connection.execute(text(sql).replace("${DATASET}", str(root)))
    return {view: found(connection, f"SELECT * FROM {view} ORDER BY ALL") for view in VIEWS}


def over_compact(root):
    """A connection with the compact tables, as the README makes it."""
    scope = {}
    exec(RECIPES[2].replace('"DATASET"', f'"{root}"'), scope)
    return scope["connection"], scope["stories"]


def test_duckdb_finds_the_same_in_compact_tables_and_windows(dataset):
    """All views of the two SQL files agree: what moved, was withdrawn or came since the last closed day is in."""
    connection, stories = over_compact(dataset.root)
    ours = viewed(connection, dataset.root, "sql/duckdb_compact.sql")
    theirs = viewed(duckdb.connect(), dataset.root, "sql/duckdb.sql")
    assert ours == theirs
    assert {row["title"] for row in ours["current_articles"]} == {"Autre titre", "Titre x", "Titre d"}
    assert len(stories) == 2
    assert found(connection, "SELECT count(*) AS n FROM feeds_revisions")[0]["n"] == 2
    places = "SELECT * EXCLUDE (event_types) FROM events_by_place('2026-11-01', '2026-11-30')"
    assert found(connection, places)[0]["highest_killed_low"] == 15


def test_the_views_agree_after_many_days(tmp_path):
    """Days of revisions, withdrawals and takedowns, the last two not compacted."""
    days = LakeDays(tmp_path, seed=41)
    for number in range(5):
        days.day(number)
    write_contract(days.store)
    compact(days.store, now=after(2), keep=WEEK)
    connection, _ = over_compact(tmp_path)
    ours = viewed(connection, tmp_path, "sql/duckdb_compact.sql")
    assert ours == viewed(duckdb.connect(), tmp_path, "sql/duckdb.sql")
    assert {row["event_id"] for row in ours["current_events"]} == set(current_rows(days.store, "events"))


def test_the_pandas_and_pyarrow_recipe_works(dataset):
    """The code in the README, run as it stands."""
    scope = {}
    exec(RECIPES[1].replace('"DATASET"', f'"{dataset.root}"'), scope)
    assert isinstance(scope["frame"], pd.DataFrame)
    assert list(scope["frame"]["event_type"]) == ["CIV.ATTACK"]
    assert scope["frame"]["location"][0]["name"] == "Téra"
    assert scope["french"].to_pylist()[0]["quantities"][0]["low"] == 12


def test_bigquery_sql_for_the_compact_tables_is_its_grammar():
    """One external table for each public one, in the table format that BigQuery reads by its log."""
    sql = contract_files()["contract/v1/sql/bigquery_compact.sql"].decode()
    made = dict(re.findall(r"`\$\{PROJECT_DATASET\}\.compact_(\w+)`\n.*\n.*uris = \['([^']+)'\]", sql))
    assert made == {table: f"${{DATASET}}/compact/v1/{table}" for table in PUBLIC_TABLES}
    # the parser does not know a connection that is the default one
    plain = sql.replace("${PROJECT_DATASET}", "p.d").replace("WITH CONNECTION DEFAULT\n", "")
    statements = sqlglot.parse(plain, dialect="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
    assert len([statement for statement in statements if statement]) == len(PUBLIC_TABLES)
    assert sql.count("format = 'DELTA_LAKE'") == sql.count("WITH CONNECTION DEFAULT") == len(PUBLIC_TABLES)
