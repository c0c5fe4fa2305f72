"""What users pass for a recipe, opened and checked."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from ...dtypes import ELEMENTS
from ..recipe.checks import check, refused
from ..recipe.parts import Literal, Operation, View
from ..recipe.signatures import bound_operands
from ..recipe.steps import Recipe
from .operations.run import check_types

#: What stands for a recipe: itself, its document, the path of its JSON.
RecipeLike = Recipe | Mapping[str, Any] | str | PathLike[str]


def opened(recipe: RecipeLike, limit: int) -> Recipe:
    """The recipe, checked; ``limit``: of the bytes of each array.

    Raises
    ------
    RecipeError
        If it is none.
    """
    if not isinstance(recipe, Recipe):
        load = Recipe.from_document if isinstance(recipe, Mapping) else Recipe.load
        recipe = load(recipe, max_bytes=limit)  # type: ignore[arg-type]
    check(recipe, limit)
    checked: set[Any] = set()
    for index, step in enumerate(recipe.steps):
        if isinstance(step, Operation):
            _check_types(recipe, step, f"steps[{index}]", checked)
    return recipe


def _check_types(recipe: Recipe, step: Operation, place: str, checked: set[Any]) -> None:
    """Whether the operands' types have a result, which ``out`` holds; ``checked``: those of earlier steps, which do."""
    out = recipe.buffers[step.out.buffer].dtype
    types = {key: _type_of(value, recipe) for key, value in bound_operands(step, place).items()}
    key = repr((step.name, out, types))
    if key in checked:
        return
    try:
        operands = {name: np.empty((0,) * n, d) if d else value for name, (d, n, value) in types.items()}
        check_types(step.name, out, operands)
    except (TypeError, ValueError, OverflowError) as error:
        raise refused(error, place, step) from error
    checked.add(key)


def _type_of(value: Any, recipe: Recipe) -> tuple[Any, int, Any]:
    """The type and number of axes (0 or 1) of an array; what is none itself."""
    if isinstance(value, (list, tuple)):
        return None, 0, len(value)  # operations on lists take all types
    if isinstance(value, (View, Literal)):
        dtype = recipe.buffers[value.buffer].dtype if isinstance(value, View) else value.dtype
        shape = value.shape if isinstance(value, View) else value.array.shape
        return ELEMENTS[dtype].dtype, min(len(shape), 1), None
    return None, 0, value
