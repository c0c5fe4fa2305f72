"""The benchmarks' literals agree with refinit's tables. No test asserts a time."""

from __future__ import annotations

import inspect

import pytest

pytest.importorskip("torch")

import refinit
from benchmarks import table
from benchmarks.suite import cases, fills, interleaved, memory
from refinit.registry import INITIALIZERS


def test_every_initializer_is_measured():
    assert list(cases.FUNCTIONS) == cases.FUNCTIONS
    assert set(cases.FUNCTIONS) == set(INITIALIZERS), (
        "append the new name to benchmarks/suite/cases.py FUNCTIONS"
    )
    assert len(cases.FUNCTIONS) == len(set(cases.FUNCTIONS))


def test_every_measured_type_is_one_of_the_registry():
    known = {dtype for entry in INITIALIZERS.values() for dtype in entry.dtypes}
    assert set(cases.RATIO_DTYPES) <= set(cases.DTYPES) <= known


@pytest.mark.parametrize("name", cases.FUNCTIONS)
def test_parameters_are_the_functions_own(name):
    accepted = inspect.signature(INITIALIZERS[name].function).parameters
    needed = {key for key, one in accepted.items() if one.default is one.empty} - {"tensor"}
    given = set(cases.PARAMETERS.get(name, {}))
    assert needed <= given <= set(accepted)


@pytest.mark.parametrize("name", cases.FUNCTIONS)
def test_benchmark_bodies_run(name):
    benchmark = fills.Ratio()
    benchmark.size, benchmark.measured_rounds = 8, 1
    benchmark.setup(name, "float32")
    assert benchmark.track_ratio_vs_torch(name, "float32") > 0
    assert benchmark.track_ratio_vs_fill(name, "float32") > 0


def test_sizes_have_a_loop_count_each():
    assert set(fills.Fill.loops) == set(cases.SIZES)
    assert memory.PeakMemory.params == cases.FUNCTIONS


@pytest.mark.parametrize("row", table.ROWS, ids=lambda row: row.label)
def test_row_of_the_speed_table_is_a_call(row):
    entry = INITIALIZERS[row.name]
    assert row.dtype in entry.dtypes
    inspect.signature(entry.function).bind(refinit.empty(1), **row.parameters)


def test_speed_table_measures_a_small_row():
    row = table.Row("kaiming_uniform_", (8, 8), 2.0)
    cells = table.measured(row, rounds=1)
    assert len(cells) == len(table.HEADER)
    assert cells[0] == row.label
    assert cells[3] in {"met", "missed"}


def test_bodies_take_turns_and_ratios_are_paired():
    calls = []
    times = interleaved.interleaved({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=4)
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 4, "b": 4}
    assert set(calls) == {"a", "b"}
    assert interleaved.median_ratio([1.0, 4.0, 9.0], [1.0, 2.0, 3.0]) == 2.0
