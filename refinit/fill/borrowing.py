"""torch's generators, borrowed: a fill draws from a copy of the state, which is put back advanced.

torch's draws hold a lock that Python cannot take.  So another thread may draw from the same generator during a fill,
whose numbers would then come twice: before the state is put back it is compared with the one that was taken.  What
stays open is the microsecond between the two.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from .._torch import behind_transforms
from ..streams.engine import Realise
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import TorchCudaEngine

#: The state of a torch.Generator is drawn from in one of these, by one thread at a time.
TORCH_ENGINES: dict[str, TorchCpuEngine | TorchCudaEngine] = {
    "cpu": TorchCpuEngine(0),
    "cuda": TorchCudaEngine(0, None),
}
#: Fills that another thread may spoil: one that draws all the time would spoil every one.
_TRIES = 2
_string_at = ctypes.string_at


def fill_from_torch(
    generator: Any, engine: TorchCpuEngine | TorchCudaEngine, realise: Realise | None
) -> None:
    """Draws from a torch.Generator: its state is taken, and put back advanced unless that fails.

    Where another thread has drawn meanwhile, the fill is made anew from where that left the generator; in the end the
    others draw from a stream of their own for as long as the fill takes.
    """
    if realise is None:
        return

    def draw() -> None:
        if not any(attempt(generator, engine, realise) for _ in range(_TRIES)):
            _fill_undisturbed(generator, engine, realise)

    engine.exclusively(draw)


def attempt(generator: Any, engine: TorchCpuEngine | TorchCudaEngine, realise: Realise) -> bool:
    """Fills once, the engine being this thread's.

    False: another thread has drawn meanwhile, the generator is left as that left it, and the memory is to be filled
    anew, because its numbers are the other thread's too.
    """
    state = taken(generator)
    before = raw(state)
    _draw(state, engine, realise)
    return put_back(generator, state, before)


def taken(generator: Any) -> Any:
    """A copy of a torch.Generator's state, a tensor of bytes; within torch.func.grad it comes wrapped."""
    return behind_transforms(generator.get_state())


def raw(state: Any) -> bytes:
    """The bytes of a state.  Not by ``state.numpy()``: a transform would wrap what it was called on."""
    return _string_at(state.data_ptr(), state.numel())


def put_back(generator: Any, state: Any, before: bytes) -> bool:
    """Whether the generator was found as it was taken, and has the new state now."""
    if raw(taken(generator)) != before:
        return False
    generator.set_state(state)
    return True


def _draw(state: Any, engine: TorchCpuEngine | TorchCudaEngine, realise: Realise) -> None:
    """Fills from a state, which is advanced in place."""
    if isinstance(engine, TorchCpuEngine) and engine.draw_from_bytes(state.data_ptr(), realise):
        return
    memory = (ctypes.c_char * state.numel()).from_address(state.data_ptr())
    engine.unpack(memory.raw)
    engine.draw(realise)
    memory.raw = engine.packed()


def _fill_undisturbed(generator: Any, engine: TorchCpuEngine | TorchCudaEngine, realise: Realise) -> None:
    state = taken(generator)
    before = state.clone()
    try:
        generator.manual_seed(int.from_bytes(os.urandom(7), "little"))  # for those who draw meanwhile
        _draw(state, engine, realise)
    except BaseException:
        generator.set_state(before)
        raise
    generator.set_state(state)
