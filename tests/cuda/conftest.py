"""Notes what each test has proven about which function and dtype; ``--proofs FILE`` writes it down (docs/rungs.py)."""

import json
from pathlib import Path

import pytest

_PROOF = "proof"


def pytest_addoption(parser):
    parser.addoption("--proofs", type=Path, metavar="FILE", help="write what was proven about which function")


@pytest.fixture
def proves(record_property):
    """A function that notes what the running test shows, if it passes."""

    def note(rung, **facts):
        record_property(_PROOF, {"rung": rung, **facts})

    return note


def pytest_configure(config):
    # xdist's workers report to the process that runs them
    if config.getoption("--proofs") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Notes(config.getoption("--proofs")))


class _Notes:
    def __init__(self, file):
        self.file, self.proofs = file, []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.proofs += [value for name, value in report.user_properties if name == _PROOF]

    def pytest_sessionfinish(self, exitstatus):
        if exitstatus == 0:
            self.file.write_text(json.dumps(self.proofs, indent=1) + "\n")
