"""PTX text to code of this CPU."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import llvmlite.binding as llvm

from ..memory.sanitizer import compiled_check
from ..syntax.model import Kernel
from ..syntax.parse import parse
from .run_blocks import DIMENSIONS, POINTERS, SCALARS
from .translate import Translation, translate


@dataclass(frozen=True)
class Executable:
    """A kernel compiled for the CPU. `engine` owns the code that `run_blocks` calls."""

    kernel: Kernel
    translation: Translation
    sanitized: bool
    engine: Any
    run_blocks: Any


@cache
def _llvm_target() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple()


def _target_machine() -> Any:
    """A machine of its own for each engine: the engine owns it, and takes it along when it goes."""
    features = llvm.get_host_cpu_features().flatten()
    return _llvm_target().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=2, jit=True
    )


@lru_cache(maxsize=256)
def compiled(text: str, name: str | None, sanitize: bool, allow: frozenset[str]) -> Executable:
    """Translate and compile a kernel once; UnsupportedPtx names the line of what is not covered."""
    ptx_module = parse(text)
    kernel = ptx_module.kernel(name)
    translation = translate(ptx_module, kernel, allow, compiled_check().address if sanitize else None)
    module = llvm.parse_assembly(translation.ir)
    module.verify()
    target_machine = _target_machine()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(target_machine, tuning)
    passes.getModulePassManager().run(module, passes)
    engine = llvm.create_mcjit_compiler(module, target_machine)
    engine.finalize_object()
    count = len(POINTERS) + len(SCALARS) + len(DIMENSIONS)
    signature = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_uint64] * count)
    return Executable(
        kernel, translation, sanitize, engine, signature(engine.get_function_address("run_blocks"))
    )
