"""`record`: a constructor's recipe, into a file."""

from __future__ import annotations

import argparse
import ast
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from .command import FAILED, OK, Command, Misused

_LINES = """
Whole models.

  record MODULE:NAME [KEY=VALUE...] -o FILE
                             write down what a torch constructor draws, and check it by a construction
  record ... --no-check      and do not construct it, where memory has no room for it
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "constructor", metavar="MODULE:NAME", help="a class or function, such as torch.nn:LSTM"
    )
    parser.add_argument(
        "arguments",
        nargs="*",
        metavar="KEY=VALUE",
        help="of the constructor, by keyword; a Python literal, else a string",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="net.init.json")
    parser.add_argument("--no-check", action="store_true", help="construct nothing to compare with")


def _run(options: argparse.Namespace) -> int:
    from ..models.record.record import record  # torch comes with it

    keywords = dict(map(_keyword, options.arguments))
    factory = partial(_named(options.constructor), **keywords)
    text = ", ".join(f"{key}={value!r}" for key, value in keywords.items())
    source = options.constructor + (f"({text})" if text else "")
    try:
        recipe = record(factory, check=not options.no_check, source=source)
    except NotImplementedError as error:
        print(f"python -m refinit: error: {error}", file=sys.stderr)
        return FAILED
    recipe.save(options.output)
    print(f"{options.output}: {len(recipe.state)} names, {len(recipe.steps)} steps")
    return OK


def _keyword(argument: str) -> tuple[str, Any]:
    """A keyword argument; what is no literal of Python stands for itself."""
    key, equals, text = argument.partition("=")
    if not equals or not key.isidentifier():
        raise Misused(f"expected an argument such as num_classes=10, got {argument!r}")
    try:
        return key, ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return key, text


def _named(constructor: str) -> Callable[..., Any]:
    """What ``module:name`` means; modules of the folder that the command runs in are found, too."""
    module, colon, name = constructor.partition(":")
    if not (module and colon and name):
        raise Misused(f"expected module:name, such as torchvision.models:resnet18, got {constructor!r}")
    if os.getcwd() not in sys.path:  # noqa: PTH109 - sys.path has strings
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        value: Any = import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
    except ModuleNotFoundError as error:
        raise Misused(f"{error}; install the package that has it, or run where it lies") from None
    except AttributeError as error:
        raise Misused(f"{error}") from None
    if not callable(value):
        raise Misused(f"expected something to call, got {constructor!r}, a {type(value).__name__}")
    function: Callable[..., Any] = value
    return function


RECORD = Command("record", "write down what a torch constructor draws", _LINES, _arguments, _run)
