"""Exports: one flat row per event of a story, for maps and spreadsheets, and the rolling files of a dataset.

Every row and every file says that it is machine coded, not reviewed and not fused across independent reports.
Public rows withhold what ``do_no_harm`` says; only an internal export has authors, evidence and exact places.
"""

import bisect
import datetime as dt
import operator
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

from transforms import contract, do_no_harm, export_formats, hxl
from transforms.clock import iso
from transforms.datasets import KEYS, MANIFESTS, objects, rows_of
from transforms.file_index import read_index, replace_files
from transforms.history import newest_manifest
from transforms.pool import run_apart
from transforms.store import EXPORTS, Store, open_store
from transforms.story_events import StoryEvent, figures, story_events

Json = dict[str, Any]

CAVEAT = "machine coded; not reviewed; not fused across independent reports"
WINDOWS = {"24h": dt.timedelta(hours=24), "7d": dt.timedelta(days=7), "30d": dt.timedelta(days=30)}
MARGIN = dt.timedelta(days=14)
"""How much earlier than asked for a dataset is read, for the first members of stories: twice the horizon of copies."""
RENEWED_WITHIN = 900.0
"""Seconds after which a process that renews them has gone astray."""
CONFIDENT = 0.5
_ARTICLE_COLUMNS = (
    "article_id", "title", "authors", "url", "outlet", "publisher_family", "ownership", "wire_agency", "published",
    "published_precision", "first_seen", "op", "revision", "seq",
)  # fmt: skip
_STORY_COLUMNS = ("article_id", "story_id", "duplicate_of", "relation", "op", "revision", "seq")
_FEED_COLUMNS = ("feed_id", "polled", "status", "health", "entries", "new_entries", "failures", "next_poll")


def export_rows(store: Store, *, since: dt.datetime | None = None, public: bool = True) -> list[Json]:
    """The flat rows of events whose newest text is known from ``since`` on (default: all), by time and id."""
    return _rows(_story_events(store, since), since=since, public=public)


def _rows(found: Iterable[StoryEvent], *, since: dt.datetime | None, public: bool) -> list[Json]:
    rows = []
    for _, group in groupby(found, key=lambda one: one.story_id):
        story = list(group)
        reasons = do_no_harm.withheld([[s.event for s in one.statements] for one in story])
        rows += [flat_row(one, reason, public=public) for one, reason in zip(story, reasons, strict=True)]
    wanted = [row for row in rows if since is None or row["reported_at"] >= iso(since)]
    return sorted(wanted, key=lambda row: (row["reported_at"], row["story_event_id"]))


def flat_row(one: StoryEvent, reason: str | None, *, public: bool) -> Json:
    """One event of a story as a flat JSON object; ``reason`` is why its exact place is withheld from the public."""
    event, article, counts = one.lead.event, one.lead.article, one.counts
    codes = contract.event_types().get(event["event_type"], {})
    location = (do_no_harm.coarse(event["location"]) if public and reason else event["location"]) or {}
    low, high = killed(event)
    row: Json = {
        "story_event_id": one.story_event_id,
        "caveat": CAVEAT,
        "machine_coded": True,
        "reviewed": False,
        "fused": False,
        "status": event["status"],
        "event_type": event["event_type"],
        "label": codes.get("label", ""),
        "acled_type": event["acled_type"],
        "acled_sub_type": event["acled_sub_type"],
        "plover": codes.get("plover", ""),
        "cameo": codes.get("cameo", ""),
        "ucdp": codes.get("ucdp", ""),
        "mode": event["mode"],
        "asserted": asserted(event),
        "is_background": event["is_background"],
        "alleged": event["alleged"],
        "claimed_by": event["claimed_by"],
        "confidence": event["confidence"],
        "actors": event["actors"],
        "target_class": event["target_class"],
        "country": location.get("country"),
        "admin1": location.get("admin1"),
        "admin2": location.get("admin2"),
        "place": location.get("name"),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
        "location_precision": location.get("precision"),
        "geoname_id": location.get("geoname_id"),
        "coarsened": reason if public and location != (event["location"] or {}) else None,
        "date_start": event["date_start"],
        "date_end": event["date_end"],
        "date_precision": event["date_precision"],
        "killed_low": low,
        "killed_high": high,
        "figures": figures(event),
        "figures_history": one.history(),
        "in_newest_text": one.in_newest_text,
        "language": event["language"],
        "rules": event["rules"],
        "url": article["url"],
        "outlet": article["outlet"],
        "published": article["published"],
        "reported_at": one.lead.as_of,
        "story_id": one.story_id,
        "articles": counts.articles,
        "copies": counts.copies,
        "updates": counts.updates,
        "outlets": counts.outlets,
        "independent_families": counts.independent_families,
        "ownership_groups": counts.ownership_groups,
        "wire_agencies": list(counts.wire_agencies),
        "articles_with_event": len(one.standing()),
        "first_published": counts.first_published,
        "first_outlet": counts.first_outlet,
        "first_url": counts.first_url,
        "rules_version": event["rules_version"],
        "pipeline_version": event["pipeline_version"],
        "ingested": event["ingested"],
    }
    if not public:
        row.update(title=article["title"], authors=article["authors"], evidence=event["evidence"], sensitive=reason)
    return row


def asserted(event: Json) -> bool:
    """Whether the text says that the event happened, now and not in passing."""
    return event["mode"] == "reported" and not event["is_background"]


