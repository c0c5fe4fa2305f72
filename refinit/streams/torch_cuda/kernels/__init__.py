"""Loops over torch's CUDA stream, on the CPU and on CUDA."""
