"""Fills that are passed by: the generator is left as they would leave it, at the cost of moving on."""

from __future__ import annotations

from typing import Any

from ..arrays.strides import is_contiguous
from ..dtypes import Element
from ..laws.law import Law
from ..streams.counter.engine import CounterEngine
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cpu.passing import passed_by


def pass_by(
    generator: Any, element: Element, shape: tuple[int, ...], strides: tuple[int, ...], law: Law
) -> bool:
    """Passes a fill by; False, and nothing done, where the memory must be filled to know how far it goes.

    Strides are in elements. The law is checked for the element type, and the shape has elements.
    """
    engine = generator._engine
    if type(engine) is CounterEngine:
        engine.fill(None)
        return True
    if type(engine) is not TorchCpuEngine:
        return False
    realise = passed_by(element, shape, law, contiguous=is_contiguous(shape, strides, 1))
    if realise is None:
        return False
    engine.fill(realise)
    return True
