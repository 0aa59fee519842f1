"""Counts in a sentence: digits, number words, collectives ("une vingtaine", "dozens") and what qualifies them.

Figures that count nobody are left out: ages, years, dates, clock times, distances, money, percentages, durations,
ordinals, scores, telephone and model numbers. The words are data (``data/numbers.yaml``); the grammar is here.

Bounds: an exact number has ``low == high``. "At least 20" and "more than 20" are both 20 and open (newsrooms use
the two alike, and a toll of "more than 20" is often given as "20" by the next outlet); "fewer than 10" is 0 to 9;
"up to 30" is 0 to 30; "about 50" is 45 to 55 and "nearly 50" 45 to 50, marked approximate: a tenth is what the readers
of our development texts allowed such words.
"""

import itertools
import re
from collections.abc import Collection
from typing import NamedTuple

from transforms.tagging.date_rules import OF_YEAR
from transforms.tagging.dates import date_spans
from transforms.tagging.normalise import IGNORED, shorten
from transforms.tagging.number_words import Table, Tokens, ends_at, load_table, parse_words


class Number(NamedTuple):
    """A count at ``[start, end)`` of the sentence, qualifiers and range words included; ``high`` None is open."""

    start: int
    end: int
    low: int
    high: int | None
    approximate: bool


class _Count(NamedTuple):
    """A bare count of the tokens ``[first, last)``: value, bounds, whether loose, and whether digits wrote it."""

    first: int
    last: int
    value: int
    low: int
    high: int
    loose: bool = False
    digits: bool = False


_FIGURE = r"\d{1,3}(?:[ .,\u066c]\d{3})+(?!\d)|\d+(?:[.,\u066b]\d+)?"
_TOKEN = re.compile(rf"(?=\S)([^\W\d_]+|{_FIGURE}|(?!(?<=[^\W\d_])'[^\W\d_])[^\w\s]|_)")
"""A figure, a word or a mark; an apostrophe between letters parts words and is no mark."""
_TOKEN_HAUSA = re.compile(rf"(?=\S)([^\W\d_]+(?:'[^\W\d_]+)*|{_FIGURE}|[^\w\s]|_)")
_DIGIT = re.compile("[0-9]")  # folding leaves no other, and a set is searched for in half of the time
_WORD = re.compile(r"[^\W\d_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .,\u066c]\d{3})+")
_PROCLITICS = frozenset("وفبلك")
_SIGNS = frozenset(("-", ":", "/", ".", "+", "#", "*", "@", "="))
_MEASURES = frozenset(("year", "month", "day", "hour", "km", "kilometre", "mile", "minute"))
_SUFFIX_SCALES = frozenset(("k", "m", "mln", "bn"))
_AND = frozenset(("and", "et", "و", "da"))
_YEAR_LEAD = frozenset((
    "in", "en", "de", "du", "depuis", "since", "by", "fin", "debut", "late", "early", "mid", "annee", "until", "jusqu",
    "before", "after", "avant", "apres", "from", "عام", "سنه", "في", "منذ", "shekarar", "shekara", "a",
))  # fmt: skip


def tokenise(sentence: str, language: str) -> Tokens:
    """Words, figures and marks of a folded sentence; French splits at apostrophes ("d'une"), Hausa keeps them."""
    # What is between tokens and tokens in turn: their lengths add up to their places.
    parts = (_TOKEN_HAUSA if language == "ha" else _TOKEN).split(sentence)
    edges = list(itertools.accumulate(map(len, parts)))
    return Tokens(parts[1::2], edges[:-1:2], edges[1::2])


def _is_figure(text: str) -> bool:
    return text[0].isdecimal()


def _is_word(text: str) -> bool:
    return text[0].isalnum() and not text[0].isdecimal()


MAX_COUNT = 10**9
MILLION = 10**6
_FEW = 5
"""About four is four."""
_ENDLESS = re.compile("[0-9][0-9]{9,}")


