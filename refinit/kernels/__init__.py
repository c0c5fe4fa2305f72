"""Kernels: loops and launches, no formulas.

Here lies what all streams share; each stream has its own kernels, and declares them in a ``table.py`` beside them.
``code/cpu_loader.py``: ``kernel(name)`` gives a C function by its name; everything about compilation, the disk cache
and loading is behind it.
"""
