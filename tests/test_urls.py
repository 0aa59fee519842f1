"""URLs: what is refused (fault catalogue rows U01-U04, N04, N20) and what is one article (U05, U06)."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms import urls

_PIECES = st.sampled_from([
    "http://", "https://", "HTTPS://", "//", "/", "www.", "m.", "amp.", "a.example", "b.example", "google.com/url?q=",
    "https%3A%2F%2F", "cdn.ampproject.org/c/s/", "[::1]", "127.1", "xn--", "é", "аррӏе", ".", "..", "%2e%2e", "%2F",
    "%FF", "%zz", "%", "amp", ".amp", ".html", "amp.html", "?", "&", "=", "a=1", "b", "utm_source=x", "amp=1", "#", "f",
    "+", ";", ":", "@", "443", "80", "8080", " ", "\t", "\r\n", "\x00", "\\", "\ud800", "\u200b", "。", "'", '"', "<",
    "|", "^",
])  # fmt: skip
ANYTHING = st.one_of(
    st.text(max_size=40),
    st.lists(_PIECES, max_size=12).map("".join),
    st.lists(_PIECES, max_size=12).map(lambda pieces: "https://a.example/" + "".join(pieces)),
)


def reason_of(url):
    """The reason for which a URL is refused, or None."""
    try:
        urls.canonical_url(url)
    except urls.BadUrlError as error:
        return error.reason
    return None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        # U01: schemes
        ("javascript:alert(1)", "BAD_SCHEME"),
        ("JavaScript://a.example/%0aalert(1)", "BAD_SCHEME"),
        ("data:text/html,x", "BAD_SCHEME"),
        ("file:///etc/passwd", "BAD_SCHEME"),
        ("mailto:redaction@a.example", "BAD_SCHEME"),
        ("about:blank", "BAD_SCHEME"),
        ("blob:https://a.example/1", "BAD_SCHEME"),
        ("ftp://a.example/x", "BAD_SCHEME"),
        ("//a.example/x", "BAD_SCHEME"),
        ("/x", "BAD_SCHEME"),
        ("", "BAD_SCHEME"),
        # U02: control characters, which would be headers
        ("https://a.example/\r\nX-Injected: 1", "BAD_URL"),
        ("https://a.example/a\tb", "BAD_URL"),
        ("https://a.example/\x00", "BAD_URL"),
        ("https://a.example /a", "BAD_URL"),
        ("https://a.ex ample/a b", "BAD_URL"),
        ("http s://a.example/a", "BAD_URL"),
        ("https://a.example/\u202egpj", "BAD_URL"),
        ("https://a.example/\ud800", "BAD_URL"),
        # U03: length, before and after encoding
        ("https://a.example/" + "a" * 100_000, "URL_TOO_LONG"),
        ("https://a.example/" + "é" * 1000, "URL_TOO_LONG"),
        # U04: what browsers and libraries read differently
        ("http://ex.org\\@evil.example/", "BAD_URL"),
        ("http://ex.org/a\\b", "BAD_URL"),
        # U06: hosts
        ("https:///x", "BAD_URL"),
        ("https:a.example", "BAD_URL"),
        ("http://a\u200b.example/", "BAD_URL"),
        ("https://a..example/", "BAD_URL"),
        ("https://.example/", "BAD_URL"),
        ("https://" + "a" * 64 + ".example/", "BAD_URL"),
        ("https://" + "a." * 130 + "example/", "BAD_URL"),
        ("https://%61.example/", "BAD_URL"),
        ("http://[fe80::1%25eth0]/", "BAD_URL"),
        ("http://[::1/", "BAD_URL"),
        ("http://a.example:99999/", "BAD_URL"),
        ("http://a.example:port/", "BAD_URL"),
        # N04: other spellings of 127.0.0.1 and 0.0.0.0
        ("http://2130706433/", "BAD_URL"),
        ("http://0x7f.1/", "BAD_URL"),
        ("http://127.1/", "BAD_URL"),
        ("http://0/", "BAD_URL"),
        ("http://017700000001/", "BAD_URL"),
        # N20: credentials
        ("https://ex.org@127.0.0.1/", "URL_CREDENTIALS"),
        ("https://user:pw@a.example/", "URL_CREDENTIALS"),
        ("https://:pw@a.example/", "URL_CREDENTIALS"),
        # the same inside a wrapper
        ("https://www.google.com/url?q=https://user:pw@a.example/", "URL_CREDENTIALS"),
    ],
)
def test_refused(url, reason):
    """A dangerous or unreadable URL is refused, with the reason of the fault catalogue."""
    assert reason_of(url) == reason


@pytest.mark.parametrize(
    "url", ["https://user:secret@a.example/", "https://user:secret@a.example/a b", "ftp://user:secret@a.example/"]
)
def test_a_refusal_does_not_repeat_credentials(url):
    """Messages reach records and logs, so the password is not in them, whatever else is wrong with the URL."""
    with pytest.raises(urls.BadUrlError) as refused:
        urls.parse_url(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example", "https://a.example/"),
        ("HTTP://WWW.A.Example:80/x/", "https://a.example/x"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://a.example:8080/x", "https://a.example:8080/x"),
        ("https://m.a.example/x", "https://a.example/x"),
        ("https://amp.a.example/x", "https://a.example/x"),
        ("https://m.www.a.example/x", "https://a.example/x"),
        ("https://www.com/x", "https://www.com/x"),
        ("https://a.example/x#comments", "https://a.example/x"),
        ("https://a.example/x?utm_source=rss&utm_medium=feed&fbclid=1", "https://a.example/x"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example/?p=123&amp=1", "https://a.example/?p=123"),
        ("https://a.example/spip.php?article123", "https://a.example/spip.php?article123"),
        ("https://a.example/?=", "https://a.example/"),
        ("https://a.example/?a=b=", "https://a.example/?a=b%3D"),
        ("https://a.example/?u=https://b.example/", "https://a.example/?u=https://b.example/"),
        ("https://a.example/x/amp/", "https://a.example/x"),
        ("https://a.example/amp/x", "https://a.example/x"),
        ("https://a.example/x.amp.html", "https://a.example/x.html"),
        ("https://a.example/amp/amp/x", "https://a.example/x"),
        ("https://a.example/x/amp/amp", "https://a.example/x"),
        ("https://a.example/x.amp.amp", "https://a.example/x"),
        ("https://a.example/x/.amp", "https://a.example/x/.amp"),
        ("https://a-example.cdn.ampproject.org/c/s/a.example/x/", "https://a.example/x"),
        ("https://www.google.com/url?sa=t&url=https%3A%2F%2Fa.example%2Fx", "https://a.example/x"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx%3Ffbclid%3D1", "https://a.example/x"),
        ("https://www.google.com/amp/s/www.a.example/x/amp/", "https://a.example/x"),
        ("https://www.google.com/amp/a.example/x", "https://a.example/x"),
        ("https://www.google.com/amp/", "https://google.com/"),
        ("https://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fa.example%2fx&c=1", "https://a.example/x"),
        (
            "https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU=https%3a%2f%2fa.example%2fx%3fid%3d1/RK=2/RS=b",
            "https://a.example/x?id=1",
        ),
        # the old form of a Google News id holds the address, the new one only a key
        (
            "https://news.google.com/rss/articles/CBMiGGh0dHBzOi8vYS5leGFtcGxlL3g_aWQ9MdIBAA?oc=5",
            "https://a.example/x?id=1",
        ),
        (
            "https://news.google.com/rss/articles/CBMiRkFVX3lxTE9ub3Rob25n?oc=5",
            "https://news.google.com/rss/articles/CBMiRkFVX3lxTE9ub3Rob25n?oc=5",
        ),
        ("https://m.google.com/url?q=https://a.example/x", "https://a.example/x"),
        ("https://a.example/a/./b/../c//d", "https://a.example/a/c/d"),
        ("https://a.example/%2e%2e/%2E%2E/etc/x", "https://a.example/etc/x"),
        ("https://a.example/%252e%252e/x", "https://a.example/%252e%252e/x"),
        ("https://a.example/a%2Fb", "https://a.example/a%2Fb"),
        ("https://a.example/%7euser/%c3%a9t%C3%A9", "https://a.example/~user/%C3%A9t%C3%A9"),
        ("https://a.example/été", "https://a.example/%C3%A9t%C3%A9"),
        ("https://a.example/أخبار", "https://a.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
        ("https://a．example/x", "https://a.example/x"),
        ("https://مثال.example/x", "https://xn--mgbh0fb.example/x"),
        ("http://[::1]/x", "https://[::1]/x"),
        ("http://[::1]:8080/x", "https://[::1]:8080/x"),
        ("  https://a.example/x\n", "https://a.example/x"),
    ],
)
def test_one_identity(url, canonical):
    """The same article in its usual disguises (U05) has one identity."""
    assert urls.canonical_url(url).canonical == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/?p=1", "https://a.example/"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/%FE", "https://a.example/%FF"),
        ("https://a.example/?q=%FE", "https://a.example/?q=%FF"),
        ("https://a.example/?q=a+b", "https://a.example/?q=a%2Bb"),
        ("https://a.example/?a=b%26c", "https://a.example/?a=b&c"),
        ("https://a.example/?a=1&a=2", "https://a.example/?a=2"),
        ("https://a.example:8080/", "https://a.example/"),
        ("https://fr.a.example/", "https://a.example/"),
        ("https://аррӏе.com/", "https://apple.com/"),
        ("https://example.com/ampere", "https://example.com/ere"),
    ],
)
def test_different_articles_stay_apart(one, other):
    """What names another article, or looks like another host (U06), keeps an identity of its own."""
    assert urls.canonical_url(one).canonical != urls.canonical_url(other).canonical


def test_the_fetchable_url_keeps_what_the_server_may_need():
    """Only the fragment goes: a site may answer nowhere but at its www. host or with its parameters."""
    pair = urls.canonical_url("http://www.a.example/x/?utm_source=rss&b=2#top")
    assert pair.url == "http://www.a.example/x/?utm_source=rss&b=2"
    assert pair.canonical == "https://a.example/x?b=2"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.cdn.ampproject.org/c/s/user:pw@evil.example/x",
        "https://x.cdn.ampproject.org/c/s/a.example%2Fx/y",
        "https://x.cdn.ampproject.org/c/s/127.1/x",
    ],
)
def test_an_amp_cache_cannot_smuggle_a_host(url):
    """What stands where the AMP cache keeps the host is only taken for one if it is one."""
    assert urls.canonical_url(url).canonical.startswith("https://x.cdn.ampproject.org/c/")


@settings(deadline=None)  # a busy machine is no fault
@given(ANYTHING)
@example("https://a.example/" + "/amp" * 300)
@example("https://google.com/url?q=https://m.google.com/url%3Fq=https://a.example/amp/amp")
@example("http://" + "a.example/" + "a" * 2030)
@example("https://a.example/?" + "é" * 300)
def test_an_identity_is_its_own_identity(url):
    """Nothing but BadUrlError comes out, and what is an identity is fetchable, plain ASCII and stays as it is."""
    try:
        pair = urls.canonical_url(url)
    except urls.BadUrlError as error:
        assert error.reason in {"BAD_URL", "BAD_SCHEME", "URL_TOO_LONG", "URL_CREDENTIALS"}  # noqa: PT017
        return
    again = urls.canonical_url(pair.canonical)
    assert again.canonical == pair.canonical
    assert urls.is_http(pair.url)
    assert len(pair.canonical) <= urls.MAX_URL_LENGTH
    assert re.fullmatch(r"https://[^/@%\s]+/[!-~]*", pair.canonical)
    assert "#" not in pair.canonical


@given(ANYTHING)
def test_parsing_never_fails_otherwise(url):
    """parse_url, is_http and host_of agree on every text, and refuse by BadUrlError only."""
    if urls.is_http(url):
        assert urls.parse_url(url).scheme in {"http", "https"}
        host = urls.host_of(url)
        assert host == host.lower()
        assert host.isascii()
    else:
        with pytest.raises(urls.BadUrlError):
            urls.host_of(url)


@given(st.lists(st.sampled_from(["a=1", "a=2", "b=x+y", "c", "utm_x=1", "fbclid=2"]), max_size=5), st.randoms())
def test_the_order_of_parameters_does_not_matter(parameters, random):
    """Two orders of one set of parameters are one article."""
    shuffled = random.sample(parameters, len(parameters))
    one, other = ("https://a.example/x?" + "&".join(order) for order in (parameters, shuffled))
    assert urls.canonical_url(one).canonical == urls.canonical_url(other).canonical


@pytest.mark.parametrize(
    ("link", "resolved"),
    [
        ("https://b.example/y", "https://b.example/y"),
        ("/y", "https://a.example/y"),
        ("y?z=1", "https://a.example/x/y?z=1"),
        ("../y", "https://a.example/y"),
        ("//b.example/y", "https://b.example/y"),
        ("?p=1", "https://a.example/x/?p=1"),
        (" /y\n", "https://a.example/y"),
    ],
)
def test_resolve(link, resolved):
    """A link is read as it stands in a document at https://a.example/x/."""
    assert urls.resolve(link, "https://a.example/x/") == resolved


