"""Rows of the fault catalogue that need a resolver, an environment or a process of their own, met by the real client."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import textwrap
import time

import aiohttp.abc
import pytest

from tests.conformance import cases_http, scripts
from tests.conformance.server import SUFFIX, FaultServer
from transforms import reasons
from transforms.addresses import Exemptions
from transforms.exchanges import Request, Response, WebOptions
from transforms.transport import Resolver
from transforms.web import WebClient

HOST = f"own{SUFFIX}"
BOMBS = {"gzip": cases_http.gzip_bomb, "br": cases_http.brotli_bomb, "zstd": cases_http.zstd_bomb}


class Names(Resolver):
    """The client's own resolver, over names that a test makes up: what is no name it knows does not exist."""

    def __init__(self, names, exemptions=None):
        super().__init__(exemptions or Exemptions())
        self._names = names

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        """As the real one, with the answers of the DNS in place of the DNS."""
        asyncio.get_running_loop().getaddrinfo = self._lookup
        return await super().resolve(host, port, family)

    async def _lookup(self, host, port, **_):
        found = self._names.get(host, socket.gaierror(socket.EAI_NONAME, "no such name"))
        if isinstance(found, float):
            await asyncio.sleep(found)
            found = []
        if isinstance(found, Exception):
            raise found
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


class Rebound(aiohttp.abc.AbstractResolver):
    """A resolver whose first, public answer was checked by somebody; now it gives loopback (DNS rebinding)."""

    def __init__(self, port):
        self._port = port

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        """Loopback."""
        return [
            aiohttp.abc.ResolveResult(
                hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=6, flags=0
            )
        ]

    async def close(self):
        """Nothing is held."""


def ask(url, *, resolver=None, kind="feed", **options):
    """The answer to one request of a client of its own, and how long it took."""
    client = WebClient(WebOptions(host_interval=0, **options), resolver=resolver)
    started = time.monotonic()
    try:
        [(_, answer)] = client.fetch_all([Request(url=url, kind=kind)])
    finally:
        client.close()
    return answer, time.monotonic() - started


def test_n01_a_public_name_that_resolves_to_loopback():
    """SSRF_BLOCKED, quarantined, and no packet was sent."""
    with FaultServer({}) as server:
        answer, _ = ask(f"http://{HOST}/", resolver=Names({HOST: ["127.0.0.1"]}))
        assert (answer.reason, server.visits) == ("SSRF_BLOCKED", [])
    assert reasons.disposition(answer.reason) == "quarantine"


def test_n05_a_name_that_is_public_when_checked_and_loopback_when_dialled():
    """The last gate is the socket: what is about to be dialled is checked, whatever was resolved before."""
    with FaultServer({(HOST, "/"): scripts.answer(b"secret")}) as server:
        answer, _ = ask(f"http://{HOST}/", resolver=Rebound(server.ports["http"]))
        assert (answer.reason, server.visits) == ("SSRF_BLOCKED", [])


def test_n06_a_name_with_a_private_and_a_public_address():
    """The private one is left out, the public one stays; with none left the name is blocked."""
    both = asyncio.run(Names({HOST: ["10.0.0.1", "8.8.8.8"]}).resolve(HOST, 443))
    assert [found["host"] for found in both] == ["8.8.8.8"]
    answer, _ = ask(f"http://{HOST}/", resolver=Names({HOST: ["10.0.0.1", "192.168.0.1"]}))
    assert answer.reason == "SSRF_BLOCKED"


@pytest.mark.parametrize(
    "told",
    [socket.gaierror(socket.EAI_NONAME, "no such name"), socket.gaierror(socket.EAI_FAIL, "server failure"), []],
    ids=["NXDOMAIN", "SERVFAIL", "no address"],
)
def test_n11_names_that_do_not_resolve(told):
    """DNS_ERROR, which is tried again."""
    answer, _ = ask(f"http://{HOST}/", resolver=Names({HOST: told}))
    assert answer.reason == "DNS_ERROR"
    assert reasons.disposition(answer.reason) == "retry"


def test_n12_a_name_server_that_hangs():
    """The total deadline holds for the look-up too."""
    answer, lasted = ask(f"http://{HOST}/", resolver=Names({HOST: 30.0}), total_seconds=1.0)
    assert reasons.disposition(answer.reason) == "retry"
    assert lasted < 6


