"""A user's own subject: what it may leave out, what it is told, and what it can be asked for again."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.paths import ROOT
from tests.verify.fakes import NUMPY, CounterFake, NumpySubject
from verify.__main__ import main
from verify.cases.case import Case
from verify.diagnosis.reproduce import naming
from verify.runs.plan import plan, plan_of
from verify.runs.run import run
from verify.subjects import Filled, Subject, loaded, subject

CASE = Case("normal_", (96, 64))
MODULE = """
import numpy as np
from verify.laws.streams import Stream
from verify.subjects import Filled, Subject


class Mine(Subject):
    name, stream = "mine", Stream("numpy", end="below")

    def fill(self, case, seed):
        return Filled(np.random.default_rng(seed).normal(0.0, 1.5, case.shape).astype(case.dtype))


class Other:
    pass
"""


def failures(tried, *cases):
    return [one for one in run(plan_of(tried, 3, list(cases or (CASE,)))).findings if one.verdict == "fail"]


class Making(NumpySubject):
    """NumpySubject's fills, made into something else."""

    def fill(self, case, seed):
        return self.made(super().fill(case, seed).values)

    def made(self, values):
        return Filled(values)


def of(made):
    class Made(Making):
        pass

    Made.made = lambda self, values: made(values)
    return Made()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda values: Filled(values.T), "returned shape (64, 96), expected (96, 64)"),
        (lambda values: Filled(values.astype("f8")), "returned dtype float64, expected float32"),
        (lambda values: Filled(values.tolist()), "returned list, expected a NumPy array of shape (96, 64)"),
        (lambda values: Filled(None), "returned NoneType, expected a NumPy array of shape (96, 64)"),
        (lambda values: values, "raised TypeError: fill must return Filled(values, state), got ndarray"),
    ],
    ids=["shape", "dtype", "list", "None", "bare array"],
)
def test_what_is_no_weight_of_the_case_fails_once_and_is_told(made, told):
    found = failures(of(made))
    assert {one.check for one in found} <= {"returned", "fill"}
    (own,) = (one for one in found if one.case == CASE)
    assert own.figure.startswith(told)
    exec("\n".join(own.reproducer), {})


def test_related_fills_are_looked_at_too():
    class Flat(NumpySubject):
        def related(self, case, seed):
            found = super().related(case, seed)
            return {
                "consecutive fills": [replace(one, values=one.values.tolist()) for one in found.popitem()[1]]
            }

    assert [one.check for one in failures(Flat())] == ["returned"]