@pytest.mark.parametrize("link", ["javascript:alert(1)", "MAILTO:a@a.example", "data:,x", "feed:https://a.example/"])
def test_resolve_refuses_other_schemes(link):
    """A link of another scheme is refused before anything is made of it."""
    with pytest.raises(urls.BadUrlError) as refused:
        urls.resolve(link, "https://a.example/")
    assert refused.value.reason == "BAD_SCHEME"


@given(ANYTHING, st.one_of(st.just("https://a.example/x"), ANYTHING))
def test_resolving_never_fails_otherwise(link, base):
    """Whatever stands in a document, resolving gives a text or BadUrlError."""
    try:
        assert isinstance(urls.resolve(link, base), str)
    except urls.BadUrlError as error:
        assert error.reason in {"BAD_URL", "BAD_SCHEME"}  # noqa: PT017


@pytest.mark.parametrize(
    ("url", "suspect"),
    [
        ("https://а\u0440\u0440\u04cf\u0435.example/", True),
        ("https://pаypal.example/", True),
        ("https://αβγ.example/", True),
        ("https://élan.example/", False),
        ("https://مثال.example/", False),
        ("https://a.example/", False),
    ],
)
def test_hosts_that_may_be_meant_for_another(url, suspect):
    """Look-alike scripts and mixed ones are suspect; accents and Arabic are how people write."""
    assert urls.is_homograph(url) is suspect


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.a.example/x", "a.example"),
        ("https://a.com.ng/", "a.com.ng"),
        ("https://www.presidence.gov.bf/", "presidence.gov.bf"),
        ("https://fr.a.ne/", "a.ne"),
        ("not a URL", ""),
        ("http://192.0.2.1/a", "192.0.2.1"),
        ("http://[2001:db8::1]:8080/a", "2001:db8::1"),
    ],
)
def test_the_site_of_a_host(url, site):
    """The name that was registered, second-level domains of the region's countries included."""
    assert urls.site_of(url) == site


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://a.example/photo du jour.html", "https://a.example/photo%20du%20jour.html"),
        ("https://a.example/lire?titre=deux mots&p=1", "https://a.example/lire?titre=deux%20mots&p=1"),
        (" https://a.example/a b ", "https://a.example/a%20b"),
        ("https://a.example?q=a b", "https://a.example/?q=a%20b"),
    ],
)
def test_a_space_is_what_browsers_make_of_it(written, meant):
    """Links with a raw space lead somewhere; both spellings are one address and one article."""
    assert urls.canonical_url(written) == urls.canonical_url(meant)
    assert urls.canonical_url(written).url.replace("+", "%20") == meant


@pytest.mark.parametrize("host", ["a<b.example", "a..b.example", "a b.example", "a!.example", "[1::x]"])
def test_hosts_of_characters_that_no_host_has(host):
    """Found by fuzzing: such a host became an identity that could not be read again."""
    assert reason_of(f"https://{host}/") == "BAD_URL"


def test_credentials_are_taken_out_of_texts():
    """What is kept of a refused link holds no user and no password."""
    assert urls.without_credentials("see https://u:p@a.example/x?m=a@b") == "see https://a.example/x?m=a@b"
