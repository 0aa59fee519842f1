"""``watch``: ticks, and what is wrong before the first one; the engines themselves are tested in tests/engines."""

import datetime as dt
import socket
import subprocess
import sys

import pytest

from pipeline.demo import CATALOGUE
from pipeline.ticks import _OneSource, _TickRanges, due_tick
from pipeline.watch import STANDS, _failed
from tests.conftest import run_main
from transforms.windows import Windows, window_end


@pytest.mark.parametrize(("now", "number"), [(100.0, 0), (100.9, 0), (159.9, 0), (160.0, 1), (400.0, 5), (99.0, -1)])
def test_the_last_tick_that_has_come(now, number):
    """Ticks are counted from the first; of those that were missed only the last is due."""
    assert due_tick((100.0, 60.0), now) == number


def test_a_source_is_never_split_between_workers():
    """A runner that splits work in halves gets no half of the ticks to come; waiting still leaves the rest."""
    tracker = _TickRanges().create_tracker(_TickRanges().initial_restriction((0.0, 60.0)))
    assert isinstance(tracker, _OneSource)
    assert tracker.try_claim(3)
    assert tracker.try_split(0.5) is None
    _, rest = tracker.try_split(0)
    assert rest.start == 4
    tracker.check_done()


@pytest.mark.parametrize(
    ("moment", "end"),
    [("10:00:00", "10:10:00"), ("10:09:59", "10:10:00"), ("10:10:00", "10:20:00"), ("23:55:00", "00:00:00")],
)
def test_the_end_of_a_window(moment, end):
    """Windows are counted from the epoch; a pass is its own."""
    at = dt.datetime.fromisoformat(f"2026-11-20T{moment}Z")
    day = 21 if moment.startswith("23") else 20
    assert window_end(at, Windows(size=600.0)) == f"2026-11-{day}T{end}Z"
    assert window_end(at, None) == f"2026-11-20T{moment}Z"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("watch", "--runner=Nonsense"), "--runner=Nonsense cannot be used"),
        (("run", "--runner=Nonsense"), "--runner=Nonsense cannot be used"),
        (("watch", "--runner=DirectRunner"), "use --every"),
        (("watch", "--runner=FnApiRunner"), "use --every"),
        (("watch", "--prism_location=/nowhere/prism"), "Prism cannot be had"),
        (("watch", "--tick=0"), "--tick"),
        (("watch", "--window=0.5"), "--window"),
        (("watch", "--every=5", "--tick=60"), "--tick cannot be used with --every"),
        (("watch", "--window=60", "--every=5", "--tick=1"), "--window and --tick cannot be used with --every"),
        (("watch", "--nonsense"), "unrecognized"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, said, tmp_path):
    """Nothing is asked of anybody and nothing is committed."""
    output = tmp_path / "out"
    command, *rest = arguments
    hosts = ("--contact", "essai@essai.example")
    ran = run_main(command, "--feeds", str(CATALOGUE), "--output", str(output), *hosts, *rest)
    assert ran.status == 2, ran.err
    assert said in ran.err
    assert ran.err.startswith(f"sahelwatch {command}: ")
    assert len(ran.err.strip().splitlines()) == 1
    assert not (output / "manifests").exists()


def _from_a_server_that_has_gone():
    """What gRPC raises, made by asking a port where nobody listens."""
    import grpc

    with (
        socket.socket() as unused,
        grpc.insecure_channel(f"127.0.0.1:{_bound(unused)}") as channel,
        pytest.raises(grpc.RpcError) as raised,
    ):
        channel.unary_unary("/engine/State")(b"", timeout=20)
    return raised.value


def _bound(unused):
    """The port of a socket that is bound and does not listen."""
    unused.bind(("127.0.0.1", 0))
    return unused.getsockname()[1]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (_from_a_server_that_has_gone, "its engine does not answer (failed to connect"),
        (lambda: RuntimeError("Traceback:\n  File x\nValueError: bad\tbytes\n"), "ValueError: bad bytes;"),
        (RuntimeError, "no reason given"),
    ],
)
def test_a_job_that_failed_is_one_line_that_says_why(error, said):
    """Whatever an engine or the road to it raises: no traceback, no lone bracket."""
    told = str(_failed(error()))
    assert told.startswith("the job failed: ")
    assert said in told
    assert told.endswith(STANDS)
    assert "\n" not in told


GROUP = """
import os, signal, time
from transforms.pool import WorkerPool
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGINT, lambda *_: None)
slow = WorkerPool.shared(1).submit(time.sleep, 1.0, timeout=20)
time.sleep(0.5)
os.killpg(0, signal.SIGTERM)
os.killpg(0, signal.SIGINT)
slow()
print(WorkerPool.shared(1).submit(abs, -7, timeout=20)())
"""


def test_a_signal_to_the_whole_group_leaves_the_workers_alone():
    """``timeout`` and a terminal ask all of a group to end; the one that drains needs its workers until it has."""
    ran = subprocess.run(
        [sys.executable, "-c", GROUP], capture_output=True, text=True, start_new_session=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "7\n"), ran.stderr
