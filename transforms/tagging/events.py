"""Events of an article: what its sentences tell, merged into one event each, scored and written as records."""

from transforms import records
from transforms.tagging import (
    accounts,
    confidence,
    denials,
    drafts,
    joint,
    merging,
    quantities,
    rivals,
    roles,
    spans,
    tolls,
    undoing,
)
from transforms.tagging.actors import ActorFinder
from transforms.tagging.dates import DateMention
from transforms.tagging.drafts import Draft
from transforms.tagging.geography import Geography
from transforms.tagging.reading import Reading

FUEL = ("carburant", "citerne", "fuel", "tanker", "وقود", "صهاريج", "man fetur")
"""Of what a blockade may be that besieges no people."""


MOVEMENT = (
    "circulation", "circuler", "deplacement", "motos", "motocycl", "pirogue", "motorcycl", "motorbike", "movement", "babur", "zirga-zirga",
    "دراجات", "سير ", "الملاحه", "حركه المرور",
)  # fmt: skip
"""Letters, folded, of how people move."""


def read_events(article_id: str, reading: Reading, geography: Geography) -> list[records.Event]:
    """The events of an article, best evidence first in the text, each with at least one evidence sentence."""
    finder = ActorFinder(reading)
    rows = [
        to_record(article_id, reading, finder, geography, draft) for draft in read_drafts(reading, finder, geography)
    ]
    return sorted(rows, key=lambda e: (e.evidence[0].part == "title", e.evidence[0].start, e.event_type, e.mode))


def read_drafts(reading: Reading, finder: ActorFinder, geography: Geography) -> list[Draft]:
    """The drafts of all sentences in which something of the region is told, joined into one an event."""
    found: list[Draft] = []
    told, undone, news = set[str](), set[str](), set[str]()
    for sentence in range(len(reading.sentences)):
        own: list[Draft] = []
        if reading.has_trigger(sentence) and is_read(reading, geography, sentence):
            own = drafts.drafts_of(reading, finder, geography, sentence, told, undone, news)
            for draft in own:
                told.add(draft.code)
                if draft.mode == "reported":
                    news.add(draft.code)
                if draft.mode in ("reported", "planned"):
                    undone.add(undoing.UNDONE_BEFORE.get(draft.code, ""))
        denials.mark(reading, finder, sentence, own, found, geography.home())
        found += own
        tolls.carry_counts(reading, geography, sentence, found)
    merged = merging.merge(reading, geography, found)
    joint.complete(reading, finder, merged)
    accounts.complete(reading, finder, geography, merged)
    rivals.add(reading, finder, geography, merged)
    return merged


def is_read(reading: Reading, geography: Geography, sentence: int) -> bool:
    """Whether a sentence speaks of the region, or the article does from its first sentences on."""
    if reading.everywhere:
        return True
    return not geography.elsewhere(sentence) and (geography.in_region(sentence) or _lead_in_region(reading, geography))


def _lead_in_region(reading: Reading, geography: Geography) -> bool:
    return geography.about_region and (
        any(geography.in_region(s) for s in drafts.lead(reading))
        or (reading.outlet is not None and not geography.countries())
    )


def to_record(
    article_id: str, reading: Reading, finder: ActorFinder, geography: Geography, draft: Draft
) -> records.Event:
    """A draft as a record, with the parties that its type implies and its confidence."""
    event_type = reading.lexicon.types[draft.code]
    when = _credible(draft, reading)
    order = sorted(draft.sentences, key=lambda ws: (-ws[0], ws[1]))
    evidence = tuple(_evidence(reading, sentence) for sentence in dict.fromkeys(n for _, n in order))
    country = draft.location.country if draft.location else geography.home()
    quantity_rows = quantities.to_records(draft.counts, draft.code, draft.target_class)
    pairs = roles.with_defaults(
        finder, draft.code, event_type, draft.pairs, country,
        civilians_hit=any(row.who == "civilian" and row.low for row in quantity_rows),
        civilians_named=draft.civilians_named or _bans_movement(reading, draft), foreign=draft.foreign,
        of_goods=draft.code == "CIV.BLOCKADE" and any(reading.says_in(FUEL, reading.sentences[n]) for _, n in order),
    )  # fmt: skip
    actor_rows = roles.to_records(finder, pairs, country)
    first = min(n for _, n in draft.sentences)
    in_title = any(reading.in_title(n) for _, n in draft.sentences)
    lead = first < reading.first_of_text + drafts.LEAD_SENTENCES
    return records.Event(
        event_id=records.event_id_of(article_id, draft.code, evidence[0].part, evidence[0].start),
        article_id=article_id,
        event_type=draft.code,
        acled_type=event_type.acled_type,
        acled_sub_type=event_type.acled_sub_type,
        mode=draft.mode,
        is_background=draft.is_background,
        alleged=draft.alleged,
        claimed_by=draft.claimed_by,
        actors=actor_rows,
        target_class=draft.target_class,
        location=draft.location,
        date_start=when.first.isoformat() if when else None,
        date_end=when.last.isoformat() if when and when.last != spans.OPEN else None,
        date_precision=when.precision if when else "none",
        quantities=quantity_rows,
        salience="headline" if in_title else "lead" if lead else "body",
        evidence=evidence,
        rules=tuple(sorted(draft.rules)),
        confidence=confidence.confidence(confidence.signs(reading, draft)),
        language=reading.language,
    )


def _bans_movement(reading: Reading, draft: Draft) -> bool:
    """Whether a restriction is on how people move, which is aimed at everybody: "a ban on motorcycles"."""
    return draft.code == "POL.RESTRICT" and any(
        reading.says_in(MOVEMENT, reading.sentences[n]) for _, n in draft.sentences
    )


def _credible(draft: Draft, reading: Reading) -> DateMention | None:
    """When it was; unknown where a text tells of what has happened on a day that is still to come: one of the two is a slip."""
    told = draft.mode in ("reported", "historical", "ongoing_stock")
    if told and draft.when and reading.published and draft.when.first > reading.published:
        return None
    return draft.when


def _evidence(reading: Reading, sentence: int) -> records.Evidence:
    span = reading.sentences[sentence]
    part, start, end = reading.to_original(span.start, span.end)
    return records.Evidence(part=part, sentence=reading.original(part)[start:end], start=start, end=end)
