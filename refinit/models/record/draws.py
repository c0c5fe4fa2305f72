"""Draws in the words of a recipe: which initializer fills what, with which arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

#: Initializer -> its arguments in the order of the operation of torch that fills a tensor, and their defaults there.
_IN_PLACE = {
    "uniform_": (("a", "from", 0.0), ("b", "to", 1.0)),
    "normal_": (("mean", "mean", 0.0), ("std", "std", 1.0)),
}
#: What makes a tensor of random numbers: the initializer that fills it so.
_NEW = {"rand": "uniform_", "rand_like": "uniform_", "randn": "normal_", "randn_like": "normal_"}
_PLACES = ("dtype", "layout", "device", "pin_memory")


def filled_in_place(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[torch.Tensor, str, dict[str, Any]] | None:
    """The tensor that an operation fills, the initializer and its arguments; None if refinit has none for it."""
    if name not in _IN_PLACE or "out" in kwargs:
        return None
    arguments = {
        ours: float(args[index] if index < len(args) else kwargs.get(theirs, default))
        for index, (ours, theirs, default) in enumerate(_IN_PLACE[name], 1)
    }
    return args[0], name, arguments


def made_anew(
    name: str, overload: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Callable[[], torch.Tensor], str, dict[str, Any]] | None:
    """What allocates the tensor that an operation makes, the initializer and its arguments; None if there is none."""
    places = {key: kwargs[key] for key in _PLACES if kwargs.get(key) is not None}
    if "out" in kwargs or "names" in kwargs:
        return None
    if (name, overload) == ("normal", "float_float"):
        law = {"mean": float(args[0]), "std": float(args[1])}
        return lambda: torch.empty(args[2], **places), "normal_", law
    if name not in _NEW:
        return None
    if name.endswith("_like"):
        shape = {key: kwargs[key] for key in ("memory_format",) if kwargs.get(key) is not None}
        return lambda: torch.empty_like(args[0], **places, **shape), _NEW[name], {}
    return lambda: torch.empty(args[0], **places), _NEW[name], {}
