"""Tolls told in sentences of their own: which act told before they sum up."""

import datetime as dt
import re

from transforms import records
from transforms.tagging import count_lists, counting, quantities, raised, triggers
from transforms.tagging.count_lists import Count
from transforms.tagging.dates import DateMention
from transforms.tagging.drafts import Draft
from transforms.tagging.geography import Geography
from transforms.tagging.reading import Reading

NEAR_SENTENCES = 2
"""What is told of an act within so many sentences after it, without a day or place of its own, is part of it."""
LATELY = dt.timedelta(days=3)
"""A day further back than this is not that of an act without one."""
REPORT_REACH = 24
"""Characters between the day of a statement and the verb of saying."""
LAST_SENTENCES = 4
"""A toll told so many sentences after an act, with no other act between them, is the toll of that act."""
ACCOUNT_SENTENCES = 8
"""An army's account of a fight is no longer."""
_RAISED_WITHIN = dt.timedelta(days=7)
_OF_LONG = re.compile(
    r"\b(?:depuis|since|cette annee|this year|annuel|annual|tun|bana)\b|(?<!\w)(?:منذ|هذا العام)(?!\w)"
)
_MISHAPS = (
    "accident",
    "inondation",
    "flood",
    "crash",
    "cholera",
    "epidemi",
    "noyade",
    "naufrage",
    "hatsari",
    "ambaliya",
    "حادث سير",
    "فيضان",
    "سيول",
)
"""Letters, folded, of what kills without anybody who did it."""
_WITHOUT_FIGHTERS = (
    "REM.IED",
    "REM.UXO",
    "REM.SUICIDE",
    "UNR.FORCE",
    "CIV.ABDUCTION",
    "CIV.DESTRUCTION",
    "CIV.CATTLE_RAID",
)
_WITH_TOLLS = ("GRP.WEAPONS_SEIZED", "POL.ARREST", "GRP.SURRENDER", "GRP.CLAIM")
"""What is told in one sentence with the dead of a fight before."""


def carry_counts(reading: Reading, geography: Geography, sentence: int, drafts: list[Draft]) -> None:
    """Casualties told in a sentence without an act of its own belong to the act told shortly before.

    An army tells its own losses at the end of its account; they are those of the last fight in it.
    """
    if not reading.hits("count", sentence) and not reading.hits("zero", sentence):
        return
    if reading.hits("gate", sentence) or reading.says_in(_MISHAPS, reading.sentences[sentence]):
        return  # the dead of a flood or a road accident
    own = [d.code for d in drafts if d.mode != "negated" and any(n == sentence for _, n in d.sentences)]
    if any(code not in _WITH_TOLLS for code in own):
        return
    counts = [c for c in counting.find_counts(reading, sentence) if c.kind in quantities.CASUALTIES]
    if not counts:
        return
    draft = _told_before(reading, sentence, [d for d in drafts if d.sentences[-1][1] < sentence], counts)
    if draft is None or (draft.location is not None and geography.is_elsewhere(sentence, draft.location)):
        return
    counts = [c for c in counts if quantities.belongs(c, draft.code)]
    known = {(c.kind, c.who) for c in draft.counts} | {(c.kind, None) for c in draft.counts if c.who is None}
    draft.counts = raised.replaced(
        draft.counts + [c for c in counts if c.raised or ((c.kind, c.who) not in known and (c.kind, None) not in known)]
    )
    if draft.target_class == "unknown" and draft.code.startswith(("BAT.", "REM.", "CIV.")):
        told = (c.who for c in counts if c.low and c.who in records.TARGET_CLASSES)
        draft.target_class = next(told, "unknown") or "unknown"


