"""The whole dataflow on one screen; every step is a file of ``transforms``."""

import dataclasses
import datetime as dt
from typing import Any

import apache_beam as beam

from pipeline.live_catalogue import LiveCatalogue
from pipeline.past import PastWindow, ReadPast
from pipeline.ticks import ReadCatalogue
from transforms.archiving import ArchiveOptions
from transforms.clock import Clock
from transforms.commit_windows import CommitWindows
from transforms.exchanges import Web
from transforms.extract_articles import ExtractArticles
from transforms.fetch_pages import FetchOptions, FetchPages
from transforms.find_duplicates import SketchArticles
from transforms.lease import Tenure
from transforms.poll_feeds import PollFeeds, PollOptions
from transforms.renew_exports import RenewExports
from transforms.tag_events import TagEvents
from transforms.window_plan import Versions
from transforms.windows import Windows


@dataclasses.dataclass(frozen=True, kw_only=True)
class GraphOptions:
    """What the graph needs to know: where from, where to, how politely, at what time.

    A bounded pass is one window, with the ``bounds``; an unbounded run has ``windows`` instead. A replay has a window of
    the past in the place of the catalogue, and its archive in that of the web. Nothing else differs.
    """

    catalogue: LiveCatalogue | PastWindow
    output: str
    archive: ArchiveOptions
    web: Web
    poll: PollOptions
    fetch: FetchOptions
    versions: Versions
    clock: Clock
    extract_workers: int
    bounds: tuple[str, str] = ("", "")
    windows: Windows | None = None
    tenure: Tenure | None = None
    exports: bool = False
    """Whether the graph renews exports/ itself: on an engine whose job goes on without the process that started it."""


def _due(o: GraphOptions) -> Any:
    """What tells at each tick what is due: the catalogue and the state, or a window of the past."""
    if isinstance(o.catalogue, PastWindow):
        return ReadPast(o.catalogue, o.output)
    return ReadCatalogue(o.catalogue, o.output, o.poll, o.fetch.lanes, o.windows, o.tenure)


def read_news(ticks: beam.PCollection[dt.datetime], options: GraphOptions) -> Any:
    """Ticks -> one manifest a window."""
    o = options
    due = ticks | "ReadCatalogue" >> _due(o)
    polled = due.feeds | "PollFeeds" >> PollFeeds(o.archive, o.web, o.poll, o.clock, o.catalogue.blocked, o.windows)
    entries = (due.entries, polled.entries) | "Entries" >> beam.Flatten()
    fetched = entries | "FetchPages" >> FetchPages(o.archive, o.web, o.fetch, o.clock, o.catalogue.blocked, o.windows)
    extracted = fetched.pages | "ExtractArticles" >> ExtractArticles(o.clock, o.extract_workers)
    tagged = extracted.articles | "TagEvents" >> TagEvents(o.extract_workers)
    coded = tagged.coded | "SketchArticles" >> SketchArticles(o.extract_workers)
    failures = (polled.failures, extracted.failures, tagged.failures) | "Failures" >> beam.Flatten()
    state = (due.ticks, polled.polls, polled.hosts, fetched.hosts, polled.archived, fetched.archived)
    outcomes = (*state, failures, coded) | "Outcomes" >> beam.Flatten()
    commit = CommitWindows(o.archive, o.versions, o.clock, o.bounds, o.windows, o.tenure)
    manifests = outcomes | "CommitWindows" >> commit
    return manifests | "RenewExports" >> RenewExports(o.output, o.clock) if o.exports else manifests
