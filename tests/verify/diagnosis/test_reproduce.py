"""Reproducers run when pasted, and show what they promise."""

import ast
import re
import subprocess
import sys

import pytest

from tests.paths import ROOT
from verify.cases.case import Case
from verify.checks.finding import Finding
from verify.diagnosis.reproduce import fill_lines, reproducer
from verify.faults import Faulty
from verify.faults.table import FAULTS
from verify.runs.plan import plan_of
from verify.runs.run import run
from verify.subjects import subject

CASES = [
    Case("normal_", (5, 7), "float32", (("std", 0.5),)),
    Case("uniform_", (5, 7), "bfloat16", (), "sliced"),
    Case("kaiming_uniform_", (4, 3, 2, 2), "float16", (("mode", "fan_out"),), "channels_last"),
    Case("xavier_normal_", (4, 6), "complex64", (), "transposed"),
    Case("sparse_", (4, 6), "float64", (("sparsity", 0.5),)),
    Case("eye_", (4, 6), "int64"),
]


def pasted(lines):
    assert len(lines) <= 5
    command = [sys.executable, "-W", "error", "-c", "\n".join(lines)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def report_of(name, base="torch"):
    fault = FAULTS[name]
    report = run(plan_of(Faulty(fault, subject(base)), 3, [fault.example]))
    return [finding for finding in report.findings if finding.verdict == "fail"]


def test_a_difference_of_bits_is_shown_by_its_place_and_both_values():
    finding = next(finding for finding in report_of("stale_tail") if finding.check == "bits")
    told = pasted(finding.reproducer)
    assert "Difference(count=" in told
    index = finding.figure.split("first at ")[1].split(":")[0]
    assert f"index={index}" in told


def test_a_difference_of_state_is_shown():
    finding = next(finding for finding in report_of("state_not_advanced") if finding.check == "state")
    assert "same final state: False" in pasted(finding.reproducer)


def test_a_wrong_law_is_shown_by_its_moments():
    finding = next(finding for finding in report_of("fans_swapped") if finding.check == "variance")
    assert "std" in pasted(finding.reproducer)


@pytest.mark.parametrize("name", ["torch", "refinit", "refinit:counter"])
def test_the_call_of_a_plain_subject_is_written_out_and_gives_its_values(name):
    tried = subject(name)
    lines = [
        "import numpy as np; from verify.cases.case import Case; from verify.subjects import subject as s; ok = True"
    ]
    for case in CASES:
        lines_of_case = fill_lines(tried, case, 9)
        assert f"{case.function}(" in "\n".join(lines_of_case)
        values = f"s({name!r}).fill({case!r}, 9).values"
        lines += [
            *lines_of_case,
            f"ok &= bool((np.asarray(w).astype(complex) == {values}.astype(complex)).all())",
        ]
    command = [sys.executable, "-W", "error", "-c", "\n".join([*lines, "print(ok)"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "True", done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_reproducer_has_at_most_five_lines(case):
    torch = subject("torch")
    for replay in ("fill", "bits", "state", "distance", "related"):
        finding = Finding("check", "torch", case, "fail", seed=9, replay=replay)
        for twin in (None, torch):
            assert 2 <= len(reproducer(finding, torch, twin)) <= 5


@pytest.mark.parametrize("name", ["selu_gain_is_one", "fans_function_swapped"])
def test_wrong_gains_and_fans_are_shown_beside_the_right_ones(name):
    told = pasted(report_of(name)[0].reproducer)
    assert told in ("1.0 0.75\n", "(3136, 147) (147, 3136)\n")


def test_between_plain_subjects_a_difference_of_bits_is_two_plain_calls():
    for case in CASES:
        finding = Finding("bits", "refinit", case, "fail", seed=9, replay="bits")
        lines = reproducer(finding, subject("refinit"), subject("torch"))
        assert "subject" not in "".join(lines)
        assert pasted(lines) == "first differing index [] [] []\n"


def test_a_refusal_is_shown_by_what_becomes_of_the_call():
    finding = next(
        finding for finding in report_of("nonsense_accepted", "refinit") if finding.check == "refusal"
    )
    assert pasted(finding.reproducer) == "['accepts silently']\n"


def test_python_is_written_in_one_file():
    """No other has a text, docstrings aside, in which something is imported."""
    for path in (ROOT / "verify").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
        texts = [node.value for node in constants if isinstance(node.value, str)]
        written = [text for text in texts if re.search(r"\bimport \w", text)]
        assert bool(written) == (path.name == "reproduce.py"), (path, written)
