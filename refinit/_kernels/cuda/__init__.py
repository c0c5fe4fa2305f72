"""CUDA kernels.

They take addresses as 64-bit integers, scalars, and tuples of scalars, and call the scalar functions of ``_core``.
``table.py`` lists them, ``target.py`` holds what Python cannot spell, ``compiler.py`` makes machine code of them.
"""
