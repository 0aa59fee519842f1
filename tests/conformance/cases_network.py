"""Rows N01 to N21 of the catalogue: network, DNS, TLS, as far as they can be met through the whole graph.

N01, N05, N06, N11, N12 and N21 need a resolver or an environment of their own: tests/test_conformance_client.py.
"""

import asyncio

from tests.conformance.case import Case, Outcome, Played, accepted, failing, host_beside, refused, waits_then_comes
from tests.conformance.scripts import (
    answer,
    article,
    by_round,
    cut,
    drip,
    feed,
    head_of,
    item,
    redirect,
    silent,
)
from tests.conformance.server import SUFFIX, Exchange

SOUND = answer(article())
SLOW = 8.0
"""Seconds a dragged-out request may last: the deadline of the conformance run is 5."""


def links(*addresses: str):
    """A feed whose entries lead to these addresses."""
    return feed(*(item(number, link=address) for number, address in enumerate(addresses, 1)))


async def endless_continue(exchange: Exchange) -> None:
    """100 Continue without end (N17)."""
    while True:
        await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await asyncio.sleep(0.01)


def no_secret(passes: list[Played]) -> None:
    """No word of a password in any row."""
    assert "s3cret" not in repr((passes[0].rejects, passes[0].polls, passes[0].articles))
    assert "ex.org@" not in repr(passes[0].rejects)


