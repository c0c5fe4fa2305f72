"""Tensors by their storages: which of them random numbers have reached, and views of them in the words of a recipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

from ...dtypes import ELEMENTS
from ..recipe.steps import Literal, View
from .refusals import Unrepresentable

#: Of memory that no step writes, and a constructor reads: a value that two constructions do not share by chance.
_POISON = 0xA5
#: How hard NumPy thinks about whether two views share memory.
_MOST_WORK = 10_000
#: An address: of memory that is only reasoned about.
_SOMEWHERE = 1 << 40


@dataclass(slots=True)
class Memory:
    """One storage. ``storage`` keeps it alive: an address that is free again would be another tensor's.

    ``is_random``: random numbers have reached it, and what it holds is never looked at.  ``is_fresh``: nothing has
    written to it.  ``constant``: the index of the step after which all of it is one number.
    """

    index: int
    dtype: str
    size: int
    storage: torch.UntypedStorage
    is_random: bool = False
    is_fresh: bool = False
    constant: int | None = None

    @property
    def whole(self) -> View:
        """All of it."""
        return View(str(self.index), 0, (self.size,), (1,))


class Storages:
    """Every storage that matters so far, by its address."""

    def __init__(self) -> None:
        self._by_address: dict[int, Memory] = {}

    def __iter__(self) -> Iterator[Memory]:
        return iter(self._by_address.values())

    def of(self, tensor: torch.Tensor) -> Memory | None:
        """The memory of a tensor, if it was opened."""
        return self._by_address.get(tensor.untyped_storage()._cdata) if is_plain(tensor) else None  # noqa: SLF001

    def is_random(self, tensor: torch.Tensor) -> bool:
        """Whether random numbers have reached its storage."""
        memory = self.of(tensor)
        return memory is not None and memory.is_random

    def opened(self, tensor: torch.Tensor) -> Memory:
        """The memory of a tensor, from now on under an index of its own.

        Raises
        ------
        Unrepresentable
            If it is no plain tensor on the CPU.
        """
        memory = self.of(tensor)
        if memory is None:
            if not is_plain(tensor):
                raise Unrepresentable(f"a {described(tensor)}")
            storage = tensor.untyped_storage()
            size = storage.nbytes() // tensor.element_size()
            memory = Memory(len(self._by_address), name_of(tensor.dtype), size, storage)
            self._by_address[storage._cdata] = memory  # noqa: SLF001 - the address of what UntypedStorage wraps
        elif memory.is_fresh:  # no step knows its size: resize_ may have given it another
            memory.size = memory.storage.nbytes() // tensor.element_size()
        return memory

    def as_copied(self, tensors: Sequence[Any]) -> Sequence[Any]:
        """What a copy between whole storages moves: copy.deepcopy shows them as bytes, whatever they hold."""
        target, source = tensors[:2]
        memory = self.of(source)
        if memory is None or source.dtype != torch.uint8 or memory.dtype == "uint8" or not is_whole(source):
            return tensors
        typed = whole_of(memory)
        return typed.new_empty(0).set_(target.untyped_storage(), 0, typed.shape, (1,)), typed

    def view(self, tensor: torch.Tensor) -> View:
        """The elements of a tensor, in its opened memory.

        Raises
        ------
        Unrepresentable
            If it shows the memory as another dtype, lazily conjugated or negated, or more of it than there was.
        """
        memory = self.opened(tensor)
        if name_of(tensor.dtype) != memory.dtype:
            raise Unrepresentable(f"{memory.dtype} memory seen as {name_of(tensor.dtype)}")
        if tensor.is_conj() or tensor.is_neg():
            raise Unrepresentable("a lazily conjugated or negated view")
        if _end(tensor) > memory.size:
            raise Unrepresentable("memory that has been given another size")
        return View(str(memory.index), tensor.storage_offset(), tuple(tensor.shape), tuple(tensor.stride()))


def _end(tensor: torch.Tensor) -> int:
    """The place in its memory after its last element."""
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    offset: int = tensor.storage_offset()
    return offset + 1 + sum((length - 1) * stride for length, stride in steps) if tensor.numel() else 0


def is_plain(tensor: torch.Tensor) -> bool:
    """Whether it is dense memory on the CPU, and nothing that only plays a tensor."""
    return (
        tensor.layout is torch.strided
        and tensor.device.type == "cpu"
        and not tensor.is_quantized
        and not is_traceable_wrapper_subclass(tensor)
        and not _is_fake(tensor)
    )


def _is_fake(tensor: torch.Tensor) -> bool:
    fakes = sys.modules.get("torch._subclasses.fake_tensor")  # to import it takes seconds
    return bool(isinstance(tensor, getattr(fakes, "FakeTensor", ())))


def described(tensor: torch.Tensor) -> str:
    """What kind of tensor it is, for errors."""
    kind = "tensor" if type(tensor) in {torch.Tensor, torch.nn.Parameter} else type(tensor).__name__
    layout = "" if tensor.layout is torch.strided else f" of layout {tensor.layout}"
    return f"{kind}{layout} on {tensor.device}, dtype {name_of(tensor.dtype)}"


def name_of(dtype: torch.dtype) -> str:
    """The name of an element type."""
    return str(dtype).removeprefix("torch.")


def is_whole(tensor: torch.Tensor) -> bool:
    """Whether it is all of its storage, in any order."""
    return bool(tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes())


def poisoned(memory: Memory) -> None:
    """Gives fresh memory, which is about to be read, values that no constructor means."""
    torch.tensor([], dtype=torch.uint8).set_(memory.storage).fill_(_POISON)
    memory.is_fresh = False


def whole_of(memory: Memory) -> torch.Tensor:
    """All of a memory as a tensor."""
    dtype = getattr(torch, memory.dtype)
    return torch.tensor([], dtype=dtype).set_(memory.storage, 0, (memory.size,), (1,))


def literal(tensor: torch.Tensor) -> Literal:
    """A copy of a tensor's values; broadcast, if they are all one.

    Raises
    ------
    Unrepresentable
        If the elements are none of NumPy's or ml_dtypes'.
    """
    dtype = name_of(tensor.dtype)
    if dtype not in ELEMENTS or not is_plain(tensor):
        raise Unrepresentable(f"a {described(tensor)}")
    items = bits(tensor)
    if items.size > 1 and (items == items[0]).all():
        array = np.broadcast_to(items[0].view(ELEMENTS[dtype].dtype), tuple(tensor.shape))
    else:
        array = items.copy().view(ELEMENTS[dtype].dtype).reshape(tuple(tensor.shape))
        array.flags.writeable = False
    return Literal(array, dtype)


def bits(tensor: torch.Tensor) -> Any:
    """Its elements in C order, flat, one item each, as integers or records that compare bit for bit."""
    dense = tensor.detach().resolve_conj().resolve_neg().contiguous()
    octets = torch.tensor([], dtype=torch.uint8).set_(
        dense.untyped_storage(),
        dense.storage_offset() * dense.element_size(),
        (dense.numel() * dense.element_size(),),
        (1,),
    )
    width = dense.element_size()
    return octets.numpy().view(np.dtype(f"V{width}") if width > 8 else np.dtype(f"u{width}"))


def overlap(target: torch.Tensor, source: torch.Tensor) -> bool:
    """Whether a copy reads elements that it also writes, each in another place."""
    if not (is_plain(target) and is_plain(source)):
        return False
    if target.untyped_storage()._cdata != source.untyped_storage()._cdata:  # noqa: SLF001 - as in Storages
        return False
    written, read = ((x.storage_offset(), x.shape, x.stride()) for x in (target, source))
    if written == read:
        return False
    shares_memory: Any = np.shares_memory  # NumPy's stubs know two values of max_work
    try:
        return bool(shares_memory(_Bytes(*written), _Bytes(*read), max_work=_MOST_WORK))
    except np.exceptions.TooHardError:
        return True


class _Bytes:
    """Where the elements of a tensor would lie if each were a byte; never read."""

    def __init__(self, offset: int, shape: Sequence[int], strides: Sequence[int]) -> None:
        self.__array_interface__ = {
            "version": 3,
            "typestr": "|u1",
            "data": (_SOMEWHERE + offset, False),
            "shape": tuple(shape),
            "strides": tuple(strides),
        }
