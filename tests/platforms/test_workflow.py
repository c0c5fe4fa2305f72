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


def commands_of(system):
    """All that runs on that system, whatever its version."""
    for job in JOBS.values():
        systems = job.get("strategy", {}).get("matrix", {}).get("system", [job["runs-on"]])
        if any(name.startswith(system) for name in systems):
            yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("system", ["ubuntu-24.04", "ubuntu-24.04-arm", "macos", "windows"])
@pytest.mark.parametrize("target", ["test", "verify"])
def test_tests_and_verify_run_on_every_system(system, target):
    module = {"test": "pytest", "verify": "verify"}[target]
    assert any(
        command == f"make {target}" or command.startswith(f"python -m {module} ")
        for command in commands_of(system)
    )


def test_lint_runs():
    assert "make lint" in commands_of("ubuntu")


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
