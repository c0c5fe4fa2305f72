"""How far an operation's result may be from torch's, in units in the last place (ulp) of the element type.

Most round once, to nearest, and have no bound to state. Of the others MKL's, SLEEF's and the C library's bits differ,
from one CPU to the next in torch itself: these are within 1 ulp each (torch's vector functions; of float64 4), and ours
within 1 of the true value. Sums of one sign are within n steps of rounding, in whichever order n terms are added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .parts import Buffer, Fill, Literal, Step, View
from .shapes import arrays_in, shape_of
from .signatures import bound_operands

_LIBRARY = frozenset(
    [
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sigmoid",
        "erf",
        "erfinv",
        "pow",
    ]
)
#: What moves values, or takes the greater: what is within n ulp stays so.
_MOVES = frozenset(
    [
        "neg",
        "abs",
        "minimum",
        "maximum",
        "clamp",
        "clamp_min",
        "clamp_max",
        "where",
        "masked_fill",
        "tril",
        "triu",
        "flip",
        "roll",
        "cat",
        "stack",
        "repeat",
        "constant_pad_nd",
        "amax",
        "amin",
        "fill",
    ]
)
#: What keeps relative errors: an ulp is between half of and a whole relative step, so they may double.
_PRODUCTS = frozenset(["mul", "div", "square", "reciprocal"])
#: Of complex numbers, whose sums of products cancel, rounded in one order or another.
_COMPLEX = frozenset([*_PRODUCTS, "pow", "sqrt", "rsqrt"])
_PRECISION = {"float64": 53, "complex128": 53, "float32": 24, "complex64": 24, "float16": 11, "bfloat16": 8}


def own_bound(step: Step, dtype: str, place: str = "") -> float:
    """Of one step alone, given the same operands; ``dtype``: of what it writes. 0: the same bits."""
    if isinstance(step, Fill):
        return math.inf if step.function == "orthogonal_" else 0.0  # LAPACK
    name, bound = step.name, bound_operands(step, place)
    if dtype.startswith("complex") and name in _COMPLEX and not _scales(name, bound):
        return math.inf
    if name == "pow":
        return 0.0 if bound["exponent"] in (2, -1) else _library(dtype)
    if name in ("add", "sub", "rsub"):
        return 0.0 if math.frexp(abs(bound.get("alpha", 1)))[0] == 0.5 else math.inf
    if name in _LIBRARY:
        return _library(dtype)
    if name == "sqrt":
        return 1.0
    if name == "rsqrt":
        return 3.0
    return _reduction(name, bound, dtype)


def _scales(name: str, bound: Mapping[str, Any]) -> bool:
    """Whether it multiplies or divides by a real number, which rounds each part once."""
    other = bound.get("other")
    real = (
        other.array.dtype.kind not in "cV" if isinstance(other, Literal) else isinstance(other, (int, float))
    )
    return name in ("mul", "div") and real


def _library(dtype: str) -> float:
    return 5.0 if _PRECISION.get(dtype) == 53 else 2.0


def _reduction(name: str, bound: Mapping[str, Any], dtype: str) -> float:
    if name in ("norm", "linalg_vector_norm"):
        p = bound.get("p", bound.get("ord", 2))
        if isinstance(p, (int, float)) and (math.isinf(p) or p == 0):
            return 0.0
        count = math.prod(shape_of(bound["self"]))
        return float(count + 8)
    if name == "weight_norm":
        return float(math.prod(shape_of(bound["v"])) + 10)
    if name in ("sum", "mean"):
        return math.inf if dtype in _PRECISION else 0.0
    return math.inf if name in ("mv", "mm") else 0.0


def bound_after(step: Step, dtype: str, bounds: Mapping[str, float], buffers: Mapping[str, Buffer]) -> float:
    """Of what a step writes, given those of the buffers that it reads; infinite where nothing can be said."""
    own = own_bound(step, dtype)
    if isinstance(step, Fill):
        return own
    bound = bound_operands(step, "")
    arrays = [array for value in bound.values() for array in arrays_in(value)]
    inputs = [bounds.get(array.buffer, 0.0) for array in arrays if isinstance(array, View)]
    if not any(inputs) or math.isinf(own):
        return own
    types = {buffers[array.buffer].dtype if isinstance(array, View) else array.dtype for array in arrays}
    if step.name == "copy":
        return _converted(max(inputs), types.pop(), dtype)
    if types != {dtype}:
        return math.inf
    if step.name in _MOVES or (step.name in ("add", "sub") and _adds_zero(bound)):
        return max(inputs)
    if step.name in _PRODUCTS:
        return 2 * sum(inputs) * (2 if step.name == "square" else 1) + 1
    return max(inputs) + 1 if step.name == "sqrt" else math.inf


def _converted(ulps: float, source: str, dtype: str) -> float:
    if source not in _PRECISION or dtype not in _PRECISION:
        return math.inf
    bits = _PRECISION[dtype] - _PRECISION[source]
    return ulps * 2.0**bits if bits >= 0 else math.ceil(ulps * 2.0**bits) + 1.0


def _adds_zero(bound: Mapping[str, Any]) -> bool:
    other = bound["other"]
    return not isinstance(other, (View, Literal)) and other == 0
