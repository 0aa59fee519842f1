"""Which triggers of a sentence count, and which types of event they leave after gates and precedence."""

import functools
import re
from collections.abc import Collection
from typing import NamedTuple

from transforms.tagging import accidents, ordinary, words_alone
from transforms.tagging.actors import ActorMention
from transforms.tagging.count_lists import Count
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.weighing import DECISIVE, learnt

ANTI_WORDS = 3
"""An anti-trigger kills a trigger it overlaps or that stands within this many words of it."""
GATE_HITS = 2
LONG_ARTICLE = 10
SPARSE = 0.125
"""Sentences with a strong trigger, as a share of a long article, at or below which it is about something else."""
OUTSPOKEN, SURE = 2, 0.8
"""So many sentences whose words speak for one type with such a chance make an article security news, whatever its topic;
in a sentence that is so sure of a type, words of another topic do not bar it."""
_SPARED = ("HUM.MIGRANTS", "DIP.PEACE", "CIV.COMMUNAL", "CIV.ABDUCTION", "UNR.", "POL.COUP")
"""What a word of accidents beside it does not make one."""
_MINES = ("REM.IED", "REM.UXO")
HARD_GATES = ("sport", "arts", "cyber", "accident", "crime")
"""Topics in whose sentences even a strong trigger needs an armed actor; the economy only takes the weak ones."""
FAMILY = (
    "REM.SUICIDE", "REM.UXO", "REM.AIR_DRONE", "REM.IED", "REM.SHELLING", "BAT.TERRITORY_REGAINED",
    "BAT.TERRITORY_LOST", "CIV.EXECUTION", "BAT.OPERATION", "BAT.ATTACK_MIL", "CIV.COMMUNAL", "REM.EXPLOSION",
    "CIV.ATTACK", "BAT.CLASH",
)  # fmt: skip
"""Types that tell one act of violence; the first of them in a sentence names it."""
BEATS: dict[str, tuple[str, ...]] = {
    "MIL.EXERCISE": (*FAMILY, "MIL.DEPLOY", "MIL.JOINT_FORCE", "MIL.AGREE"),
    "POL.COUP": ("POL.ARREST",),
    "POL.COUP_ATTEMPT": ("POL.COUP",),
    "MIL.END_AGREE": ("MIL.AGREE", "DIP.PEACE", "DIP.SANCTION", "DIP.RUPTURE"),
    "DIP.PEACE_COLLAPSE": ("DIP.PEACE", "MIL.END_AGREE", "MIL.AGREE"),
    "DIP.SANCTION_LIFT": ("DIP.SANCTION",),
    "DIP.BORDER_OPEN": ("DIP.BORDER_CLOSE",),
    "DIP.EXIT_BLOC": ("MIL.WITHDRAW", "DIP.SANCTION", "DIP.ALLIANCE", "DIP.TALKS"),
    "CIV.BLOCKADE_LIFTED": ("CIV.BLOCKADE",),
    "CIV.CATTLE_RAID": ("CIV.DESTRUCTION", "CIV.ABDUCTION"),
    "CIV.RELEASE": ("POL.ARREST",),
    "CIV.DISPLACE_ORDER": ("HUM.DISPLACE", "DIP.THREAT", "MIL.EXPEL"),
    "CIV.DISAPPEARANCE": ("CIV.ABDUCTION",),
    "HUM.ACCESS_DENIED": ("HUM.AID", "POL.RESTRICT", "DIP.SANCTION", "MIL.EXPEL"),
    "HUM.RETURN": ("HUM.DISPLACE",),
    "HUM.MIGRANTS": ("MIL.EXPEL", "HUM.RETURN", "POL.ARREST", "HUM.DISPLACE"),
    "MIL.EXPEL": ("MIL.WITHDRAW",),
    "GRP.WEAPONS_SEIZED": ("MIL.ARMS", "REM.SHELLING", "REM.EXPLOSION", "REM.IED"),
    "BAT.OPERATION": ("CIV.DESTRUCTION",),
    "REM.AIR_DRONE": ("CIV.DESTRUCTION",),
    "GRP.LEADER": ("BAT.OPERATION", "CIV.ATTACK"),
    "GRP.SURRENDER": ("GRP.WEAPONS_SEIZED",),
    "UNR.FORCE": (
        "UNR.PROTEST",
        "UNR.RIOT",
        "CIV.ATTACK",
        "CIV.EXECUTION",
        "POL.ARREST",
        "MIL.DEPLOY",
        "BAT.ATTACK_MIL",
        "BAT.CLASH",
    ),
    "MIL.AGREE": ("MIL.JOINT_FORCE", "DIP.TALKS"),
    "UNR.RIOT": ("UNR.PROTEST", "BAT.CLASH"),
    "DIP.PEACE": ("CIV.COMMUNAL",),
    "POL.MUTINY": ("BAT.CLASH", "UNR.PROTEST", "UNR.RIOT"),
    "MIL.JOINT_FORCE": ("BAT.OPERATION",),
}
COMPANIONS = {
    "HUM": ("armed", "humanitarian"), "UNR": ("armed", "political"), "POL": ("armed", "political"),
    "DIP": ("armed", "political"), "POL.ARREST": ("armed", "arrestee"), "CIV.DISAPPEARANCE": ("armed", "political"),
}  # fmt: skip
"""Which companions let a weak trigger of a group count; other groups need arms or casualties."""
_FOLLOWS = {
    "CIV.RELEASE": frozenset(("CIV.ABDUCTION",)),
    "POL.ARREST": frozenset(("BAT", "REM", "CIV", "UNR", "POL.COUP", "POL.COUP_ATTEMPT", "POL.MUTINY", "GRP")),
}
"""What was told before makes these need no other company: those freed were taken, those arrested are its suspects."""
_ASSAULT = re.compile(
    r"attaqu|attack|attentat|assaut|assault|raid|incursion|embuscade|ambush|bomb|explosion|blast|clash|affrontement|fusillade|shoot"
    r"|هجوم|الهجوم|تفجير|غاره|اشتباك|hari|farmaki|kwanto|kwanta"
)
"""Words of violence that a number of dead, whoever they are, makes an act; a death alone may be an accident."""
_BY_VICTIM = ("BAT.ATTACK_MIL", "CIV.ATTACK", "BAT.OPERATION")
_FORCES = ("state_forces", "vigilante", "foreign_forces")
AIM = 8
"""Characters between the words of an attack and those whom it was aimed at: "kwanton bauna kan sojojin"."""
PEOPLE = frozenset(("people", "persons", "personnes", "mutum", "mutane", "شخصا", "اشخاص"))
"""Who may be soldiers as well, where soldiers were attacked."""


