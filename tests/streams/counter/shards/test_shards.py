"""Shard: a block gets what the whole tensor has there, at the cost of the block."""

import gc
import math
import tracemalloc

import numpy as np
import pytest

import refinit
from refinit import Shard
from tests.tables.cases import EVERY, FIXED, FLOATS, SCALED, Call, each_dtype
from tests.tables.counter_streams import ELEMENTWISE, PATHS, RANDOM, SPARSE
from tests.tables.places import SENTINEL, dtype_of

KEY = 31
HUGE = (2**21, 2**20 + 1)


def _fixed(function, *ndims, dtypes=EVERY, **parameters):
    return Call(function, parameters, dtypes=dtypes, ndims=ndims, random=False)


PATTERNS = (
    *FIXED,
    _fixed("constant_", 0, 1, 2, 3, 4, 5, val=-2.5, dtypes=FLOATS),
    _fixed("eye_", 2, dtypes=tuple(d for d in EVERY if d not in {"uint16", "uint32", "uint64"})),
    _fixed("dirac_", 3, 4, 5),
    *(_fixed("dirac_", 3, 4, 5, groups=groups) for groups in (2, 3, 6)),
)
SHAPES = {
    2: ((12, 7), (7, 12), (9, 9)),
    3: ((12, 3, 5),),
    4: ((12, 3, 4, 3), (6, 8, 1, 2)),
    5: ((6, 2, 2, 3, 3),),
}


def generator():
    return refinit.CounterGenerator(KEY)


def shapes_of(call):
    return [shape for ndim, some in SHAPES.items() if ndim in call.ndims for shape in some]


def blocks_of(draw, shape):
    """All of it in pieces of at most 5 along each axis, as slices, in random order."""
    blocks = [()]
    for length in shape:
        step = int(draw.integers(1, 6))
        ends = range(0, length, step)
        blocks = [(*block, slice(at, min(at + step, length))) for block in blocks for at in ends]
    draw.shuffle(blocks)
    return blocks


def offset_of(block):
    return tuple(piece.start for piece in block)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATTERNS))
def test_blocks_of_laws_without_chance_make_the_whole(call, dtype):
    draw = np.random.default_rng(1)
    for shape in shapes_of(call):
        whole = call.on(refinit, np.empty(shape, dtype_of(dtype)))
        memory = np.full(shape, 77, whole.dtype)
        for block in blocks_of(draw, shape):
            shard = Shard(memory[block], shape, offset_of(block))  # strided memory, where an axis is cut
            assert call.on(refinit, shard) is shard
        assert memory.tobytes() == whole.tobytes(), shape


