"""Who denies: a body that denies an act claims none of its figures, and what others tell of it is alleged."""

from transforms.tagging.actors import ActorFinder
from transforms.tagging.drafts import Draft
from transforms.tagging.reading import Reading


def mark(
    reading: Reading, finder: ActorFinder, sentence: int, own: list[Draft], before: list[Draft], home: str | None
) -> None:
    """Acts told as done that those who did them deny are alleged: in one sentence, or in the next that tells nothing else."""
    if not reading.hits("mode", sentence, "denied"):
        return
    drafts = own or [d for d in before if d.sentences[-1][1] == sentence - 1]
    told = [d for d in drafts if d.mode == "reported"]
    for mention in finder.in_sentence(sentence) if told else ():
        if not finder.denies(sentence, mention):
            continue
        for draft in told:
            country = draft.location.country if draft.location else home
            who = finder.settle(mention, country).entry.id
            if any(role == "initiator" and finder.settle(m, country).entry.id == who for role, m in draft.pairs):
                draft.alleged = True
