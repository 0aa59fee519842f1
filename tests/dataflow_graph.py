"""The streaming graph as Dataflow would be given it: ``python -m tests.dataflow_graph`` writes the two fixtures.

A running Dataflow job can be updated to a new pipeline only where the steps that hold state are called the same and
their elements are encoded the same. tests/fixtures/dataflow_graph.json lists both as of the last release, and
tests/fixtures/dataflow_elements.json has an element of each kind as it lay encoded in a window then.
"""

import json
import pathlib
import sys

from apache_beam.coders import FastPrimitivesCoder
from apache_beam.internal.gcp import auth
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.dataflow.internal import apiclient
from google.protobuf import json_format

FIXTURE = pathlib.Path(__file__).parent / "fixtures" / "dataflow_graph.json"
ELEMENTS = FIXTURE.with_name("dataflow_elements.json")
CODER = FastPrimitivesCoder()
LAUNCHED = (
    "--output=gs://nouvelles/sahel", "--contact=https://essai.example/contact", "--feeds=/opt/sahelwatch/feeds.yaml",
    "--lanes=8", "--project=nouvelles-essai", "--region=europe-west1", "--job_name=sahelwatch", "--labels=service=sahelwatch",
    "--temp_location=gs://nouvelles-staging/temp", "--staging_location=gs://nouvelles-staging/staging",
    "--sdk_container_image=europe-west1-docker.pkg.dev/nouvelles-essai/sahelwatch/sahelwatch:1",
    "--service_account_email=sahelwatch-watcher@nouvelles-essai.iam.gserviceaccount.com",
    "--subnetwork=regions/europe-west1/subnetworks/sahelwatch-workers", "--no_use_public_ips", "--num_workers=1",
    "--max_num_workers=2", "--machine_type=n2d-standard-2",
)  # fmt: skip
"""What the template's launcher hands over, with the values of deploy/terraform."""


def requested(arguments):
    """The job request for a command line: (job, environment, pipeline) as plain values and the pipeline's proto.

    The runner's dry run leaves the environment empty, so it is built from the options as the runner completed them.
    """
    from pipeline.options import build_parser, split_beam_flags
    from pipeline.watch import streaming_pipeline
    from transforms.lease import Tenure

    auth._Credentials._credentials_init = True  # else half a minute is spent looking for credentials
    options, beam_flags = split_beam_flags(build_parser(), arguments)
    beam_options = PipelineOptions([*beam_flags, "--streaming", "--dry_run=True"])
    job = streaming_pipeline(options, beam_options, Tenure(epoch=1)).run().job
    environment = apiclient.Environment(
        [], job.options, apiclient._FNAPI_ENVIRONMENT_MAJOR_VERSION, "gs://nouvelles-staging/staging/pipeline.pb",
        job.proto_pipeline,
    )  # fmt: skip
    return _plain(job.proto), _plain(environment.proto), job.proto_pipeline


def _plain(message):
    return json.loads(json_format.MessageToJson(message._pb))


def described(pipeline):
    """Name of each step that does something -> its kind and the coders of what goes in and comes out."""
    components = pipeline.components

    def coder(number):
        found = components.coders[number]
        inner = [coder(each) for each in found.component_coder_ids]
        name = found.spec.urn.removeprefix("beam:coder:")
        return f"{name}({', '.join(inner)})" if inner else name

    steps = {}
    for transform in components.transforms.values():
        if not transform.subtransforms and transform.spec.urn:
            steps[transform.unique_name] = {
                "kind": transform.spec.urn,
                "in": sorted(coder(components.pcollections[each].coder_id) for each in transform.inputs.values()),
                "out": sorted(coder(components.pcollections[each].coder_id) for each in transform.outputs.values()),
            }
    return dict(sorted(steps.items()))


def elements():
    """One of each record that waits in a GroupByKey: entries for their lane, outcomes for their commit."""
    from tests import kill_writer
    from transforms.records import HostState

    coded = next(one for one in kill_writer.outcomes_of(1) if type(one).__name__ == "CodedArticle")
    found = {type(one).__name__: one for one in kill_writer.outcomes_of(1)} | {"Entry": coded.article.entries[0]}
    return found | {"HostState": HostState(host="essai.example")}


if __name__ == "__main__":
    encoded = {name: CODER.encode(element).hex() for name, element in sorted(elements().items())}
    ELEMENTS.write_text(json.dumps(encoded, indent=1) + "\n", "utf-8")
    launched = ["watch", *LAUNCHED, "--runner=DataflowRunner", "--enable_streaming_engine", "--sdk_location=container"]
    FIXTURE.write_text(json.dumps(described(requested(launched)[2]), indent=2) + "\n", "utf-8")
    sys.exit(0)
