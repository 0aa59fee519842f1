"""Cloud Storage over HTTP with everything that goes wrong on the way: nothing is lost, doubled or half."""

import os
import subprocess
import sys
import time

import pytest

from transforms.gcs_store import RESUMABLE_ABOVE, GcsStore
from transforms.store import StoreConflictError, StoreUnavailableError, open_store

SMALL = b"small " * 100
BIG = os.urandom(1 << 16) * 257  # three chunks of a resumable upload
UPLOADS = {"one request": SMALL, "in chunks": BIG}


@pytest.fixture
def store(bucket):
    """A store in a bucket whose patience suits a test."""
    return GcsStore(bucket, "set", deadline=8, timeout=(0.6, 0.6), pause=0.02)


@pytest.fixture
def impatient(bucket):
    """A store that gives up soon."""
    return GcsStore(bucket, "set", deadline=0.5, timeout=(0.5, 0.5), pause=0.02)


FAULTS = (429, 500, 503, "reset", "half", "lost", "503", "slow")


@pytest.mark.parametrize(
    ("kind", "content"),
    [*((kind, SMALL) for kind in (*FAULTS, "flip")), *((kind, BIG) for kind in FAULTS)],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else str(value),
)
def test_a_write_survives_one_fault(store, emulator, kind, content):
    """Refused, broken off, half sent, done without an answer, damaged, late: the object is there once and whole."""
    emulator.plant(kind, method="POST|PUT", pattern="/upload/", seconds=0.9)
    store.create("a", content, "application/gzip")
    assert emulator.spent()
    assert store.read("a") == content
    assert store.names("") == ["a"]


@pytest.mark.parametrize("kind", [503, "half", "lost", 410])
@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_fault_in_any_chunk_is_survived(store, emulator, kind, chunk):
    """A resumable upload that loses its first, a middle or its last chunk, or its session, starts afresh."""
    start = (chunk - 1) * RESUMABLE_ABOVE
    emulator.plant(kind, method="PUT", headers=f"bytes {start}-", seconds=0.9)
    store.create("a", BIG, "application/gzip")
    assert emulator.spent()
    assert store.read("a") == BIG


def test_a_damaged_object_is_never_taken_for_written(impatient, emulator):
    """When the stored checksum is not that of the bytes, the write fails with both sums."""
    emulator.plant("flip", method="PUT", headers=f"bytes {RESUMABLE_ABOVE}-")
    with pytest.raises(StoreUnavailableError, match=r"stored a with checksum .*, not"):
        impatient.create("a", BIG, "application/gzip")


def test_the_sum_travels_ahead_of_the_bytes(store, emulator):
    """Both kinds of upload announce their CRC32C and the precondition, so that the service can refuse."""
    for name, content in (("a", SMALL), ("b", BIG)):
        store.create(name, content, "application/gzip")
    posts = [(path, body) for method, path, body in emulator.requests if method == "POST"]
    assert len(posts) == 2
    for path, body in posts:
        assert "ifGenerationMatch=0" in path
        assert b'"crc32c"' in body


@pytest.mark.parametrize("content", UPLOADS.values(), ids=UPLOADS)
def test_a_lost_answer_to_other_content_is_still_a_conflict(store, emulator, content):
    """A repeat that meets another writer's object does not mistake it for its own."""
    store.create("a", b"theirs", "text/plain")
    emulator.plant(503, pattern="/upload/")
    with pytest.raises(StoreConflictError):
        store.create("a", content, "text/plain")
    assert store.read("a") == b"theirs"


@pytest.mark.parametrize("kind", ["lost", "503"])
@pytest.mark.parametrize("version", [None, "current"])
def test_a_swap_whose_answer_was_lost_is_a_success(store, emulator, kind, version):
    """The repeat of our own swap gets 412; the checksum says that it was ours."""
    if version:
        store.create("latest.json", b"0", "application/json")
    before = store.read_versioned("latest.json")
    emulator.plant(kind, pattern="/upload/")
    store.replace("latest.json", b"1", "application/json", before.version if before else None)
    assert emulator.spent()
    assert store.read("latest.json") == b"1"


