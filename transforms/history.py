"""What the dataset already knows: the committed state, read back from the bucket.

The manifest names the state objects next to the tables' objects, so state and records are committed together. Every
process keeps one ``History`` per dataset and tops it up from the manifests that came since; losing it costs a reload,
never a row. State objects are Parquet, one kind of rows each, and a manifest lists those to apply, in order.
"""

import dataclasses
import datetime as dt
import io
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.clock import iso
from transforms.closed_articles import HASH, ClosedArticles, Words
from transforms.hosts import forget_hosts
from transforms.known_articles import KnownArticle, KnownArticles, Packed, packed_columns, story_of
from transforms.pointer import read_pointer
from transforms.records import Entry, FeedState, HostState
from transforms.seen import SeenEntries
from transforms.sketches import Sketch
from transforms.store import Store, open_store
from transforms.story_horizon import StoryHorizon

MANIFESTS = "manifests/v1/"
HORIZON_DAYS = 7
ROWS_AT_A_TIME = 512
CLOSED_AFTER = dt.timedelta(days=90)
"""Age, since it was first seen, from which on an article gets no further revision: as long as unlisted entries are remembered."""

SCHEMAS: dict[str, pa.Schema] = {
    "feeds": pa.schema([("feed_id", pa.string()), ("state", pa.binary())]),
    "seen": pa.schema(
        [("feed_id", pa.string()), ("entry_id", pa.binary(16)), ("fingerprint", pa.binary(8)), ("listed", pa.int32())]
    ),
    "articles": pa.schema(
        [
            ("article_id", pa.binary(16)),
            ("revision", pa.int32()),
            ("content_hash", pa.binary(16)),
            ("story_id", pa.binary(16)),
            ("feed_ids", pa.list_(pa.string())),
            ("event_ids", pa.list_(pa.binary(16))),
            ("event_revision", pa.int32()),
            ("object", pa.string()),
            ("seen", pa.string()),
            ("sketch", pa.binary()),
        ]
    ),
    "queue": pa.schema([("entry_id", pa.binary(16)), ("entry", pa.binary())]),
    "hosts": pa.schema([("host", pa.string()), ("state", pa.binary())]),
    "forgotten": pa.schema([("id", pa.binary(16)), ("feed_ids", pa.list_(pa.string()))]),
    "closed": pa.schema([("article_id", pa.binary(8)), ("content_hash", pa.binary(8))]),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Delta:
    """What one window adds to the state; the queue is given whole, ``seen`` as (feed, entry, fingerprint, day).

    Of a whole state the articles are ``packed``.
    """

    feeds: tuple[FeedState, ...] = ()
    seen: tuple[tuple[str, str, str, int], ...] = ()
    articles: tuple[KnownArticle, ...] = ()
    packed: KnownArticles | None = None
    queue: tuple[Entry, ...] = ()
    hosts: tuple[HostState, ...] = ()
    forgotten: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Ids of articles that were taken down, and of the addresses and entries that led to them, each with its feeds."""
    closed: ClosedArticles | None = None

    def all_articles(self) -> Iterator[KnownArticle]:
        """The articles, however they are held."""
        return itertools.chain(self.articles, self.packed.in_order() if self.packed is not None else ())


class DamagedStateError(RuntimeError):
    """The newest manifest or a state object it names cannot be read; the message names it and says what to do."""


def _damaged(store: Store, name: str, why: Exception | None) -> DamagedStateError:
    """The error for an object that cannot be read, or (None) that is not there."""
    cause = " ".join(str(why).split())[:150]
    told = f"cannot be read ({type(why).__name__}: {cause})" if why else "does not exist"
    return DamagedStateError(
        f"the dataset is damaged: {name} {told} in {store.uri}: put it back from an older version or a copy "
        "(deploy/RUNBOOK.md, ObjectsMissing); `sahelwatch verify` lists all that is damaged"
    )


class History:
    """The committed state of one dataset as dictionaries; ``refresh`` brings it up to the newest manifest."""

    def __init__(self, store: Store, *, matching: bool = True) -> None:
        """Without ``matching`` there is no horizon of stories: for state that is only read to be written again."""
        self.store = store
        self._matching = matching
        self.lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self.manifest: dict[str, Any] | None = None
        self.manifest_name: str | None = None
        self.feed_states: dict[str, FeedState] = {}
        self.seen = SeenEntries()
        self.articles = KnownArticles()
        self.closed = ClosedArticles()
        self._sketches_from = ""
        self.queue: dict[str, Entry] = {}
        self.hosts: dict[str, HostState] = {}
        self.forgotten: dict[str, tuple[str, ...]] = {}
        self.cut_feeds: set[str] = set()
        """Feeds that list, or may list, what was taken down."""
        self.horizon = StoryHorizon()
        self._applied: tuple[str, ...] = ()

    @property
    def sequence(self) -> int:
        """Number of the newest manifest, 0 when there is none."""
        return int(self.manifest["sequence"]) if self.manifest else 0

    @property
    def committed_until(self) -> str:
        """The end of the newest window, "" when there is none."""
        return str(self.manifest["window"]["end"]) if self.manifest else ""

    @property
    def closed_before(self) -> str:
        """Articles first seen before this time (RFC 3339) are closed, "" when there is no window."""
        return iso(dt.datetime.fromisoformat(self.committed_until) - CLOSED_AFTER) if self.manifest else ""

    def closed_hash(self, article_id: str) -> str | None:
        """Of an article that is closed the first digits of its content's hash; None for others.

        Its age decides, not whether this process has packed it away yet.
        """
        known = self.articles.get(article_id)
        if known is None:
            return self.closed.get(article_id)
        return known.content_hash[:HASH] if known.seen < self.closed_before else None

    def known_entries(self, feed_id: str) -> dict[str, str]:
        """Entry id -> fingerprint of what is accounted for or queued in a feed."""
        with self.lock:  # another thread may be committing
            queued = {e.entry_id: e.fingerprint for e in self.queue.values() if e.feed_id == feed_id}
            return {**self.seen.of(feed_id), **queued}

    def refresh(self) -> None:
        """Apply what was committed since the last call; a state that was rewritten whole is loaded afresh.

        DamagedStateError when the newest manifest or a state object it names is missing or cannot be read.
        """
        with self.lock:
            name = newest_manifest(self.store, self.manifest_name)
            if name is None or name == self.manifest_name:
                return
            manifest = self._read_manifest(name)
            parts = [part for part in manifest["state"] if part["kind"] != "queue"]
            wanted = tuple(part["name"] for part in parts)
            if wanted[: len(self._applied)] != self._applied:
                self._clear()
            queued = [part for part in manifest["state"] if part["kind"] == "queue"]
            missing = [*parts[len(self._applied) :], *queued]
            self.queue = {}
            try:
                self.load([(part["kind"], part["name"]) for part in missing], horizon_of(manifest))
            except DamagedStateError:
                self._clear()  # half of it is no state to go on from
                raise
            self.manifest, self.manifest_name, self._applied = manifest, name, wanted
            self._expire()

    def _read_manifest(self, name: str) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = orjson.loads(self.store.read(name))
            horizon_of(manifest)
            wanted = [manifest[key] for key in ("sequence", "written", "epoch")]
            wanted += [part[key] for part in manifest["state"] for key in ("kind", "name")]
        except KeyError as error:
            raise _damaged(self.store, name, None if error.args[0] == name else error) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise _damaged(self.store, name, error) from error
        return manifest

    def load(self, parts: Sequence[tuple[str, str]], before: str = "") -> None:
        """Apply state objects, given as (kind, name), in their order.

        The sketches of stories no member of which was seen since ``before`` are left out.
        """
        try:
            contents = self.store.read_all([name for _, name in parts])
        except KeyError as error:
            raise _damaged(self.store, str(error.args[0]), None) from error
        fresh: dict[bytes, Packed] = {}
        for (kind, name), content in zip(parts, contents, strict=True):
            try:
                self._load(kind, content, fresh)
            except (pa.ArrowException, ValueError, TypeError, KeyError, AttributeError) as error:
                raise _damaged(self.store, name, error) from error
        stories = {key: story_of(packed) for key, packed in fresh.items() if packed[3]}
        latest: dict[str, str] = {}
        for story_id, seen in map(story_of, fresh.values()) if stories else ():
            latest[story_id] = max(seen, latest.get(story_id, ""))
        for key, packed in fresh.items():
            if key in stories:
                story_id, _ = stories[key]
                story = self.horizon.story(story_id)
                if max(latest[story_id], story.latest if story else "") < before:
                    packed = (*packed[:3], b"")  # noqa: PLW2901
                    del stories[key]
            self.articles.put(key, packed)
        if self._matching:
            self.horizon.add_all(
                (Sketch.unpack(key.hex(), fresh[key][3]), story_id, fresh[key][3])
                for key, (story_id, _) in stories.items()
            )

    def advance(self, manifest: dict[str, Any], name: str, delta: Delta) -> None:
        """Take over a window this process has just committed, without reading it back."""
        with self.lock:
            self.apply(delta)
            self.manifest, self.manifest_name = manifest, name
            self._applied = tuple(part["name"] for part in manifest["state"] if part["kind"] != "queue")
            self._expire()

    def _expire(self) -> None:
        """Forget the stories no member of which was seen within the horizon before the newest window, old hosts and entries."""
        assert self.manifest is not None
        forget_hosts(self.hosts, dt.datetime.fromisoformat(self.manifest["window"]["end"]))
        self.seen.forget()
        before = horizon_of(self.manifest)
        self.horizon.expire(before)
        if before[:13] != self._sketches_from:  # once an hour: it looks at every article
            self._sketches_from = before[:13]
            self.articles.drop_sketches(before, self._lives)
            self.closed.close(self.articles.take_before(self.closed_before, self._lives))

    def _lives(self, story_id: str) -> bool:
        return self.horizon.story(story_id) is not None

    def apply(self, delta: Delta) -> None:
        """Add a window's state."""
        for state in delta.feeds:
            self.feed_states[state.feed_id] = state
        for row in delta.seen:
            self.seen.note(*row)
        for article in delta.all_articles():
            self._learn(article)
        self.hosts.update({state.host: state for state in delta.hosts})
        self.queue = {entry.entry_id: entry for entry in delta.queue}
        self._forget(delta.forgotten)
        if delta.closed is not None:
            self.closed.add_words(*delta.closed.words())

    def _forget(self, found: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        for one, feed_ids in found:
            self.forgotten[one] = tuple(sorted({*self.forgotten.get(one, ()), *feed_ids}))
            self.cut_feeds.update(feed_ids)

    def takes_down(self, entry: Entry) -> bool:
        """Whether an entry leads to an article that was taken down."""
        return entry.article_id in self.forgotten or entry.entry_id in self.forgotten

    def copy(self) -> "History":
        """The same state, to be changed and written anew; without a horizon of stories."""
        made = History(self.store, matching=False)
        made.articles = self.articles.copy()
        made.apply(dataclasses.replace(self.whole(), packed=None))
        return made

    def whole(self) -> Delta:
        """The state as one delta, for a snapshot."""
        return Delta(
            feeds=tuple(self.feed_states[k] for k in sorted(self.feed_states)),
            seen=self.seen.rows(),
            packed=self.articles.copy(),
            queue=tuple(self.queue[k] for k in sorted(self.queue)),
            hosts=tuple(self.hosts[k] for k in sorted(self.hosts)),
            forgotten=tuple(sorted(self.forgotten.items())),
            closed=self.closed,
        )

    def _learn(self, article: KnownArticle) -> None:
        self.articles[article.article_id] = article
        if article.sketch and self._matching:  # sketches beyond the horizon are expired after loading
            sketch = Sketch.unpack(article.article_id, article.sketch)
            self.horizon.add(sketch, article.story_id, packed=article.sketch)

    def _load(self, kind: str, content: bytes, fresh: dict[bytes, Packed]) -> None:
        if kind == "closed":
            self.closed.add_words(*map(_words, pq.read_table(io.BytesIO(content)).columns))
            return
        if kind == "articles":
            table = pq.read_table(io.BytesIO(content))
            fresh.update(packed_columns({name: table.column(name).to_pylist() for name in table.column_names}))
            return
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
        if kind == "feeds":
            for row in rows:
                self.feed_states[row["feed_id"]] = FeedState(**orjson.loads(row["state"]))
        elif kind == "hosts":
            self.hosts.update({row["host"]: HostState(**orjson.loads(row["state"])) for row in rows})
        elif kind == "seen":
            for row in rows:
                self.seen.note(row["feed_id"], row["entry_id"].hex(), row["fingerprint"].hex(), row.get("listed") or 0)
        elif kind == "queue":
            self.queue = {row["entry_id"].hex(): entry_from_json(row["entry"]) for row in rows}
        else:
            self._forget((row["id"].hex(), tuple(row["feed_ids"])) for row in rows)


def horizon_of(manifest: Mapping[str, Any]) -> str:
    """The time (RFC 3339) before which stories are not compared any more, seen from a manifest's window."""
    return iso(dt.datetime.fromisoformat(manifest["window"]["end"]) - dt.timedelta(days=HORIZON_DAYS))


def encode_state(delta: Delta) -> dict[str, bytes]:
    """The delta's rows as one Parquet file a kind; kinds without rows are left out."""
    rows: dict[str, Iterator[dict[str, Any]]] = {
        "feeds": ({"feed_id": s.feed_id, "state": orjson.dumps(dataclasses.asdict(s))} for s in delta.feeds),
        "seen": (
            {"feed_id": f, "entry_id": bytes.fromhex(e), "fingerprint": bytes.fromhex(p), "listed": day}
            for f, e, p, day in delta.seen
        ),
        "articles": (
            {
                **vars(a),
                **{key: bytes.fromhex(getattr(a, key)) for key in ("article_id", "content_hash", "story_id")},
                "event_ids": [bytes.fromhex(e) for e in a.event_ids],
            }
            for a in delta.all_articles()
        ),
        "hosts": ({"host": s.host, "state": orjson.dumps(dataclasses.asdict(s))} for s in delta.hosts),
        "queue": (
            {"entry_id": bytes.fromhex(e.entry_id), "entry": orjson.dumps(dataclasses.asdict(e))} for e in delta.queue
        ),
        "forgotten": ({"id": bytes.fromhex(one), "feed_ids": list(feeds)} for one, feeds in delta.forgotten),
    }
    tables = {kind: table for kind, found in rows.items() if (table := _table(kind, found)).num_rows}
    if delta.closed is not None and len(delta.closed):
        tables["closed"] = pa.Table.from_arrays(list(map(_column, delta.closed.words())), schema=SCHEMAS["closed"])
    encoded = {}
    for kind, table in tables.items():
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd", use_dictionary=kind != "closed")
        encoded[kind] = sink.getvalue()
    return encoded


def _table(kind: str, rows: Iterator[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow holds them, taken over some at a time: as objects a whole state's are many times as large."""
    batches = []
    while some := list(itertools.islice(rows, ROWS_AT_A_TIME)):
        batches.append(pa.RecordBatch.from_pylist(some, schema=SCHEMAS[kind]))
    return pa.Table.from_batches(batches, SCHEMAS[kind])


def _column(words: Words) -> pa.Array:
    """Words as binary(8), big-endian, so that they sort and look as the ids do."""
    content = pa.py_buffer(words.astype(">u8").tobytes())
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(8), len(words), [None, content])


def _words(column: pa.ChunkedArray) -> Words:
    return np.frombuffer(b"".join(column.to_pylist()), ">u8").astype(np.uint64)


def newest_manifest(store: Store, since: str | None) -> str | None:
    """The name of the newest manifest: what latest.json says, or one that was written after it by a killed writer.

    DamagedPointerError when latest.json is something else.
    """
    pointer = read_pointer(store)
    newest = max(pointer.manifest if pointer else "", since or "")
    later = [name for name in store.names(MANIFESTS, after=newest) if name > newest]
    return max([newest, *later], default="") or None


def entry_from_json(content: bytes | Mapping[str, Any]) -> Entry:
    """An Entry from its JSON object."""
    plain: dict[str, Any] = dict(orjson.loads(content) if isinstance(content, bytes) else content)
    return Entry(**{**plain, "authors": tuple(plain["authors"]), "flags": tuple(plain["flags"])})


_open: dict[str, History] = {}
_open_lock = threading.Lock()


def open_history(uri: str) -> History:
    """The process-wide history of the dataset at a URI, brought up to date."""
    with _open_lock:
        history = _open.setdefault(uri, History(open_store(uri)))
    history.refresh()
    return history
