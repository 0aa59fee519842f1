"""Drafts: what each sentence of an article tells, before sentences that tell one event are joined."""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection

from transforms import records
from transforms.tagging import (
    actors,
    counting,
    coups,
    courts,
    identified,
    mode_words,
    modes,
    parties,
    quantities,
    roles,
    spans,
    triggers,
    undoing,
)
from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.count_lists import Count
from transforms.tagging.dates import DateMention
from transforms.tagging.geography import Geography
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.sources import is_source
from transforms.tagging.triggers import Found

LEAD_SENTENCES = 2
SOON = dt.timedelta(days=31)
"""A day and month without a year so shortly ahead is no day of the year before."""
PASSING_WORDS = 1
"""A preposition that only recalls an act stands so many words before its noun at most."""
VERB_WORDS = 8
"""The verb of a noun of acts stands so many words after it at most."""
_QUIET = ("hypothetical", "negated", "historical", "ongoing_stock")
"""Modes that a weak trigger is not believed in."""
_AHEAD = ("planned", "hypothetical")
TARGET_OF_TYPE = {
    "BAT.ATTACK_MIL": "state_forces", "BAT.OPERATION": "armed_group", "GRP.LEADER": "armed_group",
    "BAT.TERRITORY_REGAINED": "armed_group", "BAT.TERRITORY_LOST": "state_forces", "GRP.SURRENDER": "armed_group",
    "HUM.DISPLACE": "civilian", "HUM.RETURN": "civilian", "HUM.AID": "civilian", "HUM.FOOD": "civilian",
    "HUM.MIGRANTS": "civilian", "HUM.ACCESS_DENIED": "aid_worker",
}  # fmt: skip
_DEADLINES = ("POL.TRANSITION", "MIL.EXPEL", "CIV.DISPLACE_ORDER", "DIP.THREAT")
"""A day without a year in these is one to come: "told to be gone by the end of January", "a vote on 28 December"."""
_TOGETHER = re.compile(
    r"\b(?:the (?:three|four|five)(?: (?:countries|states|allies|nations))? (?:took|have|had|said|were|did|recalled|left|leave|quit)"
    r"|the (?:three|four|five)(?: [\w-]+){0,2} (?:countries|states|nations|juntas)"
    r"|(?:les )?(?:trois|quatre|cinq) (?:pays|etats|capitales)|kasashen (?:uku|hudu))\b|(?<!\w)الدول (?:الثلاث|الاربع|الخمس)"
)
"""Several countries as one."""
_OF_RULERS = ("POL.RESTRICT", "POL.TRANSITION")
_ENDINGS = ("MIL.END_AGREE", "DIP.PEACE_COLLAPSE")
_ACTS = ("BAT.", "REM.", "CIV.")
_NEXT_WORDS = 4
"""A day to come this near behind its act is its day across a mark: "a « dead city » day next Tuesday"."""
_FORCES_OF_STATE = ("state_military", "state_police", "foreign_military", "pmc", "militia_progov")
_JUDGED = ("POL.COUP", "POL.COUP_ATTEMPT", "POL.MUTINY", "BAT.", "REM.", "CIV.")


@dataclasses.dataclass(kw_only=True)
class Draft:
    """An event in the making: one or more sentences of the article that tell it."""

    code: str
    trigger: Hit
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
    placed: bool
    """Whether the sentence itself names the place."""
    when: DateMention | None
    claimed_by: str | None
    target_class: str
    civilians_named: bool
    foreign: bool
    """Whether those who were hit are of another country than where it happened."""


def lead(reading: Reading) -> range:
    """The sentences of the title and the first of the text."""
    return range(min(len(reading.sentences), reading.first_of_text + LEAD_SENTENCES))


