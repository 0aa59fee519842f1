"""The demo's records against the golden records, field by field: ``python -m tests.quality.goldens RECORDS``.

A golden is what a careful reader wrote down for a page. Every difference is one line "page | what"; the differences that
are known are kept in ``tests/fixtures/known_gaps.txt`` and the tests fail on any other, and on a known one that is gone.
"""

import json
import pathlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from pipeline.tables import current_rows
from transforms.store import open_store
from transforms.texts import clean_text
from transforms.urls import canonical_url

SITES = pathlib.Path(__file__).parents[2] / "pipeline" / "world" / "sites"
KNOWN_GAPS = pathlib.Path(__file__).parents[1] / "fixtures" / "known_gaps.txt"
UNREACHABLE = ("portail-bamako",)
"""Outlets whose feed is an HTML page: no feed leads to their pages."""

Golden = dict[str, Any]
Row = dict[str, Any]


def load_goldens() -> dict[str, Golden]:
    """Canonical URL -> golden record, of the pages that some feed lists."""
    found = {}
    for path in sorted(SITES.rglob("*.golden.json")):
        golden = json.loads(path.read_text("utf-8"))
        if golden["outlet"] not in UNREACHABLE:
            found[canonical_url(golden["url"]).canonical] = golden
    return found


def flatten(text: str) -> str:
    """Text as compared: normalised as the pipeline normalises, white space as one space."""
    return " ".join(clean_text(text).split())


def differences(records: str) -> Iterator[tuple[str, str]]:
    """(page, what differs) for every field of every page, in order."""
    rows = current_rows(open_store(records))
    texts = {row["article_id"]: row["text"] for row in rows["texts"]}
    articles = {row["canonical_url"]: row for row in rows["articles"]}
    stories = {row["article_id"]: row for row in rows["stories"]}
    events = defaultdict(list)
    for row in rows.get("events", []):
        events[row["article_id"]].append(row)
    goldens = load_goldens()
    for url in sorted(articles.keys() - goldens.keys()):
        yield url, "an article that no golden names"
    story_names = golden_stories(goldens, articles)
    for url, golden in sorted(goldens.items()):
        row = articles.get(url)
        if row is None:
            yield url, "article missing"
            continue
        article_id = row["article_id"]
        yield from ((url, what) for what in article_differences(golden, row, texts[article_id]))
        yield from ((url, what) for what in story_differences(golden, stories[article_id], story_names))
        yield from ((url, what) for what in event_differences(golden, events[article_id], texts[article_id]))


def article_differences(golden: Golden, row: Row, text: str) -> Iterator[str]:
    """What differs between a golden and an article row with its text."""
    if flatten(text) != flatten(golden["body"]):
        yield "body"
    if flatten(row["title"]) != flatten(golden["title"]):
        yield "title"
    for name in ("language", "published", "published_precision", "wire_agency", "is_security"):
        if row[name] != golden[name]:
            yield f"{name}: {row[name]} not {golden[name]}"
    if sorted(map(flatten, row["authors"])) != sorted(map(flatten, golden["authors"])):
        yield f"authors: {row['authors']} not {golden['authors']}"
    missing = sorted(set(golden["countries"]) - set(row["countries"]))
    if missing:
        yield f"countries: without {missing}"


def golden_stories(goldens: dict[str, Golden], articles: dict[str, Row]) -> dict[str, str]:
    """article_id -> the golden name of its story."""
    return {articles[url]["article_id"]: golden["story"] for url, golden in goldens.items() if url in articles}


def story_differences(golden: Golden, row: Row, story_names: dict[str, str]) -> Iterator[str]:
    """What differs between a golden and a story row; a story is named by the golden name of its first member."""
    name = story_names.get(row["story_id"])
    if name != golden["story"]:
        yield f"story: {name} not {golden['story']}"
    if row["relation"] != golden["relation"]:
        yield f"relation: {row['relation']} not {golden['relation']}"
    related = sorted({story_names.get(other, other) for other in row["related"]})
    if related != sorted(golden["related"]):
        yield f"related: {related} not {golden['related']}"


