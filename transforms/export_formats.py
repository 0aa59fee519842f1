"""Flat rows of events as GeoJSON, CSV in ACLED's columns, or JSON Lines. Pure; no reading, no choosing.

The CSV takes ACLED's column names (codebook of 2025) so that it loads where ACLED's files do; it holds none of its data.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

Json = dict[str, Any]

ATTRIBUTION = "Place coordinates: GeoNames, CC BY 4.0"
FORMATS = ("geojson", "csv", "jsonl", "hxl")

_COUNTRIES: dict[str, tuple[str, int, str]] = {
    "BF": ("Burkina Faso", 854, "Western Africa"), "BJ": ("Benin", 204, "Western Africa"),
    "CF": ("Central African Republic", 140, "Middle Africa"), "CI": ("Ivory Coast", 384, "Western Africa"),
    "CM": ("Cameroon", 120, "Middle Africa"), "DZ": ("Algeria", 12, "Northern Africa"),
    "GH": ("Ghana", 288, "Western Africa"), "GM": ("Gambia", 270, "Western Africa"),
    "GN": ("Guinea", 324, "Western Africa"), "GW": ("Guinea-Bissau", 624, "Western Africa"),
    "LR": ("Liberia", 430, "Western Africa"), "LY": ("Libya", 434, "Northern Africa"),
    "MA": ("Morocco", 504, "Northern Africa"), "ML": ("Mali", 466, "Western Africa"),
    "MR": ("Mauritania", 478, "Western Africa"), "NE": ("Niger", 562, "Western Africa"),
    "NG": ("Nigeria", 566, "Western Africa"), "SD": ("Sudan", 729, "Northern Africa"),
    "SL": ("Sierra Leone", 694, "Western Africa"), "SN": ("Senegal", 686, "Western Africa"),
    "TD": ("Chad", 148, "Middle Africa"), "TG": ("Togo", 768, "Western Africa"),
    "TN": ("Tunisia", 788, "Northern Africa"),
}  # fmt: skip
"""ISO alpha-2 -> English name, ISO numeric code, ACLED region; other countries keep their alpha-2 code."""
_DISORDER = {
    "Battles": "Political violence",
    "Explosions/Remote violence": "Political violence",
    "Violence against civilians": "Political violence",
    "Protests": "Demonstrations",
    "Riots": "Demonstrations",
    "Strategic developments": "Strategic developments",
}
_INTER = {
    **dict.fromkeys(("state_gov", "state_military", "state_police", "junta"), 1),
    **dict.fromkeys(("rebel_jihadist", "rebel_political"), 2),
    **dict.fromkeys(("militia_political", "militia_progov", "criminal"), 3),
    "militia_identity": 4,
    "rioters": 5,
    "protesters": 6,
    **dict.fromkeys(("civilians", "humanitarian", "political_party", "media"), 7),
    **dict.fromkeys(("foreign_military", "pmc", "igo_force", "igo"), 8),
}
"""Actor class -> ACLED inter code, as in the list of actors."""
_TIME_PRECISION = {"day": 1, "week": 2, "month": 3, "year": 3}
_GEO_PRECISION = {"place": 1, "area": 3, "admin2": 2, "admin1": 3}
_CIVILIAN_TARGETS = frozenset(
    ("civilian", "aid_worker", "health", "education", "worship", "market", "mine_site", "media")
)
CSV_COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type",
    "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "civilian_targeting", "iso", "region",
    "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
    # from here on our own
    "machine_coded_not_reviewed_not_fused", "fatalities_is", "killed_low", "killed_high", "figures", "figures_history",
    "srse_type", "mode", "asserted", "is_background", "alleged", "claimed_by", "confidence", "in_newest_text",
    "location_precision", "coarsened", "date_end", "date_precision", "plover", "cameo", "ucdp", "url", "language",
    "published", "reported_at", "story_id", "articles", "copies", "updates", "outlets", "independent_families",
    "ownership_groups", "wire_agencies", "articles_with_event", "first_published", "first_outlet", "first_url", "status",
    "rules", "rules_version",
)  # fmt: skip
INTERNAL_COLUMNS = ("title", "authors", "evidence", "sensitive")
_SAME = (
    "killed_low", "killed_high", "mode", "asserted", "is_background", "alleged", "claimed_by", "confidence",
    "in_newest_text", "location_precision", "coarsened", "date_end", "date_precision", "plover", "cameo", "ucdp", "url",
    "language", "published", "reported_at", "story_id", "articles", "copies", "updates", "outlets",
    "independent_families", "ownership_groups", "articles_with_event", "first_published", "first_outlet", "first_url",
    "status", "rules_version",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def jsonl(rows: Iterable[Json]) -> bytes:
    """One row a line."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def geojson(rows: Iterable[Json], *, caveat: str, as_of: str, since: str | None) -> bytes:
    """A FeatureCollection (RFC 7946); an event without a point has a null geometry, all else is in its properties."""
    features = []
    for row in rows:
        point = None
        if row["latitude"] is not None and row["longitude"] is not None:
            point = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}
        properties = {key: value for key, value in row.items() if key not in {"latitude", "longitude"}}
        features.append({"type": "Feature", "id": row["story_event_id"], "geometry": point, "properties": properties})
    head = {
        "type": "FeatureCollection",
        "caveat": caveat,
        "machine_coded": True,
        "reviewed": False,
        "fused": False,
        "as_of": as_of,
        "since": since,
        "attribution": ATTRIBUTION,
    }
    return orjson.dumps({**head, "features": features}) + b"\n"


