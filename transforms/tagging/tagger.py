"""The event tagger: from the text of an article to events, by rules, lexicons and the weights of words, without Beam.

``Tagger.load().tag(Taggable(...))`` reads French, English, Arabic and Hausa. See ``data/`` for what it knows.
"""

import dataclasses
import datetime as dt
import functools
from typing import Any

from transforms import records
from transforms.tagging import events, explain, lexicon, reading, triggers, wording
from transforms.tagging.geography import REGION, Geography
from transforms.tagging.patterns import Matcher

CONFIDENT = 0.5
"""From here on an event is trusted (and makes its article security news)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Taggable:
    """What the tagger reads of an article. ``published`` is an ISO date or time; ``country`` is the outlet's."""

    article_id: str
    text: str
    title: str = ""
    language: str | None = None
    published: str | None = None
    country: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tagging:
    """What the tagger found: events, the countries spoken of (most first), and the reason when it could not read."""

    article_id: str
    language: str | None
    is_security: bool
    countries: tuple[str, ...]
    events: tuple[records.Event, ...]
    reason: str | None = None


class Tagger:
    """Tags articles. Holds automata, which do not pickle: ``load()`` it in the process that uses it."""

    def __init__(self) -> None:
        self._lexicon = lexicon.load()
        self._matchers: dict[str, Matcher] = {}

    @staticmethod
    @functools.cache
    def load() -> "Tagger":
        """The tagger of this process, all four languages compiled."""
        tagger = Tagger()
        for language in records.LANGUAGES:
            tagger._matchers[language] = reading.build_matcher(language, tagger._lexicon)
            if set(wording.load(language).codes) != {*tagger._lexicon.types, wording.NO_EVENT}:
                raise lexicon.LexiconError(f"{wording.FILE}: {language}: other types than those of taxonomy.yaml")
        return tagger

    def tag(self, article: Taggable) -> Tagging:
        """The events of an article; none, with a reason, for another language or an empty text."""
        if article.language not in records.LANGUAGES:
            return self._unread(article, "LANGUAGE_UNKNOWN")
        if not article.text.strip() and not article.title.strip():
            return self._unread(article, "EMPTY_TEXT")
        read = self.read(article)
        places = Geography(read)
        gated = triggers.gated_article(read)
        found = () if gated else tuple(events.read_events(article.article_id, read, places))
        return Tagging(
            article_id=article.article_id,
            language=article.language,
            is_security=any(event.confidence >= CONFIDENT for event in found),
            countries=places.countries(),
            events=found,
        )

    def explain(self, article: Taggable) -> dict[str, Any] | None:
        """Which rules fired in an article, what was left out and why; None for one that cannot be read."""
        readable = article.language in records.LANGUAGES and (article.text.strip() or article.title.strip())
        return explain.explain_article(article.article_id, self.read(article)) if readable else None

    def unknown_names(self, article: Taggable) -> list[tuple[str, str]]:
        """(name, sentence) for the names beside strong triggers of a readable article that no data file knows."""
        return list(explain.unknown_names(self.read(article)))

    def read(self, article: Taggable) -> reading.Reading:
        """An article in one of the four languages as the rules read it."""
        read = reading.Reading(
            article.title, article.text, str(article.language), _day(article.published), self._lexicon,
            self._matchers[str(article.language)],
        )  # fmt: skip
        country = self._lexicon.countries.get(article.country or "")
        read.outlet = article.country if country is not None and country.tier in REGION else None
        return read

    @staticmethod
    def _unread(article: Taggable, reason: str) -> Tagging:
        return Tagging(
            article_id=article.article_id, language=article.language, is_security=False, countries=(), events=(),
            reason=reason,
        )  # fmt: skip


def _day(published: str | None) -> dt.date | None:
    """The day of publication, or None: dates in such an article stay unread."""
    return dt.date.fromisoformat(published[:10]) if published else None


RULES_VERSION = lexicon.version_of()
"""Hash of the data files: it changes when a rule does."""
