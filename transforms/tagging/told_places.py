"""What a place told before is spoken of by: "the town", "the same province", "the country", or nothing at all."""

from collections.abc import Collection

from transforms import records
from transforms.tagging import place_words, places
from transforms.tagging.article_places import MOVED, REGION, ArticlePlaces
from transforms.tagging.patterns import Hit

BACK = 6
"""Sentences back to the place that "the town" means."""
_SIGNED = ("MIL.AGREE", "MIL.JOINT_FORCE")
"""What is signed or set up at a meeting."""
_OF_THE_STATE = ("DIP.", "MIL.")
SEAT_REACH = 12
"""Characters between a body and the town where it sits."""
POST_REACH = 16
"""Characters between a place and the word for what stands there."""
LOCAL = (
    "BAT.",
    "REM.",
    "CIV.",
    "UNR.",
    "POL.ARREST",
    "POL.RESTRICT",
    "POL.MUTINY",
    "HUM.",
    "GRP.WEAPONS_SEIZED",
    "GRP.LEADER",
    "GRP.SURRENDER",
    "MIL.EXERCISE",
    "MIL.DEPLOY",
    "DIP.PEACE",
)
"""Types that happen somewhere; the rest happen to a country."""


def located(place: places.Place) -> records.Location:
    """The location of an event at a place."""
    return records.Location(
        name=place.name, country=place.country, admin1=place.admin1, admin2=place.admin2,
        latitude=place.latitude, longitude=place.longitude, precision=place.kind, geoname_id=place.geoname_id,
    )  # fmt: skip


