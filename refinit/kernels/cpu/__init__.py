"""The CPU kernels: loops over C pointers, one file per kind of fill.

Each module has a dictionary ``KERNELS`` of plain Python functions by name; ``kernels/cpu/table.py`` states their C
signatures, ``kernels/code/cpu_compiler.py`` compiles them.  These modules import numba; a warm process never imports
them.

Words of the vocabulary: a *cursor* is the engine's memory, 624 key words and then the position in them, 0 to 624
(``generators.py`` states the layout); a *block* is 16 consecutive elements, the unit of torch's vector Box-Muller;
a *tile* is what is worked on at once inside the first-level cache.
"""

from . import memory as memory
