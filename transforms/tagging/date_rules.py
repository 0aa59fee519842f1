"""The rules of the date grammar, compiled from ``data/dates.yaml``, and what of them matches in a sentence.

A rule is tried only on sentences that have the words it cannot do without: those of its tables, those its kind asks for,
and those that stand in the rule itself. Most rules are left out that way.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from transforms.tagging import data_tables
from transforms.tagging.normalise import fold
from transforms.tagging.number_words import load_table

DAY = r"(?:0?[1-9]|[12]\d|3[01])"
YEAR = r"(?:19|20)\d\d"
_NUMERIC = (
    ("iso", re.compile(rf"(?<![\w-])(?P<y>{YEAR})-(?P<m>0?[1-9]|1[0-2])-(?P<d>{DAY})(?!\w)")),
    ("numeric", re.compile(rf"(?<![\w-])(?P<d>\d\d?)(?P<sep>[/.-])(?P<m>\d\d?)(?P=sep)(?P<y>{YEAR})(?!\w)")),
)
_NEEDS = {
    "span_days": ("months", "digits"), "day_month": ("months",), "months": ("months",), "month": ("months",),
    "nights": ("weekdays",), "till_today": ("weekdays",), "weekday": ("weekdays",), "last_week_day": ("weekdays",),
    "weekday_day": ("weekdays", "digits"), "ago": ("units",), "ahead": ("units",), "within": ("units",),
    "third": ("parts",), "relative_day": ("relative",), "then": ("then",), "year": ("year",), "iso": ("year",),
    "numeric": ("year",), "same_year": ("months",),
}  # fmt: skip
"""What every match of a kind of rule holds: a word of these tables, a digit, or four digits in a row."""
_DIGITS, _FIGURES_OF_YEAR = "0", "0000"
"""What stands among the words of a sentence with a digit, and with four in a row."""
_OPENING = ("weekdays", "months", "units", "relative", "then")
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile("[0-9]")  # folding leaves no other, and a set is searched for in half of the time
_FOUR_DIGITS = re.compile("[0-9][0-9]{3}")
_PARTICLES = "وفبلك"
_PIECE = re.compile(r"\\.|\[[^\]]*\]|\{[^}]*\}|.")
_PLAIN_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)([^()\[\]{}\\?*+.]*)\)")
"""A group of nothing but phrases, in the notation of rules."""
_GROUP, _UNSAID = "\1", "\0"
_SAID = re.compile(rf"{_GROUP}|[^\W\d_]+")
_PARTING = ("", " ", "'", "-", ",", "/")
"""What parts words for certain: these marks, and the ends of a rule."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grammar:
    """The date grammar of one language, folded."""

    rules: tuple[tuple[str, frozenset[int], re.Pattern[str]], ...]
    """Kind, the numbers of its needs, and pattern."""
    needs: tuple[frozenset[str], ...]
    """Sets of words of which a sentence has one, or the rules that need it do not match."""
    met_by: dict[str, list[int]]
    """For each word the numbers of the needs that it meets."""
    triggers: frozenset[str]
    weekdays: dict[str, int]
    ordinals: dict[str, int]
    months: dict[str, int]
    parts: dict[str, int]
    counts: dict[str, int]
    units: dict[str, str]
    relative: dict[str, tuple[int, str, str]]
    then: dict[str, int]
    past: frozenset[str]
    future: frozenset[str]
    ahead: bool = False
    people: frozenset[str]


@functools.lru_cache(maxsize=64)
def find_matches(sentence: str, language: str) -> tuple[tuple[str, re.Match[str]], ...]:
    """Matches of the rules: leftmost first, then longest, then the earlier rule; matches do not overlap.

    Kept for the last sentences, because numbers and dates are asked for one after the other.
    """
    grammar = load_grammar(language)
    if grammar is None:
        return ()
    words = words_in(sentence)
    if grammar.triggers.isdisjoint(words) and _FIGURES_OF_YEAR not in words:
        return ()
    met = {number for word in words if word in grammar.met_by for number in grammar.met_by[word]}
    ranked: list[tuple[int, int, int, str, re.Match[str]]] = []
    for rank, (kind, needs, pattern) in enumerate(grammar.rules):
        if needs <= met:
            for match in pattern.finditer(sentence):
                if kind != "year" or _is_bare_year(sentence, match, grammar):
                    ranked.append((match.start(), -match.end(), rank, kind, match))  # noqa: PERF401 - half the time
    ranked.sort(key=lambda entry: entry[:3])
    kept: list[tuple[str, re.Match[str]]] = []
    reached = 0
    for start, end, _, kind, match in ranked:
        if start >= reached:
            reached = -end
            if kind != "never":
                kept.append((kind, match))
    return tuple(kept)


