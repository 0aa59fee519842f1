"""Ticks of the past: what a window of an archive says was due, in the place of a catalogue."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import apache_beam as beam

from pipeline.ticks import due_entries
from transforms.clock import iso
from transforms.exchanges import Web
from transforms.history import open_history
from transforms.records import Entry, Feed, Requeued, Tick
from transforms.windows import Windows


@dataclasses.dataclass(frozen=True, kw_only=True)
class PastActs:
    """What people did in a window: (feed, article) of entries that were requeued, their feeds, and feeds that were unparked."""

    requeued: tuple[tuple[str, str], ...]
    feeds: tuple[Feed, ...]
    unparked: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PastWindow:
    """One window to be made again: when it was, what was polled at each of its ticks, and where the answers are.

    ``windows`` are those of an unbounded run, None of a pass. ``entries`` are for archives without feeds: what stands for
    the entries that would have named their pages. ``number`` is the window's, counted from the first that is made again:
    some took place in which nothing was archived. ``lost`` are entries that a killed process had polled.
    """

    name: str
    bounds: tuple[str, str]
    written: str
    ticks: tuple[Tick, ...]
    web: Web
    polled: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    min_poll_interval: float = 300.0
    windows: Windows | None = None
    pages: int = 0
    number: int = 0
    acts: PastActs | None = None
    lost: tuple[Entry, ...] = ()

    def blocked(self) -> frozenset[str]:
        """No host: what was refused then is told by the archive."""
        return frozenset()


class _ReadPastFn(beam.DoFn):
    """One tick -> the feeds that were polled at it, the entries that were due again, and the Tick itself."""

    def __init__(self, past: PastWindow, output: str) -> None:
        self._past = past
        self._output = output

    def process(self, element: dt.datetime) -> Iterator[Any]:
        """Time of the tick (aware UTC)."""
        now = iso(element)
        [tick] = [tick for tick in self._past.ticks if tick.at == now]
        yield beam.pvalue.TaggedOutput("ticks", tick)
        if self._past.lost and tick == self._past.ticks[0]:
            yield beam.pvalue.TaggedOutput("ticks", Requeued(entries=self._past.lost))
        for entry in (*due_entries(open_history(self._output), now), *self._past.entries):
            yield beam.pvalue.TaggedOutput("entries", entry)
        polled = set(self._past.polled.get(now, ()))
        feeds = tuple(feed for feed in tick.feeds if feed.id in polled)
        if feeds:
            yield 0, feeds


class ReadPast(beam.PTransform[beam.PCollection[dt.datetime], Any]):
    """Ticks -> ``feeds`` (lane, feeds that were polled), ``entries`` (due again) and ``ticks``."""

    def __init__(self, past: PastWindow, output: str) -> None:
        super().__init__()
        self._fn = _ReadPastFn(past, output)

    def expand(self, pcoll: beam.PCollection[dt.datetime]) -> Any:
        """Wire the step."""
        return pcoll | "ReadTick" >> beam.ParDo(self._fn).with_outputs("entries", "ticks", main="feeds")
