"""A replay of an archive that lacks something, is damaged, or has nothing of what is asked for: it is said, in one line."""

import shutil

import pytest

from pipeline.own_source import OwnArchive
from pipeline.world.server import WorldServer
from tests.conftest import run_main
from tests.test_replay import FEEDS, catalogue, run_pass, tables
from transforms import archive
from transforms.archive_reader import Archive, DamagedArchiveError
from transforms.datasets import current_rows
from transforms.store import open_store

pytestmark = pytest.mark.spoils
PAST = ("2026-11-20T06:00:00Z", "2026-11-21T06:00:00Z")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A dataset of two passes over one feed, a day apart."""
    folder = tmp_path_factory.mktemp("kept")
    feeds = catalogue(folder, FEEDS[:1])
    with WorldServer() as server:
        for at in PAST:
            run_pass(server, feeds, folder / "out", at)
    return folder / "out"


@pytest.fixture
def copy(kept, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(kept, tmp_path / "copy")


def refused(given, output, *more):
    """What is said of a replay that ends with status 2: one line, and nothing is written."""
    ran = run_main("replay", "--archive", str(given), "--output", str(output), *more)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran.err
    assert not output.exists()
    return ran.err


def warcs(root):
    """The WARC objects of a dataset in their order, by path."""
    return sorted(root.glob("archive/v1/dt=*/*/*.warc.gz"))


def test_an_object_that_is_not_there_is_told(copy, tmp_path):
    """Its name on stderr, a count in the summary, status 1; the pages are those that were answered."""
    lost, other = warcs(copy)
    pages = sum(
        fields.get("kind") == "page" and "feeds" in fields
        for _, fields in Archive(str(copy)).index(lost.relative_to(copy).as_posix())
    )
    assert pages > 0
    [whole, left] = [Archive(str(copy)).window(name).pages for name in Archive(str(copy)).windows()]
    assert whole == pages
    lost.unlink()
    for again in ("first", "resumed"):  # what is done already is counted, too
        ran = run_main("replay", "--archive", str(copy), "--output", str(tmp_path / "again"), "--json")
        assert (ran.status, ran.json["objects_missing"]) == (1, 1), again
        assert ran.json["pages"] == (left if again == "first" else 0)
        [line] = [line for line in ran.err.splitlines() if ".warc.gz" in line]
        assert line.startswith("sahelwatch replay: 1 of 2 objects")
        assert lost.relative_to(copy).as_posix() in line
        assert other.name not in line
    assert "objects_missing" in run_main("replay", "--archive", str(copy), "--output", str(tmp_path / "again")).out
    assert run_main("verify", "--output", str(tmp_path / "again")).status == 0


def test_what_expired_is_not_missing(copy, tmp_path):
    """The newest window outlives its records: the manifests beside the archive say why they are gone."""
    ran = run_main("expire", "--output", str(copy), "--archive", "2d", "--now", "2026-12-30T06:00:00Z")
    assert ran.status == 0, ran.err
    assert warcs(copy) == []
    ran = run_main("replay", "--archive", str(copy), "--output", str(tmp_path / "again"), "--json")
    assert (ran.status, ran.json["objects_missing"], ran.json["pages"]) == (0, 0, 0), ran.err
    assert "1 of 1 objects that the archive names expired or were taken down" in ran.err
    shutil.copytree(copy / "archive", tmp_path / "alone/archive")  # without the manifests nothing says so
    ran = run_main("replay", "--archive", str(tmp_path / "alone"), "--output", str(tmp_path / "other"), "--json")
    assert (ran.status, ran.json["objects_missing"]) == (1, 1), ran.err


def test_an_object_that_goes_meanwhile_ends_the_replay(copy):
    """What expires or is taken down while the archive is read is not passed over: another start counts it."""
    source = OwnArchive(Archive(str(copy)), since=None, until=None, only=frozenset(), feeds=None, workers=0)
    source.survey()
    assert source.missing == []
    lost = warcs(copy)[1]
    lost.unlink()
    windows = source.windows(source.names())
    assert next(windows) is not None
    with pytest.raises(DamagedArchiveError, match=f"{lost.name} went"):
        next(windows)
    source.survey()
    assert source.missing == [lost.relative_to(copy).as_posix()]
    assert [window.pages > 0 for window in source.windows(source.names())] == [True, False]


@pytest.mark.parametrize("without_index", [False, True])
def test_an_object_that_was_cut_or_altered_is_named(copy, tmp_path, without_index):
    """Status 2 and a line that names it; nothing is published, and put back, the replay goes on to the same end."""
    path, output = warcs(copy)[1], tmp_path / "again"
    content = path.read_bytes()
    if without_index:
        index = path.with_name(path.name.replace(".warc.gz", ".cdxj"))
        index.unlink()
    middle = len(content) // 2
    for spoilt in (content[:middle], content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :], b""):
        path.write_bytes(spoilt)
        ran = run_main("replay", "--archive", str(copy), "--output", str(output))
        said = [line for line in ran.err.splitlines() if line.startswith("sahelwatch replay: ")]
        assert (ran.status, ran.out, len(said)) == (2, "", 1), ran.err
        assert path.relative_to(copy).as_posix() in said[0]
        assert "Traceback" not in ran.err
        assert not (output / "latest.json").exists()
    path.write_bytes(content)
    assert run_main("replay", "--archive", str(copy), "--output", str(output)).status == 0
    assert tables(output) == tables(copy)


def test_a_record_that_is_none_says_so():
    """Bytes past the end of an object that was cut, which a span read gives as nothing."""
    for read in (archive.read_member, archive.read_body):
        with pytest.raises(archive.NoRecordError):
            read(b"")


def test_damage_that_only_a_worker_sees_is_the_same_line(copy, tmp_path, monkeypatch):
    """A repeated body lies in an object of another time: what an engine makes of the error still ends in one line."""
    path = warcs(copy)[0]
    monkeypatch.setattr("pipeline.own_source.OwnArchive._prove", lambda *_: None)
    path.write_bytes(path.read_bytes()[:2000])
    ran = run_main("replay", "--archive", str(copy), "--output", str(tmp_path / "again"))
    [said] = [line for line in ran.err.splitlines() if line.startswith("sahelwatch replay: ")]
    assert ran.status == 2
    assert said.endswith("are not those whose hash its name bears")
    assert path.relative_to(copy).as_posix() in said


@pytest.mark.parametrize("content", [b"{", b"", b"null", b"[]", b'{"sequence": 1}'])
@pytest.mark.parametrize("kind", ["windows/*/*/*", "catalogues/*"])
def test_a_window_or_catalogue_that_cannot_be_read_is_named(copy, tmp_path, kind, content):
    """Before anything is written."""
    path = min(copy.glob(f"archive/v1/{kind}.json"))
    path.write_bytes(content)
    assert f"{path.relative_to(copy).as_posix()} cannot be read" in refused(copy, tmp_path / "again")
    path.unlink()
    if kind == "catalogues/*":
        assert f"{path.relative_to(copy).as_posix()} cannot be read" in refused(copy, tmp_path / "again")


def test_a_selection_of_nothing_is_bad_usage(kept, tmp_path):
    """The line says what the archive has, the times it is from or its feeds; also far outside, and before the first hour."""
    output = tmp_path / "again"
    for selection in (("--until", "2001-01-01"), ("--since", "2027-01-01")):
        assert f"it has them from {PAST[0]} to {PAST[1]}" in refused(kept, output, *selection)
    for feeds in (("--feed", "nosuch"), ("--feed", FEEDS[0], "--feed", "nosuch")):
        assert f"in the time asked for has a feed nosuch; they have {FEEDS[0]}" in refused(kept, output, *feeds)
    ran = run_main("replay", "--archive", str(kept), "--output", str(output), "--until", PAST[1], "--feed", FEEDS[0])
    assert ran.status == 0, ran.err
    assert current_rows(open_store(str(output)), "articles")


@pytest.mark.parametrize("given", ["copy", "copy/archive", "link"])
def test_no_dataset_is_made_inside_of_what_it_is_made_of(copy, tmp_path, given):
    """Nor around it, nor by way of a link; a neighbour whose name begins alike is another place."""
    (tmp_path / "link").symlink_to(copy)
    for inside in (copy / "sub", copy / "archive/sub", tmp_path / "link/sub"):
        assert "another place" in refused(tmp_path / given, inside)
    ran = run_main("replay", "--archive", str(tmp_path / given), "--output", str(tmp_path))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "another place" in ran.err
    assert not (tmp_path / "state").exists()
    if given == "copy":
        assert run_main("replay", "--archive", str(copy), "--output", f"{copy}2").status == 0
