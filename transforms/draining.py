"""The request to end this process in good order: nothing new is begun, what was begun is committed.

One event for the process: the command line sets it when it is asked to end, and the steps that run in the same process
(every engine of one machine runs them so) look at it. Workers of a distributed engine are drained by their engine.
"""

import threading

requested = threading.Event()
"""Set once the process has been asked to end."""
