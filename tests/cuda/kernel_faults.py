"""Small wrong changes of kernels, and which rung of the ladder sees each: a rung that sees none is not trusted."""

import importlib.util
import re
import sys
import types
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from tests.tables.cases import NORMAL, UNIFORM, Call
from tests.tables.places import Place, contiguous

#: The rungs; `far` runs the blocks that write beyond 2**33 elements.
PTX_LINT, SASS_LINT, SANITIZER, BITS, FAR = "PTX lint", "SASS lint", "sanitizer", "bits", "far"
WIDE, ODD = contiguous(5041), Place("both", (20, 17), (111, 3), 7)


@dataclass(frozen=True)
class Fault:
    """`new` for `old` in the source of a module of refinit; or in the PTX, where `old` is a pattern.

    `seen`: the rungs that see it. What the sanitizer stops has no bits to compare.
    """

    name: str
    kernel: str
    module: str
    old: str
    new: str
    seen: set[str]
    place: Place = WIDE
    call: Call = UNIFORM[1]
    #: In every place, not in one.
    everywhere: bool = False


FOUR = "wide_uniform_float32"
EACH = "each_uniform_float32"
NORMALS = "wide_normal_float32"
_DOUBLE = """from numpy import float32
    right, single = sampler.four, sampler.one32

    @inlined
    def four(a, b, c, d, parameters):
        w, x, y, z = right(a, b, c, d, parameters)
        return float32(w + 1e-300), x, y, z
"""
_LOCAL = """table = cuda.local.array(4, uint64)
        for k in range(4):
            table[k] = uint64(cuda.grid(1)) & ~uint64(k)
        group = table[0] | table[count & uint64(3)]
"""
_STORES = """, store

@inlined
def store_sixteen(address, values):
    for k in range(4):
        store(address + uint64(4 * k), values[k])
"""
FAULTS = (
    Fault(
        "tail overrun of a wide kernel",
        FOUR,
        "streams.counter.kernels.cuda.elementwise",
        "+ lanes) <= end:",
        "+ lanes) <= end + lanes:",
        {SANITIZER, FAR},
    ),
    Fault(
        "tail overrun of an each kernel",
        EACH,
        "streams.counter.kernels.cuda.elementwise",
        "index < uint64(count):",
        "index <= uint64(count):",
        {SANITIZER},
        Place("step", (100,), (3,)),
    ),
    Fault(
        "missing element",
        FOUR,
        "streams.counter.kernels.cuda.elementwise",
        "elif number < end:",
        "elif number + uint64(40) < end:",
        {BITS, FAR},
    ),
    Fault(
        "race of two threads",
        FOUR,
        "streams.counter.kernels.cuda.elementwise",
        "group % per_tile * lanes",
        "group % per_tile // uint64(2) * lanes",
        {SANITIZER, FAR},
    ),
    Fault(
        "wrong lane",
        FOUR,
        "streams.counter.kernels.cuda.tiles",
        "w2, x2, y2, z2 = four_of(tile, lane + uint64(2)",
        "w2, x2, y2, z2 = four_of(tile, lane + uint64(3)",
        {BITS, FAR},
    ),
    Fault(
        "wrong key word",
        EACH,
        "streams.counter.kernels.cuda.elementwise",
        "fill, keys, numbers)\n        store",
        "fill, (keys[1], keys[0], *keys[2:]), numbers)\n        store",
        {BITS},
        ODD,
    ),
    Fault(
        "wrong stride",
        EACH,
        "streams.counter.kernels.cuda.elementwise",
        "out + offset_of(place, strides)",
        "out + offset_of(place, steps) * uint64(4)",
        {BITS},
        ODD,
    ),
    Fault(
        "misaligned store",
        FOUR,
        "streams.counter.kernels.cuda.tiles",
        "store_sixteen(address + row, (x0, x1, x2",
        "store_sixteen(address + row - uint64(4), (x0, x1, x2",
        {SANITIZER, FAR},
    ),
    Fault(
        "stores of four bytes",
        FOUR,
        "streams.counter.kernels.cuda.tiles",
        ", store, store_sixteen\n",
        _STORES,
        {PTX_LINT, SASS_LINT},
    ),
    Fault(
        "index of 32 bits",
        FOUR,
        "streams.counter.kernels.cuda.elementwise",
        "group = uint64(cuda.grid(1))",
        "group = uint64(uint32(cuda.grid(1) * 16)) // uint64(16)",
        {FAR},
    ),
    Fault(
        "double precision in a float32 kernel",
        FOUR,
        "streams.counter.kernels.cuda.tiles",
        "four, single = sampler.four, sampler.one32\n",
        _DOUBLE,
        {PTX_LINT, SASS_LINT},
    ),
    Fault(
        "roundings that the compiler leaves open",
        NORMALS,
        "kernels.code.cuda_compiler",
        '"fma": False',
        '"fma": True',
        {PTX_LINT},
        call=NORMAL[1],
    ),
    Fault(
        "a product and a sum that the assembler contracts",
        FOUR,
        "PTX",
        r"fma.rn.f32(\s+%f\d+), (%f\d+, %f\d+), (%f\d+);",
        r"mul.f32\1, \2; add.f32\1,\1, \3;",
        {PTX_LINT, SASS_LINT, BITS, FAR},
        everywhere=True,
    ),
    Fault(
        "approximate root",
        NORMALS,
        "PTX",
        "sqrt.rn.f32",
        "sqrt.approx.f32",
        {PTX_LINT},
        call=NORMAL[1],
        everywhere=True,
    ),
    Fault(
        "an array in local memory",
        FOUR,
        "streams.counter.kernels.cuda.elementwise",
        "group = uint64(cuda.grid(1))\n",
        _LOCAL,
        {PTX_LINT, SASS_LINT},
    ),
    Fault(
        "missing barrier",
        "reflector_update_float32",
        "streams.counter.kernels.cuda.reflectors",
        "cuda.syncthreads()",
        "pass",
        {SANITIZER},
        contiguous(90, 70),
        Call("orthogonal_"),
        everywhere=True,
    ),
)


