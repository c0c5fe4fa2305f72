"""One block of a tensor that no machine holds."""

from __future__ import annotations

import math
from typing import Any, Generic, TypeVar

from ..laws.arguments import integer_argument, lengths_argument

_Array = TypeVar("_Array")
_Flat = TypeVar("_Flat")


class Shard(Generic[_Array]):
    """The block at ``offset`` of a tensor of ``global_shape``: what an initializer takes in the place of its tensor.

    Filled by a ``CounterGenerator``, the block gets exactly the values that the whole tensor has there, and fans are
    those of the whole.  Blocks of one tensor are filled from generators in the same state (clones, or the same
    substream).

    Parameters
    ----------
    array
        The memory of the block: anything that an initializer fills, with as many axes as the whole.
    global_shape
        Shape of the whole tensor.
    offset
        Where the block begins in the whole: for each axis the index of its first element, counted in elements (of a
        complex tensor too), not in bytes or blocks. The block covers offset[k] to offset[k] + array.shape[k].

    Raises
    ------
    TypeError
        If global_shape or offset are no sequences of integers.
    ValueError
        If one is negative or their lengths differ; on filling, if the block reaches out of the whole.

    Notes
    -----
    Time and memory are the block's, but sparse_ and orthogonal_ do more: docs/sharding.md, "What a block costs".

    Examples
    --------
    >>> import refinit as init
    >>> whole = init.normal_(init.empty(6, 8), generator=init.CounterGenerator(0))
    >>> block = init.Shard(init.empty(3, 4), (6, 8), (3, 4))
    >>> bool((init.normal_(block, generator=init.CounterGenerator(0)).array == whole[3:, 4:]).all())
    True
    """

    __module__ = "refinit"  # what pickles name: the public place, wherever the class stands

    __slots__ = ("array", "global_shape", "offset")

    def __init__(self, array: _Array, global_shape: tuple[int, ...], offset: tuple[int, ...]) -> None:
        self.array = array
        self.global_shape = lengths_argument(global_shape, "global_shape")
        self.offset = lengths_argument(offset, "offset")
        if len(self.global_shape) != len(self.offset):
            raise ValueError(
                f"expected one offset for each axis of the whole, got global_shape {self.global_shape} and offset "
                f"{self.offset}"
            )

    @staticmethod
    def flat(array: _Flat, global_shape: tuple[int, ...], start: int) -> Shard[_Flat]:
        """A range of the flattened tensor: its elements from number ``start`` on, counted in C order.

        So FSDP1, ZeRO and Megatron's distributed optimizer part tensors.  Initializers take it as any Shard: fans, and
        whatever else they know of a shape, are those of ``global_shape``.

        Parameters
        ----------
        array
            The memory of the range: anything that an initializer fills, with one axis.
        global_shape
            Shape of the whole tensor, before it was flattened.
        start
            The number of the first element. The range covers start to start + array.size.

        Raises
        ------
        TypeError
            If global_shape is no sequence of integers, or start no integer.
        ValueError
            If one is negative; on filling, if the array has not one axis or the range reaches out of the whole.

        Examples
        --------
        >>> import refinit as init
        >>> whole = init.xavier_normal_(init.empty(6, 8), generator=init.CounterGenerator(0))
        >>> part = init.Shard.flat(init.empty(20), (6, 8), 13)
        >>> init.xavier_normal_(part, generator=init.CounterGenerator(0))
        <refinit.Shard.flat at 13 of (6, 8)>
        >>> bool((part.array == whole.ravel()[13:33]).all())
        True
        """
        return FlatShard(array, global_shape, (integer_argument(start, "start", 0),))

    def check(self, shape: tuple[int, ...]) -> None:
        """Raises ValueError unless a block of ``shape`` lies within the whole.

        Parameters
        ----------
        shape
            Of the block.

        Raises
        ------
        ValueError
            If it has another number of axes than the whole, or reaches out of it.

        Examples
        --------
        >>> import refinit as init
        >>> init.Shard(init.empty(3, 4), (6, 8), (3, 4)).check((3, 4))
        """
        if len(shape) != len(self.global_shape) or any(
            start + length > whole
            for start, length, whole in zip(self.offset, shape, self.global_shape, strict=True)
        ):
            raise ValueError(
                f"expected a block within the tensor of shape {self.global_shape}, got shape {shape} at offset "
                f"{self.offset}; in Shard(array, global_shape, offset), array.shape + offset is at most global_shape"
            )

    def __repr__(self) -> str:
        return f"<refinit.Shard at {self.offset} of {self.global_shape}>"


class FlatShard(Shard[_Array]):
    """What ``Shard.flat`` makes: ``offset`` has one number, that of the first element."""

    __slots__ = ()

    def __init__(self, array: _Array, global_shape: tuple[int, ...], offset: tuple[int]) -> None:
        self.array = array
        self.global_shape = lengths_argument(global_shape, "global_shape")
        self.offset = offset

    def check(self, shape: tuple[int, ...]) -> None:
        """Raises ValueError unless a range of ``shape`` lies within the whole."""
        (start,), size = self.offset, math.prod(self.global_shape)
        if len(shape) != 1:
            raise ValueError(
                f"expected an array with one axis for Shard.flat, got shape {shape}; pass array.reshape(-1), or a "
                "block as Shard(array, global_shape, offset)"
            )
        if start + shape[0] > size:
            raise ValueError(
                f"expected a range within the {size} elements of the tensor of shape {self.global_shape}, got "
                f"{shape[0]} from number {start} on; in Shard.flat(array, global_shape, start), start + array.size is "
                "at most that"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return Shard.flat, (self.array, self.global_shape, self.offset[0])

    def __repr__(self) -> str:
        return f"<refinit.Shard.flat at {self.offset[0]} of {self.global_shape}>"


class DTensorShard(Shard[_Array]):
    """The block of a DTensor that this process holds."""

    __slots__ = ()


def refuse_shard(block: Shard[Any] | None) -> None:
    """Raises where the memory is a block of a larger tensor and the stream knows no element by its place."""
    if isinstance(block, DTensorShard):
        raise NotImplementedError(
            "expected a CounterGenerator for a DTensor; no process can draw its block of torch's stream alone; pass "
            "generator=init.CounterGenerator(seed), with the same seed on every process"
        )
    if block is not None:
        raise TypeError(
            "expected a CounterGenerator for a Shard; no block of torch's stream is known before the whole is drawn; "
            "pass generator=init.CounterGenerator(seed)"
        )
