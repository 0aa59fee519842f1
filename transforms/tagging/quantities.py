"""Counts of an article: how many of whom, and what happened to them; and which event a count belongs to."""

import re
from collections.abc import Iterable
from typing import NamedTuple

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
_PART_BEFORE = re.compile(
    r"(?:including|among them|dont|parmi lesquels|parmi eux|y compris|notamment|بينهم|من بينهم|منهم|ciki har da)"
    r"(?: at least| au moins| \w{1,3})? ?$"
)
_OF_THEM = re.compile(r" (?:of them|of whom|d'entre eux|d'entre elles|parmi eux|منهم|منهن|daga cikinsu|a cikinsu)\b")
_ONLY_COMMA = re.compile(r"[^.;:]{0,60}, ?")
_OTHERS = re.compile(r" (?:d')?(?:others|autres|more|اخرين|اخرون|اخرى|اخر)\b")
_CONJUNCTIONS = frozenset(("and", "et", "da", "و", "while", "tandis"))
_FALLBACK = {
    "CIV.ABDUCTION": "abducted", "CIV.DISAPPEARANCE": "missing", "CIV.RELEASE": "released", "POL.ARREST": "arrested",
    "GRP.SURRENDER": "surrendered", "HUM.DISPLACE": "displaced", "HUM.RETURN": "returned", "MIL.DEPLOY": "troops",
    "MIL.WITHDRAW": "troops", "MIL.JOINT_FORCE": "troops", "MIL.MOBILISE": "troops", "MIL.EXERCISE": "troops",
    "CIV.DISPLACE_ORDER": "displaced", "UNR.PROTEST": "other", "CIV.SEXUAL": "other", "HUM.MIGRANTS": "other",
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


def find_counts(reading: Reading, sentence: int) -> list[Count]:
    """The counts of people in a sentence, stated zeros included, in order; of parts of a count only the whole."""
    counts: list[Count] = []
    found = reading.numbers(sentence)
    zeros = _longest(reading.hits("zero", sentence))
    if not found and not zeros:
        return []
    verbs = _longest(reading.hits("count", sentence))
    people = _longest(reading.hits("victim", sentence))
    for number in found:
        if _counts_things(reading, sentence, number) or (counts and _is_part(reading, number, counts[-1].end)):
            continue
        kind = _kind(reading, verbs, number, found)
        who = _who(reading, people, number, counts[-1].who if counts else None)
        if kind is None and who is None:
            continue
        counts.append(
            Count(
                start=number.start, end=number.end, low=number.low, high=number.high, approximate=number.approximate,
                kind=kind, who=who,
            )
        )  # fmt: skip
    counts.extend(
        Count(start=hit.start, end=hit.end, low=0, high=0, approximate=False, kind=hit.key, who="unknown")
        for hit in zeros
    )
    return counts


def _is_part(reading: Reading, number: Number, counted: int) -> bool:
    """Whether a number is a part of the one before it: "twelve people, including three children"."""
    return _PART_BEFORE.search(reading.folded, max(counted, number.start - 24), number.start) is not None or (
        _OF_THEM.match(reading.folded, number.end) is not None
        and _ONLY_COMMA.fullmatch(reading.folded, counted, number.start) is not None
    )


def _longest(hits: list[Hit]) -> list[Hit]:
    """Hits that lie in no longer one; hits of one span and different keys all stay."""
    if len(hits) < 2:
        return hits
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
    if reading.language == "ha":
        before = [hit for hit in hits if hit.end <= number.start and not reading.words_between(hit.end, number.start)]
        if before:
            return before[-1]
    if after:
        return min(after, key=lambda hit: (hit.start, -hit.end))
    return next((hit for hit in hits if hit.start < number.end and hit.end > number.start), None)


def _counts_things(reading: Reading, sentence: int, number: Number) -> bool:
    things = reading.hits("unit", sentence)
    if not things:
        return False
    people = _beside(reading, reading.hits("victim", sentence), number)
    thing = _beside(reading, things, number)
    if thing is None:
        return False
    return people is None or abs(thing.start - number.end) < abs(people.start - number.end)


def _who(reading: Reading, people: list[Hit], number: Number, before: str | None) -> str | None:
    """Whom a number counts; "eight others" are of those counted before, "two of them" of those named before."""
    if before is not None and _OTHERS.match(reading.folded, number.end) is not None:
        return before
    if _OF_THEM.match(reading.folded, number.end) is not None:
        named = [hit.key for hit in people if hit.end <= number.start]
        return named[-1] if named else before
    hit = _beside(reading, people, number)
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
            between += _conjunctions(reading, verb.end, number.start)
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


def of_event(counts: list[Count], code: str, others: Iterable[str]) -> list[Count]:
    """The counts of an event of this type among those of its sentence, which tells events of ``others`` as well.

    The dead of an attack in which people were abducted are the attack's; the abducted who are released are counted
    for both; the arrested belong to the arrest.
    """
    own = [count for count in counts if belongs(count, code)]
    if code == "CIV.ABDUCTION" and any(other in ("CIV.ATTACK", "BAT.ATTACK_MIL") for other in others):
        own = [count for count in own if count.kind not in CASUALTIES]
    if code == "GRP.WEAPONS_SEIZED" and "POL.ARREST" in others:
        own = [count for count in own if count.kind != "arrested"]
    if code == "CIV.RELEASE" and not any(count.kind == "released" for count in own):
        own += [count._replace(kind="released") for count in counts if count.kind == "abducted"]
    return own


def whom(code: str, target_class: str) -> str:
    """Whom a count without a noun counts: those whom the event hit."""
    if code.startswith("UNR.FORCE"):
        return "protesters"
    if target_class != "unknown":
        return target_class
    return "civilian" if code.startswith(("CIV.", "HUM.")) else "unknown"


def to_records(counts: list[Count], code: str, target_class: str) -> tuple[records.Quantity, ...]:
    """The counts of an event as records: one of a kind, a group and a claim, the first told."""
    rows: dict[tuple[str, str, str | None], records.Quantity] = {}
    for count in counts:
        kind = count.kind or _FALLBACK.get(code)
        if kind is None:
            continue
        if kind in CASUALTIES and not code.startswith(VIOLENT) and kind != "missing":
            kind = _FALLBACK.get(code, kind)
        who = count.who or whom(code, target_class)
        same = [row for row in rows.values() if row.kind == kind]
        if any(
            count.low == row.low or (count.low == 0 and row.who == who)
            for row in same
            if count.who is None or count.low == 0
        ):
            continue
        rows.setdefault(
            (kind, who, count.claimed_by),
            records.Quantity(
                kind=kind, low=count.low, high=count.high, approximate=count.approximate, who=who,
                claimed_by=count.claimed_by,
            ),
        )  # fmt: skip
    return tuple(rows.values())
