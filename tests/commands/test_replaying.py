"""`python -m refinit replay`."""

import os
import subprocess
import sys

import numpy as np
import pytest

import refinit as init
from refinit.__main__ import main
from refinit.models.recipe.parts import Buffer, Fill, Operation
from refinit.models.recipe.steps import Recipe
from tests.paths import ROOT

W, B = Buffer("w", "float32", (20, 30)), Buffer("b", "float32", (20,))
STEPS = (Fill("kaiming_uniform_", W.whole, {"a": 5**0.5}), Fill("uniform_", B.whole))
RECIPE = Recipe({"w": W, "b": B}, STEPS, {"weight": W.whole, "bias": B.whole})


@pytest.fixture
def path(tmp_path):
    RECIPE.save(tmp_path / "net.init.json")
    return tmp_path / "net.init.json"


def weights(path):
    with np.load(path) as archive:
        return dict(archive)


def test_the_weights_are_those_of_replay(path, capsys):
    out = path.with_name("w.npz")
    assert main(["replay", str(path), "--seed", "7", "-o", str(out)]) == 0
    expected = init.replay(RECIPE, 7)
    assert weights(out).keys() == expected.keys()
    assert all((weights(out)[name] == expected[name]).all() for name in expected)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(out)
    assert lines[1].startswith("2 names, 0.0 MB, ")


def test_by_position_and_by_name(path):
    out = path.with_name("w.npz")
    assert main(["replay", str(path), "--seed", "7", "-o", str(out), "--by-position", "--only", "b*"]) == 0
    expected = init.uniform_(init.empty(20), generator=init.CounterGenerator(7).substream("bias"))
    assert [*weights(out)] == ["bias"]
    assert (weights(out)["bias"] == expected).all()


def test_a_ranks_part(path):
    out = path.with_name("w.npz")
    assert main(["replay", str(path), "--seed", "7", "-o", str(out), "--by-position", "--part", "1/4"]) == 0
    expected = init.replay(RECIPE, generator=init.CounterGenerator(7))
    assert (weights(out)["weight"] == expected["weight"][5:10]).all()
    assert main(["replay", str(path), "--seed", "7", "-o", str(out), "--part", "4/4"]) == 2


def test_names_within_some_ulp_are_said(path, capsys):
    steps = (*STEPS, Operation("exp", B.whole, (B.whole,)), Fill("orthogonal_", W.whole))
    Recipe(RECIPE.buffers, steps, RECIPE.state).save(path)
    assert main(["replay", str(path), "--seed", "7", "-o", str(path.with_name("w.npz"))]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert lines == [
        "weight: perhaps far from torch's values",
        "bias: within 2 ulp from torch's values",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--only", "head"], 2, "expected patterns of names in only, got 'head'"),
        (["--max-bytes", "100"], 1, "steps[0].out: expected at most max_bytes=100"),
        (["-o", "w.txt"], 2, "expected a path that ends in .safetensors or .npz, got 'w.txt'"),
        (["-o", "missing/w.npz"], 1, "No such file or directory"),
    ],
)
def test_refusals(path, capsys, arguments, code, message):
    out = [] if "-o" in arguments else ["-o", str(path.with_name("w.npz"))]
    assert main(["replay", str(path), "--seed", "7", *out, *arguments]) == code
    assert message in capsys.readouterr().err
    assert not path.with_name("w.npz").exists()


def test_a_file_that_is_no_recipe_is_named(path, capsys):
    path.write_text('{"format": "other"}')
    assert main(["replay", str(path), "--seed", "7", "-o", str(path.with_name("w.npz"))]) == 1
    assert f"{path}: expected the key 'buffers'" in capsys.readouterr().err


def test_torch_is_not_imported(path):
    code = (
        "import sys; from refinit.__main__ import main; "
        f"code = main(['replay', {str(path)!r}, '--seed', '7', '-o', {str(path.with_name('w.safetensors'))!r}]); "
        "sys.exit(code or ('torch' in sys.modules) * 5)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ, check=False).returncode == 0
