"""Where a step comes from: the user's line, and the initializer of torch.nn.init that it called, in its words."""

from __future__ import annotations

import inspect
import sys
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import torch

_INIT = torch.nn.init.__name__
#: Of these the user wrote no line: torch, this recorder, and what stands between the two.
_MACHINERY = ("torch", __name__.partition(".")[0], "contextlib", "copy", "functools")


class Site(NamedTuple):
    """``where``: "file:line"; ``call``: "kaiming_uniform_(a=2.23606797749979)", or ""."""

    where: str
    call: str


def site() -> Site:
    """The innermost line outside of torch and refinit, and the outermost initializer that it called."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - traceback.extract_stack would read every file
    call: FrameType | None = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == _INIT:
            call = frame if frame.f_code.co_name in torch.nn.init.__all__ else call
        elif module.partition(".")[0] not in _MACHINERY:
            break
        frame = frame.f_back
    where = f"{_short(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else ""
    return Site(where, _in_words(call) if call else "")


def _in_words(frame: FrameType) -> str:
    """The call of an initializer, with the arguments that are not its defaults."""
    name = frame.f_code.co_name
    arguments = [
        f"{key}={frame.f_locals[key]!r}"
        for key, default in _defaults(name)
        if isinstance(frame.f_locals.get(key), bool | int | float | str) and frame.f_locals[key] != default
    ]
    return f"{name}({', '.join(arguments)})"


@cache
def _defaults(name: str) -> tuple[tuple[str, object], ...]:
    parameters = inspect.signature(getattr(torch.nn.init, name)).parameters.values()
    return tuple((parameter.name, parameter.default) for parameter in parameters)


@cache
def _short(filename: str) -> str:
    """The file as one imports it: from the folder on in which Python found it."""
    path = Path(filename)
    folders = [Path(entry).absolute() for entry in sys.path]
    within = [path.relative_to(folder) for folder in folders if path.is_relative_to(folder)]
    return min((short.as_posix() for short in within), key=len, default=path.name)
