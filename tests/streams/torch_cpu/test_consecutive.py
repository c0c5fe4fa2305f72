"""One generator, many fills: positions inside a block of 624, the cached double normal, states saved midway."""

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, NORMAL, UNIFORM, Call
from tests.tables.places import Place, contiguous
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins  # noqa: E402 - needs torch

ODD, EVEN = contiguous(7), contiguous(8)
BLOCK, TAIL = contiguous(32), contiguous(41)
STRIDED = Place("step", (21,), (2,))
CACHED_VALID = 5040  # byte of the state that says whether a double normal is cached


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("used", [0, 1, 2, 3, 311, 607, 608, 609, 622, 623, 624, 625, 1000, 1247, 1248, 1249])
def test_a_fill_may_start_at_any_position_of_the_state(used, dtype):
    for call in (UNIFORM[1], NORMAL[1]):
        for place in (ODD, BLOCK, TAIL, STRIDED, contiguous(1300)):
            twins = Twins(used)
            twins.assert_same_fill(UNIFORM[0], contiguous(used), "float32")
            twins.assert_same_fill(call, place, dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_cached_normal_survives_uniform_and_block_fills(dtype):
    twins = Twins(5)
    for call, place in (
        *((NORMAL[0], Place("odd", (5,), (1,))), (UNIFORM[0], BLOCK), (NORMAL[0], BLOCK)),
        *((NORMAL[1], TAIL), (UNIFORM[1], ODD), (NORMAL[0], ODD), (NORMAL[0], STRIDED), (NORMAL[1], EVEN)),
    ):
        twins.assert_same_fill(call, place, dtype)


def test_an_odd_count_of_serial_normals_leaves_one_cached_and_the_next_takes_it():
    twins = Twins(1)
    twins.assert_same_fill(NORMAL[0], ODD, "float32")
    assert twins.ours.get_state()[CACHED_VALID] == 1
    twins.assert_same_fill(NORMAL[0], ODD, "float64")
    assert twins.ours.get_state()[CACHED_VALID] == 0


def test_the_cached_normal_crosses_dtypes():
    twins = Twins(2)
    for dtype in ("float16", "complex64", "bfloat16", "float64", "complex128", "float32") * 2:
        twins.assert_same_fill(NORMAL[1], ODD, dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_manual_seed_drops_the_cached_normal(dtype):
    twins = Twins(3)
    twins.assert_same_fill(NORMAL[0], ODD, dtype)
    twins.ours.manual_seed(9)
    twins.theirs.manual_seed(9)
    twins.assert_same_state("manual_seed")
    twins.assert_same_fill(NORMAL[0], ODD, dtype)


@pytest.mark.parametrize("call", [*UNIFORM[:2], *NORMAL[:2]], ids=str)
def test_empty_fills_take_nothing_and_degenerate_ones_take_their_words(call):
    twins = Twins(4)
    before = bytes(twins.ours.get_state())
    twins.assert_same_fill(call, contiguous(0), "float32")
    assert bytes(twins.ours.get_state()) == before
    twins.assert_same_fill(UNIFORM[2], ODD, "float32")  # a == b
    twins.assert_same_fill(NORMAL[2], TAIL, "float32")  # std == 0
    assert bytes(twins.ours.get_state()) != before


@pytest.mark.parametrize("seed", range(20))
def test_a_state_saved_in_the_middle_replays_what_followed(seed):
    """Random programs of fills; halfway the state is saved, and afterwards replayed by the other library."""
    draw = np.random.default_rng(seed)
    twins, steps = Twins(seed), []
    for _ in range(12):
        call = [UNIFORM[0], UNIFORM[1], NORMAL[0], NORMAL[1]][draw.integers(4)]
        place = [contiguous(int(draw.integers(1, 700))), STRIDED, ODD][draw.integers(3)]
        steps.append((call, place, str(draw.choice(FLOATS))))
    for step in steps[:6]:
        twins.assert_same_fill(*step)
    saved = twins.theirs.get_state()
    for step in steps[6:]:
        twins.assert_same_fill(*step)
    twins.ours.set_state(saved.numpy())
    twins.theirs.set_state(
        torch.from_numpy(np.array(refinit.Generator().set_state(saved.numpy()).get_state()))
    )
    for step in steps[6:]:
        twins.assert_same_fill(*step)


def test_trunc_normal_and_sparse_continue_a_stream_with_a_cached_normal():
    twins = Twins(6)
    for dtype in ("float32", "float64", "bfloat16", "float16"):
        twins.assert_same_fill(NORMAL[0], ODD, dtype)
        twins.assert_same_fill(Call("trunc_normal_", {"a": -1.0, "b": 1.0}), ODD, dtype)
        twins.assert_same_fill(Call("trunc_normal_", {"a": -0.1, "b": 0.2}), TAIL, dtype)
        twins.assert_same_fill(Call("trunc_normal_", {"a": -1.0, "b": 1.0}), STRIDED, dtype)
