"""One writer at a time: who may take the lease, and that a writer which lost it commits nothing."""

import datetime as dt
import os
import pathlib
import signal
import subprocess
import sys

import orjson
import pytest

from tests import kill_writer
from transforms import lease
from transforms.audit import audit
from transforms.commit_windows import commit_window, settler
from transforms.history import MANIFESTS, History
from transforms.lease import Claim, FencedError, Lease, LeaseHeldError, LeaseKeeper, Tenure
from transforms.store import LocalStore, StoreConflictError, StoreUnavailableError, open_store
from transforms.window_plan import Versions

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
VERSIONS = Versions(pipeline="1", rules="r")
ELSEWHERE = {"command": "watch", "host": "ailleurs", "pid": 17, "boot": "b", "namespace": "n", "started": "1"}


@pytest.fixture
def store(tmp_path):
    """An empty dataset."""
    return open_store(str(tmp_path / "out"))


def hold(store, holder, *, epoch=1, seconds=60.0, claim=None):
    """A lease as another process left it."""
    held = lease._beat(Lease(epoch=epoch, holder=holder, claim=claim), seconds, NOW)
    _, version = lease.read_lease(store)
    lease._write(store, held, version)


def after(seconds):
    """So many seconds after the last heartbeat."""
    return NOW + dt.timedelta(seconds=seconds)


def commit(store, window, tenure=None, *, hours=0, history=None):
    """Commit one window of the kill tests' writer."""
    moment = kill_writer.moment_of(window) + dt.timedelta(hours=hours)
    bounds = (kill_writer.text_of(moment), kill_writer.text_of(moment + dt.timedelta(minutes=10)))
    history = history or History(store)
    return commit_window(
        kill_writer.outcomes_of(window), history, window=bounds, now=moment, versions=VERSIONS, tenure=tenure
    )


def manifests(store):
    """All manifests in order."""
    return [orjson.loads(store.read(name)) for name in store.names(MANIFESTS)]


def test_the_first_writer_gets_the_first_epoch(store):
    """And the object says who it is."""
    tenure, may_live = lease.acquire(store, command="watch", now=NOW)
    held, _ = lease.read_lease(store)
    assert (tenure.epoch, may_live, held.epoch) == (1, False, 1)
    assert held.holder["pid"] == os.getpid()
    assert (held.heartbeat, held.expires) == ("2026-11-20T06:00:00Z", "2026-11-20T06:01:00Z")


def test_a_second_writer_is_refused_and_told_who_has_it(store):
    """Within the time of a heartbeat, from another machine as from this process."""
    hold(store, ELSEWHERE)
    with pytest.raises(LeaseHeldError, match="watch on ailleurs, process 17"):
        lease.acquire(store, command="run", now=after(60))
    hold(store, lease.this_process("watch"))
    with pytest.raises(LeaseHeldError, match=f"process {os.getpid()}"):
        lease.acquire(store, command="run", now=after(60))


def test_who_may_take_it(store):
    """An overdue lease, one of a process of this machine that has ended, one that was given back, one by force."""
    hold(store, ELSEWHERE, epoch=4)
    assert lease.acquire(store, command="run", now=after(61))[0].epoch == 5
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    gone = {**lease.this_process("watch"), "pid": dead.pid, "started": "1"}
    dead.wait()
    hold(store, gone, epoch=6)
    assert lease.acquire(store, command="run", now=after(1))[0].epoch == 7
    hold(store, {**gone, "namespace": "pid:[1]"}, epoch=7)  # a container's process cannot be seen from here
    with pytest.raises(LeaseHeldError):
        lease.acquire(store, command="run", now=after(1))
    assert lease.acquire(store, command="run", takeover=True, now=after(1))[0].epoch == 8


def test_a_process_number_that_was_used_again_is_another_process(store):
    """The holder's number lives, but with another start."""
    hold(store, {**lease.this_process("watch"), "started": "12"})
    assert lease.acquire(store, command="run", now=after(1))[0].epoch == 2


def test_a_lease_that_was_given_back_says_nothing_of_who_and_when(store):
    """So equal runs leave equal objects; the epoch stays, for the next one to raise."""
    with LeaseKeeper(store, command="run", settle=settler(History(store), VERSIONS)) as keeper:
        assert keeper.tenure.epoch == 1
    assert lease.read_lease(store)[0] == Lease(epoch=1)
    lease.release(store, Tenure(epoch=1))
    with LeaseKeeper(store, command="run", settle=settler(History(store), VERSIONS)) as keeper:
        assert keeper.tenure.epoch == 2


def test_heartbeats_are_written_when_they_are_due(store):
    """A quarter of the time is over; and never for a lease that is lost."""
    tenure, _ = lease.acquire(store, command="watch", now=NOW)
    lease.renew(store, tenure, after(14))
    assert lease.read_lease(store)[0].heartbeat == "2026-11-20T06:00:00Z"
    lease.renew(store, tenure, after(15))
    assert lease.read_lease(store)[0].expires == "2026-11-20T06:01:15Z"
    hold(store, ELSEWHERE, epoch=2)
    with pytest.raises(FencedError, match="ailleurs"):
        lease.renew(store, tenure, after(90))


