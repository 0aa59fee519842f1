"""``extract``, ``tag`` and ``dedupe``: one step as a filter, JSON Lines in and out in the same order."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TextIO

import orjson

from transforms.clock import Clock

Line = dict[str, Any]


def run_filter(options: argparse.Namespace, lines: BinaryIO, out: BinaryIO, errors: TextIO) -> int:
    """Filter the lines; 1 when some could not be read (each is named on ``errors``), else 0."""
    faults = 0

    def fault(number: int, message: str) -> None:
        nonlocal faults
        faults += 1
        print(f"line {number}: {message}", file=errors)

    for result in _steps()[options.command](read_lines(lines, fault), options):
        out.write(orjson.dumps(result) + b"\n")
        out.flush()
    return 1 if faults else 0


def read_lines(lines: BinaryIO, fault: Callable[[int, str], None]) -> Iterator[Line]:
    """The JSON objects of the lines; blank lines are skipped, others that are no object go to ``fault``."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            parsed = orjson.loads(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
        except orjson.JSONDecodeError as error:
            fault(number, f"not JSON: {error}")
            continue
        if not isinstance(parsed, dict):
            fault(number, "not a JSON object")
            continue
        if not isinstance(parsed.get("article_id", parsed.get("url")), str):
            fault(number, "neither article_id nor url")
            continue
        yield parsed


def _steps() -> dict[str, Callable[[Iterable[Line], argparse.Namespace], Iterator[Line]]]:
    return {"extract": _extract, "tag": _tag, "dedupe": _dedupe}


def _extract(lines: Iterable[Line], options: argparse.Namespace) -> Iterator[Line]:
    from transforms.extract_articles import extract_records  # noqa: PLC0415 - each filter loads only its own step

    yield from extract_records(lines, Clock(options.now))


def _tag(lines: Iterable[Line], options: argparse.Namespace) -> Iterator[Line]:
    from transforms.tag_events import tag_record, unknown_names  # noqa: PLC0415

    if options.unknown_names:
        yield from unknown_names(lines)
        return
    for line in lines:
        yield tag_record(line, explain=options.explain)


def _dedupe(lines: Iterable[Line], options: argparse.Namespace) -> Iterator[Line]:
    from transforms.find_duplicates import dedupe_records  # noqa: PLC0415

    yield from dedupe_records(lines, explain=options.explain)


def main_filter(options: argparse.Namespace) -> int:
    """The filter on the process's own streams."""
    return run_filter(options, sys.stdin.buffer, sys.stdout.buffer, sys.stderr)
