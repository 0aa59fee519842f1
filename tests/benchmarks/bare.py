"""The yardstick: trafilatura alone over the pages of a world, ``python -m tests.benchmarks.bare FOLDER``.

Prints a JSON object with the CPU seconds of the loop (imports, reading the files and a page of each site, to warm up, left out).
"""

import pathlib
import sys
import time

import orjson
import trafilatura

from tests.benchmarks.world import page_files


def main() -> None:
    """Measure and print."""
    files = page_files(pathlib.Path(sys.argv[1]))
    bodies = [path.read_bytes() for path in files]
    one_of_each_site = dict(zip((path.parent for path in files), bodies, strict=True))
    for body in one_of_each_site.values():
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
