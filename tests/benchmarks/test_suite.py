"""The benchmarks' literals agree with refinit's tables. No test asserts a time."""

from __future__ import annotations

import inspect
from importlib.util import find_spec

import pytest

pytest.importorskip("torch")

from asv_runner.benchmarks.mark import SkipNotImplemented

import refinit
from benchmarks import rows, table
from benchmarks.suite import cases, fills, interleaved, static
from refinit.initializers.registry import INITIALIZERS
from refinit.streams.all_kernels import CUDA_KERNELS


def test_every_initializer_is_measured():
    assert set(cases.FUNCTIONS) == set(INITIALIZERS), (
        "append the new name to benchmarks/suite/cases.py FUNCTIONS"
    )
    assert len(cases.FUNCTIONS) == len(set(cases.FUNCTIONS))


#: What asv has addressed by index since the first results; a new entry goes to the end, here and there.
MEASURED = {
    "FUNCTIONS": "uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ "
    "kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_",
    "DTYPES": "float32 float64 bfloat16 float16",
    "SIZES": "8 1024",
    "RATIO_DTYPES": "float32 bfloat16",
    "DEVICES": "cpu cuda",
    "CAPABILITIES": "sm_80 sm_90 sm_100",
}


@pytest.mark.parametrize("name", MEASURED)
def test_what_is_measured_is_appended_to_and_never_reordered(name):
    assert [str(entry) for entry in getattr(cases, name)] == MEASURED[name].split(), (
        "append to both; an entry that moves would be compared with another one's old results"
    )


def test_every_measured_type_is_one_of_the_registry():
    dtypes = {dtype for entry in INITIALIZERS.values() for dtype in entry.dtypes["torch"]}
    assert set(cases.RATIO_DTYPES) <= set(cases.DTYPES) <= dtypes


@pytest.mark.parametrize("name", cases.FUNCTIONS)
def test_parameters_are_the_functions_own(name):
    accepted = inspect.signature(INITIALIZERS[name].function).parameters
    required = {key for key, parameter in accepted.items() if parameter.default is parameter.empty} - {
        "tensor"
    }
    measured = set(cases.PARAMETERS.get(name, {}))
    assert required <= measured <= set(accepted)


@pytest.mark.parametrize("name", cases.FUNCTIONS)
def test_benchmark_bodies_run(name):
    benchmark = fills.Ratio()
    benchmark.sizes, benchmark.measured_rounds = {"cpu": 8}, 1
    benchmark.setup(name, "float32", "cpu")
    assert benchmark.track_ratio_vs_torch(name, "float32", "cpu") > 0
    assert benchmark.track_ratio_vs_fill(name, "float32", "cpu") > 0


def test_a_fill_is_timed_by_bodies_that_last_long_enough(monkeypatch):
    """On a clock by which each call takes a hundredth of the shortest body."""
    clock, bodies = [0.0], []

    def call():
        clock[0] += interleaved.MIN_BODY_SECONDS / 100

    def seconds(body, loops):
        bodies.append(loops)
        return interleaved.seconds_per_call(body, loops)

    monkeypatch.setattr(interleaved, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(fills, "seconds_per_call", seconds)
    benchmark = fills.Fill()
    benchmark.setup("uniform_", "float32", 8, "cpu")
    benchmark.call = call
    measured = benchmark.track_seconds_per_call("uniform_", "float32", 8, "cpu")
    assert measured == pytest.approx(interleaved.MIN_BODY_SECONDS / 100)
    assert bodies == [100] * fills.Fill.measured_rounds


@pytest.mark.parametrize("name", ["uniform_", "zeros_"])
def test_a_gpu_is_waited_for_within_the_timing(name, monkeypatch):
    """On a torch whose "cuda" is the CPU, and which notes who waits."""
    import torch

    calls = []
    monkeypatch.setattr(cases, "tensor", lambda shape, dtype, device: torch.ones(shape))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: calls.append("waited"))
    monkeypatch.setattr(refinit, name, lambda tensor, **_: calls.append(name))
    cases.ours(name, (8, 8), "float32", {}, device="cuda")()
    assert calls == [name, "waited"]


def test_where_there_is_no_gpu_it_is_skipped(monkeypatch):
    monkeypatch.setattr(fills, "has_gpu", lambda: False)
    for benchmark, arguments in ((fills.Ratio(), ()), (fills.Fill(), (8,)), (fills.CounterFill(), (8,))):
        with pytest.raises(SkipNotImplemented, match="no CUDA device"):
            benchmark.setup("uniform_", "float32", *arguments, "cuda")


def test_what_torchs_cuda_stream_refuses_is_skipped():
    with pytest.raises(SkipNotImplemented, match="refuses"):
        fills.skip_refused("orthogonal_", "float32", "cuda")
    fills.skip_refused("orthogonal_", "float32", "cpu")


def test_every_kernel_that_stores_sixteen_bytes_of_a_law_is_tracked():
    laws = [name for name in CUDA_KERNELS if name.startswith("wide_") and name != "wide_constant"]
    assert sorted(cases.KERNELS) == sorted(laws), "append to benchmarks/suite/cases.py KERNELS"
    assert cases.KERNELS[:2] == ["wide_uniform_float32", "wide_uniform_float64"]


@pytest.mark.skipif(find_spec("numba_cuda") is not None, reason="with the compiler: tests/cuda")
def test_without_a_compiler_static_figures_are_skipped():
    with pytest.raises(SkipNotImplemented, match="numba-cuda"):
        static.StaticFigures().setup("wide_uniform_float32", "sm_90")


@pytest.mark.parametrize("row", rows.ROWS, ids=lambda row: row.label)
def test_row_of_the_speed_table_is_a_call(row):
    entry = INITIALIZERS[row.name]
    assert row.dtype in entry.dtypes["torch"]
    inspect.signature(entry.function).bind(refinit.empty(1), **row.parameters)


def test_speed_table_measures_a_small_row():
    row = rows.Row("kaiming_uniform_", (8, 8), 2.0, 2.0)
    sides = table.measured(row, rounds=1)
    assert list(sides) == ["Generator", "CounterGenerator"]
    for cells in sides.values():
        assert len(cells) == len(table.HEADER)
        assert cells[0] == row.label
        assert cells[3] in {"met", "missed"}


def test_a_row_without_chance_has_one_side():
    assert list(table.measured(rows.Row("ones_", (8, 8), 0.9), rounds=1)) == ["Generator"]


def test_a_share_of_a_plain_fill_is_part_of_the_target():
    times = {"ours": [2.0], "torch": [20.0], "fill": [1.0]}
    row = rows.Row("uniform_", (8, 8), 5)
    assert table.cells(row, "ours", times, 5, 0.4)[3] == "met"
    assert table.cells(row, "ours", times, 5, 0.6)[3] == "missed"
    assert table.cells(row, "ours", times, 12, 0.4)[3] == "missed"


def test_bodies_take_turns_and_ratios_are_paired(monkeypatch):
    monkeypatch.setattr(interleaved, "loops_for", lambda body: 1)
    calls = []
    times = interleaved.interleaved({name: lambda name=name: calls.append(name) for name in "abc"}, rounds=4)
    assert "".join(calls) == "abcbcacababc"
    assert {name: len(seconds) for name, seconds in times.items()} == dict.fromkeys("abc", 4)
    assert interleaved.median_ratio([1.0, 4.0, 9.0], [1.0, 2.0, 3.0]) == 2.0
