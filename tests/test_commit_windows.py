"""A window's outcomes become records once, and once only, whatever is retried, restarted or killed."""

import dataclasses
import datetime as dt

import jsonschema
import orjson
import pytest

from transforms import history as committed
from transforms.audit import audit
from transforms.commit_windows import commit_window, encode_rows
from transforms.datasets import read_rows
from transforms.find_duplicates import sketch_text
from transforms.history import History
from transforms.records import (
    Actor,
    Article,
    CodedArticle,
    Entry,
    Event,
    Evidence,
    Failure,
    Feed,
    FeedPolled,
    FeedRow,
    FeedState,
    Location,
    Quantity,
    TextRow,
    Tick,
    article_id_of,
    event_id_of,
    stable_id,
)
from transforms.schema import TABLES, json_schema
from transforms.store import LocalStore
from transforms.window_plan import Versions

START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
FEEDS = tuple(
    Feed(id=f, url=f"https://{f}.example/feed", outlet=f, publisher_family=f, ownership="private", country="NE")
    for f in ("un", "deux")
)
BODY = "Le conseil communal de la ville a adopté son budget pour la nouvelle année après deux jours de débats. " * 3


def at(hours):
    """A time so many hours after the start."""
    return START + dt.timedelta(hours=hours)


def text_of(moment):
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def entry(name, feed="un", title="Titre", seen=START, **more):
    """An entry of a feed."""
    url = f"https://essai.example/{name}"
    return Entry(
        entry_id=stable_id("entry", feed, url),
        feed_id=feed,
        article_id=article_id_of(url),
        url=url,
        canonical_url=url,
        title=title,
        fingerprint=stable_id(title)[:16],
        first_seen=text_of(seen),
        **more,
    )


def coded(*entries, text=BODY, events=()):
    """An article with its sketch as the graph hands it over."""
    lead = entries[0]
    article = Article(
        article_id=lead.article_id,
        entries=entries,
        url=lead.url,
        canonical_url=lead.canonical_url,
        title=lead.title,
        text=text,
        fetched=text_of(START),
        language="fr",
    )
    sketch = sketch_text(text, article_id=lead.article_id, seen=lead.first_seen, outlet="un", language="fr")
    return CodedArticle(article=article, events=events, sketch=sketch.pack())


def event_of(name, kind="BAT.CLASH"):
    """A whole event with every nested record in it."""
    article_id = entry(name).article_id
    return Event(
        event_id=event_id_of(article_id, kind, "text", 0),
        article_id=article_id,
        event_type=kind,
        actors=(Actor(name="JNIM", actor_id="jnim", role="initiator", actor_class="rebel_jihadist", country="ML"),),
        location=Location(name="Téra", country="NE", latitude=14.0, longitude=0.75, precision="place"),
        date_start="2026-11-10",
        date_end="2026-11-10",
        date_precision="day",
        quantities=(Quantity(kind="killed", low=0, high=0), Quantity(kind="wounded", low=3, high=None)),
        evidence=(Evidence(part="text", sentence="Le conseil", start=0, end=10),),
        confidence=0.8,
        language="fr",
    )


def polled(feed, moment, *listed, etag='"1"'):
    """A poll that listed these entries."""
    state = FeedState(feed_id=feed, polled=text_of(moment), etag=etag, content_hash="x")
    row = FeedRow(feed_id=feed, url=f"https://{feed}.example/feed", polled=text_of(moment), status="ok", etag=etag)
    return FeedPolled(row=row, state=state, listed=tuple((e.entry_id, e.fingerprint) for e in listed))


class Dataset:
    """A dataset in a folder, with a history that can be forgotten as a restart would."""

    def __init__(self, folder):
        self.store = LocalStore(folder)
        self.history = History(self.store)

    def commit(self, moment, *outcomes):
        """One window at a moment."""
        return commit_window(
            [Tick(at=text_of(moment), feeds=FEEDS), *outcomes],
            self.history,
            window=(text_of(moment), text_of(moment)),
            now=moment,
            versions=Versions(pipeline="1", rules="r"),
        )

    def restart(self):
        """Forget everything but the bucket."""
        self.history = History(self.store)
        self.history.refresh()

    def rows(self, table):
        """All published rows of a table in the order of their seq."""
        found = []
        for name in self.store.names(committed.MANIFESTS):
            for described in orjson.loads(self.store.read(name))["objects"]:
                if described["table"] == table:
                    found += read_rows(self.store.read(described["name"]))
        return sorted(found, key=lambda row: row["seq"])


