"""The contract with readers of the bucket: what lies under ``contract/v1/``, made from the dataclasses and the rules.

``contract_files`` is pure; ``write_contract`` brings a dataset's copy up to date. Texts and SQL are templates in
``contract_data/``; schemas, column lists, the data dictionary and the event types are derived, so they cannot drift.
"""

import csv
import dataclasses
import functools
import importlib.resources
import io
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import yaml

from transforms.file_index import replace_files
from transforms.records import SCHEMA_VERSION
from transforms.schema import TABLES, column_name, columns_of, json_schema, without_none
from transforms.store import Store

PREFIX = "contract/v1/"
PUBLIC_TABLES = ("articles", "stories", "events", "feeds", "rejects")
"""Tables the shipped SQL opens; texts have access rights of their own."""
DICTIONARY_COLUMNS = (
    "table", "column", "type", "nullable", "unit", "values", "pattern", "minimum", "maximum", "example",
    "null_means", "description",
)  # fmt: skip
EVENT_TYPE_COLUMNS = (
    "event_type", "label", "definition", "acled_type", "acled_sub_type", "plover", "cameo", "ucdp",
)  # fmt: skip


def contract_files() -> dict[str, bytes]:
    """Object name -> content of everything under ``contract/v1/`` but its index; the same bytes every time."""
    files = {
        "README.md": _template("README.md").replace("${SCHEMA_VERSION}", SCHEMA_VERSION),
        "CHANGELOG.md": _template("CHANGELOG.md"),
        "data_dictionary.csv": _csv(DICTIONARY_COLUMNS, dictionary_rows()),
        "event_types.csv": _csv(EVENT_TYPE_COLUMNS, event_types().values()),
        "sql/duckdb.sql": duckdb_sql(),
        "sql/duckdb_compact.sql": duckdb_compact_sql(),
        "sql/bigquery_external.sql": bigquery_sql(),
        "sql/bigquery_compact.sql": bigquery_compact_sql(),
        "empty.jsonl": "",
        **{
            f"schemas/{table}.schema.json": orjson.dumps(json_schema(table), option=orjson.OPT_INDENT_2).decode() + "\n"
            for table in TABLES
        },
    }
    return {PREFIX + name: files[name].encode() for name in sorted(files)}


def write_contract(store: Store) -> list[str]:
    """Create what is missing in a dataset and replace what changed, and their index; gives the files written, sorted."""
    return replace_files(store, PREFIX, contract_files(), _content_type)


def read_row(table: str, plain: Mapping[str, Any]) -> Any:
    """A table's row from its JSON object, as a tolerant reader does: unknown columns are skipped, missing ones default.

    TypeError when a column without a default is missing.
    """
    return _record(TABLES[table], plain)


@functools.cache
def field_notes() -> dict[str, dict[str, dict[str, Any]]]:
    """Dataclass -> column -> its note (about, unit, example, none)."""
    notes: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(_template("field_notes.yaml"))
    return notes


def column_notes(table: str) -> dict[str, str]:
    """Column -> what it is about, for the columns of a table that are not nested in others."""
    row = TABLES[table]
    return {
        column_name(field.name): str(field_notes()[declaring(row, field.name)][column_name(field.name)]["about"])
        for field in dataclasses.fields(row)
    }


