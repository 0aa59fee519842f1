"""Which event a count belongs to, and the counts of an event as records."""

from collections.abc import Collection

from transforms import records
from transforms.tagging.count_lists import Count

_FALLBACK = {
    "CIV.ABDUCTION": "abducted", "CIV.DISAPPEARANCE": "missing", "CIV.RELEASE": "released", "POL.ARREST": "arrested",
    "GRP.SURRENDER": "surrendered", "HUM.DISPLACE": "displaced", "HUM.RETURN": "returned", "MIL.DEPLOY": "troops",
    "MIL.WITHDRAW": "troops", "MIL.JOINT_FORCE": "troops", "MIL.MOBILISE": "troops", "MIL.EXERCISE": "troops",
    "CIV.DISPLACE_ORDER": "displaced", "UNR.PROTEST": "other", "CIV.SEXUAL": "other", "HUM.MIGRANTS": "other",
    "HUM.AID": "other", "HUM.FOOD": "other",
}  # fmt: skip
"""What a count in the sentence of such an event means when no verb says so."""
CASUALTIES = ("killed", "wounded", "missing")
_BELONGS = {
    "abducted": ("CIV.ABDUCTION",), "released": ("CIV.RELEASE",), "arrested": ("POL.ARREST", "GRP.WEAPONS_SEIZED"),
    "missing": ("CIV.DISAPPEARANCE", "CIV.ABDUCTION"), "surrendered": ("GRP.SURRENDER",),
    "displaced": ("HUM.DISPLACE", "CIV.DISPLACE_ORDER"), "returned": ("HUM.RETURN",),
    "troops": ("MIL.DEPLOY", "MIL.WITHDRAW", "MIL.JOINT_FORCE", "MIL.MOBILISE", "MIL.EXERCISE"),
}  # fmt: skip
_THINGS = {
    "cattle": ("CIV.CATTLE_RAID",), "buildings": ("CIV.DESTRUCTION",),
    "weapons": ("GRP.WEAPONS_SEIZED", "MIL.ARMS"), "ammunition": ("GRP.WEAPONS_SEIZED", "MIL.ARMS"),
    "vehicles": ("CIV.BLOCKADE_LIFTED", "CIV.DESTRUCTION", "HUM.AID", "HUM.ACCESS_DENIED", "MIL.ARMS"),
}  # fmt: skip
"""The events that are about so many things."""
_PEOPLE_OF = {
    "HUM.RETURN": ("displaced",), "HUM.FOOD": ("displaced",),
    "HUM.MIGRANTS": ("displaced", "returned", "released"), "MIL.DEPLOY": ("returned",), "MIL.WITHDRAW": ("returned",),
}  # fmt: skip
"""Words that say who people are rather than what this event did to them: "311 refugees resettled in Léré"."""
_SITES = ("worship", "market", "mine_site", "telecom", "water_fuel", "aid_worker")
"""What an event may hit besides people, who are civilians there."""
_CROWDS = ("civilian", "education", "health")
_OF_SOLDIERS = ("BAT.ATTACK_MIL", "BAT.TERRITORY_LOST", "POL.MUTINY")
_MEN = frozenset(
    ("men", "hommes", "members", "membres", "individus", "adherents", "people", "personnes", "mutum", "mutane")
)
_OWN_MEN = ("men", "hommes", "mutanenta", "mutanensa", "mutanensu")
ANYBODY = frozenset(
    ("others", "autres", "people", "personnes", "persons", "اخرين", "mutane", "mutum", "hommes", "men", "victimes")
)
VIOLENT = ("BAT.", "REM.", "CIV.ATTACK", "CIV.EXECUTION", "CIV.COMMUNAL", "CIV.DESTRUCTION", "CIV.CATTLE_RAID",
           "CIV.ABDUCTION", "UNR.FORCE", "UNR.RIOT", "POL.COUP", "POL.MUTINY", "GRP.LEADER")  # fmt: skip


def belongs(count: Count, code: str) -> bool:
    """Whether a count of this kind can be a count of an event of this type."""
    if count.thing is not None:
        return code in _THINGS[count.thing]
    if count.kind is None:
        return code in _FALLBACK
    if count.kind in CASUALTIES and code.startswith(VIOLENT):
        return True
    return code in _BELONGS.get(count.kind, ()) or (
        count.kind in CASUALTIES and code in _FALLBACK and code.startswith(("POL.", "CIV.", "GRP."))
    )


