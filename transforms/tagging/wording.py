"""What the words of a sentence speak for: a linear model that knows acts by words which no phrase of the lexicon has.

A sentence is the bag of its folded words and of its pairs of neighbours; a word is itself and its runs of three to five
letters (endings, stems and Arabic articles come out as runs of their own), each with a weight for every type of event and for
no event at all: a multinomial logistic regression, fitted by ``python -m tests.quality.build_wording`` on some thirty thousand
sentences that were written for this project. The weights are whole numbers of 1/``SCALE``, so that their sums are the same on every processor.
"""

import functools
import itertools
import pathlib
import threading
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from transforms.tagging.data_files import DATA, LexiconError

FILE = "wording.npz"
NO_EVENT = "NONE"
SHORTEST, LONGEST = 3, 5
"""Letters of the runs of a word, its edges counted."""
MOST_DIGITS = 5
SCALE = 24
"""Units of the weights in one natural logarithm of odds."""
BETWEEN = " "
"""Stands between the words of a pair."""
UNTOLD = 0.3
"""For how far nothing speaks for a type again: about what it is on average where something may."""
_READY = 20_000
"""Words whose weights are kept summed up, by language (more where one text has more): news has few words and says them often."""


def shown(word: str) -> str:
    """A folded word as the model reads it: of a number only how many digits it has."""
    return f"0{min(len(word), MOST_DIGITS)}" if word.isdecimal() else word


def features(word: str) -> Iterator[str]:
    """A shown word and its runs of letters."""
    yield word
    if word.isdecimal():
        return
    edged = f"<{word}>"
    for size in range(SHORTEST, LONGEST + 1):
        for start in range(len(edged) - size + 1):
            yield f"#{edged[start : start + size]}"