def words_in(sentence: str) -> set[str]:
    """The words of a folded sentence that rules may need, with marks for a digit and for four digits in a row."""
    words = set(_WORDS.findall(sentence))
    if _DIGIT.search(sentence):
        words.add(_DIGITS)
        if _FOUR_DIGITS.search(sentence):
            words.add(_FIGURES_OF_YEAR)
    return words


OF_YEAR = frozenset(("killed", "that", "which", "left", "wounded", "displaced"))
"""English words behind "of 1968" with which it is a year: "the raids of 1968 killed hundreds"."""


def _is_bare_year(sentence: str, match: re.Match[str], grammar: Grammar) -> bool:
    """Whether four digits are a year: no sign or letter glued to them and no counted people after them."""
    start, end = match.span("y")
    if (start and sentence[start - 1] in "-/.,:'$€£+#") or sentence[end : end + 1] in ("%", "$", "€", "°", ":"):
        return False
    if re.match(r"[.,-]\d| \d{3}(?!\d)", sentence[end : end + 5]):
        return False
    if start >= 2 and sentence[start - 1] == " " and sentence[start - 2].isdigit():
        return False
    following = _WORDS.findall(sentence[end : end + 30])[:2]
    if sentence.endswith(" of ", 0, start) and following and following[0] in OF_YEAR:
        return True
    return not any(word in grammar.people for word in following)


@functools.cache
def _read() -> dict[str, Any]:
    return data_tables.dates()


@functools.cache
def load_grammar(language: str) -> Grammar | None:
    """The grammar of a language, read once per process; None for a language without one."""
    raw = _read().get(language)
    if raw is None:
        return None

    def folded(values: dict[str, Any]) -> dict[str, Any]:
        return {fold(word, language): value for word, value in values.items()}

    tables = {name: folded(raw[name]) for name in ("weekdays", "months", "parts", "counts", "units", "relative")}
    tables["ordinals"] = folded(raw.get("ordinals", {}))
    tables["then"] = folded(raw["then"])
    letters = {
        "W": _alternation(tables["weekdays"]),
        "M": _alternation(tables["months"]),
        "P": _alternation(tables["parts"]),
        "U": _alternation(tables["units"]),
        "N": r"(?:\d{1,3}|" + _alternation(tables["counts"]) + ")",
        "D": DAY,
        "Y": YEAR,
        "O": _alternation(tables["ordinals"] or {"\0": 0}),
        "R": _alternation(tables["relative"]),
        "T": _alternation(tables["then"]),
    }
    rules = [("never", rule) for rule in (*raw["not_after"], *raw.get("never", ()))]
    rules += [(kind, rule) for kind, rule in raw["rules"]]
    rules += [("relative_day", "(?P<phrase>{R})"), ("then", "(?P<phrase>{T})")]
    number_table = load_table(language)
    compiled = [
        (kind, _needs(kind, rule, tables, language), _compiled(rule, letters, language)) for kind, rule in rules
    ]
    compiled += [(kind, _needs(kind, "", tables, language), pattern) for kind, pattern in _NUMERIC]
    needs = {need: number for number, need in enumerate(dict.fromkeys(n for _, own, _ in compiled for n in own))}
    met_by: dict[str, list[int]] = {}
    for need, number in needs.items():
        for word in need:
            met_by.setdefault(word, []).append(number)
    return Grammar(
        rules=tuple((kind, frozenset(needs[need] for need in own), pattern) for kind, own, pattern in compiled),
        needs=tuple(needs),
        met_by=met_by,
        triggers=frozenset(word for name in _OPENING for word in _words_of(tables[name], language)),
        weekdays=tables["weekdays"],
        ordinals=tables["ordinals"],
        months=tables["months"],
        parts=tables["parts"],
        counts=tables["counts"],
        units=tables["units"],
        relative={phrase: (rule[0], rule[1], rule[2]) for phrase, rule in tables["relative"].items()},
        then=tables["then"],
        past=frozenset(fold(word, language) for word in raw["past"]),
        future=frozenset(fold(word, language) for word in raw["future"]),
        people=number_table.people if number_table else frozenset(),
    )


