"""``forget``: nothing of an article is left anywhere in the dataset, a tombstone says so, and it does not come back."""

import contextlib
import dataclasses
import datetime as dt
import gzip
import io
import os
import pathlib
import random
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.window_digests import DigestReader
from tests.conftest import run_main
from tests.test_commit_windows import Dataset, at, coded, entry, event_of, polled, text_of
from tests.test_kill import Nursery
from transforms.audit import audit
from transforms.compact import compact
from transforms.contract import write_contract
from transforms.datasets import current_rows, rows
from transforms.exports import export_rows, rolling_exports
from transforms.find_duplicates import sketch_text
from transforms.history import History
from transforms.lakehouse import open_lake
from transforms.lease import LEASE, Tenure, read_lease, release
from transforms.records import Evidence, Failure, Quantity, event_id_of
from transforms.schema import TABLES
from transforms.store import LocalStore, open_store

NOW = at(50)
SECRET = "zouboukouma"
"""A word that only the article to be forgotten says, wherever an article can say something."""
OTHER = "tchintabaraden"
"""A word of another article, which must stay."""


def told(name, word, *, feed="un", seen=at(0), revision="", **more):
    """An article that says a word in its address, title, text, author, summary and evidence."""
    title = f"Titre {word}{revision}"
    one = entry(
        f"{name}-{word}", feed, title=title, seen=seen, summary=f"Résumé {word}", content=f"Texte {word}", **more
    )
    text = f"Le conseil {word} a été attaqué. " + " ".join(
        f"{word}{n} {name}{n * 7} village région conseil {n % 5}" for n in range(80)
    )
    article = coded(one, text=text).article
    article = dataclasses.replace(article, authors=(f"Auteur {word}",))
    sentence = text[: text.index(".")]
    event = dataclasses.replace(
        event_of(f"{name}-{word}"),
        event_id=event_id_of(one.article_id, "BAT.CLASH", "text", 0),
        evidence=(Evidence(part="text", sentence=sentence, start=0, end=len(sentence)),),
        quantities=(Quantity(kind="killed", low=7, high=7),),
    )
    sketch = sketch_text(text, article_id=one.article_id, seen=one.first_seen, outlet=feed, language="fr")
    return dataclasses.replace(coded(one), article=article, events=(event,), sketch=sketch.pack())


SECRET_ID = told("a", SECRET).article.article_id
OTHER_ID = told("b", OTHER).article.article_id


def lead(one):
    """The entry an article came from."""
    return one.article.entries[0]


def dataset_in(store):
    """A dataset in any store."""
    made = Dataset(pathlib.Path())
    made.store, made.history = store, History(store)
    return made


def build(store):
    """Six windows: both articles wait first, appear, are revised, are listed by another feed, are refused at an edit."""
    made = dataset_in(store)
    secret, other = told("a", SECRET), told("b", OTHER)
    made.commit(at(0), *(Failure(stage="fetch", reason="TIMEOUT_TOTAL", entries=(lead(o),)) for o in (secret, other)))
    queued = sorted(made.history.queue.values(), key=lambda e: e.url)
    with_entry = (dataclasses.replace(o.article, entries=(e,)) for o, e in zip((secret, other), queued, strict=True))
    made.commit(
        at(1),
        polled("un", at(1)),
        *(dataclasses.replace(o, article=a) for o, a in zip((secret, other), with_entry, strict=True)),
        Failure(stage="fetch", reason="ROBOTS_DENIED", entries=(entry("no", "deux"),)),
    )
    made.commit(
        at(2), told("a", SECRET, seen=at(2), revision=" corrigé"), told("b", OTHER, seen=at(2), revision=" revu")
    )
    made.commit(
        at(25), told("a", SECRET, feed="deux", seen=at(25), revision=" corrigé"),
        dataclasses.replace(told("c", "copie", seen=at(25)), sketch=told("a", SECRET).sketch),
    )  # fmt: skip
    edits = [lead(told(name, word, seen=at(26), revision=" encore")) for name, word in (("a", SECRET), ("b", OTHER))]
    made.commit(at(26), *(Failure(stage="fetch", reason="HTTP_404", entries=(e,), message=f"{e.title}") for e in edits))
    waiting = [lead(told(name, word, seen=at(27), revision=" 4")) for name, word in (("a", SECRET), ("b", OTHER))]
    made.commit(at(27), *(Failure(stage="fetch", reason="HTTP_5XX", entries=(e,), message=e.title) for e in waiting))
    write_contract(store)
    rolling_exports(store, at(28))
    return made


