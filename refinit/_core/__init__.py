"""Scalar arithmetic on single numbers, written once for every target.

The dialect: scalars (or tuples of scalars) in, scalars out; no arrays, no signatures, no ``fastmath``; every
width written, every fused multiply-add an explicit call.  Functions carry the ``core`` decorator, a plain
``numba.njit``: a CPU kernel inlines them, and ``numba.cuda`` compiles the same Python function for its own target.
``tests/test_kernels.py`` enforces the dialect.
"""
