"""uniform_ and normal_ on torch's CUDA stream."""

from __future__ import annotations

from ...arrays.target import Target
from ...arrays.walks.memory import Memory
from ...devices.threads import share_out
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Normal, Uniform
from .engine import Draw, Geometry, PhiloxEngine


def fill_uniform(target: Target, law: Uniform, geometry: Geometry, engine: PhiloxEngine) -> None:
    """One word per real, two for float64, in memory order."""
    _fill(target, "uniform", (law.lo, law.hi), geometry, engine)


def fill_normal(target: Target, law: Normal, geometry: Geometry, engine: PhiloxEngine) -> None:
    """Box-Muller on a call's words; a complex number is two reals of half its variance."""
    std = law.component_std(target.element)
    _fill(target, "normal", (law.mean, std), geometry, engine)


def _fill(
    target: Target, kind: str, parameters: tuple[float, float], geometry: Geometry, engine: PhiloxEngine
) -> None:
    per_call = 2 if target.element.real.name == "float64" else 4  # of cuRAND
    seed, offset = engine.seed, engine.offset
    draw = engine.taking(target.size * target.element.parts, per_call, geometry)
    try:
        if target.device is None:
            _replay(target, kind, parameters, seed, draw)
        else:
            from .cuda import fill_on_device

            fill_on_device(target, kind, parameters, seed, draw, per_call)
    except Exception:  # for want of memory, or of a driver
        engine.restore(seed, offset)
        raise


def _replay(target: Target, kind: str, parameters: tuple[float, float], seed: int, draw: Draw) -> None:
    memory, fill = Memory(target), kernel(f"torch_cuda_{kind}_{target.element.real.name}")

    def work(start: int, count: int) -> None:
        memory.each(
            start,
            count,
            lambda address, at, n: fill(seed, draw.call, draw.threads, address, at, n, *parameters),
        )

    share_out(memory.reals, work)
