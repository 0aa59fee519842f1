"""Logs that machines read: ``--log-format json`` writes one JSON object a line, ``text`` one plain line.

A record may carry the fields of ``FIELDS`` through ``extra``; anything else in ``extra`` is left out, so that no body
slips into a log. Addresses lose their credentials, whatever looks like a secret its value, and control characters are
escaped, so that a hostile title can neither start a line of its own nor move a terminal's cursor.
"""

import json
import logging
import re
import sys
import time
from typing import Any, TextIO

FORMATS = ("text", "json")
FIELDS = (
    "feed_id", "article_id", "reason", "stage", "outlet", "health", "attempts", "sequence", "rows", "seconds",
)  # fmt: skip
LONGEST = 2000
"""Characters of a message; LONGEST_TRACE of a traceback."""
LONGEST_TRACE = 8000

_SEVERITIES = {"WARN": "WARNING", "FATAL": "CRITICAL", "NOTSET": "DEFAULT"}
_USER_INFO = re.compile(r"(?<=://)[^/\s@'\"<>]{1,500}@")
_SECRET = re.compile(
    r"(?i)\b((?:proxy-)?authorization\"?'?\s{0,4}[:=]\s{0,4}(?:(?:basic|bearer|digest)\s{1,4})?"
    r"|(?:set-)?cookie\"?'?\s{0,4}:\s{0,4}"
    r"|[a-z0-9_.-]{0,40}(?:token|secret|passw(?:or)?d|signature|credential|api[_-]?key)\"?'?\s{0,4}[:=]\s{0,4}"
    r"|(?:key|sig|auth)=)"
    r"(\"[^\"]*\"|'[^']*'|[^\s&\"',;}]+)"
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def scrub(text: str, longest: int = LONGEST) -> str:
    """The text without credentials and cut to ``longest`` characters."""
    # beyond the cut a little is read, so that a secret across it is still seen to be one
    clean = _SECRET.sub(r"\1***", _USER_INFO.sub("***@", text[: longest + 500]))
    return clean if len(text) <= longest else f"{clean[:longest]}... ({len(text)} characters)"


def escape(text: str) -> str:
    r"""Control characters, line ends and marks that turn the direction of writing, as ``\uXXXX``."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def configure(log_format: str, *, stream: TextIO | None = None, level: int | None = None) -> None:
    """Send this process's logs to a stream (stderr) in a format of FORMATS; ValueError for any other.

    Without a ``level`` it is INFO for json, which a collector sifts, and WARNING for text, which a person reads.
    Chatter of libraries below WARNING is never shown. Workers of a distributed runner log through that runner.
    """
    if log_format not in FORMATS:
        raise ValueError(f"log format is one of {', '.join(FORMATS)}, not {log_format!r}")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    handler.addFilter(_ours_or_warning)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level if level is not None else logging.INFO if log_format == "json" else logging.WARNING)


def _ours_or_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in {"transforms", "pipeline"}


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record carries beside its message, in the order of FIELDS; texts are scrubbed and cut."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = record.__dict__.get(name)
        if isinstance(value, str):
            found[name] = scrub(value, 300)
        elif isinstance(value, (bool, int, float, dict)):
            found[name] = value
    return found


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, severity, logger, message, and the record's fields.

    The names are those that Cloud Logging knows (``time``, ``severity``, ``message``). Everything outside ASCII is
    escaped, so that no reader splits a line where it should not.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": _time(record),
            "severity": _SEVERITIES.get(record.levelname, record.levelname),
            "logger": record.name,
            "message": scrub(_message(record)),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info), LONGEST_TRACE)
        return json.dumps(line, ensure_ascii=True, allow_nan=False, default=str)


class TextFormatter(logging.Formatter):
    """``time severity logger: message name=value``, and a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        more = "".join(f" {name}={value}" for name, value in fields_of(record).items())
        line = escape(f"{_time(record)} {record.levelname} {record.name}: {scrub(_message(record))}{more}")
        if record.exc_info:
            trace = scrub(self.formatException(record.exc_info), LONGEST_TRACE)
            line += "".join(f"\n  {escape(part)}" for part in trace.split("\n"))
        return line


def _time(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"


def _message(record: logging.LogRecord) -> str:
    """The message; a record whose arguments do not fit its text is shown as it is, not lost."""
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args!r}"
