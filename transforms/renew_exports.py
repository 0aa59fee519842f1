"""RenewExports: the rolling files of exports/, where no process but the engine's own could write them.

They are made from what is committed, so a failure costs their freshness and nothing else: it is logged, the window stands.
"""

import logging
from typing import Any

import apache_beam as beam

from transforms.clock import Clock
from transforms.exports import renew_exports
from transforms.store import open_store

_log = logging.getLogger(__name__)


def renew_after(manifest: dict[str, Any], output: str, clock: Clock) -> dict[str, Any]:
    """The manifest of a window that was just committed, with exports/ renewed if it is the first of its hour."""
    try:
        renew_exports(open_store(output), clock())
    except Exception:  # noqa: BLE001 - whatever it is, the window is committed and must not be tried again for it
        _log.exception("exports/ could not be renewed")
    return manifest


class RenewExports(beam.PTransform[beam.PCollection[dict[str, Any]], Any]):
    """Manifests -> the same manifests."""

    def __init__(self, output: str, clock: Clock) -> None:
        super().__init__()
        self._output = output
        self._clock = clock

    def expand(self, pcoll: beam.PCollection[dict[str, Any]]) -> Any:
        """Wire the step."""
        return pcoll | "RenewExport" >> beam.Map(renew_after, self._output, self._clock)