def test_a_swap_after_anothers_is_a_conflict_even_when_answers_are_lost(store, emulator):
    """Whoever swapped first wins, also against a writer whose requests fail on the way."""
    store.create("lease", b"free", "text/plain")
    version = store.read_versioned("lease").version
    store.replace("lease", b"theirs", "text/plain", version)
    emulator.plant("503", pattern="/upload/")
    with pytest.raises(StoreConflictError):
        store.replace("lease", b"ours", "text/plain", version)
    assert store.read("lease") == b"theirs"


def test_an_equal_swap_without_a_lost_answer_is_a_conflict(store):
    """Two writers that write the same bytes over the same version do not both hold it."""
    store.create("lease", b"free", "text/plain")
    version = store.read_versioned("lease").version
    store.replace("lease", b"held", "text/plain", version)
    with pytest.raises(StoreConflictError):
        store.replace("lease", b"held", "text/plain", version)


@pytest.mark.parametrize("kind", [408, 429, 500, 502, 503, 504, "reset", "cut", "flop", "slow"])
def test_a_read_survives_one_fault(store, emulator, kind):
    """Refused, broken off, cut short, damaged or late: what is read is what was written, or nothing at all."""
    content = SMALL * 1000
    store.create("a", content, "application/gzip")
    emulator.plant(kind, method="GET", pattern="alt=media", seconds=0.9)
    assert store.read("a") == content
    assert emulator.spent()


@pytest.mark.parametrize("kind", [429, 503, "reset", "cut", "slow"])
def test_lists_and_removals_survive_faults(store, emulator, kind):
    """Listing, looking and removing are repeated, too."""
    store.create("a", SMALL, "text/plain")
    for method in ("GET", "DELETE"):
        emulator.plant(kind, method=method, seconds=0.9)
    assert store.names("") == ["a"]
    assert store.modified("a")
    store.remove("a")
    assert emulator.spent()
    assert store.names("") == []


def test_a_storm_of_faults_is_outlasted(store, emulator):
    """Five faults of different kinds in a row on each of eight objects, read back side by side."""
    for number in range(8):
        for kind in (503, "reset", "half", 429, "lost"):
            emulator.plant(kind, pattern="/upload/")
        store.create(f"n/{number:02}", SMALL + b"%d" % number, "text/plain")
    names = store.names("n/")
    assert len(names) == 8
    for kind in (503, "cut", "reset", "flop") * 3:
        emulator.plant(kind, method="GET", pattern="alt=media")
    assert store.read_all(names) == [SMALL + b"%d" % number for number in range(8)]
    assert emulator.spent()


@pytest.mark.parametrize(
    ("kind", "says"), [(503, "the server answers 503"), ("reset", "cannot be reached"), ("slow", "does not answer")]
)
def test_patience_ends(impatient, emulator, kind, says):
    """What never works is given up at the deadline, with one line that says what was met."""
    emulator.plant(kind, method="*", times=10**6, seconds=0.8)
    started = time.monotonic()
    for act in (
        lambda: impatient.create("a", SMALL, "text/plain"),
        lambda: impatient.read("a"),
        lambda: impatient.names(""),
    ):
        with pytest.raises(StoreUnavailableError, match=says) as caught:
            act()
        assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 6


def test_what_is_refused_for_good_is_not_repeated(store, emulator):
    """A 403 is asked once and told in the server's words."""
    emulator.plant(403, pattern="/upload/", times=10**6, message="bot@x does not have storage.objects.create access")
    with pytest.raises(StoreUnavailableError, match=r"no right .* \(403\): bot@x does not have storage.objects.create"):
        store.create("a", SMALL, "text/plain")
    assert len([1 for method, *_ in emulator.requests if method == "POST"]) == 1


