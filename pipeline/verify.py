"""``sahelwatch verify``: the audit of a dataset, as a table or as one JSON object."""

import argparse
import dataclasses
import datetime as dt
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.arguments import age
from pipeline.options import UsageError
from transforms.audit import audit
from transforms.findings import CHECKS, Report
from transforms.kit_audit import audit_kit
from transforms.manifest_chain import NoDatasetError
from transforms.row_checks import ENDINGS
from transforms.store import StoreUnavailableError, open_store

SHOWN = 50


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "verify",
        help="audit a dataset: schemas, manifests, ids, references, the conservation law",
        description="Reads a whole dataset and holds it against its promises; nothing is written. Exit status: 0 all "
        "checks hold (orphans and expired objects that are still there are only a warning), 1 something fails (the findings are listed, the first "
        f"{SHOWN} of them), 2 there is no dataset.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    parser.add_argument(
        "--since", type=_day, metavar="DAY",
        help="only windows from a day on: a date, or an age such as 7d; what refers to earlier ones is not judged, and the "
        "memory it takes is that of these days",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def main(options: argparse.Namespace) -> int:
    """Audit, print, and give the exit status."""
    started = time.monotonic()
    try:
        store = open_store(options.output)
    except ValueError as error:
        raise UsageError(f"sahelwatch verify: {error}") from error
    try:
        report = audit(store, options.since)
        audit_kit(store, report)
    except (NoDatasetError, StoreUnavailableError) as error:
        raise UsageError(f"sahelwatch verify: {error}") from error
    if options.json:
        sys.stdout.write(orjson.dumps(as_json(store.uri, report)).decode() + "\n")
    else:
        print_report(store.uri, report, time.monotonic() - started, Console())
    return 0 if report.good else 1


def as_json(uri: str, report: Report) -> dict[str, Any]:
    """The report as a JSON object; ``findings`` holds at most the first thousand of ``failures``."""
    return {
        "output": uri,
        "ok": report.good,
        "windows": report.windows,
        "rows": dict(sorted(report.rows.items())),
        "entries": dict(report.entries),
        "checks": [
            {"check": check, "examined": report.examined[check], "failures": report.faults[check]} for check in CHECKS
        ],
        "failures": report.faults.total(),
        "findings": [dataclasses.asdict(finding) for finding in report.findings],
        "warnings": report.warnings,
        "orphans": report.orphans,
        "expired_and_still_there": report.expired,
    }


def print_report(uri: str, report: Report, seconds: float, console: Console) -> None:
    """The checks with their counts, then what failed and what is only worth knowing."""
    rows = ", ".join(f"{table} {count}" for table, count in sorted(report.rows.items()))
    table = Table(title=Text(f"{uri}: {report.windows} windows; {rows or 'no rows'}; {seconds:.1f} s"))
    table.add_column("check")
    table.add_column("what it holds to")
    table.add_column("examined", justify="right")
    table.add_column("failures", justify="right")
    for check, meaning in CHECKS.items():
        failures = report.faults[check]
        table.add_row(check, meaning, str(report.examined[check]), Text(str(failures), "bold red" if failures else ""))
    console.print(table)
    _say(console, f"entries, over all windows: {law(report)}")
    for finding in report.findings[:SHOWN]:
        _say(console, f"FAILED {finding.check}: {finding.where}: {finding.message}")
    if (more := report.faults.total() - SHOWN) > 0:
        _say(console, f"and {more} more failures")
    for warning in report.warnings:
        _say(console, f"warning: {warning}")
    _warn_of(console, "orphan object, no manifest names it", report.orphans)
    _warn_of(console, "expired object that is still there", report.expired)
    if report.orphans or report.expired:
        _say(console, "warning: `sahelwatch sweep` removes expired objects, and orphans older than a day")
    _say(console, f"{report.faults.total()} failures" if report.faults else "all checks hold")


def law(report: Report) -> str:
    """The conservation law as one line of figures."""
    came = {name: report.entries[name] for name in ("waiting before", "new")}
    ended = {name: report.entries[name] for name in ENDINGS}
    told = [" + ".join(f"{count:,} {name}" for name, count in side.items() if count) or "0" for side in (came, ended)]
    return " = ".join(told)


def _warn_of(console: Console, what: str, names: Sequence[str]) -> None:
    for name in names[:SHOWN]:
        _say(console, f"warning: {what}: {name}")
    if (more := len(names) - SHOWN) > 0:
        _say(console, f"warning: and {more} more of these")


def _day(text: str) -> dt.date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"no such day: {text!r}") from None
    return (dt.datetime.now(dt.UTC) - age(text)).date()


def _say(console: Console, line: str) -> None:
    """A line of which parts come from a dataset: no markup is read in it and control characters are shown, not sent."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    console.print(Text(shown), soft_wrap=True)
