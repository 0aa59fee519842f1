"""The status as tables for a terminal: first what needs a person, then the figures."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.alarms import Raised
from pipeline.health import EARLIER_DAYS, RECENT_DAYS
from pipeline.logs import escape

_Row = Mapping[str, Any]


def print_status(uri: str, status: _Row, alarms: Sequence[Raised], *, everything: bool) -> None:
    """Print it; ``everything`` lists the feeds and outlets that are well, too."""
    terminal = Console(file=sys.stdout)
    console = terminal if terminal.is_terminal else Console(file=sys.stdout, width=140)
    latest = status["latest"]
    shown = "missing"
    if latest and latest["written"]:
        shown = f"window {latest['sequence']} of {latest['written']}, {age(latest['seconds'])} ago"
    if latest and latest["manifests_ahead"]:
        shown += f"; {latest['manifests_ahead']} newer manifests that latest.json does not point at"
    console.print(Text(f"{uri} at {status['at']}\nlatest.json: {shown}"), soft_wrap=True)
    console.print(_alarms(alarms))
    console.print(_figures(status))
    console.print(_days(status["days"]))
    feeds = [feed for feed in status["feeds"]["each"] if everything or _worth_a_look(feed)]
    if feeds:
        console.print(_feeds(feeds, "Feeds" if everything else "Feeds to look at"))
    outlets = [outlet for outlet in status["outlets"] if everything or outlet["decayed"]]
    if outlets:
        console.print(_outlets(outlets))


def age(seconds: float | None) -> str:
    """A duration in its two largest units."""
    if seconds is None:
        return "-"
    whole = round(seconds)
    for unit, length, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def _worth_a_look(feed: _Row) -> bool:
    return not feed["left"] and bool(
        feed["health"] in {"failing", "dead"} or feed["silent"] or feed["moved_to"] or feed["suspicions"]
    )


def _alarms(alarms: Sequence[Raised]) -> Table | Text:
    if not alarms:
        return Text("No alarm.")
    table = Table(title="Alarms (what to do: deploy/RUNBOOK.md)")
    for name in ("alarm", "severity", "of", "value", "limit", "meaning"):
        table.add_column(name)
    for one in alarms:
        labels = ", ".join(f"{name} {value}" for name, value in one.sample.labels)
        seconds = one.alarm.metric.endswith("_seconds")
        value = age(one.sample.value) if seconds else f"{one.sample.value:g}"
        limit = ("above " if one.alarm.above else "below ") + (
            age(one.alarm.limit) if seconds else f"{one.alarm.limit:g}"
        )
        _add(table, one.alarm.name, one.alarm.severity, labels, value, limit, one.alarm.summary)
    return table


def _figures(status: _Row) -> Table:
    table = Table(title="Now", show_header=False)
    feeds, lag, queue, canary = (status[name] for name in ("feeds", "lag", "queue", "canary"))
    health = {name: number for name, number in feeds["by_health"].items() if number}
    _add(table, "feeds", f"{_listed(health)}; silent beyond their cadence {feeds['silent']}")
    left = [feed["feed_id"] for feed in feeds["each"] if feed["left"]]
    if left:
        _add(table, "no longer asked", ", ".join(left))
    languages = {code: f"{line['healthy']} of {line['feeds']}" for code, line in status["languages"].items()}
    _add(table, "healthy feeds by language", _listed(languages))
    _add(table, "last new article", status["last_article"] or "none in these days")
    if canary:
        _add(table, "canary", f"{canary['last_article'] or 'never'} ({age(canary['seconds'])})")
    _add(table, "first seen to ingested, last day", f"median {age(lag['p50'])}, 95 % {age(lag['p95'])}")
    share = status["entries"]["rejected_share"]
    _add(table, "share rejected, last day", "-" if share is None else f"{share:.1%}")
    _add(table, "rejects, last day", _listed(status["rejects"]["day"]))
    _add(table, "rejects, last 7 days", _listed(status["rejects"]["week"]))
    oldest = f"; the oldest for {age(queue['oldest_seconds'])}" if queue["oldest"] else ""
    _add(table, "waiting to be tried again", f"{queue['entries']}{oldest} ({_listed(queue['by_reason'])})")
    upkeep = status["upkeep"]
    waits = upkeep["compact_behind_seconds"]
    shown = "nobody does" if waits is None else f"a day has waited for {age(waits)}" if waits else "up to date"
    _add(table, "compacted", shown)
    _add(table, "retention last ended something", upkeep["last_expiry"] or "not in these days")
    _add(table, "exports of", f"{upkeep['exports_of'] or '-'} ({age(upkeep['exports_behind_seconds'])} behind)")
    if status["objects_missing"]:
        _add(table, "objects missing", str(status["objects_missing"]))
    return table


def _days(days: Iterable[_Row]) -> Table:
    table = Table(title="By day of ingestion")
    names = ("day", "articles", "revised", "copies", "events", "rejects")
    for name in names:
        table.add_column(name, justify="left" if name == "day" else "right")
    for day in days:
        _add(table, *(str(day[name]) for name in names))
    return table


def _feeds(feeds: Iterable[_Row], title: str) -> Table:
    table = Table(title=title)
    for name in ("feed", "health", "last answer", "last success", "failures", "entries a day", "silent", "allowed"):
        table.add_column(name)
    table.add_column("note", ratio=1)
    for feed in feeds:
        note = feed["message"] or ""
        if feed["moved_to"]:
            note = f"proposed address: {feed['moved_to']} (since {feed['moved_since']}) {note}"
        if feed["suspicions"]:
            note = f"polls of two days: {_listed(feed['suspicions'])}; {note}"
        silence, allowed = age(feed["silent_seconds"]), age(feed["silence_limit_seconds"])
        last = feed["status"] or ("left" if feed["left"] else "-")
        _add(
            table, feed["feed_id"], feed["health"], last, feed["last_success"] or "never", str(feed["failures"]),
            "-" if feed["entries_a_day"] is None else f"{feed['entries_a_day']:g}", silence, allowed, note,
        )  # fmt: skip
    return table


def _outlets(outlets: Iterable[_Row]) -> Table:
    table = Table(title=f"Outlets: last {RECENT_DAYS} days (the {EARLIER_DAYS} days before)")
    shares = ("not_from_page", "undated", "unknown_language")
    for name in ("outlet", "articles", "body not from page", "undated", "language unknown", "events/article", "worse"):
        table.add_column(name)
    for outlet in outlets:
        new, old = outlet["recent"], outlet["earlier"]
        columns = [f"{_percent(new[name])} ({_percent(old[name])})" for name in shares]
        rates = [
            "-" if side["events_per_article"] is None else f"{side['events_per_article']:.2f}" for side in (new, old)
        ]
        _add(
            table, outlet["outlet"], f"{new['articles']} ({old['articles']})", *columns, f"{rates[0]} ({rates[1]})",
            ", ".join(outlet["decayed"]),
        )  # fmt: skip
    return table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _listed(counted: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counted.items()) or "none"


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: what comes from outside is neither markup nor a control character."""
    table.add_row(*(Text(escape(cell)) for cell in cells))
