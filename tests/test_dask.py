"""refinit.dask: chunk by chunk what a NumPy fill gives, on any scheduler; refusals: test_dask_refusals.py."""

import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster

import refinit as init
import refinit.dask
from refinit.initializers.registry import INITIALIZERS
from tests.tables.places import dtype_of

SHAPES = {"dirac_": (12, 7, 5)}
PARAMETERS = {
    "uniform_": {"a": -0.1, "b": 0.3},
    "normal_": {"mean": 1.5, "std": 0.02},
    "trunc_normal_": {"std": 0.02, "a": -0.03, "b": 0.01},
    "constant_": {"val": 3},
    "dirac_": {"groups": 3},
    "xavier_uniform_": {"gain": 5 / 3},
    "kaiming_uniform_": {"mode": "fan_out", "nonlinearity": "relu"},
    "kaiming_normal_": {"a": 0.2},
    "orthogonal_": {"gain": 2},
    "sparse_": {"sparsity": 0.3, "std": 0.1},
}
CHUNKINGS = {
    "auto": lambda _: "auto",
    "even": lambda _: 10,
    "rows": lambda shape: (4, *shape[1:]),
    "columns": lambda shape: (shape[0], 3, *shape[2:]),
    "uneven": lambda shape: tuple((1, n // 2, n - 1 - n // 2) for n in shape),
}
#: By position, orthogonal_ fills half types too.
DTYPES = {name: entry.dtypes["torch"] for name, entry in INITIALIZERS.items()} | {
    "orthogonal_": ("float16", "bfloat16", "float32", "float64")
}
CASES = [pytest.param(name, dtype, id=f"{name}-{dtype}") for name in INITIALIZERS for dtype in DTYPES[name]]


def generator(name="normal_"):
    """One in the middle of its life; none for laws without chance."""
    if not INITIALIZERS[name].random:
        return None
    middle = init.CounterGenerator(11)
    init.uniform_(init.empty(3), generator=middle)
    return middle


def arguments(name, **others):
    return PARAMETERS.get(name, {}) | others


def lazy(name, shape=None, **keywords):
    shape = SHAPES.get(name, (37, 53)) if shape is None else shape
    keywords = {"generator": generator(name), **arguments(name), **keywords}
    return refinit.dask.full(INITIALIZERS[name].function, shape, **keywords)


def whole(name, shape=None, dtype="float32", **parameters):
    """The bytes of the NumPy fill."""
    array = init.empty(SHAPES.get(name, (37, 53)) if shape is None else shape, dtype=dtype)
    stream = {"generator": generator(name)} if INITIALIZERS[name].random else {}
    return INITIALIZERS[name].function(array, **arguments(name, **parameters), **stream).tobytes()


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_chunks_are_blocks_of_the_numpy_fill(name, dtype):
    expected = whole(name, dtype=dtype)
    for chunking in CHUNKINGS.values():
        shape = SHAPES.get(name, (37, 53))
        array = lazy(name, dtype=dtype, chunks=chunking(shape))
        computed = array.compute(num_workers=2)
        assert (computed.shape, computed.dtype, array.dtype) == (shape, dtype_of(dtype), dtype_of(dtype))
        assert computed.tobytes() == expected, array.chunks


@pytest.mark.parametrize("shape", [(600, 300), (300, 600), (290, 30, 10)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_chunks_of_an_orthogonal_matrix_of_several_panels_are_its_blocks(shape, dtype):
    for chunks in ((-1, 170, *shape[2:]), (170, -1, *shape[2:]), 150):
        array = lazy("orthogonal_", shape, dtype=dtype, chunks=chunks)
        assert array.compute(num_workers=2).tobytes() == whole("orthogonal_", shape, dtype)


@pytest.mark.parametrize("shape", [(), (1,), (100,), 100, (0,), (3, 0, 2), (2, 3, 4, 5, 6)], ids=str)
def test_any_shape_will_do(shape):
    assert lazy("normal_", shape, chunks=3).compute().tobytes() == whole("normal_", shape)


def test_dasks_own_operations_see_the_numpy_fill():
    array = lazy("normal_", chunks=(9, 20))
    numbers = np.frombuffer(whole("normal_"), np.float32).reshape(array.shape)
    for index in (np.s_[3, 4], np.s_[None, 30:2:-3, ..., 7], np.s_[::5, [1, 50, 7]], np.s_[-1]):
        np.testing.assert_array_equal(array[index].compute(), numbers[index])
    np.testing.assert_array_equal((array.T.rechunk(8) + 1).compute(), numbers.T + 1)
    assert da.stack([array, array]).sum(dtype="float64").compute() == pytest.approx(
        2 * numbers.sum(dtype="f8")
    )


@pytest.fixture(scope="module")
def client():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


@pytest.mark.parametrize(
    ("name", "dtype"), [("kaiming_normal_", "float32"), ("sparse_", "bfloat16"), ("orthogonal_", "float64")]
)
def test_two_worker_processes_give_the_bits_of_one(client, name, dtype):
    shape = (300, 280)
    array = lazy(name, shape, dtype=dtype, chunks=70)
    assert array.compute().tobytes() == whole(name, shape, dtype)
    workers = list(client.has_what())
    assert len(workers) == 2
    for worker in workers:
        alone = client.compute(array, workers=[worker], allow_other_workers=False).result(timeout=60)
        assert alone.tobytes() == whole(name, shape, dtype)


def test_a_random_law_takes_a_fill_number_when_the_array_is_made_and_no_other():
    shared, alone = generator(), generator()
    first = lazy("normal_", generator=shared)
    lazy("zeros_", generator=shared)
    empty = lazy("uniform_", (0, 3), generator=shared)
    second = lazy("sparse_", generator=shared)
    assert shared.fill_number == alone.fill_number + 3
    expected = init.normal_(init.empty(37, 53), **arguments("normal_"), generator=alone)
    init.uniform_(init.empty(0, 3), generator=alone)
    init.sparse_(sparse := init.empty(37, 53), **arguments("sparse_"), generator=alone)
    for _ in range(2):
        assert second.compute().tobytes() == sparse.tobytes()
        assert first.compute().tobytes() == expected.tobytes()
    assert empty.compute().shape == (0, 3)
    assert shared.fill_number == alone.fill_number


def test_threads_that_make_arrays_from_one_generator_get_a_fill_number_each():
    shared = init.CounterGenerator(5)
    with ThreadPoolExecutor(4) as pool:
        arrays = list(pool.map(lambda _: lazy("normal_", (3,), generator=shared), range(80)))
    assert len({array.name for array in arrays}) == shared.fill_number == 80


def test_equal_calls_have_equal_names_and_others_not():
    def name(initializer="normal_", shape=(37, 53), **keywords):
        return lazy(initializer, shape, **keywords).name

    assert name() == name() == name(mean=1.5, dtype=np.float32, chunks=(37, 53))
    assert name().startswith("normal_-")
    later = generator()
    lazy("normal_", generator=later)
    assert later.fill_number == 2
    different = [
        *(name(), name("xavier_normal_"), name(shape=(53, 37)), name(mean=-1.5), name(std=0.03)),
        *(name(mean=0.0), name(mean=-0.0), name(dtype="float64"), name(chunks=10), name(generator=later)),
        *(name(generator=init.CounterGenerator(12)), name("ones_"), name("constant_", val=1)),
    ]
    assert len(set(different)) == len(different)


def test_tasks_are_small_and_travel_also_after_small_fills_of_the_same_law():
    for function in (init.uniform_, init.kaiming_normal_, init.trunc_normal_, init.sparse_):
        parameters = {"sparsity": 0.1} if function is init.sparse_ else {}
        for _ in range(2):
            function(init.empty(4, 5), **parameters, generator=init.CounterGenerator(0))
        array = refinit.dask.full(
            function, (4, 5), chunks=2, generator=init.CounterGenerator(0), **parameters
        )
        array.compute()
        sizes = [len(pickle.dumps(task)) for task in dict(array.dask).values()]
        assert len(sizes) == 6
        assert max(sizes) < 600


def test_a_huge_array_is_made_at_once_and_one_chunk_computed():
    side, chunk = 2**20, 256
    lazy("normal_", (4, 5)).compute()  # imports and kernels
    tracemalloc.start()
    try:
        array = lazy("normal_", (side, side), chunks=chunk)
        made = tracemalloc.get_traced_memory()[1]
        corner = array[-3:, 7 * chunk : 7 * chunk + 5].compute()
        computed = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert array.nbytes == 4 * side**2
    assert made < 2**20
    assert computed < 2**23
    block = init.Shard(init.empty(3, 5), (side, side), (side - 3, 7 * chunk))
    init.normal_(block, **arguments("normal_"), generator=generator())
    assert corner.tobytes() == block.array.tobytes()
