"""The client against a server that misbehaves, through real sockets on loopback."""

import contextlib
import gzip
import http.server
import itertools
import socketserver
import threading
import time

import pytest

from transforms.addresses import Exemptions
from transforms.exchanges import parse_retry_after
from transforms.web import Request, Response, WebClient, WebOptions


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((time.monotonic(), self.headers["Host"], self.path, dict(self.headers)))
        reply = self.server.pages.get(self.path, (404, {}, b"nothing here"))
        if callable(reply):
            reply(self)
            return
        status, headers, body = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(pages):
    """A loopback server of canned or programmed replies."""

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), _Handler)
    server.pages, server.seen = pages, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def client_of(server, hosts=("one.example",), **options):
    """A client to which these hosts are the server."""
    resolve = [f"{host}=127.0.0.1:{server.server_port}" for host in hosts]
    client = WebClient(WebOptions(exemptions=Exemptions.parse([], resolve), host_interval=0, **options))
    try:
        yield client
    finally:
        client.close()


def get(client, url, kind="page", **more):
    """The answer to one request."""
    [(_, answer)] = client.fetch_all([Request(url=url, kind=kind, **more)])
    return answer


REFUSED = [
    ("http://127.0.0.1:{port}/", "SSRF_BLOCKED"),
    ("http://localhost/", "SSRF_BLOCKED"),
    ("http://10.1.2.3/", "SSRF_BLOCKED"),
    ("http://169.254.169.254/latest/meta-data", "SSRF_BLOCKED"),
    ("http://[::1]/", "SSRF_BLOCKED"),
    ("http://[::ffff:127.0.0.1]/", "SSRF_BLOCKED"),
    ("http://[64:ff9b::7f00:1]/", "SSRF_BLOCKED"),
    ("http://[2002:7f00:1::1]/", "SSRF_BLOCKED"),
    ("http://224.0.0.1/", "SSRF_BLOCKED"),
    ("http://100.64.0.1/", "SSRF_BLOCKED"),
    ("http://8.8.8.8:22/", "BAD_PORT"),
    ("file:///etc/passwd", "BAD_SCHEME"),
    ("javascript:alert(1)", "BAD_SCHEME"),
    ("http://user:word@one.example/", "URL_CREDENTIALS"),
    ("http://one.example\\@two.example/", "BAD_URL"),
    ("http://one.example/" + "x" * 3000, "URL_TOO_LONG"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_refused_before_a_packet_is_sent(url, reason):
    """What may not be asked for is refused with its reason and the server sees nothing."""
    with serving({}) as server, client_of(server) as client:
        assert get(client, url.format(port=server.server_port)).reason == reason
        assert server.seen == []


def test_a_name_that_resolves_to_loopback_is_not_dialled():
    """A name exempted for one host does not open loopback to another name that resolves there."""
    with serving({}) as server, client_of(server) as client:
        assert get(client, "http://localtest.localhost/").reason in {"SSRF_BLOCKED", "DNS_ERROR"}
        assert server.seen == []


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://169.254.169.254/", "SSRF_BLOCKED"),
        ("http://[::1]/", "SSRF_BLOCKED"),
        ("ftp://one.example/", "BAD_SCHEME"),
        ("file:///etc/passwd", "BAD_SCHEME"),
        ("/loop", "TOO_MANY_REDIRECTS"),
    ],
)
def test_redirects_are_checked_hop_by_hop(target, reason):
    """A redirect to a forbidden place is stopped before it is dialled; a loop ends after five hops."""
    pages = {"/start": (302, {"Location": target}, b""), "/loop": (302, {"Location": "/loop"}, b"")}
    with serving(pages) as server, client_of(server) as client:
        assert get(client, "http://one.example/start").reason == reason


def test_redirect_is_followed_and_remembered():
    """Hops are reported with their status, and cookies are never sent back."""
    pages = {
        "/old": (301, {"Location": "http://two.example/new", "Set-Cookie": "a=b"}, b""),
        "/new": (200, {"Content-Type": "text/html"}, b"<p>here</p>"),
    }
    with serving(pages) as server, client_of(server, ("one.example", "two.example")) as client:
        answer = get(client, "http://one.example/old")
        assert isinstance(answer, Response)
        assert answer.url == "http://two.example/new"
        assert answer.redirects == ((301, "http://one.example/old"),)
        assert all("Cookie" not in headers for _, _, _, headers in server.seen)


def test_bombs_and_endless_bodies_stop_at_the_limit():
    """A body beyond the limit is refused, compressed or not."""
    bomb = gzip.compress(b"0" * 60_000_000)

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(400):
                handler.wfile.write(b"x" * 65536)

    pages = {"/bomb": (200, {"Content-Encoding": "gzip"}, bomb), "/endless": endless}
    with serving(pages) as server, client_of(server) as client:
        assert get(client, "http://one.example/bomb").reason == "TOO_LARGE"
        assert get(client, "http://one.example/endless").reason == "TOO_LARGE"


def test_truncated_body_is_never_a_page():
    """Half a body is a passing failure, not a short page."""

    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x" * 10)
        handler.close_connection = True

    with serving({"/half": half}) as server, client_of(server) as client:
        assert get(client, "http://one.example/half").reason in {"TRUNCATED", "READ_ERROR"}


