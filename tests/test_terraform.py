"""deploy/terraform against the code: what the platform deletes, what it lets the job do, what it starts."""

import json
import pathlib
import re
import urllib.parse

import hcl2
import pytest

from pipeline.options import UsageError, build_parser, split_beam_flags
from tests import kill_writer
from tests.emulator import Emulator, Fault
from transforms import contract
from transforms.archiving import CATALOGUES, FORGOTTEN, LANES, ArchiveOptions
from transforms.commit_windows import commit_window
from transforms.exports import rolling_exports
from transforms.history import History
from transforms.schema import TABLES
from transforms.store import LAYOUT, StoreConflictError, StoreUnavailableError, open_store
from transforms.window_plan import Versions

DEPLOY = pathlib.Path(__file__).parent.parent / "deploy"
KEPT = {
    "manifests": "the chain that makes everything else visible",
    "latest.json": "replaced, never old",
    "state": "the newest manifest names it, however old it is; `sahelwatch expire --state` knows which",
    "contract": "replaced when it changes",
    "exports": "replaced every hour",
    "compact": "a table's own log names its files",
}
"""Names that no rule of the bucket may delete, and why."""


def bare(value):
    """HCL as plain values: strings without their quotes, blocks without their marks."""
    if isinstance(value, str):
        return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if isinstance(value, list):
        return [bare(each) for each in value]
    if isinstance(value, dict):
        return {bare(key): bare(each) for key, each in value.items() if not key.startswith("__")}
    return value


def merged(kind):
    """All blocks of a kind in all files, by their labels."""
    found = {}
    for path in sorted((DEPLOY / "terraform").glob("*.tf")):
        for block in bare(hcl2.loads(path.read_text("utf-8"))).get(kind, []):
            for label, body in block.items():
                if kind in {"resource", "data"}:
                    found.setdefault(label, {}).update(body)
                else:
                    found[label] = body
    return found


@pytest.fixture(scope="module")
def resources():
    """Type -> name -> resource."""
    return merged("resource")


@pytest.fixture(scope="module")
def variables():
    """Name -> variable."""
    return merged("variable")


@pytest.fixture(scope="module")
def named():
    """Name -> local value."""
    return merged("locals")


def test_every_expression_names_something_that_exists(resources, variables, named):
    """No reference to a variable, a local value or a resource that is nowhere declared; none declared in vain."""
    text = "\n".join(path.read_text("utf-8") for path in (DEPLOY / "terraform").glob("*.tf"))
    assert set(re.findall(r"\bvar\.([a-z_]+)", text)) == set(variables)
    assert set(re.findall(r"\blocal\.([a-z_]+)", text)) == set(named)
    for kind, name in re.findall(r"\b(google_[a-z0-9_]+)\.([a-z_]+)", text):
        assert name in resources[kind], f"{kind}.{name}"


def test_the_bucket_is_nobody_else_s(resources):
    """Rights by bucket only, no public access, a week to undo a deletion, and Terraform does not throw it away."""
    for bucket in resources["google_storage_bucket"].values():
        assert bucket["uniform_bucket_level_access"] is True
        assert bucket["public_access_prevention"] == "enforced"
    dataset = resources["google_storage_bucket"]["dataset"]
    assert dataset["soft_delete_policy"] == [{"retention_duration_seconds": 7 * 86400}]
    assert dataset["lifecycle"] == [{"prevent_destroy": True}]


def test_every_prefix_is_either_kept_or_expires(resources, variables, named):
    """The bucket deletes under the prefixes that have a retention, a while after it, and nowhere else."""
    retention = variables["retention_days"]["default"]
    assert set(retention) | set(KEPT) == LAYOUT
    assert not set(retention) & set(KEPT)
    assert set(TABLES) <= set(retention)
    dataset = resources["google_storage_bucket"]["dataset"]
    [dynamic] = dataset["dynamic"]
    [rule] = dynamic["lifecycle_rule"]["content"]
    assert dynamic["lifecycle_rule"]["for_each"] == "${var.retention_days}"
    assert rule["action"] == [{"type": "Delete"}]
    [condition] = rule["condition"]
    assert condition["age"] == "${lifecycle_rule.value + var.backstop_days}"
    assert condition["matches_prefix"] == (
        '${[for name in lookup(local.aging, lifecycle_rule.key, ["v1/dt="]) : '
        '"${local.root}${lifecycle_rule.key}/${name}"]}'
    )
    # catalogues and the list of what was taken down are named by windows long after they were written
    assert named["aging"] == {"archive": ["v1/dt=", "v1/windows/"]}
    assert not [name for name in (CATALOGUES, FORGOTTEN) if name.startswith(("archive/v1/dt=", "archive/v1/windows/"))]
    assert variables["backstop_days"]["default"] >= 7
    others = [action["type"] for each in dataset["lifecycle_rule"] for action in each["action"]]
    assert sorted(others) == ["AbortIncompleteMultipartUpload", "SetStorageClass"]


