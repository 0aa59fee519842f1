"""TagEvents: what happened, where, when, to whom, as the article says it.

The logic is the package ``transforms.tagging``; this step only runs it on every article.
"""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from transforms import counts, texts
from transforms.clock import parse_time
from transforms.extraction import languages
from transforms.records import LANGUAGES, Article, CodedArticle, Failure, to_json
from transforms.tagging.tagger import Taggable, Tagger


def tag_article(tagger: Tagger, article: Article, country: str | None) -> CodedArticle:
    """The article with its events; ``country`` is the outlet's, a weak hint for places and generic actors."""
    tagging = tagger.tag(
        Taggable(
            article_id=article.article_id,
            text=article.text,
            title=article.title,
            language=article.language,
            published=article.published or article.fetched,
            country=country,
        )
    )
    return CodedArticle(
        article=article, is_security=tagging.is_security, countries=tagging.countries, events=tagging.events
    )


def tag_record(line: dict[str, Any]) -> dict[str, Any]:
    """One line of the ``tag`` filter: the article's events, or why the line is refused."""
    article_id, text = line.get("article_id"), line.get("text")
    names = ("article_id", "text", "title", "language", "published", "country")
    wrong = [name for name in names if line.get(name) is not None and not isinstance(line[name], str)]
    if wrong or article_id is None or text is None:
        message = f"not a text: {', '.join(wrong)}" if wrong else "article_id and text are required"
        return {"article_id": article_id, "reject": {"reason": "BAD_INPUT", "message": message}}
    if line.get("published"):
        try:
            parse_time(line["published"])
        except ValueError:
            message = f"published is not an ISO 8601 time: {line['published'][:40]!r}"
            return {"article_id": article_id, "reject": {"reason": "BAD_INPUT", "message": message}}
    text, title = texts.clean_text(text), texts.clean_text(line.get("title") or "", one_line=True)
    language = line.get("language") or languages.detect_language(f"{title}\n{text}")[0]
    taggable = Taggable(
        article_id=article_id,
        text=text,
        title=title,
        language=language,
        published=line.get("published"),
        country=line.get("country"),
    )
    try:
        tagging = Tagger.load().tag(taggable)
    except Exception as error:  # noqa: BLE001 - whatever a text does to the rules, the next line is read
        return {"article_id": article_id, "reject": {"reason": "TAG_CRASH", "message": _told(error)}}
    result = {
        "article_id": article_id,
        "language": tagging.language,
        "is_security": tagging.is_security,
        "countries": list(tagging.countries),
        "events": [to_json(event) for event in tagging.events],
    }
    if tagging.reason:
        result["reason"] = tagging.reason if text else "EMPTY_TEXT"
    return result


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


class _TagEventsFn(beam.DoFn):
    """The compiled tagger is process-wide: automata do not pickle."""

    def setup(self) -> None:
        """Compile before the first article."""
        Tagger.load()

    def process(self, element: Article) -> Iterator[Any]:
        """Article -> CodedArticle, or Failure on its own output."""
        try:
            with counts.timed("tag"):
                coded = tag_article(Tagger.load(), element, element.country)
        except Exception as error:  # noqa: BLE001 - one article must not stop the stream: it is quarantined
            counts.count("tag", "failures", reason="TAG_CRASH")
            failure = Failure(
                stage="tag", reason="TAG_CRASH", message=_told(error), entries=element.entries, raw_ref=element.raw_ref
            )
            yield beam.pvalue.TaggedOutput("failures", failure)
            return
        counts.count("tag", "articles")
        counts.count("tag", "security_articles", int(coded.is_security))
        counts.count("tag", "events", len(coded.events))
        if element.language not in LANGUAGES:
            counts.count("tag", "unread", reason=element.language or "unknown")
        yield coded


class TagEvents(beam.PTransform[beam.PCollection[Article], Any]):
    """Articles -> ``coded`` and ``failures``."""

    def expand(self, pcoll: beam.PCollection[Article]) -> Any:
        """Wire the step."""
        tagged = beam.ParDo(_TagEventsFn())  # type: ignore[no-untyped-call]
        return pcoll | "TagArticle" >> tagged.with_outputs("failures", main="coded")
