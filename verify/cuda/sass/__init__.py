"""Machine code of CUDA kernels, read where there is no GPU: what nvdisasm and cuobjdump say of a cubin.

`facts_of` gives the facts of a kernel: registers, stack, opcodes, widths of stores, and how many instructions it takes
to store sixteen bytes. `..kernels` asks them of refinit's kernels. Needed are the packages nvidia-cuda-nvdisasm and
nvidia-cuda-cuobjdump of the compiler's version; what the parser does not know it refuses.
"""

from .disassembly import Function, Instruction, UnknownCode, disassembled
from .facts import Facts, facts_of

__all__ = ["Facts", "Function", "Instruction", "UnknownCode", "disassembled", "facts_of"]
