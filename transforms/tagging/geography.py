"""Where an event happened: the place, area, region or country that its sentence, or else the article, names."""

import dataclasses
import functools
from collections import Counter
from collections.abc import Collection

from transforms import records
from transforms.tagging import place_words, places
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import CountryMention, Reading

_FINENESS = {"place": 0, "area": 1, "admin2": 2, "admin1": 3, "country": 4}
SPEECH_WORDS = 14
"""A place this many words after a verb of saying belongs to who speaks."""
_OF_STATES = ("DIP.", "POL.COUP", "MIL.AGREE", "MIL.END_AGREE", "MIL.JOINT_FORCE")
"""What states do: it happens in a place only where the text says so."""
_AT_PLACES = ("DIP.BORDER", "DIP.PEACE")
"""What states do at a crossing or with a village: "between Gaya and Malanville" is where it is."""
_OF_CAPITALS = ("DIP.", "MIL.", "POL.RESTRICT", "POL.TRANSITION", "HUM.MIGRANTS", "HUM.ACCESS", "POL.ARREST")
"""What governments do, which news call by their capitals: "Lomé a prolongé l'état d'urgence"."""
_BY_ACTOR = ("DIP.", "MIL.AGREE", "MIL.END_AGREE", "MIL.EXPEL", "MIL.MOBILISE", "POL.TRANSITION", "POL.RESTRICT")
"""What a state does: it happens in the country of who does it, whatever other country is named."""
BACK = 6
"""Sentences back to the place that "the town" means."""
_OF_THE_STATE = ("DIP.", "MIL.")
_OF_ELSEWHERE = ("MIL.", "BAT.", "REM.", "POL.")
JOINT = ("DIP.EXIT_BLOC", "DIP.RUPTURE")
"""Steps of a state that others take with it."""
FLED_WORDS = 3
"""Words between "fled" and the country that was fled at most."""
_LEADING = (" في ", " الي ", " من ", " لدي ", " بين ", " حول ", " قرب ")
"""Arabic prepositions, behind which a capital is no subject."""
_LAST_RESORT = 10
"""From this rank on a place is one that people left or are of."""
POST_REACH = 16
"""Characters between a place and the word for what stands there."""
REGION = ("core", "ring")
LOCAL = ("BAT.", "REM.", "CIV.", "UNR.", "POL.ARREST", "POL.RESTRICT", "POL.MUTINY", "HUM.", "GRP.WEAPONS_SEIZED")
"""Types that happen somewhere; the rest happen to a country."""
NAMED_BESIDE = 3
"""What a country named in the same sentence weighs against one naming elsewhere in the article."""
FOCUS = 0.7
"""Share of an article's places in one division from which a sentence without a place is taken to mean it."""
BEFORE = 20
"""Characters that a place before the trigger is taken to be further away than one behind it."""


HAMLET = 3
"""A place of this prominence or less is a sign that an article speaks of its country only where nothing else is: others bear its name."""


def _location(place: places.Place) -> records.Location:
    return records.Location(
        name=place.name, country=place.country, admin1=place.admin1, admin2=place.admin2,
        latitude=place.latitude, longitude=place.longitude, precision=place.kind, geoname_id=place.geoname_id,
    )  # fmt: skip


def _speaks(place: places.Place) -> bool:
    """Whether a place is a sign that the article speaks of its country; a side ("the far north") is of any."""
    if places.is_side(place):
        return False
    return place.kind != "place" or place.prominence > HAMLET


