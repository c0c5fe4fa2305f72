"""torch's DTensors: which block of the whole tensor this process holds."""

from __future__ import annotations

from typing import Any, NamedTuple

#: Where along one axis the elements of a process lie, as (start, stop), in order.
Spans = list[tuple[int, int]]

_PLAIN = "redistribute it first, for example w.redistribute(placements=[Shard(0)])"


class LocalBlock(NamedTuple):
    """What this process holds of a DTensor: the tensor that has the memory, and where that begins in the whole."""

    local: Any
    offset: tuple[int, ...]


def block_of(tensor: Any) -> LocalBlock:
    """The block that this process holds; an empty one where the mesh does not have this process.

    Raises
    ------
    NotImplementedError
        For placements other than Replicate, Shard and what FSDP2 makes of it on a mesh for tensor parallelism, and
        where what they say is no block of the whole, or not the local tensor's shape.
    """
    shape, local, mesh = tuple(tensor.shape), tensor._local_tensor, tensor.device_mesh  # noqa: SLF001 - to_local() is seen by autograd
    place = mesh.get_coordinate()
    if place is None:
        return LocalBlock(local.new_empty((0,) * max(len(shape), 1)), (0,) * len(shape))
    _check_order(tensor)
    axes: list[Spans] = [[(0, length)] for length in shape]
    for index, size, placement in zip(place, mesh.shape, tensor.placements, strict=True):
        if not placement.is_replicate():
            axis = _axis_of(placement, tensor)
            axes[axis] = _parted(axes[axis], placement, size, index)
    if any(len(spans) > 1 for spans in axes):
        raise NotImplementedError(
            f"expected a DTensor whose local tensor is one block of the whole, got placements {tensor.placements} on a "
            f"mesh of shape {tuple(mesh.shape)}; {_PLAIN}"
        )
    return _checked(local, [spans[0] for spans in axes], tensor)


def _check_order(tensor: Any) -> None:
    """Refuses axes that later axes of the mesh part first, without saying so by a placement of its own."""
    order = getattr(tensor._spec, "shard_order", None) or ()  # noqa: SLF001 - there is no public word for it
    if any(list(entry.mesh_dims) != sorted(entry.mesh_dims) for entry in order):
        raise NotImplementedError(
            f"expected a DTensor whose axes are parted by the mesh's axes in their order, got {order}; {_PLAIN}"
        )


def _axis_of(placement: Any, tensor: Any) -> int:
    dim: int | None = getattr(placement, "dim", None)
    if placement.is_partial() or dim is None:
        raise NotImplementedError(
            f"expected a DTensor whose processes hold its elements, got placements {tensor.placements}: of a Partial, "
            "they hold the terms of a sum; initialise it with Shard or Replicate placements"
        )
    return dim % len(tensor.shape)


def _parted(spans: Spans, placement: Any, size: int, index: int) -> Spans:
    """The part of number ``index`` of ``size``: of the spans, or of each of ``split_factor`` parts of them."""
    length, factor = sum(stop - start for start, stop in spans), getattr(placement, "split_factor", 1)
    parts: Spans = []
    for outer in range(factor):
        start, stop = _chunk(length, factor, outer)
        first, last = _chunk(stop - start, size, index)
        parts += _between(spans, start + first, start + last)
    return _joined(parts) or [(spans[-1][1], spans[-1][1])]


def _chunk(length: int, parts: int, index: int) -> tuple[int, int]:
    """Where torch.chunk's part of number ``index`` begins and ends: the last parts are shorter, or empty."""
    step = -(-length // parts)
    return min(index * step, length), min((index + 1) * step, length)


def _between(spans: Spans, start: int, stop: int) -> Spans:
    """The elements numbered ``start`` to ``stop`` of those in ``spans``."""
    parts, before = [], 0
    for first, last in spans:
        low, high = max(first, first + start - before), min(last, first + stop - before)
        if low < high:
            parts.append((low, high))
        before += last - first
    return parts


def _joined(spans: Spans) -> Spans:
    """Spans that meet as one."""
    joined: Spans = []
    for start, stop in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def _checked(local: Any, spans: Spans, tensor: Any) -> LocalBlock:
    """The block, unless the local tensor has another shape: processes may bring parts of any sizes."""
    lengths = tuple(stop - start for start, stop in spans)
    if 0 in lengths and not local.numel():
        local = local.new_empty(lengths)
    if tuple(local.shape) != lengths:
        raise NotImplementedError(
            f"expected a local tensor of shape {lengths}, as torch parts a DTensor of shape {tuple(tensor.shape)} with "
            f"placements {tensor.placements} here, got shape {tuple(local.shape)}; pass what says where it lies: "
            "init.Shard(w.to_local(), w.shape, offset)"
        )
    return LocalBlock(local, tuple(start for start, _ in spans))
