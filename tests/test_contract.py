"""The contract with readers: complete, true to the records, and readable with what readers use."""

import csv
import dataclasses
import datetime as dt
import io
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import duckdb
import jsonschema
import orjson
import pandas as pd
import pyarrow.json
import pytest
import sqlglot

from tests.handmade import NOW, Handmade, article, clock, event, id_of, killed, retraction, story
from transforms import contract
from transforms.contract import contract_files, field_notes, read_row, write_contract
from transforms.records import ArticleRow, FeedRow, Location, to_json
from transforms.schema import TABLES, _object, column_name, columns_of, json_schema
from transforms.store import LocalStore

PREVIOUS = pathlib.Path(__file__).parent / "fixtures" / "contract"
"""Schemas of released minor versions, one folder each; never edited, a release adds one."""
PARTITIONS = re.compile(r"^WITH PARTITION COLUMNS \(dt DATE, hour STRING\)\n", re.MULTILINE)


def text(name):
    """A contract file as text."""
    return contract_files()["contract/v1/" + name].decode("utf-8")


def lines(name):
    """A contract CSV as dictionaries."""
    return list(csv.DictReader(io.StringIO(text(name))))


@pytest.fixture
def dataset(tmp_path):
    """A small dataset with its contract: copies, an update, a correction, a withdrawal, and an orphan object."""
    made = Handmade(tmp_path / "out")
    state = {"family": "groupe", "ownership": "state"}
    wrong = event("x", "BAT.CLASH")
    made.commit(
        article("a", "08:00", outlet="un", **state), article("b", "07:50", outlet="deux", **state),
        article("c", "19:30", outlet="trois", wire_agency="AFP"), article("x", "10:00"), article("w"),
        story("a"), story("b", "a", "exact"), story("c", "a", "copy"), story("x"), story("w"),
        event("a", "CIV.ATTACK", killed(12), root="a"), event("b", "CIV.ATTACK", killed(12), root="a"),
        event("c", "CIV.ATTACK", killed(12), root="a"), event("x", "CIV.ATTACK", killed(11)), wrong,
        event("x", "POL.COUP", mode="historical"), event("x", "REM.IED", confidence=0.3), event("w"),
    )  # fmt: skip
    later = {"revision": 1, "revision_reason": "source_changed"}
    made.commit(
        article("d", "12:00", outlet="quatre", ownership="international"), story("d", "a", "update"),
        event("d", "CIV.ATTACK", killed(15), killed(40, claimed_by="jnim"), root="a", start=7), article("x", "10:00", **later),
        event("x", "CIV.ATTACK", killed(11), date_start=None, date_end=None, date_precision="none", **later),
        retraction(wrong, 1), article("w", op="retract", revision=1, revision_reason="takedown"),
        at=NOW + dt.timedelta(hours=1),
    )  # fmt: skip
    ghost = to_json(event("ghost", "CIV.ATTACK", killed(999)))
    made.orphan("events/v1/dt=2026-11-20/hour=18/0-0123456789abcdef01234567.jsonl.gz", [ghost])
    write_contract(made.store)
    return made


@pytest.fixture
def database(dataset):
    """DuckDB with the shipped views over the small dataset."""
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", str(dataset.root)))
    return connection


def found(connection, query):
    """Rows of a query as dictionaries."""
    relation = connection.execute(query)
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def test_the_contract_is_the_same_bytes_every_time_and_complete():
    """Every file the README lists exists, and no template mark is left but those readers fill in."""
    files = contract_files()
    assert files == contract_files()
    for table in TABLES:
        assert json.loads(text(f"schemas/{table}.schema.json")) == json_schema(table)
    listed = re.findall(r"^\| `([^`]+)` \|", text("README.md"), re.MULTILINE)
    assert len(listed) == 7
    for name in listed:
        assert any(n == f"contract/v1/{name.replace('<table>', 'events')}" for n in files), name
    for name, content in files.items():
        marks = set(re.findall(r"\$\{\w+\}", content.decode("utf-8")))
        assert marks <= {"${DATASET}", "${PROJECT_DATASET}"}, name


