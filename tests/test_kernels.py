"""The kernels' table, their sources and their object code agree."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import refinit
from refinit._kernels import compiler, loader, table

PACKAGE = Path(refinit.__file__).parent
MODULES = sorted({kernel.module for kernel in table.KERNELS.values()})


def test_every_kernel_of_the_sources_stands_in_the_table():
    sources = {
        (module, name)
        for module in MODULES
        for name in importlib.import_module(f"refinit._kernels.cpu.{module}").KERNELS
    }
    assert sources == {(kernel.module, name) for name, kernel in table.KERNELS.items()}


@pytest.mark.parametrize("name", ["normal_serial_float64", "truncated_again_bfloat16", "sparse_8"])
def test_object_code_names_only_what_the_loader_provides(name: str):
    code = compiler.compiled(table.KERNELS[name]).code
    symbols = set(re.findall(rb"[A-Za-z_][A-Za-z0-9_]{3,}", code))
    foreign = (b"svml", b"PyErr", b"Py_", b"numba_", b"NRT_")
    assert not [s for s in symbols for f in foreign if f in s and b"NumbaEnv" not in s]


def test_a_kernel_that_calls_anything_else_is_refused(monkeypatch):
    monkeypatch.setattr(
        compiler, "PROVIDED", {k: v for k, v in loader.PROVIDED.items() if not k.endswith("_log1p")}
    )
    with pytest.raises(
        RuntimeError, match=r"calls \['refinit_libm_log1p'\], which the loader does not provide"
    ):
        compiler.compiled(table.KERNELS["normal_serial_float64"])


def test_the_user_may_have_disabled_numbas_jit(monkeypatch):
    import numba.core.config

    monkeypatch.setattr(numba.core.config, "DISABLE_JIT", 1)
    assert compiler.compiled(table.KERNELS["advance"]).code
    assert numba.core.config.DISABLE_JIT == 1


CORE = sorted((PACKAGE / "_core").glob("*.py"))


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_functions_keep_to_their_dialect(path: Path):
    """Scalars only: no loops, no subscripts, no options or signatures on the decorator, no fastmath."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and any(
            ast.unparse(d).startswith("core") for d in node.decorator_list
        ):
            assert [ast.unparse(d) for d in node.decorator_list] == ["core"], node.name
            assert ast.get_docstring(node), node.name
            inside = {type(inner) for inner in ast.walk(node)}
            assert not inside & {ast.For, ast.While, ast.Subscript, ast.Try, ast.Raise, ast.With}, node.name


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_source_asks_numba_for_its_own_cache_threads_or_fast_math(path: Path):
    text = path.read_text()
    for option in ("cache=True", "parallel=True", "fastmath=True"):
        assert option not in text
