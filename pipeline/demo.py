"""``sahelwatch demo``: the bundled fixture world, served on loopback, through the whole graph."""

import argparse
import pathlib
import tempfile
import time
from typing import Any

from rich.console import Console

from pipeline import run
from pipeline.options import build_parser
from pipeline.world.server import WorldServer
from transforms.store import open_store

NOW = "2026-11-20T06:00:00Z"
HOST_INTERVAL = "0.05"
"""The world is ours and on this machine; for other people's servers the default is two seconds."""
CATALOGUE = pathlib.Path(__file__).parent / "world" / "feeds.yaml"


def world_arguments(server: WorldServer, output: str) -> list[str]:
    """The ``run`` command line that reads the fixture world through the real client."""
    resolve = [argument for option in server.resolve_options() for argument in ("--resolve", option)]
    fixed = ["--now", NOW, "--host-interval", HOST_INTERVAL, "--min-poll-interval", "0"]
    return ["run", "--feeds", str(CATALOGUE), "--output", output, *fixed, *resolve]


def demo(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Serve, run, show; gives the summary."""
    started = time.monotonic()
    output = options.output or tempfile.mkdtemp(prefix="sahelwatch-demo-")
    with WorldServer() as server:
        summary = run.run(build_parser().parse_args(world_arguments(server, output)), [])
    if not options.json:
        from pipeline import tables  # noqa: PLC0415

        tables.print_dataset(open_store(output), time.monotonic() - started, console)
        console.print(f"Records: {summary['output']}", soft_wrap=True)
    return summary
