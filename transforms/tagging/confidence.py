"""How sure an event is: the chance, by signs that the text gives, that a careful reader codes an event of its type.

A logistic regression on the development texts (the fixture stories, the tuning half of the gold set and the sentences
of the challenges), fitted by ``python -m tests.quality.calibration``, which prints the weights below and how well they hold on texts left out of the
fit. Nothing here is learnt at run time.
"""

import math
from collections.abc import Mapping, Sequence

from transforms import records
from transforms.tagging.drafts import LEAD_SENTENCES, Draft
from transforms.tagging.reading import Reading

LEAST, MOST = 0.01, 0.99
WEIGHTS: Mapping[str, float] = {
    "always": -2.14,
    "alleged": -0.13,
    "both sides": -0.13,
    "company": -0.41,
    "count": 0.67,
    "day": 0.85,
    "denied": 0.19,
    "doer": 0.80,
    "headline": -0.37,
    "history": -0.83,
    "lead": 0.50,
    "only headline": -0.70,
    "place": -0.05,
    "planned": 0.14,
    "rules": 2.51,
    "sentences": -0.17,
    "stock": 0.46,
    "strong": 2.66,
    "unreal": -0.20,
}
"""Logarithm of the odds that each sign adds."""


def signs(reading: Reading, draft: Draft, actors: Sequence[records.Actor]) -> dict[str, float]:
    """What speaks for and against an event, each from 0 to 1."""
    told = [n for _, n in draft.sentences]
    in_text = [n for n in told if not reading.in_title(n)]
    strong = [rule for rule in draft.rules if rule.split("/", 3)[2] == "s"]
    return {
        "always": 1.0,
        "strong": float(draft.strong),
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
    }


def confidence(found: Mapping[str, float]) -> float:
    """The chance that the weights give to signs, to two places."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in found.items())
    return round(min(MOST, max(LEAST, 1 / (1 + math.exp(-odds)))), 2)
