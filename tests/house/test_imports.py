"""What `import refinit` costs: neither torch nor scipy nor numba; and a warm fill needs no compiler either."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {blocked!r}:
            raise ImportError(name + ' is blocked')
sys.meta_path.insert(0, Blocked())
"""
FILLS = """
import numpy as np, refinit
g = refinit.Generator().manual_seed(3)
for dtype in ('float16', 'float32', 'float64', 'complex64', 'complex128'):
    for shape in ((3,), (5, 7), (40, 50)):
        w = np.empty(shape, dtype)
        refinit.uniform_(w, generator=g); refinit.normal_(w, generator=g); refinit.ones_(w)
        refinit.normal_(w.T, generator=g); refinit.uniform_(w[::2], generator=g)
        refinit.normal_(w[..., ::2], generator=g)
        if w.ndim == 2:
            refinit.kaiming_uniform_(w, generator=g); refinit.sparse_(w, 0.5, generator=g); refinit.eye_(w)
        if dtype[0] == 'f':
            refinit.trunc_normal_(w, generator=g); refinit.trunc_normal_(w, a=-0.1, b=0.1, generator=g)
refinit.uniform_(np.empty(3_000_000, np.float32), generator=g)
"""


def run(code, **environment):
    """The output of the code in a fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def imported(code, **environment):
    """The top-level modules that are loaded after the code."""
    tail = "\nimport sys; print('\\n', ' '.join({m.partition('.')[0] for m in sys.modules}))"
    return set(run(code + tail, **environment).split())


def test_import_refinit_imports_neither_torch_nor_scipy_nor_numba():
    assert imported("import refinit").isdisjoint({"torch", "scipy", "numba", "llvmlite", "ml_dtypes"})


def test_a_seed_a_generator_and_an_empty_array_need_no_compiler():
    code = "import refinit; refinit.manual_seed(1); refinit.Generator(); refinit.empty(3)"
    assert imported(code).isdisjoint({"torch", "scipy", "numba", "ml_dtypes"})


def test_warm_fills_import_neither_numba_nor_scipy_nor_torch():
    run(FILLS)  # fills the cache of compiled code, if it is cold
    assert imported(FILLS).isdisjoint({"torch", "scipy", "numba"})


def test_what_only_cuda_arrays_need_is_not_imported_with_refinit():
    unneeded = (
        "arrays.cuda_arrays",
        "arrays.dlpack",
        "arrays.walks.axes",
        "arrays.walks.launches",
        "arrays.walks.patterns",
        "devices.device",
        "devices.driver",
        "kernels.cuda",
        "streams.all_kernels",
        "streams.counter.cuda",
        "streams.counter.kernels.cuda",
        "streams.fixed.cuda",
        "streams.torch_cuda.kernels.cuda",
        "streams.torch_cuda.prepared",
    )
    tail = f"\nimport sys; print(*({{f'refinit.{{name}}' for name in {unneeded}}} & set(sys.modules)))"
    assert run(FILLS + tail).split() == []


def test_warm_fills_work_where_torch_numba_and_scipy_cannot_be_imported():
    run(FILLS)
    assert "done" in run(BLOCK.format(blocked={"torch", "numba", "scipy"}) + FILLS + "print('done')")


def test_everything_works_where_torch_is_not_installed():
    code = FILLS + "refinit.orthogonal_(np.empty((9, 7), np.float32), generator=g); print('done')"
    assert "done" in run(BLOCK.format(blocked={"torch"}) + code)


def test_a_cold_process_compiles_into_the_directory_of_the_environment_variable(tmp_path):
    fill = "refinit.uniform_(np.empty(20, np.float32), generator=refinit.Generator())"
    code = f"import numpy as np, refinit; print({fill}.sum())"
    cold = run(code, REFINIT_CACHE_DIR=str(tmp_path / "cache"))
    assert any(path.is_file() for path in (tmp_path / "cache").rglob("*"))
    assert run(code, REFINIT_CACHE_DIR=str(tmp_path / "cache")) == cold == run(code)


@pytest.mark.parametrize(
    "blocked", [{"ml_dtypes"}, {"ml_dtypes", "torch"}], ids=lambda names: "-".join(sorted(names))
)
def test_ml_dtypes_is_needed_for_bfloat16_only(blocked):
    assert "done" in run(BLOCK.format(blocked=blocked) + FILLS + "print('done')")


def test_unseeded_processes_start_from_distinct_states():
    """false_fail_rate 2e-19: three seeds of 64 bits."""
    code = "import refinit; print(refinit.initial_seed(), bytes(refinit.get_rng_state())[24:60].hex())"
    assert len({run(code) for _ in range(3)}) == 3
