"""Memory of one process that extracts, tags, sketches and commits: ``python -m tests.benchmarks.memory [--articles N]``.

The pages of a generated world go through the steps in this process, in forty windows, into a folder. Printed as
JSON: resident bytes after a tenth of the articles and after all of them.
"""

import argparse
import datetime as dt
import gc
import pathlib
import tempfile

import orjson
import psutil

from tests.benchmarks.world import NOW, page_files, write_world
from transforms.clock import iso
from transforms.commit_windows import commit_window
from transforms.extract_articles import extract_record
from transforms.find_duplicates import with_sketch
from transforms.history import History
from transforms.records import Article, CodedArticle, Entry, Feed, Tick, article_id_of, stable_id
from transforms.store import open_store
from transforms.tag_events import tag_article
from transforms.tagging.tagger import Tagger
from transforms.window_plan import Versions

WINDOWS = 40
"""Windows that the articles are committed in."""
FEED = Feed(id="bench", url="http://bench.example/feed", outlet="bench", publisher_family="bench", ownership="private")


def coded(body: bytes, number: int, at: str, tagger: Tagger) -> CodedArticle | None:
    """A page as the steps before the commit hand it on, under an address of its own."""
    url = f"http://bench.example/{number}"
    record = extract_record({"url": url, "html": body.decode("utf-8", "replace"), "fetched": at}, NOW)
    if "reject" in record:
        return None
    entry = Entry(
        entry_id=stable_id("entry", FEED.id, url), feed_id=FEED.id, article_id=article_id_of(url), url=url,
        canonical_url=url, fingerprint=stable_id(url)[:16], first_seen=at,
    )  # fmt: skip
    article = Article(
        article_id=entry.article_id, entries=(entry,), url=url, canonical_url=url, title=record["title"],
        text=record["text"], published=record["published"], published_precision=record["published_precision"],
        fetched=at, language=record["language"], outlet=FEED.outlet,
    )  # fmt: skip
    return with_sketch(tag_article(tagger, article, "NE"))


def main() -> None:
    """Run through all articles and print what was resident."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    options = parser.parse_args()
    a_window = max(1, options.articles // WINDOWS)
    tagger, process, resident = Tagger.load(), psutil.Process(), {}
    with tempfile.TemporaryDirectory() as world, tempfile.TemporaryDirectory() as output:
        write_world(pathlib.Path(world), options.articles)
        files = page_files(pathlib.Path(world))
        history = History(open_store(output))
        wanted = {options.articles // 10, options.articles}
        for start in range(0, len(files), a_window):
            # five thousand articles a day
            moment = NOW + dt.timedelta(seconds=start * 86400 / 5000)
            at = iso(moment)
            some = [coded(path.read_bytes(), start + n, at, tagger) for n, path in enumerate(files[start:][:a_window])]
            outcomes = [Tick(at=at, feeds=(FEED,)), *(one for one in some if one is not None)]
            commit_window(
                outcomes, history, window=(at, at), now=moment, versions=Versions(pipeline="bench", rules="bench")
            )
            done = start + len(some)
            if done in wanted:
                gc.collect()
                resident[done] = process.memory_info().rss
    print(orjson.dumps({"resident": {str(k): v for k, v in resident.items()}}).decode())


if __name__ == "__main__":
    main()