@pytest.fixture
def dataset(tmp_path):
    """An empty dataset."""
    return Dataset(tmp_path / "out")


def law_holds(manifest):
    """The conservation law of a window, feed by feed."""
    for feed, c in manifest["counts"].items():
        came = c["new"] + c["waiting_before"]
        went = c["articles"] + c["known"] + c["dropped"] + c["quarantined"] + c["waiting"]
        assert came == went, (feed, c)


def test_rows_of_all_tables_meet_their_schemas(dataset):
    """Each published row validates against the schema of its table."""
    one = entry("a")
    manifest = dataset.commit(
        at(0),
        coded(one, events=(event_of("a"),)),
        Failure(stage="fetch", reason="HTTP_404", message="HTTP 404", entries=(entry("b"),)),
        polled("un", at(0), one, entry("b")),
    )
    assert {o["table"] for o in manifest["objects"]} == set(TABLES)
    for table in TABLES:
        rows = dataset.rows(table)
        assert rows
        for row in rows:
            jsonschema.validate(row, json_schema(table))
    law_holds(manifest)


def test_a_window_committed_twice_publishes_once(dataset):
    """A retried bundle finds its entries accounted for and writes nothing, also after a restart."""
    outcomes = (coded(entry("a")), polled("un", at(0), entry("a")))
    first = dataset.commit(at(0), *outcomes)
    assert dataset.commit(at(0), *outcomes) == first
    dataset.restart()
    assert dataset.commit(at(0), *outcomes) == first
    assert len(dataset.rows("articles")) == 1
    assert len(dataset.store.names(committed.MANIFESTS)) == 1


def test_a_crash_before_latest_is_moved_loses_nothing(dataset):
    """The manifest is the commit: a reader that finds an older latest.json still finds the newer manifest."""
    dataset.commit(at(0), coded(entry("a")))
    old = dataset.store.read("latest.json")
    dataset.commit(at(1), coded(entry("b"), text=BODY.replace("budget", "plan de lutte")))
    (dataset.store.root / "latest.json").write_bytes(old)
    dataset.restart()
    assert dataset.history.sequence == 2
    dataset.commit(at(2), coded(entry("b"), text=BODY.replace("budget", "plan de lutte")))
    assert len(dataset.rows("articles")) == 2
    assert orjson.loads(dataset.store.read("latest.json"))["sequence"] == 3


def test_the_same_article_in_two_feeds_is_one_row_with_both(dataset):
    """In one window the row lists both feeds; a feed that comes later gives a new revision with it."""
    dataset.commit(at(0), coded(entry("a"), entry("a", "deux")))
    [row] = dataset.rows("articles")
    assert row["feed_ids"] == ["deux", "un"]
    dataset.commit(at(1), coded(entry("b", text_rights="open"), text=BODY.replace("ville", "région")))
    dataset.restart()
    manifest = dataset.commit(at(2), coded(entry("b", "deux", seen=at(2)), text=BODY.replace("ville", "région")))
    rows = [row for row in dataset.rows("articles") if row["url"].endswith("/b")]
    assert [(row["revision"], row["feed_ids"]) for row in rows] == [(0, ["un"]), (1, ["deux", "un"])]
    assert rows[1]["first_seen"] == rows[0]["first_seen"]
    assert manifest["counts"]["deux"]["known"] == 1
    law_holds(manifest)


def test_an_edited_article_is_a_revision_and_its_vanished_events_are_retracted(dataset):
    """Another text under the same address is revision 1; the story stays, old events are retracted."""
    dataset.commit(at(0), coded(entry("a"), events=(event_of("a"), event_of("a", "REM.IED"))))
    dataset.restart()
    dataset.commit(at(1), coded(entry("a", title="Corrigé"), events=(event_of("a"),)))
    articles, events = dataset.rows("articles"), dataset.rows("events")
    assert [(r["revision"], r["revision_reason"]) for r in articles] == [(0, "new"), (1, "source_changed")]
    latest = {row["event_id"]: row for row in events}
    assert sorted((row["event_type"], row["op"], row["revision"]) for row in latest.values()) == [
        ("", "retract", 1),
        ("BAT.CLASH", "upsert", 1),
    ]
    assert len({row["story_id"] for row in dataset.rows("stories")}) == 1
    assert len(dataset.rows("texts")) == 2


