"""Soldiers and others who die by accident: a crash, a burst tyre, a boat that capsized are no attacks."""

import re

from transforms.tagging import mines
from transforms.tagging.reading import Reading

ACTS = ("BAT.", "REM.", "CIV.", "POL.COUP")
"""What deaths tell of, or a word for what was overturned, unless the sentence says that it was an accident."""
MISHAP = re.compile(
    r"\b(?:tyres? (?:had )?burst|burst tyres?|tire (?:blew|burst)|overturn(?:ed|s|ing)"
    r"|rolled over(?! (?:an?|the|two|three|some) )|somersaulted|skidd\w+|capsiz\w+|drown(?:ed|ing)"
    r"|(?:road|traffic|car|train|boat) (?:accident|crash)\w*|(?:collided|collision) with|head-on"
    r"|(?:crashed|ploughed|plunged|ran|slammed) into (?:an? |the )?(?:\w+ )?(?:lorry|truck|bus|tree|wall|ravine|river|ditch|gully|house|tanker)"
    r"|(?:helicopter|plane|aircraft)(?: \w+){0,3} crash\w*|(?:accident|sortie) de (?:la )?(?:route|circulation)|accident de (?:bus|car|camion|train)"
    r"|pneus?\b(?: \w+){0,6} (?:eclat\w+|creve\w*)|eclatement d'un pneu|renversement d(?:e |u |')(?:\w+ )?"
    r"(?:vehicul\w+|camion\w*|voitur\w+|bus|pirogue|citerne|moto|engin|taxi|car)|(?:s'est|se sont|s'etai\w+) renverse\w*|tonneaux|derap\w+"
    r"|quitte la (?:route|chaussee|piste)|noy(?:es?|ees?|ade)|chavir\w+|naufrage|collision|percute (?:un|une|le|la|l')"
    r"|(?:h[aj]tsari|hatsarin|hadarin) (?:mota|motar|motoci|jirgi\w*|hanya|kwale-?kwale)|hatsarin (?:\w+ )?(?:mota|motoci)"
    r"|tayar? (?:ta|mota\w*|motar\w*|babur\w*)(?: \w+){0,2} fashe"
    r"|(?:ta|ya|sun?|ci) (?:kife|jirkice|wuntsila)|kife\w*|kifewar|nutse\w*|taho-mu-gama)\b"
    r"|(?<!\w)و?(?:ب|ل|في |ال)?(?:حادث(?:ه)? (?:سير|مرور\w*|طريق)|حوادث (?:السير|المرور)|انقلاب (?:حافل\w+|شاحن\w+|سيار\w+|مركب\w*|زورق\w*|قارب\w*|الي\w*)"
    r"|انفجار (?:اطار|عجل)\w*|انفجر (?:اطار|عجل)\w*|غرق(?:ا|وا|ت)?(?!\w)|تصادم|اصطدام|تحطم(?:ت)? (?:طائر|مروحي)\w*)"
)
"""What happens to vehicles and boats without anybody's doing."""
MISHAP_STEMS = (
    "tyre", "tire", "overturn", "rolled over", "somersault", "skid", "capsiz", "drown", "accident", "crash", "colli", "head-on", "plough",
    "plunged", "slammed", "ran into", "sortie de", "pneu", "renvers", "tonneaux", "derap", "quitte la", "noy", "chavir", "naufrage",
    "percute", "hatsari", "hadari", "taya", "kife", "jirkice", "wuntsila", "nutse", "taho-mu", "حادث", "حوادث", "انقلاب", "اطار", "عجل",
    "غرق", "تصادم", "اصطدام", "تحطم",
)  # fmt: skip
"""One of these is in whatever ``MISHAP`` matches."""
DOING = re.compile(
    r"\b(?:attack\w*|ambush\w*|attaqu\w*|embuscade\w*|mines?|landmine\w*|bomb\w*|ied|ieds|explosiv\w*|explosif\w*|devices?|charges?|engins?|gunm\w+|gunfire|militants?"
    r"|jihadist\w*|djihadist\w*|terrorist\w*|assaillants?|rebels?|rebelles?|bandits?|insurge\w*|fir(?:e|ed|ing)|tirs?|shot|shell\w*|drones?|abattu\w*"
    r"|pieg\w*|obstacles?|buried|enterree?s?|enfouie?s?|missiles?|over(?:ran|run|running)|storm(?:ed|ing)"
    r"|submerg\w+|pris d'assaut|brought (?:\w+ ){1,3}?down"
    r"|makami\w*|kakkabo\w*|binne\w*|nakiyar?|rocket\w*|roquettes?|obus|clash\w*|combats?|fighting|suicide|kamikaze"
    r"|raids?|assaut|assault|mob|protest\w*|manifest\w*|thrown|tear gas"
    r"|hari|harin|hare-hare|farmaki|kwanton|kwantan|nakiya\w*|fashewa|abu\w* fashewa|bam|bama-bamai|'yan (?:bindiga|ta'adda)|mayaka\w*"
    r"|mahara|maharan|harbi|harbe\w*"
    r"|boko haram|iswap|jnim|gsim)\b"
    r"|(?<!\w)[وبفلك]*(?:ال)?(?:هجوم|كمين|لغم|الغام|عبوه|قنبل|مسلح|ارهابي|متشدد|اشتباك|نيران|النار|قصف|انتحاري|صاروخ|قذيف|مسير)"
)
"""Somebody's doing: an ambush, a mine, shots, a crowd."""


