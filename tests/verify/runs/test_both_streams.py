"""One run over both streams of refinit: what is tried, what once, and that planted faults of the second are seen."""

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

pytest.importorskip("torch")

import verify
from tests.verify.fakes import NumpySubject
from verify.__main__ import main
from verify.cases.case import Case
from verify.cases.functions import COUNTER_FUNCTIONS, FUNCTIONS
from verify.cases.selection import select
from verify.checks import moments
from verify.checks.finding import Sample, draw
from verify.checks.support import support
from verify.faults import PLANTED, Faulty, Unclaimed
from verify.faults import position_operators as positions
from verify.faults.counter_table import COUNTER_FAULTS
from verify.laws import reference
from verify.runs.budget import FALSE_FAIL_RATE
from verify.runs.plan import plan, plan_of, plans
from verify.runs.run import run
from verify.subjects import DEFAULTS, SUBJECTS, Filled, subject, unknown
from verify.subjects.counter import Whole, shards

COUNTER = subject("refinit:counter")
BOTH = [subject(name) for name in DEFAULTS]
# Faults that any subject can have, and the checks that see them on this stream.
COMMON = {
    "fill_number_stuck": {"consecutive fills"},
    "seed_bit_ignored": {"neighbouring seeds"},
    "state_not_advanced": {"state"},
    "words_repeated": {"bits", "lanes and words"},
    "radius_shared": {"bits", "lags"},
    "signs_not_fixed": {"haar"},
    "fans_swapped": {"bits", "variance"},
    "writes_beside": {"outside"},
    "nonsense_accepted": {"refusal"},
}


def failed(tried, *cases):
    return {one.check for one in run(plan_of(tried, 11, list(cases))).findings if one.verdict == "fail"}


@pytest.mark.parametrize("fault", COUNTER_FAULTS.values(), ids=COUNTER_FAULTS)
def test_a_fault_of_this_stream_is_seen_by_the_checks_it_names_and_told(fault):
    found = run(plan_of(Faulty(fault, COUNTER), 11, [fault.example])).findings
    bad = [one for one in found if one.verdict == "fail"]
    assert set(fault.detected_by) <= {one.check for one in bad}
    assert fault.diagnosis in " ".join(one.diagnosis for one in bad)
    for one in bad:
        exec("\n".join(one.reproducer), {})
    assert unknown(f"fault:{fault.name}") == ""
    assert subject(f"fault:{fault.name}").name == f"fault:{fault.name}@refinit:counter"


@pytest.mark.parametrize("name", COMMON)
def test_a_fault_that_any_subject_can_have_is_seen_on_this_stream(name):
    assert COMMON[name] <= failed(Faulty(PLANTED[name], COUNTER), PLANTED[name].example)


@pytest.mark.parametrize("fault", COUNTER_FAULTS.values(), ids=COUNTER_FAULTS)
def test_without_a_twin_the_law_alone_sees_what_it_can(fault):
    assert failed(Unclaimed(fault, COUNTER), fault.example) == set(fault.detected_by) - {
        "bits",
        "state",
        "agreement",
    }


def test_the_right_subject_passes_every_example():
    examples = {fault.example.id: fault.example for fault in PLANTED.values()}
    assert failed(COUNTER, *examples.values()) == set()


@pytest.mark.parametrize(
    "named", FUNCTIONS["uniform_"].parameters, ids=lambda named: str(named or "defaults")
)
def test_words_in_their_places_are_the_subjects_bits(named):
    """So that each fault made of words is wrong in the one way it names."""
    case, seed = Case("uniform_", (75, 101), parameters=named), 0x0123456789ABCDEF
    words = positions.words(case, seed)
    ours = positions.uniforms(case, words >> np.uint64(8))
    assert (ours.values == COUNTER.fill(case, seed).values).all()


@pytest.mark.parametrize(("bits", "near"), [(32, True), (24, False)])
def test_normals_of_all_bits_are_the_subjects_to_a_few_last_places(bits, near):
    case = Case("normal_", (75, 101))
    words = positions.words(case, 5)
    ours = positions.box_muller(reference.law(case), words, bits)[: case.size].reshape(case.shape)
    assert bool(np.abs(ours - COUNTER.fill(case, 5).values).max() < 4e-6) == near


@pytest.mark.parametrize(
    ("shape", "number"),
    [((), 1), ((0, 5), 2), ((1,), 1), ((2,), 2), ((37, 1), 2), ((6, 4, 2, 4), 4), ((400, 100), 4)],
    ids=lambda value: str(value) if isinstance(value, tuple) else "",
)
def test_shards_cover_each_element_once(shape, number):
    counts = np.zeros(shape, int)
    for place in shards(shape):
        counts[(*place, ...)] += 1
    assert (counts == 1).all()
    assert len(shards(shape)) == number


def test_weights_in_shards_are_compared_with_the_same_whole():
    case = Case("normal_", (40, 30), source="shards")
    assert isinstance(COUNTER.twin(case), Whole)
    assert COUNTER.twin(replace(case, source="generator")) is None
    found = {(one.check, one.verdict) for one in run(plan_of(COUNTER, 1, [case])).findings}
    assert {("bits", "pass"), ("state", "pass")} <= found
    whole = COUNTER.fill(replace(case, source="generator"), 9)
    assert COUNTER.fill(case, 9).values.tobytes() == whole.values.tobytes()