def test_missing_files_are_written_and_changed_ones_replaced(tmp_path):
    """A second call writes nothing; a file that differs, as after an upgrade, is replaced, others are left alone."""
    store = LocalStore(tmp_path / "out")
    assert write_contract(store) == sorted(contract_files())
    assert write_contract(store) == []
    (tmp_path / "out" / "contract/v1/README.md").write_text("an older version")
    assert write_contract(store) == ["contract/v1/README.md"]
    assert store.read("contract/v1/README.md") == contract_files()["contract/v1/README.md"]


def test_every_column_has_a_note_and_no_note_is_left_over():
    """The notes and the dataclasses name the same columns; null has a meaning exactly where it may occur."""
    declared = {}
    for row in TABLES.values():
        for record in (row, *(r for r in (contract._nested(h)[0] for _, h in columns_of(row)) if r)):
            for field in dataclasses.fields(record):
                names = declared.setdefault(contract.declaring(record, field.name), set())
                names.add(column_name(field.name))
    assert {name: set(notes) for name, notes in field_notes().items()} == declared
    for notes in field_notes().values():
        for note in notes.values():
            assert set(note) <= {"about", "unit", "example", "none"}
            assert note["about"].endswith((".", ")")) or "." in note["about"]


def test_the_dictionary_has_every_column_with_type_values_and_meaning_of_null():
    """One line a column, nested ones too; closed lists are whole; null is explained where it may occur, only there."""
    rows = {(row["table"], row["column"]): row for row in lines("data_dictionary.csv")}
    for table in TABLES:
        for name, schema in json_schema(table)["properties"].items():
            row = rows[table, name + ("[]" if schema.get("type") == "array" else "")]
            assert row["description"]
            if "enum" in schema:
                assert row["values"].split(" | ") == [str(v) for v in schema["enum"] if v is not None]
    assert rows["events", "quantities[].high"]["nullable"] == "yes"
    assert rows["events", "location.precision"]["values"] == "place | area | admin2 | admin1 | country"
    assert rows["events", "actors[].class"]["type"] == "string"
    for key, row in rows.items():
        assert bool(row["null_means"]) == (row["nullable"] == "yes"), key


KINDS = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}


def kind_of(duckdb_type):
    """The dictionary's word for a type of DuckDB, how an array's values are nested aside."""
    if duckdb_type.endswith("[]"):
        return f"array of {kind_of(duckdb_type.removesuffix('[]'))}"
    return KINDS.get(duckdb_type, "object")


