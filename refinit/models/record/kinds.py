"""What torch's operations do to memory, by their schemas and tags: draw, look, share, write or make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

#: They share memory though their schema does not say so.
_VIEWS = frozenset({"_unsafe_view"})
#: Of their operands they take shape and type, no value.
_LIKE = frozenset(
    [
        "empty_like",
        "new_empty",
        "new_empty_strided",
        "zeros_like",
        "ones_like",
        "full_like",
        "new_zeros",
        "new_ones",
        "new_full",
    ]
)
_EMPTY = frozenset(
    [
        "empty",
        "empty_strided",
        "empty_like",
        "new_empty",
        "new_empty_strided",
        "empty_permuted",
    ]
)
#: All that they write is independent of what was there.
_OVERWRITES = frozenset({"copy_", "fill_", "zero_"})
_LOOKS = frozenset({torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape})
#: They tell of a tensor, not of its values.
_TELLS = frozenset({"is_pinned", "is_same_size"})
#: Where results lie and how, which their views say.
_PLACES = frozenset(
    {"device", "layout", "memory_format", "non_blocking", "out", "pin_memory", "requires_grad"}
)


def name_of(function: Any) -> str:
    """Its name without overload: "mul_" of aten.mul_.Tensor."""
    name: str = function._schema.name.partition("::")[2]  # noqa: SLF001 - OpOverload has no public one
    return name


def draws(function: Any) -> bool:
    """Whether it takes random numbers from a generator."""
    return torch.Tag.nondeterministic_seeded in function.tags


def looks(function: Any) -> bool:
    """Whether Python gets to see values: numbers, or shapes that depend on them."""
    returns = function._schema.returns  # noqa: SLF001
    if name_of(function) in _TELLS:
        return False
    return not _LOOKS.isdisjoint(function.tags) or any("Tensor" not in str(value.type) for value in returns)


def shares(function: Any) -> bool:
    """Whether all it does is to show the same memory in another way."""
    returns = function._schema.returns  # noqa: SLF001
    return (
        torch.Tag.inplace_view in function.tags
        or name_of(function) in _VIEWS
        or any(value.alias_info is not None and not value.alias_info.is_write for value in returns)
    )


def is_like(function: Any) -> bool:
    """Whether its result depends on no value of its operands."""
    return name_of(function) in _LIKE


def is_empty(function: Any) -> bool:
    """Whether it allocates memory and writes nothing there."""
    return name_of(function) in _EMPTY


def overwrites(function: Any) -> bool:
    """Whether it writes every element of its target, whatever was there."""
    return name_of(function) in _OVERWRITES or torch.Tag.out in function.tags


def targets(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[torch.Tensor]:
    """The tensors that it writes to."""
    return tensors_in([value for value, is_target in _arguments(function, args, kwargs) if is_target])


def sources(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[torch.Tensor]:
    """The tensors whose values it reads."""
    writes_only = overwrites(function)
    return tensors_in(
        [value for value, is_target in _arguments(function, args, kwargs) if not (is_target and writes_only)]
    )


def _arguments(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Each argument, and whether it is written to."""
    for index, argument in enumerate(function._schema.arguments):  # noqa: SLF001
        value = args[index] if index < len(args) else kwargs.get(argument.name)
        yield value, argument.alias_info is not None and argument.alias_info.is_write


def tensors_in(values: Any) -> list[torch.Tensor]:
    """The tensors among arguments, also within lists."""
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


def options_of(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that say what is computed."""
    return {key: value for key, value in kwargs.items() if key not in _PLACES}
