"""Fits the weights of the confidence and says how well they hold: ``python -m tests.quality.calibration [--test | --record]``.

A logistic regression with a penalty (Newton's method) on two kinds of text. *Seen* ones, which rules were written with: the
fixture stories, the tuning half of the gold set and the sentences of the challenges. *Unseen* ones: the events of the
development articles as the rules gave them before anybody had looked at those (``first_run.jsonl``; ``--record`` adds
the articles that are not in it yet, and belongs before any rule is mended on them). Having been seen is a sign like the
others; the weights that are used leave it out. Printed are the weights, and on unseen articles left out of the fit
(ten folds by article) the reliability in bins, the expected calibration error and the Brier score.

``--test`` prints the reliability of the test half instead, in totals: its articles are not looked at.
"""

import argparse
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.quality import goldens, matching
from tests.quality.events import GOLD, OPEN, load_gold, score_half
from tests.test_tagging import CHALLENGES, STORIES, challenged, paragraphs
from transforms import records
from transforms.tagging import confidence, events, triggers
from transforms.tagging.actors import ActorFinder
from transforms.tagging.geography import Geography
from transforms.tagging.tagger import Taggable, Tagger

FOLDS = 10
PENALTY = 10.0
BINS = ((0.0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
FIRST_RUN = GOLD / "development" / "first_run.jsonl"
SEEN = "seen"
HIGH = 0.8
"""From here on the data were too few for a claim of their own: what was right of them is what is claimed."""
NEWS = ("reported", "planned")
"""Modes of the events that a sentence without news must not have."""
Case = tuple[str, dict[str, float], bool]
"""The article, the signs of an event given, and whether a reader coded it."""


def seen_cases() -> Iterator[Case]:
    """All events that the rules give on the texts they were written with, whatever their confidence."""
    for language, articles in load_gold("tuning").items():
        for article in articles:
            yield from ((f"gold {article['id']}", signs, right) for signs, _, right in judged(article, language))
    for story in STORIES.values():
        text = "\n".join(paragraphs(story))
        taggable = Taggable(
            article_id=story["id"], text=text, title=story["title"], language=story["language"],
            published=f"{story['published']:%Y-%m-%d}",
        )  # fmt: skip
        found = list(signed(taggable))
        golden = {**story, "paragraphs": list(paragraphs(story)), "events": story["events"] or []}
        pairs, _, _ = goldens.match_events(golden, [row for _, row in found], text)
        right = {id(row) for _, row in pairs}
        yield from ((f"story {story['id']}", signs, id(row) in right) for signs, row in found)
    for number, challenge in enumerate(CHALLENGES):
        for signs, row in signed(challenged(challenge)):
            if challenge["type"] or row["mode"] in NEWS:
                yield f"challenge {number}", signs, row["event_type"] in challenge["type"]


def judged(article: dict[str, Any], language: str) -> Iterator[tuple[dict[str, float], dict[str, Any], bool]]:
    """The events of an article of the gold set: signs, row, and whether its annotator coded one of the type."""
    taggable = Taggable(
        article_id=article["id"], text=article["text"], title=article["title"], language=language,
        published=f"{article['published']:%Y-%m-%d}", country=article["outlet_country"],
    )  # fmt: skip
    found = list(signed(taggable))
    right = {id(row) for _, row in matching.pair_events(article["events"], [row for _, row in found], "type")}
    yield from ((signs, row, id(row) in right) for signs, row in found)


def unseen_cases(path: pathlib.Path = FIRST_RUN) -> list[Case]:
    """The events of the development articles as they were given before any rule was mended on them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["article"], {"always": 1.0, **row["signs"]}, row["right"]) for row in rows]


def record(path: pathlib.Path = FIRST_RUN) -> int:
    """Adds the events of the development articles that are not in the file yet; returns how many articles."""
    known = {json.loads(line)["article"] for line in path.read_text(encoding="utf-8").splitlines()}
    added = 0
    with path.open("a", encoding="utf-8") as file:
        for language, articles in load_gold(OPEN[1]).items():
            for article in articles:
                if article["id"] in known:
                    continue
                added += 1
                for signs, row, right in judged(article, language):
                    told = {name: round(value, 2) for name, value in signs.items() if value and name != "always"}
                    line = {"article": article["id"], "language": language, "type": row["event_type"], "right": right}
                    file.write(json.dumps({**line, "signs": told}, ensure_ascii=False) + "\n")
    return added


def signed(taggable: Taggable) -> Iterator[tuple[dict[str, float], dict[str, Any]]]:
    """The events of an article with their signs."""
    tagger = Tagger.load()
    article = tagger.read(taggable)
    places = Geography(article)
    if triggers.gated_article(article):
        return
    finder = ActorFinder(article)
    for draft in events.read_drafts(article, finder, places):
        row = records.to_json(events.to_record("a", article, finder, places, draft))
        yield confidence.signs(article, draft), row


def fit(rows: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Weights of the penalised logistic regression; the first two columns, always and seen, bear none to speak of."""
    weights = np.zeros(rows.shape[1])
    penalty = np.full(rows.shape[1], PENALTY)
    penalty[:2] = 0.0, 0.01
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (chance - right) + penalty * weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty) + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def reliability(chance: np.ndarray, right: np.ndarray) -> list[str]:
    """A line a bin, then the expected calibration error (Naeini et al. 2015: bins weighed by their events) and Brier."""
    lines, error = [], 0.0
    for low, high in BINS:
        inside = (chance >= low) & (chance < high if high < 1 else chance <= high)
        if count := int(inside.sum()):
            said, was = chance[inside].mean(), right[inside].mean()
            error += count * abs(said - was) / len(chance)
            lines.append(f"  {low:.1f} to {high:.1f}: said {said:.2f}, right {was:.2f} of {count}")
    brier, constant = np.mean((chance - right) ** 2), right.var()
    lines.append(f"expected calibration error {error:.3f}, n = {len(chance)}")
    lines.append(f"Brier score {brier:.3f} (always saying {right.mean():.2f}: {constant:.3f})")
    return lines


def table(found: list[Case], names: list[str], *, seen: bool) -> np.ndarray:
    """Signs as rows; the column ``seen`` says of what kind the text is."""
    return np.array(
        [[float(seen) if name == SEEN else signs.get(name, 0.0) for name in names] for _, signs, _ in found]
    )


def main(arguments: list[str] | None = None) -> int:
    """Fits, prints the weights and the reliability on unseen articles; or that of the test half."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--test", action="store_true", help="the reliability of the test half, in totals")
    parser.add_argument("--record", action="store_true", help="add new development articles to first_run.jsonl")
    options = parser.parse_args(arguments)
    if options.record:
        print(f"{record()} articles added to {FIRST_RUN.name}")
        return 0
    if options.test:
        points = [point for score in score_half(load_gold("test")).values() for point in score.calibration]
        chance, right = (np.array(column, dtype=float) for column in zip(*points, strict=True))
        print("test half, all languages, events of confidence .5 and more:")
        print("\n".join(reliability(chance, right)))
        return 0
    old, new = list(seen_cases()), unseen_cases()
    names = ["always", SEEN, *sorted({name for _, signs, _ in (*old, *new) for name in signs} - {"always"})]
    old_rows, new_rows = table(old, names, seen=True), table(new, names, seen=False)
    old_right, new_right = (np.array([float(case[2]) for case in cases]) for cases in (old, new))
    order = {article: at % FOLDS for at, article in enumerate(dict.fromkeys(article for article, *_ in new))}
    folds = np.array([order[article] for article, *_ in new])
    chance = np.zeros(len(new))
    for fold in range(FOLDS):
        kept = folds != fold
        weights = fit(np.vstack([old_rows, new_rows[kept]]), np.concatenate([old_right, new_right[kept]]))
        chance[~kept] = 1 / (1 + np.exp(-new_rows[~kept] @ weights))
    weights = fit(np.vstack([old_rows, new_rows]), np.concatenate([old_right, new_right]))
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(names, weights, strict=True):
        print(f'    "{name}": {weight:.2f},' if name != SEEN else f"    # {SEEN}: {weight:.2f}, not used")
    print("}")
    print(f"seen: {len(old)} events, {old_right.mean():.2f} right; unseen: {len(new)}, {new_right.mean():.2f} right")
    print(f"unseen, left out of the fit by article ({len(order)} articles, {FOLDS} folds), as the weights say:")
    print("\n".join(reliability(chance, new_right)))
    above = chance >= confidence.MOST
    print(
        f"at {confidence.MOST} and more: {new_right[above].mean():.2f} of {int(above.sum())} right; no more is claimed:"
    )
    print("\n".join(reliability(np.clip(chance, confidence.LEAST, confidence.MOST), new_right)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
