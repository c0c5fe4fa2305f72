"""Modules: two orders, ties, copies, what was replaced, and streams by position."""

import copy

import numpy as np
import pytest

import refinit
from refinit import layers as nn


def by_position(module, seed=5):
    return module.init(refinit.CounterGenerator(seed))


class Shortcut(nn.Module):
    """Made first, registered last."""

    def __init__(self):
        super().__init__()
        shortcut = nn.Linear(3, 4)
        self.body = nn.Linear(3, 4)
        self.shortcut = shortcut


def test_fills_have_the_order_of_making_and_names_that_of_registration():
    recipe = Shortcut().recipe()
    assert [step.out.buffer for step in recipe.steps] == [
        "shortcut.weight",
        "shortcut.bias",
        "body.weight",
        "body.bias",
    ]
    assert [*recipe.state] == ["body.weight", "body.bias", "shortcut.weight", "shortcut.bias"]
    assert {*recipe.buffers} == {*recipe.state}


def test_keywords_name_modules_and_parameters():
    module = nn.Module(token=nn.zeros(1, 2), fc=nn.Linear(2, 1))
    assert [*module.init(seed=0)] == ["token", "fc.weight", "fc.bias"]
    with pytest.raises(TypeError, match="expected a Module or a Parameter as fc, got int"):
        nn.Module(fc=3)


def test_what_was_replaced_has_drawn():
    """As torch's generator has moved; the numbers are another layer's."""
    model = nn.Module(head=nn.Linear(5, 7))
    model.head = nn.Linear(5, 2)
    generator = refinit.Generator().manual_seed(3)
    state = model.init(generator)
    expected = refinit.Generator().manual_seed(3)
    nn.Linear(5, 7).init(expected)
    second = nn.Linear(5, 2).init(expected)
    assert np.array_equal(state["head.weight"], second["weight"])
    assert np.array_equal(generator.get_state(), expected.get_state())


@pytest.mark.parametrize("replace", ["delete", "none", "parameter", "plain"])
def test_every_way_to_drop_a_parameter_keeps_its_draws(replace):
    layer = nn.Linear(3, 4)
    if replace == "delete":
        del layer.bias
    elif replace == "parameter":
        layer.bias = nn.zeros(4)
    elif replace == "plain":
        layer.register_buffer("bias", nn.zeros(4))
    else:
        layer.bias = None
    after = refinit.Generator().manual_seed(0)
    state = layer.init(after)
    expected = refinit.Generator().manual_seed(0)
    nn.Linear(3, 4).init(expected)
    assert np.array_equal(after.get_state(), expected.get_state())
    assert ("bias" in state) == (replace in ("parameter", "plain"))


def test_tied_names_have_one_array():
    model = nn.Module(embed=nn.Embedding(5, 3), head=nn.Linear(3, 5, bias=False))
    model.head.weight = model.embed.weight
    state = model.init(seed=0)
    assert np.shares_memory(state["head.weight"], state["embed.weight"])
    assert np.array_equal(state["head.weight"], state["embed.weight"])
    assert [name for name, _ in model.named_parameters()] == ["embed.weight"]
    assert [*model.recipe().buffers] == ["embed.weight", "~0"]  # what head drew and lost


def test_a_copy_begins_equal_and_goes_its_own_way():
    first = nn.Linear(3, 4)
    second = copy.deepcopy(first)
    nn.init.zeros_(second.bias)
    state = nn.ModuleList([first, second]).init(seed=0)
    assert np.array_equal(state["0.weight"], state["1.weight"])
    assert state["0.bias"].any()
    assert not state["1.bias"].any()


def test_a_copy_has_what_its_source_had_then():
    first = nn.Linear(3, 4)
    second = copy.deepcopy(first)
    nn.init.zeros_(first.weight)
    state = nn.ModuleList([first, second]).init(seed=0)
    assert not state["0.weight"].any()
    assert state["1.weight"].any()


def test_a_copy_keeps_ties():
    pair = nn.Module(a=nn.Linear(3, 3), b=nn.Linear(3, 3))
    pair.b.weight = pair.a.weight
    twin = copy.deepcopy(pair)
    assert twin.b.weight is twin.a.weight
    assert twin.a.weight is not pair.a.weight
    views = copy.deepcopy(nn.Module(a=pair.a.weight, b=nn.Parameter(pair.a.weight).T))
    views.a[0, 1].fill_(7)
    assert views.init(seed=0)["b"][1, 0] == 7


