"""What is remembered of a host: its rules, what it asked for, and when it may be asked again.

A process keeps it while it runs. What a publisher asked for (Retry-After, robots.txt, a long Crawl-delay) is also part
of the committed state, so that a new process, or another worker, does not begin by forgetting it.
"""

import asyncio
import dataclasses
import datetime as dt
import time
from collections.abc import Iterable, Mapping

from transforms.clock import iso
from transforms.exchanges import WebFailure
from transforms.records import HostState
from transforms.robots import MAX_KEPT, Rules

MAX_HOSTS = 5000
"""Hosts in the committed state; beyond, those whose robots.txt was read longest ago are forgotten."""
KEPT = dt.timedelta(days=30)
"""How long a host that is no longer asked stays in it."""
WORTH_KEEPING = 30.0
"""Seconds of pause between two requests from which on the next moment is part of the committed state."""


class Host:
    """One host in this process; times of clocks are wall clock, those in seconds monotonic.

    ``next_start`` is when it may be asked for anything, ``next_page`` when for a page: a Crawl-delay is for those.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.next_start = 0.0
        self.next_page = 0.0
        self.next_request: dt.datetime | None = None
        self.held_until: dt.datetime | None = None
        self.rules: Rules | None = None
        self.rules_read: dt.datetime | None = None
        self.refused: WebFailure | None = None
        self.refused_until = 0.0
        self.silent = 0

    def recall(self, state: HostState, now: dt.datetime) -> None:
        """Take over what is committed where it is newer than what this process knows."""
        held = _moment(state.held_until)
        if held is not None and (self.held_until is None or held > self.held_until):
            self.held_until = held
        read = _moment(state.robots_read)
        if state.robots is not None and read is not None and (self.rules_read is None or read > self.rules_read):
            self.rules, self.rules_read = Rules(state.robots), read
        later = _moment(state.next_request)
        if later is not None and later > now:
            self.next_request = later
            self.next_page = max(self.next_page, time.monotonic() + (later - now).total_seconds())

    def state(self, name: str, now: dt.datetime) -> HostState:
        """What of it is to be committed."""
        keep = self.rules is not None and self.rules_read is not None and len(self.rules.text) <= MAX_KEPT
        return HostState(
            host=name,
            held_until=iso(self.held_until) if self.held_until and self.held_until > now else "",
            next_request=iso(self.next_request) if self.next_request and self.next_request > now else "",
            robots=self.rules.text if keep and self.rules else None,
            robots_read=iso(self.rules_read) if keep and self.rules_read else "",
        )


def merge_hosts(states: Iterable[HostState]) -> dict[str, HostState]:
    """One state a host: the latest rules, the longest wait."""
    merged: dict[str, HostState] = {}
    for state in states:
        other = merged.get(state.host, state)
        newer = max(state, other, key=lambda s: s.robots_read)
        merged[state.host] = dataclasses.replace(
            newer,
            held_until=max(state.held_until, other.held_until),
            next_request=max(state.next_request, other.next_request),
        )
    return merged


def news_of_hosts(states: Iterable[HostState], known: Mapping[str, HostState]) -> tuple[HostState, ...]:
    """What is to be committed: the states that say more than what is known, by host."""
    nothing = HostState(host="")
    merged = merge_hosts(states)
    return tuple(
        merged[host]
        for host in sorted(merged)
        if merged[host] != known.get(host, dataclasses.replace(nothing, host=host))
    )


def forget_hosts(hosts: dict[str, HostState], now: dt.datetime) -> None:
    """Drop what no longer says anything, and the oldest beyond MAX_HOSTS."""
    oldest = iso(now - KEPT)
    for name in [n for n, s in hosts.items() if max(s.robots_read, s.held_until, s.next_request) < oldest]:
        del hosts[name]
    if len(hosts) > MAX_HOSTS:
        by_age = sorted(hosts, key=lambda n: (hosts[n].robots_read, hosts[n].held_until, n))
        for name in by_age[: len(hosts) - MAX_HOSTS]:
            del hosts[name]


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
