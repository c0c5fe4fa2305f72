"""verify's subjects on devices: right ones pass, wrong ones do not."""

from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("numba_cuda", reason="kernels are compiled by numba-cuda")

from refinit.devices import device as devices
from refinit.kernels.cuda.table import KEYS
from refinit.streams.all_kernels import CUDA_KERNELS
from verify.__main__ import main
from verify.cases.case import Case
from verify.cases.functions import COUNTER_FUNCTIONS
from verify.cases.selection import TINY, select
from verify.cuda.executors import PtxDevice, SimDevice, ptx_of
from verify.faults import Faulty
from verify.faults.counter_table import COUNTER_FAULTS
from verify.runs.plan import plan_of
from verify.runs.run import run
from verify.subjects import subject
from verify.subjects.devices import CudaSubject, PtxSubject, SimSubject

PTX = "refinit:counter@cuda-ptx"
FAST = ["float32", "bfloat16", "complex64", "int8"]


def report_of(tried, cases):
    return run(plan_of(tried, 7, cases, TINY))


def failed(tried, *cases):
    return {one.check for one in report_of(tried, list(cases)).findings if one.verdict == "fail"}


@pytest.mark.parametrize("name", COUNTER_FUNCTIONS)
def test_compiled_kernels_give_each_function_the_bits_of_the_cpu(name):
    cases = select(TINY, [name], FAST, COUNTER_FUNCTIONS)
    report = report_of(subject(PTX), cases)
    assert [one for one in report.findings if one.verdict == "fail"] == []
    check = "agreement" if name == "orthogonal_" else "bits"
    compared = {one.case for one in report.findings if one.check == check and one.case.size}
    assert compared == {case for case in cases if case.size}


def test_laws_are_judged_of_fills_by_compiled_kernels():
    report = run(plan_of(subject(PTX), 7, [Case("normal_", (64, 96)), Case("orthogonal_", (8, 8))]))
    assert report.verdict == "pass"
    told = {one.case.function: one.figure for one in report.findings if one.verdict == "not run"}
    assert list(told) == ["orthogonal_"], "its law would take 600 draws"
    assert {"variance", "agreement", "neighbouring seeds", "sibling substreams"} <= {
        f.check for f in report.findings
    }


def test_from_the_command_line(capsys):
    options = ["--only", "uniform_,eye_", "--dtype", "float32", "--seed", "4", "--budget", TINY]
    assert main(["--subject", PTX, *options]) == 0
    assert main(["--subject", f"fault:words_reversed@{PTX}", *options]) == 1
    assert f"FAIL bits: fault:words_reversed@{PTX}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["lane_off_by_one", "shard_off_by_one", "orthogonal_of_another_fill"])
def test_planted_faults_are_seen_on_a_device(name):
    fault = COUNTER_FAULTS[name]
    assert set(fault.detected_by) <= failed(Faulty(fault, subject(PTX)), fault.example)


class Swapping(PtxDevice):
    """Two neighbours change places."""

    @contextmanager
    def holding(self, base):
        with super().holding(base) as distance:
            yield distance
        flat = base.reshape(-1)
        flat[20:22] = flat[21:19:-1].copy()


class Short(PtxDevice):
    """Each launch's last block is forgotten."""

    def run(self, kernel, grid, block, arguments):
        if grid[0] > 1:
            super().run(kernel, (grid[0] - 1, grid[1]), block, arguments)


class NextFill(PtxDevice):
    """Each fill is the one after it."""

    def run(self, kernel, grid, block, arguments):
        kinds = CUDA_KERNELS[kernel].arguments
        if KEYS in kinds:
            arguments[kinds.index(KEYS) - 1] += np.uint64(1)
        super().run(kernel, grid, block, arguments)


@pytest.mark.parametrize(
    ("device", "case", "seen"),
    [
        (Swapping, Case("normal_", (40, 30)), {"bits"}),
        (Swapping, Case("kaiming_uniform_", (40, 30), "float64", source="shards"), {"bits"}),
        (Short, Case("uniform_", (40, 30), "bfloat16", layout="transposed"), {"bits", "support"}),
        (Short, Case("zeros_", (9000,), "int16"), {"bits", "structure"}),
        (NextFill, Case("trunc_normal_", (40, 30), "float16"), {"bits"}),
        (NextFill, Case("sparse_", (40, 30), parameters={"sparsity": 0.3}), {"bits"}),
        (NextFill, Case("orthogonal_", (40, 30)), {"agreement"}),
    ],
    ids=lambda value: getattr(value, "__name__", "") or getattr(value, "function", ""),
)
def test_a_wrong_device_is_condemned(device, case, seen):
    class Wrong(PtxSubject):
        name = "wrong"

        def device(self, size):
            return device(sanitize=size < 1 << 16)

    assert failed(subject(PTX), case) == set()
    assert failed(Wrong(), case) == seen


def test_the_simulator_runs_kernels_beside_the_compiler():
    assert "wide_uniform_float32" in ptx_of("wide_uniform_float32")
    device, case = SimDevice(), Case("uniform_", (3, 300))

    class Once(SimSubject):
        def device(self, size):  # noqa: ARG002 - the same for all
            return device

    assert failed(Once(), case) == set()
    assert [launch[0] for launch in device.launches] == ["wide_uniform_float32"]


class Copy:
    """What numba-cuda gives for an array that is copied to a GPU, as far as it is used."""

    def __init__(self, memory):
        self.memory = memory.copy()
        self.__cuda_array_interface__ = {"data": (self.memory.ctypes.data, False)}

    def copy_to_host(self, memory):
        memory[...] = self.memory


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "sliced"])
@pytest.mark.parametrize("source", ["generator", "shards"])
def test_a_weight_goes_to_a_gpu_and_back(layout, source, monkeypatch):
    """With memory of this process in the place of a GPU's."""
    monkeypatch.setattr("numba.cuda.to_device", Copy)
    with devices.reached_by(lambda place: PtxDevice()):
        assert (
            failed(CudaSubject(), Case("normal_", (40, 30), "bfloat16", layout=layout, source=source))
            == set()
        )
        assert failed(CudaSubject(), Case("ones_", (0, 5)), Case("uniform_", ())) == set()
