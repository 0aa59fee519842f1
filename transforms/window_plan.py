"""What a window's outcomes mean: its rows, its counts and what it adds to the state.

Every entry ends in exactly one outcome (an article, known already, dropped, quarantined, waiting), and the counts say
so per feed: that is the conservation law. Nothing is written here.
"""

import dataclasses
import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from transforms import reasons, texts, urls
from transforms.clock import iso
from transforms.find_duplicates import StoryAssignment, assign_stories
from transforms.forgotten import Forgotten
from transforms.history import Delta, History
from transforms.hosts import news_of_hosts
from transforms.known_articles import KnownArticle
from transforms.records import (
    TEXT_RIGHTS,
    Article,
    ArticleRow,
    CodedArticle,
    Entry,
    Event,
    EventRow,
    Failure,
    Feed,
    FeedPolled,
    HostState,
    RejectRow,
    Requeued,
    Row,
    StoryRow,
    TextRow,
    Tick,
    Unparked,
    event_id_of,
    stable_id,
)
from transforms.seen import day_of
from transforms.sketches import Sketch

RETRY_HOURS = 24
RETRY_PAUSES = (120.0, 300.0, 900.0, 1800.0, 3600.0)
TABLES = ("articles", "texts", "stories", "events", "feeds", "rejects")
_KEYS = {
    "articles": "article_id", "texts": "article_id", "stories": "article_id", "events": "event_id",
    "feeds": "feed_id", "rejects": "url",
}  # fmt: skip

