"""``replay_to_file``: weights of any size on a disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from ....generators.generator_like import GeneratorLike
from ...recipe.limits import machine_memory
from ..opening import RecipeLike, opened
from ..parts import Part
from ..plan import Plan
from ..replay import carry_out, plan_for, stream
from .npz import NpzFile, check_names, opened_archive
from .partial import whole_files
from .safetensors import SHARD_BYTES, SafetensorsFiles


class FileReport(NamedTuple):
    """What ``replay_to_file`` has written: the files, how many names, in how many bytes; and as ``Weights``."""

    paths: tuple[Path, ...]
    names: int
    size: int
    inexact: dict[str, float]
    peak_bytes: int


def replay_to_file(
    recipe: RecipeLike,
    path: str | PathLike[str],
    seed: int | None = None,
    *,
    generator: GeneratorLike = None,
    only: str | Iterable[str] | None = None,
    part: Part = None,
    max_bytes: int | None = None,
    shard_bytes: int = SHARD_BYTES,
) -> FileReport:
    """Writes what ``replay`` returns to a file, tensor by tensor: memory is that of the largest tensor.

    Parameters
    ----------
    recipe, seed, generator, only, part, max_bytes
        As of ``replay``.
    path
        ``.safetensors`` or ``.npz``; the file appears when it is complete, and replaces what is there. Tied names are
        written once each.
    shard_bytes
        The most bytes of tensors in a safetensors file. Larger models are several files, ``model-00001-of-00003``,
        with ``model.safetensors.index.json`` beside them.

    Returns
    -------
    FileReport
        The paths; the number of names, the size of the files, ``inexact`` and ``peak_bytes``.

    Raises
    ------
    ValueError
        As ``replay``; if the path ends otherwise, or the format has no such type.
    TypeError, ImportError
        As ``replay``.
    OSError
        If the files cannot be written; of a full disk before anything is drawn.

    Examples
    --------
    >>> import refinit as init
    >>> import tempfile
    >>> linear = {
    ...     "format": "refinit recipe 1",
    ...     "buffers": {"w": {"dtype": "float32", "shape": [2, 3]}},
    ...     "steps": [{"fill": "kaiming_normal_", "out": {"buffer": "w"}}],
    ...     "state": {"weight": {"buffer": "w"}},
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = init.replay_to_file(linear, f"{folder}/w.safetensors", seed=7)
    >>> report.names, report.size
    (1, 152)
    """
    path = Path(path)
    if path.suffix not in (".safetensors", ".npz"):
        raise ValueError(f"expected a path that ends in .safetensors or .npz, got {str(path)!r}")
    limit = machine_memory() if max_bytes is None else max_bytes
    source = stream(seed, generator)
    plan = plan_for(opened(recipe, limit), source, only, part, stays=False)
    if path.suffix == ".npz":
        return _write_npz(plan, path, source, limit)
    return _write_safetensors(plan, path, source, limit, shard_bytes)


def _write_safetensors(plan: Plan, path: Path, source: Any, limit: int, shard_bytes: int) -> FileReport:
    with whole_files() as files:
        receiver = SafetensorsFiles(plan, path, files, shard_bytes)
        receiver.open()
        plan = replace(plan, mapped=frozenset(receiver.homes))
        carry_out(plan, receiver, source, limit)
        paths = tuple(files.parts)
    return _report(plan, paths)


def _write_npz(plan: Plan, path: Path, source: Any, limit: int) -> FileReport:
    check_names(plan)
    with whole_files() as files, files.new(path).open("wb") as file, opened_archive(file) as archive:
        carry_out(plan, NpzFile(archive), source, limit)
    return _report(plan, (path,))


def _report(plan: Plan, paths: tuple[Path, ...]) -> FileReport:
    sizes = sum(path.stat().st_size for path in paths)
    return FileReport(paths, len(plan.state), sizes, plan.bounds(), plan.peak)
