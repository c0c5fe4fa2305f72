"""Calls that torch refuses, each as a case whose value is the error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import init
from torch.nn.init import trunc_normal_

from tests.models.accelerate.reached import Case, N, empty, within


def error_of(function: Callable[[], Any]) -> Callable[[], str]:
    def call() -> str:
        try:
            function()
        except Exception as error:  # noqa: BLE001 - whatever torch raises
            # of an operator that has no kernel, torch says where all the others were registered
            return f"{type(error).__name__}: {error}".partition("is only available")[0]
        return "no error"

    return call


def _saved_for_backward() -> None:
    weight = torch.ones(N, N, requires_grad=True)
    result = weight.exp()
    total = result.sum()
    with torch.no_grad():
        result.normal_()
    total.backward()


ERRORS = [
    Case(name, error_of(call))
    for name, call in {
        "std < 0": lambda: empty().normal_(0, -1),
        "uniform_(1, 0)": lambda: empty().uniform_(1, 0),
        "uniform_ beyond float16": lambda: empty(torch.float16).uniform_(0, 1e6),
        "small, std < 0": lambda: init.normal_(torch.empty(3), 0.0, -1.0),
        "kaiming_uniform_ of a vector": lambda: init.kaiming_uniform_(torch.empty(3), 0.5),
        "kaiming_uniform_, no mode": lambda: init.kaiming_uniform_(torch.empty(3, 3), 0.5, "fan"),
        "kaiming_uniform_, no gain": lambda: init.kaiming_uniform_(torch.empty(3, 3), 0.5, "fan_in", "gelu"),
        "kaiming_uniform_, nan": lambda: init.kaiming_uniform_(torch.empty(3, 3), float("nan")),
        "expanded": lambda: torch.empty(1, N).expand(N, N).normal_(),
        "int": lambda: torch.empty(N, N, dtype=torch.int).normal_(),
        "nan mean": lambda: empty().normal_(float("nan"), 1),
        "tensors as numbers": lambda: empty().normal_(torch.tensor(0.0), torch.tensor(1.0)),
        "a leaf": lambda: nn.Parameter(empty()).normal_(),
        "a small leaf": lambda: nn.Parameter(torch.empty(3)).uniform_(),
        "saved for backward": _saved_for_backward,
        "trunc_normal_ of std 0": lambda: trunc_normal_(empty(), std=0.0),
        "trunc_normal_ of complex": lambda: trunc_normal_(empty(torch.complex64)),
        "trunc_normal_ of ints": lambda: trunc_normal_(torch.empty(N, N, dtype=torch.int)),
        "trunc_normal_ of bounds in disorder": lambda: trunc_normal_(empty(), a=2.0, b=-2.0, std=9.0),
        "sparse": lambda: init.normal_(torch.zeros(3, 3).to_sparse()),
        "a generator that is none": lambda: empty().normal_(generator=3),
        "inference tensor": lambda: init.normal_(within(torch.inference_mode(), empty)()),
    }.items()
]
