"""The launch path, on a driver that only keeps a log of its calls: what is called, in which order, in whose context."""

import struct
from contextlib import nullcontext

import numpy as np
import pytest

import refinit
from refinit.devices import device as devices
from refinit.devices import driver
from refinit.devices.device import CudaPlace
from refinit.kernels.cuda import arguments
from refinit.kernels.math import philox
from tests.arrays.cuda_things import Interface
from tests.devices.concurrency import in_threads
from tests.devices.fake_driver import faked

STREAM = 0x7F00
ARGUMENTS = (-8, 7, -3, -2, 0.1, 0.1)
TUPLES = (5, (0.5, 1.5, 2.5, 3.5), 1 << 40, (1, 2, 3))


@pytest.fixture
def fake(tmp_path_factory, monkeypatch):
    return faked(tmp_path_factory, monkeypatch)


def launched(fake):
    """(context, name, grid, block, stream, parameters) of each launch."""
    found = []
    for context, line in fake.named("cuLaunchKernel"):
        fields = dict(one.split("=") for one in line.split()[2:])
        parameters = [bytes.fromhex(one) for one in fields["bytes"].split(",")[:-1]]
        stream = int(fields["stream"], 16)
        found.append((context, line.split()[1], fields["grid"], fields["block"], stream, parameters))
    return found


def test_a_launch_reaches_the_right_device_and_stream_with_the_right_bytes(fake):
    device = devices.opened(CudaPlace(1, STREAM))
    device.launch("scalars", (12, 3), 256, ARGUMENTS)
    parameters = [struct.pack(f"<{letter}", one) for letter, one in zip("qIqifd", ARGUMENTS, strict=True)]
    expected = (101, "symbol_of_scalars", "12,3,1", "256,1,1", STREAM, parameters)
    assert launched(fake) == [expected]
    assert "shared=0" in fake.named("cuLaunchKernel")[0][1]


def test_each_element_of_a_tuple_is_a_parameter(fake):
    driver.opened((0, STREAM)).launch("tuples", (1, 1), 32, TUPLES)
    flat = (5, 0.5, 1.5, 2.5, 3.5, 1 << 40, 1, 2, 3)
    ((*_, parameters),) = launched(fake)
    assert parameters == [
        struct.pack(f"<{letter}", one) for letter, one in zip("IffffQIII", flat, strict=True)
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (ARGUMENTS[:-1], TypeError),
        ((*ARGUMENTS, 1), TypeError),
        ((1, (2,), 3, 4, 5.0, 6.0), TypeError),
        ((1, 1 << 32, 3, 4, 5.0, 6.0), OverflowError),
        ((1, -1, 3, 4, 5.0, 6.0), OverflowError),
        ((1, 2, 3, 1 << 31, 5.0, 6.0), OverflowError),
        ((1, 2.5, 3, 4, 5.0, 6.0), (TypeError, RuntimeError)),  # ctypes' own, whichever
    ],
)
def test_arguments_that_the_table_does_not_know_are_refused_before_any_call(fake, arguments, error):
    device = driver.opened((0, 0))
    before = len(fake.calls)
    with pytest.raises(error):
        device.launch("scalars", (1, 1), 32, arguments)
    assert len(fake.calls) == before


@pytest.mark.parametrize("key", [0, 0x0123456789ABCDEF, 2**64 - 1])
def test_the_round_keys_of_a_launch_are_the_cores(key):
    """Said twice: a warm process launches kernels without numba."""
    expected = [int(one) & 0xFFFFFFFF for one in philox.round_keys(np.uint64(key))]
    assert list(arguments.round_keys(key)) == expected


@pytest.mark.usefixtures("fake")
def test_a_tuple_of_another_length_is_refused():
    with pytest.raises(TypeError, match="tuples"):
        driver.opened((0, 0)).launch("tuples", (1, 1), 32, (5, (0.5, 1.5), 1, (1, 2, 3)))


@pytest.mark.usefixtures("fake")
def test_a_device_tells_its_size():
    one, other = driver.opened((0, 0)), driver.opened((1, 0))
    assert (one.multiprocessors, one.threads_per_multiprocessor) == (132, 2048)
    assert (other.multiprocessors, other.threads_per_multiprocessor) == (133, 1536)


def test_code_is_loaded_once_for_each_device_and_kernel(fake):
    for _ in range(3):
        for ordinal in (0, 1):
            device = driver.opened((ordinal, STREAM))
            device.launch("scalars", (1, 1), 32, ARGUMENTS)
            device.launch("tuples", (1, 1), 32, TUPLES)
    kernels = ("scalars", "tuples")
    assert sorted(fake.compiled) == sorted((name, cc) for name in kernels for cc in ((9, 0), (8, 6)))
    assert len(fake.named("cuModuleLoadData")) == len(fake.named("cuModuleGetFunction")) == 4
    assert [call for _, call in fake.named("cuDevicePrimaryCtxRetain")] == [
        "cuDevicePrimaryCtxRetain 0",
        "cuDevicePrimaryCtxRetain 1",
    ]
    assert len(fake.named("cuInit")) == 1
    assert len(launched(fake)) == 12
    assert fake.depth == 0


def test_the_callers_context_is_current_again(fake):
    fake.library.cuCtxPushCurrent_v2(77)
    device = driver.opened((1, STREAM))
    device.launch("scalars", (1, 1), 32, ARGUMENTS)
    with device.scratch(100):
        assert fake.library.fake_current() == 77
    assert fake.library.fake_current() == 77
    assert fake.depth == 1


