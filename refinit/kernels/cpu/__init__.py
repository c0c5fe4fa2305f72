"""What the CPU kernels, loops over C pointers, are made of; and those that draw nothing (``memory/``).

Each module of kernels has a dictionary ``KERNELS`` of plain Python functions by name; a ``table.py`` beside it states
their C signatures, ``kernels/code/cpu_compiler.py`` compiles them.  The modules import numba, so a warm process never
imports them; it imports the tables.

Words of the vocabulary: a *cursor* is the engine's memory, 624 key words and then the position in them, 0 to 624
(``streams/torch_cpu/engine.py`` states the layout); a *block* is 16 consecutive elements, the unit of torch's vector
Box-Muller; a *tile* is what is worked on at once inside the first-level cache.
"""

from . import memory as memory
