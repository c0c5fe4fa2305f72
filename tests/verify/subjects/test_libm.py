"""A C library with other bits is known by its functions' probes, named, and blamed for no more than is its own."""

import ctypes
import json
import os
from dataclasses import replace

import mpmath
import pytest

from refinit.kernels.code.symbols import PROVIDED, _c_libraries
from tests.verify.fakes import FansSwapped, Sqrt3Missing, StaleTail
from tests.verify.subjects.test_environment import run_without
from verify.cases.case import Case
from verify.cases.selection import select
from verify.checks import hashes
from verify.checks.hashes import committed, has_hash, hash_findings
from verify.faults import Faulty
from verify.faults.table import FAULTS
from verify.laws.streams import libm_functions
from verify.subjects import Filled, subject
from verify.subjects.environment import Environment, environment
from verify.subjects.libm import FILE, FUNCTIONS, PROBES, deviating

PROBED = json.loads(FILE.read_text())["probes"]
ALL = tuple(FUNCTIONS)


def test_the_library_that_the_hashes_come_from_deviates_in_nothing():
    here = environment()
    if not here.reference or here.libc != committed("torch")["libc"] or "GLIBC_TUNABLES" in os.environ:
        pytest.skip("needs the C library and a processor such as the hashes come from, and no tunables")
    assert deviating() == ()


@pytest.mark.parametrize("name", ALL)
def test_the_probes_are_hard(name):
    """A correctly rounding library is found out, and one that rounds correctly at other places than the reference."""
    with mpmath.workprec(300):
        exact = [getattr(mpmath, name)(mpmath.mpf(float.fromhex(x))) for x in PROBED[name]]
    correct = [
        float(value) == float.fromhex(result)
        for value, result in zip(exact, PROBED[name].values(), strict=True)
    ]
    assert len(correct) == PROBES
    assert min(sum(correct), PROBES - sum(correct)) >= 8


@pytest.mark.parametrize("name", ALL)
def test_what_is_probed_is_what_kernels_call(name):
    assert PROVIDED[f"refinit_libm_{name}"] == name
    library = next(library for library in _c_libraries() if hasattr(library, name))
    function = getattr(library, name)
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
    for x in map(float.fromhex, PROBED[name]):
        assert function(x) == FUNCTIONS[name](x)


@pytest.mark.parametrize(
    ("case", "functions"),
    [
        (Case("normal_", (4, 4), "float64"), {"log", "sin", "cos"}),
        (Case("normal_", (3, 5), "float64"), {"log1p", "sin", "cos"}),
        (Case("normal_", (3, 5)), {"log1p", "sin", "cos"}),
        (Case("normal_", (4, 4)), set()),
        (Case("normal_", (2, 4), "complex64"), set()),
        (Case("normal_", (2, 3), "complex64"), {"log1p", "sin", "cos"}),
        (Case("kaiming_normal_", (40, 50), "bfloat16", layout="transposed"), {"log1p", "sin", "cos"}),
        (Case("normal_", (40, 1), layout="transposed"), set()),  # in C order for all that
        (Case("sparse_", (40, 50), "complex128", {"sparsity": 0.5}), {"log", "sin", "cos"}),
        (Case("orthogonal_", (40, 50), "float64", layout="transposed"), {"log", "sin", "cos"}),
        (Case("trunc_normal_", (40, 50), "float64"), {"log", "sin", "cos"}),
        (Case("trunc_normal_", (40, 50), "float64", {"a": 2.0, "b": 4.0}), set()),  # accepted uniforms
        (Case("uniform_", (3, 5), "float64"), set()),
        (Case("normal_", (0, 5), "float64"), set()),
        (Case("ones_", (3, 5), "float64"), set()),
    ],
    ids=lambda value: str(getattr(value, "id", "")),
)
def test_which_functions_a_case_takes_from_the_library(case, functions):
    assert set(libm_functions(case)) == functions


def verdict(monkeypatch, libm, case, *, values=True, state=False):
    """Of the hash of a fill with wrong values or a wrong final state, where those functions deviate."""
    here = replace(environment(), libm=libm)
    monkeypatch.setattr(hashes, "environment", lambda: here)
    right, tried = subject("refinit"), Faulty(FAULTS["stale_tail"], subject("refinit"))

    def fill(case, seed):
        filled = right.fill(case, seed)
        wrong = tried.fault.operator(right, case, seed).values
        return Filled(wrong if values else filled.values, b"elsewhere" if state else filled.state)

    monkeypatch.setattr(tried, "fill", fill)
    (finding,) = hash_findings(tried, case, "torch")
    assert finding.cause == (here.c_library if finding.verdict == "divergence" else "")
    return finding.verdict


