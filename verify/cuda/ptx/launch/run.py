"""Launch a PTX kernel on this CPU."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..compile.executable import Executable, compiled
from ..isa.control import OUT_OF_FUEL, TRAPPED
from ..memory.allocations import Memory, Pointer
from ..memory.violations import REGION_BITS, Trapped
from ..syntax.kinds import FLOATS
from ..syntax.model import Parameter
from .shadow import Shadow
from .shape import Shape, raise_divergence, shape_of

#: Bytes of shared memory that a block of sm_90 or sm_100 may have; sm_80 has 163 KiB.
MAX_SHARED_BYTES = 227 * 1024
FORMATS = {"f32": "<f", "f64": "<d"}


def run(
    ptx: str,
    kernel_name: str | None,
    grid: int | Sequence[int],
    block: int | Sequence[int],
    arguments: Sequence[Any],
    memory: Memory,
    blocks: Iterable[int] | None = None,
    *,
    shared: int = 0,
    sanitize: bool = True,
    allow: Collection[str] = (),
    backwards: bool = False,
    complete: bool = True,
) -> None:
    """Run a kernel's threads one after the other: between barriers all threads of a block, block after block.

    Parameters
    ----------
    ptx, kernel_name
        The text, and the kernel's name in it; None for the only one.
    grid, block
        Blocks, and threads of each, along x, y and z.
    arguments
        One for each parameter of the kernel: an integer, a float for a parameter of a floating-point type, a NumPy
        scalar of the parameter's size, or a pointer (`allocation.pointer()`); `array_arguments` are numba's.
    memory
        The allocations that the pointers point into.
    blocks
        Which blocks to run, by x + nx (y + ny z); all by default.
    shared
        Bytes of dynamic shared memory.
    sanitize
        Check every access. Without it a wrong kernel may damage this process, and sampled memory cannot be used.
    allow
        Opcodes to execute although they are approximate, flush, or leave ptxas free to contract.
    backwards
        Begin with the last thread and the last block: a result that depends on the order of threads differs.
    complete
        Whether outputs must be written whole when this launch is over.

    Raises
    ------
    UnsupportedPtx
        The kernel contains what is not covered; the message names the line.
    Violations, Unwritten
        The sanitizer's findings.
    DivergentBarrier, Trapped
        Not all threads of a block reach the same barrier; a thread executes trap.
    """
    executable = compiled(ptx, kernel_name, sanitize, frozenset(allow))
    shape = shape_of(executable.kernel, grid, block)
    shadow = Shadow(executable, memory, shape, shared)
    if shadow.shared.size > MAX_SHARED_BYTES:
        raise ValueError(
            f"expected at most {MAX_SHARED_BYTES} bytes of shared memory, got {shadow.shared.size}"
        )
    parameters = packed(executable, arguments)
    launch = _Launch(executable, shape, shadow, parameters, shared, backwards)
    indices = range(shape.blocks) if blocks is None else blocks
    spans = list(_spans(indices, shape.blocks, single=executable.translation.stepwise))
    for first, stop in reversed(spans) if backwards else spans:
        launch.run(first, stop)
    shadow.finish()
    if sanitize and complete:
        memory.check_written()


def _spans(blocks: Iterable[int], count: int, *, single: bool) -> Iterator[tuple[int, int]]:
    """Runs of consecutive blocks."""
    if isinstance(blocks, range) and blocks.step == 1 and not single:
        outside = [block for block in (blocks.start, blocks.stop - 1) if not 0 <= block < count]
        if blocks and outside:
            raise ValueError(f"expected blocks below {count}, got {outside}")
        yield blocks.start, blocks.stop
        return
    for block in blocks:
        if not 0 <= block < count:
            raise ValueError(f"expected blocks below {count}, got {block}")
        yield block, block + 1


class _Launch:
    """One launch: the state that all its blocks share."""

    def __init__(
        self,
        executable: Executable,
        shape: Shape,
        shadow: Shadow,
        parameters: bytes,
        dynamic: int,
        backwards: bool,
    ) -> None:
        self.executable, self.shape, self.shadow, self.dynamic = executable, shape, shadow, dynamic
        self.backwards = backwards
        self.parameters = np.frombuffer(parameters + b"\0", np.uint8).copy()
        threads = shape.threads if executable.translation.stepwise else 0
        self.frames = np.zeros(threads * executable.translation.frame_bytes, np.uint8)
        self.statuses = np.zeros(threads, np.int32)

    def run(self, first: int, stop: int) -> None:
        """Run blocks first to stop, region after region."""
        self.frames[...] = 0
        self.shadow.begin_block()
        resume, region = 0, 1
        while True:
            if region >= 1 << REGION_BITS:
                raise ValueError(f"expected fewer than {1 << REGION_BITS} barriers in a block")
            status = self._call(resume, region, first, stop)
            if status == TRAPPED:
                raise Trapped(
                    f"{self.executable.kernel.name}: a thread of blocks {first} to {stop - 1} trapped"
                )
            if status == OUT_OF_FUEL:
                self.shadow.finish()
            if not self.statuses.any():
                return
            if (self.statuses != self.statuses[0]).any():
                self.shadow.finish()
                raise_divergence(
                    self.executable.kernel,
                    self.shape,
                    first,
                    self.statuses,
                    self.executable.translation.barriers,
                )
            resume, region = int(self.statuses[0]), region + 1

    def _call(self, resume: int, region: int, first: int, stop: int) -> int:
        arrays = (self.parameters, self.shadow.context, self.shadow.shared, self.frames, self.statuses)
        numbers = (resume, region, first, stop, int(self.backwards), self.dynamic)
        pointers = [array.ctypes.data for array in arrays]
        return int(self.executable.run_blocks(*pointers, *numbers, *self.shape.block, *self.shape.grid))


def packed(executable: Executable, arguments: Sequence[Any]) -> bytes:
    """The kernel's parameter space."""
    parameters = executable.kernel.parameters
    if len(arguments) != len(parameters):
        raise ValueError(f"expected {len(parameters)} arguments, got {len(arguments)}")
    offsets, result = executable.kernel.offsets(), bytearray()
    for parameter, argument in zip(parameters, arguments, strict=True):
        result += bytes(offsets[parameter.name] - len(result))
        result += _bytes(parameter, argument, executable.sanitized)
    return bytes(result)


def _bytes(parameter: Parameter, argument: Any, sanitized: bool) -> bytes:
    if isinstance(argument, Pointer):
        argument = argument.device if sanitized else argument.host
    if isinstance(argument, bytes | np.generic):
        data = argument if isinstance(argument, bytes) else argument.tobytes()
        if len(data) == parameter.size and not (
            isinstance(argument, np.integer) and parameter.kind in FLOATS
        ):
            return data
    elif isinstance(argument, int) and parameter.kind not in FLOATS:
        return (argument & ((1 << 8 * parameter.size) - 1)).to_bytes(parameter.size, "little")
    elif isinstance(argument, float) and parameter.kind in FLOATS:
        return struct.pack(FORMATS[parameter.kind], argument)
    expected = f"{parameter.size} bytes as .{parameter.kind} for {parameter.name}"
    raise TypeError(f"expected {expected}, got {argument!r} of {type(argument).__name__}")
