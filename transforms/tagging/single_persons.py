"""Single persons without a number, and none of them: "قتل جندي", "an sace wani likita", "not a single soldier"."""

from transforms.tagging import count_words
from transforms.tagging.count_lists import Count
from transforms.tagging.numbers import Number
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

NOT_REACH = 16
"""Characters before one of them in which "not" stands."""


def none_of(reading: Reading, count: Count) -> Count:
    """A count, or none where "one" is denied: "not a single soldier was killed", "babu ko soja daya da ya mutu"."""
    if (count.low, count.high) != (1, 1):
        return count
    first = count.start
    if reading.language == "ha" and count.noun:
        first = max(reading.folded.rfind(count.noun, max(0, first - 24), first), 0) or first
    denied = count_words.NOT_ONE.search(reading.folded, max(0, first - NOT_REACH), first)
    return count if denied is None else count._replace(low=0, high=0)


def unnumbered(reading: Reading, verbs: list[Hit], people: list[Hit], numbers: list[Number]) -> list[Count]:
    """Single persons where a language has no word for "a", or another than "one": "قتل جندي", "an sace wani likita"."""
    counts: list[Count] = []
    folded, arabic = reading.folded, reading.language == "ar"
    for noun in people:
        first = noun.start if arabic else noun.start - len(count_words.SOME[0])
        if (
            (folded[noun.start : noun.end] not in count_words.ONES["ar"])
            if arabic
            else not folded.startswith(count_words.SOME, first)
        ):
            continue
        if any(
            (n.start < noun.end and first < n.end) or 0 <= n.start - noun.end <= count_words.ONE_REACH for n in numbers
        ):
            continue  # "11 soldiers", "a soldier killed three civilians"
        told = [verb for verb in verbs if _is_of_one(reading, verb, first, noun.end, numbers)]
        if not told:
            continue
        one = 1 + int(count_words.WITH_ONE.match(folded, noun.end) is not None)
        counts.append(
            Count(
                start=first, end=noun.end, low=one, high=one, approximate=False, kind=told[-1].key, who=noun.key,
                noun=folded[noun.start : noun.end], stop=noun.end, verb=told[-1].start,
            )
        )  # fmt: skip
    return counts


def _is_of_one(reading: Reading, verb: Hit, first: int, last: int, numbers: list[Number]) -> bool:
    """Whether a word tells what happened to the person at ``[first, last)``: right before it, or right after, of dying."""
    folded, arabic = reading.folded, reading.language == "ar"
    if verb.end <= first:
        return (
            reading.words_between(verb.end, first) <= (1 if arabic else 0)
            and folded[verb.start : verb.end] not in count_words.BESIDE_ONLY
            and not any(verb.end <= n.start < first for n in numbers)
            and count_words.PARTED.search(folded, verb.end, first) is None
            and count_words.ABOUT.isdisjoint(folded[max(0, verb.start - 12) : verb.start].split()[-1:])
        )
    return (
        not arabic
        and verb.start >= last
        and folded.startswith(count_words.DIED, verb.start)
        and reading.words_between(last, verb.start) <= 1
    )
