"""CUDA kernels.

They take addresses as 64-bit integers, scalars, and tuples of scalars, and call the scalar functions of the ``math``
folders.  ``table.py`` lists them, ``intrinsics.py`` holds what Python cannot spell, ``code/cuda_compiler.py`` makes
machine code of them.
"""

from . import memory as memory