DOWNED = re.compile(
    r"\b(?:shot|brought|gunned) (?:\w+ ){0,4}?down\b|\bdowned\b|\b(?:missiles?|anti-?aircraft|sabotage\w*)\b|\babatt\w+|\b(?:harbo|kakkabo|makami)\w*"
    r"|(?<!\w)و?(?:اسقط\w*|اسقاط\w*|صاروخ\w*)"
)
"""Somebody brought down what crashed."""
_REACH = 2
"""Sentences behind the first of a text that tell of its deaths still."""


def is_mishap(reading: Reading, sentence: int) -> bool:
    """Whether the deaths of a sentence were nobody's doing: it tells of an accident, or the opening of the article does.

    What a title or first sentence tells of dead without who killed them is the accident that one of the first sentences tells.
    """
    span = reading.sentences[sentence]
    if reading.says(mines.MINING_STEMS) and mines.falls_in(reading.folded, span.start, span.end):
        return True
    if not reading.says(MISHAP_STEMS):
        return False
    if tells_accident(reading, sentence):
        return not _was_downed(reading, sentence)
    first = reading.first_of_text
    opening = range(min(len(reading.sentences), first + _REACH))
    if sentence > first or _is_done(reading, sentence):
        return False
    later = next((n for n in opening if n > sentence and tells_accident(reading, n)), None)
    if later is None or _was_downed(reading, later) or any(_is_done(reading, n) for n in range(sentence, later)):
        return False
    told, others = ({n.low for n in reading.numbers(i)} for i in (sentence, later))
    return not told or not others or not told.isdisjoint(others)


def _is_done(reading: Reading, sentence: int) -> bool:
    """Whether a sentence names somebody's doing, or an armed group."""
    classes = (reading.lexicon.actors[hit.key].actor_class for hit in reading.hits("actor", sentence))
    return DOING.search(reading.folded, *reading.sentences[sentence]) is not None or any(
        reading.lexicon.classes[name].group == "armed_group" for name in classes
    )


def _was_downed(reading: Reading, sentence: int) -> bool:
    """Whether the sentences behind a crash say that somebody brought down what crashed."""
    last = min(len(reading.sentences), sentence + 1 + _REACH) - 1
    return DOWNED.search(reading.folded, reading.sentences[sentence].start, reading.sentences[last].end) is not None


def tells_accident(reading: Reading, sentence: int) -> bool:
    """Whether a sentence tells of an accident of vehicles or boats and of nobody's doing: a mine under a lorry is no accident."""
    if not reading.says_in(MISHAP_STEMS, span := reading.sentences[sentence]):
        return False
    return (
        MISHAP.search(reading.folded, span.start, span.end) is not None
        and DOING.search(reading.folded, span.start, span.end) is None
    )
