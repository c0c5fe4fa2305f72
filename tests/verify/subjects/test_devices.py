"""Subjects on devices as far as they need no CUDA package: names, refusals, the budget tiny, memory."""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from itertools import product

import numpy as np
import pytest

from refinit.devices import device as devices
from tests.verify.fakes import CounterFake, sample
from verify.__main__ import main
from verify.cases import layouts
from verify.cases.case import Case
from verify.cases.functions import COUNTER_FUNCTIONS, FUNCTIONS
from verify.cases.selection import BUDGETS, TINY, TINY_LAYERS, select
from verify.checks.orthogonal import agreement
from verify.cuda import executors
from verify.cuda.executors import CudaArray, HostDevice, PtxDevice
from verify.cuda.ptx.memory.allocations import POISON
from verify.diagnosis.reproduce import fill_lines
from verify.reports.text import closing_lines
from verify.runs.plan import plan, plan_of
from verify.runs.run import run
from verify.subjects import Filled, catalogue, subject
from verify.subjects.catalogue import twin_of
from verify.subjects.devices import CudaSubject, PtxSubject, SimSubject

DEVICES = {one.name: one for one in (CudaSubject, PtxSubject, SimSubject)}
SMALL = ["--only", "uniform_,zeros_", "--dtype", "float32", "--seed", "4"]


@pytest.fixture(autouse=True)
def _made_anew():
    catalogue._instance.cache_clear()
    yield
    catalogue._instance.cache_clear()


@pytest.fixture
def compiler(monkeypatch):
    """numba-cuda seems to be installed."""
    monkeypatch.setattr(executors, "version", lambda package: "0.30")