def acled_csv(rows: Iterable[Json], *, internal: bool = False) -> bytes:
    """The rows in ACLED's columns and ours (UTF-8, comma, CRLF, RFC 4180)."""
    return b"".join(acled_lines(rows, internal=internal))


def acled_lines(rows: Iterable[Json], *, internal: bool = False) -> list[bytes]:
    """The lines of ``acled_csv``: the header, then one a row."""
    columns = (*CSV_COLUMNS, *(INTERNAL_COLUMNS if internal else ()))
    lines = [columns]
    for row in rows:
        cells = {**acled_row(row), **({name: listed(row[name]) for name in INTERNAL_COLUMNS} if internal else {})}
        lines.append(tuple(cell(cells[name]) for name in columns))
    return csv_lines(lines)


def csv_lines(rows: Iterable[Sequence[Any]]) -> list[bytes]:
    """Rows of cells as lines of CSV."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    lines = []
    for row in rows:
        writer.writerow(row)
        lines.append(sink.getvalue().encode())
        sink.seek(0)
        sink.truncate()
    return lines


def cell(value: Any) -> Any:
    """A CSV cell: numbers as they are, null as nothing, text on one line and never a formula.

    Spreadsheets run cells that begin with = + - @ (also full width), a tab or a carriage return, and some skip blanks first
    (OWASP, CSV injection); an apostrophe in front makes them text.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = str(value)
    risky = text[0] in "\t\r\n" or text.lstrip().startswith(_FORMULA)
    text = " ".join(text.split())
    return f"'{text}" if risky else text


