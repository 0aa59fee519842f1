"""Become another program that does not outlive the process which started this: ``leash.py PARENT PROGRAM ARGUMENT...``.

A script of its own, run without site packages, because the kernel is told from inside the child and Beam starts its
engines by a command line. Where the kernel cannot be told (it is Linux that can), the program runs without a leash.
"""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):  # it ended before the kernel knew
        sys.exit(1)
    os.setsid()  # signals for the group are for the parent: it drains first
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the very purpose
