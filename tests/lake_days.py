"""Days of a dataset in which rows are revised, withdrawn and brought back, and what its readers must find of them."""

import datetime as dt
import random

import orjson

from tests.handmade import Handmade, article, event, id_of, killed, story, text_of
from transforms.datasets import KEYS, MANIFESTS, read_rows
from transforms.records import FeedRow, RejectRow, TextRow

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


class LakeDays:
    """A writer of windows whose rows revise older ones at random; ``seed`` fixes what happens."""

    def __init__(self, folder=None, *, store=None, seed=0):
        self.made = Handmade(folder, store)
        self.store = self.made.store
        self.chance = random.Random(seed)
        self.articles = {}
        self.events = {}

    def day(self, number, *, windows=2, fresh=3, revised=3):
        """The windows of one day; gives the sequence of the last."""
        for window in range(windows):
            at = START + dt.timedelta(days=number, hours=5 + 3 * window)
            rows = self._observed(at)
            for count in range(fresh):
                rows += self._article(f"a{number}-{window}-{count}", at, "new")
            known = sorted(self.articles)
            for name in self.chance.sample(known, min(revised, len(known))):
                rows += self._article(name, at, self.chance.choice(["source_changed", "source_changed", "takedown"]))
            self.made.commit(*rows, at=at)
        return self.made.sequence

    def _observed(self, at):
        feed = FeedRow(feed_id="un", url="https://un.example/f", polled=text_of(at), status="ok", ingested=text_of(at))
        reject = RejectRow(stage="fetch", reason="TIMEOUT_TOTAL", feed_id="un", seen=text_of(at), ingested=text_of(at))
        return [feed, reject]

    def _article(self, name, at, reason):
        """The rows of one article: its next revision, and those of its events that change with it."""
        revision = self.articles.get(name, -1) + 1
        self.articles[name] = revision
        more = {
            "revision": revision,
            "revision_reason": reason,
            "op": "retract" if reason == "takedown" else "upsert",
            "ingested": text_of(at),
        }
        text = f"Texte de {name}, version {revision}."
        rows = [
            article(name, **more, title=f"Titre {name} {revision}"),
            TextRow(article_id=id_of(name), text=text, text_hash=id_of(text), **more),
            story(name, **more),
        ]
        return rows + self._events(name, more)

    def _events(self, name, more):
        rows = []
        for start in range(4):
            before = self.events.get((name, start))
            if before is None and self.chance.random() < 0.5:
                continue
            withdrawn = more["op"] == "retract" or (before is not None and self.chance.random() < 0.3)
            if withdrawn and before is None:
                continue
            revision = 0 if before is None else before + 1
            self.events[name, start] = revision
            own = {**more, "revision": revision, "op": "retract" if withdrawn else "upsert"}
            rows.append(event(name, "CIV.ATTACK", killed(self.chance.randrange(40)), start=start, **own))
        return rows


def expected(store, table, sequence):
    """The rows a reader finds who takes the latest row of each id in the windows up to a sequence."""
    latest = {}
    for name in sorted(store.names(MANIFESTS), key=lambda name: name.rpartition("/")[2]):
        manifest = orjson.loads(store.read(name))
        if manifest["sequence"] > sequence:
            break
        for described in manifest["objects"]:
            if described["table"] == table:
                for row in read_rows(store.read(described["name"])):
                    latest[row[KEYS[table]] if table in KEYS else row["seq"]] = row
    return sorted((row for row in latest.values() if row["op"] == "upsert"), key=lambda row: row["seq"])


def found(delta):
    """The rows of a Delta table as JSON objects, the partition held against the row."""
    rows = delta.to_pyarrow_table().to_pylist()
    for row in rows:
        assert str(row.pop("dt")) == row["ingested"][:10]
    return sorted(rows, key=lambda row: row["seq"])
