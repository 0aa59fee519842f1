"""Places named for whom they speak of: the capital for its government, the town of whom a sentence has its news from."""

from transforms.tagging import place_words, places
from transforms.tagging.article_places import REGION
from transforms.tagging.patterns import Hit
from transforms.tagging.told_places import LOCAL, ToldPlaces

FINENESS = {"place": 0, "area": 1, "admin2": 2, "admin1": 3, "country": 4}
"""Kinds of places, the finest first."""
SPEECH_WORDS = 14
"""A place this many words after a verb of saying belongs to who speaks."""
OPENING = 40
"""Characters before a capital that a comma parts from what opens its sentence, at most: "En mars déjà, Niamey avait"."""
_OF_CAPITALS = ("DIP.", "MIL.", "POL.RESTRICT", "POL.TRANSITION", "HUM.MIGRANTS", "HUM.ACCESS", "POL.ARREST")
"""What governments do, which news call by their capitals: "Lomé a prolongé l'état d'urgence"."""
_LEADING = (" في ", " الي ", " من ", " لدي ", " بين ", " حول ", " قرب ")
"""Arabic prepositions, behind which a capital is no subject."""
Rank = tuple[int, bool, int, int, places.Place]
"""How a place ranks, the least first: its kind, whether outside of the clause, how far off, where; and the place."""


class SpokenPlaces(ToldPlaces):
    """Whom the places of one article stand for."""

    def _is_ruler(self, sentence: int, code: str, start: int, end: int, trigger: Hit) -> bool:
        """Whether a capital is named for its government: what opens a clause or follows an Arabic verb, and does something."""
        reading = self._reading
        if not code.startswith(_OF_CAPITALS) or not any(
            hit.start == start for hit in reading.hits("capital", sentence)
        ):
            return False
        if reading.language == "ar":
            return (
                trigger.start < start
                and reading.words_between(trigger.end, start) <= 0
                and not reading.folded.endswith(_LEADING, 0, start)
                and (reading.folded[start - 1 : start] == " ")
            )
        opens = start == max(reading.clause_at(sentence, start).start, reading.dateline_end(sentence))
        opens = opens or reading.folded.endswith(", ", 0, start)
        return opens and start < trigger.start and reading.folded[end : end + 2].strip()[:1].isalpha()

    def ruler(self, sentence: int, code: str, trigger: Hit) -> str | None:
        """The country whose capital a sentence has for the government that acts: "Lomé has prolonged"."""
        hits = self._reading.hits("capital", sentence)
        return next((h.key for h in hits if self._is_ruler(sentence, code, h.start, h.end, trigger)), None)

    def _ruling_country(self, sentence: int, code: str) -> str | None:
        """The country of the capital that opens a sentence for its government: "Niamey had closed its border after the coup"."""
        reading = self._reading
        line = reading.dateline_end(sentence)
        for hit in reading.hits("capital", sentence):
            follows = reading.folded[hit.end : hit.end + 2].strip()[:1].isalpha()
            opens = hit.start == line or (reading.folded.endswith(", ", 0, hit.start) and hit.start - line < OPENING)
            if opens and follows and self._tier(hit.key) in REGION and not code.startswith(LOCAL):
                return hit.key
        return None

    def _denying(self, sentence: int) -> str | None:
        """The country whose government, alone named by its capital, speaks of a coup: "كذبت واغادوغو ما شاع عن محاولة انقلاب"."""
        told = self._capitals_in(sentence)
        return told.pop() if len(told) == 1 else None

    def _capitals_in(self, sentence: int) -> set[str]:
        """The countries of the region whose capitals a sentence names."""
        return {hit.key for hit in self._reading.hits("capital", sentence) if self._tier(hit.key) in REGION}

    def _meets_in(self, start: int, place: places.Place) -> bool:
        """As ``_inside``; an Arabic capital without a preposition is its government: "مذكرة تتهم الخرطوم"."""
        if self._reading.language == "ar" and self._is_capital(place):
            folded = self._reading.folded
            return (
                place_words.AT.search(folded, max(0, start - 24), start) is not None
                or place_words.HOSTS.match(folded, folded.find(" ", start)) is not None
            )
        return self._inside(start)

    def _of_speaker(self, sentence: int, trigger: Hit, start: int, end: int) -> bool:
        """Whether a place is where somebody spoke ("..., an analyst in Dakar said"), not where the event was."""
        reading = self._reading
        folded = reading.folded
        said = reading.hits("mode", sentence, "attribution")
        if reading.language == "ar":
            return self._of_arabic_speaker(trigger, start, end, [verb for verb in said if verb.end <= start])
        for verb in said:
            if trigger.end <= verb.start and verb.end <= start:
                if place_words.SOURCE_CLOSED.search(folded, verb.end, start):
                    continue  # "selon leurs propres mots, se sont présentés au poste de"
                return reading.words_between(verb.end, start) <= SPEECH_WORDS
            if trigger.end <= start and end <= verb.start and reading.words_between(end, verb.start) <= 3:
                # "the Borno chairman said", but not "killed in Borno, police said"
                return "," not in folded[end : verb.start] and not place_words.INSIDE.search(folded[:start][-16:])
            told_to = verb.end <= start < trigger.start and reading.words_between(verb.end, start) <= SPEECH_WORDS // 2
            if told_to and place_words.SAID_THAT.search(folded, end, min(end + 24, trigger.start)):
                return True
        if self._of_source(sentence, start, trigger.start):
            return True
        verbs = [*said, *reading.hits("mode", sentence, "denied")]
        return any(
            end <= verb.start and verb.end <= trigger.start and reading.words_between(end, verb.start) <= 2
            for verb in verbs
        )

    def _of_arabic_speaker(self, trigger: Hit, start: int, end: int, said: list[Hit]) -> bool:
        """Whether a place stands between a verb of saying and what was said, or after "according to"."""
        folded = self._reading.folded
        if start < trigger.start:
            opens = place_words.SAID_THAT.search(folded, end, trigger.start)
            return bool(said) and opens is not None and "،" not in folded[end : opens.start()]
        source = place_words.BY_SOURCE.search(folded, trigger.end, start)
        return source is not None and "،" not in folded[source.end() : start]

    def _of_those_who_tell(self, code: str, start: int, place: places.Place) -> list[Rank]:
        """A place of whom a sentence has its news from, where those tell of their own: what they ruled, suffered, counted."""
        if self._is_capital(place):
            return []
        if code.startswith("HUM.") and place.kind == "place":
            return [(0, True, 0, start, place)]
        if code.startswith("POL.RESTRICT") and place.kind in ("place", "admin2", "admin1"):
            return [(FINENESS[place.kind], True, 0, start, place)]
        told = (
            place_words.RESIDENTS.search(self._reading.folded, max(0, start - 40), start)
            if code.startswith("CIV.")
            else None
        )
        return [(FINENESS[place.kind], True, 0, start, place)] if told and place.kind in ("place", "admin2") else []

    @staticmethod
    def _finer(told_by: list[Rank], best: places.Place) -> list[Rank]:
        """Those places of residents who tell that lie in the division that is all a sentence names otherwise."""
        if best.kind != "admin1":
            return []
        return [
            rank for rank in told_by if rank[4].country == best.country and rank[4].admin1 == (best.admin1 or best.name)
        ]
