"""`python -m refinit record`."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

import refinit  # noqa: E402 - needs torch
from refinit.__main__ import main  # noqa: E402
from refinit.commands.command import FAILED, OK, USAGE  # noqa: E402
from tests.paths import ROOT  # noqa: E402


def test_a_constructor_is_written_down(tmp_path, capsys):
    path = tmp_path / "lstm.init.json"
    arguments = ["torch.nn:LSTM", "input_size=3", "hidden_size=5", "bidirectional=True", "-o", str(path)]
    assert main(["record", *arguments]) == OK
    assert capsys.readouterr().out == f"{path}: 8 names, 8 steps\n"
    recipe = refinit.Recipe.load(path)
    assert recipe.source == "torch.nn:LSTM(input_size=3, hidden_size=5, bidirectional=True)"
    assert recipe.buffers["weight_ih_l0_reverse"].shape == (20, 3)


def test_a_module_of_the_folder_at_hand_and_words_as_arguments(tmp_path):
    (tmp_path / "nets.py").write_text(
        "import torch\n\n\nclass Nets:\n    @staticmethod\n    def net(kind):\n"
        "        return {'linear': torch.nn.Linear(2, 2)}[kind]\n"
    )
    command = [
        sys.executable,
        "-m",
        "refinit",
        "record",
        "nets:Nets.net",
        "kind=linear",
        "-o",
        "net.init.json",
    ]
    environment = {"PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "--no-check"], cwd=tmp_path, env=environment, check=True)
    recipe = refinit.Recipe.load(tmp_path / "net.init.json")
    assert [step.where for step in recipe.steps] == ["nets.py:7", "nets.py:7"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["torch.nn"], "expected module:name"),
        (["torch.nn:Lstm"], "has no attribute 'Lstm'"),
        (["torch.nn:functional"], "expected something to call"),
        (["no_such_package:net"], "No module named 'no_such_package'"),
        (["torch.nn:LSTM", "3"], "expected an argument such as num_classes=10"),
        (["torch.nn:LSTM", "3=3"], "expected an argument such as num_classes=10"),
    ],
    ids=["name", "attribute", "call", "module", "positional", "identifier"],
)
def test_what_cannot_be_meant_is_misuse(arguments, message, capsys):
    assert main(["record", *arguments, "-o", "never.json"]) == USAGE
    assert message in capsys.readouterr().err


def test_a_refusal_fails_and_writes_nothing(tmp_path, capsys):
    path = tmp_path / "linear.init.json"
    arguments = ["torch.nn:Linear", "in_features=2", "out_features=2", "device=meta", "-o", str(path)]
    assert main(["record", *arguments]) == FAILED
    assert "on meta" in capsys.readouterr().err
    assert not path.exists()


def test_where_torch_is_missing_the_command_says_so(tmp_path):
    code = "import sys; sys.modules['torch'] = None; from refinit.__main__ import main; sys.exit(main())"
    arguments = ["record", "json:loads", "-o", str(tmp_path / "never.json")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == FAILED
    assert done.stderr == (
        "python -m refinit: error: refinit.record runs a constructor of torch, and torch is missing: "
        "pip install torch; replay needs none\n"
    )
