"""Parties of talks and joint steps that a sentence leaves to those before it: "the two ministers signed", "the bloc's force"."""

import re

from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.drafts import Draft
from transforms.tagging.reading import Reading

TALKS = ("DIP.TALKS", "MIL.AGREE", "MIL.EXERCISE")
REACH = 5
"""Sentences back to the talks whose parties "both sides" are."""
PAIR = 2
BLOC_REACH = 4
"""Sentences back to the bloc that raises a joint force."""
_BLOCS = ("aes", "ecowas")
BOTH = re.compile(
    r"\b(?:les deux (?:parties|delegations|ministres|pays|capitales|chefs|hommes|voisins|gouvernements|etats|armees)|de part et d'autre"
    r"|a l'issue de (?:la|cette)"
    r" (?:rencontre|visite|reunion)"
    r"|(?:the|the two|both) sides|(?:the two|both) (?:ministers|countries|delegations|neighbours|governments|capitals|armies)|both men"
    r"|the (?:meeting|visit|talks) (?:ended|closed|concluded)|bangarorin biyu|kasashen biyu|ministocin biyu)\b"
    r"|(?<!\w)و?(?:وقعا|اتفقا|الجانبان|الجانبين|الطرفان|الطرفين|الوزيران|الوزيرين|البلدان|البلدين|توجت الزياره|توج اللقاء)(?!\w)"
)
"""Words, folded, for those who were just told to have met."""
BOTH_STEMS = (
    "les deux", "de part et", "a l'issue", "the two", "the sides", "both", "the meeting", "the visit", "the talks", "biyu", "وقعا", "اتفقا",
    "الجانب", "الطرف", "الوزير", "البلد", "توج",
)  # fmt: skip
"""One of these is in whatever ``BOTH`` matches."""


def complete(reading: Reading, finder: ActorFinder, drafts: list[Draft]) -> None:
    """Gives talks and agreements of "both sides" the parties told before, and a joint force the bloc that raises it."""
    ordered = sorted(drafts, key=lambda draft: min(n for _, n in draft.sentences))
    for at, draft in enumerate(ordered):
        if draft.code == "MIL.JOINT_FORCE":
            _raise_by_bloc(reading, finder, draft)
        elif draft.code in TALKS:
            _share_parties(reading, draft, ordered[:at])


def _share_parties(reading: Reading, draft: Draft, before: list[Draft]) -> None:
    """Gives a draft with fewer than two parties, told of "both sides", those of the talks shortly before."""
    sentence = max(draft.sentences)[1]
    if len([m for role, m in draft.pairs if role == "participant"]) > 1 or not reading.says(BOTH_STEMS):
        return
    if BOTH.search(reading.folded, *reading.sentences[sentence]) is None:
        return
    for other in reversed(before):
        parties = [m for role, m in other.pairs if role == "participant"]
        told = [sentence - n for _, n in other.sentences if n < sentence]
        if other.code in TALKS and len(parties) > 1 and told and min(told) <= REACH:
            draft.pairs = [("participant", m) for m in parties]
            return


def _raise_by_bloc(reading: Reading, finder: ActorFinder, draft: Draft) -> None:
    """Gives a joint force without a bloc in its sentence the one bloc that the article named last before it."""
    if any(m.actor_class == "igo" for _, m in draft.pairs):
        return
    sentence = min(n for _, n in draft.sentences)
    if len({m.iso for m in reading.countries_of(sentence)}) == PAIR:
        return  # two neighbours by themselves
    named: list[ActorMention] = []
    for n in range(max(0, sentence - BLOC_REACH), sentence + 1):
        named += [m for m in finder.in_sentence(n) if m.entry.id in _BLOCS]
    if named:
        bloc = named[-1]._replace(start=0, end=0, speaks=False, also_does=False)
        draft.pairs = [("initiator", bloc), *(pair for pair in draft.pairs if pair[1].actor_class == "igo_force")]
