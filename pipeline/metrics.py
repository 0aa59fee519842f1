"""Figures for Prometheus, and ``/healthz``: ``serve(port, ...)`` beside a run, a watch or ``status --metrics-port``.

Two kinds: what this process counts (``transforms.counts``; on a distributed runner the workers count, and the runner
shows their Beam counters) and what the dataset says, which is the same from wherever it is read.
"""

import datetime as dt
import logging
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from socketserver import ThreadingMixIn
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from pipeline.gauges import GAUGES, Sample, samples
from pipeline.health import LOOK_BACK_DAYS, describe
from pipeline.window_digests import Committed, DigestReader
from transforms import counts
from transforms.clock import Clock, parse_time
from transforms.pending import pending_size
from transforms.records import Feed
from transforms.store import Store

LOOPBACK = "127.0.0.1"
REFRESH_SECONDS = 60.0
HEALTHY_SECONDS = 3600.0
PENDING: dict[str, str] = {
    "feeds": "Feeds polled since the last commit.",
    "entries": "Entries on their way since the last commit.",
    "waiting": "Entries kept for the next tick because their lane did not reach them.",
    "bytes": "Size of what is remembered between two commits.",
}
"""What ``sahelwatch_pending_<name>`` of this process means."""
_PREFIX = counts.NAMESPACE
_log = logging.getLogger(__name__)


class DatasetFigures:
    """Reads a dataset every minute in a thread of its own, so that a scrape never waits for a bucket."""

    def __init__(self, store: Store, clock: Clock, *, feeds: Sequence[Feed] = (), canary: str = "canary") -> None:
        self._reader = DigestReader(store, LOOK_BACK_DAYS)
        self._clock = clock
        self._started = clock()
        self._feeds = feeds
        self._canary = canary
        self._committed: Committed | None = None
        self._readable: bool | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_reading, name="dataset-figures", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Read no more; a reading that is under way ends with the process."""
        self._stop.set()

    def refresh(self) -> None:
        """Read what was committed since the last time; a store that does not answer is a figure, not an error."""
        try:
            self._committed = self._reader.read(self._clock())
            self._readable = True
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the process that is watched goes on
            if self._readable is not False:
                _log.warning("the dataset cannot be read: %s: %s", type(error).__name__, error)
            self._readable = False

    def _keep_reading(self) -> None:
        while not self._stop.is_set():
            self.refresh()
            self._stop.wait(REFRESH_SECONDS)

    def samples(self) -> list[Sample]:
        """The figures as of now, ages included; none before the first reading."""
        if self._readable is None:
            return []
        found = []
        if self._committed is not None:
            found = samples(describe(self._committed, self._clock(), catalogue=self._feeds, canary=self._canary))
            if self._committed.newest is None:  # nothing was ever committed: that is late from now on
                age = (self._clock() - self._started).total_seconds()
                found.append(Sample(name="sahelwatch_latest_age_seconds", value=age))
        readable = Sample(name="sahelwatch_dataset_readable", value=float(self._readable))
        return [readable, *(sample for sample in found if sample.name != readable.name)]

    def last_commit(self) -> str | None:
        """When latest.json was written, as of the last reading."""
        pointer = self._committed.pointer if self._committed else None
        return pointer["written"] if pointer else None


class _CountedFigures(Collector):
    """What this process has counted and timed."""

    def collect(self) -> Iterator[Metric]:
        found = counts.counts()
        for (step, what), meaning in counts.COUNTED.items():
            family = CounterMetricFamily(f"{_PREFIX}_{step}_{what}", meaning, labels=["reason"])
            for reason, number in sorted((r, n) for (s, w, r), n in found.items() if (s, w) == (step, what)):
                family.add_metric([reason], number)
            yield family
        timings = counts.timings()
        for step, meaning in counts.TIMED.items():
            timing = timings.get(step, counts.Timing())
            yield SummaryMetricFamily(
                f"{_PREFIX}_{step}_seconds", meaning, count_value=timing.count, sum_value=timing.seconds
            )


class _PendingFigures(Collector):
    """What the cache between two commits holds."""

    def collect(self) -> Iterator[Metric]:
        size = pending_size()
        for name, meaning in PENDING.items():
            yield GaugeMetricFamily(f"{_PREFIX}_pending_{name}", meaning, value=getattr(size, name))


class _DatasetCollector(Collector):
    """The dataset's figures as gauges."""

    def __init__(self, given: Callable[[], Iterable[Sample]]) -> None:
        self._given = given

    def describe(self) -> Iterator[Metric]:
        """No reading when the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for sample in self._given():
            labels = [name for name, _ in sample.labels]
            if sample.name not in families:
                families[sample.name] = GaugeMetricFamily(sample.name, GAUGES[sample.name], labels=labels)
            families[sample.name].add_metric([value for _, value in sample.labels], sample.value)
        yield from families.values()


def prometheus_text(given: Iterable[Sample]) -> bytes:
    """Samples in Prometheus' text format, for a textfile collector."""
    registry = CollectorRegistry()
    found = list(given)
    registry.register(_DatasetCollector(lambda: found))
    return generate_latest(registry)


class MetricsServer:
    """``/metrics`` and ``/healthz`` until ``close``; also a context manager."""

    def __init__(self, server: WSGIServer, figures: DatasetFigures | None) -> None:
        self._server = server
        self._figures = figures
        self.port: int = server.server_port
        self._thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        if self._figures:
            self._figures.close()

    def wait(self) -> None:
        """Until the server is closed."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()


def serve(
    port: int,
    store: Store | None = None,
    *,
    feeds: Sequence[Feed] = (),
    address: str = LOOPBACK,
    clock: Clock | None = None,
    canary: str = "canary",
    healthy_seconds: float = HEALTHY_SECONDS,
) -> MetricsServer:
    """Answer on a port (0: any free one) of this machine only, unless another address is given; OSError if taken.

    ``/healthz`` is 200 while the last commit (or, before the first, the start of this server) is at most
    ``healthy_seconds`` old, else 503; its body is a JSON object.
    """
    clock = clock or Clock()
    figures = DatasetFigures(store, clock, feeds=feeds, canary=canary) if store else None
    registry = CollectorRegistry()
    registry.register(_CountedFigures())
    registry.register(_PendingFigures())
    if figures:
        registry.register(_DatasetCollector(figures.samples))
    metrics = make_wsgi_app(registry)
    started = clock()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start_response)
            return found
        status, body = "404 Not Found", b"/metrics and /healthz\n"
        if path == "/healthz":
            health = _health(figures.last_commit() if figures else None, started, clock(), healthy_seconds)
            status, body = "200 OK" if health["ok"] else "503 Service Unavailable", orjson.dumps(health) + b"\n"
        kind = "application/json" if path == "/healthz" else "text/plain; charset=utf-8"
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    server = make_server(address, port, answer, server_class=_Server, handler_class=_Silent)
    if figures:
        figures.start()
    return MetricsServer(server, figures)


def _health(last_commit: str | None, started: dt.datetime, now: dt.datetime, allowed: float) -> dict[str, Any]:
    """The answer of /healthz; a process that has just started is given the time of a commit."""
    age = (now - parse_time(last_commit)).total_seconds() if last_commit else None
    quiet = min((now - started).total_seconds(), age if age is not None else float("inf"))
    return {"ok": quiet <= allowed, "last_commit": last_commit, "age_seconds": age, "allowed_seconds": allowed}


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request, so that a slow reader does not hold up the next."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    """No line on stderr for each scrape, and no reader that sends nothing for ever."""

    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of the base class
        """Say nothing."""
