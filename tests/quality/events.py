"""The tagger scored on the gold set: ``python -m tests.quality.events [--half tuning|development|test] [--differences]``.

Prints, per language, event precision, recall and F1 at three strictnesses, the fields of matched events, the
calibration of the confidence, and the time an article takes. Events of confidence .5 and more are counted as given.
The test half is only ever summed up: ``--differences`` refuses it.
"""

import argparse
import json
import pathlib
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import yaml

from tests.quality import matching
from transforms.records import LANGUAGES
from transforms.tag_events import tag_record
from transforms.tagging.tagger import CONFIDENT, Taggable, Tagger

GOLD = pathlib.Path(__file__).parents[1] / "gold"
HALVES = ("tuning", "development", "test")
OPEN = ("tuning", "development")
"""What may be looked at while rules are written."""
RESAMPLES = 500
LENGTH = 4000
"""Characters of the articles that are timed: texts of one language joined, for those of the gold set are short."""
BINS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))

Article = dict[str, Any]


def load_gold(half: str, folder: pathlib.Path = GOLD) -> dict[str, list[Article]]:
    """The articles of one half by language; a language without a file is left out."""
    loaded = {}
    for language in LANGUAGES:
        path = folder / half / f"{language}.yaml"
        if path.is_file():
            loaded[language] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def tag_gold(article: Article, language: str) -> dict[str, Any]:
    """What the ``tag`` filter prints for an article of the gold set."""
    return tag_record(
        {
            "article_id": article["id"], "text": article["text"], "title": article["title"], "language": language,
            "published": f"{article['published']:%Y-%m-%dT%H:%M:%SZ}", "country": article["outlet_country"],
        }
    )  # fmt: skip


def confident(tagging: dict[str, Any]) -> list[dict[str, Any]]:
    """The events that are counted as given."""
    return [event for event in tagging["events"] if event["confidence"] >= CONFIDENT]


class Score:
    """Sums over articles of one language, and what is made of them."""

    def __init__(self) -> None:
        self.events: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        """For each level (matched, wanted, given) by article, so that articles can be drawn again."""
        self.fields: dict[str, list[float]] = defaultdict(list)
        self.actors: dict[str, Counter[str]] = {"class": Counter(), "id": Counter()}
        self.quantities: Counter[str] = Counter()
        self.leaks: list[bool] = []
        self.calibration: list[tuple[float, bool]] = []

    def add(self, article: Article, tagging: dict[str, Any]) -> None:
        """Counts one article."""
        given, wanted = confident(tagging), article["events"]
        for level in matching.LEVELS:
            pairs = matching.pair_events(wanted, given, level)
            self.events[level].append((len(pairs), len(wanted), len(given)))
        pairs = matching.pair_events(wanted, given, "type")
        matched = {id(row) for _, row in pairs}
        self.calibration += [(row["confidence"], id(row) in matched) for row in given]
        for want, row in pairs:
            for field, right in matching.compare_fields(want, row):
                self.fields[field].append(float(right))
            for kind, counts in matching.actor_counts(want, row).items():
                self.actors[kind] += counts
            self.quantities += matching.quantity_counts(want, row)
        self.leaks += leaks(wanted, given)
        self.fields["is_security"].append(float(article["is_security"] == tagging["is_security"]))
        if article["countries"]:
            self.fields["main country"].append(float(article["countries"][0] in tagging["countries"][:1]))
            told = len(set(article["countries"]) & set(tagging["countries"]))
            self.fields["countries told"].append(told / len(set(article["countries"])))

    def rates(self, level: str) -> tuple[float, float, float]:
        """Precision, recall and F1 at a level."""
        return _rates(self.events[level])

    def spread(self, level: str) -> float:
        """Half the width of the 95 % interval of F1, by drawing the articles again (bootstrap, seeded)."""
        chance = random.Random(1)
        rows = self.events[level]
        drawn = sorted(_rates([chance.choice(rows) for _ in rows])[2] for _ in range(RESAMPLES))
        return (drawn[int(0.975 * RESAMPLES)] - drawn[int(0.025 * RESAMPLES)]) / 2


