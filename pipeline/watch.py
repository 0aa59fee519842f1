"""``sahelwatch watch``: the same graph for months, unbounded on an engine or as bounded passes one after the other."""

import argparse
import logging
import signal
import threading
import time
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline import engines, logs
from pipeline.options import UsageError
from pipeline.run import graph_options, prepare, renew_exports, run_pass, served_metrics, writing
from transforms import draining
from transforms.clock import Clock
from transforms.history import open_history
from transforms.lease import SHORTEST, LeaseKeeper
from transforms.pending import drop_pending
from transforms.store import Store
from transforms.windows import Windows

SILENT_TICKS = 3
"""Ticks without a heartbeat after which a writer is given up, where ticks are all that tells of it."""
LANE_SECONDS = 30.0
"""What a lane did not reach in this time comes again at the next tick; it holds up its window for so long at most."""
EXPORTS_LOOKED_AT = 60.0
_log = logging.getLogger(__name__)


def watch(options: argparse.Namespace, beam_flags: Sequence[str]) -> None:
    """Run until told to end; UsageError for anything that is wrong before the first tick."""
    feeds, store = prepare(options)
    engines.import_beam()
    runner = engines.runner_of(beam_flags, "watch")
    if options.every is None and runner in engines.BATCH_ENGINES:
        raise UsageError(
            f"sahelwatch watch: {runner} gives nothing before its input ends; use --every, or another engine"
        )
    logs.configure(options.log_format)
    silence = max(SHORTEST, SILENT_TICKS * options.tick)
    with (
        drained_on_signals(),
        served_metrics(options, store, feeds, Clock(options.now)),
        writing(options, store, silence) as lease,
    ):
        if options.every is not None:
            _repeat(options, engines.bounded_flags(beam_flags, runner), store, lease)
        else:
            _stream(options, beam_flags, runner, store, lease)


def _repeat(options: argparse.Namespace, beam_flags: Sequence[str], store: Store, lease: LeaseKeeper) -> None:
    """Bounded passes, the next one ``every`` seconds after the start of the last or at once when that took longer."""
    while not draining.requested.is_set():
        started = time.monotonic()
        summary = run_pass(options, beam_flags, store, lease)
        _log.info("pass %d: %s", summary["sequence"], summary)
        draining.requested.wait(max(0.0, options.every - (time.monotonic() - started)))


def _stream(
    options: argparse.Namespace, beam_flags: Sequence[str], runner: str | None, store: Store, lease: LeaseKeeper
) -> None:
    """The unbounded graph on its engine until it ends."""
    import apache_beam as beam  # noqa: PLC0415
    from apache_beam.options.pipeline_options import PipelineOptions  # noqa: PLC0415

    from pipeline.graph import read_news  # noqa: PLC0415
    from pipeline.ticks import Ticks  # noqa: PLC0415
    from transforms.commit_windows import point_at_newest  # noqa: PLC0415

    windows = Windows(tick=options.tick, size=options.window)
    graph = graph_options(options, lane_seconds=LANE_SECONDS, windows=windows, tenure=lease.tenure)
    flags = list(beam_flags) if runner else [*beam_flags, "--runner=PrismRunner"]
    beam_options = PipelineOptions([*flags, "--streaming"])
    engine: Any = engines.prism_runner(beam_options) if runner in {None, "PrismRunner"} else None
    drop_pending(options.output)
    pipeline = beam.Pipeline(runner=engine, options=beam_options)
    read_news(pipeline | "Ticks" >> Ticks(windows), graph)
    ended = _Ended(pipeline.run())
    looked = time.monotonic()
    while not ended.wait(1.0):
        if lease.lost is not None:
            raise lease.lost
        if time.monotonic() - looked >= EXPORTS_LOOKED_AT:
            renew_exports(store, Clock(options.now)())
            looked = time.monotonic()
    if ended.error is not None:
        raise ended.error
    point_at_newest(open_history(options.output))
    renew_exports(store, Clock(options.now)())


class _Ended:
    """Waits for a job in a thread of its own, so that the main one is free for signals."""

    def __init__(self, result: Any) -> None:
        self.error: BaseException | None = None
        self._result = result
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.wait_until_finish()
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            self.error = error

    def wait(self, seconds: float) -> bool:
        """Whether the job has ended, after so many seconds at most."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


@contextmanager
def drained_on_signals() -> Iterator[None]:
    """SIGTERM and the first SIGINT ask for a drain; a second SIGINT interrupts."""

    def asked(number: int, _: types.FrameType | None) -> None:
        if draining.requested.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        _log.warning("%s: ending; what was begun is committed first", signal.Signals(number).name)
        draining.requested.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        draining.requested.clear()
        for number, handler in before.items():
            signal.signal(number, handler)
