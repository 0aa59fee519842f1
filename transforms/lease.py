"""One writer at a time: a lease in ``state/lease.json``, kept by heartbeats and fenced by an epoch.

Whoever takes the lease raises its epoch by one. Every change of the object is a compare-and-swap, and a commit needs
one: before a manifest is created, its name is claimed in the lease, which fails as soon as the epoch is another
writer's. Between the claim and the manifest a writer may be stopped for hours. So whoever takes over from one that may
still live creates the claimed manifest itself, as a window without results: the name is taken, and the writer that
wakes up can create nothing. A sequence number has one name, whoever commits it, hence the chain cannot fork.

Clocks decide only when a silent writer is given up, never whether two of them are safe from each other.
"""

import contextlib
import dataclasses
import datetime as dt
import os
import pathlib
import socket
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import orjson

from transforms.clock import Clock, iso
from transforms.history import newest_manifest
from transforms.store import Store, StoreConflictError, StoreUnavailableError, Versioned

LEASE = "state/lease.json"
SHORTEST = 60.0
"""Seconds without a heartbeat after which a writer is given up, at least."""
BEATS = 4
"""Heartbeats in that time."""


class LeaseHeldError(RuntimeError):
    """Another writer has the dataset; the message names it."""


class FencedError(RuntimeError):
    """Another writer has taken the dataset over: nothing more may be committed; the message names it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tenure:
    """The right to write under an epoch; it travels to the workers. ``seconds`` without a heartbeat end it.

    A ``guest`` writes under the epoch of the writer that has the lease, and keeps no lease alive.
    """

    epoch: int
    seconds: float = SHORTEST
    guest: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """The name under which a sequence number is to be committed, and by which epoch."""

    sequence: int
    manifest: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lease:
    """What the object says. ``holder`` is None when it was given back; times are RFC 3339."""

    epoch: int = 0
    holder: dict[str, Any] | None = None
    heartbeat: str | None = None
    expires: str | None = None
    claim: Claim | None = None

    def holds(self, tenure: Tenure) -> bool:
        """Whether a tenure still is the present one."""
        return self.holder is not None and self.epoch == tenure.epoch

    def told(self) -> str:
        """The holder in words."""
        if self.holder is None:
            return "nobody"
        who = f"{self.holder.get('command')} on {self.holder.get('host')}, process {self.holder.get('pid')}"
        return f"{who} (epoch {self.epoch}, last heartbeat {self.heartbeat})"


def read_lease(store: Store) -> tuple[Lease, str | None]:
    """The lease and the version of its object (None when there is none)."""
    found: Versioned | None = store.read_versioned(LEASE)
    if found is None:
        return Lease(), None
    try:
        plain = orjson.loads(found.content)
        known = {field.name: plain[field.name] for field in dataclasses.fields(Lease)}
        claim = (
            Claim(sequence=known["claim"]["sequence"], manifest=known["claim"]["manifest"]) if known["claim"] else None
        )
    except (ValueError, TypeError, KeyError) as error:
        told = f"{LEASE} of {store.uri} is no lease ({type(error).__name__}): remove it if nothing writes there"
        raise StoreUnavailableError(told) from error
    return Lease(**{**known, "claim": claim}), found.version


def acquire(
    store: Store, *, command: str, seconds: float = SHORTEST, takeover: bool = False, now: dt.datetime
) -> tuple[Tenure, bool]:
    """Take the lease: the tenure, and whether the writer before it may still live and be about to use its claim.

    LeaseHeldError when another writer has it, unless ``takeover`` is asked for, it is overdue, or its process is known
    to be gone (same machine).
    """
    while True:
        lease, version = read_lease(store)
        gone = lease.holder is None or _is_gone(lease.holder)
        if not (gone or takeover or _is_overdue(lease, now)):
            raise LeaseHeldError(f"{store.uri} is being written by {lease.told()}")
        last = lease.epoch if version else _committed_epoch(store)
        tenure = Tenure(epoch=last + 1, seconds=seconds)
        mine = _beat(Lease(epoch=tenure.epoch, holder=this_process(command), claim=lease.claim), seconds, now)
        try:
            _write(store, mine, version)
        except StoreConflictError:  # another one was quicker, or its heartbeat came: look again
            continue
        return tenure, not gone


@contextlib.contextmanager
def visiting(store: Store, *, command: str, settle: Callable[[Tenure], None]) -> Iterator[Tenure]:
    """A tenure for work that may go on beside the writer: as its guest, or with the lease when nobody has it."""
    lease, _ = read_lease(store)
    if lease.holder is not None and not _is_gone(lease.holder) and not _is_overdue(lease, Clock()()):
        yield Tenure(epoch=lease.epoch, guest=True)
        return
    with LeaseKeeper(store, command=command, settle=settle) as keeper:
        yield keeper.tenure


def renew(store: Store, tenure: Tenure, now: dt.datetime) -> None:
    """A heartbeat, when one is due; FencedError when the lease is another writer's."""
    while True:
        lease, version = _own(store, tenure)
        if tenure.guest:
            return
        due = dt.timedelta(seconds=tenure.seconds / BEATS)
        if lease.heartbeat and dt.datetime.fromisoformat(lease.heartbeat) + due > now:
            return
        try:
            _write(store, _beat(lease, tenure.seconds, now), version)
        except StoreConflictError:
            continue
        return


