"""One row per event of a story: the events of its texts put together, the newest text first. No Beam in here.

A story is one text as several outlets printed it and carried it on. Its copies repeat an event, an update of it gives
later figures. So the events of a story's texts are matched one to one, newest text first: what the newest says leads,
what older texts said otherwise is kept as history. Nothing is matched across stories: that would be fusion, and two
reports of one attack by different reporters stay two rows.
"""

import dataclasses
import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from transforms.records import stable_id

Json = dict[str, Any]

_TURNING_MODES = frozenset({"reported", "planned", "denied", "negated", "hypothetical"})
"""What an update may say otherwise of one and the same event; history and totals stay what they are."""
_REPEATS = frozenset({"exact", "copy", "excerpt"})
_FIGURE_KEYS = ("kind", "low", "high", "approximate", "who", "claimed_by")
_DAY_SLACK = dt.timedelta(days=1)
"""An update may move an attack in the night to the day before or after."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counts:
    """A story's publishers. Families and ownership groups count as independent, outlets do not."""

    articles: int
    copies: int
    updates: int
    outlets: int
    independent_families: int
    ownership_groups: int
    first_published: str
    first_outlet: str
    first_url: str
    wire_agencies: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Statement:
    """What one text of the story said of the event: its row, whether the text still stands, and since when."""

    event: Json
    article: Json
    current: bool
    as_of: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoryEvent:
    """One event of one story; ``statements`` run from the newest text, which leads, to the oldest."""

    story_event_id: str
    story_id: str
    statements: tuple[Statement, ...]
    in_newest_text: bool
    counts: Counts

    @property
    def lead(self) -> Statement:
        """The statement that counts."""
        return self.statements[0]

    def standing(self) -> list[Statement]:
        """Statements of texts that still stand (an edited article's former text does not)."""
        return [statement for statement in self.statements if statement.current]

    def history(self) -> list[Json]:
        """Earlier or other statements with another mode or other figures, newest first, each once."""
        told, found = {_told(self.lead.event)}, []
        for statement in self.statements[1:]:
            if _told(statement.event) not in told:
                told.add(_told(statement.event))
                found.append(
                    {
                        "as_of": statement.as_of,
                        "outlet": statement.article["outlet"],
                        "url": statement.article["url"],
                        "mode": statement.event["mode"],
                        "figures": figures(statement.event),
                    }
                )
        return found


def figures(event: Json) -> list[Json]:
    """An event's quantities as plain objects in a fixed order of kinds and keys."""
    found = [{key: quantity[key] for key in _FIGURE_KEYS} for quantity in event["quantities"]]
    return sorted(found, key=lambda q: (q["kind"], q["who"], q["low"], q["high"] is None, q["high"] or 0))


def _told(event: Json) -> tuple[str, str]:
    return event["mode"], repr(figures(event))


def known_by(article: Json) -> str:
    """When an article is known to have been out: its stated time if exact and not later than we saw it, else that."""
    return str(article["published"] if _exact(article) else article["first_seen"])


