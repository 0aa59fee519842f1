"""The places of one article, resolved against its countries, and what stands around them."""

import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Collection

from transforms.tagging import place_words, places
from transforms.tagging.countries import CountryMention
from transforms.tagging.reading import Reading

REGION = ("core", "ring")
NAMED_BESIDE = 3
"""What a country named in the same sentence weighs against one naming elsewhere in the article."""
OUTLET = 2
"""Mentions that a country is given for being where the outlet sits."""
FOCUS = 0.7
"""Share of an article's places in one division from which a sentence without a place is taken to mean it."""
MOVED = ("BAT.", "REM.", "CIV.", "POL.ARREST", "HUM.AID", "UNR.RIOT")
"""What happens to those who are on their way, or is done by them, somewhere else than where they go or come from."""
_KNOWN_AFAR = 8
"""Prominence from which a town is known in other parts of the region as well."""
_SURELY = 4
"""Mentions of a country from which an article is about it."""
HAMLET = 3
"""A place of this prominence or less is a sign that an article speaks of its country only where nothing else is: others bear its name."""


def _speaks(place: places.Place) -> bool:
    """Whether a place is a sign that the article speaks of its country; a side ("the far north") is of any."""
    if places.is_side(place):
        return False
    return place.kind != "place" or place.prominence > HAMLET


