"""The gaps of patterns: whether what stands between two chunks of a text is few enough words of one sentence."""

import bisect
import functools
import re

from transforms.tagging import normalise
from transforms.tagging.chunks import Places

_COMMA = re.compile("[,،]")
_LONGEST_INSERTION = 25
_SHORTEST = 3
"""Characters of the shortest word that counts, with the blank behind it."""
BARRIERS = {
    "en": re.compile(r"[;:()«»“”\"!?]|\b(?:by|were|was|been|being|when|while|after|before)\b"),
    "fr": re.compile(r"[;:()«»“”\"!?]|\b(?:par|ete|lorsque|quand|apres|avant)\b"),
    "ar": re.compile(r"[;:؛()«»“”\"!؟]|من قبل|علي يد|علي ايدي|برصاص|بنيران"),
    "ha": re.compile(r"[;:()«»“”\"!?]|\bhannun\b"),
}
"""What a closed gap does not hold, in folded text: who did it, a passive, the end of a clause."""


class Marks:
    """What a gap is measured by: the words that count, the ends of sentences, and what a closed gap does not hold."""

    def __init__(self, tokens: normalise.Tokens, barriers: re.Pattern[str], breaks: list[int]) -> None:
        self._text, self._pattern = tokens.text, barriers
        self.long, self.breaks, self.end = tokens.long, breaks, len(tokens.text)

    def barred(self, start: int, end: int, limit: int) -> bool:
        """Whether what bars a closed gap begins in ``[start, end)``, in a sentence that ends at ``limit``."""
        match = self._pattern.search(self._text, start, limit)
        return match is not None and match.start() < end

    @functools.cached_property
    def commas(self) -> list[int]:
        """Where commas stand."""
        return [match.start() for match in _COMMA.finditer(self._text)]


def chain(parts: list[Places], gaps: tuple[tuple[int, bool], ...], marks: Marks) -> Places:
    """Spans of one sentence over places of all parts in this order, so many words of two letters at most between."""
    spans = []
    long, breaks = marks.long, marks.breaks
    steps = list(zip(parts[1:], gaps, strict=True))
    last = parts[1][-1][0]
    limit = -1
    for start, end in parts[0][: bisect.bisect_left(parts[0], (last,))]:
        if end > last:
            continue
        if start >= limit:
            following = bisect.bisect(breaks, start)
            limit = breaks[following] if following < len(breaks) else marks.end
        stop = end
        for places, (gap, closed) in steps:
            at = bisect.bisect_left(places, (stop,))
            if at == len(places):
                break
            after, after_end = places[at]
            if after_end > limit:
                break
            if (
                after - stop > _SHORTEST * gap  # more words may stand between than there may
                and bisect.bisect_left(long, after) - bisect.bisect_left(long, stop) > gap
                and not _inserted(stop, after, gap, long, marks.commas)
            ):
                break
            if closed and marks.barred(stop, after, limit):
                break
            stop = after_end
        else:
            spans.append((start, stop))
    return spans


def _inserted(start: int, end: int, gap: int, long: list[int], commas: list[int]) -> bool:
    """Whether a gap holds few enough words without what two commas set apart ("denounced, in a note, the accord")."""
    first, last = bisect.bisect_left(commas, start), bisect.bisect_left(commas, end) - 1
    if last <= first or bisect.bisect_left(long, end) - bisect.bisect_left(long, start) > _LONGEST_INSERTION:
        return False
    outside = bisect.bisect_left(long, commas[first]) - bisect.bisect_left(long, start)
    return outside + bisect.bisect_left(long, end) - bisect.bisect_left(long, commas[last]) <= gap
