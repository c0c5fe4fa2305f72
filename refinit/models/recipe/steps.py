"""The step format: buffers, steps that write to them in order, and the state that names what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from .limits import LARGEST_TEXT
from .parts import Buffer, Fill, Literal, Operation, Step, View, dense_strides
from .problem import RecipeError
from .reading import fields_of, parsed
from .writing import document_of, text_of

__all__ = ["Buffer", "Fill", "Literal", "Operation", "Recipe", "Step", "View", "dense_strides"]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What a model holds after its construction: ``state``, views of ``buffers`` and literals, after all ``steps``.

    Parameters
    ----------
    buffers
        By name, the memory that the steps write to.
    steps
        Fills and operations, in order.
    state
        By the name that a state_dict gives it: the view of a buffer, or a literal.
    source
        What it was made from ("torchvision.models:resnet18"; a layer's name).
    versions
        Of the packages that made it.

    Examples
    --------
    >>> import refinit as init
    >>> recipe = init.Recipe.from_document({
    ...     "format": "refinit recipe 1",
    ...     "buffers": {"w": {"dtype": "float32", "shape": [3, 5]}},
    ...     "steps": [{"fill": "xavier_uniform_", "out": {"buffer": "w"}}],
    ...     "state": {"w": {"buffer": "w"}},
    ... })
    >>> recipe.steps[0].function
    'xavier_uniform_'
    """

    __module__ = "refinit"

    buffers: Mapping[str, Buffer]
    steps: tuple[Step, ...]
    state: Mapping[str, View | Literal]
    source: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """The recipe as JSON has it: dicts, lists, strings, numbers; see ``schema.json`` beside this module.

        Examples
        --------
        >>> import refinit as init
        >>> init.Recipe({}, (), {}).to_document()["format"]
        'refinit recipe 1'
        """
        return document_of(self.buffers, self.steps, self.state, self.source, self.versions)

    @staticmethod
    def from_document(document: Any, *, max_bytes: int | None = None) -> Recipe:
        """The recipe of a parsed JSON document.

        Parameters
        ----------
        document
            What ``to_document`` returns.
        max_bytes
            The most memory that its compressed literals may unfold to; None: this machine's.

        Raises
        ------
        ValueError
            If it is no recipe; the message names the place.
        """
        return Recipe(**fields_of(document, max_bytes))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the recipe as JSON, a step on each line.

        Parameters
        ----------
        path
            A file's, ``"net.init.json"``; what is there is replaced.
        """
        Path(path).write_text(text_of(self.to_document()), encoding="utf-8")

    @staticmethod
    def load(path: str | PathLike[str], *, max_bytes: int | None = None) -> Recipe:
        """The recipe in a file that ``save`` or anybody else wrote; nothing in it is executed.

        Parameters
        ----------
        path
            The file's.
        max_bytes
            The most memory that its compressed literals may unfold to; None: this machine's.

        Raises
        ------
        ValueError
            If it is no recipe; the message names the place.
        OSError
            If it cannot be read.
        """
        if (size := Path(path).stat().st_size) > LARGEST_TEXT:
            raise RecipeError("", f"a file of at most {LARGEST_TEXT} bytes", f"{size}")
        return Recipe.from_document(parsed(Path(path).read_bytes()), max_bytes=max_bytes)
