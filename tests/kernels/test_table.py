"""The kernels' table, their sources and their object code agree."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import refinit
from refinit.kernels.code import cpu_compiler as compiler
from refinit.kernels.code.symbols import PROVIDED
from refinit.kernels.cpu import table as cpu_table
from refinit.kernels.cuda import table as cuda_table
from refinit.streams.all_kernels import CPU_KERNELS, CUDA_KERNELS

PACKAGE = Path(refinit.__file__).parent
MODULES = sorted({kernel.module for kernel in CPU_KERNELS.values()})


def test_every_kernel_of_the_sources_stands_in_the_table():
    sources = {(module, name) for module in MODULES for name in importlib.import_module(module).KERNELS}
    table = {(kernel.module, name) for name, kernel in CPU_KERNELS.items()}
    assert sources == table, "a kernel stands in its module's KERNELS and in the table.py beside it"


def test_every_module_with_kernels_is_in_a_table():
    """Of the CUDA kernels' modules, too, without their compiler."""
    sources = {
        ".".join(("refinit", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in PACKAGE.rglob("kernels/**/*.py")
        if path.stem not in {"__init__", "table"} and re.search(r"^KERNELS\b", path.read_text(), re.MULTILINE)
    }
    tables = {kernel.module for kernel in (*CPU_KERNELS.values(), *CUDA_KERNELS.values())}
    assert sources == tables, "declare what its KERNELS holds in the table.py beside it"


def test_every_table_is_among_all_kernels():
    for path in PACKAGE.rglob("kernels/**/table.py"):
        importlib.import_module(".".join(("refinit", *path.relative_to(PACKAGE).with_suffix("").parts)))
    missing = "import the table in refinit/streams/all_kernels.py"
    assert cpu_table.KERNELS == CPU_KERNELS, missing
    assert cuda_table.KERNELS == CUDA_KERNELS, missing


@pytest.mark.parametrize("table", [cpu_table, cuda_table], ids=["cpu", "cuda"])
def test_a_name_of_another_kernel_is_refused(table, monkeypatch):
    monkeypatch.setattr(table, "KERNELS", dict(table.KERNELS))
    name = next(iter(table.KERNELS))
    assert table.declare(table.KERNELS[name]) == {name: table.KERNELS[name]}  # the same one once more
    with pytest.raises(ValueError, match=f"expected one kernel of the name {name}"):
        table.declare(table.Kernel(name, "elsewhere", ()))


@pytest.mark.parametrize("name", ["normal_serial_float64", "truncated_again_bfloat16", "sparse_8"])
def test_object_code_names_only_what_the_loader_provides(name: str):
    code = compiler.compiled(CPU_KERNELS[name]).code
    symbols = set(re.findall(rb"[A-Za-z_][A-Za-z0-9_]{3,}", code))
    foreign = (b"svml", b"PyErr", b"Py_", b"numba_", b"NRT_")
    assert not [s for s in symbols for f in foreign if f in s and b"NumbaEnv" not in s]


def test_a_kernel_that_calls_anything_else_is_refused(monkeypatch):
    without = {symbol: name for symbol, name in PROVIDED.items() if name != "log1p"}
    monkeypatch.setattr(compiler, "PROVIDED", without)
    with pytest.raises(
        RuntimeError, match=r"calls \['refinit_libm_log1p'\], which the loader does not provide"
    ):
        compiler.compiled(CPU_KERNELS["normal_serial_float64"])


def test_the_user_may_have_disabled_numbas_jit(monkeypatch):
    import numba.core.config

    monkeypatch.setattr(numba.core.config, "DISABLE_JIT", 1)
    assert compiler.compiled(CPU_KERNELS["advance"]).code
    assert numba.core.config.DISABLE_JIT == 1


CORE = sorted(
    path
    for folder in ("kernels", "streams")
    for path in (PACKAGE / folder).rglob("*.py")
    if "math" in {path.parent.name, path.stem}
)
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
    return own + [fraction for child in ast.iter_child_nodes(node) for fraction in unwritten_widths(child)]


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_core_functions_keep_to_their_dialect(path: Path):
    """Scalars only: no loops, no subscripts, no attributes (so neither math nor NumPy), no keywords to a call.

    The decorator stands alone, without options or a signature. Fractions have a width; in functions of float64 alone
    it is Python's own.
    """
    for function in core_functions(path):
        assert [ast.unparse(decorator) for decorator in function.decorator_list] == ["core"], function.name
        assert ast.get_docstring(function), function.name
        inside = {type(inner) for inner in ast.walk(function)}
        loops = {ast.For, ast.While, ast.ListComp, ast.GeneratorExp}
        others = {ast.Subscript, ast.Attribute, ast.keyword, ast.Try, ast.Raise, ast.With, ast.Lambda}
        assert not inside & (loops | others), function.name
        assert function.name.endswith("64") or not unwritten_widths(function), function.name


#: Modules whose products may go into sums, and why.
MAY_CONTRACT = {
    "kernels/math/cephes.py": "torch's CPU arithmetic, each rounding as its build has it; "
    "no other target compiles it"
}
FUNCTIONS = {function.name: function for path in CORE for function in core_functions(path)}


def assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """Everything that each local name may stand for, wherever it was assigned."""
    values_of: dict[str, list[ast.expr]] = {}

    def note(target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            same = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            for index, element in enumerate(target.elts):
                note(element, value.elts[index] if same else value)
        else:
            values_of.setdefault(ast.unparse(target), []).append(value)

    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            note(node.targets[0], node.value)
        elif isinstance(node, ast.AugAssign):
            note(node.target, ast.BinOp(node.target, node.op, node.value))
    return values_of


def is_product(node: ast.expr, function: ast.FunctionDef, visited: frozenset[str] = frozenset()) -> bool:
    """Whether it may be a product of fractions: one with a factor cast to an integer type is of whole numbers."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            return not any(re.match(r"u?int\d+\(", ast.unparse(factor)) for factor in (left, right))
        case ast.UnaryOp(_, operand):
            return is_product(operand, function, visited)
        case ast.IfExp(_, first, second):
            return is_product(first, function, visited) or is_product(second, function, visited)
        case ast.Tuple(elements):
            return any(is_product(element, function, visited) for element in elements)
        case ast.Name(name) if name not in visited:
            values = assigned(function).get(name, [])
            return any(is_product(value, function, visited | {name}) for value in values)
        case ast.Call(ast.Name(name), [operand]) if name.startswith("float"):
            return is_product(operand, function, visited)
        case ast.Call(ast.Name(name)) if name in FUNCTIONS:
            called = FUNCTIONS[name]
            returns = [node.value for node in ast.walk(called) if isinstance(node, ast.Return)]
            return any(is_product(value, called) for value in returns)
    return False


def sums_of_products(function: ast.FunctionDef) -> list[str]:
    """Those sums and differences that a compiler may make one operation of."""
    return [
        ast.unparse(node)
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
        if is_product(node.left, function) or is_product(node.right, function)
    ]


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_product_goes_into_a_bare_sum(path: Path):
    """libNVVM fuses the two, also across a width cast, and cannot be told not to: other bits on a GPU."""
    offenders = {
        function.name: sums for function in core_functions(path) if (sums := sums_of_products(function))
    }
    assert bool(offenders) == (path.relative_to(PACKAGE).as_posix() in MAY_CONTRACT), (
        f"write fma(...): {offenders}"
    )


@pytest.mark.parametrize(
    ("body", "fused"),
    [
        ("return x * y + z", True),
        ("return z - float32(x * y)", True),
        ("return float32(-(x * y)) + z", True),
        ("p = x * y; return float32(z - p)", True),
        ("a, p = z, float32(x * y); return p + a", True),
        ("p = x * y if x < y else z; return p + z", True),
        ("return z + low24(x)", True),
        ("p = x; p *= y; return p + z", True),
        ("return float32(x + y) * z", False),
        ("return fma(x, y, z) + x", False),
        ("return fma(float32(x * y), z, x) + z", False),
        ("return int64(x) - int64(y) * int64(z)", False),
        ("return low * uint64(16) + z", False),
    ],
)
def test_the_rule_sees_what_would_be_fused(body: str, fused: bool):
    function = ast.parse(f"def f(x, y, z): {body}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert bool(sums_of_products(function)) == fused


def test_core_functions_stand_in_core():
    elsewhere = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py") if core_functions(p)}
    elsewhere = {name for name in elsewhere if PACKAGE / name not in CORE}
    assert not elsewhere


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_core_is_compiled_by_its_own_decorator_alone(path: Path):
    """numba's own are named once, where `core` is made."""
    if path.stem not in {"__init__", "intrinsics"}:
        assert not re.search(r"\bn?jit\b", path.read_text())
