"""An import inside a function keeps something out of ``import refinit``; one that does not hides a circle."""

import ast
import subprocess
import sys

from tests.paths import ROOT


def modules(package):
    """The modules of a package by name, parsed."""
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path, ast.parse(path.read_text())


def imported_in_functions(package):
    """(module, own module that it imports inside a function) of each such import."""
    for name, path, tree in modules(package):
        here = name if path.stem == "__init__" else name.rpartition(".")[0]
        functions = (
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        for node in (statement for function in functions for statement in ast.walk(function)):
            if isinstance(node, ast.ImportFrom):
                levels = here.split(".")
                base = levels[: len(levels) - node.level + 1] if node.level else []
                source = ".".join([*base, *filter(None, [node.module])])
                targets = [(source, f"{source}.{alias.name}") for alias in node.names]
            elif isinstance(node, ast.Import):
                targets = [(alias.name, alias.name) for alias in node.names]
            else:
                continue
            yield from ((name, *target) for target in targets if target[0].split(".")[0] == package)


def test_what_refinit_imports_in_functions_is_not_imported_with_it():
    code = "import sys, refinit; print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split())
    lazy = list(imported_in_functions("refinit"))
    assert lazy
    hidden = {
        (importer, inner if inner in loaded else source)
        for importer, source, inner in lazy
        if inner in loaded or (source in loaded and not (ROOT / (inner.replace(".", "/") + ".py")).exists())
    }
    assert not hidden, "import it at the top"


def test_verify_imports_its_own_modules_at_the_top():
    """But for the command line, which sets BLAS's threads before NumPy is there."""
    assert {importer for importer, _, _ in imported_in_functions("verify")} <= {"verify.__main__"}