def _needs(kind: str, rule: str, tables: dict[str, dict[str, Any]], language: str) -> list[frozenset[str]]:
    """Sets of words of each of which every match of a rule holds one."""
    names = (*_NEEDS.get(kind, ()), *(("digits",) if "(?P<d>{D})" in rule else ()))
    marks = {"digits": frozenset((_DIGITS,)), "year": frozenset((_FIGURES_OF_YEAR,))}
    return [
        *(marks[name] if name in marks else _words_of(tables[name], language) for name in names),
        *(_words_of(phrases, language) for phrases in words_said(_folded(rule, language))),
    ]


def _words_of(phrases: Iterable[str], language: str) -> frozenset[str]:
    """The longest word of each phrase, in Arabic with the particles that may be glued to it."""
    words = {max(_WORDS.findall(phrase), key=len) for phrase in phrases}
    return frozenset(
        words | {particle + word for word in words for particle in _PARTICLES} if language == "ar" else words
    )


def words_said(rule: str) -> Iterator[list[str]]:
    """What a rule says in so many words and not as an option: each time the phrases of which one must be there."""
    flat, groups, at = "", [], 0
    while at < len(rule):
        piece = _group_at(rule, at) if rule[at] == "(" else _PIECE.match(rule, at)[0]  # type: ignore[index]
        at += len(piece)
        optional = rule[at : at + 1] in tuple("?*{")
        plain = _PLAIN_GROUP.fullmatch(piece)
        options = plain[1].split("|") if plain else []
        if piece == "|":
            return
        if optional and options and flat[-1:] in _PARTING and all(option[-1:] in _PARTING for option in options):
            at += 1  # what follows begins a word, with the group and without it
        elif options and not optional:
            groups.append(options)
            flat += _GROUP
        else:
            flat += _UNSAID if optional or len(piece) > 1 or piece in "?*+." else piece
    for found in _SAID.finditer(flat):
        said = groups.pop(0) if found[0] == _GROUP else [found[0]]
        before, after = flat[: found.start()][-1:], flat[found.end() :][:1]
        if all(
            _WORDS.search(option) and (before in _PARTING or option[0] in _PARTING)
            and (after in _PARTING or option[-1] in _PARTING) for option in said
        ):  # fmt: skip
            yield said


def _group_at(rule: str, start: int) -> str:
    """The group that opens at a place of a rule."""
    depth = 0
    for end in range(start, len(rule)):
        depth += {"(": 1, ")": -1}.get(rule[end], 0)
        if not depth:
            return rule[start : end + 1]
    raise ValueError(f"rule {rule!r} leaves a group open")


def _alternation(words: dict[str, Any]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered) + ")"


def _folded(rule: str, language: str) -> str:
    """The rule with its literals folded and the names of its groups as they are."""
    return fold(rule.replace("(?P<", "\0"), language).replace("\0", "(?P<")


def _compiled(rule: str, letters: dict[str, str], language: str) -> re.Pattern[str]:
    """The rule as a pattern: literals folded, blanks any white space, ``{W}`` and its like filled in."""
    pattern = _folded(rule, language)
    pattern = pattern.replace(" ?", r"\s*").replace(" ", r"\s+")
    pattern = re.sub(r"\{([wmpundyrot])\}", lambda m: letters[m.group(1).upper()], pattern)
    lead = r"(?<![\w'-])[وفبلك]?" if language == "ar" else r"(?<![\w-])"
    return re.compile(lead + pattern + r"(?!\w)")
