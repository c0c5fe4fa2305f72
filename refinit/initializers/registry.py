"""The table of initializers: for ``refinit.dask``, which takes these only, for the README's table and the benchmarks.

``@initializer`` records a function and returns it unchanged; nothing is wrapped, nothing is generated. The public
names and verify's cases are lists of their own (verify borrows nothing of what it judges); tests compare them with it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, cast

from .._warn import warn_caller
from ..dtypes import ELEMENTS
from ..laws.law import Law

_F = TypeVar("_F", bound=Callable[..., Any])

FLOATING = tuple(name for name, element in ELEMENTS.items() if element.is_floating)
REAL = tuple(name for name, element in ELEMENTS.items() if element.kind == "f")
ALL = tuple(ELEMENTS)
#: torch's CPU stream, the stream by position, and torch's stream of a GPU.
STREAM_NAMES = ("torch", "counter", "torch_cuda")


@dataclass(frozen=True)
class Initializer:
    """One initializer.

    ``law(shape, **parameters)`` is its pure part: the law that its fill realises. ``dtypes``: the element types it
    fills, for each of ``STREAM_NAMES``, none where the stream's own numbers cannot give the law. ``ndims``: the numbers
    of axes it takes, None for any; ``least_ndim``: the fewest.
    """

    name: str
    function: Callable[..., Any]
    law: Callable[..., Law]
    dtypes: Mapping[str, tuple[str, ...]]
    ndims: tuple[int, ...] | None
    least_ndim: int

    @cached_property
    def random(self) -> bool:
        """Whether it draws: whether it takes a generator."""
        return "generator" in inspect.signature(self.function).parameters


INITIALIZERS: dict[str, Initializer] = {}
#: Deprecated name -> name, filled by ``deprecated``.
DEPRECATED: dict[str, str] = {}


def initializer(
    law: Callable[..., Law],
    *,
    dtypes: tuple[str, ...],
    elsewhere: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ndims: tuple[int, ...] | None = None,
    least_ndim: int = 0,
) -> Callable[[_F], _F]:
    """Records the decorated function in ``INITIALIZERS``; ``elsewhere``: the streams on which it fills other types."""

    def record(function: _F) -> _F:
        name = function.__name__
        least = min(ndims) if ndims else least_ndim
        by_stream = MappingProxyType({stream: elsewhere.get(stream, dtypes) for stream in STREAM_NAMES})
        INITIALIZERS[name] = Initializer(name, function, law, by_stream, ndims, least)
        return function

    return record


def deprecated(function: _F) -> _F:
    """torch's alias without the underscore: it warns, then calls ``function``, whose signature a type checker sees."""
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
    return cast("_F", alias)
