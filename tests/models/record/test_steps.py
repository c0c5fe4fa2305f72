"""What a constructor does, in the words of a recipe."""

import copy
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from refinit.models.recipe.steps import Fill, Operation, View  # noqa: E402 - needs torch
from tests.models.record.modules import parameter, recorded, words  # noqa: E402


def test_a_layer_is_its_fills_in_the_users_words():
    def fill(self):
        self.fc = torch.nn.Linear(3, 5)
        torch.nn.init.trunc_normal_(self.fc.weight, std=0.5)
        torch.nn.init.zeros_(self.fc.bias)

    recipe = recorded(fill)
    weight = View("fc.weight", 0, (5, 3), (3, 1))
    assert [(step.function, step.out, step.call) for step in recipe.steps] == [
        ("uniform_", weight, f"kaiming_uniform_(a={math.sqrt(5)!r})"),
        (
            "uniform_",
            View("fc.bias", 0, (5,), (1,)),
            f"uniform_(a={-1 / math.sqrt(3)!r}, b={1 / math.sqrt(3)!r})",
        ),
        ("trunc_normal_", weight, "trunc_normal_(std=0.5)"),
        ("zeros_", View("fc.bias", 0, (5,), (1,)), "zeros_()"),
    ]
    assert recipe.steps[2].arguments == {"mean": 0.0, "std": 0.5, "a": -2.0, "b": 2.0}
    first = fill.__code__.co_firstlineno
    places = [int(step.where.rpartition(":")[2]) - first for step in recipe.steps]
    assert places == [1, 1, 2, 3]
    assert recipe.steps[0].where.startswith("tests/models/record/test_steps.py:")
    assert recipe.buffers["fc.weight"].shape == (5, 3)


@pytest.mark.parametrize(
    ("draw", "fill"),
    [
        (lambda w: w.data.normal_(2, 3), ("normal_", {"mean": 2.0, "std": 3.0})),
        (lambda w: w.data.normal_(std=3), ("normal_", {"mean": 0.0, "std": 3.0})),
        (lambda w: w.data.uniform_(to=3), ("uniform_", {"a": 0.0, "b": 3.0})),
        (lambda w: w.data.uniform_(-1), ("uniform_", {"a": -1.0, "b": 1.0})),
        (lambda w: torch.nn.init.orthogonal_(w, 2), ("orthogonal_", {"gain": 2.0})),
        (lambda w: torch.nn.init.sparse_(w, sparsity=0.5), ("sparse_", {"sparsity": 0.5, "std": 0.01})),
    ],
    ids=["normal_", "std", "to", "from", "orthogonal_", "sparse_"],
)
def test_a_draw_has_the_arguments_of_refinits_initializer(draw, fill):
    def make(self):
        self.w = parameter(4, 4)
        draw(self.w)

    (step,) = recorded(make).steps
    assert (step.function, step.arguments) == fill


@pytest.mark.parametrize(
    ("make", "fill"),
    [
        (lambda: torch.randn(2, 3), Fill("normal_", View("w", 0, (2, 3), (3, 1)))),
        (lambda: torch.rand(2, 3), Fill("uniform_", View("w", 0, (2, 3), (3, 1)))),
        (lambda: torch.randn_like(torch.ones(3, 2).t()), Fill("normal_", View("w", 0, (2, 3), (1, 2)))),
        (lambda: torch.rand_like(torch.ones(6)), Fill("uniform_", View("w", 0, (6,), (1,)))),
        (
            lambda: torch.normal(1, 2, (6,)),
            Fill("normal_", View("w", 0, (6,), (1,)), {"mean": 1.0, "std": 2.0}),
        ),
        (
            lambda: torch.randn(6, out=torch.empty(6)),
            Fill("normal_", View("w", 0, (6,), (1,)), {"mean": 0.0, "std": 1.0}),
        ),
        (lambda: torch.randn(6, dtype=torch.float64), Fill("normal_", View("w", 0, (6,), (1,)))),
    ],
    ids=["randn", "rand", "randn_like", "rand_like", "normal", "out", "float64"],
)
def test_a_tensor_made_of_random_numbers_is_a_fill(make, fill):
    recipe = recorded(lambda self: self.register_buffer("w", make()))
    (step,) = recipe.steps
    assert (step.function, step.out, step.arguments) == (fill.function, fill.out, fill.arguments)
    assert recipe.buffers["w"].dtype == str(make().dtype).removeprefix("torch.")


def test_trunc_normal_under_any_name_is_caught():
    from torch.nn.init import trunc_normal_ as some_name  # before the recording, as modules do

    def fill(self):
        self.w = parameter(3)
        some_name(self.w)

    assert words(recorded(fill)) == ["trunc_normal_"]


