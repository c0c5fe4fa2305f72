"""Small constants that were seen before go a shorter way: the same bits, and the refusals of the long way."""

import numpy as np
import pytest

import refinit
from refinit.fill import fill as fill_module
from tests.tables.cases import FLOATS, Call
from tests.tables.references.torch import tensor_bytes, torch_module

torch = torch_module()

CONSTANT = (
    Call("zeros_", {}, random=False),
    Call("ones_", {}, random=False),
    Call("constant_", {"val": -0.0}, random=False),
    Call("constant_", {"val": 0.1}, random=False),
    Call("constant_", {"val": 3}, random=False),
)
OTHERS = ("int8", "int16", "int32", "int64", "uint8", "bool")


def both(shape, dtype):
    return [torch.full(shape, 1, dtype=getattr(torch, dtype)) for _ in range(2)]


@pytest.mark.parametrize("dtype", [*FLOATS, *OTHERS])
def test_repeated_small_constants_are_torchs(dtype):
    for shape in ((), (3, 5), (128, 129)):
        for call in CONSTANT * 3:
            got, want = both(shape, dtype)
            try:
                call.on(torch.nn.init, want)
            except RuntimeError:
                with pytest.raises((RuntimeError, TypeError)):
                    call.on(refinit, got)
                continue
            call.on(refinit, got)
            assert tensor_bytes(got) == tensor_bytes(want), (shape, call)


@pytest.mark.parametrize("dtype", [*FLOATS, "int32", "uint8", "bool"])
def test_repeated_small_constants_of_arrays_are_those_of_tensors(dtype):
    for shape in ((), (3, 5), (128, 129)):
        for call in CONSTANT * 3:
            array, (tensor, _) = refinit.empty(*shape, dtype=dtype), both(shape, dtype)
            try:
                call.on(refinit, tensor)
            except RuntimeError:
                with pytest.raises(RuntimeError):
                    call.on(refinit, array)
                continue
            call.on(refinit, array)
            assert array.tobytes() == tensor_bytes(tensor), (shape, call)


def test_small_constants_of_arrays_take_it(monkeypatch):
    array = refinit.constant_(refinit.empty(8, 8), 0.7)
    monkeypatch.setattr(fill_module, "_fill", None)
    assert refinit.constant_(array, 0.7)[3, 4] == np.float32(0.7)


def test_what_is_ready_for_an_array_is_refused_or_laid_out_as_before():
    array = refinit.zeros_(refinit.zeros_(refinit.empty(6, 8)))
    columns = array[:, ::2]
    refinit.ones_(refinit.ones_(columns))
    assert array.tolist() == [[1, 0] * 4] * 6
    array.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        refinit.zeros_(array)
    assert array.sum() == 24
