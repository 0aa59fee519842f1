"""One URL for one article: tracking, AMP, mobile hosts and redirect wrappers removed, dangerous URLs refused.

No library does all of this (courlan, w3lib, url-normalize and yarl were measured on the same cases: none handles AMP
paths, mobile hosts or search-engine redirects, and one drops ``id=``, which merges different articles), hence this
small module; parsing itself is yarl's, the same parser the client dials with.
"""

import base64
import dataclasses
import functools
import ipaddress
import re
import unicodedata
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_to_bytes

import yarl

MAX_URL_LENGTH = 2048
_RECENT = 1024
"""URLs that are kept parsed: a step asks for the same address several times in a row."""

_TRACKING_PREFIXES = ("utm_", "at_", "ns_", "mc_", "pk_", "mtm_", "hsa_", "_hs")
_TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "igsh", "twclid", "xtor", "xtref", "cmp", "cmpid",
    "ocid", "smid", "smtyp", "ito", "ref_src", "ref_url", "_ga", "_gl", "spm", "feature", "share", "nr_email_referer",
    "wt_mc", "wt.mc_id", "partner", "rss", "from_rss", "echobox", "noamp", "traffic_source",
})  # fmt: skip
_AMP_PARAMETERS = {"amp": {"", "1", "true"}, "outputtype": {"amp"}, "output": {"amp"}, "type": {"amp"}}
_AMP_HOST = re.compile(r"^(?:amp|m|mobile|touch|wap|www)\.(?=[^.]+\.)")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_HTTP = ("http://", "https://")
_AUTHORITY = re.compile(r"(?i)https?://[^/?#\s]+(?=[/?#])")
_REDIRECTOR = re.compile(
    r"(?i)^\s*https?://(?:(?:www\.)?google\.[a-z.]{2,6}/(?:url(?=\?)|amp/(?:s/)?)|l\.facebook\.com/l\.php(?=\?)|"
    r"(?:www\.)?bing\.com/news/apiclick\.aspx(?=\?)|r\.search\.yahoo\.com/|news\.google\.com/(?:rss/)?articles/|"
    r"news\.url\.google\.com/(?:news/)?url(?=\?))"
)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
"""A label of a host name in ASCII; the underscore is in use although no host name should have it."""
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gouv", "gov", "info", "net", "or", "org"})
_NUMERIC = re.compile(r"(?i)\d+|0x[0-9a-f]*")
_SAFE_PATH = ":@!$&'()*+,;=~-._"
_SAFE_QUERY = "/:@!$'()*,;~-._?"


