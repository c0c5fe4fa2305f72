"""Dask arrays whose chunks are filled where they are computed: a large tensor that no machine holds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._fork import undivided
from ._install import install
from .arrays.empty import empty
from .arrays.shards import Shard
from .fill.fill import fill
from .generators.counter_generator import CounterGenerator
from .initializers.registry import INITIALIZERS, Initializer
from .laws.arguments import lengths_argument, type_name
from .laws.law import Law, Shape

if TYPE_CHECKING:
    from dask.array import Array

_State = tuple[int, int]


def full(
    initializer: Callable[..., Any],
    shape: int | tuple[int, ...],
    *,
    chunks: Any = "auto",
    dtype: Any = np.float32,
    generator: CounterGenerator | None = None,
    **parameters: Any,
) -> Array:
    """A lazy Dask array that computes to ``initializer(init.empty(shape, dtype=dtype), generator=generator)``.

    The same bits whatever the chunks, the scheduler and the machine.  The generator's state is taken here, where the
    array is made, and its fill number advances here, by one for a random law; computing takes nothing more, and
    computing again gives the same values.

    Parameters
    ----------
    initializer
        One of refinit's: ``init.kaiming_normal_``.
    shape
        Of the whole tensor, which the fans come from.
    chunks
        As ``dask.array`` takes them; "auto" makes chunks of Dask's ``array.chunk-size``.
    dtype
        As ``init.empty`` takes it; "bfloat16" needs the package ml_dtypes here and on every worker.
    generator
        A CounterGenerator. Laws without chance need none and take nothing from one.
    parameters
        The initializer's own, by name.

    Raises
    ------
    TypeError
        If ``initializer`` is none of refinit's, a random law gets no CounterGenerator, or shape is no integers.
    ValueError
        If shape has a negative length, or the chunks do not fit it.
    ImportError
        If Dask is not installed.
    Exception
        What the initializer itself raises for this shape, dtype and these parameters.

    Whatever raises does so before anything is taken from the generator.

    Notes
    -----
    A chunk costs its own elements, in time and memory, but those of ``sparse_`` and ``orthogonal_`` cost more unless
    chunks are whole columns or rows: docs/sharding.md, "What a block costs", has the cuts that suit them.

    Each chunk may use ``init.get_num_threads()`` threads, of one pool in each process.

    Examples
    --------
    >>> import refinit as init
    >>> import refinit.dask
    >>> whole = init.normal_(init.empty(6, 8), generator=init.CounterGenerator(0))
    >>> lazy = refinit.dask.full(init.normal_, (6, 8), chunks=(4, 3), generator=init.CounterGenerator(0))
    >>> bool((lazy.compute() == whole).all())
    True
    """
    da = _dask_array()
    entry = _entry(initializer)
    lengths = lengths_argument(shape, "shape", scalar=True)
    element = empty(0, dtype=dtype).dtype
    _check_generator(generator, entry)
    _check_fill(entry, lengths, element, generator, parameters)
    blocks = da.core.normalize_chunks(chunks, lengths, dtype=element)
    # A copy: to the original, streams may have tied machine code for small fills, which does not travel.
    law = replace(entry.law(lengths, **parameters)) if 0 not in lengths else None  # type: ignore[type-var]
    state = _next_state(generator) if entry.random and generator is not None else None
    whole = _Whole(lengths, element, law, state)
    # operator.getitem, which Dask's optimizer leaves alone: it would otherwise merge later indices into the chunk's.
    array: Array = da.from_array(
        whole,
        blocks,
        name=f"{entry.name}-{_token(entry.name, blocks, whole)}",
        getitem=operator.getitem,
        meta=np.empty((0,) * len(lengths), element),
        inline_array=True,
    )
    return array


@dataclass(frozen=True, slots=True)
class _Whole:
    """The tensor that no machine holds, as ``dask.array.from_array`` sees an array: its blocks come when asked for.

    ``law`` is None where there are no elements; ``state``: key and fill number, None where the law is without chance.
    """

    shape: Shape
    dtype: np.dtype[Any]
    law: Law | None
    state: _State | None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __getitem__(self, index: tuple[slice, ...]) -> Any:
        block = np.empty(tuple(axis.stop - axis.start for axis in index), self.dtype)
        if self.law is not None:
            fill(
                Shard(block, self.shape, tuple(axis.start for axis in index)), self.law, _restored(self.state)
            )
        return block

    def __dask_tokenize__(self) -> Any:
        # laws hold Python's own numbers only, and their repr shows each one exactly
        return type(self).__qualname__, self.shape, self.dtype.name, repr(self.law), self.state


def _dask_array() -> Any:
    try:
        with undivided():
            import dask.array
    except ImportError as error:
        raise ImportError(f"refinit.dask needs the package dask: {install('dask')}") from error
    return dask.array


def _token(name: str, blocks: Any, whole: _Whole) -> str:
    with undivided():
        from dask.base import tokenize

    token: str = tokenize(name, blocks, whole)
    return token


def _entry(initializer: Any) -> Initializer:
    for entry in INITIALIZERS.values():
        if entry.function is initializer:
            return entry
    names = ", ".join(INITIALIZERS)
    raise TypeError(
        f"expected one of refinit's initializers, {names}, got {initializer!r}; for example "
        "refinit.dask.full(init.normal_, shape, generator=init.CounterGenerator(0))"
    )


def _check_generator(generator: Any, entry: Initializer) -> None:
    if isinstance(generator, CounterGenerator) or (generator is None and not entry.random):
        return
    raise TypeError(
        f"expected a CounterGenerator for {entry.name}, got {type_name(generator)}: chunks are filled in any order, on "
        "any machine, and only that stream knows each element by its place; pass generator=init.CounterGenerator(seed)"
    )


def _check_fill(
    entry: Initializer, shape: Shape, dtype: np.dtype[Any], generator: Any, parameters: dict[str, Any]
) -> None:
    """Calls the initializer on a block without elements: it makes all its checks, and warns, as on the whole."""
    # Of at most one element the whole itself: no other block is without elements, or some checks are looser there.
    block = shape if math.prod(shape) <= 1 else (0,) * len(shape)
    end = tuple(n - b for n, b in zip(shape, block, strict=True))  # where places are the largest numbers
    stream = {"generator": generator.clone_state()} if entry.random else {}
    entry.function(Shard(np.empty(block, dtype), shape, end), **parameters, **stream)


def _next_state(generator: CounterGenerator) -> _State:
    """The key, and the next fill number, which is taken."""
    engine = generator._engine

    def take() -> _State:
        engine.cursor()
        return engine.key, engine.next_fill - 1

    return engine.exclusively(take)


def _restored(state: _State | None) -> CounterGenerator | None:
    if state is None:
        return None
    generator = CounterGenerator(state[0])
    generator._engine.restore(*state)
    return generator
