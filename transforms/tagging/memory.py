"""What is known of words, remembered from one article to the next: a language has few, and news say them often."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
V = TypeVar("V")
LIMIT = 200_000
"""Distinct words remembered before the memory is emptied: some tens of megabytes."""


class WordMemory(Generic[T]):
    """What a function says of each word; it is asked once a word."""

    def __init__(self, read: Callable[[str], T]) -> None:
        self._read = read
        self._known: dict[str, T] = {}

    def of(self, words: Mapping[str, V]) -> Iterable[tuple[T, V]]:
        """What is said of each word, with what the caller has for it."""
        try:
            told = list(map(self._known.__getitem__, words))
        except KeyError:
            told = list(map(self._told, words))
        return zip(told, words.values(), strict=True)

    def _told(self, word: str) -> T:
        """What is said of a word that may be new."""
        known = self._known
        if word not in known:
            if len(known) >= LIMIT:
                known.clear()
            known[word] = self._read(word)
        return known[word]
