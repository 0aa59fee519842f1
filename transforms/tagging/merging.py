"""One event for all the sentences that tell it, and for each the setting that the article gave before."""

import re

from transforms import records
from transforms.tagging import raised, tolls, triggers
from transforms.tagging.actors import ActorMention
from transforms.tagging.dates import RECENT, DateMention
from transforms.tagging.drafts import Draft, date_of
from transforms.tagging.geography import LOCAL, Geography
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.weighing import learnt

HEADLINE_SENTENCES = 6
"""A headline sums up one of so many first sentences of the text."""
OPENING_SENTENCES = 3
"""An article about an event tells of it in so many first sentences of its text, or in its title."""
MANY = 3
"""A digest dates or counts so many of its events; then the rest are its news as well."""
ASIDE_SENTENCES = 6
"""A shorter text is read whole."""
_SAME_PLACE = re.compile(
    r"\b(?:same (?:road|area|place|town|village|spot|route|district|locality|post|camp|base|highway|commune|region)|here|there"
    r"|(?:la|le|du|au) memes? (?:axe|route|zone|lieu|localite|village|ville|endroit|secteur|troncon|poste|camp|commune|region|site)"
    r"|ici|y (?:avait|avaient|a|ont)|nan|wurin|yankin)\b|(?<!\w)(?:هناك|المكان نفسه|المنطقه نفسها|نفس المنطقه|نفس المكان)"
)
"""Words that put what is recalled where the news happened."""
AT_ITS_END = re.compile(
    r"\b(?:a l'issue|au terme|en marge|au sortir) d(?:e la|u|e leur|e cette|es|e ce)\b|\bdans la foulee\b"
    r"|\b(?:at the (?:end|close)|on the (?:sidelines|margins)) of (?:the|their|this|that)\b|\bafter the (?:meeting|talks|session)\b"
    r"|\b(?:a|bayan) (?:karshen )?(?:taron|ganawar|zaman|tattaunawar)\b|(?<!\w)و?(?:في (?:ختام|نهايه|اعقاب)|عقب|علي هامش)"
)
"""Words that tie what was done to the day of a meeting told before."""
ENDS_STEMS = ("issue", "terme", "marge", "sortir", "foulee", "the end", "close", "sidelines", "after the", "taron", "ganawa", "zaman", "tattaunawa", "ختام",
              "نهايه", "عقاب", "عقب", "هامش", "margins")  # fmt: skip
"""One of these is in whatever ``AT_ITS_END`` matches."""
_FRESH = ("reported", "planned", "denied")
_DEATHS = ("CIV.ATTACK", "CIV.EXECUTION")
_JIHADISTS = "jihadists_generic"
_OF_CROWDS = ("CIV.COMMUNAL", "CIV.ATTACK")
"""What "clashes" and "three dead" of a headline may be, where the text tells of a crowd that was fired on."""
_AT_ONCE = ("BAT.", "REM.", "CIV.ATTACK", "CIV.ABDUCTION", "CIV.DESTRUCTION", "UNR.")
"""Acts of one day, which the sentence before may have told."""
_ARMED = ("rebel_jihadist", "militia_political", "criminal")


def merge(reading: Reading, geography: Geography, drafts: list[Draft]) -> list[Draft]:
    """One event for all sentences that tell it, placed and dated by what was told before."""
    _settle(reading, geography, drafts)
    _name_the_armed(drafts)
    merged: list[Draft] = []
    for draft in drafts:
        same = next((m for m in merged if _same(reading, m, draft)), None)
        host = same or _of_raised(reading, merged, draft) or _absorbing(reading, merged, draft)
        if same is not None and tolls.is_toll(reading, draft) and all(reading.in_title(n) for _, n in same.sentences):
            host = _absorbing(reading, merged, draft) or same  # what the text tells comes before its headline
        if host is None:
            merged.append(draft)
        else:
            _absorb(reading, host, draft)
    merged = _attach_claims(_without_denials(_without_headlines(reading, merged)))
    _complete_headlines(reading, geography, merged)
    return _without_asides(reading, merged)


