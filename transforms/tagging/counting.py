"""Counts of a sentence: how many of whom or what, and what happened to them."""

import re

from transforms.tagging import count_lists, count_words, doers, raised, single_persons, sources
from transforms.tagging.count_lists import Count
from transforms.tagging.numbers import Number
from transforms.tagging.patterns import Hit
from transforms.tagging.reading import Reading


def find_counts(reading: Reading, sentence: int) -> list[Count]:
    """The counts of people in a sentence, stated zeros included, in order; of parts of a count only the whole."""
    counts: list[Count] = []
    part = -1
    found, risen = raised.settled(reading, sentence, reading.numbers(sentence))
    zeros = _longest(reading.hits("zero", sentence))
    if not found and not zeros and (reading.language not in count_words.ONES or not reading.hits("count", sentence)):
        return []
    verbs = _longest(reading.hits("count", sentence))
    people = [p for p in _longest(reading.hits("victim", sentence)) if not sources.tells_count(reading, p)]
    for number in found:
        things = _things(reading, sentence, number, people)
        if things is not None:
            counts += things
            continue
        before = next((count for count in reversed(counts) if count.thing is None), None)
        if (
            (before is not None and _is_part(reading, number, before.end))
            or (part >= 0 and _goes_on(reading, people, number, part))
            or count_words.OF_KNOWN.match(reading.folded, number.end)
        ):
            part = number.end
            continue
        if doers.are_agents(reading, verbs, number):
            continue
        noun = _noun(reading, sentence, people, number)
        telling, did = doers.told_of(reading, sentence, number, noun, found, verbs, people)
        if did:
            continue
        verb = _kind(reading, telling, number, found, noun)
        if number.start == risen and (verb is None or verb[1] not in ("killed", "wounded")):
            verb = number.end, "killed"
        who = _who(reading, people, number, before.who if before else None, noun)
        if before is not None and before.kind is not None and _is_listed(reading, before, number, noun, verb):
            verb = before.verb, before.kind
        article = reading.folded[number.start : number.end] in count_words.ARTICLES
        if (verb is None and (who is None or (article and not _opens_list(reading, number, noun, found, people)))) or (
            article and _is_owner(reading, noun)
        ):
            continue
        if (article and verb is not None and verb[0] == number.end + 1 and reading.language == "en") or (
            who is None and reading.folded.endswith(count_words.PIECES, 0, number.start)
        ):
            continue  # "a slain farmer", "sansanoni guda biyu"
        more = _companions(reading, people, number, noun, article)
        counts.append(
            Count(
                start=number.start, end=number.end, low=number.low + more, high=None if number.high is None else number.high + more,
                approximate=number.approximate, kind=verb[1] if verb else None, who=who,
                noun=reading.folded[noun.start : noun.end] if noun else "",
                stop=max(noun.end, number.end) if noun else number.end, verb=verb[0] if verb else -1,
                raised=number.start == risen,
            )
        )  # fmt: skip
    counts = count_lists.summed(reading, count_lists.sided(reading, sentence, counts))
    if reading.language in count_words.ONES and people and verbs:
        counts = sorted(counts + single_persons.unnumbered(reading, verbs, people, found))
    counts = [single_persons.none_of(reading, count) for count in counts]
    counts.extend(
        Count(
            start=hit.start, end=hit.end, low=0, high=0, approximate=False, kind=hit.key,
            who=next((person.key for person in people if hit.start <= person.start and person.end <= hit.end), None),
        )
        for hit in zeros
    )  # fmt: skip
    return counts


def _is_part(reading: Reading, number: Number, counted: int) -> bool:
    """Whether a number is a part of the one before it: "twelve people, including three children"."""
    return count_words.PART_BEFORE.search(
        reading.folded, max(counted, number.start - 24), number.start
    ) is not None or (
        count_words.OF_THEM.match(reading.folded, number.end) is not None
        and count_words.ONLY_COMMA.fullmatch(reading.folded, counted, number.start) is not None
    )


