"""The quality gate on what the project itself carries; `python -m tests.quality.extraction` measures all of it."""

import pytest

from tests.quality import families, languages, wire_credits
from tests.quality.extraction import FLOORS

MEASURES = {
    "families": families.measure,
    "flashes": families.measure_cut,
    "other languages": languages.measure_others,
    "wire credits": wire_credits.measure,
}


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_floors_hold(name: str) -> None:
    """Bodies, fields, languages and credits of hand-written goldens stay above the floors of the quality gate."""
    measures = MEASURES[name]()
    held = {measure: value for measure, value in measures.items() if measure in FLOORS}
    assert held
    assert {measure: value for measure, value in held.items() if value < FLOORS[measure]} == {}


def test_families_cover_what_the_region_runs() -> None:
    """There are pages in all four languages and in one that is not tagged, in both halves."""
    seen = families.samples()
    assert len(seen) >= 40
    assert {sample.half for sample in seen} == set(families.HALVES)
    assert {sample.golden.get("language") for sample in seen} >= {"fr", "en", "ar", "ha"}
