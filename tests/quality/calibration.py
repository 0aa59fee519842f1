"""Fits the weights of the confidence and says how well they hold: ``python -m tests.quality.calibration [--test]``.

A logistic regression with a penalty (Newton's method) on the events that the tagger gives, whatever their confidence, on
the articles of ``tests/gold/sentences/tuning``, where an event is right whose type a sentence of the article tells, and on
the open halves of the gold set, where it must be one that the reader coded. The words of an article must not know it
already: half of the files of articles is read with words learnt from the other and from the texts, the plain sentences
and the flashes each with words that do not know them, the gold set with words that its evidence did not teach. What words alone told of
the fixture stories counts as well. Printed are the weights, and on articles left out of the fit (ten folds) the reliability
in bins, the expected calibration error and the Brier score; then the same on the held texts and articles, which taught
nothing (their sums were looked at while the signs were chosen).

``--test`` prints the reliability of the test half of the gold set instead, in totals: its articles are not looked at.
"""

import argparse
import pathlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

import numpy as np

from tests.quality import build_wording, goldens
from tests.quality.events import OPEN, load_gold, score_half
from tests.quality.sentences import SENTENCES, Told, read_told, taggable
from tests.test_tagging import STORIES, paragraphs
from transforms import records
from transforms.records import LANGUAGES
from transforms.tagging import confidence, events, triggers, wording
from transforms.tagging.actors import ActorFinder
from transforms.tagging.geography import Geography
from transforms.tagging.tagger import Taggable, Tagger

