"""The storage seam, on a folder and on a bucket alike: immutable objects, compare-and-swap, sorted names."""

import datetime as dt
import os
import threading
import time

import pytest

from transforms.store import LocalStore, StoreConflictError, StoreUnavailableError, crc32c, open_store


@pytest.fixture(params=["folder", "bucket", "bucket/prefix"])
def store(request, tmp_path):
    """An empty store of each kind; the bucket is spoken to over HTTP."""
    if request.param == "folder":
        return LocalStore(tmp_path)
    name = request.getfixturevalue("bucket")
    return open_store(f"gs://{request.param.replace('bucket', name)}")


def test_create_is_idempotent_for_equal_content(store):
    """Writing the same bytes under the same name again is success; other bytes are a conflict."""
    store.create("a/b.txt", b"one", "text/plain")
    store.create("a/b.txt", b"one", "text/plain")
    with pytest.raises(StoreConflictError):
        store.create("a/b.txt", b"two", "text/plain")
    assert store.read("a/b.txt") == b"one"


def race(action, contents):
    """All contents at once, each in a thread: (those that went through, those that met a conflict)."""
    won, lost, start = [], [], threading.Barrier(len(contents))

    def run(content):
        start.wait()
        try:
            action(content)
            won.append(content)
        except StoreConflictError:
            lost.append(content)

    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost


def test_racing_creators_have_one_winner(store):
    """Ten writers of different bytes to one name: exactly one succeeds and its bytes stand."""
    won, lost = race(lambda content: store.create("x", content, "text/plain"), [b"%d" % i for i in range(10)])
    assert (len(won), len(lost)) == (1, 9)
    assert store.read("x") == won[0]


def test_racing_replacers_have_one_winner(store):
    """Ten writers who read the same version: one swaps, the others are told; also when there is nothing yet."""
    for version in (None, "read"):
        before = store.read_versioned("x").version if version else None
        contents = [b"%s%d" % (str(version).encode(), i) for i in range(10)]
        won, lost = race(lambda content, seen=before: store.replace("x", content, "text/plain", seen), contents)
        assert (len(won), len(lost)) == (1, 9)
        assert store.read("x") == won[0]


def test_replace_is_compare_and_swap(store):
    """An object is replaced only while it is the version that was read."""
    store.replace("latest.json", b"1", "application/json", None)
    first = store.read_versioned("latest.json")
    store.replace("latest.json", b"2", "application/json", first.version)
    with pytest.raises(StoreConflictError):
        store.replace("latest.json", b"3", "application/json", first.version)
    with pytest.raises(StoreConflictError):
        store.replace("latest.json", b"3", "application/json", None)
    assert store.read("latest.json") == b"2"


def test_replace_sees_a_change_there_and_back(store):
    """A version is never the same again, even when the old bytes come back: a lease taken and returned was taken."""
    store.replace("lease", b"free", "text/plain", None)
    first = store.read_versioned("lease")
    for content in (b"held", b"free"):
        store.replace("lease", content, "text/plain", store.read_versioned("lease").version)
    with pytest.raises(StoreConflictError):
        store.replace("lease", b"mine", "text/plain", first.version)


def test_replacing_what_is_gone_is_a_conflict(store):
    """An object that was removed since it was read is not written anew."""
    store.create("x", b"1", "text/plain")
    version = store.read_versioned("x").version
    store.remove("x")
    with pytest.raises(StoreConflictError):
        store.replace("x", b"2", "text/plain", version)


