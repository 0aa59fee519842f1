"""``sahelwatch status``: how a dataset is doing, for an operator's eyes, for a program, or for Prometheus."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from pipeline.alarms import Raised, raised
from pipeline.arguments import moment, port
from pipeline.catalogue import CatalogueError, load_catalogue
from pipeline.gauges import samples
from pipeline.health import LOOK_BACK_DAYS, describe
from pipeline.options import UsageError
from pipeline.window_digests import DigestReader
from transforms.clock import Clock
from transforms.pointer import DamagedPointerError, read_pointer
from transforms.records import Feed
from transforms.store import Store, open_store


def add_parser(commands: Any) -> None:
    """Add ``status`` to the sub-parsers."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "status",
        help="feeds by health, articles a day, lag, rejects, the queue, decay of quality",
        description="How a dataset is doing, read from the dataset alone; nothing is written. Exit status 0, or 2 when "
        "there is no dataset.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="URI", help="the dataset: a folder or gs://bucket/prefix")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument(
        "--prometheus", action="store_true", help="print the figures in Prometheus' text format (textfile collector)"
    )
    form.add_argument(
        "--metrics-port", type=port, metavar="PORT", help="do not print but answer /metrics and /healthz, until ended"
    )
    parser.add_argument(
        "--metrics-address", default="127.0.0.1", metavar="ADDRESS",
        help="where --metrics-port listens (127.0.0.1: this machine only; 0.0.0.0: all interfaces)",
    )  # fmt: skip
    parser.add_argument(
        "--feeds", metavar="CATALOGUE", help="the feeds are those of this catalogue (default: those asked lately)"
    )
    parser.add_argument("--canary", default="canary", metavar="ID", help="id of the canary feed (canary)")
    parser.add_argument("--all", action="store_true", help="list every feed and outlet, not only those to look at")
    parser.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Print the status; UsageError when the dataset or the catalogue cannot be read."""
    store, feeds = _open(options)
    clock = Clock(options.now)
    if options.metrics_port is not None:
        return _serve(store, feeds, clock, options)
    now = clock()
    committed = DigestReader(store, LOOK_BACK_DAYS).read(now)
    if committed.newest is None:
        raise UsageError(f"sahelwatch status: no dataset at {store.uri}: it has no manifest")
    status = describe(committed, now, catalogue=feeds, canary=options.canary)
    found = samples(status)
    alarms = raised(found)
    if options.prometheus:
        from pipeline.metrics import prometheus_text  # noqa: PLC0415

        sys.stdout.write(prometheus_text(found).decode("utf-8"))
    elif options.json:
        print(orjson.dumps({"output": store.uri, "alarms": [_alarm(one) for one in alarms], **status}).decode())
    else:
        from pipeline.status_tables import print_status  # noqa: PLC0415

        print_status(store.uri, status, alarms, everything=options.all)
    return 0


def _open(options: argparse.Namespace) -> tuple[Store, tuple[Feed, ...]]:
    try:
        feeds = load_catalogue(options.feeds) if options.feeds else ()
        store = open_store(options.output)
    except (CatalogueError, ValueError) as error:
        raise UsageError(f"sahelwatch status: {error}") from error
    try:
        read_pointer(store)
    except DamagedPointerError as error:
        raise UsageError(f"sahelwatch status: {error}") from error
    except Exception as error:  # a missing bucket, rights, a network: each client has its own errors for them
        line = (str(error) or type(error).__name__).splitlines()[0]
        raise UsageError(f"sahelwatch status: cannot read {store.uri}: {line}") from error
    return store, tuple(feeds)


def _serve(store: Store, feeds: tuple[Feed, ...], clock: Clock, options: argparse.Namespace) -> int:
    from pipeline.metrics import serve  # noqa: PLC0415

    try:
        server = serve(
            options.metrics_port, store, feeds=feeds, address=options.metrics_address, clock=clock,
            canary=options.canary,
        )  # fmt: skip
    except OSError as error:
        where = f"{options.metrics_address}:{options.metrics_port}"
        raise UsageError(f"sahelwatch status: cannot listen on {where}: {error.strerror or error}") from error
    print(f"http://{options.metrics_address}:{server.port}/metrics", flush=True)
    with server:
        try:
            server.wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _alarm(one: Raised) -> Mapping[str, Any]:
    return {
        "name": one.alarm.name,
        "severity": one.alarm.severity,
        "summary": one.alarm.summary,
        "labels": dict(one.sample.labels),
        "value": one.sample.value,
        "limit": one.alarm.limit,
    }
