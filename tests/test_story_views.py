"""What readers see of stories does not depend on the order, the windows and the restarts in which copies came."""

import itertools
import random

import duckdb
import pytest

from tests.test_commit_windows import Dataset, at, coded, entry
from tests.test_contract import found, text
from tests.test_find_duplicates import first_words, misspelt, prose
from transforms.contract import write_contract

STORIES = 4


def copies():
    """Four stories in five outlets each, every copy resembling its original: (name, text)."""
    made = []
    for story in range(STORIES):
        whole = prose(600 + story)
        versions = (
            whole, whole + "\n" + first_words(prose(700 + story), 60), first_words(whole, 250),
            "\n".join(whole.split("\n")[::-1]), misspelt(whole, 0.02),
        )  # fmt: skip
        made += [(f"{story}-{place}", version) for place, version in enumerate(versions)]
    return made


def views(folder, order, cuts, *, restarts):
    """Commit the copies in this order, cut into windows, and give what the shipped views say of the stories."""
    made = Dataset(folder)
    bounds = [0, *cuts, len(order)]
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        some = [coded(entry(name, title=f"Titre {name}"), text=body) for name, body in order[start:end]]
        made.commit(at(number), *some)
        if restarts:
            made.restart()
    write_contract(made.store)
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", str(folder)))
    rows = found(
        connection,
        "SELECT s.articles, list(a.url ORDER BY a.url) AS urls FROM stories_with_copies AS s "
        "JOIN story_members AS a USING (story_id) GROUP BY s.story_id, s.articles",
    )
    return {(row["articles"], tuple(row["urls"])) for row in rows}


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_split_and_run_again_the_views_are_the_same(tmp_path, seed):
    """The views give the partition of one window with everything in it, whatever the order, the windows and the restarts."""
    rng = random.Random(seed)
    whole = copies()
    expected = views(tmp_path / "whole", whole, [], restarts=False)
    assert sorted(size for size, _ in expected) == [5] * STORIES
    order = rng.sample(whole, len(whole))
    cuts = sorted(rng.sample(range(1, len(whole)), rng.randint(1, 8)))
    assert views(tmp_path / "cut", order, cuts, restarts=bool(seed % 2)) == expected