def drafts_of(
    reading: Reading, finder: ActorFinder, geography: Geography, sentence: int, told: Collection[str],
    undone: Collection[str] = (), news: Collection[str] = (),
) -> list[Draft]:  # fmt: skip
    """The drafts of a sentence, gated, with the more specific of rival types.

    ``told`` are the types told before, ``undone`` those of acts that one told before as news has undone,
    ``news`` those told before as having happened now.
    """
    if not reading.has_trigger(sentence):
        return []
    mentions = finder.in_sentence(sentence)
    counts = counting.find_counts(reading, sentence)
    found = triggers.find_types(triggers.judge(reading, sentence, mentions, counts, told))
    found = triggers.by_victim(found, mentions, counts, reading)
    if not found:
        return []
    moded = {f.code: _known(reading, sentence, f.trigger, news) for f in found}
    found = [f for f in found if f.code != "POL.COUP" or not identified.is_bare_headline(reading, sentence)]
    kept = triggers.precedence([(f, moded[f.code][0].name) for f in found], counts)
    codes = [f.code for f, _ in kept]
    in_lead = sentence in lead(reading)
    drafts: list[Draft] = []
    for f, name in kept:
        mode, when = moded[f.code]
        believed = (
            f.strong
            or (name not in _QUIET and (not mode.is_background or in_lead))
            or (name == "historical" and f.companion and when is not None)
        )
        if believed and (in_lead or name != "reported" or not _in_passing(reading, sentence, f, counts, when)):
            own = quantities.of_event(counts, f.code, codes) if counts else []
            drafts.append(_draft(reading, finder, geography, sentence, f, mode, when, own))
    _take_along(reading, sentence, drafts)
    before = set() if in_lead else {*undone, *([] if "POL.COUP" in told else ["POL.COUP"])}
    return _recalled(reading, sentence, drafts, before)


def _take_along(reading: Reading, sentence: int, drafts: list[Draft]) -> None:
    """What went on while something long past was done is past as well: "had shut it while the bloc was threatening"."""
    for draft in drafts:
        if draft.mode != "reported" or draft.when is not None:
            continue
        clause = reading.clause_at(sentence, draft.trigger.start)
        while_then = mode_words.MEANWHILE.search(reading.folded, max(0, clause.start - 16), draft.trigger.start)
        if while_then is not None and any(
            other.mode == "historical" and other.trigger.end <= while_then.start() for other in drafts
        ):
            draft.mode, draft.is_background = "historical", True


def _in_passing(reading: Reading, sentence: int, found: Found, counts: list[Count], when: DateMention | None) -> bool:
    """Whether an act without a day and a count is only spoken of: "malgré l'arrestation", "the raids must stop"."""
    trigger = found.trigger
    if when is not None or any(count.low and count.kind in quantities.CASUALTIES for count in counts):
        return False
    for cue in reading.hits("mode", sentence, "passing"):
        if cue.end <= trigger.start and reading.words_between(cue.end, trigger.start) <= PASSING_WORDS:
            return True
    nouns = reading.hits("mode", sentence, "general")
    if not any(trigger.start <= noun.start and noun.end <= trigger.end for noun in nouns):
        return False
    verbs = reading.hits("mode", sentence, "happened")
    return not any(
        (trigger.start <= verb.start < trigger.end)
        or (verb.start >= trigger.end and reading.words_between(trigger.end, verb.start) <= VERB_WORDS)
        for verb in verbs
    )


def _recalled(reading: Reading, sentence: int, drafts: list[Draft], before: Collection[str]) -> list[Draft]:
    """Drafts in which what another of the sentence, or of one before, undoes is history, and what a court judges.

    ``before`` are the types of which an act without a day of its own is long past: those undone, and coups, which are
    what an article opens with when they are news.
    """
    undone = {
        undoing.RECALLED[d.code] for d in drafts if d.code in undoing.RECALLED and d.mode in ("reported", "planned")
    }
    _share_days(reading, sentence, drafts)
    for draft in drafts:
        judged = draft.code.startswith(_JUDGED) and courts.is_judged(reading, sentence, draft.trigger)
        long_undone = draft.code in before and draft.when is None
        both = draft.code in undone and any(
            undoing.RECALLED.get(other.code) == draft.code
            and undoing.told_apart(reading, sentence, draft.trigger, draft.when, other.trigger, other.when)
            for other in drafts
        )
        if ((draft.code in undone and not both) or judged or long_undone) and draft.mode == "reported":
            draft.mode, draft.is_background = "historical", True
            draft.when = draft.when if undoing.is_old(reading, draft.when) else None
    return drafts