def test_staged_pipelines_outlive_their_job(resources):
    """The staging bucket loses temp/ only; the templates and the staged pipeline of a running job stay."""
    staging = resources["google_storage_bucket"]["staging"]
    assert [each["condition"][0]["matches_prefix"] for each in staging["lifecycle_rule"]] == [["temp/"]]
    job = resources["google_dataflow_flex_template_job"]["watch"]
    assert job["staging_location"].endswith("/staging")
    assert job["temp_location"].endswith("/temp")


def rights_of(member, resources):
    """(role, condition) of an account's grants on the dataset's bucket."""
    return [
        (grant["role"], grant.get("condition", [{}])[0].get("expression"))
        for grant in resources["google_storage_bucket_iam_member"].values()
        if grant["member"] == f"${{google_service_account.{member}.member}}"
        and grant["bucket"] == "${google_storage_bucket.dataset.name}"
    ]


def test_the_job_may_read_create_and_replace_a_few_names(resources, named):
    """Its grants on the dataset are these three; the third holds for the replaced names alone."""
    replaces = "${google_project_iam_custom_role.replacer.id}"
    condition = (
        '${join(" || ", [for name in local.replaced : "resource.name.startsWith(\\"${local.objects}${name}\\")"])}'
    )
    assert sorted(rights_of("watcher", resources)) == sorted([
        ("roles/storage.objectViewer", None), ("roles/storage.objectCreator", None), (replaces, condition),
    ])  # fmt: skip
    [role] = resources["google_project_iam_custom_role"].values()
    assert role["permissions"] == ["storage.objects.delete"]
    project = [g for g in resources["google_project_iam_member"].values() if "watcher" in g["member"]]
    assert [grant["role"] for grant in project] == ["roles/dataflow.worker"]
    assert {name.split("/")[0] for name in named["replaced"]} == {"latest.json", "state", "contract", "exports"}


class LeastRights(Emulator):
    """The storage as the job's account sees it: 403 for whatever would replace or delete another name."""

    def __init__(self, replaced, prefix):
        super().__init__()
        self.allowed = tuple(f"{prefix}/{name}" for name in replaced)
        self.refused = []

    def take(self, method, path, content_range, body):
        """403 for what the account may not do, else what was planted."""
        url = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(url.query)
        bucket = path.split("/b/")[1].split("/")[0] if "/b/" in path else ""
        name = None
        if "uploadType" in query and method == "POST":
            described = re.search(rb"\{[^{}]*\}", body)
            name = query["name"][0] if "name" in query else json.loads(described[0])["name"]
            if not self.generation(bucket, name):
                name = None  # an object is created
        elif method == "DELETE" and "/o/" in url.path:
            name = urllib.parse.unquote(url.path.split("/o/")[1])
        if name is not None and not name.startswith(self.allowed):
            self.refused.append((method, name))
            return Fault(kind=403, message=f"storage.objects.delete on {name}")
        return super().take(method, path, content_range, body)


def test_the_job_s_rights_are_enough(named):
    """Check, contract, windows with a snapshot among them, exports: all of it passes with those rights and no more."""
    with LeastRights(named["replaced"], "sahel") as storage:
        storage.make_bucket("nouvelles")
        store = open_store("gs://nouvelles/sahel")
        store.check()
        store.check()
        contract.write_contract(store)
        history = History(store)
        for window in range(1, 13):
            moment = kill_writer.moment_of(window)
            bounds = (kill_writer.text_of(moment), kill_writer.text_of(moment))
            versions = Versions(pipeline="1", rules="r")
            outcomes = [*kill_writer.outcomes_of(window), *kill_writer.archived_of(store.uri, window)]
            commit_window(
                outcomes,
                history,
                window=bounds,
                now=moment,
                versions=versions,
                archive=ArchiveOptions(output=store.uri),
            )
        for _ in range(2):
            rolling_exports(store, moment)
        assert storage.refused == []
        assert store.names(LANES) == []
        # a write that is repeated is refused, whatever its precondition, and known for what it is
        first = store.names("manifests/")[0]
        store.create(first, store.read(first), "application/json")
        with pytest.raises(StoreConflictError):
            store.create(first, b"{}", "application/json")
        assert len(storage.refused) == 2
        # and what would change a record is refused for good
        version = store.read_versioned(first).version
        with pytest.raises(StoreUnavailableError):
            store.replace(first, b"{}", "application/json", version)
        with pytest.raises(StoreUnavailableError):
            store.remove(first)
        assert [name for _, name in storage.refused] == [f"sahel/{first}"] * 4


