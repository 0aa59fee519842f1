"""What seems to come, by a word of what is to be, and is the news itself: an accord agreed to, the years of a sentence."""

import re

from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

_PROVIDES = re.compile(
    r"\b(?:qui|that|which|wadda|wanda) (?:prevo|provid|plan|foresee|tanad)|(?<!\w)(?:الذي|التي|و?)ينص"
)
_SIGNED = re.compile(
    r"\b(?:signed|sealed|initialled|concluded|signe|paraphe|conclu|scelle|rattaba hannu|sa hannu|sanya hannu)|(?<!\w)و?(?:وقع|ابرم)"
)
"""An accord made, and what it is about, which says nothing of when it was made."""
_AGREED_TO = re.compile(
    r"agreed(?: \w+){0,3} to (?!(?:\w+ )?(?:sign|negotiat|discuss|talk|meet|seek|work|begin|start|resume|hold|explore|draft|consider))"
)
"""An accord that is made when it is agreed to, and not one that is to be sought: "agreed on Monday to a ceasefire"."""
_TERM = re.compile(
    r"(?:pass|purg)er(?:a|ont)\b(?: [\w'-]+){0,4} (?:ans?|annees|mois)\b|will (?:\w+ )?(?:spend|serve)\b(?: [\w-]+){0,5} (?:years?|months|life)\b"
    r"|س[يت]قض\w+(?: \w+){0,5} (?:سنوات|سنه|عاما|اعوام|اشهر)|za (?:ta|su) (?:shafe|yi)\b(?: \w+){0,4} (?:shekar\w+|watanni)"
)
"""The years in prison to which somebody was sentenced."""


def is_news(reading: Reading, sentence: int, cue: Hit, trigger: Hit) -> bool:
    """Whether a word of what is to come speaks of what was agreed or judged, and not of an act that is still to come."""
    if trigger.key == "DIP.PEACE":
        agreed = _AGREED_TO.match(reading.folded, cue.start)
        if agreed is not None and agreed.end() <= trigger.end:
            return True
    if trigger.key == "POL.ARREST" and _TERM.match(reading.folded, cue.start) is not None:
        return True
    return _provides(reading, sentence, cue)


def _provides(reading: Reading, sentence: int, cue: Hit) -> bool:
    """Whether what is to come is what an accord says that was signed: "signed a protocol that provides for patrols"."""
    start = reading.sentences[sentence].start
    return (
        _PROVIDES.search(reading.folded, max(start, cue.start - 8), cue.end) is not None
        and _SIGNED.search(reading.folded, start, cue.start) is not None
    )