def _without_asides(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """Drafts of an article that opens with some event; of one that opens with none, only those that say when or how many.

    A portrait, an analysis or a debate speaks of coups, raids and talks in passing; what it tells as new, it dates.
    """
    first = reading.first_of_text
    if len(reading.sentences) - first < ASIDE_SENTENCES:
        return drafts
    opening = range(first + OPENING_SENTENCES)
    if any(n in opening for draft in drafts if draft.mode != "historical" for _, n in draft.sentences):
        return drafts
    kept = [
        d for d in drafts
        if d.mode not in ("reported", "planned") or d.when is not None or any(count.low for count in d.counts)
    ]  # fmt: skip
    return drafts if sum(d.mode == "reported" for d in kept) >= MANY else kept


def _complete_headlines(reading: Reading, geography: Geography, drafts: list[Draft]) -> None:
    """What only the headline tells has the place and the day of the first sentence, which tells it in other words."""
    lead = reading.first_of_text
    if lead >= len(reading.sentences):
        return
    told = {n for draft in drafts if draft.mode != "historical" for _, n in draft.sentences}
    for draft in drafts:
        if lead in told or not all(reading.in_title(n) for _, n in draft.sentences):
            continue
        anchor = Hit("", draft.code, reading.sentences[lead].start, reading.sentences[lead].start, "")
        draft.when = draft.when or _newest(reading, lead, draft.code) or date_of(reading, lead, anchor)
        if not draft.placed:
            place = geography.locate(lead, anchor, draft.code, draft.location.country if draft.location else None)
            draft.location = place or draft.location
        draft.sentences = [(max(draft.sentences)[0] + 1, lead), *draft.sentences]


def _newest(reading: Reading, sentence: int, code: str) -> DateMention | None:
    """The last day up to publication that a sentence gives for an act."""
    told = (date_of(reading, sentence, Hit("", code, m.start, m.start, "")) for m in reading.dates(sentence))
    past = [d for d in told if d is not None and reading.published is not None and d.first <= reading.published]
    return max(past, key=lambda d: d.last) if past else None


def _settle(reading: Reading, geography: Geography, drafts: list[Draft]) -> None:
    """Gives what happened "there" and "then" the place and the day of what was told before."""
    before: Draft | None = None
    for draft in drafts:
        if reading.in_title(draft.sentences[0][1]):
            continue
        fresh = draft.mode == "reported" and not draft.is_background and draft.code.startswith(LOCAL)
        last = before.sentences[-1][1] if before is not None and _one_paragraph(reading, before, draft) else -1
        if fresh and draft.when is None:
            told = _day_just_told(reading, draft.sentences[0][1], last) if draft.code.startswith(_AT_ONCE) else None
            draft.when = told or (before.when if before is not None and last >= 0 else None)
        if draft.mode == "reported" and draft.when is None and not draft.is_background:
            draft.when = _day_of_all(reading, drafts, draft) or _day_of_meeting(reading, before, draft)
        if before is not None and draft.code == "GRP.WEAPONS_SEIZED" and draft.mode == before.mode == "reported":
            draft.when = draft.when or before.when  # arms are taken where and when the fight was
        if not draft.placed and draft.code.startswith(LOCAL) and not geography.nationwide(draft.sentences[0][1]):
            here = geography.place_just_told(draft.sentences[0][1], last)
            if here is not None:
                draft.location = here
            elif before is not None and not _recalls_elsewhere(reading, before, draft):
                draft.location = _there(before.location, draft.location)
        if draft.mode == "reported" and not draft.is_background:
            before = draft if before is None or draft.placed or draft.when else before


def _day_of_all(reading: Reading, drafts: list[Draft], draft: Draft) -> DateMention | None:
    """The day of a crowd without one of its own: that of all news told before it, where they have one day."""
    if not draft.code.startswith("UNR.") or learnt(draft.trigger) or reading.published is None:
        return None
    first = draft.sentences[0][1]
    told = [
        d.when for d in drafts
        if d.when is not None and d.mode == "reported" and not d.is_background and d.sentences[0][1] < first
    ]  # fmt: skip
    one = len({(day.first, day.last) for day in told}) == 1
    return told[0] if one and told[0].precision == "day" and told[0].first >= reading.published - RECENT else None


def _day_of_meeting(reading: Reading, before: Draft | None, draft: Draft) -> DateMention | None:
    """The day of what was told before, for what was done "at the end of the talks"."""
    if not draft.code.startswith(("MIL.", "DIP.")) or not reading.says(ENDS_STEMS):
        return None
    if (
        before is None
        or before.when is None
        or AT_ITS_END.search(reading.folded, *reading.sentences[draft.sentences[0][1]]) is None
    ):
        return None
    return before.when._replace(first=before.when.last) if before.when.precision == "day" else before.when


def _recalls_elsewhere(reading: Reading, before: Draft, draft: Draft) -> bool:
    """Whether an act long past stands in another paragraph than the one before it, and no word puts it in the same place."""
    if draft.mode != "historical" or _one_paragraph(reading, before, draft):
        return False
    return _SAME_PLACE.search(reading.folded, *reading.sentences[draft.sentences[0][1]]) is None


def _day_just_told(reading: Reading, sentence: int, after: int) -> DateMention | None:
    """The day of the last days that alone is told before a sentence, in its paragraph and behind ``after``."""
    today = reading.published
    for other in range(sentence - 1, max(after, reading.first_of_text - 1), -1):
        if today is None or "\n" in reading.written[reading.sentences[other].end : reading.sentences[sentence].start]:
            return None
        line = reading.dateline_end(other)
        told = [m for m in reading.dates(other) if m.start >= line]
        if told:
            day = told[0]
            recent = day.precision == "day" and today - RECENT <= day.first <= today and len(told) == 1
            return day if recent and not reading.is_since(day) else None
    return None


def _name_the_armed(drafts: list[Draft]) -> None:
    """Takes "the jihadists" of an article that names one armed group as a party for that group."""
    named = {
        m.entry.id: m for draft in drafts for _, m in draft.pairs
        if not m.entry.generic and m.actor_class == "rebel_jihadist"
    }  # fmt: skip
    if len(named) != 1:
        return
    (group,) = named.values()
    for draft in drafts:
        if not any(m.entry.id == group.entry.id for _, m in draft.pairs):
            draft.pairs = [(role, group if m.entry.id == _JIHADISTS else m) for role, m in draft.pairs]


def _one_paragraph(reading: Reading, before: Draft, draft: Draft) -> bool:
    """Whether a draft stands in the paragraph of one before it, where "he" and "then" are those of that one."""
    start, end = reading.sentences[before.sentences[-1][1]].end, reading.sentences[draft.sentences[0][1]].start
    return "\n" not in reading.written[start:end]


def _there(before: records.Location | None, own: records.Location | None) -> records.Location | None:
    """The place told before, unless the sentence itself speaks of another country."""
    if before is None or before.name is None or (own is not None and own.country not in (before.country, None)):
        return own
    return before


def _without_denials(drafts: list[Draft]) -> list[Draft]:
    """Drafts without those that only say what an act told beside them was not: "no soldier was killed"."""
    if not any(d.code in triggers.FAMILY and d.mode == "reported" for d in drafts):
        return drafts
    return [
        d for d in drafts
        if not (d.code in triggers.FAMILY and d.mode == "negated") and not (d.code in _DEATHS and d.mode == "denied")
    ]  # fmt: skip


def _without_headlines(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """Drafts without those of the headline alone that the text tells as well, maybe in other words."""
    kept = list(drafts)
    for draft in drafts:
        if not all(reading.in_title(n) for _, n in draft.sentences):
            continue
        hosts = [
            other for other in drafts
            if other is not draft and other in kept
            and not all(reading.in_title(n) for _, n in other.sentences)
            and (
                other.code == draft.code
                or (
                    (other.code in triggers.FAMILY or (other.code == "UNR.FORCE" and draft.code in _OF_CROWDS))
                    and draft.code in triggers.FAMILY
                    and any(0 <= n - reading.first_of_text < HEADLINE_SENTENCES for _, n in other.sentences)
                )
            )
        ]  # fmt: skip
        if hosts:
            host = min(
                hosts,
                key=lambda o: (o.mode not in _FRESH, o.code != draft.code, min(n for _, n in o.sentences)),
            )
            host.sentences = host.sentences + [(0, n) for _, n in draft.sentences]
            host.rules |= draft.rules
            kept.remove(draft)
    return kept


def _same(reading: Reading, one: Draft, other: Draft) -> bool:
    """Whether two sentences tell one event; a headline leaves the mode to the text ("to reopen", "reopens")."""
    headline = reading.in_title(one.sentences[0][1]) and len(one.sentences) == 1
    fresh = {one.mode, other.mode} <= set(_FRESH)
    return (
        one.code == other.code
        and (one.mode == other.mode or (headline and fresh))
        and tolls.dates_agree(one.when, other.when)
        and _places_agree(one.location, other.location)
    )


def _absorbing(reading: Reading, merged: list[Draft], draft: Draft) -> Draft | None:
    """The act of violence that a later mention speaks of again, vaguely or as a part of what happened there."""
    if draft.code not in triggers.FAMILY or draft.mode != "reported":
        return None
    vague = draft.is_background or not draft.strong
    sentence = draft.sentences[0][1]
    toll = tolls.is_toll(reading, draft)
    hosts = [
        m for m in merged
        if m.mode == "reported" and (m.code in triggers.FAMILY or m.code == "CIV.ABDUCTION" or (toll and m.code == "UNR.FORCE"))
        and tolls.dates_agree(m.when, draft.when) and (not toll or tolls.fits(m.code, draft.counts))
        and (_places_agree(m.location, draft.location) or (toll and _near(reading, m, sentence) and tolls.may_be_of(m, draft)))
        and not (draft.is_background and draft.when is not None and m.when is None)
        and not (draft.is_background and m.code != draft.code and _tolls_differ(m, draft))
        and (vague or (not draft.placed and _near(reading, m, sentence) and (
            draft.when in (None, m.when) or (toll and m.when is not None and tolls.day_of_report(reading, draft))
        )))
    ]  # fmt: skip
    return hosts[-1] if hosts else None


def _of_raised(reading: Reading, merged: list[Draft], draft: Draft) -> Draft | None:
    """The act whose toll a later sentence says was raised, with the act named again."""
    hosts = [
        m for m in merged
        if tolls.same_raised(reading, m, draft) and _places_agree(m.location, draft.location)
        and not reading.in_title(m.sentences[0][1])
    ]  # fmt: skip
    if hosts:
        draft.when = hosts[-1].when or draft.when
    return hosts[-1] if hosts else None


def _tolls_differ(one: Draft, other: Draft) -> bool:
    """Whether two drafts count the dead of different sides."""
    mine = {c.who for c in one.counts if c.kind == "killed" and c.low}
    theirs = {c.who for c in other.counts if c.kind == "killed" and c.low}
    return bool(theirs) and not mine & theirs


def _near(reading: Reading, host: Draft, sentence: int) -> bool:
    """Whether a sentence of the text comes soon after one that tells of the host."""
    told = [n for _, n in host.sentences if not reading.in_title(n)]
    return any(0 < sentence - n <= tolls.NEAR_SENTENCES for n in told)


def _places_agree(one: records.Location | None, other: records.Location | None) -> bool:
    if one is None or other is None or one.country is None or other.country is None:
        return True
    if one.country != other.country:
        return False
    if one.name is None or other.name is None or one.name == other.name:
        return True
    if "admin1" in (one.precision, other.precision) or "area" in (one.precision, other.precision):
        return one.admin1 is None or other.admin1 is None or one.admin1 == other.admin1
    return False


def _absorb(reading: Reading, host: Draft, draft: Draft) -> None:
    only_headline = reading.in_title(host.sentences[0][1]) and len(host.sentences) == 1
    toll = host.code != draft.code and tolls.is_toll(reading, draft)
    best = (toll or max(host.sentences)[0] >= max(draft.sentences)[0]) and not only_headline
    first, second = (host, draft) if best else (draft, host)
    host.rules |= draft.rules
    host.mode = draft.mode
    host.is_background = host.is_background and draft.is_background
    host.alleged = first.alleged
    host.strong, host.companion = host.strong or draft.strong, host.companion or draft.companion
    host.claimed_by = host.claimed_by or draft.claimed_by
    host.when = first.when or second.when
    if only_headline and draft.location is not None and draft.location.name is not None:
        host.location = draft.location
    else:
        host.location = _finer(first.location, second.location)
    host.civilians_named = host.civilians_named or draft.civilians_named
    host.foreign = host.foreign or draft.foreign
    host.target_class = first.target_class if first.target_class != "unknown" else second.target_class
    if host.code != draft.code:
        second.pairs = [pair for pair in second.pairs if pair[0] != "participant"]
    if "participant" in {role for role, _ in second.pairs} - {role for role, _ in first.pairs}:
        first.pairs = []  # what one sentence tells of both sides is no deed of one of them
    elif "participant" in {role for role, _ in first.pairs}:
        second.pairs = []
    first_pairs = _named_doer(first.pairs, second.pairs)
    taken = {role for role, _ in first_pairs}
    host.pairs = first_pairs + [pair for pair in second.pairs if pair[0] not in taken]
    known = {(c.kind, c.who) for c in first.counts}
    kinds = {c.kind for c in first.counts}
    host.counts = raised.replaced(first.counts + [
        c for c in second.counts
        if c.raised or ((c.kind, c.who) not in known and not (c.who is None and c.kind in kinds))
    ])  # fmt: skip
    worth = max(host.sentences)[0]
    host.sentences = host.sentences + [(min(w, worth) if toll else w, n) for w, n in draft.sentences]


def _named_doer(
    pairs: list[tuple[str, ActorMention]], other: list[tuple[str, ActorMention]]
) -> list[tuple[str, ActorMention]]:
    """Pairs in which "gunmen" have the name of the armed group that another sentence on the event gives them."""
    named = [
        p for p in other if p[0] == "initiator" and not p[1].entry.generic and p[1].actor_class.startswith("rebel_")
    ]
    unnamed = [p for p in pairs if p[0] == "initiator" and p[1].entry.generic and p[1].actor_class in _ARMED]
    if not named or not unnamed:
        return pairs
    return [named[0], *(p for p in pairs if p[0] != "initiator")]


def _finer(first: records.Location | None, second: records.Location | None) -> records.Location | None:
    if first is None or second is None:
        return first or second
    order = records.LOCATION_PRECISIONS
    return second if order.index(second.precision) < order.index(first.precision) else first


def _attach_claims(drafts: list[Draft]) -> list[Draft]:
    """A claim of responsibility names the author of an act told in the article; alone it stays an event."""
    kept = []
    for draft in drafts:
        if draft.code != "GRP.CLAIM":
            kept.append(draft)
            continue
        acts = [
            d for d in drafts
            if d.code in triggers.FAMILY and d.mode in ("reported", draft.mode) and d.code != "BAT.OPERATION" and d.strong
            and not any(
                role == "initiator" and (m.actor_class.startswith("state_") or m.actor_class == "foreign_military")
                for role, m in d.pairs
            )
        ]  # fmt: skip
        if draft.mode == "negated":
            continue  # that nobody has claimed an act is no event
        if acts and draft.mode in ("reported", "historical"):
            said = {n for _, n in draft.sentences}
            act = min(acts, key=lambda d: min(abs(n - m) for _, n in d.sentences for m in said))
            who = next((m for role, m in draft.pairs if role == "initiator"), None)
            act.claimed_by = (who.entry.id if who else None) or draft.claimed_by or act.claimed_by
            if who is not None:
                named = [pair for pair in act.pairs if pair[0] == "initiator" and not pair[1].entry.generic]
                if not named:
                    act.pairs = [("initiator", who), *(pair for pair in act.pairs if pair[0] != "initiator")]
            act.rules |= draft.rules
            continue
        kept.append(draft)
    return kept
