"""One article as the tagger reads it: folded, split, scanned once, with everything found kept by sentence."""

import bisect
import datetime as dt
import functools
import re
from collections import Counter, defaultdict

from transforms.tagging import dates, mines, normalise, numbers, places, sentences, weighing, wording
from transforms.tagging.countries import CountryMention, longest
from transforms.tagging.dates import RECENT_IN_LEAD, DateMention
from transforms.tagging.lexicon import Lexicon
from transforms.tagging.patterns import Hit, Matcher
from transforms.tagging.sentences import Clause, Span

TEXT_LIMIT = 12_000
"""Characters of the text that are read: news put what happened first, and longer pieces are reviews of a year."""
MEMORY = 4
"""Sentences back to which "the next day" may refer."""
LATELY = dt.timedelta(days=60)
_SINCE = frozenset(("since", "depuis", "tun", "منذ"))

_DATELINE = re.compile(
    r"[^\W\d_][^\n.;:!?]{1,32}?(?: ?[,،] ?[^\n—–]{1,24}?)?(?: ?\([^)\n]{2,24}\))? ?(?:--|[—–]|(?<=\s)-(?=\s)) ?"
)
"""What opens a report: "NIAMEY (AFP) - ", "N'DJAMENA, 15 Nov -- "."""
_LONGEST_DATELINE = 90
_NONE: list[Hit] = []
_NOWHERE: list[CountryMention] = []
"""What most look-ups of hits and countries find; nobody adds to them."""


def build_matcher(language: str, lexicon: Lexicon) -> Matcher:
    """The automaton of one language over everything the tagger looks for in it."""
    matcher = Matcher(language)
    for name, members in lexicon.words.items():
        matcher.define(name, members.get(language, ()))
    region = [country for country in lexicon.countries.values() if country.tier in ("core", "ring")]
    matcher.define("country", [name for country in region for name in country.names.get(language, ())])
    for code, event_type in lexicon.types.items():
        for strength, cues in (("s", event_type.strong), ("w", event_type.weak)):
            matcher.add(f"trigger/{strength}", code, cues.get(language, ()), rule=f"{code}/{language}/{strength}/")
        matcher.add("anti", code, event_type.anti.get(language, ()))
    for kind, by_key in (
        ("mode", lexicon.modes), ("gate", lexicon.gates), ("cue", lexicon.cues), ("companion", lexicon.companions), ("count", lexicon.kinds),
        ("victim", lexicon.victims), ("site", lexicon.sites), ("zero", lexicon.zero), ("thing", lexicon.things),
    ):  # fmt: skip
        for key, cues in by_key.items():
            matcher.add(kind, key, cues.get(language, ()))
    matcher.add("unit", "unit", lexicon.units.get(language, ()))
    for actor_id, actor in lexicon.actors.items():
        own = set(actor.aliases.get(language, ()))
        if not actor.generic:
            own |= _borrowed(language, {lang: set(names) for lang, names in actor.aliases.items()})
        matcher.add("actor", actor_id, sorted(own), strict=True)
    for iso, country in lexicon.countries.items():
        matcher.add("country", iso, country.names.get(language, ()), strict=True)
        matcher.add("demonym", iso, country.demonyms.get(language, ()), strict=True)
        matcher.add("capital", iso, country.capitals.get(language, ()), strict=True)
        matcher.add("unsure", iso, country.unsure.get(language, ()), strict=True)
        matcher.add("not_country", iso, country.anti, strict=True)
    matcher.compile()
    return matcher


def _borrowed(language: str, aliases: dict[str, set[str]]) -> set[str]:
    """Names an actor bears in a text of another language: Hausa takes English ones, Arabic the Latin acronyms."""
    if language == "ha":
        return aliases.get("en", set()) | (set() if "en" in aliases else aliases.get("fr", set()))
    if language == "ar":
        return {name for names in aliases.values() for name in names if name.isascii() and name.isupper()}
    other = "fr" if language == "en" else "en"
    return set() if aliases.get(language) else aliases.get(other, set())


