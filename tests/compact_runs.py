"""A compaction to be killed: it says when it begins, for what comes before is only the start of a process."""

import datetime as dt
import os

from transforms.compact import compact
from transforms.store import open_store


def run(uri, endpoint, now, tables, told):
    """Compact a dataset up to a time."""
    if endpoint:
        os.environ["STORAGE_EMULATOR_HOST"] = endpoint
    told.send("begun")
    compact(open_store(uri), now=dt.datetime.fromisoformat(now), keep=dt.timedelta(days=7), tables=tables)