def _share_days(reading: Reading, sentence: int, drafts: list[Draft]) -> None:
    """Of an act and the one it undoes, told in one sentence, the older day is that of what is undone.

    "Taken in January, he was freed on Sunday": one old day alone is not the day of what is news.
    """
    for draft in drafts:
        undone = (
            next((d for d in drafts if d.code == undoing.RECALLED[draft.code]), None)
            if draft.code in undoing.RECALLED
            else None
        )
        if undone is None or draft.mode not in ("reported", "historical") or not undoing.is_old(reading, draft.when):
            continue
        anchors = [Hit("", draft.code, m.start, m.start, "") for m in reading.dates(sentence)]
        days = [day for day in (date_of(reading, sentence, anchor) for anchor in anchors) if day is not None]
        fresh = [
            day
            for day in days
            if not undoing.is_old(reading, day) and reading.published and day.first <= reading.published
        ]
        if fresh or len({day.first for day in days}) < 2:
            undone.when = min(days, key=lambda day: day.first) if days else undone.when
            draft.when = max(fresh, key=lambda day: day.last) if fresh else None
            if fresh or sentence in lead(reading):
                draft.mode, draft.is_background = "reported", False


def _known(
    reading: Reading, sentence: int, trigger: Hit, news: Collection[str]
) -> tuple[modes.Mode, DateMention | None]:
    """Mode and date of a trigger; a coup of those who are known by it is history, and has no day of another clause's verb."""
    mode, when = _timed(reading, sentence, trigger)
    later = identified.coup_told(reading, sentence, trigger)
    if later is not trigger:
        day = date_of(reading, sentence, later)
        if undoing.is_fresh(reading, day):
            return mode._replace(name="reported", is_background=False), day
    known = identified.known_coup(reading, sentence, trigger) if mode.name not in ("denied", "negated") else None
    if known is not None and trigger.key not in news:
        past, day = known
        if past:
            mode, when = mode._replace(name="historical", is_background=True), day
        elif day is not None and mode.name == "historical":
            mode, when = mode._replace(name="reported", is_background=False), day
    if trigger.key == "POL.COUP" and mode.name == "historical" and when is not None:
        clause = reading.clause_at(sentence, trigger.start)
        if not undoing.is_old(reading, when) and not clause.start <= when.start < clause.end:
            when = None
    return mode, when


def _timed(reading: Reading, sentence: int, trigger: Hit) -> tuple[modes.Mode, DateMention | None]:
    """Mode and date of a trigger; what is planned for "Monday" or "15 December" is planned for the next one."""
    when = spans.day_of_year(reading, sentence, date_of(reading, sentence, trigger))
    mode = modes.find_mode(reading, sentence, trigger, when)
    if mode.name == "historical" and when is not None and modes.just_now(reading, sentence, when.end):
        mode, when = mode._replace(name="reported", is_background=False), None
    today = reading.published
    if mode.name in ("reported", "ongoing_stock", "historical"):
        when = spans.lasting(reading, sentence, trigger, mode.name, when)
    if when is not None and mode.name == "planned" and spans.is_day_of_accord(reading, sentence, trigger, when):
        return mode, None
    if when is not None and today is not None and mode.name == "planned" and when.last < today:
        days = dt.timedelta(days=7 if today - when.last < dt.timedelta(days=7) else 365)
        when = when._replace(first=when.first + days, last=when.last + days)
    if (
        when is not None and today is not None and mode.name != "planned" and when.inferred
        and when.first > today and trigger.key in _DEADLINES
    ):  # fmt: skip
        return mode, None  # "told to be gone by 20 November"
    if (
        when is not None and today is not None and mode.name == "reported" and when.inferred and when.first > today
        and when.first <= today + SOON and not trigger.key.startswith(_ACTS) and trigger.end <= when.start
    ):  # fmt: skip
        mode = mode._replace(name="planned")  # "have decided to reopen it from Monday 16 November"
    if when is not None and today is not None and mode.name not in _AHEAD and when.inferred and when.first > today:
        when = when._replace(first=_year_before(when.first), last=_year_before(when.last))
    return mode, spans.stretched(reading, sentence, trigger, when)


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def date_of(reading: Reading, sentence: int, trigger: Hit) -> DateMention | None:
    """The date of the event: the nearest in its clause, else in its sentence, that is not the day of the report."""
    told = reading.dates(sentence)
    if not told:
        return None
    clause = reading.clause_at(sentence, trigger.end - 1 if trigger.key in undoing.RECALLED else trigger.start)
    said = [verb for verb in reading.said(sentence) if not (trigger.start < verb.end and verb.start < trigger.end)]
    recalled = (
        clause.background
        and clause.start > reading.sentences[sentence].start
        and _tells_more(reading, sentence, trigger)
    )
    ranked = []
    for mention in told:
        report = (
            bool(said)
            and not undoing.is_old(reading, mention)
            and any(
                verb.end <= mention.start
                and reading.words_between(verb.end, mention.start) <= actors.SOURCE_WORDS
                and mode_words.TO_HAVE.match(reading.folded, verb.end) is None
                for verb in said
            )
        )  # what was said long ago was not done later
        if coups.is_day_of_coup(reading, sentence, trigger, mention) or undoing.is_day_of_undone(
            reading, sentence, trigger, mention
        ):
            continue
        if (
            report
            or spans.is_town(reading, sentence, mention)
            or _in_dateline(reading, mention)
            or spans.is_end(reading, sentence, trigger, mention)
            or _of_object(reading, sentence, trigger, mention)
        ):
            continue
        inside = clause.start <= mention.start < clause.end
        if not inside and (
            _of_background(reading, sentence, trigger, mention) or (recalled and mention.start < clause.start)
        ):
            continue
        to_come = reading.published is not None and mention.first > reading.published
        if to_come and not inside and not 0 <= reading.words_between(trigger.end, mention.start) <= _NEXT_WORDS:
            continue
        ranked.append((not inside, coups.apart(mention, trigger), mention))
    return min(ranked, key=lambda r: (r[0], r[1], r[2].start))[2] if ranked else None


