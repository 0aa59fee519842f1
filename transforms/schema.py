"""JSON Schemas of the tables, derived from the dataclasses: one source for rows, schemas and checks."""

import dataclasses
import types
import typing
from typing import Any

from transforms import reasons, records
from transforms.records import ArticleRow, EventRow, FeedRow, RejectRow, StoryRow, TextRow

TABLES: dict[str, type] = {
    "articles": ArticleRow,
    "texts": TextRow,
    "stories": StoryRow,
    "events": EventRow,
    "feeds": FeedRow,
    "rejects": RejectRow,
}
_CLOSED: dict[tuple[str, str], tuple[str, ...]] = {
    ("*", "op"): records.OPS,
    ("*", "revision_reason"): records.REVISION_REASONS,
    ("ArticleRow", "ownership"): records.OWNERSHIPS,
    ("ArticleRow", "published_from"): records.PUBLISHED_FROM,
    ("ArticleRow", "published_precision"): records.PUBLISHED_PRECISIONS,
    ("ArticleRow", "body_from"): records.BODY_FROM,
    ("ArticleRow", "rights"): records.TEXT_RIGHTS,
    ("StoryRow", "relation"): records.RELATIONS,
    ("EventRow", "mode"): records.MODES,
    ("EventRow", "target_class"): records.TARGET_CLASSES,
    ("EventRow", "date_precision"): records.DATE_PRECISIONS,
    ("EventRow", "salience"): records.SALIENCES,
    ("EventRow", "status"): records.EVENT_STATUSES,
    ("Actor", "role"): records.ROLES,
    ("Actor", "actor_class"): records.ACTOR_CLASSES,
    ("Location", "precision"): records.LOCATION_PRECISIONS,
    ("Quantity", "kind"): records.QUANTITY_KINDS,
    ("Quantity", "who"): records.QUANTITY_SUBJECTS,
    ("Evidence", "part"): records.EVIDENCE_PARTS,
    ("FeedRow", "health"): records.FEED_HEALTH,
    ("FeedRow", "status"): (*records.FEED_OK, *sorted(reasons.REASONS)),
    ("RejectRow", "stage"): records.STAGES,
    ("RejectRow", "reason"): tuple(sorted(reasons.REASONS)),
}
_ID = r"^[0-9a-f]{32}$"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_PATTERNS: dict[str, str] = {
    **dict.fromkeys(("article_id", "story_id", "event_id", "duplicate_of", "text_hash"), _ID),
    **dict.fromkeys(
        ("ingested", "published", "updated", "first_seen", "fetched", "polled", "next_poll", "seen"), _TIME
    ),
    **dict.fromkeys(("date_start", "date_end"), _DAY),
    "event_type": r"^([A-Z]{3}\.[A-Z_]+)?$",
    "country": r"^[A-Z]{2}$",
    "countries": r"^[A-Z]{2}$",
    "feed_ids": r"^[a-z0-9][a-z0-9-]{0,63}$",
    "entry_ids": _ID,
    "related": _ID,
}
_RANGES: dict[str, tuple[float, float]] = {
    "confidence": (0, 1), "similarity": (0, 1), "language_confidence": (0, 1), "latitude": (-90, 90),
    "longitude": (-180, 180), "revision": (0, 2**31), "start": (0, 2**31), "end": (0, 2**31), "low": (0, 10**10),
    "high": (0, 10**10), "word_count": (0, 10**7), "attempts": (0, 10**6), "failures": (0, 10**6), "seq": (0, 2**53),
}  # fmt: skip


def columns_of(record: type) -> list[tuple[str, Any]]:
    """(column, annotation) of a dataclass's fields in their order; ``actor_class`` is the column ``class``."""
    hints = typing.get_type_hints(record)
    return [(column_name(field.name), hints[field.name]) for field in dataclasses.fields(record)]


def column_name(field: str) -> str:
    """The name of a field's column: its own, but for the one that is a keyword of Python."""
    return "class" if field == "actor_class" else field


def without_none(hint: Any) -> Any:
    """The annotation without ``| None``."""
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (hint,) = [argument for argument in typing.get_args(hint) if argument is not types.NoneType]
    return hint


def json_schema(table: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a table's row; KeyError for a table there is not."""
    row = TABLES[table]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table,
        "description": (row.__doc__ or "").strip(),
        **_object(row),
    }


def _object(record: type) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    properties = {}
    for field in dataclasses.fields(record):
        name = column_name(field.name)
        properties[name] = _restrict(record.__name__, field.name, _type(hints[field.name]))
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _type(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        (inner,) = [argument for argument in arguments if argument is not types.NoneType]
        schema = _type(inner)
        if "$object" in schema or schema.get("type") == "object":
            return {"anyOf": [schema, {"type": "null"}]}
        return {**schema, "type": [schema["type"], "null"]}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[hint]}


def _restrict(record: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Add the closed list, pattern or range of a field; an array's restriction is its items'."""
    if schema.get("type") == "array" and schema["items"].get("type") == "string":
        return {**schema, "items": _restrict(record, name, schema["items"])}
    closed = _CLOSED.get((record, name)) or _CLOSED.get(("*", name))
    nullable = isinstance(schema.get("type"), list)
    if closed:
        return {**schema, "enum": [*closed, *([None] if nullable else [])]}
    if name in _RANGES and "type" in schema:
        low, high = _RANGES[name]
        return {**schema, "minimum": low, "maximum": high}
    if name in _PATTERNS and "string" in schema.get("type", ""):
        return {**schema, "pattern": _PATTERNS[name]}
    return schema
