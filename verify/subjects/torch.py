"""torch.nn.init on CPU tensors: a subject of its own, and the reference of others."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cases import layouts
from ..cases.case import Case
from ..cases.formats import numpy_dtype
from ..cases.functions import FUNCTIONS
from ..laws.streams import TORCH
from .base import RELATED, Calls, Filled, KnownDivergence, Subject, outcome, sentinel, spilled


class TorchSubject(Subject):
    """The installed torch.nn.init on CPU tensors; the bits are the reference where torch is 2.13 on AVX2."""

    name = "torch"
    stream = TORCH
    calls = Calls(
        imports="torch",
        module="torch.nn.init",
        seeding="torch.manual_seed(seed)",
        generator="torch.Generator().manual_seed(seed)",
        generator_ignored=("sparse_",),
        tensors=True,
    )

    def __init__(self) -> None:
        import torch

        self.torch = torch
        has = partial(hasattr, torch.nn.init)
        self.functions = {name: function for name, function in FUNCTIONS.items() if has(name)}

    def fill(self, case: Case, seed: int) -> Filled:
        """torch.nn.init on a fresh tensor."""
        torch = self.torch
        shape = layouts.base_shape(case.layout, case.shape)
        base = torch.full(shape, sentinel(case.dtype), dtype=getattr(torch, case.dtype))
        with warnings.catch_warnings():
            # far means and zero-element weights: tested as warnings elsewhere
            warnings.simplefilter("ignore")
            state = self._call(case, layouts.view(base, case.layout), seed)
        array = self._numpy(base, case.dtype)
        return Filled(layouts.view(array, case.layout), state, spilled(array, case))

    def _call(self, case: Case, weight: Any, seed: int) -> bytes | None:
        function = getattr(self.torch.nn.init, case.function)
        if not case.random:
            function(weight, **case.named)
            return None
        # torch 2.13's sparse_ takes its mask from the global generator whatever generator= says, so what
        # sparse_(generator=g) ought to give is what torch gives with g's state in the global one.
        if case.source == "default" or case.function == "sparse_":
            return self._call_globally(function, case, weight, seed)
        generator = self.torch.Generator()
        generator.manual_seed(seed)
        function(weight, **case.named, generator=generator)
        return bytes(generator.get_state().numpy())

    def _call_globally(self, function: Callable[..., Any], case: Case, weight: Any, seed: int) -> bytes:
        generator = self.torch.default_generator
        before = generator.get_state()
        generator.manual_seed(seed)
        try:
            function(weight, **case.named)
            return bytes(generator.get_state().numpy())
        finally:
            generator.set_state(before)

    def _numpy(self, tensor: Any, dtype: str) -> npt.NDArray[Any]:
        if dtype == "bfloat16":
            bits: npt.NDArray[np.int16] = tensor.view(self.torch.int16).numpy()
            return bits.view(numpy_dtype(dtype))
        array: npt.NDArray[Any] = tensor.numpy()
        return array

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """Also fills from one generator, one after the other."""
        generator = self.torch.Generator().manual_seed(seed)
        tensors = [
            self.torch.empty(case.shape, dtype=getattr(self.torch, case.dtype)) for _ in range(RELATED)
        ]
        for tensor in tensors:
            getattr(self.torch.nn.init, case.function)(tensor, **case.named, generator=generator)
        fills = [Filled(self._numpy(tensor, case.dtype), None) for tensor in tensors]
        return {**super().related(case, seed), "consecutive fills": fills}

    def untouched(self, seed: int) -> bytes | None:
        """The state of a generator that has that seed."""
        return bytes(self.torch.Generator().manual_seed(seed).get_state().numpy())

    def gain(self, nonlinearity: str, parameter: float | None) -> float:
        """torch.nn.init.calculate_gain."""
        return float(self.torch.nn.init.calculate_gain(nonlinearity, parameter))

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """torch.nn.init._calculate_fan_in_and_fan_out."""
        weight = self.torch.empty(shape, device="meta")
        fan_in, fan_out = self.torch.nn.init._calculate_fan_in_and_fan_out(weight)  # noqa: SLF001
        return int(fan_in), int(fan_out)

    def attempt(self, divergence: KnownDivergence) -> str:
        """torch.nn.init on a zero tensor."""
        weight = self.torch.zeros(divergence.shape, dtype=getattr(self.torch, divergence.dtype))
        return outcome(divergence, self.torch.nn.init, weight)
