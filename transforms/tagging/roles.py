"""Who did it to whom: roles from voice, from the side of the trigger, and from the classes that the type asks for.

An agent phrase ("par", "by", "على يد") or a target phrase ("contre", "on") decides; then the classes the type asks for;
then, between two of a class, the side of the trigger on which they stand, turned round in the passive. Sources of a
statement take no part. Parties that the type itself names ("a protest" has protesters) are added last.
"""

import functools
import re

from transforms import records
from transforms.tagging import place_words
from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.lexicon import GROUPS, EventType, Lexicon
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

AGENT_WORDS = 6
"""Words between "by" and the doer's name: "par des éléments présumés de"."""
TARGET_WORDS = 2
PARTIES = 4
"""Parties of an agreement or a clash that one sentence may name."""
BREATH = 48
"""Characters between two names that are told in one breath."""
GENITIVE_LENGTH = 40
_AND = re.compile(
    r"(?: \w+){0,2},? (?:and|et|da|with|backed by|supported by|accompanied by|accompagne(?:e|s|es)? (?:de|d'|par)|appuye(?:e|s|es)? par"
    r"|soutenu(?:e|s|es)? par|aux cotes (?:de|d'|du)|assiste(?:e|s|es)? (?:de|d'|par)|tare da|مع|الي جانب|بدعم من|بمسانده)"
    r" ?(?:(?:de|des|les|the|du|l'|la|le|d'|their|leurs|its|ses|allied|fighters|combattants|elements|membres|members|mercenaires"
    r"|paramilitaires|paramilitary|paramilitaries|auxiliaires|volontaires|of|from|mayakan|sojojin|sojojin haya|russian|russes|عناصر"
    r"|مقاتلي|مقاتلين|قوات) ?){0,4}| و",
)
"""What joins two who did something together."""
_OF_DOER = {
    "fr": re.compile(
        r"^ ?(?:(?:meurtriere?s?|coordonnee?s?|terroristes?|nocturnes?|simultanee?s?|menee?s?|surprise) )?"
        r"(?:de la|de l'|des|du|d'|de)(?: \w+){0,2} ?$"
    ),
    "ar": re.compile(r"^(?: ?(?:شن|نفذ|شنه|نفذه)\w*)?(?: ?ل)?(?: \w+)? ?$"),
    "ha": re.compile(r"^ ?(?:wasu |da )?(?:wasu )?$"),
}
"""What stands between a noun of an act, or an Arabic verb, and its doer."""
_VIOLENCE, _RELIEF = ("BAT.", "REM.", "CIV."), ("CIV.RELEASE", "CIV.BLOCKADE_LIFTED")
"""Who brings relief does no violence, whatever the order of the words; it may bring about a release or lift a siege."""
_OF_THE_ARMED, _RULERS = ("CIV.ABDUCTION", "CIV.ATTACK", "CIV.CATTLE_RAID"), ("state_gov", "junta")
"""Acts that officials suffer or tell of; what those who rule do to people has types of its own."""
_BYSTANDERS = ("civilians", "humanitarian", "political_party")
_BY_TYPE = {"protest": "protesters", "rioters": "rioters"}
_HOSTILE = ("BAT.ATTACK_MIL", "BAT.TERRITORY_LOST", "POL.COUP_ATTEMPT", "POL.MUTINY")
"""Acts against a state: where the text names nobody else, the state that tells of them is their target."""
_CLAIMED = ("BAT.", "REM.", "CIV.RELEASE", "GRP.", "MIL.EXERCISE")
_OWN_DEEDS = (
    "BAT.OPERATION",
    "BAT.TERRITORY_REGAINED",
    "REM.AIR_DRONE",
    "GRP.WEAPONS_SEIZED",
    "GRP.LEADER",
    "DIP.BORDER",
    "POL.RESTRICT",
)
"""Acts of a state: where the text names nobody else, the state that tells of them did them."""
_CIVILIANS_HIT = (
    "CIV.ATTACK", "CIV.ABDUCTION", "CIV.RELEASE", "CIV.SEXUAL", "CIV.DISPLACE_ORDER", "CIV.EXTORTION",
    "CIV.DISAPPEARANCE", "CIV.CATTLE_RAID", "CIV.BLOCKADE", "CIV.BLOCKADE_LIFTED", "HUM.DISPLACE", "HUM.MIGRANTS", "HUM.FOOD",
    "HUM.RETURN", "HUM.AID",
)  # fmt: skip
"""Types whose target are civilians even where the text has no word for them."""
_CIVILIANS_NAMED = (
    "CIV.DESTRUCTION", "POL.RESTRICT", "CIV.EXECUTION", "UNR.RIOT",
)  # fmt: skip
_RECEIVES = re.compile(
    r"took delivery|taken delivery|taking delivery|receiv|acquir|bought|buys?\b|purchas|took possession|reception|recu|"
    r"recoi|recev|acqui|achet|dote|تسلم|استلم|تلق|اشتر|اقتن|حصل|karb|say[aieo]|samu"
)
"""Who takes arms stands where who gives them would."""
LOCATED = re.compile(
    r"(?:\b(?:in|inside|across|throughout|au|aux|en|dans|a|cikin)|(?<!\w)(?:في|داخل))\s+(?:le |la |l')?$"
)
_EMPLOYED = re.compile(r"\b(?:employ|work|staff|agents?|personnel|worker|travailleur|ma'aikat|موظف|عامل|members? of)")
_CLAIMANTS = frozenset(
    ("state_military", "state_police", "state_gov", "junta", "foreign_military", "pmc", "igo_force", "militia_progov",
     "rebel_jihadist", "rebel_political", "militia_identity", "igo")
)  # fmt: skip