FOLDS = 10
PENALTY = 1.0
BINS = ((0.0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
ALWAYS = "always"
Case = tuple[str, dict[str, float], bool]
"""The text, the signs of an event given, and whether its writer told one of the type."""


def learnt(language: str, paths: Iterable[pathlib.Path], *, evidence: bool) -> wording.Wording:
    """Words learnt from these files and the challenges, and, when asked for, the evidence of the gold set."""
    texts = build_wording.read_texts(paths) + build_wording.challenge_texts(language)
    texts += build_wording.evidence_texts(language) if evidence else []
    codes = build_wording.type_codes()
    return wording.Wording(codes, *build_wording.fit(texts, codes))


def left_out(language: str) -> Iterator[tuple[wording.Wording, list[pathlib.Path]]]:
    """Words and the files of the tuning half that did not teach them: half of the articles, then the other half.

    Plain sentences and flashes are left out as well, either with one of the halves.
    """
    files = sorted((SENTENCES / "tuning").glob(f"{language}-*.tsv"))
    articles = [path for path in files if "articles" in path.name]
    flashes = [path for path in files if any(kind in path.name for kind in ("texts-plain", "texts-flashes"))]
    for unknown in (articles[::2] + flashes[::2], articles[1::2] + flashes[1::2]):
        yield learnt(language, (path for path in files if path not in unknown), evidence=True), unknown


def unknown_cases(language: str) -> Iterator[Case]:
    """The events on the articles and plain sentences of the tuning half, read with words that do not know them."""
    for words, unknown in left_out(language):
        with mock.patch.object(wording, "load", return_value=words):
            for path in unknown:
                yield from cases_of(path, language)


def gold_cases(language: str) -> Iterator[Case]:
    """The events on the open halves of the gold set, read with words that do not know their evidence.

    Of two events given where the reader found one the more confident is right; rules were fitted to many of these texts.
    """
    words = learnt(language, sorted((SENTENCES / "tuning").glob(f"{language}-*.tsv")), evidence=False)
    with mock.patch.object(wording, "load", return_value=words):
        for article in (article for half in OPEN for article in load_gold(half)[language]):
            taggable = Taggable(
                article_id=article["id"], text=article["text"], title=article["title"], language=language,
                published=f"{article['published']:%Y-%m-%d}", country=article["outlet_country"],
            )  # fmt: skip
            wanted = Counter(event["type"] for event in article["events"])
            given = sorted(drafted(taggable), key=lambda found: -confidence.confidence(found[1]))
            for code, signs, _ in given:
                yield article["id"], signs, wanted[code] > 0
                wanted[code] -= 1


def story_cases() -> Iterator[Case]:
    """The events on the fixture stories that words alone told: the rules were written with these, the words not."""
    for story in STORIES.values():
        text = "\n".join(paragraphs(story))
        taggable = Taggable(
            article_id=story["id"], text=text, title=story["title"], language=story["language"],
            published=f"{story['published']:%Y-%m-%d}",
        )  # fmt: skip
        drafts = list(drafted(taggable))
        golden = {**story, "paragraphs": list(paragraphs(story)), "events": story["events"] or []}
        pairs, _, _ = goldens.match_events(golden, [row for _, _, row in drafts], text)
        right = {id(row) for _, row in pairs}
        yield from ((f"story {story['id']}", signs, id(row) in right) for _, signs, row in drafts if signs["learnt"])


def cases_of(path: pathlib.Path, language: str) -> Iterator[Case]:
    """The events given on the texts of a file."""
    for number, told in enumerate(read_told(path)):
        yield from ((f"{path.name} {number}", signs, code in told.types) for code, signs in signed(told, language))


def signed(told: Told, language: str) -> Iterator[tuple[str, dict[str, float]]]:
    """(type, signs) of the events of a text."""
    yield from ((code, signs) for code, signs, _ in drafted(taggable(told, language)))


def drafted(text: Taggable) -> Iterator[tuple[str, dict[str, float], dict[str, Any]]]:
    """(type, signs, row) of the events of a text, whatever their confidence."""
    article = Tagger.load().read(text)
    if triggers.gated_article(article):
        return
    finder, places = ActorFinder(article), Geography(article)
    for draft in events.read_drafts(article, finder, places):
        row = records.to_json(events.to_record("a", article, finder, places, draft))
        yield draft.code, confidence.signs(article, draft), row


def fit(rows: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Weights of the penalised logistic regression; the first column, always, bears no penalty."""
    weights = np.zeros(rows.shape[1])
    penalty = np.full(rows.shape[1], PENALTY)
    penalty[0] = 0.0
    for _ in range(50):
        chance = _chance(rows, weights)
        gradient = rows.T @ (chance - right) + penalty * weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty) + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _chance(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    chance: np.ndarray = 1 / (1 + np.exp(-rows @ weights))
    return chance


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


def table(found: list[Case], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Signs as rows, and which events were right."""
    rows = [[signs.get(name, 0.0) for name in names] for _, signs, _ in found]
    return np.array(rows), np.array([float(right) for *_, right in found])


def main(arguments: list[str] | None = None) -> int:
    """Fits, prints the weights and the reliability; or that of the test half."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--test", action="store_true", help="the reliability of the test half, in totals")
    options = parser.parse_args(arguments)
    if options.test:
        points = [point for score in score_half(load_gold("test")).values() for point in score.calibration]
        chance, right = (np.array(column, dtype=float) for column in zip(*points, strict=True))
        print("test half, all languages, events of confidence .5 and more:")
        print("\n".join(reliability(chance, right)))
        return 0
    found = [case for code in LANGUAGES for case in (*unknown_cases(code), *gold_cases(code))] + [*story_cases()]
    names = [ALWAYS, *sorted({name for _, signs, _ in found for name in signs} - {ALWAYS})]
    rows, right = table(found, names)
    order = {text: at % FOLDS for at, text in enumerate(dict.fromkeys(text for text, *_ in found))}
    folds = np.array([order[text] for text, *_ in found])
    chance = np.zeros(len(found))
    for fold in range(FOLDS):
        chance[folds == fold] = _chance(rows[folds == fold], fit(rows[folds != fold], right[folds != fold]))
    weights = fit(rows, right)
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(names, weights, strict=True):
        print(f'    "{name}": {weight:.2f},')
    print("}")
    print(f"{len(order)} articles and flashes left out in turn:")
    print("\n".join(reliability(chance, right)))
    held = [
        case
        for code in LANGUAGES
        for path in sorted((SENTENCES / "held").glob(f"{code}-*.tsv"))
        for case in cases_of(path, code)
    ]
    for kind in ("texts", "articles"):
        of_kind = [case for case in held if kind in case[0]]
        if not of_kind:
            continue
        rows, right = table(of_kind, names)
        print(f"held {kind}:")
        print("\n".join(reliability(np.clip(_chance(rows, weights), confidence.LEAST, confidence.MOST), right)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
