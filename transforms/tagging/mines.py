"""Mines and planted charges that hit somebody, and mines in which miners die."""

import re
from collections.abc import Iterator

from transforms.tagging.patterns import Hit

_DEVICE = (
    r"(?:land ?mine|mine|roadside bomb|ied|improvised (?:explosive )?device"
    r"|explosive device|buried (?:charge|bomb|device|explosive)|planted (?:charge|bomb|device))"
)
_ENGIN = (
    r"(?:mine|mine (?:terrestre|antipersonnel|anti-?char|artisanale)|engin (?:explosif|piege)(?: improvise)?|eei|bombe artisanale"
    r"|(?:obstacle|colis|tronc|pont|troncon|vehicule) piege|charge (?:explosive|enfouie|enterree))"
)
_STRUCK = re.compile(
    rf"(?<!of )(?<!in )(?<!at )(?<!near )(?<!gold )(?<!salt )(?<!coal )\b(?:an?|the|another|one) (?:\w+ ){{0,2}}?{_DEVICE}"
    r" (?:(?:had |has |also |then )?(?:killed|wounded|injured|maimed|exploded|detonated|blew up|went off|tore through|destroyed|kills|wounds|explodes)"
    r"|(?:explosion|blast) (?:has |had )?(?:killed|wounded|injured|kills|wounds))\b"
    rf"|\b(?:hit|hits|hitting|struck|striking|drove over|driving over|ran over|running over|rolled over|rolling over"
    rf"|stepped on|stepping on) (?:an?|the) (?:\w+ )?{_DEVICE}\b"
    rf"|(?<!d')(?<!dans )(?<!pres d')\b(?:une?|l'|la|cette|cet) ?{_ENGIN}(?: \w+){{0,2}}? (?:(?:a|avait|ont) (?:egalement |aussi |encore )?"
    r"(?:tue|blesse|fait \w+ (?:morts?|victimes?|blesses?)|explose|detone|saute|fauche|emporte|dechiquete)|tue|blesse|explose)\b"
    rf"|\b(?:percut\w+|heurt\w+|saut\w+ sur|roul\w+ sur|march\w+ sur|pass\w+ sur) (?:une?|l'|la) ?{_ENGIN}\b"
    r"|(?<!\w)(?:انفجر(?:ت)? (?:لغم|عبوه)|(?:قتل|اودي|اصاب) (?:لغم|لغما?|انفجار لغم|عبوه ناسفه)"
    r"|لغم(?: ارضي)? (?:يقتل|يودي|قتل|اودي)|عبوه ناسفه (?:تقتل|قتلت|اودت))(?!\w)"
    r"|\b(?:nakiya|nakiyar \w+|bam din da aka (?:binne|dasa)) (?:ta|ya) (?:kashe|fashe|raunata|jikkata|halaka|tarwatse)\b"
)
"""A mine or charge that kills, wounds or goes off, and one that a vehicle or a foot hits."""
STEMS = {
    "en": ("mine", "landmine", "roadside", "ied", "improvised", "explosive", "buried", "planted"),
    "fr": ("mine", "engin", "eei", "bombe", "piege", "charge"),
    "ar": ("لغم", "عبوه"),
    "ha": ("nakiya", "bam din"),
}
"""A word of a language that begins with one of these (in Arabic: holds one) is in whatever ``_STRUCK`` matches."""
REACH = 90
"""Characters on both sides of it in which that is looked for: the pattern over a whole article costs half a millisecond."""
_MINING = re.compile(
    r"\b(?:(?:collaps\w+|cave-in|caved in|landslide|rockfall|mudslide|flood\w*)(?: \w+){0,5} (?:mines?|pit|shaft|mining)"
    r"|(?:mines?|pit|shaft|mining \w+)(?: \w+){0,3} (?:collaps\w+|caved in|cave-in|landslide|flooded)"
    r"|(?:eboulement|effondrement|eboule|effondre|glissement)\w*(?: [\w']+){0,5} (?:d'or|mine|mines|minier|miniere|orpaillage|galeries?|puits)"
    r"|(?:mine|site|puits|galerie)(?: [\w']+){0,4} (?:(?:s'est|se sont) (?:effondree?s?|eboulee?s?)|s'effondre)"
    r"|(?:rushewar|ruftawar|zaftarewar|rufta\w*|rushe\w*)(?: \w+){0,3} (?:ma'adan\w*|hakar|ramin|ramuka)"
    r"|(?:ma'adan\w*|ramin hakar)(?: \w+){0,4} (?:ta|ya) (?:rufta|rushe))\b"
    r"|(?<!\w)[وبف]?(?:انهيار|انهار|انهارت)(?: \w+){0,4} (?:منجم|مناجم|بئر|التعدين|تعدين)"
)
"""A mine that falls in on those who dig in it."""
MINING_STEMS = (
    "collaps", "cave", "slide", "rockfall", "flood", "eboul", "effondr", "glissement", "rush", "ruft", "zaftare", "انهيار", "انهار",
)  # fmt: skip
"""One of these is in whatever ``_MINING`` matches."""


def struck(folded: str, language: str) -> Iterator[Hit]:
    """The places of a folded article that tell of a mine which hit somebody or went off, as triggers."""
    seen = set[tuple[int, int]]()
    for stem in STEMS.get(language, ()):
        at = folded.find(stem)
        while at >= 0:
            if at == 0 or language == "ar" or not folded[at - 1].isalpha():
                for match in _STRUCK.finditer(folded, max(0, at - REACH), at + REACH):
                    if match.span() not in seen:
                        seen.add(match.span())
                        yield Hit("trigger/s", "REM.IED", *match.span(), f"REM.IED/{language}/s/{{mine}}")
            at = folded.find(stem, at + 1)


def falls_in(folded: str, start: int, end: int) -> bool:
    """Whether a stretch of folded text tells of a mine that fell in: no act."""
    return _MINING.search(folded, start, end) is not None
