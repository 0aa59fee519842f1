"""The closed list of reasons: why something did not become an article, and what is done about it.

A disposition is one of: ``retry`` (tried again with backoff for 24 hours, then quarantined), ``quarantine`` (kept with
its reason), ``drop`` (counted, deliberately not kept). Codes follow the project's fault catalogue.
"""

REASONS: dict[str, str] = {
    # passing: the network or the server may answer later
    "DNS_ERROR": "retry",
    "CONNECT_ERROR": "retry",
    "READ_ERROR": "retry",
    "TIMEOUT_TOTAL": "retry",
    "TIMEOUT_READ": "retry",
    "TRUNCATED": "retry",
    "RATE_LIMITED": "retry",
    "HTTP_408": "retry",
    "HTTP_5XX": "retry",
    "ROBOTS_UNREACHABLE": "retry",
    "WAITING": "retry",
    # refused by us before or while connecting
    "SSRF_BLOCKED": "quarantine",
    "BAD_SCHEME": "quarantine",
    "BAD_PORT": "quarantine",
    "BAD_URL": "quarantine",
    "URL_TOO_LONG": "quarantine",
    "URL_CREDENTIALS": "quarantine",
    "TOO_MANY_REDIRECTS": "quarantine",
    "TLS_ERROR": "quarantine",
    # refused or spoilt by the server
    "TOO_LARGE": "quarantine",
    "BAD_ENCODING": "quarantine",
    "BAD_HTTP": "quarantine",
    "EMPTY_BODY": "quarantine",
    "HTTP_401": "quarantine",
    "HTTP_402": "quarantine",
    "HTTP_403": "quarantine",
    "HTTP_404": "quarantine",
    "HTTP_410": "quarantine",
    "HTTP_4XX": "quarantine",
    "LEGAL_451": "quarantine",
    "PAYWALL": "quarantine",
    "BOT_CHALLENGE": "quarantine",
    "BLOCK_PAGE": "quarantine",
    "NOT_HTML": "quarantine",
    "SOFT_404": "quarantine",
    "NO_CONTENT": "quarantine",
    "NO_IDENTITY": "quarantine",
    "HTML_TOO_COMPLEX": "quarantine",
    "EXTRACT_TIMEOUT": "quarantine",
    "EXTRACT_CRASH": "quarantine",
    "RETRIES_EXHAUSTED": "quarantine",
    "TAG_TIMEOUT": "quarantine",
    "TAG_CRASH": "quarantine",
    "READ_CRASH": "quarantine",
    # of whole feeds
    "NOT_A_FEED": "quarantine",
    "XML_HAZARD": "quarantine",
    "FEED_PARSE_ERROR": "quarantine",
    "PARSE_TIMEOUT": "quarantine",
    "UNSUPPORTED_FEED": "quarantine",
    "FEED_GONE": "quarantine",
    # of a replay
    "NOARCHIVE": "quarantine",
    "NOT_ARCHIVED": "drop",
    # deliberate
    "ROBOTS_DENIED": "drop",
    "CRAWL_DELAY_EXCESSIVE": "drop",
    "HOST_BLOCKED": "drop",
    "FEED_TRUNCATED": "drop",
    "NOT_LANDING": "drop",
    "FORGOTTEN": "drop",
    # of the filters' input lines
    "BAD_INPUT": "quarantine",
    "LANGUAGE_UNKNOWN": "drop",
    "EMPTY_TEXT": "drop",
}
"""Reason code to disposition."""


def disposition(reason: str) -> str:
    """What is done about a reason; KeyError for a code that is not in the list (a bug, not bad input)."""
    return REASONS[reason]


def http_reason(status: int) -> str:
    """The reason code of an HTTP status that is not a success."""
    if status in {401, 402, 403, 404, 408, 410}:
        return f"HTTP_{status}"
    if status in {429, 503}:
        return "RATE_LIMITED" if status == 429 else "HTTP_5XX"
    if status == 451:
        return "LEGAL_451"
    if status < 400:
        return "BAD_HTTP"  # a redirect to nowhere, or an interim answer that stayed one
    return "HTTP_5XX" if status >= 500 else "HTTP_4XX"
