"""Fits the weights of the confidence: ``python -m tests.quality.calibration``.

A logistic regression with a penalty (Newton's method), on the fixture stories, the tuning half of the gold set and the
sentences of the challenges, each of which counts as an article; the test half is not touched. Prints the weights as
``transforms/tagging/confidence.py`` holds them, and how well such weights hold on articles left out of the fit (five
folds by article): reliability in bins, Brier score, and precision and recall at the threshold of .5.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.quality import goldens, matching
from tests.quality.events import BINS, load_gold
from tests.test_tagging import CHALLENGES, STORIES, challenged, paragraphs
from transforms import records
from transforms.tagging import confidence, events, triggers
from transforms.tagging.actors import ActorFinder
from transforms.tagging.geography import Geography
from transforms.tagging.tagger import Taggable, Tagger

FOLDS = 5
PENALTY = 3.0
NEWS = ("reported", "planned")
"""Modes of the events that a sentence without news must not have."""
Case = tuple[int, dict[str, float], bool]
"""Number of the article, signs of an event given, and whether a reader coded it."""


def cases() -> Iterator[Case]:
    """All events that the rules give on the development texts, whatever their confidence."""
    number = 0
    for language, articles in load_gold("tuning").items():
        for article in articles:
            number += 1
            taggable = Taggable(
                article_id=article["id"], text=article["text"], title=article["title"], language=language,
                published=f"{article['published']:%Y-%m-%d}", country=article["outlet_country"],
            )  # fmt: skip
            found = list(signed(taggable))
            rows = [row for _, row in found]
            right = {id(row) for _, row in matching.pair_events(article["events"], rows, "type")}
            yield from ((number, signs, id(row) in right) for signs, row in found)
    for story in STORIES.values():
        number += 1
        text = "\n".join(paragraphs(story))
        taggable = Taggable(
            article_id=story["id"], text=text, title=story["title"], language=story["language"],
            published=f"{story['published']:%Y-%m-%d}",
        )  # fmt: skip
        found = list(signed(taggable))
        golden = {**story, "paragraphs": list(paragraphs(story)), "events": story["events"] or []}
        pairs, _, _ = goldens.match_events(golden, [row for _, row in found], text)
        right = {id(row) for _, row in pairs}
        yield from ((number, signs, id(row) in right) for signs, row in found)
    for challenge in CHALLENGES:
        number += 1
        for signs, row in signed(challenged(challenge)):
            if challenge["type"] or row["mode"] in NEWS:
                yield number, signs, row["event_type"] in challenge["type"]


def signed(taggable: Taggable) -> Iterator[tuple[dict[str, float], dict[str, Any]]]:
    """The events of an article with their signs."""
    tagger = Tagger.load()
    article = tagger.read(taggable)
    places = Geography(article)
    if triggers.gated_article(article):
        return
    finder = ActorFinder(article)
    for draft in events.read_drafts(article, finder, places):
        record = events.to_record("a", article, finder, places, draft)
        yield confidence.signs(article, draft, record.actors), records.to_json(record)


def fit(rows: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Weights of the penalised logistic regression; the first column, which is always 1, bears no penalty."""
    weights = np.zeros(rows.shape[1])
    penalty = np.full(rows.shape[1], PENALTY)
    penalty[0] = 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (chance - right) + penalty * weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty) + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def main() -> int:
    """Fits, prints the weights and the reliability on held-out folds."""
    found = list(cases())
    names = ["always", *sorted({name for _, signs, _ in found for name in signs} - {"always"})]
    rows = np.array([[signs.get(name, 0.0) for name in names] for _, signs, _ in found])
    right = np.array([float(is_right) for *_, is_right in found])
    folds = np.array([number % FOLDS for number, *_ in found])
    chance = np.zeros(len(found))
    for fold in range(FOLDS):
        weights = fit(rows[folds != fold], right[folds != fold])
        chance[folds == fold] = 1 / (1 + np.exp(-rows[folds == fold] @ weights))
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(names, fit(rows, right), strict=True):
        print(f'    "{name}": {weight:.2f},')
    print("}")
    print(f"{len(found)} events, {right.mean():.2f} of them right; left out of the fit by article, {FOLDS} folds:")
    print(f"Brier score {np.mean((chance - right) ** 2):.3f} (always {right.mean():.2f}: {right.var():.3f})")
    given = chance >= 0.5
    print(
        f"given at .5: {given.mean():.2f}, of them right {right[given].mean():.2f}, of the right {given[right == 1].mean():.2f}"
    )
    for low, high in ((0.0, 0.5), *BINS):
        inside = (chance >= low) & (chance < high if high < 1 else chance <= high)
        if inside.any():
            print(f"  {low:.1f} to {high:.1f}: {right[inside].mean():.2f} of {int(inside.sum())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