class Geography:
    """The places of one article, resolved against its countries."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._countries = reading.lexicon.countries
        self._mentions: dict[int, list[places.PlaceMention]] = {}
        context, hamlets = Counter(reading.country_counts), Counter[str]()
        for mention in reading.place_mentions:
            self._mentions.setdefault(reading.sentence_at(mention.start), []).append(mention)
            named = {place.country for place in mention.candidates if place.kind != "country"}
            if len(named) == 1:
                spoken = any(_speaks(place) for place in mention.candidates)
                (context if spoken else hamlets).update(iso for iso in named if iso)
        if not any(self._tier(iso) in REGION for iso in context):
            context += hamlets
        self._context = Counter(dict(sorted(context.items())))
        self._resolved: dict[int, list[tuple[places.PlaceMention, places.Place]]] = {}
        self._in_region: dict[int, bool] = {}
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
            resolved = [(mention, self._index.resolve(mention, context, admin1)) for mention in mentions]
            self._resolved[sentence] = [
                (m, place) for m, place in resolved
                if place and place.kind != "country" and (place.country is None or self._tier(place.country) in REGION)
                and not (heading is not None and place.country != heading and place.kind == "place" and place.prominence <= HAMLET)
            ]  # fmt: skip
        return self._resolved[sentence]

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
            for _, place in self.places_in(sentence):
                if place.country is None:
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

    def in_region(self, sentence: int) -> bool:
        """Whether a sentence names a country, a place or an actor of the region."""
        if sentence not in self._in_region:
            self._in_region[sentence] = self._names_region(sentence)
        return self._in_region[sentence]

    def _names_region(self, sentence: int) -> bool:
        named = [mention.iso for mention in self._reading.countries_of(sentence)]
        if any(self._countries[iso].tier in REGION for iso in named) or self.places_in(sentence):
            return True
        for hit in self._reading.hits("actor", sentence):
            actor = self._reading.lexicon.actors[hit.key]
            if not actor.generic and any(self._tier(iso) in REGION for iso in actor.countries):
                return True
        return False

    def elsewhere(self, sentence: int) -> bool:
        """Whether a sentence names a country or people that have no part in the region, and nothing of the region."""
        named = self._reading.countries_of(sentence)
        return any(self._tier(m.iso) == "outside" for m in named) and not self.in_region(sentence)

    @functools.cached_property
    def about_region(self) -> bool:
        """Whether the article speaks of the region at least as much as of countries that have no part in it."""
        tiers: Counter[str | None] = Counter()
        for iso, count in self._context.items():
            tiers[self._tier(iso)] += count
        return tiers["core"] + tiers["ring"] >= tiers["outside"]

    def home(self, without: Collection[str] = ()) -> str | None:
        """The region's country that the article is most about, or None when it names none but those ``without``."""
        ranked = [(-n, iso) for iso, n in self._context.items() if self._tier(iso) in REGION and iso not in without]
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

    def locate(self, sentence: int, trigger: Hit, code: str, actor_country: str | None) -> records.Location | None:
        """The location of an event told in a sentence: its finest place, nearest to the trigger; else a country."""
        reading = self._reading
        clause = reading.clause_at(sentence, trigger.start)
        cues = reading.hits("cue", sentence, "place_cues")
        ranked = []
        dateline = reading.dateline_end(sentence)
        told_by = []
        gone = -1
        first: int | None = None
        for mention, place in self.places_in(sentence):
            if mention.start < dateline:
                continue
            pair, first = first, None
            if place_words.BETWEEN.search(reading.folded, max(0, mention.start - 16), mention.start):
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
            before = reading.folded[max(dateline, mention.start - 40) : mention.start]
            cued = any(cue.end <= mention.start and mention.start - cue.end <= 2 for cue in cues)
            if code.startswith(_OF_STATES) and not (
                cued or code.startswith("DIP.BORDER") if code.startswith(_AT_PLACES) else self._inside(mention.start)
            ):
                continue  # "Niamey accuse": a capital that stands for its government; "commanders of Gaya"
            if code == "DIP.RUPTURE" and before.endswith(("لدي ", "من ")):
                continue  # "سفيرها لدى باماكو"
            if code.startswith("DIP.SANCTION"):
                continue
            if self._of_speaker(sentence, trigger, mention.start, mention.end):
                if code.startswith("HUM.") and place.kind == "place" and not self._is_capital(place):
                    told_by.append((0, True, 0, mention.start, place))
                continue
            if code.startswith("UNR.") and self._of_grievance(trigger, mention.start):
                continue
            outside = not clause.start <= mention.start < clause.end
            distance = abs(mention.start - trigger.start) + (BEFORE if mention.start < trigger.start else 0)
            if place_words.OPENING.fullmatch(reading.folded, dateline, mention.start) and not any(
                mention.end <= verb.start < trigger.start for verb in reading.hits("mode", sentence, "attribution")
            ):
                outside, distance = False, 0
            fled = (code.startswith("HUM.") and place_words.FLED.search(before) is not None) or (
                (code != "HUM.RETURN" and place_words.ORIGIN.search(before) is not None)
                or (code == "HUM.RETURN" and place_words.REFUGE.search(before) is not None)
                or (code == "CIV.SEXUAL" and place_words.CLINIC.search(before) is not None)
            )
            ranked.append((_FINENESS[place.kind] + _LAST_RESORT * fled, outside, distance, mention.start, place))
        if not any(rank[0] < _LAST_RESORT for rank in ranked):
            ranked = told_by or ranked  # "the authorities of Bassikounou said that 600 had come from Léré"
        told = self._told_before(sentence, code, min(ranked, key=lambda r: r[:4])[4] if ranked else None)
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
                own = place.country == actor_country
                place = place if own else dataclasses.replace(place, country=actor_country, admin1=None, admin2=None)
            return _location(self._in_old_region(place))
        abroad = self._abroad(sentence, code)
        if abroad is not None:
            return records.Location(name=None, country=abroad, precision="country")
        country = self._country(sentence, trigger, code, actor_country)
        if country is None:
            return None
        sat = self._dateline if code.startswith("UNR.") else None
        if sat is not None and sat.country == country:
            return _location(sat)  # crowds gather where reporters are
        told_unit = self._unit_told(sentence, code, country)
        if told_unit is not None:
            return _location(told_unit)
        focus = None if self.nationwide(sentence) else self.focus
        if focus is not None and focus[0] == country and code.startswith(LOCAL) and not self._names_country(sentence):
            scene = self.scene
            if scene is not None and (scene.country, scene.admin1) == focus:
                return _location(scene)
            return records.Location(name=focus[1], country=country, admin1=focus[1], precision="admin1")
        return records.Location(name=None, country=country, precision="country")

    def _in_old_region(self, place: places.Place) -> places.Place:
        """A place of Mali in the region that the article names for it: "Koro, dans la région de Mopti"."""
        old = self._index.carved.get(place.admin1 or "") if place.country == "ML" and place.kind != "admin1" else None
        if old is None or old not in self._units or place.admin1 in self._units:
            return place
        return dataclasses.replace(place, admin1=old)

    @functools.cached_property
    def _units(self) -> frozenset[str]:
        """The first-level divisions that the article names as such."""
        found = (place for sentence in self._mentions for _, place in self.places_in(sentence))
        return frozenset(place.name for place in found if place.kind == "admin1")

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

    def nationwide(self, sentence: int) -> bool:
        """Whether a sentence speaks of a whole country: "the country has 2.1 million displaced"."""
        span = self._reading.sentences[sentence]
        return place_words.NATIONWIDE.search(self._reading.folded[span.start : span.end]) is not None

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
                return _location(place) if place is not None and not named - {place.country} else None
        return None

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

    def _is_capital(self, place: places.Place) -> bool:
        """Whether a place is a capital, where news are announced, rather than "the town" they are about."""
        country = self._countries.get(place.country or "")
        return country is not None and any(place.name in names for names in country.capitals.values())

    def _is_government(self, sentence: int, start: int) -> bool:
        """Whether a capital may stand for its government: no preposition puts something into it."""
        capital = any(hit.start == start for hit in self._reading.hits("capital", sentence))
        return capital and not self._inside(start)

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
        return opens and start < trigger.start and reading.folded[end : end + 2].strip()[:1].isalpha()

    def ruler(self, sentence: int, code: str, trigger: Hit) -> str | None:
        """The country whose capital a sentence has for the government that acts: "Lomé has prolonged"."""
        hits = self._reading.hits("capital", sentence)
        return next((h.key for h in hits if self._is_ruler(sentence, code, h.start, h.end, trigger)), None)

    def _moved(self, code: str, start: int) -> bool:
        """Whether an act of violence is not where a place is named, because somebody goes there or comes from there."""
        if not code.startswith(("BAT.", "REM.", "CIV.", "POL.ARREST", "HUM.AID", "UNR.RIOT")):
            return False
        before = self._reading.folded[max(0, start - 44) : start]
        return place_words.MOVES.search(before) is not None or (
            self._reading.says(place_words.MEDICAL_STEMS) and place_words.MEDICAL.search(before) is not None
        )

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

    def _inside(self, start: int) -> bool:
        """Whether a preposition says that something happened in a place, not that somebody is of it or goes there."""
        folded = self._reading.folded
        return self._reading.language == "ar" or bool(place_words.INSIDE.search(folded[max(0, start - 16) : start]))

    def _of_speaker(self, sentence: int, trigger: Hit, start: int, end: int) -> bool:
        """Whether a place is where somebody spoke ("..., an analyst in Dakar said"), not where the event was."""
        reading = self._reading
        folded = reading.folded
        said = reading.hits("mode", sentence, "attribution")
        if reading.language == "ar":
            return self._of_arabic_speaker(trigger, start, end, [verb for verb in said if verb.end <= start])
        for verb in said:
            if trigger.end <= verb.start and verb.end <= start:
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

    def _of_source(self, sentence: int, start: int, before: int) -> bool:
        """Whether a place stands in the "Selon ..., " that opens a sentence, and what is told lies behind it."""
        folded, line = self._reading.folded, self._reading.dateline_end(sentence)
        if place_words.SOURCE_FIRST.match(folded, line) is None:
            return False
        return start < folded.find(",", line, self._reading.sentences[sentence].end) < before

    def _of_arabic_speaker(self, trigger: Hit, start: int, end: int, said: list[Hit]) -> bool:
        """Whether a place stands between a verb of saying and what was said, or after "according to"."""
        folded = self._reading.folded
        if start < trigger.start:
            opens = place_words.SAID_THAT.search(folded, end, trigger.start)
            return bool(said) and opens is not None and "،" not in folded[end : opens.start()]
        source = place_words.BY_SOURCE.search(folded, trigger.end, start)
        return source is not None and "،" not in folded[source.end() : start]

    def _beyond_border(self, start: int, end: int) -> bool:
        """Whether a country only names a border ("near the border with Mali", "la frontière malienne")."""
        folded = self._reading.folded
        return bool(place_words.BORDER_BEFORE.search(folded[max(0, start - 24) : start])) or folded.startswith(
            " border", end
        )

    def _of_envoy(self, start: int) -> bool:
        """Whether a country is only named for its envoy: "l'ambassadeur du Mali"."""
        return place_words.ENVOY.search(self._reading.folded[max(0, start - 28) : start]) is not None

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
        if full and code.startswith("HUM."):
            full = [m for m in full if not self._is_fled(m.start)] or full
        if full and code.startswith(JOINT):
            full = [m for m in full if not place_words.TOGETHER.search(reading.folded, max(0, m.start - 40), m.start)]
            told = None if full else self._country_before(sentence)
            if told is not None:
                return told
        own = place_words.OWN_COUNTRY.search(reading.folded, trigger.end, reading.sentences[sentence].end)
        if own is not None and named and code.startswith(_OF_ELSEWHERE):
            return named[0].iso  # "the Beninese minister denied ... in the north of his country"
        if full:
            return min(full, key=lambda m: (abs(m.start - trigger.start), m.start)).iso
        ruler = self._ruling_country(sentence, code)
        if ruler is not None:
            return ruler
        heading = self.headings.get(sentence)
        if heading is not None and self._tier(heading) in REGION:
            return heading
        if not code.startswith("HUM."):  # of whose country they fled is not where they are
            named = [m for m in named if self._says_where(sentence, m)]
            if named:
                return min(named, key=lambda m: (abs(m.start - trigger.start), m.start)).iso
        hosted = [m.iso for m in reading.countries_of(sentence) if self._of_envoy(m.start)]
        if in_region and actor_country not in hosted:
            return actor_country
        return self._told_just_before(sentence, code, hosted) or self.home(hosted)

    def _ruling_country(self, sentence: int, code: str) -> str | None:
        """The country of the capital that opens a sentence for its government: "Niamey had closed its border after the coup"."""
        reading = self._reading
        line = reading.dateline_end(sentence)
        for hit in reading.hits("capital", sentence):
            follows = reading.folded[hit.end : hit.end + 2].strip()[:1].isalpha()
            if hit.start == line and follows and self._tier(hit.key) in REGION and not code.startswith(LOCAL):
                return hit.key
        return None

    def _told_just_before(self, sentence: int, code: str, without: Collection[str]) -> str | None:
        """The one country that the sentence before speaks of, by name or by a place; of violence only in its paragraph."""
        reading = self._reading
        for other in range(sentence - 1, max(reading.first_of_text, sentence - 2) - 1, -1):
            parted = "\n" in reading.written[reading.sentences[other].end : reading.sentences[sentence].start]
            if parted and (other < sentence - 1 or not code.startswith(_OF_THE_STATE)):
                return None
            told = {m.iso for m in reading.countries_of(other) if not m.demonym and self._tier(m.iso) in REGION}
            told |= {place.country for _, place in self.places_in(other) if place.country}
            if told:
                return told.pop() if len(told) == 1 and told.isdisjoint(without) else None
        return None

    def _is_fled(self, start: int) -> bool:
        """Whether a country is the one that people fled from: "ayant fui le Soudan", not where they sought shelter then."""
        fled = place_words.FLED.search(self._reading.folded, max(0, start - 40), start)
        return fled is not None and len(fled["gap"].split()) <= FLED_WORDS

    def _country_before(self, sentence: int) -> str | None:
        """The country that "the country" at the head of a sentence means: the one named last before."""
        reading, span = self._reading, self._reading.sentences[sentence]
        if place_words.THE_COUNTRY.match(reading.folded, span.start, span.end) is None:
            return None
        before = [m for m in reading.countries_in(0, span.start) if not m.demonym and self._tier(m.iso) in REGION]
        return before[-1].iso if before else None

    def _says_where(self, sentence: int, demonym: CountryMention) -> bool:
        """Whether a demonym stands beside a force, an authority or a word of territory, not beside people from there."""
        reading = self._reading
        before = reading.folded[max(0, demonym.start - 24) : demonym.start].replace("'", " ").split()
        after = [word.rstrip(".,;:،)") for word in reading.folded[demonym.end : demonym.end + 24].split()]
        if place_words.TERRITORY.intersection(before[-1:] + after[:1]):
            return True
        for hit in reading.hits("actor", sentence):
            actor = reading.lexicon.actors[hit.key]
            if reading.lexicon.classes[actor.actor_class].group == "state" and (
                reading.words_between(min(hit.end, demonym.end), max(hit.start, demonym.start)) <= 1
            ):
                return True
        return False
