"""Events of an article: what its sentences tell, merged into one event each, scored and written as records."""

import dataclasses
import datetime as dt

from transforms import records
from transforms.tagging import actors, modes, parties, quantities, spans, triggers
from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.dates import DateMention
from transforms.tagging.geography import Geography
from transforms.tagging.patterns import Hit
from transforms.tagging.quantities import Count
from transforms.tagging.reading import Reading
from transforms.tagging.triggers import Found

STRONG, WEAK, COMPANION, SALIENT, SLOT = 0.75, 0.45, 0.2, 0.1, 0.05
ALLEGED, BACKGROUND, CAP = -0.15, -0.2, 0.99
"""Confidence: a base by the trigger's strength, and what is added or taken for what else the text gives (method)."""
LEAD_SENTENCES = 2
HEADLINE_SENTENCES = 6
"""A headline sums up one of so many first sentences of the text."""
_FRESH = ("reported", "planned", "denied")
_QUIET = ("hypothetical", "negated", "historical", "ongoing_stock")
"""Modes that a weak trigger is not believed in."""
TARGET_OF_TYPE = {
    "BAT.ATTACK_MIL": "state_forces", "BAT.OPERATION": "armed_group", "GRP.LEADER": "armed_group",
    "BAT.TERRITORY_REGAINED": "armed_group", "BAT.TERRITORY_LOST": "state_forces", "GRP.SURRENDER": "armed_group",
}  # fmt: skip
_ARMED = ("rebel_jihadist", "militia_political", "criminal")
_ACTS = ("BAT.", "REM.", "CIV.")


@dataclasses.dataclass(kw_only=True)
class Draft:
    """An event in the making: one or more sentences of the article that tell it."""

    code: str
    mode: str
    is_background: bool
    alleged: bool
    strong: bool
    companion: bool
    sentences: list[tuple[int, int]]
    """(worth, sentence): how much of the event a sentence tells."""
    rules: set[str]
    pairs: list[tuple[str, ActorMention]]
    counts: list[Count]
    location: records.Location | None
    when: DateMention | None
    claimed_by: str | None
    target_class: str


def read_events(article_id: str, reading: Reading, geography: Geography) -> list[records.Event]:
    """The events of an article, best evidence first in the text, each with at least one evidence sentence."""
    finder = ActorFinder(reading)
    drafts: list[Draft] = []
    lead_in_region = any(geography.in_region(s) for s in _lead(reading)) or (
        reading.outlet_in_region and not geography.countries()
    )
    for sentence in range(len(reading.sentences)):
        for draft in _drafts_of(reading, finder, geography, sentence):
            if geography.elsewhere(sentence) or not (geography.in_region(sentence) or lead_in_region):
                continue
            drafts.append(draft)
        _carry_counts(reading, sentence, drafts)
    merged = _attach_claims(_merge(reading, drafts))
    rows = [_to_record(article_id, reading, finder, geography, draft) for draft in merged]
    return sorted(rows, key=lambda e: (e.evidence[0].part == "title", e.evidence[0].start, e.event_type, e.mode))


def _lead(reading: Reading) -> range:
    return range(min(len(reading.sentences), reading.first_of_text + LEAD_SENTENCES))


def _drafts_of(reading: Reading, finder: ActorFinder, geography: Geography, sentence: int) -> list[Draft]:
    if not reading.hits("trigger/s", sentence) and not reading.hits("trigger/w", sentence):
        return []
    mentions = finder.in_sentence(sentence)
    counts = quantities.find_counts(reading, sentence)
    found = triggers.find_types(reading, sentence, mentions, counts)
    found = triggers.by_victim(found, mentions, counts, reading)
    moded = {f.code: _timed(reading, sentence, f.trigger) for f in found}
    kept = triggers.precedence([(f, moded[f.code][0].name) for f in found], counts)
    return [
        _draft(reading, finder, geography, sentence, f, moded[f.code][0], moded[f.code][1], counts)
        for f, mode in kept
        if f.strong or (mode not in _QUIET and (not moded[f.code][0].is_background or sentence in _lead(reading)))
    ]


