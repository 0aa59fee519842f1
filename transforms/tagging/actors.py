"""Actors of an article: who is meant by a name, who only says so, and who did it to whom.

Names come from the lexicon. A person stands for the actor they act for; a generic word ("the army") becomes the army of
the country it stands with, or stays generic with the country of the context. Nobody is known by ethnicity or religion.
"""

import dataclasses

from transforms import records
from transforms.tagging.lexicon import GROUPS, ActorEntry, EventType, Lexicon
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

DEMONYM_WORDS = 1
"""A demonym belongs to a generic actor when at most this many words stand between them."""
SOURCE_WORDS = 3
CUE_WORDS = 2
PARTIES = 4
"""Parties of an agreement or a clash that one sentence may name."""
_BYSTANDERS = ("civilians", "humanitarian", "political_party")
_BY_TYPE = {"civil": "civilians", "protest": "protesters", "rioters": "rioters"}
_NATIONAL = {"state_military": "army", "foreign_military": "army", "state_gov": "gov", "junta": "gov"}
_SETTLED = ("state_military", "state_gov", "state_police")
_SPEAKS_BEFORE = frozenset(
    ("selon", "d'apres", "according to", "in ji", "بحسب", "وفق", "وفقا", "a en croire")
)  # fmt: skip
_HOSTILE = ("BAT.ATTACK_MIL", "BAT.TERRITORY_LOST", "POL.COUP_ATTEMPT", "POL.MUTINY")
"""Acts against a state: where the text names nobody else, the state that tells of them is their target."""
_CLAIMED = ("BAT.", "REM.", "CIV.RELEASE", "GRP.WEAPONS_SEIZED", "MIL.EXERCISE")
_OWN_DEEDS = ("BAT.OPERATION", "REM.AIR_DRONE", "GRP.WEAPONS_SEIZED", "DIP.BORDER", "POL.RESTRICT")
"""Acts of a state: where the text names nobody else, the state that tells of them did them."""
_CLAIMANTS = frozenset(
    ("state_military", "state_police", "state_gov", "junta", "foreign_military", "pmc", "igo_force", "militia_progov",
     "rebel_jihadist", "rebel_political", "militia_identity", "igo")
)  # fmt: skip


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActorMention:
    """An actor at a place of the text. ``speaks``: the subject of a verb of saying; ``also_does``: and of the deed."""

    start: int
    end: int
    entry: ActorEntry
    country: str | None
    speaks: bool
    also_does: bool
    fixed: bool = False
    """Whether a generic actor stays generic: the government that a coup overthrew is not today's."""

    @property
    def actor_class(self) -> str:
        """The class of the actor."""
        return self.entry.actor_class


