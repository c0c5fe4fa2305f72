"""What is made while a constructor runs draws in its turn, registered or not, as torch's generator moves with each."""

import abc
import copy
import dataclasses
import inspect
import threading

import numpy as np
import pytest

import refinit
from refinit import layers
from refinit.models.layers.base import construction
from tests.tables.constructors import CONSTRUCTS, a_dropped_layer, a_list, made_by
from tests.tables.references.torch import torch_module
from tests.tables.whole_models import compared

torch_module()  # what all is compared with


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_a_constructor_is_torchs(construct):
    assert compared(made_by(construct), 3).difference is None


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_a_constructor_within_another_is_torchs(construct):
    inner = made_by(construct)

    def outer(self, nn):
        self.inner = inner(nn)
        self.list = [inner(nn)]

    assert compared(made_by(outer), 4).difference is None


def test_what_is_made_before_super_init_draws():
    def build(nn):
        class Model(nn.Module):
            def __init__(self):
                nn.Linear(5, 5)
                super().__init__()
                self.last = nn.Linear(3, 2)
                nn.Linear(5, 5)

        return Model()

    assert compared(build, 5).difference is None


def test_what_is_passed_in_and_filled_draws_where_it_was_made():
    def build(nn):
        class Model(nn.Module):
            def __init__(self, *parts):
                super().__init__()
                nn.Linear(4, 4)
                self.second, self.parts = parts[1], [parts[0]]
                nn.init.xavier_normal_(parts[0].weight)
                self.last = nn.Linear(3, 2)

        return Model(nn.Linear(2, 2, bias=False), nn.Linear(3, 3))

    assert compared(build, 6).difference is None


def test_what_is_passed_in_brings_its_own():
    build = made_by(a_list)
    assert compared(lambda nn: nn.Sequential(build(nn), nn.Linear(1, 1), build(nn)), 7).difference is None


def test_what_a_list_makes_from_a_generator_draws():
    def build(nn):
        return nn.ModuleList(
            part for _ in range(2) for part in (nn.Linear(2, 2), nn.Linear(3, 3)) if part.bias.numel() == 2
        )

    assert compared(build, 8).difference is None


def test_fills_after_the_constructor_draw_too():
    def build(nn):
        model = made_by(a_list)(nn)
        nn.init.normal_(model.hidden[0].weight)
        nn.init.normal_(model.last.weight)
        model.hidden[1].reset_parameters()
        return model

    assert compared(build, 9).difference is None


def test_a_part_has_what_its_own_constructor_draws():
    build = made_by(a_list)
    model = made_by(lambda self, nn: setattr(self, "inner", build(nn)))(layers)
    alone, within = build(layers).init(seed=1), model.inner.init(seed=1)
    assert all(np.array_equal(alone[name], within[name]) for name in alone)


def test_a_copy_draws_what_its_source_does():
    model = made_by(a_list)(layers)
    state, copied = model.init(seed=1), copy.deepcopy(model).init(seed=1)
    assert all(np.array_equal(state[name], copied[name]) for name in state)
    model.hidden[0].reset_parameters()
    assert np.array_equal(copy.deepcopy(model).init(seed=2)["last.bias"], model.init(seed=2)["last.bias"])


def test_by_position_it_takes_nothing():
    def construct(self, nn):
        self.scaled = nn.randn(3, 4) * 0.02

    def with_more(self, nn):
        nn.Linear(5, 5)
        construct(self, nn)

    first, second = (
        made_by(each)(layers).init(refinit.CounterGenerator(2)) for each in (construct, with_more)
    )
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert [*first] == [*second] == ["scaled", "last.weight", "last.bias"]


def test_its_buffers_are_in_no_state():
    recipe = made_by(a_dropped_layer)(layers).recipe()
    assert [*recipe.state] == ["last.weight", "last.bias"]
    assert [step.out.buffer for step in recipe.steps] == ["~0", "~1", "last.weight", "last.bias"]


def test_what_draws_nothing_is_not_kept():
    model = made_by(lambda _, nn: (nn.BatchNorm2d(3), nn.Parameter(nn.ones(2)), nn.zeros(3)))(layers)
    assert [*model.recipe().buffers] == ["last.weight", "last.bias"]


def test_an_exception_ends_the_construction():
    def broken(_self, nn):
        nn.Linear(3, 4)
        raise LookupError

    with pytest.raises(LookupError):
        made_by(broken)(layers)
    assert not construction._constructions.running


def test_threads_do_not_mix():
    both, states = threading.Barrier(2, timeout=60), {}

    def construct(self, nn):
        both.wait()
        self.parts = [nn.Linear(5, 5)]
        both.wait()

    def run(name):
        states[name] = made_by(construct)(layers).recipe()

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(states[name].steps) for name in "ab"] == [4, 4]


def test_a_dataclass_and_an_abstract_class_are_modules():
    def build(nn):
        class Base(nn.Module, abc.ABC):
            @abc.abstractmethod
            def width(self): ...

        @dataclasses.dataclass(eq=False)
        class Model(Base):
            size: int

            def __post_init__(self):
                super().__init__()
                self.parts = [nn.Linear(self.width(), 2)]
                self.last = nn.Linear(3, 2)

            def width(self):
                return self.size

        with pytest.raises(TypeError, match="abstract"):
            Base()
        return Model(7)

    assert compared(build, 10).difference is None


def test_a_mixin_brings_a_constructor():
    class Mixin:
        def __init__(self):
            super().__init__()
            self.parts = [self.nn.Linear(3, 3)]

    def build(nn):
        model = type("Model", (Mixin, nn.Module), {"nn": nn})()
        model.last = nn.Linear(3, 2)
        return model

    assert compared(build, 11).difference is None
    assert not hasattr(Mixin.__init__, "__wrapped__")


def a_list_first(self):
    layers.Module.__init__(self)
    a_list(self, layers)
    self.last = layers.Linear(3, 2)


def test_a_class_with_a_metaclass_of_its_own_is_a_module():
    model = type("Meta", (type,), {})("Model", (layers.Module,), {"__init__": a_list_first})()
    assert len(model.recipe().steps) == 6


def test_a_class_shows_its_constructors_signature():
    assert str(inspect.signature(layers.Identity)) == str(
        inspect.signature(layers.Identity.__init__)
    ).replace("self, ", "")
    assert [*inspect.signature(layers.Bilinear).parameters][:3] == [
        "in1_features",
        "in2_features",
        "out_features",
    ]
