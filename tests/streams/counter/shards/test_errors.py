"""Shards that are refused: no place, a place outside the whole, a stream without blocks, laws the whole refuses."""

import numpy as np
import pytest

import refinit
from refinit import Shard
from tests.tables.cases import FIXED
from tests.tables.counter_streams import PATHS, RANDOM


def generator():
    return refinit.CounterGenerator(31)


WRONG = {
    "fewer-offsets": ((6, 8), (3,), ValueError, "one offset for each axis"),
    "more-offsets": ((6, 8), (3, 4, 0), ValueError, "one offset for each axis"),
    "negative-offset": ((6, 8), (-1, 0), ValueError, "offset without negative numbers"),
    "negative-shape": ((6, -8), (0, 0), ValueError, "global_shape without negative numbers"),
    "integer": (6, 0, TypeError, "global_shape as a sequence of integers, got 6"),
    "floats": ((6, 8.0), (0, 0), TypeError, "global_shape as a sequence of integers"),
    "float-offset": ((6, 8), (0, 1.5), TypeError, "offset as a sequence of integers"),
    "text": ("68", "00", TypeError, "global_shape as a sequence of integers"),
    "None": (None, (0, 0), TypeError, "global_shape as a sequence of integers"),
}


@pytest.mark.parametrize(("whole", "offset", "error", "text"), WRONG.values(), ids=WRONG)
def test_what_is_no_place_is_refused_at_once(whole, offset, error, text):
    with pytest.raises(error, match=text):
        Shard(refinit.empty(3, 4), whole, offset)


OUTSIDE = {
    "too-far-down": ((6, 8), (4, 0)),
    "too-far-right": ((6, 8), (0, 5)),
    "larger": ((2, 8), (0, 0)),
    "other-ndim": ((6, 8, 1), (0, 0, 0)),
    "empty-whole": ((0, 8), (0, 0)),
}


@pytest.mark.parametrize(("whole", "offset"), OUTSIDE.values(), ids=OUTSIDE)
@pytest.mark.parametrize("call", [*PATHS, *FIXED], ids=str)
def test_a_block_that_reaches_out_of_the_whole_is_refused(call, whole, offset):
    array, g = np.full((3, 4), 7, np.float32), generator()
    with pytest.raises(ValueError, match=r"within the tensor of shape \(.*got shape \(3, 4\) at offset"):
        call.on(refinit, Shard(array, whole, offset), g)
    assert (array == 7).all()
    assert g.fill_number == 0


@pytest.mark.parametrize(
    "make", [lambda: None, refinit.Generator, lambda: "torch"], ids=["None", "Generator", "torch"]
)
@pytest.mark.parametrize("call", RANDOM, ids=str)
def test_torchs_stream_knows_no_blocks(call, make):
    maker = make()
    if maker == "torch":
        maker = pytest.importorskip("torch").Generator()
    before = [bytes(g.get_state()) for g in (maker or refinit.default_generator, refinit.default_generator)]
    array = np.full((3, 4), 7, np.float32)
    with pytest.raises(TypeError, match=r"expected a CounterGenerator for a Shard.*pass generator="):
        call.on(refinit, Shard(array, (6, 8), (3, 4)), maker)
    assert (array == 7).all()
    assert before == [
        bytes(g.get_state()) for g in (maker or refinit.default_generator, refinit.default_generator)
    ]


def test_rules_of_shape_are_about_the_whole():
    block = refinit.empty(1, 2, 3)
    with pytest.raises(ValueError, match="dim 0 must be divisible by groups"):
        refinit.dirac_(Shard(block, (5, 2, 3), (0, 0, 0)), groups=2)
    assert refinit.dirac_(Shard(block, (4, 2, 3), (0, 0, 0)), groups=2).array.sum() == 1
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions are supported"):
        refinit.eye_(Shard(block, (4, 2, 3), (0, 0, 0)))
    with pytest.raises(ValueError, match="Fan in and fan out can not be computed"):
        refinit.xavier_normal_(Shard(refinit.empty(3), (9,), (0,)), generator=generator())


def test_a_number_that_the_whole_cannot_hold_no_block_takes():
    """torch converts a single half through float, unchecked; a block of one element is no tensor of one element."""
    array = np.full(1, 7, np.float16)
    with pytest.raises(RuntimeError, match="without overflow"):
        refinit.constant_(Shard(array, (10,), (0,)), 1e6)
    assert array == 7
    assert refinit.constant_(Shard(array, (1,), (0,)), 1e6).array == np.inf


def test_a_shard_of_a_shard_is_refused():
    """Its inner place would be lost in silence."""
    array = np.full((2, 2), 7, np.float32)
    with pytest.raises((TypeError, ValueError)):
        refinit.uniform_(Shard(Shard(array, (6, 8), (3, 4)), (12, 16), (0, 0)), generator=generator())
    assert (array == 7).all()
