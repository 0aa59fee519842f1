"""How sure an event is: the chance, by signs that the text gives, that a careful reader codes an event of its type.

A logistic regression on the development texts (the fixture stories and the tuning half of the gold set), fitted by
``python -m tests.quality.calibration``, which prints the weights below and how well they hold on texts left out of the
fit. Nothing here is learnt at run time.
"""

import math
from collections.abc import Mapping, Sequence

from transforms import records
from transforms.tagging.drafts import LEAD_SENTENCES, Draft
from transforms.tagging.reading import Reading

LEAST, MOST = 0.01, 0.99
WEIGHTS: Mapping[str, float] = {
    "always": -2.02,
    "BAT": -0.68,
    "CIV": -0.76,
    "DIP": 0.20,
    "GRP": -0.72,
    "HUM": -0.39,
    "MIL": 0.80,
    "POL": 0.10,
    "REM": 0.42,
    "UNR": 1.03,
    "alleged": 0.14,
    "both sides": 0.49,
    "company": -0.12,
    "count": 0.58,
    "day": 1.40,
    "denied": 0.77,
    "doer": 0.26,
    "headline": 0.39,
    "history": -0.01,
    "lead": -0.29,
    "only headline": -1.43,
    "place": 0.32,
    "planned": 0.82,
    "rules": 1.67,
    "sentences": -0.01,
    "stock": 0.86,
    "strong": 2.04,
    "unreal": -0.27,
}
"""Logarithm of the odds that each sign adds."""


def signs(reading: Reading, draft: Draft, actors: Sequence[records.Actor]) -> dict[str, float]:
    """What speaks for and against an event, each from 0 to 1."""
    told = [n for _, n in draft.sentences]
    in_text = [n for n in told if not reading.in_title(n)]
    strong = [rule for rule in draft.rules if rule.split("/", 3)[2] == "s"]
    own = [rule for rule in strong if rule.startswith(draft.code)]
    return {
        "always": 1.0,
        "strong": float(bool(own)),
        "rules": min(4, len(strong)) / 4,
        "sentences": min(3, len(told)) / 3,
        "headline": float(len(in_text) < len(told)),
        "only headline": float(not in_text),
        "lead": float(bool(in_text) and min(in_text) < reading.first_of_text + LEAD_SENTENCES),
        "company": float(draft.companion),
        "place": float(draft.placed),
        "day": float(draft.when is not None),
        "count": float(bool(draft.counts)),
        "doer": float(any(role in ("initiator", "participant") for role, _ in draft.pairs)),
        "both sides": float({"initiator", "target"} <= {actor.role for actor in actors}),
        "alleged": float(draft.alleged),
        "history": float(draft.mode == "historical" or draft.is_background),
        "planned": float(draft.mode == "planned"),
        "stock": float(draft.mode == "ongoing_stock"),
        "denied": float(draft.mode == "denied"),
        "unreal": float(draft.mode in ("hypothetical", "negated")),
        draft.code[:3]: 1.0,
    }


def confidence(found: Mapping[str, float]) -> float:
    """The chance that the weights give to signs, to two places."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in found.items())
    return round(min(MOST, max(LEAST, 1 / (1 + math.exp(-odds)))), 2)
