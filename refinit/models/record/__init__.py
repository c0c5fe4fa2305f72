"""Recordings: a constructor of torch runs once, and what it would fill is written down in the step format."""

try:
    import torch as torch
except ImportError:
    raise ImportError(
        "refinit.record runs a constructor of torch, and torch is missing: pip install torch; replay needs none"
    ) from None
