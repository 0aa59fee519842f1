"""Reading a dataset back: its manifests, the objects there are, their rows, and what is current. No Beam in here.

An object exists when a manifest names it and no manifest says that it expired. What expired is gone for one of three
reasons: its time was over (``retention``), all its rows were taken down (``forgotten``), or some were (``replaced``);
then the manifest that says so names another object, which holds the other rows and stands in the expired one's place.
"""

import dataclasses
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from transforms.store import Store

MANIFESTS = "manifests/v1/"
KEYS: dict[str, str] = {
    "articles": "article_id",
    "texts": "article_id",
    "stories": "article_id",
    "events": "event_id",
}
"""The id column of the tables whose rows are revised; rows of feeds and rejects are observations, each its own."""
EXPIRY_REASONS = ("retention", "forgotten", "replaced")
READ_AHEAD = 64
"""Manifests that are asked for at once: a bucket answers slowly, but many requests at a time."""

Json = dict[str, Any]


class Expiries:
    """What manifests say expired, and what stands in for it; to be taught all manifests before it is asked."""

    def __init__(self) -> None:
        self._gone: dict[str, tuple[int, Json]] = {}
        self._stand_ins: dict[str, Json] = {}
        self.forgotten: dict[str, int] = {}
        """Article id -> sequence of the window that took it down."""

    def learn(self, manifest: Mapping[str, Any]) -> None:
        """Take over what a manifest says; manifests come in the order of their sequence."""
        standing = set()
        for expired in manifest.get("expired", ()):
            self._gone[expired["object"]] = (manifest["sequence"], expired)
            standing.update(expired["replaced_by"])
        if standing:
            named = (*manifest["objects"], *manifest.get("archive", ()))
            self._stand_ins.update((found["name"], found) for found in named if found["name"] in standing)
        for article_id in manifest.get("forgotten", ()):
            self.forgotten.setdefault(article_id, manifest["sequence"])

    def expired(self, name: str, sequence: int = 0) -> Json | None:
        """The word of the manifest by which an object that window ``sequence`` names is gone, None while it exists.

        State objects are named by their content alone, so one that expired may come to be again in a later window.
        """
        since, expired = self._gone.get(name, (0, None))
        return expired if since > sequence else None

    def removed(self, name: str) -> int | None:
        """How many rows were taken down of an object that a window names; None when retention ended what was left."""
        expired = self.expired(name)
        if expired is None:
            return 0
        if expired["reason"] == "retention":
            return None
        removed: int = expired["removed"]
        for other in expired["replaced_by"]:
            later = self.removed(other)
            if later is None:
                return None
            removed += later
        return removed

    def stands_in(self, name: str) -> bool:
        """Whether an object holds rows of an earlier window, in the place of one that expired."""
        return name in self._stand_ins

    def settled(self, named: Iterable[Json]) -> list[Json]:
        """What there is of the objects that windows name: each stand-in where the expired one stood, once."""
        found: list[Json] = []
        for described in named:
            if not self.stands_in(described["name"]):
                found += self._instead(described)
        return found

    def _instead(self, described: Json) -> list[Json]:
        expired = self.expired(described["name"])
        if expired is None:
            return [described]
        standing = (self._stand_ins[name] for name in expired["replaced_by"] if name in self._stand_ins)
        return [one for described in standing for one in self._instead(described)]


def manifests(store: Store, after: str = "") -> Iterator[tuple[str, Json]]:
    """(name, manifest) of every window from ``after`` (the beginning of a name) on, in the order of their sequence."""
    names = sorted(store.names(MANIFESTS, after=after), key=lambda name: name.rpartition("/")[2])
    for start in range(0, len(names), READ_AHEAD):
        wanted = names[start : start + READ_AHEAD]
        for name, content in zip(wanted, store.read_all(wanted), strict=True):
            yield name, orjson.loads(content)


def objects(store: Store, tables: Iterable[str], after: str = "") -> list[Json]:
    """The objects there are of some tables, as manifests describe them, in the order of their rows' seq.

    ``after`` is the beginning of the first manifest's name to look at; rows of earlier windows are not among them.
    """
    wanted, expiries, named = set(tables), Expiries(), []
    for _, manifest in manifests(store, after):
        expiries.learn(manifest)
        named += [described for described in manifest["objects"] if described["table"] in wanted]
    return expiries.settled(named)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Existing:
    """An object there is: its name, its kind (a table, ``archive`` or ``state``) and when a window last named it.

    ``place`` is where an archive lies that does not lie with the records, else "".
    """

    name: str
    kind: str
    written: str
    place: str = ""


def existing(store: Store) -> dict[str, Existing]:
    """Name -> object, of all that exist by the manifests, in the order in which windows named them first."""
    found: dict[str, Existing] = {}
    for _, manifest in manifests(store):
        for expired in manifest.get("expired", ()):
            found.pop(expired["object"], None)
        named = [(described["table"], described["name"]) for described in manifest["objects"]]
        named += [(kind, described["name"]) for kind in ("archive", "state") for described in manifest[kind]]
        for kind, name in named:
            place = str(manifest.get("archive_uri") or "") if kind == "archive" else ""
            found[name] = Existing(name=name, kind=kind, written=manifest["written"], place=place)
    return found


def read_rows(content: bytes) -> Iterator[Json]:
    """The rows of a table's object (gzipped JSON Lines)."""
    for line in gzip.decompress(content).split(b"\n"):
        if line:
            yield orjson.loads(line)


def rows_of(store: Store, found: Sequence[Json]) -> Iterator[Json]:
    """The rows of objects; one that expired since it was looked up gives way to what stands in for it.

    KeyError when an object is missing that no manifest says expired.
    """
    for described in found:
        try:
            content = store.read(described["name"])
        except KeyError:
            expiries = Expiries()
            for _, manifest in manifests(store):
                expiries.learn(manifest)
            if expiries.expired(described["name"]) is None:
                raise
            yield from rows_of(store, expiries.settled([described]))
        else:
            yield from read_rows(content)


def rows(store: Store, table: str) -> Iterator[Json]:
    """All published rows of a table, every revision, in the order of their seq."""
    return rows_of(store, objects(store, (table,)))


def current_rows(store: Store, table: str) -> dict[str, Json]:
    """Id -> the latest row (highest revision, then seq) of each id; ids whose latest row retracts them are left out.

    Rows of feeds and rejects have no id: each stands under its seq, written as a decimal number.
    """
    key = KEYS.get(table, "seq")
    latest: dict[str, Json] = {}
    for row in rows(store, table):
        row_id = str(row[key])
        before = latest.get(row_id)
        if before is None or (before["revision"], before["seq"]) < (row["revision"], row["seq"]):
            latest[row_id] = row
    return {row_id: row for row_id, row in latest.items() if row["op"] == "upsert"}
