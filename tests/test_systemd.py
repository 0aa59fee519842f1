"""deploy/systemd: units that systemd reads, and whose command lines are ours."""

import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

from pipeline.options import UsageError, build_parser, split_beam_flags

UNITS = pathlib.Path(__file__).parent.parent / "deploy" / "systemd"
WRITERS = ("sahelwatch.service", "sahelwatch-passes.service", "sahelwatch-flink.service")


def settings(unit):
    """Section -> key -> values, in order."""
    found, section = {}, None
    for line in (UNITS / unit).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(key, []).append(value)
    return found


def command_lines(unit):
    """What a unit starts, with the example's values and without the first word."""
    example = dict(
        line.split("=", 1) for line in (UNITS / "sahelwatch.env").read_text("utf-8").splitlines() if line[:1].isalpha()
    )
    example["CONTACT"] = "https://essai.example/contact"
    for line in settings(unit)["Service"]["ExecStart"]:
        filled = re.sub(r"\$\{(\w+)\}", lambda m: example[m[1]], line)
        yield [word for word in shlex.split(filled)[1:] if not word.startswith("$")]


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.glob("*.service")))
def test_the_command_line_takes_what_a_unit_says(unit):
    """Every command of every unit is one of ours, with options it has."""
    lines = list(command_lines(unit))
    assert lines
    for line in lines:
        try:
            split_beam_flags(build_parser(), line)
        except UsageError as error:
            pytest.fail(f"{line}: {error}")


def test_writers_keep_each_other_out():
    """Each of the units that write conflicts with the others; it is tried for longer than a lease lasts, and not for ever."""
    for unit in WRITERS:
        found = settings(unit)
        assert set(found["Unit"]["Conflicts"][0].split()) == set(WRITERS) - {unit}
        assert found["Service"]["Restart"] == ["always"]
        # the lease of a process that went down with its machine runs out after three ticks of a minute
        burst, within = (int(found["Unit"][key][0]) for key in ("StartLimitBurst", "StartLimitIntervalSec"))
        assert 240 < burst * int(found["Service"]["RestartSec"][0]) < within
        # a drain commits what was begun; systemd must not kill it before
        assert int(found["Service"]["TimeoutStopSec"][0]) >= 120
        assert "IPAddressDeny" in found["Service"]


def test_systemd_reads_them(tmp_path):
    """``systemd-analyze verify`` has nothing to say about any of them."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on the PATH")
    for path in UNITS.glob("sahelwatch*.*"):
        if path.suffix in {".service", ".timer"}:
            text = re.sub(r"ExecStart=/opt/sahelwatch/\S+", "ExecStart=/bin/true", path.read_text("utf-8"))
            (tmp_path / path.name).write_text(
                text.replace("User=sahelwatch", "User=root").replace("Group=sahelwatch", "")
            )
    units = sorted(str(path) for path in tmp_path.iterdir())
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_systemd_analyze_would_see_a_mistake(tmp_path):
    """The check above can fail: a setting that does not exist is reported."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on the PATH")
    (tmp_path / "wrong.service").write_text("[Service]\nExecStart=/bin/true\nNoNewRights=yes\n")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "wrong.service")], capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert "NoNewRights" in ran.stderr
