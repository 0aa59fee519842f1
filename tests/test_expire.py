"""``expire``: what is old enough goes by a manifest that says so; the rest, and what a restart needs, stays."""

import datetime as dt
import shutil

import pytest

from tests.conftest import run_main
from tests.test_commit_windows import BODY, at, coded, entry, polled, text_of
from tests.test_forget import Dying, KilledError, reopened, said
from tests.test_forget import build as build_in
from tests.test_verify import build
from transforms.audit import audit
from transforms.datasets import current_rows, rows
from transforms.store import LocalStore, open_store

NOW = at(26 + 48)
"""Two days after the first four windows' last hour ended; the fifth is of the same hour as the fourth."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Five windows at hours 0, 1, 2, 26 and 26.2 of the test's day; never to be touched."""
    return build(tmp_path_factory.mktemp("whole") / "out").store.root


@pytest.fixture
def store(tmp_path, whole):
    """A dataset to let expire."""
    shutil.copytree(whole, tmp_path / "out")
    return LocalStore(tmp_path / "out")


def expire(uri, *arguments, now=NOW):
    """``sahelwatch expire``."""
    return run_main("expire", "--output", str(uri), "--now", text_of(now), *arguments)


def hours(store, table):
    """The hours since the start of which a table has objects."""
    found = (name.split("/")[2:4] for name in store.names(f"{table}/"))
    start = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
    return sorted(
        (dt.datetime.fromisoformat(f"{d[3:]}T{h[5:]}:00:00+00:00") - start).total_seconds() / 3600 for d, h in found
    )


def test_only_what_is_old_enough_of_the_prefixes_that_are_named(store):
    """Texts and rejects of the first three hours go; later ones, other tables and the state stay; the audit passes."""
    assert hours(store, "texts") == [0, 1, 2, 26, 26]
    before = set(store.names(""))
    ran = expire(store.uri, "--texts", "2d", "--rejects", "48h")
    assert (ran.status, ran.out) == (0, "3 of texts, 2 of rejects expired, 5 objects removed\n")
    assert (hours(store, "texts"), hours(store, "rejects")) == ([26, 26], [26])
    gone = before - set(store.names(""))
    assert {name.split("/")[0] for name in gone} == {"texts", "rejects"}
    assert len(set(store.names("")) - before) == 1
    report = audit(store)
    assert (report.findings, report.warnings, report.orphans, report.expired) == ([], [], [], [])
    assert len(current_rows(store, "articles")) == 5


@pytest.mark.parametrize(("minutes", "texts"), [(-1, 5), (0, 2)])
def test_an_hour_expires_when_its_end_is_old_enough(store, minutes, texts):
    """The hour from 8 to 9 is kept to the second at which its end is two days ago."""
    moment = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    expire(store.uri, "--texts", "2d", now=moment)
    assert len(hours(store, "texts")) == {5: 3, 2: 2}[texts]


def test_what_expired_once_is_not_said_again(store):
    """A second call the next day says only what came since, and one with nothing to say writes no window."""
    expire(store.uri, "--texts", "2d")
    windows = len(store.names("manifests/"))
    assert expire(store.uri, "--texts", "2d").out == "nothing expired, 0 objects removed\n"
    assert len(store.names("manifests/")) == windows
    assert expire(store.uri, "--texts", "2d", now=at(100)).out == "2 of texts expired, 2 objects removed\n"
    assert audit(store).findings == []


def test_a_restart_goes_on_without_the_old_state(tmp_path):
    """State that later state took the place of goes; queue, feeds, entries and articles are as before."""
    from transforms.commit_windows import SNAPSHOT_EVERY

    made = build(tmp_path / "out")
    for number in range(SNAPSHOT_EVERY):
        made.commit(
            at(27 + number / 10),
            polled("un", at(27 + number / 10)),
            coded(entry(f"n{number}"), text=f"{number} {BODY}"),
        )
    store = made.store
    before = reopened(store).history
    size = len(store.names("state/v1/"))
    assert expire(store.uri, "--state", "1h", now=at(27)).status == 0
    assert len(store.names("state/v1/")) > size - 3, "state of the last hour is for readers in the middle"
    assert expire(store.uri, "--state", "1h", now=at(40)).status == 0
    newest = reopened(store).history
    assert set(store.names("state/v1/")) == {part["name"] for part in newest.manifest["state"]}
    assert len(store.names("state/v1/")) < size
    assert newest.whole() == before.whole()
    made = reopened(store)
    made.commit(at(41), coded(entry("b"), text="b " + BODY), coded(entry("new"), text="new " + BODY))
    report = audit(store)
    assert (report.findings, report.orphans, report.expired) == ([], [], [])


def test_articles_whose_row_expired_stay_known(store):
    """No article is published twice because its row expired; an edit of it is a revision as before."""
    assert (
        expire(store.uri, "--articles", "45d", "--stories", "45d", "--events", "45d", now=at(24 * 45 + 20)).status == 0
    )
    assert hours(store, "articles") == [26, 26]
    made = reopened(store)
    assert [known.object == "" for _, known in sorted(made.history.articles.items())].count(True) == 3
    moment = at(24 * 45 + 21)
    made.commit(
        moment, coded(entry("a", title="Corrigé à Téra", seen=moment)), coded(entry("copy", "un", seen=moment)),
        coded(entry("long", title="Un autre titre", seen=moment), text="Un autre texte. " + BODY),
    )  # fmt: skip
    latest = {row["article_id"]: row["revision"] for row in rows(store, "articles")}
    assert latest[entry("long").article_id] == 1
    report = audit(store)
    assert (report.findings, report.warnings) == ([], [])


