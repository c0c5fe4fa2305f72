"""torch's CUDA stream as users of torch have printed it on GPUs, in public reports: tests/data/printed_on_gpus.json.

A number of a report has four decimals, so a right replay is within half a unit of the last one and the 1e-6 std to
which normals are replayed (none of them lies in the tails, where it is 5e-6); uniforms are exact.
"""

import json
import math

import pytest

import refinit
from tests.paths import DATA
from tests.tables.cases import Call

PRINTED = json.loads((DATA / "printed_on_gpus.json").read_text())
REPORTS = {f"{each['report']} {each['gpu'] or 'a GPU'}": each for each in PRINTED["reports"]}
REPLAYED_WITHIN = 1e-6  # std of a normal


def tolerance(fill, text):
    decimals = len(text.partition(".")[2])
    std = fill["parameters"].get("std", 1.0) if fill["function"] == "normal_" else 0.0
    return 0.5 * 10.0**-decimals + REPLAYED_WITHIN * std


def compared(report, seed_change=0, more_multiprocessors=0):
    """For each number of the report: its place, what was printed, what is replayed, and whether that is near enough."""
    multiprocessors = report["multiprocessors"] + more_multiprocessors
    threads = report["threads_per_multiprocessor"]
    generator = refinit.Generator(
        "cuda", multiprocessors=multiprocessors, threads_per_multiprocessor=threads
    ).manual_seed(report["seed"] + seed_change)
    for fill in report["fills"]:
        call = Call(fill["function"], fill["parameters"])
        values = call.on(refinit, refinit.empty(*fill["shape"]), generator)
        for index, text in fill["values"]:
            value = float(values[tuple(index)])
            yield index, text, value, abs(value - float(text)) <= tolerance(fill, text)


def beyond_a_wave(report):
    """Whether the GPU holds fewer threads than the tensor elements, so that its geometry enters."""
    return any(
        math.prod(fill["shape"]) > report["multiprocessors"] * report["threads_per_multiprocessor"]
        for fill in report["fills"]
    )


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_what_a_gpu_has_printed_is_replayed(report):
    wrong = [(index, text, value) for index, text, value, near in compared(report) if not near]
    assert not wrong, "place, printed, replayed"


def test_every_number_of_every_report_is_compared():
    """README.md and docs/cuda.md state how many there are, and of what."""
    numbers = {name: sum(1 for _ in compared(report)) for name, report in REPORTS.items()}
    assert len(REPORTS) == len(PRINTED["reports"])
    assert numbers == {
        "pytorch#158398 a GPU": 36,
        "pytorch#143086 H100": 6,
        "pytorch#143086 A100": 6,
        "pytorch#97097 RTX A4000": 36,
        "pytorch#62467 RTX A6000": 3,
        "pytorch#79496 a GPU": 3,
        "mrdbourke/pytorch-deep-learning#759 a GPU": 2,
    }
    assert sum(numbers.values()) == 92


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_another_seed_would_be_noticed(report):
    assert not any(near for *_, near in compared(report, seed_change=1))


def test_another_gpu_would_be_noticed_where_the_tensor_exceeds_a_wave():
    matches = {
        name: [near for *_, near in compared(report, more_multiprocessors=1)]
        for name, report in REPORTS.items()
        if beyond_a_wave(report)
    }
    assert {name: len(near) - sum(near) for name, near in matches.items()} == {
        "pytorch#158398 a GPU": 18,
        "pytorch#143086 H100": 3,
        "pytorch#143086 A100": 3,
        "pytorch#97097 RTX A4000": 18,
    }
