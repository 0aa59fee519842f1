"""``verify`` over what expired and what was taken down: right ones pass, each planted fault is found, and only it."""

import shutil

import orjson
import pytest

from tests.conftest import run_main
from tests.test_commit_windows import at, entry, text_of
from tests.test_verify import Planted, build, manifest_change
from transforms.audit import audit
from transforms.findings import CHECKS

pytestmark = pytest.mark.spoils

GONE = entry("a").article_id
"""The article that is taken down in window 6: revised in window 3, the first of a story with copies."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Five windows, an article taken down by the sixth, and rejects and state expired by the seventh."""
    root = tmp_path_factory.mktemp("whole") / "out"
    build(root)
    for arguments in (
        ("forget", "--article", GONE, "--now", text_of(at(30))),
        ("expire", "--rejects", "2d", "--texts", "2d", "--state", "1h", "--now", text_of(at(74))),
    ):
        assert run_main(*arguments, "--output", str(root)).status == 0
    return root


@pytest.fixture
def planted(tmp_path, whole):
    """That dataset, to spoil."""
    shutil.copytree(whole, tmp_path / "out")
    return Planted(tmp_path / "out")


def expired(number, kind, **changed):
    """A fault: another word of a manifest on the first object of a kind that expired."""

    def edit(manifest):
        next(e for e in manifest["expired"] if e["object"].startswith(f"{kind}/")).update(changed)

    return manifest_change(number, edit)


def also_expired(number, name):
    """A fault: one more object is said to have expired; ``name`` is given the dataset."""
    line = {"reason": "retention", "replaced_by": [], "removed": 0}
    return lambda p: p.edit_manifest(number, lambda m: m["expired"].append({"object": name(p), **line}))


def put_elsewhere(planted):
    """The object that stands in for another lies in another hour."""
    [line] = [e for e in planted.manifest(6)["expired"] if e["object"].startswith("articles/") and e["replaced_by"]][:1]
    [old] = line["replaced_by"]
    new = old.replace("hour=06", "hour=05")
    (planted.root / new).parent.mkdir(parents=True)
    (planted.root / old).rename(planted.root / new)

    def edit(manifest):
        next(e for e in manifest["expired"] if e["object"] == line["object"]).update(replaced_by=[new])
        next(o for o in manifest["objects"] if o["name"] == old).update(name=new)

    planted.edit_manifest(6, edit)


def publish_again(planted):
    """A story row of the article that was taken down is published after its tombstone."""

    def edit(rows):
        rows.append(
            {**rows[0], "op": "upsert", "revision": 2, "revision_reason": "correction", "seq": rows[-1]["seq"] + 1}
        )

    planted.edit_rows(6, "stories", edit)


def unlist(planted):
    """The manifest does not list the article it takes down."""
    planted.edit_manifest(6, lambda m: m.update(forgotten=[]))


def forget_another(planted):
    """A manifest lists an article it did not take down."""
    planted.edit_manifest(6, lambda m: m["forgotten"].append("3" * 32))


def drop_stone(planted):
    """The tombstone among the articles is not there."""

    def edit(manifest):
        manifest["objects"] = [
            o for o in manifest["objects"] if not (o["table"] == "articles" and "/dt=2026-11-21/" in o["name"])
        ]

    planted.edit_manifest(6, edit)


def named_twice(planted):
    """An object that expired in the very window that names it."""
    name = (
        planted.described(7, "feeds")["name"]
        if planted.manifest(7)["objects"]
        else planted.manifest(7)["state"][0]["name"]
    )
    planted.edit_manifest(
        7, lambda m: m["expired"].append({"object": name, "reason": "retention", "replaced_by": [], "removed": 0})
    )


