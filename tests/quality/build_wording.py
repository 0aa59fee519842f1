"""Builds ``transforms/tagging/data/wording.npz``: ``python -m tests.quality.build_wording``.

It learns from the texts written for this project that may be looked at: ``tests/gold/sentences/tuning``, the sentences of the
challenges, and the evidence of the open halves of the gold set. In ``tests/gold/sentences`` a line of
``<language>-*.tsv`` is ``CODE[;CODE]``, a tab and a text, or ``NONE[:CODE]`` for a text that tells no event (and looks like
one that does); a line of a whole article has the article's number and a tab before that.
"""

import argparse
import io
import itertools
import pathlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import yaml
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from tests.quality.events import GOLD, OPEN, load_gold
from transforms.records import LANGUAGES
from transforms.tagging import lexicon, normalise, wording
from transforms.tagging.data_files import DATA

SENTENCES = GOLD / "sentences"
CHALLENGES = pathlib.Path(__file__).with_name("challenges")
Text = tuple[str, str]
"""A type, or NO_EVENT, and a text that tells it."""
FEWEST = 2
"""Texts that a feature must stand in."""
STRENGTH = 30.0
"""Inverse of the penalty on the weights; 3 and 100 did worse or the same on texts of other writers."""
LEAST_WEIGHT = 2
"""A feature none of whose weights comes to so many units is left out."""


class Row(NamedTuple):
    """One text, or a sentence of an article: what it tells."""

    article: str | None
    codes: tuple[str, ...]
    text: str


def read_rows(path: pathlib.Path) -> Iterator[Row]:
    """The lines of a file; ValueError names one that is none."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        *article, labels, text = line.split("\t") if line.count("\t") in (1, 2) else ("", "")
        if not labels or not text.strip():
            raise ValueError(f"{path.name}:{number}: not a label, a tab and a text")
        codes = tuple(code.partition(":")[0] for code in labels.split(";"))
        yield Row(article[0] if article else None, codes, text)


def read_texts(paths: Iterable[pathlib.Path]) -> list[Text]:
    """The texts of some files; one with several types is given once for each."""
    return [(code, row.text) for path in paths for row in read_rows(path) for code in row.codes]


def challenge_texts(language: str) -> list[Text]:
    """The sentences of the challenges, and those that show the words of the classes."""
    path = CHALLENGES / f"{language}.yaml"
    rows = [row for row in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) if "t" in row]
    texts = [(code, row["t"]) for row in rows for code in row["type"] or [wording.NO_EVENT]]
    words = (CHALLENGES / "entries" / f"words-{language}.tsv").read_text("utf-8").splitlines()
    return texts + [(label.removeprefix("!"), text) for label, _, text in (row.partition("\t") for row in words)]


def evidence_texts(language: str) -> list[Text]:
    """The evidence of the open halves of the gold set."""
    articles = [article for half in OPEN for article in load_gold(half)[language]]
    return [(event["type"], event["evidence"]) for article in articles for event in article["events"]]


def _shown(text: str) -> list[str]:
    return [wording.shown(word) for word in normalise.tokenise(normalise.shorten(normalise.fold(text))[0]).words]


def _features(words: list[str]) -> Iterator[str]:
    """Those of each word, and the pairs of neighbours."""
    for word in words:
        yield from wording.features(word)
    yield from (f"{one}{wording.BETWEEN}{other}" for one, other in itertools.pairwise(words))


def fit(texts: list[Text], codes: list[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Features, weights (int8: features, codes) and bias (int32) of one language, columns as ``codes``."""
    words = [_shown(text) for _, text in texts]
    bags = [Counter(_features(told)) for told in words]
    seen = Counter(name for bag in bags for name in bag)
    names = sorted(name for name, count in seen.items() if count >= FEWEST)
    column = {name: number for number, name in enumerate(names)}
    cells = [
        (row, column[name], count / len(words[row]) ** 0.5)
        for row, bag in enumerate(bags) for name, count in bag.items() if name in column
    ]  # fmt: skip
    rows, columns, values = zip(*cells, strict=True)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(bags), len(names)))
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(matrix, [code for code, _ in texts])
    places = [codes.index(code) for code in model.classes_]
    weights, bias = np.zeros((len(names), len(codes)), np.int8), np.full(len(codes), -10 * wording.SCALE, np.int32)
    weights[:, places] = np.clip(np.round(model.coef_.T * wording.SCALE), -127, 127)
    bias[places] = np.round(model.intercept_ * wording.SCALE)
    kept = np.flatnonzero(np.abs(weights.astype(np.int32)).max(axis=1) >= LEAST_WEIGHT)
    return [names[number] for number in kept], weights[kept], bias


def type_codes() -> list[str]:
    """The columns of the weights."""
    return [*sorted(lexicon.load().types), wording.NO_EVENT]


def build() -> bytes:
    """The file of all languages."""
    codes = type_codes()
    arrays = {"codes": np.frombuffer("\n".join(codes).encode(), np.uint8)}
    for language in LANGUAGES:
        texts = read_texts(sorted((SENTENCES / "tuning").glob(f"{language}-*.tsv")))
        texts += challenge_texts(language) + evidence_texts(language)
        names, weights, bias = fit(texts, codes)
        arrays[f"{language}/names"] = np.frombuffer("\n".join(names).encode(), np.uint8)
        arrays[f"{language}/weights"], arrays[f"{language}/bias"] = weights, bias
        print(f"{language}: {len(texts)} texts, {len(names)} features", file=sys.stderr)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.build_wording")
    parser.add_argument("--output", type=pathlib.Path, default=DATA / wording.FILE)
    parser.parse_args(arguments).output.write_bytes(build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
