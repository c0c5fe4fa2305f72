"""What no random number reaches: literals, and fills of one number."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from refinit.models.recipe.steps import Literal  # noqa: E402 - needs torch
from tests.models.record.modules import parameter, recorded, words  # noqa: E402


def test_what_no_random_number_reaches_is_a_literal():
    def fill(self):
        self.register_buffer("mask", torch.tril(torch.ones(3, 3)))
        self.register_buffer("zeros", torch.zeros(1000, 1000, dtype=torch.bfloat16))
        self.register_buffer("count", torch.tensor(7))

    recipe = recorded(fill)
    assert not recipe.steps
    assert isinstance(recipe.state["mask"], Literal)
    np.testing.assert_array_equal(recipe.state["mask"].array, np.tri(3))
    assert recipe.state["zeros"].array.strides == (0, 0)
    assert recipe.state["zeros"].dtype == "bfloat16"
    assert recipe.state["count"].array == 7


def test_a_constant_is_a_fill_unless_more_is_written():
    def fill(self):
        self.norm = torch.nn.LayerNorm(4)
        self.other = torch.nn.LayerNorm(4)
        self.other.weight.data[1] = 3

    recipe = recorded(fill)
    assert [(step.function, step.out.buffer, step.call) for step in recipe.steps] == [
        ("constant_", "norm.weight", "ones_()"),
        ("zeros_", "norm.bias", "zeros_()"),
        ("zeros_", "other.bias", "zeros_()"),
    ]
    np.testing.assert_array_equal(recipe.state["other.weight"].array, [1, 3, 1, 1])


def test_a_constant_that_is_drawn_in_part_is_the_step_before():
    def fill(self):
        self.w = torch.nn.init.ones_(parameter(4))
        self.w.data[1:].normal_()

    assert words(recorded(fill)) == ["constant_", "normal_"]


def test_identities_over_random_numbers_are_steps():
    def fill(self):
        self.fc, self.conv = torch.nn.Linear(3, 2, bias=False), torch.nn.Conv1d(2, 2, 3, bias=False)
        torch.nn.init.eye_(self.fc.weight)
        torch.nn.init.dirac_(self.conv.weight, 2)
        self.eye = torch.nn.init.eye_(parameter(2, 2))

    recipe = recorded(fill)
    assert words(recipe) == ["uniform_", "uniform_", "eye_", "dirac_"]
    assert recipe.steps[-1].arguments == {"groups": 2}
    assert isinstance(recipe.state["eye"], Literal)
