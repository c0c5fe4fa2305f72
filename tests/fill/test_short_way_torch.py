"""Small fills that were seen before go a shorter way: the same bits, the same refusals."""

from decimal import Decimal

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, Call
from tests.tables.places import contiguous
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins  # noqa: E402 - needs torch

LIMIT = 1 << 14  # reals from which on a fill takes the long way

CALLS = [
    Call("uniform_", {"a": 0.0, "b": 1.0}),
    Call("uniform_", {"a": -0.5, "b": 0.25}),
    Call("normal_", {"mean": 0.0, "std": 1.0}),
    Call("normal_", {"mean": -0.0, "std": 1.0}),
    Call("normal_", {"mean": 0.0, "std": 0.0}),
    Call("normal_", {"mean": -0.0, "std": 0.0}),
    Call("normal_", {"mean": 1, "std": True}),
    Call("xavier_normal_", {}),
    Call("kaiming_uniform_", {"a": 0.0}),
    Call("kaiming_uniform_", {"a": -0.0}),
]


@pytest.mark.parametrize("dtype", FLOATS)
def test_repeated_small_fills(dtype):
    """Twice each, so that the second may be short; the sizes lie on both sides of every choice of path."""
    twins = Twins(11)
    for shape in ((1, 1), (3, 5), (4, 4), (4, 4, 1), (8, 8), (127, 129), (128, 128), (64, 128)):
        for call in CALLS * 2:
            twins.assert_same_fill(call, contiguous(*shape), dtype)


def test_the_default_generator_takes_it_too():
    refinit.manual_seed(3)
    torch.manual_seed(3)
    for size in (16, 64, 100, LIMIT - 1, LIMIT):
        for _ in range(2):
            ours, theirs = refinit.normal_(refinit.empty(size)), torch.nn.init.normal_(torch.empty(size))
            assert ours.tobytes() == theirs.numpy().tobytes()
    assert bytes(refinit.get_rng_state()) == bytes(torch.get_rng_state().numpy())


@pytest.mark.parametrize("mean", [Decimal(0), 0j, "0.0", None, np.zeros(1)], ids=repr)
def test_what_equals_a_known_parameter_is_not_taken_for_it(mean):
    w, generator = refinit.empty(8, 8), refinit.Generator()
    refinit.normal_(w, 0.0, 1.0, generator=generator)
    refinit.normal_(w, 0.0, 1.0, generator=generator)
    before, state = w.copy(), bytes(generator.get_state())
    with pytest.raises(TypeError, match="must be float"):
        refinit.normal_(w, mean, 1.0, generator=generator)
    assert w.tobytes() == before.tobytes()
    assert bytes(generator.get_state()) == state


def test_a_known_law_still_meets_the_checks_of_the_array():
    w = refinit.empty(8, 8)
    refinit.uniform_(w)
    w.setflags(write=False)
    with pytest.raises(ValueError, match="writable"):
        refinit.uniform_(w)


def test_an_object_whose_dtype_is_no_key_is_told_what_is_expected():
    class Odd:
        dtype = ["float32"]  # noqa: RUF012 - a list cannot be hashed

    refinit.uniform_(refinit.empty(8, 8))
    with pytest.raises(TypeError, match="expected a writable array"):
        refinit.uniform_(Odd())


def test_what_one_element_alone_takes_two_are_refused_afterwards_too():
    """torch converts a single half through float, unchecked."""
    refinit.constant_(torch.empty(2, dtype=torch.float16), 2.0)
    for name in ("float16", "bfloat16"):
        lone = refinit.constant_(torch.empty(1, dtype=getattr(torch, name)), 1e6)
        assert lone == torch.nn.init.constant_(torch.empty(1, dtype=getattr(torch, name)), 1e6)
    pair = torch.full((2,), 7, dtype=torch.float16)
    for module in (refinit, torch.nn.init):
        with pytest.raises(RuntimeError, match="without overflow"):
            module.constant_(pair, 1e6)
    assert (pair == 7).all()
