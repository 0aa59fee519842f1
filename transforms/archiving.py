"""What is kept while the graph runs: a lane's answers as WARC objects, a window's objects under one name.

A lane writes its objects as it ends, before the window is committed; they become part of the dataset when the window's
manifest names them, and one that no manifest names is an orphan like any other. Next to them lies one small object a
window, which says at what time and with which catalogue the window was made: with it the archive can be replayed
without the records. Everything lies under ``archive/v1/`` of the output, or of the place that ``--archive`` names.
"""

import dataclasses
import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from transforms import archive
from transforms.clock import iso
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.records import Archived, Feed, HostState, Tick
from transforms.store import Store, crc32c, open_store

ROOT = "archive/v1/"
WINDOWS = f"{ROOT}windows/"
CATALOGUES = f"{ROOT}catalogues/"
FORGOTTEN = f"{ROOT}forgotten/"
WARC, INDEX = ".warc.gz", ".cdxj"
TYPES = {
    "warc": "application/warc", "index": "text/plain", "catalogue": "application/json", "window": "application/json",
    "forgotten": "application/json",
}  # fmt: skip
"""Kind of an archive object -> its content type."""
PART_BYTES = 32 << 20
"""Size from which on a lane's records go into a further object: what is written is in memory for that time."""
SPOOLED_BYTES = 8 << 20
"""Beyond this a lane's records wait in a temporary file for their order."""


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
        """Write what was kept, in an order that does not depend on the network's; None when nothing was."""
        with self._spool:
            if not self._kept and not self._waiting:
                return None
            store = open_store(self._options.place)
            objects = tuple(described for part in self._parts() for described in self._write(store, part))
        return Archived(objects=objects, **{self._label: self._answers})

    def _keep(self, request: Request, answer: Response | WebFailure, at: str) -> str | None:
        if isinstance(answer, WebFailure) and answer.reason == "WAITING":
            self._waiting.append(request.url)  # one record for all of them
            return None
        self._answers += 1
        raw_ref, found = archive.members_of(request, answer, at, self._cut(request, answer))
        start = self._spool.tell()
        self._spool.write(b"".join(member.content for member in found))
        self._kept.append(((request.url, at), start, [(len(m.content), m.line) for m in found], at))
        return raw_ref

    def _parts(self) -> Iterator[list[tuple[str, bytes, dict[str, Any] | None]]]:
        """The records as (time, member, index fields), in parts that fit into memory, each with its warcinfo first."""
        at = iso(self._started)
        info = archive.warcinfo(
            at, {"software": self._options.software, "format": "WARC File Format 1.1", "robots": "obeyed"}
        )
        part: list[tuple[str, bytes, dict[str, Any] | None]] = [(at, info.content, None)]
        size = 0
        if self._waiting:
            waiting = archive.note("waiting", at, sorted(self._waiting))
            part.append((at, waiting.content, waiting.line))
        for _, start, lengths, moment in sorted(self._kept, key=lambda kept: kept[:1]):
            self._spool.seek(start)
            for length, line in lengths:
                part.append((moment, self._spool.read(length), line))
                size += length
            if size >= PART_BYTES:
                yield part
                part, size = [(at, info.content, None)], 0
        if len(part) > 1:
            yield part

    def _write(
        self, store: Store, part: Sequence[tuple[str, bytes, dict[str, Any] | None]]
    ) -> Iterator[dict[str, Any]]:
        content = b"".join(member for _, member, _ in part)
        stem = f"{ROOT}{self._started:dt=%Y-%m-%d/hour=%H}/{self._label}-{_hash(content)}"
        lines, offset = [], 0
        for moment, member, line in part:
            if line is not None:
                lines.append((moment, line, offset, len(member)))
            offset += len(member)
        yield create(store, "warc", f"{stem}{WARC}", content)
        yield create(store, "index", f"{stem}{INDEX}", archive.cdxj(lines, f"{stem}{WARC}"))


def close_window(
    options: ArchiveOptions,
    *,
    sequence: int,
    window: tuple[str, str],
    written: str,
    found: Iterable[Archived],
    ticks: Iterable[Tick],
    before: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """Write a window's own object (and its catalogue, if it is a new one); gives all that the manifest is to name.

    ``before`` is the newest manifest with an archived window, which this one follows.
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
    lanes = list(found)
    for lane in lanes:
        named.update((described["name"], described) for described in lane.objects)
    previous = [name for name, described in known.items() if described["kind"] == "window"]
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
        },
        option=orjson.OPT_INDENT_2,
    )
    hour = f"dt={written[:10]}/hour={written[11:13]}"
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