def line_of(store):
    """What ``check`` says, which must be one line within ten seconds."""
    started = time.monotonic()
    with pytest.raises(StoreUnavailableError) as caught:
        store.check()
    assert time.monotonic() - started < 10
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_bucket_is_one_line(emulator):
    """The bucket's name and that it does not exist."""
    line = line_of(open_store("gs://there-is-none/set"))
    assert line == "cannot list gs://there-is-none/set: the bucket there-is-none does not exist"


@pytest.mark.parametrize(
    ("method", "pattern", "doing"),
    [("GET", r"/o\?", "list"), ("GET", "alt=media", "read"), ("POST", "/upload/", "write to")],
)
def test_missing_rights_are_one_line(store, emulator, method, pattern, doing):
    """Which right is missing: to list, to read or to write."""
    emulator.plant(403, method=method, pattern=pattern, times=99, message="bot@x lacks it")
    assert line_of(store) == f"cannot {doing} {store.uri}: no right to do that (403): bot@x lacks it"


def test_no_right_to_overwrite_is_one_line(store, emulator):
    """A role that may only create cannot move latest.json, and is told so before anything is polled."""
    emulator.plant(403, pattern=r"ifGenerationMatch=[1-9]", times=99, message="bot@x lacks storage.objects.delete")
    assert line_of(store).startswith(f"cannot overwrite {store.uri}: no right to do that (403): bot@x lacks")


def test_refused_credentials_are_one_line(store, emulator):
    """401 is about the credentials."""
    emulator.plant(401, method="*", times=99)
    assert line_of(store) == f"cannot list {store.uri}: the credentials were refused (401)"


def test_a_failing_endpoint_is_one_line(impatient, emulator):
    """A service that only fails is named with its answer."""
    emulator.plant(503, method="*", times=10**6)
    assert "the server answers 503: planted, tried for" in line_of(impatient)


def test_a_hanging_endpoint_is_one_line(bucket, emulator):
    """A service that never answers is given up within ten seconds, although the store itself has more patience."""
    emulator.plant("slow", method="*", times=10**6, seconds=4)
    line = line_of(open_store(f"gs://{bucket}/set"))
    assert "does not answer" in line or "no answer within" in line


def test_an_unreachable_endpoint_is_one_line(bucket, monkeypatch):
    """Nobody listens there."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached" in line_of(GcsStore(bucket, "", deadline=0.5))


def test_missing_credentials_are_one_line(tmp_path):
    """Without credentials nothing is asked of the service; looking for them ends in time."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "STORAGE_", "CLOUDSDK_"))}
    # a metadata server that is not there: loopback, so that the test never leaves the machine
    environment |= {"HOME": str(tmp_path), "GCE_METADATA_HOST": "127.0.0.1:9", "GCE_METADATA_IP": "127.0.0.1:9"}
    program = (
        "from transforms.store import open_store, StoreUnavailableError\n"
        "try: open_store('gs://bucket/set').check()\n"
        "except StoreUnavailableError as error: print(error)\n"
    )
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert time.monotonic() - started < 15
    assert ran.stdout.startswith(("cannot list gs://bucket/set: no credentials", "cannot find credentials for"))
    assert ran.stdout.count("\n") == 1


def test_a_prefix_one_level_too_high_is_refused(bucket):
    """The root of a bucket that holds a dataset below it is not taken for a new one."""
    open_store(f"gs://{bucket}/prod").create("latest.json", b"{}", "application/json")
    assert line_of(open_store(f"gs://{bucket}")) == (
        f"gs://{bucket} is no dataset but holds gs://{bucket}/prod: give that, or another prefix"
    )
    open_store(f"gs://{bucket}/test").check()


def test_prefixes_are_kept_apart(bucket):
    """Two datasets in a bucket do not see each other, not even when one's prefix begins like the other's."""
    one, two = open_store(f"gs://{bucket}/set"), open_store(f"gs://{bucket}/set2")
    one.create("a", b"1", "text/plain")
    two.create("a", b"2", "text/plain")
    assert (one.names(""), two.names("")) == (["a"], ["a"])
    assert (one.read("a"), two.read("a")) == (b"1", b"2")
