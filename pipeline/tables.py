"""The short table that ``run`` and ``demo`` end with."""

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from transforms import datasets
from transforms.schema import TABLES
from transforms.store import Store


def current_rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """The rows a reader sees of each table that has any: the latest revisions, without what was retracted."""
    found = {table: list(datasets.current_rows(store, table).values()) for table in TABLES}
    return {table: rows for table, rows in sorted(found.items()) if rows}


def print_summary(summary: dict[str, Any], console: Console) -> None:
    """One pass in a few lines."""
    table = Table(title="This pass", show_header=False)
    for name in ("sequence", "feeds", "articles", "stories", "copies", "events", "rejects", "waiting", "seconds"):
        value = summary[name]
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name, shown or "none")
    console.print(table)
    console.print(f"Records: {summary['output']}", soft_wrap=True)


def print_replay(summary: dict[str, Any], console: Console) -> None:
    """A replay in a few lines."""
    table = Table(title="Replayed", show_header=False)
    for name in ("archive", "windows", "pages", "objects_missing", "skipped", "rows", "seconds"):
        value = summary[name]
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name, shown or "none")
    console.print(table)
    console.print(f"Records: {summary['output']}", soft_wrap=True)


def print_dataset(store: Store, seconds: float, console: Console) -> None:
    """What a dataset holds: stories, copies, events by type and country, rejects by reason."""
    rows = current_rows(store)
    articles, stories, events = (rows.get(t, []) for t in ("articles", "stories", "events"))
    head = Table(title="What was found", show_header=False)
    languages = Counter(row["language"] or "unknown" for row in articles)
    head.add_row("articles", f"{len(articles)} ({_listed(languages)})")
    relations = Counter(row["relation"] for row in stories)
    head.add_row("stories", str(relations.pop("original", 0)))
    head.add_row("copies", f"{sum(relations.values())} ({_listed(relations)})" if relations else "0")
    failed = Counter(row["status"] for row in rows.get("feeds", []) if row["status"] not in {"ok", "not_modified"})
    head.add_row("feeds polled", f"{len(rows.get('feeds', []))}" + (f" (failed: {_listed(failed)})" if failed else ""))
    rejects = Counter(row["reason"] for row in rows.get("rejects", []))
    head.add_row("rejects", _listed(rejects) or "none")
    head.add_row("seconds", f"{seconds:.1f}")
    console.print(head)
    console.print(_events_table(events, {row["article_id"]: row for row in stories}))


def _events_table(events: list[dict[str, Any]], stories: dict[str, dict[str, Any]]) -> Table:
    """Confident new events, one a story, by type and country."""
    counted: Counter[tuple[str, str]] = Counter()
    seen: set[tuple[Any, ...]] = set()
    for event in sorted(events, key=lambda e: e["seq"]):
        country = (event["location"] or {}).get("country") or "?"
        story = stories.get(event["article_id"], {}).get("story_id")
        key = (story, event["event_type"], country, event["date_start"])
        if event["mode"] == "reported" and event["confidence"] >= 0.5 and key not in seen:
            seen.add(key)
            counted[event["event_type"], country] += 1
    shown = sum(counted.values())
    table = Table(title=f"Reported events, one a story ({shown}; {len(events)} rows with copies and others)")
    countries = sorted({country for _, country in counted})
    table.add_column("type")
    for country in countries:
        table.add_column(country, justify="right")
    for kind in sorted({kind for kind, _ in counted}):
        table.add_row(kind, *(str(counted[kind, country] or "") for country in countries))
    return table


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items(), key=lambda p: (-p[1], p[0])))
