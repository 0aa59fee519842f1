"""The archive read back: its windows in their order, and a client that answers from one of them.

A window's object says which records belong to it. A writer that was killed may have left a window that no manifest
names; its number was then given to the next one, so of windows of one number the one holds that the next window names
as its predecessor, or else the one that was written last.
"""

import bisect
import dataclasses
import datetime as dt
import hashlib
import re
import tempfile
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import orjson

from transforms import archive, urls
from transforms.archiving import ENTRIES, FORGOTTEN, ROOT, WINDOWS
from transforms.clock import Clock
from transforms.datasets import Expiries
from transforms.exchanges import Client, Request, Response, WebFailure
from transforms.history import entry_from_json
from transforms.records import Entry, Feed, HostState
from transforms.store import Store, open_store

HELD_BYTES = 64 << 20
"""Bytes of a window's objects in memory; the rest is in a temporary file. As many of feed bodies that later ones repeat."""
HOURS_AFTER = 3
"""Partitions in which a record is looked for."""
WINDOWS_AT_ONCE = 64
_HASHED = re.compile(r"-([0-9a-f]{24})\.warc\.gz")
_WINDOW_NAME = re.compile(r"dt=\d{4}-\d{2}-\d{2}/hour=\d{2}/(\d{10})-[0-9a-f]{24}\.json")


class NoArchiveError(LookupError):
    """There is no archive of ours at this place."""


