"""Constructors whose parts draw and are registered nowhere, for torch.nn and refinit.layers alike."""

from __future__ import annotations

import copy

import pytest


def made_by(construct):
    """A builder of the model whose ``__init__`` is ``construct``."""

    def build(nn):
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                construct(self, nn)
                self.last = nn.Linear(3, 2)

        return Model()

    return build


def a_list(self, nn):
    self.hidden = [nn.Linear(3, 4), nn.Linear(4, 3)]


def a_dropped_layer(_self, nn):
    nn.Linear(5, 7)


def a_dropped_stack(_self, nn):
    nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)


def a_weight_copied(self, nn):
    temporary = nn.Linear(3, 4)
    self.first = nn.Linear(3, 4)
    self.first.weight.data.copy_(temporary.weight.data)


def a_weight_kept(self, nn):
    self.weight = nn.Linear(3, 4).weight


def a_child(self, nn):
    class Child(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = [nn.Conv2d(1, 2, 3)]
            self.own = nn.Linear(2, 2)

    self.child = Child()
    self.between = nn.Linear(1, 1)
    Child()


def a_replaced_layer(self, nn):
    self.head = nn.Linear(3, 9)
    self.head = nn.Linear(3, 4)


def a_replaced_child(self, nn):
    a_child(self, nn)
    self.child = nn.Identity()


def a_reset(self, nn):
    self.parts = [nn.Linear(3, 4), nn.LayerNorm(4)]
    self.first = nn.Linear(2, 2)
    for part in self.parts:
        part.reset_parameters()


def a_fill(self, nn):
    part = nn.Linear(3, 4, bias=False)
    nn.init.orthogonal_(part.weight)
    nn.init.zeros_(part.weight)
    self.first = nn.Linear(2, 2)
    part.weight.data.normal_(0, 0.02)


def a_raise(_self, nn):
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 4)
            raise LookupError

    with pytest.raises(LookupError):
        Broken()


def a_copy(self, nn):
    part = nn.Linear(3, 4)
    copied = copy.deepcopy(part)
    copied.reset_parameters()
    self.second = copy.deepcopy(part)


def a_model_of_its_own(self, nn):
    nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    self.parts = {"a": nn.LSTM(3, 4)}


CONSTRUCTS = [
    *(a_list, a_dropped_layer, a_dropped_stack, a_weight_copied, a_weight_kept, a_child, a_replaced_layer),
    *(a_replaced_child, a_reset, a_fill, a_raise, a_copy, a_model_of_its_own),
]
