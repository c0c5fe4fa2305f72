"""Loops that replay torch's CUDA stream on a CPU."""
