"""What was refused is listed with its bytes and tried again; feeds that were given up are polled again."""

import orjson
import pytest

from pipeline.world.server import Reply, WorldServer
from tests.conftest import run_main
from tests.test_replay import ACCRA, FEEDS, catalogue, manifests, replay, run_pass, served, tables
from transforms import archive
from transforms.datasets import current_rows
from transforms.store import open_store


@pytest.fixture
def refused(tmp_path):
    """A dataset in which a page was 404, and its server, where it has come back."""
    feeds, output = catalogue(tmp_path, FEEDS[:1]), tmp_path / "out"
    path, _ = served(ACCRA, page=True)
    with WorldServer() as server:
        server.overrides[ACCRA, path] = Reply(status=404, body=b"<h1>nothing here</h1>")
        run_pass(server, feeds, output, "2026-11-20T06:00:00Z")
        del server.overrides[ACCRA, path]
        yield server, feeds, output, f"http://{ACCRA}{path}"


def listed(output, *more):
    """The lines of ``quarantine ls --json``."""
    ran = run_main("quarantine", "ls", "--output", str(output), "--json", *more)
    assert ran.status == 0, ran.err
    return [orjson.loads(line) for line in ran.out.splitlines()]


def assert_replayed(output, again):
    """A replay repeats what people did: the same windows and the same bytes of every table."""
    replay(output, again)
    assert manifests(again) == manifests(output)
    assert tables(again) == tables(output)
    assert run_main("verify", "--output", str(again)).status == 0


def test_refused_entries_are_listed_and_tried_again(refused, tmp_path):
    """The bytes are where the list says; a requeued entry waits, becomes an article with its feed's word, the law holds.

    A replay does the same, and a part of it that knows of no refusal requeues nothing.
    """
    server, feeds, output, url = refused
    assert {line["reason"] for line in listed(output)} == {"HTTP_404", "NOT_HTML"}
    [line] = listed(output, "--reason", "HTTP_404")
    name, _, span = line["bytes"].partition("@")
    offset, length = map(int, span.split("+"))
    member = (output / name).read_bytes()[offset : offset + length]
    assert archive.read_body(member) == b"<h1>nothing here</h1>"
    again = ("--feeds", str(feeds), "--reason", "HTTP_404", "--now", "2026-11-22T06:00:00Z", "--json")
    ran = run_main("quarantine", "requeue", "--output", str(output), *again)
    assert (ran.status, orjson.loads(ran.out)["url"]) == (0, url), ran.err
    assert run_main("verify", "--output", str(output)).status == 0
    assert run_pass(server, feeds, output, "2026-11-22T06:05:00Z")["articles"] == {"new": 1, "revised": 0}
    assert [line["reason"] for line in listed(output)] == ["NOT_HTML"]
    [row] = [row for row in current_rows(open_store(str(output)), "articles").values() if row["url"] == url]
    assert row["published"] is not None
    assert run_main("verify", "--output", str(output)).status == 0
    assert_replayed(output, tmp_path / "again")
    part = replay(output, tmp_path / "part", "--since", "2026-11-22T00:00:00Z")
    assert (part["windows"], len(manifests(tmp_path / "part"))) == (2, 1)


def test_a_feed_is_unparked(refused, tmp_path):
    """Its failures are cleared in a window of its own and it is due, also in a replay; an unknown one is bad usage."""
    server, feeds, output, _ = refused
    feed_path, _ = served(ACCRA, page=False)
    server.overrides[ACCRA, feed_path] = Reply(status=410)
    run_main(
        "run", "--feeds", str(feeds), "--output", str(output), "--now", "2026-11-20T12:00:00Z", "--host-interval", "0",
        *[argument for option in server.resolve_options() for argument in ("--resolve", option)],
    )  # fmt: skip
    ran = run_main("feeds", "unpark", FEEDS[0], "--output", str(output), "--now", "2026-11-20T12:10:00Z")
    assert ran.status == 0, ran.err
    from transforms.history import History

    history = History(open_store(str(output)))
    history.refresh()
    state = history.feed_states[FEEDS[0]]
    assert (state.failures, state.health, state.next_poll) == (0, "ok", "2026-11-20T12:10:00Z")
    assert run_main("verify", "--output", str(output)).status == 0
    assert run_main("feeds", "unpark", "unknown", "--output", str(output)).status == 2
    del server.overrides[ACCRA, feed_path]
    run_pass(server, feeds, output, "2026-11-20T12:20:00Z")
    assert_replayed(output, tmp_path / "again")