@pytest.mark.parametrize(
    ("call", "dtype"), each_dtype(RANDOM, ("float16", "float32", "float64", "complex64"))
)
def test_one_block_writes_just_its_part_and_is_returned(call, dtype):
    for shape in shapes_of(call):
        whole = call.on(refinit, np.empty(shape, dtype_of(dtype)), generator())
        block = tuple(slice(n // 3, n // 3 + max(1, n // 2)) for n in shape)
        around = np.full(whole.nbytes, SENTINEL, np.uint8).view(whole.dtype).reshape(shape)
        expected = around.copy()
        expected[block] = whole[block]
        shard = Shard(around[block], shape, offset_of(block))
        assert call.on(refinit, shard, generator()) is shard
        assert around.tobytes() == expected.tobytes(), shape


@pytest.mark.parametrize("call", SCALED, ids=str)
def test_fans_are_those_of_the_whole(call):
    """One element alone has the scale of the tensor that it is part of, not its own."""
    shape, law = (40, 30, 3), refinit.initializers.variance_scaling.scales
    whole = call.on(refinit, refinit.empty(*shape), generator())
    assert (
        call.on(refinit, Shard(refinit.empty(1, 1, 1), shape, (39, 29, 2)), generator()).array
        == whole[-1, -1, -1]
    )
    standard = "uniform_" if "uniform" in call.function else "normal_"
    alone = {"a": -1.0, "b": 1.0} if standard == "uniform_" else {}
    unit = getattr(refinit, standard)(refinit.empty(*shape), **alone, generator=generator())
    found = getattr(law, f"{call.function}law")(shape, **call.parameters)
    scale = found.hi if standard == "uniform_" else found.std
    assert np.allclose(whole, scale * unit, rtol=1e-5, atol=1e-6 * scale)


def test_the_zeros_of_a_sparse_column_are_counted_in_the_whole():
    whole = refinit.sparse_(refinit.empty(50, 9), 0.3, generator=generator())
    assert ((whole == 0).sum(0) == 15).all()
    rows = [
        refinit.sparse_(Shard(refinit.empty(1, 9), (50, 9), (i, 0)), 0.3, generator=generator())
        for i in range(50)
    ]
    assert (np.concatenate([row.array for row in rows]) == whole).all()


@pytest.mark.parametrize("call", [*PATHS, *FIXED, PATTERNS[-1]], ids=str)
def test_a_shard_that_is_the_whole_is_the_whole(call):
    shape = (12, 7) if 2 in call.ndims else (12, 2, 5)
    shard = Shard(refinit.empty(*shape), shape, (0,) * len(shape))
    whole = call.on(refinit, refinit.empty(*shape), generator())
    assert call.on(refinit, shard, generator()).array.tobytes() == whole.tobytes()


def test_a_scalar_is_a_tensor_too():
    found = refinit.normal_(Shard(refinit.empty(), (), ()), generator=generator())
    assert found.array == refinit.normal_(refinit.empty(), generator=generator())


@pytest.mark.parametrize("call", [*PATTERNS, *PATHS], ids=str)
@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_an_empty_block_is_a_block(call, where):
    shape = (12, 6) if 2 in call.ndims else (12, 6, 3)
    at = {"start": 0, "middle": 5, "end": 12}[where]
    for block in ((0, *shape[1:]), (0,) * len(shape)):
        shard = Shard(refinit.empty(*block), shape, (at, *(0 for _ in shape[1:])))
        assert call.on(refinit, shard, generator()) is shard


def test_sequences_of_any_kind_and_numpys_integers_are_places():
    shard = Shard(refinit.empty(3, 4), np.array([6, 8]), [np.int32(3), 4])
    assert (shard.global_shape, shard.offset) == ((6, 8), (3, 4))
    assert repr(shard) == "<refinit.Shard at (3, 4) of (6, 8)>"


def test_the_substream_of_a_name_fills_the_shards_of_that_name():
    """What workers do who share a seed and nothing else."""
    whole = refinit.kaiming_normal_(refinit.empty(64, 48), generator=generator().substream("0.weight"))
    for worker in range(4):
        block = Shard(refinit.empty(16, 48), (64, 48), (16 * worker, 0))
        refinit.kaiming_normal_(block, generator=generator().substream("0.weight"))
        assert (block.array == whole[16 * worker : 16 * worker + 16]).all()


def peak_of(work):
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


COSTS = {
    **{str(call): (call, HUGE) for call in (*ELEMENTWISE[::3], *FIXED)},
    "eye_()": (_fixed("eye_", 2), HUGE),
    "eye_() square": (_fixed("eye_", 2), (2**50, 2**50)),
    "dirac_()": (_fixed("dirac_", 3), (2**50, 2**50, 3)),
    "dirac_(groups=2)": (_fixed("dirac_", 3, groups=2), (2**50, 2**50, 3)),
    "sparse_": (SPARSE[1], (40, 2**50)),
}


@pytest.mark.parametrize("name", COSTS)
def test_a_block_of_a_huge_tensor_costs_what_the_block_costs(name):
    """A block of at most 12 KiB; the tensors have 1 TiB and more. (orthogonal_ needs panels: haar/test_work.py.)"""
    call, whole = COSTS[name]
    offset = tuple(max(0, n // 2 - 16) for n in whole)
    shape = tuple(min(n - at, 32) for n, at in zip(whole, offset, strict=True))
    call.on(refinit, Shard(refinit.empty(*shape), whole, offset), generator())  # compiles, imports
    block = Shard(refinit.empty(*shape), whole, offset)
    assert peak_of(lambda: call.on(refinit, block, generator())) <= 2**20
    assert math.prod(shape) <= 4096
