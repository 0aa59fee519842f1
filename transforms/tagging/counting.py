"""Counts of a sentence: how many of whom or what, and what happened to them."""

import re
from typing import NamedTuple

from transforms.tagging.numbers import Number
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading

NOUN_WORDS = 2
"""The counted noun stands at most this many words after its number (Hausa: before it)."""
KIND_WORDS = 9
ARABIC_RIGHT = 8
COMMA_COST = 2
CONJUNCTION_COST = 3
"""Words that a conjunction between a number and a verb counts for: "killing 12 and wounding 5"."""
_PART_BEFORE = re.compile(
    r"(?:including|among them|dont|parmi lesquels|parmi eux|y compris|notamment|بينهم|من بينهم|منهم|ciki har da)"
    r"(?: at least| au moins| \w{1,3})? ?$"
)
_OF_THEM = re.compile(r" (?:of them|of whom|d'entre eux|d'entre elles|parmi eux|منهم|منهن|daga cikinsu|a cikinsu)\b")
_OF_KNOWN = re.compile(
    r" (?:of the|of those|des|من|daga cikin) ?(?:wounded|injured|dead|killed|blesses|morts|tues|victimes|victims|الجرحي|المصابين|القتلي|wadanda)\b"
)
"""What makes a number a part of a toll told before: "three of the wounded"."""
_ONLY_COMMA = re.compile(r"[^.;:]{0,60}, ?")
_OTHERS = re.compile(r" (?:d')?(?:others|autres|more|اخرين|اخرون|اخرى|اخر)\b")
SEMICOLON_COST = 6
SPARE_WORDS = 3
"""Names of nations and bodies that may stand besides between a number and its noun: "400 Ghanaian and Ivorian soldiers"."""
ARTICLE_WORDS = 7
"""An article counts one of those whose verb follows it so soon: "a Chinese engineer was seized"."""
_ARTICLES = frozenset(("a", "an", "un", "une"))
_PARTED = re.compile(r"[;:\"«»()—]|\b(?:qui|who|whose|that|which|dont|que|quand|when|lorsqu\w*|where)\b")
"""What stands between an article with its noun and a verb that is not told of it."""
_SEVERAL = (3, 9)
"""Bounds of "several", which tell too little of things to be told."""
_BESIDE_ONLY = frozenset((
    "lost", "loss of", "losses", "perdu", "perte de", "pertes", "corps", "bodies", "corpses", "فقد", "buried", "binne",
))  # fmt: skip
"""Words that tell of deaths only right beside a number of people: "lost two soldiers", "neuf corps"."""
_TRIED = re.compile(
    r"(?:[ -][^\W\d_]+){0,4}? (?:(?:accused|suspected|guilty|convicted|charged) (?:of|with|over)\b|hukunci"
    r"|(?:soupconnee?s?|accusee?s?|coupables?|poursuivie?s?|inculpee?s?|prevenus) (?:de |d'|pour )|(?:da )?ake (?:zargi|tuhuma))"
)
"""What follows those who stand accused of the act: they are not its victims."""
ABOUT_WORDS = 3
_ABOUT = frozenset((
    "against", "over", "after", "about", "following", "contre", "apres", "condemn", "condemned", "condemning", "denounced", "denoncer",
    "denoncent", "denonce",
))  # fmt: skip
"""Before a noun of acts it says why people march or what came before, not what happened to those just counted."""
_LIST = re.compile(r" ?,? ?(?:et |and |da |و|ainsi que )?(?:de |d'|of |au moins |at least |his |her |ses |leurs )?")
_AND = re.compile(r"(?:,|\b(?:and|et|da|ainsi que|as well as|plus)\b)")
_STOP = re.compile('[;:.()«»"]')
SIDE_WORDS = 4
_SIDES = re.compile(
    r"(?P<own>\b(?:cote ami|rangs amis|nos rangs|notre cote|(?:on|of) our (?:own )?side|our own ranks|own side|friendly (?:side|losses)|bangarenmu)\b"
    r"|(?<!\w)(?:جانبنا|صفوفنا))|(?P<enemy>\bcote (?:adverse|ennemi)|\b(?:on )?the enemy(?:'s)? side)\b"
)
SIDE_STEMS = ("cote a", "cote e", "rangs amis", "nos rangs", "notre cote", "our side", "our own", "own side", "friendly", "bangarenmu",
              "جانبنا", "صفوفنا", "enemy")  # fmt: skip