def event_differences(golden: Golden, rows: list[Row], text: str) -> Iterator[str]:
    """Golden events that are missing, confident events that no golden has, and fields that differ."""
    pairs, missing, spurious = match_events(golden, rows, text)
    for event in missing:
        yield f"event missing: {label(event)}"
    for event in spurious:
        yield f"event spurious: {event['event_type']} {event['mode']}"
    for event, row in pairs:
        for field, got, expected in compare_event(event, row):
            if got != expected:
                yield f"event {label(event)} {field}: {got} not {expected}"


def label(event: Golden) -> str:
    """How an event of a golden is called: its type and its paragraph."""
    return f"{event['type']}/{event['paragraph']}"


def match_events(
    golden: Golden, rows: list[Row], text: str
) -> tuple[list[tuple[Golden, Row]], list[Golden], list[Row]]:
    """(pairs, missing, spurious): one to one, same type, nearest evidence first, then same mode."""
    paragraphs = text.split("\n")
    candidates = []
    for i, event in enumerate(golden["events"]):
        for j, row in enumerate(rows):
            if row["event_type"] == event["type"]:
                near = evidence_distance(event, row, golden, paragraphs)
                candidates.append((near, row["mode"] != event["mode"], -row["confidence"], i, j))
    pairs, used_events, used_rows = [], set(), set()
    for *_, i, j in sorted(candidates):
        if i not in used_events and j not in used_rows:
            used_events.add(i)
            used_rows.add(j)
            pairs.append((golden["events"][i], rows[j]))
    missing = [event for i, event in enumerate(golden["events"]) if i not in used_events]
    spurious = [row for j, row in enumerate(rows) if j not in used_rows and row["confidence"] >= 0.5]
    return pairs, missing, spurious


def evidence_distance(event: Golden, row: Row, golden: Golden, paragraphs: list[str]) -> int:
    """0 when an evidence sentence of the row overlaps the golden's, else how many paragraphs they lie apart."""
    wanted = flatten(event["evidence"])
    best = 99
    for evidence in row["evidence"]:
        sentence = flatten(evidence["sentence"])
        if sentence in wanted or wanted in sentence:
            return 0
        at = -1 if evidence["part"] == "title" else paragraph_of(evidence["start"], paragraphs)
        best = min(best, 1 + abs(at - event["paragraph"]))
    return best


def paragraph_of(offset: int, paragraphs: list[str]) -> int:
    """The index of the line an offset falls into."""
    at = 0
    for index, paragraph in enumerate(paragraphs):
        at += len(paragraph) + 1
        if offset < at:
            return index
    return len(paragraphs)


def compare_event(event: Golden, row: Row) -> Iterator[tuple[str, Any, Any]]:
    """(field, got, expected) for the fields of a matched event."""
    location = row["location"] or {}
    yield "mode", row["mode"], event["mode"]
    yield "country", location.get("country"), event.get("country")
    yield "admin1", simple(location.get("admin1")), simple(event.get("admin1"))
    if event.get("place"):
        yield "place", simple(location.get("name")), simple(event["place"])
    yield "date_start", row["date_start"], event.get("date_start")
    yield "date_end", row["date_end"], event.get("date_end")
    yield "actors", actors_of_row(row, actors_of_golden(event)), actors_of_golden(event)
    yield "quantities", quantities(row), quantities(event)
    yield "alleged", row["alleged"], bool(event.get("alleged"))
    yield "claimed_by", row["claimed_by"], event.get("claimed_by")


def actors_of_row(row: Row, wanted: list[str]) -> list[str]:
    """Ids with roles; where the golden names a class only (``class:NAME``), an actor of that class answers to it."""
    shown = set()
    for actor in row["actors"]:
        named, classed = f"{actor['actor_id']}/{actor['role']}", f"class:{actor['class']}/{actor['role']}"
        shown.add(classed if classed in wanted and named not in wanted else named)
    return sorted(shown)


