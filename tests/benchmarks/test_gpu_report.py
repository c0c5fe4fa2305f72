"""`make gpu` says at once that there is no GPU, and reports what ran where there is one."""

import subprocess
import sys
from datetime import UTC, datetime
from shutil import which

import pytest

from benchmarks import gpu_report

NVIDIA_SMI = """#!/bin/sh
echo "NVIDIA H100 80GB HBM3, 580.65.06, 9.0, 81559 MiB"
"""


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """Puts a program in nvidia-smi's place."""
    if sys.platform == "win32":
        pytest.skip("the program in nvidia-smi's place is a shell script")

    def put(text):
        path = tmp_path / "nvidia-smi"
        path.write_text(text)
        path.chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return put


@pytest.mark.parametrize(
    "program", ["", "#!/bin/sh\nexit 9\n", "#!/bin/sh\n"], ids=["absent", "fails", "names none"]
)
def test_without_a_gpu_it_stops_at_once(smi, program, capsys, monkeypatch):
    monkeypatch.setattr(gpu_report, "run", None)
    if program:
        smi(program)
    for options in ([], ["--check"]):
        assert gpu_report.main(options) == 1
        assert "GPU" in capsys.readouterr().err


def test_with_one_check_names_it(smi, capsys):
    smi(NVIDIA_SMI)
    assert gpu_report.main(["--check"]) == 0
    assert capsys.readouterr().out.startswith("NVIDIA H100 80GB HBM3, 580.65.06, 9.0")


@pytest.mark.parametrize("code", [0, 1])
def test_the_report_names_device_versions_and_outcomes(smi, code, tmp_path, monkeypatch, capsys):
    smi(NVIDIA_SMI)
    monkeypatch.setattr(gpu_report, "FOLDER", tmp_path / "reports")
    steps = {"tests": ("this",), "verify": ("json.tool", "--help") if code == 0 else ("no_such_module",)}
    monkeypatch.setattr(gpu_report, "STEPS", steps)
    assert gpu_report.main([]) == code
    (path,) = (tmp_path / "reports").iterdir()
    text = path.read_text()
    assert path.name == f"NVIDIA-H100-80GB-HBM3-{datetime.now(tz=UTC):%Y-%m-%d}.md"
    assert "* driver_version: 580.65.06\n* compute_cap: 9.0" in text
    assert "* numpy " in text
    assert "## tests: passed\n\n`python -m this`" in text
    assert f"## verify: {'failed with exit code 1' if code else 'passed'}" in text
    assert "please commit it" in capsys.readouterr().out


@pytest.mark.skipif(not which("make"), reason="the target of a Makefile, and no make")
def test_each_step_is_a_command_that_exists():
    assert set(gpu_report.STEPS) == {"tests", "verify", "benchmarks"}
    make = subprocess.run(
        ["make", "-n", "gpu"], cwd=gpu_report.ROOT, capture_output=True, text=True, check=True
    )
    assert "benchmarks.gpu_report --check" in make.stdout
