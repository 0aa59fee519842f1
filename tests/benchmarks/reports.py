"""What a run of the benchmarks leaves: the figures, the scores of quality beside them, and how both compare to another's."""

import contextlib
import dataclasses
import io
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.main import main as sahelwatch
from tests.benchmarks.figures import Figure
from tests.quality import duplicates, events, families, goldens

NOISE = 0.1
"""Share by which a figure must have changed to be called better or worse; the spread of rounds is about as large."""
EXACT = 1e-9
"""Scores of quality have no noise: whatever falls has been traded."""


def as_json(figures: Sequence[Figure], quality: Mapping[str, float], **about: Any) -> dict[str, Any]:
    """A report that two commits can be compared by; ``about`` are the sizes it was measured at."""
    found = [{**dataclasses.asdict(figure), "median": figure.median, "met": figure.met} for figure in figures]
    return {"commit": commit(), **about, "figures": found, "quality": dict(quality)}


def commit() -> str:
    """The commit that is measured, "" outside a repository; with a + where files were changed since."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        where = pathlib.Path(__file__).parent
        told = ["git", "-C", str(where), "describe", "--always", "--dirty=+"]
        return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()
    return ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """A figure or a score in two reports; ``verdict`` is better, worse, or "" within the noise or where one is missing."""

    name: str
    before: float | None
    after: float | None
    verdict: str = ""


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The figures of two reports side by side, in the order of the second; those of one only at the end."""
    return [
        *_changes(
            {one["name"]: one["median"] for one in before["figures"]},
            {one["name"]: one["median"] for one in after["figures"]},
            {one["name"] for report in (before, after) for one in report["figures"] if one["at_least"]},
            NOISE,
        ),
        *_changes(before["quality"], after["quality"], {*before["quality"], *after["quality"]}, EXACT),
    ]


def traded(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The scores of quality that have fallen since."""
    quality = {*before["quality"], *after["quality"]}
    return [one.name for one in compare(before, after) if one.name in quality and one.verdict == "worse"]


def _changes(
    before: Mapping[str, float], after: Mapping[str, float], more_is_better: set[str], noise: float
) -> Iterator[Change]:
    for name in (*after, *(name for name in before if name not in after)):
        old, new, verdict = before.get(name), after.get(name), ""
        if old is not None and new is not None and abs(new - old) > noise * abs(old):
            verdict = "better" if (new > old) == (name in more_is_better) else "worse"
        yield Change(name=name, before=old, after=new, verdict=verdict)


def quality() -> tuple[dict[str, float], bool]:
    """Scores by name, all of them better when higher, and whether the demo differs from the goldens as is known.

    They need no data but the project's own: pages in the habits of families of sites, the fixture world, and the
    tuning half of the gold set.
    """
    scores: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        output = str(pathlib.Path(folder) / "records")
        ran = sahelwatch(["demo", "--json", "--output", output]) == 0
        same = ran and set(goldens.gap_lines(output)) == goldens.known_gaps()
        for language, c in sorted(goldens.scores(output).items()):
            hits = 2 * c["events_matched"]
            scores[f"fixture events F1, {language}"] = hits / (hits + c["events_missing"] + c["events_spurious"])
        measured = families.measure() | families.measure_cut()
        measured |= {"fixture stories": duplicates.measure_world()["(a) F1"]}
    scores["fixture stories, pairwise F1"] = measured.pop("fixture stories")
    bodies = [value for name, value in measured.items() if name.endswith(" F1")]
    scores["families: body F1"] = sum(bodies) / len(bodies)
    fields = [value for name, value in measured.items() if not name.endswith(" F1")]
    scores["families: fields right"] = sum(fields) / len(fields)
    for language, score in events.score_half(events.load_gold("tuning")).items():
        scores[f"gold tuning half, group F1, {language}"] = score.rates("group")[2]
    return {name: round(value, 4) for name, value in scores.items()}, same
