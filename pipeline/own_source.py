"""Our own archive as windows of the past."""

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.past import PastActs, PastWindow
from transforms import archive as warc
from transforms.archive_reader import (
    Archive,
    ArchivedWeb,
    WindowRecord,
    answers_in,
    feeds_of,
    identity,
    lost_in,
    polled_in,
)
from transforms.archiving import CATALOGUES
from transforms.clock import parse_time
from transforms.exchanges import Response
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import read_feed, read_feed_apart
from transforms.pool import WorkerPool
from transforms.records import Entry, Feed, Tick
from transforms.windows import Windows

WINDOWS_AFTER = 3
"""Windows that are looked into for a page that the window has not which asks for it."""
HELD_BACK = dt.timedelta(hours=24)
"""So long an entry may have waited for its page when a part of an archive begins."""


class OwnArchive:
    """An archive of ours: its windows are the windows, its catalogues the catalogue."""

    def __init__(
        self,
        archive: Archive,
        *,
        since: dt.datetime | None,
        until: dt.datetime | None,
        only: frozenset[str],
        feeds: tuple[Feed, ...] | None,
        workers: int,
    ) -> None:
        self.uri = archive.uri
        self.skipped: Mapping[str, int] = {}
        self.warnings: Sequence[str] = ()
        self._archive = archive
        self._since = since
        self._until = until
        self._only = only
        self._feeds = feeds
        self._workers = workers
        self._catalogues: dict[str, tuple[Feed, ...]] = {}
        self._cut: _Cut | None = None
        self._named: list[str] | None = None
        self._pages: dict[str, frozenset[str]] = {}
        self._forgotten = archive.forgotten()

    def names(self) -> list[str]:
        """See Source: those of the hours in question, since a window is written in the hour of its ticks or soon after."""
        first = f"{self._since:dt=%Y-%m-%d/hour=%H}" if self._since else ""
        last = f"{self._until + dt.timedelta(hours=24):dt=%Y-%m-%d/hour=%H}" if self._until else "~"
        return [name for name in self._archive.windows() if first <= name.partition("windows/")[2][:21] <= last]

    def pages(self, names: Sequence[str]) -> list[int]:
        """See Source."""
        return [window.pages for window in self._archive.windows_named(names)]

    def windows(self, names: Sequence[str]) -> Iterator[PastWindow | None]:
        """See Source."""
        for window in self._archive.chain(names):
            yield self._past(window) if window and self._wanted(window) else None

    def _wanted(self, window: WindowRecord) -> bool:
        at = _moment(window)
        return (self._since is None or self._since <= at) and (self._until is None or at < self._until)

    def lacks(self) -> str | None:
        """Why nothing of the archive is asked for, in one line; None when something is."""
        if self._only:
            listed = map(self._archive.read, self._archive.names(CATALOGUES))
            known = {feed.id for feed in self._feeds or (f for content in listed for f in feeds_of(content))}
            if unknown := sorted(self._only - known):
                return f"no catalogue of {self.uri} has a feed {', '.join(unknown)}"
        if not any(self._wanted(self._archive.window(name)) for name in self.names()):
            first, last = (self._archive.window(self._archive.windows()[n]).written for n in (0, -1))
            return f"{self.uri} has no window of the time asked for; it was written from {first} to {last}"
        return None

    def _tell_gone(self, window: WindowRecord) -> None:
        """Count the WARC objects of a window that are no longer there, and say so: their answers are missing."""
        for name in window.objects:
            if self._archive.standing(name) is None:
                self.skipped = {"objects_gone": self.skipped.get("objects_gone", 0) + 1}
                print(
                    f"sahelwatch replay: {name} is gone (lost, expired, or taken down as a whole): "
                    f"of window {window.sequence} its answers are missing",
                    file=sys.stderr,
                )

    def _past(self, window: WindowRecord) -> PastWindow:
        self._tell_gone(window)
        if self._cut is None:
            self._cut = self._look_around()
        later = {page for page, number in self._cut.pages.items() if number > window.sequence}
        later.update(*map(self._pages_of, self._after(window)))
        return PastWindow(
            name=window.name,
            bounds=window.window,
            written=window.written,
            ticks=tuple(
                Tick(at=at, feeds=self._chosen(catalogue), forgotten=self._forgotten) for at, catalogue in window.ticks
            ),
            polled=polled_in(self._archive, window),
            web=ArchivedWeb(uri=self.uri, window=window.name, later=frozenset(later)),
            entries=self._cut.entries if window.name == self._cut.first else (),
            min_poll_interval=float(window.settings.get("min_poll_interval", 300.0)),
            windows=_windows_of(window),
            pages=window.pages,
            number=window.sequence - self._cut.number + 1,
            acts=self._acts(window.acts) if window.acts else None,
            lost=tuple(e for e in lost_in(self._archive, window) if not self._only or e.feed_id in self._only),
        )

    def _acts(self, said: Mapping[str, Any]) -> PastActs:
        chosen = {feed.id for feed in self._feeds or () if not self._only or feed.id in self._only} or self._only
        return PastActs(
            requeued=tuple((feed, article) for feed, article in said["requeued"] if not chosen or feed in chosen),
            feeds=self._chosen(said["catalogue"]),
            unparked=tuple(feed for feed in said["unparked"] if not chosen or feed in chosen),
        )

    def _after(self, window: WindowRecord) -> list[str]:
        """The next windows: what is due as soon as a window is committed was asked for when that was seen, perhaps in them."""
        if self._named is None:
            self._named = self._archive.windows()
        place = self._named.index(window.name) + 1
        return self._named[place : place + WINDOWS_AFTER]

    def _pages_of(self, name: str) -> frozenset[str]:
        """Identities of the pages that a window has."""
        if name not in self._pages:
            answers = answers_in(self._archive, self._archive.window(name))
            self._pages[name] = frozenset(
                identity(fields.get("asked", fields["url"])) for _, fields in answers if fields["kind"] == "page"
            )
            while len(self._pages) > WINDOWS_AFTER:
                del self._pages[next(iter(self._pages))]
        return self._pages[name]

    def _chosen(self, catalogue: str) -> tuple[Feed, ...]:
        if catalogue not in self._catalogues:
            feeds = self._feeds or feeds_of(self._archive.read(catalogue))
            self._catalogues[catalogue] = tuple(f for f in feeds if not self._only or f.id in self._only)
        return self._catalogues[catalogue]

    def _look_around(self) -> "_Cut":
        """What a part that begins in the middle needs to know of the day before and the day after its first window."""
        named = self._archive.windows()
        wanted = (window for window in map(self._archive.window, self.names()) if self._wanted(window))
        first = next(wanted, None)
        if first is None or first.name == named[0]:
            return _Cut(first="", number=first.sequence if first else 1)
        after = [first]
        for window in wanted:
            if _moment(window) - _moment(first) > HELD_BACK:
                break
            after.append(window)
        pages = {
            identity(fields.get("asked", fields["url"])): window.sequence
            for window in after
            for _, fields in answers_in(self._archive, window)
            if fields["kind"] == "page"
        }
        before: list[WindowRecord] = []
        for name in reversed(named[: named.index(first.name)]):
            window = self._archive.window(name)
            if _moment(first) - _moment(window) > HELD_BACK:
                break
            before.append(window)
        return _Cut(
            first=first.name, number=first.sequence, pages=pages, entries=tuple(self._left_waiting(before[::-1], pages))
        )

    def _left_waiting(self, before: Sequence[WindowRecord], pages: Mapping[str, int]) -> Iterator[Entry]:
        """Entries that feeds had listed before and whose pages came only afterwards."""
        fetched: set[str] = set()
        newest: dict[str, tuple[dict[str, Any], Feed]] = {}
        for window in before:
            feeds = {feed.id: feed for _, catalogue in window.ticks for feed in self._chosen(catalogue)}
            for _, fields in answers_in(self._archive, window):
                if fields.get("status") == "200" and fields["kind"] == "page":
                    fetched.add(identity(fields.get("asked", fields["url"])))
                elif fields.get("status") == "200" and fields["mime"] != "warc/revisit" and fields["feeds"][0] in feeds:
                    newest[fields["feeds"][0]] = fields, feeds[fields["feeds"][0]]
        for _, (fields, feed) in sorted(newest.items()):
            for entry in self._entries_of(fields, feed):
                if identity(entry.url) in pages.keys() - fetched:
                    yield entry

    def _entries_of(self, fields: Mapping[str, Any], feed: Feed) -> Iterator[Entry]:
        """The entries of an archived feed document."""
        answer = warc.read_member(self._archive.member(fields)).answer
        assert isinstance(answer, Response)
        given: dict[str, Any] = {"url": answer.url, "headers": answer.headers, "now": parse_time(answer.fetched)}
        try:
            if self._workers == 0:
                parsed = read_feed(answer.body, feed, **given)
            else:  # in a process that can be killed
                parsed = read_feed_apart(WorkerPool.shared(self._workers), answer.body, feed, **given)()
        except FeedUnreadableError:
            return
        for entry in parsed.entries:
            yield dataclasses.replace(entry, first_seen=answer.fetched, raw_ref=answer.raw_ref)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Cut:
    """Where a part begins: its first window, the entries that waited then, and which window has which page last.

    ``number`` is that of the first window, also where there is no part but all.
    """

    first: str
    number: int
    pages: Mapping[str, int] = dataclasses.field(default_factory=dict)
    entries: tuple[Entry, ...] = ()


def _windows_of(window: WindowRecord) -> Windows | None:
    if "window" not in window.settings:
        return None
    return Windows(tick=float(window.settings["tick"]), size=float(window.settings["window"]))


def _moment(window: WindowRecord) -> dt.datetime:
    return dt.datetime.fromisoformat(window.ticks[0][0] if window.ticks else window.written)
