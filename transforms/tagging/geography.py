"""Where an event happened: the place, area, region or country that its sentence, or else the article, names."""

import dataclasses

from transforms import records
from transforms.tagging import place_words, places
from transforms.tagging.article_places import MOVED, REGION
from transforms.tagging.patterns import Hit
from transforms.tagging.spoken_places import FINENESS, SpokenPlaces
from transforms.tagging.told_places import LOCAL, located

__all__ = ["LOCAL", "REGION", "Geography"]

_OF_STATES = ("DIP.", "POL.COUP", "MIL.AGREE", "MIL.END_AGREE", "MIL.JOINT_FORCE")
"""What states do: it happens in a place only where the text says so."""
_AT_PLACES = ("DIP.BORDER", "DIP.PEACE")
"""What states do at a crossing or with a village: "between Gaya and Malanville" is where it is."""
_BY_ACTOR = ("DIP.", "MIL.AGREE", "MIL.END_AGREE", "MIL.EXPEL", "MIL.MOBILISE", "POL.TRANSITION", "POL.RESTRICT")
"""What a state does: it happens in the country of who does it, whatever other country is named."""
_OF_ELSEWHERE = ("MIL.", "BAT.", "REM.", "POL.")
_AS_ONE = ("MIL.JOINT_FORCE", "DIP.ALLIANCE")
"""What more than two states do together, in the country that the article is about."""
_SEVERAL = 2
"""Countries beyond which a step that is taken with others is none's own."""
SEVERAL = 3
"""Countries of which so many recall their envoys do so where the envoys were."""
JOINT = ("DIP.EXIT_BLOC", "DIP.RUPTURE")
"""Steps of a state that others take with it."""
FLED_WORDS = 3
"""Words between "fled" and the country that was fled at most."""
_LAST_RESORT = 10
"""From this rank on a place is one that people left or are of."""
BEFORE = 20
"""Characters that a place before the trigger is taken to be further away than one behind it."""


