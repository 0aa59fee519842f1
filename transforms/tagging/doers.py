"""Who is counted as doing it rather than as suffering it: "two gunmen killed nine worshippers", "abducted by six men"."""

import re

from transforms.tagging import count_words
from transforms.tagging.numbers import Number
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

SUBJECT_WORDS = 7
"""Words between a counted subject and its verb at most: "Deux hommes armés à moto ont tué"."""
_FRENCH = r"(?:tue|abattu|assassine|egorge|massacre|execute|decapite|neutralise|elimine|blesse|enleve|kidnappe|capture|emmene)"
_ADVERB = r"(?:(?:\w+ment|\w+ly|egalement|aussi|deja|then|also) )?"
_ENGLISH = (
    r"(?:(?:have |has |had )(?:then |also )?)?(?:killed|killing|shot dead|shot and killed|shot|murdered|massacred|executed|slaughtered|beheaded"
    r"|wounded|wounding|injured|injuring|abducted|abducting|kidnapped|kidnapping|kills?|abducts?|kidnaps?|wounds|injures?)"
)
_ACTIVE = {
    "fr": re.compile(
        rf"\b(?:ont|avaient|auraient) {_ADVERB}(?:[^.;:,]{{0,40}} et (?:ont )?)?{_FRENCH}\b"
        r"|\b(?:tuent|abattent|assassinent|egorgent|massacrent|executent|blessent|enlevent|kidnappent|tuant|blessant|enlevant|kidnappant)\b"
    ),
    "en": re.compile(rf"\b(?<!were )(?<!was )(?<!been )(?<!being )(?<!be )(?<!are )(?<!is )(?<!the )(?<!of ){_ENGLISH}\b"),
    "ha": re.compile(r"\b(?:sun|suka|ya|ta|sunka) (?:kashe|hallaka|raunata|jikkata|sace|harbe|yi garkuwa da|yi awon gaba da)\b"),
    "ar": re.compile(r"(?<!\w)و?(?:قتلا|قتلوا|يقتلان|يقتلون|خطفا|خطفوا|اختطفا|اختطفوا|يخطفون|يختطفون|جرحوا|اصابوا|ذبحوا|اعدموا)(?!\w)"),
}  # fmt: skip
"""Verbs of killing, wounding and kidnapping in the active voice, folded."""
_OF_ONE = re.compile(
    rf"\b(?:a|avait|aurait) {_ADVERB}(?:[^.;:,]{{0,40}} et (?:a )?)?{_FRENCH}\b|\b(?:tuant|blessant|enlevant|kidnappant)\b"
)
"""The same of a single French subject."""
_FIRST = re.compile(r"(?<!\w)و?(?:قتل|يقتل|اختطف|يختطف|خطف|يخطف|جرح|اصاب|ذبح|اعدم|احتجز)(?:ت)? $")
"""Arabic verbs that stand before their subject, right before its number."""
_OTHER_CLAUSE = re.compile(
    r"[;:.()«»\"]|\b(?:when|as|while|after|before|that|which|whose|whom|if|by|quand|lorsque|alors|que|dont|apres|avant|si|par|and|et"
    r"|were|was|been|ete|sont|est|etait|etaient|wanda|wadanda|lokacin|bayan|an|aka)\b|\bqu'|(?<!\w)(?:عندما|بعد|حين|فيما|الذي|التي)(?!\w)"
)
"""What stands between a subject and a verb that is another's."""
_JOINS = re.compile(r" (?:and|et|da)(?: then)? $")
_RELATIVE = re.compile(r" ?,? ?(?:who|qui|da|الذين|اللذان|اللذين) ?$")
_OBJECT = re.compile(
    r" (?:(?:up to|at least|about|around|some|more than|nearly|the|her|his|their|au moins|environ|plus de|pres de|pas moins de|les|akalla|kimanin"
    r"|ما لا يقل عن|اكثر من|نحو|حوالي) )*$"
)
"""What may stand between a verb and the number of its object."""
_OF_DET = re.compile(
    r" (?:a|an|the|some|several|un|une|des|les|le|la|plusieurs|wani|wata|wasu) (?:[^\W\d_]+ ){0,2}(?:d'|de |des )?$"
)
_ADJECTIVE = re.compile(r" (?:[^\W\d_]+(?:ين|ون|ان) )?$")
_OF_THEM = re.compile(r" (?:of them|of whom|d'entre|منهم|منهن|بينهم|daga cikin)")


def are_agents(reading: Reading, verbs: list[Hit], number: Number) -> bool:
    """Whether a number is of those who did it: "abducted by six gunmen", but not "soldé par 17 morts"."""
    return (
        reading.folded.endswith(count_words.BY, 0, number.start)
        and not reading.folded.startswith(count_words.BY_DOZENS, number.start)
        and not any(0 <= verb.start - number.end <= 1 for verb in verbs)
    )