def test_an_overdue_writer_goes_on_when_nobody_has_taken_over(store):
    """A machine that slept for an hour is still the writer."""
    tenure, _ = lease.acquire(store, command="watch", now=NOW)
    lease.renew(store, tenure, after(3600))
    assert lease.read_lease(store)[0].expires == "2026-11-20T07:01:00Z"


def test_a_name_is_claimed_once(store):
    """Whoever claims a sequence number again hears the name it has; a fenced writer claims nothing."""
    tenure, _ = lease.acquire(store, command="watch", now=NOW)
    first, second = Claim(sequence=1, manifest="a"), Claim(sequence=1, manifest="b")
    assert lease.claim_manifest(store, tenure, first, NOW) == first
    assert lease.claim_manifest(store, tenure, second, NOW) == first
    later, _ = lease.acquire(store, command="watch", takeover=True, now=NOW)
    with pytest.raises(FencedError):
        lease.claim_manifest(store, tenure, Claim(sequence=2, manifest="c"), NOW)
    assert lease.read_lease(store)[0].epoch == later.epoch


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"epoch": 1}', b"\xff"])
def test_an_object_that_is_no_lease_is_named(store, content):
    """Rather than taken for a lease that is free."""
    store.create(lease.LEASE, content, "application/json")
    with pytest.raises(StoreUnavailableError, match=r"state/lease\.json"):
        lease.acquire(store, command="run", now=NOW)


def test_manifests_carry_the_epoch_of_their_writer(store):
    """Each commit without a tenure takes the lease for itself."""
    commit(store, 1)
    commit(store, 2)
    with LeaseKeeper(store, command="watch", settle=settler(History(store), VERSIONS)) as keeper:
        commit(store, 3, keeper.tenure)
        commit(store, 4, keeper.tenure)
    assert [m["epoch"] for m in manifests(store)] == [1, 2, 3, 3]
    assert audit(store).good


def test_a_lease_that_was_removed_goes_on_above_the_manifests(store):
    """As the message on a damaged one advises; the epochs along the chain must not fall."""
    for window in (1, 2):
        commit(store, window)
    store.remove(lease.LEASE)
    commit(store, 3)
    assert [m["epoch"] for m in manifests(store)] == [1, 2, 3]
    assert audit(store).good


@pytest.mark.spoils
def test_verify_finds_a_manifest_of_a_writer_that_was_taken_over_from(store):
    """The epochs along the chain never fall."""
    tenure, _ = lease.acquire(store, command="watch", now=NOW)
    commit(store, 1, tenure)
    commit(store, 2, tenure)
    name = store.names(MANIFESTS)[0]
    manifest = store.read(name).replace(b'"epoch": 1', b'"epoch": 2')
    store.remove(name)
    store.create(name, manifest, "application/json")
    assert [f.message for f in audit(store).findings if f.check == "chain"] == [
        "epoch 1 after 2: its writer had been taken over from"
    ]


class Interrupted(LocalStore):
    """A folder whose user is stopped once, just before it creates a manifest."""

    meanwhile = None

    def create(self, name, content, content_type):
        """See Store."""
        if name.startswith(MANIFESTS) and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        super().create(name, content, content_type)


@pytest.mark.parametrize("theirs", [0, 1, 3])
@pytest.mark.parametrize("hours", [0, 1])
def test_a_writer_that_slept_between_claim_and_manifest_commits_nothing(store, hours, theirs):
    """Whatever the new one has committed meanwhile, in the same hour or the next: the chain has no fork."""
    commit(store, 1)
    sleeper = Interrupted(pathlib.Path(store.uri))
    tenure, _ = lease.acquire(store, command="watch", now=NOW)

    def takeover():
        keeper = LeaseKeeper(store, command="watch", takeover=True, settle=settler(History(store), VERSIONS))
        with keeper:
            for window in range(2, 2 + theirs):
                commit(store, window, keeper.tenure, hours=hours)

    sleeper.meanwhile = takeover
    with pytest.raises(FencedError):
        commit(sleeper, 2, tenure)
    found = manifests(store)
    assert [m["sequence"] for m in found] == list(range(1, 3 + theirs))
    assert [m["epoch"] for m in found] == [1] + [3] * (theirs + 1)
    assert found[1]["objects"] == []  # the name that the sleeper had claimed
    assert audit(store).good, audit(store).findings


