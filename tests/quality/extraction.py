"""Extraction measured: ``python -m tests.quality.extraction [--data DIR]``; exit 1 when a floor is not met.

Its parts, each skipped with its reason where its data is absent: shingle F1 on hand-made bodies (the metric of the article
extraction benchmark: macro precision and recall of 4-grams), the fixture world and the page families against their
goldens, wire credits, languages, and the cost of a page against bare trafilatura with metadata, interleaved on the same
pages. CI runs it as the quality gate.
"""

import argparse
import datetime as dt
import gzip
import json
import pathlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import trafilatura
import yaml

from tests.quality import families, languages, wire_credits
from tests.quality.shingles import macro_f1, overlap, page_at
from transforms import texts, urls
from transforms.extraction.articles import extract_article
from transforms.feed_entries import FeedUnreadableError, read_feed
from transforms.records import Article, Entry, Failure, Feed, Page, article_id_of

FLOORS = {
    "benchmark F1": 0.96, "fixtures F1": 0.97, "fixtures day": 0.95, "fixtures title": 0.95, "fixtures wire": 0.95,
    "fixtures language": 0.98, "language 20 words": 0.95, "language 50 words": 0.98, "other languages": 0.95,
    "families cut F1": 0.95, "wire credits accuracy": 0.95, "wire credits precision": 0.97,
    **{f"families {half} {name}": floor for half in families.HALVES for name, floor in (
        ("F1", 0.97), ("day", 0.95), ("title", 0.95), ("authors", 0.85), ("wire", 0.95), ("language", 0.95))},
}  # fmt: skip
"""The quality gate: CI fails below these. Lower one only on purpose, with the reason in the change."""
CEILINGS = {"cost ratio": 0.95}
WORLD = pathlib.Path("pipeline/world")
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)


def benchmark_pages(data: pathlib.Path) -> Iterator[tuple[str, str, bytes]]:
    """(url, expected body, bytes) of the hand-made set."""
    truth = json.loads((data / "extraction/ground-truth.json").read_text(encoding="utf-8"))
    for name in sorted(truth):
        raw = gzip.decompress((data / f"extraction/html/{name}.html.gz").read_bytes())
        yield truth[name]["url"], truth[name]["articleBody"], raw


def measure_benchmark(data: pathlib.Path) -> dict[str, float]:
    """F1 on the hand-made set."""
    pairs, refused = [], Counter[str]()
    for url, expected, raw in benchmark_pages(data):
        result = extract_article(page_at(url, raw), NOW)
        if isinstance(result, Failure):
            refused[result.reason] += 1
        pairs.append(overlap(expected, result.text if isinstance(result, Article) else ""))
    print(f"benchmark: {len(pairs)} pages, refused {dict(refused)}")
    return {"benchmark F1": macro_f1(pairs)}


def cost_rounds(data: pathlib.Path, rounds: int) -> Iterator[tuple[list[float], list[float]]]:
    """Of each round: milliseconds a page by our extraction, and by bare trafilatura with metadata in turn with it.

    Which of the two goes first changes from page to page; a round before the first warms the caches of both.
    """
    pages = [(url, raw) for url, _, raw in benchmark_pages(data)]

    def ours(url: str, raw: bytes) -> None:
        extract_article(page_at(url, raw), NOW)

    def bare(_: str, raw: bytes) -> None:
        trafilatura.bare_extraction(raw, with_metadata=True, fast=True, include_comments=False)

    for number in range(rounds + 1):
        spent: dict[Callable[[str, bytes], None], list[float]] = {ours: [], bare: []}
        for position, (url, raw) in enumerate(pages):
            for run in (ours, bare) if (number + position) % 2 else (bare, ours):
                start = time.process_time()
                run(url, raw)
                spent[run].append((time.process_time() - start) * 1000)
        if number:
            yield spent[ours], spent[bare]


def measure_cost(data: pathlib.Path, rounds: int = 2) -> dict[str, float]:
    """The ratio of all our milliseconds to all of bare trafilatura's; both are printed (median, 95th percentile, mean)."""
    found = list(cost_rounds(data, rounds))
    both = [sorted(time for side in sides for time in side) for sides in zip(*found, strict=True)]
    for name, times in zip(("ours", "bare"), both, strict=True):
        print(
            f"cost {name}: median {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms, "
            f"mean {sum(times) / len(times):.1f} ms"
        )
    return {"cost ratio": sum(both[0]) / sum(both[1])}


