"""``verify`` finds what was altered beside the windows: the contract and the exports, by whatever was done to them."""

import datetime as dt
import shutil

import orjson
import pytest

from tests.conftest import run_main
from tests.test_commit_windows import Dataset, at, coded, entry, polled
from transforms import exports
from transforms.contract import contract_files, write_contract
from transforms.file_index import FileIndex, IndexBrokenError, folder_faults, read_index, replace_files
from transforms.findings import Report
from transforms.kit_audit import audit_kit
from transforms.store import EXPORTS, LocalStore

pytestmark = pytest.mark.spoils


@pytest.fixture(scope="module")
def whole(demo_records):
    """The folder of the demo's dataset, never to be touched."""
    return demo_records[0]


@pytest.fixture
def root(tmp_path, whole):
    """A copy of it to spoil."""
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


def replaced(name, content):
    """A file has another content."""
    return lambda root: (root / name).write_bytes(content)


def appended(name, content):
    """Something stands at a file's end that was not written there."""
    return lambda root: (root / name).write_bytes((root / name).read_bytes() + content)


def gone(name):
    """A file is not there."""
    return lambda root: (root / name).unlink()


def other_sum(root):
    """The index gives a file another checksum."""
    plain = orjson.loads((root / INDEX).read_bytes())
    plain["files"][0]["crc32c"] = "AAAAAA=="
    (root / INDEX).write_bytes(orjson.dumps(plain))


def way_out(root):
    """The index names what lies elsewhere."""
    plain = orjson.loads((root / INDEX).read_bytes())
    plain["files"][0]["name"] = "exports/../latest.json"
    (root / INDEX).write_bytes(orjson.dumps(plain))


def looked_at(root):
    """The part of the audit that this is about."""
    report = Report()
    audit_kit(LocalStore(root), report)
    return report


INDEX = "exports/index.json"
README, CSV = "contract/v1/README.md", "exports/events_24h.csv"
ALTERED = {
    "a line more in the contract's README": (appended(README, b"trust it\n"), "contract", README, "was altered"),
    "SQL that reads elsewhere": (
        replaced("contract/v1/sql/duckdb.sql", b"SELECT 1;"), "contract", "contract/v1/sql/duckdb.sql", "was altered"
    ),
    "a schema is gone": (
        gone("contract/v1/schemas/events.schema.json"), "contract", "contract/v1/schemas/events.schema.json",
        "does not exist",
    ),
    "all of the contract is gone": (
        lambda root: shutil.rmtree(root / "contract"), "contract", "contract/v1/", "is not there"
    ),
    "a row more in an export": (appended(CSV, b"x,y\n"), "exports", CSV, "was altered"),
    "an empty export": (replaced("exports/events_7d.geojson", b""), "exports", "exports/events_7d.geojson", "altered"),
    "an export is gone": (gone("exports/feeds_status.json"), "exports", "exports/feeds_status.json", "does not exist"),
    "an export that was never written": (
        replaced("exports/events_1h.csv", b"x\n"), "exports", "exports/events_1h.csv", "is no file that"
    ),
    "the index is gone": (gone(INDEX), "exports", "exports/", "there is no index.json"),
    "the index is torn": (replaced(INDEX, b'{"as_of"'), "exports", INDEX, "not an index"),
    "the index has another checksum": (other_sum, "exports", CSV, "was altered"),
    "the index names what lies elsewhere": (way_out, "exports", INDEX, "no file of its folder"),
}  # fmt: skip


def test_the_demo_has_both(whole):
    """Nothing is wrong with them as they were written, and every file was looked at."""
    report = looked_at(whole)
    assert (report.findings, report.warnings) == ([], [])
    assert report.examined["contract"] == len(contract_files()) + 1
    assert report.examined["exports"] == 11


@pytest.mark.parametrize("name", ALTERED)
def test_each_alteration_is_one_finding(root, name):
    """Exit status 1 and one finding that names the file."""
    spoil, check, where, said = ALTERED[name]
    spoil(root)
    found = looked_at(root).findings
    assert [(f.check, f.where, said in f.message) for f in found] == [(check, where, True)], found


