"""``index.json`` of a folder whose files are replaced (``contract/v1/``, ``exports/``): their bytes and checksums.

The files are replaced one by one. So the index is written first, with what it says of the files before (``earlier``),
and last, without: whoever is killed on the way leaves files that are either, and the next renewal knows.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from transforms.store import NAME, Store, crc32c

_LOOKS = 5

Json = dict[str, Any]
Measured = tuple[int, str]
"""(bytes, CRC32C in base64)"""
Fault = tuple[str, str]
"""(where, message)"""


class IndexBrokenError(ValueError):
    """An index is not what this program writes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileIndex:
    """What the files of a folder should be; ``earlier`` is what else they may be while ``renewing`` (None: not there).

    ``about`` is what else the index tells, at its top level.
    """

    files: Mapping[str, Measured]
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    earlier: frozenset[tuple[str, Measured | None]] = frozenset()
    renewing: bool = False

    @classmethod
    def parse(cls, content: bytes) -> "FileIndex":
        """The index from its bytes; IndexBrokenError when that is not one."""
        try:
            plain = orjson.loads(content)
            files = {str(one["name"]): (int(one["bytes"]), str(one["crc32c"])) for one in plain["files"]}
            return cls(
                files=files,
                about={key: value for key, value in plain.items() if key not in {"files", "earlier"}},
                earlier=frozenset((str(one["name"]), _measured(one)) for one in plain.get("earlier", ())),
                renewing="earlier" in plain,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexBrokenError(f"not an index of files: {error!r}"[:200]) from error

    def encode(self) -> bytes:
        """The bytes of the index."""
        plain: Json = {**self.about, "files": [_described(name, was) for name, was in sorted(self.files.items())]}
        if self.renewing:
            plain["earlier"] = [_described(*one) for one in sorted(self.earlier, key=repr)]
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n"

    def begun(self, before: "FileIndex | None") -> "FileIndex":
        """The index while the files are replaced, which may still be any that ``before`` speaks of."""
        had = before.files if before else {}
        told = {*(before.earlier if before else ()), *had.items(), *((name, None) for name in self.files.keys() - had)}
        return dataclasses.replace(self, earlier=frozenset(told), renewing=True)

    def knows(self, name: str) -> bool:
        """Whether a name is that of a file of the index, or of one before it."""
        return name in self.files or any(name == earlier for earlier, _ in self.earlier)

    def wrong(self, name: str, found: Measured | None) -> str:
        """What is wrong with a file of the index that was found with (bytes, CRC32C), "" when nothing is."""
        wanted = self.files[name]
        if found == wanted or (name, found) in self.earlier:
            return ""
        if found is None:
            return "does not exist, but index.json beside it names it"
        return f"was altered: {found[0]} bytes with CRC32C {found[1]}, not {wanted[0]} with {wanted[1]}"


def index_of(contents: Mapping[str, bytes], about: Mapping[str, Any] | None = None) -> FileIndex:
    """The index of files that are as they should be."""
    files = {name: (len(content), crc32c(content)) for name, content in contents.items()}
    return FileIndex(files=files, about=about or {})


def read_index(store: Store, folder: str) -> FileIndex | None:
    """The index of a folder (its name ends in /), None when there is none; IndexBrokenError when it cannot be read."""
    found = store.read_versioned(f"{folder}index.json")
    return FileIndex.parse(found.content) if found else None


def replace_files(
    store: Store,
    folder: str,
    contents: Mapping[str, bytes],
    content_type: Callable[[str], str],
    about: Mapping[str, Any] | None = None,
) -> list[str]:
    """Bring the files of a folder and their index up to date; gives the names of the files that changed, sorted."""
    index, name_of_index = index_of(contents, about), f"{folder}index.json"
    changed = {}
    for name, content in sorted(contents.items()):
        current = store.read_versioned(name)
        if current is None or current.content != content:
            changed[name] = current
    if changed:
        try:
            before = read_index(store, folder)
        except IndexBrokenError:
            before = None
        _put(store, name_of_index, index.begun(before).encode())
    for name, current in changed.items():
        store.replace(name, contents[name], content_type(name), current.version if current else None)
    _put(store, name_of_index, index.encode())
    return list(changed)


def folder_faults(store: Store, folder: str) -> Iterator[Fault]:
    """What is wrong with the files of a folder; that a renewal is under way, or was killed, is not."""
    where = f"{folder}index.json"
    for _ in range(_LOOKS):
        before = store.read_versioned(where)
        if before is None:
            yield folder, "there is no index.json that says what its files should be; the next run writes them anew"
            return
        try:
            index = FileIndex.parse(before.content)
        except IndexBrokenError as error:
            yield where, f"{error}; the next run writes it anew"
            return
        if strange := [name for name in index.files if not _lies_in(folder, name)]:
            yield where, f"names {strange[0]!r}, which is no file of its folder"
            return
        faults = [(name, fault) for name in index.files if (fault := index.wrong(name, store.measured(name)))]
        there = (name for name in store.names(folder) if name != where)
        faults += [(name, "is no file that index.json beside it names") for name in there if not index.knows(name)]
        after = store.read_versioned(where)
        if not faults or (after and after.content == before.content):
            yield from faults
            return


def _lies_in(folder: str, name: str) -> bool:
    return name.startswith(folder) and re.fullmatch(NAME, name) is not None


def _measured(plain: Json) -> Measured | None:
    return None if plain["bytes"] is None else (int(plain["bytes"]), str(plain["crc32c"]))


def _described(name: str, was: Measured | None) -> Json:
    size, checksum = was or (None, None)
    return {"name": name, "bytes": size, "crc32c": checksum}


def _put(store: Store, name: str, content: bytes) -> None:
    current = store.read_versioned(name)
    if current is None or current.content != content:
        store.replace(name, content, "application/json", current.version if current else None)
