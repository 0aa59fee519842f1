"""``sahelwatch export``: the events of a dataset's stories, for maps, spreadsheets and programs."""

import argparse
import sys
from typing import Any

from pipeline.arguments import moment
from pipeline.options import UsageError
from transforms import export_formats
from transforms.clock import iso
from transforms.datasets import manifests
from transforms.store import StoreUnavailableError, open_store


def add_parser(commands: Any) -> None:
    """Add ``export`` to the sub-commands."""
    parser = commands.add_parser(
        "export",
        help="events of a dataset as GeoJSON, CSV or JSON Lines on stdout",
        description="One row per event of a story, not one per copy: machine coded, not reviewed, not fused across "
        "independent reports. What is printed is fit for the public (no authors, no evidence, coarse places where "
        "exact ones could do harm) unless --internal is given.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--output", required=True, metavar="URI", help="the dataset: a local folder or gs://bucket/prefix"
    )
    parser.add_argument(
        "--format", required=True, choices=export_formats.FORMATS, metavar="FORMAT",
        help="geojson, csv (ACLED's columns; fatalities is the low end), hxl (CSV with HXL hashtags) or jsonl",
    )  # fmt: skip
    parser.add_argument(
        "--since", type=moment, metavar="TIME", help="only events whose newest text is known from then on (ISO 8601)"
    )
    audience = parser.add_mutually_exclusive_group()
    audience.add_argument("--public", action="store_true", help="withhold what could do harm (the default)")
    audience.add_argument(
        "--internal", action="store_true", help="with authors, evidence and exact places; do not pass it on"
    )


def main(options: argparse.Namespace) -> int:
    """Print the export; 0, or UsageError when there is no dataset to read."""
    from transforms import exports, hxl  # noqa: PLC0415 - bad usage should not wait for the gazetteer

    try:
        store = open_store(options.output)
        newest = ""
        for _, manifest in manifests(store):
            newest = manifest["written"]
    except (StoreUnavailableError, ValueError) as error:
        raise UsageError(f"sahelwatch export: {error}") from error
    if not newest:
        raise UsageError(f"sahelwatch export: no dataset at {options.output}")
    if options.format == "hxl" and options.internal:
        raise UsageError("sahelwatch export: HXL is for passing on, so there is no internal one: take csv or jsonl")
    rows = exports.export_rows(store, since=options.since, public=not options.internal)
    if options.format == "geojson":
        since = iso(options.since) if options.since else None
        content = export_formats.geojson(rows, caveat=exports.CAVEAT, as_of=newest, since=since)
    elif options.format == "csv":
        content = export_formats.acled_csv(rows, internal=options.internal)
    elif options.format == "hxl":
        content = hxl.hxl_csv(rows)
    else:
        content = export_formats.jsonl(rows)
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.flush()
    return 0
