"""refinit on NumPy arrays, from torch's stream."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

import refinit
from refinit.initializers.divergences import DIVERGENCES
from refinit.initializers.registry import INITIALIZERS

from ..cases import layouts
from ..cases.case import Case
from ..cases.formats import numpy_dtype
from ..cases.functions import REFINIT_FUNCTIONS, Function
from ..laws.streams import TORCH
from .base import ACCEPTED, RELATED, Calls, Filled, KnownDivergence, Subject, outcome, sentinel, spilled
from .environment import environment


class RefinitSubject(Subject):
    """refinit on NumPy arrays, torch's stream and its bits."""

    name = "refinit:torch"
    stream = TORCH
    bits_of: str | None = TORCH.name
    library: str | None = "refinit"
    functions: Mapping[str, Function] = REFINIT_FUNCTIONS
    calls: Calls | None = Calls(
        imports="numpy as np, refinit",
        module="refinit",
        seeding="refinit.manual_seed(seed)",
        generator="refinit.Generator().manual_seed(seed)",
    )

    def fill(self, case: Case, seed: int) -> Filled:
        """Refinit's function on a fresh NumPy array."""
        shape = layouts.base_shape(case.layout, case.shape)
        base = np.full(shape, sentinel(case.dtype), numpy_dtype(case.dtype))
        view = layouts.view(base, case.layout)
        with warnings.catch_warnings(), self.placed(base, view) as weight:
            warnings.simplefilter("ignore")
            state = self._call(case, weight, seed)
        return Filled(view, state, spilled(base, case))

    @contextmanager
    def placed(self, base: npt.NDArray[Any], view: npt.NDArray[Any]) -> Iterator[Any]:  # noqa: ARG002
        """What refinit is given to fill a view of a dense array; in the end the array has the values."""
        yield view

    def generator(self, seed: int) -> Any:
        """A generator in the state that the seed gives."""
        return refinit.Generator().manual_seed(seed)

    def _call(self, case: Case, weight: Any, seed: int) -> bytes | None:
        function = INITIALIZERS[case.function].function
        if not case.random:
            function(weight, **case.named)
            return None
        if case.source == "generator":
            generator = self.generator(seed)
            function(weight, **case.named, generator=generator)
            return bytes(generator.get_state())
        before = refinit.get_rng_state()
        refinit.manual_seed(seed)
        try:
            function(weight, **case.named)
            return bytes(refinit.get_rng_state())
        finally:
            refinit.set_rng_state(before)

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """Also fills from one generator, one after the other."""
        generator = self.generator(seed)
        fills = [self.filled_from(case, generator) for _ in range(RELATED)]
        return {**super().related(case, seed), "consecutive fills": fills}

    def filled_from(self, case: Case, generator: Any) -> Filled:
        """The next fill of that generator."""
        values = np.empty(case.shape, numpy_dtype(case.dtype))
        with self.placed(values, values) as weight:
            INITIALIZERS[case.function].function(weight, **case.named, generator=generator)
        return Filled(values)

    def untouched(self, seed: int) -> bytes | None:
        """The state of a generator that has that seed."""
        return bytes(self.generator(seed).get_state())

    def gain(self, nonlinearity: str, parameter: float | None) -> float:
        """refinit.calculate_gain."""
        return float(refinit.calculate_gain(nonlinearity, parameter))

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """refinit._calculate_fan_in_and_fan_out."""
        fan_in, fan_out = refinit._calculate_fan_in_and_fan_out(np.empty(shape, np.int8))  # noqa: SLF001
        return int(fan_in), int(fan_out)

    def divergences(self) -> Sequence[KnownDivergence]:
        """refinit.initializers.divergences: the one table of them."""
        return DIVERGENCES

    def attempt(self, divergence: KnownDivergence) -> str:
        """The call on the default generator."""
        return self._attempted(divergence, refinit.get_rng_state)

    def _attempted(self, divergence: KnownDivergence, state: Callable[[], Any], **keywords: Any) -> str:
        """Refinit on an array of zeros, or on a torch tensor where the call expands one."""
        values: Any = np.zeros(divergence.shape, numpy_dtype(divergence.dtype))
        place: AbstractContextManager[Any] = self.placed(values, values)
        if divergence.expanded:
            if environment().torch is None:
                return divergence.refinit  # without torch there is no such tensor to refuse
            import torch  # not with verify: it takes a second

            values = torch.zeros(divergence.shape, dtype=getattr(torch, divergence.dtype))
            place = nullcontext(values)
        before = bytes(state())
        with place as weight:
            result = outcome(divergence, refinit, weight, **keywords)
        touched = bool((np.asarray(values) != 0).any()) or bytes(state()) != before
        return f"{result}, after changing weight or generator" if touched and result != ACCEPTED else result
