"""The metric of the article extraction benchmark: macro precision and recall of 4-grams, and pages to measure it on."""

import re
from collections import Counter

from transforms import urls
from transforms.records import Entry, Page, article_id_of

_TOKEN = re.compile(r"\w+")


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text's words; a shorter text is one shingle."""
    words = _TOKEN.findall(text)
    if len(words) < size:
        return Counter([tuple(words)] if words else [])
    return Counter(tuple(words[n : n + size]) for n in range(len(words) - size + 1))


def overlap(expected: str, found: str) -> tuple[float, float]:
    """(precision, recall) of the shingles of one text."""
    want, got = shingles(expected), shingles(found)
    shared = sum((want & got).values())
    return shared / sum(got.values()) if got else 1.0 if not want else 0.0, shared / sum(want.values()) if want else 1.0


def macro_f1(pairs: list[tuple[float, float]]) -> float:
    """The benchmark's F1: of the mean precision and the mean recall."""
    precision, recall = (sum(values) / len(values) for values in zip(*pairs, strict=True))
    return 2 * precision * recall / (precision + recall)


def page_at(url: str, raw: bytes, *, entry: Entry | None = None, charset: str | None = None) -> Page:
    """A page as the fetch step would hand it on."""
    address = urls.canonical_url(url)
    lead = entry or Entry(
        entry_id="e", feed_id="f", article_id=article_id_of(address.canonical), url=address.url,
        canonical_url=address.canonical,
    )  # fmt: skip
    return Page(entries=(lead,), url=url, fetched="2026-11-20T06:00:00Z", body=raw, charset=charset)
