"""Number words: the tables of ``data/numbers.yaml`` and the parser of spelled numbers in four languages."""

import dataclasses
import functools
from typing import Any, NamedTuple

from transforms.tagging import data_tables
from transforms.tagging.normalise import fold

MULTIPLE_OF_HUNDRED = 100

_MONDAY = "الاثنين"
"""With its article the word for two is the day."""


class Token(NamedTuple):
    """A word, figure or mark of a folded sentence at ``[start, end)``."""

    text: str
    start: int
    end: int
    kind: str


class Phrases:
    """Phrases of one to five tokens, looked up forwards from a token or backwards before it."""

    def __init__(self, values: dict[tuple[str, ...], Any]) -> None:
        self._values = values
        self._longest = max((len(key) for key in values), default=0)
        self.heads = frozenset(key[0] for key in values)
        self._tails = frozenset(key[-1] for key in values)

    def longest(self, tokens: list[Token], position: int) -> int:
        """Length in tokens of the longest phrase that begins at ``position``; 0 for none."""
        if position >= len(tokens) or tokens[position].text not in self.heads:
            return 0
        for length in range(min(self._longest, len(tokens) - position), 0, -1):
            if tuple([t.text for t in tokens[position : position + length]]) in self._values:
                return length
        return 0

    def ends_before(self, tokens: list[Token], position: int) -> int:
        """Length in tokens of the longest phrase that ends right before ``position``; 0 for none."""
        if not position or tokens[position - 1].text not in self._tails:
            return 0
        for length in range(min(self._longest, position), 0, -1):
            if tuple([t.text for t in tokens[position - length : position]]) in self._values:
                return length
        return 0

    def value(self, tokens: list[Token], position: int, length: int) -> Any:
        """What is stored for the phrase found at ``position``."""
        return self._values[tuple(t.text for t in tokens[position : position + length])]

    @staticmethod
    def ends_at(tokens: list[Token], position: int, phrase: tuple[str, ...]) -> bool:
        """Whether the phrase stands right before ``position``."""
        begin = position - len(phrase)
        return begin >= 0 and tokens[begin].text == phrase[0] and [t.text for t in tokens[begin:position]] == [*phrase]


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
    at_most: Phrases
    below: Phrases
    nearly: Phrases
    about: Phrases
    between: tuple[tuple[tuple[str, ...], str], ...]
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


def _split(phrase: str, language: str) -> tuple[str, ...]:
    folded = fold(phrase, language)
    if language != "ha":
        folded = folded.replace("'", " ")
    for mark in "-%$€£₦°+#":
        folded = folded.replace(mark, f" {mark} ")
    return tuple(folded.split())


def _phrases(values: list[str], language: str) -> Phrases:
    return Phrases({_split(value, language): True for value in values})


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
    openers = {*cardinals, *scales, *fixed, *collectives.heads, *none.heads}
    openers |= {part for word in cardinals for part in word.split("'") if len(part) > 2}
    openers |= {max(_split(phrase, language), key=len) for phrase in raw["collectives"]}
    if language == "ar":
        openers |= {mark + word for word in openers for mark in "وفبلك"} | {"ال" + word for word in openers}
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
        at_most=phrases("at_most"),
        below=phrases("below"),
        nearly=phrases("nearly"),
        about=phrases("about"),
        between=tuple((_split(a, language), fold(b, language)) for a, b in raw["between"]),
        range=frozenset(fold(word, language) for word in raw["range"]),
        units_after=phrases("units_after"),
        units_before=phrases("units_before"),
        money_after=_phrases([f"{link} {unit}" for link in raw["money_links"] for unit in raw["money"]], language),
        names_before=phrases("names_before"),
        one=frozenset(raw["one"]),
        not_after_one=frozenset(raw["not_after_one"]),
        only_with_people=frozenset(fold(word, language) for word in raw["only_with_people"]),
        people=frozenset(part for word in raw["people"] for part in (fold(word, language),)),
        saying=frozenset(fold(word, language) for word in raw["saying"]),
        none=none,
        openers=frozenset(openers),
    )


@functools.cache
def _read() -> dict[str, Any]:
    return data_tables.numbers()


def parse_words(tokens: list[Token], position: int, table: Table) -> tuple[int, int] | None:
    """Value of the spelled number that begins at a token and the token after it; None when none begins there."""
    if table.language == "ar":
        return _parse_arabic(tokens, position, table)
    if table.language == "ha":
        return _parse_hausa(tokens, position, table)
    return _parse_european(tokens, position, table)


def _parse_european(tokens: list[Token], position: int, table: Table) -> tuple[int, int] | None:
    """English and French: units add up, "hundred" and above multiply what stands before them."""
    total, current, room = 0, 0, 10**12
    last = position
    cursor = position
    while cursor < len(tokens):
        word = tokens[cursor].text
        if word == "-" or (word in table.joiners and cursor > position):
            if cursor + 1 < len(tokens) and cursor == last and tokens[cursor + 1].text in table.cardinals:
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


def _parse_arabic(tokens: list[Token], position: int, table: Table) -> tuple[int, int] | None:
    """Arabic: parts joined with a proclitic "wa"; teens are a unit and "ten"; scales multiply the part before."""
    total, current, last_part = 0, 0, 10**12
    cursor = position
    while cursor < len(tokens):
        word = tokens[cursor].text
        joined = False
        value = _arabic_value(word, table)
        if value is None and cursor > position and word.startswith("و"):
            value, joined = _arabic_value(word[1:], table), True
        elif value is None and cursor == position:
            stem = word[1:] if word[:1] in "وفبلك" else word
            named = stem.startswith("ال") and stem != _MONDAY
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


def _parse_hausa(tokens: list[Token], position: int, table: Table) -> tuple[int, int] | None:
    """Hausa: "goma sha biyar" 15, "ashirin da biyar" 25, "dari biyu da hamsin" 250: scale before factor."""
    total, cursor, room = 0, position, 10**13
    while cursor < len(tokens):
        begin = cursor
        if begin > position:
            if tokens[begin].text not in table.joiners or begin + 1 >= len(tokens):
                break
            begin += 1
        word = tokens[begin].text
        if word in table.scales and table.scales[word] < room:
            factor, after = _hausa_factor(tokens, begin + 1, table.scales[word], table)
            total, cursor, room = total + table.scales[word] * factor, after, table.scales[word]
        elif word in table.cardinals and table.cardinals[word] < room:
            value = table.cardinals[word]
            total, cursor = total + value, begin + 1
            room = 10 if value >= 10 else 0
        else:
            break
    return (total, cursor) if cursor > position else None


def _hausa_factor(tokens: list[Token], position: int, scale: int, table: Table) -> tuple[int, int]:
    """What multiplies the scale word before ``position``: "biyu", "12", "dari uku", "ashirin da biyar"."""
    if position >= len(tokens):
        return 1, position
    word = tokens[position].text
    if word.isdecimal():
        return int(word), position + 1
    if scale > MULTIPLE_OF_HUNDRED and word == "dari":
        units, after = _hausa_factor(tokens, position + 1, MULTIPLE_OF_HUNDRED, table)
        return MULTIPLE_OF_HUNDRED * units, after
    if word not in table.cardinals:
        return 1, position
    value, after = table.cardinals[word], position + 1
    if scale > MULTIPLE_OF_HUNDRED and value >= 10 and after + 1 < len(tokens) and tokens[after].text in table.joiners:
        unit = table.cardinals.get(tokens[after + 1].text, 10)
        if unit < 10:
            return value + unit, after + 2
    return value, after
