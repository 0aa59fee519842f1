"""Ticks: where they come from, and what is due at one, by the catalogue and the committed state."""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.transforms.window import FixedWindows, TimestampCombiner, TimestampedValue
from apache_beam.utils.timestamp import Duration, Timestamp

from pipeline.live_catalogue import LiveCatalogue
from transforms import counts, draining
from transforms.clock import Clock, iso
from transforms.fetch_pages import lane_of
from transforms.history import History, open_history
from transforms.lease import Tenure, renew
from transforms.pending import Pending, open_pending
from transforms.polls import PollOptions, is_due
from transforms.records import Entry, Feed, Tick
from transforms.windows import Windows, window_end

LOOK_SECONDS = 1.0
"""How often a source that waits for its next tick looks whether it is to end, where its engine asks nothing for that."""
_NO_END = 2**40


def due_feeds(
    feeds: tuple[Feed, ...], history: History, pending: Pending, now: str, options: PollOptions, n_lanes: int
) -> dict[int, tuple[Feed, ...]]:
    """The feeds that may be polled at ``now``, by lane of their host; those on their way are not."""
    lanes: dict[int, list[Feed]] = defaultdict(list)
    for feed in feeds:
        state = pending.state_of(feed.id, history.feed_states.get(feed.id))
        if is_due(state, now, options) and not pending.is_handed_out(feed.id):
            lanes[lane_of(feed.url, n_lanes)].append(feed)
    return {lane: tuple(found) for lane, found in sorted(lanes.items())}


def due_entries(history: History, now: str) -> list[Entry]:
    """The queued entries whose time has come."""
    return [entry for _, entry in sorted(history.queue.items()) if entry.next_try <= now]


class _ReadCatalogueFn(beam.DoFn):
    """One tick -> lanes of due feeds, due entries, and the Tick itself for the window's commit."""

    def __init__(
        self,
        catalogue: LiveCatalogue,
        output: str,
        options: PollOptions,
        n_lanes: int,
        windows: Windows | None,
        tenure: Tenure | None,
    ) -> None:
        self._catalogue = catalogue
        self._output = output
        self._options = options
        self._n_lanes = n_lanes
        self._windows = windows
        self._tenure = tenure

    def process(self, element: dt.datetime) -> Iterator[Any]:
        """Time of the tick (aware UTC)."""
        counts.count("tick", "ticks")
        with counts.timed("tick"):
            feeds = self._catalogue().feeds
            history = open_history(self._output)
            if self._tenure is not None:  # the process that took the lease may have gone: the job may run elsewhere
                renew(history.store, self._tenure, Clock()())
        pending = open_pending(self._output, history.committed_until)
        now, end = iso(element), window_end(element, self._windows)
        yield beam.pvalue.TaggedOutput("ticks", Tick(at=now, feeds=feeds))
        missed = (
            {lane for lane in range(self._n_lanes) if pending.has_missed(lane, element)} if self._windows else set()
        )
        if missed:
            counts.count("tick", "missed", len(missed))

        def is_free(entry: Entry) -> bool:
            return lane_of(entry.url, self._n_lanes) not in missed

        again = [e for e in due_entries(history, now) if is_free(e) and pending.send(e, end)]
        for entry in (*pending.resume(end, is_free), *again):
            yield beam.pvalue.TaggedOutput("entries", entry)
        due = due_feeds(feeds, history, pending, now, self._options, self._n_lanes)
        lanes = {lane: found for lane, found in due.items() if lane not in missed}
        pending.hand_out((feed.id for lane in lanes.values() for feed in lane), end)
        yield from lanes.items()


class ReadCatalogue(beam.PTransform[beam.PCollection[dt.datetime], Any]):
    """Ticks -> ``feeds`` (lane, due feeds), ``entries`` (due again) and ``ticks``."""

    def __init__(
        self,
        catalogue: LiveCatalogue,
        output: str,
        options: PollOptions,
        n_lanes: int,
        windows: Windows | None = None,
        tenure: Tenure | None = None,
    ) -> None:
        super().__init__()
        self._windows = windows
        self._fn = _ReadCatalogueFn(catalogue, output, options, n_lanes, windows, tenure)

    def expand(self, pcoll: beam.PCollection[dt.datetime]) -> Any:
        """Wire the step."""
        if self._windows is not None:
            # else the source's bundle lasts as long as the polls of its tick, by which time the next tick is due, and
            # so on: with polls slower than ticks it never ended, and nothing that it gave was ever seen
            pcoll = pcoll | "LeaveSource" >> beam.Reshuffle()
        return pcoll | "ReadTick" >> beam.ParDo(self._fn).with_outputs("entries", "ticks", main="feeds")


