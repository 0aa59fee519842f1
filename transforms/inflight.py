"""Entries on their way, written down: what a killed process had polled is not lost although its feed drops it.

A window's entries are known to nobody before its manifest. A process that is killed in between is followed by one that
polls the feeds again, which finds all that they still list. So each lane of polls leaves one small object with its new
entries, named by the end of their window, before they set out. The commit of a window looks at those of the windows up
to its own that no commit has looked at: an entry that has no outcome by then was lost, and goes to the queue.

What is written by a writer that was taken over from is as true as anything else, so nothing is fenced here. Objects of
committed windows are not needed any more: a folder's go with the commit; in a bucket, where the pipeline has no right
to delete, they wait for ``sweep``.
"""

import dataclasses
import datetime as dt
import gzip
import hashlib
from collections.abc import Iterable, Sequence

import orjson

from transforms.clock import iso
from transforms.history import History, entry_from_json
from transforms.records import CodedArticle, Entry, Failure
from transforms.store import LocalStore, Store

INFLIGHT = "state/inflight/v1/"


def note_entries(store: Store, entries: Sequence[Entry], end: str) -> None:
    """Write new entries down, those of the window that ends at ``end`` (RFC 3339 UTC); none, nothing."""
    if not entries:
        return
    lines = b"\n".join(orjson.dumps(dataclasses.asdict(entry)) for entry in entries)
    content = gzip.compress(lines, mtime=0)
    name = f"{INFLIGHT}{_moment(end)}-{hashlib.sha256(content).hexdigest()[:24]}.jsonl.gz"
    store.create(name, content, "application/gzip")


def lost_entries(history: History, until: str, outcomes: Iterable[object]) -> tuple[Entry, ...]:
    """What was written down for windows that end by ``until`` and are not committed, and came to no outcome.

    ``outcomes`` are those of the window that is about to be committed. Of an entry that was edited on its way, the last
    edition.
    """
    last, before = _moment(until), history.committed_until
    names = [
        name
        for name in history.store.names(INFLIGHT, after=f"{INFLIGHT}{_moment(before)}~" if before else "")
        if name[len(INFLIGHT) :].rpartition("-")[0] <= last
    ]
    ended = {(entry.feed_id, entry.entry_id) for outcome in outcomes for entry in _entries_of(outcome)}
    found: dict[tuple[str, str], Entry] = {}
    for content in history.store.read_all(names):
        for entry in map(entry_from_json, gzip.decompress(content).splitlines()):
            key = entry.feed_id, entry.entry_id
            found[key] = max(found.get(key, entry), entry, key=lambda e: (e.first_seen, e.fingerprint))
    return tuple(
        entry
        for key, entry in sorted(found.items())
        if key not in ended
        and entry.entry_id not in history.queue
        and history.seen.of(entry.feed_id).get(entry.entry_id) != entry.fingerprint
        and not history.takes_down(entry)
    )


def last_end(store: Store) -> str:
    """The end of the last window that anything is written down for, RFC 3339 UTC; "" for none."""
    names = store.names(INFLIGHT)
    if not names:
        return ""
    moment = dt.datetime.strptime(names[-1][len(INFLIGHT) :].rpartition("-")[0], "%Y-%m-%dT%H%M%S%z")
    return iso(moment)


def done(store: Store, committed_until: str) -> list[str]:
    """Names of the objects that no commit will look at any more."""
    last = _moment(committed_until)
    return [name for name in store.names(INFLIGHT) if name[len(INFLIGHT) :].rpartition("-")[0] <= last]


def clear_folder(store: Store, committed_until: str) -> None:
    """Remove what is done where nothing more than a folder has to be asked for that."""
    if isinstance(store, LocalStore):
        for name in done(store, committed_until):
            store.remove(name)


def _entries_of(outcome: object) -> Sequence[Entry]:
    if isinstance(outcome, CodedArticle):
        return outcome.article.entries
    return outcome.entries if isinstance(outcome, Failure) else ()


def _moment(time: str) -> str:
    """A time as part of a name, in the same order."""
    return time.replace(":", "")
