"""``sahelwatch quarantine ls | requeue``: what was refused, where its bytes lie, and another try for it."""

import argparse
import dataclasses
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson

from pipeline.arguments import moment
from pipeline.options import UsageError

_SHOWN = ("seen", "reason", "stage", "feed_id", "url", "article_id", "attempts", "message", "raw_ref", "bytes")


def add_parser(commands: Any) -> None:
    """The sub-command with its two verbs."""
    parser = commands.add_parser(
        "quarantine", help="what was refused and where its bytes lie; try it again", allow_abbrev=False
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(parser))
    listed = verbs.add_parser(
        "ls", help="list what was refused and has not become an article since", allow_abbrev=False
    )
    again = verbs.add_parser(
        "requeue",
        help="put refused entries back into the queue: the next pass tries them again",
        description="Commits a window in which the entries come in again and wait. What the feed said of them is read "
        "from the archive; without it only their address is known.",
        allow_abbrev=False,
    )
    for verb in (listed, again):
        verb.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
        verb.add_argument("--reason", action="append", default=[], metavar="CODE", help="only this reason; repeatable")
        verb.add_argument("--feed", action="append", default=[], metavar="ID", help="only this feed; repeatable")
        verb.add_argument("--json", action="store_true", help="one JSON object a line")
    again.add_argument("--feeds", required=True, metavar="CATALOGUE", help="the feed catalogue (YAML or JSON)")
    again.add_argument("--url", action="append", default=[], metavar="URL", help="only this address; repeatable")
    again.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")


def main(options: argparse.Namespace) -> int:
    """Do it; gives the exit status."""
    from transforms.manifest_chain import NoDatasetError, require_dataset  # noqa: PLC0415
    from transforms.store import StoreUnavailableError, open_store  # noqa: PLC0415

    try:
        store = open_store(options.output)
        require_dataset(store, [*store.names("manifests/")[-1:], *store.names("latest.json")])
    except (NoDatasetError, StoreUnavailableError, ValueError) as error:
        raise UsageError(f"sahelwatch quarantine: {error}") from error
    rows = list(refused(store, options.reason, options.feed))
    if options.verb == "requeue":
        rows = _requeue(store, options, rows)
    for row in rows:
        if options.json:
            sys.stdout.write(orjson.dumps({name: row.get(name) for name in _SHOWN}).decode() + "\n")
        else:
            where = row.get("bytes") or "no bytes"
            print(f"{row['seen']} {row['reason']} {row['feed_id'] or '-'} {row['url'] or '-'} ({where})")
    if not options.json:
        print(f"{len(rows)} {'back in the queue' if options.verb == 'requeue' else 'refused'}")
    return 0