def test_n21_proxies_of_the_environment_are_not_used(monkeypatch):
    """No proxy variable makes the client send its requests elsewhere."""
    with FaultServer({(HOST, "/"): scripts.answer(b"straight")}) as server, FaultServer({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.ports['http']}")
        exemptions = Exemptions.parse([], [f"{HOST}=127.0.0.1:{server.ports['http']}"])
        answer, _ = ask(f"http://{HOST}/", exemptions=exemptions)
        assert (answer.body, proxy.visits) == (b"straight", [])


def test_n21_netrc_is_not_read(monkeypatch, tmp_path):
    """Credentials that lie on the machine are sent to nobody."""
    (tmp_path / "netrc").write_text(f"machine {HOST} login editor password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with FaultServer({(HOST, "/"): scripts.answer(b"x")}) as server:
        ask(f"http://{HOST}/", exemptions=Exemptions.parse([], [f"{HOST}=127.0.0.1:{server.ports['http']}"]))
        assert [visit.headers.get("authorization") for visit in server.visits] == [None]


def test_h03_to_h05_bombs_do_not_fill_the_memory():
    """A gigabyte behind a few kilobytes costs the process less than 100 MB at its peak, and ends as TOO_LARGE."""
    program = textwrap.dedent("""
        import resource, sys
        from transforms.addresses import Exemptions
        from transforms.exchanges import Request, WebOptions
        from transforms.web import WebClient
        host, port, *paths = sys.argv[1:]
        options = WebOptions(host_interval=0, exemptions=Exemptions.parse([], [f"{host}=127.0.0.1:{port}"]))
        client = WebClient(options)
        def get(path):
            [(_, answer)] = client.fetch_all([Request(url=f"http://{host}/{path}", kind="page")])
            return answer
        assert get("page").status == 200
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for path in paths:
            reason = get(path).reason
            print(path, reason, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    pages = {(HOST, f"/{coding}"): scripts.answer(bomb(), Content_Encoding=coding) for coding, bomb in BOMBS.items()}
    with FaultServer({**pages, (HOST, "/page"): scripts.answer(scripts.article())}) as server:
        command = [sys.executable, "-c", program, HOST, str(server.ports["http"]), *BOMBS]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False)
    assert ran.returncode == 0, ran.stderr
    found = [line.split() for line in ran.stdout.splitlines()]
    assert [(coding, reason) for coding, reason, _ in found] == [(coding, "TOO_LARGE") for coding in BOMBS]
    assert max(int(grown) for _, _, grown in found) < 100 * 1024, "kilobytes"


class Hosts:
    """Many hosts with a few pages each, every answer 0.3 s after its request."""

    def __init__(self, hosts, pages, pause=0.3):
        async def slow(exchange):
            await asyncio.sleep(pause)
            await scripts.answer(b"<p>x</p>")(exchange)

        self.names = [f"h{number}{SUFFIX}" for number in range(hosts)]
        self.requests = [
            Request(url=f"http://{name}/{page}", kind="page") for name in self.names for page in range(pages)
        ]
        self.scripts = {(name, f"/{page}"): slow for name in self.names for page in range(pages)}

    def fetch(self, server, interval):
        """(answers, seconds) for all pages; robots.txt was asked for before."""
        exemptions = Exemptions.parse([], [f"{name}=127.0.0.1:{server.ports['http']}" for name in self.names])
        client = WebClient(WebOptions(host_interval=interval, exemptions=exemptions))
        try:
            warm = [Request(url=f"http://{name}/missing", kind="page") for name in self.names]
            assert len(list(client.fetch_all(warm))) == len(warm)
            time.sleep(interval * 1.1)
            started = time.monotonic()
            answers = [answer for _, answer in client.fetch_all(self.requests)]
            return answers, time.monotonic() - started
        finally:
            client.close()


def test_slow_hosts_are_worked_side_by_side():
    """40 hosts of 0.3 s an answer: far more pages a second than one after the other, which would be three.

    On an idle machine it is 120 and more (python -m tests.quality.fetching); the bound is for a busy one.
    """
    hosts = Hosts(40, 5)
    with FaultServer(hosts.scripts) as server:
        answers, seconds = hosts.fetch(server, 0)
        assert set(server.most_at_once.values()) == {1}
    assert all(isinstance(answer, Response) for answer in answers)
    assert len(answers) / seconds > 40


def test_with_politeness_the_slowest_host_sets_the_time():
    """One host has six pages, 19 have two: all are done when the slow one is, give or take, and each kept its pause."""
    hosts = Hosts(20, 2, pause=0.05)
    slow = hosts.names[0]
    more = [f"/more{number}" for number in range(4)]
    hosts.requests += [Request(url=f"http://{slow}{path}", kind="page") for path in more]
    hosts.scripts |= {(slow, path): hosts.scripts[slow, "/0"] for path in more}
    with FaultServer(hosts.scripts) as server:
        answers, seconds = hosts.fetch(server, 0.5)
        visits = server.seen(slow)[2:]
        pauses = [after.began - before.ended for before, after in itertools.pairwise(visits)]
        own = visits[-1].ended - visits[0].began
    assert all(isinstance(answer, Response) for answer in answers)
    assert len(visits) == 6
    assert min(pauses) >= 0.49
    assert seconds <= own * 1.1 + 1.0
