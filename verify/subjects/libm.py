"""Whether this machine's C library has the bits that torch's stream takes from it, in four functions of doubles.

Another library rounds otherwise, and so does one library on another processor: glibc has variants for processors with
and without fused multiply-add. golden/libm.json has arguments, of those that torch's stream has, at which these
variants differ, so each lies close to where a rounding flips; and the results on a reference machine.

`python -m verify.subjects.libm` writes it anew there: glibc on x86-64 with FMA, by whose tunables it runs both.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

FILE = Path(__file__).parents[1] / "golden" / "libm.json"
#: Python's own functions are the library's, those that kernels are bound to.
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "log1p": math.log1p,
    "sin": math.sin,
    "cos": math.cos,
}
#: What has glibc take its variants for processors without FMA.
WITHOUT_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2"}
PROBES = 32
#: The argument with which this file only prints what this process's variant gives.
_PRINTED = "--print"
_SEED = 2013
_TRIED = 400_000


@cache
def deviating() -> tuple[str, ...]:
    """The functions that have other bits here than on the reference machine at any of their probes."""
    probes = json.loads(FILE.read_text(encoding="utf-8"))["probes"]
    return tuple(name for name, function in FUNCTIONS.items() if _deviates(function, probes[name]))


def _deviates(function: Callable[[float], float], probes: dict[str, str]) -> bool:
    return any(function(float.fromhex(x)).hex() != result for x, result in probes.items())


def _argument(name: str, u: float) -> float:
    """What a uniform in [0, 1) becomes before that function of it is taken."""
    return {"log": 1.0 - u, "log1p": -u}.get(name, 2.0 * math.pi * u)


def _results(name: str) -> Iterator[tuple[str, str]]:
    """Arguments and results, as hexadecimal numbers."""
    source = random.Random(_SEED)
    for _ in range(_TRIED):
        x = _argument(name, source.random())
        yield x.hex(), FUNCTIONS[name](x).hex()


def _results_without_fma() -> dict[str, dict[str, str]]:
    command = [sys.executable, "-m", "verify.subjects.libm", _PRINTED]
    done = subprocess.run(command, env={**os.environ, **WITHOUT_FMA}, capture_output=True, check=True)
    results: dict[str, dict[str, str]] = json.loads(done.stdout)
    return results


def main() -> None:
    """Write the probes anew, from this library."""
    others = _results_without_fma()
    probes = {
        name: dict(islice((pair for pair in _results(name) if others[name][pair[0]] != pair[1]), PROBES))
        for name in FUNCTIONS
    }
    if few := [name for name in FUNCTIONS if len(probes[name]) < PROBES]:
        raise SystemExit(f"expected two variants of {', '.join(few)}, as glibc on x86-64 with FMA has them")
    FILE.write_text(json.dumps({"probes": probes}, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if _PRINTED in sys.argv:
        print(json.dumps({name: dict(_results(name)) for name in FUNCTIONS}))
    else:
        main()
