"""What refinit's compiled CUDA kernels must be, and the figures by which their speed is judged without a GPU.

python -m verify.cuda.kernels [KERNEL ...]     print every kernel's figures, and what is wrong with it

The machine code is what `refinit/devices/driver.py` loads: `ptx` and `cubin` of
`refinit/kernels/code/cuda_compiler.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import sass
from .executors import ptx_of, refuse_without_compiler
from .ptx import lint

Capability = tuple[int, int]
#: The devices that code is made for in CI: A100, H100, B200.
CAPABILITIES: tuple[Capability, ...] = ((8, 0), (9, 0), (10, 0))
#: At most so many instructions for each sixteen bytes of float32 uniforms: an H100 writes those in the time of 88 to
#: 116 issue slots, an A100 of 107, so that memory remains what bounds them.
UNIFORM_SLOTS = 90
#: torch's normals are those of CUDA's own approximate functions, by which alone they can be torch's.
APPROXIMATE = {"torch_normal": {"sin.approx.f32", "cos.approx.f32", "rcp.approx.ftz.f64"}}
#: Functions of the special unit that ptxas makes a rounded root or quotient from, and corrects by fused products.
_SPECIAL = {
    "RSQ": ("sqrt.rn.f32",),
    "RCP": ("div.rn.f32", "rcp.rn.f32"),
    "RSQ64H": ("sqrt.rn.f64",),
    "RCP64H": ("div.rn.f64", "rcp.rn.f64"),
}
#: How many fused, and how many separately rounded, instructions of that precision ptxas adds for one root.
_ROOTS = {"sqrt.rn.f32": (32, 2, 0), "sqrt.rn.f64": (64, 5, 3)}
_WIDE = "wide_"
#: Kernels with loops of unlike mixtures of fused and separate operations.
_MIXED = "reflector_"


def named(capability: Capability) -> str:
    """NVIDIA's name of it."""
    return f"sm_{capability[0]}{capability[1]}"


@dataclass(frozen=True)
class Compiled:
    """A kernel for one kind of device."""

    name: str
    ptx: str
    cubin: bytes


@lru_cache(maxsize=512)
def compiled(name: str, capability: Capability) -> Compiled:
    """refinit's kernel of that name."""
    from refinit.kernels.code.cuda_compiler import cubin

    text = ptx_of(name, capability)
    return Compiled(name, text, cubin(text, capability))


def is_double(name: str) -> bool:
    """Whether a kernel may compute in double precision: it is one for float64, or takes such numbers."""
    from refinit.streams.all_kernels import CUDA_KERNELS

    kinds = {kind if isinstance(kind, str) else kind[0] for kind in CUDA_KERNELS[name].arguments}
    return name.endswith("float64") or "f64" in kinds


@dataclass(frozen=True)
class Examined:
    """What is wrong with a kernel; instructions per sixteen bytes, where a thread stores so many at once; registers."""

    complaints: tuple[str, ...]
    issue_slots: float | None
    registers: int


def examined(kernel: Compiled) -> Examined:
    """Lint of the PTX and of the machine code."""
    text = lint.lint(kernel.ptx)[kernel.name]
    code = sass.facts_of(kernel.name, kernel.cubin)
    return Examined((*_of_ptx(text), *_of_sass(code, text)), code.slots, code.kernel.registers)


def _of_ptx(facts: lint.Facts) -> Iterator[str]:
    name = facts.kernel
    allowed = next((ops for start, ops in APPROXIMATE.items() if name.startswith(start)), set())
    approximate = [one.opcode for one in facts.approximations if one.opcode not in allowed]
    yield from _named("PTX: local memory, bytes", facts.local_bytes)
    yield from _named("PTX: arithmetic that ptxas may contract", [one.text for one in facts.contractible])
    yield from _named("PTX: approximations", approximate)
    if not is_double(name):
        yield from _named("PTX: double precision", [one.text for one in facts.float64])
    if name.startswith(_WIDE) and facts.widest_store != 16:
        yield f"PTX: the widest store has {facts.widest_store} bytes, not 16"
    yield from _named("PTX that the executor refuses", facts.unsupported)


def _of_sass(code: sass.Facts, text: lint.Facts) -> Iterator[str]:
    yield from _named("SASS: local memory", [str(one) for one in code.local])
    yield from _named("SASS: bytes of stack", code.kernel.stack + code.kernel.local)
    yield from _named("SASS: arithmetic in half precision", [str(one) for one in code.half])
    yield from _named("SASS: approximations", _unexplained(code, text))
    if not is_double(text.kernel):
        yield from _named("SASS: double precision", [str(one) for one in code.float64])
    if set(code.stores) != set(text.stores):
        yield f"SASS: stores of {sorted(code.stores)} bytes where the PTX has {sorted(text.stores)}"
    yield from _contracted(code, text)
    if text.kernel.startswith(_WIDE) and code.slots is None:
        yield "SASS: no way to a store of sixteen bytes without a loop"
    if text.kernel == "wide_uniform_float32" and (code.slots or 0) > UNIFORM_SLOTS:
        yield f"SASS: {code.slots} instructions for sixteen bytes, more than {UNIFORM_SLOTS}"


def _unexplained(code: sass.Facts, text: lint.Facts) -> list[str]:
    """Functions of the special unit that no rounded operation of the PTX stands behind."""
    approximate = {one.opcode for one in text.approximations}
    return [
        name
        for name in code.special
        if not approximate and not any(text.opcodes[op] for op in _SPECIAL.get(name, ()))
    ]


def _contracted(code: sass.Facts, text: lint.Facts) -> Iterator[str]:
    """A product and a sum that ptxas has joined make the separately rounded ones fewer, also against the fused ones.

    The second is what shows where ptxas unrolls a loop, all of whose turns are alike.
    """
    for bits in (32, 64):
        fused = text.opcodes[f"fma.rn.f{bits}"]
        separate = sum(text.opcodes[f"{op}.rn.f{bits}"] for op in ("add", "sub", "mul"))
        for op, (width, more_fused, more_separate) in _ROOTS.items():
            fused += (width == bits) * more_fused * text.opcodes[op]
            separate += (width == bits) * more_separate * text.opcodes[op]
        rarer = code.separate[bits] * fused < separate * code.fused[bits]
        if code.separate[bits] < separate or (rarer and not text.kernel.startswith(_MIXED)):
            found = f"{code.separate[bits]} separate and {code.fused[bits]} fused float{bits} operations"
            yield f"SASS: contraction: {found} where the PTX has {separate} and {fused}"


def _named(what: str, found: Any) -> Iterator[str]:
    if found:
        yield f"{what}: {found}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if anything is wrong with a kernel."""
    from refinit.streams.all_kernels import CUDA_KERNELS

    parser = argparse.ArgumentParser(
        prog="python -m verify.cuda.kernels", description="Lint refinit's CUDA kernels."
    )
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", help="by default all")
    chosen = parser.parse_args(arguments).kernels or list(CUDA_KERNELS)
    if unknown := [name for name in chosen if name not in CUDA_KERNELS]:
        parser.error(f"expected kernels of refinit/streams/all_kernels.py, got {', '.join(unknown)}")
    refuse_without_compiler()
    status = 0
    for name in chosen:
        for capability in CAPABILITIES:
            found = examined(compiled(name, capability))
            slots = f", {found.issue_slots} instructions per sixteen bytes" if found.issue_slots else ""
            print(
                f"{name} {named(capability)}: {found.registers} registers{slots}",
                *found.complaints,
                sep="\n    ",
            )
            status |= bool(found.complaints)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
