"""The scorer of somebody else's templates: its parsing, its pairing and its arithmetic, on templates of our own."""

import datetime as dt

from tests.quality import muc
from transforms.tagging import lexicon
from transforms.tagging.tagger import Tagger


def template(**slots):
    """A template of the form of the key."""
    blank = dict.fromkeys(
        ("INCIDENT: DATE", "INCIDENT: LOCATION", "INCIDENT: TYPE", "INCIDENT: STAGE OF EXECUTION", "HUM TGT: NUMBER"),
        "-",
    )
    return {"MESSAGE: TEMPLATE": "1", "INCIDENT: TYPE": "ATTACK", **blank, **slots}


def test_days_of_templates():
    assert muc.parse_days("30 DEC 89") == (dt.date(1989, 12, 30), dt.date(1989, 12, 30))
    assert muc.parse_days("08 JAN 90 - 09 JAN 90") == (dt.date(1990, 1, 8), dt.date(1990, 1, 9))
    assert muc.parse_days("- 06 SEP 89") == (None, dt.date(1989, 9, 6))
    assert muc.parse_days("-") is None


def test_incidents_are_those_of_the_contest_and_types_of_the_taxonomy():
    assert set(muc.INCIDENTS) <= set(lexicon.load().types)
    assert set(muc.INCIDENTS.values()) == {
        "ATTACK", "BOMBING", "KIDNAPPING", "ARSON", "ROBBERY", "FORCED WORK STOPPAGE"
    }  # fmt: skip


def test_partial_credit():
    day = (dt.date(1990, 1, 1), dt.date(1990, 1, 1))
    assert muc.credit("type", "BOMBING", "ATTACK") == 0.5
    assert muc.credit("type", "ATTACK", "BOMBING") == 0
    assert muc.credit("date", (None, dt.date(1990, 1, 3)), day) == 0.5
    assert muc.credit("date", (None, dt.date(1989, 1, 3)), day) == 0
    assert muc.slot_credit("victim numbers", ["5", "PLURAL"], ["5", "7"]) == 1.5


def test_missed_and_made_up_templates_count_against_all_templates_only():
    article = {
        "id": "a",
        "text": "QUETTA, 3 JAN 90 -- UNIDENTIFIED GUNMEN KIDNAPPED FIVE ENGINEERS YESTERDAY IN PERU. THE WEATHER WAS FINE.",
        "templates": [
            template(
                **{
                    "INCIDENT: TYPE": "KIDNAPPING", "INCIDENT: DATE": "02 JAN 90", "INCIDENT: LOCATION": "PERU: AYACUCHO",
                    "INCIDENT: STAGE OF EXECUTION": "ACCOMPLISHED", "HUM TGT: NUMBER": '5: "ENGINEERS"',
                }
            ),
            template(**{"INCIDENT: TYPE": "ARSON"}),
            template(**{"INCIDENT: TYPE": "ROBBERY", "MESSAGE: TEMPLATE": "3 (OPTIONAL)"}),
        ],
    }  # fmt: skip
    sums = muc.score([article])
    assert all(muc.rates(sums["matched"][slot]) == (1, 1, 1) for slot in muc.SLOTS)
    recall, precision, _ = muc.rates(sums["all templates"]["type"])
    assert (recall, precision) == (0.5, 1)


def test_the_region_is_lifted_for_it_alone():
    article = {
        "id": "a",
        "text": "QUETTA, 3 JAN 90 -- GUNMEN KIDNAPPED FIVE ENGINEERS YESTERDAY IN PERU.",
        "templates": [],
    }
    assert [fills["type"] for fills in muc.given_templates(Tagger.load(), article)] == [["KIDNAPPING"]]
