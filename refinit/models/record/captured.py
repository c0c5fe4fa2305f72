"""torch's initializers that loop over random numbers or factorise them, caught as the functions that they are.

A module may have them under any name, so what is exchanged is not the function but its code, while a recording runs.
Other threads, which share the code, get what the function did before.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import torch

from .recorder import Recorder


def _no_grad_trunc_normal_(*args: Any, **kwargs: Any) -> Any:
    from refinit.models.record.captured import called  # the code runs among torch's names

    return called("_no_grad_trunc_normal_", args, kwargs)


def _orthogonal_(*args: Any, **kwargs: Any) -> Any:
    from refinit.models.record.captured import called

    return called("orthogonal_", args, kwargs)


def _sparse_(*args: Any, **kwargs: Any) -> Any:
    from refinit.models.record.captured import called

    return called("sparse_", args, kwargs)


def _eye_(*args: Any, **kwargs: Any) -> Any:
    from refinit.models.record.captured import called

    return called("eye_", args, kwargs)


def _dirac_(*args: Any, **kwargs: Any) -> Any:
    from refinit.models.record.captured import called

    return called("dirac_", args, kwargs)


_REPLACEMENTS: dict[str, Any] = {
    "_no_grad_trunc_normal_": _no_grad_trunc_normal_,
    "orthogonal_": _orthogonal_,
    "sparse_": _sparse_,
    "eye_": _eye_,
    "dirac_": _dirac_,
}
#: Those that draw nothing: steps where random numbers have been, and else torch's to carry out.
_FIXED = frozenset({"eye_", "dirac_"})
#: Each original, under the name of the function whose code it has.
_originals: dict[str, Any] = {}
_recorders = threading.local()
_lock = threading.Lock()
_count = 0


@contextmanager
def captured(recorder: Recorder) -> Iterator[None]:
    """While it is entered, the recorder of this thread gets these calls."""
    _exchange(+1)
    previous, _recorders.current = getattr(_recorders, "current", None), recorder
    try:
        yield
    finally:
        _recorders.current = previous
        _exchange(-1)


def _exchange(change: int) -> None:
    """The first recording takes the originals' code away, and the last one gives it back."""
    global _count
    with _lock:
        before, _count = _count, _count + change
        if before == 0:
            for name, replacement in _REPLACEMENTS.items():
                function = getattr(torch.nn.init, name)
                _originals[name] = FunctionType(
                    function.__code__, function.__globals__, name, function.__defaults__
                )
                function.__code__ = replacement.__code__
        elif _count == 0:
            for name, original in _originals.items():
                getattr(torch.nn.init, name).__code__ = original.__code__


def called(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a captured function does: a step, if a recording runs in this thread and it would draw."""
    original, recorder = _originals[name], getattr(_recorders, "current", None)
    arguments = inspect.signature(original).bind(*args, **kwargs)
    arguments.apply_defaults()
    law = dict(arguments.arguments)
    tensor, generator = law.pop("tensor"), law.pop("generator", None)
    # what torch refuses, and what it does not draw into, its own code says best
    if recorder is None or tensor.is_meta or not _takes(name, tensor):
        return original(*args, **kwargs)
    if name in _FIXED and not recorder.storages.is_random(tensor):
        return original(*args, **kwargs)
    function = name.removeprefix("_no_grad_")
    if generator is not None:
        recorder.refuse(f"{function} draws from a generator of its own")
    recorder.fill(tensor.detach(), function, {key: _number(value) for key, value in law.items()})
    return tensor


def _number(value: Any) -> int | float:
    return value if isinstance(value, int) else float(value)


def _takes(name: str, tensor: torch.Tensor) -> bool:
    """Whether it is a tensor of as many axes as torch asks for, and one that it fills."""
    axes: int = tensor.ndim
    if name == "orthogonal_":
        return axes >= 2 and tensor.numel() > 0
    return name == "_no_grad_trunc_normal_" or axes == 2 or (name == "dirac_" and 3 <= axes <= 5)
