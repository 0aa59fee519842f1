"""Retention: what was ingested long enough ago expires by a manifest, and is removed only then.

The manifest comes first, so a kill leaves objects that are there and expired (``verify`` warns of them, the next call or
a sweep removes them), never ones that are missing and do not say why.
"""

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from transforms.archiving import FORGOTTEN
from transforms.commit_windows import (
    NameTakenError,
    Retirement,
    newest_archived,
    point_at_newest,
    settle_claim,
    settler,
    write_window,
)
from transforms.datasets import Existing, existing
from transforms.history import History
from transforms.known_articles import KnownArticle
from transforms.lease import Tenure, visiting
from transforms.manifest_chain import left_over
from transforms.schema import TABLES
from transforms.store import COMPACT, Store
from transforms.sweep import remove_left_over
from transforms.window_plan import Versions, plan_window

KINDS = (*TABLES, "archive", "state")
"""What retention is set for: the tables, the archive, and state that later state has taken the place of."""
LEAST_DAYS: dict[str, float] = {
    **dict.fromkeys(("articles", "stories", "events"), 45),
    **dict.fromkeys(("texts", "feeds", "rejects", "archive"), 2),
    "state": 1 / 24,
}
"""Shorter retention is refused: rolling exports look back 44 days, ``status`` at the polls of two; readers need an hour."""
OF_THE_HISTORY = ("texts",)
"""Tables whose retention holds for their compact table as well: full texts are not ours to keep as history."""
AT_A_TIME = 20_000
"""Objects that one manifest says expired, at most: a manifest must stay small enough for every reader."""
_HOUR = re.compile(r"/dt=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/")


def over(
    found: Mapping[str, Existing], needed: set[str], ages: Mapping[str, dt.timedelta], now: dt.datetime
) -> list[Existing]:
    """The objects whose time is over: older than ``ages`` says of their kind, and not among the ``needed``.

    The age of an object is that of its hour's end; of one without an hour in its name, and of state, that of the last
    window that names it. What says who was taken down stays for ever.
    """
    return [
        one
        for one in found.values()
        if one.kind in ages
        and one.name not in needed
        and not one.name.startswith(FORGOTTEN)
        and _since(one) <= now - ages[one.kind]
    ]


def _since(one: Existing) -> dt.datetime:
    hour = _HOUR.search(one.name)
    if hour is None:
        return dt.datetime.fromisoformat(one.written)
    return dt.datetime.fromisoformat(f"{hour[1]}T{hour[2]}:00:00+00:00") + dt.timedelta(hours=1)


def what_expires(store: Store, ages: Mapping[str, dt.timedelta], now: dt.datetime) -> dict[str, tuple[str, ...]]:
    """Kind -> names of the objects that are older than their kind may be.

    NoDatasetError when there is no dataset; ValueError when a manifest is damaged or missing.
    """
    left_over(store)
    history = History(store)
    history.refresh()
    needed = {part["name"] for part in (history.manifest or {}).get("state", ())}
    kept = (newest_archived(history) or {}).get("archive", ())
    needed.update(part["name"] for part in kept if part.get("kind") in {"window", "catalogue"})
    found = over(existing(store), needed, ages, now)
    by_kind = {kind: tuple(one.name for one in found if one.kind == kind) for kind in KINDS}
    return {kind: names for kind, names in by_kind.items() if names}


def expire(store: Store, names: Sequence[str], *, now: dt.datetime, versions: Versions) -> tuple[str, ...]:
    """Let objects expire and remove them; gives what was removed, what earlier calls left included.

    That may go on beside a writer. FencedError when another one takes the dataset over meanwhile.
    """
    history = History(store)
    with visiting(store, command="expire", settle=settler(history, versions)) as tenure:
        for start in range(0, len(names), AT_A_TIME):
            _let_expire(history, names[start : start + AT_A_TIME], now, versions, tenure)
    return remove_expired(store, history)


def _let_expire(history: History, names: Sequence[str], given: dt.datetime, versions: Versions, tenure: Tenure) -> None:
    over = frozenset(names)

    def without_row(article: KnownArticle) -> KnownArticle:
        return dataclasses.replace(article, object="") if article.object in over else article

    retirement = Retirement(
        expired=tuple(expiry(name, "retention") for name in names),
        articles=without_row if any(name.startswith("articles/") for name in names) else None,
    )
    while True:
        with history.lock:
            history.refresh()
            now = max(given, dt.datetime.fromisoformat(str((history.manifest or {})["written"])))
            end = history.committed_until  # what was polled is committed no further than before
            plan = plan_window([], history, now=now, versions=versions, find_row=lambda _: None)
            try:
                write_window(
                    plan, history, window=(end, end), now=now, versions=versions, tenure=tenure,
                    retirement=retirement,
                )  # fmt: skip
            except NameTakenError:
                settle_claim(history, tenure, versions)
                continue
            return


def drop_compacted(
    store: Store, ages: Mapping[str, dt.timedelta], now: dt.datetime, *, dry_run: bool = False
) -> dict[str, tuple[str, ...]]:
    """Table -> days taken out of its compact table: whole days older than it may be, with retention on the tables' texts.

    The other compact tables are the history, which stays.
    """
    dropped: dict[str, tuple[str, ...]] = {}
    for kind in OF_THE_HISTORY:
        if kind in ages and store.names(f"{COMPACT}{kind}/"):
            from transforms.lakehouse import open_lake  # noqa: PLC0415 - loads the library, which few datasets need

            before = f"{now - ages[kind]:%Y-%m-%d}"
            if lake := open_lake(store, kind):
                old = tuple(day for day in lake.days() if day < before)
                dropped[kind] = old if dry_run else tuple(lake.drop_days(before))
    return {kind: days for kind, days in dropped.items() if days}


def expiry(name: str, reason: str, replaced_by: tuple[str, ...] = (), removed: int = 0) -> dict[str, Any]:
    """One line of a manifest's ``expired``."""
    return {"object": name, "reason": reason, "replaced_by": list(replaced_by), "removed": removed}


def check_removal(store: Store) -> None:
    """Prove that objects may be removed here; StoreUnavailableError with one line otherwise, before anything is done."""
    probe = f"state/removable-{uuid.uuid4().hex}"
    store.create(probe, b"", "text/plain")
    store.remove(probe)


def remove_expired(store: Store, history: History) -> tuple[str, ...]:
    """Move latest.json to the newest manifest, and remove what manifests say expired and is still there."""
    history.refresh()
    newest = str(history.manifest_name)
    point_at_newest(history)
    found = left_over(store)
    return remove_left_over(store, found, found.expired(), newest)
