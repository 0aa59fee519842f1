"""Figures that are in dispute: "the army put its losses at 14", where twenty dead were told before; both are kept."""

import re

from transforms.tagging import counting, quantities, tolls
from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.count_lists import Count
from transforms.tagging.drafts import Draft
from transforms.tagging.geography import Geography
from transforms.tagging.reading import Reading

_KINDS = (*quantities.CASUALTIES, "abducted")
_CROWDS = "UNR.PROTEST"
_OTHERWISE = {
    "fr": re.compile(
        r"\b(?:mais|cependant|toutefois|pourtant|tandis que|alors que|en revanche|pour sa part|de son cote|quant a|parlent? de|evoquent?"
        r"|font etat de|fait etat de"
        r"|seulement|conteste\w*|reconnai\w+|admet\w*|concede\w*|elles?,|lui,|eux,|celui de|avancent?"
        r"|en (?:denombr|compt|recens)\w+)\b|\bn'\w+ (?:\w+ ){1,4}que\b"
    ),
    "en": re.compile(
        r"\b(?:but|however|while|whereas|only|instead|lower|higher|disput\w+|put(?:s|ting)? [^.;]{0,50}? at|for its part"
        r"|acknowledg\w+|admit\w*|conced\w+|contradict\w+|just)\b"
    ),
    "ar": re.compile(
        r"(?<!\w)(?:لكن|ولكن|لكنه|لكنها|غير ان|بيد ان|الا ان|بينما|في حين|فيما|من جهته|من جهتها|من جانبه|من جانبها"
        r"|اما|فقط|سوي|اعترف\w*|اقر\w*)(?!\w)"
    ),
    "ha": re.compile(r"\b(?:amma|sai dai|kuwa|kacal|kawai|yayin da|a nata bangaren|a nasu bangaren|a nasa bangaren|ta amince|ya amince)\b"),
}  # fmt: skip
"""Words, folded, that set what somebody says against what was told before."""
_OWN = re.compile(
    r"\b(?:parlent?|evoquent?|fait|font|reconnai\w+|admet\w*|concede\w*|avancent?|acknowledg\w+|admit\w*|conced\w+|puts?|ce|amince)\b"
    r"|(?<!\w)(?:اعترف\w*|اقر\w*|قال\w*)(?!\w)"
)
"""Verbs, folded, by which somebody gives a figure of their own."""
_OTHER = re.compile(
    r"\b(?:another|elsewhere|separate|second|autre|ailleurs|deuxieme|daban|na biyu|ta biyu)\b"
    r"|(?<!\w)(?:اخري|اخر|ثان|ثانيه|الثاني|الثانيه|منفصل|منفصله)(?!\w)"
)
"""Words, folded, that tell of another act."""
_FIGURE = {
    "fr": re.compile(
        r"\b(?:en (?:a |ont )?(?:denombr|compt|recens|enregistr)\w+|n'en (?:a|ont) (?:denombre|compte|recense|enregistre) que|celui de|le chiffre de"
        r"|(?:fixe|etabli|estime|chiffre)\w* (?:le bilan|les pertes) a)(?: au moins| plus de)? $"
    ),
    "en": re.compile(
        r"\b(?:put(?:s|ting)? (?:the |its |their )?(?:[^\W\d_]+'s )?(?:death toll|toll|figure|number|losses|crowd|count|dead"
        r"|abducted|total)(?: [^\W\d_]+){0,3}? at"
        r"|(?:lower|higher|different) (?:figure|toll|number|count) of)(?: at least| about| more than| just| only)? $"
    ),
    "ar": re.compile(
        r"(?<!\w)(?:الحصيله|حصيله|العدد|عدد(?:هم| القتلي| الضحايا| المخطوفين)) (?:[^\W\d_]+ ){0,2}?"
        r"(?:هو|هي|عند|ب|لا يتجاوز|لا تتجاوز|لم يتجاوز|لم تتجاوز|بلغ|بلغت) ?$"
    ),
    "ha": re.compile(r"\badadin(?:su)? (?:[^\W\d_']+ ){0,3}?(?:bai wuce|bai kai|shi ne|ya kai)(?: mutum)? $"),
}  # fmt: skip
"""What stands before a bare figure that is somebody's own."""
REACH = 80
"""Characters before a bare figure in which that is looked for."""


def add(reading: Reading, finder: ActorFinder, geography: Geography, drafts: list[Draft]) -> None:
    """Gives the acts of an article the figures that others than those told first give for the same people.

    A figure is in dispute where a sentence on the act, or one soon after it, has somebody say another one: against
    what was told before ("but", "only", "put its losses at"), or a larger one as another party than the first.
    """
    for draft in drafts:
        if draft.mode != "reported" or not draft.counts or not draft.code.startswith((*quantities.VIOLENT, _CROWDS)):
            continue
        others = {n for d in drafts if d is not draft and d.code != "GRP.CLAIM" for _, n in d.sentences}
        told = {n for _, n in draft.sentences if not reading.in_title(n)}
        near = {n + k for n in told for k in range(1, tolls.LAST_SENTENCES + 1)} - others
        for sentence in sorted(told | near):
            if sentence < len(reading.sentences) and reading.numbers(sentence):
                _add_of(reading, finder, geography, draft, sentence)