class ArticlePlaces:
    """The places of one article, resolved against its countries."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._countries = reading.lexicon.countries
        self._mentions: dict[int, list[places.PlaceMention]] = {}
        context, hamlets = Counter(reading.country_counts), Counter[str]()
        for mention in reading.place_mentions:
            self._mentions.setdefault(reading.sentence_at(mention.start), []).append(mention)
            named = {place.country for place in mention.candidates if place.kind != "country"}
            iso = named.pop() if len(named) == 1 else None
            if iso:
                spoken = any(_speaks(place) for place in mention.candidates)
                (context if spoken else hamlets)[iso] += 1
        if not any(self._tier(iso) in REGION for iso in context):
            context += hamlets
        self._context = Counter(dict(sorted(context.items())))
        self._resolved: dict[int, list[tuple[places.PlaceMention, places.Place]]] = {}
        self._in_region: dict[int, bool] = {}
        self._moves: dict[int, bool] = {}
        """By where a place stands, what ``_moved`` says of an act of violence there."""
        self._index = places.PlaceIndex.load()

    def countries(self) -> tuple[str, ...]:
        """The countries the article speaks of, by name, demonym, actor or place, the most spoken of first."""
        return tuple(iso for iso, _ in sorted(self._context.items(), key=lambda pair: (-pair[1], pair[0])))

    def places_in(self, sentence: int) -> list[tuple[places.PlaceMention, places.Place]]:
        """The resolved places of a sentence that lie in the region; countries and words of dates left out."""
        if sentence not in self._mentions:
            return []
        if sentence not in self._resolved:
            days = self._reading.dates(sentence)
            mentions = [
                m for m in self._mentions[sentence] if not any(d.start < m.end and m.start < d.end for d in days)
            ]
            admin1 = {
                place.admin1 or place.name
                for mention in mentions
                for place in mention.candidates
                if place.kind == "admin1"
            }
            context = dict(self._context)
            for iso in self._named_beside(sentence):
                context[iso] = context.get(iso, 0) + NAMED_BESIDE
            heading = self.headings.get(sentence)
            if heading is not None:
                context[heading] = context.get(heading, 0) + NAMED_BESIDE + max(context.values(), default=0)
            mentions = [self._of_demonym(sentence, mention) for mention in mentions]
            resolved = [(mention, self._index.resolve(mention, context, admin1)) for mention in mentions]
            self._resolved[sentence] = [
                (m, self._in_old_region(place)) for m, place in resolved
                if place and place.kind != "country" and not self._is_namesake_abroad(place) and (place.country is None or self._tier(place.country) in REGION)
                and not (heading is not None and place.country != heading and place.kind == "place" and place.prominence <= HAMLET)
            ]  # fmt: skip
        return self._resolved[sentence]

    def _is_namesake_abroad(self, place: places.Place) -> bool:
        """Whether a town is all that speaks of its country, far from the one that the article is about: another bears its name."""
        iso = place.country
        if place.kind not in ("place", "admin2") or iso is None or place.prominence >= _KNOWN_AFAR:
            return False
        home = max(self._context, key=lambda other: (self._context[other], other), default=iso)
        if home == iso or self._tier(home) not in REGION or iso in self._countries[home].neighbours:
            return False
        mentions = itertools.chain.from_iterable(self._mentions.values())
        alone = sum(any((c.country, c.name) == (iso, place.name) for c in m.candidates) for m in mentions)
        return self._context[home] >= _SURELY and self._context[iso] <= alone

    def _of_demonym(self, sentence: int, mention: places.PlaceMention) -> places.PlaceMention:
        """A place whose homonyms a demonym beside it tells apart: "الطينة السودانية", "the Malian town of Léré"."""
        if len(mention.candidates) < 2:
            return mention
        folded = self._reading.folded
        for demonym in self._reading.countries_of(sentence):
            behind = folded[mention.end : demonym.start] in (" ", " ال")
            if demonym.demonym and (behind or place_words.OF_KIND.fullmatch(folded, demonym.end, mention.start)):
                inside = tuple(place for place in mention.candidates if place.country == demonym.iso)
                return mention._replace(candidates=inside or mention.candidates)
        return mention

    def _in_old_region(self, place: places.Place) -> places.Place:
        """A place of Mali in the region that the article names for it: "Koro, dans la région de Mopti"."""
        old = self._index.carved.get(place.admin1 or "") if place.country == "ML" and place.kind != "admin1" else None
        if old is None or old not in self._old_regions or place.admin1 in self._old_regions:
            return place
        return dataclasses.replace(place, admin1=old)

    @functools.cached_property
    def _old_regions(self) -> frozenset[str]:
        """The regions of Mali, old and new, that the article names as regions."""
        folded, named = self._reading.folded, set()
        for mention in itertools.chain.from_iterable(self._mentions.values()):
            units = [
                place.name
                for place in mention.candidates
                if place.kind in ("admin1", "admin2") and place.country == "ML"
            ]
            if units and place_words.REGION.search(folded, max(0, mention.start - 16), mention.end + 16):
                named.update(units)
        return frozenset(named)

    def _named_beside(self, sentence: int) -> list[str]:
        """The countries that a sentence names, or else those of the sentences before it in its paragraph."""
        reading = self._reading
        for other in range(sentence, -1, -1):
            span = reading.sentences[other]
            if other < sentence and "\n" in reading.written[span.end : reading.sentences[other + 1].start]:
                break
            named = [
                m.iso for m in reading.countries_of(other)
                if not self._beyond_border(m.start, m.end) and (not m.demonym or self._says_where(other, m))
            ]  # fmt: skip
            if named:
                return named
        return []

    @functools.cached_property
    def headings(self) -> dict[int, str]:
        """The country that heads the paragraph of a sentence, in a round-up by countries."""
        reading, found = self._reading, {}
        heading: str | None = None
        for sentence in range(reading.first_of_text, len(reading.sentences)):
            span = reading.sentences[sentence]
            opens = sentence == reading.first_of_text or (
                "\n" in reading.written[reading.sentences[sentence - 1].end : span.start]
            )
            if opens:
                first = next((m for m in reading.countries_in(span.start, span.start + 1) if not m.demonym), None)
                heads = first is not None and place_words.HEADS.match(reading.folded, first.end) is not None
                alone = (
                    heading is not None
                    and reading.sentences[sentence - 1].end - reading.sentences[sentence - 1].start < 40
                )
                if first is not None and heads:
                    heading = first.iso
                elif not (alone and self._is_heading(sentence - 1)):
                    heading = None
            if heading is not None:
                found[sentence] = heading
        return found

    def _is_heading(self, sentence: int) -> bool:
        """Whether a sentence is nothing but the name of a country."""
        span = self._reading.sentences[sentence]
        named = self._reading.countries_in(span.start, span.start + 1)
        return bool(named) and not self._reading.folded[named[0].end : span.end].strip(" .:")

    def _tier(self, iso: str) -> str | None:
        return self._countries[iso].tier if iso in self._countries else None

    @functools.cached_property
    def focus(self) -> tuple[str, str] | None:
        """The country and first-level division where nearly all places of the article lie, or None."""
        seen: Counter[tuple[str, str | None]] = Counter()
        for sentence in sorted(self._mentions):
            for mention, place in self.places_in(sentence):
                if place.country is None or self._moved("CIV.", mention.start):
                    continue
                seen[place.country, place.admin1 or (place.name if place.kind == "admin1" else None)] += 1
        if not seen:
            return None
        (country, admin1), count = min(seen.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or ""))
        return (country, admin1) if admin1 and count >= FOCUS * sum(seen.values()) else None

    @functools.cached_property
    def scene(self) -> places.Place | None:
        """The settlement of an article that names one only, the places where somebody spoke or went left out; or None."""
        reading, found = self._reading, {}
        for sentence in sorted(self._mentions):
            for mention, place in self.places_in(sentence):
                if place.kind == "place" and mention.start >= reading.dateline_end(sentence):
                    end = reading.sentences[sentence].end
                    if self._moved("CIV.", mention.start) or self._of_source(sentence, mention.start, end):
                        continue
                    if self._is_capital(place):
                        continue
                    found[place.country, place.name] = place
        return next(iter(found.values())) if len(found) == 1 else None

    def in_region(self, sentence: int) -> bool:
        """Whether a sentence names a country, a place or an actor of the region."""
        if sentence not in self._in_region:
            self._in_region[sentence] = self._names_region(sentence)
        return self._in_region[sentence]

    def _names_region(self, sentence: int) -> bool:
        for mention in self._reading.countries_of(sentence):
            if self._countries[mention.iso].tier in REGION:
                return True
        if self.places_in(sentence) or any(self._is_of_the_region(m) for m in self._mentions.get(sentence, ())):
            return True
        for hit in self._reading.hits("actor", sentence):
            actor = self._reading.lexicon.actors[hit.key]
            if not actor.generic and any(self._tier(iso) in REGION for iso in actor.countries):
                return True
        return False

    def _is_of_the_region(self, mention: places.PlaceMention) -> bool:
        """Whether a place lies in the region whichever of its homonyms is meant: Léré of Mali or of Chad."""
        towns = [place for place in mention.candidates if place.kind != "country" and _speaks(place)]
        return len(towns) > 1 and all(self._tier(place.country or "") in REGION for place in mention.candidates)

    def elsewhere(self, sentence: int) -> bool:
        """Whether a sentence names a country or people that have no part in the region, and nothing of the region."""
        named = self._reading.countries_of(sentence)
        return bool(named) and any(self._tier(m.iso) == "outside" for m in named) and not self.in_region(sentence)

    @functools.cached_property
    def about_region(self) -> bool:
        """Whether the article speaks of the region at least as much as of countries that have no part in it."""
        tiers: Counter[str | None] = Counter()
        for iso, count in self._context.items():
            tiers[self._tier(iso)] += count
        return tiers["core"] + tiers["ring"] >= tiers["outside"]

    def home(self, without: Collection[str] = ()) -> str | None:
        """The region's country that the article is most about, or None when it names none but those ``without``."""
        outlet = self._reading.outlet
        ranked = [
            (-n - (OUTLET if iso == outlet else 0), iso)
            for iso, n in self._context.items() if self._tier(iso) in REGION and iso not in without
        ]  # fmt: skip
        return min(ranked)[1] if ranked else None

    @functools.cached_property
    def _dateline(self) -> places.Place | None:
        """The settlement where the reporter sat, when the article opens with it."""
        reading = self._reading
        first = reading.first_of_text
        if first >= len(reading.sentences):
            return None
        end = reading.dateline_end(first)
        return next((p for m, p in self.places_in(first) if m.end <= end and p.kind == "place"), None)

    def nationwide(self, sentence: int) -> bool:
        """Whether a sentence speaks of a whole country: "the country has 2.1 million displaced"."""
        span = self._reading.sentences[sentence]
        return self._reading.says_in(place_words.NATIONWIDE_STEMS, span) and (
            place_words.NATIONWIDE.search(self._reading.folded[span.start : span.end]) is not None
        )

    def _is_capital(self, place: places.Place) -> bool:
        """Whether a place is a capital, where news are announced, rather than "the town" they are about."""
        country = self._countries.get(place.country or "")
        return country is not None and any(place.name in names for names in country.capitals.values())

    def _is_government(self, sentence: int, start: int) -> bool:
        """Whether a capital may stand for its government: no preposition puts something into it."""
        capital = any(hit.start == start for hit in self._reading.hits("capital", sentence))
        return capital and not self._inside(start)

    def _moved(self, code: str, start: int) -> bool:
        """Whether an act of violence is not where a place is named, because somebody goes there or comes from there."""
        if not code.startswith(MOVED):
            return False
        moved = self._moves.get(start)
        if moved is None:
            before = self._reading.folded[max(0, start - 44) : start]
            moved = self._moves[start] = place_words.MOVES.search(before) is not None or (
                self._reading.says(place_words.MEDICAL_STEMS) and place_words.MEDICAL.search(before) is not None
            )
        return moved

    def _inside(self, start: int) -> bool:
        """Whether a preposition says that something happened in a place, not that somebody is of it or goes there."""
        folded = self._reading.folded
        return self._reading.language == "ar" or bool(place_words.INSIDE.search(folded[max(0, start - 16) : start]))

    def _of_source(self, sentence: int, start: int, before: int) -> bool:
        """Whether a place stands in the "Selon ..., " that opens a sentence, and what is told lies behind it."""
        folded, line = self._reading.folded, self._reading.dateline_end(sentence)
        if place_words.SOURCE_FIRST.match(folded, line) is None:
            return False
        return start < folded.find(",", line, self._reading.sentences[sentence].end) < before

    def _beyond_border(self, start: int, end: int) -> bool:
        """Whether a country only names a border ("near the border with Mali", "la frontière malienne")."""
        folded = self._reading.folded
        if folded.startswith(" border", end):
            return True
        return self._reading.says(place_words.BORDER_STEMS) and (
            place_words.BORDER_BEFORE.search(folded[max(0, start - 24) : start]) is not None
        )

    def _is_away(self, start: int) -> bool:
        """Whether a country is one that somebody comes from or goes back to: "gunmen from Niger", "pris le chemin du Nigeria"."""
        if not self._reading.says(place_words.AWAY_STEMS):
            return False
        start = self._bare(start)
        return place_words.AWAY.search(self._reading.folded, max(0, start - 40), start) is not None

    def _bare(self, start: int) -> int:
        """Where a country's name begins; the Arabic for Mali is found with the preposition before it."""
        led = place_words.LED.match(self._reading.folded, start)
        return led.end() if led is not None else start

    def _of_envoy(self, start: int) -> bool:
        """Whether a country is only named for its envoy: "l'ambassadeur du Mali"."""
        return self._reading.says(place_words.ENVOY_STEMS) and (
            place_words.ENVOY.search(self._reading.folded[max(0, start - 28) : start]) is not None
        )

    def _beside_territory(self, demonym: CountryMention) -> bool:
        """Whether a word of territory stands beside a demonym: "the Sudanese bank"."""
        folded = self._reading.folded
        before = folded[max(0, demonym.start - 24) : demonym.start].replace("'", " ").split()
        after = [word.rstrip(".,;:،)") for word in folded[demonym.end : demonym.end + 24].split()]
        return not place_words.TERRITORY.isdisjoint(before[-1:] + after[:1])

    def _says_where(self, sentence: int, demonym: CountryMention) -> bool:
        """Whether a demonym stands beside a force, an authority or a word of territory, not beside people from there."""
        reading = self._reading
        if self._beside_territory(demonym):
            return True
        for hit in reading.hits("actor", sentence):
            actor = reading.lexicon.actors[hit.key]
            if reading.lexicon.classes[actor.actor_class].group == "state" and (
                reading.words_between(min(hit.end, demonym.end), max(hit.start, demonym.start)) <= 1
            ):
                return True
        return False
