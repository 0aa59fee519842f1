"""The catalogue of a process that runs for months while people edit the file."""

import dataclasses
import logging
import threading
from collections.abc import Iterable

from pipeline.catalogue import Catalogue, CatalogueError, read_catalogue
from transforms import counts, urls
from transforms.addresses import Exemptions
from transforms.records import Feed

_log = logging.getLogger(__name__)


def require_contact(feeds: Iterable[Feed], contact: str, exemptions: Exemptions) -> None:
    """CatalogueError when a host of others would be asked and not told whom to write to."""
    for feed in feeds if not contact else ():
        host = urls.host_of(feed.url)
        if not exemptions.covers(host):
            raise CatalogueError(f"--contact is required: {host} is a host of others and must know whom to write to")


@dataclasses.dataclass(frozen=True)
class LiveCatalogue:
    """Gives a catalogue as it stands, so that an edit takes effect at the next tick; an edit that is broken has none.

    The last state that could be used stays then; the fault is logged once and counted at every look. It travels to
    workers; what was read is kept in the process.
    """

    path: str
    contact: str
    exemptions: Exemptions

    def __call__(self) -> Catalogue:
        """The catalogue; CatalogueError when it could not be used the very first time."""
        with _lock:
            before = _read.get(self)
            found = _read[self] = self._look(before)
        if found.fault:
            counts.count("tick", "broken_catalogues")
        return found.catalogue

    def blocked(self) -> frozenset[str]:
        """The hosts that are not to be asked."""
        return self().blocked

    def _look(self, before: "_Read | None") -> "_Read":
        try:
            catalogue = read_catalogue(self.path)
            if before is not None and catalogue is before.catalogue and not before.fault:
                return before
            require_contact(catalogue.feeds, self.contact, self.exemptions)
        except CatalogueError as error:
            if before is None:
                raise
            if str(error) != before.fault:
                _log.error("the catalogue cannot be used, its last state stays: %s", error)
            return _Read(before.catalogue, str(error))
        if before is not None:
            _tell(before.catalogue, catalogue)
        return _Read(catalogue)


@dataclasses.dataclass(frozen=True)
class _Read:
    """The last catalogue that could be used, and what is wrong with the file now."""

    catalogue: Catalogue
    fault: str = ""


_read: dict[LiveCatalogue, _Read] = {}
_lock = threading.Lock()


def _tell(before: Catalogue, after: Catalogue) -> None:
    old, new = ({feed.id: feed for feed in catalogue.feeds} for catalogue in (before, after))
    added, removed = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = sum(old[feed_id] != new[feed_id] for feed_id in old.keys() & new.keys())
    _log.info("the catalogue was edited: %d feeds added, %d removed, %d changed", added, removed, changed)
