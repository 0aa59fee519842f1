"""The HXL exports: tags of the standard, and cells that say no more than the events do."""

import csv
import io
import re

import pytest

from tests.conftest import run_main
from tests.handmade import Handmade, article, event, killed, story
from transforms.export_formats import bounds
from transforms.exports import CAVEAT
from transforms.hxl import COLUMNS
from transforms.records import Actor, Quantity

CORE = (
    "activity adm1 adm2 adm3 adm4 adm5 affected beneficiary capacity cause channel contact country crisis currency date "
    "delivery description event frequency geo group impact indicator inneed item loc meta modality need operations org "
    "output population reached region respondee sector service severity status subsector targeted value access"
)
"""The core hashtags of HXL 1.1."""
TAG = re.compile(r"#([a-z][a-z0-9_]*)((?:\+[a-z][a-z0-9_]*)*)")


@pytest.fixture
def dataset(tmp_path):
    """An empty dataset."""
    return Handmade(tmp_path)


def exported(dataset):
    """(header, tags, rows by tag) of the command's output."""
    ran = run_main("export", "--output", str(dataset.root), "--format", "hxl")
    assert ran.status == 0, ran.err
    header, tags, *rows = csv.reader(io.StringIO(ran.out, newline=""))
    return header, tags, [dict(zip(tags, row, strict=True)) for row in rows]


def test_each_column_has_a_tag_of_the_standard_and_no_two_are_the_same():
    """A core hashtag with attributes in lower case; a reader tells every two columns apart by tag alone."""
    read = [TAG.fullmatch(tag) for tag in COLUMNS.values()]
    assert all(read)
    assert {one[1] for one in read} <= set(CORE.split())
    sets = [(one[1], frozenset(one[2].split("+"))) for one in read]
    assert len(set(sets)) == len(sets)
    for tag, *attributes in (
        ("event", "id"), ("date", "occurred", "start"), ("country", "code", "v_iso2"), ("adm1", "name"), ("geo", "lat"),
        ("geo", "lon"), ("affected", "killed", "min"), ("affected", "killed", "max"), ("meta", "source"),
    ):  # fmt: skip
        assert (tag, frozenset(["", *attributes])) in sets


def test_the_second_row_has_the_tags_and_each_row_says_what_it_is(dataset):
    """Header, hashtags, rows, all as wide; machine coded, not reviewed, not fused in each."""
    dataset.commit(article("a"), story("a"), event("a", "CIV.ATTACK", killed(12, 15)))
    header, tags, [row] = exported(dataset)
    assert (header, tags) == (list(COLUMNS), list(COLUMNS.values()))
    assert (row["#meta+caveat"], row["#status"]) == (CAVEAT, "machine_unreviewed")
    assert (row["#country+name"], row["#country+code+v_iso2"]) == ("Niger", "NE")
    assert (row["#adm1+name"], row["#adm2+name"], row["#loc+name"]) == ("Tillabéri", "Téra", "Téra")
    assert (row["#geo+lat"], row["#geo+lon"], row["#loc+id+v_geonames"]) == ("14.0078", "0.7531", "2439376")
    assert (row["#affected+killed+min"], row["#affected+killed+max"]) == ("12", "15")
    assert (row["#affected+wounded+min"], row["#date+occurred+start"]) == ("", "2026-11-18")


def test_without_events_there_are_header_and_tags(dataset):
    """A quiet day is a file that a reader can open."""
    dataset.commit(article("a"), story("a"))
    assert exported(dataset)[2] == []


def test_an_open_figure_has_no_greatest_and_what_did_not_happen_counts_nobody(dataset):
    """At least twenty is 20 and blank; planned, denied and recalled events leave the counts blank."""
    dataset.commit(
        article("a"), story("a"),
        event("a", "CIV.ATTACK", Quantity(kind="killed", low=20, high=None, who="civilian", claimed_by="x")),
        event("a", "BAT.CLASH", killed(7), start=9, mode="denied"),
        event("a", "POL.COUP", killed(8), start=19, mode="historical"),
    )  # fmt: skip
    rows = {row["#event+type+code"]: row for row in exported(dataset)[2]}
    attack = rows["CIV.ATTACK"]
    assert (attack["#affected+killed+min"], attack["#affected+killed+max"]) == ("20", "")
    assert attack["#meta+claimed_by"] == "x"
    for name in ("BAT.CLASH", "POL.COUP"):
        assert {value for tag, value in rows[name].items() if tag.startswith("#affected")} == {""}
        assert rows[name]["#event+asserted+bool"] == "false"


def test_formulas_are_neutralised_and_actors_stand_by_their_side(dataset):
    """A cell that a spreadsheet would run begins with an apostrophe; both sides of an event are told apart."""
    actors = (
        Actor(name="=HYPERLINK(0)", actor_id="x", role="initiator", actor_class="unknown"),
        Actor(name="Armée", actor_id="y", role="target", actor_class="state_military"),
    )
    dataset.commit(article("a"), story("a"), event("a", actors=actors))
    _, _, [row] = exported(dataset)
    assert (row["#group+initiator+name"], row["#group+target+name"]) == ("'=HYPERLINK(0)", "Armée")


def test_bounds_are_of_one_kind():
    """Wounded are not dead; alternatives widen the range, different people are added."""
    figures = [
        {"kind": "killed", "who": "civilian", "low": 3, "high": 3},
        {"kind": "killed", "who": "civilian", "low": 5, "high": 6},
        {"kind": "killed", "who": "state_forces", "low": 1, "high": 1},
        {"kind": "wounded", "who": "civilian", "low": 9, "high": None},
    ]
    assert (bounds(figures, "killed"), bounds(figures, "wounded"), bounds(figures, "abducted")) == (
        (4, 7),
        (9, None),
        (None, None),
    )