def test_copies_join_the_story_of_an_earlier_window(dataset):
    """A copy in a later window, after a restart, gets the first seen member's story."""
    long = " ".join(f"phrase{i} le village de la région numéro {i * 7} a reçu la visite du conseil" for i in range(60))
    dataset.commit(at(0), coded(entry("a"), text=long))
    dataset.restart()
    dataset.commit(at(1), coded(entry("b", "deux", seen=at(1)), text=long))
    first, second = dataset.rows("stories")
    assert (first["relation"], second["relation"]) == ("original", "exact")
    assert second["story_id"] == second["duplicate_of"] == first["article_id"]


def test_stories_leave_the_horizon_after_a_week(dataset):
    """A text that comes again after more than seven days is a story of its own, also after a restart."""
    long = " ".join(f"phrase{i} le village de la région numéro {i * 7} a reçu la visite du conseil" for i in range(60))
    dataset.commit(at(0), coded(entry("a"), text=long))
    dataset.commit(at(24 * 8), coded(entry("b", "deux", seen=at(24 * 8)), text=BODY))
    for restart in (False, True):
        if restart:
            dataset.restart()
        assert entry("a").article_id not in dataset.history.horizon
        assert entry("b").article_id in dataset.history.horizon
    dataset.commit(at(24 * 8 + 1), coded(entry("c", "deux", seen=at(24 * 8 + 1)), text=long))
    assert [row["relation"] for row in dataset.rows("stories")] == ["original"] * 3


def test_passing_failures_wait_and_are_quarantined_after_a_day(dataset):
    """A page that fails for a passing reason stays in the queue with backoff, also across a restart, for 24 hours."""
    waiting, pauses = entry("a"), []
    manifest = dataset.commit(at(0), Failure(stage="fetch", reason="TIMEOUT_TOTAL", entries=(waiting,)))
    assert manifest["counts"]["un"]["waiting"] == 1
    law_holds(manifest)
    for hour in (1, 5, 23):
        dataset.restart()
        [queued] = dataset.history.queue.values()
        pauses.append(queued.next_try)
        manifest = dataset.commit(at(hour), Failure(stage="fetch", reason="HTTP_5XX", entries=(queued,)))
        law_holds(manifest)
    assert queued.attempts == 3
    dataset.restart()
    [queued] = dataset.history.queue.values()
    manifest = dataset.commit(at(24), Failure(stage="fetch", reason="HTTP_5XX", message="HTTP 500", entries=(queued,)))
    assert (manifest["counts"]["un"]["quarantined"], manifest["counts"]["un"]["waiting"]) == (1, 0)
    [reject] = dataset.rows("rejects")
    assert (reject["reason"], reject["message"], reject["attempts"]) == (
        "RETRIES_EXHAUSTED",
        "HTTP_5XX: HTTP 500",
        5,
    )
    dataset.restart()
    assert not dataset.history.queue
    law_holds(manifest)


def test_what_a_lane_did_not_reach_waits_without_counting_as_an_attempt(dataset):
    """WAITING entries are due again at once and keep their attempts, however long they wait."""
    dataset.commit(at(0), Failure(stage="fetch", reason="WAITING", entries=(entry("a"),)))
    dataset.restart()
    [queued] = dataset.history.queue.values()
    assert (queued.attempts, queued.next_try) == (0, text_of(at(0)))
    dataset.commit(at(30), Failure(stage="fetch", reason="WAITING", entries=(queued,)))
    assert len(dataset.history.queue) == 1
    manifest = dataset.commit(at(31), coded(queued))
    assert (manifest["counts"]["un"]["waiting_before"], manifest["counts"]["un"]["articles"]) == (1, 1)
    assert not dataset.history.queue
    law_holds(manifest)


