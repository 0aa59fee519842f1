"""What a row of the fault catalogue is: a fault, and what must have become of it at the end of each pass."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from tests.conformance import scripts
from tests.conformance.server import SUFFIX, Script, Visit

ANY_RETRY = ("TIMEOUT_TOTAL", "TIMEOUT_READ", "CONNECT_ERROR", "READ_ERROR", "TRUNCATED")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of one pass over a case's feed.

    ``status`` and ``message`` (a code in it) are those of the poll's row, "" where there must be no poll; ``articles``, ``revised`` and ``known`` count
    entries; ``rejected`` and ``waiting`` count them by reason, where several reasons joined by "/" are equally right.
    ``flags`` are on every article of the case, ``published`` is what each title was dated.
    """

    status: str = "ok"
    message: str = ""
    health: str = "ok"
    articles: int = 0
    revised: int = 0
    known: int = 0
    rejected: Mapping[str, int] = dataclasses.field(default_factory=dict)
    waiting: Mapping[str, int] = dataclasses.field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    published: Mapping[str, str | None] = dataclasses.field(default_factory=dict)


UNCHANGED = Outcome(status="not_modified")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Played:
    """What one pass left: rows by table and the queue, of this case's feeds only, and who asked for what."""

    polls: list[dict[str, Any]]
    counts: dict[str, Any]
    articles: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    queue: list[Any]
    visits: list[Visit]
    now: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """A row: ``id`` is the catalogue's (a letter tells several inputs of one row apart), ``given`` the fault in words.

    ``entries`` is how many its feed lists. ``feed`` and ``pages`` are scripts by path; a case without them has a sound
    feed of one entry, a sound page and no robots.txt. ``others`` are hosts beside its own. ``tls`` is the kind of
    certificate it has, None for plain HTTP. ``passes`` are the outcomes after one pass, after another an hour later,
    and after one a week later. ``never`` are addresses that must not be asked for. ``within`` is how long, in seconds,
    a request may last that the server drags out. ``check`` looks at what the columns do not show.
    """

    id: str
    given: str
    entries: int = 1
    feed: Script | None = None
    pages: Mapping[str, Script] = dataclasses.field(default_factory=dict)
    others: Mapping[tuple[str, str], Script] = dataclasses.field(default_factory=dict)
    tls: str | None = None
    feeds: int = 1
    passes: tuple[Outcome, ...] = ()
    never: tuple[str, ...] = ()
    within: float | None = None
    check: Callable[[list[Played]], None] | None = None

    @property
    def host(self) -> str:
        """The host that is its own."""
        return f"{self.id.lower()}{SUFFIX}"

    @property
    def feed_ids(self) -> list[str]:
        """The ids of its feeds in the catalogue."""
        return [f"{self.id.lower()}-{number}" for number in range(1, self.feeds + 1)]

    def scripts(self) -> dict[tuple[str, str], Script]:
        """All that its hosts do."""
        feed = self.feed or scripts.feed(*(scripts.item(n) for n in range(1, self.entries + 1)))
        own = {f"/feed{number}": feed for number in range(1, self.feeds + 1)}
        sound = {"/page": scripts.answer(scripts.article())}
        return {**{(self.host, path): script for path, script in {**own, **sound, **self.pages}.items()}, **self.others}

    def hosts(self) -> set[str]:
        """Its own host and those beside it."""
        return {self.host, *(host for host, _ in self.others)}


def host_beside(case_id: str, name: str) -> str:
    """A second host of a case."""
    return f"{case_id.lower()}-{name}{SUFFIX}"


def refused(**reasons: int) -> tuple[Outcome, ...]:
    """The usual end of what is refused for good: quarantined or dropped in the first pass, not asked for again."""
    named = {reason.replace("__", "/"): number for reason, number in reasons.items()}
    return (Outcome(rejected=named), UNCHANGED, UNCHANGED)


def waits_then_comes(**reasons: int) -> tuple[Outcome, ...]:
    """The usual end of a passing fault: it waits, and an hour later the article is there."""
    named = {reason.replace("__", "/"): number for reason, number in reasons.items()}
    return (
        Outcome(waiting=named),
        Outcome(status="not_modified", articles=sum(named.values())),
        UNCHANGED,
    )


def accepted(
    articles: int = 1, *, known: int = 0, flags: frozenset[str] = frozenset(), message: str = ""
) -> tuple[Outcome, ...]:
    """The usual end of what is sound or was repaired."""
    return (Outcome(articles=articles, known=known, flags=flags, message=message), UNCHANGED, UNCHANGED)


def failing(reason: str, *, entries: int = 1) -> tuple[Outcome, ...]:
    """A feed that fails in the first pass and is well an hour later."""
    return (Outcome(status=reason, health="failing"), Outcome(articles=entries), UNCHANGED)
