"""What a window amounts to, in a few figures: read once, since published objects never change."""

import dataclasses
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pyarrow.parquet as pq

from pipeline.upkeep import Upkeep, UpkeepReader
from transforms.clock import iso, parse_time
from transforms.datasets import MANIFESTS, Expiries, read_rows
from transforms.pointer import read_pointer
from transforms.records import Entry, FeedState
from transforms.store import Store

READERS = 8
"""Windows that are read at a time: a bucket answers slowly, but many requests at once."""
POLL_DAYS = 2
"""Rows of feeds are read for the last two days: every feed is asked once a day at least."""
SUSPICIONS = ("FEED_HIJACK_SUSPECT", "GUID_UNSTABLE", "CLOCK_SKEW")
"""What a poll may say of a feed that answers well and is to be looked at all the same."""


@dataclasses.dataclass(kw_only=True)
class Quality:
    """Articles of an outlet, and how many of them lack what good ones have."""

    articles: int = 0
    not_from_page: int = 0
    undated: int = 0
    unknown_language: int = 0
    with_event: int = 0
    events: int = 0

    def add(self, other: "Quality") -> None:
        """Sum up."""
        for field in dataclasses.fields(Quality):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclasses.dataclass(frozen=True, kw_only=True)
class WindowDigest:
    """One window's figures; articles are new ones, ``lags`` maps seconds from first seen to ingested to articles."""

    name: str
    sequence: int
    written: str
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    articles: int
    revised: int
    copies: int
    events: int
    lags: Mapping[int, int]
    outlets: Mapping[str, Quality]
    languages: Mapping[str, Mapping[str, int]]
    polls: Mapping[str, tuple[str, str, str]]
    suspicions: Mapping[tuple[str, str], int]
    """(feed, suspicion) -> polls that said so."""
    missing: int
    retained: bool
    """Whether retention ended anything in it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Committed:
    """What status is made of: digests of the last days in order, the newest manifest's feeds and queue, latest.json."""

    digests: tuple[WindowDigest, ...]
    states: Mapping[str, FeedState]
    queue: tuple[Entry, ...]
    pointer: Mapping[str, Any] | None
    newest: str | None
    upkeep: Upkeep


def digest_window(
    name: str, manifest: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]], missing: int = 0
) -> WindowDigest:
    """The figures of a window from its manifest and its rows of articles, stories, events and (perhaps) feeds."""
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for counted in manifest["counts"].values():
        outcomes.update({k: v for k, v in counted.items() if k != "reasons"})
        for outcome in ("dropped", "quarantined"):
            reasons.update(counted.get("reasons", {}).get(outcome, {}))
    articles = [row for row in tables.get("articles", ()) if row["op"] == "upsert"]
    new = [row for row in articles if row["revision"] == 0]
    events = Counter(row["article_id"] for row in tables.get("events", ()) if row["op"] == "upsert")
    outlets: dict[str, Quality] = {}
    languages: dict[str, Counter[str]] = {}
    lags: Counter[int] = Counter()
    for row in new:
        lags[_two_digits((parse_time(row["ingested"]) - parse_time(row["first_seen"])).total_seconds())] += 1
        found = events[row["article_id"]]
        outlets.setdefault(row["outlet"], Quality()).add(
            Quality(
                articles=1,
                not_from_page=row["body_from"] != "page",
                undated=row["published"] is None,
                unknown_language=row["language"] is None,
                with_event=found > 0,
                events=found,
            )
        )
        for feed_id in row["feed_ids"]:
            languages.setdefault(feed_id, Counter())[row["language"] or "unknown"] += 1
    return WindowDigest(
        name=name,
        sequence=manifest["sequence"],
        written=manifest["written"],
        outcomes=outcomes,
        reasons=reasons,
        articles=len(new),
        revised=len(articles) - len(new),
        copies=sum(
            row["relation"] != "original" and row["op"] == "upsert" and row["revision"] == 0
            for row in tables.get("stories", ())
        ),
        events=sum(events[row["article_id"]] for row in new),
        lags=lags,
        outlets=outlets,
        languages=languages,
        polls={row["feed_id"]: (row["polled"], row["status"], row["message"]) for row in tables.get("feeds", ())},
        suspicions=Counter(
            (row["feed_id"], flag)
            for row in tables.get("feeds", ())
            if row["status"] in {"ok", "not_modified"}
            for flag in SUSPICIONS
            if flag in row["message"].split(",")
        ),
        missing=missing,
        retained=any(expired["reason"] == "retention" for expired in manifest.get("expired", ())),
    )