def test_every_column_of_every_view_is_in_the_dictionary(database, dataset):
    """With its type and unit, and null explained exactly where a row shows one or its table may have one; none is left over."""
    rows = {(row["table"], row["column"].removesuffix("[]")): row for row in lines("data_dictionary.csv")}
    views = [name for (name,) in database.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
    assert len(views) > 9
    seen = set(TABLES)
    for view in views:
        table = view.removeprefix("current_").removesuffix("_revisions")  # the columns of the table, as its README says
        seen.add(table)
        told = {name: row["type"] for (name_of, name), row in rows.items() if name_of == table and "." not in name}
        columns = {name: kind for name, kind, *_ in database.execute(f"DESCRIBE {view}").fetchall()}
        assert {name: kind_of(kind) for name, kind in columns.items()} == told, view
        for name in columns:
            assert rows[table, name]["description"], (view, name)
            if rows[table, name]["nullable"] == "no":
                [empty] = database.execute(f'SELECT count(*) FROM {view} WHERE "{name}" IS NULL').fetchone()
                assert empty == 0, (view, name)
            if told[name] in {"integer", "number"} and table not in TABLES:
                assert rows[table, name]["unit"], (view, name)
    assert {table for table, _ in rows} == seen


def test_examples_of_the_dictionary_are_valid_values():
    """Each example meets the schema of its column, so none can mislead (nested records are shown cut short)."""
    for table, row in TABLES.items():
        for declared, path, schema in contract._columns(row, json_schema(table), ""):
            note = field_notes()[declared][path.rpartition(".")[2].removesuffix("[]")]
            if path == "location":
                assert isinstance(note["example"], dict)
                continue
            jsonschema.validate(note["example"], schema)


def test_event_types_map_every_code_to_the_other_schemes():
    """Each type of the taxonomy is there with label, definition and PLOVER, CAMEO, UCDP codes; leading zeros are kept."""
    rows = {row["event_type"]: row for row in lines("event_types.csv")}
    assert len(rows) > 50
    for row in rows.values():
        assert all(row[name] for name in ("label", "definition", "plover", "cameo", "ucdp")), row
        assert bool(row["acled_type"]) == bool(row["acled_sub_type"])
        assert re.fullmatch(r"[A-Z]{3}\.[A-Z_]+", row["event_type"])
    assert rows["CIV.RELEASE"]["cameo"] == "0841"
    assert (rows["REM.IED"]["acled_type"], rows["REM.IED"]["plover"]) == (
        "Explosions/Remote violence",
        "ASSAULT:explosives",
    )
    assert rows["MIL.EXERCISE"]["acled_type"] == ""


# --- DuckDB


def test_duckdb_reads_the_latest_rows_and_no_orphans(database):
    """Corrections replace, withdrawals remove, and an object that no manifest names is not read."""
    articles = found(database, "SELECT url, revision FROM current_articles ORDER BY url")
    assert [(a["url"][-1], a["revision"]) for a in articles] == [("a", 0), ("b", 0), ("c", 0), ("d", 0), ("x", 1)]
    events = found(database, "SELECT outlet, event_type, revision FROM current_events ORDER BY outlet, event_type")
    assert [(e["outlet"], e["event_type"], e["revision"]) for e in events if e["outlet"] in "wx"] == [
        ("w", "CIV.ATTACK", 0), ("x", "CIV.ATTACK", 1), ("x", "POL.COUP", 0), ("x", "REM.IED", 0),
    ]  # fmt: skip
    assert not [e for e in events if e["outlet"] == "ghost"]
    assert found(database, "SELECT count(*) AS n FROM events_revisions")[0]["n"] == 11


def test_duckdb_counts_stories_with_copies_families_and_ownership_groups(database):
    """Two outlets of one family are one voice; first is who published first, not who was seen first; a time in the future does not count."""
    rows = found(database, "SELECT * FROM stories_with_copies ORDER BY articles DESC")
    assert [row["articles"] for row in rows] == [4, 1]
    row = rows[0]
    names = ("copies", "updates", "outlets", "independent_families", "ownership_groups")
    assert [row[name] for name in names] == [2, 1, 4, 3, 3]
    assert (row["story_id"], row["first_outlet"], row["first_published"]) == (id_of("a"), "deux", clock("07:50"))
    assert (row["first_title"], row["last_published"], row["wire_agencies"]) == ("Titre b", clock("18:00"), ["AFP"])
    assert [member["outlet"] for member in row["members"]] == ["deux", "un", "quatre", "trois"]


def test_duckdb_and_the_exports_agree_on_stories(database, dataset):
    """The counts of the view are those of the export."""
    from transforms.exports import export_rows

    viewed = {row["story_id"]: row for row in found(database, "SELECT * FROM stories_with_copies")}
    for row in export_rows(dataset.store):
        for name in (
            "articles", "copies", "updates", "outlets", "independent_families", "ownership_groups", "first_published",
            "first_outlet", "first_url", "wire_agencies",
        ):  # fmt: skip
            assert row[name] == viewed[row["story_id"]][name], name


def test_duckdb_gives_events_by_place(database):
    """Copies are one event, the coup of old and the unsure one none; figures are the highest single one, not a sum."""
    [row] = found(database, "SELECT * FROM events_by_place('2026-11-14', '2026-11-20')")
    assert (row["country"], row["admin1"], row["place"], row["location_precision"]) == (
        "NE",
        "Tillabéri",
        "Téra",
        "place",
    )
    assert (row["story_events"], row["stories"], row["independent_families"]) == (2, 2, 4)
    assert (row["highest_killed_low"], row["last_day"], row["event_types"]) == (15, "2026-11-20", ["CIV.ATTACK"])
    [row] = found(database, "SELECT * FROM events_by_place('2026-11-19', '2026-11-20')")
    assert row["stories"] == 1
    assert found(database, "SELECT * FROM events_by_place('2026-11-21', '2026-11-30')") == []


def test_duckdb_counts_the_last_seven_days_up_to_today(tmp_path):
    """Today and the six days before it are in, the seventh day before is out."""
    today = dt.datetime.now(dt.UTC).date()
    made = Handmade(tmp_path / "out")
    days = {name: (today - dt.timedelta(days=ago)).isoformat() for name, ago in (("a", 0), ("b", 6), ("c", 8))}
    places = {name: Location(name=name, country="NE", precision="place") for name in days}
    made.commit(
        *(article(name) for name in days), *(story(name) for name in days),
        *(event(name, location=places[name], date_start=day, date_end=day) for name, day in days.items()),
    )  # fmt: skip
    write_contract(made.store)
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", str(made.root)))
    rows = found(connection, "SELECT place FROM events_last_7_days_by_place ORDER BY place")
    assert [row["place"] for row in rows] == ["a", "b"]


def test_duckdb_views_stand_on_a_dataset_without_events(tmp_path):
    """A table that has no rows yet is empty, not an error."""
    made = Handmade(tmp_path / "out")
    made.commit(FeedRow(feed_id="un", url="https://un.example/feed", polled=clock("08:00"), status="ok"))
    write_contract(made.store)
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", str(made.root)))
    assert found(connection, "SELECT * FROM stories_with_copies") == []
    assert found(connection, "SELECT * FROM events_last_7_days_by_place") == []
    assert len(found(connection, "SELECT * FROM feeds_revisions")) == 1


def test_duckdb_reads_the_records_of_the_demo(demo_records):
    """The views open what the whole graph writes, with the figures of its summary."""
    output, summary = demo_records
    write_contract(LocalStore(output))
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", str(output)))
    [row] = found(connection, "SELECT count(*) AS stories, sum(copies + updates) AS copies FROM stories_with_copies")
    assert (row["stories"], row["copies"]) == (summary["stories"], summary["copies"])
    assert found(connection, "SELECT count(*) AS n FROM current_events")[0]["n"] == summary["events"]


# --- pandas and pyarrow


def test_the_pandas_recipe_of_the_readme_works(dataset):
    """The code in the README, run as it stands, gives the current events."""
    code = re.search(r"```python\n(.*?)```", text("README.md"), re.DOTALL)[1].replace("DATASET", str(dataset.root))
    scope = {}
    exec(code, scope)
    events = scope["events"]
    assert isinstance(events, pd.DataFrame)
    assert sorted(zip(events["outlet"], events["event_type"], strict=True)) == [
        ("a", "CIV.ATTACK"), ("b", "CIV.ATTACK"), ("c", "CIV.ATTACK"), ("d", "CIV.ATTACK"), ("w", "CIV.ATTACK"),
        ("x", "CIV.ATTACK"), ("x", "POL.COUP"), ("x", "REM.IED"),
    ]  # fmt: skip
    assert set(events["published"]) == {clock("08:00")}


def test_pyarrow_reads_the_objects_with_nested_types(dataset):
    """Arrow infers lists of structs and keeps figures as integers."""
    [name, _] = sorted(n for n in dataset.store.names("events/") if "0123456789abcdef" not in n)
    table = pyarrow.json.read_json(pyarrow.input_stream(str(dataset.root / name), compression="gzip"))
    assert table.num_rows == 8
    low = table.schema.field("quantities").type.value_type.field("low")
    assert pyarrow.types.is_integer(low.type)
    assert table["location"][0].as_py()["name"] == "Téra"


# --- BigQuery


def test_bigquery_sql_parses():
    """Each statement is BigQuery's grammar; the partition clause, which the parser does not know, is checked below."""
    sql = PARTITIONS.sub("", text("sql/bigquery_external.sql"))
    statements = sqlglot.parse(sql, dialect="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
    assert len(statements) == 1 + 1 + 2 * 5 + 6
    for statement in statements:
        assert isinstance(statement, sqlglot.exp.Create), statement
        assert not list(statement.find_all(sqlglot.exp.Command))


def test_bigquery_tables_have_hive_partitions_and_the_columns_of_the_records():
    """Each external table has dt DATE and hour STRING above its prefix, which its columns do not repeat."""
    sql = text("sql/bigquery_external.sql")
    tables = re.findall(
        r"CREATE OR REPLACE EXTERNAL TABLE `\$\{PROJECT_DATASET\}\.(\w+)_objects` .*?\nWITH PARTITION COLUMNS "
        r"\(dt DATE, hour STRING\)\nOPTIONS \((.*?)\n\);", sql, re.DOTALL,
    )  # fmt: skip
    assert [table for table, _ in tables] == list(contract.PUBLIC_TABLES)
    for table, options in tables:
        assert f"hive_partition_uri_prefix = '${{DATASET}}/{table}/v1'" in options
        assert f"uris = ['${{DATASET}}/{table}/v1/*.jsonl.gz']" in options
        assert "NEWLINE_DELIMITED_JSON" in options
    assert "{dt:DATE}/{hour:STRING}" in sql
    kinds = {"string": "TEXT", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "array": "ARRAY"}
    created = [s for s in sqlglot.parse(PARTITIONS.sub("", sql), dialect="bigquery") if s.args["kind"] == "TABLE"][1:]
    for table, statement in zip(contract.PUBLIC_TABLES, created, strict=True):
        columns = {c.name: c.args["kind"].this.name for c in statement.this.expressions}
        expected = {}
        for name, schema in json_schema(table)["properties"].items():
            kind = schema.get("type", "object")
            kind = kind[0] if isinstance(kind, list) else kind
            expected[name] = kinds.get(kind, "STRUCT")
        assert columns == expected
        assert not {"dt", "hour"} & set(columns)


def test_bigquery_finds_committed_objects_in_the_lines_of_manifests(dataset):
    """The pattern of the view finds in manifests, indented or on one line, the tables' objects and nothing else."""
    pattern = re.search(r"REGEXP_EXTRACT_ALL\(line, r'([^']+)'\)", text("sql/bigquery_external.sql"))[1]
    for name in dataset.store.names("manifests/"):
        manifest = orjson.loads(dataset.store.read(name))
        manifest["state"] = [{"kind": "seen", "name": "state/v1/seen-0.parquet"}]
        expected = [described["name"] for described in manifest["objects"]]
        for option in (orjson.OPT_INDENT_2, None):
            lines_ = orjson.dumps(manifest, option=option).decode().splitlines()
            assert [found for line in lines_ for found in re.findall(pattern, line)] == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "rest"),
    [
        ("SELECT * FROM current_articles", "SELECT * FROM bigquery.current_articles", "ORDER BY article_id"),
        (
            "SELECT * EXCLUDE (members) FROM stories_with_copies",
            "SELECT * EXCLUDE (members) FROM bigquery.stories_with_copies",
            "ORDER BY story_id",
        ),
        (
            "SELECT * FROM events_by_place('2026-11-14', '2026-11-20')",
            "SELECT * FROM bigquery.events_last_7_days_by_place",
            "ORDER BY country, place",
        ),
    ],
    ids=["articles", "stories", "places"],
)
def test_bigquery_views_mean_what_the_duckdb_views_mean(database, ours, theirs, rest):
    """The BigQuery views, put into DuckDB's dialect and run on the 20th, give the rows that the DuckDB views give."""
    sql = PARTITIONS.sub("", text("sql/bigquery_external.sql")).replace("CURRENT_DATE('UTC')", "DATE '2026-11-20'")
    sql = sql.replace("${PROJECT_DATASET}", "bigquery")
    database.execute("CREATE SCHEMA bigquery")
    for table in contract.PUBLIC_TABLES:
        database.execute(f"CREATE VIEW bigquery.{table}_revisions AS SELECT * FROM {table}_revisions")
    for statement in sqlglot.parse(sql, dialect="bigquery"):
        name = statement.this.sql("duckdb").replace('"', "")
        if statement.args["kind"] == "VIEW" and not name.endswith(("_revisions", ".committed_objects")):
            database.execute(f"CREATE VIEW {name} AS {statement.expression.sql('duckdb')}")
    expected = found(database, f"{ours} {rest}")
    assert expected
    assert found(database, f"{theirs} {rest}") == expected