def _timed(reading: Reading, sentence: int, trigger: Hit) -> tuple[modes.Mode, DateMention | None]:
    """Mode and date of a trigger; what is planned for "Monday" or "15 December" is planned for the next one."""
    when = _date_of(reading, sentence, trigger)
    mode = modes.find_mode(reading, sentence, trigger, when)
    today = reading.published
    if mode.name in ("reported", "ongoing_stock", "historical"):
        when = spans.lasting(reading, sentence, trigger, mode.name, when)
    if mode.name == "planned" and when is not None and today is not None and when.last < today:
        days = dt.timedelta(days=7 if today - when.last < dt.timedelta(days=7) else 365)
        when = dataclasses.replace(when, first=when.first + days, last=when.last + days)
    return mode, when


def _date_of(reading: Reading, sentence: int, trigger: Hit) -> DateMention | None:
    """The date of the event: the nearest in its clause, else in its sentence, that is not the day of the report."""
    clause = reading.clause_at(sentence, trigger.start)
    said = [*reading.hits("mode", sentence, "attribution"), *reading.hits("mode", sentence, "denied")]
    ranked = []
    for mention in reading.dates(sentence):
        report = any(
            verb.end <= mention.start and reading.words_between(verb.end, mention.start) <= actors.SOURCE_WORDS
            for verb in said
        )
        if report or _in_dateline(reading, mention):
            continue
        inside = clause.start <= mention.start < clause.end
        if not inside and reading.published is not None and mention.first > reading.published:
            continue
        ranked.append((not inside, abs(mention.start - trigger.start), mention))
    return min(ranked, key=lambda r: (r[0], r[1], r[2].start))[2] if ranked else None


def _in_dateline(reading: Reading, mention: DateMention) -> bool:
    """Whether a date stands before the dash that opens a report ("N'DJAMENA, 15 Nov -- ...")."""
    rest = reading.folded[mention.end : mention.end + 8].lstrip(" ).,(")
    return rest.startswith(("--", "— ", "– ", "- ", "afp", "reuters", "apa"))


def _draft(
    reading: Reading, finder: ActorFinder, geography: Geography, sentence: int, found: Found, mode: modes.Mode,
    when: DateMention | None, counts: list[Count],
) -> Draft:  # fmt: skip
    mentions = finder.in_sentence(sentence)
    event_type = reading.lexicon.types[found.code]
    pairs = actors.assign(reading, event_type, found.trigger, sentence, mentions)
    if found.code.startswith("DIP.SANCTION"):
        pairs = [(role, m) for role, m in pairs if role != "target" or not m.actor_class.startswith("igo")]
    pairs = pairs + parties.states(reading, finder, event_type, sentence, found.trigger, pairs)
    own = [count for count in counts if quantities.belongs(count, found.code)]
    pairs = parties.as_states(finder, found.code, pairs)
    civilians_hit = any(count.who == "civilian" and count.low for count in own)
    named = bool(reading.hits("victim", sentence, "civilian"))
    pairs = pairs + actors.default_parties(
        reading.lexicon, event_type, pairs, civilians_hit=civilians_hit, civilians_named=named
    )
    aimed = "target" if found.code.startswith("DIP.SANCTION") else "initiator"
    country = next((m.country for role, m in pairs if role in (aimed, "participant") and m.country), None)
    location = geography.locate(sentence, found.trigger, found.code, country)
    if found.code in parties.JOINT and len({m.country for role, m in pairs if role == "initiator"}) > 1:
        location = None  # a step of several countries happens in none of them
    where = location.country if location else None
    pairs = parties.of_coup(reading, finder, sentence, found.code, pairs, where)
    claimed = actors.claimant(finder, found.code, mentions, pairs, where or geography.home())
    worth = 2 * len(own) + len(pairs) + 2 * (when is not None) + (location is not None and location.name is not None)
    worth += 2 * found.strong + (0 if reading.in_title(sentence) else 1) + (not mode.is_background)
    return Draft(
        code=found.code, mode=mode.name, is_background=mode.is_background, alleged=mode.alleged, strong=found.strong,
        companion=found.companion, sentences=[(worth, sentence)], rules=set(found.rules), pairs=pairs, counts=own,
        location=location, when=when, claimed_by=claimed if claimed and (own or found.code == "GRP.CLAIM") else None,
        target_class=_target_class(reading, found, sentence, own),
    )  # fmt: skip


