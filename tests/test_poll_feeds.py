"""The decision of one poll: what is new, what is kept, when to come back."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import cadence, polls, reasons
from transforms.clock import iso
from transforms.polls import PollOptions, cache_interval, is_due, poll_request, read_poll, was_asked
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


def later(state, answer, *, hours, known=None):
    """The state after another answer some hours on."""
    now = dt.datetime.fromisoformat(state.polled) + dt.timedelta(hours=hours)
    return poll(answer, state=state, known=known, now=now)[0].state


def pause_of(state):
    """Seconds from a poll to the next one."""
    return (dt.datetime.fromisoformat(state.next_poll) - dt.datetime.fromisoformat(state.polled)).total_seconds()


@given(st.floats(0, 500), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(300, 86400))
def test_the_next_poll_is_the_slowest_wish_within_bounds(rate, age, ttl, least):
    """Never sooner than each wish up to a day, never within the minimum, never beyond a day and its jitter."""
    state = FeedState(feed_id="essai", first_polled="2026-11-01T00:00:00Z", polled="2026-11-20T05:00:00Z",
                      last_success="2026-11-20T05:00:00Z", rate=rate, newest_entry="2026-11-20T05:00:00Z")  # fmt: skip
    headers = {"cache-control": f"max-age={age}"}
    body = response("a").body.replace(b"<title>T</title>", f"<title>T</title><ttl>{ttl // 60}</ttl>".encode())
    answer = Response(url=FEED.url, status=200, headers=headers, body=body)
    polled, _, _ = read_poll(FEED, state, answer, known={}, now=NOW, options=PollOptions(min_interval=least))
    wishes = (least, age, ttl // 60 * 60, cadence.learned_interval(polled.state.rate))
    assert min(max(wishes), 86400) - 1 <= pause_of(polled.state) <= min(max(wishes), 86400) * 1.1 + 1


def test_the_pace_is_learned():
    """A feed of many entries a day is asked often, one of an entry a week seldom, an unknown one by the hour."""
    assert cadence.learned_interval(36.0) == 300.0
    assert cadence.learned_interval(1.0) == 10800.0
    assert cadence.learned_interval(1 / 7) == 75600.0
    assert cadence.learned_interval(0.01) == 86400.0
    assert cadence.learned_interval(0.0) == 3600.0


def test_a_first_document_teaches_the_pace():
    """What its entries' dates tell of the last week is the first rate; a document without dates tells none."""
    dates = [f"2026-11-{day}T00:00:00Z" for day in (14, 15, 16, 17, 18, 19, 20)]
    items = "".join(
        f"<item><title>{n}</title><link>/{n}</link><pubDate>{d}</pubDate></item>" for n, d in enumerate(dates)
    )
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    state = poll(Response(url=FEED.url, status=200, headers={}, body=body))[0].state
    assert state.rate == 1.0
    assert 10800 <= pause_of(state) <= 10800 * 1.1
    assert state.newest_entry == "2026-11-20T00:00:00Z"
    undated = poll(response("a", "b"))[0].state
    assert (undated.rate, undated.newest_entry) == (0.0, "2026-11-20T06:00:00Z")


def test_a_feed_that_goes_quiet_is_told():
    """Silence beyond eight mean gaps (two days at least) raises the alarm; a new entry ends it."""
    state = FeedState(feed_id="essai", url=FEED.url, first_polled="2026-10-01T00:00:00Z", polled="2026-11-18T07:00:00Z",
                      last_success="2026-11-18T07:00:00Z", newest_entry="2026-11-18T07:00:00Z", rate=10.0)  # fmt: skip
    assert later(state, response(status=304), hours=46).health == "ok"
    quiet = later(state, response(status=304), hours=49)
    assert quiet.health == "quiet"
    assert later(quiet, response("a"), hours=1).health == "ok"


@pytest.mark.parametrize(
    ("reason", "pauses"),
    [
        ("TIMEOUT_TOTAL", [300, 600, 900, 21600]),
        ("HTTP_404", [3600, 7200, 10800, 86400]),
        ("HTTP_403", [3600, 7200, 14400, 86400]),
        ("NOT_A_FEED", [3600, 7200, 10800, 86400]),
        ("HTTP_410", [86400, 86400, 86400, 86400]),
    ],
)
def test_each_class_of_failure_has_its_own_backoff(reason, pauses):
    """Passing ones gently, missing feeds by the hour, refusals doubling, gone ones daily; none beyond a day."""
    found = [cadence.backoff_of(reason).pause(failures) for failures in (1, 2, 3, 100)]
    assert found == pauses


def test_every_reason_of_a_feed_has_a_class():
    """No reason falls through to a class that was not meant for it."""
    for reason in reasons.REASONS:
        assert cadence.backoff_of(reason).pause(1) >= 300