# --- evolution


def relaxed(schema):
    """A schema as tolerant readers hold it: what they do not know is skipped, closed lists may have grown."""
    if isinstance(schema, list):
        return [relaxed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: relaxed(value) for key, value in schema.items() if key not in {"additionalProperties", "enum"}}


def previous():
    """(version, table, schema) of every kept schema."""
    return [
        (file.parent.name, file.name.split(".")[0], json.loads(file.read_text("utf-8")))
        for file in sorted(PREVIOUS.glob("*/*.schema.json"))
    ]


def narrowed(old, new, path="$"):
    """Where a schema breaks a reader of the old one: a column gone, of another type, or with values withdrawn."""
    if "anyOf" in old or "anyOf" in new:
        if len(old.get("anyOf", ())) != len(new.get("anyOf", ())):
            yield f"{path}: may be null or not"
            return
        for a, b in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from narrowed(a, b, path)
        return
    if old.get("type") != new.get("type"):
        yield f"{path}: {old.get('type')} became {new.get('type')}"
    gone = [value for value in old.get("enum", ()) if value not in new.get("enum", (value,))]
    if gone:
        yield f"{path}: values withdrawn: {gone}"
    if "items" in old and "items" in new:
        yield from narrowed(old["items"], new["items"], f"{path}[]")
    for name, column in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{path}.{name}: gone"
        else:
            yield from narrowed(column, new["properties"][name], f"{path}.{name}")