def claim_manifest(store: Store, tenure: Tenure, claim: Claim, now: dt.datetime) -> Claim:
    """Claim a manifest's name for its sequence number; gives the claim that holds, which may be an earlier one.

    FencedError when the lease is another writer's.
    """
    while True:
        lease, version = _own(store, tenure)
        if lease.claim is not None and lease.claim.sequence >= claim.sequence:
            return lease.claim
        claimed = dataclasses.replace(lease, claim=claim)
        try:
            _write(store, claimed if tenure.guest else _beat(claimed, tenure.seconds, now), version)
        except StoreConflictError:
            continue
        return claim


def release(store: Store, tenure: Tenure) -> None:
    """Give the lease back; it keeps its epoch. Nothing when it is another writer's already."""
    while True:
        lease, version = read_lease(store)
        if not lease.holds(tenure):
            return
        try:
            _write(store, Lease(epoch=lease.epoch, claim=lease.claim), version)
        except StoreConflictError:
            continue
        return


def _own(store: Store, tenure: Tenure) -> tuple[Lease, str | None]:
    lease, version = read_lease(store)
    if not lease.holds(tenure):
        raise FencedError(f"{store.uri} was taken over by {lease.told()}; this was epoch {tenure.epoch}")
    return lease, version


def _beat(lease: Lease, seconds: float, now: dt.datetime) -> Lease:
    return dataclasses.replace(lease, heartbeat=iso(now), expires=iso(now + dt.timedelta(seconds=seconds)))


def _write(store: Store, lease: Lease, version: str | None) -> None:
    content = orjson.dumps(dataclasses.asdict(lease), option=orjson.OPT_INDENT_2)
    store.replace(LEASE, content, "application/json", version)


def this_process(command: str) -> dict[str, Any]:
    """Who this is: enough to name it, and to know on this machine whether it still lives."""
    return {"command": command, "host": socket.gethostname(), "pid": os.getpid(), **_marks(os.getpid())}


def _marks(pid: int) -> dict[str, str]:
    """What tells a process from another of the same number; nothing where there is no /proc."""
    try:
        # after the name, which may hold anything: state, ..., and the start time as the 22nd of all fields
        after = pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return {
            "boot": pathlib.Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip(),
            "namespace": str(pathlib.Path("/proc/self/ns/pid").readlink()),
            "started": "" if after[0] in {"Z", "X"} else after[19],
        }
    except (OSError, IndexError):
        return {}


def _committed_epoch(store: Store) -> int:
    """The epoch of the newest manifest, 0 when there is none: a lease that was removed must not begin anew below it."""
    name = newest_manifest(store, None)
    return int(orjson.loads(store.read(name))["epoch"]) if name else 0


def _is_overdue(lease: Lease, now: dt.datetime) -> bool:
    return (lease.expires or "") < iso(now)


def _is_gone(holder: dict[str, Any]) -> bool:
    """Whether a holder is known to have ended: it was a process of this machine that is no longer there."""
    here = _marks(os.getpid())
    if not here or any(holder.get(mark) != here[mark] for mark in ("boot", "namespace")):
        return False
    return _marks(int(holder["pid"])).get("started") != holder.get("started")


class LeaseKeeper:
    """Holds the lease of a dataset while a block runs: heartbeats from a thread, and gives it back at the end.

    ``settle`` is called before anything else is written when the writer before may still live: it must see to it that
    the name which that one has claimed cannot be used.
    """

    def __init__(
        self,
        store: Store,
        *,
        command: str,
        seconds: float = SHORTEST,
        takeover: bool = False,
        settle: Callable[[Tenure], None],
    ) -> None:
        self._store = store
        self._more: dict[str, Any] = {"command": command, "seconds": seconds, "takeover": takeover}
        self._settle = settle
        self._clock = Clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._handed_over = False
        self.tenure = Tenure(epoch=0)
        self.lost: FencedError | None = None

    def __enter__(self) -> Self:
        self.tenure, may_live = acquire(self._store, now=self._clock(), **self._more)
        self._thread.start()
        try:
            if may_live:
                self._settle(self.tenure)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(self.tenure.seconds)
        if not self._handed_over:
            release(self._store, self.tenure)

    def hand_over(self, seconds: float) -> None:
        """What was started keeps the lease by its own heartbeats: there are none from here, and it is not given back.

        ``seconds`` are allowed until the first of them comes.
        """
        self._stop.set()
        self._thread.join(self.tenure.seconds)
        lease, version = _own(self._store, self.tenure)
        _write(self._store, _beat(lease, seconds, self._clock()), version)
        self._handed_over = True

    def taken_over(self) -> FencedError | None:
        """Looks whether the lease is another writer's by now, and says so if it is."""
        with contextlib.suppress(StoreUnavailableError):
            self._beat_once()
        return self.lost

    def _beat_once(self) -> None:
        try:
            renew(self._store, self.tenure, self._clock())
        except FencedError as error:
            self.lost = error

    def _keep(self) -> None:
        while self.lost is None and not self._stop.wait(self.tenure.seconds / BEATS / 2):
            with contextlib.suppress(StoreUnavailableError):  # the next may get through; a commit finds out for itself
                self._beat_once()
