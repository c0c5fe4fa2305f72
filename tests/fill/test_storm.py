"""Fills under a storm of signals (``storm.py``), in a process of its own: what goes wrong there may end a process."""

import json
import signal
import subprocess
import sys

import pytest

from tests.paths import ROOT

ROUNDS = 1000


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")
def test_a_struck_fill_leaves_the_state_before_or_after_it_and_nobody_at_work():
    run = subprocess.run(
        [sys.executable, "-m", "tests.fill.storm", str(ROUNDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    counts = json.loads(run.stdout)
    struck = counts.pop("struck")
    assert counts.pop("two signals") == pytest.approx(ROUNDS / 2, rel=0.1)
    assert counts == {"late": 0, "jobs that no thread takes": 0}, run.stderr
    assert struck > ROUNDS / 2
