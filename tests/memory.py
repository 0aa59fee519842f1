"""Resident memory over many pages: ``python -m tests.memory [--pages 10000]``; exit 1 when it grows.

The pages are those of the fixture world and of the page families, each made unlike any before it, so that no cache of
ours, of trafilatura or of lxml can live on repeats. They are extracted in this process, as a worker would.
"""

import argparse
import dataclasses
import itertools
import sys
import time

import psutil

from tests.quality import families
from tests.quality.extraction import NOW, fixture_pages
from transforms.extraction.pool import extract_guarded
from transforms.records import Article, Page

WARM = 0.2
"""Share of the pages after which caches of bounded size are taken to be full."""
ALLOWED = 15
"""MB that memory may grow by after that."""


def unlike(page: Page, number: int) -> Page:
    """The page with words, class names and an address that no other has."""
    raw = page.body.replace(b" de ", f" de{number} ".encode()).replace(b'class="', f'class="x{number} '.encode())
    return dataclasses.replace(
        page, body=raw.replace(b"</p>", f" Page {number}.</p>".encode()), url=f"{page.url}?n={number}"
    )


def main() -> int:
    """Print resident memory and speed while the pages go by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    options = parser.parse_args()
    sources = [page for _, page in fixture_pages()] + [sample.page for sample in families.samples()]
    process, articles, start = psutil.Process(), 0, time.process_time()
    settled = last = 0.0
    for number, page in zip(range(1, options.pages + 1), itertools.cycle(sources), strict=False):
        articles += isinstance(extract_guarded(unlike(page, number), NOW), Article)
        if number % max(1, options.pages // 20) == 0:
            last = process.memory_info().rss / 1e6
            settled = settled or (last if number >= WARM * options.pages else 0.0)
            print(
                f"{number:6d} pages, {articles} articles, {last:.1f} MB, {time.process_time() - start:.0f} s",
                flush=True,
            )
    print(f"growth after the first {WARM:.0%}: {last - settled:+.1f} MB (allowed {ALLOWED})")
    return 1 if last - settled > ALLOWED else 0


if __name__ == "__main__":
    sys.exit(main())
