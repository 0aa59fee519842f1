"""Which engine a command runs on: its name checked, its flags completed, its process on a leash."""

import atexit
import functools
import gc
import logging
import os
import pathlib
import sys
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.options import UsageError
from transforms.freed_memory import one_arena

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

BATCH_ENGINES = ("FnApiRunner", "DirectRunner", "BundleBasedDirectRunner", "SwitchingDirectRunner")
"""They give nothing behind a GroupByKey before their input ends."""
NEVER_ENDING = ("PortableRunner", "FlinkRunner")
"""Their jobs do not end with their input, nor with the process that started them: they are cancelled."""
DETACHED = ("DataflowRunner",)
"""Their jobs go on for themselves."""
_LEASH = pathlib.Path(__file__).with_name("leash.py")


def import_beam() -> None:
    """Import Beam and the graph, without Beam's warnings on Google libraries that nothing here uses."""
    one_arena()
    _import_all()
    logging.getLogger("apache_beam").setLevel(logging.WARNING)


@functools.cache
def _import_all() -> None:
    """Once, and out of the collector's sight: none of it is ever garbage, and looking through it took a second."""
    gc.disable()
    logging.disable(logging.WARNING)
    import apache_beam  # noqa: F401, PLC0415

    from pipeline import graph  # noqa: F401, PLC0415

    logging.disable(logging.NOTSET)
    gc.freeze()
    gc.enable()


def runner_of(beam_flags: Sequence[str], command: str) -> str | None:
    """The runner that the flags name, as Beam spells it, None when they name none; UsageError for one there is not."""
    from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions  # noqa: PLC0415
    from apache_beam.runners.runner import create_runner  # noqa: PLC0415

    name = PipelineOptions(list(beam_flags)).view_as(StandardOptions).runner
    if name is None:
        return None
    try:
        return type(create_runner(name)).__name__
    except (ValueError, ImportError, AttributeError) as error:
        line = str(error).partition("\n")[0]
        raise UsageError(f"sahelwatch {command}: --runner={name} cannot be used: {line}") from error


def bounded_flags(beam_flags: Sequence[str], runner: str | None) -> list[str]:
    """The flags of a pass; without a runner it is the in-process one."""
    if runner in {None, "DirectRunner", "SwitchingDirectRunner"}:
        # DirectRunner would first try to download another engine; its in-process part is what is meant
        return [*without_runner(beam_flags), "--runner=FnApiRunner"]
    return list(beam_flags)


def without_runner(beam_flags: Sequence[str]) -> list[str]:
    """The flags but for ``--runner``, however it is written."""
    kept, skip = [], False
    for flag in beam_flags:
        if skip or flag.startswith("--runner="):
            skip = False
        elif flag == "--runner":
            skip = True
        else:
            kept.append(flag)
    return kept


def leashed(command: Sequence[str]) -> list[str]:
    """The command so that the kernel kills it when this process ends in whatever way (Linux).

    To be started from the main thread: the kernel takes the end of the starting thread for that of its process.
    """
    return [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *map(str, command)]


def prism_runner(options: "PipelineOptions") -> Any:
    """Beam's PrismRunner, whose Prism does not outlive this process and leaves its signals alone."""
    from apache_beam.runners.portability import prism_runner as beam_prism  # noqa: PLC0415

    class Leashed(beam_prism.PrismJobServer):
        def subprocess_cmd_and_endpoint(self) -> tuple[list[str], str]:
            command, endpoint = super().subprocess_cmd_and_endpoint()
            return leashed(command), endpoint

    class Runner(beam_prism.PrismRunner):
        def default_job_server(self, _: "PipelineOptions") -> Any:
            return types.SimpleNamespace(start=lambda: service)

    _log_less(options)
    _wait_without_end(options)
    server: Any = Leashed(options)  # type: ignore[no-untyped-call]
    try:
        service = server.start()
    except Exception as error:
        line = str(error).partition("\n")[0]
        raise UsageError(
            f"sahelwatch watch: Prism cannot be had: {line}; name one with --prism_location (`go install "
            f"github.com/apache/beam/sdks/v2/go/cmd/prism@v{_beam_version()}` makes it), or use --every"
        ) from error
    atexit.register(server.stop)
    return Runner()  # type: ignore[no-untyped-call]


def _wait_without_end(options: "PipelineOptions") -> None:
    """No deadline for the job's state: Beam gives its stream that of a request, and a watch ended after its 300 s.

    Flink is asked for the state a second time, without one; of Prism, a process of ours, nothing is to be feared.
    """
    from apache_beam.options.pipeline_options import PortableOptions  # noqa: PLC0415

    options.view_as(PortableOptions).job_server_timeout = None


def _log_less(options: "PipelineOptions") -> None:
    """Prism notes as warnings what it does every time."""
    from apache_beam.options.pipeline_options import PrismRunnerOptions  # noqa: PLC0415

    logging.getLogger("apache_beam.utils.subprocess_server").setLevel(logging.CRITICAL)
    prism_options = options.view_as(PrismRunnerOptions)
    if prism_options.prism_log_level == "info":
        prism_options.prism_log_level = "error"


def _beam_version() -> str:
    from apache_beam.version import __version__  # noqa: PLC0415

    return str(__version__)