class Found(NamedTuple):
    """A type of event that a sentence tells, with its best trigger and all the rules that fired for it."""

    code: str
    trigger: Hit
    strong: bool
    companion: bool
    rules: tuple[str, ...]
    end: int
    """Where the longest of its triggers ends: what is hit often stands last."""


class Judged(NamedTuple):
    """A trigger of a sentence, and why it does not count, or None when it does."""

    hit: Hit
    strong: bool
    companion: bool
    refusal: str | None


def gated_article(reading: Reading) -> str | None:
    """Why an article is no security news: the topic that outweighs its triggers, or ``"sparse"``; None when it is.

    What counts are its sentences with a strong trigger, and those among them with an armed force or a weapon. On the
    development stories the share of the former was .14 or more in security news and .125 or less elsewhere, topics
    with a gate of their own apart. No topic outweighs ``OUTSPOKEN`` sentences whose words speak for events: on articles
    read with words that do not know them two give more right types than three and no further alarm
    (``python -m tests.quality.thresholds``).
    """
    if sum(1 for _ in reading.spoken.likely(SURE)) >= OUTSPOKEN:
        return None
    strong = reading.kinds_found.get("trigger/s", [])
    named = [hit for hit in strong if not learnt(hit)]  # words alone do not outweigh a topic
    told = {reading.sentence_at(hit.start) for hit in named}
    armed = sum(1 for sentence in told if _has_arms(reading, sentence))
    hits: dict[str, list[str]] = {}
    for hit in reading.kinds_found.get("gate", []):
        hits.setdefault(hit.key, []).append(reading.folded[hit.start : hit.end])
    for topic, words in sorted(hits.items()):
        if topic == "accident" and any(hit.key.startswith(_MINES) for hit in named):
            continue  # a lorry that a mine turns over has no accident
        if topic == "accident" and not armed and not any(hit.key.startswith(_SPARED) for hit in named):
            return topic
        if topic in ("economy", "crime"):
            continue  # words of trade and of courts stand in security news as well: they only bar their sentence
        if len(set(words)) >= GATE_HITS and (len(words) > len(told) or armed == 0):
            return topic
    long = len(reading.sentences) >= LONG_ARTICLE
    spoken = {reading.sentence_at(hit.start) for hit in strong}
    return "sparse" if long and armed <= 1 and len(spoken) <= SPARSE * len(reading.sentences) else None


