"""What readers make of a dataset of which parts expired or were taken down: every shipped way of reading agrees."""

import re

import duckdb
import orjson
import pytest

from tests.conftest import run_main
from tests.test_contract import found, text
from tests.test_forget import OTHER_ID, SECRET_ID, at, build, forget, text_of, told
from transforms import datasets
from transforms.contract import PUBLIC_TABLES
from transforms.store import LocalStore

COPY_ID = told("c", "copie").article.article_id


@pytest.fixture(scope="module")
def retired(tmp_path_factory):
    """A dataset with an article taken down and the rejects and feeds of its first day expired."""
    store = LocalStore(tmp_path_factory.mktemp("retired") / "out")
    build(store)
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    arguments = ("--rejects", "2d", "--feeds", "2d", "--state", "1h", "--now", text_of(at(73)))
    assert run_main("expire", "--output", store.uri, *arguments).status == 0
    return store


def test_the_reader_here_gives_what_is_left_in_the_order_of_seq(retired):
    """Rows of objects that stand in for others come where those stood; what expired is gone without an error."""
    for table in ("articles", "texts", "stories", "events"):
        seqs = [row["seq"] for row in datasets.rows(retired, table)]
        assert seqs == sorted(seqs)
    assert [row["article_id"] for row in datasets.rows(retired, "articles")].count(SECRET_ID) == 1
    assert {row["seq"] >> 24 for row in datasets.rows(retired, "rejects")} == {5, 7}


@pytest.mark.spoils
def test_an_object_that_expires_while_it_is_read_gives_way(tmp_path):
    """A reader that has looked up the objects before goes on with those that stand in; what is lost is an error."""
    store = LocalStore(tmp_path / "out")
    build(store)
    before = datasets.objects(store, ("articles",))
    assert forget(store.uri, "--article", SECRET_ID).status == 0
    found_now = [(row["article_id"], row["revision"]) for row in datasets.rows_of(store, before)]
    assert sorted(found_now) == sorted([(OTHER_ID, 0), (OTHER_ID, 1), (COPY_ID, 0)])
    [lost] = datasets.objects(store, ("feeds",))
    store.remove(lost["name"])
    with pytest.raises(KeyError):
        list(datasets.rows(store, "feeds"))


def test_duckdb_and_pandas_read_what_is_left(retired):
    """The shipped views and the recipe of the README give the rows the reader here gives."""
    connection = duckdb.connect()
    connection.execute(text("sql/duckdb.sql").replace("${DATASET}", retired.uri))
    for table in PUBLIC_TABLES:
        ours = sorted((row["seq"], row["revision"]) for row in datasets.rows(retired, table))
        theirs = found(connection, f"SELECT seq, revision FROM {table}_revisions ORDER BY seq")
        assert [(row["seq"], row["revision"]) for row in theirs] == ours, table
    assert {row["article_id"] for row in found(connection, "SELECT * FROM current_articles")} == {OTHER_ID, COPY_ID}
    code = re.search(r"```python\n(.*?)```", text("README.md"), re.DOTALL)[1].replace("DATASET", retired.uri)
    scope = {}
    exec(code, scope)
    assert set(scope["events"]["event_id"]) == set(datasets.current_rows(retired, "events"))


def test_bigquery_subtracts_what_expired(retired):
    """The two patterns of the view leave the objects there are, whether manifests are indented or on one line."""
    named, expired = re.findall(r"REGEXP_EXTRACT_ALL\(line, r'([^']+)'\)", text("sql/bigquery_external.sql"))
    assert '"object"' in expired
    there = {
        described["name"]
        for described in datasets.objects(retired, datasets.KEYS | dict.fromkeys(("feeds", "rejects")))
    }
    for option in (orjson.OPT_INDENT_2, None):
        manifests = [orjson.dumps(manifest, option=option).decode() for _, manifest in datasets.manifests(retired)]
        lines = [line for manifest in manifests for line in manifest.splitlines()]
        left = {n for line in lines for n in re.findall(named, line)} - {
            n for line in lines for n in re.findall(expired, line)
        }
        assert left == there == {name for name in retired.names("") if name.split("/")[0] in there_tables(there)}


def there_tables(names):
    """The tables of some objects."""
    return {name.split("/")[0] for name in names}
