"""``sahelwatch feeds check | import | export``: catalogues probed, and exchanged with feed readers as OPML."""

import argparse
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.arguments import moment
from pipeline.catalogue import CatalogueError, load_catalogue, read_catalogue
from pipeline.live_catalogue import require_contact
from pipeline.options import UsageError
from pipeline.version import VERSION
from transforms.addresses import Exemptions
from transforms.clock import Clock
from transforms.records import OWNERSHIPS


def add_parser(commands: Any) -> None:
    """The sub-command with its three verbs."""
    parser = commands.add_parser("feeds", help="probe the feeds of a catalogue; OPML in and out", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(parser))
    check = verbs.add_parser(
        "check",
        help="ask each feed once and say what it is",
        description="Asks each feed twice (in full, and with its own validators) and robots.txt of its first page; "
        "nothing is written. Exit status: 0 every feed can be read, 1 some cannot, 3 none can, 2 bad usage.",
        allow_abbrev=False,
    )
    check.add_argument("--feeds", required=True, metavar="CATALOGUE", help="the feed catalogue (YAML or JSON)")
    check.add_argument("--contact", default="", metavar="ADDRESS", help="URL or mail address for the User-Agent")
    check.add_argument("--only", action="append", default=[], metavar="ID", help="this feed alone; repeatable")
    check.add_argument(
        "--host-interval", type=float, default=2.0, metavar="SECONDS", help="pause between requests to a host (2)"
    )
    check.add_argument(
        "--timeout", type=float, default=20.0, metavar="SECONDS", help="longest time an answer may take (20)"
    )
    check.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="exempt a host from the address rules; repeatable",
    )
    check.add_argument(
        "--resolve",
        action="append",
        default=[],
        metavar="HOST=ADDRESS:PORT",
        help="connect that host there; repeatable",
    )
    check.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")
    check.add_argument("--json", action="store_true", help="print a JSON list, one object a feed")
    imported = verbs.add_parser(
        "import",
        help="a catalogue from an OPML file, on standard output",
        description="Reads OPML and writes a catalogue to standard output; rows that cannot be feeds are named on "
        "standard error. What OPML does not tell (ownership above all) is for a person to judge afterwards.",
        allow_abbrev=False,
    )
    imported.add_argument("opml", metavar="OPML", help="the file")
    imported.add_argument(
        "--ownership", choices=OWNERSHIPS, default="private", help="written where the file does not say (private)"
    )
    exported = verbs.add_parser("export", help="a catalogue as OPML, on standard output", allow_abbrev=False)
    exported.add_argument("opml", nargs="?", default="OPML", choices=("OPML",), metavar="OPML", help="the format")
    exported.add_argument("--feeds", required=True, metavar="CATALOGUE", help="the feed catalogue (YAML or JSON)")
    unpark = verbs.add_parser(
        "unpark",
        help="poll feeds again at once, whatever they answered before",
        description="Commits a window that clears the failures and the holds of these feeds; the next pass polls them.",
        allow_abbrev=False,
    )
    unpark.add_argument("feed", nargs="+", metavar="ID", help="feeds of the dataset")
    unpark.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    unpark.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Run the verb; gives the exit status."""
    try:
        return {"check": _check, "import": _import, "export": _export, "unpark": _unpark}[options.verb](options)
    except (CatalogueError, ValueError) as error:
        raise UsageError(f"sahelwatch feeds {options.verb}: {error}") from error


def _check(options: argparse.Namespace) -> int:
    from pipeline.feed_checks import as_json, check_feeds  # noqa: PLC0415 - bad usage should not wait for parsers
    from transforms.pool import PARSERS, WorkerPool  # noqa: PLC0415
    from transforms.web import WebClient, WebOptions  # noqa: PLC0415

    feeds = load_catalogue(options.feeds)
    unknown = sorted(set(options.only) - {feed.id for feed in feeds})
    if unknown:
        raise ValueError(f"no feed of this id: {', '.join(unknown)}")
    if options.only:
        feeds = tuple(feed for feed in feeds if feed.id in options.only)
    exemptions = Exemptions.parse(options.allow_host, options.resolve)
    require_contact(feeds, options.contact, exemptions)
    if not (0 <= options.host_interval <= 3600 and 0 < options.timeout <= 3600):
        raise ValueError("--host-interval and --timeout are seconds up to 3600")
    web = WebOptions(
        contact=options.contact, host_interval=options.host_interval, total_seconds=options.timeout,
        exemptions=exemptions, version=VERSION,
    )  # fmt: skip
    clock = Clock(options.now)
    client, pool = WebClient(web, clock), WorkerPool(2, PARSERS)
    try:
        checks = check_feeds(feeds, client, pool, clock)
    finally:
        client.close()
        pool.close()
    if options.json:
        sys.stdout.write(orjson.dumps(as_json(checks), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _print(checks)
    good = sum(check.good for check in checks)
    return 0 if good == len(checks) else 1 if good else 3


def _unpark(options: argparse.Namespace) -> int:
    """Clear what holds feeds back, in a window of its own."""
    from pipeline.run import versions  # noqa: PLC0415
    from transforms.clock import iso  # noqa: PLC0415
    from transforms.commit_windows import archive_in_use, commit_window  # noqa: PLC0415
    from transforms.history import open_history  # noqa: PLC0415
    from transforms.lease import LeaseHeldError  # noqa: PLC0415
    from transforms.records import Unparked  # noqa: PLC0415
    from transforms.store import StoreUnavailableError  # noqa: PLC0415

    try:
        history, now = open_history(options.output), Clock(options.now)()
        unknown = sorted(set(options.feed) - set(history.feed_states))
        if unknown:
            raise ValueError(f"never polled in {history.store.uri}: {', '.join(unknown)}")
        act = Unparked(feed_ids=tuple(sorted(set(options.feed))))
        commit_window(
            [act], history, window=(iso(now), iso(now)), now=now, versions=versions(),
            archive=archive_in_use(history, options.output),
        )  # fmt: skip
    except (LeaseHeldError, StoreUnavailableError) as error:
        raise ValueError(str(error)) from error
    print(f"{len(act.feed_ids)} feeds are due")
    return 0


def _print(checks: Sequence[Any]) -> None:
    from pipeline.logs import escape  # noqa: PLC0415

    terminal = Console(file=sys.stdout)
    console = terminal if terminal.is_terminal else Console(file=sys.stdout, width=180)
    table = Table(title="Feeds")
    for name in ("feed", "status", "format", "entries", "newest", "language", "validators", "robots", "what to do"):
        table.add_column(name, justify="right" if name == "entries" else "left", overflow="fold")
    for check in checks:
        language = check.language_found or "?"
        if check.language and check.language != language:
            language += f" (listed as {check.language})"
        cells = (
            check.feed_id, check.status, check.format, str(check.entries), (check.newest or "")[:16], language,
            " ".join(check.validators) or "none", check.robots, "; ".join(check.suggestions),
        )  # fmt: skip
        table.add_row(*(Text(escape(cell)) for cell in cells))
    console.print(table)
    good = sum(check.good for check in checks)
    console.print(f"{good} of {len(checks)} feeds can be read")


def _import(options: argparse.Namespace) -> int:
    from pipeline.opml import OpmlError, catalogue_text, read_opml  # noqa: PLC0415

    try:
        imported = read_opml(pathlib.Path(options.opml).read_bytes(), ownership=options.ownership)
    except OSError as error:
        raise ValueError(f"{options.opml}: {error.strerror or error}") from error
    except OpmlError as error:
        raise ValueError(f"{options.opml}: {error}") from error
    from pipeline.logs import escape  # noqa: PLC0415

    for what, why in imported.skipped:
        print(escape(f"skipped: {what}: {why}"), file=sys.stderr)
    if not imported.feeds:
        raise ValueError(f"{options.opml}: no feeds in it")
    sys.stdout.write(catalogue_text(imported.feeds))
    return 0


def _export(options: argparse.Namespace) -> int:
    from pipeline.opml import write_opml  # noqa: PLC0415

    catalogue = read_catalogue(options.feeds)
    if catalogue.blocked:
        print(
            f"left out: the block list of {len(catalogue.blocked)} hosts, for which OPML has no place", file=sys.stderr
        )
    sys.stdout.write(write_opml(catalogue.feeds))
    return 0