def test_a_generator_is_passed_whatever_the_source():
    import refinit

    before = bytes(refinit.get_rng_state())
    one, other = (
        COUNTER.fill(Case("normal_", (40, 30), source=source), 9) for source in ("default", "generator")
    )
    assert one.values.tobytes() == other.values.tobytes()
    assert one.state == other.state != COUNTER.untouched(9)
    assert bytes(refinit.get_rng_state()) == before


def test_every_function_is_tried_in_shards_and_orthogonal_in_half_types():
    cases = select("quick", functions=COUNTER.functions)
    assert {case.source for case in cases} == {"generator", "shards"}
    for name, function in COUNTER_FUNCTIONS.items():
        assert not function.random or any(case.source == "shards" for case in cases if case.function == name)
    assert {case.dtype for case in cases if case.function == "orthogonal_"} >= {"float16", "bfloat16"}


@pytest.mark.parametrize("named", COUNTER_FUNCTIONS["trunc_normal_"].parameters[-2:], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_tails_are_judged_sharply(named, dtype):
    case = Case("trunc_normal_", (2**17,), dtype, named)
    drawn = draw(COUNTER, case, (3,))
    assert support(drawn).verdict == "pass"
    assert drawn.realised.slack < 2e-4
    assert moments.cells(drawn, 1e-9).verdict == "pass"
    values = drawn.draws[0].values
    width = (drawn.values.mean() - case.named["a"]) / 20  # of a tail that falls off like an exponential law
    width = max(width, float(np.spacing(values.max())))
    moved = Filled((values.astype(np.float64) + width).astype(values.dtype))
    assert moments.mean(Sample(NumpySubject(), case, (3,), [moved]), 1e-9).verdict == "fail"


def test_refusals_that_draw_are_tried_on_both_streams_and_others_once():
    told = [
        {one.case.named["example"] for one in run(made).findings if one.check == "refusal"}
        for made in plans(BOTH, 3, only=["dirac_", "trunc_normal_", "sparse_"], dtypes=["float32"])
    ]
    assert all(any("sparse_" in example for example in each) for each in told)
    assert any("dirac_" in example for example in told[0])
    assert not any("dirac_" in example for example in told[1])
    assert told[0] - told[1] == {one for one in told[0] if "dirac_" in one or "7e+38" in one}


def test_two_streams_share_the_rate_and_try_once_what_draws_nothing():
    made, alone = plans(BOTH, 3), [plan(one, 3) for one in BOTH]
    assert made[0].cases == alone[0].cases
    assert made[1].cases == tuple(case for case in alone[1].cases if case.random)
    assert [one.drawing_only for one in made] == [False, True]
    assert made[0].budget == made[1].budget
    assert made[0].budget.checks == sum(one.budget.checks for one in alone)
    assert made[0].budget.false_fail_rate == FALSE_FAIL_RATE


def test_subjects_of_different_libraries_share_nothing_but_the_rate():
    made = plans([subject("torch"), BOTH[0]], 3, only=["eye_"])
    assert [one.drawing_only for one in made] == [False, False]
    assert made[0].cases == made[1].cases


def test_where_nothing_draws_there_is_one_plan_and_nothing_is_shared(capsys):
    assert [one.subject.name for one in plans(BOTH, 3, only=["zeros_"])] == ["refinit:torch"]
    assert main(["--only", "zeros_", "--dtype", "int8", "--seed", "1"]) == 0
    told = capsys.readouterr().out
    assert "no check here fails by chance" in told
    number = told.split("cases: refinit:torch ")[1].split(";")[0]
    row = next(line for line in told.splitlines() if line.startswith("zeros_ "))
    assert row.split()[1] == number
    assert f" of {number} cases in " in told


def test_a_dtype_of_one_stream_alone_runs_on_that_one():
    assert [one.subject.name for one in plans(BOTH, 3, only=["orthogonal_"], dtypes=["float16"])] == [
        "refinit:counter"
    ]


def test_without_a_subject_both_streams_run_and_are_told(tmp_path, capsys):
    path = tmp_path / "report.json"
    assert main(["--only", "uniform_,eye_", "--dtype", "float32", "--seed", "4", "--json", str(path)]) == 0
    told = capsys.readouterr().out
    assert "refinit:counter uniform_: done" in told
    assert "refinit:counter eye_" not in told
    report = json.loads(path.read_text())
    jsonschema.validate(report, json.loads(files(verify).joinpath("schema.json").read_text()))
    assert [one["subject"] for one in report["subjects"]] == list(DEFAULTS)
    assert [one["bits_of"] for one in report["subjects"]] == ["torch", "counter"]


def test_one_wrong_subject_among_several_decides(capsys):
    options = ["--subject", "fault:lane_off_by_one", "--subject", "refinit", "--subject", "refinit:torch"]
    assert main([*options, "--only", "uniform_", "--dtype", "float32", "--seed", "4"]) == 1
    told = capsys.readouterr().out
    assert told.count("uniform_: ") == 2, "an alias and its name are one subject"
    assert "FAIL bits: fault:lane_off_by_one@refinit:counter" in told


def test_the_old_name_still_serves():
    assert subject("refinit") is subject("refinit:torch")
    assert set(DEFAULTS) < set(SUBJECTS)


def test_the_program_is_called_what_it_was_started_as(monkeypatch, capsys):
    for script, name in (
        ("bin/refinit-verify", "refinit-verify"),
        ("verify/__main__.py", "python -m verify"),
    ):
        monkeypatch.setattr("sys.argv", [script])
        assert main(["--help"]) == 0
        assert capsys.readouterr().out.startswith(f"usage: {name} ")