"""Words of an army's account of a fight, and letters without which there are none."""
_HIS_AFTER = re.compile(
    r" (?:[^\W\d_]+ )?(?:and|et) (?:his|her|its|son|sa) (?!two|three|four|five|six|ten)(?:[^\W\d_]+-?)*[^\W\d_s](?<!men)(?<!children)(?<!people)\b"
)
_HIS_BEFORE = re.compile(r"\b(?:his|her|its|their|son|sa|leur) (?:[^\W\d_]+ )?[^\W\d_]+(?: [^\W\d_]+)? (?:and|et) $")
"""One more: "a nurse and her driver", "son conducteur et deux militaires"."""
_JOIN_WORDS = 6
_CONJUNCTIONS = frozenset(("and", "et", "da", "و", "while", "tandis"))


class Count(NamedTuple):
    """A number with what it counts: ``kind`` None where no verb says what happened, ``who`` None where no noun does."""

    start: int
    end: int
    low: int
    high: int | None
    approximate: bool
    kind: str | None
    who: str | None
    claimed_by: str | None = None
    thing: str | None = None
    """What is counted, where it is not people."""
    noun: str = ""
    """The noun of those who are counted, folded."""
    stop: int = -1
    """Where that noun ends."""
    verb: int = -1
    """Where the word stands that says what happened to them."""


def find_counts(reading: Reading, sentence: int) -> list[Count]:
    """The counts of people in a sentence, stated zeros included, in order; of parts of a count only the whole."""
    counts: list[Count] = []
    found = reading.numbers(sentence)
    zeros = _longest(reading.hits("zero", sentence))
    if not found and not zeros:
        return []
    verbs = _longest(reading.hits("count", sentence))
    people = _longest(reading.hits("victim", sentence))
    for number in found:
        things = _things(reading, sentence, number, people)
        if things is not None:
            counts += things
            continue
        before = next((count for count in reversed(counts) if count.thing is None), None)
        if (before is not None and _is_part(reading, number, before.end)) or _OF_KNOWN.match(
            reading.folded, number.end
        ):
            continue
        noun = _noun(reading, sentence, people, number)
        verb = _kind(reading, verbs, number, found, noun)
        who = _who(reading, people, number, before.who if before else None, noun)
        if before is not None and before.kind is not None and _is_listed(reading, before, number, verb):
            verb = before.verb, before.kind
        article = reading.folded[number.start : number.end] in _ARTICLES
        if (verb is None and (who is None or article)) or (article and _is_owner(reading, noun)):
            continue
        more = _companions(reading, people, number, noun, article)
        counts.append(
            Count(
                start=number.start, end=number.end, low=number.low + more, high=None if number.high is None else number.high + more,
                approximate=number.approximate, kind=verb[1] if verb else None, who=who,
                noun=reading.folded[noun.start : noun.end] if noun else "",
                stop=noun.end if noun else number.end, verb=verb[0] if verb else -1,
            )
        )  # fmt: skip
    counts = _summed(reading, _sided(reading, sentence, counts))
    counts.extend(
        Count(start=hit.start, end=hit.end, low=0, high=0, approximate=False, kind=hit.key, who="unknown")
        for hit in zeros
    )
    return counts


def _is_part(reading: Reading, number: Number, counted: int) -> bool:
    """Whether a number is a part of the one before it: "twelve people, including three children"."""
    return _PART_BEFORE.search(reading.folded, max(counted, number.start - 24), number.start) is not None or (
        _OF_THEM.match(reading.folded, number.end) is not None
        and _ONLY_COMMA.fullmatch(reading.folded, counted, number.start) is not None
    )


