"""The figures of a dataset as they are exported: one name, one meaning, labels."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pipeline.health import FIGURES


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """One figure as it is exported."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


GAUGES: dict[str, str] = {
    "sahelwatch_dataset_readable": "1 when the dataset could be read at the last try.",
    "sahelwatch_latest_age_seconds": "Age of latest.json.",
    "sahelwatch_latest_manifests_ahead": "Manifests newer than the one latest.json points at.",
    "sahelwatch_last_article_age_seconds": "Time since the last new article was published.",
    "sahelwatch_lag_seconds": "First seen to ingested over the last 24 hours.",
    "sahelwatch_rejected_share": "Dropped and quarantined among the entries that ended in the last 24 hours.",
    "sahelwatch_rejects": "Entries dropped or quarantined in the last 24 hours.",
    "sahelwatch_today": "Articles, revisions, copies, events and rejects since midnight UTC.",
    "sahelwatch_queue_entries": "Entries that wait for another try.",
    "sahelwatch_queue_oldest_seconds": "Age of the oldest entry that waits; 0 when none does.",
    "sahelwatch_feeds": "Feeds by health.",
    "sahelwatch_feeds_failing_share": "Failing and dead feeds among all.",
    "sahelwatch_feed_failures": "Polls of a feed that failed in a row.",
    "sahelwatch_feed_dead": "1 for a feed that is given up but for a daily try.",
    "sahelwatch_feed_silence_ratio": "Silence of a feed over the silence its cadence allows.",
    "sahelwatch_feed_suspicions": "Polls of a feed in the last two days that said something is wrong with it, by what.",
    "sahelwatch_feed_move_proposed": "1 for a feed that answers from a new address for good.",
    "sahelwatch_language_feeds": "Feeds by language.",
    "sahelwatch_language_feeds_healthy": "Feeds that answer and are not silent, by language.",
    "sahelwatch_outlet_share": "Share of an outlet's articles that lack something, recent and earlier days.",
    "sahelwatch_outlet_events_per_article": "Events per article of an outlet, recent and earlier days.",
    "sahelwatch_outlet_decayed": "1 for a figure of an outlet that got worse against its own earlier days.",
    "sahelwatch_canary_age_seconds": "Time since the canary feed's last article came through.",
    "sahelwatch_objects_missing": "Objects that manifests of the last days name and the store does not have.",
    "sahelwatch_compact_behind_seconds": "How long the oldest day that is not compacted could have been; 0 when none waits.",
    "sahelwatch_expiry_age_seconds": "Time since retention last ended something, where it did in the last 17 days.",
    "sahelwatch_exports_behind_seconds": "How much older exports/ are than the newest window.",
}
"""Name -> meaning of everything that is read from the dataset."""


def samples(status: Mapping[str, Any]) -> list[Sample]:
    """The figures of ``describe`` for export; what is unknown is left out."""
    found: list[Sample] = []

    def add(name: str, value: float | None, **labels: str) -> None:
        if value is not None:
            found.append(Sample(name=f"sahelwatch_{name}", value=float(value), labels=tuple(labels.items())))

    add("dataset_readable", 1)
    if status["latest"]:
        add("latest_age_seconds", status["latest"]["seconds"])
        add("latest_manifests_ahead", status["latest"]["manifests_ahead"])
    add("last_article_age_seconds", status["last_article_seconds"])
    for quantile, name in (("0.5", "p50"), ("0.95", "p95")):
        add("lag_seconds", status["lag"][name], quantile=quantile)
    add("rejected_share", status["entries"]["rejected_share"])
    for reason, number in status["rejects"]["day"].items():
        add("rejects", number, reason=reason)
    for name, number in status["days"][-1].items():
        if name != "day":
            add("today", number, what=name)
    for reason, number in status["queue"]["by_reason"].items():
        add("queue_entries", number, reason=reason)
    add("queue_oldest_seconds", status["queue"]["oldest_seconds"] or 0)
    for health, number in status["feeds"]["by_health"].items():
        add("feeds", number, health=health)
    add("feeds_failing_share", status["feeds"]["failing_share"])
    for feed in status["feeds"]["each"]:
        if feed["left"]:
            continue
        name = feed["feed_id"]
        add("feed_failures", feed["failures"], feed=name)
        add("feed_dead", feed["health"] == "dead", feed=name)
        for flag, number in feed["suspicions"].items():
            add("feed_suspicions", number, feed=name, flag=flag)
        add("feed_move_proposed", feed["moved_to"] is not None, feed=name)
        if feed["silent_seconds"] is not None:
            add("feed_silence_ratio", round(feed["silent_seconds"] / feed["silence_limit_seconds"], 4), feed=name)
    for language, line in status["languages"].items():
        add("language_feeds", line["feeds"], language=language)
        add("language_feeds_healthy", line["healthy"], language=language)
    for outlet in status["outlets"]:
        for days in ("recent", "earlier"):
            for figure in FIGURES:
                add("outlet_share", outlet[days][figure], outlet=outlet["outlet"], figure=figure, days=days)
            rate = outlet[days]["events_per_article"]
            add("outlet_events_per_article", rate, outlet=outlet["outlet"], days=days)
        for figure in (*FIGURES, "events_per_article"):
            add("outlet_decayed", figure in outlet["decayed"], outlet=outlet["outlet"], figure=figure)
    if status["canary"]:
        add("canary_age_seconds", status["canary"]["seconds"])
    add("objects_missing", status["objects_missing"])
    add("compact_behind_seconds", status["upkeep"]["compact_behind_seconds"])
    add("expiry_age_seconds", status["upkeep"]["last_expiry_seconds"])
    add("exports_behind_seconds", status["upkeep"]["exports_behind_seconds"])
    return found
