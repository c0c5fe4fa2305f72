"""The tables of README.md that come from refinit's own tables.

python -m docs.tables     write them (make readme); tests/docs/test_readme.py compares
"""

from __future__ import annotations

import inspect
import re

from refinit.initializers.divergences import DIVERGENCES, Divergence
from refinit.initializers.registry import ALL, FLOATING, INITIALIZERS, REAL, Initializer

from .readme import README, markdown_table, with_block

# The laws stand in the docstrings as LaTeX, which a README in a terminal or on a package index does not render.
_PLAIN = (
    (r":math:`([^`]*)`", r"\1"),
    (r"_\{(\w+)\}", r"_\1"),
    (r"_\{([^}]*)\}", r"[\1]"),
    (r"\\sqrt\{([^{}]*)\}", r"√(\1)"),
    (r"\\sim\b", "~"),
    (r"\\le\b", "≤"),
    (r"\\cdot\b", "·"),
    (r"\\lceil\s*", "⌈"),
    (r"\s*\\rceil\b", "⌉"),
    (r"\s*\\,\s*", " "),
    (r"\^2", "²"),
    (r"\^T", "ᵀ"),
)


def plain_text(text: str) -> str:
    """Return a docstring's line with its formulas as plain text."""
    for pattern, replacement in _PLAIN:
        text = re.sub(pattern, replacement, text)
    if "\\" in text or ":math:" in text:
        raise ValueError(
            f"expected a formula made of what _PLAIN in docs/tables.py knows, got {text!r}; extend it"
        )
    return text.rstrip(".")


def call(initializer: Initializer) -> str:
    """Return the signature without annotations."""
    signature = inspect.signature(initializer.function)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return (
        f"`{initializer.name}{signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)}`"
    )


def types(initializer: Initializer) -> str:
    """Name the types that an initializer fills, on both streams."""
    torch, counter = (type_names(initializer.dtypes[stream]) for stream in ("torch", "counter"))
    return torch if counter == torch else f"{torch}; by position: {counter}"


def type_names(dtypes: tuple[str, ...]) -> str:
    """Name a set of types in few words."""
    names = {ALL: "all", FLOATING: "floating, complex", REAL: "floating"}
    if dtypes in names:
        return names[dtypes]
    missing = [name for name in ALL if name not in dtypes]
    return f"all but {', '.join(missing)}" if len(missing) < len(dtypes) else ", ".join(dtypes)


def functions_table() -> str:
    """Return every initializer with its signature, its law (the first line of its docstring) and its types."""
    rows = (
        (call(entry), plain_text((inspect.getdoc(entry.function) or "").partition("\n")[0]), types(entry))
        for entry in INITIALIZERS.values()
    )
    legend = f"\nfloating: {', '.join(REAL)}; complex: {', '.join(FLOATING[len(REAL) :])}; all: these and"
    rest = ", ".join(name for name in ALL if name not in FLOATING)
    needs = (
        "By position: with a CounterGenerator ([Two streams](#two-streams)). "
        "bfloat16 and float8 arrays need the package ml_dtypes; torch's tensors of them do not."
    )
    return markdown_table(("function", "law", "types"), rows) + f"{legend} {rest}. {needs}\n"


def weight(divergence: Divergence) -> str:
    """Return the shape of the call's weight, and its type where that is not float32."""
    return f"{divergence.shape}{'' if divergence.dtype == 'float32' else ' ' + divergence.dtype}"


def divergences_table() -> str:
    """Return what torch accepts or dies of and refinit refuses."""
    return markdown_table(
        ("call", "w", "torch", "refinit", "why"),
        (
            (f"`{entry}`", weight(entry), entry.torch, f"`{entry.refinit}`", entry.reason)
            for entry in DIVERGENCES
        ),
    )


BLOCKS = {"functions": functions_table, "divergences": divergences_table}


def main() -> None:
    """Write each generated block of README.md."""
    text = README.read_text()
    for name, table in BLOCKS.items():
        text = with_block(text, name, table())
    README.write_text(text)


if __name__ == "__main__":
    main()