def test_untouched_queue_entries_are_carried(dataset):
    """A window that says nothing of a queued entry keeps it and the law still balances."""
    dataset.commit(at(0), Failure(stage="fetch", reason="DNS_ERROR", entries=(entry("a"),)))
    manifest = dataset.commit(at(1), coded(entry("b")))
    assert (manifest["counts"]["un"]["waiting_before"], manifest["counts"]["un"]["waiting"]) == (1, 1)
    assert len(dataset.history.queue) == 1
    law_holds(manifest)


def test_validators_are_not_kept_without_their_entries(dataset):
    """A poll whose entries are not all accounted for loses its ETag, so that the next poll reads them again."""
    dataset.commit(at(0), polled("un", at(0), entry("a"), entry("lost")), coded(entry("a")))
    dataset.restart()
    assert dataset.history.feed_states["un"].etag is None
    dataset.commit(at(1), polled("un", at(1), entry("a"), entry("lost")), coded(entry("lost"), text=BODY + "x"))
    assert dataset.history.feed_states["un"].etag == '"1"'


def test_the_same_rows_are_the_same_bytes(tmp_path):
    """Equal outcomes in any order at the same clock give byte-identical objects and manifests."""
    outcomes = [coded(entry(n), text=BODY.replace("ville", n)) for n in ("a", "b", "c")]
    outcomes += [polled("un", at(0), *(entry(n) for n in ("a", "b", "c")))]
    trees = []
    for number, order in enumerate((outcomes, outcomes[::-1])):
        dataset = Dataset(tmp_path / str(number))
        dataset.commit(at(0), *order)
        trees.append({name: dataset.store.read(name) for name in dataset.store.names("")})
    assert trees[0] == trees[1]


def test_state_is_snapshotted_and_survives(dataset):
    """After many windows the state is rewritten whole, and a restart reads the same from it."""
    for hour in range(40):
        dataset.commit(at(hour), coded(entry(f"a{hour}"), text=BODY.replace("ville", f"ville{hour}")))
    assert len(dataset.history.manifest["state"]) < 30
    before = dataset.history.whole()
    dataset.restart()
    assert dataset.history.whole() == before
    assert len(dataset.history.articles) == 40


def test_one_record_is_one_line():
    """Line separators inside a text never end a JSON line, whatever a reader splits on."""
    row = TextRow(article_id="0" * 32, text="a\u2028b\u2029c\x85d\ne", text_hash="0" * 32)
    [line] = encode_and_split(row)
    assert orjson.loads(line)["text"] == row.text


def encode_and_split(row):
    """The lines as the most careless reader would split them."""
    import gzip

    return gzip.decompress(encode_rows([row], 1)).decode().splitlines()


def test_a_fixed_canonical_url_does_not_hide_articles(dataset):
    """Pages with different texts that all state one canonical URL are published each under its own address."""

    def misled(name, text):
        one = coded(entry(name), text=text)
        article = dataclasses.replace(
            one.article,
            article_id=article_id_of("https://essai.example/index"),
            canonical_url="https://essai.example/index",
        )
        return dataclasses.replace(one, article=article)

    manifest = dataset.commit(at(0), misled("a", BODY), misled("b", BODY.replace("ville", "région")))
    dataset.commit(at(1), misled("c", BODY.replace("ville", "commune")))
    dataset.commit(at(2), misled("d", BODY.replace("ville", "cercle")))
    rows = dataset.rows("articles")
    assert [row["revision"] for row in rows] == [0, 0, 0, 0]
    # the one that nobody contested has the stated address, all others their own
    assert {row["canonical_url"].rpartition("/")[2] for row in rows} == {"a", "b", "index", "d"}
    assert manifest["counts"]["un"]["known"] == 0


def test_an_edit_under_a_stated_address_is_a_revision(dataset):
    """An article that honestly lives at its rel=canonical is revised there when its entry brings a new text."""
    address = "https://essai.example/vrai"

    def stated(title, text):
        one = coded(entry("a", title=title), text=text)
        article = dataclasses.replace(one.article, article_id=article_id_of(address), canonical_url=address)
        return dataclasses.replace(one, article=article)

    dataset.commit(at(0), stated("Titre", BODY))
    dataset.restart()
    dataset.commit(at(1), stated("Corrigé", BODY.replace("ville", "région")))
    assert [(r["article_id"], r["revision"]) for r in dataset.rows("articles")] == [
        (article_id_of(address), 0),
        (article_id_of(address), 1),
    ]


