"""Exports: one row per event of a story, the newest text first, and nothing in them that could do harm."""

import argparse
import csv
import dataclasses
import datetime as dt
import gc
import io

import orjson
import pytest

from pipeline import export
from pipeline.options import UsageError
from tests.handmade import NOW, TERA, Handmade, article, clock, event, id_of, killed, retraction, story
from transforms import do_no_harm, export_formats
from transforms.exports import CAVEAT, export_rows, rolling_exports
from transforms.records import Actor, FeedRow, Location, Quantity

FAMILY = {"family": "groupe", "ownership": "state"}
FINE = {"Téra", "14.0078", "0.7531", "2439376"}
"""What would give the exact place away in any format."""


@pytest.fixture
def dataset(tmp_path):
    """An empty dataset."""
    return Handmade(tmp_path / "out")


def exported(dataset, format_, *flags, capfdbinary):
    """What the command prints."""
    parser = argparse.ArgumentParser()
    export.add_parser(parser.add_subparsers())
    capfdbinary.readouterr()
    assert export.main(parser.parse_args(["export", "--output", str(dataset.root), "--format", format_, *flags])) == 0
    return capfdbinary.readouterr().out


def table(content):
    """The CSV's rows as dictionaries."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def one_story(dataset):
    """Four outlets of three families print one text, a fifth carries it on with more dead; another story tells it too."""
    dataset.commit(
        article("a", "08:00", outlet="un", **FAMILY),
        article("b", "07:50", outlet="deux", **FAMILY),
        article("c", "09:00", outlet="trois", wire_agency="AFP"),
        article("d", "12:00", outlet="quatre", ownership="international"),
        article("e", "09:30", outlet="cinq", family="trois"),
        article("x", "10:00", outlet="six"),
        story("a"), story("b", "a", "exact"), story("c", "a", "copy"), story("d", "c", "update", root="a"),
        story("e", "b", "excerpt", root="a"), story("x"),
        *(event(name, "CIV.ATTACK", killed(12), root="a") for name in "abc"),
        event("d", "CIV.ATTACK", killed(15, 17), root="a", start=40, sentence="Le bilan est passé à quinze."),
        event("x", "CIV.ATTACK", killed(11)),
    )  # fmt: skip


def test_a_story_gives_one_row_and_another_story_its_own(dataset):
    """Copies and the update are one row; an independent report of the same attack is not fused with it."""
    one_story(dataset)
    rows = export_rows(dataset.store)
    assert sorted((row["story_id"], row["killed_low"]) for row in rows) == sorted([(id_of("a"), 15), (id_of("x"), 11)])


def test_an_update_supersedes_and_the_former_figures_are_kept(dataset):
    """The update's figures lead with its outlet and time; the history tells what was said before, once."""
    one_story(dataset)
    [row] = [row for row in export_rows(dataset.store) if row["story_id"] == id_of("a")]
    assert (row["outlet"], row["reported_at"], row["killed_low"], row["killed_high"]) == (
        "quatre",
        clock("12:00"),
        15,
        17,
    )
    [before] = row["figures_history"]
    assert [figure["low"] for figure in before["figures"]] == [12]
    assert before["as_of"] == clock("07:50")


def test_rows_leave_no_cycles_behind(dataset):
    """What was read of weeks goes when the rows are made, not when somebody looks for cycles."""
    one_story(dataset)
    export_rows(dataset.store)
    gc.collect()
    gc.disable()
    try:
        export_rows(dataset.store)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_copies_outlets_families_and_ownership_groups_are_counted(dataset):
    """Two outlets of a family are one voice; the first to publish is by stated time, not by who was seen first."""
    one_story(dataset)
    [row] = [row for row in export_rows(dataset.store) if row["story_id"] == id_of("a")]
    names = ("articles", "copies", "updates", "outlets", "independent_families", "ownership_groups")
    assert tuple(row[name] for name in names) == (5, 3, 1, 5, 3, 3)
    assert row["articles_with_event"] == 4
    assert (row["first_outlet"], row["first_published"]) == ("deux", clock("07:50"))
    assert row["wire_agencies"] == ["AFP"]