def test_a_schema_is_kept_for_every_table():
    """There is something to compare with: the first version of each table."""
    assert {table for version, table, _ in previous() if version == "1.0"} == set(TABLES)


def test_no_column_was_taken_away_or_changed_since_earlier_versions():
    """Within v1 schemas only grow; what breaks a reader belongs beside it as v2."""
    broken = [
        f"{version} {table} {line}" for version, table, old in previous() for line in narrowed(old, json_schema(table))
    ]
    assert broken == []


def test_columns_added_since_earlier_versions_have_defaults():
    """Rows written before the column existed can still be read."""
    for _, table, old in previous():
        for field in dataclasses.fields(TABLES[table]):
            if column_name(field.name) not in old["properties"]:
                assert field.default is not dataclasses.MISSING, field.name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s["properties"].pop("title"), "$.title: gone"),
        (lambda s: s["properties"]["word_count"].update(type="string"), "$.word_count: integer became string"),
        (lambda s: s["properties"]["op"].update(enum=["upsert"]), "$.op: values withdrawn: ['retract']"),
    ],
)
def test_breaking_changes_are_noticed(change, told):
    """The comparison itself finds a lost column, another type and a withdrawn value."""
    new = json.loads(json.dumps(json_schema("articles")))
    change(new)
    assert list(narrowed(json_schema("articles"), new)) == [told]


