"""The steps of the image, without Docker: installed from the lock into an empty folder, started as the launcher does."""

import os
import pathlib
import subprocess
import sys

import pytest

from tests.dataflow_graph import LAUNCHED

pytestmark = [pytest.mark.engines, pytest.mark.timeout(900)]
DATAFLOW = pathlib.Path(__file__).parent.parent / "deploy" / "dataflow"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that install.sh makes."""
    folder = tmp_path_factory.mktemp("image") / "sahelwatch"
    environment = {**os.environ, "PYTHON": sys.executable}
    environment.pop("PYTHONPATH", None)
    subprocess.run([DATAFLOW / "install.sh", folder], env=environment, check=True, timeout=600)
    return folder


def run(folder, *arguments, **environment):
    """launch.py in an environment of its own: nothing but the folder, from a working folder without the sources."""
    return subprocess.run(
        [folder / "bin" / "python", folder / "launch.py", *arguments], cwd="/", check=False, capture_output=True, text=True,
        env={"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder.parent), **environment}, timeout=240,
    )  # fmt: skip


def test_help_of_the_entry_point(installed):
    """It starts, and its options are those of ``watch``."""
    ran = run(installed, "--help")
    assert ran.returncode == 0, ran.stderr
    assert "sahelwatch watch" in ran.stdout
    assert "--takeover" in ran.stdout


def test_it_imports_from_the_folder_alone(installed):
    """The packages are the installed copies, and the worker's entry point is among them."""
    told = subprocess.run(
        [
            installed / "bin" / "python", "-c",
            "import pipeline, transforms, apache_beam.runners.worker.sdk_worker_main as w; print(pipeline.__file__, w.__file__)",
        ], cwd="/", env={"PATH": "/usr/bin:/bin"}, check=True, capture_output=True, text=True, timeout=120,
    ).stdout.split()  # fmt: skip
    assert all(path.startswith(str(installed)) for path in told)


def test_the_graph_is_made_there(installed, emulator, bucket, tmp_path):
    """As the launcher would start it: output checked, lease taken, graph made, request formed; dry run, so nobody is asked."""
    (tmp_path / "sitecustomize.py").write_text(
        "from apache_beam.internal.gcp import auth\nauth._Credentials._credentials_init = True\n", "utf-8"
    )
    arguments = [f"--output=gs://{bucket}/sahel" if each.startswith("--output") else each for each in LAUNCHED]
    arguments = [f"--feeds={installed}/feeds.yaml" if each.startswith("--feeds") else each for each in arguments]
    ran = run(installed, *arguments, "--dry_run=True", PYTHONPATH=str(tmp_path), STORAGE_EMULATOR_HOST=emulator.url)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "sahelwatch" in ran.stdout