def test_the_update_is_the_one_that_came_later_whatever_it_was_compared_with(dataset):
    """Of two versions with exact times the later leads, although it was the first to be seen."""
    dataset.commit(
        article("late", "15:00"), article("early", "09:00"), article("again", "09:10"),
        story("late"), story("early", "late", "update"), story("again", "early", "copy", root="late"),
        event("late", "CIV.ATTACK", killed(20)), event("early", "CIV.ATTACK", killed(4), root="late"),
    )  # fmt: skip
    [row] = export_rows(dataset.store)
    assert (row["killed_low"], row["outlet"]) == (20, "late")


@pytest.mark.parametrize(
    "published", [{"published_precision": "day"}, {"published": None}, {"published": clock("19:00")}]
)
def test_times_that_cannot_be_trusted_do_not_make_an_outlet_the_first(dataset, published):
    """A day, no time or one after we saw the article counts as the time we saw it."""
    dataset.commit(
        article("a", "08:00"), dataclasses.replace(article("b", "00:00"), **published),
        story("a"), story("b", "a", "copy"), event("a"), event("b", root="a"),
    )  # fmt: skip
    [row] = export_rows(dataset.store)
    assert (row["first_outlet"], row["first_published"]) == ("a", clock("08:00"))


def test_an_edit_by_the_outlet_is_an_update_and_its_former_figures_history(dataset):
    """A revision with other figures leads, although copies of the former text still stand; a mended title changes nothing."""
    old = event("a", "CIV.ATTACK", killed(3))
    dataset.commit(
        article("a"),
        article("b"),
        story("a"),
        story("b", "a", "copy"),
        old,
        event("b", "CIV.ATTACK", killed(3), root="a"),
    )
    more = {"revision": 1, "revision_reason": "source_changed", "ingested": clock("09:00", 21)}
    dataset.commit(
        article("a", **more), event("a", "CIV.ATTACK", killed(7), start=10, **more), retraction(old, 1),
        at=NOW + dt.timedelta(hours=15),
    )  # fmt: skip
    [row] = export_rows(dataset.store)
    assert (row["killed_low"], row["reported_at"]) == (7, clock("09:00", 21))
    assert [[f["low"] for f in one["figures"]] for one in row["figures_history"]] == [[3]]
    again = {"revision": 2, "revision_reason": "source_changed", "ingested": clock("11:00", 21)}
    dataset.commit(article("a", **again), event("a", "CIV.ATTACK", killed(7), start=10, **again))
    [row] = export_rows(dataset.store)
    assert row["reported_at"] == clock("09:00", 21)


def test_what_was_misread_is_no_history(dataset):
    """Figures that a correction or new rules withdrew are nobody's statement and do not come back."""
    old = event("a", "CIV.ATTACK", killed(300))
    dataset.commit(article("a"), story("a"), old)
    dataset.commit(event("a", "CIV.ATTACK", killed(3), revision=1, revision_reason="reprocessed"))
    [row] = export_rows(dataset.store)
    assert (row["killed_low"], row["figures_history"]) == (3, [])


def test_what_is_withdrawn_is_not_exported(dataset):
    """Neither a retracted event nor the events of an article that was taken down are rows."""
    gone = event("a")
    dataset.commit(article("a"), article("b"), story("a"), story("b"), gone, event("b"))
    assert len(export_rows(dataset.store)) == 2
    dataset.commit(
        retraction(gone, 1, "correction"), article("b", op="retract", revision=1, revision_reason="takedown")
    )
    assert export_rows(dataset.store) == []


