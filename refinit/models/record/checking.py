"""One real construction, from another seed, against what the recipe gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from ...dtypes import ELEMENTS
from ...generators.generator import Generator
from ..recipe.steps import Literal, Recipe
from ..replay.replay import replay
from .refusals import Refused
from .storages import bits, described, is_plain
from .surroundings import constructed, surroundings

#: Of torch's generator, and of NumPy's and Python's: others than while the recording ran.
_SEED, _OTHERS = 0x0C_4EC_4ED, 2
#: Of values that no bound is known for: how far they may be, of the largest one; of half types in steps of theirs.
_CLOSE, _CLOSE_STEPS = 1e-4, 16
_MOST_NAMES = 20


def check(factory: Callable[[], Any], recipe: Recipe) -> None:
    """Constructs once more, and compares each name and the generator's state.

    Raises
    ------
    Refused
        If anything differs, by name; values that the recipe calls inexact may, within their bounds.
    """
    with surroundings(_SEED, others=_OTHERS):
        state = constructed(factory).state_dict()
        moved = torch.default_generator.get_state().numpy()
    generator = Generator().manual_seed(_SEED)
    weights = replay(recipe, generator=generator)
    bounds = weights.inexact
    differences = [*_differences(recipe, state, weights, bounds)]
    if not np.array_equal(moved, generator.get_state()):
        differences.append("the generator's state afterwards")
    if differences:
        more = len(differences) - _MOST_NAMES
        listed = "\n".join(f"  {line}" for line in differences[:_MOST_NAMES])
        raise Refused(
            "cannot record this constructor: constructed from another seed, it differs from the recipe in\n"
            f"{listed}" + (f"\n  and {more} more" if more > 0 else "")
        )


def _differences(
    recipe: Recipe, state: Mapping[str, Any], weights: Mapping[str, Any], bounds: Mapping[str, float]
) -> Iterator[str]:
    """A line for each name that is not as the recipe has it."""
    for name in recipe.state.keys() - state.keys():
        yield f"{name}: the module has it no more"
    for name, tensor in state.items():
        if name not in recipe.state:
            yield f"{name}: the recorded module did not have it"
            continue
        reason = _difference(tensor, weights[name], bounds.get(name, 0.0))
        if reason and isinstance(recipe.state[name], Literal):
            reason += (
                "; no random number of torch reaches it: it depends on something else, such as NumPy's or Python's "
                "generator, or memory that nobody initialised"
            )
        if reason:
            yield f"{name}: {reason}"


def _difference(tensor: Any, array: Any, bound: float) -> str:
    """In what a tensor differs from an array, in words."""
    if not isinstance(tensor, torch.Tensor) or not is_plain(tensor):
        return f"a {described(tensor) if isinstance(tensor, torch.Tensor) else type(tensor).__name__}"
    dtype = str(tensor.dtype).removeprefix("torch.")
    if (dtype, tuple(tensor.shape)) != (array.dtype.name, array.shape):
        return f"{dtype} of shape {tuple(tensor.shape)}, and not {array.dtype.name} of shape {array.shape}"
    theirs = bits(tensor)
    ours = np.ascontiguousarray(array).reshape(-1).view(theirs.dtype)
    unequal = theirs != ours
    if not unequal.any():
        return ""
    element = ELEMENTS[dtype]
    theirs, ours = (items[unequal].view(element.dtype) for items in (theirs, ours))
    largest = _magnitude(np.ascontiguousarray(array).reshape(-1))
    return _distance(theirs, ours, bound, largest, unequal.size)


def _distance(theirs: Any, ours: Any, bound: float, largest: float, size: int) -> str:
    """How many of ``size`` elements differ, and by how much; "" if that is within their bound."""
    count = f"{theirs.size} of {size} elements"
    if theirs.dtype.kind in "iub":
        return count
    wide = np.complex128 if theirs.dtype.kind == "c" else np.float64
    with np.errstate(all="ignore"):
        gaps = np.abs(theirs.astype(wide) - ours.astype(wide))
        steps = gaps / _ulps(theirs)
    by = f"{count}, by up to {gaps.max():.3g} where the largest value is {largest:.3g}"
    allowed = max(_CLOSE, _CLOSE_STEPS * _step(theirs.dtype)) * largest
    is_within = (steps <= bound).all() if np.isfinite(bound) else (gaps <= allowed).all()
    return "" if bound and is_within else by


def _magnitude(array: Any) -> float:
    with np.errstate(all="ignore"):
        return float(
            np.abs(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)).max(initial=0)
        )


def _step(dtype: Any) -> float:
    """The distance of 1 to the next number of a type."""
    return {"bfloat16": 2.0**-7, "float16": 2.0**-10}.get(dtype.name) or float(np.finfo(dtype).eps)


def _ulps(array: Any) -> Any:
    """The size of a unit in the last place at each element."""
    real = np.abs(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64))
    _, exponents = np.frexp(real)
    return np.ldexp(_step(array.dtype), np.maximum(exponents - 1, -126))