Outcome = Tick | FeedPolled | HostState | Failure | CodedArticle | Requeued | Unparked
FindRow = Callable[[KnownArticle], dict[str, Any] | None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Versions:
    """What the rows say about who made them."""

    pipeline: str
    rules: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class WindowPlan:
    """The rows of a window by table, its counts by feed and outcome, and what it adds to the state."""

    rows: dict[str, list[Row]]
    counts: dict[str, dict[str, Any]]
    delta: Delta
    withheld: frozenset[str] = frozenset()
    """Archive records of articles that were taken down and came again: they are not to be kept."""

    def with_objects(self, names: dict[str, str]) -> "WindowPlan":
        """The plan with the known articles pointing at the object their rows went to."""
        articles = tuple(
            dataclasses.replace(a, object=a.object or names.get("articles", "")) for a in self.delta.articles
        )
        return dataclasses.replace(self, delta=dataclasses.replace(self.delta, articles=articles))


def plan_window(
    outcomes: Iterable[Outcome],
    history: History,
    *,
    now: dt.datetime,
    versions: Versions,
    find_row: FindRow,
) -> WindowPlan:
    """What a window's outcomes mean given what is already committed.

    ``find_row`` gives the latest published row of a known article (needed when a further feed lists it), None when that
    row has expired.
    """
    polls: dict[tuple[str, str], FeedPolled] = {}
    failures: list[Failure] = []
    coded: list[CodedArticle] = []
    hosts: list[HostState] = []
    catalogue: dict[str, Feed] = {}
    acts: list[Requeued | Unparked] = []
    told: list[tuple[str, tuple[str, ...]]] = []
    for outcome in outcomes:
        if isinstance(outcome, Tick):
            catalogue.update({feed.id: feed for feed in outcome.feeds})
            told += outcome.forgotten
        elif isinstance(outcome, FeedPolled):
            polls[outcome.row.feed_id, outcome.row.polled] = outcome
        elif isinstance(outcome, Failure):
            failures.append(outcome)
        elif isinstance(outcome, HostState):
            hosts.append(outcome)
        elif isinstance(outcome, Requeued | Unparked):
            acts.append(outcome)
        else:
            coded.append(outcome)
    tally = _Tally(history)
    planner = _Planner(history, catalogue, tally, now, versions, find_row, Forgotten(history, told))
    planner.articles(sorted(coded, key=lambda c: (c.article.article_id, c.article.fetched, c.article.url)))
    planner.failures(sorted(failures, key=lambda f: (f.reason, f.url or "", [e.entry_id for e in f.entries])))
    planner.polls([polls[key] for key in sorted(polls)])
    planner.hosts(hosts)
    planner.acts(acts)
    return planner.plan()


class _Tally:
    """Every entry's one outcome, per feed, for the conservation law."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.reasons: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self.seen: dict[tuple[str, str], str] = {}
        self.queue: dict[str, Entry] = dict(history.queue)
        self._closed: set[tuple[str, str]] = set()

    def open(self, entry: Entry) -> bool:
        """Whether an entry still waits for its outcome."""
        if (entry.feed_id, entry.entry_id) in self._closed:
            return False
        if entry.entry_id in self._history.queue:
            queued = self._history.queue[entry.entry_id]
            return queued.fingerprint != entry.fingerprint or queued.attempts <= entry.attempts
        return self._history.seen.of(entry.feed_id).get(entry.entry_id) != entry.fingerprint

    def close(self, entry: Entry, outcome: str, reason: str = "") -> None:
        """Give an entry its outcome; ``waiting`` is not final and leaves it in the queue."""
        counts = self.counts[entry.feed_id]
        counts["waiting_before" if entry.entry_id in self._history.queue else "new"] += 1
        counts[outcome] += 1
        if reason:
            self.reasons[entry.feed_id][outcome][reason] += 1
        self.seen[entry.feed_id, entry.entry_id] = entry.fingerprint
        self._closed.add((entry.feed_id, entry.entry_id))
        self.queue.pop(entry.entry_id, None)

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Per feed: new + waiting_before = articles + known + dropped + quarantined + waiting."""
        untouched = Counter(e.feed_id for e in self._history.queue.values() if e.entry_id in self.queue)
        feeds = sorted({*self.counts, *untouched})
        names = ("new", "waiting_before", "articles", "known", "dropped", "quarantined", "waiting")
        result: dict[str, dict[str, Any]] = {}
        for feed in feeds:
            line: dict[str, Any] = {name: self.counts[feed][name] for name in names}
            line["waiting_before"] += untouched[feed]
            line["waiting"] += untouched[feed]
            line["reasons"] = {
                outcome: dict(sorted(found.items())) for outcome, found in sorted(self.reasons[feed].items())
            }
            result[feed] = line
        return result


class _Planner:
    """Turns sorted outcomes into rows; one instance plans one window."""

    def __init__(
        self,
        history: History,
        catalogue: dict[str, Feed],
        tally: _Tally,
        now: dt.datetime,
        versions: Versions,
        find_row: FindRow,
        forgotten: Forgotten,
    ) -> None:
        self._find_row = find_row
        self._history = history
        self._catalogue = catalogue
        self._tally = tally
        self._now = now
        self._envelope: dict[str, Any] = {
            "pipeline_version": versions.pipeline,
            "rules_version": versions.rules,
            "ingested": iso(now),
        }
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._known: dict[str, KnownArticle] = {}
        self._states: list[Any] = []
        self._later: list[Entry] = []
        self._forgotten = forgotten
        self._listed_again: dict[tuple[str, str], str] = {}
        self._hosts: tuple[HostState, ...] = ()
        self._neighbours: dict[str, tuple[str, str]] = {}

    def articles(self, coded: Sequence[CodedArticle]) -> None:
        """Rows of articles, texts, stories and events."""
        by_id: dict[str, CodedArticle] = {}
        wanted, gone = self._forgotten.without(coded)
        self.failures([Failure(stage="commit", reason="FORGOTTEN", entries=article.entries) for article in gone])
        for one in self._told_apart(wanted):
            entries = tuple(e for e in one.article.entries if self._tally.open(e))
            if not entries:
                continue
            earlier = by_id.get(one.article.article_id)
            merged = one_each((*(earlier.article.entries if earlier else ()), *entries))
            newest = max(earlier, one, key=_standing) if earlier else one
            by_id[one.article.article_id] = dataclasses.replace(
                newest, article=dataclasses.replace(newest.article, entries=merged)
            )
        for article_id in [found for found in by_id if self._history.closed_hash(found) is not None]:
            for entry in by_id.pop(article_id).article.entries:  # long published, and never changed any more
                self._tally.close(entry, "known")
        fresh = [c for c in by_id.values() if c.article.article_id not in self._history.articles]
        assignments = {
            a.article_id: a
            for a in assign_stories(
                [Sketch.unpack(c.article.article_id, c.sketch) for c in fresh], self._history.horizon
            )
        }
        for article_id in sorted(by_id):
            one = by_id[article_id]
            known = self._history.articles.get(article_id)
            if known is None:
                self._publish(one, None, assignments[article_id])
            elif known.content_hash != content_hash(one.article) and self._may_revise(one.article, known):
                self._publish(one, known, None)
            else:
                self._join_feeds(one, known)

    def _told_apart(self, coded: Sequence[CodedArticle]) -> Iterator[CodedArticle]:
        """The articles; one that took another's ``rel=canonical`` goes back to its own address.

        Some templates state one fixed canonical URL on every page: different texts under one id would hide each other.
        """
        claims: dict[str, set[str]] = defaultdict(set)
        for one in coded:
            claims[one.article.article_id].add(content_hash(one.article))
        for one in coded:
            article, lead = one.article, one.article.entries[0]
            known = self._known_hash(article.article_id)
            # an entry that was read before brings its own article's new text, unless it was told apart then
            met_before = lead.entry_id in self._history.seen.of(lead.feed_id)
            a_stranger = not met_before or self._known_hash(lead.article_id) is not None
            contested = len(claims[article.article_id]) > 1 or (
                known is not None and not content_hash(article).startswith(known) and a_stranger
            )
            yield _under_own_address(one) if contested and lead.article_id not in {"", article.article_id} else one

    def _known_hash(self, article_id: str) -> str | None:
        """What is known of the content's hash of a published article, None for others."""
        known = self._history.articles.get(article_id)
        return known.content_hash if known is not None else self._history.closed.get(article_id)

    def _publish(self, one: CodedArticle, known: KnownArticle | None, story: StoryAssignment | None) -> None:
        article = one.article
        entries = sorted(article.entries, key=lambda e: (e.feed_id, e.entry_id))
        for position, entry in enumerate(entries):
            self._tally.close(entry, "articles" if position == 0 else "known")
        revision = known.revision + 1 if known else 0
        envelope: dict[str, Any] = {
            **self._envelope,
            "revision": revision,
            "revision_reason": "source_changed" if known else "new",
        }
        feed_ids = tuple(sorted({*(known.feed_ids if known else ()), *(e.feed_id for e in entries)}))
        story_id = story.story_id if story else known.story_id if known else article.article_id
        self._neighbours[article.article_id] = article.language or "", story_id
        first_seen = known.seen if known else min(e.first_seen for e in entries)
        row = self._article_row(one, entries, feed_ids, {**envelope, "first_seen": first_seen})
        if known and (earlier := self._find_row(known)):
            row = _kept_owner(row, earlier)
        self._rows["articles"].append(row)
        self._rows["texts"].append(
            TextRow(article_id=article.article_id, text=article.text, text_hash=row.text_hash, **envelope)
        )
        if story is not None:
            self._rows["stories"].append(
                StoryRow(
                    article_id=article.article_id,
                    story_id=story.story_id,
                    duplicate_of=story.duplicate_of,
                    relation=story.relation,
                    similarity=story.similarity,
                    related=tuple(story.related),
                    **envelope,
                )
            )
        event_revision = self._publish_events(one, row, story_id, known, envelope)
        self._known[article.article_id] = KnownArticle(
            article_id=article.article_id,
            revision=revision,
            content_hash=content_hash(article),
            story_id=story_id,
            feed_ids=feed_ids,
            event_ids=tuple(sorted(e.event_id for e in one.events)),
            event_revision=event_revision,
            object="",
            seen=row.first_seen,
            sketch=one.sketch,
        )

    def _publish_events(
        self, one: CodedArticle, row: ArticleRow, story_id: str, known: KnownArticle | None, envelope: dict[str, Any]
    ) -> int:
        """The article's whole set of events; those of an earlier revision that vanished are retracted."""
        revision = known.event_revision + 1 if known else 0
        more = {
            **envelope,
            "revision": revision,
            "story_id": story_id,
            "url": row.url,
            "outlet": row.outlet,
            "published": row.published,
        }
        current = {event.event_id: event for event in one.events}
        for event_id in sorted(current):
            self._rows["events"].append(_event_row(current[event_id], more))
        for event_id in sorted(set(known.event_ids if known else ()) - set(current)):
            gone = Event(event_id=event_id, article_id=row.article_id, event_type="", rules=("vanished",))
            self._rows["events"].append(_event_row(gone, {**more, "op": "retract"}))
        return revision

    def _article_row(
        self, one: CodedArticle, entries: Sequence[Entry], feed_ids: tuple[str, ...], envelope: dict[str, Any]
    ) -> ArticleRow:
        article = one.article
        # an aggregator may list an article too: it belongs to the feed of its own host, where there is one
        own = [e for e in entries if _same_host(self._feed(e.feed_id).url, article.canonical_url)]
        feed = self._feed((own or entries)[0].feed_id)
        rights = min((article.rights, *(e.text_rights for e in entries)), key=TEXT_RIGHTS.index)
        return ArticleRow(
            article_id=article.article_id,
            url=article.url,
            canonical_url=article.canonical_url,
            feed_ids=feed_ids,
            entry_ids=tuple(e.entry_id for e in entries),
            outlet=feed.outlet,
            publisher_family=feed.publisher_family,
            ownership=feed.ownership,
            country=feed.country,
            title=article.title,
            authors=article.authors,
            published=article.published,
            published_from=article.published_from,
            published_precision=article.published_precision,
            updated=article.updated,
            fetched=article.fetched,
            language=article.language,
            language_confidence=article.language_confidence,
            excerpt=texts.excerpt_of(article.text),
            word_count=texts.word_count(article.text),
            text_hash=texts.text_hash(article.text),
            body_from=article.body_from,
            wire_agency=article.wire_agency,
            is_security=one.is_security,
            countries=one.countries,
            flags=tuple(sorted(set(article.flags))),
            rights=rights,
            extraction=article.extraction,
            raw_ref=article.raw_ref,
            **envelope,
        )

    def _may_revise(self, article: Article, known: KnownArticle) -> bool:
        """Whether a new text may replace the published one: a feed's text never replaces a page's, nor another feed's."""
        if article.body_from == "page":
            return True
        ours = any(entry.feed_id in known.feed_ids for entry in article.entries)
        earlier = self._find_row(known) if ours else None
        return earlier is not None and earlier["body_from"] != "page"

    def _feed(self, feed_id: str) -> Feed:
        """The catalogue's word on a feed; an entry may outlive its feed in the queue, and is then nobody's."""
        gone = Feed(id=feed_id, url="", outlet=feed_id, publisher_family=feed_id, ownership="private")
        return self._catalogue.get(feed_id, gone)

    def _join_feeds(self, one: CodedArticle, known: KnownArticle) -> None:
        """An article that is known with this text: nothing new, unless a further feed lists it."""
        for entry in one.article.entries:
            self._tally.close(entry, "known")
        feed_ids = tuple(sorted({*known.feed_ids, *(e.feed_id for e in one.article.entries)}))
        if feed_ids == known.feed_ids:
            return
        earlier = self._find_row(known)
        if earlier is None:
            return
        revision = known.revision + 1
        entry_ids = tuple(sorted({*earlier["entry_ids"], *(e.entry_id for e in one.article.entries)}))
        changed: dict[str, Any] = {
            **earlier,
            **self._envelope,
            "revision": revision,
            "revision_reason": "source_changed",
            "feed_ids": feed_ids,
            "entry_ids": entry_ids,
        }
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in changed.items()}
        self._rows["articles"].append(ArticleRow(**fields))
        self._known[known.article_id] = dataclasses.replace(known, revision=revision, feed_ids=feed_ids, object="")

    def failures(self, failures: Sequence[Failure]) -> None:
        """Rows of rejects; entries with a passing failure go to the queue until they have waited a day."""
        for failure in failures:
            if not failure.entries:
                self._reject(failure, None, failure.reason, failure.message)
                continue
            for entry in failure.entries:
                if self._tally.open(entry):
                    gone = self._forgotten.has(entry)
                    found = dataclasses.replace(failure, reason="FORGOTTEN", message="") if gone else failure
                    self._entry_failed(found, entry)

    def _entry_failed(self, failure: Failure, entry: Entry) -> None:
        action = reasons.disposition(failure.reason)
        waited = self._now - dt.datetime.fromisoformat(entry.first_seen)
        if action == "retry" and (failure.reason == "WAITING" or waited < dt.timedelta(hours=RETRY_HOURS)):
            tried = entry.attempts + (failure.reason != "WAITING")
            pause = 0.0 if failure.reason == "WAITING" else RETRY_PAUSES[min(tried, len(RETRY_PAUSES)) - 1]
            pause = max(pause, failure.retry_after or 0.0)
            later = dataclasses.replace(
                entry, attempts=tried, reason=failure.reason, next_try=iso(self._now + dt.timedelta(seconds=pause))
            )
            self._tally.close(entry, "waiting", failure.reason)
            del self._tally.seen[entry.feed_id, entry.entry_id]
            self._later.append(later)
            return
        final = "RETRIES_EXHAUSTED" if action == "retry" else failure.reason
        outcome = "dropped" if reasons.disposition(final) == "drop" else "quarantined"
        self._tally.close(entry, outcome, final)
        message = f"{failure.reason}: {failure.message}" if action == "retry" else failure.message
        self._reject(failure, entry, final, message)

    def _reject(self, failure: Failure, entry: Entry | None, reason: str, message: str) -> None:
        self._rows["rejects"].append(
            RejectRow(
                stage=failure.stage,
                reason=reason,
                feed_id=entry.feed_id if entry else failure.feed_id,
                # an address often holds the title
                url=None if reason == "FORGOTTEN" else (entry.url if entry else failure.url) or None,
                article_id=(entry.article_id if entry else None) or None,
                message=texts.clean_text(message, one_line=True)[:300],
                seen=entry.first_seen if entry else iso(self._now),
                attempts=entry.attempts + 1 if entry else 1,
                raw_ref=failure.raw_ref or (entry.raw_ref if entry else None),
                **self._envelope,
            )
        )

    def acts(self, acts: Iterable[Requeued | Unparked]) -> None:
        """What people did: entries that come in once more and wait, feeds that are due whatever they answered."""
        for act in acts:
            for entry in act.entries if isinstance(act, Requeued) else ():
                if entry.entry_id not in self._history.queue:
                    self._tally.close(entry, "waiting", "WAITING")
                    del self._tally.seen[entry.feed_id, entry.entry_id]
                    self._later.append(entry)
            for feed_id in act.feed_ids if isinstance(act, Unparked) else ():
                state = self._history.feed_states[feed_id]
                now = iso(self._now)
                self._states.append(dataclasses.replace(state, failures=0, held_until="", health="ok", next_poll=now))

    def polls(self, polls: Sequence[FeedPolled]) -> None:
        """Rows of feeds; a poll keeps its validators only if all it listed is accounted for."""
        for poll in polls:
            feed_id = poll.row.feed_id
            before = self._history.feed_states.get(feed_id)
            if before is not None and before.polled >= poll.row.polled:
                continue
            self._rows["feeds"].append(dataclasses.replace(poll.row, **self._envelope))
            accounted = {
                **self._history.known_entries(feed_id),
                **{entry: fp for (feed, entry), fp in self._tally.seen.items() if feed == feed_id},
                **{entry.entry_id: entry.fingerprint for entry in self._later},
            }
            state = poll.state
            self._note_listing(poll)
            if any(accounted.get(entry_id) != fingerprint for entry_id, fingerprint in poll.listed):
                state = dataclasses.replace(state, etag=None, last_modified=None, content_hash=None)
            self._states.append(state)

    def _note_listing(self, poll: FeedPolled) -> None:
        """Entries that are still listed are kept in mind; once a week is enough."""
        feed_id, today, known = poll.row.feed_id, day_of(self._now), self._history.seen
        for entry_id, _ in poll.listed:
            if known.is_stale(feed_id, entry_id, today):
                self._listed_again[feed_id, entry_id] = known.of(feed_id)[entry_id]

    def hosts(self, states: Sequence[HostState]) -> None:
        """What hosts asked for."""
        self._hosts = news_of_hosts(states, self._history.hosts)

    def plan(self) -> WindowPlan:
        """All of it; rows of like articles side by side, which compresses to three quarters: see ``_in_order``."""
        queue = {**self._tally.queue, **{entry.entry_id: entry for entry in self._later}}
        seen, today = {**self._listed_again, **self._tally.seen}, day_of(self._now)
        delta = Delta(
            feeds=tuple(self._states),
            seen=tuple((feed, entry, fp, today) for (feed, entry), fp in sorted(seen.items())),
            articles=tuple(self._known[key] for key in sorted(self._known)),
            queue=tuple(queue[key] for key in sorted(queue)),
            hosts=self._hosts,
            forgotten=tuple(sorted(self._forgotten.found)),
        )
        rows = {table: _in_order(found, _KEYS[table], self._neighbours) for table, found in self._rows.items()}
        return WindowPlan(
            rows=rows, counts=self._tally.as_json(), delta=delta, withheld=frozenset(self._forgotten.records)
        )