def _of_background(reading: Reading, sentence: int, trigger: Hit, mention: DateMention) -> bool:
    """Whether an old date stands in a clause of background: "lifted the sanctions imposed after the coup of 2021"."""
    clause = reading.clause_at(sentence, mention.start)
    since = reading.words_between(clause.start, mention.start) <= 1
    return clause.background and trigger.start < clause.start and not since and undoing.is_old(reading, mention)


def _tells_more(reading: Reading, sentence: int, trigger: Hit) -> bool:
    """Whether a sentence tells before a trigger of another kind of act, to which its day belongs."""
    return any(
        not other.key.startswith(_ACTS) and other.key[:3] != trigger.key[:3] and other.end <= trigger.start
        for other in reading.hits("trigger/s", sentence)
    )  # fmt: skip


def _of_object(reading: Reading, sentence: int, trigger: Hit, mention: DateMention) -> bool:
    """Whether a date is not the day of the act: it dates the accord that is ended, or says by when something is due."""
    if trigger.key in _DEADLINES and mention.inferred and reading.published is not None:
        return mention.last < reading.published - dt.timedelta(days=30)
    if trigger.key not in _ENDINGS or mention.start < trigger.start:
        return False
    verbs = [cue for cue in reading.hits("mode", sentence, "historical") if trigger.end <= cue.start < mention.start]
    return mention.precision == "year" or bool(verbs)


def _in_dateline(reading: Reading, mention: DateMention) -> bool:
    """Whether a date stands before the dash that opens a report ("N'DJAMENA, 15 Nov -- ...")."""
    rest = reading.folded[mention.end : mention.end + 8].lstrip(" ).,(")
    return rest.startswith(("--", "— ", "– ", "- ", "afp", "reuters", "apa"))


