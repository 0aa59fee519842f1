"""The words of words.yaml in sentences: ``python -m tests.quality.words``.

``tests/quality/challenges/entries/words-<language>.tsv`` has a sentence a line behind a type of event that it tells, or behind
``NONE`` where it tells no event; ``!`` before that marks a sentence that is misread. A word of a class is *shown* where the
event is given and the word stands inside a pattern of its type that names the class, and *left alone* where it stands in a
sentence without an event and none is given. Each word needs both; printed are those that have not.
"""

import dataclasses
import functools
import pathlib
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tests.quality.sentences import Told, taggable
from transforms.records import LANGUAGES
from transforms.tagging import lexicon
from transforms.tagging.patterns import Matcher
from transforms.tagging.tagger import CONFIDENT, Tagger
from transforms.tagging.weighing import strength
from transforms.tagging.wording import NO_EVENT

FOLDER = pathlib.Path(__file__).with_name("challenges") / "entries"
OUTLET = "NE"
"""The outlet sits in the region: many of the sentences name nothing but a village."""
Word = tuple[str, str]
"""A class and one of its words, as words.yaml has them."""


class Line(NamedTuple):
    """A sentence, the type of event that it tells or NO_EVENT, and whether it is known to be misread."""

    code: str
    text: str
    misread: bool


class Account(NamedTuple):
    """How a sentence is read: whether as it is meant, and the words that it shows, or leaves alone."""

    line: Line
    right: bool
    words: frozenset[Word]


def read_lines(language: str) -> Iterator[Line]:
    """The sentences of a language; ValueError names a line that is none."""
    for number, row in enumerate((FOLDER / f"words-{language}.tsv").read_text("utf-8").splitlines(), 1):
        label, _, text = row.partition("\t")
        code = label.removeprefix("!")
        if not text or "\t" in text or (code != NO_EVENT and code not in lexicon.load().types):
            raise ValueError(f"words-{language}.tsv:{number}: not a type, a tab and a sentence")
        yield Line(code, text, label.startswith("!"))


@functools.cache
def words_of(language: str) -> frozenset[Word]:
    """Every word of every class."""
    return frozenset(
        (name, word) for name, members in lexicon.load().words.items() for word in members.get(language, ())
    )


@functools.cache
def _matcher(language: str) -> Matcher:
    """Finds the words of the classes by themselves."""
    matcher = Matcher(language)
    for name, word in sorted(words_of(language)):
        matcher.add(name, word, [word])
    matcher.compile()
    return matcher


def account(line: Line, language: str) -> Account:
    """Reads a sentence and says what of it is shown."""
    article = dataclasses.replace(taggable(Told("texts", frozenset(), "", line.text), language), country=OUTLET)
    events = Tagger.load().tag(article).events
    reading = Tagger.load().read(article)
    found = _matcher(language).scan(reading.written, reading.tokens, 0, [0])
    hits = [hit for kind in found.values() for hit in kind]
    if line.code == NO_EVENT:
        right = not any(event.confidence >= CONFIDENT for event in events)
        return Account(line, right, frozenset((hit.kind, hit.key) for hit in hits))
    triggers = [
        trigger
        for kind in ("trigger/s", "trigger/w")
        for trigger in reading.kinds_found.get(kind, ())
        if trigger.key == line.code and strength(trigger.rule) != "l"
    ]
    shown = frozenset(
        (hit.kind, hit.key)
        for trigger in triggers
        for hit in hits
        if f"{{{hit.kind}}}" in trigger.rule and trigger.start <= hit.start and hit.end <= trigger.end
    )
    return Account(line, any(event.event_type == line.code for event in events), shown)


@functools.cache
def accounts(language: str) -> tuple[Account, ...]:
    """Those of all sentences."""
    return tuple(account(line, language) for line in read_lines(language))


def missing(language: str) -> tuple[list[Word], list[Word]]:
    """The words that no sentence shows, and those that none leaves alone."""
    rightly = [one for one in accounts(language) if one.right]
    shown = {word for one in rightly if one.line.code != NO_EVENT for word in one.words}
    alone = {word for one in rightly if one.line.code == NO_EVENT for word in one.words}
    return sorted(words_of(language) - shown), sorted(words_of(language) - alone)


def main() -> int:
    """Print how many words have their sentences, which have not, and what is misread."""
    for language in LANGUAGES:
        told, unshown, taken = accounts(language), *missing(language)
        number = len(words_of(language))
        print(
            f"{language}: {number} words in {len(told)} sentences, {number - len(unshown)} shown, "
            f"{number - len(taken)} left alone; {sum(not one.right for one in told)} sentences misread"
        )
        print("\n".join(f"  not shown: {name}: {word}" for name, word in unshown))
        print("\n".join(f"  not left alone: {name}: {word}" for name, word in taken))
        print("\n".join(f"  misread: {one.line.code} {one.line.text}" for one in told if not one.right))
    return 0


if __name__ == "__main__":
    sys.exit(main())