Pair = tuple[str, ActorMention]


def claimant(
    finder: ActorFinder, code: str, mentions: list[ActorMention], pairs: list[Pair], country: str | None
) -> str | None:
    """Id of the party that claims its own deed or its own figures; an official toll of others' deeds has none.

    The figures of who fled and who starves are those of the agency that counted them.
    """
    speakers = [mention for mention in mentions if mention.speaks] if mentions else []
    if not speakers:
        return None
    doers = {finder.settle(mention, country).entry.id for role, mention in pairs if role == "initiator"}
    for mention in speakers:
        speaker = finder.settle(mention, country).entry
        if code.startswith("HUM.") and speaker.actor_class in ("humanitarian", "igo"):
            return speaker.id
        if code == "GRP.CLAIM" and speaker.actor_class in _CLAIMANTS:
            return speaker.id
        if code.startswith(_CLAIMED) and speaker.id in doers and speaker.actor_class in _CLAIMANTS:
            return speaker.id
    return None


def fits(lexicon: Lexicon, mention: ActorMention, group: str) -> bool:
    """Whether an actor may fill a side that asks for a group of classes."""
    return _class_fits(lexicon, mention.actor_class, group)


@functools.cache
def _class_fits(lexicon: Lexicon, actor_class: str, group: str) -> bool:
    if group == "none" or actor_class in ("media", "unknown"):
        return False
    actual = lexicon.classes[actor_class].group
    if group == "nonstate":
        return actual != "state"
    if group not in GROUPS and group != "any":
        return actor_class == group
    if group == "protest":
        return actual == "protest" or actor_class == "political_party"
    return group in ("any", actual)


