"""The scorer of the gold set: what it says of places and counts."""

import pytest

from tests.quality import matching


def given(latitude, longitude, quantities=()):
    """A record's event at a spot."""
    return {
        "event_type": "CIV.ATTACK", "mode": "reported", "evidence": [], "date_start": None, "date_end": None,
        "location": {"name": "x", "country": "ML", "latitude": latitude, "longitude": longitude},
        "target_class": "civilian", "alleged": False, "claimed_by": None, "quantities": list(quantities),
    }  # fmt: skip


@pytest.mark.parametrize(("latitude", "longitude", "near"), [(16.3, -0.1, 1.0), (16.9, -0.1, 0.0), (None, None, 0.0)])
def test_place_within_25_km_is_measured_from_the_gazetteer(latitude, longitude, near):
    """The annotator's place name stands for its coordinates; a record without any is not near it."""
    wanted = {
        "type": "CIV.ATTACK", "mode": "reported", "country": "ML", "admin1": "Gao", "place": "Gao",
        "date_start": None, "date_end": None, "target_class": "civilian",
    }  # fmt: skip
    assert dict(matching.compare_fields(wanted, given(latitude, longitude)))["place, 25 km"] == near


def test_counts_are_told_by_kind_group_and_source():
    """Each wanted count of a kind is found or not; what is found may be another group's or another source's."""
    wanted = {"quantities": [{"kind": "killed", "low": 9, "high": 9, "who": "civilian", "claimed_by": "un"},
                             {"kind": "wounded", "low": 2, "high": 2, "who": "civilian"}]}  # fmt: skip
    row = given(1, 1, [{"kind": "killed", "low": 9, "high": 9, "who": "state_forces", "claimed_by": None}])
    found = matching.quantity_counts(wanted, row)
    assert (found["wanted killed"], found["found killed"], found["wanted wounded"], found["found wounded"]) == (
        1,
        1,
        1,
        0,
    )
    assert (found["exact"], found["of the same group"], found["of the same source"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "country", "name", "same"),
    [("Far North", "CM", "Extrême-Nord", True), ("Hodh El Chargui", "MR", "Hodh Ech Chargui", True),
     ("Gao", "ML", "Gao", True), ("Gao", "ML", "Kidal", False), ("Zoum Zoum", "ML", "Gao", False),
     ("Gao", "NE", "Gao Kidal", False), ("Gao", "ML", None, False)],
)  # fmt: skip
def test_another_spelling_of_a_division_is_that_division(wanted, country, name, same):
    """Beside the name as it is written, its other written forms of the gazetteer count in a measure of their own."""
    want = {
        "type": "CIV.ATTACK", "mode": "reported", "country": country, "admin1": wanted, "place": None,
        "date_start": None, "date_end": None, "target_class": "civilian",
    }  # fmt: skip
    row = given(None, None)
    row["location"] |= {"country": country, "admin1": name}
    fields = dict(matching.compare_fields(want, row))
    assert fields["admin1, however spelt"] == same
    assert fields["admin1"] == (wanted == name)
