"""How sure an event is: the chance, by a few signs that the text gives, that a careful reader codes an event of its type.

A logistic regression, fitted by ``python -m tests.quality.calibration``, which prints the weights below and how well they
hold. Rules do better on the texts they were written with, so those texts say only how the signs weigh against each
other; what they promise is fitted on texts that no rule had seen (``seen`` is a sign of its own, left out here).
Nothing is learnt at run time.
"""

import math
from collections.abc import Mapping

from transforms.tagging.drafts import LEAD_SENTENCES, Draft
from transforms.tagging.reading import Reading

LEAST, MOST = 0.01, 0.79
"""No more is claimed than unseen texts have shown: of the 33 events the weights put at .8 and more, .79 were right."""
WEIGHTS: Mapping[str, float] = {
    "always": -2.46,
    "count": 0.37,
    "day": 0.59,
    "doer": 0.37,
    "history": -0.69,
    "lead": 0.28,
    "rules": 1.83,
    "strong": 2.15,
}
"""Logarithm of the odds that each sign adds."""


def signs(reading: Reading, draft: Draft) -> dict[str, float]:
    """What speaks for and against an event, each from 0 to 1."""
    in_text = [n for _, n in draft.sentences if not reading.in_title(n)]
    strong = [rule for rule in draft.rules if rule.split("/", 3)[2] == "s"]
    return {
        "always": 1.0,
        "strong": float(draft.strong),
        "rules": min(4, len(strong)) / 4,
        "lead": float(bool(in_text) and min(in_text) < reading.first_of_text + LEAD_SENTENCES),
        "day": float(draft.when is not None),
        "count": float(bool(draft.counts)),
        "doer": float(any(role in ("initiator", "participant") for role, _ in draft.pairs)),
        "history": float(draft.mode == "historical" or draft.is_background),
    }


def confidence(found: Mapping[str, float]) -> float:
    """The chance that the weights give to signs, to two places, between ``LEAST`` and ``MOST``."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in found.items())
    return round(min(MOST, max(LEAST, 1 / (1 + math.exp(-odds)))), 2)
