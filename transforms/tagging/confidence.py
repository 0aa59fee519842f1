"""How sure an event is: the chance, by a few signs that the text gives, that a careful reader codes an event of its type.

A logistic regression, fitted by ``python -m tests.quality.calibration`` on articles whose words the tagger did not know, which
prints the weights below and how well they hold. Nothing is learnt at run time.
"""

import math
from collections.abc import Mapping

from transforms.tagging.drafts import LEAD_SENTENCES, Draft
from transforms.tagging.reading import Reading
from transforms.tagging.weighing import NEIGHBOURS, strength

LEAST, MOST = 0.01, 0.95
"""No more is claimed: of the events said .9 and more .97 were right on articles and flashes left out of the fit, .98 on held articles."""
MORE = 3
"""Further sentences that tell an event; still more say no more."""
FARTHEST = 6.0
"""Odds of the words, as a logarithm, beyond which they say no more."""
WEIGHTS: Mapping[str, float] = {
    "always": -1.00,
    "again": 0.90,
    "alone": 1.35,
    "around": 0.44,
    "company": 0.12,
    "count": 0.46,
    "day": 0.67,
    "doer": 0.19,
    "history": -0.13,
    "later": -0.43,
    "lead": -0.56,
    "learnt": 0.04,
    "more": 1.72,
    "placed": 0.14,
    "rules": -0.29,
    "strong": 1.35,
    "title": 0.00,
    "words": 0.57,
}
"""Logarithm of the odds that each sign adds."""


def signs(reading: Reading, draft: Draft) -> dict[str, float]:
    """What speaks for and against an event, each from 0 to 1; of words the logarithm of the odds, within ``FARTHEST``.

    ``words`` are those of its own sentences (of types that differ by whom they hit, which rules see, the most of them all),
    ``company`` what the others of the article speak for most: where none tells of any event, one that seems to is seldom
    right; ``again`` how far one of them speaks for its own type, ``around`` how far they speak for events on average.
    ``placed`` is an event whose sentence names its place, ``alone`` is a flash, all of whose sentences tell the event.
    """
    in_text = [n for _, n in draft.sentences if not reading.in_title(n)]
    strengths = [strength(rule) for rule in draft.rules]
    strong = strengths.count("s")
    learnt = strengths.count("l") == len(strengths)
    lead = bool(in_text) and min(in_text) < reading.first_of_text + LEAD_SENTENCES
    told_in = {n for _, n in draft.sentences}
    spoken, codes = reading.spoken, NEIGHBOURS.get(draft.code, (draft.code,))
    if draft.mode == "negated" and draft.code == "BAT.TERRITORY_LOST":
        codes = (draft.code, "BAT.TERRITORY_REGAINED")  # the words are those of a town that is still held
    chance = max(spoken.chance(n, code) for n in told_in for code in codes)
    return {
        "always": 1.0,
        "strong": float(bool(strong)),
        "rules": min(4, strong) / 4,
        "lead": float(lead),
        "day": float(draft.when is not None),
        "count": float(bool(draft.counts)),
        "doer": float(any(role in ("initiator", "participant") for role, _ in draft.pairs)),
        "learnt": float(learnt),
        "later": float(learnt and not lead),
        "title": float(any(reading.in_title(n) for _, n in draft.sentences)),
        "more": min(MORE, len(draft.sentences) - 1) / MORE,
        "words": _odds(chance),
        "company": _odds(spoken.most_beside(told_in)),
        "again": spoken.most_again(told_in, draft.code),
        "around": spoken.share_beside(told_in),
        "placed": float(draft.placed),
        "alone": float(len(told_in) == len(reading.sentences)),
        "history": float(draft.mode == "historical" or draft.is_background),
    }


def _odds(chance: float) -> float:
    return min(FARTHEST, max(-FARTHEST, math.log((chance + 1e-9) / (1 - chance + 1e-9))))


def confidence(found: Mapping[str, float]) -> float:
    """The chance that the weights give to signs, to two places, between ``LEAST`` and ``MOST``."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in found.items())
    return round(min(MOST, max(LEAST, 1 / (1 + math.exp(-odds)))), 2)
