"""When exports/ is renewed: after the first window of an hour, once, and never at the cost of the window."""

import datetime as dt
import shutil

import pytest

from pipeline.world.server import WorldServer
from tests import kill_writer
from tests.conftest import run_main
from tests.test_replay import FEEDS, catalogue
from transforms import exports
from transforms.audit import audit
from transforms.clock import Clock
from transforms.commit_windows import commit_window
from transforms.exports import renew_exports
from transforms.history import History
from transforms.renew_exports import renew_after
from transforms.store import StoreUnavailableError, open_store
from transforms.window_plan import Versions

NEWEST = "exports/feeds_status.json"


def commit(store, window):
    """One window, ten minutes after the one before."""
    moment = kill_writer.moment_of(window)
    bounds = (kill_writer.text_of(moment), kill_writer.text_of(moment + dt.timedelta(minutes=10)))
    versions = Versions(pipeline="1", rules="r")
    commit_window(kill_writer.outcomes_of(window), History(store), window=bounds, now=moment, versions=versions)
    return moment


def test_once_an_hour(tmp_path):
    """Windows start at 06:10: the first one renews, the others of that hour do not, the one of 07:00 does."""
    store = open_store(str(tmp_path / "out"))
    renewed, seen = [], None
    for window in range(1, 8):
        now = commit(store, window)
        before = store.read_versioned(NEWEST)
        seen = renew_exports(store, now, seen)
        if store.read_versioned(NEWEST) != before:
            renewed.append(f"{now:%H:%M}")
        again = store.read_versioned(NEWEST)
        assert renew_exports(store, now + dt.timedelta(minutes=1), seen) == seen
        assert store.read_versioned(NEWEST) == again
    assert renewed == ["06:10", "07:00"]


def test_who_looks_seldom_still_renews(tmp_path):
    """Short windows: the first one of the hour is not the newest any more when somebody looks."""
    store = open_store(str(tmp_path / "out"))
    for window in (1, 2, 3):
        now = commit(store, window)
    seen = renew_exports(store, now)
    assert b'"as_of": "2026-11-20T06:30:00Z"' in store.read(NEWEST)
    for window in (4, 5, 6, 7, 8):
        now = commit(store, window)
    renew_exports(store, now, seen)
    assert b'"as_of": "2026-11-20T07:20:00Z"' in store.read(NEWEST)


def test_a_process_of_its_own_writes_the_same(tmp_path):
    """What is made apart is what would be made here; what goes wrong there is told here."""
    stores = [open_store(str(tmp_path / name)) for name in ("here", "apart")]
    for store in stores:
        now = commit(store, 1)
        renew_exports(store, now, apart=store is stores[1])
    here, apart = ({name: store.read(name) for name in store.names("exports/")} for store in stores)
    assert here == apart
    assert NEWEST in apart
    commit(stores[1], 8)
    shutil.rmtree(tmp_path / "apart" / "exports")
    (tmp_path / "apart" / "exports").write_text("a file is in the way")
    with pytest.raises(StoreUnavailableError):
        renew_exports(stores[1], kill_writer.moment_of(8), apart=True)


def test_a_failure_is_logged_and_the_window_stands(tmp_path, caplog):
    """Where exports/ cannot be written the manifest goes on all the same."""
    store = open_store(str(tmp_path / "out"))
    now = commit(store, 1)
    (tmp_path / "out" / "exports").write_text("a file is in the way")
    manifest = {"sequence": 1}
    assert renew_after(manifest, str(tmp_path / "out"), Clock(now)) is manifest
    assert "exports/ could not be renewed" in caplog.text


def test_a_pass_stands_whose_exports_take_too_long(tmp_path, monkeypatch):
    """The process that makes them is ended; the windows, the summary and the status are those of a good pass."""
    monkeypatch.setattr(exports, "RENEWED_WITHIN", 0.001)
    with WorldServer() as server:
        ran = run_main(
            "run", "--feeds", str(catalogue(tmp_path, FEEDS[:1])), "--output", str(tmp_path / "out"),
            "--now", "2026-11-20T06:00:00Z", "--host-interval", "0", "--min-poll-interval", "0",
            *(argument for option in server.resolve_options() for argument in ("--resolve", option)),
        )  # fmt: skip
    assert ran.status == 0
    assert "exports were not renewed: WorkTimeoutError" in ran.err
    store = open_store(str(tmp_path / "out"))
    assert audit(store).good
    assert NEWEST not in store.names("exports/")
