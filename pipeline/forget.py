"""``sahelwatch forget``: take articles down, for good."""

import argparse
import contextlib
import datetime as dt
import re
import sys
from typing import Any

import orjson

from pipeline.options import UsageError
from pipeline.version import VERSION
from transforms.clock import Clock, parse_time
from transforms.lease import LeaseKeeper, Tenure
from transforms.manifest_chain import NoDatasetError, require_dataset
from transforms.store import StoreUnavailableError, open_store

SHOWN = 50


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "forget",
        help="take articles down: text, title, evidence, archive and sketch go, a tombstone stays",
        description="Removes articles from a dataset for good: rows of every revision with title, text, excerpt, authors and "
        "evidence, archived pages and the entries of archived feeds, queued entries and sketches. A tombstone (op retract, "
        "revision_reason takedown) tells readers, and the articles do not come back with a later poll. Copies of the same "
        "text by other outlets are other publications and stay; they are listed. It needs the right to delete, which the "
        "pipeline itself does not. A call that was killed is completed by the same call again. Exit status: 0 forgotten "
        "(also when it was before), 1 nothing is known of what was named, a manifest is damaged or missing (nothing was "
        "done), or the storage failed on the way (call again), 2 bad usage, no dataset, or no right to delete: nothing was "
        "done.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    parser.add_argument(
        "--article", action="append", default=[], type=_id, metavar="ID", help="an article_id; repeatable"
    )
    parser.add_argument("--url", action="append", default=[], metavar="URL", help="an article's address; repeatable")
    parser.add_argument(
        "--feed", action="append", default=[], metavar="ID",
        help="all articles a feed ever listed, also those that others list too; take it out of the catalogue first, or new "
        "ones follow; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--linking", action="store_true",
        help="also remove archived pages of others that link to it: sites repeat headlines on all their pages",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.add_argument("--now", type=_time, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Forget, say what went, and give the exit status."""
    from transforms import forget  # noqa: PLC0415 - loads Arrow and Beam, for which bad usage should not wait
    from transforms.commit_windows import settler  # noqa: PLC0415
    from transforms.expire import check_removal  # noqa: PLC0415
    from transforms.history import History  # noqa: PLC0415
    from transforms.window_plan import Versions  # noqa: PLC0415

    request = forget.Request(
        articles=tuple(options.article), urls=tuple(options.url), feeds=tuple(options.feed), linking=options.linking
    )
    if not (request.articles or request.urls or request.feeds):
        raise UsageError("sahelwatch forget: say what: --article, --url or --feed")
    now = Clock(options.now)()
    try:
        store = open_store(options.output)
        require_dataset(store, [*store.names("manifests/"), *store.names("latest.json")])
        if not options.dry_run:
            check_removal(store)
    except (NoDatasetError, StoreUnavailableError, ValueError) as error:
        raise UsageError(f"sahelwatch forget: {error}") from error
    history, made_by = History(store), Versions(pipeline=VERSION, rules="")
    removed: tuple[str, ...] = ()
    with contextlib.ExitStack() as stack:
        tenure = Tenure(epoch=0)
        if not options.dry_run:  # whatever no manifest names is removed, so nobody may be about to name it
            tenure = stack.enter_context(LeaseKeeper(store, command="forget", settle=settler(history, made_by))).tenure
            forget.settle_inflight(history, now=now, versions=made_by, tenure=tenure)
        try:
            removal = forget.take_out(store, history, request, dry_run=options.dry_run)
        except forget.NothingKnownError as error:
            print(f"sahelwatch forget: {error.args[0]}; nothing done", file=sys.stderr)
            return 1
        except ValueError as error:
            print(f"sahelwatch forget: nothing done, the manifests are not whole: {error}", file=sys.stderr)
            return 1
        if not options.dry_run:
            if not removal.empty:
                forget.commit_removal(store, history, removal, now=now, versions=made_by, tenure=tenure)
            removed = forget.complete(store, history, now)
    shown = {
        "output": store.uri,
        "dry_run": options.dry_run,
        "before": removal.empty,
        **removal.summary(),
        "objects_removed": len(removed),
    }
    if options.json:
        sys.stdout.write(orjson.dumps(shown).decode() + "\n")
    else:
        _print(shown, dry_run=options.dry_run)
        if any(archive.expired for archive in removal.archives) and not options.linking:
            print(
                "archived pages of others that link to it may still hold its headline: --url ADDRESS --linking takes them out"
            )
    return 0


def _print(shown: dict[str, Any], *, dry_run: bool) -> None:
    if shown["before"]:
        print(f"nothing is left of it: it was forgotten before; {shown['objects_removed']} objects removed")
        return
    for article_id in shown["articles"]:
        print(f"{'would forget' if dry_run else 'forgot'} {article_id}")
    rows = ", ".join(f"{table} {count}" for table, count in shown["rows"].items())
    print(
        f"rows: {rows}; {shown['objects_rewritten']} objects rewritten, {shown['archive_objects']} of the archive, "
        f"{shown['queued_entries']} queued entries dropped, "
        f"{shown['objects_removed']} objects removed"
    )
    others = shown["others_in_their_stories"]
    if others:
        print(f"still published, as other publications of the same stories ({len(others)}):")
    for article_id in others[:SHOWN]:
        print(f"  {article_id}")
    if len(others) > SHOWN:
        print(f"  and {len(others) - SHOWN} more")


def _id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError(f"not an article_id (32 hexadecimal digits): {text!r}")
    return text


def _time(text: str) -> dt.datetime:
    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text!r}") from None
