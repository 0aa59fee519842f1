"""The tagger on thousands of short texts: ``python -m tests.quality.sentences [--half tuning|held] [--differences]``.

The gold set's articles say how good whole readings are; these texts, some a type and language, say how much of what
reporters write the tagger has words for. Writers who knew the definitions of the types and nothing of the tagger wrote them
(``tests/gold/sentences``), with texts that only look like an event, and whole articles with a label a sentence. Counted
are the types that a text tells and those of the confident events given for it, whatever their mode. The tuning half
teaches the words (``tests.quality.build_wording``); the held half is only ever summed up.
"""

import argparse
import itertools
import pathlib
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tests.quality.build_wording import SENTENCES, read_rows
from transforms.records import LANGUAGES
from transforms.tagging.tagger import CONFIDENT, Taggable, Tagger
from transforms.tagging.wording import NO_EVENT

HALVES = ("tuning", "held")
KINDS = ("texts", "articles")
PUBLISHED = "2026-10-14T12:00:00Z"
"""A Wednesday: the day of publication of all of them."""


class Told(NamedTuple):
    """A text or an article: the types it tells, and its sentences with their labels (one for a text)."""

    kind: str
    types: frozenset[str]
    title: str
    text: str


class Result(NamedTuple):
    """What the tagger gave for it: types and their evidence."""

    told: Told
    given: dict[str, str]


def read_told(path: pathlib.Path) -> Iterator[Told]:
    """The texts, or the articles, of a file in its order."""
    for article, grouped in itertools.groupby(read_rows(path), key=lambda row: row.article):
        rows = list(grouped)
        if article is None:
            yield from (Told("texts", frozenset(row.codes) - {NO_EVENT}, "", row.text) for row in rows)
        else:
            types = frozenset(code for row in rows for code in row.codes) - {NO_EVENT}
            yield Told("articles", types, rows[0].text, "\n".join(row.text for row in rows[1:]))


def taggable(told: Told, language: str) -> Taggable:
    """A text as the tagger takes it."""
    return Taggable(
        article_id="a" * 32, title=told.title, text=told.text, language=language, published=PUBLISHED
    )  # fmt: skip


def tag(told: Told, language: str) -> Result:
    """The types of the confident events of one text."""
    events = Tagger.load().tag(taggable(told, language)).events
    return Result(told, {e.event_type: e.evidence[0].sentence for e in events if e.confidence >= CONFIDENT})


def score(results: list[Result]) -> dict[str, str]:
    """Cells of the table for the texts of one kind and language."""
    told = [result for result in results if result.told.types]
    quiet = [result for result in results if not result.told.types]
    types = _rates([(set(result.told.types), set(result.given)) for result in told])
    groups = _rates([({_group(c) for c in r.told.types}, {_group(c) for c in r.given}) for r in told])
    alarms = sum(bool(result.given) for result in quiet)
    return {
        "with an event": str(len(told)),
        "type: precision, recall, F1": types,
        "group: precision, recall, F1": groups,
        "false alarms": f"{alarms} of {len(quiet)}",
    }


def _rates(pairs: list[tuple[set[str], set[str]]]) -> str:
    both, wanted, given = (sum(map(len, side)) for side in zip(*((w & g, w, g) for w, g in pairs), strict=True))
    return f"{both / max(1, given):.2f} {both / max(1, wanted):.2f} {2 * both / max(1, wanted + given):.2f}"


def _group(code: str) -> str:
    return code.partition(".")[0]


def differences(results: list[Result]) -> Iterator[str]:
    """A line for each type that was missed or given too much."""
    for told, given in results:
        about = told.title or told.text
        yield from (f"missed {code}\t{about}" for code in sorted(told.types - set(given)))
        yield from (
            f"too much {code}\t{evidence}" for code, evidence in sorted(given.items()) if code not in told.types
        )


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; with ``--differences`` what was read otherwise than meant (tuning half only)."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.sentences")
    parser.add_argument("--half", choices=HALVES, default="held")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--differences", action="store_true")
    options = parser.parse_args(arguments)
    if options.differences and options.half == "held":
        parser.error("the held half is only summed up")
    languages = options.language or list(LANGUAGES)
    results = {
        code: [
            tag(told, code)
            for path in sorted((SENTENCES / options.half).glob(f"{code}-*.tsv"))
            for told in read_told(path)
        ]
        for code in languages
    }
    for kind in KINDS:
        scores = {code: score([r for r in rows if r.told.kind == kind]) for code, rows in results.items()}
        print(f"| {kind} | " + " | ".join(languages) + " |\n| --- |" + " ---: |" * len(languages))
        for name in scores[languages[0]]:
            print(f"| {name} | " + " | ".join(scores[code][name] for code in languages) + " |")
        print()
    if options.differences:
        for code in languages:
            print("\n".join(f"{code}\t{line}" for line in differences(results[code])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