def told_of(
    reading: Reading, sentence: int, number: Number, noun: Hit | None, found: list[Number], verbs: list[Hit],
    people: list[Hit],
) -> tuple[list[Hit], bool]:  # fmt: skip
    """The verbs that may tell what happened to the counted, and whether they are the subject of one that has an object.

    "Two gunmen killed nine worshippers", "قتل مسلحان تسعة مصلين": such a verb tells what they did. Behind "who" it
    leaves open what happened to them: "two gunmen who killed nine people were shot dead".
    """
    end = max(number.end, noun.end) if noun is not None else number.end
    pattern = _OF_ONE if reading.language == "fr" and number.high == 1 else _ACTIVE.get(reading.language)
    if pattern is None:
        return verbs, False
    if reading.language == "ar" and _is_first_subject(reading, number, end, found, people):
        return [verb for verb in verbs if verb.start >= end], True
    if len(found) > 2 and _joined_to(reading, sentence, number, end, found, verbs, people):
        return verbs, True
    stop = min((n.start for n in found if n.start >= end), default=reading.sentences[sentence].end)
    match = pattern.search(reading.folded, end, reading.sentences[sentence].end)
    if match is None or not _has_object(reading, match, found, verbs, people):
        return verbs, False
    between = reading.folded[end : match.start()]
    relative = _RELATIVE.search(between)
    between = between[: relative.start()] if relative else _JOINS.sub(" ", between)
    participle = re.search(r"(?:ing|ant)$", match.group()) is not None
    if (
        match.start() > stop
        or (reading.language in ("en", "fr") and not reading.folded[number.end : match.start()].strip(" ,"))
        or reading.words_between(end, match.start()) > SUBJECT_WORDS + 3 * participle
        or (between.count(",") % 2 and not participle)
        or _OTHER_CLAUSE.search(between)
        or any(end <= hit.start < match.start() for hit in [*people, *reading.hits("actor", sentence)])
        or any(end <= verb.start and verb.end <= match.start() for verb in verbs)
    ):  # fmt: skip
        return verbs, False
    before = any(verb.end <= number.start and reading.words_between(verb.end, number.start) <= 1 for verb in verbs)
    rest = [verb for verb in verbs if verb.end <= match.start() or verb.start >= match.end()]
    return rest, not (relative is not None or before or participle) or (participle and not before)


def _joined_to(
    reading: Reading, sentence: int, number: Number, end: int, found: list[Number], verbs: list[Hit], people: list[Hit]
) -> bool:
    """Whether a number opens a list of subjects: "three soldiers and two gendarmes killed nine villagers"."""
    later = next((n for n in found if n.start >= end), None)
    if (
        later is None
        or later.start - end > len(" , et ")
        or not count_words.AND.search(reading.folded, end, later.start)
    ):
        return False
    if any(verb.end <= number.start and reading.words_between(verb.end, number.start) <= 1 for verb in verbs):
        return False
    noun = next((hit for hit in people if 0 <= hit.start - later.end <= 1), None)
    return noun is not None and told_of(reading, sentence, later, noun, found, verbs, people)[1]


def _has_object(
    reading: Reading, match: re.Match[str], found: list[Number], verbs: list[Hit], people: list[Hit]
) -> bool:
    """Whether a verb has an object: a number of people, or a noun of people with an article, right behind it."""
    folded, end = reading.folded, match.end()
    if reading.language == "ha":
        hit = next((hit for hit in people if hit.start >= end), None)
        return (
            hit is not None and re.fullmatch(r" (?:wani |wata |wasu |akalla )?'?", folded[end : hit.start]) is not None
        )
    number = next((n for n in found if n.start >= end), None)
    if number is not None and _OBJECT.fullmatch(folded, end, number.start):
        toll = any(0 <= verb.start - number.end <= 1 for verb in verbs)
        return not toll and not _OF_THEM.match(folded, number.end)
    hit = next((hit for hit in people if hit.start >= end), None)
    return hit is not None and _OF_DET.fullmatch(folded, end, hit.start) is not None


def _is_first_subject(reading: Reading, number: Number, end: int, found: list[Number], people: list[Hit]) -> bool:
    """Whether Arabic counts an object right behind a subject and its verb: "قتل مسلحان تسعة مصلين"."""
    if not _FIRST.search(reading.folded, max(0, number.start - 16), number.start):
        return False
    other = next((n for n in found if n.start >= end), None)
    if other is not None and reading.folded.startswith("و", other.start):
        return False  # "six soldiers and three civilians"
    if other is not None and _ADJECTIVE.fullmatch(reading.folded, end, other.start):
        return not _OF_THEM.match(reading.folded, other.end) and any(
            hit.start < other.end + 20
            and hit.end > other.start
            and not _OF_THEM.search(reading.folded, other.end, hit.end)
            for hit in people
        )
    return any(
        hit.start == end + 1 and reading.folded[hit.start : hit.end] in count_words.ONES["ar"]
        and reading.folded.endswith("ا", hit.start, hit.end)
        for hit in people
    )  # fmt: skip
