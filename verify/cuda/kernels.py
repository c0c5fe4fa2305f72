"""What refinit's compiled CUDA kernels must be, and the figures by which their speed is judged without a GPU.

python -m verify.cuda.kernels [KERNEL ...]     print every kernel's figures and diagnostics

The machine code is what `refinit/devices/driver.py` loads: `ptx` and `cubin` of
`refinit/kernels/code/cuda_compiler.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from refinit.streams.all_kernels import CUDA_KERNELS

from . import sass
from .executors import ptx_of, refuse_without_compiler
from .ptx import lint

Capability = tuple[int, int]
#: The devices that code is made for in CI: A100, H100, B200.
CAPABILITIES: tuple[Capability, ...] = ((8, 0), (9, 0), (10, 0))
#: Issue slots for sixteen bytes of float32 uniforms: an H100 writes those in the time of 88 to
#: 116 issue slots, an A100 of 107, so that memory remains what bounds them.
MAX_UNIFORM_ISSUE_SLOTS = 90
#: torch's normals are those of CUDA's own approximate functions, by which alone they can be torch's.
APPROXIMATE = {"torch_normal": {"sin.approx.f32", "cos.approx.f32", "rcp.approx.ftz.f64"}}
#: Functions of the special unit that ptxas computes a rounded root or quotient from, corrected by fused products.
_ROUNDED_FROM = {
    "RSQ": ("sqrt.rn.f32",),
    "RCP": ("div.rn.f32", "rcp.rn.f32"),
    "RSQ64H": ("sqrt.rn.f64",),
    "RCP64H": ("div.rn.f64", "rcp.rn.f64"),
}
#: Bits, fused and separately rounded instructions of the sequence that ptxas expands a root to.
_ROOT_SEQUENCES = {"sqrt.rn.f32": (32, 2, 0), "sqrt.rn.f64": (64, 5, 3)}
_WIDE_PREFIX = "wide_"
#: Kernels with loops of unlike mixtures of fused and separate operations.
_MIXED_PREFIX = "reflector_"


def architecture(capability: Capability) -> str:
    """NVIDIA's name of the devices of that compute capability."""
    return f"sm_{capability[0]}{capability[1]}"


@dataclass(frozen=True)
class Compiled:
    """A kernel for one architecture."""

    name: str
    ptx: str
    cubin: bytes


@lru_cache(maxsize=512)
def compiled(name: str, capability: Capability) -> Compiled:
    """refinit's kernel of that name."""
    from refinit.kernels.code.cuda_compiler import cubin  # imports numba and numba-cuda

    text = ptx_of(name, capability)
    return Compiled(name, text, cubin(text, capability))


def is_double(name: str) -> bool:
    """Whether a kernel may compute in double precision: it fills float64, or has such parameters."""
    kinds = {kind if isinstance(kind, str) else kind[0] for kind in CUDA_KERNELS[name].arguments}
    return name.endswith("float64") or "f64" in kinds


@dataclass(frozen=True)
class Examined:
    """Diagnostics; issue slots per sixteen bytes, where a thread stores as many at once; registers."""

    diagnostics: tuple[str, ...]
    issue_slots: float | None
    registers: int


def examined(kernel: Compiled) -> Examined:
    """Lint of the PTX and of the machine code."""
    ptx = lint.lint(kernel.ptx)[kernel.name]
    code = sass.facts_of(kernel.name, kernel.cubin)
    diagnostics = (*_ptx_diagnostics(ptx), *_sass_diagnostics(code, ptx))
    return Examined(diagnostics, code.issue_slots, code.kernel.registers)


def _ptx_diagnostics(ptx: lint.Facts) -> Iterator[str]:
    name = ptx.kernel
    allowed = next((opcodes for start, opcodes in APPROXIMATE.items() if name.startswith(start)), set())
    approximate = [inst.opcode for inst in ptx.approximations if inst.opcode not in allowed]
    yield from _diagnostic("PTX: local memory, bytes", ptx.local_bytes)
    yield from _diagnostic(
        "PTX: arithmetic that ptxas may contract", [inst.text for inst in ptx.contractible]
    )
    yield from _diagnostic("PTX: approximations", approximate)
    if not is_double(name):
        yield from _diagnostic("PTX: double precision", [inst.text for inst in ptx.float64])
    if name.startswith(_WIDE_PREFIX) and ptx.widest_store != 16:
        yield f"PTX: the widest store has {ptx.widest_store} bytes, not 16"
    yield from _diagnostic("PTX that the executor refuses", ptx.unsupported)


