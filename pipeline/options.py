"""The command line: sub-commands, their options, and which flags are Beam's."""

import argparse
import logging
from collections.abc import Sequence
from typing import Any, NoReturn

from pipeline.arguments import moment, port
from transforms.schema import TABLES
from transforms.windows import DEFAULT_SIZE, DEFAULT_TICK

BEAM_COMMANDS = ("run", "watch", "replay")
_EXTRA_RUNNER_FLAGS = (
    "--flink_version", "--spark_version",
    # FlinkPipelineOptions of Beam's Java side, which the job server reads
    "--checkpointing_interval", "--checkpointing_mode", "--checkpoint_timeout_millis",
    "--min_pause_between_checkpoints", "--savepoint_path", "--state_backend", "--state_backend_storage_path",
    "--number_of_execution_retries", "--execution_retry_delay", "--max_bundle_size", "--max_bundle_time_mills",
    "--shutdown_sources_after_idle_ms", "--flink_conf_dir",
)  # fmt: skip
"""Flags of runners that Beam's Python side does not declare; each takes a value."""
_EXTRA_RUNNER_SWITCHES = (
    "--externalized_checkpoints_enabled", "--retain_externalized_checkpoints_on_cancellation",
    "--allow_non_restored_state", "--finish_bundle_before_checkpointing",
)  # fmt: skip
"""Likewise, without a value: Beam makes switches of the booleans that the job server describes to it."""


class UsageError(Exception):
    """Bad usage: one clear line for stderr; the exit status is 2."""


class _Parser(argparse.ArgumentParser):
    """argparse with one line on stderr instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}")


class _Pace(argparse.Action):
    """Stores a value, and in ``paced_by`` that the option was given at all."""

    def __call__(
        self, _: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: str | None = None
    ) -> None:
        setattr(namespace, self.dest, values)
        namespace.paced_by = (*namespace.paced_by, option_string)


def build_parser() -> argparse.ArgumentParser:
    """The parser of ``sahelwatch`` with all sub-commands."""
    parser = _Parser(
        prog="sahelwatch", description="Watches Sahel news feeds and writes structured security-event records."
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    demo = commands.add_parser(
        "demo", help="serve the bundled fixture world on loopback and run the whole graph", allow_abbrev=False
    )
    demo.add_argument("--output", metavar="DIR", help="where the records go (default: a new temporary folder)")
    demo.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    run = commands.add_parser(
        "run",
        help="one bounded pass: poll every due feed once",
        description="One bounded pass. Flags of Apache Beam and its runners pass through.",
        allow_abbrev=False,
    )
    _add_pass_options(run)
    run.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    run.add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601), for tests")

    watch = commands.add_parser(
        "watch",
        help="always on: poll what is due at every tick, commit every window",
        description="Runs until it is told to end (SIGTERM, or Ctrl-C), and then commits what it has begun. The "
        "catalogue is read again at every tick. Runs on Prism unless --runner names another engine for unbounded "
        "input, or --every asks for bounded passes one after the other. Flags of Apache Beam and its runners pass "
        "through.",
        allow_abbrev=False,
    )
    _add_pass_options(watch)
    watch.set_defaults(now=None, paced_by=())
    watch.add_argument(
        "--tick", action=_Pace, type=_interval, default=DEFAULT_TICK, metavar="SECONDS",
        help="time between two looks (60)",
    )  # fmt: skip
    watch.add_argument(
        "--window", action=_Pace, type=_interval, default=DEFAULT_SIZE, metavar="SECONDS",
        help="time between two commits (600)",
    )  # fmt: skip
    watch.add_argument(
        "--every", type=_interval, metavar="SECONDS",
        help="no engine for unbounded input: a bounded pass in this process every so many seconds, which looks once and "
        "commits once, so there is no --tick nor --window",
    )  # fmt: skip

    from pipeline import (  # noqa: PLC0415 - they need what is here
        compact,
        expire,
        export,
        feeds,
        forget,
        quarantine,
        replay,
        status,
        sweep,
        verify,
    )

    for command in (feeds, quarantine, replay, verify, export, compact, status, sweep, expire, forget):
        command.add_parser(commands)

    commands.add_parser(
        "extract", help="filter: pages in, article records out (JSON Lines)", allow_abbrev=False
    ).add_argument("--now", type=moment, metavar="TIME", help="a fixed clock (ISO 8601)")
    tag = commands.add_parser("tag", help="filter: articles in, events out (JSON Lines)", allow_abbrev=False)
    told = tag.add_mutually_exclusive_group()
    told.add_argument("--explain", action="store_true", help="add which rules fired, and what did not count and why")
    told.add_argument(
        "--unknown-names", action="store_true",
        help="instead of events, the names and acronyms beside strong triggers that no data file knows (the upkeep queue)",
    )  # fmt: skip
    commands.add_parser(
        "dedupe", help="filter: articles in arrival order in, story assignments out (JSON Lines)", allow_abbrev=False
    ).add_argument("--explain", action="store_true", help="add shared shingles, containments and the deciding guard")
    commands.add_parser("schema", help="print the JSON Schema of a table, or of all", allow_abbrev=False).add_argument(
        "table", nargs="?", choices=tuple(TABLES), metavar="TABLE", help=", ".join(TABLES)
    )
    return parser


def _add_pass_options(parser: argparse.ArgumentParser) -> None:
    """What a pass needs to know, once or always."""
    parser.add_argument("--feeds", required=True, metavar="CATALOGUE", help="the feed catalogue (YAML or JSON)")
    parser.add_argument("--output", required=True, metavar="URI", help="a local folder or gs://bucket/prefix")
    parser.add_argument(
        "--archive", metavar="URI", help="where what was fetched is kept as WARC (default: archive/ of the output)"
    )
    parser.add_argument(
        "--no-archive", action="store_true", help="keep nothing of what was fetched but the records made of it"
    )
    parser.add_argument(
        "--takeover", action="store_true",
        help="end the right to write of whoever has it: it commits nothing more",
    )  # fmt: skip
    parser.add_argument("--contact", default="", metavar="ADDRESS", help="URL or mail address for the User-Agent")
    parser.add_argument(
        "--host-interval", type=_seconds, default=2.0, metavar="SECONDS", help="pause between requests to a host (2)"
    )
    parser.add_argument(
        "--timeout", type=_interval, default=20.0, metavar="SECONDS", help="longest time an answer may take (20)"
    )
    parser.add_argument(
        "--min-poll-interval", type=_seconds, default=300.0, metavar="SECONDS",
        help="least time between two polls of a feed (300); 0 polls every feed now",
    )  # fmt: skip
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST",
        help="exempt a host (name, address or network) from the address and port rules; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--resolve", action="append", default=[], metavar="HOST=ADDRESS:PORT",
        help="connect that host there, and exempt it; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--lanes", type=_lanes, default=1, metavar="N",
        help="parts that the hosts are divided into; an engine works on them side by side where it has workers (1)",
    )  # fmt: skip
    add_extract_workers(parser)
    parser.add_argument(
        "--metrics-port", type=port, metavar="PORT", help="serve /metrics (Prometheus text) and /healthz while running"
    )
    parser.add_argument(
        "--metrics-address", default="127.0.0.1", metavar="ADDRESS", help="where --metrics-port listens (127.0.0.1)"
    )
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="log lines as text or JSON (text)"
    )


def option_names(parser: argparse.ArgumentParser, command: str) -> frozenset[str]:
    """The long names of a command's options, without their two hyphens."""
    [commands] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    names: frozenset[str] = frozenset(
        name[2:]
        for name in commands.choices[command]._option_string_actions  # noqa: SLF001
        if name.startswith("--")
    )
    return names