@functools.cache
def event_types() -> dict[str, dict[str, str]]:
    """Event type -> its line of ``event_types.csv``; empty cells where a scheme does not code it."""
    source = importlib.resources.files("transforms.tagging").joinpath("data").joinpath("taxonomy.yaml")
    taxonomy = yaml.load(source.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return {
        one["code"]: {
            "event_type": one["code"],
            **{column: str(one.get(column) or "") for column in EVENT_TYPE_COLUMNS[1:]},
        }
        for one in sorted(taxonomy, key=lambda one: str(one["code"]))
    }


def dictionary_rows() -> Iterator[dict[str, Any]]:
    """One line of the data dictionary per column of the tables, then of the views; nested ones as ``quantities[].low``."""
    of_tables = list(_table_rows())
    yield from of_tables
    yield from _view_rows({f"{row['table']}.{row['column']}": row for row in of_tables})


def _view_rows(columns: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The columns of the views that are more than the latest rows of a table; ``columns`` are those of the tables."""
    notes: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(_template("view_notes.yaml"))
    for view, described in notes.items():
        for column, note in described.items():
            if "as" in note:
                row = {**columns[note["as"]], "table": view, "column": column}
                yield row | ({"nullable": "yes", "null_means": note["none"]} if "none" in note else {})
                continue
            yield {
                **dict.fromkeys(DICTIONARY_COLUMNS, ""),
                "table": view,
                "column": column,
                "type": note["type"],
                "nullable": "yes" if "none" in note else "no",
                "unit": note.get("unit", ""),
                "example": orjson.dumps(note["example"]).decode(),
                "null_means": note.get("none", ""),
                "description": note["about"],
            }


def _table_rows() -> Iterator[dict[str, Any]]:
    for table, row in TABLES.items():
        for declared, path, schema in _columns(row, json_schema(table), ""):
            note = field_notes()[declared][path.rpartition(".")[2].removesuffix("[]")]
            yield _dictionary_row(table, path, schema, note)


def _columns(record: type, schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(declaring dataclass, path, schema) of each column in the order of the schema, depth first."""
    hints = typing.get_type_hints(record)
    for field in dataclasses.fields(record):
        name = column_name(field.name)
        column = schema["properties"][name]
        nested, many = _nested(hints[field.name])
        path = f"{prefix}{name}{'[]' if column.get('type') == 'array' else ''}"
        yield declaring(record, field.name), path, column
        if nested is not None:
            yield from _columns(nested, column["items"] if many else column.get("anyOf", [column])[0], f"{path}.")


def declaring(record: type, field: str) -> str:
    """Name of the dataclass that declares a field: the record itself or the one it inherits from."""
    return next(base.__name__ for base in reversed(record.__mro__) if field in getattr(base, "__annotations__", {}))


def _nested(hint: Any) -> tuple[type | None, bool]:
    """The dataclass in a field's annotation, and whether there are many of it."""
    many = typing.get_origin(hint) is tuple
    for inner in (hint, *typing.get_args(hint)):
        if isinstance(inner, type) and dataclasses.is_dataclass(inner):
            return inner, many
    return None, many


def _dictionary_row(table: str, path: str, schema: dict[str, Any], note: dict[str, Any]) -> dict[str, Any]:
    nullable = "null" in schema.get("type", ()) or "anyOf" in schema
    inner = schema["items"] if schema.get("type") == "array" else schema
    kinds = inner.get("type", "object")
    kind = next(k for k in kinds if k != "null") if isinstance(kinds, list) else kinds
    return {
        "table": table,
        "column": path,
        "type": f"array of {kind}" if inner is not schema else kind,
        "nullable": "yes" if nullable else "no",
        "unit": note.get("unit", ""),
        "values": " | ".join(str(value) for value in inner.get("enum", ()) if value is not None),
        "pattern": inner.get("pattern", ""),
        "minimum": inner.get("minimum", ""),
        "maximum": inner.get("maximum", ""),
        "example": orjson.dumps(note["example"]).decode(),
        "null_means": note.get("none", ""),
        "description": note["about"],
    }


def duckdb_sql() -> str:
    """The DuckDB views over the windows, ``${DATASET}`` left to the reader."""
    return _duckdb_sql("duckdb")


def duckdb_compact_sql() -> str:
    """The same views over the compact tables and the windows after them."""
    return _duckdb_sql("duckdb_compact")


def _duckdb_sql(name: str) -> str:
    columns = {
        table: ",\n        ".join(f"{column}: '{_duckdb_type(hint)}'" for column, hint in columns_of(TABLES[table]))
        for table in PUBLIC_TABLES
    }
    text = _template(f"sql/{name}.sql").replace("${VIEWS}\n", _template("sql/duckdb_views.sql"))
    return text.replace("${TABLE_VIEWS}\n", _per_table(f"sql/{name}_table.sql", columns))


def bigquery_sql() -> str:
    """The BigQuery external tables and views, ``${DATASET}`` and ``${PROJECT_DATASET}`` left to the reader."""
    columns = {
        table: ",\n  ".join(f"`{name}` {_bigquery_type(hint)}" for name, hint in columns_of(TABLES[table]))
        for table in PUBLIC_TABLES
    }
    return _template("sql/bigquery_external.sql").replace(
        "${EXTERNAL_TABLES}\n", _per_table("sql/bigquery_table.sql", columns)
    )


def bigquery_compact_sql() -> str:
    """The compact tables as external tables of BigQuery, which takes their columns from them."""
    tables = _per_table("sql/bigquery_compact_table.sql", dict.fromkeys(PUBLIC_TABLES, ""))
    return _template("sql/bigquery_compact.sql").replace("${EXTERNAL_TABLES}\n", tables)


def _per_table(template: str, columns: Mapping[str, str]) -> str:
    """One template filled in for each table."""
    text = _template(template)
    return "\n".join(text.replace("${TABLE}", table).replace("${COLUMNS}", found) for table, found in columns.items())


_DUCKDB = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}
_BIGQUERY = {str: "STRING", int: "INT64", float: "FLOAT64", bool: "BOOL"}


def _duckdb_type(hint: Any) -> str:
    hint = without_none(hint)
    if typing.get_origin(hint) is tuple:
        return _duckdb_type(typing.get_args(hint)[0]) + "[]"
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return "STRUCT(" + ", ".join(f'"{name}" {_duckdb_type(inner)}' for name, inner in columns_of(hint)) + ")"
    return _DUCKDB[hint]


def _bigquery_type(hint: Any) -> str:
    hint = without_none(hint)
    if typing.get_origin(hint) is tuple:
        return f"ARRAY<{_bigquery_type(typing.get_args(hint)[0])}>"
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return "STRUCT<" + ", ".join(f"`{name}` {_bigquery_type(inner)}" for name, inner in columns_of(hint)) + ">"
    return _BIGQUERY[hint]


def _record(record: Any, plain: Mapping[str, Any]) -> Any:
    hints = typing.get_type_hints(record)
    values = {}
    for field in dataclasses.fields(record):
        name = column_name(field.name)
        if name not in plain:
            continue
        value = plain[name]
        nested, _ = _nested(without_none(hints[field.name]))
        if isinstance(value, list):
            value = tuple(_record(nested, one) if nested else one for one in value)
        elif nested is not None and value is not None:
            value = _record(nested, value)
        values[field.name] = value
    return record(**values)


def _template(name: str) -> str:
    folder = importlib.resources.files("transforms").joinpath("contract_data")
    return folder.joinpath(*name.split("/")).read_text("utf-8")


def _csv(columns: tuple[str, ...], rows: Any) -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


def _content_type(name: str) -> str:
    types_by_ending = {
        "md": "text/markdown; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
    }
    return types_by_ending.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
