"""safetensors, by hand: 8 bytes of the header's length, the header in JSON, the tensors; written into mapped files."""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recipe.parts import Buffer, Literal, View, dense_strides
from ..execution import new_memory
from ..liveness import span
from ..plan import Plan, bytes_of
from .layout import Entry, FileLayout, layouts
from .partial import Files

#: What the hub calls 5 GB.
SHARD_BYTES = 5 * 10**9


class SafetensorsFiles:
    """Receives a state. Buffers that are one tensor of it are filled where they lie in the file."""

    def __init__(self, plan: Plan, path: Path, files: Files, shard_bytes: int) -> None:
        entries = [_entry(plan, name) for name in plan.state]
        self.layouts, index = layouts(entries, path, shard_bytes)
        self.sizes = {entry.name: entry.size for entry in entries}
        self.homes = _homes(plan)
        self.files = files
        self.maps: dict[Path, mmap.mmap] = {}
        self.places: dict[str, FileLayout] = {name: file for file in self.layouts for name in file.offsets}
        if index is not None:
            files.new(path.with_name(f"{path.name}.index.json")).write_bytes(index)

    def memory(self, buffer: Buffer, *, zeroed: bool) -> NDArray[np.uint8]:
        """Its place in a file, which is zero as yet, or memory of its own."""
        name = self.homes.get(buffer.name)
        return new_memory(bytes_of(buffer), zeroed=zeroed) if name is None else self._place(name)

    def finish(self, name: str, array: NDArray[Any]) -> None:
        """Copies what does not lie in its place."""
        place = self._place(name)
        if array.size and array.ctypes.data != place.ctypes.data:
            np.ndarray(array.shape, array.dtype, place)[...] = array
        self._let_go(name)

    def open(self) -> None:
        """Makes the files, each of its full size on the disk: a full one is noticed here, not by a signal."""
        for layout in self.layouts:
            with self.files.new(layout.path).open("w+b") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, layout.size)
                else:  # macOS, Windows
                    file.truncate(layout.size)
                self.maps[layout.path] = mmap.mmap(file.fileno(), layout.size)
            self.maps[layout.path][: len(layout.header)] = layout.header

    def _let_go(self, name: str) -> None:
        """The tensor's pages stay the system's, and are this process's no longer; whoever looks maps them again."""
        layout = self.places[name]
        start = -(-layout.offsets[name] // mmap.PAGESIZE) * mmap.PAGESIZE
        length = layout.offsets[name] + self.sizes[name] - start
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):
            self.maps[layout.path].madvise(mmap.MADV_DONTNEED, start, length)

    def _place(self, name: str) -> NDArray[np.uint8]:
        layout = self.places[name]
        return np.frombuffer(self.maps[layout.path], np.uint8, self.sizes[name], layout.offsets[name])


def _entry(plan: Plan, name: str) -> Entry:
    entry = plan.state[name]
    if isinstance(entry, Literal):
        return Entry(name, entry.dtype, entry.array.shape)
    return Entry(name, plan.buffers[entry.buffer].dtype, entry.shape)


def _homes(plan: Plan) -> Mapping[str, str]:
    """By buffer, the first name that is all of it, in C order."""
    homes: dict[str, str] = {}
    for name, entry in plan.state.items():
        if isinstance(entry, View) and _is_all(entry, plan):
            homes.setdefault(entry.buffer, name)
    return homes


def _is_all(view: View, plan: Plan) -> bool:
    return view.strides == dense_strides(view.shape) and span(view) == (0, plan.buffers[view.buffer].size)
