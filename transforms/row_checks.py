"""What is wrong with one line, one row or one window's counts of a dataset: checks that need nothing else.

A fault is a pair (check, message); ``transforms.audit.CHECKS`` says what each check stands for. Rows are validated by
the code ``fastjsonschema`` compiles from the schemas (13 us for an article, 19 us for an event; ``jsonschema`` took
240 and 344 us), and only a row that fails is shown to ``jsonschema``, whose errors name the place.
"""

import codecs
import dataclasses
import datetime as dt
import functools
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import fastjsonschema
import jsonschema
import orjson

from transforms import reasons
from transforms.clock import iso
from transforms.datasets import EXPIRY_REASONS, KEYS
from transforms.records import SCHEMA_VERSION, article_id_of, event_id_of
from transforms.schema import TABLES, json_schema
from transforms.texts import MAX_TEXT_BYTES, text_hash

Fault = tuple[str, str]
Fast = Callable[[Any], Any]

FUTURE = dt.timedelta(hours=24)
"""A publication time may run ahead of ours by a time zone that was read wrongly, not by more."""
CLOCKS = dt.timedelta(hours=1)
"""What the clocks of the machines of one pipeline may differ by."""
_TOLD = ("published", "updated")
_OURS = ("first_seen", "fetched", "polled", "seen")
_HAPPENED = frozenset({"reported", "historical", "ongoing_stock"})
ENDINGS = ("articles", "known", "dropped", "quarantined", "waiting")
"""The ends an entry can come to in a window; each entry comes to one."""

_TIMES = ("ingested", "published", "updated", "first_seen", "fetched", "polled", "next_poll", "seen")
_DAYS = ("date_start", "date_end")
_LINE_ENDS = tuple(end.encode() for end in ("\u2028", "\u2029", "\x85"))
_NATURAL = {"type": "integer", "minimum": 0}
_DESCRIBED = {"name": {"type": "string"}, "bytes": _NATURAL, "crc32c": {"type": "string"}}


def _objects(**more: Any) -> dict[str, Any]:
    properties = {**_DESCRIBED, **more}
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": list(properties)}}


MANIFEST_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "manifest",
    "type": "object",
    "properties": {
        "sequence": {"type": "integer", "minimum": 1},
        "previous": {"type": ["string", "null"]},
        "window": {"type": "object", "required": ["start", "end"]},
        "objects": _objects(table={"enum": ["articles", "texts", "stories", "events", "feeds", "rejects"]}, records=_NATURAL),
        "state": _objects(kind={"type": "string"}),
        "archive": _objects(),
        "expired": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "object": {"type": "string"},
                    "reason": {"enum": list(EXPIRY_REASONS)},
                    "replaced_by": {"type": "array", "items": {"type": "string"}},
                    "removed": _NATURAL,
                },
                "required": ["object", "reason", "replaced_by", "removed"],
            },
        },
        "forgotten": {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{32}$"}},
        "counts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("new", "waiting_before", *ENDINGS), _NATURAL),
                    "reasons": {"type": "object", "additionalProperties": {"type": "object"}},
                },
                "required": ["new", "waiting_before", *ENDINGS, "reasons"],
            },
        },
        "epoch": _NATURAL,
        "written": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"},
        "schema_version": {"type": "string"},
        "pipeline_version": {"type": "string"},
    },
    "required": [
        "sequence", "previous", "window", "objects", "state", "archive", "counts", "epoch", "written",
        "schema_version", "pipeline_version",
    ],
}  # fmt: skip
"""The shape of a manifest; further keys are allowed."""


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a table's object without their ends; ValueError with the cause when it is not whole gzip."""
    try:
        raw = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not whole gzip: {error}") from error
    if raw and not raw.endswith(b"\n"):
        raise ValueError("the last line does not end")
    return raw.split(b"\n")[:-1]