def test_a_feeds_text_never_replaces_a_pages(dataset):
    """When the page fails later and another feed carries its own text, the published article stays."""
    dataset.commit(at(0), coded(entry("a")))
    one = coded(entry("a", "deux", title="Autre", seen=at(1)), text=BODY.replace("ville", "rumeur"))
    manifest = dataset.commit(
        at(1), dataclasses.replace(one, article=dataclasses.replace(one.article, body_from="summary"))
    )
    assert dataset.rows("articles")[0]["title"] == "Titre"
    assert {row["text_hash"] for row in dataset.rows("articles")} == {dataset.rows("texts")[0]["text_hash"]}
    assert manifest["counts"]["deux"]["known"] == 1


def test_a_clock_that_was_set_back_keeps_the_chain(dataset):
    """Windows stay in order when the clock goes back across an hour: nothing forks and nothing is published twice."""
    dataset.commit(at(0), coded(entry("a")))
    dataset.commit(at(-1), coded(entry("b"), text=BODY.replace("ville", "région")))
    dataset.restart()
    assert dataset.history.sequence == 2
    dataset.commit(at(0.5), coded(entry("b"), text=BODY.replace("ville", "région")))
    assert len(dataset.rows("articles")) == 2
    assert [m.rpartition("/")[2] for m in dataset.store.names(committed.MANIFESTS)] == [
        f"{n:010d}.json" for n in (1, 2, 3)
    ]


def test_an_edit_of_a_queued_entry_is_not_thrown_away(dataset):
    """An entry that changed while it waited is answered by the page that was fetched for the new text."""
    queued = entry("a")
    dataset.commit(at(0), Failure(stage="fetch", reason="HTTP_5XX", entries=(queued,)))
    manifest = dataset.commit(at(1), coded(entry("a", title="Corrigé")))
    assert manifest["counts"]["un"]["articles"] == 1
    assert not dataset.history.queue
    law_holds(manifest)


def test_an_article_keeps_its_outlet_and_the_stricter_rights(dataset):
    """A shared article belongs to the feed of its own host, keeps its outlet when revised, and its text stays private."""
    first = coded(entry("a"), entry("a", "deux", text_rights="open"))
    dataset.commit(at(0), dataclasses.replace(first, article=dataclasses.replace(first.article, rights="open")))
    later = coded(entry("a", "deux", title="Corrigé", seen=at(1), text_rights="open"))
    dataset.commit(at(1), dataclasses.replace(later, article=dataclasses.replace(later.article, rights="open")))
    rows = dataset.rows("articles")
    assert [row["rights"] for row in rows] == ["private", "private"]
    assert rows[0]["outlet"] == rows[1]["outlet"]
    assert len(rows[1]["entry_ids"]) == 2


@pytest.mark.parametrize("outcome", ["article", "two articles", "waiting", "quarantined", "both ways"])
def test_an_entry_that_waited_and_is_listed_anew_is_one_entry(dataset, outcome):
    """It set out twice, as it waited and as it is listed now, and has one outcome: the law holds across the windows."""
    waiting = Failure(stage="fetch", reason="HTTP_5XX", entries=(entry("a"),))
    dataset.commit(at(0), waiting, polled("un", at(0), entry("a")))
    queued = dataclasses.replace(entry("a"), attempts=1, next_try=text_of(at(0)))
    listed = dataclasses.replace(entry("a"), title="Titre changé", fingerprint="f" * 16)
    failed = [dataclasses.replace(waiting, entries=(e,)) for e in (queued, listed)]
    outcomes = {
        "article": [coded(queued, listed)],
        "two articles": [coded(queued), coded(listed)],
        "waiting": failed,
        "quarantined": [dataclasses.replace(one, reason="HTTP_404") for one in failed],
        "both ways": [coded(listed), failed[0]],
    }[outcome]
    manifest = dataset.commit(at(1), *outcomes, polled("un", at(1), listed, etag='"2"'))
    law_holds(manifest)
    counts = manifest["counts"]["un"]
    assert (counts["new"], counts["waiting_before"]) == (0, 1)
    report = audit(dataset.store)
    assert report.good, report.findings
    if "article" in outcome or outcome == "both ways":
        assert dataset.rows("articles")[0]["entry_ids"] == [listed.entry_id]
        assert dataset.history.seen.of("un")[listed.entry_id] == listed.fingerprint


