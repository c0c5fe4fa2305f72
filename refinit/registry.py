"""The table of initializers: it drives the public names, the tests, verify's cases and the docs.

``@initializer`` records a function and returns it unchanged; nothing is wrapped, nothing is generated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .callers import warn_caller
from .dtypes import ELEMENTS
from .laws import Law

_F = TypeVar("_F", bound=Callable[..., Any])
Shape = tuple[int, ...]

FLOATING = tuple(name for name, element in ELEMENTS.items() if element.is_floating)
REAL = tuple(name for name, element in ELEMENTS.items() if element.kind == "f")
ALL = tuple(ELEMENTS)


@dataclass(frozen=True)
class Initializer:
    """One initializer.

    ``law(shape, **parameters)`` is its pure part. ``dtypes``: the element types it fills. ``ndims``: the numbers of
    axes it takes, None for any; ``least_ndim``: the fewest. ``random``: whether it draws from a generator.
    """

    name: str
    function: Callable[..., Any]
    law: Callable[..., Law]
    dtypes: tuple[str, ...]
    ndims: tuple[int, ...] | None
    least_ndim: int
    random: bool


INITIALIZERS: dict[str, Initializer] = {}
#: Deprecated name -> name, filled by ``deprecated``.
DEPRECATED: dict[str, str] = {}


def initializer(
    law: Callable[..., Law],
    *,
    dtypes: tuple[str, ...],
    ndims: tuple[int, ...] | None = None,
    least_ndim: int = 0,
    random: bool = True,
) -> Callable[[_F], _F]:
    """Records the decorated function in ``INITIALIZERS``."""

    def record(function: _F) -> _F:
        name = function.__name__
        least = min(ndims) if ndims else least_ndim
        INITIALIZERS[name] = Initializer(name, function, law, dtypes, ndims, least, random)
        return function

    return record


def deprecated(function: Callable[..., Any]) -> Callable[..., Any]:
    """torch's alias without the underscore: it warns, then calls ``function``."""
    new_name = function.__name__
    old_name = new_name[:-1]
    DEPRECATED[old_name] = new_name

    def alias(*args: Any, **kwargs: Any) -> Any:
        warn_caller(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.", FutureWarning
        )
        return function(*args, **kwargs)

    alias.__name__ = alias.__qualname__ = old_name
    alias.__module__ = function.__module__
    alias.__doc__ = (
        f"Deprecated in favour of ``{new_name}``, as in torch: warns (FutureWarning) and calls it."
    )
    return alias