def _has_arms(reading: Reading, sentence: int) -> bool:
    if reading.hits("companion", sentence, "armed"):
        return True
    classes = (reading.lexicon.actors[hit.key].actor_class for hit in reading.hits("actor", sentence))
    return any(name != "state_police" and reading.lexicon.classes[name].force for name in classes)


def judge(
    reading: Reading, sentence: int, mentions: list[ActorMention], counts: list[Count], told: Collection[str] = ()
) -> list[Judged]:  # fmt: skip
    """Every trigger of a sentence, strong ones first, with why it does not count when it does not.

    ``told`` are the types of what the article told before (``_FOLLOWS``).
    """
    certain = words_alone.with_faint(reading, sentence, reading.hits("trigger/s", sentence), counts)
    hits = [*certain, *reading.hits("trigger/w", sentence)]
    if not hits:
        return []
    antis = bool(reading.hits("anti", sentence))
    killed = [_killed(reading, sentence, hit) for hit in hits] if antis else [None] * len(hits)
    armed, casualties, deaths, told_zero = _any_armed(reading, mentions), False, False, False
    for count in counts:
        casualties |= count.kind in ("killed", "wounded", "abducted") and count.who is not None
        deaths |= count.kind in ("killed", "wounded") and count.low > 0
        told_zero |= count.kind == "killed" and count.high == 0
    cues = reading.hits("companion", sentence)
    if cues:
        cues = _outside(cues, [hit for hit, why in zip(hits, killed, strict=True) if why is None] if antis else hits)
    beside = {cue.key for cue in cues}
    if armed or casualties:
        beside.add("armed")
    gates = [] if armed or any(count.who in _FORCES for count in counts) else reading.hits("gate", sentence)
    mishap = accidents.is_mishap(reading, sentence)
    judged = []
    for number, (hit, why) in enumerate(zip(hits, killed, strict=True)):
        code, refusal, own_strength = hit.key, why, number < len(certain)
        companion = not beside.isdisjoint(_companions_of(code))
        before = _FOLLOWS.get(code)
        follows = before is not None and any(one in before or one[:3] in before for one in told)
        if code == "HUM.ACCESS_DENIED" and not own_strength:
            follows = any(cue.key == "humanitarian" for cue in reading.kinds_found.get("companion", []))
        companion = (
            companion or follows or ((deaths or told_zero) and _ASSAULT.match(reading.folded, hit.start) is not None)
        )
        strong = own_strength or (follows and (code[:3] == "HUM" or hit.rule.endswith(("/{detain}", "/{release}"))))
        if refusal is None and not strong and not companion:
            refusal = "weak, and nothing of its company is in the sentence"
        if gates and refusal is None and reading.spoken.chance(sentence, code) < SURE:
            refusal = _gated(gates, hit, strong and not learnt(hit))
        if refusal is None:
            bare = words_alone.refusal(reading, sentence, code, deaths=deaths) if learnt(hit) else None
            refusal = bare or ordinary.refusal(reading, sentence, hit)
        if refusal is None and mishap and code.startswith(accidents.ACTS):
            refusal = "an accident"
        if refusal is None and code == "HUM.DISPLACE" and _of_the_armed(reading, hit, mentions):
            refusal = "who flees are the armed"
        judged.append(Judged(hit, strong, companion, refusal))
    return judged


@functools.cache
def _companions_of(code: str) -> tuple[str, ...]:
    return COMPANIONS.get(code, COMPANIONS.get(code[:3], ("armed",)))


def _any_armed(reading: Reading, mentions: list[ActorMention]) -> bool:
    """Whether one of the actors carries arms, the police apart."""
    classes = reading.lexicon.classes
    for mention in mentions:
        name = mention.entry.actor_class
        if classes[name].force and name != "state_police":
            return True
    return False


