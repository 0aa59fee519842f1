"""``sahelwatch expire``: retention, prefix by prefix."""

import argparse
import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from pipeline.arguments import age
from pipeline.options import UsageError
from pipeline.version import VERSION
from transforms.clock import Clock, parse_time
from transforms.manifest_chain import NoDatasetError
from transforms.store import StoreUnavailableError, open_store

KINDS = ("texts", "articles", "stories", "events", "feeds", "rejects", "archive", "state")


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "expire",
        help="retention: remove what was ingested long enough ago, by a manifest that says so",
        description="Lets objects expire whose hour of ingestion ended longer ago than is given for their prefix, and "
        "removes them (texts also from their compact table). A manifest says so first, so readers and `verify` know. "
        "Prefixes that are not given are kept for ever. It needs the right to delete, which the pipeline itself does not. "
        "Exit status: 0 done (or nothing to do), 1 a manifest is damaged or missing and nothing was done (see `sahelwatch "
        "verify`), or the storage failed on the way (a further call goes on), 2 bad usage, no dataset, or no right to "
        "delete: nothing was done.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    for kind in KINDS:
        what = "state that later state has taken the place of" if kind == "state" else f"objects under {kind}/"
        parser.add_argument(f"--{kind}", type=age, metavar="AGE", help=f"how long {what} are kept: 400d, 36h")
    parser.add_argument("--dry-run", action="store_true", help="list what would expire, and change nothing")
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.add_argument("--now", type=_time, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Let expire, say what went, and give the exit status."""
    from transforms import expire  # noqa: PLC0415 - loads Arrow and Beam, for which bad usage should not wait
    from transforms.window_plan import Versions  # noqa: PLC0415

    ages: dict[str, dt.timedelta] = {kind: given for kind in KINDS if (given := getattr(options, kind)) is not None}
    if not ages:
        raise UsageError(f"sahelwatch expire: give a retention: {', '.join(f'--{kind}' for kind in KINDS)}")
    for kind, given in ages.items():
        least = dt.timedelta(days=expire.LEAST_DAYS[kind])
        if given < least:
            raise UsageError(f"sahelwatch expire: --{kind} must be at least {_shown(least)}")
    now = Clock(options.now)()
    try:
        store = open_store(options.output)
    except ValueError as error:
        raise UsageError(f"sahelwatch expire: {error}") from error
    try:
        found = expire.what_expires(store, ages, now)
        if not options.dry_run:
            expire.check_removal(store)
    except (NoDatasetError, StoreUnavailableError) as error:
        raise UsageError(f"sahelwatch expire: {error}") from error
    except ValueError as error:
        print(f"sahelwatch expire: nothing done, the manifests are not whole: {error}", file=sys.stderr)
        return 1
    removed: tuple[str, ...] = ()
    if not options.dry_run:
        names = [name for kind in found for name in found[kind]]
        removed = expire.expire(store, names, now=now, versions=Versions(pipeline=VERSION, rules=""))
    days = expire.drop_compacted(store, ages, now, dry_run=options.dry_run)
    if options.json:
        shown = {"output": store.uri, "dry_run": options.dry_run, "expired": found, "removed": removed}
        shown["compacted_days"] = days
        sys.stdout.write(orjson.dumps(shown).decode() + "\n")
        return 0
    _print(found, len(removed), dry_run=options.dry_run)
    for kind, gone in days.items():
        print(
            f"{len(gone)} days of compact/v1/{kind} {'to take out' if options.dry_run else 'taken out'}, {gone[0]} to {gone[-1]}"
        )
    return 0


def _print(by_kind: Mapping[str, tuple[str, ...]], removed: int, *, dry_run: bool) -> None:
    for names in by_kind.values() if dry_run else ():
        for name in names:
            print(f"would expire {name}")
    listed = ", ".join(f"{len(names)} of {kind}" for kind, names in by_kind.items()) or "nothing"
    print(f"{listed} {'to expire' if dry_run else f'expired, {removed} objects removed'}")


def _shown(age: dt.timedelta) -> str:
    return f"{age.days}d" if age.days else f"{age.seconds // 3600}h"


def _time(text: str) -> dt.datetime:
    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text!r}") from None