CASES = [
    Case(
        id="N02", given="literal addresses in 10/8, 172.16/12, 192.168/16, 169.254/16, 100.64/10, 0/8", entries=6,
        feed=links("http://10.0.0.1/a", "http://172.16.0.1/a", "http://192.168.0.1/a", "http://169.254.169.254/a",
                   "http://100.64.0.1/a", "http://0.0.0.0/a"),
        passes=refused(SSRF_BLOCKED=6),
    ),
    Case(
        id="N03", given="loopback, link-local and private IPv6, and IPv4 wrapped in it", entries=6,
        feed=links("http://[::1]/a", "http://[fe80::1]/a", "http://[fc00::1]/a", "http://[::ffff:127.0.0.1]/a",
                   "http://[64:ff9b::7f00:1]/a", "http://[2002:7f00:1::1]/a"),
        passes=refused(SSRF_BLOCKED=6),
    ),
    Case(
        id="N04", given="addresses spelt as only a C library reads them", entries=5,
        feed=links("http://2130706433/a", "http://0x7f.1/a", "http://127.1/a", "http://0/a", "http://017700000001/a"),
        passes=refused(SSRF_BLOCKED__BAD_URL=5),
    ),
    Case(
        id="N07a", given="redirect to the metadata address", pages={"/page": redirect("http://169.254.169.254/x")},
        passes=refused(SSRF_BLOCKED=1),
    ),
    Case(
        id="N07b", given="redirect to a private address", pages={"/page": redirect("http://10.0.0.1/x")},
        passes=refused(SSRF_BLOCKED=1),
    ),
    Case(
        id="N07c", given="the feed itself is redirected to a private address",
        feed=by_round(redirect("http://192.168.0.1/feed"), feed(item())), passes=failing("SSRF_BLOCKED"),
    ),
    Case(
        id="N08", given="redirects to file:, ftp:, gopher:, javascript:", entries=4,
        pages={"/page": redirect("file:///etc/passwd"), "/page2": redirect("ftp://one.example/x"),
               "/page3": redirect("gopher://one.example/x"), "/page4": redirect("javascript:alert(1)")},
        passes=refused(BAD_SCHEME=4),
    ),
    Case(
        id="N09a", given="a redirect to itself", pages={"/page": redirect("/page")},
        passes=refused(TOO_MANY_REDIRECTS=1),
        check=lambda passes: _asked(passes, "/page", 6),
    ),
    Case(
        id="N09b", given="six hops", pages={"/page": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 6)},
                                            "/6": SOUND},
        passes=refused(TOO_MANY_REDIRECTS=1),
    ),
    Case(
        id="N09c", given="five hops, which is the most that is followed",
        pages={"/page": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}, "/5": SOUND},
        passes=accepted(),
    ),
    Case(
        id="N10", given="an https page that is redirected to http", tls="good",
        pages={"/page": redirect(f"http://{host_beside('N10', 'plain')}/page")},
        others={(host_beside("N10", "plain"), "/page"): SOUND},
        passes=accepted(flags=frozenset({"DOWNGRADED"})),
    ),
    Case(
        id="N13a", given="connection reset in the middle of the body",
        pages={"/page": by_round(cut(head_of(200, length=5000) + b"<html>"), SOUND)},
        passes=waits_then_comes(READ_ERROR__TRUNCATED__CONNECT_ERROR=1),
    ),
    Case(
        id="N13b", given="connection reset before a byte of the answer, for a week",
        pages={"/page": cut(b"")},
        passes=(
            Outcome(waiting={"READ_ERROR/CONNECT_ERROR/TRUNCATED": 1}),
            Outcome(status="not_modified", waiting={"READ_ERROR/CONNECT_ERROR/TRUNCATED": 1}),
            Outcome(status="not_modified", rejected={"RETRIES_EXHAUSTED": 1}),
        ),
    ),
    Case(
        id="N13c", given="connection reset in the middle of the feed",
        feed=by_round(cut(head_of(200, length=5000) + b"<rss>"), feed(item())),
        passes=failing("READ_ERROR/TRUNCATED/CONNECT_ERROR"),
    ),
    Case(
        id="N14a", given="a page's host accepts and never answers", pages={"/page": by_round(silent(), SOUND)},
        passes=waits_then_comes(TIMEOUT_READ__TIMEOUT_TOTAL=1), within=SLOW,
    ),
    Case(
        id="N14b", given="a feed's host accepts and never answers", feed=by_round(silent(), feed(item())),
        passes=failing("TIMEOUT_READ/TIMEOUT_TOTAL"), within=SLOW,
    ),
    Case(
        id="N15", given="a body of one byte every 0.3 s",
        pages={"/page": by_round(drip(article(), before=head_of(200, length=len(article()))), SOUND)},
        passes=waits_then_comes(TIMEOUT_TOTAL=1), within=SLOW,
    ),
    Case(
        id="N16", given="a header of one byte every 0.3 s", pages={"/page": by_round(drip(head_of(200)), SOUND)},
        passes=waits_then_comes(TIMEOUT_TOTAL=1), within=SLOW,
    ),
    Case(
        id="N17", given="100 Continue without end", pages={"/page": by_round(endless_continue, SOUND)},
        passes=waits_then_comes(TIMEOUT_TOTAL=1), within=SLOW,
    ),
    Case(id="N18a", given="a certificate that has expired", pages={"/page": SOUND}, tls="expired",
         passes=(Outcome(status="TLS_ERROR", health="failing"),) * 3, entries=0),
    Case(id="N18b", given="a certificate of an authority nobody knows", tls="unknown",
         passes=(Outcome(status="TLS_ERROR", health="failing"),) * 3, entries=0),
    Case(id="N18c", given="a certificate of another host", tls="other",
         passes=(Outcome(status="TLS_ERROR", health="failing"),) * 3, entries=0),
    Case(id="N18d", given="a sound certificate", tls="good", passes=accepted()),
    Case(
        id="N18e", given="a page behind a certificate that has expired", tls="good",
        feed=links(f"https://{host_beside('N18E', 'expired')}/page"),
        others={(host_beside("N18E", "expired"), "/page"): SOUND}, passes=refused(TLS_ERROR=1),
    ),
    Case(
        id="N19", given="ports 22, 25 and 6379", entries=3,
        feed=links("http://news.example:22/a", "http://news.example:25/a", "http://news.example:6379/a"),
        passes=refused(BAD_PORT=3),
    ),
    Case(
        id="N20", given="credentials in the address of a page", entries=2,
        feed=links("https://ex.org@127.0.0.1/", f"https://editor:s3cret@n20{SUFFIX}/page"),
        passes=refused(SSRF_BLOCKED__URL_CREDENTIALS=2), never=("/page",), check=no_secret,
    ),
    Case(
        id="N20b", given="a redirect to an address with credentials",
        pages={"/page": redirect(f"http://editor:s3cret@n20b{SUFFIX}/other")},
        passes=refused(SSRF_BLOCKED__URL_CREDENTIALS=1), never=("/other",), check=no_secret,
    ),
]  # fmt: skip


def _asked(passes: list[Played], path: str, times: int) -> None:
    """How often the first pass asked for a path."""
    assert len([visit for visit in passes[0].visits if visit.path == path]) == times
