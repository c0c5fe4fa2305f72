"""Windows and macOS, played on Linux by taking away what they lack: fills and verify still work."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

import refinit
from tests.paths import ROOT
from tests.platforms.absent import ABSENT, OF_LINUX

PLAYED = """
import asyncio, ctypes, hashlib, importlib, runpy, sys
import llvmlite.binding, numba, numpy, scipy.linalg, subprocess, tempfile  # they ask for the system at import

for module, names in {absent!r}.items():
    for name in names:
        vars(importlib.import_module(module)).pop(name, None)
of_windows = {{"ucrtbase": "libm.so.6", "vcruntime140": None}}
of_linux, sys.platform = ctypes.CDLL, {system!r}
ctypes.CDLL = lambda name=None, *rest, **others: of_linux(of_windows.get(name, name), *rest, **others)

class NoTorch:  # it loads modules of the system's own
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "torch":
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, NoTorch)

import refinit
from refinit.kernels.code import symbols
from refinit.kernels.code.location import location

assert ("bzero" in symbols.PROVIDED) == (sys.platform == "darwin"), "LLVM zeroes memory with it on macOS alone"
refinit.manual_seed(5)
w = [refinit.uniform_(numpy.empty(600_000, numpy.float32)), refinit.normal_(numpy.empty((7, 5)))]
print(hashlib.sha256(b"".join(map(bytes, w))).hexdigest(), refinit.get_num_threads() > 0)
print(location().resolve(), len(list(location().iterdir())) > 1)
sys.argv[1:] = ["--budget", "tiny", "--dtype", "float32", "--subject", "refinit:counter", "--only", "uniform_"]
runpy.run_module("verify", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are played on Linux; this is one of them")
@pytest.mark.parametrize(
    ("system", "absent", "below"),
    [("win32", ABSENT, "local/refinit/Cache"), ("darwin", OF_LINUX, "Library/Caches/refinit")],
    ids=["windows", "macos"],
)
def test_fills_and_verify_work_without_what_the_system_lacks(tmp_path, system, absent, below):
    """A console there may know few letters, too: what verify prints is ASCII."""
    code = PLAYED.format(absent=absent, system=system)
    environment = {name: value for name, value in os.environ.items() if name != "REFINIT_CACHE_DIR"}
    environment |= {
        "HOME": str(tmp_path),
        "LOCALAPPDATA": str(tmp_path / "local"),
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    digest, folder, *_, verdict = done.stdout.splitlines()
    generator = refinit.Generator().manual_seed(5)
    w = [
        refinit.uniform_(np.empty(600_000, np.float32), generator=generator),
        refinit.normal_(np.empty((7, 5)), generator=generator),
    ]
    assert digest == f"{hashlib.sha256(b''.join(map(bytes, w))).hexdigest()} True"
    assert folder == f"{(tmp_path / below).resolve()} True"
    assert verdict.startswith("PASS")