def _goes_on(reading: Reading, people: list[Hit], number: Number, part: int) -> bool:
    """Whether a number goes on with the parts that one before it began: "including two soldiers and three civilians"."""
    first = min((hit.start for hit in people if part <= hit.start and hit.end <= number.start), default=number.start)
    stretch = reading.folded[part : number.start]
    return (
        first < number.start and reading.words_between(part, number.start) <= count_words.JOIN_WORDS
        and (_is_tail(stretch, "and") or _is_tail(stretch, "et") or stretch.endswith((", ", " و")) or " da " in stretch
             or reading.folded.startswith("و", number.start))
    )  # fmt: skip


def _is_tail(stretch: str, word: str) -> bool:
    return stretch.endswith(f" {word} ")


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
        and reading.words_between(number.end, hit.start) <= count_words.NOUN_WORDS
        and not _is_parted(reading, number, hit)
    ]  # fmt: skip
    if reading.language == "ha" or reading.folded.startswith(count_words.TWO, number.start):
        before = [hit for hit in hits if hit.end <= number.start and not reading.words_between(hit.end, number.start)]
        if before:
            return before[-1]
    if after:
        return min(after, key=lambda hit: (hit.start, -hit.end))
    return None


def _is_parted(reading: Reading, number: Number, hit: Hit) -> bool:
    """Whether a mark parts a number from what follows it: "17 dead; a health worker"."""
    return any(mark in reading.folded[number.end : hit.start] for mark in ";:")


def _things(reading: Reading, sentence: int, number: Number, people: list[Hit]) -> list[Count] | None:
    """The count of things that a number is, none where they are measures and the like; None for a count of people."""
    units, things = reading.hits("unit", sentence), reading.hits("thing", sentence)
    if not units and not things:
        return None
    found: list[Hit] = []
    if reading.language == "ha":
        found = [hit for hit in things if hit.end <= number.start and _is_described(reading, hit, number, people)][-1:]
    found = found or [
        hit for hit in (_beside(reading, units, number), _beside(reading, things, number)) if hit is not None
    ]
    if not found:
        return None
    thing = min(found, key=lambda hit: (_apart(hit, number), -hit.end))
    person = _beside(reading, people, number)
    if person is not None and _apart(thing, number) >= _apart(person, number):
        return None
    if thing.kind == "unit" or (number.low, number.high) == count_words.SEVERAL:
        return []
    return [
        Count(
            start=number.start, end=number.end, low=number.low, high=number.high, approximate=number.approximate, kind="other",
            who=None, thing=thing.key,
        )
    ]  # fmt: skip


def _is_described(reading: Reading, thing: Hit, number: Number, people: list[Hit]) -> bool:
    """Whether only words that describe a thing stand between it and its number: "bindigogi kirar AK-47 guda tara"."""
    if any(thing.end <= hit.start < number.start for hit in people):
        return False
    return (
        reading.words_between(thing.end, number.start) <= count_words.NOUN_WORDS
        and re.search(r"[,;:.]| (?:da|a|ya|ta|sun|suka) ", reading.folded[thing.end : number.start]) is None
    )


def _apart(hit: Hit, number: Number) -> int:
    return number.start - hit.end if hit.end <= number.start else abs(hit.start - number.end)


def _noun(reading: Reading, sentence: int, people: list[Hit], number: Number) -> Hit | None:
    """The noun of the counted; a nation's name alone is one, and that of an armed group with "members"."""
    noun = _beside(reading, people, number)
    if noun is not None and reading.folded[noun.start : noun.end] not in count_words.GENERAL:
        return noun
    names = [hit for kind in ("demonym", "actor", "country") for hit in reading.hits(kind, sentence)]
    if not names:
        return noun
    armed = next((hit for hit in names if _is_members(reading, number, hit)), None)
    if armed is not None:
        return armed._replace(key="armed_group")
    return noun or _noun_past(reading, people, number, names)


def _is_members(reading: Reading, number: Number, hit: Hit) -> bool:
    """Whether a number counts members of an armed group: "nine former Boko Haram members", "trois fidèles de Boko Haram"."""
    return (
        hit.kind == "actor" and reading.lexicon.actors[hit.key].actor_class.startswith("rebel_") and number.end <= hit.start
        and reading.words_between(number.end, hit.start) <= count_words.NOUN_WORDS + 1
        and (
            count_words.MEMBERS.match(reading.folded, hit.end) is not None
            or count_words.MEMBERS_OF.search(reading.folded, number.end, hit.start) is not None
        )
    )  # fmt: skip


