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
_AGAINST = {
    "fr": re.compile(
        r"\b(?:mais|cependant|toutefois|pourtant|tandis que|alors que|en revanche|pour sa part|de son cote|quant a|parlent? de|evoquent?"
        r"|conteste\w*|elles?,|lui,|eux,)\b"
    ),
    "en": re.compile(r"\b(?:but|however|while|whereas|instead|disput\w+|for its part|contradict\w+)\b"),
    "ar": re.compile(
        r"(?<!\w)(?:لكن|ولكن|لكنه|لكنها|غير ان|بيد ان|الا ان|بينما|في حين|من جهته|من جهتها|من جانبه|من جانبها)(?!\w)"
    ),
    "ha": re.compile(r"\b(?:amma|sai dai|kuwa|yayin da|a nata bangaren|a nasu bangaren|a nasa bangaren)\b"),
}
"""Words, folded, that set what somebody says against what was told before."""
_ONLY = {
    "fr": re.compile(r"\b(?:seulement|que|uniquement)(?: [^\W\d_]+)? $"),
    "en": re.compile(r"\b(?:only|just)(?: [^\W\d_]+)? $"),
    "ar": re.compile(r"(?<!\w)(?:سوي|فقط)(?: [^\W\d_]+)? $"),
    "ha": re.compile(r"\b(?:kawai|kacal) (?:[^\W\d_']+ )?$"),
}
"""What stands right before a figure that is said to be all."""
_PARTS = re.compile(
    r"\b(?:hospitals?|hopital|hopitaux|asibiti|children|enfants|yara|women|femmes|mata|boys|girls|filles|inside|on the spot|sur le coup|identif\w+"
    r"|bod(?:y|ies)|corps|depouilles|gawa\w*|brothers|freres|among|parmi|ranks|rangs|own|side|camp adverse|in all|au total|total|jimilla|baki daya"
    r"|pursu\w+|chas\w+|retaliat\w+|represailles|later|since|depuis|tun)\b"
    r"|(?<!\w)(?:ال)?(?:مستشفي|اطفال|طفلا|نساء|جثث|جثه|صفوفه|صفوفها|بينهم|اجمالي|المجموع|منذ)(?!\w)"
)
"""Words, folded, by which a figure may count a part of those told before, or others."""
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
_ONLY_AFTER = re.compile(r" (?:kacal|kawai|فقط)\b")
"""The same as ``_ONLY`` behind it."""
REACH = 80
"""Characters before a bare figure in which that is looked for."""


