"""Articles beyond a certain age: never published twice, never changed, and hardly any memory is spent on them."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import run_main
from tests.test_commit_windows import BODY, Dataset, at, coded, entry, law_holds, polled, text_of
from transforms.audit import audit
from transforms.closed_articles import ClosedArticles
from transforms.datasets import current_rows
from transforms.history import CLOSED_AFTER, encode_state

DIGITS = st.binary(min_size=16, max_size=16).map(bytes.hex)
LATER = CLOSED_AFTER.days * 24 + 1
"""Hours."""
YOUNG = "Les marchands de la gare routière demandent des hangars avant la saison des pluies. " * 4


@given(st.lists(st.tuples(DIGITS, DIGITS), max_size=40), st.integers(0, 40))
def test_it_is_a_dictionary_of_prefixes(pairs, merged):
    """Whatever was merged in between; the last hash of an id holds."""
    closed = ClosedArticles()
    closed.close(pairs[:merged])
    closed.words()
    closed.close(pairs[merged:])
    plain = {article_id[:16]: content_hash[:16] for article_id, content_hash in pairs}
    assert {key: closed.get(key + "0" * 16) for key in plain} == plain
    assert len(closed) == len(plain)
    ids, _ = closed.words()
    assert [f"{int(one):016x}" for one in ids] == sorted(plain)
    again = ClosedArticles()
    again.add_words(*closed.words())
    assert again == closed
    assert closed.get("") is closed.get("no id") is None


def test_a_year_of_them_takes_little():
    """16 bytes each in memory and in the state: 1.8 million are 29 MB, where known articles took 0.9 GB."""
    words = np.random.default_rng(5).integers(2**64, size=(2, 100_000), dtype=np.uint64)
    closed = ClosedArticles()
    closed.add_words(*words)
    assert sum(array.nbytes for array in closed.words()) == 16 * len(closed) == 1_600_000
    from transforms.history import Delta

    assert len(encode_state(Delta(closed=closed))["closed"]) < 1.1 * 16 * len(closed)


@pytest.fixture
def dataset(tmp_path):
    """An article of the first hour, and a window half an hour after it was closed."""
    made = Dataset(tmp_path / "out")
    made.commit(at(0), coded(entry("old")), polled("un", at(0), entry("old")))
    made.commit(at(LATER), coded(entry("young", seen=at(LATER)), text=YOUNG))
    return made


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("text", [BODY, BODY + " Une phrase de plus."])
def test_a_closed_article_that_comes_again_is_known(dataset, restarted, text):
    """With the same text or another, by its own feed or a further one: no row, and the law holds."""
    if restarted:
        dataset.restart()
    again = [entry("old", feed, title="Titre nouveau", seen=at(LATER + 1)) for feed in ("un", "deux")]
    manifest = dataset.commit(at(LATER + 1), *(coded(one, text=text) for one in again))
    law_holds(manifest)
    assert [manifest["counts"][feed]["known"] for feed in ("un", "deux")] == [1, 1]
    rows = dataset.rows("articles")
    assert sorted(row["canonical_url"].rpartition("/")[2] for row in rows) == ["old", "young"]
    assert audit(dataset.store).good


def test_until_then_it_is_revised(tmp_path):
    """An hour before that an edit is a revision as ever."""
    made = Dataset(tmp_path / "out")
    made.commit(at(0), coded(entry("old")))
    made.commit(at(LATER - 2))
    made.commit(at(LATER - 2), coded(entry("old", title="Titre nouveau", seen=at(LATER - 2)), text=BODY + " De plus."))
    assert [row["revision"] for row in made.rows("articles")] == [0, 1]


def test_a_page_that_states_a_closed_address_is_told_apart(dataset):
    """Another text under a fixed ``rel=canonical`` is an article of its own; the same text is the closed one."""
    stranger = entry("stranger", seen=at(LATER + 1))
    closed = entry("old")
    claimed = coded(stranger, text=BODY[::-1])
    for text, published in ((BODY[::-1], 1), (BODY, 0)):
        one = coded(stranger, text=text)
        article = one.article.__class__(**{
            **one.article.__dict__, "article_id": closed.article_id, "canonical_url": closed.canonical_url,
            "title": closed.title,
        })  # fmt: skip
        claimed = one.__class__(**{**one.__dict__, "article": article})
        before = len(dataset.rows("articles"))
        dataset.commit(at(LATER + 1 + published), claimed)
        assert len(dataset.rows("articles")) - before == published
        stranger = entry("stranger-2", seen=at(LATER + 2))
    assert audit(dataset.store).good


def test_memory_and_state_let_go_of_what_is_closed(dataset):
    """In the process at once; in the state with the next snapshot."""
    assert (len(dataset.history.articles), len(dataset.history.closed)) == (1, 1)
    for hour in range(60):
        dataset.commit(at(LATER + 2 + hour), coded(entry(f"n{hour}", seen=at(LATER + 2 + hour)), text=YOUNG))
    dataset.restart()
    assert len(dataset.history.closed) == 1
    assert dataset.history.closed.get(entry("old").article_id) is not None
    assert any(part["kind"] == "closed" for part in dataset.history.manifest["state"])
    assert audit(dataset.store).good


@pytest.mark.parametrize("by", ["--article", "--url", "--feed"])
def test_a_closed_article_can_be_forgotten(dataset, by):
    """Its rows go like those of any other, and a later poll does not bring it back."""
    old = entry("old")
    wanted = {"--article": old.article_id, "--url": old.url, "--feed": "un"}[by]
    ran = run_main("forget", "--output", dataset.store.uri, by, wanted, "--now", text_of(at(LATER + 1)), "--json")
    assert ran.status == 0, ran.err
    assert old.article_id in ran.json["articles"]
    assert old.article_id not in current_rows(dataset.store, "articles")
    dataset.restart()
    dataset.commit(at(LATER + 2), coded(entry("old", seen=at(LATER + 2)), text=BODY * 2))
    assert old.article_id not in current_rows(dataset.store, "articles")
    assert audit(dataset.store).good


@pytest.mark.parametrize("by", ["--article", "--url"])
def test_a_closed_article_whose_rows_expired_can_be_forgotten(dataset, by):
    """All that is left of it is that it was published; the tombstone says that it may not come back."""
    old = entry("old")
    asked = {"--article": old.article_id, "--url": old.url}[by]
    kinds = [argument for table in ("articles", "texts", "stories", "events") for argument in (f"--{table}", "60d")]
    ran = run_main("expire", "--output", dataset.store.uri, *kinds, "--now", text_of(at(LATER + 1)))
    assert ran.status == 0, ran.err
    assert old.article_id not in current_rows(dataset.store, "articles")
    ran = run_main("forget", "--output", dataset.store.uri, by, asked, "--now", text_of(at(LATER + 2)), "--json")
    assert ran.status == 0, ran.err
    dataset.restart()
    assert old.article_id in dataset.history.forgotten
    dataset.commit(at(LATER + 3), coded(entry("old", seen=at(LATER + 3)), text=BODY * 2))
    assert old.article_id not in current_rows(dataset.store, "articles")
    assert audit(dataset.store).good


def test_the_age_is_that_of_remembered_entries():
    """An entry that no document lists is remembered as long: what comes again later is an old page, or a new address."""
    from transforms.seen import KEPT_DAYS

    assert dt.timedelta(days=KEPT_DAYS) == CLOSED_AFTER
