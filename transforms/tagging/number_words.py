"""Number words: the tables of ``data/numbers.yaml`` and the parser of spelled numbers in four languages."""

import dataclasses
import functools
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from transforms.tagging import data_tables
from transforms.tagging.normalise import fold

MULTIPLE_OF_HUNDRED = 100

_DECIMAL = re.compile(r"\d{1,3}[.,]\d{1,2}")
_SUNDAY = "الاحد"
_MONDAY = "الاثنين"
_QUANTITY = "كميه"
"""Folded, "a quantity of" ends as "hundred" does."""
"""With its article the word for two is the day."""


class Tokens(NamedTuple):
    """The words, figures and marks of a folded sentence, and where each begins and ends."""

    texts: list[str]
    starts: list[int]
    ends: list[int]


class Phrases:
    """Phrases of one to five tokens, looked up forwards from a token or backwards before it."""

    def __init__(self, values: dict[tuple[str, ...], Any]) -> None:
        self._values = values
        self.heads: dict[str, list[int]] = {}
        """How long the phrases are that begin with a word, the longest first."""
        self.tails: dict[str, list[int]] = {}
        """The same by the word that they end with."""
        for key in sorted(values, key=len, reverse=True):
            for lengths in (self.heads.setdefault(key[0], []), self.tails.setdefault(key[-1], [])):
                if len(key) not in lengths:
                    lengths.append(len(key))

    def rarest(self) -> set[str]:
        """The longest word of each phrase."""
        return {max(phrase, key=len) for phrase in self._values}

    def followers(self, head: str) -> frozenset[str]:
        """The second words of the phrases that begin with a word."""
        return frozenset(phrase[1] for phrase in self._values if phrase[0] == head and len(phrase) > 1)

    def longest(self, texts: list[str], position: int) -> int:
        """Length in tokens of the longest phrase that begins at ``position``; 0 for none."""
        if position >= len(texts):
            return 0
        room = len(texts) - position
        for length in self.heads.get(texts[position], ()):
            if length <= room and tuple(texts[position : position + length]) in self._values:
                return length
        return 0

    def ends_before(self, texts: list[str], position: int) -> int:
        """Length in tokens of the longest phrase that ends right before ``position``; 0 for none."""
        if not position:
            return 0
        for length in self.tails.get(texts[position - 1], ()):
            if length <= position and tuple(texts[position - length : position]) in self._values:
                return length
        return 0

    def value(self, texts: list[str], position: int, length: int) -> Any:
        """What is stored for the phrase found at ``position``."""
        return self._values[tuple(texts[position : position + length])]


def ends_at(texts: list[str], position: int, phrase: tuple[str, ...]) -> bool:
    """Whether a phrase stands right before ``position``."""
    begin = position - len(phrase)
    return begin >= 0 and texts[begin] == phrase[0] and tuple(texts[begin:position]) == phrase


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """The number words of one language, folded."""

    language: str
    cardinals: dict[str, int]
    scales: dict[str, int]
    fixed: dict[str, int]
    joiners: frozenset[str]
    groups: dict[str, int]
    collectives: Phrases
    at_least: Phrases
    at_least_after: Phrases
    about: Phrases
    between: tuple[tuple[tuple[str, ...], str], ...]
    centres: frozenset[str]
    """What stands between the two numbers of ``between``."""
    range: frozenset[str]
    units_after: Phrases
    units_before: Phrases
    money_after: Phrases
    names_before: Phrases
    one: frozenset[str]
    not_after_one: frozenset[str]
    only_with_people: frozenset[str]
    people: frozenset[str]
    saying: frozenset[str]
    none: Phrases
    openers: frozenset[str]
    """Words that a number may begin with."""
    phrased: dict[str, frozenset[str]]
    """Those that are a number only in a phrase ("la moitié", "des dizaines"), and what follows them there."""
    telling: frozenset[str]
    """Words without one of which a sentence spells no number."""
    near_one: frozenset[str]
    """Words without one of which "one" counts nobody; in Hausa many, for its nouns of people are not all single words."""
    qualifiers: tuple[tuple[str, Phrases], ...]
    """What stands before a number, by the name of its list, in the order in which they are looked for."""
    qualifying: frozenset[str]
    """The last words of all these."""


def _split(phrase: str, language: str) -> tuple[str, ...]:
    folded = fold(phrase, language)
    if language != "ha":
        folded = folded.replace("'", " ")
    for mark in "-%$€£₦°+#":
        folded = folded.replace(mark, f" {mark} ")
    return tuple(folded.split())


def _phrases(values: list[str], language: str) -> Phrases:
    return Phrases({_split(value, language): True for value in values})


def _glued(words: Iterable[str], language: str) -> set[str]:
    """Arabic words behind a particle or the article."""
    if language != "ar":
        return set()
    return {mark + word for word in words for mark in "وفبلك"} | {"ال" + word for word in words}