class Geography(SpokenPlaces):
    """Where the events of one article happened."""

    def locate(self, sentence: int, trigger: Hit, code: str, actor_country: str | None) -> records.Location | None:
        """The location of an event told in a sentence: its finest place, nearest to the trigger; else a country."""
        reading = self._reading
        clause = reading.clause_at(sentence, trigger.start)
        cues = reading.hits("cue", sentence, "place_cues")
        ranked = []
        dateline = reading.dateline_end(sentence)
        told_by = []
        pairs, origins = reading.says(place_words.BETWEEN_STEMS), reading.says(place_words.ORIGIN_STEMS)
        gone = left = -1
        first: int | None = None
        for mention, place in self.places_in(sentence):
            if mention.start < dateline:
                continue
            pair, first = first, None
            if pairs and place_words.BETWEEN.search(reading.folded, max(0, mention.start - 16), mention.start):
                first = mention.end
            elif pair is not None and place_words.AND.fullmatch(reading.folded, pair, mention.start):
                continue  # of two ends of a road the first one stands for it
            if self._is_ruler(sentence, code, mention.start, mention.end, trigger):
                continue
            listed = gone >= 0 and place_words.LISTED.fullmatch(reading.folded, gone, mention.start) is not None
            if (self._moved(code, mention.start) or listed) and not self._is_scene_of(mention.end, trigger):
                gone = mention.end
                continue
            if self._in_actor(sentence, mention.start, mention.end):
                continue  # "la katiba Macina"
            if place_words.RULERS.match(reading.folded, mention.end) and self._is_capital(place):
                continue  # "Cotonou's thinking"
            before = reading.folded[max(dateline, mention.start - 40) : mention.start]
            cued = any(cue.end <= mention.start and mention.start - cue.end <= 2 for cue in cues)
            if code.startswith(_OF_STATES) and not (
                cued or code.startswith("DIP.BORDER")
                if code.startswith(_AT_PLACES)
                else self._meets_in(mention.start, place)
            ):
                continue  # "Niamey accuse": a capital that stands for its government; "commanders of Gaya"
            if code.startswith("DIP.") and place_words.TOPIC.search(before):
                continue  # "talks on the situation in Kidal"
            named_for = reading.says(place_words.ACCORD_STEMS) and place_words.ACCORD_BEFORE.search(before)
            if named_for or place_words.ACCORD_AFTER.match(reading.folded, mention.end):
                continue
            if code == "DIP.RUPTURE" and (
                before.endswith(("لدي ", "من "))
                or (
                    place_words.OWN_ENVOY.search(before)
                    and len({m.iso for m in reading.countries_of(sentence)}) < SEVERAL
                )
            ):
                continue  # "سفيرها لدى باماكو", "recalled its ambassador to Bissau"
            if code.startswith("DIP.SANCTION"):
                continue
            if self._of_speaker(sentence, trigger, mention.start, mention.end):
                told_by += self._of_those_who_tell(code, mention.start, place)
                continue
            if code.startswith("UNR.") and self._of_grievance(trigger, mention.start):
                continue
            outside = not clause.start <= mention.start < clause.end
            if outside and code == "DIP.RUPTURE":
                continue
            distance = abs(mention.start - trigger.start) + (BEFORE if mention.start < trigger.start else 0)
            if place_words.OPENING.fullmatch(reading.folded, dateline, mention.start) and not any(
                mention.end <= verb.start < trigger.start for verb in reading.hits("mode", sentence, "attribution")
            ):
                outside, distance = False, 0
            fled = (code.startswith("HUM.") and place_words.FLED.search(before) is not None) or (
                (code != "HUM.RETURN" and origins and place_words.ORIGIN.search(before) is not None)
                or (code == "HUM.RETURN" and place_words.REFUGE.search(before) is not None)
                or (code == "CIV.SEXUAL" and place_words.CLINIC.search(before) is not None)
            )
            if left >= 0 and place_words.LISTED.fullmatch(reading.folded, left, mention.start) is not None:
                fled = True  # "originaires de Tawila et de Kutum"
            left = mention.end if fled else -1
            ranked.append((FINENESS[place.kind] + _LAST_RESORT * fled, outside, distance, mention.start, place))
        if not any(rank[0] < _LAST_RESORT for rank in ranked):
            ranked = told_by or ranked  # "the authorities of Bassikounou said that 600 had come from Léré"
        elif ranked:
            ranked += self._finer(told_by, min(ranked, key=lambda r: r[:4])[4])
        opening = self._capital_told(sentence, trigger, None) if code.startswith(_OF_STATES) else None
        if opening is not None:
            return located(opening)
        told = (
            None
            if self._capital_told(sentence, trigger, actor_country)
            else self._told_before(sentence, code, min(ranked, key=lambda r: r[:4])[4] if ranked else None)
        )
        if told is not None:
            ranked = [(0, False, 0, 0, told)]
        if ranked and self._named_instead(sentence, trigger, code, min(ranked, key=lambda r: r[:4])):
            ranked = []
        if ranked:
            place = min(ranked, key=lambda r: r[:4])[4]
            unit = next((r[4] for r in ranked if r[4].kind == "admin1" and r[4].country in place.countries), None)
            if place.kind == "area" and unit is not None:
                place = dataclasses.replace(place, country=unit.country, admin1=unit.admin1 or unit.name)
            if code.startswith("DIP.BORDER") and actor_country and self._tier(actor_country) in REGION:
                # a crossing lies on both sides; it was closed on the side of who closed it
                place = self._on_side_of(sentence, place, actor_country)
            return located(place)
        abroad = self._abroad(sentence, code)
        if abroad is not None:
            return records.Location(name=None, country=abroad, precision="country")
        country = self._country(sentence, trigger, code, actor_country)
        if country is None:
            return None
        sat = self._dateline if code.startswith("UNR.") else None
        if sat is not None and sat.country == country:
            return located(sat)  # crowds gather where reporters are
        seat = self._capital_told(sentence, trigger, country) or self._where_met(sentence, code, country)
        if seat is not None:
            return located(seat)
        told_unit = self._unit_told(sentence, code, country)
        if told_unit is not None:
            return located(told_unit)
        focus = None if self.nationwide(sentence) else self.focus
        if focus is not None and focus[0] == country and code.startswith(LOCAL) and not self._names_country(sentence):
            scene = self.scene
            if scene is not None and (scene.country, scene.admin1) == focus:
                return located(scene)
            return records.Location(name=focus[1], country=country, admin1=focus[1], precision="admin1")
        return records.Location(name=None, country=country, precision="country")

    def _on_side_of(self, sentence: int, place: places.Place, country: str) -> places.Place:
        """The place of a country that bears the name of a crossing: its own side, if the gazetteer has it."""
        if place.country == country:
            return place
        named = (c for mention, other in self.places_in(sentence) if other == place for c in mention.candidates)
        twin = next((c for c in named if c.country == country and c.kind == "place"), None)
        return twin or dataclasses.replace(place, country=country, admin1=None, admin2=None)

    def _named_instead(
        self, sentence: int, trigger: Hit, code: str, best: tuple[int, bool, int, int, places.Place]
    ) -> bool:
        """Whether a place of another clause gives way to the country that the trigger's own puts the act in.

        For what states do, to one that stands nearer: "met in Abuja to lift the sanctions imposed on Guinea".
        """
        _, outside, _, start, place = best
        if not outside or place.country is None:
            return False
        reading, clause = self._reading, self._reading.clause_at(sentence, trigger.start)
        others = [
            m for m in reading.countries_of(sentence)
            if not m.demonym and m.iso not in (place.country, *place.countries) and self._tier(m.iso) in REGION
            and not self._beyond_border(m.start, m.end)
            and not place_words.TOPIC.search(reading.folded, max(0, m.start - 40), m.start)
        ]  # fmt: skip
        located = [m for m in others if place_words.WITHIN.search(reading.folded, max(0, m.start - 16), m.start)]
        if any(clause.start <= m.start < clause.end for m in located):
            return True
        near = min((abs(m.start - trigger.start) for m in others), default=None)
        states = code.startswith(_OF_STATES) and reading.language in (
            "fr",
            "en",
        )  # elsewhere a name is a demonym as well
        return near is not None and states and near < abs(start - trigger.start)

    def _abroad(self, sentence: int, code: str) -> str | None:
        """The country outside the region in whose capital states met or signed: "à Ankara", "في الدوحة"."""
        if not code.startswith(("DIP.TALKS", "DIP.PEACE", "DIP.ALLIANCE", "MIL.AGREE", "MIL.EXERCISE")):
            return None
        reading = self._reading
        for hit in reading.hits("capital", sentence):
            before = reading.folded[max(0, hit.start - 12) : hit.start]
            inside = (
                before.endswith("في ") if reading.language == "ar" else place_words.INSIDE.search(before) is not None
            )
            if inside and self._tier(hit.key) not in REGION and hit.start >= reading.dateline_end(sentence):
                return hit.key
        return None

    def _is_scene_of(self, end: int, trigger: Hit) -> bool:
        """Whether a clause opens right behind a place that tells what happened there: "bound for Kompienga, where"."""
        return end < trigger.start and place_words.WHERE.match(self._reading.folded, end) is not None

    def _in_actor(self, sentence: int, start: int, end: int) -> bool:
        """Whether a place is part of the name of an actor."""
        return any(
            hit.start <= start and end <= hit.end and hit.end - hit.start > end - start
            and not self._reading.lexicon.actors[hit.key].generic
            for hit in self._reading.hits("actor", sentence)
        )  # fmt: skip

    def _of_grievance(self, trigger: Hit, start: int) -> bool:
        """Whether a place belongs to what people protest against: "marched against the raids in Kidal"."""
        return (
            place_words.AGAINST.search(self._reading.folded, trigger.start, start) is not None
            if start > trigger.start
            else False
        )

    def names_place(self, sentence: int, location: records.Location) -> bool:
        """Whether a sentence names a place of the region, and its location is no division that only the article tells."""
        named = {place.name for _, place in self.places_in(sentence)}
        return bool(named) and (location.precision != "admin1" or location.name in named)

    def _names_country(self, sentence: int) -> bool:
        return any(not mention.demonym for mention in self._reading.countries_of(sentence))

    def _country(self, sentence: int, trigger: Hit, code: str, actor_country: str | None) -> str | None:
        reading = self._reading
        named = [m for m in reading.countries_of(sentence) if self._tier(m.iso) in REGION]
        in_region = actor_country is not None and self._tier(actor_country) in REGION
        if code.startswith(_BY_ACTOR) and in_region:
            return actor_country
        named = [m for m in named if not self._beyond_border(m.start, m.end) and not self._of_envoy(m.start)]
        full = [m for m in named if not m.demonym]
        away = [m for m in full if self._is_away(m.start)] if code.startswith(MOVED) else []
        if away:
            named = [m for m in named if m not in away]
            full = [m for m in full if m not in away]
        if full and code.startswith("HUM."):
            full = [m for m in full if not self._is_left(m.start)] or full
        if code.startswith(JOINT):
            full = [m for m in full if not place_words.TOGETHER.search(reading.folded, max(0, m.start - 40), m.start)]
            if len({m.iso for m in full}) > _SEVERAL or len(self._capitals_in(sentence)) > _SEVERAL:
                return None  # "since Burkina Faso, Mali and Niger left the bloc"
            told = None if full else self._country_before(sentence)
            if told is not None:
                return told
        end = reading.sentences[sentence].end
        if (
            named
            and code.startswith(_OF_ELSEWHERE)
            and place_words.OWN_COUNTRY.search(reading.folded, trigger.end, end)
        ):
            return named[0].iso  # "the Beninese minister denied ... in the north of his country"
        if len({m.iso for m in full}) > 2 and code.startswith(_AS_ONE) and self.home() in {m.iso for m in full}:
            return self.home()  # "the joint force of Mali, Burkina Faso and Niger"
        if full:
            return min(full, key=lambda m: (abs(m.start - trigger.start), m.start)).iso
        overthrown = (self._coup_of(sentence) or self._denying(sentence)) if code.startswith("POL.COUP") else None
        if overthrown is not None:
            return overthrown
        ruler = self._ruling_country(sentence, code)
        if ruler is not None:
            return ruler
        heading = self.headings.get(sentence)
        if heading is not None and self._tier(heading) in REGION:
            return heading
        if code.startswith(("HUM.", "REM.")):  # of whose country they fled, or whose drones they are, is not where
            named = [m for m in named if self._beside_territory(m) and not self._is_left(m.start)]
        else:
            named = [m for m in named if self._says_where(sentence, m)]
        if named:
            return min(named, key=lambda m: (abs(m.start - trigger.start), m.start)).iso
        hosted = [m.iso for m in reading.countries_of(sentence) if self._of_envoy(m.start)]
        if in_region and actor_country not in (*hosted, *(m.iso for m in away)) and not code.startswith("REM."):
            return actor_country  # whose drones they are does not say where they struck
        without = [*hosted, *(m.iso for m in away)]
        return self._told_just_before(sentence, code, without) or self.home(without)

    def _coup_of(self, sentence: int) -> str | None:
        """The country that alone had a coup on a day or in a month that a sentence names: "the coup of 26 July 2023"."""
        told = [m for m in self._reading.dates(sentence) if m.precision in ("day", "month")]
        meant = {
            iso for iso, country in self._countries.items()
            if any(mention.first <= day <= mention.last for day in country.coups for mention in told)
        }  # fmt: skip
        return meant.pop() if len(meant) == 1 else None

    def _is_left(self, start: int) -> bool:
        """Whether a country is the one that people fled or are from: "ayant fui le Soudan", not where they sought shelter."""
        start = self._bare(start)
        if place_words.ORIGIN.search(self._reading.folded, max(0, start - 40), start):
            return True
        fled = place_words.FLED.search(self._reading.folded, max(0, start - 40), start)
        return fled is not None and len(fled["gap"].split()) <= FLED_WORDS
