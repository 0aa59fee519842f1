"""Actors of an article: who is meant by a name, and who only says so; who did it to whom is in roles.py.

Names come from the lexicon. A person stands for the actor they act for; a generic word ("the army") becomes the army of
the country it stands with, or stays generic with the country of the context. Nobody is known by ethnicity or religion.
"""

import functools
from typing import NamedTuple

from transforms.tagging import actor_words, normalise
from transforms.tagging.lexicon import ActorEntry, Lexicon
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

DEMONYM_WORDS = 1
"""A demonym belongs to a generic actor when at most this many words stand between them."""
SOURCE_WORDS = 3
SAME_SUBJECT_WORDS = 2
_NATIONAL = {"state_military": "army", "foreign_military": "army", "state_gov": "gov", "junta": "gov"}
_SETTLED = ("state_military", "state_gov", "state_police")
_ARMY, _FORCES = "army_generic", "fds_generic"
"""Soldiers of a country without an army in the lexicon are its forces."""
_REBELS, _TUAREG, _AZAWAD = "rebels_generic", "tuareg_rebels", ("ML", "NE")
"""Rebels without a name are those of the Tuareg only in news of these countries that speak of them."""
_ARMED = frozenset(("armed",))
_SPEAKS_BEFORE = frozenset(
    ("selon", "d'apres", "according to", "in ji", "بحسب", "وفق", "وفقا", "a en croire")
)  # fmt: skip


class ActorMention(NamedTuple):
    """An actor at a place of the text. ``speaks``: the subject of a verb of saying; ``also_does``: and of the deed."""

    start: int
    end: int
    entry: ActorEntry
    country: str | None
    speaks: bool
    also_does: bool
    fixed: bool = False
    """Whether a generic actor stays generic: the government that a coup overthrew is not today's."""
    is_country: bool = False
    """Whether the text names a country, which may be a place as well as a party."""

    @property
    def actor_class(self) -> str:
        """The class of the actor."""
        return self.entry.actor_class


