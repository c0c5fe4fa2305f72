"""The initializers of parameters that have no numbers yet: torch.nn.init's names, arguments and errors.

``layers.init.normal_(p, std=0.02)`` checks what ``refinit.normal_`` checks of a shape and its arguments, notes the fill
and returns the parameter; ``Module.init`` draws. Code for torch that says ``nn.init`` runs with ``layers`` as ``nn``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ...._warn import warn_caller
from ....initializers import aliases
from ....initializers.registry import DEPRECATED, INITIALIZERS, Initializer
from ....laws.arguments import type_name
from ....laws.fans import _calculate_correct_fan, _calculate_fan_in_and_fan_out, calculate_gain
from .parameter import Parameter


def _noting(entry: Initializer) -> Callable[..., Parameter]:
    """The function of that name which notes instead of drawing."""
    signature = inspect.signature(entry.function)

    @functools.wraps(entry.function)
    def note(*args: Any, **kwargs: Any) -> Parameter:
        arguments = signature.bind(*args, **kwargs).arguments
        parameter = arguments.pop("tensor")
        if not isinstance(parameter, Parameter):
            raise TypeError(
                f"expected a Parameter of refinit.layers, got {type_name(parameter)}: arrays are filled by "
                f"refinit.{entry.name}"
            )
        if arguments.pop("generator", None) is not None:
            raise TypeError(
                f"expected no generator, since {entry.name} draws when the model does: pass it to init(generator)"
            )
        _check(entry, parameter, arguments)
        return parameter.note(entry.name, **arguments)

    note.__doc__ = f"Notes ``refinit.{entry.name}`` of a parameter: see ``help(refinit.{entry.name})``."
    return note


def _check(entry: Initializer, parameter: Parameter, arguments: dict[str, Any]) -> None:
    if parameter.dtype not in {*entry.dtypes["torch"], *entry.dtypes["counter"]}:
        raise NotImplementedError(
            f"{entry.name} is not defined on {parameter.dtype}; it fills {', '.join(entry.dtypes['torch'])}"
        )
    if 0 in parameter.shape and entry.name.startswith("kaiming"):
        return  # a warning, and nothing else: the fill itself gives it
    law = entry.law(parameter.shape, **arguments)
    law.check(parameter.element, parameter.numel())


def _warning_alias(old_name: str, new_name: str) -> Callable[..., Parameter]:
    """torch's name without the underscore: it warns, too."""
    note = globals()[new_name]

    @functools.wraps(getattr(aliases, old_name))
    def alias(*args: Any, **kwargs: Any) -> Parameter:
        warn_caller(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.", FutureWarning
        )
        result: Parameter = note(*args, **kwargs)
        return result

    return alias


for _name, _entry in INITIALIZERS.items():
    globals()[_name] = _noting(_entry)
for _name, _new_name in DEPRECATED.items():
    globals()[_name] = _warning_alias(_name, _new_name)


def __getattr__(name: str) -> Any:
    """Here so that a type checker takes the names of the tables."""
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}: expected an initializer of torch.nn.init"
    )


__all__ = [  # noqa: PLE0604 - the names of the tables
    *INITIALIZERS,
    *DEPRECATED,
    "_calculate_correct_fan",
    "_calculate_fan_in_and_fan_out",
    "calculate_gain",
]
