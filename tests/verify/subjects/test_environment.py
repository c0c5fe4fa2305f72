"""Other machines, other versions, missing packages: verify runs what it can and condemns nobody for it."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.paths import ROOT
from verify.cases.selection import select
from verify.checks.hashes import committed, has_hash
from verify.laws.streams import libm_functions
from verify.subjects import subject
from verify.subjects.catalogue import ORIGINS
from verify.subjects.environment import environment, torch_doubts

WITHOUT = """
import sys
missing = sys.argv[1].split(",")

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from verify.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


def run_without(missing, *options, **variables):
    command = [sys.executable, "-W", "error", "-c", WITHOUT, missing, *options]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.mark.parametrize(
    ("torch", "capability", "system", "machine", "number"),
    [
        ("2.13.0+cpu", "AVX2", "Linux", "x86_64", 0),
        ("2.13.1", "AVX512", "Linux", "x86_64", 0),
        ("2.12.0", "AVX2", "Linux", "x86_64", 1),
        ("2.1.3", "AVX2", "Linux", "x86_64", 1),
        ("2.13.0", "DEFAULT", "Linux", "x86_64", 1),
        ("2.13.0", "DEFAULT", "Darwin", "arm64", 2),
        ("2.11.0", "AVX2", "Windows", "AMD64", 2),
        (None, None, "Linux", "x86_64", 1),
    ],
)
def test_what_makes_a_reference(torch, capability, system, machine, number):
    assert len(torch_doubts(torch, capability, system, machine)) == number


def test_the_headline_says_yes_or_why_not():
    told = environment().headline
    assert told.startswith("reference: yes - torch 2.13" if environment().reference else "reference: no (")


def test_without_torch_hashes_and_laws_still_judge(tmp_path):
    path = tmp_path / "report.json"
    options = ("--subject", "refinit", "--only", "normal_,eye_,orthogonal_,sparse_", "--dtype", "float32")
    options += ("--json", str(path))
    done = run_without("torch", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reference: no (torch is not installed)" in done.stdout
    assert "not run - bits: torch is not installed" in done.stdout
    (told,) = json.loads(path.read_text())["subjects"]
    verdicts = {(finding["check"], finding["verdict"]) for finding in told["findings"]}
    for check in (
        "hash",
        "support",
        "mean",
        "variance",
        "cells",
        "structure",
        "backward error",
        "haar",
        "zeros",
        "mask",
    ):
        assert (check, "pass") in verdicts, check
    assert ("bits", "not run") in verdicts


def test_without_torch_a_wrong_subject_is_still_caught():
    done = run_without(
        "torch", "--subject", "fault:sqrt3_missing@refinit", "--only", "xavier_uniform_", "--dtype", "float32"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "sqrt(3) missing?" in done.stdout


def test_without_torch_the_subject_torch_cannot_run():
    done = run_without("torch", "--subject", "torch")
    assert done.returncode == 3
    assert "nothing could run: subject torch cannot be loaded: No module named 'torch'" in done.stderr


def test_without_scipy_there_is_a_message_and_no_traceback():
    done = run_without("scipy", "--subject", "torch")
    assert done.returncode == 3
    assert "in refinit's checkout: pip install '.[verify]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_ml_dtypes_bfloat16_is_not_run():
    done = run_without(
        "ml_dtypes,rich", "--subject", "torch", "--only", "uniform_", "--dtype", "bfloat16,float32"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not run - fill: bfloat16 needs the package ml_dtypes: pip install ml_dtypes" in done.stdout
    assert re.search(r"PASS: no discrepancy in .* s; not run: fill \(\d+\)$", done.stdout.strip())


def test_a_run_of_which_no_case_ran_is_not_passed():
    done = run_without("ml_dtypes", "--subject", "torch", "--only", "zeros_", "--dtype", "bfloat16")
    assert done.returncode == 3, done.stdout + done.stderr
    assert re.search(r"NOTHING COULD RUN of torch; not run: fill \(\d+\)$", done.stdout.strip())


def test_another_cpu_capability_is_a_known_divergence_not_a_failure():
    if not environment().reference:
        pytest.skip("needs a reference machine to be made another one")
    options = ("--subject", "refinit", "--only", "uniform_,eye_", "--dtype", "float32")
    done = run_without("none", *options, ATEN_CPU_CAPABILITY="default")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reference: no (CPU capability DEFAULT is not AVX2 or AVX512)" in done.stdout
    assert "known divergence: uniform_ bits in " in done.stdout


@pytest.mark.parametrize("stream", ORIGINS)
def test_hashes_cover_the_quick_cases(stream):
    cases = select("quick", functions=subject(ORIGINS[stream]).functions)
    assert set(committed(stream)["hashes"]) == {case.id for case in cases if has_hash(case)}


@pytest.mark.skipif(not environment().reference, reason="hashes are torch 2.13's on Linux x86-64 with AVX2")
def test_hashes_are_torchs():
    from verify.checks.hashes import hash_findings

    for case in select("quick", dtypes=["float32", "bfloat16"])[::7]:
        for finding in hash_findings(subject("torch"), case, "torch"):
            assert finding.verdict in ("pass", "divergence"), finding


def test_a_wrong_fill_misses_its_hash():
    from verify.checks.hashes import hash_findings
    from verify.faults import Faulty
    from verify.faults.table import FAULTS

    faulty = Faulty(FAULTS["stale_tail"], subject("torch"))
    case = next(
        case
        for case in select("quick", ["normal_"], ["float32"])
        if case.size >= 32 and not libm_functions(case)
    )
    (finding,) = hash_findings(faulty, case, "torch")
    assert finding.verdict == "fail"
    assert "values differ from the committed hash" in finding.figure
