"""Loops over torch's CPU stream.

A *cursor* is the engine's memory, 624 key words and then the position in them, 0 to 624 (``../engine.py`` states the
layout); a *block* is 16 consecutive elements, the unit of torch's vector Box-Muller; a *tile* is what is worked on at
once inside the first-level cache.
"""
