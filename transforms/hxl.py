"""Flat rows of events as HXL: a CSV whose second row tags each column (HXL 1.1), for humanitarian information systems.

Divisions go by their names and places by their GeoNames ids: the gazetteer has no p-codes, and guessed ones would be taken
for what they are not. Pure; no reading, no choosing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from transforms.export_formats import bounds, cell, country_name, csv_lines, listed

Json = dict[str, Any]

_COUNTED = ("killed", "wounded", "abducted", "released", "missing", "arrested", "displaced", "returned")
"""Kinds of figures that are people; the least and the greatest number of each are two columns."""

COLUMNS: dict[str, str] = {
    "Event id": "#event+id",
    "Event type": "#event+type+code",
    "Event type name": "#event+type+name",
    "ACLED event type": "#event+type+v_acled",
    "ACLED sub-event type": "#event+subtype+v_acled",
    "UCDP type": "#event+type+v_ucdp",
    "Mode": "#event+mode",
    "Reported as having happened": "#event+asserted+bool",
    "Background": "#event+background+bool",
    "Alleged": "#event+alleged+bool",
    "From": "#date+occurred+start",
    "To": "#date+occurred+end",
    "Date precision": "#date+occurred+precision",
    "Reported": "#date+reported",
    "Country": "#country+name",
    "Country code": "#country+code+v_iso2",
    "First-level division": "#adm1+name",
    "Second-level division": "#adm2+name",
    "Place": "#loc+name",
    "GeoNames id": "#loc+id+v_geonames",
    "Place precision": "#loc+precision",
    "Latitude": "#geo+lat",
    "Longitude": "#geo+lon",
    "Place withheld because": "#loc+withheld+reason",
    "Initiator": "#group+initiator+name",
    "Target": "#group+target+name",
    "Target class": "#group+target+type",
    **{
        f"{kind.capitalize()}, {word}": f"#affected+{kind}+{bound}"
        for kind in _COUNTED
        for word, bound in (("least", "min"), ("greatest", "max"))
    },
    "Figures claimed by": "#meta+claimed_by",
    "Confidence": "#meta+confidence+num",
    "Outlet": "#meta+source",
    "Address": "#meta+url",
    "Language": "#meta+lang",
    "Story id": "#meta+story+id",
    "Articles of the story": "#meta+articles+num",
    "Independent publisher families": "#meta+families+num",
    "Ownership groups": "#meta+ownership_groups+num",
    "Status": "#status",
    "Caveat": "#meta+caveat",
}
"""Header -> HXL hashtag with its attributes."""


def hxl_csv(rows: Iterable[Json]) -> bytes:
    """The rows under a header and a row of hashtags (UTF-8, comma, CRLF, RFC 4180)."""
    return b"".join(hxl_lines(rows))


def hxl_lines(rows: Iterable[Json]) -> list[bytes]:
    """The lines of ``hxl_csv``: header and hashtags together, then one a row."""
    cells = (hxl_row(row) for row in rows)
    lines = csv_lines(
        [tuple(COLUMNS), tuple(COLUMNS.values()), *([cell(row[name]) for name in COLUMNS] for row in cells)]
    )
    return [b"".join(lines[:2]), *lines[2:]]


def hxl_row(row: Mapping[str, Any]) -> Json:
    """A flat row under the headers. People are counted only where the text says that the event happened, and how many."""
    counted: Json = {}
    for kind in _COUNTED:
        low, high = bounds(row["figures"], kind) if row["asserted"] else (None, None)
        counted |= {f"{kind.capitalize()}, least": low, f"{kind.capitalize()}, greatest": high}
    return {
        **counted,
        "Event id": row["story_event_id"],
        "Event type": row["event_type"],
        "Event type name": row["label"],
        "ACLED event type": row["acled_type"],
        "ACLED sub-event type": row["acled_sub_type"],
        "UCDP type": row["ucdp"],
        "Mode": row["mode"],
        "Reported as having happened": row["asserted"],
        "Background": row["is_background"],
        "Alleged": row["alleged"],
        "From": row["date_start"],
        "To": row["date_end"],
        "Date precision": row["date_precision"],
        "Reported": row["reported_at"],
        "Country": country_name(row["country"]),
        "Country code": row["country"],
        "First-level division": row["admin1"],
        "Second-level division": row["admin2"],
        "Place": row["place"],
        "GeoNames id": row["geoname_id"],
        "Place precision": row["location_precision"],
        "Latitude": row["latitude"],
        "Longitude": row["longitude"],
        "Place withheld because": row["coarsened"],
        "Initiator": _names(row["actors"], "initiator"),
        "Target": _names(row["actors"], "target"),
        "Target class": row["target_class"],
        "Figures claimed by": listed(sorted({f["claimed_by"] for f in row["figures"] if f["claimed_by"]})),
        "Confidence": row["confidence"],
        "Outlet": row["outlet"],
        "Address": row["url"],
        "Language": row["language"],
        "Story id": row["story_id"],
        "Articles of the story": row["articles"],
        "Independent publisher families": row["independent_families"],
        "Ownership groups": row["ownership_groups"],
        "Status": row["status"],
        "Caveat": row["caveat"],
    }


def _names(actors: Sequence[Json], role: str) -> Any:
    return listed([actor["name"] for actor in actors if actor["role"] == role])