def add(reading: Reading, finder: ActorFinder, geography: Geography, drafts: list[Draft]) -> None:
    """Gives the acts of an article the figures that others than those told first give for the same people.

    A figure is in dispute where a sentence on the act, or one soon after it, gives one of somebody's own: as a figure
    ("put its losses at 14", "en dénombre 15"), as a larger one that a party claims of the same people, or as a smaller one
    that it sets against what was told. A part of the dead, those of another side and those who died later are no dispute:
    a false one would make a massacre smaller, so what is not sure is left as it was told first.
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
    figures = _figures(reading, sentence, draft)
    speakers = _speaking(reading, sentence, mentions)
    if (
        not figures
        and not speakers
        and not _AGAINST[reading.language].search(reading.folded, *reading.sentences[sentence])
    ):
        return
    if (
        tolls.is_of_long(reading, sentence)
        or not all(tolls.dates_agree(draft.when, day) for day in reading.dates(sentence)[:1])
        or (draft.location is not None and geography.is_elsewhere(sentence, draft.location))
        or _OTHER.search(reading.folded, *reading.sentences[sentence])
    ):
        return
    where = draft.location.country if draft.location else geography.home()
    counted = {c.start: c for c in counting.find_counts(reading, sentence)}
    figures = [c for c in figures if c.start not in counted or counted[c.start].kind in (c.kind, None)]
    bare = {count.start for count in figures}
    numbers = {number.start for number in reading.numbers(sentence)} - bare
    for count in [*(c for start, c in counted.items() if start in numbers), *figures]:
        rest = [c for c in draft.counts if c.start != count.start]
        first = next((c for c in rest if _is_of_people(c, draft.code) and _is_rival(c, count)), None)
        if first is None or any(
            c.kind == first.kind and (c.low == count.low or (c.rival and reading.sentence_at(c.start) == sentence))
            for c in rest
        ):
            continue
        mine = _speaker(finder, mentions if count.start in bare else speakers, count, where)
        before = reading.sentence_at(first.start)
        theirs = _speaker(finder, _speaking(reading, before, finder.in_sentence(before)), first, where)
        theirs = None if theirs == mine and before == sentence else first.claimed_by or theirs
        if mine is not None and mine == theirs:
            continue
        if count.start not in bare and not _is_own(reading, finder, draft, sentence, first, count, mine, where):
            continue
        draft.counts = [c._replace(claimed_by=theirs) if c is first else c for c in rest]
        draft.counts.append(count._replace(kind=first.kind, who=first.who, claimed_by=mine, rival=True))


def _is_own(
    reading: Reading, finder: ActorFinder, draft: Draft, sentence: int, first: Count, count: Count, mine: str | None,
    country: str | None,
) -> bool:  # fmt: skip
    """Whether a count is a party's own figure for the people of the first, rather than of a part of them or of others."""
    start, end = reading.sentences[sentence]
    if _PARTS.search(reading.folded, start, end):
        return False
    here = first.stop if start <= first.start < end else start
    between = [m.start for m in finder.in_sentence(sentence)] + [verb.start for verb in reading.said(sentence)]
    if here > start and not any(here <= place < count.start for place in between):
        return False  # two figures of one who tells
    only = _ONLY[reading.language].search(reading.folded, here, count.start) is not None or (
        reading.language in ("ha", "ar") and _ONLY_AFTER.match(reading.folded, count.stop) is not None
    )
    if count.who is None:
        return (
            only
            and count.low < first.low
            and _AGAINST[reading.language].search(reading.folded, here, count.start) is not None
        )
    if (mine is None and not only) or not _one_noun(first.noun, count.noun):
        return False
    if count.low > first.low:
        return mine is not None
    doers = {finder.settle(m, country).entry.id for role, m in draft.pairs if role == "initiator"}
    return mine not in doers and (
        only or _AGAINST[reading.language].search(reading.folded, here, count.start) is not None
    )


def _one_noun(one: str, other: str) -> bool:
    """Whether two nouns may name the same people: "soldiers" and "policemen" do not."""
    return one[:4] == other[:4] or not {"", *quantities.ANYBODY}.isdisjoint((one, other))


def _speaking(reading: Reading, sentence: int, mentions: list[ActorMention]) -> list[ActorMention]:
    """Who tells in a sentence; also a subject that stands before its verb where the language seldom has it so."""
    said = reading.said(sentence)
    return [m for m in mentions if m.speaks or any(0 <= verb.start - m.end <= 1 for verb in said)]


def _is_rival(first: Count, count: Count) -> bool:
    """Whether a figure counts the same people as one told before it, and the two cannot both hold."""
    if count.kind != first.kind or first.start > count.start or not first.low or not count.low:
        return False
    if first.rival or count.raised or count.thing:
        return False
    if count.who not in (first.who, None):
        return False
    highs = [c.high for c in (first, count) if c.high is not None]
    return bool(highs) and max(first.low, count.low) > min(highs)


def _is_of_people(count: Count, code: str) -> bool:
    """Whether a count is of victims, or of those who took to the streets."""
    return count.thing is None and (count.kind in _KINDS or (count.kind is None and code == _CROWDS))


def _figures(reading: Reading, sentence: int, draft: Draft) -> list[Count]:
    """Figures that are told as somebody's own: "la Croix-Rouge en dénombre 15"; of the dead told before, or of the last counted."""
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
