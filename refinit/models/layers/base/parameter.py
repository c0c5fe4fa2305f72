"""Parameters without numbers: shape, element type, and the fills that each of them has had so far."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from ....dtypes import ELEMENTS, Element, element_of
from ....laws.arguments import type_name
from .arithmetic import Arithmetic
from .construction import note_fill
from .places import Places, dense_places, indexed, is_dense, offset_of

#: A clock for the order in which fills happen, of all parameters: torch's generator is one, too.
_clock = itertools.count()


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A write to a part of a memory: an initializer, or an operation on ``operands``: parameters, arrays, numbers."""

    moment: int
    function: str
    part: Parameter
    arguments: Mapping[str, Any]
    operands: tuple[Any, ...] = ()


@dataclass(eq=False, slots=True)
class Memory:
    """What one buffer of the recipe will be; several parameters can be views of it."""

    dtype: str
    shape: tuple[int, ...]
    events: list[Event] = field(default_factory=list)


class Parameter(Arithmetic):
    """Shape and element type of a weight that has no numbers yet; it notes every fill, for ``Module.init`` to do.

    Parameters
    ----------
    data
        A Parameter, such as ``layers.empty(3, 5)``: the same weight; or an array, whose values are copied.
    requires_grad
        As torch has it; it changes no number.

    Attributes
    ----------
    shape : tuple of int
    dtype : str
        The name of the element type.

    Raises
    ------
    TypeError
        If data is neither.

    Notes
    -----
    Views share the weight, as in torch: basic indices, ``view``, ``T``, ``transpose``. ``fill_``, ``zero_``,
    ``uniform_``, ``normal_`` and ``copy_`` are noted like the functions of ``layers.init``, and ``data`` is the
    parameter itself, so that loops written for torch run as they are.

    References
    ----------
    ``torch.nn.Parameter``

    Examples
    --------
    >>> from refinit import layers
    >>> lstm = layers.LSTM(8, 16)
    >>> _ = lstm.bias_hh_l0[16:32].fill_(1.0)  # the forget gate
    >>> lstm.init(seed=0)["bias_hh_l0"][16:20].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    __slots__ = ("memory", "places", "requires_grad")
    __module__ = "refinit.layers"
    memory: Memory
    places: Places

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        self.requires_grad = requires_grad
        if isinstance(data, Parameter):
            self.memory, self.places = data.memory, data.places
            return
        if not hasattr(data, "__array__") or not hasattr(data, "shape"):
            raise TypeError(
                f"expected a Parameter or an array, got {type_name(data)}: for a shape write "
                "layers.Parameter(layers.empty(3, 5)), and fill it by layers.init"
            )
        array = np.array(data)  # a copy, so that later writes to it change nothing
        array.flags.writeable = False
        self.memory = Memory(element_of(array.dtype).name, array.shape)
        self.places = dense_places(array.shape)
        self.note("copy", array)

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.places.shape

    @property
    def dtype(self) -> str:
        """The name of the element type."""
        return self.memory.dtype

    @property
    def element(self) -> Element:
        """The element type."""
        return ELEMENTS[self.memory.dtype]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def data(self) -> Parameter:
        """Itself: code for torch writes to ``weight.data``."""
        return self

    @property
    def offset(self) -> int:
        """Of its first element in its memory, in elements."""
        return offset_of(self.places)

    @property
    def strides(self) -> tuple[int, ...]:
        """In elements."""
        return self.places.strides

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its memory, in its order."""
        return self.shape == self.memory.shape and is_dense(self.places)

    def dim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def note(self, function: str, *operands: Any, **arguments: Any) -> Self:
        """Notes a write to it that happens now, after all that was noted before; returns itself."""
        self.memory.events.append(Event(next(_clock), function, self, arguments, operands))
        note_fill(function, self.memory)
        return self

    def fill_(self, value: Any) -> Parameter:
        """Notes ``constant_(self, value)``."""
        return self.note("constant_", val=value)

    def zero_(self) -> Parameter:
        """Notes ``zeros_(self)``."""
        return self.note("zeros_")

    def uniform_(self, a: float = 0.0, b: float = 1.0) -> Parameter:
        """Notes ``uniform_(self, a, b)``."""
        return self.note("uniform_", a=float(a), b=float(b))

    def normal_(self, mean: float = 0.0, std: float = 1.0) -> Parameter:
        """Notes ``normal_(self, mean, std)``."""
        return self.note("normal_", mean=float(mean), std=float(std))

    def copy_(self, source: Any) -> Parameter:
        """Notes that it takes the values that another parameter has now, or an array's, broadcast to its shape."""
        operand = source if isinstance(source, Parameter) else Parameter(source)
        np.broadcast_shapes(operand.shape, self.shape)
        return self.note("copy", operand)

    def detach(self) -> Parameter:
        """Itself, as ``data``."""
        return self

    def view(self, *shape: Any) -> Parameter:
        """The same elements in another shape, one length of which may be -1.

        Raises
        ------
        RuntimeError
            If it is not dense.
        """
        lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        if not is_dense(self.places):
            raise RuntimeError(f"expected a dense parameter, got strides {self.strides} of {self.shape}")
        return self._seen_as(self.places.reshape(lengths))

    reshape = view

    @property
    def T(self) -> Parameter:  # noqa: N802 - NumPy's and torch's name
        """Its axes in reverse order."""
        return self._seen_as(self.places.T)

    def t(self) -> Parameter:
        """Its axes in reverse order."""
        return self.T

    def transpose(self, dim0: int, dim1: int) -> Parameter:
        """Two of its axes swapped."""
        return self._seen_as(self.places.swapaxes(dim0, dim1))

    def __getitem__(self, index: Any) -> Parameter:
        return self._seen_as(indexed(self.places, index))

    def __len__(self) -> int:
        return self.shape[0]

    def new(self, shape: tuple[int, ...]) -> Self:
        """A parameter of the same type that nothing has filled."""
        return self.of_memory(Memory(self.dtype, shape), dense_places(shape))

    @classmethod
    def of_memory(cls, memory: Memory, places: Places) -> Self:
        """A view of a memory."""
        parameter = object.__new__(cls)
        parameter.memory, parameter.places, parameter.requires_grad = memory, places, True
        return parameter

    def _seen_as(self, places: Places, memory: Memory | None = None) -> Parameter:
        view = self.of_memory(memory or self.memory, places)
        view.requires_grad = self.requires_grad
        return view

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        memory = memo.get(id(self.memory))
        if memory is None:
            memory = Memory(self.memory.dtype, self.memory.shape)
            memo[id(self.memory)] = memory
            whole = dense_places(memory.shape)
            self._seen_as(whole, memory).note("copy", self._seen_as(whole))
        return self._seen_as(self.places, memory)

    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError(
            f"{self!r} has no numbers yet: expected an array, take it from init of the layer or model"
        )

    def __reduce__(self) -> Any:
        raise TypeError(
            "a Parameter cannot be pickled: expected a recipe, save model.recipe() or what init gives"
        )

    def __repr__(self) -> str:
        return f"Parameter(shape={self.shape}, dtype={self.dtype!r})"
