"""A damaged latest.json is one clear line before anything is done, and removing it mends it."""

import pathlib

import orjson
import pytest

import pipeline.world
from tests.conftest import run_main
from tests.test_compact import write_windows
from transforms.pointer import DamagedPointerError, Pointer, read_pointer
from transforms.store import LocalStore

FEEDS = pathlib.Path(pipeline.world.__file__).parent / "feeds.yaml"
DAMAGED = {
    "cut": b'{"sequence": 3, "manif',
    "empty": b"",
    "null": b"null",
    "no manifest": b'{"sequence": 3, "written": "2026-11-20T06:00:00Z"}',
    "elsewhere": b'{"sequence": 3, "manifest": "../../etc/passwd", "written": "2026-11-20T06:00:00Z"}',
    "no number": b'{"sequence": "3", "manifest": "manifests/v1/x/3.json", "written": "2026-11-20T06:00:00Z"}',
    "no time": b'{"sequence": 3, "manifest": "manifests/v1/x/3.json", "written": "yesterday"}',
    "not text": b"\xff\xfe\x00",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A dataset of three windows."""
    folder = tmp_path_factory.mktemp("pointer") / "out"
    write_windows(folder, 3)
    return folder


@pytest.fixture
def store(root):
    """The dataset, its pointer put back afterwards."""
    whole = (root / "latest.json").read_bytes()
    yield LocalStore(root)
    (root / "latest.json").write_bytes(whole)


def test_a_whole_pointer_is_read_with_its_version(store):
    """Sequence, manifest and time, and what a replacement has to name."""
    found = read_pointer(store)
    assert found == Pointer(**found.plain(), version=store.read_versioned("latest.json").version)
    assert (found.sequence, found.manifest) == (3, store.names("manifests/")[-1])
    store.remove("latest.json")
    assert read_pointer(store) is None


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damage_is_one_line_and_exit_2(store, content):
    """Commands that go by it say what it is and how to mend it; nothing is written; the audit finds it."""
    (store.root / "latest.json").write_bytes(content)
    with pytest.raises(DamagedPointerError):
        read_pointer(store)
    before = store.names("")
    run = ("run", "--feeds", str(FEEDS), "--allow-host", "127.0.0.1", "--contact", "essai@essai.example")
    for command in (run, ("status",)):
        ran = run_main(*command, "--output", store.uri)
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran.err
        assert "latest.json is damaged" in ran.err
    assert store.names("") == before
    verified = run_main("verify", "--output", store.uri, "--json")
    assert verified.status == 1
    assert {finding["check"] for finding in verified.json["findings"]} == {"latest"}


def test_without_it_the_next_window_writes_it_anew(store, tmp_path):
    """What the line advises: remove it, and go on."""
    folder = tmp_path / "out"
    write_windows(folder, 2)
    (folder / "latest.json").unlink()
    write_windows(folder, 3)
    assert orjson.loads((folder / "latest.json").read_bytes())["sequence"] == 3
