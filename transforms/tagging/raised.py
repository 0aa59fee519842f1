"""Tolls that were raised: "le bilan est passé à 17 morts", "rose to 23 from 15": the last figure replaces those before."""

import re

from transforms.tagging.count_lists import Count
from transforms.tagging.numbers import Number
from transforms.tagging.reading import Reading

_TOLL = {
    "fr": re.compile(r"\b(?:bilan|nombre (?:de |des )(?:morts|tues|victimes|deces))\b"),
    "en": re.compile(r"\b(?:toll|number of (?:dead|deaths|people killed|victims)|body count)\b"),
    "ar": re.compile(r"حصيله|عدد (?:القتلي|الضحايا|ضحايا|قتلي)"),
    "ha": re.compile(r"\b(?:adadin|yawan) (?:wadanda suka (?:mutu|rasu|rasa)|mamatan|mutanen da (?:suka mutu|aka kashe)|wadanda aka kashe)"),
}  # fmt: skip
_RISES = {
    "fr": r"(?:pass(?:e|ee|ait|er|ant)|mont(?:e|ee|ait)|grimp(?:e|ee)|(?:alourdi|alourdit)|port(?:e|ee)|revu(?:e)?(?: a la hausse)?"
          r"|eleve desormais|eleve maintenant)(?: (?:desormais|maintenant))?",
    "en": r"(?:rose|risen|rises|rising|climbed|climbs|increased|jumped|jumps|(?:gone|went|goes) up|raised|revised(?: up(?:wards?)?)?)",
    "ar": r"(?:ارتفع|ارتفعت|يرتفع|ترتفع|ارتفاع)(?!\w)[^.;]{0,80}?",
    "ha": r"(?:karu|tashi|hau|haura|daga)",
}  # fmt: skip
_FROM = {"fr": "de", "en": "from", "ar": "من", "ha": "daga"}
_TO = {"fr": "a", "en": "to", "ar": "الي", "ha": "zuwa"}
_SOME = r"(?: (?:au moins|at least|ما لا يقل عن|akalla|mutum|mutane))?"
_UP_TO = {
    name: re.compile(rf"{rises}(?: {_FROM[name]} [^.;,]{{1,30}}?)? {_TO[name]}{_SOME} $")
    for name, rises in _RISES.items()
}
_RANGE = {name: re.compile(rf"{rises}(?: {_FROM[name]})?{_SOME} $") for name, rises in _RISES.items()}
_BEFORE = re.compile(
    r" (?:people |dead |morts |personnes )?,?(?: ?up)? ?(?:from|contre|against) (?:an earlier |the earlier |un premier bilan de )?$"
)
"""What parts the figure that holds from the one that held before: "to 23 from 15"."""
REACH = 140
"""Characters between the word for a toll and its figure."""


def settled(reading: Reading, sentence: int, found: list[Number]) -> tuple[list[Number], int]:
    """Numbers of a sentence without what a raised toll was before, and where the figure that holds stands, or -1."""
    toll = _TOLL.get(reading.language)
    start = reading.sentences[sentence].start
    if toll is None or not found:
        return found, -1
    first = toll.search(reading.folded, start, reading.sentences[sentence].end)
    if first is None:
        return found, -1
    at, kept = -1, list[Number]()
    for number in found:
        low = max(start, number.start - REACH)
        if at < 0 and number.high is not None and number.high > number.low and (
            _RANGE[reading.language].search(reading.folded, low, number.start)
        ):  # fmt: skip
            at = number.start
            kept.append(number._replace(low=number.high, approximate=False))
            continue
        if (
            at < 0
            and first.start() < number.start
            and _UP_TO[reading.language].search(reading.folded, low, number.start)
        ):
            at = number.start
            kept = [n for n in kept if not re.search(rf"\b{_FROM[reading.language]} $", reading.folded[low : n.start])]
        elif at >= 0 and _BEFORE.fullmatch(reading.folded, kept[-1].end, number.start):
            continue
        kept.append(number)
    return kept, at


def replaced(counts: list[Count]) -> list[Count]:
    """Counts without those of the dead that a raised toll among them is the last state of."""
    tolls = [count for count in counts if count.raised]
    if not tolls:
        return counts
    last = tolls[-1]
    return [
        c for c in counts
        if c is last or c.kind != last.kind or c.thing or c.low > last.low
        or (c.who != last.who and c.who not in (None, "civilian") and last.who not in (None, "civilian"))
    ]  # fmt: skip