def test_events_of_a_text_are_matched_one_to_one(dataset):
    """Two attacks in one text stay two; each finds its own in the copy, by sentence, place and day."""
    niamey = Location(name="Niamey", country="NE", admin1="Niamey", latitude=13.5, longitude=2.1, precision="place")
    dataset.commit(
        article("a"), article("b"), story("a"), story("b", "a", "copy"),
        *(e for name in "ab" for e in (
            event(name, "CIV.ATTACK", killed(2), start=0, sentence="Un.", root="a"),
            event(name, "CIV.ATTACK", killed(5), start=9, sentence="Deux.", root="a", location=niamey),
            event(name, "CIV.ATTACK", killed(9), start=19, sentence="Trois.", root="a", location=None),
        )),
    )  # fmt: skip
    rows = export_rows(dataset.store)
    assert sorted((row["place"] or "", row["killed_low"]) for row in rows) == [("", 9), ("Niamey", 5), ("Téra", 2)]
    assert {row["articles_with_event"] for row in rows} == {2}


def test_two_events_of_an_update_never_fall_on_one(dataset):
    """Where each would fit each, every event of a text still finds one of its own."""
    dataset.commit(
        article("a", "08:00"), article("b", "12:00"), story("a"), story("b", "a", "update"),
        *(event(name, start=n, root="a", sentence=f"{name} {n}.") for name in "ab" for n in (0, 30)),
    )  # fmt: skip
    assert [row["articles_with_event"] for row in export_rows(dataset.store)] == [2, 2]


def test_a_shared_sentence_outweighs_a_day_that_was_read_otherwise(dataset):
    """A copy printed a day later turns 'yesterday' into another day; the sentence tells which event is meant."""

    def at(day):
        return {"date_start": clock("00:00", day)[:10], "date_end": clock("00:00", day)[:10]}

    dataset.commit(
        article("a"), article("b"), story("a"), story("b", "a", "copy"),
        event("a", "CIV.ATTACK", killed(2), start=0, sentence="Un.", **at(16)),
        event("a", "CIV.ATTACK", killed(5), start=9, sentence="Deux.", **at(17)),
        event("b", "CIV.ATTACK", killed(2), start=0, sentence="Un.", root="a", **at(17)),
        event("b", "CIV.ATTACK", killed(5), start=9, sentence="Deux.", root="a", **at(18)),
    )  # fmt: skip
    rows = export_rows(dataset.store)
    assert sorted((row["killed_low"], row["date_start"], len(row["figures_history"])) for row in rows) == [
        (2, "2026-11-16", 0),
        (5, "2026-11-17", 0),
    ]


def test_an_event_the_outlet_took_out_is_no_row(dataset):
    """What the edited article no longer says, and no other text of the story either, is gone."""
    old = event("a", "POL.COUP")
    dataset.commit(article("a"), story("a"), event("a"), old)
    more = {"revision": 1, "revision_reason": "source_changed"}
    dataset.commit(article("a", **more), event("a", **more), retraction(old, 1))
    assert [row["event_type"] for row in export_rows(dataset.store)] == ["CIV.ATTACK"]


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ("planned", "reported", 1),
        ("reported", "denied", 1),
        ("historical", "reported", 2),
        ("ongoing_stock", "reported", 2),
    ],
)
def test_an_update_may_turn_a_mode_but_not_make_history_news(dataset, before, after, rows):
    """What was planned may have happened by the update; an old event and a new one stay two."""
    dataset.commit(
        article("a", "08:00"), article("b", "12:00"), story("a"), story("b", "a", "update"),
        event("a", mode=before), event("b", mode=after, root="a", sentence="Autrement dit."),
    )  # fmt: skip
    found = export_rows(dataset.store)
    assert len(found) == rows
    assert (found[-1]["mode"], found[-1]["outlet"]) == (after, "b")


