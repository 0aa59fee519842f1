"""Why the tagger says what it says of one article: the rules that fired, what did not count and why, and the upkeep queue.

``explain_article`` is what ``sahelwatch tag --explain`` adds to a record; ``unknown_names`` lists the capitalised words and
acronyms beside strong triggers that no data file knows, from which actors and places are added by hand.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from transforms.tagging import confidence, counting, drafts, events, triggers, wording
from transforms.tagging.actors import ActorFinder
from transforms.tagging.drafts import Draft
from transforms.tagging.geography import Geography
from transforms.tagging.normalise import fold
from transforms.tagging.places import PlaceIndex
from transforms.tagging.reading import Reading
from transforms.tagging.weighing import learnt, strength

NAME_WORDS = 4
"""Longest run of capitalised words that is taken for one name."""
MOST_TYPES = 3
"""Types shown of those that the words of a sentence speak for."""
PHRASE = 24
"""Longest trigger, in characters, that is a phrase of its own ("coup d'État") and no frame with a name in its gap."""
LATIN = ("fr", "en", "ha")
"""Languages in which a capital letter marks a name; Arabic has none, so only Latin acronyms are seen in it."""


def explain_article(article_id: str, reading: Reading) -> dict[str, Any]:
    """What was found in an article, in the order in which the rules decide.

    ``gate``: the topic for which the whole article is left out, or None. ``sentences``: those with a trigger or
    whose words speak for an event more than for none, each with
    ``triggers`` (``rule``, ``words``, ``strong``, ``counts``, ``why`` it does not count), ``types`` (the events it tells,
    with their mode) and ``wording`` (what its words speak for most, with the chance). ``events``: for each event of the
    record its ``signs``, in logarithms of odds; no confidence is above ``at_most``.
    """
    geography, finder = Geography(reading), ActorFinder(reading)
    gate = triggers.gated_article(reading)
    told: set[str] = set()
    rows = []
    for sentence in range(len(reading.sentences)):
        unread = _unread(reading, geography, sentence, gate)
        found = [] if unread else drafts.drafts_of(reading, finder, geography, sentence, told)
        row = _explain_sentence(reading, finder, sentence, found, told, unread)
        if row["triggers"] or wording.NO_EVENT not in itertools.islice(row["wording"], 1):
            rows.append(row)
        told |= {draft.code for draft in found}
    merged = [] if gate else events.read_drafts(reading, finder, geography)
    return {
        "gate": gate,
        "sentences": rows,
        "events": [_explain_event(article_id, reading, finder, geography, draft) for draft in merged],
    }


_FAINT = "the words of the sentence speak for something else"
_SPARSE = "a long article in which hardly a sentence speaks of security (gate: sparse)"


def _unread(reading: Reading, geography: Geography, sentence: int, gate: str | None) -> str | None:
    if gate:
        return _SPARSE if gate == "sparse" else f"the article is about something else: {gate}"
    if geography.elsewhere(sentence):
        return "speaks of a country outside the region"
    return None if events.is_read(reading, geography, sentence) else "names nothing of the region"


def _explain_sentence(
    reading: Reading, finder: ActorFinder, sentence: int, found: list[Draft], told: set[str], unread: str | None
) -> dict[str, Any]:
    span = reading.sentences[sentence]
    part, start, end = reading.to_original(span.start, span.end)
    judged = triggers.judge(
        reading, sentence, finder.in_sentence(sentence), counting.find_counts(reading, sentence), told
    )
    codes = {draft.code for draft in found}
    rows = []
    for one in judged:
        why = unread or one.refusal
        if why is None and one.hit.key not in codes:
            why = f"told as {', '.join(sorted(codes))}" if codes else "too faint for what is recalled or may be"
        rows.append(
            {
                "rule": one.hit.rule, "words": reading.written[one.hit.start : one.hit.end], "strong": one.strong,
                "counts": why is None, "why": why,
            }
        )  # fmt: skip
    for hit in reading.hits("faint", sentence):
        words = reading.written[hit.start : hit.end]
        strong = strength(hit.rule) == "s"
        rows.append({"rule": hit.rule, "words": words, "strong": strong, "counts": False, "why": unread or _FAINT})
    return {
        "part": part, "start": start, "end": end, "sentence": reading.original(part)[start:end], "triggers": rows,
        "wording": reading.spoken.foremost(sentence, MOST_TYPES),
        "types": [{"type": draft.code, "mode": draft.mode} for draft in found],
    }  # fmt: skip


def _explain_event(
    article_id: str, reading: Reading, finder: ActorFinder, geography: Geography, draft: Draft
) -> dict[str, Any]:
    record = events.to_record(article_id, reading, finder, geography, draft)
    signs = confidence.signs(reading, draft)
    weights = {name: round(confidence.WEIGHTS.get(name, 0.0) * value, 2) for name, value in signs.items() if value}
    return {
        "event_id": record.event_id, "event_type": record.event_type, "confidence": record.confidence,
        "at_most": confidence.MOST,
        "signs": dict(sorted(weights.items(), key=lambda pair: (-abs(pair[1]), pair[0]))),
    }  # fmt: skip


def unknown_names(reading: Reading) -> Iterator[tuple[str, str]]:
    """(name, sentence) for each name or acronym beside a strong trigger that neither actors, places nor countries know."""
    spans = [(hit.start, hit.end) for kind in _KNOWN for hit in reading.kinds_found.get(kind, [])]
    spans += [
        (hit.start, hit.end)
        for hit in reading.kinds_found.get("trigger/s", [])
        if hit.end - hit.start <= PHRASE and not learnt(hit)
    ]
    spans += [(m.start, m.end) for m in reading.place_mentions] + [(m.start, m.end) for m in reading.countries]
    known = {place for start, end in spans for place in range(start, end)}
    index = PlaceIndex.load()
    common = {reading.folded[s:e] for s, e in _words(reading) if reading.written[s].islower()}
    for sentence in range(len(reading.sentences)):
        if not reading.hits("trigger/s", sentence):
            continue
        span = reading.sentences[sentence]
        days = {place for day in reading.dates(sentence) for place in range(day.start, day.end)}
        run: list[tuple[int, int]] = []
        for start, end in [*_words(reading, span.start, span.end), (span.end, span.end)]:
            word = reading.written[start:end]
            joined = not run or reading.written[run[-1][1] : start] in (" ", "-", "\u2019", "'")
            if (
                _is_name(reading, word, start, span.start, common)
                and start not in known
                and start not in days
                and joined
            ):
                run.append((start, end))
                continue
            name = reading.written[run[0][0] : run[-1][1]] if run else ""
            if run and len(run) <= NAME_WORDS and not index.knows(name):
                part, first, last = reading.to_original(span.start, span.end)
                yield name, reading.original(part)[first:last]
            run = []


_KNOWN = ("actor", "country", "demonym", "unsure", "not_country", "attribution", "speaker")


def _words(reading: Reading, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    stop = len(reading.written) if end is None else end
    return [(s, e) for s, e in zip(reading.tokens.starts, reading.tokens.ends, strict=True) if start <= s and e <= stop]


def _is_name(reading: Reading, word: str, start: int, begin: int, common: set[str]) -> bool:
    """Whether a word is written as a name: an acronym, or a capital not owed to the start of the sentence."""
    acronym = len(word) >= 2 and word.isascii() and word.isupper() and word.isalpha()
    if reading.language not in LATIN or reading.in_title(reading.sentence_at(start)):
        return acronym
    capital = len(word) >= 3 and word[0].isupper() and word[1:].islower()
    return acronym or (capital and start > begin and fold(word, reading.language) not in common)
