"""Wire credits scored on lines written for it: ``python -m tests.quality.wire_credits`` lists what is wrong.

Each line stands in a story of two neutral paragraphs, at the place it is meant for.
"""

import pathlib
import sys
from collections import Counter
from typing import Any

import yaml

from transforms.extraction.wire_credit import wire_agency

SAMPLES = pathlib.Path(__file__).with_name("wire_credits.yaml")
STORY = [
    "Le marché de Téra a rouvert samedi après deux semaines de fermeture.",
    "La mairie promet de réparer les forages avant la fin du mois.",
]


def credited(sample: dict[str, Any]) -> str | None:
    """The agency that a story with this line at its place is credited to."""
    text, where = sample["text"], sample["where"]
    paragraphs = {
        "first": [text, *STORY],
        "last": [*STORY, text],
        "end": [*STORY, text],
    }.get(where, STORY)
    return wire_agency(
        bylines=[text] if where == "byline" else [], paragraphs=paragraphs, credits_=[text] if where == "rights" else []
    )


def measure(*, verbose: bool = False) -> dict[str, float]:
    """Accuracy over all lines, precision of what is credited and recall of what should be."""
    samples = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))["samples"]
    counts = Counter[str]()
    for sample in samples:
        found, wanted = credited(sample), sample["agency"]
        counts["right"] += found == wanted
        counts["credited"] += found is not None
        counts["creditable"] += wanted is not None
        counts["hit"] += found is not None and found == wanted
        if verbose and found != wanted:
            print(f"  {sample['where']}: {sample['text']!r} is {found}, not {wanted}")
    print(f"wire credits: {counts['right']} of {len(samples)} lines, {len(samples) - counts['creditable']} are none")
    return {
        "wire credits accuracy": counts["right"] / len(samples),
        "wire credits precision": counts["hit"] / counts["credited"],
        "wire credits recall": counts["hit"] / counts["creditable"],
    }


def main() -> int:
    """Print what is wrong, and the scores."""
    for name, value in measure(verbose=True).items():
        print(f"{name}: {value:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