def test_by_position_a_parameter_depends_on_its_name_alone():
    layer = nn.Linear(3, 4)
    model = nn.Module(other=nn.Linear(9, 9), fc=layer)
    state = by_position(model)
    weight = refinit.kaiming_uniform_(
        refinit.empty(4, 3), a=5**0.5, generator=refinit.CounterGenerator(5).substream("fc.weight")
    )
    assert np.array_equal(state["fc.weight"], weight)
    assert np.array_equal(by_position(nn.Module(fc=nn.Linear(3, 4)))["fc.weight"], weight)


def test_by_position_the_last_fill_alone_counts():
    model = nn.Module(fc=nn.Linear(3, 4))
    nn.init.normal_(model.fc.weight, std=0.02)
    expected = refinit.normal_(
        refinit.empty(4, 3), std=0.02, generator=refinit.CounterGenerator(5).substream("fc.weight")
    )
    assert np.array_equal(by_position(model)["fc.weight"], expected)


def test_by_position_copies_have_numbers_of_their_own():
    stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)
    state = by_position(stack)
    name = "layers.1.linear1.weight"
    expected = refinit.kaiming_uniform_(
        refinit.empty(16, 8), a=5**0.5, generator=refinit.CounterGenerator(5).substream(name)
    )
    assert np.array_equal(state[name], expected)
    assert not np.array_equal(state["layers.0.linear1.weight"], expected)


def test_by_position_a_padding_row_stays_zero():
    rows = by_position(nn.Embedding(5, 3, padding_idx=2))["weight"]
    expected = refinit.normal_(refinit.empty(5, 3), generator=refinit.CounterGenerator(5).substream("weight"))
    expected[2] = 0
    assert np.array_equal(rows, expected)


def test_a_numpy_generator_is_one_key():
    first, second = (nn.Linear(3, 4).init(np.random.default_rng(0)) for _ in range(2))
    assert np.array_equal(first["weight"], second["weight"])


def test_the_default_generator_is_refinits():
    refinit.manual_seed(8)
    state = nn.Linear(3, 4).init()
    assert np.array_equal(state["weight"], nn.Linear(3, 4).init(seed=8)["weight"])


def test_a_generator_and_a_seed_are_one_too_many():
    with pytest.raises(ValueError, match="got both"):
        nn.Linear(3, 4).init(refinit.Generator(), seed=0)


def test_a_module_made_twice_is_equal():
    layer = nn.Linear(3, 4)
    assert np.array_equal(layer.init(seed=0)["weight"], layer.init(seed=0)["weight"])


def test_a_parameter_that_nothing_fills_is_named():
    with pytest.raises(ValueError, match=r"filled, got none for 'scale'.*init.zeros_"):
        nn.Module(scale=nn.empty(3)).init(seed=0)


def test_super_init_comes_first():
    class Late(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(3, 4)

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call: write super"):
        Late()


def test_a_module_is_not_called():
    with pytest.raises(NotImplementedError, match="Linear has no forward: expected init"):
        nn.Linear(3, 4)(np.ones(3))


def test_names_have_no_dots():
    with pytest.raises(KeyError, match="without dots"):
        nn.Module().add_module("a.b", nn.ReLU())


def test_walks_have_torchs_order():
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU(), nn.Linear(1, 1)))
    assert [name for name, _ in model.named_modules()] == ["", "0", "1", "1.0", "1.1"]
    shared = nn.ReLU()
    assert [name for name, _ in nn.Module(a=shared, b=shared).named_children()] == ["a"]
    seen = []
    model.apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Sequential"]


def test_arrays_are_taken_as_they_are():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    table = nn.Embedding.from_pretrained(values)
    values[:] = 0
    assert table.init()["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    loss = nn.CrossEntropyLoss(weight=np.ones(3, np.float32))
    assert loss.init()["weight"].tolist() == [1, 1, 1]
    assert by_position(table)["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_is_assigned_to_a_buffer_is_one():
    norm = nn.BatchNorm1d(2)
    norm.running_mean = nn.ones(2)
    assert [name for name, _ in norm.named_parameters()] == ["weight", "bias"]
    assert norm.init()["running_mean"].tolist() == [1, 1]


def test_an_integer_is_no_parameter():
    with pytest.raises(
        RuntimeError, match=r"can require gradients: expected a floating dtype of count.*register_buf"
    ):
        nn.Module(count=nn.zeros(1, dtype="int64"))


def test_a_buffer_that_is_not_persistent_is_in_no_state():
    module = nn.Module()
    module.register_buffer("mask", nn.ones(3), persistent=False)
    assert module.mask.shape == (3,)
    assert not module.init()


def test_a_module_shows_what_it_is():
    assert repr(nn.Module(fc=nn.Linear(3, 4), act=nn.ReLU())) == (
        "Module(\n  (fc): Linear(weight=(4, 3), bias=(4,))\n  (act): ReLU()\n)"
    )
