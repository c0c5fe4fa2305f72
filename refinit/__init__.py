"""torch.nn.init without torch: the same functions, arguments, errors and, from the same seed, the same bits.

>>> import refinit as init
>>> _ = init.manual_seed(0)
>>> w = init.kaiming_normal_(init.empty(64, 3, 7, 7), mode="fan_out", nonlinearity="relu")

What follows holds for every initializer; each one's own help tells the rest.

Common parameters
-----------------
tensor
    What is filled in place and returned: a NumPy array, a torch tensor, a CUDA array, or anything writable through
    DLPack, the array interface or the buffer protocol; with a CounterGenerator also torch's DTensor and a
    ``refinit.Shard``, blocks of a larger tensor, whose shape is then that of the whole.  A weight has the shape
    ``(out, in, *kernel)``: fan_in is shape[1] times the kernel's size, fan_out is shape[0] times it.  For other orders
    pass ``in_axis`` and ``out_axis``: of a matrix used as ``x @ w`` 0 and 1.  Its law is then right; the numbers of
    torch's weight, transposed, are those of ``w = init.kaiming_uniform_(init.empty(n_out, n_in)).T``.
generator
    For torch's bits a ``refinit.Generator`` or ``torch.Generator``; None: ``refinit.default_generator`` (its
    counterpart for CUDA arrays), and on a torch tensor torch's own default generator.  A ``refinit.CounterGenerator``:
    another stream, in which each element depends on its place alone.  A ``numpy.random.Generator``: one 64-bit number
    is drawn from it, the key of a CounterGenerator for this one fill.

Common errors
-------------
TypeError
    If ``tensor`` is no array of a known dtype, ``generator`` no generator, or a parameter no number; if a random law
    is to fill a Shard from torch's stream.
ValueError
    If the array is read-only, a torch parameter has no shape yet, or a Shard reaches out of its whole.
RuntimeError
    If two elements of the array share memory, a CUDA array meets no driver or an older GPU, a torch tensor is a lazily
    conjugated or negated view or may not be written outside of inference mode, or the generator is another device's,
    or used inside its own fill.
ImportError
    If a CUDA kernel must be compiled and numba-cuda is missing.
NotImplementedError
    If the law is not defined on the array's dtype or on the generator's stream, or the memory is another device's or
    not that of a dense array; if a random law is to fill a DTensor from torch's stream.
OverflowError
    If a parameter is an integer too large for a float, or a CounterGenerator has made all its 2**32 fills.

A call that raises has changed neither the array nor the generator.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _dynamo, initializers
from ._fork import undivided
from ._warn import RefinitWarning
from .arrays.empty import empty
from .arrays.shards import Shard
from .devices.threads import get_num_threads, set_num_threads
from .generators.counter_generator import CounterGenerator
from .generators.defaults import (
    default_cuda_generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from .generators.generator import Generator
from .initializers import *  # noqa: F403 - the names of its __all__
from .initializers import aliases
from .initializers.aliases import *  # noqa: F403
from .initializers.no_grad import _no_grad_fill_ as _no_grad_fill_
from .initializers.no_grad import _no_grad_normal_ as _no_grad_normal_
from .initializers.no_grad import _no_grad_trunc_normal_ as _no_grad_trunc_normal_
from .initializers.no_grad import _no_grad_uniform_ as _no_grad_uniform_
from .initializers.no_grad import _no_grad_zero_ as _no_grad_zero_
from .laws.fans import _calculate_correct_fan as _calculate_correct_fan
from .laws.fans import _calculate_fan_in_and_fan_out as _calculate_fan_in_and_fan_out
from .laws.fans import calculate_gain, fans

if TYPE_CHECKING:  # what __getattr__ imports when it is first used
    from .models import layers as layers

__version__ = "0.1.0"

__all__ = [
    "CounterGenerator",
    "Generator",
    "RefinitWarning",
    "Shard",
    "calculate_gain",
    "default_cuda_generator",
    "default_generator",
    "empty",
    "fans",
    "get_num_threads",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_num_threads",
    "set_rng_state",
]
__all__ += initializers.__all__
__all__ += aliases.__all__

for name in (*initializers.__all__, *aliases.__all__):
    _dynamo.untraced(globals()[name])
for function in (
    empty,
    get_num_threads,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_num_threads,
    set_rng_state,
):
    _dynamo.untraced(function)
_dynamo.untraced_methods(Generator)
_dynamo.untraced_methods(CounterGenerator)
del name, function

#: Whole models: public name -> the module below ``models`` that has it, imported when the name is first used; "" for a
#: package there that is itself the name.
_MODELS: dict[str, str] = {
    "Recipe": "recipe.steps",
    "RecipeError": "recipe.problem",
    "accelerate_torch": "accelerate.switch",
    "layers": "",
    "record": "record.record",
    "replay": "replay.replay",
    "replay_to_file": "replay.files.write",
}


def __getattr__(name: str) -> Any:
    if name not in _MODELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with undivided():
        module = import_module(f"{__name__}.models.{_MODELS[name] or name}")
        value = getattr(module, name) if _MODELS[name] else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODELS})