class ActorFinder:
    """Finds the actors of one article; keeps what is the same for all its sentences."""

    def __init__(self, reading: Reading) -> None:
        self._reading, self.lexicon = reading, reading.lexicon
        self._national = _national_actors(reading.lexicon)
        self._day = reading.published.isoformat() if reading.published else None
        self._found: dict[int, list[ActorMention]] = {}

    @functools.cached_property
    def _groups(self) -> list[tuple[int, ActorEntry]]:
        """The armed groups that the article names, with their places."""
        found = []
        for hit in self._reading.kinds_found.get("actor", []):
            entry = self.lexicon.actors[hit.key]
            if not entry.generic and self.lexicon.classes[entry.actor_class].group == "armed":
                meant = self._meant(hit.start, hit.end, [hit.key])
                if meant is not None:
                    found.append((hit.start, meant))
        return sorted(found, key=lambda pair: (pair[0], pair[1].id))

    def _anaphors(self, sentence: int, taken: list[ActorMention]) -> list[ActorMention]:
        """Words like "the group", as the armed group that was named last before."""
        span, pattern = self._reading.sentences[sentence], actor_words.ANAPHORS.get(self._reading.language)
        if pattern is None or not self._groups or self._groups[0][0] >= span.end:
            return []
        if not self._reading.says_in(actor_words.ANAPHOR_STEMS[self._reading.language], span):
            return []
        found = []
        for match in pattern.finditer(self._reading.folded, span.start, span.end):
            named = [entry for start, entry in self._groups if start < match.start()]
            if not named or any(
                m.start <= match.end() + 3 and match.start() <= m.end + 1 and not m.entry.generic for m in taken
            ):
                continue
            speaks, also_does = self._speaks(sentence, *match.span())
            found.append(
                ActorMention(
                    start=match.start(), end=match.end(), entry=named[-1], country=None, speaks=speaks, also_does=also_does
                )
            )  # fmt: skip
        return found

    def in_sentence(self, sentence: int) -> list[ActorMention]:
        """The actors of a sentence in order; where two names overlap the longer one counts."""
        if sentence not in self._found:
            self._found[sentence] = self._find(sentence)
        return self._found[sentence]

    def _find(self, sentence: int) -> list[ActorMention]:
        reading = self._reading
        spans: dict[tuple[int, int], list[str]] = {}
        for _, key, start, stop, _ in reading.hits("actor", sentence):
            spans.setdefault((start, stop), []).append(key)
        mentions: list[ActorMention] = []
        countries = reading.countries_of(sentence)
        end = -1
        for (start, stop), ids in spans.items():  # by place, the longest first, as hits are
            if start < end or reading.folded.startswith(("local government", "government area"), max(0, start - 6)):
                continue
            if reading.folded.startswith(" area", stop) or actor_words.is_no_party(reading, start, stop):
                continue
            entry = self._meant(start, stop, ids)
            if entry is None:
                continue
            end = stop
            entry, country = self._with_country(sentence, start, stop, entry)
            speaks, also_does = self._speaks(sentence, start, stop)
            mentions.append(
                ActorMention(
                    start, stop, entry, country, speaks, also_does,
                    is_country=bool(countries) and any(m.start == start and not m.demonym for m in countries),
                )
            )  # fmt: skip
        told = self._anaphors(sentence, mentions)
        if told:
            inside = [
                m for m in mentions if not any(t.start <= m.start < t.end or m.start <= t.start < m.end for t in told)
            ]
            mentions = sorted([*inside, *told], key=lambda m: (m.start, m.end))
        return _without_apposed(mentions, self.lexicon, reading)

    def _meant(self, start: int, end: int, ids: list[str]) -> ActorEntry | None:
        """The actor an alias means on the day of publication, in this article; None when its conditions fail."""
        reading, counts = self._reading, self._reading.country_counts
        fitting: list[tuple[int, str, ActorEntry]] = []
        for actor_id in sorted(ids):
            entry = self.lexicon.actors[actor_id]
            context = entry.needs_ctx
            if entry.needs_ctx_acronym and reading.written[start:end].isupper():
                context += entry.needs_ctx_acronym
            if (
                context
                and not any(iso in counts for iso in entry.countries)
                and not any(_folded(word) in reading.folded for word in context)
            ):
                continue
            if len(ids) > 1 and not _valid(entry, self._day):
                continue
            near = counts.get(entry.countries[0], 0) if entry.countries else 0
            fitting.append((-near, actor_id, entry))
        if not fitting:
            return None
        entry = min(fitting, key=lambda f: f[:2])[2] if len(fitting) > 1 else fitting[0][2]
        if entry.actor_class == "person":
            if entry.affiliation is None or not _valid(entry, self._day):
                return None
            return self.lexicon.actors[entry.affiliation]
        return self._branch(entry)

    def _branch(self, entry: ActorEntry) -> ActorEntry:
        """The branch of a movement that the article names, or that news of this country mean by its name."""
        if entry.id in _MOVEMENTS:
            named = {
                hit.key for hit in self._reading.kinds_found.get("actor", []) if self.lexicon.actors[hit.key].parent == entry.id
            }  # fmt: skip
            if len(named) == 1:
                return self.lexicon.actors[named.pop()]
        counts = self._reading.country_counts
        if entry.id == _REBELS:
            home = min(counts, key=lambda iso: (-counts[iso], iso), default=None)
            tuareg = home in _AZAWAD and self._reading.says(actor_words.TUAREG_STEMS)
            return self.lexicon.actors[_TUAREG] if tuareg else entry
        if not entry.branches:
            return entry
        spoken = [(-counts[iso], iso) for iso in sorted(entry.branches) if iso in counts]
        return self.lexicon.actors[entry.branches[min(spoken)[1]]] if spoken else entry

    def _with_country(self, sentence: int, start: int, end: int, entry: ActorEntry) -> tuple[ActorEntry, str | None]:
        if not entry.generic:
            return entry, entry.countries[0] if len(entry.countries) == 1 else None
        country = self._neighbour(sentence, start, end)
        national = self._national_force(entry.actor_class, country) if entry.settles else None
        return (national, country) if national is not None else (entry, country)

    def _national_force(self, actor_class: str, country: str | None) -> ActorEntry | None:
        """A country's army for "soldiers" or "instructors", its government for "authorities" or when it has no army."""
        kind = _NATIONAL.get(actor_class)
        if kind is None or country is None:
            return None
        found = self._national.get((kind, country))
        partner = self.lexicon.countries[country].tier == "partner"
        return self._national.get(("gov", country)) if found is None and partner else found

    def _neighbour(self, sentence: int, start: int, end: int) -> str | None:
        span = self._reading.sentences[sentence]
        for mention in self._reading.countries_in(end, min(span.end, end + 40)):
            if self._reading.words_between(end, mention.start) <= DEMONYM_WORDS:
                return mention.iso
        for mention in self._reading.countries_in(max(span.start, start - 30), start):
            if mention.demonym and self._reading.words_between(mention.end, start) == 0:
                return mention.iso
        for hit in self._reading.hits("capital", sentence):
            before = self._reading.folded[hit.end : start]
            after = self._reading.folded[end : hit.start]
            if before in ("'s ", "’s ") or (hit.start >= end and after in (" de ", " of ", " d'")):
                return hit.key  # "Khartoum's army", "l'armée de Bamako"
        return None

    def government(self, iso: str | None) -> ActorEntry | None:
        """The government of a country, when the lexicon has it."""
        return self._national.get(("gov", iso)) if iso else None

    def army(self, iso: str | None) -> ActorEntry | None:
        """The army of a country, when the lexicon has it."""
        return self._national.get(("army", iso)) if iso else None

    def settle(self, mention: ActorMention, country: str | None) -> ActorMention:
        """A generic actor with the country of its event: the national force when there is one in the lexicon."""
        if mention.fixed or not mention.entry.generic or mention.actor_class not in _SETTLED:
            return mention
        country = mention.country or country
        national = self._national_force(mention.actor_class, country) if mention.entry.settles else None
        if national is None and mention.entry.id == _ARMY:
            national = self.lexicon.actors[_FORCES]
        return mention._replace(entry=national or mention.entry, country=country)

    def _speaks(self, sentence: int, start: int, end: int) -> tuple[bool, bool]:
        """Whether a verb of saying has this actor for its subject, and whether the actor tells of its own deed."""
        reading = self._reading
        for verb in reading.said(sentence):
            words = reading.folded[verb.start : verb.end]
            verb_first = reading.language == "ar" or words in _SPEAKS_BEFORE
            if verb.end <= start and reading.language == "fr" and self._inverted(verb, start):
                return True, self._same_subject(sentence, end)
            if verb.end <= start and verb_first and reading.words_between(verb.end, start) <= 1:
                return True, self._same_subject(sentence, end)
            if verb.start >= end and words not in _SPEAKS_BEFORE and reading.language != "ar":
                clause = reading.clause_at(sentence, start)
                between = reading.words_between(end, verb.start)
                if between <= SOURCE_WORDS and verb.start <= clause.end:
                    return True, self._same_subject(sentence, verb.end)
        return False, False

    def denies(self, sentence: int, mention: ActorMention) -> bool:
        """Whether the nearest verb of saying whose subject an actor may be denies: "the army denied it"."""
        reading = self._reading
        if not reading.hits("mode", sentence, "denied"):
            return False
        start, end = mention.start, mention.end
        verbs = [
            verb for verb in reading.said(sentence)
            if (reading.words_between(verb.end, start) <= 1 if verb.end <= start and reading.language == "ar"
                else verb.start >= end and reading.language != "ar" and reading.words_between(end, verb.start) <= SOURCE_WORDS)
        ]  # fmt: skip
        return bool(verbs) and min(verbs, key=lambda verb: abs(verb.start - end)).key == "denied"

    def _inverted(self, verb: Hit, start: int) -> bool:
        """Whether a French verb of saying stands before its subject (", a annoncé jeudi l'état-major")."""
        between = actor_words.TOLD_TO.sub(" ", self._reading.folded[verb.end : start]).replace("'", " ").split()
        return len(between) <= SOURCE_WORDS and not {"que", "qu", "avoir", "dans", "a"} & set(between)

    def _same_subject(self, sentence: int, after: int) -> bool:
        return any(
            cue.start >= after and self._reading.words_between(after, cue.start) <= SAME_SUBJECT_WORDS
            for cue in self._reading.hits("cue", sentence, "same_subject")
        )


