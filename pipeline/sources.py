"""What can be replayed: our own archive, WARC files of others, a folder of HTML files; as windows of the past."""

import argparse
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from pipeline.catalogue import CatalogueError, load_catalogue
from pipeline.foreign_source import ForeignSource
from pipeline.own_source import NothingSelectedError, OwnArchive
from pipeline.past import PastWindow
from transforms.archive_reader import Archive, DamagedArchiveError, NoArchiveError
from transforms.foreign_archive import UnreadableArchiveError


class SourceError(ValueError):
    """Nothing that can be replayed; the message says why in one line."""


class Source(Protocol):
    """Where windows of the past come from, in their order."""

    uri: str
    place: str
    """The root of the dataset or archive it is, which no new dataset may lie in or around; "" for files of others."""
    missing: Sequence[str]
    """Objects that it names and that are not there, though nothing says that they expired."""
    skipped: Mapping[str, int]
    """Why records or files of it are no pages of a replay: how many of each."""
    warnings: Sequence[str]
    """What the operator should know before it begins, one line each."""

    def names(self) -> list[str]:
        """The names of all windows that may be wanted."""

    def pages(self, names: Sequence[str]) -> list[int]:
        """How many pages each of these windows has."""

    def windows(self, names: Sequence[str]) -> Iterator[PastWindow | None]:
        """The windows of these names; None for one that lies outside of what was asked for."""


def open_source(options: argparse.Namespace) -> Source:
    """What lies at ``--archive``; SourceError when it is nothing that can be replayed."""
    try:
        feeds = load_catalogue(options.feeds) if options.feeds else None
    except CatalogueError as error:
        raise SourceError(str(error)) from error
    if options.since and options.until and options.since >= options.until:
        raise SourceError("--since is not before --until")
    selected: dict[str, Any] = {"since": options.since, "until": options.until, "only": frozenset(options.feed)}
    if re.match(r"(?i)^[a-z][a-z0-9+.-]+://", options.archive) and not options.archive.startswith("gs://"):
        raise SourceError(f"--archive is a local folder or file, or gs://bucket/prefix, not {options.archive!r}")
    try:
        archive = None if pathlib.Path(options.archive).is_file() else Archive(options.archive)
    except NoArchiveError as error:
        if options.archive.startswith("gs://"):
            hint = "WARC files of others and HTML files are read from a local folder: copy them to one first"
            raise SourceError(f"{error}; {hint}") from error
        if not ForeignSource.files(options.archive):
            raise SourceError(f"{error}, and no WARC or HTML file") from error
        archive = None
    if archive is not None:
        try:
            own = OwnArchive(archive, feeds=feeds, workers=options.extract_workers, **selected)
            own.survey()
        except (DamagedArchiveError, NothingSelectedError) as error:
            raise SourceError(str(error)) from error
        return own
    try:
        foreign = ForeignSource(options.archive, feeds=feeds, **selected)
    except UnreadableArchiveError as error:
        raise SourceError(str(error)) from error
    if not foreign.names():
        passed = ", ".join(f"{reason} {count}" for reason, count in foreign.skipped.items())
        told = "; ".join(("", *foreign.warnings))
        raise SourceError(f"{foreign.uri} has no page that is asked for (passed over: {passed or 'nothing'}){told}")
    return foreign