def _longest(hits: list[Hit]) -> list[Hit]:
    """Hits that lie in no longer one; hits of one span and different keys all stay."""
    if len(hits) < 2:
        return hits
    return [
        hit for hit in hits
        if not any(
            (other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start)
            for other in hits
        )
    ]  # fmt: skip


def _beside(reading: Reading, hits: list[Hit], number: Number) -> Hit | None:
    """The hit that stands right after a number, or right before it where the language counts after the noun."""
    inside = next((hit for hit in hits if hit.start < number.end and hit.end > number.start), None)
    if inside is not None:
        return inside  # a dual
    after = [
        hit for hit in hits
        if hit.end > number.end
        and hit.start >= number.start
        and reading.words_between(number.end, hit.start) <= NOUN_WORDS
    ]  # fmt: skip
    if reading.language == "ha":
        before = [hit for hit in hits if hit.end <= number.start and not reading.words_between(hit.end, number.start)]
        if before:
            return before[-1]
    if after:
        return min(after, key=lambda hit: (hit.start, -hit.end))
    return None


def _things(reading: Reading, sentence: int, number: Number, people: list[Hit]) -> list[Count] | None:
    """The count of things that a number is, none where they are measures and the like; None for a count of people."""
    units, things = reading.hits("unit", sentence), reading.hits("thing", sentence)
    if not units and not things:
        return None
    found = [hit for hit in (_beside(reading, units, number), _beside(reading, things, number)) if hit is not None]
    if not found:
        return None
    thing = min(found, key=lambda hit: (_apart(hit, number), -hit.end))
    person = _beside(reading, people, number)
    if person is not None and _apart(thing, number) >= _apart(person, number):
        return None
    if thing.kind == "unit" or (number.low, number.high) == _SEVERAL:
        return []
    return [
        Count(
            start=number.start, end=number.end, low=number.low, high=number.high, approximate=number.approximate, kind="other",
            who=None, thing=thing.key,
        )
    ]  # fmt: skip


def _apart(hit: Hit, number: Number) -> int:
    return number.start - hit.end if hit.end <= number.start else abs(hit.start - number.end)


def _noun(reading: Reading, sentence: int, people: list[Hit], number: Number) -> Hit | None:
    """The noun of the counted; a nation's name alone is one: "640 Malians"."""
    noun = _beside(reading, people, number)
    if noun is not None:
        return noun
    names = [hit for kind in ("demonym", "actor", "country") for hit in reading.hits(kind, sentence)]
    if not names:
        return None
    if reading.language == "ha":
        before = next(
            (
                hit
                for hit in reversed(people)
                if hit.end <= number.start and _only_names(reading, names, hit.end, number.start)
            ),
            None,
        )
        if before is not None:
            return before
    far = [
        hit for hit in people
        if hit.start >= number.end and reading.words_between(number.end, hit.start) <= NOUN_WORDS + SPARE_WORDS
        and reading.words_between(number.end, hit.start) - _named(reading, names, number.end, hit.start) <= NOUN_WORDS - 1
    ]  # fmt: skip
    if far:
        return min(far, key=lambda hit: (hit.start, -hit.end))
    nation = next((hit for hit in names if hit.kind == "demonym" and 0 <= hit.start - number.end <= 2), None)
    if nation is None or (reading.language == "en" and not reading.folded.endswith("s", nation.start, nation.end)):
        return None
    return nation._replace(key="civilian")


def _named(reading: Reading, names: list[Hit], start: int, end: int) -> int:
    """How many words of a stretch are of names."""
    return sum(
        reading.words_between(hit.start, hit.end) for hit in _longest(names) if start <= hit.start and hit.end <= end
    )


