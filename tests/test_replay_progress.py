"""How a replay tells how far it is: a bar on a terminal, lines elsewhere, with a rate and a time left that come true."""

import os
import re
import sys
import threading
import time

import pytest

from pipeline import replay
from pipeline.replay import Progress, shown

MANIFEST = {"window": {"end": "2026-11-20T06:00:00Z"}, "objects": [{"table": "articles", "records": 3}]}


class Pace:
    """A clock that is set, and pages that were counted."""

    def __init__(self):
        self.seconds, self.pages = 100.0, 7

    def progress(self, **more):
        """Progress by them."""
        return Progress(counted=lambda: self.pages, clock=lambda: self.seconds, **more)


def test_rate_and_time_left_follow_windows_and_pages():
    """Pages a second since the start; what is left takes as long as what was done, the present window by its pages."""
    pace = Pace()
    progress = pace.progress(total=4)
    assert progress.line() == "0 of 4 windows, 0 pages, 0.0 a second"
    progress.begin(20)
    pace.seconds, pace.pages = 105.0, 17
    assert progress.line() == "0 of 4 windows, 10 pages, 2.0 a second, 0:00:35 left"
    progress.take(MANIFEST, 20)
    pace.seconds = 110.0
    assert progress.line() == "1 of 4 windows (2026-11-20T06:00:00Z), 20 pages, 2.0 a second, 0:00:30 left"
    progress.begin(5)
    pace.pages += 400  # more were counted than the window has: it is not more than done
    assert progress.line().startswith("1 of 4 windows (2026-11-20T06:00:00Z), 25 pages, 2.5 a second, 0:00:10 left")
    progress.take(MANIFEST, 5)
    progress.done += 2
    assert progress.line().endswith(", 0:00:00 left")
    assert progress.rows == {"articles": 6}


def test_time_left_goes_by_the_pages_of_the_windows_to_come():
    """The first pass fetches all there is, later ones little: a large window at the start promises no long wait."""
    pace = Pace()
    progress = pace.progress(total=3, done=1, begun_at=1)
    progress.weigh([400, 88, 38])
    progress.begin(88)
    pace.seconds, pace.pages = 102.0, pace.pages + 44
    assert progress.line() == "1 of 3 windows, 44 pages, 22.0 a second, 0:00:04 left"  # 50 of what weighs 150 are done
    progress.take(MANIFEST, 88)
    pace.seconds = 104.0
    assert progress.line(short=True) == "2 of 3 windows, 88 pages, 22.0 a second, 0:00:02 left"
    progress.take(MANIFEST, 38)
    assert progress.line(short=True).endswith(", 0:00:00 left")


def test_what_an_earlier_life_did_counts_for_no_rate():
    """Windows that were there before are done, but tell nothing of how long the others take."""
    pace = Pace()
    progress = pace.progress(total=100, done=90, begun_at=90)
    assert "left" not in progress.line()
    progress.begin(10)
    progress.take(MANIFEST, 10)
    pace.seconds += 2.0
    assert progress.line() == "91 of 100 windows (2026-11-20T06:00:00Z), 10 pages, 5.0 a second, 0:00:18 left"


@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal_there_is_a_bar(monkeypatch, columns):
    """It is redrawn in place while windows are done, and what it says last stays."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(columns))
    pace, said = Pace(), []

    def hear(words):
        deadline = time.monotonic() + 20
        while words not in "".join(said) and time.monotonic() < deadline:
            time.sleep(0.05)
            said.append(_read(master))

    with os.fdopen(slave, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        progress = pace.progress(total=2)
        with shown(progress, lambda: [10, 10]):
            for number in range(2):
                progress.begin(10)
                pace.seconds += 5.0
                progress.take(MANIFEST, 10)
                hear(f"{number + 1} of 2 windows")
        hear("left\r\n")
    os.close(master)
    text = "".join(said)
    assert "\u2501" in text, "the bar"
    reached = " (2026-11-20T06:00:00Z)" if columns > 80 else ""
    assert f"1 of 2 windows{reached}, 10 pages, 2.0 a second, 0:00:05 left" in text
    assert re.search(r"\x1b\[2K", text), "it is drawn over"
    last = text.replace("\r", "").strip().splitlines()[-1]
    assert "2 of 2 windows (2026-11-20T06:00:00Z), 20 pages, 2.0 a second, 0:00:00 left" in last


def _read(master):
    try:
        return os.read(master, 1 << 20).decode("utf-8", "replace")
    except BlockingIOError:
        return ""


def test_elsewhere_there_are_lines(monkeypatch, capsys):
    """No escapes, one line from time to time and one at the end."""
    monkeypatch.setattr(replay, "PLAIN_SECONDS", 0.01)
    progress = Pace().progress(total=2)
    with shown(progress, lambda: [10, 10]):
        threading.Event().wait(0.1)
        progress.take(MANIFEST, 10)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 2
    assert lines[0] == "0 of 2 windows, 0 pages, 0.0 a second"
    assert lines[-1].startswith("1 of 2 windows (2026-11-20T06:00:00Z), 10 pages")
    assert "\x1b" not in "".join(lines)