class BadUrlError(ValueError):
    """A URL that is refused; ``reason`` is BAD_URL, BAD_SCHEME, URL_TOO_LONG or URL_CREDENTIALS."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclasses.dataclass(frozen=True, kw_only=True)
class CanonicalUrl:
    """The URL that can be fetched and the one that identifies the article."""

    url: str
    canonical: str


@functools.lru_cache(maxsize=_RECENT)
def parse_url(url: str) -> yarl.URL:
    """The URL parsed, or BadUrlError: only absolute http and https, no credentials, no control characters.

    A space behind the host is percent-encoded, as browsers do (URL Standard, path and query states).
    """
    url = url.strip(" \t\r\n")
    if " " in url and (authority := _AUTHORITY.match(url)):
        url = authority[0] + url[authority.end() :].replace(" ", "%20")
    if len(url) > MAX_URL_LENGTH:
        raise BadUrlError("URL_TOO_LONG", f"URL of {len(url)} characters")
    shown = re.sub(r"//[^/?#]*@", "//(credentials)@", url[:200])
    if _CONTROL.search(url) or "\\" in url.split("?", 1)[0]:
        raise BadUrlError("BAD_URL", f"control character, space or backslash in URL {shown!r}")
    scheme = url.split(":", 1)[0].lower() if ":" in url else ""
    if scheme not in {"http", "https"}:
        raise BadUrlError("BAD_SCHEME", f"not an http URL: {shown!r}")
    try:
        parsed = yarl.URL(url)
        host = parsed.raw_host
        _ = parsed.port
    except (ValueError, UnicodeError) as error:
        raise BadUrlError("BAD_URL", f"unreadable URL {shown!r}") from error
    if not host:
        raise BadUrlError("BAD_URL", f"no host in URL {shown!r}")
    if parsed.user is not None or parsed.password is not None:
        raise BadUrlError("URL_CREDENTIALS", f"credentials in URL of host {host}")
    if not _is_host(host):
        raise BadUrlError("BAD_URL", f"no valid host in URL {shown!r}")
    if len(str(parsed)) > MAX_URL_LENGTH:
        raise BadUrlError("URL_TOO_LONG", f"URL of {len(str(parsed))} characters when encoded")
    return parsed


def _is_host(host: str) -> bool:
    """Whether a host is a name that the DNS can carry, or an address in its one usual spelling.

    The C library also dials 127.1, 0x7f.1 and 2130706433; the WHATWG URL standard reads every host whose last label
    is a number as an address, and so such a host is an address here or nothing.
    """
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return "%" not in host
    labels = host.removesuffix(".").split(".")
    if _NUMERIC.fullmatch(labels[-1]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return False
        return True
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def host_of(url: str) -> str:
    """The ASCII lower-case host of a URL that ``parse_url`` accepts."""
    return (parse_url(url).raw_host or "").lower().rstrip(".")


@functools.lru_cache(maxsize=_RECENT)
def canonical_url(url: str) -> CanonicalUrl:
    """The fetchable URL (fragment dropped) and the identity of what it names.

    The identity is https without www., m. and amp. hosts, AMP paths, tracking parameters, fragment, default port and
    trailing slash, with its parameters in order. It is an id, not a promise that the address answers, and it is its
    own identity.
    """
    parsed = parse_url(_unwrap(url))
    canonical = _identity(parsed)
    # What is taken off can lay open more of the same: a mobile host in front of a redirect link, AMP within AMP.
    # It ends because each further round only takes off.
    while (simpler := _identity(parse_url(_unwrap(canonical)))) != canonical:
        canonical = simpler
    return CanonicalUrl(url=str(parsed.with_fragment(None)), canonical=canonical)


def _identity(parsed: yarl.URL) -> str:
    host = (parsed.raw_host or "").lower().rstrip(".")
    path = parsed.raw_path
    if host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org":
        match = re.match(r"^/[a-z]/(?:s/)?([^/]+)(/.*)?$", path)
        if match and _is_host(match[1]) and not re.search(r"[:@%]", match[1]):
            host, path = match[1].lower(), match[2] or "/"
    while (shorter := _AMP_HOST.sub("", host)) != host:
        host = shorter
    if ":" in host:
        host = f"[{host}]"
    port = "" if parsed.port in {80, 443, None} else f":{parsed.port}"
    return f"https://{host}{port}{_clean_path(path)}{_clean_query(parsed.raw_query_string)}"


def _unwrap(url: str) -> str:
    """The target of a search engine's or a social network's redirect link, else the URL itself."""
    match = _REDIRECTOR.match(url)
    if not match:
        return url
    where = match[0].lower()
    if "news.google." in where and (encoded := re.search(r"articles/(CBM[A-Za-z0-9_-]+)", url)):
        return _google_news_target(encoded[1]) or url
    if "/amp/" in where:
        scheme = "https://" if "/amp/s/" in where else "http://"
        return scheme + url[match.end() :] if "." in url[match.end() :].split("/", maxsplit=1)[0] else url
    if "search.yahoo." in where:
        target = re.search(r"/RU=([^/]+)/", url)
        return unquote(target[1]) if target and unquote(target[1]).lower().startswith(_HTTP) else url
    parameters: dict[str, str] = dict(parse_qsl(url.partition("?")[2].split("#")[0]))
    for name in ("url", "q", "u"):
        if parameters.get(name, "").lower().startswith(_HTTP):
            return parameters[name]
    return url


def _google_news_target(encoded: str) -> str:
    """The address inside a Google News article id of the form used until 2024; later ids hold none, and give "".

    The id is base64 of a protocol buffer whose field 4 is a length and the address.
    """
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return ""
    found = re.match(rb"\x08.\x22(.)(.?)(?=https?://)", raw, re.DOTALL)
    if not found:
        return ""
    length = found[1][0] if not found[2] else (found[1][0] & 0x7F) | found[2][0] << 7
    target = raw[found.end() : found.end() + length]
    return target.decode("ascii", "replace") if len(target) == length and target.isascii() else ""


def _clean_path(path: str) -> str:
    segments: list[str] = []
    for segment in path.split("/"):
        decoded = unquote_to_bytes(segment)
        if decoded == b"..":
            segments[-1:] = []
        elif decoded not in {b"", b"."}:
            segments.append(quote(decoded, safe=_SAFE_PATH))
    if segments and segments[-1].lower() in {"amp", "amp.html"}:
        segments.pop()
    elif segments and segments[0].lower() == "amp" and len(segments) > 1:
        segments.pop(0)
    if segments:
        segments[-1] = re.sub(r"(?i)(?<=.)\.amp(?=\.html?$|$)", "", segments[-1])
    return "/" + "/".join(segments)


def _clean_query(query: str) -> str:
    # Bytes that are no UTF-8 pass through as they are: replacing them would merge different addresses.
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if (name or value)
        and name.lower() not in _TRACKING
        and not name.lower().startswith(_TRACKING_PREFIXES)
        and value.lower() not in _AMP_PARAMETERS.get(name.lower(), ())
    ]
    # A bare name (SPIP's "?article123") is kept bare, so that the identity reads like the site's own address.
    pairs = [_quoted(name) + (f"={_quoted(value)}" if value else "") for name, value in sorted(kept)]
    return "?" + "&".join(pairs) if pairs else ""


def _quoted(text: str) -> str:
    return quote_plus(text, safe=_SAFE_QUERY, errors="surrogateescape")


def without_credentials(text: str) -> str:
    """A text, perhaps a link, without the user and password of an address in it."""
    return re.sub(r"//[^/?#@\s]*@", "//", text)


def site_of(url: str) -> str:
    """The name under which a host was registered, as far as its labels tell; an address is its own; "" for no URL."""
    try:
        host = host_of(url)
    except BadUrlError:
        return ""
    labels = host.split(".")
    if ":" in host or _NUMERIC.fullmatch(labels[-1]):
        return host
    below = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-below:])


def is_homograph(url: str) -> bool:
    """Whether a host may be meant to be taken for another: scripts mixed in a label, or all of it in look-alikes.

    Cyrillic and Greek share most letter shapes with Latin; a name in Arabic script looks like nothing else.
    """
    for label in host_of(url).split("."):
        if not label.startswith("xn--"):
            continue
        try:
            shown = label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError):
            return True
        scripts = {unicodedata.name(c, "?").split(" ")[0] for c in shown if c.isalpha()}
        if len(scripts - {"?"}) > 1 or scripts & {"CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN"}:
            return True
    return False


def is_http(url: str) -> bool:
    """Whether a text is a URL that ``parse_url`` accepts."""
    try:
        parse_url(url)
    except BadUrlError:
        return False
    return True


def resolve(link: str, base: str) -> str:
    """A link as written in a document at ``base``, made absolute; BadUrlError when it cannot be."""
    link = link.strip(" \t\r\n")
    scheme = re.match(r"^([a-zA-Z][a-zA-Z0-9+.-]*):", link)
    if scheme:
        if scheme[1].lower() not in {"http", "https"}:
            raise BadUrlError("BAD_SCHEME", f"not an http URL: {link[:100]!r}")
        return link
    try:
        return str(parse_url(base).join(yarl.URL(link)))
    except ValueError as error:
        raise BadUrlError("BAD_URL", f"unreadable link {link[:200]!r}") from error