def _draft(
    reading: Reading, finder: ActorFinder, geography: Geography, sentence: int, found: Found, mode: modes.Mode,
    when: DateMention | None, own: list[Count],
) -> Draft:  # fmt: skip
    mentions = finder.in_sentence(sentence)
    event_type = reading.lexicon.types[found.code]
    pairs = roles.assign(reading, event_type, found.trigger, sentence, mentions)
    if found.code.startswith("DIP.SANCTION"):
        pairs = [(role, m) for role, m in pairs if role != "target" or not m.actor_class.startswith("igo")]
    pairs = pairs + parties.states(reading, finder, event_type, sentence, found.trigger, pairs)
    pairs = parties.as_states(finder, found.code, pairs)
    ruler = geography.ruler(sentence, found.code, found.trigger) if found.code.startswith(_OF_RULERS) else None
    if ruler is not None:
        pairs = [*parties.of_government(finder, ruler), *((role, m) for role, m in pairs if role != "initiator")]
    aimed = "target" if found.code.startswith("DIP.SANCTION") else "initiator"
    country = next((m.country for role, m in pairs if role in (aimed, "participant") and m.country), None)
    location = geography.locate(sentence, found.trigger, found.code, country)
    if (found.code in parties.JOINT and len({m.country for role, m in pairs if role == "initiator"}) > 1) or (
        found.code in (*parties.JOINT, "MIL.JOINT_FORCE") and (location is None or location.name is None)
        and _TOGETHER.search(reading.folded, *reading.sentences[sentence]) is not None
    ):  # fmt: skip
        location = None  # a step of several countries happens in none of them
    where = location.country if location else None
    pairs = parties.of_coup(reading, finder, sentence, found.code, pairs, where)
    if (
        found.code == "POL.ARREST"
        and not any(role == "initiator" for role, _ in pairs)
        and courts.in_court(reading, sentence)
    ):
        pairs = [*parties.of_government(finder, where or geography.home()), *pairs]
    code = found.code
    here = reading.clause_at(sentence, found.trigger.start)
    if code == "CIV.ATTACK" and any(
        role == "initiator" and m.actor_class in _FORCES_OF_STATE and here.start <= m.start < here.end
        for role, m in pairs
    ):
        code = "CIV.EXECUTION"  # what armies do to civilians is an abuse, whatever verb tells it
    doers = [m.actor_class for role, m in pairs if role == "initiator"]
    if code == "CIV.EXECUTION" and doers and not any(name in _FORCES_OF_STATE for name in doers):
        code = "CIV.ATTACK"  # abuses are of those who hold the power of a state
    claimed = roles.claimant(finder, found.code, sentence, mentions, pairs, where or geography.home())
    claimed = claimed if found.code in parties.SUCCESSES or any(count.thing is None for count in own) else None
    if claimed:
        own = [count._replace(claimed_by=claimed) for count in own]
    worth = 2 * len(own) + len(pairs) + 2 * (when is not None) + (location is not None and location.name is not None)
    worth += 2 * found.strong + (0 if reading.in_title(sentence) else 1) + (not mode.is_background)
    return Draft(
        code=code, trigger=found.trigger, mode=mode.name, is_background=mode.is_background, alleged=mode.alleged, strong=found.strong,
        companion=found.companion, sentences=[(worth, sentence)], rules=set(found.rules), pairs=pairs, counts=own,
        location=location, placed=location is not None and location.name is not None and geography.names_place(sentence, location),
        when=when, claimed_by=claimed,
        target_class=_target_class(reading, found, sentence, own),
        civilians_named=bool(reading.hits("victim", sentence, "civilian")),
        foreign=_foreign(reading, sentence, where),
    )  # fmt: skip


def _foreign(reading: Reading, sentence: int, country: str | None) -> bool:
    """Whether a noun of civilians stands beside the demonym of another country: "two Chinese engineers"."""
    civilians = reading.hits("victim", sentence, "civilian")
    return bool(civilians) and any(
        reading.words_between(min(hit.end, m.end), max(hit.start, m.start)) <= 1
        for m in reading.countries_of(sentence) if m.demonym and m.iso != country
        for hit in civilians
    )  # fmt: skip


def _target_class(reading: Reading, found: Found, sentence: int, counts: list[Count]) -> str:
    if found.code in TARGET_OF_TYPE:
        return TARGET_OF_TYPE[found.code]
    victims = [c.who for c in counts if c.who in records.TARGET_CLASSES and c.kind is not None] if counts else []
    sites = reading.hits("site", sentence) if found.code.startswith(_ACTS) else []
    sites = [hit for hit in sites if not is_source(reading, sentence, hit)]
    if sites and (not victims or victims[0] == "civilian"):
        return min(sites, key=lambda hit: (abs(hit.start - found.trigger.start), hit.start)).key
    if victims:
        return str(victims[0])
    return "civilian" if found.code.startswith("CIV.") else "unknown"
