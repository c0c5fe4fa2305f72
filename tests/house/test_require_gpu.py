"""A GPU job cannot pass by skipping."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

MARKED = """
import pytest

@pytest.mark.gpu
def test_marked():
    {body}

def test_other():
    pass
"""


def outcome(folder, body, *options, driver=True):
    """The exit code and the output of a run where a device can, or cannot, be opened."""
    (folder / "conftest.py").write_text(
        "from tests.conftest import *\nimport refinit.devices.device\n"
        + ("refinit.devices.device.opened = lambda place: None\n" if driver else "")
    )
    (folder / "test_it.py").write_text(MARKED.format(body=body))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        f"--rootdir={ROOT}",
        "-q",
        *options,
        folder,
    ]
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*map(str, command)], env=os.environ | hidden, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_without_a_device_a_marked_test_is_skipped_and_says_why(tmp_path):
    code, said = outcome(tmp_path, "raise AssertionError", driver=False)
    assert (code, "1 passed, 1 skipped" in said, "no CUDA device: " in said) == (0, True, True), said


@pytest.mark.parametrize(
    ("options", "body", "driver", "told"),
    [
        ((), "pass", False, "--require-gpu: no CUDA device: "),
        ((), "pytest.skip('not today')", True, "not today"),
        ((), "pytest.importorskip('no_such_package')", True, "no_such_package"),
        (("-k", "other"), "pass", True, "no test marked gpu"),
    ],
    ids=["no device", "skip", "importorskip", "none chosen"],
)
def test_require_gpu_fails(tmp_path, options, body, driver, told):
    code, said = outcome(tmp_path, body, "--require-gpu", *options, driver=driver)
    assert code != 0, said
    assert told in said


def test_require_gpu_passes_where_all_marked_tests_ran(tmp_path):
    code, said = outcome(tmp_path, "pass", "--require-gpu")
    assert (code, "2 passed" in said) == (0, True), said