def _target_class(reading: Reading, found: Found, sentence: int, counts: list[Count]) -> str:
    victims = [c.who for c in counts if c.who in records.TARGET_CLASSES and c.kind is not None]
    sites = reading.hits("site", sentence)
    if found.code in TARGET_OF_TYPE:
        return TARGET_OF_TYPE[found.code]
    if found.code.startswith(_ACTS) and sites and (not victims or victims[0] == "civilian"):
        return min(sites, key=lambda hit: (abs(hit.start - found.trigger.start), hit.start)).key
    if victims:
        return str(victims[0])
    return "civilian" if found.code.startswith("CIV.") else "unknown"


def _carry_counts(reading: Reading, sentence: int, drafts: list[Draft]) -> None:
    """Casualties told in a sentence without an event of its own belong to the act told one or two sentences before."""
    if any(n == sentence for draft in drafts for _, n in draft.sentences):
        return
    if not reading.hits("count", sentence) and not reading.hits("zero", sentence):
        return
    recent = [
        d for d in drafts
        if d.code.startswith(quantities.VIOLENT) and d.mode == "reported" and 0 < sentence - d.sentences[-1][1] <= 2
    ]  # fmt: skip
    if not recent:
        return
    draft = recent[-1]
    counts = [
        c for c in quantities.find_counts(reading, sentence)
        if c.kind in quantities.CASUALTIES and c.who is not None and quantities.belongs(c, draft.code)
    ]  # fmt: skip
    known = {(c.kind, c.who) for c in draft.counts} | {(c.kind, None) for c in draft.counts if c.who is None}
    draft.counts.extend(c for c in counts if (c.kind, c.who) not in known and (c.kind, None) not in known)