def said(store):
    """Everything that any object of a dataset says, decoded: name -> text."""
    return {name: decoded(name, store.read(name)) for name in store.names("") if name != LEASE}


def decoded(name, content):
    """The bytes of an object as a reader who opens it sees them."""
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content).decode("utf-8", "replace")
    if content.startswith(b"PAR1"):
        return "\n".join(str(row) for row in pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8", "replace")


def where(store, word):
    """The objects that say a word."""
    return sorted(name for name, text in said(store).items() if word in text.lower() or word in name)


def forget(uri, *arguments, now=NOW):
    """``sahelwatch forget``."""
    return run_main("forget", "--output", str(uri), "--now", text_of(now), *arguments)


def check_forgotten(store):
    """Nothing of the article is left, all of the other is, and the audit passes without a warning."""
    assert where(store, SECRET) == []
    report = audit(store)
    assert (report.findings, report.warnings, report.orphans, report.expired) == ([], [], [], [])
    stones = [
        row
        for table in ("articles", "texts", "stories")
        for row in rows(store, table)
        if row["article_id"] == SECRET_ID
    ]
    assert [(r["op"], r["revision_reason"], r["revision"]) for r in stones] == [
        ("retract", "takedown", 3), ("retract", "takedown", 3), ("retract", "takedown", 1),
    ]  # fmt: skip
    [event] = [row for row in rows(store, "events") if row["article_id"] == SECRET_ID]
    assert (event["op"], event["revision_reason"], event["evidence"], event["quantities"]) == (
        "retract",
        "takedown",
        [],
        [],
    )
    for table in ("articles", "texts", "stories"):
        assert set(current_rows(store, table)) == {OTHER_ID, told("c", "copie").article.article_id}
    assert {row["revision"] for row in rows(store, "articles") if row["article_id"] == OTHER_ID} == {0, 1}
    history = History(store)
    history.refresh()
    assert SECRET_ID not in history.articles
    assert [e.article_id for e in history.queue.values()] == [OTHER_ID]
    assert not [row for row in export_rows(store, public=False) if SECRET in str(row)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a whole dataset, never to be touched."""
    root = tmp_path_factory.mktemp("whole") / "out"
    build(LocalStore(root))
    return root


@pytest.fixture
def store(tmp_path, whole):
    """A whole dataset in a folder."""
    shutil.copytree(whole, tmp_path / "out")
    return LocalStore(tmp_path / "out")


def test_the_word_is_everywhere_before(store):
    """The search finds the article in rows, queue, rejects and exports: what finds nothing afterwards can find."""
    assert audit(store).findings == []
    kinds = {name.split("/")[0] for name in where(store, SECRET)}
    assert kinds == {"articles", "texts", "events", "rejects", "state", "exports"}
    assert len([name for name in where(store, SECRET) if name.startswith("state/v1/queue")]) == 2
    assert [name.split("/")[0] for name in where(store, SECRET_ID)]


def test_nothing_is_left_in_a_folder(store):
    """By id: rows, queue, state, exports and rejects say nothing any more; a tombstone does; the audit passes."""
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    check_forgotten(store)


def test_nothing_is_left_in_a_bucket(bucket):
    """The same on Cloud Storage."""
    store = open_store(f"gs://{bucket}/out")
    build(store)
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    check_forgotten(store)


@pytest.mark.parametrize(
    "address", ["https://essai.example/a-" + SECRET, "https://essai.example/a-" + SECRET + "?utm_source=x"]
)
def test_by_address(store, address):
    """An address stands for the article whose id comes from its canonical form."""
    assert forget(store.uri, "--url", address).status == 0
    check_forgotten(store)


def test_a_second_call_finds_nothing_left(store):
    """Forgetting twice is no error and writes no window."""
    forget(store.uri, "--article", SECRET_ID)
    windows = store.names("manifests/")
    again = forget(store.uri, "--article", SECRET_ID, now=at(60))
    assert (again.status, store.names("manifests/")) == (0, windows)
    assert "it was forgotten before" in again.out
    check_forgotten(store)


def test_dry_run_changes_nothing(store):
    """``--dry-run`` says what would go, the other publications of the story with it."""
    before = said(store)
    ran = forget(store.uri, "--article", SECRET_ID, "--dry-run")
    assert (ran.status, said(store)) == (0, before)
    assert f"would forget {SECRET_ID}\nrows: articles 3, texts 2, stories 1, events 2; " in ran.out
    assert "1 queued entries dropped" in ran.out
    assert f"other publications of the same stories (1):\n  {told('c', 'copie').article.article_id}\n" in ran.out


def test_what_is_not_known_is_said(store):
    """An unknown id, address or feed: one line, exit 1, nothing done."""
    before = said(store)
    for arguments, line in (
        (("--article", "0" * 32), f"no article {'0' * 32}"),
        (("--url", "https://essai.example/none"), "nothing is known of https://essai.example/none"),
        (("--feed", "none"), "no feed none was ever polled"),
    ):
        ran = forget(store.uri, *arguments)
        assert (ran.status, ran.err) == (1, f"sahelwatch forget: {line}; nothing done\n")
    assert said(store) == before


def test_usage(tmp_path, store):
    """Nothing named, a malformed id, no dataset: one line, exit 2, and nothing is made."""
    for arguments, fragment in (
        ((), "say what: --article, --url or --feed"),
        (("--article", "../x"), "not an article_id"),
    ):
        ran = forget(store.uri, *arguments)
        assert (ran.status, fragment in ran.err, ran.err.count("\n")) == (2, True, 1)
    ran = forget(tmp_path / "none", "--article", SECRET_ID)
    assert (ran.status, "no dataset" in ran.err) == (2, True)
    assert not (tmp_path / "none").exists()


def test_a_feed_stands_for_all_it_listed(store):
    """All articles of a feed go, and its queued entries; those of other feeds stay."""
    assert forget(store.uri, "--feed", "un").status == 0
    assert where(store, SECRET) + where(store, OTHER) == []
    assert current_rows(store, "articles") == {}
    assert audit(store).findings == []
    history = History(store)
    history.refresh()
    assert (history.articles, history.queue) == ({}, {})
    assert "un" in history.feed_states


def test_an_address_that_was_only_refused_is_forgotten_too(store):
    """What never became an article may stand in rejects: the row stays, for the counts, and says nothing."""
    url = "https://essai.example/no"
    assert forget(store.uri, "--url", url).status == 0
    assert [name for name, text in said(store).items() if '"url":"https://essai.example/no"' in text] == []
    assert [r["reason"] for r in rows(store, "rejects") if r["url"] is None] == ["ROBOTS_DENIED"]
    assert audit(store).findings == []


def reopened(store):
    """The dataset as a process sees it that starts now."""
    made = dataset_in(store)
    made.restart()
    return made


def test_it_does_not_come_back(store):
    """An edit, another feed, another address with its canonical one, a failure: dropped as FORGOTTEN, and the law holds."""
    forget(store.uri, "--article", SECRET_ID)
    made = reopened(store)
    edited = told("a", SECRET, seen=at(51), revision=" 5")
    elsewhere = told("a", SECRET, feed="deux", seen=at(51), revision=" 6")
    claims = dataclasses.replace(
        told("x", SECRET, seen=at(51)),
        article=dataclasses.replace(
            told("x", SECRET, seen=at(51)).article, article_id=SECRET_ID, canonical_url=edited.article.canonical_url
        ),
    )
    failed = lead(told("a", SECRET, seen=at(51), revision=" 7"))
    manifest = made.commit(at(51), edited, elsewhere, claims, told("d", "nouveau", seen=at(51)))
    assert manifest["counts"]["un"]["dropped"] == 2
    assert manifest["counts"]["un"]["reasons"]["dropped"] == {"FORGOTTEN": 2}
    assert manifest["counts"]["deux"]["reasons"]["dropped"] == {"FORGOTTEN": 1}
    manifest = made.commit(
        at(52), Failure(stage="fetch", reason="TIMEOUT_TOTAL", entries=(failed,), message=failed.title)
    )
    assert manifest["counts"]["un"]["reasons"]["dropped"] == {"FORGOTTEN": 1}
    assert where(store, SECRET) == []
    assert audit(store).findings == []
    assert len(made.history.articles) == 3


def test_a_story_goes_on_without_its_first_member(store):
    """Other members keep their story, and what repeats them joins it."""
    copy_id = told("c", "copie").article.article_id
    assert current_rows(store, "stories")[copy_id]["story_id"] == SECRET_ID
    forget(store.uri, "--article", SECRET_ID)
    assert current_rows(store, "stories")[copy_id]["story_id"] == SECRET_ID
    made = reopened(store)
    again = dataclasses.replace(told("e", "encore", seen=at(51)), sketch=told("a", SECRET).sketch)
    made.commit(at(51), again)
    row = current_rows(store, "stories")[again.article.article_id]
    assert (row["story_id"], row["duplicate_of"]) == (SECRET_ID, copy_id)
    assert audit(store).findings == []


def test_a_known_article_whose_object_was_replaced_is_found(store):
    """The other article, whose object was rewritten, can be revised and joined by a further feed."""
    forget(store.uri, "--article", SECRET_ID)
    made = reopened(store)
    made.commit(at(51), told("b", OTHER, feed="deux", seen=at(51), revision=" revu"))
    made.commit(at(52), told("b", OTHER, seen=at(52), revision=" 9"))
    latest = current_rows(store, "articles")[OTHER_ID]
    assert (latest["revision"], latest["feed_ids"], latest["outlet"]) == (3, ["deux", "un"], "un")
    assert audit(store).findings == []


def test_figures_of_the_windows_stay_where_they_were(store):
    """``status`` counts what stays in the windows it came in, whether it read them before or reads them now."""
    reader = DigestReader(store, days=10)
    before = {d.name: d.articles for d in reader.read(NOW).digests}
    assert sorted(before.values()) == [0, 0, 0, 0, 1, 2]
    forget(store.uri, "--article", SECRET_ID)
    for now in (reader.read(NOW), DigestReader(store, days=10).read(NOW)):
        assert sorted(d.articles for d in now.digests) == [0, 0, 0, 0, 0, 1, 1]
        assert sum(d.missing for d in now.digests) == 0


def compacted(store, now=at(100)):
    """The dataset's lakehouse tables, all six, at its last closed day."""
    compact(store, now=now, keep=dt.timedelta(days=7), tables=tuple(TABLES))


def test_nothing_is_left_in_compact_tables(store):
    """Not in the tables, not in files of their earlier versions or of a killed writer; the other article is still there."""
    compacted(store, at(24))
    compacted(store)
    before = {table: open_lake(store, table).where("seq", seqs(store, table)).total() for table in TABLES}
    found = {"/".join(name.split("/")[:3]) for name in where(store, SECRET)} & {f"compact/v1/{t}" for t in TABLES}
    assert found == {f"compact/v1/{table}" for table in ("articles", "texts", "events", "rejects")}
    [name, *_] = [n for n in where(store, SECRET) if n.startswith("compact/v1/articles/dt=")]
    store.create(name.replace("part-", "part-left-"), store.read(name), "application/vnd.apache.parquet")
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    check_forgotten(store)
    after = {table: open_lake(store, table).where("seq", seqs(store, table)).total() for table in TABLES}
    gone = dict.fromkeys(("articles", "texts", "stories", "events"), 1)
    assert after == {table: before[table] - gone.get(table, 0) for table in TABLES}
    compacted(store)
    check_forgotten(store)


def seqs(store, table):
    """The seq of each row in a table, as a test may count them by."""
    return pa.array([seq for batch in open_lake(store, table).batches(["seq"]) for seq in batch.column(0).to_pylist()])


def test_what_was_forgotten_never_comes_into_compact_tables(store):
    """A table that is made afterwards from the same windows holds what stands in for them."""
    forget(store.uri, "--article", SECRET_ID)
    compacted(store)
    check_forgotten(store)
    assert where(store, OTHER) != []


def test_compact_tables_in_a_bucket(bucket):
    """The same on Cloud Storage."""
    store = open_store(f"gs://{bucket}/out")
    build(store)
    compacted(store)
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    check_forgotten(store)


class KilledError(BaseException):
    """The process ends here."""


class Dying(LocalStore):
    """A folder whose process is killed after its n-th change."""

    def __init__(self, root, changes):
        super().__init__(root)
        self.left = changes

    def _change(self, change):
        change()
        self.left -= 1
        if self.left == 0:
            raise KilledError

    def create(self, *arguments):
        """See Store."""
        return self._change(lambda: super(Dying, self).create(*arguments))

    def replace(self, *arguments):
        """See Store."""
        return self._change(lambda: super(Dying, self).replace(*arguments))

    def remove(self, *arguments):
        """See Store."""
        return self._change(lambda: super(Dying, self).remove(*arguments))


@pytest.mark.kills
def test_killed_while_it_rewrites_compact_tables(tmp_path, whole, monkeypatch):
    """Wherever it dies there, a second call ends it, and until then the audit says that something is left."""
    compacted(LocalStore(shutil.copytree(whole, tmp_path / "whole")))
    dead, changes = [], 40
    while not dead or dead[-1]:
        root = shutil.copytree(tmp_path / "whole", tmp_path / str(changes))
        dying = Dying(root, changes)
        with monkeypatch.context() as patched:
            patched.setattr("pipeline.forget.open_store", lambda _, dying=dying: dying)
            try:
                assert forget(root, "--article", SECRET_ID).status == 0
                dead.append(False)
            except KilledError:
                dead.append(True)
        store = LocalStore(root)
        said_so = {finding.check for finding in audit(store).findings} == {"compact"}
        assert said_so or not any(SECRET_ID in str(row) for row in current_lake(store))
        assert forget(root, "--article", SECRET_ID, now=at(51)).status == 0
        check_forgotten(store)
        changes += 6
    assert dead.count(True) > 1


def current_lake(store):
    """The rows of the compact tables that may name the article."""
    for table in ("articles", "texts", "stories", "events"):
        for batch in open_lake(store, table).batches(["article_id"]):
            yield from batch.to_pylist()


@pytest.mark.kills
def test_killed_after_any_change_and_called_again(tmp_path, whole, monkeypatch):
    """Wherever it dies: the dataset is whole at once, a reader sees the article or its tombstone, a second call ends it."""
    seen, changes = set(), 1
    while True:
        root = tmp_path / str(changes)
        shutil.copytree(whole, root)
        dying = Dying(root, changes)
        with monkeypatch.context() as patched:
            patched.setattr("pipeline.forget.open_store", lambda _, dying=dying: dying)
            try:
                assert forget(root, "--article", SECRET_ID).status == 0
                break
            except KilledError:
                pass
        store = LocalStore(root)
        release(store, Tenure(epoch=read_lease(store)[0].epoch))  # its holder is dead, though this process lives
        report = audit(store)
        assert (report.findings, report.warnings) in (([], []), ([], ["latest.json is at sequence 6, the newest is 7"]))
        there = SECRET_ID in current_rows(store, "articles")
        assert there == (len(list(rows(store, "articles"))) == 6), "some rows went and others did not"
        seen.add((there, bool(report.orphans), bool(report.expired)))
        assert forget(root, "--article", SECRET_ID, now=at(51)).status == 0
        check_forgotten(store)
        changes += 6 if report.expired else 2  # one removal is like another, one object that stands in, too
    assert changes > 30
    assert {(True, False, False), (True, True, False), (False, False, True), (False, False, False)} <= seen


@pytest.mark.kills
@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_killed_by_the_kernel_at_random_moments(tmp_path, bucket, place):
    """``kill -9`` of the process again and again, then a call that ends: nothing is left, and nothing else is lost."""
    uri = f"gs://{bucket}/out" if place == "bucket" else str(tmp_path / "out")
    store, chance = open_store(uri), random.Random(9)
    build(store)
    lasted, cut = 0.5, 0
    with Nursery() as nursery:
        for number in range(6):
            life = nursery.bear(uri, os.environ.get("STORAGE_EMULATOR_HOST"), SECRET_ID, what="forget")
            with contextlib.suppress(ProcessLookupError):
                life.kill(0, (number + chance.random()) / 6, lasted)
                cut += 1
            report = audit(store)
            assert report.findings == []
    assert cut >= 3
    assert forget(uri, "--article", SECRET_ID, now=at(51)).status == 0
    check_forgotten(store)


def test_no_right_to_delete_is_said_before_anything_is_done(bucket, emulator):
    """The pipeline's own account may not delete: one line, exit 2, and the dataset is as it was."""
    store = open_store(f"gs://{bucket}/out")
    build(store)
    before = said(store)
    emulator.plant(403, method="DELETE", times=100, message="sahelwatch@p does not have storage.objects.delete access")
    ran = forget(store.uri, "--article", SECRET_ID)
    emulator.heal()
    assert ran.status == 2
    assert "cannot remove from gs://" in ran.err
    assert "no right to do that (403)" in ran.err
    assert ran.err.count("\n") == 1
    left = {name for name in store.names("") if name not in before and name != LEASE}
    assert {name.partition("-")[0] for name in left} <= {"state/removable"}
    assert {name: text for name, text in said(store).items() if name in before} == before
