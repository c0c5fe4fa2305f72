"""What users pass as ``generator=``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeGuard

import numpy as np

from .counter_generator import CounterGenerator
from .generator import Generator

if TYPE_CHECKING:

    class TorchGenerator(Protocol):
        """``torch.Generator``, known by what is used of it: a type checker without torch tells it from a string."""

        @property
        def device(self) -> Any:
            """A torch.device."""

        def get_state(self) -> Any:
            """A tensor of uint8."""

        def set_state(self, new_state: Any, /) -> Any:
            """Takes it back."""

    #: Whose numbers a fill draws; None: the default generator of the tensor's library and device.
    GeneratorLike: TypeAlias = Generator | CounterGenerator | TorchGenerator | np.random.Generator | None
else:  # importing numpy.random takes as long as importing refinit
    GeneratorLike = Any


def is_numpy_generator(generator: GeneratorLike) -> TypeGuard[np.random.Generator]:
    """Whether it is a numpy.random.Generator; numpy.random is not imported for that."""
    module = sys.modules.get("numpy.random")
    return module is not None and isinstance(generator, module.Generator)


def is_positional(generator: GeneratorLike) -> bool:
    """Whether fills with it depend on position alone: a CounterGenerator, or a NumPy generator that keys one."""
    return isinstance(generator, CounterGenerator) or is_numpy_generator(generator)


def counter_generator_from(generator: np.random.Generator) -> CounterGenerator:
    """A CounterGenerator for one fill, its 64-bit key drawn from a numpy.random.Generator."""
    return CounterGenerator(int(generator.integers(0, 2**64, dtype=np.uint64)))
