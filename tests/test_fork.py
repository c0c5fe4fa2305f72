"""A child that is forked at any time works, or gets an error that says why not; it never waits for ever."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

COMMON = """
import os, select, signal, threading, time, warnings
import numpy as np
import refinit
from refinit import _fork

warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads alive is the point
children = []

def fork(work):
    '''Forks; the child writes what ``work`` returns or raises, and ends. None: it goes on, to end by ``answer``.'''
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        children.append((child, reader))
        return None
    if work is not None:
        answer(work, writer)
    return writer

def answer(work, writer):
    try:
        text = work()
    except BaseException as problem:
        text = f"{type(problem).__name__}: {problem}"
    os.write(writer, text.encode())
    os._exit(0)

def answers():
    '''What the children wrote, each within a minute.'''
    for child, reader in children:
        yield os.read(reader, 999).decode() if select.select([reader], [], [], 60)[0] else "hangs"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

def digest(function):
    w = getattr(refinit, function)(np.empty((40, 40), np.float32), generator=refinit.CounterGenerator(1))
    return w.tobytes().hex()[:64]
"""

FIRST_FILLS = """
functions = ("normal_", "xavier_uniform_", "trunc_normal_", "orthogonal_")
thread = threading.Thread(target=lambda: [digest(function) for function in functions])
thread.start()
while thread.is_alive():
    fork(lambda: " ".join(map(digest, functions)))
    time.sleep(0.15)
thread.join()
assert set(answers()) == {" ".join(map(digest, functions))}, "a child hangs, or has other bits"
assert len(children) > 1
print("done")
"""

UNREASONABLE = """
began, end = threading.Event(), threading.Event()
def load():
    with _fork.undivided():
        began.set()
        end.wait()

_fork._PATIENCE = 0.1
refinit.uniform_(np.empty(4, np.float32))
thread = threading.Thread(target=load)
thread.start()
began.wait()
fork(lambda: "works" if np.isfinite(refinit.uniform_(np.empty(4, np.float32))).all() else "nan")
fork(lambda: digest("xavier_uniform_"))
end.set()
thread.join()
works, problem = answers()
assert works == "works", works
assert problem.startswith("RuntimeError") and "spawn" in problem, problem
print("done")
"""

HANDLER = """
writer = None
def handler(*_):
    global writer
    if not children:
        writer = fork(None)

def outcome():
    state = bytes(generator.get_state())
    assert np.isfinite(fill()).all()
    if problem is None:
        return "works"
    assert state == before
    return str(problem)

refinit.set_num_threads(2)
generator, w = refinit.{stream}, np.empty({shape}, np.float32)
fill = lambda: refinit.{function}(w, generator=generator)
fill()
begin = time.perf_counter()
fill()
duration, before, problem = time.perf_counter() - begin, bytes(generator.get_state()), None
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, duration * {part})
try:
    fill()
except RuntimeError as error:
    problem = error
while not children and writer is None:
    time.sleep(0.01)
if writer is not None:  # the child, when the fill that its fork fell into has ended
    answer(outcome, writer)
assert problem is None, problem
(text,) = answers()
assert text == "works" or "fork before or after it" in text, text
print("done")
"""


def passes(program, **environment):
    run = subprocess.run(
        [sys.executable, "-c", COMMON + program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return run.stdout == "done\n" or run.stderr + run.stdout


def test_a_fork_while_another_thread_makes_the_first_fills(tmp_path):
    """With an empty cache of compiled code: that thread imports numba and compiles."""
    assert passes(FIRST_FILLS, REFINIT_CACHE_DIR=str(tmp_path / "empty")) is True


def test_a_fork_that_could_not_wait_says_so_where_it_matters(tmp_path):
    assert passes(UNREASONABLE, REFINIT_CACHE_DIR=str(tmp_path / "empty")) is True


@pytest.mark.parametrize("part", [0.2, 0.5])
@pytest.mark.parametrize(
    ("stream", "function", "shape"),
    [
        ("Generator()", "normal_", "2**24"),
        ("CounterGenerator(1)", "trunc_normal_", "2**24"),
        ("CounterGenerator(1)", "orthogonal_", "(2400, 2000)"),
    ],
    ids=["torch", "counter", "orthogonal_"],
)
def test_a_handler_that_forks_inside_a_fill(stream, function, shape, part):
    """The child comes back to a fill whose helpers are not there."""
    assert passes(HANDLER.format(stream=stream, function=function, shape=shape, part=part)) is True
