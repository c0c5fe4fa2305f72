"""`python -m refinit explain`: what it prints, and what it says of mistakes."""

import pytest

from refinit.__main__ import main
from refinit.commands.command import OK, USAGE

CONVOLUTION = """\
Conv2d(3, 64, 3)

weight  (64, 3, 3, 3)
  filled by  kaiming_uniform_(a=sqrt(5))
  law        U[-0.1925, 0.1925)
  fan_in 27, fan_out 576, gain 0.5774, bound 0.1925, std 0.1111
  std of LeCun  1/sqrt(fan_in)              0.1925    this law has 0.577 of it
  std of Xavier sqrt(2/(fan_in + fan_out))  0.05759   this law has 1.93 of it
  std of He     sqrt(2/fan_in)              0.2722    this law has 0.408 of it

bias  (64,)
  filled by  uniform_(a=-0.1925, b=0.1925)
  law        U[-0.1925, 0.1925)
  bound 0.1925, std 0.1111

Why sqrt(5): """


def test_a_convolution(capsys):
    assert main(["explain", "Conv2d", "3", "64", "3"]) == OK
    printed = capsys.readouterr().out
    assert printed.startswith(CONVOLUTION)
    assert "as a bound it gives 1/sqrt(3 fan_in)" in printed


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["LSTM", "8", "16", "bias=False"], "weight_hh_l0  (64, 16)\n  filled by  uniform_(a=-0.25, b=0.25)"),
        (["Conv2d", "3", "8", "(1, 3)"], "weight  (8, 3, 1, 3)"),
        (["Conv2d", "8", "8", "3", "groups=8"], "counted connection by connection: fan_in 9, fan_out 9"),
        (["RNN", "3", "4", "nonlinearity=relu"], "RNN(3, 4, nonlinearity='relu')"),
        (["Embedding", "9", "3", "padding_idx=-1"], "N(0, 1^2), then zeros_() of 3 elements"),
        (
            ["Transformer", "16", "2", "1", "1", "32"],
            "encoder.norm.bias  (16,)\n  filled by  zeros_()\n  law        0",
        ),
        (["ReLU"], "ReLU()\nNo parameters: nothing is drawn.\n"),
    ],
    ids=str,
)
def test_any_layer_and_argument(arguments, text, capsys):
    assert main(["explain", *arguments]) == OK
    assert text in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["Foo"], "expected a layer, such as Linear, Bilinear"),
        (["init"], "expected a layer, such as Linear"),
        (["Linear", "3"], "Linear(3): "),
        (
            ["Linear", "3"],
            "its arguments are (in_features, out_features, bias=True, device=None, dtype=None)",
        ),
        (["Conv2d", "3", "4", "3", "groups=2"], "in_channels must be divisible by groups"),
        (["MultiheadAttention", "8", "3"], "embed_dim must be divisible by num_heads"),
        (["LazyLinear", "3"], "has no shapes before its first input"),
        (["Linear", "3", "a"], "integers as lengths of a parameter, got str"),
    ],
    ids=str,
)
def test_mistakes_are_told(arguments, text, capsys):
    assert main(["explain", *arguments]) == USAGE
    printed = capsys.readouterr()
    assert text in printed.err
    assert not printed.out
