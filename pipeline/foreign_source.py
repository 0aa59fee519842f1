"""Archives of others as windows of the past: they know no feeds, so each page stands for the entry that named it."""

import datetime as dt
import hashlib
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.past import PastWindow
from transforms import urls
from transforms.foreign_archive import HTML_ENDINGS, WARC_ENDINGS, ForeignPage, ForeignWeb, Passed, pages_of
from transforms.records import Entry, Feed, Tick, article_id_of, stable_id

PAGES = 500
"""Pages of a window; it also ends with the hour, so that stories leave the horizon in their time."""


class ForeignSource:
    """WARC files and HTML files of a folder, or one such file, in the order of their names."""

    def __init__(
        self,
        uri: str,
        *,
        since: dt.datetime | None,
        until: dt.datetime | None,
        only: frozenset[str],
        feeds: tuple[Feed, ...] | None,
    ) -> None:
        self._root = pathlib.Path(uri).absolute()
        self.uri, self.place = str(self._root), ""
        self.missing: Sequence[str] = ()
        self._since = since
        self._until = until
        self._only = only
        self._feeds = {urls.host_of(feed.url).removeprefix("www."): feed for feed in reversed(feeds or ())}
        self._passed = Passed()
        self._groups = dict(self._grouped())
        self.warnings: Sequence[str] = tuple(self._passed.damaged)
        """Files that are damaged, one line each."""
        for pages in self._groups.values():
            self._passed.counts["superseded"] += len(pages) - len({_article(page) for page in pages})
        self.skipped: Mapping[str, int] = {
            reason: count for reason, count in sorted(self._passed.counts.items()) if count
        }
        """Why records and files are no pages of the replay (whatever was selected of them): how many of each."""

    @staticmethod
    def files(uri: str) -> list[pathlib.Path]:
        """What can be read at a place, in order."""
        root = pathlib.Path(uri)
        found = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        return [path.absolute() for path in found if path.name.lower().endswith((*WARC_ENDINGS, *HTML_ENDINGS))]

    def names(self) -> list[str]:
        """See ``sources.Source``."""
        return list(self._groups)

    def pages(self, names: Sequence[str]) -> list[int]:
        """See ``sources.Source``."""
        return [len(self._groups[name]) for name in names]

    def windows(self, names: Sequence[str]) -> Iterator[PastWindow | None]:
        """See ``sources.Source``."""
        for name in names:
            yield self._past(name, self._groups[name])

    def _grouped(self) -> Iterator[tuple[str, list[ForeignPage]]]:
        files = self.files(self.uri)
        warcs = [path for path in files if path.name.lower().endswith(WARC_ENDINGS)]
        lists = [pages_of(path, self._root, self._passed) for path in warcs]
        loose = [page for path in files if path not in set(warcs) for page in pages_of(path, self._root, self._passed)]
        lists.append(sorted(loose, key=lambda page: (page.at, page.url)))
        for number, pages in enumerate(lists):
            group: list[ForeignPage] = []
            begun = 0
            for page in filter(self._wanted, pages):
                if group and (len(group) >= PAGES or page.at[:13] != group[0].at[:13]):
                    yield f"{number}-{begun}", group
                    begun += len(group)
                    group = []
                group.append(page)
            if group:
                yield f"{number}-{begun}", group

    def _wanted(self, page: ForeignPage) -> bool:
        at = dt.datetime.fromisoformat(page.at)
        within = (self._since is None or self._since <= at) and (self._until is None or at < self._until)
        return within and (not self._only or self._feed_of(page).id in self._only)

    def _past(self, name: str, pages: Sequence[ForeignPage]) -> PastWindow:
        newest = {_article(page): page for page in pages}
        feeds = {feed.id: feed for feed in map(self._feed_of, newest.values())}
        at = pages[-1].at
        return PastWindow(
            name=name,
            bounds=(pages[0].at, at),
            written=at,
            ticks=(Tick(at=at, feeds=tuple(feeds[key] for key in sorted(feeds))),),
            web=ForeignWeb(pages=tuple(newest.values())),
            entries=tuple(self._entry(article_id, page) for article_id, page in sorted(newest.items())),
            pages=len(newest),
        )

    def _feed_of(self, page: ForeignPage) -> Feed:
        """The catalogue's feed of the page's host, else one that only knows the host."""
        host = urls.host_of(page.url)
        known = self._feeds.get(host.removeprefix("www."))
        if known is not None:
            return known
        slug = re.sub(r"[^a-z0-9]+", "-", host).strip("-")
        if len(slug) > 64:
            slug = f"{slug[:47]}-{hashlib.sha256(host.encode()).hexdigest()[:16]}"
        return Feed(id=slug, url=f"http://{host}/", outlet=host, publisher_family=host, ownership="private")

    def _entry(self, article_id: str, page: ForeignPage) -> Entry:
        feed, address = self._feed_of(page), urls.canonical_url(page.url)
        return Entry(
            entry_id=stable_id("entry", feed.id, address.canonical),
            feed_id=feed.id,
            outlet=feed.outlet,
            country=feed.country,
            language=feed.language,
            timezone=feed.timezone,
            text_rights=feed.text,
            article_id=article_id,
            url=address.url,
            canonical_url=address.canonical,
            fingerprint=hashlib.sha256(page.digest.encode()).hexdigest()[:16],
            first_seen=page.at,
        )


def _article(page: ForeignPage) -> str:
    return article_id_of(urls.canonical_url(page.url).canonical)