def committed_case(dtype, layout="contiguous"):
    return next(
        case
        for case in select("quick", ["normal_"], [dtype])
        if case.id in committed("torch")["hashes"] and case.size >= 32 and case.layout == layout
    )


def test_only_a_deviating_function_excuses_doubles_and_nothing_else(monkeypatch):
    blocks, scattered = committed_case("float64"), committed_case("float64", "transposed")
    for libm, excused in (
        ((), ()),
        (("log",), (blocks,)),
        (("log1p",), (scattered,)),
        (ALL, (blocks, scattered)),
    ):
        for case in (blocks, scattered):
            assert verdict(monkeypatch, libm, case) == ("divergence" if case in excused else "fail")
    for case in (committed_case("float32"), committed_case("float32", "transposed")):
        assert verdict(monkeypatch, ALL, case) == "fail"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_state_is_excused_where_a_normal_may_wait_in_it(monkeypatch, dtype):
    for layout, expected in (("contiguous", "fail"), ("transposed", "divergence")):
        case = committed_case(dtype, layout)
        assert verdict(monkeypatch, ALL, case, values=False, state=True) == expected


def test_most_hashes_bind_every_machine():
    kept = [case for case in select("quick") if has_hash(case)]
    binding = [case for case in kept if not libm_functions(case)]
    assert len(binding) > len(kept) / 2


OPTIONS = ("--only", "normal_,uniform_", "--dtype", "float64,float32")


def test_without_fma_and_torch_hashes_diverge_by_name_and_nothing_fails(without_fma, tmp_path):
    path = tmp_path / "report.json"
    options = ("--subject", "refinit", *OPTIONS, "--json", str(path))
    done = run_without("torch", *options, **without_fma)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "on this processor, with other bits than the reference in log, log1p, sin, cos\n" in done.stdout
    assert "known divergence: normal_ hash in " in done.stdout
    report = json.loads(path.read_text())
    assert report["environment"]["libm"] == list(ALL)
    diverged = [one for one in report["subjects"][0]["findings"] if one["verdict"] == "divergence"]
    assert {one["function"] for one in diverged} == {"normal_"}
    assert {one["cause"] for one in diverged} == {replace(environment(), libm=ALL).c_library}
    judged = {one["check"] for one in report["subjects"][0]["findings"] if one["case"] == diverged[0]["case"]}
    assert {"mean", "variance", "cells"} <= judged


@pytest.mark.parametrize(
    ("fault", "function", "dtype", "checks"),
    [
        (FansSwapped, "kaiming_normal_", "float64", {"variance": True, "hash": False}),
        (Sqrt3Missing, "xavier_uniform_", "float64", {"variance": True, "hash": True}),
        (StaleTail, "normal_", "float32", {"hash": True}),
    ],
)
def test_without_fma_and_torch_a_wrong_subject_is_still_caught(
    without_fma, tmp_path, fault, function, dtype, checks
):
    """Of float64 normals by law, of all else by bits, too."""
    path = tmp_path / "report.json"
    options = ("--subject", f"{fault.__module__}:{fault.__name__}", "--only", function, "--dtype", dtype)
    done = run_without("torch", *options, "--json", str(path), **without_fma)
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads(path.read_text())["subjects"][0]["findings"]
    failed = {each["check"] for each in findings if each["verdict"] == "fail"}
    assert {check: check in failed for check in checks} == checks


def test_without_fma_torch_has_the_same_bits_as_refinit(without_fma):
    if not environment().reference:
        pytest.skip("needs a reference machine's torch, whose C library is then made another one")
    done = run_without("none", "--subject", "refinit", *OPTIONS, **without_fma)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("with other bits than the reference") == 1
    assert "known divergence" not in done.stdout


def test_no_hashes_are_made_where_the_library_deviates(monkeypatch):
    here = replace(environment(), doubts=(), libm=("sin",))
    monkeypatch.setattr(hashes, "environment", lambda: here)
    monkeypatch.setattr(hashes, "doubts", lambda stream: ())
    with pytest.raises(SystemExit, match="with other bits than the reference in sin"):
        hashes.make("torch")


def test_the_library_is_named_either_way():
    facts = dict.fromkeys(("python", "machine", "system", "numpy", "torch", "capability", "refinit"), "")
    here = Environment(**facts, libc="glibc 2.36", doubts=())
    assert here.c_library == "C library: glibc 2.36, as the reference"
    assert replace(here, libm=("log1p", "sin")).c_library.endswith(" in log1p, sin")
