"""Whose stream: numpy.random's generators give one key for a fill; threads and forked children share without harm."""

import copy
import os
import select
import signal
import sys
import threading
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest

import refinit
from tests.devices.concurrency import in_threads
from tests.tables.cases import each_dtype
from tests.tables.counter_streams import PATHS, filled

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def next_key(generator):
    """The 64-bit number that NumPy's generator gives next; the generator itself stays."""
    return int(copy.deepcopy(generator).integers(0, 2**64, dtype=np.uint64))


def state_of(generator):
    return repr(generator.bit_generator.state)


def shape_of(call):
    return (30, 11) if 1 not in call.ndims else (100,)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS))
def test_a_numpy_generator_gives_one_key_for_each_fill(call, dtype):
    ours, theirs = np.random.default_rng(4), np.random.default_rng(4)
    for shape in (shape_of(call), (0, 4), (70, 300)):
        key = int(theirs.integers(0, 2**64, dtype=np.uint64))
        found = filled(call, shape, dtype, ours)
        assert found.tobytes() == filled(call, shape, dtype, refinit.CounterGenerator(key)).tobytes()
        assert state_of(ours) == state_of(theirs)


@pytest.mark.parametrize("name", BIT_GENERATORS)
def test_any_bit_generator_will_do(name):
    generator, call = np.random.Generator(getattr(np.random, name)(11)), PATHS[1]
    expected = refinit.CounterGenerator(next_key(generator))
    assert (
        filled(call, (50,), "float32", generator).tobytes()
        == filled(call, (50,), "float32", expected).tobytes()
    )


def test_shards_take_a_numpy_generator_in_the_same_state():
    whole = refinit.normal_(refinit.empty(6, 8), generator=np.random.default_rng(4))
    for top in (0, 3):
        block = refinit.Shard(refinit.empty(3, 8), (6, 8), (top, 0))
        refinit.normal_(block, generator=np.random.default_rng(4))
        assert (block.array == whole[top : top + 3]).all()


def test_keys_drawn_from_a_numpy_generator_use_all_64_bits():
    generator, keys = np.random.default_rng(4), []
    for _ in range(200):
        keys.append(next_key(generator))
        first = refinit.uniform_(np.empty(3), generator=generator)
        assert (first == refinit.uniform_(np.empty(3), generator=refinit.CounterGenerator(keys[-1]))).all()
    assert len(set(keys)) == 200
    assert np.bitwise_or.reduce(np.array(keys, np.uint64)) == 2**64 - 1


@pytest.fixture
def switching():
    """Lets the interpreter switch threads as often as it can, so that unguarded steps meet."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
@pytest.mark.parametrize(("size", "rounds"), [(1, 3000), (200, 2000), (20_000, 200), (150_000, 10)])
def test_two_threads_on_one_generator_lose_and_repeat_no_fill_number(size, rounds):
    """The short way, the long one and the shared one: together the fills are those of one thread."""
    generator, start = refinit.CounterGenerator(9), threading.Barrier(2)
    fills = [np.empty((rounds, size), np.float32) for _ in range(2)]

    def work(index):
        start.wait()
        for row in fills[index]:
            refinit.uniform_(row, generator=generator)

    in_threads(work, 2)
    assert generator.fill_number == 2 * rounds
    alone = refinit.CounterGenerator(9)
    expected = [
        refinit.uniform_(np.empty(size, np.float32), generator=alone).tobytes() for _ in range(2 * rounds)
    ]
    assert sorted(row.tobytes() for rows in fills for row in rows) == sorted(expected)


@pytest.mark.usefixtures("switching")
def test_states_read_while_another_thread_fills_are_states_between_fills():
    generator, stop, row = refinit.CounterGenerator(9), threading.Event(), np.empty(8, np.float32)
    seen = []

    def work(index):
        while not index and not stop.is_set():
            seen.append(generator.clone_state().fill_number)
        try:
            for _ in range(2000 * index):
                refinit.normal_(row, generator=generator)
        finally:
            stop.set()

    in_threads(work, 2)
    assert seen == sorted(seen)
    assert set(seen) <= set(range(2001))


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS, ("float32",)))
def test_a_fill_waits_until_the_generator_is_free(call, dtype):
    generator, array = refinit.CounterGenerator(9), np.full((20, 3), 7, dtype)
    for _ in range(2):  # the second may go the short way
        fill = threading.Thread(target=call.on, args=(refinit, array, generator))
        array[...] = 7
        with generator._engine.lock:
            fill.start()
            fill.join(0.05)
            assert fill.is_alive()
            assert (array == 7).all()
        fill.join()
        assert not (array == 7).any()


@contextmanager
def in_use_by_another_thread(generator):
    """As if it were in the middle of a long fill."""
    began, end = threading.Event(), threading.Event()
    use = threading.Thread(target=generator._engine.exclusively, args=(lambda: (began.set(), end.wait()),))
    use.start()
    began.wait()
    try:
        yield
    finally:
        end.set()
        use.join()


def answer_of_a_child(work):
    """What a forked child's work returns; "hangs" if it does not come back."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = b"raised"
        try:
            answer = work()
        finally:
            os.write(writer, answer)
            os._exit(0)
    os.close(writer)
    answer = os.read(reader, 100) if select.select([reader], [], [], 30)[0] else b"hangs"
    os.close(reader)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return answer


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # forking with threads alive is the point
@pytest.mark.parametrize("held", [False, True], ids=["free", "held-by-another-thread"])
def test_a_forked_child_goes_on_where_the_parent_stood(held):
    generator, call = refinit.CounterGenerator(9), PATHS[1]
    before, number = refinit.get_num_threads(), 3
    refinit.set_num_threads(number)
    try:
        filled(call, (300_000,), "float32", generator)  # the pool is running now
        expected = filled(call, (300_000,), "float32", generator.clone_state()).tobytes()

        def work():
            found = filled(call, (300_000,), "float32", generator)
            return b"same" if found.tobytes() == expected and generator.fill_number == 2 else b"differs"

        with in_use_by_another_thread(generator) if held else nullcontext():
            assert answer_of_a_child(work) == b"same"
    finally:
        refinit.set_num_threads(before)
    assert generator.fill_number == 1
    assert filled(call, (300_000,), "float32", generator).tobytes() == expected