def test_a_feed_is_dead_after_a_week_without_an_answer_and_still_asked_daily():
    """Ten failures in an hour are no death; a week of them is, and a good answer wakes it."""
    state = poll(response("a"))[0].state
    down = WebFailure(reason="CONNECT_ERROR", message="refused")
    for _ in range(12):
        state = later(state, down, hours=0.1)
    assert state.health == "failing"
    state = later(state, down, hours=24 * 7)
    assert state.health == "dead"
    assert 86400 <= pause_of(state) <= 86400 * 1.1
    assert poll_request(FEED, state, NOW).headers == ()
    assert later(state, response("b"), hours=24).health == "ok"


def test_validators_that_lie_are_no_longer_sent_for_a_week():
    """The same ETag over another body is a lie at once; a week later the feed gets another chance."""
    tag = {"etag": '"1"'}
    state = later(poll(response("a", headers=tag))[0].state, response("b", headers=tag), hours=1)
    now = dt.datetime.fromisoformat(state.polled)
    assert poll_request(FEED, state, now + dt.timedelta(hours=1)).headers == ()
    assert poll_request(FEED, dataclasses.replace(state, last_full=iso(now + dt.timedelta(days=8))),
                        now + dt.timedelta(days=8, hours=1)).headers == (("If-None-Match", '"1"'),)  # fmt: skip


def test_304_for_ever_is_found_out_by_the_daily_full_request():
    """Nothing but 304, and another body whenever we ask in full: once may be chance, twice is not."""
    state = poll(response("a", headers={"etag": '"1"'}))[0].state
    for number, title in ((1, "b"), (2, "c")):
        state = later(state, response(status=304), hours=1)
        state = later(state, response(title, headers={"etag": f'"{title}"'}), hours=24)
        assert state.suspect == number
    assert poll_request(FEED, state, dt.datetime.fromisoformat(state.polled)).headers == ()


def test_a_feed_that_owns_up_to_a_change_is_not_suspected():
    """A conditional request answered with a new body clears it."""
    state = dataclasses.replace(poll(response("a", headers={"etag": '"1"'}))[0].state, suspect=1, unchanged=3)
    assert later(state, response("b", headers={"etag": '"2"'}), hours=1).suspect == 0


def test_a_move_to_https_is_adopted_at_once():
    """Where only the scheme changes there is nothing to wait for."""
    plain = dataclasses.replace(FEED, url="http://essai.example/feed")
    moved = response("a", redirects=((301, plain.url),))
    state = read_poll(plain, None, moved, known={}, now=NOW, options=OPTIONS)[0].state
    assert poll_request(plain, state, NOW).url == "https://essai.example/feed"


def test_only_the_leading_permanent_hops_count():
    """Permanent, then temporary: the move ends where the permanent part does."""
    hops = ((308, FEED.url), (302, "https://neuf.example/feed"))
    state = poll(response("a", redirects=hops, url="https://cdn.example/x"))[0].state
    assert state.moved_to == "https://neuf.example/feed"


def test_a_move_that_was_adopted_and_fails_is_given_up():
    """After three failures at the new address the catalogue's is asked again."""
    state = poll(response("a", redirects=((301, FEED.url),), url="https://neuf.example/feed"))[0].state
    state = dataclasses.replace(state, moved_since="2026-11-01T00:00:00Z")
    for _ in range(3):
        assert poll_request(FEED, state, NOW).url == "https://neuf.example/feed"
        state = later(state, WebFailure(reason="HTTP_404", message="HTTP 404", status=404), hours=1)
    assert poll_request(FEED, state, NOW).url == FEED.url


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (WebFailure(reason="WAITING", message=""), False),
        (WebFailure(reason="RATE_LIMITED", message="held", retry_after=9.0), False),
        (WebFailure(reason="RATE_LIMITED", message="HTTP 429", status=429), True),
        (WebFailure(reason="DNS_ERROR", message=""), True),
        (response("a"), True),
    ],
)
def test_a_feed_whose_turn_did_not_come_was_not_polled(answer, asked):
    """No row, no failure: it stays due."""
    assert was_asked(answer) is asked


def test_no_interval_is_longer_than_a_day():
    """What spreads polls ends where the longest interval does; what a host or the operator asks for is kept."""
    for number in range(200):
        name = f"feed{number}"
        for seconds in (60.0, 3600.0, 23 * 3600.0, 24 * 3600.0):
            later = dt.datetime.fromisoformat(polls._later(name, NOW, seconds)) - NOW
            assert dt.timedelta(seconds=seconds) <= later <= dt.timedelta(days=1)
    assert len({polls._later(f"feed{number}", NOW, 3600.0) for number in range(200)}) > 100
    assert polls._later("feed", NOW, 30 * 3600.0) == "2026-11-21T12:00:00Z"
