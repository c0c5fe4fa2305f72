"""Kernels: loops and launches, no formulas.

``kernel(name)`` gives a C function by its name in ``table.py``; everything about compilation, the disk cache and
loading is behind it.
"""
