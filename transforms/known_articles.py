"""What is remembered of every published article, packed: a process that commits or polls holds all of them.

A dataclass of texts took 3.5 kB an article. Here ids are their 16 bytes, and what many articles share (the object their
rows lie in, their feeds) is held once: under a kilobyte with the sketch, half of that once the sketch has left the horizon.
"""

import dataclasses
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

_HEAD = struct.Struct("<II16s16s20s")
_SEEN_AT = _HEAD.size - 20
Packed = tuple[bytes, str, tuple[str, ...], bytes]
"""Head and event ids, name of the object, feeds, sketch."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class KnownArticle:
    """What is remembered of a published article.

    ``object`` is the name of the object its latest row lies in, "" when that has expired; ``sketch`` is b"" when it has
    none or left the horizon.
    """

    article_id: str
    revision: int
    content_hash: str
    story_id: str
    feed_ids: tuple[str, ...]
    event_ids: tuple[str, ...]
    event_revision: int
    object: str
    seen: str
    sketch: bytes


class KnownArticles(MutableMapping[str, KnownArticle]):
    """Article id (32 hexadecimal digits) -> what is remembered of it."""

    def __init__(self) -> None:
        self._packed: dict[bytes, Packed] = {}
        self._feeds: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __setitem__(self, article_id: str, article: KnownArticle) -> None:
        fixed = _HEAD.pack(
            article.revision, article.event_revision, bytes.fromhex(article.content_hash),
            bytes.fromhex(article.story_id), article.seen.encode("ascii"),
        )  # fmt: skip
        events = b"".join(bytes.fromhex(event_id) for event_id in article.event_ids)
        feed_ids = self._feeds.setdefault(article.feed_ids, article.feed_ids)
        self._packed[bytes.fromhex(article_id)] = fixed + events, sys.intern(article.object), feed_ids, article.sketch

    def __getitem__(self, article_id: str) -> KnownArticle:
        fixed, name, feed_ids, sketch = self._packed[_key(article_id)]
        revision, event_revision, content_hash, story_id, seen = _HEAD.unpack_from(fixed)
        events = fixed[_HEAD.size :]
        return KnownArticle(
            article_id=article_id,
            revision=revision,
            content_hash=content_hash.hex(),
            story_id=story_id.hex(),
            feed_ids=feed_ids,
            event_ids=tuple(events[n : n + 16].hex() for n in range(0, len(events), 16)),
            event_revision=event_revision,
            object=name,
            seen=seen.rstrip(b"\0").decode("ascii"),
            sketch=sketch,
        )

    def put(self, key: bytes, packed: Packed) -> None:
        """Take an article over as ``packed_columns`` gives it."""
        fixed, name, feed_ids, sketch = packed
        self._packed[key] = fixed, sys.intern(name), self._feeds.setdefault(feed_ids, feed_ids), sketch

    def copy(self) -> "KnownArticles":
        """The same articles, to be changed without changing these."""
        made = KnownArticles()
        made._packed, made._feeds = self._packed.copy(), self._feeds.copy()
        return made

    def in_order(self) -> Iterator[KnownArticle]:
        """The articles by their ids, unpacked one at a time: all of them unpacked take five times the room."""
        return (self[key.hex()] for key in sorted(self._packed))

    def rewrite(self, change: Callable[[KnownArticle], KnownArticle | None]) -> None:
        """Put in the place of each article what ``change`` gives for it; None removes it."""
        for key in list(self._packed):
            changed = change(self[key.hex()])
            if changed is None:
                del self._packed[key]
            else:
                self[key.hex()] = changed

    def __delitem__(self, article_id: str) -> None:
        del self._packed[_key(article_id)]

    def __iter__(self) -> Iterator[str]:
        return (key.hex() for key in self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def drop_sketches(self, before: str, lives: Callable[[str], bool]) -> None:
        """Let go of the sketches of articles first seen before a time, unless the story with that id still lives.

        An old original is compared with as long as a copy of it is young; a restart must find it, too.
        """
        limit = before.encode("ascii")
        for key, (fixed, name, feed_ids, sketch) in self._packed.items():
            if sketch and fixed[_SEEN_AT : _HEAD.size] < limit and not lives(fixed[24:40].hex()):
                self._packed[key] = fixed, name, feed_ids, b""

    def take_before(self, before: str, lives: Callable[[str], bool]) -> list[tuple[str, str]]:
        """Remove the articles first seen before a time, but for those of stories that still live; (id, content hash)."""
        limit = before.encode("ascii")
        old = [
            (key, fixed[8:24])
            for key, (fixed, *_) in self._packed.items()
            if fixed[_SEEN_AT : _HEAD.size] < limit and not lives(fixed[24:40].hex())
        ]
        for key, _ in old:
            del self._packed[key]
        return [(key.hex(), content_hash.hex()) for key, content_hash in old]


def packed_columns(columns: Mapping[str, Sequence[Any]]) -> Iterator[tuple[bytes, Packed]]:
    """Id (16 bytes) and packed article of each row, of columns named as the fields, ids in them as bytes.

    A state is read back so in a third of the time that records of texts take.
    """
    names = (
        "revision", "event_revision", "content_hash", "story_id", "seen", "article_id", "event_ids", "object", "feed_ids",
        "sketch",
    )  # fmt: skip
    for revision, event_revision, content_hash, story_id, seen, key, events, name, feed_ids, sketch in zip(
        *(columns[name] for name in names), strict=True
    ):
        fixed = _HEAD.pack(revision, event_revision, content_hash, story_id, seen.encode("ascii"))
        yield key, (fixed + b"".join(events), name, tuple(feed_ids), sketch or b"")


def story_of(packed: Packed) -> tuple[str, str]:
    """Of a packed article its story's id, and when it was first seen."""
    fixed = packed[0]
    return fixed[24:40].hex(), fixed[_SEEN_AT : _HEAD.size].rstrip(b"\0").decode("ascii")


def _key(article_id: str) -> bytes:
    try:
        return bytes.fromhex(article_id)
    except ValueError:
        raise KeyError(article_id) from None
