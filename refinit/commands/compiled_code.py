"""`cache` and `warmup`: the cache of compiled code."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from ..kernels.code import cache
from ..kernels.code.cache import ObjectCode
from ..kernels.code.cuda_loader import entry_of
from ..kernels.code.folder import PRIVATE, opened
from ..kernels.code.location import VARIABLE, Refused, location
from ..streams.all_kernels import CPU_KERNELS, CUDA_KERNELS
from .command import FAILED, OK, Command

#: Of a folder that somebody named: others may load from it what its owner has compiled.
_SHARED = 0o755
_DIRECTORY = "\n--directory DIR, of both, stands for the environment variable REFINIT_CACHE_DIR."
_CACHE_LINES = """\
The cache of compiled code.

  cache                      show where it lies, whether it is used, and its size
  cache --clear              remove its entries"""
_WARMUP_LINES = f"""\
  warmup [KERNEL...]         compile what is missing, for this processor
  warmup --cuda sm_90        and for GPUs of that compute capability
{_DIRECTORY}"""


class Job(NamedTuple):
    """A kernel's entry in the cache, and what compiles it."""

    entry: str
    backend: str
    compiled: Callable[[], ObjectCode]


def _cache_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clear", action="store_true", help="remove its entries")
    _add_directory(parser)


def _warmup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", type=_kernel, help="default: all")
    parser.add_argument("--cuda", action="append", default=[], metavar="sm_XY", type=_capability)
    _add_directory(parser)


def _add_directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--directory", metavar="DIR", help=f"default: ${VARIABLE}, else the user's")


def _run_cache(options: argparse.Namespace) -> int:
    _use(options.directory)
    return _clear() if options.clear else _show()


def _run_warmup(options: argparse.Namespace) -> int:
    _use(options.directory)
    return _warm_up([*_jobs(options.kernels, options.cuda)])


def _use(directory: str | None) -> None:
    if directory:
        os.environ[VARIABLE] = str(Path(directory).absolute())


def _kernel(name: str) -> str:
    if name not in CPU_KERNELS and name not in CUDA_KERNELS:
        raise argparse.ArgumentTypeError(f"expected a kernel's name such as uniform_float32, got {name!r}")
    return name


def _capability(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"sm_(\d+)(\d)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"expected a compute capability such as sm_90, got {text!r}")
    return int(match[1]), int(match[2])


def _show() -> int:
    print(f"folder   {location()}")
    try:
        with opened() as folder:
            files = cache.entries(folder)
    except FileNotFoundError:
        print("used     not made yet")
        return OK
    except (Refused, OSError) as reason:
        print(f"used     no: {reason}")
        return FAILED
    print("used     yes" if os.access(folder.path, os.W_OK) else "used     yes, but it cannot be written")
    print(f"entries  {len(files)}, of which this version has {sum(map(cache.of_this_key, files))} here")
    print(f"size     {_mebibytes(cache.size_of(files))} of at most {_mebibytes(cache.BOUND)}")
    return OK


def _clear() -> int:
    try:
        with opened() as folder:
            files = cache.entries(folder)
            cache.drop(folder, files)
    except FileNotFoundError:
        files = []
    print(f"removed {len(files)} entries, {_mebibytes(cache.size_of(files))}")
    return OK


def _jobs(kernels: Sequence[str], capabilities: Sequence[tuple[int, int]]) -> Iterator[Job]:
    """What fills on this processor and on such GPUs need; of the named kernels alone, if there are any."""
    for name in sorted(CPU_KERNELS):
        if not kernels or name in kernels:
            yield Job(name, "cpu", partial(_for_this_processor, name))
    for capability in capabilities:
        for name in sorted(CUDA_KERNELS):
            if not kernels or name in kernels:
                yield Job(entry_of(name, capability), "cuda", partial(_for_gpus, name, capability))


def _warm_up(jobs: Sequence[Job]) -> int:
    mode = _SHARED if os.environ.get(VARIABLE) else PRIVATE
    for number, job in enumerate(jobs, 1):
        start, is_new = perf_counter(), cache.read(job.entry, job.backend) is None
        if is_new:
            cache.keep(job.entry, job.compiled(), job.backend, mode=mode)
        state = f"{perf_counter() - start:.1f} s" if is_new else "was there"
        print(f"{number:4}/{len(jobs)}  {job.entry}  {state}", flush=True)
    return _show()


def _for_this_processor(name: str) -> ObjectCode:
    from ..kernels.code.cpu_compiler import compiled  # numba comes with it

    return compiled(CPU_KERNELS[name])


def _for_gpus(name: str, capability: tuple[int, int]) -> ObjectCode:
    from ..kernels.code.cuda_compiler import cubin, ptx  # numba-cuda comes with it

    return ObjectCode(name, cubin(ptx(name, capability), capability))


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


CACHE = Command("cache", "show or clear it", _CACHE_LINES, _cache_arguments, _run_cache)
WARMUP = Command("warmup", "compile what is missing", _WARMUP_LINES, _warmup_arguments, _run_warmup)