def killed(event: Json) -> tuple[int | None, int | None]:
    """The least and the greatest number of dead an event's figures allow; (None, None) when none is stated."""
    return export_formats.bounds(event["quantities"], "killed")


def _story_events(store: Store, since: dt.datetime | None) -> Iterator[StoryEvent]:
    found: dict[str, list[Json]] = {"articles": [], "stories": [], "events": []}
    for described in objects(store, found, _from_day(since - MARGIN) if since else ""):
        found[described["table"]].append(described)
    articles = _current(rows_of(store, found["articles"]), "articles", _ARTICLE_COLUMNS)
    stories = _current(rows_of(store, found["stories"]), "stories", _STORY_COLUMNS)
    return story_events(articles, stories, rows_of(store, found["events"]))


def _from_day(start: dt.datetime) -> str:
    """The beginning of the names of a day's manifests."""
    return f"{MANIFESTS}dt={start:%Y-%m-%d}/"


def _current(rows: Iterable[Json], table: str, columns: Sequence[str]) -> dict[str, Json]:
    """Id -> latest row, cut down to some columns: a month of whole rows would not fit into memory."""
    latest: dict[str, Json] = {}
    for row in rows:
        before = latest.get(row[KEYS[table]])
        if before is None or (before["revision"], before["seq"]) < (row["revision"], row["seq"]):
            latest[row[KEYS[table]]] = {column: row[column] for column in columns}
    return {row_id: row for row_id, row in latest.items() if row["op"] == "upsert"}


def rolling_exports(store: Store, now: dt.datetime) -> list[str]:
    """Write ``exports/events_{24h,7d,30d}.{geojson,csv,hxl.csv}``, ``feeds_status.json`` and their index; gives what changed.

    The files are public. They hold confident events whose newest text became known in that time, without history and
    background: on a map of the day an old coup looks like a new one.
    """
    newest, longest = newest_manifest(store, None), now - max(WINDOWS.values())
    rows = [
        row
        for row in _rows(_story_events(store, longest), since=longest, public=True)
        if row["confidence"] >= CONFIDENT
        and row["mode"] != "historical"
        and not row["is_background"]
        and row["reported_at"] <= iso(now)
    ]
    # rows are in the order of their times, so the shorter windows are the ends of the longest one
    tables = {"csv": export_formats.acled_lines(rows), "hxl.csv": hxl.hxl_lines(rows)}
    contents: dict[str, bytes] = {}
    for name, length in WINDOWS.items():
        first = bisect.bisect_left(rows, iso(now - length), key=operator.itemgetter("reported_at"))
        contents[f"{EXPORTS}events_{name}.geojson"] = export_formats.geojson(
            rows[first:], caveat=CAVEAT, as_of=iso(now), since=iso(now - length)
        )
        for ending, (head, *lines) in tables.items():
            contents[f"{EXPORTS}events_{name}.{ending}"] = b"".join((head, *lines[first:]))
    polls = rows_of(store, objects(store, ("feeds",), _from_day(longest)))
    contents[f"{EXPORTS}feeds_status.json"] = feeds_status(polls, iso(now))
    about = {"as_of": iso(now), "sequence": int(newest.rpartition("/")[2].removesuffix(".json")) if newest else 0}
    return replace_files(store, EXPORTS, contents, export_formats.content_type, about)


def renew_exports(store: Store, now: dt.datetime, seen: str | None = None, *, apart: bool = False) -> str | None:
    """Rewrite exports/ when they are older than the hour of the newest window: they re-read weeks, too much for each.

    Gives the name of the newest manifest; when that is ``seen`` there is nothing to do. ``apart`` makes them in a process
    of their own: the rows of weeks are many times what a job lives on, and leave holes behind in its memory for good.
    """
    newest = newest_manifest(store, seen)
    if newest is not None and newest != seen and _exported_hour(store) < newest.rpartition("/")[0]:
        if apart:
            run_apart(_renew_at, store.uri, now, timeout=RENEWED_WITHIN)
        else:
            rolling_exports(store, now)
    return newest


def _renew_at(uri: str, now: dt.datetime) -> list[str]:
    return rolling_exports(open_store(uri), now)


def _exported_hour(store: Store) -> str:
    """The folder of manifests of the hour in which exports/ was last renewed to the end, "" when that is not known."""
    try:
        index = read_index(store, EXPORTS)
        as_of = dt.datetime.fromisoformat(str(index.about["as_of"])) if index and not index.renewing else None
    except (ValueError, KeyError):
        as_of = None
    return f"{MANIFESTS}dt={as_of:%Y-%m-%d}/hour={as_of:%H}" if as_of else ""


def feeds_status(rows: Iterable[Json], as_of: str) -> bytes:
    """The last poll of each feed as JSON; no addresses, validators or messages, which may carry keys of ours."""
    latest: dict[str, Json] = {}
    for row in rows:
        if row["op"] == "upsert" and (row["feed_id"] not in latest or latest[row["feed_id"]]["seq"] < row["seq"]):
            latest[row["feed_id"]] = row
    feeds = [{column: latest[feed][column] for column in _FEED_COLUMNS} for feed in sorted(latest)]
    return orjson.dumps({"as_of": as_of, "feeds": feeds}, option=orjson.OPT_INDENT_2) + b"\n"
