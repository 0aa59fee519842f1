"""Removing what killed writers left behind: objects that no manifest names, once they are old enough, and expired ones.

A window writes its objects before its manifest, so a young orphan may be a commit that is under way; that is what the
age is for. Rows carry the time they were committed, so a later window never makes the same table object again. A state
object or a catalogue it could make again (the same entries seen, a day later), and finding it there would not write it:
hence the second look at the manifests after the removal, which puts back what a window has come to name meanwhile. What
a manifest says expired goes whatever its age: its remover was killed before it came to it. An archive that lies
elsewhere (``--archive``) is not swept: it cannot be told whose it is.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import orjson

from transforms import inflight
from transforms.archiving import LANES
from transforms.datasets import MANIFESTS
from transforms.manifest_chain import LeftOver, left_over, names_in
from transforms.store import NAME, LocalStore, Store, open_store

_MADE_AGAIN = {"state/": "application/vnd.apache.parquet", "archive/v1/catalogues/": "application/json"}
"""Where objects lie whose names depend on no time, and what they are."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sweep:
    """What a sweep removed (or would, when dry): orphans and expired objects; and the orphans that are too young.

    Notes of entries on their way whose windows are committed count as orphans of whatever age.
    """

    removed: tuple[str, ...]
    expired: tuple[str, ...]
    young: tuple[str, ...]
    temporary: int = 0
    restored: tuple[str, ...] = ()


def sweep(store: Store, before: dt.datetime, *, dry_run: bool = False) -> Sweep:
    """Remove expired objects, orphans last written before a time, and a folder's half-written files from before it.

    NoDatasetError when there is no dataset; ValueError when a manifest is damaged or missing, for what it names
    cannot be told from orphans then.
    """
    manifests = store.names(MANIFESTS)
    found = left_over(store)
    ages = [(name, _written(store, name)) for name in found.orphans() if NAME.fullmatch(name)]
    old = tuple(name for name, written in ages if written is not None and written < before)
    young = tuple(name for name, written in ages if written is not None and written >= before)
    expired = (*found.expired(), *named_with_place(found.expired_elsewhere()))
    over = inflight.done(store, orjson.loads(store.read(manifests[-1]))["window"]["end"]) if manifests else []
    if dry_run:
        return Sweep(removed=(*old, *over), expired=expired, young=young)
    for name in over:
        store.remove(name)
    removed = remove_left_over(store, found, (*old, *found.expired()), manifests[-1] if manifests else "")
    temporary = store.sweep_temporary(before) if isinstance(store, LocalStore) else 0
    return Sweep(
        removed=(*(name for name in old if name in removed), *over),
        expired=tuple(name for name in expired if name in removed),
        young=young,
        temporary=temporary,
        restored=tuple(name for name in (*old, *expired) if name not in removed),
    )


def remove_left_over(store: Store, found: LeftOver, names: Sequence[str], newest: str) -> tuple[str, ...]:
    """Remove these objects, and what expired in archives elsewhere; gives what was removed.

    An object that a manifest after ``newest`` names is put back.
    """
    restored = remove_unnamed(store, names, newest)
    elsewhere = found.expired_elsewhere()
    for place, expired in elsewhere.items():
        archive = open_store(place)
        for name in expired:
            archive.remove(name)
    return (*(name for name in names if name not in restored), *named_with_place(elsewhere))


def named_with_place(elsewhere: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Objects of archives elsewhere by their full address."""
    return tuple(f"{place}/{name}" for place, names in elsewhere.items() for name in names)


def remove_unnamed(store: Store, names: Sequence[str], newest: str) -> tuple[str, ...]:
    """Remove objects; gives those it put back because a manifest after ``newest`` names them."""
    contents: dict[str, bytes] = {}
    for name in names:
        if name.startswith(tuple(_MADE_AGAIN)) and not name.startswith(LANES):
            try:
                contents[name] = store.read(name)
            except KeyError:  # gone since it was listed
                continue
        store.remove(name)
    restored = _named_meanwhile(store, newest, contents)
    for name in restored:
        store.create(name, contents[name], next(kind for at, kind in _MADE_AGAIN.items() if name.startswith(at)))
    return restored


def _written(store: Store, name: str) -> dt.datetime | None:
    try:
        return store.modified(name)
    except KeyError:  # gone since it was listed
        return None


def _named_meanwhile(store: Store, newest: str, removed: dict[str, bytes]) -> tuple[str, ...]:
    """Removed objects that a manifest written after ``newest`` names."""
    named: set[str] = set()
    for name in store.names(MANIFESTS, after=newest) if removed else ():
        named.update(names_in(orjson.loads(store.read(name))))
    return tuple(sorted(named & set(removed)))
