"""The same call on the same bytes by refinit and by torch."""

import math
from typing import Any

import numpy as np
import torch

import refinit
from tests.tables.cases import Call
from tests.tables.places import Place, array_at, dtype_of, memory, tensor_at


class Twins:
    """A refinit generator and a torch generator in the same state."""

    def __init__(self, seed: int = 0) -> None:
        self.ours = refinit.Generator().manual_seed(seed)
        self.theirs = torch.Generator().manual_seed(seed)

    def assert_same_state(self, after: object = "") -> None:
        """All 5056 bytes."""
        __tracebackhide__ = True
        ours, theirs = bytes(self.ours.get_state()), bytes(self.theirs.get_state().numpy())
        differ = [i for i, (x, y) in enumerate(zip(ours, theirs, strict=True)) if x != y]
        assert not differ, f"after {after}: generator states differ in bytes {differ[:9]} of 5056"

    def assert_same_fill(self, call: Call, place: Place, dtype: str) -> None:
        """The whole buffers are equal, inside and outside the array, and so are the states."""
        __tracebackhide__ = True
        got, want = memory(place, dtype), memory(place, dtype)
        array = array_at(got, place, dtype)
        assert call.on(refinit, array, self.ours) is array
        call.on(torch.nn.init, tensor_at(want, place, dtype), self.theirs)
        assert got == want, difference(got, want, call, place, dtype)
        self.assert_same_state(f"{call} on {place} {dtype}")


def difference(got: bytearray, want: bytearray, call: Call, place: Place, dtype: str) -> str:
    """A sentence: which call, how many elements, the first one."""
    size = dtype_of(dtype).itemsize
    pairs = [(got[i : i + size], want[i : i + size]) for i in range(0, len(got), size)]
    wrong = [i for i, (x, y) in enumerate(pairs) if x != y]
    x, y = (np.frombuffer(bytes(b), dtype_of(dtype))[0] for b in pairs[wrong[0]])
    return (
        f"{call} on {place} {dtype}: {len(wrong)} of {len(pairs)} elements of the buffer differ, "
        f"the first at {wrong[0]}: {x!r}, torch has {y!r}"
    )


def assert_same_as_torch(call: Call, place: Place, dtype: str, seed: int = 0) -> Any:
    """From the same seed the same bits and the same state."""
    __tracebackhide__ = True
    Twins(seed).assert_same_fill(call, place, dtype)


def torch_sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """torch.nn.init.sparse_ with the one change that is being made there: randperm draws from the generator."""
    rows, cols = tensor.shape
    zeros = math.ceil(sparsity * rows)
    tensor.normal_(0, std, generator=generator)
    for col in range(cols):
        tensor[torch.randperm(rows, generator=generator)[:zeros], col] = 0
    return tensor
