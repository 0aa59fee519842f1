"""What can be replayed: our own archive, WARC files of others, a folder of HTML files; as windows of the past."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.catalogue import CatalogueError, load_catalogue
from pipeline.own_source import OwnArchive
from pipeline.past import PastWindow
from transforms.archive_reader import Archive, NoArchiveError


class SourceError(ValueError):
    """Nothing that can be replayed; the message says why in one line."""


class Source(Protocol):
    """Where windows of the past come from, in their order."""

    uri: str

    def names(self) -> list[str]:
        """The names of all windows that may be wanted."""

    def windows(self, names: Sequence[str]) -> Iterator[PastWindow | None]:
        """The windows of these names; None for one that lies outside of what was asked for."""


def open_source(options: argparse.Namespace) -> Source:
    """What lies at ``--archive``; SourceError when it is nothing that can be replayed."""
    try:
        feeds = load_catalogue(options.feeds) if options.feeds else None
    except CatalogueError as error:
        raise SourceError(str(error)) from error
    try:
        return OwnArchive(
            Archive(options.archive),
            since=options.since,
            until=options.until,
            only=frozenset(options.feed),
            feeds=feeds,
            workers=options.extract_workers,
        )
    except NoArchiveError as error:
        raise SourceError(str(error)) from error
