"""Rows of the tables as Arrow: the schema of a table, derived from its dataclass, and its objects read into memory."""

import dataclasses
import io
import typing
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from transforms import row_checks
from transforms.schema import TABLES, columns_of, without_none

_PLAIN: dict[Any, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def arrow_schema(table: str) -> pa.Schema:
    """A table's columns with nested ones as lists and structs; all nullable, times as text as in the contract."""
    return pa.schema(_fields(TABLES[table]))


def read_object(table: str, content: bytes) -> pa.Table:
    """The rows of an object (gzipped JSON Lines) in its order; ValueError with the cause when it cannot be read.

    Columns of a later version are left out, columns that came after the row was written are null.
    """
    lines = row_checks.lines_of(content)
    if not lines:
        return arrow_schema(table).empty_table()
    raw = b"\n".join(lines) + b"\n"
    try:
        return pj.read_json(
            io.BytesIO(raw),
            read_options=pj.ReadOptions(block_size=len(raw), use_threads=False),
            parse_options=pj.ParseOptions(explicit_schema=arrow_schema(table), unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid as error:
        raise ValueError(str(error).splitlines()[0]) from error


def widened(schema: pa.Schema) -> pa.Schema:
    """The schema with offsets of 64 bits: moving rows joins a column's parts, and 32 bits end at 2 GiB of text."""
    return pa.schema([pa.field(field.name, _wide(field.type)) for field in schema])


def _wide(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string(kind):
        return pa.large_string()
    if pa.types.is_list(kind):
        return pa.large_list(_wide(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _wide(field.type)) for field in kind])
    return kind


def _fields(record: type) -> list[pa.Field]:
    return [pa.field(name, _type(hint)) for name, hint in columns_of(record)]


def _type(hint: Any) -> pa.DataType:
    hint = without_none(hint)
    if typing.get_origin(hint) is tuple:
        return pa.list_(_type(typing.get_args(hint)[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return pa.struct(_fields(hint))
    return _PLAIN[hint]