def _only_names(reading: Reading, names: list[Hit], start: int, end: int) -> bool:
    between = reading.words_between(start, end)
    return 0 < between <= SPARE_WORDS and between == _named(reading, names, start, end)


def _is_owner(reading: Reading, noun: Hit | None) -> bool:
    """Whether a noun only says whose something is: "a herder's camp"."""
    return noun is not None and reading.folded.startswith(("'s ", "s' "), noun.end)


def _companions(reading: Reading, people: list[Hit], number: Number, noun: Hit | None, article: bool) -> int:
    """One where a person of the counted stands beside them without a number: "a nurse and her driver"."""
    if article and noun is not None and _HIS_AFTER.match(reading.folded, noun.end) is not None:
        return 1
    if not reading.folded.endswith((" and ", " et "), 0, number.start):
        return 0
    head = _HIS_BEFORE.search(reading.folded, max(0, number.start - 48), number.start)
    return int(head is not None and any(head.start() < hit.start and hit.end <= number.start for hit in people))


def _summed(reading: Reading, counts: list[Count]) -> list[Count]:
    """Counts of one group under one verb added up: "five rangers and a soldier were killed".

    Numbers that explain the one before them are no further ones: "three people, two women and a child".
    """
    if len(counts) < 2:
        return counts
    kept: list[Count] = []
    at = 0
    while at < len(counts):
        last = at + 1
        while last < len(counts) and _joined(reading, counts[last - 1], counts[last]):
            last += 1
        row = counts[at:last]
        while len(row) > 1 and not _is_and(reading, row[-2], row[-1]):
            row.pop()  # a list ends with "and"
        at += len(row)
        if len(row) > 2 and row[0].low == sum(count.low for count in row[1:]):
            row = row[:1]
        highs = [count.high for count in row]
        kept.append(
            row[0]._replace(
                low=sum(count.low for count in row), high=None if None in highs else sum(high or 0 for high in highs),
                approximate=any(count.approximate for count in row), end=row[-1].end,
            )
        )  # fmt: skip
    return kept


def told_sides(reading: Reading, sentence: int) -> list[re.Match[str]]:
    """Where a sentence says of whose losses it tells: "côté ami", "on our side"."""
    span = reading.sentences[sentence]
    if not reading.says(SIDE_STEMS) or not reading.says_in(SIDE_STEMS, span):
        return []
    return list(_SIDES.finditer(reading.folded, span.start, span.end))


def _sided(reading: Reading, sentence: int, counts: list[Count]) -> list[Count]:
    """Counts in which those without a noun are of the side that the sentence speaks of."""
    if all(count.who is not None for count in counts):
        return counts
    sides = told_sides(reading, sentence)
    return [count if count.who else count._replace(who=_side_of(reading, sides, count)) for count in counts]


def _side_of(reading: Reading, sides: list[re.Match[str]], count: Count) -> str | None:
    """Whose losses a count tells of, by the words before it or close behind it."""
    before = [m for m in sides if m.end() <= count.start and ";" not in reading.folded[m.end() : count.start]]
    after = [m for m in sides if count.end <= m.start() and reading.words_between(count.end, m.start()) <= SIDE_WORDS]
    side = before[-1] if before else after[0] if after else None
    return None if side is None else "state_forces" if side["own"] else "armed_group"


def _is_and(reading: Reading, one: Count, other: Count) -> bool:
    return reading.folded.startswith("و", other.start) or any(
        match.group() != "," for match in _AND.finditer(reading.folded, one.end, other.start)
    )


def _joined(reading: Reading, one: Count, other: Count) -> bool:
    """Whether two counts stand in one list and under one verb."""
    if (one.kind, one.who, one.verb) != (other.kind, other.who, other.verb) or one.thing or other.thing:
        return False
    if one.verb < 0 or one.who is None or one.end <= one.verb < other.start or not other.noun:
        return False
    if reading.words_between(one.end, other.start) > _JOIN_WORDS or _STOP.search(reading.folded, one.end, other.start):
        return False
    return _is_and(reading, one, other) or "," in reading.folded[one.end : other.start]