@pytest.mark.parametrize("order", [1, -1])
def test_an_edit_within_a_window_is_what_is_published(dataset, order):
    """Polled and fetched twice in one window: the last page holds, under the fingerprint that was listed last."""
    first, edited = entry("a"), dataclasses.replace(entry("a"), fingerprint="f" * 16, first_seen=text_of(at(0.2)))
    early = coded(first)
    late = coded(edited, text=f"Corrigé. {BODY}")
    late = dataclasses.replace(late, article=dataclasses.replace(late.article, fetched=text_of(at(0.3))))
    polls = (polled("un", at(0.1), first), polled("un", at(0.2), edited, etag='"2"'))
    manifest = dataset.commit(at(1), *[early, late][::order], *polls[::order])
    law_holds(manifest)
    [row] = dataset.rows("texts")
    assert row["text"].startswith("Corrigé. ")
    assert dataset.rows("articles")[0]["first_seen"] == first.first_seen
    assert dataset.history.seen.of("un")[edited.entry_id] == edited.fingerprint
    assert dataset.history.feed_states["un"].etag == '"2"'


def test_a_page_holds_against_a_later_reading_of_the_feed(dataset):
    """Within a window as across windows: what a feed says of an article does not take the place of its page."""
    page = coded(entry("a"))
    feed = coded(entry("a", "deux"), text="En bref.")
    feed = dataclasses.replace(
        feed, article=dataclasses.replace(feed.article, body_from="feed", fetched=text_of(at(0.5)))
    )
    dataset.commit(at(1), page, feed)
    assert [row["text"] for row in dataset.rows("texts")] == [BODY]
    assert dataset.rows("articles")[0]["feed_ids"] == ["deux", "un"]


def test_sketches_leave_the_state_with_their_story(dataset):
    """An old original stays as long as a copy of it is young, also across a restart; then both are forgotten."""
    day = 24
    dataset.commit(at(0), coded(entry("a")))
    copy = coded(entry("b", seen=at(5 * day)), text=f"{BODY} Fin.")
    dataset.commit(at(5 * day), copy)
    assert dataset.rows("stories")[-1]["relation"] != "original"

    def sketched_after(moment):
        dataset.commit(moment, coded(entry(f"x{moment:%d}", seen=moment), text=f"{moment} autre chose"))
        read = History(dataset.store)
        read.refresh()
        ids = {entry(name).article_id: name for name in ("a", "b")}
        for found in (dataset.history, read):
            yield sorted(ids[a.article_id] for a in found.articles.values() if a.sketch and a.article_id in ids)

    assert list(sketched_after(at(9 * day))) == [["a", "b"], ["a", "b"]]
    assert list(sketched_after(at(13 * day))) == [[], []]


def test_a_window_that_comes_after_its_successor(dataset):
    """An engine may close windows out of order, and twice: nothing is lost, nothing is there twice, the law holds."""
    first, second = entry("a"), entry("b", seen=at(2))
    late = (polled("un", at(1), first, etag='"1"'), coded(first))
    manifest = dataset.commit(
        at(2), polled("un", at(2), first, second, etag='"2"'), coded(second, text=f"autre {BODY}")
    )
    law_holds(manifest)
    assert dataset.history.feed_states["un"].etag is None, "what the other window brings is not accounted for yet"
    law_holds(dataset.commit(at(1), *late))
    assert dataset.history.feed_states["un"].polled == text_of(at(2))
    sequence = dataset.history.sequence
    dataset.commit(at(1), *late)
    assert dataset.history.sequence == sequence, "a window that is given again writes nothing"
    assert sorted(row["article_id"] for row in dataset.rows("articles")) == sorted(
        [first.article_id, second.article_id]
    )
    assert audit(dataset.store).good, audit(dataset.store).findings