def assign(
    reading: Reading, event_type: EventType, trigger: Hit, sentence: int, mentions: list[ActorMention]
) -> list[Pair]:
    """(role, actor) pairs of an event, from the actors of its sentence that are no mere sources."""
    if not mentions:
        return []
    code, lexicon = event_type.code, reading.lexicon
    told = code == "GRP.CLAIM"
    between_states = code.startswith(("DIP.", "MIL."))
    able = [
        m for m in mentions
        if m.actor_class != "media" and (told or not m.speaks or m.also_does)
        and not (m.is_country and (not between_states or _is_located(reading, m)))
    ]  # fmt: skip
    if code.startswith("DIP.") and reading.says(place_words.ACCORD_STEMS):
        able = [m for m in able if not place_words.ACCORD_BEFORE.search(reading.folded, max(0, m.start - 40), m.start)]
    if code.startswith(_VIOLENCE) and reading.says(place_words.SPOKEN_OF_STEMS):
        able = [m for m in able if not place_words.SPOKEN_OF.search(reading.folded, max(0, m.start - 40), m.start)]
    clause = reading.clause_at(sentence, trigger.start)
    near = [m for m in able if clause.start <= m.start < clause.end]
    if event_type.sides == "both":
        blocs = [m for m in able if m.actor_class == "igo"] if code == "MIL.JOINT_FORCE" else []
        if blocs:
            return [("initiator", blocs[0])]  # a force of a bloc is raised by the bloc
        parties = _distinct([m for m in (near or able) if _a_party(lexicon, event_type, m)])
        if len(parties) < 2:
            parties = _distinct([m for m in able if _a_party(lexicon, event_type, m)])
        return [("participant", m) for m in parties[:PARTIES]]
    doers = [
        m for m in able
        if fits(lexicon, m, event_type.initiator) and m.actor_class != event_type.target
        and (m.actor_class != "civilians" or event_type.initiator == "civil")
        and (m.actor_class != "humanitarian" or not code.startswith(_VIOLENCE) or code in _RELIEF)
        and not (code in _OF_THE_ARMED and m.actor_class in _RULERS)
    ]  # fmt: skip
    victims = [m for m in able if fits(lexicon, m, event_type.target) and _may_suffer(reading, code, m)]
    doer = _agent(reading, sentence, trigger, doers, near) or _genitive(reading, trigger, doers, victims)
    passive = doer is not None
    victim = _aimed_at(reading, sentence, [m for m in victims if m.start > trigger.start and m is not doer])
    one_group = event_type.target in (event_type.initiator, "any") or event_type.initiator == "any"
    for pool in (near, able) if len(near) < len(able) else (able,):
        if doer is None and doers:
            free = [m for m in doers if m in pool]
            clear = [m for m in free if m not in victims]
            doer = _pick(
                clear or free, trigger, victim, left=True if one_group or (not clear and len(free) > 1) else None
            )
        if victim is None and victims:
            victim = _pick([m for m in victims if m in pool], trigger, doer, left=passive if one_group else None)
    if doer is None and doers and event_type.initiator in GROUPS and event_type.initiator != event_type.target:
        doer = _pick(doers, trigger, None, left=None)
        victim = None if victim is not None and doer is not None and victim.entry.id == doer.entry.id else victim
    if doer is None and event_type.initiator == "any":
        armed = [m for m in doers if m not in victims and lexicon.classes[m.actor_class].group == "armed"]
        doer = _pick(armed, trigger, victim, left=None)  # "taken when gunmen stormed the church"
    if victim is None and event_type.target == "any" and event_type.initiator in GROUPS:
        others = [m for m in victims if m is not doer and not fits(lexicon, m, event_type.initiator)]
        victim = _pick(others, trigger, doer, left=None)  # the other camp is hit, wherever it stands
    doer, victim = _states_that_speak(lexicon, event_type, trigger, mentions, doer, victim)
    doer, victim = _turned(reading, code, trigger, doer, victim)
    if code == "REM.IED" and doer is not None and lexicon.classes[doer.actor_class].group == "state":
        civilian = victim is None or victim.actor_class == "civilians"
        doer, victim = None, doer if civilian else victim  # mines are hit by armies, not laid by them
    pairs = [
        ("initiator", doer),
        *(("initiator", m) for m in _joined(reading, doer, victim, doers)),
        ("target", victim),
    ]
    return [(role, mention) for role, mention in pairs if mention is not None]


def _genitive(
    reading: Reading, trigger: Hit, doers: list[ActorMention], victims: list[ActorMention]
) -> ActorMention | None:
    """The doer that a noun of the act has for its complement ("attaque du JNIM contre") or that follows an Arabic verb.

    Whom the type takes for a victim as well is none.
    """
    pattern = _OF_DOER.get(reading.language)
    for mention in doers if pattern is not None else ():
        if mention.start < trigger.start or mention in victims or mention.actor_class in _BYSTANDERS:
            continue
        between = reading.folded[trigger.start : mention.start] if mention.start <= trigger.end else (
            reading.folded[trigger.end : mention.start]
        )  # fmt: skip
        if len(between) <= GENITIVE_LENGTH and pattern is not None and pattern.match(between):
            return mention
    return None


def _joined(
    reading: Reading, doer: ActorMention | None, victim: ActorMention | None, doers: list[ActorMention]
) -> list[ActorMention]:
    """Doers of the same camp that are named in one breath with the doer: "soldiers and Africa Corps fighters"."""
    if doer is None or all(mention is doer for mention in doers):
        return []
    classes = reading.lexicon.classes
    camp, found, chain = classes[doer.actor_class].group, [], [doer]
    for mention in sorted(doers, key=lambda m: abs(m.start - doer.start)):
        if mention in chain or mention is victim or mention.entry.id in {m.entry.id for m in chain}:
            continue
        if classes[mention.actor_class].group != camp or not classes[mention.actor_class].force:
            continue
        if any(_in_one_breath(reading, mention, other) for other in chain):
            chain.append(mention)
            found.append(mention)
    return found[: PARTIES - 1]


