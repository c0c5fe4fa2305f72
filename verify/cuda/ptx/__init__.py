"""Compiled CUDA kernels executed on the CPU: PTX text, translated to LLVM IR, with a sanitizer.

`run` launches a kernel of a PTX text on NumPy arrays in a `Memory`; `array_arguments` makes the parameters that
numba passes for an array; `python -m verify.cuda.ptx FILE.ptx` prints the facts of `lint.lint`. No GPU and no CUDA
package is needed. What is shown is what the PTX says: neither ptxas, nor hardware, nor timing.

`syntax/` parses a text, `isa/` lowers each instruction to LLVM IR, `compile/` makes machine code of a kernel, `memory/`
holds the arrays of a launch and the sanitizer's check, `launch/` runs the blocks.

Covered is what numba-cuda 0.30 emits for sm_80, sm_90 and sm_100 from kernels like refinit's: integer and bitwise
arithmetic without carry chains, single and double precision arithmetic rounded to nearest, comparisons, selections,
conversions (float16 and bfloat16 from and to float32, pairs of them), branches, predicates, special registers,
loads and stores of any width to global, shared, local, parameter and generic memory, bar.sync 0, and integer atomics.
Everything else raises `UnsupportedPtx` with its line: warp instructions, device functions, tables in global or
constant memory, arithmetic in half precision, textures, asynchronous copies, other roundings. Three things are
executed only when they are asked for by their opcode (`allow`): what is approximate or flushes subnormals, floating
sums, differences and products without a rounding, which ptxas may contract, and floating-point atomics.

The sanitizer checks every access: within an allocation, aligned to its width, of the right address space, no write
to an input, every element of an output written once, no read of an output or of shared memory before it is written,
no race between two threads without a barrier between them, no barrier that part of a block misses, no endless loop.
It does not see reads of unwritten registers or local memory (both begin as zeros), nor what a memory model weaker
than one thread after the other would allow.
"""

from .launch.run import run
from .memory.allocations import Allocation, Memory, Pointer, array_arguments
from .memory.violations import DivergentBarrier, Trapped, Unwritten, Violation, Violations
from .syntax.model import UnsupportedPtx

__all__ = [
    "Allocation",
    "DivergentBarrier",
    "Memory",
    "Pointer",
    "Trapped",
    "UnsupportedPtx",
    "Unwritten",
    "Violation",
    "Violations",
    "array_arguments",
    "run",
]
