"""The stories of the committed days, indexed by the shingles of their original and their largest version."""

import dataclasses
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from transforms.compare_sketches import compare, judge
from transforms.sketches import Sketch

POSTINGS_READ = 64
"""Of a longer list no more is read: it belongs to more than ``STOP_STORIES`` stories anyway."""
_SEGMENT_DOCUMENTS = 512
"""A dictionary takes ten times the room of a segment, and what it leaves behind when it is given up is in pieces."""
_BITS, _NUMBER = np.uint64(32), np.uint64(0xFFFFFFFF)
"""A posting has the hash above these bits, and the number in them."""

Keys = npt.NDArray[np.uint64]


@dataclasses.dataclass(slots=True, eq=False)
class Version:
    """A member that represents its story; ``number`` is its place in the index."""

    article_id: str
    story_id: str
    outlet: str
    seen: str
    tokens: int
    packed: bytes
    number: int

    def sketch(self) -> Sketch:
        """The sketch, unpacked."""
        return Sketch.unpack(self.article_id, self.packed)


@dataclasses.dataclass(slots=True, eq=False)
class _Story:
    """``waiting`` are members that came before their original (a state is read back in the order of ids)."""

    original: Version | None = None
    largest: Version | None = None
    waiting: tuple[Version, ...] = ()
    latest: str = ""

    def versions(self) -> list[Version]:
        """Those a new article is compared with."""
        return [version for version in (self.original, self.largest, *self.waiting) if version is not None]

    def copy(self) -> "_Story":
        return dataclasses.replace(self)