def test_arithmetic_is_operations_on_views():
    def fill(self):
        self.w = torch.nn.Parameter(torch.randn(2, 3).t() * 0.5)

    draw, product = recorded(fill).steps
    assert draw.out == View("temporary.0", 0, (2, 3), (3, 1))
    assert isinstance(product, Operation)
    assert product.name == "mul"
    assert product.operands == (View("temporary.0", 0, (3, 2), (1, 3)), 0.5)
    assert product.out == View("w", 0, (3, 2), (1, 3))


def test_what_was_there_before_a_part_is_drawn_is_kept():
    def fill(self):
        self.w = torch.nn.Parameter(torch.arange(6.0))
        self.w.data[2:4].normal_()

    before, draw = recorded(fill).steps
    assert before.name == "copy"
    np.testing.assert_array_equal(before.operands[0].array, np.arange(6.0, dtype=np.float32))
    assert draw.out == View("w", 2, (2,), (1,))


def test_what_is_overwritten_whole_needs_no_step_but_its_draws():
    def fill(self):
        self.w = parameter(6)
        self.w.data.normal_().mul_(3)
        self.w.data[0] = 1
        self.w.data.uniform_()

    assert words(recorded(fill)) == ["normal_", "uniform_"]


def test_a_trial_of_the_forward_pass_leaves_its_draws_alone():
    def fill(self):
        conv = torch.nn.Conv2d(1, 2, 3)
        features = conv(torch.randn(1, 1, 8, 8)).flatten(1).shape[1]
        self.fc = torch.nn.Linear(features, 1, bias=False)

    recipe = recorded(fill)
    assert words(recipe) == ["uniform_", "uniform_", "normal_", "uniform_"]
    assert list(recipe.state) == ["fc.weight"]
    assert list(recipe.buffers) == ["temporary.0", "temporary.1", "temporary.2", "fc.weight"]


def test_tied_weights_share_their_buffer():
    def fill(self):
        self.a, self.b = torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False)
        self.b.weight = self.a.weight

    recipe = recorded(fill)
    assert recipe.state["a.weight"] == recipe.state["b.weight"] == View("a.weight", 0, (5, 3), (3, 1))


def test_a_buffer_of_which_names_see_parts_has_the_name_of_the_first():
    def fill(self):
        whole = torch.randn(2, 4)
        self.register_buffer("a", whole[1])
        self.register_buffer("b", whole.t())
        self.register_buffer("c", torch.randn(4)[1:])

    recipe = recorded(fill)
    assert list(recipe.buffers) == ["b", "c"]
    assert recipe.state["a"] == View("b", 4, (4,), (1,))
    assert recipe.buffers["b"].shape == (8,)  # not in C order


def test_buffers_that_no_state_dict_has_give_their_names():
    def fill(self):
        self.register_buffer("noise", torch.randn(3), persistent=False)

    recipe = recorded(fill)
    assert list(recipe.buffers) == ["noise"]
    assert not recipe.state


@pytest.mark.parametrize("copied", [copy.deepcopy, torch.clone], ids=["deepcopy", "clone"])
def test_copies_are_copies(copied):
    def fill(self):
        self.register_buffer("a", torch.randn(4, 3)[1:].t())
        self.register_buffer("b", copied(self.a))

    recipe = recorded(fill)
    assert words(recipe) == ["normal_", "copy"]
    assert recipe.state["b"].shape == (3, 3)
    assert recipe.buffers["b"].dtype == "float32"


def test_casts_are_copies_to_another_type():
    recipe = recorded(lambda self: setattr(self, "fc", torch.nn.Linear(2, 2, bias=False).half()))
    draw, cast = recipe.steps
    assert (recipe.buffers[draw.out.buffer].dtype, recipe.buffers["fc.weight"].dtype) == (
        "float32",
        "float16",
    )
    assert cast.operands == (draw.out,)


def test_the_default_dtype_is_what_the_constructor_sets_and_is_put_back():
    def fill(self):
        torch.set_default_dtype(torch.float64)
        self.register_buffer("w", torch.randn(3))

    assert recorded(fill).buffers["w"].dtype == "float64"
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what memory a process touched")
def test_memory_that_random_numbers_would_fill_is_never_touched():
    resident = []

    def fill(self):
        for _ in range(2):
            resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
            self.w = torch.nn.Parameter(torch.randn(1 << 26) * 2)
            torch.nn.init.trunc_normal_(self.w)

    assert words(recorded(fill)) == 2 * ["normal_", "trunc_normal_"]
    assert resident[1] - resident[0] < 1 << 26  # of 1 << 29 bytes


def test_memory_resized_before_anything_is_written():
    def fill(self):
        w = torch.empty(4, 5).resize_(60, 70)
        self.w = torch.nn.Parameter(torch.nn.init.normal_(w))

    recipe = recorded(fill)
    assert recipe.buffers["w"].shape == (60, 70)
    assert words(recipe) == ["normal_"]