def find_numbers(sentence_folded: str, language: str, words: Collection[str] | None = None) -> list[Number]:
    """Counts of the folded sentence, in order, without overlaps; an unknown language gives none.

    Offsets are code points into ``sentence_folded``, whose words are ``words`` where the caller has them. Tatweel and
    harakat (``IGNORED``) may stand in the text.
    """
    table = load_table(language)
    if table is None:
        return []
    places: list[int] | None = None
    sentence = sentence_folded
    if IGNORED in sentence:
        sentence, places = shorten(sentence)
    has_digits = _DIGIT.search(sentence) is not None
    if not has_digits and not _may_count(words or _WORD.findall(sentence), table):
        return []
    if has_digits:
        # no count of people has this many digits, and none of our integer columns would hold it
        sentence = _ENDLESS.sub(lambda figure: "#" * len(figure[0]), sentence)
    tokens = tokenise(sentence, language)
    found: list[Number] = []
    reached = 0
    openers = table.openers
    texts = tokens.texts
    if has_digits:
        positions = [i for i, text in enumerate(texts) if text in openers or "0" <= text < ":"]
    else:
        positions = list(itertools.compress(itertools.count(), map(openers.__contains__, texts)))
    for position in positions:
        if position < reached or (
            texts[position] in table.phrased
            and table.phrased[texts[position]].isdisjoint(texts[position + 1 : position + 2])
        ):
            continue
        number, reached = _number_at(tokens, position, table, sentence)
        if number is not None:
            found.append(number)
    found = [n for n in found if n.low <= MAX_COUNT and (n.high or 0) <= MAX_COUNT]
    if places is not None:
        found = [n._replace(start=places[n.start], end=places[n.end - 1] + 1) for n in found]
    return found


def _may_count(words: Collection[str], table: Table) -> bool:
    """Whether a sentence without digits has a number word, or an article with a noun of people; most have none."""
    telling = table.telling.intersection(words)
    return bool(telling) and (not telling <= table.one or not table.near_one.isdisjoint(words))


def _number_at(tokens: Tokens, position: int, table: Table, sentence: str) -> tuple[Number | None, int]:
    """The number that begins at a token, or None, and the position to go on from."""
    zero = table.none.longest(tokens.texts, position) if tokens.texts[position] in table.none.heads else 0
    if zero:
        return Number(tokens.starts[position], tokens.ends[position + zero - 1], 0, 0, False), position + zero
    count = _count_at(tokens, position, table)
    if count is None:
        return None, position + 1
    if _is_dated(tokens, count, sentence, table.language):
        return None, count.last
    second = _range_end(tokens, count, table)
    last = second.last if second else count.last
    unit = table.units_after.longest(tokens.texts, last)
    if unit or _is_no_count(tokens.texts, count, last, second is not None, table):
        return None, last + unit
    return _qualified(tokens, count, second, table), last


def _is_dated(tokens: Tokens, count: _Count, sentence: str, language: str) -> bool:
    """Whether a count is part of a date; asked only of figures and of words that may stand before a unit of time."""
    spans = date_spans(sentence, language)
    if not spans:
        return False
    first, last = tokens.starts[count.first], tokens.ends[count.last - 1]
    return any(start < last and first < end for start, end in spans)


def _count_at(tokens: Tokens, position: int, table: Table) -> _Count | None:
    texts = tokens.texts
    word = texts[position]
    if _is_figure(word):
        return _figure(tokens, position, table)
    if not _is_word(word):
        return None
    length = table.collectives.longest(texts, position) if word in table.collectives.heads else 0
    spelled = parse_words(texts, position, table)
    if length and (spelled is None or spelled[1] <= position + length):
        centre, low, high = table.collectives.value(texts, position, length)
        return _Count(position, position + length, centre if centre is not None else low, low, high, loose=low != high)
    if spelled is None:
        return None
    value, last = spelled
    if table.language == "ar" and value >= MILLION and not value % MILLION and texts[last : last + 1] == ["و"]:
        rest = _count_at(tokens, last + 1, table) if last + 1 < len(texts) and _is_figure(texts[last + 1]) else None
        if rest is not None and rest.value < MILLION:  # "a million and 300 thousand"
            value, last = value + rest.value, rest.last
    return _grouped(texts, _Count(position, last, value, value, value), table)


def _grouped(texts: list[str], count: _Count, table: Table) -> _Count:
    """The count times a group word that follows it: "two dozen", "trois centaines"."""
    if count.last < len(texts) and texts[count.last] in table.groups:
        value = count.value * table.groups[texts[count.last]]
        return _Count(count.first, count.last + 1, value, value, value, loose=True)
    return count


