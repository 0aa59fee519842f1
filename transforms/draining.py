"""The request to end this process in good order: nothing new is begun, what was begun is committed.

One event for the process: the command line sets it when it is asked to end, and the steps that run in the same process
(every engine of one machine runs them so) look at it. Workers of a distributed engine are drained by their engine.
"""

import dataclasses
import threading

requested = threading.Event()
"""Set once the process has been asked to end."""


@dataclasses.dataclass
class Ticks:
    """What the source of ticks has done in this process: the time of its last tick, and whether it has ended."""

    last: float | None = None
    ended: threading.Event = dataclasses.field(default_factory=threading.Event)


ticks = Ticks()
"""Of the source that runs in this process; ``last`` stays None where it runs elsewhere."""