def _in_one_breath(reading: Reading, one: ActorMention, other: ActorMention) -> bool:
    first, second = sorted((one, other), key=lambda m: m.start)
    return second.start - first.end <= BREATH and _AND.fullmatch(reading.folded, first.end, second.start) is not None


def _is_located(reading: Reading, mention: ActorMention) -> bool:
    """Whether a country is where something is ("in Mali"), not who does it."""
    return LOCATED.search(reading.folded, max(0, mention.start - 16), mention.start) is not None


def _may_suffer(reading: Reading, code: str, mention: ActorMention) -> bool:
    """An aid agency is no hostage: those who were taken are its workers, or it received them."""
    if mention.actor_class != "humanitarian" or not code.startswith(("CIV.RELEASE", "CIV.ABDUCTION")):
        return True
    return _EMPLOYED.search(reading.folded, max(0, mention.start - 40), mention.start) is not None


def _agent(
    reading: Reading, sentence: int, trigger: Hit, doers: list[ActorMention], near: list[ActorMention]
) -> ActorMention | None:
    """The doer named by an agent phrase that belongs to the trigger: after it, before any relative clause.

    Past a comma it belongs to another participle where the clause of the trigger has a doer on its left.
    """
    cues = [hit for hit in reading.hits("cue", sentence, "by_agent") if hit.start >= trigger.start] if doers else []
    if not cues:
        return None
    active = any(m in doers and m.end <= trigger.start for m in near)
    breaks = [hit.start for hit in reading.hits("cue", sentence, "connectors") if hit.start >= trigger.end]
    stop = min(breaks, default=reading.sentences[sentence].end)
    for mention in sorted(doers, key=lambda m: m.start):
        if active and mention not in near:
            continue
        if trigger.start < mention.start < stop and any(
            hit.end <= mention.start and reading.words_between(hit.end, mention.start) <= AGENT_WORDS for hit in cues
        ):
            return mention
    return None


def _aimed_at(reading: Reading, sentence: int, victims: list[ActorMention]) -> ActorMention | None:
    """The first of some actors that stands behind a word such as "against"."""
    cues = reading.hits("cue", sentence, "on_target") if victims else []
    aimed = [
        m for m in victims
        if any(cue.end <= m.start and reading.words_between(cue.end, m.start) <= TARGET_WORDS for cue in cues)
    ]  # fmt: skip
    return min(aimed, key=lambda m: m.start) if aimed else None


def _states_that_speak(
    lexicon: Lexicon, event_type: EventType, trigger: Hit, mentions: list[ActorMention],
    doer: ActorMention | None, victim: ActorMention | None,
) -> tuple[ActorMention | None, ActorMention | None]:  # fmt: skip
    """The state that tells of an act against it, or of its own act, where nobody else is named."""
    hit = victim is None and event_type.target == "state" and event_type.code.startswith(_HOSTILE)
    did = doer is None and event_type.initiator == "state" and event_type.code.startswith(_OWN_DEEDS)
    if not (hit or did):
        return doer, victim
    sources = [
        m for m in mentions
        if m.speaks and not m.also_does and m.actor_class != "media" and not m.is_country and fits(lexicon, m, "state")
    ]  # fmt: skip
    if hit:
        victim = _pick(sources, trigger, doer, left=None)
    if did:
        doer = _pick(sources, trigger, victim, left=None)
    return doer, victim


def _turned(
    reading: Reading, code: str, trigger: Hit, doer: ActorMention | None, victim: ActorMention | None
) -> tuple[ActorMention | None, ActorMention | None]:
    """Sides turned round by the verb: who takes delivery of arms is given them; whom a court sentences is arrested."""
    if code == "MIL.ARMS" and _RECEIVES.search(reading.folded, trigger.start, trigger.end):
        return victim, doer
    if code == "POL.ARREST" and doer is not None and doer.actor_class == "state_military" and victim is None:
        return (None, doer) if doer.start > trigger.start else (doer, victim)
    return doer, victim


def _a_party(lexicon: Lexicon, event_type: EventType, mention: ActorMention) -> bool:
    return (
        fits(lexicon, mention, event_type.initiator) or fits(lexicon, mention, event_type.target)
    ) and mention.actor_class not in ("civilians", "humanitarian", "protesters")