FAULTS = {
    "expired, but never named": (
        also_expired(7, lambda _: "texts/v1/dt=2026-11-20/hour=06/0-" + "0" * 24 + ".jsonl.gz"),
        "expiry", "which no earlier window names", set(),
    ),
    "expired in its own window": (named_twice, "expiry", "in the window that names it", set()),
    "stand-in that is not named": (
        expired(6, "stories", replaced_by=["stories/v1/dt=2026-11-20/hour=06/0-" + "0" * 24 + ".jsonl.gz"]),
        "expiry", "the window does not name it", {"references", "order"},
    ),
    "stand-in in another folder": (put_elsewhere, "expiry", "lies in another folder", {"partitions"}),
    "unknown reason": (expired(7, "rejects", reason="tidying"), "manifests", "'tidying' is not one of", {"objects"}),
    "replaced by nothing": (expired(7, "rejects", reason="replaced"), "expiry", "as replaced with 0 objects", set()),
    "rows lost on the way": (expired(6, "events", removed=1), "expiry", "are left and 1 removed", set()),
    "tombstone that no manifest lists": (unlist, "takedowns", "its rows are still published", {"references"}),
    "published after it was taken down": (publish_again, "takedowns", "this row of stories is published", set()),
    "not remembered by the state": (forget_another, "takedowns", "the state does not remember it", set()),
    "article rows removed without a tombstone": (drop_stone, "takedowns", "but tombstones stand for 0", {"references"}),
}  # fmt: skip
"""Name -> how to plant it, the check that finds it, what that says, and the checks that rightly object as well."""


def test_what_expired_and_what_was_taken_down_passes(planted):
    """No finding, no warning, and the two checks were not idle."""
    report = audit(planted.store)
    assert (report.findings, report.warnings, report.orphans, report.expired) == ([], [], [], [])
    assert report.examined["expiry"] > 10
    assert report.examined["takedowns"] == 1


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_nothing_else(planted, name):
    """A planted fault gives findings of its check that say what is wrong, and of what it spoils."""
    plant, check, fragment, also = FAULTS[name]
    plant(planted)
    report = audit(planted.store)
    found = {(f.check, f.check == check and fragment in f.message) for f in report.findings}
    assert found == {(check, True), *((other, False) for other in also)}, report.findings


def test_every_check_of_these_has_a_planted_fault():
    """Neither can rot unseen."""
    assert {check for _, check, _, _ in FAULTS.values()} >= {"expiry", "takedowns"} <= set(CHECKS)


def test_an_object_that_is_missing_without_a_word_is_found(planted):
    """Retention excuses only what a manifest says expired: the same deletion by hand is a failure."""
    planted.object_path(7 - 2, "texts").unlink()
    [finding] = audit(planted.store).findings
    assert (finding.check, finding.message) == ("objects", "does not exist")


def test_an_expired_object_that_is_still_there_is_a_warning_until_swept(planted, whole, tmp_path):
    """A kill after the manifest leaves it; ``verify`` says so and passes, ``sweep`` removes it whatever its age."""
    other = build(tmp_path / "other").store
    name = next(e["object"] for e in planted.manifest(7)["expired"] if e["object"].startswith("rejects/"))
    planted.store.create(name, other.read(name), "application/gzip")
    ran = run_main("verify", "--output", str(planted.root), "--json")
    assert (ran.status, ran.json["expired_and_still_there"]) == (0, [name])
    ran = run_main("verify", "--output", str(planted.root))
    assert f"warning: expired object that is still there: {name}" in ran.out.replace("\n", "")
    ran = run_main("sweep", "--output", str(planted.root))
    assert (ran.status, f"removed {name}\n" in ran.out, "1 expired objects removed" in ran.out) == (0, True, True)
    assert audit(planted.store).expired == []


def test_a_state_object_that_came_to_be_again_is_not_swept(planted):
    """State is named by its content: what a window after its expiry names exists."""
    state = [s for s in planted.manifest(6)["state"] if s["kind"] == "seen"]
    name = state[0]["name"]
    line = {"object": name, "reason": "retention", "replaced_by": [], "removed": 0}
    planted.edit_manifest(6, lambda m: m.update(expired=[e for e in m["expired"] if e["object"] != name]))
    five = planted.manifest(5)
    assert name not in [s["name"] for s in five["state"]]
    planted.edit_manifest(5, lambda m: m["state"].extend(state))
    planted.edit_manifest(
        6, lambda m: m.update(state=[s for s in m["state"] if s["name"] != name], expired=[*m["expired"], line])
    )
    assert name in [s["name"] for s in planted.manifest(7)["state"]]
    assert audit(planted.store).expired == []
    assert run_main("sweep", "--output", str(planted.root), "--older-than", "0").status == 0
    assert planted.store.read(name)