class _Postings:
    """An inverted index from shingle hash to version number, as sorted arrays of ``hash << 32 | number``.

    The newest documents lie in a dictionary; when that is full it becomes a segment, and segments of like size are
    merged, so that a look-up searches a handful of arrays. Eight bytes a posting, against a hundred in dictionaries.
    """

    def __init__(self) -> None:
        self._segments: list[Keys] = []
        self._recent: dict[int, int] = {}
        self._repeated: dict[int, list[int]] = {}
        """Of the recent: the first document that carries a hash, and those after it; most hashes have one."""
        self._recent_documents = 0

    def add(self, hashes: Iterable[int], number: int) -> None:
        for h in hashes:
            if self._recent.setdefault(h, number) != number:
                self._repeated.setdefault(h, []).append(number)
        self._recent_documents += 1
        if self._recent_documents >= _SEGMENT_DOCUMENTS:
            pairs = [h << 32 | n for h, n in self._recent.items()]
            pairs += [h << 32 | n for h, numbers in self._repeated.items() for n in numbers]
            segment = np.sort(np.array(pairs, dtype=np.uint64))
            while pairs and self._segments and len(self._segments[-1]) < 2 * len(segment):
                segment = np.sort(np.concatenate((self._segments.pop(), segment)), kind="stable")
            self._segments += [segment] if pairs else []
            self._recent, self._repeated, self._recent_documents = {}, {}, 0

    def add_all(self, documents: Iterable[tuple[npt.NDArray[np.uint32], int]]) -> None:
        """Add many documents as one segment: a hundred times faster than one by one through the dictionary."""
        parts = [hashes.astype(np.uint64) << np.uint64(32) | np.uint64(number) for hashes, number in documents]
        if any(map(len, parts)):
            self._segments.append(np.sort(np.concatenate(parts)))

    def look_up(self, hashes: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        """(hash, version numbers), a hash at most once a segment."""
        for h in hashes:
            if (number := self._recent.get(h)) is not None:
                yield h, [number, *self._repeated.get(h, ())]
        wanted = np.array(hashes, dtype=np.uint64)
        for segment in self._segments:
            starts = np.searchsorted(segment, wanted << _BITS)
            found, following = (segment.take(places, mode="clip") for places in (starts, starts + 1))
            there = np.nonzero(found >> _BITS == wanted)[0]
            several = (following[there] >> _BITS == wanted[there]).tolist()
            for position, number, more in zip(there.tolist(), (found[there] & _NUMBER).tolist(), several, strict=True):
                if more:
                    part = segment[starts[position] : starts[position] + POSTINGS_READ]
                    yield hashes[position], (part[part >> _BITS == wanted[position]] & _NUMBER).tolist()
                else:
                    yield hashes[position], [number]


class _Unread(_Postings):
    """Stands in while many are added: nothing is looked up meanwhile, and the index is made at the end."""

    def add(self, hashes: Iterable[int], number: int) -> None:
        """Nothing yet."""


class StoryHorizon:
    """The stories of the committed days, to be compared with.

    ``below`` is a horizon that this one lies over: it is read and never changed, which is how a window is assigned
    without touching what is committed. ``len`` counts the articles of the stories it knows (without those below).
    """

    def __init__(self, below: "StoryHorizon | None" = None) -> None:
        self._below = below
        self._stories: dict[str, _Story] = {}
        self._articles: dict[str, tuple[str, int, str]] = {}
        self._same_text: dict[int, str] = {}
        """Hash of a text -> id of the first article with it."""
        self._versions: list[Version | None] = []
        self._postings = _Postings()

    def __len__(self) -> int:
        return len(self._articles)

    def __contains__(self, article_id: object) -> bool:
        return article_id in self._articles

    def add_all(self, sketches: Iterable[tuple[Sketch, str, bytes]]) -> None:
        """Remember many articles, as (sketch, story id, the sketch packed), as a state that is read back holds them."""
        first = len(self._versions)
        postings, self._postings = self._postings, _Unread()
        try:
            for sketch, story_id, packed in sketches:
                self.add(sketch, story_id, packed=packed)
        finally:
            self._postings = postings
        fresh = [version for version in self._versions[first:] if version is not None]
        postings.add_all((Sketch.hashes_of(version.packed), version.number) for version in fresh)

    def add(self, sketch: Sketch, story_id: str, *, packed: bytes = b"") -> None:
        """Remember an article; one that is already known is replaced by its new revision.

        ``packed`` is the sketch as it is held elsewhere, so that it need not be held twice.
        """
        self._forget(sketch.article_id)
        seen = sys.intern(sketch.seen)  # shared by a window's articles, as outlets are by all
        story_id = sketch.article_id if story_id == sketch.article_id else story_id
        self._articles[sketch.article_id] = (story_id, sketch.text_hash, seen)
        if sketch.tokens:
            first = self._same_text.setdefault(sketch.text_hash, sketch.article_id)
            if (seen, sketch.article_id) < (self._articles[first][2], first):
                self._same_text[sketch.text_hash] = sketch.article_id
        story = self._stories.get(story_id)
        if story is None:
            under = self._below.story(story_id) if self._below else None
            story = self._stories[story_id] = under.copy() if under else _Story()
        story.latest = max(story.latest, seen)
        if sketch.article_id == story_id:
            story.original = self._index(sketch, story_id, packed)
            waiting, story.waiting = story.waiting, ()
            for version in [*waiting, *([story.largest] if story.largest else [])]:
                self._consider(story, version.sketch(), version)
        elif story.original is None:
            story.waiting = (*story.waiting, self._index(sketch, story_id, packed))
        else:
            self._consider(story, sketch, None, packed)

    def _consider(self, story: _Story, sketch: Sketch, version: Version | None, packed: bytes = b"") -> None:
        """Make a member the story's largest version if it is, and resembles the original; drop it else."""
        original, largest = story.original, story.largest
        assert original is not None
        rank = (-sketch.tokens, sketch.seen, sketch.article_id)
        beaten = largest is not None and largest is not version and rank > (
            -largest.tokens, largest.seen, largest.article_id
        )  # fmt: skip
        fits = sketch.tokens > original.tokens and not beaten
        if fits:
            earlier = original.sketch()
            fits = judge(sketch, earlier, compare(sketch, earlier)).relation is not None
        if not fits:
            if version is not None:
                self._drop(version)
                story.largest = None if largest is version else largest
            return
        if largest is not None and largest is not version:
            self._drop(largest)
        story.largest = version or self._index(sketch, original.story_id, packed)

    def _index(self, sketch: Sketch, story_id: str, packed: bytes) -> Version:
        version = Version(
            article_id=sketch.article_id, story_id=story_id, outlet=sys.intern(sketch.outlet), seen=sys.intern(sketch.seen),
            tokens=sketch.tokens, packed=packed or sketch.pack(), number=len(self._versions),
        )  # fmt: skip
        self._versions.append(version)
        self._postings.add(sketch.hashes, version.number)
        return version

    def _drop(self, version: Version) -> None:
        if version.number < len(self._versions) and self._versions[version.number] is version:
            self._versions[version.number] = None

    def _forget(self, article_id: str) -> None:
        story_id, text_hash, _ = self._articles.pop(article_id, ("", 0, ""))
        if not story_id:
            return
        if self._same_text.get(text_hash) == article_id:
            del self._same_text[text_hash]
        story = self._stories[story_id]
        for version in story.versions():
            if version.article_id == article_id:
                self._drop(version)
        story.waiting = tuple(version for version in story.waiting if version.article_id != article_id)
        if story.original is not None and story.original.article_id == article_id:
            story.original = None
        if story.largest is not None and story.largest.article_id == article_id:
            story.largest = None

    def expire(self, before: str) -> None:
        """Forget the articles seen before a time; a story's versions stay while any of its members does."""
        for article_id in [a for a, (_, _, seen) in self._articles.items() if seen < before]:
            _, text_hash, _ = self._articles.pop(article_id)
            if self._same_text.get(text_hash) == article_id:
                del self._same_text[text_hash]
        for story_id in [s for s, story in self._stories.items() if story.latest < before]:
            for version in self._stories.pop(story_id).versions():
                self._drop(version)
        if sum(version is None for version in self._versions) * 2 > len(self._versions):
            self._rebuild()

    def _rebuild(self) -> None:
        living = [version for version in self._versions if version is not None]
        self._versions, self._postings = [], _Postings()
        for version in living:
            version.number = len(self._versions)
            self._versions.append(version)
            self._postings.add(version.sketch().hashes, version.number)

    def story(self, story_id: str) -> _Story | None:
        """The story as it is known here, else below."""
        found = self._stories.get(story_id)
        return self._below.story(story_id) if found is None and self._below else found

    def same_text(self, text_hash: int) -> tuple[str, str, str] | None:
        """(seen, article id, story id) of the first article with this very text."""
        found = [self._below.same_text(text_hash)] if self._below else []
        if (first := self._same_text.get(text_hash)) is not None:
            story_id, _, seen = self._articles[first]
            found.append((seen, first, story_id))
        return min(filter(None, found), default=None)

    def carriers(self, hashes: Sequence[int]) -> dict[int, list[Version]]:
        """Hash -> the versions of stories that carry it."""
        found: dict[int, list[Version]] = self._below.carriers(hashes) if self._below else {}
        for h, numbers in self._postings.look_up(hashes):
            living = [version for n in numbers if (version := self._versions[n]) is not None]
            found[h] = found[h] + living if h in found else living
        return found

    def represents(self, version: Version) -> bool:
        """Whether a version still is one of those that its story is compared by."""
        story = self.story(version.story_id)
        return story is not None and any(version is other for other in story.versions())
