"""FindDuplicates: which story an article belongs to.

``assign_stories`` is a pure function that a window calls once; what it compares with is a ``StoryHorizon``, the
sketches of the committed days. A story is represented by its original, the first seen member, and by the largest
member that resembles the original: a new article joins when it resembles one of these two, so that a chain of partly
overlapping texts cannot glue stories together. Two existing stories never merge.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam

from transforms import counts
from transforms.clock import iso, parse_time
from transforms.compare_sketches import PASSAGE_SHARED, Comparison, Verdict, compare, judge
from transforms.pool import WorkCrashError, WorkerPool, WorkTimeoutError
from transforms.pooled import PooledFn
from transforms.records import CodedArticle
from transforms.sketches import LEAD_PLACES, Sketch, pack_article, shared_passages, sketch_text
from transforms.story_horizon import StoryHorizon, Version

STOP_STORIES_OF_OUTLET = 3
"""A shingle that this many earlier stories of the same outlet carry is boilerplate there."""
STOP_STORIES = 10
"""A shingle that this many earlier stories carry is boilerplate anywhere. Stories, not documents, are counted: five
hundred copies of one agency story are one story."""
CANDIDATES = 16
"""Versions that are compared in full, those with most shared shingles first."""
ROUNDUP_COVERAGE = 0.6
ROUNDUP_PASSAGE = 0.08
"""Best's share of a round-up at most, and the share from which another story is a part of it."""
LEAD_RETOLD = 0.5
"""A text retells a story when it has this share of the story's opening."""
EXPLAINED_PASSAGES = 20
SKETCH_SECONDS = 20.0
"""Seconds that an article's sketch is waited for; half a millisecond is usual."""
_ANSWER = ("article_id", "duplicate_of", "story_id", "similarity", "relation")


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoryAssignment:
    """The story of one article: ``similarity`` is the containment in ``duplicate_of``, ``why`` what decided."""

    article_id: str
    story_id: str
    duplicate_of: str | None
    relation: str
    similarity: float
    related: tuple[str, ...]
    why: str


def find_candidates(sketch: Sketch, horizon: StoryHorizon) -> tuple[list[Version], frozenset[int]]:
    """The versions that share most shingles with a sketch, best first, and its shingles that are boilerplate."""
    counts: dict[int, int] = {}
    versions: dict[int, Version] = {}
    stopped = set()
    standing: dict[int, bool] = {}

    def stands(version: Version) -> bool:
        found = standing.get(id(version))
        if found is None:
            found = standing[id(version)] = horizon.represents(version)
        return found

    for h, carriers in horizon.carriers(sketch.hashes).items():
        if len(carriers) >= STOP_STORIES_OF_OUTLET and _is_common(filter(stands, carriers), sketch.outlet):
            stopped.add(h)
            continue
        for version in carriers:
            if stands(version):
                counts[id(version)] = counts.get(id(version), 0) + 1
                versions[id(version)] = version
    ranked = sorted(counts, key=lambda v: (-counts[v], versions[v].seen, versions[v].article_id))
    return [versions[v] for v in ranked[:CANDIDATES] if counts[v] > 1], frozenset(stopped)


def _is_common(carriers: Iterable[Version], outlet: str) -> bool:
    """Whether a shingle stands in so many stories that it tells none of them; no more of them are read than that takes."""
    stories, of_outlet = set(), set()
    for version in carriers:
        stories.add(version.story_id)
        if version.outlet == outlet:
            of_outlet.add(version.story_id)
        if len(stories) >= STOP_STORIES:
            return True
    return bool(outlet) and len(of_outlet) >= STOP_STORIES_OF_OUTLET


def assign_stories(window: Sequence[Sketch], horizon: StoryHorizon) -> list[StoryAssignment]:
    """The stories of a window's articles, in the order of telling; the horizon is only read.

    The answer does not depend on the order of ``window``. An article that is in the horizon already must not be in
    the window.
    """
    told = StoryHorizon(below=horizon)
    assigned = []
    for sketch in sorted(window, key=lambda s: s.order):
        assignment = assign_story(sketch, told)
        told.add(sketch, assignment.story_id)
        assigned.append(assignment)
    return assigned


def assign_story(sketch: Sketch, horizon: StoryHorizon) -> StoryAssignment:
    """The story of one article, given all that was told before it."""
    return _decide(sketch, horizon)[0]


