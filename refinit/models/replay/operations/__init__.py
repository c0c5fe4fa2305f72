"""torch's operations on NumPy arrays: its rules of types, and its bits wherever these do not hang on the CPU.

Half types are computed in float32 and rounded once, as torch's CPU kernels do. What rounds differently from one math
library to the next (exp, norms, erfinv) is computed in float64; ``bounds.py`` says how far torch's may be.
"""