def test_an_event_that_the_update_dropped_says_so(dataset):
    """It stays a row, since its article stands, but not of the newest text."""
    dataset.commit(
        article("a", "08:00"), article("b", "12:00"), story("a"), story("b", "a", "update"),
        event("a"), event("a", "POL.ARREST"), event("b", root="a", sentence="Encore."),
    )  # fmt: skip
    assert {row["event_type"]: row["in_newest_text"] for row in export_rows(dataset.store)} == {
        "CIV.ATTACK": True,
        "POL.ARREST": False,
    }


def test_the_id_of_a_row_survives_an_update(dataset):
    """Who follows a row by its id finds it again under the same id with the new figures."""
    dataset.commit(article("a", "08:00"), story("a"), event("a", "CIV.ATTACK", killed(1)))
    [before] = export_rows(dataset.store)
    dataset.commit(article("b", "12:00"), story("b", "a", "update"), event("b", "CIV.ATTACK", killed(2), root="a"))
    [after] = export_rows(dataset.store)
    assert (before["story_event_id"], before["killed_low"]) != (after["story_event_id"], after["killed_low"])
    assert before["story_event_id"] == after["story_event_id"]


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        ((), (None, None)),
        ((killed(0),), (0, 0)),
        ((killed(12), killed(3, who="state_forces")), (15, 15)),
        ((killed(12), killed(15, who="unknown")), (15, 15)),
        ((killed(12), killed(3, who="state_forces"), killed(4, who="unknown")), (15, 15)),
        ((killed(5, claimed_by="army"), killed(20, 25, claimed_by="jnim")), (5, 25)),
        ((Quantity(kind="killed", low=20, high=None, who="civilian"),), (20, None)),
        ((Quantity(kind="wounded", low=9, high=9),), (None, None)),
    ],
)  # fmt: skip
def test_dead_are_never_counted_twice(dataset, quantities, expected):
    """Claims about the same people are a range, different people are added, an unspecified figure may be the total."""
    dataset.commit(article("a"), story("a"), event("a", "CIV.ATTACK", *quantities))
    [row] = export_rows(dataset.store)
    assert (row["killed_low"], row["killed_high"]) == expected


