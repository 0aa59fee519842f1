"""Rows R01 to R08 of the catalogue: robots.txt and politeness."""

from collections.abc import AsyncIterator

from tests.conformance.case import UNCHANGED, Case, Outcome, Played, accepted, refused, waits_then_comes
from tests.conformance.scripts import answer, article, by_round, chunks, feed, head_of, item, silent
from tests.conformance.server import SUFFIX

SOUND = answer(article())


def robots(rules: str | bytes, status: int = 200, kind: str = "text/plain"):
    """A robots.txt."""
    return answer(rules if isinstance(rules, bytes) else rules.encode(), status, kind)


async def fifty_megabytes() -> AsyncIterator[bytes]:
    """A rule, then 50 MB of comments, then another rule (R06)."""
    yield head_of(200, kind="text/plain") + b"User-agent: *\nDisallow: /page2\n"
    for _ in range(800):
        yield b"# " + b"x" * 65533 + b"\n"
    yield b"Disallow: /page\n"


def asked_once(passes: list[Played]) -> None:
    """robots.txt is asked for once a day: once in the first two passes, which lie an hour apart."""
    first, second = (sum(v.path == "/robots.txt" for v in played.visits) for played in passes[:2])
    assert (first, second) == (1, 0)


def all_feeds_listed(passes: list[Played]) -> None:
    """One request for the page; the article names all twelve feeds."""
    assert sum(v.path == "/page" for v in passes[0].visits) == 1
    [row] = {row["article_id"]: row for row in passes[0].articles}.values()
    assert row["feed_ids"] == sorted(f"r08-{number}" for number in range(1, 13))


CASES = [
    Case(id="R01", given="robots.txt disallows the page", entries=2, pages={"/robots.txt": robots("User-agent: *\nDisallow: /page\n")},
         passes=refused(ROBOTS_DENIED=2), never=("/page", "/page2"), check=asked_once),
    Case(id="R01b", given="robots.txt disallows us by name and allows all others",
         pages={"/robots.txt": robots("User-agent: sahelwatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n")},
         passes=refused(ROBOTS_DENIED=1), never=("/page",)),
    Case(id="R01c", given="a redirect leads to a page that robots.txt disallows",
         pages={"/robots.txt": robots("User-agent: *\nDisallow: /hidden\n"), "/page": answer(b"", 302, Location="/hidden")},
         passes=refused(ROBOTS_DENIED=1), never=("/hidden",)),
    Case(id="R02a", given="robots.txt answers 403: all is free", pages={"/robots.txt": robots("no", 403)}, passes=accepted()),
    Case(id="R02b", given="robots.txt answers 500: wait", entries=3,
         pages={"/robots.txt": by_round(robots("x", 500), robots("", 404)), "/page2": SOUND, "/page3": SOUND},
         passes=waits_then_comes(ROBOTS_UNREACHABLE=3),
         check=lambda passes: _count(passes[0], "/robots.txt", 1)),
    Case(id="R02c", given="robots.txt never answers: wait", pages={"/robots.txt": by_round(silent(), robots("", 404))},
         passes=waits_then_comes(ROBOTS_UNREACHABLE=1), within=8.0),
    Case(id="R02d", given="robots.txt answers 500 a week after it answered: the rules known then hold",
         feed=by_round(feed(item()), feed(item()), feed(item(), item(2), item(3, link="/private/a"))),
         pages={"/robots.txt": by_round(robots("User-agent: *\nDisallow: /private/\n"), robots(""), robots("x", 500)), "/page2": SOUND},
         passes=(Outcome(articles=1), UNCHANGED, Outcome(articles=1, rejected={"ROBOTS_DENIED": 1})), never=("/private/a",)),
    Case(id="R02e", given="robots.txt answers 429: it asks to wait and frees nothing",
         pages={"/robots.txt": by_round(robots("x", 429), robots("User-agent: *\nDisallow: /page\n"))},
         passes=(Outcome(waiting={"ROBOTS_UNREACHABLE": 1}), Outcome(status="not_modified", rejected={"ROBOTS_DENIED": 1}), UNCHANGED),
         never=("/page",)),
    Case(id="R03", given="the longest rule wins", entries=2,
         feed=feed(item(link="/news/a"), item(2, link="/other")),
         pages={"/robots.txt": robots("User-agent: *\nDisallow: /\nAllow: /news/\n"), "/news/a": SOUND},
         passes=(Outcome(articles=1, rejected={"ROBOTS_DENIED": 1}), UNCHANGED, UNCHANGED), never=("/other",)),
    Case(id="R04", given="a byte order mark in front of the rules",
         pages={"/robots.txt": robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /page\n")}, passes=refused(ROBOTS_DENIED=1), never=("/page",)),
    Case(id="R05a", given="Crawl-delay 99999999", pages={"/robots.txt": robots("User-agent: *\nCrawl-delay: 99999999\n")},
         passes=refused(CRAWL_DELAY_EXCESSIVE=1), never=("/page",)),
    Case(id="R05b", given="Crawl-delay -1", pages={"/robots.txt": robots("User-agent: *\nCrawl-delay: -1\n")}, passes=accepted()),
    Case(id="R05c", given="Crawl-delay abc", pages={"/robots.txt": robots("User-agent: *\nCrawl-delay: abc\n")}, passes=accepted()),
    Case(id="R06a", given="a robots.txt of 50 MB: its first 500 KiB count", entries=2, pages={"/robots.txt": chunks(fifty_megabytes)},
         passes=(Outcome(articles=1, rejected={"ROBOTS_DENIED": 1}), UNCHANGED, UNCHANGED), never=("/page2",)),
    Case(id="R06b", given="a page in place of robots.txt",
         pages={"/robots.txt": robots("<html><body>User-agent: *\nDisallow: /\n</body></html>", kind="text/html")}, passes=accepted()),
    Case(id="R07", given="300 entries of one host at once", entries=300, passes=(Outcome(articles=1, rejected={"HTTP_404": 299}), UNCHANGED, UNCHANGED),
         check=lambda passes: _count(passes[0], "/page300", 1)),
    Case(id="R08", given="the same article in 12 feeds", feeds=12, feed=feed(item(link=f"http://r08{SUFFIX}/page")),
         passes=(Outcome(articles=1, known=11), UNCHANGED, UNCHANGED), check=all_feeds_listed),
]  # fmt: skip


def _count(played: Played, path: str, times: int) -> None:
    """How often a pass asked for a path."""
    assert sum(visit.path == path for visit in played.visits) == times