class ActorFinder:
    """Finds the actors of one article; keeps what is the same for all its sentences."""

    def __init__(self, reading: Reading) -> None:
        self._reading, self._lexicon = reading, reading.lexicon
        self._national = _national_actors(reading.lexicon)
        self._found: dict[int, list[ActorMention]] = {}

    def in_sentence(self, sentence: int) -> list[ActorMention]:
        """The actors of a sentence in order; where two names overlap the longer one counts."""
        if sentence not in self._found:
            self._found[sentence] = self._find(sentence)
        return self._found[sentence]

    def _find(self, sentence: int) -> list[ActorMention]:
        reading = self._reading
        spans: dict[tuple[int, int], list[str]] = {}
        for hit in reading.hits("actor", sentence):
            spans.setdefault((hit.start, hit.end), []).append(hit.key)
        mentions: list[ActorMention] = []
        end = -1
        for (start, stop), ids in sorted(spans.items(), key=lambda item: (item[0][0], -item[0][1])):
            if start < end:
                continue
            entry = self._meant(start, stop, ids)
            if entry is None:
                continue
            end = stop
            entry, country = self._with_country(sentence, start, stop, entry)
            speaks, also_does = self._speaks(sentence, start, stop)
            mentions.append(
                ActorMention(start=start, end=stop, entry=entry, country=country, speaks=speaks, also_does=also_does)
            )
        return _without_apposed(mentions, self._lexicon, reading)

    def _meant(self, start: int, end: int, ids: list[str]) -> ActorEntry | None:
        """The actor an alias means on the day of publication, in this article; None when its conditions fail."""
        day = self._reading.published.isoformat() if self._reading.published else None
        acronym = self._reading.written[start:end].isupper()
        fitting: list[tuple[int, str, ActorEntry]] = []
        for actor_id in sorted(ids):
            entry = self._lexicon.actors[actor_id]
            context = entry.needs_ctx + (entry.needs_ctx_acronym if acronym else ())
            if context and not any(word.lower() in self._reading.written.lower() for word in context):
                continue
            near = sum(self._reading.country_counts[iso] for iso in entry.countries[:1])
            if len(ids) > 1 and not _valid(entry, day):
                continue
            fitting.append((-near, actor_id, entry))
        if not fitting:
            return None
        entry = min(fitting, key=lambda f: f[:2])[2]
        if entry.actor_class == "person":
            if entry.affiliation is None or not _valid(entry, day):
                return None
            return self._lexicon.actors[entry.affiliation]
        return entry

    def _with_country(self, sentence: int, start: int, end: int, entry: ActorEntry) -> tuple[ActorEntry, str | None]:
        if not entry.generic:
            return entry, entry.countries[0] if len(entry.countries) == 1 else None
        country = self._neighbour(sentence, start, end)
        national = self._national_force(entry.actor_class, country)
        return (national, country) if national is not None else (entry, country)

    def _national_force(self, actor_class: str, country: str | None) -> ActorEntry | None:
        """A country's army for "soldiers" or "instructors", its government for "authorities" or when it has no army."""
        kind = _NATIONAL.get(actor_class)
        if kind is None or country is None:
            return None
        found = self._national.get((kind, country))
        partner = self._lexicon.countries[country].tier == "partner"
        return self._national.get(("gov", country)) if found is None and partner else found

    def _neighbour(self, sentence: int, start: int, end: int) -> str | None:
        span = self._reading.sentences[sentence]
        for mention in self._reading.countries_in(end, min(span.end, end + 40)):
            if self._reading.words_between(end, mention.start) <= DEMONYM_WORDS:
                return mention.iso
        for mention in self._reading.countries_in(max(span.start, start - 30), start):
            if mention.demonym and self._reading.words_between(mention.end, start) == 0:
                return mention.iso
        return None

    def government(self, iso: str | None) -> ActorEntry | None:
        """The government of a country, when the lexicon has it."""
        return self._national.get(("gov", iso)) if iso else None

    def army(self, iso: str | None) -> ActorEntry | None:
        """The army of a country, when the lexicon has it."""
        return self._national.get(("army", iso)) if iso else None

    def settle(self, mention: ActorMention, country: str | None) -> ActorMention:
        """A generic actor with the country of its event: the national force when there is one in the lexicon."""
        if mention.fixed or not mention.entry.generic or mention.actor_class not in _SETTLED:
            return mention
        country = mention.country or country
        national = self._national_force(mention.actor_class, country)
        return dataclasses.replace(mention, entry=national or mention.entry, country=country)

    def _speaks(self, sentence: int, start: int, end: int) -> tuple[bool, bool]:
        """Whether a verb of saying has this actor for its subject, and whether the actor tells of its own deed."""
        reading = self._reading
        verbs = [*reading.hits("mode", sentence, "attribution"), *reading.hits("mode", sentence, "denied")]
        for verb in verbs:
            words = reading.folded[verb.start : verb.end]
            verb_first = reading.language == "ar" or words in _SPEAKS_BEFORE
            if verb.end <= start and reading.language == "fr" and self._inverted(verb, start):
                return True, self._same_subject(sentence, end)
            if verb.end <= start and verb_first and reading.words_between(verb.end, start) <= 1:
                return True, self._same_subject(sentence, end)
            if verb.start >= end and words not in _SPEAKS_BEFORE and reading.language != "ar":
                clause = reading.clause_at(sentence, start)
                between = reading.words_between(end, verb.start)
                if between <= SOURCE_WORDS and verb.start <= clause.end:
                    return True, self._same_subject(sentence, verb.end)
        return False, False

    def _inverted(self, verb: Hit, start: int) -> bool:
        """Whether a French verb of saying stands before its subject (", a annoncé jeudi l'état-major")."""
        between = self._reading.folded[verb.end : start].replace("'", " ").split()
        return len(between) <= SOURCE_WORDS and not {"que", "qu", "avoir", "dans", "a"} & set(between)

    def _same_subject(self, sentence: int, after: int) -> bool:
        return any(
            cue.start >= after and self._reading.words_between(after, cue.start) <= CUE_WORDS
            for cue in self._reading.hits("cue", sentence, "same_subject")
        )


