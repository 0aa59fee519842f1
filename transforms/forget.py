"""Taking articles down: nothing of them stays published, a tombstone says so, and they do not come back.

One window does it. It names new objects in the place of those that held rows of the articles, their tombstones, a state
that knows them only as forgotten, and what expires: the objects before, and all earlier state, which may hold sketches
and queued entries. That manifest is the commit. What comes after it (removing what expired, renewing exports) is
``complete``, which may be called again, so a kill at any moment is mended by a further call.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from transforms import datasets
from transforms.archiving import note_forgotten
from transforms.clock import iso
from transforms.commit_windows import (
    Retirement,
    commit_window,
    described,
    object_name,
    point_at_newest,
    settle_claim,
    write_window,
)
from transforms.datasets import Existing
from transforms.expire import expiry
from transforms.feed_cuts import ids_of
from transforms.history import History
from transforms.inflight import INFLIGHT, last_end, lost_entries
from transforms.known_articles import KnownArticle
from transforms.lease import Tenure
from transforms.manifest_chain import left_over
from transforms.records import Entry, Failure
from transforms.store import COMPACT, LocalStore, Store
from transforms.sweep import remove_left_over
from transforms.takedown import Rewritten, Wanted, tombstones, without_addresses, without_rows
from transforms.takedown_archive import ArchiveRemoval, Takedown, take_from_archives
from transforms.urls import BadUrlError, canonical_url
from transforms.window_plan import Versions, WindowPlan, plan_window

SHORTEST_PATH = 8
"""Characters of a path that can be looked for in other pages without meeting it everywhere."""
AT_ONCE = 16
"""Objects that are in memory at a time."""
Json = dict[str, Any]


class NothingKnownError(LookupError):
    """Nothing is known of what is to be forgotten; the message names it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be forgotten: ids of articles, addresses, and feeds, each of which stands for all it ever listed.

    ``linking`` takes the archived pages with it that link there, for they hold the headline.
    """

    articles: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    linking: bool = False


@dataclasses.dataclass(kw_only=True)
class Removal:
    """What is taken out of a dataset; ``rows`` are those removed, by table, without what is long in them."""

    wanted: Wanted
    rows: dict[str, list[Json]] = dataclasses.field(default_factory=lambda: {table: [] for table in datasets.KEYS})
    expired: list[Json] = dataclasses.field(default_factory=list)
    stand_ins: list[Json] = dataclasses.field(default_factory=list)
    archives: list[ArchiveRemoval] = dataclasses.field(default_factory=list)
    moved: dict[str, str] = dataclasses.field(default_factory=dict)
    """Name of an object -> of the one that stands in for it, "" for none."""
    queued: tuple[Entry, ...] = ()
    others: tuple[KnownArticle, ...] = ()
    """Other articles of the stories the removed ones were in: other publications, which stay."""
    remembered: bool = False
    """Whether the state remembers all of it already."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing left to take out: an earlier call did it."""
        return (
            self.remembered and not self.expired and not self.queued and not any(one.expired for one in self.archives)
        )

    def summary(self) -> Json:
        """What goes, in figures and ids."""
        return {
            "articles": sorted({row["article_id"] for row in self.rows["articles"]}),
            "rows": {table: len(rows) for table, rows in self.rows.items()},
            "objects_rewritten": len(self.stand_ins),
            "archive_objects": sum(len(one.expired) // 2 for one in self.archives),
            "queued_entries": len(self.queued),
            "others_in_their_stories": [article.article_id for article in self.others],
        }


def settle_inflight(history: History, *, now: dt.datetime, versions: Versions, tenure: Tenure) -> None:
    """Commit what a killed writer had on its way to the queue, where it can be found and forgotten."""
    history.refresh()
    end = last_end(history.store)
    if end > history.committed_until and lost_entries(history, end, ()):
        commit_window((), history, window=(end, end), now=now, versions=versions, tenure=tenure)


def take_out(store: Store, history: History, request: Request, *, dry_run: bool = False) -> Removal:
    """Find what is to be forgotten and write the objects that will stand in; nothing is committed, nothing removed.

    NothingKnownError when nothing is known of one of the things asked for, NoDatasetError when there is no dataset;
    ValueError when the manifests are not whole.
    """
    left_over(store)
    history.refresh()
    there = datasets.existing(store)
    removal = Removal(wanted=_wanted(store, history, there, request))
    first_day = _first_day(history, removal.wanted)
    _take_rows(store, there, first_day, removal, dry_run=dry_run)
    ids = removal.wanted.ids()
    removal.queued = tuple(
        entry
        for _, entry in sorted(history.queue.items())
        if entry.feed_id in request.feeds or not ids.isdisjoint((entry.article_id, entry.entry_id))
    )
    for entry in removal.queued:
        removal.wanted.aliases.update((entry.article_id, entry.entry_id))
        removal.wanted.urls.update((entry.url, entry.canonical_url))
        removal.wanted.feed_ids.add(entry.feed_id)
    mentions = _paths_of(removal.wanted.urls) if request.linking else ()
    takedown = Takedown(ids=removal.wanted.ids(), urls=removal.wanted.urls, mentions=mentions)
    named = [one for one in there.values() if one.kind == "archive"]
    removal.archives = take_from_archives(store, named, first_day, takedown, removal.wanted.feed_ids, dry_run=dry_run)
    stories = {row["story_id"] for row in removal.rows["stories"]}
    removal.others = tuple(
        known
        for article_id, known in sorted(history.articles.items())
        if known.story_id in stories and article_id not in removal.wanted.article_ids
    )
    removal.remembered = removal.wanted.ids() <= history.forgotten.keys()
    return removal


def commit_removal(
    store: Store, history: History, removal: Removal, *, now: dt.datetime, versions: Versions, tenure: Tenure
) -> dict[str, Any]:
    """Make a removal visible as one window; gives its manifest."""
    state = [one.name for one in datasets.existing(store).values() if one.kind == "state"]
    article_ids, moved = removal.wanted.article_ids, removal.moved

    def rewrite(known: KnownArticle) -> KnownArticle | None:
        if known.article_id in article_ids:
            return None
        return dataclasses.replace(known, object=moved.get(known.object, known.object))

    feeds = tuple(sorted(removal.wanted.feed_ids))
    forgotten = tuple((one, feeds) for one in sorted(removal.wanted.ids()))
    for archive in removal.archives:
        archive.stand_ins.append(note_forgotten(archive.store, forgotten))
    *first, last = removal.archives or [ArchiveRemoval(store=store)]

    def write(plan: WindowPlan, archive: ArchiveRemoval, retirement: Retirement) -> dict[str, Any]:
        """A window with what goes from one archive, and what else goes with it."""
        end = history.committed_until  # what was polled is committed no further than before
        return write_window(
            plan, history, window=(end, end), now=now, versions=versions, tenure=tenure,
            retirement=dataclasses.replace(retirement, expired=(*retirement.expired, *archive.expired)),
            archive=archive.stand_ins, more={"archive_uri": archive.place} if archive.place else {},
        )  # fmt: skip

    with history.lock:
        settle_claim(history, tenure, versions)
        now = max(now, dt.datetime.fromisoformat(str((history.manifest or {})["written"])))
        for archive in first:  # a manifest speaks of one archive; the last one goes with the rows
            write(plan_window((), history, now=now, versions=versions, find_row=lambda _: None), archive, Retirement())
        gone = [Failure(stage="commit", reason="FORGOTTEN", entries=removal.queued)] if removal.queued else []
        plan = plan_window(gone, history, now=now, versions=versions, find_row=lambda _: None)
        stones = tombstones(
            removal.rows,
            {"pipeline_version": versions.pipeline, "rules_version": versions.rules, "ingested": iso(now)},
        )
        plan = dataclasses.replace(
            plan,
            rows={table: [*rows, *stones.get(table, ())] for table, rows in plan.rows.items()},
            delta=dataclasses.replace(plan.delta, forgotten=forgotten),
        )
        retirement = Retirement(
            expired=(*removal.expired, *(expiry(name, "forgotten") for name in state)),
            objects=tuple(removal.stand_ins),
            forgotten=tuple(sorted(article_ids)),
            articles=rewrite,
        )
        return write(plan, last, retirement)


def complete(store: Store, history: History, now: dt.datetime) -> tuple[str, ...]:
    """Move latest.json, remove what expired and what no manifest names, renew the exports; gives the names removed.

    Nothing else may write to the dataset meanwhile: an object without a manifest may hold what is forgotten, however
    young it is.
    """
    from transforms.exports import rolling_exports  # noqa: PLC0415 - loads the gazetteer, which only exports need

    history.refresh()
    newest = str(history.manifest_name)
    point_at_newest(history)
    found = left_over(store)
    removed = remove_left_over(store, found, (*found.expired(), *found.orphans()), newest)
    for name in store.names(INFLIGHT):  # nobody is on the way: what had no outcome was committed to the queue
        store.remove(name)
    if isinstance(store, LocalStore):
        store.sweep_temporary(dt.datetime.now(dt.UTC))
    rolling_exports(store, now)
    if store.names(COMPACT):
        from transforms.compact import forget_rows  # noqa: PLC0415 - loads the library, which few datasets need

        forget_rows(store)
    return removed


def _wanted(store: Store, history: History, there: Mapping[str, Existing], request: Request) -> Wanted:
    ids: set[str] = set()
    wanted = Wanted(article_ids=frozenset())
    for article_id in request.articles:
        if not _is_known(history, article_id) and article_id not in history.forgotten:
            raise NothingKnownError(f"no article {article_id}")
        ids.add(article_id)
    for feed_id in request.feeds:
        if feed_id not in history.feed_states:
            raise NothingKnownError(f"no feed {feed_id} was ever polled")
        ids.update(article_id for article_id, known in history.articles.items() if feed_id in known.feed_ids)
        if len(history.closed):  # of those the rows alone say who listed them
            rows = _rows_of_kind(store, there, "articles")
            ids.update(row["article_id"] for row in rows if feed_id in row["feed_ids"])
    for url in request.urls:
        own = ids_of(url)
        known = {one for one in own if _is_known(history, one)} or _published_at(store, there, url)
        elsewhere = own & history.forgotten.keys() or any(
            e.article_id in own or e.url == url for e in history.queue.values()
        )
        if not known and not elsewhere and not _rejected_at(store, there, url):
            raise NothingKnownError(f"nothing is known of {url}")
        ids.update(known)
        wanted.aliases.update(own)
        wanted.urls.add(url)
        with contextlib.suppress(BadUrlError):  # other pages link to it without what a feed adds to count its readers
            wanted.urls.add(canonical_url(url).canonical)
    wanted.article_ids = frozenset(ids)
    return wanted


def _is_known(history: History, article_id: str) -> bool:
    """Whether an article was published; it may be closed, and its rows may have expired."""
    return article_id in history.articles or history.closed.get(article_id) is not None


def _published_at(store: Store, there: Mapping[str, Existing], url: str) -> set[str]:
    """Articles that were published at an address which is not the one their id comes from."""
    rows = _rows_of_kind(store, there, "articles")
    return {row["article_id"] for row in rows if url in {row["url"], row["canonical_url"]}}


def _rejected_at(store: Store, there: Mapping[str, Existing], url: str) -> bool:
    return any(row["url"] == url for row in _rows_of_kind(store, there, "rejects"))


def _rows_of_kind(store: Store, there: Mapping[str, Existing], kind: str) -> Iterator[Json]:
    for _, content in _contents(store, [one.name for one in there.values() if one.kind == kind]):
        yield from datasets.read_rows(content)


def _first_day(history: History, wanted: Wanted) -> str:
    """The day (``dt=...``) before the first of the articles was seen, "" when that is not known of each."""
    seen = [history.articles[one].seen if one in history.articles else "" for one in wanted.article_ids]
    if not seen or "" in seen:
        return ""
    return f"dt={dt.datetime.fromisoformat(min(seen)) - dt.timedelta(days=1):%Y-%m-%d}"


def _take_rows(store: Store, there: Mapping[str, Existing], first_day: str, removal: Removal, *, dry_run: bool) -> None:
    for table in datasets.KEYS:
        names = [one.name for one in there.values() if one.kind == table and one.name.split("/")[2] >= first_day]
        for name, content in _contents(store, names):
            rewritten = without_rows(content, removal.wanted.article_ids)
            if rewritten is not None:
                removal.rows[table] += rewritten.rows
                for row in rewritten.rows if table == "articles" else ():
                    removal.wanted.learn(row)
                _stand_in(store, table, name, rewritten, removal, dry_run=dry_run)
    for name, content in _contents(store, [one.name for one in there.values() if one.kind == "rejects"]):
        rewritten = without_addresses(content, removal.wanted)
        if rewritten is not None:
            _stand_in(store, "rejects", name, rewritten, removal, dry_run=dry_run)


def _stand_in(store: Store, table: str, name: str, rewritten: Rewritten, removal: Removal, *, dry_run: bool) -> None:
    """Write what is left of an object beside it, under the name of its own content."""
    standing = ""
    if rewritten.records:
        hour = "/".join(name.split("/")[2:4])
        standing = object_name(table, hour, rewritten.content)
        found = {"table": table, **described(standing, rewritten.content), "records": rewritten.records}
        removal.stand_ins.append(found)
        if not dry_run:
            store.create(standing, rewritten.content, "application/gzip")
    replaced_by = (standing,) if standing else ()
    removal.expired.append(expiry(name, "replaced" if standing else "forgotten", replaced_by, rewritten.removed))
    removal.moved[name] = standing


def _paths_of(found: Iterable[str]) -> tuple[bytes, ...]:
    """What a link to an address holds, however it is written: its path; none for one that says nothing."""
    paths = (url.partition("://")[2].partition("/")[2].rstrip("/") for url in found)
    return tuple(sorted({path.encode() for path in paths if len(path) >= SHORTEST_PATH}))


def _contents(store: Store, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(names), AT_ONCE):
        wanted = names[start : start + AT_ONCE]
        yield from zip(wanted, store.read_all(wanted), strict=True)
