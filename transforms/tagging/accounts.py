"""Accounts that forces give of themselves: a bulletin whose later sentences tell their own deeds without naming them again."""

import re

from transforms.tagging.actors import ActorFinder, ActorMention
from transforms.tagging.drafts import Draft
from transforms.tagging.geography import Geography
from transforms.tagging.reading import Reading

HEAD_SENTENCES = 3
"""An account says what it is in its title or so many first sentences of the text."""
_FORCES = ("state_military", "state_police", "igo_force", "foreign_military")
_OWN_DEEDS = (
    "BAT.OPERATION", "BAT.TERRITORY_REGAINED", "BAT.CLASH", "REM.AIR_DRONE", "REM.SHELLING", "GRP.WEAPONS_SEIZED", "GRP.LEADER",
    "GRP.SURRENDER", "POL.ARREST", "CIV.RELEASE",
)  # fmt: skip
"""What such an account claims: what others did to the force it only tells."""
_DONE_BY = ("BAT.OPERATION", "BAT.TERRITORY_REGAINED", "GRP.WEAPONS_SEIZED", "POL.ARREST", "GRP.LEADER")
_DONE_TO = ("BAT.ATTACK_MIL", "BAT.TERRITORY_LOST", "REM.IED")
_UNDER_ARMS = (*_FORCES, "militia_progov", "pmc")
ACCOUNT = {
    "fr": re.compile(
        r"\b(?:bulletin (?:hebdomadaire|quotidien|mensuel|d'information|des operations|operationnel)|communique (?:n\W{0,3}\d+ )?(?:de l'etat-major|de l'armee"
        r"|du commandement|des forces|des armees)|informe l'opinion|porte a la connaissance|rend compte a l'opinion|dresse le bilan (?:de la semaine|du mois"
        r"|des operations|de ses operations)|bilan (?:hebdomadaire )?des (?:activites|operations))"
    ),
    "en": re.compile(
        r"\b(?:inform\w*(?: the)? (?:general public|public opinion|public|nation|population)|update the (?:general )?(?:public|nation)"
        r"|(?:issues?|issued|released|publish\w+) (?:the following|its) (?:weekly |daily |monthly )?(?:bulletin|communique|statement|summary|report)"
        r"|(?:bring|draw)\w* (?:the following )?to the (?:attention|knowledge) of the public"
        r"|(?:armed forces|army|operations|operational|weekly) bulletin|results of the (?:week|month)'s operations)"
    ),
    "ar": re.compile(
        r"(?<!\w)(?:[تن]حيط|[تن]علم|[تن]بلغ)(?: [^\W\d_]+){0,6} (?:الراي العام|المواطنين)|(?<!\w)(?:تنشر|نشرت|اصدرت)(?: [^\W\d_]+){0,3} حصيله"
        r"|(?<!\w)بيان (?:من|صادر عن) (?:هيئه|قياده|وزاره|الجيش|القوات)"
    ),
    "ha": re.compile(
        r"\bna sanar da (?:al'umma|al'ummar|jama'a|'yan kasa)|\bsanarwa ?:|\bfitar da (?:takardarsa|takardarta|sanarwarsa|sanarwarta|sanarwa ta mako)"
        r"|\bnasarorin da (?:ta|suka|dakarun|sojojin)"
    ),
}  # fmt: skip
"""Words, folded, by which a force says that it gives an account."""
STEMS = {
    "fr": ("bulletin", "communique", "informe l'opinion", "porte a la conn", "rend compte", "bilan"),
    "en": ("inform", "to the attention", "to the knowledge", "update the",
            "bulletin", "communique", "the following", "issue", "release", "publish", "results of"),
    "ar": ("حيط", "علم", "بلغ", "حصيله", "بيان "), "ha": ("sanar da", "sanarwa", "fitar da", "nasarorin"),
}  # fmt: skip
"""One of these is in whatever ``ACCOUNT`` matches."""


def complete(reading: Reading, finder: ActorFinder, geography: Geography, drafts: list[Draft]) -> None:
    """Gives the deeds told in a force's own account the force as the one that claims them, and as the party left unsaid."""
    first = _account(reading)
    author = None if first is None else _author(reading, finder, geography, first)
    if first is None or author is None:
        return
    home = author.country or geography.home()
    for draft in drafts:
        where = draft.location.country if draft.location is not None else home
        if min(n for _, n in draft.sentences) < first or where not in (home, None) or _is_others(finder, draft):
            continue
        roles = {role for role, _ in draft.pairs}
        if draft.code in _DONE_BY and not roles & {"initiator", "participant"}:
            draft.pairs = [("initiator", author), *draft.pairs]
        elif draft.code in _DONE_TO and not roles & {"target", "participant"}:
            draft.pairs = [*draft.pairs, ("target", author)]
        if draft.code in _OWN_DEEDS and draft.claimed_by is None and _did_it(draft):
            draft.claimed_by = author.entry.id


def _account(reading: Reading) -> int | None:
    """The sentence, among the title and the first ones, that says that a force gives an account of itself."""
    pattern, stems = ACCOUNT.get(reading.language), STEMS.get(reading.language, ())
    if pattern is None or not reading.says(stems):
        return None
    for sentence in range(min(len(reading.sentences), reading.first_of_text + HEAD_SENTENCES)):
        if pattern.search(reading.folded, *reading.sentences[sentence]) is not None:
            return sentence
    return None


def _author(reading: Reading, finder: ActorFinder, geography: Geography, account: int) -> ActorMention | None:
    """The force that gives the account: the first named in that sentence or in the head of the article, by its own name first."""
    head = [account, *(n for n in range(min(len(reading.sentences), reading.first_of_text + 1)) if n != account)]
    named = [m for n in head for m in finder.in_sentence(n) if m.actor_class in _FORCES and m.entry.parent is None]
    if not named or any(m.actor_class not in _FORCES for m in finder.in_sentence(account)[:1]):
        return None
    own = next((m for m in named if not m.entry.generic), None)
    mention = own or finder.settle(named[0], geography.home())
    return mention._replace(start=0, end=0, speaks=False, also_does=False)


def _did_it(draft: Draft) -> bool:
    """Whether a draft tells as news what nobody but forces did; who gives himself up does it of himself."""
    if draft.mode != "reported" or draft.alleged:
        return False
    doers = [m for role, m in draft.pairs if role == "initiator"]
    return draft.code == "GRP.SURRENDER" or all(m.actor_class in _UNDER_ARMS for m in doers)


def _is_others(finder: ActorFinder, draft: Draft) -> bool:
    """Whether somebody else tells it: "villagers said"."""
    return any(
        m.speaks and m.actor_class not in _UNDER_ARMS for _, n in draft.sentences for m in finder.in_sentence(n)
    )  # fmt: skip
