"""What the flex template starts: ``sahelwatch watch`` with the template's parameters.

The launcher hands every parameter over as ``--name=value``, its own and those of metadata.json. Names of template
parameters have no hyphens, so ours come with underscores; an empty value is a parameter left empty in the console.
"""

import pathlib
import sys
from collections.abc import Sequence

from pipeline.main import main
from pipeline.options import build_parser, option_names

CATALOGUE = pathlib.Path(__file__).with_name("feeds.yaml")
SWITCHES = ("takeover", "no_archive")
"""Options without a value: ``true`` sets them."""
ALWAYS = (
    "--runner=DataflowRunner",
    "--enable_streaming_engine",
    # the image holds the SDK and every package; nothing is fetched when a worker starts
    "--sdk_location=container",
)


def command_line(parameters: Sequence[str]) -> list[str]:
    """The parameters as arguments of ``sahelwatch``."""
    ours = option_names(build_parser(), "watch")
    arguments = []
    for parameter in parameters:
        name, equals, value = parameter.removeprefix("--").partition("=")
        hyphenated = name.replace("_", "-")
        if equals and not value:
            continue
        if name in SWITCHES:
            arguments += [f"--{hyphenated}"] if value.lower() in {"", "true"} else []
        elif equals and hyphenated in ours:
            arguments.append(f"--{hyphenated}={value}")
        else:
            arguments.append(parameter)
    named = {argument.partition("=")[0] for argument in arguments}
    defaults = [flag for flag in ALWAYS if flag.partition("=")[0] not in named]
    if "--feeds" not in named:
        defaults.append(f"--feeds={CATALOGUE}")
    return ["watch", *arguments, *defaults]


if __name__ == "__main__":
    sys.exit(main(command_line(sys.argv[1:])))
