"""What is counted over this year is a total, and what a mine or a drone did is told by the mine or the drone."""

import pytest

from transforms.tag_events import tag_record


def events(language, country, text):
    row = tag_record(
        {"article_id": "x", "title": "", "text": text, "language": language, "published": "2026-10-14T08:00:00Z", "country": country}
    )  # fmt: skip
    return [(event["event_type"], event["mode"]) for event in row["events"] if event["confidence"] >= 0.5]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Selon l'ONU, 120 civils ont été tués cette année au Mali."),
        ("en", "According to the UN, 120 civilians were killed in Mali this year."),
        ("ar", "قتل 120 مدنيا في مالي هذا العام، وفق الأمم المتحدة."),
        ("ha", "An kashe fararen hula 120 a Mali a bana, a cewar Majalisar Dinkin Duniya."),
    ],
)
def test_dead_of_this_year_are_a_total(language, text):
    assert events(language, "ML", text) == [("CIV.ATTACK", "ongoing_stock")]


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", "Une mine a tué six civils près de Bandiagara lundi.", "REM.IED"),
        ("fr", "La mine artisanale a tué deux soldats à Djibo mercredi.", "REM.IED"),
        ("en", "A landmine killed six civilians near Bandiagara on Monday.", "REM.IED"),
        ("fr", "Un drone a tué douze civils à Tinzaouatène mardi.", "REM.AIR_DRONE"),
    ],
)
def test_what_killed_says_how(language, text, code):
    assert events(language, "ML", text) == [(code, "reported")]


def test_a_mine_of_gold_diggers_kills_by_accident():
    assert events("fr", "ML", "Un éboulement dans une mine a tué six orpailleurs près de Kayes lundi.") == []


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("fr", "Des hommes armés ont tué quatre musiciens en route pour la biennale de cette année à Tombouctou, samedi.", "2026-10-10"),
        ("en", "Gunmen killed six people at this year's fishing festival in Argungu on Saturday.", "2026-10-10"),
        ("en", "Gunmen abducted nine pupils before the 2026 school examinations in Tsafe on Monday.", "2026-10-12"),
        ("ha", "'Yan bindiga sun kashe mutum shida a bikin kamun kifi na bana a Argungu a Najeriya ranar Asabar.", "2026-10-10"),
    ],
)  # fmt: skip
def test_a_year_that_names_something_is_no_total(language, text, day):
    row = tag_record(
        {"article_id": "x", "title": "", "text": text, "language": language, "published": "2026-10-14T08:00:00Z", "country": "ML"}
    )  # fmt: skip
    assert [(event["mode"], event["date_start"]) for event in row["events"]] == [("reported", day)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Selon un rapport de l'ONU publié lundi, 120 civils ont été tués cette année au Mali."),
        ("en", "A UN report on Monday said 120 civilians were killed in Mali this year."),
    ],
)
def test_the_day_of_a_report_is_not_that_of_its_total(language, text):
    assert events(language, "ML", text) == [("CIV.ATTACK", "ongoing_stock")]


def test_a_year_is_no_toll_and_a_week_no_appointment():
    """A year behind "of" is a date, and what was done "in a week" was not announced for the next one."""
    row = tag_record({
        "article_id": "x", "title": "", "language": "en", "published": "2026-10-14T08:00:00Z", "country": "NE",
        "text": "Elders in Umuahia, Nigeria, recalled the air raids of 1968 that killed hundreds at the market.",
    })  # fmt: skip
    [event] = row["events"]
    assert (event["mode"], event["date_start"], [q["low"] for q in event["quantities"]]) == (
        "historical",
        "1968-01-01",
        [200],
    )
    told = events("en", "NE", "Niger's army said on Saturday that its troops had killed 19 terrorists in a week.")
    assert told == [("BAT.OPERATION", "reported")]
    assert events("en", "NE", "The foreign ministers of Niger and Mali will meet in Niamey in a week.") == [
        ("DIP.TALKS", "planned")
    ]
