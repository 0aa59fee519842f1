"""What each threshold of the words does: ``python -m tests.quality.thresholds [--language fr ...]``.

The thresholds of ``transforms/tagging/weighing.py`` and ``triggers.py`` are tried one at a time, the others as they are, on the
articles and plain sentences of ``tests/gold/sentences/tuning`` and the quiet articles among them, each read with words that
were not learnt from it (``tests.quality.calibration.left_out``). A row tells the F1 of the types of the confident events on
texts that tell one, and how many of the quiet texts raise an alarm, all languages together; ``*`` marks what is set.
"""

import argparse
from collections.abc import Iterator
from typing import Any
from unittest import mock

from tests.quality import calibration
from tests.quality.sentences import Result, Told, read_told, tag
from transforms.records import LANGUAGES
from transforms.tagging import triggers, weighing, wording

TRIED: tuple[tuple[Any, str, tuple[float, ...]], ...] = (
    (weighing, "LIKELY", (0.3, 0.4, 0.5, 0.6)),
    (weighing, "FAINT_STRONG", (0.0, 0.003, 0.01, 0.03)),
    (weighing, "FAINT_WEAK", (0.0, 0.02, 0.05, 0.1)),
    (weighing, "BORNE_OUT", (0.05, 0.1, 0.2)),
    (weighing, "DECISIVE", (0.4, 0.5, 0.6)),
    (weighing, "BESIDE", (0.0, 0.005, 0.01, 0.03)),
    (triggers, "OUTSPOKEN", (2, 3, 4)),
    (triggers, "SURE", (0.7, 0.8, 0.9)),
)


def settings() -> Iterator[tuple[Any, str, float]]:
    """(module, name, value) of every threshold tried, what is set among them."""
    for module, name, values in TRIED:
        yield from ((module, name, value) for value in sorted({*values, getattr(module, name)}))


def score(results: list[Result]) -> tuple[int, int, int, int, int]:
    """Types told and given, told, given; then alarms and quiet texts."""
    eventful = [result for result in results if result.told.types]
    quiet = [result for result in results if not result.told.types]
    both = sum(len(result.told.types & set(result.given)) for result in eventful)
    told, given = sum(len(r.told.types) for r in eventful), sum(len(r.given) for r in eventful)
    return both, told, given, sum(bool(result.given) for result in quiet), len(quiet)


def trial(texts: list[Told], language: str, module: Any, name: str, value: float) -> tuple[int, int, int, int, int]:
    """The counts of some texts with one threshold set so."""
    with mock.patch.object(module, name, value):
        return score([tag(told, language) for told in texts])


def main(arguments: list[str] | None = None) -> int:
    """Print a row a setting, articles and plain sentences apart."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    options = parser.parse_args(arguments)
    sums: dict[tuple[str, float, str], list[int]] = {}
    for language in options.language or LANGUAGES:
        for words, paths in calibration.left_out(language):
            texts = [told for path in paths for told in read_told(path)]
            with mock.patch.object(wording, "load", return_value=words):
                for module, name, value in settings():
                    for kind in ("articles", "texts"):
                        found = trial([t for t in texts if t.kind == kind], language, module, name, value)
                        row = sums.setdefault((name, value, kind), [0] * len(found))
                        row[:] = map(sum, zip(row, found, strict=True))
    print("| threshold | articles: type F1, alarms | plain sentences: type F1, alarms |\n| --- | ---: | ---: |")
    for module, name, value in settings():
        cells = []
        for kind in ("articles", "texts"):
            both, told, given, alarms, quiet = sums[name, value, kind]
            cells.append(f"{2 * both / max(1, told + given):.3f}, {alarms} of {quiet}")
        mark = " *" if getattr(module, name) == value else ""
        print(f"| {name} {value:g}{mark} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
