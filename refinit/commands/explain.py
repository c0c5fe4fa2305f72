"""`explain`: what a layer of torch.nn draws, and how that compares with the papers."""

from __future__ import annotations

import argparse
import ast
import inspect
from typing import Any

from ..models import layers
from ..models.explain import explanation
from ..models.layers.base.module import Module
from .command import OK, Command, Misused

_LINES = """
What a layer draws.

  explain Conv2d 3 64 3      the law, fans, gain, bound and std of each parameter
  explain LSTM 8 16 bias=False
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layer", metavar="LAYER", help="a class of torch.nn")
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="ARGUMENT",
        help="of its constructor: 3, (1,3), bias=False",
    )


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _run(options: argparse.Namespace) -> int:
    kind = getattr(layers, options.layer, None) if options.layer in layers.__all__ else None
    if not inspect.isclass(kind) or not issubclass(kind, Module):
        names = ", ".join(layer.__name__ for layer in layers.LAYERS)
        raise Misused(f"expected a layer, such as {names}; got {options.layer!r}")
    positional = [_value(text) for text in options.arguments if "=" not in text]
    keywords = {
        name: _value(value)
        for name, _, value in (text.partition("=") for text in options.arguments if "=" in text)
    }
    call = ", ".join([*map(repr, positional), *(f"{name}={value!r}" for name, value in keywords.items())])
    title = f"{options.layer}({call})"
    try:
        print(explanation(kind(*positional, **keywords), title))
    except (TypeError, ValueError, AssertionError, AttributeError, RuntimeError) as error:
        raise Misused(f"{title}: {error}; its arguments are {_signature(kind)}") from error
    return OK


def _signature(kind: type) -> str:
    """Without annotations."""
    signature = inspect.signature(kind)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


EXPLAIN = Command("explain", "what a layer draws", _LINES, _add_arguments, _run)