def _decide(sketch: Sketch, horizon: StoryHorizon) -> "tuple[StoryAssignment, _Resemblance | None]":
    """The assignment and the resemblance it rests on: the best member's, else the nearest one that was refused."""
    same = horizon.same_text(sketch.text_hash) if sketch.tokens else None
    candidates, stopped = find_candidates(sketch, horizon)
    found = [_Resemblance.of(sketch, version, stopped) for version in candidates]
    members = sorted((r for r in found if r.verdict.relation is not None), key=_Resemblance.rank)
    passages = _passages(found)
    best = members[0] if members else None
    # The same text as a mere member joins that member's story, with the relation it has to the story's versions.
    if same is not None and (same[1] == same[2] or best is None or best.version.story_id != same[2]):
        assignment = StoryAssignment(
            article_id=sketch.article_id, story_id=same[2], duplicate_of=same[1], relation="exact", similarity=1.0,
            related=(), why=f"exact: the text of {same[1]}",
        )  # fmt: skip
        return assignment, None
    if best is not None and not (same is None and _is_roundup(best, found)):
        others = {r.version.story_id for r in members} - {best.version.story_id}
        assignment = StoryAssignment(
            article_id=sketch.article_id, story_id=best.version.story_id, duplicate_of=best.version.article_id,
            relation=str(best.verdict.relation), similarity=round(best.comparison.containment, 3),
            related=tuple(sorted(others)), why=f"{best.verdict.relation}: {best.told()}",
        )  # fmt: skip
        return assignment, best
    nearest = max(found, key=lambda r: r.comparison.shared, default=None)
    reason = "a round-up of several stories" if best else nearest.told() if nearest else "nothing like it"
    assignment = StoryAssignment(
        article_id=sketch.article_id, story_id=sketch.article_id, duplicate_of=None, relation="original",
        similarity=1.0, related=tuple(sorted(passages)) if len(passages) > 1 else (), why=f"original: {reason}",
    )  # fmt: skip
    return assignment, best or nearest


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Resemblance:
    """A candidate, compared and judged."""

    version: Version
    comparison: Comparison
    verdict: Verdict

    @classmethod
    def of(cls, sketch: Sketch, version: Version, stopped: frozenset[int]) -> "_Resemblance":
        old = version.sketch()
        comparison = compare(sketch, old, stopped)
        return cls(version=version, comparison=comparison, verdict=judge(sketch, old, comparison))

    def rank(self) -> tuple[float, bool, str, str]:
        """Sorts the best first: containment, then the original before the largest version, then the elder."""
        version = self.version
        return (
            -round(self.comparison.containment, 2), version.article_id != version.story_id, version.seen,
            version.article_id,
        )  # fmt: skip

    def told(self) -> str:
        """For a reader: what was shared with whom and which guard decided."""
        c = self.comparison
        return (
            f"{c.shared} shingles shared with {self.version.article_id}, containment {c.containment:.2f} (of new "
            f"{c.coverage_new:.2f}, of old {c.coverage_old:.2f}), guard {self.verdict.guard}"
        )


def _is_roundup(best: _Resemblance, found: Sequence[_Resemblance]) -> bool:
    """Whether a text tells other stories beside the best: it opens them, and the best makes up half of it at most.

    That an agency's background paragraph stands in many stories does not count: it is never how they open.
    """
    if best.comparison.coverage_new >= ROUNDUP_COVERAGE:
        return False
    retold = [r for r in found if r.comparison.begins_old < LEAD_PLACES and r.comparison.lead_kept >= LEAD_RETOLD]
    others = _passages([best, *retold])
    others.pop(best.version.story_id, None)
    large = [shared for shared in others.values() if shared >= ROUNDUP_PASSAGE * best.comparison.of_new]
    return len(large) > 1 or sum(large) >= best.comparison.shared / 2


def _passages(found: Sequence[_Resemblance]) -> dict[str, int]:
    """Story -> shared shingles that no story before it in the list accounts for, where they make up a passage."""
    passages: dict[str, int] = {}
    told: frozenset[int] = frozenset()
    for resemblance in found:
        fresh = resemblance.comparison.common - told
        if len(fresh) >= PASSAGE_SHARED and resemblance.version.story_id not in passages:
            passages[resemblance.version.story_id] = len(fresh)
            told |= fresh
    return passages


def with_sketch(coded: CodedArticle) -> CodedArticle:
    """The same with its packed sketch."""
    return _sketched(coded, functools.partial(pack_article, coded.article))