def test_a_table_without_rows_reads_as_empty(store):
    """All texts may expire: readers find none, and nothing fails."""
    expire(store.uri, "--texts", "2d", now=at(24 * 30))
    assert list(rows(store, "texts")) == []
    report = audit(store)
    assert report.findings == []
    assert report.rows["texts"] == 0


def test_texts_expire_from_their_compact_table_and_nothing_else_does(store):
    """Whole days that are old enough leave the table with their files, also of earlier versions; the rest is untouched."""
    tables = [argument for table in ("texts", "articles") for argument in ("--table", table)]
    assert run_main("compact", "--output", store.uri, "--now", text_of(at(72)), *tables).status == 0
    before, told = store.names("compact/v1/articles/"), "1 days of compact/v1/texts {}, 2026-11-20 to 2026-11-20\n"

    def days():
        return {name.split("/")[3] for name in store.names("compact/v1/texts/dt=")}

    assert days() == {"dt=2026-11-20", "dt=2026-11-21"}
    dry = expire(store.uri, "--texts", "2d", "--dry-run", now=at(70))
    assert dry.out.endswith("\n3 of texts to expire\n" + told.format("to take out"))
    ran = expire(store.uri, "--texts", "2d", now=at(52))
    assert ran.out == "3 of texts expired, 3 objects removed\n", "the end of a day is what counts"
    assert days() == {"dt=2026-11-20", "dt=2026-11-21"}
    ran = expire(store.uri, "--texts", "2d", now=at(67))
    assert ran.out == "nothing expired, 0 objects removed\n" + told.format("taken out")
    assert days() == {"dt=2026-11-21"}
    assert store.names("compact/v1/articles/") == before
    assert run_main("verify", "--output", store.uri).status == 0
    assert expire(store.uri, "--texts", "2d", now=at(67)).out == "nothing expired, 0 objects removed\n"


def test_dry_run_changes_nothing(store):
    """``--dry-run`` lists the objects."""
    before = said(store)
    ran = expire(store.uri, "--texts", "2d", "--dry-run")
    assert ran.status == 0
    assert ran.out.count("would expire texts/v1/dt=2026-11-20/") == 3
    assert ran.out.endswith("3 of texts to expire\n")
    assert said(store) == before


@pytest.mark.kills
def test_killed_after_any_change(tmp_path, whole, monkeypatch):
    """After the manifest the audit passes and warns of what is still there; a further call, or a sweep, removes it."""
    warned = 0
    for changes in range(1, 100):
        root = tmp_path / str(changes)
        shutil.copytree(whole, root)
        with monkeypatch.context() as patched:
            patched.setattr("pipeline.expire.open_store", lambda _, root=root, changes=changes: Dying(root, changes))
            try:
                expire(root, "--texts", "2d", "--articles", "45d", now=at(24 * 46 + 4))
                break
            except KilledError:
                pass
        report = audit(LocalStore(root))
        assert report.findings == []
        warned += bool(report.expired)
        again = (
            ("sweep", "--output", str(root))
            if changes % 2
            else (
                "expire",
                "--output",
                str(root),
                "--texts",
                "2d",
                "--articles",
                "45d",
                "--now",
                text_of(at(24 * 46 + 4)),
            )
        )
        assert run_main(*again).status == 0
        report = audit(LocalStore(root))
        assert (report.findings, report.expired) == ([], [])
    assert warned >= 6
    assert changes > 12


def test_usage(tmp_path, store):
    """No retention, one that is too short, no dataset, a strange age: one line, exit 2, nothing done."""
    before = said(store)
    for arguments, fragment in (
        ((), "give a retention: --texts, "),
        (("--texts", "1d"), "--texts must be at least 2d"),
        (("--events", "30d"), "--events must be at least 45d"),
        (("--state", "59m"), "--state must be at least 1h"),
        (("--texts", "ever"), "not an age such as 24h"),
        (("--exports", "9d"), "unrecognized arguments"),
    ):
        ran = expire(store.uri, *arguments)
        assert (ran.status, fragment in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
    assert said(store) == before
    ran = expire(tmp_path / "none", "--texts", "9d")
    assert (ran.status, "no dataset" in ran.err, (tmp_path / "none").exists()) == (2, True, False)
    for place, fragment in (("s3://x/y", "a local folder or gs://"), ("gs://Ab/x", "not a bucket name")):
        ran = expire(place, "--texts", "9d")
        assert (ran.status, fragment in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err


@pytest.mark.spoils
def test_manifests_that_are_not_whole_stop_it(store):
    """A lost manifest: exit 1, nothing done."""
    store.remove(store.names("manifests/")[1])
    before = said(store)
    ran = expire(store.uri, "--texts", "2d")
    assert (ran.status, "nothing done, the manifests are not whole" in ran.err) == (1, True)
    assert said(store) == before


def test_in_a_bucket_and_without_the_right_to_delete(bucket, emulator):
    """On Cloud Storage as in a folder; an account that may not delete is told so before a manifest is written."""
    store = open_store(f"gs://{bucket}/out")
    build_in(store)
    windows = store.names("manifests/")
    emulator.plant(403, method="DELETE", times=100, message="sahelwatch@p does not have storage.objects.delete access")
    ran = expire(store.uri, "--texts", "2d", now=at(24 * 9))
    emulator.heal()
    assert (ran.status, ran.err.count("\n"), store.names("manifests/")) == (2, 1, windows)
    assert "sahelwatch expire: cannot remove from gs://" in ran.err
    assert "no right to do that (403): sahelwatch@p does not have storage.objects.delete access" in ran.err
    assert expire(store.uri, "--texts", "2d", now=at(24 * 9)).out == "3 of texts expired, 3 objects removed\n"
    assert store.names("texts/") == []
    report = audit(store)
    assert (report.findings, report.warnings, report.expired) == ([], [], [])
