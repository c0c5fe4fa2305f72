"""Layouts torch does not have: negative strides and unaligned elements, judged by an independent slow reference."""

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, PATHS, Call, each_dtype
from tests.tables.places import Place, array_at, contiguous, dtype_of, memory, tensor_at
from tests.tables.references import torch_cpu as slow_reference
from tests.tables.references.torch import torch_module

torch = torch_module()

BACKWARD = {
    "vector": lambda a: a[::-1],
    "vector-step": lambda a: a[::-3],
    "rows": lambda a: a[:36].reshape(4, 9)[::-1],
    "columns": lambda a: a[:36].reshape(4, 9)[:, ::-1],
    "both": lambda a: a[:36].reshape(4, 9)[::-1, ::-1],
    "transposed": lambda a: a[:36].reshape(4, 9).T[::-1],
    "columns-step": lambda a: a[:40].reshape(4, 10)[:, ::-2],
    "3d": lambda a: a[:36].reshape(3, 4, 3)[::-1, :, ::-1],
    "3d-permuted": lambda a: a[:36].reshape(3, 4, 3).transpose(2, 0, 1)[:, ::-1],
    "short": lambda a: a[:7][::-1],
}


def buffers(dtype):
    return np.full(41, 77, dtype_of(dtype)), np.full(41, 77, dtype_of(dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("view", BACKWARD.values(), ids=BACKWARD)
@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (-2.0, 2.0)])
def test_uniform_walks_axes_by_absolute_stride_each_in_index_order(view, dtype, a, b):
    got, want = buffers(dtype)
    refinit.uniform_(view(got), a, b, generator=refinit.Generator().manual_seed(8))
    slow_reference.uniform_(view(want), 8, a, b)
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("view", BACKWARD.values(), ids=BACKWARD)
def test_normal_never_takes_the_block_path_on_negative_strides(view, dtype):
    got, want = buffers(dtype)
    refinit.normal_(view(got), 0.0, 0.5, generator=refinit.Generator().manual_seed(9))
    slow_reference.normal_serial_(view(want), 9, 0.5)
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("view", BACKWARD.values(), ids=BACKWARD)
def test_trunc_normal_that_meets_no_bound_is_normal_on_negative_strides(view, dtype):
    got, want = buffers(dtype)
    refinit.trunc_normal_(view(got), 0.0, 0.5, -50.0, 50.0, generator=refinit.Generator().manual_seed(10))
    slow_reference.normal_serial_(view(want), 10, 0.5)
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "place", [contiguous(37), contiguous(5), Place("step", (30,), (2,)), contiguous(2, 3)], ids=str
)
def test_the_slow_reference_itself_is_torchs_stream(place, dtype):
    for name, parameters in (("uniform_", {"a": -2.0, "b": 2.0}), ("normal_", {"std": 0.5})):
        if name == "normal_" and place == contiguous(37):
            continue  # the block path, which the slow reference lacks
        want, got = memory(place, dtype), memory(place, dtype)
        generator = torch.Generator().manual_seed(11)
        Call(name, parameters).on(torch.nn.init, tensor_at(want, place, dtype), generator)
        slow = slow_reference.uniform_ if name == "uniform_" else slow_reference.normal_serial_
        slow(array_at(got, place, dtype), 11, **parameters)
        assert got == want, name


@pytest.mark.parametrize("call", PATHS[:4], ids=str)
def test_a_negative_stride_on_an_axis_of_length_1_is_no_stride(call):
    plain, odd = np.empty((1, 40), np.float32), np.empty((1, 40), np.float32)[::-1]
    call.on(refinit, plain, refinit.Generator().manual_seed(1))
    call.on(refinit, odd, refinit.Generator().manual_seed(1))
    assert plain.tobytes() == odd.tobytes()


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS))
@pytest.mark.parametrize("shape", [(5, 7), (1, 40), (33, 40), (2, 3)], ids=str)
def test_unaligned_arrays_get_the_bits_of_aligned_ones(call, dtype, shape):
    if 1 in call.ndims:
        shape = (shape[0] * shape[1],)
    want = torch.empty(shape, dtype=getattr(torch, dtype))
    call.on(torch.nn.init, want, torch.Generator().manual_seed(4))
    size = want.numel() * want.element_size()
    for shift in (1, 2, 3):
        raw = np.zeros(size + 8, np.uint8)
        array = raw[shift : shift + size].view(dtype_of(dtype)).reshape(shape)
        call.on(refinit, array, refinit.Generator().manual_seed(4))
        assert array.tobytes() == bytes(want.view(torch.uint8).numpy()), f"shift {shift}"
        assert not raw[:shift].any()
        assert not raw[shift + size :].any()


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS[:6]))
def test_a_field_of_a_record_array_gets_the_bits_of_a_strided_tensor(call, dtype):
    records = np.zeros(50, [("before", "u1"), ("weight", dtype_of(dtype)), ("after", "u1")])
    want = torch.empty(100, dtype=getattr(torch, dtype))[::2]
    call.on(refinit, records["weight"], refinit.Generator().manual_seed(6))
    call.on(torch.nn.init, want, torch.Generator().manual_seed(6))
    assert records["weight"].tobytes() == bytes(want.contiguous().view(torch.uint8).numpy())
    assert not records["before"].any()
    assert not records["after"].any()