def _distinct(mentions: list[ActorMention]) -> list[ActorMention]:
    kept: dict[str, ActorMention] = {}
    for mention in mentions:
        kept.setdefault(mention.entry.id, mention)
    return list(kept.values())


def _pick(
    pool: list[ActorMention], trigger: Hit, other: ActorMention | None, *, left: bool | None
) -> ActorMention | None:
    """The actor nearest to the trigger, on one side of it when ``left`` says which; armed actors before civilians."""
    if not pool:
        return None
    edge = trigger.end if "/ar/" in trigger.rule else trigger.start + 1  # within its words, behind the verb
    fitting = [
        m for m in pool
        if (other is None or m.entry.id != other.entry.id) and (left is None or (m.start < edge) == left)
    ]  # fmt: skip
    if left and any(m.actor_class not in _BYSTANDERS for m in fitting):
        fitting = [m for m in fitting if m.actor_class not in _BYSTANDERS]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return min(fitting, key=lambda m: (abs(m.start - trigger.start), m.start))


def with_defaults(
    finder: ActorFinder, code: str, event_type: EventType, pairs: list[Pair], country: str | None, *,
    civilians_hit: bool, civilians_named: bool, foreign: bool, of_goods: bool,
) -> list[Pair]:  # fmt: skip
    """Parties that the type itself names: a protest's protesters, the civilians hit, the government that rules."""
    if code == "CIV.COMMUNAL":
        pairs = [(role, m) for role, m in pairs if m.entry.id != "civilians"]  # peoples fight, whom no class names
    roles = {role for role, _ in pairs}
    lexicon = finder.lexicon
    added: list[tuple[str, str]] = []
    if code in _OF_ARMIES and not roles & {"initiator", "participant"}:
        added.append(("initiator", "army_generic"))
    if code == "UNR.STRIKE" and "initiator" not in roles:
        added.append(("initiator", "civilians"))
    if code == "HUM.ACCESS_DENIED" and "target" not in roles and not any(
        role == "initiator" and m.actor_class == "humanitarian" for role, m in pairs
    ):  # fmt: skip
        added.append(("target", "aid_generic"))
    if event_type.sides == "one":
        if "initiator" not in roles and event_type.initiator in _BY_TYPE:
            added.append(("initiator", _BY_TYPE[event_type.initiator]))
        if "target" not in roles and event_type.target == "protest":
            added.append(("target", "protesters"))
        elif "target" not in roles and (
            (code in _CIVILIANS_HIT and not of_goods)
            or (code in _CIVILIANS_NAMED and civilians_named)
            or (code.startswith(("CIV.", "REM.", "UNR.RIOT")) and civilians_hit)
        ):
            added.append(("target", "foreigners" if foreign and code.startswith("CIV.") else "civilians"))
    government = finder.government(country)
    if "initiator" not in roles and government is not None and code in _OF_GOVERNMENTS:
        added.append(("initiator", government.id))
    return pairs + [
        (role, ActorMention(start=0, end=0, entry=lexicon.actors[name], country=None, speaks=False, also_does=False))
        for role, name in added
        if name in lexicon.actors and name not in {m.entry.id for _, m in pairs}
    ]


_OF_ARMIES = ("BAT.OPERATION", "GRP.WEAPONS_SEIZED", "MIL.EXERCISE", "MIL.DEPLOY", "BAT.TERRITORY_REGAINED")
_OF_GOVERNMENTS = (
    "POL.RESTRICT", "POL.TRANSITION", "DIP.BORDER_CLOSE", "DIP.BORDER_OPEN", "DIP.EXIT_BLOC", "MIL.MOBILISE",
    "MIL.EXPEL", "MIL.END_AGREE",
)  # fmt: skip
"""What only governments do; the text may leave them unnamed."""


def to_records(finder: ActorFinder, pairs: list[Pair], country: str | None) -> tuple[records.Actor, ...]:
    """The actors of an event as records, each once, initiators first."""
    rows: dict[str, records.Actor] = {}
    for role, mention in sorted(pairs, key=lambda pair: records.ROLES.index(pair[0])):
        settled = finder.settle(mention, country)
        rows.setdefault(
            settled.entry.id,
            records.Actor(
                name=settled.entry.name,
                actor_id=settled.entry.id,
                role=role,
                actor_class=settled.actor_class,
                country=settled.country or (country if settled.entry.generic else None),
            ),
        )
    return tuple(rows.values())
