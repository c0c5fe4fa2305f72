"""Operations of torch in the words of a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from ..recipe.problem import RecipeError
from ..recipe.signatures import SIGNATURES, bound_operands
from ..recipe.steps import Fill, Operation, Step, View
from . import kinds
from .refusals import Unknown, Unrepresentable
from .sites import site
from .storages import Storages, literal
from .storages import name_of as dtype_name

#: What only moves values, perhaps to another dtype, which the view written to has.
_COPIES = frozenset({"copy_", "clone", "_to_copy"})
#: Names that the recipe's operations have of their own.
_NAMES = {"_weight_norm_interface": "weight_norm"}

Maker = Callable[[View, str, int], Step | Unknown]


def constant(function: Any, args: Sequence[Any]) -> tuple[str, dict[str, Any]] | None:
    """The initializer that does what an operation does, if that is to make all of a tensor one number."""
    name = kinds.name_of(function)
    if name == "zero_":
        return "zeros_", {}
    if name != "fill_":
        return None
    number = args[1].item() if isinstance(args[1], torch.Tensor) else args[1]
    return ("constant_", {"val": number}) if isinstance(number, bool | int | float) else None


def operation(storages: Storages, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Maker:
    """What makes the step of an operation, from the view that it writes to, the line, and which result that is.

    The operands are read now: their memory may hold something else when the step is made.
    """
    name = kinds.name_of(function)
    number = None if any(map(storages.is_random, kinds.tensors_in(args[1:]))) else constant(function, args)
    if number is not None:
        return lambda out, where, index: Fill(number[0], out, number[1], site().call, where)
    if name == "abs" and args[0].is_complex():
        text = "abs of complex numbers, which each library rounds its own way"
        return lambda out, where, index: Unknown(text, out, where)
    try:
        operands = _operands(storages, name, args)
        options = {key: _value(storages, value) for key, value in kinds.options_of(kwargs).items()}
    except Unrepresentable as reason:
        text = f"{name} of {reason}"
        return lambda out, where, index: Unknown(text, out, where)
    return _maker(name, operands, options)


def _maker(name: str, operands: tuple[Any, ...], options: Mapping[str, Any]) -> Maker:
    word = "copy" if name in _COPIES else _NAMES.get(name, name.removesuffix("_"))
    within = " with these operands" if word in SIGNATURES else ""
    unsaid = {"dtype"} if name in _COPIES else set()
    stated = {key: value for key, value in options.items() if value is not None and key not in unsaid}

    def make(out: View, where: str, index: int) -> Step | Unknown:
        step = Operation(word, out, operands, stated, where)
        try:
            bound_operands(step, "")
        except RecipeError:
            return Unknown(f"{name}, which recipes lack{within}", out, where)
        return Unknown(f"result {index} of {name}", out, where) if index else step

    return make


def _operands(storages: Storages, name: str, args: Sequence[Any]) -> tuple[Any, ...]:
    if name in {"copy_", "fill_"}:
        return (_value(storages, args[1]),)
    if name in _COPIES:
        return (_value(storages, args[0]),)
    return tuple(_value(storages, value) for value in args)


def _value(storages: Storages, value: Any) -> Any:
    """An argument as a recipe has it."""
    if isinstance(value, torch.Tensor):
        return storages.view(value) if storages.is_random(value) else literal(value)
    if isinstance(value, list | tuple):
        return tuple(_value(storages, item) for item in value)
    if isinstance(value, torch.dtype):
        return dtype_name(value)
    if value is None or isinstance(value, bool | int | float | complex | str):
        return value
    raise Unrepresentable(f"an argument of type {type(value).__name__}")