def _figure(tokens: Tokens, position: int, table: Table) -> _Count | None:
    """A number in digits, with the scale word after it; None when letters or signs are glued to it."""
    if _is_glued(tokens, position):
        return None
    texts, starts, ends = tokens
    text = texts[position]
    grouped = _THOUSANDS.fullmatch(text) is not None
    amount = float(re.sub(r"\D", "", text)) if grouped else float(text.replace(",", ".").replace("\u066b", "."))
    last = position + 1
    scaled = False
    while last < len(texts) and table.scales.get(texts[last], 0) >= 1000:
        word = texts[last]
        touching = starts[last] == ends[last - 1]
        if (word in _SUFFIX_SCALES) != touching and word != "m":
            break
        if word == "m" and not touching:
            break
        amount *= table.scales[word]
        scaled = True
        last += 1
    if last < len(texts) and starts[last] == ends[last - 1] and texts[last][0].isalnum():
        return None
    if amount != int(amount):
        return None
    value = int(amount)
    count = _Count(position, last, value, value, value, loose=scaled and not text.isdecimal(), digits=True)
    return _grouped(texts, count, table)


def _is_glued(tokens: Tokens, position: int) -> bool:
    """Whether a figure is part of a model number, a clock time, a score or another sign: TB2, L-39, 16h30, 4:30."""
    texts, starts, ends = tokens
    if position and ends[position - 1] == starts[position]:
        before = texts[position - 1]
        if _is_word(before) and before not in _PROCLITICS:
            return True
        if before in _SIGNS and position > 1 and ends[position - 2] == starts[position - 1]:
            return True
        if before in ("+", "#"):
            return True
    if (
        position + 2 < len(texts)
        and starts[position + 1] == ends[position]
        and starts[position + 2] == ends[position + 1]
    ):
        after, beyond = texts[position + 1], texts[position + 2]
        if after in (":", "/"):
            return True
        if after == "-" and _is_figure(beyond):
            return not _is_hyphen_range(texts, position)
        return after == "-" and beyond in _MEASURES
    return False


def _is_hyphen_range(texts: list[str], position: int) -> bool:
    """Whether ``10-15`` counts: rising, above what football scores reach, and before a word; dates are masked."""
    low, high = texts[position], texts[position + 2]
    if not (low.isdigit() and high.isdigit()) or len(high) > 4 or int(low) >= int(high) or int(high) < 8:
        return False
    if 1900 <= int(low) <= 2100:
        return False
    following = position + 3
    return following < len(texts) and _is_word(texts[following])


def _range_end(tokens: Tokens, count: _Count, table: Table) -> _Count | None:
    """The upper count of "10 à 15", "entre 10 et 15", "10-15"; None where there is no range."""
    texts, starts, ends = tokens
    middle = count.last
    if middle + 1 >= len(texts):
        return None
    word = texts[middle]
    joined = word == "-" and count.digits and starts[middle] == ends[middle - 1]
    opened = (word in table.centres or word.startswith("و")) and any(
        (word == centre or (centre == "و" and word.startswith("و")))
        and ends_at(texts, count.first - _nouns_before(texts, count.first, table), opening)
        for opening, centre in table.between
    )
    if not (joined or opened or word in table.range):
        return None
    begin = middle + 1
    if opened and word != "و" and word.startswith("و") and word not in table.range:
        texts = [*texts[:middle], word[1:], *texts[middle + 1 :]]
        starts = [*starts[:middle], starts[middle] + 1, *starts[middle + 1 :]]
        tokens = Tokens(texts, starts, ends)
        begin = middle
    if joined:
        bound = int(texts[begin]) if texts[begin].isdecimal() else 0
        upper: _Count | None = _Count(begin, begin + 1, bound, bound, bound)
    else:
        upper = _count_at(tokens, begin, table)
    if upper is None or upper.high <= count.low:
        return None
    return upper