def test_readers_see_what_is_published_and_no_more(resources, named):
    """Texts, pages, rejects and state are under no prefix that readers are granted."""
    published = re.findall(r'"([^"]+)"', named["published"])
    public = {name.split("/")[0] for name in published}
    assert public <= LAYOUT
    assert not public & {"texts", "archive", "state", "rejects"}
    assert set(named["texts"]) == {"texts/", "archive/", "compact/v1/texts/"}
    assert not [name for name in published if any(of.startswith(name) for of in named["texts"])]
    grants = resources["google_storage_bucket_iam_member"]
    for who, names in (("readers", "published"), ("text_readers", "texts")):
        assert f"for name in local.{names}" in grants[who]["condition"][0]["expression"]
    # at most 12 logical operators in a condition
    assert len(published) <= 12


def test_all_that_leaves_goes_through_one_address(resources):
    """Workers have no public address, NAT has a fixed one, and private ranges are refused before the web is allowed."""
    job = resources["google_dataflow_flex_template_job"]["watch"]
    assert job["ip_configuration"] == "WORKER_IP_PRIVATE"
    assert job["subnetwork"].endswith("${google_compute_subnetwork.workers.name}")
    nat = resources["google_compute_router_nat"]["egress"]
    assert nat["nat_ips"] == ["${google_compute_address.egress.self_link}"]
    rules = resources["google_compute_firewall"]
    out = sorted((r["priority"], n) for n, r in rules.items() if r["direction"] == "EGRESS")
    assert [name for _, name in out] == ["workers_out", "deny_private", "web_out", "deny_rest"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"} == set(
        rules["deny_private"]["destination_ranges"]
    )
    assert rules["web_out"]["allow"] == [{"protocol": "tcp", "ports": ["80", "443"]}]


def test_the_job_is_the_template_s(resources):
    """Every parameter is one of metadata.json, every required one is given, and Streaming Engine is on."""
    job = resources["google_dataflow_flex_template_job"]["watch"]
    described = json.loads((DEPLOY / "dataflow" / "metadata.json").read_text("utf-8"))["parameters"]
    assert set(job["parameters"]) <= {parameter["name"] for parameter in described}
    assert {parameter["name"] for parameter in described if not parameter["isOptional"]} <= set(job["parameters"])
    assert job["enable_streaming_engine"] is True
    assert job["on_delete"] == "drain"
    assert job["labels"] == {"service": "sahelwatch"}


def command_lines(resources, named, variables):
    """The command lines of upkeep and exporter, with values for what Terraform fills in."""
    filled = {"${local.uri}": "gs://nouvelles/sahel", "${var.feeds}": "/opt/sahelwatch/feeds.yaml"}
    for name, upkeep in named["upkeep"].items():
        arguments = upkeep["args"]
        if isinstance(arguments, str):
            assert name == "expire"
            head = re.match(r"\$\{concat\(\[(.*?)\], flatten", arguments)[1]
            arguments = [bare(part) if part.startswith('"') else f"${{{part}}}" for part in head.split(", ")]
            assert '[for kind, days in var.retention_days : ["--${kind}", "${days}d"]]' in upkeep["args"]
            for kind, days in variables["retention_days"]["default"].items():
                arguments += [f"--{kind}", f"{days}d"]
        yield [filled.get(argument, argument) for argument in arguments]
    service = resources["google_cloud_run_v2_service"]["exporter"]["template"][0]
    status = next(each for each in service["containers"] if each["name"] == "status")
    yield [filled.get(argument, argument) for argument in status["args"]]


def test_what_it_starts_are_commands_of_ours(resources, named, variables):
    """The command line takes every argument that upkeep and exporter are given."""
    lines = list(command_lines(resources, named, variables))
    assert [line[0] for line in lines] == ["expire", "sweep", "compact", "verify", "status"]
    for line in lines:
        try:
            split_beam_flags(build_parser(), line)
        except UsageError as error:
            pytest.fail(f"{line}: {error}")


def test_every_alert_policy_is_made_whole(named):
    """What a policy's file says is what the resource has a place for: nothing of it is dropped on the way."""
    text = (DEPLOY / "terraform" / "alerts.tf").read_text("utf-8")
    kinds = set()
    for path in sorted((DEPLOY / "alerts" / "cloud_monitoring").glob("*.json")):
        policy = json.loads(path.read_text("utf-8"))
        for key in _keys({**policy, "conditions": []}):
            assert re.search(rf"\beach\.value(\.\w+)*\.{key}\b", text), key
        for condition in policy["conditions"]:
            [kind] = condition.keys() - {"displayName"}
            kinds.add(kind)
            for key in _keys(condition[kind]):
                assert re.search(rf"\.value(\.\w+)*\.{key}\b", text), key
    assert kinds == {"conditionPrometheusQueryLanguage", "conditionThreshold"}


def _keys(value):
    """The names of all leaves, and of the groups they are in."""
    for key, each in value.items():
        yield key
        for part in each if isinstance(each, list) else [each]:
            if isinstance(part, dict) and key != "userLabels":
                yield from _keys(part)
