"""What strikes in the middle of a fill: interrupts, threads that do not start, signal handlers, failing tasks."""

import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

import refinit
from refinit.devices import threads as pool

SIZE = 1 << 20
STREAMS = (refinit.Generator, lambda: refinit.CounterGenerator(0))


@pytest.fixture(autouse=True)
def _two_threads():
    before = refinit.get_num_threads()
    refinit.set_num_threads(2)
    yield
    refinit.set_num_threads(before)


@pytest.mark.parametrize("stream", STREAMS, ids=["torch", "counter"])
def test_threads_that_cannot_be_started_cost_only_time(stream, monkeypatch):
    expected = refinit.normal_(np.empty(SIZE, np.float32), generator=stream())
    monkeypatch.setattr(pool, "_pool", pool._Pool())
    start = pool.start_new_thread

    def starts_two(function, arguments):
        if pool._pool.size == 2:
            raise RuntimeError("can't start new thread")
        return start(function, arguments)

    monkeypatch.setattr(pool, "start_new_thread", starts_two)
    refinit.set_num_threads(7)
    for _ in range(5):
        assert (refinit.normal_(np.empty(SIZE, np.float32), generator=stream()) == expected).all()


@pytest.mark.parametrize("at", range(12))
def test_after_an_interrupt_nobody_writes_any_more(at):
    """Task number ``at`` is interrupted, wherever it runs; when ``run`` has raised, no task is running or begins."""
    begun, ended = [], []

    def task(number):
        begun.append(number)
        if number == at:
            raise KeyboardInterrupt
        np.add.reduce(np.ones(20000))
        ended.append(number)

    def tasks():
        for number in range(12):
            yield lambda number=number: task(number)

    with pytest.raises(KeyboardInterrupt):
        pool.run(tasks())
    count = len(begun)
    assert len(ended) == count - 1
    assert pool.run([lambda: 1, lambda: 2, lambda: 3]) in (
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
    )
    assert len(begun) == count


def test_an_iterator_that_fails_ends_the_run():
    def tasks():
        yield lambda: 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pool.run(tasks())


@contextmanager
def alarm(handler):
    """Lets ``handler`` run at whatever instruction a timer of the block strikes; no timer outlives it."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no interval timer")
    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupt(*_):
    raise KeyboardInterrupt


def shortest(fill, times=5):
    """Seconds that the fill takes here and now, at least."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        fill()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def first_values(generator):
    """A fill by another thread, which waits for ever for a lock that an interrupted one still holds."""
    found = []
    other = threading.Thread(
        target=lambda: found.append(refinit.normal_(np.empty(64, np.float32), generator=generator)),
        daemon=True,
    )
    other.start()
    other.join(20)
    assert found, "an interrupted fill has left its lock behind"
    return found[0].tobytes()


@pytest.mark.parametrize("stream", STREAMS, ids=["torch", "counter"])
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupted_fills_leave_a_generator_that_works(stream, threads):
    """A timer interrupts a hundred fills at whatever instruction they are."""
    refinit.set_num_threads(threads)
    generator, w = stream(), np.empty(2 * SIZE, np.float32)
    duration, interrupts = shortest(lambda: refinit.normal_(w, generator=generator)), 0
    with alarm(interrupt) as strike_after:
        for round_ in range(100):
            try:
                strike_after(duration * (round_ + 1) / 110)
                duration = min(duration, shortest(lambda: refinit.normal_(w, generator=generator), 1))
                strike_after(0)
            except KeyboardInterrupt:
                interrupts += 1
    assert interrupts > 10
    generator.set_state(stream().get_state())
    assert (
        refinit.normal_(w, generator=generator) == refinit.normal_(np.empty_like(w), generator=stream())
    ).all()


@pytest.mark.parametrize("stream", STREAMS, ids=["torch", "counter"])
def test_interrupted_small_fills_leave_no_lock_behind(stream):
    """Their lock is taken and released outside of any ``try``, so each interrupt is followed by another thread."""
    generator, w = stream(), np.empty(64, np.float32)
    duration = shortest(lambda: refinit.normal_(w, generator=generator), 100)
    expected = first_values(stream())
    with alarm(interrupt) as strike_after:
        for round_ in range(300):
            try:
                strike_after(1e-5 + duration * round_ / 100)
                while True:
                    refinit.normal_(w, generator=generator)
            except KeyboardInterrupt:
                generator.set_state(stream().get_state())
            assert first_values(generator) == expected, round_


@pytest.mark.parametrize("stream", STREAMS, ids=["torch", "counter"])
@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda generator: generator.get_state(), id="get_state"),
        pytest.param(lambda generator: refinit.uniform_(refinit.empty(8), generator=generator), id="fill"),
        pytest.param(
            lambda generator: refinit.sparse_(refinit.empty(8, 8), 0.5, generator=generator), id="long fill"
        ),
    ],
)
def test_a_handler_that_uses_the_generator_of_the_fill_it_interrupts_is_told(stream, use):
    """The handler runs where a strided fill is in Python; waiting for the generator, it would wait for itself."""
    generator = stream()
    use(generator)
    rows = np.empty((1000, 1000), np.float32)[:, ::2]
    problems = []

    def handler(*_):
        try:
            use(generator)
        except RuntimeError as problem:
            problems.append(str(problem))

    duration = shortest(lambda: refinit.normal_(rows, generator=generator))
    with alarm(handler) as strike_after:
        for _ in range(200):
            strike_after(duration / 2)
            refinit.normal_(rows, generator=generator)
            strike_after(0)
            if problems:
                break
    assert problems
    assert "in the middle of drawing" in problems[0]
