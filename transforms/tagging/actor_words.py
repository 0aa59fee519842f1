"""Words around actors in folded text: what makes a name no party, a group spoken of again, to whom something was said."""

import re

from transforms.tagging.reading import Reading

TOLD_TO = re.compile(
    r" (?:a l'afp|a reuters|a la presse|a rfi|a la radio|a la television|aux journalistes|aux medias|dans un communique|ce|le|soir|matin"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier|a l'agence)(?= )"
)
"""To whom and when something was said, which stands between a French verb of saying and its subject."""
ANAPHORS = {
    "en": re.compile(
        r"\bth(?:e|at|is) (?:same |jihadist |armed |insurgent |militant |islamist |extremist |rebel |al-qaeda-linked )*"
        r"(?:group|faction|insurgents|movement's fighters|group's fighters|paramilitaries|fighters|militants)(?:'s)?\b"
        r"|\bthe same (?:men|attackers|assailants|raiders|gunmen)\b"
    ),
    "fr": re.compile(
        r"\b(?:le|ce|du|au) (?:meme )?(?:groupe|mouvement)(?: (?:djihadiste|jihadiste|arme|terroriste|islamiste|rebelle"
        r"|affilie a al-qaida|affilie))*\b(?! de| d'|s)|\bla (?:faction|katiba)\b(?! de| d'| du)"
        r"|\bles memes (?:assaillants|hommes|combattants|agresseurs|individus)\b"
    ),
    "ar": re.compile(
        r"(?<!\w)[وفبل]?(?:التنظيم|الجماعه|هذه الجماعه|الحركه المسلحه)(?: (?:نفسه|ذاته|نفسها|الارهابي|المسلحه))?(?!\w)"
    ),
    "ha": re.compile(r"\b(?:wannan )?kungiyar(?= (?:ta|ce|da ta|tana|na)\b)|\bmayakan(?= (?:sun|suka|ne|sai)\b)"),
}
"""Words for an armed group that was named before: "the group", "le même groupe", "التنظيم"."""
ANAPHOR_STEMS = {
    "en": ("group", "faction", "insurgents", "movement", "paramilitaries", "fighters", "militants", "the same"),
    "fr": ("groupe", "mouvement", "faction", "katiba", "les memes"),
    "ar": ("التنظيم", "الجماعه", "الحركه"), "ha": ("kungiyar", "mayakan"),
}  # fmt: skip
"""One of these is in whatever ``ANAPHORS`` match."""
APPOSED = re.compile(r"[ '-]*(?:of|from|de|du|des|d|la|l|le|the|na|ta|kungiyar|من|في|تابع\w*|ل)?[ '-]*")
TUAREG_STEMS = (
    "tuareg", "touareg", "azawad", "abzinawa", "kidal", "tin zaouat", "tinzaouat", "northern rebel", "rebelles du nord",
    "طوارق", "ازواد", "كيدال", "تينزاوات",
)  # fmt: skip
"""Words of an article on the rebels of the north of Mali and Niger."""
_AID_AFTER = re.compile(
    r"(?: and (?:financial|economic|security))? (?:aid|assistance|co-?operation|support|equipment|hardware|supplies|training|agreements?|accords?"
    r"|pacts?|deals?|partnerships?|ties|partners?|exercises?|drills?|purposes|court|tribunal)\b"
)
"""What makes "military" an adjective: aid and agreements, no soldiers."""
_AID_BEFORE = re.compile(
    r"\b(?:accords?|aides?|equipements?|materiels?|cooperations?|partenariats?|fournitures|livraisons?|formations?|appuis?|relations|budgets?)"
    r"(?: \w+)? $"
)
_ADJECTIVES = frozenset(("military", "militaires", "عسكريه", "العسكريه"))
"""Forms of the lexicon's words for soldiers that are adjectives as well; the Arabic feminine is no soldier."""
_SEATS = frozenset(
    ("washington", "moscow", "moscou", "ankara", "beijing", "pekin", "brussels", "bruxelles", "kyiv", "kiev", "rabat", "algiers", "alger",
     "tehran", "teheran", "abu dhabi", "abou dhabi", "واشنطن", "موسكو", "انقره", "بكين", "بروكسل", "الرباط", "باريس", "ابوظبي", "كييف")
)  # fmt: skip
"""Capitals outside of the region that stand for those who rule there, unless something is in them."""
_IN = re.compile(r"(?:\b(?:in|at|a|birnin|city of|ville de)|(?<!\w)في)\s+$")


def is_no_party(reading: Reading, start: int, end: int) -> bool:
    """Whether a name of the lexicon is here an adjective ("military aid") or a town where something is ("in Brussels")."""
    word = reading.folded[start:end]
    if word in _ADJECTIVES:
        if reading.language == "en":
            return _AID_AFTER.match(reading.folded, end) is not None
        return reading.language == "ar" or _AID_BEFORE.search(reading.folded, max(0, start - 30), start) is not None
    return word in _SEATS and _IN.search(reading.folded, max(0, start - 10), start) is not None