def acled_row(row: Json) -> Json:
    """A flat row under the columns of the CSV. ``fatalities`` is the low end, and blank unless asserted and stated."""
    country, number, region = _COUNTRIES.get(row["country"] or "", (row["country"] or "", "", ""))
    sides = _sides(row["actors"])
    taken = row["asserted"] and row["killed_low"] is not None
    return {
        **{name: row[name] for name in _SAME},
        "event_id_cnty": f"{row['country'] or 'XX'}-{row['story_event_id']}",
        "event_date": row["date_start"],
        "year": (row["date_start"] or "")[:4],
        "time_precision": _TIME_PRECISION.get(row["date_precision"]),
        "disorder_type": _DISORDER.get(row["acled_type"] or ""),
        "event_type": row["acled_type"],
        "sub_event_type": row["acled_sub_type"],
        **{
            name: value
            for side, actors in zip("12", sides, strict=True)
            for name, value in (
                (f"actor{side}", actors[0]["name"] if actors else None),
                (f"assoc_actor_{side}", "; ".join(actor["name"] for actor in actors[1:])),
                (f"inter{side}", _INTER.get(actors[0]["class"]) if actors else None),
            )
        },
        "civilian_targeting": "Civilian targeting" if row["target_class"] in _CIVILIAN_TARGETS else "",
        "iso": number,
        "region": region,
        "country": country,
        "admin1": row["admin1"],
        "admin2": row["admin2"],
        "admin3": None,
        "location": row["place"],
        "latitude": row["latitude"],
        "longitude": row["longitude"],
        "geo_precision": _GEO_PRECISION.get(row["location_precision"] or ""),
        "source": row["outlet"],
        "source_scale": None,
        "notes": f"{row['label']} ({row['mode']}), {row['caveat']}.",
        "fatalities": row["killed_low"] if taken else None,
        "fatalities_is": "low",
        "tags": None,
        "timestamp": int(dt.datetime.fromisoformat(row["ingested"]).timestamp()),
        "machine_coded_not_reviewed_not_fused": True,
        "figures": listed([figure_text(figure) for figure in row["figures"]]),
        "figures_history": listed(
            [
                f"{one['as_of']} {one['outlet']} {one['mode']}: "
                + (", ".join(figure_text(figure) for figure in one["figures"]) or "no figures")
                for one in row["figures_history"]
            ]
        ),
        "srse_type": row["event_type"],
        "wire_agencies": listed(row["wire_agencies"]),
        "rules": listed(row["rules"]),
    }


def figure_text(figure: Json) -> str:
    """``killed civilian 12-15``, ``12+`` when open, ``~`` when rounded, with who says so."""
    low, high = figure["low"], figure["high"]
    span = f"{low}+" if high is None else str(low) if low == high else f"{low}-{high}"
    claim = f" (by {figure['claimed_by']})" if figure["claimed_by"] else ""
    return f"{figure['kind']} {figure['who']} {'~' if figure['approximate'] else ''}{span}{claim}"


def _sides(actors: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """Who acts and who suffers; where the text does not tell the two apart, the first participant and the others."""
    one = [actor for actor in actors if actor["role"] == "initiator"]
    other = [actor for actor in actors if actor["role"] == "target"]
    for actor in (actor for actor in actors if actor["role"] == "participant"):
        (one if not one else other).append(actor)
    return one, other


def bounds(quantities: Iterable[Json], kind: str) -> tuple[int | None, int | None]:
    """The least and the greatest number of a kind that figures allow; (None, None) when none is stated.

    Different claims about the same people are alternatives: the lowest low, the highest high. Different people are added.
    A figure for nobody in particular may be the total of the others, so it is compared with their sum, not added to it.
    """
    found = [quantity for quantity in quantities if quantity["kind"] == kind]
    if not found:
        return None, None
    lows: dict[str, int] = {}
    highs: dict[str, float] = {}
    for quantity in found:
        who, high = quantity["who"], float("inf") if quantity["high"] is None else quantity["high"]
        lows[who] = min(lows.get(who, quantity["low"]), quantity["low"])
        highs[who] = max(highs.get(who, high), high)
    low = max(lows.pop("unknown", 0), sum(lows.values()))
    high = max(highs.pop("unknown", 0), sum(highs.values()))
    return low, None if high == float("inf") else int(high)


def country_name(code: str | None) -> str:
    """The English name of a country of the region; its code for any other, empty for none."""
    return _COUNTRIES[code][0] if code in _COUNTRIES else code or ""


def listed(values: Any) -> Any:
    """A list in one cell; objects as JSON."""
    if not isinstance(values, list):
        return values
    return " | ".join(value if isinstance(value, str) else orjson.dumps(value).decode() for value in values)


def content_type(name: str) -> str:
    """The media type of an export by its ending."""
    return {
        "geojson": "application/geo+json",
        "csv": "text/csv; charset=utf-8",
        "jsonl": "application/x-ndjson",
    }.get(name.rpartition(".")[2], "application/json")
