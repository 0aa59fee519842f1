"""Parties that a text leaves to be understood: capitals for governments, armies for states, rulers for their coup."""

import re

from transforms.tagging import offices, place_words
from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.countries import CountryMention
from transforms.tagging.lexicon import ActorEntry, EventType
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading
from transforms.tagging.roles import LOCATED, PARTIES

LIST_GAP = 12
"""Characters between two countries of one list ("Mali, Burkina Faso and Niger")."""
JOINT = ("DIP.EXIT_BLOC", "DIP.ALLIANCE", "DIP.RUPTURE")
"""Steps that countries take together."""
_BETWEEN_STATES = ("DIP.", "MIL.AGREE", "MIL.END_AGREE", "MIL.EXPEL")
SUCCESSES = ("GRP.CLAIM", "BAT.TERRITORY_REGAINED", "BAT.OPERATION", "REM.AIR_DRONE", "GRP.LEADER")
"""What whoever did it and says so claims also without a figure."""
_MET = ("DIP.TALKS", "MIL.AGREE")
"""What ministers and delegations do for their states."""
_GIVEN = ("DIP.SANCTION", "DIP.RUPTURE", "MIL.ARMS")
"""What is taken from or given to a state that French, and Arabic for envoys, names as if it were a place."""
GIVEN_WORDS = 3
"""The receiver stands so many words behind the words of the act at most."""
_ARMIES = ("state_military", "foreign_military")
_GOVERNMENTS = ("state_gov", "junta")

_RECALL = re.compile(r"\b(?:rappel|recall)")
Pair = tuple[str, ActorMention]


def states(
    reading: Reading, finder: ActorFinder, event_type: EventType, sentence: int, trigger: Hit, pairs: list[Pair]
) -> list[Pair]:
    """Countries and capitals as parties of diplomacy and cooperation, by the government the lexicon has for them."""
    code = event_type.code
    if not code.startswith(("DIP.", "MIL.")):
        return []
    given = {role for role, _ in pairs}
    found: list[Pair] = []
    recalled = code == "DIP.RUPTURE" and _RECALL.search(reading.folded, trigger.start, trigger.end) is not None
    named, receivers = _named(reading, sentence, demonyms=code == "MIL.END_AGREE"), list[CountryMention]()
    if code in _MET:
        named = sorted(
            {m.start: m for m in [*offices.officials(reading, sentence), *named]}.values(),
            key=lambda m: (m.start, m.iso),
        )
    if code in _GIVEN:
        receivers = _receivers(reading, sentence, code, trigger, named)
        named = sorted([*named, *receivers], key=lambda m: (m.start, m.iso))
    for mention in named:
        entry = finder.government(mention.iso)
        taken = {m.country for _, m in [*pairs, *found]}
        if entry is None or mention.iso in taken or entry.id in {m.entry.id for _, m in [*pairs, *found]}:
            continue
        found_roles = {role for role, _ in found}
        subject = reading.language == "ar" and reading.words_between(trigger.end, mention.start) <= 0  # verb first
        if event_type.sides == "both":
            if len(pairs) + len(found) >= PARTIES or (code == "MIL.JOINT_FORCE" and given):
                continue
            role = "participant"
        elif recalled and _is_envoy_s(reading, mention):
            role = "initiator"  # "le rappel de l'ambassadeur du Mali": its own
            found = [("target", m) for _, m in found]
        elif (
            (mention.start < trigger.start or (subject and mention.start > trigger.start))
            and "initiator" not in given
            and (not found or mention.start - found[-1][1].end < LIST_GAP)
        ):
            role = "initiator"
        elif "target" in given | found_roles or code.startswith("DIP.BORDER"):
            continue
        elif (
            code == "MIL.END_AGREE"
            or mention in receivers
            or (mention.start > trigger.start and ("initiator" not in given or code.startswith("DIP.")))
        ):
            role = "target"
        else:
            continue
        found.append((role, ActorMention(start=mention.start, end=mention.end, entry=entry, country=mention.iso,
                                         speaks=False, also_does=False)))  # fmt: skip
    if code in _MET and len(found) > 1 and offices.is_received(reading, found[0][1].end, found[1][1].start):
        found[:2] = found[1], found[0]  # talks are where the host is
    return found


def _receivers(
    reading: Reading, sentence: int, code: str, trigger: Hit, named: list[CountryMention]
) -> list[CountryMention]:
    """States that a preposition of place makes those to whom something is given or an envoy is sent.

    "Son ambassadeur à Niamey", "l'aide militaire au Niger": near behind the words of the act, in its clause.
    """
    prepositions = place_words.SENT_TO if code == "DIP.RUPTURE" else place_words.GIVEN_TO
    clause, taken = reading.clause_at(sentence, trigger.start), {m.start for m in named}
    found = [m for m in reading.countries_of(sentence) if not m.demonym]
    if code == "DIP.RUPTURE":
        found += [m for m in reading.countries_of(sentence) if m.demonym and _is_envoy_of(reading, m)]
    found += [CountryMention(hit.start, hit.end, hit.key, False) for hit in reading.hits("capital", sentence)]
    return [
        m for m in found
        if m.start not in taken and (trigger.start if m.demonym else trigger.end) <= m.start < clause.end
        and reading.words_between(trigger.end, m.start) <= GIVEN_WORDS
        and (m.demonym or prepositions.search(reading.folded, max(trigger.start, m.start - 12), m.start))
    ][:1]  # fmt: skip


