"""``sahelwatch watch``: the same graph for months, unbounded on an engine or as bounded passes one after the other."""

import argparse
import datetime as dt
import logging
import signal
import threading
import time
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from pipeline import engines, logs
from pipeline.options import UsageError
from pipeline.run import graph_options, prepare, run_pass, served_metrics, writing
from transforms import draining
from transforms.clock import Clock
from transforms.history import open_history
from transforms.lease import SHORTEST, LeaseKeeper, Tenure
from transforms.pending import drop_pending
from transforms.store import Store
from transforms.windows import Windows, window_end

SILENT_TICKS = 3
"""Ticks without a heartbeat after which a writer is given up, where ticks are all that tells of it."""
LANE_SECONDS = 30.0
"""What a lane did not reach in this time comes again at the next tick; it holds up its window for so long at most."""
EXPORTS_LOOKED_AT = 60.0
EXPORTS_WAITED_FOR = 10.0
DRAIN_SECONDS = 150.0
"""How long a drain waits for the last window to be committed before it cancels."""
CANCEL_SECONDS = 30.0
DETACHED_START_SECONDS = 1800.0
"""A job that starts its workers first has so long until its first tick keeps the lease."""
STANDS = "what was committed stands, the rest comes with the next start"
_log = logging.getLogger(__name__)


class JobFailedError(RuntimeError):
    """The engine gave up, or does not end; the message is one line."""


def watch(options: argparse.Namespace, beam_flags: Sequence[str]) -> None:
    """Run until told to end; UsageError for anything that is wrong before the first tick, JobFailedError later."""
    if options.every is not None and options.paced_by:
        given = " and ".join(dict.fromkeys(options.paced_by))
        raise UsageError(
            f"sahelwatch watch: {given} cannot be used with --every, whose passes look and commit once each"
        )
    with drained_on_signals():
        feeds, store = prepare(options)
        engines.import_beam()
        runner = engines.runner_of(beam_flags, "watch")
        if options.every is None and runner in engines.BATCH_ENGINES:
            raise UsageError(
                f"sahelwatch watch: {runner} gives nothing before its input ends; use --every, or another engine"
            )
        logs.configure(options.log_format, level=logging.INFO)
        silence = SHORTEST if options.every is not None else max(SHORTEST, SILENT_TICKS * options.tick)
        from transforms.web import WebClient  # noqa: PLC0415

        try:
            with served_metrics(options, store, feeds, Clock()), writing(options, store, silence) as lease:
                if options.every is not None:
                    _repeat(options, engines.bounded_flags(beam_flags, runner), store, lease)
                else:
                    _stream(options, beam_flags, runner, store, lease)
        finally:
            WebClient.close_shared()


def _repeat(options: argparse.Namespace, beam_flags: Sequence[str], store: Store, lease: LeaseKeeper) -> None:
    """Bounded passes, the next one ``every`` seconds after the start of the last or at once when that took longer."""
    while not draining.requested.is_set():
        started = time.monotonic()
        try:
            run_pass(options, beam_flags, store, lease)
        except Exception as error:
            raise _failed(error) from error
        if lease.lost is not None:
            raise lease.lost
        draining.requested.wait(max(0.0, options.every - (time.monotonic() - started)))


def _stream(
    options: argparse.Namespace, beam_flags: Sequence[str], runner: str | None, store: Store, lease: LeaseKeeper
) -> None:
    """The unbounded graph on its engine until it ends, or for an engine that needs nobody here: until it has begun."""
    from apache_beam.options.pipeline_options import PipelineOptions  # noqa: PLC0415

    from transforms.commit_windows import point_at_newest  # noqa: PLC0415

    flags = list(beam_flags) if runner else [*beam_flags, "--runner=PrismRunner"]
    beam_options = PipelineOptions([*flags, "--streaming"])
    engine: Any = engines.prism_runner(beam_options) if runner in {None, "PrismRunner"} else None
    drop_pending(options.output)
    result = streaming_pipeline(options, beam_options, lease.tenure, engine).run()
    if runner in engines.DETACHED:
        _leave(result, lease)
        return
    ended = _Ended(result)
    here = engine is not None and options.extract_workers > 0  # then this process has a fork server already
    with _cancelled_with_us(ended, runner), _Exports(store, apart=here):
        while not ended.wait(1.0):
            if lease.lost is not None:
                raise lease.lost
            if draining.requested.is_set():
                if runner in engines.NEVER_ENDING and _drained(options, ended):
                    break
                if ended.drained_for() > DRAIN_SECONDS:
                    raise JobFailedError(f"the engine does not end; {STANDS}")
    if ended.error is not None:
        raise _failed(ended.error) from ended.error
    point_at_newest(open_history(options.output))


