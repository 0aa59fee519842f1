"""On Flink: the same graph gives the same bytes, on the embedded cluster and on one of separate processes."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from pipeline.demo import world_arguments
from transforms.store import open_store

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]
ROOT = pathlib.Path(__file__).parent.parent.parent
FLINK = ROOT / "deploy" / "flink"


@pytest.fixture(scope="session")
def job_server():
    """The environment in which the launchers find their jar, which is built first where it is missing."""
    if not shutil.which("java"):
        pytest.skip("java is not on the PATH")
    jar = FLINK / "target" / "job-server.jar"
    if not jar.exists():
        if not shutil.which("mvn"):
            pytest.skip("mvn, which puts the Flink job server together, is not on the PATH")
        subprocess.run(["mvn", "-q", "-B", "-f", str(FLINK / "pom.xml"), "package"], check=True, timeout=540)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": path}


def objects(output):
    """Name -> bytes of everything in a dataset."""
    store = open_store(str(output))
    return dict(zip(store.names(""), store.read_all(store.names("")), strict=True))


def free_ports(number):
    """That many ports nobody listens on, in a row."""
    for first in range(20000, 30000, 7):
        taken = [socket.socket() for _ in range(number)]
        try:
            for offset, one in enumerate(taken):
                one.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
        return list(range(first, first + number))
    raise RuntimeError("no free ports")


def test_embedded_cluster_gives_the_bytes_of_the_direct_runner(job_server, world, demo_records, tmp_path):
    """One bounded pass through local.sh: every object equals the one that the in-process runner writes."""
    output = tmp_path / "records"
    ran = subprocess.run(
        [FLINK / "local.sh", *world_arguments(world, str(output))],
        env={**job_server, "FLINK_STATE": str(tmp_path / "flink")}, capture_output=True, check=False, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert objects(output) == objects(demo_records[0])


def test_the_command_line_s_own_errors_come_through(job_server, tmp_path):
    """Bad usage is one line and exit status 2, and no server is left behind."""
    ran = subprocess.run(
        [FLINK / "local.sh", "run", "--feeds", "/nowhere.yaml", "--output", str(tmp_path / "out"), "--contact", "x"],
        env={**job_server, "FLINK_STATE": str(tmp_path / "flink")}, capture_output=True, check=False, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "/nowhere.yaml" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    running = subprocess.run(["ps", "ax"], capture_output=True, check=True, text=True).stdout
    assert str(tmp_path) not in running


class Cluster:
    """A standalone cluster: JobManager, TaskManager, Python workers and job server, each a process of its own."""

    def __init__(self, folder, environment):
        rest, rpc, worker, job, *_ = free_ports(6)
        conf = folder / "conf"
        shutil.copytree(FLINK / "conf", conf)
        settings = (conf / "config.yaml").read_text("utf-8").replace("min-pause: 10 s", "min-pause: 1 s")
        (conf / "config.yaml").write_text(f"{settings}\njobmanager.rpc.port: {rpc}\n", "utf-8")
        self.environment = {
            **environment, "FLINK_CONF_DIR": str(conf), "FLINK_STATE": str(folder / "state"), "JOB_PORT": str(job),
            "WORKER_PORT": str(worker), "FLINK_MASTER": f"127.0.0.1:{rest}",
        }  # fmt: skip
        self.folder, self.worker_port, self.job_port, self.rest_port = folder, worker, job, rest
        self.parts = {}

    def start(self, part):
        """Start one part; its output goes to a file of its name."""
        with (self.folder / f"{part}.log").open("ab") as log:
            self.parts[part] = subprocess.Popen(
                [FLINK / "standalone.sh", part], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, part):
        """``kill -9`` of a part and of what it started."""
        process = self.parts.pop(part)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def submit(self, *arguments):
        """``sahelwatch`` as a job on this cluster."""
        return [FLINK / "standalone.sh", "submit", *arguments]

    def __enter__(self):
        for part in ("jobmanager", "taskmanager", "workers", "job-server"):
            self.start(part)
        deadline = time.monotonic() + 90
        for port in (self.rest_port, self.worker_port, self.job_port):
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.2)
        return self

    def __exit__(self, *_):
        for part in list(self.parts):
            self.kill(part)


@pytest.fixture
def cluster(job_server, tmp_path):
    """A running standalone cluster."""
    with Cluster(tmp_path, job_server) as running:
        yield running


def test_separate_processes_give_the_bytes_of_the_direct_runner(cluster, world, demo_records, tmp_path):
    """The same pass where JobManager, TaskManager and Python workers share nothing but sockets and the dataset."""
    output = tmp_path / "records"
    ran = subprocess.run(
        cluster.submit(*world_arguments(world, str(output))),
        env=cluster.environment, capture_output=True, check=False, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert objects(output) == objects(demo_records[0])