class Wording:
    """The weights of one language, and the sums of those of words met before."""

    def __init__(self, codes: Sequence[str], names: Sequence[str], weights: np.ndarray, bias: np.ndarray) -> None:
        """``weights`` are int8 (features, codes), ``bias`` int32 (codes); the last code is NO_EVENT."""
        self.codes = tuple(codes)
        self._column = {code: column for column, code in enumerate(self.codes)}
        self._row = {name: row for row, name in enumerate(names) if BETWEEN not in name}
        self._weights, self._bias = weights, bias
        pairs = [(*name.split(BETWEEN), row) for row, name in enumerate(names) if BETWEEN in name]
        paired = dict.fromkeys(itertools.chain.from_iterable((first, second) for first, second, _ in pairs))
        self._in_pairs = {word: number for number, word in enumerate(paired, 1)}
        """The words of pairs by number; those of none have 0."""
        self._base = len(paired) + 1
        numbers = [(self._in_pairs[first], self._in_pairs[second], row) for first, second, row in pairs]
        coded = sorted((first * self._base + second, row) for first, second, row in numbers)
        self._pairs = np.array([pair for pair, _ in coded], np.int64)
        """Each pair as one number, in order, so that those of a whole article are looked up at once."""
        self._pair_rows = np.array([row for _, row in coded], np.intp)
        self._places: dict[str, int] = {}
        self._lock = threading.Lock()
        self._sums = np.zeros((_READY, len(self.codes)), np.int32)
        self._numbers = np.zeros(_READY, np.int64)

    def _place(self, word: str) -> None:
        """Put the sums of a word's weights and its number in pairs beside the others'."""
        place, read = len(self._places), shown(word)
        rows = [row for row in map(self._row.get, features(read)) if row is not None]
        self._numbers[place] = self._in_pairs.get(read, 0)
        self._sums[place] = self._weights[rows].sum(axis=0, dtype=np.int32)
        self._places[word] = place

    def _learn(self, words: Sequence[str]) -> None:
        """Put the sums of those of the words that are new beside the others, or of all where there is no room."""
        new = [word for word in dict.fromkeys(words) if word not in self._places]
        if len(self._places) + len(new) > len(self._sums):
            new = list(dict.fromkeys(words))
            self._places.clear()
            if len(new) > len(self._sums):
                self._sums = np.zeros((len(new), len(self.codes)), np.int32)
                self._numbers = np.zeros(len(new), np.int64)
        for word in new:
            self._place(word)

    def _told(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(words, codes): the sums of each word's weights; and the words' numbers in pairs."""
        try:
            known = list(map(self._places.__getitem__, words))
        except KeyError:
            self._learn(words)
            known = list(map(self._places.__getitem__, words))
        places = np.array(known, np.intp)
        return self._sums.take(places, axis=0), self._numbers.take(places)

    def _add_pairs(self, told: np.ndarray, numbers: np.ndarray, starts: Sequence[int]) -> None:
        """Add to the second word of each known pair within a sentence what the pair weighs."""
        first, second = numbers[:-1], numbers[1:].copy()
        second[[start - 1 for start in starts if 0 < start < len(numbers)]] = 0  # no pair spans two sentences
        at = np.flatnonzero((first > 0) & (second > 0))
        if not len(at) or not len(self._pairs):
            return
        sought = first[at] * self._base + second[at]
        found = self._pairs.searchsorted(sought).clip(max=len(self._pairs) - 1)
        known = self._pairs[found] == sought
        told[at[known] + 1] += self._weights[self._pair_rows[found[known]]]

    def read(self, words: Sequence[str], starts: Sequence[int]) -> "Spoken":
        """What the sentences of an article speak for; ``starts`` are the indices of their first words."""
        with self._lock:
            told, numbers = self._told(words)
        self._add_pairs(told, numbers, starts)
        bounds = np.array([*starts, len(words)])
        lengths = bounds[1:] - bounds[:-1]
        spoken = np.flatnonzero(lengths)
        sums = np.zeros((len(lengths), len(self.codes)), np.int32)
        if len(spoken):
            sums[spoken] = np.add.reduceat(told, bounds[spoken], axis=0, dtype=np.int32)
        odds = (self._bias + sums / np.sqrt(np.maximum(1, lengths))[:, None]) / SCALE
        chances = np.exp(odds - odds.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return Spoken(self.codes, self._column, chances, told, bounds)


class Spoken:
    """What each sentence of an article speaks for."""

    def __init__(
        self,
        codes: tuple[str, ...],
        column: Mapping[str, int],
        chances: np.ndarray,
        told: np.ndarray,
        bounds: np.ndarray,
    ) -> None:
        """``chances`` are (sentences, codes), ``told`` the weights of the words (words, codes), ``bounds`` the sentences'."""
        self._codes, self._column = codes, column
        self._chances, self._told, self._bounds = chances, told, bounds

    def chance(self, sentence: int, code: str) -> float:
        """How far a sentence speaks for a type, or for NO_EVENT, 0 to 1."""
        return float(self._chances.item(sentence, self._column[code]))

    def most_beside(self, sentences: Collection[int]) -> float:
        """The greatest chance of a type of event in the other sentences, a half where there are none."""
        return next((chance for chance, n in self._ranked if n not in sentences), 0.5)

    def most_again(self, sentences: Collection[int], code: str) -> float:
        """The greatest chance of a type in the other sentences, ``UNTOLD`` where there are none."""
        chances = self._chances[:, self._column[code]].tolist()
        return max((chance for n, chance in enumerate(chances) if n not in sentences), default=UNTOLD)

    def share_beside(self, sentences: Collection[int]) -> float:
        """How far the other sentences speak for events of any type, on average; a half where there are none."""
        others = len(self._chances) - len(sentences)
        if not others:
            return 0.5
        quiet = self._quiet
        return 1 - (sum(quiet) - sum([quiet[n] for n in sentences])) / others

    @functools.cached_property
    def _quiet(self) -> list[float]:
        """The chance of no event in each sentence."""
        chances: list[float] = self._chances[:, -1].tolist()
        return chances

    def likely(self, least: float) -> Iterator[tuple[int, str]]:
        """(sentence, its likeliest type) of the sentences in which that type has a chance of ``least`` or more."""
        for sentence, (chance, best) in enumerate(self._likeliest):
            if chance >= least:
                yield sentence, self._codes[best]

    @functools.cached_property
    def _likeliest(self) -> list[tuple[float, int]]:
        """The chance of the likeliest type of each sentence, and which it is."""
        best = self._chances[:, :-1].argmax(axis=1)
        return list(zip(self._chances[np.arange(len(best)), best].tolist(), best.tolist(), strict=True))

    @functools.cached_property
    def _ranked(self) -> list[tuple[float, int]]:
        """(chance of its likeliest type, sentence), the greatest first."""
        return sorted(((chance, n) for n, (chance, _) in enumerate(self._likeliest)), reverse=True)

    def foremost(self, sentence: int, many: int) -> dict[str, float]:
        """The types, NO_EVENT among them, that a sentence speaks for most, with their chances to two places."""
        chances = self._chances[sentence]
        return {self._codes[i]: round(float(chances[i]), 2) for i in np.argsort(-chances, kind="stable")[:many]}

    def word(self, sentence: int, code: str) -> int:
        """The index of the word of a sentence that speaks most for a type, against what it says for the others."""
        first, last = self._bounds[sentence : sentence + 2]
        told = self._told[first:last]
        return int(first + (told[:, self._column[code]] - told.sum(axis=1) / len(self._codes)).argmax())


@functools.cache
def load(language: str, path: pathlib.Path = DATA / FILE) -> Wording:
    """The weights of one language as ``tests.quality.build_wording`` wrote them; LexiconError for a file that is not so."""
    try:
        with np.load(path, allow_pickle=False) as file:
            codes, names = (bytes(file[name]).decode().split("\n") for name in ("codes", f"{language}/names"))
            weights, bias = file[f"{language}/weights"], file[f"{language}/bias"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise LexiconError(f"{path.name}: {language}: cannot be read: {error}") from error
    if weights.shape != (len(names), len(codes)) or bias.shape != (len(codes),) or weights.dtype != np.int8:
        raise LexiconError(f"{path.name}: {language}: weights of {weights.shape}, need {(len(names), len(codes))}")
    return Wording(codes, names, weights, bias)