def _merge(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """One event for all sentences that tell it."""
    merged: list[Draft] = []
    for draft in drafts:
        host = next((m for m in merged if _same(reading, m, draft)), None) or _absorbing(reading, merged, draft)
        if host is None:
            merged.append(draft)
        else:
            _absorb(host, draft)
    return _without_headlines(reading, merged)


def _without_headlines(reading: Reading, drafts: list[Draft]) -> list[Draft]:
    """Drafts without those of the headline alone that the first sentences of the text tell in other words."""
    kept = list(drafts)
    for draft in drafts:
        if not all(reading.in_title(n) for _, n in draft.sentences):
            continue
        hosts = [
            other for other in drafts
            if other is not draft and other in kept and other.mode in _FRESH and draft.mode in _FRESH
            and (other.code == draft.code or (other.code in triggers.FAMILY and draft.code in triggers.FAMILY))
            and any(0 <= n - reading.first_of_text < HEADLINE_SENTENCES for _, n in other.sentences)
            and _dates_agree(draft.when, other.when) and _countries_agree(draft.location, other.location)
        ]  # fmt: skip
        if hosts:
            host = min(hosts, key=lambda other: (other.code != draft.code, min(n for _, n in other.sentences)))
            host.sentences = host.sentences + [(0, n) for _, n in draft.sentences]
            host.rules |= draft.rules
            kept.remove(draft)
    return kept


def _countries_agree(one: records.Location | None, other: records.Location | None) -> bool:
    return one is None or other is None or None in (one.country, other.country) or one.country == other.country


def _same(reading: Reading, one: Draft, other: Draft) -> bool:
    """Whether two sentences tell one event; a headline leaves the mode to the text ("to reopen", "reopens")."""
    headline = reading.in_title(one.sentences[0][1]) and len(one.sentences) == 1
    fresh = {one.mode, other.mode} <= set(_FRESH)
    return (
        one.code == other.code
        and (one.mode == other.mode or (headline and fresh))
        and _dates_agree(one.when, other.when)
        and _places_agree(one.location, other.location)
    )


def _absorbing(reading: Reading, merged: list[Draft], draft: Draft) -> Draft | None:
    """The act of violence that a vague later mention ("the attack", "after the clashes") speaks of again."""
    del reading
    if draft.code not in triggers.FAMILY or draft.mode != "reported" or not (draft.is_background or not draft.strong):
        return None
    hosts = [
        m for m in merged
        if m.mode == "reported" and (m.code in triggers.FAMILY or m.code == "CIV.ABDUCTION")
        and _dates_agree(m.when, draft.when) and _places_agree(m.location, draft.location)
    ]  # fmt: skip
    return hosts[-1] if hosts else None


def _dates_agree(one: DateMention | None, other: DateMention | None) -> bool:
    if one is None or other is None:
        return True
    day = dt.timedelta(days=1)
    return one.first - day <= other.last and other.first - day <= one.last


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


def _absorb(host: Draft, draft: Draft) -> None:
    best = max(host.sentences)[0] >= max(draft.sentences)[0]
    first, second = (host, draft) if best else (draft, host)
    host.rules |= draft.rules
    host.mode = draft.mode
    host.is_background = host.is_background and draft.is_background
    host.alleged = first.alleged
    host.strong, host.companion = host.strong or draft.strong, host.companion or draft.companion
    host.claimed_by = host.claimed_by or draft.claimed_by
    host.when = first.when or second.when
    host.location = _finer(first.location, second.location)
    host.target_class = first.target_class if first.target_class != "unknown" else second.target_class
    if "participant" in {role for role, _ in second.pairs} - {role for role, _ in first.pairs}:
        first.pairs = []  # what one sentence tells of both sides is no deed of one of them
    elif "participant" in {role for role, _ in first.pairs}:
        second.pairs = []
    first_pairs = _named_doer(first.pairs, second.pairs)
    taken = {role for role, _ in first_pairs}
    host.pairs = first_pairs + [pair for pair in second.pairs if pair[0] not in taken]
    known = {(c.kind, c.who) for c in first.counts}
    kinds = {c.kind for c in first.counts}
    host.counts = first.counts + [
        c for c in second.counts if (c.kind, c.who) not in known and not (c.who is None and c.kind in kinds)
    ]
    host.sentences = host.sentences + draft.sentences


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
        acts = [
            d for d in drafts
            if d.code in triggers.FAMILY and d.mode == "reported" and d.code != "BAT.OPERATION"
            and not any(
                role == "initiator" and (m.actor_class.startswith("state_") or m.actor_class == "foreign_military")
                for role, m in d.pairs
            )
        ]  # fmt: skip
        if draft.code == "GRP.CLAIM" and acts and draft.mode == "reported":
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


def _to_record(
    article_id: str, reading: Reading, finder: ActorFinder, geography: Geography, draft: Draft
) -> records.Event:
    event_type = reading.lexicon.types[draft.code]
    order = sorted(draft.sentences, key=lambda ws: (-ws[0], ws[1]))
    evidence = tuple(_evidence(reading, sentence) for sentence in dict.fromkeys(n for _, n in order))
    country = draft.location.country if draft.location else geography.home()
    quantity_rows = quantities.to_records(draft.counts, draft.code, draft.claimed_by)
    actor_rows = actors.to_records(finder, draft.pairs, country)
    first = min(n for _, n in draft.sentences)
    in_title = any(reading.in_title(n) for _, n in draft.sentences)
    lead = first < reading.first_of_text + LEAD_SENTENCES
    slots = [draft.location and draft.location.name, draft.when, quantity_rows, *{row.role for row in actor_rows}]
    confidence = STRONG if draft.strong else WEAK
    confidence += (COMPANION if draft.companion else 0) + (SALIENT if in_title or lead else 0)
    confidence += SLOT * sum(bool(slot) for slot in slots) + (ALLEGED if draft.alleged else 0)
    confidence += BACKGROUND if draft.is_background or draft.mode == "historical" else 0
    return records.Event(
        event_id=records.event_id_of(article_id, draft.code, evidence[0].part, evidence[0].start),
        article_id=article_id,
        event_type=draft.code,
        acled_type=event_type.acled_type,
        acled_sub_type=event_type.acled_sub_type,
        mode=draft.mode,
        is_background=draft.is_background,
        alleged=draft.alleged,
        claimed_by=draft.claimed_by,
        actors=actor_rows,
        target_class=draft.target_class,
        location=draft.location,
        date_start=draft.when.first.isoformat() if draft.when else None,
        date_end=draft.when.last.isoformat() if draft.when and draft.when.last != spans.OPEN else None,
        date_precision=draft.when.precision if draft.when else "none",
        quantities=quantity_rows,
        salience="headline" if in_title else "lead" if lead else "body",
        evidence=evidence,
        rules=tuple(sorted(draft.rules)),
        confidence=round(max(0.0, min(CAP, confidence)), 2),
        language=reading.language,
    )


def _evidence(reading: Reading, sentence: int) -> records.Evidence:
    span = reading.sentences[sentence]
    part, start, end = reading.to_original(span.start, span.end)
    return records.Evidence(part=part, sentence=reading.original(part)[start:end], start=start, end=end)
