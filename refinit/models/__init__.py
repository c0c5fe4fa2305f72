"""Whole models: what constructors fill, and in which order, as data that any stream fills again.

A recipe holds *buffers* (memory), *steps* that write to them in order, and the *state*: the names that a state_dict
gives to views of them. Layers and recordings are written in it; ``replay`` carries it out. The public names load when
they are first used, so that ``import refinit`` does not pay for them.
"""
