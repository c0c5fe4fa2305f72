"""A launch of a compiled kernel: its shape, the shadow of its memory, and its blocks one after the other."""
