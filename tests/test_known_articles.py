"""What is remembered of articles: packed and given back unchanged."""

import dataclasses
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.history import Delta, encode_state
from transforms.known_articles import KnownArticle, KnownArticles
from transforms.records import stable_id

IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
ARTICLES = st.builds(
    KnownArticle,
    article_id=IDS,
    revision=st.integers(0, 2**32 - 1),
    content_hash=IDS,
    story_id=IDS,
    feed_ids=st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple),
    event_ids=st.lists(IDS, max_size=5).map(tuple),
    event_revision=st.integers(0, 2**32 - 1),
    object=st.sampled_from(("", "articles/v1/dt=2026-11-20/hour=06/0-abc.jsonl.gz")),
    seen=st.sampled_from(("", "2026-11-20T06:00:00Z")),
    sketch=st.binary(max_size=40),
)


@given(st.lists(ARTICLES, max_size=8))
def test_what_goes_in_comes_out(articles):
    """The mapping behaves as a dictionary of the records would."""
    packed, plain = KnownArticles(), {}
    for article in articles:
        packed[article.article_id] = plain[article.article_id] = article
    assert dict(packed) == plain
    assert (len(packed), list(packed)) == (len(plain), list(plain))


def test_what_is_not_there():
    """An unknown id, and a text that is no id, are simply not there."""
    packed = KnownArticles()
    assert "0" * 32 not in packed
    assert "no id" not in packed
    with pytest.raises(KeyError):
        packed["no id"]


def known(number, seen):
    """An article of ordinary size."""
    article_id = stable_id(str(number))
    return KnownArticle(
        article_id=article_id, revision=0, content_hash=stable_id("c", str(number)), story_id=article_id,
        feed_ids=(f"feed-{number % 9}",), event_ids=tuple(stable_id(str(number), str(n)) for n in range(5)),
        event_revision=0, object=f"articles/v1/dt=2026-11-20/hour=06/0-{number // 50:024d}.jsonl.gz", seen=seen,
        sketch=bytes(420),
    )  # fmt: skip


def test_sketches_beyond_the_horizon_are_let_go():
    """Older sketches go, younger ones stay, and nothing else changes."""
    packed = KnownArticles()
    old, young = known(1, "2026-11-12T05:59:59Z"), known(2, "2026-11-12T06:00:00Z")
    packed[old.article_id], packed[young.article_id] = old, young
    packed.drop_sketches("2026-11-12T06:00:00Z", lambda _: False)
    assert packed[old.article_id].sketch == b""
    assert packed[old.article_id].event_ids == old.event_ids
    assert packed[young.article_id] == young


def test_an_article_takes_less_than_a_kilobyte():
    """Memory of ten thousand articles with five events and a sketch each, shared texts counted once."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    packed = KnownArticles()
    for number in range(10_000):
        article = known(number, "2026-11-20T06:00:00Z")
        packed[article.article_id] = article
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert sys.getsizeof(packed._packed) < taken < 10_000 * 1000


def test_a_copy_is_rewritten_by_itself():
    """Articles are changed and removed in it, and stay as they were where it was made from."""
    packed = KnownArticles()
    articles = sorted((known(number, "2026-11-20T06:00:00Z") for number in range(3)), key=lambda one: one.article_id)
    for article in reversed(articles):
        packed[article.article_id] = article
    copied = packed.copy()
    copied.rewrite(lambda one: None if one == articles[1] else dataclasses.replace(one, object=""))
    assert list(copied.in_order()) == [dataclasses.replace(one, object="") for one in (articles[0], articles[2])]
    assert list(packed.in_order()) == articles


def test_a_state_is_written_without_unpacking_it_all():
    """At no moment does writing 2,000 articles take 600 bytes of objects for each: unpacked they are kilobytes."""
    packed = KnownArticles()
    for number in range(2000):
        article = known(number, "2026-11-20T06:00:00Z")
        packed[article.article_id] = article
    encode_state(Delta(articles=(article,)))  # the first time it imports what is measured else
    tracemalloc.start()
    content = encode_state(Delta(packed=packed))["articles"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 2000 * 16 < len(content) < peak < 2000 * 600, peak
