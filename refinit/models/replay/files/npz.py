"""NumPy's npz, not compressed: each array goes to the archive when it is finished, and its memory is free."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.typing import NDArray

from ....dtypes import MEMORY
from ...recipe.parts import Buffer, Literal
from ...recipe.problem import RecipeError
from ..execution import new_memory
from ..plan import Plan, bytes_of


class NpzFile:
    """Receives a state."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive

    def memory(self, buffer: Buffer, *, zeroed: bool) -> NDArray[np.uint8]:
        """Its own."""
        return new_memory(bytes_of(buffer), zeroed=zeroed)

    def finish(self, name: str, array: NDArray[Any]) -> None:
        """Writes it."""
        with self.archive.open(f"{name}.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array(file, array, allow_pickle=False)


def opened_archive(file: IO[bytes]) -> ZipFile:
    """An archive to write to."""
    return ZipFile(file, "w", ZIP_STORED)


def check_names(plan: Plan) -> None:
    """Raises RecipeError for what npz has no type for, and for names that would unpack elsewhere."""
    for name, entry in plan.state.items():
        dtype = entry.dtype if isinstance(entry, Literal) else plan.buffers[entry.buffer].dtype
        if dtype in MEMORY:
            advice = "write .safetensors"
            raise RecipeError(f"state[{name!r}]", "a type that NumPy has, for .npz", dtype, advice)
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name or name != name.strip():
            raise RecipeError(f"state[{name!r}]", "a name that stays in its archive", repr(name))
