"""Our own archive as windows of the past."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pipeline.past import PastActs, PastWindow
from transforms import archive as warc
from transforms.archive_reader import (
    Archive,
    ArchivedWeb,
    DamagedArchiveError,
    WindowRecord,
    answers_in,
    feeds_of,
    identity,
    lost_in,
    polled_in,
    readable,
)
from transforms.clock import iso, parse_time
from transforms.exchanges import Response
from transforms.feed_documents import FeedUnreadableError
from transforms.feed_entries import read_feed, read_feed_apart
from transforms.pool import WorkerPool
from transforms.records import Entry, Feed, Tick
from transforms.windows import Windows

WINDOWS_AFTER = 3
"""Windows that are looked into for a page that the window has not which asks for it."""
OBJECTS_NAMED, FEEDS_NAMED = 3, 20
"""So many names are told in one line."""
HELD_BACK = dt.timedelta(hours=24)
"""So long an entry may have waited for its page when a part of an archive begins."""


class NothingSelectedError(ValueError):
    """Nothing of the archive is asked for; the message says what it has, in one line."""


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
        self.place = archive.place
        self.warnings: Sequence[str] = ()
        self.missing: Sequence[str] = ()
        self._gone: frozenset[str] = frozenset()
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

    def survey(self) -> None:
        """Look at all that is asked for before any of it is replayed: what is not there is in ``missing`` and ``warnings``.

        NothingSelectedError when nothing is asked for, DamagedArchiveError when a window or catalogue cannot be read.
        """
        there, feeds = self._archive.stems(), {feed.id for feed in self._feeds or ()}
        named: set[str] = set()
        windows = 0
        for window in self._archive.chain(self.names()):
            if window and self._wanted(window):
                windows += bool(window.ticks)
                named.update(window.objects)
                feeds.update(feed.id for _, catalogue in window.ticks for feed in self._feeds_in(catalogue))
        if not windows:
            raise NothingSelectedError(
                f"{self.uri} has no window of the time asked for; it has them from {self._extent()}"
            )
        if unknown := sorted(self._only - feeds):
            raise NothingSelectedError(
                f"no catalogue of {self.uri} in the time asked for has a feed {', '.join(unknown)}; "
                f"they have {_listed(sorted(feeds), FEEDS_NAMED)}"
            )
        self._gone = frozenset(name for name in named if warc.generation(name)[0] not in there)
        expired = self._archive.expired(self._gone) if self._gone else set()
        self.missing = sorted(self._gone - expired)
        self.warnings = tuple(
            f"{len(names)} of {len(named)} objects that the archive names {why}: {_listed(names, OBJECTS_NAMED)}"
            for names, why in (
                (self.missing, "are not there, though nothing says that they expired: their pages are not replayed"),
                (sorted(expired), "expired or were taken down"),
            )
            if names
        )

    def _extent(self) -> str:
        """The times of the first and the last window."""
        named = self._archive.windows()
        return " to ".join(iso(_moment(self._archive.window(name))) for name in (named[0], named[-1]))

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

    def _past(self, window: WindowRecord) -> PastWindow:
        if self._cut is None:
            self._cut = self._look_around()
        self._prove(window)
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
            pages=self._answered(window),
            number=window.sequence - self._cut.number + 1,
            acts=self._acts(window.acts) if window.acts else None,
            lost=tuple(e for e in lost_in(self._archive, window) if not self._only or e.feed_id in self._only),
        )

    def _prove(self, window: WindowRecord) -> None:
        """DamagedArchiveError when an object of a window is not what was written, or went since the survey."""
        for name in window.objects:
            standing = self._archive.standing(name)
            if standing is not None:
                with suppress(KeyError):
                    self._archive.whole(standing)
                    continue
            if name not in self._gone:
                raise DamagedArchiveError(
                    f"{name} went while the archive was read: start the replay again to do without"
                )

    def _answered(self, window: WindowRecord) -> int:
        """Pages that a window has, without those of objects that are gone."""
        if self._gone.isdisjoint(window.objects):
            return window.pages
        return sum(fields["kind"] == "page" for _, fields in answers_in(self._archive, window))

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
        feeds = self._feeds or self._feeds_in(catalogue)
        return tuple(feed for feed in feeds if feed.id in self._only) if self._only else feeds

    def _feeds_in(self, catalogue: str) -> tuple[Feed, ...]:
        """All feeds of an archived catalogue."""
        if catalogue not in self._catalogues:
            with readable(catalogue):
                self._catalogues[catalogue] = feeds_of(self._archive.read(catalogue))
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
        try:
            answer = warc.read_member(self._archive.member(fields)).answer
        except warc.NoRecordError as error:
            raise DamagedArchiveError(f"the archive is damaged: {fields['filename']}: {error}") from error
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


def _listed(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _windows_of(window: WindowRecord) -> Windows | None:
    if "window" not in window.settings:
        return None
    return Windows(tick=float(window.settings["tick"]), size=float(window.settings["window"]))


def _moment(window: WindowRecord) -> dt.datetime:
    return dt.datetime.fromisoformat(window.ticks[0][0] if window.ticks else window.written)