def add_extract_workers(parser: argparse.ArgumentParser) -> None:
    """How many processes read feeds and pages, and tag."""
    parser.add_argument(
        "--extract-workers",
        type=_count,
        default=2,
        metavar="N",
        help="processes that read feeds and pages, and tag articles; 0 does all in-process (2)",
    )


def split_beam_flags(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our options, and Beam's flags as they were written; UsageError for a flag nobody knows."""
    options, rest = parser.parse_known_args(list(arguments))
    if not rest:
        return options, []
    if options.command not in BEAM_COMMANDS:
        raise UsageError(f"sahelwatch {options.command or ''}: unrecognized arguments: {' '.join(rest)}")
    logging.disable(logging.WARNING)  # Beam warns on import of Google libraries that nothing here uses
    from apache_beam.options import pipeline_options  # noqa: PLC0415 - seconds to import, and only run needs it

    logging.disable(logging.NOTSET)

    beam_parser = _Parser(prog=f"sahelwatch {options.command}", add_help=False, allow_abbrev=False)
    for group in pipeline_options.PipelineOptions.__subclasses__():
        try:
            group._add_argparse_args(beam_parser)  # type: ignore[arg-type]  # noqa: SLF001 - Beam has no list of its flags
        except argparse.ArgumentError:
            continue
    for flag in _EXTRA_RUNNER_FLAGS:
        if flag not in beam_parser._option_string_actions:  # noqa: SLF001
            beam_parser.add_argument(flag)
    for switch in _EXTRA_RUNNER_SWITCHES:
        if switch not in beam_parser._option_string_actions:  # noqa: SLF001
            beam_parser.add_argument(switch, action="store_true")
    _, unknown = beam_parser.parse_known_args(rest)
    if unknown:
        raise UsageError(f"sahelwatch {options.command}: unrecognized arguments: {' '.join(unknown)}")
    return options, rest


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 30 * 86400:
        raise argparse.ArgumentTypeError(f"not a number of seconds: {text!r}")
    return value


def _interval(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 86400 or value != int(value):
        raise argparse.ArgumentTypeError(f"not a whole number of seconds from 1 to 86400: {text!r}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 64:
        raise argparse.ArgumentTypeError(f"not a number from 0 to 64: {text!r}")
    return value


def _lanes(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 512:
        raise argparse.ArgumentTypeError(f"not a number from 1 to 512: {text!r}")
    return value