def _who(reading: Reading, people: list[Hit], number: Number, before: str | None, noun: Hit | None) -> str | None:
    """Whom a number counts; "eight others" are of those counted before, "two of them" of those named before."""
    if before is not None and _OTHERS.match(reading.folded, number.end) is not None:
        return before
    if _OF_THEM.match(reading.folded, number.end) is not None:
        named = [hit.key for hit in people if hit.end <= number.start]
        return named[-1] if named else before
    return None if noun is None else noun.key


def _kind(
    reading: Reading, verbs: list[Hit], number: Number, numbers: list[Number], noun: Hit | None
) -> tuple[int, str] | None:
    """What happened to the counted, and where the word stands that says so.

    It is the nearest one, sooner on the right, dearer over a conjunction; none where they are tried for the act.
    """
    best: tuple[int, bool, int, str] | None = None
    folded = reading.folded
    article = folded[number.start : number.end] in _ARTICLES
    for verb in verbs:
        if verb.start >= number.end:
            between = reading.words_between(number.end, verb.start)
            joined = _conjunctions(reading, number.end, verb.start)
            # Arabic verbs come before their subject: to the right only the counted noun itself says what happened.
            cost = between + joined + (ARABIC_RIGHT if reading.language == "ar" and (between > 1 or joined) else 0)
            cost += SEMICOLON_COST * folded.count(";", number.end, verb.start)
            stop = KIND_WORDS + 3
        elif verb.end <= number.start:
            between = reading.words_between(verb.end, number.start)
            near = between
            between += _conjunctions(reading, verb.end, number.start)
            others = sum(verb.end <= n.start and n.end <= number.start for n in numbers)
            cost = between + 1 + (1 if reading.language == "ar" else CONJUNCTION_COST) * others
            cost += COMMA_COST * (folded.count(",", verb.end, number.start))
            cost += SEMICOLON_COST * folded.count(";", verb.end, number.start)
            stop = KIND_WORDS
            if article and near > 1:
                continue
        else:
            cost, stop, between = 0, KIND_WORDS, 0
        left = verb.end <= number.start
        if cost > stop or (best is not None and (cost, left, verb.start, verb.key) >= best):
            continue
        if folded[verb.start : verb.end] in _BESIDE_ONLY and (between > 1 or noun is None):
            continue
        if verb.start >= number.end and (
            (article and not _is_of_article(reading, number, verb))
            or not _ABOUT.isdisjoint(folded[number.end : verb.start].split()[-ABOUT_WORDS:])
        ):
            continue
        best = (cost, left, verb.start, verb.key)
    if best is None:
        return None
    _, left, start, key = best
    tried = not left and key not in ("arrested", "released") and _TRIED.match(folded, number.end) is not None
    return None if tried else (start, key)


def _is_listed(reading: Reading, before: Count, number: Number, verb: tuple[int, str] | None) -> bool:
    """Whether a number goes on a list under the verb that opened it: "la perte de quatre militaires et de deux VDP ; huit blessés"."""
    if not 0 <= before.verb < before.start or _LIST.fullmatch(reading.folded, before.stop, number.start) is None:
        return False
    return verb is None or (verb[0] > number.end and any(mark in reading.folded[number.end : verb[0]] for mark in ",;"))


def _is_of_article(reading: Reading, number: Number, verb: Hit) -> bool:
    """Whether a verb behind an article with its noun tells of that one: not past a further clause, nor far from it."""
    stretch = reading.folded[number.end : verb.start]
    if _PARTED.search(stretch) is not None or stretch.count(",") == 1:
        return False
    return "," in stretch or reading.words_between(number.end, verb.start) <= ARTICLE_WORDS


def _conjunctions(reading: Reading, start: int, end: int) -> int:
    words = reading.folded[start:end].replace(",", " ").split()
    return CONJUNCTION_COST * sum(word in _CONJUNCTIONS for word in words[:3])