def one_after_another(moments: Sequence[dt.datetime]) -> Any:
    """Ticks that are over, in their order: what is listed at one is known at the next.

    ``Create`` alone would send several to workers in an order of its own (a Reshuffle), which differs from run to run.
    """
    return beam.Create([tuple(moments)]) | "OneAfterAnother" >> beam.FlatMap(_each).with_output_types(dt.datetime)


def _each(moments: tuple[dt.datetime, ...]) -> tuple[dt.datetime, ...]:
    return moments


def at_its_time(tick: dt.datetime) -> Any:
    """A tick with itself as its event time: everything that follows from it bears that time."""
    return TimestampedValue(tick, Timestamp(tick.timestamp()))


def in_tick_windows(windows: Windows) -> Any:
    """Each tick in a window of its own.

    What follows from it bears its time also behind a GroupByKey, and so falls into its window of commit.
    """
    return beam.WindowInto(FixedWindows(windows.tick), timestamp_combiner=TimestampCombiner.OUTPUT_AT_EARLIEST)


class _OneSource(OffsetRestrictionTracker):
    """Never split between two workers: the half far ahead would carry the watermark there with it (seen on Prism)."""

    def try_split(self, fraction_of_remainder: float) -> Any:
        """Only at the present tick, which is how the source waits."""
        whole: Any = super()
        return whole.try_split(0) if fraction_of_remainder == 0 else None


class _TickRanges(beam.RestrictionProvider):
    """Ticks are numbered from the start of the source; on a drain none is left."""

    def initial_restriction(self, element: tuple[float, float]) -> OffsetRange:  # noqa: ARG002 - Beam's signature
        return OffsetRange(0, _NO_END)

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return _OneSource(restriction)

    def restriction_size(self, element: tuple[float, float], restriction: OffsetRange) -> int:
        return int(due_tick(element, time.time()) >= restriction.start)

    def truncate(self, element: tuple[float, float], restriction: OffsetRange) -> None:  # noqa: ARG002
        return None


def due_tick(element: tuple[float, float], now: float) -> int:
    """The number of the last tick at or before ``now`` (seconds since the epoch), given the first one and the step."""
    first, step = element
    return int((now - first) // step)


class _TickFn(beam.DoFn):
    """(time of the first tick, seconds between two) -> the time of each tick, when it has come.

    PeriodicImpulse gives every tick that was missed, one after the other, and cannot be told to end. Here the missed
    ones are one, and a process that drains ends its source, upon which the engine closes the open windows.
    """

    def __init__(self, look: float) -> None:
        self._look = look

    @beam.DoFn.unbounded_per_element()  # type: ignore[untyped-decorator]
    def process(
        self,
        element: tuple[float, float],
        tracker: Any = beam.DoFn.RestrictionParam(_TickRanges()),
        estimator: Any = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider()),
    ) -> Iterator[Any]:
        """Emit what is due, then come back later."""
        first, step = element
        number = tracker.current_restriction().start
        while True:
            if draining.requested.is_set():
                tracker.try_claim(tracker.current_restriction().stop)
                draining.ticks.ended.set()
                return
            due = due_tick(element, time.time())
            if due < number:
                next_tick = first + number * step
                _advance(estimator, next_tick)
                tracker.defer_remainder(Duration(max(0.01, min(next_tick - time.time(), self._look))))
                return
            if not tracker.try_claim(due):
                return
            moment = first + due * step
            draining.ticks.last = moment
            _advance(estimator, moment)
            yield at_its_time(dt.datetime.fromtimestamp(moment, dt.UTC))
            number = due + 1


def _advance(estimator: Any, seconds: float) -> None:
    """Nothing will come before this time."""
    current = estimator.current_watermark()
    if current is None or current < Timestamp(seconds):
        estimator.set_watermark(Timestamp(seconds))


class Ticks(beam.PTransform[beam.pvalue.PBegin, beam.PCollection[dt.datetime]]):
    """The ticks from now on, each in a window of its own; missed ones are skipped.

    ``look`` is how often (seconds) the source wakes up between two ticks to see whether it is to end.
    """

    def __init__(self, windows: Windows, look: float = LOOK_SECONDS) -> None:
        super().__init__()
        self._windows = windows
        self._look = look

    def expand(self, pbegin: beam.pvalue.PBegin) -> Any:
        """Wire the source."""
        emit = beam.ParDo(_TickFn(self._look))
        return (
            pbegin
            | "FirstTick" >> beam.Create([(float(int(time.time())), self._windows.tick)])
            | "EmitTicks" >> emit.with_output_types(dt.datetime)
            | "TickWindows" >> in_tick_windows(self._windows)
        )
