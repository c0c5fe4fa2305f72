"""One operation, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....dtypes import ELEMENTS, element_of
from ....initializers.constants import constant_
from ...recipe.signatures import SIGNATURES
from .blocks import blocks
from .elementwise import RULES, Rule
from .promotion import category, computed, converted, floating, result_type
from .rearranging import REARRANGING, assign
from .reductions import REDUCTIONS

_WIDE = {np.dtype(np.float32): np.dtype(np.float64), np.dtype(np.complex64): np.dtype(np.complex128)}
_ARRAYS = {**REARRANGING, **REDUCTIONS}


def run(name: str, out: NDArray[Any], operands: Mapping[str, Any]) -> None:
    """``out[...] = name(**operands)``, of arrays and numbers; operands that ``out`` overlaps are read before.

    Raises
    ------
    TypeError, ValueError, OverflowError
        Where torch refuses the operands, too.
    """
    # keepdim is a matter of the result's shape, which ``out`` has
    values = {key: _apart(value, out) for key, value in operands.items() if key != "keepdim"}
    if name == "fill":
        _fill(out, values["value"])
    elif name in RULES:
        _elementwise(name, out, values)
    else:
        _ARRAYS[name](out, **values)


def check_types(name: str, out: str, operands: Mapping[str, Any]) -> None:
    """Tries an operation on arrays of one element each; ``operands``: numbers, and arrays of the types in question.

    Raises
    ------
    TypeError, ValueError, OverflowError
        If the operands have no result, or one that is no element of this type.
    """
    if name not in RULES:
        return
    values = {
        key: np.zeros((1,) * min(v.ndim, 1), v.dtype) if isinstance(v, np.ndarray) else v
        for key, v in operands.items()
    }
    run(name, np.empty(1, ELEMENTS[out].dtype), values)
    rule, typed = (
        RULES[name],
        [value for key, value in values.items() if key not in ("alpha", "condition", "mask")],
    )
    result = rule.result or result_type(typed)
    result = floating(result) if rule.floats else ELEMENTS[result].real.name if name == "abs" else result
    if category(result) > category(out):
        raise TypeError(
            f"a result of {result}, which {out} does not hold; copy it there from a buffer of {result}"
        )


def _small(value: Any) -> Any:
    return np.zeros((1,) * min(value.ndim, 1), value.dtype) if isinstance(value, np.ndarray) else value


def _apart(value: Any, out: NDArray[Any]) -> Any:
    """The operand, copied where it shares memory with ``out`` in another order."""
    if isinstance(value, list):
        return [_apart(item, out) for item in value]
    if not isinstance(value, np.ndarray) or not np.may_share_memory(value, out):
        return value
    same = (value.shape, value.strides, value.ctypes.data) == (out.shape, out.strides, out.ctypes.data)
    return value if same else value.copy()


def _fill(out: NDArray[Any], value: Any) -> None:
    if isinstance(value, np.ndarray):
        assign(out, value)
    else:
        constant_(out, value)


def _elementwise(name: str, out: NDArray[Any], values: Mapping[str, Any]) -> None:
    rule, options = RULES[name], {key: values[key] for key in ("alpha",) if key in values}
    operands = [values.get(key) for key in SIGNATURES[name].parameters if key != "alpha"]
    name, dtype = _computed(rule, operands)
    element = element_of(out.dtype)
    with np.errstate(all="ignore"):
        parts = [
            _operand(
                operand,
                np.dtype(bool) if index in rule.skipped else dtype,
                out.shape,
                name if index in rule.rounded else None,
            )
            for index, operand in enumerate(operands)
        ]
        for index in blocks(out.shape):
            result = rule.function(*(part(index) for part in parts), **options)
            out[..., *index] = converted(np.asarray(result), element)


def _computed(rule: Rule, operands: list[Any]) -> tuple[str, np.dtype[Any]]:
    """The type of a rule's operands, and the one that it computes in."""
    typed = [operand for index, operand in enumerate(operands) if index not in rule.skipped]
    name = result_type([operand for operand in typed if operand is not None])
    dtype = computed(floating(name) if rule.floats else name)
    return name, _WIDE.get(dtype, dtype) if rule.wide else dtype


def _operand(
    operand: Any, dtype: np.dtype[Any], shape: tuple[int, ...], scalar: str | None
) -> Callable[[Any], Any]:
    """The block at an index, in this type; of a number the number (rounded to ``scalar``), of what is missing None."""
    if operand is None:
        return lambda index: None
    element = element_of(dtype)
    if not isinstance(operand, np.ndarray):
        operand = np.asarray(dtype.type(operand))
    if not operand.ndim and scalar in ("float16", "bfloat16"):
        operand = converted(operand, ELEMENTS[scalar])
    array = np.broadcast_to(operand, shape)
    return lambda index: converted(array[..., *index], element)
