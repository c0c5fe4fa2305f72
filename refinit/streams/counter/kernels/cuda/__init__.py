"""The counter stream's threads on CUDA."""