def test_a_subject_without_name_or_stream_is_refused_where_it_is_written():
    with pytest.raises(TypeError, match="class Nameless: expected a class attribute name, a text"):
        type("Nameless", (Subject,), {"stream": NUMPY})
    with pytest.raises(TypeError, match="class Streamless: expected a class attribute stream, a Stream"):
        type("Streamless", (Subject,), {"name": "x"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((("kaiming_normal", (3, 3)), {}), "expected a function among uniform_, normal_, .*'kaiming_normal'"),
        ((("normal_", (3,), "float31"), {}), "expected a dtype among float16, .*; got 'float31'"),
        ((("normal_", (3,)), {"layout": "diagonal"}), "expected a layout among contiguous"),
        ((("normal_", (3,)), {"source": "air"}), "expected a source among generator, default, shards"),
        ((("normal_", (3,)), {"parameters": {"scale": 2.0}}), "normal_ takes std, mean; got 'scale'"),
        ((("ones_", (3,)), {"parameters": {"val": 2.0}}), "ones_ takes no parameters; got 'val'"),
        ((("constant_", (3,)), {}), "constant_ needs val: parameters={'val': ...}"),
        ((("kaiming_normal_", (3,)), {}), "kaiming_normal_ takes weights of 2 or 3 or 4 or 5 axes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_case_that_no_function_takes_is_refused(arguments, told):
    positional, named = arguments
    with pytest.raises(ValueError, match=told):
        Case(*positional, **named)


def test_a_shape_is_a_sequence():
    with pytest.raises(TypeError, match="expected a shape such as"):
        Case("normal_", 5)


def test_parameters_may_be_a_mapping_and_a_shape_a_list():
    case = Case("normal_", [4, 5], parameters={"std": 0.5})
    assert case == Case("normal_", (4, 5), parameters=(("std", 0.5),))
    assert hash(case) == hash(replace(case))


def test_a_plan_of_unknown_functions_or_of_nothing_is_refused():
    with pytest.raises(ValueError, match="functions must be among uniform_"):
        plan(NumpySubject(), 0, only=["normal"])
    with pytest.raises(ValueError, match="no function of `only` takes a dtype of `dtypes`"):
        plan(NumpySubject(), 0, only=["orthogonal_"], dtypes=["int8"])


class Ignoring(CounterFake):
    """Every seed gives the same."""

    def fill(self, case, seed):  # noqa: ARG002
        return super().fill(case, 1)


def test_an_ignored_seed_is_told_in_one_draw_and_in_many():
    told = "equal draws from different seeds: seed ignored?"
    large, small = Case("uniform_", (200, 100)), Case("normal_", (20,))
    assert {one.check: one.diagnosis for one in failures(Ignoring(), large)} == {"neighbouring seeds": told}
    assert all(one.diagnosis.startswith(told) for one in failures(Ignoring(), small))


@pytest.mark.parametrize(("dtype", "side"), [("float32", 8), ("float64", 3), ("float32", 2)])
def test_a_factorisation_without_signs_is_told_on_any_stream(dtype, side):
    class Unfixed(CounterFake):
        def fill(self, case, seed):
            if case.function != "orthogonal_":
                return super().fill(case, seed)
            q = np.linalg.qr(np.random.default_rng(seed).standard_normal(case.shape))[0]
            return Filled(q.astype(case.dtype))

    (found,) = failures(Unfixed(), Case("orthogonal_", (side, side), dtype))
    assert found.check == "haar"
    assert found.diagnosis == "the first entry is negative in every draw: sign not fixed?"


@pytest.mark.parametrize(
    ("function", "drawn", "told"),
    [
        (
            "normal_",
            lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, shape),
            "looks uniform instead of normal",
        ),
        ("uniform_", lambda rng, shape: rng.normal(0.5, 0.15, shape), "looks normal instead of uniform"),
    ],
    ids=["uniform", "normal"],
)
def test_one_law_in_the_place_of_the_other_is_told(function, drawn, told):
    class Mixed(NumpySubject):
        def fill(self, case, seed):
            return Filled(drawn(np.random.default_rng(seed), case.shape).astype(case.dtype))

    found = failures(Mixed(), Case(function, (96, 64)))
    assert any(told in one.diagnosis for one in found)


def test_a_right_law_of_the_wrong_scale_looks_like_no_other():
    for case in (CASE, Case("uniform_", (96, 64))):
        assert all("looks" not in one.diagnosis for one in failures(NumpySubject(factor=1.3), case))


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "mine_module.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "mine_module:Mine"
    sys.modules.pop("mine_module", None)


def test_a_class_of_ones_own_is_named_by_module_and_class(mine, capsys):
    assert main(["--subject", mine, "--only", "normal_", "--dtype", "float32", "--seed", "1"]) == 1
    told = capsys.readouterr().out
    assert "from mine_module import Mine; tried = Mine()" in told
    found = failures(loaded(mine))
    for one in found:
        exec("\n".join(one.reproducer), {})
    capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mine_module:None_", "has no attribute 'None_'"),
        ("mine_module:Other", "mine_module:Other is no subclass of verify.subjects.Subject"),
        ("nowhere_at_all:Mine", "No module named 'nowhere_at_all'"),
    ],
)
def test_a_class_that_is_not_there_gives_3_and_the_reason(name, told, mine, capsys):  # noqa: ARG001
    assert main(["--subject", name]) == 3
    assert told in capsys.readouterr().err


def test_what_only_its_user_can_make_is_told_in_comments():
    class Local(NumpySubject):
        pass

    for tried in (Local(factor=1.5), NumpySubject(factor=1.5)):
        for one in failures(tried, CASE, Case("normal_", (30, 20), "complex64")):
            assert all(line.startswith("# ") for line in one.reproducer)
            assert any(f"tried = {type(tried).__name__}(...)" in line for line in one.reproducer)
            exec("\n".join(one.reproducer), {})


def test_one_that_borrows_a_name_is_not_taken_for_its_owner():
    borrowing = NumpySubject(name="torch")
    assert naming(borrowing).imports == ""
    assert naming(subject("refinit")).expression == "subject('refinit:torch')"


def test_in_a_script_the_reproducer_does_not_name_main(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"{MODULE}\nfrom verify.cases.case import Case\nfrom verify.runs.plan import plan_of\n"
        "from verify.runs.run import run\n"
        "found = [one for one in run(plan_of(Mine(), 0, [Case('normal_', (96, 64))])).findings if one.reproducer]\n"
        "assert found\nprint(found[-1].reproducer[1])\nfor one in found: exec('\\n'.join(one.reproducer), {})\n"
    )
    command = [sys.executable, str(script)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith("# tried = Mine(...)")
