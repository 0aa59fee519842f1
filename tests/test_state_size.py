"""What a window writes of the state does not grow with all that was ever known, and nothing is lost by merging."""

from tests import kill_writer
from tests.scaling.counting import CountingStore
from transforms.commit_windows import SNAPSHOT_EVERY, commit_window
from transforms.history import History
from transforms.lease import Tenure, acquire
from transforms.store import open_store
from transforms.window_plan import Versions

WINDOWS = 90


def test_state_is_merged_from_its_newest_part(tmp_path):
    """Of 90 windows the last third writes little more than the second; what a new process loads is what the old one has."""
    store = CountingStore(open_store(str(tmp_path / "out")))
    tenure, _ = acquire(store, command="test", seconds=1e6, now=kill_writer.START)
    assert isinstance(tenure, Tenure)
    history, written, parts = History(store), [], []
    for window in range(1, WINDOWS + 1):
        moment = kill_writer.moment_of(window)
        before = store.written["state"]
        manifest = commit_window(
            kill_writer.outcomes_of(window), history, window=(kill_writer.text_of(moment),) * 2, now=moment,
            versions=Versions(pipeline="1", rules="r"), tenure=tenure,
        )  # fmt: skip
        written.append(store.written["state"] - before)
        parts.append(len(manifest["state"]))
    second, last = sum(written[30:60]), sum(written[60:90])
    assert last < 1.3 * second, (second, last)
    assert max(parts) <= 2 * SNAPSHOT_EVERY
    again = History(store)
    again.refresh()
    assert again.whole() == history.whole()
    assert again.manifest_name == history.manifest_name
    assert len(again.horizon) == len(history.horizon)