def test_robots_rules_are_obeyed():
    """A disallowed page is not asked for; robots.txt is asked for once; the longest match wins."""
    rules = b"\xef\xbb\xbfUser-agent: *\nDisallow: /\nAllow: /news/\n"
    pages = {"/robots.txt": (200, {}, rules), "/news/a": (200, {}, b"a"), "/news/b": (200, {}, b"b")}
    with serving(pages) as server, client_of(server) as client:
        assert get(client, "http://one.example/private").reason == "ROBOTS_DENIED"
        assert get(client, "http://one.example/news/a").status == 200
        assert get(client, "http://one.example/news/b").status == 200
        assert [path for _, _, path, _ in server.seen] == ["/robots.txt", "/news/a", "/news/b"]


@pytest.mark.parametrize(("status", "outcome"), [(404, 200), (403, 200), (500, "ROBOTS_UNREACHABLE")])
def test_robots_that_fail(status, outcome):
    """A 4xx robots.txt allows everything, a 5xx one means wait (RFC 9309)."""
    pages = {"/robots.txt": (status, {}, b"x"), "/a": (200, {}, b"a")}
    with serving(pages) as server, client_of(server) as client:
        answer = get(client, "http://one.example/a")
        assert (answer.status if outcome == 200 else answer.reason) == outcome


def test_one_request_at_a_time_with_a_pause_per_host():
    """Requests to one host keep their distance while other hosts go on beside it."""
    pages = {f"/{i}": (200, {}, b"x") for i in range(4)}
    hosts = ("one.example", "two.example", "three.example")
    with serving(pages) as server:
        resolve = [f"{host}=127.0.0.1:{server.server_port}" for host in hosts]
        client = WebClient(WebOptions(exemptions=Exemptions.parse([], resolve), host_interval=0.2))
        wanted = [Request(url=f"http://{host}/{i}", kind="page") for host in hosts for i in range(4)]
        started = time.monotonic()
        answers = list(client.fetch_all(wanted))
        elapsed = time.monotonic() - started
        client.close()
    assert all(isinstance(answer, Response) for _, answer in answers)
    for host in hosts:
        times = [at for at, name, path, _ in server.seen if name == host and path != "/robots.txt"]
        assert min(b - a for a, b in itertools.pairwise(times)) >= 0.19
    assert elapsed < 3 * 4 * 0.2


def test_a_host_that_asks_to_wait_is_left_alone():
    """After 429 with Retry-After the host gets no further request, and the wait is reported."""
    pages = {"/a": (429, {"Retry-After": "120"}, b""), "/b": (200, {}, b"b")}
    with serving(pages) as server, client_of(server) as client:
        first = get(client, "http://one.example/a")
        second = get(client, "http://one.example/b")
    assert (first.reason, first.retry_after) == ("RATE_LIMITED", 120.0)
    assert second.reason == "RATE_LIMITED"
    assert 100 < second.retry_after <= 120
    assert "/b" not in [path for _, _, path, _ in server.seen]


def test_what_is_not_reached_in_time_comes_back_as_waiting():
    """A lane that runs out of time hands the rest back instead of losing it."""
    pages = {f"/{i}": (200, {}, b"x") for i in range(5)}
    with serving(pages) as server:
        resolve = [f"one.example=127.0.0.1:{server.server_port}"]
        client = WebClient(WebOptions(exemptions=Exemptions.parse([], resolve), host_interval=1.5))
        wanted = [Request(url=f"http://one.example/{i}", kind="page") for i in range(5)]
        # robots.txt and one page have seconds to arrive, the last pages would be due after the end
        answers = [answer for _, answer in client.fetch_all(wanted, seconds=4.0)]
        client.close()
    assert len(answers) == 5
    assert {getattr(answer, "reason", "ok") for answer in answers} == {"ok", "WAITING"}


def test_the_user_agent_is_honest():
    """The User-Agent names the product and whom to write to."""
    with serving({"/a": (200, {}, b"a")}) as server, client_of(server, contact="https://one.example/bot") as client:
        get(client, "http://one.example/a")
        agents = {headers["User-Agent"] for _, _, _, headers in server.seen}
    assert agents == {"sahelwatch/0 (+https://one.example/bot)"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("999999999", 86400.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0),
        ("-5", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after(value, seconds):
    """Retry-After is read as seconds or as an HTTP date, and capped at a day."""
    assert parse_retry_after(value, now=0.0) == seconds


@pytest.mark.parametrize("value", ["Thu Jan  1 00:01:00 1970", "Thu, 01 Jan 1970 00:01:00 -0000"])
def test_dates_without_a_zone_are_utc_wherever_the_machine_stands(monkeypatch, value):
    """The older forms of an HTTP date name no zone; the machine's own must not be read into them."""
    monkeypatch.setenv("TZ", "America/Bogota")
    time.tzset()
    try:
        assert parse_retry_after(value, now=0.0) == 60.0
    finally:
        monkeypatch.undo()
        time.tzset()
