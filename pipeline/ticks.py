"""A tick: read the catalogue and the committed state, and say what is due."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from pipeline.catalogue import load_catalogue
from transforms.clock import iso
from transforms.fetch_pages import lane_of
from transforms.history import History, open_history
from transforms.poll_feeds import PollOptions, is_due
from transforms.records import Entry, Feed, Tick


def due_feeds(
    feeds: tuple[Feed, ...], history: History, now: str, options: PollOptions, n_lanes: int
) -> dict[int, tuple[Feed, ...]]:
    """The feeds that may be polled at ``now``, by lane of their host."""
    lanes: dict[int, list[Feed]] = defaultdict(list)
    for feed in feeds:
        if is_due(history.feed_states.get(feed.id), now, options):
            lanes[lane_of(feed.url, n_lanes)].append(feed)
    return {lane: tuple(found) for lane, found in sorted(lanes.items())}


def due_entries(history: History, now: str) -> list[Entry]:
    """The queued entries whose time has come."""
    return [entry for _, entry in sorted(history.queue.items()) if entry.next_try <= now]


class _ReadCatalogueFn(beam.DoFn):
    """One tick -> lanes of due feeds, due entries, and the Tick itself for the window's commit."""

    def __init__(self, catalogue: str, output: str, options: PollOptions, n_lanes: int) -> None:
        self._catalogue = catalogue
        self._output = output
        self._options = options
        self._n_lanes = n_lanes

    def process(self, element: dt.datetime) -> Iterator[Any]:
        """Time of the tick (aware UTC)."""
        feeds = load_catalogue(self._catalogue)
        history = open_history(self._output)
        now = iso(element)
        yield beam.pvalue.TaggedOutput("ticks", Tick(at=now, feeds=feeds))
        for entry in due_entries(history, now):
            yield beam.pvalue.TaggedOutput("entries", entry)
        yield from due_feeds(feeds, history, now, self._options, self._n_lanes).items()


class ReadCatalogue(beam.PTransform[beam.PCollection[dt.datetime], Any]):
    """Ticks -> ``feeds`` (lane, due feeds), ``entries`` (due again) and ``ticks``."""

    def __init__(self, catalogue: str, output: str, options: PollOptions, n_lanes: int) -> None:
        super().__init__()
        self._fn = _ReadCatalogueFn(catalogue, output, options, n_lanes)

    def expand(self, pcoll: beam.PCollection[dt.datetime]) -> Any:
        """Wire the step."""
        return pcoll | "ReadTick" >> beam.ParDo(self._fn).with_outputs("entries", "ticks", main="feeds")
