"""TagEvents: what happened, where, when, to whom, as the article says it.

The logic is the package ``transforms.tagging``; this step runs it on every article, in a pool of processes that can be
killed (TaggingPool), several at a time, so that an article that takes too long or crashes costs that article only.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam

from transforms import counts, texts
from transforms.clock import parse_time
from transforms.extraction import languages
from transforms.pooled import PooledFn
from transforms.records import LANGUAGES, Article, CodedArticle, Failure, to_json
from transforms.tagging.pool import TaggingPool, coded, tag_guarded, tag_text, taggable_of
from transforms.tagging.tagger import Taggable, Tagger


def tag_article(tagger: Tagger, article: Article, country: str | None) -> CodedArticle:
    """The article with its events; ``country`` is the outlet's, a weak hint for places and generic actors."""
    return coded(article, tagger.tag(taggable_of(article, country)))


def tag_record(line: dict[str, Any], *, explain: bool = False) -> dict[str, Any]:
    """One line of the ``tag`` filter: the article's events, or why the line is refused.

    With ``explain`` also which rules fired, and what did not count and why (``transforms.tagging.explain``).
    """
    taggable = read_line(line)
    if isinstance(taggable, str):
        return {"article_id": line.get("article_id"), "reject": {"reason": "BAD_INPUT", "message": taggable}}
    tagger = Tagger.load()
    try:
        tagging = tagger.tag(taggable)
        explanation = tagger.explain(taggable) if explain else None
    except Exception as error:  # noqa: BLE001 - whatever a text does to the rules, the next line is read
        return {"article_id": taggable.article_id, "reject": {"reason": "TAG_CRASH", "message": _told(error)}}
    result: dict[str, Any] = {
        "article_id": taggable.article_id,
        "language": tagging.language,
        "is_security": tagging.is_security,
        "countries": list(tagging.countries),
        "events": [to_json(event) for event in tagging.events],
    }
    if tagging.reason:
        result["reason"] = tagging.reason if taggable.text else "EMPTY_TEXT"
    if explain:
        result["explain"] = explanation
    return result


def read_line(line: dict[str, Any]) -> Taggable | str:
    """A line of the ``tag`` filter as an article, or what is wrong with it."""
    article_id, text = line.get("article_id"), line.get("text")
    names = ("article_id", "text", "title", "language", "published", "country")
    wrong = [name for name in names if line.get(name) is not None and not isinstance(line[name], str)]
    if wrong or article_id is None or text is None:
        return f"not a text: {', '.join(wrong)}" if wrong else "article_id and text are required"
    if line.get("published"):
        try:
            parse_time(line["published"])
        except ValueError:
            return f"published is not an ISO 8601 time: {line['published'][:40]!r}"
    text, title = texts.clean_text(text), texts.clean_text(line.get("title") or "", one_line=True)
    return Taggable(
        article_id=article_id,
        text=text,
        title=title,
        language=line.get("language") or languages.detect_language(f"{title}\n{text}")[0],
        published=line.get("published"),
        country=line.get("country"),
    )


def unknown_names(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The upkeep queue of many articles: names beside strong triggers that no data file knows, most articles first.

    Each is ``name``, ``articles`` (how many have it), ``languages`` and ``example``, the first sentence with it.
    """
    rows: dict[str, dict[str, Any]] = {}
    for line in lines:
        taggable = read_line(line)
        if isinstance(taggable, str) or taggable.language not in LANGUAGES:
            continue
        for name, sentence in dict(Tagger.load().unknown_names(taggable)).items():
            row = rows.setdefault(name, {"name": name, "articles": 0, "languages": [], "example": sentence})
            row["articles"] += 1
            row["languages"] = sorted({*row["languages"], taggable.language})
    return sorted(rows.values(), key=lambda row: (-row["articles"], row["name"]))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


class _TagEventsFn(PooledFn):
    """Articles through the process-wide pool."""

    def setup(self) -> None:
        """Compile before the first article where it is this process that tags."""
        if not self._workers:
            Tagger.load()

    def begin(self, element: Article) -> Callable[[], Any]:
        """An article is handed to the pool."""
        if self._workers:
            wait = TaggingPool.shared(self._workers).submit(element)
        else:
            tag = functools.partial(tag_text, taggable_of(element, element.country))
            wait = functools.partial(tag_guarded, element, tag)
        return lambda: _output(wait)


def _output(wait: Callable[[], CodedArticle | Failure]) -> Any:
    with counts.timed("tag"):
        result = wait()
    if isinstance(result, Failure):
        counts.count("tag", "failures", reason=result.reason)
        return beam.pvalue.TaggedOutput("failures", result)
    language = result.article.language
    counts.count("tag", "articles")
    counts.count("tag", "security_articles", int(result.is_security))
    counts.count("tag", "events", len(result.events))
    if language not in LANGUAGES:
        counts.count("tag", "unread", reason=language or "unknown")
    return result


class TagEvents(beam.PTransform[beam.PCollection[Article], Any]):
    """Articles -> ``coded`` and ``failures``; ``workers`` processes tag, 0 does it in this one."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__()
        self._fn = _TagEventsFn(workers)

    def expand(self, pcoll: beam.PCollection[Article]) -> Any:
        """Wire the step."""
        return pcoll | "TagArticle" >> beam.ParDo(self._fn).with_outputs("failures", main="coded")
