"""The storage seam on a local folder: immutable objects, compare-and-swap, one clear line when it cannot be used."""

import threading

import pytest

from transforms.store import LocalStore, StoreConflictError, StoreUnavailableError, crc32c, open_store


def test_create_is_idempotent_for_equal_content(tmp_path):
    """Writing the same bytes under the same name again is success; other bytes are a conflict."""
    store = LocalStore(tmp_path)
    store.create("a/b.txt", b"one", "text/plain")
    store.create("a/b.txt", b"one", "text/plain")
    with pytest.raises(StoreConflictError):
        store.create("a/b.txt", b"two", "text/plain")
    assert store.read("a/b.txt") == b"one"


def test_racing_creators_have_one_winner(tmp_path):
    """Ten writers of different bytes to one name: exactly one succeeds and its bytes stand."""
    store, won, lost = LocalStore(tmp_path), [], []

    def create(content):
        try:
            store.create("x", content, "text/plain")
            won.append(content)
        except StoreConflictError:
            lost.append(content)

    threads = [threading.Thread(target=create, args=(str(i).encode(),)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 9)
    assert store.read("x") == won[0]


def test_replace_is_compare_and_swap(tmp_path):
    """An object is replaced only while it is the version that was read."""
    store = LocalStore(tmp_path)
    store.replace("latest.json", b"1", "application/json", None)
    first = store.read_versioned("latest.json")
    store.replace("latest.json", b"2", "application/json", first.version)
    with pytest.raises(StoreConflictError):
        store.replace("latest.json", b"3", "application/json", first.version)
    with pytest.raises(StoreConflictError):
        store.replace("latest.json", b"3", "application/json", None)
    assert store.read("latest.json") == b"2"


def test_names_are_sorted_and_start_where_asked(tmp_path):
    """Listing gives names under a prefix in order, without temporary files, from a name on."""
    store = LocalStore(tmp_path)
    for name in ("m/dt=2026-11-02/b", "m/dt=2026-11-01/a", "m/dt=2026-11-01/c", "n/x"):
        store.create(name, b"", "text/plain")
    (tmp_path / "m" / ".left.123.tmp").write_bytes(b"half")
    assert store.names("m/") == ["m/dt=2026-11-01/a", "m/dt=2026-11-01/c", "m/dt=2026-11-02/b"]
    assert store.names("m/", after="m/dt=2026-11-01/b") == ["m/dt=2026-11-01/c", "m/dt=2026-11-02/b"]
    assert store.names("none/") == []


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//..", "/etc/passwd/..", "a b", "a\nb", "a*", "é", "", "x" * 901])
def test_dangerous_names_are_never_objects(tmp_path, name):
    """Nothing but plain ASCII names inside the root becomes a path."""
    with pytest.raises(ValueError, match="object name"):
        LocalStore(tmp_path).create(name, b"", "text/plain")


def test_missing_objects(tmp_path):
    """Reading what is not there is a KeyError, or None with a version."""
    store = LocalStore(tmp_path)
    with pytest.raises(KeyError):
        store.read("none")
    assert store.read_versioned("none") is None


def test_unusable_folder_is_one_clear_line(tmp_path):
    """A path that is a file cannot be a dataset."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError, match="cannot write to") as caught:
        LocalStore(tmp_path / "file" / "below").check()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("uri", ["s3://bucket/x", "gs://A/x", "gs://ab", "gs://bucket/../x", "gs://bucket/a*b", "http://x/y"])
def test_wrong_uris_are_refused(uri):
    """Only local folders and well-formed gs:// URIs name a dataset."""
    with pytest.raises(ValueError, match="not"):
        open_store(uri)


def test_crc32c_is_the_castagnoli_check_value():
    """The check value of "123456789" is E3069283 (RFC 3720, appendix B.4), in base64."""
    assert crc32c(b"123456789") == "4waSgw=="