def _valid(entry: ActorEntry, day: str | None) -> bool:
    since, until = entry.valid
    return day is None or ((since is None or since <= day) and (until is None or day <= until))


def _without_apposed(mentions: list[ActorMention], lexicon: Lexicon, reading: Reading) -> list[ActorMention]:
    """Mentions without the generic words that a name explains: "the jihadist coalition JNIM" is JNIM."""
    armed = [lexicon.classes[m.actor_class].group == "armed" for m in mentions]
    return [
        mention for i, mention in enumerate(mentions)
        if not (
            mention.entry.generic and armed[i] and i + 1 < len(mentions) and armed[i + 1]
            and not mentions[i + 1].entry.generic
            and reading.words_between(mention.end, mentions[i + 1].start) <= 1
            and "," not in reading.folded[mention.end : mentions[i + 1].start]
        )
    ]  # fmt: skip


def _national_actors(lexicon: Lexicon) -> dict[tuple[str, str], ActorEntry]:
    """The army and the government of each country that the lexicon knows, by (kind, country)."""
    national: dict[tuple[str, str], ActorEntry] = {}
    for entry in lexicon.actors.values():
        if entry.generic or len(entry.countries) != 1 or entry.parent is not None or entry.valid[1] is not None:
            continue
        if entry.actor_class in _NATIONAL:
            national.setdefault((_NATIONAL[entry.actor_class], entry.countries[0]), entry)
    return national


def claimant(
    finder: ActorFinder, code: str, mentions: list[ActorMention], pairs: list[tuple[str, ActorMention]],
    country: str | None,
) -> str | None:  # fmt: skip
    """Id of the party that claims its own deed or its own figures; an official toll of others' deeds has none."""
    doers = {finder.settle(mention, country).entry.id for role, mention in pairs if role == "initiator"}
    for mention in mentions:
        if not mention.speaks:
            continue
        speaker = finder.settle(mention, country).entry
        if code == "GRP.CLAIM" and speaker.actor_class in _CLAIMANTS:
            return speaker.id
        if code.startswith(_CLAIMED) and speaker.id in doers and speaker.actor_class in _CLAIMANTS:
            return speaker.id
    return None


def fits(lexicon: Lexicon, mention: ActorMention, group: str) -> bool:
    """Whether an actor may fill a side that asks for a group of classes."""
    if group == "none" or mention.actor_class in ("media", "unknown"):
        return False
    actual = lexicon.classes[mention.actor_class].group
    if group == "nonstate":
        return actual != "state"
    if group not in GROUPS and group != "any":
        return mention.actor_class == group
    if group == "protest":
        return actual == "protest" or mention.actor_class == "political_party"
    return group in ("any", actual)


def assign(
    reading: Reading, event_type: EventType, trigger: Hit, sentence: int, mentions: list[ActorMention]
) -> list[tuple[str, ActorMention]]:
    """(role, actor) pairs of an event, from the actors of its sentence that are no mere sources.

    An agent phrase ("par", "by", "على يد") or a target phrase ("contre", "on") decides; then the classes the type asks
    for; then, between two of a class, the side of the trigger on which they stand, turned round in the passive.
    """
    told = event_type.code == "GRP.CLAIM"
    able = [m for m in mentions if m.actor_class != "media" and (told or not m.speaks or m.also_does)]
    clause = reading.clause_at(sentence, trigger.start)
    near = [m for m in able if clause.start <= m.start < clause.end]
    if event_type.sides == "both":
        parties = _distinct([m for m in (near or able) if _a_party(reading.lexicon, event_type, m)])
        return [("participant", m) for m in parties[:PARTIES]]
    lexicon = reading.lexicon
    doers = [
        m
        for m in able
        if fits(lexicon, m, event_type.initiator)
        and m.actor_class != event_type.target
        and (m.actor_class != "civilians" or event_type.initiator == "civil")
    ]
    victims = [m for m in able if fits(lexicon, m, event_type.target)]
    after = sorted((m for m in able if m.start > trigger.start), key=lambda m: m.start)
    doer = next((m for m in after if m in doers and _led_by(reading, sentence, "by_agent", m)), None)
    passive = doer is not None
    victim = next(
        (m for m in after if m in victims and m is not doer and _led_by(reading, sentence, "on_target", m)), None
    )
    one_group = event_type.target in (event_type.initiator, "any") or event_type.initiator == "any"
    for pool in (near, able):
        if doer is None:
            doer = _pick([m for m in doers if m in pool], trigger, victim, left=True if one_group else None)
        if victim is None:
            victim = _pick([m for m in victims if m in pool], trigger, doer, left=passive if one_group else None)
    if doer is None and event_type.initiator in GROUPS and event_type.initiator != event_type.target:
        doer = _pick(doers, trigger, None, left=None)
        victim = None if victim is not None and doer is not None and victim.entry.id == doer.entry.id else victim
    sources = [m for m in mentions if m.speaks and not m.also_does and m.actor_class != "media"]
    if victim is None and event_type.target == "state" and event_type.code.startswith(_HOSTILE):
        victim = _pick([m for m in sources if fits(lexicon, m, "state")], trigger, doer, left=None)
    if doer is None and event_type.initiator == "state" and event_type.code.startswith(_OWN_DEEDS):
        doer = _pick([m for m in sources if fits(lexicon, m, "state")], trigger, victim, left=None)
    if event_type.code == "REM.IED" and doer is not None and lexicon.classes[doer.actor_class].group == "state":
        civilian = victim is None or victim.actor_class == "civilians"
        doer, victim = None, doer if civilian else victim  # mines are hit by armies, not laid by them
    pairs = [("initiator", doer), ("target", victim)]
    return [(role, mention) for role, mention in pairs if mention is not None]


