"""What strikes in the middle of a fill: interrupts, threads that do not start, signal handlers, failing tasks."""

import signal
import threading

import numpy as np
import pytest

import refinit
from refinit import threads as pool

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
    monkeypatch.setattr(pool, "_pool", None)
    started, start = [], threading.Thread.start

    def starts_two(thread):
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starts_two)
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


@pytest.mark.parametrize("stream", STREAMS, ids=["torch", "counter"])
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupted_fills_leave_a_generator_that_works(stream, threads):
    """A timer interrupts a hundred fills at whatever instruction they are."""
    refinit.set_num_threads(threads)
    generator, w = stream(), np.empty(2 * SIZE, np.float32)

    def interrupt(*_):
        raise KeyboardInterrupt

    before, interrupts = signal.signal(signal.SIGALRM, interrupt), 0
    try:
        for round_ in range(100):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-4 + 2e-5 * round_)
                refinit.normal_(w, generator=generator)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupts += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupts > 10
    generator.set_state(stream().get_state())
    assert (
        refinit.normal_(w, generator=generator) == refinit.normal_(np.empty_like(w), generator=stream())
    ).all()


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

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for _ in range(200):
            signal.setitimer(signal.ITIMER_REAL, 3e-4)
            refinit.normal_(rows, generator=generator)
            signal.setitimer(signal.ITIMER_REAL, 0)
            if problems:
                break
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert problems
    assert "in the middle of drawing" in problems[0]


@pytest.mark.filterwarnings("ignore:Accessing the data pointer of FakeTensor")  # torch's own, on being asked
def test_tensors_without_memory_are_refused():
    torch = pytest.importorskip("torch", reason="torch tensors need torch")
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.zeros(40)
    freed = torch.zeros(40)
    freed.untyped_storage().resize_(0)
    generator = refinit.Generator()
    state = bytes(generator.get_state())
    for tensor in (fake, freed, torch._efficientzerotensor(40)):
        with pytest.raises(NotImplementedError, match="memory of its own"):
            refinit.uniform_(tensor, generator=generator)
        with pytest.raises(NotImplementedError, match="memory of its own"):
            refinit.ones_(tensor)
    assert bytes(generator.get_state()) == state


@pytest.mark.parametrize(
    ("device", "error"),
    [
        ("cuda", NotImplementedError),
        ("foo", RuntimeError),
        ("", RuntimeError),
        ("cpu:", RuntimeError),
        ("cpu:-1", RuntimeError),
        (1.5, TypeError),
        (["cpu"], TypeError),
    ],
    ids=repr,
)
def test_devices_that_a_generator_refuses(device, error):
    with pytest.raises(error):
        refinit.Generator(device)


@pytest.mark.parametrize("device", [None, "cpu", b"cpu", "cpu:0"], ids=repr)
def test_devices_that_a_generator_takes(device):
    assert refinit.Generator(device).device == "cpu"
