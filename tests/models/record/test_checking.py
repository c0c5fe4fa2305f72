"""A recording is checked by a real construction from another seed."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

import refinit  # noqa: E402 - needs torch
from refinit.models.record.checking import check  # noqa: E402
from refinit.models.record.record import record  # noqa: E402
from tests.models.record.modules import Module  # noqa: E402
from tests.tables.plain_models import MODELS  # noqa: E402

#: Of the models those with values that LAPACK or a norm rounds.
INEXACT = {"LSTM", "GAN"}


def constructed(factory, seed):
    torch.manual_seed(seed)
    return factory().state_dict(), torch.get_rng_state()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_in_plain_torch_is_replayed(name):
    recipe = record(MODELS[name])
    state, moved = constructed(MODELS[name], 1234)
    generator = refinit.Generator().manual_seed(1234)
    weights = refinit.replay(recipe, generator=generator)
    assert list(weights) == list(state)
    unequal = [
        key
        for key, tensor in state.items()
        if np.asarray(weights[key]).tobytes()
        != tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    ]
    assert not unequal or name in INEXACT
    assert np.array_equal(generator.get_state(), moved.numpy())


def test_a_saved_recipe_is_the_recorded_one(tmp_path):
    recipe = record(MODELS["Odd"])
    recipe.save(tmp_path / "odd.init.json")
    again = refinit.Recipe.load(tmp_path / "odd.init.json")
    assert again.to_document() == recipe.to_document()


def linear():
    return Module(lambda self: setattr(self, "fc", torch.nn.Linear(3, 2)))


def with_steps(change):
    recipe = record(linear)
    return replace(recipe, steps=change(recipe.steps))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda steps: steps[::-1], r"fc\.weight: 6 of 6 elements, by up to"),
        (lambda steps: steps[1:], r"the generator's state afterwards"),
        (
            lambda steps: (replace(steps[0], arguments={"a": -1.0, "b": 1.0}), *steps[1:]),
            r"fc\.weight: 6 of 6",
        ),
    ],
    ids=["order", "missing", "bounds"],
)
def test_a_wrong_recipe_is_named(change, message):
    with pytest.raises(NotImplementedError, match=message):
        check(linear, with_steps(change))


@pytest.mark.parametrize(
    "values",
    [
        lambda: torch.from_numpy(np.random.rand(3)),  # noqa: NPY002 - as constructors do
        lambda: torch.tensor([random.random()]),
        lambda: torch.tensor([time.perf_counter_ns()]),
    ],
    ids=["NumPy", "Python", "time"],
)
def test_values_that_are_no_function_of_torchs_seed(values):
    def make():
        return Module(lambda self: self.register_buffer("w", values()))

    with pytest.raises(NotImplementedError, match="no random number of torch reaches it"):
        record(make)


def test_memory_that_is_initialised_in_part():
    def fill(self):
        self.w = torch.nn.Parameter(torch.empty(64))
        self.w.data[:60] = torch.arange(60.0)

    with pytest.raises(NotImplementedError, match=r"w: .* of 64 elements.*nobody initialised"):
        record(lambda: Module(fill))


def test_a_model_of_another_shape_each_time():
    sizes = iter((2, 3))
    with pytest.raises(
        NotImplementedError, match=r"float32 of shape \(3,\), and not float32 of shape \(2,\)"
    ):
        record(lambda: Module(lambda self: self.register_buffer("w", torch.randn(next(sizes)))))


def test_names_that_come_and_go():
    names = iter("ab")
    with pytest.raises(
        NotImplementedError, match=r"a: the module has it no more\n.*b: the recorded module did not"
    ):
        record(lambda: Module(lambda self: self.register_buffer(next(names), torch.randn(2))))


def test_numbers_of_an_operation_with_a_bound_may_differ_within_it():
    def fill(self):
        self.register_buffer("w", torch.empty(4000).uniform_(-0.9, 0.9).erfinv_())

    recipe = record(lambda: Module(fill))
    assert [step.name for step in recipe.steps[1:]] == ["erfinv"]


def test_without_the_check_nothing_is_constructed():
    calls = []

    def make():
        calls.append(torch.is_grad_enabled())
        return linear()

    record(make, check=False)
    assert len(calls) == 1
    record(make)
    assert len(calls) == 3


def test_constants_of_every_type():
    def fill(self):
        for name in ("int64", "uint8", "bool", "bfloat16", "complex64", "float8_e4m3fn", "uint16"):
            dtype = getattr(torch, name)
            self.register_buffer(f"filled {name}", torch.empty(3, dtype=dtype).fill_(1))
            self.register_buffer(f"zeros {name}", torch.empty(3, dtype=dtype).zero_())
            self.register_buffer(f"value {name}", torch.ones(2, dtype=torch.float32).to(dtype))
        self.register_buffer("drawn", torch.randn(4, dtype=torch.complex64))
        self.drawn[1] = 2j
        self.register_buffer("mask", torch.empty(2, dtype=torch.bool).fill_(True))

    recipe = record(lambda: Module(fill))
    assert len(recipe.state) == 23
