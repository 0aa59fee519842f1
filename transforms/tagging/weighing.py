"""Which triggers the words of their sentence bear out, and which acts they tell that no trigger names.

What each threshold does to the types told and to false alarms, ``python -m tests.quality.thresholds`` prints; around the
values set here little changes.
"""

import bisect
from collections.abc import Mapping

from transforms.tagging.normalise import Tokens
from transforms.tagging.patterns import Hit
from transforms.tagging.wording import Spoken

LIKELY = 0.4
"""From this chance on the words of a sentence tell an event by themselves; how sure it is, its confidence says."""
FAINT_STRONG, FAINT_WEAK = 0.003, 0.05
"""A trigger of a type for which the words of its sentence speak less cannot become a confident event."""
BORNE_OUT = 0.1
"""Of a sentence with a strong trigger of this chance the words alone tell nothing more."""
DECISIVE, BESIDE = 0.5, 0.01
"""Where the words speak for one type with this chance, triggers of others count from the second on only; but a claim is told with its act."""
_CLAIM = "GRP.CLAIM"
_VICTIMS = ("BAT.ATTACK_MIL", "CIV.ATTACK", "BAT.OPERATION", "CIV.EXECUTION")
NEIGHBOURS = dict.fromkeys(_VICTIMS[:3], _VICTIMS) | {"CIV.EXECUTION": ("CIV.EXECUTION", "CIV.ATTACK")}
"""Types that a trigger of another may turn out to tell, by whom it hit."""


def weigh(
    found: Mapping[str, list[Hit]], spoken: Spoken, starts: list[int], tokens: Tokens, language: str
) -> dict[str, list[Hit]]:
    """The triggers that the words of their sentence bear out, those that they do not (``faint``), and those that they add.

    ``found`` are the hits of an article by kind, ``starts`` those of its sentences, ``spoken`` what each speaks for.
    """
    strong, weak, faint = list[Hit](), list[Hit](), list[Hit]()
    told = set()
    decided = {sentence for sentence, _ in spoken.likely(DECISIVE)}
    for kind, kept, least in (("trigger/s", strong, FAINT_STRONG), ("trigger/w", weak, FAINT_WEAK)):
        for hit in found.get(kind, ()):
            sentence, codes = max(0, bisect.bisect(starts, hit.start) - 1), NEIGHBOURS.get(hit.key)
            chance = max([spoken.chance(sentence, c) for c in codes]) if codes else spoken.chance(sentence, hit.key)
            others = BESIDE if sentence in decided and hit.key != _CLAIM else 0.0
            (kept if chance >= max(least, others) else faint).append(hit)
            if chance >= BORNE_OUT and kept is strong:
                told.add(sentence)
    for sentence, code in spoken.likely(LIKELY):
        if sentence not in told:
            word = spoken.word(sentence, code)
            rule = f"{code}/{language}/l/{tokens.words[word]}"
            strong.append(Hit("trigger/s", code, tokens.starts[word], tokens.ends[word], rule))
    for added in (strong, faint):
        added.sort(key=by_place)
    return {"trigger/s": strong, "trigger/w": weak, "faint": faint}


def strength(rule: str) -> str:
    """Of a trigger's rule: s strong, w weak, l no pattern but the word of a sentence that speaks most for the type."""
    return rule.split("/", 3)[2]


def learnt(hit: Hit) -> bool:
    """Whether a trigger is no pattern of the lexicon."""
    return strength(hit.rule) == "l"


def by_place(hit: Hit) -> tuple[int, int, str, str]:
    """The order of triggers: by place, of those that begin there the longest first."""
    return hit.start, -hit.end, hit.key, hit.rule