@pytest.mark.parametrize("hours", [0, 1])
def test_a_claim_of_a_killed_writer_is_used_or_settled(store, hours):
    """In the same hour its name is used; an hour later, when names have changed, an empty window takes it."""

    class Killed(BaseException):
        pass

    def kill():
        raise Killed

    commit(store, 1)
    dying = Interrupted(pathlib.Path(store.uri))
    dying.meanwhile = kill
    with pytest.raises(Killed):
        commit(dying, 2)
    assert lease.read_lease(store)[0].claim.sequence == 2
    commit(store, 2, hours=hours)
    found = manifests(store)
    assert [m["sequence"] for m in found] == ([1, 2, 3] if hours else [1, 2])
    assert found[-1]["objects"]
    assert audit(store).good, audit(store).findings


def test_two_workers_of_one_job_do_not_fork_the_chain(store):
    """An engine may run a bundle twice at once: both have the tenure, one commits and the other finds it done."""
    tenure, _ = lease.acquire(store, command="watch", now=NOW)
    first = Interrupted(pathlib.Path(store.uri))
    first.meanwhile = lambda: commit(store, 1, tenure, hours=1)
    commit(first, 1, tenure)
    found = manifests(store)
    assert [m["sequence"] for m in found] == [1, 2]
    assert sum(bool(m["objects"]) for m in found) == 1
    assert audit(store).good, audit(store).findings


def test_a_guest_writes_beside_the_writer(store):
    """Under its epoch, without keeping its lease alive; when nobody has the lease, the guest takes it for itself."""
    settle = settler(History(store), VERSIONS)
    commit(store, 1)
    with lease.visiting(store, command="expire", settle=settle) as tenure:
        assert not tenure.guest
        commit(store, 2, tenure)
    with LeaseKeeper(store, command="watch", settle=settle) as keeper:
        commit(store, 3, keeper.tenure)
        before = lease.read_lease(store)[0]
        with lease.visiting(store, command="expire", settle=settle) as tenure:
            assert tenure.guest
            commit(store, 4, tenure)
            assert lease.read_lease(store)[0].heartbeat == before.heartbeat
        commit(store, 5, keeper.tenure)
    assert [m["epoch"] for m in manifests(store)] == [1, 2, 3, 3, 3]
    assert audit(store).good


def test_a_claim_without_its_manifests_is_an_error(store):
    """Manifests were removed by hand: nothing is written over the gap."""
    hold(store, None, claim=Claim(sequence=9, manifest="manifests/v1/dt=2026-11-20/hour=06/0000000009.json"))
    with pytest.raises(StoreConflictError, match="claimed"):
        commit(store, 1)
    assert manifests(store) == []


SLEEPER = """
import os, pathlib, signal, sys
from tests.test_lease import Interrupted, commit, lease, NOW
store = Interrupted(pathlib.Path(sys.argv[1]))
store.meanwhile = lambda: os.kill(os.getpid(), signal.SIGSTOP)
tenure, _ = lease.acquire(store, command="watch", now=lease.Clock()())
try:
    commit(store, 2, tenure)
except lease.FencedError as error:
    print(error)
"""


def test_a_process_that_was_stopped_and_goes_on_is_fenced(store):
    """SIGSTOP between claim and manifest, another process takes over when it is overdue, SIGCONT."""
    commit(store, 1)
    sleeper = subprocess.Popen([sys.executable, "-c", SLEEPER, store.uri], stdout=subprocess.PIPE, text=True)
    try:
        _, status = os.waitpid(sleeper.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        with pytest.raises(LeaseHeldError, match=f"process {sleeper.pid}"):
            lease.acquire(store, command="run", now=lease.Clock()())
        later = lease.Clock()() + dt.timedelta(seconds=61)
        tenure, may_live = lease.acquire(store, command="run", now=later)
        assert may_live
        settler(History(store), VERSIONS)(tenure)
        commit(store, 2, tenure)
        os.kill(sleeper.pid, signal.SIGCONT)
        said, _ = sleeper.communicate(timeout=30)
    finally:
        sleeper.kill()
    assert f"was taken over by run on {lease.this_process('')['host']}, process {os.getpid()}" in said
    assert [m["epoch"] for m in manifests(store)] == [1, 3, 3]
    assert audit(store).good


def test_a_lease_that_was_handed_over_stays_with_the_job(store):
    """The process that started the job ends; the lease is the job's, first for as long as a start takes."""
    with LeaseKeeper(store, command="watch", settle=pytest.fail) as keeper:
        keeper.hand_over(1800.0)
        tenure = keeper.tenure
    held, _ = lease.read_lease(store)
    assert held.holds(tenure)
    lasts = dt.datetime.fromisoformat(held.expires) - dt.datetime.fromisoformat(held.heartbeat)
    assert lasts == dt.timedelta(minutes=30)
    # a tick of the job is a heartbeat like any other
    later = dt.datetime.fromisoformat(held.heartbeat) + dt.timedelta(minutes=5)
    lease.renew(store, tenure, later)
    held, _ = lease.read_lease(store)
    assert dt.datetime.fromisoformat(held.expires) == later + dt.timedelta(seconds=tenure.seconds)
    commit(store, 1, tenure)
    assert len(manifests(store)) == 1
