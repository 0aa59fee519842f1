"""``sahelwatch``: the one entry point."""

import gzip
import importlib
import os
import sys
import zlib
from collections.abc import Sequence

import orjson

from pipeline.options import UsageError, build_parser, split_beam_flags
from transforms.history import DamagedStateError
from transforms.lease import FencedError, LeaseHeldError
from transforms.store import StoreConflictError, StoreUnavailableError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; gives the exit status: 0 good, 1 bad input lines, 2 bad usage, 3 every feed failed."""
    parser = build_parser()
    try:
        options, beam_flags = split_beam_flags(parser, sys.argv[1:] if arguments is None else arguments)
        return _dispatch(options, beam_flags, parser.format_help())
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sahelwatch: interrupted; what was committed stands, the rest comes with the next run", file=sys.stderr)
        return 130
    except LeaseHeldError as error:
        print(f"sahelwatch: {error}: end that one first", file=sys.stderr)
        return 2
    except FencedError as error:
        print(f"sahelwatch: {error}", file=sys.stderr)
        return 2
    except (StoreUnavailableError, StoreConflictError) as error:
        print(f"sahelwatch: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # the reader of our output went away, as `| head` does; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(options: object, beam_flags: list[str], usage: str) -> int:
    command = getattr(options, "command", None)
    if getattr(options, "version", False):
        from pipeline.version import VERSION  # noqa: PLC0415

        print(VERSION)
        return 0
    if command is None:
        print(usage, file=sys.stderr)
        return 2
    return _COMMANDS[command](options, beam_flags)


def _run(options: object, beam_flags: list[str]) -> int:
    from rich.console import Console  # noqa: PLC0415

    from pipeline import run  # noqa: PLC0415

    summary = run.run(options, beam_flags)  # type: ignore[arg-type]
    if getattr(options, "json", False):
        print(orjson.dumps(summary).decode())
    else:
        from pipeline import tables  # noqa: PLC0415

        tables.print_summary(summary, Console())
    return run.exit_status(summary)


def _watch(options: object, beam_flags: list[str]) -> int:
    from pipeline import watch  # noqa: PLC0415

    try:
        watch.watch(options, beam_flags)  # type: ignore[arg-type]
    except watch.JobFailedError as error:
        print(f"sahelwatch watch: {error}", file=sys.stderr)
        return 1
    return 0


def _replay(options: object, beam_flags: list[str]) -> int:
    from rich.console import Console  # noqa: PLC0415

    from pipeline import replay, tables  # noqa: PLC0415

    summary = replay.replay(options, beam_flags)  # type: ignore[arg-type]
    if getattr(options, "json", False):
        print(orjson.dumps(summary).decode())
    else:
        tables.print_replay(summary, Console())
    return 1 if summary["objects_missing"] else 0


def _demo(options: object, _: list[str]) -> int:
    from rich.console import Console  # noqa: PLC0415

    from pipeline import demo, run  # noqa: PLC0415

    summary = demo.demo(options, Console())  # type: ignore[arg-type]
    if getattr(options, "json", False):
        print(orjson.dumps(summary).decode())
    return run.exit_status(summary)


def _filter(options: object, _: list[str]) -> int:
    from pipeline.filters import main_filter  # noqa: PLC0415

    return main_filter(options)  # type: ignore[arg-type]


def _schema(options: object, _: list[str]) -> int:
    from transforms.schema import TABLES, json_schema  # noqa: PLC0415

    table = getattr(options, "table", None)
    shown = json_schema(table) if table else {name: json_schema(name) for name in TABLES}
    print(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    return 0


def _joined(options: object, _: list[str]) -> int:
    """A command that lies in a module of its name."""
    command = getattr(options, "command", "")
    module = importlib.import_module(f"pipeline.{command}")
    try:
        status: int = module.main(options)
    except DamagedStateError as error:
        print(f"sahelwatch {command}: {error}", file=sys.stderr)
        return 1
    except (KeyError, EOFError, gzip.BadGzipFile, zlib.error, orjson.JSONDecodeError) as error:
        if (damage := _damage(error)) is None:
            raise
        print(
            f"sahelwatch {command}: the dataset is damaged: {damage} (`sahelwatch verify` tells more)", file=sys.stderr
        )
        return 1
    return status


def _damage(error: Exception) -> str | None:
    """What an error says of a dataset, in one line; None when it is an error of ours."""
    if isinstance(error, KeyError):  # a store's word for an object that is not there
        name = error.args[0] if error.args else None
        return f"{name} does not exist" if isinstance(name, str) and "/v1/" in name else None
    return f"an object cannot be read: {error}"


_COMMANDS = {
    "demo": _demo,
    "run": _run,
    "watch": _watch,
    "replay": _replay,
    **dict.fromkeys(("extract", "tag", "dedupe"), _filter),
    "schema": _schema,
    **dict.fromkeys(
        ("compact", "expire", "export", "feeds", "forget", "quarantine", "status", "sweep", "verify"), _joined
    ),
}

if __name__ == "__main__":
    sys.exit(main())