def _sass_diagnostics(code: sass.Facts, ptx: lint.Facts) -> Iterator[str]:
    yield from _diagnostic("SASS: local memory", [str(inst) for inst in code.local])
    yield from _diagnostic("SASS: bytes of stack", code.kernel.stack + code.kernel.local)
    yield from _diagnostic("SASS: arithmetic in half precision", [str(inst) for inst in code.half])
    yield from _diagnostic("SASS: approximations", _unexplained(code, ptx))
    if not is_double(ptx.kernel):
        yield from _diagnostic("SASS: double precision", [str(inst) for inst in code.float64])
    if set(code.stores) != set(ptx.stores):
        yield f"SASS: stores of {sorted(code.stores)} bytes where the PTX has {sorted(ptx.stores)}"
    yield from _contractions(code, ptx)
    if ptx.kernel.startswith(_WIDE_PREFIX) and code.issue_slots is None:
        yield "SASS: no way to a store of sixteen bytes without a loop"
    if ptx.kernel == "wide_uniform_float32" and (code.issue_slots or 0) > MAX_UNIFORM_ISSUE_SLOTS:
        yield f"SASS: {code.issue_slots} instructions for sixteen bytes, more than {MAX_UNIFORM_ISSUE_SLOTS}"


def _unexplained(code: sass.Facts, ptx: lint.Facts) -> list[str]:
    """Functions of the special unit that no rounded operation of the PTX stands behind."""
    approximate = {inst.opcode for inst in ptx.approximations}
    return [
        name
        for name in code.special
        if not approximate and not any(ptx.opcodes[opcode] for opcode in _ROUNDED_FROM.get(name, ()))
    ]


def _contractions(code: sass.Facts, ptx: lint.Facts) -> Iterator[str]:
    """A product and a sum that ptxas has joined make the separately rounded ones fewer, also against the fused ones.

    The second is what shows where ptxas unrolls a loop, all of whose turns are alike.
    """
    for bits in (32, 64):
        fused = ptx.opcodes[f"fma.rn.f{bits}"]
        separate = sum(ptx.opcodes[f"{opcode}.rn.f{bits}"] for opcode in ("add", "sub", "mul"))
        for opcode, (width, more_fused, more_separate) in _ROOT_SEQUENCES.items():
            fused += (width == bits) * more_fused * ptx.opcodes[opcode]
            separate += (width == bits) * more_separate * ptx.opcodes[opcode]
        rarer = code.separate[bits] * fused < separate * code.fused[bits]
        if code.separate[bits] < separate or (rarer and not ptx.kernel.startswith(_MIXED_PREFIX)):
            counts = f"{code.separate[bits]} separate and {code.fused[bits]} fused float{bits} operations"
            yield f"SASS: contraction: {counts} where the PTX has {separate} and {fused}"


def _diagnostic(label: str, value: Any) -> Iterator[str]:
    if value:
        yield f"{label}: {value}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if a kernel has diagnostics."""
    parser = argparse.ArgumentParser(
        prog="python -m verify.cuda.kernels", description="Lint refinit's CUDA kernels."
    )
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", help="by default all")
    names = parser.parse_args(arguments).kernels or list(CUDA_KERNELS)
    if unknown := [name for name in names if name not in CUDA_KERNELS]:
        parser.error(f"expected kernels of refinit/streams/all_kernels.py, got {', '.join(unknown)}")
    refuse_without_compiler()
    status = 0
    for name in names:
        for capability in CAPABILITIES:
            result = examined(compiled(name, capability))
            slots = f", {result.issue_slots} instructions per sixteen bytes" if result.issue_slots else ""
            print(
                f"{name} {architecture(capability)}: {result.registers} registers{slots}",
                *result.diagnostics,
                sep="\n    ",
            )
            status |= bool(result.diagnostics)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