def refused(store: Any, reasons: Collection[str] = (), feeds: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """The newest refusal of each entry that has not become an article since, with where its bytes lie.

    Only of these reasons and feeds, where any are given.
    """
    from transforms.datasets import current_rows  # noqa: PLC0415

    articles = current_rows(store, "articles")
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(current_rows(store, "rejects").values(), key=lambda row: int(row["seq"])):
        newest[row["feed_id"] or "", row["url"] or row["message"]] = row
    places = _Places(store)
    for row in sorted(newest.values(), key=lambda row: (row["seen"], row["url"] or "")):
        wanted = (not reasons or row["reason"] in reasons) and (not feeds or row["feed_id"] in feeds)
        if wanted and row["article_id"] not in articles:
            yield {**row, "bytes": places.of(row)}


class _Places:
    """Where archive records lie; each hour's indexes are read once."""

    def __init__(self, store: Any) -> None:
        from transforms.archive_reader import Archive, NoArchiveError  # noqa: PLC0415
        from transforms.history import newest_manifest  # noqa: PLC0415

        manifest = orjson.loads(store.read(newest_manifest(store, None) or ""))
        origin = manifest.get("replayed_from", {}).get("archive")
        self._hours: dict[str, dict[str, dict[str, Any]]] = {}
        try:
            self.archive: Archive | None = Archive(manifest.get("archive_uri") or origin or store.uri)
        except (NoArchiveError, ValueError):
            self.archive = None

    def of(self, row: dict[str, Any]) -> str | None:
        """``object@offset+length`` of the bytes of a row, None where the archive has none."""
        if self.archive is None or not row["raw_ref"]:
            return None
        for at in (row["ingested"], row["seen"]):
            for hour in self.archive.hours_after(at):
                if fields := self._hour(hour).get(row["raw_ref"]):
                    return f"{fields['filename']}@{fields['offset']}+{fields['length']}"
        return None

    def _hour(self, hour: str) -> dict[str, dict[str, Any]]:
        assert self.archive is not None
        if hour not in self._hours:
            self._hours[hour] = self.archive.records_of(hour)
        return self._hours[hour]

    def document(self, feed_id: str, at: str) -> dict[str, Any] | None:
        """The index fields of the document a feed answered with at a time."""
        stamp = "".join(filter(str.isdigit, at))
        for hour in self.archive.hours_after(at) if self.archive else ():
            for fields in self._hour(hour).values():
                if (fields.get("kind"), fields.get("feeds"), fields["stamp"]) == ("feed", [feed_id], stamp):
                    return fields
        return None


def _requeue(store: Any, options: argparse.Namespace, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Commit the window in which they wait again; gives the rows of those that do."""
    from pipeline.catalogue import CatalogueError, load_catalogue  # noqa: PLC0415
    from pipeline.run import versions  # noqa: PLC0415
    from transforms.clock import Clock, iso  # noqa: PLC0415
    from transforms.commit_windows import archive_in_use, commit_window  # noqa: PLC0415
    from transforms.history import open_history  # noqa: PLC0415
    from transforms.lease import LeaseHeldError  # noqa: PLC0415

    try:
        feeds = {feed.id: feed for feed in load_catalogue(options.feeds)}
    except CatalogueError as error:
        raise UsageError(f"sahelwatch quarantine: {error}") from error
    history, now = open_history(options.output), Clock(options.now)()
    history.refresh()
    wanted = [row for row in rows if not options.url or row["url"] in options.url]
    act, found = requeued(store, history, wanted, feeds, iso(now))
    if found:
        try:
            commit_window(
                [act], history, window=(iso(now), iso(now)), now=now, versions=versions(),
                archive=archive_in_use(history, options.output),
            )  # fmt: skip
        except LeaseHeldError as error:
            raise UsageError(f"sahelwatch quarantine: {error}") from error
    return found


def requeued(
    store: Any, history: Any, rows: Sequence[dict[str, Any]], feeds: Mapping[str, Any], now: str
) -> tuple[Any, list[dict[str, Any]]]:
    """The act of trying refused entries again (``records.Requeued``), and the rows of those for which that is possible."""
    from transforms.records import Requeued  # noqa: PLC0415

    places = _Places(store)
    chosen: dict[str, tuple[dict[str, Any], Any]] = {}
    for row in rows:
        if row["feed_id"] not in feeds or not row["article_id"]:
            continue
        entry = _entry_of(row, feeds[row["feed_id"]], places)
        if entry is not None and entry.entry_id not in history.queue:
            fresh = dataclasses.replace(entry, first_seen=now, next_try=now, reason="WAITING", attempts=0)
            chosen[entry.entry_id] = row, fresh
    entries = tuple(entry for _, entry in chosen.values())
    theirs = tuple(feeds[feed_id] for feed_id in sorted({entry.feed_id for entry in entries}))
    return Requeued(entries=entries, feeds=theirs), [row for row, _ in chosen.values()]


def _entry_of(row: dict[str, Any], feed: Any, places: _Places) -> Any:
    """The entry a refusal is about: as the archived feed has it, else what its address alone tells; None without one."""
    from transforms import archive, urls  # noqa: PLC0415
    from transforms.clock import parse_time  # noqa: PLC0415
    from transforms.exchanges import Response  # noqa: PLC0415
    from transforms.feed_documents import FeedUnreadableError  # noqa: PLC0415
    from transforms.feed_entries import read_feed_apart  # noqa: PLC0415
    from transforms.pool import WorkerPool  # noqa: PLC0415
    from transforms.records import Entry, stable_id  # noqa: PLC0415

    try:
        address = urls.canonical_url(row["url"] or "")
    except urls.BadUrlError:
        return None
    fields = places.document(feed.id, row["seen"])
    if fields is not None and places.archive is not None:
        answer = archive.read_member(places.archive.member(fields)).answer
        if isinstance(answer, Response) and answer.body:
            given: dict[str, Any] = {"url": answer.url, "headers": answer.headers, "now": parse_time(answer.fetched)}
            try:
                parsed = read_feed_apart(WorkerPool.shared(1), answer.body, feed, **given)()
            except FeedUnreadableError:
                parsed = None
            for entry in parsed.entries if parsed else ():
                if entry.article_id == row["article_id"]:
                    return dataclasses.replace(entry, raw_ref=answer.raw_ref)
    return Entry(
        entry_id=stable_id("entry", feed.id, address.canonical),
        feed_id=feed.id,
        outlet=feed.outlet,
        country=feed.country,
        language=feed.language,
        timezone=feed.timezone,
        text_rights=feed.text,
        article_id=row["article_id"],
        url=address.url,
        canonical_url=address.canonical,
        fingerprint="0" * 16,
    )
