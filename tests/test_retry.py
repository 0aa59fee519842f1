"""A page that fails: tried again for a day, across restarts, also when the feed has dropped the entry meanwhile."""

import yaml

from pipeline.world.server import ANY_PATH, Reply, WorldServer
from tests.conftest import run_main
from tests.engines.living import Outlet, Story, page_of
from transforms import datasets, history, pending
from transforms.audit import audit
from transforms.history import History
from transforms.store import open_store

TEXT = "\n".join(
    f"Le comité numéro {n} a rendu compte de ses travaux devant les habitants réunis." * 3 for n in range(5)
)


class Failing(Outlet):
    """An outlet some of whose pages cannot be had at the moment."""

    def __init__(self):
        super().__init__("vacillant")
        self.broken = set()

    def answer(self, request):
        """A server error for the broken pages."""
        return Reply(status=500) if request.path in self.broken else super().answer(request)


def test_an_entry_is_tried_for_a_day_though_its_feed_has_dropped_it(tmp_path):
    """One page recovers in the 23rd hour and is published; one never does and is quarantined once the day is over."""
    outlet, output = Failing(), str(tmp_path / "out")
    outlet.stories = [
        Story(f"http://{outlet.host}/{name}", f"Titre {name}", f"{name} {TEXT}") for name in ("a", "b", "c")
    ]
    outlet.broken = {"/a", "/b"}
    catalogue = tmp_path / "feeds.yaml"
    catalogue.write_text(yaml.safe_dump({"feeds": [outlet.catalogue_entry()]}), "utf-8")
    store = open_store(output)

    def waiting():
        state = History(store)
        state.refresh()
        return {entry.url.rpartition("/")[2]: entry.attempts for entry in state.queue.values()}

    with WorldServer(overrides={(outlet.host, ANY_PATH): outlet.answer}) as server:

        def run(moment):
            history._open.clear()  # each pass is a process that knows only the bucket
            pending._open.clear()
            ran = run_main(
                "run", "--feeds", str(catalogue), "--output", output, "--host-interval", "0", "--extract-workers", "0",
                "--min-poll-interval", "0", "--resolve", f"{outlet.host}=127.0.0.1:{server.port}", "--now", moment,
                "--json",
            )  # fmt: skip
            return ran.json

        assert run("2026-11-20T06:00:00Z")["articles"]["new"] == 1
        assert waiting() == {"a": 1, "b": 1}
        outlet.stories = [Story(f"http://{outlet.host}/d", "Titre d", f"d {TEXT[::-1]}")]
        assert run("2026-11-20T06:01:00Z")["articles"]["new"] == 1
        assert waiting() == {"a": 1, "b": 1}, "two minutes are not over"
        run("2026-11-20T06:10:00Z")
        assert waiting() == {"a": 2, "b": 2}
        dropped = Story(f"http://{outlet.host}/a", "Titre a", f"a {TEXT}")
        server.overrides[outlet.host, "/a"] = Reply(body=page_of(dropped), headers={"Content-Type": "text/html"})
        outlet.broken = {"/b"}
        assert run("2026-11-21T05:30:00Z")["articles"]["new"] == 1
        assert waiting() == {"b": 3}
        ended = run("2026-11-21T06:31:00Z")
        assert ended["rejects"] == {"RETRIES_EXHAUSTED": 1}
        assert waiting() == {}
        assert run("2026-11-21T08:00:00Z")["rejects"] == {}
    titles = sorted(row["title"] for row in datasets.rows(store, "articles"))
    assert titles == ["Titre a", "Titre c", "Titre d"]
    assert audit(store).good, audit(store).findings
