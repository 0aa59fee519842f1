"""What options of several commands take: times, ages, ports. Each raises what argparse shows in one line."""

import argparse
import datetime as dt
import re

from transforms.clock import parse_time

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def moment(text: str) -> dt.datetime:
    """A time as ISO 8601."""
    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text!r}") from None


def age(text: str) -> dt.timedelta:
    """A number of seconds, or of what s, m, h or d behind it stands for."""
    found = re.fullmatch(r"(\d{1,7}(?:\.\d{1,3})?)([smhd]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"not an age such as 24h, 90m or 7d: {text!r}")
    return dt.timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def port(text: str) -> int:
    """A TCP port; 0 lets the system choose."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"not a port: {text!r}")
    return int(text)
