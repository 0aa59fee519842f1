"""The yardstick: trafilatura alone over the pages of a world, ``python -m tests.benchmarks.bare FOLDER``.

Prints a JSON object with the CPU seconds of the loop (imports, reading the files and a short warm-up left out).
"""

import pathlib
import sys
import time

import orjson
import trafilatura

from tests.benchmarks.world import page_files

WARM_UP = 5


def main() -> None:
    """Measure and print."""
    bodies = [path.read_bytes() for path in page_files(pathlib.Path(sys.argv[1]))]
    for body in bodies[:WARM_UP]:
        trafilatura.bare_extraction(body, with_metadata=True, fast=True, include_comments=False)
    started, wall = time.process_time(), time.monotonic()
    found = 0
    for body in bodies:
        document = trafilatura.bare_extraction(body, with_metadata=True, fast=True, include_comments=False)
        found += document is not None
    figures = {
        "pages": len(bodies),
        "found": found,
        "cpu": time.process_time() - started,
        "wall": time.monotonic() - wall,
    }
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