def _in_order(rows: Sequence[Row], key: str, neighbours: Mapping[str, tuple[str, str]]) -> list[Row]:
    """Rows by language, story, article and id, so that copies of a text and events of an article lie side by side.

    gzip looks 32 kB back: in the order of their ids alone, which are hashes, four tables take 1.3 times the room.
    ``neighbours`` gives the language and the story of an article. Rows of one id go by what they say.
    """
    ids = [getattr(row, key) or "" for row in rows]
    repeated = {one for one, count in Counter(ids).items() if count > 1}

    def place(number: int) -> tuple[Any, ...]:
        article_id = getattr(rows[number], "article_id", None) or ""
        language, story_id = neighbours.get(article_id, ("", article_id))
        said = repr(rows[number]) if ids[number] in repeated else ""
        return language, story_id, article_id, ids[number], said

    return [rows[number] for number in sorted(range(len(rows)), key=place)]


def one_each(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Each entry once, as it was listed last, since when it was listed first."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = entry.feed_id, entry.entry_id
        before = found.get(key, entry)
        newest = max(before, entry, key=lambda e: (e.first_seen, -e.attempts))
        found[key] = dataclasses.replace(newest, first_seen=min(before.first_seen, entry.first_seen))
    return tuple(found.values())


def _standing(one: CodedArticle) -> tuple[Any, ...]:
    """Which of several readings of an article in one window holds: a page's before a feed's, then the last one.

    A window is long enough for an article to be edited between two of them.
    """
    article = one.article
    last_listed = max(entry.first_seen for entry in article.entries)
    return article.body_from == "page", article.fetched, last_listed, content_hash(article)


def _same_host(one: str, other: str) -> bool:
    return _host(one) == _host(other) != ""


@functools.lru_cache(maxsize=1024)
def _host(url: str) -> str:
    """The host of a URL's canonical form, "" where it has none; kept of feeds, whose URLs come again."""
    try:
        return urls.host_of(urls.canonical_url(url).canonical)
    except urls.BadUrlError:
        return ""


def _kept_owner(row: ArticleRow, earlier: dict[str, Any]) -> ArticleRow:
    """A revision keeps the outlet of the first publication, all its entries, and the stricter rights."""
    return dataclasses.replace(
        row,
        **{name: earlier[name] for name in ("outlet", "publisher_family", "ownership", "country")},
        entry_ids=tuple(sorted({*earlier["entry_ids"], *row.entry_ids})),
        rights=min(row.rights, earlier["rights"], key=TEXT_RIGHTS.index),
    )


def _under_own_address(one: CodedArticle) -> CodedArticle:
    """The article under the identity of the entry that led to it, its events with it."""
    lead = one.article.entries[0]
    article = dataclasses.replace(one.article, article_id=lead.article_id, canonical_url=lead.canonical_url)
    events = tuple(
        dataclasses.replace(
            event,
            article_id=lead.article_id,
            event_id=event_id_of(lead.article_id, event.event_type, event.evidence[0].part, event.evidence[0].start),
        )
        for event in one.events
    )
    return dataclasses.replace(one, article=article, events=events)


def content_hash(article: Article) -> str:
    """What tells one revision of an article from the next: its title and its text."""
    return stable_id("content", article.title, article.text)


def _event_row(event: Event, more: dict[str, Any]) -> EventRow:
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(Event)}
    return EventRow(**fields, **more)
