"""What the CPU kernels, loops over C pointers, are made of; and those that draw nothing (``memory/``).

Each module of kernels has a dictionary ``KERNELS`` of plain Python functions by name; a ``table.py`` beside it states
their C signatures, ``kernels/code/cpu_compiler.py`` compiles them.  The modules import numba, so a warm process never
imports them; it imports the tables.
"""

from . import memory as memory