def _exact(article: Json) -> bool:
    """Whether the stated time of publication can be compared with that of other outlets."""
    published = article["published"]
    return bool(published) and article["published_precision"] == "second" and published <= article["first_seen"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Text:
    """A text of the story as it was at one revision; ``rank`` orders texts from old to new."""

    rank: tuple[Any, ...]
    article: Json
    events: tuple[Json, ...]
    current: bool
    as_of: str


def story_events(
    articles: Mapping[str, Json], stories: Mapping[str, Json], event_rows: Iterable[Json]
) -> Iterator[StoryEvent]:
    """The events of every story, sorted by story and id.

    ``articles`` and ``stories`` are current rows by article_id; ``event_rows`` all revisions of events in any order.
    Articles that were withdrawn, and events of them, count for nothing.
    """
    by_article: dict[str, list[Json]] = defaultdict(list)
    for row in event_rows:
        if row["article_id"] in articles:
            by_article[row["article_id"]].append(row)
    members: dict[str, list[str]] = defaultdict(list)
    for article_id in sorted(articles):
        members[_story_of(article_id, stories)].append(article_id)
    for story_id in sorted(members):
        ids = members[story_id]
        if not any(article_id in by_article for article_id in ids):
            continue
        texts = sorted(_texts(ids, articles, stories, by_article), key=lambda text: text.rank, reverse=True)
        counts = _counts([articles[i] for i in ids], [stories[i] for i in ids if i in stories])
        found = [_story_event(story_id, group, texts, counts) for group in _matched(texts)]
        yield from sorted(found, key=lambda one: one.story_event_id)


def _story_of(article_id: str, stories: Mapping[str, Json]) -> str:
    return str(stories[article_id]["story_id"]) if article_id in stories else article_id


def _counts(articles: Sequence[Json], stories: Sequence[Json]) -> Counts:
    first = min(articles, key=lambda a: (known_by(a), a["article_id"]))
    relations = [row["relation"] for row in stories]
    return Counts(
        articles=len(articles),
        copies=sum(relation in _REPEATS for relation in relations),
        updates=relations.count("update"),
        outlets=len({a["outlet"] for a in articles}),
        independent_families=len({a["publisher_family"] for a in articles}),
        ownership_groups=len({a["ownership"] for a in articles}),
        first_published=known_by(first),
        first_outlet=first["outlet"],
        first_url=first["url"],
        wire_agencies=tuple(sorted({a["wire_agency"] for a in articles if a["wire_agency"]})),
    )


def _texts(
    ids: Sequence[str], articles: Mapping[str, Json], stories: Mapping[str, Json], rows: Mapping[str, list[Json]]
) -> Iterator[_Text]:
    """The texts of a story, with the former texts of articles that were edited since."""
    versions = _versions(ids, articles, stories)
    for article_id in ids:
        article, version = articles[article_id], versions.root[article_id]
        since, depth, own = versions.since[version], versions.depth[version], version == article_id
        by_revision: dict[int, list[Json]] = defaultdict(list)
        latest: dict[str, Json] = {}
        for row in sorted(rows.get(article_id, ()), key=lambda row: (row["revision"], row["seq"])):
            by_revision[row["revision"]].append(row)
            latest[row["event_id"]] = row
        revisions = sorted(by_revision)
        edits = [
            now for before, now in itertools.pairwise(revisions) if _rewrites(by_revision[before], by_revision[now])
        ]
        started = {r: max(since, by_revision[r][0]["ingested"]) if r in edits else since for r in revisions}
        current = tuple(row for row in latest.values() if row["op"] == "upsert")
        as_of = started[edits[-1]] if edits else since
        yield _Text(rank=(as_of, depth, own, 1, article_id), article=article, events=current, current=True, as_of=as_of)
        for revision, following in itertools.pairwise(revisions):
            if following in edits:
                former = tuple(row for row in by_revision[revision] if row["op"] == "upsert")
                yield _Text(
                    rank=(started[revision], depth, own, 0, article_id), article=article, events=former,
                    current=False, as_of=started[revision],
                )  # fmt: skip


def _rewrites(before: Sequence[Json], now: Sequence[Json]) -> bool:
    """Whether a revision is the outlet's own and says another thing of the events: a mended typo is no new version.

    Other revisions (reprocessed, correction) only mend our reading; what we read before them is no one's statement.
    """
    if now[0]["revision_reason"] != "source_changed":
        return False
    said = [sorted((row["event_type"], *_told(row)) for row in rows if row["op"] == "upsert") for rows in (before, now)]
    return said[0] != said[1]


@dataclasses.dataclass(frozen=True)
class _Versions:
    """The versions of a story's text: an original or an update with all that merely repeat it."""

    root: Mapping[str, str]
    since: Mapping[str, str]
    depth: Mapping[str, int]


def _versions(ids: Sequence[str], articles: Mapping[str, Json], stories: Mapping[str, Json]) -> _Versions:
    """To which version each article belongs, since when a version is known, how many updates lie behind it.

    A version is known since the earliest exact time of any member. ``update`` says that two texts are one carried on, not
    which came first: within a window articles are compared in any order. Where both versions have exact times these
    decide, else the update counts as the later.
    """

    def parent_of(one: str) -> str | None:
        parent = stories.get(one, {}).get("duplicate_of")
        return parent if parent in articles else None

    root = {}
    for article_id in ids:
        one, seen = article_id, {article_id}
        while stories.get(one, {}).get("relation") in _REPEATS and (parent := parent_of(one)) and parent not in seen:
            one = parent
            seen.add(one)
        root[article_id] = one
    exact: dict[str, list[str]] = defaultdict(list)
    for article_id in ids:
        if _exact(articles[article_id]):
            exact[root[article_id]].append(known_by(articles[article_id]))
    since: dict[str, str] = {}
    depth: dict[str, int] = {}

    # in a loop: a function in here that calls itself would keep all articles until cycles are looked for
    for version in sorted(set(root.values())):
        chain: list[str] = []
        before: str | None = version
        while before and before not in since and before not in chain:
            chain.append(before)
            parent = parent_of(before)
            before = root.get(parent) if parent else None
        before = before if before in since else None
        for one in reversed(chain):
            own = min(exact[one], default=known_by(articles[one]))
            if before is None:
                since[one], depth[one] = own, 0
            else:
                since[one] = own if exact[before] and exact[one] else max(since[before], own)
                depth[one] = depth[before] + 1
            before = one
    return _Versions(root, since, depth)


def _matched(texts: Sequence[_Text]) -> list[list[Statement]]:
    """The events of texts (newest first) grouped one to one; each group runs from the newest statement on."""
    groups: list[list[Statement]] = []
    for text in texts:
        pairs = []
        for event in text.events:
            for number, group in enumerate(groups):
                scores = [likeness(statement.event, event) for statement in group]
                score = max((s for s in scores if s is not None), default=None)
                if score is not None:
                    pairs.append((-score, number, event["event_id"]))
        taken: dict[str, int] = {}
        for _, number, event_id in sorted(pairs):
            if event_id not in taken and number not in taken.values():
                taken[event_id] = number
        for event in sorted(text.events, key=lambda e: str(e["event_id"])):
            statement = Statement(event=event, article=text.article, current=text.current, as_of=text.as_of)
            if event["event_id"] in taken:
                groups[taken[event["event_id"]]].append(statement)
            elif text.current:
                groups.append([statement])
    return groups


def likeness(one: Json, other: Json) -> int | None:
    """How well two statements of one story fit as one event (0 and more), or None when they cannot be one."""
    if one["event_id"] == other["event_id"]:
        return 100
    if one["event_type"] != other["event_type"]:
        return None
    if one["mode"] != other["mode"] and not _TURNING_MODES.issuperset((one["mode"], other["mode"])):
        return None
    place = _same_place(one["location"] or {}, other["location"] or {})
    day = _same_day(one, other)
    if place is None or day is None:
        return None
    shared = {e["sentence"] for e in one["evidence"]} & {e["sentence"] for e in other["evidence"]}
    score: int = (
        place
        + day
        + 3 * (one["mode"] == other["mode"])
        + (one["is_background"] == other["is_background"])
        + (figures(one) == figures(other))
        + 8 * bool(shared)
    )
    return score


def _same_place(one: Json, other: Json) -> int | None:
    """None when the places contradict each other; a coarser place fits a finer one within it."""
    score = 0
    for level, weight in (("country", 1), ("admin1", 1), ("admin2", 1)):
        a, b = one.get(level), other.get(level)
        if a and b and a != b:
            return None
        score += weight * bool(a and a == b)
    if one.get("precision") == other.get("precision") and one.get("name") and other.get("name"):
        if one["name"] != other["name"]:
            return None
        score += 2
    return score


def _same_day(one: Json, other: Json) -> int | None:
    """None when both have days and they lie apart."""
    days = (one["date_start"], one["date_end"], other["date_start"], other["date_end"])
    if None in days:
        return 0
    if days[:2] == days[2:]:
        return 2
    a, b, c, d = (dt.date.fromisoformat(day) for day in days)
    return 0 if a <= d + _DAY_SLACK and c <= b + _DAY_SLACK else None


def _story_event(story_id: str, group: list[Statement], texts: Sequence[_Text], counts: Counts) -> StoryEvent:
    newest = next(text for text in texts if text.current)
    oldest = group[-1].event["event_id"]
    return StoryEvent(
        story_event_id=stable_id("story_event", story_id, oldest),
        story_id=story_id,
        statements=tuple(group),
        in_newest_text=group[0].as_of == newest.as_of,
        counts=counts,
    )
