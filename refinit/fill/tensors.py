"""The short way of small torch tensors: all that the long way checks, asked of torch in a microsecond."""

from __future__ import annotations

import sys
from threading import active_count
from typing import Any

from .._torch import advance_version, dense_address
from ..generators.generator_like import GeneratorLike
from ..kernels.code.cpu_loader import short_kernel
from ..laws.fixed import Constant
from ..laws.law import Law
from ..streams.counter.engine import exhausted
from ..streams.engine import in_use
from ..streams.short import SMALL, ShortCall
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cpu.state import STATE_BYTES
from .borrowing import TORCH_ENGINES, put_back, raw


class TorchState:
    """The bytes of a torch.Generator's state, as a stream that laws keep a call for."""


def fill_small(tensor: Any, law: Law, generator: GeneratorLike) -> bool:
    """Whether a plain tensor was filled by the kernel that is ready for the law; else nothing has happened."""
    engine: Any = getattr(generator, "_engine", None)
    if engine is None:
        return _fill_small_otherwise(tensor, law, generator)
    try:
        parts, run, first, second, odd, _, _ = law.ready[type(engine)][tensor.dtype]
    except (KeyError, AttributeError):  # its first time, or a law that is never ready
        return False
    reals = tensor.numel() * parts
    address = dense_address(tensor, parts > 1) if reals < SMALL else 0
    if not address or address & odd:
        return False
    with engine.lock:
        if engine.busy:
            raise in_use()
        if run(engine.short_cursor or engine.cursor(), address, reals, first, second):
            raise exhausted()
    advance_version(tensor)
    return True


def _fill_small_otherwise(tensor: Any, law: Law, generator: GeneratorLike) -> bool:
    """The same by torch's generators, and of constants."""
    if not law.random:
        return type(law) is Constant and _fill_constant(tensor, law)
    torch = sys.modules["torch"]
    if generator is None:
        generator = torch.default_generator
    if type(generator) is not torch.Generator:
        return False
    try:
        return _fill_from_state(tensor, _ready_for_state(law, tensor.dtype), generator)
    except (KeyError, AttributeError):  # its first time, or a law that is never ready
        return False


def _ready_for_state(law: Law, dtype: Any) -> ShortCall:
    """The call for torch's own state; it is ready when that of torch's stream is."""
    try:
        return law.ready[TorchState][dtype]  # type: ignore[no-any-return]
    except KeyError:
        call: ShortCall = law.ready[TorchCpuEngine][dtype]
    run, first, second = short_kernel(f"torch_state_{call.kernel}", call.first.value, call.second.value)
    call = call._replace(run=run, first=first, second=second)
    law.ready[TorchState] = {**law.ready.get(TorchState, {}), dtype: call}  # type: ignore[index]
    return call


def _fill_from_state(tensor: Any, call: ShortCall, generator: Any) -> bool:
    reals = tensor.numel() * call.parts
    address = dense_address(tensor) if reals < SMALL else 0
    if not address or address & call.odd:
        return False
    engine = TORCH_ENGINES["cpu"]
    with engine.lock:
        if engine.busy:
            raise in_use()
        state = generator.get_state()
        try:
            memory = state.data_ptr()
        except RuntimeError:  # within torch.func.grad it comes wrapped
            return False
        before = raw(state) if active_count() > 1 else None
        if state.numel() != STATE_BYTES or call.run(memory, address, reals, call.first, call.second):
            return False
        if before is None:
            generator.set_state(state)
        elif not put_back(generator, state, before):
            return False
    advance_version(tensor)
    return True


def _fill_constant(tensor: Any, law: Constant) -> bool:
    run, number, odd = law.ready.get(tensor.dtype, (None, None, 0))
    if run is None or tensor.numel() >= SMALL:
        return False
    address = dense_address(tensor)
    if not address or address & odd:
        return False
    run(address, tensor.numel(), number)
    advance_version(tensor)
    return True
