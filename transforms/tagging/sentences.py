"""Sentences and clauses of an article, as spans of code points.

Rules of our own: on a sample of news text a general splitter cuts French after "M.", "col." and "Gén." (sentencex) or
Arabic at every comma (pysbd), and costs as much or more than these few lines (0.3 ms for 3,000 characters).
"""

import re
from typing import NamedTuple

from transforms.tagging.patterns import Hit

_END = re.compile(r"[.!?…؟۔\n](?:(?<!\n)[.!?…؟۔]*[\"'”’»)\]]*(?=\s)|(?<=\n)\n*)\s*")
"""Opens with one set of characters, which is what a search is quick at."""
_ABBREVIATIONS = frozenset(
    ("adj", "alh", "apr", "art", "aug", "av", "avr", "bd", "brig", "capt", "cdt", "cf", "cne", "co", "col",
     "cpt", "dec", "dr", "env", "feb", "fevr", "gen", "gov", "hon", "inc", "jan", "janv", "jr", "juil", "jul",
     "jun", "lcl", "lt", "ltd", "m", "maj", "mal", "mar", "me", "mgr", "mlle", "mm", "mme", "mmes", "mr",
     "mrs", "ms", "n", "no", "nov", "nº", "oct", "pr", "prof", "rep", "rev", "sen", "sep", "sept", "sgt",
     "sgt-chef", "sr", "st", "ste", "vs")
)  # fmt: skip
_CLAUSE_MARK = re.compile(r"[,;:()«»،؛—–-](?:(?<![—–-])(?!\d)|(?<=\s[—–-])\s)")


class Span(NamedTuple):
    """A stretch of text, ``[start, end)``."""

    start: int
    end: int


class Clause(NamedTuple):
    """A clause of a sentence; ``background``: it was opened by a word such as "after" or "depuis"."""

    start: int
    end: int
    background: bool


def split_sentences(text: str, folded: str) -> list[Span]:
    """The sentences of a text without the white space around them; a line break always ends one."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith("\n") or not _is_abbreviated(text, folded, match):
            _keep(spans, text, start, match.end())
            start = match.end()
    _keep(spans, text, start, len(text))
    return spans


def _keep(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append(Span(start, end))


def _is_abbreviated(text: str, folded: str, match: re.Match[str]) -> bool:
    if "\n" in match.group() or text[match.start()] not in ".…":
        return False
    following = text[match.end() : match.end() + 1]
    if following.islower():
        return True
    if match.group().strip() != ".":
        return False
    word = re.search(r"[\w.-]+$", folded[max(0, match.start() - 12) : match.start()])
    if word is None:
        return False
    last = word.group()
    initial = text[match.start() - 1].isupper() and (len(last) == 1 or last[-2] == ".")
    return last in _ABBREVIATIONS or initial


def split_clauses(sentence: Span, folded: str, connectors: list[Hit], openers: list[Hit]) -> list[Clause]:
    """The clauses of a sentence: cut at punctuation, before connectors and before words that open background."""
    cuts: dict[int, bool] = {sentence.start: False}
    for match in _CLAUSE_MARK.finditer(folded, sentence.start, sentence.end):
        if match.end() < sentence.end:
            cuts.setdefault(match.end(), False)
    for hit in connectors:
        cuts.setdefault(hit.start, False)
    for hit in openers:
        cuts[hit.start] = True
        # An opener that stands first, but for a space, after a comma opens that same clause.
        for cut in [c for c in cuts if c < hit.start and not folded[c : hit.start].strip(" '\"«")]:
            cuts[cut] = True
    ordered = sorted(cuts)
    ends = [*ordered[1:], sentence.end]
    return [Clause(start, end, cuts[start]) for start, end in zip(ordered, ends, strict=True) if end > start]
