"""What is kept while the graph runs: a lane's answers as records, a window's as one WARC object with its index.

A lane ends before its window is committed, and elsewhere: it puts its records down in the output, as pieces under
``LANES``. The commit joins them, which costs nothing but reading them, since each record is a gzip member of its own;
the window's manifest names what came of it, and then the pieces go. So a kill leaves pieces, or a joined object, that no
manifest names: orphans like any other. Next to the records lies one small object a window, which says at what time and
with which catalogue the window was made: with it the archive can be replayed without the records. Everything but the
pieces lies under ``archive/v1/`` of the output, or of the place that ``--archive`` names.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import io
import logging
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from transforms import archive
from transforms.clock import iso
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.records import Archived, ArchivePiece, Entry, Feed, HostState, Requeued, Tick, Unparked
from transforms.store import Store, StoreUnavailableError, crc32c, open_store

LANES = "state/v1/lanes/"
ROOT = "archive/v1/"
WINDOWS = f"{ROOT}windows/"
CATALOGUES = f"{ROOT}catalogues/"
FORGOTTEN = f"{ROOT}forgotten/"
ENTRIES = "entries"
"""Kind of a record with entries that were lost and found."""
WARC, INDEX = ".warc.gz", ".cdxj"
TYPES = {
    "warc": "application/warc", "index": "text/plain", "catalogue": "application/json", "window": "application/json",
    "forgotten": "application/json",
}  # fmt: skip
"""Kind of an archive object -> its content type."""
PART_BYTES = 64 << 20
"""Beyond this a window goes on in a further WARC object: one is in memory while it is joined (some 1,900 news pages)."""
PIECE_BYTES = 16 << 20
"""Size from which on a lane's records go into a further piece, which is in memory while it is written or joined."""
SPOOLED_BYTES = 8 << 20
"""Beyond this a lane's records wait in a temporary file for their order."""
_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArchiveOptions:
    """Where answers are kept: ``uri`` is the place of ``archive/``, "" the dataset itself, None nowhere.

    ``software`` goes into each object; ``settings`` are what else a replay must know to decide as we did. Of a replay,
    ``replayed_from`` says from which window of which archive; its windows are published together when all are done.
    """

    output: str
    uri: str | None = ""
    software: str = "sahelwatch"
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    replayed_from: Mapping[str, str] | None = None

    @property
    def place(self) -> str:
        """The root of the archive's names."""
        return self.uri or self.output


_Record = tuple[str, bytes, dict[str, Any] | None]
"""A record's time, its member, and its fields in the index."""