def fixture_entries() -> dict[str, Entry]:
    """The entries of the fixture world's feeds by canonical URL."""
    world = json.loads((WORLD / "world.json").read_text(encoding="utf-8"))
    answers = {(r["host"], r["path"]): r for r in world["responses"]}
    entries: dict[str, Entry] = {}
    for raw in yaml.safe_load((WORLD / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]:
        feed = Feed(**raw)
        address = urls.parse_url(feed.url)
        answer = answers.get((address.host or "", address.raw_path_qs), {})
        if "file" not in answer:
            continue
        headers = {"content-type": answer["headers"].get("Content-Type", "")}
        try:
            parsed = read_feed((WORLD / answer["file"]).read_bytes(), feed, url=feed.url, headers=headers, now=NOW)
        except FeedUnreadableError:
            continue  # the world has feeds that are none, on purpose
        for entry in parsed.entries:
            entries.setdefault(entry.canonical_url, entry)
    return entries


def fixture_pages() -> Iterator[tuple[dict, Page]]:
    """(golden record, page) of every article page of the fixture world."""
    entries = fixture_entries()
    outlets = {
        raw["outlet"]: Feed(**raw)
        for raw in yaml.safe_load((WORLD / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]
    }
    world = json.loads((WORLD / "world.json").read_text(encoding="utf-8"))
    kinds = {(r["host"], r["path"]): r.get("headers", {}).get("Content-Type", "") for r in world["responses"]}
    for path in sorted(WORLD.glob("sites/**/*.golden.json")):
        golden = json.loads(path.read_text(encoding="utf-8"))
        address = urls.canonical_url(golden["url"])
        feed = outlets.get(golden["outlet"])
        entry = entries.get(address.canonical) or Entry(
            entry_id="e", feed_id="f", outlet=golden["outlet"], timezone=feed.timezone if feed else None, url=address.url,
            article_id=article_id_of(address.canonical), canonical_url=address.canonical,
        )  # fmt: skip
        parsed = urls.parse_url(golden["url"])
        kind = kinds.get((parsed.host or "", parsed.raw_path_qs), "")
        charset = kind.partition("charset=")[2] or None
        yield (
            golden,
            page_at(
                golden["url"],
                path.with_name(path.name.replace(".golden.json", ".html")).read_bytes(),
                entry=entry,
                charset=charset,
            ),
        )


def measure_fixtures() -> dict[str, float]:
    """Body F1 and the share of right titles, days, times, languages and agencies in the fixture world."""
    pairs, right, wrong = [], Counter[str](), []
    for golden, page in fixture_pages():
        result = extract_article(page, NOW)
        if isinstance(result, Failure):
            wrong.append(f"{golden['url']}: {result.reason}")
            pairs.append((0.0, 0.0))
            continue
        pairs.append(overlap(texts.clean_text(golden["body"]), result.text))
        checks = {
            "day": (result.published or "")[:10] == golden["published"][:10],
            "time": result.published == golden["published"] or golden["published_precision"] != "second",
            "title": result.title == texts.clean_text(golden["title"], one_line=True),
            "language": result.language == golden["language"],
            "wire": result.wire_agency == golden["wire_agency"],
            "authors": list(result.authors) == golden["authors"],
        }
        right.update(name for name, good in checks.items() if good)
        wrong += [f"{golden['url']}: {name}" for name, good in checks.items() if not good]
    for line in wrong:
        print(f"  fixture {line}")
    print(f"fixtures: {len(pairs)} pages")
    names = ("day", "time", "title", "language", "wire", "authors")
    return {"fixtures F1": macro_f1(pairs), **{f"fixtures {name}": right[name] / len(pairs) for name in names}}


def main() -> int:
    """Print every measure and say which floors hold; 1 when one does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--skip-cost", action="store_true", help="leave the timing out (it needs a quiet machine)")
    options = parser.parse_args()
    measures: dict[str, float] = {}
    if (options.data / "extraction/ground-truth.json").exists():
        measures |= measure_benchmark(options.data)
        if not options.skip_cost:
            measures |= measure_cost(options.data)
    else:
        print(f"skipped benchmark and cost: no {options.data / 'extraction'}")
    if (WORLD / "world.json").exists():
        measures |= measure_fixtures()
    else:
        print("skipped fixtures: the fixture world has not been built")
    measures |= families.measure() | families.measure_cut() | languages.measure_others() | wire_credits.measure()
    if (options.data / "false_alarms/fra.tsv").exists():
        measures |= languages.measure_news(options.data)
    else:
        print(f"skipped languages: no {options.data / 'false_alarms'}")
    missed = [name for name, floor in FLOORS.items() if measures.get(name, 1.0) < floor]
    missed += [name for name, ceiling in CEILINGS.items() if measures.get(name, 0.0) > ceiling]
    for name, value in measures.items():
        print(f"{name}: {value:.4f}{'  MISSED' if name in missed else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
