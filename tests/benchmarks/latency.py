"""How soon articles are visible: ``python -m tests.benchmarks.latency [--tick 60] [--window 600] [--minutes 25] [-- FLAGS]``.

``watch`` reads outlets that publish at random moments. Printed as JSON: seconds from the poll that first carries an
entry to the moment at which ``latest.json`` leads to its article, and to that of its manifest. ``--slow SECONDS`` adds
an outlet whose every answer takes so long, which is left out of the figures; ``--program`` names what is started
instead of ``python -m pipeline`` (``deploy/flink/local.sh``); flags of Beam and of ``watch`` come last, behind ``--``.
"""

import argparse
import datetime as dt
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Self

import orjson
import yaml

from pipeline.world.server import ANY_PATH, Reply, WorldServer
from tests.engines.living import Outlet, Story, words
from transforms import datasets
from transforms.audit import audit
from transforms.store import open_store

ROOT = pathlib.Path(__file__).parent.parent.parent
LOOK_SECONDS = 0.25
SLOW = "lent"
AT_FIRST = 3
"""Entries of a feed when it is read for the first time: `--min-poll-interval 0` has it read at every tick after that."""


class Publishing:
    """Outlets that publish at random moments, each ``pause`` seconds apart on the mean; a context manager."""

    def __init__(self, folder: pathlib.Path, outlets: int, pause: float, slow: float) -> None:
        self.catalogue = folder / "feeds.yaml"
        self.server = WorldServer()
        self._pause = pause / outlets
        self._chance = random.Random(4)
        self._outlets = [Outlet(f"outlet-{number}") for number in range(outlets)]
        for outlet in self._outlets:
            self.server.overrides[outlet.host, ANY_PATH] = outlet.answer
        if slow:
            late = Outlet(SLOW)
            self.server.overrides[late.host, ANY_PATH] = lambda request: _delayed(late.answer(request), slow)
            self._outlets.append(late)
        self.catalogue.write_text(yaml.safe_dump({"feeds": [o.catalogue_entry() for o in self._outlets]}), "utf-8")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._publish, daemon=True)

    def __enter__(self) -> Self:
        for outlet in self._outlets:
            for _ in range(AT_FIRST):
                self._add(outlet)
        self.server.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.server.__exit__(None, None, None)

    def resolve(self) -> list[str]:
        """The options by which the outlets' hosts are found."""
        return [word for o in self._outlets for word in ("--resolve", f"{o.host}=127.0.0.1:{self.server.port}")]

    def _publish(self) -> None:
        while not self._stop.wait(self._chance.expovariate(1 / self._pause)):
            self._add(self._chance.choice(self._outlets))

    def _add(self, outlet: Outlet) -> None:
        with outlet.lock:
            text = "\n".join(" ".join(words(self._chance, 40)).capitalize() + "." for _ in range(4))
            title = " ".join(words(self._chance, 6)).capitalize()
            outlet.stories.append(Story(f"http://{outlet.host}/{len(outlet.stories)}", title, text))


def _delayed(reply: Reply, seconds: float) -> Reply:
    return Reply(status=reply.status, body=reply.body, headers=reply.headers, delay=seconds)


class Pointer:
    """Since when latest.json has led to each sequence number; a context manager."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.since: dict[int, float] = {}
        self._path = folder / "latest.json"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def of(self, sequence: int) -> float:
        """Seconds since the epoch; NaN where it never did."""
        return min((at for number, at in self.since.items() if number >= sequence), default=math.nan)

    def _look(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            if self._path.exists():
                self.since.setdefault(orjson.loads(self._path.read_bytes())["sequence"], time.time())


def figures(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile (nearest rank) and largest."""
    found = sorted(seconds) or [math.nan]
    rank = math.ceil(0.95 * len(found)) - 1
    return {name: round(found[n], 1) for name, n in (("p50", len(found) // 2), ("p95", rank), ("max", -1))}


def main() -> int:
    """Run, measure, print; 1 when the bar is missed or the audit finds something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tick", type=int, default=60)
    parser.add_argument("--window", type=int, default=600)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--outlets", type=int, default=12)
    parser.add_argument("--pause", type=float, default=120.0, help="seconds between two articles of an outlet")
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--program", nargs="+", default=[sys.executable, "-m", "pipeline"])
    parser.add_argument("--log", default=os.devnull)
    parser.add_argument("flags", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        output = folder / "out"
        with Publishing(folder, options.outlets, options.pause, options.slow) as world, Pointer(output) as pointer:
            command = [
                *options.program, "watch", "--feeds", str(world.catalogue), "--output", str(output),
                "--tick", str(options.tick), "--window", str(options.window), *world.resolve(), *options.flags,
            ]  # fmt: skip
            with pathlib.Path(options.log).open("ab") as log:
                watching = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
                try:
                    watching.wait(60 * options.minutes)
                except subprocess.TimeoutExpired:
                    drain = time.monotonic()
                    watching.send_signal(signal.SIGTERM)
                    status = watching.wait(300)
                    drained = time.monotonic() - drain
                else:
                    print(f"watch ended by itself with {watching.returncode}", file=sys.stderr)
                    return 1
            time.sleep(2 * LOOK_SECONDS)
        return _report(options, output, pointer, status, drained)


def _report(options: argparse.Namespace, output: pathlib.Path, pointer: Pointer, status: int, drained: float) -> int:
    store = open_store(str(output))
    led, committed = [], []
    windows = 0
    for name, manifest in datasets.manifests(store):
        windows += 1
        for described in manifest["objects"]:
            rows = datasets.read_rows(store.read(described["name"])) if described["table"] == "articles" else []
            for row in rows:
                if row["revision"] == 0 and row["outlet"] != SLOW:
                    first = dt.datetime.fromisoformat(row["first_seen"])
                    led.append(pointer.of(manifest["sequence"]) - first.timestamp())
                    committed.append((store.modified(name) - first).total_seconds())
    bar = options.tick + options.window + 30
    report = audit(store)
    found = {
        "articles": len(led),
        "windows": windows,
        "latest.json": figures(led),
        "manifest": figures(committed),
        "bar": bar,
        "drained": round(drained, 1),
        "status": status,
        "audit": "good" if report.good else report.findings[:5],
    }
    print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    return int(not (report.good and status == 0 and found["latest.json"]["p95"] <= bar))


if __name__ == "__main__":
    sys.exit(main())