def _duals(raw: dict[str, Any]) -> dict[str, int]:
    words = [stem + end for stem in raw.get("dual_broken", ()) for end in ("ان", "ين")]
    words += [stem + "ان" for stem in raw.get("dual_sound", ())]
    words += [stem + end for stem in raw.get("dual_feminine", ()) for end in ("تان", "تين")]
    return dict.fromkeys(words, 2)


@functools.cache
def load_table(language: str) -> Table | None:
    """The table of a language, read once per process; None for a language without one."""
    raw = _read().get(language)
    if raw is None:
        return None

    def folded(values: dict[str, int]) -> dict[str, int]:
        return {fold(word, language): value for word, value in values.items()}

    def phrases(name: str) -> Phrases:
        return _phrases(raw[name], language)

    cardinals, scales = folded(raw["cardinals"]), folded(raw["scales"])
    fixed = folded({**raw.get("fixed", {}), **_duals(raw)})
    collectives = Phrases({_split(phrase, language): tuple(v) for phrase, v in raw["collectives"].items()})
    none = phrases("none")
    telling = {*cardinals, *scales, *fixed}
    telling |= {part for word in cardinals for part in word.split("'") if len(part) > 2}
    openers = {*telling, *collectives.heads, *none.heads}
    openers |= collectives.rarest()
    telling |= {part for word in collectives.rarest() | none.rarest() for part in (word, *word.split("'"))}
    telling |= {*folded(raw["groups"])}
    phrased = {
        head: collectives.followers(head) | none.followers(head)
        for head in {*collectives.heads, *none.heads} - telling - _glued(telling, language)
    }
    openers |= _glued(openers, language)
    telling |= _glued(telling, language)
    people = frozenset(fold(word, language) for word in raw["people"])
    qualifiers = tuple((name, phrases(name)) for name in ("at_least", "at_most", "below", "nearly", "about"))
    between = tuple((_split(a, language), fold(b, language)) for a, b in raw["between"])
    return Table(
        language=language,
        cardinals=cardinals,
        scales=scales,
        fixed=fixed,
        joiners=frozenset(fold(word, language) for word in raw["joiners"]),
        groups=folded(raw["groups"]),
        collectives=collectives,
        at_least=phrases("at_least"),
        at_least_after=phrases("at_least_after"),
        about=phrases("about"),
        between=between,
        centres=frozenset(centre for _, centre in between),
        range=frozenset(fold(word, language) for word in raw["range"]),
        units_after=phrases("units_after"),
        units_before=phrases("units_before"),
        money_after=_phrases([f"{link} {unit}" for link in raw["money_links"] for unit in raw["money"]], language),
        names_before=phrases("names_before"),
        one=frozenset(raw["one"]),
        not_after_one=frozenset(raw["not_after_one"]),
        only_with_people=frozenset(fold(word, language) for word in raw["only_with_people"]),
        people=people,
        saying=frozenset(fold(word, language) for word in raw["saying"]),
        none=none,
        openers=frozenset(openers),
        phrased=phrased,
        telling=frozenset(telling),
        near_one=people | phrased.keys() if language == "ha" else people,
        qualifiers=qualifiers,
        qualifying=frozenset(word for _, found in qualifiers for word in found.tails),
    )


@functools.cache
def _read() -> dict[str, Any]:
    return data_tables.numbers()


def parse_words(texts: list[str], position: int, table: Table) -> tuple[int, int] | None:
    """Value of the spelled number that begins at a token and the token after it; None when none begins there."""
    if table.language == "ar":
        return _parse_arabic(texts, position, table)
    if table.language == "ha":
        return _parse_hausa(texts, position, table)
    return _parse_european(texts, position, table)


def _parse_european(texts: list[str], position: int, table: Table) -> tuple[int, int] | None:
    """English and French: units add up, "hundred" and above multiply what stands before them."""
    total, current, room = 0, 0, 10**12
    last = position
    cursor = position
    while cursor < len(texts):
        word = texts[cursor]
        if word == "-" or (word in table.joiners and cursor > position):
            if cursor + 1 < len(texts) and cursor == last and texts[cursor + 1] in table.cardinals:
                cursor += 1
                continue
            break
        if word in ("k", "m", "mln", "bn"):
            break
        if word in table.cardinals:
            value = table.cardinals[word]
            if word in ("vingt", "vingts") and current % MULTIPLE_OF_HUNDRED == 4:
                current, room = current + 76, 20
            elif value < room and not (room == 20 and value > 19 and current % 100 not in (60, 80)):
                current += value
                room = _room_below(value, current)
            else:
                break
        elif word in table.scales and cursor > position - 1:
            factor = table.scales[word]
            if cursor == position and factor != 100 and word != "mille":
                return None
            if cursor == position and table.language == "en":
                return None
            if factor == MULTIPLE_OF_HUNDRED:
                current = (current or 1) * factor
                room = 100
            else:
                total += (current or 1) * factor
                current, room = 0, factor
        else:
            break
        cursor += 1
        last = cursor
    return (total + current, last) if last > position else None


