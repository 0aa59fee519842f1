"""Which entries of a feed are accounted for, within bounds.

An entry is forgotten when no document of its feed has listed it for KEPT_DAYS, counted in the feed's own time: a feed
that is silent for a year forgets nothing. What comes again after that is read again and found to be a known article.
"""

import datetime as dt

KEPT_DAYS = 90
RENEWED_DAYS = 7
"""A listing is written down again when the last one noted is older: not at every poll."""
MAX_SEEN = 20_000
"""Entries a feed: ten times what a document may list."""


class SeenEntries:
    """Feed -> entry -> fingerprint, and the day (since 1970) on which each entry was last noted as listed."""

    def __init__(self) -> None:
        self.fingerprints: dict[str, dict[str, str]] = {}
        self.listed: dict[str, dict[str, int]] = {}

    def of(self, feed_id: str) -> dict[str, str]:
        """Entry id -> fingerprint of a feed."""
        return self.fingerprints.get(feed_id, {})

    def note(self, feed_id: str, entry_id: str, fingerprint: str, day: int) -> None:
        """An entry is accounted for, and was listed on a day."""
        self.fingerprints.setdefault(feed_id, {})[entry_id] = fingerprint
        self.listed.setdefault(feed_id, {})[entry_id] = day

    def is_stale(self, feed_id: str, entry_id: str, day: int) -> bool:
        """Whether a listing today is worth writing down."""
        return self.listed.get(feed_id, {}).get(entry_id, day) < day - RENEWED_DAYS

    def rows(self) -> tuple[tuple[str, str, str, int], ...]:
        """All of it as (feed, entry, fingerprint, day), in order."""
        return tuple(
            (feed_id, entry_id, fingerprint, self.listed[feed_id][entry_id])
            for feed_id in sorted(self.fingerprints)
            for entry_id, fingerprint in sorted(self.fingerprints[feed_id].items())
        )

    def forget(self) -> None:
        """Drop what is beyond the bounds."""
        for feed_id, days in self.listed.items():
            oldest = max(days.values()) - KEPT_DAYS
            gone = [entry_id for entry_id, day in days.items() if day < oldest]
            if len(days) - len(gone) > MAX_SEEN:
                by_age = sorted(days, key=lambda entry_id: (-days[entry_id], entry_id))
                gone = by_age[MAX_SEEN:]
            for entry_id in gone:
                del days[entry_id], self.fingerprints[feed_id][entry_id]


def day_of(moment: dt.datetime) -> int:
    """The day of a moment, as SeenEntries counts them."""
    return moment.date().toordinal() - dt.date(1970, 1, 1).toordinal()
