"""How fast pages come from slow hosts: ``python -m tests.quality.fetching``.

Forty hosts on loopback answer each request after 0.3 s. With politeness off the pages a second tell how well hosts are
worked side by side (one after the other it would be three); with it on, all hosts together should cost what the slowest
of them costs, give or take a tenth.
"""

import argparse
import itertools
import json
import multiprocessing
from typing import Any

from tests.conformance.server import FaultServer
from tests.test_conformance_client import Hosts

HOSTS = 40
PAUSE = 0.3
SLOW_PAGES = 10


def _serve(number: int, pages: int, there: Any) -> None:
    """A server in a process of its own: its work is not the client's."""
    with FaultServer(Hosts(number, pages, PAUSE).scripts) as server:
        there.send(server.ports)
        there.recv()
        there.send([(visit.host, visit.path, visit.began, visit.ended) for visit in server.visits])


class _Apart:
    """The server as the client sees it: its ports, and what it saw when all is over."""

    def __init__(self, number: int, pages: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(number, pages, there), daemon=True)
        self._process.start()
        self.ports = self._here.recv()

    def end(self) -> list[tuple[str, str, float, float]]:
        """End it; gives (host, path, began, ended) of every request."""
        self._here.send(None)
        visits: list[tuple[str, str, float, float]] = self._here.recv()
        self._process.join(10)
        return visits


def side_by_side(pages: int) -> dict[str, float]:
    """Pages a second with politeness off."""
    server = _Apart(HOSTS, pages)
    answers, seconds = Hosts(HOSTS, pages, PAUSE).fetch(server, 0)  # type: ignore[arg-type]
    server.end()
    return {"pages": len(answers), "seconds": round(seconds, 2), "pages_a_second": round(len(answers) / seconds, 1)}


def polite(interval: float) -> dict[str, float]:
    """All hosts together against the slowest one by itself; that one has SLOW_PAGES pages, the others three."""
    server = _Apart(HOSTS, SLOW_PAGES)
    hosts = Hosts(HOSTS, SLOW_PAGES, PAUSE)
    slow = hosts.names[0]
    hosts.requests = [r for r in hosts.requests if f"//{slow}/" in r.url or int(r.url.rpartition("/")[2]) < 3]
    answers, seconds = hosts.fetch(server, interval)  # type: ignore[arg-type]
    visits = [(began, ended) for host, path, began, ended in server.end() if host == slow and path[1:].isdigit()]
    own = visits[-1][1] - visits[0][0]
    pauses = [after[0] - before[1] for before, after in itertools.pairwise(visits)]
    return {
        "pages": len(answers),
        "seconds": round(seconds, 2),
        "slowest_host_seconds": round(own, 2),
        "ratio": round(seconds / own, 3),
        "shortest_pause": round(min(pauses), 3),
    }


def main() -> None:
    """Print both as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20, help="pages a host with politeness off (20)")
    parser.add_argument("--interval", type=float, default=2.0, help="polite interval in seconds (2)")
    options = parser.parse_args()
    found = {"side_by_side": side_by_side(options.pages), "polite": polite(options.interval)}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