def _noun_past(reading: Reading, people: list[Hit], number: Number, names: list[Hit]) -> Hit | None:
    """The noun of the counted where names stand between it and the number, or the name of a nation."""
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
        if hit.start >= number.end and reading.words_between(number.end, hit.start) <= count_words.NOUN_WORDS + count_words.SPARE_WORDS
        and reading.words_between(number.end, hit.start) - _named(reading, names, number.end, hit.start) <= count_words.NOUN_WORDS - 1
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
        reading.words_between(max(start, hit.start), min(end, hit.end))
        for hit in _longest(names)
        if hit.start < end and start < hit.end
    )


def _only_names(reading: Reading, names: list[Hit], start: int, end: int) -> bool:
    between = reading.words_between(start, end)
    return 0 < between <= count_words.SPARE_WORDS and between == _named(reading, names, start, end)


def _opens_list(reading: Reading, number: Number, noun: Hit | None, found: list[Number], people: list[Hit]) -> bool:
    """Whether "and" with a number of the same group follows one behind an article: "a colonel and two captains"."""
    if noun is None or noun.start < number.end:
        return False
    after = next((n for n in found if n.start > noun.end), None)
    if after is None or count_words.AND_RIGHT.fullmatch(reading.folded, noun.end, after.start) is None:
        return False
    other = _beside(reading, people, after)
    return other is not None and other.key == noun.key


def _is_owner(reading: Reading, noun: Hit | None) -> bool:
    """Whether a noun only says whose something is: "a herder's camp"."""
    return noun is not None and reading.folded.startswith(("'s ", "s' "), noun.end)


def _companions(reading: Reading, people: list[Hit], number: Number, noun: Hit | None, article: bool) -> int:
    """One where a person of the counted stands beside them without a number: "a nurse and her driver"."""
    if article and noun is not None and count_words.HIS_AFTER.match(reading.folded, noun.end) is not None:
        return 1
    if not reading.folded.endswith((" and ", " et "), 0, number.start):
        return 0
    head = count_words.HIS_BEFORE.search(reading.folded, max(0, number.start - 48), number.start)
    return int(head is not None and any(head.start() < hit.start and hit.end <= number.start for hit in people))


def _who(reading: Reading, people: list[Hit], number: Number, before: str | None, noun: Hit | None) -> str | None:
    """Whom a number counts; "eight others" are of those counted before, "two of them" of those named before."""
    if before is not None and count_words.OTHERS.match(reading.folded, number.end) is not None:
        return before
    if reading.folded.startswith(("-strong", " strong"), number.end):
        return "civilian"
    if (
        (noun is None or noun.key == "civilian")
        and reading.says(count_words.HONOUR)
        and _falls_in_honour(reading, number)
    ):
        return "state_forces"
    if count_words.OF_OWN.match(reading.folded, number.end) is not None:
        named = [hit.key for hit in people if hit.end <= number.start and hit.key in count_words.FIGHT]
        return named[-1] if named else None
    if count_words.OF_THEM.match(reading.folded, number.end) is not None:
        named = [hit.key for hit in people if hit.end <= number.start]
        return named[-1] if named else before
    return None if noun is None else noun.key


def _falls_in_honour(reading: Reading, number: Number) -> bool:
    """Whether those counted fell "on the field of honour", as only soldiers do."""
    stretch = reading.folded[number.end : number.end + count_words.HONOUR_REACH]
    return any(words in re.split("[,;.]", stretch)[0] for words in count_words.HONOUR)