def streaming_pipeline(options: argparse.Namespace, beam_options: Any, tenure: Tenure, engine: Any = None) -> Any:
    """The unbounded graph for an engine, which the Beam options name where ``engine`` is None."""
    import apache_beam as beam  # noqa: PLC0415

    from pipeline.graph import read_news  # noqa: PLC0415
    from pipeline.ticks import LOOK_SECONDS, Ticks  # noqa: PLC0415

    windows = Windows(tick=options.tick, size=options.window)
    pipeline = beam.Pipeline(runner=engine, options=beam_options)
    # Flink keeps a state for each time a source has waited, as long as the job lives; the others ask a round trip for it
    look = LOOK_SECONDS if engine is not None else options.tick
    graph = graph_options(
        options, lane_seconds=LANE_SECONDS, windows=windows, tenure=tenure, exports=_is_detached(pipeline.runner)
    )
    read_news(pipeline | "Ticks" >> Ticks(windows, look), graph)
    return pipeline


def _failed(error: Exception) -> JobFailedError:
    """An engine's exception, which carries the traceback of a worker as its text, as one line; the log has the rest."""
    _log.error("the job failed: %s", error)
    lines = [line for line in str(error).splitlines() if line.strip()]
    told = next((line.strip() for line in reversed(lines) if not line.startswith((" ", "\t"))), "no reason given")
    details = getattr(error, "details", None)
    if callable(details):  # gRPC's, whose text ends with a lone bracket: the engine's process has gone
        told = f"its engine does not answer ({details()})"
    return JobFailedError(f"the job failed: {' '.join(told.split())[:300]}; {STANDS}")


def _is_detached(runner: Any) -> bool:
    return type(runner).__name__ in engines.DETACHED


def _leave(result: Any, lease: LeaseKeeper) -> None:
    """The job runs elsewhere from here on: it has the lease, and this process may end."""
    if getattr(result, "has_job", False):
        lease.hand_over(DETACHED_START_SECONDS)
        _log.warning("job %s was started and goes on without this process", result.job_id())
    elif hasattr(result, "job"):
        print(f"dry run: the job {result.job.proto.name} would be asked for; nothing was started")
    else:  # a template's specification was written, from which the launcher starts the job
        lease.hand_over(DETACHED_START_SECONDS)
        _log.warning("the job was handed to the template's launcher")


def _drained(options: argparse.Namespace, ended: "_Ended") -> bool:
    """Whether nothing more is to be waited for on an engine whose job does not end by itself.

    Where the ticks come from this process, that is when the last one's window is committed. Where they come from a
    worker, nothing here can end them: what was begun there and not committed is begun anew by the next job.
    """
    last = draining.ticks.last
    if last is None or ended.drained_for() > DRAIN_SECONDS:
        return True
    if not draining.ticks.ended.is_set():
        return False
    windows = Windows(tick=options.tick, size=options.window)
    end = window_end(dt.datetime.fromtimestamp(last, dt.UTC), windows)
    return open_history(options.output).committed_until >= end


@contextmanager
def _cancelled_with_us(ended: "_Ended", runner: str | None) -> Iterator[None]:
    """Cancels the job at the end of the block, however that ends, on an engine that would keep it."""
    try:
        yield
    finally:
        if runner in engines.NEVER_ENDING and not ended.wait(0.0):
            ended.cancel()


class _Ended:
    """Waits for a job in a thread of its own, so that the main one is free for signals."""

    def __init__(self, result: Any) -> None:
        self.error: Exception | None = None
        self._cancelled = False
        self._draining_since: float | None = None
        self._result = result
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.wait_until_finish()
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            if not self._cancelled:
                self.error = error

    def wait(self, seconds: float) -> bool:
        """Whether the job has ended, after so many seconds at most."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """End the job now; what its engine says about that is no error."""
        self._cancelled = True
        try:
            self._result.cancel()
        except Exception as error:  # noqa: BLE001 - a server that is gone has no job any more
            _log.warning("the job could not be cancelled: %s", str(error).partition("\n")[0])
        self._thread.join(CANCEL_SECONDS)

    def drained_for(self) -> float:
        """Seconds since this was asked for the first time."""
        now = time.monotonic()
        self._draining_since = self._draining_since or now
        return now - self._draining_since


class _Exports:
    """Renews exports/ while a block runs, in a thread of its own: they re-read weeks, and a drain must not wait."""

    def __init__(self, store: Store, *, apart: bool) -> None:
        self._store = store
        self._apart = apart
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="exports", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(EXPORTS_WAITED_FOR)  # one that takes longer ends with the process: it is whole or as it was

    def _keep(self) -> None:
        from transforms.exports import renew_exports  # noqa: PLC0415 - loads the gazetteer

        seen = None
        while not self._stop.wait(EXPORTS_LOOKED_AT if seen else 5.0):
            try:
                seen = renew_exports(self._store, Clock()(), seen, apart=self._apart)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with them, the watch goes on
                _log.warning("exports were not renewed: %s: %s", type(error).__name__, error)
                self._stop.wait(EXPORTS_LOOKED_AT)


@contextmanager
def drained_on_signals() -> Iterator[None]:
    """SIGTERM and the first SIGINT ask for a drain; a second SIGINT interrupts."""

    def asked(number: int, _: types.FrameType | None) -> None:
        if draining.requested.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        _log.info("%s: ending; what was begun is committed first", signal.Signals(number).name)
        draining.requested.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        draining.requested.clear()
        draining.ticks = draining.Ticks()
        for number, handler in before.items():
            signal.signal(number, handler)