def _sketched(coded: CodedArticle, wait: Callable[[], bytes]) -> CodedArticle:
    with counts.timed("sketch"):
        try:
            sketch = wait()
        except (WorkTimeoutError, WorkCrashError):  # no fault of the article's: sketching is linear in its text
            sketch = pack_article(coded.article)
    counts.count("sketch", "articles")
    return dataclasses.replace(coded, sketch=sketch)


class _SketchFn(PooledFn):
    """Articles through the process-wide pool."""

    def begin(self, element: CodedArticle) -> Callable[[], Any]:
        """An article is handed to the pool."""
        if not self._workers:
            return functools.partial(with_sketch, element)
        wait = WorkerPool.shared(self._workers).submit(pack_article, element.article, timeout=SKETCH_SECONDS)
        return functools.partial(_sketched, element, wait)


class SketchArticles(beam.PTransform[beam.PCollection[CodedArticle], Any]):
    """CodedArticles -> CodedArticles with their packed sketch; ``workers`` processes make it, 0 does it in this one."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__()
        self._fn = _SketchFn(workers)

    def expand(self, pcoll: beam.PCollection[CodedArticle]) -> Any:
        """Wire the step."""
        return pcoll | "SketchArticle" >> beam.ParDo(self._fn).with_output_types(CodedArticle)


def dedupe_records(lines: Iterable[Any], *, explain: bool = False) -> Iterator[dict[str, Any]]:
    """Articles as JSON objects in the order of arrival -> one answer each.

    Every article is compared with all before it, then remembered. A line that is no article, or repeats an id, gives
    its ``article_id`` (None when it has none) and a ``reject``; ``explain`` adds what was shared with which article
    and the guard that decided.
    """
    horizon = StoryHorizon()
    for number, line in enumerate(lines):
        reject = _reject_of(line, horizon)
        if reject is not None:
            article_id = line.get("article_id") if isinstance(line, Mapping) else None
            yield {"article_id": article_id, "reject": reject}
            continue
        sketch = sketch_text(
            line["text"],
            article_id=line["article_id"],
            seen=f"{number:012d}",
            published=_utc(line.get("published")),
            outlet=_short(line.get("outlet")),
            url=_short(line.get("url"), 2048),
        )
        assignment, resemblance = _decide(sketch, horizon)
        horizon.add(sketch, assignment.story_id)
        answer = {name: getattr(assignment, name) for name in _ANSWER}
        yield {**answer, "explain": _explained(assignment, resemblance, line["text"])} if explain else answer


def _reject_of(line: Any, horizon: StoryHorizon) -> dict[str, str] | None:
    if not isinstance(line, Mapping):
        return {"reason": "BAD_INPUT", "message": "not a JSON object"}
    article_id, text = line.get("article_id"), line.get("text")
    if not isinstance(article_id, str) or not article_id:
        return {"reason": "BAD_INPUT", "message": "article_id is not a text, or empty"}
    if article_id in horizon:
        return {"reason": "BAD_INPUT", "message": "article_id was given before"}
    if not isinstance(text, str):
        return {"reason": "BAD_INPUT", "message": "text is not a text"}
    if not any(char.isalnum() for char in text):
        return {"reason": "EMPTY_TEXT", "message": "text without a letter or digit"}
    return None


def _explained(assignment: StoryAssignment, resemblance: "_Resemblance | None", text: str) -> dict[str, Any]:
    explained: dict[str, Any] = {"why": assignment.why, "related": list(assignment.related)}
    if resemblance is not None:
        found = resemblance.comparison
        explained |= {
            "compared_with": resemblance.version.article_id,
            "guard": resemblance.verdict.guard,
            "shared_shingles": found.shared,
            "shared_passages": shared_passages(text, None, found.common)[:EXPLAINED_PASSAGES],
            "containment_of_this": round(found.coverage_new, 3),
            "containment_of_other": round(found.coverage_old, 3),
            "figures_kept": found.figures,
            "names_kept": found.names,
            "scatter": round(found.scatter, 3),
        }
    return explained


def _utc(published: Any) -> str | None:
    """A time as records write it, or None for anything that is no time."""
    try:
        return iso(parse_time(published))
    except (TypeError, ValueError):
        return None


def _short(given: Any, limit: int = 80) -> str:
    return given[:limit].encode("utf-8", "replace").decode("utf-8") if isinstance(given, str) else ""