def _kind(
    reading: Reading, verbs: list[Hit], number: Number, numbers: list[Number], noun: Hit | None
) -> tuple[int, str] | None:
    """What happened to the counted, and where the word stands that says so.

    It is the nearest one, sooner on the right, dearer over a conjunction; those who are tried for the act are the arrested.
    """
    best: tuple[int, bool, int, str] | None = None
    folded = reading.folded
    article = folded[number.start : number.end] in count_words.ARTICLES
    hausa = reading.language == "ha"
    first = min(number.start, noun.start) if noun is not None and hausa else number.start
    for verb in verbs:
        if verb.start >= number.end:
            between = reading.words_between(number.end, verb.start)
            joined = _conjunctions(reading, number.end, verb.start)
            # Arabic verbs come before their subject: to the right only the counted noun itself says what happened.
            cost = (
                between
                + joined
                + (count_words.ARABIC_RIGHT if reading.language == "ar" and (between > 1 or joined) else 0)
            )
            cost += count_words.SEMICOLON_COST * folded.count(";", number.end, verb.start)
            cost += count_words.COMMA_COST * folded.count(",", number.end, verb.start) if hausa else 0
            stop = count_words.KIND_WORDS + 3
        elif verb.end <= first:
            between = reading.words_between(verb.end, first)
            near = between
            between += _conjunctions(reading, verb.end, first)
            others = sum(verb.end <= n.start and n.end <= first for n in numbers)
            cost = between + 1 + (1 if reading.language == "ar" else count_words.CONJUNCTION_COST) * others
            cost += count_words.COMMA_COST * (folded.count(",", verb.end, first))
            cost += count_words.SEMICOLON_COST * sum(folded.count(mark, verb.end, first) for mark in ";:")
            stop = count_words.KIND_WORDS
            if article and (near > 1 or ";" in folded[verb.end : first]):
                continue
        else:
            cost, stop, between = 0, count_words.KIND_WORDS, 0
        left = verb.end <= number.start
        if cost > stop or (best is not None and (cost, left, verb.start, verb.key) >= best):
            continue
        if (
            (noun is None or between > 1)
            and folded[verb.start : verb.end] in count_words.BESIDE_ONLY
            and not (not between and _are_bodies(reading, number, verb))
        ):
            continue
        if verb.key == "returned" and count_words.NOT_BACK.search(folded, max(0, verb.start - 16), verb.start):
            continue
        if between and folded[verb.start : verb.end] == count_words.LOST_OR_HAS:
            continue
        if verb.start >= number.end and (
            (article and not _is_of_article(reading, number, verb))
            or not count_words.ABOUT.isdisjoint(folded[number.end : verb.start].split()[-count_words.ABOUT_WORDS :])
        ):
            continue
        best = (cost, left, verb.start, verb.key)
    tried = best is None or (not best[1] and best[3] not in ("arrested", "released"))
    if tried and count_words.TRIED.match(folded, number.end) is not None:
        return number.end, "arrested"
    return None if best is None else best[2:]


def _are_bodies(reading: Reading, number: Number, verb: Hit) -> bool:
    """Whether a word for the dead is what a number counts: "laissant au moins dix-sept corps"."""
    return (
        number.end <= verb.start
        and reading.folded[verb.start : verb.end] in count_words.BODIES
        and count_words.NO_BODIES.match(reading.folded, verb.end) is None
    )


def _is_listed(reading: Reading, before: Count, number: Number, noun: Hit | None, verb: tuple[int, str] | None) -> bool:
    """Whether a number goes on a list under the verb that opened it: "la perte de quatre militaires et de deux VDP ; huit blessés"."""
    first = min(number.start, noun.start) if noun is not None else number.start
    if not 0 <= before.verb < before.start or count_words.LIST.fullmatch(reading.folded, before.stop, first) is None:
        return False
    return verb is None or (verb[0] > number.end and any(mark in reading.folded[number.end : verb[0]] for mark in ",;"))


def _is_of_article(reading: Reading, number: Number, verb: Hit) -> bool:
    """Whether a verb behind an article with its noun tells of that one: not past a further clause, nor far from it."""
    stretch = reading.folded[number.end : verb.start]
    if count_words.PARTED.search(stretch) is not None or stretch.count(",") == 1:
        return False
    return "," in stretch or reading.words_between(number.end, verb.start) <= count_words.ARTICLE_WORDS


def _conjunctions(reading: Reading, start: int, end: int) -> int:
    words = reading.folded[start:end].replace(",", " ").split()
    return count_words.CONJUNCTION_COST * sum(word in count_words.CONJUNCTIONS for word in words[:3])