def read_line(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """(row, fault) of one line: the row is None when it cannot be read, the fault "" when nothing is wrong."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None, _why_unreadable(line)
    if not isinstance(row, dict):
        return None, "not a JSON object"
    if any(end in line for end in _LINE_ENDS):
        return row, "holds a raw line separator (U+2028, U+2029 or U+0085)"
    # our writer's bytes come back unchanged, so the slower looks are for lines that differ
    if orjson.dumps(row) != line and (twice := _repeated_key(line)):
        return row, f"the key {twice!r} stands twice"
    if b"\\u0000" in line and "\0" in "".join(_strings(row)):
        return row, "holds NUL"
    return row, ""


def _why_unreadable(line: bytes) -> str:
    if not line:
        return "empty line"
    if line.startswith(codecs.BOM_UTF8):
        return "begins with a byte order mark"
    try:
        read = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
        "".join(_strings(read)).encode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    except UnicodeEncodeError:
        return "holds a lone surrogate"
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at character {error.pos}"
    except ValueError as error:
        return str(error)
    return "not JSON that every reader takes"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is not JSON")


def _repeated_key(line: bytes) -> str | None:
    def last(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return dict(pairs)

    repeated: list[str] = []
    json.loads(line, object_pairs_hook=last)
    return repeated[0] if repeated else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def complete(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row of an earlier minor version with the columns that came since at their defaults; others as they are."""
    version = row.get("schema_version")
    if not isinstance(version, str) or not _version(version) < _version(SCHEMA_VERSION):
        return row
    return {**_defaults(table), **row}


def schema_fault(table: str, row: Mapping[str, Any]) -> Fault | None:
    """How a row breaks its JSON Schema, if it does."""
    version = row.get("schema_version")
    if isinstance(version, str):
        read, known = _version(version), _version(SCHEMA_VERSION)
        if read[:1] != known[:1] or read > known:
            return "schema", f"schema_version {version!r} is not one this program knows ({SCHEMA_VERSION})"
    return _fault(*_validators(table), row)


def manifest_fault(manifest: Any) -> str:
    """How a manifest breaks its shape, or ""."""
    fault = _fault(*_manifest_validators(), manifest)
    return fault[1] if fault else ""


def _version(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


@functools.cache
def _defaults(table: str) -> dict[str, Any]:
    columns = dataclasses.fields(TABLES[table])
    found = {column.name: column.default for column in columns if column.default is not dataclasses.MISSING}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


@functools.cache
def _validators(table: str) -> tuple[Fast, jsonschema.Draft202012Validator]:
    schema = json_schema(table)
    return fastjsonschema.compile(schema), jsonschema.Draft202012Validator(schema)


@functools.cache
def _manifest_validators() -> tuple[Fast, jsonschema.Draft202012Validator]:
    return fastjsonschema.compile(MANIFEST_SCHEMA), jsonschema.Draft202012Validator(MANIFEST_SCHEMA)


def _fault(fast: Fast, slow: jsonschema.Draft202012Validator, instance: Any) -> Fault | None:
    try:
        fast(instance)
    except fastjsonschema.JsonSchemaValueException as error:
        best = jsonschema.exceptions.best_match(slow.iter_errors(instance))
        if best is None:  # the two differ on "$" before a line end, where the compiled one is the stricter
            return "schema", error.message[:300]
        check = "closed lists" if best.validator == "enum" else "schema"
        return check, f"{'.'.join(str(step) for step in best.absolute_path) or 'row'}: {best.message[:300]}"
    return None


def row_faults(table: str, row: Mapping[str, Any], hour: str) -> Iterator[Fault]:
    """What is wrong with a row that meets its schema; ``hour`` is the ``dt=.../hour=...`` it lies in."""
    yield from _id_faults(table, row)
    times: dict[str, dt.datetime] = {}
    for name in (*_TIMES, *_DAYS):
        if value := row.get(name):
            try:
                times[name] = dt.datetime.fromisoformat(value)
            except ValueError:
                yield "dates", f"{name} {value} is not a date there is"
    ingested = times.get("ingested")
    if ingested and f"dt={ingested:%Y-%m-%d}/hour={ingested:%H}" != hour:
        yield "partitions", f"ingested {row['ingested']} lies in {hour}"
    yield from _future_faults(row, times)
    if row.get("date_start") and row.get("date_end") and row["date_end"] < row["date_start"]:
        yield "values", f"date_end {row['date_end']} before date_start {row['date_start']}"
    if table == "texts":
        yield from _text_faults(row)
    for quantity in row.get("quantities", ()):
        if quantity["high"] is not None and quantity["high"] < quantity["low"]:
            yield "values", f"{quantity['kind']}: high {quantity['high']} below low {quantity['low']}"
    place = row.get("location")
    if place and (place["latitude"] is None) != (place["longitude"] is None):
        yield "values", "location has one coordinate of two"
    if table == "stories" and (row["relation"] == "original") != (row["duplicate_of"] is None):
        yield "values", f"relation {row['relation']} with duplicate_of {row['duplicate_of']}"
    if table == "stories" and row["relation"] == "original" and row["story_id"] != row["article_id"]:
        yield "values", f"an original of another story, {row['story_id']}"


def _future_faults(row: Mapping[str, Any], times: Mapping[str, dt.datetime]) -> Iterator[Fault]:
    """Instants that lie after what must have come later.

    What publishers say may run ahead by a zone; what our own clocks said before the row was written, by what machines
    differ. What is told as having happened began by the day after its report; what is planned, denied or doubted may not have.
    """
    ingested = times.get("ingested")
    for name, ahead in (*((one, FUTURE) for one in _TOLD), *((one, CLOCKS) for one in _OURS)):
        if ingested and name in times and times[name] > ingested + ahead:
            hours = f"{ahead / dt.timedelta(hours=1):g} hours" if ahead > CLOCKS else "an hour"
            yield "dates", f"{name} {row[name]} is more than {hours} after it was ingested, {row['ingested']}"
    if "next_poll" in times and "polled" in times and times["next_poll"] < times["polled"]:
        yield "dates", f"next_poll {row['next_poll']} before polled {row['polled']}"
    reported, began = times.get("published", ingested), times.get("date_start")
    told = row.get("mode") in _HAPPENED and row["op"] == "upsert"
    if told and reported and began and began.date() > (reported + FUTURE).date():
        yield "dates", f"{row['mode']} on {row['date_start']}, after its report of {iso(reported)}"


def _id_faults(table: str, row: Mapping[str, Any]) -> Iterator[Fault]:
    if table == "articles" and not taken_down(row) and row["article_id"] != article_id_of(row["canonical_url"]):
        yield "ids", f"article_id {row['article_id']} is not that of {row['canonical_url']}"
    if table == "events" and row["op"] == "upsert":
        if not row["evidence"]:
            yield "evidence", "an event without evidence"
        elif row["event_id"] not in {
            event_id_of(row["article_id"], row["event_type"], found["part"], found["start"])
            for found in row["evidence"]
        }:
            yield "ids", f"event_id {row['event_id']} is not that of its article, type and evidence"


def _text_faults(row: Mapping[str, Any]) -> Iterator[Fault]:
    size = len(row["text"].encode("utf-8"))
    if size > MAX_TEXT_BYTES:
        yield "lines", f"text of {size} bytes is longer than {MAX_TEXT_BYTES}"
    if row["op"] == "upsert" and row["text_hash"] != text_hash(row["text"]):
        yield "text hashes", f"text_hash {row['text_hash']} is not that of the text"


def evidence_faults(event: Mapping[str, Any], parts: Mapping[str, str | None]) -> Iterator[Fault]:
    """Evidence whose offsets do not give its sentence; ``parts`` holds the title and the text of that revision."""
    for found in event["evidence"]:
        whole = parts[found["part"]]
        if whole is not None and whole[found["start"] : found["end"]] != found["sentence"]:
            cut = whole[found["start"] : found["end"]]
            yield (
                "evidence",
                f"{found['part']}[{found['start']}:{found['end']}] is {cut[:60]!r}, not {found['sentence'][:60]!r}",
            )


def law_faults(counts: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """Where one window's counts do not balance, feed by feed, or give a reason that is not in the list."""
    for feed_id, line in sorted(counts.items()):
        came, ended = line["new"] + line["waiting_before"], sum(line[name] for name in ENDINGS)
        if came != ended:
            yield (
                "conservation",
                f"{feed_id}: new {line['new']} + waiting before {line['waiting_before']} = {came}, but "
                + " + ".join(f"{name} {line[name]}" for name in ENDINGS)
                + f" = {ended}",
            )
        for outcome, found in sorted(line["reasons"].items()):
            for reason in sorted(set(found) - set(reasons.REASONS)):
                yield "reasons", f"{feed_id}: {outcome} for {reason!r}, which is not in the closed list"
        for outcome in ("dropped", "quarantined"):
            explained = sum(line["reasons"].get(outcome, {}).values())
            if explained != line[outcome]:
                yield "conservation", f"{feed_id}: {outcome} {line[outcome]}, but reasons for {explained}"


def queue_faults(before: Mapping[str, int], counts: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """Feeds whose entries waiting after one window are not those waiting before the next."""
    for feed_id in sorted({*before, *counts}):
        left, found = before.get(feed_id, 0), counts[feed_id]["waiting_before"] if feed_id in counts else 0
        if left != found:
            yield "conservation", f"{feed_id}: {left} waited after the window before, {found} before this one"


def reject_faults(counts: Mapping[str, Mapping[str, Any]], rejects: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Where the reject rows of a window are not the entries its counts drop and quarantine.

    Rows without an article may also stand for a whole feed, which is no entry.
    """
    rows = Counter((row["feed_id"] or "", row["reason"]) for row in rejects)
    entries = Counter((row["feed_id"] or "", row["reason"]) for row in rejects if row["article_id"])
    counted: Counter[tuple[str, str]] = Counter()
    for feed_id, line in counts.items():
        for outcome in ("dropped", "quarantined"):
            for reason, number in line["reasons"].get(outcome, {}).items():
                counted[feed_id, reason] += number
    for feed_id, reason in sorted({*rows, *counted}):
        number, at_least, at_most = counted[feed_id, reason], entries[feed_id, reason], rows[feed_id, reason]
        if not at_least <= number <= at_most:
            yield "conservation", f"{feed_id}: {number} entries ended as {reason}, but rejects has {at_most} such rows"


def taken_down(row: Mapping[str, Any]) -> bool:
    """Whether a row is the tombstone of something that was taken down; it keeps ids and no address."""
    return (row["op"], row["revision_reason"]) == ("retract", "takedown")


def row_id(table: str, row: Mapping[str, Any]) -> str | None:
    """The id of a row of a revised table, where it has one."""
    found = row.get(KEYS[table]) if table in KEYS else None
    return found if isinstance(found, str) else None
