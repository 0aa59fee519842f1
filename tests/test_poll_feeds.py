"""The decision of one poll: what is new, what is kept, when to come back."""

import dataclasses
import datetime as dt

import pytest

from transforms.polls import PollOptions, cache_interval, is_due, poll_request, read_poll
from transforms.records import Feed, FeedState
from transforms.web import Response, WebFailure

NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
FEED = Feed(id="essai", url="https://essai.example/feed", outlet="essai", publisher_family="e", ownership="private")
OPTIONS = PollOptions()


def response(*titles, status=200, headers=None, redirects=(), url="https://essai.example/feed"):
    """A feed with an entry a title."""
    items = "".join(f"<item><title>{t}</title><link>https://essai.example/{t[0]}</link></item>" for t in titles)
    body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>' if status == 200 else ""
    return Response(url=url, status=status, headers=headers or {}, body=body.encode(), redirects=redirects)


def poll(answer, state=None, known=None, now=NOW, options=OPTIONS):
    """What the answer means."""
    return read_poll(FEED, state, answer, known=known or {}, now=now, options=options)


def test_first_poll_finds_everything_new():
    """All entries of a first poll are new, and the row counts them."""
    polled, new, failures = poll(response("a", "b", headers={"etag": '"1"'}))
    assert ([e.title for e in new], failures) == (["a", "b"], [])
    assert (polled.row.status, polled.row.entries, polled.row.new_entries) == ("ok", 2, 2)
    assert polled.state.etag == '"1"'
    assert len(polled.listed) == 2


def test_newness_is_identity_and_text_not_date():
    """Known entries are not new; an edited one is, under the same id."""
    _, first, _ = poll(response("a", "b"))
    known = {e.entry_id: e.fingerprint for e in first}
    polled, new, _ = poll(response("a", "b edited", "c"), known=known)
    assert [e.title for e in new] == ["b edited", "c"]
    assert new[0].entry_id == first[1].entry_id
    assert (polled.row.entries, polled.row.new_entries) == (3, 2)


def test_unchanged_answers_cost_no_parsing():
    """A 304, or the same bytes from a server whose validators lie, is not_modified."""
    polled, _, _ = poll(response("a", headers={"etag": '"1"'}))
    later = NOW + dt.timedelta(hours=1)
    again, new, _ = poll(response(status=304), state=polled.state, now=later)
    assert (again.row.status, new, again.state.etag) == ("not_modified", [], '"1"')
    same, new, _ = poll(response("a", headers={"etag": '"2"'}), state=polled.state, now=later)
    assert (same.row.status, new, same.state.etag) == ("not_modified", [], '"2"')


def test_validators_are_sent_and_renewed_daily():
    """The next request is conditional; after a day it is a full one, since some servers answer 304 for ever."""
    polled, _, _ = poll(response("a", headers={"etag": '"1"', "last-modified": "Tue, 10 Nov 2026 10:00:00 GMT"}))
    soon = poll_request(FEED, polled.state, NOW + dt.timedelta(hours=1))
    assert dict(soon.headers) == {"If-None-Match": '"1"', "If-Modified-Since": "Tue, 10 Nov 2026 10:00:00 GMT"}
    assert poll_request(FEED, polled.state, NOW + dt.timedelta(days=2)).headers == ()


@pytest.mark.parametrize("etag", ["x" * 2000, "a\r\nb", ""])
def test_unusable_validators_are_dropped(etag):
    """An ETag that is too long or not printable is never sent back."""
    polled, _, _ = poll(response("a", headers={"etag": etag}))
    assert polled.state.etag is None


def test_failures_back_off_and_recover():
    """Each failure waits longer, none for good, and a success forgets them."""
    state, pauses = None, []
    for _ in range(4):
        polled, new, _ = poll(WebFailure(reason="HTTP_5XX", message="HTTP 500"), state=state)
        pauses.append((dt.datetime.fromisoformat(polled.state.next_poll) - NOW).total_seconds())
        state = polled.state
        assert (new, polled.row.status) == ([], "HTTP_5XX")
    assert pauses == sorted(pauses)
    assert pauses[-1] > 3 * pauses[0]
    assert state.health == "failing"
    back, new, _ = poll(response("a"), state=state)
    assert (back.state.failures, back.state.health, len(new)) == (0, "ok", 1)


