"""The flex template: its parameters against the command line, the job it would ask for, and what an update may change."""

import dataclasses
import importlib.util
import json
import pathlib
import re

import pytest

from pipeline.options import build_parser, option_names, split_beam_flags
from tests import dataflow_graph
from tests.dataflow_graph import LAUNCHED, requested

DATAFLOW = pathlib.Path(__file__).parent.parent / "deploy" / "dataflow"
PARAMETERS = {
    parameter["name"]: parameter
    for parameter in json.loads((DATAFLOW / "metadata.json").read_text("utf-8"))["parameters"]
}
NOT_PARAMETERS = {
    "help": "the template has its own",
    "every": "bounded passes need no Dataflow",
    "timeout": "of one answer; the default has been enough",
    "allow-host": "exempts from the address rules, for tests",
    "resolve": "exempts from the address rules, for tests",
    "metrics-port": "the launcher's process ends; the job's counters are in Cloud Monitoring",
    "metrics-address": "the launcher's process ends",
}
"""Options of ``watch`` that the template does not have, and why."""
GOOD = {
    "output": ["gs://nouvelles/sahel", "gs://nouvelles", "gs://n-1_2.example/a/b=c/"],
    "contact": ["https://essai.example/contact", "desk@essai.example"],
    "feeds": ["gs://nouvelles/feeds.yaml", "gs://nouvelles/catalogues/2026/feeds.yaml", "/opt/sahelwatch/feeds.yaml"],
    "archive": ["gs://nouvelles-pages/sahel"],
    "no_archive": ["true", "false"],
    "tick": ["1", "60", "9999", "79999", "85999", "86399", "86400"],
    "window": ["1", "600", "86400"],
    "host_interval": ["0", "2", "2.5", "0.05"],
    "min_poll_interval": ["0", "300", "86400"],
    "lanes": ["1", "8", "99", "499", "509", "512"],
    "extract_workers": ["0", "2", "64"],
    "log_format": ["json", "text"],
    "takeover": ["true", "false"],
}
BAD = {
    "output": ["", "nouvelles", "/records", "s3://nouvelles/x", "gs://", "gs://A/b", "gs://nouvelles/../x", "gs://n/a b", "gs://nn\n"],
    "contact": ["", "me", "ftp://essai.example/x", "https://essai.example/a b", "desk@essai", "a@b.example\nX: y"],
    "feeds": ["", "feeds.yaml", "/etc/passwd", "gs://nouvelles", "https://essai.example/feeds.yaml", "gs://nouvelles/../x.yaml"],
    "archive": ["", "/archive", "https://essai.example/x"],
    "no_archive": ["", "yes"],
    "tick": ["", "0", "-1", "1.5", "86401", "100000", "1e3", "060"],
    "window": ["", "0", "600s"],
    "host_interval": ["", "-1", "2s", "1e9", ".5"],
    "min_poll_interval": ["", "-1", "5m"],
    "lanes": ["", "0", "513", "600", "1000", "8.0"],
    "extract_workers": ["", "65", "-1", "two"],
    "log_format": ["", "JSON", "xml", "json\n"],
    "takeover": ["", "yes", "1"],
}  # fmt: skip


