"""sparse_: torch's bits; with generator= the permutations come from it too (README.md)."""

import math

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, Call
from tests.tables.places import MATRICES, Place, array_at, contiguous, memory, permuted, tensor_at
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins, difference, torch_sparse_  # noqa: E402 - needs torch

SHAPES = (
    (1, 1),
    (1, 40),
    (40, 1),
    (2, 2),
    (3, 5),
    (5, 3),
    (15, 1),
    (4, 4),
    (30, 7),
    (7, 90),
    (100, 33),
    (0, 4),
    (4, 0),
)
SPARSITIES = (0.0, 0.1, 0.5, 0.9, 1.0, 1e-9, 0, 1, np.float32(0.3), 1 / 3)
PLACES = (
    *(contiguous(*shape) for shape in SHAPES),
    *(p for p in MATRICES if 0 not in p.shape),
    permuted((100, 33), (1, 0)),
    contiguous(700, 11),
)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sparsity", SPARSITIES, ids=repr)
def test_with_a_generator_mask_and_values_come_from_it(sparsity, dtype):
    for seed, place in enumerate(PLACES):
        twins, got, want = Twins(seed), memory(place, dtype), memory(place, dtype)
        array = array_at(got, place, dtype)
        assert refinit.sparse_(array, sparsity, std=0.3, generator=twins.ours) is array
        torch_sparse_(tensor_at(want, place, dtype), sparsity, 0.3, twins.theirs)
        assert got == want, difference(got, want, Call("sparse_", {"sparsity": sparsity}), place, dtype)
        twins.assert_same_state(place)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sparsity", [0.1, 0.9, 1.0])
def test_without_a_generator_it_is_torchs_own_function(sparsity, dtype):
    for seed, place in enumerate(PLACES):
        got, want = memory(place, dtype), memory(place, dtype)
        refinit.manual_seed(seed)
        torch.manual_seed(seed)
        refinit.sparse_(array_at(got, place, dtype), sparsity)
        torch.nn.init.sparse_(tensor_at(want, place, dtype), sparsity)
        assert got == want, difference(got, want, Call("sparse_", {"sparsity": sparsity}), place, dtype)
        assert bytes(refinit.get_rng_state()) == bytes(torch.get_rng_state().numpy())


@pytest.mark.parametrize("rows", [1, 2, 10, 30, 33, 100])
@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.29, 0.9, 1.0])
def test_each_column_has_ceil_of_sparsity_times_rows_zeros(rows, sparsity):
    """0.1 * 30 is 3.0000000000000004 in double: 4 zeros, in torch and here."""
    weight = refinit.sparse_(np.empty((rows, 50)), sparsity, generator=refinit.Generator())
    assert ((weight == 0).sum(axis=0) == math.ceil(sparsity * rows)).all()


def test_the_masks_of_columns_differ():
    """false_fail_rate 2e-8: 1770 pairs of columns, each with one of 1.4e11 choices of 20 rows among 40."""
    weight = refinit.sparse_(np.empty((40, 60), np.float32), 0.5, generator=refinit.Generator())
    assert len({column.tobytes() for column in (weight == 0).T}) == 60


def test_a_torch_tensor_without_a_generator_uses_torchs_default_generator():
    ours, theirs = torch.empty(30, 20), torch.empty(30, 20)
    torch.manual_seed(3)
    refinit.sparse_(ours, 0.4)
    state = torch.get_rng_state()
    torch.manual_seed(3)
    torch.nn.init.sparse_(theirs, 0.4)
    assert torch.equal(ours, theirs)
    assert torch.equal(state, torch.get_rng_state())


def test_the_mask_overwrites_nothing_outside_the_array():
    place = Place("block", (6, 4), (10, 2), 3)
    buffer = memory(place, "float32")
    before = bytes(buffer)
    refinit.sparse_(array_at(buffer, place, "float32"), 1.0)
    touched = np.frombuffer(bytes(buffer), np.uint8) != np.frombuffer(before, np.uint8)
    assert touched.sum() == 6 * 4 * 4


@pytest.mark.parametrize("sparsity", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("rows", [3, 10, 30])
def test_a_tensor_s_product_with_the_rows_is_rounded_to_its_type(sparsity, rows):
    """torch.tensor(0.1) * 10 is 1.0 in float32, while 10 times the number it holds is more."""
    torch = torch_module()
    fraction = torch.tensor(sparsity)
    ours = refinit.sparse_(np.empty((rows, 4), np.float32), fraction, generator=refinit.Generator())
    theirs = torch.nn.init.sparse_(torch.empty(rows, 4), fraction)
    assert ((ours == 0).sum(0) == (theirs == 0).sum(0).numpy()).all()
