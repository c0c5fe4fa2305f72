"""The workflow for platforms that no one of us has runs what there is: targets, modules, versions."""

import re
import shlex
from importlib.util import find_spec

import pytest
import yaml

from tests.docs.test_readme import make_targets
from tests.house.test_house import PROJECT
from tests.paths import ROOT
from tests.platforms import matrix

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
COMMANDS = [pytest.param(step["run"], id=f"{name}: {step['run']}") for name, step in STEPS if "run" in step]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_exists(command):
    program, *words = shlex.split(command)
    if program == "make":
        assert set(words) <= make_targets()
    else:
        assert (program, words[0]) == ("python", "-m"), f"teach this test to check {command!r}"
        assert find_spec(words[1])


def test_lint_tests_and_verify_run_on_linux_macos_and_windows():
    commands = {"make test", "make verify", "python -m pytest -n 2", "python -m verify --budget quick"}
    systems = {
        (system.partition("-")[0], command.values[0].partition("-m ")[2] or command.values[0])
        for name, job in JOBS.items()
        for system in job.get("strategy", {}).get("matrix", {}).get("system", [job["runs-on"]])
        for command in COMMANDS
        if command.values[0] in commands and command.id.startswith(f"{name}:")
    }
    assert {system for system, _ in systems} == {"ubuntu", "macos", "windows"}
    assert "make lint" in {command.values[0] for command in COMMANDS}


def test_every_supported_python_is_tried():
    assert JOBS["versions"]["strategy"]["matrix"]["python"] == matrix.interpreters()
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert matrix.interpreters()[0] == oldest
    used = {step["with"]["python-version"] for _, step in STEPS if "setup-python" in step.get("uses", "")}
    assert used == {oldest}


def test_every_job_ends_and_may_only_read():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())


def test_actions_are_pinned_to_a_version():
    actions = [step["uses"] for _, step in STEPS if "uses" in step]
    assert actions
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action) for action in actions)
