"""What surveys recordings tells right from wrong; no library is needed for that."""

import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

import refinit  # noqa: E402 - needs torch
from tests.platforms import survey, verdicts  # noqa: E402
from tests.tables import surveyed_models as table  # noqa: E402


def linear():
    return torch.nn.Linear(3, 2)


def orthogonal():
    layer = torch.nn.Linear(8, 8)
    torch.nn.init.orthogonal_(layer.weight)
    return layer


def looking():
    layer = linear()
    assert layer.weight.max().item() < 9
    return layer


def numpys():
    import numpy as np

    layer = linear()
    layer.register_buffer("noise", torch.from_numpy(np.random.rand(3)))  # noqa: NPY002 - as constructors do
    return layer


def failing():
    raise ValueError("no such model")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (linear, "exact"),
        (orthogonal, "inexact"),
        (looking, "refused"),
        (numpys, "refused"),
        (failing, "not constructible"),
    ],
)
def test_a_verdict(make, expected):
    result = verdicts.verdict(make)
    assert result["verdict"] == expected
    assert result.get("by") == ("check" if make is numpys else None)


def test_a_large_model_is_not_constructed():
    assert verdicts.verdict(linear, 7) == {"verdict": "too large", "reason": "8 elements"}


def test_a_wrong_replay_is_wrong():
    recipe = refinit.record(linear)
    assert verdicts.judged(linear, recipe)["verdict"] == "exact"

    def zeroed():
        layer = linear()
        torch.nn.init.zeros_(layer.bias)
        return layer

    assert verdicts.judged(zeroed, recipe) == {"verdict": "wrong", "reason": "bias"}


def test_a_generator_that_ends_elsewhere_is_wrong():
    def longer():
        layer = linear()
        torch.rand(3)
        return layer

    assert verdicts.judged(longer, refinit.record(linear))["verdict"] == "wrong"


def test_a_package_has_a_line_that_counts(monkeypatch):
    monkeypatch.setattr(survey, "version", lambda name: "1.0")
    results = {
        "some a": {"verdict": "exact", "distance": 0.0},
        "some b": {"verdict": "inexact", "distance": 1.2e-7},
        "some c": {"verdict": "too large"},
        "other d": {"verdict": "wrong"},
    }
    assert survey.row("some", results) == ("some 1.0", "2", "1", "1", "0", "0", "1e-07", "1")


def test_classes_are_made_of_the_arguments_that_they_ask_for():
    made = dict(table._of_signatures(torch.nn, "torch.nn"))
    assert "Conv2d" not in made  # it asks for a kernel_size
    assert isinstance(made["ReLU"](), torch.nn.ReLU)
