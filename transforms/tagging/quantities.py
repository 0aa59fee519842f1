"""Counts of an article: how many of whom, and what happened to them; and which event a count belongs to."""

import dataclasses

from transforms import records
from transforms.tagging.numbers import Number
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

NOUN_WORDS = 2
"""The counted noun stands at most this many words after its number (Hausa: before it)."""
KIND_WORDS = 9
ARABIC_RIGHT = 8
COMMA_COST = 2
CONJUNCTION_COST = 3
"""Words that a conjunction between a number and a verb counts for: "killing 12 and wounding 5"."""
_CONJUNCTIONS = frozenset(("and", "et", "da", "و", "while", "tandis"))
_FALLBACK = {
    "CIV.ABDUCTION": "abducted", "CIV.DISAPPEARANCE": "missing", "CIV.RELEASE": "released", "POL.ARREST": "arrested",
    "GRP.SURRENDER": "surrendered", "HUM.DISPLACE": "displaced", "HUM.RETURN": "returned", "MIL.DEPLOY": "troops",
    "MIL.WITHDRAW": "troops", "MIL.JOINT_FORCE": "troops", "MIL.MOBILISE": "troops", "MIL.EXERCISE": "troops",
    "CIV.DISPLACE_ORDER": "displaced",
}  # fmt: skip
"""What a count in the sentence of such an event means when no verb says so."""
CASUALTIES = ("killed", "wounded", "missing")
_BELONGS = {
    "abducted": ("CIV.ABDUCTION",), "released": ("CIV.RELEASE",), "arrested": ("POL.ARREST", "GRP.WEAPONS_SEIZED"),
    "missing": ("CIV.DISAPPEARANCE", "CIV.ABDUCTION"), "surrendered": ("GRP.SURRENDER",),
    "displaced": ("HUM.DISPLACE", "CIV.DISPLACE_ORDER"), "returned": ("HUM.RETURN",),
    "troops": ("MIL.DEPLOY", "MIL.WITHDRAW", "MIL.JOINT_FORCE", "MIL.MOBILISE", "MIL.EXERCISE"),
}  # fmt: skip
VIOLENT = ("BAT.", "REM.", "CIV.ATTACK", "CIV.EXECUTION", "CIV.COMMUNAL", "CIV.DESTRUCTION", "CIV.CATTLE_RAID",
           "CIV.ABDUCTION", "UNR.FORCE", "UNR.RIOT", "POL.COUP", "POL.MUTINY", "GRP.LEADER")  # fmt: skip


@dataclasses.dataclass(frozen=True, kw_only=True)
class Count:
    """A number with what it counts: ``kind`` None where no verb says what happened, ``who`` None where no noun does."""

    start: int
    end: int
    low: int
    high: int | None
    approximate: bool
    kind: str | None
    who: str | None


def find_counts(reading: Reading, sentence: int) -> list[Count]:
    """The counts of people in a sentence, stated zeros included, in order."""
    counts = []
    found = reading.numbers(sentence)
    verbs = _longest(reading.hits("count", sentence))
    for number in found:
        if _counts_things(reading, sentence, number):
            continue
        kind = _kind(reading, verbs, number, found)
        who = _who(reading, sentence, number)
        if kind is None and who is None:
            continue
        counts.append(
            Count(
                start=number.start, end=number.end, low=number.low, high=number.high, approximate=number.approximate,
                kind=kind, who=who,
            )
        )  # fmt: skip
    counts.extend(
        Count(start=hit.start, end=hit.end, low=0, high=0, approximate=False, kind=hit.key, who="civilian")
        for hit in _longest(reading.hits("zero", sentence))
    )
    return counts


def _longest(hits: list[Hit]) -> list[Hit]:
    """Hits that lie in no longer one; hits of one span and different keys all stay."""
    return [
        hit for hit in hits
        if not any(
            (other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start)
            for other in hits
        )
    ]  # fmt: skip