def _valid(entry: ActorEntry, day: str | None) -> bool:
    since, until = entry.valid
    return day is None or ((since is None or since <= day) and (until is None or day <= until))


_MOVEMENTS = frozenset(("aq", "is"))
"""Movements that are spoken of for their branch in the region: "the al Qaeda affiliate"."""


def _without_apposed(mentions: list[ActorMention], lexicon: Lexicon, reading: Reading) -> list[ActorMention]:
    """Mentions without generic words that a name explains: "the coalition JNIM", "instructors of the Africa Corps"."""
    if len(mentions) < 2:
        return mentions
    kept = []
    for i, mention in enumerate(mentions):
        following = mentions[i + 1] if i + 1 < len(mentions) else None
        if mention.entry.generic and following is not None and not following.entry.generic:
            between = reading.folded[mention.end : following.start]
            forces = lexicon.classes[mention.actor_class].force and lexicon.classes[following.actor_class].force
            close = reading.words_between(mention.end, following.start) <= 1 and "," not in between
            if forces and not following.is_country and ((close and _ARMED.issuperset(
                (lexicon.classes[mention.actor_class].group, lexicon.classes[following.actor_class].group)
            )) or all(actor_words.APPOSED.fullmatch(word) for word in between.split())):  # fmt: skip
                continue
        kept.append(mention)
    return kept


@functools.cache
def _folded(word: str) -> str:
    """A word of the lexicon, folded."""
    return normalise.fold(word)


@functools.cache
def _national_actors(lexicon: Lexicon) -> dict[tuple[str, str], ActorEntry]:
    """The army and the government of each country that the lexicon knows, by (kind, country)."""
    national: dict[tuple[str, str], ActorEntry] = {}
    for entry in lexicon.actors.values():
        if entry.generic or len(entry.countries) != 1 or entry.parent is not None or entry.valid[1] is not None:
            continue
        if entry.actor_class in _NATIONAL:
            national.setdefault((_NATIONAL[entry.actor_class], entry.countries[0]), entry)
    return national
