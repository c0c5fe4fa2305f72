"""Scalar arithmetic on single numbers, written once for every target.

The dialect: scalars (or tuples of scalars) in, scalars out; no arrays, no signatures, no ``fastmath``; every
width written, every fused multiply-add an explicit call.  No product, be it by way of a width cast, a local name or
a call, is an operand of a bare + or -: LLVM leaves these two roundings alone, but libNVVM makes one of them.  (Exempt:
whole numbers, and ``cephes.py``, which is the arithmetic of torch's CPU build and compiled for CPUs only.)

Functions carry the ``core`` decorator, a plain ``numba.njit``: a CPU kernel inlines them, and ``numba.cuda`` compiles
the same Python function for its own target.  ``tests/kernels/test_table.py`` enforces the dialect.
"""