def _is_no_count(texts: list[str], count: _Count, last: int, ranged: bool, table: Table) -> bool:
    """Whether what stands around a count makes it an age, a year, a price, an ordinal or an article."""
    first = count.first
    if table.units_before.ends_before(texts, first):
        return True
    if (
        first > 2
        and texts[first - 1] in _AND
        and _is_figure(texts[first - 2])
        and table.units_before.ends_before(texts, first - 2)
    ):
        return True  # "aged 9 and 12"
    if count.value >= 10000 and table.money_after.longest(texts, last):
        return True
    if count.digits:
        if table.names_before.ends_before(texts, first):
            return True
        if any(0 <= i < len(texts) and _is_figure(texts[i]) for i in (first - 1, last)):
            return True  # figures side by side: a telephone number, a table
        if not ranged and _is_year(texts, count, table):
            return True
    elif count.last == first + 1:
        word = texts[first]
        if word in table.one:
            return not _is_counting_one(texts, first, table)
        if word in table.only_with_people and not _beside_people(texts, first, last, table):
            return True
        if word == "neuf" and not (last < len(texts) and _is_word(texts[last])):
            return True
    return False


def _is_year(texts: list[str], count: _Count, table: Table) -> bool:
    if count.last != count.first + 1 or len(texts[count.first]) != 4 or not 1900 <= count.value <= 2099:
        return False
    before = texts[count.first - 1] if count.first else ""
    if table.at_least.ends_before(texts, count.first) or table.about.ends_before(texts, count.first):
        return False
    if before in _YEAR_LEAD:
        return True
    following = texts[count.last : count.last + 2]
    if before == "of" and following and following[0] in OF_YEAR:
        return True  # "the raids of 1968 killed hundreds"
    return not any(word in table.people for word in following)


def _is_counting_one(texts: list[str], position: int, table: Table) -> bool:
    """Whether "un", "one", "a" counts a person: before (Arabic, Hausa: after) a noun of people, and not its speaker."""
    following = texts[position + 1 : position + 12]
    if following and following[0] in table.not_after_one:
        return False
    if table.language in ("ar", "ha"):
        return position > 0 and texts[position - 1] in table.people
    if not any(word in table.people for word in following[:2]) or following[0] in ("few", "group", "groupe"):
        return False
    if position and texts[position - 1] in ("l", "'", "d", "comme", "as", "selon", "to"):
        return False
    return not any(word in table.saying for word in following[1:])


def _beside_people(texts: list[str], first: int, last: int, table: Table) -> bool:
    around = texts[max(0, first - 2) : first] + texts[last : last + 2]
    return any(text in table.people for text in around)


def _qualified(tokens: Tokens, count: _Count, second: _Count | None, table: Table) -> Number:
    """The count with its range and its qualifiers applied; the span covers all of them."""
    texts = tokens.texts
    first, last = count.first, second.last if second else count.last
    low, high = (count.low, second.high) if second else (count.low, count.high)
    loose = count.loose or second is not None
    upper: int | None = high
    if second:
        nouns = _nouns_before(texts, first, table)
        opening = max((len(o) for o, _ in table.between if ends_at(texts, first - nouns, o)), default=0)
        first -= opening + nouns if opening else 0
    noun = _nouns_before(texts, first, table)
    for name, phrases in table.qualifiers if first > noun and texts[first - noun - 1] in table.qualifying else ():
        length = phrases.ends_before(texts, first - noun)
        if not length:
            continue
        first -= length + noun
        low, upper, loose = _bounded(name, count, low, upper, loose)
        break
    behind = not table.at_least_after.heads.keys().isdisjoint(texts[last : last + 5])
    tail = next((n for n in range(5) if table.at_least_after.longest(texts, last + n)), None) if behind else None
    if tail is not None and upper is not None and all(map(_is_word, texts[last : last + tail])):
        low, upper = count.value, None
    return Number(tokens.starts[first], tokens.ends[last - 1], low, upper, loose)


def _nouns_before(texts: list[str], position: int, table: Table) -> int:
    """How many nouns stand between a qualifier and its number: in Hausa the number follows ("akalla mutane 12")."""
    nouns = 0
    while table.language == "ha" and nouns < min(2, position) and texts[position - nouns - 1] in table.people:
        nouns += 1
    return nouns


def _bounded(name: str, count: _Count, low: int, high: int | None, loose: bool) -> tuple[int, int | None, bool]:
    """Bounds under a qualifier; ``count.value`` is the central value of a collective."""
    value = count.value
    if name == "at_least":
        return value, None, loose
    if name == "at_most":
        return 0, high, True
    if name == "below":
        return 0, max(0, value - 1), loose
    if low != high or value < _FEW:
        return low, high, True
    margin = max(1, value // 10)
    return value - margin, value + (margin if name == "about" else 0), True
