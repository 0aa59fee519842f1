"""Articles so old that nothing more is done about them: what is left of them is that they were published.

Kept for good, what is remembered of an article (transforms/known_articles.py) would be a gigabyte a year and more. But
to publish nothing twice it is enough to know an article again, and to tell a page that states another's address apart,
to know its text again. That takes 16 bytes: eight of the article's id, eight of the hash of its content. Two of a
hundred million articles agree in eight bytes by chance once in four thousand such datasets.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

HASH = 16
"""Hexadecimal digits that are kept of an id and of a hash."""
MERGED_FROM = 4096
Words = npt.NDArray[np.uint64]


class ClosedArticles:
    """Article id -> the first 16 hexadecimal digits of its content's hash, in two sorted arrays."""

    def __init__(self) -> None:
        self._ids: Words = np.empty(0, np.uint64)
        self._hashes: Words = np.empty(0, np.uint64)
        self._young: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.words()[0])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClosedArticles):
            return NotImplemented
        return all(np.array_equal(mine, theirs) for mine, theirs in zip(self.words(), other.words(), strict=True))

    __hash__ = None  # type: ignore[assignment]

    def close(self, articles: Iterable[tuple[str, str]]) -> None:
        """Add (article id, content hash), each of 32 hexadecimal digits."""
        self._young.update((_word(article_id), _word(content_hash)) for article_id, content_hash in articles)
        if len(self._young) > MERGED_FROM + len(self._ids) // 8:
            self._merge()

    def add_words(self, ids: Words, hashes: Words) -> None:
        """Add what ``words`` gave; what is there already is overwritten."""
        self._merge()
        # np.unique gives the first of equal ids: the newer ones stand first
        self._ids, places = np.unique(np.concatenate((ids, self._ids)), return_index=True)
        self._hashes = np.concatenate((hashes, self._hashes))[places]

    def words(self) -> tuple[Words, Words]:
        """Ids, ascending, and the hashes that go with them."""
        self._merge()
        return self._ids, self._hashes

    def get(self, article_id: str) -> str | None:
        """The first digits of the content's hash of an article that was closed, else None."""
        try:
            word = _word(article_id)
        except ValueError:
            return None
        found = self._young.get(word)
        if found is None:
            place = int(np.searchsorted(self._ids, np.uint64(word)))
            if place == len(self._ids) or int(self._ids[place]) != word:
                return None
            found = int(self._hashes[place])
        return f"{found:0{HASH}x}"

    def _merge(self) -> None:
        if self._young:
            young, self._young = self._young, {}
            self.add_words(
                np.fromiter(young, np.uint64, len(young)), np.fromiter(young.values(), np.uint64, len(young))
            )


def _word(digits: str) -> int:
    return int(digits[:HASH], 16)
