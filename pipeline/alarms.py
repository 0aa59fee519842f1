"""When to wake somebody: one list for ``status``, for the Prometheus rules and for the Cloud Monitoring policies.

deploy/alerts/ holds the same alarms in the form of each system, deploy/RUNBOOK.md what to do about each; a test keeps
the four together.
"""

import dataclasses
import operator
from collections.abc import Iterable

from pipeline.gauges import Sample


@dataclasses.dataclass(frozen=True, kw_only=True)
class Alarm:
    """Raised when a figure with these labels is above (or below) the limit for so many minutes."""

    name: str
    metric: str
    labels: tuple[tuple[str, str], ...] = ()
    above: bool = True
    limit: float
    minutes: int
    severity: str
    summary: str

    @property
    def expression(self) -> str:
        """The condition in PromQL."""
        chosen = ",".join(f'{name}="{value}"' for name, value in self.labels)
        selector = f"{self.metric}{{{chosen}}}" if chosen else self.metric
        return f"{selector} {'>' if self.above else '<'} {self.limit:g}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Raised:
    """An alarm that holds now, for these labels."""

    alarm: Alarm
    sample: Sample


HOUR = 3600.0

ALARMS: tuple[Alarm, ...] = (
    Alarm(
        name="LatestStale", metric="sahelwatch_latest_age_seconds", limit=HOUR, minutes=5, severity="critical",
        summary="latest.json has not moved for an hour: no window was committed.",
    ),
    Alarm(
        name="DatasetUnreadable", metric="sahelwatch_dataset_readable", above=False, limit=1, minutes=10,
        severity="critical", summary="The dataset cannot be read.",
    ),
    Alarm(
        name="NoArticle", metric="sahelwatch_last_article_age_seconds", limit=6 * HOUR, minutes=15,
        severity="critical", summary="No new article for six hours, from any feed.",
    ),
    Alarm(
        name="CanaryLate", metric="sahelwatch_canary_age_seconds", limit=2 * HOUR, minutes=15, severity="critical",
        summary="The canary's hourly article has not come through for two hours.",
    ),
    Alarm(
        name="LanguageGone", metric="sahelwatch_language_feeds_healthy", above=False, limit=1, minutes=60,
        severity="critical", summary="No feed of a language is healthy.",
    ),
    Alarm(
        name="FeedsFailing", metric="sahelwatch_feeds_failing_share", limit=0.25, minutes=30, severity="critical",
        summary="More than a quarter of the feeds fail.",
    ),
    Alarm(
        name="FeedSilent", metric="sahelwatch_feed_silence_ratio", limit=1, minutes=60, severity="warning",
        summary="A feed brings nothing new for longer than its cadence allows.",
    ),
    Alarm(
        name="FeedDead", metric="sahelwatch_feed_dead", limit=0, minutes=60, severity="warning",
        summary="A feed is gone (410) or has failed thirty times in a row.",
    ),
    Alarm(
        name="FeedHijacked", metric="sahelwatch_feed_suspicions", labels=(("flag", "FEED_HIJACK_SUSPECT"),), limit=0,
        minutes=5, severity="critical", summary="All of a feed's entries lead to a site that is not its own.",
    ),
    Alarm(
        name="GuidsUnstable", metric="sahelwatch_feed_suspicions", labels=(("flag", "GUID_UNSTABLE"),), limit=2,
        minutes=60, severity="warning", summary="A feed gives its entries other guids at every poll.",
    ),
    Alarm(
        name="ClockSkew", metric="sahelwatch_feed_suspicions", labels=(("flag", "CLOCK_SKEW"),), limit=2, minutes=60,
        severity="warning", summary="The clock of a feed's server is more than ten minutes off ours.",
    ),
    Alarm(
        name="RejectsHigh", metric="sahelwatch_rejected_share", limit=0.2, minutes=60, severity="warning",
        summary="More than a fifth of the day's entries were dropped or quarantined.",
    ),
    Alarm(
        name="LagHigh", metric="sahelwatch_lag_seconds", labels=(("quantile", "0.95"),), limit=HOUR, minutes=30,
        severity="warning", summary="One article in twenty takes more than an hour from the feed to the bucket.",
    ),
    Alarm(
        name="QueueStuck", metric="sahelwatch_queue_oldest_seconds", limit=26 * HOUR, minutes=30, severity="warning",
        summary="An entry waits for longer than retries last.",
    ),
    Alarm(
        name="QualityDecay", metric="sahelwatch_outlet_decayed", limit=0, minutes=360, severity="warning",
        summary="An outlet's articles got worse against its own earlier days.",
    ),
    Alarm(
        name="ObjectsMissing", metric="sahelwatch_objects_missing", limit=0, minutes=30, severity="warning",
        summary="Objects that manifests of the last days name are gone.",
    ),
    Alarm(
        name="CompactLate", metric="sahelwatch_compact_behind_seconds", limit=36 * HOUR, minutes=30,
        severity="warning", summary="A day that is over has not been compacted for a day and a half.",
    ),
    Alarm(
        name="ExpiryLate", metric="sahelwatch_expiry_age_seconds", limit=72 * HOUR, minutes=30, severity="warning",
        summary="Retention, which ended something before, has not for three days.",
    ),
    Alarm(
        name="ExportsLate", metric="sahelwatch_exports_behind_seconds", limit=3 * HOUR, minutes=30,
        severity="warning", summary="The files of exports/ are three hours older than the newest window.",
    ),
)  # fmt: skip


def raised(samples: Iterable[Sample]) -> list[Raised]:
    """The alarms whose condition holds now, in the order of the list; how long it has held is not known here."""
    given = list(samples)
    found = []
    for alarm in ALARMS:
        beyond = operator.gt if alarm.above else operator.lt
        for sample in given:
            wanted = sample.name == alarm.metric and set(alarm.labels) <= set(sample.labels)
            if wanted and beyond(sample.value, alarm.limit):
                found.append(Raised(alarm=alarm, sample=sample))
    return found
