"""Steps whose work is done in other processes: several elements under way, given out in the order they came in."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue


class PooledFn(beam.DoFn):
    """Elements through the process-wide pool, at most twice as many under way as there are ``workers``.

    A step says in ``begin`` how its work is started. Without workers it is done when its result is waited for, at once.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._waiting: deque[tuple[Callable[[], Any], Any, Any]] = deque()

    def begin(self, element: Any) -> Callable[[], Any]:
        """Start on an element; the function given back waits for what is given out, a TaggedOutput or plain."""
        raise NotImplementedError

    def start_bundle(self) -> None:
        """Nothing is under way."""
        self._waiting = deque()

    def process(
        self, element: Any, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[Any]:
        """The element is begun; the oldest ones are waited for once too many are under way."""
        self._waiting.append((self.begin(element), window, timestamp))
        while len(self._waiting) > 2 * self._workers:
            yield self._next()

    def finish_bundle(self) -> Iterator[Any]:
        """Wait for the rest."""
        while self._waiting:
            yield self._next()

    def _next(self) -> Any:
        wait, window, timestamp = self._waiting.popleft()
        output = wait()
        if isinstance(output, beam.pvalue.TaggedOutput):
            return beam.pvalue.TaggedOutput(output.tag, WindowedValue(output.value, timestamp, (window,)))
        return WindowedValue(output, timestamp, (window,))
