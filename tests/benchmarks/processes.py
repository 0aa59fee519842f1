"""Running a command and accounting for all the processes it starts."""

import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import psutil

EVERY = 0.05
"""Seconds between two looks at the processes; what a process did after the last look before its end is missed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command took: seconds of CPU (user and system) of all its processes, of wall; peak resident bytes."""

    cpu: float
    wall: float
    resident: int
    output: bytes


class Meter:
    """Follows a process and its descendants while they live."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._seen: dict[tuple[int, float], float] = {}
        self.resident = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, of all processes ever seen."""
        return sum(self._seen.values())

    def stop(self) -> None:
        """No more looks."""
        self._done.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._done.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Add up what the processes have used."""
        resident = 0
        try:
            family = [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for one in family:
            try:
                times = one.cpu_times()
                self._seen[one.pid, one.create_time()] = times.user + times.system
                resident += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.resident = max(self.resident, resident)


def measured(
    arguments: Sequence[str],
    *,
    interpreter: str = "",
    watch: Callable[[Meter], None] | None = None,
    timeout: float = 1800.0,
) -> Cost:
    """Run ``python -m ARGUMENTS``, or a script by another ``interpreter`` that knows nothing of this one's packages.

    ``watch`` is called with the meter every few milliseconds while it runs. RuntimeError when it does not end well.
    """
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    if not interpreter:
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    started = time.monotonic()
    command = [interpreter, *arguments] if interpreter else [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        meter = Meter(process.pid)
        output: list[bytes] = []
        reader = threading.Thread(target=lambda: output.extend(process.communicate(timeout=timeout)), daemon=True)
        reader.start()
        while reader.is_alive():
            if watch:
                watch(meter)
            reader.join(0.005)
        meter.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])}: status {process.returncode}: {output[1].decode()[-2000:]}")
    return Cost(cpu=meter.cpu, wall=time.monotonic() - started, resident=meter.resident, output=output[0])
