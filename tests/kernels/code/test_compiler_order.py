"""Kernels compile the same whatever of their scalar functions Python has called before."""

import subprocess
import sys

CODE = """
import numpy as np
import refinit
from refinit.streams.counter.math.fitted import narrow32
from refinit.kernels.math.halves import bfloat16_bits, float32_of_bfloat16
from refinit.kernels.math.philox import philox, round_keys

assert float32_of_bfloat16(bfloat16_bits(np.float32(1.5))) == 1.5
philox(*[np.uint64(0)] * 4, tuple(map(np.uint64, round_keys(np.uint64(0)))))
bits = np.zeros(5, np.uint16)
for step in range(2):
    for generator in (refinit.Generator(), refinit.CounterGenerator(0)):
        for dtype in (np.float16, np.float32):
            refinit.normal_(np.empty(5, dtype), generator=generator)
            refinit.trunc_normal_(np.empty(20, dtype), a=0.0, b=0.1, generator=generator)
    assert bfloat16_bits(np.float32(2.0)) == 0x4000
    assert narrow32.overloads  # compiled by the kernel, for it
print("done")
"""


def test_scalar_functions_called_from_python_before_their_kernels_are_compiled(tmp_path, monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path / "empty"))
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == "done\n", done.stderr