def test_csv_has_acled_columns_and_says_what_fills_fatalities(dataset, capfdbinary):
    """ACLED's names stand first in its order; fatalities is the low end and every row says so."""
    dataset.commit(
        article("a"), article("b"), article("c"), story("a"), story("b"), story("c"),
        event("a", "CIV.ATTACK", killed(3, 5), actors=(
            Actor(name="JNIM", actor_id="jnim", role="initiator", actor_class="rebel_jihadist"),
            Actor(name="Civilians", actor_id="civilians", role="target", actor_class="civilians"),
            Actor(name="VDP", actor_id="vdp", role="target", actor_class="militia_progov"))),
        event("b", "CIV.ATTACK", killed(80), mode="historical"), event("c"),
    )  # fmt: skip
    content = exported(dataset, "csv", capfdbinary=capfdbinary)
    rows = {row["source"]: row for row in table(content)}
    a = rows["a"]
    assert list(a)[:8] == [
        "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    ]  # fmt: skip
    assert (a["fatalities"], a["fatalities_is"], a["killed_low"], a["killed_high"]) == ("3", "low", "3", "5")
    assert (a["actor1"], a["inter1"], a["actor2"], a["assoc_actor_2"], a["inter2"]) == (
        "JNIM",
        "2",
        "Civilians",
        "VDP",
        "7",
    )
    assert (a["country"], a["iso"], a["region"], a["geo_precision"], a["time_precision"]) == (
        "Niger", "562", "Western Africa", "1", "1",
    )  # fmt: skip
    assert (rows["b"]["fatalities"], rows["b"]["killed_low"]) == ("", "80")
    assert rows["c"]["fatalities"] == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "\rx", "\n=1", "  =1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_cells_are_never_formulas(text):
    """Text that a spreadsheet would run begins with an apostrophe; numbers below zero stay numbers."""
    assert export_formats.cell(text).startswith("'")
    assert export_formats.cell(-4.25) == -4.25
    assert export_formats.cell("a=b\nc") == "a=b c"


def test_formulas_in_a_dataset_arrive_neutralised(dataset, capfdbinary):
    """An outlet that calls itself a formula stays text in each cell of the file."""
    evil = "=HYPERLINK(1)"
    west = dataclasses.replace(TERA, name="@Téra", longitude=-4.5)
    dataset.commit(article("a", outlet=evil, wire_agency="+AFP"), story("a"), event("a", location=west))
    [row] = table(exported(dataset, "csv", capfdbinary=capfdbinary))
    assert (row["source"], row["wire_agencies"], row["location"]) == (f"'{evil}", "'+AFP", "'@Téra")
    assert row["longitude"] == "-4.5"
    assert not [value for name, value in row.items() if value[:1] in "=+-@\t\r" and value and name != "longitude"]


def test_geojson_has_points_with_their_precision(dataset, capfdbinary):
    """Longitude comes first; an event without a point has a null geometry and is still there."""
    country = Location(name=None, country="ML", precision="country")
    dataset.commit(article("a"), article("b"), story("a"), story("b"), event("a"), event("b", location=country))
    collection = orjson.loads(exported(dataset, "geojson", capfdbinary=capfdbinary))
    features = {feature["properties"]["outlet"]: feature for feature in collection["features"]}
    assert collection["type"] == "FeatureCollection"
    assert features["a"]["geometry"] == {"type": "Point", "coordinates": [0.7531, 14.0078]}
    assert features["a"]["properties"]["location_precision"] == "place"
    assert features["b"]["geometry"] is None
    assert features["b"]["properties"]["location_precision"] == "country"


@pytest.mark.parametrize("events", [True, False])
def test_every_row_and_file_says_what_it_is(dataset, capfdbinary, events):
    """Machine coded, not reviewed, not fused: in each row, and in a file without rows too."""
    dataset.commit(article("a"), story("a"), *([event("a")] if events else []))
    collection = orjson.loads(exported(dataset, "geojson", capfdbinary=capfdbinary))
    lines = exported(dataset, "jsonl", capfdbinary=capfdbinary).splitlines()
    for one in (collection, *(f["properties"] for f in collection["features"]), *map(orjson.loads, lines)):
        assert (one["caveat"], one["machine_coded"], one["reviewed"], one["fused"]) == (CAVEAT, True, False, False)
    content = exported(dataset, "csv", capfdbinary=capfdbinary)
    assert b"machine_coded_not_reviewed_not_fused" in content.split(b"\r\n")[0]
    assert all(
        row["machine_coded_not_reviewed_not_fused"] == "true" and CAVEAT in row["notes"] for row in table(content)
    )
    assert len(table(content)) == len(lines) == len(collection["features"]) == int(events)


SENSITIVE = {
    "sexual violence": ({"event_type": "CIV.SEXUAL"}, "sexual_violence"),
    "rape beside an attack": ({"sentence": "Des femmes ont été violées."}, "sexual_violence"),
    "abduction": ({"event_type": "CIV.ABDUCTION"}, "hostages"),
    "release": ({"event_type": "CIV.RELEASE"}, "hostages"),
    "abducted in an attack": ({"quantities": (Quantity(kind="abducted", low=4, high=4),)}, "hostages"),
    "displacement": ({"event_type": "HUM.DISPLACE"}, "displaced_people"),
    "attack on a site (fr)": ({"sentence": "Le site de déplacés internes a été attaqué."}, "displaced_people"),
    "attack on a site (en)": ({"sentence": "Gunmen raided the IDP camp."}, "displaced_people"),
    "attack on a site (ar)": ({"sentence": "هاجم مسلحون مخيم النازحين."}, "displaced_people"),
    "attack on a site (ha)": ({"sentence": "An kai hari sansanin 'yan gudun hijira."}, "displaced_people"),
    "planned aid": ({"event_type": "HUM.AID", "mode": "planned"}, "planned_movement"),
    "planned convoy (fr)": ({"event_type": "MIL.DEPLOY", "mode": "planned", "sentence": "Un convoi partira lundi."}, "planned_movement"),
    "planned convoy (ar)": ({"event_type": "MIL.DEPLOY", "mode": "planned", "sentence": "ستنطلق القافلة غدا."}, "planned_movement"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), SENSITIVE.values(), ids=SENSITIVE)
def test_sensitive_places_are_coarse_in_all_public_formats(dataset, capfdbinary, changes, reason):
    """No format holds the place's name, id or coordinates; the row says why, and keeps the division."""
    more = {"event_type": "CIV.ATTACK", **changes}
    dataset.commit(article("a"), story("a"), event("a", more.pop("event_type"), **more))
    assert rolling_exports(dataset.store, NOW)
    rows = [orjson.loads(line) for line in exported(dataset, "jsonl", capfdbinary=capfdbinary).splitlines()]
    [row] = rows
    assert (row["coarsened"], row["admin1"], row["country"]) == (reason, "Tillabéri", "NE")
    assert row["location_precision"] in {"admin1", "admin2"}
    contents = [exported(dataset, name, capfdbinary=capfdbinary) for name in export_formats.FORMATS]
    contents += [dataset.store.read(name) for name in dataset.store.names("exports/")]
    assert len(contents) == 15
    for content in contents:
        assert not [fine for fine in FINE - {"Téra"} if fine in content.decode()]


def test_the_name_of_a_place_is_withheld_with_its_point(dataset, capfdbinary):
    """A village in a sensitive event appears nowhere in the public exports; its division does."""
    village = dataclasses.replace(TERA, name="Zaney-Kaina", latitude=13.9191, longitude=0.4747, geoname_id=99)
    dataset.commit(article("a"), story("a"), event("a", "CIV.ABDUCTION", location=village))
    for name in export_formats.FORMATS:
        content = exported(dataset, name, capfdbinary=capfdbinary).decode()
        assert "Tillabéri" in content
        assert not [fine for fine in ("Zaney", "13.91", "0.47") if fine in content]


def test_a_neighbouring_row_does_not_give_the_place_away(dataset):
    """Other events of the story at that place are as coarse; those elsewhere, and other stories, are not."""
    niamey = Location(name="Niamey", country="NE", admin1="Niamey", latitude=13.5, longitude=2.1, precision="place")
    dataset.commit(
        article("a"), article("x"), story("a"), story("x"),
        event("a", "CIV.ABDUCTION"), event("a", "CIV.ATTACK", start=9), event("a", "POL.ARREST", location=niamey),
        event("x", "BAT.CLASH"),
    )  # fmt: skip
    found = {row["event_type"]: (row["coarsened"], row["place"]) for row in export_rows(dataset.store)}
    assert found["CIV.ATTACK"][0] == "same_place_as_a_sensitive_event"
    assert (found["POL.ARREST"], found["BAT.CLASH"]) == ((None, "Niamey"), (None, "Téra"))


def test_a_copy_that_tells_more_makes_the_row_sensitive(dataset):
    """One statement of several is enough: the older text said that people were taken."""
    dataset.commit(
        article("a", "08:00"), article("b", "12:00"), story("a"), story("b", "a", "update"),
        event("a", "CIV.ATTACK", Quantity(kind="abducted", low=2, high=2)), event("b", "CIV.ATTACK", root="a"),
    )  # fmt: skip
    [row] = export_rows(dataset.store)
    assert row["coarsened"] == "hostages"


def test_ordinary_and_past_events_keep_their_place(dataset):
    """An attack, and aid that has arrived, are shown where the text says."""
    dataset.commit(article("a"), story("a"), event("a"), event("a", "HUM.AID", sentence="Un convoi est arrivé."))
    assert {(row["place"], row["coarsened"]) for row in export_rows(dataset.store)} == {("Téra", None)}


def test_no_point_finer_than_the_division_is_left():
    """With a point of the second level that is used, else the first level's, else none, and the name goes with it."""
    burkina = {
        "name": "Foutouri", "country": "BF", "admin1": "Est", "admin2": "Komondjari", "latitude": 12.9, "longitude": 0.5,
        "precision": "place", "geoname_id": 1,
    }  # fmt: skip
    second = do_no_harm.coarse(burkina)
    assert (second["precision"], second["name"]) == ("admin2", "Komondjari")
    assert second["latitude"] is not None
    first = do_no_harm.coarse({**burkina, "admin2": None})
    assert (first["precision"], first["name"]) == ("admin1", "Est")
    assert first["latitude"] not in {None, second["latitude"], 12.9}
    none = do_no_harm.coarse({**burkina, "admin1": None, "admin2": None})
    assert (none["precision"], none["name"], none["latitude"], none["geoname_id"]) == ("country", None, None, None)
    area = do_no_harm.coarse({**burkina, "precision": "area", "admin2": None})
    assert area["precision"] == "admin1"


def test_authors_and_evidence_are_internal(dataset, capfdbinary):
    """Public exports hold neither, whatever the format; --internal has both and the exact place."""
    dataset.commit(article("a"), story("a"), event("a", "CIV.ABDUCTION", sentence="Une phrase citée."))
    rolling_exports(dataset.store, NOW)
    public = [
        exported(dataset, f, *flag, capfdbinary=capfdbinary)
        for f in export_formats.FORMATS
        for flag in ((), ("--public",))
    ]
    public += [dataset.store.read(name) for name in dataset.store.names("exports/")]
    for content in public:
        assert not [word for word in ("Signataire", "phrase citée", "Titre a") if word in content.decode()]
    with pytest.raises(UsageError, match="HXL is for passing on"):
        exported(dataset, "hxl", "--internal", capfdbinary=capfdbinary)
    for name in ("geojson", "csv", "jsonl"):
        content = exported(dataset, name, "--internal", capfdbinary=capfdbinary).decode()
        assert all(word in content for word in ("Signataire", "phrase citée", "14.0078"))


def test_rolling_files_hold_what_became_known_in_their_hours(dataset):
    """24 hours, 7 and 30 days nest; unsure, historical and background events are not on the map of the day."""
    dataset.commit(
        *(dataclasses.replace(article(f"d{day}"), published=clock("12:00", day), first_seen=clock("13:00", day))
          for day in (1, 15, 20)),
        *(story(f"d{day}") for day in (1, 15, 20)), *(event(f"d{day}") for day in (1, 15, 20)),
        event("d20", "BAT.CLASH", confidence=0.4), event("d20", "POL.COUP", mode="historical"),
        event("d20", "REM.IED", is_background=True), event("d20", "DIP.TALKS", mode="planned"),
    )  # fmt: skip
    names = rolling_exports(dataset.store, NOW)
    assert names == [f"exports/events_{w}.{f}" for w in ("24h", "30d", "7d") for f in ("csv", "geojson", "hxl.csv")] + [
        "exports/feeds_status.json"
    ]
    found = {}
    for window in ("24h", "7d", "30d"):
        rows = table(dataset.store.read(f"exports/events_{window}.csv"))
        collection = orjson.loads(dataset.store.read(f"exports/events_{window}.geojson"))
        assert len(rows) == len(collection["features"])
        tagged = table(dataset.store.read(f"exports/events_{window}.hxl.csv"))
        assert [row["Event id"] for row in tagged[1:]] == [f["id"] for f in collection["features"]]
        found[window] = sorted((row["source"], row["srse_type"]) for row in rows)
    today = [("d20", "CIV.ATTACK"), ("d20", "DIP.TALKS")]
    assert found["24h"] == today
    assert found["7d"] == [("d15", "CIV.ATTACK"), *today]
    assert found["30d"] == [("d1", "CIV.ATTACK"), *found["7d"]]
    assert rolling_exports(dataset.store, NOW) == []


def test_old_windows_are_not_read_for_the_rolling_files(dataset):
    """What was committed long before the longest window is not opened: a year of data must not be read every time."""
    dataset.commit(article("a"), story("a"), event("a"), at=NOW - dt.timedelta(days=60))
    for name in dataset.store.names("articles/") + dataset.store.names("events/"):
        (dataset.root / name).write_bytes(b"not to be read")
    dataset.commit(article("b"), story("b"), event("b"))
    rolling_exports(dataset.store, NOW)
    assert len(table(dataset.store.read("exports/events_30d.csv"))) == 1


def test_feeds_status_gives_the_last_poll_and_no_addresses(dataset):
    """One line a feed; addresses and validators, which may carry keys, stay inside."""
    feed = FeedRow(
        feed_id="un", url="https://un.example/feed?key=geheim", polled=clock("08:00"), status="ok", etag="geheim"
    )
    later = dataclasses.replace(feed, polled=clock("09:00"), status="HTTP_403", health="failing", message="geheim")
    dataset.commit(feed, dataclasses.replace(feed, feed_id="deux"))
    dataset.commit(later)
    rolling_exports(dataset.store, NOW)
    content = dataset.store.read("exports/feeds_status.json")
    assert b"geheim" not in content
    assert [(f["feed_id"], f["status"], f["health"]) for f in orjson.loads(content)["feeds"]] == [
        ("deux", "ok", "ok"),
        ("un", "HTTP_403", "failing"),
    ]


def test_since_keeps_what_became_known_from_then_on(dataset, capfdbinary):
    """An update brings its event back; members of the story that came days before still count."""
    early = {"published": clock("08:00", 16), "first_seen": clock("09:00", 16)}
    dataset.commit(
        dataclasses.replace(article("a"), **early), dataclasses.replace(article("x"), **early),
        story("a"), story("x"), event("a", "CIV.ATTACK", killed(1)), event("x"), at=NOW - dt.timedelta(days=4),
    )  # fmt: skip
    dataset.commit(
        article("b", "12:00"),
        story("b", "a", "update"),
        event("b", "CIV.ATTACK", killed(2), root="a", sentence="Encore."),
    )
    content = exported(dataset, "jsonl", "--since", "2026-11-20T10:00:00Z", capfdbinary=capfdbinary)
    [row] = map(orjson.loads, content.splitlines())
    assert (row["outlet"], row["articles"], row["first_outlet"], len(row["figures_history"])) == ("b", 2, "a", 1)


def test_exports_are_the_same_bytes_in_any_order_of_rows(tmp_path, capfdbinary):
    """The order in which rows were written leaves no trace."""
    rows = [
        article("a"),
        article("b"),
        story("a"),
        story("b", "a", "copy"),
        event("a"),
        event("b", root="a"),
        event("a", "POL.ARREST"),
    ]
    contents = []
    for number, order in enumerate((rows, rows[::-1])):
        dataset = Handmade(tmp_path / str(number))
        dataset.commit(*order)
        contents.append([exported(dataset, f, capfdbinary=capfdbinary) for f in export_formats.FORMATS])
    assert contents[0] == contents[1]


@pytest.mark.parametrize("output", ["nowhere", "s3://bucket/x"])
def test_a_place_without_a_dataset_is_bad_usage(tmp_path, monkeypatch, output):
    """One clear line instead of an empty file."""
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(output=output, format="csv", since=None, public=False, internal=False)
    with pytest.raises(UsageError, match=r"^sahelwatch export: ") as raised:
        export.main(options)
    assert "\n" not in str(raised.value)
