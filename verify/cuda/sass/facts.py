"""Facts of machine code by which a kernel is judged: registers, local memory, precision, contraction, stores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .disassembly import Function, Instruction, disassembled
from .flow import full_path, stores_sixteen

_DOUBLE = {"DADD", "DMUL", "DFMA", "DSETP", "DMNMX", "DMMA"}
_HALF = {"HADD2", "HMUL2", "HFMA2", "HSETP2", "HMNMX2", "HSET2", "HMMA"}
_WIDTHS = {"256": 32, "128": 16, "64": 8, "U16": 2, "S16": 2, "U8": 1, "S8": 1}
#: Rounding sums and products, by bits, and how many a packed instruction of sm_100 holds; without .FTZ, which the
#: sequences for square roots and quotients alone have.
_SEPARATE = {32: {"FADD": 1, "FMUL": 1, "FADD2": 2, "FMUL2": 2}, 64: {"DADD": 1, "DMUL": 1}}
_FUSED = {32: {"FFMA": 1, "FFMA2": 2}, 64: {"DFMA": 1}}


@dataclass(frozen=True)
class Facts:
    """The facts of one kernel; `callees` are the functions in its cubin that it calls."""

    kernel: Function
    callees: tuple[Function, ...]
    opcodes: Counter[str]
    #: Loads and stores of local memory, in the callees too.
    local: tuple[Instruction, ...]
    #: Instructions that compute with or convert double precision, and half precision.
    float64: tuple[Instruction, ...]
    half: tuple[Instruction, ...]
    #: Approximate functions of the special unit by name, without those of quotients of integers.
    special: Counter[str]
    #: Sums and products that are rounded by themselves, and those that are fused, by bits.
    separate: dict[int, int]
    fused: dict[int, int]
    #: How many stores to global memory there are of each width in bytes.
    stores: Counter[int]
    #: Issue slots per sixteen bytes that a thread stores; None where a listing cannot tell.
    issue_slots: float | None


def facts_of(name: str, cubin: bytes) -> Facts:
    """The facts of the kernel of that name."""
    functions = disassembled(cubin)
    kernel = functions.pop(name)
    code = kernel.instructions
    callees = tuple(functions.values())
    instructions = (*code, *(inst for callee in callees for inst in callee.instructions))
    return Facts(
        kernel=kernel,
        callees=callees,
        opcodes=Counter(inst.opcode for inst in code),
        local=tuple(inst for inst in instructions if inst.mnemonic in {"LDL", "STL"}),
        float64=tuple(filter(_is_double, instructions)),
        half=tuple(filter(_is_half, instructions)),
        special=_special(code),
        separate=_roundings(code, _SEPARATE),
        fused=_roundings(code, _FUSED),
        stores=Counter(_width(inst) for inst in code if inst.mnemonic in {"STG", "ST"}),
        issue_slots=issue_slots(kernel),
    )


def issue_slots(kernel: Function) -> float | None:
    """Instructions per sixteen bytes: those of the full path, address arithmetic and all, by its stores."""
    path = full_path(kernel)
    return None if path is None else len(path) / sum(map(stores_sixteen, path))


def _is_double(inst: Instruction) -> bool:
    return inst.mnemonic in _DOUBLE or any(part == "F64" or part.endswith("64H") for part in inst.suffixes)


def _is_half(inst: Instruction) -> bool:
    # Zero times zero plus a constant is how ptxas loads one through an idle unit
    loads = inst.mnemonic == "HFMA2" and ",-RZ,RZ," in inst.operands
    return inst.mnemonic in _HALF and not loads


def _special(code: tuple[Instruction, ...]) -> Counter[str]:
    functions = Counter(".".join(inst.suffixes) for inst in code if inst.mnemonic == "MUFU")
    # An unsigned quotient begins by rounding the divisor up, and takes its reciprocal
    functions["RCP"] -= sum(inst.opcode == "I2F.U32.RP" for inst in code)
    return +functions


def _roundings(code: tuple[Instruction, ...], weights: dict[int, dict[str, int]]) -> dict[int, int]:
    return {
        bits: sum(weight.get(inst.mnemonic, 0) for inst in code if "FTZ" not in inst.suffixes)
        for bits, weight in weights.items()
    }


def _width(inst: Instruction) -> int:
    return next((_WIDTHS[part] for part in inst.suffixes if part in _WIDTHS), 4)
