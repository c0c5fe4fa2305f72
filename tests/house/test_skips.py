"""No test is skipped where a module of ours is missing: one that moves would take its tests away unnoticed."""

import ast

import pytest

from tests.house.test_house import FOLDERS, in_folder, offenders, parsed


def own_modules_that_may_be_missing(path):
    for node in parsed(path):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("importorskip"):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            names = [str(value.value) for value in arguments if isinstance(value, ast.Constant)]
            yield from (name for name in names if name.partition(".")[0] in FOLDERS)


def test_no_test_skips_where_a_module_of_ours_is_missing():
    assert not offenders(own_modules_that_may_be_missing, in_folder("tests")), "import it"


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("pytest.importorskip('refinit.fill')", ["refinit.fill"]),
        ("x = importorskip(modname='verify')", ["verify"]),
        ("pytest.importorskip('torch', reason='refinit is compared with it')", []),
    ],
)
def test_a_module_of_ours_that_may_be_missing_is_found(tmp_path, call, names):
    (tmp_path / "source.py").write_text(call)
    assert list(own_modules_that_may_be_missing(tmp_path / "source.py")) == names
