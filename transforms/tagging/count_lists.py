"""Counts of a sentence together: lists under one verb, and whose losses an army's account tells."""

import re
from typing import NamedTuple

from transforms.tagging import count_words
from transforms.tagging.reading import Reading


class Count(NamedTuple):
    """A number with what it counts: ``kind`` None where no verb says what happened, ``who`` None where no noun does."""

    start: int
    end: int
    low: int
    high: int | None
    approximate: bool
    kind: str | None
    who: str | None
    claimed_by: str | None = None
    thing: str | None = None
    """What is counted, where it is not people."""
    noun: str = ""
    """The noun of those who are counted, folded."""
    stop: int = -1
    """Where that noun ends."""
    verb: int = -1
    """Where the word stands that says what happened to them."""
    raised: bool = False
    """Whether it is what a toll was raised to."""
    rival: bool = False
    """Whether somebody says it against a figure told before."""


def summed(reading: Reading, counts: list[Count]) -> list[Count]:
    """Counts of one group under one verb added up: "five rangers and a soldier were killed".

    Numbers that explain the one before them are no further ones: "three people, two women and a child".
    """
    if len(counts) < 2:
        return counts
    kept: list[Count] = []
    at = 0
    while at < len(counts):
        last = at + 1
        while last < len(counts) and _joined(reading, counts[last - 1], counts[last]):
            last += 1
        row = counts[at:last]
        while len(row) > 1 and not _is_and(reading, row[-2], row[-1]):
            row.pop()  # a list ends with "and"
        at += len(row)
        if len(row) > 2 and row[0].low == sum(count.low for count in row[1:]):
            row = row[:1]
        highs = [count.high for count in row]
        kept.append(
            row[0]._replace(
                low=sum(count.low for count in row), high=None if None in highs else sum(high or 0 for high in highs),
                approximate=any(count.approximate for count in row), end=row[-1].end,
            )
        )  # fmt: skip
    return kept


def told_sides(reading: Reading, sentence: int) -> list[re.Match[str]]:
    """Where a sentence says of whose losses it tells: "côté ami", "on our side"."""
    span = reading.sentences[sentence]
    if not reading.says(count_words.SIDE_STEMS) or not reading.says_in(count_words.SIDE_STEMS, span):
        return []
    return list(count_words.SIDES.finditer(reading.folded, span.start, span.end))


def sided(reading: Reading, sentence: int, counts: list[Count]) -> list[Count]:
    """Counts in which those without a noun are of the side that the sentence speaks of."""
    if all(count.who is not None for count in counts):
        return counts
    sides = told_sides(reading, sentence)
    return [count if count.who else count._replace(who=_side_of(reading, sides, count)) for count in counts]


def _side_of(reading: Reading, sides: list[re.Match[str]], count: Count) -> str | None:
    """Whose losses a count tells of, by the words before it or close behind it."""
    before = [m for m in sides if m.end() <= count.start and ";" not in reading.folded[m.end() : count.start]]
    after = [
        m
        for m in sides
        if count.end <= m.start() and reading.words_between(count.end, m.start()) <= count_words.SIDE_WORDS
    ]
    side = before[-1] if before else after[0] if after else None
    return None if side is None else "state_forces" if side["own"] else "armed_group"


def _is_and(reading: Reading, one: Count, other: Count) -> bool:
    return reading.folded.startswith("و", other.start) or any(
        match.group() != "," for match in count_words.AND.finditer(reading.folded, one.end, other.start)
    )


def _of_one_fate(reading: Reading, one: Count, other: Count) -> bool:
    """Whether two counts without a verb are told in one breath: "a colonel and two captains", "two generals and nine other officers"."""
    between = reading.folded[max(one.stop, one.end) : other.start]
    return (
        count_words.AND_RIGHT.fullmatch(between) is not None
        or count_words.OTHER.match(reading.folded, other.end) is not None
    )


def _joined(reading: Reading, one: Count, other: Count) -> bool:
    """Whether two counts stand in one list and under one verb."""
    if (one.kind, one.who, one.verb) != (other.kind, other.who, other.verb) or one.thing or other.thing:
        return False
    if one.who is None or one.end <= one.verb < other.start or not other.noun:
        return False
    if one.verb < 0 and not (one.kind is None and _of_one_fate(reading, one, other)):
        return False
    if reading.words_between(one.end, other.start) > count_words.JOIN_WORDS or count_words.STOP.search(
        reading.folded, one.end, other.start
    ):
        return False
    return _is_and(reading, one, other) or "," in reading.folded[one.end : other.start]
