"""torch.compile and refinit: Dynamo calls what fills, and follows none of it.  torch is never imported for that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

_REASON = "refinit fills memory by compiled kernels, which Dynamo cannot see; call it outside of the compiled function"
#: Of torch's C part, which `import torch` loads; Dynamo itself comes with the first torch.compile.
_FRAMES, _DYNAMO = "torch._C._dynamo.eval_frame", "torch._dynamo"
#: Code that was there before torch.
_waiting: list[CodeType] = []


def untraced(function: _F) -> _F:
    """The function, marked as what ``torch.compiler.disable`` returns: a compiled function breaks its graph there."""
    attributes = function.__dict__
    attributes["_torchdynamo_disable"] = True
    attributes["_torchdynamo_disable_msg"] = _REASON
    _waiting.append(function.__code__)
    if _FRAMES in sys.modules:
        _skip_waiting()
    return function


def untraced_methods(kind: type) -> None:
    """The same of all methods of a class."""
    for member in vars(kind).values():
        if isinstance(member, FunctionType):
            untraced(member)


def _skip_waiting() -> None:
    """Takes the code out of Dynamo's sight, with all that it calls: the mark alone lets it trace what runs there."""
    frames = sys.modules[_FRAMES]
    set_strategy = getattr(frames, "set_code_exec_strategy", None)
    if set_strategy is not None:  # torch from before 2.7 has none
        skip = frames._FrameAction.SKIP  # noqa: SLF001 - no public one without Dynamo
        strategy = frames._FrameExecStrategy(skip, skip)  # noqa: SLF001
        for code in _waiting:
            set_strategy(code, strategy)
    _waiting.clear()


class _Watch:
    """Sees the import of Dynamo, before which nothing is traced; it finds no module."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == _DYNAMO and _FRAMES in sys.modules:
            _skip_waiting()


if _FRAMES not in sys.modules:
    sys.meta_path.insert(0, _Watch)
