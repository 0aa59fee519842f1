"""Brings ``data/gazetteer.tsv.gz`` up to ``data/places.yaml`` without the dumps: ``python -m transforms.tagging.amend_gazetteer``.

Rules of the header are taken anew, common words ask for a cue; places and aliases of the hand list that the file does not know yet, and Arabic
spellings, are added. What was taken out of the hand list stays until ``build_gazetteer`` runs. A second run changes nothing.
"""

import gzip
from typing import Any

from transforms.tagging import build_gazetteer as build
from transforms.tagging import data_tables
from transforms.tagging.gazetteer import MASK, key_of, parse_place, read_gazetteer


def parsed() -> tuple[list[build.Row], build.Forms]:
    """The rows and forms of the committed file."""
    file = read_gazetteer()
    rows = [
        build.Row(
            p.geoname_id or 0, p.name, p.country or "", p.admin1 or "", p.admin2 or "", p.latitude, p.longitude,
            p.kind, p.population, p.prominence, p.countries, names={p.name},
        )
        for p in map(parse_place, file.lines)
    ]  # fmt: skip
    forms = build.Forms()
    for key, level, lower, numbers in zip(file.keys, file.levels, file.lower, file.rows, strict=True):
        if lower:
            forms.lower.add(key)
        if level == MASK:
            forms.masks.add(key)
            continue
        forms.levels[key] = level
        forms.rows[key] = set(map(int, numbers.split()))
    return rows, forms


def _means(key: str, rows: list[build.Row], forms: build.Forms, kind: str) -> bool:
    """Whether a form may mean a place of a kind already, or is a country's or masked."""
    kinds = {rows[index].kind for index in forms.rows.get(key, ())}
    return key in forms.masks or bool(kinds & {kind, "country", "area"})


def amend(hand: dict[str, Any], rows: list[build.Row], forms: build.Forms) -> None:
    """Adds what the hand list has and the file has not, then the Arabic spellings."""
    known = {(row.country, key_of(row.name)): index for index, row in enumerate(rows) if row.kind == "place"}
    known |= {
        (row.country, key_of(row.name)): index
        for index, row in enumerate(rows)
        if row.kind in ("admin2", "place") and row.prominence > 5
    }
    for place in hand["places"]:
        names = (place["name"], *place.get("aliases", ()))
        index = known.get((place["cc"], key_of(place["name"])))
        if index is None:
            spot = (place.get("lat"), place.get("lon"))
            kind = "place" if "lat" in place else "admin2"
            rows.append(
                build.Row(
                    place.get("id", 0), place["name"], place["cc"], place.get("admin1", ""), "", *spot, kind,
                    prominence=6,
                )
            )  # fmt: skip
            index = len(rows) - 1
        for name in names:
            abroad = "lat" in place and all(
                rows[other].country != place["cc"] and rows[other].kind not in ("country", "area")
                for other in forms.rows.get(key_of(name), ())
            )  # fmt: skip
            if (abroad and key_of(name) not in forms.masks) or not any(
                _means(key, rows, forms, "place") for key in build.variants(name)
            ):
                forms.add(name, index, place.get("cue", build.FREE))
    divisions = {(row.country, row.name): index for index, row in enumerate(rows) if row.kind == "admin1"}
    named = [(entry["code"][:2], entry) for entry in hand["admin1"]] + [("ML", entry) for entry in hand["mali_regions"]]
    for country, entry in named:
        for name in sorted(build.usable(entry.get("aliases", ()))):
            if not _means(key_of(name), rows, forms, "admin1"):
                forms.add(name, divisions[country, entry["name"]], build.LOOSE if len(name) < 4 else build.FREE)
    for key in map(key_of, hand["common_words"]):
        if key in forms.levels:
            forms.levels[key] = max(build.LOOSE, forms.levels[key])
    for mask in hand["masks"]:
        for key in build.variants(mask):
            forms.masks.add(key)
            forms.lower.add(key)
            forms.rows.pop(key, None)
    build.set_levels(hand, forms)
    build.seat(rows)
    build.add_arabic(rows, forms, {key_of(word) for word in hand["arabic_words"]})


def main() -> None:
    """Rewrites the file and prints how large it is."""
    hand = data_tables.places()
    rows, forms = parsed()
    amend(hand, rows, forms)
    packed = gzip.compress("\n".join(build.written(hand, rows, forms)).encode("utf-8"), compresslevel=9, mtime=0)
    (build.DATA / "gazetteer.tsv.gz").write_bytes(packed)
    print(f"{len(rows)} places, {len(forms.rows)} forms, {len(packed)} bytes")


if __name__ == "__main__":
    main()
