"""latest.json: which manifest is the newest, read so that a damaged one is one clear line."""

import dataclasses
import datetime as dt
import re
from typing import Any

import orjson

from transforms.store import Store, StoreUnavailableError

LATEST = "latest.json"
_MANIFEST = re.compile(r"manifests/v1/[A-Za-z0-9=/_-]+\.json")


class DamagedPointerError(StoreUnavailableError):
    """latest.json is not a pointer to a manifest; the message says what is wrong and how to mend it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pointer:
    """What latest.json says, and the version of it that was read."""

    sequence: int
    manifest: str
    written: str
    version: str

    def plain(self) -> dict[str, Any]:
        """As it stands in the bucket."""
        return {"sequence": self.sequence, "manifest": self.manifest, "written": self.written}


def read_pointer(store: Store) -> Pointer | None:
    """The pointer, or None when there is none; DamagedPointerError when there is something else in its place.

    It only saves a look at all manifests, so it can be removed: the next window writes it anew.
    """
    found = store.read_versioned(LATEST)
    if found is None:
        return None
    try:
        plain = orjson.loads(found.content)
        pointer = Pointer(
            sequence=plain["sequence"], manifest=plain["manifest"], written=plain["written"], version=found.version
        )
        dt.datetime.fromisoformat(pointer.written)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(store, f"{type(error).__name__}: {error}") from error
    if type(pointer.sequence) is not int or not _MANIFEST.fullmatch(str(pointer.manifest)):
        raise _damaged(store, f"it names no manifest: {str(pointer.manifest)[:80]!r}")
    return pointer


def _damaged(store: Store, why: str) -> DamagedPointerError:
    return DamagedPointerError(
        f"{store.uri}/{LATEST} is damaged ({' '.join(why.split())[:150]}): look at `sahelwatch verify`, then remove it; "
        "the manifests have all it says, and the next window writes it anew"
    )