def _a_party(lexicon: Lexicon, event_type: EventType, mention: ActorMention) -> bool:
    return (
        fits(lexicon, mention, event_type.initiator) or fits(lexicon, mention, event_type.target)
    ) and mention.actor_class not in ("civilians", "humanitarian", "protesters")


def _distinct(mentions: list[ActorMention]) -> list[ActorMention]:
    kept: dict[str, ActorMention] = {}
    for mention in mentions:
        kept.setdefault(mention.entry.id, mention)
    return list(kept.values())


def _led_by(reading: Reading, sentence: int, cue: str, mention: ActorMention) -> bool:
    return any(
        hit.end <= mention.start and reading.words_between(hit.end, mention.start) <= CUE_WORDS
        for hit in reading.hits("cue", sentence, cue)
    )


def _pick(
    pool: list[ActorMention], trigger: Hit, other: ActorMention | None, *, left: bool | None
) -> ActorMention | None:
    """The actor nearest to the trigger, on one side of it when ``left`` says which; armed actors before civilians."""
    fitting = [
        m for m in pool
        if (other is None or m.entry.id != other.entry.id) and (left is None or (m.start < trigger.end) == left)
    ]  # fmt: skip
    if left and any(m.actor_class not in _BYSTANDERS for m in fitting):
        fitting = [m for m in fitting if m.actor_class not in _BYSTANDERS]
    return min(fitting, key=lambda m: (abs(m.start - trigger.start), m.start)) if fitting else None


def default_parties(
    lexicon: Lexicon,
    event_type: EventType,
    pairs: list[tuple[str, ActorMention]],
    *,
    civilians_hit: bool,
    civilians_named: bool,
) -> list[tuple[str, ActorMention]]:
    """Parties that the type itself names: a protest's protesters, the civilians whom an attack on civilians hits."""
    roles = {role for role, _ in pairs}
    added: list[tuple[str, str]] = []
    if event_type.code == "BAT.OPERATION" and "initiator" not in roles:
        added.append(("initiator", "fds_generic"))
    if event_type.sides == "both":
        added = [("participant", "civilians")] if event_type.target == "civil" and not pairs else []
    else:
        if "initiator" not in roles and event_type.initiator in _BY_TYPE:
            added.append(("initiator", _BY_TYPE[event_type.initiator]))
        unnamed = event_type.code in ("CIV.BLOCKADE", "HUM.AID") and not civilians_named
        if (
            "target" not in roles
            and not unnamed
            and (event_type.target in _BY_TYPE or (event_type.target == "any" and civilians_hit))
        ):
            added.append(("target", _BY_TYPE.get(event_type.target, "civilians")))
    return [
        (role, ActorMention(start=0, end=0, entry=lexicon.actors[name], country=None, speaks=False, also_does=False))
        for role, name in added
        if name in lexicon.actors and name not in {m.entry.id for _, m in pairs}
    ]


def to_records(
    finder: ActorFinder, pairs: list[tuple[str, ActorMention]], country: str | None
) -> tuple[records.Actor, ...]:
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