def leaks(wanted: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[bool]:
    """For each event the article only recalls and the tagger found: whether it was told as new."""
    recalled = [want for want in wanted if want["mode"] == "historical"]
    pairs = matching.pair_events(wanted, given, "group")
    by_want = {id(want): row for want, row in pairs}
    return [by_want[id(want)]["mode"] == "reported" for want in recalled if id(want) in by_want]


def _rates(rows: Iterable[tuple[int, int, int]]) -> tuple[float, float, float]:
    matched, wanted, given = (sum(column) for column in zip(*rows, strict=True))
    return matched / max(1, given), matched / max(1, wanted), 2 * matched / max(1, wanted + given)


def score_half(gold: dict[str, list[Article]]) -> dict[str, Score]:
    """The scores by language."""
    scores = {}
    for language, articles in gold.items():
        scores[language] = score = Score()
        for article in articles:
            score.add(article, tag_gold(article, language))
    return scores


def print_scores(scores: dict[str, Score]) -> None:
    """One table: a row a measure, a column a language."""
    languages = list(scores)

    def row(name: str, cell: Callable[[Score], str]) -> None:
        print(f"| {name} | " + " | ".join(cell(scores[language]) for language in languages) + " |")

    print("| | " + " | ".join(languages) + " |")
    print("| --- |" + " ---: |" * len(languages))
    row("articles", lambda s: str(len(s.events["type"])))
    row("events wanted / given", lambda s: f"{_sum(s, 1)} / {_sum(s, 2)}")
    for level in matching.LEVELS:
        for at, name in enumerate(("precision", "recall", "F1")):
            row(f"{level}: {name}", lambda s, level=level, at=at: f"{s.rates(level)[at]:.2f}")  # type: ignore[misc]
        row(f"{level}: F1, half of the 95 % interval", lambda s, level=level: f"{s.spread(level):.2f}")  # type: ignore[misc]
    for field in dict.fromkeys(field for score in scores.values() for field in score.fields):
        row(field, lambda s, field=field: _share(s.fields[field]))  # type: ignore[misc]
    row("recalled events told as new", lambda s: f"{sum(s.leaks)} of {len(s.leaks)}")
    for kind in ("class", "id"):
        row(f"actors and roles by {kind}: F1", lambda s, kind=kind: _actor_f1(s.actors[kind]))  # type: ignore[misc]
    for kind in ("found", "exact", "close", "within"):
        row(f"counts {kind}", lambda s, kind=kind: f"{s.quantities[kind]} of {s.quantities['wanted']}")  # type: ignore[misc]
    for kind in ("of the same group", "of the same source"):
        row(f"counts found, {kind}", lambda s, kind=kind: f"{s.quantities[kind]} of {s.quantities['found']}")  # type: ignore[misc]
    for kind in sorted({k.removeprefix("wanted ") for s in scores.values() for k in s.quantities if "wanted " in k}):
        row(f"counts found: {kind}", lambda s, kind=kind: _found(s, kind))  # type: ignore[misc]
    row("counts that nobody told", lambda s: str(s.quantities["spurious"]))


def _sum(score: Score, column: int) -> int:
    return sum(row[column] for row in score.events["type"])


def _found(score: Score, kind: str) -> str:
    return f"{score.quantities[f'found {kind}']} of {score.quantities[f'wanted {kind}']}"


def _share(values: list[float]) -> str:
    return f"{statistics.mean(values):.2f} of {len(values)}" if values else "-"


def _actor_f1(counts: Counter[str]) -> str:
    total = 2 * counts["matched"] + counts["missing"] + counts["spurious"]
    return f"{2 * counts['matched'] / total:.2f}" if total else "-"


def print_calibration(scores: dict[str, Score]) -> None:
    """How often events of a confidence are right, all languages together."""
    points = [point for score in scores.values() for point in score.calibration]
    print("\nConfidence, all languages: share of events whose type an annotator coded")
    for low, high in BINS:
        inside = [right for value, right in points if low <= value < high or (high == 1.0 and value >= low)]
        if inside:
            print(f"  {low:.1f} to {high:.1f}: {statistics.mean(inside):.2f} of {len(inside)}")


def print_agreement(half: str) -> None:
    """How far a second reader of a fifth of the articles agrees with the first, scored as the tagger is."""
    for path in sorted((GOLD / "second").glob(f"{half}-*.yaml")):
        language = path.stem.removeprefix(f"{half}-")
        first = {article["id"]: article for article in load_gold(half)[language]}
        score = Score()
        for second in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader):
            score.add(first[second["id"]], {**second, "events": [_as_given(event) for event in second["events"]]})
        told = ", ".join(f"{level} F1 {score.rates(level)[2]:.2f}" for level in matching.LEVELS)
        print(
            f"second reader, {language}, {len(score.events['type'])} articles: {told}, mode {_share(score.fields['mode'])}"
        )


