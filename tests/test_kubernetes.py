"""deploy/flink: the recipe for Kubernetes and the settings of both kinds of cluster, read and held against each other."""

import pathlib
import re
import xml.etree.ElementTree as ET

import pytest
import yaml

from pipeline.options import build_parser, split_beam_flags

FLINK = pathlib.Path(__file__).parent.parent / "deploy" / "flink"


@pytest.fixture(scope="module")
def recipe():
    """(kind, name) -> document."""
    documents = yaml.safe_load_all((FLINK / "kubernetes" / "sahelwatch.yaml").read_text("utf-8"))
    return {(document["kind"], document["metadata"]["name"]): document for document in documents}


@pytest.fixture(scope="module")
def versions():
    """The properties of pom.xml."""
    space = "{http://maven.apache.org/POM/4.0.0}"
    root = ET.parse(FLINK / "pom.xml").getroot()
    return {each.tag.removeprefix(space): each.text for each in root.find(f"{space}properties")}


def containers(pod):
    """Name -> container."""
    return {container["name"]: container for container in pod["spec"]["containers"]}


def test_all_of_it_lies_in_one_namespace(recipe):
    """Every document says which, and nothing in it names a thing that is not there."""
    assert {document["metadata"]["namespace"] for document in recipe.values()} == {"sahelwatch"}
    flink = recipe["FlinkDeployment", "sahelwatch"]["spec"]
    claims = [each["persistentVolumeClaim"]["claimName"] for each in flink["podTemplate"]["spec"]["volumes"]]
    assert [("PersistentVolumeClaim", name) for name in claims] == [("PersistentVolumeClaim", "checkpoints")]
    renew = recipe["CronJob", "sahelwatch-renew"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert ("ServiceAccount", renew["serviceAccountName"]) in recipe
    [role] = recipe["Role", "sahelwatch-renew"]["rules"]
    [command] = [container["command"] for container in renew["containers"]]
    assert command[-1] == f"deployment/{role['resourceNames'][0]}"
    assert ("Deployment", role["resourceNames"][0]) in recipe


def test_one_version_of_flink(recipe, versions):
    """The operator's word, the image and pom.xml agree on the release line, the runner's name included."""
    line = ".".join(versions["flink.version"].split(".")[:2])
    assert recipe["FlinkDeployment", "sahelwatch"]["spec"]["flinkVersion"] == f"v{line.replace('.', '_')}"
    assert (
        re.search(r"^FROM flink:(\S+)-java17$", (FLINK / "Dockerfile").read_text("utf-8"), re.MULTILINE)[1]
        == (versions["flink.version"])
    )
    assert f"<artifactId>beam-runners-flink-{line}</artifactId>" in (FLINK / "pom.xml").read_text("utf-8")


def test_settings_are_those_that_were_tried(recipe):
    """What the recipe sets for checkpoints and restarts is what conf/config.yaml sets, which the engine tests run with."""
    tried = yaml.safe_load((FLINK / "conf" / "config.yaml").read_text("utf-8"))
    given = recipe["FlinkDeployment", "sahelwatch"]["spec"]["flinkConfiguration"]
    own = {"state.checkpoints.dir"}
    assert own <= given.keys()
    for key, value in given.items():
        if key not in own:
            assert str(tried[key]) == value, key
    same = ("execution.checkpointing.", "restart-strategy.", "state.backend.")
    assert {key for key in tried if key.startswith(same)} <= set(given)


def test_exactly_one_submits(recipe):
    """One replica that is gone before the next comes, which takes over; its options are ones that ``watch`` has."""
    watch = recipe["Deployment", "sahelwatch-watch"]["spec"]
    assert (watch["replicas"], watch["strategy"]) == (1, {"type": "Recreate"})
    pod = containers(watch["template"])
    program, *arguments = pod["watch"]["command"]
    assert program.endswith("/sahelwatch")
    options, beam_flags = split_beam_flags(build_parser(), arguments)
    assert options.command == "watch"
    assert options.takeover
    assert "--finish_bundle_before_checkpointing" in beam_flags  # deploy/flink/README.md says what happens without
    flags = dict(flag.split("=", 1) for flag in beam_flags if "=" in flag)
    server = dict(each.split("=", 1) for each in pod["job-server"]["command"] if "=" in each)
    assert flags["--job_endpoint"] == f"{server['--job-host']}:{server['--job-port']}"
    assert flags["--artifact_endpoint"] == f"{server['--job-host']}:{server['--artifact-port']}"
    assert int(flags["--checkpointing_interval"]) > 0
    workers = recipe["FlinkDeployment", "sahelwatch"]["spec"]["taskManager"]["podTemplate"]
    [port] = [a for a in containers(workers)["workers"]["command"] if a.startswith("--service_port=")]
    assert flags["--environment_type"] == "EXTERNAL"
    assert flags["--environment_config"].endswith(f":{port.partition('=')[2]}")
    assert containers(workers)["workers"]["image"] == pod["watch"]["image"]


def test_nobody_outside_reaches_a_port_that_asks_for_no_password(recipe):
    """Ingress from the namespace only; egress to the web, never to private networks."""
    policy = recipe["NetworkPolicy", "sahelwatch"]["spec"]
    assert policy["podSelector"] == {}
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert policy["ingress"] == [{"from": [{"podSelector": {}}]}]
    [web] = [rule for rule in policy["egress"] if "ipBlock" in rule["to"][0]]
    assert {port["port"] for port in web["ports"]} == {80, 443}
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(web["to"][0]["ipBlock"]["except"])