class ToldPlaces(ArticlePlaces):
    """The places that sentences without one of their own mean."""

    def _unit_told(self, sentence: int, code: str, country: str) -> places.Place | None:
        """The division of a country that "the state" or "la même province" means: the last one told of by that word.

        Else the last one told at all.
        """
        reading = self._reading
        span = reading.sentences[sentence]
        if not code.startswith(LOCAL) or not reading.says_in(place_words.UNIT_STEMS, span):
            return None
        spoken = place_words.UNIT.search(reading.folded, span.start, span.end)
        if spoken is None:
            return None
        word = (spoken.group(1) or spoken.group()).split()[-1].removeprefix("ال")
        last = None
        for other in range(sentence - 1, -1, -1):
            for mention, place in reversed(self.places_in(other)):
                if place.country != country or place.kind not in ("admin1", "admin2"):
                    continue
                if word in reading.folded[max(0, mention.start - 16) : mention.end + 16]:
                    return place
                last = last or place
        return last

    def _capital_told(self, sentence: int, trigger: Hit, country: str | None) -> places.Place | None:
        """The capital that "in the capital" means: of the country named beside it, else of the event's.

        Without a country: only where the sentence opens with it and names its country.
        """
        reading, clause = self._reading, self._reading.clause_at(sentence, trigger.start)
        if not reading.says_in(place_words.CAPITAL_STEMS, reading.sentences[sentence]):
            return None
        start = reading.sentences[sentence].start
        spoken = place_words.CAPITAL.search(reading.folded, start, reading.sentences[sentence].end)
        if spoken is None or place_words.LESSER.intersection(spoken.groups()):
            return None
        opens = not reading.folded[start : spoken.start()].strip(" ,،-–—")
        if not opens and (country is None or not clause.start <= spoken.start() < clause.end):
            return None
        beside = next((m.iso for m in reading.countries_in(spoken.start(), spoken.end() + 1)), country)
        return None if beside is None else self._index.named(self._countries[beside].capitals, beside)

    def _where_met(self, sentence: int, code: str, country: str) -> places.Place | None:
        """Where what was signed was signed: in the town of the meeting told before, or of the dateline if that is the capital."""
        if not code.startswith(_SIGNED):
            return None
        reading = self._reading
        if reading.says_in(place_words.MET_STEMS, reading.sentences[sentence]) and place_words.MET.search(
            reading.folded, *reading.sentences[sentence]
        ):
            for other in range(sentence - 1, max(reading.first_of_text - 1, sentence - 4), -1):
                line = reading.dateline_end(other)
                told = [
                    place for mention, place in self.places_in(other)
                    if place.kind == "place" and mention.start >= line
                    and place_words.AT.search(reading.folded, max(0, mention.start - 24), mention.start)
                ]  # fmt: skip
                if told:
                    return told[0]
        sat = self._dateline
        return sat if sat is not None and sat.country == country and self._is_capital(sat) else None

    def _told_before(self, sentence: int, code: str, own: places.Place | None) -> places.Place | None:
        """The place that "the town" or "ce poste" means: the last one told before that lies in what the sentence names."""
        reading = self._reading
        if not code.startswith(LOCAL) or (own is not None and own.kind == "place"):
            return None
        span = reading.sentences[sentence]
        if place_words.KINDS.isdisjoint(reading.words_in(span)):
            return None
        spoken = place_words.SETTLEMENT.search(reading.folded, span.start, span.end)
        if spoken is None:
            return None
        post = self._post_told(sentence, spoken.group().split()[-1].removeprefix("ال"))
        if post is not None and (own is None or own.country in (post.country, None)):
            return post
        named = {
            m.iso for m in reading.countries_of(sentence) if not m.demonym or self._says_where(sentence, m)
        }  # fmt: skip
        capital = None
        for other in range(sentence - 1, max(-1, sentence - 1 - BACK), -1):
            told = [
                place for mention, place in self.places_in(other)
                if place.kind == "place" and mention.start >= reading.dateline_end(other)
                and (own is None or (place.country in (own.country, *own.countries) and own.admin1 in (None, place.admin1)))
                and (not named or place.country in named) and not self._is_government(other, mention.start)
                and not self._of_source(other, mention.start, reading.sentences[other].end)
            ]  # fmt: skip
            best = min(told, key=self._is_capital, default=None)
            if best is not None and not self._is_capital(best):
                return best
            capital = capital or best
        return capital

    def place_just_told(self, sentence: int, after: int) -> records.Location | None:
        """The settlement that alone is named in the nearest sentence before one, of its paragraph and behind ``after``.

        None where the sentence itself speaks of another country.
        """
        reading = self._reading
        named = {m.iso for m in reading.countries_of(sentence) if not m.demonym or self._says_where(sentence, m)}
        for other in range(sentence - 1, max(after, reading.first_of_text - 1), -1):
            if "\n" in reading.written[reading.sentences[other].end : reading.sentences[sentence].start]:
                return None
            told = {
                place for mention, place in self.places_in(other)
                if place.kind == "place" and mention.start >= reading.dateline_end(other)
                and not self._moved("CIV.", mention.start) and not self._is_government(other, mention.start)
                and not place_words.CLINIC.search(reading.folded, max(0, mention.start - 40), mention.start)
                and not self._of_source(other, mention.start, reading.sentences[other].end)
            }  # fmt: skip
            if told:
                (place,) = told if len(told) == 1 else (None,)
                return located(place) if place is not None and not named - {place.country} else None
        return None

    def is_elsewhere(self, sentence: int, location: records.Location) -> bool:
        """Whether a sentence names settlements, and that of an act is none of them; where somebody is taken does not count."""
        named = {
            place.name for mention, place in self.places_in(sentence)
            if place.kind == "place" and not self._moved("CIV.", mention.start)
            and not place_words.CLINIC.search(self._reading.folded, max(0, mention.start - 40), mention.start)
            and not self._is_government(sentence, mention.start)
            and not self._is_seat(sentence, mention.start, mention.end)
        }  # fmt: skip
        return bool(named) and location.precision == "place" and location.name not in named

    def _is_seat(self, sentence: int, start: int, end: int) -> bool:
        """Whether a place is where those sit who tell of it: "the army in Niamey said", "rundunar da ke Maiduguri ta ce"."""
        reading = self._reading
        return any(
            0 <= reading.words_between(end, verb.start) <= 1 for verb in reading.said(sentence) if verb.start >= end
        ) and any(0 <= start - hit.end <= SEAT_REACH for hit in reading.hits("actor", sentence))

    def _post_told(self, sentence: int, word: str) -> places.Place | None:
        """The place whose camp, base or market the article named last: "an army camp in Damasak" for "the camp"."""
        if word not in place_words.POSTS:
            return None
        reading = self._reading
        for other in range(sentence - 1, max(-1, sentence - 1 - BACK), -1):
            for mention, place in self.places_in(other):
                around = reading.folded[max(0, mention.start - POST_REACH) : mention.end + POST_REACH]
                if place.kind == "place" and word in around and mention.start >= reading.dateline_end(other):
                    return place
        return None

    def _told_just_before(self, sentence: int, code: str, without: Collection[str]) -> str | None:
        """The one country that the sentence before speaks of, by name or by a place; of violence only in its paragraph."""
        reading = self._reading
        for other in range(sentence - 1, max(reading.first_of_text, sentence - 2) - 1, -1):
            parted = "\n" in reading.written[reading.sentences[other].end : reading.sentences[sentence].start]
            if parted and (other < sentence - 1 or not code.startswith(_OF_THE_STATE)):
                return None
            told = {
                m.iso for m in reading.countries_of(other)
                if not m.demonym and self._tier(m.iso) in REGION and not self._beyond_border(m.start, m.end)
                and not (code.startswith(MOVED) and self._is_away(m.start))
            }  # fmt: skip
            told |= {place.country for _, place in self.places_in(other) if place.country}
            if told:
                return told.pop() if len(told) == 1 and told.isdisjoint(without) else None
        return None

    def _country_before(self, sentence: int) -> str | None:
        """The country that "the country" at the head of a sentence means: the one named last before."""
        reading, span = self._reading, self._reading.sentences[sentence]
        if place_words.THE_COUNTRY.match(reading.folded, span.start, span.end) is None:
            return None
        before = [m for m in reading.countries_in(0, span.start) if not m.demonym and self._tier(m.iso) in REGION]
        return before[-1].iso if before else None
