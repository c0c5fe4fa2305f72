"""A storm of signals over fills: ``python -m tests.fill.storm ROUNDS [SEED]`` prints what each round ended in.

A round strikes a fill by a signal at a random instant, every other time by a second one 0.1 to 30 ms later, with a
handler that raises; then array and state are compared with what they may be, and again 50 ms later.
"""

import json
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refinit
from refinit.devices import threads
from tests.tables.places import dtype_of

try:
    import torch
except ImportError:  # its tensors are one case of many
    torch = None

ERRORS = (KeyboardInterrupt, TimeoutError, SystemExit)
QUIET = 0.05
BYTES = 1 << 21


class Case(NamedTuple):
    """A fill. ``stream()`` is a generator in its first state."""

    name: str
    stream: Callable[[], Any]
    fill: Callable[[Any, Any], object]
    shape: tuple[int, ...]
    dtype: str = "float32"
    view: Callable[[Any], Any] = lambda array: array

    def array(self, memory):
        dtype = dtype_of(self.dtype)
        size = int(np.prod(self.shape)) * dtype.itemsize
        return self.view(memory[:size].view(dtype).reshape(self.shape))


def seeded(kind):
    return lambda: kind(3) if kind is refinit.CounterGenerator else kind().manual_seed(3)


def cases():
    fills = (
        ("uniform_", (2**19,), lambda w, g: refinit.uniform_(w, generator=g)),
        ("normal_", (2**19,), lambda w, g: refinit.normal_(w, generator=g)),
        ("trunc_normal_", (2**19,), lambda w, g: refinit.trunc_normal_(w, generator=g)),
        (
            "trunc_normal_ of proposals",
            (2**18,),
            lambda w, g: refinit.trunc_normal_(w, a=1, b=2, generator=g),
        ),
        ("sparse_", (700, 740), lambda w, g: refinit.sparse_(w, 0.5, generator=g)),
        ("orthogonal_", (1024, 512), lambda w, g: refinit.orthogonal_(w, generator=g)),
        ("normal_ of 64", (64,), lambda w, g: refinit.normal_(w, generator=g)),
    )
    normal = fills[1][2]
    for kind in (refinit.Generator, refinit.CounterGenerator):
        stream = seeded(kind)
        yield from (Case(name, stream, fill, shape) for name, shape, fill in fills)
        yield Case("float64 normal_", stream, normal, (2**18,), "float64")
        yield Case("strided normal_", stream, normal, (700, 740), view=lambda array: array[:, ::2])
        yield Case("transposed normal_", stream, normal, (700, 740), view=lambda array: array.T)
    if torch is not None:
        of_tensor = lambda w, g: normal(torch.from_numpy(w), g)  # noqa: E731 - as the others
        yield Case("normal_ of a tensor", seeded(torch.Generator), of_tensor, (2**19,))


class Expected:
    """What an uninterrupted fill leaves, its states before and after, and how long it takes."""

    def __init__(self, case):
        array, generator = case.array(np.zeros(BYTES, np.uint8)), case.stream()
        self.before = state(generator)
        case.fill(array, generator)  # compiles
        self.array, self.after = array.copy(), state(generator)
        self.seconds = min(self._timed(case, array) for _ in range(3))

    @staticmethod
    def _timed(case, array):
        generator, begin = case.stream(), time.perf_counter()
        case.fill(array, generator)
        return time.perf_counter() - begin


def state(generator):
    raw = generator.get_state()
    return np.asarray(raw).tobytes()


def struck(fill, first, gap, error):
    """Whether a signal ``first`` seconds from now, and if ``gap`` a second one, ended the fill."""
    armed, gaps = [True], [gap]

    def handler(*_):
        if armed[0]:
            signal.setitimer(signal.ITIMER_REAL, gaps[0])  # 0: none
            gaps[0] = 0
            raise error

    signal.signal(signal.SIGALRM, handler)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, first)
            fill()
        finally:
            armed[0] = False  # no call: no signal between it and the fill
    except error:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return False


class Slot:
    """Memory and what was in it when a fill had ended."""

    def __init__(self):
        self.memory = np.zeros(BYTES, np.uint8)
        self.generator = None

    def end(self):
        self.copy, self.state, self.time = self.memory.copy(), state(self.generator), time.perf_counter()

    def late(self):
        """Whether anything changed within 50 ms of the end."""
        if self.generator is None:
            return False
        time.sleep(max(0.0, self.time + QUIET - time.perf_counter()))
        return not (self.memory == self.copy).all() or state(self.generator) != self.state


def judged(slot, case, expected, raised):
    """What is wrong with a fill that has ended."""
    if getattr(slot.generator, "_engine", None) and slot.generator._engine.lock._is_owned():
        yield "lock held"
    if slot.state not in (expected.before, expected.after):
        yield "wrong state"
    if not raised and slot.state != expected.after:
        yield "state not advanced"
    if not raised and case.array(slot.memory).tobytes() != expected.array.tobytes():
        yield "wrong values"


def main(rounds, seed):
    random = np.random.default_rng(seed)
    table = [(case, Expected(case)) for case in cases()]
    slots, counts = deque(Slot() for _ in range(8)), Counter()
    for number in range(rounds):
        slot, (case, expected) = slots[0], table[number % len(table)]
        slots.rotate(-1)
        counts["late"] += slot.late()
        slot.generator = case.stream()
        array = case.array(slot.memory)
        refinit.set_num_threads(int(random.integers(1, 4)))
        first = max(1e-6, random.uniform(0, 1.1) * expected.seconds)
        gap = random.uniform(1e-4, 0.03) * random.choice([1, 0.1]) if number // len(table) % 2 else 0
        raised = struck(lambda: case.fill(array, slot.generator), first, gap, ERRORS[number % 3])  # noqa: B023
        slot.end()
        counts["struck"] += raised
        counts["two signals"] += bool(gap)
        for problem in judged(slot, case, expected, raised):
            counts[problem] += 1
            print(case.name, type(slot.generator).__name__, problem, file=sys.stderr)
    counts["late"] += sum(slot.late() for slot in slots)
    counts["jobs that no thread takes"] += threads._pool.jobs.qsize()
    print(json.dumps(counts))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
