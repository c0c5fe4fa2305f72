"""What stands in the way of compiling a kernel for the first time, and what is told."""

import subprocess
import sys

import pytest

from refinit.__main__ import OK, main  # and declares what is compiled here
from refinit.kernels.code import cuda_compiler as compiler
from refinit.kernels.code import cuda_loader as loader
from tests.paths import ROOT

H100 = 9, 0
COMPILE = """
import refinit.streams.all_kernels
from refinit.kernels.code.cuda_loader import cubin
print(len(cubin('wide_uniform_float32', (9, 0)).code))
"""
#: But for variables of numba's that no kernel uses, in an order that numba leaves open.
PTX = """
import refinit.streams.all_kernels
from refinit.kernels.code.cuda_compiler import ptx
from refinit.kernels.code.key import key
lines = ptx('wide_uniform_float32', (9, 0)).splitlines()
print(key('cuda'), *(line for line in lines if 'NumbaEnv' not in line), sep='\\n')
"""
#: For functions of their own.
USERS_SETTINGS = {
    "NUMBA_OPT": "0",
    "NUMBA_DEBUGINFO": "1",
    "NUMBA_CUDA_DEBUGINFO": "1",
    "NUMBA_BOUNDSCHECK": "1",
    "NUMBA_DISABLE_JIT": "1",
}


def run(tmp_path, code=COMPILE, **settings):
    environment = {"REFINIT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_a_users_settings_of_numba_are_not_ours(tmp_path):
    plain, users = run(tmp_path, PTX), run(tmp_path, PTX, **USERS_SETTINGS)
    assert users.returncode == 0, users.stderr
    assert users.stdout == plain.stdout
    assert ".visible .entry wide_uniform_float32(" in users.stdout


def test_code_for_a_gpu_is_compiled_ahead(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path))
    for state in (" s\n", "  was there\n"):
        assert main(["warmup", "--cuda", "sm_90", "wide_constant"]) == OK
        assert state in capsys.readouterr().out
    monkeypatch.setattr(loader, "_compiled_alone", None)
    assert loader.cubin("wide_constant", H100).code


def test_the_simulator_is_told_to_be_no_compiler(tmp_path):
    assert (
        "RuntimeError: expected numba's CUDA compiler, got its simulator"
        in run(tmp_path, NUMBA_ENABLE_CUDASIM="1").stderr
    )


def test_a_device_that_the_linker_does_not_know_is_told():
    with pytest.raises(RuntimeError, match=r"compute capability 99\.0, got ERROR_UNRECOGNIZED_ARCH"):
        compiler.cubin("", (99, 0))


@pytest.mark.parametrize("library", ["nvvm", "nvJitLink"])
def test_numba_cuda_without_its_extra_is_told_what_to_install(tmp_path, library):
    hidden = f"""
import cuda.pathfinder
found = cuda.pathfinder.load_nvidia_dynamic_lib
def load(name):
    if name == {library!r}:
        raise cuda.pathfinder.DynamicLibNotFoundError(name)
    return found(name)
cuda.pathfinder.load_nvidia_dynamic_lib = load
"""
    environment = {"REFINIT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", hidden + COMPILE]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "ImportError: compiling a CUDA kernel" in result.stderr


def test_a_fill_in_the_middle_of_compiling_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path))
    linked, told = compiler.cubin, []

    def interrupted(text, capability):
        with pytest.raises(
            RuntimeError, match="wide_normal_float32 compiled, got a fill that needs wide_constant"
        ) as error:
            loader.cubin("wide_constant", H100)
        told.append(error)
        return linked(text, capability)

    monkeypatch.setattr(compiler, "cubin", interrupted)
    loader.cubin("wide_normal_float32", H100)
    assert told
    monkeypatch.undo()
    monkeypatch.setenv("REFINIT_CACHE_DIR", str(tmp_path))
    assert loader.cubin("wide_constant", H100).code