def find_types(judged: list[Judged]) -> list[Found]:
    """The types of the triggers of a sentence that count, strong ones before weak ones."""
    by_code: dict[str, list[Judged]] = {}
    for one in judged:
        if one.refusal is None:
            by_code.setdefault(one.hit.key, []).append(one)
    found = []
    for code, counted in by_code.items():
        hit, strong, companion, _ = counted[0]
        if len(counted) == 1:
            found.append(Found(code, hit, strong, companion, (hit.rule,), hit.end))
            continue
        same = [one.hit for one in counted if one.strong == strong]
        rules = tuple(sorted({one.rule for one in same}))
        found.append(Found(code, _tightest(same), strong, companion, rules, max([one.end for one in same])))
    return sorted(found, key=lambda f: (f.trigger.start, f.code)) if len(found) > 1 else found


def _tightest(hits: list[Hit]) -> Hit:
    """The shortest of the hits that overlap the first: the words of the act without what stands around them."""
    first = hits[0]
    if len(hits) == 1:
        return first
    return min(
        (h for h in hits if h.start < first.end and first.start < h.end), key=lambda h: (h.end - h.start, h.start)
    )


def _of_the_armed(reading: Reading, trigger: Hit, mentions: list[ActorMention]) -> bool:
    """Whether who flees are the attackers or the soldiers."""
    return any(
        reading.lexicon.classes[m.actor_class].force
        and (
            (m.end <= trigger.start and reading.words_between(m.end, trigger.start) <= 1)
            or trigger.start <= m.start < trigger.end
            or (reading.language == "ar" and m.start >= trigger.end and m.start - trigger.end <= 2)
        )
        for m in mentions
    )


def _outside(cues: list[Hit], triggers: list[Hit]) -> list[Hit]:
    """Companions that are not the trigger itself."""
    kept = []
    for cue in cues:
        for hit in triggers:
            if hit.start <= cue.start and cue.end <= hit.end:
                break
        else:
            kept.append(cue)
    return kept


def _killed(reading: Reading, sentence: int, trigger: Hit) -> str | None:
    for anti in reading.hits("anti", sentence, trigger.key):
        first, second = (anti, trigger) if anti.end <= trigger.start else (trigger, anti)
        overlap = anti.start < trigger.end and trigger.start < anti.end
        if overlap or reading.words_between(first.end, second.start) <= ANTI_WORDS:
            return f"means something else beside {reading.written[anti.start : anti.end]!r}"
    return None


def _gated(gates: list[Hit], trigger: Hit, strong: bool) -> str | None:
    for gate in gates:
        if (not strong or gate.key in HARD_GATES) and (gate.start < trigger.start or not strong):
            return f"speaks of {gate.key}"
    return None


def by_victim(found: list[Found], mentions: list[ActorMention], counts: list[Count], reading: Reading) -> list[Found]:
    """Attacks renamed by whom they hit: soldiers, civilians, or, where the state struck, the armed group.

    "Attack" and "killed" are triggers of several types; the counted dead say which is meant when the trigger is weak
    or the sentence has triggers of more than one of them.
    """
    found = _communal(found, mentions, reading)
    attacks = [f for f in found if f.code in _BY_VICTIM]
    if not attacks:
        return found
    aimed = any(
        f.code == "BAT.ATTACK_MIL" and f.strong and f.trigger.start < m.start <= f.end + AIM
        and reading.lexicon.classes[m.actor_class].force and not m.speaks
        for m in mentions for f in attacks
    )  # fmt: skip
    dead = next(
        (
            c.who for c in counts
            if c.kind in ("killed", "wounded") and c.who is not None and c.low and not (aimed and c.noun in PEOPLE)
        ),
        None,
    )  # fmt: skip
    state = any(
        reading.lexicon.classes[m.actor_class].group == "state" and reading.lexicon.classes[m.actor_class].force
        for m in mentions
    )
    strong = {f.code for f in attacks if f.strong}
    code: str | None = None
    if dead in _FORCES and ("BAT.OPERATION" not in strong or "BAT.ATTACK_MIL" in strong):
        code = "BAT.ATTACK_MIL"
    elif dead == "armed_group" and state and (not strong - {"BAT.OPERATION", "CIV.ATTACK"} or _one_verb(attacks)):
        code = "BAT.OPERATION"
    elif (
        dead is not None
        and dead not in (*_FORCES, "armed_group")
        and ("BAT.ATTACK_MIL" not in strong or "CIV.ATTACK" in strong)
    ):
        code = "CIV.ATTACK"
    elif (
        dead == "armed_group"
        and not state
        and any(r.startswith("BAT.ATTACK_MIL") and r.endswith("{milsite}") for f in attacks for r in f.rules)
    ):
        code = "BAT.ATTACK_MIL"  # "gunmen attacked a base, and three of the attackers were killed"
    elif (likely := _likely(reading, attacks[0].trigger)) in strong:
        code = likely
    elif strong:
        # "soldiers had killed civilians" holds two triggers; the object is the one that ends later.
        code = max((f for f in attacks if f.strong), key=lambda f: (f.end, f.code)).code
    elif not strong and len(attacks) > 1:
        military = any(m.actor_class in ("state_military", "state_police") and not m.speaks for m in mentions)
        code = "BAT.ATTACK_MIL" if military and "BAT.ATTACK_MIL" in {f.code for f in attacks} else "CIV.ATTACK"
    if code is None:
        return found
    best = max(attacks, key=lambda f: (f.code == code, f.strong, -f.trigger.start))
    rules = tuple(sorted({rule for f in attacks for rule in f.rules}))
    renamed = best._replace(code=code, rules=rules)
    return sorted([f for f in found if f.code not in _BY_VICTIM] + [renamed], key=lambda f: (f.trigger.start, f.code))