@dataclasses.dataclass(frozen=True, kw_only=True)
class NextArticleRow(ArticleRow):
    """What ArticleRow would be with one more column."""

    reading_age: int | None = None


def test_rows_with_an_added_column_pass_the_previous_schema_of_tolerant_readers():
    """A reader that skips unknown columns keeps working when 1.x adds one; a strict one would not."""
    row = to_json(
        NextArticleRow(
            **{f.name: getattr(article("a"), f.name) for f in dataclasses.fields(ArticleRow)}, reading_age=12
        )
    )
    jsonschema.validate(row, _object(NextArticleRow))
    jsonschema.validate(row, relaxed(json_schema("articles")))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(row, json_schema("articles"))


def test_old_rows_are_read_by_new_dataclasses_and_new_rows_by_old_ones(monkeypatch):
    """A missing column gets its default, an unknown one is skipped, nested records too."""
    old = to_json(article("a"))
    monkeypatch.setitem(TABLES, "articles", NextArticleRow)
    assert read_row("articles", old).reading_age is None
    monkeypatch.setitem(TABLES, "articles", ArticleRow)
    assert read_row("articles", {**old, "reading_age": 12}) == article("a")
    row = event("a", "CIV.ATTACK", killed(3))
    plain = to_json(row)
    plain["location"]["plus_code"] = "x"
    del plain["location"]["geoname_id"], plain["salience"]
    assert read_row("events", plain) == dataclasses.replace(
        row, location=dataclasses.replace(row.location, geoname_id=None)
    )


