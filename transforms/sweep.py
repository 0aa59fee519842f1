"""Removing what killed writers left behind: objects that no manifest names, once they are old enough.

A window writes its objects before its manifest, so a young orphan may be a commit that is under way; that is what the
age is for. Rows carry the time they were committed, so a later window never makes the same table object again. A state
object it could make again (the same entries seen, a day later), and finding it there would not write it: hence the
second look at the manifests after the removal, which puts back what a window has come to name meanwhile.
"""

import dataclasses
import datetime as dt

import orjson

from transforms.datasets import MANIFESTS
from transforms.manifest_chain import orphans
from transforms.store import NAME, LocalStore, Store


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sweep:
    """What a sweep removed (or would, when dry), and the orphans it left because they are too young."""

    removed: tuple[str, ...]
    young: tuple[str, ...]
    temporary: int = 0
    restored: tuple[str, ...] = ()


def sweep(store: Store, before: dt.datetime, *, dry_run: bool = False) -> Sweep:
    """Remove orphan objects last written before a time, and a folder's half-written files from before it.

    NoDatasetError when there is no dataset; ValueError when a manifest is damaged or missing, for what it names
    cannot be told from orphans then.
    """
    manifests = store.names(MANIFESTS)
    found = [name for name in orphans(store) if NAME.fullmatch(name)]
    ages = [(name, _written(store, name)) for name in found]
    old = tuple(name for name, written in ages if written is not None and written < before)
    young = tuple(name for name, written in ages if written is not None and written >= before)
    if dry_run:
        return Sweep(removed=old, young=young)
    contents = {name: store.read(name) for name in old if name.startswith("state/")}
    for name in old:
        store.remove(name)
    restored = _named_meanwhile(store, manifests[-1] if manifests else "", contents)
    for name in restored:
        store.create(name, contents[name], "application/vnd.apache.parquet")
    temporary = store.sweep_temporary(before) if isinstance(store, LocalStore) else 0
    removed = tuple(name for name in old if name not in restored)
    return Sweep(removed=removed, young=young, temporary=temporary, restored=restored)


def _written(store: Store, name: str) -> dt.datetime | None:
    try:
        return store.modified(name)
    except KeyError:  # gone since it was listed
        return None


def _named_meanwhile(store: Store, newest: str, removed: dict[str, bytes]) -> tuple[str, ...]:
    """Removed objects that a manifest written after ``newest`` names."""
    named: set[str] = set()
    for name in store.names(MANIFESTS, after=newest) if removed else ():
        named.update(described["name"] for described in orjson.loads(store.read(name))["state"])
    return tuple(sorted(named & set(removed)))