def actors_of_golden(event: Golden) -> list[str]:
    """Ids with roles as the reader wrote them."""
    return sorted({f"{a['id']}/{a['role']}" for a in event.get("actors") or []})


def quantities(event: Golden) -> list[str]:
    """kind, low and high."""
    return sorted({f"{q['kind']} {q['low']}-{q['high']}" for q in event.get("quantities") or []})


def simple(name: str | None) -> str | None:
    """A place name without accents, hyphens and case."""
    import unicodedata

    if name is None:
        return None
    bare = unicodedata.normalize("NFD", name.lower())
    return re.sub(r"[^a-z0-9\u0600-\u06ff]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def scores(records: str) -> dict[str, Counter[str]]:
    """Per language: pages, fields right, and the counts that event precision and recall are made of."""
    rows = current_rows(open_store(records))
    texts = {row["article_id"]: row["text"] for row in rows["texts"]}
    articles = {row["canonical_url"]: row for row in rows["articles"]}
    events = defaultdict(list)
    for row in rows.get("events", []):
        events[row["article_id"]].append(row)
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for url, golden in load_goldens().items():
        row = articles.get(url)
        counted = total[golden["language"]]
        counted["pages"] += 1
        if row is None:
            continue
        text = texts[row["article_id"]]
        wrong = {what.split(":")[0] for what in article_differences(golden, row, text)}
        for field in ("body", "title", "published", "language", "wire_agency", "authors", "countries", "is_security"):
            counted[field] += field not in wrong
        pairs, missing, spurious = match_events(golden, events[row["article_id"]], text)
        counted["events_matched"] += len(pairs)
        counted["events_missing"] += len(missing)
        counted["events_spurious"] += len(spurious)
        for event, found in pairs:
            for field, got, expected in compare_event(event, found):
                counted[f"event_{field}"] += got == expected
    return total


def print_scores(records: str) -> None:
    """The table of the README."""
    total = scores(records)
    fields = ("body", "title", "published", "language", "wire_agency", "authors", "countries", "is_security")
    print("| | " + " | ".join(total) + " |")
    print("| --- |" + " ---: |" * len(total))
    for field in fields:
        print(f"| {field} | " + " | ".join(f"{c[field]}/{c['pages']}" for c in total.values()) + " |")
    for name in ("precision", "recall", "F1"):
        cells = []
        for c in total.values():
            hit, miss, false = c["events_matched"], c["events_missing"], c["events_spurious"]
            value = {
                "precision": hit / max(1, hit + false),
                "recall": hit / max(1, hit + miss),
                "F1": 2 * hit / max(1, 2 * hit + miss + false),
            }[name]
            cells.append(f"{value:.2f}")
        print(f"| events by type: {name} | " + " | ".join(cells) + " |")
    for field in ("mode", "country", "admin1", "date_start", "actors", "quantities", "claimed_by"):
        shares = " | ".join(f"{c[f'event_{field}'] / max(1, c['events_matched']):.2f}" for c in total.values())
        print(f"| matched events: {field} | {shares} |")


def known_gaps() -> set[str]:
    """The differences that are known."""
    return {line for line in KNOWN_GAPS.read_text("utf-8").splitlines() if line and not line.startswith("#")}


def gap_lines(records: str) -> list[str]:
    """Every difference as one line; equal ones are numbered."""
    seen: Counter[str] = Counter()
    lines = []
    for page, what in differences(records):
        line = f"{page} | {what}"
        seen[line] += 1
        lines.append(line if seen[line] == 1 else f"{line} #{seen[line]}")
    return sorted(lines)


if __name__ == "__main__":
    if sys.argv[1] == "--gaps":
        print("# Differences between the demo's records and the goldens that are known, one a line: page | what.")
        print("\n".join(gap_lines(sys.argv[2])))
    else:
        print_scores(sys.argv[1])
