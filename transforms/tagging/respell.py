"""Arabic spellings of names that are written in Latin letters, as the Arabic press transcribes them.

Used when the gazetteer is built: GeoNames has an Arabic name for few towns south of the Sahara. A name gives several
spellings where usage varies ("Djibo": جيبو, دجيبو; "Bauchi": باوتشي, باوشي). Keys, not names: folded letters, so أ is ا and ة is ه.
"""

import itertools
import re
import unicodedata

MOST = 12
"""Spellings of one name at most."""
LEAST = 4
"""Letters of a spelling at least: shorter ones are words."""
TRANSCRIBED = ("NE", "ML", "BF", "TD", "BJ", "TG", "GH", "CI", "SN", "GN", "CM", "NG", "CF")
"""Countries whose places bear Latin names of French or English orthography; those further north have Arabic ones."""
_ENGLISH = ("NG", "GH")
_LETTERS: dict[str, tuple[str, ...]] = {
    "tch": ("تش",), "dj": ("ج", "دج"), "ch": ("ش",), "sh": ("ش",), "kh": ("خ",), "gh": ("غ",), "ph": ("ف",),
    "th": ("ت",), "rh": ("غ", "ر"), "ou": ("و",), "oo": ("و",), "qu": ("ك",), "ck": ("ك",), "gn": ("ني",),
    "ei": ("ي",), "ey": ("ي",), "ie": ("ي", "يي"), "ié": ("يي", "ي"), "ée": ("ي",), "ya": ("يا",), "ye": ("ي",), "yo": ("يو",),
    "a": ("ا",), "b": ("ب",), "d": ("د",), "f": ("ف",), "g": ("غ",), "h": ("ه",), "i": ("ي",), "j": ("ج",),
    "k": ("ك",), "l": ("ل",), "m": ("م",), "n": ("ن",), "o": ("و",), "p": ("ب",), "q": ("ق",), "r": ("ر",),
    "s": ("س",), "t": ("ت",), "u": ("و",), "v": ("ف",), "w": ("و",), "x": ("كس",), "y": ("ي",), "z": ("ز",),
    "c": ("ك",), "ç": ("س",), "é": ("ي",),
}  # fmt: skip
_PARTS = re.compile("|".join(sorted(_LETTERS, key=len, reverse=True)) + "|e")
_VOWELS = "aeéiou"


def arabic_of(name: str, country: str) -> list[str]:
    """The spellings of a name as keys of the gazetteer, the likeliest first; none for a name with other marks."""
    words = [_spelt(word, english=country in _ENGLISH) for word in _plain(name).split()]
    if not words or not all(words):
        return []
    joined = (" ".join(choice) for choice in itertools.islice(itertools.product(*words), 2 * MOST))
    return [spelling for spelling in joined if len(spelling.replace(" ", "")) >= LEAST]


def _plain(name: str) -> str:
    """Small letters; of the accents only é is kept, for it is always heard; apostrophes go, hyphens part words."""
    small = re.sub("[èêë]", "é", unicodedata.normalize("NFC", name.lower()))
    kept = "".join(c if c in "éç" else unicodedata.normalize("NFD", c)[0] for c in small)
    return re.sub(r"['’ʼ]", "", kept).replace("-", " ")


def _spelt(word: str, *, english: bool) -> list[str]:
    """The spellings of one word."""
    word = re.sub(r"([bcdfghjklmnpqrstvwxz])\1", r"\1", word)
    word = re.sub(r"gu(?=[eéiy])", "g", word)
    word = re.sub(r"c(?=[eéiy])", "s", word)
    parts = _PARTS.findall(word)
    if "".join(parts) != word:
        return []
    options: list[tuple[str, ...]] = []
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "ch" and english:
            options.append(("تش", "ش"))
        elif part == "e":
            options.append(("ي", "") if not english and at > 0 else ("ي",))
        elif part == "a" and last:
            options.append(("ا", "ه"))
        elif part == "a" and at and not {*parts[at + 1 : at + 3]} & {*_VOWELS, "ou"} and len(parts) > at + 2:
            options.append(("ا", ""))  # a short one before two consonants: Zamfara, زمفارا
        else:
            options.append(_LETTERS[part])
        before_vowel = part == "ou" and word[2:3] in tuple(_VOWELS)
        if at == 0 and part[0] in _VOWELS and part != "a" and not before_vowel:
            options[-1] = tuple("ا" + option for option in options[-1])
    spellings = ["".join(choice) for choice in itertools.islice(itertools.product(*options), MOST)]
    likeliest = [option[0] for option in options]
    short = [at for at in range(1, len(parts) - 1) if _is_short(parts, at)]  # "Damasak": دماساك, "Kindjiria": كنجيريا
    spellings += ["".join([*likeliest[:at], *likeliest[at + 1 :]]) for at in short]
    return list(dict.fromkeys(spellings))


def _is_short(parts: list[str], at: int) -> bool:
    """Whether a vowel between consonants may stay unwritten: an a, or an i before two consonants."""
    before, after = parts[at - 1], parts[at + 1]
    if before[0] in _VOWELS or after[0] in _VOWELS:
        return False
    return parts[at] == "a" or (parts[at] == "i" and at + 2 < len(parts) and parts[at + 2][0] not in _VOWELS)
