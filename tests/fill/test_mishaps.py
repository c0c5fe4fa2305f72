"""Fills by position that fail, or that a handler interrupts: what was refused has taken and written nothing."""

import signal
import subprocess
import sys

import numpy as np
import pytest

import refinit
from refinit import CounterGenerator, Shard

HANDLER = """
import signal
import numpy as np
import refinit

def handler(*_):
    try:
        refinit.normal_(np.empty(10), generator=refinit.CounterGenerator(2))
    except RuntimeError as problem:
        assert "in the middle" in str(problem), problem

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, {seconds}, 0.05)
ours = refinit.normal_(np.empty(10), generator=refinit.CounterGenerator(1))
signal.setitimer(signal.ITIMER_REAL, 0)
assert (ours == refinit.normal_(np.empty(10), generator=refinit.CounterGenerator(1))).all()
print("done")
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_a_handler_that_fills_while_a_kernel_is_compiled_gets_an_error_and_does_not_hang(
    seconds, tmp_path, monkeypatch
):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "empty"))
    code = HANDLER.format(seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "done\n", done.stderr


@pytest.mark.parametrize(
    ("function", "parameters"),
    [("sparse_", {"sparsity": 0.5}), ("orthogonal_", {})],
    ids=["sparse_", "orthogonal_"],
)
def test_a_fill_that_memory_does_not_suffice_for_takes_no_number(function, parameters):
    generator, block = CounterGenerator(0), np.full((2, 2), 7, np.float32)
    with pytest.raises(MemoryError):
        getattr(refinit, function)(Shard(block, (2**45, 3), (0, 0)), **parameters, generator=generator)
    assert (block == 7).all()
    assert generator.fill_number == 0


@pytest.mark.parametrize(
    "arguments",
    [(0, 1e39, -3e38, 3e38), (1e39, 1e38, -np.inf, np.inf), (1e37, 1e40, 1e37, 1.001e40)],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_truncated_normal_that_float32_cannot_compute_is_refused(arguments, dtype):
    generator, w = (
        CounterGenerator(0),
        np.full(3, 7, np.float32 if dtype == "float32" else refinit.empty(1, dtype=dtype).dtype),
    )
    with pytest.raises(ValueError, match="expected"):
        refinit.trunc_normal_(w, *arguments, generator=generator)
    assert (w.astype(np.float32) == 7).all()
    assert generator.fill_number == 0


def test_a_user_who_wants_to_hear_of_every_rounding_hears_of_his_own_alone():
    generator = CounterGenerator(0)
    with np.errstate(all="raise"):
        refinit.orthogonal_(np.empty((600, 600), np.float16), generator=generator)
        refinit.orthogonal_(np.empty((6, 6), np.float32), gain=1e39, generator=generator)
        refinit.uniform_(np.empty(9, np.float16), -1e-8, 1e-8, generator=generator)
        refinit.normal_(np.empty(9, np.float32), 0, 1e39, generator=generator)
        refinit.constant_(np.empty(9, np.float16), 1e-44)


def test_a_diagonal_beyond_64_bits():
    block = Shard(np.full((2, 3), 7.0), (2**100, 3), (2**99, 0))
    assert not refinit.eye_(block).array.any()


def test_a_name_that_utf8_cannot_encode():
    with pytest.raises(ValueError, match="UTF-8"):
        CounterGenerator(0).substream("\ud800")