class Reading:
    """What was found in one article.

    Offsets are code points of ``written``: title, line break, text, without marks that have no sound;
    ``to_original`` maps them back.
    """

    def __init__(
        self, title: str, text: str, language: str, published: dt.date | None, lexicon: Lexicon, matcher: Matcher
    ) -> None:
        whole = f"{title[:TEXT_LIMIT]}\n{text[:TEXT_LIMIT]}"
        folded = normalise.fold(whole, language)
        self.folded, self._places = normalise.shorten(folded)
        self.written = whole if self._places is None else "".join(map(whole.__getitem__, self._places[:-1]))
        self.language, self.published, self.lexicon = language, published, lexicon
        self._title_length = min(TEXT_LIMIT, len(title))
        self._original = {"title": title, "text": text}
        self.outlet: str | None = None
        """The country where the outlet sits, if it is one of the region."""
        self.everywhere = False
        """Whether sentences count that name nothing of the region (evaluation on texts of other parts of the world)."""
        self.sentences = sentences.split_sentences(self.written, self.folded)
        self._starts = [span.start for span in self.sentences]
        self.tokens = normalise.tokenise(self.folded)
        found = matcher.scan(self.written, self.tokens, published.year if published else 0, self._starts)
        found["mode"] = [hit for hit in found.get("mode", []) if not self._misread(hit)]
        words = [bisect.bisect_left(self.tokens.starts, start) for start in self._starts]
        self.spoken = wording.load(language).read(self.tokens.words, words)
        found |= weighing.weigh(found, self.spoken, self._starts, self.tokens, language)
        if struck := list(mines.struck(self.folded, language)):
            found["trigger/s"] = sorted([*found["trigger/s"], *struck], key=weighing.by_place)
        self.kinds_found = found
        self._verbs: dict[int, list[Hit]] = {}
        self._said: dict[tuple[str, ...], bool] = {}
        self._parted: dict[str, list[list[Hit]]] = {}
        self._keyed: dict[tuple[str, int], dict[str, list[Hit]]] = {}
        self._clauses: dict[int, tuple[list[Clause], list[int]]] = {}
        self._datelines: dict[int, int] = {}
        self._dates: dict[int, list[dates.DateMention]] = {}
        self._numbers: dict[int, list[numbers.Number]] = {}
        self.countries = self._find_countries()

    def _misread(self, cue: Hit) -> bool:
        """Whether a cue is a part of other words: "après-midi", "has since left"."""
        if self.folded.startswith("-midi", cue.end):
            return True
        return self.folded.endswith((" has ", " have ", " had ", "'ve "), 0, cue.start) and self.folded.startswith(
            "since ", cue.start
        )

    def to_original(self, start: int, end: int) -> tuple[str, int, int]:
        """The part, title or text, and the offsets into it of a span."""
        if self._places is not None:
            start, end = self._places[start], self._places[end - 1] + 1
        if start <= self._title_length and end <= self._title_length:
            return "title", start, end
        shift = self._title_length + 1
        return "text", start - shift, end - shift

    def original(self, part: str) -> str:
        """The title or the text as the article has it."""
        return self._original[part]

    def sentence_at(self, place: int) -> int:
        """Index of the sentence that holds a place."""
        return max(0, bisect.bisect(self._starts, place) - 1)

    def in_title(self, sentence: int) -> bool:
        """Whether a sentence stands in the title."""
        return sentence < self.first_of_text

    @functools.cached_property
    def first_of_text(self) -> int:
        """Index of the first sentence of the text; none spans the line break after the title."""
        parts = (self.to_original(*span)[0] for span in self.sentences)
        return next((i for i, part in enumerate(parts) if part != "title"), len(self.sentences))

    @functools.cached_property
    def opening_ages(self) -> list[dt.timedelta]:
        """How long ago the past days were that the title and the first sentence of the text tell; years left out."""
        today = self.published
        if today is None:
            return []
        opening = range(min(self.first_of_text + 1, len(self.sentences)))
        told = [mention for sentence in opening for mention in self.dates(sentence)]
        return [today - mention.last for mention in told if mention.precision != "year" and mention.last <= today]

    @functools.cached_property
    def commemorates(self) -> bool:
        """Whether title or first sentence say that an article looks back: an anniversary, "ten years after"."""
        return any(
            self.hits("mode", sentence, "anniversary")
            for sentence in range(min(len(self.sentences), self.first_of_text + 1))
        )

    def hits(self, kind: str, sentence: int, key: str | None = None) -> list[Hit]:
        """Hits of a kind, and of a key when one is given, in a sentence."""
        parted = self._parted.get(kind)
        if parted is None:
            parted = self._parted[kind] = self._part(kind)
        own = parted[sentence]
        if key is None or not own:
            return own
        keyed = self._keyed.get((kind, sentence))
        if keyed is None:  # few sentences are asked for keys, and those for many
            keyed = self._keyed[kind, sentence] = {}
            for hit in own:
                keyed.setdefault(hit.key, []).append(hit)
        return keyed.get(key, _NONE)

    def _part(self, kind: str) -> list[list[Hit]]:
        """The hits of a kind by sentence."""
        parted = [_NONE] * len(self._starts)
        starts = [*self._starts, len(self.folded) + 1]
        stop, own = 0, _NONE
        for hit in self.kinds_found.get(kind, ()):
            start = hit.start
            if start >= stop:
                sentence = bisect.bisect(starts, start) - 1
                stop, own = starts[sentence + 1], []
                parted[sentence] = own
            own.append(hit)
        return parted

    def said(self, sentence: int) -> list[Hit]:
        """The verbs of saying and of denying of a sentence."""
        verbs = self._verbs.get(sentence)
        if verbs is None:
            verbs = self._verbs[sentence] = [
                *self.hits("mode", sentence, "attribution"), *self.hits("mode", sentence, "denied"),
            ]  # fmt: skip
        return verbs

    def says(self, stems: tuple[str, ...]) -> bool:
        """Whether the article holds, folded, one of the runs of letters without one of which a pattern matches nothing."""
        said = self._said.get(stems)
        if said is None:
            said = self._said[stems] = any(stem in self.folded for stem in stems)
        return said

    def says_in(self, stems: tuple[str, ...], span: Span) -> bool:
        """As ``says`` of a stretch of the article."""
        start, end = span
        for stem in stems:  # noqa: SIM110 - a generator costs as much as the search
            if self.folded.find(stem, start, end) >= 0:
                return True
        return False

    def has_trigger(self, sentence: int) -> bool:
        """Whether a sentence holds a trigger of any type."""
        return bool(self.hits("trigger/s", sentence) or self.hits("trigger/w", sentence))

    def _split(self, sentence: int) -> tuple[list[Clause], list[int]]:
        """The clauses of a sentence and where they begin."""
        found = sentences.split_clauses(
            self.sentences[sentence], self.folded, self.hits("cue", sentence, "connectors"),
            self.hits("mode", sentence, "background"),
        )  # fmt: skip
        split = self._clauses[sentence] = found, [clause.start for clause in found]
        return split

    def clause_at(self, sentence: int, place: int) -> Clause:
        """The clause of a sentence that holds a place."""
        clauses, starts = self._clauses.get(sentence) or self._split(sentence)
        return clauses[max(0, bisect.bisect(starts, place) - 1)]

    def dateline_end(self, sentence: int) -> int:
        """Where the words end that say where the reporter sat, at the start of a paragraph; the sentence's start else."""
        if sentence not in self._datelines:
            self._datelines[sentence] = self._dateline_end(self.sentences[sentence])
        return self._datelines[sentence]

    def _dateline_end(self, span: Span) -> int:
        written = self.written
        if span.start and "\n" not in written[max(0, span.start - 2) : span.start]:
            return span.start
        stop = min(span.end, span.start + _LONGEST_DATELINE)
        # The pattern tries every way to part a line before it gives up, and few lines have a dash.
        if not any(dash in written[span.start : stop] for dash in "-—–"):
            return span.start
        match = _DATELINE.match(written, span.start, stop)
        return match.end() if match else span.start

    def words_in(self, span: Span) -> list[str]:
        """The words of a span that neither end cuts, folded."""
        starts = self.tokens.starts
        return self.tokens.words[bisect.bisect_left(starts, span.start) : bisect.bisect_left(starts, span.end)]

    def words_between(self, start: int, end: int) -> int:
        """How many words of two letters or more begin in ``[start, end)``."""
        return bisect.bisect_left(self.tokens.long, end) - bisect.bisect_left(self.tokens.long, start)

    def dates(self, sentence: int) -> list[dates.DateMention]:
        """The date expressions of a sentence, offsets in the article."""
        known = self._dates.get(sentence)
        if known is None:
            span = self.sentences[sentence]
            found = (
                dates.find_dates(
                    self.folded[span.start : span.end],
                    self.language,
                    self.published,
                    before=lambda: self._told_day(sentence),
                    year_told=lambda: self._told_year(sentence),
                )
                if self.published
                else []
            )
            known = [dates.DateMention(m.start + span.start, m.end + span.start, *m[2:]) for m in found]
            self._dates[sentence] = known
        return known

    def _told_day(self, sentence: int) -> dt.date | None:
        """The last day that the sentences just before this one told, one since which something goes on left out.

        Past its own paragraph, a day of the last months comes before an older one.
        """
        older = None
        for other in range(sentence - 1, max(-1, sentence - 1 - MEMORY), -1):
            days = [m for m in self.dates(other) if m.precision == "day" and not self.is_since(m)]
            if days:
                parted = "\n" in self.written[self.sentences[other].end : self.sentences[sentence].start]
                if not parted or (self.published and days[0].last >= self.published - LATELY):
                    return days[0].last
                older = older or days[0].last
        return older

    def is_long_past(self, date: DateMention) -> bool:
        """Whether a date lies further back than news that is brought late."""
        return self.published is not None and date.last < self.published - RECENT_IN_LEAD

    def is_since(self, date: DateMention) -> bool:
        """Whether a date is where something still going on began: "since 2012"."""
        words = self.folded[max(0, date.start - 12) : date.end].split()
        return not _SINCE.isdisjoint(words)

    def _told_year(self, sentence: int) -> int | None:
        """The last year that the sentences just before this one told of."""
        for other in range(sentence - 1, max(-1, sentence - 1 - MEMORY), -1):
            told = self.dates(other)
            if told:
                return told[-1].first.year
        return None

    def numbers(self, sentence: int) -> list[numbers.Number]:
        """The counts of a sentence, offsets in the article."""
        if sentence not in self._numbers:
            span = self.sentences[sentence]
            found = numbers.find_numbers(self.folded[span.start : span.end], self.language, self.words_in(span))
            line = self.dateline_end(sentence) if found else span.start
            self._numbers[sentence] = [
                numbers.Number(m.start + span.start, m.end + span.start, m.low, m.high, m.approximate)
                for m in found
                if m.start + span.start >= line
            ] if found else []  # fmt: skip
        return self._numbers[sentence]

    @functools.cached_property
    def place_mentions(self) -> list[places.PlaceMention]:
        """Place names of the whole article, in order."""
        return places.PlaceIndex.load().find(self.written, self.folded, self.language, self.tokens)

    def _find_countries(self) -> list[CountryMention]:
        barred = [Span(hit.start, hit.end) for hit in self.kinds_found.get("not_country", [])]
        sure = [
            CountryMention(hit.start, hit.end, hit.key, kind == "demonym")
            for kind in ("country", "demonym")
            for hit in self.kinds_found.get(kind, [])
            if not (
                barred and any(s.start <= hit.start and hit.end <= s.end and s != (hit.start, hit.end) for s in barred)
            )
        ]
        known = {mention.iso for mention in sure}
        for hit in self.kinds_found.get("actor", []):
            actor = self.lexicon.actors[hit.key]
            if not actor.generic and len(actor.countries) == 1:
                known.add(actor.countries[0])
        unsure = [
            CountryMention(hit.start, hit.end, hit.key, False)
            for hit in self.kinds_found.get("unsure", [])
            if hit.key in known
        ]
        return longest(sure + unsure)

    def countries_of(self, sentence: int) -> list[CountryMention]:
        """Countries mentioned in a sentence."""
        return self._by_sentence.get(sentence, _NOWHERE)

    @functools.cached_property
    def _by_sentence(self) -> dict[int, list[CountryMention]]:
        found: dict[int, list[CountryMention]] = defaultdict(list)
        for mention in self.countries:
            found[self.sentence_at(mention.start)].append(mention)
        return found

    def countries_in(self, start: int, end: int) -> list[CountryMention]:
        """Countries mentioned in ``[start, end)``."""
        countries = self.countries
        return countries[bisect.bisect_left(countries, (start,)) : bisect.bisect_left(countries, (end,))]

    @functools.cached_property
    def country_counts(self) -> Counter[str]:
        """How often the article speaks of each country; the title counts three times."""
        counts: Counter[str] = Counter()
        for mention in self.countries:
            counts[mention.iso] += 3 if mention.start <= self._title_length else 1
        for hit in self.kinds_found.get("actor", []):
            actor = self.lexicon.actors[hit.key]
            if len(actor.countries) == 1 and not (actor.generic or actor.needs_ctx or actor.needs_ctx_acronym):
                counts[actor.countries[0]] += 1
        return counts
