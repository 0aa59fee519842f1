"""What is asked of a server and what comes back: requests, answers, failures, and how an answer is judged."""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from transforms import addresses, reasons
from transforms.clock import Clock
from transforms.records import HostState

PRODUCT = "sahelwatch"
TOTAL_SECONDS = 20.0
MAX_HOLD = 24 * 3600.0
DEFAULT_HOLD = 30.0
"""Seconds a host is left alone after 429 or 503 when it names no time."""
_CHALLENGE_MARKS = (b"cf-chl-", b"/cdn-cgi/challenge-platform/", b"anubis_challenge")
_CHALLENGES = (
    re.compile(
        rb"<title>\s*(?:just a moment|attention required|verifying you are human|checking your browser|un instant|"
        rb"access denied|ddos-guard|making sure you)"
    ),
    re.compile(rb"g-recaptcha[^>]*>\s*</form>"),
)
"""Marks and patterns in lower case; each begins with what a search can leap to."""
_CHALLENGE_SIZE = 200_000
"""Bytes beyond which a page with the marks of a challenge is an ordinary page behind the same protection."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebOptions:
    """How the client behaves: ``host_interval`` is the pause between requests to one host, ``total_seconds`` how long
    one answer may take, its connection and its body included (both in seconds).
    """  # noqa: D205

    contact: str = ""
    host_interval: float = 2.0
    total_seconds: float = TOTAL_SECONDS
    exemptions: addresses.Exemptions = dataclasses.field(default_factory=addresses.Exemptions)
    version: str = "0"

    @property
    def user_agent(self) -> str:
        """Product, version and, where given, who to write to."""
        return f"{PRODUCT}/{self.version}" + (f" (+{self.contact})" if self.contact else "")

    def client(self, clock: Clock) -> "Client":
        """The process-wide client for these options."""
        from transforms.web import WebClient  # noqa: PLC0415 - what reads archives never loads the client

        return WebClient.shared(self, clock)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """A wish to GET a URL; ``kind`` is feed, page or robots, ``key`` is handed back with the answer.

    The kind rules asks no more than whether robots.txt allows the page; the answer is 204, with its crawl-delay.

    ``copy`` is what the archive has of it already (``transforms.archive.copy_of``), ``at`` the tick it is due at
    (of a page: where a window may have several).
    """

    url: str
    kind: str
    key: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    copy: str = ""
    at: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer with all headers as they went over the wire; the body decoded, perhaps cut off."""

    url: str
    sent: tuple[tuple[bytes, bytes], ...]
    status_line: str
    received: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""
    address: str = ""
    truncated: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Response:
    """An answer with its body decoded; ``redirects`` are the (status, URL) hops before ``url``; header names lower.

    ``exchanges`` are what went over the wire for it, in order; ``fetched`` and ``raw_ref`` say when it came and where
    in the archive it lies, once it does.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[tuple[int, str], ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    fetched: str = ""
    raw_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebFailure:
    """Why there is no usable answer; ``retry_after`` in seconds when the server named a time. The rest as Response."""

    reason: str
    message: str
    status: int | None = None
    retry_after: float | None = None
    redirects: tuple[tuple[int, str], ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    fetched: str = ""
    raw_ref: str | None = None


class Client(Protocol):
    """The seam to the web: the one client, or an archive that answers in its place."""

    def recall(self, states: Mapping[str, HostState]) -> None:
        """Take over what is committed about hosts."""

    def host_states(self, names: Iterable[str]) -> list[HostState]:
        """What is to be committed about these hosts, in the order of their names."""

    def fetch_all(
        self,
        requests: Iterable[Request],
        *,
        seconds: float = 1e9,
        blocked: Collection[str] = frozenset(),
        met: set[str] | None = None,
    ) -> Iterator[tuple[Request, Response | WebFailure]]:
        """Each request with its answer, in any order; see ``transforms.web.WebClient``."""


class Web(Protocol):
    """What gives a client; it travels to the workers, so it is a plain value."""

    def client(self, clock: Clock) -> Client:
        """The client of this process."""


def lower_headers(received: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header fields by lower-case name, the last one of a name; UTF-8 where they are, else Latin-1."""
    return {_decoded(name).lower(): _decoded(value) for name, value in received}


def _decoded(field: bytes) -> str:
    try:
        return field.decode("utf-8")
    except UnicodeDecodeError:
        return field.decode("latin-1")


class RefusedError(Exception):
    """A failure on its way up through the client; it does not leave it."""

    def __init__(self, reason: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.failure = WebFailure(reason=reason, message=message, **more)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait from a Retry-After header (delta-seconds or HTTP date, RFC 9110 10.2.3), at most a day."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_HOLD)
    try:
        date = parsedate_to_datetime(value)
        # asctime's form and "-0000" name no zone, and HTTP means UTC (RFC 9110, 5.6.7), not the zone of this machine
        seconds = (date if date.tzinfo else date.replace(tzinfo=dt.UTC)).timestamp() - now
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return None
    return min(max(seconds, 0.0), MAX_HOLD)


def hold_of(response: Response, now: dt.datetime) -> float | None:
    """Seconds for which an answer asks to leave its host alone, None when it does not."""
    if response.status not in {429, 503}:
        return None
    named = parse_retry_after(response.headers.get("retry-after"), now.timestamp())
    return DEFAULT_HOLD if named is None else named


def is_challenge(body: bytes) -> bool:
    """Whether a page asks for proof that a person is reading instead of giving what was asked for."""
    if len(body) >= _CHALLENGE_SIZE:
        return False
    start = body[:20_000].lower()
    return any(mark in start for mark in _CHALLENGE_MARKS) or any(found.search(start) for found in _CHALLENGES)


def judge(response: Response, now: dt.datetime) -> Response | WebFailure:
    """A success or 304 as it is, any other status as its failure."""
    if response.status == 304 or 200 <= response.status < 300:
        return response
    named = parse_retry_after(response.headers.get("retry-after"), now.timestamp())
    reason = reasons.http_reason(response.status)
    if response.headers.get("cf-mitigated", "").lower() == "challenge" or is_challenge(response.body):
        reason = "BOT_CHALLENGE"
    elif response.status == 503 and named is not None:
        reason = "RATE_LIMITED"
    return WebFailure(
        reason=reason,
        message=f"HTTP {response.status}",
        status=response.status,
        retry_after=named,
        redirects=response.redirects,
        exchanges=response.exchanges,
    )
