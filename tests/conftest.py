"""What several test files share: the fixture world run once through the whole graph."""

import contextlib
import io
import sys
import uuid

import orjson
import pytest
from hypothesis import HealthCheck, settings

from pipeline.main import main
from pipeline.world.server import WorldServer

# a busy machine is no fault of the code under test
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


class Ran:
    """A finished command line."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        """Standard output as one JSON object."""
        return orjson.loads(self.out)


def run_main(*arguments, stdin=b""):
    """``sahelwatch`` with these arguments in this process."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin, sys.stdout
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    raw = io.BytesIO()
    sys.stdout = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    try:
        with contextlib.redirect_stderr(err):
            status = main(list(arguments))
        sys.stdout.flush()
        out = raw.getvalue().decode("utf-8")
    finally:
        sys.stdin, sys.stdout = before
    return Ran(status, out, err.getvalue())


@pytest.fixture(scope="session")
def world():
    """The fixture world's server, shared: tests that change it start their own."""
    with WorldServer() as server:
        yield server


@pytest.fixture(scope="session")
def demo_records(tmp_path_factory):
    """The dataset that ``sahelwatch demo`` makes, and its summary."""
    output = tmp_path_factory.mktemp("demo") / "records"
    ran = run_main("demo", "--json", "--output", str(output))
    assert ran.status == 0, ran.err
    return output, ran.json


@pytest.fixture(scope="session")
def emulator():
    """A Cloud Storage server on loopback behind a proxy that can spoil requests (tests/emulator.py)."""
    from tests.emulator import Emulator

    with Emulator() as running:
        yield running


@pytest.fixture
def bucket(emulator):
    """A new bucket of the emulator, and no faults before or after."""
    name = f"essai-{uuid.uuid4().hex}"
    emulator.heal()
    emulator.make_bucket(name)
    yield name
    emulator.heal()


@pytest.fixture(autouse=True)
def datasets_pass_the_audit(request):
    """What a test wrote through the real writer holds to every promise, whatever the test is about.

    Only such datasets have a lease. Tests that spoil them on purpose say so by the marker ``spoils``.
    """
    looked_at = "tmp_path" in request.fixturenames and not request.node.get_closest_marker("spoils")
    folder = request.getfixturevalue("tmp_path") if looked_at else None
    yield
    for lease in sorted(folder.rglob("state/lease.json")) if folder else ():
        root = lease.parent.parent
        if any(root.glob("manifests/v1/*/*/*.json")):
            from transforms.audit import audit
            from transforms.kit_audit import audit_kit
            from transforms.store import LocalStore

            report = audit(LocalStore(root))
            if (root / "contract").exists():  # a real run wrote it
                audit_kit(LocalStore(root), report)
            assert report.findings == [], f"verify fails on {root}"