def test_the_command_says_so(root):
    """`sahelwatch verify` ends with status 1 and names the file; the day given makes no difference."""
    appended(CSV, b"x")(root)
    for more in ((), ("--since", "2026-11-20")):
        ran = run_main("verify", "--output", str(root), *more)
        assert ran.status == 1
        assert f"FAILED exports: {CSV}: was altered" in ran.out


def test_without_exports_there_is_a_warning(root):
    """They come after the first window: a writer that was killed in between leaves none."""
    shutil.rmtree(root / "exports")
    report = looked_at(root)
    assert report.good
    assert ["exports/" in warning for warning in report.warnings] == [True]


def test_the_contract_of_another_version_is_held_against_its_own_index(root):
    """What its files are is that version's to say; a warning says so, and what was altered is found all the same."""
    theirs = {**contract_files(), "contract/v1/later.csv": b"a column,more\n"}
    replace_files(LocalStore(root), "contract/v1/", theirs, lambda _: "text/plain")
    report = looked_at(root)
    assert report.good
    assert report.warnings == ["contract/ is not this version's: it was held against its own index alone"]
    appended("contract/v1/later.csv", b"x")(root)
    assert [finding.where for finding in looked_at(root).findings] == ["contract/v1/later.csv"]


def test_the_next_run_puts_the_contract_right(root):
    """What the finding promises."""
    shutil.rmtree(root / "contract/v1/sql")
    appended(README, b"x")(root)
    write_contract(LocalStore(root))
    assert looked_at(root).good


class DiesAfter(LocalStore):
    """A folder that takes so many writes and then no more, as a kill would have it."""

    def __init__(self, root, writes):
        super().__init__(root)
        self.writes = writes

    def replace(self, name, content, content_type, version):
        """See Store."""
        if self.writes == 0:
            raise KeyboardInterrupt
        self.writes -= 1
        super().replace(name, content, content_type, version)


def test_a_renewal_killed_at_any_write_is_no_fault_and_comes_again(tmp_path):
    """Also when the one after it is killed as well; what was really altered meanwhile is found all the same."""
    made = Dataset(tmp_path / "out")
    made.commit(at(0), polled("un", at(0), entry("a")), coded(entry("a")))
    root, hours, ended = tmp_path / "out", 0, False
    writes = 0
    while not ended:
        writes += 1
        for _ in range(2):
            hours += 1
            store = DiesAfter(root, writes)
            try:
                exports.rolling_exports(store, at(hours))
                ended = True
            except KeyboardInterrupt:
                assert exports._exported_hour(store) == ""
            assert list(folder_faults(store, EXPORTS)) == []
    assert writes > 3
    assert not read_index(store, EXPORTS).renewing
    assert exports._exported_hour(store) == f"manifests/v1/dt={at(hours):%Y-%m-%d}/hour={at(hours):%H}"
    with pytest.raises(KeyboardInterrupt):
        exports.rolling_exports(DiesAfter(root, 2), at(hours + 24 * 40))
    (root / CSV).write_bytes(b"neither of them")
    assert [where for where, _ in folder_faults(LocalStore(root), EXPORTS)] == [CSV]


def test_a_renewal_during_the_audit_is_no_fault(tmp_path):
    """Files and index are read one after another: what changed between is looked at again."""
    made = Dataset(tmp_path / "out")
    made.commit(at(0), polled("un", at(0), entry("a")), coded(entry("a")))
    exports.rolling_exports(made.store, at(0))

    class Renewed(LocalStore):
        """A folder whose exports are renewed while it is looked at."""

        times = 0

        def measured(self, name):
            """See Store."""
            if self.times < 3 and name == "exports/feeds_status.json":
                self.times += 1
                exports.rolling_exports(made.store, at(0) + dt.timedelta(days=self.times))
            return super().measured(name)

    assert list(folder_faults(Renewed(tmp_path / "out"), EXPORTS)) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"as_of":"x","sequence":1,"files":[{}]}', b"null"])
def test_an_index_that_is_none(content):
    """One error, whatever stands there."""
    with pytest.raises(IndexBrokenError):
        FileIndex.parse(content)