def _is_envoy_of(reading: Reading, mention: CountryMention) -> bool:
    """Whether a demonym says whose envoy somebody is: "l'ambassadeur algérien", "the Algerian ambassador"."""
    start, end = max(0, mention.start - 28), min(len(reading.folded), mention.end + 24)
    return (
        place_words.ENVOY_BEFORE.search(reading.folded, start, mention.start) is not None
        or place_words.ENVOY_AFTER.match(reading.folded, mention.end, end) is not None
    )


def _is_envoy_s(reading: Reading, mention: CountryMention) -> bool:
    """Whether a country is the one that an envoy is of, rather than the one he is sent to."""
    before = reading.folded[max(0, mention.start - 28) : mention.start]
    return place_words.ENVOY.search(before) is not None and not before.endswith(" to ")


def _named(reading: Reading, sentence: int, *, demonyms: bool) -> list[CountryMention]:
    """Countries of a sentence and capitals that stand for a government: those that no preposition makes a place."""
    found = [
        m for m in reading.countries_of(sentence)
        if (demonyms or not m.demonym) and not LOCATED.search(reading.folded, max(0, m.start - 16), m.start)
    ]  # fmt: skip
    cues = reading.hits("cue", sentence, "place_cues")
    for hit in reading.hits("capital", sentence):
        before = reading.folded[max(0, hit.start - 1) : hit.start]
        located = any(cue.end <= hit.start and hit.start - cue.end <= 2 for cue in cues)
        if not located and (not before.isalpha() or before == "و") and not _titled(reading, hit):
            found.append(CountryMention(hit.start, hit.end, hit.key, False))
    return sorted(found, key=lambda m: (m.start, m.iso))


def _titled(reading: Reading, hit: Hit) -> bool:
    """Whether a word before the capital makes it a place ("the capital Niamey", "birnin Yamai")."""
    if place_words.ACCORD_BEFORE.search(reading.folded, max(0, hit.start - 40), hit.start):
        return True
    before = reading.folded[max(0, hit.start - 12) : hit.start].split()
    return bool(before) and before[-1] in ("capital", "capitale", "العاصمه", "birnin", "city", "d")


def as_states(finder: ActorFinder, code: str, pairs: list[Pair]) -> list[Pair]:
    """States act by governments in diplomacy and agreements; what leaves a country is the army, not the government."""
    if code == "MIL.WITHDRAW":
        return [(role, _swap(m, _GOVERNMENTS, finder.army(m.country)) if role == "initiator" else m)
                for role, m in pairs]  # fmt: skip
    if not code.startswith(_BETWEEN_STATES) or code.startswith("DIP.PEACE"):
        return pairs
    swapped = [
        (role, m if code == "MIL.EXPEL" and role == "target" else _swap(m, _ARMIES, finder.government(m.country)))
        for role, m in pairs
    ]
    kept: dict[str, Pair] = {}
    for role, mention in swapped:
        kept.setdefault(mention.entry.id, (role, mention))
    result = list(kept.values())
    if code.startswith("DIP.BORDER"):
        result = [pair for pair in result if pair[0] != "target"]
        if sum(role == "initiator" for role, _ in result) > 1:
            return [("participant", mention) for _, mention in result]
    return result


def _swap(mention: ActorMention, classes: tuple[str, ...], entry: ActorEntry | None) -> ActorMention:
    if mention.actor_class not in classes or entry is None:
        return mention
    return mention._replace(entry=entry)


def of_coup(
    reading: Reading, finder: ActorFinder, sentence: int, code: str, pairs: list[Pair], country: str | None
) -> list[Pair]:
    """Parties of a coup: rulers it brought to power did it; a plot is aimed at the government; so is a coup told so."""
    if not code.startswith("POL.COUP"):
        return pairs
    government = finder.government(country)
    if code == "POL.COUP_ATTEMPT":
        doers = [p for p in pairs if p[0] == "initiator" and p[1].actor_class not in _GOVERNMENTS]
        if government is None:
            return pairs
        return [*doers, ("target", _mention(government, country))]
    if reading.hits("cue", sentence, "deposed"):
        deposed = reading.lexicon.actors.get("authorities_generic")
        if deposed is not None:
            pairs = [p for p in pairs if p[0] != "target"]
            return [*pairs, ("target", _mention(deposed, country)._replace(fixed=True))]
    if government is not None and reading.hits("cue", sentence, "rulers"):
        return [("initiator", _mention(government, country))]
    return pairs


def of_government(finder: ActorFinder, country: str | None) -> list[Pair]:
    """The government of a country as the doer: its courts judge for it."""
    government = finder.government(country)
    return [("initiator", _mention(government, country))] if government is not None else []


def _mention(entry: ActorEntry, country: str | None) -> ActorMention:
    return ActorMention(start=0, end=0, entry=entry, country=country, speaks=False, also_does=False)