def of_event(counts: list[Count], code: str, others: Collection[str]) -> list[Count]:
    """The counts of an event of this type among those of its sentence, which tells events of ``others`` as well.

    The dead of an attack in which people were abducted are the attack's; the abducted who are released are counted
    for both; the arrested belong to the arrest.
    """
    own = [count for count in counts if belongs(count, code)]
    if code == "CIV.ABDUCTION" and any(other in ("CIV.ATTACK", "BAT.ATTACK_MIL") for other in others):
        own = [count for count in own if count.kind not in CASUALTIES]
    if code == "GRP.WEAPONS_SEIZED":
        arms = [count for count in own if count.thing is not None]
        own = [count for count in own if count.kind != "arrested"] if arms or "POL.ARREST" in others else own
    if code == "CIV.RELEASE" and not any(count.kind == "released" for count in own):
        own += [count._replace(kind="released") for count in counts if count.kind == "abducted"]
    if code in ("BAT.TERRITORY_LOST", "BAT.ATTACK_MIL"):
        own += [c._replace(kind="abducted") for c in counts if c.kind == "arrested" and c.who == "state_forces"]
    if code == "POL.ARREST" and "CIV.ABDUCTION" not in others and not any(c.kind == "arrested" for c in own):
        own += [count._replace(kind="arrested") for count in counts if count.kind == "abducted"]
    told = _FALLBACK.get(code)
    if code == "CIV.ABDUCTION" and any(count.kind == told for count in own):
        own = [count for count in own if count.kind is not None]
    if told is not None and not code.startswith(VIOLENT):
        if any(count.kind in (told, None) for count in own):
            own = [count for count in own if count.kind not in CASUALTIES or count.kind == told]
        if not any(count.kind == told and count.thing is None for count in own):
            own = [c._replace(kind=told) for c in counts if c.kind in _PEOPLE_OF.get(code, ())] + own
    return own


def whom(code: str, target_class: str) -> str:
    """Whom a count without a noun counts: those whom the event hit."""
    if code.startswith(("UNR.FORCE", "UNR.PROTEST")):
        return "protesters"
    if target_class != "unknown":
        return "civilian" if target_class in _SITES else target_class
    return "civilian" if code.startswith(("CIV.", "HUM.", "POL.ARREST")) else "unknown"


def _group(count: Count, code: str, target_class: str) -> str:
    """Whom a count counts: "men" are soldiers where armies move, fighters where such give themselves up."""
    if count.thing in ("weapons", "ammunition"):
        return "unknown"
    if count.thing == "cattle":
        return "civilian"
    if count.thing is not None:
        return target_class
    if (
        count.who is None
        or (code == "UNR.PROTEST" and count.who in _CROWDS)
        or (code == "UNR.FORCE" and count.who in _CROWDS)
    ):
        return whom(code, target_class)
    if code == "MIL.JOINT_FORCE":
        return "igo_force"
    if count.who == "civilian" and (code.startswith("MIL.") or (code in _OF_SOLDIERS and count.noun in _OWN_MEN)):
        return "state_forces"
    if count.who == "civilian" and code == "GRP.SURRENDER" and count.noun in _MEN:
        return "armed_group"
    return count.who


def to_records(counts: list[Count], code: str, target_class: str) -> tuple[records.Quantity, ...]:
    """The counts of an event as records: one of a kind, a group and a claim, the first told; of things and in disputes each number."""
    rows: dict[tuple[str, str, str | None, int | None], records.Quantity] = {}
    for count in counts:
        kind = count.kind or _FALLBACK.get(code)
        if kind is None:
            continue
        if kind in CASUALTIES and not code.startswith(VIOLENT) and kind != "missing":
            kind = _FALLBACK.get(code, kind)
        who = _group(count, code, target_class)
        same = [row for row in rows.values() if row.kind == kind]
        anybody = (count.who is None and not count.thing) or (who == "civilian" and count.noun in ANYBODY)
        if (anybody or count.low == 0) and any(
            count.low == row.low or (count.low == 0 and row.who == who) for row in same
        ):
            continue
        rows.setdefault(
            (kind, who, count.claimed_by, count.low if count.thing or count.rival else None),
            records.Quantity(
                kind=kind, low=count.low, high=count.high, approximate=count.approximate, who=who,
                claimed_by=count.claimed_by,
            ),
        )  # fmt: skip
    return tuple(rows.values())
