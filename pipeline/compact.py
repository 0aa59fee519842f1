"""``sahelwatch compact``: closed days of a dataset as lakehouse tables."""

import argparse
import dataclasses
import datetime as dt
import sys
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.arguments import age, moment
from pipeline.options import UsageError
from transforms.manifest_chain import NoDatasetError
from transforms.schema import TABLES
from transforms.store import StoreUnavailableError, open_store


def add_parser(commands: Any) -> None:
    """The sub-command and its options."""
    parser = commands.add_parser(
        "compact",
        help="closed days as lakehouse tables (Delta Lake) for readers of the long history",
        description="Brings the Delta Lake tables under compact/v1/ up to the last closed day (UTC): the latest revision "
        "of each row, retractions applied, zstd Parquet by day of ingestion. Run it once a day, some time after one "
        "o'clock UTC; it goes on where it ended, and a second run changes nothing. Exit status: 0 done (or nothing to "
        "do), 1 the dataset is damaged (see `sahelwatch verify`), 2 there is no dataset or the place cannot be used.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    parser.add_argument(
        "--table", action="append", choices=tuple(TABLES), metavar="TABLE",
        help="only this table; repeatable (default: all but texts, whose full texts have access rights of their own)",
    )  # fmt: skip
    parser.add_argument(
        "--keep", type=_kept, default="7d", metavar="AGE",
        help="how long files of earlier versions stay for readers that are in the middle of one: a number with h or d, "
        "at least 1h (7d)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Compact, say what was done, and give the exit status."""
    try:
        store = open_store(options.output)
    except ValueError as error:
        raise UsageError(f"sahelwatch compact: {error}") from error
    from transforms import compact  # noqa: PLC0415 - bad usage should not wait for the libraries
    from transforms.exports import CAVEAT  # noqa: PLC0415
    from transforms.lakehouse import LakeConflictError, LaterTableError  # noqa: PLC0415

    console = Console(stderr=True)
    try:
        done = compact.compact(
            store,
            now=options.now or dt.datetime.now(dt.UTC),
            keep=options.keep,
            tables=options.table or compact.OPEN_TABLES,
            description=f"Sahel security events as read in news feeds: {CAVEAT}. See contract/v1/README.md.",
            progress=lambda day: console.print(day, highlight=False),
        )
    except (NoDatasetError, StoreUnavailableError, LaterTableError) as error:
        raise UsageError(f"sahelwatch compact: {error}") from error
    except LakeConflictError:
        raise UsageError("sahelwatch compact: another run keeps changing the tables: let that one finish") from None
    except compact.DamagedError as error:
        print(f"sahelwatch compact: {error} (`sahelwatch verify` tells more)", file=sys.stderr)
        return 1
    if options.json:
        tables = {one.table: dataclasses.asdict(one) for one in done}
        sys.stdout.write(orjson.dumps({"output": store.uri, "tables": tables}).decode() + "\n")
    else:
        print_done(store.uri, done, Console())
    return 0


def print_done(uri: str, done: list[Any], console: Console) -> None:
    """A line a table."""
    if not done:
        console.print(Text(f"{uri}: no day is closed yet"), soft_wrap=True)
        return
    table = Table(title=Text(uri))
    table.add_column("table")
    for column in ("days", "rows added", "older rows gone", "files vacuumed", "version", "covers window"):
        table.add_column(column, justify="right")
    for one in done:
        cells = (one.days, one.added, one.removed, one.vacuumed, one.version, one.sequence)
        table.add_row(one.table, *(str(cell) for cell in cells))
    console.print(table)


def _kept(text: str) -> dt.timedelta:
    kept = age(text)
    if kept < dt.timedelta(hours=1):
        raise argparse.ArgumentTypeError(
            f"{text!r} is less than 1h: readers of an earlier version would lose its files"
        )
    return kept
