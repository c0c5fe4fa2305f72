"""The operations of recipes: torch's names without the underscore behind them, and torch's parameters.

``replay/operations`` carries them out. What torch calls differently is one of these: ``zero_`` is ``fill`` with 0,
``clone``, ``detach``, ``to`` and ``contiguous`` are ``copy``, and views need no operation.

=========  =====================================================================================================
kind       what stands there
=========  =====================================================================================================
array      a view or a literal
value      one of these or a number
arrays     a list of views and literals
number     a number
integer    an integer
integers   an integer or a list of them
bool       true or false
=========  =====================================================================================================

A question mark behind the kind: it may be left out, or null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .parts import Literal, Operation, View
from .problem import RecipeError, listed, shown


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, (View, Literal))


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex))


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "array": ("a view or a literal", _is_array),
    "value": ("a view, a literal or a number", lambda value: _is_array(value) or _is_number(value)),
    "arrays": (
        "a list of views and literals",
        lambda value: isinstance(value, (list, tuple)) and bool(value) and all(map(_is_array, value)),
    ),
    "number": ("a number", _is_number),
    "integer": ("an integer", _is_integer),
    "integers": (
        "an integer or a list of integers",
        lambda value: (
            _is_integer(value) or (isinstance(value, (list, tuple)) and all(map(_is_integer, value)))
        ),
    ),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of an operation, by name, and the rule of its result's shape (``shapes.py``)."""

    parameters: Mapping[str, str]
    shape: str = "elementwise"


def _signature(parameters: str, shape: str = "elementwise") -> Signature:
    pairs = (parameter.split(": ") for parameter in parameters.split(", "))
    return Signature(MappingProxyType(dict(pairs)), shape)


_UNARY = "neg abs sign square sqrt rsqrt reciprocal floor ceil round trunc logical_not bitwise_not"
_UNARY_WITHIN = "exp exp2 expm1 log log2 log10 log1p sin cos tan tanh sigmoid erf erfinv"
_BINARY = "mul div minimum maximum eq ne lt le gt ge logical_and logical_or logical_xor"
_BITS = "bitwise_and bitwise_or bitwise_xor"

SIGNATURES: Mapping[str, Signature] = MappingProxyType(
    {
        "copy": _signature("src: array"),
        "fill": _signature("value: value"),
        **{name: _signature("self: value") for name in f"{_UNARY} {_UNARY_WITHIN}".split()},
        **{name: _signature("self: value, other: value") for name in f"{_BINARY} {_BITS}".split()},
        **{name: _signature("self: value, other: value, alpha: number?") for name in ("add", "sub", "rsub")},
        "pow": _signature("self: value, exponent: value"),
        "clamp": _signature("self: array, min: value?, max: value?"),
        "clamp_min": _signature("self: array, min: value"),
        "clamp_max": _signature("self: array, max: value"),
        "where": _signature("condition: array, self: value, other: value"),
        "masked_fill": _signature("self: array, mask: array, value: value"),
        "tril": _signature("self: array, diagonal: integer?", "matrix"),
        "triu": _signature("self: array, diagonal: integer?", "matrix"),
        "flip": _signature("self: array, dims: integers", "same"),
        "roll": _signature("self: array, shifts: integers, dims: integers?", "same"),
        "cat": _signature("tensors: arrays, dim: integer?", "cat"),
        "stack": _signature("tensors: arrays, dim: integer?", "stack"),
        "repeat": _signature("self: array, repeats: integers", "repeat"),
        "constant_pad_nd": _signature("self: array, pad: integers, value: number?", "pad"),
        "sum": _signature("self: array, dim: integers?, keepdim: bool?", "reduced"),
        "mean": _signature("self: array, dim: integers?, keepdim: bool?", "reduced"),
        "amax": _signature("self: array, dim: integers?, keepdim: bool?", "reduced"),
        "amin": _signature("self: array, dim: integers?, keepdim: bool?", "reduced"),
        "norm": _signature("self: array, p: number?, dim: integers?, keepdim: bool?", "reduced"),
        "linalg_vector_norm": _signature(
            "self: array, ord: number?, dim: integers?, keepdim: bool?", "reduced"
        ),
        "weight_norm": _signature("v: array, g: array, dim: integer?", "weight_norm"),
        "mv": _signature("self: array, vec: array", "product"),
        "mm": _signature("self: array, mat2: array", "product"),
    }
)


def bound_operands(operation: Operation, place: str) -> dict[str, Any]:
    """The operands and options of an operation by the names of its parameters; missing ones are left out."""
    signature = SIGNATURES.get(operation.name)
    if signature is None:
        raise RecipeError(f"{place}.operation", f"one of {listed(SIGNATURES)}", shown(operation.name))
    names = tuple(signature.parameters)
    if len(operation.operands) > len(names):
        raise RecipeError(
            f"{place}.operands", f"at most {len(names)} for {operation.name}", f"{len(operation.operands)}"
        )
    bound = dict(zip(names, operation.operands, strict=False))
    for name, option in operation.options.items():
        if name not in names or name in bound:
            allowed = ", ".join(names[len(operation.operands) :]) or "none"
            raise RecipeError(f"{place}.options", f"of {operation.name} these: {allowed}", shown(name))
        bound[name] = option
    for name, kind in signature.parameters.items():
        _check_kind(bound, name, kind, f"{place}.{name}")
    return bound


def _check_kind(bound: dict[str, Any], name: str, kind: str, place: str) -> None:
    """Leaves out what is None, where it may be."""
    if bound.get(name) is None:
        bound.pop(name, None)
        if not kind.endswith("?"):
            raise RecipeError(place, _KINDS[kind][0], "none")
        return
    text, accepts = _KINDS[kind.removesuffix("?")]
    if not accepts(bound[name]):
        raise RecipeError(place, text, shown(bound[name]))
