"""One block of a tensor that no machine holds."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from ..laws.arguments import lengths_argument

_Array = TypeVar("_Array")


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