@pytest.fixture(scope="module")
def launch():
    """The module that the template starts."""
    spec = importlib.util.spec_from_file_location("launch", DATAFLOW / "launch.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def request_(launch):
    """(job, environment, pipeline) that the template's launcher would hand to the service."""
    return requested(launch.command_line(LAUNCHED))


def test_every_parameter_is_an_option_and_every_option_a_parameter():
    """Both ways: nothing in the template that ``watch`` does not have, nothing of ``watch`` left out without a reason."""
    parameters = {name.replace("_", "-") for name in PARAMETERS}
    options = option_names(build_parser(), "watch")
    assert parameters <= options
    assert options - parameters == set(NOT_PARAMETERS)


def test_parameters_are_whole():
    """Each has a name that the launcher can hand over, a label, a help text, a type and a pattern; required ones no default."""
    types = {"TEXT", "GCS_READ_FILE", "GCS_WRITE_FOLDER", "NUMBER", "BOOLEAN"}
    for name, parameter in PARAMETERS.items():
        assert re.fullmatch(r"[a-z][a-z_]*", name)
        assert parameter["label"]
        assert parameter["helpText"].endswith(".")
        assert parameter["paramType"] in types
        assert len(parameter["regexes"]) == 1
        assert ("defaultValue" in parameter) == (parameter["isOptional"] and name != "archive")  # that is the output
    assert {name for name, parameter in PARAMETERS.items() if not parameter["isOptional"]} == {"output", "contact"}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_patterns_take_what_is_good_and_refuse_what_is_not(name, launch):
    """Of each parameter: good values pass and are taken by the command line, bad ones do not; the default is good."""
    [pattern] = PARAMETERS[name]["regexes"]
    assert pattern.startswith("^")
    assert pattern.endswith("$")
    if "defaultValue" in PARAMETERS[name]:
        assert PARAMETERS[name]["defaultValue"] in GOOD[name]
    for value in GOOD[name]:
        assert re.fullmatch(pattern, value), value
        given = {"output": "gs://nouvelles/sahel", "contact": "https://essai.example/x", name: value}
        split_beam_flags(build_parser(), launch.command_line([f"--{key}={each}" for key, each in given.items()]))
    for value in BAD[name]:
        # the whole of the value, as the service matches
        assert not re.fullmatch(pattern, value), value


def test_launcher_s_parameters_become_our_options(launch):
    """Underscores become hyphens, empty ones are left out, switches lose their value, Beam's own stay as they are."""
    line = launch.command_line([
        "--output=gs://nouvelles/sahel", "--host_interval=3", "--min_poll_interval=", "--takeover=true", "--project=p",
        "--max_num_workers=3",
    ])  # fmt: skip
    assert line[:6] == [
        "watch", "--output=gs://nouvelles/sahel", "--host-interval=3", "--takeover", "--project=p", "--max_num_workers=3",
    ]  # fmt: skip
    assert "--runner=DataflowRunner" in line
    assert f"--feeds={launch.CATALOGUE}" in line
    assert "--takeover" not in launch.command_line(["--takeover=false"])
    assert launch.command_line(["--help"])[:2] == ["watch", "--help"]
    named = launch.command_line(["--runner=PrismRunner", "--feeds=gs://nouvelles/feeds.yaml"])
    assert [each for each in named if each.startswith(("--runner", "--feeds"))] == [
        "--runner=PrismRunner", "--feeds=gs://nouvelles/feeds.yaml",
    ]  # fmt: skip


def test_the_job_is_a_streaming_job_on_streaming_engine(request_):
    """Type, name, labels, engine, account, network, machines and image are what was asked for."""
    job, environment, _ = request_
    assert (job["type"], job["name"], job["labels"]) == ("JOB_TYPE_STREAMING", "sahelwatch", {"service": "sahelwatch"})
    assert environment["version"]["job_type"] == "FNAPI_STREAMING"
    options = environment["sdkPipelineOptions"]["options"]
    assert options["streaming"] is True
    assert options["enable_streaming_engine"] is True
    assert {"enable_streaming_engine", "enable_windmill_service"} <= set(environment["experiments"])
    assert environment["serviceAccountEmail"] == "sahelwatch-watcher@nouvelles-essai.iam.gserviceaccount.com"
    [pool] = environment["workerPools"]
    assert pool["machineType"] == "n2d-standard-2"
    assert pool["autoscalingSettings"] == {"maxNumWorkers": 2}
    assert pool["ipConfiguration"] == "WORKER_IP_PRIVATE"
    assert pool["subnetwork"] == "regions/europe-west1/subnetworks/sahelwatch-workers"
    [image] = pool["sdkHarnessContainerImages"]
    assert image["containerImage"].endswith("/sahelwatch:1")
    assert pool["workerHarnessContainerImage"] == image["containerImage"]
    # everything is in the image: nothing is fetched or unpacked when a worker starts
    assert "packages" not in pool


def test_nothing_in_the_graph_that_dataflow_or_a_drain_cannot_do(request_):
    """No timers, no state cells, no cross-language step, no second image; one requirement, that of a source that waits."""
    _, _, pipeline = request_
    assert set(pipeline.requirements) == {"beam:requirement:pardo:splittable_dofn:v1"}
    assert len(pipeline.components.environments) == 1
    kinds = {step["kind"] for step in dataflow_graph.described(pipeline).values()}
    assert kinds <= {
        "beam:transform:impulse:v1", "beam:transform:pardo:v1", "beam:transform:flatten:v1", "beam:transform:window_into:v1",
        "beam:transform:group_by_key:v1", "beam:transform:pickled_python:v1", "beam:transform:reshuffle:v1",
    }  # fmt: skip
    unbounded = {p.unique_name for p in pipeline.components.pcollections.values() if p.is_bounded == 1}
    assert len(unbounded) > 10


def test_functions_travel_small(request_):
    """What is pickled into the graph refers to the installed packages: no step brings a module or a session along."""
    _, _, pipeline = request_
    largest = max(
        (len(transform.spec.payload), transform.unique_name) for transform in pipeline.components.transforms.values()
    )
    assert largest[0] < 20_000, largest


def test_a_running_job_could_be_updated_to_this_one(request_):
    """Step names and coders are those of the fixture.

    Where they are not: a running job cannot be updated in place, it has to be drained and started anew (which loses
    nothing). If that is meant, say so in CHANGELOG.md and write the fixture: python -m tests.dataflow_graph
    """
    _, _, pipeline = request_
    assert dataflow_graph.described(pipeline) == json.loads(dataflow_graph.FIXTURE.read_text("utf-8"))


def test_elements_of_a_running_job_can_be_read():
    """What lies encoded in a window of the last release's job is read as today's records, new fields at their defaults."""
    lying = json.loads(dataflow_graph.ELEMENTS.read_text("utf-8"))
    today = dataflow_graph.elements()
    assert set(lying) == set(today)
    for name, encoded in lying.items():
        found = dataflow_graph.CODER.decode(bytes.fromhex(encoded))
        assert type(found) is type(today[name])
        old = vars(found)
        for field in dataclasses.fields(found):
            assert getattr(found, field.name) == getattr(today[name], field.name), (name, field.name)
        # a field that was renamed or dropped would still lie there under its old name
        assert old.keys() <= {field.name for field in dataclasses.fields(found)}


def test_the_image_s_steps_are_files_that_exist():
    """Each COPY of the image takes what the repository has and the ignore file lets through; each RUN is install.sh."""
    root = DATAFLOW.parent.parent
    text = (DATAFLOW / "Dockerfile").read_text("utf-8")
    steps = [line.split() for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    let_through = {
        line.lstrip("!")
        for line in (DATAFLOW / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        if line[:1] == "!"
    }
    copied = set()
    for step in steps:
        if step[0] == "COPY" and not step[1].startswith("--from"):
            copied |= set(step[1:-1])
    assert copied == let_through
    assert all((root / name).exists() for name in copied)
    assert [step[1:] for step in steps if step[0] == "RUN"] == [
        ["/source/deploy/dataflow/install.sh", "/opt/sahelwatch"]
    ]
    environment = dict(each.split("=", 1) for step in steps if step[0] == "ENV" for each in step[1:])
    assert environment["FLEX_TEMPLATE_PYTHON_PY_FILE"] == "/opt/sahelwatch/launch.py"
    assert environment["PATH"].startswith("/opt/sahelwatch/bin:")
    beam = re.search(r"^apache-beam==(\S+)", (root / "deploy" / "requirements.txt").read_text("utf-8"), re.MULTILINE)[1]
    assert f"_sdk:{beam.rstrip(';')}" in text.replace(" \\", "")
