"""Reading a dataset back: its manifests, its rows, and what is current of them. No Beam in here."""

import gzip
from collections.abc import Iterator
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


def manifests(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, manifest) of every window in the order of their sequence."""
    for name in sorted(store.names(MANIFESTS), key=lambda name: name.rpartition("/")[2]):
        yield name, orjson.loads(store.read(name))


def read_rows(content: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a table's object (gzipped JSON Lines)."""
    for line in gzip.decompress(content).split(b"\n"):
        if line:
            yield orjson.loads(line)


def rows(store: Store, table: str) -> Iterator[dict[str, Any]]:
    """All published rows of a table, every revision, in the order of the manifests."""
    for _, manifest in manifests(store):
        for described in manifest["objects"]:
            if described["table"] == table:
                yield from read_rows(store.read(described["name"]))


def current_rows(store: Store, table: str) -> dict[str, dict[str, Any]]:
    """Id -> the latest row (highest revision, then seq) of each id; ids whose latest row retracts them are left out.

    Rows of feeds and rejects have no id: each stands under its seq, written as a decimal number.
    """
    key = KEYS.get(table, "seq")
    latest: dict[str, dict[str, Any]] = {}
    for row in rows(store, table):
        row_id = str(row[key])
        before = latest.get(row_id)
        if before is None or (before["revision"], before["seq"]) < (row["revision"], row["seq"]):
            latest[row_id] = row
    return {row_id: row for row_id, row in latest.items() if row["op"] == "upsert"}