def test_a_failed_poll_keeps_what_was_known():
    """Validators and hash survive a failure, so that recovery does not read everything as new bytes."""
    good, _, _ = poll(response("a", headers={"etag": '"1"'}))
    bad, _, _ = poll(WebFailure(reason="TIMEOUT_TOTAL", message="slow"), state=good.state)
    assert (bad.state.etag, bad.state.content_hash) == ('"1"', good.state.content_hash)


def test_gone_feeds_are_reported_and_asked_once_a_day():
    """410 makes a feed dead; it is still asked daily."""
    polled, _, _ = poll(WebFailure(reason="HTTP_410", message="HTTP 410", status=410))
    assert (polled.row.status, polled.state.health) == ("FEED_GONE", "dead")
    assert dt.datetime.fromisoformat(polled.state.next_poll) - NOW >= dt.timedelta(hours=24)


def test_retry_after_is_kept_even_when_every_feed_is_asked():
    """A feed that asked us to wait is not due before, whatever the minimum interval."""
    polled, _, _ = poll(WebFailure(reason="RATE_LIMITED", message="HTTP 429", retry_after=7200.0))
    assert not is_due(polled.state, "2026-11-20T07:59:00Z", PollOptions(min_interval=0))
    assert is_due(polled.state, "2026-11-20T08:00:00Z", PollOptions(min_interval=0))


def test_a_login_page_is_a_failure():
    """HTML in place of the feed is NOT_A_FEED, not zero entries."""
    page = Response(url=FEED.url, status=200, headers={}, body=b"<html><body>login</body></html>")
    polled, new, _ = poll(page)
    assert (polled.row.status, new, polled.state.failures) == ("NOT_A_FEED", [], 1)


def test_an_empty_feed_is_no_failure():
    """A feed without entries is ok and says so."""
    polled, new, _ = poll(response())
    assert (polled.row.status, new) == ("ok", [])
    assert "FEED_EMPTY" in polled.row.message


def test_due_times():
    """A feed is due at its next poll, at once when never polled, always with a minimum of zero."""
    state = FeedState(feed_id="essai", next_poll="2026-11-20T07:00:00Z")
    assert is_due(None, "2026-11-20T06:00:00Z", OPTIONS)
    assert not is_due(state, "2026-11-20T06:59:59Z", OPTIONS)
    assert is_due(state, "2026-11-20T07:00:00Z", OPTIONS)
    assert is_due(state, "2026-11-20T06:00:00Z", PollOptions(min_interval=0))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=1800"}, 1800.0),
        ({"cache-control": "max-age=99999999"}, 86400.0),
        ({"expires": "Fri, 20 Nov 2026 06:10:00 GMT"}, 600.0),
        ({"expires": "0"}, 0.0),
        ({}, 0.0),
    ],
)
def test_cache_headers_set_the_pace(headers, seconds):
    """max-age and Expires are heard, up to a day."""
    assert cache_interval(headers, NOW) == seconds


def test_the_pace_follows_the_slowest_wish():
    """The next poll is not before what the feed's ttl asks."""
    answer = response("a")
    body = answer.body.replace(b"<title>T</title>", b"<title>T</title><ttl>240</ttl>")
    polled, _, _ = poll(dataclasses.replace(answer, body=body))
    assert dt.datetime.fromisoformat(polled.state.next_poll) - NOW >= dt.timedelta(hours=4)


def test_permanent_redirects_are_adopted_after_a_week():
    """A move is noted at once and used for the request only after seven days of the same answer."""
    moved = response("a", redirects=((301, FEED.url),), url="https://neuf.example/feed")
    polled, _, _ = poll(moved)
    assert polled.state.moved_to == "https://neuf.example/feed"
    assert poll_request(FEED, polled.state, NOW + dt.timedelta(days=6)).url == FEED.url
    assert poll_request(FEED, polled.state, NOW + dt.timedelta(days=7)).url == "https://neuf.example/feed"


def test_a_temporary_redirect_is_no_move():
    """A 302 is followed and forgotten."""
    polled, _, _ = poll(response("a", redirects=((302, FEED.url),), url="https://neuf.example/feed"))
    assert polled.state.moved_to == ""
