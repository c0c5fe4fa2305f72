"""``replay``: the arrays of a recipe from any stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _torch
from ...generators.counter_generator import CounterGenerator
from ...generators.defaults import default_generator
from ...generators.generator import Generator
from ...generators.generator_like import (
    GeneratorLike,
    counter_generator_from,
    is_numpy_generator,
    is_positional,
)
from ...laws.arguments import type_name
from ..recipe.limits import machine_memory
from ..recipe.parts import Buffer
from ..recipe.problem import RecipeError
from ..recipe.steps import Recipe
from .by_position import Substreams
from .execution import Execution, Receiver, new_memory
from .opening import RecipeLike, opened
from .parts import Part, cut, in_blocks
from .plan import Plan, bytes_of, planned
from .selection import selected
from .weights import Weights


def replay(
    recipe: RecipeLike,
    seed: int | None = None,
    *,
    generator: GeneratorLike = None,
    only: str | Iterable[str] | None = None,
    part: Part = None,
    max_bytes: int | None = None,
) -> Weights:
    """The arrays that a recipe's model holds after its construction from a seed, by name; without torch.

    From torch's stream they are the bits that torch makes from this seed, and the generator is left as torch leaves it:
    draws that nothing remains of are passed by. By position every parameter takes the substream of its own name: it is
    ``init.normal_(init.empty(shape), generator=g.substream(name))``, or whatever the recipe fills it with last, and no
    two are equal: what the constructor copies is drawn anew for the copy's name.

    Parameters
    ----------
    recipe
        The path of a recipe, its parsed JSON, or a ``Recipe``. It may come from anywhere: it is checked before anything
        is drawn, none of it is executed as code, and it names no files.
    seed
        Of torch's stream on the CPU, instead of ``generator``.
    generator
        Whose numbers are drawn, as for the initializers: torch's stream from a ``Generator`` or ``torch.Generator``; by
        position from a ``CounterGenerator``, which does not move, or keyed from a ``numpy.random.Generator``. None,
        without a seed: ``default_generator``.
    only
        Patterns of the names that are wanted, ``"layers.3.*"``; their values do not hang on it. None: all.
    part
        A rank's block of each array: ``(3, 8)`` is the fourth of eight along the first axis, parted as by torch.chunk
        and FSDP2; or a function of name and shape that returns slices. What it has is what the whole array has there.
        By position a parameter that is one fill costs the block's time and memory; anything else is made whole.
    max_bytes
        The most memory that the buffers may take at a time; None: what this machine has.

    Returns
    -------
    Weights
        A dict of arrays; tied ones share memory. Its ``inexact`` says which names are within how many ulp of torch's.
        Memory that no step writes is zero, where torch leaves what was there.

    Raises
    ------
    ValueError
        If it is no recipe, or would take more memory, with the place in the recipe; if a pattern matches no name; if
        there is a generator beside the seed. Then the generator has not moved.
    TypeError
        If the generator is none.
    ImportError
        If the recipe has bfloat16 or 8-bit floats, and ml_dtypes is missing.

    Examples
    --------
    >>> import refinit as init
    >>> linear = {
    ...     "format": "refinit recipe 1",
    ...     "buffers": {"w": {"dtype": "float32", "shape": [2, 3]}, "b": {"dtype": "float32", "shape": [2]}},
    ...     "steps": [{"fill": "kaiming_normal_", "out": {"buffer": "w"}}, {"fill": "zeros_", "out": {"buffer": "b"}}],
    ...     "state": {"weight": {"buffer": "w"}, "bias": {"buffer": "b"}},
    ... }
    >>> weights = init.replay(linear, seed=7)
    >>> bool((weights["weight"] == init.kaiming_normal_(
    ...     init.empty(2, 3), generator=init.Generator().manual_seed(7))).all())
    True
    """
    limit = machine_memory() if max_bytes is None else max_bytes
    recipe = opened(recipe, limit)
    receiver, source = Arrays(), stream(seed, generator)
    plan = plan_for(recipe, source, only, part)
    carry_out(plan, receiver, source, limit)
    arrays = {name: receiver.arrays[name] for name in plan.state}
    return Weights(arrays, plan.bounds(), plan.peak)


class Arrays:
    """Collects a state's arrays."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}

    def memory(self, buffer: Buffer, *, zeroed: bool) -> NDArray[np.uint8]:
        """Its own."""
        return new_memory(bytes_of(buffer), zeroed=zeroed)

    def finish(self, name: str, array: NDArray[Any]) -> None:
        """Literals are read-only: the user gets a copy."""
        self.arrays[name] = array if array.flags.writeable else np.array(array)


def stream(seed: int | None, generator: GeneratorLike) -> Any:
    """The generator that is meant.

    Raises
    ------
    ValueError
        If both are given.
    TypeError
        If it is no generator.
    """
    if seed is not None and generator is not None:
        raise ValueError(
            "expected a seed or a generator, got both; generator=init.Generator().manual_seed(seed)"
        )
    if seed is not None:
        return Generator().manual_seed(seed)
    if generator is None:
        return default_generator
    if isinstance(generator, (Generator, CounterGenerator)) or _torch.is_generator(generator):
        return generator
    if is_numpy_generator(generator):
        return generator
    raise TypeError(
        "replay(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or a "
        f"numpy.random.Generator, not {type_name(generator)}"
    )


def plan_for(
    recipe: Recipe, source: Any, only: str | Iterable[str] | None, part: Part, *, stays: bool = True
) -> Plan:
    """The plan for some names and parts; ``source``: of ``stream``."""
    state = {name: recipe.state[name] for name in selected([*recipe.state], only)}
    plan = planned(recipe, cut(state, part), by_position=is_positional(source), stays=stays)
    return plan if part is None or not is_positional(source) else in_blocks(plan, state)


def carry_out(plan: Plan, receiver: Receiver, generator: Any, limit: int) -> None:
    """Refuses a plan of more memory than the limit; the generator moves on only when all is done."""
    if plan.peak > limit:
        advice = "raise max_bytes, or choose names by only"
        raise RecipeError("", f"at most max_bytes={limit} of memory", f"{plan.peak}", advice)
    if is_positional(generator):
        key = counter_generator_from(generator) if is_numpy_generator(generator) else generator
        Execution(plan, Substreams(key, {}), receiver).run()
        return
    torchs = _torch.is_generator(generator)
    # a copy is drawn from, so that a replay that fails leaves the generator as it was
    copy = Generator().set_state(generator.get_state()) if torchs else generator.clone_state()
    Execution(plan, copy, receiver).run()
    state = copy.get_state()
    generator.set_state(_torch.torch_module().from_numpy(state) if torchs else state)