def test_an_object_that_expires_during_the_audit_is_no_finding(planted, monkeypatch):
    """Retention may run while ``verify`` reads: what a newer manifest says expired is not missing."""
    name = planted.described(4, "articles")["name"]
    read, done = planted.store.read, []

    def expire_first(wanted):
        if wanted == name and not done:
            done.append(1)
            seven = planted.manifest(7)
            line = {"object": name, "reason": "retention", "replaced_by": [], "removed": 0}
            newest = {**seven, "sequence": 8, "previous": planted.manifest_path(7).relative_to(planted.root).as_posix()}
            newest.update(objects=[], expired=[line], forgotten=[])
            where = planted.manifest_path(7).with_name("0000000008.json")
            where.write_bytes(orjson.dumps(newest))
            (planted.root / name).unlink()
        return read(wanted)

    monkeypatch.setattr(planted.store, "read", expire_first)
    report = audit(planted.store)
    assert done
    assert report.findings == []


# --- windows from a day on


def verify(planted, *arguments):
    """``sahelwatch verify`` as one JSON object, with its exit status."""
    ran = run_main("verify", "--output", str(planted.root), "--json", *arguments)
    return ran.status, ran.json


def test_since_looks_at_the_windows_from_a_day_on(planted):
    """The second day alone: rows that refer to the first are not judged, all else is, and only its windows are read."""
    status, report = verify(planted, "--since", "2026-11-21")
    assert (status, report["findings"], report["warnings"], report["orphans"]) == (0, [], [], [])
    assert report["windows"] == 4
    assert report["rows"]["articles"] == 3
    assert report["entries"] == {"waiting before": 1, "new": 2, "articles": 2, "quarantined": 1} | dict.fromkeys(
        ("known", "dropped", "waiting"), 0
    )
    for path in (planted.root / "articles/v1/dt=2026-11-20").rglob("*.gz"):
        path.write_bytes(b"not to be read")
    assert verify(planted, "--since", "2026-11-21")[1] == report
    assert verify(planted)[0] == 1


def test_since_a_day_before_the_first_is_all(planted):
    """A day before the first window is no limit."""
    assert verify(planted, "--since", "2026-11-01")[1]["windows"] == 7


@pytest.mark.parametrize(
    ("number", "fault", "check"),
    [
        (5, lambda p: p.object_path(5, "articles").unlink(), "objects"),
        (5, lambda p: p.edit_rows(5, "stories", lambda rows: rows.pop(0)), "references"),
        (4, lambda p: p.edit_manifest(4, lambda m: m["counts"]["un"].update(new=3)), "conservation"),
        (7, lambda p: p.edit_manifest(7, lambda m: m.update(previous=None)), "chain"),
    ],
)
def test_since_finds_what_is_wrong_in_its_windows(planted, number, fault, check):
    """Faults of the windows that are looked at are found all the same."""
    fault(planted)
    status, report = verify(planted, "--since", "2026-11-21")
    assert (status, check in {finding["check"] for finding in report["findings"]}) == (1, True)


def test_orphans_of_days_passed_over_are_not_called_so(planted):
    """What the windows before may name is no orphan; what lies in the days that were looked at is."""
    for day in ("20", "21"):
        planted.store.create(f"texts/v1/dt=2026-11-{day}/hour=08/0-{'0' * 24}.jsonl.gz", b"x", "application/gzip")
    planted.store.create(f"state/v1/seen-{'0' * 24}.parquet", b"x", "application/gzip")
    assert verify(planted, "--since", "2026-11-21")[1]["orphans"] == [
        f"texts/v1/dt=2026-11-21/hour=08/0-{'0' * 24}.jsonl.gz"
    ]
    assert len(verify(planted)[1]["orphans"]) == 3


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "-3d"])
def test_since_is_a_day_or_an_age(planted, day):
    """Anything else is one line and exit 2."""
    ran = run_main("verify", "--output", str(planted.root), f"--since={day}")
    assert (ran.status, ran.err.count("\n")) == (2, 1)


def test_entries_add_up_over_all_windows(planted):
    """The law as one line: what waited and came is what it ended as, over the whole dataset."""
    out = run_main("verify", "--output", str(planted.root)).out.replace("\n", " ")
    assert "entries, over all windows: 8 new = 6 articles + 1 dropped + 1 quarantined" in out


def test_entries_lost_with_a_sum_that_is_right_in_each_window(planted):
    """A window whose entries are not in the sum is found even where each window balances and the queue fits."""
    report = audit(planted.store)
    assert (report.entries["new"], sum(report.entries[name] for name in ("articles", "dropped", "quarantined"))) == (
        8,
        8,
    )
    planted.edit_manifest(2, lambda m: m["counts"]["un"].update(new=2, waiting=1))
    [finding] = audit(planted.store).findings
    assert (finding.check, "un: 1 waited after" in finding.message) == ("conservation", True)
