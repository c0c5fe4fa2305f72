"""Threads never change a result; a pool survives a fork; threads that share a generator share one stream."""

import hashlib
import math
import os
import select
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import refinit
from refinit.devices import threads as pool
from tests.devices.concurrency import in_threads
from tests.tables.cases import FIXED, FLOATS, PATHS, Call, each_dtype
from tests.tables.places import dtype_of

# Beyond every threshold from which a fill is split, and no multiple of anything.
LARGE = 3 * 2**20 + 4321


@pytest.fixture
def threads():
    """Sets the number of threads for a test and resets it afterwards."""
    before = refinit.get_num_threads()
    yield refinit.set_num_threads
    refinit.set_num_threads(before)


@pytest.fixture
def switching():
    """Lets the interpreter switch threads as often as it can, so that unguarded steps meet."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def filled(call, count, dtype, seed=5):
    """Digests of the values and of the generator's state."""
    generator = refinit.Generator().manual_seed(seed)
    refinit.uniform_(
        np.empty(seed * 77, np.float32), generator=generator
    )  # start inside a block of 624 words
    array = np.empty(call.shape(count), dtype_of(dtype))
    call.on(refinit, array, generator)
    return hashlib.sha256(array.view(np.uint8).data).hexdigest(), hashlib.sha256(
        generator.get_state()
    ).hexdigest()


@pytest.mark.parametrize(
    ("call", "dtype"), each_dtype((*PATHS, *FIXED[::3]), ("bfloat16", "float32", "float64", "complex64"))
)
def test_the_number_of_threads_changes_neither_values_nor_state(call, dtype, threads):
    count = LARGE // (4 if dtype in {"float64", "complex64"} or "trunc" in call.function else 1)
    threads(1)
    alone = filled(call, count, dtype)
    for number in (2, 3, 7):
        threads(number)
        assert filled(call, count, dtype) == alone, f"{number} threads"


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize("call", PATHS[2:5], ids=str)
def test_a_last_share_of_a_few_elements_changes_nothing(call, dtype, threads):
    """The last 16 normals replace ones that another share has written."""
    for rest in (1, 2, 8, 15, 16, 17):
        threads(1)
        alone = filled(call, 2**18 + rest, dtype)
        threads(3)
        for _ in range(3):
            assert filled(call, 2**18 + rest, dtype) == alone, f"{rest} elements left"


@pytest.mark.parametrize("call", [PATHS[0], PATHS[2]], ids=str)
def test_a_fill_of_more_than_2_to_the_25_elements_is_the_same(call, threads):
    threads(1)
    alone = filled(call, 2**25 + 2**18 + 7, "float16")
    threads(2)
    assert filled(call, 2**25 + 2**18 + 7, "float16") == alone


def test_orthogonal_and_sparse_do_not_depend_on_threads(threads):
    results = set()
    for number in (1, 2, 3):
        threads(number)
        generator = refinit.Generator().manual_seed(1)
        q = refinit.orthogonal_(np.empty((300, 200), np.float32), generator=generator)
        s = refinit.sparse_(np.empty((600, 300), np.float32), 0.7, generator=generator)
        results.add((s.tobytes(), bytes(generator.get_state())))
        assert np.abs(q.T @ q - np.eye(200)).max() < 1e-5
    assert len(results) == 1


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_the_number_of_threads_is_what_was_set(number, threads):
    threads(number)
    assert refinit.get_num_threads() == number


@pytest.mark.parametrize("number", [0, -1, 1.5, "2", None, True], ids=repr)
def test_a_number_of_threads_is_a_positive_integer(number):
    before = refinit.get_num_threads()
    with pytest.raises((ValueError, TypeError), match="threads"):
        refinit.set_num_threads(number)
    assert refinit.get_num_threads() == before


def test_the_default_is_the_number_of_processors_this_process_may_use():
    one = "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    code = f"import os; {one}; import refinit; print(refinit.get_num_threads())"
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system has no CPU affinity to follow")
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.strip()
        == "1"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # forking with threads alive is the point
def test_a_forked_child_fills_large_arrays_with_a_pool_of_its_own(threads):
    threads(3)
    call = PATHS[2]
    expected = filled(call, LARGE, "float32")  # the parent's pool is running now
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = b"raised"
        try:
            answer = b"same" if filled(call, LARGE, "float32") == expected else b"differs"
        finally:
            os.write(writer, answer)
            os._exit(0)
    os.close(writer)
    answer = os.read(reader, 16) if select.select([reader], [], [], 60)[0] else b"hangs"
    os.close(reader)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert answer == b"same"
    assert filled(call, LARGE, "float32") == expected


def words_of(seed, count):
    return np.random.RandomState(seed).randint(0, 2**32, count, dtype=np.uint32) & (2**24 - 1)


@pytest.mark.usefixtures("switching")
@pytest.mark.parametrize(("size", "rounds"), [(7, 2000), (1000, 500), (100_000, 50), (300_000, 10)])
def test_two_threads_on_one_generator_share_its_stream_without_loss_or_repetition(size, rounds):
    """Every fill is a run of consecutive words, and together they are the first words of the stream."""
    generator, start = refinit.Generator().manual_seed(9), threading.Barrier(2)
    fills = [np.empty((rounds, size), np.float32) for _ in range(2)]

    def work(index):
        start.wait()
        for row in fills[index]:
            refinit.uniform_(row, generator=generator)

    in_threads(work, 2)
    words = (np.concatenate(fills) * 2**24).astype(np.uint32)
    stream = words_of(9, 2 * rounds * size).reshape(-1, size)
    assert sorted(map(bytes, words)) == sorted(map(bytes, stream))
    last = refinit.uniform_(np.empty(4, np.float32), generator=generator)
    assert (last * 2**24 == words_of(9, 2 * rounds * size + 4)[-4:]).all()


@pytest.mark.parametrize("call", [PATHS[0], PATHS[2], PATHS[4], PATHS[5]], ids=str)
def test_a_fill_waits_until_the_generator_is_free(call):
    generator, array = refinit.Generator().manual_seed(9), np.zeros(20, np.float32)
    fill = threading.Thread(target=call.on, args=(refinit, array, generator))
    with generator._engine.lock:
        fill.start()
        fill.join(0.1)
        assert fill.is_alive()
        assert not array.any()
    fill.join()
    assert array.all()


def test_threads_with_generators_of_their_own_do_not_meet():
    expected = [filled(PATHS[2], 200_000, "float32", seed) for seed in range(4)]
    results = [None] * 4

    def work(index):
        for _ in range(3):
            results[index] = filled(PATHS[2], 200_000, "float32", index)
            assert results[index] == expected[index]

    in_threads(work, 4)


def test_large_fills_in_several_threads_at_once_finish(threads):
    threads(3)
    call = Call("normal_", dtypes=FLOATS)
    expected = filled(call, LARGE, "float32")
    in_threads(lambda _: _assert_equal(filled(call, LARGE, "float32"), expected), 3)
    assert math.isfinite(refinit.get_num_threads())


def _assert_equal(got, want):
    assert got == want


def test_an_absurd_number_of_threads_starts_few(threads):
    threads(10**6)
    refinit.uniform_(np.empty(1 << 20, np.float32))
    refinit.ones_(np.empty(1 << 23, np.float32))
    assert pool._pool.size <= 300
