"""What is known of words, remembered from one article to the next: a language has few, and news say them often."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LIMIT = 200_000
"""Distinct words remembered before the memory is emptied: some tens of megabytes."""


class WordMemory(dict[str, T]):
    """What a function says of each word; it is asked once a word."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, word: str) -> T:
        if len(self) >= LIMIT:
            self.clear()
        self[word] = known = self._read(word)
        return known