def _add_of(reading: Reading, finder: ActorFinder, geography: Geography, draft: Draft, sentence: int) -> None:
    mentions = finder.in_sentence(sentence)
    speakers = [m for m in mentions if m.speaks]
    if not speakers and not reading.said(sentence) and not _is_against(reading, sentence):
        return
    if tolls.is_of_long(reading, sentence) or not all(
        tolls.dates_agree(draft.when, day) for day in reading.dates(sentence)[:1]
    ):
        return
    if draft.location is not None and geography.is_elsewhere(sentence, draft.location):
        return
    if _OTHER.search(reading.folded, *reading.sentences[sentence]):
        return
    where = draft.location.country if draft.location else geography.home()
    numbers = {number.start for number in reading.numbers(sentence)}
    counted = [c for c in counting.find_counts(reading, sentence) if c.start in numbers]
    bare = [c for c in _bare(reading, sentence, draft) if not any(c.start == other.start for other in counted)]
    for count in [*counted, *bare]:
        rest = [c for c in draft.counts if c.start != count.start]
        first = next((c for c in rest if _is_of_people(c, draft.code) and _is_rival(c, count)), None)
        if first is None or any(
            c.kind == first.kind and (c.low == count.low or (c.rival and reading.sentence_at(c.start) == sentence))
            for c in rest
        ):
            continue
        theirs = _speaker(
            finder, [m for m in finder.in_sentence(reading.sentence_at(first.start)) if m.speaks], first, where
        )
        mine = _speaker(finder, mentions if count in bare else speakers, count, where)
        one = reading.sentence_at(first.start) == sentence
        if one and count not in bare and not _is_told_between(reading, sentence, first, count):
            continue  # two figures of one who tells
        if (
            count not in bare
            and not _is_against(reading, sentence, count)
            and (mine is None or theirs is None or count.low < first.low)
        ):
            continue
        theirs = None if one and theirs == mine else first.claimed_by or theirs
        if mine is not None and mine == theirs:
            continue
        draft.counts = [c._replace(claimed_by=theirs) if c is first else c for c in rest]
        draft.counts.append(count._replace(kind=first.kind, who=first.who, claimed_by=mine, rival=True))


def _is_against(reading: Reading, sentence: int, count: Count | None = None) -> bool:
    """Whether words before a count of a sentence, or anywhere in it, set it against what was told before."""
    start, end = reading.sentences[sentence]
    return _OTHERWISE[reading.language].search(reading.folded, start, count.stop if count else end) is not None


def _is_told_between(reading: Reading, sentence: int, first: Count, count: Count) -> bool:
    """Whether somebody begins to tell between two figures of a sentence, against the first."""
    between = first.stop, count.start
    return _OTHERWISE[reading.language].search(reading.folded, *between) is not None and (
        _OWN.search(reading.folded, *between) is not None
        or any(first.stop <= verb.start < count.start for verb in reading.said(sentence))
    )


def _is_rival(first: Count, count: Count) -> bool:
    """Whether a figure counts the same people as one told before it, and the two cannot both hold."""
    if count.kind != first.kind or first.start > count.start or not first.low or not count.low:
        return False
    if first.rival or count.raised or count.thing:
        return False
    if count.who not in (first.who, None) and not (count.who == "civilian" and count.noun in quantities.ANYBODY):
        return False
    highs = [c.high for c in (first, count) if c.high is not None]
    return bool(highs) and max(first.low, count.low) > min(highs)


def _is_of_people(count: Count, code: str) -> bool:
    """Whether a count is of victims, or of those who took to the streets."""
    return count.thing is None and (count.kind in _KINDS or (count.kind is None and code == _CROWDS))


def _bare(reading: Reading, sentence: int, draft: Draft) -> list[Count]:
    """Figures without a noun that are somebody's own: "la Croix-Rouge en dénombre 15"; of the dead told before, or of the last counted."""
    pattern = _FIGURE[reading.language]
    found: list[Count] = []
    for number in reading.numbers(sentence):
        low = max(reading.sentences[sentence].start, number.start - REACH)
        if not pattern.search(reading.folded, low, number.start):
            continue
        before = [c for c in draft.counts if c.start < number.start and _is_of_people(c, draft.code)]
        if before:
            last = max(before, key=lambda c: (reading.sentence_at(c.start), c.kind == "killed", c.start))
            found.append(last._replace(
                start=number.start, end=number.end, low=number.low, high=number.high, approximate=number.approximate,
                claimed_by=None, raised=False,
            ))  # fmt: skip
    return found


def _speaker(finder: ActorFinder, mentions: list[ActorMention], count: Count, country: str | None) -> str | None:
    """Id of the party whose figure a count is: the last that speaks before it, else the first that speaks."""
    before = [m for m in mentions if m.start < count.start]
    chosen = before[-1:] or mentions[:1]
    return finder.settle(chosen[0], country).entry.id if chosen else None
