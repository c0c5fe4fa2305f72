"""``kaiming_uniform_`` of small weights: linear and convolutional layers are constructed by it.

Its bound is looked up by shape and arguments, and torch's kernel called past the dispatcher.  The function itself stays
the same object, however it was imported or is pickled: its code is exchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch.nn import init

from .dispatched import LEAST
from .functions import fill_small, is_watched

#: By shape and arguments; a model has a few dozen.
_bounds: dict[Any, float] = {}
_MOST_BOUNDS = 1024
_NAME = "_refinit_kaiming_uniform_"
_original: Callable[..., Any] | None = None


def _bound_of(tensor: Any, a: float, mode: str, nonlinearity: str) -> float | None:
    """torch's bound, by its own functions; None for what is not small."""
    key = tensor.shape, a, mode, nonlinearity
    bound = _bounds.get(key)
    if bound is None and 0 < tensor.numel() < LEAST["uniform_"]:
        if len(_bounds) >= _MOST_BOUNDS:
            _bounds.clear()
        fan = init._calculate_correct_fan(tensor, mode)  # noqa: SLF001 - torch's own way
        bound = math.sqrt(3.0) * (init.calculate_gain(nonlinearity, a) / math.sqrt(fan))
        _bounds[key] = bound
    return bound


def _kaiming_uniform(tensor: Any, a: Any, mode: Any, nonlinearity: Any, generator: Any) -> Any:
    if (
        not is_watched()
        and type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and type(a) is float
        and type(mode) is type(nonlinearity) is str
        and (bound := _bound_of(tensor, a, mode, nonlinearity)) is not None
        and fill_small("uniform_", tensor, -bound, bound, generator)
    ):
        return tensor
    return _original(tensor, a, mode, nonlinearity, generator)  # type: ignore[misc]


def kaiming_uniform_(tensor, a, mode, nonlinearity, generator):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """What torch's function runs, with torch's defaults and among torch's names."""
    return _refinit_kaiming_uniform_(tensor, a, mode, nonlinearity, generator)  # type: ignore[name-defined] # noqa: F821


def replace() -> None:
    """Exchanges the code of torch's function."""
    global _original
    function = init.kaiming_uniform_
    _bounds.clear()
    _original = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    function.__globals__[_NAME] = _kaiming_uniform
    function.__code__ = kaiming_uniform_.__code__


def restore() -> None:
    """Gives torch's function its code back, unless it is another's by now.  What runs in other threads runs on."""
    function = init.kaiming_uniform_
    if _original is not None and function.__code__ is kaiming_uniform_.__code__:
        function.__code__ = _original.__code__