class Recorder:
    """A client whose answers are kept, and bear when they came and where they lie.

    ``now`` gives the time an answer bears; ``archived`` is to be asked for once all answers were given. ``cut`` gives, for
    a request, what is not to be kept of its answer's body, if there is such a thing.
    """

    def __init__(
        self,
        client: Client,
        options: ArchiveOptions,
        label: str,
        now: Callable[[], dt.datetime],
        cut: Callable[[Request, Response | WebFailure], archive.Cut | None] = lambda *_: None,
    ) -> None:
        self._client = client
        self._options = options
        self._label = label
        self._now = now
        self._cut = cut
        self._started = now()
        self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES)  # noqa: SIM115 - closed by archived()
        self._kept: list[tuple[tuple[str, str], int, list[tuple[int, dict[str, Any] | None]], str]] = []
        self._waiting: list[str] = []
        self._tick = ""
        self._answers = 0

    def recall(self, states: Mapping[str, HostState]) -> None:
        """See ``exchanges.Client``."""
        self._client.recall(states)

    def host_states(self, names: Iterable[str]) -> list[HostState]:
        """See ``exchanges.Client``."""
        return self._client.host_states(names)

    def fetch_all(
        self,
        requests: Iterable[Request],
        *,
        seconds: float = 1e9,
        blocked: Collection[str] = frozenset(),
        met: set[str] | None = None,
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """See ``exchanges.Client``."""
        for request, answer in self._client.fetch_all(requests, seconds=seconds, blocked=blocked, met=met):
            at = answer.fetched or iso(self._now())
            raw_ref = answer.raw_ref
            if self._options.uri is not None:
                raw_ref = self._keep(request, answer, at)
            yield request, dataclasses.replace(answer, fetched=at, raw_ref=raw_ref)

    def archived(self) -> Archived | None:
        """Put down what was kept, in an order that does not depend on the network's; None when nothing was."""
        with self._spool:
            if not self._kept and not self._waiting:
                return None
            store = open_store(self._options.output)
            pieces = tuple(self._put_down(store, piece) for piece in self._pieces())
        return Archived(pieces=pieces, **{self._label: self._answers})

    def _keep(self, request: Request, answer: Response | WebFailure, at: str) -> str | None:
        if isinstance(answer, WebFailure) and answer.reason == "WAITING":
            self._waiting.append(request.url)  # one record for all of them: a lane works for one tick
            self._tick = request.at
            return None
        self._answers += 1
        raw_ref, found = archive.members_of(request, answer, at, self._cut(request, answer))
        start = self._spool.tell()
        self._spool.write(b"".join(member.content for member in found))
        self._kept.append(((request.url, at), start, [(len(m.content), m.line) for m in found], at))
        return raw_ref

    def _pieces(self) -> Iterator[list[_Record]]:
        """The records in pieces that fit into memory."""
        piece: list[_Record] = []
        size = 0
        if self._waiting:
            at = iso(self._started)
            waiting = archive.note("waiting", at, sorted(self._waiting), self._tick)
            piece.append((at, waiting.content, waiting.line))
        for _, start, lengths, moment in sorted(self._kept, key=lambda kept: kept[:1]):
            self._spool.seek(start)
            for length, line in lengths:
                piece.append((moment, self._spool.read(length), line))
                size += length
            if size >= PIECE_BYTES:
                yield piece
                piece, size = [], 0
        if piece:
            yield piece

    def _put_down(self, store: Store, piece: Sequence[_Record]) -> ArchivePiece:
        content = b"".join(member for _, member, _ in piece)
        lines: list[tuple[str, dict[str, Any], int, int]] = []
        offset = 0
        for moment, member, line in piece:
            if line is not None:
                lines.append((moment, line, offset, len(member)))
            offset += len(member)
        name = f"{LANES}{self._label}-{_hash(content)}{WARC}"
        store.create(name, content, TYPES["warc"])
        return ArchivePiece(name=name, index=archive.cdxj(lines, ""))


def join_pieces(
    options: ArchiveOptions, stem: str, at: str, pieces: Iterable[ArchivePiece], cut: Callable[[bytes], bytes | None]
) -> Iterator[dict[str, Any]]:
    """Write the records of a window as one WARC object (further ones beyond PART_BYTES), each with its index.

    ``cut`` gives a piece's records without those that are not to be kept, None where it holds none of them.
    """
    store = open_store(options.place)
    fields = {"software": options.software, "format": "WARC File Format 1.1", "robots": "obeyed"}
    head = archive.warcinfo(at, fields).content
    for number, (content, lines) in enumerate(_parts(open_store(options.output), head, pieces, cut)):
        name = f"{stem}-{number:03d}-{_hash(content)}"
        yield create(store, "warc", f"{name}{WARC}", content)
        yield create(store, "index", f"{name}{INDEX}", archive.cdxj(lines, f"{name}{WARC}"))


def _parts(
    store: Store, head: bytes, pieces: Iterable[ArchivePiece], cut: Callable[[bytes], bytes | None]
) -> Iterator[tuple[bytes, list[tuple[str, dict[str, Any], int, int]]]]:
    """(bytes, lines for the index) of each part, one in memory at a time; ``head`` is the record each begins with."""
    content, lines = io.BytesIO(), list[tuple[str, dict[str, Any], int, int]]()
    for piece in pieces:
        try:
            records, index = store.read(piece.name), piece.index
        except KeyError:  # swept, because its window took more than a day
            _log.error("%s is gone: what a lane has kept is not archived", piece.name)
            continue
        left = cut(records)
        if left is not None:
            records, index = left, archive.index_of(left, "")
        if content.tell() + len(records) > PART_BYTES and content.tell():
            yield content.getvalue(), lines
            content, lines = io.BytesIO(), []
        if records and not content.tell():
            content.write(head)
        base = content.tell()
        content.write(records)
        lines += [(at, line, base + line["offset"], line["length"]) for at, line in archive.read_cdxj(index)]
    if content.tell():
        yield content.getvalue(), lines


def keep_entries(output: str, at: str, entries: Sequence[Entry]) -> Archived:
    """Put down entries of which no archived feed tells: those that a killed process had polled (transforms.inflight)."""
    found = archive.note(ENTRIES, at, [dataclasses.asdict(entry) for entry in entries])
    name = f"{LANES}{ENTRIES}-{_hash(found.content)}{WARC}"
    open_store(output).create(name, found.content, TYPES["warc"])
    lines = [(at, found.line or {}, 0, len(found.content))]
    return Archived(pieces=(ArchivePiece(name=name, index=archive.cdxj(lines, "")),))


def discard_pieces(store: Store, found: Iterable[Archived]) -> None:
    """Remove the pieces of a window that is committed; they are left to a sweep where the right to delete is missing."""
    with contextlib.suppress(StoreUnavailableError):
        for name in {piece.name for lane in found for piece in lane.pieces}:
            store.remove(name)


def _keep_all(records: bytes) -> None:
    """Nothing is to be cut out."""


def close_window(
    options: ArchiveOptions,
    *,
    sequence: int,
    window: tuple[str, str],
    written: str,
    found: Iterable[Archived],
    ticks: Iterable[Tick],
    before: Mapping[str, Any] | None,
    cut: Callable[[bytes], bytes | None] = _keep_all,
    acts: Iterable[Requeued | Unparked] = (),
) -> list[dict[str, Any]]:
    """Write a window's records, its own object and its catalogue, if it is new; gives all that the manifest is to name.

    What people did (``acts``) is said by ids: a replay makes the entries again from the feeds and rejects it has by then.
    ``before`` is the newest manifest with an archived window, which this one follows; for ``cut`` see ``join_pieces``.
    """
    store = open_store(options.place)
    known = {described["name"]: described for described in (before or {}).get("archive", ())}
    named: dict[str, dict[str, Any]] = {}
    moments = []
    for tick in sorted(ticks, key=lambda tick: tick.at):
        catalogue = _catalogue(tick.feeds)
        name = f"{CATALOGUES}{_hash(catalogue)}.json"
        named[name] = known.get(name) or create(store, "catalogue", name, catalogue)
        moments.append({"at": tick.at, "catalogue": name})
    by_pieces = {tuple(piece.name for piece in lane.pieces): lane for lane in found}  # a retried bundle's are the same
    lanes = [by_pieces[names] for names in sorted(by_pieces)]
    pieces = [piece for lane in lanes for piece in lane.pieces]
    hour = f"dt={written[:10]}/hour={written[11:13]}"
    stem = f"{ROOT}{hour}/{sequence:010d}"
    named |= {one["name"]: one for one in join_pieces(options, stem, written, pieces, cut)}
    previous = [name for name, described in known.items() if described["kind"] == "window"]
    done = list(acts)
    said: dict[str, Any] = {}
    if done:
        requeued = [act for act in done if isinstance(act, Requeued)]
        catalogue = _catalogue([feed for act in requeued for feed in act.feeds])
        name = f"{CATALOGUES}{_hash(catalogue)}.json"
        named[name] = known.get(name) or create(store, "catalogue", name, catalogue)
        said["acts"] = {
            "catalogue": name,
            "requeued": sorted([entry.feed_id, entry.article_id] for act in requeued for entry in act.entries),
            "unparked": sorted(feed_id for act in done if isinstance(act, Unparked) for feed_id in act.feed_ids),
        }
    content = orjson.dumps(
        {
            "sequence": sequence,
            "previous": previous[0] if previous else None,
            "window": {"start": window[0], "end": window[1]},
            "written": written,
            "ticks": moments,
            "objects": sorted(name for name, described in named.items() if described["kind"] == "warc"),
            "feeds": sum(lane.feeds for lane in lanes),
            "pages": sum(lane.pages for lane in lanes),
            "settings": dict(options.settings),
            **said,
        },
        option=orjson.OPT_INDENT_2,
    )
    name = f"{WINDOWS}{hour}/{sequence:010d}-{_hash(content)}.json"
    named[name] = create(store, "window", name, content)
    return [named[name] for name in sorted(named)]


def note_forgotten(store: Store, forgotten: Iterable[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """Write what was taken down, as ids with the feeds that listed them: who reads the archive again must know, too."""
    content = orjson.dumps(
        {"ids": {one: sorted(feeds) for one, feeds in sorted(forgotten)}}, option=orjson.OPT_INDENT_2
    )
    return create(store, "forgotten", f"{FORGOTTEN}{_hash(content)}.json", content)


def create(store: Store, kind: str, name: str, content: bytes) -> dict[str, Any]:
    """Write an archive object; gives its description as manifests carry it."""
    store.create(name, content, TYPES[kind])
    return described(kind, name, content)


def described(kind: str, name: str, content: bytes) -> dict[str, Any]:
    """An archive object as manifests carry it."""
    return {"kind": kind, "name": name, "bytes": len(content), "crc32c": crc32c(content)}


def _catalogue(feeds: Sequence[Feed]) -> bytes:
    """The feeds as a catalogue file, in its own order; what is not set is left out, as people write it."""
    plain = [{k: v for k, v in dataclasses.asdict(feed).items() if v not in {None, ""}} for feed in feeds]
    return orjson.dumps({"feeds": plain}, option=orjson.OPT_INDENT_2)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
