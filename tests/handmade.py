"""A dataset written row by row, for tests of what readers make of it: relations and figures as the test says."""

import datetime as dt
import gzip

import orjson

from transforms.records import (
    ArticleRow,
    Event,
    EventRow,
    Evidence,
    Location,
    Quantity,
    StoryRow,
    article_id_of,
    event_id_of,
    to_json,
)
from transforms.schema import TABLES
from transforms.store import LocalStore, crc32c

NOW = dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)
TERA = Location(
    name="Téra", country="NE", admin1="Tillabéri", admin2="Téra", latitude=14.0078, longitude=0.7531,
    precision="place", geoname_id=2439376,
)  # fmt: skip


def text_of(moment):
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(text, day=20):
    """A time of the test's month from ``HH:MM``."""
    return f"2026-11-{day:02d}T{text}:00Z"


def id_of(name):
    """The article id of a short name."""
    return article_id_of(f"https://essai.example/{name}")


def article(name, published="08:00", seen="18:00", *, outlet=None, family=None, ownership="private", **more):
    """An article that stands at its own address; times are of the 20th."""
    url = f"https://essai.example/{name}"
    return ArticleRow(**{
        "article_id": id_of(name), "url": url, "canonical_url": url, "feed_ids": ("un",), "entry_ids": (id_of(name),),
        "outlet": outlet or name, "publisher_family": family or outlet or name, "ownership": ownership, "country": "NE",
        "title": f"Titre {name}", "authors": ("Awa Signataire",), "published": clock(published),
        "published_from": "feed", "published_precision": "second", "first_seen": clock(seen), "fetched": clock(seen),
        "language": "fr", "text_hash": id_of(name), "is_security": True, "ingested": clock(seen), **more,
    })  # fmt: skip


def story(name, of=None, relation="original", root=None, **more):
    """Which story an article belongs to: its own, or that of ``root`` (default ``of``), of which it repeats ``of``."""
    return StoryRow(**{
        "article_id": id_of(name), "story_id": id_of(root or of or name), "duplicate_of": id_of(of) if of else None,
        "relation": relation, "similarity": 1.0, "ingested": clock("18:00"), **more,
    })  # fmt: skip


def killed(low, high=None, who="civilian", **more):
    """A number of dead; without ``high`` an exact one."""
    return Quantity(kind="killed", low=low, high=low if high is None else high, who=who, **more)


def event(
    name, event_type="CIV.ATTACK", *figures, start=0, root=None, sentence="Des hommes armés ont attaqué.", **more
):
    """An event read in an article, at Téra on the 18th unless said otherwise."""
    fields = {
        "event_id": event_id_of(id_of(name), event_type, "text", start), "article_id": id_of(name),
        "event_type": event_type, "acled_type": "Violence against civilians", "acled_sub_type": "Attack",
        "target_class": "civilian", "location": TERA, "date_start": "2026-11-18", "date_end": "2026-11-18",
        "date_precision": "day", "quantities": figures, "confidence": 0.8, "language": "fr",
        "evidence": (Evidence(part="text", sentence=sentence, start=start, end=start + len(sentence)),),
        "rules": ("CIV.ATTACK/fr/s/massacre*",), "story_id": id_of(root or name),
        "url": f"https://essai.example/{name}", "outlet": name, "published": clock("08:00"),
        "ingested": clock("18:00"), **more,
    }  # fmt: skip
    return EventRow(**fields)


def retraction(row, revision, reason="source_changed"):
    """The row that withdraws an event."""
    gone = Event(event_id=row.event_id, article_id=row.article_id, event_type="", rules=("vanished",))
    kept = {f: getattr(gone, f) for f in gone.__dataclass_fields__}
    more = {f: getattr(row, f) for f in ("story_id", "url", "outlet", "ingested")}
    return EventRow(**kept, **more, op="retract", revision=revision, revision_reason=reason)


class Handmade:
    """A dataset in a folder; ``commit`` writes one window's rows, objects first, then the manifest."""

    def __init__(self, folder, store=None):
        self.store = store or LocalStore(folder)
        self.root = folder
        self.sequence = 0

    def commit(self, *rows, at=NOW):
        """Write rows of any tables as one window; gives the manifest."""
        self.sequence += 1
        hour, objects = f"dt={at:%Y-%m-%d}/hour={at:%H}", []
        tables = {row.__name__: table for table, row in TABLES.items()}
        found = {}
        for number, row in enumerate(rows):
            plain = to_json(row) | {"seq": (self.sequence << 24) + number}
            found.setdefault(tables[type(row).__name__], []).append(plain)
        for table, plains in found.items():
            name = f"{table}/v1/{hour}/0-{self.sequence:024x}.jsonl.gz"
            content = self.orphan(name, plains)
            described = {"name": name, "bytes": len(content), "crc32c": crc32c(content), "records": len(plains)}
            objects.append({"table": table, **described})
        name = f"manifests/v1/{hour}/{self.sequence:010d}.json"
        manifest = {"sequence": self.sequence, "objects": objects, "written": text_of(at), "counts": {}, "state": []}
        self.store.create(name, orjson.dumps(manifest, option=orjson.OPT_INDENT_2), "application/json")
        return manifest

    def orphan(self, name, plains):
        """Write an object without naming it anywhere; gives its bytes."""
        content = gzip.compress(b"".join(orjson.dumps(plain) + b"\n" for plain in plains), 1, mtime=0)
        self.store.create(name, content, "application/gzip")
        return content