def _one_verb(attacks: list[Found]) -> bool:
    """Whether an attack on soldiers and one by them share words: "soldiers killed three bandits" holds both."""
    by_code = {f.code: f.trigger for f in attacks if f.strong}
    one, other = by_code.get("BAT.ATTACK_MIL"), by_code.get("BAT.OPERATION")
    return one is not None and other is not None and one.start < other.start < one.end


def _likely(reading: Reading, trigger: Hit) -> str | None:
    """Which attack the words of a sentence speak for, where they are decided."""
    sentence = reading.sentence_at(trigger.start)
    return next((code for code in _BY_VICTIM if reading.spoken.chance(sentence, code) >= DECISIVE), None)


def _communal(found: list[Found], mentions: list[ActorMention], reading: Reading) -> list[Found]:
    """Clashes of an article on communities that fight, without a force in the sentence, as theirs."""
    codes = [f.code for f in found]
    if "BAT.CLASH" not in codes or "CIV.COMMUNAL" in codes:
        return found
    if any(reading.lexicon.classes[m.actor_class].force for m in mentions):
        return found
    if not any(hit.key == "CIV.COMMUNAL" for hit in reading.kinds_found.get("trigger/s", [])):
        return found
    return [f._replace(code="CIV.COMMUNAL") if f.code == "BAT.CLASH" else f for f in found]


def _beats(one: Found, other: Found) -> bool:
    return other.code in BEATS.get(one.code, ()) and (one.strong or not other.strong)


def precedence(found: list[tuple[Found, str]], counts: list[Count]) -> list[tuple[Found, str]]:
    """(type, mode) pairs of a sentence without those that a more specific type of it already tells.

    Gunmen who storm a school and take pupils abduct; only where somebody was killed is that an attack as well.
    """
    if len(found) < 2:
        return found
    if any(f.code == "CIV.ABDUCTION" and f.strong for f, _ in found) and not any(c.kind == "killed" for c in counts):
        found = [(f, mode) for f, mode in found if f.code not in ("CIV.ATTACK", "BAT.ATTACK_MIL")]
    # What is beaten itself beats nothing: of "jailed for an attempt to topple", the attempt leaves the sentence standing.
    lost = [f for f, _ in found if any(_beats(other, f) for other, _ in found)]
    winners = [f for f, _ in found if not any(f is loser for loser in lost)] if lost else []
    kept = [(f, mode) for f, mode in found if not any(_beats(winner, f) for winner in winners)] if lost else found
    result = []
    for f, mode in kept:
        if f.code in FAMILY:
            rank = (not f.strong, FAMILY.index(f.code))
            rivals = [(not o.strong, FAMILY.index(o.code)) for o, m in kept if o.code in FAMILY and m == mode]
            if rank != min(rivals):
                continue
        result.append((f, mode))
    return result