def _beside(reading: Reading, hits: list[Hit], number: Number) -> Hit | None:
    """The hit that stands right after a number, or right before it where the language counts after the noun."""
    after = [
        hit for hit in hits
        if hit.end > number.end
        and hit.start >= number.start
        and reading.words_between(number.end, hit.start) <= NOUN_WORDS
    ]  # fmt: skip
    before = [hit for hit in hits if hit.end <= number.start and not reading.words_between(hit.end, number.start)]
    inside = [hit for hit in hits if hit.start < number.end and hit.end > number.start]
    if reading.language == "ha" and before:
        return before[-1]
    if after:
        return min(after, key=lambda hit: (hit.start, -hit.end))
    return inside[0] if inside else None


def _counts_things(reading: Reading, sentence: int, number: Number) -> bool:
    things = reading.hits("unit", sentence)
    if not things:
        return False
    people = _beside(reading, reading.hits("victim", sentence), number)
    thing = _beside(reading, things, number)
    if thing is None:
        return False
    return people is None or abs(thing.start - number.end) < abs(people.start - number.end)


def _who(reading: Reading, sentence: int, number: Number) -> str | None:
    hit = _beside(reading, _longest(reading.hits("victim", sentence)), number)
    return None if hit is None else hit.key


def _kind(reading: Reading, verbs: list[Hit], number: Number, numbers: list[Number]) -> str | None:
    """What happened to the counted: the nearest word that says so, sooner on the right, dearer over a conjunction."""
    best: tuple[int, int, str] | None = None
    for verb in verbs:
        if verb.start >= number.end:
            between = reading.words_between(number.end, verb.start)
            joined = _conjunctions(reading, number.end, verb.start)
            # Arabic verbs come before their subject: to the right only the counted noun itself says what happened.
            cost = between + joined + (ARABIC_RIGHT if reading.language == "ar" and (between > 1 or joined) else 0)
            stop = KIND_WORDS + 3
        elif verb.end <= number.start:
            between = reading.words_between(verb.end, number.start)
            others = sum(verb.end <= n.start and n.end <= number.start for n in numbers)
            cost = between + 1 + (1 if reading.language == "ar" else CONJUNCTION_COST) * others
            cost += COMMA_COST * (reading.folded.count(",", verb.end, number.start))
            stop = KIND_WORDS
        else:
            cost, stop = 0, KIND_WORDS
        if cost <= stop and (best is None or (cost, verb.start, verb.key) < best):
            best = (cost, verb.start, verb.key)
    return None if best is None else best[2]


def _conjunctions(reading: Reading, start: int, end: int) -> int:
    words = reading.folded[start:end].replace(",", " ").split()
    return CONJUNCTION_COST * sum(word in _CONJUNCTIONS for word in words[:3])


def belongs(count: Count, code: str) -> bool:
    """Whether a count of this kind can be a count of an event of this type."""
    if count.kind is None:
        return code in _FALLBACK
    if count.kind in CASUALTIES and code.startswith(VIOLENT):
        return True
    return code in _BELONGS.get(count.kind, ()) or (count.kind in CASUALTIES and _FALLBACK.get(code) is not None)


def to_records(counts: list[Count], code: str, claimed_by: str | None) -> tuple[records.Quantity, ...]:
    """The counts of an event as records: one of a kind and group, the first told."""
    rows: dict[tuple[str, str], records.Quantity] = {}
    for count in counts:
        kind = count.kind or _FALLBACK.get(code)
        if kind is None or (count.low == 0 and (kind, "unknown") in rows):
            continue
        if kind in CASUALTIES and not code.startswith(VIOLENT) and kind != "missing":
            kind = _FALLBACK.get(code, kind)
        who = count.who or "unknown"
        if who == "unknown" and any(row.kind == kind and row.low == count.low for row in rows.values()):
            continue
        rows.setdefault(
            (kind, who),
            records.Quantity(
                kind=kind, low=count.low, high=count.high, approximate=count.approximate, who=who,
                claimed_by=claimed_by,
            ),
        )  # fmt: skip
    return tuple(rows.values())