#: The packages in which all that a CUDA kernel is made of stands, and the first letters of its modules there.
MADE_OF = {
    "refinit.kernels.code": "cuda_",
    "refinit.kernels.cuda": "",
    "refinit.streams": "all_kernels",
    "refinit.streams.counter.kernels.cuda": "",
    "refinit.streams.torch_cuda.kernels.cuda": "",
}


PACKAGES = [*map(importlib.import_module, MADE_OF)]


def loaded():
    """The names of the modules that kernels are made of, as far as they are loaded."""
    prefixes = tuple(f"{package}.{letters}" for package, letters in MADE_OF.items())
    return [name for name in sys.modules if name.startswith(prefixes)]


@contextmanager
def changed(fault):
    """Kernels are made of the changed module meanwhile, and of fresh copies of those that import it."""
    originals = {name: sys.modules.pop(name) for name in loaded()}
    with ExitStack() as stack:
        for package in PACKAGES:
            stack.enter_context(patch.dict(vars(package)))
        try:
            if fault.module != "PTX":
                _plant(f"refinit.{fault.module}", fault)
            yield
        finally:
            for name in loaded():
                del sys.modules[name]
            sys.modules.update(originals)


def _plant(name, fault):
    spec = importlib.util.find_spec(name)
    source = spec.loader.get_source(name)
    sys.modules[name] = module = types.ModuleType(name)
    module.__package__, module.__file__ = spec.parent, spec.origin
    exec(compile(replaced(source, fault), spec.origin, "exec"), vars(module))


def replaced(text, fault):
    pattern = fault.old if fault.module == "PTX" else re.escape(fault.old)
    new = fault.new if fault.module == "PTX" else fault.new.replace("\\", r"\\")
    text, count = re.subn(pattern, new, text)
    assert count == 1 or (count and fault.everywhere), f"{fault.name}: {fault.old!r} is there {count} times"
    return text


def faulty_ptx(fault, capability):
    """The kernel's PTX with the fault in it."""
    with changed(fault):
        importlib.import_module("refinit.streams.all_kernels")  # declares them to the fresh compiler
        text = importlib.import_module("refinit.kernels.code.cuda_compiler").ptx(fault.kernel, capability)
    return replaced(text, fault) if fault.module == "PTX" else text