def _as_given(event: dict[str, Any]) -> dict[str, Any]:
    """An annotated event in the shape of a record."""
    location = {"name": event.get("place"), "country": event.get("country"), "admin1": event.get("admin1")}
    actors = [{"actor_id": a.get("id"), "role": a["role"], "class": a["class"]} for a in event.get("actors") or []]
    return {
        "event_type": event["type"], "mode": event["mode"], "evidence": [{"sentence": event["evidence"]}],
        "location": location, "date_start": event.get("date_start"), "date_end": event.get("date_end"),
        "actors": actors, "quantities": event.get("quantities") or [], "alleged": bool(event.get("alleged")),
        "claimed_by": event.get("claimed_by"), "target_class": event["target_class"], "confidence": 1.0,
    }  # fmt: skip


def print_speed(gold: dict[str, list[Article]]) -> None:
    """Processor time an article of 4,000 characters takes, the best of three readings each."""
    tagger = Tagger.load()
    for language, articles in gold.items():
        texts = [article["text"] for article in articles]
        times = []
        for at, article in enumerate(articles):
            text = "\n".join(texts[at:] + texts)[:LENGTH]
            taggable = Taggable(
                article_id="a", text=text, title=article["title"], language=language,
                published=f"{article['published']:%Y-%m-%d}",
            )  # fmt: skip
            readings = []
            for _ in range(3):
                begin = time.process_time()
                tagger.tag(taggable)
                readings.append(time.process_time() - begin)
            times.append(1000 * min(readings))
        times.sort()
        p50, p95 = times[len(times) // 2], times[int(0.95 * (len(times) - 1))]
        print(f"{language}: {LENGTH} characters take p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def print_differences(gold: dict[str, list[Article]]) -> None:
    """What was missed and what nobody coded, and the fields that differ, line by line."""
    for language, articles in gold.items():
        for article in articles:
            tagging = tag_gold(article, language)
            given = confident(tagging)
            pairs = matching.pair_events(article["events"], given, "type")
            found, used = {id(want) for want, _ in pairs}, {id(row) for _, row in pairs}
            for want in article["events"]:
                if id(want) not in found:
                    print(f"{article['id']} missed {want['type']} {want['mode']}: {want['evidence']}")
            for row in given:
                if id(row) not in used:
                    fired = ", ".join(row["rules"][:3])
                    told = f"{row['event_type']} {row['mode']} {row['confidence']} [{fired}]"
                    print(f"{article['id']} nobody coded {told}: {row['evidence'][0]['sentence']}")
            for want, row in pairs:
                print_fields(article["id"], want, row)
            if article["is_security"] != tagging["is_security"]:
                print(f"{article['id']} is_security {tagging['is_security']}")


def print_fields(article_id: str, want: dict[str, Any], row: dict[str, Any]) -> None:
    """The fields of a pair that differ."""
    for field, right in matching.compare_fields(want, row):
        if not right:
            name = field.split(",")[0]
            told = row.get(name, row["location"] if name in ("country", "admin1", "place") else row["date_start"])
            print(f"{article_id} {want['type']} {field}: {json.dumps(told, ensure_ascii=False)}")
    wants = sorted(f"{a.get('id') or a['class']}/{a['role']}" for a in want.get("actors") or [])
    told = sorted(f"{a['actor_id']}/{a['role']}" for a in row["actors"])
    if wants != told:
        print(f"{article_id} {want['type']} actors: {told} not {wants}: {want['evidence']}")
    counts = [f"{q['kind']} {q['who']} {q['low']}-{q['high']}" for q in row["quantities"]]
    expected = [f"{q['kind']} {q.get('who')} {q['low']}-{q['high']}" for q in want.get("quantities") or []]
    if sorted(counts) != sorted(expected):
        print(f"{article_id} {want['type']} counts: {counts} not {expected}: {want['evidence']}")


def main(arguments: list[str] | None = None) -> int:
    """Scores the halves asked for; 2 when differences of the test half are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=HALVES, help="one part only")
    parser.add_argument("--differences", action="store_true", help="line by line; not of the test half")
    options = parser.parse_args(arguments)
    if options.differences and options.half not in OPEN:
        print(
            "the test half is not opened while rules are written: --differences needs --half tuning or development",
            file=sys.stderr,
        )
        return 2
    for half in [options.half] if options.half else HALVES:
        gold = load_gold(half)
        if options.differences:
            print_differences(gold)
            continue
        part = half if half == "development" else f"{half} half"
        print(
            f"\n## {part}: texts written for the project, not news; Arabic and Hausa not reviewed by native speakers\n"
        )
        scores = score_half(gold)
        print_scores(scores)
        print_calibration(scores)
        print_agreement(half)
        print_speed(gold)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
