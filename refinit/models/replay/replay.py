"""``replay``: the arrays of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...dtypes import ELEMENTS
from ...generators.generator import Generator
from ...generators.generator_like import GeneratorLike
from ...initializers.registry import INITIALIZERS
from ..recipe.parts import Fill, Literal, View
from ..recipe.signatures import bound_operands
from ..recipe.steps import Recipe
from .operations.run import run


def replay(
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str],
    seed: int | None = None,
    *,
    generator: GeneratorLike = None,
) -> dict[str, NDArray[Any]]:
    """The arrays of a recipe, by the names of its state."""
    recipe = opened(recipe)
    if seed is not None:
        generator = Generator().manual_seed(seed)
    memory = {name: np.empty(b.size, ELEMENTS[b.dtype].dtype) for name, b in recipe.buffers.items()}

    def value(entry: Any) -> Any:
        if isinstance(entry, View):
            array, size = memory[entry.buffer], memory[entry.buffer].itemsize
            strides = [size * stride for stride in entry.strides]
            return np.lib.stride_tricks.as_strided(array[entry.offset :], entry.shape, strides)
        if isinstance(entry, Literal):
            return entry.array
        return [value(item) for item in entry] if isinstance(entry, (list, tuple)) else entry

    for index, step in enumerate(recipe.steps):
        out = value(step.out)
        if isinstance(step, Fill):
            initializer = INITIALIZERS[step.function]
            options = {"generator": generator} if initializer.random else {}
            initializer.function(out, **step.arguments, **options)
        else:
            bound = bound_operands(step, f"steps[{index}]")
            run(step.name, out, {key: value(operand) for key, operand in bound.items()})
    return {name: value(entry) for name, entry in recipe.state.items()}


def opened(recipe: Any) -> Recipe:
    """A recipe from what users pass: the path of one, its document, or itself."""
    if isinstance(recipe, Recipe):
        return recipe
    if isinstance(recipe, Mapping):
        return Recipe.from_document(recipe)
    return Recipe.load(recipe)
