"""A store that counts what is asked of it, as Cloud Storage would put it on the bill."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence

from transforms.store import Store, Versioned


@dataclasses.dataclass
class CountingStore:
    """Passes everything on; ``operations`` by class (A: writes and lists, B: reads), ``written`` bytes by prefix."""

    inner: Store

    def __post_init__(self) -> None:
        self.uri = self.inner.uri
        self.operations: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.objects: Counter[str] = Counter()

    def check(self) -> None:
        """See Store."""
        self.inner.check()

    def create(self, name: str, content: bytes, content_type: str) -> None:
        """See Store."""
        self._wrote(name, content)
        self.inner.create(name, content, content_type)

    def read(self, name: str) -> bytes:
        """See Store."""
        self.operations["B"] += 1
        return self.inner.read(name)

    def read_span(self, name: str, offset: int, length: int) -> bytes:
        """See Store."""
        self.operations["B"] += 1
        return self.inner.read_span(name, offset, length)

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """See Store."""
        self.operations["B"] += len(names)
        return self.inner.read_all(names)

    def read_versioned(self, name: str) -> Versioned | None:
        """See Store."""
        self.operations["B"] += 1
        return self.inner.read_versioned(name)

    def replace(self, name: str, content: bytes, content_type: str, version: str | None) -> None:
        """See Store."""
        self._wrote(name, content)
        self.inner.replace(name, content, content_type, version)

    def names(self, prefix: str, after: str = "") -> list[str]:
        """See Store; a list gives a thousand names a call."""
        found = self.inner.names(prefix, after)
        self.operations["A"] += 1 + len(found) // 1000
        return found

    def measured(self, name: str) -> tuple[int, str] | None:
        """See Store."""
        self.operations["B"] += 1
        return self.inner.measured(name)

    def modified(self, name: str) -> dt.datetime:
        """See Store."""
        self.operations["B"] += 1
        return self.inner.modified(name)

    def remove(self, name: str) -> None:
        """See Store; deleting is free."""
        self.inner.remove(name)

    def _wrote(self, name: str, content: bytes) -> None:
        self.operations["A"] += 1
        prefix = name.partition("/")[0]
        self.written[prefix] += len(content)
        self.objects[prefix] += 1
