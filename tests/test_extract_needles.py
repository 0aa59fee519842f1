"""The strings that are looked for before a dear pattern is tried are in everything that the pattern can match."""

import itertools
import re
from typing import Any

import pytest

from transforms.extraction import bylines, furniture, wording

_GAP = "\n"
_FEW = 6


def said_by(pattern: re.Pattern[str]) -> set[str]:
    """What a pattern can match, its open parts (any character, repeats, classes) as a gap."""
    parser: Any = re._parser  # type: ignore[attr-defined]
    return _sequence(parser.parse(pattern.pattern, pattern.flags))


def _sequence(parsed: Any) -> set[str]:
    return {"".join(parts) for parts in itertools.product(*(_one(str(op), given) for op, given in parsed))}


def _one(op: str, given: Any) -> set[str]:
    if op == "LITERAL":
        return {chr(given)}
    if op == "BRANCH":
        return set().union(*map(_sequence, given[1]))
    if op == "SUBPATTERN":
        return _sequence(given[3])
    if op in {"MAX_REPEAT", "MIN_REPEAT"} and given[1] == 1:
        return _sequence(given[2]) | {""}
    if op == "IN" and len(given) <= _FEW and all(str(kind) == "LITERAL" for kind, _ in given):
        return {chr(code) for _, code in given}
    return {""} if op in {"AT", "ASSERT", "ASSERT_NOT"} else {_GAP}


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("channel", wording._CHANNEL),
        ("click", wording._CLICK),
        ("rights", wording._RIGHTS),
        ("notice", wording._NOTICE),
        ("appeal", wording._APPEAL[1]),
        ("cookies", wording._COOKIES),
    ],
)
def test_every_match_holds_a_needle(name: str, pattern: re.Pattern[str]) -> None:
    """Nothing that a pattern matches is without all of its needles, so a line without them needs no search."""
    matched = said_by(pattern)
    assert len(matched) > len(wording._NEEDLES[name]) // 3
    assert [text for text in matched if not any(needle in text for needle in wording._NEEDLES[name])] == []


@pytest.mark.parametrize(
    ("words", "pattern"),
    [(bylines._BYLINE_WORDS, bylines._BYLINE_CLASS), (furniture._STANDFIRST_WORDS, furniture._STANDFIRST)],
)
def test_every_class_has_a_word(words: frozenset[str], pattern: re.Pattern[str]) -> None:
    """A name of an element that a pattern knows has one of the words that are looked up first."""
    named = said_by(pattern)
    assert len(named) > len(words)
    assert [text for text in named if words.isdisjoint(re.split(r"[\s_-]+", text.lower()))] == []


def test_a_missing_needle_is_noticed() -> None:
    """The derivation sees an alternative that no string stands for."""
    texts = said_by(re.compile(r"\b(?:cookies?|traceurs?) (?:ici|la)\b.{0,9}x"))
    assert {text for text in texts if "cookie" not in text} == {
        f"traceur{plural} {where}{_GAP}x" for plural in ("", "s") for where in ("ici", "la")
    }