def test_names_are_sorted_and_start_where_asked(store):
    """Listing gives names under a prefix in order, from a name on, and never those of a longer prefix beside it."""
    for name in ("m/dt=2026-11-02/b", "m/dt=2026-11-01/a", "m/dt=2026-11-01/c", "n/x", "m.json"):
        store.create(name, b"", "text/plain")
    assert store.names("m/") == ["m/dt=2026-11-01/a", "m/dt=2026-11-01/c", "m/dt=2026-11-02/b"]
    assert store.names("m/", after="m/dt=2026-11-01/b") == ["m/dt=2026-11-01/c", "m/dt=2026-11-02/b"]
    assert store.names("m/dt=2026-11-02/b") == ["m/dt=2026-11-02/b"]
    assert store.names("none/") == []
    assert store.names("") == ["m.json", "m/dt=2026-11-01/a", "m/dt=2026-11-01/c", "m/dt=2026-11-02/b", "n/x"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//..", "/..", "a b", "a\nb", "a\n", "a*", "é", "", "x" * 901])
def test_dangerous_names_are_never_objects(store, name):
    """Nothing but plain ASCII names inside the root becomes a path."""
    for act in (
        lambda: store.create(name, b"", "text/plain"),
        lambda: store.replace(name, b"", "text/plain", None),
        lambda: store.read(name),
        lambda: store.remove(name),
        lambda: store.modified(name),
    ):
        with pytest.raises(ValueError, match="object name"):
            act()
    assert store.names("") == []


def test_missing_objects(store):
    """Reading what is not there is a KeyError, or None with a version; removing it is nothing."""
    with pytest.raises(KeyError):
        store.read("none")
    with pytest.raises(KeyError):
        store.modified("none")
    with pytest.raises(KeyError):
        store.read_all(["none"])
    assert store.read_versioned("none") is None
    store.remove("none")


def test_many_objects_are_read_in_order(store):
    """Reading many gives their bytes in the order of the names."""
    for number in range(30):
        store.create(f"n/{number}", b"%d" % number, "text/plain")
    order = [number * 7 % 30 for number in range(30)]
    assert store.read_all([f"n/{number}" for number in order]) == [b"%d" % number for number in order]
    assert store.read_all([]) == []


def test_a_span_of_an_object_is_read_alone(store):
    """From an offset so many bytes, as many as there are; no object is a KeyError."""
    content = bytes(range(256)) * 5000
    store.create("big", content, "application/warc")
    assert [store.read_span("big", *span) for span in ((0, 3), (1000, 70_000), (1_279_990, 100))] == [
        content[:3], content[1000:71_000], content[-10:],
    ]  # fmt: skip
    assert store.measured("big") == (len(content), crc32c(content))
    with pytest.raises(KeyError):
        store.read_span("none", 0, 3)


def test_any_bytes_come_back(store):
    """Nothing, every byte, what looks like gzip, and more than one chunk of an upload come back as they went."""
    big = os.urandom(1 << 20) * 17 + b"end"
    for number, content in enumerate((b"", bytes(range(256)), b"\x1f\x8b\x08 no gzip", b"\r\n--=\r\n", big)):
        store.create(f"any/{number}", content, "application/gzip")
        assert store.read(f"any/{number}") == content


def test_modified_and_remove(store):
    """An object says when it was written, in UTC; a removed one is gone from everywhere."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    store.create("a/x", b"1", "text/plain")
    assert before <= store.modified("a/x") <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    store.remove("a/x")
    assert store.names("") == []
    assert store.read_versioned("a/x") is None


def test_check_finds_nothing_wrong_with_a_usable_place(store):
    """A new place, and one that is a dataset already, may be used; the check leaves no table behind."""
    store.check()
    store.create("latest.json", b"{}", "application/json")
    store.check()
    assert store.names("articles/") == store.names("manifests/") == []


def test_a_place_inside_a_dataset_is_refused(store):
    """A prefix that names a part of a dataset is a slip of the hand: one clear line, nothing written."""
    store.create("latest.json", b"{}", "application/json")
    store.create("articles/v1/x", b"", "text/plain")
    for inside in ("articles", "articles/v1", "exports/new"):
        with pytest.raises(StoreUnavailableError, match="lies inside the dataset") as caught:
            open_store(f"{store.uri}/{inside}").check()
        assert "\n" not in str(caught.value)
    assert store.names("") == ["articles/v1/x", "latest.json"]


def test_temporary_files_are_not_objects(tmp_path):
    """What a killed writer left in a folder is never listed, and is swept once it is old."""
    store = LocalStore(tmp_path)
    store.create("m/x", b"1", "text/plain")
    left = tmp_path / "m" / f".x.{'0' * 32}.tmp"
    left.write_bytes(b"half")
    assert store.names("") == ["m/x"]
    now = dt.datetime.now(dt.UTC)
    assert store.sweep_temporary(now - dt.timedelta(hours=1)) == 0
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    assert store.sweep_temporary(now - dt.timedelta(hours=1)) == 1
    assert not left.exists()


def test_unusable_folder_is_one_clear_line(tmp_path):
    """A path that is a file cannot be a dataset."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError, match="cannot write to") as caught:
        LocalStore(tmp_path / "file" / "below").check()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/x",
        "gs://A/x",
        "gs://ab",
        "gs://bucket/../x",
        "gs://bucket/a*b",
        "gs://bucket/a//b",
        "gs://bucket/a\n",
        "http://x/y",
    ],
)
def test_wrong_uris_are_refused(uri):
    """Only local folders and well-formed gs:// URIs name a dataset."""
    with pytest.raises(ValueError, match="not"):
        open_store(uri)


def test_crc32c_is_the_castagnoli_check_value():
    """The check value of "123456789" is E3069283 (RFC 3720, appendix B.4), in base64."""
    assert crc32c(b"123456789") == "4waSgw=="
