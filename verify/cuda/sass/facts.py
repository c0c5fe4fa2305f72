"""What machine code contains that a kernel should not, or should only on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
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
    """The facts of one kernel; `called` are the functions in its cubin that it calls."""

    kernel: Function
    called: tuple[Function, ...]
    opcodes: Counter[str]
    #: Loads and stores of local memory, in the called functions too.
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
    #: Instructions per sixteen bytes that a thread stores; None where no listing tells.
    slots: float | None


def facts_of(name: str, cubin: bytes) -> Facts:
    """The facts of the kernel of that name."""
    functions = disassembled(cubin)
    kernel = functions.pop(name)
    code = kernel.instructions
    everything = (*code, *(one for function in functions.values() for one in function.instructions))
    return Facts(
        kernel=kernel,
        called=tuple(functions.values()),
        opcodes=Counter(one.opcode for one in code),
        local=tuple(one for one in everything if one.root in {"LDL", "STL"}),
        float64=_those(everything, _is_double),
        half=_those(everything, _is_half),
        special=_special(code),
        separate=_roundings(code, _SEPARATE),
        fused=_roundings(code, _FUSED),
        stores=Counter(_width(one) for one in code if one.root in {"STG", "ST"}),
        slots=slots_of(kernel),
    )


def slots_of(kernel: Function) -> float | None:
    """Instructions per sixteen bytes: those of the full path, address arithmetic and all, by its stores."""
    path = full_path(kernel)
    return None if path is None else len(path) / sum(map(stores_sixteen, path))


def _those(code: tuple[Instruction, ...], wanted: Callable[[Instruction], bool]) -> tuple[Instruction, ...]:
    return tuple(filter(wanted, code))


def _is_double(one: Instruction) -> bool:
    return one.root in _DOUBLE or any(part == "F64" or part.endswith("64H") for part in one.suffixes)


def _is_half(one: Instruction) -> bool:
    # Zero times zero plus a constant is how ptxas loads one through an idle unit
    loads = one.root == "HFMA2" and ",-RZ,RZ," in one.operands
    return one.root in _HALF and not loads


def _special(code: tuple[Instruction, ...]) -> Counter[str]:
    found = Counter(".".join(one.suffixes) for one in code if one.root == "MUFU")
    # An unsigned quotient begins by rounding the divisor up, and takes its reciprocal
    found["RCP"] -= sum(one.opcode == "I2F.U32.RP" for one in code)
    return +found


def _roundings(code: tuple[Instruction, ...], weights: dict[int, dict[str, int]]) -> dict[int, int]:
    return {
        bits: sum(weight.get(one.root, 0) for one in code if "FTZ" not in one.suffixes)
        for bits, weight in weights.items()
    }


def _width(one: Instruction) -> int:
    return next((_WIDTHS[part] for part in one.suffixes if part in _WIDTHS), 4)
