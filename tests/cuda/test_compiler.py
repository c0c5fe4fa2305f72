"""What stands in the way of compiling a kernel for the first time, and what is told."""

import subprocess
import sys

import pytest

import refinit.streams.all_kernels  # noqa: F401 - declares what is compiled here
from refinit.kernels.code import cuda_compiler as compiler
from refinit.kernels.code import cuda_loader as loader
from tests.paths import ROOT

H100 = 9, 0
COMPILE = """
import refinit.streams.all_kernels
from refinit.kernels.code.cuda_loader import cubin
print(len(cubin('wide_uniform_float32', (9, 0)).code))
"""


def run(tmp_path, **settings):
    environment = {"REFINIT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(
        [sys.executable, "-c", COMPILE], env=environment, capture_output=True, text=True, check=False
    )


def test_a_users_disabled_jit_is_not_ours(tmp_path):
    result = run(tmp_path, NUMBA_DISABLE_JIT="1")
    assert result.returncode == 0, result.stderr


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
