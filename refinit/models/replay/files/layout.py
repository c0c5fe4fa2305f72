"""Which tensor lies where: safetensors' header, and shards as the Hugging Face hub has them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ....dtypes import ELEMENTS
from ...recipe.problem import RecipeError

#: safetensors' words for element types.
WORDS = {
    "float16": "F16",
    "bfloat16": "BF16",
    "float32": "F32",
    "float64": "F64",
    "complex64": "C64",
    "int8": "I8",
    "int16": "I16",
    "int32": "I32",
    "int64": "I64",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}
#: The header ends at a multiple of this, so that mapped tensors are aligned.
_ALIGNMENT = 64


class Entry(NamedTuple):
    """A tensor: its name in the state, element type and shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * ELEMENTS[self.dtype].itemsize


class FileLayout(NamedTuple):
    """One file: its header, the tensors behind it and where each begins, and its size."""

    path: Path
    header: bytes
    offsets: dict[str, int]
    size: int


def layouts(entries: Sequence[Entry], path: Path, shard_bytes: int) -> tuple[list[FileLayout], bytes | None]:
    """The files of some tensors, and the index beside them if there are several.

    Raises
    ------
    RecipeError
        For an element type that safetensors has no word for, and the one name that it keeps for itself.
    """
    for entry in entries:
        if entry.dtype not in WORDS or entry.name == "__metadata__":
            expected = f"a name other than __metadata__, and one of {', '.join(WORDS)}"
            raise RecipeError(f"state[{entry.name!r}]", f"what safetensors holds: {expected}", entry.dtype)
    shards = _shards(entries, shard_bytes)
    paths = [path]
    if len(shards) > 1:
        names = (f"{path.stem}-{k:05}-of-{len(shards):05}{path.suffix}" for k in range(1, len(shards) + 1))
        paths = [path.with_name(name) for name in names]
    files = [_file(shard, shard_path) for shard, shard_path in zip(shards, paths, strict=True)]
    return files, _index(files, sum(entry.size for entry in entries)) if len(files) > 1 else None


def _shards(entries: Iterable[Entry], shard_bytes: int) -> list[list[Entry]]:
    """In order, each of at most so many bytes, unless one tensor alone has more."""
    shards: list[list[Entry]] = [[]]
    size = 0
    for entry in entries:
        if size + entry.size > shard_bytes and shards[-1]:
            shards.append([])
            size = 0
        shards[-1].append(entry)
        size += entry.size
    return shards


def _file(entries: Sequence[Entry], path: Path) -> FileLayout:
    """Tensors of wide elements first: all are aligned, and there are no gaps."""
    tensors: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offsets, position = {}, 0
    for entry in sorted(entries, key=lambda entry: -ELEMENTS[entry.dtype].itemsize):
        offsets[entry.name] = position
        tensors[entry.name] = {
            "dtype": WORDS[entry.dtype],
            "shape": entry.shape,
            "data_offsets": [position, position + entry.size],
        }
        position += entry.size
    text = json.dumps(tensors, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    header = len(text).to_bytes(8, "little") + text
    begin = len(header)
    return FileLayout(
        path, header, {name: begin + offset for name, offset in offsets.items()}, begin + position
    )


def _index(files: Sequence[FileLayout], total: int) -> bytes:
    names = {name: file.path.name for file in files for name in file.offsets}
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(names.items()))}
    return (json.dumps(index, indent=2, ensure_ascii=False) + "\n").encode()