CALLS = ["cuModuleLoadData", "cuModuleGetFunction", "cuLaunchKernel", "cuThreadExchangeStreamCaptureMode"]


@pytest.mark.parametrize("name", CALLS)
def test_a_launch_that_fails_says_why_and_pops_its_context(fake, name):
    device = driver.opened((0, STREAM))
    fake.fail(name, 719)
    with pytest.raises(RuntimeError, match=f"{name} .*CUDA_ERROR_FAKED .as the test asked") as caught:
        device.launch("scalars", (1, 1), 32, ARGUMENTS)
    assert caught.value.code == 719
    assert fake.depth == 0
    fake.fail("", 0)
    device.launch("scalars", (1, 1), 32, ARGUMENTS)
    assert fake.depth == 0


def test_an_error_while_compiling_pops_the_context(fake, monkeypatch):
    monkeypatch.setattr(driver.loader, "cubin", lambda name, capability: {}[name])
    with pytest.raises(KeyError):
        driver.opened((0, STREAM)).launch("scalars", (1, 1), 32, ARGUMENTS)
    assert fake.depth == 0


def test_code_is_loaded_in_the_mode_that_captures_allow_and_the_threads_mode_comes_back(fake):
    driver.opened((0, STREAM)).launch("scalars", (1, 1), 32, ARGUMENTS)
    modes = [call.split()[1] for _, call in fake.named("cuThreadExchangeStreamCaptureMode")]
    assert modes == ["2", "0"]
    assert fake.named("cuModuleLoadData") == [(100, "cuModuleLoadData mode=2")]


def test_a_second_launch_calls_nothing_but_what_a_capture_takes(fake):
    device = driver.opened((0, STREAM))
    device.launch("scalars", (1, 1), 32, ARGUMENTS)
    before = len(fake.calls)
    with device.scratch(100):
        device.launch("scalars", (1, 1), 32, ARGUMENTS)
    names = [call.split()[0] for _, call in fake.calls[before:]]
    push, pop = "cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2"
    calls = ("cuMemAllocAsync", "cuLaunchKernel", "cuMemFreeAsync")
    assert names == [name for call in calls for name in (push, call, pop)]


@pytest.mark.parametrize("fails", [False, True])
def test_scratch_is_of_the_stream_and_freed_there(fake, fails):
    device = driver.opened((1, STREAM))
    with pytest.raises(IndexError) if fails else nullcontext(), device.scratch(1000) as address:
        assert address % 256 == 0
        assert not fake.named("cuMemFreeAsync")
        _ = [0][fails]
    assert fake.named("cuMemAllocAsync") == [(101, f"cuMemAllocAsync 1000 stream={STREAM:#x}")]
    assert fake.named("cuMemFreeAsync") == [(101, f"cuMemFreeAsync stream={STREAM:#x}")]
    assert not fake.named("cuMemAlloc_v2")
    assert fake.depth == 0


def test_scratch_that_cannot_be_had_is_a_memory_error_and_nothing_is_freed(fake):
    device = driver.opened((0, STREAM))
    fake.fail("cuMemAllocAsync", 2)
    with pytest.raises(MemoryError, match="cuMemAllocAsync"), device.scratch(1000):
        pytest.fail("no memory")
    assert not fake.named("cuMemFreeAsync")
    assert fake.depth == 0


def test_a_device_without_memory_pools_has_scratch_all_the_same(fake):
    fake.set(pools=False)
    with driver.opened((0, STREAM)).scratch(1000):
        pass
    assert fake.named("cuMemAlloc_v2") == [(100, "cuMemAlloc_v2 1000")]
    assert fake.named("cuMemFree_v2") == [(100, "cuMemFree_v2")]
    assert not fake.named("cuMemAllocAsync")
    assert fake.depth == 0


def test_threads_load_each_kernel_once_and_launch_in_their_own_context(fake):
    def work(number):
        device = driver.opened((number % 2, 0x100 + number))
        for _ in range(20):
            with device.scratch(256):
                device.launch("scalars", (number + 1, 1), 32, ARGUMENTS)
        assert fake.depth == 0

    fake.delay = 0.05  # so that the others come in the middle of it
    in_threads(work, 8)
    assert sorted(fake.compiled) == [("scalars", (8, 6)), ("scalars", (9, 0))]
    seen = {(context, grid, stream) for context, _, grid, _, stream, _ in launched(fake)}
    assert seen == {(100 + n % 2, f"{n + 1},1,1", 0x100 + n) for n in range(8)}
    assert len(launched(fake)) == 160


def test_a_fill_goes_from_the_array_to_a_launch_on_its_stream_and_touches_no_host_memory(fake):
    array, generator = Interface(np.zeros((40, 50), np.float32), stream=STREAM), refinit.CounterGenerator(3)
    assert refinit.normal_(array, generator=generator) is array
    assert {(context, stream) for context, _, _, _, stream, _ in launched(fake)} == {(101, STREAM)}
    assert not array.owner.any()
    assert generator.fill_number == 1


def test_a_fill_that_cannot_be_launched_takes_no_number(fake):
    fake.fail("cuLaunchKernel", 719)
    generator = refinit.CounterGenerator(3)
    with pytest.raises(RuntimeError, match="cuLaunchKernel"):
        refinit.uniform_(Interface(np.zeros(40, np.float32)), generator=generator)
    assert generator.fill_number == 0
    assert fake.depth == 0