@pytest.fixture
def no_compiler(monkeypatch):
    def version(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(executors, "version", version)


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_is_a_subject_that_may_have_faults(name, capsys):
    assert name in catalogue.names()
    assert [catalogue.unknown(one) for one in (name, f"fault:tails_cut@{name}")] == ["", ""]
    assert not catalogue.is_class(name)
    assert main(["--help"]) == 0
    assert f"{name}," in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", [*DEVICES, "fault:tails_cut@refinit:counter@cuda-ptx"])
@pytest.mark.usefixtures("no_compiler")
def test_without_numba_cuda_it_is_told_what_to_install(name, capsys):
    assert main(["--subject", name]) == 3
    told = f"subject {name} cannot be loaded: CUDA kernels need the package numba-cuda: pip install 'refinit[cuda13]'"
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("compiler")
def test_without_a_gpu_it_is_told_that_there_is_none(capsys):
    def missing(*_):
        raise RuntimeError("expected an NVIDIA driver, found none")

    with devices.reached_by(missing):
        assert main(["--subject", "refinit:counter@cuda"]) == 3
    assert "no CUDA device: expected an NVIDIA driver, found none" in capsys.readouterr().err


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("name", ["refinit:counter@cuda-sim", "fault:stale_tail@refinit:counter@cuda-sim"])
def test_what_is_too_slow_for_a_budget_is_refused(name, capsys, monkeypatch):
    monkeypatch.setattr(SimSubject, "device", None)  # rather an error than hours
    assert main(["--subject", name, *SMALL]) == 2
    told = "which is too slow for others; got quick"
    assert f"expected a budget of tiny for {name}, {told}" in capsys.readouterr().err


@pytest.mark.usefixtures("compiler")
def test_a_device_promises_what_the_cpu_does_and_has_its_fills_as_twins():
    cpu, tried = subject("refinit:counter"), PtxSubject()
    case = Case("normal_", (40, 30))
    assert (tried.bits_of, tried.stream, tried.functions) == (cpu.bits_of, cpu.stream, cpu.functions)
    assert twin_of(tried, case) is cpu
    assert twin_of(tried, replace(case, source="shards")).name == "refinit:counter, whole"
    assert tried.library is None, "constants are filled by other code"
    assert not any(known.expanded for known in tried.divergences())
    assert f"subject('{tried.name}')" in "\n".join(fill_lines(tried, case, 5))


class Counting(CounterFake):
    fills = 0

    def fill(self, case, seed):
        self.fills += 1
        return super().fill(case, seed)


class Slow(Counting):
    def draws(self, case):
        return min(super().draws(case), 20)


def test_a_law_that_needs_more_draws_than_a_subject_makes_is_said_not_to_be_judged():
    few, many, enough = Case("orthogonal_", (5, 5)), Case("normal_", (50,)), Case("normal_", (200, 100))
    tried = Slow()
    report = run(plan_of(tried, 3, [few, many, enough]))
    told = {one.case.id: one.figure for one in report.findings if one.check == "law"}
    slow = "counter-fake is too slow to draw it as often as that takes"
    assert told == {few.id: f"orthogonal_: {slow}", many.id: f"normal_: {slow}"}
    judged = {one.case for one in report.findings if one.share is not None}
    assert judged == {enough, *report.plan.related}
    assert report.plan.budget.checks < plan_of(Counting(), 3, [few, many, enough]).budget.checks
    assert report.verdict == "pass"


@pytest.mark.usefixtures("compiler")
def test_small_weights_are_sanitized():
    tried = PtxSubject()
    assert [tried.device(size).sanitize for size in (1 << 18, (1 << 18) + 1)] == [True, False]


def test_tiny_has_each_way_of_each_function_in_weights_that_show_it():
    cases = select(TINY, functions=COUNTER_FUNCTIONS)
    shown = {(case.function, case.dtype, case.layout, case.source) for case in cases if case.size > 50}
    for function in COUNTER_FUNCTIONS.values():
        layers = [layer for layer in TINY_LAYERS if function.takes(layer) and layer.size > 50]
        fitting = {
            layout
            for layout, layer in product(layouts.LAYOUTS, layers)
            if layouts.accepted(function.name, layout, layer.shape)
        }
        sources = function.sources if function.random else ("generator",)
        assert set(product([function.name], function.dtypes, fitting, sources)) <= shown
        own = [case for case in cases if case.function == function.name]
        assert all(any(case.named == named for case in own) for named in function.parameters)
        assert {layer.shape for layer in TINY_LAYERS if function.takes(layer)} == {case.shape for case in own}
    assert max(case.size for case in cases) == 5100
    assert cases == select(TINY, functions=COUNTER_FUNCTIONS)


def test_in_the_budget_tiny_each_case_is_drawn_once_and_no_law_is_said_to_be_judged():
    tried = Counting()
    report = run(plan(tried, 3, TINY, only=["normal_", "zeros_"]))
    assert tried.fills == len(report.plan.cases)
    assert report.verdict == "pass"
    ran = {one.check for one in report.findings if one.verdict == "pass"}
    assert ran == {"returned", "support", "structure", "outside"}
    drawn = {one.case for one in report.findings if (one.check, one.verdict) == ("law", "not run")}
    assert drawn == {case for case in report.plan.cases if case.random and case.size}
    told = closing_lines([report])
    assert "not run - law: not judged in the budget tiny, which draws each case once" in told
    assert "not run - relations: not judged in the budget tiny, which draws each case once" in told
    assert told[-1].endswith(f"; not run: gains (1), fans (1), relations (3), law ({len(drawn)})")


def test_the_small_budget_sees_wrong_bits(capsys):
    assert main(["--subject", "refinit:counter", "--budget", TINY, *SMALL]) == 0
    assert main(["--subject", "fault:words_reversed", "--budget", TINY, *SMALL]) == 1
    assert "FAIL bits: fault:words_reversed@refinit:counter" in capsys.readouterr().out


def test_every_subject_names_budgets_that_there_are():
    for kind in catalogue.SUBJECTS.values():
        assert set(kind.budgets) <= set(BUDGETS)


@pytest.mark.parametrize(
    "index", [..., 2, (slice(3, 1, -1), slice(None)), (1, slice(None, None, -2))], ids=str
)
def test_views_of_device_memory_keep_their_place(index):
    array = np.arange(24, dtype=np.float64).reshape(4, 6)[:, 1:]
    facts = CudaArray(array, 1 << 44)[index].__cuda_array_interface__
    view = array[index]
    assert facts["data"] == (view.ctypes.data + (1 << 44), False)
    assert (facts["shape"], facts["strides"], facts["typestr"]) == (view.shape, view.strides, "<f8")


class Idle(HostDevice):
    def run(self, *launch):
        raise AssertionError(launch)


@pytest.mark.parametrize("device", [Idle(), PtxDevice(), PtxDevice(sanitize=True)])
def test_scratch_memory_is_aligned_and_holds_nothing_that_a_kernel_may_count_on(device):
    with device.scratch(1000) as address, device.scratch(300) as other:
        assert address % 256 == other % 256 == 0
        assert abs(address - other) >= 300
        if device.__dict__.get("sanitize"):
            first, second = (one.arrays[0] for one in device.memory.allocations)
            assert (first == POISON).all()
            assert (first.size, second.size) == (1000, 300)
    assert not getattr(device, "memory", None) or not device.memory.allocations


def test_memory_released_out_of_turn_is_told():
    device = PtxDevice(sanitize=True)
    first, second = device.holding(np.zeros(3)), device.holding(np.zeros(4))
    first.__enter__()
    second.__enter__()
    with pytest.raises(RuntimeError, match="reverse order"):
        first.__exit__(None, None, None)


class Turned(CounterFake):
    """Each weight of the wrapped subject, off by so many times the spacing of numbers near 1."""

    def __init__(self, epsilons):
        self.epsilons = epsilons

    def fill(self, case, seed):
        values = super().fill(case, seed).values.astype(np.float64)
        off = np.random.default_rng(seed).normal(0.0, 1.0, values.shape)
        off *= self.epsilons * 2.0**-23 / np.sqrt(np.square(off).sum() / min(case.shape))
        return Filled((values + off).astype(case.dtype))


@pytest.mark.parametrize("shape", [(100, 60), (60, 100), (5, 5)], ids=str)
@pytest.mark.parametrize(("epsilons", "verdict"), [(8, "pass"), (13, "fail")])
def test_orthogonal_weights_must_agree_with_a_twins_to_ten_epsilons(shape, epsilons, verdict):
    case = Case("orthogonal_", shape, parameters={"gain": 1.0})
    finding = agreement(sample(Turned(epsilons), case, 3), sample(CounterFake(), case, 3))
    assert (finding.check, finding.verdict) == ("agreement", verdict)


def test_a_twin_of_shards_is_compared_by_agreement():
    tried = subject("refinit:counter")
    found = run(plan_of(tried, 1, [Case("orthogonal_", (40, 30), source="shards")])).findings
    assert ("agreement", "pass") in {(one.check, one.verdict) for one in found}
    assert set(FUNCTIONS) == set(tried.functions)
