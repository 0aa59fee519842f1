"""What is wrong with what a manifest says expired, and with what is left of what was taken down."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from transforms.row_checks import Fault, taken_down


def expiry_faults(manifest: Mapping[str, Any], named: Mapping[str, int | None]) -> Iterator[Fault]:
    """What a manifest wrongly says expired; ``named`` gives the records of each object that earlier windows name.

    Objects of state and archive are named without a number of records: None.
    """
    ours = {found["name"]: found.get("records") for found in (*manifest["objects"], *manifest["archive"])}
    kept = {*ours, *(found["name"] for found in manifest["state"])}
    for expired in manifest.get("expired", ()):
        name, reason, standing = expired["object"], expired["reason"], expired["replaced_by"]
        if name not in named:
            yield "expiry", f"{name} expired, which no earlier window names"
        elif name in kept:
            yield "expiry", f"{name} expired in the window that names it"
        elif strange := [other for other in standing if other not in ours]:
            yield "expiry", f"{strange[0]} is to stand in for {name}, but the window does not name it"
        elif bool(standing) != (reason == "replaced"):
            yield "expiry", f"{name} expired as {reason} with {len(standing)} objects in its place"
        elif elsewhere := [other for other in standing if _folder(other) != _folder(name)]:
            yield "expiry", f"{elsewhere[0]} is to stand in for {name}, but lies in another folder"
        elif reason != "retention" and (held := named[name]) is not None:
            left = sum(ours[other] or 0 for other in standing)
            if held != left + expired["removed"]:
                yield "expiry", f"{name} held {held} records, but {left} are left and {expired['removed']} removed"


def tombstone_faults(manifest: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Fault]:
    """Where a window removes more article rows than its tombstones account for.

    An article's rows are numbered from 0 without a gap, so a tombstone's revision is how many it stands for.
    """
    removed = sum(
        expired["removed"] for expired in manifest.get("expired", ()) if expired["object"].startswith("articles/")
    )
    stood_for = sum(row["revision"] for row in rows["articles"] if taken_down(row))
    if removed > stood_for:
        yield "takedowns", f"{removed} rows of articles were removed, but tombstones stand for {stood_for}"


def takedown_fault(table: str, row: Mapping[str, Any], forgotten: Mapping[str, int]) -> Fault | None:
    """What is wrong with a row of a revised table in the light of what was taken down."""
    article_id = row["article_id"]
    if taken_down(row) and article_id not in forgotten:
        return (
            "takedowns",
            f"article {article_id} is taken down, but no manifest lists it: its rows are still published",
        )
    if not taken_down(row) and article_id in forgotten:
        when = f"in window {forgotten[article_id]}"
        return "takedowns", f"article {article_id} was taken down {when}, but this row of {table} is published"
    return None


def archived(index: bytes, forgotten: Collection[str]) -> Iterator[str]:
    """Articles that were taken down and of which an archive object has a page, by its index; "" is no index."""
    from transforms.archive import read_cdxj  # noqa: PLC0415 - loads parsers, which few audits need
    from transforms.feed_cuts import ids_of  # noqa: PLC0415

    try:
        lines = [line for _, line in read_cdxj(index)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # its bytes are others than its manifest says, which is found elsewhere
    for line in lines:
        if line.get("kind") == "page":
            addresses = {str(line["url"]), str(line.get("asked", line["url"]))}
            yield from sorted({one for url in addresses for one in ids_of(url)}.intersection(forgotten))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
