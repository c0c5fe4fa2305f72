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
WIDTHS = {f"{kind}{bits}" for kind in ("float", "int", "uint") for bits in (8, 16, 32, 64)} - {
    "float8",
    "float16",
}


def core_functions(path: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and any("core" in ast.unparse(d) for d in node.decorator_list)
    ]


def unwritten_widths(node: ast.AST) -> list[str]:
    """Fractions whose type numba would choose: those outside of every float32(...), int64(...) and so on."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in WIDTHS:
        return []
    own = [ast.unparse(node)] if isinstance(node, ast.Constant) and type(node.value) is float else []
    return own + [one for child in ast.iter_child_nodes(node) for one in unwritten_widths(child)]


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_functions_keep_to_their_dialect(path: Path):
    """Scalars only: no loops, no subscripts, no attributes (so neither math nor NumPy), no keywords to a call.

    The decorator stands alone, without options or a signature. Fractions have a width; in functions of float64 alone
    it is Python's own. That an fma is explicit needs no test: without fastmath LLVM contracts nothing.
    """
    for function in core_functions(path):
        assert [ast.unparse(one) for one in function.decorator_list] == ["core"], function.name
        assert ast.get_docstring(function), function.name
        inside = {type(inner) for inner in ast.walk(function)}
        loops = {ast.For, ast.While, ast.ListComp, ast.GeneratorExp}
        others = {ast.Subscript, ast.Attribute, ast.keyword, ast.Try, ast.Raise, ast.With, ast.Lambda}
        assert not inside & (loops | others), function.name
        assert function.name.endswith("64") or not unwritten_widths(function), function.name


def test_core_functions_stand_in_core():
    elsewhere = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py") if core_functions(p)}
    elsewhere = {one for one in elsewhere if not one.startswith("_core/")}
    assert not elsewhere


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_is_compiled_by_its_own_decorator_alone(path: Path):
    """numba's own are named once, where `core` is made."""
    if path.stem not in {"__init__", "intrinsics"}:
        assert not re.search(r"\bn?jit\b", path.read_text())