def _room_below(value: int, current: int) -> int:
    """What may still be added after a word: units after tens, and up to 19 after the French 60 and 80."""
    if current % MULTIPLE_OF_HUNDRED in (60, 80) and value in (20, 60, 80):
        return 20
    if value >= 20:
        return 10
    return 10 if value == 10 else 0


def _arabic_value(word: str, table: Table) -> tuple[int, str] | None:
    """Value and sort of an Arabic number word: ``unit``, ``scale`` or ``fixed``."""
    for sort, words in (("unit", table.cardinals), ("scale", table.scales), ("fixed", table.fixed)):
        if word in words:
            return words[word], sort
    return None


def _parse_arabic(texts: list[str], position: int, table: Table) -> tuple[int, int] | None:
    """Arabic: parts joined with a proclitic "wa"; teens are a unit and "ten"; scales multiply the part before."""
    total, current, last_part = 0, 0, 10**12
    cursor = position
    while cursor < len(texts):
        word = texts[cursor]
        joined = False
        value = _arabic_value(word, table)
        if value is None and cursor > position and word.startswith("و"):
            value, joined = _arabic_value(word[1:], table), True
        elif value is None and cursor == position:
            stem = word[1:] if word[:1] in "وفبلك" and word != _QUANTITY else word
            named = stem.startswith("ال") and stem not in (_MONDAY, _SUNDAY)
            value = _arabic_value(stem, table) or (_arabic_value(stem[2:], table) if named else None)
        if value is None:
            break
        amount, sort = value
        if cursor > position and not joined and sort == "unit" and not (amount == 10 and 0 < current % 100 < 10):
            break
        if cursor > position and sort == "fixed" and not joined:
            break
        if cursor > position and word.startswith("و") and sort == "fixed" and amount == 2:
            break
        if sort == "scale":
            if amount == 100:
                current = (current or 1) * 100
            elif joined or not current:
                total, current = total + current + amount, 0
            else:
                total, current = total + current * amount, 0
        elif joined and not _may_add(current, last_part, amount):
            break
        else:
            current += amount
        last_part = amount
        cursor += 1
    return (total + current, cursor) if cursor > position else None


def _may_add(current: int, last_part: int, amount: int) -> bool:
    """Whether "wa" joins one number (units before tens, hundreds before either) and not two numbers."""
    if amount >= 100:
        return last_part >= 1000
    if amount >= 20:
        return current % 100 < 10
    return amount < 20 and (last_part >= 100 or not current)


def _parse_hausa(texts: list[str], position: int, table: Table) -> tuple[int, int] | None:
    """Hausa: "goma sha biyar" 15, "ashirin da biyar" 25, "dari biyu da hamsin" 250: scale before factor."""
    total, cursor, room = 0, position, 10**13
    while cursor < len(texts):
        begin = cursor
        if begin > position:
            if texts[begin] not in table.joiners or begin + 1 >= len(texts):
                break
            begin += 1
        word = texts[begin]
        if word in table.scales and table.scales[word] < room:
            factor, after = _hausa_factor(texts, begin + 1, table.scales[word], table)
            total, cursor, room = total + round(table.scales[word] * factor), after, table.scales[word]
        elif word in table.cardinals and table.cardinals[word] < room:
            value = table.cardinals[word]
            total, cursor = total + value, begin + 1
            room = 10 if value >= 10 else 0
        else:
            break
    return (total, cursor) if cursor > position else None


def _hausa_factor(texts: list[str], position: int, scale: int, table: Table) -> tuple[float, int]:
    """What multiplies the scale word before ``position``: "biyu", "12", "dari uku", "ashirin da biyar"."""
    if position >= len(texts):
        return 1, position
    word = texts[position]
    if word.isdecimal():
        return int(word), position + 1
    if scale >= 10**6 and _DECIMAL.fullmatch(word) is not None:
        return float(word.replace(",", ".")), position + 1
    if scale > MULTIPLE_OF_HUNDRED and word == "dari":
        units, after = _hausa_factor(texts, position + 1, MULTIPLE_OF_HUNDRED, table)
        value = MULTIPLE_OF_HUNDRED * int(units)
        if texts[after : after + 1] == ["da"] and table.cardinals.get("".join(texts[after + 1 : after + 2]), 0) >= 10:
            tens, after = _hausa_factor(texts, after + 1, scale, table)  # 250 thousand rather than 200,050
            value += int(tens)
        return value, after
    if word not in table.cardinals:
        return 1, position
    value, after = table.cardinals[word], position + 1
    if scale > MULTIPLE_OF_HUNDRED and value >= 10 and after + 1 < len(texts) and texts[after] in table.joiners:
        unit = table.cardinals.get(texts[after + 1], 10)
        if unit < 10:
            return value + unit, after + 2
    return value, after