def test_old_views_read_new_rows_and_new_views_old_rows(dataset, monkeypatch):
    """A dataset that holds rows of both versions is read by the SQL of either."""
    before = text("sql/duckdb.sql")
    newer = NextArticleRow(
        **{f.name: getattr(article("n"), f.name) for f in dataclasses.fields(ArticleRow)}, reading_age=12
    )
    monkeypatch.setitem(TABLES, "articles", NextArticleRow)
    after = contract.duckdb_sql()
    dataset.orphan("articles/v1/dt=2026-11-20/hour=20/0-new.jsonl.gz", [to_json(newer)])
    described = {"table": "articles", "name": "articles/v1/dt=2026-11-20/hour=20/0-new.jsonl.gz"}
    dataset.store.create(
        "manifests/v1/dt=2026-11-20/hour=20/0000000003.json", orjson.dumps({"objects": [described]}), "application/json"
    )
    for sql, query in (
        (before, "SELECT url FROM current_articles"),
        (after, "SELECT url, reading_age FROM current_articles"),
    ):
        connection = duckdb.connect()
        connection.execute(sql.replace("${DATASET}", str(dataset.root)))
        rows = {row["url"][-1]: row.get("reading_age") for row in found(connection, query)}
        assert sorted(rows) == ["a", "b", "c", "d", "n", "x"]
    assert (rows["n"], rows["a"]) == (12, None)


# --- the package


def test_the_files_of_the_contract_are_packaged():
    """An installed wheel has them too: the package data names the folder."""
    project = tomllib.loads((pathlib.Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"].get("transforms", [])
    root = pathlib.Path(contract.__file__).parent
    packaged = {file for pattern in patterns for file in root.glob(pattern)}
    assert {file for file in (root / "contract_data").rglob("*") if file.is_file()} <= packaged


def test_contract_and_export_do_not_load_beam():
    """They are for readers and cron jobs: an import must not take seconds."""
    code = (
        "import sys, pipeline.export, transforms.exports, transforms.contract; sys.exit('apache_beam' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
