"""Unbounded on Flink, killed again and again while feeds change: every article is there once, and the audit passes."""

import contextlib
import os
import random
import signal
import subprocess
import time

import orjson
import pytest
import yaml

from pipeline.demo import CATALOGUE, HOST_INTERVAL
from pipeline.world.server import ANY_PATH, HERE, Reply, WorldServer
from tests.engines.test_flink import FLINK, cluster, job_server  # noqa: F401 - fixtures
from tests.quality.goldens import load_goldens
from transforms.audit import audit
from transforms.datasets import MANIFESTS, read_rows
from transforms.store import open_store

pytestmark = [pytest.mark.engines, pytest.mark.timeout(900)]
LATE_FEED = "muryar-hausa"
DEAD = "accra-standard.example"
GROWING = "saheldispatch.example"


class Changing:
    """The fixture world while it changes: a feed that grows, an outlet that dies and comes back, an edited catalogue."""

    def __init__(self, server, folder):
        self.server, self.catalogue = server, folder / "feeds.yaml"
        self._feeds = yaml.safe_load(CATALOGUE.read_text("utf-8"))["feeds"]
        self._write([feed for feed in self._feeds if feed["outlet"] != LATE_FEED])
        # the entries of this feed are not at its head: the first two are not there yet
        body = (HERE / "sites" / GROWING / "feed.xml").read_bytes()
        head, *entries = body.split(b"<entry>")
        shorter = b"<entry>".join([head, *entries[2:]])
        [path] = {found["path"] for found in server.feeds if found["host"] == GROWING}
        self._growing = (GROWING, path)
        server.overrides[self._growing] = Reply(body=shorter, headers={"Content-Type": "application/atom+xml"})
        server.overrides[DEAD, ANY_PATH] = Reply(status=500, body=b"later")

    def go_on(self):
        """The outlet is back, the feed has grown, the catalogue has a feed more."""
        self.server.overrides.clear()
        self._write(self._feeds)

    def _write(self, feeds):
        new = self.catalogue.with_suffix(".new")
        new.write_text(yaml.safe_dump({"feeds": feeds}, allow_unicode=True), "utf-8")
        new.rename(self.catalogue)

    def arguments(self, output):
        """``watch`` over it, with ticks and windows short enough for a test."""
        resolve = [word for option in self.server.resolve_options() for word in ("--resolve", option)]
        return [
            "watch", "--feeds", str(self.catalogue), "--output", str(output), "--host-interval", HOST_INTERVAL,
            "--min-poll-interval", "0", "--tick", "3", "--window", "6", *resolve,
        ]  # fmt: skip


@pytest.fixture
def changing(tmp_path):
    """A world of its own, about to change."""
    with WorldServer() as server:
        yield Changing(server, tmp_path)


def published(output):
    """Canonical URL -> how often a first revision of it is in objects that manifests name."""
    found = {}
    store = open_store(str(output))
    for name in store.names(MANIFESTS):
        for described in orjson.loads(store.read(name))["objects"]:
            if described["table"] == "articles":
                for row in read_rows(store.read(described["name"])):
                    if row["revision"] == 0:
                        found[row["canonical_url"]] = found.get(row["canonical_url"], 0) + 1
    return found


def windows(output):
    """How many windows are committed."""
    return len(open_store(str(output)).names(MANIFESTS))


def wait(condition, seconds, process):
    """Until it holds; the process must go on meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"ended with status {process.returncode}"
        assert time.monotonic() < deadline, "nothing came of it in time"
        time.sleep(0.5)


def check(output):
    """All goldens once, nothing else, and the audit (the conservation law among it) has nothing to say."""
    found = published(output)
    assert {url for url, times in found.items() if times != 1} == set()
    assert set(found) == set(load_goldens())
    report = audit(open_store(str(output)))
    assert report.good, report.findings[:5]


def test_killed_with_its_cluster(job_server, changing, tmp_path):  # noqa: F811
    """Embedded cluster: ``kill -9`` of everything six times at random moments, then a drain."""
    output, rng = tmp_path / "records", random.Random(6)
    log = (tmp_path / "watch.log").open("ab")
    environment = {**job_server, "FLINK_STATE": str(tmp_path / "flink"), "CHECKPOINT_SECONDS": "3"}

    def start():
        return subprocess.Popen(
            [FLINK / "local.sh", *changing.arguments(output)],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    kills = 0
    for life in range(6):
        process, before = start(), windows(output)
        if life % 2:  # every other one dies somewhere in its windows, not in its start
            wait(lambda before=before: windows(output) > before, 120, process)
        time.sleep(rng.uniform(0.5, 8.0))
        assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
        if life == 2:
            changing.go_on()
    process, before = start(), windows(output)
    wait(lambda: windows(output) > before and len(published(output)) >= len(load_goldens()), 150, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(240) == 0, (tmp_path / "watch.log").read_text("utf-8")[-2000:]
    check(output)
    print(f"{kills} kills, {windows(output)} windows")


def test_parts_of_a_cluster_are_killed(cluster, changing, tmp_path):  # noqa: F811
    """Separate processes: workers, TaskManager and submitter are killed; Flink mends itself, or a new submitter takes over."""
    output = tmp_path / "records"
    log = (tmp_path / "watch.log").open("ab")
    # as many as can be: one of them falls into the first bundle, whose output must not be held for want of a second
    environment = {**cluster.environment, "CHECKPOINT_SECONDS": "1"}

    def submit(*more):
        return subprocess.Popen(
            cluster.submit(*changing.arguments(output), *more),
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    process = submit()
    wait(lambda: windows(output) >= 1, 150, process)
    for part in ("workers", "taskmanager", "workers"):
        before = windows(output)
        cluster.kill(part)
        cluster.start(part)
        wait(lambda before=before: windows(output) > before, 150, process)
    changing.go_on()
    os.killpg(process.pid, signal.SIGKILL)  # its job goes on, until the next one has taken over
    process.wait()
    process = submit("--takeover")
    wait(lambda: len(published(output)) >= len(load_goldens()), 150, process)
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(240)
    assert process.returncode == 0, (tmp_path / "watch.log").read_text("utf-8")[-2000:]
    check(output)
