"""A damaged manifest, pointer or state object ends ``run``, ``watch`` and ``replay`` in one line, before anything is polled."""

import shutil

import orjson
import pytest

from pipeline.options import UsageError, build_parser
from pipeline.run import writing
from tests.conftest import run_main
from transforms.history import DamagedStateError, History
from transforms.store import LocalStore

pytestmark = pytest.mark.spoils

CATALOGUE = """
feeds:
  - {id: un, url: "http://127.0.0.1:9/feed", outlet: Un, publisher_family: un, ownership: private, country: NE,
     language: fr, kind: outlet}
"""


@pytest.fixture
def root(tmp_path, demo_records):
    """A copy of the demo's dataset to spoil."""
    shutil.copytree(demo_records[0], tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def catalogue(tmp_path):
    """One feed that nobody serves."""
    path = tmp_path / "feeds.yaml"
    path.write_text(CATALOGUE)
    return str(path)


def lacks(key):
    """A manifest without one of its fields."""

    def spoil(path):
        manifest = orjson.loads(path.read_bytes())
        del manifest[key]
        path.write_bytes(orjson.dumps(manifest))

    spoil.__name__ = f"lacks {key}"
    return spoil


def torn(path):
    """A file's first hundred bytes."""
    path.write_bytes(path.read_bytes()[:100])


def null(path):
    """JSON, and nothing in it."""
    path.write_bytes(b"null")


def empty(path):
    """A file without content."""
    path.write_bytes(b"")


def gone(path):
    """No file."""
    path.unlink()


DAMAGES = {
    f"{kind}: {spoil.__name__}": (kind, spoil)
    for kind, spoils in {
        "manifests/v1/*/*/*.json": (torn, null, empty, gone, lacks("state"), lacks("window"), lacks("sequence")),
        "latest.json": (torn, null, empty),
        "state/v1/articles-*.parquet": (torn, empty, gone),
        "state/v1/feeds-*.parquet": (torn, gone),
    }.items()
    for spoil in spoils
}


@pytest.mark.parametrize("name", DAMAGES)
def test_run_says_which_object_and_what_to_do(root, catalogue, name):
    """Exit status 2, one line that names the object and a remedy; nothing is polled, nothing written."""
    kind, spoil = DAMAGES[name]
    [path] = root.glob(kind)
    spoil(path)
    before = {file: file.stat().st_mtime_ns for file in root.rglob("*") if file.is_file()}
    ran = run_main(
        "run", "--feeds", catalogue, "--output", str(root), "--allow-host", "127.0.0.1", "--now", "2026-11-20T07:00:00Z"
    )
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran.err
    assert path.relative_to(root).as_posix() in ran.err
    assert "sahelwatch verify" in ran.err
    assert ("put it back" in ran.err) or ("remove it" in ran.err)
    assert {file: file.stat().st_mtime_ns for file in root.rglob("*") if file.is_file()} == before
    assert run_main("verify", "--output", str(root)).status == 1


def test_watch_and_the_commands_beside_it_say_the_same(root, catalogue):
    """`watch` in both its forms with status 2; what reads or mends the state with the status of a damaged dataset."""
    [path] = root.glob("manifests/v1/*/*/*.json")
    torn(path)
    said = f"the dataset is damaged: {path.relative_to(root)} cannot be read"
    for more in ((), ("--every", "300")):
        ran = run_main("watch", "--feeds", catalogue, "--output", str(root), "--allow-host", "127.0.0.1", *more)
        assert (ran.status, ran.err.count("\n")) == (2, 1), ran.err
        assert said in ran.err
    for command in (("quarantine", "ls"), ("feeds", "unpark", "un")):
        ran = run_main(*command, "--output", str(root))
        assert (ran.status, ran.err.count("\n")) == (1, 1), ran.err


def test_damage_that_comes_during_a_pass_is_the_same_line(root, catalogue):
    """An engine gives back only the traceback of a worker: the state is looked at again."""
    options, _ = build_parser().parse_known_args(["run", "--feeds", catalogue, "--output", str(root)])
    [path] = root.glob("manifests/v1/*/*/*.json")
    later = path.with_name("0000000002.json")

    def fail_after(damage):
        with writing(options, LocalStore(root)):
            damage()
            raise RuntimeError("a worker's traceback")

    with pytest.raises(UsageError, match=r"0000000002.json cannot be read"):
        fail_after(lambda: later.write_bytes(b"{"))
    later.unlink()
    with pytest.raises(RuntimeError, match="a worker's traceback"):
        fail_after(lambda: None)


def test_a_state_that_was_half_read_is_not_gone_on_from(root):
    """What is read after the object was put back is the whole state."""
    [path] = root.glob("state/v1/seen-*.parquet")
    whole, history = path.read_bytes(), History(LocalStore(root))
    torn(path)
    with pytest.raises(DamagedStateError, match="seen-"):
        history.refresh()
    path.write_bytes(whole)
    history.refresh()
    other = History(LocalStore(root))
    other.refresh()
    assert history.whole() == other.whole()
