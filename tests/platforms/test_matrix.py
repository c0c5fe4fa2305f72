"""What is tried of each version, and that what is not tried is told."""

import subprocess
import sys

import pytest

from tests.platforms import matrix
from tests.platforms.matrix import Leg

OUTCOMES = dict.fromkeys(matrix.COMMANDS, "fine")


@pytest.mark.parametrize(
    ("version", "floor", "same"),
    [
        ("2.2.0", "2.2", True),
        ("2.2", "2.2", True),
        ("2.2.5", "2.2.5", True),
        ("0.61.2", "0.61.2", True),
        ("2.2.1", "2.2", False),
        ("2.20", "2.2", False),
        ("2.3", "2.2", False),
        ("", "2.2", False),
    ],
)
def test_a_version_is_the_floor(version, floor, same):
    assert matrix.is_floor(version, floor) == same


def test_floors_are_those_of_pyproject():
    text = (matrix.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {"numpy", "numba", "scipy", "ml_dtypes"} <= set(matrix.floors())
    assert all(f'"{name}>={floor}"' in text for name, floor in matrix.floors().items())
    assert matrix.pinned_torch() == "torch==2.13.0"


def test_a_package_above_its_floor_says_so():
    lowest = Leg("3.14", "lowest", {"numpy": "2.99"}, OUTCOMES)
    newest = Leg("3.14", "newest", {"numpy": "2.99"}, OUTCOMES)
    floor = matrix.floors()["numpy"]
    assert [row[1] for row in matrix.rows([lowest, newest])] == [
        f"numpy 2.99 (no wheel of {floor})",
        "numpy 2.99",
    ]


def test_a_floor_that_no_leg_had_is_named():
    name, floor = next(iter(matrix.floors().items()))
    others = {other: version for other, version in matrix.floors().items() if other != name}
    assert matrix.untried([Leg("3.11", "lowest", {**others, name: "99"})]) == [f"{name}>={floor}"]
    assert matrix.untried([Leg("3.11", "lowest", matrix.floors())]) == []


@pytest.mark.parametrize(
    ("missing", "required", "code", "word"),
    [("venv", False, 0, "not run"), ("venv", True, 1, "not run"), ("pip", False, 1, "FAILED to install")],
)
def test_a_missing_interpreter_is_not_run_and_a_failure_fails(
    monkeypatch, capsys, missing, required, code, word
):
    def uv(command, *_):
        if command == missing:
            raise subprocess.CalledProcessError(2, "uv")
        return "[]"

    monkeypatch.setattr(matrix, "uv", uv)
    options = ["--required"] if required else []
    assert matrix.main([*options, "--versions", "newest", "3.13"]) == code
    assert word in capsys.readouterr().out


@pytest.mark.parametrize(("code", "outcome"), [(0, "2 passed"), (1, "FAILED: 2 passed")])
def test_a_command_is_told_by_its_last_line(tmp_path, code, outcome):
    script = f"print('1\\n2 passed\\n'); raise SystemExit({code})"
    assert matrix.told([sys.executable, "-c", script], tmp_path) == outcome
