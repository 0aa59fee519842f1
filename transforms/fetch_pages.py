"""FetchPages: the pages behind new entries, in lanes by host.

A host lives in one lane, so that its politeness holds wherever the lane runs; a lane works its hosts side by side for a
bounded time and hands back what it could not reach (WAITING), which the next tick brings again: from this process's
cache, or from the queue once it is committed.
"""

import dataclasses
import logging
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam

from transforms import counts, urls
from transforms.archiving import ArchiveOptions, Recorder
from transforms.clock import Clock, iso
from transforms.exchanges import Client, Request, Response, Web, WebFailure, is_challenge
from transforms.history import open_history
from transforms.pending import open_pending
from transforms.records import Entry, Failure, Page
from transforms.web import BlockList
from transforms.windows import Windows, window_end

_UTF7 = re.compile(r"(?i)^(?:x-)?(?:unicode-1-1-)?utf-?7")
_META_UTF7 = re.compile(rb"""(?i)<meta[^>]{0,300}?charset\s*=\s*["']?\s*(?:x-)?(?:unicode-1-1-)?utf-?7""")
_log = logging.getLogger(__name__)
LANES = 8
LANE_SECONDS = 30.0
_HTML_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")
_BINARY = re.compile(
    rb"^(?:%PDF|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|ID3|\x1f\x8b|OggS|RIFF|\x00\x00\x00.ftyp|BM..\x00\x00|\x7fELF)",
    re.DOTALL,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def lane_of(url: str, lanes: int) -> int:
    """The lane of a URL's host: the same for every page of a host, on every worker and in every run."""
    try:
        host = urls.host_of(url)
    except urls.BadUrlError:
        host = ""
    return zlib.crc32(host.encode()) % lanes


def lane_of_entry(entry: Entry, lanes: int = LANES) -> tuple[int, Entry]:
    """An entry keyed by its lane."""
    return lane_of(entry.url, lanes), entry


def fetch_pages(
    client: Client,
    entries: Iterable[Entry],
    *,
    seconds: float,
    clock: Clock,
    blocked: Collection[str] = frozenset(),
    met: set[str] | None = None,
    tick: str = "",
) -> Iterator[Page | Failure]:
    """The pages of a lane's entries as they arrive, each fetched once however many entries name it.

    No host of ``blocked`` is asked; the hosts that were are added to ``met``. ``tick`` is that of the entries, where their
    window may have several.
    """
    wanted: dict[str, list[Entry]] = {}
    for entry in entries:
        wanted.setdefault(entry.article_id, []).append(entry)
    requests = []
    for article_id in sorted(wanted):
        same = tuple(sorted(wanted[article_id], key=lambda e: (e.published or "9", e.feed_id, e.entry_id)))
        requests.append(Request(url=same[0].url, kind="page", key=same, at=tick))
    for request, answer in client.fetch_all(requests, seconds=seconds, blocked=blocked, met=met):
        yield read_page(request.key, answer, fetched=answer.fetched or iso(clock()))


def read_page(entries: Sequence[Entry], answer: Response | WebFailure, *, fetched: str) -> Page | Failure:
    """What an answer is to the entries that asked for it: a page, or the reason why not."""
    same = tuple(entries)

    def failure(reason: str, message: str, retry_after: float | None = None) -> Failure:
        return Failure(
            stage="fetch", reason=reason, message=message, entries=same, url=same[0].url, retry_after=retry_after,
            fetched=fetched, raw_ref=answer.raw_ref,
        )  # fmt: skip

    if isinstance(answer, WebFailure):
        return failure(answer.reason, answer.message, answer.retry_after)
    if not answer.body.strip():
        return failure("EMPTY_BODY", "empty page")
    declared = answer.headers.get("content-type", "")
    kind = declared.split(";")[0].strip().lower()
    if _BINARY.match(answer.body) or (kind and not kind.startswith(_HTML_TYPES)):
        return failure("NOT_HTML", f"content type {kind[:80]!r}")
    charset = _CHARSET.search(declared)
    if _UTF7.search(charset[1] if charset else "") or _META_UTF7.search(answer.body[:4096]):
        return failure("BAD_ENCODING", "UTF-7 is not read")
    if is_challenge(answer.body):
        return failure("BOT_CHALLENGE", "challenge page")
    downgraded = same[0].url.startswith("https:") and answer.url.startswith("http:")
    return Page(
        entries=same,
        url=answer.url,
        fetched=fetched,
        body=answer.body,
        content_type=kind,
        charset=charset[1].lower() if charset else None,
        flags=("DOWNGRADED",) if downgraded else (),
        raw_ref=answer.raw_ref,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class FetchOptions:
    """How long a lane may work in one bundle (seconds) and how many lanes there are."""

    lane_seconds: float = LANE_SECONDS
    lanes: int = LANES


class _FetchLaneFn(beam.DoFn):
    """One lane's entries through the process-wide client; the answers go into the archive on the way."""

    def __init__(
        self,
        archive: ArchiveOptions,
        web: Web,
        options: FetchOptions,
        clock: Clock,
        blocked: BlockList,
        windows: Windows | None = None,
    ) -> None:
        self._archive = archive
        self._web = web
        self._options = options
        self._clock = clock
        self._blocked = blocked
        self._windows = windows

    def process(self, element: tuple[int, Iterable[Entry]], at: Any = beam.DoFn.TimestampParam) -> Iterator[Any]:
        """(lane, entries) -> pages and failures; HostState and Archived on outputs of their own."""
        with open_pending(self._archive.output).at_work(element[0]):
            yield from self._fetch(element[1], at)

    def _fetch(self, entries: Iterable[Entry], at: Any) -> Iterator[Any]:
        client = Recorder(self._web.client(self._clock), self._archive, "pages", self._clock)
        client.recall(dict(open_history(self._archive.output).hosts))
        met: set[str] = set()
        tick = at.to_utc_datetime(has_tz=True) if self._windows else None
        asked: dict[str, Any] = {
            "seconds": self._options.lane_seconds, "blocked": self._blocked(), "tick": iso(tick) if tick else ""
        }  # fmt: skip
        with counts.timed("fetch"):
            for result in fetch_pages(client, entries, clock=self._clock, met=met, **asked):
                _note(result)
                if tick and isinstance(result, Failure) and result.reason == "WAITING":
                    open_pending(self._archive.output).wait(result.entries, window_end(tick, self._windows))
                yield result
        for state in client.host_states(met):
            yield beam.pvalue.TaggedOutput("hosts", state)
        if archived := client.archived():
            yield beam.pvalue.TaggedOutput("archived", archived)


def _note(result: Page | Failure) -> None:
    if isinstance(result, Page):
        counts.count("fetch", "pages")
        return
    counts.count("fetch", "failures", reason=result.reason)
    lead = result.entries[0]
    about = {"feed_id": lead.feed_id, "article_id": lead.article_id, "reason": result.reason}
    _log.debug("no page: %s: %s", result.reason, result.message, extra=about)


class FetchPages(beam.PTransform[beam.PCollection[Entry], Any]):
    """Entries -> ``pages`` (Page or Failure), ``hosts`` (HostState) and ``archived``.

    Page bytes stay in the worker that fetched them: the next step is fused, and the archive is written here.
    """

    def __init__(
        self,
        archive: ArchiveOptions,
        web: Web,
        options: FetchOptions,
        clock: Clock,
        blocked: BlockList,
        windows: Windows | None = None,
    ) -> None:
        super().__init__()
        self._fn = _FetchLaneFn(archive, web, options, clock, blocked, windows)
        self._lanes = options.lanes

    def expand(self, pcoll: beam.PCollection[Entry]) -> Any:
        """Wire the step."""
        return (
            pcoll
            | "KeyByLane" >> beam.Map(lane_of_entry, self._lanes)
            | "GatherLane" >> beam.GroupByKey()
            | "FetchLane" >> beam.ParDo(self._fn).with_outputs("hosts", "archived", main="pages")
        )