def _two_digits(seconds: float) -> int:
    """Seconds rounded to two significant digits, so that a day's lags are a few hundred numbers."""
    whole = max(0, round(seconds))
    scale: int = 10 ** max(0, len(str(whole)) - 2)
    return round(whole / scale) * scale


class DigestReader:
    """Reads a dataset's last days; a second call reads only what was committed since."""

    def __init__(self, store: Store, days: int) -> None:
        self._store = store
        self._days = days
        self._digests: dict[str, WindowDigest] = {}
        self._expiries = Expiries()
        self._objects: dict[str, tuple[str, ...]] = {}
        self._states: dict[str, list[FeedState]] = {}
        self._upkeep = UpkeepReader(store)

    def read(self, now: dt.datetime) -> Committed:
        """The dataset as it is committed at this moment."""
        pointer = read_pointer(self._store)
        latest = pointer.plain() if pointer else None
        first = f"{MANIFESTS}dt={now - dt.timedelta(days=self._days):%Y-%m-%d}"
        names = self._store.names(MANIFESTS, after=first)
        newest = max([*names, latest["manifest"] if latest else ""]) or None
        polled_since = iso(now - dt.timedelta(days=POLL_DAYS))
        fresh = [name for name in names if name not in self._digests]
        with ThreadPoolExecutor(READERS) as readers:
            manifests = dict(zip(fresh, map(orjson.loads, readers.map(self._store.read, fresh)), strict=True))
            for name, manifest in manifests.items():
                self._expiries.learn(manifest)
                self._objects[name] = tuple(described["name"] for described in manifest["objects"])
            if any(manifest.get("expired") for manifest in manifests.values()):  # windows may have lost rows since
                spoilt = [name for name in self._digests if any(map(self._expiries.expired, self._objects[name]))]
                manifests |= {name: orjson.loads(self._store.read(name)) for name in spoilt}
            digests = readers.map(
                lambda name: self._digest(name, manifests[name], polled_since, last=name == newest), manifests
            )
            read = dict(zip(manifests, digests, strict=True))
        self._digests = {name: read.get(name) or self._digests[name] for name in names}
        self._objects = {name: self._objects[name] for name in names}
        manifest = orjson.loads(self._store.read(newest)) if newest else {"state": []}
        return Committed(
            digests=tuple(self._digests[name] for name in names),
            states=self._feed_states(manifest),
            queue=tuple(self._queue(manifest)),
            pointer=latest,
            newest=newest,
            upkeep=self._upkeep.read(),
        )

    def _digest(self, name: str, manifest: Mapping[str, Any], polled_since: str, *, last: bool) -> WindowDigest:
        wanted = {"articles", "stories", "events"}
        if last or manifest["written"] >= polled_since:
            wanted.add("feeds")
        tables: dict[str, list[dict[str, Any]]] = {}
        missing = 0
        for described in self._expiries.settled(manifest["objects"]):
            if described["table"] not in wanted:
                continue
            try:
                tables.setdefault(described["table"], []).extend(read_rows(self._store.read(described["name"])))
            except KeyError:  # no manifest read so far says that it expired
                missing += 1
        return digest_window(name, manifest, tables, missing)

    def _feed_states(self, manifest: Mapping[str, Any]) -> dict[str, FeedState]:
        names = [part["name"] for part in manifest["state"] if part["kind"] == "feeds"]
        self._states = {name: self._states.get(name) or list(self._states_in(name)) for name in names}
        return {state.feed_id: state for name in names for state in self._states[name]}

    def _states_in(self, name: str) -> Iterator[FeedState]:
        fields = {field.name for field in dataclasses.fields(FeedState)}
        for row in _parquet(self._store.read(name)):
            yield FeedState(**{k: v for k, v in orjson.loads(row["state"]).items() if k in fields})

    def _queue(self, manifest: Mapping[str, Any]) -> Iterator[Entry]:
        fields = {field.name for field in dataclasses.fields(Entry)}
        for part in manifest["state"]:
            if part["kind"] == "queue":
                for row in _parquet(self._store.read(part["name"])):
                    yield Entry(**{k: v for k, v in orjson.loads(row["entry"]).items() if k in fields})


def _parquet(content: bytes) -> Iterable[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows
