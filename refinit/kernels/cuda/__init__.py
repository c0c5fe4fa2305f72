"""CUDA kernels.

They take addresses as 64-bit integers, scalars, and tuples of scalars, and call the scalar functions of the ``math``
folders.  A ``table.py`` beside them states their arguments, ``intrinsics.py`` holds what Python cannot spell, and
``code/cuda_compiler.py`` makes machine code of them.
"""

from . import memory as memory