class DamagedArchiveError(ValueError):
    """An object of the archive cannot be read, or is not what was written; the message names it, in one line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WindowRecord:
    """What the archive says of one window; see ``transforms.archiving.close_window``."""

    name: str
    sequence: int
    previous: str | None
    window: tuple[str, str]
    written: str
    ticks: tuple[tuple[str, str], ...]
    objects: tuple[str, ...]
    feeds: int
    pages: int
    settings: Mapping[str, Any]
    acts: Mapping[str, Any]


class Archive:
    """The archive at a URI, which is the place ``archive/`` lies in or that folder itself."""

    def __init__(self, uri: str) -> None:
        self._store: Store = open_store(uri)
        self.uri = self._store.uri
        self._names = self._store.names(WINDOWS)
        self._cut = ""
        if not self._names:
            self._cut = ROOT.partition("/")[0] + "/"
            self._names = [self._cut + name for name in self._store.names(WINDOWS.removeprefix(self._cut))]
        if not self._names:
            raise NoArchiveError(f"no archive at {self.uri}: nothing below {WINDOWS}")
        self._located: OrderedDict[str, dict[str, dict[str, Any]]] = OrderedDict()
        self._hours = sorted({"/".join(name.removeprefix(WINDOWS).split("/")[:2]) for name in self._names})

    def read(self, name: str) -> bytes:
        """An object's bytes; KeyError when there is none."""
        return self._store.read(name.removeprefix(self._cut))

    def names(self, prefix: str) -> list[str]:
        """The names of the objects under a prefix, sorted."""
        cut = prefix.removeprefix(self._cut)
        return [self._cut + name for name in self._store.names(cut)]

    def forgotten(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Ids of what was taken down, each with the feeds that listed it."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for name in self.names(FORGOTTEN):
            with readable(name):
                found += [(one, tuple(feeds)) for one, feeds in sorted(orjson.loads(self.read(name))["ids"].items())]
        return tuple(found)

    @property
    def place(self) -> str:
        """The URI of what the archive lies in, also where that of ``archive/`` itself was given."""
        return self.uri.removesuffix("/archive") if self._cut else self.uri

    def stems(self) -> set[str]:
        """What the names of WARC objects that are there begin with, whether records were taken out of them or not."""
        return {archive.generation(name)[0] for name in self.names(f"{ROOT}dt=") if name.endswith(".warc.gz")}

    def expired(self, names: Collection[str]) -> set[str]:
        """Those of the names which manifests beside the archive, if there are any, say expired or were taken down."""
        beside, found = open_store(self.place), Expiries()
        for name in beside.names("manifests/v1/"):
            with readable(name):
                found.learn(orjson.loads(beside.read(name)))
        return {name for name in names if found.expired(name)}

    def windows(self) -> list[str]:
        """The names of the windows' objects in the order of their numbers, one of each number."""
        found: dict[int, list[str]] = defaultdict(list)
        for name in self._names:
            if shape := _WINDOW_NAME.fullmatch(name.removeprefix(WINDOWS)):
                found[int(shape[1])].append(name)
        chosen: list[str] = []
        for number in sorted(found, reverse=True):
            candidates = found[number]
            if len(candidates) > 1:
                wanted = self.window(chosen[-1]).previous if chosen else None
                candidates = [name for name in candidates if name == wanted] or candidates
            chosen.append(max(candidates, key=lambda n: self.window(n).written) if candidates[1:] else candidates[0])
        return chosen[::-1]

    def window(self, name: str) -> WindowRecord:
        """A window by its name."""
        return self._said(name, self.read(name))

    def windows_named(self, names: Sequence[str]) -> Iterator[WindowRecord]:
        """The windows of these names; several are read at a time."""
        for start in range(0, len(names), WINDOWS_AT_ONCE):
            wanted = names[start : start + WINDOWS_AT_ONCE]
            contents = self._store.read_all([name.removeprefix(self._cut) for name in wanted])
            yield from map(self._said, wanted, contents)

    @staticmethod
    def _said(name: str, content: bytes) -> WindowRecord:
        with readable(name):
            said = orjson.loads(content)
            return WindowRecord(
                name=name,
                sequence=said["sequence"],
                previous=said["previous"],
                window=(said["window"]["start"], said["window"]["end"]),
                written=said["written"],
                ticks=tuple((tick["at"], tick["catalogue"]) for tick in said["ticks"]),
                objects=tuple(said["objects"]),
                feeds=said["feeds"],
                pages=said["pages"],
                settings=said["settings"],
                acts=said.get("acts", {}),
            )

    def chain(self, names: Sequence[str]) -> Iterator[WindowRecord | None]:
        """The windows of these names; None in the place of one that the next one passes over, naming another before."""
        read = self.windows_named(names)
        window = next(read, None)
        while window is not None:
            following = next(read, None)
            passed_over = following is not None and following.previous not in {None, window.name}
            yield None if passed_over and following and following.previous in set(self._names) else window
            window = following

    def standing(self, name: str) -> str | None:
        """A WARC object's name, or that of what stands in for it since records were taken out; None when all went.

        See ``transforms.archive.rewritten_name``. Both are there while records are being taken out: then they are out.
        """
        found = [other for other in self.names(name.removesuffix(".warc.gz")) if other.endswith(".warc.gz")]
        return max(found, key=archive.generation, default=None)

    def whole(self, name: str) -> bytes:
        """A WARC object's bytes; DamagedArchiveError when they are not those whose hash its name bears."""
        content = self.read(name)
        hashed = _HASHED.search(name)
        if hashed is not None and hashlib.sha256(content).hexdigest()[:24] != hashed[1]:
            told = f"its {len(content)} bytes are not those whose hash its name bears"
            raise DamagedArchiveError(f"the archive is damaged: {name} was cut short or altered: {told}")
        return content

    def index(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """The index of a WARC object: its own, or one made from its records where it is missing."""
        lines = name.removesuffix(".warc.gz") + ".cdxj"
        try:
            content = self.read(lines)
        except KeyError:
            content = archive.index_of(self.whole(name), name)
        with readable(lines):
            return list(archive.read_cdxj(content))

    def locate(self, identifier: str, at: str) -> dict[str, Any] | None:
        """The index fields of a record, looked for in the windows that followed a time (RFC 3339)."""
        for hour in self.hours_after(at):
            if hour not in self._located:
                self._located[hour] = self.records_of(hour)
                while len(self._located) > HOURS_AFTER:
                    self._located.popitem(last=False)
            if fields := self._located[hour].get(identifier):
                return fields
        return None

    def records_of(self, hour: str) -> dict[str, dict[str, Any]]:
        """Record id -> index fields, with ``stamp`` (14 digits), of what lies under an hour (``dt=.../hour=...``)."""
        return {
            fields["id"]: {**fields, "stamp": stamp, "filename": name.removesuffix(".cdxj") + ".warc.gz"}
            for name in self.names(f"{ROOT}{hour}/")
            if name.endswith(".cdxj")
            for stamp, fields in archive.read_cdxj(self.read(name))
            if "id" in fields
        }

    def hours_after(self, at: str) -> list[str]:
        """Partitions (``dt=.../hour=...``) in which a record of a time may lie: the next ones that windows were committed in.

        A pass may last for hours, and one window may be committed after a later one.
        """
        first = f"{dt.datetime.fromisoformat(at):dt=%Y-%m-%d/hour=%H}"
        return self._hours[bisect.bisect_left(self._hours, first) :][:HOURS_AFTER]

    def member(self, fields: Mapping[str, Any]) -> bytes:
        """The member that index fields describe."""
        return self._store.read_span(fields["filename"].removeprefix(self._cut), fields["offset"], fields["length"])


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArchivedWeb:
    """The web as one window of an archive saw it; a plain value, as workers need it."""

    uri: str
    window: str
    later: frozenset[str] = frozenset()
    """Identities of pages that only a later window has: they wait for it."""

    def client(self, clock: Clock) -> Client:  # noqa: ARG002 - the seam's shape: answers bear their own time
        """The client of this process for the window."""
        return ArchivedClient.shared(self)


class ArchivedClient:
    """Answers what was asked in one window as it was answered then."""

    _shared: ClassVar["ArchivedClient | None"] = None
    _lock: ClassVar[threading.Lock] = threading.Lock()
    _bodies: ClassVar["OrderedDict[str, bytes]"] = OrderedDict()
    _archives: ClassVar[dict[str, Archive]] = {}

    def __init__(self, web: ArchivedWeb) -> None:
        self.web = web
        self.archive = self._archives.get(web.uri) or self._archives.setdefault(web.uri, Archive(web.uri))
        self._spool = tempfile.SpooledTemporaryFile(max_size=HELD_BYTES)  # noqa: SIM115 - as long as the client
        self._reading = threading.Lock()
        self._feeds: dict[tuple[str, str], tuple[int, int]] = {}
        self._pages: dict[str, dict[str, tuple[str, tuple[int, int]]]] = defaultdict(dict)
        self._records: dict[str, tuple[int, int]] = {}
        self._waiting: dict[str, set[str]] = defaultdict(set)
        for name in self.archive.window(web.window).objects:
            standing = self.archive.standing(name)
            if standing is not None:
                self._take(standing)

    @classmethod
    def shared(cls, web: ArchivedWeb) -> "ArchivedClient":
        """The process's client for a window; the one for the window before is let go."""
        with cls._lock:
            if cls._shared is None or cls._shared.web != web:
                cls._shared = cls(web)
            return cls._shared

    def recall(self, states: Mapping[str, HostState]) -> None:
        """What hosts asked for has been heeded then."""

    def host_states(self, names: Iterable[str]) -> list[HostState]:  # noqa: ARG002 - the seam's shape
        """Nothing: no host was met."""
        return []

    def fetch_all(
        self,
        requests: Iterable[Request],
        *,
        seconds: float = 1e9,  # noqa: ARG002 - the seam's shape
        blocked: Collection[str] = frozenset(),  # noqa: ARG002
        met: set[str] | None = None,  # noqa: ARG002
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """See ``exchanges.Client``; what was never asked in this window is NOT_ARCHIVED."""
        for request in requests:
            where = self._place(request)
            yield request, self._answer(where) if where else self._missing(request)

    def _place(self, request: Request) -> tuple[int, int] | None:
        """Where the answer lies that came at the request's tick, or at the next one if the page had to wait.

        An article that is edited between two ticks of one window is fetched at both of them.
        """
        if request.kind == "feed":
            return self._feeds.get((request.key.id, request.at))
        key, tick = identity(request.url), request.at
        found = self._pages.get(key, {})
        after = [at for at in found if at >= tick]
        if not found or (not after and key in self._waiting[tick]):
            return None
        return found[min(after) if after else max(found)][1]

    def _missing(self, request: Request) -> WebFailure:
        key = identity(request.url)
        if any(key in waiting for waiting in self._waiting.values()) or key in self.web.later:
            return WebFailure(reason="WAITING", message="not reached in this pass")
        return WebFailure(reason="NOT_ARCHIVED", message="the archived window has no answer to it")

    def _answer(self, where: tuple[int, int]) -> Response | WebFailure:
        kept = archive.read_member(self._member(where))
        answer = kept.answer
        if kept.refers_to is None or not isinstance(answer, Response):
            return answer
        body = self._body(*kept.refers_to)
        if body is None:  # what it repeats is gone from the archive, and so is what could be new in it
            return dataclasses.replace(answer, status=304)
        return dataclasses.replace(answer, body=body)

    def _body(self, identifier: str, at: str) -> bytes | None:
        """The body of a record that others repeat, of this window or of one before."""
        bodies = self._bodies
        if identifier in bodies:
            bodies.move_to_end(identifier)
            return bodies[identifier]
        where = self._records.get(identifier)
        if where is not None:
            body = archive.read_body(self._member(where))
        else:
            fields = self.archive.locate(identifier, at)
            if fields is None:
                return None
            try:
                body = archive.read_body(self.archive.member(fields))
            except KeyError:  # it expired, or records were taken out of it, while the archive is read
                return None
            except archive.NoRecordError as error:
                raise DamagedArchiveError(f"the archive is damaged: {fields['filename']}: {error}") from error
        bodies[identifier] = body
        while sum(map(len, bodies.values())) > HELD_BYTES and len(bodies) > 1:
            bodies.popitem(last=False)
        return body

    def _take(self, name: str) -> None:
        """Copy an object into the spool and note where its answers lie."""
        self._spool.seek(0, 2)
        base = self._spool.tell()
        self._spool.write(self.archive.whole(name))
        for stamp, fields in self.archive.index(name):
            where = base + fields["offset"], fields["length"]
            kind, asked = fields.get("kind"), fields.get("asked", fields["url"])
            self._records[fields["id"]] = where
            if kind == "waiting":
                addresses = orjson.loads(archive.read_body(self._member(where)))
                self._waiting[fields.get("tick", "")] |= set(map(identity, addresses))
            elif kind == "feed" and fields.get("feeds"):
                self._feeds[fields["feeds"][0], _moment(stamp)] = where
            elif kind == "page" and "feeds" in fields:
                of_page, tick = self._pages[identity(asked)], fields.get("tick", "")
                of_page[tick] = max(of_page.get(tick, ("", where)), (stamp, where))  # of two, the last one holds

    def _member(self, where: tuple[int, int]) -> bytes:
        with self._reading:
            self._spool.seek(where[0])
            return self._spool.read(where[1])


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Whatever is wrong with the content of an object in here: DamagedArchiveError that names it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cause = " ".join(str(error).split())[:150]
        raise DamagedArchiveError(
            f"the archive is damaged: {name} cannot be read ({type(error).__name__}: {cause})"
        ) from error


def identity(url: str) -> str:
    """What a page is looked up by: any address of it will do."""
    try:
        return urls.canonical_url(url).canonical
    except urls.BadUrlError:
        return url


def feeds_of(catalogue: bytes) -> tuple[Feed, ...]:
    """The feeds of an archived catalogue; what later versions may say of them is left out."""
    known = {field.name for field in dataclasses.fields(Feed)}
    listed = orjson.loads(catalogue)["feeds"]
    return tuple(Feed(**{name: value for name, value in plain.items() if name in known}) for plain in listed)


def answers_in(source: Archive, window: WindowRecord) -> Iterator[tuple[str, dict[str, Any]]]:
    """(time, index fields) of the answers a window holds, without the hops of redirects."""
    for name in window.objects:
        standing = source.standing(name)
        for stamp, fields in source.index(standing) if standing else ():
            if fields.get("kind") in {"feed", "page"} and "feeds" in fields:
                yield _moment(stamp), fields


def lost_in(source: Archive, window: WindowRecord) -> Iterator[Entry]:
    """The entries that were found in a window after a kill, and that none of its feeds tells of."""
    for name in window.objects:
        standing = source.standing(name)
        for _, fields in source.index(standing) if standing else ():
            if fields.get("kind") == ENTRIES:
                yield from map(entry_from_json, orjson.loads(archive.read_body(source.member(fields))))


def polled_in(source: Archive, window: WindowRecord) -> dict[str, tuple[str, ...]]:
    """Time of a tick -> ids of the feeds that were asked at it."""
    found: dict[str, set[str]] = defaultdict(set)
    for at, fields in answers_in(source, window):
        if fields["kind"] == "feed":
            found[at].update(fields["feeds"])
    return {at: tuple(sorted(feeds)) for at, feeds in found.items()}


def _moment(stamp: str) -> str:
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}Z"
