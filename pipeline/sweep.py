"""``sahelwatch sweep``: remove the objects that killed writers left, and those that expired and are still there."""

import argparse
import dataclasses
import datetime as dt
import sys
from typing import Any

import orjson

from pipeline.arguments import age
from pipeline.options import UsageError
from transforms.manifest_chain import NoDatasetError
from transforms.store import StoreUnavailableError, open_store
from transforms.sweep import sweep


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "sweep",
        help="remove orphan objects that no manifest names, and expired ones",
        description="Removes objects of tables and state that no manifest names, as a killed writer leaves them, "
        "objects that a manifest says expired and that are still there, and half-written files of a local folder. "
        "Nothing that exists by the manifests is ever touched. Exit status: 0 swept (or "
        "nothing to sweep), 1 a manifest is damaged or missing and nothing was removed (see `sahelwatch verify`), "
        "2 there is no dataset.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    parser.add_argument(
        "--older-than", type=age, default="24h", metavar="AGE",
        help="least age of the orphans that are removed: a number with s, m, h or d (24h); must be longer than a window takes to "
        "be committed, or the objects of a commit under way are removed",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="list what would be removed, and remove nothing")
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")


def main(options: argparse.Namespace) -> int:
    """Sweep, say what went, and give the exit status."""
    before = dt.datetime.now(dt.UTC) - options.older_than
    try:
        store = open_store(options.output)
    except ValueError as error:
        raise UsageError(f"sahelwatch sweep: {error}") from error
    try:
        swept = sweep(store, before, dry_run=options.dry_run)
    except (NoDatasetError, StoreUnavailableError) as error:
        raise UsageError(f"sahelwatch sweep: {error}") from error
    except ValueError as error:
        print(f"sahelwatch sweep: nothing removed, the manifests are not whole: {error}", file=sys.stderr)
        return 1
    if options.json:
        shown = {"output": store.uri, "dry_run": options.dry_run, **dataclasses.asdict(swept)}
        sys.stdout.write(orjson.dumps(shown).decode() + "\n")
        return 0
    for name in (*swept.removed, *swept.expired):
        print(f"{'would remove' if options.dry_run else 'removed'} {name}")
    for name in swept.restored:
        print(f"put back {name}: a window committed meanwhile names it")
    print(
        f"{len(swept.removed)} orphan objects {'to remove' if options.dry_run else 'removed'}, {len(swept.young)} "
        f"younger ones left, {len(swept.expired)} expired objects {'to remove' if options.dry_run else 'removed'}, "
        f"{swept.temporary} half-written files removed"
    )
    return 0