def _told_before(reading: Reading, sentence: int, drafts: list[Draft], counts: list[Count]) -> Draft | None:
    """The act that a toll told after it is the toll of."""
    if not drafts:
        return None
    sides = count_lists.told_sides(reading, sentence)
    if sides and all(count.start > sides[0].start() for count in counts):
        fights = [
            d for d in drafts
            if d.code.startswith("BAT.") and d.mode == "reported" and 0 < sentence - d.sentences[-1][1] <= ACCOUNT_SENTENCES
        ]  # fmt: skip
        return fights[-1] if fights else None
    reach = LAST_SENTENCES if drafts[-1].code.startswith(quantities.VIOLENT) else NEAR_SENTENCES
    recent = [
        d for d in drafts
        if d.code.startswith(quantities.VIOLENT) and d.mode == "reported" and 0 < sentence - d.sentences[-1][1] <= reach
    ]  # fmt: skip
    days = reading.dates(sentence)[:1]
    if days and recent and recent[-1].when is None and not _is_late(reading, days[0]):
        return None  # of an act before, "last week"
    if recent and any(c.raised for c in counts):
        return recent[-1] if _rose_lately(reading, sentence) else None  # on whatever day it was raised
    if (
        not recent
        or not fits(recent[-1].code, counts)
        or not all(dates_agree(recent[-1].when, day) for day in reading.dates(sentence)[:1])
    ):
        return None
    return recent[-1]


def is_of_long(reading: Reading, sentence: int) -> bool:
    """Whether a sentence counts over a year or a war."""
    return _OF_LONG.search(reading.folded, *reading.sentences[sentence]) is not None


def _rose_lately(reading: Reading, sentence: int) -> bool:
    """Whether a toll that was raised is of one act rather than of a year or a war."""
    return not is_of_long(reading, sentence) and all(
        day.precision == "day" and not reading.is_since(day) for day in reading.dates(sentence)
    )


def same_raised(reading: Reading, host: Draft, draft: Draft) -> bool:
    """Whether a draft tells what the toll of an act told before was raised to, up to a week after it."""
    if host.mode != "reported" or draft.mode != "reported" or not any(c.raised for c in draft.counts):
        return False
    if host.code not in triggers.FAMILY or draft.code not in triggers.FAMILY:
        return False
    late = host.when is not None and draft.when is not None and not (
        host.when.first <= draft.when.first <= host.when.last + _RAISED_WITHIN
    )  # fmt: skip
    return not late and _rose_lately(reading, draft.sentences[0][1])


def is_toll(reading: Reading, draft: Draft) -> bool:
    """Whether a sentence of the text tells only the dead and wounded of an act, and neither where nor of which country."""
    sentence = draft.sentences[0][1]
    return (
        draft.code in triggers.FAMILY and draft.mode == "reported" and not draft.placed and not reading.in_title(sentence)
        and any(c.kind in quantities.CASUALTIES for c in draft.counts)
        and not any(not m.demonym for m in reading.countries_of(sentence))
    )  # fmt: skip


def _is_late(reading: Reading, day: DateMention) -> bool:
    """Whether a day is one of the last before publication."""
    return day.precision == "day" and reading.published is not None and day.last >= reading.published - LATELY


def fits(code: str, counts: list[Count]) -> bool:
    """Whether a toll may be of an act of this type: a mine, a crowd fired on or a kidnapping has no fighters among its dead."""
    return code not in _WITHOUT_FIGHTERS or not any(c.kind == "killed" and c.who == "armed_group" for c in counts)


def may_be_of(host: Draft, toll: Draft) -> bool:
    """Whether those who did what a toll tells may be those who did the act."""
    doers = {m.actor_class for role, m in host.pairs if role == "initiator"}
    return {m.actor_class for role, m in toll.pairs if role == "initiator"} <= doers


def day_of_report(reading: Reading, draft: Draft) -> bool:
    """Whether the day of a draft is the one on which it was told: "in a statement issued on Friday, he said"."""
    when, today = draft.when, reading.published
    if when is None or today is None or not today - dt.timedelta(days=1) <= when.first <= today:
        return False
    return any(0 <= verb.start - when.end <= REPORT_REACH for verb in reading.said(draft.sentences[0][1]))


def dates_agree(one: DateMention | None, other: DateMention | None) -> bool:
    """Whether two days may be one: a day apart at most, or one of them unsaid."""
    if one is None or other is None:
        return True
    day = dt.timedelta(days=1)
    return one.first - day <= other.last and other.first - day <= one.last
